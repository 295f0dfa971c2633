"""Asks carriers for their rates, and remembers what they said (BEHAVIOUR 7, D45).

By the fingerprint of the question, for as long as the carrier says, in the memory of each process and, for the others and for
those that come after it, in the database. The same question is asked once only, however many requests wait for the answer.
1. A request looks into the memory (`known`); what it does not find it asks for, outside of any transaction (`ask`).
2. What another process was told of the checkout is read from the database, once.
3. The carriers are asked for the rest, all at once.
4. What they said is written to the database with nobody waiting for it. Where that fails others ask again, and nothing is lost.

A carrier that fails must not make every shopper wait. Each store's connection to a carrier has a circuit:
1. closed: the carrier is asked;
2. a time-out, or some failures in a row, opens it: nobody is made to wait, the carrier counts as giving no answer;
3. while it is open and somebody wants rates, the last question is asked again every now and then, with nobody waiting for it;
   an answer closes it, and what was remembered of the failures is forgotten.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from checkstand.domain.carrier import NO_ANSWER, Carrier, CarrierAnswer, CarrierRate
from checkstand.domain.carrier_rates import ConnectionAnswer, ConnectionCheck, Unusable, connection_answer, rates
from checkstand.errors import CheckoutError
from checkstand.outbound import NotReached, Post, TimedOut, poster
from checkstand.storage.port import CarrierAnswers, CarrierCounts, CarrierQuestion, KeptRates

log = logging.getLogger("checkstand")

SHORTEST_KEPT_SECONDS = 10.0
"""Longer than one request takes once it has been answered, so that its later tries find what the first was told."""
FAILURE_KEPT_SECONDS = 10.0
MOST_AT_ONCE = 1000
"""Questions put to carriers for one answer; a checkout may have hundreds of consignments, and a zone several carriers. What is
beyond them counts as not answered, as long as a failure does; then it has its turn, since what was answered is known."""
MOST_KEPT = 10_000
MOST_UNSHARED = 1000
"""Answers that wait to be written to the database; when there are more the oldest are not."""
MOST_SHARED_AT_ONCE = 100
FORGET_SECONDS = 60.0
"""How often, at most, a process removes a store's answers that have expired from the database."""
STOP_SECONDS = 2.0
"""How long writing what was answered last may take when the process ends."""
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
async def rating(allowed_hosts: frozenset[str], shared: CarrierAnswers) -> AsyncIterator["Carriers"]:
    """Asks until the process ends."""
    async with poster(allowed_hosts, most_bytes=MOST_BYTES) as post:
        carriers = Carriers(post, shared)
        try:
            yield carriers
        finally:
            await carriers.stop()


class _Answer(Struct, frozen=True):
    good_until: float
    said: CarrierAnswer
    failed: Circuit | None = None


class _State:
    """Of a circuit that is open, or on which something has failed."""

    def __init__(self) -> None:
        self.failures = 0
        self.wanted_at = 0.0
        self.probing: asyncio.Task[None] | None = None


