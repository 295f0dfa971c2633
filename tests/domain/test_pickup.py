"""Pick-up in the domain (BEHAVIOUR 5, D20, D37, D66): what is offered, what becomes of a choice, and what it costs."""

import pytest
from msgspec.structs import replace

from checkstand.domain import consignment, stock
from checkstand.domain.address import Address
from checkstand.domain.checkout import Checkout, PickupChoice, ShippingOption
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, Units
from checkstand.domain.facts import Facts, Store
from checkstand.domain.fulfillment import (
    PickupOption,
    SearchArea,
    Settled,
    consignment_pickup_options,
    pickup_options,
    settle,
)
from checkstand.domain.geodesy import KM_PER_MILE
from checkstand.domain.order import requirements
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import Priced, price
from checkstand.domain.pricing.taxes import destination
from checkstand.errors import Invalid, OptionNotOffered
from tests.builders import (
    a_checkout,
    a_consignment,
    a_line,
    a_location,
    a_moment,
    a_pickup_method,
    a_store,
    a_tax_zone,
    billed,
    facts,
    in_new_york,
    usd,
)

ONE_DEGREE_KM = 111.195
"""How far apart two places are that differ by one degree of latitude."""


def shops_at(*latitudes: float) -> Store:
    """Locations 1, 2, 3, ... on one meridian, each with a pick-up method of its number."""
    numbered = list(enumerate(latitudes, 1))
    return a_store(
        locations=tuple(a_location(number, latitude=latitude, longitude=0.0) for number, latitude in numbered),
        pickup_methods=tuple(a_pickup_method(number, number) for number, _ in numbered),
    )


def two_shops() -> Store:
    return a_store(
        locations=(a_location(1), a_location(2, address=in_new_york(first_name="Store", last_name="2"))),
        pickup_methods=(a_pickup_method(1, 1), a_pickup_method(2, 2)),
    )


def methods(options: list[PickupOption]) -> list[int]:
    return [option.method.id for option in options]


def settled(checkout: Checkout, known: Facts) -> Settled:
    return settle(checkout, price_goods(checkout, known), known)


def priced(checkout: Checkout, known: Facts) -> Priced:
    return price(settled(checkout, known), known)


def picked_up(method_id: int = 1, **overrides: object) -> Checkout:
    """Line x, two units, to be picked up by a method chosen earlier."""
    chosen = a_consignment("a", ("x",), address=Address(), selected=PickupChoice(method_id))
    return a_checkout(consignments=(chosen,), **overrides)


# ---------------------------------------------------------------------------------------------------- what is offered


def test_a_place_is_offered_when_it_has_all_units() -> None:
    known = facts(two_shops(), stock={1: {0: 50, 1: 3, 2: 2}})

    assert methods(pickup_options({1: 2}, known)) == [1, 2]
    assert methods(pickup_options({1: 3}, known)) == [1]
    assert methods(pickup_options({1: 4}, known)) == []


def test_a_place_must_have_every_one_of_the_items() -> None:
    known = facts(two_shops(), stock={1: {1: 5, 2: 5}, 7: {1: 0, 2: 1}})

    assert methods(pickup_options({1: 1, 7: 1}, known)) == [2]


def test_a_place_without_stock_of_its_own_gives_from_the_pool() -> None:
    known = facts(two_shops(), stock={1: {0: 4, 2: 0}})

    assert methods(pickup_options({1: 4}, known)) == [1]
    assert methods(pickup_options({1: 5}, known)) == []


def test_what_is_not_counted_can_be_picked_up_everywhere() -> None:
    assert methods(pickup_options({1: 1_000_000}, facts(two_shops()))) == [1, 2]


def test_a_disabled_location_or_method_hands_out_nothing() -> None:
    store = two_shops()
    closed = replace(store, locations=(replace(store.locations[0], enabled=False), store.locations[1]))
    withdrawn = replace(store, pickup_methods=(store.pickup_methods[0], a_pickup_method(2, 2, enabled=False)))

    assert methods(pickup_options({1: 1}, facts(closed))) == [2]
    assert methods(pickup_options({1: 1}, facts(withdrawn))) == [1]


