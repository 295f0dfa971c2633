"""Coupons: what each kind takes off, when it applies, and what it leaves to be taxed (BEHAVIOUR 3.4, 11.3; T1 and T4)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import applied_coupons
from checkstand.domain.checkout import CUSTOM_SHIPPING, Checkout, PickupChoice, ShippingOption
from checkstand.domain.commands import ApplyCoupon, WithdrawCoupon
from checkstand.domain.coupons import (
    AnyCoupon,
    AppliesTo,
    FreeShippingCoupon,
    PercentageDiscount,
    PerItemDiscount,
    PerTotalDiscount,
    ShippingDiscount,
)
from checkstand.domain.facts import CouponUses, Facts, FreeShippingRule
from checkstand.domain.methods import HandlingFee
from checkstand.domain.money import Money
from checkstand.domain.order import place
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.totals import Both
from checkstand.domain.store_settings import PromotionSettings
from checkstand.errors import CouponNotApplicable, NotFound
from tests.builders import (
    JPY,
    NOON,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    a_tax_zone,
    a_zone,
    amount_off,
    an_address,
    applied,
    billed,
    currency_of,
    facts,
    flat_rate,
    in_new_york,
    usd,
)
from tests.domain.engine import after, chosen, offers, priced, run, settled


def known(*coupons: AnyCoupon, **store: Any) -> Facts:
    """A store with these coupons, which lets a checkout hold five."""
    fields = {"promotion_settings": PromotionSettings(number_of_coupons_allowed_at_checkout=5)} | store
    return facts(a_store(coupons=coupons, **fields), now=NOON)


def with_coupons(checkout: Checkout, *coupons: AnyCoupon, **store: Any) -> Priced:
    return priced(replace(checkout, coupons=applied(*coupons)), known(*coupons, **store))


def off_lines(answer: Priced) -> dict[str, str]:
    return {line_id: f"{line.coupon_discount.minor / 100:.2f}" for line_id, line in answer.lines.items()}


def both(ex_tax: str, inc_tax: str) -> Both:
    return Both(usd(ex_tax), usd(inc_tax))


def custom(cost: str, handling: str = "0") -> ShippingOption:
    return ShippingOption(id="c", type=CUSTOM_SHIPPING, description="Van", cost=usd(cost), handling=usd(handling))


def refused(code: str, checkout: Checkout, with_facts: Facts) -> str:
    with pytest.raises(CouponNotApplicable) as refusal:
        after(ApplyCoupon(code=code), checkout, with_facts)
    return refusal.value.reason


# ---------------------------------------------------------------------------------------------------- test vectors


def test_t1_the_five_shares_of_five_dollars() -> None:
    lines = (
        a_line("cart", 1, "15.99", product_id=184),
        a_line("spoons", 1, "25.00", product_id=170),
        a_line("towel", 1, "49.99", product_id=158),
        a_line("journal", 1, "18.95", product_id=189, kind="digital"),
        a_line("gift", 1, "10.00", product_id=0, variant_id=0, kind="gift_certificate"),
    )
    two_off = amount_off("2.00", 184, name="Two off")

    answer = with_coupons(a_checkout(*lines), a_coupon(code="S2549JM0Y"), promotions=(two_off,))

    assert off_lines(answer) == {"cart": "0.59", "spoons": "1.06", "towel": "2.12", "journal": "0.80", "gift": "0.43"}
    assert answer.totals.subtotal.ex_tax == usd("117.93")
    assert answer.totals.cart_amount.ex_tax == usd("112.93")
    assert [line.reduction for line in answer.lines.values()] == [
        usd("2.59"),
        usd("1.06"),
        usd("2.12"),
        usd("0.80"),
        usd("0.43"),
    ]


def test_t4_twenty_per_cent_of_each_line() -> None:
    checkout = a_checkout(a_line("x", 1, "32.00"), a_line("y", 1, "35.00", product_id=2, kind="digital"))

    answer = with_coupons(checkout, a_coupon(PercentageDiscount, "20"))

    assert off_lines(answer) == {"x": "6.40", "y": "7.00"}
    assert answer.totals.subtotal.ex_tax == usd("67.00")
    assert answer.totals.cart_amount.ex_tax == answer.totals.grand_total == usd("53.60")
    assert answer.totals.discount_amount == usd("0")


# ---------------------------------------------------------------------------------------------------- each kind on goods


def test_an_amount_per_item_is_taken_off_each_unit_at_most_what_the_line_costs() -> None:
    checkout = a_checkout(a_line("x", 3, "10.00"), a_line("y", 2, "1.25", product_id=2))

    answer = with_coupons(checkout, a_coupon(PerItemDiscount, "1.50"))

    assert off_lines(answer) == {"x": "4.50", "y": "2.50"}


def test_an_amount_off_the_total_takes_off_no_more_than_there_is() -> None:
    answer = with_coupons(a_checkout(a_line("x", 1, "3.00")), a_coupon(PerTotalDiscount, "5"))

    assert off_lines(answer) == {"x": "3.00"}
    assert answer.totals.grand_total == usd("0")


def test_a_percentage_is_taken_of_what_promotions_leave_and_half_a_cent_is_rounded_up() -> None:
    promotion = amount_off("2.00", name="Two off")

    answer = with_coupons(
        a_checkout(a_line("x", 1, "15.97")), a_coupon(PercentageDiscount, "50"), promotions=(promotion,)
    )

    assert off_lines(answer) == {"x": "6.99"}  # half of 13.97 is 6.985


@pytest.mark.parametrize("kind", [PerItemDiscount, PercentageDiscount])
def test_d79_gift_certificates_take_part_in_an_amount_off_the_total_only(kind: type[AnyCoupon]) -> None:
    gift = a_line("gift", 1, "10.00", kind="gift_certificate", product_id=0, variant_id=0)

    answer = with_coupons(a_checkout(a_line("x", 1, "10.00"), gift), a_coupon(kind, "5"))

    assert answer.lines["gift"].coupon_discount == usd("0")
    assert off_lines(with_coupons(a_checkout(a_line("x", 1, "10.00"), gift), a_coupon())) == {
        "x": "2.50",
        "gift": "2.50",
    }


def test_several_coupons_are_taken_one_after_the_other_of_what_is_left() -> None:
    tenth, five = a_coupon(PercentageDiscount, "10", code="TEN"), a_coupon(coupon_id=2)
    checkout = a_checkout(a_line("x", 1, "10.00"), a_line("y", 1, "30.00", product_id=2))

    assert off_lines(with_coupons(checkout, tenth, five)) == {"x": "2.25", "y": "6.75"}  # 1 + 1.25 and 3 + 3.75
    assert off_lines(with_coupons(checkout, five, tenth)) == {"x": "2.13", "y": "6.38"}  # 1.25 + 0.88, 3.75 + 2.63


def test_d52_coupons_together_make_no_line_negative() -> None:
    coupons = [a_coupon(PerItemDiscount, "7", code=f"C{number}", coupon_id=number) for number in (1, 2, 3)]

    answer = with_coupons(a_checkout(a_line("x", 1, "10.00")), *coupons)

    assert answer.lines["x"].coupon_discount == usd("10.00")
    assert [entry.amount for entry in answer.lines["x"].discounts] == [usd("7.00"), usd("3.00")]


def test_a_coupon_for_products_leaves_the_others_alone() -> None:
    checkout = a_checkout(a_line("x", 1, "10.00"), a_line("y", 1, "10.00", product_id=2))
    for_two = a_coupon(applies_to=AppliesTo(entity="products", ids=(2,)))

    assert off_lines(with_coupons(checkout, for_two)) == {"x": "0.00", "y": "5.00"}


def test_a_coupon_for_a_country_takes_off_what_goes_there() -> None:
    abroad = a_consignment("b", ("y",), address=an_address(country_code="DE"))
    checkout = a_checkout(a_line("x"), a_line("y", product_id=2), consignments=(a_consignment("a", ("x",)), abroad))

    assert off_lines(with_coupons(checkout, a_coupon(countries=("DE", "FR")))) == {"x": "0.00", "y": "5.00"}


# ---------------------------------------------------------------------------------------------------- shipping


def two_places(*selected: ShippingOption | PickupChoice) -> Checkout:
    return a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(
            a_consignment("a", ("x",), selected=selected[0]),
            a_consignment("b", ("y",), address=in_new_york(), selected=selected[1]),
        ),
    )


def test_d77_a_shipping_coupon_is_one_amount_spread_over_the_consignments_by_their_cost() -> None:
    answer = with_coupons(two_places(custom("8.00", "1.00"), custom("4.00")), a_coupon(ShippingDiscount, "5"))

    first, second = answer.consignments["a"], answer.consignments["b"]
    assert (first.shipping.ex_tax, first.shipping_before_discount) == (usd("4.67"), usd("8.00"))  # 3.33 off
    assert (second.shipping.ex_tax, second.shipping_before_discount) == (usd("2.33"), usd("4.00"))  # 1.67 off
    assert first.handling.ex_tax == usd("1.00")
    assert answer.totals.shipping.ex_tax == usd("7.00")
    assert answer.totals.cart_amount.ex_tax == usd("20.00")
    assert answer.totals.grand_total == usd("28.00")


def test_a_shipping_coupon_takes_off_no_more_than_shipping_costs_and_nothing_where_goods_are_picked_up() -> None:
    answer = with_coupons(two_places(custom("3.00"), PickupChoice(1)), a_coupon(ShippingDiscount, "5"))

    assert answer.totals.shipping == both("0", "0")
    assert answer.totals.shipping_before_discount == usd("3.00")


def test_2_5_free_shipping_is_one_more_option_and_the_others_stay_what_they_are() -> None:
    free = a_coupon(FreeShippingCoupon, "0", code="FREESHIP")
    checkout = a_checkout(a_line("x", 2), consignments=(a_consignment(),))
    before = offers(settled(checkout, known(free)), "a")

    answer = settled(replace(checkout, coupons=applied(free)), known(free))

    assert offers(answer, "a") == [("Free Shipping", usd("0")), *before]
    assert before == [("Per Item", usd("5.00")), ("Flat Rate", usd("8.00"))]
    assert answer.options["a"][0].type == "freeshipping"


def test_a_zone_that_ships_for_free_itself_offers_it_once() -> None:
    free = a_coupon(FreeShippingCoupon, "0")
    zone = a_zone(flat_rate(), free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("1.00")))
    checkout = a_checkout(consignments=(a_consignment(),), coupons=applied(free))

    answer = settled(checkout, facts(a_store(zone, coupons=(free,))))

    assert [option.type for option in answer.options["a"]] == ["freeshipping", "shipping_flatrate"]


def test_c7_a_coupon_that_changes_the_offers_lets_the_shopper_choose_again_and_another_one_does_not() -> None:
    free, save = a_coupon(FreeShippingCoupon, "0", code="FREESHIP"), a_coupon(coupon_id=2)
    bare = a_checkout(a_line("x", 2), consignments=(a_consignment(),))
    option = settled(bare).options["a"][1]
    checkout = replace(bare, consignments=(a_consignment(selected=option),))

    saved = after(ApplyCoupon(code="save5"), checkout, known(free, save))
    freed = after(ApplyCoupon(code="freeship"), saved, known(free, save))

    assert chosen(saved.consignments[0]) == option
    assert freed.consignments[0].selected is None
    free_option = settled(freed, known(free, save)).options["a"][0]
    chosen_free = replace(freed, consignments=(a_consignment(selected=free_option),))
    assert after(WithdrawCoupon(code="FREESHIP"), chosen_free, known(free, save)).consignments[0].selected is None


def test_c7_free_shipping_stays_chosen_where_a_coupon_offers_what_the_zone_offers_already() -> None:
    free = a_coupon(FreeShippingCoupon, "0", code="FREESHIP")
    zone = a_zone(flat_rate(), free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("1.00")))
    shop = facts(a_store(zone, coupons=(free,)))
    bare = a_checkout(consignments=(a_consignment(),))
    checkout = replace(bare, consignments=(a_consignment(selected=settled(bare, shop).options["a"][0]),))

    entered = after(ApplyCoupon(code="FREESHIP"), checkout, shop)
    withdrawn = after(WithdrawCoupon(code="FREESHIP"), entered, shop)

    assert chosen(entered.consignments[0]).id == chosen(withdrawn.consignments[0]).id
    assert [use.name for use in applied_coupons.uses(priced(entered, shop), shop)] == ["Coupon code FREESHIP"]


def test_a_custom_price_and_a_pickup_stay_chosen_when_shipping_becomes_free() -> None:
    free = a_coupon(FreeShippingCoupon, "0")
    checkout = two_places(custom("3.00"), PickupChoice(1))

    now = after(ApplyCoupon(code="SAVE5"), checkout, known(free))

    assert now.consignments == checkout.consignments


def test_free_shipping_for_a_product_is_offered_where_nothing_else_travels_along() -> None:
    for_two = a_coupon(FreeShippingCoupon, "0", applies_to=AppliesTo(entity="products", ids=(2,)))
    checkout = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        a_line("z", product_id=2, variant_id=3),
        consignments=(a_consignment("a", ("x", "y")), a_consignment("b", ("z",))),
        coupons=applied(for_two),
    )

    answer = settled(checkout, known(for_two))

    assert [option.type for option in answer.options["a"]] == ["shipping_peritem", "shipping_flatrate"]
    assert answer.options["b"][0].type == "freeshipping"


# ---------------------------------------------------------------------------------------------------- taxes


def test_tax_is_due_on_what_coupons_leave_of_lines_and_of_shipping() -> None:
    save, ship = a_coupon(), a_coupon(ShippingDiscount, "3", code="SHIP3", coupon_id=2)
    checkout = a_checkout(a_line("x", 1, "25.00"), consignments=(a_consignment(selected=custom("8.00", "1.00")),))

    sums = with_coupons(checkout, save, ship, tax_zones=(a_tax_zone("8.25", "8.25"),)).totals

    assert sums.subtotal == both("25.00", "26.65")  # 20.00 at 8.25 % is 1.65
    assert sums.cart_amount == both("20.00", "21.65")
    assert sums.shipping == both("5.00", "5.41")
    assert sums.handling == both("1.00", "1.08")
    assert sums.tax == usd("2.14")  # 1.65 + 0.41 + 0.08
    assert sums.grand_total == usd("28.14")


# ---------------------------------------------------------------------------------------------------- refusals


TOMORROW = (NOON + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("code", "fields", "reason"),
    [
        ("NOPE", {}, "invalid"),
        ("SAVE5", {"enabled": False}, "invalid"),
        ("SAVE5", {"expires": NOON.isoformat()}, "expired"),
        ("SAVE5", {"expires": "2025-12-31"}, "expired"),
        ("SAVE5", {"minimum": 21}, "min_purchase"),
        ("SAVE5", {"applies_to": AppliesTo(entity="products", ids=(9,))}, "not_applicable"),
        ("SAVE5", {"applies_to": AppliesTo(ids=())}, "not_applicable"),
        ("SAVE5", {"countries": ("AU",)}, "not_applicable"),
    ],
)
def test_a_coupon_that_does_not_apply_is_refused_with_the_word_clients_read(
    code: str, fields: Mapping[str, Any], reason: str
) -> None:
    assert refused(code, a_checkout(), known(a_coupon(**fields))) == reason


@pytest.mark.parametrize(
    "fields",
    [{}, {"expires": TOMORROW}, {"expires": "2026-01-01"}, {"minimum": 20}],
    ids=["any", "later", "today", "just"],
)
def test_a_coupon_that_applies_is_kept_with_what_is_shown_of_it(fields: Mapping[str, Any]) -> None:
    coupon = a_coupon(**fields)

    assert after(ApplyCoupon(code=" save5"), a_checkout(), known(coupon)).coupons == applied(coupon)


def test_a_shipping_coupon_needs_something_to_ship() -> None:
    digital = a_checkout(a_line("x", kind="digital"))

    assert refused("SAVE5", digital, known(a_coupon(FreeShippingCoupon, "0"))) == "not_applicable"
    assert refused("SAVE5", digital, known(a_coupon(ShippingDiscount))) == "not_applicable"


def test_the_same_code_twice_is_refused() -> None:
    assert refused("Save5", a_checkout(coupons=applied(a_coupon())), known(a_coupon())) == "not_applicable"


def test_one_coupon_is_allowed_unless_the_store_says_more() -> None:
    one, two = a_coupon(), a_coupon(code="OTHER", coupon_id=2)
    checkout = a_checkout(coupons=applied(one))

    assert refused("OTHER", checkout, known(one, two, promotion_settings=PromotionSettings())) == "limit"
    assert after(ApplyCoupon(code="OTHER"), checkout, known(one, two)).coupons == applied(one, two)


def test_a_coupon_that_was_deleted_leaves_its_place_to_the_next_one_also_of_the_same_code() -> None:
    deleted, again = a_coupon(), a_coupon(coupon_id=2)
    checkout = a_checkout(coupons=applied(deleted))
    alone = known(again, promotion_settings=PromotionSettings())

    assert after(ApplyCoupon(code="SAVE5"), checkout, alone).coupons == applied(again)
    assert refused("OTHER", checkout, alone) == "invalid"
    switched_off = a_coupon(enabled=False)
    both = known(switched_off, a_coupon(code="OTHER", coupon_id=2), promotion_settings=PromotionSettings())
    assert refused("OTHER", a_checkout(coupons=applied(switched_off)), both) == "limit"


@pytest.mark.parametrize(
    ("limits", "uses"),
    [({"max_uses": 2}, CouponUses(2, 0)), ({"max_uses_per_customer": 1}, CouponUses(1, 1))],
    ids=["in all", "per customer"],
)
def test_a_coupon_that_was_used_as_often_as_it_may_be_is_refused(limits: Mapping[str, Any], uses: CouponUses) -> None:
    coupon = a_coupon(**limits)

    assert refused("SAVE5", a_checkout(), replace(known(coupon), coupon_uses=uses)) == "limit"
    once_less = CouponUses(uses.in_all - 1, 0)
    assert after(ApplyCoupon(code="SAVE5"), a_checkout(), replace(known(coupon), coupon_uses=once_less)).coupons


@pytest.mark.parametrize("code", ["", "x" * 51])
def test_what_can_be_no_code_is_invalid(code: str) -> None:
    assert refused(code, a_checkout(), known()) == "invalid"


@pytest.mark.parametrize(
    ("coupon", "off"),
    [
        (a_coupon(amount="5"), 750),
        (a_coupon(PerItemDiscount, "0.77"), 232),  # 115.5 yen are 116, off each of two
        (a_coupon(PercentageDiscount, "20"), 600),
        (a_coupon(amount="5", minimum=Decimal(20)), 750),
    ],
)
def test_coupons_give_what_they_say_converted_once(coupon: AnyCoupon, off: int) -> None:
    price = Money(1500, "JPY")
    yen = a_checkout(a_line("x", 2, list_price=price, original_price=price), currency=currency_of(JPY))

    answer = run(ApplyCoupon(code="SAVE5"), yen, facts(a_store(coupons=(coupon,), other_currencies=(JPY,))))

    assert answer.totals.cart_amount.ex_tax == Money(3000 - off, "JPY")


def test_the_least_purchase_is_converted_as_well() -> None:
    price = Money(1500, "JPY")
    yen = a_checkout(a_line("x", 2, list_price=price, original_price=price), currency=currency_of(JPY))
    shop = facts(a_store(coupons=(a_coupon(minimum=Decimal("20.01")),), other_currencies=(JPY,)))

    with pytest.raises(CouponNotApplicable, match="needs a purchase of 3002 JPY or more"):
        after(ApplyCoupon(code="SAVE5"), yen, shop)


def test_a_coupon_for_categories_takes_from_their_goods_alone() -> None:
    for_five = a_coupon(PercentageDiscount, "10", applies_to=AppliesTo(entity="categories", ids=(5, 9)))
    lines = (
        a_line("x", 1, "10.00", category_ids=(4, 5)),
        a_line("y", 1, "20.00", product_id=2, variant_id=2, category_ids=(6,)),
        a_line("z", 1, "40.00", kind="custom", product_id=0, variant_id=0),
    )

    answer = with_coupons(a_checkout(*lines), for_five)

    assert {line_id: of.coupon_discount for line_id, of in answer.lines.items()} == {
        "x": usd("1.00"),
        "y": usd("0"),
        "z": usd("0"),
    }
    assert refused("SAVE5", a_checkout(lines[1]), known(for_five)) == "not_applicable"


def test_a_code_that_is_not_applied_cannot_be_withdrawn() -> None:
    with pytest.raises(NotFound):
        after(WithdrawCoupon(code="SAVE5"), a_checkout(), known(a_coupon()))


# ---------------------------------------------------------------------------------------------------- afterwards


@pytest.mark.parametrize(
    "coupon",
    [
        a_coupon(minimum=100),
        a_coupon(enabled=False),
        a_coupon(expires="2025-06-30"),
        a_coupon(applies_to=AppliesTo(entity="products", ids=(9,))),
        a_coupon(ShippingDiscount, minimum=100),
    ],
    ids=["minimum", "switched off", "expired", "goods gone", "shipping"],
)
def test_a_coupon_that_stops_applying_stays_and_takes_nothing_off(coupon: AnyCoupon) -> None:
    checkout = a_checkout(consignments=(a_consignment(selected=custom("8.00")),), coupons=applied(coupon))

    answer = priced(checkout, known(coupon))

    assert answer.checkout.coupons == applied(coupon)
    assert answer.totals.grand_total == usd("28.00")


def test_a_coupon_the_store_no_longer_has_stays_and_takes_nothing_off() -> None:
    answer = priced(a_checkout(coupons=applied(a_coupon())), known())

    assert answer.checkout.coupons == applied(a_coupon())
    assert answer.totals.grand_total == usd("20.00")


def test_a_coupon_expires_at_its_moment_and_a_day_at_its_end() -> None:
    at_noon, on_the_day = a_coupon(expires="2026-01-01T12:00:00"), a_coupon(expires="2026-01-01")
    second = timedelta(seconds=1)
    midnight = datetime(2026, 1, 2, tzinfo=UTC)

    assert [at_noon.is_expired(moment) for moment in (NOON - second, NOON)] == [False, True]
    assert [on_the_day.is_expired(moment) for moment in (midnight - second, midnight)] == [False, True]
    assert not a_coupon().is_expired(midnight)
    assert not a_coupon(expires="9999-12-31").is_expired(midnight)


def test_withdrawing_the_coupon_brings_the_price_back() -> None:
    saved = run(ApplyCoupon(code="SAVE5"), a_checkout(), known(a_coupon()))

    again = run(WithdrawCoupon(code="save5"), saved.checkout, known(a_coupon()))

    assert (saved.totals.grand_total, again.totals.grand_total) == (usd("15.00"), usd("20.00"))
    assert again.checkout.coupons == ()


# ---------------------------------------------------------------------------------------------------- orders


def test_an_order_uses_up_the_coupons_that_gave_something_by_their_ids() -> None:
    save, ship = a_coupon(coupon_id=7, max_uses=3), a_coupon(ShippingDiscount, code="SHIP5", coupon_id=2)
    idle = a_coupon(code="IDLE", coupon_id=1, minimum=100)
    with_facts = known(save, ship, idle)
    checkout = billed(two_places(custom("8.00"), custom("4.00")))
    answer = priced(replace(checkout, coupons=applied(save, ship, idle)), with_facts)

    used = applied_coupons.uses(answer, with_facts)

    assert [(use.counter, use.name, use.customer, use.max_uses) for use in used] == [
        (2, "Coupon code SHIP5", "email jane@example.com", 0),
        (7, "Coupon code SAVE5", "email jane@example.com", 3),
    ]


def test_free_shipping_is_used_up_by_choosing_it() -> None:
    free = a_coupon(FreeShippingCoupon, "0")
    checkout = a_checkout(consignments=(a_consignment(),), coupons=applied(free), customer_id=11)
    free_option, flat, *_ = settled(checkout, known(free)).options["a"]

    def used(option: ShippingOption) -> list[str]:
        answer = priced(replace(checkout, consignments=(a_consignment(selected=option),)), known(free))
        return [use.customer for use in applied_coupons.uses(answer, known(free))]

    assert used(free_option) == ["customer 11"]
    assert used(flat) == []


def test_a_coupon_that_no_longer_holds_is_not_used_up_by_what_is_free_without_it() -> None:
    gone = a_coupon(FreeShippingCoupon, "0", enabled=False)
    zone = a_zone(flat_rate(), free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("1.00")))
    shop = facts(a_store(zone, coupons=(gone,)))
    checkout = a_checkout(consignments=(a_consignment(),), coupons=applied(gone))
    free_option = settled(checkout, shop).options["a"][0]

    answer = priced(replace(checkout, consignments=(a_consignment(selected=free_option),)), shop)

    assert free_option.type == "freeshipping"
    assert applied_coupons.uses(answer, shop) == []


def test_an_order_keeps_its_coupons_and_what_they_took_off() -> None:
    save = a_coupon(PercentageDiscount, "20")
    checkout = billed(a_checkout(a_line("x", kind="digital"), coupons=applied(save)))
    answer = priced(checkout, known(save))

    made = place(answer, known(save), order_id=100, status="INCOMPLETE", now=NOON)

    assert made.checkout.coupons == applied(save)
    assert made.priced().totals == answer.totals
    assert made.priced().totals.grand_total == usd("8.00")


def test_percentages_of_handling_are_taken_before_a_shipping_coupon() -> None:
    ship = a_coupon(ShippingDiscount, "5")
    zone = a_zone(flat_rate(handling=HandlingFee(percent=Decimal(10))), display_handling_separately=True)
    bare = a_checkout(consignments=(a_consignment(),), coupons=applied(ship))
    with_facts = facts(a_store(zone, coupons=(ship,)))
    (option,) = settled(bare, with_facts).options["a"]

    of_a = priced(replace(bare, consignments=(a_consignment(selected=option),)), with_facts).consignments["a"]

    assert (of_a.shipping.ex_tax, of_a.handling.ex_tax) == (usd("3.00"), usd("0.80"))
