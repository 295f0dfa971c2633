"""The composition root: settings -> storage -> ASGI application. The one file that knows every part."""

from datetime import UTC, datetime
from importlib.resources import files
from secrets import token_hex

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from checkstand.api.http import App, Surface, router
from checkstand.api.management import routes as management
from checkstand.api.storefront import routes as storefront
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.commands import NewCheckout
from checkstand.domain.moment import Moment
from checkstand.errors import NotFound
from checkstand.service import carts, shop_file
from checkstand.settings import Settings
from checkstand.storage.open import open_storage
from checkstand.storage.sql import Storage

SURFACES: list[Surface] = [management.V3, management.V2, storefront.STOREFRONT, storefront.INTERNAL]


def application(app: App) -> Router:
    """All surfaces over one storage."""

    async def health(request: Request) -> Response:
        alive = await app.storage.alive()
        content = msgspec.json.encode({"status": "ok" if alive else "database unreachable"})
        return Response(
            content, 200 if alive else 503, media_type="application/json", headers={"cache-control": "no-store"}
        )

    return router(app, SURFACES, [Route("/health", health)], storefront.STOREFRONT)


async def open_app(settings: Settings) -> App:
    """Open and migrate the database; with `demo`, load the demo shop when its store is not there yet."""
    storage, _ = await open_storage(settings.database)
    if settings.demo:
        await load_demo(storage)
    return App(storage, maximum_body_bytes=settings.maximum_body_bytes, public_url=settings.public_url)


DEMO_STORE = "demo"
DEMO_TOKEN = "demo-token"
"""Known on purpose: the demo shop sells nothing."""


async def load_demo(storage: Storage) -> None:
    unit = storage.unit(DEMO_STORE)
    try:
        await unit.store()
    except NotFound:
        text = files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8")
        await shop_file.load(unit, shop_file.read(text), _moment())


async def ready_cart(storage: Storage) -> str:
    """A cart to try things on, as the start of the demo prints it: two laundry carts and a towel."""
    lines = (NewLine(product_id=184, variant_id=364, quantity=2), NewLine(product_id=158, variant_id=376, quantity=1))
    answer = await carts.create(storage.unit(DEMO_STORE), NewCheckout(items=NewItems(lines=lines)), _moment())
    return answer.checkout.id


def _moment() -> Moment:
    return Moment(datetime.now(UTC), token_hex(16))
