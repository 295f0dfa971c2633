"""What every kind of action has in common. An action says what it takes off, or what it gives, and never changes the cart."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import ClassVar, Literal, final

from msgspec import Struct

from checkstand.domain.money import round_half_away
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.item import Basket, Taking

Strategy = Literal["LEAST_EXPENSIVE", "LEAST_EXPENSIVE_ONLY", "MOST_EXPENSIVE", "MOST_EXPENSIVE_ONLY"]


@final
class Percentage(Struct, frozen=True, tag_field="kind", tag="percentage"):
    percent: Decimal


class Amount(Struct, frozen=True, tag_field="kind", tag="amount"):
    """In the store's own currency."""

    amount: Decimal


AnyReduction = Percentage | Amount


def part(minor: int, percent: Decimal) -> int:
    """So many per cent of an amount, rounded once (D49)."""
    numerator, denominator = percent.as_integer_ratio()
    return round_half_away(minor * numerator, denominator * 100)


class Shipment(Struct, frozen=True):
    """What is left of the cost of shipping one consignment, by the method of the zone that was chosen (0: by none of the
    store's)."""

    consignment_id: str
    cost: int
    zone_id: int = 0
    method_id: int = 0


class GivenGift(Struct, frozen=True):
    """A product, or one variant of it, that an action adds to the cart."""

    product_id: int
    variant_id: int
    quantity: int


class Action(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One of the methods is the kind's own; the others give nothing."""

    level: ClassVar[Literal["product", "order", "shipping"]] = "product"

    def takings(self, basket: Basket, met: Met, apply_once: bool) -> Sequence[Taking]:
        """What it takes off the lines; never below 0, never above what is left of them."""
        return ()

    def shipping_takings(self, shipments: Sequence[Shipment], basket: Basket) -> Sequence[Taking]:
        """What it takes off the shipping of consignments; never below 0, never above its cost."""
        return ()

    def offers_free_shipping(self, zone_id: int) -> bool:
        """Whether it adds a free option in a zone, which leaves the others what they are (BEHAVIOUR 2.5)."""
        return False

    def gift(self) -> GivenGift | None:
        """What one set of the condition earns."""
        return None

    def amounts(self) -> Iterable[tuple[str, Decimal]]:
        """Amounts of the store's currency in it, each with the name of its field, to be checked when it is made."""
        return ()
