"""Discounts a person gives (BEHAVIOUR 3.7, D33, D83)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import manual_discounts
from checkstand.domain.checkout import Checkout
from checkstand.domain.commands import CreateConsignments, RemoveConsignment, RemoveLine, UpdateConsignment
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, Units
from checkstand.domain.facts import Facts
from checkstand.domain.manual_discounts import ManualDraft
from checkstand.errors import Invalid, NotFound, Refused
from tests.builders import (
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    an_address,
    applied,
    facts,
    percent_off,
    usd,
)
from tests.domain.engine import priced, run

HALF_OFF_X = percent_off(50, 1)
PROMOTED = facts(a_store(promotions=(HALF_OFF_X,)))
NO_OFFERS = facts(a_store())


def a_cart(**overrides: Any) -> Checkout:
    gift = a_line("gift", 1, "10.00", kind="gift_certificate", product_id=0, variant_id=0)
    return a_checkout(a_line("x", 1, "20.00"), a_line("y", 2, "5.00", product_id=2), gift, **overrides)


def given(checkout: Checkout, cart: str = "", known: Facts = NO_OFFERS, **lines: str) -> Checkout:
    draft = ManualDraft(
        cart=(Decimal(cart),) if cart else (),
        lines=tuple((line_id, Decimal(amount)) for line_id, amount in lines.items()),
    )
    return manual_discounts.give(checkout, draft, known)


def off(checkout: Checkout, known: Facts = NO_OFFERS) -> dict[str, str]:
    return {line_id: f"{line.reduction.minor / 100:.2f}" for line_id, line in priced(checkout, known).lines.items()}


def test_an_amount_off_the_cart_is_spread_over_the_goods_by_their_value() -> None:
    answer = priced(given(a_cart(), "10.00"), NO_OFFERS)

    assert {line_id: line.reduction for line_id, line in answer.lines.items()} == {
        "x": usd("6.67"),  # 10 x 20 / 30
        "y": usd("3.33"),
        "gift": usd("0.00"),
    }
    assert answer.totals.manual_discount == answer.totals.discount_amount == usd("10.00")
    assert answer.totals.subtotal.ex_tax == usd("40.00")
    assert answer.totals.cart_amount.ex_tax == usd("30.00")


def test_amounts_of_lines_come_first_and_the_carts_is_spread_over_what_they_leave() -> None:
    assert off(given(a_cart(), "5.00", x="10.00")) == {"x": "12.50", "y": "2.50", "gift": "0.00"}


def test_d83_they_stand_in_the_place_of_promotions_until_they_are_withdrawn() -> None:
    before = a_cart()

    discounted = given(before, "3.00", PROMOTED)
    withdrawn = given(discounted, "0", PROMOTED)

    assert off(before, PROMOTED) == {"x": "10.00", "y": "0.00", "gift": "0.00"}
    assert off(discounted, PROMOTED) == {"x": "2.00", "y": "1.00", "gift": "0.00"}
    assert off(withdrawn, PROMOTED) == off(before, PROMOTED)


def test_d33_giving_them_again_replaces_them() -> None:
    assert off(given(given(a_cart(), "9.00", x="1.00"), "3.00")) == {"x": "2.00", "y": "1.00", "gift": "0.00"}


def test_coupons_stay_and_take_from_what_is_left() -> None:
    coupon = a_coupon(amount="40", code="BIG")
    known = facts(a_store(coupons=(coupon,)))

    answer = priced(given(a_cart(coupons=applied(coupon)), "30.00", known), known)

    assert answer.totals.manual_discount == usd("30.00")
    assert {line_id: line.coupon_discount for line_id, line in answer.lines.items()} == {
        "x": usd("0.00"),
        "y": usd("0.00"),
        "gift": usd("10.00"),
    }


@pytest.mark.parametrize(("cart", "lines", "field"), [
    ("30.01", {}, "cart.discounts.0.discounted_amount"),
    ("20.01", {"x": "10.00"}, "cart.discounts.0.discounted_amount"),
    ("-1", {}, "cart.discounts.0.discounted_amount"),
    ("", {"x": "20.01"}, "cart.line_items.0.discounted_amount"),
    ("", {"gift": "0.01"}, "cart.line_items.0.discounted_amount"),
    ("", {}, "cart"),
])  # fmt: skip
def test_d33_more_than_there_is_is_refused(cart: str, lines: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        given(a_cart(), cart, NO_OFFERS, **lines)
    assert list(refusal.value.fields) == [field]


def test_a_line_with_a_discount_of_its_own_takes_none_besides() -> None:
    coupon = a_coupon(amount="1", code="ONE")
    with_coupon = a_cart(coupons=applied(coupon))

    with pytest.raises(Refused):
        given(a_cart(), known=PROMOTED, x="1.00")
    with pytest.raises(Refused):
        given(with_coupon, known=facts(a_store(coupons=(coupon,))), y="1.00")
    assert off(given(a_cart(), known=PROMOTED, y="1.00"), PROMOTED) == {"x": "0.00", "y": "1.00", "gift": "0.00"}
    with pytest.raises(NotFound):
        given(a_cart(), unknown="1.00")


def test_a_line_takes_none_either_where_an_amount_given_before_stands_in_the_place_of_its_promotion() -> None:
    discounted = given(a_cart(), "3.00", PROMOTED)

    with pytest.raises(Refused):
        given(discounted, known=PROMOTED, x="1.00")


def test_what_the_cart_loses_later_is_not_taken_off_twice() -> None:
    discounted = given(a_cart(), "25.00", x="4.00")

    smaller = replace(discounted, lines=tuple(line for line in discounted.lines if line.id != "x"))

    assert off(smaller) == {"y": "10.00", "gift": "0.00"}


def test_the_amount_of_a_line_goes_with_its_units_wherever_they_are() -> None:
    two = a_checkout(a_line("x", 3, "10.00"))
    discounted = given(two, x="20.00")
    consigned = run(CreateConsignments(drafts=(draft(Units("x", 1)),)), discounted, NO_OFFERS).checkout
    elsewhere, here = (line.id for line in consigned.lines)
    reunited = run(
        UpdateConsignment(
            consignment_id=consigned.consignments[0].id,
            change=ConsignmentChange(units=(Units(elsewhere, 2), Units(here, 1))),
        ),
        consigned,
        NO_OFFERS,
    ).checkout

    assert off(consigned) == {elsewhere: "13.33", here: "6.67"}  # 20 x 2 / 3 and 20 x 1 / 3
    assert list(off(reunited).values()) == ["20.00"]


def test_amounts_of_lines_that_become_one_are_added_up_and_those_of_lines_that_are_gone_go() -> None:
    x, y, z = (a_line(name, 1, "10.00", product_id=product) for name, product in (("x", 1), ("y", 1), ("z", 2)))
    y = replace(y, name="Product of x")
    z = replace(z, variant_id=2)
    apart = a_checkout(x, y, z, consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y", "z"))))
    discounted = given(apart, x="2.00", y="3.00", z="4.00")

    together = run(RemoveConsignment(consignment_id="a"), discounted, NO_OFFERS)
    together = run(RemoveConsignment(consignment_id="b"), together.checkout, NO_OFFERS)
    without = run(RemoveLine(line_id="z"), together.checkout, NO_OFFERS).checkout

    assert off(together.checkout) == {"x": "5.00", "z": "4.00"}
    assert without.manual_discounts is not None
    assert without.manual_discounts.lines == {"x": usd("5.00")}


def draft(*units: Units) -> ConsignmentDraft:
    return ConsignmentDraft(address=an_address(), units=units)
