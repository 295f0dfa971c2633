"""A whole shop as one YAML or JSON file: settings, catalog, stock, customers and tokens; loaded, and dumped again.

The file has the fields of the domain's own Structs. Amounts of money are written in major units of the store's currency
(`price: 15.99`), percentages and weights as numbers. Secrets may be given plainly (`token`, `password`) and are dumped as
hashes only (`token_hash`, `password_hash`); dumping what was loaded from a dump gives the same file.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from argon2 import PasswordHasher
from msgspec import Struct
from msgspec import inspect as types

from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.moment import Moment
from checkstand.domain.money import Currency, Money
from checkstand.errors import Invalid
from checkstand.service import access
from checkstand.storage.sql import SqlUnit, fingerprint


class TokenEntry(Struct, kw_only=True):
    """`token` as clients send it, or `token_hash`, its SHA-256 in hexadecimal digits."""

    name: str
    scopes: list[str]
    token: str | None = None
    token_hash: str | None = None


class CustomerEntry(Struct, kw_only=True):
    """`password` plainly, or `password_hash` (argon2)."""

    customer: Customer
    password: str | None = None
    password_hash: str | None = None


class Shop(Struct, kw_only=True):
    """`stock`: variant id -> location id -> units; location 0 is the shop's own pool."""

    store: Store
    products: list[Product] = []
    stock: dict[int, dict[int, int]] = {}
    customers: list[CustomerEntry] = []
    tokens: list[TokenEntry] = []


# ---------------------------------------------------------------------------------------------------- reading and writing


def read(text: str, store_hash: str | None = None) -> Shop:
    """The shop a file describes; `store_hash` replaces the file's own. Raises `Invalid` with the place of a mistake."""
    try:
        data = msgspec.yaml.decode(text)
    except Exception as error:
        raise Invalid(f"The shop file is neither YAML nor JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("store"), dict):
        raise Invalid("The shop file must be an object with a store.", fields={"store": "is missing"})
    if store_hash is not None:
        data["store"]["hash"] = store_hash
    try:
        currency = msgspec.convert(data["store"].get("currency"), Currency)
        shop = msgspec.convert(_with_money(data, types.type_info(Shop), currency), Shop, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"The shop file is wrong: {error}") from None
    _check(shop)
    return shop


def write(shop: Shop) -> str:
    data = _with_numbers(msgspec.to_builtins(shop, builtin_types=(Decimal,)), shop.store.currency)
    return msgspec.yaml.encode(_without_defaults(data)).decode()


def _with_money(data: Any, wanted: types.Type, currency: Currency, where: str = "") -> Any:
    """The data with `[minor units, currency]` wherever a Struct wants money and the file has a number."""
    match wanted:
        case types.StructType(cls=cls) if cls is Money:
            return _money(data, currency, where)
        case types.StructType(fields=fields) if isinstance(data, dict):
            kinds = {field.encode_name: field.type for field in fields}
            return {
                key: _with_money(value, kinds[key], currency, f"{where}.{key}") if key in kinds else value
                for key, value in data.items()
            }
        case types.UnionType(types=members):
            member = next((member for member in members if _fits(data, member)), None)
            return data if member is None else _with_money(data, member, currency, where)
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item) if isinstance(data, list):
            return [_with_money(value, item, currency, f"{where}[{index}]") for index, value in enumerate(data)]
        case _:
            return data


def _money(data: Any, currency: Currency, where: str) -> Any:
    if isinstance(data, int | float | str) and not isinstance(data, bool):
        try:
            amount = currency.money(Decimal(str(data)), where.strip("."))
        except ArithmeticError:
            raise Invalid.field(where.strip("."), f"{data!r} is not an amount of money") from None
        return [amount.minor, amount.currency]
    return data


def _fits(data: Any, member: types.Type) -> bool:
    """Whether data could be this member of a union: money is a number, tagged Structs are told apart by their tag."""
    if not isinstance(member, types.StructType):
        return False
    if member.cls is Money:
        return isinstance(data, int | float | str)
    return isinstance(data, dict) and (member.tag_field is None or data.get(member.tag_field) == member.tag)


