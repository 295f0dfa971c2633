"""Paying with gift certificates and store credit: who pays what, what is refused, what an order takes (BEHAVIOUR 3.5, 3.6)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import payments
from checkstand.domain.checkout import Checkout
from checkstand.domain.commands import (
    ApplyCertificate,
    ApplyStoreCredit,
    AssignCustomer,
    RemoveConsignment,
    WithdrawCertificate,
    WithdrawStoreCredit,
)
from checkstand.domain.facts import Customer, Facts
from checkstand.domain.gift_certificates import GiftCertificate
from checkstand.domain.money import Money, OtherCurrency
from checkstand.domain.order import check_human, place
from checkstand.domain.payments import Spent, spent
from checkstand.domain.pricing.entries import Payment
from checkstand.domain.pricing.price import Priced
from checkstand.domain.shown import check_balance
from checkstand.domain.store_settings import CheckoutSettings
from checkstand.errors import BalanceChanged, CertificateNotApplicable, Incomplete, NotFound, Refused
from tests.builders import (
    NOON,
    a_certificate,
    a_checkout,
    a_consignment,
    a_line,
    a_store,
    a_tax_zone,
    by_key,
    facts,
    paying,
    usd,
)
from tests.domain.engine import after, priced, run

JANE = Customer(id=11, email="jane@shop.example", store_credit=usd("20.00"))
GIFT = a_line("gift", 1, "10.00", kind="gift_certificate", product_id=0, variant_id=0)
GIFT10, GIFT4 = a_certificate(), a_certificate("4.00", code="GIFT4", id=2)
GOODS = a_checkout(a_line("x", 3, "10.00"))
"""30.00 to pay."""


def holding(*certificates: GiftCertificate, **fields: Any) -> Facts:
    return facts(certificates=by_key(*certificates), now=NOON, **fields)


def paid(answer: Priced) -> list[tuple[str, Money]]:
    return [(entry.target, entry.amount) for entry in answer.entries if isinstance(entry, Payment)]


def sums(answer: Priced) -> tuple[Money, Money]:
    return answer.totals.grand_total, answer.totals.outstanding_balance


# ---------------------------------------------------------------------------------------------------- applying


def test_a_certificate_is_applied_by_its_code_without_case_and_withdrawn_again() -> None:
    known = holding(GIFT10)

    applied = run(ApplyCertificate(code=" gift10 "), GOODS, known)
    withdrawn = run(WithdrawCertificate(code="Gift10"), applied.checkout, known)

    assert [entry.code for entry in applied.checkout.gift_certificates] == ["GIFT10"]
    assert sums(applied) == (usd("30.00"), usd("20.00"))
    assert withdrawn.checkout == replace(GOODS, version=3)
    assert sums(withdrawn) == (usd("30.00"), usd("30.00"))


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (replace(GIFT10, code="OTHER"), "is invalid"),
        (replace(GIFT10, balance=usd("0")), "has nothing left"),
        (replace(GIFT10, status="disabled"), "is disabled"),
        (replace(GIFT10, status="pending"), "is pending"),
        (replace(GIFT10, status="expired"), "has expired"),
        (replace(GIFT10, expiry_date=NOON), "has expired"),
        (replace(GIFT10, balance=Money(1000, "EUR")), "is in EUR and cannot pay in USD"),
    ],
)
def test_a_certificate_that_cannot_pay_is_refused_with_the_reason(certificate: GiftCertificate, reason: str) -> None:
    with pytest.raises(CertificateNotApplicable) as refused:
        after(ApplyCertificate(code="GIFT10"), GOODS, holding(certificate))

    assert refused.value.message == f"Gift Certificate code `GIFT10` {reason}"


def test_the_same_certificate_twice_is_refused() -> None:
    before = replace(GOODS, gift_certificates=paying(GIFT10))

    with pytest.raises(CertificateNotApplicable, match="`gift10` is applied already"):
        after(ApplyCertificate(code="gift10"), before, holding(GIFT10))


def test_a_checkout_holds_so_many_certificates_and_no_more() -> None:
    many = [a_certificate("1.00", code=f"G{number}", id=number) for number in range(1, 22)]
    before = replace(GOODS, gift_certificates=paying(*many[:19]))

    full = after(ApplyCertificate(code="G20"), before, holding(*many))

    assert len(full.gift_certificates) == 20
    with pytest.raises(CertificateNotApplicable, match="20 others are"):
        after(ApplyCertificate(code="G21"), full, holding(*many))


def test_where_only_certificates_are_bought_none_can_pay() -> None:
    with pytest.raises(CertificateNotApplicable, match="cannot pay for gift certificates"):
        after(ApplyCertificate(code="GIFT10"), a_checkout(GIFT), holding(GIFT10))


def test_a_certificate_that_is_not_applied_is_not_found() -> None:
    with pytest.raises(NotFound):
        after(WithdrawCertificate(code="GIFT10"), GOODS, holding(GIFT10))


# ---------------------------------------------------------------------------------------------------- store credit


def test_store_credit_is_for_customers_who_have_some() -> None:
    for customer_id, customer in (
        (0, None),
        (11, replace(JANE, store_credit=None)),
        (11, replace(JANE, store_credit=usd("0"))),
    ):
        with pytest.raises(Refused) as refused:
            after(ApplyStoreCredit(), replace(GOODS, customer_id=customer_id), facts(customer=customer))
        assert refused.value.reason == "no_store_credit"


def test_all_the_credit_there_is_is_used_and_kept_again() -> None:
    owned, known = replace(GOODS, customer_id=11), facts(customer=JANE)

    applied = run(ApplyStoreCredit(), owned, known)

    assert (paid(applied), sums(applied)) == ([("", usd("20.00"))], (usd("30.00"), usd("10.00")))
    kept = run(WithdrawStoreCredit(), applied.checkout, known)
    assert (paid(kept), kept.checkout.is_store_credit_applied) == ([], False)


def test_credit_is_used_up_to_what_is_due() -> None:
    small = a_checkout(a_line("x", 1, "7.50"), customer_id=11, is_store_credit_applied=True)

    answer = priced(small, facts(customer=JANE))

    assert (paid(answer), sums(answer)) == ([("", usd("7.50"))], (usd("7.50"), usd("0")))


@pytest.mark.parametrize(
    ("price", "pays", "takes"),
    [("9.00", 900, "10.00"), ("18.00", 1800, "20.00"), ("30.00", 1800, "20.00"), ("0.01", 1, "0.01")],
)
def test_d82_credit_pays_in_another_currency_at_its_rate(price: str, pays: int, takes: str) -> None:
    euro = OtherCurrency(code="EUR", exchange_rate=Decimal("0.9"))
    line = replace(a_line("x"), kind="custom", list_price=euro.price(Decimal(price)), original_price=euro.zero)
    abroad = a_checkout(line, currency=euro, customer_id=11, is_store_credit_applied=True)

    answer = priced(abroad, facts(a_store(other_currencies=(euro,)), customer=JANE))  # 20.00 are 18.00 euros

    assert paid(answer) == [("", Money(pays, "EUR"))]
    assert spent(answer.entries) == [Spent("", "", usd(takes))]


def test_a_cart_that_changes_hands_uses_nobodys_credit() -> None:
    used = replace(GOODS, customer_id=11, is_store_credit_applied=True)
    john = Customer(id=12, email="john@shop.example", store_credit=usd("5.00"))
    consigned = replace(used, consignments=(a_consignment("a", ("x",)),))

    given = after(AssignCustomer(customer_id=12), used, facts(customer=john))
    left = after(RemoveConsignment(consignment_id="a", detach_customer=True), consigned, facts(customer=JANE))
    same = after(AssignCustomer(customer_id=11), used, facts(customer=JANE))

    assert [each.is_store_credit_applied for each in (given, left, same)] == [False, False, True]


# ---------------------------------------------------------------------------------------------------- who pays what


def test_d80_certificates_in_the_order_applied_then_credit_each_at_most_what_is_due() -> None:
    known = holding(GIFT10, GIFT4, customer=JANE)
    first_4 = replace(GOODS, customer_id=11, gift_certificates=paying(GIFT4, GIFT10), is_store_credit_applied=True)

    answer = priced(first_4, known)

    # 30.00 − 4.00 − 10.00 − 16.00 of 20.00
    assert paid(answer) == [("GIFT4", usd("4.00")), ("GIFT10", usd("10.00")), ("", usd("16.00"))]
    assert [entry.remaining for entry in answer.entries if isinstance(entry, Payment)] == [
        usd("0"),
        usd("0"),
        usd("4.00"),
    ]
    assert sums(answer) == (usd("30.00"), usd("0"))


def test_the_last_certificate_pays_only_what_is_left() -> None:
    cheap = a_checkout(a_line("x", 1, "12.34"), gift_certificates=paying(GIFT10, GIFT4))

    answer = priced(cheap, holding(GIFT10, GIFT4))

    assert paid(answer) == [("GIFT10", usd("10.00")), ("GIFT4", usd("2.34"))]


def test_certificates_pay_for_all_but_certificates_and_credit_for_anything() -> None:
    gift100 = a_certificate("100.00", code="GIFT100")
    mixed = a_checkout(
        a_line("x", 1, "25.00"), GIFT, customer_id=11, gift_certificates=paying(gift100), is_store_credit_applied=True
    )

    answer = priced(mixed, holding(gift100, customer=JANE))

    assert paid(answer) == [("GIFT100", usd("25.00")), ("", usd("10.00"))]
    assert sums(answer) == (usd("35.00"), usd("0"))


def test_payments_come_after_taxes_and_change_no_other_total() -> None:
    store = a_store(tax_zones=(a_tax_zone("8.25"),))
    bare = replace(GOODS, consignments=(a_consignment("a", ("x",)),))
    known = replace(holding(GIFT10), store=store)

    without, with_one = priced(bare, known), priced(replace(bare, gift_certificates=paying(GIFT10)), known)

    # 8.25 % of 30.00 is 2.475, so 2.48
    assert sums(with_one) == (usd("32.48"), usd("22.48"))
    assert with_one.totals.taxes == without.totals.taxes
    assert with_one.entries[:-1] == without.entries
    assert replace(with_one.totals, payments={}, outstanding_balance=usd("32.48")) == without.totals


def test_a_certificate_that_stops_paying_stays_applied() -> None:
    before = replace(GOODS, gift_certificates=paying(GIFT10, GIFT4))

    answer = priced(before, holding(replace(GIFT10, expiry_date=NOON - timedelta(days=1)), GIFT4))

    assert [entry.code for entry in answer.checkout.gift_certificates] == ["GIFT10", "GIFT4"]
    assert paid(answer) == [("GIFT4", usd("4.00"))]


# ---------------------------------------------------------------------------------------------------- orders


def shown(balance: str) -> Checkout:
    return after(ApplyCertificate(code="GIFT10"), GOODS, holding(a_certificate(balance)))


def test_an_order_leaves_no_more_to_pay_than_the_checkout_was_shown() -> None:
    before = shown("10.00")

    for left in ("3.00", "0"):
        with pytest.raises(BalanceChanged) as refused:
            check_balance(before, priced(before, holding(a_certificate(left))), None)
        assert refused.value.reason == "cart_has_changed"
    check_balance(before, priced(before, holding(a_certificate("11.00"))), None)
    check_balance(GOODS, priced(GOODS, holding()), None)


def test_what_an_order_takes_comes_sorted_whatever_the_order_of_payment() -> None:
    zebra, apple = a_certificate("2.00", code="zebra"), a_certificate("3.00", code="Apple", id=2)
    before = replace(GOODS, customer_id=11, gift_certificates=paying(zebra, apple), is_store_credit_applied=True)

    answer = priced(before, holding(zebra, apple, customer=JANE))

    assert spent(answer.entries) == [
        Spent("apple", "Apple", usd("3.00")),
        Spent("zebra", "zebra", usd("2.00")),
        Spent("", "", usd("20.00")),
    ]


def test_an_order_that_waits_for_its_payment_elsewhere_takes_nothing() -> None:
    known = holding(GIFT10)
    answer = priced(replace(GOODS, gift_certificates=paying(GIFT10)), known)

    waiting = place(answer, known, order_id=100, status="INCOMPLETE", now=NOON)
    final = place(answer, known, order_id=100, status="AWAITING_PAYMENT", now=NOON)

    assert (spent(waiting.entries), waiting.priced().totals.outstanding_balance) == ([], usd("30.00"))
    assert (spent(final.entries), final.priced().totals.outstanding_balance) == (
        [Spent("gift10", "GIFT10", usd("10.00"))],
        usd("20.00"),
    )


def test_an_order_takes_all_credit_if_asked_and_none_where_there_is_none() -> None:
    owned = replace(GOODS, customer_id=11)

    assert payments.with_all_credit(owned, facts(customer=JANE)).is_store_credit_applied
    assert payments.with_all_credit(GOODS, facts()) == GOODS


def test_a_spam_check_that_is_asked_for_is_passed_before_an_order() -> None:
    asking = a_store(checkout_settings=CheckoutSettings(spam_check=True))

    check_human(GOODS, a_store())
    check_human(replace(GOODS, is_spam_check_passed=True), asking)
    with pytest.raises(Incomplete):
        check_human(GOODS, asking)
