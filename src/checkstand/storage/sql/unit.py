"""All stores of one database, and the unit of work of one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec

from checkstand.domain.carrier import NO_ANSWER, Carrier, CarrierAnswer
from checkstand.domain.facts import Store
from checkstand.domain.tax_quote import FAILED, TaxQuote
from checkstand.errors import NotFound
from checkstand.storage.port import (
    CarrierCounts,
    CarrierQuestion,
    CarrierQuotes,
    Driver,
    TaxQuestion,
    TaxQuotes,
    UnitOfWork,
    Waiting,
)
from checkstand.storage.sql.access import SqlAccess
from checkstand.storage.sql.answers import SqlAnswers
from checkstand.storage.sql.attempts import SqlAttempts
from checkstand.storage.sql.carriers import SqlCarrierAnswers, SqlCarrierConnections
from checkstand.storage.sql.catalog import SqlCatalog
from checkstand.storage.sql.checkouts import SqlCheckouts
from checkstand.storage.sql.codes import SqlCodes
from checkstand.storage.sql.coupons import SqlCoupons
from checkstand.storage.sql.customers import SqlCustomers
from checkstand.storage.sql.gift_certificates import SqlGiftCertificates
from checkstand.storage.sql.hooks import SqlHooks
from checkstand.storage.sql.metafields import SqlMetafields
from checkstand.storage.sql.order_pickups import SqlOrderPickups
from checkstand.storage.sql.orders import SqlOrders
from checkstand.storage.sql.outbox import SqlOutbox
from checkstand.storage.sql.rows import body_of, encode, next_in_sequence, number_of, text_of, time_of
from checkstand.storage.sql.shops import SqlShop
from checkstand.storage.sql.subscriptions import SqlSubscriptions
from checkstand.storage.sql.taxes import SqlTaxConnections, SqlTaxSubmissions

T = TypeVar("T")

_store = msgspec.json.Decoder(Store).decode


MOST_STORES_IN_MEMORY = 1000
"""The settings of a store like the demo shop take 18 KB of memory, and a tenth of a millisecond to decode again."""


class NobodyAsked:
    """In the place of who asks tax providers, in a process that calls nobody."""

    def known(self, question: TaxQuestion) -> TaxQuote | None:
        return FAILED

    async def ask(self, question: TaxQuestion) -> TaxQuote:
        return FAILED


class NoCarrierAsked:
    """In the place of who asks carriers, in a process that calls nobody."""

    def known(self, fingerprint: str) -> CarrierAnswer | None:
        return NO_ANSWER

    async def ask(self, questions: Sequence[CarrierQuestion]) -> None:
        return None

    async def check(self, carrier: Carrier, store_hash: str, options: dict[str, Any]) -> None:
        return None

    def counts(self) -> CarrierCounts:
        return CarrierCounts({}, {})


class Storage:
    """All stores of one database. Keeps the settings it decoded, of some stores, as long as their revision is the present one."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.tax_quotes: TaxQuotes = NobodyAsked()
        self.carrier_quotes: CarrierQuotes = NoCarrierAsked()
        self._stores: dict[str, tuple[int, Store, str]] = {}

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.driver)

    @property
    def tax_submissions(self) -> SqlTaxSubmissions:
        return SqlTaxSubmissions(self.driver)

    @property
    def carrier_answers(self) -> SqlCarrierAnswers:
        return SqlCarrierAnswers(self.driver)

    def unit(self, store_hash: str) -> "SqlUnit":
        return SqlUnit(self, store_hash, self.driver)

    async def store_hash_of(self, host: str) -> str | None:
        """The store a Host name belongs to (one of the few statements that name no store)."""
        row = await self.driver.one("store_by_host", host=host)
        return text_of(row, "store_hash") if row else None

    async def only_store(self) -> str | None:
        """The store, if there is exactly one."""
        rows = await self.driver.all("store_only")
        return text_of(rows[0], "store_hash") if len(rows) == 1 else None

    async def store_count(self) -> int:
        """How many stores there are; 2 stands for any larger number."""
        return len(await self.driver.all("store_only"))

    async def alive(self) -> bool:
        return await self.driver.one("alive") is not None

    async def applied_migrations(self) -> frozenset[int]:
        return frozenset(number_of(row, "number") for row in await self.driver.all("migration_all"))

    async def waiting(self) -> Waiting:
        row = await self.driver.one("outbox_waiting")
        assert row is not None
        oldest = None if row["oldest_at"] is None else time_of(row, "oldest_at")
        return Waiting(number_of(row, "event_count"), oldest)

    async def settings(
        self, store_hash: str, revision: int | None = None, inside: Driver | None = None
    ) -> tuple[int, Store, str]:
        """Revision, settings and secret of a store; from memory when `revision` (asked for if not given) is known.

        `inside`: a transaction. What is read there may never be committed, so it is not kept in memory.
        """
        driver = inside or self.driver
        if revision is None:
            row = await driver.one("store_revision", store_hash=store_hash)
            if row is None:
                raise NotFound(f"There is no store {store_hash}.", code="store_not_found")
            revision = number_of(row, "revision")
        known = self._stores.get(store_hash)
        if known is None or known[0] != revision:
            row = await driver.one("store_get", store_hash=store_hash)
            if row is None:
                raise NotFound(f"There is no store {store_hash}.", code="store_not_found")
            known = (number_of(row, "revision"), _store(body_of(row)), text_of(row, "secret"))
            if inside is None:
                self._remember(store_hash, known)
        return known

    def known(self, store_hash: str) -> tuple[int, Store, str] | None:
        """Revision, settings and secret of a store as they are in memory."""
        return self._stores.get(store_hash)

    def _remember(self, store_hash: str, known: tuple[int, Store, str]) -> None:
        """The one that came first makes room: should it be a busy one, it is read once more."""
        if store_hash not in self._stores and len(self._stores) >= MOST_STORES_IN_MEMORY:
            del self._stores[next(iter(self._stores))]
        self._stores[store_hash] = known


