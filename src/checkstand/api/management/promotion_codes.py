"""Codes of coupon promotions (BEHAVIOUR 3.4): one by one, or many at once for promotions of the type BULK."""

from typing import Annotated

from msgspec import Meta, Struct

from checkstand.api.http import Call, Endpoint, HttpError, Reply
from checkstand.api.management.listing import cursor, cursor_pagination, page_and_limit, pagination
from checkstand.api.management.promotion_shapes import CodeBody, CodeShape, code_shape
from checkstand.api.management.promotions import DEFAULT_LIMIT, MOST, ids_to_delete
from checkstand.domain import promoting
from checkstand.domain.promoting import CodePattern
from checkstand.domain.promotions import PromotionCode
from checkstand.errors import Invalid
from checkstand.service import promotions
from checkstand.service.access import MARKETING

# ---------------------------------------------------------------------------------------------------- lists


async def get_codes(call: Call, body: None) -> Reply:
    """By id. By page or by cursor; `meta` shows the one that was asked for, and both where none was."""
    promotion_id = call.number("promotion_id")
    promoting.promotion_of(await call.unit.store(), promotion_id)
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    after, before, code = cursor(call, "after"), cursor(call, "before"), call.first("code")
    if len({"after", "before", "page"} & call.query.keys()) > 1:
        raise Invalid.field("page", "cannot be combined with before or after, nor can these with each other")
    codes, offset = call.unit.codes, (page - 1) * limit
    # One more than is shown says whether there are more in that direction.
    if before is not None:
        found = await codes.page(promotion_id, limit=limit + 1, before=before, code=code)
        has_previous, has_next, found = len(found) > limit, True, found[-limit:]
    else:
        found = await codes.page(promotion_id, limit=limit + 1, offset=offset, after=after or 0, code=code)
        has_previous, has_next, found = bool(after or offset), len(found) > limit, found[:limit]
    meta: dict[str, object] = {}
    if "page" not in call.query:
        meta["cursor_pagination"] = _cursors(
            cursor_pagination(call, [entry.id for entry in found], limit, has_previous=has_previous, has_next=has_next)
        )
    if after is None and before is None:
        total = await codes.count(promotion_id, code)
        meta["pagination"] = pagination(call, page, limit, count=len(found), total=total)
    return Reply(await _shapes(call, found), meta=meta)


def _cursors(found: dict[str, object]) -> dict[str, object]:
    """As published here: cursors of an empty list are left out, and the links go to other pages only."""
    links = found["links"]
    assert isinstance(links, dict)
    others = {way: link for way, link in links.items() if way != "current"}
    return {name: value for name, value in found.items() if value != ""} | {"links": others}


async def _shapes(call: Call, codes: list[PromotionCode]) -> list[CodeShape]:
    if not codes:
        return []
    uses = await call.unit.coupons.uses_between(codes[0].id, codes[-1].id)
    return [code_shape(code, uses.get(code.id, 0)) for code in codes]


async def find_code(call: Call, body: None) -> Reply:
    """A list of one, or of none."""
    code = await call.unit.codes.find(_code(call))
    shown = await _shapes(call, [] if code is None else [code])
    cursors = cursor_pagination(call, [entry.id for entry in shown], DEFAULT_LIMIT, has_previous=False, has_next=False)
    return Reply(
        shown,
        meta={
            "cursor_pagination": _cursors(cursors),
            "pagination": pagination(call, 1, DEFAULT_LIMIT, count=len(shown), total=len(shown)),
        },
    )


def _code(call: Call) -> str:
    code = call.first("code")
    if not code:
        raise Invalid.field("code", "is required")
    return code


# ---------------------------------------------------------------------------------------------------- making codes


async def create_code(call: Call, body: CodeBody) -> CodeShape:
    made = await promotions.add_code(call.unit, call.number("promotion_id"), body.draft(), call.moment)
    return code_shape(made, 0)


Affix = Annotated[str, Meta(max_length=20, pattern=r"^[A-Z0-9_-]*$")]
Most = Annotated[int, Meta(ge=0, le=100_000)]


