"""Connections to PostgreSQL that are cut, in whatever moment: who only reads, or adds to a counter, hardly notices."""

import asyncio
import time

import asyncpg

from checkstand.errors import UNKNOWN_OUTCOME, Unavailable
from checkstand.storage.open import open_storage
from checkstand.storage.port import Database, Driver
from checkstand.storage.sql.rows import next_in_sequence
from tests.database import abandon, fresh, run

SECONDS = 2.0
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def cut_over_and_over(url: str, until: float) -> int:
    connection = await asyncpg.connect(url)
    cut = 0
    while time.monotonic() < until:
        cut += await connection.fetchval(CUT)
        await asyncio.sleep(0.02)
    await connection.close()
    return cut


async def count(driver: Database, until: float) -> tuple[int, int]:
    """How often a counter was certainly raised, and how often it may have been."""

    async def work(inside: Driver) -> None:
        await next_in_sequence(inside, "test", "counted", 1)

    done = unknown = 0
    while time.monotonic() < until:
        try:
            await driver.transaction(work)
            done += 1
        except Unavailable as error:
            assert error.reason == UNKNOWN_OUTCOME
            unknown += 1
    return done, unknown


async def read(driver: Database, until: float) -> None:
    while time.monotonic() < until:
        assert await driver.one("alive") is not None


def test_reads_all_succeed_and_of_writes_those_whose_outcome_is_unknown_are_told() -> None:
    async def scenario() -> None:
        url = fresh()
        _, driver = await open_storage(url)
        until = time.monotonic() + SECONDS

        cut, _, _, counted = await asyncio.gather(
            cut_over_and_over(url, until),
            read(driver, until),
            read(driver, until),
            asyncio.gather(*(count(driver, until) for _ in range(4))),
        )

        raised = await next_in_sequence(driver, "test", "counted", 1)
        done, unknown = (sum(amounts) for amounts in zip(*counted, strict=True))
        assert done < raised <= done + unknown + 1
        assert cut > 20
        await driver.close()
        abandon(url)

    run(scenario())
