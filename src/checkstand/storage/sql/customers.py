"""Customers with their address books: a row each, with the store credit as a counter, and a row for each address that says whose
it is. What is looked for stands in columns; texts there are without case."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from checkstand.domain import events
from checkstand.domain.address import CustomerAddress
from checkstand.domain.customers import email_key
from checkstand.domain.events import Event
from checkstand.domain.facts import Customer
from checkstand.domain.money import Money
from checkstand.errors import Taken
from checkstand.storage.port import Account, AddressSearch, CustomerSearch, Driver, NotUnique, Row, Value
from checkstand.storage.sql.rows import body_of, encode, micros, number_of, put_events, rows_of, text_of

_customer = msgspec.json.Decoder(Customer).decode

MARK = "\x1f"
"""Stands around the entries of a list; what is looked for has no control characters."""
LARGEST_ID = 2**53
LATEST = 2**62


class SqlCustomers:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def account(self, customer_id: int) -> Account | None:
        row = await self._driver.one("customer_get", **self._key(customer_id))
        return _account(row) if row else None

    async def get(self, customer_id: int) -> Customer | None:
        account = await self.account(customer_id)
        return account.customer if account else None

    async def accounts(self) -> list[Account]:
        """All of them, for a dump."""
        return [_account(row) for row in await self._driver.all("customer_all", store_hash=self._store_hash)]

    async def find(self, email: str) -> Account | None:
        row = await self._driver.one("customer_by_email", store_hash=self._store_hash, email=email_key(email))
        return _account(row) if row else None

    async def insert(self, account: Account, now: datetime) -> None:
        async def work(transaction: Driver) -> None:
            await insert_customer(transaction, self._store_hash, account)
            await self._tell(transaction, events.customer_created(account.customer), account.customer.id, now)

        await self._driver.transaction(work)

    async def edit(
        self,
        customer_id: int,
        change: Callable[[Customer], Customer],
        now: datetime,
        *,
        password_hash: str | None = None,
    ) -> Customer | None:
        async def work(transaction: Driver) -> Customer | None:
            if not await transaction.run("customer_hold", **self._key(customer_id)):
                return None
            row = await transaction.one("customer_get", **self._key(customer_id))
            assert row is not None
            before = customer_of(row)
            after = change(before)
            if email_key(after.email) != email_key(before.email):
                await expect_free(transaction, self._store_hash, after)
            kept = text_of(row, "password_hash") if password_hash is None else password_hash
            values = _values(self._store_hash, Account(customer=after, password_hash=kept))
            try:
                await transaction.run("customer_update", **values)
            except NotUnique:
                raise _taken(after) from None
            if after.addresses != before.addresses:
                await put_addresses(transaction, self._store_hash, after)
            if password_hash is not None:
                await transaction.run("session_delete_of_customer", **self._key(customer_id))
            await self._tell(transaction, events.customer_changed(before, after), customer_id, now)
            return after

        return await self._driver.transaction(work)

    async def remove(self, customer_id: int, now: datetime) -> bool:
        async def work(transaction: Driver) -> bool:
            if not await transaction.run("customer_delete", **self._key(customer_id)):
                return False
            for statement in ("customer_address_delete_all", "session_delete_of_customer"):
                await transaction.run(statement, **self._key(customer_id))
            await self._tell(transaction, [events.customer_event("deleted", customer_id)], customer_id, now)
            return True

        return await self._driver.transaction(work)

    async def page(
        self, search: CustomerSearch, *, sort: str, descending: bool, limit: int, offset: int = 0
    ) -> list[Customer]:
        direction = -1 if descending else 1
        values = await self._searched(search)
        rows = await self._driver.all(
            "customer_page", sort=sort, direction=direction, limit=limit, offset=offset, **values
        )
        return [customer_of(row) for row in rows]

    async def count(self, search: CustomerSearch) -> int:
        row = await self._driver.one("customer_count", **await self._searched(search))
        assert row is not None
        return number_of(row, "customer_count")

    async def addresses(
        self, search: AddressSearch, *, limit: int, offset: int = 0
    ) -> list[tuple[Customer, CustomerAddress]]:
        values = await self._searched_addresses(search)
        rows = await self._driver.all("customer_address_page", limit=limit, offset=offset, **values)
        found = ((customer_of(row), number_of(row, "address_id")) for row in rows)
        return [(owner, address) for owner, wanted in found for address in owner.addresses if address.id == wanted]

    async def address_count(self, search: AddressSearch) -> int:
        row = await self._driver.one("customer_address_count", **await self._searched_addresses(search))
        assert row is not None
        return number_of(row, "address_count")

    async def cart_id(self, customer_id: int) -> str:
        row = await self._driver.one("customer_get", **self._key(customer_id))
        return text_of(row, "cart_id") if row else ""

    async def put_cart_id(self, customer_id: int, cart_id: str) -> None:
        await self._driver.run("customer_put_cart", **self._key(customer_id), cart_id=cart_id)

    async def drop_cart_id(self, customer_id: int, cart_id: str) -> None:
        await self._driver.run("customer_drop_cart", **self._key(customer_id), cart_id=cart_id)

    async def hold(self, customer_id: int) -> bool:
        return await self._driver.run("customer_hold", **self._key(customer_id)) == 1

    async def _ids_of(self, statement: str, keys: Sequence[Value]) -> set[int]:
        rows = await rows_of(self._driver, self._store_hash, statement, keys)
        return {number_of(row, "customer_id") for row in rows}

    def _key(self, customer_id: int) -> dict[str, Value]:
        return {"store_hash": self._store_hash, "customer_id": customer_id}

    async def _tell(self, driver: Driver, happened: Sequence[Event], customer_id: int, now: datetime) -> None:
        await put_events(driver, self._store_hash, f"customer {customer_id}", happened, now)

    async def _searched(self, search: CustomerSearch) -> dict[str, Value]:
        """Emails are found by their index, and become ids; only customers between the first and the last id are looked at."""
        ids = search.ids
        if search.emails is not None:
            keys = [email_key(email) for email in search.emails]
            found = await self._ids_of("customer_ids_by_email", keys)
            ids = sorted(found if ids is None else found & set(ids))
        return {
            "store_hash": self._store_hash,
            "mark": MARK,
            **_between(ids),
            "ids": _listed(ids),
            "names": _listed(search.names),
            "companies": _listed(search.companies),
            "phones": _listed(search.phones),
            "group_ids": _listed(search.group_ids),
            "ip_addresses": _listed(search.registration_ip_addresses),
            "name_part": _plain(search.name_part),
            "created_from": micros(search.created_from) if search.created_from else 0,
            "created_before": micros(search.created_before) if search.created_before else LATEST,
            "modified_from": micros(search.modified_from) if search.modified_from else 0,
            "modified_before": micros(search.modified_before) if search.modified_before else LATEST,
        }

    async def _searched_addresses(self, search: AddressSearch) -> dict[str, Value]:
        """Only addresses of customers between the first and the last id are looked at."""
        owners: Collection[int] | None = search.customer_ids
        if search.ids is not None:
            found = await self._ids_of("customer_address_owners", search.ids)
            owners = found if owners is None else found & set(owners)
        return {
            "store_hash": self._store_hash,
            "mark": MARK,
            **_between(owners),
            "ids": _listed(search.ids),
            "customer_ids": _listed(search.customer_ids),
            "names": _listed(search.names),
            "companies": _listed(search.companies),
        }


def _between(ids: Collection[int] | None) -> dict[str, Value]:
    return {"min_id": min(ids or (0,)), "max_id": max(ids or (LARGEST_ID if ids is None else 0,))}


def _listed(entries: Sequence[int] | Sequence[str] | None) -> str:
    return "" if entries is None else "".join(f"{MARK}{_plain(str(entry))}{MARK}" for entry in entries) or MARK


def _plain(text: str) -> str:
    """As a column that is looked at holds it."""
    return text.strip().lower()


def _account(row: Row) -> Account:
    return Account(customer=customer_of(row), password_hash=text_of(row, "password_hash"))


def customer_of(row: Row) -> Customer:
    """With the credit that is left now."""
    customer = _customer(body_of(row))
    if customer.store_credit is None or row["store_credit"] is None:
        return customer
    return replace(customer, store_credit=Money(number_of(row, "store_credit"), customer.store_credit.currency))


def _credit_minor(customer: Customer) -> int:
    return customer.store_credit.minor if customer.store_credit else 0


async def take_credit(transaction: Driver, store_hash: str, customer_id: int, amount: Money) -> int:
    """How many customers had so much: 1, or 0 and nothing was taken."""
    key: dict[str, Value] = {"store_hash": store_hash, "customer_id": customer_id}
    row = await transaction.one("customer_get", **key)
    if row is not None and row["store_credit"] is None:
        await transaction.run("credit_begin", **key, store_credit=_credit_minor(_customer(body_of(row))))
    return await transaction.run("credit_take", **key, amount=amount.minor)


def _values(store_hash: str, account: Account) -> dict[str, Value]:
    customer = account.customer
    return {
        "store_hash": store_hash,
        "customer_id": customer.id,
        "email": email_key(customer.email),
        "password_hash": account.password_hash,
        "store_credit": _credit_minor(customer),
        "group_id": customer.group_id,
        "full_name": _plain(customer.full_name),
        "last_name": _plain(customer.last_name),
        "company": _plain(customer.company),
        "phone": _plain(customer.phone),
        "registration_ip_address": _plain(customer.registration_ip_address),
        "created_at": micros(customer.created_at) if customer.created_at else 0,
        "modified_at": micros(customer.modified_at) if customer.modified_at else 0,
        "body": encode(customer),
    }


async def expect_free(driver: Driver, store_hash: str, customer: Customer) -> None:
    """Raises `Taken` when another customer has the email."""
    other = await driver.one("customer_by_email", store_hash=store_hash, email=email_key(customer.email))
    if other is not None and other["customer_id"] != customer.id:
        raise _taken(customer)


def _taken(customer: Customer) -> Taken:
    return Taken(f"The store has another customer with the email {customer.email}.", code="email_taken")


async def insert_customer(driver: Driver, store_hash: str, account: Account) -> None:
    """Raises `Taken`."""
    await expect_free(driver, store_hash, account.customer)
    if not await driver.run("customer_insert", **_values(store_hash, account)):
        raise _taken(account.customer)
    await put_addresses(driver, store_hash, account.customer)


async def put_addresses(driver: Driver, store_hash: str, customer: Customer) -> None:
    """What addresses of a customer are looked for by. Raises `Taken`."""
    key: dict[str, Value] = {"store_hash": store_hash, "customer_id": customer.id}
    await driver.run("customer_address_delete_all", **key)
    for address in customer.addresses:
        if address.id:
            name = _plain(f"{address.first_name} {address.last_name}")
            values: dict[str, Value] = {"address_id": address.id, "full_name": name, "company": _plain(address.company)}
            if not await driver.run("customer_address_insert", **key, **values):
                raise Taken(f"Address {address.id} of {customer.email} belongs to another customer of the store.")
