"""The connections of one process to PostgreSQL, each lent to one piece of work at a time.

asyncpg brings a pool of its own, but lending a connection of it costs more than a short statement on that connection does (a
task, a timer, two wrappers: 33 µs beside 20). What this server needs of a pool is little:

* The connection given back last is lent first, so few are busy while there is little to do, and their caches are warm.
* While all are lent, whoever comes waits in line; a connection given back goes to the first one there.
* A connection is given back only in a state to be used again; otherwise it is cut, and its place is free for a new one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

IDLE_SECONDS = 300.0
"""A connection nobody used for so long may have been cut off on its way without a sign, so it is not used again."""


class ConnectionPool:
    """At most `size` connections, made by `connect` when they are needed. `timeout_seconds`: how long somebody waits in line
    before it is a `TimeoutError`. `broken`: errors after which a connection is not used again. `moved`: the one which says
    that another server is to be used now, so that none of the present connections is used again."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Any]],
        size: int,
        *,
        timeout_seconds: float,
        broken: tuple[type[Exception], ...],
        moved: type[Exception],
    ) -> None:
        self._connect, self._timeout_seconds = connect, timeout_seconds
        self.broken, self.moved = broken, moved
        self._free_places = size
        self._idle: deque[tuple[Any, float]] = deque()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._lent: set[Any] = set()
        self._expired: set[Any] = set()
        self._is_closed = False
        self._loop = asyncio.get_running_loop()

    @property
    def lent_count(self) -> int:
        return len(self._lent)

    @property
    def open_count(self) -> int:
        return len(self._lent) + len(self._idle)

    def connection(self) -> "Loan":
        """`async with pool.connection() as connection:`"""
        return Loan(self)

    async def take(self) -> Any:
        if self._is_closed:
            raise ConnectionError("the server is stopping")
        self._forget_idle()
        connection = self._idle.pop()[0] if self._idle else await self._made_or_waited_for()
        self._lent.add(connection)
        return connection

    async def _made_or_waited_for(self) -> Any:
        if not self._free_places:
            connection = await self._waited_for()
            if connection is not None:
                return connection
        else:
            self._free_places -= 1
        try:
            return await self._connect()
        except BaseException:
            self._free_place()
            raise

    async def _waited_for(self) -> Any:
        """A connection somebody gave back, or None: the place of one that was cut."""
        given = self._loop.create_future()
        self._waiting.append(given)
        timer = self._loop.call_later(self._timeout_seconds, _give_up, given)
        try:
            return await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled() and given.exception() is None:  # given in the very same moment
                self._lent.discard(given.result())
                self._pass_on(given.result())
            raise
        finally:
            timer.cancel()

    def give_back(self, connection: Any, *, is_usable: bool) -> None:
        is_over = self._is_closed or connection in self._expired
        self._lent.discard(connection)
        self._expired.discard(connection)
        if is_over or not is_usable or connection.is_closed() or connection.is_in_transaction():
            self._cut(connection)
        else:
            self._pass_on(connection)

    def _pass_on(self, connection: Any) -> None:
        if connection is None:
            self._free_place()
        elif (waiting := self._next_waiting()) is not None:
            self._lent.add(connection)  # from now on; whoever waited has yet to wake up
            waiting.set_result(connection)
        else:
            self._idle.append((connection, self._loop.time()))

    def _free_place(self) -> None:
        if (waiting := self._next_waiting()) is not None:
            waiting.set_result(None)
        else:
            self._free_places += 1

    def _next_waiting(self) -> "asyncio.Future[Any] | None":
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                return waiting
        return None

    def _cut(self, connection: Any) -> None:
        connection.terminate()
        self._free_place()

    def _forget_idle(self) -> None:
        """Cut what was idle for too long, at the front, and let go of what the server has closed, at the end, where it is taken."""
        if not self._idle:
            return
        latest = self._loop.time() - IDLE_SECONDS
        while self._idle and self._idle[0][1] < latest:
            self._cut(self._idle.popleft()[0])
        while self._idle and self._idle[-1][0].is_closed():
            self._cut(self._idle.pop()[0])

    def expire(self) -> None:
        """Use none of the present connections again; whoever has one may finish with it."""
        self._expired |= self._lent
        while self._idle:
            self._cut(self._idle.pop()[0])

    async def close(self) -> None:
        self._is_closed = True
        while self._idle:
            await self._idle.pop()[0].close()

    def terminate(self) -> None:
        self._is_closed = True
        for connection in [*(entry[0] for entry in self._idle), *self._lent]:
            connection.terminate()


def _give_up(waiting: "asyncio.Future[Any]") -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError("all connections are in use"))


class Loan:
    """A connection for the time of a `with`. A class, since a generator would cost twice as much."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: Any = None

    async def __aenter__(self) -> Any:
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was given up in the middle (cancelled, out of time) may still have an answer under way: of no use any more."""
        is_usable = error is None or (isinstance(error, Exception) and not isinstance(error, self._pool.broken))
        self._pool.give_back(self._connection, is_usable=is_usable)
        if isinstance(error, self._pool.moved):
            self._pool.expire()
