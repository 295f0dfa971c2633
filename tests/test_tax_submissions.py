"""Telling a tax provider of orders: once each, also when it fails, when workers share the work, and when one dies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from checkstand.domain.hook import Schedule
from checkstand.domain.moment import Moment
from checkstand.domain.order import Order, OrderChange
from checkstand.domain.tax_quote import SubmittedTax
from checkstand.outbound import Post, poster
from checkstand.service import orders, tax_submissions
from checkstand.settings import Settings
from checkstand.storage.port import UnitOfWork
from checkstand.tax_submissions import Submitter, submitting
from tests.client import Shop
from tests.test_tax_providers import CONNECTION, World, world

QUICK = Schedule(retry_seconds=(60.0, 180.0), timeout_seconds=0.5, poll_seconds=0.01)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Office:
    """The shop with its provider, and a worker whose clock the test has."""

    def __init__(self, world: World, post: Post) -> None:
        self.world, self.clock = world, Clock()
        self.submitter = self.another(post)
        self._post = post

    def another(self, post: Post | None = None) -> Submitter:
        return Submitter(self.world.shop.storage, post or self._post, QUICK, self.clock)

    @property
    def unit(self) -> UnitOfWork:
        return self.world.shop.storage.unit("demo")

    async def place(self, *, is_final: bool = True) -> Order:
        checkout_id = await self.world.a_ready_checkout()
        moment = Moment(self.clock.now, checkout_id)
        if is_final:
            return await orders.place_final(self.unit, checkout_id, "cod", moment)
        return await orders.place_incomplete(self.unit, checkout_id, moment)

    async def work(self) -> None:
        while await self.submitter.work():
            pass

    def told(self, path: str) -> list[Any]:
        return [body for called, _, body in self.world.provider.calls if called == path]

    async def state(self, order: Order, action: Any = "commit") -> SubmittedTax | None:
        return await self.unit.tax_connections.submitted(order.id, action)


def in_office(scenario: Callable[[Office], Awaitable[None]], **options: Any) -> None:
    async def run(shop: Shop) -> None:
        async with world(shop, **options) as made:
            host = f"127.0.0.1:{made.provider.port}"
            async with poster(frozenset({host}), most_bytes=10_000) as post:
                await scenario(Office(made, post))

    with Shop() as shop:
        shop.run(run(shop))


def test_a_final_order_is_committed_once_under_its_number() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        await office.work()
        office.clock.pass_by(1e6)
        await office.work()

        (committed,) = office.told("/commit")
        assert committed["id"] == str(order.id)
        assert [document["items"][0]["price"]["amount"] for document in committed["documents"]] == [25]
        assert await office.state(order) == SubmittedTax(
            provider_id="demo-tax", state="done", quote_id=str(order.id), attempts=1
        )

    in_office(scenario)


def test_an_incomplete_order_is_committed_only_where_the_store_says_so() -> None:
    async def scenario(office: Office) -> None:
        waiting = await office.place(is_final=False)
        await office.world.data("PUT", "/tax/settings", {"document_submission_strategy": "ON_ORDER_CREATION"})
        told = await office.place(is_final=False)
        await office.work()

        assert [body["id"] for body in office.told("/commit")] == [str(told.id)]
        assert await office.state(waiting) is None

    in_office(scenario)


def test_an_order_is_committed_when_its_status_makes_it_count_and_voided_when_it_is_given_up() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place(is_final=False)
        await office.work()
        assert office.told("/commit") == []

        for status in ("AWAITING_PAYMENT", "COMPLETED"):
            await orders.change(office.unit, order.id, OrderChange(status=status), office.clock.now)
        await office.work()
        assert [body["id"] for body in office.told("/commit")] == [str(order.id)]
        assert office.told("/void") == []

        await orders.change(office.unit, order.id, OrderChange(status="CANCELLED"), office.clock.now)
        await office.work()
        office.clock.pass_by(1e6)
        await office.work()
        assert len(office.told("/void")) == 1
        assert len(office.told("/commit")) == 1

    in_office(scenario)


def test_without_a_connection_nobody_is_told() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        await office.work()

        assert await office.state(order) is None
        assert office.world.provider.calls == []

    in_office(scenario, is_connected=False)


def test_a_provider_that_fails_is_told_again_and_given_up_in_the_end() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        office.world.provider.status = 500
        await office.work()
        first = await office.state(order)
        office.clock.pass_by(61)
        await office.work()
        office.clock.pass_by(181)
        await office.work()
        last = await office.state(order)
        office.clock.pass_by(1e6)
        await office.work()

        assert first is not None
        assert last is not None
        assert (first.state, first.error, first.attempts) == ("waiting", "answered 500", 1)
        assert (last.state, last.attempts) == ("given_up", 3)
        assert len(office.told("/commit")) == 3

    in_office(scenario)


def test_a_provider_that_was_away_gets_it_later() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        office.world.provider.delay = 5
        await office.work()
        office.world.provider.delay = 0
        office.clock.pass_by(61)
        await office.work()

        state = await office.state(order)
        assert state is not None
        assert (state.state, state.attempts) == ("done", 2)

    in_office(scenario)


def test_workers_share_the_work_and_tell_nothing_twice() -> None:
    async def scenario(office: Office) -> None:
        placed = [await office.place() for _ in range(5)]
        others = [office.another() for _ in range(4)]

        await asyncio.gather(*(worker.work() for worker in others))

        assert sorted(body["id"] for body in office.told("/commit")) == sorted(str(order.id) for order in placed)

    in_office(scenario)


def test_what_a_worker_held_that_died_is_told_by_another_when_its_lease_ends() -> None:
    async def scenario(office: Office) -> None:
        await office.place()
        now = office.clock.now
        held = await office.world.shop.storage.tax_submissions.claim(9, now, now + timedelta(seconds=30))
        await office.work()
        assert (len(held), office.told("/commit")) == (1, [])

        office.clock.pass_by(31)
        await office.work()
        await office.world.shop.storage.tax_submissions.failed(held[0], "too late", None)

        assert len(office.told("/commit")) == 1

    in_office(scenario)


def test_a_void_waits_for_its_commit_and_names_what_the_provider_called_it() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        office.world.provider.status = 500
        await office.work()
        assert await tax_submissions.void(office.unit, order.id, office.clock.now)
        await office.submitter.work()
        assert office.told("/void") == []

        office.world.provider.status = 200
        office.clock.pass_by(61)
        await office.work()
        office.clock.pass_by(6)
        await office.work()
        assert await tax_submissions.void(office.unit, order.id, office.clock.now)
        await office.work()

        assert len(office.told("/void")) == 1
        assert office.world.provider.committed == {}
        state = await office.state(order, "void")
        assert state is not None
        assert (state.state, state.quote_id) == ("done", str(order.id))

    in_office(scenario)


def test_an_order_nobody_was_told_of_need_not_be_forgotten() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place(is_final=False)

        assert not await tax_submissions.void(office.unit, order.id, office.clock.now)

    in_office(scenario)


def test_a_store_that_was_disconnected_tells_its_provider_once_it_is_connected_again() -> None:
    async def scenario(office: Office) -> None:
        order = await office.place()
        await office.world.data("DELETE", CONNECTION)
        await office.work()
        state = await office.state(order)
        await office.world.data("PUT", CONNECTION, {"username": "demo", "password": "secret"})
        office.clock.pass_by(61)
        await office.work()

        assert state is not None
        assert state.error == "the store is not connected to the provider"
        assert len(office.told("/commit")) == 1

    in_office(scenario)


def test_a_refused_order_leaves_nothing_to_tell() -> None:
    async def scenario(office: Office) -> None:
        checkout_id, _ = await office.world.a_checkout()
        refusal = await office.world.call("POST", f"/checkouts/{checkout_id}/orders")
        await office.work()

        assert refusal.status_code == 422
        assert office.told("/commit") == []

    in_office(scenario)


def test_the_server_tells_by_itself_and_stops() -> None:
    async def scenario(office: Office) -> None:
        host = f"127.0.0.1:{office.world.provider.port}"
        async with submitting(office.world.shop.storage, Settings(provider_hosts=frozenset({host}))):
            order = await office.place()
            async with asyncio.timeout(10):
                while not office.told("/commit"):
                    await asyncio.sleep(0.02)

        assert office.told("/commit")[0]["id"] == str(order.id)

    in_office(scenario)
