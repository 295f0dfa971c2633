"""When a rule applies and how often: conditions and matchers (BEHAVIOUR 4, 11.3)."""

from decimal import Decimal
from typing import Any

import pytest

from checkstand.domain.promotions import Basket, Item
from checkstand.domain.promotions.conditions import (
    AllConditions,
    AnyCondition,
    CartCondition,
    OneOfConditions,
    used,
)
from checkstand.domain.promotions.matchers import (
    All,
    AnyMatcher,
    Brands,
    Categories,
    Not,
    OneOf,
    Option,
    ProductField,
    Products,
    Variants,
)


def an_item(line_id: str = "x", quantity: int = 1, price: int = 1000, product_id: int = 1, **fields: Any) -> Item:
    return Item(line_id=line_id, quantity=quantity, price=price, product_id=product_id, **fields)


def a_basket(*items: Item, is_cumulative: bool = False, **left: int) -> Basket:
    """Amounts are in cents; `left`: of a line less is left than it costs."""
    worth = {item.line_id: item.price * item.quantity for item in items} | left
    return Basket(items, worth, lambda amount: int(amount * 100), is_cumulative)


def sets(condition: AnyCondition, *items: Item) -> int:
    return condition.met(a_basket(*items)).sets


SHIRT = an_item(
    product_id=7,
    variant_id=71,
    brand_id=3,
    category_ids=(20, 21),
    options=(("Color", "Red"), ("Size", "M")),
    custom_fields=(("ISBN-10", "0439538491"),),
)


@pytest.mark.parametrize(
    ("matcher", "does"),
    [
        (Brands((3, 4)), True),
        (Brands((4,)), False),
        (Categories((21,)), True),
        (Categories((22,)), False),
        (Products((7,)), True),
        (Products((71,)), False),
        (Variants((71,)), True),
        (Variants((7,)), False),
        (Option("Color", ("Blue", "Red")), True),
        (Option("Color", ("M",)), False),
        (Option("color", ("Red",)), False),
        (ProductField("ISBN-10", ("0439538491",)), True),
        (ProductField("ISBN-10", ("0",)), False),
        (All((Brands((3,)), Not(Categories((19,))))), True),
        (All((Brands((3,)), Categories((19,)))), False),
        (OneOf((Brands((9,)), Products((7,)))), True),
        (OneOf((Brands((9,)), Products((8,)))), False),
        (Not(OneOf((Brands((9,)), All((Products((7,)), Variants((71,))))))), False),
        (Products(()), False),
    ],
)
def test_a_matcher_matches_what_it_names(matcher: AnyMatcher, does: bool) -> None:
    assert matcher.matches(SHIRT) is does


def test_a_quantity_is_met_as_often_as_the_cart_holds_it() -> None:
    two_of_seven = CartCondition(items=Products((7,)), minimum_quantity=2)

    assert sets(two_of_seven, an_item("x", 1, product_id=7)) == 0
    assert sets(two_of_seven, an_item("x", 3, product_id=7), an_item("y", 2, product_id=7), an_item("z", 9)) == 2


def test_a_spend_on_items_is_met_by_what_they_cost() -> None:
    forty = CartCondition(items=Products((7,)), minimum_spend=Decimal(40))

    assert sets(forty, an_item("x", 3, 1333, product_id=7), an_item("y", 5, 9999)) == 0
    assert sets(forty, an_item("x", 3, 1333, product_id=7), an_item("y", 1, 1, product_id=7)) == 1
    assert sets(forty, an_item("x", 9, 1000, product_id=7)) == 2


def test_quantity_and_spend_are_both_needed() -> None:
    both = CartCondition(items=Products((7,)), minimum_quantity=2, minimum_spend=Decimal(40))

    assert sets(both, an_item("x", 1, 9000, product_id=7)) == 0
    assert sets(both, an_item("x", 4, 1000, product_id=7)) == 1
    assert sets(both, an_item("x", 4, 2000, product_id=7)) == 2


def test_without_items_the_whole_cart_is_what_is_spent_and_the_quantity_says_nothing() -> None:
    fifty = CartCondition(minimum_spend=Decimal(50), minimum_quantity=99)
    custom = an_item("c", 1, 2000, product_id=0)

    assert sets(fifty, an_item("x", 2, 1000), custom) == 0
    assert sets(fifty, an_item("x", 3, 1000), custom) == 1
    assert sets(CartCondition(minimum_quantity=99), an_item()) == 1


def test_a_custom_item_is_matched_by_nothing() -> None:
    assert sets(CartCondition(items=Not(Products((7,))), minimum_quantity=1), an_item(product_id=0)) == 0


def test_what_does_not_count_is_not_seen() -> None:
    assert sets(CartCondition(items=Products((1,)), minimum_quantity=1), an_item(is_counted=False)) == 0


def test_and_is_met_as_often_as_its_least_part_and_or_by_the_first_that_is() -> None:
    four, one = CartCondition(items=Products((1,)), minimum_quantity=1), CartCondition(minimum_spend=Decimal(30))
    never = CartCondition(items=Products((9,)), minimum_quantity=1)

    assert sets(AllConditions((four, one)), an_item("x", 4, 1000)) == 1
    assert sets(AllConditions((four, never)), an_item("x", 4, 1000)) == 0
    assert sets(OneOfConditions((never, four)), an_item("x", 4, 1000)) == 4
    assert sets(OneOfConditions((never,)), an_item("x", 4, 1000)) == 0


def test_a_condition_says_whether_a_dearer_cart_would_meet_it() -> None:
    ten, never = CartCondition(minimum_spend=Decimal(10)), CartCondition(items=Products((9,)), minimum_quantity=1)
    cheap = a_basket(an_item("x", 1, 999))

    assert ten.met(cheap).is_short_of_money
    assert not never.met(cheap).is_short_of_money
    assert not AllConditions((ten, never)).met(cheap).is_short_of_money


def test_sets_use_up_the_units_they_need_the_wanted_ones_first_and_one_unit_serves_two_parts() -> None:
    dear, cheap = an_item("dear", 2, 3000), an_item("cheap", 3, 1000)
    needs = (
        AllConditions(
            (
                CartCondition(items=Products((1,)), minimum_quantity=2),
                CartCondition(items=Products((1,)), minimum_spend=Decimal(65)),
            )
        )
        .met(a_basket(dear, cheap))
        .needs
    )

    assert used(needs, 1, lambda item: (0, -item.price)) == {"dear": 2, "cheap": 1}  # 60.00, and 5.00 more
    assert used(needs, 1, lambda item: (0, item.price)) == {"cheap": 3, "dear": 2}
    assert used(needs[:1], 2, lambda item: (0, item.price)) == {"cheap": 3, "dear": 1}
