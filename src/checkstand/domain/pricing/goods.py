"""The first part of pricing: what the goods cost before anything is shipped. Offers need it, so it comes before them."""

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money
from checkstand.domain.pricing.discounts import ShippingRight, discounts
from checkstand.domain.pricing.entries import Charge, Discount
from checkstand.domain.pricing.gifts import Earned


class Goods(Struct, frozen=True, gc=False):
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
    charges, listed = list[Charge](), dict[str, int]()
    for line in checkout.lines:
        price = line.list_price
        minor = listed[line.id] = price.minor * line.quantity
        charges.append(Charge("line", line.id, Money(minor, price.currency), "list price"))
    off = discounts(checkout, listed, facts)
    return Goods(
        tuple(charges),
        off.product,
        off.sales,
        Money(0, checkout.currency.code),
        off.coupons,
        off.further,
        off.left,
        off.shipping,
        off.promotions,
        off.gifts,
    )
