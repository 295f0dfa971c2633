"""Which database the tests run on: each test that stores anything runs once on SQLite and once on PostgreSQL."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

import asyncpg

from checkstand.storage.open import open_storage
from checkstand.storage.port import Database
from checkstand.storage.sql import Storage
from tests.postgres import apart, shared_server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
IN_MEMORY = "sqlite://"

_chosen = [SQLITE]
_numbers = itertools.count(1)
_abandoned: list[str] = []
_opened: list[tuple[str, Database]] = []

T = TypeVar("T")


class Template(NamedTuple):
    """A database that others are copies of; what makes a copy as it was; copies that nobody uses any more."""

    url: str
    restore: str
    spare: list[str]


_templates: dict[str, Template] = {}
_template_of: dict[str, Template] = {}


def choose(kind: str) -> None:
    _chosen[:] = [kind]


def is_postgresql() -> bool:
    return _chosen == [POSTGRESQL]


def fresh() -> str:
    """The URL of an empty database nobody else has; gone some time after `abandon`, at the latest with the test run."""
    return _create(None) if is_postgresql() else IN_MEMORY


def on_postgresql() -> str:
    """The same on PostgreSQL, whatever the test runs on."""
    return _create(None)


async def open_fresh() -> tuple[Storage, Database]:
    """An empty, migrated database; `run` closes it."""
    url = copied("migrated", _migrate) if is_postgresql() else IN_MEMORY
    storage, database = await open_storage(url)
    _opened.append((url, database))
    return storage, database


async def _migrate(url: str) -> None:
    _, database = await open_storage(url)
    await database.close()


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, closing what the scenario opened with `open_fresh`."""

    async def whole() -> T:
        try:
            return await scenario
        finally:
            while _opened:
                url, database = _opened.pop()
                await database.close()
                abandon(url)

    return asyncio.run(whole())


def copied(name: str, prepare: Callable[[str], Coroutine[Any, Any, None]]) -> str:
    """The URL of a PostgreSQL database that is as `prepare` makes one, which happens once in a test run. One that was abandoned
    serves again, with its rows as they were: that takes some milliseconds, a new database a tenth of a second."""
    if name not in _templates:
        url = _create(None)
        apart(prepare(url))
        _templates[name] = Template(url, apart(_to_restore(url)), [])
    template = _templates[name]
    while template.spare:
        url = template.spare.pop()
        try:
            shared_server().execute(template.restore, database=name_of(url))
        except asyncpg.PostgresError:  # a test has changed more than rows
            _abandoned.append(url)
        else:
            return url
    url = _create(template.url)
    _template_of[url] = template
    return url


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def _to_restore(url: str) -> str:
    """What gives a database the rows that this one has now, at once."""
    connection = await asyncpg.connect(url)
    try:
        tables = [table for (table,) in await connection.fetch(TABLES)]
        rows = {table: await connection.fetchval(f"SELECT json_agg(t) FROM {table} t") for table in tables}
    finally:
        await connection.close()
    again = (
        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $rows${found}$rows$)"
        for table, found in rows.items()
        if found
    )
    return ";".join([END_OTHERS, *(f"DELETE FROM {table}" for table in tables), *again])


def _create(template: str | None) -> str:
    server = shared_server()
    name = f"test{next(_numbers)}"
    copy = f" TEMPLATE {name_of(template)} STRATEGY FILE_COPY" if template else " TEMPLATE template0"
    unused, _abandoned[:] = list(_abandoned), []
    server.execute(f"CREATE DATABASE {name}{copy}", *(f"DROP DATABASE {name_of(url)} WITH (FORCE)" for url in unused))
    return server.url(name)


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def abandon(url: str) -> None:
    """Nobody needs this database any more."""
    if url in _template_of:
        _template_of[url].spare.append(url)
    elif url.startswith("postgresql:"):
        _abandoned.append(url)


async def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """What a statement finds in a PostgreSQL database, asked outside of the server under test."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
