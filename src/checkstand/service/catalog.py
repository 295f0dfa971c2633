"""Products as a merchant's systems keep them. What a change does to a product is in `domain.catalog`."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from checkstand.domain import catalog
from checkstand.domain.catalog import Draft, ProductChange
from checkstand.domain.facts import Product
from checkstand.errors import NotFound, Taken
from checkstand.service.commands import Attempts
from checkstand.storage.port import UnitOfWork


class Stocked(Struct, frozen=True):
    """A product and what is counted of it: variant id -> location id -> units."""

    product: Product
    stock: dict[int, dict[int, int]]

    def pool(self, variant_id: int) -> int:
        """The units of a variant in the shop's own pool; 0 where none are counted."""
        return self.stock.get(variant_id, {}).get(0, 0)


async def find(
    unit: UnitOfWork, ids: Sequence[int] | None, name: str, sku: str, *, limit: int, offset: int
) -> tuple[list[Stocked], int]:
    """One page of the products that match, by id, and how many match in all."""
    products, count = await unit.catalog.page(ids, name, sku, limit, offset)
    counted = await unit.catalog.stock_of([variant.id for product in products for variant in product.variants])
    return [Stocked(product, _of(product, counted)) for product in products], count


async def read(unit: UnitOfWork, product_id: int) -> Stocked:
    return await _stocked(unit, await _product(unit, product_id))


async def create(unit: UnitOfWork, change: ProductChange) -> Stocked:
    """Raises what `domain.catalog.create` raises, and `Taken` for a name or SKU that another product has."""
    draft = catalog.create(change, (await unit.store()).currency)
    await _refuse_duplicates(unit, draft.product, before=None)
    draft = await _numbered(unit, draft)
    await unit.catalog.put(draft.product, draft.stock, new=True)
    return await _stocked(unit, draft.product)


async def update(unit: UnitOfWork, product_id: int, change: ProductChange) -> Stocked:
    """Raises `NotFound`, what `domain.catalog.change` raises, and `Taken` for a name or SKU that another product has."""
    return await edit(unit, product_id, lambda _: change)


async def edit(unit: UnitOfWork, product_id: int, change_of: Callable[[Product], ProductChange]) -> Stocked:
    """Like `update`, for a change that depends on what the product is. Raises what `change_of` raises, too."""
    currency = (await unit.store()).currency
    async for _ in Attempts():
        before = await read(unit, product_id)
        change = change_of(before.product)
        draft = catalog.change(before.product, change, currency, counted=before.stock.keys())
        await _refuse_duplicates(unit, draft.product, before=before.product)
        draft = await _numbered(unit, draft)
        if await unit.catalog.replace(before.product, draft.product, draft.stock):
            return await _stocked(unit, draft.product)
    raise AssertionError("attempts end by raising")


async def remove(unit: UnitOfWork, product_id: int) -> None:
    """Carts keep what they hold of it. Raises `NotFound`."""
    if not await unit.catalog.remove(product_id):
        raise _not_found(product_id)


async def remove_all(unit: UnitOfWork, product_ids: Sequence[int]) -> None:
    """Those of the products that are there."""
    for product_id in product_ids:
        await unit.catalog.remove(product_id)


async def _product(unit: UnitOfWork, product_id: int) -> Product:
    product = await unit.catalog.product(product_id)
    if product is None:
        raise _not_found(product_id)
    return product


def _not_found(product_id: int) -> NotFound:
    return NotFound(f"There is no product {product_id}.", code="product_not_found")


async def _stocked(unit: UnitOfWork, product: Product) -> Stocked:
    return Stocked(product, await unit.catalog.stock_of([variant.id for variant in product.variants]))


def _of(product: Product, counted: dict[int, dict[int, int]]) -> dict[int, dict[int, int]]:
    return {variant.id: counted[variant.id] for variant in product.variants if variant.id in counted}


async def _refuse_duplicates(unit: UnitOfWork, after: Product, before: Product | None) -> None:
    """A name and a SKU belong to one product. Only what is new is asked for: what was there before may stay."""
    if (before is None or after.name != before.name) and await unit.catalog.is_name_taken(after.name, after.id):
        raise Taken(f"There is another product named {after.name}.", details={"field": "name"})
    new = _skus(after) - (_skus(before) if before else set())
    found = await unit.catalog.products_with(new)
    taken = new & {sku for product in found.values() if product.id != after.id for sku in _skus(product)}
    if taken:
        raise Taken(f"The SKU {min(taken)} is that of another product.", details={"field": "sku"})


def _skus(product: Product) -> set[str]:
    return {product.sku, *(variant.sku for variant in product.variants)} - {""}


async def _numbered(unit: UnitOfWork, draft: Draft) -> Draft:
    by_sequence: dict[str, list[tuple[str, int]]] = {}
    for entry in catalog.provisional(draft.product):
        by_sequence.setdefault(entry[0], []).append(entry)
    numbers: dict[tuple[str, int], int] = {}
    for sequence, entries in by_sequence.items():
        numbers.update(zip(entries, await unit.next_numbers(sequence, len(entries)), strict=True))
    return catalog.numbered(draft, numbers)
