"""What a checkout costs, worked out a second time and independently, for tests to compare the server with.

It is slow and obvious on purpose: exact fractions, no sharing, nothing of the server imported. Amounts are whole minor
units of one currency. The steps of `price`, in the order of BEHAVIOUR 11.3:

1. Decide which automatic promotions apply, in one chain; a manual discount replaces all of them.
2. Per line, follow its value as entered: list, after product discounts, after order (or manual) discounts, after each
   coupon. Per consignment the same for its shipping cost: before, after promotions, after each shipping coupon.
3. Tax what is left at the end of every chain, and wrapping, handling and fees, which nothing discounts.
4. Show each stage in the display mode; a shown discount is the difference of two neighbouring stages.
5. Add up, and take the payments from the grand total.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

Amounts = dict[int, int]
"""Amounts by the position of a line, or by the index of a consignment."""


# --- What goes in -----------------------------------------------------------------------------------------------------


class Rounding(StrEnum):
    RATE = "RATE_ROUNDING"
    NONE = "NO_ROUNDING"


class Kind(StrEnum):
    PHYSICAL = "physical"
    DIGITAL = "digital"
    CUSTOM = "custom"
    GIFT_CERTIFICATE = "gift_certificate"


class Level(StrEnum):
    """What an automatic promotion takes its discount from."""

    ITEMS = "cart_items"
    ORDER = "cart_value"
    SHIPPING = "shipping"


class CouponType(StrEnum):
    PER_ITEM = "per_item_discount"
    PERCENTAGE = "percentage_discount"
    PER_TOTAL = "per_total_discount"
    SHIPPING = "shipping_discount"
    FREE_SHIPPING = "free_shipping"


@dataclass(frozen=True)
class Rate:
    """One tax rate of a zone; `percents` is by tax class, and a class that is missing is not taxed by it."""

    name: str
    percents: Mapping[int, Fraction]
    priority: int = 1


@dataclass(frozen=True)
class Zone:
    rates: tuple[Rate, ...] = ()
    show_inclusive: bool = False


@dataclass(frozen=True)
class Items:
    """Which lines are meant: those of the products or of the categories, and all lines when both are empty."""

    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()

    def match(self, line: "Line") -> bool:
        if not self.products and not self.categories:
            return True
        return line.product_id in self.products or bool(self.categories & line.category_ids)


@dataclass(frozen=True)
class Line:
    """`list_price` is of one unit, `wrapping` of the whole line, both as entered."""

    position: int
    list_price: int
    quantity: int = 1
    kind: Kind = Kind.PHYSICAL
    product_id: int | None = None
    category_ids: frozenset[int] = frozenset()
    tax_class: int = 0
    overridden: bool = False
    on_sale: bool = False
    wrapping: int | None = None
    wrapping_class: int = 3

    @property
    def extended(self) -> int:
        return self.list_price * self.quantity


@dataclass(frozen=True)
class Consignment:
    """`shipping` is None while nothing is selected; `handling` only what is shown beside shipping (BEHAVIOUR D43).

    `country` says where it goes to whoever builds the checkout; prices follow from `zone` alone.
    """

    lines: tuple[int, ...]
    zone: int
    country: str = "US"
    shipping: int | None = None
    handling: int = 0
    is_pickup: bool = False


@dataclass(frozen=True)
class Promotion:
    """An automatic promotion: `percent` or `fixed` off, never both.

    Items that met the condition are discounted too. Without `condition_items` the condition is about the whole cart.
    """

    id: int
    level: Level
    priority: int = 0
    percent: Fraction | None = None
    fixed: int | None = None
    as_total: bool = False
    maximum: int | None = None
    items: Items = field(default_factory=Items)
    exclude_on_sale: bool = False
    minimum_spend: int = 0
    minimum_quantity: int = 0
    condition_items: Items | None = None
    stop: bool = False
    with_others: bool = True


@dataclass(frozen=True)
class Coupon:
    """`percent` for the percentage type, `amount` for the fixed ones; free shipping has neither."""

    type: CouponType
    amount: int = 0
    percent: Fraction = Fraction(0)
    items: Items = field(default_factory=Items)
    minimum: int = 0


@dataclass(frozen=True)
class Manual:
    """A discount by hand: an amount off the cart, amounts off lines by position, or both."""

    cart: int = 0
    lines: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fee:
    cost: int
    tax_class: int = 0


@dataclass(frozen=True)
class Scenario:
    """Everything prices depend on. Zones are named by their index in `zones`.

    `elsewhere_zone` taxes digital and unassigned lines and fees: the billing address's, else the guest's (BEHAVIOUR
    D60, D71). `display_zone` decides the display mode. `has_billing` and `places` are for whoever builds the checkout.
    """

    lines: tuple[Line, ...]
    consignments: tuple[Consignment, ...] = ()
    places: int = 2
    zones: tuple[Zone, ...] = (Zone(),)
    elsewhere_zone: int = 0
    display_zone: int = 0
    store_zone: int = 0
    has_billing: bool = True
    entered_with_tax: bool = False
    subtract_store_tax: bool = True
    rounding: Rounding = Rounding.RATE
    shipping_class: int = 2
    promotions: tuple[Promotion, ...] = ()
    on_original_price: bool = True
    coupons: tuple[Coupon, ...] = ()
    manual: Manual | None = None
    fees: tuple[Fee, ...] = ()
    certificates: tuple[int, ...] = ()
    store_credit: int = 0


# --- What comes out ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taxed:
    """An amount in both modes, with its taxes by the name and priority of their rates."""

    ex: int
    taxes: Mapping[tuple[str, int], int]

    @property
    def inc(self) -> int:
        return self.ex + sum(self.taxes.values())

    @property
    def by_name(self) -> dict[str, int]:
        """Rates of one name are one tax (BEHAVIOUR D46); what is nothing is left out."""
        return by_name([self])


@dataclass(frozen=True)
class LinePrice:
    """`coupons` has one share for each coupon of the scenario, in its order. Discounts are as shown."""

    position: int
    list_entered: int
    paid_entered: int
    list_shown: int
    product_discount: int
    order_discount: int
    coupons: tuple[int, ...]
    paid: Taxed
    wrapping: Taxed

    @property
    def sale_shown(self) -> int:
        return self.list_shown - self.product_discount

    @property
    def coupon_discount(self) -> int:
        return sum(self.coupons)

    @property
    def total_discount(self) -> int:
        return self.product_discount + self.order_discount + self.coupon_discount


@dataclass(frozen=True)
class ConsignmentPrice:
    """`before_discount`, `comparison` and discounts are as shown; `coupons` is aligned as in `LinePrice`."""

    before_discount: int
    automatic_discount: int
    coupons: tuple[int, ...]
    comparison: int
    shipping: Taxed
    handling: Taxed


@dataclass(frozen=True)
class Priced:
    """Amounts without a suffix for their mode are as shown, except `base_amount`, which is as entered.

    `applied` has the ids of the automatic promotions in the order of the chain.
    """

    shown_inclusive: bool
    lines: tuple[LinePrice, ...]
    consignments: tuple[ConsignmentPrice, ...]
    fees: tuple[Taxed, ...]
    applied: tuple[int, ...]
    base_amount: int
    subtotal_ex: int
    subtotal_inc: int
    discount_amount: int
    coupon_amounts: tuple[int, ...]
    cart_amount_ex: int
    cart_amount_inc: int
    taxes: tuple[tuple[str, int], ...]
    tax_total: int
    grand_total: int
    certificates_used: tuple[int, ...]
    store_credit_used: int
    outstanding_balance: int

    @property
    def subtotal(self) -> int:
        return self.subtotal_inc if self.shown_inclusive else self.subtotal_ex

    @property
    def cart_amount(self) -> int:
        return self.cart_amount_inc if self.shown_inclusive else self.cart_amount_ex

    def shown(self, taxed: Taxed) -> int:
        return taxed.inc if self.shown_inclusive else taxed.ex


# --- Rounding and spreading -------------------------------------------------------------------------------------------


def rounded(amount: Fraction) -> int:
    """The nearest whole minor unit, a half going away from zero (BEHAVIOUR D49)."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return size if amount >= 0 else -size


