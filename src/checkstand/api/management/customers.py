"""Customers and their address books (v3): lists by the published filters, changes in batches, and whether a password is right.

A batch is done as a whole or not at all. Attributes are not kept; what was filled into the account
form is shown, and not changed here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from checkstand.api.bodies import Identifier, Phone, Price, Text, unsupported
from checkstand.api.http import Call, Endpoint, HttpError, Reply
from checkstand.api.management.listing import UNDATED, between, page_and_limit, pagination, words
from checkstand.api.projection import Amount, amounts
from checkstand.domain.address import Address, AddressType, CustomerAddress
from checkstand.domain.customers import CustomerChange, in_book
from checkstand.domain.facts import Customer, Store
from checkstand.domain.money import Money
from checkstand.errors import Invalid, Unauthenticated
from checkstand.service import customers
from checkstand.service.access import CUSTOMERS
from checkstand.service.customers import CustomerDraft, OwnedAddress
from checkstand.storage.port import AddressSearch, CustomerSearch

MOST_AT_ONCE = 10
DEFAULT_LIMIT, MOST = 50, 250
MOST_FILTERED = 250
SORTS = ("date_created", "date_modified", "last_name")
INCLUDES = ("addresses", "storecredit", "formfields")

Notes = Annotated[str, Meta(max_length=65535)]
IpAddress = Annotated[str, Meta(max_length=45, pattern="^[0-9A-Fa-f:.]*$")]
"""Of the characters that addresses of either kind have; not more closely, since samples of them are often none that can be."""

# ---------------------------------------------------------------------------------------------------- what is sent


class Authentication(Struct):
    new_password: str | None = None
    force_password_reset: bool | None = None


class CreditAmount(Struct):
    amount: Price


class AddressFields(Struct, kw_only=True):
    """An entry of an address book. In a change, what is left out stays."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state_or_province: Text | None = None
    postal_code: Text | None = None
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    phone: Phone | None = None
    address_type: AddressType | None = None

    def fields(self) -> dict[str, str]:
        """What was said."""
        return {
            name: getattr(self, name) for name in AddressFields.__struct_fields__ if getattr(self, name) is not None
        }

    def entry(self) -> CustomerAddress:
        sent: dict[str, Any] = dict(self.fields())
        kind: AddressType = sent.pop("address_type", "residential")
        return in_book(Address(**sent), kind)


class NewAddressBody(AddressFields, kw_only=True):
    customer_id: Identifier


class AddressUpdate(AddressFields, kw_only=True):
    id: Identifier


class CustomerFields(Struct, kw_only=True):
    """In a change, what is left out stays. `store_credit_amounts` in the store's own currency: one amount."""

    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    phone: Phone | None = None
    notes: Notes | None = None
    tax_exempt_category: Text | None = None
    customer_group_id: Identifier | None = None
    authentication: Authentication | None = None
    accepts_product_review_abandoned_cart_emails: bool | None = None
    store_credit_amounts: Annotated[list[CreditAmount], Meta(max_length=1)] | None = None
    origin_channel_id: Identifier | None = None
    channel_ids: list[Identifier] | None = None

    def change(self) -> CustomerChange:
        credit = self.store_credit_amounts
        return CustomerChange(
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            company=self.company,
            phone=self.phone,
            notes=self.notes,
            tax_exempt_category=self.tax_exempt_category,
            group_id=self.customer_group_id,
            accepts_marketing=self.accepts_product_review_abandoned_cart_emails,
            force_password_reset=self.authentication.force_password_reset if self.authentication else None,
            store_credit=None if credit is None else sum((each.amount for each in credit), Decimal(0)),
            origin_channel_id=self.origin_channel_id,
            channel_ids=None if self.channel_ids is None else tuple(self.channel_ids),
        )

    @property
    def password(self) -> str | None:
        return self.authentication.new_password if self.authentication else None


class NewCustomerBody(CustomerFields, kw_only=True):
    addresses: list[AddressFields] | None = None
    attributes: list[dict[str, Any]] | None = None

    def draft(self) -> CustomerDraft:
        if self.attributes:
            raise unsupported("attributes of customers")
        entries = tuple(each.entry() for each in self.addresses or ())
        return CustomerDraft(change=self.change(), password=self.password, addresses=entries)


