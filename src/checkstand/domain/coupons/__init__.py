"""The kinds of coupons of `/v2/coupons`, one file each; together they form a tagged union (D78).

A new kind is a new module with one frozen, tagged Struct (see `per_item_discount`) and its name in `AnyCoupon`. The tags are
the published names of the types. When and to what the coupons of a checkout apply stands in `pricing.coupons`.
"""

from checkstand.domain.coupons.coupon import AppliesTo, Coupon, Discountable, OfCatalog, ShippingCost
from checkstand.domain.coupons.free_shipping import FreeShippingCoupon
from checkstand.domain.coupons.per_item_discount import PerItemDiscount
from checkstand.domain.coupons.per_total_discount import PerTotalDiscount
from checkstand.domain.coupons.percentage_discount import PercentageDiscount
from checkstand.domain.coupons.shipping_discount import ShippingDiscount

AnyCoupon = PerItemDiscount | PercentageDiscount | PerTotalDiscount | ShippingDiscount | FreeShippingCoupon

__all__ = [
    "AnyCoupon",
    "AppliesTo",
    "Coupon",
    "Discountable",
    "FreeShippingCoupon",
    "OfCatalog",
    "PerItemDiscount",
    "PerTotalDiscount",
    "PercentageDiscount",
    "ShippingCost",
    "ShippingDiscount",
]
