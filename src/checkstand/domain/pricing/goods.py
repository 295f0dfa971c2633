"""The first part of pricing: what the goods cost before anything is shipped. Offers need it, so it comes before them."""

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money
from checkstand.domain.pricing.discounts import ShippingRight, discounts
from checkstand.domain.pricing.entries import Charge, Discount
from checkstand.domain.pricing.gifts import Earned


class Goods(Struct, frozen=True):
    """Charges and product discounts of all lines; `sales` is line id -> minor units after product discounts. `coupons` are
    those applied whose conditions these goods meet: one of them may offer free shipping, like one of the `shipping` actions of
    promotions. `further` is what order promotions and coupons take off, `left` line id -> minor units after it; `promotions` the
    ids of those that applied, `gifts` what they give away."""

    charges: tuple[Charge, ...]
    discounts: tuple[Discount, ...]
    sales: dict[str, int]
    zero: Money
    coupons: tuple[AnyCoupon, ...] = ()
    further: tuple[Discount, ...] = ()
    left: dict[str, int] = {}
    shipping: tuple[ShippingRight, ...] = ()
    promotions: frozenset[int] = frozenset()
    gifts: tuple[Earned, ...] = ()


def price_goods(checkout: Checkout, facts: Facts) -> Goods:
    charges = tuple(Charge("line", line.id, line.list_price * line.quantity, "list price") for line in checkout.lines)
    listed = {charge.target: charge.amount.minor for charge in charges}
    off = discounts(checkout, listed, facts)
    return Goods(
        charges,
        off.product,
        off.sales,
        checkout.currency.zero,
        off.coupons,
        off.further,
        off.left,
        off.shipping,
        off.promotions,
        off.gifts,
    )