class CodesBody(Struct, kw_only=True):
    batch_size: Annotated[int, Meta(ge=1, le=250)]
    max_uses: Most | None = None
    max_uses_per_customer: Most | None = None
    prefix: Affix | None = None
    suffix: Affix | None = None
    delimiter: Annotated[str, Meta(max_length=1, pattern=r"^[_-]?$")] | None = None
    exclude_characters: list[Annotated[str, Meta(pattern=r"^[A-Z0-9]$")]] | None = None
    code_length: Annotated[int, Meta(ge=6, le=16)] | None = None


class NewCodeShape(Struct):
    code: str


class NewCodesShape(Struct, kw_only=True):
    created: str
    max_uses: int
    max_uses_per_customer: int
    batch_size: int
    codes: list[NewCodeShape]


async def generate_codes(call: Call, body: CodesBody) -> NewCodesShape:
    promotion = promoting.promotion_of(await call.unit.store(), call.number("promotion_id"))
    if not promotion.is_coupon or promotion.coupon_type != "BULK":
        raise HttpError(405, "Method Not Allowed", f"Promotion {promotion.id} is none with many codes.")
    like = PromotionCode(
        id=0,
        promotion_id=promotion.id,
        code="",
        max_uses=1 if body.max_uses is None else body.max_uses,
        max_uses_per_customer=1 if body.max_uses_per_customer is None else body.max_uses_per_customer,
    )
    pattern = CodePattern(
        length=16 if body.code_length is None else body.code_length,
        prefix=body.prefix or "",
        suffix=body.suffix or "",
        delimiter=body.delimiter or "",
        without=tuple(body.exclude_characters or ()),
    )
    made = await promotions.generate(call.unit, promotion.id, pattern, body.batch_size, like, call.moment)
    return NewCodesShape(
        created=code_shape(made[0], 0).created,
        max_uses=like.max_uses,
        max_uses_per_customer=like.max_uses_per_customer,
        batch_size=len(made),
        codes=[NewCodeShape(code.code) for code in made],
    )


# ---------------------------------------------------------------------------------------------------- deleting codes


async def delete_code(call: Call, body: None) -> None:
    """Also of one that is not there, as published."""
    await call.unit.codes.remove(call.number("promotion_id"), [call.number("code_id")])


async def delete_code_by_code(call: Call, body: None) -> None:
    code = await call.unit.codes.find(_code(call))
    if code is not None:
        await call.unit.codes.remove(code.promotion_id, [code.id])


async def delete_codes(call: Call, body: None) -> Reply | None:
    ids = ids_to_delete(call, MOST, "codes")
    if isinstance(ids, Reply):
        return ids
    if code := call.first("code"):
        known = await call.unit.codes.find(code)
        ids = [number for number in ids if known is not None and number == known.id]
    await call.unit.codes.remove(call.number("promotion_id"), ids)
    return None


# ---------------------------------------------------------------------------------------------------- the table

CODES, BY_CODE = "/promotions/{promotion_id}/codes", "/promotions/codes"
TAG = "Promotions"

ENDPOINTS = [
    Endpoint(
        "GET",
        BY_CODE,
        find_code,
        "Find a code",
        answer=list[CodeShape],
        scopes=MARKETING,
        query=("code",),
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        BY_CODE,
        delete_code_by_code,
        "Delete a code by what it says",
        status=204,
        scopes=MARKETING,
        query=("code",),
        tag=TAG,
    ),
    Endpoint(
        "GET",
        CODES,
        get_codes,
        "List the codes of a promotion",
        answer=list[CodeShape],
        scopes=MARKETING,
        query=("before", "after", "page", "limit", "code"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        CODES,
        create_code,
        "Create a code",
        answer=CodeShape,
        body=CodeBody,
        status=201,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        CODES,
        delete_codes,
        "Delete several codes",
        status=204,
        scopes=MARKETING,
        query=("id:in", "code"),
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        f"{CODES}/{{code_id}}",
        delete_code,
        "Delete a code",
        status=204,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        "/promotions/{promotion_id}/codegen",
        generate_codes,
        "Create many codes at once",
        answer=NewCodesShape,
        body=CodesBody,
        status=201,
        scopes=MARKETING,
        tag=TAG,
        bulk=True,
    ),
]
