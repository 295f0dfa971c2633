"""What somebody else's shopper, page or app is refused: carts, checkouts and orders of others, planted sessions, writes without the
token, links and tokens that were used or are out of date, forged tokens, guessed passwords."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from msgspec.structs import replace

from checkstand.app import DEMO_APPS
from checkstand.service import carts
from checkstand.service.shop import edit
from tests.api.flows import JANE, JOHN, a_cart, ready_storefront_checkout, sign_in, storefront_cart
from tests.client import Shop
from tests.recording import AUSTIN, camel

INTERNAL = "/internalapi/v1"
SECRET = "demo-app-secret-for-trying-things-out"


def placed_order(shop: Shop, **options: Any) -> tuple[str, int]:
    """The checkout of a journal, and the order it became."""
    cart = storefront_cart(shop, {"productId": 189, "quantity": 1}, **options)
    shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", camel(AUSTIN), **options)
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    answer = shop.storefront("POST", "/checkout/order", order, base=INTERNAL, **options)
    return cart["id"], answer.json()["data"]["order"]["orderId"]


def a_stranger(shop: Shop) -> httpx.AsyncClient:
    """Another browser, with a session and a token of its own."""
    browser = shop.new_browser()
    shop.storefront("GET", "/carts", browser=browser)
    return browser


# ---------------------------------------------------------------------------------------------------- what is others'


@pytest.mark.parametrize("somebody", ["a guest", "a customer"])
def test_everything_of_another_sessions_checkout_is_not_there(shop: Shop, somebody: str) -> None:
    checkout = ready_storefront_checkout(shop)
    stranger = a_stranger(shop)
    if somebody == "a customer":
        sign_in(shop, JOHN, browser=stranger)
    cart, path = f"/carts/{checkout['id']}", f"/checkouts/{checkout['id']}"
    line = checkout["cart"]["lineItems"]["physicalItems"][0]["id"]
    consignment = f"{path}/consignments/{checkout['consignments'][0]['id']}"
    consigned = [{"address": camel(AUSTIN), "lineItems": [{"itemId": line, "quantity": 1}]}]
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("GET", f"/checkout/{checkout['id']}", None),
        ("PUT", path, {"customerMessage": "mine"}),
        ("PUT", f"/checkout/{checkout['id']}", {"customerMessage": "mine"}),
        ("POST", f"{path}/billing-address", {"email": "x@example.com"}),
        ("PUT", f"{path}/billing-address/{checkout['billingAddress']['id']}", {"email": "x@example.com"}),
        ("POST", f"{path}/consignments", consigned),
        ("PUT", consignment, {"shippingOptionId": "x"}),
        ("DELETE", consignment, None),
        ("POST", f"{path}/coupons", {"couponCode": "SHOP20"}),
        ("DELETE", f"{path}/coupons/SHOP20", None),
        ("POST", f"{path}/gift-certificates", {"giftCertificateCode": "1234ABC"}),
        ("DELETE", f"{path}/gift-certificates/1234ABC", None),
        ("POST", f"{path}/store-credit", None),
        ("DELETE", f"{path}/store-credit", None),
        ("POST", f"{path}/spam-protection", {"token": "x"}),
        ("PUT", f"{path}{cart}/items/{line}", {"lineItem": {"quantity": 9}}),
        ("DELETE", f"{path}{cart}/items/{line}", None),
        ("POST", f"{cart}/items", {"lineItems": [{"productId": 170, "quantity": 1}]}),
        ("PUT", f"{cart}/items/{line}", {"lineItem": {"quantity": 9}}),
        ("DELETE", f"{cart}/items/{line}", None),
        ("POST", f"{cart}/currency", {"currencyCode": "EUR"}),
        ("DELETE", cart, None),
    ]

    answers = {call[:2]: shop.storefront(*call, browser=stranger).status_code for call in calls}
    order = {"cartId": checkout["id"], "payment": {"name": "cod"}}
    ordered = shop.storefront("POST", "/checkout/order", order, browser=stranger, base=INTERNAL)

    assert {call: status for call, status in answers.items() if status != 404} == {}
    assert ordered.status_code == 404
    assert shop.storefront("GET", "/carts", browser=stranger).json() == []
    assert shop.storefront("GET", path).json()["version"] == checkout["version"]


def test_an_order_is_there_for_its_session_its_customer_and_nobody_else(shop: Shop) -> None:
    sign_in(shop)
    _, number = placed_order(shop)
    same_customer, another, guest = a_stranger(shop), a_stranger(shop), a_stranger(shop)
    sign_in(shop, JANE, browser=same_customer)
    sign_in(shop, JOHN, browser=another)

    def status(browser: httpx.AsyncClient | None) -> int:
        return int(shop.storefront("GET", f"/orders/{number}", browser=browser).status_code)

    assert [status(browser) for browser in (None, same_customer, another, guest)] == [200, 200, 404, 404]
    shop.storefront("DELETE", "/checkout/customer", base=INTERNAL)
    assert status(None) == 404


def test_a_guests_order_is_not_a_customers_nor_another_guests(shop: Shop) -> None:
    _, number = placed_order(shop)
    stranger = a_stranger(shop)

    assert shop.storefront("GET", f"/orders/{number}", browser=stranger).status_code == 404
    sign_in(shop, browser=stranger)
    assert shop.storefront("GET", f"/orders/{number}", browser=stranger).status_code == 404
    assert shop.storefront("GET", f"/orders/{number}").status_code == 200


def test_store_credit_is_its_customers_alone(shop: Shop) -> None:
    cart_id = storefront_cart(shop, {"productId": 189, "quantity": 1})["id"]
    credit = f"/checkouts/{cart_id}/store-credit"

    as_guest = shop.storefront("POST", credit)
    sign_in(shop, JOHN)
    as_john = shop.storefront("POST", credit)
    shop.storefront("DELETE", "/checkout/customer", base=INTERNAL)
    sign_in(shop, JANE)
    as_jane = shop.storefront("POST", credit)

    assert (as_guest.status_code, as_john.status_code) == (422, 422)
    assert (as_jane.json()["grandTotal"], as_jane.json()["outstandingBalance"]) == (18.95, 0)


# ---------------------------------------------------------------------------------------------------- sessions


def session_of(browser: httpx.AsyncClient) -> str:
    return str(browser.cookies["SHOP_SESSION_TOKEN"])


def with_session(shop: Shop, session: str, path: str) -> int:
    """What a browser with this session and no other cookie is answered."""
    headers = {"Cookie": f"SHOP_SESSION_TOKEN={session}", "Host": "127.0.0.1"}
    return int(shop.call("GET", f"/api/storefront{path}", headers=headers).status_code)


def test_a_session_that_was_known_before_signing_in_opens_nothing_after_it(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]
    planted, token = session_of(shop.browser), shop.browser.cookies["XSRF-TOKEN"]
    path = f"/checkouts/{cart_id}"

    sign_in(shop)

    assert session_of(shop.browser) != planted
    assert shop.browser.cookies["XSRF-TOKEN"] != token
    assert (with_session(shop, planted, path), with_session(shop, session_of(shop.browser), path)) == (404, 200)


def test_a_session_of_a_customer_opens_nothing_after_signing_out(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]
    sign_in(shop)
    hers = session_of(shop.browser)

    shop.storefront("DELETE", "/checkout/customer", base=INTERNAL)

    assert session_of(shop.browser) != hers
    assert with_session(shop, hers, f"/checkouts/{cart_id}") == 404


def test_a_session_that_ends_while_it_is_used_stays_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(shop)
    hers, create = session_of(shop.browser), carts.create

    async def created_while_signing_out(*values: Any) -> Any:
        answer = await create(*values)
        await shop.storage.unit("demo").access.end_session(hers, datetime.now(UTC))
        return answer

    monkeypatch.setattr("checkstand.service.carts.create", created_while_signing_out)
    cart_id = storefront_cart(shop)["id"]

    assert with_session(shop, hers, f"/checkouts/{cart_id}") == 404


@pytest.mark.parametrize("spoiled", ["planted", "planted.signature", "", "."])
def test_a_session_this_server_did_not_give_out_is_never_taken_over(shop: Shop, spoiled: str) -> None:
    headers = {"Cookie": f"SHOP_SESSION_TOKEN={spoiled}", "Host": "127.0.0.1"}

    answer = shop.call("GET", "/api/storefront/carts", headers=headers)

    cookies = [cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("SHOP_SESSION_TOKEN=")]
    assert len(cookies) == 1
    assert not cookies[0].startswith(f"SHOP_SESSION_TOKEN={spoiled};")


WRITES: list[tuple[str, str, Any]] = [
    ("POST", f"{INTERNAL}/checkout/customer", {"email": JANE, "password": "Passw0rd1"}),
    ("DELETE", f"{INTERNAL}/checkout/customer", None),
    ("PUT", f"{INTERNAL}/checkout/customer", {"orderId": 100, "password": "Passw0rd1"}),
    ("POST", f"{INTERNAL}/checkout/order", {"cartId": "x"}),
    ("POST", "/api/storefront/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}),
    (
        "POST",
        "/api/storefront/customers",
        {"firstName": "A", "lastName": "B", "email": "a@b.c", "password": "Passw0rd1"},
    ),
    ("POST", "/api/storefront/customer-address", {"countryCode": "US"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_with_a_session_needs_the_sessions_own_token(shop: Shop, method: str, path: str, body: Any) -> None:
    storefront_cart(shop)
    stranger = a_stranger(shop)
    cookie = {"Cookie": f"SHOP_SESSION_TOKEN={session_of(shop.browser)}", "Host": "127.0.0.1"}

    def status(**headers: str) -> int:
        return int(shop.call(method, path, json=body, headers={**cookie, **headers}).status_code)

    assert status() == 403
    assert status(**{"X-XSRF-TOKEN": stranger.cookies["XSRF-TOKEN"]}) == 403


@pytest.mark.parametrize(("method", "path", "body"), [WRITES[0], WRITES[2], WRITES[5]])
def test_nobody_is_signed_in_without_a_session_of_their_own(shop: Shop, method: str, path: str, body: Any) -> None:
    """A page of another site can send such a request, but has no session's token."""
    assert shop.call(method, path, json=body, headers={"Host": "127.0.0.1"}).status_code == 403


