"""What holds for the prices of any checkout (BEHAVIOUR 11.1, 12), on both surfaces, in all tax set-ups and currencies.

Checkouts come from `tests.scenarios`; what the surfaces show is rendered from them as an answer would be.
"""

import json
from dataclasses import replace as with_fields
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from checkstand.api.management import render as management
from checkstand.api.storefront import render as storefront
from checkstand.domain.checkout import Checkout, PickupChoice
from checkstand.domain.money import Money, allocate
from checkstand.domain.order import place
from checkstand.domain.pricing.entries import Charge, Discount, IncludedTax, Payment, Tax
from checkstand.service.cases import sums_of
from checkstand.service.commands import Answer, work_out
from tests.api.formulas import check_both
from tests.builders import NOON
from tests.domain.engine import priced
from tests.domain.test_oracle import checkout_of
from tests.oracle import Kind, Level, Scenario
from tests.scenarios import scenario, scenarios

every_checkout = given(
    drawn=st.integers(0, 2**32).map(
        lambda seed: scenario(Random(seed), debatable=True)
    )  # quicker than draws that shrink
)
MANY, SOME = settings(max_examples=2_000, deadline=None), settings(max_examples=1_000, deadline=None)


def shown(answer: Answer) -> tuple[dict[str, Any], dict[str, Any]]:
    """As Management and as the Storefront show it."""
    bodies = (management.checkout(answer, frozenset()), storefront.checkout(answer, frozenset()))
    one, other = (json.loads(msgspec.json.encode(body)) for body in bodies)
    return one, other


@MANY
@every_checkout
def test_the_published_formulas_hold_on_both_surfaces_and_these_agree(drawn: Scenario) -> None:
    checkout, facts = checkout_of(drawn)

    answer = work_out(checkout, facts)
    check_both(*shown(answer), is_as_entered=answer.priced.taxes.is_shown_as_entered)


@MANY
@every_checkout
def test_totals_are_sums_over_entries_and_nothing_is_negative(drawn: Scenario) -> None:
    answer = priced(*checkout_of(drawn))

    totals = answer.totals
    charges, discounts, included, taxes = (
        sum(entry.amount.minor for entry in answer.entries if isinstance(entry, kind))
        for kind in (Charge, Discount, IncludedTax, Tax)
    )
    payments = sum(entry.amount.minor for entry in answer.entries if isinstance(entry, Payment))
    assert all(entry.amount.minor > 0 or isinstance(entry, Charge) for entry in answer.entries)
    assert all(entry.as_shown.minor >= 0 for entry in answer.entries if isinstance(entry, Charge | Discount))
    assert totals.grand_total.minor == charges - discounts - included + taxes >= 0
    assert totals.outstanding_balance.minor == totals.grand_total.minor - payments >= 0
    assert totals.tax.minor == taxes
    both = [totals.cart_amount, totals.shipping, totals.handling, totals.wrapping, *totals.fees.values()]
    assert sum(amount.tax.minor for amount in both) == taxes
    assert all(0 <= amount.ex_tax.minor <= amount.inc_tax.minor for amount in both)
    assert sum(amount.inc_tax.minor for amount in both) == totals.grand_total.minor


@SOME
@every_checkout
def test_an_explanation_adds_up_to_the_grand_total_and_shows_every_entry_once(drawn: Scenario) -> None:
    answer = priced(*checkout_of(drawn))

    explained = sums_of(answer)

    amounts = {each.name: each.amount for each in explained}
    assert amounts["grand total"] == answer.totals.grand_total
    assert amounts.get("outstanding balance", amounts["grand total"]) == answer.totals.outstanding_balance
    assert sum(len(each.rows) for each in explained) == len(answer.entries)


@MANY
@every_checkout
def test_no_target_is_discounted_below_nothing(drawn: Scenario) -> None:
    answer = priced(*checkout_of(drawn))

    left: dict[tuple[str, str], int] = {}
    seen: dict[tuple[str, str], int] = {}
    for entry in answer.entries:
        key = (entry.part, entry.target)
        if isinstance(entry, Charge):
            left[key] = left.get(key, 0) + entry.amount.minor
            seen[key] = seen.get(key, 0) + entry.as_shown.minor
        elif isinstance(entry, Discount):
            left[key] -= entry.amount.minor
            seen[key] -= entry.as_shown.minor
            assert left[key] >= 0
            assert seen[key] >= 0


