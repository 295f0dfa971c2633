"""The spine under races: lost without a version it runs again, lost with one it is a conflict (BEHAVIOUR 1.1)."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout
from checkstand.domain.commands import SetCustomerMessage
from checkstand.domain.events import Event
from checkstand.errors import AlreadyOrdered, Unavailable, VersionConflict
from checkstand.service import commands
from checkstand.service.commands import Races, change, read
from checkstand.storage.sql import SqlUnit
from checkstand.storage.sql.checkouts import SqlCheckouts
from tests.builders import NOON, a_checkout, a_moment, a_store, stored
from tests.database import open_fresh, run


class Raced(SqlCheckouts):
    """Another process writes first, `times` times, between our load and our save."""

    times = 0

    async def replace(self, before: Checkout, after: Checkout, events: Sequence[Event]) -> bool:
        if self.times:
            self.times -= 1
            await self.somebody_else_writes(before)
        return await super().replace(before, after, events)

    async def delete(self, before: Checkout, events: Sequence[Event]) -> bool:
        if self.times:
            self.times -= 1
            await self.somebody_else_writes(before)
        return await super().delete(before, events)

    async def somebody_else_writes(self, before: Checkout) -> None:
        theirs = replace(before, version=before.version + 1, locale=f"{before.locale}+")
        assert await super().replace(before, theirs, [])


class RacedUnit(SqlUnit):
    raced: Raced

    @property
    def checkouts(self) -> SqlCheckouts:
        return self.raced


async def a_unit(checkout: Checkout, times: int) -> SqlUnit:
    storage, _ = await open_fresh()
    unit = RacedUnit(storage, "test", storage.driver)
    unit.raced = Raced(storage.driver, "test")
    await unit.shop.put(stored(a_store()), NOON)
    await unit.checkouts.insert(checkout, [])
    unit.raced.times = times
    return unit


def test_a_lost_race_without_a_version_runs_again_on_what_the_winner_wrote() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=2)
        before = Races.retried

        answer = await change(unit, "cart", SetCustomerMessage(message="hello"), a_moment())

        assert Races.retried - before == 2

        assert (answer.checkout.version, answer.checkout.customer_message, answer.checkout.locale) == (
            4,
            "hello",
            "en++",
        )
        assert (await read(unit, "cart", NOON)).checkout == answer.checkout

    run(scenario())


def test_a_lost_race_with_a_version_is_a_conflict_and_only_the_winner_stands() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=1)

        with pytest.raises(VersionConflict):
            await change(unit, "cart", SetCustomerMessage(message="hello"), a_moment(), versions=[1])

        checkout = (await read(unit, "cart", NOON)).checkout
        assert (checkout.version, checkout.customer_message) == (2, "")

    run(scenario())


def test_who_lost_twice_holds_the_checkout_so_that_nobody_is_faster_again() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=10**6)

        answer = await change(unit, "cart", SetCustomerMessage(message="hello"), a_moment())

        assert (answer.checkout.version, answer.checkout.locale) == (4, "en++")

    run(scenario())


def test_a_race_that_is_lost_for_seconds_on_end_asks_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "RACE_DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(commands, "RACES_WITHOUT_HOLDING", 10**6)

    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=10**6)

        with pytest.raises(Unavailable) as refusal:
            await change(unit, "cart", SetCustomerMessage(message="hello"), a_moment())

        assert refusal.value.retry_after_seconds == 1

    run(scenario())


def test_writers_of_one_process_queue_so_that_none_of_them_races() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=0)

        answers = await asyncio.gather(
            *(change(unit, "cart", SetCustomerMessage(message=str(number)), a_moment()) for number in range(20))
        )

        assert sorted(answer.checkout.version for answer in answers) == list(range(2, 22))

    run(scenario())


def test_a_checkout_that_has_become_an_order_is_not_changed() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(converted=True, order_id=100), times=0)

        with pytest.raises(AlreadyOrdered, match="order 100"):
            await change(unit, "cart", SetCustomerMessage(message="hello"), a_moment())

    run(scenario())


def test_a_read_changes_nothing() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=0)
        before = await unit.checkouts.get("cart")

        await read(unit, "cart", NOON)

        assert await unit.checkouts.get("cart") == before

    run(scenario())
