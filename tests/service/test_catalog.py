"""Two who change one product, and what is counted of it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from checkstand.domain.catalog import ProductChange, VariantChange
from checkstand.errors import Taken
from checkstand.service import catalog
from checkstand.service.catalog import Stocked
from checkstand.storage.port import Driver, Row, Value
from checkstand.storage.sql import SqlUnit, Storage
from tests.client import Shop

T = TypeVar("T")


class TakingTurns:
    """A database that lets others go first before every statement outside a transaction, as one across a network does."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def one(self, name: str, /, **values: Value) -> Row | None:
        await asyncio.sleep(0)
        return await self._driver.one(name, **values)

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        await asyncio.sleep(0)
        return await self._driver.all(name, **values)

    async def run(self, name: str, /, **values: Value) -> int:
        await asyncio.sleep(0)
        return await self._driver.run(name, **values)

    async def transaction(self, work: Callable[[Driver], Awaitable[T]]) -> T:
        return await self._driver.transaction(work)


def taking_turns(shop: Shop) -> SqlUnit:
    return Storage(TakingTurns(shop.driver)).unit("demo")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


@pytest.fixture
def unit(shop: Shop) -> SqlUnit:
    return shop.storage.unit("demo")


def test_a_change_based_on_an_old_product_is_not_kept(shop: Shop, unit: SqlUnit) -> None:
    async def race() -> tuple[bool, bool, Any]:
        before = await unit.catalog.product(170)
        assert before is not None
        first = await unit.catalog.replace(before, replace(before, brand="First"), {})
        second = await unit.catalog.replace(before, replace(before, brand="Second"), {341: 1})
        return first, second, await catalog.read(unit, 170)

    first, second, after = shop.run(race())

    assert (first, second) == (True, False)
    assert (after.product.brand, after.stock) == ("First", {341: {0: 1000}})


def test_of_several_changes_at_once_all_are_kept(shop: Shop) -> None:
    changes = [
        ProductChange(brand="Other"),
        ProductChange(price=Decimal(30)),
        ProductChange(description="Shines"),
        ProductChange(variants=(VariantChange(id=341, inventory_level=7),)),
        ProductChange(tax_class_id=3),
    ]

    async def race() -> Stocked:
        await asyncio.gather(*(catalog.update(taking_turns(shop), 170, change) for change in changes))
        return await catalog.read(taking_turns(shop), 170)

    after = shop.run(race())

    product = after.product
    assert (product.brand, product.price.minor, product.description, product.tax_class_id) == (
        "Other",
        3000,
        "Shines",
        3,
    )
    assert after.stock == {341: {0: 7}}


def test_of_products_with_one_name_made_at_once_one_is_kept(shop: Shop) -> None:
    lamp = ProductChange(name="Lamp", type="digital", price=Decimal(1))

    async def race() -> list[Any]:
        makers = [catalog.create(taking_turns(shop), lamp) for _ in range(5)]
        return await asyncio.gather(*makers, return_exceptions=True)

    results = shop.run(race())

    assert sorted(type(result).__name__ for result in results) == ["Stocked", "Taken", "Taken", "Taken", "Taken"]


def test_the_database_itself_keeps_a_name_from_being_used_twice(shop: Shop, unit: SqlUnit) -> None:
    async def twice() -> None:
        spoons = await unit.catalog.product(170)
        assert spoons is not None
        await unit.catalog.put(replace(spoons, id=500, variants=()), {}, new=True)

    with pytest.raises(Taken):
        shop.run(twice())

    assert shop.run(unit.catalog.product(500)) is None


def test_units_in_the_shops_locations_are_not_touched_by_a_change_of_its_pool(shop: Shop, unit: SqlUnit) -> None:
    shop.run(unit.catalog.put_stock(364, {0: 5, 2: 8}))

    after = shop.run(catalog.update(unit, 184, ProductChange(variants=(VariantChange(id=364, inventory_level=6),))))

    assert after.stock == {364: {0: 6, 2: 8}, 365: {0: 1000}}
    assert after.pool(364) == 6
