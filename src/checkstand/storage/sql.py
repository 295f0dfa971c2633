"""The one implementation of `port`, over a Driver. Bodies are the JSON of domain Structs; keys and versions are columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

import msgspec

from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.order import Order
from checkstand.errors import NotFound, OutOfStock
from checkstand.storage.port import Caller, Driver, Row, Session, StoredMetafield, Value

_encode = msgspec.json.Encoder().encode
_checkout = msgspec.json.Decoder(Checkout).decode
_order = msgspec.json.Decoder(Order).decode
_product = msgspec.json.Decoder(Product).decode
_customer = msgspec.json.Decoder(Customer).decode
_store = msgspec.json.Decoder(Store).decode

FIRST_ORDER_ID = 100


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
        row = await self._driver.one("order_get", store_hash=self._store_hash, order_id=order_id)
        if row is None:
            raise NotFound(f"There is no order {order_id}.", code="order_not_found")
        return _order(_body(row))

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
            await transaction.run(
                "product_insert" if new else "product_update",
                store_hash=self._store_hash,
                product_id=product.id,
                name=product.name,
                sku=product.sku,
                body=_encode(product),
            )
            await transaction.run("variant_delete_of_product", store_hash=self._store_hash, product_id=product.id)
            for variant in product.variants:
                await transaction.run(
                    "variant_insert",
                    store_hash=self._store_hash,
                    variant_id=variant.id,
                    product_id=product.id,
                    sku=variant.sku,
                )
            for variant_id, units in stock.items():
                await self._put_stock(transaction, variant_id, {} if units is None else {0: units})

    async def put_stock(self, variant_id: int, by_location: Mapping[int, int]) -> None:
        await self._put_stock(self._driver, variant_id, by_location)

    async def _put_stock(self, driver: Driver, variant_id: int, by_location: Mapping[int, int]) -> None:
        if not by_location:
            await driver.run("stock_delete", store_hash=self._store_hash, variant_id=variant_id)
        for location_id, units in by_location.items():
            await driver.run(
                "stock_set", store_hash=self._store_hash, variant_id=variant_id, location_id=location_id, units=units
            )

    async def remove(self, product_id: int) -> bool:
        async with self._driver.transaction() as transaction:
            await transaction.run("variant_delete_of_product", store_hash=self._store_hash, product_id=product_id)
            return await transaction.run("product_delete", store_hash=self._store_hash, product_id=product_id) == 1

    async def is_name_taken(self, name: str, by_other_than: int) -> bool:
        row = await self._driver.one("product_named", store_hash=self._store_hash, name=name)
        return row is not None and row["product_id"] != by_other_than

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

    async def use_pass(self, token: str, kind: str, now: datetime) -> str | None:
        row = await self._driver.one(
            "pass_use", store_hash=self._store_hash, pass_hash=fingerprint(token), kind=kind, now=micros(now)
        )
        return _text(row, "checkout_id") if row else None

    async def revoke(self, token: str, expires_at: datetime) -> None:
        await self._driver.run(
            "revoked_insert", store_hash=self._store_hash, token_hash=fingerprint(token), expires_at=micros(expires_at)
        )

    async def is_revoked(self, token: str) -> bool:
        return (
            await self._driver.one("revoked_find", store_hash=self._store_hash, token_hash=fingerprint(token))
            is not None
        )


class SqlMetafields:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def find(self, checkout_id: str = "", namespace: str = "", key: str = "") -> list[StoredMetafield]:
        rows = await self._driver.all(
            "metafield_page", store_hash=self._store_hash, checkout_id=checkout_id, namespace=namespace, field_key=key
        )
        return [_metafield(row) for row in rows]

    async def get(self, metafield_id: int) -> StoredMetafield | None:
        row = await self._driver.one("metafield_get", store_hash=self._store_hash, metafield_id=metafield_id)
        return _metafield(row) if row else None

    async def count(self, checkout_id: str) -> int:
        row = await self._driver.one("metafield_count", store_hash=self._store_hash, checkout_id=checkout_id)
        return _number(row, "field_count") if row else 0

    async def insert(self, field: StoredMetafield, namespace: str, key: str) -> bool:
        return (
            await self._driver.run(
                "metafield_insert",
                store_hash=self._store_hash,
                metafield_id=field.id,
                checkout_id=field.checkout_id,
                owner=field.owner,
                namespace=namespace,
                field_key=key,
                body=field.body,
            )
            == 1
        )

    async def update(self, metafield_id: int, namespace: str, key: str, body: bytes) -> bool:
        return (
            await self._driver.run(
                "metafield_update",
                store_hash=self._store_hash,
                metafield_id=metafield_id,
                namespace=namespace,
                field_key=key,
                body=body,
            )
            == 1
        )

    async def delete(self, metafield_id: int) -> bool:
        return await self._driver.run("metafield_delete", store_hash=self._store_hash, metafield_id=metafield_id) == 1


def _metafield(row: Row) -> StoredMetafield:
    return StoredMetafield(_number(row, "metafield_id"), _text(row, "checkout_id"), _text(row, "owner"), _body(row))
