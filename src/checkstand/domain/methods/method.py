"""What every kind of shipping method has in common: its configuration, and the price it gives for a parcel."""

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from checkstand.domain.money import Money, share
from checkstand.domain.parcel import Parcel


class HandlingFee(Struct, frozen=True, kw_only=True):
    """A surcharge of a zone or a method: a fixed amount or a percentage of the shipping cost (D43)."""

    fixed: Money | None = None
    percent: Decimal | None = None

    def amount(self, shipping_cost: Money) -> Money:
        surcharge = self.fixed if self.fixed is not None else shipping_cost.zero
        return surcharge + share(shipping_cost, self.percent) if self.percent else surcharge


class ShippingMethod(Struct, frozen=True, kw_only=True, tag_field="type"):
    """One way to ship that a merchant configured in a zone. `channel_ids` None: offered on every channel."""

    option_type: ClassVar[str] = ""
    """The `type` of the options this kind gives (D22)."""

    id: int
    name: str
    description: str = ""
    enabled: bool = True
    handling: HandlingFee | None = None
    is_fallback: bool = False
    channel_ids: tuple[int, ...] | None = None

    def is_offered_in(self, channel_id: int) -> bool:
        """Whether it is switched on, and meant for a channel."""
        return self.enabled and (self.channel_ids is None or channel_id in self.channel_ids)

    def cost(self, parcel: Parcel) -> Money | None:
        """What it costs to ship this parcel, 0 or more; None: not offered for it."""
        raise AssertionError(f"{type(self).__name__} gives no cost")
