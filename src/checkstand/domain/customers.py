"""Customers: making one, changing one, their address books. Pure.

An e-mail names a customer whatever its case. What a password must have is what clients are told (`passwords`). An address is
one by where it leads and to whom: the same one is in a book once.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geography
from checkstand.domain.address import (
    REQUIRED_TO_ORDER,
    Address,
    AddressType,
    CustomerAddress,
    CustomField,
    completed,
    missing_to_order,
)
from checkstand.domain.checkout import Checkout, PickupChoice
from checkstand.domain.facts import Customer, Store
from checkstand.domain.form_fields import StandardName, unmet_own
from checkstand.domain.passwords import PASSWORD_RULES
from checkstand.errors import Invalid, Refused

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_EMAIL, LONGEST_NAME, LONGEST_PHONE, LONGEST_NOTES = 250, 100, 50, 65535
LONGEST_PASSWORD = 255
MOST_ADDRESSES = 250
REQUIRED: tuple[StandardName, ...] = ("email", "first_name", "last_name")
"""What every customer has, and every account form asks for."""

WHERE_AND_WHO = (
    "first_name",
    "last_name",
    "company",
    "phone",
    "address_type",
    "address1",
    "address2",
    "city",
    "country_code",
    "state_or_province",
    "postal_code",
)
"""What makes an address another one, as published."""


class CustomerChange(Struct, frozen=True, kw_only=True):
    """What a request says of a customer; None: nothing. `store_credit` in major units of the store's own currency; empty
    `channel_ids`: all channels. `custom_fields`: the whole account form, as who registers has filled it in; without it they were
    not shown the form."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    phone: str | None = None
    group_id: int | None = None
    store_credit: Decimal | None = None
    notes: str | None = None
    tax_exempt_category: str | None = None
    accepts_marketing: bool | None = None
    force_password_reset: bool | None = None
    registration_ip_address: str | None = None
    origin_channel_id: int | None = None
    channel_ids: tuple[int, ...] | None = None
    custom_fields: tuple[CustomField, ...] | None = None


def email_key(email: str) -> str:
    """By which a customer is found."""
    return email.strip().lower()


def check_password(password: str, field: str) -> None:
    """Raises `Invalid`."""
    rules = PASSWORD_RULES
    if not rules.minlength <= len(password) <= LONGEST_PASSWORD:
        raise Invalid.field(field, f"must have {rules.minlength} to {LONGEST_PASSWORD} characters")
    if not (re.search(rules.alpha, password) and re.search(rules.numeric, password)):
        raise Invalid.field(field, "must have letters and digits")


def new_customer(change: CustomerChange, store: Store, now: datetime) -> Customer:
    """A customer still without an id. Raises `Invalid`."""
    for name in REQUIRED:
        if not (getattr(change, name) or "").strip():
            raise Invalid.field(name, "is required")
    if change.custom_fields is not None:
        for name in REQUIRED:
            most = store.form_fields.standard_field(name).max_length
            if most and len(getattr(change, name)) > most:
                raise Invalid.field(name, f"may have at most {most} characters")
        for lack in unmet_own(store.form_fields.customer_account, change.custom_fields):
            raise Invalid.field("custom_fields", lack)
    return changed(Customer(id=0, email="", created_at=now), change, store, now)


def changed(before: Customer, change: CustomerChange, store: Store, now: datetime) -> Customer:
    """What is left out stays. Raises `Invalid`."""
    said = {name: getattr(change, name) for name in change.__struct_fields__ if getattr(change, name) is not None}
    _check(said, store)
    if "email" in said:
        said["email"] = said["email"].strip()
    if "store_credit" in said:
        said["store_credit"] = store.currency.price(said["store_credit"], "store_credit_amounts.0.amount")
    return replace(before, **said, modified_at=now)


