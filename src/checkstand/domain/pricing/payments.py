"""What is paid before an order is placed: by gift certificates, in the order in which they were applied, then from store credit
(BEHAVIOUR D80), each at most what is still due. A payment is no discount: it leaves every total alone but what is left to pay.

Certificates do not pay for certificates that are bought (BEHAVIOUR 3.5); store credit pays for anything.
"""

from collections.abc import Mapping
from datetime import datetime

from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.money import Currency, Money
from checkstand.domain.pricing.entries import Payment
from checkstand.domain.pricing.totals import LineTotals

GIFT_CERTIFICATE, STORE_CREDIT = "gift certificate", "store credit"
"""The sources of payments. The target of one by certificate is its code, of one from store credit it is empty."""


def unfit(certificate: GiftCertificate, currency: Currency, now: datetime | None) -> str | None:
    """Why a certificate pays nothing, to follow its code; None: it pays."""
    status = certificate.status_at(now)
    if status == "expired":
        return "has expired"
    if status != "active":
        return f"is {status}"
    if not certificate.is_in(currency):
        places = "" if certificate.balance.currency != currency.code else " as it is now"
        return f"is in {certificate.balance.currency} and cannot pay in {currency.code}{places}"
    return None if certificate.balance else "has nothing left"


def payments(
    checkout: Checkout, grand_total: Money, lines: Mapping[str, LineTotals], facts: Facts
) -> tuple[Payment, ...]:
    found: list[Payment] = []
    bought = sum([lines[line.id].paid.inc_tax.minor for line in checkout.lines if line.kind == "gift_certificate"])
    due, for_certificates = grand_total, Money(grand_total.minor - bought, grand_total.currency)
    for applied in checkout.gift_certificates:
        certificate = facts.certificates.get(key_of(applied.code))
        if certificate is None or unfit(certificate, checkout.currency, facts.now):
            continue
        amount = certificate.balance.at_most(for_certificates)
        if amount:
            found.append(Payment("order", applied.code, amount, GIFT_CERTIFICATE, certificate.balance - amount))
            due, for_certificates = due - amount, for_certificates - amount
    if checkout.is_store_credit_applied and (credit := credit_of(checkout, facts)):
        amount = credit.at_most(due)
        if amount:
            taken = _taken(amount, credit, checkout.currency, facts)
            found.append(Payment("order", "", amount, STORE_CREDIT, credit - amount, taken))
    return tuple(found)


def credit_of(checkout: Checkout, facts: Facts) -> Money | None:
    """What the customer of a checkout can pay with, in the checkout's currency (D82); None: there is nothing."""
    customer = facts.customer
    if customer is None or customer.id != checkout.customer_id or not customer.store_credit:
        return None
    return facts.store.converted(customer.store_credit, checkout.currency) or None


def _taken(amount: Money, credit: Money, currency: Currency, facts: Facts) -> Money | None:
    """What an amount of credit costs the customer in the store's own currency: all there is where all is used, at least its
    smallest unit. None: it is the same currency."""
    store, customer = facts.store, facts.customer
    if customer is None or customer.store_credit is None or customer.store_credit.currency == currency.code:
        return None
    if amount == credit:
        return customer.store_credit
    cost = store.exchanged(amount, currency, store.currency)
    return max(cost, Money(1, cost.currency)).at_most(customer.store_credit)
