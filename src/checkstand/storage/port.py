"""What the services ask of a database. One implementation (`sql`) stands behind it, over a four-method `Driver`.

A unit of work belongs to one store. Its methods that change several rows do so in one short transaction of their own, so
no transaction is open while a service thinks or waits.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from checkstand.domain.address import CustomerAddress
from checkstand.domain.applied_coupons import CouponUse
from checkstand.domain.carrier import Carrier, CarrierAnswer, CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import ConnectionAnswer
from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.facts import CouponUses, Customer, Product, Store
from checkstand.domain.gift_certificates import GiftCertificate
from checkstand.domain.hook import Hook
from checkstand.domain.metafield import Change, Metafield
from checkstand.domain.money import Currency
from checkstand.domain.order import Order
from checkstand.domain.order_pickups import OrderPickup
from checkstand.domain.pricing.tax_documents import Told
from checkstand.domain.promotions import PromotionCode
from checkstand.domain.shown import Audience, Shown
from checkstand.domain.stock import Stock
from checkstand.domain.subscription import Subscription
from checkstand.domain.tax_quote import SubmittedTax, TaxAction, TaxConnection, TaxQuote, TaxSubmission

T = TypeVar("T")

Value = str | int | bytes
Row = Mapping[str, Value | None]


class NotUnique(Exception):
    """Somebody else has just taken what only one can have, such as a name or an email. A transaction has to end with it. Never
    leaves the storage."""


class Driver(Protocol):
    """A database that runs named statements of `queries.sql`. Outside `transaction` each statement commits by itself."""

    async def one(self, name: str, /, **values: Value) -> Row | None: ...
    async def all(self, name: str, /, **values: Value) -> Sequence[Row]: ...
    async def run(self, name: str, /, **values: Value) -> int:
        """How many rows the statement changed. Raises `NotUnique`."""
        ...

    async def transaction(self, work: "Callable[[Driver], Awaitable[T]]") -> T:
        """All or nothing: what `work` did is committed when it has returned, and undone when it raised. It waits for nothing
        but the database, and may be called again when the database gave it up for another transaction.

        A request that takes too long is cancelled. Until the commit begins nothing has happened then; from there on the
        answer is given all the same, so that nobody is refused what was done."""
        ...


class Database(Driver, Protocol):
    """A Driver with what concerns the database as a whole."""

    async def migrate(self, migrations: Sequence[tuple[int, str]]) -> list[int]:
        """Apply the migrations (number, script) the database does not have yet, each in a transaction of its own; their numbers.
        Safe while other servers run or start."""
        ...

    def pool(self) -> "Pool | None":
        """The connections there are, None for a database without a server."""
        ...

    async def close(self) -> None: ...


class Caller(Struct, frozen=True):
    """Who sent a Management request: the name and the scopes of a token."""

    name: str
    scopes: frozenset[str]


class Session(Struct, frozen=True, kw_only=True):
    """What a shopper's browser holds on to: a cart, an order placed, a customer signed in. Empty and 0 stand for none. The cart
    of a signed-in one is its customer's. Without `expires_at` there is nothing to hold on to yet."""

    checkout_id: str = ""
    customer_id: int = 0
    order_id: int = 0
    expires_at: datetime | None = None


class Account(Struct, frozen=True, kw_only=True):
    """A customer with the hash of their password; "": they have none, and cannot sign in."""

    customer: Customer
    password_hash: str = ""


class App(Struct, frozen=True, kw_only=True):
    """A client that signs tokens with the store, or reads those the store signs; without a secret it does neither."""

    client_id: str
    secret: str = ""


class CustomerSearch(Struct, frozen=True, kw_only=True):
    """Which customers: those that match all of it. None stands for any; texts without case; times from the first on, and before
    the second."""

    ids: Sequence[int] | None = None
    emails: Sequence[str] | None = None
    names: Sequence[str] | None = None
    name_part: str = ""
    companies: Sequence[str] | None = None
    phones: Sequence[str] | None = None
    group_ids: Sequence[int] | None = None
    registration_ip_addresses: Sequence[str] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    modified_from: datetime | None = None
    modified_before: datetime | None = None


