"""Consignments: rules C1 to C17 and the decisions about them. Each test's name says which rule it holds."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import order
from checkstand.domain.address import Address, CustomField
from checkstand.domain.checkout import Checkout, LineItem, PickupChoice
from checkstand.domain.commands import (
    AssignCustomer,
    ChangeLine,
    CreateConsignments,
    RemoveConsignment,
    RemoveLine,
    SetBillingAddress,
    UpdateConsignment,
)
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, CustomShipping, Units
from checkstand.domain.facts import Customer, Facts, Limits
from checkstand.domain.methods import ByWeight, Range
from checkstand.errors import Incomplete, Invalid, NotFound, OptionNotOffered, QuantityNotAvailable
from tests.builders import (
    a_checkout,
    a_consignment,
    a_line,
    a_location,
    a_moment,
    a_pickup_method,
    a_store,
    a_zone,
    an_address,
    billed,
    facts,
    flat_rate,
    in_new_york,
    usd,
)
from tests.domain.engine import after, chosen, content, offers, priced, quantities, run, settled

GIFT = a_line("gift", kind="gift_certificate", product_id=0, variant_id=0)
SONG = a_line("song", kind="digital", product_id=8, variant_id=8)


def draft(*units: tuple[str, int], address: Address | None = None, **rest: Any) -> ConsignmentDraft:
    entries = tuple(Units(line_id, quantity) for line_id, quantity in units)
    return replace(ConsignmentDraft(units=entries, address=address or an_address()), **rest)


def create(before: Checkout, *drafts: ConsignmentDraft, known: Facts | None = None, seed: str = "new") -> Checkout:
    return after(CreateConsignments(drafts=drafts), before, known, a_moment(seed))


def update(before: Checkout, consignment_id: str, known: Facts | None = None, **change: Any) -> Checkout:
    entries = replace(ConsignmentChange(), **change)
    return after(UpdateConsignment(consignment_id=consignment_id, change=entries), before, known, a_moment("change"))


def units(**entries: int) -> tuple[Units, ...]:
    return tuple(Units(line_id, quantity) for line_id, quantity in entries.items())


def option(checkout: Checkout, consignment_id: str, description: str, known: Facts | None = None) -> str:
    """The id of an offered option."""
    offered = settled(checkout, known).options[consignment_id]
    return next(entry.id for entry in offered if entry.description == description)


def shipped(checkout: Checkout, *consignment_ids: str, known: Facts | None = None) -> Checkout:
    """With the flat rate chosen for these consignments."""
    for consignment_id in consignment_ids:
        checkout = update(
            checkout, consignment_id, known, shipping_option_id=option(checkout, consignment_id, "Flat Rate", known)
        )
    return checkout


def two_places() -> Checkout:
    """x of two units in consignment a, y of three in b, z of one in none; both with the flat rate."""
    lines = (a_line("x", 2), a_line("y", 3, product_id=2, variant_id=2), a_line("z", 1, product_id=3, variant_id=3))
    places = (a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york()))
    return shipped(a_checkout(*lines, consignments=places), "a", "b")


def selections(checkout: Checkout) -> dict[str, str | None]:
    return {entry.id: chosen(entry).description if entry.selected else None for entry in checkout.consignments}


def refusal(action: Callable[[], object]) -> Invalid:
    with pytest.raises(Invalid) as refused:
        action()
    return refused.value


# ---------------------------------------------------------------------------------------------------- C1 to C5: kinds


@pytest.mark.parametrize(
    "how",
    [
        {"shipping_option_id": "any"},
        {"custom_shipping": CustomShipping(Decimal(5), "Van")},
        {"pickup_method_id": 1},
    ],
)
def test_c1_an_address_together_with_an_option_is_refused(how: dict[str, Any]) -> None:
    before = two_places()

    refused = refusal(lambda: update(before, "a", address=in_new_york(), **how))

    assert refused.fields == {
        "address": "cannot be changed together with an option: the option may not exist for it; send two requests"
    }


def test_c1_an_address_and_lines_may_be_changed_together() -> None:
    before = two_places()

    now = update(before, "a", address=in_new_york(), units=units(x=2, z=1))

    assert now.consignments[0].address.city == "New York"
    assert content(now.consignments[0], now) == {"x": 2, "z": 1}


def test_c1_lines_beside_an_option_are_accepted_when_they_are_what_the_consignment_holds() -> None:
    before = two_places()
    per_item = option(before, "a", "Per Item")

    now = update(before, "a", units=units(x=2), shipping_option_id=per_item)
    also_in_two_entries = update(before, "a", units=(Units("x", 1), Units("x", 1)), shipping_option_id=per_item)

    assert selections(now) == selections(also_in_two_entries) == {"a": "Per Item", "b": "Flat Rate"}


@pytest.mark.parametrize("named", [units(x=1), units(x=3), units(x=2, z=1), units(z=1), units(nothing=1), ()])
def test_c1_other_lines_beside_an_option_are_refused(named: tuple[Units, ...]) -> None:
    before = two_places()
    per_item = option(before, "a", "Per Item")

    refused = refusal(lambda: update(before, "a", units=named, shipping_option_id=per_item))

    assert (list(refused.fields), refused.reason) == (["line_items"], "mixed_update")


def test_c1_a_shipping_option_and_custom_shipping_contradict_each_other() -> None:
    before = two_places()

    refused = refusal(
        lambda: update(before, "a", shipping_option_id="any", custom_shipping=CustomShipping(Decimal(5), "Van"))
    )

    assert list(refused.fields) == ["custom_shipping"]


def test_c2_a_change_of_nothing_is_refused() -> None:
    assert list(refusal(lambda: update(two_places(), "a")).fields) == ["address"]


def test_c2_an_empty_list_of_lines_is_refused_since_removing_is_a_request_of_its_own() -> None:
    assert list(refusal(lambda: update(two_places(), "a", units=())).fields) == ["line_items"]


@pytest.mark.parametrize(
    "shipping", [{"shipping_option_id": "any"}, {"custom_shipping": CustomShipping(Decimal(5), "")}]
)
def test_c3_a_shipping_option_and_a_pick_up_option_in_one_change_are_refused(shipping: dict[str, Any]) -> None:
    before = two_places()

    assert list(refusal(lambda: update(before, "a", pickup_method_id=1, **shipping)).fields) == ["pickup_option"]


def test_c4_choosing_to_pick_up_drops_the_shipping_option() -> None:
    now = update(two_places(), "a", pickup_method_id=1)

    assert now.consignments[0].selected == PickupChoice(1)
    assert priced(now).consignments["a"].shipping_before_discount == usd("0")


def test_c4_choosing_a_shipping_option_drops_the_pick_up_option() -> None:
    picked_up = update(two_places(), "a", pickup_method_id=1)

    now = shipped(picked_up, "a")

    assert selections(now) == {"a": "Flat Rate", "b": "Flat Rate"}


def test_c5_a_new_consignment_cannot_be_shipped_and_picked_up() -> None:
    refused = refusal(
        lambda: create(a_checkout(), draft(("x", 2), pickup_method_id=1, shipping_option_id="any")),
    )

    assert list(refused.fields) == ["0.pickup_option"]


# ---------------------------------------------------------------------------------------------------- C6, C7: choices


def test_c6_a_changed_set_of_lines_keeps_the_id_and_clears_the_selection() -> None:
    answer = run(
        UpdateConsignment(consignment_id="a", change=ConsignmentChange(units=units(x=2, z=1))),
        two_places(),
    )

    assert selections(answer.checkout) == {"a": None, "b": "Flat Rate"}
    assert answer.consignments["a"].shipping.ex_tax == usd("0")
    assert answer.consignments["b"].shipping.ex_tax == usd("8.00")


def test_c6_a_changed_quantity_clears_the_selection() -> None:
    assert selections(update(two_places(), "a", units=units(x=1))) == {"a": None, "b": "Flat Rate"}


def test_c6_losing_units_to_another_consignment_clears_the_selection_too() -> None:
    now = update(two_places(), "a", units=units(x=2, y=1))

    assert selections(now) == {"a": None, "b": None}


def test_c6_losing_units_to_a_new_consignment_clears_the_selection_too() -> None:
    now = create(two_places(), draft(("y", 1)))

    assert selections(now) == {"a": "Flat Rate", "b": None, now.consignments[2].id: None}


def test_c6_the_same_lines_named_again_keep_the_selection() -> None:
    before = two_places()

    now = update(before, "a", units=units(x=2), address=before.consignments[0].address)

    assert now.consignments == before.consignments


def test_c6_the_same_lines_with_another_address_keep_an_option_that_is_still_offered() -> None:
    before = two_places()

    now = update(before, "a", address=in_new_york())

    assert chosen(now.consignments[0]) == chosen(before.consignments[0])


def test_c6_an_option_is_kept_at_what_it_costs_now() -> None:
    by_weight = ByWeight(
        id=1,
        name="By weight",
        ranges=(Range(Decimal(0), Decimal(3), usd("6.00")), Range(Decimal(3), Decimal(9), usd("12.00"))),
    )
    known = facts(a_store(a_zone(by_weight)))
    bare = a_checkout(a_line("x", 2), consignments=(a_consignment(),))
    before = update(bare, "a", known, shipping_option_id=option(bare, "a", "By weight", known))
    assert chosen(before.consignments[0]).cost == usd("6.00")

    now = after(ChangeLine(line_id="x", quantity=5), before, known)

    assert chosen(now.consignments[0]).cost == usd("12.00")


def test_c6_another_address_clears_an_option_that_is_not_offered_there() -> None:
    known = facts(a_store(a_zone(zone_id=1), a_zone(flat_rate(9), zone_id=2, state="NY")))
    before = shipped(a_checkout(consignments=(a_consignment(),)), "a", known=known)

    now = update(before, "a", known, address=in_new_york())

    assert now.consignments[0].selected is None


def test_c6_a_pick_up_option_stays_as_long_as_its_location_can_give_the_units() -> None:
    known = facts(stock={1: {0: 5, 1: 3}})
    before = update(a_checkout(a_line("x", 2), consignments=(a_consignment(),)), "a", known, pickup_method_id=1)

    enough = after(ChangeLine(line_id="x", quantity=3), before, known)
    too_many = after(ChangeLine(line_id="x", quantity=4), before, known)

    assert enough.consignments[0].selected == PickupChoice(1)
    assert too_many.consignments[0].selected is None


def test_c6_a_pick_up_option_outlives_another_address_and_another_set_of_lines() -> None:
    before = update(two_places(), "a", pickup_method_id=1)

    assert update(before, "a", address=in_new_york()).consignments[0].selected == PickupChoice(1)
    assert update(before, "a", units=units(x=1, z=1)).consignments[0].selected == PickupChoice(1)


def test_c6_a_consignment_whose_lines_and_address_did_not_change_is_not_touched() -> None:
    before = two_places()
    untouched = before.consignments[1]

    changes = [
        update(before, "a", address=in_new_york()),
        update(before, "a", units=units(x=1)),
        update(before, "a", units=units(z=1)),
        update(before, "a", pickup_method_id=1),
        create(before, draft(("z", 1))),
        create(before, draft(("x", 1))),
        after(RemoveConsignment(consignment_id="a"), before),
        after(ChangeLine(line_id="x", quantity=9), before),
        after(RemoveLine(line_id="x"), before),
    ]

    assert all(untouched in now.consignments for now in changes)


def test_c7_another_billing_address_changes_no_selection() -> None:
    before = two_places()

    now = after(SetBillingAddress(address=in_new_york()), before)

    assert now.consignments == before.consignments


def test_c8_an_option_that_is_not_offered_is_refused() -> None:
    before = two_places()

    for unknown in ("9241669174884c2f2e83b3adabf03f83", ""):
        with pytest.raises(OptionNotOffered) as refused:
            update(before, "a", shipping_option_id=unknown)
        assert refused.value.details == {"field": "shipping_option_id"}


def test_c8_an_option_of_another_zone_is_not_one_of_the_consignments_own() -> None:
    known = facts(a_store(a_zone(flat_rate(1), zone_id=1), a_zone(flat_rate(9), zone_id=2, state="NY")))
    before = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )

    with pytest.raises(OptionNotOffered):
        update(before, "a", known, shipping_option_id=option(before, "b", "Flat Rate", known))


def test_c8_the_id_alone_chooses_an_offered_option() -> None:
    before = a_checkout(consignments=(a_consignment(),))

    now = update(before, "a", shipping_option_id=option(before, "a", "Per Item"))

    assert (chosen(now.consignments[0]).description, chosen(now.consignments[0]).cost) == ("Per Item", usd("5.00"))


def test_c9_an_order_needs_a_choice_for_every_consignment() -> None:
    unchosen = billed(a_checkout(consignments=(a_consignment(),)))

    assert order.requirements(unchosen) == [
        ("missing_shipping_method", "Consignment a has no shipping option and no pick-up option.")
    ]
    assert order.requirements(shipped(unchosen, "a")) == []


def test_c9_a_pick_up_option_is_a_choice() -> None:
    ready = billed(a_checkout(consignments=(a_consignment(),)))

    assert order.requirements(update(ready, "a", pickup_method_id=1)) == []


# ---------------------------------------------------------------------------------------------------- C10, C11: splitting


def test_c10_fewer_units_than_the_line_holds_split_it_and_the_new_part_goes_to_the_consignment() -> None:
    now = create(a_checkout(a_line("x", 2)), draft(("x", 1)))

    rest, part = now.lines
    assert (rest.id, rest.quantity) == ("x", 1)
    assert part == replace(rest, id=part.id)
    assert part.id != "x"
    assert now.consignments[0].line_item_ids == (part.id,)


def test_c10_units_that_meet_again_in_one_consignment_are_one_line_under_the_first_id() -> None:
    split = create(a_checkout(a_line("x", 2)), draft(("x", 1)))
    (created,) = split.consignments
    part = created.line_item_ids[0]

    now = update(split, created.id, units=(Units("x", 1), Units(part, 1)))

    assert quantities(now) == {"x": 2}
    assert [(entry.id, entry.line_item_ids) for entry in now.consignments] == [(created.id, ("x",))]


def test_c10_units_taken_from_a_line_of_another_consignment_split_it_and_the_rest_keeps_its_id() -> None:
    now = update(two_places(), "a", units=units(x=2, y=1))

    part = now.lines[3]
    assert (part.product_id, part.quantity) == (2, 1)
    assert content(now.consignments[0], now) == {"x": 2, part.id: 1}
    assert content(now.consignments[1], now) == {"y": 2}


def test_c10_a_whole_line_moves_under_its_own_id() -> None:
    now = create(two_places(), draft(("z", 1)))

    assert quantities(now) == {"x": 2, "y": 3, "z": 1}
    assert now.consignments[2].line_item_ids == ("z",)


def test_c10_removing_a_consignment_brings_its_units_back_together_with_those_that_none_holds() -> None:
    split = create(a_checkout(a_line("x", 3)), draft(("x", 1)))

    now = after(RemoveConsignment(consignment_id=split.consignments[0].id), split)

    assert quantities(now) == {"x": 3}
    assert now.consignments == ()


def test_c11_one_request_divides_the_units_of_a_line_among_new_consignments_of_one_address() -> None:
    now = create(a_checkout(a_line("x", 3)), draft(("x", 1)), draft(("x", 1)))

    assert [line.quantity for line in now.lines] == [1, 1, 1]
    first, second = now.consignments
    assert first.address == second.address == an_address()
    assert (first.line_item_ids, second.line_item_ids) == ((now.lines[1].id,), (now.lines[2].id,))


def test_d57_of_a_line_divided_completely_the_last_part_keeps_the_id() -> None:
    now = create(a_checkout(a_line("x", 3)), draft(("x", 1)), draft(("x", 1)), draft(("x", 1)))

    parts = [entry.line_item_ids for entry in now.consignments]
    assert [line.quantity for line in now.lines] == [1, 1, 1]
    assert parts[2] == ("x",)
    assert len({*parts}) == 3


def test_d57_a_lowered_quantity_keeps_the_id_in_the_consignment_and_frees_a_new_line() -> None:
    now = update(two_places(), "b", units=units(y=1))

    freed = now.lines[3]
    assert content(now.consignments[1], now) == {"y": 1}
    assert (freed.product_id, freed.quantity) == (2, 2)
    assert all(freed.id not in entry.line_item_ids for entry in now.consignments)


def test_d76_a_new_part_stands_at_the_end_of_the_cart() -> None:
    before = a_checkout(a_line("x", 2), a_line("y", product_id=2))

    now = create(before, draft(("x", 1)))

    assert [line.id for line in now.lines[:2]] == ["x", "y"]
    assert now.lines[2].product_id == now.lines[0].product_id


# ---------------------------------------------------------------------------------------------------- C12 to C17


def test_c12_lines_that_no_consignment_holds_block_the_order_and_nothing_else() -> None:
    answer = priced(billed(two_places()))

    assert answer.totals.subtotal.ex_tax == usd("60.00")
    assert order.requirements(answer.checkout) == [("missing_shipping_method", "Line items without a consignment: z.")]
    with pytest.raises(Incomplete):
        order.check(answer.checkout, facts())


def test_c13_d15_removing_the_last_consignment_detaches_the_customer_and_keeps_the_items() -> None:
    before = a_checkout(customer_id=11, consignments=(a_consignment(),))

    now = after(RemoveConsignment(consignment_id="a", detach_customer=True), before)

    assert (now.customer_id, quantities(now), now.consignments) == (0, {"x": 2}, ())


def test_c13_the_customer_stays_with_a_consignment_that_is_left_and_on_the_storefront() -> None:
    before = replace(two_places(), customer_id=11)
    single = a_checkout(customer_id=11, consignments=(a_consignment(),))

    assert after(RemoveConsignment(consignment_id="a", detach_customer=True), before).customer_id == 11
    assert after(RemoveConsignment(consignment_id="a"), single).customer_id == 11


def lines(count: int) -> tuple[LineItem, ...]:
    return tuple(a_line(f"l{number}", product_id=number, variant_id=number) for number in range(1, count + 1))


@pytest.mark.parametrize(("customer_id", "most"), [(0, 50), (11, 600)])
def test_c14_d16_a_consignment_holds_50_lines_for_a_guest_and_600_for_a_customer(customer_id: int, most: int) -> None:
    before = a_checkout(*lines(most + 1), customer_id=customer_id)
    named = [(line.id, 1) for line in before.lines]

    assert len(create(before, draft(*named[:most])).consignments[0].line_item_ids) == most
    with pytest.raises(QuantityNotAvailable) as refused:
        create(before, draft(*named))

    assert refused.value.reason == "line_item_limit_exceeded"


def test_c14_d16_the_limit_is_a_setting_and_holds_for_changes_too() -> None:
    known = facts(a_store(limits=Limits(line_items_per_consignment_guest=2)))
    before = a_checkout(*lines(3), consignments=(a_consignment("a", ("l1",)),))

    assert len(update(before, "a", known, units=units(l1=1, l2=1)).consignments[0].line_item_ids) == 2
    with pytest.raises(QuantityNotAvailable):
        update(before, "a", known, units=units(l1=1, l2=1, l3=1))


def test_c14_what_is_beyond_a_limit_already_may_shrink_and_blocks_nothing_else() -> None:
    known = facts(a_store(limits=Limits(line_items_per_consignment_guest=1, consignments=1)))
    before = a_checkout(*lines(4), consignments=(a_consignment("a", ("l1", "l2", "l3")), a_consignment("b", ("l4",))))

    smaller = update(before, "a", known, units=units(l1=1, l2=1))

    assert smaller.consignments[0].line_item_ids == ("l1", "l2")
    with pytest.raises(QuantityNotAvailable):
        update(smaller, "b", known, units=units(l4=1, l3=1))


def test_c15_d17_a_checkout_has_250_consignments_at_most() -> None:
    before = a_checkout(*lines(251))
    drafts = [draft((line.id, 1)) for line in before.lines]

    assert len(create(before, *drafts[:250]).consignments) == 250
    with pytest.raises(QuantityNotAvailable) as refused:
        create(before, *drafts)

    assert refused.value.reason == "consignment_limit_exceeded"


def test_c15_consignments_that_run_empty_by_the_same_request_do_not_count() -> None:
    known = facts(a_store(limits=Limits(consignments=1)))
    before = a_checkout(consignments=(a_consignment(),))

    assert len(create(before, draft(("x", 2)), known=known).consignments) == 1


def test_c16_a_cart_nobody_looked_at_as_a_checkout_can_be_consigned() -> None:
    untouched = replace(a_checkout(), email="", version=1)

    now = create(untouched, draft(("x", 2)))

    assert (now.id, now.version, now.consignments[0].line_item_ids) == ("cart", 2, ("x",))


def test_c17_d18_custom_shipping_is_an_option_of_its_own_price_and_description() -> None:
    before = two_places()

    answer = run(
        UpdateConsignment(
            consignment_id="a", change=ConsignmentChange(custom_shipping=CustomShipping(Decimal("12.34"), "By van"))
        ),
        before,
    )

    selected = chosen(answer.checkout.consignments[0])
    assert (selected.type, selected.description, selected.cost) == ("shipping_custom", "By van", usd("12.34"))
    assert len(selected.id) == 32
    assert answer.totals.shipping.ex_tax == usd("20.34")
    assert selected.id not in [entry.id for entry in answer.settled.options["a"]]


def test_c17_d18_custom_shipping_may_be_free() -> None:
    now = update(two_places(), "a", custom_shipping=CustomShipping(Decimal(0), "On the house"))

    assert chosen(now.consignments[0]).cost == usd("0")


@pytest.mark.parametrize("price", ["-0.01", "1.005", "NaN", "Infinity"])
def test_c17_d18_d59_a_price_that_cannot_be_is_refused(price: str) -> None:
    refused = refusal(lambda: update(two_places(), "a", custom_shipping=CustomShipping(Decimal(price), "Van")))

    assert list(refused.fields) == ["custom_shipping.price"]


@pytest.mark.parametrize(
    "change",
    [{"units": units(x=1)}, {"units": units(x=2, z=1)}, {"address": in_new_york()}],
)
def test_c17_d18_custom_shipping_is_cleared_with_the_lines_or_the_address_it_was_made_for(
    change: dict[str, Any],
) -> None:
    custom = update(two_places(), "a", custom_shipping=CustomShipping(Decimal(5), "Van"))

    assert update(custom, "a", **change).consignments[0].selected is None


def test_c17_d18_custom_shipping_is_cleared_by_edits_of_its_goods_in_the_cart() -> None:
    both = update(two_places(), "a", units=units(x=2, z=1))
    custom = update(both, "a", custom_shipping=CustomShipping(Decimal(5), "Van"))

    assert after(ChangeLine(line_id="x", quantity=100), custom).consignments[0].selected is None
    assert after(RemoveLine(line_id="z"), custom).consignments[0].selected is None


def test_c17_custom_shipping_stays_when_something_else_changes() -> None:
    custom = update(two_places(), "a", custom_shipping=CustomShipping(Decimal(5), "Van"))
    untouched = custom.consignments[0]

    assert update(custom, "a", units=units(x=2)).consignments[0] == untouched
    assert update(custom, "a", address=an_address()).consignments[0] == untouched
    assert update(custom, "b", units=units(y=1)).consignments[0] == untouched
    assert after(ChangeLine(line_id="y", quantity=9), custom).consignments[0] == untouched
    assert after(RemoveLine(line_id="z"), custom).consignments[0] == untouched


# ---------------------------------------------------------------------------------------------------- D19: appending, moving


def test_d19_new_consignments_are_appended() -> None:
    now = create(two_places(), draft(("z", 1)))

    assert [entry.id for entry in now.consignments[:2]] == ["a", "b"]
    assert len(now.consignments) == 3


def test_d19_named_units_are_taken_from_the_consignments_that_held_them() -> None:
    now = create(two_places(), draft(("x", 1), ("y", 1)))

    assert content(now.consignments[0], now) == {"x": 1}
    assert content(now.consignments[1], now) == {"y": 2}
    assert list(content(now.consignments[2], now).values()) == [1, 1]


def test_d19_a_consignment_left_empty_disappears() -> None:
    now = create(two_places(), draft(("x", 2)))

    assert [entry.line_item_ids for entry in now.consignments] == [("y",), ("x",)]
    assert now.consignments[0].id == "b"


def test_d19_all_lines_brought_to_one_consignment_leave_no_other() -> None:
    now = update(two_places(), "a", units=units(x=2, y=3, z=1))

    assert [(entry.id, entry.line_item_ids) for entry in now.consignments] == [("a", ("x", "y", "z"))]


def test_lines_a_change_does_not_name_become_unassigned() -> None:
    now = update(two_places(), "a", units=units(z=1))

    assert now.consignments[0].line_item_ids == ("z",)
    assert quantities(now) == {"x": 2, "y": 3, "z": 1}


@pytest.mark.parametrize(
    ("named", "field", "code"),
    [
        (("nothing", 1), "0.line_items.0.item_id", "unknown_line_item"),
        (("song", 1), "0.line_items.0.item_id", "not_shippable"),
        (("gift", 1), "0.line_items.0.item_id", "not_shippable"),
        (("x", 0), "0.line_items.0.quantity", "invalid"),
        (("x", -2), "0.line_items.0.quantity", "invalid"),
    ],
)
def test_d19_what_cannot_be_consigned_is_refused_and_the_field_named(
    named: tuple[str, int], field: str, code: str
) -> None:
    refused = refusal(lambda: create(a_checkout(a_line("x", 2), SONG, GIFT), draft(named)))

    assert (list(refused.fields), refused.reason) == ([field], code)


def test_d19_d56_more_units_than_the_line_has_are_refused() -> None:
    before = two_places()

    for drafts in ([draft(("x", 3))], [draft(("x", 1)), draft(("x", 2))], [draft(("x", 1), ("x", 2))]):
        with pytest.raises(QuantityNotAvailable):
            create(before, *drafts)
    for named in (units(x=3), (Units("x", 2), Units("x", 1))):
        with pytest.raises(QuantityNotAvailable):
            update(before, "a", units=named)


def test_d19_one_wrong_consignment_refuses_all_of_them() -> None:
    before = two_places()

    refused = refusal(lambda: create(before, draft(("z", 1)), draft(("nothing", 1))))

    assert list(refused.fields) == ["1.line_items.0.item_id"]
    assert before == two_places()


def test_d56_the_storefront_adds_up_entries_of_one_line_and_cuts_them_down_to_what_the_cart_has() -> None:
    before = two_places()

    now = update(before, "a", units=(Units("x", 2), Units("z", 1), Units("x", 2), Units("z", 5)), clamp_units=True)

    assert content(now.consignments[0], now) == {"x": 2, "z": 1}
    assert quantities(now) == {"x": 2, "y": 3, "z": 1}


def test_d19_a_custom_item_can_be_consigned() -> None:
    now = create(a_checkout(a_line("x", 2, kind="custom")), draft(("x", 1)))

    assert [line.quantity for line in now.lines] == [1, 1]


def test_d19_a_changed_quantity_in_the_cart_keeps_the_selection() -> None:
    assert selections(after(ChangeLine(line_id="x", quantity=5), two_places())) == {"a": "Flat Rate", "b": "Flat Rate"}


def test_d19_an_option_named_with_a_new_consignment_is_chosen_when_it_is_offered_to_it() -> None:
    flat = option(two_places(), "a", "Flat Rate")

    now = create(a_checkout(), draft(("x", 2), shipping_option_id=flat))

    assert chosen(now.consignments[0]).description == "Flat Rate"
    with pytest.raises(OptionNotOffered):
        create(a_checkout(), draft(("x", 2), shipping_option_id="unknown"))


def test_d19_choosing_to_pick_up_keeps_the_address() -> None:
    now = update(two_places(), "b", pickup_method_id=1)

    assert now.consignments[1].address == in_new_york()


def test_a_consignment_to_pick_up_needs_no_address() -> None:
    picked_up = ConsignmentDraft(units=units(x=2), pickup_method_id=1)

    now = create(a_checkout(), picked_up)

    assert (now.consignments[0].selected, now.consignments[0].address) == (PickupChoice(1), Address())
    assert order.requirements(billed(now)) == []


def test_a_consignment_to_ship_needs_an_address_and_any_needs_a_line() -> None:
    nowhere = ConsignmentDraft(units=units(x=2))

    assert list(refusal(lambda: create(a_checkout(), nowhere)).fields) == ["0.address"]
    assert list(refusal(lambda: create(a_checkout(), draft())).fields) == ["0.line_items"]
    assert refusal(lambda: create(a_checkout())).fields == {"0": "is missing"}


def test_a_pick_up_method_that_is_unknown_or_lacks_the_units_is_refused() -> None:
    known = facts(
        a_store(pickup_methods=(a_pickup_method(1), a_pickup_method(2, enabled=False)), locations=(a_location(),)),
        stock={1: {1: 1}},
    )
    before = a_checkout(a_line("x", 2), consignments=(a_consignment(),))

    for method_id in (1, 2, 404, 0):
        with pytest.raises(OptionNotOffered) as refused:
            update(before, "a", known, pickup_method_id=method_id)
        assert refused.value.details == {"field": "pickup_option.pickup_method_id"}


def test_a_consignment_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        update(two_places(), "nothing", address=an_address())
    with pytest.raises(NotFound):
        after(RemoveConsignment(consignment_id="nothing"), two_places())


def test_another_customer_takes_the_choices_away_and_leaves_the_consignments() -> None:
    known = facts(customer=Customer(id=11, email="jane@example.com"))

    now = after(AssignCustomer(customer_id=11), two_places(), known)

    assert [(entry.id, entry.line_item_ids, entry.selected) for entry in now.consignments] == [
        ("a", ("x",), None),
        ("b", ("y",), None),
    ]


# ---------------------------------------------------------------------------------------------------- addresses


def test_an_address_is_kept_word_for_word_but_for_the_country_and_what_was_left_out_of_the_state() -> None:
    sent = an_address(
        first_name="  jane ",
        country="Nowhere",
        state_or_province="",
        state_or_province_code="TX",
        phone="+5185158x1{1-5}",
        custom_fields=(CustomField("field_25", "Great!"),),
    )

    now = create(a_checkout(), draft(("x", 2), address=sent))

    assert now.consignments[0].address == replace(sent, country="United States", state_or_province="Texas")


def test_d12_a_country_is_enough_of_an_address_to_be_quoted() -> None:
    now = create(a_checkout(), draft(("x", 2), address=Address(country_code="US")))

    assert offers(settled(now), now.consignments[0].id) == [("Per Item", usd("5.00")), ("Flat Rate", usd("8.00"))]


def test_the_first_published_example_makes_two_consignments_of_one_line() -> None:
    """The guide's POST: two addresses in Austin, one unit each of one line of two."""
    jane = an_address(first_name="BigCommerce", last_name="Cart/Checkout", phone="688546", email="jane2@example.com")
    testing = an_address(first_name="Testing", address1="111 Main Street", address2="#1324", phone="+5185158x1{1-5}")

    now = create(a_checkout(a_line("x", 2)), draft(("x", 1), address=jane), draft(("x", 1), address=testing))

    first, second = now.consignments
    assert (first.address, second.address) == (jane, testing)
    assert [line.quantity for line in now.lines] == [1, 1]
    assert second.line_item_ids == ("x",)
