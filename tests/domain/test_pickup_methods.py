from datetime import timedelta

import pytest
from msgspec.structs import replace

from checkstand.domain import pickup_methods
from checkstand.domain.facts import PickupMethod
from checkstand.domain.pickup_methods import PickupMethodChange
from checkstand.errors import Invalid
from tests.builders import NOON, a_location, a_pickup_method, a_store

LATER = NOON + timedelta(hours=1)


def test_new_methods_join_those_of_the_store() -> None:
    drafts = [PickupMethodChange(location_id=1, display_name="Counter"), PickupMethodChange(location_id=1)]

    after = pickup_methods.create(a_store(), drafts, [7, 8], NOON).pickup_methods

    assert [method.id for method in after] == [1, 7, 8]
    assert after[1] == PickupMethod(id=7, location_id=1, display_name="Counter", created_at=NOON, updated_at=NOON)
    assert after[2].display_name == ""


def test_what_a_change_leaves_out_stays() -> None:
    store = a_store(pickup_methods=(a_pickup_method(1), a_pickup_method(2)))

    after = pickup_methods.update(store, [(2, PickupMethodChange(collection_instructions="Ring twice"))], LATER)

    assert after.pickup_methods == (
        a_pickup_method(1),
        a_pickup_method(2, collection_instructions="Ring twice", updated_at=LATER),
    )


def test_a_text_can_be_emptied() -> None:
    store = a_store(pickup_methods=(a_pickup_method(1, collection_instructions="Ring twice"),))

    after = pickup_methods.update(store, [(1, PickupMethodChange(collection_instructions=""))], LATER)

    assert after.pickup_methods[0].collection_instructions == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (PickupMethodChange(display_name="x"), "1.location_id"),
        (PickupMethodChange(location_id=9), "1.location_id"),
        (PickupMethodChange(location_id=2), "1.location_id"),  # virtual
    ],
)
def test_a_new_method_needs_a_place_one_can_go_to(change: PickupMethodChange, field: str) -> None:
    store = a_store(locations=(a_location(1), a_location(2, type="VIRTUAL")))

    with pytest.raises(Invalid) as refusal:
        pickup_methods.create(store, [PickupMethodChange(location_id=1), change], [7, 8], NOON)

    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    ("method_id", "change", "field"),
    [
        (9, PickupMethodChange(display_name="x"), "0.id"),
        (1, PickupMethodChange(location_id=9), "0.location_id"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(method_id: int, change: PickupMethodChange, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        pickup_methods.update(a_store(), [(method_id, change)], LATER)

    assert list(refusal.value.fields) == [field]


def test_removing_is_harmless_where_there_is_nothing_to_remove() -> None:
    store = a_store(pickup_methods=(a_pickup_method(1), a_pickup_method(2)))

    assert pickup_methods.remove(store, [1, 9]) == replace(store, pickup_methods=(a_pickup_method(2),))
