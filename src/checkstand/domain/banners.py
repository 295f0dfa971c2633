"""What promotions have to say to a shopper (BEHAVIOUR D25): the texts that belong to what became of each of them.

`PROMOTION` always, `APPLIED` when it applied, `ELIGIBLE` when its conditions hold and it gave nothing all the same (another
promotion came first, there is nothing to discount yet), `UPSELL` when they do not hold. One that is not for this checkout, or
whose code was not entered, says nothing.
"""

from msgspec import Struct

from checkstand.domain.facts import Facts
from checkstand.domain.pricing.eligibility import barred, code_promotion, met_by
from checkstand.domain.pricing.price import Priced
from checkstand.domain.promotions import Promotion


class Banner(Struct, frozen=True):
    """`page`: where it is shown, as on the wire: `homepage`, `cartpage`."""

    promotion_id: int
    type: str
    page: tuple[str, ...]
    text: str


def banners(answer: Priced, facts: Facts) -> list[Banner]:
    """In the order in which the promotions have their turn; codes after automatic ones, as they were applied."""
    checkout = answer.checkout
    if checkout.converted:
        return []
    entered = (code_promotion(coupon, facts) for coupon in checkout.coupons)
    promotions = (*facts.store.automatic_promotions, *(promotion for promotion in entered if promotion))
    found = []
    for promotion in promotions:
        if promotion.notifications and barred(promotion, checkout, facts) is None:
            state = _state(promotion, answer, facts)
            found += [
                Banner(promotion.id, each.type.lower(), tuple(map(_page, each.locations)), each.content)
                for each in promotion.notifications
                if each.type in ("PROMOTION", state)
            ]
    return found


def _state(promotion: Promotion, answer: Priced, facts: Facts) -> str:
    if promotion.id in answer.settled.goods.promotions:
        return "APPLIED"
    return "ELIGIBLE" if any(met.sets for met in met_by(promotion, answer.checkout, facts)) else "UPSELL"


def _page(location: str) -> str:
    return location.replace("_", "").lower()
