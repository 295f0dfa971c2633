"""Pages of other origins (headless shops) that call the Storefront with the shopper's cookies: off, but for the origins a store
names for its channels, and for those the operator names for all stores.

What is asked of any other origin is answered without a word about it: a browser then keeps the answer from its page, and sends no
write that needs asking first. Browsers send the session only within one site (`SameSite=Lax`), as from shop.example to
checkout.shop.example or between ports of localhost.
"""

from collections.abc import Awaitable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from checkstand.api.http import App, Surface
from checkstand.errors import CheckoutError

METHODS = ("GET", "POST", "PUT", "DELETE")
READABLE = (
    "X-XSRF-TOKEN",
    "X-Request-Id",
    "X-Shipping-Options-Cleared",
    "X-Pickup-Options-Cleared",
    "X-Shipping-Options-Unconfirmed",
    "Retry-After",
    "Idempotent-Replayed",
    "token",
)
"""Headers of answers that pages may read. The first is the session's token, which a page of another host finds in no cookie."""
PREFLIGHT_SECONDS = 600


class Cors:
    """Around the application: what it answers to pages of allowed origins says so."""

    def __init__(self, app: App, inside: ASGIApp, storefront: Surface, prefixes: tuple[str, ...]) -> None:
        """`prefixes`: what the paths of the Storefront begin with."""
        self._app, self._inside, self._storefront, self._prefixes = app, inside, storefront, prefixes
        self._for_origin: dict[str, ASGIApp] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            return self._inside(scope, receive, send)
        return self._asking(scope, receive, send)

    async def _asking(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"origin")}
        origin = headers.get(b"origin", "")
        is_allowed = bool(origin) and await self._is_allowed(origin, headers.get(b"host", ""))
        await (self._allowing(origin) if is_allowed else self._inside)(scope, receive, send)

    async def _is_allowed(self, origin: str, host: str) -> bool:
        if origin in self._app.cors_origins:
            return True
        try:
            unit = await self._storefront.unit(self._app, {}, {"host": host})
            return origin in (await unit.store()).channel_of_origin
        except CheckoutError:
            return False

    def _allowing(self, origin: str) -> ASGIApp:
        if origin not in self._for_origin:
            self._for_origin[origin] = CORSMiddleware(
                self._inside,
                allow_origins=[origin],
                allow_credentials=True,
                allow_methods=METHODS,
                allow_headers=["*"],
                expose_headers=READABLE,
                max_age=PREFLIGHT_SECONDS,
            )
        return self._for_origin[origin]
