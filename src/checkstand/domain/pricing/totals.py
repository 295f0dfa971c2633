"""Totals: sums over entries, in both tax modes. Nothing else computes a total.

cart_amount = subtotal − order, manual and coupon discounts; grand total = cart amount + shipping + handling, with tax
(BEHAVIOUR 11.1). `Both` carries an amount without and with tax; their difference is the tax on it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.money import Money, total
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount, Tax

NO_TAX_NAME = "Tax"


class Both(Struct, frozen=True):
    """One amount in both tax modes."""

    ex_tax: Money
    inc_tax: Money

    @property
    def tax(self) -> Money:
        return self.inc_tax - self.ex_tax


class LineTotals(Struct, frozen=True):
    """One line: as listed, and after product discounts. `reduction` is all that was taken off it."""

    extended_list: Money
    product_discount: Money
    coupon_discount: Money
    reduction: Money
    extended_sale: Both
    discounts: tuple[Discount, ...]


class ConsignmentTotals(Struct, frozen=True):
    """One consignment, after discounts, and its shipping before any; 0 while nothing is chosen."""

    shipping_before_discount: Money
    shipping: Both
    handling: Both


class Totals(Struct, frozen=True):
    """The whole checkout. `base_amount` is as listed; `discount_amount` what order promotions and manual discounts take off,
    without coupons and product discounts (BEHAVIOUR 4); `taxes` one amount per name."""

    base_amount: Money
    subtotal: Both
    discount_amount: Money
    cart_amount: Both
    shipping_before_discount: Money
    shipping: Both
    handling: Both
    taxes: tuple[tuple[str, Money], ...]
    tax: Money
    grand_total: Money
    outstanding_balance: Money


def line_totals(checkout: Checkout, entries: Sequence[AnyEntry]) -> dict[str, LineTotals]:
    currency = checkout.currency.code
    listed = dict.fromkeys((line.id for line in checkout.lines), 0)
    tax, product, coupon, order = dict(listed), dict(listed), dict(listed), dict(listed)
    discounts: dict[str, list[Discount]] = {}
    for entry in entries:
        if entry.part != "line":
            continue
        minor = entry.amount.minor
        match entry:
            case Charge():
                listed[entry.target] += minor
            case Tax():
                tax[entry.target] += minor
            case Discount():
                discounts.setdefault(entry.target, []).append(entry)
                by_level = product if entry.level == "product" else coupon if entry.level == "coupon" else order
                by_level[entry.target] += minor
    result = {}
    for line in checkout.lines:
        key = line.id
        sale = listed[key] - product[key]
        result[key] = LineTotals(
            Money(listed[key], currency),
            Money(product[key], currency),
            Money(coupon[key], currency),
            Money(product[key] + coupon[key] + order[key], currency),
            Both(Money(sale, currency), Money(sale + tax[key], currency)),
            tuple(discounts.get(key, ())),
        )
    return result


def consignment_totals(checkout: Checkout, entries: Iterable[AnyEntry]) -> dict[str, ConsignmentTotals]:
    currency = checkout.currency.code
    sums: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        if entry.part != "line":
            kind = "tax" if isinstance(entry, Tax) else "less" if isinstance(entry, Discount) else "charge"
            key = (entry.part, entry.target, kind)
            sums[key] = sums.get(key, 0) + entry.amount.minor
    result = {}
    for consignment in checkout.consignments:
        amounts = []
        for part in ("shipping", "handling"):
            before = sums.get((part, consignment.id, "charge"), 0)
            ex_tax = before - sums.get((part, consignment.id, "less"), 0)
            inc_tax = ex_tax + sums.get((part, consignment.id, "tax"), 0)
            amounts.append((Money(before, currency), Both(Money(ex_tax, currency), Money(inc_tax, currency))))
        (before_discount, shipping), (_, handling) = amounts
        result[consignment.id] = ConsignmentTotals(before_discount, shipping, handling)
    return result


def totals(
    checkout: Checkout,
    entries: Sequence[AnyEntry],
    lines: dict[str, LineTotals],
    consignments: dict[str, ConsignmentTotals],
) -> Totals:
    currency, zero = checkout.currency.code, checkout.currency.zero
    base = subtotal_ex = subtotal_inc = order_less = less = 0
    for line in lines.values():
        base += line.extended_list.minor
        subtotal_ex += line.extended_sale.ex_tax.minor
        subtotal_inc += line.extended_sale.inc_tax.minor
        beyond_product = line.reduction.minor - line.product_discount.minor
        less += beyond_product
        order_less += beyond_product - line.coupon_discount.minor
    subtotal = Both(Money(subtotal_ex, currency), Money(subtotal_inc, currency))
    cart_amount = Both(Money(subtotal_ex - less, currency), Money(subtotal_inc - less, currency))
    shipping = _sum((consignment.shipping for consignment in consignments.values()), currency)
    handling = _sum((consignment.handling for consignment in consignments.values()), currency)
    taxes = _taxes_by_name(entries, zero)
    grand_total = cart_amount.inc_tax + shipping.inc_tax + handling.inc_tax
    return Totals(
        base_amount=Money(base, currency),
        subtotal=subtotal,
        discount_amount=Money(order_less, currency),
        cart_amount=cart_amount,
        shipping_before_discount=Money(sum(c.shipping_before_discount.minor for c in consignments.values()), currency),
        shipping=shipping,
        handling=handling,
        taxes=taxes,
        tax=total((amount for _, amount in taxes), zero),
        grand_total=grand_total,
        outstanding_balance=grand_total,
    )


def _sum(amounts: Iterable[Both], currency: str) -> Both:
    ex_tax = inc_tax = 0
    for amount in amounts:
        ex_tax += amount.ex_tax.minor
        inc_tax += amount.inc_tax.minor
    return Both(Money(ex_tax, currency), Money(inc_tax, currency))


def _taxes_by_name(entries: Iterable[AnyEntry], zero: Money) -> tuple[tuple[str, Money], ...]:
    """One amount per name of a rate, sorted by name (D46); without any tax one amount of 0."""
    by_name: dict[str, Money] = {}
    for entry in entries:
        if isinstance(entry, Tax):
            by_name[entry.source] = by_name.get(entry.source, zero) + entry.amount
    return tuple(sorted(by_name.items())) or ((NO_TAX_NAME, zero),)