def test_a_method_whose_location_is_gone_hands_out_nothing() -> None:
    store = replace(two_shops(), locations=(a_location(2),))

    assert methods(pickup_options({1: 1}, facts(store))) == [2]


def test_shoppers_are_not_shown_a_place_that_is_hidden_on_the_storefront() -> None:
    store = two_shops()
    hidden = replace(store, locations=(replace(store.locations[0], storefront_visibility=False), store.locations[1]))

    assert methods(pickup_options({1: 1}, facts(hidden))) == [1, 2]
    assert methods(pickup_options({1: 1}, facts(hidden), for_shopper=True)) == [2]


def test_without_an_area_at_most_ten_are_offered_by_id() -> None:
    known = facts(shops_at(*[float(12 - number) for number in range(12)]))

    assert methods(pickup_options({1: 1}, known)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_a_consignment_is_offered_the_places_that_have_its_own_lines() -> None:
    one = a_consignment("a", ("x",))
    other = a_consignment("b", ("y",))
    checkout = a_checkout(a_line("x", 2), a_line("y", 3, variant_id=7), consignments=(one, other))
    known = facts(two_shops(), stock={1: {1: 2, 2: 1}, 7: {1: 2, 2: 3}})

    assert methods(consignment_pickup_options(one, checkout, known)) == [1]
    assert methods(consignment_pickup_options(other, checkout, known)) == [2]


def test_two_lines_of_one_variant_are_wanted_together() -> None:
    both = a_consignment("a", ("x", "y"))
    checkout = a_checkout(a_line("x", 2), a_line("y", 2, price="5.00"), consignments=(both,))
    known = facts(two_shops(), stock={1: {1: 3, 2: 4}})

    assert methods(consignment_pickup_options(both, checkout, known)) == [2]


# ---------------------------------------------------------------------------------------------------- search


def test_a_search_finds_the_nearest_first() -> None:
    known = facts(shops_at(3, 1, -2))

    found = pickup_options({1: 1}, known, SearchArea(0, 0, 1000))

    assert methods(found) == [2, 3, 1]
    assert [round(option.distance_km or 0) for option in found] == [111, 222, 334]


def test_a_search_stops_at_its_radius() -> None:
    known = facts(shops_at(1, 2))

    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, ONE_DEGREE_KM - 0.1))) == []
    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, ONE_DEGREE_KM + 0.1))) == [1]


def test_a_radius_in_miles_reaches_farther() -> None:
    known = facts(shops_at(1))

    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, 100))) == []
    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, 100 * KM_PER_MILE))) == [1]


def test_a_search_finds_the_ten_nearest_of_many() -> None:
    known = facts(shops_at(*[float(12 - number) for number in range(12)]))

    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, 20_000))) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_places_at_one_distance_stand_by_id() -> None:
    known = facts(shops_at(1, -1))

    assert methods(pickup_options({1: 1}, known, SearchArea(0, 0, 200))) == [1, 2]


def test_a_search_leaves_out_a_place_without_coordinates() -> None:
    store = shops_at(1, 2)
    unknown = replace(store, locations=(replace(store.locations[0], latitude=None, longitude=None), store.locations[1]))

    assert methods(pickup_options({1: 1}, facts(unknown), SearchArea(0, 0, 1000))) == [2]


def test_a_place_on_the_equator_has_coordinates() -> None:
    assert methods(pickup_options({1: 1}, facts(shops_at(0)), SearchArea(0, 0, 1))) == [1]


# ---------------------------------------------------------------------------------------------------- choosing


def test_a_consignment_can_be_created_with_a_pickup_option_and_no_address() -> None:
    draft = ConsignmentDraft(units=(Units("x", 2),), pickup_method_id=1)

    after = consignment.create(a_checkout(), [draft], facts(), a_moment().ids())

    assert settled(after, facts()).checkout.consignments[0].selected == PickupChoice(1)


