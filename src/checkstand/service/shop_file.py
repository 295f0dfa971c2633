"""A whole shop as one YAML or JSON file: settings, catalog, stock, customers, gift certificates, tokens and apps; loaded, and
dumped again.

The file has the fields of the domain's own Structs. Amounts of money are written in major units of the store's currency
(`price: 15.99`), percentages and weights as numbers. Secrets may be given plainly (`token`, `password`) and are dumped as
hashes only (`token_hash`, `password_hash`). Dumping what was loaded from a dump gives the same file, byte for byte: entries
come in the order of their ids, and a field that has its default is left out.

Reading: YAML -> amounts as `Money`, guided by the types (a field nobody knows is refused) -> Structs -> checks that one
Struct alone cannot make. Everything is checked before anything is written, and the store changes all at once.
"""

import asyncio
import datetime
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
import yaml
from msgspec import NODEFAULT, Meta, Struct, structs
from msgspec import inspect as types

from checkstand.domain import (
    catalog,
    currencies,
    customs,
    form_fields,
    gift_certificates,
    marketing,
    postal_codes,
    promoting,
    shipping_zones,
    tax_setup,
)
from checkstand.domain.carrier import LONGEST_TIMEOUT_SECONDS
from checkstand.domain.customers import email_key
from checkstand.domain.destination import destination_of
from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.moment import Moment
from checkstand.domain.money import Currency, Money
from checkstand.domain.payment_methods import KINDS as PAYMENT_KINDS
from checkstand.domain.price_rules import check_bulk_rules, check_discount_rules
from checkstand.domain.promotions import PromotionCode
from checkstand.domain.tax_quote import PROFILE
from checkstand.errors import Invalid
from checkstand.service import access, passwords
from checkstand.storage.port import App, Caller, StoredShop, UnitOfWork

STORE_HASH = re.compile(r"[A-Za-z0-9_-]{1,64}")
HOST = re.compile(r"[^\sA-Z/:@]+|\[[0-9a-f:]+\]")
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
CURRENCY_CODE = re.compile(r"[A-Z]{3}")
SHA256 = re.compile(r"[0-9a-f]{64}")
PROVIDER_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
SHORTEST_SECRET = 32
"""As many bytes as the signature has: who has one signed token could find a shorter one by trying."""
MOST_DECIMAL_PLACES = 4
SHOP_FILE_NAMES = {
    "min_purchase": "minimum",
    "restricted_to.countries": "countries",
    "currency_exchange_rate": "exchange_rate",
}
"""Fields of coupons and currencies that the API calls otherwise."""
LARGEST_ID = 2**53 - 1

T = TypeVar("T")
K = TypeVar("K", int, str)


class TokenEntry(Struct, kw_only=True):
    """`token` as clients send it, or `token_hash`, its SHA-256 in hexadecimal digits."""

    name: str
    scopes: list[str]
    token: str | None = None
    token_hash: str | None = None

    @property
    def hashed(self) -> str:
        return self.token_hash or sha256((self.token or "").encode()).hexdigest()


class AppEntry(Struct, kw_only=True):
    """A client that signs customers in, or asks who is signed in. The secret is never dumped: without it an app that is there keeps
    its own."""

    client_id: str
    client_secret: str | None = None


class CustomerEntry(Struct, kw_only=True):
    """`password` plainly, or `password_hash` (argon2); neither: the customer cannot sign in."""

    customer: Customer
    password: str | None = None
    password_hash: str | None = None


class CertificateEntry(Struct, kw_only=True):
    """A gift certificate, with amounts in its own currency (left out: the store's). Without `amount` it was worth at first what it
    is worth now. `decimal_places` left out: those of the currency in this file."""

    id: int
    code: str
    balance: Decimal
    amount: Decimal | None = None
    currency_code: str = ""
    status: gift_certificates.Status = "active"
    to_name: str = ""
    to_email: str = ""
    from_name: str = ""
    from_email: str = ""
    template: gift_certificates.Template = gift_certificates.GENERAL
    message: str = ""
    customer_id: int = 0
    order_id: int = 0
    purchase_date: datetime.datetime | None = None
    expiry_date: datetime.datetime | None = None
    decimal_places: Annotated[int, Meta(ge=0, le=MOST_DECIMAL_PLACES)] | None = None