def _check(said: dict[str, object], store: Store) -> None:
    email = said.get("email")
    if isinstance(email, str) and (not EMAIL.fullmatch(email.strip()) or len(email.strip()) > LONGEST_EMAIL):
        raise Invalid.field("email", f"must be an email address of at most {LONGEST_EMAIL} characters")
    for name in ("first_name", "last_name"):
        text = said.get(name)
        if isinstance(text, str) and not (text.strip() and len(text) <= LONGEST_NAME):
            raise Invalid.field(name, f"must have 1 to {LONGEST_NAME} characters")
    for name, most in (("phone", LONGEST_PHONE), ("notes", LONGEST_NOTES), ("registration_ip_address", 45)):
        text = said.get(name)
        if isinstance(text, str) and len(text) > most:
            raise Invalid.field(name, f"may have at most {most} characters")
    group_id = said.get("group_id")
    if group_id and group_id not in store.customer_group_by_id:
        raise Invalid.field("customer_group_id", "is not a customer group of this store")
    channel_ids = said.get("channel_ids")
    if isinstance(channel_ids, tuple) and not set(channel_ids) <= set(store.channel_ids):
        raise Invalid.field("channel_ids", "must be channels of this store")
    if "origin_channel_id" in said and said["origin_channel_id"] not in store.channel_ids:
        raise Invalid.field("origin_channel_id", "is not a channel of this store")


# ---------------------------------------------------------------------------------------------------- address book


def in_book(address: Address, address_type: AddressType = "residential") -> CustomerAddress:
    """An address as a book holds it: complete with the names of its places, without what only a checkout asks."""
    whole = replace(completed(address), email="", should_save_address=False)
    fields = {name: getattr(whole, name) for name in Address.__struct_fields__}
    return CustomerAddress(**fields, address_type=address_type)


def check_entry(address: Address) -> None:
    """What every address of a book has, as published. Raises `Invalid`."""
    for name in REQUIRED_TO_ORDER:
        if not getattr(address, name):
            raise Invalid.field(name, "is required")
    if geography.country_name(address.country_code) is None:
        raise Invalid.field("country_code", f"{address.country_code!r} is not a country")


def entry_with(customer: Customer, address_id: int, fields: Mapping[str, str]) -> CustomerAddress:
    """The entry with these fields, and its places named anew. Raises `Invalid`."""
    known = next((entry for entry in customer.addresses if entry.id == address_id), None)
    if known is None:
        raise Invalid.field("id", f"{address_id} is not an address of customer {customer.id}")
    moved = replace(known, **fields)
    if "state_or_province" in fields or "country_code" in fields:
        moved = replace(moved, state_or_province_code="")
    check_entry(moved)
    return replace(in_book(moved, moved.address_type), id=address_id)


def holds(customer: Customer, address: CustomerAddress) -> bool:
    """Whether the book has this address already, under another id."""
    return any(_key(known) == _key(address) for known in customer.addresses if known.id != address.id or not known.id)


def _key(address: CustomerAddress) -> tuple[str, ...]:
    return tuple(getattr(address, name).strip().casefold() for name in WHERE_AND_WHO)


def with_address(customer: Customer, address: CustomerAddress, now: datetime) -> Customer:
    """With a new entry, or the one with its id as it is now; as they were, where the book has the address already. Raises `Refused`
    when it is full."""
    if holds(customer, address):
        return customer
    entries = tuple(address if address.id and known.id == address.id else known for known in customer.addresses)
    if address not in entries:
        entries = (*entries, address)
    if len(entries) > MOST_ADDRESSES:
        raise Refused(f"An address book holds at most {MOST_ADDRESSES} addresses.", code="address_book_full")
    return replace(customer, addresses=entries, modified_at=now)


def with_addresses(customer: Customer, addresses: Iterable[CustomerAddress], now: datetime) -> Customer:
    """With those of them that are new, as far as there is room."""
    for address in addresses:
        if len(customer.addresses) < MOST_ADDRESSES:
            customer = with_address(customer, address, now)
    return customer


def without_addresses(customer: Customer, ids: Collection[int], now: datetime) -> Customer:
    kept = tuple(known for known in customer.addresses if known.id not in ids)
    return customer if len(kept) == len(customer.addresses) else replace(customer, addresses=kept, modified_at=now)


def to_save(checkout: Checkout) -> list[CustomerAddress]:
    """The addresses a shopper asked to keep, of those that a checkout was billed and shipped to, each once, without ids."""
    billing = [checkout.billing_address.address] if checkout.billing_address else []
    shipped = [each.address for each in checkout.consignments if not isinstance(each.selected, PickupChoice)]
    asked = [address for address in (*billing, *shipped) if address.should_save_address]
    whole = [in_book(address) for address in asked if not missing_to_order(address)]
    return list({_key(address): address for address in whole}.values())
