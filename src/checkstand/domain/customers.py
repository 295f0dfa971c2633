"""Customers: making one, changing one, their address books. Pure.

An e-mail names a customer whatever its case. What a password must have is what clients are told (`passwords`). An address is
one by where it leads and to whom: the same one is in a book once.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.address import Address, AddressType, CustomerAddress, CustomField, completed
from checkstand.domain.checkout import Checkout, PickupChoice
from checkstand.domain.facts import Customer, Store
from checkstand.domain.form_fields import unmet_own
from checkstand.domain.passwords import PASSWORD_RULES
from checkstand.errors import Invalid, NotFound, Refused

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_EMAIL, LONGEST_NAME, LONGEST_PHONE, LONGEST_NOTES = 250, 100, 50, 65535
LONGEST_PASSWORD = 256
MOST_ADDRESSES = 250

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
    for name in ("email", "first_name", "last_name"):
        if not getattr(change, name):
            raise Invalid.field(name, "is required")
    if change.custom_fields is not None:
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
        if isinstance(text, str) and not 0 < len(text) <= LONGEST_NAME:
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


def holds(customer: Customer, address: CustomerAddress) -> bool:
    """Whether the book has this address already, under another id."""
    return any(_key(known) == _key(address) for known in customer.addresses if known.id != address.id or not known.id)


def _key(address: CustomerAddress) -> tuple[str, ...]:
    return tuple(getattr(address, name).strip().casefold() for name in WHERE_AND_WHO)


def with_address(customer: Customer, address: CustomerAddress, now: datetime) -> Customer:
    """With a new entry; as it was, where the book has the address already. Raises `Refused` when it is full."""
    if holds(customer, address):
        return customer
    if len(customer.addresses) >= MOST_ADDRESSES:
        raise Refused(f"An address book holds at most {MOST_ADDRESSES} addresses.", code="address_book_full")
    return replace(customer, addresses=(*customer.addresses, address), modified_at=now)


def with_addresses(customer: Customer, addresses: Iterable[CustomerAddress], now: datetime) -> Customer:
    """With those of them that are new, as far as there is room."""
    for address in addresses:
        if len(customer.addresses) < MOST_ADDRESSES:
            customer = with_address(customer, address, now)
    return customer


def with_changed_address(customer: Customer, address: CustomerAddress, now: datetime) -> Customer:
    """With an entry as it is now; as it was, where that would be another entry's. Raises `NotFound`."""
    if all(known.id != address.id for known in customer.addresses):
        raise NotFound(f"Customer {customer.id} has no address {address.id}.", code="address_not_found")
    if holds(customer, address):
        return customer
    entries = tuple(address if known.id == address.id else known for known in customer.addresses)
    return replace(customer, addresses=entries, modified_at=now)


def without_addresses(customer: Customer, ids: Collection[int], now: datetime) -> Customer:
    kept = tuple(known for known in customer.addresses if known.id not in ids)
    return customer if len(kept) == len(customer.addresses) else replace(customer, addresses=kept, modified_at=now)


def to_save(checkout: Checkout) -> list[CustomerAddress]:
    """The addresses a shopper asked to keep, of those that a checkout was billed and shipped to, each once, without ids."""
    billing = [checkout.billing_address.address] if checkout.billing_address else []
    shipped = [each.address for each in checkout.consignments if not isinstance(each.selected, PickupChoice)]
    asked = [in_book(address) for address in (*billing, *shipped) if address.should_save_address and address.address1]
    return list({_key(address): address for address in asked}.values())
