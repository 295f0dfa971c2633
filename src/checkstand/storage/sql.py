"""The one implementation of `port`, over a Driver. Bodies are the JSON of domain Structs; keys and versions are columns."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

import msgspec

from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.metafield import MOST_PER_CART, Change, Metafield
from checkstand.domain.order import Order
from checkstand.errors import NotFound, OutOfStock, Refused, Taken, Unavailable
from checkstand.storage.port import Caller, Driver, MetafieldSearch, Row, Session, StoredShop, Value

_encode = msgspec.json.Encoder().encode
_checkout = msgspec.json.Decoder(Checkout).decode
_order = msgspec.json.Decoder(Order).decode
_product = msgspec.json.Decoder(Product).decode
_customer = msgspec.json.Decoder(Customer).decode
_store = msgspec.json.Decoder(Store).decode
_metafield = msgspec.json.Decoder(Metafield).decode

FIRST_ORDER_ID = 100
LARGEST_NUMBER = 2**63 - 1


def micros(moment: datetime) -> int:
    """A time as it is stored: whole microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def fingerprint(secret: str) -> str:
    """What is kept of a token or a session id."""
    return sha256(secret.encode()).hexdigest()


def _text(row: Row, column: str) -> str:
    value = row[column]
    assert isinstance(value, str)
    return value


def _number(row: Row, column: str) -> int:
    value = row[column]
    assert isinstance(value, int)
    return value


def _body(row: Row) -> bytes:
    value = row["body"]
    assert isinstance(value, bytes)
    return value


class Storage:
    """All stores of one database. Keeps the settings it decoded, as long as their revision is the present one."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._stores: dict[str, tuple[int, Store, str]] = {}

    def unit(self, store_hash: str) -> "SqlUnit":
        return SqlUnit(self, store_hash)

    async def store_hash_of(self, host: str) -> str | None:
        """The store a Host name belongs to (one of the three statements that name no store)."""
        row = await self.driver.one("store_by_host", host=host)
        return _text(row, "store_hash") if row else None

    async def only_store(self) -> str | None:
        """The store, if there is exactly one."""
        row = await self.driver.one("store_only")
        return _text(row, "store_hash") if row and row["store_count"] == 1 else None

    async def store_count(self) -> int:
        row = await self.driver.one("store_only")
        return _number(row, "store_count") if row else 0

    async def alive(self) -> bool:
        return await self.driver.one("alive") is not None

    async def settings(self, store_hash: str, revision: int | None = None) -> tuple[int, Store, str]:
        """Revision, settings and secret of a store; from memory when `revision` (asked for if not given) is known."""
        if revision is None:
            row = await self.driver.one("store_revision", store_hash=store_hash)
            if row is None:
                raise NotFound(f"There is no store {store_hash}.", code="store_not_found")
            revision = _number(row, "revision")
        known = self._stores.get(store_hash)
        if known is None or known[0] != revision:
            row = await self.driver.one("store_get", store_hash=store_hash)
            if row is None:
                raise NotFound(f"There is no store {store_hash}.", code="store_not_found")
            known = (_number(row, "revision"), _store(_body(row)), _text(row, "secret"))
            self._stores[store_hash] = known
        return known


class SqlUnit:
    """The unit of work of one store."""

    def __init__(self, storage: Storage, store_hash: str) -> None:
        self._storage = storage
        self.store_hash = store_hash
        self._revision: int | None = None
        driver = storage.driver
        self.checkouts = SqlCheckouts(driver, store_hash)
        self.orders = SqlOrders(driver, store_hash)
        self.catalog = SqlCatalog(driver, store_hash)
        self.access = SqlAccess(self, driver)
        self.metafields = SqlMetafields(driver, store_hash)
        self.shop = SqlShop(self, driver)

    def at_revision(self, revision: int) -> None:
        """The store's revision was read along with something else: no need to ask again in this unit."""
        self._revision = revision

    async def store(self) -> Store:
        return (await self._storage.settings(self.store_hash, self._revision))[1]

    async def secret(self) -> str:
        return (await self._storage.settings(self.store_hash, self._revision))[2]

    async def create_store(self, store: Store) -> bool:
        """Whether the store is new; a store that exists stays as it is."""
        made = (
            await self._storage.driver.run(
                "store_insert", store_hash=store.hash, secret=token_hex(32), body=_encode(store)
            )
            == 1
        )
        if made:
            await self._put_hosts(store)
        return made

    async def replace_store(self, before: Store, after: Store) -> bool:
        revision, present, _ = await self._storage.settings(self.store_hash)
        if present != before:
            return False
        replaced = (
            await self._storage.driver.run(
                "store_replace", store_hash=self.store_hash, revision=revision, body=_encode(after)
            )
            == 1
        )
        if replaced and before.hosts != after.hosts:
            await self._put_hosts(after)
        self._revision = None
        return replaced

    async def _put_hosts(self, store: Store) -> None:
        async with self._storage.driver.transaction() as transaction:
            await transaction.run("host_delete_all", store_hash=store.hash)
            for host in store.hosts:
                await transaction.run("host_insert", store_hash=store.hash, host=host)

    async def next_number(self, sequence: str) -> int:
        return await _next(self._storage.driver, self.store_hash, sequence, 1)

    async def raise_number(self, sequence: str, value: int) -> None:
        """Numbers up to `value` are taken."""
        await self._storage.driver.run("sequence_raise", store_hash=self.store_hash, name=sequence, value=value)


