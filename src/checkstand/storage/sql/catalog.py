"""Products with their variants, stock, and customers."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from checkstand.domain.facts import Product
from checkstand.errors import Invalid, Taken
from checkstand.storage.port import Driver, NotUnique, Row, StockChange, Value
from checkstand.storage.sql.rows import body_of, encode, number_of, rows_of

_product = msgspec.json.Decoder(Product).decode


class SqlCatalog:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def product(self, product_id: int) -> Product | None:
        row = await self._driver.one("product_get", store_hash=self._store_hash, product_id=product_id)
        return _product(body_of(row)) if row else None

    async def products(self, product_ids: Collection[int]) -> dict[int, Product]:
        return _by_id(await rows_of(self._driver, self._store_hash, "product_get_some", product_ids))

    async def products_of(self, variant_ids: Collection[int]) -> dict[int, Product]:
        return _by_id(await rows_of(self._driver, self._store_hash, "product_of_variants", variant_ids))

    async def products_with(self, skus: Collection[str]) -> dict[int, Product]:
        return _by_id(await rows_of(self._driver, self._store_hash, "product_of_skus", skus))

    async def stock_of(self, variant_ids: Collection[int]) -> dict[int, dict[int, int]]:
        return _stock(await rows_of(self._driver, self._store_hash, "stock_get_some", variant_ids))

    async def counted_variants(self, location_id: int | None, limit: int, offset: int) -> tuple[list[int], int]:
        at: dict[str, Value] = {
            "store_hash": self._store_hash,
            "location_id": -1 if location_id is None else location_id,
        }
        rows = await self._driver.all("stock_counted", **at, limit=limit, offset=offset)
        count = await self._driver.one("stock_count_counted", **at)
        assert count is not None
        return [number_of(row, "variant_id") for row in rows], number_of(count, "variant_count")

    async def adjust_stock(self, changes: Sequence[StockChange]) -> None:
        async def work(transaction: Driver) -> None:
            for change in sorted(changes, key=lambda each: (each.variant_id, each.location_id)):  # as orders take it
                key: dict[str, Value] = {
                    "store_hash": self._store_hash,
                    "variant_id": change.variant_id,
                    "location_id": change.location_id,
                }
                if not change.is_relative:
                    await transaction.run("stock_set", **key, units=change.units)
                    continue
                await transaction.run("stock_begin", **key)
                if not await transaction.run("stock_move", **key, units=change.units):
                    raise Invalid.field(change.field, f"{change.units} would leave fewer than none")

        await self._driver.transaction(work)

    async def page(
        self, ids: Sequence[int] | None, name: str, sku: str, limit: int, offset: int
    ) -> tuple[list[Product], int]:
        """One page of the products that match, by id, and how many match in all."""
        if ids is not None:
            found = await self.products(ids)
            matching = [
                product
                for _, product in sorted(found.items())
                if (not name or product.name == name) and (not sku or _has_sku(product, sku))
            ]
            return matching[offset : offset + limit], len(matching)
        rows = await self._driver.all(
            "product_page", store_hash=self._store_hash, name=name, sku=sku, limit=limit, offset=offset
        )
        count = await self._driver.one("product_count", store_hash=self._store_hash, name=name, sku=sku)
        assert count is not None
        return [_product(body_of(row)) for row in rows], number_of(count, "product_count")

    async def page_with_customs(self, ids: Sequence[int] | None, limit: int, offset: int) -> tuple[list[Product], int]:
        if ids is not None:
            found = await self.products(ids)
            matching = [product for _, product in sorted(found.items()) if product.customs is not None]
            return matching[offset : offset + limit], len(matching)
        rows = await self._driver.all("product_page_customs", store_hash=self._store_hash, limit=limit, offset=offset)
        count = await self._driver.one("product_count_customs", store_hash=self._store_hash)
        assert count is not None
        return [_product(body_of(row)) for row in rows], number_of(count, "product_count")

    async def put(self, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        await self._driver.transaction(lambda transaction: self._put(transaction, product, stock, new=new))

    async def replace(self, before: Product, after: Product, stock: Mapping[int, int | None]) -> bool:
        async def work(transaction: Driver) -> bool:
            key = self._key(before.id)
            held = await transaction.run("product_hold", **key)
            row = await transaction.one("product_get", **key) if held else None
            if row is None or _product(body_of(row)) != before:
                return False
            await self._put(transaction, after, stock, new=False)
            return True

        return await self._driver.transaction(work)

    def _key(self, product_id: int) -> dict[str, Value]:
        return {"store_hash": self._store_hash, "product_id": product_id}

    async def _put(self, driver: Driver, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        key = self._key(product.id)
        values = columns_of(product)
        named = await driver.one("product_named", store_hash=self._store_hash, name=product.name)
        is_taken = named is not None and (new or named["product_id"] != product.id)
        try:
            is_put = not is_taken and await driver.run("product_insert" if new else "product_update", **key, **values)
        except NotUnique:
            is_put = False
        if not is_put:
            raise Taken(f"There is another product named {product.name}.", details={"field": "name"})
        await self._remove_variants(driver, product.id, kept={variant.id for variant in product.variants})
        for variant in product.variants:
            await driver.run("variant_insert", **key, variant_id=variant.id, sku=variant.sku)
        for variant_id, units in stock.items():
            await self._put_stock(driver, variant_id, {} if units is None else {0: units})

    async def _remove_variants(self, driver: Driver, product_id: int, *, kept: Collection[int]) -> None:
        """Remove the variants of a product, and what is counted of those that will not come back."""
        for row in await driver.all("variant_of_product", **self._key(product_id)):
            if (variant_id := number_of(row, "variant_id")) not in kept:
                await self._put_stock(driver, variant_id, {})
        await driver.run("variant_delete_of_product", **self._key(product_id))

    async def put_stock(self, variant_id: int, by_location: Mapping[int, int]) -> None:
        await self._put_stock(self._driver, variant_id, by_location)

    async def _put_stock(self, driver: Driver, variant_id: int, by_location: Mapping[int, int]) -> None:
        if not by_location:
            await driver.run("stock_delete", store_hash=self._store_hash, variant_id=variant_id)
        for location_id, units in by_location.items():
            await driver.run(
                "stock_set", store_hash=self._store_hash, variant_id=variant_id, location_id=location_id, units=units
            )

    async def remove_stock_at(self, location_ids: Sequence[int]) -> None:
        async def work(transaction: Driver) -> None:
            for location_id in sorted(location_ids):
                for statement in ("stock_count_in_pool", "stock_delete_at"):
                    await transaction.run(statement, store_hash=self._store_hash, location_id=location_id)

        await self._driver.transaction(work)

    async def remove(self, product_id: int) -> bool:
        async def work(transaction: Driver) -> bool:
            await self._remove_variants(transaction, product_id, kept=())
            return await transaction.run("product_delete", **self._key(product_id)) == 1

        return await self._driver.transaction(work)

    async def is_name_taken(self, name: str, by_other_than: int) -> bool:
        row = await self._driver.one("product_named", store_hash=self._store_hash, name=name)
        return row is not None and row["product_id"] != by_other_than

    async def all_stock(self) -> dict[int, dict[int, int]]:
        return _stock(await self._driver.all("stock_all", store_hash=self._store_hash))


def columns_of(product: Product) -> dict[str, Value]:
    """All but its key."""
    return {
        "name": product.name,
        "sku": product.sku,
        "has_customs": int(product.customs is not None),
        "body": encode(product),
    }


def _by_id(rows: Sequence[Row]) -> dict[int, Product]:
    products = (_product(body_of(row)) for row in rows)
    return {product.id: product for product in products}


def _stock(rows: Sequence[Row]) -> dict[int, dict[int, int]]:
    stock: dict[int, dict[int, int]] = {}
    for row in rows:
        stock.setdefault(number_of(row, "variant_id"), {})[number_of(row, "location_id")] = number_of(row, "units")
    return stock


def _has_sku(product: Product, sku: str) -> bool:
    return sku == product.sku or any(variant.sku == sku for variant in product.variants)
