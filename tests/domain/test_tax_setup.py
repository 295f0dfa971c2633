"""Edits of a store's taxes, where they are more than the API tests show."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from checkstand.domain import tax_setup
from checkstand.domain.tax_setup import PlacedRate, TaxRateChange, TaxZoneChange
from checkstand.domain.tax_zones import TAX_CLASSES, ClassRate, TaxClass, TaxSettings
from checkstand.errors import Invalid, Taken
from tests.builders import NOON, a_store, a_tax_rate, a_tax_zone

STORE = a_store(tax_zones=(a_tax_zone("8", zone_id=2), a_tax_zone("5", zone_id=3)))


def test_the_default_zone_is_there_unwritten_and_is_written_down_with_its_first_change() -> None:
    zones = [(zone.id, zone.name) for zone in tax_setup.zones_of(STORE)]
    changed = tax_setup.change_zones(STORE, [(1, TaxZoneChange(show_inclusive=True))])

    assert zones == [(1, "Default Tax Zone"), (2, "Tax zone 2"), (3, "Tax zone 3")]
    assert [zone.id for zone in changed.tax_zones] == [1, 2, 3]
    assert changed.tax_zone_by_id[1].show_inclusive


def test_a_rate_for_the_default_zone_writes_it_down() -> None:
    changed = tax_setup.add_rates(STORE, [PlacedRate(1, a_tax_rate({0: "3"}, rate_id=7))])

    assert [rate.id for rate in changed.tax_zone_by_id[1].rates] == [7]


def test_a_rate_that_is_changed_keeps_its_place_and_one_that_moves_is_last() -> None:
    two = tax_setup.add_rates(STORE, [PlacedRate(2, a_tax_rate({0: "3"}, rate_id=7))])

    changed = tax_setup.change_rates(two, [(2, TaxRateChange(name="Older")), (3, TaxRateChange(tax_zone_id=2))])

    assert [rate.name for rate in changed.tax_zone_by_id[2].rates] == ["Older", "Tax", "Tax"]
    assert [rate.id for rate in changed.tax_zone_by_id[2].rates] == [2, 7, 3]
    assert changed.tax_zone_by_id[3].rates == ()


def test_a_batch_names_nothing_twice() -> None:
    with pytest.raises(Invalid) as refusal:
        tax_setup.change_rates(STORE, [(2, TaxRateChange(name="A")), (2, TaxRateChange(name="B"))])

    assert refusal.value.fields == {"1.id": "2 is given twice"}


def test_percentages_are_kept_in_one_spelling() -> None:
    change = TaxRateChange(tax_zone_id=2, name="Tax", class_rates=(ClassRate(0, a_tax_rate({0: "5.00"}).percent(0)),))

    assert str(tax_setup.new_rate(STORE, change, "0").rate.percent(0)) == "5"


def test_a_class_that_a_setting_names_stays() -> None:
    food = TaxClass(4, "Food")
    store = a_store(tax_classes=(*TAX_CLASSES, food), tax_settings=TaxSettings(fee_tax_class_id=4))

    with pytest.raises(Taken, match="it is the fee_tax_class_id of the store"):
        tax_setup.remove_classes(store, [4])


def test_classes_may_swap_their_names() -> None:
    swapped = tax_setup.rename_classes(STORE, {1: "Shipping", 2: "Non-Taxable Products"}, NOON)

    assert [(each.id, each.name, each.updated_at) for each in swapped.tax_classes] == [
        (1, "Shipping", NOON),
        (2, "Non-Taxable Products", NOON),
        (3, "Gift Wrapping", None),
    ]


@given(some.sets(some.integers(min_value=1, max_value=6)))
def test_removing_never_leaves_a_rate_without_its_zone(ids: set[int]) -> None:
    kept = tax_setup.remove_zones(STORE, ids - {1})

    assert {placed.tax_zone_id for placed in tax_setup.rates_of(kept)} == {zone.id for zone in kept.tax_zones}
