import datetime

import pytest
from msgspec.structs import replace

from checkstand.domain import locations
from checkstand.domain.address import Address
from checkstand.domain.facts import DayHours, OperatingHours, SpecialHours, Store
from checkstand.domain.locations import AddressChange, LocationChange
from checkstand.errors import Invalid, NotFound, Refused
from tests.builders import NOON, a_location, a_pickup_method, a_store

LATER = NOON + datetime.timedelta(hours=1)
FIFTH_AVENUE = AddressChange(
    address1="5th Ave",
    city="New York",
    state="NY",
    postal_code="10021",
    country_code="US",
    email="contact@example.com",
    phone="800-555-0198",
    latitude=40.774378,
    longitude=-73.9653178,
)


def a_draft(code: str = "BIGC-1", **overrides: object) -> LocationChange:
    return replace(LocationChange(code=code, label="Central store", address=FIFTH_AVENUE), **overrides)


def created(draft: LocationChange, store: Store | None = None) -> Store:
    return locations.create(store or a_store(), [draft], [7], NOON)


def refused_field(draft: LocationChange) -> str:
    with pytest.raises(Invalid) as refusal:
        created(draft)
    return next(iter(refusal.value.fields))


# ---------------------------------------------------------------------------------------------------- create


def test_a_new_location_has_what_was_asked_for_and_sensible_rest() -> None:
    location = created(a_draft()).locations[-1]

    assert (location.id, location.code, location.label, location.type) == (7, "BIGC-1", "Central store", "PHYSICAL")
    assert (location.enabled, location.storefront_visibility, location.managed_by_external_source) == (
        True,
        True,
        False,
    )
    assert (location.latitude, location.longitude) == (40.774378, -73.9653178)
    assert (location.time_zone, location.operating_hours, location.special_hours) == ("Etc/UTC", OperatingHours(), ())
    assert (location.created_at, location.updated_at) == (NOON, NOON)


@pytest.mark.parametrize("state", ["NY", "New York"])
def test_a_state_may_be_a_code_or_a_name(state: str) -> None:
    address = created(a_draft(address=replace(FIFTH_AVENUE, state=state))).locations[-1].address

    assert (address.state_or_province, address.state_or_province_code) == ("New York", "NY")
    assert address.country == "United States"
    assert locations.state_of(address) == "NY"


def test_an_unknown_state_stays_a_name() -> None:
    address = created(a_draft(address=replace(FIFTH_AVENUE, state="Elsewhere"))).locations[-1].address

    assert (address.state_or_province, address.state_or_province_code) == ("Elsewhere", "")
    assert locations.state_of(address) == "Elsewhere"


def test_a_country_without_states_or_postal_codes_asks_for_none() -> None:
    in_doha = replace(FIFTH_AVENUE, country_code="QA", city="Doha", state="", postal_code="")

    assert created(a_draft(address=in_doha)).locations[-1].address.country == "Qatar"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (a_draft(code=""), "0.code"),
        (a_draft(label=""), "0.label"),
        (a_draft(address=None), "0.address.country_code"),
        (a_draft(address=replace(FIFTH_AVENUE, address1="")), "0.address.address1"),
        (a_draft(address=replace(FIFTH_AVENUE, city="")), "0.address.city"),
        (a_draft(address=replace(FIFTH_AVENUE, state="")), "0.address.state"),
        (a_draft(address=replace(FIFTH_AVENUE, postal_code="")), "0.address.zip"),
        (a_draft(address=replace(FIFTH_AVENUE, country_code="XX")), "0.address.country_code"),
        (a_draft(time_zone="Mars/Olympus"), "0.time_zone"),
        (a_draft(code="store-1"), "0.code"),  # that of the location the store has
    ],
)
def test_a_location_that_makes_no_sense_is_refused_with_the_field_named(draft: LocationChange, field: str) -> None:
    assert refused_field(draft) == field


@pytest.mark.parametrize("time_zone", ["America/Chicago", "US/Central", "Etc/UTC", "UTC", "Etc/GMT+12", "Europe/Kiev"])
def test_time_zones_go_by_their_present_and_former_names(time_zone: str) -> None:
    assert created(a_draft(time_zone=time_zone)).locations[-1].time_zone == time_zone


def test_a_virtual_location_needs_no_address() -> None:
    location = created(a_draft(address=None, type="VIRTUAL")).locations[-1]

    assert (location.type, location.address) == ("VIRTUAL", Address())


def test_two_new_locations_cannot_share_a_code() -> None:
    with pytest.raises(Invalid) as refusal:
        locations.create(a_store(), [a_draft("A"), a_draft("A")], [7, 8], NOON)

    assert list(refusal.value.fields) == ["1.code"]


def test_a_store_has_at_most_a_hundred_active_locations() -> None:
    full = a_store(locations=tuple(a_location(number) for number in range(1, 101)))

    with pytest.raises(Refused):
        locations.create(full, [a_draft()], [101], NOON)
    assert len(locations.create(full, [a_draft(enabled=False)], [101], NOON).locations) == 101


