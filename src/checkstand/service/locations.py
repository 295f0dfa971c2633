"""The places that hold stock: adding, changing and removing them."""

from collections.abc import Sequence

from checkstand.domain import locations
from checkstand.domain.locations import LocationChange
from checkstand.domain.moment import Moment
from checkstand.service.shop import edit
from checkstand.storage.port import UnitOfWork


async def create(unit: UnitOfWork, drafts: Sequence[LocationChange], moment: Moment) -> None:
    # Tried with made-up ids first: a refused request draws no numbers.
    locations.create(await unit.store(), drafts, range(-len(drafts), 0), moment.now)
    ids = [await unit.next_number("location") for _ in drafts]
    await edit(unit, lambda store: locations.create(store, drafts, ids, moment.now))


async def update(unit: UnitOfWork, changes: Sequence[tuple[int, LocationChange]], moment: Moment) -> None:
    await edit(unit, lambda store: locations.update(store, changes, moment.now))


async def remove(unit: UnitOfWork, location_ids: Sequence[int]) -> None:
    """Take locations away, with their pick-up methods and, as published, the stock they hold."""
    await edit(unit, lambda store: locations.remove(store, location_ids))
    await unit.catalog.remove_stock_at(location_ids)
