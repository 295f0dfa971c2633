"""What somebody tried lately: so many different things in a time, and the rest is refused, through however many processes."""

from datetime import datetime, timedelta

from checkstand.storage.port import Driver, Value
from checkstand.storage.sql.rows import fingerprint, micros, number_of, text_of, time_of

KEPT = timedelta(hours=1)
"""No limit looks further back."""
HELD = ""
"""Stands for nothing that was tried: whoever writes this row first goes first."""


class SqlAttempts:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def refused_until(
        self, who: str, what: str, now: datetime, *, most: int, within: timedelta
    ) -> datetime | None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "who_hash": fingerprint(who)}
        tried = {**key, "tried_at": micros(now)}
        await self._driver.run("attempt_forget", store_hash=self._store_hash, before=micros(now - KEPT))

        async def work(transaction: Driver) -> datetime | None:
            await transaction.run("attempt_put", **tried, what_hash=HELD)
            rows = [row for row in await transaction.all("attempt_all", **key) if row["what_hash"] != HELD]
            if fingerprint(what) in [text_of(row, "what_hash") for row in rows]:
                return None
            recent = [row for row in rows if number_of(row, "tried_at") > micros(now - within)]
            if len(recent) >= most:
                return time_of(recent[0], "tried_at") + within
            await transaction.run("attempt_put", **tried, what_hash=fingerprint(what))
            return None

        return await self._driver.transaction(work)

    async def forget(self, who: str, what: str = "") -> None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "who_hash": fingerprint(who)}
        await self._driver.run("attempt_delete", **key, what_hash=fingerprint(what) if what else "")
