"""Throughput and latency, ours against the floor, on SQLite and on PostgreSQL; there, two workers beside one.

Each batch against ours stands between two batches against the floor that it is compared with, and the ratio is the median
over some rounds: so a machine that gets slower for a while changes little. What only prepares a batch stands outside of it.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import mean, median

from msgspec import Struct

from bench import servers, shop
from bench.load import Measured, Script, drive, spread
from bench.report import Bar, Row
from bench.scale import (
    HALF_THE_FLOOR,
    NINE_TENTHS_OF_ONE_WORKER,
    THREE_TENTHS_OF_THE_FLOOR,
    Scale,
    progress,
)
from bench.servers import Server
from checkstand.storage.sql.checkouts import MOST_REMEMBERED

FLOOR_ROWS = 512
READ, WRITE = "GET", "POST"

POSTGRESQL = "speed on PostgreSQL"

ADD = "add the first consignment"
SELECT = "select a shipping option"
READ_CHECKOUT = "read a checkout"
NOT_REMEMBERED = "the same, not remembered"
"""Since the case above, which the server has decoded, as many others were written as it remembers."""
LOGGED = "the same, requests logged to a file"
FLOW = "cart to order, 5 requests"
CASES: dict[str, tuple[str, Bar | None]] = {
    ADD: (WRITE, HALF_THE_FLOOR),
    SELECT: (WRITE, HALF_THE_FLOOR),
    READ_CHECKOUT: (READ, THREE_TENTHS_OF_THE_FLOOR),
    NOT_REMEMBERED: (READ, None),
    LOGGED: (READ, None),
    FLOW: (WRITE, None),
}
"""What of the floor a case is compared with, and its bar."""


class Batch(Struct, frozen=True):
    """`server_cpu`: the CPU time the server needed for each request, in seconds."""

    measured: Measured
    server_cpu: float


class Round(Struct, frozen=True):
    """A batch of ours between two of the floor."""

    floor: tuple[Batch, Batch]
    ours: Batch

    @property
    def floor_per_second(self) -> float:
        first, second = (batch.measured for batch in self.floor)
        return (len(first.latencies) + len(second.latencies)) / (first.seconds + second.seconds)

    @property
    def ratio(self) -> float:
        return self.ours.measured.per_second / self.floor_per_second


def ceiling(folder: Path, scale: Scale) -> Iterator[Row]:
    """How many requests the load generator can send, answered with 8 KB each by a server that does nothing."""
    progress("the load generator against a server that does nothing")
    with servers.ceiling(folder) as server:
        for connections in scale.connections:
            requests = itertools.repeat(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", scale.floor_requests * 10)
            measured = drive(server.port, spread(requests, connections))
            yield Row(
                section="load generator",
                case="requests to a server that does nothing",
                connections=connections,
                unit="/s",
                ours=measured.per_second,
                p50_ms=milliseconds([measured], 0.50),
                p99_ms=milliseconds([measured], 0.99),
            )


def speed(folder: Path, scale: Scale) -> Iterator[Row]:
    with ExitStack() as stack:
        floor = stack.enter_context(servers.floor(folder, FLOOR_ROWS))
        ours = stack.enter_context(servers.checkstand(folder))
        logging = stack.enter_context(servers.checkstand(folder, log=True))
        yield from _against_the_floor("speed", scale, floor, ours, logging)


def postgresql(folder: Path, scale: Scale) -> Iterator[Row]:
    """The same on PostgreSQL, and what a second worker gives: here it has no processor of its own."""
    with ExitStack() as stack:
        database = stack.enter_context(servers.postgresql())
        database.execute("CREATE DATABASE floor", "CREATE DATABASE ours")
        floor = stack.enter_context(servers.floor(folder, FLOOR_ROWS, database=database.url("floor")))
        one = stack.enter_context(servers.checkstand(folder, database=database.url("ours")))
        yield from _against_the_floor(POSTGRESQL, scale, floor, one)
        two = stack.enter_context(servers.checkstand(folder, database=database.url("ours"), workers=2))
        yield from _two_beside_one(one, two, scale)


def _against_the_floor(
    section: str, scale: Scale, floor: Server, ours: Server, logging: Server | None = None
) -> Iterator[Row]:
    for connections in scale.connections:
        rounds: dict[str, list[Round]] = {}
        for number in range(scale.rounds + 1):
            progress(f"{section} at {connections} connections, round {number} of {scale.rounds} (0 warms up)")
            for case, server, scripts in _batches(ours, logging, connections, scale):
                one_round = _between(floor, CASES[case][0], server, scripts, scale)
                if number:
                    rounds.setdefault(case, []).append(one_round)
        for case, measured in rounds.items():
            yield _row(section, case, connections, measured, CASES[case][1])
        yield _generator_row(section, connections, list(itertools.chain.from_iterable(rounds.values())))


def _batches(
    ours: Server, logging: Server | None, connections: int, scale: Scale
) -> Iterator[tuple[str, Server, Sequence[Script]]]:
    """The cases of a round, each with the server it is about and the requests; what comes later takes up what came before."""
    adds, added = _adds(ours, scale), list[bytes]()
    logged_adds = _adds(logging, scale) if logging else []
    yield ADD, ours, spread(adds, connections, added)

    checkouts = [shop.checkout_of(body) for body in added]
    yield SELECT, ours, spread(_selects(added), connections)

    reads = [shop.read(checkout.id) for checkout in checkouts]
    yield READ_CHECKOUT, ours, spread(reads, connections)
    answers(ours, itertools.repeat(shop.open_cart(3), MOST_REMEMBERED))
    yield NOT_REMEMBERED, ours, spread(reads, connections)

    if logging:
        checkouts = [shop.checkout_of(body) for body in answers(logging, logged_adds)]
        answers(logging, (shop.select(checkout.id, checkout.consignments[0]) for checkout in checkouts))
        reads = [shop.read(checkout.id) for checkout in checkouts]
        yield LOGGED, logging, spread(reads, connections)

    yield FLOW, ours, _flows(connections, scale)


def _two_beside_one(one: Server, two: Server, scale: Scale) -> Iterator[Row]:
    """Each batch against two workers stands between two against one."""
    connections = scale.connections[-1]
    rounds: dict[str, list[Round]] = {ADD: [], SELECT: [], FLOW: []}
    for number in range(scale.rounds + 1):
        progress(f"two workers beside one at {connections} connections, round {number} of {scale.rounds} (0 warms up)")
        order = (one, two, one)
        for case, scripts in _batches_of_three(order, connections, scale):
            before, ours, after = (_batch(server, each) for server, each in zip(order, scripts, strict=True))
            if number:
                rounds[case].append(Round((before, after), ours))
    for case, measured in rounds.items():
        name = f"2 workers: {case}, floor: 1 worker"
        yield _row(POSTGRESQL, name, connections, measured, NINE_TENTHS_OF_ONE_WORKER)
    yield _generator_row(POSTGRESQL, connections, list(itertools.chain.from_iterable(rounds.values())))


def _batches_of_three(
    order: Sequence[Server], connections: int, scale: Scale
) -> Iterator[tuple[str, Sequence[Sequence[Script]]]]:
    """The writing cases of a round, each with the requests for three servers; selecting takes up what was added before."""
    adds = [_adds(server, scale) for server in order]
    added: list[list[bytes]] = [[] for _ in order]
    yield ADD, [spread(requests, connections, bodies) for requests, bodies in zip(adds, added, strict=True)]
    yield SELECT, [spread(_selects(bodies), connections) for bodies in added]
    yield FLOW, [_flows(connections, scale) for _ in order]


def _flows(connections: int, scale: Scale) -> list[Script]:
    times = max(scale.requests // (connections * shop.FLOW_REQUESTS), 1)
    return [shop.flow(times) for _ in range(connections)]


def _selects(added: Iterable[bytes]) -> list[bytes]:
    checkouts = map(shop.checkout_of, added)
    return [shop.select(checkout.id, checkout.consignments[0]) for checkout in checkouts]


def _adds(server: Server, scale: Scale) -> list[bytes]:
    carts = map(shop.cart_of, answers(server, itertools.repeat(shop.open_cart(3), scale.requests)))
    return [shop.add(cart.id, cart.item_ids) for cart in carts]


def _between(floor: Server, method: str, server: Server, scripts: Sequence[Script], scale: Scale) -> Round:
    connections = len(scripts)
    before = _floor_batch(floor, method, connections, scale)
    ours = _batch(server, scripts)
    return Round((before, _floor_batch(floor, method, connections, scale)), ours)


def _floor_batch(floor: Server, method: str, connections: int, scale: Scale) -> Batch:
    keys = itertools.islice(itertools.cycle(range(FLOOR_ROWS)), scale.floor_requests)
    requests = [f"{method} /rows/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for key in keys]
    return _batch(floor, spread(requests, connections))


def _batch(server: Server, scripts: Sequence[Script]) -> Batch:
    before = server.cpu_seconds()
    measured = drive(server.port, scripts)
    return Batch(measured, (server.cpu_seconds() - before) / len(measured.latencies))


def _row(section: str, case: str, connections: int, rounds: Sequence[Round], bar: Bar | None) -> Row:
    ours = [one.ours for one in rounds]
    floor = list(itertools.chain.from_iterable(one.floor for one in rounds))
    ratios = tuple(one.ratio for one in rounds)
    return Row(
        section=section,
        case=case,
        connections=connections,
        unit="/s",
        floor=median(one.floor_per_second for one in rounds),
        ours=median(batch.measured.per_second for batch in ours),
        ratio=median(ratios),
        ratios=ratios,
        bar=bar,
        p50_ms=milliseconds([batch.measured for batch in ours], 0.50),
        p99_ms=milliseconds([batch.measured for batch in ours], 0.99),
        floor_p50_ms=milliseconds([batch.measured for batch in floor], 0.50),
        floor_p99_ms=milliseconds([batch.measured for batch in floor], 0.99),
        cpu_us=1e6 * mean(batch.server_cpu for batch in ours),
        floor_cpu_us=1e6 * mean(batch.server_cpu for batch in floor),
    )


def _generator_row(section: str, connections: int, rounds: Sequence[Round]) -> Row:
    """A generator that is busy all the time would be what is measured."""
    batches = [batch for one in rounds for batch in (*one.floor, one.ours)]
    return Row(
        section=section,
        case="(how busy the load generator was, at most)",
        connections=connections,
        unit="%",
        ours=100 * max(batch.measured.own_share for batch in batches),
    )


def milliseconds(batches: Sequence[Measured], quantile: float) -> float:
    """A quantile of the latencies of all batches together."""
    ordered = sorted(itertools.chain.from_iterable(batch.latencies for batch in batches))
    return 1000 * ordered[min(int(quantile * len(ordered)), len(ordered) - 1)]


def answers(server: Server, requests: Iterable[bytes]) -> list[bytes]:
    """Send what prepares a measurement; the bodies of the answers, in any order."""
    bodies: list[bytes] = []
    drive(server.port, spread(requests, 4, bodies))
    return bodies