def percentage(percent: Fraction, base: int) -> int:
    return rounded(percent * base / 100)


def hand_out(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Whole parts of the total near their exact values: floors first, then one each by the largest remainder."""
    parts = [amount.numerator // amount.denominator for amount in exact]
    remainders = [amount - part for amount, part in zip(exact, parts, strict=True)]
    # The sort is stable, so that a tie goes to the earlier part (BEHAVIOUR D50, D61).
    order = sorted(range(len(exact)), key=lambda index: -remainders[index])
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def spread(total: int, weights: Amounts) -> Amounts:
    """The total over the keys in proportion to their weights (BEHAVIOUR D50), and never more than the weights hold.

    Weights are always what is left (BEHAVIOUR D84), and a discount takes no more than that (BEHAVIOUR D52).
    """
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    total = min(total, whole)
    parts = hand_out(total, [Fraction(total * weight, whole) for weight in weights.values()])
    return dict(zip(weights, parts, strict=True))


def capped(wanted: Amounts, left: Amounts) -> Amounts:
    """BEHAVIOUR D52: nothing falls below zero."""
    return {key: min(amount, left[key]) for key, amount in wanted.items()}


def up_to(maximum: int | None, wanted: Amounts) -> Amounts:
    """The maximum serves the first lines, or consignments, until it is used up (promotions.v3, the maximum's text)."""
    if maximum is None:
        return wanted
    given: Amounts = {}
    for key, amount in wanted.items():
        given[key] = min(amount, maximum - sum(given.values()))
    return given


def minus(left: Amounts, given: Amounts) -> Amounts:
    return {key: amount - given.get(key, 0) for key, amount in left.items()}


# --- Automatic promotions ---------------------------------------------------------------------------------------------


def in_cart_order(scenario: Scenario) -> list[Line]:
    return sorted(scenario.lines, key=lambda line: line.position)


def goods(scenario: Scenario) -> list[Line]:
    """Lines other than gift certificates bought, which share only in fixed per-total coupons (BEHAVIOUR D79)."""
    return [line for line in in_cart_order(scenario) if line.kind is not Kind.GIFT_CERTIFICATE]


def promotable(scenario: Scenario) -> list[Line]:
    """What product-level promotions see: a price set by hand keeps a line out of them (BEHAVIOUR 4, price override), and custom
    items have no other price. Both take part in order-level promotions, in conditions and in coupons."""
    return [line for line in goods(scenario) if not line.overridden and line.kind is not Kind.CUSTOM]


def shipping_costs(scenario: Scenario) -> Amounts:
    """What was chosen, as entered; picking up costs nothing (BEHAVIOUR D37), nor does what nobody chose yet."""
    return {
        index: 0 if consignment.is_pickup else consignment.shipping or 0
        for index, consignment in enumerate(scenario.consignments)
    }


def condition_holds(scenario: Scenario, promotion: Promotion) -> bool:
    """Conditions look at list prices times quantity, whatever was discounted before."""
    matcher = promotion.condition_items
    lines = [line for line in goods(scenario) if matcher is None or matcher.match(line)]
    if sum(line.extended for line in lines) < promotion.minimum_spend:
        return False
    # A quantity is only asked for together with items (promotions.v3, CartCondition).
    return matcher is None or sum(line.quantity for line in lines) >= promotion.minimum_quantity


def off_items(scenario: Scenario, promotion: Promotion, left: Amounts) -> Amounts:
    lines = [
        line
        for line in promotable(scenario)
        if promotion.items.match(line) and not (promotion.exclude_on_sale and line.on_sale)
    ]
    if promotion.percent is not None:
        # Per line on the extended amount (BEHAVIOUR D73), of the list price or of what is left (BEHAVIOUR D84).
        wanted = {
            line.position: percentage(
                promotion.percent, line.extended if scenario.on_original_price else left[line.position]
            )
            for line in lines
        }
    elif promotion.as_total:
        wanted = spread(promotion.fixed or 0, {line.position: left[line.position] for line in lines})
    else:
        wanted = {line.position: (promotion.fixed or 0) * line.quantity for line in lines}
    return up_to(promotion.maximum, capped(wanted, left))


def off_order(scenario: Scenario, promotion: Promotion, left: Amounts) -> Amounts:
    lines = goods(scenario)
    weights = {line.position: left[line.position] for line in lines}
    if promotion.percent is not None:
        # On the sum, rounded once and then spread (BEHAVIOUR D73); which sum, by BEHAVIOUR D84.
        base = sum(line.extended for line in lines) if scenario.on_original_price else sum(weights.values())
        total = percentage(promotion.percent, base)
    else:
        total = promotion.fixed or 0
    if promotion.maximum is not None:
        total = min(total, promotion.maximum)
    return spread(total, weights)


def off_shipping(scenario: Scenario, promotion: Promotion, left: Amounts) -> Amounts:
    """A percentage is taken per consignment (BEHAVIOUR D49), a fixed amount once and spread (as BEHAVIOUR D77)."""
    if promotion.percent is None:
        wanted = spread(promotion.fixed or 0, left)
    else:
        base = shipping_costs(scenario) if scenario.on_original_price else left
        wanted = {index: percentage(promotion.percent, amount) for index, amount in base.items()}
    return up_to(promotion.maximum, capped(wanted, left))


def given_by(scenario: Scenario, promotions: Sequence[Promotion]) -> dict[int, Amounts]:
    """What each of these promotions gives when all of them apply, by id, as entered.

    Product-level ones take effect before order-level ones (BEHAVIOUR 11.3), each level in the order of the chain.
    """
    given: dict[int, Amounts] = {}
    left = {line.position: line.extended for line in in_cart_order(scenario)}
    for promotion in promotions:
        if promotion.level is Level.ITEMS:
            given[promotion.id] = off_items(scenario, promotion, left)
            left = minus(left, given[promotion.id])
    for promotion in promotions:
        if promotion.level is Level.ORDER:
            given[promotion.id] = off_order(scenario, promotion, left)
            left = minus(left, given[promotion.id])
    shipping_left = shipping_costs(scenario)
    for promotion in promotions:
        if promotion.level is Level.SHIPPING:
            given[promotion.id] = off_shipping(scenario, promotion, shipping_left)
            shipping_left = minus(shipping_left, given[promotion.id])
    return given


def applying(scenario: Scenario) -> list[Promotion]:
    """The promotions that apply: one chain over all levels, by priority and then id (BEHAVIOUR 11.3, promotions.v3)."""
    # A manual discount stands in the place of all automatic ones (BEHAVIOUR D83).
    if scenario.manual is not None:
        return []
    chosen: list[Promotion] = []
    for promotion in sorted(scenario.promotions, key=lambda each: (each.priority, each.id)):
        # One that stands alone needs an untouched checkout and leaves nothing to those after it.
        if not promotion.with_others and chosen:
            continue
        if not condition_holds(scenario, promotion):
            continue
        # It applies when, beside those that apply already, it would give more than nothing.
        if sum(given_by(scenario, [*chosen, promotion])[promotion.id].values()) == 0:
            continue
        chosen.append(promotion)
        if promotion.stop or not promotion.with_others:
            break
    return chosen


# --- Manual discounts and coupons -------------------------------------------------------------------------------------


def off_by_hand(scenario: Scenario, manual: Manual, left: Amounts) -> Amounts:
    """Amounts of lines first, then the cart's over what is left of the goods, all capped (BEHAVIOUR 3.7, D33, D79)."""
    lines = goods(scenario)
    of_lines = capped({line.position: manual.lines.get(line.position, 0) for line in lines}, left)
    still_left = minus(left, of_lines)
    of_cart = spread(manual.cart, {line.position: still_left[line.position] for line in lines})
    return {line.position: of_lines[line.position] + of_cart[line.position] for line in lines}


def off_by_coupon(scenario: Scenario, coupon: Coupon, left: Amounts, subtotal: int) -> Amounts:
    """A coupon's shares on lines; always of what is left (BEHAVIOUR 11.3). `subtotal` is as entered (D77)."""
    if subtotal < coupon.minimum:
        return {}
    matching = [line for line in goods(scenario) if coupon.items.match(line)]
    if coupon.type is CouponType.PER_ITEM:
        return capped({line.position: coupon.amount * line.quantity for line in matching}, left)
    if coupon.type is CouponType.PERCENTAGE:
        # Rounded per line (vector T4, BEHAVIOUR D73).
        return {line.position: percentage(coupon.percent, left[line.position]) for line in matching}
    if coupon.type is CouponType.PER_TOTAL:
        # The one discount that certificates bought take part in (vector T1, BEHAVIOUR D79).
        everything = [line for line in in_cart_order(scenario) if coupon.items.match(line)]
        return spread(coupon.amount, {line.position: left[line.position] for line in everything})
    return {}


def off_shipping_by_coupon(coupon: Coupon, left: Amounts, subtotal: int) -> Amounts:
    """One amount over all consignments (BEHAVIOUR D77). Free shipping only adds an option (BEHAVIOUR D78)."""
    if coupon.type is not CouponType.SHIPPING or subtotal < coupon.minimum:
        return {}
    return spread(coupon.amount, left)


# --- Tax --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """An amount as entered, and what decides its tax; without a zone it is never taxed."""

    entered: int
    zone: int | None
    tax_class: int


@dataclass(frozen=True)
class ClassRate:
    """A rate as it meets one tax class; `share` is the hundredth of its percentage."""

    name: str
    priority: int
    share: Fraction


def rates_for(scenario: Scenario, zone: int, tax_class: int) -> list[ClassRate]:
    """Lower priorities first (BEHAVIOUR 8), those of one priority as the zone lists them; nothing is not a rate."""
    found = [
        ClassRate(rate.name, rate.priority, rate.percents[tax_class] / 100)
        for rate in scenario.zones[zone].rates
        if rate.percents.get(tax_class)
    ]
    return sorted(found, key=lambda rate: rate.priority)


def by_priority(rates: Sequence[ClassRate]) -> list[list[ClassRate]]:
    priorities = sorted({rate.priority for rate in rates})
    return [[rate for rate in rates if rate.priority == priority] for priority in priorities]


def factor(rates: Sequence[ClassRate]) -> Fraction:
    """What tax multiplies a price by: rates of one priority add up, priorities compound (BEHAVIOUR D74)."""
    result = Fraction(1)
    for level in by_priority(rates):
        result *= 1 + sum(rate.share for rate in level)
    return result


def has_fixed_gross(scenario: Scenario, target: Target) -> bool:
    """Is the price that was entered the price with tax, whatever the tax?

    It is when store tax is not subtracted (BEHAVIOUR 8), and for who has the store's own rates (BEHAVIOUR D75). Only
    numbers and priorities are compared, not names.
    """
    if not scenario.entered_with_tax or target.zone is None:
        return False
    if not scenario.subtract_store_tax:
        return True
    shoppers = rates_for(scenario, target.zone, target.tax_class)
    stores = rates_for(scenario, scenario.store_zone, target.tax_class)
    return sorted((rate.priority, rate.share) for rate in shoppers) == sorted(
        (rate.priority, rate.share) for rate in stores
    )


def without_tax(scenario: Scenario, target: Target) -> int:
    """The amount without tax, rounded once (BEHAVIOUR D51, D74)."""
    if target.zone is None or not scenario.entered_with_tax:
        return target.entered
    zone = target.zone if has_fixed_gross(scenario, target) else scenario.store_zone
    return rounded(target.entered / factor(rates_for(scenario, zone, target.tax_class)))


def taxes_inside(gross: int, ex: int, rates: Sequence[ClassRate]) -> list[int]:
    """Taxes within a price: forward from `ex`, the last one being what is missing to the gross (BEHAVIOUR D74)."""
    taxes: list[int] = []
    for level in by_priority(rates):
        base = ex + sum(taxes)
        for rate in level:
            left = gross - ex - sum(taxes)
            taxes.append(left if len(taxes) == len(rates) - 1 else min(rounded(base * rate.share), left))
    return taxes


def taxes_on(ex: int, rates: Sequence[ClassRate]) -> list[int]:
    """Taxes on top, each rounded, the next priority on the amount with the rounded tax before it (BEHAVIOUR D74)."""
    taxes: list[int] = []
    for level in by_priority(rates):
        base = ex + sum(taxes)
        taxes += [rounded(base * rate.share) for rate in level]
    return taxes


def exact_taxes_on(ex: int, rates: Sequence[ClassRate]) -> list[Fraction]:
    """Taxes on top as NO_ROUNDING sees them: nothing is rounded, nor is the base of the next priority."""
    taxes: list[Fraction] = []
    for level in by_priority(rates):
        base = ex + sum(taxes)
        taxes += [base * rate.share for rate in level]
    return taxes


def taxed_alone(scenario: Scenario, target: Target) -> Taxed:
    """One target as if nothing else were in the checkout."""
    ex = without_tax(scenario, target)
    if target.zone is None:
        return Taxed(ex, {})
    rates = rates_for(scenario, target.zone, target.tax_class)
    if has_fixed_gross(scenario, target):
        taxes = taxes_inside(target.entered, ex, rates)
    elif scenario.rounding is Rounding.RATE:
        taxes = taxes_on(ex, rates)
    else:
        taxes = [rounded(tax) for tax in exact_taxes_on(ex, rates)]
    return Taxed(ex, with_names(rates, taxes))


def with_names(rates: Sequence[ClassRate], taxes: Sequence[int]) -> dict[tuple[str, int], int]:
    named: dict[tuple[str, int], int] = {}
    for rate, tax in zip(rates, taxes, strict=True):
        key = (rate.name, rate.priority)
        named[key] = named.get(key, 0) + tax
    return named


def taxed_together(scenario: Scenario, targets: Sequence[Target]) -> list[Taxed]:
    """All targets of a checkout. Only NO_ROUNDING makes a difference to taxing them one by one.

    There the exact amounts of a rate are added up over the checkout, the sum is rounded, and the targets get it back by
    largest remainder of their exact amounts, earlier targets first on a tie. A fixed gross leaves nothing to share.
    """
    if scenario.rounding is Rounding.RATE:
        return [taxed_alone(scenario, target) for target in targets]
    exact = [exact_by_rate(scenario, target) for target in targets]
    shares: list[dict[tuple[str, int], int]] = [{} for _ in targets]
    for key in {key for amounts in exact for key in amounts}:
        column = [amounts.get(key, Fraction(0)) for amounts in exact]
        for share, tax in zip(shares, hand_out(rounded(sum(column, Fraction(0))), column), strict=True):
            share[key] = tax
    return [
        taxed_alone(scenario, target)
        if has_fixed_gross(scenario, target)
        else Taxed(without_tax(scenario, target), share)
        for target, share in zip(targets, shares, strict=True)
    ]


def exact_by_rate(scenario: Scenario, target: Target) -> dict[tuple[str, int], Fraction]:
    if target.zone is None or has_fixed_gross(scenario, target):
        return {}
    rates = rates_for(scenario, target.zone, target.tax_class)
    amounts: dict[tuple[str, int], Fraction] = {}
    for rate, tax in zip(rates, exact_taxes_on(without_tax(scenario, target), rates), strict=True):
        key = (rate.name, rate.priority)
        amounts[key] = amounts.get(key, Fraction(0)) + tax
    return amounts


def by_name(taxed: Iterable[Taxed]) -> dict[str, int]:
    """Taxes added up by name, sorted by priority and then name (BEHAVIOUR D46), without those that are nothing."""
    priorities: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for each in taxed:
        for (name, priority), tax in each.taxes.items():
            if tax:
                priorities[name] = min(priority, priorities.get(name, priority))
                amounts[name] = amounts.get(name, 0) + tax
    return {name: amounts[name] for name in sorted(amounts, key=lambda name: (priorities[name], name))}


# --- Showing ----------------------------------------------------------------------------------------------------------


def shown(scenario: Scenario, taxed: Taxed) -> int:
    """The display mode of a checkout is that of its display zone (BEHAVIOUR 8, D60)."""
    return taxed.inc if scenario.zones[scenario.display_zone].show_inclusive else taxed.ex


def shown_stages(scenario: Scenario, stages: Sequence[int], target: Target, paid: Taxed) -> list[int]:
    """A chain of values in the display mode (BEHAVIOUR D70): each converted on its own, the last being what is paid.

    Where nothing was taken nothing is shown as taken: such a stage has the value of the one after it, which matters
    only where the paid amount got another unit of a tax that was rounded over the whole checkout. For the same reason no
    stage is worth less than the one after it.
    """
    values = [shown(scenario, paid)]
    for following, amount in pairwise(reversed(stages)):
        alone = stage_shown(scenario, Target(amount, target.zone, target.tax_class))
        values.append(values[-1] if amount == following else max(alone, values[-1]))
    return values[::-1]


def stage_shown(scenario: Scenario, target: Target) -> int:
    """With NO_ROUNDING all the tax of a stage is rounded at once, as no rate is rounded by itself."""
    is_inclusive = scenario.zones[scenario.display_zone].show_inclusive
    if (
        scenario.rounding is Rounding.RATE
        or target.zone is None
        or has_fixed_gross(scenario, target)
        or not is_inclusive
    ):
        return shown(scenario, taxed_alone(scenario, target))
    return rounded(without_tax(scenario, target) * factor(rates_for(scenario, target.zone, target.tax_class)))


def differences(values: Sequence[int]) -> list[int]:
    return [before - after for before, after in pairwise(values)]


# --- The whole --------------------------------------------------------------------------------------------------------


def line_stages(scenario: Scenario, promotions: Sequence[Promotion]) -> dict[int, list[int]]:
    """Per line, as entered: list, sale, after order or manual discounts, after each coupon of the scenario."""
    given = given_by(scenario, promotions)
    left = {line.position: line.extended for line in in_cart_order(scenario)}
    snapshots = [left]
    for level in (Level.ITEMS, Level.ORDER):
        for promotion in promotions:
            if promotion.level is level:
                left = minus(left, given[promotion.id])
        if level is Level.ORDER and scenario.manual is not None:
            left = minus(left, off_by_hand(scenario, scenario.manual, left))
        snapshots.append(left)
    subtotal = sum(snapshots[1].values())
    for coupon in scenario.coupons:
        left = minus(left, off_by_coupon(scenario, coupon, left, subtotal))
        snapshots.append(left)
    return {position: [snapshot[position] for snapshot in snapshots] for position in left}


def shipping_stages(scenario: Scenario, promotions: Sequence[Promotion], subtotal: int) -> dict[int, list[int]]:
    """Per consignment, as entered: before discounts, after promotions, after each coupon of the scenario."""
    given = given_by(scenario, promotions)
    left = shipping_costs(scenario)
    snapshots = [left]
    for promotion in promotions:
        if promotion.level is Level.SHIPPING:
            left = minus(left, given[promotion.id])
    snapshots.append(left)
    for coupon in scenario.coupons:
        left = minus(left, off_shipping_by_coupon(coupon, left, subtotal))
        snapshots.append(left)
    return {index: [snapshot[index] for snapshot in snapshots] for index in left}


def zone_of(scenario: Scenario, line: Line) -> int | None:
    """Where a line is taxed: where it goes, else elsewhere (BEHAVIOUR D60); a certificate bought nowhere (D46)."""
    if line.kind is Kind.GIFT_CERTIFICATE:
        return None
    for consignment in scenario.consignments:
        if line.position in consignment.lines:
            return consignment.zone
    return scenario.elsewhere_zone


def handling_of(consignment: Consignment) -> int:
    return 0 if consignment.is_pickup or consignment.shipping is None else consignment.handling


def line_price(scenario: Scenario, line: Line, stages: Sequence[int], paid: Taxed, wrapping: Taxed) -> LinePrice:
    values = shown_stages(scenario, stages, Target(stages[-1], zone_of(scenario, line), line.tax_class), paid)
    product, order, *coupons = differences(values)
    return LinePrice(
        position=line.position,
        list_entered=stages[0],
        paid_entered=stages[-1],
        list_shown=values[0],
        product_discount=product,
        order_discount=order,
        coupons=tuple(coupons),
        paid=paid,
        wrapping=wrapping,
    )


def consignment_price(
    scenario: Scenario, consignment: Consignment, stages: Sequence[int], shipping: Taxed, handling: Taxed
) -> ConsignmentPrice:
    target = Target(stages[-1], consignment.zone, scenario.shipping_class)
    values = shown_stages(scenario, stages, target, shipping)
    automatic, *coupons = differences(values)
    # What is struck through (BEHAVIOUR 2.5).
    in_one_mode = scenario.entered_with_tax == scenario.zones[scenario.display_zone].show_inclusive
    return ConsignmentPrice(
        before_discount=values[0],
        automatic_discount=automatic,
        coupons=tuple(coupons),
        comparison=values[1] if in_one_mode else values[0],
        shipping=shipping,
        handling=handling,
    )


def paid_by(balances: Sequence[int], due: int) -> list[int]:
    """What each balance pays, in this order, at most what is still due."""
    used: list[int] = []
    for balance in balances:
        used.append(min(balance, due - sum(used)))
    return used


def price(scenario: Scenario) -> Priced:
    promotions = applying(scenario)
    lines = in_cart_order(scenario)
    of_lines = line_stages(scenario, promotions)
    subtotal_entered = sum(stages[1] for stages in of_lines.values())
    of_shipping = shipping_stages(scenario, promotions, subtotal_entered)

    # The order of targets decides ties: lines, their wrapping, per consignment shipping and handling, fees.
    targets = [Target(of_lines[line.position][-1], zone_of(scenario, line), line.tax_class) for line in lines]
    # Wrapping goes where its line goes and has a class of its own (BEHAVIOUR D46).
    targets += [Target(line.wrapping or 0, zone_of(scenario, line), line.wrapping_class) for line in lines]
    for index, consignment in enumerate(scenario.consignments):
        # Shipping and handling have one class (BEHAVIOUR 8, D46).
        targets.append(Target(of_shipping[index][-1], consignment.zone, scenario.shipping_class))
        targets.append(Target(handling_of(consignment), consignment.zone, scenario.shipping_class))
    # Fees are taxed where digital lines are (BEHAVIOUR D71).
    targets += [Target(fee.cost, scenario.elsewhere_zone, fee.tax_class) for fee in scenario.fees]

    taxed = taxed_together(scenario, targets)
    paid, wrapping = taxed[: len(lines)], taxed[len(lines) : 2 * len(lines)]
    end_of_shipping = 2 * (len(lines) + len(scenario.consignments))
    shipping, handling = taxed[2 * len(lines) : end_of_shipping : 2], taxed[2 * len(lines) + 1 : end_of_shipping : 2]
    fees = taxed[end_of_shipping:]

    line_prices = tuple(
        line_price(scenario, line, of_lines[line.position], paid[index], wrapping[index])
        for index, line in enumerate(lines)
    )
    consignment_prices = tuple(
        consignment_price(scenario, consignment, of_shipping[index], shipping[index], handling[index])
        for index, consignment in enumerate(scenario.consignments)
    )

    # A discount is one number on every surface (BEHAVIOUR D70), so the subtotal of the mode that is not shown is what
    # the discounts leave room for above the cart amount of that mode.
    discount_amount = sum(line.order_discount for line in line_prices)
    coupons_on_lines = sum(line.coupon_discount for line in line_prices)
    cart_amount_ex = sum(line.paid.ex for line in line_prices)
    cart_amount_inc = sum(line.paid.inc for line in line_prices)
    coupon_amounts = tuple(
        sum(line.coupons[index] for line in line_prices) + sum(each.coupons[index] for each in consignment_prices)
        for index in range(len(scenario.coupons))
    )

    taxes = by_name(taxed)
    grand_total = sum(each.inc for each in taxed)
    # Certificates in the order they were applied, then store credit (BEHAVIOUR D80); both lower what is owed (D58).
    used = paid_by([*scenario.certificates, scenario.store_credit], grand_total)
    return Priced(
        shown_inclusive=scenario.zones[scenario.display_zone].show_inclusive,
        lines=line_prices,
        consignments=consignment_prices,
        fees=tuple(fees),
        applied=tuple(promotion.id for promotion in promotions),
        base_amount=sum(line.extended for line in lines),
        subtotal_ex=cart_amount_ex + discount_amount + coupons_on_lines,
        subtotal_inc=cart_amount_inc + discount_amount + coupons_on_lines,
        discount_amount=discount_amount,
        coupon_amounts=coupon_amounts,
        cart_amount_ex=cart_amount_ex,
        cart_amount_inc=cart_amount_inc,
        taxes=tuple(taxes.items()),
        tax_total=sum(taxes.values()),
        grand_total=grand_total,
        certificates_used=tuple(used[:-1]),
        store_credit_used=used[-1],
        outstanding_balance=grand_total - sum(used),
    )
