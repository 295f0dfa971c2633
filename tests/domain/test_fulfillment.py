"""Offers and choices: zones (D41), ranges (D42), handling (D43), thresholds (D44, D62), pick-up (D37)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.address import Address
from checkstand.domain.checkout import Checkout, ShippingOption
from checkstand.domain.facts import Facts, FreeShippingRule, Location, ShippingZone, Store, ZoneLocation
from checkstand.domain.fulfillment import (
    PickupOption,
    SearchArea,
    consignment_pickup_options,
    pickup_options,
    shipping_zone,
)
from checkstand.domain.methods import (
    AnyMethod,
    ByTotal,
    ByWeight,
    FreeShipping,
    HandlingFee,
    PerItem,
    PerOrder,
    Range,
)
from checkstand.domain.money import Currency, Money
from tests.builders import (
    a_checkout,
    a_consignment,
    a_line,
    a_location,
    a_pickup_method,
    a_store,
    a_zone,
    amount_off,
    an_address,
    facts,
    flat_rate,
    in_new_york,
    per_item,
    usd,
)
from tests.domain.engine import chosen, offers, settled

BERLIN = an_address(
    country_code="DE", city="Berlin", state_or_province="", state_or_province_code="", postal_code="10115"
)


def ranges(*entries: tuple[str, str, str]) -> tuple[Range, ...]:
    return tuple(Range(Decimal(lower), Decimal(upper), usd(cost)) for lower, upper, cost in entries)


def offered(checkout: Checkout, *methods: AnyMethod, **zone: Any) -> list[tuple[str, Money]]:
    """(description, cost) for consignment a."""
    return offers(settled(checkout, facts(a_store(replace(a_zone(*methods), **zone)))), "a")


def one_parcel(quantity: int = 2, price: str = "10.00", weight: str = "1") -> Checkout:
    return a_checkout(a_line("x", quantity, price, weight=Decimal(weight)), consignments=(a_consignment(),))


# ---------------------------------------------------------------------------------------------------- zones


def a_world(**overrides: Any) -> ShippingZone:
    return replace(ShippingZone(id=1, name="World", type="global"), **overrides)


def by_zip(zone_id: int, code: str, country: str = "US", **overrides: Any) -> ShippingZone:
    locations = (ZoneLocation(country_iso2=country, zip=code),)
    return replace(ShippingZone(id=zone_id, name=code, type="zip", locations=locations), **overrides)


def zone_id(address: Address, *zones: ShippingZone) -> int | None:
    found = shipping_zone(address, a_store(*zones))
    return found.id if found else None


def test_d41_the_most_specific_zone_wins_whatever_the_order_they_stand_in() -> None:
    world, country, state, code = a_world(), a_zone(zone_id=2), a_zone(zone_id=3, state="TX"), by_zip(4, "78751")

    for zones in ((world, country, state, code), (code, state, country, world)):
        assert zone_id(an_address(), *zones) == 4
        assert zone_id(an_address(postal_code="75201"), *zones) == 3
        assert zone_id(in_new_york(), *zones) == 2
        assert zone_id(BERLIN, *zones) == 1


def test_d41_of_zones_alike_the_lowest_id_wins() -> None:
    assert zone_id(an_address(), a_zone(zone_id=9), a_zone(zone_id=5), a_zone(zone_id=7)) == 5


def test_d41_a_disabled_zone_is_passed_over() -> None:
    state = a_zone(zone_id=3, state="TX", enabled=False)

    assert zone_id(an_address(), a_zone(zone_id=2), state) == 2


def test_d41_without_a_zone_there_are_no_options_and_no_error() -> None:
    abroad = a_checkout(consignments=(a_consignment(address=BERLIN),))

    assert settled(abroad).options == {"a": ()}


def test_d41_an_address_without_a_country_is_in_no_zone_not_even_that_of_everywhere() -> None:
    assert zone_id(Address(), a_world()) is None


@pytest.mark.parametrize(
    ("code", "postal_code", "lies_in"),
    [
        ("78751", "78751", True),
        ("78751", "78752", False),
        ("787*", "78751", True),
        ("787*", "78901", False),
        ("K1A 0B1", "k1a0b1", True),  # blanks and case do not count
        ("K1A*", "K1A 0B1", True),
        ("*", "", True),
    ],
)
def test_d41_a_postal_code_may_end_in_a_star(code: str, postal_code: str, lies_in: bool) -> None:
    found = zone_id(an_address(postal_code=postal_code), by_zip(1, code))

    assert found == (1 if lies_in else None)


def test_d41_a_postal_code_of_another_country_does_not_count() -> None:
    assert zone_id(replace(BERLIN, postal_code="78751"), by_zip(1, "78751")) is None


@pytest.mark.parametrize("state", ["TX", "tx", "Texas"])
def test_d41_a_state_is_known_by_its_code_or_its_name(state: str) -> None:
    assert zone_id(an_address(), a_zone(zone_id=3, state=state)) == 3


def test_d41_a_zone_may_cover_several_places() -> None:
    both = a_zone(locations=(ZoneLocation(country_iso2="CA"), ZoneLocation(country_iso2="DE")))

    assert (zone_id(BERLIN, both), zone_id(an_address(), both)) == (1, None)


def test_places_that_differ_in_the_name_of_their_state_only_are_told_apart() -> None:
    """Where a country's states have no codes, the name alone says which zone an address is in (D41)."""
    kent = an_address(country_code="GB", state_or_province="Kent", state_or_province_code="", postal_code="")
    surrey = replace(kent, state_or_province="Surrey")
    checkout = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(a_consignment("a", ("x",), address=kent), a_consignment("b", ("y",), address=surrey)),
    )
    known = facts(a_store(a_zone(country="GB", state="Kent")))

    assert [len(options) for options in settled(checkout, known).options.values()] == [2, 0]


