"""Asks carriers for their rates, and remembers what they said (BEHAVIOUR 7, D45).

In the memory of each process, by the fingerprint of the question, for as long as the carrier says; the same question is asked
once only, however many requests wait for the answer.

A carrier that fails must not make every shopper wait. Each store's connection to a carrier has a circuit:
1. closed: the carrier is asked;
2. a time-out, or some failures in a row, opens it: nobody is made to wait, the carrier counts as having no rates;
3. while it is open and somebody wants rates, the last question is asked again every now and then, with nobody waiting for it;
   an answer closes it, and what was remembered of the failures is forgotten.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from checkstand.domain.carrier import CarrierRate
from checkstand.domain.carrier_rates import Unusable, rates
from checkstand.outbound import NotReached, Post, TimedOut, poster
from checkstand.storage.port import CarrierCounts, CarrierQuestion

log = logging.getLogger("checkstand")

SHORTEST_KEPT_SECONDS = 10.0
"""Longer than one request takes once it has been answered, so that its later tries find what the first was told."""
FAILURE_KEPT_SECONDS = 10.0
MOST_KEPT = 10_000
MOST_BYTES = 1024 * 1024
FAILURES_TO_OPEN = 5
PROBE_SECONDS = 2.0
LONGEST_PROBE_SECONDS = 60.0
"""How long after a failure an open circuit's carrier is asked again: at first, and after many failures."""
WANTED_SECONDS = 600.0
"""A carrier nobody has wanted rates of for so long is left alone; its circuit is closed, until it fails again."""
LONGEST_REASON = 300
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}

Rates = tuple[CarrierRate, ...]
Circuit = tuple[str, str, str]
"""A store, a carrier, and where that is reached."""


@asynccontextmanager
async def rating(allowed_hosts: frozenset[str]) -> AsyncIterator["Carriers"]:
    """Asks until the process ends."""
    async with poster(allowed_hosts, most_bytes=MOST_BYTES) as post:
        carriers = Carriers(post)
        try:
            yield carriers
        finally:
            await carriers.stop()


class _Answer(Struct, frozen=True):
    good_until: float
    rates: Rates
    failed: Circuit | None = None


class _State:
    """Of a circuit that is open, or on which something has failed."""

    def __init__(self) -> None:
        self.failures = 0
        self.wanted_at = 0.0
        self.probing: asyncio.Task[None] | None = None


