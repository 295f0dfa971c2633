"""Removing lines under races: the last line takes the cart with it, whoever was faster (BEHAVIOUR 4, 1.1)."""

import asyncio

import pytest

from checkstand.errors import NotFound, VersionConflict
from checkstand.service import carts
from tests.builders import a_checkout, a_line, a_moment
from tests.database import run
from tests.service.test_commands import a_unit


def test_two_parallel_removals_of_the_two_last_lines_leave_no_empty_cart() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(a_line("x"), a_line("y", product_id=2)), times=0)

        answers = await asyncio.gather(*(carts.remove_line(unit, "cart", line, a_moment()) for line in ("x", "y")))

        assert sorted(answer is None for answer in answers) == [False, True]
        with pytest.raises(NotFound):
            await unit.checkouts.get("cart")

    run(scenario())


def test_the_last_line_is_removed_with_its_cart_also_when_somebody_else_wrote_first() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(), times=1)
        assert await carts.remove_line(unit, "cart", "x", a_moment()) is None

        unit = await a_unit(a_checkout(), times=1)
        with pytest.raises(VersionConflict):
            await carts.remove_line(unit, "cart", "x", a_moment(), versions=[1])

    run(scenario())


def test_a_removal_without_a_version_survives_a_lost_race_and_one_with_a_version_does_not() -> None:
    async def scenario() -> None:
        unit = await a_unit(a_checkout(a_line("x"), a_line("y", product_id=2)), times=1)
        answer = await carts.remove_line(unit, "cart", "x", a_moment())
        assert answer is not None
        assert [line.id for line in answer.checkout.lines] == ["y"]

        unit = await a_unit(a_checkout(a_line("x"), a_line("y", product_id=2)), times=1)
        with pytest.raises(VersionConflict):
            await carts.remove_line(unit, "cart", "x", a_moment(), versions=[1])

    run(scenario())
