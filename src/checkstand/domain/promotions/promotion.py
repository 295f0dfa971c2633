"""What every kind of promotion has in common. A promotion returns discount entries and never changes the cart."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import Discount


class Promotable(Struct, frozen=True):
    """A line of the cart as promotions see it. `extended` is its value before any discount."""

    line_id: str
    product_id: int
    variant_id: int
    quantity: int
    extended: Money


class Promotion(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """An automatic promotion of the store. `name` is what shoppers see."""

    id: int
    name: str
    enabled: bool = True

    def discounts(self, lines: Sequence[Promotable]) -> Iterable[Discount]:
        """The discounts this promotion gives; never below 0, never above what they discount."""
        raise AssertionError(f"{type(self).__name__} gives no discounts")
