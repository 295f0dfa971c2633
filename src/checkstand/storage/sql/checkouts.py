"""Checkouts: one row each, replaced only while what was read is still what is there."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.shown import Audience, Shown
from checkstand.errors import NotFound
from checkstand.storage.port import Driver, Value
from checkstand.storage.sql.rows import body_of, encode, micros, put_events, text_of

_checkout = msgspec.json.Decoder(Checkout).decode
_shown = msgspec.json.Decoder(Shown).decode

SHOWN_LIFETIME = timedelta(days=1)
"""How long it is kept, at least, that a reader was shown more than a checkout was saved with."""
MOST_REMEMBERED = 512
LONGEST_REMEMBERED = 16 * 1024
"""In bytes of JSON, of which the checkout itself takes some five times as many."""

remembered: dict[str, tuple[bytes, Checkout]] = {}
"""What bodies mean, the latest of them, by the id of the checkout: one that was written is most often read again soon. Whether it
is still what is in the database does not matter, since that is asked first; and a checkout is frozen all through, so it can be
shared. Bodies are compared, which is quicker than hashing them."""


def _decoded(checkout_id: str, body: bytes) -> Checkout:
    known = remembered.get(checkout_id)
    if known is not None and known[0] == body:
        return known[1]
    checkout = _checkout(body)
    _remember(body, checkout)
    return checkout


def _encoded(checkout: Checkout) -> bytes:
    body = encode(checkout)
    _remember(body, checkout)
    return body


def _remember(body: bytes, checkout: Checkout) -> None:
    remembered.pop(checkout.id, None)
    if len(body) <= LONGEST_REMEMBERED:
        remembered[checkout.id] = (body, checkout)
        if len(remembered) > MOST_REMEMBERED:
            del remembered[next(iter(remembered))]


class SqlCheckouts:
    def __init__(
        self, driver: Driver, store_hash: str, read_along: Callable[[str], bytes | None] = lambda _: None
    ) -> None:
        """`read_along` gives the body of a checkout that has just been read with something else."""
        self._driver, self._store_hash, self._read_along = driver, store_hash, read_along

    async def get(self, checkout_id: str) -> Checkout:
        if (body := self._read_along(checkout_id)) is not None:
            return _decoded(checkout_id, body)
        row = await self._driver.one("checkout_get", store_hash=self._store_hash, checkout_id=checkout_id)
        if row is None:
            raise NotFound(f"There is no cart or checkout {checkout_id}.", code="checkout_not_found")
        return _decoded(checkout_id, body_of(row))

    async def insert(self, checkout: Checkout, events: Sequence[Event]) -> None:
        async def work(transaction: Driver) -> None:
            await transaction.run("checkout_insert", **checkout_row(self._store_hash, checkout))
            await put_events(transaction, self._store_hash, checkout.id, events, checkout.updated_at)

        await self._driver.transaction(work)

    async def hold(self, checkout_id: str) -> None:
        await self._driver.run("checkout_hold", store_hash=self._store_hash, checkout_id=checkout_id)

    async def replace(self, before: Checkout, after: Checkout, events: Sequence[Event]) -> bool:
        row = checkout_row(self._store_hash, after)
        if not events:
            return await self._driver.run("checkout_replace", **row, **expected(before)) == 1

        async def work(transaction: Driver) -> bool:
            if await transaction.run("checkout_replace", **row, **expected(before)) == 0:
                return False
            await put_events(transaction, self._store_hash, after.id, events, after.updated_at)
            return True

        return await self._driver.transaction(work)

    async def delete(self, before: Checkout, events: Sequence[Event]) -> bool:
        async def work(transaction: Driver) -> bool:
            gone = await transaction.run(
                "checkout_delete", store_hash=self._store_hash, checkout_id=before.id, **expected(before)
            )
            if gone:
                await transaction.run("metafield_delete_of_cart", store_hash=self._store_hash, checkout_id=before.id)
                await put_events(transaction, self._store_hash, before.id, events, before.updated_at)
            return gone == 1

        return await self._driver.transaction(work)

    async def shown(self, checkout_id: str, audience: Audience) -> Shown | None:
        row = await self._driver.one(
            "shown_get", store_hash=self._store_hash, checkout_id=checkout_id, audience=audience
        )
        return _shown(body_of(row)) if row else None

    async def keep_shown(self, checkout_id: str, audience: Audience, shown: Shown | None, now: datetime) -> None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "checkout_id": checkout_id, "audience": audience}
        if shown is None:
            await self._driver.run("shown_delete", **key)
            return
        await self._driver.run("shown_forget", store_hash=self._store_hash, before=micros(now - SHOWN_LIFETIME))
        await self._driver.run("shown_put", **key, shown_at=micros(now), body=encode(shown))

    async def latest_ids(self, limit: int) -> list[str]:
        rows = await self._driver.all("checkout_ids", store_hash=self._store_hash, limit=limit)
        return [text_of(row, "checkout_id") for row in rows]


def checkout_row(store_hash: str, checkout: Checkout) -> dict[str, Value]:
    return {
        "store_hash": store_hash,
        "checkout_id": checkout.id,
        "version": checkout.version,
        "order_id": checkout.order_id or 0,
        "customer_id": checkout.customer_id,
        "updated_at": micros(checkout.updated_at),
        "body": _encoded(checkout),
    }


def expected(before: Checkout) -> dict[str, Value]:
    """What must still be so for a checkout to be replaced. An order made of it does not change its version (D65)."""
    return {"expected_version": before.version, "expected_order_id": before.order_id or 0}
