"""Connections, below the requests: answers leave at once, slow and greedy clients are let go, too many are refused.

uvicorn speaks HTTP; what it leaves open stands here. Nothing is done per request that can be done by `Door.sweep`, which the
server calls a few times a second.
"""

import asyncio
from collections import deque
from typing import Any
from urllib.parse import unquote

import httptools
import msgspec
from starlette.types import ASGIApp
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent, ASGIVersions, HTTPRequestEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from checkstand.api.problems import TYPE

MAXIMUM_HEAD_BYTES = 64 * 1024
"""Beyond what comes with the first piece of a head."""
NO_HEAD = -1
"""In the place of its bytes: none is arriving."""

ASGI: ASGIVersions = {"version": "3.0", "spec_version": "2.3"}
CLOSE = (b"connection", b"close")


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


class Connection(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with an `Exchange` for each request. No WebSockets: `server` says so."""

    door: Door
    """Set by a subclass for each server, `connection_of`: uvicorn makes connections of a class."""
    cycle: "Exchange | None"  # type: ignore[assignment]  # uvicorn has one of its own, and does not say that there is none at first
    pipeline: "deque[tuple[Exchange, Any]]"  # type: ignore[assignment]  # likewise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # which uvicorn has narrower than asyncio
        self._head_due = self._idle_until = self.loop.time() + self.door.receive_seconds
        self._head_bytes = NO_HEAD
        self._unread_since = 0.0
        self.door.connections.add(self)
        count = len(self.door.connections)
        if self.door.is_closed:
            self.app = self.door.closed
        elif count > 2 * self.door.maximum_connections:
            self.transport.abort()
        elif count > self.door.maximum_connections:
            self.app = self.door.full

    def connection_lost(self, error: Exception | None) -> None:
        self.door.connections.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        head = None if self._head_bytes == NO_HEAD else self.headers
        super().data_received(data)
        if self._head_bytes != NO_HEAD and self.headers is head:
            self._head_bytes += len(data)
            if self._head_bytes > MAXIMUM_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(431, "Request Header Fields Too Large", "The head of the request is too long.")

    # ------------------------------------------------------------------------------------------------ what the parser finds

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._head_bytes = NO_HEAD
        version = self.parser.get_http_version()
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        self.scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": self.parser.get_method().decode("ascii"),
            "scheme": self.scheme or "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": url.path,
            "query_string": url.query or b"",
            "root_path": "",
            "headers": self.headers,
            "client": self.client,
            "server": self.server,
        }
        last = self.cycle
        self.cycle = Exchange(self, keep_alive=version != "1.0" and self.parser.should_keep_alive())
        if last is None or last.response_complete:
            self._start(self.cycle, self.app)
        else:  # the client did not wait for its answer
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _start(self, exchange: "Exchange", app: Any) -> None:
        exchange.task = self.loop.create_task(exchange.run_asgi(app))
        self.tasks.add(exchange.task)

    def on_response_complete(self) -> None:
        """The connection may be idle from now on, or goes on with a request that has come already. uvicorn would set a timer for
        each answer."""
        if self.transport.is_closing():
            return
        self._idle_until = self.loop.time() + self.door.idle_seconds
        self._head_due = self._idle_until + self.door.receive_seconds
        self.flow.resume_reading()
        if self.pipeline:
            self._start(*self.pipeline.pop())

    # ------------------------------------------------------------------------------------------------ refusing

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
        until = self._idle_until if self._head_bytes == NO_HEAD else self._head_due
        if now > until and (self.cycle is None or self.cycle.response_complete):
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


class Exchange:
    """A request and its answer, whose head and body leave in one piece: two would be two system calls, and wake a client that
    waits for the answer twice. Names of headers are in lower case, and a body comes as a whole.

    In the place of uvicorn's `RequestResponseCycle`, of which it keeps what uvicorn's protocol looks at: `body`, `more_body`,
    `disconnected`, `response_complete`, `message_event`. Nothing is made that only few requests need.
    """

    __slots__ = (
        "_connection",
        "_has_news",
        "_head",
        "_waiting",
        "_waits_for_100_continue",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "response_complete",
        "response_started",
        "scope",
        "task",
    )
    task: "asyncio.Task[None]"

    def __init__(self, connection: Connection, *, keep_alive: bool) -> None:
        self._connection = connection
        self.scope = connection.scope
        self.keep_alive = keep_alive
        self._waits_for_100_continue = connection.expect_100_continue
        self.body: bytes = b""
        self.more_body = True
        self._has_news = self.disconnected = self.response_started = self.response_complete = False
        self._waiting: asyncio.Future[None] | None = None
        self._head: HTTPResponseStartEvent | None = None

    async def run_asgi(self, app: Any) -> None:
        connection = self._connection
        try:
            await app(self.scope, self.receive, self.send)
        except BaseException as error:
            connection.logger.error("Exception in ASGI application\n", exc_info=error)
            await self._give_up()
        else:
            if not self.response_complete and not self.disconnected:
                connection.logger.error("The application has not answered.")
                await self._give_up()
        finally:  # a callback of the task would be called in a round of its own
            connection.tasks.discard(self.task)

    async def _give_up(self) -> None:
        if self.response_started:
            self._connection.transport.close()
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21"), CLOSE]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"Internal Server Error"})

    # ------------------------------------------------------------------------------------------------ the request's body

    @property
    def message_event(self) -> "Exchange":
        """What uvicorn sets when the connection is lost, or a piece of the body is there."""
        return self

    def set(self) -> None:
        """There is something to receive."""
        self._has_news = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def receive(self) -> ASGIReceiveEvent:
        connection = self._connection
        if self._waits_for_100_continue and not connection.transport.is_closing():
            connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._waits_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            connection.flow.resume_reading()
            if not self._has_news:
                self._waiting = connection.loop.create_future()
                await self._waiting
            self._has_news = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        message: HTTPRequestEvent = {"type": "http.request", "body": self.body, "more_body": self.more_body}
        self.body = b""
        return message

    # ------------------------------------------------------------------------------------------------ the answer

    async def send(self, message: ASGISendEvent) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        assert message["type"] == "http.response.body" and self._head is not None
        connection = self._connection
        if connection.flow.write_paused and not self.disconnected:
            await connection.flow.drain()
        if self.disconnected:
            return
        head = self._head_bytes(self._head)
        self.response_started = self.response_complete = True
        connection.transport.write(head if self.scope["method"] == "HEAD" else head + message["body"])
        self.set()
        if not self.keep_alive:
            connection.transport.close()
        connection.on_response_complete()

    def _head_bytes(self, start: HTTPResponseStartEvent) -> bytes:
        headers = list(start["headers"])
        if CLOSE in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            headers.append(CLOSE)
        parts = [STATUS_LINE[start["status"]]]
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        head = b"".join(parts)
        if head.count(b"\n") != len(headers) + 2 or head.count(b"\r") != len(headers) + 2:
            raise RuntimeError("a header of an answer has more than one line")
        return head
