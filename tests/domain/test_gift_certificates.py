"""Making, changing and issuing gift certificates (`/v2/gift_certificates`, BEHAVIOUR 3.5)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.checkout import CertificateDetails, Person
from checkstand.domain.gift_certificates import CertificateChange, GiftCertificate, changed, issued, new_certificate
from checkstand.domain.money import Currency, Money
from checkstand.domain.pricing.payments import unfit
from checkstand.errors import Invalid
from tests.builders import NOON, USD, a_certificate, a_line, usd

YEN = Currency(code="JPY", decimal_places=0)
STORE = (USD, YEN)
SENT = CertificateChange(
    to_name="John", to_email="john@example.com", from_name="Jane", from_email="jane@example.com", amount=Decimal("10.5")
)


def made(**fields: Any) -> GiftCertificate:
    return new_certificate(replace(SENT, **fields), STORE, NOON)


def test_a_new_certificate_is_worth_its_amount_from_today_on_for_ever() -> None:
    certificate = made()

    assert (certificate.amount, certificate.balance) == (usd("10.50"), usd("10.50"))
    assert (certificate.status, certificate.code, certificate.template) == ("active", "", "general.html")
    assert (certificate.purchase_date, certificate.expiry_date) == (NOON, None)


def test_what_is_sent_is_what_it_becomes() -> None:
    certificate = made(
        balance=Decimal(3),
        code=" A code that is far too long ",
        status="pending",
        expiry_date="Tue, 20 Jan 2026 08:45:38 CST",
        purchase_date="1767225600",
    )

    assert (certificate.balance, certificate.code, certificate.status) == (
        usd("3.00"),
        "A code that is far t",
        "pending",
    )
    assert certificate.expiry_date == datetime(2026, 1, 20, 14, 45, 38, tzinfo=UTC)
    assert certificate.purchase_date == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("field", ["to_name", "to_email", "from_name", "from_email", "amount"])
def test_what_a_new_one_needs(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(**{field: None})

    assert refused.value.fields == {field: "is required"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal("0.001")),
        ("amount", Decimal(-1)),
        ("balance", Decimal(-1)),
        ("currency_code", "XXX"),
        ("code", "a/b"),
        ("code", "   "),
        ("expiry_date", "soon"),
    ],
)
def test_what_cannot_be(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        made(**{field: value})

    assert list(refused.value.fields) == [field]


def test_another_currency_of_the_store_has_its_own_places() -> None:
    assert made(amount=Decimal(1200), currency_code="JPY").balance == Money(1200, "JPY")


def test_a_change_leaves_what_it_does_not_name_the_balance_too() -> None:
    before = a_certificate("3.00", amount=usd("10.00"), to_name="John")

    after = changed(before, CertificateChange(status="disabled", amount=Decimal(20)), STORE)

    assert after == replace(before, status="disabled", amount=usd("20.00"), decimal_places=2)
    with pytest.raises(Invalid, match="together with amount and balance"):
        changed(before, CertificateChange(currency_code="JPY"), STORE)


def test_it_is_worth_the_same_when_its_currency_goes_and_comes_back_with_other_places() -> None:
    yen = made(amount=Decimal(1200), currency_code="JPY")
    sen = replace(YEN, decimal_places=2)

    renamed = changed(yen, CertificateChange(message="For you"), [USD])
    halved = changed(yen, CertificateChange(balance=Decimal(600)), [USD, sen])

    assert renamed == replace(yen, message="For you")
    assert halved == replace(yen, balance=Money(600, "JPY"))
    assert (yen.is_in(YEN), yen.is_in(sen)) == (True, False)
    assert unfit(yen, sen, NOON) == "is in JPY and cannot pay in JPY as it is now"
    with pytest.raises(Invalid):
        changed(yen, CertificateChange(balance=Decimal("0.50")), [USD, sen])


def test_an_active_one_expires_at_its_date() -> None:
    certificate = a_certificate(expiry_date=NOON)

    assert (certificate.status_at(NOON), certificate.status_at(None)) == ("expired", "active")
    assert replace(certificate, status="disabled").status_at(NOON) == "disabled"


def test_an_order_issues_one_for_each_line_worth_what_was_asked_for() -> None:
    details = CertificateDetails(
        theme="Birthday", sender=Person("Jane", "jane@x.y"), recipient=Person("John", "john@x.y"), message="For you"
    )
    lines = [
        a_line(name, 1, price, kind="gift_certificate", product_id=0, certificate=details)
        for name, price in (("a", "10.00"), ("b", "25.00"))
    ]

    keys = [(5, "AAAA"), (6, "BBBB")]
    first, second = issued(lines, keys, order_id=100, customer_id=11, now=NOON, decimal_places=2)

    assert first == GiftCertificate(
        id=5,
        code="AAAA",
        amount=usd("10.00"),
        balance=usd("10.00"),
        to_name="John",
        to_email="john@x.y",
        from_name="Jane",
        from_email="jane@x.y",
        template="birthday.html",
        message="For you",
        customer_id=11,
        order_id=100,
        purchase_date=NOON,
        decimal_places=2,
    )
    assert (second.id, second.code, second.balance) == (6, "BBBB", usd("25.00"))
