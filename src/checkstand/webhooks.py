"""Delivers the outbox to webhooks (BEHAVIOUR 9), in the background of each server process.

Over and over: fan out new events into the queues of the hooks that listen; claim some queues that are due; send what is in each
of them, one after the other, until it is empty or a call fails. Many queues are served at the same time, each by one worker
only. A call that fails is made again after a while, and what comes after it in the same queue waits.

At least once: what was sent is forgotten only after the receiver said that it has it. A worker that dies leaves a lease behind;
when it ends another worker goes on.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from checkstand.domain.destination import destination_of
from checkstand.domain.hook import Hook, Schedule, message_id, payload, signed_headers
from checkstand.errors import CheckoutError
from checkstand.outbound import NotReached, Resolve, poster, resolve
from checkstand.service.hooks import client_secret
from checkstand.settings import Settings
from checkstand.storage.port import Claim, Delivery, HookCall, Stores

log = logging.getLogger("checkstand")

MOST_AT_ONCE = 64
"""Queues that one process serves at the same time."""
MOST_IN_A_ROW = 50
"""Deliveries from one queue before others get their turn."""
STOP_SECONDS = 2
"""How long calls under way may take to end when the server stops; what is cut off is sent again later."""


@asynccontextmanager
async def delivering(storage: Stores, settings: Settings) -> AsyncIterator[None]:
    """Delivers for as long as the server runs."""
    async with sender(settings.webhook_hosts) as post:
        worker = Worker(storage, post)
        running = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            await running


# ---------------------------------------------------------------------------------------------------- one call


class Outcome(Struct, frozen=True):
    """`error` "": the receiver has it. `status` 0: there was no answer."""

    status: int
    error: str
    milliseconds: int


Send = Callable[[str, dict[str, str], bytes, float], Awaitable[Outcome]]
"""Destination, headers, body and time-out in seconds."""


@asynccontextmanager
async def sender(allowed_hosts: frozenset[str], resolve: Resolve = resolve) -> AsyncIterator[Send]:
    """Makes calls, and says what became of them."""
    async with poster(allowed_hosts, resolve) as post:

        async def send(destination: str, headers: dict[str, str], body: bytes, timeout_seconds: float) -> Outcome:
            started, status = time.monotonic(), 0
            try:
                status = (await post(destination, headers, body, timeout_seconds)).status
                error = "" if 200 <= status < 300 else f"answered {status}"
            except NotReached as failure:
                error = str(failure)
            return Outcome(status, error, round((time.monotonic() - started) * 1000))

        yield send


# ---------------------------------------------------------------------------------------------------- a worker


class Worker:
    """Takes its share of the work of all stores. `now` and `schedule` are for tests."""

    def __init__(
        self,
        storage: Stores,
        send: Send,
        schedule: Schedule | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._storage, self._outbox, self._send, self._now = storage, storage.outbox, send, now
        self._schedule = schedule or Schedule()
        self._serving: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._tidied_at: datetime | None = None

    async def run(self) -> None:
        """Until `stop`. A database that is away for a while is asked again."""
        while not self._stopping:
            more = False
            try:
                await self._tidy()
                more = await self._fan_out()
                await self._claim()
            except CheckoutError as error:
                log.warning("webhooks wait: %s", error.message)
            except Exception:
                log.exception("webhooks wait")
            if not more and not self._stopping:
                await self._rest()
        await self._let_go()

    def stop(self) -> None:
        """Take nothing new; `run` returns soon."""
        self._stopping = True
        self._wake.set()

    async def _let_go(self) -> None:
        """Let calls under way end, or give back what they were for."""
        if self._serving:
            _, late = await asyncio.wait(self._serving, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self) -> None:
        """Until it is time to look again, or somebody is free to take more."""
        try:
            async with asyncio.timeout(self._schedule.poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _tidy(self) -> None:
        now, schedule = self._now(), self._schedule
        if self._tidied_at is not None and now - self._tidied_at < timedelta(seconds=schedule.upkeep_seconds):
            return
        self._tidied_at = now
        idle_before, log_before = now - timedelta(days=schedule.idle_days), now - timedelta(days=schedule.log_days)
        for store_hash in await self._outbox.all_stores():
            await self._outbox.tidy(store_hash, now, idle_before=idle_before, log_before=log_before)

    async def _fan_out(self) -> bool:
        """Whether there may be more."""
        return any([await self._outbox.fan_out(store_hash, self._now()) for store_hash in await self._outbox.stores()])

    async def _claim(self) -> None:
        free = MOST_AT_ONCE - len(self._serving)
        if free <= 0:
            return
        now = self._now()
        for claim in await self._outbox.claim(free, now, self._lease(now)):
            task = asyncio.create_task(self._serve(claim))
            self._serving.add(task)
            task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        if len(self._serving) >= MOST_AT_ONCE:
            self._wake.set()
        self._serving.discard(task)

    def _lease(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._schedule.lease_seconds)

    # ------------------------------------------------------------------------------------------------ a queue

    async def _serve(self, claim: Claim) -> None:
        """Everything that waits in one queue. Whatever goes wrong on our side, the lease ends and somebody tries again."""
        try:
            for _ in range(MOST_IN_A_ROW):
                if not await self._deliver_next(claim):
                    return
                claim = msgspec.structs.replace(claim, attempts=0)
            await self._outbox.release(claim, self._now())
        except asyncio.CancelledError:
            await self._outbox.release(claim, self._now())
            raise
        except CheckoutError as error:
            log.warning("webhook %s waits: %s", claim.hook_id, error.message)
        except Exception:
            log.exception("webhook %s waits", claim.hook_id)

    async def _deliver_next(self, claim: Claim) -> bool:
        """Whether there may be more to do for this claim; if not it has been given back."""
        delivery = await self._outbox.first(claim)
        if delivery is None:
            await self._outbox.release(claim, self._now())
            return False
        hook = await self._storage.unit(claim.store_hash).hooks.get(claim.hook_id)
        if hook is None or not hook.is_active:
            await self._outbox.drop(claim.store_hash, claim.hook_id)
            return False
        host, now = destination_of(hook.destination).host, self._now()
        if paused_until := await self._outbox.paused_until(claim.store_hash, host, now):
            await self._outbox.release(claim, paused_until)
            return False
        outcome = await self._call(claim, delivery, hook)
        call = _logged(claim, delivery, host, outcome, now)
        if not outcome.error:
            return await self._outbox.delivered(claim, delivery, call, self._lease(self._now()))
        await self._failed(claim, hook, call)
        return False

    async def _call(self, claim: Claim, delivery: Delivery, hook: Hook) -> Outcome:
        data = msgspec.json.decode(delivery.data)
        body = payload(claim.store_hash, delivery.event_id, delivery.scope, data, delivery.created_at)
        secret = await client_secret(self._storage.unit(claim.store_hash), hook.client)
        headers = {
            **(hook.headers or {}),
            "Content-Type": "application/json",
            **signed_headers(secret, message_id(delivery.event_id, hook.id), self._now(), body),
        }
        return await self._send(hook.destination, headers, body, self._schedule.timeout_seconds)

    async def _failed(self, claim: Claim, hook: Hook, call: HookCall) -> None:
        log.warning("webhook %s of %s: %s %s", hook.id, claim.store_hash, call.host, call.error)
        wait = self._schedule.retry_after(call.attempt)
        if wait is not None:
            await self._outbox.failed(claim, call, self._now() + wait)
            await self._pause_if_failing(claim.store_hash, call.host)
        elif await self._outbox.give_up(claim, call, hook):
            log.warning(
                "webhook %s of %s was deactivated after %s attempts; what waited for it was dropped",
                hook.id,
                claim.store_hash,
                call.attempt,
            )

    async def _pause_if_failing(self, store_hash: str, host: str) -> None:
        schedule, now = self._schedule, self._now()
        since = now - timedelta(seconds=schedule.window_seconds)
        counts = await self._storage.unit(store_hash).hooks.call_counts(host, since)
        successes = sum(count.count for count in counts if not count.error)
        if schedule.is_failing(sum(count.count for count in counts), successes):
            await self._outbox.pause(store_hash, host, now + timedelta(seconds=schedule.pause_seconds))


def _logged(claim: Claim, delivery: Delivery, host: str, outcome: Outcome, now: datetime) -> HookCall:
    return HookCall(
        hook_id=claim.hook_id,
        event_id=delivery.event_id,
        subject=claim.subject,
        scope=delivery.scope,
        host=host,
        called_at=now,
        milliseconds=outcome.milliseconds,
        attempt=claim.attempts + 1,
        status=outcome.status,
        error=outcome.error,
    )
