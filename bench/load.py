"""The load generator: prepared requests over keep-alive connections to 127.0.0.1, one thread, no HTTP library.

Each connection follows a script, a generator that yields requests and is sent the body of each answer. A connection sends
its next request as soon as the answer to the last one is complete, so `n` scripts keep `n` requests under way. Any answer
but a 2xx ends the measurement: only work that was done is counted.
"""

import selectors
import socket
import time
from collections.abc import Generator, Iterable, Iterator, Sequence

from msgspec import Struct

HOST = "127.0.0.1"
DEADLINE_SECONDS = 300.0

Script = Generator[bytes, bytes, None]


class LoadFailed(Exception):
    """The server refused a request, or did not answer."""


class Measured(Struct, frozen=True):
    """One batch. `latencies` in seconds, in the order the answers came; `own_cpu` is what the generator itself used."""

    latencies: tuple[float, ...]
    seconds: float
    own_cpu: float

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def own_share(self) -> float:
        """How busy the generator was; near 1 it would have measured itself."""
        return self.own_cpu / self.seconds


class _Connection:
    __slots__ = ("body_at", "buffer", "needed", "script", "sent_at", "socket")

    def __init__(self, port: int, script: Script) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.script = script
        self.buffer = b""
        self.needed = 0
        self.body_at = 0
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The body of the answer once it is complete. Raises `LoadFailed` for anything but success."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise LoadFailed(f"the server closed the connection; it had sent {self.buffer[:500]!r}")
        self.buffer = self.buffer + data if self.buffer else data
        if not self.needed and not self._read_head():
            return None
        if len(self.buffer) < self.needed:
            return None
        if self.buffer[9:10] != b"2":
            raise LoadFailed(f"the server answered {self.buffer[:1000]!r}")
        body = self.buffer[self.body_at : self.needed]
        self.buffer, self.needed = b"", 0
        return body

    def _read_head(self) -> bool:
        """Whether the head is there; if so, how long the answer is. Answers without a length have no body (204)."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        length, name = 0, b"\r\ncontent-length: "
        at = self.buffer.find(name, 0, end)
        if at >= 0:
            at += len(name)
            length = int(self.buffer[at : self.buffer.index(b"\r\n", at)])
        self.body_at = end + 4
        self.needed = self.body_at + length
        return True


def drive(port: int, scripts: Sequence[Script]) -> Measured:
    """Run scripts to their ends, each over a connection of its own."""
    connections = [_Connection(port, script) for script in scripts]
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        try:
            cpu, started = time.process_time(), time.perf_counter()
            for connection in connections:
                request = next(connection.script, None)
                if request is not None:
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                    connection.send(request)
            _exchange(selector, latencies, started + DEADLINE_SECONDS)
            seconds, own_cpu = time.perf_counter() - started, time.process_time() - cpu
        finally:
            for connection in connections:
                connection.socket.close()
    return Measured(tuple(latencies), seconds, own_cpu)


def _exchange(selector: selectors.BaseSelector, latencies: list[float], deadline: float) -> None:
    while selector.get_map():
        ready = selector.select(10)
        if not ready or time.perf_counter() > deadline:
            raise LoadFailed("the server did not answer in time")
        for key, _ in ready:
            connection: _Connection = key.data
            body = connection.receive()
            if body is None:
                continue
            latencies.append(time.perf_counter() - connection.sent_at)
            try:
                connection.send(connection.script.send(body))
            except StopIteration:
                selector.unregister(connection.socket)


def spread(requests: Iterable[bytes], connections: int, answers: list[bytes] | None = None) -> list[Script]:
    """Scripts that share prepared requests: each connection takes the next one. `answers` collects their bodies."""
    shared = iter(requests)
    return [_following(shared, answers) for _ in range(connections)]


def _following(requests: Iterator[bytes], answers: list[bytes] | None) -> Script:
    for request in requests:
        body = yield request
        if answers is not None:
            answers.append(body)
