"""A shopper's whole way over real HTTP, with nothing but cookies and the CSRF header; Management shows the same checkout."""

from pathlib import Path
from typing import Any, Self

import httpx

from tests.recording import AUSTIN, NEW_YORK, camel
from tests.server import RunningServer


class Browser:
    """Keeps cookies and sends the CSRF token back, as a page's script does."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        token = self._client.cookies.get("XSRF-TOKEN")
        answer = self._client.request(method, path, json=body, headers={"X-XSRF-TOKEN": token} if token else {})
        assert answer.is_success, answer.text
        return answer.json()


def test_a_shopper_goes_from_an_empty_cart_to_an_order_over_two_addresses_and_a_pick_up(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server, Browser(server.url) as browser:
        assert browser("GET", "/api/storefront/carts") == []
        lines = [
            {"productId": 184, "variantId": 364, "quantity": 2},
            {"productId": 170, "quantity": 1},
            {"productId": 189, "quantity": 1},
        ]
        cart = browser("POST", "/api/storefront/carts", {"lineItems": lines})
        laundry, spoons = (item["id"] for item in cart["lineItems"]["physicalItems"])
        path = f"/api/storefront/checkouts/{cart['id']}"
        browser("POST", f"{path}/billing-address", {"email": "jane@example.com"})
        search = {"coordinates": {"latitude": 30.27, "longitude": -97.74}, "radius": {"value": 50, "unit": "MI"}}
        places = browser(
            "POST",
            "/api/storefront/pickup-options",
            {"searchArea": search, "items": [{"variantId": 341, "quantity": 1}]},
        )
        nearest = places["results"][0]["pickupOptions"][0]["pickupMethod"]["id"]
        checkout = browser(
            "POST",
            f"{path}/consignments",
            [
                {"address": camel(AUSTIN), "lineItems": [{"itemId": laundry, "quantity": 1}]},
                {"address": camel(NEW_YORK), "lineItems": [{"itemId": laundry, "quantity": 1}]},
                {"pickupOption": {"pickupMethodId": nearest}, "lineItems": [{"itemId": spoons, "quantity": 1}]},
            ],
        )
        for consignment in checkout["consignments"][:2]:
            option = next(entry for entry in consignment["availableShippingOptions"] if entry["isRecommended"])
            checkout = browser("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option["id"]})
        checkout = browser("PUT", f"{path}/billing-address/{checkout['billingAddress']['id']}", camel(AUSTIN))
        checkout = browser(
            "GET", f"/api/storefront/checkout/{cart['id']}?include=consignments.availableShippingOptions"
        )

        made = browser(
            "POST", "/internalapi/v1/checkout/order", {"cartId": cart["id"], "payment": {"name": "bankdeposit"}}
        )
        order = browser("GET", f"/api/storefront/orders/{made['data']['order']['orderId']}?include=payments")

        headers = {"X-Auth-Token": "demo-token"}
        address = f"{server.url}/stores/demo/v3/checkouts/{cart['id']}?include=consignments.available_shipping_options"
        managed = httpx.get(address, headers=headers).json()["data"]

    # 2 x 13.99 + 25.00 + 18.95 = 71.93; shipping 1.25 + 2.50. Texas: 8.25 % of 13.99, 25.00, 18.95 and 1.25 is
    # 1.15 + 2.06 + 1.56 + 0.10; New York: 4 % of 13.99 is 0.56. In all 5.43.
    assert (checkout["subtotal"], checkout["shippingCostTotal"], checkout["taxTotal"], checkout["grandTotal"]) == (
        71.93,
        3.75,
        5.43,
        81.11,
    )
    assert order["orderAmount"] == 81.11
    assert len(order["consignments"]["shipping"]) == 2
    assert order["consignments"]["pickup"][0]["pickupMethodId"] == nearest == 1
    assert (managed["id"], managed["version"]) == (checkout["id"], checkout["version"])
    assert managed["order_id"] == str(order["orderId"])
    assert (managed["subtotal_ex_tax"], managed["shipping_cost_total_ex_tax"], managed["tax_total"]) == (
        71.93,
        3.75,
        5.43,
    )
    assert managed["grand_total"] == 81.11
    assert [
        (consignment["id"], consignment["line_item_ids"], consignment.get("selected_shipping_option", {}).get("id"))
        for consignment in managed["consignments"]
    ] == [
        (consignment["id"], consignment["lineItemIds"], (consignment["selectedShippingOption"] or {}).get("id"))
        for consignment in checkout["consignments"]
    ]
    assert (
        camel(managed["consignments"][0]["address"]) | {"shouldSaveAddress": False}
        == checkout["consignments"][0]["address"]
    )
