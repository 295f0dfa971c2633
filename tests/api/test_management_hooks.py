"""`/v3/hooks`: a client manages its own webhooks (BEHAVIOUR 9)."""

from typing import Any

import pytest

from tests.api.described import expect_described
from tests.client import Shop

HOOK = {"scope": "store/cart/*", "destination": "https://hooks.example.com/checkstand"}
READ_ONLY, CARTS_ONLY = "demo-token-read-only", "demo-token-carts"


def make(shop: Shop, token: str = "demo-token", **fields: Any) -> dict[str, Any]:
    answer = shop.management("POST", "/hooks", HOOK | fields, token=token)
    assert answer.status_code == 200, answer.text
    expect_described(answer)
    hook: dict[str, Any] = answer.json()["data"]
    return hook


def listed(shop: Shop, query: str = "", token: str = "demo-token") -> list[int]:
    return [hook["id"] for hook in shop.management("GET", f"/hooks{query}", token=token).json()["data"]]


def test_a_hook_is_made_and_read_back(shop: Shop) -> None:
    now = int(shop.app.now().timestamp())

    made = make(shop, headers={"X-Shop": "demo"})

    assert made | {"created_at": 0, "updated_at": 0} == {
        "id": 1,
        "client_id": "demo",
        "store_hash": "demo",
        "scope": "store/cart/*",
        "destination": "https://hooks.example.com/checkstand",
        "headers": {"X-Shop": "demo"},
        "is_active": True,
        "created_at": 0,
        "updated_at": 0,
    }
    assert now <= made["created_at"] == made["updated_at"] <= now + 5
    assert shop.management("GET", "/hooks/1").json() == {"data": made, "meta": {}}


def test_a_hook_may_be_made_inactive(shop: Shop) -> None:
    assert make(shop, is_active=False)["is_active"] is False


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"scope": "store/*"}, 422, "scope"),
        ({"scope": ""}, 422, "scope"),
        ({"scope": 7}, 422, "scope"),
        ({"destination": "http://hooks.example.com/"}, 422, "destination"),
        ({"destination": "https://hooks.example.com:8443/"}, 422, "destination"),
        ({"destination": "https://127.0.0.1/"}, 422, "destination"),
        ({"destination": "https://localhost/"}, 422, "destination"),
        ({"destination": ""}, 422, "destination"),
        ({"headers": {"Host": "elsewhere"}}, 422, "headers"),
        ({"headers": {"X-A": 1}}, 422, "headers"),
        ({"headers": ["X-A"]}, 422, "headers"),
        ({"is_active": "yes"}, 422, "is_active"),
    ],
)
def test_a_hook_that_cannot_be_is_refused_by_the_name_of_the_field(
    shop: Shop, fields: dict[str, Any], status: int, field: str
) -> None:
    answer = shop.management("POST", "/hooks", HOOK | fields)

    assert answer.status_code == status
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]
    expect_described(answer)
    assert listed(shop) == []


@pytest.mark.parametrize("missing", ["scope", "destination"])
def test_scope_and_destination_are_required(shop: Shop, missing: str) -> None:
    answer = shop.management("POST", "/hooks", {name: value for name, value in HOOK.items() if name != missing})

    assert answer.status_code == 422
    assert answer.json()["errors"] == {missing: "is required"}


def test_a_refused_hook_takes_no_number(shop: Shop) -> None:
    shop.management("POST", "/hooks", HOOK | {"scope": "store/*"})

    assert make(shop)["id"] == 1


def test_a_body_that_is_no_json_is_malformed(shop: Shop) -> None:
    answer = shop.call("POST", "/stores/demo/v3/hooks", content="{", headers={"X-Auth-Token": "demo-token"})

    assert answer.status_code == 400


def test_the_operator_may_allow_a_host_of_the_own_network() -> None:
    with Shop(webhook_hosts=frozenset({"localhost:3000"})) as shop:
        assert make(shop, destination="http://localhost:3000/hooks")["destination"] == "http://localhost:3000/hooks"

        other = shop.management("POST", "/hooks", HOOK | {"destination": "http://localhost:3001/hooks"})
        assert other.status_code == 422


# ---------------------------------------------------------------------------------------------------- lists


def test_hooks_are_listed_by_scope_destination_and_whether_they_are_active(shop: Shop) -> None:
    make(shop)
    make(shop, scope="store/order/created")
    make(shop, destination="https://other.example.com/", is_active=False)

    assert listed(shop) == [1, 2, 3]
    assert listed(shop, "?is_active=true") == [1, 2]
    assert listed(shop, "?is_active=false") == [3]
    assert listed(shop, "?scope=store/cart/*") == [1, 3]
    assert listed(shop, "?destination=https://other.example.com/&scope=store/cart/*") == [3]
    assert listed(shop, "?scope=store/cart/created") == []


