"""What there is of the goods in a cart: where each line is taken from, whether that is enough, how much of it. Pure.

What is collected comes from its own location where that counts stock, everything else from the shop's pool (location 0). A
variant that is not counted never runs out. Nothing is reserved: stock is taken with the order (D64).
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from checkstand.domain.checkout import Checkout, LineItem, PickupChoice
from checkstand.domain.facts import DEFAULT_LOCATION, Facts
from checkstand.errors import OutOfStock, OverStock

Stock = Mapping[tuple[int, int], int]
"""(variant id, location id) -> units."""

Places = Mapping[str, int]
"""Consignment id -> location id."""

POOL = 0


def entry_of(location_id: int, counted: Mapping[int, int]) -> int:
    """Under which location its units are counted: the shop sends from its first one, so what that has is the pool, unless the
    shop counts it apart."""
    return POOL if location_id == DEFAULT_LOCATION and location_id not in counted else location_id


class StockPosition(Struct, frozen=True):
    """Of the units of a line: how many are there, and how many are not."""

    on_hand: int
    out_of_stock: int


NOWHERE: Places = {}


def taken(checkout: Checkout, facts: Facts, places: Places = NOWHERE) -> dict[tuple[int, int], int]:
    """(variant id, location id) -> units that an order takes, in sorted order. `places`: where an order was to be collected when
    it was placed, by consignment."""
    wanted: dict[tuple[int, int], int] = {}
    for line, source in _sources(checkout, facts, places):
        wanted[source] = wanted.get(source, 0) + line.quantity
    return dict(sorted(wanted.items()))


def positions(checkout: Checkout, facts: Facts) -> dict[str, StockPosition]:
    """By line id, of all lines. Where two lines take from the same units, the earlier one in the cart has them first. A cart
    that has become an order has what it ordered."""
    short: dict[str, int] = {}
    left: dict[tuple[int, int], int] = {}
    for line, source in () if checkout.converted else _sources(checkout, facts):
        variant_id, location_id = source
        there_are = left.get(source, facts.stock[variant_id].get(location_id, 0))
        short[line.id] = max(line.quantity - there_are, 0)
        left[source] = max(there_are - line.quantity, 0)
    return {
        line.id: StockPosition(line.quantity - short.get(line.id, 0), short.get(line.id, 0)) for line in checkout.lines
    }


def check(checkout: Checkout, facts: Facts, places: Places = NOWHERE) -> None:
    """Raises `OutOfStock` for an order of more than there is, naming the goods, and the place where they were to be collected."""
    for (variant_id, location_id), units in taken(checkout, facts, places).items():
        there_are = facts.stock[variant_id].get(location_id, 0)
        if there_are < units:
            location = facts.store.location(location_id) if location_id != POOL else None
            where = f" at {location.label}" if location else ""
            raise out_of_stock(checkout, variant_id, units, f"Only {there_are}", where)


def out_of_stock(checkout: Checkout, variant_id: int, units: int, left: str, where: str = "") -> OutOfStock:
    """The refusal of an order, with the ids of the physical lines that are short."""
    lines = [line for line in checkout.lines if line.variant_id == variant_id]
    return OutOfStock(
        f"{left} of {lines[0].name} left{where}, the order needs {units}.",
        details={"variant_id": variant_id, "line_item_ids": [line.id for line in lines if line.is_shippable]},
    )


def available(variant_id: int, facts: Facts) -> int | None:
    """Units in the pool and at all locations together; None: it is not counted."""
    counted = facts.stock.get(variant_id)
    return None if counted is None else sum(counted.values())


def check_cart(before: Checkout, after: Checkout, facts: Facts) -> None:
    """Raises `OverStock` for more units in a cart than there are, in the pool and at all locations together. Less than before is
    never refused, nor is what stays as it was."""
    had = _units(before.lines)
    for variant_id, units in _units(after.lines).items():
        there_are = available(variant_id, facts)
        if there_are is not None and units > max(there_are, had.get(variant_id, 0)):
            name = next(line.name for line in after.lines if line.variant_id == variant_id)
            raise OverStock(
                f"Only {there_are} of {name} left, the cart would hold {units}."
                if there_are
                else f"{name} is out of stock.",
                details={"variant_id": variant_id},
            )


def _units(lines: Iterable[LineItem]) -> dict[int, int]:
    units: dict[int, int] = {}
    for line in lines:
        if line.variant_id:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _sources(checkout: Checkout, facts: Facts, places: Places = NOWHERE) -> Iterable[tuple[LineItem, tuple[int, int]]]:
    """Lines of goods that are counted, and which variant at which location they are taken from."""
    location_of: dict[str, int] = {}
    for consignment in checkout.consignments:
        if isinstance(consignment.selected, PickupChoice):
            method = facts.store.pickup_method(consignment.selected.pickup_method_id)
            place = places.get(consignment.id, method.location_id if method else POOL)
            location_of.update(dict.fromkeys(consignment.line_item_ids, place))
    for line in checkout.lines:
        counted = facts.stock.get(line.variant_id)
        if line.variant_id and counted is not None:
            location_id = location_of.get(line.id, POOL)
            yield line, (line.variant_id, location_id if location_id in counted else POOL)