async def _next(driver: Driver, store_hash: str, sequence: str, first: int) -> int:
    row = await driver.one("sequence_next", store_hash=store_hash, name=sequence, first=first)
    assert row is not None
    return _number(row, "value")


async def _put_events(driver: Driver, store_hash: str, subject: str, events: Sequence[Event], at: datetime) -> None:
    for number, event in enumerate(events):
        await driver.run(
            "event_insert",
            store_hash=store_hash,
            event_id=f"{micros(at):016x}-{number:04x}-{token_hex(4)}",
            subject=subject,
            scope=event.scope,
            created_at=micros(at),
            body=_encode(event.data),
        )


class SqlCheckouts:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def get(self, checkout_id: str) -> Checkout:
        row = await self._driver.one("checkout_get", store_hash=self._store_hash, checkout_id=checkout_id)
        if row is None:
            raise NotFound(f"There is no cart or checkout {checkout_id}.", code="checkout_not_found")
        return _checkout(_body(row))

    async def insert(self, checkout: Checkout, events: Sequence[Event]) -> None:
        async with self._driver.transaction() as transaction:
            await transaction.run("checkout_insert", **_checkout_row(self._store_hash, checkout))
            await _put_events(transaction, self._store_hash, checkout.id, events, checkout.updated_at)

    async def replace(self, before: Checkout, after: Checkout, events: Sequence[Event]) -> bool:
        row = _checkout_row(self._store_hash, after)
        if not events:
            return await self._driver.run("checkout_replace", expected_version=before.version, **row) == 1
        async with self._driver.transaction() as transaction:
            if await transaction.run("checkout_replace", expected_version=before.version, **row) == 0:
                return False
            await _put_events(transaction, self._store_hash, after.id, events, after.updated_at)
            return True

    async def delete(self, before: Checkout, events: Sequence[Event]) -> bool:
        async with self._driver.transaction() as transaction:
            gone = await transaction.run(
                "checkout_delete", store_hash=self._store_hash, checkout_id=before.id, expected_version=before.version
            )
            if gone:
                await transaction.run("metafield_delete_of_cart", store_hash=self._store_hash, checkout_id=before.id)
                await _put_events(transaction, self._store_hash, before.id, events, before.updated_at)
            return gone == 1

    async def latest_ids(self, limit: int) -> list[str]:
        rows = await self._driver.all("checkout_ids", store_hash=self._store_hash, limit=limit)
        return [_text(row, "checkout_id") for row in rows]


def _checkout_row(store_hash: str, checkout: Checkout) -> dict[str, Value]:
    return {
        "store_hash": store_hash,
        "checkout_id": checkout.id,
        "version": checkout.version,
        "customer_id": checkout.customer_id,
        "updated_at": micros(checkout.updated_at),
        "body": _encode(checkout),
    }


