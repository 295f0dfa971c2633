"""Pick-ups of orders: what lies ready at a location, and what was collected (BEHAVIOUR 5)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint
from checkstand.domain.order_pickups import OrderPickup, PickupChange, PickupDraft
from checkstand.errors import Invalid
from checkstand.service import order_pickups
from checkstand.service.access import ORDER_FULFILLMENT

MOST, LARGEST_LIMIT = 100, 250

# ---------------------------------------------------------------------------------------------------- what is sent


When = str | int
"""ISO 8601, or seconds since 1970, as a text or a number."""
Units = Annotated[int, Meta(ge=1, lt=2**31)]


class PickupItemBody(Struct):
    order_product_id: Identifier
    quantity: Units


class PickupBody(Struct, kw_only=True):
    pickup_method_id: Identifier
    order_id: Identifier
    ready_at: When
    collected_at: When | None = None
    pickup_items: Annotated[list[PickupItemBody], Meta(min_length=1, max_length=1000)]

    def draft(self, index: int) -> PickupDraft:
        return PickupDraft(
            order_id=self.order_id,
            pickup_method_id=self.pickup_method_id,
            ready_at=_moment(self.ready_at, f"{index}.ready_at"),
            collected_at=None if self.collected_at is None else _moment(self.collected_at, f"{index}.collected_at"),
            units=tuple((item.order_product_id, item.quantity) for item in self.pickup_items),
        )


class PickupUpdate(Struct):
    """`id` is what `pickup_id` was called once. Without `collected_at` the goods wait again, as published."""

    pickup_id: Identifier | None = None
    id: Identifier | None = None
    ready_at: When | None = None
    collected_at: When | None = None

    def change(self, index: int) -> PickupChange:
        pickup_id = self.id if self.pickup_id is None else self.pickup_id
        if pickup_id is None:
            raise Invalid.field(f"{index}.pickup_id", "is required")
        return PickupChange(
            pickup_id=pickup_id,
            ready_at=None if self.ready_at is None else _moment(self.ready_at, f"{index}.ready_at"),
            collected_at=None if self.collected_at is None else _moment(self.collected_at, f"{index}.collected_at"),
        )


def _moment(sent: When, field: str) -> datetime:
    """Raises `Invalid`."""
    try:
        if isinstance(sent, int) or sent.isdecimal():
            return datetime.fromtimestamp(int(sent), UTC)
        moment = datetime.fromisoformat(sent)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        reason = "must be a date and time such as 2026-01-31T12:00:00Z, or seconds since 1970"
        raise Invalid.field(field, reason) from None


# ---------------------------------------------------------------------------------------------------- what is shown


class PickupItemShape(Struct):
    id: int
    order_product_id: int
    quantity: int
    status: Literal["AWAITING_COLLECTION", "COLLECTED"]
    collected_at: str | None


class PickupShape(Struct):
    id: int
    pickup_method_id: int
    order_id: int
    ready_at: str
    created_at: str
    updated_at: str
    pickup_items: list[PickupItemShape]


def _shown(pickups: Iterable[OrderPickup]) -> list[PickupShape]:
    return [_shape(pickup) for pickup in pickups]


def _shape(pickup: OrderPickup) -> PickupShape:
    collected_at = _text(pickup.collected_at) if pickup.collected_at else None
    return PickupShape(
        id=pickup.id,
        pickup_method_id=pickup.pickup_method_id,
        order_id=pickup.order_id,
        ready_at=_text(pickup.ready_at),
        created_at=_text(pickup.created_at),
        updated_at=_text(pickup.updated_at),
        pickup_items=[
            PickupItemShape(
                item.id,
                item.order_product_id,
                item.quantity,
                "COLLECTED" if collected_at else "AWAITING_COLLECTION",
                collected_at,
            )
            for item in pickup.items
        ],
    )


def _text(moment: datetime) -> str:
    """`2026-01-31T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# ---------------------------------------------------------------------------------------------------- endpoints


async def list_pickups(call: Call, body: None) -> list[PickupShape]:
    """Those of some orders, or some of them by their ids; else all, page by page."""
    order_ids, ids = _ids(call, "order_id:in"), _ids(call, "pickup_id:in")
    if order_ids is not None:
        found = [pickup for each in order_ids for pickup in await call.unit.order_pickups.of_order(each)]
        return _shown(pickup for pickup in found if ids is None or pickup.id in ids)
    if ids is not None:
        return _shown([pickup for each in ids if (pickup := await call.unit.order_pickups.get(each))])
    page = call.query_number("page", 1, 1, 10**9 - 1)
    limit = call.query_number("limit", LARGEST_LIMIT, 1, LARGEST_LIMIT)
    return _shown(await call.unit.order_pickups.page(limit=limit, offset=(page - 1) * limit))


def _ids(call: Call, name: str) -> list[int] | None:
    """Each once, sorted; None when they are not asked for. Raises `Invalid`."""
    ids = call.query_numbers(name)
    if ids is not None and len(ids) > LARGEST_LIMIT:
        raise Invalid.field(name, f"must be at most {LARGEST_LIMIT} numbers")
    return None if ids is None else sorted(set(ids))


async def create_pickups(call: Call, body: list[PickupBody]) -> list[PickupShape]:
    drafts = [sent.draft(index) for index, sent in enumerate(body)]
    return _shown(await order_pickups.create(call.unit, drafts, call.now))


async def update_pickups(call: Call, body: list[PickupUpdate]) -> list[PickupShape]:
    changes = [sent.change(index) for index, sent in enumerate(body)]
    return _shown(await order_pickups.update(call.unit, changes, call.now))


async def delete_pickups(call: Call, body: None) -> None:
    ids = _ids(call, "id:in")
    if not ids:
        raise Invalid.field("id:in", "must name at least one pick-up")
    await order_pickups.remove(call.unit, ids)


PICKUPS = "/orders/pickups"
TAG = "Pick-up"

ENDPOINTS = [
    Endpoint(
        "GET",
        PICKUPS,
        list_pickups,
        "List pick-ups of orders",
        answer=list[PickupShape],
        scopes=ORDER_FULFILLMENT,
        query=("order_id:in", "pickup_id:in", "page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        PICKUPS,
        create_pickups,
        "Say what of orders lies ready to be picked up",
        answer=list[PickupShape],
        body=Annotated[list[PickupBody], Meta(min_length=1, max_length=MOST)],
        scopes=ORDER_FULFILLMENT,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        PICKUPS,
        update_pickups,
        "Say when pick-ups were ready and collected",
        answer=list[PickupShape],
        body=Annotated[list[PickupUpdate], Meta(min_length=1, max_length=MOST)],
        scopes=ORDER_FULFILLMENT,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        PICKUPS,
        delete_pickups,
        "Delete pick-ups of orders",
        status=204,
        scopes=ORDER_FULFILLMENT,
        query=("id:in",),
        tag=TAG,
    ),
]
