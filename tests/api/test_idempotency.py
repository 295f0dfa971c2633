"""Requests with an Idempotency-Key: done once, answered alike however often they are sent."""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from checkstand.errors import UNKNOWN_OUTCOME, Unavailable
from checkstand.service import once
from checkstand.storage.sql import SqlUnit
from tests.api.flows import storefront_cart
from tests.builders import NOON
from tests.client import BASE, Shop
from tests.recording import a_day

SPOONS = {"line_items": [{"product_id": 170, "quantity": 1}]}
TOWELS = {"line_items": [{"product_id": 158, "variant_id": 376, "quantity": 1}]}


def keyed(shop: Shop, path: str, body: Any, key: str = "k-1", token: str = "demo-token") -> httpx.Response:
    headers = {"X-Auth-Token": token, "Idempotency-Key": key}
    return shop.call("POST", BASE + path, json=body, headers=headers)


def carts_in(shop: Shop) -> int:
    return len(shop.run(shop.storage.unit("demo").checkouts.latest_ids(100)))


def test_the_same_request_again_gets_the_first_answer_and_does_nothing(shop: Shop) -> None:
    first, second = keyed(shop, "/carts", SPOONS), keyed(shop, "/carts", SPOONS)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert carts_in(shop) == 1


def test_every_post_endpoint_answers_with_a_key_as_without_one() -> None:
    def statuses(*, with_keys: bool) -> list[int]:
        with Shop() as shop:
            if with_keys:
                shop.asgi = adding_keys(shop.asgi)
                shop.browser = shop.new_browser()
            exchanges = a_day(shop).exchanges
        return [exchange["status"] for exchange in exchanges if exchange["method"] == "POST"]

    with_keys = statuses(with_keys=True)

    assert with_keys == statuses(with_keys=False)
    assert len(with_keys) > 60


def adding_keys(asgi: ASGIApp) -> ASGIApp:
    """The same application, called with a new Idempotency-Key each time."""
    numbers = count()

    async def with_key(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope["headers"], (b"idempotency-key", b"%d" % next(numbers))]
        await asgi({**scope, "headers": headers}, receive, send)

    return with_key


