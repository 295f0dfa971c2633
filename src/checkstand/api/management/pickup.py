"""Pick-up methods and the search for one that has the goods (BEHAVIOUR 5)."""

from typing import Annotated

from msgspec import Meta, Struct, convert

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import UNDATED, dated, named_ids, paged
from checkstand.api.pickup import MOST_ITEMS, SearchAreaBody, Units, find
from checkstand.api.projection import timestamp
from checkstand.domain import facts
from checkstand.domain.pickup_methods import PickupMethodChange
from checkstand.errors import Invalid
from checkstand.service import pickup
from checkstand.service.access import FULFILLMENT_METHODS, READ_ONLY

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 250
MOST_CREATED, MOST_UPDATED = 100, 10
"""Published limits of one request."""

# ---------------------------------------------------------------------------------------------------- methods


class PickupMethod(Struct, kw_only=True):
    """`location_identity` is what `location_id` was called once."""

    id: int
    location_id: int
    display_name: str
    collection_instructions: str
    collection_time_description: str
    location_identity: int
    date_created: str
    date_modified: str


def _shown(method: facts.PickupMethod) -> PickupMethod:
    return PickupMethod(
        id=method.id,
        location_id=method.location_id,
        display_name=method.display_name,
        collection_instructions=method.collection_instructions,
        collection_time_description=method.collection_time_description,
        location_identity=method.location_id,
        date_created=timestamp(method.created_at or UNDATED),
        date_modified=timestamp(method.updated_at or UNDATED),
    )


Words = Annotated[str, Meta(max_length=250)]


class PickupMethodBody(Struct):
    location_id: Identifier | None = None
    display_name: Words | None = None
    collection_instructions: Words | None = None
    collection_time_description: Words | None = None
    location_identity: Identifier | None = None

    def change(self) -> PickupMethodChange:
        return PickupMethodChange(
            location_id=self.location_identity if self.location_id is None else self.location_id,
            display_name=self.display_name,
            collection_instructions=self.collection_instructions,
            collection_time_description=self.collection_time_description,
        )


class PickupMethodUpdate(PickupMethodBody, kw_only=True):
    id: Identifier


SORTS = ("date_modified:asc", "date_modified:desc", "name:asc", "name:desc")


async def list_methods(call: Call, body: None) -> Reply:
    ids = call.query_numbers("id:in")
    found = [method for method in (await call.unit.store()).pickup_methods if ids is None or method.id in ids]
    found = dated(call, "date_created", found, lambda method: method.created_at)
    found = dated(call, "date_modified", found, lambda method: method.updated_at)
    return paged(call, _sorted(found, call.first("sort")), _shown, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)


def _sorted(methods: list[facts.PickupMethod], sort: str) -> list[facts.PickupMethod]:
    """By id where nothing else is asked for or decides."""
    if sort and sort not in SORTS:
        raise Invalid.field("sort", f"must be one of {', '.join(SORTS)}")
    ordered = sorted(methods, key=lambda method: method.id)
    name, _, direction = sort.partition(":")
    if name == "name":
        ordered.sort(key=lambda method: method.display_name.casefold(), reverse=direction == "desc")
    elif name == "date_modified":
        ordered.sort(key=lambda method: method.updated_at or UNDATED, reverse=direction == "desc")
    return ordered


async def create_methods(call: Call, body: list[PickupMethodBody]) -> list[PickupMethod]:
    made = await pickup.create(call.unit, [draft.change() for draft in body], call.moment)
    return [_shown(method) for method in made]


async def update_methods(call: Call, body: list[PickupMethodUpdate]) -> list[PickupMethod]:
    changed = await pickup.update(call.unit, [(entry.id, entry.change()) for entry in body], call.moment)
    return [_shown(method) for method in changed]


async def delete_methods(call: Call, body: None) -> None:
    ids = named_ids(call, "pick-up method")
    await pickup.remove(call.unit, ids)


# ---------------------------------------------------------------------------------------------------- search


class WantedItem(Struct):
    variant_id: Identifier
    quantity: Units


class PickupSearch(Struct):
    search_area: SearchAreaBody
    items: Annotated[list[WantedItem], Meta(min_length=1, max_length=MOST_ITEMS)]


class OfferedMethod(Struct, kw_only=True):
    id: int
    location_id: int
    display_name: str
    collection_instructions: str
    collection_time_description: str


class AvailableItem(Struct):
    variant_id: int
    quantity: int


class PickupOption(Struct):
    pickup_method: OfferedMethod
    available_items: list[AvailableItem]


class PickupResult(Struct):
    pickup_options: list[PickupOption]


class PickupResults(Struct):
    results: list[PickupResult]


async def search(call: Call, body: PickupSearch) -> PickupResults:
    found = await find(call, body.search_area, ((item.variant_id, item.quantity) for item in body.items))
    return PickupResults([PickupResult(convert(found, list[PickupOption], from_attributes=True))])


ENDPOINTS = [
    Endpoint(
        "POST",
        "/pickup/options",
        search,
        "Find places that can hand out all items",
        answer=PickupResults,
        body=PickupSearch,
        enveloped=False,
        # A search changes nothing, so that a read-only token may send it although it is a POST.
        scopes=(*FULFILLMENT_METHODS, *(scope + READ_ONLY for scope in FULFILLMENT_METHODS)),
        tag="Pick-up",
    ),
    Endpoint(
        "GET",
        "/pickup/methods",
        list_methods,
        "List pick-up methods",
        answer=list[PickupMethod],
        scopes=FULFILLMENT_METHODS,
        query=(
            "id:in",
            "date_created",
            "date_created:min",
            "date_created:max",
            "date_modified",
            "date_modified:min",
            "date_modified:max",
            "sort",
            "page",
            "limit",
        ),
        tag="Pick-up",
    ),
    Endpoint(
        "POST",
        "/pickup/methods",
        create_methods,
        "Create pick-up methods",
        answer=list[PickupMethod],
        body=Annotated[list[PickupMethodBody], Meta(min_length=1, max_length=MOST_CREATED)],
        scopes=FULFILLMENT_METHODS,
        tag="Pick-up",
    ),
    Endpoint(
        "PUT",
        "/pickup/methods",
        update_methods,
        "Change pick-up methods; what is left out stays as it is",
        answer=list[PickupMethod],
        body=Annotated[list[PickupMethodUpdate], Meta(min_length=1, max_length=MOST_UPDATED)],
        scopes=FULFILLMENT_METHODS,
        tag="Pick-up",
    ),
    Endpoint(
        "DELETE",
        "/pickup/methods",
        delete_methods,
        "Delete pick-up methods",
        status=204,
        scopes=FULFILLMENT_METHODS,
        query=("id:in",),
        tag="Pick-up",
    ),
]