class CustomerUpdate(CustomerFields, kw_only=True):
    id: Identifier
    registration_ip_address: IpAddress | None = None

    def draft(self) -> CustomerDraft:
        change = replace(self.change(), registration_ip_address=self.registration_ip_address)
        return CustomerDraft(id=self.id, change=change, password=self.password)


class CredentialsBody(Struct):
    email: Text
    password: Text
    channel_id: Identifier | None = None


# ---------------------------------------------------------------------------------------------------- what is shown


class CustomerAuthentication(Struct):
    force_password_reset: bool


class StoreCreditAmount(Struct):
    amount: Amount


class CustomerAddressShape(Struct, kw_only=True):
    id: int
    customer_id: int
    first_name: str
    last_name: str
    company: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    postal_code: str
    country: str
    country_code: str
    phone: str
    address_type: Literal["residential", "commercial"]


class CustomerShape(Struct, kw_only=True):
    """`addresses` and `store_credit_amounts` when they are asked for. `channel_ids` null: all channels."""

    id: int
    email: str
    first_name: str
    last_name: str
    company: str
    phone: str
    registration_ip_address: str
    notes: str
    tax_exempt_category: str
    customer_group_id: int
    date_created: str
    date_modified: str
    address_count: int
    attribute_count: int
    authentication: CustomerAuthentication
    accepts_product_review_abandoned_cart_emails: bool
    origin_channel_id: int
    channel_ids: list[int] | None
    addresses: list[CustomerAddressShape] | UnsetType = UNSET
    store_credit_amounts: list[StoreCreditAmount] | UnsetType = UNSET
    form_fields: list["FormFieldValue"] | UnsetType = UNSET


class FormFieldValue(Struct):
    """`name`: its label, as the form shows it."""

    name: str
    value: str | list[str]
    customer_id: int


class CredentialsShape(Struct):
    is_valid: bool
    customer_id: int | None = None


def _shape(customer: Customer, store: Store, include: frozenset[str]) -> CustomerShape:
    nothing = Money(0, store.currency.code)
    return CustomerShape(
        id=customer.id,
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        company=customer.company,
        phone=customer.phone,
        registration_ip_address=customer.registration_ip_address,
        notes=customer.notes,
        tax_exempt_category=customer.tax_exempt_category,
        customer_group_id=store.group_id_of(customer),
        date_created=_time(customer.created_at),
        date_modified=_time(customer.modified_at or customer.created_at),
        address_count=len(customer.addresses),
        attribute_count=0,
        authentication=CustomerAuthentication(customer.force_password_reset),
        accepts_product_review_abandoned_cart_emails=customer.accepts_marketing,
        origin_channel_id=customer.origin_channel_id,
        channel_ids=list(customer.channel_ids) or None,
        addresses=[_address(customer.id, entry) for entry in customer.addresses] if "addresses" in include else UNSET,
        store_credit_amounts=[StoreCreditAmount(amounts(store.currency)(customer.store_credit or nothing))]
        if "storecredit" in include
        else UNSET,
        form_fields=_filled_in(customer, store) if "formfields" in include else UNSET,
    )


def _filled_in(customer: Customer, store: Store) -> list[FormFieldValue]:
    labels = {field.name: field.label for field in store.form_fields.customer_account}
    return [
        FormFieldValue(
            labels[entry.field_id],
            entry.field_value if isinstance(entry.field_value, str) else list(entry.field_value),
            customer.id,
        )
        for entry in customer.custom_fields
        if entry.field_id in labels
    ]


def _address(customer_id: int, entry: CustomerAddress) -> CustomerAddressShape:
    shown = {name: getattr(entry, name) for name in CustomerAddressShape.__struct_fields__ if name != "customer_id"}
    return CustomerAddressShape(customer_id=customer_id, **shown)


