"""Prices of customer groups and for many units, worked out by hand; which rule wins, and which rules there cannot be."""

from decimal import Decimal
from typing import Any

import pytest

from checkstand.domain.money import Currency, Money
from checkstand.domain.price_rules import (
    BulkPricingRule,
    DiscountRule,
    bulk_price,
    check_bulk_rules,
    check_discount_rules,
    group_price,
)
from checkstand.errors import Invalid
from tests.builders import USD, usd


def a_bulk_rule(quantity_min: int, quantity_max: int = 0, kind: Any = "percent", amount: str = "10") -> BulkPricingRule:
    return BulkPricingRule(
        id=quantity_min + 1, quantity_min=quantity_min, quantity_max=quantity_max, type=kind, amount=Decimal(amount)
    )


def for_all(method: Any = "percent", amount: str = "10") -> DiscountRule:
    return DiscountRule(type="all", method=method, amount=Decimal(amount))


def for_category(category_id: int, method: Any, amount: str) -> DiscountRule:
    return DiscountRule(type="category", category_id=category_id, method=method, amount=Decimal(amount))


def for_product(product_id: int, method: Any, amount: str) -> DiscountRule:
    return DiscountRule(type="product", product_id=product_id, method=method, amount=Decimal(amount))


def asked_of_group(*rules: DiscountRule, price: str = "15.99", asked: str | None = None) -> Money:
    return group_price(usd(price), usd(asked or price), rules, 184, (5, 6), USD)


# ---------------------------------------------------------------------------------------------------- groups


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        (for_all("percent", "10"), "14.39"),  # 1.599 off are 1.60
        (for_all("percent", "2.5"), "15.59"),  # 0.39975 off are 0.40
        (for_all("price", "5"), "10.99"),
        (for_all("price", "20"), "0.00"),
        (for_all("fixed", "12.50"), "12.50"),
        (for_all("fixed", "18"), "18.00"),
        (for_category(5, "price", "1"), "14.99"),
        (for_category(7, "price", "1"), "15.99"),
        (for_product(184, "price", "1"), "14.99"),
        (for_product(185, "price", "1"), "15.99"),
    ],
)
def test_a_rule_takes_off_a_part_or_an_amount_or_sets_a_price(rule: DiscountRule, asked: str) -> None:
    assert asked_of_group(rule) == usd(asked)


def test_the_rule_for_the_product_wins_then_the_lowest_of_its_categories_then_the_one_for_everything() -> None:
    everything, category, other_category = (
        for_all("price", "9"),
        for_category(5, "price", "1"),
        for_category(6, "price", "2"),
    )

    assert asked_of_group(everything, category, other_category, for_product(184, "price", "0.50")) == usd("15.49")
    assert asked_of_group(everything, category, other_category) == usd("13.99")
    assert asked_of_group(everything) == usd("6.99")
    assert asked_of_group() == usd("15.99")


def test_a_lower_sale_price_stays_and_a_higher_one_gives_way() -> None:
    assert asked_of_group(for_all("percent", "10"), asked="12.00") == usd("12.00")
    assert asked_of_group(for_all("percent", "50"), asked="12.00") == usd("7.99")  # half of 15.99, not of 12.00


# ---------------------------------------------------------------------------------------------------- many units


@pytest.mark.parametrize(
    ("units", "asked"),
    [(1, "15.99"), (2, "14.39"), (4, "14.39"), (5, "12.99"), (9, "12.99"), (10, "11.00"), (999, "11.00")],
)
def test_the_rule_for_so_many_units_holds(units: int, asked: str) -> None:
    rules = [a_bulk_rule(2, 4), a_bulk_rule(5, 9, "price", "3"), a_bulk_rule(10, 0, "fixed", "11")]

    assert bulk_price(usd("15.99"), rules, units, USD) == usd(asked)


def test_prices_have_the_places_of_the_stores_currency() -> None:
    yen = Currency(code="JPY", decimal_places=0)

    assert bulk_price(Money(999, "JPY"), [a_bulk_rule(2, amount="33.3")], 2, yen) == Money(666, "JPY")


# ---------------------------------------------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ([a_bulk_rule(-1)], "bulk_pricing_rules.0.quantity_min"),
        ([a_bulk_rule(1, 0, "fixed")], "bulk_pricing_rules.0.quantity_min"),
        ([a_bulk_rule(5, 5)], "bulk_pricing_rules.0.quantity_max"),
        ([a_bulk_rule(5, 4)], "bulk_pricing_rules.0.quantity_max"),
        ([a_bulk_rule(5, 0, "percent", "101")], "bulk_pricing_rules.0.amount"),
        ([a_bulk_rule(5, 0, "price", "1.005")], "bulk_pricing_rules.0.amount"),
        ([a_bulk_rule(5, 0, "fixed", "-1")], "bulk_pricing_rules.0.amount"),
        ([a_bulk_rule(2, 5), a_bulk_rule(5, 9)], "bulk_pricing_rules.1.quantity_min"),
        ([a_bulk_rule(5), a_bulk_rule(2, 9)], "bulk_pricing_rules.1.quantity_min"),
    ],
)
def test_bulk_rules_that_make_no_sense_are_refused(rules: list[BulkPricingRule], field: str) -> None:
    with pytest.raises(Invalid) as error:
        check_bulk_rules(rules, USD)

    assert list(error.value.fields) == [field]


def test_bulk_rules_side_by_side_are_fine() -> None:
    check_bulk_rules([a_bulk_rule(0, 4), a_bulk_rule(5, 9), a_bulk_rule(10)], USD)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (for_category(0, "price", "1"), "discount_rules.0.category_id"),
        (for_product(0, "price", "1"), "discount_rules.0.product_id"),
        (for_all("percent", "100.5"), "discount_rules.0.amount"),
        (for_all("fixed", "1.005"), "discount_rules.0.amount"),
    ],
)
def test_group_rules_that_make_no_sense_are_refused(rule: DiscountRule, field: str) -> None:
    with pytest.raises(Invalid) as error:
        check_discount_rules([rule], USD)

    assert list(error.value.fields) == [field]
