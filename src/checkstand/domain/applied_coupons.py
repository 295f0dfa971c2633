"""Entering a coupon code and taking it back (BEHAVIOUR 3.4), and which coupons an order uses up (D63).

What a coupon needs is checked when it is applied, in this order: the code is known, it is not applied yet, there is room for
another one, its own conditions hold (`pricing.coupons.unfit`), it was not used too often.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import CUSTOM_SHIPPING, AppliedCoupon, Checkout, Consignment, ShippingOption
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import CouponUses, Facts
from checkstand.domain.fulfillment import settle
from checkstand.domain.pricing.coupons import Reason, unfit
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import Priced
from checkstand.errors import CouponNotApplicable, NotFound

LONGEST_CODE = 50


def apply(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The checkout with one coupon more. Raises `CouponNotApplicable` with the reason."""
    if not code or len(code) > LONGEST_CODE:
        raise _refusal("invalid", f"A coupon code has 1 to {LONGEST_CODE} characters.")
    coupon = facts.store.coupon_by_code.get(code.strip().casefold())
    if coupon is None:
        raise _refusal("invalid", f"Coupon code {code} is not valid.")
    if any(applied.id == coupon.id for applied in before.coupons):
        raise _refusal("not_applicable", f"Coupon code {coupon.code} is applied already.")
    allowed = facts.store.coupon_settings.number_of_coupons_allowed_at_checkout
    if len(before.coupons) >= allowed:
        raise _refusal("limit", f"No more than {allowed} coupon{'' if allowed == 1 else 's'} may be applied.")
    found = unfit(coupon, before, price_goods(before, facts).sales, facts)
    if found is not None:
        raise _refusal(found.reason, found.message)
    _check_uses(coupon, facts.coupon_uses or CouponUses())
    applied = AppliedCoupon(id=coupon.id, code=coupon.code, name=coupon.name, type=coupon.type_name)
    return _with_choices_of_the_same_offers(before, replace(before, coupons=(*before.coupons, applied)), facts)


def withdraw(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The checkout without a coupon. Raises `NotFound`."""
    kept = tuple(applied for applied in before.coupons if applied.code.casefold() != code.strip().casefold())
    if len(kept) == len(before.coupons):
        raise NotFound(f"Coupon code {code} is not applied to checkout {before.id}.", code="coupon_not_found")
    return _with_choices_of_the_same_offers(before, replace(before, coupons=kept), facts)


def _refusal(reason: Reason, message: str) -> CouponNotApplicable:
    return CouponNotApplicable(message, code=reason)


def _check_uses(coupon: AnyCoupon, uses: CouponUses) -> None:
    if coupon.max_uses and uses.in_all >= coupon.max_uses:
        raise used_up(coupon.code)
    if coupon.max_uses_per_customer and uses.by_customer >= coupon.max_uses_per_customer:
        raise used_up(coupon.code)


def used_up(code: str) -> CouponNotApplicable:
    return _refusal("limit", f"Coupon code {code} was used as often as it may be.")


def _with_choices_of_the_same_offers(before: Checkout, after: Checkout, facts: Facts) -> Checkout:
    """Where the coupon changes what a consignment is offered the shopper chooses again (C7); other choices stay."""
    was = settle(before, price_goods(before, facts), facts).options
    now = settle(after, price_goods(after, facts), facts).options

    def chosen(entry: Consignment) -> Consignment:
        is_offered = isinstance(entry.selected, ShippingOption) and entry.selected.type != CUSTOM_SHIPPING
        return replace(entry, selected=None) if is_offered and was[entry.id] != now[entry.id] else entry

    return replace(after, consignments=tuple(chosen(entry) for entry in after.consignments))


# ---------------------------------------------------------------------------------------------------- uses


class CouponUse(Struct, frozen=True):
    """A coupon that an order uses up, by whom, and how often it may be used; 0: any number of times."""

    coupon_id: int
    code: str
    customer: str
    max_uses: int
    max_uses_per_customer: int


def customer_key(checkout: Checkout) -> str:
    """Who uses a coupon: a customer of the shop, else whoever has the email; "" while nobody said who it is."""
    if checkout.customer_id:
        return f"customer {checkout.customer_id}"
    return f"email {checkout.email.casefold()}" if checkout.email else ""


def uses(answer: Priced, facts: Facts) -> list[CouponUse]:
    """What an order of this checkout uses up, by coupon id: coupons that took something off, or whose option was chosen."""
    checkout, by_id = answer.checkout, facts.store.coupon_by_id
    if not checkout.coupons:
        return []
    used = {entry.source_id for entry in answer.entries if isinstance(entry, Discount) and entry.level == "coupon"}
    used |= {coupon_id for ids in free_shipping(checkout).values() for coupon_id in ids}
    customer = customer_key(checkout)
    return [
        CouponUse(coupon.id, coupon.code, customer, coupon.max_uses, coupon.max_uses_per_customer)
        for coupon in (by_id[coupon_id] for coupon_id in sorted(used & by_id.keys()))
    ]


def free_shipping(checkout: Checkout) -> Mapping[str, list[int]]:
    """Consignment id -> ids of the coupons by which the free option it has chosen is there."""
    ids = [coupon.id for coupon in checkout.coupons if coupon.type == "free_shipping"]
    return {
        consignment.id: ids
        for consignment in checkout.consignments
        if ids
        and isinstance(consignment.selected, ShippingOption)
        and consignment.selected.type == "freeshipping"
        and not consignment.selected.method_id
    }
