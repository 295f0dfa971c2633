"""Two PostgreSQL servers, the second a synchronous copy of the first. The first one is gone from one moment to the next, the
second takes over; the shop goes on by itself, and every order that was acknowledged is there."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import postgres
from tests.postgres import apart
from tests.recording import AUSTIN
from tests.server import RunningServer, free_port

CLIENTS = 6
SECONDS_BEFORE, SECONDS_AFTER, MOST_SECONDS_WITHOUT = 4.0, 4.0, 10.0
SECONDS_TO_NOTICE = 3.0
"""Until whoever watches over the servers promotes the second one."""
DURABLE = ("fsync=on", "synchronous_commit=on")


@dataclass
class Pair:
    """`primary` acknowledges a commit when `standby` has it on its disk too."""

    primary: postgres.Server
    standby: postgres.Server

    @property
    def url(self) -> str:
        ports = ",".join(f"127.0.0.1:{server.port}" for server in (self.primary, self.standby))
        return f"postgresql://checkstand@{ports}/shop"


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as at_the_end:
        primary = postgres.Server(DURABLE, port=free_port())
        at_the_end.callback(primary.stop)
        primary.start().execute("CREATE DATABASE shop")
        folder = primary.home / "copy"
        primary.program(
            *("pg_basebackup", "-D", folder, "-R", "-c", "fast"),
            *("-h", "127.0.0.1", "-p", primary.port, "-U", "checkstand"),
        )
        standby = postgres.Server(DURABLE, folder=folder, port=free_port())
        at_the_end.callback(standby.stop)
        standby.start()
        # The copy is not told: once it takes over it has nobody to wait for.
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        apart(in_step(primary))
        yield Pair(primary, standby)


async def in_step(primary: postgres.Server) -> None:
    connection = await primary.connect()
    deadline = time.monotonic() + 20
    while await connection.fetchval("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 0:
        assert time.monotonic() < deadline, "the second server did not follow the first one"
        await asyncio.sleep(0.05)
    await connection.close()


# ---------------------------------------------------------------------------------------------------- customers


@dataclass
class Sales:
    """Acknowledged orders by their number, when each was, and what was answered otherwise."""

    until: float = float("inf")
    orders: dict[int, str] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def order_on_and_on(sales: Sales, client: httpx.AsyncClient) -> None:
    while time.monotonic() < sales.until:
        cart = await insist(sales, client, "POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
        path = f"/checkouts/{cart['id']}"
        items = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 1}]
        await insist(sales, client, "POST", f"{path}/consignments", [{"address": AUSTIN, "line_items": items}])
        checkout = await insist(sales, client, "GET", f"{path}?include=consignments.available_shipping_options")
        consignment = checkout["consignments"][0]
        choice = {"shipping_option_id": consignment["available_shipping_options"][0]["id"]}
        await insist(sales, client, "PUT", f"{path}/consignments/{consignment['id']}", choice)
        await insist(sales, client, "POST", f"{path}/billing-address", AUSTIN)
        order = await insist(sales, client, "POST", f"{path}/orders")
        sales.orders[order["id"]] = cart["id"]
        sales.times.append(time.monotonic())


async def insist(sales: Sales, client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    """Ask until there is an answer, as long as the server says that it is worth trying again."""
    while True:
        answer = await client.request(method, path, json=body)
        sales.statuses[answer.status_code] += 1
        if answer.is_success:
            return answer.json()["data"]
        if answer.status_code != 503 or "retry-after" not in answer.headers:
            sales.wrong.append(f"{method} {path}: {answer.status_code} {answer.text}")
        assert time.monotonic() < sales.until + 20
        await asyncio.sleep(0.1)


def test_when_the_database_server_is_gone_the_shop_goes_on_with_its_standby_and_no_acknowledged_order_is_missing(
    tmp_path: Path, pair: Pair, say: Callable[[str], None]
) -> None:
    sales = Sales()
    server = RunningServer(tmp_path, "--demo", "--workers", "2", on=pair.url)

    async def scenario() -> float:
        async with server.client() as client:
            customers = [asyncio.create_task(order_on_and_on(sales, client)) for _ in range(CLIENTS)]
            await asyncio.sleep(SECONDS_BEFORE)
            await asyncio.to_thread(pair.primary.kill)
            killed_at = time.monotonic()
            await asyncio.sleep(SECONDS_TO_NOTICE)
            await asyncio.to_thread(pair.standby.execute, "SELECT pg_promote()")
            sales.until = time.monotonic() + SECONDS_AFTER
            await asyncio.gather(*customers)
            return killed_at

    with server:
        killed_at = asyncio.run(scenario())
        status = httpx.get(f"{server.url}/health", timeout=10).status_code

    stored: dict[int, str] = {}

    async def look() -> None:
        connection = await pair.standby.connect("shop")
        stored.update(await connection.fetch("SELECT order_id, checkout_id FROM orders"))
        await connection.close()

    apart(look())
    before = [moment for moment in sales.times if moment <= killed_at]
    after = [moment for moment in sales.times if moment > killed_at]
    without = max(later - moment for moment, later in pairwise([killed_at, *after]))
    say(
        f"fail-over: {len(before)} orders before it, {len(after)} after, {without:.1f} s without any; "
        f"answers {dict(sorted(sales.statuses.items()))}"
    )
    assert sales.wrong == []
    assert status == 200
    assert len(before) > CLIENTS
    assert sales.orders.items() <= stored.items()
    assert len(set(stored.values())) == len(stored)
    assert SECONDS_TO_NOTICE - 1 < without < MOST_SECONDS_WITHOUT


def test_what_only_one_of_the_two_servers_has_is_not_acknowledged(tmp_path: Path, pair: Pair) -> None:
    with RunningServer(tmp_path, "--demo", on=pair.url) as server:
        headers = {"X-Auth-Token": "demo-token"}
        pair.standby.kill()

        answer = httpx.post(
            f"{server.url}/stores/demo/v3/carts",
            json={"line_items": [{"product_id": 170, "quantity": 1}]},
            headers=headers,
            timeout=30,
        )

    assert answer.status_code == 503
    assert "may or may not have been done" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "1"
