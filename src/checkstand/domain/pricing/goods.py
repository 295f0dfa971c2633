"""The first part of pricing: what the goods cost before anything is shipped. Offers need it, so it comes before them."""

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import Facts
from checkstand.domain.in_currency import in_currency
from checkstand.domain.money import Money
from checkstand.domain.pricing.coupons import standing
from checkstand.domain.pricing.discounts import product_discounts
from checkstand.domain.pricing.entries import Charge, Discount


class Goods(Struct, frozen=True):
    """Charges and product discounts of all lines; `sales` is line id -> minor units after product discounts. `coupons` are
    those applied whose conditions these goods meet: one of them may offer free shipping."""

    charges: tuple[Charge, ...]
    discounts: tuple[Discount, ...]
    sales: dict[str, int]
    zero: Money
    coupons: tuple[AnyCoupon, ...] = ()


def price_goods(checkout: Checkout, facts: Facts) -> Goods:
    charges = tuple(Charge("line", line.id, line.list_price * line.quantity, "list price") for line in checkout.lines)
    promotions = [in_currency(promotion, checkout.currency, facts.store) for promotion in facts.store.promotions]
    discounts = product_discounts(checkout.lines, promotions)
    sales = {charge.target: charge.amount.minor for charge in charges}
    for discount in discounts:
        sales[discount.target] -= discount.amount.minor
    coupons = standing(checkout, sales, facts) if checkout.coupons else ()
    return Goods(charges, discounts, sales, checkout.currency.zero, coupons)