class Shop(Struct, kw_only=True):
    """`stock`: variant id -> location id -> units; location 0 is the shop's own pool, variants left out never run out.
    `promotion_codes`: those of the store's coupon promotions."""

    store: Store
    products: list[Product] = []
    stock: dict[int, dict[int, int]] = {}
    customers: list[CustomerEntry] = []
    promotion_codes: list[PromotionCode] = []
    gift_certificates: list[CertificateEntry] = []
    tokens: list[TokenEntry] = []
    apps: list[AppEntry] = []


# ---------------------------------------------------------------------------------------------------- reading


def read(text: str, store_hash: str | None = None) -> Shop:
    """The shop a file describes; `store_hash` replaces the file's own. Raises `Invalid` with the place of a mistake."""
    data = _parsed(text)
    store = data.get("store") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(store, dict):
        raise Invalid("The shop file must be an object with a store.", fields={"store": "is missing"})
    if store_hash is not None:
        store["hash"] = store_hash
    currency = _convert(store.get("currency"), Currency, "store.currency")
    if not 0 <= currency.decimal_places <= MOST_DECIMAL_PLACES:
        raise _wrong("store.currency.decimal_places", f"must be from 0 to {MOST_DECIMAL_PLACES}")
    try:
        shop = _convert(_prepared(data, types.type_info(Shop), currency, ""), Shop, "")
    except RecursionError:
        raise Invalid("The shop file refers to itself.") from None
    _check(shop)
    return shop


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Invalid(f"The shop file is neither YAML nor JSON: {error.problem}{where}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid(f"The shop file is neither YAML nor JSON: {' '.join(str(error).split())}.") from None


def _convert(data: object, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `")
        path = place.removesuffix("`").replace("key` in `", "").removeprefix("$")
        raise _wrong(where + path, "is wrong: " + reason[0].lower() + reason[1:].replace("`", "")) from None


def _wrong(where: str, reason: str) -> Invalid:
    field = where.strip(".") or "everything"
    return Invalid(f"In the shop file {field} {reason}.", fields={field: reason})


def _prepared(data: Any, wanted: types.Type, currency: Currency, where: str) -> Any:
    """The data with `[minor units, currency]` wherever a Struct wants money and the file has a number."""
    match wanted:
        case types.Metadata(type=inner):
            return _prepared(data, inner, currency, where)
        case types.StructType(cls=cls) if cls is Money:
            return _money(data, currency, where)
        case types.StructType(fields=fields, tag_field=tag_field) if isinstance(data, dict):
            kinds = {field.encode_name: field.type for field in fields}
            if unknown := sorted(str(key) for key in data.keys() - kinds.keys() - {tag_field}):
                raise _wrong(f"{where}.{unknown[0]}", f"is not known; known are {', '.join(kinds)}")
            return {
                key: _prepared(value, kinds[key], currency, f"{where}.{key}") if key in kinds else value
                for key, value in data.items()
            }
        case types.UnionType(types=members):
            member = next((member for member in members if _fits(data, member)), None)
            return data if member is None else _prepared(data, member, currency, where)
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item) if isinstance(data, list):
            return [_prepared(value, item, currency, f"{where}[{index}]") for index, value in enumerate(data)]
        case types.DictType(value_type=item) if isinstance(data, dict):
            return {key: _prepared(value, item, currency, f"{where}.{key}") for key, value in data.items()}
        case types.DecimalType() | types.FloatType():
            return _number(data, where, from_zero=isinstance(wanted, types.DecimalType))
        case types.StrType() if isinstance(data, datetime.date):
            return data.isoformat()
        case types.StrType() if isinstance(data, bool):
            raise _wrong(where, "must be a text; in YAML put yes, no, on and off in quotes")
        case _:
            return data


def _fits(data: object, member: types.Type) -> bool:
    """Whether data could be this member of a union: money is a number, tagged Structs are told apart by their tag."""
    match member:
        case types.StructType(cls=cls) if cls is Money:
            return data is not None
        case types.StructType(tag_field=tag_field, tag=tag):
            return isinstance(data, dict) and (tag_field is None or data.get(tag_field) == tag)
        case types.DecimalType() | types.FloatType():
            return isinstance(data, int | float)
        case types.StrType():
            return isinstance(data, datetime.date | bool)
        case _:
            return False


def _money(data: object, currency: Currency, where: str) -> object:
    amount = _number(data, where, from_zero=True)
    if not isinstance(amount, int | float | str) or isinstance(amount, bool):
        raise _wrong(where, f"must be an amount of money, such as 15.99, not {data!r}")
    try:
        money = currency.money(Decimal(str(amount)), where.strip("."))
    except ArithmeticError:
        raise _wrong(where, f"must be an amount of money, such as 15.99, not {data!r}") from None
    except Invalid as error:
        raise _wrong(where, next(iter(error.fields.values()))) from None
    return [money.minor, money.currency]


def _number(data: object, where: str, *, from_zero: bool) -> object:
    """Amounts, weights and percentages are never below 0, and nothing is infinite. Texts are left to the conversion."""
    try:
        number = Decimal(str(data)) if isinstance(data, int | float | str) else None
    except ArithmeticError:
        number = None
    if number is not None and not number.is_finite():
        raise _wrong(where, f"must be a number, not {data!r}")
    if from_zero and number is not None and number < 0:
        raise _wrong(where, f"may not be below 0, as {data!r} is")
    return data


# ---------------------------------------------------------------------------------------------------- checks


def _check(shop: Shop) -> None:
    """What makes sense only together. Never stricter than the Management API: what that has stored can be dumped and loaded."""
    store = shop.store
    if not STORE_HASH.fullmatch(store.hash):
        raise _wrong("store.hash", f"must be of letters, digits, _ and -, not {store.hash!r}")
    for host in store.hosts:
        if not HOST.fullmatch(host):
            raise _wrong("store.hosts", f"must be host names in small letters, without port, not {host!r}")
    for channel_id, origins in store.cors_origins.items():
        if channel_id not in store.channel_ids:
            raise _wrong(f"store.cors_origins.{channel_id}", "is none of the store's channels")
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise _wrong(f"store.cors_origins.{channel_id}", f"must be like https://shop.example, not {origin!r}")
    _check_once("origin", [origin for origins in store.cors_origins.values() for origin in origins])
    for currency in (store.currency, *store.other_currencies):
        if not CURRENCY_CODE.fullmatch(currency.code):
            raise _wrong("store.currency", f"must be a code such as USD, not {currency.code!r}")
    _check_currencies(store)
    _check_store_ids(store)
    _check_promotions(store, shop.promotion_codes)
    _check_products(shop.products, store.currency)
    _check_stock(shop.stock)
    _check_customers(shop.customers)
    _check_certificates(shop)
    _check_tokens(shop.tokens)
    _check_apps(shop.apps)


def _check_currencies(store: Store) -> None:
    for place in ("other_currencies", "former_currencies"):
        for index, currency in enumerate(getattr(store, place)):
            try:
                currencies.check_currency(currency)
            except Invalid as error:
                field, reason = next(iter(error.fields.items()))
                raise _wrong(f"store.{place}[{index}].{SHOP_FILE_NAMES.get(field, field)}", reason) from None
    everything = (*store.other_currencies, *store.former_currencies)
    _check_once("currency", [store.currency.code, *(currency.code for currency in everything)])
    details = (store.currency_details, *(currency.details for currency in everything))
    _check_ids("currencies", [entry.id for entry in details if entry.id != 0])


def _check_store_ids(store: Store) -> None:
    _check_ids("shipping zones", [zone.id for zone in store.shipping_zones])
    _check_ids("shipping methods", [method.id for zone in store.shipping_zones for method in zone.methods])
    for index, zone in enumerate(store.shipping_zones):
        for position, location in enumerate(zone.locations):
            if location.zip and (reason := postal_codes.problem(location.zip, location.country_iso2)):
                raise _wrong(f"store.shipping_zones[{index}].locations[{position}].zip", reason)
    _check_taxes(store)
    _check_carriers(store)
    _check_ids("promotions", [promotion.id for promotion in store.promotions])
    _check_ids("locations", [location.id for location in store.locations])
    _check_ids("pickup methods", [method.id for method in store.pickup_methods])
    _check_ids("gift wraps", [wrap.id for wrap in store.gift_wraps])
    _check_ids("customer groups", [group.id for group in store.customer_groups])
    for index, group in enumerate(store.customer_groups):
        try:
            check_discount_rules(group.discount_rules, store.currency)
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"store.customer_groups[{index}].{field}", reason) from None
    _check_ids("coupons", [coupon.id for coupon in store.coupons])
    _check_once("coupon code", [coupon.code.strip().casefold() for coupon in store.coupons])
    for index, coupon in enumerate(store.coupons):
        try:
            marketing.check_coupon(coupon, store.currency)
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"store.coupons[{index}].{SHOP_FILE_NAMES.get(field, field)}", reason) from None
    _check_once("payment method", [method.id for method in store.payment_methods])
    _check_forms(store)
    for method in store.pickup_methods:
        if store.location(method.location_id) is None:
            raise Invalid(
                f"Pick-up method {method.id} names location {method.location_id}, which the shop file does not have."
            )


