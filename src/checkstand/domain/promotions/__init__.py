"""Promotions: rules of conditions (`conditions`, on items that `matchers` name) and actions, one module for each kind of these.

A new kind of action is a new module with one frozen, tagged Struct (see `cart_value`) and its name in `AnyAction` of `promotion`.
When promotions have their turn, and what of each other they see, stands in `pricing/discounts.py`.
"""

from checkstand.domain.promotions.action import Action, Amount, AnyReduction, Percentage, Shipment
from checkstand.domain.promotions.cart_items import CartItems
from checkstand.domain.promotions.cart_value import CartValue
from checkstand.domain.promotions.fixed_price_set import FixedPriceSet
from checkstand.domain.promotions.gift_item import GiftItem
from checkstand.domain.promotions.item import Basket, Item
from checkstand.domain.promotions.promotion import AnyAction, Promotion, PromotionCode, Rule
from checkstand.domain.promotions.shipping import Shipping
from checkstand.domain.promotions.shipping_discount import ShippingDiscount

__all__ = [
    "Action",
    "Amount",
    "AnyAction",
    "AnyReduction",
    "Basket",
    "CartItems",
    "CartValue",
    "FixedPriceSet",
    "GiftItem",
    "Item",
    "Percentage",
    "Promotion",
    "PromotionCode",
    "Rule",
    "Shipment",
    "Shipping",
    "ShippingDiscount",
]
