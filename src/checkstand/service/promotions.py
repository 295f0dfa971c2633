"""Promotions of a store and their codes. A promotion stands with the store's settings, its codes in a table of their own; where a
change concerns both, one transaction holds the store, so that no code is left without its promotion and none is given twice."""

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from checkstand.domain import promoting
from checkstand.domain.facts import Store
from checkstand.domain.moment import Moment
from checkstand.domain.promoting import CodePattern, NamedGift
from checkstand.domain.promotions import Promotion, PromotionCode
from checkstand.errors import Refused, Taken
from checkstand.service.shop import edit
from checkstand.storage.port import UnitOfWork


async def create(unit: UnitOfWork, given: Mapping[str, Any], code: PromotionCode | None, moment: Moment) -> Promotion:
    """With its code, if it comes with one. Raises `Invalid`, `Taken`."""
    draft = promoting.new_promotion(given, await unit.store(), moment.now)
    await _check_gifts(unit, promoting.named_gifts(draft.rules))
    if code is not None:
        promoting.takes_code(draft, 0)
    promotion = replace(draft, id=await unit.next_number("promotion"))
    named = None if code is None else await _numbered(unit, replace(code, promotion_id=promotion.id), moment)

    async def work(inside: UnitOfWork) -> None:
        await inside.hold_store()
        await edit(inside, partial(promoting.add_promotion, promotion=promotion))
        if named is not None:
            await _add(inside, [named])

    await unit.together(work)
    return promotion


async def update(
    unit: UnitOfWork, promotion_id: int, given: Mapping[str, Any], code: PromotionCode | None, moment: Moment
) -> Promotion:
    """`code`: that of a promotion with a single one, changed or added. Raises `NotFound`, `Invalid`, `Taken`."""
    before = promoting.promotion_of(await unit.store(), promotion_id)
    await _check_gifts(unit, promoting.named_gifts(given.get("rules", ()), before.rules))
    draft = None if code is None else await _numbered(unit, replace(code, promotion_id=promotion_id), moment)

    async def work(inside: UnitOfWork) -> Store:
        await inside.hold_store()
        after = await edit(inside, partial(promoting.change_promotion, promotion_id=promotion_id, given=given))
        if draft is not None:
            await _put_single(inside, promoting.promotion_of(after, promotion_id), draft)
        return after

    return promoting.promotion_of(await unit.together(work), promotion_id)


async def _check_gifts(unit: UnitOfWork, gifts: Sequence[NamedGift]) -> None:
    """Raises `Invalid`."""
    found = await unit.catalog.products([named.gift.product_id for named in gifts if named.gift.product_id])
    found |= await unit.catalog.products_of([named.gift.variant_id for named in gifts if not named.gift.product_id])
    for named in gifts:
        promoting.check_gift(named, found.values())


async def _put_single(unit: UnitOfWork, promotion: Promotion, draft: PromotionCode) -> None:
    present = await unit.codes.page(promotion.id, limit=1)
    if not present:
        promoting.takes_code(promotion, 0)
        await _add(unit, [draft])
    elif promotion.coupon_type == "SINGLE":
        changed = replace(draft, id=present[0].id, created_at=present[0].created_at)
        if changed.code.casefold() != present[0].code.casefold():
            await expect_free(unit, changed.code)
        await unit.codes.replace(changed)
    else:
        raise Refused(f"Promotion {promotion.id} has many codes; they are changed one by one.", code="many_codes")


async def remove(unit: UnitOfWork, ids: Sequence[int]) -> list[int]:
    """Those that still have codes stay; which these are."""

    async def work(inside: UnitOfWork) -> list[int]:
        await inside.hold_store()
        known = (await inside.store()).promotion_by_id
        kept = [number for number in ids if number in known and await inside.codes.count(number)]
        await edit(inside, partial(promoting.remove_promotions, ids=set(ids) - set(kept)))
        return kept

    return await unit.together(work)


# ---------------------------------------------------------------------------------------------------- codes


async def add_code(unit: UnitOfWork, promotion_id: int, code: PromotionCode, moment: Moment) -> PromotionCode:
    """Raises `NotFound`, `Invalid`, `Refused`, `Taken`."""
    named = await _numbered(unit, replace(code, promotion_id=promotion_id), moment)

    async def work(inside: UnitOfWork) -> None:
        await inside.hold_store()
        promotion = promoting.promotion_of(await inside.store(), promotion_id)
        promoting.takes_code(promotion, await inside.codes.count(promotion_id))
        await _add(inside, [named])

    await unit.together(work)
    return named


async def generate(
    unit: UnitOfWork, promotion_id: int, pattern: CodePattern, count: int, like: PromotionCode, moment: Moment
) -> list[PromotionCode]:
    """So many new codes for a promotion that has many, with the limits of `like`. Raises `NotFound`, `Invalid`; `Taken` if one of
    them is in use already, in which case another try makes others."""
    pattern.check()
    promoting.promotion_of(await unit.store(), promotion_id)
    made = [
        await _numbered(unit, replace(like, promotion_id=promotion_id, code=code), moment)
        for code in pattern.codes(count, secrets.choice)
    ]

    async def work(inside: UnitOfWork) -> None:
        await inside.hold_store()
        promoting.promotion_of(await inside.store(), promotion_id)
        await _add(inside, made)

    await unit.together(work)
    return made


async def _numbered(unit: UnitOfWork, code: PromotionCode, moment: Moment) -> PromotionCode:
    """Coupons of both kinds are numbered in one sequence, so that a checkout can tell them apart by their ids."""
    promoting.check_code(code)
    return replace(code, id=await unit.next_number("coupon"), created_at=moment.now.replace(microsecond=0))


async def _add(unit: UnitOfWork, codes: Sequence[PromotionCode]) -> None:
    others = (await unit.store()).coupon_by_code
    for code in codes:
        if code.code.strip().casefold() in others:
            raise Taken(f"The store has another coupon with the code {code.code}.")
    await unit.codes.add(codes)


async def expect_free(unit: UnitOfWork, code: str) -> None:
    """Raises `Taken` where a code is one of a coupon or of a promotion."""
    if code.strip().casefold() in (await unit.store()).coupon_by_code or await unit.codes.find(code) is not None:
        raise Taken(f"The store has another coupon with the code {code}.")
