"""The search for a place to pick up, as far as the surfaces have it in common: the area, and how units are added up.

The parts below have no name of more than one word, so both surfaces decode them alike.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkstand.api.http import Call
from checkstand.api.projection import PickupOptionView, pickup_option_view
from checkstand.domain.fulfillment import SearchArea
from checkstand.domain.geodesy import KM_PER_MILE
from checkstand.service import pickup

Units = Annotated[int, Meta(ge=1, lt=2**31)]
MOST_ITEMS = 2000
"""In one search: each costs a look at its stock, and anybody may ask."""


KM_PER = {"KM": 1.0, "MI": KM_PER_MILE}


class Coordinates(Struct):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Radius(Struct):
    value: Annotated[float, Meta(gt=0)]
    unit: Literal["KM", "MI"]


class SearchAreaBody(Struct):
    coordinates: Coordinates
    radius: Radius

    def area(self) -> SearchArea:
        kilometres = self.radius.value * KM_PER[self.radius.unit]
        return SearchArea(self.coordinates.latitude, self.coordinates.longitude, kilometres)


async def find(
    call: Call, area: SearchAreaBody, items: Iterable[tuple[int, int]], *, for_shopper: bool = False
) -> list[PickupOptionView]:
    """Options for (variant id, quantity) pairs; a variant named twice is wanted that many times."""
    units: dict[int, int] = {}
    for variant_id, quantity in items:
        units[variant_id] = units.get(variant_id, 0) + quantity
    found = await pickup.search(call.unit, units, area.area(), for_shopper=for_shopper)
    return [pickup_option_view(option, units) for option in found]