def _check_forms(store: Store) -> None:
    for index, payment in enumerate(store.payment_methods):
        if payment.kind not in PAYMENT_KINDS:
            known = ", ".join(PAYMENT_KINDS)
            raise _wrong(f"store.payment_methods[{index}].kind", f"must be one of {known}, not {payment.kind!r}")
    forms = store.form_fields
    for own in (forms.customer_account, forms.shipping_address, forms.billing_address):
        _check_ids("form fields", [each.id for each in own])
        for each in own:
            if reason := form_fields.problem(each):
                raise _wrong("store.form_fields", f"has the field {each.label!r}, which {reason}")
    for field in forms.standard:
        if reason := form_fields.standard_problem(field):
            raise _wrong("store.form_fields.standard", f"has {field.name}, which {reason}")
    names = [field.name for field in forms.standard]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _wrong("store.form_fields.standard", f"says twice what {twice} is like")


def _check_taxes(store: Store) -> None:
    _check_ids("tax zones", [zone.id for zone in store.tax_zones])
    _check_ids("tax rates", [rate.id for zone in store.tax_zones for rate in zone.rates])
    _check_ids("tax classes", [each.id for each in store.tax_classes])
    _check_once("tax provider", [provider.id for provider in store.tax_providers])
    for index, provider in enumerate(store.tax_providers):
        where = f"store.tax_providers[{index}]"
        if not PROVIDER_ID.fullmatch(provider.id):
            raise _wrong(f"{where}.id", f"must be of letters, digits, _, - and ., not {provider.id!r}")
        try:
            destination_of(provider.url.replace(PROFILE, "profile"), "url")
        except Invalid as error:
            raise _wrong(f"{where}.url", error.fields["url"]) from None
        if "?" in provider.url:
            raise _wrong(f"{where}.url", "must have no query")
    if store.tax_provider_id and store.tax_provider(store.tax_provider_id) is None:
        raise _wrong("store.tax_provider_id", f"names {store.tax_provider_id!r}, which the shop file does not have")
    for index, zone in enumerate(store.tax_zones):
        where = f"store.tax_zones[{index}]"
        try:
            tax_setup.check_zone(zone, "")
            for rate in zone.rates:
                tax_setup.check_rate(rate, f"rates[{zone.rates.index(rate)}]")
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"{where}.{field.removeprefix('shopper_target_settings.')}", reason) from None


