"""Customer groups, `/v2/customer_groups`, and what their customers are asked."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart
from tests.client import Shop

RULES = [
    {"type": "all", "method": "percent", "amount": "10.0000"},
    {"type": "category", "method": "price", "amount": "1.0000", "category_id": 24},
    {"type": "product", "method": "fixed", "amount": "20.0000", "product_id": 170},
]
SPOONS, JAR = {"product_id": 170, "quantity": 1}, {"product_id": 174, "quantity": 1}


def v2(shop: Shop, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, f"/customer_groups{path}", body, base="/stores/demo/v2", **options)


def prices(cart: dict[str, Any]) -> list[tuple[float, float]]:
    return [(line["original_price"], line["list_price"]) for line in cart["line_items"]["physical_items"]]


def test_a_group_is_made_shown_changed_and_deleted(shop: Shop) -> None:
    made = v2(shop, "POST", body={"name": "Friends", "discount_rules": RULES})
    changed = v2(shop, "PUT", "/2", {"name": "Family"})

    shown = {
        "id": 2,
        "name": "Friends",
        "is_default": False,
        "category_access": {"type": "all"},
        "discount_rules": RULES,
        "is_group_for_guests": False,
    }
    assert (made.status_code, made.json()) == (200, shown)
    assert changed.json() == v2(shop, "GET", "/2").json() == shown | {"name": "Family"}
    assert [group["name"] for group in v2(shop, "GET").json()] == ["Wholesale customers", "Family"]
    assert [group["id"] for group in v2(shop, "GET", "?name=Family&limit=1").json()] == [2]
    assert v2(shop, "GET", "/count").json() == {"count": 2}
    assert [v2(shop, "DELETE", "/2").status_code for _ in "ab"] == [204, 404]
    assert v2(shop, "DELETE", "?name=Wholesale").status_code == 422  # would delete all of them
    assert len(v2(shop, "GET").json()) == 1
    assert (v2(shop, "DELETE").status_code, v2(shop, "GET").json()) == (204, [])


def test_the_customers_of_a_group_are_asked_its_prices_from_when_the_cart_is_theirs(shop: Shop) -> None:
    v2(shop, "PUT", "/1", {"discount_rules": RULES})
    cart = a_cart(shop, SPOONS, JAR)
    path = f"/carts/{cart['id']}"

    janes = shop.management("PUT", path, {"customer_id": 11}).json()["data"]
    nobodys = shop.management("PUT", path, {"customer_id": 0}).json()["data"]

    assert prices(cart) == prices(nobodys) == [(25, 25), (7.95, 7.95)]
    assert prices(janes) == [(25, 20), (7.95, 7.15)]  # 0.795 off are 0.80
    assert prices(a_cart(shop, SPOONS, JAR, customer_id=11)) == [(25, 20), (7.95, 7.15)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": "Wholesale customers"}, 409),
        ({"name": "New", "discount_rules": [{"type": "all", "method": "percent"}]}, 422),
        ({"name": "New", "discount_rules": [{"type": "all", "amount": 1}]}, 422),
        ({"name": "New", "discount_rules": [{"type": "category", "method": "price", "amount": 1}]}, 422),
        ({"name": "New", "discount_rules": [{"type": "price_list", "price_list_id": 3}]}, 501),
        ({"name": "New", "is_default": True}, 501),
        ({"name": "New", "is_group_for_guests": True}, 501),
        ({"name": "New", "category_access": {"type": "none"}}, 501),
    ],
)
def test_what_cannot_be_is_refused_and_not_kept(shop: Shop, body: dict[str, Any], status: int) -> None:
    assert v2(shop, "POST", body=body).status_code == status
    assert v2(shop, "GET", "/count").json() == {"count": 1}
    assert v2(shop, "POST", body={"name": "Next"}).json()["id"] == 2


def test_groups_need_the_scope_of_customers(shop: Shop) -> None:
    assert v2(shop, "GET", token="demo-token-read-only").status_code == 200
    assert v2(shop, "POST", body={"name": "New"}, token="demo-token-read-only").status_code == 403
    assert v2(shop, "GET", token="demo-token-carts").status_code == 403
