"""Fees of a checkout (BEHAVIOUR 3.7, D32, D71)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from checkstand.domain import fees
from checkstand.domain.checkout import Checkout
from checkstand.domain.fees import FeeChange, FeeDraft
from checkstand.errors import Invalid, NotFound, Refused
from tests.builders import a_checkout, a_line, a_moment, a_store, a_tax_zone, facts, usd
from tests.domain.engine import priced


def a_draft(cost: str = "7.12", name: str = "Insurance") -> FeeDraft:
    return FeeDraft(name=name, display_name=f"Parcel {name}", cost=Decimal(cost), source="app")


def with_fees(*costs: str) -> Checkout:
    return fees.add(a_checkout(a_line("x", 1, "10.00")), [a_draft(cost) for cost in costs], a_moment().ids())


def test_a_fee_is_part_of_the_grand_total_and_of_no_other_total() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("10", zone_id=1),)))

    totals = priced(with_fees("7.12"), known).totals

    assert totals.subtotal.ex_tax == totals.cart_amount.ex_tax == usd("10.00")
    assert totals.tax == usd("1.71")  # 1.00 and 0.71
    assert totals.grand_total == usd("18.83")


def test_a_checkout_has_at_most_five_fees() -> None:
    five = with_fees("1", "2", "3", "4", "5")

    assert len({fee.id for fee in five.fees}) == 5
    with pytest.raises(Refused) as refusal:
        fees.add(five, [a_draft()], a_moment().ids())
    assert refusal.value.reason == "too_many_fees"


@pytest.mark.parametrize("cost", ["-0.01", "0.001", "NaN"])
def test_d32_a_cost_below_nothing_or_of_parts_of_a_cent_is_refused(cost: str) -> None:
    with pytest.raises(Invalid) as refusal:
        with_fees("1.00", cost)
    assert list(refusal.value.fields) == ["fees.1.cost"]


def test_a_fee_is_replaced_as_a_whole_and_keeps_its_id_and_its_place() -> None:
    before = with_fees("1.00", "2.00")
    first, second = before.fees

    after = fees.update(
        before,
        [FeeChange(id=first.id, name="Box", display_name="Gift box", cost=Decimal(3), source="b", tax_class_id=5)],
    )

    assert after.fees == (
        replace(first, name="Box", display_name="Gift box", cost=usd("3.00"), source="b", tax_class_id=5),
        second,
    )


def test_fees_are_removed_by_their_ids() -> None:
    before = with_fees("1.00", "2.00")

    assert fees.remove(before, [before.fees[0].id]).fees == before.fees[1:]


def test_an_unknown_fee_changes_nothing() -> None:
    before = with_fees("1.00")

    with pytest.raises(NotFound):
        fees.remove(before, [before.fees[0].id, "unknown"])
    change = FeeChange(id="unknown", name="n", display_name="d", cost=Decimal(1), source="s")
    with pytest.raises(NotFound):
        fees.update(before, [change])
    twice = replace(change, id=before.fees[0].id)
    with pytest.raises(Invalid):
        fees.update(before, [twice, twice])
