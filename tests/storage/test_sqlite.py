"""The Driver for SQLite: transactions, durability settings, clear failures."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from checkstand.errors import Invalid, Unavailable
from checkstand.storage.open import migrate, open_database, open_storage
from checkstand.storage.port import Driver
from checkstand.storage.sqlite import SQLite
from tests.builders import NOON, a_store, stored

HOST = {"store_hash": "test", "host": "shop.example.com"}


def test_a_transaction_that_raises_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        _, driver = await open_storage("sqlite://")

        async def change_my_mind(transaction: Driver) -> None:
            await transaction.run("host_insert", **HOST)
            raise RuntimeError("changed my mind")

        with pytest.raises(RuntimeError):
            await driver.transaction(change_my_mind)

        assert await driver.one("store_by_host", host="shop.example.com") is None

    asyncio.run(scenario())


def test_a_transaction_that_ends_is_there() -> None:
    async def scenario() -> None:
        _, driver = await open_storage("sqlite://")

        assert await driver.transaction(lambda transaction: transaction.run("host_insert", **HOST)) == 1

        assert await driver.one("store_by_host", host="shop.example.com") == {"store_hash": "test"}

    asyncio.run(scenario())


def test_writes_of_one_round_are_committed_together_and_one_that_fails_takes_none_along(tmp_path: Path) -> None:
    async def scenario() -> None:
        _, driver = await open_storage(f"sqlite:///{tmp_path / 'shop.db'}")
        assert isinstance(driver, SQLite)
        commits: list[str] = []
        other = apsw.Connection(str(tmp_path / "shop.db"))

        def put(host: str, *, fails: bool) -> Callable[[Driver], Awaitable[None]]:
            async def work(transaction: Driver) -> None:
                await transaction.run("host_insert", store_hash="test", host=host)
                commits.append(str(other.execute("SELECT COUNT(*) FROM hosts").get))
                if fails:
                    raise RuntimeError(host)

            return work

        await asyncio.gather(*(driver.run("host_insert", store_hash="test", host=host) for host in "yz"))
        outcomes = await asyncio.gather(
            driver.transaction(put("a", fails=False)),
            driver.transaction(put("b", fails=True)),
            driver.run("host_insert", store_hash="test", host="c"),
            return_exceptions=True,
        )

        assert [type(outcome) for outcome in outcomes] == [type(None), RuntimeError, int]
        assert commits == ["2", "2"]  # seen from outside while the work was done
        assert other.execute("SELECT host FROM hosts ORDER BY host").fetchall() == [("a",), ("c",), ("y",), ("z",)]

    asyncio.run(scenario())


def test_who_writes_alone_waits_for_nobody_until_a_round_has_had_several() -> None:
    async def scenario() -> None:
        _, driver = await open_storage("sqlite://")

        async def waiting(*hosts: str) -> list[bool]:
            """Which of some writes, begun at the same time, are waiting for the others."""
            writes = [asyncio.create_task(driver.run("host_insert", store_hash="test", host=host)) for host in hosts]
            await asyncio.sleep(0)
            found = [not write.done() for write in writes]
            await asyncio.gather(*writes)
            return found

        assert await waiting("a") == [False]
        assert await waiting("b", "c", "d") == [False, True, True]
        assert await waiting("e", "f") == [True, True]
        assert await waiting("g") == [True]
        assert await waiting("h") == [False]

    asyncio.run(scenario())


def test_a_write_nobody_waits_for_any_more_is_not_done() -> None:
    async def scenario() -> None:
        _, driver = await open_storage("sqlite://")
        other = asyncio.create_task(driver.run("host_insert", store_hash="test", host="other.example.com"))
        task = asyncio.create_task(driver.run("host_insert", **HOST))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await other == 1
        assert await driver.one("store_by_host", host="shop.example.com") is None

    asyncio.run(scenario())


def test_a_full_database_is_said_and_can_be_used_again_when_there_is_room(tmp_path: Path) -> None:
    async def scenario() -> None:
        _, driver = await open_storage(f"sqlite:///{tmp_path / 'shop.db'}")
        assert isinstance(driver, SQLite)
        pages = driver._connection.pragma("max_page_count", 1)
        limit = 2**30
        assert pages < limit
        long = "x" * 100_000
        with pytest.raises(Unavailable, match="cannot be written"):
            await driver.run("host_insert", store_hash="test", host=long)
        driver._connection.pragma("max_page_count", limit)

        assert await driver.run("host_insert", store_hash="test", host=long) == 1

    asyncio.run(scenario())


def test_a_sequence_gives_each_number_once() -> None:
    async def scenario() -> None:
        storage, _ = await open_storage("sqlite://")
        unit = storage.unit("test")

        assert [await unit.next_number("zone") for _ in range(3)] == [1, 2, 3]
        for taken in (9, 4):
            await unit.shop.put(stored(a_store(), numbers={"zone": taken}), NOON)
        assert await unit.next_number("zone") == 10
        assert await storage.unit("other").next_number("zone") == 1

    asyncio.run(scenario())


def test_a_file_is_durable_and_written_ahead(tmp_path: Path) -> None:
    async def scenario() -> None:
        _, driver = await open_storage(f"sqlite:///{tmp_path / 'shop.db'}")
        assert isinstance(driver, SQLite)
        await driver.close()

    asyncio.run(scenario())
    connection = apsw.Connection(str(tmp_path / "shop.db"))

    assert connection.pragma("journal_mode") == "wal"


def test_migrations_are_applied_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"

    async def applied() -> list[int]:
        driver = await open_database(url)
        numbers = await migrate(driver)
        await driver.close()
        return numbers

    first = asyncio.run(applied())

    assert first[0] == 1
    assert asyncio.run(applied()) == []


def test_a_folder_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        asyncio.run(open_database(f"sqlite:///{tmp_path / 'nowhere' / 'shop.db'}"))


def test_a_database_that_is_busy_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        _, driver = await open_storage(f"sqlite:///{tmp_path / 'shop.db'}")
        assert isinstance(driver, SQLite)
        driver.wait_at_most(10)
        other = apsw.Connection(str(tmp_path / "shop.db"))
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(Unavailable, match="busy"):
                await driver.run("host_insert", **HOST)
        finally:
            other.execute("ROLLBACK")
        assert await driver.run("host_insert", **HOST) == 1

    asyncio.run(scenario())


def test_any_other_database_is_refused_as_unknown() -> None:
    with pytest.raises(Invalid, match="not a database this server knows"):
        asyncio.run(open_database("mysql://localhost/shop"))
