"""How many instructions the server needs for a request, floor and ours: `python -m bench.instructions`.

Times vary by a third on a machine that does other work, counts by one or two in a hundred: so it is by counts that a step
towards less can be judged. The servers are run by valgrind's callgrind, which counts what the process itself does, not the kernel
and not PostgreSQL; it is told from outside when to begin and when to write down. Needs `valgrind`.
"""

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import servers, shop
from bench.load import Script, drive, spread
from bench.scale import progress
from bench.servers import Server
from bench.speed import FLOOR_ROWS, answers
from checkstand.storage.sql.checkouts import MOST_REMEMBERED

CALLGRIND = ("valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file={counts}")
"""Nothing is counted, and nothing slowed down much, until it is asked for."""


class Counted:
    """A server run by callgrind. `per_request` counts the instructions of one request among those of some scripts."""

    def __init__(self, server: Server, counts: Path) -> None:
        self.server, self._counts, self._dumps = server, counts, 0

    def per_request(self, scripts: Sequence[Script]) -> float:
        self._tell("--instr=on")
        self._tell("--zero")
        requests = len(drive(self.server.port, scripts).latencies)
        self._tell("--dump=counted")
        self._tell("--instr=off")
        self._dumps += 1
        found = re.search(r"^summary: (\d+)", Path(f"{self._counts}.{self._dumps}").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) / requests

    def _tell(self, command: str) -> None:
        where = {**os.environ, "TMPDIR": str(self._counts.parent)}  # as it was run with: the two meet in a file there
        subprocess.run(["callgrind_control", command, str(self.server.pid)], env=where, check=True, capture_output=True)


def counts(folder: Path, *, requests: int, connections: int, database: str = "") -> Iterator[tuple[str, float, float]]:
    """Case, instructions of the floor, and of ours. The checkouts of the last case are more than are remembered decoded."""
    many = MOST_REMEMBERED + requests
    with ExitStack() as stack:
        urls = ["", ""]
        if database == "postgresql":
            postgresql = stack.enter_context(servers.postgresql())
            postgresql.execute("CREATE DATABASE floor", "CREATE DATABASE ours")
            urls = [postgresql.url("floor"), postgresql.url("ours")]
        by = [*CALLGRIND[:-1], CALLGRIND[-1].format(counts=folder / "floor.counts")]
        floor = stack.enter_context(servers.floor(folder, FLOOR_ROWS, database=urls[0], by=by))
        by = [*CALLGRIND[:-1], CALLGRIND[-1].format(counts=folder / "ours.counts")]
        ours = stack.enter_context(servers.checkstand(folder, database=urls[1], by=by))
        bare, full = Counted(floor, folder / "floor.counts"), Counted(ours, folder / "ours.counts")

        progress("instructions: the floor")
        of_floor = {}
        for method in ("GET", "POST"):
            rows = [f"{method} /rows/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for key in range(FLOOR_ROWS)]
            answers(floor, rows)
            of_floor[method] = bare.per_request(spread(rows[:requests], connections))

        progress(f"instructions: {many} checkouts")
        carts = [shop.cart_of(body) for body in answers(ours, itertools.repeat(shop.open_cart(3), many))]
        adds, added = [shop.add(cart.id, cart.item_ids) for cart in carts], list[bytes]()
        first = answers(ours, adds[:MOST_REMEMBERED])
        add = full.per_request(spread(adds[MOST_REMEMBERED:], connections, added))
        yield "add", of_floor["POST"], add
        unread = [shop.checkout_of(body) for body in first]
        answers(ours, [shop.select(checkout.id, checkout.consignments[0]) for checkout in unread])
        checkouts = [shop.checkout_of(body) for body in added]
        selects = [shop.select(checkout.id, checkout.consignments[0]) for checkout in checkouts]
        yield "select", of_floor["POST"], full.per_request(spread(selects, connections))
        reads = [shop.read(checkout.id) for checkout in checkouts]
        yield "read", of_floor["GET"], full.per_request(spread(reads, connections))
        answers(ours, [shop.read(checkout.id) for checkout in unread])
        yield "read, not remembered", of_floor["GET"], full.per_request(spread(reads, connections))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--requests", type=int, default=300, help="counted in each case")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="checkstand-bench-") as folder:
        of = counts(Path(folder), requests=options.requests, connections=options.connections, database=options.database)
        print(f"{'thousands of instructions':26}{'floor':>8}{'ours':>8}")
        for case, floor, ours in of:
            print(f"{case:26}{floor / 1000:8.0f}{ours / 1000:8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
