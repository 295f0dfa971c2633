"""What there is of the goods in a cart."""

import pytest
from msgspec.structs import replace

from checkstand.domain import stock
from checkstand.domain.checkout import PickupChoice
from checkstand.domain.stock import StockPosition
from checkstand.errors import OverStock
from tests.builders import a_checkout, a_consignment, a_line, a_location, a_pickup_method, a_store, facts

STORE = a_store(locations=(a_location(1), a_location(2)), pickup_methods=(a_pickup_method(1, 1), a_pickup_method(2, 2)))


def test_the_earlier_of_two_lines_has_the_units_first() -> None:
    checkout = a_checkout(a_line("x", 2), a_line("y", 2))

    positions = stock.positions(checkout, facts(stock={1: {0: 3}}))

    assert positions == {"x": StockPosition(2, 0), "y": StockPosition(1, 1)}


def test_what_is_collected_has_the_stock_of_its_place_and_not_the_pools() -> None:
    collected = replace(a_consignment("a", ("x",)), selected=PickupChoice(2))
    checkout = a_checkout(a_line("x", 2), a_line("y", 2), consignments=(collected, a_consignment("b", ("y",))))

    positions = stock.positions(checkout, facts(STORE, stock={1: {0: 9, 1: 9, 2: 1}}))

    assert positions == {"x": StockPosition(1, 1), "y": StockPosition(2, 0)}


def test_what_is_not_counted_and_what_was_ordered_is_all_there() -> None:
    checkout = a_checkout(a_line("x", 5))

    assert stock.positions(checkout, facts()) == {"x": StockPosition(5, 0)}
    assert stock.positions(replace(checkout, converted=True), facts(stock={1: {0: 0}})) == {"x": StockPosition(5, 0)}


def test_a_cart_holds_no_more_than_the_pool_and_all_places_have_together() -> None:
    before, five, six = (a_checkout(a_line("x", units)) for units in (1, 5, 6))
    known = facts(STORE, stock={1: {0: 2, 1: 3}})

    stock.check_cart(before, five, known)
    with pytest.raises(OverStock) as refused:
        stock.check_cart(before, six, known)

    assert refused.value.message == "Only 5 of Product of x left, the cart would hold 6."


def test_a_cart_that_holds_too_much_already_may_hold_less() -> None:
    before, less, more = (a_checkout(a_line("x", units)) for units in (6, 5, 7))
    known = facts(STORE, stock={1: {0: 0}})

    stock.check_cart(before, less, known)
    stock.check_cart(before, before, known)
    with pytest.raises(OverStock, match=r"^Product of x is out of stock\.$"):
        stock.check_cart(before, more, known)