class AddressSearch(Struct, frozen=True, kw_only=True):
    """Which entries of address books: those that match all of it. None stands for any; texts without case."""

    ids: Sequence[int] | None = None
    customer_ids: Sequence[int] | None = None
    names: Sequence[str] | None = None
    companies: Sequence[str] | None = None


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


class Claim(Struct, frozen=True, kw_only=True):
    """What waits for one hook about one subject, held by one worker until its lease ends. `attempts`: how often the first
    delivery has failed."""

    store_hash: str
    hook_id: int
    subject: str
    lease: str
    attempts: int


class Delivery(Struct, frozen=True, kw_only=True):
    """An event on its way to one hook. `data` as JSON."""

    position: int
    event_id: str
    scope: str
    created_at: datetime
    data: bytes


class HookCall(Struct, frozen=True, kw_only=True):
    """A line of the delivery log: one call of a receiver. `status` 0: there was no answer; `error` "": delivered."""

    hook_id: int
    event_id: str
    subject: str
    scope: str
    host: str
    called_at: datetime
    milliseconds: int
    attempt: int
    status: int
    error: str


class CallCount(Struct, frozen=True):
    """How often calls ended with `error` ("": well), and when last."""

    error: str
    count: int
    last_at: datetime


class Pool(Struct, frozen=True):
    """Connections to a database server: how many there are, and how many are in use at the moment."""

    size: int
    in_use: int


class Waiting(Struct, frozen=True):
    """Events that were not delivered yet: how many, and since when the oldest one waits; None when there is none."""

    waiting: int
    oldest_at: datetime | None


class CertificateSearch(Struct, frozen=True, kw_only=True):
    """Which gift certificates: those that match all of it. Empty texts stand for any, as does an order of -1."""

    min_id: int = 0
    max_id: int = 2**53
    code: str = ""
    order_id: int = -1
    to_name: str = ""
    to_email: str = ""
    from_name: str = ""
    from_email: str = ""


class OrderSearch(Struct, frozen=True, kw_only=True):
    """Which orders: those that match all of it. Empty texts and None stand for any, as does a customer of -1; times from the first
    on, and before the second."""

    min_id: int = 0
    max_id: int = 2**53
    status: str = ""
    customer_id: int = -1
    cart_id: str = ""
    email: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    modified_from: datetime | None = None
    modified_before: datetime | None = None


class StoredShop(Struct, frozen=True, kw_only=True):
    """What a shop file holds: a store with catalog, stock, customers, gift certificates and tokens; secrets as
    hashes ("": no password).

    `stock`: variant id -> location id -> units; `numbers`: sequence -> up to where its numbers are taken; `codes`: those of
    promotions.
    """

    store: Store
    products: Sequence[Product]
    stock: Mapping[int, Mapping[int, int]]
    customers: Sequence[tuple[Customer, str]]
    tokens: Sequence[tuple[str, Caller]]
    numbers: Mapping[str, int] = {}
    codes: Sequence[PromotionCode] = ()
    gift_certificates: Sequence[GiftCertificate] = ()
    apps: Sequence[App] = ()
    """One without a secret keeps the secret it has."""


class Shops(Protocol):
    """The store as a whole, for shop files."""

    async def put(self, shop: StoredShop, now: datetime) -> None:
        """Bring the store, which need not exist, to what `shop` says, all at once. Products, customers, gift certificates and
        tokens it does not name stay. Raises `Taken` when one of those has a name, a variant, an email or a code that `shop` gives
        to another."""
        ...

    async def get(self) -> StoredShop:
        """Raises `NotFound`."""
        ...


