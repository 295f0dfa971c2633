"""The demo shop with carriers that are real servers, for tests about what they say."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from msgspec.structs import replace

from checkstand.carriers import MOST_BYTES, Carriers
from checkstand.demo_carrier import DemoCarrier
from checkstand.domain.carrier import Carrier
from checkstand.domain.facts import Store
from checkstand.outbound import Post, poster
from checkstand.service.shop import edit
from tests.client import BASE, Shop
from tests.recording import AUSTIN

CONNECTION = "/shipping/carrier/connection"
V2 = "/stores/demo/v2"
WITH_OPTIONS = "?include=consignments.available_shipping_options"


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """The demo shop, with one zone that is everywhere and a flat rate of 8.00 there, and carriers of its own, in one loop."""

    def __init__(
        self, shop: Shop, carriers: dict[str, DemoCarrier], asking: Carriers, seconds: Seconds, post: Post
    ) -> None:
        self.shop, self.carriers, self.asking, self.seconds, self.post = shop, carriers, asking, seconds, post
        self.zone_id = 0

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        async with self.shop.new_browser() as client:
            sent = {"X-Auth-Token": "demo-token"} | {name.replace("_", "-"): value for name, value in headers.items()}
            url = path if path.startswith("/stores") else BASE + path
            return await client.request(method, url, json=body, headers=sent)

    async def data(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def v2(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.call(method, V2 + path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def methods(self) -> None:
        """A zone everywhere: a flat rate, a fallback, and a method of each carrier."""
        for zone in await self.v2("GET", "/shipping/zones"):
            await self.v2("DELETE", f"/shipping/zones/{zone['id']}")
        zone = await self.v2("POST", "/shipping/zones", {"name": "Everywhere", "type": "global"})
        self.zone_id = zone["id"]
        path = f"/shipping/zones/{zone['id']}/methods"
        await self.v2("POST", path, {"name": "Flat Rate", "type": "perorder", "settings": {"rate": 8}})
        fallback = {"name": "Fallback", "type": "perorder", "settings": {"rate": 9}, "is_fallback": True}
        await self.v2("POST", path, fallback)
        for carrier_id in self.carriers:
            body = {"name": carrier_id, "type": carrier_id, "settings": {"carrier_options": {"packaging": "box"}}}
            await self.v2("POST", path, body)
            await self.v2("POST", CONNECTION, {"carrier_id": carrier_id, "connection": {"key": f"secret-{carrier_id}"}})

    async def a_cart(self, quantity: int = 1) -> tuple[str, str]:
        """Jars of spoons for 25.00: the checkout's id, and that of its line."""
        cart = await self.data("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": quantity}]})
        return cart["id"], cart["line_items"]["physical_items"][0]["id"]

    async def a_checkout(self, address: Any = AUSTIN) -> Any:
        checkout_id, line_id = await self.a_cart()
        draft = [{"address": address, "line_items": [{"item_id": line_id, "quantity": 1}]}]
        return await self.data("POST", f"/checkouts/{checkout_id}/consignments{WITH_OPTIONS}", draft)

    async def read(self, checkout: Any) -> Any:
        return await self.data("GET", f"/checkouts/{checkout['id']}{WITH_OPTIONS}")

    async def choose(self, checkout: Any, description: str) -> Any:
        consignment = checkout["consignments"][0]
        options = consignment["available_shipping_options"]
        option = next(each for each in options if each["description"] == description)
        path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}{WITH_OPTIONS}"
        return await self.data("PUT", path, {"shipping_option_id": option["id"]})

    async def ready(self, description: str, address: Any = AUSTIN) -> Any:
        """A checkout that can be ordered."""
        checkout = await self.choose(await self.a_checkout(address), description)
        return await self.data("POST", f"/checkouts/{checkout['id']}/billing-address", AUSTIN)

    async def another_process(self) -> None:
        """From now on requests are answered by one that remembers nothing."""
        await self.asking.stop()
        self.asking = Carriers(self.post, self.shop.storage.carrier_answers, self.seconds, probe_seconds=60)
        self.shop.storage.carrier_quotes = self.asking

    async def metrics(self) -> str:
        return await self.shop.app.metrics.page(self.shop.storage, None, 0, self.shop.app.now())


def options(checkout: Any, index: int = 0) -> list[tuple[str, str, float]]:
    return [
        (option["type"], option["description"], option["cost"])
        for option in checkout["consignments"][index]["available_shipping_options"]
    ]


FLAT = ("shipping_flatrate", "Flat Rate", 8)
FALLBACK = ("shipping_flatrate", "Fallback", 9)


@asynccontextmanager
async def world(
    shop: Shop, *, timeout_seconds: float = 0.5, probe_seconds: float = 0.2, **carriers: dict[str, Any]
) -> AsyncIterator[World]:
    demos = {name: DemoCarrier(**options) for name, options in (carriers or {"one": {}}).items()}
    for demo in demos.values():
        await demo.start()
    hosts = frozenset(f"127.0.0.1:{demo.port}" for demo in demos.values())
    registered = tuple(
        Carrier(id=name, name=name, url=f"http://127.0.0.1:{demo.port}/rate", timeout_seconds=timeout_seconds)
        for name, demo in demos.items()
    )

    def change(store: Store) -> Store:
        return replace(store, carriers=registered)

    async with poster(hosts, most_bytes=MOST_BYTES) as post:
        seconds = Seconds()
        asking = Carriers(post, shop.storage.carrier_answers, seconds, probe_seconds=probe_seconds)
        shop.storage.carrier_quotes = asking
        shop.app.provider_hosts = hosts
        await edit(shop.storage.unit("demo"), change)
        made = World(shop, demos, asking, seconds, post)
        await made.methods()
        try:
            yield made
        finally:
            await made.asking.stop()
            for demo in demos.values():
                await demo.stop()


def with_world(scenario: Callable[[World], Awaitable[None]], **given: Any) -> None:
    async def run(shop: Shop) -> None:
        async with world(shop, **given) as made:
            await scenario(made)

    with Shop() as shop:
        shop.run(run(shop))