# ---------------------------------------------------------------------------------------------------- what is offered


def test_options_stand_cheapest_first_and_those_alike_in_the_order_of_their_methods() -> None:
    methods = (flat_rate(3, "8.00", name="C"), flat_rate(9, "2.00", name="I"), flat_rate(1, "8.00", name="A"))

    assert offered(one_parcel(), *methods) == [("I", usd("2.00")), ("A", usd("8.00")), ("C", usd("8.00"))]


def test_a_rate_per_order_is_asked_once_for_each_consignment() -> None:
    checkout = a_checkout(
        a_line("x", 5),
        a_line("y", 1, product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",))),
    )
    answer = settled(checkout, facts(a_store(a_zone(flat_rate()))))

    assert offers(answer, "a") == offers(answer, "b") == [("Flat Rate", usd("8.00"))]


def test_a_rate_per_item_is_asked_for_each_unit_of_the_consignment() -> None:
    checkout = a_checkout(
        a_line("x", 5),
        a_line("y", 2, product_id=2),
        a_line("z", 9, product_id=3),
        consignments=(a_consignment("a", ("x", "y")),),
    )

    assert offered(checkout, per_item()) == [("Per Item", usd("17.50"))]


def test_a_method_that_is_switched_off_or_meant_for_other_channels_is_not_offered() -> None:
    methods = (
        flat_rate(1, name="Off", enabled=False),
        flat_rate(2, name="Elsewhere", channel_ids=(2, 3)),
        flat_rate(3, name="Here", channel_ids=(1, 2)),
        flat_rate(4, name="Everywhere"),
    )

    assert [description for description, _ in offered(one_parcel(), *methods)] == ["Here", "Everywhere"]


def test_d22_an_option_says_what_kind_of_method_gave_it() -> None:
    methods = (
        PerOrder(id=1, name="perorder", rate=usd("1")),
        PerItem(id=2, name="peritem", rate=usd("2")),
        ByWeight(id=3, name="weight", default_cost=usd("3")),
        ByTotal(id=4, name="total", default_cost=usd("4")),
        FreeShipping(id=5, name="freeshipping", minimum=usd("0")),
    )

    options = settled(one_parcel(), facts(a_store(a_zone(*methods)))).options["a"]

    assert {option.description: option.type for option in options} == {
        "perorder": "shipping_flatrate",
        "peritem": "shipping_peritem",
        "weight": "shipping_byweight",
        "total": "shipping_bytotal",
        "freeshipping": "freeshipping",
    }


def test_an_option_tells_where_it_comes_from_and_carries_the_methods_description() -> None:
    method = flat_rate(7, description="Fragile items")

    (option,) = settled(one_parcel(), facts(a_store(a_zone(method, zone_id=2)))).options["a"]

    assert (option.method_id, option.zone_id, option.zone_name, option.additional_description) == (
        7,
        2,
        "Zone 2",
        "Fragile items",
    )


# ---------------------------------------------------------------------------------------------------- ids


def ids(store: Store, checkout: Checkout | None = None) -> list[str]:
    return [option.id for option in settled(checkout or one_parcel(), facts(store)).options["a"]]


def test_an_options_id_is_32_hexadecimal_digits_and_tells_methods_apart() -> None:
    first, second = ids(a_store())

    assert first != second
    assert all(len(each) == 32 and set(each) <= set("0123456789abcdef") for each in (first, second))


def test_an_options_id_stays_whatever_the_parcel_the_address_and_the_price_are() -> None:
    elsewhere = replace(
        one_parcel(9, "99.00", "50"), id="another", consignments=(a_consignment(address=in_new_york()),)
    )
    repriced = a_store(a_zone(flat_rate(rate="9.99", name="Renamed")))

    assert ids(a_store(a_zone(flat_rate()))) == ids(a_store(a_zone(flat_rate())), elsewhere) == ids(repriced)


def test_an_options_id_is_one_of_its_store() -> None:
    assert ids(a_store()) != ids(a_store(hash="other"))


def test_free_shipping_has_the_same_id_in_every_zone() -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("0"))
    here, there = a_zone(flat_rate(), free_shipping=rule), a_zone(flat_rate(2), zone_id=2, free_shipping=rule)

    assert ids(a_store(here))[0] == ids(a_store(there))[0]


