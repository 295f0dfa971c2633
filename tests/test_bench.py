"""The benchmark runs, with numbers too small to mean anything, and what it measures against is what it says."""

import asyncio
from pathlib import Path

import asyncpg
import httpx
import pytest
from msgspec.structs import replace
from starlette.types import ASGIApp

from bench import servers
from bench.cases import SECTIONS
from bench.floor import (
    ROW,
    fill,
    fill_table,
    open_database,
    open_pool,
    over_postgresql,
    over_sqlite,
)
from bench.report import Bar, Row, table
from bench.scale import QUICK, Size
from checkstand.storage.open import POOL_SIZE
from checkstand.storage.postgres import PostgreSQL
from checkstand.storage.sqlite import SQLite
from tests import database

TINY = replace(
    QUICK,
    rounds=1,
    requests=5,
    floor_requests=5,
    growth_rounds=1,
    added_to=(Size(6, 3, 1),),
    changed=(Size(3, 1, 1), Size(6, 3, 1)),
    steps=(1, 3),
    memory_requests=1,
    starts=1,
    connections=(2,),
)


def test_every_measurement_gives_rows_of_the_table(tmp_path: Path) -> None:
    measurements = [measure for measures in SECTIONS.values() for measure in measures]

    rows = [row for number, measure in enumerate(measurements) for row in measure(_folder(tmp_path, number), TINY)]

    printed = table(rows)
    assert [row.case for row in rows if row.bar] == [
        "add the first consignment",
        "select a shipping option",
        "read a checkout",
        "add the first consignment",
        "select a shipping option",
        "read a checkout",
        "2 workers: add the first consignment, floor: 1 worker",
        "2 workers: select a shipping option, floor: 1 worker",
        "2 workers: cart to order, 5 requests, floor: 1 worker",
        "6 lines: add consignment 3, floor: the first",
        "change 6 lines in 3, floor: 3 in 1",
        "6 lines, a carrier: add consignment 3, floor: the first",
        "50 lines, 10 promotions, 5 consignments",
        "600 lines, 10 promotions, 100 consignments",
        "a worker after 160 requests, floor: at its start",
        "serve --demo answers /health",
    ]
    assert all(row.ours > 0 for row in rows if row.unit != "%")
    assert len({len(line) for line in printed.splitlines()}) == 1


def _folder(parent: Path, number: int) -> Path:
    folder = parent / str(number)
    folder.mkdir()
    return folder


def test_a_bar_that_is_missed_is_said_in_its_row() -> None:
    missed = Row(
        section="speed",
        case="add",
        unit="/s",
        floor=2000,
        ours=900,
        ratio=0.45,
        ratios=(0.4, 0.45, 0.5),
        bar=Bar(0.5, "at least"),
    )
    passed = Row(section="start", case="serve", unit="s", ours=0.75, bar=Bar(2, "at most"))

    lines = table([missed, passed]).splitlines()

    assert "0.45 (0.40 - 0.50) | >= 0.5 | MISSED" in lines[3]
    assert "<= 2 | passed" in lines[5]


@pytest.mark.parametrize(
    ("kind", "below", "at", "above"),
    [("at least", False, True, True), ("at most", True, True, False), ("below", True, False, False)],
)
def test_a_bar_says_which_side_passes(kind: str, below: bool, at: bool, above: bool) -> None:
    bar = Bar(2, kind)

    assert (bar.passes(1.99), bar.passes(2), bar.passes(2.01)) == (below, at, above)


def test_the_floor_opens_its_database_as_the_server_opens_its_own(tmp_path: Path) -> None:
    names = (
        "journal_mode",
        "synchronous",
        "busy_timeout",
        "wal_autocheckpoint",
        "cache_size",
        "mmap_size",
        "locking_mode",
    )
    queries = {name: f"PRAGMA {name}" for name in names}

    floor = open_database(str(tmp_path / "floor.db"))
    ours = SQLite(str(tmp_path / "ours.db"), queries)

    for name, query in queries.items():
        row = asyncio.run(ours.one(name))
        assert row is not None
        assert list(row.values()) == [floor.execute(query).get], name
    floor.close()
    asyncio.run(ours.close())


def test_a_write_of_the_floor_changes_the_whole_row_and_its_version(tmp_path: Path) -> None:
    connection = open_database(str(tmp_path / "floor.db"))
    fill(connection, 2)

    asyncio.run(_post(over_sqlite(connection), "/rows/1"))

    version, body = connection.execute("SELECT version, body FROM rows WHERE key = '1'").get
    assert (version, len(body)) == (2, 8192)
    assert sum(one != other for one, other in zip(ROW, body, strict=True)) == 8192
    assert connection.execute("SELECT version FROM rows WHERE key = '0'").get == 1
    connection.close()


def test_the_floor_opens_its_pool_as_the_server_opens_its_own() -> None:
    settings = {"settings": "SELECT name, setting FROM pg_settings WHERE name <> 'application_name' ORDER BY name"}

    async def compare() -> None:
        url = database.on_postgresql()
        floor, ours = await open_pool(url), await PostgreSQL(url, settings, POOL_SIZE).open()
        try:
            rows = await floor.fetch(settings["settings"])
            assert [dict(row) for row in await ours.all("settings")] == [dict(row) for row in rows]
            assert (floor.get_max_size(), len(rows) > 100) == (ours.pool_size, True)
        finally:
            await floor.close()
            await ours.close()
            database.abandon(url)

    asyncio.run(compare())


def test_a_private_postgresql_of_the_benchmark_is_durable() -> None:
    wanted = {name: f"SHOW {name}" for name in ("fsync", "synchronous_commit", "full_page_writes")}

    async def ask(url: str) -> dict[str, str]:
        connection = await asyncpg.connect(url)
        try:
            return {name: await connection.fetchval(query) for name, query in wanted.items()}
        finally:
            await connection.close()

    with servers.postgresql() as server:
        settings = asyncio.run(ask(server.url("postgres")))

    assert settings == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def test_a_write_of_the_floor_on_postgresql_changes_the_whole_row_and_its_version() -> None:
    async def scenario() -> None:
        url = database.on_postgresql()
        pool = await open_pool(url)
        try:
            await fill_table(pool, 2)
            await _post(over_postgresql(pool), "/rows/1")

            changed, kept = await pool.fetch("SELECT version, body FROM rows ORDER BY key DESC")
            assert (changed["version"], len(changed["body"])) == (2, 8192)
            assert sum(one != other for one, other in zip(ROW, changed["body"], strict=True)) == 8192
            assert kept["version"] == 1
        finally:
            await pool.close()
            database.abandon(url)

    asyncio.run(scenario())


async def _post(app: ASGIApp, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        (await client.post(path)).raise_for_status()
