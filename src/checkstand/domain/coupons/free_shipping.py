from typing import ClassVar

from checkstand.domain.coupons.coupon import Coupon


class FreeShippingCoupon(Coupon, frozen=True, kw_only=True, tag="free_shipping"):
    """One more option to choose, which costs nothing; the others stay what they are (BEHAVIOUR 2.5). Its amount says nothing."""

    discounts_shipping: ClassVar[bool] = True
