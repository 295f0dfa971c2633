from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import ClassVar, Literal

from checkstand.domain.promotions.action import Action, Amount, AnyReduction, Percentage, part
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.item import Basket, Taking, spread


class CartValue(Action, frozen=True, kw_only=True, tag="cart_value"):
    """One amount, or a percentage, off everything in the cart together (D73), spread over the lines by what is left of them."""

    level: ClassVar[Literal["product", "order", "shipping"]] = "order"

    discount: AnyReduction
    maximum: Decimal | None = None

    def takings(self, basket: Basket, met: Met, apply_once: bool) -> Sequence[Taking]:
        left = [(item.line_id, basket.left[item.line_id]) for item in basket.items]
        most = sum([minor for _, minor in left])
        if isinstance(self.discount, Percentage):
            off = part(sum([basket.worth(item, item.quantity) for item in basket.items]), self.discount.percent)
        else:
            off = basket.minor(self.discount.amount) * (1 if apply_once else met.sets)
        if self.maximum is not None:
            off = min(off, basket.minor(self.maximum))
        off = min(off, most)
        return spread(off, left) if off else ()

    def amounts(self) -> Iterable[tuple[str, Decimal]]:
        if isinstance(self.discount, Amount):
            yield "discount.fixed_amount", self.discount.amount
        if self.maximum is not None:
            yield "maximum_allowed_discount_amount", self.maximum
