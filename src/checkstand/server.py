"""A server process: it listens, says what can be done with it, answers, and stops when it is asked to."""

import asyncio
import errno
import gc
import logging
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from msgspec.structs import replace
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.server import ServerState

from checkstand.api.checkout_page import OWN_PAGE
from checkstand.api.http import App
from checkstand.app import (
    DEMO_CLIENT,
    DEMO_STORE,
    DEMO_TOKEN,
    DEMO_TOKENS,
    application,
    metrics_application,
    opened,
    ready_cart,
    refusing,
)
from checkstand.connections import Door, connection_of
from checkstand.errors import CheckoutError, Refused, Unavailable
from checkstand.service.hooks import client_secret
from checkstand.settings import DEFAULT_DATABASE, Settings
from checkstand.storage.open import is_shared
from checkstand.storage.port import Stores
from checkstand.tax_submissions import submitting
from checkstand.tls import AUTHORITY, certificate
from checkstand.webhooks import delivering
from checkstand.workers import supervise

FINISH_SECONDS = 7.0
"""How long requests under way may take to end when the server is asked to stop; a container is killed after ten."""

LEAVE_SECONDS = 1
"""How long clients may take then to read what they were answered."""

RETRY_SECONDS = 5
"""When a client that was refused because the server stops should try again: another one is up by then."""

LISTEN_BACKLOG = 2048


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Returns when the server was asked to stop and has. Raises `Refused` and `Unavailable` when it cannot start."""
    # Until there is a server that can stop: the first process of a container has none by default.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(level=logging.INFO if settings.log else logging.WARNING, format="%(levelname)s %(message)s")
    try:
        if workers != 1 and not is_shared(settings.database):
            raise Refused(
                "--workers above 1 needs PostgreSQL. SQLite has one writer: a second process would make it no faster, "
                "and the slowest requests much slower."
            )
        if settings.tls:
            certificate(Path(settings.tls))  # once, before there are several processes
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
            await _say_welcome(app.storage, _for_listener(settings, listener), host, listener)

    asyncio.run(prepare())
    port = listener.getsockname()[1]
    listeners = [listener, *(_listen(host, port, shared=True) for _ in range(workers - 1))]
    supervise(lambda number: _run(_answer(settings, host, listeners[number], number=number, is_welcomed=True)), workers)
    for other in listeners[1:]:
        other.close()


def _settle_memory() -> None:
    """What was made until now stays for good: the collector need not look at it over and over. Requests leave hardly any
    cycles behind, so it need not look at what is new so often either. Together a tenth of the time of a read."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class Server(uvicorn.Server):
    """Stops on SIGTERM and Ctrl+C and is then done: the process goes on to its end and its status is 0.

    Requests under way are finished first. New ones are refused from the moment of the signal on; the listener stays open for
    as long, so that they get an answer. Who is not done in time is refused as well.
    """

    def __init__(self, config: uvicorn.Config, app: App, door: Door) -> None:
        super().__init__(config)
        self._app, self._door = app, door

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._app.is_stopping = True
        self._door.close()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self._app.under_way.give_up_overdue()
        if counter % 5 == 0:
            self._door.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        until = time.monotonic() + FINISH_SECONDS
        await asyncio.sleep(0.02)  # a request that has just arrived begins
        while self._app.under_way and time.monotonic() < until and not self.force_exit:
            self._app.under_way.give_up_overdue()
            await asyncio.sleep(0.02)
        self._app.under_way.give_up_all()
        await asyncio.sleep(0.02)
        await super().shutdown(sockets)


async def _answer(
    settings: Settings, host: str, listener: socket.socket, *, number: int = 0, is_welcomed: bool = False
) -> None:
    settings = _for_listener(settings, listener)
    async with (
        opened(settings) as app,
        delivering(app.storage, settings),
        submitting(app.storage, settings),
        _metrics_served(app, settings, number),
    ):
        page = settings.page_folder(OWN_PAGE)
        asgi = application(
            app, with_metrics=settings.metrics, with_start=settings.demo and page is not None, checkout_page=page
        )
        door = _door(app, asgi, settings)
        server = Server(_config(asgi, door, settings.tls), app, door)
        for sent in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sent, server.handle_exit)  # from here on it stops by itself, also before it has begun
        _settle_memory()
        if not is_welcomed:
            await _say_welcome(app.storage, settings, host, listener)
        await server.serve(sockets=[listener])


def _for_listener(settings: Settings, listener: socket.socket) -> Settings:
    """Tokens that everybody knows are good where only this machine reaches the server."""
    address = ip_address(listener.getsockname()[0].partition("%")[0])
    return replace(settings, allow_demo_tokens=settings.allow_demo_tokens or address.is_loopback)


