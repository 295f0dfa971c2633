"""Where a shopper could pick something up (BEHAVIOUR 5)."""

from typing import Annotated

from msgspec import Meta, Struct, convert

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint
from checkstand.api.pickup import KM_PER, MOST_ITEMS, SearchAreaBody, Units, find
from checkstand.api.projection import PickupOptionView
from checkstand.api.storefront import shapes


class WantedItem(Struct, rename="camel"):
    variant_id: Identifier
    quantity: Units


class PickupSearch(Struct, rename="camel"):
    search_area: SearchAreaBody
    items: Annotated[list[WantedItem], Meta(min_length=1, max_length=MOST_ITEMS)]


class Place(Struct, rename="camel"):
    """Where a shopper would go: the address of a pick-up method's location, and how far that is in the unit of the search."""

    pickup_method_id: int
    distance: float
    address1: str
    address2: str
    city: str
    state_or_province: str
    state_or_province_code: str
    country: str
    country_code: str
    postal_code: str
    phone: str


class PickupResult(Struct, rename="camel"):
    """Two names for the same list: the published page has `pickupOptions`, the official SDK `options`. `places` says of each,
    in the same order, what a shopper wants to know before choosing."""

    pickup_options: list[shapes.PickupOption]
    options: list[shapes.PickupOption]
    places: list[Place]


class PickupResults(Struct):
    results: list[PickupResult]


async def search(call: Call, body: PickupSearch) -> PickupResults:
    wanted = ((item.variant_id, item.quantity) for item in body.items)
    found = await find(call, body.search_area, wanted, for_shopper=True)
    options = [convert(option, shapes.PickupOption, from_attributes=True) for option in found]
    places = [_place(option, body.search_area.radius.unit) for option in found]
    return PickupResults([PickupResult(options, options, places)])


def _place(option: PickupOptionView, unit: str) -> Place:
    distance = (option.distance_km or 0) / KM_PER[unit]
    known = {name: getattr(option.address, name) for name in Place.__struct_fields__ if hasattr(option.address, name)}
    return Place(pickup_method_id=option.pickup_method.id, distance=round(distance, 1), **known)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/pickup-options",
        search,
        "Find places that can hand out all items",
        answer=PickupResults,
        body=PickupSearch,
        tag="Pick-up",
    ),
]
