"""What a request costs as the checkout grows, in CPU time of the server, which other programs on the machine change little."""

import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench import servers, shop
from bench.load import drive, spread
from bench.report import Row
from bench.scale import EIGHTYFOLD, THREEFOLD, Scale, Size, progress
from bench.servers import Server
from bench.speed import answers

REST_SECONDS, LONGEST_REST_SECONDS = 0.5, 20.0


def growth(folder: Path, scale: Scale) -> Iterator[Row]:
    with servers.checkstand(folder) as server:
        answers(server, itertools.repeat(shop.open_cart(3), 200))
        for size in scale.added_to:
            yield from _growth_of_adding(server, size, scale)
        yield from _growth_of_changing(server, scale)
        yield Row(
            section="growth",
            case="(memory of the server after these)",
            unit="MB",
            ours=server.memory_bytes() / 1e6,
        )


def growth_with_a_carrier(folder: Path, scale: Scale) -> Iterator[Row]:
    with servers.with_carrier(folder) as server:
        for prepared in shop.connect_carrier():
            answers(server, [prepared])
        answers(server, itertools.repeat(shop.open_cart(3), 200))
        for size in scale.added_to:
            yield from _growth_of_adding(server, size, scale, has_carrier=True)


def _growth_of_adding(server: Server, size: Size, scale: Scale, *, has_carrier: bool = False) -> Iterator[Row]:
    """The CPU time of adding the 1st, 10th and 100th consignment; those between come in one request, not measured. Where there
    is a carrier it has been asked about the very consignment before, so what is measured is without waiting for it."""
    costs: dict[int, list[float]] = {step: [] for step in scale.steps}
    for number in range(scale.growth_rounds):
        progress(f"growth of adding to {size.lines} lines, round {number + 1} of {scale.growth_rounds}")
        carts = [
            shop.cart_of(body) for body in answers(server, itertools.repeat(shop.open_cart(size.lines), size.checkouts))
        ]
        done = 0
        for step in scale.steps:
            if between := range(done, step - 1):
                answers(server, (shop.add(cart.id, *(_part(cart, size, index) for index in between)) for cart in carts))
            requests = [shop.add(cart.id, _part(cart, size, step - 1)) for cart in carts]
            if has_carrier:
                added = [shop.checkout_of(body) for body in answers(server, requests)]
                answers(server, (shop.remove(each.id, each.consignments[-1]) for each in added))
                _let_it_rest(server)
            costs[step].append(_cpu_per_request(server, requests))
            done = step
    first = costs[scale.steps[0]]
    for step in scale.steps[1:]:
        ratios = tuple(later / one for one, later in zip(first, costs[step], strict=True))
        yield Row(
            section="growth",
            case=f"{size.lines} lines{', a carrier' if has_carrier else ''}: add consignment {step}, floor: the first",
            unit="ms CPU",
            floor=1000 * median(first),
            ours=1000 * median(costs[step]),
            ratio=median(ratios),
            ratios=ratios,
            bar=THREEFOLD if step == scale.steps[-1] else None,
        )


def _part(cart: shop.Cart, size: Size, index: int) -> list[str]:
    each = size.lines // size.consignments
    return cart.item_ids[index * each : (index + 1) * each]


def _growth_of_changing(server: Server, scale: Scale) -> Iterator[Row]:
    """The CPU time of selecting an option, and of reading, on checkouts of several sizes."""
    sizes = scale.changed
    checkouts = {size: _consigned(server, size) for size in sizes}
    changes: dict[Size, list[float]] = {size: [] for size in sizes}
    reads: dict[Size, list[float]] = {size: [] for size in sizes}
    for number in range(scale.growth_rounds):
        progress(f"growth of changing and reading, round {number + 1} of {scale.growth_rounds}")
        for size in sizes:
            selects = [
                shop.select(checkout.id, checkout.consignments[-1], option=(number + turn) % 2)
                for turn in range(size.passes)
                for checkout in checkouts[size]
            ]
            changes[size].append(_cpu_per_request(server, selects))
            gets = [shop.read(checkout.id) for checkout in checkouts[size]] * size.passes
            reads[size].append(_cpu_per_request(server, gets))
    for verb, costs, bar in (("change", changes, EIGHTYFOLD), ("read", reads, None)):
        least = costs[sizes[0]]
        for size in sizes[1:]:
            ratios = tuple(large / small for small, large in zip(least, costs[size], strict=True))
            yield Row(
                section="growth",
                case=f"{verb} {size.lines} lines in {size.consignments}, floor: {sizes[0].lines} in {sizes[0].consignments}",
                unit="ms CPU",
                floor=1000 * median(least),
                ours=1000 * median(costs[size]),
                ratio=median(ratios),
                ratios=ratios,
                bar=bar if size == sizes[-1] else None,
            )


def _consigned(server: Server, size: Size) -> list[shop.Checkout]:
    carts = [
        shop.cart_of(body) for body in answers(server, itertools.repeat(shop.open_cart(size.lines), size.checkouts))
    ]
    parts = range(size.consignments)
    adds = (shop.add(cart.id, *(_part(cart, size, index) for index in parts)) for cart in carts)
    checkouts = [shop.checkout_of(body) for body in answers(server, adds)]
    for index in parts:
        answers(server, (shop.select(checkout.id, checkout.consignments[index]) for checkout in checkouts))
    return checkouts


def _let_it_rest(server: Server) -> None:
    """Until it has written down what the carrier said, which it does after it has answered: that is no part of what comes next."""
    deadline, before = time.monotonic() + LONGEST_REST_SECONDS, -1.0
    while time.monotonic() < deadline and server.cpu_seconds() != before:
        before = server.cpu_seconds()
        time.sleep(REST_SECONDS)


def _cpu_per_request(server: Server, requests: Sequence[bytes]) -> float:
    before = server.cpu_seconds()
    drive(server.port, spread(requests, 1))
    return max(server.cpu_seconds() - before, 0.001) / len(requests)
