"""Webhooks of a store, and the log of what was sent to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import msgspec

from checkstand.domain.hook import Hook, Status
from checkstand.storage.port import CallCount, Driver, HookCall, Row, Value
from checkstand.storage.sql.rows import LostRace, body_of, encode, micros, number_of, text_of, time_of

_headers = msgspec.json.Decoder(Mapping[str, str] | None).decode


class SqlHooks:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def insert(self, hook: Hook) -> None:
        await self._driver.run(
            "hook_insert", client=hook.client, created_at=micros(hook.created_at), **self._changeable(hook)
        )

    async def get(self, hook_id: int) -> Hook | None:
        row = await self._driver.one("hook_get", store_hash=self._store_hash, hook_id=hook_id)
        return _hook(row) if row else None

    async def of_client(self, client: str) -> list[Hook]:
        rows = await self._driver.all("hook_of_client", store_hash=self._store_hash, client=client)
        return [_hook(row) for row in rows]

    async def replace(self, before: Hook, after: Hook) -> bool:
        async def work(transaction: Driver) -> None:
            expected = micros(before.updated_at)
            if not await transaction.run("hook_replace", expected_updated_at=expected, **self._changeable(after)):
                raise LostRace
            if before.is_active != after.is_active:
                await drop_waiting(transaction, self._store_hash, before.id)

        try:
            await self._driver.transaction(work)
        except LostRace:
            return False
        return True

    async def remove(self, hook_id: int) -> bool:
        async def work(transaction: Driver) -> bool:
            await drop_waiting(transaction, self._store_hash, hook_id)
            return await transaction.run("hook_delete", store_hash=self._store_hash, hook_id=hook_id) == 1

        return await self._driver.transaction(work)

    async def calls(self, limit: int, hook_id: int = 0) -> list[HookCall]:
        rows = await self._driver.all("hook_call_latest", store_hash=self._store_hash, hook_id=hook_id, limit=limit)
        return [_call(row) for row in rows]

    async def call_counts(self, host: str, since: datetime) -> list[CallCount]:
        return await call_counts(self._driver, self._store_hash, host, since)

    async def pauses(self, now: datetime) -> dict[str, datetime]:
        rows = await self._driver.all("pause_all", store_hash=self._store_hash, now=micros(now))
        return {text_of(row, "host"): time_of(row, "paused_until") for row in rows}

    def _changeable(self, hook: Hook) -> dict[str, Value]:
        return {
            "store_hash": self._store_hash,
            "hook_id": hook.id,
            "scope": hook.scope,
            "destination": hook.destination,
            "status": hook.status,
            "updated_at": micros(hook.updated_at),
            "idle_since": micros(hook.idle_since),
            "body": encode(hook.headers),
        }


async def drop_waiting(transaction: Driver, store_hash: str, hook_id: int) -> int:
    """Nothing waits for the hook any more; how many deliveries did. Leases on them end with their queues."""
    await transaction.run("queue_delete_of_hook", store_hash=store_hash, hook_id=hook_id)
    return await transaction.run("delivery_delete_of_hook", store_hash=store_hash, hook_id=hook_id)


async def call_counts(driver: Driver, store_hash: str, host: str, since: datetime) -> list[CallCount]:
    rows = await driver.all("hook_call_counts", store_hash=store_hash, host=host, since=micros(since))
    return [CallCount(text_of(row, "error"), number_of(row, "call_count"), time_of(row, "called_at")) for row in rows]


def _hook(row: Row) -> Hook:
    return Hook(
        id=number_of(row, "hook_id"),
        client=text_of(row, "client"),
        scope=text_of(row, "scope"),
        destination=text_of(row, "destination"),
        headers=_headers(body_of(row)),
        status=cast("Status", text_of(row, "status")),
        created_at=time_of(row, "created_at"),
        updated_at=time_of(row, "updated_at"),
        idle_since=time_of(row, "idle_since"),
    )


def _call(row: Row) -> HookCall:
    return HookCall(
        hook_id=number_of(row, "hook_id"),
        event_id=text_of(row, "event_id"),
        subject=text_of(row, "subject"),
        scope=text_of(row, "scope"),
        host=text_of(row, "host"),
        called_at=time_of(row, "called_at"),
        milliseconds=number_of(row, "milliseconds"),
        attempt=number_of(row, "attempt"),
        status=number_of(row, "status"),
        error=text_of(row, "error"),
    )
