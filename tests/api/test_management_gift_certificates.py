"""Gift certificates of the store, `/v2/gift_certificates`, as published."""

from typing import Any

import httpx
import pytest

from tests.client import Shop

BIRTHDAY = {
    "to_name": "John Doe",
    "to_email": "johndoe@example.com",
    "from_name": "Jane Doe",
    "from_email": "janedoe@example.com",
    "amount": "10",
    "template": "birthday.html",
    "message": "Happy Birthday!",
    "code": "FFZ-5N4-C7M-S78",
    "purchase_date": "Mon, 19 Jan 2026 07:21:46 CST",
    "expiry_date": "Wed, 20 Jan 2038 08:45:38 CST",
    "customer_id": 5,
}


def v2(shop: Shop, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, f"/gift_certificates{path}", body, base="/stores/demo/v2", **options)


def codes(answer: httpx.Response) -> list[str]:
    return [certificate["code"] for certificate in answer.json()]


def test_a_certificate_is_created_and_shown_as_published(shop: Shop) -> None:
    made = v2(shop, "POST", body=BIRTHDAY)

    assert made.status_code == 201
    assert made.json() == BIRTHDAY | {
        "id": 3,
        "order_id": 0,
        "amount": "10.0000",
        "balance": "10.0000",
        "status": "active",
        "purchase_date": "1768828906",
        "expiry_date": "2147611538",
        "currency_code": "USD",
    }
    assert v2(shop, "GET", "/3").json() == made.json()


def test_without_a_code_it_gets_one_nobody_can_guess_and_a_long_one_is_cut(shop: Shop) -> None:
    unnamed = {name: value for name, value in BIRTHDAY.items() if name != "code"}

    first, second = (v2(shop, "POST", body=unnamed).json()["code"] for _ in range(2))

    assert first != second
    assert [len(part) for part in first.split("-")] == [4, 4, 4, 4]
    assert v2(shop, "POST", body=BIRTHDAY | {"code": "x" * 30}).json()["code"] == "x" * 20


def test_the_list_goes_by_id_and_can_be_filtered(shop: Shop) -> None:
    v2(shop, "POST", body=BIRTHDAY)
    birthday = BIRTHDAY["code"]

    assert codes(v2(shop, "GET")) == ["1234ABC", "5678DEF", birthday]
    assert codes(v2(shop, "GET", "?direction=desc&sort=id&limit=2")) == [birthday, "5678DEF"]
    assert codes(v2(shop, "GET", "?limit=2&page=2")) == [birthday]
    assert codes(v2(shop, "GET", "?min_id=2&max_id=2")) == ["5678DEF"]
    assert codes(v2(shop, "GET", "?code=1234abc")) == ["1234ABC"]
    assert codes(v2(shop, "GET", "?order_id=7")) == []
    for name in ("to_name", "to_email", "from_name", "from_email"):
        assert codes(v2(shop, "GET", f"?{name}={BIRTHDAY[name]}")) == [birthday]
    for query in ("sort=code", "direction=up", "limit=251", "min_id=none"):
        assert v2(shop, "GET", f"?{query}").status_code == 422


def test_a_change_leaves_what_it_does_not_name(shop: Shop) -> None:
    before = v2(shop, "GET", "/2").json()

    disabled = v2(shop, "PUT", "/2", {"status": "disabled", "id": 99, "order_id": 5}).json()
    topped_up = v2(shop, "PUT", "/2", {"status": "active", "balance": 25, "code": "5678xyz"}).json()

    assert disabled == before | {"status": "disabled"}
    assert topped_up == before | {"balance": "25.0000", "code": "5678xyz"}
    assert v2(shop, "PUT", "/2", before).json() == before  # as it was shown


def test_what_is_deleted_is_gone(shop: Shop) -> None:
    assert v2(shop, "DELETE", "/1").status_code == 204
    assert [v2(shop, method, "/1", {}).status_code for method in ("GET", "PUT", "DELETE")] == [404, 404, 404]
    assert v2(shop, "DELETE", "?id=2").status_code == 422
    assert codes(v2(shop, "GET")) == ["5678DEF"]
    assert v2(shop, "DELETE").status_code == 204
    assert codes(v2(shop, "GET")) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"code": "1234abc"}, 409),
        ({"amount": None}, 422),
        ({"amount": "0"}, 422),
        ({"amount": "ten"}, 422),
        ({"to_email": "nobody"}, 422),
        ({"status": "lost"}, 422),
        ({"template": "sad.html"}, 422),
        ({"message": "x" * 251}, 422),
        ({"currency_code": "XXX"}, 422),
        ({"expiry_date": "soon"}, 422),
        ({"expiry_date": "Fri, 31 Dec 9999 23:59:59 -1200"}, 422),
        ({"purchase_date": "99999999999999999999"}, 422),
    ],
)
def test_what_cannot_be_made(shop: Shop, fields: dict[str, Any], status: int) -> None:
    assert v2(shop, "POST", body=BIRTHDAY | fields).status_code == status
    assert codes(v2(shop, "GET")) == ["1234ABC", "5678DEF"]


def test_a_code_that_is_taken_is_refused_in_a_change_too(shop: Shop) -> None:
    assert v2(shop, "PUT", "/2", {"code": "1234abc", "balance": 7}).status_code == 409
    assert v2(shop, "GET", "/2").json()["balance"] == "4.0000"
    assert v2(shop, "PUT", "/1", {"code": "1234abc"}).json()["code"] == "1234abc"


def test_the_marketing_scope_is_needed(shop: Shop) -> None:
    assert v2(shop, "GET", token="demo-token-carts").status_code == 403
    assert v2(shop, "GET", token="demo-token-read-only").status_code == 200
    assert v2(shop, "POST", body=BIRTHDAY, token="demo-token-read-only").status_code == 403
