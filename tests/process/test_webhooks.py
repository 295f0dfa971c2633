"""Webhooks of a server as a process, to a receiver on this machine; and what docs/webhooks.md tells receivers to do."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from tests.receiver import HANG, Received, Receiver
from tests.server import RunningServer

PAGE = (Path(__file__).parent.parent.parent / "docs" / "webhooks.md").read_text("utf-8")


def is_genuine() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function the page shows."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    found: dict[str, Callable[[str, dict[str, str], bytes], bool]] = {}
    exec(example, found)
    return found["is_genuine"]


def checkstand(server: RunningServer, *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "checkstand", *arguments, "--database", f"{server.database}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_events_that_wait_when_the_server_stops_arrive_in_order_after_its_next_start(tmp_path: Path) -> None:
    answers = [HANG]

    async def answer(_: Received) -> int:
        return answers.pop() if answers else 200

    async def scenario() -> None:
        async with Receiver(answer) as receiver:
            # without --demo, which makes a cart of its own at each start
            server = RunningServer(tmp_path, "--host", "127.0.0.1", CHECKSTAND_WEBHOOK_HOSTS=receiver.host)
            checkstand(server, "migrate")
            checkstand(server, "load", "--store", "demo", str(files("checkstand.demo").joinpath("shop.yaml")))
            with server:
                async with server.client() as client:
                    hook = {"scope": "store/cart/*", "destination": receiver.url}
                    assert (await client.post("/hooks", json=hook)).status_code == 200
                    made = await client.post("/carts", json={"line_items": [{"product_id": 170, "quantity": 1}]})
                    cart_id = made.json()["data"]["id"]
                    await until(lambda: len(receiver.calls) > 0)
                    assert [call.payload["scope"] for call in receiver.calls] == ["store/cart/created"]
                    assert (await client.delete(f"/carts/{cart_id}")).status_code == 204
                assert await asyncio.to_thread(server.stop) == 0
                assert receiver.accepted == []

                await asyncio.to_thread(server.start)
                await until(lambda: "store/cart/deleted" in scopes(receiver.accepted, cart_id))

                assert scopes(receiver.accepted, cart_id) == [
                    "store/cart/created",
                    "store/cart/updated",
                    "store/cart/lineItem/created",
                    "store/cart/deleted",
                ]
                expect_signed(receiver.accepted, server)
                log = checkstand(server, "webhook-log", "--store", "demo", "--hook", "1")
                (deleted,) = [
                    line for line in log if f"hook 1 store/cart/deleted {cart_id} attempt 1 127.0.0.1" in line
                ]
                assert deleted.endswith(" ms: delivered (200)")

    asyncio.run(scenario())


def scopes(received: list[Received], cart_id: str) -> list[str]:
    return [each.payload["scope"] for each in received if each.cart_id == cart_id]


def expect_signed(received: list[Received], server: RunningServer) -> None:
    """By what the page shows, with the secret the command prints."""
    (secret,) = checkstand(server, "webhook-secret", "--store", "demo", "--client", "demo")
    check = is_genuine()
    for each in received:
        assert check(secret, dict(each.headers), each.body)
        assert not check(secret, dict(each.headers), each.body + b" ")


async def until(is_true: Callable[[], bool]) -> None:
    """Waits long: a server that has just been tortured beside us may take a while over its first commits."""
    async with asyncio.timeout(30):
        while not is_true():
            await asyncio.sleep(0.02)
