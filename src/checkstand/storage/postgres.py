"""The Driver for PostgreSQL: a pool of connections, statements prepared once on each.

Any number of processes and machines may share one database. What a lost connection means depends on what was under way:

* nothing, or only reading: done again on another connection;
* a transaction before its commit: PostgreSQL has undone it, so it is done again, as after a deadlock;
* a commit, or a write that commits by itself: nobody can know, so the client is told (`Unavailable`).

The server may be several hosts, of which the one that can be written to is meant: after a fail-over the pool finds it by itself.
"""

import asyncio
import random
import re
import time
import types
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, TypeVar

import asyncpg

from checkstand.errors import UNKNOWN_OUTCOME, Unavailable
from checkstand.storage.pool import ConnectionPool, Loan
from checkstand.storage.port import Driver, NotUnique, Pool, Row, Value

STATEMENT_TIMEOUT_SECONDS = 5
"""A statement that takes longer is given up: none of ours should take a hundredth of it."""
CONNECT_TIMEOUT_SECONDS = 3.0
POOL_TIMEOUT_SECONDS = 5.0
"""How long a request waits for a connection while all are in use."""
RETRY_SECONDS = 8.0
"""How long what can be done again is tried: as long as a restart or a fail-over takes."""
MOST_STATEMENTS = 1000

MIGRATIONS_LOCK = 0x436865636B
"""The advisory lock a migrating server holds: "Check" in ASCII."""

T = TypeVar("T")
Work = Callable[[Driver], Awaitable[T]]

_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.exceptions.TargetServerAttributeNotMatched,
)
"""The connection, or the server behind it, is not there any more, or can no longer be written to."""
_BEATEN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
"""Another transaction went first; this one is undone and can be done again."""


