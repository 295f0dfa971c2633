"""The HTTP that the small servers to try things with speak (`demo_carrier`, `demo_tax_provider`): one request a connection."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

MOST_BYTES = 4 * 1024 * 1024
REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    500: "Internal Server Error",
}


class DemoServer(ABC):
    """Answers what `handle` says. `port` is known once it was started."""

    port: int = 0
    _server: asyncio.Server | None = None

    @abstractmethod
    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Status and body: bytes as they are, None for nothing, anything else as JSON. Names of headers are in lower case, `body`
        is decoded, None where there is none."""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    def run(self, host: str, port: int) -> None:
        """Until Ctrl+C; the address is printed first."""

        async def serve() -> None:
            await self.start(host, port)
            print(f"http://{host}:{self.port}", flush=True)  # noqa: T201 (which is what a caller waits for)
            assert self._server is not None
            await self._server.serve_forever()

        with suppress(KeyboardInterrupt):
            asyncio.run(serve())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            method, target, _ = head[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-1])}
            raw = await reader.readexactly(min(int(headers.get("content-length", "0")), MOST_BYTES))
            body = json.loads(raw, parse_float=Decimal) if raw else None
            status, answer = await self.handle(method, target, headers, body)
            writer.write(self._answer(status, answer))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller went away
        finally:
            writer.close()

    def _answer(self, status: int, answer: Any) -> bytes:
        """One that moves on leads back here, to where nobody may be sent."""
        content = b"" if answer is None else answer
        if not isinstance(content, bytes):
            content = json.dumps(answer, default=float).encode()
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'As asked')}", "Content-Type: application/json"]
        if status == 302:
            lines.append(f"Location: http://127.0.0.1:{self.port}/rate")
        lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode() + content
