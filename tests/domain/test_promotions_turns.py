"""Which promotions apply, in which order and to whom, and what the totals are then (BEHAVIOUR 2.5, 3.4, 11)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import applied_coupons
from checkstand.domain.checkout import AppliedCoupon, CatalogPrice, Checkout, ManualDiscounts
from checkstand.domain.commands import ApplyCoupon, GiveManualDiscounts, UpdateConsignment, WithdrawCoupon
from checkstand.domain.consignment import ConsignmentChange
from checkstand.domain.coupons import PercentageDiscount, ShippingDiscount
from checkstand.domain.facts import Customer, CustomerGroup, Facts
from checkstand.domain.manual_discounts import ManualDraft
from checkstand.domain.money import Money, OtherCurrency
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.pricing.price import Priced
from checkstand.domain.promotions import (
    Amount,
    CartItems,
    CartValue,
    GiftItem,
    Percentage,
    Promotion,
    PromotionCode,
    Rule,
    Shipping,
)
from checkstand.domain.promotions import (
    ShippingDiscount as ShippingAction,
)
from checkstand.domain.promotions.conditions import CartCondition
from checkstand.domain.promotions.matchers import Products
from checkstand.domain.promotions.promotion import Countries, CustomerLimits, Schedule
from checkstand.domain.store_settings import PromotionSettings
from checkstand.errors import CouponNotApplicable
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_product,
    a_promotion,
    a_store,
    a_tax_zone,
    a_zone,
    amount_off,
    applied,
    billed,
    facts,
    flat_rate,
    in_new_york,
    percent_off,
    usd,
)
from tests.domain.engine import chosen, offers, priced, run

FIFTH_OFF_ORDER = a_promotion(CartValue(discount=Percentage(Decimal(20))), name="A fifth off", promotion_id=9)
TEN_OFF_ORDER = CartValue(discount=Amount(Decimal(10)))


def shop(*promotions: Promotion, **fields: Any) -> Facts:
    known = {name: fields.pop(name) for name in list(fields) if name in Facts.__struct_fields__}
    return facts(a_store(promotions=promotions, **fields), **known)


def answer(*promotions: Promotion, checkout: Checkout | None = None, **fields: Any) -> Priced:
    return priced(checkout or a_checkout(a_line("x", 1, "100.00")), shop(*promotions, **fields))


def taken(priced: Priced) -> dict[int, str]:
    """Promotion id (or coupon id) -> what it takes off."""
    off: dict[int, Money] = {}
    for line in priced.lines.values():
        for discount in line.discounts:
            off[discount.source_id] = off.get(discount.source_id, usd(0)) + discount.amount
    return {source: f"{amount.minor / 100:.2f}" for source, amount in off.items()}


def alone(promotion: Promotion, **fields: Any) -> Promotion:
    return replace(promotion, can_be_used_with_other_promotions=False, **fields)


# ---------------------------------------------------------------------------------------------------- levels


def test_a_fifth_off_the_order_is_an_order_discount() -> None:
    sums = answer(FIFTH_OFF_ORDER, checkout=a_checkout(a_line("x", 1, "225.00")))

    assert sums.totals.subtotal.ex_tax == usd(225)
    assert sums.totals.discount_amount == usd(45)
    assert sums.totals.cart_amount.ex_tax == sums.totals.grand_total == usd(180)
    assert sums.lines["x"].product_discount == usd(0)
    assert sums.lines["x"].reduction == usd(45)


def test_gift_certificates_that_are_bought_take_no_part_in_an_order_discount() -> None:
    certificate = a_line("g", 1, "50.00", kind="gift_certificate", product_id=0)

    sums = answer(FIFTH_OFF_ORDER, checkout=a_checkout(a_line("x", 1, "100.00"), certificate))

    assert sums.totals.discount_amount == usd(20)
    assert sums.lines["g"].reduction == usd(0)


def test_product_discounts_come_before_order_discounts_whatever_the_priority_says() -> None:
    order = replace(FIFTH_OFF_ORDER, priority=1)
    half = percent_off(50, promotion_id=2, priority=5)

    original = answer(order, half)
    cumulative = answer(
        order, half, promotion_settings=PromotionSettings(promotions_applied_on_original_product_price=False)
    )

    assert original.totals.subtotal.ex_tax == cumulative.totals.subtotal.ex_tax == usd(50)
    assert original.totals.discount_amount == usd(20)  # of 100.00
    assert cumulative.totals.discount_amount == usd(10)  # of 50.00


def test_percentages_of_the_original_price_add_up_and_cumulative_ones_do_not() -> None:
    tenth, fifth = percent_off(10), percent_off(20, promotion_id=2)

    assert answer(tenth, fifth).totals.subtotal.ex_tax == usd(70)
    settings = PromotionSettings(promotions_applied_on_original_product_price=False)
    assert answer(tenth, fifth, promotion_settings=settings).totals.subtotal.ex_tax == usd(72)


def test_a_tax_is_due_on_what_promotions_leave() -> None:
    checkout = billed(a_checkout(a_line("x", 1, "100.00")))

    sums = answer(percent_off(10), FIFTH_OFF_ORDER, checkout=checkout, tax_zones=(a_tax_zone("10"),)).totals

    assert (sums.tax, sums.grand_total) == (usd(7), usd(77))


# ---------------------------------------------------------------------------------------------------- turns


def test_the_lower_priority_number_has_its_turn_first_then_the_lower_id() -> None:
    third = amount_off("60", promotion_id=1, priority=2)
    second, first = amount_off("60", promotion_id=3, priority=1), amount_off("60", promotion_id=2, priority=1)

    assert taken(answer(third, second, first)) == {2: "60.00", 3: "40.00"}


def test_a_promotion_that_stops_ends_the_turns_once_it_applied() -> None:
    first, second = amount_off("1", stop=True), amount_off("2", promotion_id=2)
    idle = amount_off("1", 99, stop=True)

    assert taken(answer(first, second)) == {1: "1.00"}
    assert taken(answer(idle, second)) == {2: "2.00"}


def test_one_that_cannot_be_used_with_others_comes_first_or_not_at_all() -> None:
    one, other = amount_off("1"), amount_off("2", promotion_id=2)

    assert taken(answer(alone(one), other)) == {1: "1.00"}
    assert taken(answer(one, alone(other))) == {1: "1.00"}
    assert taken(answer(amount_off("1", 99), alone(other))) == {2: "2.00"}


def test_an_order_discount_counts_as_applied_in_its_turn() -> None:
    order = replace(FIFTH_OFF_ORDER, id=1, priority=1)

    assert taken(answer(order, alone(amount_off("2", promotion_id=2, priority=2)))) == {1: "20.00"}
    assert taken(answer(replace(order, stop=True), amount_off("2", promotion_id=2, priority=2))) == {1: "20.00"}


def test_rules_have_their_turn_until_the_first_that_applied_unless_it_lets_the_next_go_on() -> None:
    never = Rule(action=CartItems(discount=Amount(Decimal(5)), items=Products((99,))))
    one = Rule(action=CartItems(discount=Amount(Decimal(1))))
    two = Rule(action=CartItems(discount=Amount(Decimal(2))))

    assert taken(answer(Promotion(id=1, name="Rules", rules=(never, one, two)))) == {1: "1.00"}
    assert taken(answer(Promotion(id=1, name="Rules", rules=(never, replace(one, stop=False), two)))) == {1: "3.00"}


# ---------------------------------------------------------------------------------------------------- for whom


@pytest.mark.parametrize(
    ("fields", "group", "applies"),
    [
        ({}, None, True),
        ({"group_ids": (2,)}, 2, True),
        ({"group_ids": (2,)}, 3, False),
        ({"group_ids": (2,)}, None, False),
        ({"group_ids": (0,)}, None, True),
        ({"group_ids": (0,)}, 0, True),
        ({"group_ids": (0,)}, 2, False),
        ({"excluded_group_ids": (2,)}, 2, False),
        ({"excluded_group_ids": (2,)}, 3, True),
        ({"excluded_group_ids": (0,)}, None, False),
        ({"group_ids": (4,)}, 4, False),  # a group that was deleted: its customers are in none
        ({"group_ids": (0,)}, 4, True),
    ],
)
def test_a_promotion_may_be_for_groups_of_customers(fields: dict[str, Any], group: int | None, applies: bool) -> None:
    customer = None if group is None else Customer(id=11, email="jane@example.com", group_id=group)

    groups = (CustomerGroup(2, "Wholesale"), CustomerGroup(3, "Friends"))

    found = answer(amount_off("1", customer=CustomerLimits(**fields)), customer=customer, customer_groups=groups)

    assert bool(taken(found)) is applies


def test_a_promotion_may_be_for_customers_who_have_ordered_before() -> None:
    loyal = amount_off("1", customer=CustomerLimits(minimum_order_count=2))

    assert not taken(answer(loyal, order_count=1))
    assert taken(answer(loyal, order_count=2))


@pytest.mark.parametrize(
    ("fields", "applies"),
    [
        ({"status": "DISABLED"}, False),
        ({"status": "INVALID"}, False),
        ({"start_date": NOON}, True),
        ({"start_date": NOON + timedelta(seconds=1)}, False),
        ({"end_date": NOON}, False),
        ({"end_date": NOON + timedelta(seconds=1)}, True),
        ({"channel_ids": (1, 2)}, True),
        ({"channel_ids": (2,)}, False),
        ({"currency_code": "USD"}, True),
        ({"currency_code": "EUR"}, False),
        ({"max_uses": 3}, False),
        ({"max_uses": 4}, True),
    ],
)
def test_a_promotion_is_there_at_its_time_in_its_channels_and_its_currency(
    fields: dict[str, Any], applies: bool
) -> None:
    found = answer(amount_off("1", **fields), now=NOON, promotion_uses={1: 3})

    assert bool(taken(found)) is applies


@pytest.mark.parametrize(
    ("now", "admits"),
    [
        ("2026-01-05T10:00:00+00:00", True),  # a Monday, the first week
        ("2026-01-05T08:59:59+00:00", False),
        ("2026-01-05T17:00:00+00:00", True),
        ("2026-01-05T17:00:01+00:00", False),
        ("2026-01-06T10:00:00+00:00", False),
        ("2026-01-07T10:00:00+00:00", True),
        ("2026-01-12T10:00:00+00:00", False),  # each second week only
        ("2026-01-19T10:00:00+00:00", True),
        ("2026-01-05T23:30:00+14:00", True),  # 09:30 in UTC
    ],
)
def test_a_schedule_is_of_days_of_weeks_and_times_of_day_in_utc(now: str, admits: bool) -> None:
    schedule = Schedule(
        week_frequency=2, week_days=("Monday", "Wednesday"), daily_start_time="09:00:00", daily_end_time="17:00:00"
    )
    start = datetime(2026, 1, 8, 12, tzinfo=UTC) - timedelta(days=3)

    assert schedule.admits(datetime.fromisoformat(now), start) is admits


def test_a_schedule_may_go_past_midnight_and_binds_the_promotion() -> None:
    night = Schedule(week_frequency=1, week_days=("Thursday",), daily_start_time="22:00:00", daily_end_time="06:00:00")

    assert night.admits(datetime(2026, 1, 1, 23, tzinfo=UTC), None)
    assert night.admits(datetime(2026, 1, 1, 5, tzinfo=UTC), None)
    assert not taken(answer(amount_off("1", schedule=night), now=NOON))


def test_goods_take_part_that_go_to_the_countries_of_the_promotion() -> None:
    germany = in_new_york(country_code="DE")
    split = a_checkout(
        a_line("x", 1, "100.00"),
        a_line("y", 1, "50.00"),
        a_line("z", 1, "10.00", kind="digital"),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=germany)),
    )
    here = percent_off(10, shipping_address=Countries(codes=("US",)))
    abroad = percent_off(10, shipping_address=Countries(codes=("US",), negated=True))

    assert taken(answer(here, checkout=split)) == {1: "10.00"}
    assert taken(answer(abroad, checkout=split)) == {1: "6.00"}
    assert taken(answer(here, checkout=billed(split, country_code="US"))) == {1: "11.00"}


# ---------------------------------------------------------------------------------------------------- settings, currencies


def test_a_price_for_a_group_or_for_many_units_is_no_sale() -> None:
    regular = a_promotion(CartItems(discount=Percentage(Decimal(10)), exclude_items_on_sale=True))
    group = CatalogPrice(price=usd(100), asked=usd(100))
    sale = CatalogPrice(price=usd(100), asked=usd(80))

    def off(catalog: CatalogPrice | None) -> dict[int, str]:
        line = a_line("x", 1, "80.00", original_price=usd(100), catalog=catalog)
        return taken(answer(regular, checkout=a_checkout(line)))

    assert off(group) == {1: "8.00"}
    assert off(sale) == off(None) == {}


def test_lines_with_a_price_of_their_own_take_part_where_the_store_says_so() -> None:
    checkout = a_checkout(a_line("x", 1, "100.00", price_overridden=True))
    settings = PromotionSettings(promotions_apply_on_products_with_custom_product_price=True)

    assert not taken(answer(percent_off(10), checkout=checkout))
    assert taken(answer(percent_off(10), checkout=checkout, promotion_settings=settings)) == {1: "10.00"}
    assert taken(answer(FIFTH_OFF_ORDER, checkout=checkout)) == {9: "20.00"}


def test_products_that_cost_nothing_trigger_promotions_where_the_store_says_so() -> None:
    checkout = a_checkout(a_line("x", 1, "0.00"), a_line("y", 1, "100.00", product_id=2))
    rewarded = a_promotion(
        CartItems(discount=Amount(Decimal(5)), items=Products((2,))),
        CartCondition(items=Products((1,)), minimum_quantity=1),
    )
    settings = PromotionSettings(promotions_triggered_by_products_with_zero_product_price=True)

    assert not taken(answer(rewarded, checkout=checkout))
    assert taken(answer(rewarded, checkout=checkout, promotion_settings=settings)) == {1: "5.00"}


def test_amounts_of_a_promotion_are_converted_into_the_currency_of_the_cart() -> None:
    yen = OtherCurrency(code="JPY", decimal_places=0, exchange_rate=Decimal(150))
    line = a_line("x", 1, list_price=Money(20_000, "JPY"), original_price=Money(20_000, "JPY"))
    spend = CartCondition(minimum_spend=Decimal("133.33"))
    promotion = a_promotion(TEN_OFF_ORDER, spend, currency_code="*")

    checkout = a_checkout(line, currency=yen)
    found = answer(promotion, checkout=checkout, other_currencies=(yen,))

    assert found.totals.discount_amount == Money(1500, "JPY")
    dearer = a_promotion(TEN_OFF_ORDER, CartCondition(minimum_spend=Decimal("133.34")))
    assert answer(dearer, checkout=checkout, other_currencies=(yen,)).totals.discount_amount.minor == 0  # 20,001 yen


# ---------------------------------------------------------------------------------------------------- shipping


def shipped(*selected: str, **fields: Any) -> tuple[Checkout, tuple[Any, ...]]:
    """A consignment in Texas and one in New York, each with the flat rate of 8.00 chosen."""
    checkout = a_checkout(
        a_line("x", 1, "10.00"),
        a_line("y", 1, "20.00", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
        **fields,
    )
    zones = (a_zone(flat_rate(1), zone_id=1), a_zone(flat_rate(5), zone_id=2, state="TX"))
    return checkout, zones


def choose(checkout: Checkout, known: Facts) -> Checkout:
    for consignment in checkout.consignments:
        option = priced(checkout, known).settled.options[consignment.id][-1]
        change = ConsignmentChange(shipping_option_id=option.id)
        checkout = run(UpdateConsignment(consignment_id=consignment.id, change=change), checkout, known).checkout
    return checkout


def test_free_shipping_adds_an_option_in_its_zones_and_changes_no_other() -> None:
    checkout, zones = shipped()
    known = facts(a_store(*zones, promotions=(a_promotion(Shipping(free_shipping=True, zone_ids=(2,))),)))

    settled = priced(checkout, known).settled

    assert offers(settled, "a") == [("Free Shipping", usd(0)), ("Flat Rate", usd("8.00"))]
    assert offers(settled, "b") == [("Flat Rate", usd("8.00"))]
    assert settled.options["a"][0].type == "freeshipping"
    assert settled.options["a"][0].free_by == (1,)


def test_shipping_discounts_lower_what_was_chosen_and_show_as_order_discounts_on_shipping() -> None:
    checkout, zones = shipped()
    everywhere = a_promotion(ShippingAction(discount=Amount(Decimal(3))), name="Three off")
    known = facts(a_store(*zones, promotions=(everywhere,), tax_zones=(a_tax_zone("0", "10"),)))

    found = priced(choose(checkout, known), known)

    assert found.totals.shipping_before_discount == usd(16)
    assert found.totals.shipping.ex_tax == usd(10)
    assert found.totals.tax == usd(1)
    assert [discount.level for discount in found.consignments["a"].discounts] == ["order"]
    assert found.totals.discount_amount == usd(0)


def test_shipping_promotions_come_before_shipping_coupons_and_shipping_never_costs_less_than_nothing() -> None:
    checkout, zones = shipped()
    five = a_coupon(ShippingDiscount, "5", code="SHIP5", coupon_id=3)
    known = facts(
        a_store(*zones, promotions=(a_promotion(ShippingAction(discount=Amount(Decimal(7)))),), coupons=(five,))
    )

    found = priced(replace(choose(checkout, known), coupons=applied(five)), known)

    assert found.totals.shipping.ex_tax == usd(0)
    assert [discount.amount for discount in found.consignments["a"].discounts] == [usd(7), usd(1)]


def test_without_another_option_the_chosen_one_is_free_where_the_promotion_goes_to() -> None:
    checkout, zones = shipped()
    known = facts(a_store(*zones, promotions=(a_promotion(Shipping(zone_ids=(1,))),)))

    found = priced(choose(checkout, known), known)

    assert found.consignments["a"].shipping.ex_tax == usd(8)
    assert found.consignments["b"].shipping.ex_tax == usd(0)


# ---------------------------------------------------------------------------------------------------- codes


def a_code(code: str = "SPRING", code_id: int = 50, promotion_id: int = 1, **fields: Any) -> PromotionCode:
    return PromotionCode(id=code_id, promotion_id=promotion_id, code=code, **fields)


def entered(*codes: PromotionCode) -> tuple[AppliedCoupon, ...]:
    return tuple(
        AppliedCoupon(id=code.id, code=code.code, name="", type="promotion", promotion_id=code.promotion_id)
        for code in codes
    )


def coupon_promotion(promotion: Promotion, **fields: Any) -> Promotion:
    return replace(promotion, redemption_type="COUPON", **fields)


def with_codes(*codes: PromotionCode) -> dict[int, PromotionCode]:
    return {code.id: code for code in codes}


def test_a_coupon_promotion_applies_with_its_code_only_and_counts_as_a_coupon() -> None:
    tenth, code = coupon_promotion(percent_off(10, name="Spring")), a_code()
    checkout = a_checkout(a_line("x", 1, "100.00"))

    without = answer(tenth, checkout=checkout)
    found = answer(tenth, checkout=replace(checkout, coupons=entered(code)), codes=with_codes(code))

    assert without.totals.grand_total == usd(100)
    assert found.totals.subtotal.ex_tax == usd(100)
    assert found.totals.cart_amount.ex_tax == usd(90)
    assert found.lines["x"].coupon_discount == usd(10)
    assert [(one.level, one.source, one.source_id) for one in found.lines["x"].discounts] == [("coupon", "SPRING", 50)]


def test_entering_a_code_applies_it_under_the_name_shoppers_see() -> None:
    spring = coupon_promotion(percent_off(10, name="spring 26", display_name="Spring sale"))
    known = shop(spring, codes=with_codes(a_code()), now=NOON)

    found = run(ApplyCoupon(code=" spring "), a_checkout(), known)

    assert found.checkout.coupons == (
        AppliedCoupon(id=50, code="SPRING", name="Spring sale", type="promotion", promotion_id=1),
    )
    assert run(WithdrawCoupon(code="Spring"), found.checkout, known).checkout.coupons == ()


def test_of_the_codes_of_one_promotion_a_checkout_takes_one_and_it_applies_once() -> None:
    first, second = a_code(), a_code("SUMMER", 51)
    settings = PromotionSettings(number_of_coupons_allowed_at_checkout=5)
    known = shop(coupon_promotion(amount_off("10")), codes=with_codes(first, second), promotion_settings=settings)
    checkout = a_checkout(a_line("x", 1, "100.00"))

    with pytest.raises(CouponNotApplicable, match="another code of its promotion") as caught:
        run(ApplyCoupon(code="SUMMER"), replace(checkout, coupons=entered(first)), known)

    assert caught.value.reason == "not_applicable"
    assert taken(priced(replace(checkout, coupons=entered(first, second)), known)) == {50: "10.00"}


def refusal(promotion: Promotion, *others: Promotion, checkout: Checkout | None = None, **fields: Any) -> str:
    known = shop(coupon_promotion(promotion), *others, **({"codes": with_codes(a_code()), "now": NOON} | fields))
    with pytest.raises(CouponNotApplicable) as caught:
        applied_coupons.apply(checkout or a_checkout(), "SPRING", known)
    return caught.value.reason


def test_a_code_is_refused_with_the_reason() -> None:
    spend = a_promotion(TEN_OFF_ORDER, CartCondition(minimum_spend=Decimal(50)))
    buy = a_promotion(TEN_OFF_ORDER, CartCondition(items=Products((9,)), minimum_quantity=1))

    assert refusal(spend) == "min_purchase"
    assert refusal(buy) == "not_applicable"
    assert refusal(percent_off(10, 99)) == "not_applicable"
    assert refusal(percent_off(10, status="DISABLED")) == "invalid"
    assert refusal(percent_off(10, start_date=NOON + timedelta(days=1))) == "invalid"
    assert refusal(percent_off(10, end_date=NOON)) == "expired"
    assert refusal(percent_off(10, max_uses=2), promotion_uses={1: 2}) == "limit"
    assert refusal(percent_off(10, customer=CustomerLimits(group_ids=(3,)))) == "not_applicable"
    assert refusal(percent_off(10, currency_code="EUR")) == "not_applicable"
    assert refusal(percent_off(10), codes={}) == "invalid"
    assert refusal(percent_off(10, promotion_id=2)) == "invalid"


def test_a_code_that_stops_applying_stays_and_gives_nothing() -> None:
    code = a_code()
    spend = coupon_promotion(a_promotion(TEN_OFF_ORDER, CartCondition(minimum_spend=Decimal(50))))
    poor = a_checkout(a_line("x", 1, "49.99"), coupons=entered(code))

    assert answer(spend, checkout=poor, codes=with_codes(code)).totals.grand_total == usd("49.99")
    assert answer(
        spend, checkout=replace(poor, lines=(a_line("x", 5),)), codes=with_codes(code)
    ).totals.grand_total == usd(40)
    assert answer(spend, checkout=replace(poor, lines=(a_line("x", 5),)), codes={}).totals.grand_total == usd(50)


def test_codes_and_coupons_are_taken_in_the_order_in_which_they_were_applied() -> None:
    code, half = a_code(), a_coupon(PercentageDiscount, "50", code="HALF", coupon_id=2)
    ten = coupon_promotion(a_promotion(TEN_OFF_ORDER))
    checkout = a_checkout(a_line("x", 1, "100.00"))

    first = replace(checkout, coupons=(*entered(code), *applied(half)))
    last = replace(checkout, coupons=(*applied(half), *entered(code)))

    assert taken(answer(ten, checkout=first, coupons=(half,), codes=with_codes(code))) == {50: "10.00", 2: "45.00"}
    assert taken(answer(ten, checkout=last, coupons=(half,), codes=with_codes(code))) == {2: "50.00", 50: "10.00"}


CODE = a_code(promotion_id=2)
CODED = a_checkout(a_line("x", 1, "100.00"), coupons=entered(CODE))


def with_code(automatic: Promotion, coupon: Promotion) -> dict[int, str]:
    """What an automatic promotion (1) and a code (50) take off 100.00."""
    return taken(answer(automatic, coupon_promotion(coupon, id=2), checkout=CODED, codes=with_codes(CODE)))


def test_a_code_that_needs_to_be_alone_comes_too_late_after_an_automatic_promotion() -> None:
    assert with_code(amount_off("1"), amount_off("2")) == {1: "1.00", 50: "2.00"}
    assert with_code(amount_off("1"), alone(amount_off("2"))) == {1: "1.00"}
    assert with_code(alone(amount_off("1")), amount_off("2")) == {1: "1.00"}
    assert with_code(amount_off("1", stop=True), amount_off("2")) == {1: "1.00", 50: "2.00"}
    assert refusal(alone(amount_off("2")), amount_off("1", promotion_id=7)) == "not_applicable"


def test_a_code_that_overrides_sets_everything_else_aside() -> None:
    overriding = alone(amount_off("2"), coupon_overrides_other_promotions=True)

    assert with_code(amount_off("30"), overriding) == {50: "2.00"}
    assert with_code(alone(amount_off("30")), overriding) == {50: "2.00"}


def test_a_code_may_take_the_place_of_automatic_promotions_that_give_less() -> None:
    def better(amount: str) -> Promotion:
        return alone(amount_off(amount), coupon_overrides_automatic_when_offering_higher_discounts=True)

    assert with_code(amount_off("10"), better("12")) == {50: "12.00"}
    assert with_code(amount_off("10"), better("10")) == {1: "10.00"}
    assert with_code(amount_off("10", 99), better("1")) == {50: "1.00"}


def test_a_code_that_was_deleted_leaves_its_place_to_the_next_one() -> None:
    gone, code = a_code("SUMMER", 49), a_code()
    promotion = coupon_promotion(percent_off(10))
    known = shop(promotion, codes=with_codes(code), promotion_settings=PromotionSettings())

    found = run(ApplyCoupon(code="SPRING"), a_checkout(coupons=entered(gone)), known).checkout

    assert [applied.id for applied in found.coupons] == [50]


def test_d83_with_a_manual_discount_codes_count_as_they_do_without_it() -> None:
    overriding = alone(amount_off("2"), coupon_overrides_other_promotions=True)
    other = coupon_promotion(amount_off("5", promotion_id=2))
    first, second = a_code("FIVE", 49, promotion_id=2), a_code()
    given = ManualDiscounts(cart=usd(30))
    known = shop(coupon_promotion(overriding), other, codes=with_codes(first, second))
    checkout = a_checkout(a_line("x", 1, "100.00"), coupons=entered(first, second))

    assert taken(priced(checkout, known)) == {50: "2.00"}
    assert taken(priced(replace(checkout, manual_discounts=given), known)) == {0: "30.00", 50: "2.00"}


def test_d83_a_manual_discount_leaves_what_promotions_do_for_shipping() -> None:
    checkout, zones = shipped()
    promotions = (
        a_promotion(Shipping(free_shipping=True)),
        a_promotion(GiftItem(quantity=1, product_id=1), promotion_id=2),
        amount_off("5", promotion_id=3),
    )
    known = facts(a_store(*zones, promotions=promotions), a_product(1))
    free = priced(checkout, known).settled.options["a"][0]
    selected = tuple(replace(entry, selected=free) for entry in checkout.consignments[:1])
    chose = replace(checkout, consignments=(*selected, *checkout.consignments[1:]))

    draft = ManualDraft(cart=(Decimal(3),))
    found = run(GiveManualDiscounts(draft=draft), chose, known)

    assert chosen(found.checkout.consignments[0]).free_by == (1,)
    assert found.totals.manual_discount == usd(3)
    assert {entry.source for entry in found.entries if isinstance(entry, Discount)} == {"manual discount"}
    assert not any(line.gift for line in found.checkout.lines)


def test_c7_free_shipping_stays_chosen_where_a_code_offers_it_besides_an_automatic_promotion() -> None:
    automatic = a_promotion(Shipping(free_shipping=True), promotion_id=2)
    free = coupon_promotion(a_promotion(Shipping(free_shipping=True)))
    known = facts(a_store(promotions=(automatic, free)), codes=with_codes(a_code()))
    bare = a_checkout(consignments=(a_consignment(),))
    option = priced(bare, known).settled.options["a"][0]
    checkout = replace(bare, consignments=(a_consignment(selected=option),))

    now = run(ApplyCoupon(code="SPRING"), checkout, known).checkout

    assert chosen(now.consignments[0]).free_by == (2, 1)


def test_free_shipping_by_a_code_is_an_option_and_taking_the_code_away_takes_it_away() -> None:
    checkout, zones = shipped()
    free = coupon_promotion(a_promotion(Shipping(free_shipping=True)))
    known = facts(a_store(*zones, promotions=(free,)), codes=with_codes(a_code()))

    found = run(ApplyCoupon(code="SPRING"), checkout, known)
    option = found.settled.options["a"][0]
    change = ConsignmentChange(shipping_option_id=option.id)
    chose = run(UpdateConsignment(consignment_id="a", change=change), found.checkout, known)

    assert chosen(chose.checkout.consignments[0]).free_by == (1,)
    assert [use.counter for use in applied_coupons.uses(chose, known)] == [-1, 50]
    assert run(WithdrawCoupon(code="SPRING"), chose.checkout, known).checkout.consignments[0].selected is None


def test_an_order_uses_up_the_promotions_and_codes_that_gave_something() -> None:
    idle, ten = amount_off("1", 99, promotion_id=3), amount_off("10", max_uses=5, name="Ten off")
    code = a_code(promotion_id=2, max_uses=7, max_uses_per_customer=1)
    known = shop(ten, coupon_promotion(amount_off("2", promotion_id=2)), idle, codes=with_codes(code))

    used = applied_coupons.uses(priced(a_checkout(a_line("x", 1, "100.00"), coupons=entered(code)), known), known)

    assert [(use.counter, use.max_uses, use.max_uses_per_customer) for use in used] == [
        (-2, 0, 0),
        (-1, 5, 0),
        (50, 7, 1),
    ]
    assert [use.name for use in used] == ["The promotion A promotion", "The promotion Ten off", "Coupon code SPRING"]
