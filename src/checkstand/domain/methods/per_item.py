from typing import ClassVar

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel


class PerItem(ShippingMethod, frozen=True, kw_only=True, tag="peritem"):
    """The same amount for every unit in the parcel."""

    option_type: ClassVar[str] = "shipping_peritem"

    rate: Money

    def cost(self, parcel: Parcel) -> Money | None:
        return self.rate * parcel.quantity
