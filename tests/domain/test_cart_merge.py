"""A cart whose shopper signs in takes the lines of the other one, within the limits; signed out of, nothing personal stays."""

from decimal import Decimal

import pytest

from checkstand.domain.checkout import LineItem
from checkstand.domain.commands import GiveManualDiscounts, PassSpamCheck, SignIn, SignOut
from checkstand.domain.facts import Customer, Limits
from checkstand.domain.manual_discounts import ManualDraft
from checkstand.domain.money import OtherCurrency
from checkstand.errors import Invalid
from tests.builders import (
    EUR,
    USD,
    a_checkout,
    a_consignment,
    a_line,
    a_product,
    a_store,
    amount_off,
    an_address,
    billed,
    facts,
    paying,
    usd,
)
from tests.domain.engine import after, priced, quantities, run

JANE = Customer(id=11, email="jane@shop.example")
KNOWN = facts(customer=JANE)
TOWEL = a_line("towel", 2, product_id=2, variant_id=2)


def like_x(line_id: str, quantity: int) -> LineItem:
    """More of the goods that the line x is of."""
    return a_line(line_id, quantity, name="Product of x")


def test_lines_of_the_same_goods_become_one_under_the_carts_own_ids() -> None:
    before = a_checkout(a_line("x", 1))

    now = after(SignIn(customer_id=11, lines=(like_x("old", 2), TOWEL), currency=USD), before, KNOWN)

    assert quantities(now) == {"x": 3, "towel": 2}
    assert (now.customer_id, now.email, now.version) == (11, "jane@shop.example", 2)


def test_a_line_that_lies_in_a_consignment_stays_as_it_is() -> None:
    before = a_checkout(a_line("x", 1), consignments=(a_consignment("a", ("x",)),))

    now = after(SignIn(customer_id=11, lines=(like_x("old", 2),), currency=USD), before, KNOWN)

    assert quantities(now) == {"x": 1, "old": 2}
    assert [place.line_item_ids for place in now.consignments] == [("x",)]


def test_a_guests_billing_address_stays_and_has_the_customers_email() -> None:
    with_address = after(SignIn(customer_id=11), billed(a_checkout()), KNOWN)
    without = after(SignIn(customer_id=11), a_checkout(), KNOWN)

    assert with_address.billing_address is not None
    assert with_address.billing_address.address == an_address(email="jane@shop.example")
    assert without.billing_address is not None
    assert (without.billing_address.address.email, without.billing_address.address.city) == ("jane@shop.example", "")


def test_what_is_beyond_the_limits_of_a_cart_stays_out() -> None:
    store = a_store(limits=Limits(line_items=2))
    before = a_checkout(a_line("x", 1))
    lines = (TOWEL, a_line("third", 1, product_id=3, variant_id=3))

    now = after(SignIn(customer_id=11, lines=lines, currency=USD), before, facts(store, customer=JANE))

    assert quantities(now) == {"x": 1, "towel": 2}


def test_more_units_than_one_order_may_have_stay_out() -> None:
    known = facts(None, a_product(1, order_quantity_maximum=2), customer=JANE)
    before = a_checkout(a_line("x", 1))

    fits = after(SignIn(customer_id=11, lines=(like_x("old", 1),), currency=USD), before, known)
    does_not = after(SignIn(customer_id=11, lines=(like_x("old", 2), TOWEL), currency=USD), before, known)

    assert (quantities(fits), quantities(does_not)) == ({"x": 2}, {"x": 1, "towel": 2})


def test_more_units_than_there_are_stay_out() -> None:
    known = facts(None, a_product(1), customer=JANE, stock={1: {0: 2, 1: 1}})
    before = a_checkout(a_line("x", 1))

    fits = after(SignIn(customer_id=11, lines=(like_x("old", 2),), currency=USD), before, known)
    does_not = after(SignIn(customer_id=11, lines=(like_x("old", 3), TOWEL), currency=USD), before, known)

    assert (quantities(fits), quantities(does_not)) == ({"x": 3}, {"x": 1, "towel": 2})


def test_lines_in_another_currency_are_converted() -> None:
    euro = OtherCurrency(code="EUR", name="Euro", symbol="€", decimal_places=2, exchange_rate=Decimal("0.9"))
    store, nine = a_store(other_currencies=(euro,)), EUR.money(Decimal(9))
    custom = a_line("old", 1, kind="custom", product_id=0, variant_id=0, list_price=nine, original_price=nine)

    now = after(SignIn(customer_id=11, lines=(custom,), currency=EUR), a_checkout(), facts(store, customer=JANE))

    assert now.lines[-1].list_price == usd("10.00")


def test_a_customer_nobody_knows_cannot_sign_in() -> None:
    with pytest.raises(Invalid):
        after(SignIn(customer_id=12), a_checkout(), KNOWN)


def test_signing_out_leaves_the_goods_and_nothing_of_the_shopper() -> None:
    parts = (a_line("x", 1), like_x("y", 2), TOWEL)
    before = billed(
        a_checkout(
            *parts,
            consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",))),
            customer_id=11,
            gift_certificates=paying(),
            is_store_credit_applied=True,
            customer_message="Ring at Jane's",
        )
    )

    now = after(SignOut(), before, facts())

    assert quantities(now) == {"x": 3, "towel": 2}
    assert (now.customer_id, now.email, now.billing_address, now.consignments) == (0, "", None, ())
    assert (now.gift_certificates, now.is_store_credit_applied, now.customer_message) == ((), False, "")


def test_what_a_person_took_off_for_the_shopper_goes_with_them_and_promotions_count_again() -> None:
    known = facts(a_store(promotions=(amount_off("2.00"),)))
    three_off = GiveManualDiscounts(draft=ManualDraft(cart=(Decimal("3.00"),)))
    given = after(three_off, a_checkout(a_line("x", 2), customer_id=11), known)

    signed_out = run(SignOut(), given, known)

    assert signed_out.checkout.manual_discounts is None
    assert priced(given, known).totals.grand_total == usd("17.00")  # 2 x 10.00 less 3.00
    assert signed_out.totals.grand_total == usd("16.00")  # 2 x 10.00 less 2 x 2.00


def test_whoever_comes_after_a_shopper_who_signed_out_has_to_pass_the_spam_check() -> None:
    passed = after(PassSpamCheck(), a_checkout(customer_id=11))

    assert passed.is_spam_check_passed
    assert not after(SignOut(), passed).is_spam_check_passed