def test_an_answer_that_gives_out_a_session_is_not_kept_for_its_key(shop: Shop) -> None:
    shop.storefront("GET", "/carts")
    cookies = dict(shop.browser.cookies)
    body = {"email": JANE, "password": "Passw0rd1"}

    first = shop.storefront("POST", "/checkout/customer", body, base=INTERNAL, key="k")
    headers = {
        "Cookie": f"SHOP_SESSION_TOKEN={cookies['SHOP_SESSION_TOKEN']}",
        "X-XSRF-TOKEN": cookies["XSRF-TOKEN"],
        "Host": "127.0.0.1",
        "Idempotency-Key": "k",
    }
    again = shop.call("POST", f"{INTERNAL}/checkout/customer", json=body | {"password": "wrong"}, headers=headers)

    assert (first.status_code, again.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("url", "public_url", "secure"),
    [
        ("http://127.0.0.1:8080", None, False),
        ("http://demo.localhost:8080", None, False),
        ("https://127.0.0.1:8080", None, True),
        ("http://127.0.0.1:8080", "https://shop.example", True),
        ("https://127.0.0.1:8080", "http://checkstand:8080", False),
    ],
)
def test_cookies_are_secure_but_on_loopback_and_where_the_operator_says_http(
    url: str, public_url: str | None, secure: bool
) -> None:
    with Shop(public_url=public_url) as shop:
        answer = shop.call("GET", f"{url}/api/storefront/carts")

    assert [("; Secure" in cookie) for cookie in answer.headers.get_list("set-cookie")] == [secure] * 3


