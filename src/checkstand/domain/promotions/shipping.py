from collections.abc import Sequence
from typing import ClassVar, Literal

from checkstand.domain.promotions.action import Action, Shipment
from checkstand.domain.promotions.item import Basket, Taking


class Shipping(Action, frozen=True, kw_only=True, tag="shipping"):
    """With `free_shipping` one more option, which costs nothing; without it the option that was chosen costs nothing. In the zones
    named; None: in all."""

    level: ClassVar[Literal["product", "order", "shipping"]] = "shipping"

    free_shipping: bool = False
    zone_ids: tuple[int, ...] | None = None

    def offers_free_shipping(self, zone_id: int) -> bool:
        return self.free_shipping and (self.zone_ids is None or zone_id in self.zone_ids)

    def shipping_takings(self, shipments: Sequence[Shipment], basket: Basket) -> Sequence[Taking]:
        if self.free_shipping:
            return ()
        return [
            Taking(shipment.consignment_id, shipment.cost)
            for shipment in shipments
            if shipment.cost and (self.zone_ids is None or shipment.zone_id in self.zone_ids)
        ]
