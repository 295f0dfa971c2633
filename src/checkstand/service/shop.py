"""Editing what a merchant configured. The settings of a store are one aggregate: load, change, save against the revision."""

from collections.abc import Callable

from checkstand.domain.facts import Store
from checkstand.service.commands import Attempts
from checkstand.storage.port import UnitOfWork


async def edit(unit: UnitOfWork, change: Callable[[Store], Store]) -> Store:
    """The store after `change`, a pure function; run again when somebody else saved first. Raises what `change` raises."""
    async for _ in Attempts():
        before = await unit.store()
        after = change(before)
        if await unit.replace_store(before, after):
            return after
    raise AssertionError("attempts end by raising")
