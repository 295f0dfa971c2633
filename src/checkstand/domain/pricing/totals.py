"""Totals: sums over entries, in both tax modes. Nothing else computes a total.

An amount without tax is charges − discounts − the tax included in prices; with tax it is that + taxes. cart_amount = subtotal −
order, manual and coupon discounts; grand total = cart amount + shipping + handling + wrapping + fees, with tax (BEHAVIOUR
11.1). A discount is one number, the one shoppers see (`shown`), in both modes: so subtotal − discounts = cart amount holds with
and without tax, and tax is what is really charged (docs/decisions/0016). `Both` carries an amount without and with tax; their
difference is the tax on it.

Every answer goes through here, so what a checkout does not have costs nothing, and no loop is there twice.
"""

from collections.abc import Iterable

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount, IncludedTax, Tax

NO_TAX_NAME = "Tax"


class Both(Struct, frozen=True, gc=False):
    """One amount in both tax modes."""

    ex_tax: Money
    inc_tax: Money

    @property
    def tax(self) -> Money:
        return self.inc_tax - self.ex_tax

    def shown(self, *, is_inclusive: bool) -> Money:
        return self.inc_tax if is_inclusive else self.ex_tax


class LineTotals(Struct, frozen=True, gc=False):
    """One line. `extended_list` is as listed and entered, `listed` the same as it is shown; discounts as they are shown;
    `reduction` is all that was taken off. `extended_sale` is after product discounts, `paid` after all."""

    extended_list: Money
    listed: Money
    product_discount: Money
    coupon_discount: Money
    order_discount: Money
    manual_discount: Money
    reduction: Money
    extended_sale: Both
    paid: Both
    discounts: tuple[Discount, ...]
    wrapping: Both | None = None


class ConsignmentTotals(Struct, frozen=True, gc=False):
    """One consignment, after discounts, and its shipping before any, as it is shown; 0 while nothing is chosen."""

    shipping_before_discount: Money
    automatic_discount: Money
    shipping: Both
    handling: Both
    discounts: tuple[Discount, ...] = ()


class CouponTotals(Struct, frozen=True, gc=False):
    """What one coupon takes off: the lines, and shipping."""

    lines: Money
    shipping: Money


class Totals(Struct, frozen=True, gc=False):
    """The whole checkout. `base_amount` is as listed and entered; `order_discount` what order promotions take off and
    `manual_discount` what a person does, without coupons and product discounts (BEHAVIOUR 4); `taxes` one amount per name."""

    is_tax_included: bool
    base_amount: Money
    subtotal: Both
    order_discount: Money
    manual_discount: Money
    cart_amount: Both
    shipping_before_discount: Money
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


class _Sums(Struct, gc=False):
    """What the entries of one target add up to, in minor units; discounts by level as they are shown."""

    charge: int = 0
    listed: int = 0
    less: int = 0
    included: int = 0
    tax: int = 0
    by_level: dict[str, int] = {}
    discounts: list[Discount] = []

    def charged(self, currency: str) -> Money:
        return Money(self.charge, currency)

    def paid(self, charge: Money) -> Both:
        """`charge`: what is charged, which is most often what is paid, too."""
        ex_tax = charge
        if self.less or self.included:
            ex_tax = Money(self.charge - self.less - self.included, charge.currency)
        return Both(ex_tax, Money(ex_tax.minor + self.tax, charge.currency) if self.tax else ex_tax)


