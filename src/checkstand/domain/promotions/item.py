"""What promotions see of a cart: its lines as items, and what is left of them. Amounts are whole minor units of the cart's
currency: these are the loops that run for every line and every promotion.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field

from checkstand.domain.money import round_half_away


class Item(Struct, frozen=True, kw_only=True, gc=False):
    """A line of the cart. `price` is that of one unit, before any discount; `place` the consignment that holds it, and `country`
    where it goes. A custom item has no product: `product_id` 0.

    `is_counted`: whether conditions see it; `is_discountable`: whether product-level discounts may be taken off it.
    """

    line_id: str
    quantity: int
    price: int
    place: str = ""
    country: str = ""
    product_id: int = 0
    variant_id: int = 0
    brand_id: int = 0
    category_ids: tuple[int, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    custom_fields: tuple[tuple[str, str], ...] = ()
    is_shippable: bool = True
    is_on_sale: bool = False
    is_discountable: bool = True
    is_counted: bool = True


class Basket(Struct, frozen=True, gc=False):
    """The items, what all discounts before have left of each line, and how an amount of the store's currency is written in minor
    units of the cart's. `is_cumulative`: percentages are taken of what is left instead of the prices (D84)."""

    items: Sequence[Item]
    left: Mapping[str, int]
    minor: Callable[[Decimal], int]
    is_cumulative: bool = False
    found: dict[object, Sequence[Item]] = field(default_factory=dict)
    """By what was looked for among these items."""

    def worth(self, item: Item, units: int) -> int:
        """What so many units of a line are worth to a percentage."""
        if not self.is_cumulative:
            return item.price * units
        left = self.left[item.line_id]
        return left if units == item.quantity else round_half_away(left * units, item.quantity)


class Taking(Struct, frozen=True, gc=False):
    """What an action takes off one line, or off the shipping of one consignment."""

    target: str
    minor: int


def capped(takings: Sequence[Taking], most: int) -> list[Taking]:
    """The first of them, up to an amount in all."""
    kept = []
    for taking in takings:
        minor = min(taking.minor, most)
        most -= minor
        if minor:
            kept.append(taking if minor == taking.minor else Taking(taking.target, minor))
    return kept


def spread(minor: int, weights: Sequence[tuple[str, int]]) -> list[Taking]:
    """An amount over targets by their weights (D50), which are not all 0: floors, then one unit each to the largest remainders."""
    whole = sum([weight for _, weight in weights])
    parts = [divmod(minor * weight, whole) for _, weight in weights]
    short = minor - sum([floor for floor, _ in parts])
    more = set(sorted(range(len(parts)), key=lambda index: -parts[index][1])[:short]) if short else ()
    return [
        Taking(target, floor + (index in more))
        for index, ((target, _), (floor, _)) in enumerate(zip(weights, parts, strict=True))
        if floor or index in more
    ]
