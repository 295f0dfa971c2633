"""When a tax provider is asked from within the services, and that nobody waits for it in a transaction."""

import asyncio

import pytest

from checkstand.domain.facts import Facts
from checkstand.errors import Unavailable
from checkstand.service import commands
from checkstand.service.commands import LostRace, Races, in_turn
from checkstand.service.gather import gather
from checkstand.service.tax_quotes import MOST_QUESTIONS, AskFirst, asking_first, with_tax_quote
from checkstand.storage.port import UnitOfWork
from checkstand.storage.sql.unit import NobodyAsked
from tests.builders import NOON
from tests.test_tax_providers import World, with_world


async def quoted(unit: UnitOfWork, checkout_id: str) -> Facts:
    checkout = await unit.checkouts.get(checkout_id)
    return await with_tax_quote(unit, checkout, await gather(unit, checkout, now=NOON))


def test_a_writer_that_holds_the_checkout_lets_go_of_it_to_ask() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        unit = world.shop.storage.unit("demo")
        world.seconds.now += 601
        asked, attempts = world.estimates, list[tuple[bool, int]]()

        async def attempt(unit: UnitOfWork) -> Facts:
            attempts.append((unit.is_transaction, world.estimates - asked))
            if len(attempts) <= 2:
                raise LostRace
            return await quoted(unit, checkout_id)

        facts = await in_turn(unit, checkout_id, attempt)

        assert attempts == [(False, 0), (False, 0), (True, 0), (True, 1)]
        assert facts.tax_quote is not None
        assert facts.tax_quote.status == "quoted"

    with_world(scenario)


def test_asking_is_no_lost_race_and_may_take_longer_than_races_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "RACE_DEADLINE_SECONDS", 0.05)

    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        unit, before, answers = world.shop.storage.unit("demo"), Races.retried, list[str]()

        async def ask() -> None:
            await asyncio.sleep(0.1)
            answers.append("here it is")

        async def slow(unit: UnitOfWork) -> str:
            if not unit.is_transaction:
                await asyncio.sleep(0.1)  # it asks, and somebody else is faster
                raise LostRace
            if len(answers) < 2:
                raise AskFirst(ask)
            return answers[-1]

        assert await in_turn(unit, checkout_id, slow) == "here it is"
        assert Races.retried - before == 2

    with_world(scenario)


def test_a_transaction_in_a_transaction_leaves_asking_to_the_outer_one() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        unit = world.shop.storage.unit("demo")
        world.seconds.now += 601

        async def inside(inner: UnitOfWork) -> None:
            with pytest.raises(AskFirst):
                await asking_first(inner, lambda: quoted(inner, checkout_id))

        await unit.together(inside)

    with_world(scenario)


def test_a_question_that_is_another_one_each_time_comes_to_an_end() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        unit = world.shop.storage.unit("demo")
        asked = world.estimates

        async def always_new() -> Facts:
            world.seconds.now += 601
            return await unit.together(lambda inside: quoted(inside, checkout_id))

        with pytest.raises(Unavailable):
            await asking_first(unit, always_new)
        assert world.estimates == asked + MOST_QUESTIONS

    with_world(scenario)


def test_a_store_without_a_provider_has_no_quote() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()

        assert (await quoted(world.shop.storage.unit("demo"), checkout_id)).tax_quote is None
        assert world.estimates == 0

    with_world(scenario, is_connected=False)


def test_a_process_that_calls_nobody_has_no_answer() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        world.shop.storage.tax_quotes = NobodyAsked()

        facts = await quoted(world.shop.storage.unit("demo"), checkout_id)

        assert facts.tax_quote is not None
        assert facts.tax_quote.status == "failed"

    with_world(scenario)


def test_a_provider_is_told_of_gifts_in_the_answer_that_brings_them() -> None:
    async def scenario(world: World) -> None:
        checkout_id = await world.a_ready_checkout()
        gift = {"action": {"gift_item": {"product_id": 174, "quantity": 1}}}
        await world.data("POST", "/promotions", {"name": "A jar", "redemption_type": "AUTOMATIC", "rules": [gift]})

        checkout = await world.data("GET", f"/checkouts/{checkout_id}")

        goods = [item["id"] for item in checkout["cart"]["line_items"]["physical_items"]]
        told = [item["id"] for document in world.provider.calls[-1][2]["documents"] for item in document["items"]]
        assert len(goods) == 2
        assert told == goods

    with_world(scenario)
