from typing import ClassVar

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel


class ByProduct(ShippingMethod, frozen=True, kw_only=True, tag="byproduct"):
    """Nothing of its own: all goods have a shipping price of theirs, which is added. No merchant makes one: it is offered where
    nothing is left for the methods of a zone to look at."""

    option_type: ClassVar[str] = "shipping_fixed"

    def cost(self, parcel: Parcel) -> Money | None:
        return parcel.subtotal.zero
