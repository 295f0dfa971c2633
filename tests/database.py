"""Which database the tests run on: each test that stores anything runs once on SQLite and once on PostgreSQL."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import asyncpg

from checkstand.storage.open import open_storage
from checkstand.storage.port import Database
from checkstand.storage.sql import Storage
from tests.postgres import apart, shared_server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
IN_MEMORY = "sqlite://"

_chosen = [SQLITE]
_numbers = itertools.count(1)
_templates: dict[str, str] = {}
_abandoned: list[str] = []
_opened: list[tuple[str, Database]] = []

T = TypeVar("T")


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
    url = fresh()
    storage, database = await open_storage(url)
    _opened.append((url, database))
    return storage, database


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
    """The URL of a PostgreSQL database that is a copy of one `prepare` made ready, which happens once in a test run."""
    if name not in _templates:
        template = _create(None)
        apart(prepare(template))
        _templates[name] = template
    return _create(_templates[name])


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
    if url.startswith("postgresql:"):
        _abandoned.append(url)


async def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """What a statement finds in a PostgreSQL database, asked outside of the server under test."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
