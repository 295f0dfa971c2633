"""Where something can be picked up: the merchant's methods, and the search for one that has the goods."""

from collections.abc import Mapping, Sequence

from checkstand.domain import pickup_methods
from checkstand.domain.facts import Facts, PickupMethod
from checkstand.domain.fulfillment import PickupOption, SearchArea, pickup_options
from checkstand.domain.moment import Moment
from checkstand.domain.pickup_methods import PickupMethodChange
from checkstand.service.shop import edit
from checkstand.storage.port import UnitOfWork


async def search(
    unit: UnitOfWork, units: Mapping[int, int], area: SearchArea, *, for_shopper: bool = False
) -> list[PickupOption]:
    """Places in the area that have all units (variant id -> quantity), nearest first, at most ten (D37).

    No place where one of them is not sold or has nothing to hand over. `for_shopper`: only places that the storefront shows.
    """
    found = (await unit.catalog.products_of(units)).values()
    physical = {variant.id for product in found if product.type == "physical" for variant in product.variants}
    if units.keys() - physical:
        return []
    facts = Facts(store=await unit.store(), stock=await unit.catalog.stock_of(units))
    return pickup_options(dict(units), facts, area, for_shopper=for_shopper)


async def create(unit: UnitOfWork, drafts: Sequence[PickupMethodChange], moment: Moment) -> list[PickupMethod]:
    """The new methods, in the order of the drafts."""
    # Tried with made-up ids first: a refused request draws no numbers.
    pickup_methods.create(await unit.store(), drafts, range(-len(drafts), 0), moment.now)
    ids = [await unit.next_number("pickup_method") for _ in drafts]
    store = await edit(unit, lambda before: pickup_methods.create(before, drafts, ids, moment.now))
    return [method for method in store.pickup_methods if method.id in ids]


async def update(
    unit: UnitOfWork, changes: Sequence[tuple[int, PickupMethodChange]], moment: Moment
) -> list[PickupMethod]:
    """The changed methods, in the order of the changes."""
    store = await edit(unit, lambda before: pickup_methods.update(before, changes, moment.now))
    after = {method.id: method for method in store.pickup_methods}
    return [after[method_id] for method_id in dict(changes)]


async def remove(unit: UnitOfWork, method_ids: Sequence[int]) -> None:
    await edit(unit, lambda store: pickup_methods.remove(store, method_ids))
