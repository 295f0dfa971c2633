"""The Driver for SQLite: one file, one process, called directly in the event loop.

A statement never waits for the network, so nothing is gained by a thread. Reads run at once and see what is committed.
A write that comes alone is committed at once. Where several come in one round of the event loop they wait for its end and are
committed together, each atomic by itself: what waits for the disk then is one commit for all the requests that arrived at the
same time, instead of one for each of them. Durable when acknowledged: write-ahead log, `synchronous=FULL`, and nobody is
answered before the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import apsw

from checkstand.errors import Unavailable
from checkstand.storage.port import Driver, NotUnique, Pool, Row, Value

BUSY_TIMEOUT_MILLISECONDS = 5000
_OF_ONE = (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY)

T = TypeVar("T")
Work = Callable[[Driver], Awaitable[T]]


class SQLite:
    """`path` may be `:memory:`."""

    def __init__(self, path: str, queries: dict[str, str]) -> None:
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
        self._statements = Statements(self._connection, queries)
        self._waiting: list[_Write] = []
        self._written_in: asyncio.AbstractEventLoop | None = None
        """The event loop in whose present round something was committed at once."""
        self._has_company = False
        """Several wrote in the last round."""

    async def one(self, name: str, /, **values: Value) -> Row | None:
        if name in self._statements.writes:
            return await self._write(lambda driver: driver.one(name, **values))
        rows = self._statements.rows(name, values)
        return rows[0] if rows else None

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        if name in self._statements.writes:
            return await self._write(lambda driver: driver.all(name, **values))
        return self._statements.rows(name, values)

    async def run(self, name: str, /, **values: Value) -> int:
        return await self._write(lambda driver: driver.run(name, **values))

    async def transaction(self, work: Work[T]) -> T:
        return await self._write(work, steps=True)

    # ------------------------------------------------------------------------------------------------ committing

    async def _write(self, work: Work[T], *, steps: bool = False) -> T:
        """Have `work` done: at once while nobody else writes, else with the commit of this round. `steps`: it is more than one
        statement, which by itself is all or nothing."""
        loop = asyncio.get_running_loop()
        is_first = not self._waiting and self._written_in is not loop
        if is_first:
            loop.call_soon(self._end_round)
        write = _Write(work, steps)
        if is_first and not self._has_company:
            self._written_in = loop
            self._do_alone(write)
            at_once: T = write.result()
            return at_once
        write.done = done = loop.create_future()
        self._waiting.append(write)
        try:
            answer: T = await done
        except asyncio.CancelledError:
            if done.cancelled():  # before the commit, which leaves out what nobody waits for any more
                raise
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            answer = done.result()  # after it: what is written is not refused
        return answer

    def _end_round(self) -> None:
        """Commit what waits. Where several have written in this round, the first one of the next waits for others, too."""
        writes, self._waiting = [write for write in self._waiting if not write.done.done()], []
        self._has_company = len(writes) + (self._written_in is not None) > 1
        self._written_in = None
        if len(writes) == 1:
            self._do_alone(writes[0])
        elif writes:
            self._do_together(writes)
        for write in writes:
            write.tell()

    def _do_alone(self, write: "_Write") -> None:
        if not write.steps:  # a statement by itself is a transaction already
            write.attempt(self._statements)
            return
        try:
            self._execute("BEGIN IMMEDIATE")
            write.attempt(self._statements)
            if write.error is None:
                self._execute("COMMIT")
        except Exception as error:
            write.error = error
        if write.error is not None:
            self._roll_back()

    def _do_together(self, writes: "Sequence[_Write]") -> None:
        """In the order they came, in one transaction."""
        try:
            self._execute("BEGIN IMMEDIATE")
            for write in writes:
                self._do_one_of_many(write)
            self._execute("COMMIT")
        except Exception as error:
            self._roll_back()
            for write in writes:
                write.error = error

    def _do_one_of_many(self, write: "_Write") -> None:
        """Refused by itself if it raises: what the others did stays."""
        if not write.steps:
            write.attempt(self._statements)
            return
        self._execute("SAVEPOINT one_of_many")
        write.attempt(self._statements)
        if write.error is not None:
            if not self._connection.in_transaction:  # as after a full disk: SQLite has let go of everything
                raise write.error
            self._execute("ROLLBACK TO one_of_many")
        self._execute("RELEASE one_of_many")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def _execute(self, sql: str) -> None:
        self._statements.execute(sql)

    # ------------------------------------------------------------------------------------------------ the database as a whole

    def wait_at_most(self, milliseconds: int) -> None:
        """How long a statement waits for another process that is writing."""
        self._connection.set_busy_timeout(milliseconds)

    def pool(self) -> Pool | None:
        """None: there is one connection, and one statement at a time on it."""
        return None

    async def migrate(self, migrations: Sequence[tuple[int, str]]) -> list[int]:
        """Apply the migrations the database does not have yet, each in a transaction of its own; their numbers."""
        self._execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)")
        applied = []
        for number, script in migrations:
            self._execute("BEGIN IMMEDIATE")
            try:
                if not self._connection.execute("SELECT 1 FROM migrations WHERE number = ?", (number,)).fetchall():
                    self._connection.execute(script)
                    self._connection.execute("INSERT INTO migrations (number) VALUES (?)", (number,))
                    applied.append(number)
                self._execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        return applied

    def image(self) -> bytes:
        """The whole database as it is, to be put into another one with `restore`."""
        return self._connection.serialize("main")

    def restore(self, image: bytes) -> None:
        """Become what `image` holds. For databases in memory."""
        self._connection.deserialize("main", image)

    async def close(self) -> None:
        self._connection.close()


def back_up(path: str, copy: str) -> None:
    """Copy the database at one moment, also while a server writes to it, into a file that is there only when it is whole.

    In one step: a copy in several begins anew whenever somebody has written in between.
    """
    unfinished = f"{copy}.unfinished"
    try:
        source = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
        source.set_busy_timeout(BUSY_TIMEOUT_MILLISECONDS)
        Path(unfinished).unlink(missing_ok=True)
        destination = apsw.Connection(unfinished)
        with destination.backup("main", source, "main") as backup:
            backup.step()
        destination.close()
        source.close()
        Path(unfinished).replace(copy)
    except (apsw.Error, OSError) as error:
        Path(unfinished).unlink(missing_ok=True)
        raise Unavailable(f"The database {path} cannot be copied to {copy}: {error}.") from None


class Statements:
    """The named statements, run at once: the Driver that the work of a transaction gets."""

    def __init__(self, connection: apsw.Connection, queries: dict[str, str]) -> None:
        self._connection, self._queries = connection, queries
        self._columns: dict[str, tuple[str, ...]] = {}
        self.writes = frozenset(name for name, sql in queries.items() if "RETURNING" in sql)
        """Statements that give rows, and change something as well."""

    async def one(self, name: str, /, **values: Value) -> Row | None:
        rows = self.rows(name, values)
        return rows[0] if rows else None

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        return self.rows(name, values)

    async def run(self, name: str, /, **values: Value) -> int:
        try:
            for _ in self.execute(self._queries[name], values):
                pass
        except apsw.ConstraintError as error:
            if getattr(error, "extendedresult", None) in _OF_ONE:
                raise NotUnique(name) from error
            raise
        return self._connection.changes()

    async def transaction(self, work: Work[T]) -> T:
        """What is inside of a transaction belongs to it."""
        return await work(self)

    def rows(self, name: str, values: dict[str, Value]) -> list[Row]:
        """All rows, to the end: a statement is over when it has given its last row."""
        cursor = self.execute(self._queries[name], values)
        columns = self._columns.get(name)
        if columns is None:
            try:
                columns = self._columns[name] = tuple(column[0] for column in cursor.get_description())
            except apsw.ExecutionCompleteError:
                return []  # no rows, so the cursor has nothing to describe
        rows: Any = cursor.fetchall()  # of texts, whole numbers and bytes: the tables have nothing else
        if len(rows) == 1:
            return [dict(zip(columns, rows[0], strict=True))]
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def execute(self, sql: str, values: dict[str, Value] | None = None) -> apsw.Cursor:
        try:
            return self._connection.execute(sql, values)
        except apsw.BusyError:
            raise Unavailable("The database is busy; try again.") from None
        except (apsw.FullError, apsw.IOError, apsw.ReadOnlyError) as error:
            raise Unavailable(f"The database cannot be written to at present: {error}.") from error


class _Write:
    """A piece of work that is to be committed, and what became of it."""

    __slots__ = ("_value", "_work", "done", "error", "steps")
    done: "asyncio.Future[Any]"
    """Of one that waits."""

    def __init__(self, work: Work[Any], steps: bool) -> None:
        self._work, self.steps = work, steps
        self._value: object = None
        self.error: Exception | None = None

    def attempt(self, driver: Driver) -> None:
        """Run the coroutine to its end here and now, which it reaches because nothing in it waits."""
        steps = self._work(driver).__await__()
        try:
            next(steps)
        except StopIteration as end:
            self._value = end.value
        except Exception as error:
            self.error = error
        else:
            raise AssertionError("a transaction waits for nothing but the database")

    def result(self) -> Any:
        if self.error is not None:
            raise self.error
        return self._value

    def tell(self) -> None:
        if self.done.done():
            return  # nobody waits any more
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self._value)
