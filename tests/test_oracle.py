"""The oracle itself: the test vectors of BEHAVIOUR 11.2, further cases worked out by hand, and sums that must agree."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given

from tests.oracle import (
    Consignment,
    Coupon,
    CouponType,
    Fee,
    Items,
    Kind,
    Level,
    Line,
    Manual,
    Priced,
    Promotion,
    Rate,
    Rounding,
    Scenario,
    Zone,
    hand_out,
    price,
    rounded,
    spread,
)
from tests.scenarios import scenario, scenarios


def a_rate(percent: str, name: str = "Tax", priority: int = 1) -> Rate:
    """The same percentage for every class that the tests use."""
    return Rate(name, dict.fromkeys(range(5), Fraction(percent)), priority)


def a_zone(*rates: Rate, inclusive: bool = False) -> Zone:
    return Zone(rates, show_inclusive=inclusive)


def lines_at(*list_prices: int) -> tuple[Line, ...]:
    return tuple(Line(position, list_price) for position, list_price in enumerate(list_prices))


def off_items(id: int, percent: str) -> Promotion:
    return Promotion(id, Level.ITEMS, percent=Fraction(percent))


def off_order(id: int, percent: str) -> Promotion:
    return Promotion(id, Level.ORDER, percent=Fraction(percent))


def per_total(amount: int) -> Coupon:
    return Coupon(CouponType.PER_TOTAL, amount)


def coupon_shares(priced: Priced) -> list[int]:
    return [line.coupon_discount for line in priced.lines]


def sales(priced: Priced) -> list[int]:
    return [line.sale_shown for line in priced.lines]


# --- Arithmetic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "whole"), [("0.5", 1), ("-0.5", -1), ("0.49", 0), ("2.5", 3), ("1.278", 1), ("-2.5", -3)]
)
def test_halves_are_rounded_away_from_zero(exact: str, whole: int) -> None:
    assert rounded(Fraction(exact)) == whole


def test_units_left_over_go_to_the_largest_remainders_and_on_a_tie_to_the_earlier_part() -> None:
    assert hand_out(2, [Fraction("0.5"), Fraction("0.5"), Fraction("0.9")]) == [1, 0, 1]


def test_nothing_takes_more_than_there_is() -> None:
    assert spread(10, {0: 3, 1: 4}) == {0: 3, 1: 4}
    assert spread(10, {0: 0, 1: 0}) == {0: 0, 1: 0}


# --- Test vectors -----------------------------------------------------------------------------------------------------


def test_t1_a_fixed_coupon_is_spread_over_all_lines_and_the_certificate_bought() -> None:
    lines = (
        Line(0, 1599, product_id=1),
        Line(1, 2500, product_id=2),
        Line(2, 4999, product_id=3, kind=Kind.DIGITAL),
        Line(3, 1895, kind=Kind.CUSTOM),
        Line(4, 1000, kind=Kind.GIFT_CERTIFICATE),
    )
    two_off = Promotion(1, Level.ITEMS, fixed=200, items=Items(products=frozenset({1})))

    priced = price(Scenario(lines, promotions=(two_off,), coupons=(per_total(500),)))

    assert priced.base_amount == 11993
    assert sales(priced) == [1399, 2500, 4999, 1895, 1000]
    assert priced.subtotal == 11793
    assert coupon_shares(priced) == [59, 106, 212, 80, 43]
    assert [line.total_discount for line in priced.lines] == [259, 106, 212, 80, 43]
    assert priced.coupon_amounts == (500,)
    assert priced.discount_amount == 0
    assert priced.cart_amount == 11293


FOUR_PERCENT = a_zone(a_rate("4"))


def test_t2_goods_and_shipping_are_taxed_each_by_themselves() -> None:
    priced = price(Scenario(lines_at(3195), (Consignment((0,), 0, shipping=800),), zones=(FOUR_PERCENT,)))

    assert (priced.subtotal_ex, priced.subtotal_inc) == (3195, 3323)
    assert (priced.cart_amount_ex, priced.cart_amount_inc) == (3195, 3323)
    assert (priced.consignments[0].shipping.ex, priced.consignments[0].shipping.inc) == (800, 832)
    assert priced.taxes == (("Tax", 160),)
    assert priced.tax_total == 160
    assert priced.grand_total == 4155


def test_t3_without_a_selected_option_there_is_no_shipping() -> None:
    priced = price(Scenario(lines_at(3195), (Consignment((0,), 0),), zones=(FOUR_PERCENT,)))

    assert (priced.cart_amount_ex, priced.cart_amount_inc) == (3195, 3323)
    assert priced.consignments[0].shipping.inc == 0
    assert priced.tax_total == 128
    assert priced.grand_total == 3323


def test_t4_a_percentage_coupon_is_rounded_per_line() -> None:
    coupon = Coupon(CouponType.PERCENTAGE, percent=Fraction(20))

    priced = price(Scenario(lines_at(3200, 3500), coupons=(coupon,)))

    assert coupon_shares(priced) == [640, 700]
    assert priced.coupon_amounts == (1340,)
    assert priced.subtotal == 6700
    assert priced.cart_amount == 5360
    assert priced.grand_total == 5360


def test_t5_without_discount_and_tax_a_checkout_costs_its_lines() -> None:
    priced = price(Scenario(lines_at(3200, 3500)))

    assert priced.subtotal == priced.cart_amount == priced.grand_total == 6700
    assert priced.taxes == ()


def test_t6_an_order_discount_is_not_part_of_the_subtotal() -> None:
    priced = price(
        Scenario(lines_at(22500), (Consignment((0,), 0, shipping=800),), promotions=(off_order(1, "20"),)),
    )

    assert priced.subtotal == 22500
    assert priced.discount_amount == 4500
    assert priced.lines[0].product_discount == 0
    assert priced.cart_amount == 18000
    assert priced.grand_total == 18800


def test_t7_store_tax_comes_off_for_a_shopper_without_tax() -> None:
    priced = price(
        Scenario(
            lines_at(22500),
            (Consignment((0,), 1, shipping=800),),
            zones=(a_zone(a_rate("10")), a_zone(inclusive=True)),
            elsewhere_zone=1,
            display_zone=1,
            entered_with_tax=True,
        )
    )

    assert priced.base_amount == 22500
    assert priced.shown_inclusive
    assert priced.subtotal == priced.cart_amount == 20455
    assert priced.shown(priced.consignments[0].shipping) == 727
    assert priced.tax_total == 0
    assert priced.grand_total == 21182


def test_t8_prices_entered_without_tax_can_be_shown_with_it() -> None:
    priced = price(Scenario(lines_at(22500), zones=(a_zone(a_rate("10"), inclusive=True),)))

    assert priced.subtotal == priced.cart_amount == priced.grand_total == 24750
    assert priced.tax_total == 2250


def test_t9_a_product_discount_makes_the_subtotal_smaller() -> None:
    priced = price(Scenario(lines_at(24600), promotions=(off_items(1, "10"),)))

    assert priced.base_amount == 24600
    assert priced.lines[0].product_discount == 2460
    assert priced.subtotal == priced.cart_amount == 22140


def test_t10_two_consignments_make_one_sum() -> None:
    priced = price(
        Scenario(lines_at(22500, 22500), (Consignment((0,), 0, shipping=0), Consignment((1,), 0, shipping=0)))
    )

    assert priced.subtotal == priced.cart_amount == priced.grand_total == 45000


# --- Tax --------------------------------------------------------------------------------------------------------------

GST_AND_PST = a_zone(a_rate("5", "GST"), a_rate("9.975", "PST", priority=2))


def test_the_next_priority_is_taken_on_the_amount_with_the_rounded_tax_before_it() -> None:
    # 19.99 * 5 % = 0.9995 -> 1.00; 20.99 * 9.975 % = 2.0938 -> 2.09
    priced = price(Scenario(lines_at(1999), zones=(GST_AND_PST,)))

    assert priced.taxes == (("GST", 100), ("PST", 209))
    assert priced.grand_total == 2308


def test_rates_of_one_priority_are_taken_on_the_same_amount() -> None:
    # 19.99 * 5 % = 0.9995 -> 1.00; 19.99 * 7 % = 1.3993 -> 1.40
    priced = price(Scenario(lines_at(1999), zones=(a_zone(a_rate("5", "GST"), a_rate("7", "PST")),)))

    assert priced.taxes == (("GST", 100), ("PST", 140))


def test_taxes_inside_a_price_leave_the_last_one_what_is_missing() -> None:
    # 10.00 / 1.12 = 8.9286 -> 8.93; 8.93 * 5 % = 0.4465 -> 0.45; of the 1.07 that leaves 0.62, though 7 % is 0.6251
    zone = a_zone(a_rate("5", "GST"), a_rate("7", "PST"), inclusive=True)

    priced = price(Scenario(lines_at(1000), zones=(zone,), entered_with_tax=True))

    assert priced.lines[0].paid.ex == 893
    assert priced.taxes == (("GST", 45), ("PST", 62))
    assert priced.grand_total == priced.cart_amount == 1000


def test_compounded_taxes_are_divided_out_of_a_price_at_once() -> None:
    # 23.08 / (1.05 * 1.09975) = 19.9872 -> 19.99; 19.99 * 5 % -> 1.00; 23.08 - 19.99 - 1.00 = 2.09
    priced = price(Scenario(lines_at(2308), zones=(GST_AND_PST,), entered_with_tax=True, subtract_store_tax=False))

    assert priced.cart_amount == 1999
    assert priced.lines[0].paid.by_name == {"GST": 100, "PST": 209}
    assert priced.grand_total == 2308


STORE_20_SHOPPER_10 = (a_zone(a_rate("20"), inclusive=True), a_zone(a_rate("10"), inclusive=True))


def test_store_tax_makes_room_for_the_shoppers_own() -> None:
    # 9.99 / 1.2 = 8.325 -> 8.33, + 10 % = 0.833 -> 0.83: 9.16
    # 9.99 - 10 % (0.999 -> 1.00) = 8.99; / 1.2 = 7.4917 -> 7.49, + 0.749 -> 0.75: 8.24; the coupon shows as 0.92
    coupon = Coupon(CouponType.PERCENTAGE, percent=Fraction(10))

    priced = price(
        Scenario(
            lines_at(999),
            zones=STORE_20_SHOPPER_10,
            elsewhere_zone=1,
            display_zone=1,
            entered_with_tax=True,
            coupons=(coupon,),
        )
    )

    assert priced.base_amount == 999
    assert priced.subtotal == 916
    assert priced.coupon_amounts == (92,)
    assert priced.cart_amount == 824
    assert priced.cart_amount_ex == 749
    assert priced.subtotal_ex == 841
    assert priced.tax_total == 75


def test_who_has_the_stores_own_rates_pays_the_price_that_was_entered() -> None:
    # 9.99 / 1.2 = 8.325 -> 8.33, and 1.66 of tax, though 20 % of 8.33 is 1.67
    priced = price(Scenario(lines_at(999), zones=STORE_20_SHOPPER_10, entered_with_tax=True))

    assert priced.cart_amount_ex == 833
    assert priced.tax_total == 166
    assert priced.grand_total == 999


def test_where_store_tax_stays_in_the_price_everyone_pays_the_same() -> None:
    # 9.99 / 1.1 = 9.0818 -> 9.08
    priced = price(
        Scenario(
            lines_at(999),
            zones=STORE_20_SHOPPER_10,
            elsewhere_zone=1,
            display_zone=1,
            entered_with_tax=True,
            subtract_store_tax=False,
        )
    )

    assert priced.cart_amount_ex == 908
    assert priced.grand_total == 999


def test_without_rounding_per_rate_the_sum_is_rounded_and_handed_out_again() -> None:
    # Three times 10 % of 0.35: 10.5 -> 11, by floors 3, 3, 3 and one each for the first two
    whole = Scenario(lines_at(35, 35, 35), zones=(a_zone(a_rate("10")),), rounding=Rounding.NONE)

    summed, each = price(whole), price(replace(whole, rounding=Rounding.RATE))

    assert [line.paid.inc for line in summed.lines] == [39, 39, 38]
    assert summed.tax_total == 11
    assert [line.paid.inc for line in each.lines] == [39, 39, 39]
    assert each.tax_total == 12


def test_without_rounding_per_rate_the_next_priority_sees_the_exact_tax_too() -> None:
    # Three times 0.10: 5 % is 0.5, 1.5 -> 2 in all; then 10 % of 10.5 is 1.05, 3.15 -> 3 in all.
    # Each for itself: 0.5 -> 1; 10 % of 11 is 1.1 -> 1.
    zone = a_zone(a_rate("5", "GST"), a_rate("10", "PST", priority=2))
    whole = Scenario(lines_at(10, 10, 10), zones=(zone,), rounding=Rounding.NONE)

    assert price(whole).taxes == (("GST", 2), ("PST", 3))
    assert [line.paid.inc for line in price(whole).lines] == [12, 12, 11]
    assert price(replace(whole, rounding=Rounding.RATE)).taxes == (("GST", 3), ("PST", 3))


def test_without_rounding_per_rate_a_line_without_discount_shows_none() -> None:
    # 0.35 alone would be 0.39; the third line pays 0.38 and shows it all the way up.
    zone = a_zone(a_rate("10"), inclusive=True)

    priced = price(Scenario(lines_at(35, 35, 35), zones=(zone,), rounding=Rounding.NONE))

    assert [line.list_shown for line in priced.lines] == [39, 39, 38]
    assert [line.total_discount for line in priced.lines] == [0, 0, 0]
    assert priced.subtotal == priced.cart_amount == 116


def test_yen_have_no_places() -> None:
    # 3 * 333 = 999; 5 % of it is 49.95 -> 50; 10 % of 949 is 94.9 -> 95
    priced = price(
        Scenario((Line(0, 333, 3),), places=0, zones=(a_zone(a_rate("10")),), promotions=(off_order(1, "5"),))
    )

    assert priced.base_amount == 999
    assert priced.discount_amount == 50
    assert priced.cart_amount == 949
    assert priced.tax_total == 95
    assert priced.grand_total == 1044


def test_dinars_have_three_places() -> None:
    # 15 % of 0.110 is 0.0165 -> 0.017, of 3 * 1.255 = 3.765 it is 0.56475 -> 0.565, of 2.500 shipping 0.375
    priced = price(
        Scenario(
            (Line(0, 110), Line(1, 1255, 3)),
            (Consignment((0, 1), 0, shipping=2500),),
            places=3,
            zones=(a_zone(a_rate("15")),),
        )
    )

    assert [line.paid.inc for line in priced.lines] == [127, 4330]
    assert priced.tax_total == 957
    assert priced.grand_total == 7332


def test_a_certificate_bought_is_never_taxed_also_not_by_taking_store_tax_off() -> None:
    priced = price(
        Scenario(
            (Line(0, 1000, kind=Kind.GIFT_CERTIFICATE),),
            zones=STORE_20_SHOPPER_10,
            elsewhere_zone=1,
            display_zone=1,
            entered_with_tax=True,
        )
    )

    assert priced.subtotal_ex == priced.subtotal_inc == priced.grand_total == 1000


def test_lines_are_taxed_where_they_go_and_unassigned_ones_and_fees_elsewhere() -> None:
    # 10.00 to a place without tax; 20.00 unassigned and a fee of 2.50 at 10 %: 2.00 + 0.25; wrapping 3.00 goes untaxed
    sent = Line(0, 1000, wrapping=300)

    priced = price(
        Scenario(
            (sent, Line(1, 2000)),
            (Consignment((0,), 1, shipping=500, handling=100),),
            zones=(a_zone(a_rate("10")), a_zone()),
            fees=(Fee(250),),
        )
    )

    assert priced.tax_total == 225
    assert (priced.fees[0].ex, priced.fees[0].inc) == (250, 275)
    assert priced.lines[0].wrapping.inc == 300
    assert priced.grand_total == 4375


def test_each_class_has_its_own_rate() -> None:
    # Goods 10 %, shipping and handling 20 %, wrapping 5 %, fee of class 4 without tax: 1.00 + 1.00 + 0.20 + 0.15
    rate = Rate("Tax", {0: Fraction(10), 2: Fraction(20), 3: Fraction(5)})

    priced = price(
        Scenario(
            (Line(0, 1000, wrapping=300),),
            (Consignment((0,), 0, shipping=500, handling=100),),
            zones=(a_zone(rate),),
            fees=(Fee(250, 4),),
        )
    )

    assert priced.lines[0].paid.inc == 1100
    assert priced.lines[0].wrapping.inc == 315
    assert priced.consignments[0].shipping.inc == 600
    assert priced.consignments[0].handling.inc == 120
    assert priced.fees[0].inc == 250
    assert priced.tax_total == 235


# --- Discounts --------------------------------------------------------------------------------------------------------


def test_a_discount_is_the_same_number_in_both_modes() -> None:
    # 9.99 + 10 % = 10.989 -> 10.99; 8.99 + 10 % = 9.889 -> 9.89; so the coupon of 1.00 shows as 1.10
    priced = price(
        Scenario(lines_at(999), zones=(a_zone(a_rate("10"), inclusive=True),), coupons=(per_total(100),)),
    )

    assert priced.coupon_amounts == (110,)
    assert (priced.subtotal_inc, priced.cart_amount_inc) == (1099, 989)
    assert (priced.subtotal_ex, priced.cart_amount_ex) == (1009, 899)


TEN_TWENTY_TEN = (off_items(1, "10"), off_items(2, "20"), off_order(3, "10"))


def test_percentages_of_the_original_price_do_not_see_each_other() -> None:
    # 100 - 10 - 20 = 70; 10 % of 100 again
    priced = price(Scenario(lines_at(10000), promotions=TEN_TWENTY_TEN))

    assert priced.subtotal == 7000
    assert priced.discount_amount == 1000
    assert priced.cart_amount == 6000


def test_cumulative_percentages_are_of_what_is_left() -> None:
    # 100 - 10 = 90; - 18 = 72; - 7.20 = 64.80
    priced = price(Scenario(lines_at(10000), promotions=TEN_TWENTY_TEN, on_original_price=False))

    assert priced.subtotal == 7200
    assert priced.discount_amount == 720
    assert priced.cart_amount == 6480


def test_order_discounts_are_spread_by_what_is_left() -> None:
    # Half off the first line: 10.00 and 20.00 are left; 10 % of 40.00 is 4.00, as 1.33 and 2.67
    half = replace(off_items(1, "50"), items=Items(products=frozenset({1})))
    lines = (Line(0, 2000, product_id=1), Line(1, 2000, product_id=2))

    priced = price(Scenario(lines, promotions=(half, off_order(2, "10"))))

    assert [line.order_discount for line in priced.lines] == [133, 267]
    assert priced.cart_amount == 2600


def test_an_order_promotion_first_in_the_chain_still_takes_effect_after_product_promotions() -> None:
    # The chain: 1 then 2. The effect: 100 - 50, then 10 % of what is left.
    first, second = off_order(1, "10"), replace(off_items(2, "50"), priority=1)

    priced = price(Scenario(lines_at(10000), promotions=(second, first), on_original_price=False))

    assert priced.applied == (1, 2)
    assert priced.subtotal == 5000
    assert priced.discount_amount == 500


def test_stop_ends_the_chain_only_when_the_promotion_applied() -> None:
    idle = replace(off_items(1, "10"), stop=True, minimum_spend=10001)
    stopping = replace(off_items(2, "20"), stop=True)
    unreached = off_items(3, "30")

    priced = price(Scenario(lines_at(10000), promotions=(unreached, stopping, idle)))

    assert priced.applied == (2,)
    assert priced.subtotal == 8000


def test_a_promotion_that_stands_alone_needs_to_come_first_and_then_is_the_only_one() -> None:
    common, alone = off_items(1, "10"), replace(off_items(2, "20"), with_others=False)

    after_another = price(Scenario(lines_at(10000), promotions=(common, alone)))
    before_another = price(Scenario(lines_at(10000), promotions=(replace(common, priority=1), alone)))

    assert after_another.applied == (1,)
    assert before_another.applied == (2,)
    assert before_another.subtotal == 8000


def test_a_promotion_that_would_give_nothing_does_not_stand_in_the_way() -> None:
    # 0.5 % of 0.99 is 0.00495, which is nothing
    nothing = replace(off_items(1, "0.5"), with_others=False)

    priced = price(Scenario(lines_at(99), promotions=(nothing, off_items(2, "10"))))

    assert priced.applied == (2,)


def test_conditions_count_list_prices_of_matching_lines() -> None:
    lines = (
        Line(0, 1000, 2, category_ids=frozenset({7}), product_id=1),
        Line(1, 5000, overridden=True, category_ids=frozenset({7}), product_id=2),
    )
    condition = replace(off_order(1, "10"), condition_items=Items(categories=frozenset({7})), minimum_quantity=2)

    assert price(Scenario(lines, promotions=(replace(condition, minimum_spend=7000),))).discount_amount == 700
    assert price(Scenario(lines, promotions=(replace(condition, minimum_spend=7001),))).applied == ()
    assert price(Scenario(lines, promotions=(replace(condition, minimum_quantity=4),))).applied == ()


def test_lines_with_a_price_of_their_own_take_part_in_all_but_product_level_promotions() -> None:
    lines = (Line(0, 1000), Line(1, 1000, overridden=True))
    coupon = Coupon(CouponType.PERCENTAGE, percent=Fraction(10))

    priced = price(Scenario(lines, promotions=(off_items(1, "50"), off_order(2, "10")), coupons=(coupon,)))

    # 5.00 and 10.00 are left; 10 % of 20.00 is spread over them: 0.67 and 1.33; then a tenth of 4.33 and of 8.67
    assert [line.product_discount for line in priced.lines] == [500, 0]
    assert [line.order_discount for line in priced.lines] == [67, 133]
    assert coupon_shares(priced) == [43, 87]


def test_a_maximum_serves_the_first_lines() -> None:
    # Half of 10.00 and of 20.00 is 5.00 and 10.00; of 7.00 the second line gets the rest
    priced = price(Scenario(lines_at(1000, 2000), promotions=(replace(off_items(1, "50"), maximum=700),)))

    assert [line.product_discount for line in priced.lines] == [500, 200]


def test_a_fixed_amount_is_per_unit_unless_it_is_a_total() -> None:
    lines = (Line(0, 300, 2), Line(1, 150, 4))
    each = Promotion(1, Level.ITEMS, fixed=200)

    # 2 * 2.00 of 6.00, and 4 * 2.00 is more than 6.00; as a total 2.00 is halved between them
    assert [line.product_discount for line in price(Scenario(lines, promotions=(each,))).lines] == [400, 600]
    as_total = replace(each, as_total=True)
    assert [line.product_discount for line in price(Scenario(lines, promotions=(as_total,))).lines] == [100, 100]


def test_a_coupon_per_item_counts_units_and_stops_at_the_line() -> None:
    lines = (Line(0, 150, 3), Line(1, 900, 2), Line(2, 900, kind=Kind.GIFT_CERTIFICATE))

    priced = price(Scenario(lines, coupons=(Coupon(CouponType.PER_ITEM, 200),)))

    assert coupon_shares(priced) == [450, 400, 0]


def test_coupons_see_what_the_ones_before_them_left() -> None:
    # 10 % of 10.00, then 5.00 of 9.00, then half of 4.00
    tenth, half = (Coupon(CouponType.PERCENTAGE, percent=Fraction(percent)) for percent in (10, 50))

    priced = price(Scenario(lines_at(1000), coupons=(tenth, per_total(500), half)))

    assert priced.coupon_amounts == (100, 500, 200)
    assert priced.cart_amount == 200


def test_a_coupon_below_its_minimum_gives_nothing() -> None:
    # After product discounts there are 9.00
    tenth_off = off_items(1, "10")

    met = Scenario(lines_at(1000), promotions=(tenth_off,), coupons=(replace(per_total(300), minimum=900),))
    missed = replace(met, coupons=(replace(per_total(300), minimum=901),))

    assert price(met).coupon_amounts == (300,)
    assert price(missed).coupon_amounts == (0,)


def test_a_manual_discount_takes_the_place_of_promotions() -> None:
    # 5.00 off the first line leaves 35.00 and 60.00; 10.00 more as 3.68 and 6.32; then 10 % of 31.32 and of 53.68
    coupon = Coupon(CouponType.PERCENTAGE, percent=Fraction(10))

    priced = price(
        Scenario(
            lines_at(4000, 6000),
            promotions=(off_items(1, "50"),),
            manual=Manual(1000, {0: 500}),
            coupons=(coupon,),
        )
    )

    assert priced.applied == ()
    assert priced.subtotal == 10000
    assert [line.order_discount for line in priced.lines] == [868, 632]
    assert priced.discount_amount == 1500
    assert coupon_shares(priced) == [313, 537]
    assert priced.cart_amount == 7650


def test_shipping_promotions_come_before_shipping_coupons() -> None:
    # 25 % of 9.99 is 2.4975 -> 2.50, of 5.01 it is 1.2525 -> 1.25, leaving 7.49 and 3.76;
    # of 5.00 over them the shares are 3.3289 and 1.6711 -> 3.33 and 1.67
    quarter = Promotion(1, Level.SHIPPING, percent=Fraction(25))
    consignments = (Consignment((0,), 0, shipping=999, handling=250), Consignment((1,), 0, shipping=501))

    priced = price(
        Scenario(
            lines_at(1000, 1000),
            consignments,
            promotions=(quarter,),
            coupons=(Coupon(CouponType.SHIPPING, 500), Coupon(CouponType.FREE_SHIPPING)),
        )
    )

    assert [each.before_discount for each in priced.consignments] == [999, 501]
    assert [each.automatic_discount for each in priced.consignments] == [250, 125]
    assert [each.comparison for each in priced.consignments] == [749, 376]
    assert [each.coupons for each in priced.consignments] == [(333, 0), (167, 0)]
    assert [each.shipping.ex for each in priced.consignments] == [416, 209]
    assert priced.consignments[0].handling.ex == 250
    assert priced.coupon_amounts == (500, 0)
    assert priced.cart_amount == 2000
    assert priced.grand_total == 2875


def test_picking_up_costs_nothing() -> None:
    picked_up = Consignment((0,), 0, shipping=500, handling=100, is_pickup=True)

    assert price(Scenario(lines_at(1000), (picked_up,))).grand_total == 1000


# --- Payments ---------------------------------------------------------------------------------------------------------


def test_certificates_pay_in_their_order_and_store_credit_the_rest() -> None:
    priced = price(Scenario(lines_at(7550), certificates=(2000, 5000), store_credit=10000))

    assert priced.certificates_used == (2000, 5000)
    assert priced.store_credit_used == 550
    assert priced.grand_total == 7550
    assert priced.outstanding_balance == 0


def test_what_payments_do_not_cover_is_outstanding() -> None:
    priced = price(Scenario(lines_at(7550), certificates=(2000,), store_credit=1000))

    assert priced.outstanding_balance == 4550


# --- Any checkout -----------------------------------------------------------------------------------------------------


def assert_sums_agree(priced: Priced) -> None:
    """The formulas of BEHAVIOUR 11.1, in the mode that is shown and in both."""
    coupons_on_lines = sum(line.coupon_discount for line in priced.lines)
    assert priced.subtotal == sum(sales(priced))
    assert priced.cart_amount == priced.subtotal - priced.discount_amount - coupons_on_lines
    assert priced.cart_amount_ex == priced.subtotal_ex - priced.discount_amount - coupons_on_lines
    assert priced.cart_amount_inc == priced.subtotal_inc - priced.discount_amount - coupons_on_lines

    beside_lines = [
        *(line.wrapping for line in priced.lines),
        *(each.shipping for each in priced.consignments),
        *(each.handling for each in priced.consignments),
        *priced.fees,
    ]
    assert priced.grand_total == priced.cart_amount_inc + sum(each.inc for each in beside_lines)
    assert priced.grand_total == priced.cart_amount_ex + sum(each.ex for each in beside_lines) + priced.tax_total
    assert priced.outstanding_balance == (priced.grand_total - sum(priced.certificates_used) - priced.store_credit_used)
    for each in priced.consignments:
        assert priced.shown(each.shipping) == each.before_discount - each.automatic_discount - sum(each.coupons)


def assert_nothing_is_negative(priced: Priced) -> None:
    for line in priced.lines:
        assert min(line.paid_entered, line.paid.ex, *line.paid.taxes.values(), *line.wrapping.taxes.values(), 0) == 0
    assert min(priced.outstanding_balance, priced.grand_total, *(tax for _, tax in priced.taxes), 0) == 0


@given(scenarios())
def test_sums_agree_in_any_checkout(drawn: Scenario) -> None:
    priced = price(drawn)

    assert_sums_agree(priced)
    assert_nothing_is_negative(priced)


@given(scenarios(debatable=True))
def test_sums_agree_where_rules_are_open_to_debate(drawn: Scenario) -> None:
    priced = price(drawn)

    assert_sums_agree(priced)
    assert_nothing_is_negative(priced)


@given(scenarios())
def test_rounding_every_rate_no_shown_discount_is_negative(drawn: Scenario) -> None:
    priced = price(replace(drawn, rounding=Rounding.RATE))

    for line in priced.lines:
        assert min([line.product_discount, line.order_discount, *line.coupons]) >= 0
    for each in priced.consignments:
        assert min([each.automatic_discount, *each.coupons]) >= 0
        assert priced.shown(each.shipping) <= each.comparison <= each.before_discount


@given(scenarios())
def test_the_order_of_the_list_of_promotions_does_not_matter(drawn: Scenario) -> None:
    assert price(replace(drawn, promotions=drawn.promotions[::-1])) == price(drawn)


def test_a_seed_draws_the_same_checkouts_again() -> None:
    first, second = random.Random(7), random.Random(7)

    assert [scenario(first) for _ in range(50)] == [scenario(second) for _ in range(50)]


def test_random_checkouts_reach_every_kind_of_price() -> None:
    source = random.Random(1)

    drawn = [scenario(source) for _ in range(500)]

    priced = [price(each) for each in drawn]
    assert any(len(each.applied) > 1 for each in priced)
    assert any(each.manual for each in drawn)
    assert any(sum(each.coupon_amounts) and each.discount_amount for each in priced)
    assert any(each.automatic_discount and sum(each.coupons) for one in priced for each in one.consignments)
    assert any(len(each.taxes) > 2 for each in priced)
    assert any(each.outstanding_balance < each.grand_total for each in priced)
    assert {each.places for each in drawn} == {0, 2, 3}
    modes = {(each.entered_with_tax, each.zones[each.display_zone].show_inclusive, each.rounding) for each in drawn}
    assert len(modes) == 8
