"""The Driver for SQLite: one file, one process, called directly in the event loop.

A statement never waits for the network, so nothing is gained by a thread. Writes are one autocommit statement, or a
`BEGIN IMMEDIATE` transaction that no other task can come between (nothing inside it waits). Durable when acknowledged:
write-ahead log, `synchronous=FULL`.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw

from checkstand.errors import Unavailable
from checkstand.storage.port import Driver, Row, Value

BUSY_TIMEOUT_MILLISECONDS = 5000


class SQLite:
    """`path` may be `:memory:`."""

    def __init__(self, path: str, queries: dict[str, str]) -> None:
        self._queries = queries
        self._columns: dict[str, tuple[str, ...]] = {}
        try:
            self._connection = apsw.Connection(path)
        except apsw.CantOpenError:
            raise Unavailable(
                f"The database file {path} cannot be opened; is {Path(path).parent} a folder one can write to?"
            ) from None
        self.wait_at_most(BUSY_TIMEOUT_MILLISECONDS)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            # Without this, statements with parameters in a join are planned anew each time they run.
            self._connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        except apsw.Error as error:
            raise Unavailable(f"The database file {path} cannot be used: {error}.") from None

    async def one(self, name: str, /, **values: Value) -> Row | None:
        rows = self._rows(name, values)
        return rows[0] if rows else None

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        return self._rows(name, values)

    async def run(self, name: str, /, **values: Value) -> int:
        for _ in self._execute(self._queries[name], values):
            pass
        return self._connection.changes()

    def transaction(self) -> "Transaction":
        return Transaction(self)

    def begin(self) -> None:
        """Fails inside another transaction: one waits for nothing but the database."""
        self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._execute("COMMIT")

    def roll_back(self) -> None:
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def _rows(self, name: str, values: dict[str, Value]) -> list[Row]:
        """All rows, to the end: a statement commits when it has given its last row."""
        cursor = self._execute(self._queries[name], values)
        columns = self._columns.get(name)
        if columns is None:
            try:
                columns = self._columns[name] = tuple(column[0] for column in cursor.get_description())
            except apsw.ExecutionCompleteError:
                return []  # no rows, so the cursor has nothing to describe
        rows: Any = cursor.fetchall()  # of texts, whole numbers and bytes: the tables have nothing else
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _execute(self, sql: str, values: dict[str, Value] | None = None) -> apsw.Cursor:
        try:
            return self._connection.execute(sql, values)
        except apsw.BusyError:
            raise Unavailable("The database is busy; try again.") from None

    def wait_at_most(self, milliseconds: int) -> None:
        """How long a statement waits for another process that is writing."""
        self._connection.set_busy_timeout(milliseconds)

    def script(self, sql: str) -> None:
        """Run the statements of a migration."""
        self._connection.execute(sql)

    def migrated(self) -> int:
        """The number of the latest migration applied, 0 for a new database."""
        self._connection.execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)")
        return int(self._connection.execute("SELECT COALESCE(MAX(number), 0) FROM migrations").get)

    def mark_migrated(self, number: int) -> None:
        self._connection.execute("INSERT INTO migrations (number) VALUES (?)", (number,))

    def image(self) -> bytes:
        """The whole database as it is, to be put into another one with `restore`."""
        return self._connection.serialize("main")

    def restore(self, image: bytes) -> None:
        """Become what `image` holds. For databases in memory."""
        self._connection.deserialize("main", image)

    async def close(self) -> None:
        self._connection.close()


class Transaction:
    """`async with`: commits when the block ends, rolls back when it raises or the commit fails."""

    def __init__(self, driver: SQLite) -> None:
        self._driver = driver

    async def __aenter__(self) -> Driver:
        self._driver.begin()
        return self._driver

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._driver.roll_back()
            return
        try:
            self._driver.commit()
        except BaseException:
            self._driver.roll_back()
            raise
