from collections.abc import Iterable, Sequence

from checkstand.domain.coupons.coupon import Coupon, Discountable
from checkstand.domain.money import Currency, Money, round_half_away
from checkstand.domain.pricing.entries import Discount


class PercentageDiscount(Coupon, frozen=True, kw_only=True, tag="percentage_discount"):
    """A part of what each line costs, rounded for each line (D73, T4)."""

    def line_discounts(self, lines: Sequence[Discountable], currency: Currency) -> Iterable[Discount]:
        numerator, denominator = self.amount.as_integer_ratio()
        denominator *= 100
        for line in lines:
            minor = round_half_away(line.value.minor * numerator, denominator)
            yield self.discount("line", line.line_id, Money(min(minor, line.value.minor), currency.code))
