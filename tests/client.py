"""The demo shop in process: the real application over a database in memory, called like over HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import httpx
from starlette.types import ASGIApp

from checkstand.api.http import App
from checkstand.app import application, load_demo
from checkstand.storage.open import open_storage

BASE = "/stores/demo/v3"
IN_MEMORY = "sqlite://"

_prepared: list[bytes] = []


async def _demo_database() -> bytes:
    """The demo shop freshly loaded, as an image: hashing its passwords anew for every test would take most of the time."""
    if not _prepared:
        storage, driver = await open_storage(IN_MEMORY)
        await load_demo(storage)
        _prepared.append(driver.image())
        await driver.close()
    return _prepared[0]


class Shop:
    """`management()` calls with a token and relative to v3, `storefront()` like a browser with cookies and CSRF token."""

    def __init__(self, database: str = IN_MEMORY, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self.storage, self.driver = self._runner.run(open_storage(database))
        if database == IN_MEMORY:
            self.driver.restore(self._runner.run(_demo_database()))
        else:
            self._runner.run(load_demo(self.storage))
        self.app = App(self.storage, **options)
        self.asgi: ASGIApp = application(self.app)
        self.browser = self.new_browser()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._runner.run(self.driver.close())
        self._runner.close()

    def run(self, work: Any) -> Any:
        """Wait for a coroutine in the loop the shop lives in."""
        return self._runner.run(work)

    def new_browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.asgi), base_url="http://127.0.0.1:8080")

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request, without cookies or token."""

        async def send() -> httpx.Response:
            async with self.new_browser() as client:
                return await client.request(method, path, **options)

        return self._runner.run(send())

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
    ) -> httpx.Response:
        """With the browser's cookies, and its CSRF token as a page's script would send it."""
        client = browser or self.browser
        token = client.cookies.get("XSRF-TOKEN")
        headers = {"X-XSRF-TOKEN": token} if token else {}
        return self._runner.run(
            client.request(method, base + path, headers=headers, **({} if json is None else {"json": json}))
        )
