"""Requests and answers on a connection, without a network."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from checkstand.connections import Connection, Door, connection_of

HEAD = b"POST /carts HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 6\r\n\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def exchanged(app: ASGIApp, pieces: Sequence[bytes], then: Callable[[Connection], None] | None = None) -> Wire:
    """What an application answers to a request that arrives in pieces, each in a round of the event loop of its own."""
    door = Door(receive_seconds=9, idle_seconds=9, answer_seconds=9, maximum_connections=9, full=app, closed=app)
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None)
    config.load()
    connection = connection_of(door)(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg]
    assert isinstance(connection, Connection)
    wire = Wire()
    connection.connection_made(wire)
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    if then is not None:
        then(connection)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not connection.tasks
    return wire


async def answer(send: Send, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the pieces of the body as they came, when the last one is there."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message["body"])
        if not message["more_body"]:
            break
    await answer(send, b"|".join(pieces))


@pytest.mark.parametrize(
    ("pieces", "seen"),
    [
        ([HEAD + b"abcdef"], b"abcdef"),
        ([HEAD, b"abcdef"], b"abcdef"),
        ([HEAD, b"ab", b"cdef"], b"ab|cdef"),
    ],
)
def test_a_body_is_received_as_it_comes(pieces: list[bytes], seen: bytes) -> None:
    wire = asyncio.run(exchanged(echo, pieces))

    assert wire.written == b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(seen), seen)
    assert not wire.is_closed


def test_whoever_waits_for_a_body_is_told_when_the_client_has_gone() -> None:
    received: list[Message] = []

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        received.append(await receive())
        await answer(send, b"nobody reads this")

    wire = asyncio.run(exchanged(waiting, [HEAD], lambda connection: connection.connection_lost(None)))

    assert received == [{"type": "http.disconnect"}]
    assert wire.written == b""


async def _fails(send: Send) -> None:
    raise ValueError("a mistake of ours")


async def _fails_late(send: Send) -> None:
    await answer(send, b"done")
    raise ValueError("a mistake of ours")


async def _says_nothing(send: Send) -> None:
    pass


@pytest.mark.parametrize(
    ("behaves", "status"),
    [
        (_fails, b"500 Internal Server Error"),
        (_says_nothing, b"500 Internal Server Error"),
        (_fails_late, b"200 OK"),
    ],
)
def test_an_application_that_fails_or_says_nothing_ends_the_connection(
    behaves: Callable[[Send], Awaitable[None]], status: bytes
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await behaves(send)

    wire = asyncio.run(exchanged(app, [HEAD + b"abcdef"]))

    assert wire.written.startswith(b"HTTP/1.1 " + status)
    assert wire.is_closed
