"""What happened, told to the outside: the difference between two checkouts (BEHAVIOUR 9, D47), two orders, two customers.

Consignments and options tell nothing; a change of the lines or of the e-mail does, and so does a coupon that is applied.
"""

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Customer
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


def customer_created(customer: Customer) -> list[Event]:
    addresses = (address_event("created", customer.id, address.id) for address in customer.addresses if address.id)
    return [customer_event("created", customer.id), *addresses]


def customer_changed(before: Customer, after: Customer) -> list[Event]:
    """Of an address book its own entries tell; the customer does of the rest."""
    was, now = ({entry.id: entry for entry in each.addresses if entry.id} for each in (before, after))
    told = [address_event("deleted", after.id, address_id) for address_id in sorted(was.keys() - now.keys())]
    told += [address_event("created", after.id, address_id) for address_id in sorted(now.keys() - was.keys())]
    told += [
        address_event("updated", after.id, address_id)
        for address_id in sorted(now.keys() & was.keys())
        if was[address_id] != now[address_id]
    ]
    is_same = replace(before, addresses=after.addresses, modified_at=after.modified_at) == after
    return told if is_same and told else [customer_event("updated", after.id), *told]


def customer_event(what: str, customer_id: int) -> Event:
    return Event(f"store/customer/{what}", {"type": "customer", "id": customer_id})


def address_event(what: str, customer_id: int, address_id: int) -> Event:
    data: dict[str, object] = {"type": "customer", "id": address_id, "address": {"customer_id": customer_id}}
    return Event(f"store/customer/address/{what}", data)


def _cart(what: str, checkout_id: str) -> Event:
    return Event(f"store/cart/{what}", {"type": "cart", "id": checkout_id})


def _line(what: str, checkout_id: str, line_id: str) -> Event:
    return Event(f"store/cart/lineItem/{what}", {"type": "cart_line_item", "id": line_id, "cartId": checkout_id})