def test_an_option_is_chosen_for_a_consignment_that_was_to_be_shipped() -> None:
    before = a_checkout(consignments=(a_consignment("a", ("x",)),))

    after = consignment.update(before, "a", ConsignmentChange(pickup_method_id=1), facts(), a_moment().ids())

    assert settled(after, facts()).checkout.consignments[0].selected == PickupChoice(1)


@pytest.mark.parametrize("method_id", [0, 9])
def test_a_pickup_method_that_is_none_cannot_be_chosen(method_id: int) -> None:
    before = a_checkout(consignments=(a_consignment("a", ("x",)),))

    after = consignment.update(before, "a", ConsignmentChange(pickup_method_id=method_id), facts(), a_moment().ids())

    with pytest.raises(OptionNotOffered) as refusal:
        settled(after, facts())
    assert refusal.value.details == {"field": "pickup_option.pickup_method_id"}


def test_a_pickup_method_without_the_goods_cannot_be_chosen() -> None:
    known = facts(stock={1: {1: 1}})
    before = a_checkout(consignments=(a_consignment("a", ("x",)),))

    after = consignment.update(before, "a", ConsignmentChange(pickup_method_id=1), known, a_moment().ids())

    with pytest.raises(OptionNotOffered):
        settled(after, known)


def test_shipping_and_pickup_in_one_request_contradict_each_other() -> None:
    before = a_checkout(consignments=(a_consignment("a", ("x",)),))
    both = ConsignmentChange(pickup_method_id=1, shipping_option_id="any")

    with pytest.raises(Invalid):
        consignment.update(before, "a", both, facts(), a_moment().ids())


def test_choosing_one_means_drops_the_other() -> None:
    before = a_checkout(consignments=(a_consignment("a", ("x",), selected=PickupChoice(1)),))
    known = facts()
    option = settled(before, known).options["a"][0]

    shipped = settled(
        consignment.update(before, "a", ConsignmentChange(shipping_option_id=option.id), known, a_moment().ids()), known
    ).checkout
    again = settled(
        consignment.update(shipped, "a", ConsignmentChange(pickup_method_id=1), known, a_moment().ids()), known
    ).checkout

    assert shipped.consignments[0].selected == option
    assert again.consignments[0].selected == PickupChoice(1)


# ---------------------------------------------------------------------------------------------------- what becomes of a choice


def test_a_choice_is_kept_while_the_place_has_the_goods() -> None:
    assert settled(picked_up(), facts(stock={1: {1: 2}})).checkout.consignments[0].selected == PickupChoice(1)


def test_a_choice_is_dropped_when_the_place_runs_out() -> None:
    assert settled(picked_up(), facts(stock={1: {1: 1, 0: 100}})).checkout.consignments[0].selected is None


def test_a_choice_is_dropped_when_the_place_closes_or_its_method_goes() -> None:
    closed = a_store(locations=(a_location(1, enabled=False),))
    gone = a_store(pickup_methods=())

    assert settled(picked_up(), facts(closed)).checkout.consignments[0].selected is None
    assert settled(picked_up(), facts(gone)).checkout.consignments[0].selected is None


def test_a_choice_outlives_a_place_being_hidden_from_shoppers() -> None:
    hidden = a_store(locations=(a_location(1, storefront_visibility=False),))

    assert settled(picked_up(), facts(hidden)).checkout.consignments[0].selected == PickupChoice(1)


def test_more_units_keep_a_choice_if_the_place_has_them() -> None:
    before = a_checkout(
        a_line("x", 2),
        a_line("y", 1, variant_id=7),
        consignments=(a_consignment("a", ("x",), selected=PickupChoice(1)),),
    )
    more = ConsignmentChange(units=(Units("x", 2), Units("y", 1)))

    after = consignment.update(before, "a", more, facts(), a_moment().ids())

    assert settled(after, facts(stock={7: {1: 1}})).checkout.consignments[0].selected == PickupChoice(1)
    assert settled(after, facts(stock={7: {1: 0}})).checkout.consignments[0].selected is None


# ---------------------------------------------------------------------------------------------------- cost, tax, address