class Checkouts(Protocol):
    async def get(self, checkout_id: str) -> Checkout:
        """Raises `NotFound`."""
        ...

    async def hold(self, checkout_id: str) -> None:
        """Wait for who is changing the checkout; until the end of the transaction nobody else changes or deletes it."""
        ...

    async def insert(self, checkout: Checkout, events: Sequence[Event]) -> None: ...

    async def replace(self, before: Checkout, after: Checkout, events: Sequence[Event]) -> bool:
        """Whether `before` was still what is there, its version and its order; if not, nothing is written."""
        ...

    async def delete(self, before: Checkout, events: Sequence[Event]) -> bool: ...
    async def shown(self, checkout_id: str, audience: Audience) -> Shown | None:
        """What a read last showed of it, where that was kept."""
        ...

    async def keep_shown(self, checkout_id: str, audience: Audience, shown: Shown | None, now: datetime) -> None:
        """In the place of what was kept before; None: nothing. What is old is forgotten."""
        ...

    async def latest_ids(self, limit: int) -> list[str]: ...


class Orders(Protocol):
    async def next_id(self) -> int: ...
    async def get(self, order_id: int) -> Order:
        """Raises `NotFound`."""
        ...

    async def find(self, order_id: int) -> Order | None: ...
    async def count_of(self, customer_id: int) -> int:
        """How many a customer has placed, without those that are incomplete, cancelled or declined."""
        ...

    async def of_checkout(self, checkout_id: str, version: int) -> Order | None:
        """The order made of this version; the last one, where several were."""
        ...

    async def insert(
        self,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Stock,
        events: Sequence[Event],
        used: Sequence[CouponUse] = (),
        submission: TaxSubmission | None = None,
    ) -> bool:
        """Keep an order, put `after` in the place of `before`, take the stock (variant id, location id) -> units, count the
        coupons used, by their ids, take what pays for it from gift certificates and store credit, issue the certificates it
        bought, and leave word for the tax provider, all in one transaction. False when another request was faster, be it with
        the same order of the same version; raises `OutOfStock` when the units are gone, `CouponNotApplicable` when a coupon is
        used up, `BalanceChanged` when a balance is. A checkout counts once, however many orders are made of it."""
        ...

    async def hold(self, order_id: int) -> None:
        """Wait for who is changing the order; until the end of the transaction nobody else does."""
        ...

    async def replace(
        self, before: Order, after: Order, events: Sequence[Event], *, taken: Stock, given_back: Stock
    ) -> None:
        """Put `after` in the place of an order that is held, take stock, give some back where it is still counted, and issue the
        certificates that are new, all in one transaction. Raises `OutOfStock`."""
        ...

    async def page(
        self, search: OrderSearch, *, sort: str, descending: bool, limit: int, offset: int = 0
    ) -> list[Order]:
        """Some of those that match. `sort`: the date_created, date_modified or customer_id, then and otherwise the id."""
        ...

    async def counts(self) -> dict[str, int]:
        """Status -> how many orders have it; those that none has are left out."""
        ...


class OrderPickups(Protocol):
    """What of orders lies ready or was collected. Who writes one holds its order."""

    async def get(self, pickup_id: int) -> OrderPickup | None: ...
    async def of_order(self, order_id: int) -> list[OrderPickup]: ...
    async def page(self, *, limit: int, offset: int = 0) -> list[OrderPickup]:
        """Some of all, by id."""
        ...

    async def put(self, pickup: OrderPickup) -> None:
        """A new one, or in the place of the one with its id."""
        ...

    async def remove(self, pickup_id: int) -> None: ...


class Coupons(Protocol):
    """How often coupons were used; the coupons themselves are the store's settings."""

    async def uses(self, coupon_id: int, customer: str, checkout_id: str) -> CouponUses:
        """By others than this checkout: in all, and by this customer ("": nobody knows who it is)."""
        ...

    async def all_uses(self) -> dict[int, int]:
        """Coupon id -> how often in all; those that never were are left out."""
        ...

    async def uses_between(self, first: int, last: int) -> dict[int, int]:
        """The same of ids in a row, both included."""
        ...

    async def promotion_uses(self, checkout_id: str = "") -> dict[int, int]:
        """Promotion id -> how often by others than this checkout; those that never were are left out."""
        ...


