from decimal import Decimal
from typing import Any

import pytest

from checkstand.domain.facts import FreeShippingRule, ShippingZone, ZoneLocation
from checkstand.domain.methods import (
    AnyMethod,
    ByTotal,
    ByWeight,
    CarrierMethod,
    FreeShipping,
    HandlingFee,
    PerItem,
    PerOrder,
    Range,
)
from checkstand.domain.shipping_zones import (
    CARRIERS,
    HandlingChange,
    MethodChange,
    RangeChange,
    Settings,
    ZoneChange,
    add_method,
    add_zone,
    change_method,
    change_zone,
    method_of,
    new_method,
    new_zone,
    remove_method,
    remove_zone,
    type_of,
    zone_of,
)
from checkstand.errors import Invalid, NotFound, Unsupported
from tests.builders import USD, a_store, a_zone, flat_rate, per_item, usd

TEXAS = ZoneLocation(country_iso2="US", state_iso2="TX")


def a_range(lower: str, upper: str, cost: str = "1.00") -> RangeChange:
    return RangeChange(Decimal(lower), Decimal(upper), Decimal(cost))


def created(**change: Any) -> ShippingZone:
    return new_zone(ZoneChange(**{"name": "Zone", "type": "global"} | change), USD)


def method(kind: str, **settings: Any) -> AnyMethod:
    return new_method(MethodChange(name="Method", type=kind, settings=Settings(**settings)), USD)


# ---------------------------------------------------------------------------------------------------- zones


def test_a_new_zone_is_enabled_and_has_neither_fees_nor_free_shipping() -> None:
    zone = created(type="state", locations=(TEXAS,))

    assert zone == ShippingZone(id=0, name="Zone", type="state", locations=(TEXAS,))


def test_free_shipping_and_a_surcharge_are_amounts_of_the_stores_currency() -> None:
    zone = created(
        free_shipping_enabled=True,
        minimum_sub_total=Decimal("99.90"),
        handling=HandlingChange(fixed=Decimal("2.50")),
        display_handling_separately=True,
    )

    assert zone.free_shipping == FreeShippingRule(enabled=True, minimum_sub_total=usd("99.90"))
    assert zone.handling == HandlingFee(fixed=usd("2.50"))
    assert zone.display_handling_separately is True


def test_a_change_of_one_part_leaves_all_others() -> None:
    before = a_zone(
        free_shipping=FreeShippingRule(minimum_sub_total=usd("50.00")),
        handling=HandlingFee(percent=Decimal(5)),
        enabled=False,
    )

    after = change_zone(a_store(before, a_zone(zone_id=2)), 1, ZoneChange(free_shipping_enabled=True))

    assert zone_of(after, 1) == a_zone(
        free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("50.00")),
        handling=HandlingFee(percent=Decimal(5)),
        enabled=False,
    )
    assert zone_of(after, 2) == a_zone(zone_id=2)


def test_a_fixed_surcharge_takes_the_place_of_a_percentage() -> None:
    before = a_store(a_zone(handling=HandlingFee(percent=Decimal(5))))

    after = change_zone(before, 1, ZoneChange(handling=HandlingChange(fixed=Decimal(3))))

    assert zone_of(after, 1).handling == HandlingFee(fixed=usd("3.00"))


def test_a_zone_that_becomes_global_forgets_its_locations() -> None:
    after = change_zone(a_store(), 1, ZoneChange(type="global"))

    assert zone_of(after, 1).locations == ()


@pytest.mark.parametrize(
    ("kind", "location"),
    [
        ("zip", ZoneLocation(zip="787*", country_iso2="US")),
        ("zip", ZoneLocation(zip="78701", country_iso2="US", state_iso2="TX")),
        ("state", TEXAS),
        ("country", ZoneLocation(country_iso2="MX")),
    ],
)
def test_a_zone_takes_locations_of_its_kind(kind: str, location: ZoneLocation) -> None:
    assert created(type=kind, locations=(location,)).locations == (location,)


