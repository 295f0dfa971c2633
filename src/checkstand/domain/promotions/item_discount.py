from collections.abc import Iterable, Sequence
from decimal import Decimal

from checkstand.domain.money import Money, share
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.promotions.promotion import Promotable, Promotion


class ItemDiscount(Promotion, frozen=True, kw_only=True, tag="item_discount"):
    """A fixed amount off each unit, or a percentage off the line, of the products named (none named: of all)."""

    product_ids: tuple[int, ...] = ()
    amount_each: Money | None = None
    percent: Decimal | None = None

    def discounts(self, lines: Sequence[Promotable]) -> Iterable[Discount]:
        for line in lines:
            if self.product_ids and line.product_id not in self.product_ids:
                continue
            amount = self.amount_each * line.quantity if self.amount_each is not None else line.extended.zero
            if self.percent is not None:
                amount = amount + share(line.extended, self.percent)
            if amount:
                yield Discount("line", line.line_id, amount.at_most(line.extended), self.name, "product", self.id)
