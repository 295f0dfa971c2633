"""The demo shop in process: the real application over a database of its own, called like over HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import httpx
from msgspec import convert, to_builtins
from starlette.types import ASGIApp

from checkstand.api.http import App
from checkstand.app import application, load_demo
from checkstand.domain.facts import Store
from checkstand.storage.open import open_database, open_storage
from checkstand.storage.port import Database
from checkstand.storage.sql import Storage
from checkstand.storage.sqlite import SQLite
from tests import database

BASE = "/stores/demo/v3"

_prepared: list[bytes] = []


async def _demo_image() -> bytes:
    """The demo shop freshly loaded, as an image: hashing its passwords anew for every test would take most of the time."""
    if not _prepared:
        storage, driver = await open_storage(database.IN_MEMORY)
        assert isinstance(driver, SQLite)
        await load_demo(storage)
        _prepared.append(driver.image())
        await driver.close()
    return _prepared[0]


async def _load_demo(url: str) -> None:
    storage, driver = await open_storage(url)
    await load_demo(storage)
    await driver.close()


async def _open(url: str) -> tuple[Storage, Database]:
    """The demo shop, in a database that is a copy already, or that is made one before anything looks at its tables."""
    driver = await open_database(url)
    if isinstance(driver, SQLite):
        driver.restore(await _demo_image())
    return Storage(driver), driver


class Shop:
    """`management()` calls with a token and relative to v3, `storefront()` like a browser with cookies and CSRF token."""

    def __init__(self, **options: Any) -> None:
        self.database = database.copied("demo", _load_demo) if database.is_postgresql() else database.IN_MEMORY
        self._runner = asyncio.Runner()
        opened: tuple[Storage, Database] = self.run(_open(self.database))
        self.storage, self.driver = opened
        self.app = App(self.storage, **options)
        self.asgi: ASGIApp = application(self.app)
        self.browser = self.new_browser()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.run(self.driver.close())
        self._runner.close()
        database.abandon(self.database)

    def run(self, work: Any) -> Any:
        """Wait for a coroutine in the loop the shop lives in. `Runner.run` does more, for signals, and takes a millisecond."""
        return self._runner.get_loop().run_until_complete(work)

    def change_store(self, **fields: Any) -> None:
        """As if the shop file had said so."""

        async def edit() -> None:
            unit = self.storage.unit("demo")
            before = await unit.store()
            assert await unit.replace_store(before, convert({**to_builtins(before), **fields}, Store))

        self.run(edit())

    def new_browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.asgi), base_url="http://127.0.0.1:8080")

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request, without cookies or token."""

        async def send() -> httpx.Response:
            async with self.new_browser() as client:
                return await client.request(method, path, **options)

        answer: httpx.Response = self.run(send())
        return answer

    def management(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        token: str = "demo-token",
        headers: Mapping[str, str] | None = None,
        base: str = BASE,
    ) -> httpx.Response:
        sent = {"X-Auth-Token": token, **(headers or {})}
        return self.call(method, base + path, headers=sent, **({} if json is None else {"json": json}))

    def storefront(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        browser: httpx.AsyncClient | None = None,
        base: str = "/api/storefront",
        key: str = "",
    ) -> httpx.Response:
        """With the browser's cookies, and its CSRF token as a page's script would send it; `key`: an Idempotency-Key."""
        client = browser or self.browser
        token = client.cookies.get("XSRF-TOKEN")
        headers = {"X-XSRF-TOKEN": token} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        answer: httpx.Response = self.run(
            client.request(method, base + path, headers=headers, **({} if json is None else {"json": json}))
        )
        return answer