def _time(moment: datetime | None) -> str:
    """`2026-01-31T12:00:00Z`."""
    return (moment or UNDATED).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# ---------------------------------------------------------------------------------------------------- customers


async def get_customers(call: Call, body: None) -> Reply:
    """By id, unless `sort` says else."""
    sort, descending = _sorted_by(call)
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    search, store = _search(call), await call.unit.store()
    found = await call.unit.customers.page(
        search, sort=sort, descending=descending, limit=limit, offset=(page - 1) * limit
    )
    total = await call.unit.customers.count(search)
    shown = _shown(found, store, call.include)
    return Reply(shown, meta={"pagination": pagination(call, page, limit, count=len(shown), total=total)})


def _shown(found: Sequence[Customer], store: Store, include: frozenset[str]) -> list[CustomerShape]:
    return [_shape(customer, store, include) for customer in found]


def _sorted_by(call: Call) -> tuple[str, bool]:
    text = call.first("sort")
    name, _, direction = text.partition(":")
    if text and (name not in SORTS or direction not in ("", "asc", "desc")):
        raise Invalid.field("sort", f"must be {', '.join(SORTS)}, with :asc or :desc")
    return name, direction == "desc"


def _search(call: Call) -> CustomerSearch:
    created, modified = between(call, "date_created"), between(call, "date_modified")
    return CustomerSearch(
        ids=_numbers(call, "id:in"),
        emails=_texts(call, "email:in"),
        names=_texts(call, "name:in"),
        name_part=call.first("name:like"),
        companies=_texts(call, "company:in"),
        phones=_texts(call, "phone:in"),
        group_ids=_numbers(call, "customer_group_id:in"),
        registration_ip_addresses=_texts(call, "registration_ip_address:in"),
        created_from=created[0],
        created_before=created[1],
        modified_from=modified[0],
        modified_before=modified[1],
    )


def _numbers(call: Call, name: str) -> list[int] | None:
    ids = call.query_numbers(name)
    if ids is not None and len(ids) > MOST_FILTERED:
        raise Invalid.field(name, f"must be at most {MOST_FILTERED} numbers")
    return ids


def _texts(call: Call, name: str) -> list[str] | None:
    texts = words(call, name)
    if texts is not None and len(texts) > MOST_FILTERED:
        raise Invalid.field(name, f"must be at most {MOST_FILTERED} texts")
    return texts


async def create_customers(call: Call, body: list[NewCustomerBody]) -> list[CustomerShape]:
    """At most ten at once."""
    _check_number(body)
    drafts = [sent.draft() for sent in body]
    made = await customers.create(call.unit, drafts, call.now)
    return _shown(made, await call.unit.store(), frozenset(INCLUDES))


async def update_customers(call: Call, body: list[CustomerUpdate]) -> list[CustomerShape]:
    """At most ten at once. Another password ends the customer's sessions."""
    _check_number(body)
    done = await customers.update(call.unit, [sent.draft() for sent in body], call.now)
    return _shown(done, await call.unit.store(), frozenset(INCLUDES))


def _check_number(body: Sequence[object]) -> None:
    if len(body) > MOST_AT_ONCE:
        raise HttpError(413, "Payload Too Large", f"At most {MOST_AT_ONCE} customers in one request.")


async def delete_customers(call: Call, body: None) -> None:
    """With their address books; their orders stay. Without ids nothing is deleted, as published."""
    await customers.remove(call.unit, _numbers(call, "id:in") or (), call.now)


async def validate_credentials(call: Call, body: CredentialsBody) -> CredentialsShape:
    """Guessing is held up as it is when shoppers sign in."""
    if body.channel_id is not None:
        (await call.unit.store()).expect_channel(body.channel_id)
    try:
        customer = await customers.authenticate(
            call.unit, body.email, body.password, call.now, channel_id=body.channel_id
        )
    except Unauthenticated:
        return CredentialsShape(is_valid=False)
    return CredentialsShape(is_valid=True, customer_id=customer.id)


# ---------------------------------------------------------------------------------------------------- address books


