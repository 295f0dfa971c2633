"""What the services ask of a database. One implementation (`sql`) stands behind it, over a four-method `Driver`.

A unit of work belongs to one store. Its methods that change several rows do so in one short transaction of their own, so
no transaction is open while a service thinks or waits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.metafield import Change, Metafield
from checkstand.domain.order import Order

T = TypeVar("T")

Value = str | int | bytes
Row = Mapping[str, Value | None]


class Driver(Protocol):
    """A database that runs named statements of `queries.sql`. Outside `transaction` each statement commits by itself."""

    async def one(self, name: str, /, **values: Value) -> Row | None: ...
    async def all(self, name: str, /, **values: Value) -> Sequence[Row]: ...
    async def run(self, name: str, /, **values: Value) -> int:
        """How many rows the statement changed."""
        ...

    async def transaction(self, work: "Callable[[Driver], Awaitable[T]]") -> T:
        """All or nothing: what `work` did is committed when it has returned, and undone when it raised. It waits for nothing
        but the database, and may be called again when the database gave it up for another transaction."""
        ...


class Database(Driver, Protocol):
    """A Driver with what concerns the database as a whole."""

    async def migrate(self, migrations: Sequence[tuple[int, str]]) -> list[int]:
        """Apply the migrations (number, script) the database does not have yet, each in a transaction of its own; their numbers.
        Safe while other servers run or start."""
        ...

    async def applied_migrations(self) -> set[int]: ...
    async def close(self) -> None: ...


class Caller(Struct, frozen=True):
    """Who sent a Management request: the name and the scopes of a token."""

    name: str
    scopes: frozenset[str]


class Session(Struct, frozen=True, kw_only=True):
    """What a shopper's browser holds on to: a cart, an order placed, a customer signed in. Empty and 0 stand for none."""

    checkout_id: str = ""
    customer_id: int = 0
    order_id: int = 0


class MetafieldSearch(Struct, frozen=True, kw_only=True):
    """Which metafields: of those `client` may see the ones that match. Empty and None stand for any; times from the first
    on, and before the second."""

    client: str
    cart_id: str = ""
    namespaces: Sequence[str] | None = None
    keys: Sequence[str] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    modified_from: datetime | None = None
    modified_before: datetime | None = None


class StoredShop(Struct, frozen=True, kw_only=True):
    """What a shop file holds: a store with catalog, stock, customers and tokens; secrets as hashes ("": no password).

    `stock`: variant id -> location id -> units; `numbers`: sequence -> up to where its numbers are taken.
    """

    store: Store
    products: Sequence[Product]
    stock: Mapping[int, Mapping[int, int]]
    customers: Sequence[tuple[Customer, str]]
    tokens: Sequence[tuple[str, Caller]]
    numbers: Mapping[str, int] = {}


class Shops(Protocol):
    """The store as a whole, for shop files."""

    async def put(self, shop: StoredShop, now: datetime) -> None:
        """Bring the store, which need not exist, to what `shop` says, all at once. Products, customers and tokens it does not
        name stay. Raises `Taken` when one of those has a name, a variant or an email that `shop` gives to another."""
        ...

    async def get(self) -> StoredShop:
        """Raises `NotFound`."""
        ...


class Checkouts(Protocol):
    async def get(self, checkout_id: str) -> Checkout:
        """Raises `NotFound`."""
        ...

    async def insert(self, checkout: Checkout, events: Sequence[Event]) -> None: ...

    async def replace(self, before: Checkout, after: Checkout, events: Sequence[Event]) -> bool:
        """Whether `before` was still the present version; if not, nothing is written."""
        ...

    async def delete(self, before: Checkout, events: Sequence[Event]) -> bool: ...
    async def latest_ids(self, limit: int) -> list[str]: ...


class Orders(Protocol):
    async def next_id(self) -> int: ...
    async def get(self, order_id: int) -> Order:
        """Raises `NotFound`."""
        ...

    async def find(self, order_id: int) -> Order | None: ...
    async def of_checkout(self, checkout_id: str, version: int) -> Order | None: ...

    async def insert(
        self,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Mapping[tuple[int, int], int],
        events: Sequence[Event],
    ) -> bool:
        """Keep an order, put `after` in the place of `before` and take the stock (variant id, location id) -> units, all in
        one transaction. False when another request was faster; raises `OutOfStock` when the units are gone."""
        ...


