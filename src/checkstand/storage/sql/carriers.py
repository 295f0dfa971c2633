"""What a store calls its carriers with, and what they answered."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from checkstand.domain.carrier import CarrierConnection, CarrierRate
from checkstand.storage.port import Driver, KeptRates
from checkstand.storage.sql.rows import body_of, encode, micros, text_of, time_of

_connection = msgspec.json.Decoder(CarrierConnection).decode
_rates = msgspec.json.Decoder(tuple[CarrierRate, ...]).decode


class SqlCarrierConnections:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def get(self, carrier_id: str) -> CarrierConnection | None:
        row = await self._driver.one("carrier_connection_get", store_hash=self._store_hash, carrier_id=carrier_id)
        return _connection(body_of(row)) if row else None

    async def put(self, connection: CarrierConnection) -> None:
        await self._driver.run(
            "carrier_connection_put",
            store_hash=self._store_hash,
            carrier_id=connection.carrier_id,
            body=encode(connection),
        )

    async def remove(self, carrier_id: str) -> bool:
        removed = await self._driver.run(
            "carrier_connection_delete", store_hash=self._store_hash, carrier_id=carrier_id
        )
        return removed == 1


class SqlCarrierAnswers:
    """Of all stores; each statement is about one."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def of_checkout(self, store_hash: str, checkout_id: str, now: datetime) -> list[KeptRates]:
        rows = await self._driver.all(
            "carrier_answer_all", store_hash=store_hash, checkout_id=checkout_id, now=micros(now)
        )
        return [
            KeptRates(
                store_hash=store_hash,
                checkout_id=checkout_id,
                fingerprint=text_of(row, "fingerprint"),
                expires_at=time_of(row, "expires_at"),
                rates=_rates(body_of(row)),
            )
            for row in rows
        ]

    async def keep(self, answers: Sequence[KeptRates]) -> None:
        """In the same order in every process, so that no two wait for each other in a circle."""

        async def work(transaction: Driver) -> None:
            for answer in sorted(answers, key=lambda each: (each.checkout_id, each.fingerprint)):
                await transaction.run(
                    "carrier_answer_put",
                    store_hash=answer.store_hash,
                    checkout_id=answer.checkout_id,
                    fingerprint=answer.fingerprint,
                    expires_at=micros(answer.expires_at),
                    body=encode(answer.rates),
                )

        await self._driver.transaction(work)

    async def forget(self, store_hash: str, now: datetime) -> None:
        await self._driver.run("carrier_answer_forget", store_hash=store_hash, before=micros(now))
