"""Gift certificates of the store (v2: bare bodies). Fields stand in the order of the published page.

Amounts are shown as texts with four decimal places and taken as texts or numbers; dates are shown in seconds since 1970, as
texts, and taken as those or as RFC 2822 has them.
"""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from checkstand.api.bodies import EMAIL, Identifier, Price, Text
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import expect_no_filter, page_and_limit
from checkstand.api.projection import in_four_places
from checkstand.domain.facts import Store
from checkstand.domain.gift_certificates import CertificateChange, GiftCertificate, Status, Template
from checkstand.domain.money import Money
from checkstand.errors import Invalid, NotFound
from checkstand.service import gift_certificates
from checkstand.service.access import MARKETING
from checkstand.storage.port import CertificateSearch

DEFAULT_LIMIT, MOST = 50, 250

# ---------------------------------------------------------------------------------------------------- what is sent


class GiftCertificateBody(Struct):
    """In a change, what is left out stays. `id` and `order_id` are read only: sent, they are ignored."""

    to_name: Text | None = None
    to_email: Text | None = None
    from_name: Text | None = None
    from_email: Text | None = None
    amount: Price | None = None
    balance: Price | None = None
    purchase_date: Text | None = None
    expiry_date: Text | None = None
    customer_id: Identifier | None = None
    template: Template | None = None
    message: Annotated[str, Meta(max_length=250)] | None = None
    code: Text | None = None
    status: Status | None = None
    currency_code: Text | None = None

    def change(self) -> CertificateChange:
        """Raises `Invalid`."""
        for name in ("to_email", "from_email"):
            if (sent := getattr(self, name)) and not EMAIL.fullmatch(sent):
                raise Invalid.field(name, "is not an email address")
        return CertificateChange(**{name: getattr(self, name) for name in self.__struct_fields__})


# ---------------------------------------------------------------------------------------------------- what is shown


class GiftCertificateShape(Struct):
    id: int
    customer_id: int
    order_id: int
    code: str
    to_name: str
    to_email: str
    from_name: str
    from_email: str
    amount: str
    balance: str
    status: str
    template: str
    message: str
    purchase_date: str
    expiry_date: str
    currency_code: str


def _shape(certificate: GiftCertificate, store: Store, now: datetime) -> GiftCertificateShape:
    places = certificate.places(store.decimal_places)
    return GiftCertificateShape(
        id=certificate.id,
        customer_id=certificate.customer_id,
        order_id=certificate.order_id,
        code=certificate.code,
        to_name=certificate.to_name,
        to_email=certificate.to_email,
        from_name=certificate.from_name,
        from_email=certificate.from_email,
        amount=_amount(certificate.amount, places),
        balance=_amount(certificate.balance, places),
        status=certificate.status_at(now),
        template=certificate.template,
        message=certificate.message,
        purchase_date=_seconds(certificate.purchase_date),
        expiry_date=_seconds(certificate.expiry_date),
        currency_code=certificate.balance.currency,
    )


def _amount(money: Money, places: int) -> str:
    return in_four_places(money.major(places))


def _seconds(moment: datetime | None) -> str:
    return str(int(moment.astimezone(UTC).timestamp())) if moment else "0"


# ---------------------------------------------------------------------------------------------------- endpoints


async def get_certificates(call: Call, body: None) -> list[GiftCertificateShape]:
    """By id; `min_id` and `limit` lead through many of them."""
    if call.first("sort", "id") != "id":
        raise Invalid.field("sort", "must be id")
    direction = call.first("direction", "asc")
    if direction not in ("asc", "desc"):
        raise Invalid.field("direction", "must be asc or desc")
    search = CertificateSearch(
        min_id=call.query_number("min_id", 0, 0, 2**53),
        max_id=call.query_number("max_id", 2**53, 0, 2**53),
        code=call.first("code"),
        order_id=call.query_number("order_id", -1, 0, 2**53),
        to_name=call.first("to_name"),
        to_email=call.first("to_email"),
        from_name=call.first("from_name"),
        from_email=call.first("from_email"),
    )
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    found = await call.unit.gift_certificates.page(
        search, descending=direction == "desc", limit=limit, offset=(page - 1) * limit
    )
    store = await call.unit.store()
    return [_shape(certificate, store, call.now) for certificate in found]


async def get_certificate(call: Call, body: None) -> GiftCertificateShape:
    return await _shown(call, await call.unit.gift_certificates.get(call.number("certificate_id")))


async def create_certificate(call: Call, body: GiftCertificateBody) -> GiftCertificateShape:
    return await _shown(call, await gift_certificates.create(call.unit, body.change(), call.now))


async def update_certificate(call: Call, body: GiftCertificateBody) -> GiftCertificateShape:
    return await _shown(call, await gift_certificates.update(call.unit, call.number("certificate_id"), body.change()))


async def _shown(call: Call, certificate: GiftCertificate | None) -> GiftCertificateShape:
    if certificate is None:
        raise _not_found(call)
    return _shape(certificate, await call.unit.store(), call.now)


def _not_found(call: Call) -> NotFound:
    return NotFound(f"There is no gift certificate {call.params['certificate_id']}.", code="gift_certificate_not_found")


async def delete_certificate(call: Call, body: None) -> None:
    if not await call.unit.gift_certificates.remove(call.number("certificate_id")):
        raise _not_found(call)


async def delete_certificates(call: Call, body: None) -> None:
    """All of them, as published."""
    expect_no_filter(call, "certificate")
    await call.unit.gift_certificates.remove_all()


CERTIFICATES, CERTIFICATE = "/gift_certificates", "/gift_certificates/{certificate_id}"
TAG = "Gift certificates"

ENDPOINTS = [
    Endpoint(
        "GET",
        CERTIFICATES,
        get_certificates,
        "List gift certificates",
        answer=list[GiftCertificateShape],
        scopes=MARKETING,
        query=(
            "min_id",
            "max_id",
            "code",
            "order_id",
            "to_name",
            "to_email",
            "from_name",
            "from_email",
            "page",
            "limit",
            "sort",
            "direction",
        ),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        CERTIFICATES,
        create_certificate,
        "Create a gift certificate",
        answer=GiftCertificateShape,
        body=GiftCertificateBody,
        status=201,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        CERTIFICATES,
        delete_certificates,
        "Delete all gift certificates",
        status=204,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        CERTIFICATE,
        get_certificate,
        "Read a gift certificate",
        answer=GiftCertificateShape,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        CERTIFICATE,
        update_certificate,
        "Change a gift certificate",
        answer=GiftCertificateShape,
        body=GiftCertificateBody,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "DELETE", CERTIFICATE, delete_certificate, "Delete a gift certificate", status=204, scopes=MARKETING, tag=TAG
    ),
]
