"""What promotions say to a shopper, depending on what became of them (BEHAVIOUR D25)."""

from decimal import Decimal

from msgspec.structs import replace

from checkstand.domain.banners import Banner, banners
from checkstand.domain.checkout import AppliedCoupon, Checkout
from checkstand.domain.promotions import CartItems, Percentage, Promotion, PromotionCode
from checkstand.domain.promotions.conditions import CartCondition
from checkstand.domain.promotions.matchers import Products
from checkstand.domain.promotions.promotion import Notification
from tests.builders import NOON, a_checkout, a_line, a_promotion, a_store, amount_off, facts
from tests.domain.engine import priced

TEXTS = tuple(
    Notification(content=kind.title(), type=kind, locations=("HOME_PAGE", "CART_PAGE"))
    for kind in ("PROMOTION", "UPSELL", "ELIGIBLE", "APPLIED")
)
SPEND = CartCondition(minimum_spend=Decimal(50))
TENTH = a_promotion(CartItems(discount=Percentage(Decimal(10)), items=Products((1,))), SPEND, notifications=TEXTS)


def said(*promotions: Promotion, checkout: Checkout | None = None) -> list[tuple[int, str]]:
    known = facts(a_store(promotions=promotions), now=NOON)
    return [(each.promotion_id, each.text) for each in banners(priced(checkout or a_checkout(), known), known)]


def test_a_banner_has_the_promotions_id_and_pages_as_on_the_wire() -> None:
    known = facts(a_store(promotions=(replace(TENTH, notifications=TEXTS[1:2]),)))

    assert banners(priced(a_checkout(), known), known) == [Banner(1, "upsell", ("homepage", "cartpage"), "Upsell")]


def test_the_texts_follow_what_became_of_the_promotion() -> None:
    rich = a_checkout(a_line("x", 5))
    other_goods = a_checkout(a_line("x", 5, product_id=2))

    assert said(TENTH) == [(1, "Promotion"), (1, "Upsell")]
    assert said(TENTH, checkout=rich) == [(1, "Promotion"), (1, "Applied")]
    assert said(TENTH, checkout=other_goods) == [(1, "Promotion"), (1, "Eligible")]


def test_one_that_came_too_late_is_eligible() -> None:
    alone = replace(TENTH, id=2, can_be_used_with_other_promotions=False)

    assert said(amount_off("1"), alone, checkout=a_checkout(a_line("x", 5))) == [(2, "Promotion"), (2, "Eligible")]


def test_promotions_that_are_not_for_this_checkout_say_nothing() -> None:
    assert said(replace(TENTH, status="DISABLED")) == []
    assert said(replace(TENTH, channel_ids=(7,))) == []
    assert said(replace(TENTH, end_date=NOON)) == []
    assert said(TENTH, checkout=a_checkout(order_id=1, converted=True)) == []


def test_a_coupon_promotion_speaks_once_its_code_is_entered() -> None:
    coupon = replace(TENTH, redemption_type="COUPON")
    code = PromotionCode(id=50, promotion_id=1, code="TEN")
    entered = AppliedCoupon(id=50, code="TEN", name="", type="promotion", promotion_id=1)
    known = facts(a_store(promotions=(coupon,)), codes={50: code})

    assert said(coupon) == []
    with_code = priced(a_checkout(a_line("x", 5), coupons=(entered,)), known)
    assert [each.type for each in banners(with_code, known)] == ["promotion", "applied"]
