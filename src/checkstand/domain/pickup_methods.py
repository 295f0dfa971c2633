"""Editing the ways to hand goods out at a location: pure changes of the store. What they offer is in `fulfillment`."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict, replace

from checkstand.domain.facts import PickupMethod, Store
from checkstand.errors import Invalid


class PickupMethodChange(Struct, frozen=True, kw_only=True):
    """A pick-up method to be, or what is to be another about one; None: stays as it is."""

    location_id: int | None = None
    display_name: str | None = None
    collection_instructions: str | None = None
    collection_time_description: str | None = None


def create(store: Store, drafts: Sequence[PickupMethodChange], ids: Sequence[int], now: datetime) -> Store:
    """The store with new methods, all or none. Raises `Invalid` for a location the store does not have."""
    new = tuple(
        _changed(
            PickupMethod(id=method_id, location_id=0, display_name="", created_at=now), draft, store, str(index), now
        )
        for index, (method_id, draft) in enumerate(zip(ids, drafts, strict=True))
    )
    return replace(store, pickup_methods=(*store.pickup_methods, *new))


def update(store: Store, changes: Sequence[tuple[int, PickupMethodChange]], now: datetime) -> Store:
    """The store with methods changed, all or none. Raises as `create` does, and for a method the store does not have."""
    known = {method.id: method for method in store.pickup_methods}
    for index, (method_id, change) in enumerate(changes):
        if method_id not in known:
            raise Invalid.field(
                f"{index}.id", f"{method_id} is not a pick-up method of this store", code="unknown_pickup_method"
            )
        known[method_id] = _changed(known[method_id], change, store, str(index), now)
    return replace(store, pickup_methods=tuple(known.values()))


def remove(store: Store, method_ids: Collection[int]) -> Store:
    """The store without these methods; one that is gone already is no mistake, since the answer is the same."""
    return replace(
        store, pickup_methods=tuple(method for method in store.pickup_methods if method.id not in method_ids)
    )


def _changed(before: PickupMethod, change: PickupMethodChange, store: Store, where: str, now: datetime) -> PickupMethod:
    given = {name: value for name, value in asdict(change).items() if value is not None}
    after: PickupMethod = replace(before, **given, updated_at=now)
    if not after.location_id:
        raise Invalid.field(f"{where}.location_id", "is required")
    if "location_id" in given:
        location = store.location(after.location_id)
        if location is None:
            raise Invalid.field(
                f"{where}.location_id", f"{after.location_id} is not a location of this store", code="unknown_location"
            )
        if location.type == "VIRTUAL":
            raise Invalid.field(
                f"{where}.location_id", f"{after.location_id} is a virtual location; nobody can go there"
            )
    return after
