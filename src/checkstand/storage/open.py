"""Open the database a URL names, and bring its tables up to date."""

from checkstand.errors import Invalid, Unsupported
from checkstand.storage.queries import migrations, named_queries
from checkstand.storage.sql import Storage
from checkstand.storage.sqlite import SQLite

SQLITE = "sqlite://"


def open_driver(url: str) -> SQLite:
    """`sqlite:///relative/path`, `sqlite:////absolute/path` or `sqlite://` for one in memory."""
    if url.startswith(("postgresql:", "postgres:")):
        raise Unsupported("PostgreSQL is not supported yet; use --database sqlite:///path.")
    if not url.startswith(SQLITE):
        raise Invalid(f"{url} is not a database this server knows; use sqlite:///path.")
    return SQLite(url.removeprefix(SQLITE).removeprefix("/") or ":memory:", named_queries())


async def migrate(driver: SQLite) -> list[int]:
    """Apply the migrations the database does not have yet; their numbers."""
    return await driver.migrate(migrations())


async def open_storage(url: str) -> tuple[Storage, SQLite]:
    driver = open_driver(url)
    await migrate(driver)
    return Storage(driver), driver