# ---------------------------------------------------------------------------------------------------- ranges

TABLE = ranges(("0", "5", "6.00"), ("5", "20", "12.00"))


@pytest.mark.parametrize(
    ("weight", "cost"),
    [("0", "6.00"), ("4.99", "6.00"), ("5", "12.00"), ("19.999", "12.00"), ("20", "12.00"), ("20.001", None)],
)
def test_d42_a_range_holds_its_lower_end_and_only_the_last_one_its_upper(weight: str, cost: str | None) -> None:
    expected = [] if cost is None else [("By weight", usd(cost))]

    assert offered(one_parcel(1, weight=weight), ByWeight(id=1, name="By weight", ranges=TABLE)) == expected


def test_d42_outside_of_every_range_the_default_cost_is_asked() -> None:
    method = ByWeight(id=1, name="By weight", ranges=ranges(("1", "5", "6.00")), default_cost=usd("20.00"))

    for weight in ("0.5", "5.01"):
        assert offered(one_parcel(1, weight=weight), method) == [("By weight", usd("20.00"))]


def test_d42_the_default_may_be_a_percentage_of_the_goods() -> None:
    method = ByWeight(id=1, name="By weight", default_percent=Decimal("7.5"))

    # 2 × 10.33 = 20.66; 7.5 % of it is 1.5495
    assert offered(one_parcel(2, "10.33"), method) == [("By weight", usd("1.55"))]


def test_a_parcel_weighs_what_all_its_units_weigh() -> None:
    method = ByWeight(id=1, name="By weight", ranges=ranges(("0", "4.5", "1.00"), ("4.5", "4.6", "2.00")))
    checkout = a_checkout(
        a_line("x", 3, weight=Decimal("1.25")),
        a_line("y", 1, product_id=2, weight=Decimal("0.75")),
        consignments=(a_consignment("a", ("x", "y")),),
    )

    assert offered(checkout, method) == [("By weight", usd("2.00"))]


def test_d42_a_table_may_go_by_the_value_of_the_goods() -> None:
    method = ByTotal(id=1, name="By total", ranges=ranges(("0", "50", "10.00"), ("50", "200", "5.00")))

    assert offered(one_parcel(1, "49.99"), method) == [("By total", usd("10.00"))]
    assert offered(one_parcel(1, "50.00"), method) == [("By total", usd("5.00"))]
    assert offered(one_parcel(1, "200.00"), method) == [("By total", usd("5.00"))]
    assert offered(one_parcel(1, "200.01"), method) == []


# ---------------------------------------------------------------------------------------------------- thresholds


def test_d44_the_value_of_goods_is_what_they_cost_after_product_discounts() -> None:
    method = ByTotal(id=1, name="By total", ranges=ranges(("0", "50", "10.00"), ("50", "200", "5.00")))
    discount = amount_off("1.00", name="A dollar off")
    known = facts(a_store(a_zone(method), promotions=(discount,)))

    # 2 × 25.00 is 50.00, less 2 × 1.00
    assert offers(settled(one_parcel(2, "25.00"), known), "a") == [("By total", usd("10.00"))]


@pytest.mark.parametrize(("price", "is_free"), [("249.99", False), ("250.00", True)])
def test_d44_shipping_is_free_from_a_subtotal_on(price: str, is_free: bool) -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("500.00"))

    found = offered(one_parcel(2, price), flat_rate(), free_shipping=rule)

    assert found == [*([("Free Shipping", usd("0"))] if is_free else []), ("Flat Rate", usd("8.00"))]