def test_picking_up_costs_nothing() -> None:
    answer = priced(picked_up(), facts())

    assert answer.totals.shipping.inc_tax == usd(0)
    assert answer.totals.grand_total == usd("20.00")


def test_what_is_picked_up_is_taxed_where_it_is_handed_out() -> None:
    store = replace(
        two_shops(), tax_zones=(a_tax_zone("8.25", "8.25", state="TX"), a_tax_zone("4", zone_id=2, state="NY"))
    )

    in_texas = priced(billed(picked_up(1), state_or_province_code="CA"), facts(store))
    in_new_york_state = priced(billed(picked_up(2), state_or_province_code="CA"), facts(store))

    assert in_texas.totals.tax == usd("1.65")  # 8.25 % of 20.00
    assert in_new_york_state.totals.tax == usd("0.80")  # 4 % of 20.00


def test_a_pickup_consignment_goes_to_the_address_of_the_location() -> None:
    store = two_shops()
    chosen = a_consignment("a", ("x",), address=Address(city="Nowhere"), selected=PickupChoice(2))

    assert destination(chosen, store) == store.locations[1].address


def test_a_consignment_whose_choice_was_dropped_goes_to_its_own_address_again() -> None:
    store = replace(two_shops(), locations=(a_location(1, enabled=False), a_location(2)))
    chosen = a_consignment("a", ("x",), selected=PickupChoice(1))

    after = settled(a_checkout(consignments=(chosen,)), facts(store)).checkout.consignments[0]

    assert destination(after, store) == chosen.address


# ---------------------------------------------------------------------------------------------------- mixed checkouts


def test_a_checkout_is_shipped_in_part_and_picked_up_in_part() -> None:
    before = a_checkout(
        a_line("x", 1, "10.00"),
        a_line("y", 1, "30.00", variant_id=7),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )
    store = replace(two_shops(), tax_zones=(a_tax_zone("10", "10", state="TX"), a_tax_zone("5", zone_id=2, state="NY")))
    known = facts(store)
    flat_rate = next(option for option in settled(before, known).options["b"] if option.description == "Flat Rate")

    after = consignment.update(before, "a", ConsignmentChange(pickup_method_id=1), known, a_moment().ids())
    after = consignment.update(after, "b", ConsignmentChange(shipping_option_id=flat_rate.id), known, a_moment().ids())
    answer = priced(after, known)

    assert [type(entry.selected) for entry in answer.checkout.consignments] == [PickupChoice, ShippingOption]
    assert answer.totals.shipping.ex_tax == usd("8.00")
    assert answer.totals.tax == usd("2.50")  # 10 % of 10.00 in Texas, 5 % of 30.00 in New York
    assert answer.totals.grand_total == usd("50.50")
    assert requirements(billed(answer.checkout)) == []


def test_a_line_is_split_between_two_places() -> None:
    drafts = [
        ConsignmentDraft(units=(Units("x", 1),), pickup_method_id=1),
        ConsignmentDraft(units=(Units("x", 1),), pickup_method_id=2),
    ]
    known = facts(two_shops(), stock={1: {0: 9, 1: 1, 2: 1}})

    after = settled(consignment.create(a_checkout(), drafts, known, a_moment().ids()), known).checkout

    assert [entry.selected for entry in after.consignments] == [PickupChoice(1), PickupChoice(2)]
    assert stock.taken(after, known) == {(1, 1): 1, (1, 2): 1}


def test_what_is_picked_up_is_taken_from_the_place_and_what_is_shipped_from_the_pool() -> None:
    checkout = a_checkout(
        a_line("x", 2),
        a_line("y", 3, price="9.00"),
        consignments=(a_consignment("a", ("x",), selected=PickupChoice(1)), a_consignment("b", ("y",))),
    )

    assert stock.taken(checkout, facts(stock={1: {0: 10, 1: 10}})) == {(1, 0): 3, (1, 1): 2}
    assert stock.taken(checkout, facts(stock={1: {0: 10}})) == {(1, 0): 5}


def test_an_order_that_is_picked_up_needs_no_shipping_address() -> None:
    assert requirements(billed(picked_up())) == []
