"""Which mails somebody agreed to be sent: a row for each address."""

import msgspec

from checkstand.domain.subscription import Subscription, key_of
from checkstand.storage.port import Driver
from checkstand.storage.sql.rows import body_of, encode

_subscription = msgspec.json.Decoder(Subscription).decode


class SqlSubscriptions:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def find(self, email: str) -> Subscription | None:
        row = await self._driver.one("subscription_find", store_hash=self._store_hash, email_key=key_of(email))
        return _subscription(body_of(row)) if row else None

    async def hold(self, fresh: Subscription) -> Subscription:
        row = await self._driver.one(
            "subscription_hold", store_hash=self._store_hash, email_key=key_of(fresh.email), body=encode(fresh)
        )
        assert row is not None
        return _subscription(body_of(row))

    async def replace(self, after: Subscription) -> None:
        await self._driver.run(
            "subscription_replace", store_hash=self._store_hash, email_key=key_of(after.email), body=encode(after)
        )
