"""`price()`: the order of calculation, on one screen."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, ShippingOption
from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import Settled
from checkstand.domain.money import LARGEST_MINOR
from checkstand.domain.pricing import discounts
from checkstand.domain.pricing.coupons import shipping_discounts
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount
from checkstand.domain.pricing.payments import payments
from checkstand.domain.pricing.quoted_taxes import quoted_rules
from checkstand.domain.pricing.taxes import Places, Taxable, Taxes, places, taxes, with_shown
from checkstand.domain.pricing.totals import (
    ConsignmentTotals,
    Ledger,
    LineTotals,
    Totals,
    consignment_totals,
    line_totals,
    totals,
)
from checkstand.domain.tax_zones import TaxSettings
from checkstand.errors import Invalid


class Priced(Struct, frozen=True, gc=False):
    """A settled checkout with every amount: the entries, and the sums over them per line, per consignment and in all."""

    settled: Settled
    entries: tuple[AnyEntry, ...]
    lines: dict[str, LineTotals]
    consignments: dict[str, ConsignmentTotals]
    totals: Totals
    taxes: Taxes
    """How what is offered would be taxed."""

    @property
    def checkout(self) -> Checkout:
        return self.settled.checkout


def price(settled: Settled, facts: Facts) -> Priced:
    """Charges, then discounts, then taxes, then payments: a tax is due on what is really paid, so every discount has to be known
    first (BEHAVIOUR 11.3).

    The goods were priced before the offers, since a shipping method may look at their value, with the promotions and then the
    coupons on them; those on shipping come after the shipping charges. Fees and wrapping are never discounted. No formula of
    `totals` knows one source of entries from another.
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
    in_places = places(checkout, facts)
    taxed = taxes(
        _taxable(checkout, goods.left, shipping_left, in_places, facts.store.tax_settings),
        in_places,
        facts,
        checkout.currency.code,
        quoted_rules(facts),
    )
    entries: Sequence[Charge | Discount] = (
        *goods.charges,
        *goods.discounts,
        *goods.further,
        *shipping_charges(checkout),
        *promoted,
        *off_shipping,
        *_other_charges(checkout),
    )
    answer = priced(settled, (*with_shown(entries, taxed), *taxed.entries), taxed)
    _check_size(answer.totals)
    if checkout.gift_certificates or checkout.is_store_credit_applied or checkout.shown_balance is not None:
        return _with_payments(answer, facts)
    return answer


def _with_payments(answer: Priced, facts: Facts) -> Priced:
    """And the checkout says what they leave to pay: it is what the shopper is shown, once it is written."""
    paid = payments(answer.checkout, answer.totals.grand_total, answer.lines, facts)
    with_them = priced(answer.settled, (*answer.entries, *paid), answer.taxes)
    are_applied = answer.checkout.gift_certificates or answer.checkout.is_store_credit_applied
    shown = with_them.totals.outstanding_balance if are_applied else None
    return replace(with_them, settled=replace(answer.settled, checkout=replace(answer.checkout, shown_balance=shown)))


def priced(settled: Settled, entries: tuple[AnyEntry, ...], taxed: Taxes) -> Priced:
    """The sums over entries that are known: of a checkout just priced, or of an order that keeps its entries."""
    ledger = Ledger(settled.checkout, entries)
    lines, consignments = line_totals(ledger), consignment_totals(ledger)
    sums = totals(ledger, lines, consignments, is_inclusive=taxed.is_inclusive)
    return Priced(settled, entries, lines, consignments, sums, taxed)


def _taxable(
    checkout: Checkout,
    left: Mapping[str, int],
    shipping_left: Mapping[str, int] | None,
    in_places: Places,
    settings: TaxSettings,
) -> list[Taxable]:
    """What is taxed, where and as what: `left` is line id -> minor units after all discounts, `shipping_left` consignment id ->
    minor units of its option's cost after discounts, None where there are none."""
    elsewhere, of_line = in_places.elsewhere, in_places.of_line
    found, wrapped = [], []
    for line in checkout.lines:
        if line.gift_wrapping:
            wrapped.append((line.id, line.gift_wrapping.amount.minor))
        if line.kind == "gift_certificate":
            continue
        line_id = line.id
        found.append(Taxable("line", line_id, left[line_id], of_line.get(line_id, elsewhere), line.tax_class_id))
    for line_id, wrapping in wrapped:
        zone = of_line.get(line_id, elsewhere)
        found.append(Taxable("wrapping", line_id, wrapping, zone, settings.wrapping_tax_class_id))
    for consignment in checkout.consignments:
        zone, cost, handling = in_places.of_consignment[consignment.id], 0, 0
        option = consignment.selected
        if type(option) is ShippingOption:
            cost = option.cost.minor if shipping_left is None else shipping_left[consignment.id]
            handling = option.handling.minor
        found.append(Taxable("shipping", consignment.id, cost, zone, settings.shipping_tax_class_id))
        if handling:
            found.append(Taxable("handling", consignment.id, handling, zone, settings.handling_tax_class_id))
    for fee in checkout.fees:
        tax_class_id = settings.fee_tax_class_id if fee.tax_class_id is None else fee.tax_class_id
        found.append(Taxable("fee", fee.id, fee.cost.minor, elsewhere, tax_class_id))
    return found


def _other_charges(checkout: Checkout) -> list[Charge]:
    """Wrapping and fees."""
    charges = []
    for line in checkout.lines:
        if line.gift_wrapping:
            charges.append(Charge("wrapping", line.id, line.gift_wrapping.amount, "gift wrapping"))
    for fee in checkout.fees:
        charges.append(Charge("fee", fee.id, fee.cost, fee.name))
    return charges


def _check_size(sums: Totals) -> None:
    """No amount of a checkout is larger than one of these."""
    if (
        sums.base_amount.minor > LARGEST_MINOR
        or sums.subtotal.inc_tax.minor > LARGEST_MINOR
        or sums.shipping_before_discount.minor > LARGEST_MINOR
        or sums.grand_total.minor > LARGEST_MINOR
    ):
        raise Invalid(
            "An amount of this checkout is larger than this server can show exactly.", code="amount_too_large"
        )


def shipping_charges(checkout: Checkout) -> list[Charge]:
    charges = []
    for consignment in checkout.consignments:
        option = consignment.selected
        if type(option) is ShippingOption:
            charges.append(Charge("shipping", consignment.id, option.cost, option.description))
            if option.handling:
                charges.append(Charge("handling", consignment.id, option.handling, option.description))
    return charges
