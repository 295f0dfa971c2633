"""Metafields of carts (BEHAVIOUR 4). The client is known by the name of its access token.

The published page shows the list of one cart's fields as a single field and calls it an array; it is one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import cursor, cursor_pagination, page_and_limit, pagination, time_span, words
from checkstand.api.management.surface import caller_of
from checkstand.api.projection import timestamp
from checkstand.domain import metafield
from checkstand.domain.metafield import MetafieldDraft, PermissionSet
from checkstand.errors import Invalid
from checkstand.service import metafields
from checkstand.service.access import CART
from checkstand.storage.port import MetafieldSearch

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250

# ---------------------------------------------------------------------------------------------------- bodies

Name = Annotated[str, Meta(min_length=1, max_length=64)]


class MetafieldBody(Struct, kw_only=True):
    permission_set: PermissionSet
    namespace: Name
    key: Name
    value: Annotated[str, Meta(min_length=1, max_length=65535)]
    description: Annotated[str, Meta(max_length=255)] | None = None

    def draft(self) -> MetafieldDraft:
        return MetafieldDraft(
            permission_set=self.permission_set,
            namespace=self.namespace,
            key=self.key,
            value=self.value,
            description=self.description or "",
        )


class NewMetafield(MetafieldBody, kw_only=True):
    """`resource_id` is the cart's id."""

    resource_id: str


class MetafieldUpdate(MetafieldBody, kw_only=True):
    """Ids are published as texts here, and as numbers where fields are deleted: both will do."""

    id: Identifier | Annotated[str, Meta(pattern=r"^[0-9]{1,15}$")]


# ---------------------------------------------------------------------------------------------------- answers


class Metafield(Struct, kw_only=True):
    id: str
    key: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    namespace: str | UnsetType = UNSET
    permission_set: str | UnsetType = UNSET
    resource_type: str | UnsetType = UNSET
    resource_id: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    date_created: str | UnsetType = UNSET
    date_modified: str | UnsetType = UNSET
    owner_client_id: str | UnsetType = UNSET


def _shown(field: metafield.Metafield) -> Metafield:
    return Metafield(
        id=str(field.id),
        key=field.key,
        value=field.value,
        namespace=field.namespace,
        permission_set=field.permission_set,
        resource_type="cart",
        resource_id=field.cart_id,
        description=field.description,
        date_created=timestamp(field.created_at),
        date_modified=timestamp(field.modified_at),
        owner_client_id=field.owner,
    )


def _trimmed(shape: Metafield, wanted: Sequence[str] | None) -> Metafield:
    """With the id and what `include_fields` names, if it is there; names that are none are harmless."""
    if wanted is not None:
        for name in shape.__struct_fields__:
            if name not in ("id", *wanted):
                setattr(shape, name, UNSET)
    return shape


# ---------------------------------------------------------------------------------------------------- lists


async def list_all(call: Call, body: None) -> Reply:
    return await _listed(call, "")


async def list_of_cart(call: Call, body: None) -> Reply:
    return await _listed(call, call.params["cart_id"])


async def _listed(call: Call, cart_id: str) -> Reply:
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)
    after, before = cursor(call, "after"), cursor(call, "before")
    if after is not None and before is not None:
        raise Invalid.field("before", "cannot be combined with after")
    by_number = after is None and before is None
    found = await metafields.find(
        call.unit,
        _search(call, cart_id),
        descending=_is_descending(call),
        limit=limit,
        offset=(page - 1) * limit if by_number else 0,
        after=after,
        before=before,
    )
    wanted = words(call, "include_fields")
    meta: dict[str, object] = {
        "cursor_pagination": cursor_pagination(
            call,
            [field.id for field in found.fields],
            limit,
            has_previous=found.has_previous,
            has_next=found.has_next,
        )
    }
    if by_number:
        meta["pagination"] = pagination(call, page, limit, count=len(found.fields), total=found.total)
    return Reply([_trimmed(_shown(field), wanted) for field in found.fields], meta=meta)


def _search(call: Call, cart_id: str) -> MetafieldSearch:
    created, modified = _times(call, "date_created"), _times(call, "date_modified")
    return MetafieldSearch(
        client=caller_of(call).name,
        cart_id=cart_id,
        namespaces=_names(call, "namespace"),
        keys=_names(call, "key"),
        created_from=created[0],
        created_before=created[1],
        modified_from=modified[0],
        modified_before=modified[1],
    )


def _names(call: Call, name: str) -> tuple[str, ...] | None:
    """What fields must be called: `key`, or one of the list `key:in`, or both. What cannot be a name matches nothing."""
    exact, listed = call.first(name), words(call, f"{name}:in")
    if not exact and listed is None:
        return None
    allowed = [exact] if listed is None else [text for text in listed if exact in ("", text)]
    return tuple(text for text in allowed if metafield.is_name(text))