def _check_carriers(store: Store) -> None:
    _check_once("carrier", [carrier.id for carrier in store.carriers])
    for index, carrier in enumerate(store.carriers):
        where = f"store.carriers[{index}]"
        if not PROVIDER_ID.fullmatch(carrier.id) or carrier.id in shipping_zones.KINDS:
            raise _wrong(
                f"{where}.id", f"must be of letters, digits, _, - and ., and no other type, not {carrier.id!r}"
            )
        for field, url in (("url", carrier.url), ("check_url", carrier.check_url)):
            try:
                if url or field == "url":
                    destination_of(url, field)
            except Invalid as error:
                raise _wrong(f"{where}.{field}", error.fields[field]) from None
        if not 0.1 <= carrier.timeout_seconds <= LONGEST_TIMEOUT_SECONDS:
            raise _wrong(f"{where}.timeout_seconds", f"must be from 0.1 to {LONGEST_TIMEOUT_SECONDS:g}")


def _check_promotions(store: Store, codes: Sequence[PromotionCode]) -> None:
    for index, promotion in enumerate(store.promotions):
        try:
            promoting.check_promotion(promotion, store.currency)
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"store.promotions[{index}].{field}", reason) from None
    _check_ids("coupons and promotion codes", [entry.id for entry in (*store.coupons, *codes)])
    _check_once("coupon code", [entry.code.strip().casefold() for entry in (*store.coupons, *codes)])
    for index, code in enumerate(codes):
        if code.promotion_id not in store.promotion_by_id or not store.promotion_by_id[code.promotion_id].is_coupon:
            raise _wrong(f"promotion_codes[{index}].promotion_id", "is none of a promotion with coupon codes")
        try:
            promoting.check_code(code)
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"promotion_codes[{index}].{field}", reason) from None


