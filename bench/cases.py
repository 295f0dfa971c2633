"""All measurements by section: speed on both databases, growth, pricing, and the two small ones, memory and start."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench import servers, shop
from bench.growth import growth, growth_with_a_carrier
from bench.load import Script, drive
from bench.pricing import pricing
from bench.report import Row
from bench.scale import MEGABYTES_150, TWO_SECONDS, Scale, progress
from bench.speed import ceiling, postgresql, speed


def memory(folder: Path, scale: Scale) -> Iterator[Row]:
    """A worker's memory after many requests of a mix, flows from a cart to an order with looks at the checkout between."""
    connections = scale.connections[-1]
    slices = 10
    times = math.ceil(scale.memory_requests / (slices * connections * shop.MIXED_FLOW_REQUESTS))
    with servers.checkstand(folder) as server:
        at_start, sent = server.memory_bytes(), 0
        for number in range(slices):
            progress(
                f"memory: {sent:,} requests so far, {server.memory_bytes() / 1e6:.0f} MB ({number + 1} of {slices})"
            )
            scripts: list[Script] = [shop.mixed_flow(times) for _ in range(connections)]
            sent += len(drive(server.port, scripts).latencies)
        yield Row(
            section="memory",
            case=f"a worker after {sent:,} requests, floor: at its start",
            unit="MB",
            floor=at_start / 1e6,
            ours=server.memory_bytes() / 1e6,
            bar=MEGABYTES_150,
        )


def start(folder: Path, scale: Scale) -> Iterator[Row]:
    progress(f"start, {scale.starts} times")
    seconds = [servers.seconds_to_start(folder) for _ in range(scale.starts)]
    yield Row(section="start", case="serve --demo answers /health", unit="s", ours=median(seconds), bar=TWO_SECONDS)


SECTIONS: dict[str, tuple[Callable[[Path, Scale], Iterator[Row]], ...]] = {
    "speed": (ceiling, speed),
    "postgresql": (postgresql,),
    "growth": (growth, growth_with_a_carrier),
    "pricing": (pricing,),
    "memory": (memory,),
    "start": (start,),
}