@SOME
@every_checkout
def test_an_order_shows_what_its_checkout_showed(drawn: Scenario) -> None:
    checkout, facts = checkout_of(drawn)
    answer = work_out(checkout, facts)

    placed = place(answer.priced, facts, order_id=100, status="AWAITING_PAYMENT", now=NOON)

    kept = placed.priced()
    assert kept.totals == answer.priced.totals
    assert kept.lines == answer.priced.lines
    assert kept.consignments == answer.priced.consignments


@SOME
@given(drawn=scenarios(), random=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_a_total_by_ties_only(drawn: Scenario, random: Random) -> None:
    """What is spread goes by the lines' order where two are owed the same part of a cent, and tax is then rounded on a unit
    more or less (D61): one unit for each line, rate and discount, and no more."""
    checkout, facts = checkout_of(drawn)
    lines = list(checkout.lines)
    random.shuffle(lines)
    places = {line.id: index for index, line in enumerate(lines)}
    shuffled = replace(
        checkout,
        lines=tuple(lines),
        consignments=tuple(
            replace(each, line_item_ids=tuple(sorted(each.line_item_ids, key=places.__getitem__)))
            for each in checkout.consignments
        ),
    )
    if any(promotion.maximum is not None and promotion.level is Level.ITEMS for promotion in drawn.promotions):
        return  # a maximum serves the first lines, whichever they are

    before, after = priced(checkout, facts).totals, priced(shuffled, facts).totals

    rates = sum(len(zone.rates) for zone in drawn.zones)
    spread = len(drawn.promotions) + len(drawn.coupons) + (1 if drawn.manual else 0)
    most = len(lines) * (rates + 1) * (spread + 1)
    assert before.base_amount == after.base_amount
    assert abs(before.discount_amount.minor - after.discount_amount.minor) <= most
    assert abs(before.grand_total.minor - after.grand_total.minor) <= most


@SOME
@given(drawn=scenarios(), data=st.data())
def test_splitting_a_line_over_two_consignments_to_one_place_changes_roundings_only(
    drawn: Scenario, data: st.DataObject
) -> None:
    """At most one unit for each split line, rate and consignment, and one where a percentage is taken of parts."""
    plain = with_fields(drawn, promotions=(), coupons=(), manual=None)
    divisible = [
        (index, line)
        for index, each in enumerate(plain.consignments)
        for line in plain.lines
        if line.position in each.lines and line.quantity > 1 and line.wrapping is None
    ]
    if not divisible:
        return
    index, line = data.draw(st.sampled_from(divisible))
    units = data.draw(st.integers(1, line.quantity - 1))
    checkout, facts = checkout_of(plain)
    whole = priced(checkout, facts)

    parted = priced(_parted(checkout, str(line.position), str(index), units), facts)

    rates = len(plain.zones[plain.consignments[index].zone].rates)
    most = 2 * (rates + 1)  # two parts instead of one, each rounded for each rate, and once without tax
    assert parted.totals.base_amount == whole.totals.base_amount
    assert parted.totals.shipping.ex_tax == whole.totals.shipping.ex_tax
    assert abs(parted.totals.grand_total.minor - whole.totals.grand_total.minor) <= most
    if not rates and not plain.entered_with_tax:
        assert parted.totals.grand_total == whole.totals.grand_total


def _parted(checkout: Checkout, line_id: str, consignment_id: str, units: int) -> Checkout:
    line = checkout.line(line_id)
    first, second = line.divided(units, "part")
    consignment = checkout.consignment(consignment_id)
    picked_up = consignment.selected if isinstance(consignment.selected, PickupChoice) else None
    beside = replace(consignment, id="beside", line_item_ids=("part",), selected=picked_up)
    return replace(
        checkout,
        lines=(*(first if each.id == line_id else each for each in checkout.lines), second),
        consignments=(*checkout.consignments, beside),
    )


@MANY
@given(minor=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_what_is_spread_adds_up_and_no_part_is_a_unit_off(minor: int, weights: list[int]) -> None:
    parts = [part.minor for part in allocate(Money(minor, "USD"), weights)]

    assert sum(parts) == minor
    if whole := sum(weights):
        assert all(abs(part * whole - minor * weight) < whole for part, weight in zip(parts, weights, strict=True))


def test_a_checkout_in_each_mode_and_currency_is_among_them() -> None:
    drawn = [scenario(Random(seed)) for seed in range(500)]
    shown_inclusive = [each.zones[each.display_zone].show_inclusive for each in drawn]
    modes = set(
        zip([each.entered_with_tax for each in drawn], shown_inclusive, [each.places for each in drawn], strict=True)
    )

    assert len(modes) == 12
    assert any(line.kind is Kind.GIFT_CERTIFICATE for each in drawn for line in each.lines)
