"""The composition root: settings -> storage -> ASGI application. The one file that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from secrets import token_hex

import msgspec
from starlette.routing import Route
from starlette.types import ASGIApp

from checkstand.api import docs_page, metrics, openapi, start_page
from checkstand.api.checkout_page import OWN_PAGE, CheckoutPage
from checkstand.api.cors import Cors
from checkstand.api.http import App, NothingThere, Page, Refusing, ServerPage, Surface, router
from checkstand.api.management import routes as management
from checkstand.api.rate_limits import RateLimit
from checkstand.api.storefront import routes as storefront
from checkstand.api.under_way import UnderWay
from checkstand.carriers import rating
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.commands import NewCheckout
from checkstand.domain.moment import Moment
from checkstand.errors import NotFound, Unavailable
from checkstand.service import carts, shop_file
from checkstand.settings import Settings
from checkstand.storage.open import open_image, open_storage
from checkstand.storage.port import Stores
from checkstand.storage.queries import migrations
from checkstand.storage.sql import Storage
from checkstand.tax_providers import asking

SURFACES: list[Surface] = [management.V3, management.V2, storefront.STOREFRONT, storefront.INTERNAL, storefront.PAGES]


STOREFRONT_PATHS = (storefront.STOREFRONT.prefix, storefront.INTERNAL.prefix, "/customer/")
"""What pages of other origins may call, where they are allowed to."""

SELF_REPORTS = frozenset({"/health", "/ready", "/metrics"})
"""Answered also while requests are refused: it is when the server is full or stopping that one wants to know."""

READY_SECONDS = 5.0


def application(
    app: App, *, with_metrics: bool = False, with_start: bool = False, checkout_page: Path | None = OWN_PAGE
) -> ASGIApp:
    """All surfaces over one storage. `with_start`: the demo shop's first page, too; `checkout_page`: the folder it is in; None:
    there is none."""
    pages: dict[str, Callable[[], Awaitable[Page]]] = {
        "/health": partial(_health, app),
        "/ready": partial(_ready, app),
        "/openapi.json": _show_openapi,
        "/docs": _show_docs,
        **({"/metrics": partial(_metrics, app)} if with_metrics else {}),
        **({"/": partial(_start, app)} if with_start else {}),
    }
    nothing = NothingThere(app, storefront.STOREFRONT)
    otherwise = CheckoutPage(app, checkout_page, nothing) if checkout_page else nothing
    paths = router(app, SURFACES, _routes(app, pages), otherwise)
    return Cors(app, paths, storefront.STOREFRONT, STOREFRONT_PATHS)


def metrics_application(app: App) -> ASGIApp:
    """What the metrics' own port answers."""
    nothing = NothingThere(app, storefront.STOREFRONT)
    return router(app, [], _routes(app, {"/metrics": partial(_metrics, app)}), nothing)


def refusing(app: App, instead_of: ASGIApp, error: Unavailable) -> Refusing:
    """The application while every request is refused."""
    return Refusing(app, instead_of, SURFACES, error, SELF_REPORTS)


def _routes(app: App, pages: Mapping[str, Callable[[], Awaitable[Page]]]) -> list[Route]:
    return [Route(path, ServerPage(app, show, storefront.STOREFRONT)) for path, show in pages.items()]


async def _health(app: App) -> Page:
    """Whether the process is alive and its database answers, also while it stops."""
    alive = await app.storage.alive()
    return _status("ok" if alive else "database unreachable", ok=alive)


async def _ready(app: App) -> Page:
    """Whether requests should be sent here. A database that has more migrations than this program knows is good enough: they
    only add, and programs of two versions run side by side while one replaces the other."""
    if app.is_stopping:
        return _status("stopping", ok=False)
    try:
        async with asyncio.timeout(READY_SECONDS):
            applied = await app.storage.applied_migrations()
    except (TimeoutError, Unavailable):
        return _status("database unreachable", ok=False)
    missing = [number for number, _ in migrations() if number not in applied]
    if missing:
        return _status(f"migrations missing: {', '.join(map(str, missing))}", ok=False)
    return _status("ready", ok=True)


def _status(text: str, *, ok: bool) -> Page:
    return Page(msgspec.json.encode({"status": text}), status=200 if ok else 503)


async def _metrics(app: App) -> Page:
    page = await app.metrics.page(app.storage, app.pool(), len(app.under_way), app.now())
    return Page(page.encode(), metrics.CONTENT_TYPE)


@cache
def openapi_document() -> bytes:
    """The OpenAPI document of all surfaces, as JSON; made when it is first asked for."""
    return msgspec.json.format(msgspec.json.encode(openapi.document(SURFACES)), indent=2) + b"\n"


async def _start(app: App) -> Page:
    unit = app.storage.unit(DEMO_STORE)
    products, _ = await unit.catalog.page(None, "", "", START_PRODUCTS, 0)
    html, policy = start_page.page(await unit.store(), products)
    return Page(html.encode(), "text/html; charset=utf-8", headers={"content-security-policy": policy})


@cache
def _docs() -> Page:
    html, policy = docs_page.page(openapi.document(SURFACES))
    return Page(html.encode(), "text/html; charset=utf-8", headers={"content-security-policy": policy})


async def _show_openapi() -> Page:
    return Page(openapi_document())


async def _show_docs() -> Page:
    return _docs()


@asynccontextmanager
async def opened(settings: Settings, image: bytes | None = None) -> AsyncIterator[App]:
    """The application over the database the settings name, migrated; with `demo`, the demo shop is loaded unless it is there.
    `image`: over a database in memory that holds this instead."""
    storage, driver = await open_storage(settings.database) if image is None else open_image(image)
    try:
        if settings.demo:
            await load_demo(storage)
        async with (
            asking(settings.provider_hosts) as storage.tax_quotes,
            rating(settings.provider_hosts, storage.carrier_answers) as storage.carrier_quotes,
        ):
            yield App(
                storage,
                maximum_body_bytes=settings.maximum_body_bytes,
                public_url=settings.public_url,
                webhook_hosts=settings.webhook_hosts,
                provider_hosts=settings.provider_hosts,
                refused_tokens=frozenset() if settings.allow_demo_tokens else DEMO_TOKENS,
                refused_apps=frozenset() if settings.allow_demo_tokens else DEMO_APPS,
                cors_origins=settings.cors_origins,
                token_limit=RateLimit(settings.rate_limit),
                session_limit=RateLimit(settings.session_rate_limit),
                under_way=UnderWay(settings.request_seconds, settings.receive_seconds),
                pool=driver.pool,
            )
    finally:
        await driver.close()


DEMO_STORE = "demo"
START_PRODUCTS = 50
"""How many of its products the first page shows at most."""
DEMO_TOKEN = "demo-token"
"""Known on purpose: the demo shop sells nothing."""
DEMO_CLIENT = "demo"
"""The name of that token."""
DEMO_TOKENS = frozenset({DEMO_TOKEN, "demo-token-read-only", "demo-token-carts"})
"""Known on purpose: the demo shop sells nothing. Known to everybody: refused, in every store, where others reach the server."""


DEMO_APPS = frozenset({"demo-app"})
"""The same for apps: who knows the secret of one can sign in as any customer."""


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
