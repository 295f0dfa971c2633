"""Promotions and codes as a merchant makes them: edits of the store."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import promoting
from checkstand.domain.promoting import CodePattern
from checkstand.domain.promotions import (
    Amount,
    CartItems,
    CartValue,
    Percentage,
    Promotion,
    PromotionCode,
    Rule,
)
from checkstand.domain.promotions.conditions import AllConditions, AnyCondition, CartCondition
from checkstand.domain.promotions.matchers import AnyMatcher, Not, OneOf, ProductField, Products
from checkstand.errors import Invalid, NotFound, Refused
from tests.builders import NOON, USD, a_store, amount_off

RULE = Rule(action=CartValue(discount=Amount(Decimal(1))))
GIVEN: dict[str, Any] = {"name": "Spring", "rules": (RULE,), "redemption_type": "AUTOMATIC"}


def test_a_new_promotion_begins_now_in_the_stores_currency_and_has_its_turn_last() -> None:
    store = a_store(promotions=(amount_off("1", priority=4),))

    made = promoting.new_promotion(GIVEN, store, NOON)

    assert (made.start_date, made.currency_code, made.priority) == (NOON, "USD", 4)
    assert promoting.add_promotion(store, replace(made, id=2)).automatic_promotions[-1].name == "Spring"


def test_a_change_is_of_what_is_given_and_leaves_others_alone() -> None:
    store = a_store(promotions=(amount_off("1"), amount_off("2", promotion_id=2)))

    after = promoting.change_promotion(store, 2, {"name": "Autumn", "max_uses": 3})

    assert after.promotions[0] == store.promotions[0]
    assert after.promotions[1] == replace(store.promotions[1], name="Autumn", max_uses=3)
    with pytest.raises(NotFound):
        promoting.change_promotion(store, 3, {})
    with pytest.raises(Invalid, match="cannot be changed"):
        promoting.change_promotion(store, 2, {"redemption_type": "COUPON"})


def test_promotions_are_removed_by_their_ids() -> None:
    store = a_store(promotions=(amount_off("1"), amount_off("2", promotion_id=2)))

    assert [each.id for each in promoting.remove_promotions(store, {1, 9}).promotions] == [2]


def nested(depth: int) -> AnyMatcher:
    matcher: AnyMatcher = Products((1,))
    for _ in range(depth - 1):
        matcher = Not(matcher)
    return matcher


def deep(depth: int) -> AnyCondition:
    condition: AnyCondition = CartCondition(minimum_spend=Decimal(1))
    for _ in range(depth - 1):
        condition = AllConditions((condition,))
    return condition


def refused(rule: Rule) -> str:
    with pytest.raises(Invalid) as caught:
        promoting.check_promotion(Promotion(id=1, name="A", rules=(RULE, rule)), USD)
    return next(iter(caught.value.fields))


def off(items: AnyMatcher | None = None, **fields: Any) -> Rule:
    return Rule(action=CartItems(discount=Percentage(Decimal(10)), items=items, **fields))


def test_what_could_not_be_worked_with_is_refused_with_its_place() -> None:
    eleven = OneOf(tuple(ProductField("ISBN", (str(number),)) for number in range(11)))

    assert refused(off(nested(9))) == "rules.1.action.cart_items.items"
    assert refused(off(eleven)) == "rules.1.action.cart_items.items"
    assert refused(off(maximum=Decimal("0.5"))) == "rules.1.action.cart_items.maximum_allowed_discount_amount"
    assert refused(off(quantity=0)) == "rules.1.action.cart_items.quantity"
    assert refused(replace(RULE, condition=deep(9))).startswith("rules.1.condition.0")
    assert (
        refused(replace(RULE, condition=CartCondition(items=Products((1,)))))
        == "rules.1.condition.cart.minimum_quantity"
    )
    promoting.check_promotion(Promotion(id=1, name="A", rules=(off(nested(8)), replace(RULE, condition=deep(8)))), USD)


def a_code(code: str = "SPRING", **fields: Any) -> PromotionCode:
    return PromotionCode(id=1, promotion_id=1, code=code, **fields)


@pytest.mark.parametrize("code", ["SPRING 26", "a-b_c", "x" * 50])
def test_a_code_is_of_letters_digits_spaces_underscores_and_hyphens(code: str) -> None:
    promoting.check_code(a_code(code))


@pytest.mark.parametrize("code", [a_code(""), a_code(" "), a_code("a/b"), a_code("x" * 51), a_code(max_uses=-1)])
def test_other_codes_are_refused(code: PromotionCode) -> None:
    with pytest.raises(Invalid):
        promoting.check_code(code)


def test_only_coupon_promotions_take_codes_and_single_ones_take_one() -> None:
    single = amount_off("1", redemption_type="COUPON")
    promoting.takes_code(single, 0)
    promoting.takes_code(replace(single, coupon_type="BULK"), 1000)

    for promotion, count in ((amount_off("1"), 0), (single, 1)):
        with pytest.raises(Refused):
            promoting.takes_code(promotion, count)


def test_codes_are_made_of_a_pattern_each_once() -> None:
    drawn = iter("AAAAAABBBBBBAAAAAACCCCCC")
    pattern = CodePattern(length=6, prefix="PRE", suffix="END", delimiter="-")

    made = list(pattern.codes(3, lambda alphabet: next(drawn)))

    assert made == ["PRE-AAAAAA-END", "PRE-BBBBBB-END", "PRE-CCCCCC-END"]
    assert CodePattern(delimiter="-").whole("ABC") == "ABC"
    assert CodePattern(without=("A", "0")).alphabet == "BCDEFGHIJKLMNOPQRSTUVWXYZ123456789"


def test_patterns_that_make_too_long_or_too_few_codes_are_refused() -> None:
    with pytest.raises(Invalid, match="longer than 50"):
        CodePattern(prefix="P" * 20, suffix="S" * 20, length=16).check()
    with pytest.raises(Invalid, match="at least two"):
        CodePattern(without=tuple(promoting.ALPHABET[1:])).check()
    with pytest.raises(Invalid, match="fewer than 2 codes"):
        list(CodePattern().codes(2, lambda alphabet: "A"))
