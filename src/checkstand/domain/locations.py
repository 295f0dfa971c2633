"""Editing the places that hold stock and hand goods out: pure changes of the store.

A change names what is to be another; what it leaves out stays, down to the single day and the single part of an address.
A new place is a blank one with a change applied, so that both are checked alike. All changes of one request happen or none.

Disabling a place takes it out of what is offered and keeps its pick-up methods; removing one takes its methods along,
as published.
"""

import datetime
from collections.abc import Collection, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from checkstand.domain import geography
from checkstand.domain.address import Address, completed
from checkstand.domain.facts import DEFAULT_LOCATION, Location, OperatingHours, SpecialHours, Store
from checkstand.errors import Invalid, NotFound, Refused

MOST_ACTIVE = 100
"""Published limit of enabled locations."""


class AddressChange(Struct, frozen=True, kw_only=True):
    """`state` is a name or a code, as on the wire, where a location has only one word for both."""

    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    email: str | None = None
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class LocationChange(Struct, frozen=True, kw_only=True):
    """A location to be, or what is to be another about one; None: stays as it is."""

    code: str | None = None
    label: str | None = None
    description: str | None = None
    type: Literal["PHYSICAL", "VIRTUAL"] | None = None
    enabled: bool | None = None
    managed_by_external_source: bool | None = None
    storefront_visibility: bool | None = None
    time_zone: str | None = None
    operating_hours: OperatingHours | None = None
    special_hours: tuple[SpecialHours, ...] | None = None
    address: AddressChange | None = None


def create(store: Store, drafts: Sequence[LocationChange], ids: Sequence[int], now: datetime.datetime) -> Store:
    """The store with new locations. Raises `Invalid` naming the field, `Refused` for too many active ones."""
    new = [
        _changed(Location(id=location_id, code="", label="", created_at=now), draft, str(index), now)
        for index, (location_id, draft) in enumerate(zip(ids, drafts, strict=True))
    ]
    for index, location in enumerate(new):
        _check_address(location, str(index))
    return _with_locations(store, (*store.locations, *new), [location.id for location in new])


def update(store: Store, changes: Sequence[tuple[int, LocationChange]], now: datetime.datetime) -> Store:
    """The store with locations changed, in the order of the changes. Raises as `create` does."""
    known = {location.id: location for location in store.locations}
    for index, (location_id, change) in enumerate(changes):
        if location_id not in known:
            raise Invalid.field(
                f"{index}.id", f"{location_id} is not a location of this store", code="unknown_location"
            )
        after = _changed(known[location_id], change, str(index), now)
        if change.address is not None or change.type is not None:
            _check_address(after, str(index))
        if after.type == "VIRTUAL" and any(method.location_id == location_id for method in store.pickup_methods):
            raise Invalid.field(f"{index}.type_id", "cannot be VIRTUAL while pick-up methods use the location")
        known[location_id] = after
    return _with_locations(store, tuple(known.values()), [location_id for location_id, _ in changes])


def remove(store: Store, location_ids: Collection[int]) -> Store:
    """The store without these locations and their pick-up methods.

    Raises `NotFound` for an unknown one, `Refused` for the one that goods are shipped from.
    """
    for location_id in location_ids:
        location = store.location(location_id)
        if location is None:
            reason = f"{location_id} is not a location of this store"
            raise NotFound(
                f"Location {reason}.", code="location_not_found", details={"fields": {"location_id:in": reason}}
            )
        if location_id == DEFAULT_LOCATION:
            reason = f"{location.label} is where this store ships from; it can be disabled but not deleted"
            raise Refused(f"{reason}.", code="default_location", details={"fields": {"location_id:in": reason}})
    return replace(
        store,
        locations=tuple(location for location in store.locations if location.id not in location_ids),
        pickup_methods=tuple(method for method in store.pickup_methods if method.location_id not in location_ids),
    )


# ---------------------------------------------------------------------------------------------------- one location


def _changed(before: Location, change: LocationChange, where: str, now: datetime.datetime) -> Location:
    if change.time_zone is not None and not geography.is_time_zone(change.time_zone):
        raise Invalid.field(f"{where}.time_zone", f"{change.time_zone!r} is not a time zone")
    given = {name: value for name, value in asdict(change).items() if value is not None}
    if change.operating_hours is not None:
        days = {day: hours for day, hours in asdict(change.operating_hours).items() if hours is not None}
        given["operating_hours"] = replace(before.operating_hours, **days)
    if change.address is not None:
        given |= _place(before, change.address)
    after = replace(before, **given, updated_at=now)
    for name in ("code", "label"):
        if not getattr(after, name):
            raise Invalid.field(f"{where}.{name}", "is required")
    return after


def _place(before: Location, change: AddressChange) -> dict[str, object]:
    """The fields of a location that a changed address changes."""
    given = {name: value for name, value in asdict(change).items() if value is not None}
    latitude, longitude = given.pop("latitude", before.latitude), given.pop("longitude", before.longitude)
    state = given.pop("state", state_of(before.address))
    address = replace(before.address, **given)
    if change.state is not None or change.country_code is not None:
        address = _with_state(address, state)
    return {"address": completed(address), "latitude": latitude, "longitude": longitude}


def state_of(address: Address) -> str:
    """The one word a location has for its state: the code where it is known."""
    return address.state_or_province_code or address.state_or_province


def _with_state(address: Address, state: str) -> Address:
    """`state` read as a code of the country, else as a name."""
    name, code = geography.complete_state(address.country_code, "", state)
    if not name:
        name, code = state, ""
    return replace(address, state_or_province=name, state_or_province_code=code)


def _check_address(location: Location, where: str) -> None:
    """A physical place needs an address one can go to; what else belongs to it depends on the country."""
    address = location.address
    if location.type == "VIRTUAL" and address == Address():
        return
    if geography.country_name(address.country_code) is None:
        reason = f"{address.country_code!r} is not a country" if address.country_code else "is required"
        raise Invalid.field(f"{where}.address.country_code", reason)
    needed = geography.required_fields(address.country_code)
    present = {
        "address1": bool(address.address1),
        "city": bool(address.city),
        "state": bool(state_of(address)) or "state_or_province" not in needed,
        "zip": bool(address.postal_code) or "postal_code" not in needed,
    }
    for name, is_present in present.items():
        if not is_present:
            raise Invalid.field(f"{where}.address.{name}", "is required")


# ---------------------------------------------------------------------------------------------------- all locations


def _with_locations(store: Store, after: tuple[Location, ...], touched: Sequence[int]) -> Store:
    """Check what holds between locations; `touched` are those the request names, in its order."""
    owner_of: dict[str, int] = {}
    for location in after:
        first = owner_of.setdefault(location.code, location.id)
        if first != location.id and (first in touched or location.id in touched):
            index = touched.index(location.id if location.id in touched else first)
            raise Invalid.field(f"{index}.code", f"{location.code} is the code of another location", code="code_taken")
    active, before = (sum(location.enabled for location in locations) for locations in (after, store.locations))
    if active > max(MOST_ACTIVE, before):
        reason = f"A store may have at most {MOST_ACTIVE} active locations"
        raise Refused(f"{reason}.", code="too_many_active_locations", details={"fields": {"enabled": reason}})
    return replace(store, locations=after)
