"""Locations that hold stock (BEHAVIOUR 5). Changes answer with the number of a transaction, as published, and no `data`."""

import datetime
from collections.abc import Callable
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, convert
from msgspec.structs import asdict

from checkstand.api.bodies import EMAIL, Identifier, Phone, Text
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import UNDATED, named_ids, paged, truth, words
from checkstand.api.projection import timestamp
from checkstand.domain import facts
from checkstand.domain.address import Address as DomainAddress
from checkstand.domain.facts import DEFAULT_LOCATION
from checkstand.domain.locations import AddressChange, LocationChange, state_of
from checkstand.errors import Invalid
from checkstand.service import locations
from checkstand.service.access import LOCATIONS

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 1000
MOST_AT_ONCE = 100
"""In one request: as many as a store may have active."""

LocationType = Literal["PHYSICAL", "VIRTUAL"]

# ---------------------------------------------------------------------------------------------------- answers


class GeoCoordinates(Struct):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Address(Struct, kw_only=True):
    address1: str
    address2: str
    city: str
    state: str
    zip: str
    email: str
    phone: str
    country_code: str
    geo_coordinates: GeoCoordinates | UnsetType = UNSET


class DayHours(Struct):
    open: bool = False
    opening: str = "00:00"
    closing: str = "00:00"


class OperatingHours(Struct, kw_only=True):
    sunday: DayHours
    monday: DayHours
    tuesday: DayHours
    wednesday: DayHours
    thursday: DayHours
    friday: DayHours
    saturday: DayHours


class SpecialHours(Struct, kw_only=True):
    label: str
    date: str
    open: bool
    opening: str
    closing: str
    all_day: bool
    annual: bool


class Location(Struct, kw_only=True):
    """`address` is left out where a virtual location has none."""

    id: int
    code: str
    label: str
    description: str
    managed_by_external_source: bool
    type_id: LocationType
    enabled: bool
    operating_hours: OperatingHours
    time_zone: str
    created_at: str
    updated_at: str
    address: Address | UnsetType = UNSET
    storefront_visibility: bool
    special_hours: list[SpecialHours]


class Transaction(Struct):
    transaction_id: str


def _shown(location: facts.Location) -> Location:
    return Location(
        id=location.id,
        code=location.code,
        label=location.label,
        description=location.description,
        managed_by_external_source=location.managed_by_external_source,
        type_id=location.type,
        enabled=location.enabled,
        operating_hours=_shown_hours(location.operating_hours),
        time_zone=location.time_zone,
        created_at=timestamp(location.created_at or UNDATED),
        updated_at=timestamp(location.updated_at or UNDATED),
        address=UNSET if location.address == DomainAddress() else _shown_address(location),
        storefront_visibility=location.storefront_visibility,
        special_hours=[
            SpecialHours(**{**asdict(hours), "date": hours.date.isoformat()}) for hours in location.special_hours
        ],
    )


def _shown_hours(hours: facts.OperatingHours) -> OperatingHours:
    days = {name: facts.DayHours() if day is None else day for name, day in asdict(hours).items()}
    return convert(days, OperatingHours, from_attributes=True)


def _shown_address(location: facts.Location) -> Address:
    address = location.address
    coordinates: GeoCoordinates | UnsetType = UNSET
    if location.latitude is not None and location.longitude is not None:
        coordinates = GeoCoordinates(location.latitude, location.longitude)
    return Address(
        address1=address.address1,
        address2=address.address2,
        city=address.city,
        state=state_of(address),
        zip=address.postal_code,
        email=address.email,
        phone=address.phone,
        country_code=address.country_code,
        geo_coordinates=coordinates,
    )


# ---------------------------------------------------------------------------------------------------- bodies

Time = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5)]


class DayHoursBody(Struct):
    open: bool | None = None
    opening: Time | None = None
    closing: Time | None = None


class OperatingHoursBody(Struct):
    sunday: DayHoursBody | None = None
    monday: DayHoursBody | None = None
    tuesday: DayHoursBody | None = None
    wednesday: DayHoursBody | None = None
    thursday: DayHoursBody | None = None
    friday: DayHoursBody | None = None
    saturday: DayHoursBody | None = None

    def hours(self) -> facts.OperatingHours:
        return facts.OperatingHours(**{name: facts.DayHours(**_given(day)) for name, day in _given(self).items()})


class SpecialHoursBody(Struct):
    label: Text
    date: datetime.date
    open: bool
    opening: Time | None = None
    closing: Time | None = None
    all_day: bool | None = None
    annual: bool | None = None


class AddressBody(Struct):
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    email: Text | None = None
    phone: Phone | None = None
    geo_coordinates: GeoCoordinates | None = None
    country_code: Text | None = None

    def change(self, where: str) -> AddressChange:
        if self.email is not None and not EMAIL.fullmatch(self.email):
            raise Invalid.field(f"{where}.email", "is not an email address")
        if self.phone is not None and not self.phone.isprintable():
            raise Invalid.field(f"{where}.phone", "must be printable text")
        return AddressChange(
            address1=self.address1,
            address2=self.address2,
            city=self.city,
            state=self.state,
            postal_code=self.zip,
            country_code=self.country_code,
            email=self.email,
            phone=self.phone,
            latitude=self.geo_coordinates.latitude if self.geo_coordinates else None,
            longitude=self.geo_coordinates.longitude if self.geo_coordinates else None,
        )


REQUIRED_OF_ADDRESS = ("address1", "city", "state", "zip", "email", "geo_coordinates", "country_code")
"""Keys that the address of a new location must have, as published; a state or postal code may be empty where the country
has none."""


