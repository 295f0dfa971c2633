"""Calling other people's servers. Which addresses may be called is tested with the webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from checkstand.outbound import NotReached, Response, poster


@asynccontextmanager
async def answering(body: bytes) -> AsyncIterator[str]:
    """A server that answers each request with this body; its host."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def call(body: bytes, most_bytes: int) -> Response:
    async with answering(body) as host, poster(frozenset({host}), most_bytes=most_bytes) as post:
        return await post(f"http://{host}/", {}, b"", 2.0)


def test_an_answer_is_read_where_one_is_wanted() -> None:
    assert asyncio.run(call(b"yes", 3)) == Response(200, b"yes")
    assert asyncio.run(call(b"yes", 0)) == Response(200, b"")


def test_an_answer_that_is_too_long_is_none() -> None:
    with pytest.raises(NotReached, match="answered more than 2 bytes"):
        asyncio.run(call(b"yes", 2))


def test_a_server_that_is_not_there_is_not_reached() -> None:
    async def scenario() -> None:
        async with answering(b"") as host:
            pass
        async with poster(frozenset({host})) as post:
            await post(f"http://{host}/", {}, b"", 2.0)

    with pytest.raises(NotReached, match="not reached: ConnectError"):
        asyncio.run(scenario())