def _check_products(products: Sequence[Product], currency: Currency) -> None:
    _check_ids("products", [product.id for product in products])
    _check_ids("variants", [variant.id for product in products for variant in product.variants])
    _check_once("product name", [product.name for product in products])
    for product in products:
        if not product.variants:
            raise Invalid(f"Product {product.id} has no variants; a product without options has one.")
    _check_ids("bulk pricing rules", [rule.id for product in products for rule in product.bulk_pricing_rules])
    for index, product in enumerate(products):
        try:
            check_bulk_rules(product.bulk_pricing_rules, currency)
            catalog.check_quantities(product)
            if said := product.customs:
                customs.check_details(said.country_of_origin, said.commodity_description, said.hs_codes, "customs.")
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"products[{index}].{field}", reason) from None


def _check_stock(stock: Mapping[int, Mapping[int, int]]) -> None:
    for variant_id, by_location in stock.items():
        for location_id, units in by_location.items():
            if not (0 < variant_id <= LARGEST_ID and 0 <= location_id <= LARGEST_ID and 0 <= units <= LARGEST_ID):
                raise _wrong(f"stock.{variant_id}.{location_id}", f"must be a number of units from 0 on, not {units}")


def _check_customers(customers: Sequence[CustomerEntry]) -> None:
    _check_ids("customers", [entry.customer.id for entry in customers])
    _check_once("customer's email", [email_key(entry.customer.email) for entry in customers])
    _check_ids("customers' addresses", _address_ids(customers))
    for entry in customers:
        if entry.password is not None and entry.password_hash is not None:
            raise Invalid(f"Customer {entry.customer.id} may have a password or a password_hash, not both.")
        if entry.password_hash is not None and not entry.password_hash.startswith("$argon2"):
            raise Invalid(f"The password_hash of customer {entry.customer.id} is none that argon2 made.")


def _check_certificates(shop: Shop) -> None:
    _check_ids("gift certificates", [entry.id for entry in shop.gift_certificates])
    _check_once("gift certificate code", [key_of(entry.code) for entry in shop.gift_certificates])
    for index, entry in enumerate(shop.gift_certificates):
        try:
            certificate = _certificate(entry, shop.store)
            if gift_certificates.code_of(entry.code) != entry.code:
                raise Invalid.field("code", f"may have at most {gift_certificates.LONGEST_CODE} characters")
        except Invalid as error:
            field, reason = next(iter(error.fields.items()))
            raise _wrong(f"gift_certificates[{index}].{field}", reason) from None
        if certificate.customer_id < 0 or certificate.order_id < 0:
            raise _wrong(f"gift_certificates[{index}]", "may not name a customer or an order below 0")


OF_CERTIFICATES = tuple(
    field
    for field in GiftCertificate.__struct_fields__
    if field not in ("amount", "balance", "purchase_date", "expiry_date", "decimal_places")
)
"""Fields that are the same in a shop file."""


def _certificate(entry: CertificateEntry, store: Store) -> GiftCertificate:
    """Raises `Invalid`."""
    code = entry.currency_code or store.currency.code
    known = (*store.currencies, *store.former_currencies)
    currency = next((currency for currency in known if currency.code == code), None)
    if currency is None:
        raise Invalid.field("currency_code", f"is {code}, which is not a currency of this store")
    if entry.decimal_places is not None:
        currency = Currency(code=code, decimal_places=entry.decimal_places)
    return GiftCertificate(
        **{name: getattr(entry, name) for name in OF_CERTIFICATES},
        balance=currency.price(entry.balance, "balance"),
        amount=currency.price(entry.balance if entry.amount is None else entry.amount, "amount"),
        purchase_date=_in_utc(entry.purchase_date),
        expiry_date=_in_utc(entry.expiry_date),
        decimal_places=currency.decimal_places,
    )


