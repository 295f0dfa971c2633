"""The checkout page: our own, or a folder with somebody else's, on the same origin as the API it calls.

`/checkout`, `/checkout/{id}`, `/checkout/order-confirmation` and the like all show the `index.html` of the folder; its
script looks at the address. Files are found at their path and, for pages that name them relative to their own address, without
a leading `/checkout` as well. Whatever is neither goes on to who comes next.
"""

import mimetypes
import time
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from checkstand.api.http import App, finish, new_request_id, raw_headers, respond

OWN_PAGE = Path(__file__).resolve().parent.parent / "page"
PAGES = ("/checkout", "/embedded-checkout", "/order-confirmation")
"""Addresses that show the page, with anything that follows them."""

OWN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
OTHER_POLICY = "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
"""A shop's own bundle may call whom it likes; nobody else may frame it."""

TEXTS = frozenset({"text/javascript", "application/json", "image/svg+xml"})
"""Sent as UTF-8, like everything whose type begins with text: bundles with other characters are blank pages otherwise."""


class CheckoutPage:
    """An ASGI application. `otherwise` answers what is no part of the page."""

    def __init__(self, app: App, folder: Path, otherwise: ASGIApp) -> None:
        self._app, self._folder, self._otherwise = app, folder.resolve(), otherwise
        policy = OWN_POLICY if folder == OWN_PAGE else OTHER_POLICY
        self._headers = raw_headers({"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._file(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        if file is None:
            await self._otherwise(scope, receive, send)
            return
        started, request_id = time.perf_counter(), new_request_id()
        content = file.read_bytes()
        await respond(
            send,
            200,
            b"" if scope["method"] == "HEAD" else content,
            request_id,
            self._headers,
            length=len(content),
            content_type=_content_type(file),
        )
        finish(self._app, PAGES[0], scope["method"], scope["path"], "-", 200, started, request_id)

    def _file(self, path: str) -> Path | None:
        is_page = any(path == page or path.startswith(f"{page}/") for page in PAGES)
        named = [path, path.removeprefix("/checkout")] if is_page else [path]
        for name in named:
            if (file := self._inside(name)) is not None:
                return file
        return self._inside("/index.html") if is_page and "." not in path.rpartition("/")[2] else None

    def _inside(self, name: str) -> Path | None:
        """The file of that name; none that is hidden or that the name leads out of the folder for."""
        parts = [part for part in name.split("/") if part]
        if not parts or "\0" in name or any(part.startswith(".") for part in parts):
            return None
        file = self._folder.joinpath(*parts).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None


def _content_type(file: Path) -> str:
    if file.suffix in (".js", ".mjs"):
        kind: str | None = "text/javascript"
    else:
        kind, _ = mimetypes.guess_type(file.name)
    if kind and (kind in TEXTS or kind.startswith("text/")):
        return f"{kind}; charset=utf-8"
    return kind or "application/octet-stream"
