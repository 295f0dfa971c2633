"""Tax classes: read in v2, made, renamed and deleted in v3 (BEHAVIOUR 8)."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from checkstand.api.bodies import Text
from checkstand.api.http import Call, Endpoint, HttpError
from checkstand.api.management.listing import UNDATED, part
from checkstand.api.management.tax_batches import DEFAULT_LIMIT, MOST, TAG, check_size, deletion, next_free
from checkstand.domain import tax_setup
from checkstand.domain.tax_zones import TaxClass
from checkstand.errors import Invalid, NotFound, Taken
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

MOST_CLASSES_AT_ONCE = 50


class TaxClassShapeV2(Struct):
    """`id` is a text, as published."""

    id: str
    name: str
    created_at: str
    updated_at: str


class TaxClassShape(Struct):
    id: int
    name: str
    created_at: str
    updated_at: str


class NewTaxClassBody(Struct):
    name: Text


class TaxClassBody(Struct):
    id: Annotated[int, Meta(ge=1, lt=2**53)]
    name: Text


def _times(each: TaxClass) -> tuple[str, str]:
    created_at = each.created_at or UNDATED
    return created_at.isoformat(), (each.updated_at or created_at).isoformat()


def _class_shape(each: TaxClass) -> TaxClassShape:
    return TaxClassShape(each.id, each.name, *_times(each))


def _class_shape_v2(each: TaxClass) -> TaxClassShapeV2:
    return TaxClassShapeV2(str(each.id), each.name, *_times(each))


async def get_classes(call: Call, body: None) -> list[TaxClassShapeV2]:
    classes = sorted((await call.unit.store()).tax_classes, key=lambda each: each.id)
    return [_class_shape_v2(each) for each in part(call, classes, default=DEFAULT_LIMIT, most=MOST)]


async def get_class(call: Call, body: None) -> TaxClassShapeV2:
    return _class_shape_v2(tax_setup.class_of(await call.unit.store(), call.number("tax_class_id")))


async def create_classes(call: Call, body: list[NewTaxClassBody]) -> list[TaxClassShape]:
    _check_classes(len(body))
    drafts = [TaxClass(0, each.name) for each in body]
    tax_setup.add_classes(await call.unit.store(), drafts)  # refused before any number is used up
    taken = {each.id for each in (await call.unit.store()).tax_classes}
    now = call.now.replace(microsecond=0)
    classes = [
        replace(draft, id=await next_free(call, "tax_class", taken), created_at=now, updated_at=now) for draft in drafts
    ]
    await edit(call.unit, partial(tax_setup.add_classes, classes=classes))
    return [_class_shape(each) for each in classes]


async def update_classes(call: Call, body: list[TaxClassBody]) -> list[TaxClassShape]:
    _check_classes(len(body))
    names = {each.id: each.name for each in body}
    if len(names) < len(body):
        raise Invalid.field("id", "is given twice")
    change = partial(tax_setup.rename_classes, names=names, now=call.now.replace(microsecond=0))
    try:
        store = await edit(call.unit, change)
    except NotFound as error:
        raise _bad(error) from None
    return [_class_shape(tax_setup.class_of(store, each.id)) for each in body]


async def delete_classes(call: Call, body: None) -> None:
    """Statuses as published: 404 without ids, 400 for one that cannot be deleted."""
    ids = call.query_numbers("id:in")
    if not ids:
        raise NotFound("Name the tax classes to delete with id:in.", code="filter_required")
    _check_classes(len(ids))
    try:
        await edit(call.unit, partial(tax_setup.remove_classes, ids=ids))
    except (NotFound, Taken) as error:
        raise _bad(error) from None


def _bad(error: NotFound | Taken) -> HttpError:
    return HttpError(400, "Bad Request", error.message)


def _check_classes(count: int) -> None:
    if count > MOST_CLASSES_AT_ONCE:
        raise HttpError(
            413, "Payload Too Large", f"At most {MOST_CLASSES_AT_ONCE} tax classes may be named at once, not {count}."
        )
    check_size(count)


CLASSES = "/tax/classes"

ENDPOINTS = [
    Endpoint(
        "POST",
        CLASSES,
        create_classes,
        "Create tax classes",
        answer=list[TaxClassShape],
        body=list[NewTaxClassBody],
        scopes=INFORMATION,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "PUT",
        CLASSES,
        update_classes,
        "Rename tax classes",
        answer=list[TaxClassShape],
        body=list[TaxClassBody],
        scopes=INFORMATION,
        tag=TAG,
        bulk=True,
    ),
    deletion(CLASSES, delete_classes, "Delete tax classes"),
]

CLASSES_V2, CLASS_V2 = "/tax_classes", "/tax_classes/{tax_class_id}"

ENDPOINTS_V2 = [
    Endpoint(
        "GET",
        CLASSES_V2,
        get_classes,
        "List tax classes",
        answer=list[TaxClassShapeV2],
        scopes=INFORMATION,
        query=("page", "limit"),
        tag=TAG,
    ),
    Endpoint("GET", CLASS_V2, get_class, "Read a tax class", answer=TaxClassShapeV2, scopes=INFORMATION, tag=TAG),
]
