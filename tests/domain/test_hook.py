"""What a hook listens to, where it may send, what it sends and when again (BEHAVIOUR 9)."""

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import hook
from checkstand.domain.hook import (
    FAMILIES,
    SCOPES,
    HookChange,
    Schedule,
    check_headers,
    check_scope,
    client_secret,
    covers,
    payload,
    signed_headers,
)
from checkstand.errors import Invalid
from tests.builders import NOON

NONE_ALLOWED: frozenset[str] = frozenset()
HERE = "https://hooks.example.com/checkstand"


def a_hook(**overrides: Any) -> hook.Hook:
    made = hook.create(HookChange(scope="store/cart/*", destination=HERE), 1, "demo", NONE_ALLOWED, NOON)
    return replace(made, **overrides)


# ---------------------------------------------------------------------------------------------------- scopes


@pytest.mark.parametrize(
    ("scope", "event", "heard"),
    [
        ("store/cart/created", "store/cart/created", True),
        ("store/cart/created", "store/cart/updated", False),
        ("store/cart/*", "store/cart/created", True),
        ("store/cart/*", "store/cart/lineItem/created", True),
        ("store/cart/lineItem/*", "store/cart/lineItem/created", True),
        ("store/cart/lineItem/*", "store/cart/created", False),
        ("store/order/*", "store/cart/created", False),
    ],
)
def test_a_hook_hears_its_scope_and_a_family_hears_all_below_it(scope: str, event: str, heard: bool) -> None:
    assert covers(scope, event) is heard


@pytest.mark.parametrize(
    "scope",
    [
        "store/cart/created",
        "store/cart/*",
        "store/cart/lineItem/*",
        "store/cart/metafield/*",
        "store/order/statusUpdated",
    ],
)
def test_published_scopes_can_be_listened_to(scope: str) -> None:
    check_scope(scope)


@pytest.mark.parametrize("scope", ["store/*", "*", "store/cart", "store/cart/", "store/checkout/*", "Store/cart/*"])
def test_other_scopes_cannot(scope: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_scope(scope)

    assert refusal.value.fields.keys() == {"scope"}


def test_no_scope_is_a_family() -> None:
    assert not SCOPES & FAMILIES
    assert "store/customer/payment/*" in FAMILIES


# ---------------------------------------------------------------------------------------------------- hooks


def test_a_new_hook_is_active() -> None:
    assert a_hook().is_active
    assert a_hook().headers is None


@pytest.mark.parametrize("missing", ["scope", "destination"])
def test_a_hook_needs_a_scope_and_a_destination(missing: str) -> None:
    change = HookChange(scope="store/cart/*", destination=HERE)

    with pytest.raises(Invalid) as refusal:
        hook.create(replace(change, **{missing: ""}), 1, "demo", NONE_ALLOWED, NOON)

    assert refusal.value.fields == {missing: "is required"}


def test_a_change_leaves_the_rest_as_it_is_and_is_later_than_what_was() -> None:
    before = a_hook(headers={"X-A": "1"})

    after = hook.update(before, HookChange(scope="store/order/*"), NONE_ALLOWED, NOON)

    assert after == replace(before, scope="store/order/*", updated_at=NOON + timedelta(microseconds=1))


def test_headers_can_be_taken_away() -> None:
    after = hook.update(a_hook(headers={"X-A": "1"}), HookChange(headers=None), NONE_ALLOWED, NOON)

    assert after.headers is None


def test_a_change_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="At least one"):
        hook.update(a_hook(), HookChange(), NONE_ALLOWED, NOON)


def test_a_hook_that_is_switched_on_again_has_its_whole_time_before_it() -> None:
    later = NOON + timedelta(days=100)

    after = hook.update(a_hook(status="deactivated"), HookChange(is_active=True), NONE_ALLOWED, later)

    assert (after.status, after.idle_since) == ("active", later)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"host": "elsewhere"},
        {"Webhook-Signature": "v1,forged"},
        {"Content-Length": "0"},
        {"X-A": "1\r\nX-B: 2"},
        {"X A": "1"},
        {"": "1"},
        {"X-A": "ü"},
        {f"X-{number}": "1" for number in range(33)},
    ],
)
def test_headers_that_are_the_servers_own_or_no_headers_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_headers(headers)

    assert refusal.value.fields.keys() == {"headers"}


def test_headers_to_recognise_the_sender_by_are_fine() -> None:
    check_headers({"X-Token": "secret", "Authorization": "Bearer abc", "User-Agent": "shop"})


# ---------------------------------------------------------------------------------------------------- what is sent


def test_the_payload_has_the_published_keys() -> None:
    body = payload("demo", "event-1", "store/cart/created", {"type": "cart", "id": "c"}, NOON)

    assert json.loads(body) == {
        "scope": "store/cart/created",
        "store_id": "1541533561",
        "data": {"type": "cart", "id": "c"},
        "hash": "4f46c84fd91ace9a4308c09974f2ad28d958f16e",
        "created_at": 1767268800,
        "producer": "stores/demo",
    }


def test_the_same_event_has_the_same_hash_and_another_one_another() -> None:
    def hash_of(event_id: str) -> str:
        return str(json.loads(payload("demo", event_id, "store/cart/updated", {"id": "c"}, NOON))["hash"])

    assert hash_of("1") == hash_of("1") != hash_of("2")
    assert len(hash_of("1")) == 40


def test_the_signature_is_that_of_the_standard_webhooks_specification() -> None:
    headers = signed_headers("client secret", "msg_1", NOON, b'{"a":1}')

    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1767268800")
    key = base64.b64decode(base64.b64encode(b"client secret"))
    expected = hmac.new(key, b'msg_1.1767268800.{"a":1}', sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()


def test_each_client_of_each_store_has_a_secret_of_its_own() -> None:
    assert client_secret("store", "one") == client_secret("store", "one")
    assert len({client_secret("store", "one"), client_secret("store", "two"), client_secret("shop", "one")}) == 3


# ---------------------------------------------------------------------------------------------------- when


def test_a_failed_call_is_made_again_eleven_times_over_almost_two_days_and_then_never() -> None:
    waits = [Schedule().retry_after(attempts) for attempts in range(1, 13)]

    assert [wait.total_seconds() for wait in waits if wait] == [
        *(60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400)
    ]
    assert waits[11] is None


@pytest.mark.parametrize(
    ("calls", "successes", "failing"), [(99, 0, False), (100, 90, False), (100, 89, True), (1000, 899, True)]
)
def test_a_domain_is_failing_when_under_90_of_100_calls_succeed(calls: int, successes: int, failing: bool) -> None:
    assert Schedule().is_failing(calls, successes) is failing


def test_a_lease_outlasts_a_call() -> None:
    assert Schedule().lease_seconds > 2 * Schedule().timeout_seconds