def _times(call: Call, name: str) -> tuple[datetime | None, datetime | None]:
    """From when until before when; both ends the client names belong to it."""
    earliest, latest = time_span(call, f"{name}:min"), time_span(call, f"{name}:max")
    return earliest and earliest[0], latest and latest[1]


def _is_descending(call: Call) -> bool:
    direction = call.first("direction", "asc").lower()
    if direction not in ("asc", "desc"):
        raise Invalid.field("direction", "must be asc or desc")
    return direction == "desc"


# ---------------------------------------------------------------------------------------------------- one field


async def create(call: Call, body: MetafieldBody) -> Metafield:
    return _shown(
        await metafields.create(call.unit, caller_of(call).name, call.params["cart_id"], body.draft(), call.moment)
    )


async def get(call: Call, body: None) -> Metafield:
    return _shown(
        await metafields.get(call.unit, caller_of(call).name, call.number("metafield_id"), call.params["cart_id"])
    )


async def update(call: Call, body: MetafieldBody) -> Metafield:
    cart_id, metafield_id = call.params["cart_id"], call.number("metafield_id")
    return _shown(
        await metafields.update(call.unit, caller_of(call).name, cart_id, metafield_id, body.draft(), call.moment)
    )


async def delete(call: Call, body: None) -> None:
    await metafields.delete(
        call.unit, caller_of(call).name, call.params["cart_id"], call.number("metafield_id"), call.moment
    )


# ---------------------------------------------------------------------------------------------------- many fields


async def create_all(call: Call, body: list[NewMetafield]) -> Reply:
    drafts = [(entry.resource_id, entry.draft()) for entry in body]
    made = await metafields.create_all(call.unit, caller_of(call).name, drafts, call.moment)
    return _all_done([_shown(field) for field in made])


async def update_all(call: Call, body: list[MetafieldUpdate]) -> Reply:
    drafts = {int(entry.id): entry.draft() for entry in body}
    _check_ids([int(entry.id) for entry in body])
    changed = await metafields.update_all(call.unit, caller_of(call).name, drafts, call.moment)
    return _all_done([_shown(field) for field in changed])


async def delete_all(call: Call, body: list[Identifier]) -> Reply:
    _check_ids(body)
    await metafields.delete_all(call.unit, caller_of(call).name, body, call.moment)
    return _all_done(body)


def _check_ids(ids: Sequence[int]) -> None:
    twice = {number for number in ids if ids.count(number) > 1}
    if twice:
        raise Invalid.field("id", f"{min(twice)} is named twice")


def _all_done(done: Sequence[object]) -> Reply:
    """All or none: nothing is ever half done. `errors`, which is published as empty, is left out: clients take it for failure."""
    return Reply(done, meta={"total": len(done), "success": len(done), "failed": 0})


OF_CART = "/carts/{cart_id}/metafields"
ONE = f"{OF_CART}/{{metafield_id}}"
ALL = "/carts/metafields"

PAGES = ("page", "limit", "direction", "before", "after")
FILTERS = (
    "key",
    "key:in",
    "namespace",
    "namespace:in",
    "date_created:min",
    "date_created:max",
    "date_modified:min",
    "date_modified:max",
    "include_fields",
)
TAG = "Metafields of carts"

ENDPOINTS = [
    Endpoint(
        "GET",
        ALL,
        list_all,
        "List the metafields of all carts",
        answer=list[Metafield],
        scopes=CART,
        query=PAGES + FILTERS,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        ALL,
        create_all,
        "Create several metafields, or none if one cannot be",
        answer=list[Metafield],
        body=list[NewMetafield],
        scopes=CART,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "PUT",
        ALL,
        update_all,
        "Change several metafields, or none if one cannot be",
        answer=list[Metafield],
        body=list[MetafieldUpdate],
        scopes=CART,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "DELETE",
        ALL,
        delete_all,
        "Delete several metafields, or none if one cannot be",
        answer=list[int],
        body=list[Identifier],
        scopes=CART,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "GET",
        OF_CART,
        list_of_cart,
        "List the metafields of a cart",
        answer=list[Metafield],
        scopes=CART,
        query=PAGES + FILTERS,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        OF_CART,
        create,
        "Create a metafield",
        answer=Metafield,
        body=MetafieldBody,
        scopes=CART,
        tag=TAG,
    ),
    Endpoint("GET", ONE, get, "Read a metafield", answer=Metafield, scopes=CART, tag=TAG),
    Endpoint(
        "PUT",
        ONE,
        update,
        "Change a metafield",
        answer=Metafield,
        body=MetafieldBody,
        scopes=CART,
        tag=TAG,
        bulk=True,
    ),
    Endpoint("DELETE", ONE, delete, "Delete a metafield", status=204, scopes=CART, tag=TAG),
]
