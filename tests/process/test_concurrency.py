"""Many writers on one checkout, over real HTTP: with a version one wins, without one nothing is lost (issue of BEHAVIOUR 1.1)."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from tests.recording import AUSTIN
from tests.server import RunningServer

WRITERS = 20


async def a_cart(client: httpx.AsyncClient, quantity: int) -> tuple[str, str, int]:
    """Id, line id and version of a cart with so many units of one product."""
    answer = await client.post("/carts", json={"line_items": [{"product_id": 170, "quantity": quantity}]})
    cart = answer.json()["data"]
    return cart["id"], cart["line_items"]["physical_items"][0]["id"], cart["version"]


def one_unit(line_id: str, number: int, version: int | None = None) -> list[dict[str, Any]]:
    """A consignment of its own for one unit: each goes to another door."""
    new: dict[str, Any] = {
        "address": AUSTIN | {"address1": f"{number} Main Street"},
        "line_items": [{"item_id": line_id, "quantity": 1}],
    }
    return [new if version is None else new | {"version": version}]


def test_twenty_parallel_consignments_without_a_version_are_all_there(tmp_path: Path) -> None:
    async def scenario(server: RunningServer) -> None:
        async with server.client() as client:
            cart_id, line_id, version = await a_cart(client, WRITERS)
            path = f"/checkouts/{cart_id}/consignments"

            answers = await asyncio.gather(*(client.post(path, json=one_unit(line_id, n)) for n in range(WRITERS)))

            assert Counter(answer.status_code for answer in answers) == {200: WRITERS}
            checkout = (await client.get(f"/checkouts/{cart_id}")).json()["data"]
            assert checkout["version"] == version + WRITERS
            assert sorted(c["address"]["address1"] for c in checkout["consignments"]) == sorted(
                f"{n} Main Street" for n in range(WRITERS)
            )
            held = [line_id for consignment in checkout["consignments"] for line_id in consignment["line_item_ids"]]
            items = checkout["cart"]["line_items"]["physical_items"]
            assert sorted(held) == sorted(item["id"] for item in items)
            assert [item["quantity"] for item in items] == [1] * WRITERS

    with RunningServer(tmp_path) as server:
        asyncio.run(scenario(server))


def test_twenty_parallel_consignments_with_one_version_one_wins_and_nineteen_conflict(tmp_path: Path) -> None:
    async def scenario(server: RunningServer) -> None:
        async with server.client() as client:
            cart_id, line_id, version = await a_cart(client, WRITERS)
            path = f"/checkouts/{cart_id}/consignments"

            answers = await asyncio.gather(
                *(client.post(path, json=one_unit(line_id, n, version)) for n in range(WRITERS))
            )

            assert Counter(answer.status_code for answer in answers) == {200: 1, 409: WRITERS - 1}
            checkout = (await client.get(f"/checkouts/{cart_id}")).json()["data"]
            assert checkout["version"] == version + 1
            assert len(checkout["consignments"]) == 1

    with RunningServer(tmp_path) as server:
        asyncio.run(scenario(server))


def test_after_kill_nine_in_a_run_of_writes_every_acknowledged_write_is_there(tmp_path: Path) -> None:
    acknowledged: dict[str, set[str]] = {}

    async def write_until_it_dies(server: RunningServer) -> None:
        async with server.client() as client:
            carts = [await a_cart(client, 400) for _ in range(4)]
            for cart_id, _, _ in carts:
                acknowledged[cart_id] = set()

            async def writer(number: int) -> None:
                cart_id, line_id, _ = carts[number % len(carts)]
                for attempt in range(200):
                    door = 1000 * number + attempt
                    try:
                        answer = await client.post(f"/checkouts/{cart_id}/consignments", json=one_unit(line_id, door))
                    except httpx.TransportError:
                        return
                    if answer.status_code != 200:
                        return
                    acknowledged[cart_id].add(f"{door} Main Street")

            async def killer() -> None:
                while sum(len(written) for written in acknowledged.values()) < 100:
                    await asyncio.sleep(0.005)
                server.kill()

            await asyncio.gather(killer(), *(writer(number) for number in range(8)))

    async def read_back(server: RunningServer) -> None:
        async with server.client() as client:
            for cart_id, written in acknowledged.items():
                checkout = (await client.get(f"/checkouts/{cart_id}")).json()["data"]
                there = {consignment["address"]["address1"] for consignment in checkout["consignments"]}
                assert written <= there
                assert checkout["version"] == 1 + len(there)
                assert len(there) - len(written) <= 8  # written but not yet acknowledged when the power went

    server = RunningServer(tmp_path)
    server.start()
    try:
        asyncio.run(write_until_it_dies(server))
        server.start()
        asyncio.run(read_back(server))
    finally:
        server.stop()
    assert sum(len(written) for written in acknowledged.values()) >= 100
