"""The shopper's session: cookies, CSRF, and carts that belong to one session only (BEHAVIOUR 9, D48, D69)."""

from typing import Any

from tests.api.flows import storefront_cart
from tests.builders import NOON
from tests.client import Shop
from tests.recording import AUSTIN, camel


def cookies_of(answer: Any) -> dict[str, str]:
    return {line.split("=", 1)[0]: line for line in answer.headers.get_list("set-cookie")}


def test_every_get_sets_the_cookies_and_scripts_may_read_the_csrf_token_only(shop: Shop) -> None:
    first = cookies_of(shop.storefront("GET", "/carts"))
    second = cookies_of(shop.storefront("GET", "/carts"))

    assert set(first) == {"SHOP_SESSION_TOKEN", "XSRF-TOKEN", "SF-CSRF-TOKEN"}
    assert "HttpOnly" in first["SHOP_SESSION_TOKEN"]
    assert "HttpOnly" not in first["XSRF-TOKEN"]
    assert all("Path=/" in cookie and "SameSite=Lax" in cookie for cookie in first.values())
    assert not any("Secure" in cookie for cookie in first.values())
    assert first == second


def test_a_read_writes_no_session(shop: Shop) -> None:
    shop.storefront("GET", "/carts")

    session = shop.run(shop.storage.unit("demo").access.session(shop.browser.cookies["SHOP_SESSION_TOKEN"], NOON))
    assert session is None


def test_a_write_with_a_session_cookie_needs_its_token(shop: Shop) -> None:
    cart = storefront_cart(shop)
    session = shop.browser.cookies["SHOP_SESSION_TOKEN"]
    path = f"/api/storefront/checkouts/{cart['id']}"

    def write(**headers: str) -> int:
        sent = {"Cookie": f"SHOP_SESSION_TOKEN={session}", "Host": "localhost", **headers}
        return int(shop.call("PUT", path, json={"customerMessage": "x"}, headers=sent).status_code)

    token = shop.browser.cookies["XSRF-TOKEN"]
    assert write() == 403
    assert write(**{"X-XSRF-TOKEN": "wrong"}) == 403
    assert write(**{"X-XSRF-TOKEN": token}) == 200
    assert write(**{"X-SF-CSRF-TOKEN": token}) == 200


def test_a_cart_can_be_opened_without_a_session(shop: Shop) -> None:
    answer = shop.call(
        "POST",
        "/api/storefront/carts",
        json={"lineItems": [{"productId": 170, "quantity": 1}]},
        headers={"Host": "localhost"},
    )

    assert answer.status_code == 200
    assert "SHOP_SESSION_TOKEN" in cookies_of(answer)


def test_another_sessions_cart_is_not_there(shop: Shop) -> None:
    cart = storefront_cart(shop)
    stranger = shop.new_browser()
    shop.storefront("GET", "/carts", browser=stranger)
    checkout = f"/checkouts/{cart['id']}"
    line = cart["lineItems"]["physicalItems"][0]["id"]

    calls: list[tuple[str, str, Any]] = [
        ("GET", checkout, None),
        ("PUT", checkout, {"customerMessage": "mine"}),
        ("DELETE", f"/carts/{cart['id']}", None),
        ("POST", f"/carts/{cart['id']}/items", {"lineItems": [{"productId": 170, "quantity": 1}]}),
        ("PUT", f"/carts/{cart['id']}/items/{line}", {"lineItem": {"quantity": 9}}),
        ("DELETE", f"/carts/{cart['id']}/items/{line}", None),
        (
            "POST",
            f"{checkout}/consignments",
            [{"address": camel(AUSTIN), "lineItems": [{"itemId": line, "quantity": 1}]}],
        ),
        ("POST", f"{checkout}/billing-address", {"email": "x@example.com"}),
    ]
    statuses = [shop.storefront(method, path, body, browser=stranger).status_code for method, path, body in calls]
    order = shop.storefront(
        "POST",
        "/checkout/order",
        {"cartId": cart["id"], "payment": {"name": "cod"}},
        browser=stranger,
        base="/internalapi/v1",
    )

    assert statuses == [404] * len(calls)
    assert order.status_code == 404
    assert shop.storefront("GET", checkout).json()["version"] == 1


def test_a_session_id_that_this_server_did_not_give_out_opens_nothing(shop: Shop) -> None:
    cart = storefront_cart(shop)

    answer = shop.call(
        "GET",
        f"/api/storefront/checkouts/{cart['id']}",
        headers={"Cookie": "SHOP_SESSION_TOKEN=planted.signature", "Host": "localhost"},
    )

    assert answer.status_code == 404
    assert "planted" not in "".join(answer.headers.get_list("set-cookie"))


def test_the_store_is_found_by_host_name(shop: Shop) -> None:
    def status(host: str) -> int:
        return int(shop.call("GET", "/api/storefront/carts", headers={"Host": host}).status_code)

    assert [status(host) for host in ("localhost:8080", "127.0.0.1", "demo.localhost:99", "LOCALHOST")] == [
        200,
        200,
        200,
        200,
    ]
    assert status("[::1]:8080") == 200  # the only store there is
    assert [status(host) for host in ("shop.example.com", "other.localhost", "")] == [404, 404, 404]


def test_https_makes_the_cookies_secure(shop: Shop) -> None:
    answer = shop.call("GET", "https://127.0.0.1:8080/api/storefront/carts")

    assert all("; Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


def test_answers_are_never_stored_or_sniffed(shop: Shop) -> None:
    answer = shop.storefront("GET", "/carts")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 16
