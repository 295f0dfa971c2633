"""A server process: it listens, says what can be done with it, answers, and stops when it is asked to."""

import asyncio
import errno
import gc
import logging
import shutil
import signal
import socket
import sys
from collections.abc import Coroutine
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from checkstand.app import DEMO_CLIENT, DEMO_STORE, DEMO_TOKEN, application, opened, ready_cart
from checkstand.errors import CheckoutError, Refused, Unavailable
from checkstand.service.hooks import client_secret
from checkstand.settings import DEFAULT_DATABASE, Settings
from checkstand.storage.open import is_shared
from checkstand.storage.port import Stores
from checkstand.webhooks import delivering
from checkstand.workers import supervise

STOP_SECONDS = 5
"""How long requests under way may take to end when the server is asked to stop; a container is killed after ten."""

LISTEN_BACKLOG = 2048


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Returns when the server was asked to stop and has. Raises `Refused` and `Unavailable` when it cannot start."""
    # Until the server has its own way of stopping: the first process of a container has none by default.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(level=logging.INFO if settings.log else logging.WARNING, format="%(levelname)s %(message)s")
    try:
        if workers != 1 and not is_shared(settings.database):
            raise Refused(
                "--workers above 1 needs PostgreSQL. SQLite has one writer: a second process would make it no faster, "
                "and the slowest requests much slower."
            )
        with _listen(host, port, shared=workers > 1) as listener:
            if workers == 1:
                _run(_answer(settings, host, listener))
            else:
                _serve_with(workers, settings, host, listener)
    except KeyboardInterrupt:
        pass  # Ctrl+C while it was still starting
    finally:
        if settings.temporary_folder:
            shutil.rmtree(settings.temporary_folder, ignore_errors=True)


def _run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(work)


def _serve_with(workers: int, settings: Settings, host: str, listener: socket.socket) -> None:
    """Bring the database up to date and say what can be done, once for all; then let the workers answer."""

    async def prepare() -> None:
        async with opened(settings) as app:
            await _say_welcome(app.storage, settings, host, listener)

    asyncio.run(prepare())
    port = listener.getsockname()[1]
    listeners = [listener, *(_listen(host, port, shared=True) for _ in range(workers - 1))]
    supervise(lambda number: _run(_answer(settings, host, listeners[number], is_welcomed=True)), workers)
    for other in listeners[1:]:
        other.close()


def _settle_memory() -> None:
    """What was made until now stays for good: the collector need not look at it over and over. Requests leave hardly any
    cycles behind, so it need not look at what is new so often either. Together a tenth of the time of a read."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class AtOnce(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # which of its two protocols uvicorn takes is said at run time
    """HTTP as uvicorn speaks it, but an answer's head and body leave together. Two writes are two system calls, and wake a
    client that waits for the answer twice: 40 µs for each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(Joined(transport))


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


PASSED_ON = ("get_extra_info", "is_closing", "pause_reading", "resume_reading", "set_protocol", "abort")


class Server(uvicorn.Server):
    """Stops on SIGTERM and Ctrl+C and is then done: the process goes on to its end and its status is 0."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


async def _answer(settings: Settings, host: str, listener: socket.socket, *, is_welcomed: bool = False) -> None:
    async with opened(settings) as app, delivering(app.storage, settings):
        config = uvicorn.Config(
            application(app),
            http=AtOnce,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = Server(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)  # from here on it stops by itself, also before it has begun
        _settle_memory()
        if not is_welcomed:
            await _say_welcome(app.storage, settings, host, listener)
        await server.serve(sockets=[listener])


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket that takes connections from now on; they wait until the server is ready. `shared`: several of them on one port
    share the connections. Raises `Unavailable`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return socket.create_server((str(address[0]), port), family=family, backlog=LISTEN_BACKLOG, reuse_port=shared)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                f"Port {port} of {host} is in use; stop what uses it, or take another: --port N."
            ) from None
        reason = (error.strerror or str(error)).lower()
        raise Unavailable(f"The server cannot listen on port {port} of {host}: {reason}.") from None


# ---------------------------------------------------------------------------------------------------- what it says


def _url(host: str, port: int) -> str:
    """Where this machine reaches the server."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


async def _say_welcome(storage: Stores, settings: Settings, host: str, listener: socket.socket) -> None:
    sys.stdout.write(await _welcome(storage, settings, _url(host, listener.getsockname()[1])) + "\n")
    sys.stdout.flush()


async def _welcome(storage: Stores, settings: Settings, url: str) -> str:
    """What to do next: a block for a `.env` file and calls that work, or what is missing before any can."""
    if settings.demo:
        return await _demo(storage, settings, url)
    if await storage.store_count() == 0:
        return f"""# Checkstand runs on {url}, but its database has no shop yet: nearly all it can answer is 404.
# Load one, while this keeps running:
#   checkstand load shop.yaml --store myshop{_database(settings)}
#   checkstand token --store myshop --scope all{_database(settings)}
# Or stop with Ctrl+C and try the demo shop: checkstand serve --demo
"""
    store_hash = await storage.only_store()
    return f"""# Checkstand. This block can be pasted into a .env file.
CHECKSTAND_URL={settings.public_url or url}
{f"STORE_HASH={store_hash}" if store_hash else "# Several stores: the path or the Host says which."}

# All endpoints: {url}/docs
# An access token: checkstand token --store {store_hash or "HASH"} --scope all{_database(settings)}
# Stop with Ctrl+C.
"""


def _database(settings: Settings) -> str:
    """The option that makes another command use the same database; a password is not shown."""
    if settings.database == DEFAULT_DATABASE:
        return ""
    shown = settings.database if settings.database.startswith("sqlite:") else "postgresql://..."
    return f" --database {shown}"


async def _demo(storage: Stores, settings: Settings, url: str) -> str:
    management = f"{url}/stores/{DEMO_STORE}/v3"
    try:
        cart = await ready_cart(storage)
    except CheckoutError:
        cart = ""  # somebody has changed the shop: then without a cart of it
    calls = [
        f"curl -H 'X-Auth-Token: {DEMO_TOKEN}' {management}/{f'checkouts/{cart}' if cart else 'catalog/products'}",
        f"curl {url}/api/storefront/carts",
    ]
    return f"""# Checkstand with the demo shop. This block can be pasted into a .env file.
CHECKSTAND_URL={settings.public_url or url}
STORE_HASH={DEMO_STORE}
ACCESS_TOKEN={DEMO_TOKEN}
API_PATH={settings.public_url or url}/stores/{DEMO_STORE}/v3
CHECKOUT_ID={cart}
CLIENT_SECRET={await client_secret(storage.unit(DEMO_STORE), DEMO_CLIENT)}

# Two calls that work:
#   {calls[0]}
#   {calls[1]}
# All endpoints: {url}/docs
# Stop with Ctrl+C.
"""
