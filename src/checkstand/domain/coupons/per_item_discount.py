from collections.abc import Iterable, Sequence

from checkstand.domain.coupons.coupon import Coupon, Discountable
from checkstand.domain.money import Currency
from checkstand.domain.pricing.entries import Discount


class PerItemDiscount(Coupon, frozen=True, kw_only=True, tag="per_item_discount"):
    """The same amount off each unit, at most what the line costs."""

    def line_discounts(self, lines: Sequence[Discountable], currency: Currency) -> Iterable[Discount]:
        each = currency.money(self.amount)
        for line in lines:
            yield self.discount("line", line.line_id, (each * line.quantity).at_most(line.value))