def test_a_store_that_was_loaded_with_more_can_still_be_changed() -> None:
    crowded = a_store(locations=tuple(a_location(number) for number in range(1, 103)))

    after = locations.update(crowded, [(5, LocationChange(label="Fifth"))], LATER)

    assert after.locations[4].label == "Fifth"


# ---------------------------------------------------------------------------------------------------- update


def test_what_a_change_leaves_out_stays() -> None:
    before = created(a_draft(description="Near the park"))

    after = locations.update(before, [(7, LocationChange(label="Old store"))], LATER)

    location = before.locations[-1]
    assert after.locations[-1] == replace(location, label="Old store", updated_at=LATER)
    assert after.locations[0] == before.locations[0]


def test_a_part_of_an_address_can_be_changed() -> None:
    before = created(a_draft())

    location = locations.update(before, [(7, LocationChange(address=AddressChange(phone="1")))], LATER).locations[-1]

    assert location.address == replace(before.locations[-1].address, phone="1")
    assert (location.latitude, location.longitude) == (40.774378, -73.9653178)


def test_another_country_reads_the_state_anew() -> None:
    moved = AddressChange(country_code="CA", state="ON", postal_code="M5V 2T6", city="Toronto")

    address = locations.update(created(a_draft()), [(7, LocationChange(address=moved))], LATER).locations[-1].address

    assert (address.country, address.state_or_province, address.state_or_province_code) == ("Canada", "Ontario", "ON")


def test_a_day_can_be_changed_without_naming_the_others() -> None:
    morning, evening = DayHours(open=True, opening="08:00", closing="12:00"), DayHours(open=True, opening="18:00")
    before = created(a_draft(operating_hours=OperatingHours(monday=morning, tuesday=morning)))

    change = LocationChange(operating_hours=OperatingHours(tuesday=evening))
    after = locations.update(before, [(7, change)], LATER).locations[-1]

    assert after.operating_hours == OperatingHours(monday=morning, tuesday=evening)


def test_special_hours_are_replaced_as_a_whole() -> None:
    holiday = SpecialHours(label="Thanksgiving", date=datetime.date(2026, 11, 26), open=False)
    before = created(a_draft(special_hours=(holiday,)))

    kept = locations.update(before, [(7, LocationChange(label="x"))], LATER)
    cleared = locations.update(before, [(7, LocationChange(special_hours=()))], LATER)

    assert kept.locations[-1].special_hours == (holiday,)
    assert cleared.locations[-1].special_hours == ()


def test_two_locations_can_swap_their_codes_in_one_request() -> None:
    store = a_store(locations=(a_location(1, code="A"), a_location(2, code="B")))

    after = locations.update(store, [(1, LocationChange(code="B")), (2, LocationChange(code="A"))], LATER)

    assert [location.code for location in after.locations] == ["B", "A"]


@pytest.mark.parametrize(
    ("location_id", "change", "field"),
    [
        (9, LocationChange(label="x"), "0.id"),
        (2, LocationChange(code="store-1"), "0.code"),
        (2, LocationChange(label=""), "0.label"),
        (2, LocationChange(address=AddressChange(city="")), "0.address.city"),
        (3, LocationChange(type="PHYSICAL"), "0.address.country_code"),
        (1, LocationChange(type="VIRTUAL"), "0.type_id"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(location_id: int, change: LocationChange, field: str) -> None:
    store = a_store(
        locations=(a_location(1), a_location(2), a_location(3, type="VIRTUAL", address=Address())),
        pickup_methods=(a_pickup_method(1, 1),),
    )

    with pytest.raises(Invalid) as refusal:
        locations.update(store, [(location_id, change)], LATER)

    assert list(refusal.value.fields) == [field]


def test_a_location_that_was_loaded_without_an_address_can_be_disabled() -> None:
    store = a_store(locations=(a_location(1, address=Address()),))

    assert not locations.update(store, [(1, LocationChange(enabled=False))], LATER).locations[0].enabled


# ---------------------------------------------------------------------------------------------------- remove


def test_a_removed_location_takes_its_pickup_methods_along() -> None:
    store = a_store(
        locations=(a_location(1), a_location(2), a_location(3)),
        pickup_methods=(a_pickup_method(1, 1), a_pickup_method(2, 2), a_pickup_method(3, 2)),
    )

    after = locations.remove(store, [2, 3])

    assert [location.id for location in after.locations] == [1]
    assert [method.id for method in after.pickup_methods] == [1]


def test_the_location_that_goods_are_shipped_from_stays() -> None:
    with pytest.raises(Refused):
        locations.remove(a_store(locations=(a_location(1), a_location(2))), [2, 1])


def test_removing_an_unknown_location_is_refused() -> None:
    with pytest.raises(NotFound):
        locations.remove(a_store(), [2])
