"""The composition root: settings -> storage -> ASGI application. The one file that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from secrets import token_hex

import msgspec
from starlette.routing import Route, Router

from checkstand.api import docs_page, openapi
from checkstand.api.http import App, Page, ServerPage, Surface, router
from checkstand.api.management import routes as management
from checkstand.api.storefront import routes as storefront
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.commands import NewCheckout
from checkstand.domain.moment import Moment
from checkstand.errors import NotFound
from checkstand.service import carts, shop_file
from checkstand.settings import Settings
from checkstand.storage.open import open_storage
from checkstand.storage.port import Stores
from checkstand.storage.sql import Storage

SURFACES: list[Surface] = [management.V3, management.V2, storefront.STOREFRONT, storefront.INTERNAL, storefront.PAGES]


def application(app: App) -> Router:
    """All surfaces over one storage."""

    async def health() -> Page:
        alive = await app.storage.alive()
        content = msgspec.json.encode({"status": "ok" if alive else "database unreachable"})
        return Page(content, status=200 if alive else 503)

    pages = {"/health": health, "/openapi.json": _show_openapi, "/docs": _show_docs}
    return router(
        app,
        SURFACES,
        [Route(path, ServerPage(show, storefront.STOREFRONT)) for path, show in pages.items()],
        storefront.STOREFRONT,
    )


@cache
def openapi_document() -> bytes:
    """The OpenAPI document of all surfaces, as JSON; made when it is first asked for."""
    return msgspec.json.format(msgspec.json.encode(openapi.document(SURFACES)), indent=2) + b"\n"


@cache
def _docs() -> Page:
    html, policy = docs_page.page(openapi.document(SURFACES))
    return Page(html.encode(), "text/html; charset=utf-8", headers={"content-security-policy": policy})


async def _show_openapi() -> Page:
    return Page(openapi_document())


async def _show_docs() -> Page:
    return _docs()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[App]:
    """The application over the database the settings name, migrated; with `demo`, the demo shop is loaded unless it is there."""
    storage, driver = await open_storage(settings.database)
    try:
        if settings.demo:
            await load_demo(storage)
        yield App(
            storage,
            maximum_body_bytes=settings.maximum_body_bytes,
            public_url=settings.public_url,
            webhook_hosts=settings.webhook_hosts,
        )
    finally:
        await driver.close()


DEMO_STORE = "demo"
DEMO_TOKEN = "demo-token"
"""Known on purpose: the demo shop sells nothing."""
DEMO_CLIENT = "demo"
"""The name of that token."""


async def load_demo(storage: Storage) -> None:
    unit = storage.unit(DEMO_STORE)
    try:
        await unit.store()
    except NotFound:
        text = files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8")
        await shop_file.load(unit, shop_file.read(text), moment_now())


async def ready_cart(storage: Stores) -> str:
    """A cart to try things on, as the start of the demo prints it: two laundry carts and a towel."""
    lines = (NewLine(product_id=184, variant_id=364, quantity=2), NewLine(product_id=158, variant_id=376, quantity=1))
    answer = await carts.create(storage.unit(DEMO_STORE), NewCheckout(items=NewItems(lines=lines)), moment_now())
    return answer.checkout.id


def moment_now() -> Moment:
    return Moment(datetime.now(UTC), token_hex(16))
