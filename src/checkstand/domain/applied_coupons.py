"""Entering a coupon code and taking it back (BEHAVIOUR 3.4), and which coupons an order uses up (D63).

What a coupon needs is checked when it is applied, in this order: the code is known, it is not applied yet, there is room for
another one, its own conditions hold (`pricing.coupons.unfit`, or those of the promotion it is a code of), and it was not used
too often.
"""

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import CUSTOM_SHIPPING, AppliedCoupon, Checkout, Consignment, ShippingOption
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import CouponUses, Facts
from checkstand.domain.fulfillment import settle
from checkstand.domain.pricing.coupons import Reason, unfit
from checkstand.domain.pricing.eligibility import barred, code_promotion, met_by
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import Priced
from checkstand.domain.promotions import PromotionCode
from checkstand.errors import CouponNotApplicable, NotFound

LONGEST_CODE = 50
PROMOTION = "promotion"
"""The type of a coupon that is a code of a promotion."""


def apply(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The checkout with one coupon more, and without those that were deleted: they take nobody's place. Raises
    `CouponNotApplicable` with the reason."""
    if not code or len(code) > LONGEST_CODE:
        raise _refusal("invalid", f"coupon_code must have 1 to {LONGEST_CODE} characters.")
    before = replace(before, coupons=tuple(applied for applied in before.coupons if _is_there(applied, facts)))
    coupon = _coupon(code, facts)
    if any(applied.id == coupon.id for applied in before.coupons):
        raise _refusal("not_applicable", f"Coupon code {coupon.code} is applied already.")
    allowed = facts.store.promotion_settings.number_of_coupons_allowed_at_checkout
    if len(before.coupons) >= allowed:
        raise _refusal("limit", f"No more than {allowed} coupon{'' if allowed == 1 else 's'} may be applied.")
    applied = (
        _applied_code(coupon, before, facts)
        if isinstance(coupon, PromotionCode)
        else _applied_coupon(coupon, before, facts)
    )
    _check_uses(coupon, facts.coupon_uses or CouponUses())
    return _with_choices_of_the_same_offers(before, replace(before, coupons=(*before.coupons, applied)), facts)


def _is_there(applied: AppliedCoupon, facts: Facts) -> bool:
    """Whether it may count again: a coupon or a code that was deleted never will."""
    if applied.promotion_id:
        return code_promotion(applied, facts) is not None
    return applied.id in facts.store.coupon_by_id


def _coupon(code: str, facts: Facts) -> AnyCoupon | PromotionCode:
    """A coupon of the store, or a code of one of its promotions."""
    wanted = code.strip().casefold()
    coupon = facts.store.coupon_by_code.get(wanted)
    if coupon is not None:
        return coupon
    for known in facts.codes.values():
        if known.code.strip().casefold() == wanted:
            return known
    raise _refusal("invalid", f"Coupon code {code} is not valid.")


def _applied_coupon(coupon: AnyCoupon, before: Checkout, facts: Facts) -> AppliedCoupon:
    found = unfit(coupon, before, price_goods(before, facts).sales, facts)
    if found is not None:
        raise _refusal(found.reason, found.message)
    return AppliedCoupon(id=coupon.id, code=coupon.code, name=coupon.name, type=coupon.type_name)


def _applied_code(code: PromotionCode, before: Checkout, facts: Facts) -> AppliedCoupon:
    """It must take something off, or give something, beside what is applied already."""
    applied = AppliedCoupon(id=code.id, code=code.code, name="", type=PROMOTION, promotion_id=code.promotion_id)
    promotion = code_promotion(applied, facts)
    if promotion is None:
        raise _refusal("invalid", f"Coupon code {code.code} is not valid.")
    if any(other.promotion_id == promotion.id for other in before.coupons):
        raise _refusal("not_applicable", f"Coupon code {code.code} gives nothing beside another code of its promotion.")
    if found := barred(promotion, before, facts):
        raise _refusal(found.reason, found.message)
    met = met_by(promotion, before, facts)
    if not any(each.sets for each in met):
        if any(each.is_short_of_money for each in met):
            raise _refusal("min_purchase", f"Coupon code {code.code} needs a larger purchase.")
        raise _refusal("not_applicable", f"Coupon code {code.code} does not apply to what is in this cart.")
    after = replace(before, coupons=(*before.coupons, applied))
    if promotion.id not in price_goods(after, facts).promotions:
        message = f"Coupon code {code.code} gives nothing in this cart, or not beside the other promotions."
        raise _refusal("not_applicable", message)
    return replace(applied, name=promotion.shown_name)


def withdraw(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The checkout without a coupon. Raises `NotFound`."""
    wanted = code.strip().casefold()
    kept = tuple(applied for applied in before.coupons if applied.code.strip().casefold() != wanted)
    if len(kept) == len(before.coupons):
        raise NotFound(f"Coupon code {code} is not applied to checkout {before.id}.", code="coupon_not_found")
    return _with_choices_of_the_same_offers(before, replace(before, coupons=kept), facts)


def _refusal(reason: Reason, message: str) -> CouponNotApplicable:
    return CouponNotApplicable(message, code=reason)


def _check_uses(coupon: AnyCoupon | PromotionCode, uses: CouponUses) -> None:
    if coupon.max_uses and uses.in_all >= coupon.max_uses:
        raise used_up(f"Coupon code {coupon.code}")
    if coupon.max_uses_per_customer and uses.by_customer >= coupon.max_uses_per_customer:
        raise used_up(f"Coupon code {coupon.code}")


def used_up(name: str) -> CouponNotApplicable:
    return _refusal("limit", f"{name} was used as often as it may be.")


def _with_choices_of_the_same_offers(before: Checkout, after: Checkout, facts: Facts) -> Checkout:
    """Where the coupon changes what a consignment is offered the shopper chooses again (C7); other choices stay."""
    was, now = _offers(before, facts), _offers(after, facts)

    def chosen(entry: Consignment) -> Consignment:
        is_offered = isinstance(entry.selected, ShippingOption) and entry.selected.type != CUSTOM_SHIPPING
        return replace(entry, selected=None) if is_offered and was[entry.id] != now[entry.id] else entry

    return replace(after, consignments=tuple(chosen(entry) for entry in after.consignments))


def _offers(checkout: Checkout, facts: Facts) -> dict[str, list[ShippingOption]]:
    """What each consignment is offered, as shoppers see it: not by whom an option is free."""
    offered = settle(checkout, price_goods(checkout, facts), facts).options
    return {
        consignment_id: [replace(option, free_by=(), free_by_coupons=()) for option in options]
        for consignment_id, options in offered.items()
    }


# ---------------------------------------------------------------------------------------------------- uses


class CouponUse(Struct, frozen=True):
    """A coupon, a code or a promotion that an order uses up, by whom, and how often it may be used; 0: any number of times.

    `counter`: the coupon's or the code's id, which are never the same; of a promotion its id below 0.
    """

    counter: int
    name: str
    customer: str
    max_uses: int
    max_uses_per_customer: int = 0


def counter_of(promotion_id: int) -> int:
    return -promotion_id


def customer_key(checkout: Checkout) -> str:
    """Who uses a coupon: a customer of the shop, else whoever has the email; "" while nobody said who it is."""
    if checkout.customer_id:
        return f"customer {checkout.customer_id}"
    return f"email {checkout.email.casefold()}" if checkout.email else ""


def uses(answer: Priced, facts: Facts) -> list[CouponUse]:
    """What an order of this checkout uses up, by counter: promotions and coupons that took something off or gave something, or
    whose option was chosen."""
    checkout, store = answer.checkout, facts.store
    if not checkout.coupons and not store.promotions:
        return []
    customer = customer_key(checkout)
    taken = [entry for entry in answer.entries if isinstance(entry, Discount)]
    coupon_ids = {entry.source_id for entry in taken if entry.level == "coupon"}
    promotion_ids = {entry.source_id for entry in taken if entry.level in ("product", "order")}
    chosen = [entry.selected for entry in checkout.consignments if isinstance(entry.selected, ShippingOption)]
    promotion_ids |= {promotion_id for option in chosen for promotion_id in option.free_by}
    promotion_ids |= {line.gift.promotion_id for line in checkout.lines if line.gift}  # it may be worth nothing
    coupon_ids |= {coupon_id for option in chosen for coupon_id in option.free_by_coupons}
    codes = [
        facts.codes[coupon.id]
        for coupon in checkout.coupons
        if coupon.id in facts.codes and (coupon.id in coupon_ids or coupon.promotion_id in promotion_ids)
    ]
    promotion_ids |= {code.promotion_id for code in codes}
    coupons = [store.coupon_by_id[number] for number in coupon_ids & store.coupon_by_id.keys()]
    promotions = [store.promotion_by_id[number] for number in promotion_ids & store.promotion_by_id.keys()]
    used = [
        CouponUse(coupon.id, f"Coupon code {coupon.code}", customer, coupon.max_uses, coupon.max_uses_per_customer)
        for coupon in (*coupons, *codes)
    ]
    # Nothing limits a promotion for each customer, so nobody is counted: its codes are.
    used += [
        CouponUse(counter_of(each.id), f"The promotion {each.shown_name}", "", each.max_uses) for each in promotions
    ]
    return sorted(used, key=lambda use: use.counter)
