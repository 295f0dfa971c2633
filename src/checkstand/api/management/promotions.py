"""Promotions of the store, and the settings for all of them (BEHAVIOUR 3.4, 11.3, D25, D78)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct, convert
from msgspec.structs import replace

from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import paged
from checkstand.api.management.promotion_shapes import PromotionBody, PromotionShape, promotion_shape
from checkstand.api.problems import TYPE
from checkstand.domain import promoting
from checkstand.domain.facts import Store
from checkstand.domain.promotions import Promotion
from checkstand.errors import Invalid
from checkstand.service import promotions
from checkstand.service.access import MARKETING
from checkstand.service.shop import edit

DEFAULT_LIMIT, MOST = 50, 250
MOST_TO_DELETE = 50

# ---------------------------------------------------------------------------------------------------- lists


async def get_promotions(call: Call, body: None) -> Reply:
    store = await call.unit.store()
    found = await _found(call, store.promotions)
    uses = await call.unit.coupons.promotion_uses()
    # Codes are looked up for the page alone; what is shown of a promotion is otherwise in memory.
    reply = paged(call, found, lambda promotion: promotion, default=DEFAULT_LIMIT, most=MOST)
    assert isinstance(reply.body, list)
    shown = [await _shape(call, promotion, uses.get(promotion.id, 0)) for promotion in reply.body]
    return Reply(shown, meta=reply.meta)


async def _shape(call: Call, promotion: Promotion, uses: int) -> PromotionShape:
    if not promotion.is_coupon:
        return promotion_shape(promotion, uses)
    codes = await call.unit.codes.page(promotion.id, limit=2)
    if not codes or promotion.coupon_type != "SINGLE":
        return promotion_shape(promotion, uses, code_count=len(codes))
    of_code = await call.unit.coupons.uses_between(codes[0].id, codes[0].id)
    return promotion_shape(promotion, uses, (codes[0], of_code.get(codes[0].id, 0)), code_count=len(codes))


async def _found(call: Call, every: Sequence[Promotion]) -> list[Promotion]:
    """Those the query asks for, in the order it asks for. Raises `Invalid`."""
    wanted = await _wanted(call)
    found = [promotion for promotion in every if wanted(promotion)]
    key, descending = _sort(call), _is_descending(call)
    found.sort(key=lambda promotion: promotion.id)
    found.sort(key=key, reverse=descending)
    return found


async def _wanted(call: Call) -> Callable[[Promotion], bool]:
    ids, channels = call.query_numbers("id"), call.query_numbers("channels")
    name, currency, status = call.first("name"), call.first("currency_code"), call.first("status").upper()
    kind, part = call.first("redemption_type").upper(), call.first("query").casefold()
    if kind not in ("", "AUTOMATIC", "COUPON"):
        raise Invalid.field("redemption_type", "must be automatic or coupon")
    if status not in ("", "ENABLED", "DISABLED", "INVALID"):
        raise Invalid.field("status", "must be ENABLED, DISABLED or INVALID")
    by_code: int | None = None
    if code := call.first("code"):
        known = await call.unit.codes.find(code)
        by_code = known.promotion_id if known else 0
    with_part = await call.unit.codes.promotions_with(part) if part else set[int]()

    def is_wanted(promotion: Promotion) -> bool:
        return (
            (ids is None or promotion.id in ids)
            and (not name or promotion.name == name)
            and (by_code is None or promotion.id == by_code)
            and (not currency or promotion.currency_code == currency)
            and (not kind or promotion.redemption_type == kind)
            and (not status or promotion.status == status)
            and (channels is None or not promotion.channel_ids or not {*channels}.isdisjoint(promotion.channel_ids))
            and (not part or part in promotion.name.casefold() or promotion.id in with_part)
        )

    return is_wanted


LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def _sort(call: Call) -> Callable[[Promotion], tuple[object, ...]]:
    """In the order of the turns for `priority`."""
    match call.first("sort") or "id":
        case "id":
            return lambda promotion: (promotion.id,)
        case "name":
            return lambda promotion: (promotion.name,)
        case "priority":
            return lambda promotion: (promotion.priority, promotion.id)
        case "start_date":
            return lambda promotion: (promotion.start_date or LONG_AGO,)
        case _:
            raise Invalid.field("sort", "must be id, name, priority or start_date")


def _is_descending(call: Call) -> bool:
    direction = (call.first("direction") or "asc").lower()
    if direction not in ("asc", "desc"):
        raise Invalid.field("direction", "must be asc or desc")
    return direction == "desc"


# ---------------------------------------------------------------------------------------------------- one promotion


async def create_promotion(call: Call, body: PromotionBody) -> PromotionShape:
    made = await promotions.create(call.unit, body.given(), body.code(), call.moment)
    return await _shape(call, made, 0)


async def get_promotion(call: Call, body: None) -> PromotionShape:
    promotion = promoting.promotion_of(await call.unit.store(), call.number("promotion_id"))
    return await _shape(call, promotion, await _uses(call, promotion))


async def update_promotion(call: Call, body: PromotionBody) -> PromotionShape:
    promotion = await promotions.update(call.unit, call.number("promotion_id"), body.given(), body.code(), call.moment)
    return await _shape(call, promotion, await _uses(call, promotion))


async def _uses(call: Call, promotion: Promotion) -> int:
    return (await call.unit.coupons.promotion_uses()).get(promotion.id, 0)


async def delete_promotion(call: Call, body: None) -> None:
    """Also of one that is not there, as published."""
    promotion_id = call.number("promotion_id")
    if await promotions.remove(call.unit, [promotion_id]):
        raise Invalid(
            f"Promotion {promotion_id} still has codes; delete them first.", fields={"codes": "must be deleted first"}
        )


async def delete_promotions(call: Call, body: None) -> Reply | None:
    """Those that can be deleted are, as published, and the others are told of."""
    ids = ids_to_delete(call, MOST_TO_DELETE, "promotions")
    if isinstance(ids, Reply):
        return ids
    kept = await promotions.remove(call.unit, ids)
    if not kept:
        return None
    errors = {f"{ids.index(number)}.code": f"Promotion {number} still has codes; delete them first." for number in kept}
    return bulk_refusal("Some promotions could not be deleted.", errors, len(ids))


def ids_to_delete(call: Call, most: int, what: str) -> list[int] | Reply:
    """Those that `id:in` names, or the refusal."""
    if "id:in" not in call.query:
        return bulk_refusal("The parameter id:in is missing.", {}, 0)
    try:
        ids = call.query_numbers("id:in") or []
    except Invalid:
        return bulk_refusal("The parameter id:in must be a list of whole numbers.", {}, 0)
    if not 1 <= len(ids) <= most:
        return bulk_refusal(f"The parameter id:in must name 1 to {most} {what}.", {}, 0)
    return ids


def bulk_refusal(title: str, errors: dict[str, str], total: int) -> Reply:
    """The published body of a batch of which a part, or all, could not be done."""
    error: dict[str, object] = {"status": 422, "title": title, "type": TYPE, "detail": title}
    meta = {"total": total, "success": total - len(errors), "failed": len(errors)}
    return Reply({**error, "errors": [{**error, "errors": errors}], "meta": meta}, status=422, enveloped=False)


# ---------------------------------------------------------------------------------------------------- settings


class PromotionSettingsShape(Struct, kw_only=True):
    promotions_apply_on_products_with_custom_product_price: bool
    promotions_triggered_by_products_with_zero_product_price: bool
    number_of_coupons_allowed_at_checkout: Annotated[int, Meta(ge=1, le=5)]
    promotions_applied_on_original_product_price: bool


async def get_settings(call: Call, body: None) -> Reply:
    return _settings(await call.unit.store())


async def update_settings(call: Call, body: PromotionSettingsShape) -> Reply:
    given = {name: getattr(body, name) for name in body.__struct_fields__}

    def change(store: Store) -> Store:
        return replace(store, promotion_settings=replace(store.promotion_settings, **given))

    return _settings(await edit(call.unit, change))


def _settings(store: Store) -> Reply:
    """Published without `data` and `meta`."""
    return Reply(convert(store.promotion_settings, PromotionSettingsShape, from_attributes=True), enveloped=False)


# ---------------------------------------------------------------------------------------------------- the table

PROMOTIONS, PROMOTION = "/promotions", "/promotions/{promotion_id}"
TAG = "Promotions"

ENDPOINTS = [
    Endpoint(
        "GET",
        "/promotions/settings",
        get_settings,
        "Read the settings for all promotions",
        answer=PromotionSettingsShape,
        scopes=MARKETING,
        tag=TAG,
        enveloped=False,
    ),
    Endpoint(
        "PUT",
        "/promotions/settings",
        update_settings,
        "Change the settings for all promotions",
        answer=PromotionSettingsShape,
        body=PromotionSettingsShape,
        scopes=MARKETING,
        tag=TAG,
        enveloped=False,
    ),
    Endpoint(
        "GET",
        PROMOTIONS,
        get_promotions,
        "List promotions",
        answer=list[PromotionShape],
        scopes=MARKETING,
        query=(
            "id",
            "name",
            "code",
            "query",
            "currency_code",
            "redemption_type",
            "status",
            "channels",
            "sort",
            "direction",
            "page",
            "limit",
        ),
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "POST",
        PROMOTIONS,
        create_promotion,
        "Create a promotion",
        answer=PromotionShape,
        body=PromotionBody,
        status=201,
        scopes=MARKETING,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "DELETE",
        PROMOTIONS,
        delete_promotions,
        "Delete several promotions",
        status=204,
        scopes=MARKETING,
        query=("id:in",),
        tag=TAG,
    ),
    Endpoint("GET", PROMOTION, get_promotion, "Read a promotion", answer=PromotionShape, scopes=MARKETING, tag=TAG),
    Endpoint(
        "PUT",
        PROMOTION,
        update_promotion,
        "Change a promotion",
        answer=PromotionShape,
        body=PromotionBody,
        scopes=MARKETING,
        tag=TAG,
        bulk=True,
    ),
    Endpoint("DELETE", PROMOTION, delete_promotion, "Delete a promotion", status=204, scopes=MARKETING, tag=TAG),
]
