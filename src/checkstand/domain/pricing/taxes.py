"""Taxes: for each consignment by its own destination, on what is really paid (BEHAVIOUR 8, 11.3).

1. `places`: the tax zone of each consignment, and of everything else (D60); and whether amounts are shown with tax.
2. `Rule`: how an amount as it was entered becomes one without and one with tax, for goods of one class in one zone.
3. `taxes`: the entries, for each target what is left of it after its discounts; then `with_shown`: charges and discounts as
   shoppers see them, where they see other amounts than were entered.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.address import Address
from checkstand.domain.checkout import Checkout, Consignment, PickupChoice
from checkstand.domain.facts import Facts, Known, Store
from checkstand.domain.fulfillment import place_of
from checkstand.domain.money import Money, round_half_away
from checkstand.domain.pricing.entries import Charge, Discount, IncludedTax, Part, Tax
from checkstand.domain.tax_zones import NO_STEPS, Portion, Steps, TaxZone, find_zone

# ---------------------------------------------------------------------------------------------------- places


NOWHERE = Address()


class Places(Struct, frozen=True, gc=False):
    """The tax zone of each consignment, and of what none holds. `is_inclusive`: shoppers see amounts with tax."""

    of_consignment: dict[str, TaxZone | None]
    of_line: dict[str, TaxZone | None]
    elsewhere: TaxZone | None
    is_inclusive: bool


def places(checkout: Checkout, facts: Facts) -> Places:
    """D60: what no consignment holds is taxed at the billing address, else in the guest's zone; amounts are shown as in the
    zone of the billing address, else of the first consignment."""
    store = facts.store
    group_id = store.group_id_of(facts.customer)
    billed = checkout.billing_address.address if checkout.billing_address else NOWHERE
    elsewhere = tax_zone(billed, store, group_id)
    shown_in, is_first = elsewhere, not billed.country_code
    of_consignment: dict[str, TaxZone | None] = {}
    of_line: dict[str, TaxZone | None] = {}
    for consignment in checkout.consignments:
        zone = of_consignment[consignment.id] = tax_zone(destination(consignment, store), store, group_id)
        for line_id in consignment.line_item_ids:
            of_line[line_id] = zone
        if is_first:
            shown_in, is_first = zone, False
    return Places(of_consignment, of_line, elsewhere, shown_in is not None and shown_in.show_inclusive)


def destination(consignment: Consignment, store: Store) -> Address:
    """Where the goods end up: the address, or the place they are picked up from."""
    selected = consignment.selected
    if type(selected) is PickupChoice:
        method = store.pickup_method(selected.pickup_method_id)
        location = store.location(method.location_id) if method else None
        if location is not None:
            return location.address
    return consignment.address


def tax_zone(address: Address, store: Store, customer_group_id: int = 0) -> TaxZone | None:
    """The zone an address lies in; the guests' zone for one without a country."""
    if not address.country_code:
        return store.tax_zone_by_id.get(store.tax_settings.guest_shopper_tax_zone_id)
    known, place = store.tax_zone_of, (place_of(address), customer_group_id)
    if place in known:
        return known[place]
    return known.learn(place, find_zone(store.tax_zones, address, customer_group_id))


# ---------------------------------------------------------------------------------------------------- rules

Due = list[tuple[Portion, int]]
"""Minor units by portion."""


class Rule(Struct, frozen=True, gc=False):
    """`steps`: the shopper's tax. `included`: the tax that is taken out of an entered amount first. `is_fixed`: an entered
    amount is what is paid, tax and all. `is_rounded_once`: a rate is rounded for the whole checkout, not on
    each target (NO_ROUNDING)."""

    steps: Steps
    included: Steps
    is_fixed: bool
    is_rounded_once: bool = False

    def due(self, entered: int) -> tuple[int, Due]:
        """The amount without tax, and the taxes on it."""
        if self.included is NO_STEPS:
            return entered, forward(entered, self.steps)
        net = self.included.net(entered)
        due = forward(net, self.steps)
        return net, _fitted(due, entered - net) if self.is_fixed else due

    def shown(self, entered: int, *, is_inclusive: bool) -> int:
        if is_inclusive:
            if self.is_fixed:
                return entered
            net, due = self.due(entered)
            if self.is_rounded_once:
                return self.steps.gross(net)
            return net + sum([minor for _, minor in due])
        return self.included.net(entered)

    def shows_as_entered(self, *, is_inclusive: bool) -> bool:
        if is_inclusive:
            return self.is_fixed or (self.steps is NO_STEPS and self.included is NO_STEPS)
        return self.included is NO_STEPS


