"""Gift certificates somebody owns: what one is, making and changing one as a merchant does, and issuing those an order bought.

Codes are unique in a store and compare without case (D29). The balance is a counter of the database: orders take from it
by one guarded statement each, and what a certificate here says of it is what it was when it was looked up.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import LineItem
from checkstand.domain.moment import from_mail_date
from checkstand.domain.money import Currency, Money
from checkstand.errors import Invalid

Status = Literal["active", "pending", "disabled", "expired"]
Template = Literal["birthday.html", "girl.html", "boy.html", "celebration.html", "christmas.html", "general.html"]
TEMPLATES: tuple[Template, ...] = get_args(Template)
GENERAL: Template = "general.html"
LONGEST_CODE = 20
"""Longer ones are cut, as published."""


class GiftCertificate(Struct, frozen=True, kw_only=True):
    """`amount` is what it was worth at first, `balance` what is left. Without `expiry_date` it never expires; `order_id` is the
    order in which it was bought, 0 where a merchant made it. `decimal_places` are those its currency had when it was made, and its
    amounts have, whatever becomes of it; None: as the store has them, it is older than this field."""

    id: int
    code: str
    amount: Money
    balance: Money
    status: Status = "active"
    to_name: str = ""
    to_email: str = ""
    from_name: str = ""
    from_email: str = ""
    template: Template = GENERAL
    message: str = ""
    customer_id: int = 0
    order_id: int = 0
    purchase_date: datetime | None = None
    expiry_date: datetime | None = None
    decimal_places: int | None = None

    def is_in(self, currency: Currency) -> bool:
        """Whether its amounts are amounts of this currency, to the last digit."""
        return self.balance.currency == currency.code and self.decimal_places in (None, currency.decimal_places)

    def places(self, known: Mapping[str, int]) -> int:
        """Of its amounts; `known`: those of the store's currencies, former ones too."""
        return known.get(self.balance.currency, 2) if self.decimal_places is None else self.decimal_places

    def status_at(self, now: datetime | None) -> Status:
        is_over = now is not None and self.expiry_date is not None and now >= self.expiry_date
        return "expired" if is_over and self.status == "active" else self.status


def key_of(code: str) -> str:
    """What codes are compared by."""
    return code.strip().casefold()


# ---------------------------------------------------------------------------------------------------- as a merchant edits them


class CertificateChange(Struct, frozen=True, kw_only=True):
    """What a request says about a certificate; None: nothing. Dates as RFC 2822 has them or in seconds since 1970, as they are
    shown; empty or 0: none."""

    to_name: str | None = None
    to_email: str | None = None
    from_name: str | None = None
    from_email: str | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None
    code: str | None = None
    status: Status | None = None
    template: Template | None = None
    message: str | None = None
    customer_id: int | None = None
    currency_code: str | None = None
    purchase_date: str | None = None
    expiry_date: str | None = None


AS_SENT = ("to_name", "to_email", "from_name", "from_email", "status", "template", "message", "customer_id")
REQUIRED = ("to_name", "to_email", "from_name", "from_email", "amount")


def new_certificate(change: CertificateChange, currencies: Sequence[Currency], now: datetime) -> GiftCertificate:
    """A certificate that has everything but an id and, where none was asked for, a code. `currencies`: the store's, its own
    first. Raises `Invalid` naming the field."""
    for name in REQUIRED:
        if not getattr(change, name):
            raise Invalid.field(name, "is required")
    nothing = currencies[0].zero
    blank = GiftCertificate(id=0, code="", amount=nothing, balance=nothing, purchase_date=now.replace(microsecond=0))
    given = change if change.balance is not None else replace(change, balance=change.amount)
    return changed(blank, given, currencies)


def changed(
    before: GiftCertificate,
    change: CertificateChange,
    currencies: Sequence[Currency],
    known_places: Mapping[str, int] | None = None,
) -> GiftCertificate:
    """What is left out stays, the balance too. `known_places`: of former currencies as well. Raises `Invalid` naming the field."""
    given: dict[str, Any] = {name: value for name in AS_SENT if (value := getattr(change, name)) is not None}
    if change.currency_code and change.currency_code != before.balance.currency:
        currency = _currency(change.currency_code, currencies)
        if change.amount is None or change.balance is None:
            raise Invalid.field("currency_code", "can only change together with amount and balance")
    else:  # its own, which the store need not have any more
        known = known_places or {each.code: each.decimal_places for each in currencies}
        currency = Currency(code=before.balance.currency, decimal_places=before.places(known))
    if change.amount is not None or change.balance is not None:
        given["decimal_places"] = currency.decimal_places
    if change.amount is not None:
        given["amount"] = currency.price(change.amount, "amount")
        if not given["amount"]:
            raise Invalid.field("amount", "must be more than 0")
    if change.balance is not None:
        given["balance"] = currency.price(change.balance, "balance")
    if change.code:
        given["code"] = code_of(change.code)
    for name in ("purchase_date", "expiry_date"):
        if (sent := getattr(change, name)) is not None:
            given[name] = _date(sent, name)
    return replace(before, **given)


def code_of(sent: str) -> str:
    """Raises `Invalid` for what shoppers could not type into a path."""
    code = sent.strip()[:LONGEST_CODE].rstrip()
    if not code or not code.isprintable() or "/" in code:
        raise Invalid.field("code", f"must be text without slashes, not {sent!r}")
    return code


def _currency(code: str, currencies: Sequence[Currency]) -> Currency:
    for currency in currencies:
        if currency.code == code:
            return currency
    raise Invalid.field("currency_code", f"{code!r} is not a currency of this store", code="unknown_currency")


def _date(sent: str, field: str) -> datetime | None:
    if sent in ("", "0"):
        return None
    try:
        if sent.isascii() and sent.isdecimal():
            return datetime.fromtimestamp(int(sent), UTC)
        return from_mail_date(sent)
    except (ValueError, OverflowError, OSError):
        raise Invalid.field(field, "must be a date such as Tue, 13 Mar 2018 16:18:59 +0000, or empty") from None


# ---------------------------------------------------------------------------------------------------- as orders issue them


def issued(
    lines: Iterable[LineItem],
    ids_and_codes: Iterable[tuple[int, str]],
    *,
    order_id: int,
    customer_id: int,
    now: datetime,
    decimal_places: int,
) -> tuple[GiftCertificate, ...]:
    """The certificates these lines of an order bought, one for each, worth what was asked for. `decimal_places`: the order's."""
    return tuple(
        GiftCertificate(
            id=number,
            code=code,
            amount=line.list_price,
            balance=line.list_price,
            to_name=line.certificate.recipient.name,
            to_email=line.certificate.recipient.email,
            from_name=line.certificate.sender.name,
            from_email=line.certificate.sender.email,
            template=_template(line.certificate.theme),
            message=line.certificate.message,
            customer_id=customer_id,
            order_id=order_id,
            purchase_date=now.replace(microsecond=0),
            decimal_places=decimal_places,
        )
        for line, (number, code) in zip(lines, ids_and_codes, strict=True)
        if line.certificate is not None
    )


def _template(theme: str) -> Template:
    return next((template for template in TEMPLATES if template == f"{theme.lower()}.html"), GENERAL)
