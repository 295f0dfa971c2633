"""The floor: the least a request with a durable write, or a read, costs on the server, framework and database of Checkstand.

`POST /rows/{key}` reads a row of 8 KB and writes it back with a commit; `GET /rows/{key}` reads one and answers with it.
A process of its own, run like `checkstand serve` runs: `python -m bench.floor PORT DATABASE ROWS`.
"""

import sys

import apsw
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

ROW = b"0123456789abcdefghijklmnopqrstuv" * 256
"""8 KB. A write turns it by a byte, so that every page of the row is another one than before: pages that are not, SQLite
does not write."""

READ = "SELECT version, body FROM rows WHERE key = ?"
WRITE = "UPDATE rows SET version = ?, body = ? WHERE key = ? AND version = ?"


def open_database(path: str) -> apsw.Connection:
    """Opened as the server opens its own; a test compares the two."""
    connection = apsw.Connection(path)
    connection.set_busy_timeout(5000)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def fill(connection: apsw.Connection, rows: int) -> None:
    connection.execute(
        "CREATE TABLE rows (key TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, body BYTEA NOT NULL)"
    )
    with connection:
        connection.executemany(
            "INSERT INTO rows (key, version, body) VALUES (?, 1, ?)",
            ((str(number), ROW) for number in range(rows)),
        )


def application(connection: apsw.Connection) -> Router:
    """No middleware and no parsing; the router is the one of the server that is measured against it."""

    async def read(request: Request) -> Response:
        _, body = connection.execute(READ, (request.path_params["key"],)).get
        return Response(body, media_type="application/json")

    async def write(request: Request) -> Response:
        key = request.path_params["key"]
        version, body = connection.execute(READ, (key,)).get
        connection.execute(WRITE, (version + 1, body[1:] + body[:1], key, version))
        return Response(b"{}", media_type="application/json")

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


def main(port: int, database: str, rows: int) -> None:
    connection = open_database(database)
    fill(connection, rows)
    uvicorn.run(
        application(connection),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