class Catalog(Protocol):
    async def product(self, product_id: int) -> Product | None: ...
    async def product_of(self, variant_id: int) -> Product | None: ...
    async def stock(self, variant_id: int) -> dict[int, int] | None: ...
    async def customer(self, customer_id: int) -> Customer | None: ...
    async def page(
        self, ids: Sequence[int] | None, name: str, sku: str, limit: int, offset: int
    ) -> tuple[list[Product], int]: ...
    async def put(self, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        """Keep a product with its variants; `stock` is variant id -> units in the shop's pool, None: not counted. What is
        counted of variants it does not name stays; variants that are gone take theirs along. Raises `Taken`."""
        ...

    async def replace(self, before: Product, after: Product, stock: Mapping[int, int | None]) -> bool:
        """`put` as long as `before` is still the present product; if not, False, and nothing is written."""
        ...

    async def remove(self, product_id: int) -> bool: ...
    async def is_name_taken(self, name: str, by_other_than: int) -> bool: ...
    async def is_sku_taken(self, sku: str, by_other_than: int) -> bool:
        """Whether another product has it, or a variant of one."""
        ...

    async def remove_stock_at(self, location_ids: Sequence[int]) -> None:
        """Forget what these locations hold. What was counted there only is counted as 0, not as never running out."""
        ...


class Access(Protocol):
    """Tokens, sessions and passes. What a client holds is kept as a hash only."""

    async def caller(self, token: str) -> Caller | None: ...
    async def add_token(self, token: str, name: str, scopes: Sequence[str], now: datetime) -> None: ...
    async def session(self, session_id: str, now: datetime) -> Session | None: ...
    async def put_session(self, session_id: str, session: Session, expires_at: datetime) -> None: ...
    async def add_pass(self, token: str, kind: str, checkout_id: str, uses: int, expires_at: datetime) -> None: ...
    async def use_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        """Whether the token opens this checkout, one use taken; not if it is unknown, used up or out of date."""
        ...

    async def revoke(self, token: str, expires_at: datetime) -> None: ...
    async def is_revoked(self, token: str) -> bool: ...


class Metafields(Protocol):
    async def page(
        self, search: MetafieldSearch, *, descending: bool, limit: int, offset: int = 0, after: int | None = None
    ) -> list[Metafield]:
        """Some of those that match, by id; `after`: only those that come after that id."""
        ...

    async def count(self, search: MetafieldSearch) -> int: ...
    async def get(self, metafield_id: int) -> Metafield | None: ...
    async def is_cart_known(self, cart_id: str) -> bool:
        """Whether there is such a cart, or an order that was made of it."""
        ...

    async def write(self, changes: Sequence[Change], at: datetime) -> bool:
        """All changes and their events in one transaction, or none. False when a field is no longer what it was before.

        Raises `NotFound` when the cart of a new field is gone, `Taken` and `Refused` when a cart has no room for it; `number`
        in their details says which change it was.
        """
        ...


class UnitOfWork(Protocol):
    """Everything one store keeps."""

    store_hash: str

    @property
    def checkouts(self) -> Checkouts: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def access(self) -> Access: ...
    @property
    def metafields(self) -> Metafields: ...
    @property
    def shop(self) -> Shops: ...

    async def store(self) -> Store:
        """The store as configured now. Raises `NotFound`."""
        ...

    async def replace_store(self, before: Store, after: Store) -> bool: ...
    async def secret(self) -> str:
        """What the store signs with; made when the store was."""
        ...

    async def next_number(self, sequence: str) -> int: ...


class Stores(Protocol):
    """All stores of one database."""

    def unit(self, store_hash: str) -> UnitOfWork: ...
    async def store_hash_of(self, host: str) -> str | None:
        """The store a Host name belongs to."""
        ...

    async def only_store(self) -> str | None:
        """The store, if there is exactly one."""
        ...

    async def store_count(self) -> int:
        """How many stores there are; 2 stands for any larger number."""
        ...

    async def alive(self) -> bool:
        """Whether the database answers."""
        ...
