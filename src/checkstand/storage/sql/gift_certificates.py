"""Gift certificates: a row each, with the balance as a counter. Orders take from it, and from the store credit of customers, by one
guarded statement each; nobody reads a balance to write it back."""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.money import Money
from checkstand.domain.payments import Spent, used_elsewhere
from checkstand.errors import Taken
from checkstand.storage.port import CertificateSearch, Driver, NotUnique, Row, Value
from checkstand.storage.sql.customers import take_credit
from checkstand.storage.sql.rows import body_of, encode, number_of, rows_of

_certificate = msgspec.json.Decoder(GiftCertificate).decode

NO_LIMIT = 2**62


class SqlGiftCertificates:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def find_some(self, codes: Collection[str]) -> dict[str, GiftCertificate]:
        rows = await rows_of(self._driver, self._store_hash, "certificate_find_some", [key_of(code) for code in codes])
        return {key_of(certificate.code): certificate for certificate in map(_of, rows)}

    async def get(self, certificate_id: int) -> GiftCertificate | None:
        return await _get(self._driver, self._store_hash, certificate_id)

    async def page(
        self, search: CertificateSearch, *, descending: bool = False, limit: int = NO_LIMIT, offset: int = 0
    ) -> list[GiftCertificate]:
        values = msgspec.structs.asdict(search)
        values["code_key"] = key_of(values.pop("code"))
        direction = -1 if descending else 1
        rows = await self._driver.all(
            "certificate_page", store_hash=self._store_hash, direction=direction, limit=limit, offset=offset, **values
        )
        return [_of(row) for row in rows]

    async def insert(self, certificate: GiftCertificate) -> None:
        await insert_certificate(self._driver, self._store_hash, certificate)

    async def edit(
        self, certificate_id: int, change: Callable[[GiftCertificate], GiftCertificate]
    ) -> GiftCertificate | None:
        async def work(transaction: Driver) -> GiftCertificate | None:
            key: dict[str, Value] = {"store_hash": self._store_hash, "certificate_id": certificate_id}
            if not await transaction.run("certificate_hold", **key):
                return None
            before = await _get(transaction, self._store_hash, certificate_id)
            assert before is not None
            after = change(before)
            if key_of(after.code) != key_of(before.code):
                other = await transaction.one(
                    "certificate_find", store_hash=self._store_hash, code_key=key_of(after.code)
                )
                if other is not None:
                    raise _taken(after.code)
            try:
                await transaction.run("certificate_update", **_values(self._store_hash, after))
            except NotUnique:
                raise _taken(after.code) from None
            return after

        return await self._driver.transaction(work)

    async def remove(self, certificate_id: int) -> bool:
        key: dict[str, Value] = {"store_hash": self._store_hash, "certificate_id": certificate_id}
        return await self._driver.run("certificate_delete", **key) == 1

    async def remove_all(self) -> None:
        await self._driver.run("certificate_delete_all", store_hash=self._store_hash)


async def _get(driver: Driver, store_hash: str, certificate_id: int) -> GiftCertificate | None:
    row = await driver.one("certificate_get", store_hash=store_hash, certificate_id=certificate_id)
    return _of(row) if row else None


def _of(row: Row) -> GiftCertificate:
    certificate = _certificate(body_of(row))
    return replace(certificate, balance=Money(number_of(row, "balance"), certificate.balance.currency))


def _values(store_hash: str, certificate: GiftCertificate) -> dict[str, Value]:
    return {
        "store_hash": store_hash,
        "certificate_id": certificate.id,
        "code_key": key_of(certificate.code),
        "balance": certificate.balance.minor,
        "status": certificate.status,
        "order_id": certificate.order_id,
        "to_name": certificate.to_name,
        "to_email": certificate.to_email,
        "from_name": certificate.from_name,
        "from_email": certificate.from_email,
        "body": encode(certificate),
    }


def _taken(code: str) -> Taken:
    return Taken(f"The store has another gift certificate with the code {code}.")


async def insert_certificate(driver: Driver, store_hash: str, certificate: GiftCertificate) -> None:
    """Raises `Taken`."""
    if not await driver.run("certificate_insert", **_values(store_hash, certificate)):
        raise _taken(certificate.code)


async def put_certificates(transaction: Driver, store_hash: str, certificates: Iterable[GiftCertificate]) -> None:
    """Those of a shop file, in the place of the ones with their ids. Raises `Taken`."""
    certificates = tuple(certificates)
    for certificate in certificates:
        await transaction.run("certificate_delete", store_hash=store_hash, certificate_id=certificate.id)
    for certificate in certificates:
        await insert_certificate(transaction, store_hash, certificate)


# ---------------------------------------------------------------------------------------------------- orders


async def take_payments(transaction: Driver, store_hash: str, customer_id: int, taken: Sequence[Spent]) -> None:
    """In the order they come in, which is the same for every order. Raises `BalanceChanged`: nothing was taken then, since the
    transaction ends with it."""
    for each in taken:
        if each.key:
            changed = await transaction.run(
                "certificate_take", store_hash=store_hash, code_key=each.key, amount=each.amount.minor
            )
        else:
            changed = await take_credit(transaction, store_hash, customer_id, each.amount)
        if not changed:
            raise used_elsewhere(each.code)