async def get_addresses(call: Call, body: None) -> Reply:
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    search = AddressSearch(
        ids=_numbers(call, "id:in"),
        customer_ids=_numbers(call, "customer_id:in"),
        names=_texts(call, "name:in"),
        companies=_texts(call, "company:in"),
    )
    found = await call.unit.customers.addresses(search, limit=limit, offset=(page - 1) * limit)
    total = await call.unit.customers.address_count(search)
    shown = [_address(owner.id, entry) for owner, entry in found]
    return Reply(shown, meta={"pagination": pagination(call, page, limit, count=len(shown), total=total)})


async def create_addresses(call: Call, body: list[NewAddressBody]) -> list[CustomerAddressShape]:
    """An address that its customer has already is left as it is, and out of the answer."""
    _check_number_of_addresses(body)
    new = [OwnedAddress(customer_id=sent.customer_id, address=sent.entry()) for sent in body]
    return [
        _address(kept.customer_id, kept.address) for kept in await customers.create_addresses(call.unit, new, call.now)
    ]


async def update_addresses(call: Call, body: list[AddressUpdate]) -> list[CustomerAddressShape]:
    """One that would become another of its customer's is left as it is, and out of the answer."""
    _check_number_of_addresses(body)
    changes = [(sent.id, sent.fields()) for sent in body]
    done = await customers.update_addresses(call.unit, changes, call.now)
    return [_address(kept.customer_id, kept.address) for kept in done]


def _check_number_of_addresses(body: Sequence[object]) -> None:
    if len(body) > MOST:
        raise HttpError(413, "Payload Too Large", f"At most {MOST} addresses in one request.")


async def delete_addresses(call: Call, body: None) -> None:
    """Those of them that are there."""
    ids = _numbers(call, "id:in")
    if not ids:
        raise Invalid.field("id:in", "must name at least one address")
    await customers.remove_addresses(call.unit, ids, call.now)


PATH, ADDRESSES = "/customers", "/customers/addresses"
TAG = "Customers"

ENDPOINTS = [
    Endpoint(
        "GET",
        PATH,
        get_customers,
        "List customers",
        answer=list[CustomerShape],
        scopes=CUSTOMERS,
        include=INCLUDES,
        query=(
            "page",
            "limit",
            "id:in",
            "email:in",
            "name:in",
            "name:like",
            "company:in",
            "phone:in",
            "customer_group_id:in",
            "registration_ip_address:in",
            "date_created",
            "date_created:min",
            "date_created:max",
            "date_modified",
            "date_modified:min",
            "date_modified:max",
            "sort",
        ),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        PATH,
        create_customers,
        "Create customers",
        answer=list[CustomerShape],
        body=Annotated[list[NewCustomerBody], Meta(min_length=1)],
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        PATH,
        update_customers,
        "Change customers",
        answer=list[CustomerShape],
        body=Annotated[list[CustomerUpdate], Meta(min_length=1)],
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint(
        "DELETE", PATH, delete_customers, "Delete customers", status=204, scopes=CUSTOMERS, query=("id:in",), tag=TAG
    ),
    Endpoint(
        "POST",
        f"{PATH}/validate-credentials",
        validate_credentials,
        "Find out whether a password is right",
        answer=CredentialsShape,
        body=CredentialsBody,
        scopes=CUSTOMERS,
        enveloped=False,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        ADDRESSES,
        get_addresses,
        "List addresses of customers",
        answer=list[CustomerAddressShape],
        scopes=CUSTOMERS,
        query=("page", "limit", "id:in", "customer_id:in", "name:in", "company:in"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        ADDRESSES,
        create_addresses,
        "Add addresses to customers' books",
        answer=list[CustomerAddressShape],
        body=Annotated[list[NewAddressBody], Meta(min_length=1)],
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        ADDRESSES,
        update_addresses,
        "Change addresses of customers",
        answer=list[CustomerAddressShape],
        body=Annotated[list[AddressUpdate], Meta(min_length=1)],
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        ADDRESSES,
        delete_addresses,
        "Delete addresses of customers",
        status=204,
        scopes=CUSTOMERS,
        query=("id:in",),
        tag=TAG,
    ),
]