NO_RULE = Rule(NO_STEPS, NO_STEPS, is_fixed=False)


def forward(net: int, steps: Steps) -> Due:
    """Taxes on top: those of one priority on the same amount, the next ones on it and the taxes before them (D74)."""
    due: Due = []
    for group in steps.groups:
        base = net
        for portion in group:  # rounded half up, which is away from zero (D49)
            minor = (2 * base * portion.numerator + portion.denominator) // (2 * portion.denominator)
            due.append((portion, minor))
            net += minor
    return due


def _fitted(due: Due, whole: int) -> Due:
    """Taxes within a price: each at most what is left of the whole, the last one is all that is left (D74)."""
    if not due:
        return due
    left = whole
    fitted = []
    for portion, minor in due[:-1]:
        taken = min(minor, left)
        fitted.append((portion, taken))
        left -= taken
    return [*fitted, (due[-1][0], left)]


def rule_in(zone: TaxZone | None, tax_class_id: int, store: Store) -> Rule:
    """The rule for goods of a class in a zone, or in none; worked out once as long as the store stays as it is."""
    known, key = store.tax_rules, (0 if zone is None else zone.id, tax_class_id)
    rule: Rule | None = known.get(key)
    return rule or known.learn(key, _rule_in(zone, tax_class_id, store))


def _rule_in(zone: TaxZone | None, tax_class_id: int, store: Store) -> Rule:
    settings = store.tax_settings
    steps = zone.steps(tax_class_id) if zone else NO_STEPS
    is_rounded_once = settings.rounding_strategy == "NO_ROUNDING"
    if not settings.tax_entered_with_prices:
        return Rule(steps, NO_STEPS, is_fixed=False, is_rounded_once=is_rounded_once)
    if not settings.should_subtract_store_tax:
        return Rule(steps, steps, is_fixed=True, is_rounded_once=is_rounded_once)
    own_zone = store.tax_zone_by_id.get(settings.store_tax_zone_id)
    own = own_zone.steps(tax_class_id) if own_zone else NO_STEPS
    return Rule(steps, own, is_fixed=steps == own, is_rounded_once=is_rounded_once)  # D75


# ---------------------------------------------------------------------------------------------------- taxes


class Taxable(Struct, frozen=True, gc=False):
    """What is left of a target after its discounts, as entered, and where and as what it is taxed."""

    part: Part
    target: str
    minor: int
    zone: TaxZone | None
    tax_class_id: int


class Taxes(Struct, frozen=True, gc=False):
    """`entries`, and by part and target what is paid in the end as shoppers see it. `rules` are by part and target, too; where
    all amounts are shown as they were entered, both are empty."""

    entries: tuple[IncludedTax | Tax, ...]
    is_inclusive: bool
    is_shown_as_entered: bool
    rules: dict[tuple[str, str], Rule]
    paid: dict[tuple[str, str], int]

    @property
    def is_entered_inclusive(self) -> bool:
        """Whether amounts were entered with tax; of an order, then."""
        return self.is_inclusive == self.is_shown_as_entered

    def shown(self, part: Part, target: str, amount: Money) -> Money:
        """An amount for a target that is not charged but might be: an option that may be chosen."""
        rule = self.rules.get((part, target))
        if rule is None:
            return amount
        return Money(rule.shown(amount.minor, is_inclusive=self.is_inclusive), amount.currency)


