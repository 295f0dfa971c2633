"""Connections, below the requests: answers leave at once, slow and greedy clients are let go, too many are refused.

uvicorn speaks HTTP; what it leaves open stands here. Nothing is done per request that can be done by `Door.sweep`, which the
server calls a few times a second.
"""

import asyncio

import msgspec
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from checkstand.api.problems import TYPE

MAXIMUM_HEAD_BYTES = 64 * 1024
"""Beyond what comes with the first piece of a head."""


class Door:
    """What the connections of a server share: how long they may take, how many there may be, and whether it is closing.

    A head must be there `receive_seconds` after its connection, or `idle_seconds` later on one that is kept alive; an answer
    must be taken `answer_seconds` after it was given. Beyond `maximum_connections` a connection gets the answers of `full`,
    beyond twice as many none at all; once it is closed, every new request gets those of `closed`.
    """

    def __init__(
        self,
        *,
        receive_seconds: float,
        idle_seconds: float,
        answer_seconds: float,
        maximum_connections: int,
        full: ASGIApp,
        closed: ASGIApp,
    ) -> None:
        self.receive_seconds, self.idle_seconds, self._answer_seconds = receive_seconds, idle_seconds, answer_seconds
        self.maximum_connections = maximum_connections
        self.full, self.closed = full, closed
        self.is_closed = False
        self.connections: set[Connection] = set()

    def close(self) -> None:
        """From now on new requests are refused, also on the connections there are; those at work end with their answer."""
        self.is_closed = True
        for connection in list(self.connections):
            connection.app = self.closed
            if connection.cycle is not None and not connection.cycle.response_started:
                connection.cycle.keep_alive = False

    def sweep(self, now: float) -> None:
        for connection in list(self.connections):
            connection.let_go_if_slow(now, self._answer_seconds)


class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # which of its two protocols uvicorn takes is said at run time
    """HTTP as uvicorn speaks it, but an answer's head and body leave together. Two writes are two system calls, and wake a
    client that waits for the answer twice: 40 µs for each request."""

    door: Door
    """Set by a subclass for each server, `connection_of`: uvicorn makes connections of a class."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(Joined(transport))
        self._head_due = self.loop.time() + self.door.receive_seconds
        self._head_bytes = -1
        self._unread_since = 0.0
        self.door.connections.add(self)
        count = len(self.door.connections)
        if self.door.is_closed:
            self.app = self.door.closed
        elif count > 2 * self.door.maximum_connections:
            transport.abort()
        elif count > self.door.maximum_connections:
            self.app = self.door.full

    def connection_lost(self, error: Exception | None) -> None:
        self.door.connections.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self._head_bytes = -1
        elif self._head_bytes < 0:
            self._head_bytes = 0
        else:
            self._head_bytes += len(data)
            if self._head_bytes > MAXIMUM_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(431, "Request Header Fields Too Large", "The head of the request is too long.")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._head_due = self.loop.time() + self.door.idle_seconds + self.door.receive_seconds

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "Bad Request", msg)

    def let_go_if_slow(self, now: float, answer_seconds: float) -> None:
        if self.transport.get_write_buffer_size() == 0:
            self._unread_since = 0.0
        elif self._unread_since == 0.0:
            self._unread_since = now
        elif now - self._unread_since > answer_seconds:
            self.transport.abort()
            return
        if now > self._head_due and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()

    def _refuse(self, status: int, title: str, detail: str) -> None:
        """Before there is a request that an application could answer: in the same shape, and the connection ends."""
        body = msgspec.json.encode({"status": status, "title": title, "type": TYPE, "detail": detail})
        self.transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n%s"
            % (status, title.encode(), len(body), body)
        )
        self.transport.close()


def connection_of(door: Door) -> type[asyncio.Protocol]:
    return type("Connection", (Connection,), {"door": door})


class Joined(asyncio.Transport):
    """A transport that keeps the head of an answer until its body is written; each answer has one, be it empty."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head: bytes | bytearray | memoryview = b""
        for name in PASSED_ON:
            setattr(self, name, getattr(transport, name))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(b"".join((head, data)))
        elif data[:9] == b"HTTP/1.1 " and data[9:10] != b"1":  # not "100 Continue", which has no body
            self._head = data
        else:
            self._transport.write(data)

    def close(self) -> None:
        if self._head:
            self.write(b"")
        self._transport.close()


PASSED_ON = (
    "get_extra_info",
    "get_write_buffer_size",
    "is_closing",
    "pause_reading",
    "resume_reading",
    "set_protocol",
    "abort",
)
