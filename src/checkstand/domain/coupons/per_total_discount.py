from collections.abc import Iterable, Sequence
from typing import ClassVar

from checkstand.domain.coupons.coupon import Coupon, Discountable
from checkstand.domain.money import Currency, allocate, total
from checkstand.domain.pricing.entries import Discount


class PerTotalDiscount(Coupon, frozen=True, kw_only=True, tag="per_total_discount"):
    """One amount off all lines together, spread over them by what they cost (D50), gift certificates included (D79, T1)."""

    discounts_certificates: ClassVar[bool] = True

    def line_discounts(self, lines: Sequence[Discountable], currency: Currency) -> Iterable[Discount]:
        amount = currency.money(self.amount).at_most(total((line.value for line in lines), currency.zero))
        parts = allocate(amount, [line.value.minor for line in lines])
        for line, part in zip(lines, parts, strict=True):
            yield self.discount("line", line.line_id, part)
