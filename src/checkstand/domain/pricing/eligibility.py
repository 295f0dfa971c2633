"""What can be said of a promotion by itself, whoever else has a turn: which one a code is of; whom, where and when it is for,
whatever is in the cart; how the cart meets its conditions. What it takes off in its turn stands in `discounts`."""

from checkstand.domain.checkout import AppliedCoupon, Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.pricing.baskets import basket_for, items_of, minor_of
from checkstand.domain.pricing.coupons import Unfit
from checkstand.domain.promotions import Basket, Promotion
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.promotion import ANY_CURRENCY


def barred(promotion: Promotion, checkout: Checkout, facts: Facts) -> Unfit | None:
    """Why a promotion is not for this checkout, now; None: it is. Without a time nothing begins and nothing ends."""
    name = promotion.name
    now = facts.now
    if promotion.status != "ENABLED" or (now and promotion.start_date and now < promotion.start_date):
        return Unfit("invalid", f"The promotion {name} is not active.")
    if now and promotion.end_date and now >= promotion.end_date:
        return Unfit("expired", f"The promotion {name} has expired.")
    if promotion.max_uses and facts.promotion_uses.get(promotion.id, 0) >= promotion.max_uses:
        return Unfit("limit", f"The promotion {name} was used as often as it may be.")
    if now and promotion.schedule and not promotion.schedule.admits(now, promotion.start_date):
        return Unfit("not_applicable", f"The promotion {name} is not there at this time.")
    if promotion.currency_code not in (ANY_CURRENCY, checkout.currency.code):
        return Unfit("not_applicable", f"The promotion {name} applies to carts in {promotion.currency_code} only.")
    if promotion.channel_ids and checkout.channel_id not in promotion.channel_ids:
        return Unfit("not_applicable", f"The promotion {name} does not apply to this channel.")
    if not promotion.customer.admit(facts.store.group_id_of(facts.customer), facts.order_count):
        return Unfit("not_applicable", f"The promotion {name} is not for this customer.")
    return None


def code_promotion(applied: AppliedCoupon, facts: Facts) -> Promotion | None:
    """The promotion an applied code is of, as long as both are there."""
    if not applied.promotion_id or applied.id not in facts.codes:
        return None
    promotion = facts.store.promotion_by_id.get(applied.promotion_id)
    return promotion if promotion is not None and promotion.is_coupon else None


def met_by(promotion: Promotion, checkout: Checkout, facts: Facts) -> list[Met]:
    """How the conditions of its rules are met, whoever else has had a turn."""
    items = items_of(checkout, facts)
    left = {item.line_id: item.price * item.quantity for item in items}
    basket = basket_for(promotion, Basket(items, left, minor_of(checkout, facts)))
    return [rule.met(basket) for rule in promotion.rules]
