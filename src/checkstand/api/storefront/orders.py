"""Orders of the session: placing one with an offline payment, and reading it."""

from checkstand.api.http import Call, Endpoint
from checkstand.api.storefront import render, shapes
from checkstand.api.storefront.render import ORDER_INCLUDES
from checkstand.api.storefront.requests import OrderBody
from checkstand.api.storefront.surface import ORDER_PATH, hold
from checkstand.domain.order import Order
from checkstand.errors import NotFound
from checkstand.service import orders
from checkstand.service.passes import CHECKOUT_TOKEN


async def place_order(call: Call, body: OrderBody) -> shapes.OrderMadeAnswer:
    if body.cart_id != call.session.checkout_id:
        raise NotFound(f"There is no cart {body.cart_id} in this session.", code="cart_not_found")
    payment = body.payment.name if body.payment else None
    placed = await orders.place_final(
        call.unit,
        body.cart_id,
        payment,
        call.moment,
        body.customer_message,
        use_store_credit=bool(body.use_store_credit),
    )
    await hold(call, order_id=placed.id)
    return render.order_made(placed)


async def get_order(call: Call, body: None) -> shapes.Order:
    return render.order(await _visible_order(call, call.number("order_id")), call.include)


async def _visible_order(call: Call, order_id: int) -> Order:
    """The session's own order, one of its customer's, or one that a checkout token opens (`?t=`); others are not there (D38)."""
    if order_id == call.session.order_id and order_id:
        return await call.unit.orders.get(order_id)
    token, customer_id = call.first("t") or call.first("token"), call.session.customer_id
    order = await call.unit.orders.find(order_id) if token or customer_id else None
    if order and customer_id and order.checkout.customer_id == customer_id:
        return order
    if order and await call.unit.access.use_pass(token, CHECKOUT_TOKEN, order.checkout.id, call.now):
        return order
    raise NotFound(f"There is no order {order_id} in this session.", code="order_not_found")


ENDPOINTS = [
    Endpoint(
        "GET",
        "/orders/{order_id}",
        get_order,
        "Read an order of the session",
        answer=shapes.Order,
        include=ORDER_INCLUDES,
        query=("t",),
        tag="Orders",
    ),
]

INTERNAL_ENDPOINTS = [
    Endpoint(
        "POST",
        ORDER_PATH,
        place_order,
        "Place the order with an offline payment",
        answer=shapes.OrderMadeAnswer,
        body=OrderBody,
        status=201,
        tag="Orders",
    ),
]