class Codes(Protocol):
    """Codes of coupon promotions, which the store has once each, without case; a promotion's by their ids."""

    async def find(self, code: str) -> PromotionCode | None: ...
    async def get_some(self, ids: Collection[int]) -> dict[int, PromotionCode]:
        """Those of them that are there, by their ids."""
        ...

    async def page(
        self, promotion_id: int, *, limit: int, offset: int = 0, after: int = 0, before: int = 0, code: str = ""
    ) -> list[PromotionCode]:
        """Some of a promotion's: those after an id, or the last ones before an id; only the one that is `code`, if given."""
        ...

    async def count(self, promotion_id: int, code: str = "") -> int: ...
    async def promotion_ids(self) -> list[int]:
        """The promotions that have codes."""
        ...

    async def promotions_with(self, part: str) -> set[int]:
        """Promotions that have a code with this in it."""
        ...

    async def add(self, codes: Sequence[PromotionCode]) -> None:
        """All of them or none. Raises `Taken`."""
        ...

    async def replace(self, code: PromotionCode) -> bool:
        """Whether it was there. Raises `Taken`."""
        ...

    async def remove(self, promotion_id: int, ids: Sequence[int]) -> None:
        """Those of the promotion that are there."""
        ...


class GiftCertificates(Protocol):
    """Gift certificates, by code without case."""

    async def find_some(self, codes: Collection[str]) -> dict[str, GiftCertificate]:
        """Those of them that are there, by what their codes are compared by (`key_of`)."""
        ...

    async def get(self, certificate_id: int) -> GiftCertificate | None: ...
    async def page(
        self, search: CertificateSearch, *, descending: bool, limit: int, offset: int
    ) -> list[GiftCertificate]:
        """Some of those that match, by id."""
        ...

    async def insert(self, certificate: GiftCertificate) -> None:
        """Raises `Taken` when the code is."""
        ...

    async def edit(
        self, certificate_id: int, change: Callable[[GiftCertificate], GiftCertificate]
    ) -> GiftCertificate | None:
        """The certificate after `change`, a pure function, while no order takes from it; None: there is none. Raises what
        `change` raises, and `Taken`."""
        ...

    async def remove(self, certificate_id: int) -> bool: ...
    async def remove_all(self) -> None: ...


class Attempts(Protocol):
    """What somebody tried, each thing once."""

    async def refused_until(
        self, who: str, what: str, now: datetime, *, most: int, within: timedelta
    ) -> datetime | None:
        """None: go on, and it is counted unless it was tried before. Otherwise `most` other things were tried `within` that
        time (an hour at most), and there is room for another one from then on."""
        ...

    async def forget(self, who: str, what: str = "") -> None:
        """As if it had never been tried; without `what`: as if nothing had."""
        ...


