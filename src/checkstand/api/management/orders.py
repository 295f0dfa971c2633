"""Orders of the store, and their statuses (v2: bare bodies)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from checkstand.api.http import Call, Endpoint, Handler
from checkstand.api.management.listing import page_and_limit, part, time_span
from checkstand.api.management.order_render import ShownOrder, status_shape
from checkstand.api.management.order_shapes import (
    ManagementOrderShape,
    OrderConsignmentsShape,
    OrderCount,
    OrderCouponShape,
    OrderFeeShape,
    OrderProductShape,
    OrderShippingAddressShape,
    OrderShippingShape,
    OrderStatusShape,
    OrderTaxShape,
    StatusCount,
)
from checkstand.domain.checkout import PickupChoice
from checkstand.domain.order import OrderChange
from checkstand.domain.order_status import BY_ID, STATUSES
from checkstand.errors import Invalid, NotFound
from checkstand.service import orders
from checkstand.service.access import ORDERS
from checkstand.storage.port import OrderSearch

Item = TypeVar("Item")

DEFAULT_LIMIT, MOST = 50, 250
SORTS = ("id", "date_created", "date_modified", "customer_id")
LARGEST_NOTE = 65_535

# ---------------------------------------------------------------------------------------------------- what is sent


Note = Annotated[str, Meta(max_length=LARGEST_NOTE)]


class OrderBody(Struct):
    """What is left out stays."""

    status_id: int | None = None
    staff_notes: Note | None = None
    customer_message: Note | None = None

    def change(self) -> OrderChange:
        """Raises `Invalid`."""
        if self.status_id is not None and self.status_id not in BY_ID:
            raise Invalid.field("status_id", "must be the number of an order status, from 0 to 14")
        return OrderChange(
            status=None if self.status_id is None else BY_ID[self.status_id].status,
            staff_notes=self.staff_notes,
            customer_message=self.customer_message,
        )


# ---------------------------------------------------------------------------------------------------- endpoints


async def list_orders(call: Call, body: None) -> list[ManagementOrderShape]:
    sort, _, direction = call.first("sort", "id").partition(":")
    if sort not in SORTS or direction not in ("", "asc", "desc"):
        raise Invalid.field("sort", f"must be one of {', '.join(SORTS)}, with :asc or :desc")
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    found = await call.unit.orders.page(
        _search(call), sort=sort, descending=direction == "desc", limit=limit, offset=(page - 1) * limit
    )
    store = await call.unit.store()
    return [ShownOrder(order).whole(call, store) for order in found]


def _search(call: Call) -> OrderSearch:
    """Raises `Invalid`."""
    status_id = call.query_number("status_id", -1, 0, len(STATUSES) - 1)
    return OrderSearch(
        min_id=call.query_number("min_id", 0, 0, 2**53),
        max_id=call.query_number("max_id", 2**53, 0, 2**53),
        status="" if status_id < 0 else BY_ID[status_id].status,
        customer_id=call.query_number("customer_id", -1, 0, 2**53),
        cart_id=call.first("cart_id"),
        email=call.first("email"),
        created_from=_from(call, "min_date_created"),
        created_before=_before(call, "max_date_created"),
        modified_from=_from(call, "min_date_modified"),
        modified_before=_before(call, "max_date_modified"),
    )


def _from(call: Call, name: str) -> datetime | None:
    span = _span(call, name)
    return span[0] if span else None


def _before(call: Call, name: str) -> datetime | None:
    span = _span(call, name)
    return span[1] if span else None


def _span(call: Call, name: str) -> tuple[datetime, datetime] | None:
    """How long a date in the query lasts, also one as RFC 2822 has it. Raises `Invalid`."""
    try:
        moment = parsedate_to_datetime(call.first(name).replace("  ", " +"))
    except (ValueError, OverflowError):
        return time_span(call, name)
    start = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return start, start + timedelta(seconds=1)


async def count_orders(call: Call, body: None) -> OrderCount:
    counts = await call.unit.orders.counts()
    statuses = [StatusCount(each.id, each.name, each.name, each.name, counts.get(each.status, 0)) for each in STATUSES]
    return OrderCount(sum(counts.values()), statuses)


async def get_order(call: Call, body: None) -> ManagementOrderShape:
    return (await _shown(call)).whole(call, await call.unit.store())


async def update_order(call: Call, body: OrderBody) -> ManagementOrderShape:
    changed = await orders.change(call.unit, call.number("order_id"), body.change(), call.now)
    return ShownOrder(changed).whole(call, await call.unit.store())


async def _shown(call: Call) -> ShownOrder:
    return ShownOrder(await call.unit.orders.get(call.number("order_id")))


async def list_products(call: Call, body: None) -> list[OrderProductShape]:
    shown = await _shown(call)
    return _paged(call, [shown.product(line) for line in shown.checkout.lines])


def _paged(call: Call, items: Sequence[Item]) -> list[Item]:
    return list(part(call, items, default=DEFAULT_LIMIT, most=MOST))


async def get_product(call: Call, body: None) -> OrderProductShape:
    shown, number = await _shown(call), call.number("order_product_id")
    for line in shown.checkout.lines:
        if shown.order.line_numbers[line.id] == number:
            return shown.product(line)
    raise NotFound(f"Order {shown.order.id} has no product {call.params['order_product_id']}.")


async def list_shipping_addresses(call: Call, body: None) -> list[OrderShippingAddressShape]:
    shown = await _shown(call)
    return _paged(call, [_without_items(shown.shipping(each)) for each in shown.shipped()])


def _without_items(shipping: OrderShippingShape) -> OrderShippingAddressShape:
    return OrderShippingAddressShape(
        **{name: getattr(shipping, name) for name in OrderShippingAddressShape.__struct_fields__}
    )


async def get_shipping_address(call: Call, body: None) -> OrderShippingAddressShape:
    shown, number = await _shown(call), call.number("shipping_address_id")
    for consignment in shown.shipped():
        if shown.order.address_numbers[consignment.id] == number:
            return _without_items(shown.shipping(consignment))
    raise NotFound(f"Order {shown.order.id} has no shipping address {call.params['shipping_address_id']}.")


async def get_consignments(call: Call, body: None) -> OrderConsignmentsShape:
    shown = await _shown(call)
    return OrderConsignmentsShape(
        [shown.shipping(each) for each in shown.shipped()],
        [
            shown.pickup(each, each.selected)
            for each in shown.checkout.consignments
            if isinstance(each.selected, PickupChoice)
        ],
    )


async def list_coupons(call: Call, body: None) -> list[OrderCouponShape]:
    return _paged(call, list((await _shown(call)).coupons()))


async def list_fees(call: Call, body: None) -> list[OrderFeeShape]:
    return _paged(call, list((await _shown(call)).fees()))


async def list_taxes(call: Call, body: None) -> list[OrderTaxShape]:
    return _paged(call, list((await _shown(call)).taxes()))


async def list_statuses(call: Call, body: None) -> list[OrderStatusShape]:
    return [status_shape(status) for status in STATUSES]


async def get_status(call: Call, body: None) -> OrderStatusShape:
    status = BY_ID.get(call.number("status_id"))
    if status is None:
        raise NotFound(f"There is no order status {call.params['status_id']}.")
    return status_shape(status)


ORDERS_PATH, ORDER = "/orders", "/orders/{order_id}"
TAG = "Orders"
PAGES = ("page", "limit")


def _reading(path: str, handle: Handler, summary: str, answer: object, query: tuple[str, ...] = ()) -> Endpoint:
    return Endpoint("GET", path, handle, summary, answer=answer, scopes=ORDERS, query=query, tag=TAG)


ENDPOINTS = [
    _reading(
        ORDERS_PATH,
        list_orders,
        "List orders",
        list[ManagementOrderShape],
        (
            "min_id",
            "max_id",
            "status_id",
            "customer_id",
            "cart_id",
            "email",
            "min_date_created",
            "max_date_created",
            "min_date_modified",
            "max_date_modified",
            "sort",
            *PAGES,
        ),
    ),
    _reading(f"{ORDERS_PATH}/count", count_orders, "Count the orders, in all and by status", OrderCount),
    _reading(ORDER, get_order, "Read an order", ManagementOrderShape),
    Endpoint(
        "PUT",
        ORDER,
        update_order,
        "Change the status of an order, and what is noted of it",
        answer=ManagementOrderShape,
        body=OrderBody,
        scopes=ORDERS,
        tag=TAG,
    ),
    _reading(f"{ORDER}/products", list_products, "List the line items of an order", list[OrderProductShape], PAGES),
    _reading(f"{ORDER}/products/{{order_product_id}}", get_product, "Read a line item of an order", OrderProductShape),
    _reading(
        f"{ORDER}/shipping_addresses",
        list_shipping_addresses,
        "List where an order is sent",
        list[OrderShippingAddressShape],
        PAGES,
    ),
    _reading(
        f"{ORDER}/shipping_addresses/{{shipping_address_id}}",
        get_shipping_address,
        "Read where a part of an order is sent",
        OrderShippingAddressShape,
    ),
    _reading(
        f"{ORDER}/consignments", get_consignments, "Read what of an order goes where, and how", OrderConsignmentsShape
    ),
    _reading(f"{ORDER}/coupons", list_coupons, "List the coupons of an order", list[OrderCouponShape], PAGES),
    _reading(f"{ORDER}/fees", list_fees, "List the fees of an order", list[OrderFeeShape], PAGES),
    _reading(f"{ORDER}/taxes", list_taxes, "List the taxes of an order, each by itself", list[OrderTaxShape], PAGES),
    _reading("/order_statuses", list_statuses, "List the statuses an order may have", list[OrderStatusShape]),
    _reading("/order_statuses/{status_id}", get_status, "Read a status an order may have", OrderStatusShape),
]
