"""Where something could be picked up."""

from collections.abc import Mapping

from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import PickupOption, SearchArea, pickup_options
from checkstand.service.gather import stock_of
from checkstand.storage.port import UnitOfWork


async def search(unit: UnitOfWork, units: Mapping[int, int], area: SearchArea) -> list[PickupOption]:
    """Places in the area that have all units (variant id -> quantity), nearest first, at most ten (D37)."""
    facts = Facts(store=await unit.store(), stock=await stock_of(unit, tuple(units)))
    return pickup_options(dict(units), facts, area)
