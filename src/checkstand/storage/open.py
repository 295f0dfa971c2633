"""Open the database a URL names, and bring its tables up to date."""

from pathlib import Path

from checkstand.errors import Invalid, Refused
from checkstand.storage import sqlite
from checkstand.storage.port import Database
from checkstand.storage.postgres import PostgreSQL
from checkstand.storage.queries import migrations, named_queries
from checkstand.storage.sql import Storage
from checkstand.storage.sqlite import SQLite

SQLITE = "sqlite://"
POOL_SIZE = 8
"""Connections of one process: it has one thread, so more would only wait in the server instead of here."""


def is_shared(url: str) -> bool:
    """Whether several processes and machines may use the database at the same time."""
    return url.startswith(("postgresql:", "postgres:"))


async def open_database(url: str) -> Database:
    """`sqlite:///relative/path`, `sqlite:////absolute/path`, `sqlite://` for one in memory, or `postgresql://…`.

    Raises `Unavailable` when it cannot be opened, `Invalid` for any other URL.
    """
    if is_shared(url):
        return await PostgreSQL(url, named_queries(), POOL_SIZE).open()
    if not url.startswith(SQLITE):
        raise Invalid(
            f"{url} is not a database this server knows; use sqlite:///path or postgresql://user:password@host/database."
        )
    return SQLite(url.removeprefix(SQLITE).removeprefix("/") or ":memory:", named_queries())


def back_up(url: str, copy: Path) -> None:
    """Copy an SQLite database into a new file, also while a server uses it. Raises `Refused` where that is not how it is done."""
    if is_shared(url):
        raise Refused(
            f"PostgreSQL brings its own programs: pg_dump --format=custom --file={copy} URL, and pg_restore to bring it back."
        )
    path = Path(url.removeprefix(SQLITE).removeprefix("/"))
    if not url.startswith(SQLITE) or not path.is_file():
        raise Refused(f"There is no database file {path}; name another one with --database.")
    if copy.exists():
        raise Refused(f"{copy} is there already; a backup never replaces another file.")
    sqlite.back_up(str(path), str(copy))


async def migrate(database: Database) -> list[int]:
    """Apply the migrations the database does not have yet; their numbers."""
    return await database.migrate(migrations())


async def open_storage(url: str) -> tuple[Storage, Database]:
    database = await open_database(url)
    try:
        await migrate(database)
    except BaseException:
        await database.close()
        raise
    return Storage(database), database


def open_image(image: bytes) -> tuple[Storage, SQLite]:
    """A database in memory that holds what another one held when its image was taken."""
    database = SQLite(":memory:", named_queries())
    database.restore(image)
    return Storage(database), database
