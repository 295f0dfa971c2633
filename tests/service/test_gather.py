"""The facts of a checkout in few queries: what is asked for at once, and what is not asked at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.flows import a_cart
from tests.client import Shop

TWO_GIFTS: list[dict[str, Any]] = [
    {"action": {"gift_item": {"product_id": 174, "quantity": 1}}, "stop": False},
    {"action": {"gift_item": {"product_id": 158, "quantity": 1}}},
]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


@contextmanager
def asked(shop: Shop) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    names: list[str] = []
    driver: Any = shop.driver
    kept = {name: getattr(driver, name) for name in ("one", "all", "run")}

    def listening(ask: Any) -> Any:
        async def listened(statement: str, /, **values: Any) -> Any:
            names.append(statement)
            return await ask(statement, **values)

        return listened

    for name, ask in kept.items():
        setattr(driver, name, listening(ask))
    try:
        yield names
    finally:
        for name in kept:
            delattr(driver, name)


def about_goods(names: list[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(("product", "stock", "code", "certificate")))


def promote(shop: Shop, rules: list[dict[str, Any]], **fields: Any) -> Any:
    body = {"name": "Gifts", "redemption_type": "AUTOMATIC", "rules": rules, **fields}
    answer = shop.management("POST", "/promotions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


def test_gifts_are_looked_up_together_and_their_stock_with_them(shop: Shop) -> None:
    promote(shop, TWO_GIFTS)
    cart = a_cart(shop)

    with asked(shop) as names:
        shown = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]["cart"]

    assert [item["product_id"] for item in shown["line_items"]["physical_items"]] == [184, 174, 158]
    assert about_goods(names) == ["product_get_some", "stock_get_some"]


def test_gifts_nobody_can_get_are_not_looked_up(shop: Shop) -> None:
    promote(shop, [rule | {"condition": {"cart": {"minimum_spend": "500"}}} for rule in TWO_GIFTS])
    promote(shop, TWO_GIFTS, currency_code="EUR")
    promote(shop, TWO_GIFTS, redemption_type="COUPON", codes={"code": "GIFTS"})
    cart = a_cart(shop)

    with asked(shop) as names:
        shop.management("GET", f"/checkouts/{cart['id']}")

    assert about_goods(names) == []


def test_a_code_for_gifts_is_asked_for_with_what_it_gives(shop: Shop) -> None:
    promote(shop, TWO_GIFTS, redemption_type="COUPON", codes={"code": "GIFTS"})
    cart = a_cart(shop)

    applied = shop.management("POST", f"/checkouts/{cart['id']}/coupons", {"coupon_code": "GIFTS"})
    with asked(shop) as names:
        shown = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]["cart"]

    assert applied.status_code == 200, applied.text
    assert [item["product_id"] for item in shown["line_items"]["physical_items"]] == [184, 174, 158]
    assert about_goods(names) == ["code_get_some", "product_get_some", "stock_get_some"]


def test_all_certificates_of_a_checkout_are_asked_for_at_once(shop: Shop) -> None:
    shop.storefront("GET", "/carts")
    cart = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 158, "quantity": 1}]}).json()
    for code in ("1234ABC", "5678DEF"):
        shop.storefront("POST", f"/checkouts/{cart['id']}/gift-certificates", {"giftCertificateCode": code})

    with asked(shop) as names:
        shown = shop.storefront("GET", f"/checkouts/{cart['id']}").json()

    assert [each["code"] for each in shown["giftCertificates"]] == ["1234ABC", "5678DEF"]
    assert about_goods(names) == ["certificate_find_some"]


def test_more_keys_than_one_statement_takes_are_asked_for_in_several(shop: Shop) -> None:
    catalog = shop.storage.unit("demo").catalog
    ids = [*range(1000, 1040), 184, 170, 184]

    with asked(shop) as names:
        found = shop.run(catalog.products(ids))

    assert sorted(found) == [170, 184]
    assert names == ["product_get_some"] * 3
    assert shop.run(catalog.products([])) == {}
    assert sorted(shop.run(catalog.products_of([364, 365, 370, 9]))) == [184, 190]
    assert shop.run(catalog.stock_of([370, 364, 9])) == {364: {0: 1000}, 370: {0: 2}}