class PostgreSQL:
    """`url`: `postgresql://user:password@host:port/database`, several hosts with commas between."""

    def __init__(self, url: str, queries: dict[str, str], pool_size: int) -> None:
        self._url, self.pool_size = url, pool_size
        self._statements = {name: _Statement(sql) for name, sql in queries.items()}
        self._pool: ConnectionPool | None = None

    async def open(self) -> "PostgreSQL":
        """Raises `Unavailable` when there is no server that can be written to, or it does not let us in."""
        try:
            self._pool = ConnectionPool(
                self._connect,
                self.pool_size,
                timeout_seconds=POOL_TIMEOUT_SECONDS,
                broken=_GONE,
                moved=asyncpg.ReadOnlySQLTransactionError,
            )
            async with self._connection():
                pass
        except (*_GONE, asyncpg.PostgresError, ValueError) as error:
            raise Unavailable(f"The PostgreSQL server cannot be used: {_words(error)}.") from None
        return self

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._url,
            statement_cache_size=MOST_STATEMENTS,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=2 * STATEMENT_TIMEOUT_SECONDS,
            target_session_attrs="read-write",
            server_settings={
                "application_name": "checkstand",
                "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
                "idle_in_transaction_session_timeout": f"{2 * STATEMENT_TIMEOUT_SECONDS}s",
                "jit": "off",
            },
        )

    def _connection(self) -> Loan:
        assert self._pool is not None, "open it first"
        return self._pool.connection()

    # ------------------------------------------------------------------------------------------------ statements

    async def one(self, name: str, /, **values: Value) -> Row | None:
        statement = self._statements[name]
        arguments = statement.arguments(values)
        row: Row | None = await self._run(
            lambda connection: connection.fetchrow(statement.sql, *arguments), statement.is_read
        )
        return row

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        statement = self._statements[name]
        arguments = statement.arguments(values)
        rows: Sequence[Row] = await self._run(
            lambda connection: connection.fetch(statement.sql, *arguments), statement.is_read
        )
        return rows

    async def run(self, name: str, /, **values: Value) -> int:
        statement = self._statements[name]
        arguments = statement.arguments(values)
        try:
            return _changed(
                await self._run(lambda connection: connection.execute(statement.sql, *arguments), statement.is_read)
            )
        except asyncpg.UniqueViolationError as error:
            raise NotUnique(name) from error

    async def _run(self, statement: Callable[[Any], Awaitable[Any]], is_read: bool) -> Any:
        """One statement, which commits by itself: a write is tried again only if it was never sent."""
        async for attempt in _Attempts():
            sent = False
            try:
                async with self._connection() as connection:
                    sent = True
                    return await (statement(connection) if is_read else _to_the_end(statement(connection)))
            except (*_GONE, *_BEATEN) as error:
                if sent and not is_read and not _is_undone(error):
                    raise _unknown_outcome() from error
                await attempt.failed(error)
            except asyncpg.QueryCanceledError as error:
                raise Unavailable("The database is busy; try again.", code="busy") from error
        raise AssertionError("attempts end by raising")

    async def transaction(self, work: Work[T]) -> T:
        async for attempt in _Attempts():
            committing = False
            try:
                async with self._connection() as connection:
                    transaction = connection.transaction()
                    await transaction.start()
                    try:
                        answer = await work(_Inside(connection, self._statements))
                    except BaseException:
                        await _undo(transaction, connection)
                        raise
                    committing = True
                    await _to_the_end(transaction.commit())
                    return answer
            except (*_GONE, *_BEATEN) as error:
                if committing and not _is_undone(error):
                    raise _unknown_outcome() from error
                await attempt.failed(error)
            except asyncpg.QueryCanceledError as error:
                raise Unavailable("The database is busy; try again.", code="busy") from error
        raise AssertionError("attempts end by raising")

    # ------------------------------------------------------------------------------------------------ the database as a whole

    async def migrate(self, migrations: Sequence[tuple[int, str]]) -> list[int]:
        """Apply the migrations the database does not have yet, each in a transaction of its own; their numbers. Of servers
        that start at the same time one does it, and the others wait for it."""
        async with self._connection() as connection:
            await connection.execute("SET statement_timeout = 0")
            await connection.execute("SELECT pg_advisory_lock($1)", MIGRATIONS_LOCK)
            try:
                return await _migrate(connection, migrations)
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", MIGRATIONS_LOCK)
                await connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")

    def pool(self) -> Pool:
        assert self._pool is not None, "open it first"
        return Pool(size=self._pool.open_count, in_use=self._pool.lent_count)

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), POOL_TIMEOUT_SECONDS)
        except (TimeoutError, *_GONE):
            self._pool.terminate()


async def _migrate(connection: Any, migrations: Sequence[tuple[int, str]]) -> list[int]:
    await connection.execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)")
    applied = []
    for number, script in migrations:
        async with connection.transaction():
            if await connection.fetchval("SELECT 1 FROM migrations WHERE number = $1", number) is None:
                await connection.execute(script)
                await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)
                applied.append(number)
    return applied


# ---------------------------------------------------------------------------------------------------- statements


class _Statement:
    """A named statement with `$1, $2, ...` in the place of `:name`, and in which order the values go."""

    def __init__(self, sql: str) -> None:
        sql = re.sub(r"^--postgresql ", "", sql, flags=re.MULTILINE)
        lines = [line for line in sql.splitlines() if not line.lstrip().startswith("--")]
        names: list[str] = []

        def numbered(match: re.Match[str]) -> str:
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"

        self.sql = re.sub(r"(?<![:\w]):([a-z_]+)", numbered, "\n".join(lines))
        self._names = tuple(names)
        self.is_read = self.sql.startswith("SELECT")

    def arguments(self, values: dict[str, Value]) -> list[Value]:
        return [values[name] for name in self._names]


