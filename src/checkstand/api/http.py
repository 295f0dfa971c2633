"""From the wire to a handler and back: the same few steps for every endpoint of every surface.

enter the surface (which store, who is asking) -> read the body (bounded) -> decode -> handle -> encode; an error on the
way is shown by the surface. An `Endpoint` is data: the route table is also what the OpenAPI document is made from.
"""

import asyncio
import logging
import random
import re
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from os import urandom
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from checkstand.api.metrics import Metrics
from checkstand.api.number_texts import check_number_texts
from checkstand.api.paths import PathTree
from checkstand.api.rate_limits import PUBLISHED_QUOTA, RateLimit
from checkstand.api.under_way import UnderWay
from checkstand.domain.moment import Moment
from checkstand.errors import CheckoutError, Invalid, Malformed, NotFound, Unavailable, VersionConflict
from checkstand.service.once import once
from checkstand.storage.port import Caller, KeptAnswer, Pool, Session, Stores, UnitOfWork

log = logging.getLogger("checkstand")

MAXIMUM_BODY_BYTES = 1024 * 1024
JSON = "application/json"
JSON_TYPE = re.compile(r"application/([\w.+-]+\+)?json", re.IGNORECASE)

_encode = msgspec.json.Encoder().encode


# ---------------------------------------------------------------------------------------------------- what HTTP itself refuses