def test_free_shipping_that_is_switched_off_is_not_offered() -> None:
    rule = FreeShippingRule(enabled=False, minimum_sub_total=usd("0"))

    assert offered(one_parcel(), flat_rate(), free_shipping=rule) == [("Flat Rate", usd("8.00"))]


def test_d62_thresholds_look_at_the_consignments_own_goods() -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("500.00"))
    checkout = a_checkout(
        a_line("x", 1, "499.99"),
        a_line("y", 1, "900.00", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",))),
    )

    answer = settled(checkout, facts(a_store(a_zone(flat_rate(), free_shipping=rule))))

    assert [description for description, _ in offers(answer, "a")] == ["Flat Rate"]
    assert [description for description, _ in offers(answer, "b")] == ["Free Shipping", "Flat Rate"]


# ---------------------------------------------------------------------------------------------------- handling


def handled(zone_fee: HandlingFee | None, method_fee: HandlingFee | None, separately: bool) -> ShippingOption:
    zone = a_zone(flat_rate(handling=method_fee), handling=zone_fee, display_handling_separately=separately)
    (option,) = settled(one_parcel(), facts(a_store(zone))).options["a"]
    return option


FIXED = HandlingFee(fixed=usd("1.50"))
TENTH = HandlingFee(percent=Decimal(10))


@pytest.mark.parametrize(
    ("zone_fee", "method_fee", "shown_as_shipping", "shown_as_handling"),
    [
        (None, None, "8.00", "0"),
        (FIXED, None, "9.50", "1.50"),
        (None, TENTH, "8.80", "0.80"),
        (FIXED, TENTH, "10.30", "2.30"),
        (TENTH, FIXED, "10.30", "2.30"),  # a percentage is one of the shipping cost, not of the other surcharge
    ],
)
def test_d43_surcharges_of_zone_and_method_add_up_and_are_shown_apart_or_within_the_cost(
    zone_fee: HandlingFee | None, method_fee: HandlingFee | None, shown_as_shipping: str, shown_as_handling: str
) -> None:
    within, apart = handled(zone_fee, method_fee, False), handled(zone_fee, method_fee, True)

    assert (within.cost, within.handling) == (usd(shown_as_shipping), usd("0"))
    assert (apart.cost, apart.handling) == (usd("8.00"), usd(shown_as_handling))


def test_d43_a_percentage_is_rounded_like_any_amount() -> None:
    # 8.25 % of 8.00 is 0.66; of 0.50 it is 0.04125
    assert HandlingFee(percent=Decimal("8.25")).amount(usd("8.00")) == usd("0.66")
    assert HandlingFee(percent=Decimal("8.25")).amount(usd("0.50")) == usd("0.04")


# ---------------------------------------------------------------------------------------------------- choices


def with_flat_rate() -> Checkout:
    bare = one_parcel()
    option = next(option for option in settled(bare).options["a"] if option.description == "Flat Rate")
    return replace(bare, consignments=(a_consignment(selected=option),))


def test_settling_a_settled_checkout_changes_nothing() -> None:
    once = settled(with_flat_rate())

    assert settled(once.checkout) == once


def test_d24_a_choice_is_kept_at_its_present_cost_while_its_id_is_offered() -> None:
    dearer = facts(a_store(a_zone(flat_rate(rate="9.00"))))

    assert chosen(settled(with_flat_rate(), dearer).checkout.consignments[0]).cost == usd("9.00")


@pytest.mark.parametrize(
    "zone",
    [
        a_zone(per_item()),
        a_zone(flat_rate(enabled=False)),
        a_zone(flat_rate(), enabled=False),
        a_zone(flat_rate(), country="CA"),
    ],
)
def test_d24_a_choice_that_is_no_longer_offered_is_dropped(zone: ShippingZone) -> None:
    assert settled(with_flat_rate(), facts(a_store(zone))).checkout.consignments[0].selected is None


def test_c7_an_option_that_joins_the_offers_leaves_the_choice_alone() -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("0"))
    known = facts(a_store(a_zone(free_shipping=rule)))

    now = settled(with_flat_rate(), known)

    assert [description for description, _ in offers(now, "a")] == ["Free Shipping", "Per Item", "Flat Rate"]
    assert chosen(now.checkout.consignments[0]).description == "Flat Rate"


# ---------------------------------------------------------------------------------------------------- pick-up

