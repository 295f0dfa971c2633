"""A server for tests of other programs: it runs in a thread of this process, and each test gets a store that nobody has touched.

The store is loaded once; its database is in memory, and what it held then is put back for each test, in a few milliseconds. The
address stays the same, so clients can be set up once for all tests.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from checkstand.app import DEMO_STORE, DEMO_TOKEN, application, load_demo, moment_now, opened
from checkstand.service import access, shop_file
from checkstand.settings import Settings
from checkstand.storage.open import open_storage
from checkstand.storage.sqlite import SQLite
from checkstand.tax_submissions import submitting
from checkstand.webhooks import delivering

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
SETTINGS = Settings(
    database="sqlite://", log=False, webhook_hosts=LOOPBACK, provider_hosts=LOOPBACK, allow_demo_tokens=True
)
"""Webhooks may be sent to servers of the tests, and these may be carriers and tax providers."""

START_SECONDS = 10.0

T = TypeVar("T")


class Checkstand(Struct, frozen=True):
    """What a test is given: where the server is, and a token that opens all of the store."""

    url: str
    store_hash: str
    access_token: str

    @property
    def api_path(self) -> str:
        """Where Management's v3 begins."""
        return f"{self.url}/stores/{self.store_hash}/v3"

    @property
    def headers(self) -> dict[str, str]:
        """What a request to Management is sent with."""
        return {"X-Auth-Token": self.access_token, "Accept": "application/json"}

    @property
    def environment(self) -> dict[str, str]:
        """The same as variables, under the names that `checkstand serve` prints."""
        return {
            "CHECKSTAND_URL": self.url,
            "STORE_HASH": self.store_hash,
            "ACCESS_TOKEN": self.access_token,
            "API_PATH": self.api_path,
        }


class TestServer:
    """`with TestServer() as server: checkstand = server.fresh()`. `shop`: a shop file, whose `hosts` name 127.0.0.1 if pages are
    tested; the demo shop without one."""

    __test__ = False  # a name that pytest would collect

    def __init__(self, shop: Path | None = None) -> None:
        self._shop = shop
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="checkstand", daemon=True)
        self._opened = AsyncExitStack()
        self._current: ASGIApp | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._image, self._store_hash, self._token = self._run(self._prepare())
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(sockets=[self._listener]), self._loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._serving.result(START_SECONDS)
        self._run(self._opened.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    def fresh(self) -> Checkstand:
        """The store as it was loaded: whatever tests before did to it is gone."""
        self._run(self._renew())
        port = self._listener.getsockname()[1]
        return Checkstand(f"http://127.0.0.1:{port}", self._store_hash, self._token)

    # ------------------------------------------------------------------------------------------------ in the server's thread

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _prepare(self) -> tuple[bytes, str, str]:
        """The image of a database with the store, its hash and a token."""
        storage, driver = await open_storage(SETTINGS.database)
        assert isinstance(driver, SQLite)
        if self._shop is None:
            await load_demo(storage)
            store_hash, token = DEMO_STORE, DEMO_TOKEN
        else:
            shop = shop_file.read(self._shop.read_text("utf-8-sig"))
            store_hash = shop.store.hash
            await shop_file.load(storage.unit(store_hash), shop, moment_now())
            token = await access.create_token(storage.unit(store_hash), ["all"], "tests", moment_now())
        image = driver.image()
        await driver.close()
        return image, store_hash, token

    async def _renew(self) -> None:
        await self._opened.aclose()
        app = await self._opened.enter_async_context(opened(SETTINGS, self._image))
        await self._opened.enter_async_context(delivering(app.storage, SETTINGS))
        await self._opened.enter_async_context(submitting(app.storage, SETTINGS))
        self._current = application(app)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._current is not None, "fresh() comes first"
        await self._current(scope, receive, send)
