"""Paying with gift certificates and store credit (BEHAVIOUR 3.5, 3.6): entering a code and taking it back, switching the credit
on and off, and what an order takes from which balance. What each of them pays stands in `pricing.payments`.

A certificate is checked when it is applied: the code is known, not applied yet, there is room for one more, something in the cart
can be paid with it, and it can pay. One that stops paying later stays listed with nothing used. An order that would leave
more to pay than the shopper was shown is refused (`shown.check_balance`).
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import AppliedCertificate, Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.gift_certificates import key_of
from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import AnyEntry, Payment
from checkstand.domain.pricing.payments import GIFT_CERTIFICATE, STORE_CREDIT, credit_of, unfit
from checkstand.errors import BalanceChanged, CertificateNotApplicable, NotFound, Refused

MOST_CERTIFICATES = 20
"""At one checkout: each of them is looked up with every answer."""


def apply_certificate(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The checkout with one certificate more. Raises `CertificateNotApplicable` with the reason."""
    certificate = facts.certificates.get(key_of(code))
    if certificate is None:
        raise _refusal(code, "is invalid")
    if any(key_of(applied.code) == key_of(code) for applied in before.gift_certificates):
        raise _refusal(code, "is applied already")
    if len(before.gift_certificates) >= MOST_CERTIFICATES:
        raise _refusal(code, f"cannot be applied: {MOST_CERTIFICATES} others are")
    if all(line.kind == "gift_certificate" for line in before.lines):
        raise _refusal(code, "cannot pay for gift certificates")
    if reason := unfit(certificate, before.currency, facts.now):
        raise _refusal(code, reason)
    return replace(before, gift_certificates=(*before.gift_certificates, AppliedCertificate(code=certificate.code)))


def _refusal(code: str, reason: str) -> CertificateNotApplicable:
    return CertificateNotApplicable(f"Gift Certificate code `{code}` {reason}")


def withdraw_certificate(before: Checkout, code: str) -> Checkout:
    """Raises `NotFound`."""
    kept = tuple(applied for applied in before.gift_certificates if key_of(applied.code) != key_of(code))
    if len(kept) == len(before.gift_certificates):
        raise NotFound(
            f"Gift certificate {code} is not applied to checkout {before.id}.", code="gift_certificate_not_found"
        )
    return replace(before, gift_certificates=kept)


def apply_store_credit(before: Checkout, facts: Facts) -> Checkout:
    """Raises `Refused` for a guest, and for a customer who has no credit."""
    if not before.customer_id:
        raise Refused("Store credit is for customers who are signed in.", code="no_store_credit")
    if credit_of(before, facts) is None:
        raise Refused("This customer has no store credit.", code="no_store_credit")
    return replace(before, is_store_credit_applied=True)


def with_all_credit(before: Checkout, facts: Facts) -> Checkout:
    """As an order asks for it: whatever credit there is is used, and nothing is refused where there is none."""
    return replace(before, is_store_credit_applied=True) if credit_of(before, facts) else before


def withdraw_store_credit(before: Checkout) -> Checkout:
    return replace(before, is_store_credit_applied=False)


# ---------------------------------------------------------------------------------------------------- orders


class Spent(Struct, frozen=True):
    """What an order takes from a balance: of a certificate by the key of its code, of the customer's store credit where
    that is empty."""

    key: str
    code: str
    amount: Money


def spent(entries: Iterable[AnyEntry]) -> list[Spent]:
    """Certificates by their keys, then the credit: in the same order for every order, so that no two wait for each other in a
    circle."""
    paid = [entry for entry in entries if isinstance(entry, Payment)]
    certificates = [
        Spent(key_of(entry.target), entry.target, entry.amount) for entry in paid if entry.source == GIFT_CERTIFICATE
    ]
    credit = [Spent("", "", entry.taken or entry.amount) for entry in paid if entry.source == STORE_CREDIT]
    return [*sorted(certificates, key=lambda each: each.key), *credit]


def used_elsewhere(code: str) -> BalanceChanged:
    """`code` empty: store credit."""
    what = f"Gift certificate {code}" if code else "The store credit"
    return BalanceChanged(
        f"{what} no longer has what this checkout was to take from it. Nothing was ordered; read the checkout again."
    )
