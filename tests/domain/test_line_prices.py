"""What a line of the catalog costs: worked out from what the catalog said, in the currency of the checkout (D82)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.checkout import CatalogPrice, Checkout, LineItem
from checkstand.domain.commands import (
    AddItems,
    AssignCustomer,
    ChangeCurrency,
    ChangeLine,
    CreateConsignments,
    NewCheckout,
    RemoveConsignment,
    RemoveLine,
    SetCustomerMessage,
    open_checkout,
)
from checkstand.domain.consignment import ConsignmentDraft, Units
from checkstand.domain.facts import Customer, CustomerGroup, Facts
from checkstand.domain.money import Money
from checkstand.domain.price_rules import BulkPricingRule, DiscountRule
from tests.builders import (
    EUR,
    JPY,
    KWD,
    a_checkout,
    a_line,
    a_moment,
    a_product,
    a_store,
    an_address,
    currency_of,
    facts,
    usd,
)
from tests.domain.engine import after

LAMP = a_product(1, "15.99", sale_price=usd("12.50"), retail_price=usd("20.00"))
SHOP = facts(a_store(other_currencies=(EUR, JPY, KWD)), LAMP)


def a_catalog_line(line_id: str = "x", quantity: int = 1, price: str = "10.00", **overrides: Any) -> LineItem:
    return a_line(line_id, quantity, price, **{"catalog": CatalogPrice(price=usd(price), asked=usd(price))} | overrides)


def opened(currency_code: str, quantity: int = 1, known: Facts = SHOP) -> Checkout:
    lines = (NewLine(product_id=1, quantity=quantity),)
    return open_checkout(
        NewCheckout(items=NewItems(lines=lines), currency_code=currency_code), known, a_moment("opened")
    )


@pytest.mark.parametrize(
    ("code", "original", "listed", "retail"),
    [
        ("USD", 1599, 1250, 2000),
        ("EUR", 1439, 1125, 1800),  # 15.99 are 14.391
        ("JPY", 2399, 1875, 3000),  # 15.99 are 2398.5
        ("KWD", 4909, 3838, 6140),  # 4.90893 and 3.8375
    ],
)
def test_a_line_costs_what_the_catalog_says_converted(code: str, original: int, listed: int, retail: int) -> None:
    line = opened(code).lines[0]

    assert (line.original_price, line.list_price) == (Money(original, code), Money(listed, code))
    assert line.retail_price == Money(retail, code)


def test_the_way_through_other_currencies_leaves_no_trace_in_catalog_prices() -> None:
    checkout = opened("USD", 3)

    for code in ("JPY", "KWD", "EUR", "USD"):
        checkout = after(ChangeCurrency(currency_code=code), checkout, SHOP)

    assert checkout.lines == opened("USD", 3).lines


def test_goods_added_at_another_rate_join_the_line_and_both_cost_what_they_cost_now() -> None:
    before = opened("JPY")
    dearer = replace(
        SHOP, store=replace(SHOP.store, other_currencies=(replace(JPY, exchange_rate=JPY.exchange_rate * 2),))
    )

    now = after(AddItems(items=NewItems(lines=(NewLine(product_id=1, quantity=1),))), before, dearer)

    assert [(line.quantity, line.list_price) for line in now.lines] == [(2, Money(3750, "JPY"))]


def test_a_change_that_prices_do_not_look_at_leaves_them() -> None:
    before = opened("JPY", 2)
    dearer = replace(
        SHOP, store=replace(SHOP.store, other_currencies=(replace(JPY, exchange_rate=JPY.exchange_rate * 2),))
    )
    units = (Units(before.lines[0].id, 1),)

    spoken = after(SetCustomerMessage(message="Hello"), before, dearer)
    split = after(CreateConsignments(drafts=(ConsignmentDraft(units=units, address=an_address()),)), before, dearer)

    assert spoken.lines == before.lines
    assert [line.list_price for line in split.lines] == [Money(1875, "JPY")] * 2


def test_a_line_with_a_price_of_its_own_keeps_it_and_shows_the_catalogs() -> None:
    own = a_catalog_line("x", 2, list_price=usd("9.99"), price_overridden=True)

    now = after(ChangeCurrency(currency_code="EUR"), a_checkout(own), SHOP)

    assert (now.lines[0].original_price, now.lines[0].list_price) == (Money(900, "EUR"), Money(899, "EUR"))


def test_a_line_stored_without_the_catalogs_prices_is_converted_from_what_it_costs() -> None:
    checkout = a_checkout(a_line("x", 2, "10.00"), currency=currency_of(EUR))
    stored = replace(
        checkout, lines=(replace(checkout.lines[0], original_price=Money(900, "EUR"), list_price=Money(810, "EUR")),)
    )

    now = after(ChangeCurrency(currency_code="JPY"), stored, SHOP)

    assert (now.lines[0].original_price, now.lines[0].list_price) == (Money(1500, "JPY"), Money(1350, "JPY"))


# ---------------------------------------------------------------------------------------------------- many units, groups

TENTH_FROM_3 = BulkPricingRule(id=1, quantity_min=3, quantity_max=9, type="percent", amount=Decimal(10))
SEVEN_FROM_10 = BulkPricingRule(id=2, quantity_min=10, type="fixed", amount=Decimal(7))
BOLT = a_product(2, "10.01", bulk_pricing_rules=(TENTH_FROM_3, SEVEN_FROM_10), category_ids=(5,))
WHOLESALE = CustomerGroup(
    1,
    "Wholesale",
    (
        DiscountRule(type="all", method="percent", amount=Decimal(20)),
        DiscountRule(type="category", category_id=5, method="price", amount=Decimal(1)),
    ),
)
JANE, JOHN = Customer(id=11, email="jane@shop.example", group_id=1), Customer(id=12, email="john@shop.example")
TRADE = facts(a_store(other_currencies=(EUR, JPY), customer_groups=(WHOLESALE,)), LAMP, BOLT, customer=JANE)


def with_bolts(quantity: int, customer_id: int = 0, currency_code: str = "USD") -> Checkout:
    lines = (NewLine(product_id=2, quantity=quantity),)
    draft = NewCheckout(items=NewItems(lines=lines), customer_id=customer_id, currency_code=currency_code)
    return open_checkout(draft, TRADE, a_moment("opened"))


def prices(checkout: Checkout) -> list[tuple[int, int]]:
    return [(line.quantity, line.list_price.minor) for line in checkout.lines]


def test_many_units_cost_what_their_rule_says_whenever_the_quantity_changes() -> None:
    checkout = with_bolts(2)
    line_id = checkout.lines[0].id
    seen = prices(checkout)

    for quantity in (3, 9, 10, 1):
        checkout = after(ChangeLine(line_id=line_id, quantity=quantity), checkout, TRADE)
        seen += prices(checkout)

    assert seen == [(2, 1001), (3, 901), (9, 901), (10, 700), (1, 1001)]  # a tenth of 10.01 is 1.00
    assert checkout.lines[0].original_price == usd("10.01")


def test_dividing_a_line_among_consignments_changes_no_price_and_taking_units_away_does() -> None:
    checkout = with_bolts(4)
    units = (Units(checkout.lines[0].id, 1),)

    split = after(CreateConsignments(drafts=(ConsignmentDraft(units=units, address=an_address()),)), checkout, TRADE)
    fewer = after(RemoveLine(line_id=split.lines[1].id), split, TRADE)
    more = after(AddItems(items=NewItems(lines=(NewLine(product_id=2, quantity=7),))), split, TRADE)

    assert sorted(prices(split)) == [(1, 901), (3, 901)]
    assert sorted(prices(fewer)) == [(3, 901)]
    assert sorted(prices(more)) == [(1, 700), (10, 700)]
    assert prices(after(ChangeLine(line_id=fewer.lines[0].id, quantity=2), fewer, TRADE)) == [(2, 1001)]


def test_a_line_with_a_price_of_its_own_takes_no_part() -> None:
    checkout = with_bolts(2)
    own = AddItems(items=NewItems(lines=(NewLine(product_id=2, quantity=20, list_price=Decimal("9.50")),)))

    now = after(own, checkout, TRADE)

    assert prices(now) == [(2, 1001), (20, 950)]


def test_a_group_is_asked_its_own_price_and_many_units_come_off_that() -> None:
    # 10.01 less 1.00 for the category; from 3 on a tenth of 9.01 off, 0.90; from 10 on 7.00 for all.
    assert [prices(with_bolts(quantity, 11))[0][1] for quantity in (1, 3, 10)] == [901, 811, 700]


def test_prices_follow_the_customer_and_the_currency() -> None:
    checkout = with_bolts(3)

    jane = after(AssignCustomer(customer_id=11), checkout, TRADE)
    in_yen = after(ChangeCurrency(currency_code="JPY"), jane, TRADE)
    john = after(AssignCustomer(customer_id=12), in_yen, replace(TRADE, customer=JOHN))
    nobody = after(AssignCustomer(customer_id=0), jane, replace(TRADE, customer=None))

    assert prices(jane) == [(3, 811)]
    assert prices(in_yen) == [(3, 1217)]  # 8.11 are 1216.5: worked out in dollars, converted last
    assert prices(john) == [(3, 1352)]  # 9.01 are 1351.5
    assert prices(nobody) == [(3, 901)]


def test_who_is_left_by_the_cart_is_asked_the_catalogs_price() -> None:
    checkout = with_bolts(1, 11)
    units = (Units(checkout.lines[0].id, 1),)
    consigned = after(
        CreateConsignments(drafts=(ConsignmentDraft(units=units, address=an_address()),)), checkout, TRADE
    )

    left = after(RemoveConsignment(consignment_id=consigned.consignments[0].id, detach_customer=True), consigned, TRADE)

    assert (prices(consigned), prices(left)) == ([(1, 901)], [(1, 1001)])


def test_a_sale_price_stays_where_it_is_lower_than_the_groups() -> None:
    lines = (NewLine(product_id=1, quantity=1),)

    opened_for_jane = open_checkout(NewCheckout(items=NewItems(lines=lines), customer_id=11), TRADE, a_moment())

    # A fifth off 15.99 is 12.79; the sale price is 12.50.
    assert (opened_for_jane.lines[0].original_price, opened_for_jane.lines[0].list_price) == (
        usd("15.99"),
        usd("12.50"),
    )
