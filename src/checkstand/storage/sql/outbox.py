"""Events on their way to webhooks, shared by any number of workers.

An event is first fanned out: in one transaction copied into the queue of each hook that listens, and deleted. Queues are per hook
and subject. A worker claims a queue with a lease, takes deliveries off its head one after the other, and gives it back. Every
write of a worker asks for its lease, so one that was overtaken changes nothing. Whoever puts something into a queue, or closes an
empty one, first writes to the queue itself: of the two one waits for the other, and nothing is put into what is gone.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from secrets import token_hex

from checkstand.domain.hook import Hook, covers
from checkstand.storage.port import Claim, Delivery, Driver, HookCall, Row, Value
from checkstand.storage.sql.hooks import drop_waiting
from checkstand.storage.sql.rows import LostRace, body_of, micros, next_in_sequence, number_of, text_of, time_of

BATCH = 100
"""Events that are fanned out in one transaction: few, since requests wait for it on SQLite."""
POSITIONS = 1000
"""For the deliveries of one batch; the same for ever, since what waits is numbered by it."""
USED_SECONDS = 3600
"""How exactly it is known when a hook was last used."""


class SqlOutbox:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def stores(self) -> list[str]:
        return [text_of(row, "store_hash") for row in await self._driver.all("event_stores")]

    async def all_stores(self) -> list[str]:
        return [text_of(row, "store_hash") for row in await self._driver.all("store_all")]

    # ------------------------------------------------------------------------------------------------ fanning out

    async def fan_out(self, store_hash: str, now: datetime) -> bool:
        async def work(transaction: Driver) -> bool:
            # The number of the batch is also a lock: two workers never fan out events of one store at the same time, so
            # deliveries are numbered in the order of the events.
            batch = await next_in_sequence(transaction, store_hash, "hook_batch", 1)
            events = await transaction.all("event_batch", store_hash=store_hash, limit=BATCH)
            listening = await transaction.all("hook_listening", store_hash=store_hash)
            waiting = [
                (number_of(hook, "hook_id"), batch * POSITIONS + index, event)
                for index, event in enumerate(events)
                for hook in listening
                if covers(text_of(hook, "scope"), text_of(event, "scope"))
            ]
            await self._enqueue(transaction, store_hash, waiting, now)
            for event in events:
                await transaction.run("event_delete", store_hash=store_hash, event_id=text_of(event, "event_id"))
            return len(events) == BATCH

        return await self._driver.transaction(work)

    async def _enqueue(
        self, transaction: Driver, store_hash: str, waiting: list[tuple[int, int, Row]], now: datetime
    ) -> None:
        for hook_id, subject in sorted({(hook_id, text_of(event, "subject")) for hook_id, _, event in waiting}):
            await transaction.run("queue_put", store_hash=store_hash, hook_id=hook_id, subject=subject, now=micros(now))
        for hook_id, position, event in waiting:
            await transaction.run(
                "delivery_insert",
                store_hash=store_hash,
                hook_id=hook_id,
                subject=text_of(event, "subject"),
                position=position,
                event_id=text_of(event, "event_id"),
                scope=text_of(event, "scope"),
                created_at=number_of(event, "created_at"),
                body=body_of(event),
            )

    # ------------------------------------------------------------------------------------------------ claiming

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[Claim]:
        due = await self._driver.one("queue_is_due", now=micros(now))
        if due is None or due["due_count"] == 0:
            return []  # asked several times a second: most often there is nothing, and nothing is written
        rows = await self._driver.all(
            "queue_claim", limit=limit, now=micros(now), leased_until=micros(leased_until), lease=token_hex(16)
        )
        return [_claim(row) for row in rows]

    async def first(self, claim: Claim) -> Delivery | None:
        row = await self._driver.one("delivery_first", **_key(claim))
        return _delivery(row) if row else None

    async def delivered(self, claim: Claim, delivery: Delivery, call: HookCall, leased_until: datetime) -> bool:
        async def work(transaction: Driver) -> None:
            if not await transaction.run(
                "queue_advance", **_key(claim), lease=claim.lease, leased_until=micros(leased_until)
            ):
                raise LostRace
            await transaction.run("delivery_delete", **_key(claim), position=delivery.position)
            await self._log(transaction, claim.store_hash, call)
            now = micros(call.called_at)
            await transaction.run(
                "hook_used",
                store_hash=claim.store_hash,
                hook_id=claim.hook_id,
                now=now,
                before=now - USED_SECONDS * 1_000_000,
            )

        return await self._unless_overtaken(work)

    async def failed(self, claim: Claim, call: HookCall, due_at: datetime) -> bool:
        async def work(transaction: Driver) -> None:
            if not await self._give_back(transaction, claim, call.attempt, due_at):
                raise LostRace
            await self._log(transaction, claim.store_hash, call)

        return await self._unless_overtaken(work)

    async def give_up(self, claim: Claim, call: HookCall, hook: Hook) -> bool:
        async def work(transaction: Driver) -> None:
            if not await self._give_back(transaction, claim, call.attempt, call.called_at):
                raise LostRace
            await transaction.run(
                "hook_deactivate",
                store_hash=claim.store_hash,
                hook_id=hook.id,
                expected_updated_at=micros(hook.updated_at),
                updated_at=max(micros(call.called_at), micros(hook.updated_at) + 1),
            )
            await drop_waiting(transaction, claim.store_hash, hook.id)
            await self._log(transaction, claim.store_hash, call)

        return await self._unless_overtaken(work)

    async def release(self, claim: Claim, due_at: datetime) -> None:
        async def work(transaction: Driver) -> None:
            if await self._give_back(transaction, claim, claim.attempts, due_at):
                await transaction.run("queue_delete_empty", **_key(claim))

        await self._driver.transaction(work)

    async def drop(self, store_hash: str, hook_id: int) -> None:
        async def work(transaction: Driver) -> None:
            await drop_waiting(transaction, store_hash, hook_id)

        await self._driver.transaction(work)

    async def _give_back(self, driver: Driver, claim: Claim, attempts: int, due_at: datetime) -> bool:
        return (
            await driver.run(
                "queue_release", **_key(claim), lease=claim.lease, attempts=attempts, due_at=micros(due_at)
            )
            == 1
        )

    async def _unless_overtaken(self, work: Callable[[Driver], Awaitable[None]]) -> bool:
        try:
            await self._driver.transaction(work)
        except LostRace:
            return False
        return True

    async def _log(self, transaction: Driver, store_hash: str, call: HookCall) -> None:
        await transaction.run(
            "hook_call_insert",
            store_hash=store_hash,
            call_id=f"{_call_id(call.called_at)}-{token_hex(4)}",
            hook_id=call.hook_id,
            event_id=call.event_id,
            subject=call.subject,
            scope=call.scope,
            host=call.host,
            called_at=micros(call.called_at),
            milliseconds=call.milliseconds,
            attempt=call.attempt,
            status=call.status,
            error=call.error,
        )

    # ------------------------------------------------------------------------------------------------ pauses and upkeep

    async def pause(self, store_hash: str, host: str, until: datetime) -> None:
        await self._driver.run("pause_put", store_hash=store_hash, host=host, paused_until=micros(until))

    async def paused_until(self, store_hash: str, host: str, now: datetime) -> datetime | None:
        row = await self._driver.one("pause_get", store_hash=store_hash, host=host, now=micros(now))
        return time_of(row, "paused_until") if row else None

    async def tidy(self, store_hash: str, now: datetime, *, idle_before: datetime, log_before: datetime) -> int:
        await self._driver.run("hook_call_delete", store_hash=store_hash, before=_call_id(log_before))
        await self._driver.run("pause_delete", store_hash=store_hash, now=micros(now))
        return await self._driver.run(
            "hook_deactivate_idle", store_hash=store_hash, idle_before=micros(idle_before), updated_at=micros(now)
        )


def _key(claim: Claim) -> dict[str, Value]:
    return {"store_hash": claim.store_hash, "hook_id": claim.hook_id, "subject": claim.subject}


def _call_id(at: datetime) -> str:
    """Lines of the log are in the order of time."""
    return f"{micros(at):016x}"


def _claim(row: Row) -> Claim:
    return Claim(
        store_hash=text_of(row, "store_hash"),
        hook_id=number_of(row, "hook_id"),
        subject=text_of(row, "subject"),
        lease=text_of(row, "lease"),
        attempts=number_of(row, "attempts"),
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        position=number_of(row, "position"),
        event_id=text_of(row, "event_id"),
        scope=text_of(row, "scope"),
        created_at=time_of(row, "created_at"),
        data=body_of(row),
    )
