from collections.abc import Iterable, Sequence
from typing import ClassVar

from checkstand.domain.coupons.coupon import Coupon, ShippingCost
from checkstand.domain.money import Currency, allocate, total
from checkstand.domain.pricing.entries import Discount


class ShippingDiscount(Coupon, frozen=True, kw_only=True, tag="shipping_discount"):
    """One amount off the shipping of all consignments together, spread over them by what it costs; handling stays (D77)."""

    discounts_shipping: ClassVar[bool] = True

    def shipping_discounts(self, costs: Sequence[ShippingCost], currency: Currency) -> Iterable[Discount]:
        amount = currency.money(self.amount).at_most(total((each.cost for each in costs), currency.zero))
        parts = allocate(amount, [each.cost.minor for each in costs])
        for each, part in zip(costs, parts, strict=True):
            yield self.discount("shipping", each.consignment_id, part)
