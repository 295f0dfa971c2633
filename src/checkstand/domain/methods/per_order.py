from typing import ClassVar

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel


class PerOrder(ShippingMethod, frozen=True, kw_only=True, tag="perorder"):
    """The same amount for every consignment, whatever is in it."""

    option_type: ClassVar[str] = "shipping_flatrate"

    rate: Money

    def cost(self, parcel: Parcel) -> Money | None:
        return self.rate
