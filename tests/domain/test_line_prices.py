"""What a line of the catalog costs: worked out from what the catalog said, in the currency of the checkout (D82)."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.checkout import CatalogPrice, Checkout, LineItem
from checkstand.domain.commands import (
    AddItems,
    ChangeCurrency,
    CreateConsignments,
    NewCheckout,
    SetCustomerMessage,
    open_checkout,
)
from checkstand.domain.consignment import ConsignmentDraft, Units
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money
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
