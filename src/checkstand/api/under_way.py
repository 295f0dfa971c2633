"""The requests a process is working on, and until when each of them may take.

A timer for each request would cost more than all else here. Instead the server looks, ten times a second, for those whose
time is over, and cancels them. A write is one transaction, and one that is being committed is not cancelled any more
(`Driver.transaction`), so nothing is left half done.
"""

import asyncio
import time

from checkstand.errors import CheckoutError, Unavailable

GIVEN_UP = 0.0
"""The deadline of a request that was cancelled because of it."""


class UnderWay:
    """`request_seconds`: how long a request may take in all; `receive_seconds`: how long its body may take to arrive."""

    def __init__(self, request_seconds: float = 30.0, receive_seconds: float = 10.0) -> None:
        self._request_seconds, self._receive_seconds = request_seconds, receive_seconds
        self._deadlines: dict[asyncio.Task[object] | None, float] = {}
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._deadlines)

    def begin(self, started: float) -> "asyncio.Task[object] | None":
        """The present task is a request that began at `started`, by `time.perf_counter`. It must be ended."""
        task = asyncio.current_task()
        self._deadlines[task] = started + self._request_seconds
        return task

    def receive(self, task: "asyncio.Task[object] | None") -> float:
        """The body is awaited from now on; until when the request as a whole may take, for `work`."""
        deadline = self._deadlines[task]
        self._deadlines[task] = min(deadline, time.perf_counter() + self._receive_seconds)
        return deadline

    def work(self, task: "asyncio.Task[object] | None", deadline: float) -> None:
        """The body is there."""
        self._deadlines[task] = deadline

    def end(self, task: "asyncio.Task[object] | None") -> None:
        del self._deadlines[task]

    def give_up_overdue(self) -> None:
        """Each once: what goes on in spite of it has just been committed, and is about to be answered."""
        now = time.perf_counter()
        for task in [task for task, deadline in self._deadlines.items() if GIVEN_UP < deadline < now]:
            self._give_up(task)

    def give_up_all(self) -> None:
        """The server stops, and has waited long enough."""
        self._is_stopping = True
        for task in list(self._deadlines):
            self._give_up(task)

    def _give_up(self, task: "asyncio.Task[object] | None") -> None:
        if task is not None:
            self._deadlines[task] = GIVEN_UP
            task.cancel()

    def refusal(self, cancelled: asyncio.CancelledError) -> CheckoutError:
        """Why the present request was cancelled, to be answered; raises `cancelled` again when it was not done here."""
        task = asyncio.current_task()
        if task is None or self._deadlines.get(task) != GIVEN_UP:
            raise cancelled
        task.uncancel()
        if self._is_stopping:
            return Unavailable("The server is stopping and could not finish this request.", code="stopping")
        return Unavailable(
            f"This request took longer than {self._request_seconds:g} seconds and was given up.",
            code="too_slow",
        )