def _in_utc(moment: datetime.datetime | None) -> datetime.datetime | None:
    """A time without an offset is one in UTC."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _certificate_entry(certificate: GiftCertificate, store: Store) -> CertificateEntry:
    code = certificate.balance.currency
    known = store.decimal_places.get(code, 2)
    places = certificate.places(store.decimal_places)
    balance, amount = (each.major(places) for each in (certificate.balance, certificate.amount))
    return CertificateEntry(
        **{name: getattr(certificate, name) for name in OF_CERTIFICATES},
        balance=balance,
        amount=None if amount == balance else amount,
        currency_code="" if code == store.currency.code else code,
        purchase_date=certificate.purchase_date,
        expiry_date=certificate.expiry_date,
        decimal_places=None if places == known else places,
    )


def _check_tokens(tokens: Sequence[TokenEntry]) -> None:
    for entry in tokens:
        if (entry.token is None) == (entry.token_hash is None):
            raise Invalid(f"Token {entry.name!r} must have either token or token_hash.")
        if entry.token == "" or (entry.token_hash is not None and not SHA256.fullmatch(entry.token_hash)):
            raise Invalid(f"Token {entry.name!r} must have a token, or a token_hash of 64 hexadecimal digits.")
        access.expand(entry.scopes)
    _check_once("token", [entry.hashed for entry in tokens])


def _check_apps(apps: Sequence[AppEntry]) -> None:
    _check_once("app", [entry.client_id for entry in apps])
    for entry in apps:
        if not CLIENT_ID.fullmatch(entry.client_id):
            raise Invalid(f"The client_id of an app must be of letters, digits, _, - and ., not {entry.client_id!r}.")
        if entry.client_secret is not None and len(entry.client_secret) < SHORTEST_SECRET:
            raise Invalid(
                f"The client_secret of app {entry.client_id} must have at least {SHORTEST_SECRET} characters."
            )


def _check_ids(what: str, ids: list[int]) -> None:
    for number in ids:
        if not 0 < number <= LARGEST_ID:
            raise Invalid(f"The ids of {what} in the shop file must be whole numbers from 1 on, not {number}.")
    if twice := _repeated(ids):
        raise Invalid(f"The shop file has several {what} with the id {', '.join(map(str, twice))}.")


def _check_once(what: str, names: list[str]) -> None:
    if twice := _repeated(names):
        raise Invalid(f"The shop file has the {what} {twice[0]} several times.")


def _repeated(keys: list[K]) -> list[K]:
    return sorted(key for key, times in Counter(keys).items() if times > 1)


# ---------------------------------------------------------------------------------------------------- writing


def write(shop: Shop) -> str:
    return msgspec.yaml.encode(_plain(shop, shop.store.currency)).decode()


def _plain(value: Any, currency: Currency) -> Any:
    """Structs as objects without the fields that have their defaults; amounts and decimals as numbers."""
    match value:
        case Money():
            return _plain_number(value.major(currency.decimal_places))
        case Struct():
            config = value.__struct_config__
            tag = {} if config.tag_field is None else {config.tag_field: config.tag}
            return tag | {
                field.encode_name: _plain(getattr(value, field.name), currency)
                for field in structs.fields(value)
                if not _is_default(getattr(value, field.name), field)
            }
        case dict():
            return {key: _plain(entry, currency) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry, currency) for entry in value]
        case Decimal():
            return _plain_number(value)
        case datetime.date():
            return value.isoformat()
        case _:
            return value


def _is_default(value: object, field: structs.FieldInfo) -> bool:
    if field.default_factory is not NODEFAULT:
        return bool(value == field.default_factory())
    return field.default is not NODEFAULT and bool(value == field.default)


def _plain_number(number: Decimal) -> int | float | str:
    """As a number, where that is exact; a text otherwise, which is read as a number just as well."""
    if number == number.to_integral_value():
        return int(number)
    return float(number) if math.isfinite(float(number)) and Decimal(repr(float(number))) == number else str(number)


# ---------------------------------------------------------------------------------------------------- loading and dumping


async def load(unit: UnitOfWork, shop: Shop, moment: Moment) -> None:
    """Bring a store to what the file says, all at once. What the file does not name (other products, carts, orders) stays, and so
    do passwords that are what the file says: whoever is signed in with one stays so."""
    hashes = await _password_hashes(unit, shop.customers)
    stored = StoredShop(
        store=shop.store,
        products=shop.products,
        stock=shop.stock,
        customers=[(entry.customer, kept) for entry, kept in zip(shop.customers, hashes, strict=True)],
        gift_certificates=[_certificate(entry, shop.store) for entry in shop.gift_certificates],
        tokens=[(entry.hashed, Caller(entry.name, frozenset(access.expand(entry.scopes)))) for entry in shop.tokens],
        numbers=_largest_ids(shop),
        codes=shop.promotion_codes,
        apps=[App(client_id=entry.client_id, secret=entry.client_secret or "") for entry in shop.apps],
    )
    await unit.shop.put(stored, moment.now)


async def _password_hashes(unit: UnitOfWork, entries: Sequence[CustomerEntry]) -> list[str]:
    """Of each customer in the file, "" for none."""
    known = []
    for entry in entries:
        account = await unit.customers.account(entry.customer.id) if entry.password else None
        known.append(account.password_hash if account else "")
    return await asyncio.gather(*(_password_hash(*each) for each in zip(entries, known, strict=True)))


async def _password_hash(entry: CustomerEntry, known: str) -> str:
    """`known`: the hash that the store has, where the file says a password plainly."""
    if not entry.password:
        return entry.password_hash or ""
    if known and await passwords.is_right(known, entry.password):
        return known
    return await passwords.hashed(entry.password)


def _address_ids(entries: Sequence[CustomerEntry]) -> list[int]:
    return [address.id for entry in entries for address in entry.customer.addresses if address.id]


def _largest_ids(shop: Shop) -> Mapping[str, int]:
    """Per sequence the largest id in use, so that new ids come after it."""
    store = shop.store
    used: Mapping[str, Collection[int]] = {
        "shipping_zone": [zone.id for zone in store.shipping_zones],
        "shipping_method": [method.id for zone in store.shipping_zones for method in zone.methods],
        "promotion": [promotion.id for promotion in store.promotions],
        "coupon": [entry.id for entry in (*store.coupons, *shop.promotion_codes)],
        "customer_group": [group.id for group in store.customer_groups],
        "tax_zone": [zone.id for zone in store.tax_zones],
        "tax_rate": [rate.id for zone in store.tax_zones for rate in zone.rates],
        "tax_class": [each.id for each in store.tax_classes],
        "location": [location.id for location in store.locations],
        "pickup_method": [method.id for method in store.pickup_methods],
        "product": [product.id for product in shop.products],
        "variant": [variant.id for product in shop.products for variant in product.variants],
        "option": [option.id for product in shop.products for option in product.options],
        "option_value": [
            value.id for product in shop.products for option in product.options for value in option.values
        ],
        "bulk_pricing_rule": [rule.id for product in shop.products for rule in product.bulk_pricing_rules],
        "customer": [entry.customer.id for entry in shop.customers],
        "customer_address": _address_ids(shop.customers),
        "gift_certificate": [entry.id for entry in shop.gift_certificates],
    }
    return {sequence: max(ids) for sequence, ids in used.items() if ids}


async def dump(unit: UnitOfWork) -> Shop:
    """The store as it is now, secrets as hashes. Raises `NotFound`."""
    stored = await unit.shop.get()
    return Shop(
        store=stored.store,
        products=list(stored.products),
        stock={variant_id: dict(by_location) for variant_id, by_location in stored.stock.items()},
        customers=[
            CustomerEntry(customer=customer, password_hash=password_hash or None)
            for customer, password_hash in stored.customers
        ],
        promotion_codes=list(stored.codes),
        gift_certificates=[_certificate_entry(each, stored.store) for each in stored.gift_certificates],
        tokens=sorted(
            (
                TokenEntry(name=caller.name, scopes=sorted(caller.scopes), token_hash=token_hash)
                for token_hash, caller in stored.tokens
            ),
            key=lambda entry: (entry.name, entry.hashed),
        ),
        apps=[AppEntry(client_id=app.client_id) for app in stored.apps],
    )
