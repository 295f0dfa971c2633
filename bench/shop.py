"""Requests to the demo shop's Management API as bytes, and what is read out of its answers to make the next ones."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from bench.load import Script

ADDRESS = {
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "address1": "123 Main Street",
    "city": "Austin",
    "state_or_province": "Texas",
    "state_or_province_code": "TX",
    "country_code": "US",
    "postal_code": "78751",
    "phone": "5125550100",
}
WITH_OPTIONS = "?include=consignments.available_shipping_options"

# Laundry carts (a promotion takes something off), towels and spoons. Lines of another name are never merged.
PRODUCTS = ((184, 364, "Canvas Laundry Cart"), (158, 376, "Chambray Towel"), (170, 341, "Ceramic Measuring Spoons"))


# ---------------------------------------------------------------------------------------------------- what is read


class Item(Struct):
    id: str


class Items(Struct):
    physical_items: list[Item]


class Cart(Struct):
    id: str
    line_items: Items

    @property
    def item_ids(self) -> list[str]:
        return [item.id for item in self.line_items.physical_items]


class Option(Struct):
    id: str


class Consignment(Struct):
    id: str
    available_shipping_options: list[Option] = []


class Checkout(Struct):
    id: str
    consignments: list[Consignment]


class CartAnswer(Struct):
    data: Cart


class CheckoutAnswer(Struct):
    data: Checkout


_cart = msgspec.json.Decoder(CartAnswer).decode
_checkout = msgspec.json.Decoder(CheckoutAnswer).decode


def cart_of(body: bytes) -> Cart:
    return _cart(body).data


def checkout_of(body: bytes) -> Checkout:
    return _checkout(body).data


# ---------------------------------------------------------------------------------------------------- what is sent


def request(method: str, path: str, body: Any = None, *, version: str = "v3") -> bytes:
    content = b"" if body is None else msgspec.json.encode(body)
    described = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    head = (
        f"{method} /stores/demo/{version}{path} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nX-Auth-Token: demo-token\r\nAccept: application/json\r\n{described}\r\n"
    )
    return head.encode() + content


def open_cart(lines: int) -> bytes:
    items = []
    for number in range(lines):
        product_id, variant_id, name = PRODUCTS[number % len(PRODUCTS)]
        item = {"product_id": product_id, "variant_id": variant_id, "quantity": 1}
        items.append(item if number < len(PRODUCTS) else {**item, "name": f"{name} {number}"})
    return request("POST", "/carts", {"line_items": items})


def add(checkout_id: str, *consignments: Sequence[str]) -> bytes:
    """Consignments of one unit of each of these lines, the options in the answer."""
    body = [
        {"address": ADDRESS, "line_items": [{"item_id": item_id, "quantity": 1} for item_id in item_ids]}
        for item_ids in consignments
    ]
    return request("POST", f"/checkouts/{checkout_id}/consignments{WITH_OPTIONS}", body)


def remove(checkout_id: str, consignment: Consignment) -> bytes:
    return request("DELETE", f"/checkouts/{checkout_id}/consignments/{consignment.id}")


def connect_carrier() -> list[bytes]:
    """The demo carrier, with a method in each zone that the address is in."""
    connection = {"carrier_id": "demo-carrier", "connection": {"account": "4711"}}
    method = {"name": "Demo Carrier", "type": "demo-carrier", "settings": {"carrier_options": {}}}
    return [
        request("POST", "/shipping/carrier/connection", connection, version="v2"),
        *(request("POST", f"/shipping/zones/{zone_id}/methods", method, version="v2") for zone_id in (1, 2)),
    ]


def select(checkout_id: str, consignment: Consignment, option: int = 0) -> bytes:
    body = {"shipping_option_id": consignment.available_shipping_options[option].id}
    return request("PUT", f"/checkouts/{checkout_id}/consignments/{consignment.id}", body)


def read(checkout_id: str) -> bytes:
    return request("GET", f"/checkouts/{checkout_id}")


def bill(checkout_id: str) -> bytes:
    return request("POST", f"/checkouts/{checkout_id}/billing-address", ADDRESS)


def order(checkout_id: str) -> bytes:
    return request("POST", f"/checkouts/{checkout_id}/orders")


# ---------------------------------------------------------------------------------------------------- flows

FLOW_REQUESTS = 5
MIXED_FLOW_REQUESTS = 8


def flow(times: int) -> Script:
    """From nothing to an order: open a cart, add a consignment, select an option, bill, order; over again."""
    for _ in range(times):
        cart = cart_of((yield open_cart(3)))
        checkout = checkout_of((yield add(cart.id, cart.item_ids)))
        yield select(cart.id, checkout.consignments[0])
        yield bill(cart.id)
        yield order(cart.id)


def mixed_flow(times: int) -> Script:
    """The same with a look at the checkout in between, as a page that shows it takes one."""
    for _ in range(times):
        cart = cart_of((yield open_cart(3)))
        yield read(cart.id)
        checkout = checkout_of((yield add(cart.id, cart.item_ids)))
        yield read(cart.id)
        yield select(cart.id, checkout.consignments[0])
        yield bill(cart.id)
        yield read(cart.id)
        yield order(cart.id)
