"""Parts of request bodies that the surfaces share, and how they become domain values.

Each surface declares its own Structs (names differ); a field that was sent as null counts as left out.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Protocol

from msgspec import Meta

from checkstand.domain.address import LARGEST_PHONE, LARGEST_TEXT, Address, CustomField
from checkstand.errors import Invalid, Unsupported

Text = Annotated[str, Meta(max_length=LARGEST_TEXT)]
Phone = Annotated[str, Meta(max_length=LARGEST_PHONE)]
Quantity = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
Identifier = Annotated[int, Meta(ge=0, lt=2**53)]
Version = Annotated[int, Meta(ge=-(2**53), lt=2**53)]
Price = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
COUNTRY = re.compile(r"[A-Z]{2}")


class SentField(Protocol):
    """A custom form field as sent."""

    @property
    def field_id(self) -> str: ...
    @property
    def field_value(self) -> str | int | float | list[str] | None: ...


class SentAddress(Protocol):
    """An address as a surface decoded it; everything may be missing."""

    @property
    def first_name(self) -> str | None: ...
    @property
    def last_name(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def company(self) -> str | None: ...
    @property
    def address1(self) -> str | None: ...
    @property
    def address2(self) -> str | None: ...
    @property
    def city(self) -> str | None: ...
    @property
    def state_or_province(self) -> str | None: ...
    @property
    def state_or_province_code(self) -> str | None: ...
    @property
    def country_code(self) -> str | None: ...
    @property
    def postal_code(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...


def address(
    sent: SentAddress, fields: list[SentField] | None, where: str, *, save: bool = False, required: tuple[str, ...] = ()
) -> Address:
    """The address as it was sent, word for word. Raises `Invalid` for a required field that is missing and for an email or a
    country code that cannot be one."""
    for name in required:
        if not getattr(sent, name):
            raise Invalid.field(_name(where, name), "is required")
    if sent.email and not EMAIL.fullmatch(sent.email):
        raise Invalid.field(_name(where, "email"), "is not an email address")
    if sent.country_code and not COUNTRY.fullmatch(sent.country_code):
        raise Invalid.field(_name(where, "country_code"), "must be an ISO 3166-1 alpha-2 code in capitals, such as US")
    if sent.phone and not sent.phone.isprintable():
        raise Invalid.field(_name(where, "phone"), "must be printable text")
    return Address(
        first_name=sent.first_name or "",
        last_name=sent.last_name or "",
        email=sent.email or "",
        company=sent.company or "",
        address1=sent.address1 or "",
        address2=sent.address2 or "",
        city=sent.city or "",
        state_or_province=sent.state_or_province or "",
        state_or_province_code=sent.state_or_province_code or "",
        country_code=sent.country_code or "",
        postal_code=sent.postal_code or "",
        phone=sent.phone or "",
        custom_fields=custom_fields(fields),
        should_save_address=save,
    )


def _name(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def custom_fields(sent: Iterable[SentField] | None) -> tuple[CustomField, ...]:
    return tuple(_custom_field(field) for field in sent or ())


def _custom_field(sent: SentField) -> CustomField:
    """Pick lists take a number in and give a text out."""
    value = sent.field_value
    if isinstance(value, list):
        return CustomField(sent.field_id, tuple(value))
    return CustomField(sent.field_id, "" if value is None else str(value))


def versions(*sent: int | None) -> tuple[int, ...]:
    """The versions a request expects."""
    return tuple(version for version in sent if version is not None)


def unsupported(what: str) -> Unsupported:
    return Unsupported(f"This version of Checkstand does not support {what} yet; see docs/compatibility.md.")
