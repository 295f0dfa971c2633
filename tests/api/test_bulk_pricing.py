"""Bulk pricing rules, categories and custom fields of products through the Management API, and what carts make of them."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, item_ids
from tests.client import Shop

SPOONS = {"product_id": 170, "quantity": 1}
FROM_TWO = {"quantity_min": 2, "quantity_max": 4, "type": "percent", "amount": 10}
FROM_FIVE = {"quantity_min": 5, "quantity_max": 0, "type": "fixed", "amount": 19.95}


def rules(shop: Shop, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, f"/catalog/products/170/bulk-pricing-rules{path}", body, **options)


def prices(cart: dict[str, Any]) -> list[tuple[int, float, float]]:
    lines = cart["line_items"]["physical_items"]
    return [(line["quantity"], line["original_price"], line["list_price"]) for line in lines]


def test_rules_come_with_a_product_and_change_what_many_units_cost(shop: Shop) -> None:
    product = shop.management("PUT", "/catalog/products/170", {"bulk_pricing_rules": [FROM_TWO, FROM_FIVE]}).json()[
        "data"
    ]
    cart = a_cart(shop, SPOONS)
    path = f"/carts/{cart['id']}/items/{item_ids(cart)[0]}"

    seen = [
        prices(shop.management("PUT", path, {"line_item": {"quantity": quantity}}).json()["data"])[0]
        for quantity in (2, 5, 1)
    ]

    assert product["bulk_pricing_rules"] == [FROM_TWO | {"id": 1}, FROM_FIVE | {"id": 2}]
    assert seen == [(2, 25, 22.5), (5, 25, 19.95), (1, 25, 25)]


def test_rules_are_made_read_changed_and_deleted_one_by_one(shop: Shop) -> None:
    made = [rules(shop, "POST", body=body) for body in (FROM_FIVE, FROM_TWO)]
    changed = rules(shop, "PUT", "/2", {"quantity_min": 3})

    assert [answer.json()["data"] for answer in made] == [FROM_FIVE | {"id": 1}, FROM_TWO | {"id": 2}]
    assert changed.json()["data"] == FROM_TWO | {"id": 2, "quantity_min": 3}
    assert [rule["id"] for rule in rules(shop, "GET").json()["data"]] == [2, 1]
    assert rules(shop, "GET", "?limit=1").json()["meta"]["pagination"]["total"] == 2
    assert rules(shop, "GET", "/1").json()["data"] == FROM_FIVE | {"id": 1}
    assert [rules(shop, "DELETE", "/1").status_code for _ in "ab"] == [204, 404]
    assert [rules(shop, method, "/9", {} if method == "PUT" else None).status_code for method in ("GET", "PUT")] == [
        404,
        404,
    ]
    assert shop.management("GET", "/catalog/products/9/bulk-pricing-rules").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity_min": 4},
        {"quantity_min": 6, "quantity_max": 5},
        {"type": "half"},
        {"type": "percent", "amount": 101},
        {"amount": -1},
        {"amount": None},
        {"type": "fixed", "quantity_min": 1, "quantity_max": 2},
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(shop: Shop, wrong: dict[str, Any]) -> None:
    rules(shop, "POST", body=FROM_TWO)

    refused = rules(shop, "POST", body={"quantity_min": 5, "quantity_max": 9, "type": "price", "amount": 1} | wrong)

    assert refused.status_code == 422
    assert len(rules(shop, "GET").json()["data"]) == 1


def test_rules_need_the_scope_of_products(shop: Shop) -> None:
    assert rules(shop, "GET", token="demo-token-read-only").status_code == 200
    assert rules(shop, "POST", body=FROM_TWO, token="demo-token-read-only").status_code == 403


def test_categories_and_custom_fields_are_kept_and_coupons_look_at_categories(shop: Shop) -> None:
    fields = {"brand_id": 38, "categories": [7, 7, 9], "custom_fields": [{"name": "ISBN", "value": "0439538491"}]}
    product = shop.management("PUT", "/catalog/products/170", fields).json()["data"]
    coupon = {"name": "Sevens", "code": "SEVENS", "type": "percentage_discount", "amount": 10}
    coupon["applies_to"] = {"entity": "categories", "ids": [7]}
    made = shop.management("POST", "/coupons", coupon, base="/stores/demo/v2")
    cart = a_cart(shop, SPOONS, {"product_id": 158, "quantity": 1})

    applied = shop.management("POST", f"/checkouts/{cart['id']}/coupons", {"coupon_code": "SEVENS"}).json()["data"]

    assert {name: product[name] for name in fields} == fields | {"categories": [7, 9]}
    assert made.status_code == 201
    assert [line["coupon_amount"] for line in applied["cart"]["line_items"]["physical_items"]] == [2.5, 0]
