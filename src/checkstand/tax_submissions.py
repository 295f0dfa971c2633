"""Tells tax providers of orders, in the background of each server process (BEHAVIOUR 8).

Over and over: claim what is due, of any store; send it; write down that it was taken, or when to try again. At least once: what
was sent is done only when the provider has said so, and a worker that dies leaves a lease that ends. A provider knows an order
by its number, so it can tell what it was told before. A void waits for its commit.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from checkstand.domain.hook import Schedule
from checkstand.domain.tax_quote import TaxConnection, TaxProvider
from checkstand.errors import CheckoutError
from checkstand.outbound import NotReached, Post, poster
from checkstand.settings import Settings
from checkstand.storage.port import ClaimedSubmission, Stores
from checkstand.tax_providers import MOST_BYTES, provider_headers

log = logging.getLogger("checkstand")

MOST_AT_ONCE = 8
LONGEST_NAME = 255
STOP_SECONDS = 2
"""How long calls under way may take to end when the server stops; what is cut off is sent again later."""
SCHEDULE = Schedule(poll_seconds=1.0)
"""As for webhooks: eleven more tries within two days."""
COMMIT_FIRST_SECONDS = 5.0
"""How long a void waits before it looks again whether the commit was taken."""


@asynccontextmanager
async def submitting(storage: Stores, settings: Settings) -> AsyncIterator[None]:
    """Tells for as long as the server runs."""
    async with poster(settings.provider_hosts, most_bytes=MOST_BYTES) as post:
        submitter = Submitter(storage, post)
        running = asyncio.create_task(submitter.run())
        try:
            yield
        finally:
            submitter.stop()
            await asyncio.wait({running}, timeout=STOP_SECONDS)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class Taken(Struct, frozen=True):
    """What is read of a provider's answer: its own name for what it was told, if it has one."""

    id: str = ""


class Submitter:
    """Takes its share of the work of all stores. `now` and `schedule` are for tests."""

    def __init__(
        self,
        storage: Stores,
        post: Post,
        schedule: Schedule = SCHEDULE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._storage, self._queue, self._post = storage, storage.tax_submissions, post
        self._schedule, self._now = schedule, now
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`. A database that is away for a while is asked again."""
        while not self._stop.is_set():
            more = False
            try:
                more = await self.work()
            except CheckoutError as error:
                log.warning("tax submissions wait: %s", error.message)
            except Exception:
                log.exception("tax submissions wait")
            if not more:
                await self._rest()

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is under way is done."""
        self._stop.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._schedule.poll_seconds):
                await self._stop.wait()
        except TimeoutError:
            pass

    async def work(self) -> bool:
        """Whether there was anything to do."""
        now = self._now()
        claims = await self._queue.claim(MOST_AT_ONCE, now, now + timedelta(seconds=self._schedule.lease_seconds))
        await asyncio.gather(*(self._submit(claimed) for claimed in claims))
        return bool(claims)

    async def _submit(self, claimed: ClaimedSubmission) -> None:
        """Whatever goes wrong on our side, the lease ends and somebody tries again."""
        try:
            quote_id = await self._sent(claimed)
            if quote_id is None:
                await self._queue.release(claimed, self._now() + timedelta(seconds=COMMIT_FIRST_SECONDS))
            else:
                await self._queue.done(claimed, quote_id)
        except NotReached as failure:
            await self._failed(claimed, str(failure))
        except CheckoutError as error:
            log.warning("tax %s of order %s waits: %s", claimed.submission.action, _name(claimed), error.message)

    async def _sent(self, claimed: ClaimedSubmission) -> str | None:
        """What the provider calls it; None: it is not its turn. Raises `NotReached`."""
        submission, order_id = claimed.submission, claimed.submission.order_id
        unit = self._storage.unit(claimed.store_hash)
        provider = (await unit.store()).tax_provider(submission.provider_id)
        connection = await unit.tax_connections.get(submission.provider_id)
        if provider is None or connection is None or not connection.is_configured(provider):
            raise NotReached("the store is not connected to the provider")
        if submission.action == "commit":
            answer = await self._call(claimed, provider, connection, "/commit", submission.body)
            return _own_name(answer) or str(order_id)
        commit = await unit.tax_connections.submitted(order_id, "commit")
        if commit is None or commit.state == "given_up":
            return str(order_id)  # the provider never heard of it
        if commit.state == "waiting":
            return None
        await self._call(claimed, provider, connection, f"/void?{urlencode({'id': commit.quote_id})}", b"")
        return commit.quote_id

    async def _call(
        self, claimed: ClaimedSubmission, provider: TaxProvider, connection: TaxConnection, path: str, body: bytes
    ) -> bytes:
        headers = provider_headers(claimed.store_hash, connection.username, connection.password)
        url = f"{connection.url(provider)}{path}"
        response = await self._post(url, headers, body, self._schedule.timeout_seconds)
        if response.status != 200:
            raise NotReached(f"answered {response.status}")
        return response.body

    async def _failed(self, claimed: ClaimedSubmission, error: str) -> None:
        wait = self._schedule.retry_after(claimed.attempts + 1)
        await self._queue.failed(claimed, error, self._now() + wait if wait else None)
        action, name = claimed.submission.action, _name(claimed)
        if wait:
            log.warning("tax %s of order %s: %s", action, name, error)
        else:
            log.error("tax %s of order %s was given up: %s", action, name, error)


def _name(claimed: ClaimedSubmission) -> str:
    return f"{claimed.submission.order_id} of {claimed.store_hash}"


def _own_name(answer: bytes) -> str:
    try:
        name = msgspec.json.decode(answer, type=Taken).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return name if len(name) <= LONGEST_NAME else ""
