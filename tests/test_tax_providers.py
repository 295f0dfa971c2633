"""Asking a tax provider over real sockets: when, how often, and what happens when it does not answer (BEHAVIOUR 8)."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from checkstand.demo_tax_provider import DemoTaxProvider
from checkstand.domain.facts import Store
from checkstand.domain.tax_quote import TaxProvider
from checkstand.outbound import poster
from checkstand.service.shop import edit
from checkstand.tax_providers import MOST_BYTES, TaxProviders
from tests.client import BASE, Shop
from tests.recording import AUSTIN, NEW_YORK

LOGIN = {"username": "demo", "password": "secret"}
CONNECTION = "/tax/providers/demo-tax/connection"


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """The demo shop, connected to a provider of its own, in one loop."""

    def __init__(self, shop: Shop, provider: DemoTaxProvider, seconds: Seconds) -> None:
        self.shop, self.provider, self.seconds = shop, provider, seconds

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        async with self.shop.new_browser() as client:
            sent = {"X-Auth-Token": "demo-token"} | {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, BASE + path, json=body, headers=sent)

    async def data(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def a_checkout(self) -> tuple[str, str]:
        """One jar of spoons for 25.00, without any address: its id, and that of its line."""
        cart = await self.data("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
        return cart["id"], cart["line_items"]["physical_items"][0]["id"]

    async def a_ready_checkout(self) -> str:
        """To Austin by flat rate, 4.00, billed there."""
        checkout_id, line_id = await self.a_checkout()
        path = f"/checkouts/{checkout_id}"
        goods = [{"item_id": line_id, "quantity": 1}]
        options = "?include=consignments.available_shipping_options"
        made = await self.data("POST", f"{path}/consignments{options}", [{"address": AUSTIN, "line_items": goods}])
        consignment = made["consignments"][0]
        flat = next(o for o in consignment["available_shipping_options"] if o["description"] == "Flat Rate")
        await self.data("PUT", f"{path}/consignments/{consignment['id']}", {"shipping_option_id": flat["id"]})
        await self.data("POST", f"{path}/billing-address", AUSTIN)
        return checkout_id

    async def tax(self, checkout_id: str) -> list[tuple[str, float]]:
        checkout = await self.data("GET", f"/checkouts/{checkout_id}")
        return [(tax["name"], tax["amount"]) for tax in checkout["taxes"]]

    @property
    def estimates(self) -> int:
        return sum(path == "/estimate" for path, _, _ in self.provider.calls)


@asynccontextmanager
async def world(shop: Shop, *, is_connected: bool = True, **provider: Any) -> AsyncIterator[World]:
    demo = DemoTaxProvider(**provider)
    await demo.start()
    host = f"127.0.0.1:{demo.port}"
    seconds = Seconds()
    registered = TaxProvider(id="demo-tax", name="Demo Tax", url=f"http://{host}")

    def change(store: Store) -> Store:
        return replace(store, tax_providers=(registered,))

    async with poster(frozenset({host}), most_bytes=MOST_BYTES) as post:
        asking = TaxProviders(post, seconds, timeout_seconds=0.5)
        shop.storage.tax_quotes = asking
        shop.app.provider_hosts = frozenset({host})
        await edit(shop.storage.unit("demo"), change)
        made = World(shop, demo, seconds)
        if is_connected:
            await made.data("PUT", CONNECTION, LOGIN)
        try:
            yield made
        finally:
            await asking.stop()
            await demo.stop()


def with_world(scenario: Callable[[World], Awaitable[None]], **options: Any) -> None:
    async def run(shop: Shop) -> None:
        async with world(shop, **options) as made:
            await scenario(made)

    with Shop() as shop:
        shop.run(run(shop))


# ---------------------------------------------------------------------------------------------------- when it is asked


def test_it_is_asked_once_there_is_an_address_and_its_taxes_are_shown() -> None:
    async def scenario(world: World) -> None:
        checkout_id, _ = await world.a_checkout()
        assert (world.estimates, await world.tax(checkout_id)) == (0, [("Tax", 0)])

        ready = await world.a_ready_checkout()

        # 25.00 and 4.00 at 8.25 %: 2.06 and 0.33.
        assert await world.tax(ready) == [("US-TX Tax", 2.39)]
        checkout = await world.data("GET", f"/checkouts/{ready}")
        assert (checkout["grand_total"], checkout["tax_total"]) == (31.39, 2.39)
        path, store, request = world.provider.calls[-1]
        assert (path, store, request["id"]) == ("/estimate", "demo", ready)
        assert [document["billing_address"]["region_code"] for document in request["documents"]] == ["TX"]

    with_world(scenario)


def test_the_same_question_is_asked_once_in_ten_minutes() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        asked = world.estimates

        for _ in range(3):
            await world.tax(checkout_id)
        await world.data("PUT", f"/checkouts/{checkout_id}", {"customer_message": "Ring twice"})
        assert world.estimates == asked

        world.seconds.now += 601
        await world.tax(checkout_id)
        assert world.estimates == asked + 1

    with_world(scenario)


def test_readers_at_the_same_time_wait_for_one_answer() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        world.seconds.now += 601
        asked, world.provider.delay = world.estimates, 0.05

        taxes = await asyncio.gather(*(world.tax(checkout_id) for _ in range(5)))

        assert taxes == [[("US-TX Tax", 2.39)]] * 5
        assert world.estimates == asked + 1

    with_world(scenario)


def test_another_address_is_another_question() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        consignment = (await world.data("GET", f"/checkouts/{checkout_id}"))["consignments"][0]

        await world.data("PUT", f"/checkouts/{checkout_id}/consignments/{consignment['id']}", {"address": NEW_YORK})

        # 25.00 at 4 %; the option was one of Texas.
        assert await world.tax(checkout_id) == [("US Tax", 1)]

    with_world(scenario)


def test_a_write_in_a_transaction_of_its_own_waits_for_nobody_in_it() -> None:
    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_checkout()
        body = [{"address": AUSTIN, "line_items": [{"item_id": line_id, "quantity": 1}]}]
        path = f"/checkouts/{checkout_id}/consignments"

        first = await world.data("POST", path, body, idempotency_key="once")
        again = await world.call("POST", path, body, idempotency_key="once")

        assert first["tax_total"] == 2.06
        assert (again.json()["data"], again.headers["idempotent-replayed"]) == (first, "true")
        assert world.estimates == 1
        assert first["version"] == 2

    with_world(scenario)


def test_writers_that_race_all_get_their_taxes() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        world.provider.delay = 0.01
        lines = [{"product_id": product, "quantity": 1} for product in (174, 189, 158)]

        await asyncio.gather(
            *(world.data("POST", f"/carts/{checkout_id}/items", {"line_items": [line]}) for line in lines)
        )

        checkout = await world.data("GET", f"/checkouts/{checkout_id}")
        assert checkout["tax_total"] > 2.39
        assert len(world.provider.calls[-1][2]["documents"]) == 2

    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- when it fails


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 401}, {"delay": 5.0}])
def test_without_an_answer_ten_per_cent_are_due(fault: dict[str, Any]) -> None:
    async def scenario(world: World) -> None:
        assert await world.tax(await world.a_ready_checkout()) == [("Tax", 2.9)]

    with_world(scenario, **fault)


def test_a_failure_is_asked_about_again_after_a_while() -> None:
    async def scenario(world: World) -> None:
        world.provider.status = 500
        checkout_id = await world.a_ready_checkout()
        world.provider.status = 200

        assert await world.tax(checkout_id) == [("Tax", 2.9)]
        world.seconds.now += 11
        assert await world.tax(checkout_id) == [("US-TX Tax", 2.39)]

    with_world(scenario)


def test_the_zones_of_the_store_count_where_it_says_so() -> None:
    async def scenario(world: World) -> None:
        await world.data("PUT", "/tax/settings", {"fallback_strategy": "BASIC"})

        assert await world.tax(await world.a_ready_checkout()) == [("Texas Sales Tax", 2.39)]

    with_world(scenario, status=500)


def test_an_order_is_refused_where_the_store_wants_no_fallback() -> None:
    async def scenario(world: World) -> None:
        await world.data("PUT", "/tax/settings", {"fallback_strategy": "DISABLE"})
        checkout_id = await world.a_ready_checkout()
        world.provider.status = 500
        world.seconds.now += 601

        shown = await world.tax(checkout_id)
        refusal = await world.call("POST", f"/checkouts/{checkout_id}/orders")
        world.provider.status = 200
        world.seconds.now += 11

        assert shown == [("Tax", 0)]
        assert (refusal.status_code, refusal.json()["type"]) == (422, "tax_provider_unavailable")
        assert (await world.call("POST", f"/checkouts/{checkout_id}/orders")).status_code == 200

    with_world(scenario)


def test_an_order_keeps_the_taxes_it_was_placed_with() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        order = await world.data("POST", f"/checkouts/{checkout_id}/orders")
        world.provider.rates = {"US": Decimal(50)}
        world.seconds.now += 601

        kept = await world.shop.storage.unit("demo").orders.get(int(order["id"]))

        assert str(kept.priced().totals.tax.minor) == "239"

    with_world(scenario)


def test_credentials_that_are_wrong_are_a_failure() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        assert await world.tax(checkout_id) == [("US-TX Tax", 2.39)]

        await world.data("PUT", CONNECTION, {"password": "another"})

        assert await world.tax(checkout_id) == [("Tax", 2.9)]

    with_world(scenario, credentials=("demo", "secret"))


def test_a_host_that_nobody_allowed_is_not_called() -> None:
    async def scenario(world: World) -> None:
        async with poster(frozenset(), most_bytes=MOST_BYTES) as post:
            world.shop.storage.tax_quotes = TaxProviders(post)

            assert await world.tax(await world.a_ready_checkout()) == [("Tax", 2.9)]
            assert world.provider.calls == []

    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- the connection


def test_a_provider_is_connected_shown_without_its_password_and_disconnected() -> None:
    async def scenario(world: World) -> None:
        nobody = {"username": "", "configured": False, "profile": ""}
        assert await world.data("GET", CONNECTION) == nobody
        checkout_id = await world.a_ready_checkout()
        assert await world.tax(checkout_id) == [("Texas Sales Tax", 2.39)]

        connected = await world.data("PUT", CONNECTION, LOGIN)

        assert connected == {"username": "demo", "configured": True, "profile": ""}
        assert await world.data("GET", CONNECTION) == connected
        assert await world.tax(checkout_id) == [("US-TX Tax", 2.39)]
        assert await world.data("DELETE", CONNECTION) == connected | {"configured": False}
        assert await world.tax(checkout_id) == [("Texas Sales Tax", 2.39)]
        assert (await world.call("DELETE", CONNECTION)).status_code == 404
        assert await world.data("GET", CONNECTION) == nobody

    with_world(scenario, is_connected=False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "demo"}, "password"),
        ({"password": "secret"}, "username"),
        (LOGIN | {"username": "a:b"}, "username"),
        (LOGIN | {"profile": "mine"}, "profile"),
        (LOGIN | {"username": 5}, "username"),
    ],
)
def test_a_connection_that_cannot_be_is_refused(body: dict[str, Any], field: str) -> None:
    async def scenario(world: World) -> None:
        refusal = await world.call("PUT", CONNECTION, body)

        assert (refusal.status_code, list(refusal.json()["errors"])) == (422, [field])
        assert (await world.call("PUT", "/tax/providers/nobody/connection", LOGIN)).status_code == 404

    with_world(scenario, is_connected=False)


def test_a_provider_inside_of_the_operators_network_must_be_allowed() -> None:
    async def scenario(world: World) -> None:
        world.shop.app.provider_hosts = frozenset()

        refusal = await world.call("PUT", CONNECTION, LOGIN)

        assert refusal.json()["errors"] == {
            "provider_id": "must be https on port 443, unless the server's operator allows its host "
            "(CHECKSTAND_PROVIDER_HOSTS)"
        }

    with_world(scenario, is_connected=False)


def test_a_provider_with_profiles_is_called_where_its_profile_says() -> None:
    async def scenario(world: World) -> None:
        def change(store: Store) -> Store:
            provider = store.tax_providers[0]
            return replace(store, tax_providers=(replace(provider, url=provider.url + "/{profile}"),))

        await edit(world.shop.storage.unit("demo"), change)

        assert not (await world.data("PUT", CONNECTION, LOGIN))["configured"]
        assert (await world.call("PUT", CONNECTION, {"profile": "../up"})).status_code == 422
        assert (await world.data("PUT", CONNECTION, {"profile": "mine"}))["configured"]
        await world.a_ready_checkout()
        assert {path for path, _, _ in world.provider.calls} == {"/mine/estimate"}

    with_world(scenario, is_connected=False)


# ---------------------------------------------------------------------------------------------------- the demo provider


def test_the_demo_provider_runs_by_itself_and_fails_on_request() -> None:
    command = [sys.executable, "-m", "checkstand.demo_tax_provider", "--port", "0", "--rate", "US=5", "--user", "a:b"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            quote = {"id": "1", "currency_code": "USD", "documents": []}
            refused = httpx.post(f"{url}/estimate", json=quote)
            given = httpx.post(f"{url}/commit", json=quote, auth=("a", "b"))
            httpx.post(f"{url}/control", json={"status": 503})
            failing = httpx.post(f"{url}/void?id=1", auth=("a", "b"))
            httpx.post(f"{url}/control", json={"status": 200})

            assert (refused.status_code, given.status_code, failing.status_code) == (401, 200, 503)
            assert httpx.get(f"{url}/quotes").json() == {"1": quote}
            assert httpx.post(f"{url}/void?id=1", auth=("a", "b")).status_code == 200
            assert httpx.post(f"{url}/void?id=1", auth=("a", "b")).status_code == 400
            assert httpx.post(f"{url}/adjust?id=1", json=quote, auth=("a", "b")).status_code == 400
            assert httpx.post(f"{url}/nothing", json=quote, auth=("a", "b")).status_code == 404
        finally:
            process.terminate()
