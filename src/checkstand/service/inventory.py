"""What there is of each variant at each location: reading it, and setting it right. A batch is kept whole or not at all."""

from collections.abc import Collection, Sequence
from typing import Literal

from msgspec import Struct

from checkstand.domain import stock
from checkstand.domain.facts import DEFAULT_LOCATION, Product, Store, Variant
from checkstand.errors import Invalid
from checkstand.storage.port import StockChange, UnitOfWork


class Adjustment(Struct, frozen=True, kw_only=True):
    """Of one variant, named in one of three ways; a product is named where it has one variant only."""

    location_id: int
    quantity: int
    variant_id: int | None = None
    product_id: int | None = None
    sku: str | None = None


class Inventory(Struct, frozen=True):
    """`units`: location id -> units. Location 1 is always there: it has what the shop sends from, unless that is counted apart."""

    product: Product
    variant: Variant
    units: dict[int, int]


async def adjust(unit: UnitOfWork, adjustments: Sequence[Adjustment], kind: Literal["absolute", "relative"]) -> None:
    """Raises `Invalid` for what is not there or not counted, and for less than nothing."""
    places = places_of(await unit.store())
    variant_ids = await _variant_ids(unit, adjustments)
    counted = await unit.catalog.stock_of(variant_ids)
    changes = []
    for index, (entry, variant_id) in enumerate(zip(adjustments, variant_ids, strict=True)):
        if entry.location_id not in places:
            raise Invalid.field(f"items.{index}.location_id", f"{entry.location_id} is not a location of this store")
        if variant_id not in counted:
            raise Invalid.field(
                f"items.{index}", f"variant {variant_id} is not counted: its product tracks no inventory"
            )
        location_id = stock.entry_of(entry.location_id, counted[variant_id])
        changes.append(
            StockChange(
                field=f"items.{index}.quantity",
                variant_id=variant_id,
                location_id=location_id,
                units=entry.quantity,
                is_relative=kind == "relative",
            )
        )
    await unit.catalog.adjust_stock(changes)


def places_of(store: Store) -> set[int]:
    """Where stock may be counted: the store's locations, and the first one also where none are named."""
    return {location.id for location in store.locations} | {DEFAULT_LOCATION}


async def _variant_ids(unit: UnitOfWork, adjustments: Sequence[Adjustment]) -> list[int]:
    """Raises `Invalid` for the first that names none."""
    products = await unit.catalog.products([each.product_id for each in adjustments if each.product_id is not None])
    having = await unit.catalog.products_of([each.variant_id for each in adjustments if each.variant_id is not None])
    variants = {variant.id: variant for product in having.values() for variant in product.variants}
    with_sku = await _variants_with(unit, {each.sku for each in adjustments if each.sku})
    variant_ids = []
    for index, entry in enumerate(adjustments):
        named = [name for name in ("variant_id", "product_id", "sku") if getattr(entry, name) is not None]
        if len(named) != 1:
            raise Invalid.field(f"items.{index}", "must name its item by one of variant_id, product_id and sku")
        found: Sequence[Variant] = ()
        if entry.variant_id is not None:
            found = [variants[entry.variant_id]] if entry.variant_id in variants else ()
        elif entry.product_id is not None:
            found = products[entry.product_id].variants if entry.product_id in products else ()
        elif entry.sku is not None:
            found = with_sku.get(entry.sku, ())
        if len(found) != 1:
            what = "has several variants" if found else "is not there"
            raise Invalid.field(f"items.{index}.{named[0]}", f"{getattr(entry, named[0])} {what}")
        variant_ids.append(found[0].id)
    return variant_ids


async def _variants_with(unit: UnitOfWork, skus: Collection[str]) -> dict[str, Sequence[Variant]]:
    """SKU -> the variants that have it, or all of the product that has; those that nothing has are left out. Where several products
    have one, the first of them counts."""
    found: dict[str, Sequence[Variant]] = {}
    wanted = set(skus)
    for _, product in sorted((await unit.catalog.products_with(skus)).items()):
        for sku in {product.sku, *(variant.sku for variant in product.variants)} & wanted:
            own = [variant for variant in product.variants if variant.sku == sku]
            found.setdefault(sku, own or product.variants)
    return found


async def page(
    unit: UnitOfWork, variant_ids: Collection[int] | None, location_id: int | None, limit: int, offset: int
) -> tuple[list[Inventory], int]:
    """One page of what is counted, by variant, and how much there is in all; `variant_ids` and `location_id`: of these only."""
    if variant_ids is None:
        apart = None if location_id == DEFAULT_LOCATION else location_id
        ids, total = await unit.catalog.counted_variants(apart, limit, offset)
        counted = await unit.catalog.stock_of(ids)
    else:
        counted = await unit.catalog.stock_of(variant_ids)
        matching = [each for each in sorted(counted) if location_id is None or location_id in _units(counted[each])]
        ids, total = matching[offset : offset + limit], len(matching)
    products = await unit.catalog.products_of(ids)
    variants = {each.id: (product, each) for product in products.values() for each in product.variants}
    return [Inventory(*variants[each], _units(counted[each])) for each in ids if each in variants], total


async def variants_of(unit: UnitOfWork, product_ids: Collection[int], skus: Collection[str]) -> set[int]:
    """The variants of these products, and those with one of these SKUs."""
    found = {each.id for product in (await unit.catalog.products(product_ids)).values() for each in product.variants}
    for variants in (await _variants_with(unit, skus)).values():
        found |= {variant.id for variant in variants}
    return found


def _units(counted: dict[int, int]) -> dict[int, int]:
    """As they are shown: the pool is that of location 1, which is always there."""
    apart = {location_id: units for location_id, units in counted.items() if location_id != stock.POOL}
    apart.setdefault(DEFAULT_LOCATION, counted.get(stock.POOL, 0))
    return dict(sorted(apart.items()))