class _Inside:
    """The statements of a transaction, all on its connection."""

    def __init__(self, connection: Any, statements: dict[str, _Statement]) -> None:
        self._connection, self._statements = connection, statements

    async def one(self, name: str, /, **values: Value) -> Row | None:
        statement = self._statements[name]
        row: Row | None = await self._connection.fetchrow(statement.sql, *statement.arguments(values))
        return row

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        statement = self._statements[name]
        rows: Sequence[Row] = await self._connection.fetch(statement.sql, *statement.arguments(values))
        return rows

    async def run(self, name: str, /, **values: Value) -> int:
        statement = self._statements[name]
        try:
            return _changed(await self._connection.execute(statement.sql, *statement.arguments(values)))
        except asyncpg.UniqueViolationError as error:
            raise NotUnique(name) from error

    async def transaction(self, work: Work[T]) -> T:
        """What is inside of a transaction belongs to it."""
        return await work(self)


def _changed(status: str) -> int:
    """`UPDATE 3` and `INSERT 0 3` say how many rows."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


# ---------------------------------------------------------------------------------------------------- failures

_UNDONE = (*_BEATEN, asyncpg.ReadOnlySQLTransactionError, asyncpg.CannotConnectNowError)
"""Said by the server itself, so it is certain that nothing was kept."""


def _is_undone(error: Exception) -> bool:
    """Whether it is certain that nothing was kept. A connection that was told that it is over, but not yet closed, takes no
    more statements: then none was sent."""
    return isinstance(error, _UNDONE) or (
        isinstance(error, asyncpg.InternalClientError) and str(error).startswith("cannot switch to state")
    )


class _Attempts:
    """`async for attempt in _Attempts()`: again after `failed`, until `RETRY_SECONDS` have passed."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + RETRY_SECONDS
        self._made = 0

    def __aiter__(self) -> "_Attempts":
        return self

    async def __anext__(self) -> "_Attempts":
        self._made += 1
        return self

    async def failed(self, error: Exception) -> None:
        """Wait a little, at random and longer each time. Raises `Unavailable` once it has been tried for long enough."""
        if time.monotonic() >= self._deadline:
            raise Unavailable("The database cannot be reached at present; try again.", code="database") from error
        await asyncio.sleep(random.uniform(0, min(0.005 * 2**self._made, 0.25)))


@types.coroutine
def _to_the_end(commit: Awaitable[T]) -> Generator[Any, None, T]:
    """What has been sent to be committed is waited for, also by a request that is given up meanwhile: it is answered as done
    (`Driver.transaction`).

    Not by a task of its own with a shield, which cost half as much as the statement: the steps are done in the present task, and
    in the place of each future they wait for another one is, which alone is cancelled. So no step may set a time-out by cancelling
    the task, as `asyncio.timeout` does: asyncpg's statements do not, but after one that was cancelled, whose connection is cut.
    """
    steps, is_given_up = commit.__await__(), False
    while True:
        try:
            awaited = next(steps)
        except StopIteration as end:
            if is_given_up and (task := asyncio.current_task()) is not None:
                task.uncancel()
            answer: T = end.value
            return answer
        if awaited is not None:
            awaited._asyncio_future_blocking = False  # as the task does that is given it
        while awaited is None or not awaited.done():
            try:
                yield from _stand_in(awaited)
            except asyncio.CancelledError:
                is_given_up = True
            if awaited is None:
                break


def _stand_in(awaited: "asyncio.Future[Any] | None") -> Generator[Any, None, None]:
    """Wait for a future, or (None) for the event loop's next round, without cancelling it."""
    if awaited is None:
        yield
        return
    over: asyncio.Future[None] = awaited.get_loop().create_future()

    def tell(_: object) -> None:
        if not over.done():
            over.set_result(None)

    awaited.add_done_callback(tell)
    yield from over


async def _undo(transaction: Any, connection: Any) -> None:
    if not connection.is_closed():
        try:
            await transaction.rollback()
        except (*_GONE, asyncpg.PostgresError):
            pass  # the server undoes what is left behind by a connection that ends


def _unknown_outcome() -> Unavailable:
    return Unavailable(
        "The connection to the database was lost while this was being saved, so it may or may not have been done; look "
        "before you try again.",
        code=UNKNOWN_OUTCOME,
    )


def _words(error: Exception) -> str:
    text = str(error).strip().rstrip(".") or type(error).__name__
    return text[0].lower() + text[1:]
