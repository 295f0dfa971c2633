"""Totals: sums over entries, in both tax modes. Nothing else computes a total.

An amount without tax is charges − discounts − the tax included in prices; with tax it is that + taxes. cart_amount = subtotal −
order, manual and coupon discounts; grand total = cart amount + shipping + handling + wrapping + fees, with tax (BEHAVIOUR
11.1). A discount is one number, the one shoppers see (`shown`), in both modes: so subtotal − discounts = cart amount holds with
and without tax, and tax is what is really charged (docs/decisions/0016). `Both` carries an amount without and with tax; their
difference is the tax on it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount, IncludedTax, Payment, Tax

NO_TAX_NAME = "Tax"


class Both(Struct, frozen=True):
    """One amount in both tax modes."""

    ex_tax: Money
    inc_tax: Money

    @property
    def tax(self) -> Money:
        return self.inc_tax - self.ex_tax

    def shown(self, *, is_inclusive: bool) -> Money:
        return self.inc_tax if is_inclusive else self.ex_tax


class LineTotals(Struct, frozen=True):
    """One line. `extended_list` is as listed and entered, `listed` the same as it is shown; discounts as they are shown;
    `reduction` is all that was taken off. `extended_sale` is after product discounts, `paid` after all."""

    extended_list: Money
    listed: Money
    product_discount: Money
    coupon_discount: Money
    reduction: Money
    extended_sale: Both
    paid: Both
    discounts: tuple[Discount, ...]
    wrapping: Both | None = None


class ConsignmentTotals(Struct, frozen=True):
    """One consignment, after discounts, and its shipping before any, as it is shown; 0 while nothing is chosen."""

    shipping_before_discount: Money
    automatic_discount: Money
    shipping: Both
    handling: Both
    discounts: tuple[Discount, ...] = ()


class CouponTotals(Struct, frozen=True):
    """What one coupon takes off: the lines, and shipping."""

    lines: Money
    shipping: Money


class Totals(Struct, frozen=True):
    """The whole checkout. `base_amount` is as listed and entered; `order_discount` what order promotions take off and
    `manual_discount` what a person does, without coupons and product discounts (BEHAVIOUR 4); `taxes` one amount per name."""

    is_tax_included: bool
    base_amount: Money
    subtotal: Both
    order_discount: Money
    manual_discount: Money
    cart_amount: Both
    shipping_before_discount: Money
    automatic_shipping_discount: Money
    shipping: Both
    handling: Both
    wrapping: Both
    fees: dict[str, Both]
    taxes: tuple[tuple[str, Money], ...]
    tax: Money
    grand_total: Money
    payments: dict[str, Money]
    outstanding_balance: Money

    @property
    def discount_amount(self) -> Money:
        return self.order_discount + self.manual_discount


class _Sums:
    """What the entries of one target add up to, in minor units."""

    __slots__ = ("charge", "included", "less", "less_shown", "listed", "tax")

    def __init__(self) -> None:
        self.charge = self.listed = self.less = self.less_shown = self.included = self.tax = 0

    def add(self, entry: AnyEntry) -> None:
        minor = entry.amount.minor
        if isinstance(entry, Charge):
            self.charge += minor
            self.listed += minor if entry.shown is None else entry.shown.minor
        elif isinstance(entry, Tax):
            self.tax += minor
        elif isinstance(entry, Discount):
            self.less += minor
            self.less_shown += minor if entry.shown is None else entry.shown.minor
        elif isinstance(entry, IncludedTax):
            self.included += minor

    def paid(self, currency: str) -> Both:
        ex_tax = Money(self.charge - self.less - self.included, currency)
        return Both(ex_tax, Money(ex_tax.minor + self.tax, currency) if self.tax else ex_tax)


class _LineSums(_Sums):
    """Those of a line; its discounts by level, as they are shown."""

    __slots__ = ("by_level", "discounts", "wrapping")

    def __init__(self) -> None:
        super().__init__()
        self.by_level: dict[str, int] = {}
        self.discounts: tuple[Discount, ...] = ()
        self.wrapping: _Sums | None = None

    def add_discount(self, entry: Discount) -> None:
        self.add(entry)
        self.discounts += (entry,)
        self.by_level[entry.level] = self.by_level.get(entry.level, 0) + entry.seen.minor


def line_totals(checkout: Checkout, entries: Sequence[AnyEntry], *, is_inclusive: bool) -> dict[str, LineTotals]:
    currency = checkout.currency.code
    sums = {line.id: _LineSums() for line in checkout.lines}
    for entry in entries:
        if entry.part == "line":
            if isinstance(entry, Discount):
                sums[entry.target].add_discount(entry)
            else:
                sums[entry.target].add(entry)
        elif entry.part == "wrapping":
            of_line = sums[entry.target]
            of_line.wrapping = of_line.wrapping or _Sums()
            of_line.wrapping.add(entry)
    nothing = Money(0, currency)
    result = {}
    for line_id, of in sums.items():
        paid = of.paid(currency)
        charge = Money(of.charge, currency)
        product = coupon = reduction = nothing
        sale = paid
        if of.discounts:
            product = Money(of.by_level.get("product", 0), currency)
            coupon = Money(of.by_level.get("coupon", 0), currency)
            reduction = Money(of.less_shown, currency)
            if beyond_product := of.less_shown - product.minor:
                sale = Both(
                    Money(paid.ex_tax.minor + beyond_product, currency),
                    Money(paid.inc_tax.minor + beyond_product, currency),
                )
        listed = charge if of.listed == of.charge else Money(of.listed, currency)
        wrapping = of.wrapping.paid(currency) if of.wrapping else None
        result[line_id] = LineTotals(charge, listed, product, coupon, reduction, sale, paid, of.discounts, wrapping)
    return result


def consignment_totals(checkout: Checkout, entries: Iterable[AnyEntry]) -> dict[str, ConsignmentTotals]:
    currency = checkout.currency.code
    shipping = {consignment.id: _Sums() for consignment in checkout.consignments}
    handling: dict[str, _Sums] = {}
    discounts: dict[str, tuple[Discount, ...]] = {}
    for entry in entries:
        if entry.part == "shipping":
            shipping[entry.target].add(entry)
            if isinstance(entry, Discount):
                discounts[entry.target] = (*discounts.get(entry.target, ()), entry)
        elif entry.part == "handling":
            handling.setdefault(entry.target, _Sums()).add(entry)
    nothing = Money(0, currency)
    none = Both(nothing, nothing)
    result = {}
    for consignment_id, of in shipping.items():
        given = discounts.get(consignment_id, ())
        automatic = sum([entry.seen.minor for entry in given if entry.level != "coupon"])
        result[consignment_id] = ConsignmentTotals(
            Money(of.listed, currency),
            Money(automatic, currency) if automatic else nothing,
            of.paid(currency),
            handling[consignment_id].paid(currency) if consignment_id in handling else none,
            given,
        )
    return result


def coupon_totals(entries: Iterable[AnyEntry], zero: Money) -> dict[int, CouponTotals]:
    """By the id of the coupon, as shown; one that takes nothing off is left out."""
    sums: dict[int, CouponTotals] = {}
    for entry in entries:
        if isinstance(entry, Discount) and entry.level == "coupon":
            of = sums.get(entry.source_id, CouponTotals(zero, zero))
            shown = entry.seen
            on_line = entry.part == "line"
            sums[entry.source_id] = CouponTotals(
                of.lines + shown if on_line else of.lines,
                of.shipping if on_line else of.shipping + shown,
            )
    return sums


def totals(
    checkout: Checkout,
    entries: Sequence[AnyEntry],
    lines: dict[str, LineTotals],
    consignments: dict[str, ConsignmentTotals],
    *,
    is_inclusive: bool,
) -> Totals:
    currency, zero = checkout.currency.code, checkout.currency.zero
    base = subtotal_ex = subtotal_inc = cart_ex = cart_inc = order_less = manual_less = 0
    for line in lines.values():
        base += line.extended_list.minor
        subtotal_ex += line.extended_sale.ex_tax.minor
        subtotal_inc += line.extended_sale.inc_tax.minor
        cart_ex += line.paid.ex_tax.minor
        cart_inc += line.paid.inc_tax.minor
        for discount in line.discounts:
            if discount.level == "order":
                order_less += discount.seen.minor
            elif discount.level == "manual":
                manual_less += discount.seen.minor
    cart_amount = Both(Money(cart_ex, currency), Money(cart_inc, currency))
    shipping = _sum([consignment.shipping for consignment in consignments.values()], currency)
    handling = _sum([consignment.handling for consignment in consignments.values()], currency)
    wrapping = _sum([line.wrapping for line in lines.values() if line.wrapping], currency)
    fees = _fees(checkout, entries) if checkout.fees else {}
    taxes = _taxes_by_name(entries, zero)
    grand_total = cart_amount.inc_tax + shipping.inc_tax + handling.inc_tax + wrapping.inc_tax
    for fee in fees.values():
        grand_total += fee.inc_tax
    payments = {entry.target: entry.amount for entry in entries if isinstance(entry, Payment)}
    return Totals(
        is_tax_included=is_inclusive,
        base_amount=Money(base, currency),
        subtotal=Both(Money(subtotal_ex, currency), Money(subtotal_inc, currency)),
        order_discount=Money(order_less, currency),
        manual_discount=Money(manual_less, currency),
        cart_amount=cart_amount,
        shipping_before_discount=Money(
            sum([of.shipping_before_discount.minor for of in consignments.values()]), currency
        ),
        automatic_shipping_discount=Money(sum([of.automatic_discount.minor for of in consignments.values()]), currency),
        shipping=shipping,
        handling=handling,
        wrapping=wrapping,
        fees=fees,
        taxes=taxes,
        tax=Money(sum([amount.minor for _, amount in taxes]), currency),
        grand_total=grand_total,
        payments=payments,
        outstanding_balance=grand_total - Money(sum([paid.minor for paid in payments.values()]), currency),
    )


def _sum(amounts: Iterable[Both], currency: str) -> Both:
    ex_tax = inc_tax = 0
    for amount in amounts:
        ex_tax += amount.ex_tax.minor
        inc_tax += amount.inc_tax.minor
    return Both(Money(ex_tax, currency), Money(inc_tax, currency))


def _fees(checkout: Checkout, entries: Iterable[AnyEntry]) -> dict[str, Both]:
    """By the id of the fee."""
    sums = {fee.id: _Sums() for fee in checkout.fees}
    for entry in entries:
        if entry.part == "fee":
            sums[entry.target].add(entry)
    return {fee_id: of.paid(checkout.currency.code) for fee_id, of in sums.items()}


def _taxes_by_name(entries: Iterable[AnyEntry], zero: Money) -> tuple[tuple[str, Money], ...]:
    """One amount per name of a rate, by priority, then by name (D46); without any tax one amount of 0."""
    by_name: dict[str, int] = {}
    priority_of: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry, Tax):
            by_name[entry.source] = by_name.get(entry.source, 0) + entry.amount.minor
            priority_of[entry.source] = min(entry.priority, priority_of.get(entry.source, entry.priority))
    names = sorted(by_name, key=lambda name: (priority_of[name], name))
    return tuple((name, Money(by_name[name], zero.currency)) for name in names) or ((NO_TAX_NAME, zero),)
