"""Pick-ups of orders: a row each. Who writes one holds its order."""

import msgspec

from checkstand.domain.order_pickups import OrderPickup
from checkstand.storage.port import Driver
from checkstand.storage.sql.rows import body_of, encode

_pickup = msgspec.json.Decoder(OrderPickup).decode


class SqlOrderPickups:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def get(self, pickup_id: int) -> OrderPickup | None:
        row = await self._driver.one("order_pickup_get", store_hash=self._store_hash, pickup_id=pickup_id)
        return _pickup(body_of(row)) if row else None

    async def of_order(self, order_id: int) -> list[OrderPickup]:
        rows = await self._driver.all("order_pickup_of_order", store_hash=self._store_hash, order_id=order_id)
        return [_pickup(body_of(row)) for row in rows]

    async def page(self, *, limit: int, offset: int = 0) -> list[OrderPickup]:
        rows = await self._driver.all("order_pickup_page", store_hash=self._store_hash, limit=limit, offset=offset)
        return [_pickup(body_of(row)) for row in rows]

    async def put(self, pickup: OrderPickup) -> None:
        await self._driver.run(
            "order_pickup_put",
            store_hash=self._store_hash,
            pickup_id=pickup.id,
            order_id=pickup.order_id,
            body=encode(pickup),
        )

    async def remove(self, pickup_id: int) -> None:
        await self._driver.run("order_pickup_delete", store_hash=self._store_hash, pickup_id=pickup_id)
