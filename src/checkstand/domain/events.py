"""What happened, told to the outside: the difference between two checkouts (BEHAVIOUR 9, D47).

Consignments and options tell nothing; a change of the lines or of the e-mail does, and so does a coupon that is applied.
"""

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.order import Order
from checkstand.domain.order_status import BY_STATUS


class Event(Struct, frozen=True):
    """`scope` as webhooks name it; `data` is its payload's `data`."""

    scope: str
    data: dict[str, object]


def created(checkout: Checkout) -> list[Event]:
    return [
        _cart("created", checkout.id),
        _cart("updated", checkout.id),
        *(_line("created", checkout.id, line.id) for line in checkout.lines),
    ]


def changed(before: Checkout, after: Checkout) -> list[Event]:
    events: list[Event] = []
    if before.lines != after.lines:
        was, now = {line.id: line for line in before.lines}, {line.id: line for line in after.lines}
        events += [_line("deleted", after.id, line_id) for line_id in was.keys() - now.keys()]
        events += [_line("created", after.id, line_id) for line_id in now.keys() - was.keys()]
        events += [
            _line("updated", after.id, line_id) for line_id in now.keys() & was.keys() if was[line_id] != now[line_id]
        ]
        events.sort(key=lambda event: (event.scope, str(event.data["id"])))
    if events or before.email != after.email or before.customer_id != after.customer_id:
        events.insert(0, _cart("updated", after.id))
    if before.coupons != after.coupons:
        events += _coupons_applied(before, after)
    return events


def _coupons_applied(before: Checkout, after: Checkout) -> list[Event]:
    known = {coupon.id for coupon in before.coupons}
    return [
        Event("store/cart/couponApplied", {"type": "cart", "id": after.id, "couponId": coupon.id})
        for coupon in after.coupons
        if coupon.id not in known
    ]


def deleted(checkout: Checkout) -> list[Event]:
    return [_cart("deleted", checkout.id)]


def ordered(order: Order) -> list[Event]:
    events = [Event("store/order/created", {"type": "order", "id": order.id})]
    if order.checkout.converted:
        events.append(Event("store/cart/converted", {"type": "cart", "id": order.checkout.id, "orderId": order.id}))
    return events


def order_changed(before: Order, after: Order) -> list[Event]:
    events = [Event("store/order/updated", {"type": "order", "id": after.id})]
    if after.status != before.status:
        numbers = {"previous_status_id": BY_STATUS[before.status].id, "new_status_id": BY_STATUS[after.status].id}
        events.append(Event("store/order/statusUpdated", {"type": "order", "id": after.id, "status": numbers}))
    if after.checkout.converted and not before.checkout.converted:
        events.append(Event("store/cart/converted", {"type": "cart", "id": after.checkout.id, "orderId": after.id}))
    return events


def _cart(what: str, checkout_id: str) -> Event:
    return Event(f"store/cart/{what}", {"type": "cart", "id": checkout_id})


def _line(what: str, checkout_id: str, line_id: str) -> Event:
    return Event(f"store/cart/lineItem/{what}", {"type": "cart_line_item", "id": line_id, "cartId": checkout_id})
