"""The pool lends what can be used again, in the order people came, and never more connections than it may have."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from checkstand.storage import pool as pools
from checkstand.storage.pool import ConnectionPool


class Moved(Exception):
    """The server is no longer the one to use."""


BROKEN = (OSError, TimeoutError)


class Connection:
    """As much of a connection as the pool looks at."""

    def __init__(self, number: int) -> None:
        self.number, self.in_transaction, self.closed = number, False, False

    def is_closed(self) -> bool:
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction

    def terminate(self) -> None:
        self.closed = True

    async def close(self) -> None:
        self.closed = True


class Server:
    def __init__(self) -> None:
        self.made: list[Connection] = []
        self.is_down = False

    async def connect(self) -> Connection:
        await asyncio.sleep(0)
        if self.is_down:
            raise ConnectionRefusedError
        self.made.append(Connection(len(self.made) + 1))
        return self.made[-1]

    @property
    def open(self) -> list[int]:
        return [connection.number for connection in self.made if not connection.closed]


def with_pool(
    scenario: Callable[[ConnectionPool, Server], Awaitable[None]], size: int = 2, timeout_seconds: float = 5.0
) -> None:
    async def whole() -> None:
        server = Server()
        await scenario(
            ConnectionPool(server.connect, size, timeout_seconds=timeout_seconds, broken=BROKEN, moved=Moved), server
        )

    asyncio.run(whole())


async def held(pool: ConnectionPool, release: asyncio.Event) -> int:
    async with pool.connection() as connection:
        await release.wait()
        return int(connection.number)


def test_the_connection_given_back_last_is_lent_first() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        first, second = await pool.take(), await pool.take()
        pool.give_back(second, is_usable=True)
        pool.give_back(first, is_usable=True)

        async with pool.connection() as connection:
            assert connection.number == 1

    with_pool(scenario)


def test_no_more_connections_are_made_than_it_may_have_and_those_who_wait_are_served_in_order() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        release = asyncio.Event()
        holders = [asyncio.create_task(held(pool, release)) for _ in range(2)]
        await asyncio.sleep(0.01)
        served: list[str] = []

        async def wait(name: str) -> None:
            async with pool.connection():
                served.append(name)

        waiting = [asyncio.create_task(wait(name)) for name in ("Ann", "Bob", "Cid")]
        await asyncio.sleep(0.01)
        assert served == []
        release.set()
        await asyncio.gather(*holders, *waiting)

        assert served == ["Ann", "Bob", "Cid"]
        assert server.open == [1, 2]

    with_pool(scenario)


def test_who_waits_too_long_is_told_and_leaves_the_line() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        connection = await pool.take()

        with pytest.raises(TimeoutError):
            await pool.take()

        pool.give_back(connection, is_usable=True)
        assert await pool.take() is connection

    with_pool(scenario, size=1, timeout_seconds=0.01)


def test_a_connection_given_in_the_moment_its_receiver_was_cancelled_goes_to_the_next() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        connection = await pool.take()
        cancelled, next_one = asyncio.create_task(pool.take()), asyncio.create_task(pool.take())
        await asyncio.sleep(0.01)

        pool.give_back(connection, is_usable=True)
        cancelled.cancel()

        assert await next_one is connection
        assert cancelled.cancelled()

    with_pool(scenario, size=1)


@pytest.mark.parametrize("error", [asyncio.CancelledError, TimeoutError, ConnectionResetError])
def test_what_was_given_up_in_the_middle_or_is_broken_is_cut_and_its_place_is_free(error: type[BaseException]) -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        with pytest.raises(error):
            async with pool.connection():
                raise error

        async with pool.connection():
            assert server.open == [2]

    with_pool(scenario, size=1)


def test_a_refusal_in_the_middle_of_its_work_does_not_cost_the_connection() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        with pytest.raises(ValueError, match="out of stock"):
            async with pool.connection():
                raise ValueError("out of stock")

        async with pool.connection():
            assert server.open == [1]

    with_pool(scenario, size=1)


def test_a_connection_in_an_open_transaction_is_cut() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        async with pool.connection() as connection:
            connection.in_transaction = True

        async with pool.connection():
            assert server.open == [2]

    with_pool(scenario, size=1)


def test_a_connection_the_server_closed_is_not_lent_again() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        async with pool.connection() as connection:
            pass
        connection.closed = True

        async with pool.connection() as other:
            assert other.number == 2

    with_pool(scenario, size=1)


def test_who_waits_for_a_connection_that_is_cut_makes_a_new_one() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        connection = await pool.take()
        waiting = asyncio.create_task(pool.take())
        await asyncio.sleep(0.01)

        pool.give_back(connection, is_usable=False)

        assert (await waiting).number == 2

    with_pool(scenario, size=1)


def test_a_server_that_was_down_is_found_again() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        server.is_down = True
        with pytest.raises(ConnectionRefusedError):
            await pool.take()
        server.is_down = False

        assert (await pool.take()).number == 1

    with_pool(scenario, size=1)


def test_after_the_server_has_moved_no_connection_is_used_again() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        lent = await pool.take()
        with pytest.raises(Moved):
            async with pool.connection():
                raise Moved
        assert server.open == [1]  # whoever has it may finish with it

        pool.give_back(lent, is_usable=True)

        assert server.open == []
        assert (await pool.take()).number == 3

    with_pool(scenario)


def test_a_connection_nobody_used_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        async with pool.connection():
            pass
        monkeypatch.setattr(pools, "IDLE_SECONDS", -1.0)

        assert (await pool.take()).number == 2
        assert server.open == [2]

    with_pool(scenario, size=1)


def test_once_closed_nothing_is_lent_and_what_comes_back_is_cut() -> None:
    async def scenario(pool: ConnectionPool, server: Server) -> None:
        lent = await pool.take()
        async with pool.connection():
            pass

        await pool.close()
        pool.give_back(lent, is_usable=True)

        assert server.open == []
        with pytest.raises(ConnectionError):
            await pool.take()

    with_pool(scenario)
