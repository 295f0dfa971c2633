"""Twenty requests at once on one checkout: what each of them asked for is there afterwards, and no two of them are mixed up."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import database
from tests.process.shoppers import Browser, a_product, good, order_of, place_order, ready_cart, stock_of
from tests.recording import AUSTIN, NEW_YORK
from tests.server import RunningServer

AT_ONCE = 20
WRITING_SECONDS = 6.0
OPTIONS = "?include=consignments.available_shipping_options"

Scenario = Callable[[RunningServer, httpx.AsyncClient], Coroutine[Any, Any, None]]


@pytest.fixture
def server(tmp_path: Path, stored_on: str) -> RunningServer:
    """Four processes, where the database lets several use it."""
    arguments = ("--demo", "--workers", "4") if stored_on == database.POSTGRESQL else ("--demo",)
    return RunningServer(tmp_path, *arguments)


def run(server: RunningServer, scenario: Scenario) -> None:
    async def whole() -> None:
        async with server.client() as client:
            await scenario(server, client)

    with server:
        asyncio.run(whole())


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def read(client: httpx.AsyncClient, checkout_id: str) -> Any:
    return (await good(await client.get(f"/checkouts/{checkout_id}{OPTIONS}")))["data"]


async def a_cart(client: httpx.AsyncClient, *lines: dict[str, Any]) -> Any:
    return (await good(await client.post("/carts", json={"line_items": list(lines)})))["data"]


async def a_consigned_cart(client: httpx.AsyncClient) -> tuple[str, Any]:
    """A cart of two spoons on their way to Austin: its id, and the consignment with its options."""
    cart = await a_cart(client, {"product_id": 170, "quantity": 2})
    items = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 2}]
    path = f"/checkouts/{cart['id']}/consignments{OPTIONS}"
    checkout = (await good(await client.post(path, json=[{"address": AUSTIN, "line_items": items}])))["data"]
    return cart["id"], checkout["consignments"][0]


async def a_ready_cart(client: httpx.AsyncClient) -> str:
    """One that an order can be made of."""
    cart_id, consignment = await a_consigned_cart(client)
    option = consignment["available_shipping_options"][0]["id"]
    path = f"/checkouts/{cart_id}/consignments/{consignment['id']}"
    await good(await client.put(path, json={"shipping_option_id": option}))
    await good(await client.post(f"/checkouts/{cart_id}/billing-address", json=AUSTIN))
    return cart_id


# ---------------------------------------------------------------------------------------------------- the cart


def test_one_more_of_the_same_variant_twenty_times_at_once_is_twenty_more(server: RunningServer) -> None:
    async def scenario(_: RunningServer, client: httpx.AsyncClient) -> None:
        cart = await a_cart(client, {"product_id": 170, "quantity": 1})
        one_more = {"line_items": [{"product_id": 170, "quantity": 1}]}

        answers = await asyncio.gather(
            *(client.post(f"/carts/{cart['id']}/items", json=one_more) for _ in range(AT_ONCE))
        )

        assert statuses(answers) == {201: 20}
        checkout = await read(client, cart["id"])
        assert [item["quantity"] for item in checkout["cart"]["line_items"]["physical_items"]] == [21]
        assert checkout["version"] == 21
        assert sorted(answer.json()["data"]["version"] for answer in answers) == list(range(2, 22))

    run(server, scenario)


def test_seventeen_different_variants_at_once_are_seventeen_lines_and_the_totals_are_theirs(
    server: RunningServer,
) -> None:
    async def scenario(_: RunningServer, client: httpx.AsyncClient) -> None:
        products = [await a_product(client, f"Thing {n}", n + 0.01, 100) for n in range(1, 18)]
        cart = await a_cart(client, {"product_id": products[0], "quantity": 1})
        wanted = [*products, *products[:3]]

        answers = await asyncio.gather(
            *(
                client.post(f"/carts/{cart['id']}/items", json={"line_items": [{"product_id": product, "quantity": 1}]})
                for product in wanted
            )
        )

        assert statuses(answers) == {201: 20}
        checkout = await read(client, cart["id"])
        lines = checkout["cart"]["line_items"]["physical_items"]
        assert len({line["id"] for line in lines}) == len({line["variant_id"] for line in lines}) == 17
        assert [line["quantity"] for line in sorted(lines, key=lambda line: line["product_id"])] == [3, 2, 2] + [1] * 14
        # 1.01 + 2.01 + ... + 17.01 = 153.17, once more the first three 6.03, and one more of the first 1.01.
        assert checkout["cart"]["base_amount"] == checkout["subtotal_ex_tax"] == 160.21
        assert round(sum(line["extended_list_price"] for line in lines), 2) == 160.21

    run(server, scenario)


def test_twenty_writers_that_never_rest_all_get_their_turn_and_so_does_one_whose_requests_take_longer(
    server: RunningServer, say: Callable[[str], None], stored_on: str
) -> None:
    written: Counter[int] = Counter()
    waits: dict[int, list[float]] = {number: [] for number in range(AT_ONCE)}

    async def writer(server: RunningServer, cart_id: str, number: int, lines: list[dict[str, Any]]) -> None:
        until = time.monotonic() + WRITING_SECONDS
        async with server.client() as client:
            while time.monotonic() < until:
                started = time.monotonic()
                await good(await client.post(f"/carts/{cart_id}/items", json={"line_items": lines}))
                waits[number].append(time.monotonic() - started)

    async def scenario(server: RunningServer, client: httpx.AsyncClient) -> None:
        products = [await a_product(client, f"Part {n}", 1, 1_000_000) for n in range(12)]
        cart = await a_cart(client, {"product_id": 170, "quantity": 1})
        one, many = ([{"product_id": product, "quantity": 1} for product in some] for some in (products[:1], products))

        await asyncio.gather(
            *(writer(server, cart["id"], number, one if number else many) for number in range(AT_ONCE))
        )

        written.update({number: len(times) for number, times in waits.items()})
        version = (await read(client, cart["id"]))["version"]
        assert version == 1 + written.total()

    run(server, scenario)
    slowest = max(max(times) for times in waits.values())
    say(
        f"{AT_ONCE} writers on {stored_on}: {written.total():,} writes to one checkout in {WRITING_SECONDS:.0f} s, "
        f"{min(written.values())} to {max(written.values())} each, {written[0]} by the slow one, at most {slowest:.2f} s for one"
    )
    assert slowest < 3


# ---------------------------------------------------------------------------------------------------- the consignment


def test_ten_addresses_and_ten_choices_at_once_leave_one_address_and_a_choice_that_belongs_to_it(
    server: RunningServer,
) -> None:
    async def scenario(_: RunningServer, client: httpx.AsyncClient) -> None:
        cart_id, consignment = await a_consigned_cart(client)
        path = f"/checkouts/{cart_id}/consignments/{consignment['id']}{OPTIONS}"
        options = [option["id"] for option in consignment["available_shipping_options"]]
        addresses = [(AUSTIN, NEW_YORK)[n % 2] | {"address1": f"{n} Main Street"} for n in range(10)]

        moves = [client.put(path, json={"address": address}) for address in addresses]
        choices = [client.put(path, json={"shipping_option_id": options[n % len(options)]}) for n in range(10)]
        answers = await asyncio.gather(*(request for pair in zip(moves, choices, strict=True) for request in pair))

        assert statuses(answers[::2]) == {200: 10}
        # A choice that comes after a move to New York is one that is not offered there.
        refused = {answer.json()["title"] for answer in answers[1::2] if answer.status_code == 422}
        assert statuses(answers[1::2]).keys() <= {200, 422}
        assert all("is not offered to consignment" in title for title in refused)
        checkouts = [answer.json()["data"] for answer in answers if answer.status_code == 200]
        written = sorted(checkout["version"] for checkout in checkouts)
        assert written == list(range(3, 3 + len(written)))
        for checkout in (*checkouts, await read(client, cart_id)):
            assert_is_whole(checkout["consignments"][0], addresses)

    run(server, scenario)


def assert_is_whole(consignment: Any, addresses: list[dict[str, Any]]) -> None:
    """Its address is one of those that were sent, or the first one, to the last field; its choice is among its offers."""
    own = {key: consignment["address"][key] for key in AUSTIN}
    assert own in [AUSTIN, *addresses]
    chosen = consignment.get("selected_shipping_option")
    assert chosen is None or chosen in consignment["available_shipping_options"]
    assert consignment["shipping_cost_ex_tax"] == (0 if chosen is None else chosen["cost"])


def test_an_email_with_the_billing_address_a_shipping_address_an_option_and_a_message_at_once_all_survive(
    server: RunningServer,
) -> None:
    async def scenario(_: RunningServer, client: httpx.AsyncClient) -> None:
        for _round in range(5):
            cart_id, consignment = await a_consigned_cart(client)
            path, option = f"/checkouts/{cart_id}", consignment["available_shipping_options"][1]["id"]
            place = f"{path}/consignments/{consignment['id']}"

            answers = await asyncio.gather(
                client.post(f"{path}/billing-address", json=AUSTIN | {"email": "new@example.com"}),
                client.put(place, json={"address": AUSTIN | {"address1": "7 Congress Avenue"}}),
                client.put(place, json={"shipping_option_id": option}),
                client.put(path, json={"customer_message": "Ring twice"}),
            )

            assert statuses(answers) == {200: 4}
            checkout = await read(client, cart_id)
            assert checkout["version"] == 6
            assert checkout["cart"]["email"] == checkout["billing_address"]["email"] == "new@example.com"
            assert checkout["billing_address"]["address1"] == "123 Main Street"
            assert checkout["consignments"][0]["address"]["address1"] == "7 Congress Avenue"
            assert checkout["consignments"][0]["selected_shipping_option"]["id"] == option
            assert checkout["customer_message"] == "Ring twice"

    run(server, scenario)


# ---------------------------------------------------------------------------------------------------- the order


def test_placing_the_order_twenty_times_at_once_makes_one_and_says_so_twenty_times(server: RunningServer) -> None:
    async def scenario(server: RunningServer, client: httpx.AsyncClient) -> None:
        cart_id = await a_ready_cart(client)
        managed = await asyncio.gather(*(client.post(f"/checkouts/{cart_id}/orders") for _ in range(AT_ONCE)))
        assert statuses(managed) == {200: 20}
        assert len({answer.text for answer in managed}) == 1

        before = await stock_of(client, 170)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as visitor:
            browser = Browser(visitor)
            cart_id = await ready_cart(browser, {170: 3})
            placed = await asyncio.gather(*(place_order(browser, cart_id) for _ in range(AT_ONCE)))
        assert statuses(placed) == {201: 20}
        assert len({answer.json()["data"]["order"]["orderId"] for answer in placed}) == 1
        assert await stock_of(client, 170) == before - 3

    run(server, scenario)


def test_a_store_that_wants_a_new_order_each_time_gets_twenty_of_twenty_requests_at_once(
    server: RunningServer, tmp_path: Path
) -> None:
    shop = files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8")
    literal = "weight_unit: lb\n  checkout_settings: {new_order_each_time: true}"
    (tmp_path / "shop.yaml").write_text(shop.replace("weight_unit: lb", literal, 1))
    load = [sys.executable, "-m", "checkstand", "load", str(tmp_path / "shop.yaml"), "--store", "demo"]
    subprocess.run([*load, "--database", server.database], check=True, capture_output=True)

    async def scenario(_: RunningServer, client: httpx.AsyncClient) -> None:
        cart_id = await a_ready_cart(client)
        version = (await read(client, cart_id))["version"]

        answers = await asyncio.gather(*(client.post(f"/checkouts/{cart_id}/orders") for _ in range(AT_ONCE)))

        assert statuses(answers) == {200: 20}
        numbers = {answer.json()["data"]["id"] for answer in answers}
        checkout = await read(client, cart_id)
        assert len(numbers) == 20
        assert (checkout["order_id"], checkout["version"]) == (str(max(numbers)), version)

    run(server, scenario)


def test_changes_at_the_same_time_as_an_order_come_before_it_or_are_refused(server: RunningServer) -> None:
    async def scenario(server: RunningServer, client: httpx.AsyncClient) -> None:
        before = await stock_of(client, 170)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as visitor:
            for _round in range(10):
                browser = Browser(visitor)
                cart_id = await ready_cart(browser, {170: 1})
                path = f"/checkouts/{cart_id}"

                placed, *changes = await asyncio.gather(
                    place_order(browser, cart_id),
                    *(client.put(path, json={"customer_message": f"note {n}"}) for n in range(AT_ONCE - 1)),
                )

                assert placed.status_code == 201
                assert statuses(changes).keys() <= {200, 422}
                checkout = await read(client, cart_id)
                assert checkout["order_id"] == str(placed.json()["data"]["order"]["orderId"])
                assert checkout["version"] == 4 + statuses(changes)[200]
                assert (await client.put(path, json={"customer_message": "late"})).status_code == 422
                assert (await place_order(browser, cart_id)).json() == placed.json()
        assert await stock_of(client, 170) == before - 10

    run(server, scenario)


def test_of_twenty_orders_at_once_on_one_gift_certificate_of_10_00_one_takes_it_and_the_others_are_told(
    server: RunningServer,
) -> None:
    async def scenario(server: RunningServer, client: httpx.AsyncClient) -> None:
        of_store = server.url + "/stores/demo/v2/gift_certificates"
        people = {"to_name": "John", "to_email": "j@x.y", "from_name": "Jane", "from_email": "a@x.y"}
        made = await good(await client.post(of_store, json={**people, "amount": 10, "code": "ONLY10"}))
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as visitor:
            browsers = [Browser(visitor) for _ in range(AT_ONCE)]
            carts = [await ready_cart(browser, {170: 1}) for browser in browsers]
            for browser, cart_id in zip(browsers, carts, strict=True):
                path = f"/api/storefront/checkouts/{cart_id}/gift-certificates"
                shown = await good(await browser("POST", path, {"giftCertificateCode": "only10"}))
                assert shown["giftCertificates"][0]["used"] == 10

            answers = await asyncio.gather(*map(place_order, browsers, carts))

            assert statuses(answers) == {201: 1, 409: 19}
            assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {"cart_has_changed"}
            assert (await good(await client.get(f"{of_store}/{made['id']}")))["balance"] == "0.0000"
            for browser, cart_id, answer in zip(browsers, carts, answers, strict=True):
                if answer.status_code == 409:
                    await browser("DELETE", f"/api/storefront/checkouts/{cart_id}/gift-certificates/ONLY10")
                    await order_of(browser, cart_id)

    run(server, scenario)


# ---------------------------------------------------------------------------------------------------- a busy shop

SHOPPERS, SHOPPING_SECONDS = 16, 15.0


def test_sixteen_shoppers_order_the_same_three_products_for_a_while_and_none_is_refused(
    server: RunningServer, say: Callable[[str], None], stored_on: str
) -> None:
    orders: list[int] = []
    sold: Counter[int] = Counter()

    async def shopper(server: RunningServer, products: list[int], until: float, number: int) -> None:
        chance = random.Random(number)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as visitor:
            browser = Browser(visitor)
            while time.monotonic() < until:
                browser.forget()
                basket = {product: chance.randint(1, 3) for product in chance.sample(products, 3)}
                orders.append(await order_of(browser, await ready_cart(browser, basket)))
                sold.update(basket)

    async def scenario(server: RunningServer, client: httpx.AsyncClient) -> None:
        products = [await a_product(client, f"Bestseller {n}", 10, 100_000) for n in range(3)]
        until = time.monotonic() + SHOPPING_SECONDS

        await asyncio.gather(*(shopper(server, products, until, number) for number in range(SHOPPERS)))

        assert len(orders) == len(set(orders)) > SHOPPERS
        for product in products:
            assert await stock_of(client, product) == 100_000 - sold[product]

    run(server, scenario)
    say(f"{SHOPPERS} shoppers on {stored_on}: {len(orders):,} orders in {SHOPPING_SECONDS:.0f} s, none refused")
