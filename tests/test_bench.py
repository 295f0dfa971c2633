"""The benchmark runs, with numbers too small to mean anything, and what it measures against is what it says."""

import asyncio
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from starlette.types import ASGIApp

from bench.cases import SECTIONS
from bench.floor import ROW, application, fill, open_database
from bench.report import Bar, Row, table
from bench.scale import QUICK, Size
from checkstand.storage.sqlite import SQLite

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
        "6 lines: add consignment 3, floor: the first",
        "change 6 lines in 3, floor: 3 in 1",
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
    app = application(connection)

    asyncio.run(_post(app, "/rows/1"))

    version, body = connection.execute("SELECT version, body FROM rows WHERE key = '1'").get
    assert (version, len(body)) == (2, 8192)
    assert sum(one != other for one, other in zip(ROW, body, strict=True)) == 8192
    assert connection.execute("SELECT version FROM rows WHERE key = '0'").get == 1
    connection.close()


async def _post(app: ASGIApp, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        (await client.post(path)).raise_for_status()
