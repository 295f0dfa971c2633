"""Pick-ups of orders: many at once, all of them or none. Who writes holds the orders they belong to, in the order of their ids, so
that no unit is prepared twice."""

from collections.abc import Sequence
from datetime import datetime

from checkstand.domain import order_pickups
from checkstand.domain.order import Order
from checkstand.domain.order_pickups import OrderPickup, PickupChange, PickupDraft
from checkstand.errors import Invalid
from checkstand.storage.port import UnitOfWork


async def create(unit: UnitOfWork, drafts: Sequence[PickupDraft], now: datetime) -> list[OrderPickup]:
    """In the order of the drafts. Raises `Invalid`."""
    ids = [await unit.next_number("order_pickup") for _ in drafts]
    item_ids = [await unit.next_number("order_pickup_item") for draft in drafts for _ in draft.units]

    async def work(inside: UnitOfWork) -> list[OrderPickup]:
        orders: dict[int, Order] = {}
        known: list[OrderPickup] = []
        for order_id in sorted({draft.order_id for draft in drafts}):
            await inside.orders.hold(order_id)
            order = await inside.orders.find(order_id)
            if order is not None:
                orders[order_id] = order
                known += await inside.order_pickups.of_order(order_id)
        made = order_pickups.create(drafts, orders, known, ids, item_ids, now)
        for pickup in made:
            await inside.order_pickups.put(pickup)
        return made

    return await unit.together(work)


async def update(unit: UnitOfWork, changes: Sequence[PickupChange], now: datetime) -> list[OrderPickup]:
    """In the order of the changes. Raises `Invalid` for a pick-up that is not there."""

    async def work(inside: UnitOfWork) -> list[OrderPickup]:
        found = [await _get(inside, change, index) for index, change in enumerate(changes)]
        for order_id in sorted({pickup.order_id for pickup in found}):
            await inside.orders.hold(order_id)
        after = []
        for index, change in enumerate(changes):
            pickup = order_pickups.changed(await _get(inside, change, index), change, now)
            await inside.order_pickups.put(pickup)
            after.append(pickup)
        return after

    return await unit.together(work)


async def _get(unit: UnitOfWork, change: PickupChange, index: int) -> OrderPickup:
    pickup = await unit.order_pickups.get(change.pickup_id)
    if pickup is None:
        raise Invalid.field(f"{index}.pickup_id", f"{change.pickup_id} is not a pick-up of this store")
    return pickup


async def remove(unit: UnitOfWork, ids: Sequence[int]) -> None:
    """One that is gone already is no mistake, since the answer is the same."""

    async def work(inside: UnitOfWork) -> None:
        found = [pickup for each in sorted(set(ids)) if (pickup := await inside.order_pickups.get(each))]
        for order_id in sorted({pickup.order_id for pickup in found}):
            await inside.orders.hold(order_id)
        for pickup in found:
            await inside.order_pickups.remove(pickup.id)

    await unit.together(work)
