"""What a store calls its carriers with."""

import msgspec

from checkstand.domain.carrier import CarrierConnection
from checkstand.storage.port import Driver
from checkstand.storage.sql.rows import body_of, encode

_connection = msgspec.json.Decoder(CarrierConnection).decode


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