class Customers(Protocol):
    """Customers, by id and by e-mail without case. Whoever changes one holds them meanwhile, so that no order takes from their
    credit; what happened is told with it."""

    async def account(self, customer_id: int) -> Account | None: ...
    async def get(self, customer_id: int) -> Customer | None: ...
    async def find(self, email: str) -> Account | None: ...
    async def insert(self, account: Account, now: datetime) -> None:
        """Raises `Taken` when the email is."""
        ...

    async def edit(
        self,
        customer_id: int,
        change: Callable[[Customer], Customer],
        now: datetime,
        *,
        password_hash: str | None = None,
    ) -> Customer | None:
        """The customer after `change`, a pure function; None: there is none. With a new password all their sessions end. Raises
        what `change` raises, and `Taken`."""
        ...

    async def remove(self, customer_id: int, now: datetime) -> bool:
        """With their address book and their sessions. Their orders and carts stay."""
        ...

    async def page(
        self, search: CustomerSearch, *, sort: str, descending: bool, limit: int, offset: int = 0
    ) -> list[Customer]:
        """Some of those that match. `sort`: date_created, date_modified or last_name, then and otherwise the id."""
        ...

    async def count(self, search: CustomerSearch) -> int: ...
    async def addresses(
        self, search: AddressSearch, *, limit: int, offset: int = 0
    ) -> list[tuple[Customer, CustomerAddress]]:
        """Some of those that match, by id, each with whose it is."""
        ...

    async def address_count(self, search: AddressSearch) -> int: ...
    async def cart_id(self, customer_id: int) -> str:
        """The cart that the customer has, "" for none."""
        ...

    async def put_cart_id(self, customer_id: int, cart_id: str) -> None: ...
    async def drop_cart_id(self, customer_id: int, cart_id: str) -> None:
        """The customer has this cart no longer; one they have meanwhile stays theirs."""
        ...

    async def hold(self, customer_id: int) -> bool:
        """Wait for who is changing the customer; until the end of the transaction nobody else does. False: there is none."""
        ...


class StockChange(Struct, frozen=True, kw_only=True):
    """How many units there are, or how many more than there were (`is_relative`). `field`: of the request, for refusals."""

    field: str
    variant_id: int
    location_id: int
    units: int
    is_relative: bool


class Catalog(Protocol):
    async def product(self, product_id: int) -> Product | None: ...
    async def products(self, product_ids: Collection[int]) -> dict[int, Product]:
        """Those of them that are there, by their ids."""
        ...

    async def products_of(self, variant_ids: Collection[int]) -> dict[int, Product]:
        """The products that have these variants, by their own ids."""
        ...

    async def products_with(self, skus: Collection[str]) -> dict[int, Product]:
        """The products that have one of these SKUs, or a variant that has, by their ids."""
        ...

    async def stock_of(self, variant_ids: Collection[int]) -> dict[int, dict[int, int]]:
        """Variant id -> location id -> units; variants that are not counted are left out."""
        ...

    async def counted_variants(self, location_id: int | None, limit: int, offset: int) -> tuple[list[int], int]:
        """A page of the variants that are counted, at this location or at any, by id, and how many there are."""
        ...

    async def adjust_stock(self, changes: Sequence[StockChange]) -> None:
        """All of them or none. Raises `Invalid` where less than nothing would be left."""
        ...

    async def page(
        self, ids: Sequence[int] | None, name: str, sku: str, limit: int, offset: int
    ) -> tuple[list[Product], int]: ...
    async def page_with_customs(self, ids: Sequence[int] | None, limit: int, offset: int) -> tuple[list[Product], int]:
        """Those that customs are told something of, by id, and how many there are; `ids`: of these products only."""
        ...

    async def put(self, product: Product, stock: Mapping[int, int | None], *, new: bool) -> None:
        """Keep a product with its variants; `stock` is variant id -> units in the shop's pool, None: not counted. What is
        counted of variants it does not name stays; variants that are gone take theirs along. Raises `Taken`."""
        ...

    async def replace(self, before: Product, after: Product, stock: Mapping[int, int | None]) -> bool:
        """`put` as long as `before` is still the present product; if not, False, and nothing is written."""
        ...

    async def remove(self, product_id: int) -> bool: ...
    async def is_name_taken(self, name: str, by_other_than: int) -> bool: ...
    async def remove_stock_at(self, location_ids: Sequence[int]) -> None:
        """Forget what these locations hold. What was counted there only is counted as 0, not as never running out."""
        ...


class KeptAnswer(Struct, frozen=True, kw_only=True):
    """What a request with a key was answered. Status 0: not yet; `is_same_request` false: the key belongs to another request."""

    status: int = 0
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = ()
    is_same_request: bool = True


