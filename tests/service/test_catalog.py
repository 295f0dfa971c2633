"""Two who change one product, and what is counted of it meanwhile; how often the database is asked about many."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from checkstand.domain.catalog import OptionChoice, ProductChange, VariantChange
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


class Counting(TakingTurns):
    """How often each statement outside a transaction was run."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self.times: Counter[str] = Counter()

    async def one(self, name: str, /, **values: Value) -> Row | None:
        self.times[name] += 1
        return await super().one(name, **values)

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        self.times[name] += 1
        return await super().all(name, **values)


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


# ---------------------------------------------------------------------------------------------------- many at once


def in_sizes(count: int) -> ProductChange:
    """A lamp in as many sizes, each with a SKU of its own."""
    return ProductChange(
        name="Lamp",
        type="digital",
        price=Decimal(1),
        inventory_tracking="variant",
        variants=tuple(
            VariantChange(
                sku=f"LAMP-{number}",
                inventory_level=number,
                options=(OptionChoice(option="Size", label=f"{number}"),),
            )
            for number in range(count)
        ),
    )


def test_a_product_of_many_variants_is_made_with_few_questions(shop: Shop) -> None:
    counting = Counting(shop.driver)

    made = shop.run(catalog.create(Storage(counting).unit("demo"), in_sizes(48)))

    numbers = [variant.id for variant in made.product.variants]
    assert numbers == list(range(numbers[0], numbers[0] + 48))
    assert [made.pool(variant.id) for variant in made.product.variants] == list(range(48))
    assert counting.times["sequence_next"] == 4  # product, option, option values, variants
    assert counting.times["product_of_skus"] == 3  # sixteen at a time
    assert counting.times.total() < 20


def test_a_sku_of_another_products_variant_is_taken(shop: Shop, unit: SqlUnit) -> None:
    with pytest.raises(Taken, match="The SKU SMA-RED is that of another product"):
        shop.run(catalog.create(unit, ProductChange(name="Lamp", type="digital", price=Decimal(1), sku="SMA-RED")))


def test_a_page_of_products_is_read_with_few_questions(shop: Shop) -> None:
    counting = Counting(shop.driver)

    found, total = shop.run(catalog.find(Storage(counting).unit("demo"), None, "", "", limit=50, offset=0))

    assert len(found) == total > 5
    assert {variant.id: entry.pool(variant.id) for entry in found for variant in entry.product.variants}[345] == 1000
    assert counting.times["stock_get_some"] <= 2