AUSTIN = a_location(1)
DALLAS = a_location(2, latitude=32.7767, longitude=-96.7970)
DOWNTOWN = SearchArea(latitude=30.2672, longitude=-97.7431, radius_km=400)


def places(*locations: Location, stock: dict[int, dict[int, int]] | None = None) -> Facts:
    methods = tuple(a_pickup_method(location.id, location.id) for location in locations)
    return facts(a_store(locations=locations, pickup_methods=methods), stock=stock)


def found(options: list[PickupOption]) -> list[int]:
    return [option.method.id for option in options]


def test_d37_places_stand_nearest_first_with_their_distance() -> None:
    near_dallas = replace(DALLAS, id=1)
    in_austin = replace(AUSTIN, id=2)

    nearest, farther = pickup_options({1: 1}, places(near_dallas, in_austin), DOWNTOWN)

    assert (nearest.location, farther.location) == (in_austin, near_dallas)
    assert nearest.distance_km == 0
    assert farther.distance_km == pytest.approx(293.0, abs=1.0)  # Austin to Dallas


def test_d37_a_place_beyond_the_radius_or_without_coordinates_is_left_out() -> None:
    somewhere = a_location(3, latitude=None, longitude=None)
    nearby = replace(DOWNTOWN, radius_km=290)

    assert found(pickup_options({1: 1}, places(AUSTIN, DALLAS, somewhere), nearby)) == [1]


def test_d37_a_place_must_have_all_the_units() -> None:
    stock = {1: {1: 2, 2: 5}, 7: {1: 9, 2: 1}}

    assert found(pickup_options({1: 2, 7: 1}, places(AUSTIN, DALLAS, stock=stock))) == [1, 2]
    assert found(pickup_options({1: 3, 7: 1}, places(AUSTIN, DALLAS, stock=stock))) == [2]
    assert found(pickup_options({1: 3, 7: 2}, places(AUSTIN, DALLAS, stock=stock))) == []


def test_d37_a_place_that_counts_no_stock_of_its_own_gives_from_the_shops_pool() -> None:
    assert found(pickup_options({1: 3}, places(AUSTIN, DALLAS, stock={1: {0: 3, 2: 1}}))) == [1]
    assert found(pickup_options({1: 4}, places(AUSTIN, DALLAS, stock={1: {0: 3, 2: 1}}))) == []
    assert found(pickup_options({1: 1}, places(AUSTIN, DALLAS, stock={1: {2: 1}}))) == [2]


def test_d37_goods_that_are_not_counted_never_run_out() -> None:
    assert found(pickup_options({1: 10**6}, places(AUSTIN))) == [1]


def test_d37_a_disabled_location_or_method_hands_nothing_out() -> None:
    closed = places(a_location(1, enabled=False))
    switched_off = facts(a_store(pickup_methods=(a_pickup_method(enabled=False),)))
    homeless = facts(a_store(pickup_methods=(a_pickup_method(1, 404),)))

    assert [found(pickup_options({1: 1}, known)) for known in (closed, switched_off, homeless)] == [[], [], []]


def test_d20_at_most_ten_places_are_named_by_id() -> None:
    known = places(*(a_location(number) for number in range(12, 0, -1)))

    assert found(pickup_options({1: 1}, known)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_d20_a_consignment_is_offered_the_places_that_have_its_own_units() -> None:
    checkout = a_checkout(
        a_line("x", 3), a_line("y", 9, product_id=2, variant_id=2), consignments=(a_consignment("a", ("x",)),)
    )
    known = places(AUSTIN, DALLAS, stock={1: {1: 3, 2: 2}, 2: {1: 0, 2: 0}})

    assert found(consignment_pickup_options(checkout.consignments[0], checkout, known)) == [1]


def test_ranges_by_total_are_in_major_units_whatever_places_the_currency_has() -> None:
    # 20 000 yen: above 5 000, so the default of 0 applies. A currency without places has no hundredths.
    yen = Currency(code="JPY", decimal_places=0)
    line = a_line("x", 1, list_price=Money(20_000, "JPY"), original_price=Money(20_000, "JPY"))
    method = ByTotal(
        id=1,
        name="Ship by Total",
        ranges=(Range(Decimal(0), Decimal(5000), Money(800, "JPY")),),
        default_cost=Money(0, "JPY"),
    )
    checkout = a_checkout(line, currency=yen, consignments=(a_consignment(),))

    assert offered(checkout, method) == [("Ship by Total", Money(0, "JPY"))]
