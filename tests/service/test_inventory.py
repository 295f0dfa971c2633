"""Setting stock right, item by item in one request, without asking the database about each."""

from collections.abc import Iterator
from typing import Any

import pytest

from checkstand.errors import Invalid
from checkstand.service import inventory
from checkstand.service.inventory import Adjustment
from checkstand.storage.sql import Storage
from tests.client import Shop
from tests.service.test_catalog import Counting


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


def test_many_items_named_in_any_way_are_looked_up_together(shop: Shop) -> None:
    counting = Counting(shop.driver)
    ways: list[dict[str, Any]] = [{"variant_id": 370}, {"product_id": 174}, {"sku": "SPOONS"}, {"sku": "SMA-RED"}]
    items = [Adjustment(location_id=2, quantity=1, **which) for which in ways * 10]

    shop.run(inventory.adjust(Storage(counting).unit("demo"), items, "relative"))

    stock = shop.run(shop.storage.unit("demo").catalog.stock_of([370, 345, 341, 364]))
    assert {variant_id: units[2] for variant_id, units in stock.items()} == {370: 10, 345: 10, 341: 10, 364: 10}
    assert counting.times["product_of_variants"] == 1
    assert counting.times["product_get_some"] == 1
    assert counting.times["product_of_skus"] == 1
    assert counting.times["product_get"] == counting.times["product_page"] == 0


def test_the_first_of_several_that_are_not_there_is_named(shop: Shop) -> None:
    ways: list[dict[str, Any]] = [{"sku": "NO"}, {"variant_id": 9}]
    items = [Adjustment(location_id=2, quantity=1, **which) for which in ways]

    with pytest.raises(Invalid) as refused:
        shop.run(inventory.adjust(shop.storage.unit("demo"), items, "absolute"))

    assert refused.value.fields == {"items.0.sku": "NO is not there"}


def test_variants_with_skus_are_looked_up_together(shop: Shop) -> None:
    counting = Counting(shop.driver)
    wanted = inventory.variants_of(Storage(counting).unit("demo"), [], ["LANTERN", "SMA-RED", "NO"])

    assert shop.run(wanted) == {364, 370}
    assert (counting.times["product_of_skus"], counting.times["product_page"]) == (1, 0)
