"""Shoppers of the Storefront as many at a time as a test wants: each with a session, from an empty cart to an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.recording import AUSTIN, camel

ORDER = "/internalapi/v1/checkout/order"


@dataclass
class Browser:
    """Keeps cookies and sends the CSRF token back, as a page's script does; forgets all of it with `forget`."""

    client: httpx.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if "XSRF-TOKEN" in self.cookies:
            headers["X-XSRF-TOKEN"] = self.cookies["XSRF-TOKEN"]
        answer = await self.client.request(method, path, json=body, headers=headers)
        self.cookies.update(answer.cookies)
        self.client.cookies.clear()
        return answer

    def forget(self) -> None:
        self.cookies.clear()


async def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def ready_cart(browser: Browser, units_of: Mapping[int, int]) -> str:
    """The id of a cart with these units of each product, and everything that an order needs."""
    await browser("GET", "/api/storefront/carts")
    lines = [{"productId": product, "quantity": units} for product, units in units_of.items()]
    cart = await good(await browser("POST", "/api/storefront/carts", {"lineItems": lines}))
    path = f"/api/storefront/checkouts/{cart['id']}"
    await good(await browser("POST", f"{path}/billing-address", camel(AUSTIN)))
    items = [{"itemId": item["id"], "quantity": item["quantity"]} for item in cart["lineItems"]["physicalItems"]]
    new = [{"address": camel(AUSTIN), "lineItems": items}]
    consignment = (await good(await browser("POST", f"{path}/consignments", new)))["consignments"][0]
    option = consignment["availableShippingOptions"][0]["id"]
    await good(await browser("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option}))
    return str(cart["id"])


async def place_order(browser: Browser, cart_id: str) -> httpx.Response:
    return await browser("POST", ORDER, {"cartId": cart_id, "payment": {"name": "bankdeposit"}})


async def order_of(browser: Browser, cart_id: str) -> int:
    made = await good(await place_order(browser, cart_id))
    return int(made["data"]["order"]["orderId"])


async def a_product(client: httpx.AsyncClient, name: str, price: float, stock: int) -> int:
    """A new product of the shop, put there through the Management API."""
    body = {
        "name": name,
        "type": "physical",
        "weight": 1,
        "price": price,
        "inventory_tracking": "product",
        "inventory_level": stock,
    }
    answer = await client.post("/catalog/products", json=body)
    return int((await good(answer))["data"]["id"])


async def stock_of(client: httpx.AsyncClient, product_id: int) -> int:
    return int((await good(await client.get(f"/catalog/products/{product_id}")))["data"]["inventory_level"])
