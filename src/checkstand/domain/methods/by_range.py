"""The two kinds that look a number up in a table of ranges: the weight of a parcel, or the value of its goods."""

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money, share
from checkstand.domain.parcel import Parcel


class Range(Struct, frozen=True):
    """From `lower` up to but not including `upper`; the last range of a table includes its upper end (D42)."""

    lower: Decimal
    upper: Decimal
    cost: Money


class ByRange(ShippingMethod, frozen=True, kw_only=True):
    """Outside of every range: the default cost, or the percentage of the goods' value; neither: not offered."""

    ranges: tuple[Range, ...] = ()
    default_cost: Money | None = None
    default_percent: Decimal | None = None

    def cost_of(self, measure: Decimal, parcel: Parcel) -> Money | None:
        for entry in self.ranges:
            if entry.lower <= measure < entry.upper:
                return entry.cost
        if self.ranges and measure == self.ranges[-1].upper:
            return self.ranges[-1].cost
        if self.default_percent is not None:
            return share(parcel.subtotal, self.default_percent)
        return self.default_cost


class ByWeight(ByRange, frozen=True, kw_only=True, tag="weight"):
    """By the weight of the parcel, in the store's unit."""

    option_type: ClassVar[str] = "shipping_byweight"

    def cost(self, parcel: Parcel) -> Money | None:
        return self.cost_of(parcel.weight, parcel)


class ByTotal(ByRange, frozen=True, kw_only=True, tag="total"):
    """By the value of the parcel's goods after product discounts (D44, D62), in major units."""

    option_type: ClassVar[str] = "shipping_bytotal"

    def cost(self, parcel: Parcel) -> Money | None:
        return self.cost_of(parcel.total.major(parcel.decimal_places), parcel)
