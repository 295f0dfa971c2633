"""Customs information of products: a batch is kept whole or not at all."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from checkstand.domain import customs
from checkstand.domain.customs import CustomsDraft
from checkstand.domain.facts import Customs, Product
from checkstand.service.commands import Attempts, LostRace
from checkstand.storage.port import UnitOfWork


async def put(unit: UnitOfWork, drafts: Sequence[CustomsDraft], now: datetime) -> list[Product]:
    """The products, in the order of the drafts; of two for one product the last one counts. Raises `Invalid`."""
    wanted = {draft.product_id: draft for draft in drafts}
    customs.check(drafts, (await unit.catalog.products(wanted)).keys())
    await _change(unit, wanted, lambda product: customs.customs(wanted[product.id], product, now))
    kept = await unit.catalog.products(wanted)
    return [kept[product_id] for product_id in wanted if product_id in kept]


async def remove(unit: UnitOfWork, product_ids: Collection[int]) -> None:
    """Products that are not there, or of which nothing is known, do no harm."""
    await _change(unit, product_ids, lambda _: None)


async def _change(
    unit: UnitOfWork, product_ids: Collection[int], customs_of: Callable[[Product], Customs | None]
) -> None:
    """In one transaction, the products in the order of their ids, so that two batches never wait for each other."""

    async def work(inside: UnitOfWork) -> None:
        found = await inside.catalog.products(product_ids)
        for _, before in sorted(found.items()):
            after = replace(before, customs=customs_of(before))
            if after != before and not await inside.catalog.replace(before, after, {}):
                raise LostRace

    async for _ in Attempts():
        with suppress(LostRace):
            await unit.together(work)
            return
