"""The floor: the least a request with a durable write, or a read, costs on the server, framework and database of Checkstand.

`POST /rows/{key}` reads a row of 8 KB and writes it back with a commit; `GET /rows/{key}` reads one and answers with it.
A process of its own, run like `checkstand serve` runs: `python -m bench.floor PORT DATABASE ROWS`, where DATABASE is the
path of an SQLite file or the URL of an empty PostgreSQL database.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import apsw
import asyncpg
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from uvicorn.loops.auto import auto_loop_factory

ROW = b"0123456789abcdefghijklmnopqrstuv" * 256
"""8 KB. A write turns it by a byte, so that every page of the row is another one than before: pages that are not, SQLite
does not write."""

TABLE = "CREATE TABLE rows (key TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, body BYTEA NOT NULL)"

Handler = Callable[[Request], Awaitable[Response]]


def application(read: Handler, write: Handler) -> Router:
    """No middleware and no parsing; the router is the one of the server that is measured against it."""

    async def health(request: Request) -> Response:
        return Response(b"{}", media_type="application/json")

    return Router(
        routes=[
            Route("/rows/{key}", read, methods=["GET"]),
            Route("/rows/{key}", write, methods=["POST"]),
            Route("/health", health),
        ],
        redirect_slashes=False,
    )


# ---------------------------------------------------------------------------------------------------- SQLite


def open_database(path: str) -> apsw.Connection:
    """Opened as the server opens its own; a test compares the two."""
    connection = apsw.Connection(path)
    connection.set_busy_timeout(5000)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def fill(connection: apsw.Connection, rows: int) -> None:
    connection.execute(TABLE)
    with connection:
        connection.executemany(
            "INSERT INTO rows (key, version, body) VALUES (?, 1, ?)",
            ((str(number), ROW) for number in range(rows)),
        )


def over_sqlite(connection: apsw.Connection) -> Router:
    select = "SELECT version, body FROM rows WHERE key = ?"
    update = "UPDATE rows SET version = ?, body = ? WHERE key = ? AND version = ?"

    async def read(request: Request) -> Response:
        _, body = connection.execute(select, (request.path_params["key"],)).get
        return Response(body, media_type="application/json")

    async def write(request: Request) -> Response:
        key = request.path_params["key"]
        version, body = connection.execute(select, (key,)).get
        connection.execute(update, (version + 1, body[1:] + body[:1], key, version))
        return Response(b"{}", media_type="application/json")

    return application(read, write)


# ---------------------------------------------------------------------------------------------------- PostgreSQL


class Unreset(asyncpg.Connection):  # type: ignore[misc]  # asyncpg comes without types
    def get_reset_query(self) -> str:
        """Given back to the pool without a question to the server, as the server that is measured does."""
        return ""


async def open_pool(url: str) -> Any:
    """Opened as the server opens its own; a test compares the two."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=8,
        connection_class=Unreset,
        command_timeout=10,
        server_settings={
            "statement_timeout": "5s",
            "idle_in_transaction_session_timeout": "10s",
            "jit": "off",
        },
    )


async def fill_table(pool: Any, rows: int) -> None:
    await pool.execute(TABLE)
    await pool.executemany(
        "INSERT INTO rows (key, version, body) VALUES ($1, 1, $2)", [(str(number), ROW) for number in range(rows)]
    )


def over_postgresql(pool: Any) -> Router:
    """Two questions to the database for a write, on one connection; the second commits by itself."""
    select = "SELECT version, body FROM rows WHERE key = $1"
    update = "UPDATE rows SET version = $1, body = $2 WHERE key = $3 AND version = $4"

    async def read(request: Request) -> Response:
        async with pool.acquire() as connection:
            _, body = await connection.fetchrow(select, request.path_params["key"])
        return Response(body, media_type="application/json")

    async def write(request: Request) -> Response:
        key = request.path_params["key"]
        async with pool.acquire() as connection:
            version, body = await connection.fetchrow(select, key)
            await connection.execute(update, version + 1, body[1:] + body[:1], key, version)
        return Response(b"{}", media_type="application/json")

    return application(read, write)


# ---------------------------------------------------------------------------------------------------- the process


async def serve(port: int, database: str, rows: int) -> None:
    if database.startswith("postgresql:"):
        pool = await open_pool(database)
        await fill_table(pool, rows)
        app = over_postgresql(pool)
    else:
        connection = open_database(database)
        fill(connection, rows)
        app = over_sqlite(connection)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