# ---------------------------------------------------------------------------------------------------- links


def follow(shop: Shop, link: str, **options: Any) -> httpx.Response:
    return shop.storefront("GET", link.removeprefix("http://127.0.0.1:8080"), base="", **options)


def test_a_link_opens_once_and_for_30_days_only(shop: Shop) -> None:
    links = shop.management("POST", f"/carts/{a_cart(shop)['id']}/redirect_urls").json()["data"]

    opened, replayed = (
        follow(shop, links["checkout_url"]),
        follow(shop, links["checkout_url"], browser=a_stranger(shop)),
    )
    shop.app.now = lambda: datetime.now(UTC) + timedelta(days=30, seconds=1)
    expired = follow(shop, links["cart_url"])

    assert (opened.status_code, replayed.status_code, expired.status_code) == (302, 404, 404)
    assert opened.headers["location"] == "/checkout"


def test_a_made_up_link_does_not_tell_whether_a_cart_is_a_customers(shop: Shop) -> None:
    hers = a_cart(shop, customer_id=11)["id"]

    found, unknown = (follow(shop, f"/cart.php?action=load&id={cart}&token=made-up") for cart in (hers, "none"))

    assert (found.status_code, unknown.status_code) == (404, 404)
    assert found.json() == unknown.json()


# ---------------------------------------------------------------------------------------------------- tokens of apps


