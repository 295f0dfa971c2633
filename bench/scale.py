"""How much of everything is measured, and the bars of PRODUCT's "How good it must be"."""

import sys

from msgspec import Struct

from bench.report import Bar

HALF_THE_FLOOR = Bar(0.5, "at least")
THREE_TENTHS_OF_THE_FLOOR = Bar(0.3, "at least")
NINE_TENTHS_OF_ONE_WORKER = Bar(0.9, "at least")
THREEFOLD = Bar(3, "at most")
EIGHTYFOLD = Bar(80, "below")
MEGABYTES_150 = Bar(150, "below")
TWO_SECONDS = Bar(2, "at most")


class Size(Struct, frozen=True):
    """A checkout's size, how many of them make a batch, and how often a batch goes over them.

    A batch has to take a few hundred milliseconds of CPU time, since the clock for it ticks in tens.
    """

    lines: int
    consignments: int
    checkouts: int
    passes: int = 1


class PricedSize(Struct, frozen=True):
    """A checkout whose price is worked out, and what that may take."""

    lines: int
    promotions: int
    consignments: int
    bar: Bar


class Scale(Struct, frozen=True, kw_only=True):
    """`requests` of ours and `floor_requests` of the floor, twice, make a round of speed. Growth is measured on the sizes
    that are `added_to` and `changed`; `steps` are the consignments whose adding is compared."""

    rounds: int
    requests: int
    floor_requests: int
    growth_rounds: int
    added_to: tuple[Size, ...]
    changed: tuple[Size, ...]
    steps: tuple[int, ...] = (1, 10, 100)
    memory_requests: int
    starts: int
    connections: tuple[int, ...] = (1, 16)
    priced: tuple[PricedSize, ...] = (
        PricedSize(50, 10, 5, Bar(1, "below")),
        PricedSize(600, 10, 100, Bar(30, "below")),
    )
    priced_seconds: float


FULL = Scale(
    rounds=9,
    requests=400,
    floor_requests=500,
    growth_rounds=3,
    added_to=(Size(600, 100, 16), Size(100, 100, 60)),
    changed=(Size(3, 1, 250, 2), Size(50, 10, 60, 2), Size(600, 100, 8, 2)),
    priced_seconds=10.0,
    memory_requests=100_000,
    starts=5,
)
QUICK = Scale(
    rounds=3,
    requests=200,
    floor_requests=250,
    growth_rounds=1,
    added_to=(Size(600, 100, 10), Size(100, 100, 40)),
    changed=(Size(3, 1, 250), Size(50, 10, 50), Size(600, 100, 4, 2)),
    priced_seconds=0.3,
    memory_requests=5000,
    starts=2,
)


def progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