def _with_numbers(data: Any, currency: Currency) -> Any:
    """The other way: amounts and decimals as plain numbers."""
    if isinstance(data, dict):
        return {key: _with_numbers(value, currency) for key, value in data.items()}
    if isinstance(data, list | tuple):
        if len(data) == 2 and isinstance(data[0], int) and data[1] == currency.code:
            return _plain(Decimal(data[0]).scaleb(-currency.decimal_places))
        return [_with_numbers(value, currency) for value in data]
    return _plain(data) if isinstance(data, Decimal) else data


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _without_defaults(data: Any) -> Any:
    """Leave out what says nothing: empty texts, lists and nulls below the top level."""
    if isinstance(data, dict):
        return {key: _without_defaults(value) for key, value in data.items() if value not in (None, "", [], {})}
    return [_without_defaults(value) for value in data] if isinstance(data, list) else data


def _check(shop: Shop) -> None:
    store = shop.store
    _check_unique("shipping_zones", [zone.id for zone in store.shipping_zones])
    _check_unique("methods", [method.id for zone in store.shipping_zones for method in zone.methods])
    _check_unique("locations", [location.id for location in store.locations])
    _check_unique("pickup_methods", [method.id for method in store.pickup_methods])
    _check_unique("products", [product.id for product in shop.products])
    _check_unique("variants", [variant.id for product in shop.products for variant in product.variants])
    for method in store.pickup_methods:
        if store.location(method.location_id) is None:
            raise Invalid(
                f"Pick-up method {method.id} names location {method.location_id}, which the file does not have."
            )
    for entry in shop.tokens:
        if (entry.token is None) == (entry.token_hash is None):
            raise Invalid(f"Token {entry.name!r} must have either token or token_hash.")
    for product in shop.products:
        if not product.variants:
            raise Invalid(f"Product {product.id} has no variants; a product without options has one.")


def _check_unique(what: str, ids: list[int]) -> None:
    twice = {number for number in ids if ids.count(number) > 1}
    if twice:
        raise Invalid(f"The shop file has several {what} with the id {', '.join(map(str, sorted(twice)))}.")


# ---------------------------------------------------------------------------------------------------- loading and dumping


async def load(unit: SqlUnit, shop: Shop, moment: Moment) -> None:
    """Bring a store to what the file says. What the file does not name (other products, carts, orders) stays."""
    tokens = [
        (entry.token_hash or fingerprint(entry.token or ""), entry.name, access.expand(entry.scopes))
        for entry in shop.tokens
    ]
    if not await unit.create_store(shop.store):
        await unit.replace_store(await unit.store(), shop.store)
    for product in shop.products:
        await unit.catalog.put(product, {}, new=await unit.catalog.product(product.id) is None)
    for variant_id, by_location in shop.stock.items():
        await unit.catalog.put_stock(variant_id, by_location)
    hasher = PasswordHasher()
    for entry in shop.customers:
        password_hash = entry.password_hash or (hasher.hash(entry.password) if entry.password else "")
        await unit.catalog.put_customer(entry.customer, password_hash)
    for token_hash, name, scopes in tokens:
        await unit.access.add_hashed_token(token_hash, name, scopes, moment.now)
    for sequence, largest in _largest_ids(shop).items():
        await unit.raise_number(sequence, largest)


def _largest_ids(shop: Shop) -> Mapping[str, int]:
    """Per sequence the largest id in use, so that new ids come after it."""
    store = shop.store
    used = {
        "shipping_zone": [zone.id for zone in store.shipping_zones],
        "shipping_method": [method.id for zone in store.shipping_zones for method in zone.methods],
        "location": [location.id for location in store.locations],
        "pickup_method": [method.id for method in store.pickup_methods],
        "product": [product.id for product in shop.products],
        "variant": [variant.id for product in shop.products for variant in product.variants],
        "option": [option.id for product in shop.products for option in product.options],
        "option_value": [
            value.id for product in shop.products for option in product.options for value in option.values
        ],
        "customer": [entry.customer.id for entry in shop.customers],
    }
    return {sequence: max(ids) for sequence, ids in used.items() if ids}


async def dump(unit: SqlUnit) -> Shop:
    """The store as it is now, secrets as hashes."""
    products, _ = await unit.catalog.page(None, "", "", 1_000_000, 0)
    return Shop(
        store=await unit.store(),
        products=products,
        stock=await unit.catalog.all_stock(),
        customers=[
            CustomerEntry(customer=customer, password_hash=password_hash or None)
            for customer, password_hash in await unit.catalog.customers()
        ],
        tokens=[
            TokenEntry(name=caller.name, scopes=sorted(caller.scopes), token_hash=token_hash)
            for token_hash, caller in await unit.access.tokens()
        ],
    )