class HttpError(Exception):
    """Refused before any handler: method, type or size of the request."""

    def __init__(self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers or {}


# ---------------------------------------------------------------------------------------------------- a request


class App:
    """What the requests of one process share."""

    def __init__(
        self,
        storage: Stores,
        *,
        maximum_body_bytes: int = MAXIMUM_BODY_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: Callable[[], str] = lambda: urandom(16).hex(),
        public_url: str | None = None,
        webhook_hosts: frozenset[str] = frozenset(),
        provider_hosts: frozenset[str] = frozenset(),
        refused_tokens: frozenset[str] = frozenset(),
        refused_apps: frozenset[str] = frozenset(),
        cors_origins: frozenset[str] = frozenset(),
        token_limit: RateLimit | None = None,
        session_limit: RateLimit | None = None,
        under_way: UnderWay | None = None,
        pool: Callable[[], Pool | None] = lambda: None,
    ) -> None:
        """`refused_tokens`: access tokens that open nothing here, whatever the database says; `refused_apps`: the same of apps.
        `cors_origins`: sites whose pages may call every store's Storefront. `pool`: the database's, if it has one."""
        self.storage = storage
        self.maximum_body_bytes = maximum_body_bytes
        self.now = now
        self.seed = seed
        self.public_url = public_url
        self.webhook_hosts = webhook_hosts
        self.provider_hosts = provider_hosts
        self.refused_tokens = refused_tokens
        self.refused_apps = refused_apps
        self.cors_origins = cors_origins
        self.token_limit = token_limit or RateLimit()
        self.session_limit = session_limit or RateLimit()
        self.under_way = UnderWay() if under_way is None else under_way
        self.pool = pool
        self.metrics = Metrics()
        self.is_stopping = False
        """Since the process was asked to stop: requests under way are finished, new ones are refused."""


class Call(Struct, kw_only=True, eq=False):
    """One request, as handlers see it. Who is asking is either `caller` (Management) or `session` (Storefront)."""

    app: App
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    scheme: str
    request_id: str
    unit: UnitOfWork
    now: datetime
    client: tuple[str, int] | None = None
    include: frozenset[str] = frozenset()
    caller: Caller | None = None
    session: Session = Session()
    session_id: str = ""
    cookies: list[str] = []
    """`Set-Cookie` values to send with the answer."""
    requests_left: int = PUBLISHED_QUOTA
    """How many more requests this client may send in the present window."""
    seed: str = ""
    """What the seeds of a request are made from that may be worked on again from the start: it draws the same ids then."""
    moments: int = 0

    @property
    def moment(self) -> Moment:
        """When this request happens, and a new seed each time it is asked for."""
        if not self.seed:
            return Moment(self.now, self.app.seed())
        self.moments += 1
        return Moment(self.now, f"{self.seed}{self.moments}")

    @property
    def base_url(self) -> str:
        """Where this server is, as the client sees it."""
        return self.app.public_url or f"{self.scheme}://{self.headers.get('host', 'localhost')}"

    @property
    def address(self) -> str:
        """The client's, as far as it is known: what counts a client that does not say who it is."""
        return self.client[0] if self.client else ""

    def number(self, name: str) -> int:
        """A path parameter that is a whole number. Raises `NotFound` for anything else, which names nothing."""
        text, what = self.params[name], name.removesuffix("_id")
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise NotFound(f"There is no {what.replace('_', ' ')} {text}.", code=f"{what}_not_found")
        return int(text)

    def first(self, name: str, default: str = "") -> str:
        values = self.query.get(name)
        return values[0] if values else default

    def query_number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from the query, within bounds. Raises `Invalid`."""
        text = self.first(name)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Invalid.field(name, f"must be a whole number from {least} to {most}")
        return int(text)

    def query_numbers(self, name: str) -> list[int] | None:
        """A comma list of whole numbers from the query; None when it is not there. Raises `Invalid`."""
        if name not in self.query:
            return None
        parts = [part.strip() for value in self.query[name] for part in value.split(",") if part.strip()]
        if not all(re.fullmatch(r"[0-9]{1,18}", part) for part in parts):
            raise Invalid.field(name, "must be a comma list of whole numbers")
        return [int(part) for part in parts]


class Reply(Struct, frozen=True):
    """An answer that is more than a value with the endpoint's usual status."""

    body: object = None
    status: int | None = None
    headers: Mapping[str, str] = {}
    enveloped: bool = True
    meta: object = None
    text: str | None = None
    """Said as plain text, in the place of a body."""


Handler = Callable[[Call, Any], Awaitable[object]]


class Endpoint(Struct, frozen=True):
    """One method of one path. `scopes`: any one of them is enough, and without any each
    token is. `body` None: none is read; `body_optional`: may be empty.
    `admit`: asked first, outside of the transaction in which a request with a key of its own is done.
    `authenticates`: it finds out by itself who is asking, and may answer 401; its answers are never kept for a key, since
    they give out sessions.
    `bulk`: a refusal tells of many things at once, in a list, as the published page has it."""

    method: str
    path: str
    handle: Handler
    summary: str
    answer: Any = None
    body: Any = None
    body_optional: bool = False
    status: int = 200
    scopes: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    include_default: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    enveloped: bool = True
    tag: str = ""
    bulk: bool = False
    admit: Handler | None = None
    authenticates: bool = False
    content_type: str = JSON


class Surface(Protocol):
    """A public API: where it lives, who may enter, how an answer and an error look."""

    name: str
    prefix: str
    endpoints: Sequence[Endpoint]

    async def enter(self, call: Call, endpoint: Endpoint) -> None:
        """Find out who is asking. Raises `Denied`, `Unauthenticated`, `NotFound`."""
        ...

    async def unit(self, app: App, params: Mapping[str, str], headers: Mapping[str, str]) -> UnitOfWork: ...
    def envelope(self, body: object, reply: Reply) -> object: ...
    def owner(self, call: Call) -> str:
        """Whom an Idempotency-Key belongs to: a token, a session; "" where nobody can be told from others."""
        ...

    def headers(self, call: Call) -> Iterable[tuple[bytes, bytes]]:
        """What every answer of the surface carries, names in lower case."""
        ...

    def problem(
        self, error: CheckoutError | HttpError, path: str, endpoint: Endpoint | None
    ) -> tuple[int, object, Mapping[str, str]]:
        """Status, body and headers of an error."""
        ...


# ---------------------------------------------------------------------------------------------------- decoding


def decode(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """Raises `Malformed` for what is not JSON, `Invalid` naming the field for JSON of another shape."""
    try:
        decoded = decoder.decode(body)
    except msgspec.ValidationError as error:
        _check_is_json(body)
        raise _invalid(str(error)) from None
    except (ValueError, RecursionError):  # `DecodeError` is a ValueError, a number of thousands of digits another one
        _check_is_json(body)
        raise
    if not body.isascii() or b"\\u0000" in body:
        _check_has_no_nul(_check_is_json(body))
    check_number_texts(body, decoder.type)
    return decoded


def _check_is_json(body: bytes) -> object:
    """What it says. A typed decoder stops at the first thing it does not like, and does not look closely at what it passes over;
    whether the whole is JSON is asked here."""
    try:
        body.decode()
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not valid JSON: {error}.") from None


NO_NUL = "must not contain the character U+0000"
"""Which no database can be relied upon to keep, nor to look for."""


def _check_has_no_nul(decoded: object) -> None:
    left: list[tuple[str, Any]] = [("", decoded)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{path}.{key}".strip("."), entry) for key, entry in value.items()]
        elif isinstance(value, list):
            left += [(f"{path}.{index}".strip("."), entry) for index, entry in enumerate(value)]
        elif isinstance(value, str) and "\0" in value:
            raise Invalid.field(path or "body", NO_NUL)


LONGEST_KEPT_QUERY = 200


def parsed(query: bytes) -> Mapping[str, Sequence[str]]:
    """Parameters by name. Of short ones the latest are kept: most clients ask with the same few."""
    return _kept(query) if len(query) <= LONGEST_KEPT_QUERY else _parsed(query)


def _parsed(query: bytes) -> Mapping[str, Sequence[str]]:
    return MappingProxyType(parse_qs(query.decode("latin-1"), keep_blank_values=True))


_kept = lru_cache(maxsize=256)(_parsed)


def _check_query(query: Mapping[str, Sequence[str]]) -> None:
    for name, values in query.items():
        if any("\0" in value for value in values):
            raise Invalid.field(name, NO_NUL)


def _invalid(message: str) -> Invalid:
    """`Expected `int`, got `str` - at `$[0].line_items[1].quantity`` as a field and a reason."""
    reason, _, where = message.partition(" - at `")
    path = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", where.removesuffix("`")).removeprefix("$").strip(".")
    reason = reason.replace("`", "")
    if missing := re.fullmatch(r"Object missing required field (\S+)", reason):
        name = ".".join(part for part in (path, missing[1]) if part)
        return Invalid.field(name, "is required")
    reason = reason[0].lower() + reason[1:]
    return (
        Invalid.field(path, f"is wrong: {reason}")
        if path
        else Invalid(f"The body is wrong: {reason}", fields={"body": reason})
    )


def includes(query: Mapping[str, Sequence[str]], default: tuple[str, ...]) -> frozenset[str]:
    """What `include` asks for: a comma list or the parameter repeated; unknown names are harmless, an explicit list
    replaces the default (BEHAVIOUR 1, D9)."""
    values = query.get("include") if query else None
    if values is None:
        return frozenset(default)
    return frozenset(name.strip() for value in values for name in value.split(","))


# ---------------------------------------------------------------------------------------------------- carrying requests


def new_request_id() -> str:
    """16 hexadecimal digits to find a request in the log by; nothing secret."""
    return f"{random.getrandbits(64):016x}"


SECRET_PARAMETERS = ("jwt_token", "code")
"""Parts of paths that open something, a session or the balance of a gift certificate: they are not logged."""


class PathHandler:
    """All methods of one path, as an ASGI application."""

    def __init__(self, app: App, surface: Surface, endpoints: Sequence[Endpoint]) -> None:
        self._app, self._surface = app, surface
        self._by_method = {endpoint.method: endpoint for endpoint in endpoints}
        self._decoders = {
            endpoint.method: msgspec.json.Decoder(endpoint.body) for endpoint in endpoints if endpoint.body
        }
        self._allowed = ", ".join(sorted({*self._by_method, *(["HEAD"] if "GET" in self._by_method else [])}))
        self._route = surface.prefix + endpoints[0].path
        self._has_secret = any(f"{{{name}}}" in self._route for name in SECRET_PARAMETERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request_id = new_request_id()
        method = scope["method"]
        endpoint = self._by_method.get("GET" if method == "HEAD" else method)
        extra: RawHeaders = []
        store = "-"
        task = self._app.under_way.begin(started)
        try:
            if endpoint is None:
                raise HttpError(
                    405, "Method Not Allowed", f"{scope['path']} answers to {self._allowed}.", {"Allow": self._allowed}
                )
            if "\0" in scope["path"]:
                raise NotFound("There is nothing at a path with the character U+0000.")
            unit = await self._surface.unit(self._app, scope["path_params"], headers)
            store = unit.store_hash
            query = parsed(scope["query_string"]) if scope["query_string"] else {}
            call = Call(
                app=self._app,
                method=method,
                path=scope["path"],
                params=scope["path_params"],
                query=query,
                headers=headers,
                scheme=scope.get("scheme", "http"),
                request_id=request_id,
                unit=unit,
                now=self._app.now(),
                client=scope.get("client"),
                include=includes(query, endpoint.include_default),
            )
            await self._surface.enter(call, endpoint)
            _check_query(query)
            # a body that nobody asked for is left to the server
            raw = b"" if endpoint.body is None else await self._receive(headers, receive, task)
            body = None if endpoint.body is None else self._body(endpoint, headers, raw)
            if endpoint.admit:
                await endpoint.admit(call, body)
            key = headers.get("idempotency-key") if method == "POST" and not endpoint.authenticates else None
            if key is None or not (owner := self._surface.owner(call)):
                status, content, added = await self._answer(call, endpoint, body)
            else:
                request = b"\n".join((scope["path"].encode(), scope["query_string"], raw))
                status, content, added = await self._answer_once(call, endpoint, body, key, owner, request)
            extra = [*self._surface.headers(call), *added]
        except (CheckoutError, HttpError, asyncio.CancelledError) as raised:
            error = self._app.under_way.refusal(raised) if isinstance(raised, asyncio.CancelledError) else raised
            if isinstance(error, VersionConflict):
                self._app.metrics.version_conflicts += 1
            status, problem, more = self._surface.problem(error, scope["path"], endpoint)
            content = _encode(problem) if problem is not None else b""
            extra = raw_headers(more)
        except Exception:
            log.exception("request %s failed: %s %r", request_id, method, self._path_to_log(scope))
            broken = HttpError(
                500, "Internal Server Error", f"Something went wrong on our side (request {request_id})."
            )
            status, problem, _ = self._surface.problem(broken, scope["path"], endpoint)
            content = _encode(problem)
        finally:
            self._app.under_way.end(task)
        content_type = JSON if endpoint is None or status >= 400 else endpoint.content_type
        shown = b"" if method == "HEAD" else content
        await respond(send, status, shown, request_id, extra, length=len(content), content_type=content_type)
        finish(self._app, self._route, method, self._path_to_log(scope), store, status, started, request_id)

    def _path_to_log(self, scope: Scope) -> str:
        return self._route if self._has_secret else str(scope["path"])

    async def _answer(self, call: Call, endpoint: Endpoint, body: Any) -> tuple[int, bytes, "RawHeaders"]:
        result = await endpoint.handle(call, body)
        reply = result if type(result) is Reply else Reply(result, enveloped=endpoint.enveloped)
        status = reply.status or endpoint.status
        if reply.text is not None:
            content = reply.text.encode()
        else:
            content = b"" if status == 204 else _encode(self._surface.envelope(reply.body, reply))
        headers = raw_headers(reply.headers) if reply.headers else []
        if call.cookies:
            headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in call.cookies]
        return status, content, headers

    async def _answer_once(
        self, call: Call, endpoint: Endpoint, body: Any, key: str, owner: str, request: bytes
    ) -> tuple[int, bytes, "RawHeaders"]:
        """The answer to a request with an Idempotency-Key: worked out now, or the one its first sending got."""
        seed = self._app.seed()

        async def work(inside: UnitOfWork) -> KeptAnswer:
            own = replace(call, unit=inside, cookies=list(call.cookies), seed=seed)
            status, content, headers = await self._answer(own, endpoint, body)
            texts = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
            return KeptAnswer(status=status, body=content, headers=texts)

        kept, is_repeated = await once(call.unit, key, owner, request.decode("latin-1"), call.now, work)
        repeated = [(b"idempotent-replayed", b"true")] if is_repeated else []
        return kept.status, kept.body, [*encoded(kept.headers), *repeated]

    async def _receive(
        self, headers: Mapping[str, str], receive: Receive, task: "asyncio.Task[object] | None"
    ) -> bytes:
        deadline = self._app.under_way.receive(task)
        try:
            body = await read_body(receive, headers, self._app.maximum_body_bytes)
        except asyncio.CancelledError as cancelled:
            refusal = self._app.under_way.refusal(cancelled)
            raise (refusal if self._app.is_stopping else _too_slow()) from None
        self._app.under_way.work(task, deadline)
        return body

    def _body(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Any:
        if not body.strip():
            if endpoint.body_optional:
                return None
            raise Malformed("The request has no body; this endpoint takes JSON.")
        content_type = headers.get("content-type", "").split(";")[0].strip()
        if content_type and not JSON_TYPE.fullmatch(content_type):
            raise HttpError(
                415, "Unsupported Media Type", f"The body is {content_type}; send Content-Type: application/json."
            )
        return decode(body, self._decoders[endpoint.method])


async def read_body(receive: Receive, headers: Mapping[str, str], limit: int) -> bytes:
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unavailable("The client went away.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if chunk:
            chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _too_large(limit: int) -> HttpError:
    return HttpError(413, "Payload Too Large", f"The body may have at most {limit} bytes.", {"Connection": "close"})


def _too_slow() -> HttpError:
    return HttpError(408, "Request Timeout", "The body did not arrive in time.", {"Connection": "close"})


RawHeaders = list[tuple[bytes, bytes]]


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    return encoded(headers.items())


def encoded(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


_FIXED_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


async def respond(
    send: Send,
    status: int,
    content: bytes,
    request_id: str,
    extra: Iterable[tuple[bytes, bytes]],
    *,
    length: int | None = None,
    content_type: str = "application/json",
) -> None:
    headers = [
        *_FIXED_HEADERS,
        (b"x-request-id", request_id.encode()),
        *extra,
    ]
    if status != 204:
        headers.append((b"content-type", content_type.encode("latin-1")))
        headers.append((b"content-length", b"%d" % (len(content) if length is None else length)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def finish(
    app: App, route: str, method: str, path: str, store: str, status: int, started: float, request_id: str
) -> None:
    """Count a request that was answered, and log it: one line, as JSON, on standard error."""
    seconds = time.perf_counter() - started
    app.metrics.count(method, route, status, seconds)
    if log.isEnabledFor(logging.INFO):
        entry = {
            "method": method,
            "path": path,
            "store": store,
            "status": status,
            "milliseconds": round(seconds * 1000, 2),
            "request_id": request_id,
        }
        sys.stderr.write(_encode(entry).decode() + "\n")


def router(app: App, surfaces: Sequence[Surface], extra: Sequence[Route], otherwise: ASGIApp) -> ASGIApp:
    """All paths of all surfaces, and the server's own pages; `otherwise` answers all others."""
    tree = PathTree(Router(routes=extra, redirect_slashes=False, default=otherwise))
    for surface in surfaces:
        by_path: dict[str, list[Endpoint]] = {}
        for endpoint in surface.endpoints:
            by_path.setdefault(endpoint.path, []).append(endpoint)
        for path, endpoints in by_path.items():
            tree.add(surface.prefix + path, PathHandler(app, surface, endpoints))
    return tree


class NothingThere:
    """Paths that no surface has: 404 in JSON, never HTML."""

    def __init__(self, app: App, surface: Surface) -> None:
        self._app, self._surface = app, surface

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, request_id = time.perf_counter(), new_request_id()
        error = HttpError(404, "Not Found", f"There is nothing at {scope['path']}; /docs lists what there is.")
        status, problem, _ = self._surface.problem(error, scope["path"], None)
        await respond(send, status, _encode(problem), request_id, ())
        finish(self._app, "", scope["method"], scope["path"], "-", status, started, request_id)


class Page(Struct, frozen=True):
    """Something the server shows of itself, ready to be sent."""

    content: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = {}


class ServerPage:
    """A path that belongs to no surface and can only be read: the same headers and the same log as everywhere else."""

    def __init__(self, app: App, show: Callable[[], Awaitable[Page]], errors: Surface) -> None:
        self._app, self._show, self._errors = app, show, errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, request_id = time.perf_counter(), new_request_id()
        method, path = scope["method"], scope["path"]
        try:
            if method not in ("GET", "HEAD"):
                allowed = "GET, HEAD"
                raise HttpError(405, "Method Not Allowed", f"{path} answers to {allowed}.", {"Allow": allowed})
            page = await self._show()
        except (CheckoutError, HttpError) as error:
            page = self._refusal(error, path)
        except Exception:
            log.exception("request %s failed: %s %r", request_id, method, path)
            detail = f"Something went wrong on our side (request {request_id})."
            page = self._refusal(HttpError(500, "Internal Server Error", detail), path)
        content = b"" if method == "HEAD" else page.content
        await respond(
            send,
            page.status,
            content,
            request_id,
            raw_headers(page.headers),
            length=len(page.content),
            content_type=page.content_type,
        )
        finish(self._app, path, method, path, "-", page.status, started, request_id)

    def _refusal(self, error: CheckoutError | HttpError, path: str) -> Page:
        status, problem, headers = self._errors.problem(error, path, None)
        return Page(_encode(problem), status=status, headers=headers)


class Refusing:
    """In the place of the application: every request gets the same refusal, in the shape of the surface its path belongs to,
    and its connection ends. What the server says of itself (`answered`) is answered by `instead_of` all the same."""

    def __init__(
        self, app: App, instead_of: ASGIApp, surfaces: Sequence[Surface], error: Unavailable, answered: frozenset[str]
    ) -> None:
        self._app, self._instead_of, self._error, self._answered = app, instead_of, error, answered
        self._surfaces = sorted(surfaces, key=lambda surface: len(surface.prefix), reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in self._answered:
            await self._instead_of(scope, receive, send)
            return
        started, request_id = time.perf_counter(), new_request_id()
        surface = next(found for found in self._surfaces if path.startswith(found.prefix.partition("{")[0]))
        status, problem, headers = surface.problem(self._error, path, None)
        content = b"" if scope["method"] == "HEAD" else _encode(problem)
        extra = raw_headers({**headers, "Connection": "close"})
        await respond(send, status, content, request_id, extra, length=len(_encode(problem)))
        finish(self._app, "", scope["method"], path, "-", status, started, request_id)