class Carriers:
    """`now` counts seconds; it and the numbers are for tests."""

    def __init__(
        self,
        post: Post,
        now: Callable[[], float] = time.monotonic,
        *,
        most_kept: int = MOST_KEPT,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._post, self._now = post, now
        self._most_kept, self._probe_seconds = most_kept, probe_seconds
        self._answers: dict[str, _Answer] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._states: dict[Circuit, _State] = {}
        self._calls: Counter[tuple[str, str]] = Counter()

    def known(self, question: CarrierQuestion) -> Rates | None:
        """None of a carrier whose circuit is open are known, too; that somebody wanted them is remembered."""
        answer = self._answers.get(question.fingerprint)
        if answer is not None and self._now() < answer.good_until:
            return answer.rates
        state = self._states.get(_circuit(question))
        if state is None or state.probing is None:
            return None
        state.wanted_at = self._now()
        return ()

    async def ask(self, questions: Sequence[CarrierQuestion]) -> None:
        """Whoever asked first and went away leaves the question to the others."""
        unknown = {each.fingerprint: each for each in questions if self.known(each) is None}
        if not unknown:
            return
        tasks = []
        for fingerprint, question in unknown.items():
            if fingerprint not in self._asking:
                self._asking[fingerprint] = asyncio.create_task(self._ask(question))
            tasks.append(self._asking[fingerprint])
        await asyncio.shield(asyncio.gather(*tasks, return_exceptions=True))

    def counts(self) -> CarrierCounts:
        states = self._states.items()
        opened = Counter(carrier_id for (_, carrier_id, _), state in states if state.probing is not None)
        return CarrierCounts(dict(self._calls), dict(opened))

    async def stop(self) -> None:
        probes = [state.probing for state in self._states.values() if state.probing]
        tasks = [*self._asking.values(), *probes]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------ one question

    async def _ask(self, question: CarrierQuestion) -> None:
        circuit = _circuit(question)
        try:
            found, seconds = await self._asked(question)
        except (NotReached, Unusable) as failure:
            self._keep(question, _Answer(self._now() + FAILURE_KEPT_SECONDS, (), failed=circuit))
            self._failed(circuit, question, is_late=isinstance(failure, TimedOut))
        else:
            self._worked(circuit)
            self._keep(question, _Answer(self._now() + max(float(seconds), SHORTEST_KEPT_SECONDS), found))
        finally:
            self._asking.pop(question.fingerprint, None)

    async def _asked(self, question: CarrierQuestion) -> tuple[Rates, int]:
        """Raises `NotReached` and `Unusable`, once they are counted and logged."""
        outcome = "failed"
        try:
            response = await self._post(question.url, HEADERS, question.body, question.timeout_seconds)
            if response.status != 200:
                raise NotReached(f"answered {response.status}")
            found = rates(response.body, question.currencies)
            outcome = "answered"
        except (NotReached, Unusable) as failure:
            outcome = "timed_out" if isinstance(failure, TimedOut) else "failed"
            self._log(question, failure)
            raise
        finally:
            self._calls[question.carrier_id, outcome] += 1
        if found.left_out:
            self._log(question, f"{len(found.left_out)} quotes left out, first {found.left_out[0]}")
        return found.rates, found.seconds

    def _log(self, question: CarrierQuestion, why: object) -> None:
        reason = repr(str(why)[:LONGEST_REASON])
        log.warning("rates of carrier %s for %s: %s", question.carrier_id, question.store_hash, reason)

    def _keep(self, question: CarrierQuestion, answer: _Answer) -> None:
        self._answers.pop(question.fingerprint, None)
        if len(self._answers) >= self._most_kept:
            del self._answers[next(iter(self._answers))]
        self._answers[question.fingerprint] = answer

    # ------------------------------------------------------------------------------------------------ circuits

    def _failed(self, circuit: Circuit, question: CarrierQuestion, *, is_late: bool) -> None:
        state = self._states.setdefault(circuit, _State())
        state.failures += 1
        if state.probing is None and (is_late or state.failures >= FAILURES_TO_OPEN):
            log.warning("carrier %s of %s is not asked for now", question.carrier_id, question.store_hash)
            state.wanted_at = self._now()
            state.probing = asyncio.create_task(self._probe(circuit, state, question))

    def _worked(self, circuit: Circuit) -> None:
        state = self._states.pop(circuit, None)
        if state is None:
            return
        if state.probing is not None:
            log.warning("carrier %s of %s is asked again", circuit[1], circuit[0])
            if state.probing is not asyncio.current_task():
                state.probing.cancel()
        self._answers = {key: answer for key, answer in self._answers.items() if answer.failed != circuit}

    async def _probe(self, circuit: Circuit, state: _State, question: CarrierQuestion) -> None:
        pause = self._probe_seconds
        try:
            while self._now() - state.wanted_at <= WANTED_SECONDS:
                await asyncio.sleep(pause)
                try:
                    found, seconds = await self._asked(question)
                except (NotReached, Unusable):
                    pause = min(pause * 2, LONGEST_PROBE_SECONDS)
                    continue
                self._worked(circuit)
                self._keep(question, _Answer(self._now() + max(float(seconds), SHORTEST_KEPT_SECONDS), found))
                return
        finally:
            if self._states.get(circuit) is state:
                del self._states[circuit]


def _circuit(question: CarrierQuestion) -> Circuit:
    return question.store_hash, question.carrier_id, question.url
