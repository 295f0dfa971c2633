"""What there is of each variant at each location, and setting it right (`/inventory/items`, `/inventory/adjustments`). No page
of these is among those this server is held against; the shapes are their well-known ones."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkstand.api.bodies import Identifier, Text
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import page_and_limit, pagination, words
from checkstand.api.management.locations import Transaction
from checkstand.domain.facts import Location
from checkstand.errors import NotFound
from checkstand.service import inventory
from checkstand.service.access import INVENTORY
from checkstand.service.inventory import Adjustment, Inventory

MOST_AT_ONCE = 2000
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250
MOST_UNITS = 10**9


class ItemBody(Struct, kw_only=True):
    """One of `variant_id`, `product_id` and `sku` says which variant."""

    location_id: Identifier
    variant_id: Identifier | None = None
    product_id: Identifier | None = None
    sku: Text | None = None

    def adjustment(self, quantity: int) -> Adjustment:
        return Adjustment(
            location_id=self.location_id,
            quantity=quantity,
            variant_id=self.variant_id,
            product_id=self.product_id,
            sku=self.sku,
        )


class CountedItem(ItemBody, kw_only=True):
    quantity: Annotated[int, Meta(ge=0, le=MOST_UNITS)]


class MovedItem(ItemBody, kw_only=True):
    quantity: Annotated[int, Meta(ge=-MOST_UNITS, le=MOST_UNITS)]


class AbsoluteBody(Struct):
    """How many units there are. `reason` is for people, and not kept."""

    items: Annotated[list[CountedItem], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Text | None = None


class RelativeBody(Struct):
    """How many units more or fewer there are. `reason` is for people, and not kept."""

    items: Annotated[list[MovedItem], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Text | None = None


class Identity(Struct):
    sku: str
    variant_id: int
    product_id: int


class AtLocation(Struct):
    location_id: int
    location_code: str
    location_name: str
    location_enabled: bool
    available_to_sell: int
    total_inventory_onhand: int


class ItemShape(Struct):
    identity: Identity
    locations: list[AtLocation]


class LocationItemShape(Struct):
    identity: Identity
    available_to_sell: int
    total_inventory_onhand: int


def _identity(entry: Inventory) -> Identity:
    return Identity(entry.variant.sku or entry.product.sku, entry.variant.id, entry.product.id)


def _item(entry: Inventory, locations: Mapping[int, Location]) -> ItemShape:
    at = []
    for location_id, units in entry.units.items():
        known = locations.get(location_id)
        name = (known.code, known.label, known.enabled) if known else ("", "", True)
        at.append(AtLocation(location_id, *name, available_to_sell=units, total_inventory_onhand=units))
    return ItemShape(_identity(entry), at)


async def absolute(call: Call, body: AbsoluteBody) -> Transaction:
    return await _adjust(call, [item.adjustment(item.quantity) for item in body.items], "absolute")


async def relative(call: Call, body: RelativeBody) -> Transaction:
    return await _adjust(call, [item.adjustment(item.quantity) for item in body.items], "relative")


async def _adjust(call: Call, adjustments: list[Adjustment], kind: Literal["absolute", "relative"]) -> Transaction:
    await inventory.adjust(call.unit, adjustments, kind)
    return Transaction(call.moment.ids().uuid())


async def get_items(call: Call, body: None) -> Reply:
    locations = {location.id: location for location in (await call.unit.store()).locations}
    found, meta = await _page(call, None)
    return Reply([_item(entry, locations) for entry in found], meta=meta)


async def get_location_items(call: Call, body: None) -> Reply:
    location_id = call.number("location_id")
    if location_id not in inventory.places_of(await call.unit.store()):
        raise NotFound(f"There is no location {call.params['location_id']}.", code="location_not_found")
    found, meta = await _page(call, location_id)
    units = [each.units.get(location_id, 0) for each in found]
    shown = [LocationItemShape(_identity(each), has, has) for each, has in zip(found, units, strict=True)]
    return Reply(shown, meta=meta)


async def _page(call: Call, location_id: int | None) -> tuple[list[Inventory], dict[str, object]]:
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)
    wanted: set[int] | None = None
    if any(name in call.query for name in FILTERS):
        wanted = set(call.query_numbers("variant_id:in") or ())
        wanted |= await inventory.variants_of(
            call.unit, call.query_numbers("product_id:in") or (), words(call, "sku:in") or ()
        )
    found, total = await inventory.page(call.unit, wanted, location_id, limit, (page - 1) * limit)
    return found, {"pagination": pagination(call, page, limit, count=len(found), total=total)}


FILTERS = ("variant_id:in", "product_id:in", "sku:in")
TAG = "Locations"

ENDPOINTS = [
    Endpoint(
        "PUT",
        "/inventory/adjustments/absolute",
        absolute,
        "Say how many units there are",
        answer=Transaction,
        enveloped=False,
        body=AbsoluteBody,
        scopes=INVENTORY,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        "/inventory/adjustments/relative",
        relative,
        "Say how many units more or fewer there are",
        answer=Transaction,
        enveloped=False,
        body=RelativeBody,
        scopes=INVENTORY,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/inventory/items",
        get_items,
        "List what is counted, at all locations",
        answer=list[ItemShape],
        scopes=INVENTORY,
        query=("page", "limit", *FILTERS),
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/inventory/locations/{location_id}/items",
        get_location_items,
        "List what is counted at a location",
        answer=list[LocationItemShape],
        scopes=INVENTORY,
        query=("page", "limit", *FILTERS),
        tag=TAG,
    ),
]
