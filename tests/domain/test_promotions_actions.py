"""What each kind of action takes off, worked out by hand: amounts in cents (BEHAVIOUR 11.3, D50, D73, D84)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from checkstand.domain.promotions import (
    Action,
    Amount,
    Basket,
    CartItems,
    CartValue,
    FixedPriceSet,
    GiftItem,
    Percentage,
    Shipment,
    Shipping,
    ShippingDiscount,
)
from checkstand.domain.promotions.action import GivenGift
from checkstand.domain.promotions.conditions import ALWAYS, AnyCondition, CartCondition
from checkstand.domain.promotions.matchers import AnyMatcher, Brands, Products, Variants
from tests.domain.test_promotions_conditions import a_basket, an_item

TEN_PERCENT, HALF, FREE = Percentage(Decimal(10)), Percentage(Decimal(50)), Percentage(Decimal(100))
ONES = Products((1,))


def off(
    action: Action, basket: Basket, condition: AnyCondition | None = None, *, apply_once: bool = True
) -> dict[str, int]:
    met = ALWAYS if condition is None else condition.met(basket)
    assert met.sets
    taken = action.takings(basket, met, apply_once)
    assert len({taking.target for taking in taken}) == len(taken)
    return {taking.target: taking.minor for taking in taken if taking.minor}


def buy(quantity: int, items: AnyMatcher = ONES) -> CartCondition:
    return CartCondition(items=items, minimum_quantity=quantity)


# ---------------------------------------------------------------------------------------------------- cart_items


def test_an_amount_is_taken_off_each_unit_and_never_more_than_it_costs() -> None:
    action = CartItems(discount=Amount(Decimal("2.50")))

    assert off(action, a_basket(an_item("x", 3, 1000), an_item("y", 2, 199))) == {"x": 750, "y": 398}


def test_a_percentage_is_rounded_once_for_the_units_of_a_line() -> None:
    assert off(CartItems(discount=TEN_PERCENT), a_basket(an_item("x", 3, 1995))) == {"x": 599}  # of 59.85


def test_a_percentage_is_taken_of_the_price_or_of_what_is_left() -> None:
    line = an_item("x", 2, 1000)

    assert off(CartItems(discount=HALF), a_basket(line, x=1500)) == {"x": 1000}
    assert off(CartItems(discount=HALF), a_basket(line, x=1500, is_cumulative=True)) == {"x": 750}
    assert off(CartItems(discount=HALF), a_basket(line, x=600)) == {"x": 600}


def test_only_the_items_named_are_discounted_and_none_that_are_on_sale_or_have_their_own_price() -> None:
    basket = a_basket(
        an_item("x", 1, 1000, brand_id=3),
        an_item("y", 1, 1000, brand_id=4),
        an_item("sale", 1, 1000, brand_id=3, is_on_sale=True),
        an_item("own", 1, 1000, brand_id=3, is_discountable=False),
        an_item("custom", 1, 1000, product_id=0),
    )

    assert off(CartItems(discount=HALF, items=Brands((3,))), basket) == {"x": 500, "sale": 500}
    assert off(CartItems(discount=HALF, items=Brands((3,)), exclude_items_on_sale=True), basket) == {"x": 500}


@pytest.mark.parametrize(
    ("strategy", "quantity", "expected"),
    [
        ("LEAST_EXPENSIVE", 3, {"cheap": 200, "middle": 300}),
        ("MOST_EXPENSIVE", 3, {"dear": 500, "middle": 600}),
        ("LEAST_EXPENSIVE_ONLY", 3, {"cheap": 200}),
        ("MOST_EXPENSIVE_ONLY", 3, {"dear": 500}),
        ("MOST_EXPENSIVE_ONLY", None, {"dear": 500}),
        ("MOST_EXPENSIVE", 1, {"dear": 500}),
        ("LEAST_EXPENSIVE", None, {"cheap": 200, "middle": 600, "dear": 500}),
    ],
)
def test_a_strategy_says_which_units_come_first(strategy: str, quantity: int | None, expected: dict[str, int]) -> None:
    basket = a_basket(an_item("middle", 2, 600), an_item("cheap", 2, 200), an_item("dear", 1, 1000))

    action = CartItems(discount=HALF, strategy=strategy, quantity=quantity)  # type: ignore[arg-type]

    assert off(action, basket) == expected


def test_an_amount_as_a_total_is_spread_by_what_the_units_cost() -> None:
    action = CartItems(discount=Amount(Decimal(10)), as_total=True)

    assert off(action, a_basket(an_item("x", 2, 1000))) == {"x": 1000}
    assert off(action, a_basket(an_item("x", 1, 1399), an_item("y", 1, 2500))) == {"x": 359, "y": 641}
    assert off(action, a_basket(an_item("x", 1, 300), an_item("y", 1, 200))) == {"x": 300, "y": 200}


def test_the_maximum_goes_to_the_first_units_until_it_is_reached() -> None:
    action = CartItems(discount=HALF, maximum=Decimal(8))

    assert off(action, a_basket(an_item("x", 1, 1200), an_item("y", 1, 1000))) == {"x": 600, "y": 200}
    of_two = replace(action, quantity=2)  # chosen by their price, and so discounted in that order
    assert off(of_two, a_basket(an_item("x", 1, 1200), an_item("y", 1, 1000))) == {"y": 500, "x": 300}


def test_buy_one_get_one_leaves_the_unit_that_was_bought_alone() -> None:
    action = CartItems(discount=FREE, items=ONES, quantity=1)

    assert off(action, a_basket(an_item("x", 1, 1000)), buy(1)) == {}
    assert off(action, a_basket(an_item("x", 2, 1000)), buy(1)) == {"x": 1000}
    assert off(action, a_basket(an_item("x", 5, 1000)), buy(1)) == {"x": 1000}


@pytest.mark.parametrize(
    ("units", "expected"), [(1, 0), (2, 1000), (3, 1000), (4, 2000), (5, 2000), (7, 3000), (1000, 500_000)]
)
def test_buy_one_get_one_again_and_again(units: int, expected: int) -> None:
    action = CartItems(discount=FREE, items=ONES, quantity=1)

    taken = off(action, a_basket(an_item("x", units, 1000)), buy(1), apply_once=False)

    assert taken.get("x", 0) == expected


@pytest.mark.parametrize(("units", "free"), [(2, 0), (3, 1), (4, 2), (5, 2), (6, 2), (7, 3), (8, 4), (12, 6)])
def test_buy_two_get_two_gives_what_is_there_of_the_last_two(units: int, free: int) -> None:
    action = CartItems(discount=FREE, items=ONES, quantity=2)

    taken = off(action, a_basket(an_item("x", units, 1000)), buy(2), apply_once=False)

    assert taken.get("x", 0) == free * 1000


def test_the_condition_uses_the_dear_units_up_and_the_cheap_ones_are_free() -> None:
    basket = a_basket(an_item("cheap", 1, 400), an_item("dear", 1, 900))

    assert off(CartItems(discount=FREE, items=ONES, quantity=1), basket, buy(1)) == {"cheap": 400}
    most = CartItems(discount=FREE, items=ONES, quantity=1, strategy="MOST_EXPENSIVE")
    assert off(most, basket, buy(1)) == {"dear": 900}


def test_what_the_action_is_not_about_is_used_up_first() -> None:
    basket = a_basket(an_item("x", 1, 400), an_item("y", 1, 900, product_id=2))

    assert off(CartItems(discount=FREE, items=ONES, quantity=1), basket, buy(1, Products((1, 2)))) == {"x": 400}


def test_units_of_the_condition_take_part_where_the_merchant_says_so() -> None:
    action = CartItems(discount=HALF, items=ONES, include_items_considered_by_condition=True)

    assert off(action, a_basket(an_item("x", 2, 1000)), buy(2)) == {"x": 1000}


def test_buy_two_of_one_thing_and_get_a_tenth_off_one_of_another_for_each_two() -> None:
    action = CartItems(discount=TEN_PERCENT, items=Products((2,)), quantity=1)
    basket = a_basket(an_item("x", 5, 1000), an_item("y", 4, 2000, product_id=2))

    assert off(action, basket, buy(2)) == {"y": 200}
    assert off(action, basket, buy(2), apply_once=False) == {"y": 400}


def test_a_condition_on_the_whole_cart_uses_no_units_up() -> None:
    action = CartItems(discount=TEN_PERCENT, items=ONES, quantity=1)

    assert off(action, a_basket(an_item("x", 1, 10000)), CartCondition(minimum_spend=Decimal(100))) == {"x": 1000}


def test_a_total_is_taken_once_for_each_set() -> None:
    action = CartItems(
        discount=Amount(Decimal(5)), as_total=True, items=ONES, include_items_considered_by_condition=True
    )

    assert off(action, a_basket(an_item("x", 7, 1000)), buy(2), apply_once=False) == {"x": 1500}


# ---------------------------------------------------------------------------------------------------- cart_value


def test_a_fifth_off_the_order_is_taken_of_the_sum_and_spread() -> None:
    action = CartValue(discount=Percentage(Decimal(20)))

    assert off(action, a_basket(an_item("x", 1, 22500))) == {"x": 4500}  # T6
    lines = [an_item(str(price), 1, price) for price in (1399, 2500, 4999, 1895)]
    # 107.93: 21.59 (21.586); 2.798…, 5.000…, 9.999…, 3.790… of it
    assert off(action, a_basket(*lines)) == {"1399": 280, "2500": 500, "4999": 1000, "1895": 379}


def test_an_amount_off_the_order_is_taken_for_each_set_and_at_most_once_all_of_it() -> None:
    action, each_fifty = CartValue(discount=Amount(Decimal(10))), CartCondition(minimum_spend=Decimal(50))

    assert off(action, a_basket(an_item("x", 3, 5000)), each_fifty) == {"x": 1000}
    assert off(action, a_basket(an_item("x", 3, 5000)), each_fifty, apply_once=False) == {"x": 3000}
    assert off(action, a_basket(an_item("x", 1, 700))) == {"x": 700}


def test_the_order_includes_custom_items_and_lines_with_a_price_of_their_own() -> None:
    basket = a_basket(an_item("x", 1, 1000, is_discountable=False), an_item("c", 1, 1000, product_id=0))

    assert off(CartValue(discount=HALF), basket) == {"x": 500, "c": 500}


def test_the_maximum_of_an_order_discount_is_checked_against_all_of_it() -> None:
    assert off(CartValue(discount=HALF, maximum=Decimal(20)), a_basket(an_item("x", 1, 10000))) == {"x": 2000}


def test_an_order_percentage_looks_at_prices_or_at_what_is_left() -> None:
    line = an_item("x", 1, 10000)

    assert off(CartValue(discount=TEN_PERCENT), a_basket(line, x=5000)) == {"x": 1000}
    assert off(CartValue(discount=TEN_PERCENT), a_basket(line, x=5000, is_cumulative=True)) == {"x": 500}


# ---------------------------------------------------------------------------------------------------- fixed_price_set


def test_three_for_twenty() -> None:
    action = FixedPriceSet(quantity=3, fixed_price=Decimal(20), items=ONES)

    assert off(action, a_basket(an_item("x", 2, 1000))) == {}
    assert off(action, a_basket(an_item("x", 3, 1000))) == {"x": 1000}
    assert off(action, a_basket(an_item("x", 7, 1000))) == {"x": 1000}
    assert off(action, a_basket(an_item("x", 7, 1000)), apply_once=False) == {"x": 2000}


def test_a_set_is_made_of_several_lines_and_its_reduction_spread_over_them() -> None:
    action = FixedPriceSet(quantity=3, fixed_price=Decimal(20), items=ONES, strategy="MOST_EXPENSIVE")
    basket = a_basket(an_item("x", 2, 1000), an_item("y", 2, 600))

    assert off(action, basket) == {"x": 462, "y": 138}  # 26.00 - 20.00 over 20.00 and 6.00


def test_a_set_that_costs_less_anyway_stays_what_it_is() -> None:
    action = FixedPriceSet(quantity=2, fixed_price=Decimal(20), items=ONES)
    basket = a_basket(an_item("cheap", 2, 500), an_item("dear", 2, 1500))

    assert off(action, basket) == {}
    assert off(action, basket, apply_once=False) == {"dear": 1000}


def test_units_of_the_condition_take_part_in_a_set_unless_they_are_excluded() -> None:
    basket = a_basket(an_item("x", 4, 1000))
    action = FixedPriceSet(quantity=2, fixed_price=Decimal(15), items=ONES)
    without = FixedPriceSet(
        quantity=2, fixed_price=Decimal(15), items=ONES, include_items_considered_by_condition=False
    )

    assert off(action, basket, buy(2), apply_once=False) == {"x": 1000}
    assert off(without, basket, buy(2), apply_once=False) == {"x": 500}


# ---------------------------------------------------------------------------------------------------- gifts


def test_a_gift_is_a_product_or_a_variant_and_so_is_a_free_item_where_it_is_one_product() -> None:
    assert GiftItem(quantity=2, product_id=7).gift() == GivenGift(7, 0, 2)
    assert GiftItem(quantity=1, variant_id=71).gift() == GivenGift(0, 71, 1)
    added = CartItems(discount=FREE, items=Products((7,)), quantity=1, add_free_item=True)
    assert added.gift() == GivenGift(7, 0, 1)
    assert CartItems(discount=FREE, items=Variants((71,)), quantity=1, add_free_item=True).gift() == GivenGift(0, 71, 1)
    assert CartItems(discount=FREE, items=Products((7, 8)), quantity=1, add_free_item=True).gift() is None
    assert CartItems(discount=HALF, items=Products((7,)), quantity=1, add_free_item=True).gift() is None
    assert CartItems(discount=FREE, items=Products((7,)), quantity=1).gift() is None


# ---------------------------------------------------------------------------------------------------- shipping

SHIPMENTS = [Shipment("a", 800, zone_id=1, method_id=1), Shipment("b", 500, zone_id=2, method_id=5)]


def off_shipping(action: Action) -> dict[str, int]:
    return {taking.target: taking.minor for taking in action.shipping_takings(SHIPMENTS, a_basket())}


def test_free_shipping_is_another_option_and_takes_nothing_off() -> None:
    action = Shipping(free_shipping=True, zone_ids=(2,))

    assert off_shipping(action) == {}
    assert (action.offers_free_shipping(1), action.offers_free_shipping(2)) == (False, True)
    assert Shipping(free_shipping=True).offers_free_shipping(7)


def test_without_another_option_what_was_chosen_costs_nothing_in_the_zones_named() -> None:
    assert off_shipping(Shipping()) == {"a": 800, "b": 500}
    assert off_shipping(Shipping(zone_ids=(2, 3))) == {"b": 500}
    assert not Shipping().offers_free_shipping(1)


def test_a_discount_on_shipping_is_taken_off_each_consignment_up_to_its_maximum_in_all() -> None:
    six = Amount(Decimal(6))

    assert off_shipping(ShippingDiscount(discount=six)) == {"a": 600, "b": 500}
    assert off_shipping(ShippingDiscount(discount=six, maximum=Decimal(8))) == {"a": 600, "b": 200}
    assert off_shipping(ShippingDiscount(discount=six, method_ids=(5,))) == {"b": 500}
    assert off_shipping(ShippingDiscount(discount=HALF)) == {"a": 400, "b": 250}
