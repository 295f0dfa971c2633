"""Checkout tokens, which show an order to whoever holds one, and Storefront API tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from checkstand.domain.moment import Moment
from checkstand.errors import Unauthenticated
from checkstand.service import access, storefront_tokens
from checkstand.service.storefront_tokens import Kind, StorefrontToken
from tests.api.flows import a_cart
from tests.client import Shop
from tests.recording import AUSTIN, camel

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
IN_AN_HOUR = int(NOON.timestamp()) + 3600
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Any:
    with Shop(now=clock) as shop:
        yield shop


def token_of(shop: Shop, *scopes: str) -> str:
    """An access token with these scopes only."""
    work = access.create_token(shop.storage.unit("demo"), scopes, " ".join(scopes), Moment(shop.app.now(), "seed"))
    token: str = shop.run(work)
    return token


# ---------------------------------------------------------------------------------------------------- checkout tokens


def a_session_cart(shop: Shop) -> str:
    cart = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}).json()
    lines = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 1}]
    path = f"/checkouts/{cart['id']}"
    consigned = shop.storefront("POST", f"{path}/consignments", [{"address": camel(AUSTIN), "lineItems": lines}]).json()
    consignment = consigned["consignments"][0]
    option = consignment["availableShippingOptions"][0]["id"]
    shop.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    cart_id: str = cart["id"]
    return cart_id


def ordered(shop: Shop, cart_id: str) -> int:
    body = {"cartId": cart_id, "payment": {"name": "cod"}}
    answer = shop.storefront("POST", "/checkout/order", body, base="/internalapi/v1")
    order_id: int = answer.json()["data"]["order"]["orderId"]
    return order_id


def checkout_token(shop: Shop, cart_id: str, **body: int) -> str:
    answer = shop.management("POST", f"/checkouts/{cart_id}/token", body)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["data"]["checkoutToken"]
    return token


def seen_by_a_stranger(shop: Shop, order_id: int, token: str) -> int:
    return shop.storefront("GET", f"/orders/{order_id}?t={token}", browser=shop.new_browser()).status_code


def test_a_checkout_token_is_64_hexadecimal_digits_with_its_meta_beside_it(shop: Shop) -> None:
    cart = a_cart(shop)["id"]

    answer = shop.management("POST", f"/checkouts/{cart}/token", {"maxUses": 1, "ttl": 86400})

    assert answer.status_code == 200
    token = answer.json()["data"]["checkoutToken"]
    assert answer.json() == {"data": {"checkoutToken": token, "meta": {}}}
    assert len(token) == 64
    assert set(token) <= set("0123456789abcdef")


def test_a_checkout_token_made_before_the_order_shows_it_to_another_browser_as_often_as_it_may(shop: Shop) -> None:
    cart = a_session_cart(shop)
    token = checkout_token(shop, cart, maxUses=2, ttl=60)
    order = ordered(shop, cart)

    assert seen_by_a_stranger(shop, order, "") == 404
    shown = shop.storefront("GET", f"/orders/{order}?t={token}", browser=shop.new_browser())
    assert (shown.status_code, shown.json()["orderId"], shown.json()["cartId"]) == (200, order, cart)
    assert seen_by_a_stranger(shop, order, token) == 200
    assert seen_by_a_stranger(shop, order, token) == 404
    assert shop.storefront("GET", f"/orders/{order}").status_code == 200


def test_a_checkout_token_runs_out(shop: Shop, clock: Clock) -> None:
    cart = a_session_cart(shop)
    token = checkout_token(shop, cart, maxUses=9, ttl=60)
    order = ordered(shop, cart)

    clock.now += timedelta(seconds=59)
    assert seen_by_a_stranger(shop, order, token) == 200
    clock.now += timedelta(seconds=1)
    assert seen_by_a_stranger(shop, order, token) == 404


def test_a_checkout_token_shows_no_order_of_another_checkout(shop: Shop) -> None:
    token = checkout_token(shop, a_cart(shop)["id"], maxUses=9, ttl=60)
    order = ordered(shop, a_session_cart(shop))

    assert seen_by_a_stranger(shop, order, token) == 404


def test_a_checkout_token_can_be_made_after_an_incomplete_order_and_not_after_a_final_one(shop: Shop) -> None:
    cart = a_session_cart(shop)
    other = a_session_cart(shop)
    assert shop.management("POST", f"/checkouts/{cart}/orders").status_code == 200
    ordered(shop, other)

    assert shop.management("POST", f"/checkouts/{cart}/token", {"maxUses": 1, "ttl": 1}).status_code == 200
    refused = shop.management("POST", f"/checkouts/{other}/token", {"maxUses": 1, "ttl": 1})
    assert refused.status_code == 422
    assert refused.json()["detail"] == f"The order of checkout {other} is final; a token must be made before."


def test_a_checkout_token_is_used_once_within_a_day_unless_said_otherwise(shop: Shop, clock: Clock) -> None:
    cart = a_session_cart(shop)
    once = shop.management("POST", f"/checkouts/{cart}/token").json()["data"]["checkoutToken"]
    a_day = checkout_token(shop, cart, maxUses=2)
    order = ordered(shop, cart)

    assert [seen_by_a_stranger(shop, order, once) for _ in range(2)] == [200, 404]
    clock.now += timedelta(days=1, seconds=-1)
    assert seen_by_a_stranger(shop, order, a_day) == 200
    clock.now += timedelta(seconds=1)
    assert seen_by_a_stranger(shop, order, a_day) == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"maxUses": 0, "ttl": 60}, "maxUses"),
        ({"maxUses": -1, "ttl": 60}, "maxUses"),
        ({"maxUses": 1.5, "ttl": 60}, "maxUses"),
        ({"maxUses": 2**31, "ttl": 60}, "maxUses"),
        ({"maxUses": "1", "ttl": 60}, "maxUses"),
        ({"maxUses": 1, "ttl": 0}, "ttl"),
        ({"maxUses": 1, "ttl": 2592001}, "ttl"),
    ],
)
def test_a_checkout_token_beyond_the_limits_is_refused(shop: Shop, body: dict[str, Any], wrong: str) -> None:
    cart = a_cart(shop)["id"]

    refused = shop.management("POST", f"/checkouts/{cart}/token", body)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [wrong])


def test_the_longest_checkout_token_lasts_thirty_days(shop: Shop) -> None:
    checkout_token(shop, a_cart(shop)["id"], maxUses=2**31 - 1, ttl=2592000)


def test_a_checkout_token_is_for_a_checkout_there_is_by_who_may_change_it(shop: Shop) -> None:
    cart = a_cart(shop)["id"]

    assert shop.management("POST", f"/checkouts/{NOWHERE}/token", {}).status_code == 404
    for token, status in (("demo-token-carts", 403), ("demo-token-read-only", 403), ("unknown", 401)):
        assert shop.management("POST", f"/checkouts/{cart}/token", {}, token=token).status_code == status


# ---------------------------------------------------------------------------------------------------- Storefront API tokens

PLAIN = "/storefront/api-token"
PRIVATE = "/storefront/api-token-private"
IMPERSONATION = "/storefront/api-token-customer-impersonation"
BODIES: dict[str, dict[str, Any]] = {
    PLAIN: {"channel_id": 1, "expires_at": IN_AN_HOUR, "allowed_cors_origins": ["https://shop.example"]},
    PRIVATE: {"channel_ids": [1], "expires_at": IN_AN_HOUR, "scopes": ["Unauthenticated", "Customer"]},
    IMPERSONATION: {"channel_id": 1, "expires_at": IN_AN_HOUR},
}


def api_token(shop: Shop, path: str = PLAIN, **overrides: Any) -> str:
    answer = shop.management("POST", path, {**BODIES[path], **overrides})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["data"]["token"]
    assert answer.json() == {"data": {"token": token}, "meta": {}}
    return token


def verified(shop: Shop, token: str, now: datetime = NOON) -> StorefrontToken:
    says: StorefrontToken = shop.run(storefront_tokens.verify(shop.storage.unit("demo"), token, now))
    return says


def why_not(shop: Shop, token: str, now: datetime = NOON) -> str:
    with pytest.raises(Unauthenticated) as refused:
        verified(shop, token, now)
    return refused.value.reason


def revoked(shop: Shop, token: str | None, by: str = "demo-token") -> int:
    headers = {} if token is None else {"Sf-Api-Token": token}
    return shop.management("DELETE", PLAIN, headers=headers, token=by).status_code


def test_a_token_for_browsers_says_which_channels_and_which_sites(shop: Shop) -> None:
    says = verified(shop, api_token(shop, allowed_cors_origins=["https://Shop.example", "http://localhost:3000"]))

    assert (says.kind, says.channel_ids, says.store_hash, says.client) == (Kind.STOREFRONT, (1,), "demo", "demo")
    assert (says.issued_at, says.expires_at) == (IN_AN_HOUR - 3600, IN_AN_HOUR)
    assert (says.allowed_origins, says.scopes) == (("https://shop.example", "http://localhost:3000"), ())


def test_a_token_for_browsers_needs_no_sites(shop: Shop) -> None:
    assert verified(shop, api_token(shop, allowed_cors_origins=None)).allowed_origins == ()


def test_a_token_for_servers_says_what_it_may_see(shop: Shop) -> None:
    says = verified(shop, api_token(shop, PRIVATE, scopes=["Unauthenticated", "B2B", "B2B"]))

    assert (says.kind, says.channel_ids, says.scopes) == (Kind.PRIVATE, (1,), ("Unauthenticated", "B2B"))


def test_a_token_for_impersonation_says_so(shop: Shop) -> None:
    assert verified(shop, api_token(shop, IMPERSONATION)).kind is Kind.CUSTOMER_IMPERSONATION


def test_two_tokens_that_say_the_same_are_two(shop: Shop) -> None:
    first, second = api_token(shop), api_token(shop)

    assert revoked(shop, first) == 200

    assert why_not(shop, first) == "token_revoked"
    assert verified(shop, second).kind is Kind.STOREFRONT


@pytest.mark.parametrize("path", [PLAIN, PRIVATE, IMPERSONATION])
@pytest.mark.parametrize(
    ("overrides", "wrong"),
    [
        ({"channel_id": None, "channel_ids": None}, "channel_ids"),
        ({"channel_id": 1, "channel_ids": [1]}, "channel_ids"),
        ({"channel_id": None, "channel_ids": []}, "channel_ids"),
        ({"channel_id": 2, "channel_ids": None}, "channel_id"),
        ({"channel_id": None, "channel_ids": [1, 2]}, "channel_id"),
        ({"channel_id": 0, "channel_ids": None}, "channel_id"),
        ({"channel_id": "1", "channel_ids": None}, "channel_id"),
        ({"expires_at": 0}, "expires_at"),
        ({"expires_at": IN_AN_HOUR - 3600}, "expires_at"),
        ({"expires_at": IN_AN_HOUR * 1000}, "expires_at"),
        ({"expires_at": -1}, "expires_at"),
        ({"expires_at": None}, "expires_at"),
    ],
)
def test_a_token_is_for_channels_there_are_and_for_a_time_to_come(
    shop: Shop, path: str, overrides: dict[str, Any], wrong: str
) -> None:
    refused = shop.management("POST", path, {**BODIES[path], **overrides})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [wrong])


@pytest.mark.parametrize(
    ("origins", "wrong"),
    [
        ([], "allowed_cors_origins"),
        (["https://a.example", "https://b.example", "https://c.example"], "allowed_cors_origins"),
        (["https://a.example", ""], "allowed_cors_origins.1"),
        (["https://a.example/shop"], "allowed_cors_origins.0"),
        (["a.example"], "allowed_cors_origins.0"),
        (["*"], "allowed_cors_origins.0"),
    ],
)
def test_a_token_for_browsers_names_one_or_two_sites(shop: Shop, origins: list[str], wrong: str) -> None:
    refused = shop.management("POST", PLAIN, {**BODIES[PLAIN], "allowed_cors_origins": origins})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [wrong])


@pytest.mark.parametrize("scopes", [None, [], ["Everything"], "Customer"])
def test_a_token_for_servers_needs_known_scopes(shop: Shop, scopes: object) -> None:
    body = {**BODIES[PRIVATE], "scopes": scopes}

    assert shop.management("POST", PRIVATE, body).status_code == 422


def test_who_makes_tokens_needs_the_scope_for_their_kind(shop: Shop) -> None:
    plain = token_of(shop, "store_storefront_api")
    impersonation = token_of(shop, "store_storefront_api_customer_impersonation")
    carts = "demo-token-carts"

    statuses = {
        path: [shop.management("POST", path, body, token=token).status_code for token in (plain, impersonation, carts)]
        for path, body in BODIES.items()
    }

    assert statuses == {PLAIN: [200, 403, 403], PRIVATE: [200, 403, 403], IMPERSONATION: [403, 200, 403]}
    assert shop.management("POST", PLAIN, BODIES[PLAIN], token="unknown").status_code == 401
    assert shop.management("POST", PLAIN, BODIES[PLAIN], token="demo-token-read-only").status_code == 403


# ---------------------------------------------------------------------------------------------------- verifying and revoking


def test_a_token_counts_until_it_expires(shop: Shop) -> None:
    token = api_token(shop)

    assert verified(shop, token, NOON + timedelta(seconds=3599)).kind is Kind.STOREFRONT
    assert why_not(shop, token, NOON + timedelta(seconds=3600)) == "token_expired"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é", "W10.W10.W10", base64.b64encode(b"[" * 30_000).decode() + ".e30.e30"]
)
def test_what_is_no_token_is_told_so(shop: Shop, token: str) -> None:
    assert why_not(shop, token) == "not_a_token"


def test_a_token_signed_by_another_does_not_count(shop: Shop) -> None:
    says = jwt.decode(api_token(shop), options={"verify_signature": False})
    secret = shop.run(shop.storage.unit("demo").secret())

    assert why_not(shop, jwt.encode(says, "k" * 32, "HS256")) == "token_not_ours"
    assert why_not(shop, jwt.encode(says, secret, "HS256")) == "token_not_ours"
    assert why_not(shop, jwt.encode(says, "", "none")) == "not_a_token"


def test_a_token_with_other_claims_does_not_count(shop: Shop) -> None:
    head, _, signature = api_token(shop).split(".")
    claims = base64.urlsafe_b64encode(json.dumps({"cid": [7]}).encode()).decode().rstrip("=")

    assert why_not(shop, f"{head}.{claims}.{signature}") == "token_not_ours"


@pytest.mark.parametrize("path", [PLAIN, PRIVATE, IMPERSONATION])
def test_a_revoked_token_counts_no_more(shop: Shop, path: str) -> None:
    token = api_token(shop, path)

    answer = shop.management("DELETE", PLAIN, headers={"Sf-Api-Token": token})

    assert (answer.status_code, answer.json()) == (200, {})
    assert why_not(shop, token) == "token_revoked"
    assert revoked(shop, token) == 200


def test_no_other_spelling_of_a_revoked_token_counts(shop: Shop) -> None:
    token = api_token(shop)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bits = alphabet[alphabet.index(token[-1]) & ~3 :][:4]

    revoked(shop, token)

    others = {why_not(shop, token[:-1] + letter) for letter in same_bits if letter != token[-1]}
    assert others <= {"token_revoked", "not_a_token"}
    assert why_not(shop, token) == "token_revoked"


def test_a_token_that_has_expired_can_be_revoked_without_harm(shop: Shop, clock: Clock) -> None:
    token = api_token(shop)
    clock.now += timedelta(hours=2)

    assert revoked(shop, token) == 200


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c"])
def test_what_is_no_token_cannot_be_revoked(shop: Shop, token: str | None) -> None:
    headers = {} if token is None else {"Sf-Api-Token": token}

    refused = shop.management("DELETE", PLAIN, headers=headers)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["Sf-Api-Token"])


def test_who_revokes_a_token_needs_the_scope_for_its_kind(shop: Shop) -> None:
    plain = token_of(shop, "store_storefront_api")
    impersonation = token_of(shop, "store_storefront_api_customer_impersonation")
    browser_token, customer_token = api_token(shop), api_token(shop, IMPERSONATION)

    assert revoked(shop, customer_token, plain) == revoked(shop, browser_token, impersonation) == 403
    assert verified(shop, customer_token).id != verified(shop, browser_token).id
    assert revoked(shop, browser_token, plain) == revoked(shop, customer_token, impersonation) == 200
    assert revoked(shop, browser_token, "demo-token-carts") == 403
    assert revoked(shop, browser_token, "unknown") == 401
