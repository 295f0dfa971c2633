"""Pages of other origins: nothing is said to them, but to those a store or the operator names."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from checkstand.service.shop import edit
from tests.client import Shop

HEADLESS, DEVELOPMENT = "https://shop.example", "http://localhost:3000"
PATH = "/api/storefront/carts"


def allowed(shop: Shop, *origins: str, channel_id: int = 1) -> None:
    def change(store: Any) -> Any:
        return replace(store, channel_ids=(1, 2), cors_origins={channel_id: origins})

    shop.run(edit(shop.storage.unit("demo"), change))


def ask(shop: Shop, origin: str, method: str = "GET", path: str = PATH, **headers: str) -> httpx.Response:
    return shop.call(method, path, headers={"Origin": origin, "Host": "127.0.0.1", **headers})


def preflight(shop: Shop, origin: str, method: str = "POST", path: str = PATH) -> httpx.Response:
    asked = "content-type,x-xsrf-token,x-checkout-sdk-version"
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}
    return ask(shop, origin, "OPTIONS", path, **wanted)


def said(answer: httpx.Response) -> list[str]:
    return sorted(name for name in answer.headers if name.startswith("access-control-"))


@pytest.mark.parametrize("origin", [HEADLESS, DEVELOPMENT, "null", "http://127.0.0.1:8080"])
def test_nothing_is_said_to_pages_of_other_origins(shop: Shop, origin: str) -> None:
    assert said(ask(shop, origin)) == []
    refused = preflight(shop, origin)
    assert (refused.status_code, said(refused)) == (405, [])


def test_a_page_of_a_channels_origin_may_call_with_credentials(shop: Shop) -> None:
    allowed(shop, HEADLESS)

    asked, answer = preflight(shop, HEADLESS), ask(shop, HEADLESS)

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == HEADLESS
    assert asked.headers["access-control-allow-credentials"] == "true"
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type,x-xsrf-token,x-checkout-sdk-version"
    assert answer.headers["access-control-allow-origin"] == HEADLESS
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    assert "X-XSRF-TOKEN" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil",
        "null",
        "*",
    ],
)
def test_another_origin_than_the_channels_is_refused(shop: Shop, origin: str) -> None:
    allowed(shop, HEADLESS)

    assert said(ask(shop, origin)) == []
    assert preflight(shop, origin).status_code == 405


def test_an_errors_words_can_be_read_as_well(shop: Shop) -> None:
    allowed(shop, HEADLESS)

    answer = ask(shop, HEADLESS, path="/api/storefront/checkouts/x")

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, HEADLESS)


def test_a_page_of_another_host_is_given_the_token_for_its_writes(shop: Shop) -> None:
    allowed(shop, HEADLESS, channel_id=2)
    first = ask(shop, HEADLESS)
    session = shop.new_browser()
    session.cookies.update(first.cookies)
    body = {"lineItems": [{"productId": 170, "quantity": 1}]}

    def write(token: str) -> httpx.Response:
        headers = {"Origin": HEADLESS, "X-XSRF-TOKEN": token}
        answer: httpx.Response = shop.run(session.post(PATH, json=body, headers=headers))
        return answer

    consented = shop.run(
        session.post(
            "/api/storefront/consent",
            json={"allow": [1], "deny": [2, 3]},
            headers={"Origin": HEADLESS, "X-XSRF-TOKEN": first.headers["x-xsrf-token"]},
        )
    )
    made, refused = write(first.headers["x-xsrf-token"]), write("wrong")

    assert (consented.status_code, made.status_code, refused.status_code) == (200, 200, 403)
    assert refused.headers["access-control-allow-origin"] == HEADLESS
    assert shop.management("GET", f"/carts/{made.json()['id']}").json()["data"]["channel_id"] == 2


def test_the_operator_allows_an_origin_in_every_store() -> None:
    with Shop(cors_origins=frozenset({DEVELOPMENT})) as shop:
        assert ask(shop, DEVELOPMENT).headers["access-control-allow-origin"] == DEVELOPMENT
        assert said(ask(shop, HEADLESS)) == []
        assert preflight(shop, DEVELOPMENT, path="/internalapi/v1/checkout/order").status_code == 200


def test_management_is_not_for_pages(shop: Shop) -> None:
    allowed(shop, HEADLESS)

    assert said(ask(shop, HEADLESS, path="/stores/demo/v3/carts/x")) == []
    assert said(preflight(shop, HEADLESS, path="/stores/demo/v3/carts")) == []