class Answers(Protocol):
    """Answers by the keys clients gave their requests. `request` stands for all of a request that must be the same again."""

    async def claim(self, key: str, request: str, now: datetime, *, lease: timedelta, keep: timedelta) -> bool:
        """Whether this request is the one to do what the key stands for. Claims older than `lease` without an answer are taken
        over, what is older than `keep` is forgotten."""
        ...

    async def find(self, key: str, request: str) -> KeptAnswer: ...
    async def keep(self, key: str, answer: KeptAnswer, claimed_at: datetime) -> bool:
        """False: somebody took the claim over meanwhile."""
        ...

    async def release(self, key: str, claimed_at: datetime) -> None:
        """Let go of a claim that came to nothing."""
        ...


class Access(Protocol):
    """Tokens, sessions and passes. What a client holds is kept as a hash only."""

    async def caller(self, token: str, checkout_id: str = "") -> Caller | None:
        """Who has the token. `checkout_id`: what the request is about; it is read along, for `Checkouts.get` without any wait
        in between."""
        ...

    async def add_token(self, token: str, name: str, scopes: Sequence[str], now: datetime) -> None: ...
    async def session(self, session_id: str, now: datetime) -> Session | None: ...
    async def put_session(self, session_id: str, session: Session, expires_at: datetime) -> None:
        """One that was read, and so has `expires_at`, stays ended where it has ended meanwhile."""
        ...

    async def end_session(self, session_id: str, now: datetime) -> None:
        """With all that have expired."""
        ...

    async def app(self, client_id: str) -> App | None: ...
    async def add_pass_once(self, token: str, kind: str, now: datetime, expires_at: datetime) -> bool:
        """False: the token was shown before. It is remembered until it expires."""
        ...

    async def add_pass(self, token: str, kind: str, checkout_id: str, uses: int, expires_at: datetime) -> None: ...
    async def is_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        """Whether the token opens this checkout; not if it is unknown, used up or out of date."""
        ...

    async def use_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        """The same, one use taken."""
        ...

    async def revoke(self, token: str, expires_at: datetime) -> None: ...
    async def is_revoked(self, token: str) -> bool: ...


class TaxQuestion(Struct, frozen=True, kw_only=True):
    """All that is needed to ask a tax provider. `fingerprint`: two with the same one have the same answer."""

    fingerprint: str
    url: str
    username: str
    password: str
    store_hash: str
    told: Told


class TaxQuotes(Protocol):
    """Who asks tax providers, and keeps what they said for a while. No part of the database, and never waited for inside of a
    transaction."""

    def known(self, question: TaxQuestion) -> TaxQuote | None:
        """The answer, failures too, if it was given lately."""
        ...

    async def ask(self, question: TaxQuestion) -> TaxQuote:
        """Waits some seconds at the most; known from then on, at least as long as a request takes. Raises nothing."""
        ...


class TaxConnections(Protocol):
    """What the store calls tax providers with."""

    async def get(self, provider_id: str) -> TaxConnection | None: ...
    async def put(self, connection: TaxConnection) -> None: ...
    async def remove(self, provider_id: str) -> None: ...
    async def submit(self, submission: TaxSubmission, now: datetime) -> None:
        """Have it sent by whoever works the queue off; once for each order and action."""
        ...

    async def submitted(self, order_id: int, action: TaxAction) -> SubmittedTax | None: ...


class CarrierQuestion(Struct, frozen=True, kw_only=True):
    """All that is needed to ask a carrier for its rates. `fingerprint`: two with the same one have the same answer; it is told of
    the checkout, so no two checkouts share one. `body`: puts it into words, which most questions that are known need not be.
    `currencies`: those that costs may be in, by code."""

    fingerprint: str
    store_hash: str
    checkout_id: str
    carrier_id: str
    url: str
    timeout_seconds: float
    body: Callable[[], bytes]
    currencies: dict[str, Currency]


class CarrierCounts(Struct, frozen=True):
    """Since the process began: calls by carrier and by what became of them (answered, failed, timed_out). `open_circuits`:
    how many stores' connections to a carrier are not used at present, by carrier."""

    calls: dict[tuple[str, str], int]
    open_circuits: dict[str, int]


