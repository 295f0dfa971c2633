"""What a store calls its tax providers with."""

import msgspec

from checkstand.domain.tax_quote import TaxConnection
from checkstand.storage.port import Driver
from checkstand.storage.sql.rows import body_of, encode

_connection = msgspec.json.Decoder(TaxConnection).decode


class SqlTaxConnections:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def get(self, provider_id: str) -> TaxConnection | None:
        row = await self._driver.one("tax_connection_get", store_hash=self._store_hash, provider_id=provider_id)
        return _connection(body_of(row)) if row else None

    async def put(self, connection: TaxConnection) -> None:
        await self._driver.run(
            "tax_connection_put",
            store_hash=self._store_hash,
            provider_id=connection.provider_id,
            body=encode(connection),
        )

    async def remove(self, provider_id: str) -> None:
        await self._driver.run("tax_connection_delete", store_hash=self._store_hash, provider_id=provider_id)
