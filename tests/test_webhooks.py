"""Delivering the outbox: at least once, in order per hook and cart, by any one of several workers (BEHAVIOUR 9)."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checkstand.domain.events import Event
from checkstand.domain.hook import Schedule
from checkstand.service.hooks import client_secret
from checkstand.storage.port import Claim, HookCall
from checkstand.storage.sql.rows import put_events
from checkstand.webhooks import Outcome, Send, Worker, sender
from tests.builders import NOON
from tests.client import BASE, Shop
from tests.receiver import HANG, Received, Receiver

QUICK = Schedule(retry_seconds=(0.02,) * 11, timeout_seconds=0.3, poll_seconds=0.01)
DESTINATION = "https://hooks.example.com/"


# ---------------------------------------------------------------------------------------------------- steps


async def call(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    async with shop.new_browser() as client:
        answer = await client.request(method, BASE + path, json=body, headers={"X-Auth-Token": "demo-token"})
    assert answer.is_success, answer.text
    return answer.json()["data"] if answer.content else None


async def a_hook(shop: Shop, destination: str = DESTINATION, scope: str = "store/cart/*", **fields: Any) -> int:
    return int((await call(shop, "POST", "/hooks", {"scope": scope, "destination": destination, **fields}))["id"])


async def a_cart(shop: Shop) -> tuple[str, str]:
    """Its id, and that of its line."""
    cart = await call(shop, "POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
    return cart["id"], cart["line_items"]["physical_items"][0]["id"]


async def change(shop: Shop, cart_id: str, line_id: str, quantity: int) -> None:
    await call(shop, "PUT", f"/carts/{cart_id}/items/{line_id}", {"line_item": {"quantity": quantity}})


async def until_logged(shop: Shop, count: int) -> None:
    """So many calls were made, and what became of them is written down."""
    deadline = time.monotonic() + 10
    while len(await shop.storage.unit("demo").hooks.calls(1000)) < count:
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


async def until_nothing_waits(shop: Shop) -> None:
    """Every event has left the outbox and every queue is closed."""

    async def waits() -> bool:
        far = datetime(2100, 1, 1, tzinfo=UTC)
        if await shop.storage.outbox.stores():  # first, since events go from there to the queues
            return True
        row = await shop.driver.one("queue_is_due", now=round(far.timestamp() * 1_000_000))
        return row is not None and row["due_count"] != 0

    deadline = time.monotonic() + 10
    while await waits():
        assert time.monotonic() < deadline, "something waits for ever"
        await asyncio.sleep(0.01)


async def outbox(shop: Shop, cart_id: str) -> list[tuple[str, str]]:
    """What happened to a cart and is not fanned out yet, in order: (scope, id of the cart or the line)."""
    rows = await shop.driver.all("event_all", store_hash="demo")
    return [
        (str(row["scope"]), str(json.loads(row["body"])["id"]))
        for row in rows
        if row["subject"] == cart_id and isinstance(row["body"], bytes)
    ]


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    running = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*running)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Sent:
    """An outside party in place of the network: it keeps what it is sent and gives the outcome a test says."""

    def __init__(self, *outcomes: int, default: int = 200) -> None:
        self._outcomes, self._default = list(outcomes), default
        self.ids: list[str] = []

    async def __call__(self, destination: str, headers: dict[str, str], body: bytes, timeout_seconds: float) -> Outcome:
        self.ids.append(headers["webhook-id"])
        status = self._outcomes.pop(0) if self._outcomes else self._default
        return Outcome(status, "" if status == 200 else f"answered {status}", 1)


def with_shop(scenario: Callable[[Shop], Awaitable[None]], **options: Any) -> None:
    with Shop(**options) as shop:
        shop.run(scenario(shop))


# ---------------------------------------------------------------------------------------------------- end to end


def test_a_receiver_that_fails_times_out_and_comes_back_gets_every_event_in_order_and_other_carts_do_not_wait() -> None:
    async def scenario(shop: Shop) -> None:
        slow_cart, slow_line = await a_cart(shop)
        statuses = [500, HANG, 404, 302, 200, 503]

        async def answer(received: Received) -> int:
            return statuses.pop(0) if received.cart_id == slow_cart and statuses else 200

        async with Receiver(answer) as receiver, sender(frozenset({receiver.host})) as send:
            shop.app.webhook_hosts = frozenset({receiver.host})
            await a_hook(shop, receiver.url, headers={"X-Shop": "demo"})
            quick_cart, quick_line = await a_cart(shop)
            for quantity in (2, 3, 4):
                await change(shop, slow_cart, slow_line, quantity)
                await change(shop, quick_cart, quick_line, quantity)
            expected = {cart: await outbox(shop, cart) for cart in (slow_cart, quick_cart)}

            async with working(Worker(shop.storage, send, QUICK)):
                await until_nothing_waits(shop)

            accepted = {
                cart: [each.happening for each in receiver.accepted if each.cart_id == cart] for cart in expected
            }
            assert accepted == expected
            assert len(expected[slow_cart]) == len(expected[quick_cart]) == 9
            about = [received.cart_id for received in receiver.accepted]
            assert about.index(slow_cart) > len(about) - 1 - about[::-1].index(quick_cart)
            assert len(receiver.calls) == 18 + 5  # each failure once more
            secret = await client_secret(shop.storage.unit("demo"), "demo")
            assert all(received.is_signed_with(secret) for received in receiver.calls)
            assert not any(received.is_signed_with("another") for received in receiver.calls)
            assert {received.headers["x-shop"] for received in receiver.calls} == {"demo"}
            assert {received.headers["host"] for received in receiver.calls} == {receiver.host}
            ids = Counter(received.id for received in receiver.calls)
            assert sorted(ids.values())[-2:] == [2, 5]  # tried again under the id it had

    with_shop(scenario)


def test_two_hooks_are_told_of_the_same_event_with_the_same_hash() -> None:
    async def scenario(shop: Shop) -> None:
        async with Receiver() as receiver, sender(frozenset({receiver.host})) as send:
            shop.app.webhook_hosts = frozenset({receiver.host})
            await a_hook(shop, receiver.url)
            await a_hook(shop, receiver.url, scope="store/cart/created")
            await a_hook(shop, receiver.url, scope="store/order/*")
            await a_cart(shop)

            async with working(Worker(shop.storage, send, QUICK)):
                await until_nothing_waits(shop)

            created = [each for each in receiver.accepted if each.payload["scope"] == "store/cart/created"]
            assert len(receiver.accepted) == 3 + 1
            assert len({each.payload["hash"] for each in receiver.accepted}) == 3
            assert len({each.payload["hash"] for each in created}) == 1
            assert len({each.id for each in created}) == 2

    with_shop(scenario)


# ---------------------------------------------------------------------------------------------------- the outbox


def test_events_nobody_listens_to_leave_the_outbox_all_the_same() -> None:
    async def scenario(shop: Shop) -> None:
        sent = Sent()
        await a_hook(shop, scope="store/order/*")
        await a_hook(shop, is_active=False)
        await a_cart(shop)

        async with working(Worker(shop.storage, sent, QUICK)):
            await until_nothing_waits(shop)

        assert sent.ids == []

    with_shop(scenario)


def test_what_was_written_later_is_sent_later_whatever_the_clock_of_the_writer_says() -> None:
    async def scenario(shop: Shop) -> None:
        for number, at in enumerate((NOON, NOON + timedelta(hours=1), NOON, NOON - timedelta(days=1))):
            event = Event("store/cart/updated", {"type": "cart", "id": str(number)})

            async def write(transaction: Any, event: Event = event, at: datetime = at) -> None:
                await put_events(transaction, "demo", "cart", [event], at)

            await shop.driver.transaction(write)

        assert [number for _, number in await outbox(shop, "cart")] == ["0", "1", "2", "3"]

    with_shop(scenario)


def test_several_workers_send_each_delivery_once_and_never_two_of_one_cart_at_the_same_time() -> None:
    async def scenario(shop: Shop) -> None:
        busy: set[str] = set()
        sent: list[str] = []

        async def send(destination: str, headers: dict[str, str], body: bytes, timeout_seconds: float) -> Outcome:
            cart = Received(headers, body, "/").cart_id
            assert cart not in busy
            busy.add(cart)
            await asyncio.sleep(0.001)
            busy.remove(cart)
            sent.append(headers["webhook-id"])
            return Outcome(200, "", 1)

        await a_hook(shop)
        carts = [await a_cart(shop) for _ in range(20)]
        for cart, line in carts:
            await change(shop, cart, line, 2)
        expected = [await outbox(shop, cart) for cart, _ in carts]

        async with working(*(Worker(shop.storage, send, QUICK) for _ in range(4))):
            await until_nothing_waits(shop)

        assert len(sent) == len(set(sent)) == sum(map(len, expected)) == 20 * 5

    with_shop(scenario)


def test_what_a_killed_worker_held_is_taken_over_when_its_lease_ends_and_not_before() -> None:
    async def scenario(shop: Shop) -> None:
        clock = Clock()
        outbox, sent = shop.storage.outbox, Sent()
        await a_hook(shop)
        await a_cart(shop)
        await outbox.fan_out("demo", clock.now)
        (dead,) = await outbox.claim(10, clock.now, clock.now + timedelta(seconds=30))
        first = await outbox.first(dead)

        async with working(Worker(shop.storage, sent, QUICK, clock)):
            clock.pass_by(seconds=29)
            await asyncio.sleep(0.1)
            assert sent.ids == []
            clock.pass_by(seconds=2)
            await until_nothing_waits(shop)

        assert first is not None
        assert sent.ids[0] == f"{first.event_id}-1"
        assert len(sent.ids) == 3

    with_shop(scenario)


def test_a_worker_that_was_overtaken_changes_nothing() -> None:
    async def scenario(shop: Shop) -> None:
        outbox, now = shop.storage.outbox, datetime.now(UTC)
        await a_hook(shop)
        await a_cart(shop)
        await outbox.fan_out("demo", now)
        (slow,) = await outbox.claim(10, now, now + timedelta(seconds=30))
        later = now + timedelta(seconds=31)
        (quick,) = await outbox.claim(10, later, later + timedelta(seconds=30))
        delivery = await outbox.first(slow)
        assert delivery is not None
        call = a_call(slow, delivery.event_id, now)

        assert await outbox.delivered(slow, delivery, call, later) is False
        assert await outbox.failed(slow, call, later) is False
        await outbox.release(slow, later)

        assert await outbox.first(quick) == delivery
        assert await outbox.claim(10, later, later) == []
        assert await shop.storage.unit("demo").hooks.calls(10) == []

    with_shop(scenario)


def a_call(claim: Claim, event_id: str, at: datetime) -> HookCall:
    return HookCall(
        hook_id=claim.hook_id,
        event_id=event_id,
        subject=claim.subject,
        scope="store/cart/created",
        host="hooks.example.com",
        called_at=at,
        milliseconds=1,
        attempt=1,
        status=200,
        error="",
    )


def test_a_server_that_stops_gives_back_what_it_was_sending() -> None:
    async def scenario(shop: Shop) -> None:
        async def never(destination: str, headers: dict[str, str], body: bytes, timeout_seconds: float) -> Outcome:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody answers")

        started = asyncio.Event()
        await a_hook(shop)
        await a_cart(shop)

        async with working(Worker(shop.storage, never, QUICK)):
            await started.wait()

        now = datetime.now(UTC)
        (claim,) = await shop.storage.outbox.claim(10, now, now)
        assert claim.attempts == 0

    with_shop(scenario)


# ---------------------------------------------------------------------------------------------------- failures


def test_after_its_last_attempt_a_hook_is_deactivated_and_what_waited_for_it_is_dropped() -> None:
    async def scenario(shop: Shop) -> None:
        clock, sent = Clock(), Sent(default=500)
        broken = await a_hook(shop)
        await a_cart(shop)
        await a_cart(shop)
        waits = Schedule().retry_seconds

        async with working(Worker(shop.storage, sent, Schedule(poll_seconds=0.01), clock)):
            for attempts, wait in enumerate(waits, 1):
                await until_logged(shop, 2 * attempts)
                clock.pass_by(seconds=wait - 1)
                await asyncio.sleep(0.03)
                assert len(sent.ids) == 2 * attempts
                clock.pass_by(seconds=2)
            await until_nothing_waits(shop)

        assert 2 * len(waits) < len(sent.ids) <= 2 * len(waits) + 2
        assert (await call(shop, "GET", f"/hooks/{broken}"))["is_active"] is False
        (shown,) = (await call(shop, "GET", "/hooks/admin"))["hooks_list"]
        assert shown["status"] == "deactivated"
        (last, *_) = await shop.storage.unit("demo").hooks.calls(1)
        assert (last.error, last.attempt) == ("answered 500", 12)

    with_shop(scenario)


def test_a_hook_that_is_switched_on_again_hears_what_happens_from_then_on() -> None:
    async def scenario(shop: Shop) -> None:
        sent = Sent()
        hook = await a_hook(shop)
        await a_cart(shop)
        await shop.storage.outbox.fan_out("demo", datetime.now(UTC))
        await call(shop, "PUT", f"/hooks/{hook}", {"is_active": False})
        await a_cart(shop)
        await shop.storage.outbox.fan_out("demo", datetime.now(UTC))
        await call(shop, "PUT", f"/hooks/{hook}", {"is_active": True})
        cart, _ = await a_cart(shop)
        expected = len(await outbox(shop, cart))

        async with working(Worker(shop.storage, sent, QUICK)):
            await until_nothing_waits(shop)

        assert len(sent.ids) == expected == 3

    with_shop(scenario)


def test_what_waits_for_a_deleted_hook_is_not_sent() -> None:
    async def scenario(shop: Shop) -> None:
        sent = Sent()
        hook = await a_hook(shop)
        await a_cart(shop)
        await shop.storage.outbox.fan_out("demo", datetime.now(UTC))
        await call(shop, "DELETE", f"/hooks/{hook}")

        async with working(Worker(shop.storage, sent, QUICK)):
            await until_nothing_waits(shop)

        assert sent.ids == []

    with_shop(scenario)


def test_a_domain_that_fails_too_often_is_left_alone_for_three_minutes() -> None:
    async def scenario(shop: Shop) -> None:
        clock = Clock()
        sent = Sent(*(8 * [200] + 2 * [500]))
        shop.app.now = clock
        await a_hook(shop, scope="store/cart/created")
        schedule = Schedule(window_calls=10, poll_seconds=0.01)

        async with working(Worker(shop.storage, sent, schedule, clock)):
            for number in range(1, 11):
                await a_cart(shop)
                await until_logged(shop, number)
            await until_blocked(shop, clock)
            (blocked,) = (await call(shop, "GET", "/hooks/admin"))["blocked_domains"]
            assert blocked == {
                "destination": "hooks.example.com",
                "time_left": 180,
                "reasons": [
                    {"failure_description": "answered 500", "count": 2, "timestamp": int(clock.now.timestamp())}
                ],
            }

            await a_cart(shop)
            clock.pass_by(seconds=179)
            await asyncio.sleep(0.05)
            assert len(sent.ids) == 10

            clock.pass_by(seconds=2)
            await until_nothing_waits(shop)

        assert len(sent.ids) == 13
        assert (await call(shop, "GET", "/hooks/admin"))["blocked_domains"] == []

    with_shop(scenario)


async def until_blocked(shop: Shop, clock: Clock) -> None:
    deadline = time.monotonic() + 10
    while not await shop.storage.unit("demo").hooks.pauses(clock.now):
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


def test_a_hook_without_a_delivery_for_90_days_becomes_inactive_and_one_with_does_not() -> None:
    async def scenario(shop: Shop) -> None:
        clock, sent = Clock(), Sent()
        shop.app.now = clock
        idle = await a_hook(shop, scope="store/order/*")
        used = await a_hook(shop, scope="store/cart/*")
        schedule = Schedule(poll_seconds=0.01)

        async with working(Worker(shop.storage, sent, schedule, clock)):
            clock.pass_by(days=89)
            await a_cart(shop)
            await until_logged(shop, 3)
            clock.pass_by(days=2)
            await asyncio.sleep(0.1)

        assert (await call(shop, "GET", f"/hooks/{idle}"))["is_active"] is False
        assert (await call(shop, "GET", f"/hooks/{used}"))["is_active"] is True

    with_shop(scenario)


def test_the_delivery_log_is_kept_for_seven_days() -> None:
    async def scenario(shop: Shop) -> None:
        clock, sent = Clock(), Sent(500)
        hooks = shop.storage.unit("demo").hooks
        hook = await a_hook(shop, scope="store/cart/created")
        cart, _ = await a_cart(shop)

        async with working(Worker(shop.storage, sent, Schedule(poll_seconds=0.01), clock)):
            await until_logged(shop, 1)
            clock.pass_by(seconds=61)
            await until_nothing_waits(shop)
            lines = await hooks.calls(10, hook)
            assert [(line.attempt, line.status, line.error) for line in lines] == [
                (2, 200, ""),
                (1, 500, "answered 500"),
            ]
            assert {line.subject for line in lines} == {cart}
            assert await hooks.calls(10, hook + 1) == []
            clock.pass_by(days=6)
            await asyncio.sleep(0.05)
            assert len(await hooks.calls(10)) == 2
            clock.pass_by(days=2)
            await asyncio.sleep(0.1)
            assert await hooks.calls(10) == []

    with_shop(scenario)


# ---------------------------------------------------------------------------------------------------- one call


def addresses(*found: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    return resolve


async def sent_to(send: Send, url: str, timeout_seconds: float = 5) -> str:
    """How a call ended, "" for well."""
    return (await send(url, {"webhook-id": "1"}, b"{}", timeout_seconds)).error


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.7"], ["::1"], ["93.184.216.34", "192.168.0.1"]])
def test_a_name_that_stands_for_an_internal_address_is_not_called(found: list[str]) -> None:
    async def scenario() -> None:
        async with sender(frozenset(), addresses(*found)) as send:
            assert await sent_to(send, DESTINATION) == "the host is not on the public internet"

    asyncio.run(scenario())


def test_a_call_goes_to_the_address_that_was_checked_under_the_name_that_was_given() -> None:
    async def scenario() -> None:
        async with Receiver() as receiver, sender(frozenset({"hooks.test"}), addresses("127.0.0.1")) as send:
            assert await sent_to(send, f"http://hooks.test:{receiver.port}/a?b=c") == ""

            (received,) = receiver.calls
            assert received.headers["host"] == f"hooks.test:{receiver.port}"
            assert received.path == "/a?b=c"
            assert received.headers["user-agent"] == "Checkstand"

    asyncio.run(scenario())


def test_a_redirect_is_not_followed() -> None:
    async def answer(_: Received) -> int:
        return 307

    async def scenario() -> None:
        async with Receiver(answer) as receiver, sender(frozenset({receiver.host})) as send:
            receiver.headers = f"Location: {receiver.url}\r\n"

            assert await sent_to(send, receiver.url) == "answered 307"
            assert len(receiver.calls) == 1

    asyncio.run(scenario())


def test_a_receiver_that_takes_too_long_or_is_not_there_has_failed() -> None:
    async def answer(_: Received) -> int:
        return HANG

    async def scenario() -> None:
        async with Receiver(answer) as receiver, sender(frozenset({"127.0.0.1"})) as send:
            assert await sent_to(send, receiver.url, 0.1) == "no answer within 0.1 seconds"
            gone = receiver.url
        async with sender(frozenset({"127.0.0.1"})) as send:
            assert await sent_to(send, gone) == "not reached: ConnectError"
        async with sender(frozenset(), addresses()) as send:
            assert await sent_to(send, DESTINATION) == "not reached: OSError"

    asyncio.run(scenario())
