"""Calling other people's servers over HTTP: webhooks' receivers, tax providers, carriers.

Where a name leads is looked up and checked once for each call, and that address is called, so that no second look-up can say
something else. No redirects, no proxy, no connection that is kept.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from msgspec import Struct

from checkstand.domain.destination import Destination, destination_of, is_public
from checkstand.errors import CheckoutError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Response(Struct, frozen=True):
    """`body` is empty where none was asked for."""

    status: int
    body: bytes = b""


class NotReached(Exception):
    """There was no answer. Says why in a few words."""


class TimedOut(NotReached):
    """There was none in time."""


class NotPublic(NotReached):
    """A name that stands for an address the server must not call."""


Post = Callable[[str, dict[str, str], bytes, float], Awaitable[Response]]
"""URL, headers, body and time-out in seconds. Raises `NotReached`."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, IPv4 first: not every machine that knows IPv6 addresses can reach them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for family, _, _, _, address in sorted(found, key=lambda entry: entry[0])]


@asynccontextmanager
async def poster(
    allowed_hosts: frozenset[str], resolve: Resolve = resolve, *, most_bytes: int = 0
) -> AsyncIterator[Post]:
    """Makes calls. What it needs for that is made with the first one: it takes a while, and most servers call nobody.
    `most_bytes`: how long answers may be that are read; 0: they are not."""
    async with AsyncExitStack() as stack:
        making: asyncio.Task[httpx.AsyncClient] | None = None

        async def make_client() -> httpx.AsyncClient:
            return await stack.enter_async_context(await asyncio.to_thread(_new_client))

        async def called(url: str, headers: dict[str, str], body: bytes) -> Response:
            nonlocal making
            making = making or asyncio.create_task(make_client())
            address = await _address(destination_of(url), allowed_hosts, resolve)
            return await _post(await asyncio.shield(making), httpx.URL(url), address, headers, body, most_bytes)

        async def post(url: str, headers: dict[str, str], body: bytes, timeout_seconds: float) -> Response:
            try:
                async with asyncio.timeout(timeout_seconds):
                    return await called(url, headers, body)
            except TimeoutError:
                raise TimedOut(f"no answer within {timeout_seconds:g} seconds") from None
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, CheckoutError) as failure:
                raise NotReached(f"not reached: {type(failure).__name__}") from None

        yield post


def _new_client() -> httpx.AsyncClient:
    """Connections are not kept: two names of one address must not share one. No proxy: it would look names up again."""
    logging.getLogger("httpx").setLevel(
        logging.WARNING
    )  # it would log each call; failures are logged by who makes them
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    headers = {"User-Agent": "Checkstand", "Accept-Encoding": "identity"}
    return httpx.AsyncClient(limits=limits, headers=headers, timeout=None, follow_redirects=False, trust_env=False)


async def _address(destination: Destination, allowed_hosts: frozenset[str], resolve: Resolve) -> str:
    """Where to connect to: looked up and checked once, so that no second look-up can say something else."""
    addresses = await resolve(destination.host, destination.port)
    if not destination.names & allowed_hosts and not all(is_public(address) for address in addresses):
        raise NotPublic("the host is not on the public internet")
    if not addresses:
        raise OSError("no address")
    return addresses[0]


async def _post(
    client: httpx.AsyncClient, url: httpx.URL, address: str, headers: dict[str, str], body: bytes, most_bytes: int
) -> Response:
    """The certificate must be that of the name, not of the address."""
    request = client.build_request(
        "POST",
        url.copy_with(host=address),
        content=body,
        headers={**headers, "Host": url.netloc.decode("ascii"), "Connection": "close"},
        extensions={"sni_hostname": url.host},
    )
    answer = await client.send(request, stream=True)
    try:
        content = bytearray()
        if most_bytes:
            async for chunk in answer.aiter_raw():
                content += chunk
                if len(content) > most_bytes:
                    raise NotReached(f"answered more than {most_bytes} bytes")
        return Response(answer.status_code, bytes(content))
    finally:
        await answer.aclose()
