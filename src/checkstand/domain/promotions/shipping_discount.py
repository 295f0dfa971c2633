from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import ClassVar, Literal

from checkstand.domain.promotions.action import Action, Amount, AnyReduction, Percentage, Shipment, part
from checkstand.domain.promotions.item import Basket, Taking, capped


class ShippingDiscount(Action, frozen=True, kw_only=True, tag="shipping_discount"):
    """An amount or a percentage off the shipping of each consignment, by the methods named; None: by any. Up to `maximum` in all,
    the first consignments first."""

    level: ClassVar[Literal["product", "order", "shipping"]] = "shipping"

    discount: AnyReduction
    method_ids: tuple[int, ...] | None = None
    maximum: Decimal | None = None

    def shipping_takings(self, shipments: Sequence[Shipment], basket: Basket) -> Sequence[Taking]:
        discount = self.discount
        fixed = 0 if isinstance(discount, Percentage) else basket.minor(discount.amount)
        takings = [
            Taking(
                shipment.consignment_id,
                min(
                    part(shipment.cost, discount.percent) if isinstance(discount, Percentage) else fixed, shipment.cost
                ),
            )
            for shipment in shipments
            if shipment.cost and (self.method_ids is None or shipment.method_id in self.method_ids)
        ]
        return takings if self.maximum is None else capped(takings, basket.minor(self.maximum))

    def amounts(self) -> Iterable[tuple[str, Decimal]]:
        if isinstance(self.discount, Amount):
            yield "discount.fixed_amount", self.discount.amount
        if self.maximum is not None:
            yield "maximum_allowed_discount_amount", self.maximum
