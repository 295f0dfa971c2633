"""What a process counts of its work, and the page Prometheus reads it from (text format 0.0.4).

Counting a request is a look-up and a bisection. All else is asked when the page is.
"""

import os
import sys
import time
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from http import HTTPMethod
from pathlib import Path

from checkstand.service.commands import Races
from checkstand.storage.port import CarrierCounts, Pool, Stores

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = frozenset(HTTPMethod)


class _Timing:
    """The requests of one method, route and status: how many took how long, by the bound they are within."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_SECONDS) + 1)
        self.seconds = 0.0


class Metrics:
    """Since the process began."""

    def __init__(self) -> None:
        self._timings: dict[tuple[str, str, int], _Timing] = {}
        self._began = time.time()
        self.version_conflicts = 0

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the template of the path, "" for none; a path itself would be a series for each id."""
        timing = self._timings.get((method, route, status))
        if timing is None:
            known = method if method in METHODS else "OTHER"
            timing = self._timings.setdefault((known, route, status), _Timing())
        timing.buckets[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        timing.seconds += seconds

    async def page(self, storage: Stores, pool: Pool | None, under_way: int, now: datetime) -> str:
        lines = [*self._requests(), *self._durations(), *self._changes(under_way)]
        lines += [
            *await _database(storage, pool, now),
            *_carriers(storage.carrier_quotes.counts()),
            *_process(self._began),
        ]
        return "\n".join(lines) + "\n"

    def _requests(self) -> Iterable[str]:
        yield from _head("checkstand_requests_total", "counter", "Requests answered.")
        for (method, route, status), timing in sorted(self._timings.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"checkstand_requests_total{{{labels}}} {sum(timing.buckets)}"

    def _durations(self) -> Iterable[str]:
        """Over all statuses: a series for each bound of each status would be many."""
        name = "checkstand_request_duration_seconds"
        yield from _head(name, "histogram", "From the head of a request to its answer.")
        merged: dict[tuple[str, str], _Timing] = {}
        for (method, route, _), timing in sorted(self._timings.items()):
            sums = merged.setdefault((method, route), _Timing())
            sums.buckets = [one + other for one, other in zip(sums.buckets, timing.buckets, strict=True)]
            sums.seconds += timing.seconds
        for (method, route), timing in merged.items():
            labels, count = f'method="{method}",route="{route}"', 0
            for bound, number in zip((*map(str, BOUNDS_SECONDS), "+Inf"), timing.buckets, strict=True):
                count += number
                yield f'{name}_bucket{{{labels},le="{bound}"}} {count}'
            yield f"{name}_sum{{{labels}}} {timing.seconds:.6f}"
            yield f"{name}_count{{{labels}}} {count}"

    def _changes(self, under_way: int) -> Iterable[str]:
        yield from _one("checkstand_requests_under_way", "gauge", "Requests being worked on.", under_way)
        yield from _one(
            "checkstand_version_conflicts_total",
            "counter",
            "Requests refused because of the version they named.",
            self.version_conflicts,
        )
        yield from _one(
            "checkstand_lost_races_retried_total",
            "counter",
            "Changes without a version that were faster elsewhere and were tried again.",
            Races.retried,
        )


async def _database(storage: Stores, pool: Pool | None, now: datetime) -> Iterable[str]:
    lines: list[str] = []
    if pool is not None:
        lines += _one("checkstand_database_pool_size", "gauge", "Connections to the database.", pool.size)
        lines += _one("checkstand_database_pool_in_use", "gauge", "Connections at work.", pool.in_use)
    outbox = await storage.waiting()
    lag = 0.0 if outbox.oldest_at is None else max(0.0, (now - outbox.oldest_at).total_seconds())
    lines += _one("checkstand_outbox_events", "gauge", "Events of all stores not delivered yet.", outbox.waiting)
    lines += _one("checkstand_outbox_lag_seconds", "gauge", "Age of the oldest of these events.", lag)
    return lines


def _carriers(counts: CarrierCounts) -> Iterable[str]:
    yield from _head("checkstand_carrier_calls_total", "counter", "Carriers asked for rates, by what became of it.")
    for (carrier, outcome), count in sorted(counts.calls.items()):
        yield f'checkstand_carrier_calls_total{{carrier="{carrier}",outcome="{outcome}"}} {count}'
    name = "checkstand_carrier_open_circuits"
    yield from _head(name, "gauge", "Connections of stores to a carrier that are not used at present, after failures.")
    for carrier in sorted({carrier for carrier, _ in counts.calls}):
        yield f'{name}{{carrier="{carrier}"}} {counts.open_circuits.get(carrier, 0)}'


def _process(began: float) -> Iterable[str]:
    yield from _one("process_cpu_seconds_total", "counter", "Processor time used.", round(time.process_time(), 3))
    yield from _one("process_start_time_seconds", "gauge", "When the process began.", round(began, 3))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        resident = pages * os.sysconf("SC_PAGE_SIZE")
        yield from _one("process_resident_memory_bytes", "gauge", "Memory in use.", resident)
        open_files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        yield from _one("process_open_fds", "gauge", "Open files and connections.", open_files)


def _head(name: str, kind: str, text: str) -> Iterable[str]:
    return (f"# HELP {name} {text}", f"# TYPE {name} {kind}")


def _one(name: str, kind: str, text: str, value: float) -> Iterable[str]:
    return (*_head(name, kind, text), f"{name} {value}")
