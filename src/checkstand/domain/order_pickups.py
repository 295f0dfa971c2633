"""Goods of an order that lie ready where they are picked up, and whether they were collected. Pure; the order stays as it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import PickupChoice
from checkstand.domain.order import Order
from checkstand.domain.order_status import is_active
from checkstand.errors import Invalid


class PickupItem(Struct, frozen=True, kw_only=True):
    """Units of one line item; `order_product_id` is its number in the order."""

    id: int
    order_product_id: int
    quantity: int


class OrderPickup(Struct, frozen=True, kw_only=True):
    """Goods that are handed out together. Without `collected_at` they still wait."""

    id: int
    order_id: int
    pickup_method_id: int
    ready_at: datetime
    collected_at: datetime | None
    created_at: datetime
    updated_at: datetime
    items: tuple[PickupItem, ...]


class PickupDraft(Struct, frozen=True, kw_only=True):
    """A pick-up to be; `units`: (number of the line item in the order, how many)."""

    order_id: int
    pickup_method_id: int
    ready_at: datetime
    collected_at: datetime | None
    units: tuple[tuple[int, int], ...]


class PickupChange(Struct, frozen=True, kw_only=True):
    """`ready_at` None: stays. `collected_at` None: not collected, after all."""

    pickup_id: int
    ready_at: datetime | None
    collected_at: datetime | None


def create(
    drafts: Sequence[PickupDraft],
    orders: dict[int, Order],
    known: Iterable[OrderPickup],
    ids: Sequence[int],
    item_ids: Iterable[int],
    now: datetime,
) -> list[OrderPickup]:
    """New pick-ups, all or none. `known`: those the orders have. Raises `Invalid` for an order that does not count, for goods that
    are not picked up by the method, and for more units than there are left of them."""
    prepared: dict[int, int] = {}
    for pickup in known:
        for item in pickup.items:
            prepared[item.order_product_id] = prepared.get(item.order_product_id, 0) + item.quantity
    numbers, made = iter(item_ids), []
    for index, (draft, pickup_id) in enumerate(zip(drafts, ids, strict=True)):
        order = orders.get(draft.order_id)
        if order is None or not is_active(order.status):
            raise Invalid.field(f"{index}.order_id", f"{draft.order_id} is not an order that counts")
        there = _units_by_method(order, draft.pickup_method_id)
        if not there:
            raise Invalid.field(
                f"{index}.pickup_method_id",
                f"nothing of order {order.id} is picked up by the method {draft.pickup_method_id}",
            )
        for position, (number, units) in enumerate(draft.units):
            where = f"{index}.pickup_items.{position}"
            if number not in there:
                raise Invalid.field(f"{where}.order_product_id", f"{number} is not picked up by this method")
            left = there[number] - prepared.get(number, 0)
            if units > left:
                raise Invalid.field(f"{where}.quantity", f"must be at most {left}, which are left of {number}")
            prepared[number] = prepared.get(number, 0) + units
        made.append(
            OrderPickup(
                id=pickup_id,
                order_id=order.id,
                pickup_method_id=draft.pickup_method_id,
                ready_at=draft.ready_at,
                collected_at=draft.collected_at,
                created_at=now,
                updated_at=now,
                items=tuple(
                    PickupItem(id=next(numbers), order_product_id=number, quantity=units)
                    for number, units in draft.units
                ),
            )
        )
    return made


def _units_by_method(order: Order, method_id: int) -> dict[int, int]:
    """The line items of an order that are picked up by a method, by their numbers."""
    held = {
        line_id
        for consignment in order.checkout.consignments
        if consignment.selected == PickupChoice(method_id)
        for line_id in consignment.line_item_ids
    }
    return {order.line_numbers[line.id]: line.quantity for line in order.checkout.lines if line.id in held}


def changed(pickup: OrderPickup, change: PickupChange, now: datetime) -> OrderPickup:
    return replace(
        pickup, ready_at=change.ready_at or pickup.ready_at, collected_at=change.collected_at, updated_at=now
    )
