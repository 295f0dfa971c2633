"""Asks tax providers for estimates, and remembers what they said (BEHAVIOUR 8).

In the memory of each process: an estimate is worth asking for again where it is not known. The same question is asked once
only, however many requests wait for the answer; a failure is an answer, too, though not for long.
"""

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

from checkstand.domain.pricing.tax_documents import Unusable, quote
from checkstand.domain.tax_quote import FAILED, TaxQuote
from checkstand.outbound import NotReached, Post, poster
from checkstand.storage.port import TaxQuestion

log = logging.getLogger("checkstand")

TIMEOUT_SECONDS = 4.0
KEPT_SECONDS = 600.0
FAILURE_KEPT_SECONDS = 10.0
"""Longer than one request asks, so that its later tries and its neighbours need not wait as well."""
MOST_KEPT = 10_000
MOST_BYTES = 4 * 1024 * 1024


@asynccontextmanager
async def asking(allowed_hosts: frozenset[str]) -> AsyncIterator["TaxProviders"]:
    """Asks until the process ends."""
    async with poster(allowed_hosts, most_bytes=MOST_BYTES) as post:
        providers = TaxProviders(post)
        try:
            yield providers
        finally:
            await providers.stop()


class TaxProviders:
    """`now` counts seconds; it and the times are for tests."""

    def __init__(
        self,
        post: Post,
        now: Callable[[], float] = time.monotonic,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._post, self._now = post, now
        self._timeout_seconds, self._most_kept = timeout_seconds, most_kept
        self._answers: dict[str, tuple[float, TaxQuote]] = {}
        self._asking: dict[str, asyncio.Task[TaxQuote]] = {}

    def known(self, question: TaxQuestion) -> TaxQuote | None:
        good_until, answer = self._answers.get(question.fingerprint, (0.0, FAILED))
        return answer if self._now() < good_until else None

    async def ask(self, question: TaxQuestion) -> TaxQuote:
        """Whoever asked first and went away leaves the question to the others."""
        if known := self.known(question):
            return known
        task = self._asking.get(question.fingerprint)
        if task is None:
            task = self._asking[question.fingerprint] = asyncio.create_task(self._ask(question))
        return await asyncio.shield(task)

    async def stop(self) -> None:
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, question: TaxQuestion) -> TaxQuote:
        try:
            answer = await self._asked(question)
            self._keep(question.fingerprint, answer)
            return answer
        finally:
            del self._asking[question.fingerprint]

    async def _asked(self, question: TaxQuestion) -> TaxQuote:
        try:
            body = msgspec.json.encode(question.told.request)
            headers = provider_headers(question.store_hash, question.username, question.password)
            response = await self._post(question.url, headers, body, self._timeout_seconds)
            if response.status != 200:
                raise NotReached(f"answered {response.status}")
            return quote(question.told, response.body)
        except (NotReached, Unusable) as failure:
            log.warning("tax estimate of %s for %s: %s", question.url, question.store_hash, failure)
            return FAILED

    def _keep(self, fingerprint: str, answer: TaxQuote) -> None:
        seconds = FAILURE_KEPT_SECONDS if answer.status == "failed" else KEPT_SECONDS
        self._answers.pop(fingerprint, None)
        if len(self._answers) >= self._most_kept:
            del self._answers[next(iter(self._answers))]
        self._answers[fingerprint] = (self._now() + seconds, answer)


def provider_headers(store_hash: str, username: str, password: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-Bc-Store-Hash": store_hash,
    }
