"""HTTP down to the bytes: what a client library never shows."""

import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.server import RunningServer

TOKEN = b"Host: 127.0.0.1\r\nX-Auth-Token: demo-token\r\n"
CARTS = b"/stores/demo/v3/carts"
NEW_CART = b'{"line_items": [{"product_id": 170, "quantity": 1}]}'


class Wire:
    """A connection that sends bytes and reads answers one by one."""

    def __init__(self, server: RunningServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> tuple[bytes, bytes]:
        """Status line and body of the next answer."""
        head, body = self.whole_answer()
        return head.split(b"\r\n")[0], body

    def whole_answer(self) -> tuple[bytes, bytes]:
        """Head and body of the next answer."""
        while b"\r\n\r\n" not in self._left:
            self._receive()
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        lengths = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
        length = lengths[0] if lengths else 0
        while len(self._left) < length:
            self._receive()
        body, self._left = self._left[:length], self._left[length:]
        return head + b"\r\n", body

    def is_closed(self) -> bool:
        return not self._left and self._socket.recv(1) == b""

    def is_cut(self) -> bool:
        """Whether nothing can be sent any more, whatever may still be read."""
        try:
            for _ in range(50):
                self._socket.sendall(b"\r\n")
                time.sleep(0.02)
        except OSError:
            return True
        return False

    def receive_little(self) -> None:
        """From now on hardly anything arrives that is not read."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def received_at_once(self) -> bytes:
        return self._socket.recv(1 << 20)

    def _receive(self) -> None:
        data = self._socket.recv(1 << 20)
        assert data, f"the server closed the connection after {self._left!r}"
        self._left += data


def post(length: int, *more: bytes) -> bytes:
    head = b"POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n" % (CARTS, TOKEN, length)
    return head + b"".join(line + b"\r\n" for line in more) + b"\r\n"


def test_heads_and_bodies_arrive_whole_whatever_the_client_does(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(RunningServer(tmp_path))
        wire = stack.enter_context(Wire(server))

        # The head and the body of an answer leave together.
        wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        whole = wire.received_at_once()
        assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
        assert whole.endswith(b'\r\n\r\n{"status":"ok"}')

        # A client that waits for leave to send its body gets it.
        wire.send(post(len(NEW_CART), b"Expect: 100-continue"))
        assert wire.answer() == (b"HTTP/1.1 100 Continue", b"")
        wire.send(NEW_CART)
        status, body = wire.answer()
        assert status == b"HTTP/1.1 201 Created"
        cart = body.split(b'"id":"')[1][:36]

        # Several requests sent before the first answer are answered in order.
        read = b"GET %s/%s HTTP/1.1\r\n%s\r\n" % (CARTS, cart, TOKEN)
        wire.send(read + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + read)
        answers = [wire.answer() for _ in range(3)]
        assert [status for status, _ in answers] == [b"HTTP/1.1 200 OK"] * 3
        assert answers[0] == answers[2]
        assert answers[1][1] == b'{"status":"ok"}'

        # An answer without a body ends with its head.
        wire.send(b"DELETE %s/%s HTTP/1.1\r\n%s\r\n" % (CARTS, cart, TOKEN))
        assert wire.answer() == (b"HTTP/1.1 204 No Content", b"")

        # An answer to HEAD is a head, also where there is nothing.
        wire.send(b"HEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        whole = wire.received_at_once()
        assert whole.startswith(b"HTTP/1.1 404 Not Found\r\n")
        assert whole.endswith(b"\r\n\r\n")

        # A client of the first version gets one answer.
        with Wire(server) as old:
            old.send(b"GET /health HTTP/1.0\r\nHost: x\r\n\r\n")
            head, body = old.whole_answer()
            assert (b"\r\nconnection: close\r\n" in head, body) == (True, b'{"status":"ok"}')
            assert old.is_closed()

        # What is not HTTP is refused, and the connection ends.
        wire.send(b"who goes there?\r\n\r\n")
        assert wire.answer()[0] == b"HTTP/1.1 400 Bad Request"
        assert wire.is_closed()