def taxes(
    taxable: Sequence[Taxable],
    places: Places,
    facts: Facts,
    currency: str,
    rule_for: Callable[[Taxable], Rule] | None = None,
) -> Taxes:
    """`taxable` in the order in which entries are to stand, without what is never taxed. `rule_for`: whom to ask instead of the
    zones."""
    store, settings = facts.store, facts.store.tax_settings
    rules: Known[Rule] = store.tax_rules
    entries: list[IncludedTax | Tax] = []
    unrounded: list[tuple[Taxable, int, Rule]] = []
    rule_of: dict[tuple[str, str], Rule] = {}
    is_inclusive = places.is_inclusive
    is_plain = rule_for is None and not is_inclusive and not settings.tax_entered_with_prices  # shown as it was entered
    for each in taxable:
        part, target, entered, zone = each.part, each.target, each.minor, each.zone
        rule = rule_for(each) if rule_for else rules.get((0 if zone is None else zone.id, each.tax_class_id))
        if rule is None:
            rule = rule_in(zone, each.tax_class_id, store)
        if not is_plain and not rule.shows_as_entered(is_inclusive=is_inclusive):
            rule_of[part, target] = rule
        if not entered or (rule.steps is NO_STEPS and rule.included is NO_STEPS):
            continue
        net, due = rule.due(entered)
        if net != entered:
            entries.append(IncludedTax(part, target, Money(entered - net, currency), "included tax"))
        if rule.is_rounded_once and not rule.is_fixed:
            unrounded.append((each, net, rule))
            continue
        for portion, minor in due:
            if minor:
                entries.append(Tax(part, target, Money(minor, currency), portion.name, portion.priority))
    if unrounded:
        entries += _rounded_once(unrounded, currency)
    return Taxes(
        entries=tuple(entries),
        is_inclusive=is_inclusive,
        is_shown_as_entered=is_inclusive == settings.tax_entered_with_prices,
        rules=rule_of,
        paid=_paid(taxable, entries, is_inclusive=is_inclusive) if rule_of else {},
    )


def _paid(
    taxable: Sequence[Taxable],
    entries: Iterable[IncludedTax | Tax],
    *,
    is_inclusive: bool,
) -> dict[tuple[str, str], int]:
    paid: dict[tuple[str, str], int] = {(each.part, each.target): each.minor for each in taxable}
    for entry in entries:
        if isinstance(entry, IncludedTax):
            paid[entry.part, entry.target] -= entry.amount.minor
        elif is_inclusive:
            paid[entry.part, entry.target] += entry.amount.minor
    return paid


def _rounded_once(unrounded: Sequence[tuple[Taxable, int, Rule]], currency: str) -> Iterable[Tax]:
    """NO_ROUNDING: what a rate comes to is rounded once, for the whole checkout, and spread over its targets: floors, then
    one unit each to the largest remainders, the earlier first."""
    exact: dict[tuple[int, str], list[tuple[Taxable, Fraction]]] = {}
    for each, net, rule in unrounded:
        base = Fraction(net)
        for group in rule.steps.groups:
            amounts = [(portion, base * portion.numerator / portion.denominator) for portion in group]
            for portion, amount in amounts:
                exact.setdefault((portion.priority, portion.name), []).append((each, amount))
            base += sum(amount for _, amount in amounts)
    for (priority, name), targets in exact.items():
        whole = round_half_away(*sum((amount for _, amount in targets), Fraction(0)).as_integer_ratio())
        for (each, _), minor in zip(targets, _spread(whole, [amount for _, amount in targets]), strict=True):
            if minor:
                yield Tax(each.part, each.target, Money(minor, currency), name, priority)


def _spread(whole: int, amounts: Sequence[Fraction]) -> list[int]:
    parts = [int(amount) for amount in amounts]
    missing = whole - sum(parts)
    for index in sorted(range(len(amounts)), key=lambda i: (parts[i] - amounts[i], i))[:missing]:
        parts[index] += 1
    return parts


# ---------------------------------------------------------------------------------------------------- as shoppers see it


def with_shown(entries: Sequence[Charge | Discount], taxes: Taxes) -> Sequence[Charge | Discount]:
    """The entries with the amounts that are shown. What is left of a target after each of its entries is brought to the mode
    that is shown; an entry is the difference it makes. So what is shown adds up, to the cent."""
    if not taxes.rules:
        return entries
    of_target: dict[tuple[str, str], list[int]] = {}
    for index, entry in enumerate(entries):
        if (entry.part, entry.target) in taxes.rules:
            of_target.setdefault((entry.part, entry.target), []).append(index)
    after = list(entries)
    for target, indexes in of_target.items():
        rule, paid = taxes.rules[target], taxes.paid[target]
        values = list(accumulate(_signed(entries[index]) for index in indexes))
        stages = [max(rule.shown(value, is_inclusive=taxes.is_inclusive), paid) for value in values[:-1]] + [paid]
        before = 0
        for index, stage in zip(indexes, stages, strict=True):
            entry = entries[index]
            after[index] = replace(entry, shown=Money(abs(stage - before), entry.amount.currency))
            before = stage
    return after


def _signed(entry: Charge | Discount) -> int:
    return -entry.amount.minor if isinstance(entry, Discount) else entry.amount.minor