def claims(**changed: Any) -> dict[str, Any]:
    said = {
        "iss": "demo-app",
        "iat": int(datetime.now(UTC).timestamp()),
        "jti": "20b7c03e-00da-4d29-91bf-2aa06a57575b",
        "operation": "customer_login",
        "store_hash": "demo",
        "customer_id": 11,
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def show(shop: Shop, token: str, **options: Any) -> httpx.Response:
    return shop.storefront("GET", f"/login/token/{token}", base="", **options)


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm)


def test_an_apps_token_signs_in_once_with_the_sessions_cart(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]
    token = signed(redirect_to="/checkout?from=app", request_ip="127.0.0.1", channel_id=1)

    answer, again = show(shop, token), show(shop, token, browser=a_stranger(shop))

    assert (answer.status_code, answer.headers["location"]) == (302, "/checkout?from=app")
    assert shop.storefront("GET", f"/checkout/{cart_id}?include=customer").json()["customer"]["id"] == 11
    assert again.status_code == 401


def now_plus(seconds: int) -> int:
    return int(datetime.now(UTC).timestamp()) + seconds


REFUSED: dict[str, Any] = {
    "without a signature": lambda: jwt.encode(claims(), "", "none"),
    "signed with another key": lambda: signed("another-secret-that-is-long-enough-too"),
    "signed in another way": lambda: signed(SECRET * 2, "HS512"),
    "of an app nobody knows": lambda: signed(iss="other-app"),
    "of no app": lambda: signed(iss=None),
    "31 seconds old": lambda: signed(iat=now_plus(-31)),
    "of tomorrow": lambda: signed(iat=now_plus(86400)),
    "expired by its own word": lambda: signed(exp=now_plus(-1)),
    "without a time": lambda: signed(iat=None),
    "without an id": lambda: signed(jti=None),
    "with an empty id": lambda: signed(jti=""),
    "for another store": lambda: signed(store_hash="other"),
    "for something else": lambda: signed(operation="current_customer"),
    "for another computer": lambda: signed(request_ip="192.0.2.1"),
    "for another channel": lambda: signed(channel_id=9),
    "for nobody": lambda: signed(customer_id=99),
    "for a name": lambda: signed(customer_id="11"),
    "no token": lambda: "made.up.token",
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_token_is_refused_that_is(shop: Shop, how: str) -> None:
    shop.storefront("GET", "/carts")
    before = session_of(shop.browser)

    answer = show(shop, REFUSED[how]())

    assert answer.status_code == 401, answer.text
    assert session_of(shop.browser) == before


def test_a_token_whose_signature_was_changed_is_refused(shop: Shop) -> None:
    head, body, signature = signed().split(".")
    other = "A" if signature[0] != "A" else "B"

    assert show(shop, f"{head}.{body}.{other}{signature[1:]}").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y"]
)
def test_a_token_leads_to_a_page_of_this_server_only(shop: Shop, elsewhere: str) -> None:
    assert show(shop, signed(redirect_to=elsewhere)).headers["location"] == "/account.php"


def test_the_demo_shops_app_is_refused_where_others_reach_the_server() -> None:
    with Shop(refused_apps=DEMO_APPS) as shop:
        assert show(shop, signed()).status_code == 401
        sign_in(shop)
        assert shop.storefront("GET", "/customer/current.jwt?app_client_id=demo-app", base="").status_code == 404


def test_an_app_learns_who_is_signed_in_and_can_tell_that_it_is_true(shop: Shop) -> None:
    as_guest = shop.storefront("GET", "/customer/current.jwt?app_client_id=demo-app", base="")
    sign_in(shop)

    answer = shop.storefront("GET", "/customer/current.jwt?app_client_id=demo-app", base="")
    unknown = shop.storefront("GET", "/customer/current.jwt?app_client_id=other", base="")

    assert (as_guest.status_code, answer.status_code, unknown.status_code) == (404, 200, 404)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    said = jwt.decode(answer.text, SECRET, ["HS256"], audience="demo-app", issuer="bc/apps")
    assert said["customer"] == {"id": 11, "email": JANE, "group_id": "1"}
    assert (said["sub"], said["store_hash"], said["operation"], said["version"]) == (
        "demo",
        "demo",
        "current_customer",
        1,
    )
    assert (said["exp"] - said["iat"], said["application_id"]) == (900, "demo-app")
    assert show(shop, answer.text).status_code == 401