def _config(asgi: ASGIApp, door: Door, tls: str = "") -> uvicorn.Config:
    chain, key = certificate(Path(tls)) if tls else (None, None)
    return uvicorn.Config(
        asgi,
        http=connection_of(door),
        interface="asgi3",
        ws="none",
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=LEAVE_SECONDS,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )


def _door(app: App, asgi: ASGIApp, settings: Settings) -> Door:
    full = Unavailable("The server has as many connections as it can; try again.", code="full")
    closed = Unavailable("The server is stopping; try again.", retry_after_seconds=RETRY_SECONDS, code="stopping")
    return Door(
        receive_seconds=settings.receive_seconds,
        idle_seconds=settings.idle_seconds,
        answer_seconds=settings.request_seconds,
        maximum_connections=settings.maximum_connections,
        full=refusing(app, asgi, full),
        closed=refusing(app, asgi, closed),
    )


@asynccontextmanager
async def _metrics_served(app: App, settings: Settings, number: int) -> AsyncIterator[None]:
    """The metrics on a port of their own, if the settings name one, until the server is done: also while it stops. Each worker
    counts for itself, and has the port of its number after the first."""
    if not settings.metrics_port:
        yield
        return
    asgi = metrics_application(app)
    config = _config(asgi, _door(app, asgi, settings))
    config.load()
    with _listen(settings.metrics_host, settings.metrics_port + number, shared=False) as listener:
        state = ServerState()
        served = await asyncio.get_running_loop().create_server(
            lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
            sock=listener,
        )
        try:
            yield
        finally:
            served.close()


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


def _url(settings: Settings, host: str, port: int) -> str:
    """Where this machine reaches the server."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{'https' if settings.tls else 'http'}://{name}:{port}"


async def _say_welcome(storage: Stores, settings: Settings, host: str, listener: socket.socket) -> None:
    welcome = await _welcome(storage, settings, _url(settings, host, listener.getsockname()[1]))
    sys.stdout.write(f"{welcome}{_trust(settings)}\n")
    sys.stdout.flush()


def _trust(settings: Settings) -> str:
    """What clients have to be told of a certificate that was made here."""
    authority = Path(settings.tls) / AUTHORITY
    if not settings.tls or not authority.is_file():
        return ""
    return f"""
# The certificate is this machine's own. Clients trust it by this file (curl --cacert; Node.js: NODE_EXTRA_CA_CERTS; Python's
# requests: REQUESTS_CA_BUNDLE, others: SSL_CERT_FILE):
#   {authority.resolve()}
"""


async def _welcome(storage: Stores, settings: Settings, url: str) -> str:
    """What to do next: a block for a `.env` file and calls that work, or what is missing before any can."""
    if settings.demo:
        return await _demo(storage, settings, url)
    return await _shop(storage, settings, url) + await _known_tokens(storage, settings)


async def _shop(storage: Stores, settings: Settings, url: str) -> str:
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
    token = DEMO_TOKEN if settings.allow_demo_tokens else ""
    with_token = "Two calls that work" if token else "Two calls; the first with a token of yours"
    calls = [
        f"curl -H 'X-Auth-Token: {token or '...'}' {management}/{f'checkouts/{cart}' if cart else 'catalog/products'}",
        f"curl {url}/api/storefront/carts",
    ]
    start = (
        f" Open it in a browser, and buy something: {settings.public_url or url}/"
        if settings.page_folder(OWN_PAGE)
        else ""
    )
    return f"""# Checkstand with the demo shop.{start}
# This block can be pasted into a .env file.
CHECKSTAND_URL={settings.public_url or url}
STORE_HASH={DEMO_STORE}
ACCESS_TOKEN={token}
API_PATH={settings.public_url or url}/stores/{DEMO_STORE}/v3
CHECKOUT_ID={cart}
CLIENT_SECRET={await client_secret(storage.unit(DEMO_STORE), DEMO_CLIENT)}

# {with_token}:
#   {calls[0]}
#   {calls[1]}
# All endpoints: {url}/docs
# Stop with Ctrl+C.
{await _known_tokens(storage, settings)}"""


async def _known_tokens(storage: Stores, settings: Settings) -> str:
    """What to do where the tokens of the demo shop are refused, if the store has one of them."""
    store_hash = await storage.only_store()
    if settings.allow_demo_tokens or store_hash is None:
        return ""
    access = storage.unit(store_hash).access
    if not any([await access.caller(token) for token in sorted(DEMO_TOKENS)]):
        return ""
    return f"""
# The access tokens of the demo shop ({", ".join(sorted(DEMO_TOKENS))}) are known to everybody.
# They are refused, since other machines can reach this server. Make a token of your own:
#   checkstand token --store {store_hash} --scope all{_database(settings)}
# Or start with --allow-demo-tokens, if nothing here is worth protecting.
"""
