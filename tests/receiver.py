"""A receiver of webhooks on this machine, over real sockets: it keeps what it is sent and answers as a test says."""

import asyncio
import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

HANG = 0
"""Instead of a status: no answer, until the sender goes away."""


class Received(Struct, frozen=True):
    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def cart_id(self) -> str:
        """The cart it is about; also of line items."""
        data = self.payload["data"]
        return str(data.get("cartId", data["id"]))

    @property
    def happening(self) -> tuple[str, str]:
        return self.payload["scope"], str(self.payload["data"]["id"])

    def is_signed_with(self, secret: str) -> bool:
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        signature = base64.b64encode(hmac.new(secret.encode(), content, sha256).digest()).decode()
        return f"v1,{signature}" in self.headers["webhook-signature"].split(" ")


async def accept(_: Received) -> int:
    return 200


class Receiver:
    """`answer` gives the status of each call. What comes and fails is kept in `calls`, what succeeds in `accepted` as well."""

    def __init__(self, answer: Callable[[Received], Awaitable[int]] = accept) -> None:
        self.answer = answer
        self.calls: list[Received] = []
        self.accepted: list[Received] = []
        self.port = 0
        self.headers = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hooks"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-1])}
            body = await reader.readexactly(int(headers["content-length"]))
            received = Received(headers, body, head[0].split(" ")[1])
            self.calls.append(received)
            status = await self.answer(received)
            if status == HANG:
                await reader.read()
                return
            if 200 <= status < 300:
                self.accepted.append(received)
            writer.write(f"HTTP/1.1 {status} As asked\r\n{self.headers}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender went away
        finally:
            writer.close()