def test_what_changed_meanwhile_does_not_change_the_answer(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", SPOONS).json()["data"]
    path = f"/carts/{cart['id']}/items"

    first = keyed(shop, path, TOWELS)
    shop.management("PUT", f"/carts/{cart['id']}", {"customer_id": 11})
    second = keyed(shop, path, TOWELS)

    assert first.json() == second.json()
    assert first.json()["data"]["version"] == 2
    assert shop.management("GET", f"/carts/{cart['id']}").json()["data"]["version"] == 3


def test_another_body_under_the_same_key_is_refused(shop: Shop) -> None:
    keyed(shop, "/carts", SPOONS)

    refused = keyed(shop, "/carts", TOWELS)

    assert refused.status_code == 422
    assert (
        refused.json()["title"] == "This Idempotency-Key belongs to another request; take a new key for a new request."
    )
    assert carts_in(shop) == 1


def test_another_path_or_query_is_another_request(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", SPOONS).json()["data"]
    path = f"/carts/{cart['id']}/items"

    assert keyed(shop, path, TOWELS).status_code == 201
    assert keyed(shop, f"{path}?include=redirect_urls", TOWELS).status_code == 422
    assert keyed(shop, "/carts", TOWELS).status_code == 422


def test_a_key_belongs_to_its_token(shop: Shop) -> None:
    first = keyed(shop, "/carts", SPOONS)
    second = keyed(shop, "/carts", SPOONS, token="demo-token-carts")

    assert first.json()["data"]["id"] != second.json()["data"]["id"]


def test_a_refused_request_leaves_its_key_free(shop: Shop) -> None:
    too_many = {"line_items": [{"product_id": 170, "quantity": -1}]}

    assert keyed(shop, "/carts", too_many).status_code == 422
    assert keyed(shop, "/carts", SPOONS).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(shop: Shop, key: str) -> None:
    refused = keyed(shop, "/carts", SPOONS, key=key)

    assert refused.status_code == 422
    assert refused.json()["errors"] == {"Idempotency-Key": "must have 1 to 255 characters"}
    assert carts_in(shop) == 0


def test_many_at_once_make_one_cart(shop: Shop) -> None:
    async def race() -> list[httpx.Response]:
        async with shop.new_browser() as client:
            headers = {"X-Auth-Token": "demo-token", "Idempotency-Key": "k-1"}
            return await asyncio.gather(*(client.post(f"{BASE}/carts", json=SPOONS, headers=headers) for _ in range(8)))

    answers: list[httpx.Response] = shop.run(race())

    made = {answer.json()["data"]["id"] for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (len(made), carts_in(shop)) == (1, 1)


def test_a_shoppers_key_belongs_to_the_session(shop: Shop) -> None:
    cart = storefront_cart(shop)
    path = f"/carts/{cart['id']}/items"
    body = {"lineItems": [{"productId": 170, "quantity": 1}]}
    first = shop.storefront("POST", path, body, key="s-1")
    second = shop.storefront("POST", path, body, key="s-1")

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["idempotent-replayed"] == "true"
    items = shop.storefront("GET", "/carts").json()[0]["lineItems"]["physicalItems"]
    assert [item["quantity"] for item in items if item["productId"] == 170] == [1]


def test_without_a_session_a_key_is_nobodys_and_is_not_looked_at(shop: Shop) -> None:
    body = {"lineItems": [{"productId": 170, "quantity": 1}]}
    headers = {"Idempotency-Key": "s-1", "Host": "localhost"}

    first = shop.call("POST", "/api/storefront/carts", json=body, headers=headers)
    second = shop.call("POST", "/api/storefront/carts", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] != second.json()["id"]


# ---------------------------------------------------------------------------------------------------- crashes


def begun(shop: Shop, key: str, ago: timedelta) -> None:
    """A request that claimed its key some time ago and was never heard of again."""

    async def claim() -> None:
        unit = shop.storage.unit("demo")
        body = f"{BASE}/carts\n\n" + httpx.Request("POST", "http://x", json=SPOONS).content.decode()
        assert await unit.answers.claim(
            f"demo-token\n{key}", body, shop.app.now() - ago, lease=once.LEASE, keep=once.KEPT_FOR
        )

    shop.run(claim())


def test_a_request_still_being_answered_is_409_until_its_process_must_be_dead(shop: Shop) -> None:
    begun(shop, "fresh", timedelta(seconds=5))
    begun(shop, "dead", timedelta(seconds=90))

    still = keyed(shop, "/carts", SPOONS, key="fresh")
    again = keyed(shop, "/carts", SPOONS, key="dead")

    assert (still.status_code, again.status_code) == (409, 201)
    assert still.json()["detail"].startswith("The request with this Idempotency-Key is still being answered")


def test_after_a_day_a_key_is_forgotten(shop: Shop) -> None:
    first = keyed(shop, "/carts", SPOONS)
    shop.app.now = lambda: NOON + timedelta(days=20_000)

    assert keyed(shop, "/carts", SPOONS).json()["data"]["id"] != first.json()["data"]["id"]


def test_the_answer_is_kept_with_what_was_done_or_neither_is(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies before the commit: nothing is there. After it, before the answer was sent: the answer is."""

    async def die_before_the_commit(self: object, *_: object) -> bool:
        raise Unavailable("The lights went out.", code=UNKNOWN_OUTCOME)

    with monkeypatch.context() as patched:
        patched.setattr("checkstand.storage.sql.answers.SqlAnswers.keep", die_before_the_commit)
        assert keyed(shop, "/carts", SPOONS).status_code == 503
    assert carts_in(shop) == 0
    assert keyed(shop, "/carts", SPOONS).status_code == 409  # nobody knows yet that it came to nothing

    together = SqlUnit.together

    async def die_after_the_commit(self: SqlUnit, work: Any) -> Any:
        await together(self, work)
        raise Unavailable("The lights went out.", code=UNKNOWN_OUTCOME)

    with monkeypatch.context() as patched:
        patched.setattr(SqlUnit, "together", die_after_the_commit)
        assert keyed(shop, "/carts", SPOONS, key="k-2").status_code == 503
    answer = keyed(shop, "/carts", SPOONS, key="k-2")
    assert (answer.status_code, answer.headers["idempotent-replayed"]) == (201, "true")
    assert carts_in(shop) == 1
    assert shop.management("GET", f"/carts/{answer.json()['data']['id']}").status_code == 200
