"""Stock of each variant at each location, `/inventory/items` and `/inventory/adjustments`."""

import asyncio
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from checkstand.service.shop import edit
from tests.client import BASE, Shop

ABSOLUTE, RELATIVE, ITEMS = "/inventory/adjustments/absolute", "/inventory/adjustments/relative", "/inventory/items"


def an_item(location_id: int, quantity: int, **which: Any) -> dict[str, Any]:
    return {"location_id": location_id, "quantity": quantity, **(which or {"variant_id": 370})}


def adjust(shop: Shop, path: str, *items: dict[str, Any]) -> httpx.Response:
    method = "PUT" if path == ABSOLUTE else "POST"
    return shop.management(method, path, {"reason": "counted", "items": list(items)})


def stock_of(shop: Shop, variant_id: int) -> Any:
    return shop.run(shop.storage.unit("demo").catalog.stock_of([variant_id]))[variant_id]


def test_units_are_counted_and_moved_at_each_location(shop: Shop) -> None:
    counted = adjust(shop, ABSOLUTE, an_item(2, 3), an_item(1, 7, sku="SPOONS"))
    moved = adjust(shop, RELATIVE, an_item(2, -2), an_item(2, 4, product_id=174))

    assert (counted.status_code, moved.status_code) == (200, 200)
    assert list(counted.json()) == ["transaction_id"]
    assert stock_of(shop, 370) == {0: 2, 2: 1}
    assert stock_of(shop, 341) == {0: 7}
    assert stock_of(shop, 345) == {0: 1000, 2: 4}


def test_what_the_first_location_has_is_what_the_shop_sends_from(shop: Shop) -> None:
    adjust(shop, ABSOLUTE, an_item(1, 5), an_item(2, 3))

    (lanterns,) = shop.management("GET", f"{ITEMS}?variant_id:in=370").json()["data"]
    product = shop.management("GET", "/catalog/products/190").json()["data"]

    assert lanterns["identity"] == {"sku": "LANTERN", "variant_id": 370, "product_id": 190}
    assert [
        (each["location_id"], each["location_name"], each["available_to_sell"]) for each in lanterns["locations"]
    ] == [
        (1, "Austin Store", 5),
        (2, "Dallas Store", 3),
    ]
    assert product["inventory_level"] == 5


def test_a_first_location_that_is_counted_apart_stays_so(shop: Shop) -> None:
    shop.run(shop.storage.unit("demo").catalog.put_stock(370, {0: 50, 1: 0}))

    adjust(shop, RELATIVE, an_item(1, 4))

    assert stock_of(shop, 370) == {0: 50, 1: 4}


@pytest.mark.parametrize(
    ("counted", "at_all", "at_first"),
    [
        ({0: 5, 2: 3}, {1: 5, 2: 3}, 5),
        ({2: 3}, {1: 0, 2: 3}, 0),  # nothing to send from
        ({0: 50, 1: 4}, {1: 4}, 4),
        ({1: 4}, {1: 4}, 4),
    ],
)
def test_the_first_location_is_listed_alike_with_all_and_by_itself(
    shop: Shop, counted: dict[int, int], at_all: dict[int, int], at_first: int
) -> None:
    catalog = shop.storage.unit("demo").catalog
    shop.run(catalog.put_stock(370, {}))
    shop.run(catalog.put_stock(370, counted))

    def found(path: str) -> list[Any]:
        data = shop.management("GET", path).json()["data"]
        return [each for each in data if each["identity"]["variant_id"] == 370]

    for query in ("", "?variant_id:in=370"):
        (lanterns,) = found(ITEMS + query)
        (there,) = found(f"/inventory/locations/1/items{query}")
        assert {each["location_id"]: each["available_to_sell"] for each in lanterns["locations"]} == at_all
        assert there["available_to_sell"] == there["total_inventory_onhand"] == at_first


def test_a_shop_that_names_no_locations_has_the_first_one(shop: Shop) -> None:
    shop.run(edit(shop.storage.unit("demo"), lambda store: replace(store, locations=(), pickup_methods=())))
    adjust(shop, ABSOLUTE, an_item(1, 5))

    (lanterns,) = shop.management("GET", f"{ITEMS}?variant_id:in=370").json()["data"]
    there = shop.management("GET", "/inventory/locations/1/items?variant_id:in=370")

    assert [(each["location_id"], each["available_to_sell"]) for each in lanterns["locations"]] == [(1, 5)]
    assert (there.status_code, [each["available_to_sell"] for each in there.json()["data"]]) == (200, [5])


def test_items_are_listed_in_pages_by_variant_product_sku_and_location(shop: Shop) -> None:
    adjust(shop, ABSOLUTE, an_item(2, 3), an_item(2, 4, sku="SMA-RED"))

    def variants(path: str) -> list[int]:
        answer = shop.management("GET", path)
        assert answer.status_code == 200, answer.text
        return [entry["identity"]["variant_id"] for entry in answer.json()["data"]]

    assert variants(f"{ITEMS}?limit=3&page=2") == [364, 365, 370]
    assert variants(f"{ITEMS}?product_id:in=184&sku:in=LANTERN") == [364, 365, 370]
    assert variants("/inventory/locations/2/items") == [364, 370]
    assert len(variants("/inventory/locations/1/items")) == 7
    assert shop.management("GET", "/inventory/locations/9/items").status_code == 404


@pytest.mark.parametrize(
    ("path", "item", "field"),
    [
        (ABSOLUTE, an_item(9, 1), "items.1.location_id"),
        (ABSOLUTE, an_item(2, 1, variant_id=999), "items.1.variant_id"),
        (ABSOLUTE, an_item(2, 1, product_id=184), "items.1.product_id"),
        (ABSOLUTE, an_item(2, 1, sku="NOBODY"), "items.1.sku"),
        (ABSOLUTE, an_item(2, 1, sku="LANTERN", variant_id=370), "items.1"),
        (ABSOLUTE, {"location_id": 2, "quantity": 1}, "items.1"),
        (ABSOLUTE, an_item(2, -1), "items.1.quantity"),
        (RELATIVE, an_item(1, -3), "items.1.quantity"),
    ],
)
def test_a_batch_with_something_wrong_leaves_nothing_behind(
    shop: Shop, path: str, item: dict[str, Any], field: str
) -> None:
    refused = adjust(shop, path, an_item(2, 3), item)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert stock_of(shop, 370) == {0: 2}


def test_what_is_not_counted_has_no_stock_to_adjust(shop: Shop) -> None:
    shop.management("PUT", "/catalog/products/190", {"inventory_tracking": "none"})

    refused = adjust(shop, ABSOLUTE, an_item(1, 3))

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["items.0"])


def test_of_many_that_take_the_last_units_none_takes_more_than_there_are(shop: Shop) -> None:
    async def all_at_once() -> list[int]:
        async with shop.new_browser() as client:
            body = {"items": [an_item(1, -1)]}
            headers = {"X-Auth-Token": "demo-token"}
            answers = [client.post(BASE + RELATIVE, json=body, headers=headers) for _ in range(5)]
            return [answer.status_code for answer in await asyncio.gather(*answers)]

    assert sorted(shop.run(all_at_once())) == [200, 200, 422, 422, 422]
    assert stock_of(shop, 370) == {0: 0}