class SqlUnit:
    """The unit of work of one store."""

    def __init__(self, storage: Storage, store_hash: str, driver: Driver, *, is_transaction: bool = False) -> None:
        self._storage, self._driver = storage, driver
        self.store_hash = store_hash
        self.is_transaction = is_transaction
        self._revision: int | None = None
        self._checkout: tuple[str, bytes] | None = None

    async def together(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self._driver.transaction(
            lambda inside: work(SqlUnit(self._storage, self.store_hash, inside, is_transaction=True))
        )

    @property
    def checkouts(self) -> SqlCheckouts:
        return SqlCheckouts(self._driver, self.store_hash, self._checkout_read_along)

    @property
    def orders(self) -> SqlOrders:
        return SqlOrders(self._driver, self.store_hash)

    @property
    def order_pickups(self) -> SqlOrderPickups:
        return SqlOrderPickups(self._driver, self.store_hash)

    @property
    def coupons(self) -> SqlCoupons:
        return SqlCoupons(self._driver, self.store_hash)

    @property
    def codes(self) -> SqlCodes:
        return SqlCodes(self._driver, self.store_hash)

    @property
    def gift_certificates(self) -> SqlGiftCertificates:
        return SqlGiftCertificates(self._driver, self.store_hash)

    @property
    def attempts(self) -> SqlAttempts:
        return SqlAttempts(self._driver, self.store_hash)

    @property
    def customers(self) -> SqlCustomers:
        return SqlCustomers(self._driver, self.store_hash)

    @property
    def catalog(self) -> SqlCatalog:
        return SqlCatalog(self._driver, self.store_hash)

    @property
    def access(self) -> SqlAccess:
        return SqlAccess(self._driver, self.store_hash, self.at_revision, self._read_along)

    @property
    def metafields(self) -> SqlMetafields:
        return SqlMetafields(self._driver, self.store_hash)

    @property
    def hooks(self) -> SqlHooks:
        return SqlHooks(self._driver, self.store_hash)

    @property
    def shop(self) -> SqlShop:
        return SqlShop(self._driver, self.store_hash, self.store, self.catalog, self.access, self.gift_certificates)

    @property
    def tax_connections(self) -> SqlTaxConnections:
        return SqlTaxConnections(self._driver, self.store_hash)

    @property
    def tax_quotes(self) -> TaxQuotes:
        return self._storage.tax_quotes

    @property
    def carrier_connections(self) -> SqlCarrierConnections:
        return SqlCarrierConnections(self._driver, self.store_hash)

    @property
    def carrier_quotes(self) -> CarrierQuotes:
        return self._storage.carrier_quotes

    @property
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self._driver, self.store_hash)

    def at_revision(self, revision: int) -> None:
        """The store's revision was read along with something else: no need to ask again in this unit."""
        self._revision = revision

    def _read_along(self, checkout_id: str, body: bytes) -> None:
        """Good until the event loop's next round: who waits for anything (a body, its turn, the database) reads it anew."""
        self._checkout = (checkout_id, body)
        asyncio.get_running_loop().call_soon(self._forget_checkout)

    def _forget_checkout(self) -> None:
        self._checkout = None

    def _checkout_read_along(self, checkout_id: str) -> bytes | None:
        """Once: who reads it again wants to know what has changed."""
        read, self._checkout = self._checkout, None
        return read[1] if read is not None and read[0] == checkout_id else None

    @property
    def answers(self) -> SqlAnswers:
        return SqlAnswers(self._driver, self.store_hash)

    async def _settings(self, revision: int | None) -> tuple[int, Store, str]:
        return await self._storage.settings(self.store_hash, revision, self._driver if self.is_transaction else None)

    async def store(self) -> Store:
        known = self._storage.known(self.store_hash)
        if known is not None and known[0] == self._revision:
            return known[1]  # as nearly always: without three more coroutines
        return (await self._settings(self._revision))[1]

    async def secret(self) -> str:
        return (await self._settings(self._revision))[2]

    async def replace_store(self, before: Store, after: Store) -> bool:
        """Host names are set by `shop.put` alone: no edit changes them."""
        revision, present, _ = await self._settings(None)
        if present != before:
            return False
        replaced = (
            await self._driver.run("store_replace", store_hash=self.store_hash, revision=revision, body=encode(after))
            == 1
        )
        self._revision = None
        return replaced

    async def hold_store(self) -> None:
        await self._driver.run("store_hold", store_hash=self.store_hash)
        self._revision = None

    async def next_number(self, sequence: str) -> int:
        return await next_in_sequence(self._driver, self.store_hash, sequence, 1)

    async def next_numbers(self, sequence: str, count: int) -> range:
        last = await next_in_sequence(self._driver, self.store_hash, sequence, 1, count)
        return range(last - count + 1, last + 1)
