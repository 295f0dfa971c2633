from typing import ClassVar

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel


class FreeShipping(ShippingMethod, frozen=True, kw_only=True, tag="freeshipping"):
    """Nothing, once the goods of the consignment are worth the minimum (D44, D62)."""

    option_type: ClassVar[str] = "freeshipping"

    minimum: Money

    def cost(self, parcel: Parcel) -> Money | None:
        return parcel.subtotal.zero if parcel.worth >= self.minimum else None