@pytest.mark.parametrize(
    ("kind", "location", "field", "reason"),
    [
        ("zip", ZoneLocation(country_iso2="US"), "zip", "is required in a zip zone"),
        ("zip", ZoneLocation(zip="78701"), "country_iso2", "is required in a zip zone"),
        ("state", ZoneLocation(country_iso2="US"), "state_iso2", "is required in a state zone"),
        ("state", ZoneLocation(state_iso2="TX"), "country_iso2", "is required in a state zone"),
        ("country", TEXAS, "state_iso2", "has no place in a country zone"),
        ("state", ZoneLocation(country_iso2="US", state_iso2="TX", zip="1"), "zip", "has no place in a state zone"),
        ("country", ZoneLocation(country_iso2="XX"), "country_iso2", "'XX' is not a country"),
        ("country", ZoneLocation(country_iso2="us"), "country_iso2", "'us' is not a country"),
    ],
)
def test_a_location_of_another_kind_is_refused_by_name(
    kind: str, location: ZoneLocation, field: str, reason: str
) -> None:
    good = {"zip": ZoneLocation(zip="1", country_iso2="US"), "state": TEXAS, "country": ZoneLocation(country_iso2="US")}

    with pytest.raises(Invalid) as refused:
        created(type=kind, locations=(good[kind], location))

    assert refused.value.fields == {f"locations.1.{field}": reason}


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"type": None}, "type", "is required"),
        ({"name": None}, "name", "is required"),
        ({"name": "  "}, "name", "is required"),
        ({"type": "country"}, "locations", "must name at least one place: this is a country zone"),
        ({"locations": (TEXAS,)}, "locations", "must be empty: a global zone is everywhere that no other zone is"),
        ({"minimum_sub_total": Decimal(-1)}, "free_shipping.minimum_sub_total", "must be 0 or more"),
        (
            {"handling": HandlingChange(fixed=Decimal("1.001"))},
            "handling_fees.fixed_surcharge",
            "may have at most 2 decimal places in USD",
        ),
        (
            {"handling": HandlingChange(percent=Decimal(101))},
            "handling_fees.percentage_surcharge",
            "must be a number from 0 to 100",
        ),
        (
            {"handling": HandlingChange(fixed=Decimal(1), percent=Decimal(1))},
            "handling_fees",
            "must have either fixed_surcharge or percentage_surcharge",
        ),
    ],
)
def test_a_zone_that_cannot_be_is_refused_by_field(change: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        created(**change)

    assert refused.value.fields == {field: reason}


def test_a_removed_zone_takes_its_methods_along_and_leaves_the_others() -> None:
    store = add_zone(a_store(), a_zone(flat_rate(7), zone_id=2))

    assert remove_zone(store, 1).shipping_zones == (a_zone(flat_rate(7), zone_id=2),)


# ---------------------------------------------------------------------------------------------------- methods


def test_each_type_is_made_from_its_own_settings() -> None:
    ranges = (a_range("0", "20", "8.00"), a_range("20", "40.5", "12.00"))

    assert method("perorder", rate=Decimal(7)) == PerOrder(id=0, name="Method", rate=usd(7))
    assert method("peritem", rate=Decimal("0.5")) == PerItem(id=0, name="Method", rate=usd("0.50"))
    assert method("weight", ranges=ranges, default_cost=Decimal(12)) == ByWeight(
        id=0,
        name="Method",
        ranges=(Range(Decimal(0), Decimal(20), usd(8)), Range(Decimal(20), Decimal("40.5"), usd(12))),
        default_cost=usd(12),
    )
    assert method("total", default_cost=Decimal("7.5"), default_cost_type="percentage_of_total") == ByTotal(
        id=0, name="Method", default_percent=Decimal("7.5")
    )
    assert method("freeshipping") == FreeShipping(id=0, name="Method", minimum=usd(0))


def test_the_published_sample_of_totals_has_a_gap_and_is_taken() -> None:
    made = method("total", ranges=(a_range("20", "49.99", "15"), a_range("50", "100000", "0")))

    assert made == ByTotal(
        id=0,
        name="Method",
        ranges=(
            Range(Decimal(20), Decimal("49.99"), usd(15)),
            Range(Decimal(50), Decimal(100000), usd(0)),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "settings", "field", "reason"),
    [
        ("perorder", {}, "settings.rate", "is required"),
        ("peritem", {"rate": Decimal(-1)}, "settings.rate", "must be 0 or more"),
        ("perorder", {"rate": Decimal("1.234")}, "settings.rate", "may have at most 2 decimal places in USD"),
        (
            "weight",
            {"ranges": (a_range("0", "5"), a_range("4", "9"))},
            "settings.range.1.lower_limit",
            "must not be below the upper limit of the range before it",
        ),
        (
            "total",
            {"ranges": (a_range("5", "9"), a_range("0", "5"))},
            "settings.range.1.lower_limit",
            "must not be below the upper limit of the range before it",
        ),
        ("weight", {"ranges": (a_range("5", "5"),)}, "settings.range.0.upper_limit", "must be above the lower limit"),
        ("weight", {"ranges": (a_range("0", "5", "-1"),)}, "settings.range.0.shipping_cost", "must be 0 or more"),
        (
            "weight",
            {"ranges": (a_range("-1", "5"),)},
            "settings.range.0.lower_limit",
            "must be a number from 0 to 1000000000",
        ),
        (
            "weight",
            {"ranges": (a_range("0", "1E+999999"),)},
            "settings.range.0.upper_limit",
            "must be a number from 0 to 1000000000",
        ),
        (
            "total",
            {"ranges": (a_range("0", "9.999"),)},
            "settings.range.0.upper_limit",
            "may have at most 2 decimal places in USD",
        ),
        ("weight", {"default_cost": Decimal(-1)}, "settings.default_cost", "must be 0 or more"),
        (
            "total",
            {"default_cost": Decimal("NaN"), "default_cost_type": "percentage_of_total"},
            "settings.default_cost",
            "must be a number from 0 to 100",
        ),
        ("drone", {}, "type", "'drone' is not one of perorder, peritem, weight, total, freeshipping"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_field(
    kind: str, settings: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        method(kind, **settings)

    assert refused.value.fields == {field: reason}


@pytest.mark.parametrize("carrier", sorted(CARRIERS))
def test_a_method_of_a_published_carrier_that_the_store_does_not_have_is_not_supported(carrier: str) -> None:
    with pytest.raises(Unsupported, match=carrier):
        method(carrier)


def test_a_change_of_the_rate_keeps_id_name_and_fees() -> None:
    before = flat_rate(description="In a day or two", handling=HandlingFee(fixed=usd(1)), channel_ids=(1, 3))

    after = change_method(a_store(a_zone(before, per_item())), 1, 1, MethodChange(settings=Settings(rate=Decimal(9))))

    assert zone_of(after, 1).methods == (
        flat_rate(rate="9.00", description="In a day or two", handling=HandlingFee(fixed=usd(1)), channel_ids=(1, 3)),
        per_item(),
    )


def test_ranges_and_default_cost_change_apart_from_each_other() -> None:
    before = ByWeight(id=1, name="By weight", ranges=(Range(Decimal(0), Decimal(5), usd(6)),), default_cost=usd(20))
    store = a_store(a_zone(before))

    no_default = change_method(store, 1, 1, MethodChange(settings=Settings(default_cost=None)))
    percentage = change_method(store, 1, 1, MethodChange(settings=Settings(default_cost_type="percentage_of_total")))
    no_ranges = change_method(store, 1, 1, MethodChange(settings=Settings(ranges=())))

    assert zone_of(no_default, 1).methods == (
        ByWeight(id=1, name="By weight", ranges=(Range(Decimal(0), Decimal(5), usd(6)),)),
    )
    assert zone_of(percentage, 1).methods == (
        ByWeight(id=1, name="By weight", ranges=(Range(Decimal(0), Decimal(5), usd(6)),), default_percent=Decimal(20)),
    )
    assert zone_of(no_ranges, 1).methods == (ByWeight(id=1, name="By weight", default_cost=usd(20)),)


def test_another_type_needs_settings_of_its_own_and_keeps_what_all_types_share() -> None:
    store = a_store(a_zone(flat_rate(description="In a day or two")))

    with pytest.raises(Invalid) as refused:
        change_method(a_store(a_zone(ByWeight(id=1, name="By weight"))), 1, 1, MethodChange(type="perorder"))
    changed = change_method(store, 1, 1, MethodChange(type="peritem", settings=Settings(rate=Decimal(2))))

    assert refused.value.fields == {"settings.rate": "is required"}
    assert zone_of(changed, 1).methods == (PerItem(id=1, name="Flat Rate", description="In a day or two", rate=usd(2)),)


def test_a_method_is_added_to_its_zone_and_removed_from_it() -> None:
    store = a_store(a_zone(flat_rate()), a_zone(flat_rate(2), zone_id=2))

    added = add_method(store, 2, per_item(3))
    removed = remove_method(added, 2, 2)

    assert zone_of(added, 2).methods == (flat_rate(2), per_item(3))
    assert zone_of(removed, 2).methods == (per_item(3),)
    assert zone_of(removed, 1) == a_zone(flat_rate())


def test_what_is_not_there_is_not_found() -> None:
    store = a_store()

    for act in (
        lambda: zone_of(store, 9),
        lambda: change_zone(store, 9, ZoneChange()),
        lambda: remove_zone(store, 9),
        lambda: add_method(store, 9, flat_rate()),
        lambda: method_of(zone_of(store, 1), 9),
        lambda: change_method(store, 1, 9, MethodChange()),
        lambda: remove_method(store, 1, 9),
    ):
        with pytest.raises(NotFound):
            act()


# ---------------------------------------------------------------------------------------------------- carriers


def test_a_method_of_one_of_the_stores_carriers_has_its_options() -> None:
    change = MethodChange(name="Acme", type="acme", settings=Settings(carrier_options={"packaging": "box"}))

    made = new_method(change, USD, {"acme"})

    assert made == CarrierMethod(id=0, name="Acme", carrier_id="acme", options={"packaging": "box"})
    assert type_of(made) == "acme"


def test_options_of_a_carrier_are_bounded() -> None:
    change = MethodChange(name="Acme", type="acme", settings=Settings(carrier_options={"note": "x" * 10_000}))

    with pytest.raises(Invalid) as refused:
        new_method(change, USD, {"acme"})

    assert refused.value.fields == {"settings.carrier_options": "may take at most 10000 bytes"}
