"""`price()`: the order of calculation, on one screen."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from checkstand.domain.checkout import Checkout, ShippingOption
from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import Settled
from checkstand.domain.money import LARGEST_MINOR
from checkstand.domain.pricing import discounts
from checkstand.domain.pricing.coupons import shipping_discounts
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount
from checkstand.domain.pricing.taxes import taxes
from checkstand.domain.pricing.totals import (
    ConsignmentTotals,
    LineTotals,
    Totals,
    consignment_totals,
    line_totals,
    totals,
)
from checkstand.errors import Invalid


class Priced(Struct, frozen=True):
    """A settled checkout with every amount: the entries, and the sums over them per line, per consignment and in all."""

    settled: Settled
    entries: tuple[AnyEntry, ...]
    lines: dict[str, LineTotals]
    consignments: dict[str, ConsignmentTotals]
    totals: Totals

    @property
    def checkout(self) -> Checkout:
        return self.settled.checkout


def price(settled: Settled, facts: Facts) -> Priced:
    """Charges, then discounts, then taxes: a tax is due on what is really paid, so every discount has to be known first.

    The goods were priced before the offers, since a shipping method may look at their value, with the promotions and then the
    coupons on them; those on shipping come after the shipping charges. Fees and payments will be further entries at their places in
    this order (BEHAVIOUR 11.3), and no formula of `totals` will know them apart.
    Raises `Invalid` for a checkout with amounts that could not be shown exactly, before it is saved.
    """
    checkout, goods = settled.checkout, settled.goods
    promoted: Sequence[Discount] = ()
    off_shipping: Sequence[Discount] = ()
    shipping_left = None
    if goods.shipping:
        promoted, shipping_left = discounts.shipping_discounts(checkout, goods.shipping, facts)
    if goods.coupons:
        off_shipping, shipping_left = shipping_discounts(checkout, goods.coupons, shipping_left)
    entries: tuple[AnyEntry, ...] = (
        *goods.charges,
        *goods.discounts,
        *goods.further,
        *shipping_charges(checkout),
        *promoted,
        *off_shipping,
        *taxes(checkout, goods.left, shipping_left, facts),
    )
    answer = priced(settled, entries)
    _check_size(answer.totals)
    return answer


def priced(settled: Settled, entries: tuple[AnyEntry, ...]) -> Priced:
    """The sums over entries that are known: of a checkout just priced, or of an order that keeps its entries."""
    lines = line_totals(settled.checkout, entries)
    consignments = consignment_totals(settled.checkout, entries)
    return Priced(settled, entries, lines, consignments, totals(settled.checkout, entries, lines, consignments))


def _check_size(sums: Totals) -> None:
    """No amount of a checkout is larger than one of these."""
    largest = (sums.base_amount, sums.subtotal.inc_tax, sums.shipping_before_discount, sums.grand_total)
    if any(amount.minor > LARGEST_MINOR for amount in largest):
        raise Invalid(
            "An amount of this checkout is larger than this server can show exactly.", code="amount_too_large"
        )


def shipping_charges(checkout: Checkout) -> Iterable[Charge]:
    for consignment in checkout.consignments:
        option = consignment.selected
        if isinstance(option, ShippingOption):
            yield Charge("shipping", consignment.id, option.cost, option.description)
            if option.handling:
                yield Charge("handling", consignment.id, option.handling, option.description)
