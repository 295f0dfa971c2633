"""Where a shopper could pick something up (BEHAVIOUR 5)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, convert

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint
from checkstand.api.projection import pickup_option_view
from checkstand.api.storefront import shapes
from checkstand.domain.fulfillment import SearchArea
from checkstand.domain.geodesy import KM_PER_MILE
from checkstand.service import pickup

Units = Annotated[int, Meta(ge=1, lt=2**31)]


class Coordinates(Struct):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Radius(Struct):
    value: Annotated[float, Meta(gt=0)]
    unit: Literal["KM", "MI"]


class SearchAreaBody(Struct, rename="camel"):
    coordinates: Coordinates
    radius: Radius

    def area(self) -> SearchArea:
        kilometres = self.radius.value * (KM_PER_MILE if self.radius.unit == "MI" else 1)
        return SearchArea(self.coordinates.latitude, self.coordinates.longitude, kilometres)


class WantedItem(Struct, rename="camel"):
    variant_id: Identifier
    quantity: Units


class PickupSearch(Struct, rename="camel"):
    search_area: SearchAreaBody
    items: Annotated[list[WantedItem], Meta(min_length=1)]


class PickupResult(Struct, rename="camel"):
    """Two names for the same list: the published page has `pickupOptions`, the official SDK `options`."""

    pickup_options: list[shapes.PickupOption]
    options: list[shapes.PickupOption]


class PickupResults(Struct):
    results: list[PickupResult]


async def search(call: Call, body: PickupSearch) -> PickupResults:
    units: dict[int, int] = {}
    for item in body.items:
        units[item.variant_id] = units.get(item.variant_id, 0) + item.quantity
    found = await pickup.search(call.unit, units, body.search_area.area())
    options = [
        convert(pickup_option_view(option, units), shapes.PickupOption, from_attributes=True) for option in found
    ]
    return PickupResults([PickupResult(options, options)])


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
