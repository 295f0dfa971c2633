"""Steps that many API tests begin with, over the real application."""

from typing import Any

from tests.client import Shop
from tests.recording import AUSTIN, NEW_YORK, camel

OPTIONS = "?include=consignments.available_shipping_options"


def a_cart(shop: Shop, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Two laundry carts, unless lines are given."""
    line_items = list(lines) or [{"product_id": 184, "variant_id": 364, "quantity": 2}]
    answer = shop.management("POST", "/carts", {"line_items": line_items, **fields})
    assert answer.status_code == 201, answer.text
    cart: dict[str, Any] = answer.json()["data"]
    return cart


def with_groups(shop: Shop, last: int) -> None:
    """Customer groups up to this number; the demo shop has one."""
    for number in range(2, last + 1):
        made = shop.management("POST", "/customer_groups", {"name": f"Group {number}"}, base="/stores/demo/v2")
        assert made.json()["id"] == number


def item_ids(cart: dict[str, Any]) -> list[str]:
    return [item["id"] for item in cart["line_items"]["physical_items"]]


def quantities(checkout: dict[str, Any]) -> dict[str, int]:
    return {item["id"]: item["quantity"] for item in checkout["cart"]["line_items"]["physical_items"]}


def consign(shop: Shop, cart_id: str, *consignments: dict[str, Any]) -> dict[str, Any]:
    """The checkout after adding consignments, with their options."""
    answer = shop.management("POST", f"/checkouts/{cart_id}/consignments{OPTIONS}", list(consignments))
    assert answer.status_code == 200, answer.text
    checkout: dict[str, Any] = answer.json()["data"]
    return checkout


def to(address: dict[str, Any], *units: tuple[str, int]) -> dict[str, Any]:
    return {"address": address, "line_items": [{"item_id": item, "quantity": quantity} for item, quantity in units]}


def select_first(shop: Shop, checkout: dict[str, Any]) -> dict[str, Any]:
    """Choose the cheapest option of every consignment that has options and is not picked up."""
    for consignment in checkout["consignments"]:
        if "selected_pickup_option" not in consignment:
            option = consignment["available_shipping_options"][0]["id"]
            path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}{OPTIONS}"
            answer = shop.management("PUT", path, {"shipping_option_id": option})
            assert answer.status_code == 200, answer.text
            checkout = answer.json()["data"]
    return checkout


def ready_checkout(shop: Shop, *lines: dict[str, Any]) -> dict[str, Any]:
    """Everything an order needs: one consignment to Austin with an option, and a billing address."""
    cart = a_cart(shop, *lines)
    units = [(item["id"], item["quantity"]) for item in cart["line_items"]["physical_items"]]
    select_first(shop, consign(shop, cart["id"], to(AUSTIN, *units)))
    answer = shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    checkout: dict[str, Any] = answer.json()["data"]
    return checkout


JANE, JOHN, PASSWORD = "janedoe@example.com", "johndoe@example.com", "Passw0rd1"
"""Customers 11 and 12 of the demo shop."""


def sign_in(shop: Shop, email: str = JANE, password: str = PASSWORD, *, browser: Any = None) -> Any:
    """The answer to signing in as a page would: with the session's cookies and token, which any read gives out."""
    shop.storefront("GET", "/carts", browser=browser)
    body = {"email": email, "password": password}
    return shop.storefront("POST", "/checkout/customer", body, base="/internalapi/v1", browser=browser)


def storefront_cart(shop: Shop, *lines: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Two laundry carts in the browser's session, unless lines are given."""
    shop.storefront("GET", "/carts", **options)
    line_items = list(lines) or [{"productId": 184, "variantId": 364, "quantity": 2}]
    answer = shop.storefront("POST", "/carts", {"lineItems": line_items}, **options)
    assert answer.status_code == 200, answer.text
    cart: dict[str, Any] = answer.json()
    return cart


def ready_storefront_checkout(shop: Shop, *lines: dict[str, Any], **options: Any) -> dict[str, Any]:
    cart = storefront_cart(shop, *lines, **options)
    path = f"/checkouts/{cart['id']}"
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN), **options)
    goods = [{"itemId": item["id"], "quantity": item["quantity"]} for item in cart["lineItems"]["physicalItems"]]
    created = shop.storefront(
        "POST", f"{path}/consignments", [{"address": camel(NEW_YORK), "lineItems": goods}], **options
    ).json()
    consignment = created["consignments"][0]
    option = consignment["availableShippingOptions"][0]["id"]
    answer = shop.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option}, **options)
    checkout: dict[str, Any] = answer.json()
    return checkout
