from collections.abc import Iterable, Sequence

from checkstand.domain.coupons.coupon import Coupon, Discountable
from checkstand.domain.money import Currency, share
from checkstand.domain.pricing.entries import Discount


class PercentageDiscount(Coupon, frozen=True, kw_only=True, tag="percentage_discount"):
    """A part of what each line costs, rounded for each line (D73, T4)."""

    def line_discounts(self, lines: Sequence[Discountable], currency: Currency) -> Iterable[Discount]:
        for line in lines:
            yield self.discount("line", line.line_id, share(line.value, self.amount).at_most(line.value))