def test_a_list_comes_in_pages(shop: Shop) -> None:
    for _ in range(3):
        make(shop)

    answer = shop.management("GET", "/hooks?limit=2&page=2&is_active=true")

    expect_described(answer)
    assert [hook["id"] for hook in answer.json()["data"]] == [3]
    assert answer.json()["meta"]["pagination"] == {
        "total": 3,
        "count": 1,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 2,
        "links": {
            "current": "?is_active=true&page=2&limit=2",
            "previous": "?is_active=true&page=1&limit=2",
        },
    }


@pytest.mark.parametrize("query", ["page=0", "limit=0", "limit=251", "limit=x", "is_active=maybe"])
def test_a_filter_that_is_none_is_refused(shop: Shop, query: str) -> None:
    answer = shop.management("GET", f"/hooks?{query}")

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [query.split("=", maxsplit=1)[0]]


# ---------------------------------------------------------------------------------------------------- one hook


def test_a_change_leaves_the_rest_as_it_is(shop: Shop) -> None:
    made = make(shop, headers={"X-Shop": "demo"})

    answer = shop.management("PUT", "/hooks/1", {"destination": "https://other.example.com/"})

    expect_described(answer)
    changed = answer.json()["data"]
    assert changed | {"updated_at": 0} == made | {"destination": "https://other.example.com/", "updated_at": 0}
    assert shop.management("GET", "/hooks/1").json()["data"] == changed


def test_headers_can_be_taken_away(shop: Shop) -> None:
    make(shop, headers={"X-Shop": "demo"})

    assert shop.management("PUT", "/hooks/1", {"headers": None}).json()["data"]["headers"] is None


@pytest.mark.parametrize(
    "change",
    [{}, {"scope": "store/*"}, {"destination": "https://10.0.0.1/"}, {"headers": {"TE": "x"}}, {"is_active": 1}],
)
def test_a_change_that_cannot_be_changes_nothing(shop: Shop, change: dict[str, Any]) -> None:
    made = make(shop)

    answer = shop.management("PUT", "/hooks/1", change)

    assert answer.status_code == 422
    expect_described(answer)
    assert shop.management("GET", "/hooks/1").json()["data"] == made


def test_a_deleted_hook_is_shown_once_more_and_gone(shop: Shop) -> None:
    made = make(shop)

    answer = shop.management("DELETE", "/hooks/1")

    expect_described(answer)
    assert (answer.status_code, answer.json()["data"]) == (200, made)
    assert shop.management("GET", "/hooks/1").status_code == 404
    assert shop.management("DELETE", "/hooks/1").status_code == 404


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"is_active": False}), ("DELETE", None)])
@pytest.mark.parametrize("hook_id", ["9", "x", "0", "99999999999999999999"])
def test_an_unknown_hook_is_not_found(shop: Shop, method: str, body: Any, hook_id: str) -> None:
    answer = shop.management(method, f"/hooks/{hook_id}", body)

    assert answer.status_code == 404
    expect_described(answer)


# ---------------------------------------------------------------------------------------------------- who may


def test_a_client_sees_its_own_hooks_only(shop: Shop) -> None:
    make(shop)
    make(shop, token=CARTS_ONLY)

    assert listed(shop) == [1]
    assert listed(shop, token=CARTS_ONLY) == [2]
    for method, body in (("GET", None), ("PUT", {"is_active": False}), ("DELETE", None)):
        assert shop.management(method, "/hooks/2", body).status_code == 404


def test_any_token_of_the_store_may_have_hooks(shop: Shop) -> None:
    make(shop, token=READ_ONLY)

    assert listed(shop, token=READ_ONLY) == [1]
    assert shop.management("GET", "/hooks", token="nobody's").status_code == 401
    assert shop.management("POST", "/hooks", HOOK, token="nobody's").status_code == 401


# ---------------------------------------------------------------------------------------------------- admin


def test_admin_shows_the_status_of_each_hook(shop: Shop) -> None:
    first, second = make(shop), make(shop, is_active=False)

    answer = shop.management("GET", "/hooks/admin")

    expect_described(answer)
    assert answer.json()["data"] == {
        "emails": [],
        "hooks_list": [first | {"status": "active"}, second | {"status": "inactive"}],
        "blocked_domains": [],
    }
    active = shop.management("GET", "/hooks/admin?is_active=true").json()["data"]["hooks_list"]
    assert [hook["id"] for hook in active] == [1]


def test_no_emails_are_sent_about_webhooks(shop: Shop) -> None:
    answer = shop.management("PUT", "/hooks/admin", {"emails": ["webhooks@example.com"]})

    assert answer.status_code == 501