class LocationBody(Struct, kw_only=True):
    """A location to be: a code, a label and, if it is physical, an address."""

    code: Text | None = None
    label: Text | None = None
    description: Annotated[str, Meta(max_length=2000)] | None = None
    managed_by_external_source: bool | None = None
    type_id: LocationType | None = None
    enabled: bool | None = None
    operating_hours: OperatingHoursBody | None = None
    time_zone: Text | None = None
    address: AddressBody | None = None
    storefront_visibility: bool | None = None
    special_hours: Annotated[list[SpecialHoursBody], Meta(max_length=366)] | None = None

    def draft(self, index: int) -> LocationChange:
        """Raises `Invalid` for what a new location must have and this one lacks."""
        if self.address is not None:
            for name in REQUIRED_OF_ADDRESS:
                if getattr(self.address, name) is None:
                    raise Invalid.field(f"{index}.address.{name}", "is required")
        elif self.type_id != "VIRTUAL":
            raise Invalid.field(f"{index}.address", "is required for a physical location")
        return self.change(index)

    def change(self, index: int) -> LocationChange:
        special = None
        if self.special_hours is not None:
            special = tuple(facts.SpecialHours(**_given(hours)) for hours in self.special_hours)
        return LocationChange(
            code=self.code,
            label=self.label,
            description=self.description,
            managed_by_external_source=self.managed_by_external_source,
            type=self.type_id,
            enabled=self.enabled,
            operating_hours=self.operating_hours.hours() if self.operating_hours else None,
            time_zone=self.time_zone,
            address=self.address.change(f"{index}.address") if self.address else None,
            storefront_visibility=self.storefront_visibility,
            special_hours=special,
        )


class LocationUpdate(LocationBody, kw_only=True):
    id: Identifier


def _given(body: Struct) -> dict[str, Any]:
    """What was sent: null counts as left out."""
    return {name: value for name, value in asdict(body).items() if value is not None}


# ---------------------------------------------------------------------------------------------------- handlers


async def list_locations(call: Call, body: None) -> Reply:
    kept = _filters(call)
    found = [location for location in (await call.unit.store()).locations if all(keep(location) for keep in kept)]
    found.sort(key=lambda location: location.id)
    return paged(call, found, _shown, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)


def _filters(call: Call) -> list[Callable[[facts.Location], bool]]:
    """What the query asks of a location. Raises `Invalid` for a filter that cannot be understood."""
    filters: list[Callable[[facts.Location], bool]] = []
    if (ids := call.query_numbers("location_id:in")) is not None:
        filters.append(lambda location: location.id in ids)
    if (codes := words(call, "location_code:in")) is not None:
        filters.append(lambda location: location.code in codes)
    if (types := words(call, "type_id:in")) is not None:
        filters.append(lambda location: location.type in types)
    if (is_default := truth(call, "is_default")) is not None:
        filters.append(lambda location: (location.id == DEFAULT_LOCATION) is is_default)
    if (managed := truth(call, "managed_by_external_source")) is not None:
        filters.append(lambda location: location.managed_by_external_source is managed)
    if (active := truth(call, "is_active")) is not None:
        filters.append(lambda location: location.enabled is active)
    if (visible := truth(call, "storefront_visibility")) is not None:
        filters.append(lambda location: location.storefront_visibility is visible)
    return filters


async def create_locations(call: Call, body: list[LocationBody]) -> Transaction:
    await locations.create(call.unit, [draft.draft(index) for index, draft in enumerate(body)], call.moment)
    return _transaction(call)


async def update_locations(call: Call, body: list[LocationUpdate]) -> Transaction:
    changes = [(entry.id, entry.change(index)) for index, entry in enumerate(body)]
    await locations.update(call.unit, changes, call.moment)
    return _transaction(call)


async def delete_locations(call: Call, body: None) -> Transaction:
    ids = named_ids(call, "location", "location_id:in")
    await locations.remove(call.unit, ids)
    return _transaction(call)


def _transaction(call: Call) -> Transaction:
    return Transaction(call.moment.ids().uuid())


ENDPOINTS = [
    Endpoint(
        "GET",
        "/inventory/locations",
        list_locations,
        "List locations",
        answer=list[Location],
        scopes=LOCATIONS,
        query=(
            "location_id:in",
            "location_code:in",
            "type_id:in",
            "is_default",
            "managed_by_external_source",
            "is_active",
            "storefront_visibility",
            "page",
            "limit",
        ),
        tag="Locations",
    ),
    Endpoint(
        "POST",
        "/inventory/locations",
        create_locations,
        "Create locations",
        answer=Transaction,
        body=Annotated[list[LocationBody], Meta(min_length=1, max_length=MOST_AT_ONCE)],
        enveloped=False,
        scopes=LOCATIONS,
        tag="Locations",
    ),
    Endpoint(
        "PUT",
        "/inventory/locations",
        update_locations,
        "Change locations; what is left out stays as it is",
        answer=Transaction,
        body=Annotated[list[LocationUpdate], Meta(min_length=1, max_length=MOST_AT_ONCE)],
        enveloped=False,
        scopes=LOCATIONS,
        tag="Locations",
    ),
    Endpoint(
        "DELETE",
        "/inventory/locations",
        delete_locations,
        "Delete locations, with their pick-up methods and the stock they hold",
        answer=Transaction,
        enveloped=False,
        scopes=LOCATIONS,
        query=("location_id:in",),
        tag="Locations",
    ),
]