class Ledger:
    """All entries added up, in one pass: by part and target, taxes by name, payments by target.

    Each kind of entry has lines of its own, and is asked for exactly: `isinstance` is slow where the answer is no, and so is an
    attribute that may be of one kind or another.
    """

    def __init__(self, checkout: Checkout, entries: Iterable[AnyEntry]) -> None:
        self.currency = checkout.currency.code
        self.lines: dict[str, _Sums] = {}
        self.shipping: dict[str, _Sums] = {}
        self.handling: dict[str, _Sums] = {}
        self.wrapping: dict[str, _Sums] = {}
        self.fees: dict[str, _Sums] = {}
        self.taxes: dict[str, tuple[int, int]] = {}
        """Name of a rate -> its priority, minor units."""
        self.payments: dict[str, Money] = {}
        self._of_part = {
            "line": self.lines,
            "shipping": self.shipping,
            "handling": self.handling,
            "wrapping": self.wrapping,
            "fee": self.fees,
        }
        self._add(entries)
        for line in checkout.lines:
            if line.id not in self.lines:
                self.lines[line.id] = _Sums()
        for consignment in checkout.consignments:
            if consignment.id not in self.shipping:
                self.shipping[consignment.id] = _Sums()

    def _add(self, entries: Iterable[AnyEntry]) -> None:
        of_part, by_rate = self._of_part, self.taxes
        for entry in entries:
            if type(entry) is Tax:
                of = of_part[entry.part].get(entry.target) or self._begin(entry)
                minor, name, priority = entry.amount.minor, entry.source, entry.priority
                of.tax += minor
                if name in by_rate:
                    first, before = by_rate[name]
                    by_rate[name] = (first if first < priority else priority, before + minor)
                else:
                    by_rate[name] = (priority, minor)
            elif type(entry) is Charge:
                targets, target, minor, shown = of_part[entry.part], entry.target, entry.amount.minor, entry.shown
                listed = minor if shown is None else shown.minor
                if target in targets:
                    of = targets[target]
                    of.charge += minor
                    of.listed += listed
                else:
                    targets[target] = _Sums(minor, listed)
            elif type(entry) is Discount:
                of = of_part[entry.part].get(entry.target) or self._begin(entry)
                minor, shown, level = entry.amount.minor, entry.shown, entry.level
                of.less += minor
                of.discounts.append(entry)
                of.by_level[level] = of.by_level.get(level, 0) + (minor if shown is None else shown.minor)
            elif type(entry) is IncludedTax:
                of = of_part[entry.part].get(entry.target) or self._begin(entry)
                of.included += entry.amount.minor
            else:
                self.payments[entry.target] = entry.amount

    def _begin(self, entry: Tax | Discount | IncludedTax) -> _Sums:
        """The first entry of a target, which is no charge."""
        of = self._of_part[entry.part][entry.target] = _Sums()
        return of


def line_totals(ledger: Ledger) -> dict[str, LineTotals]:
    currency, wrapped = ledger.currency, ledger.wrapping
    nothing = Money(0, currency)
    result = {}
    for line_id, of in ledger.lines.items():
        charge = Money(of.charge, currency)
        paid = sale = of.paid(charge)
        listed = charge if of.listed == of.charge else Money(of.listed, currency)
        wrapping = None
        if wrapped and line_id in wrapped:
            wrapping = wrapped[line_id].paid(wrapped[line_id].charged(currency))
        if not of.discounts:
            result[line_id] = LineTotals(
                charge, listed, nothing, nothing, nothing, nothing, nothing, sale, paid, (), wrapping
            )
            continue
        by_level = of.by_level
        product = Money(by_level["product"], currency) if "product" in by_level else nothing
        coupon = Money(by_level["coupon"], currency) if "coupon" in by_level else nothing
        order = Money(by_level["order"], currency) if "order" in by_level else nothing
        manual = Money(by_level["manual"], currency) if "manual" in by_level else nothing
        beyond_product = coupon.minor + order.minor + manual.minor
        reduction = product
        if beyond_product:
            reduction = Money(product.minor + beyond_product, currency)
            sale = Both(
                Money(paid.ex_tax.minor + beyond_product, currency),
                Money(paid.inc_tax.minor + beyond_product, currency),
            )
        discounts = tuple(of.discounts)
        result[line_id] = LineTotals(
            charge, listed, product, coupon, order, manual, reduction, sale, paid, discounts, wrapping
        )
    return result


def consignment_totals(ledger: Ledger) -> dict[str, ConsignmentTotals]:
    currency, handled = ledger.currency, ledger.handling
    nothing = Money(0, currency)
    none = Both(nothing, nothing)
    result = {}
    for consignment_id, of in ledger.shipping.items():
        charge, automatic, handling = Money(of.charge, currency), nothing, none
        if of.discounts:
            automatic = Money(sum([minor for level, minor in of.by_level.items() if level != "coupon"]), currency)
        if handled and consignment_id in handled:
            handling = handled[consignment_id].paid(handled[consignment_id].charged(currency))
        result[consignment_id] = ConsignmentTotals(
            charge if of.listed == of.charge else Money(of.listed, currency),
            automatic,
            of.paid(charge),
            handling,
            tuple(of.discounts),
        )
    return result


def coupon_totals(entries: Iterable[AnyEntry], zero: Money) -> dict[int, CouponTotals]:
    """By the id of the coupon, as shown; one that takes nothing off is left out."""
    sums: dict[int, CouponTotals] = {}
    for entry in entries:
        if isinstance(entry, Discount) and entry.level == "coupon":
            of = sums.get(entry.source_id, CouponTotals(zero, zero))
            shown = entry.as_shown
            on_line = entry.part == "line"
            sums[entry.source_id] = CouponTotals(
                of.lines + shown if on_line else of.lines,
                of.shipping if on_line else of.shipping + shown,
            )
    return sums