class Carriers:
    """`now` is in seconds since 1970; it and the numbers are for tests."""

    def __init__(
        self,
        post: Post,
        shared: CarrierAnswers,
        now: Callable[[], float] = time.time,
        *,
        most_kept: int = MOST_KEPT,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._post, self._shared, self._now = post, shared, now
        self._most_kept, self._probe_seconds = most_kept, probe_seconds
        self._answers: dict[str, _Answer] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._states: dict[Circuit, _State] = {}
        self._calls: Counter[tuple[str, str]] = Counter()
        self._unshared: deque[KeptRates] = deque(maxlen=MOST_UNSHARED)
        self._sharing: asyncio.Task[None] | None = None
        self._forgot_at: dict[str, float] = {}

    def known(self, fingerprint: str) -> CarrierAnswer | None:
        answer = self._answers.get(fingerprint)
        return answer.said if answer is not None and self._now() < answer.good_until else None

    async def ask(self, questions: Sequence[CarrierQuestion]) -> None:
        """Whoever asked first and went away leaves the question to the others. Nobody waits for a carrier whose circuit is open;
        that somebody wanted its rates is remembered. `MOST_AT_ONCE` counts neither these nor what others were told."""
        for store_hash, checkout_id in {(each.store_hash, each.checkout_id) for each in questions}:
            await self._recall(store_hash, checkout_id)
        tasks, begun = [], 0
        for question in {each.fingerprint: each for each in questions if self.known(each.fingerprint) is None}.values():
            state = self._states.get(_circuit(question))
            if state is not None and state.probing is not None:
                state.wanted_at = self._now()
                self._keep(question.fingerprint, self._failure(question))
                continue
            if question.fingerprint not in self._asking:
                if begun == MOST_AT_ONCE:
                    self._keep(question.fingerprint, _Answer(self._now() + FAILURE_KEPT_SECONDS, NO_ANSWER))
                    continue
                begun += 1
                self._asking[question.fingerprint] = asyncio.create_task(self._ask(question))
            tasks.append(self._asking[question.fingerprint])
        if tasks:
            await asyncio.shield(asyncio.gather(*tasks, return_exceptions=True))

    async def check(self, carrier: Carrier, store_hash: str, options: dict[str, Any]) -> ConnectionAnswer | None:
        body = msgspec.json.encode(ConnectionCheck(options))
        try:
            response = await self._post(carrier.check_url, HEADERS, body, carrier.timeout_seconds)
            if response.status != 200:
                raise NotReached(f"answered {response.status}")
            return connection_answer(response.body)
        except (NotReached, Unusable) as failure:
            reason = repr(str(failure)[:LONGEST_REASON])
            log.warning("the connection of %s to carrier %s is not checked: %s", store_hash, carrier.id, reason)
            return None

    def counts(self) -> CarrierCounts:
        states = self._states.items()
        opened = Counter(carrier_id for (_, carrier_id, _), state in states if state.probing is not None)
        return CarrierCounts(dict(self._calls), dict(opened))

    async def stop(self) -> None:
        if self._sharing is not None:
            await asyncio.wait({self._sharing}, timeout=STOP_SECONDS)
            self._sharing.cancel()
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
            self._keep(question.fingerprint, self._failure(question))
            self._failed(circuit, question, is_late=isinstance(failure, TimedOut))
        else:
            self._worked(circuit)
            self._answered(question, found, seconds)
        finally:
            self._asking.pop(question.fingerprint, None)

    async def _asked(self, question: CarrierQuestion) -> tuple[Rates, int]:
        """Raises `NotReached` and `Unusable`, once they are counted and logged; `Unusable` for whatever nobody foresaw, too."""
        outcome = "failed"
        try:
            response = await self._post(question.url, HEADERS, question.body(), question.timeout_seconds)
            if response.status != 200:
                raise NotReached(f"answered {response.status}")
            found = rates(response.body, question.currencies)
            outcome = "answered"
        except (NotReached, Unusable) as failure:
            outcome = "timed_out" if isinstance(failure, TimedOut) else "failed"
            self._log(question, failure)
            raise
        except Exception as fault:
            log.exception("rates of carrier %s for %s: a fault of our own", question.carrier_id, question.store_hash)
            raise Unusable("a fault of our own") from fault
        finally:
            self._calls[question.carrier_id, outcome] += 1
        if found.left_out:
            self._log(question, f"{len(found.left_out)} quotes left out, first {found.left_out[0]}")
        for message in found.messages:
            self._log(question, f"it says ({message.type}): {message.text}")
        return found.rates, found.seconds

    def _log(self, question: CarrierQuestion, why: object) -> None:
        reason = repr(str(why)[:LONGEST_REASON])
        log.warning("rates of carrier %s for %s: %s", question.carrier_id, question.store_hash, reason)

    def _failure(self, question: CarrierQuestion) -> _Answer:
        return _Answer(self._now() + FAILURE_KEPT_SECONDS, NO_ANSWER, failed=_circuit(question))

    def _answered(self, question: CarrierQuestion, found: Rates, seconds: int) -> None:
        good_until = self._now() + max(float(seconds), SHORTEST_KEPT_SECONDS)
        self._keep(question.fingerprint, _Answer(good_until, CarrierAnswer(rates=found)))
        self._share(question, found, good_until)

    def _keep(self, fingerprint: str, answer: _Answer) -> None:
        self._answers.pop(fingerprint, None)
        if len(self._answers) >= self._most_kept:
            del self._answers[next(iter(self._answers))]
        self._answers[fingerprint] = answer

    # ------------------------------------------------------------------------------------------------ other processes

    async def _recall(self, store_hash: str, checkout_id: str) -> None:
        """Remember what others were told of a checkout."""
        try:
            kept = await self._shared.of_checkout(store_hash, checkout_id, _moment(self._now()))
        except CheckoutError as error:
            log.warning("what carriers said of %s cannot be read: %s", checkout_id, error.message)
            return
        for each in kept:
            known = self._answers.get(each.fingerprint)
            good_until = each.expires_at.timestamp()
            if known is None or not known.said.is_given or known.good_until < good_until:
                self._keep(each.fingerprint, _Answer(good_until, CarrierAnswer(rates=each.rates)))

    def _share(self, question: CarrierQuestion, found: Rates, good_until: float) -> None:
        kept = KeptRates(
            store_hash=question.store_hash,
            checkout_id=question.checkout_id,
            fingerprint=question.fingerprint,
            expires_at=_moment(good_until),
            rates=found,
        )
        self._unshared.append(kept)
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.create_task(self._share_all())

    async def _share_all(self) -> None:
        while self._unshared:
            store_hash = self._unshared[0].store_hash
            batch: list[KeptRates] = []
            while self._unshared and self._unshared[0].store_hash == store_hash and len(batch) < MOST_SHARED_AT_ONCE:
                batch.append(self._unshared.popleft())
            try:
                await self._shared.keep(batch)
                await self._forget(store_hash)
            except CheckoutError as error:
                log.warning("what carriers said is not shared: %s", error.message)
            except Exception:
                log.exception("what carriers said is not shared")

    async def _forget(self, store_hash: str) -> None:
        now = self._now()
        if now - self._forgot_at.get(store_hash, 0.0) >= FORGET_SECONDS:
            self._forgot_at[store_hash] = now
            await self._shared.forget(store_hash, _moment(now))

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
                self._answered(question, found, seconds)
                return
        finally:
            if self._states.get(circuit) is state:
                del self._states[circuit]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _circuit(question: CarrierQuestion) -> Circuit:
    return question.store_hash, question.carrier_id, question.url
