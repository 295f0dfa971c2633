"""Totals: sums over entries, in both tax modes. Nothing else computes a total.

cart_amount = subtotal − order, manual and coupon discounts; grand total = cart amount + shipping + handling, with tax
(BEHAVIOUR 11.1). Tax is what is really charged, after all discounts, and a discount is the same number in both modes: so
subtotal with tax − discounts = cart amount with tax (docs/decisions/0016). `Both` carries an amount without and with tax;
their difference is the tax on it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.money import Money
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
    discounts: tuple[Discount, ...] = ()


class CouponTotals(Struct, frozen=True):
    """What one coupon takes off: the lines, and shipping."""

    lines: Money
    shipping: Money


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


class _LineSums:
    """What the entries of one line add up to, in minor units."""

    __slots__ = ("coupon", "discounts", "listed", "order", "product", "tax")

    def __init__(self) -> None:
        self.listed = self.tax = self.product = self.coupon = self.order = 0
        self.discounts: tuple[Discount, ...] = ()


def line_totals(checkout: Checkout, entries: Sequence[AnyEntry]) -> dict[str, LineTotals]:
    currency = checkout.currency.code
    sums = {line.id: _LineSums() for line in checkout.lines}
    for entry in entries:
        if entry.part != "line":
            continue
        of, minor = sums[entry.target], entry.amount.minor
        if isinstance(entry, Charge):
            of.listed += minor
        elif isinstance(entry, Tax):
            of.tax += minor
        else:
            of.discounts += (entry,)
            if entry.level == "product":
                of.product += minor
            elif entry.level == "coupon":
                of.coupon += minor
            else:
                of.order += minor
    nothing = Money(0, currency)
    result = {}
    for line_id, of in sums.items():
        listed = sale = Money(of.listed, currency)
        product = coupon = reduction = nothing
        if of.discounts:
            product, coupon = Money(of.product, currency), Money(of.coupon, currency)
            reduction = Money(of.product + of.coupon + of.order, currency)
            sale = Money(of.listed - of.product, currency)
        with_tax = Money(sale.minor + of.tax, currency) if of.tax else sale
        result[line_id] = LineTotals(listed, product, coupon, reduction, Both(sale, with_tax), of.discounts)
    return result


class _ShippingSums:
    """What the entries of the shipping, or the handling, of one consignment add up to, in minor units."""

    __slots__ = ("charge", "discounts", "less", "tax")

    def __init__(self) -> None:
        self.charge = self.less = self.tax = 0
        self.discounts: tuple[Discount, ...] = ()

    def totals(self, currency: str) -> tuple[Money, Both]:
        """Before discounts, and after them."""
        before = Money(self.charge, currency)
        ex_tax = Money(self.charge - self.less, currency) if self.less else before
        return before, Both(ex_tax, Money(ex_tax.minor + self.tax, currency) if self.tax else ex_tax)


def consignment_totals(checkout: Checkout, entries: Iterable[AnyEntry]) -> dict[str, ConsignmentTotals]:
    currency = checkout.currency.code
    shipping = {consignment.id: _ShippingSums() for consignment in checkout.consignments}
    handling: dict[str, _ShippingSums] = {}
    for entry in entries:
        if entry.part == "line":
            continue
        sums = shipping if entry.part == "shipping" else handling
        of = sums.setdefault(entry.target, _ShippingSums())
        if isinstance(entry, Charge):
            of.charge += entry.amount.minor
        elif isinstance(entry, Tax):
            of.tax += entry.amount.minor
        else:
            of.less += entry.amount.minor
            of.discounts += (entry,)
    nothing = Money(0, currency)
    none = Both(nothing, nothing)
    result = {}
    for consignment_id, of in shipping.items():
        before, after = of.totals(currency)
        handled = handling[consignment_id].totals(currency)[1] if consignment_id in handling else none
        result[consignment_id] = ConsignmentTotals(before, after, handled, of.discounts)
    return result


def coupon_totals(entries: Iterable[AnyEntry], zero: Money) -> dict[int, CouponTotals]:
    """By the id of the coupon; one that takes nothing off is left out."""
    sums: dict[int, CouponTotals] = {}
    for entry in entries:
        if isinstance(entry, Discount) and entry.level == "coupon":
            of = sums.get(entry.source_id, CouponTotals(zero, zero))
            on_line = entry.part == "line"
            sums[entry.source_id] = CouponTotals(
                of.lines + entry.amount if on_line else of.lines,
                of.shipping if on_line else of.shipping + entry.amount,
            )
    return sums


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
    shipping = _sum([consignment.shipping for consignment in consignments.values()], currency)
    handling = _sum([consignment.handling for consignment in consignments.values()], currency)
    taxes = _taxes_by_name(entries, zero)
    grand_total = cart_amount.inc_tax + shipping.inc_tax + handling.inc_tax
    return Totals(
        base_amount=Money(base, currency),
        subtotal=subtotal,
        discount_amount=Money(order_less, currency),
        cart_amount=cart_amount,
        shipping_before_discount=Money(
            sum([of.shipping_before_discount.minor for of in consignments.values()]), currency
        ),
        shipping=shipping,
        handling=handling,
        taxes=taxes,
        tax=Money(sum([amount.minor for _, amount in taxes]), currency),
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
    by_name: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry, Tax):
            by_name[entry.source] = by_name.get(entry.source, 0) + entry.amount.minor
    return tuple((name, Money(by_name[name], zero.currency)) for name in sorted(by_name)) or ((NO_TAX_NAME, zero),)