class CarrierQuotes(Protocol):
    """Who asks carriers, and keeps what they said for a while. Never waited for inside of a transaction."""

    def known(self, fingerprint: str) -> CarrierAnswer | None:
        """What was said to the question if it was asked lately, and whether anything was."""
        ...

    async def ask(self, questions: Sequence[CarrierQuestion]) -> None:
        """All at once, and as long as the slowest may take; known from then on, at least as long as a request takes. Of very many
        not all are put, and the others are not answered. Raises nothing."""
        ...

    async def check(self, carrier: Carrier, store_hash: str, options: dict[str, Any]) -> ConnectionAnswer | None:
        """What a carrier says of a connection that is to be made; None: nothing. Raises nothing."""
        ...

    def counts(self) -> CarrierCounts: ...


class KeptRates(Struct, frozen=True, kw_only=True):
    """What a carrier answered to the question with this fingerprint."""

    store_hash: str
    checkout_id: str
    fingerprint: str
    expires_at: datetime
    rates: tuple[CarrierRate, ...]


class CarrierAnswers(Protocol):
    """What carriers answered, for all processes and beyond their end. Nothing but a memory: what is not there is asked again."""

    async def of_checkout(self, store_hash: str, checkout_id: str, now: datetime) -> list[KeptRates]:
        """Those that are still good."""
        ...

    async def keep(self, answers: Sequence[KeptRates]) -> None:
        """In the place of what was kept for the same questions; all of one store."""
        ...

    async def forget(self, store_hash: str, now: datetime) -> None:
        """Those that have expired."""
        ...


class Subscriptions(Protocol):
    """Which mails somebody agreed to be sent, one entry for each address."""

    async def find(self, email: str) -> Subscription | None: ...
    async def hold(self, fresh: Subscription) -> Subscription:
        """The entry of the address, `fresh` if it had none; nobody else changes it until the end of the transaction."""
        ...

    async def replace(self, after: Subscription) -> None: ...


class CarrierConnections(Protocol):
    """What the store calls carriers with."""

    async def get(self, carrier_id: str) -> CarrierConnection | None: ...
    async def put(self, connection: CarrierConnection) -> None: ...
    async def remove(self, carrier_id: str) -> bool:
        """Whether there was one."""
        ...


class ClaimedSubmission(Struct, frozen=True, kw_only=True):
    """Something to tell a tax provider, held by one worker until its lease ends. `attempts`: how often it has failed."""

    store_hash: str
    submission: TaxSubmission
    lease: str
    attempts: int


class TaxSubmissions(Protocol):
    """What tax providers are to be told, of all stores: any number of workers share the work."""

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[ClaimedSubmission]: ...
    async def done(self, claimed: ClaimedSubmission, quote_id: str) -> None: ...
    async def failed(self, claimed: ClaimedSubmission, error: str, due_at: datetime | None) -> None:
        """To be tried again; None: never."""
        ...

    async def release(self, claimed: ClaimedSubmission, due_at: datetime) -> None:
        """Its turn has not come."""
        ...


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


class Hooks(Protocol):
    """Webhooks of a store, with the log of what was sent."""

    async def insert(self, hook: Hook) -> None: ...
    async def get(self, hook_id: int) -> Hook | None: ...
    async def of_client(self, client: str) -> list[Hook]: ...
    async def replace(self, before: Hook, after: Hook) -> bool:
        """Whether `before` was still the present hook; if not, nothing is written. When the hook is switched on or off,
        what waited for it is dropped."""
        ...

    async def remove(self, hook_id: int) -> bool:
        """With all that waits for it."""
        ...

    async def calls(self, limit: int, hook_id: int = 0) -> list[HookCall]:
        """The latest lines of the delivery log, latest first; 0 stands for all hooks."""
        ...

    async def call_counts(self, host: str, since: datetime) -> list[CallCount]: ...
    async def pauses(self, now: datetime) -> dict[str, datetime]:
        """Hosts that are not called at present, each with when that ends."""
        ...


