"""A whole shop at once, as a shop file has it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_hex

import msgspec
from msgspec.structs import replace

from checkstand.domain.address import CustomerAddress
from checkstand.domain.facts import Customer, Product, Store
from checkstand.domain.promotions import PromotionCode
from checkstand.errors import Taken, Unavailable
from checkstand.storage.port import Account, CertificateSearch, Driver, StoredShop, Value
from checkstand.storage.sql.access import SqlAccess
from checkstand.storage.sql.catalog import SqlCatalog, columns_of
from checkstand.storage.sql.codes import SqlCodes, insert_codes
from checkstand.storage.sql.customers import SqlCustomers, customer_of, insert_customer
from checkstand.storage.sql.gift_certificates import SqlGiftCertificates, put_certificates
from checkstand.storage.sql.rows import body_of, encode, micros, next_in_sequence, number_of, text_of

_code = msgspec.json.Decoder(PromotionCode).decode
_product = msgspec.json.Decoder(Product).decode


LARGEST_NUMBER = 2**63 - 1


class SqlShop:
    """The store as a whole. What a file names is taken out first and put in again, so that products may swap their names and
    customers their emails; what is then still in the way belongs to something the file does not name."""

    def __init__(
        self,
        driver: Driver,
        store_hash: str,
        store: Callable[[], Awaitable[Store]],
        catalog: SqlCatalog,
        access: SqlAccess,
        certificates: SqlGiftCertificates,
    ) -> None:
        self._driver, self._store_hash = driver, store_hash
        self._store, self._catalog, self._access, self._certificates = store, catalog, access, certificates

    async def put(self, shop: StoredShop, now: datetime) -> None:
        async def work(transaction: Driver) -> None:
            await self._put_store(transaction, shop.store)
            for sequence, value in shop.numbers.items():
                await transaction.run("sequence_raise", store_hash=self._store_hash, name=sequence, value=value)
            await self._put_products(transaction, shop.products)
            for variant_id, by_location in shop.stock.items():
                await self._put_stock(transaction, variant_id, by_location)
            await self._put_customers(transaction, shop.customers)
            await self._put_codes(transaction, shop.codes, {promotion.id for promotion in shop.store.promotions})
            await put_certificates(transaction, self._store_hash, shop.gift_certificates)
            for token_hash, caller in shop.tokens:
                await transaction.run(
                    "token_insert",
                    store_hash=self._store_hash,
                    token_hash=token_hash,
                    name=caller.name,
                    scopes=" ".join(sorted(caller.scopes)),
                    created_at=micros(now),
                )
            for app in shop.apps:
                await transaction.run(
                    "app_put", store_hash=self._store_hash, client_id=app.client_id, secret=app.secret
                )

        await self._driver.transaction(work)

    async def _put_store(self, transaction: Driver, store: Store) -> None:
        row = await transaction.one("store_revision", store_hash=self._store_hash)
        values: dict[str, Value] = {"store_hash": self._store_hash, "body": encode(store)}
        values |= {"secret": token_hex(32)} if row is None else {"revision": number_of(row, "revision")}
        if not await transaction.run("store_insert" if row is None else "store_replace", **values):
            raise Unavailable("Somebody else is changing this store; try again.")
        await transaction.run("host_delete_all", store_hash=self._store_hash)
        for host in store.hosts:
            await transaction.run("host_insert", store_hash=self._store_hash, host=host)

    async def _put_products(self, transaction: Driver, products: Sequence[Product]) -> None:
        for product in products:
            key: dict[str, Value] = {"store_hash": self._store_hash, "product_id": product.id}
            for row in await transaction.all("variant_of_product", **key):
                await self._put_stock(transaction, number_of(row, "variant_id"), {})
            await transaction.run("variant_delete_of_product", **key)
            await transaction.run("product_delete", **key)
        for product in products:
            key = {"store_hash": self._store_hash, "product_id": product.id}
            if not await transaction.run("product_insert", **key, **columns_of(product)):
                raise Taken(f"The store has another product called {product.name}, which the file does not have.")
            for variant in product.variants:
                other = await transaction.one("product_of_variant", store_hash=self._store_hash, variant_id=variant.id)
                if other is not None:
                    raise Taken(
                        f"Variant {variant.id} of product {product.id} belongs to another product of the store, "
                        f"{_product(body_of(other)).name}."
                    )
                await transaction.run("variant_insert", **key, variant_id=variant.id, sku=variant.sku)

    async def _put_stock(self, transaction: Driver, variant_id: int, by_location: Mapping[int, int]) -> None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "variant_id": variant_id}
        await transaction.run("stock_delete", **key)
        for location_id, units in by_location.items():
            await transaction.run("stock_set", **key, location_id=location_id, units=units)

    async def _put_customers(self, transaction: Driver, customers: Sequence[tuple[Customer, str]]) -> None:
        """Who is signed in stays so, and keeps their cart; whose password is another one does not. An address without an id
        keeps the one it has in the book already, or gets the next one of the store."""
        carts: dict[int, str] = {}
        books: dict[int, tuple[CustomerAddress, ...]] = {}
        for customer, password_hash in customers:
            key: dict[str, Value] = {"store_hash": self._store_hash, "customer_id": customer.id}
            row = await transaction.one("customer_get", **key)
            if row is not None:
                carts[customer.id] = text_of(row, "cart_id")
                books[customer.id] = customer_of(row).addresses
                if text_of(row, "password_hash") != password_hash:
                    await transaction.run("session_delete_of_customer", **key)
            await transaction.run("customer_delete", **key)
            await transaction.run("customer_address_delete_all", **key)
        for customer, password_hash in customers:
            numbered = await self._numbered(transaction, customer, books.get(customer.id, ()))
            await insert_customer(
                transaction, self._store_hash, Account(customer=numbered, password_hash=password_hash)
            )
            if cart_id := carts.get(customer.id):
                key = {"store_hash": self._store_hash, "customer_id": customer.id}
                await transaction.run("customer_put_cart", **key, cart_id=cart_id)

    async def _numbered(self, transaction: Driver, customer: Customer, book: Sequence[CustomerAddress]) -> Customer:
        given = {address.id for address in customer.addresses}
        known = {replace(address, id=0): address.id for address in book if address.id not in given}
        addresses = []
        for address in customer.addresses:
            address_id = address.id or known.pop(address, 0)
            if not address_id:
                address_id = await next_in_sequence(transaction, self._store_hash, "customer_address", 1)
            addresses.append(replace(address, id=address_id))
        return replace(customer, addresses=tuple(addresses))

    async def _put_codes(
        self, transaction: Driver, codes: Sequence[PromotionCode], promotion_ids: Collection[int]
    ) -> None:
        """Codes of promotions that are gone go with them."""
        for promotion_id in await SqlCodes(transaction, self._store_hash).promotion_ids():
            if promotion_id not in promotion_ids:
                await transaction.run(
                    "code_delete_of_promotion", store_hash=self._store_hash, promotion_id=promotion_id
                )
        for code in codes:
            for row in await transaction.all("code_get", store_hash=self._store_hash, code_id=code.id):
                known = _code(body_of(row))
                await transaction.run(
                    "code_delete", store_hash=self._store_hash, code_id=known.id, promotion_id=known.promotion_id
                )
        await insert_codes(transaction, self._store_hash, codes)

    async def get(self) -> StoredShop:
        products = await self._driver.all(
            "product_page", store_hash=self._store_hash, name="", sku="", limit=LARGEST_NUMBER, offset=0
        )
        accounts = await SqlCustomers(self._driver, self._store_hash).accounts()
        return StoredShop(
            store=await self._store(),
            products=[_product(body_of(row)) for row in products],
            stock=await self._catalog.all_stock(),
            customers=[(account.customer, account.password_hash) for account in accounts],
            gift_certificates=await self._certificates.page(CertificateSearch()),
            tokens=await self._access.tokens(),
            codes=await SqlCodes(self._driver, self._store_hash).all(),
            apps=await self._access.apps(),
        )
