"""Coupons of the store, `/v2/coupons`, as published (BEHAVIOUR D78)."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, ready_checkout
from tests.client import Shop

AUSTRALIA = {
    "name": "Australia Customers Discount",
    "type": "per_item_discount",
    "amount": "5",
    "min_purchase": "25",
    "expires": "",
    "enabled": True,
    "code": "E3JC79S0I",
    "applies_to": {"entity": "categories", "ids": [0]},
    "max_uses": 25,
    "max_uses_per_customer": 0,
    "restricted_to": {"countries": "AU"},
    "shipping_methods": [],
}


def v2(shop: Shop, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, f"/coupons{path}", body, base="/stores/demo/v2", **options)


def codes(answer: httpx.Response) -> list[str]:
    return [coupon["code"] for coupon in answer.json()]


def test_a_coupon_is_created_and_shown_as_published(shop: Shop) -> None:
    made = v2(shop, "POST", body=AUSTRALIA)

    assert made.status_code == 201
    shown = made.json()
    assert shown.pop("date_created").endswith(" +0000")
    assert shown == AUSTRALIA | {"id": 7, "amount": "5.0000", "min_purchase": "25.0000", "num_uses": 0}
    assert v2(shop, "GET", "?id=7").json()[0]["code"] == "E3JC79S0I"
    assert v2(shop, "GET", "/count").json() == {"count": 7}


def test_the_list_goes_by_id_and_can_be_filtered(shop: Shop) -> None:
    every = ["S2549JM0Y", "SHOP20", "FREESHIP", "SHIP5", "MIN100", "OLD"]

    assert codes(v2(shop, "GET")) == every
    assert codes(v2(shop, "GET", "?min_id=2&max_id=5&limit=2&page=2")) == ["SHIP5", "MIN100"]
    assert codes(v2(shop, "GET", "?code=shop20")) == ["SHOP20"]
    assert codes(v2(shop, "GET", "?name=Free shipping")) == ["FREESHIP"]
    assert codes(v2(shop, "GET", "?type=per_total_discount")) == ["S2549JM0Y", "MIN100", "OLD"]
    assert codes(v2(shop, "GET", "?exclude_type=per_total_discount")) == ["SHOP20", "FREESHIP", "SHIP5"]
    assert v2(shop, "GET", "?min_id=none").status_code == 422
    assert v2(shop, "GET").json()[5]["expires"] == "Wed, 01 Jan 2020 00:00:00 +0000"


def test_a_change_leaves_what_it_does_not_name_but_for_the_goods(shop: Shop) -> None:
    number = v2(shop, "POST", body=AUSTRALIA).json()["id"]

    cleared = v2(shop, "PUT", f"/{number}", {"amount": 7.5, "expires": "Tue, 13 Mar 2029 16:18:59 +0000"}).json()
    restored = v2(shop, "PUT", f"/{number}", {"applies_to": {"entity": "products", "ids": [170]}, "restricted_to": []})

    assert (cleared["amount"], cleared["expires"]) == ("7.5000", "Tue, 13 Mar 2029 16:18:59 +0000")
    assert (cleared["code"], cleared["applies_to"]["ids"]) == ("E3JC79S0I", [])
    assert restored.json()["applies_to"] == {"entity": "products", "ids": [170]}
    assert restored.json()["restricted_to"] == {}
    assert restored.json()["amount"] == "7.5000"


def test_a_change_is_felt_at_once(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 1})
    path = f"/checkouts/{cart['id']}"
    shop.management("POST", f"{path}/coupons", {"coupon_code": "SHOP20"})

    v2(shop, "PUT", "/2", {"type": "per_item_discount", "amount": "1", "applies_to": {"ids": [0]}})
    changed = shop.management("GET", path).json()["data"]["grand_total"]
    v2(shop, "PUT", "/2", {"enabled": False, "applies_to": {"ids": [0]}})

    assert changed == 24
    assert shop.management("GET", path).json()["data"]["grand_total"] == 25


def test_coupons_are_deleted_one_several_or_all(shop: Shop) -> None:
    assert v2(shop, "DELETE", "/1").status_code == 204
    assert v2(shop, "DELETE", "/1").status_code == 404
    assert v2(shop, "DELETE", "?id:in=2,3").status_code == 204
    assert codes(v2(shop, "GET")) == ["SHIP5", "MIN100", "OLD"]
    assert v2(shop, "DELETE", "?ids=4").status_code == 422
    assert v2(shop, "DELETE").status_code == 204
    assert v2(shop, "GET").json() == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"code": "a%b"}, 422),
        ({"code": "x" * 51}, 422),
        ({"name": " "}, 422),
        ({"amount": "-1"}, 422),
        ({"amount": "1.005"}, 422),
        ({"type": "percentage_discount", "amount": "101"}, 422),
        ({"type": "gift"}, 422),
        ({"expires": "tomorrow"}, 422),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 -1200"}, 422),
        ({"expires": "Mon, 99999999999999999999 Oct 2012 03:24:40 +0000"}, 422),
        ({"restricted_to": {"countries": "XX"}}, 422),
        ({"restricted_to": {"countries": [""]}}, 422),
        ({"restricted_to": {"countries": "AU,"}}, 422),
        ({"amount": "9999999999"}, 422),
        ({"max_uses": -1}, 422),
        ({"code": "shop20"}, 409),
        ({"name": "20% Off"}, 409),
        ({"type": "promotion"}, 422),
        ({"shipping_methods": ["shipping_endicia"]}, 501),
        ({"restricted_to": {"zips": "78751"}}, 501),
    ],
)
def test_what_cannot_be_is_refused_and_not_kept(shop: Shop, fields: dict[str, Any], status: int) -> None:
    assert v2(shop, "POST", body=AUSTRALIA | fields).status_code == status
    assert v2(shop, "GET", "/count").json() == {"count": 6}
    assert len(codes(v2(shop, "GET"))) == 6


def test_what_is_required_is_required(shop: Shop) -> None:
    for field in ("name", "code", "type", "amount", "applies_to"):
        answer = v2(shop, "POST", body={name: value for name, value in AUSTRALIA.items() if name != field})
        assert (answer.status_code, answer.json()["errors"]) == (422, {field: "is required"})


def test_the_uses_of_a_coupon_are_shown(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    shop.management("POST", f"/checkouts/{checkout_id}/coupons", {"coupon_code": "SHOP20"})
    shop.management("POST", f"/checkouts/{checkout_id}/orders")

    assert [coupon["num_uses"] for coupon in v2(shop, "GET").json()] == [0, 1, 0, 0, 0, 0]


def test_coupons_need_the_scope_of_marketing(shop: Shop) -> None:
    assert v2(shop, "GET", token="demo-token-carts").status_code == 403
    assert v2(shop, "GET", token="demo-token-read-only").status_code == 200
    assert v2(shop, "DELETE", token="demo-token-read-only").status_code == 403


def test_spaces_around_a_code_are_no_part_of_it(shop: Shop) -> None:
    v2(shop, "POST", body=AUSTRALIA | {"code": " HOLIDAY ", "restricted_to": {}, "min_purchase": "0"})
    cart = a_cart(shop)["id"]

    again = v2(shop, "POST", body=AUSTRALIA | {"code": "holiday", "name": "Another one"})
    applied = shop.management("POST", f"/checkouts/{cart}/coupons", {"coupon_code": "HOLIDAY"})

    assert codes(v2(shop, "GET", "?code=holiday")) == ["HOLIDAY"]
    assert again.status_code == 409
    assert [coupon["discounted_amount"] for coupon in applied.json()["data"]["coupons"]] == [10]
    assert shop.management("DELETE", f"/checkouts/{cart}/coupons/holiday").status_code == 200