class Outbox(Protocol):
    """Events on their way to webhooks, of all stores: any number of workers share the work.

    What a worker does to a claim it does only while it holds the lease; the answer says whether it did.
    """

    async def stores(self) -> list[str]:
        """Stores with events that are not in the queues of their hooks yet."""
        ...

    async def all_stores(self) -> list[str]: ...
    async def fan_out(self, store_hash: str, now: datetime) -> bool:
        """Move some events, oldest first, into the queues of the hooks that listen; those nobody listens to are dropped.
        Whether there may be more."""
        ...

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[Claim]: ...
    async def first(self, claim: Claim) -> Delivery | None: ...
    async def delivered(self, claim: Claim, delivery: Delivery, call: HookCall, leased_until: datetime) -> bool:
        """Done: the next one is first. Renews the lease."""
        ...

    async def failed(self, claim: Claim, call: HookCall, due_at: datetime) -> bool:
        """To be tried again, and the claim given back until then."""
        ...

    async def give_up(self, claim: Claim, call: HookCall, hook: Hook) -> bool:
        """Deactivate the hook, unless somebody has changed it, and drop all that waits for it."""
        ...

    async def release(self, claim: Claim, due_at: datetime) -> None:
        """Give the claim back as it is. A queue that is empty goes."""
        ...

    async def drop(self, store_hash: str, hook_id: int) -> None: ...
    async def pause(self, store_hash: str, host: str, until: datetime) -> None: ...
    async def paused_until(self, store_hash: str, host: str, now: datetime) -> datetime | None: ...
    async def tidy(self, store_hash: str, now: datetime, *, idle_before: datetime, log_before: datetime) -> int:
        """Deactivate hooks idle for too long (how many), forget old lines of the log and pauses that are over."""
        ...


class UnitOfWork(Protocol):
    """Everything one store keeps."""

    store_hash: str
    is_transaction: bool
    """Whether all of it is one transaction, in which nothing but the database may be waited for."""

    async def together(self, work: "Callable[[UnitOfWork], Awaitable[T]]") -> T:
        """All that `work` does with the unit it is given is committed when it has returned, or nothing of it. It may be
        called again."""
        ...

    @property
    def checkouts(self) -> Checkouts: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def order_pickups(self) -> OrderPickups: ...
    @property
    def coupons(self) -> Coupons: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def gift_certificates(self) -> GiftCertificates: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def access(self) -> Access: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def metafields(self) -> Metafields: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def shop(self) -> Shops: ...
    @property
    def tax_connections(self) -> TaxConnections: ...
    @property
    def carrier_connections(self) -> CarrierConnections: ...
    @property
    def carrier_quotes(self) -> CarrierQuotes: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def tax_quotes(self) -> TaxQuotes: ...

    async def store(self) -> Store:
        """The store as configured now. Raises `NotFound`."""
        ...

    async def replace_store(self, before: Store, after: Store) -> bool: ...
    async def hold_store(self) -> None:
        """Wait for who is changing the store; until the end of the transaction nobody else does."""
        ...

    async def secret(self) -> str:
        """What the store signs with; made when the store was."""
        ...

    async def next_number(self, sequence: str) -> int: ...
    async def next_numbers(self, sequence: str, count: int) -> range:
        """So many in a row; at least one."""
        ...


class Stores(Protocol):
    """All stores of one database."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def tax_submissions(self) -> TaxSubmissions: ...
    @property
    def carrier_quotes(self) -> CarrierQuotes: ...
    @property
    def carrier_answers(self) -> CarrierAnswers: ...
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

    async def applied_migrations(self) -> frozenset[int]:
        """The numbers of the migrations the database has."""
        ...

    async def waiting(self) -> Waiting:
        """What is still to be delivered, in all stores."""
        ...
