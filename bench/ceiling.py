"""The ceiling: a server that does nothing, to learn how many requests the load generator can send at most.

Whatever arrives is answered with the same prepared 8 KB. `python -m bench.ceiling PORT`.
"""

import asyncio
import sys
from typing import cast

import uvloop

BODY = b" " * 8192
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY


class Parrot(asyncio.Protocol):
    """Takes each piece of data for one whole request, which those of the load generator for the ceiling are."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Parrot, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
