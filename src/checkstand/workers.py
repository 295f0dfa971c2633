"""Several server processes: start them, start another one in the place of one that ended, stop them all.

The parent answers no requests and holds no connection to the database. Each worker has a listening socket of its own on the
shared port, made before any of them starts, so that the kernel spreads connections evenly and those waiting for a worker
that was killed find the next one there.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType

log = logging.getLogger("checkstand")

STOP_SECONDS = 9.0
"""After that, what has not stopped by itself is killed."""
SHORT_LIFE_SECONDS = 1.0
"""A worker that ends sooner has something wrong with it: its successor waits, so as not to start in vain over and over."""


def supervise(work: Callable[[int], None], count: int) -> None:
    """Run `work(number)` in `count` processes until SIGTERM or SIGINT. Returns when all have stopped."""
    lifeline = os.pipe()
    workers = [_Worker(work, number, lifeline) for number in range(count)]
    stopping = _Stopping()
    for worker in workers:
        worker.start()
    while not stopping.asked:
        wait([worker.process.sentinel for worker in workers], timeout=0.5)
        for worker in workers:
            if not worker.process.is_alive() and not stopping.asked:
                worker.start_again()
    _stop(workers)


def _stop(workers: "list[_Worker]") -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.process.join(max(deadline - time.monotonic(), 0))
        if worker.process.is_alive():
            log.warning("worker %d did not stop in time and was killed", worker.number + 1)
            worker.process.kill()
            worker.process.join()


class _Stopping:
    """Whether somebody asked to stop; a handler that raised could be swallowed, a flag cannot."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


class _Worker:
    def __init__(self, work: Callable[[int], None], number: int, lifeline: tuple[int, int]) -> None:
        """`lifeline`: a pipe whose writing end only the parent holds."""
        self._work, self.number, self._lifeline = work, number, lifeline
        self._not_before = 0.0
        self.process: ForkProcess

    def start(self) -> None:
        self._not_before = time.monotonic() + SHORT_LIFE_SECONDS
        self.process = multiprocessing.get_context("fork").Process(target=self._run, name=f"worker {self.number + 1}")
        self.process.start()

    def start_again(self) -> None:
        if time.monotonic() >= self._not_before:
            log.warning(
                "worker %d ended (status %s); another one takes its place", self.number + 1, self.process.exitcode
            )
            self.start()

    def _run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server has its own way of stopping
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all of them; the parent says when to stop
        reading_end, writing_end = self._lifeline
        os.close(writing_end)
        threading.Thread(target=_end_with_the_parent, args=(reading_end,), daemon=True).start()
        self._work(self.number)


def _end_with_the_parent(reading_end: int) -> None:
    """A parent that was killed could not say goodbye: then its end of the pipe is closed, and this process stops by itself."""
    os.read(reading_end, 1)
    os.kill(os.getpid(), signal.SIGTERM)
