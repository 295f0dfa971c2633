from typing import Any, ClassVar

from msgspec import field

from checkstand.domain.methods.method import ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel


class CarrierMethod(ShippingMethod, frozen=True, kw_only=True, tag="carrier"):
    """Whatever a carrier asks for: it is asked before offers are made, and each of its quotes is an option of its own.
    `options` are the merchant's, in the carrier's words."""

    option_type: ClassVar[str] = "carrier"

    carrier_id: str
    options: dict[str, Any] = field(default_factory=dict)

    def cost(self, parcel: Parcel) -> Money | None:
        return None