def test_a_customer_of_other_channels_is_unknown_in_this_one(shop: Shop) -> None:
    def of_channels(store: Any) -> Any:
        return replace(store, channel_ids=(1, 2), cors_origins={2: ("https://two.example",)})

    shop.run(edit(shop.storage.unit("demo"), of_channels))
    shop.management("PUT", "/customers", [{"id": 11, "channel_ids": [2]}])
    body = {"email": JANE, "password": "Passw0rd1"}

    def valid(channel_id: int) -> Any:
        asked = shop.management("POST", "/customers/validate-credentials", body | {"channel_id": channel_id})
        return asked.json()["is_valid"]

    here = sign_in(shop)
    headers = {"Origin": "https://two.example", "X-XSRF-TOKEN": shop.browser.cookies["XSRF-TOKEN"]}
    there = shop.run(shop.browser.post(f"{INTERNAL}/checkout/customer", json=body, headers=headers))

    assert (here.status_code, there.status_code) == (401, 200)
    assert here.json() == sign_in(shop, "nobody@example.com").json()
    assert (valid(1), valid(2)) == (False, True)


# ---------------------------------------------------------------------------------------------------- guessing


def test_guessing_a_password_ends_after_ten_tries_and_begins_again_later(shop: Shop) -> None:
    now = datetime.now(UTC)
    shop.app.now = lambda: now

    tries = [sign_in(shop, JANE, f"guess{number}").status_code for number in range(10)]
    stopped = sign_in(shop)
    unknown = [sign_in(shop, "nobody@example.com", f"guess{number}").status_code for number in range(11)]

    assert tries == [401] * 10
    assert (stopped.status_code, stopped.headers["retry-after"]) == (429, "900")
    assert unknown == [401] * 10 + [429]
    assert sign_in(shop, JOHN).status_code == 200
    shop.app.now = lambda: now + timedelta(minutes=15, seconds=1)
    assert sign_in(shop).status_code == 200


def test_a_wrong_password_and_an_unknown_customer_are_answered_alike(shop: Shop) -> None:
    wrong, unknown = sign_in(shop, JANE, "Passw0rd2"), sign_in(shop, "nobody@example.com")

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()


def test_an_unknown_customer_takes_as_long_as_a_wrong_password(shop: Shop) -> None:
    def seconds(email: str) -> float:
        return float(min(sign_in(shop, email, "Passw0rd2").elapsed.total_seconds() for _ in range(3)))

    sign_in(shop, "nobody@example.com")

    assert 0.3 < seconds(JANE) / seconds("nobody@example.com") < 3


def test_who_signs_in_begins_counting_anew(shop: Shop) -> None:
    for _ in range(2):
        assert [sign_in(shop, JANE, f"guess{number}").status_code for number in range(9)] == [401] * 9
        assert sign_in(shop).status_code == 200
        shop.storefront("DELETE", "/checkout/customer", base=INTERNAL)


def test_an_address_guesses_at_a_hundred_accounts_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkstand.service.customers.MOST_BY_ADDRESS", 3)

    tries = [sign_in(shop, f"somebody{number}@example.com").status_code for number in range(4)]

    assert tries == [401, 401, 401, 429]


def test_an_account_is_guessed_at_from_everywhere_a_hundred_times_and_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkstand.service.customers.MOST_BY_ACCOUNT", 2)
    body = {"email": JANE, "password": "wrong"}

    asked = [shop.management("POST", "/customers/validate-credentials", body) for _ in range(3)]

    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert asked[0].json() == {"is_valid": False, "customer_id": None}


def test_an_address_registers_twenty_times_an_hour_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkstand.service.customers.MOST_REGISTRATIONS", 2)
    shop.storefront("GET", "/carts")
    body = {"firstName": "Ann", "lastName": "Roe", "email": JANE, "password": "S3curePass"}

    assert [shop.storefront("POST", "/customers", body).status_code for _ in range(3)] == [409, 409, 429]