class SqlOrders:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def next_id(self) -> int:
        return await _next(self._driver, self._store_hash, "order", FIRST_ORDER_ID)

    async def get(self, order_id: int) -> Order:
        order = await self.find(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.", code="order_not_found")
        return order

    async def find(self, order_id: int) -> Order | None:
        row = await self._driver.one("order_get", store_hash=self._store_hash, order_id=order_id)
        return _order(_body(row)) if row else None

    async def of_checkout(self, checkout_id: str, version: int) -> Order | None:
        row = await self._driver.one(
            "order_of_checkout", store_hash=self._store_hash, checkout_id=checkout_id, checkout_version=version
        )
        return _order(_body(row)) if row else None

    async def insert(
        self,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Mapping[tuple[int, int], int],
        events: Sequence[Event],
    ) -> bool:
        try:
            async with self._driver.transaction() as transaction:
                await self._insert(transaction, order, before, after, taken, events)
        except _LostRace:
            return False
        return True

    async def _insert(
        self,
        transaction: Driver,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Mapping[tuple[int, int], int],
        events: Sequence[Event],
    ) -> None:
        inserted = await transaction.run(
            "order_insert",
            store_hash=self._store_hash,
            order_id=order.id,
            checkout_id=before.id,
            checkout_version=before.version,
            status=order.status,
            created_at=micros(order.created_at),
            body=_encode(order),
        )
        if not inserted:
            raise _LostRace
        row = _checkout_row(self._store_hash, after)
        if await transaction.run("checkout_replace", expected_version=before.version, **row) == 0:
            raise _LostRace
        for (variant_id, location_id), units in sorted(taken.items()):
            changed = await transaction.run(
                "stock_take",
                store_hash=self._store_hash,
                variant_id=variant_id,
                location_id=location_id,
                units=units,
            )
            if not changed:
                raise OutOfStock(
                    f"There are not {units} units of variant {variant_id} left.", details={"variant_id": variant_id}
                )
        await _put_events(transaction, self._store_hash, before.id, events, order.created_at)


class _LostRace(Exception):
    """Another request was faster: rolls the transaction back. Never leaves this module."""


class SqlCatalog:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def product(self, product_id: int) -> Product | None:
        row = await self._driver.one("product_get", store_hash=self._store_hash, product_id=product_id)
        return _product(_body(row)) if row else None

    async def product_of(self, variant_id: int) -> Product | None:
        row = await self._driver.one("product_of_variant", store_hash=self._store_hash, variant_id=variant_id)
        return _product(_body(row)) if row else None

    async def stock(self, variant_id: int) -> dict[int, int] | None:
        rows = await self._driver.all("stock_get", store_hash=self._store_hash, variant_id=variant_id)
        return {_number(row, "location_id"): _number(row, "units") for row in rows} or None

    async def customer(self, customer_id: int) -> Customer | None:
        row = await self._driver.one("customer_get", store_hash=self._store_hash, customer_id=customer_id)
        return _customer(_body(row)) if row else None

    async def page(
        self, ids: Sequence[int] | None, name: str, sku: str, limit: int, offset: int
    ) -> tuple[list[Product], int]:
        """One page of the products that match, by id, and how many match in all."""
        if ids is not None:
            found = [product for wanted in sorted(set(ids)) if (product := await self.product(wanted)) is not None]
            matching = [
                product
                for product in found
                if (not name or product.name == name) and (not sku or _has_sku(product, sku))
            ]
            return matching[offset : offset + limit], len(matching)
        rows = await self._driver.all(
            "product_page", store_hash=self._store_hash, name=name, sku=sku, limit=limit, offset=offset
        )
        count = await self._driver.one("product_count", store_hash=self._store_hash, name=name, sku=sku)
        assert count is not None
        return [_product(_body(row)) for row in rows], _number(count, "product_count")

    async def put(self, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        async with self._driver.transaction() as transaction:
            await self._put(transaction, product, stock, new=new)

    async def replace(self, before: Product, after: Product, stock: Mapping[int, int | None]) -> bool:
        async with self._driver.transaction() as transaction:
            key = self._key(before.id)
            held = await transaction.run("product_hold", **key)
            row = await transaction.one("product_get", **key) if held else None
            if row is None or _product(_body(row)) != before:
                return False
            await self._put(transaction, after, stock, new=False)
            return True

    def _key(self, product_id: int) -> dict[str, Value]:
        return {"store_hash": self._store_hash, "product_id": product_id}

    async def _put(self, driver: Driver, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        key = self._key(product.id)
        values: dict[str, Value] = {"name": product.name, "sku": product.sku, "body": _encode(product)}
        named = await driver.one("product_named", store_hash=self._store_hash, name=product.name)
        is_taken = named is not None and (new or named["product_id"] != product.id)
        if is_taken or not await driver.run("product_insert" if new else "product_update", **key, **values):
            raise Taken(f"There is another product named {product.name}.", details={"field": "name"})
        await self._remove_variants(driver, product.id, kept={variant.id for variant in product.variants})
        for variant in product.variants:
            await driver.run("variant_insert", **key, variant_id=variant.id, sku=variant.sku)
        for variant_id, units in stock.items():
            await self._put_stock(driver, variant_id, {} if units is None else {0: units})

    async def _remove_variants(self, driver: Driver, product_id: int, *, kept: Collection[int]) -> None:
        """Remove the variants of a product, and what is counted of those that will not come back."""
        for row in await driver.all("variant_of_product", **self._key(product_id)):
            if (variant_id := _number(row, "variant_id")) not in kept:
                await self._put_stock(driver, variant_id, {})
        await driver.run("variant_delete_of_product", **self._key(product_id))

    async def put_stock(self, variant_id: int, by_location: Mapping[int, int]) -> None:
        await self._put_stock(self._driver, variant_id, by_location)

    async def _put_stock(self, driver: Driver, variant_id: int, by_location: Mapping[int, int]) -> None:
        if not by_location:
            await driver.run("stock_delete", store_hash=self._store_hash, variant_id=variant_id)
        for location_id, units in by_location.items():
            await driver.run(
                "stock_set", store_hash=self._store_hash, variant_id=variant_id, location_id=location_id, units=units
            )

    async def remove_stock_at(self, location_ids: Sequence[int]) -> None:
        async with self._driver.transaction() as transaction:
            for location_id in location_ids:
                for statement in ("stock_count_in_pool", "stock_delete_at"):
                    await transaction.run(statement, store_hash=self._store_hash, location_id=location_id)

    async def remove(self, product_id: int) -> bool:
        async with self._driver.transaction() as transaction:
            await self._remove_variants(transaction, product_id, kept=())
            return await transaction.run("product_delete", **self._key(product_id)) == 1

    async def is_name_taken(self, name: str, by_other_than: int) -> bool:
        row = await self._driver.one("product_named", store_hash=self._store_hash, name=name)
        return row is not None and row["product_id"] != by_other_than

    async def is_sku_taken(self, sku: str, by_other_than: int) -> bool:
        row = await self._driver.one("sku_owner", store_hash=self._store_hash, sku=sku, product_id=by_other_than)
        return row is not None

    async def put_customer(self, customer: Customer, password_hash: str) -> None:
        await self._driver.run(
            "customer_put",
            store_hash=self._store_hash,
            customer_id=customer.id,
            email=customer.email,
            password_hash=password_hash,
            body=_encode(customer),
        )

    async def customers(self) -> list[tuple[Customer, str]]:
        """All customers with their password hashes, for a dump."""
        rows = await self._driver.all("customer_all", store_hash=self._store_hash)
        return [(_customer(_body(row)), _text(row, "password_hash")) for row in rows]

    async def all_stock(self) -> dict[int, dict[int, int]]:
        stock: dict[int, dict[int, int]] = {}
        for row in await self._driver.all("stock_all", store_hash=self._store_hash):
            stock.setdefault(_number(row, "variant_id"), {})[_number(row, "location_id")] = _number(row, "units")
        return stock


def _has_sku(product: Product, sku: str) -> bool:
    return sku == product.sku or any(variant.sku == sku for variant in product.variants)


class SqlAccess:
    def __init__(self, unit: SqlUnit, driver: Driver) -> None:
        self._unit, self._driver, self._store_hash = unit, driver, unit.store_hash

    async def caller(self, token: str) -> Caller | None:
        row = await self._driver.one("token_find", store_hash=self._store_hash, token_hash=fingerprint(token))
        if row is None:
            return None
        self._unit.at_revision(_number(row, "revision"))
        return (
            Caller(_text(row, "name"), frozenset(_text(row, "scopes").split())) if row["scopes"] is not None else None
        )

    async def add_token(self, token: str, name: str, scopes: Sequence[str], now: datetime) -> None:
        await self.add_hashed_token(fingerprint(token), name, scopes, now)

    async def add_hashed_token(self, token_hash: str, name: str, scopes: Sequence[str], now: datetime) -> None:
        await self._driver.run(
            "token_insert",
            store_hash=self._store_hash,
            token_hash=token_hash,
            name=name,
            scopes=" ".join(scopes),
            created_at=micros(now),
        )

    async def tokens(self) -> list[tuple[str, Caller]]:
        """Hash and bearer of every token, for a dump."""
        rows = await self._driver.all("token_all", store_hash=self._store_hash)
        return [
            (_text(row, "token_hash"), Caller(_text(row, "name"), frozenset(_text(row, "scopes").split())))
            for row in rows
        ]

    async def session(self, session_id: str, now: datetime) -> Session | None:
        row = await self._driver.one(
            "session_find", store_hash=self._store_hash, session_hash=fingerprint(session_id), now=micros(now)
        )
        if row is None:
            return None
        self._unit.at_revision(_number(row, "revision"))
        if row["checkout_id"] is None:
            return None
        return Session(
            checkout_id=_text(row, "checkout_id"),
            customer_id=_number(row, "customer_id"),
            order_id=_number(row, "order_id"),
        )

    async def put_session(self, session_id: str, session: Session, expires_at: datetime) -> None:
        await self._driver.run(
            "session_put",
            store_hash=self._store_hash,
            session_hash=fingerprint(session_id),
            checkout_id=session.checkout_id,
            customer_id=session.customer_id,
            order_id=session.order_id,
            expires_at=micros(expires_at),
        )

    async def add_pass(self, token: str, kind: str, checkout_id: str, uses: int, expires_at: datetime) -> None:
        await self._driver.run(
            "pass_insert",
            store_hash=self._store_hash,
            pass_hash=fingerprint(token),
            kind=kind,
            checkout_id=checkout_id,
            uses_left=uses,
            expires_at=micros(expires_at),
        )

    async def use_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        used = await self._driver.run(
            "pass_use",
            store_hash=self._store_hash,
            pass_hash=fingerprint(token),
            kind=kind,
            checkout_id=checkout_id,
            now=micros(now),
        )
        return used == 1

    async def revoke(self, token: str, expires_at: datetime) -> None:
        await self._driver.run(
            "revoked_insert", store_hash=self._store_hash, token_hash=fingerprint(token), expires_at=micros(expires_at)
        )

    async def is_revoked(self, token: str) -> bool:
        return (
            await self._driver.one("revoked_find", store_hash=self._store_hash, token_hash=fingerprint(token))
            is not None
        )


LATEST = 2**62
"""A time that no stored one is later than, in microseconds."""
FIRST_OF_ALL = 1 - 2**63
"""Below every id, and below every id taken negatively."""
MARK = "\x1f"
"""Stands around the texts of a list; names of metafields have no control characters."""


def _listed(texts: Sequence[str] | None) -> str:
    return "" if texts is None else "".join(f"{MARK}{text}{MARK}" for text in texts) or MARK


def _search_values(store_hash: str, search: MetafieldSearch) -> dict[str, Value]:
    return {
        "store_hash": store_hash,
        "client": search.client,
        "checkout_id": search.cart_id,
        "namespaces": _listed(search.namespaces),
        "field_keys": _listed(search.keys),
        "mark": MARK,
        "created_from": micros(search.created_from) if search.created_from else 0,
        "created_before": micros(search.created_before) if search.created_before else LATEST,
        "modified_from": micros(search.modified_from) if search.modified_from else 0,
        "modified_before": micros(search.modified_before) if search.modified_before else LATEST,
    }


class SqlMetafields:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def page(
        self, search: MetafieldSearch, *, descending: bool, limit: int, offset: int = 0, after: int | None = None
    ) -> list[Metafield]:
        direction = -1 if descending else 1
        rows = await self._driver.all(
            "metafield_page",
            direction=direction,
            after=FIRST_OF_ALL if after is None else after * direction,
            limit=limit,
            offset=offset,
            **_search_values(self._store_hash, search),
        )
        return [_metafield(_body(row)) for row in rows]

    async def count(self, search: MetafieldSearch) -> int:
        row = await self._driver.one("metafield_count", **_search_values(self._store_hash, search))
        return _number(row, "field_count") if row else 0

    async def get(self, metafield_id: int) -> Metafield | None:
        row = await self._driver.one("metafield_get", store_hash=self._store_hash, metafield_id=metafield_id)
        return _metafield(_body(row)) if row else None

    async def is_cart_known(self, cart_id: str) -> bool:
        row = await self._driver.one("metafield_cart", store_hash=self._store_hash, checkout_id=cart_id)
        return row is not None and row["known_count"] != 0

    async def write(self, changes: Sequence[Change], at: datetime) -> bool:
        try:
            async with self._driver.transaction() as transaction:
                growing = _growing_carts(changes)
                await self._hold(transaction, growing)
                for change in sorted(changes, key=lambda change: change.subject.id):
                    await self._remove(transaction, change.before)
                for number, change in enumerate(changes):
                    await self._insert(transaction, change.after, number)
                await self._check_room(transaction, growing)
                for change in changes:
                    await _put_events(transaction, self._store_hash, change.subject.cart_id, [change.event()], at)
        except _LostRace:
            return False
        return True

    async def _hold(self, transaction: Driver, growing: Mapping[str, int]) -> None:
        """Nobody deletes a cart while it gets a new field, and its fields are counted one request after the other."""
        for cart_id, number in growing.items():
            if not await transaction.run("checkout_hold", store_hash=self._store_hash, checkout_id=cart_id):
                raise NotFound(f"There is no cart {cart_id}.", code="cart_not_found", details={"number": number})

    async def _remove(self, transaction: Driver, field: Metafield | None) -> None:
        if field is not None and not await transaction.run(
            "metafield_delete",
            store_hash=self._store_hash,
            metafield_id=field.id,
            modified_at=micros(field.modified_at),
        ):
            raise _LostRace

    async def _insert(self, transaction: Driver, field: Metafield | None, number: int) -> None:
        if field is not None and not await transaction.run(
            "metafield_insert",
            store_hash=self._store_hash,
            metafield_id=field.id,
            checkout_id=field.cart_id,
            owner=field.owner,
            namespace=field.namespace,
            field_key=field.key,
            permission_set=field.permission_set,
            created_at=micros(field.created_at),
            modified_at=micros(field.modified_at),
            body=_encode(field),
        ):
            raise Taken(
                f"Cart {field.cart_id} has a metafield {field.key} in the namespace {field.namespace} already.",
                details={"number": number},
            )

    async def _check_room(self, transaction: Driver, growing: Mapping[str, int]) -> None:
        for cart_id, number in growing.items():
            row = await transaction.one("metafield_count_of_cart", store_hash=self._store_hash, checkout_id=cart_id)
            if row is not None and _number(row, "field_count") > MOST_PER_CART:
                raise Refused(
                    f"A cart may have at most {MOST_PER_CART} metafields.",
                    code="too_many_metafields",
                    details={"number": number},
                )


def _growing_carts(changes: Sequence[Change]) -> dict[str, int]:
    """Carts that get new fields, in a fixed order, each with the number of its last one."""
    last = {change.subject.cart_id: number for number, change in enumerate(changes) if change.before is None}
    return dict(sorted(last.items()))


# ---------------------------------------------------------------------------------------------------- shop files


class SqlShop:
    """The store as a whole. What a file names is taken out first and put in again, so that products may swap their names and
    customers their emails; what is then still in the way belongs to something the file does not name."""

    def __init__(self, unit: SqlUnit, driver: Driver) -> None:
        self._unit, self._driver, self._store_hash = unit, driver, unit.store_hash

    async def put(self, shop: StoredShop, now: datetime) -> None:
        async with self._driver.transaction() as transaction:
            await self._put_store(transaction, shop.store)
            await self._put_products(transaction, shop.products)
            for variant_id, by_location in shop.stock.items():
                await self._put_stock(transaction, variant_id, by_location)
            await self._put_customers(transaction, shop.customers)
            for token_hash, caller in shop.tokens:
                await transaction.run(
                    "token_insert",
                    store_hash=self._store_hash,
                    token_hash=token_hash,
                    name=caller.name,
                    scopes=" ".join(sorted(caller.scopes)),
                    created_at=micros(now),
                )
            for sequence, value in shop.numbers.items():
                await transaction.run("sequence_raise", store_hash=self._store_hash, name=sequence, value=value)

    async def _put_store(self, transaction: Driver, store: Store) -> None:
        row = await transaction.one("store_revision", store_hash=self._store_hash)
        values: dict[str, Value] = {"store_hash": self._store_hash, "body": _encode(store)}
        values |= {"secret": token_hex(32)} if row is None else {"revision": _number(row, "revision")}
        if not await transaction.run("store_insert" if row is None else "store_replace", **values):
            raise Unavailable("Somebody else is changing this store; try again.")
        await transaction.run("host_delete_all", store_hash=self._store_hash)
        for host in store.hosts:
            await transaction.run("host_insert", store_hash=self._store_hash, host=host)

    async def _put_products(self, transaction: Driver, products: Sequence[Product]) -> None:
        for product in products:
            key: dict[str, Value] = {"store_hash": self._store_hash, "product_id": product.id}
            for row in await transaction.all("variant_of_product", **key):
                await self._put_stock(transaction, _number(row, "variant_id"), {})
            await transaction.run("variant_delete_of_product", **key)
            await transaction.run("product_delete", **key)
        for product in products:
            key = {"store_hash": self._store_hash, "product_id": product.id}
            if not await transaction.run(
                "product_insert", **key, name=product.name, sku=product.sku, body=_encode(product)
            ):
                raise Taken(f"The store has another product called {product.name}, which the file does not have.")
            for variant in product.variants:
                other = await transaction.one("product_of_variant", store_hash=self._store_hash, variant_id=variant.id)
                if other is not None:
                    raise Taken(
                        f"Variant {variant.id} of product {product.id} belongs to another product of the store, "
                        f"{_product(_body(other)).name}."
                    )
                await transaction.run("variant_insert", **key, variant_id=variant.id, sku=variant.sku)

    async def _put_stock(self, transaction: Driver, variant_id: int, by_location: Mapping[int, int]) -> None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "variant_id": variant_id}
        await transaction.run("stock_delete", **key)
        for location_id, units in by_location.items():
            await transaction.run("stock_set", **key, location_id=location_id, units=units)

    async def _put_customers(self, transaction: Driver, customers: Sequence[tuple[Customer, str]]) -> None:
        for customer, _ in customers:
            await transaction.run("customer_delete", store_hash=self._store_hash, customer_id=customer.id)
        for customer, password_hash in customers:
            key: dict[str, Value] = {"store_hash": self._store_hash, "email": customer.email}
            if await transaction.one("customer_by_email", **key) is not None:
                raise Taken(f"The store has another customer with the email {customer.email}.")
            await transaction.run(
                "customer_put", **key, customer_id=customer.id, password_hash=password_hash, body=_encode(customer)
            )

    async def get(self) -> StoredShop:
        store = await self._unit.store()
        products = await self._driver.all(
            "product_page", store_hash=self._store_hash, name="", sku="", limit=LARGEST_NUMBER, offset=0
        )
        return StoredShop(
            store=store,
            products=[_product(_body(row)) for row in products],
            stock=await self._unit.catalog.all_stock(),
            customers=await self._unit.catalog.customers(),
            tokens=await self._unit.access.tokens(),
        )
