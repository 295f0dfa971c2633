"""Where a shopper could pick something up (BEHAVIOUR 5)."""

from typing import Annotated

from msgspec import Meta, Struct, convert

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint
from checkstand.api.pickup import MOST_ITEMS, SearchAreaBody, Units, find
from checkstand.api.storefront import shapes


class WantedItem(Struct, rename="camel"):
    variant_id: Identifier
    quantity: Units


class PickupSearch(Struct, rename="camel"):
    search_area: SearchAreaBody
    items: Annotated[list[WantedItem], Meta(min_length=1, max_length=MOST_ITEMS)]


class PickupResult(Struct, rename="camel"):
    """Two names for the same list: the published page has `pickupOptions`, the official SDK `options`."""

    pickup_options: list[shapes.PickupOption]
    options: list[shapes.PickupOption]


class PickupResults(Struct):
    results: list[PickupResult]


async def search(call: Call, body: PickupSearch) -> PickupResults:
    wanted = ((item.variant_id, item.quantity) for item in body.items)
    found = await find(call, body.search_area, wanted, for_shopper=True)
    options = [convert(option, shapes.PickupOption, from_attributes=True) for option in found]
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
