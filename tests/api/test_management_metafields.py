"""Metafields of carts over the Management API. The second client has the token of another name."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from checkstand.domain.metafield import Change
from tests.api.flows import a_cart, ready_checkout
from tests.client import Shop

OTHER = "demo-token-carts"
NOWHERE = "00000000-0000-4000-8000-000000000000"
FIELD = {
    "permission_set": "write",
    "namespace": "Sales Department",
    "key": "Staff Name",
    "value": "Sam",
    "description": "Who sold it",
}


def made(shop: Shop, cart_id: str, token: str = "demo-token", **overrides: str) -> dict[str, Any]:
    answer = shop.management("POST", f"/carts/{cart_id}/metafields", {**FIELD, **overrides}, token=token)
    assert answer.status_code == 200, answer.text
    field: dict[str, Any] = answer.json()["data"]
    return field


def keys(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [field["key"] for field in answer.json()["data"]]


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


# ---------------------------------------------------------------------------------------------------- one field


def test_a_metafield_is_kept_as_it_was_sent_with_its_owner_and_its_times() -> None:
    clock = Clock()
    with Shop(now=clock) as shop:
        cart = a_cart(shop)["id"]

        created = shop.management("POST", f"/carts/{cart}/metafields", FIELD)

        expected = {
            "id": "1",
            "key": "Staff Name",
            "value": "Sam",
            "namespace": "Sales Department",
            "permission_set": "write",
            "resource_type": "cart",
            "resource_id": cart,
            "description": "Who sold it",
            "date_created": "2026-01-01T12:00:00+00:00",
            "date_modified": "2026-01-01T12:00:00+00:00",
            "owner_client_id": "demo",
        }
        assert (created.status_code, created.json()) == (200, {"data": expected, "meta": {}})
        read = shop.management("GET", f"/carts/{cart}/metafields/1")
        assert (read.status_code, read.json()) == (200, {"data": expected, "meta": {}})

        clock.now += timedelta(minutes=5)
        changed = shop.management("PUT", f"/carts/{cart}/metafields/1", {**FIELD, "value": "Ann", "description": ""})

        expected |= {"value": "Ann", "description": "", "date_modified": "2026-01-01T12:05:00+00:00"}
        assert (changed.status_code, changed.json()) == (200, {"data": expected, "meta": {}})


def test_a_deleted_metafield_is_gone(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    path = f"/carts/{cart}/metafields/{made(shop, cart)['id']}"

    deleted = shop.management("DELETE", path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [shop.management(method, path, body).status_code for method, body in READ_WRITE_DELETE] == [404, 404, 404]


READ_WRITE_DELETE: list[tuple[str, Any]] = [("GET", None), ("PUT", FIELD), ("DELETE", None)]


@pytest.mark.parametrize(
    ("overrides", "wrong"),
    [
        ({"permission_set": "everybody"}, "permission_set"),
        ({"namespace": ""}, "namespace"),
        ({"namespace": "n" * 65}, "namespace"),
        ({"namespace": "two\nlines"}, "namespace"),
        ({"key": ""}, "key"),
        ({"key": "k" * 65}, "key"),
        ({"key": "\x00"}, "key"),
        ({"value": ""}, "value"),
        ({"value": "v" * 65536}, "value"),
        ({"value": 1}, "value"),
        ({"description": "d" * 256}, "description"),
    ],
)
def test_a_metafield_beyond_the_published_limits_is_refused(shop: Shop, overrides: dict[str, Any], wrong: str) -> None:
    cart = a_cart(shop)["id"]

    refused = shop.management("POST", f"/carts/{cart}/metafields", {**FIELD, **overrides})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [wrong])
    assert keys(shop.management("GET", f"/carts/{cart}/metafields")) == []


@pytest.mark.parametrize("missing", ["permission_set", "namespace", "key", "value"])
def test_what_a_metafield_must_have_is_named_when_it_is_missing(shop: Shop, missing: str) -> None:
    cart = a_cart(shop)["id"]
    body = {name: value for name, value in FIELD.items() if name != missing}

    refused = shop.management("POST", f"/carts/{cart}/metafields", body)

    assert (refused.status_code, refused.json()["errors"]) == (422, {missing: "is required"})


def test_the_largest_metafield_is_kept(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    largest = {"namespace": "n" * 64, "key": "k" * 64, "value": "é" * 65535, "description": "d" * 255}

    field = made(shop, cart, **largest)

    assert {name: field[name] for name in largest} == largest


def test_a_client_uses_a_name_once_per_cart(shop: Shop) -> None:
    cart, other_cart = a_cart(shop)["id"], a_cart(shop)["id"]
    made(shop, cart)

    again = shop.management("POST", f"/carts/{cart}/metafields", {**FIELD, "value": "Ann"})

    assert again.status_code == 409
    assert (
        again.json()["detail"] == f"Cart {cart} has a metafield Staff Name in the namespace Sales Department already."
    )
    made(shop, cart, namespace="Other Department")
    made(shop, cart, key="Other Name")
    made(shop, cart, token=OTHER)
    made(shop, other_cart)


def test_a_metafield_cannot_take_the_name_of_another(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    made(shop, cart)
    second = made(shop, cart, key="Till")

    refused = shop.management("PUT", f"/carts/{cart}/metafields/{second['id']}", {**FIELD, "value": "Ann"})

    assert refused.status_code == 409
    assert shop.management("GET", f"/carts/{cart}/metafields/{second['id']}").json()["data"] == second


def test_a_cart_has_at_most_250_metafields(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    batch = [{**FIELD, "key": f"key {number}", "resource_id": cart} for number in range(250)]
    assert shop.management("POST", "/carts/metafields", batch).json()["meta"]["success"] == 250

    one_more = shop.management("POST", f"/carts/{cart}/metafields", FIELD)

    assert (one_more.status_code, one_more.json()["title"]) == (422, "A cart may have at most 250 metafields.")
    shop.management("DELETE", f"/carts/{cart}/metafields/1")
    made(shop, cart)


def test_there_are_no_metafields_where_there_is_no_cart(shop: Shop) -> None:
    cart, other_cart = a_cart(shop)["id"], a_cart(shop)["id"]
    field = made(shop, cart)

    assert shop.management("GET", f"/carts/{NOWHERE}/metafields").status_code == 404
    assert shop.management("POST", f"/carts/{NOWHERE}/metafields", FIELD).status_code == 404
    for path in (f"/carts/{other_cart}/metafields/{field['id']}", f"/carts/{cart}/metafields/none"):
        assert [shop.management(method, path, body).status_code for method, body in READ_WRITE_DELETE] == [404] * 3


# ---------------------------------------------------------------------------------------------------- whose field


def test_a_private_metafield_is_there_for_its_owner_only(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    field = made(shop, cart, permission_set="app_only")
    path = f"/carts/{cart}/metafields"

    seen_by_other = shop.management("GET", path, token=OTHER)

    assert (seen_by_other.json()["data"], seen_by_other.json()["meta"]["pagination"]["total"]) == ([], 0)
    assert keys(shop.management("GET", "/carts/metafields", token=OTHER)) == []
    for method, body in READ_WRITE_DELETE:
        assert shop.management(method, f"{path}/{field['id']}", body, token=OTHER).status_code == 404
    assert keys(shop.management("GET", path)) == keys(shop.management("GET", "/carts/metafields")) == ["Staff Name"]


@pytest.mark.parametrize("permission", ["read", "read_and_sf_access"])
def test_a_readable_metafield_is_not_for_others_to_change(shop: Shop, permission: str) -> None:
    cart = a_cart(shop)["id"]
    field = made(shop, cart, permission_set=permission)
    path = f"/carts/{cart}/metafields/{field['id']}"

    assert shop.management("GET", path, token=OTHER).json()["data"] == field
    refused = shop.management("PUT", path, {**FIELD, "permission_set": permission, "value": "Ann"}, token=OTHER)
    assert refused.status_code == 403
    assert refused.json()["detail"] == f"Metafield {field['id']} belongs to another client and may only be read."
    assert shop.management("DELETE", path, token=OTHER).status_code == 403
    assert shop.management("GET", path).json()["data"] == field


@pytest.mark.parametrize("permission", ["write", "write_and_sf_access"])
def test_a_writable_metafield_may_be_changed_and_deleted_by_others_but_not_renamed(shop: Shop, permission: str) -> None:
    cart = a_cart(shop)["id"]
    field = made(shop, cart, permission_set=permission)
    path, body = f"/carts/{cart}/metafields/{field['id']}", {**FIELD, "permission_set": permission}

    for name, value in (("permission_set", "app_only"), ("namespace", "Theirs"), ("key", "Theirs")):
        refused = shop.management("PUT", path, {**body, name: value}, token=OTHER)
        assert refused.status_code == 403
        assert refused.json()["detail"] == (f"Only the client that made metafield {field['id']} may change its {name}.")
    changed = shop.management("PUT", path, {**body, "value": "Ann"}, token=OTHER).json()["data"]
    assert (changed["value"], changed["owner_client_id"]) == ("Ann", "demo")
    assert shop.management("PUT", path, {**body, "permission_set": "read", "key": "Seller"}).status_code == 200
    assert shop.management("DELETE", path, token=OTHER).status_code == 403
    assert shop.management("PUT", path, body).status_code == 200
    assert shop.management("DELETE", path, token=OTHER).status_code == 204


def test_a_token_that_only_reads_may_not_write(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    path = f"/carts/{cart}/metafields"

    assert shop.management("GET", path, token="demo-token-read-only").status_code == 200
    assert shop.management("POST", path, FIELD, token="demo-token-read-only").status_code == 403
    assert shop.management("GET", path, token="unknown").status_code == 401


# ---------------------------------------------------------------------------------------------------- how long they last


def test_metafields_go_with_their_cart(shop: Shop) -> None:
    cart, other_cart = a_cart(shop)["id"], a_cart(shop)["id"]
    field = made(shop, cart)
    made(shop, other_cart, key="Stays")

    shop.management("DELETE", f"/carts/{cart}")

    assert shop.management("GET", f"/carts/{cart}/metafields").status_code == 404
    assert shop.management("GET", f"/carts/{cart}/metafields/{field['id']}").status_code == 404
    assert keys(shop.management("GET", "/carts/metafields")) == ["Stays"]


def test_metafields_go_with_the_last_line_of_their_cart(shop: Shop) -> None:
    cart = a_cart(shop)
    made(shop, cart["id"])

    shop.management("DELETE", f"/carts/{cart['id']}/items/{cart['line_items']['physical_items'][0]['id']}")

    assert keys(shop.management("GET", "/carts/metafields")) == []


def test_metafields_of_a_cart_that_became_an_order_outlive_it(shop: Shop) -> None:
    cart = ready_checkout(shop)["id"]
    field = made(shop, cart)
    path = f"/carts/{cart}/metafields"
    assert shop.management("POST", f"/checkouts/{cart}/orders").status_code == 200
    assert shop.management("DELETE", f"/carts/{cart}").status_code == 204

    listed = shop.management("GET", path)

    assert listed.json()["data"] == [field]
    assert shop.management("PUT", f"{path}/{field['id']}", {**FIELD, "value": "Ann"}).json()["data"]["value"] == "Ann"
    assert shop.management("POST", path, {**FIELD, "key": "Late"}).status_code == 404


# ---------------------------------------------------------------------------------------------------- lists


@pytest.fixture
def listed() -> Any:
    """Two carts with the fields a, b, c (namespace red) and d, e (namespace blue), one made every minute from 12:00 on."""
    clock = Clock()
    with Shop(now=clock) as shop:
        first, second = a_cart(shop)["id"], a_cart(shop)["id"]
        for key, namespace, cart in (
            ("a", "red", first),
            ("b", "red", first),
            ("c", "red", second),
            ("d", "blue", first),
            ("e", "blue", second),
        ):
            made(shop, cart, key=key, namespace=namespace)
            clock.now += timedelta(minutes=1)
        yield shop, first, clock


def test_a_list_has_the_fields_of_one_cart_or_of_all(listed: Any) -> None:
    shop, first, _ = listed

    assert keys(shop.management("GET", f"/carts/{first}/metafields")) == ["a", "b", "d"]
    assert keys(shop.management("GET", "/carts/metafields")) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("key=b", ["b"]),
        ("key=none", []),
        ("key:in=b,e,none", ["b", "e"]),
        ("key:in=b,e&key=e", ["e"]),
        ("key:in=b,e&key=a", []),
        ("key:in=", []),
        ("key=B", []),
        ("key:in=a%1F%1Fb", []),
        ("namespace=blue", ["d", "e"]),
        ("namespace:in=blue,green", ["d", "e"]),
        ("namespace=red&key=d", []),
        ("direction=desc", ["e", "d", "c", "b", "a"]),
        ("direction=asc&limit=2", ["a", "b"]),
        ("page=2&limit=2", ["c", "d"]),
        ("page=2&limit=2&direction=desc", ["c", "b"]),
        ("page=9", []),
        ("date_created:min=2026-01-01T12:02:00", ["c", "d", "e"]),
        ("date_created:max=2026-01-01T12:01:00Z", ["a", "b"]),
        ("date_created:min=2026-01-01T12:01:00%2B00:00&date_created:max=2026-01-01T12:01:30", ["b"]),
        ("date_created:min=2026-01-02", []),
        ("date_created:max=2026-01-01", ["a", "b", "c", "d", "e"]),
        ("date_modified:min=2026-01-01T12:04:00", ["e"]),
        ("date_modified:max=2025-12-31", []),
    ],
)
def test_a_list_is_filtered_ordered_and_paged(listed: Any, query: str, expected: list[str]) -> None:
    shop, _, _ = listed

    assert keys(shop.management("GET", f"/carts/metafields?{query}")) == expected


def test_a_changed_field_is_found_by_when_it_was_changed(listed: Any) -> None:
    shop, first, clock = listed
    clock.now += timedelta(days=1)
    field = shop.management("GET", f"/carts/{first}/metafields?key=a").json()["data"][0]
    shop.management("PUT", f"/carts/{first}/metafields/{field['id']}", {**FIELD, "namespace": "red", "key": "a"})

    assert keys(shop.management("GET", "/carts/metafields?date_modified:min=2026-01-02")) == ["a"]
    assert keys(shop.management("GET", "/carts/metafields?date_created:min=2026-01-02")) == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=251",
        "page=0",
        "page=x",
        "direction=up",
        "after=none",
        "after=MQ==&before=MQ==",
        "date_created:min=soon",
    ],
)
def test_a_list_that_cannot_be_is_refused(listed: Any, query: str) -> None:
    shop, _, _ = listed

    assert shop.management("GET", f"/carts/metafields?{query}").status_code == 422


def test_a_list_says_where_its_page_stands(listed: Any) -> None:
    shop, _, _ = listed

    meta = shop.management("GET", "/carts/metafields?page=2&limit=2&key:in=a,b,c,d,e").json()["meta"]

    assert meta["pagination"] == {
        "total": 5,
        "count": 2,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 3,
        "links": {
            "previous": "?key:in=a,b,c,d,e&page=1&limit=2",
            "current": "?key:in=a,b,c,d,e&page=2&limit=2",
            "next": "?key:in=a,b,c,d,e&page=3&limit=2",
        },
    }


def test_a_list_can_be_walked_by_cursors_both_ways(listed: Any) -> None:
    shop, _, _ = listed
    steps: list[tuple[list[str], list[str]]] = []
    query = "?limit=2&direction=desc"
    for way in ("next", "next", "previous", "previous"):
        answer = shop.management("GET", f"/carts/metafields{query}")
        cursors = answer.json()["meta"]["cursor_pagination"]
        steps.append((keys(answer), sorted(cursors["links"])))
        query = cursors["links"][way]
    last = shop.management("GET", f"/carts/metafields{query}")

    assert steps == [
        (["e", "d"], ["current", "next"]),
        (["c", "b"], ["current", "next", "previous"]),
        (["a"], ["current", "previous"]),
        (["c", "b"], ["current", "next", "previous"]),
    ]
    assert keys(last) == ["e", "d"]
    assert "pagination" not in last.json()["meta"]


def test_a_cursor_names_the_ends_of_its_page(listed: Any) -> None:
    shop, _, _ = listed
    cursors = shop.management("GET", "/carts/metafields?limit=3").json()["meta"]["cursor_pagination"]

    after = shop.management("GET", f"/carts/metafields?limit=3&after={quote(cursors['end_cursor'])}")
    before = shop.management("GET", f"/carts/metafields?limit=3&before={quote(cursors['end_cursor'])}")

    assert (cursors["count"], cursors["per_page"]) == (3, 3)
    assert (keys(after), keys(before)) == (["d", "e"], ["a", "b"])


def test_a_list_shows_only_the_fields_asked_for_and_always_the_id(listed: Any) -> None:
    shop, _, _ = listed

    answer = shop.management("GET", "/carts/metafields?limit=1&include_fields=key,owner_client_id,nonsense")

    assert answer.json()["data"] == [{"id": "1", "key": "a", "owner_client_id": "demo"}]


# ---------------------------------------------------------------------------------------------------- many at once


def test_many_metafields_are_created_changed_and_deleted_in_one_request_each(shop: Shop) -> None:
    first, second = a_cart(shop)["id"], a_cart(shop)["id"]

    created = shop.management(
        "POST", "/carts/metafields", [{**FIELD, "resource_id": first}, {**FIELD, "resource_id": second}]
    )

    assert created.status_code == 200
    assert [(field["id"], field["resource_id"]) for field in created.json()["data"]] == [("1", first), ("2", second)]
    assert created.json()["meta"] == {"total": 2, "success": 2, "failed": 0}
    assert "errors" not in created.json()

    changed = shop.management(
        "PUT", "/carts/metafields", [{**FIELD, "id": "2", "value": "Ann"}, {**FIELD, "id": 1, "value": "Eve"}]
    )

    assert (changed.status_code, changed.json()["meta"]) == (200, {"total": 2, "success": 2, "failed": 0})
    assert [(field["id"], field["value"]) for field in changed.json()["data"]] == [("2", "Ann"), ("1", "Eve")]

    deleted = shop.management("DELETE", "/carts/metafields", [1, 2])

    assert deleted.status_code == 200
    assert deleted.json() == {"data": [1, 2], "meta": {"total": 2, "success": 2, "failed": 0}}
    assert keys(shop.management("GET", "/carts/metafields")) == []


def test_two_metafields_can_swap_their_names(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    made(shop, cart, key="left")
    made(shop, cart, key="right")

    swapped = shop.management(
        "PUT", "/carts/metafields", [{**FIELD, "id": "1", "key": "right"}, {**FIELD, "id": "2", "key": "left"}]
    )

    assert swapped.status_code == 200
    assert keys(shop.management("GET", "/carts/metafields")) == ["right", "left"]


def test_nothing_is_created_when_one_of_many_cannot_be(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    made(shop, cart)
    batch = [{**FIELD, "key": "New", "resource_id": cart}, {**FIELD, "resource_id": cart}]

    refused = shop.management("POST", "/carts/metafields", batch)

    title = "None of the metafields was written, because some cannot be."
    link = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
    problem = {"status": 422, "title": title, "type": link, "detail": title}
    reason = f"Cart {cart} has a metafield Staff Name in the namespace Sales Department already."
    assert refused.status_code == 422
    assert refused.json() == {
        **problem,
        "data": [],
        "errors": [{**problem, "errors": {"1": reason}}],
        "meta": {"total": 2, "success": 0, "failed": 2},
    }
    assert keys(shop.management("GET", "/carts/metafields")) == ["Staff Name"]


def test_every_reason_why_many_cannot_be_written_is_told_at_once(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    made(shop, cart)
    made(shop, cart, key="Readable", permission_set="read")
    made(shop, cart, key="Private", permission_set="app_only")

    refused = shop.management("DELETE", "/carts/metafields", [1, 2, 3, 4], token=OTHER)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["errors"] == {
        "2": "Metafield 2 belongs to another client and may only be read.",
        "3": "There is no metafield 3.",
        "4": "There is no metafield 4.",
    }
    assert keys(shop.management("GET", "/carts/metafields")) == ["Staff Name", "Readable", "Private"]


def test_nothing_is_created_when_the_cart_of_one_is_unknown(shop: Shop) -> None:
    cart = a_cart(shop)["id"]

    refused = shop.management(
        "POST", "/carts/metafields", [{**FIELD, "resource_id": cart}, {**FIELD, "resource_id": NOWHERE}]
    )

    assert (refused.status_code, refused.json()["errors"][0]["errors"]) == (422, {"1": f"There is no cart {NOWHERE}."})
    assert keys(shop.management("GET", "/carts/metafields")) == []


@pytest.mark.parametrize(
    ("method", "body", "wrong"),
    [
        ("POST", [{**FIELD}], "0.resource_id"),
        ("POST", [{**FIELD, "resource_id": "x", "key": ""}], "0.key"),
        ("POST", [{**FIELD, "resource_id": "x", "key": f"{number}"} for number in range(251)], None),
        ("PUT", [{**FIELD}], "0.id"),
        ("PUT", [{**FIELD, "id": "one"}], "0.id"),
        ("PUT", [{**FIELD, "id": "1"}, {**FIELD, "id": 1}], "id"),
        ("DELETE", ["one"], "0"),
        ("DELETE", [7, 7], "id"),
    ],
)
def test_many_that_cannot_be_understood_are_refused(shop: Shop, method: str, body: Any, wrong: str | None) -> None:
    refused = shop.management(method, "/carts/metafields", body)

    reasons = refused.json()["errors"][0]["errors"]
    assert (refused.status_code, list(reasons)) == (422, [wrong] if wrong else [])
    assert refused.json()["data"] == []


def test_a_body_that_is_no_json_is_400(shop: Shop) -> None:
    headers = {"X-Auth-Token": "demo-token"}

    answer = shop.call("POST", "/stores/demo/v3/carts/metafields", headers=headers, content=b"[")

    assert (answer.status_code, answer.json()["status"]) == (400, 400)


# ---------------------------------------------------------------------------------------------------- told and raced


def test_the_outbox_is_told_of_every_change_with_the_change(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    field = made(shop, cart)
    path = f"/carts/{cart}/metafields/{field['id']}"
    shop.management("POST", f"/carts/{cart}/metafields", FIELD)
    shop.management("PUT", path, {**FIELD, "value": "Ann"})
    shop.management("DELETE", path)

    rows = shop.run(shop.storage.driver.all("event_all", store_hash="demo"))

    told = [(row["scope"], row["subject"], row["body"]) for row in rows if "metafield" in row["scope"]]
    body = f'{{"type":"metafield","id":"1","cartId":"{cart}"}}'.encode()
    assert sorted(told) == [
        ("store/cart/metafield/created", cart, body),
        ("store/cart/metafield/deleted", cart, body),
        ("store/cart/metafield/updated", cart, body),
    ]


def test_a_field_changed_since_it_was_read_is_not_overwritten_even_in_the_same_instant() -> None:
    clock = Clock()
    with Shop(now=clock) as shop:
        cart = a_cart(shop)["id"]
        path = f"/carts/{cart}/metafields/{made(shop, cart)['id']}"
        metafields = shop.storage.unit("demo").metafields
        read = shop.run(metafields.get(1))
        shop.management("PUT", path, {**FIELD, "permission_set": "app_only"})

        written = shop.run(metafields.write([Change(read, None)], clock.now))

        assert written is False
        assert shop.management("GET", path).json()["data"]["permission_set"] == "app_only"


def test_of_many_requests_for_one_name_one_gets_it(shop: Shop) -> None:
    cart = a_cart(shop)["id"]

    async def all_at_once() -> list[int]:
        async with shop.new_browser() as client:
            path, headers = f"/stores/demo/v3/carts/{cart}/metafields", {"X-Auth-Token": "demo-token"}
            answers = await asyncio.gather(*(client.post(path, json=FIELD, headers=headers) for _ in range(10)))
        return sorted(answer.status_code for answer in answers)

    assert shop.run(all_at_once()) == [200] + [409] * 9
    assert keys(shop.management("GET", "/carts/metafields")) == ["Staff Name"]