def totals(
    ledger: Ledger, lines: dict[str, LineTotals], consignments: dict[str, ConsignmentTotals], *, is_inclusive: bool
) -> Totals:
    currency = ledger.currency
    nothing = Money(0, currency)
    none = Both(nothing, nothing)
    base = subtotal_ex = subtotal_inc = cart_ex = cart_inc = order_less = manual_less = 0
    for line in lines.values():
        sale, paid = line.extended_sale, line.paid
        base += line.extended_list.minor
        subtotal_ex += sale.ex_tax.minor
        subtotal_inc += sale.inc_tax.minor
        cart_ex += paid.ex_tax.minor
        cart_inc += paid.inc_tax.minor
        if line.discounts:
            order_less += line.order_discount.minor
            manual_less += line.manual_discount.minor
    subtotal = _both(subtotal_ex, subtotal_inc, currency)
    before_discount, shipping, handling = _shipping(consignments, currency) if consignments else (nothing, none, none)
    wrapping, fees = none, {}
    grand_total = cart_inc + shipping.inc_tax.minor + handling.inc_tax.minor
    if ledger.wrapping:
        wrapping = _sum([line.wrapping for line in lines.values() if line.wrapping], currency)
        grand_total += wrapping.inc_tax.minor
    if ledger.fees:
        fees = {fee_id: of.paid(of.charged(currency)) for fee_id, of in ledger.fees.items()}
        grand_total += sum([fee.inc_tax.minor for fee in fees.values()])
    whole = left = Money(grand_total, currency)
    if ledger.payments:
        left = Money(grand_total - sum([amount.minor for amount in ledger.payments.values()]), currency)
    tax = 0
    for _, minor in ledger.taxes.values():
        tax += minor
    return Totals(
        is_inclusive,
        Money(base, currency),
        subtotal=subtotal,
        order_discount=Money(order_less, currency) if order_less else nothing,
        manual_discount=Money(manual_less, currency) if manual_less else nothing,
        cart_amount=subtotal
        if cart_ex == subtotal_ex and cart_inc == subtotal_inc
        else _both(cart_ex, cart_inc, currency),
        shipping_before_discount=before_discount,
        shipping=shipping,
        handling=handling,
        wrapping=wrapping,
        fees=fees,
        taxes=_by_priority(ledger),
        tax=Money(tax, currency) if tax else nothing,
        grand_total=whole,
        payments=ledger.payments,
        outstanding_balance=left,
    )


def _shipping(consignments: dict[str, ConsignmentTotals], currency: str) -> tuple[Money, Both, Both]:
    """Of all consignments: shipping before discounts, shipping, handling."""
    if len(consignments) == 1:
        (only,) = consignments.values()
        return only.shipping_before_discount, only.shipping, only.handling
    before = shipping_ex = shipping_inc = handling_ex = handling_inc = 0
    for of in consignments.values():
        shipping, handling = of.shipping, of.handling
        before += of.shipping_before_discount.minor
        shipping_ex += shipping.ex_tax.minor
        shipping_inc += shipping.inc_tax.minor
        handling_ex += handling.ex_tax.minor
        handling_inc += handling.inc_tax.minor
    return (
        Money(before, currency),
        _both(shipping_ex, shipping_inc, currency),
        _both(handling_ex, handling_inc, currency),
    )


def _both(ex_tax: int, inc_tax: int, currency: str) -> Both:
    without = Money(ex_tax, currency)
    return Both(without, without if inc_tax == ex_tax else Money(inc_tax, currency))


def _sum(amounts: Iterable[Both], currency: str) -> Both:
    ex_tax = inc_tax = 0
    for amount in amounts:
        ex_tax += amount.ex_tax.minor
        inc_tax += amount.inc_tax.minor
    return _both(ex_tax, inc_tax, currency)


def _by_priority(ledger: Ledger) -> tuple[tuple[str, Money], ...]:
    """One amount per name of a rate, by priority, then by name (D46); without any tax one amount of 0."""
    by_name = ledger.taxes
    if not by_name:
        return ((NO_TAX_NAME, Money(0, ledger.currency)),)
    if len(by_name) == 1:
        ((name, (_, minor)),) = by_name.items()
        return ((name, Money(minor, ledger.currency)),)
    found = sorted([(priority, name, minor) for name, (priority, minor) in by_name.items()])
    return tuple([(name, Money(minor, ledger.currency)) for _, name, minor in found])
