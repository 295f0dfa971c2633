"""What all Storefront endpoints share: the store by Host, the session, CSRF, bare answers, error bodies."""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe

from msgspec.structs import replace

from checkstand.api.http import App, Call, Endpoint, HttpError, Reply
from checkstand.api.problems import TITLES, TYPE, coupon_errors, problem_type, status_of, title_of, waiting_headers
from checkstand.domain.facts import Customer
from checkstand.errors import (
    CertificateNotApplicable,
    CheckoutError,
    CouponNotApplicable,
    Denied,
    Invalid,
    NotFound,
    OutOfStock,
    Unauthenticated,
)
from checkstand.storage.port import Session, UnitOfWork

SESSION_COOKIE = "SHOP_SESSION_TOKEN"
CSRF_COOKIES = ("XSRF-TOKEN", "SF-CSRF-TOKEN")
CSRF_HEADERS = ("x-xsrf-token", "x-sf-csrf-token")
SESSION_LIFETIME = timedelta(days=30)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD"})


class Storefront:
    def __init__(self, prefix: str, endpoints: Sequence[Endpoint]) -> None:
        self.name = "storefront"
        self.prefix = prefix
        self.endpoints = endpoints

    async def unit(self, app: App, params: Mapping[str, str], headers: Mapping[str, str]) -> UnitOfWork:
        """The store a request's Host belongs to (D69): named in a store's file, `<hash>.localhost`, or, on a bare loopback
        address, the only store there is."""
        host = _without_port(headers.get("host", ""))
        found = await app.storage.store_hash_of(host)
        if found is None and host.endswith(".localhost"):
            found = host.removesuffix(".localhost")
        if found is None and host in LOOPBACK:
            found = await app.storage.only_store()
        if found is None:
            raise NotFound(
                f"No store of this server is called {host or 'nothing'}; name the host in the store's file.",
                code="store_not_found",
            )
        return app.storage.unit(found)

    async def enter(self, call: Call, endpoint: Endpoint) -> None:
        secret = await call.unit.secret()
        cookies = _cookies(call.headers.get("cookie", ""))
        session_id = cookies.get(SESSION_COOKIE, "")
        if session_id and _is_ours(session_id, secret):
            call.session_id = session_id
        if call.app.session_limit.quota is not None:
            call.app.session_limit.take(f"{call.unit.store_hash} {call.session_id or call.address}", call.now)
        if call.session_id:
            call.session = await call.unit.access.session(session_id, call.now) or call.session
        if call.method in SAFE_METHODS:
            set_cookies(call, secret)
        elif session_id:
            _check_csrf(call, secret)
            await _keep_alive(call)

    def owner(self, call: Call) -> str:
        """The session; a request that opens one has none yet, and its key is not looked at: it would be anybody's."""
        return call.session_id

    def envelope(self, body: object, reply: Reply) -> object:
        return body

    def headers(self, call: Call) -> Iterable[tuple[bytes, bytes]]:
        """To a page of another origin, which cannot read the cookie, the token whenever it is given out (`cors`)."""
        given = [cookie for cookie in call.cookies if cookie.startswith(CSRF_COOKIES[0])] if call.cookies else []
        if "origin" not in call.headers or not given:
            return ()
        return ((b"x-xsrf-token", given[0].partition("=")[2].partition(";")[0].encode()),)

    def problem(
        self, error: CheckoutError | HttpError, path: str, endpoint: Endpoint | None
    ) -> tuple[int, object, Mapping[str, str]]:
        """`errors` is a list or absent (D55): official clients fail on an object, but for that of goods that are short."""
        if isinstance(error, HttpError):
            return (
                error.status,
                {"status": error.status, "title": error.title, "type": TYPE, "detail": error.detail},
                error.headers,
            )
        status = status_of(error)
        is_order = endpoint is not None and endpoint.path == ORDER_PATH
        if status == 422 and (is_order or isinstance(error, CouponNotApplicable | CertificateNotApplicable)):
            status = 400
        fields = error.fields if isinstance(error, Invalid) else {}
        body: dict[str, object] = {
            "status": status,
            "title": _spelled(title_of(error, status), fields),
            "type": problem_type(error),
            "detail": _spelled(error.message, fields),
        }
        if is_order and isinstance(error, OutOfStock) and "line_item_ids" in error.details:
            lines = error.details["line_item_ids"]
            body |= {"type": STOCK_CHANGED, "errors": {"changedItemIds": lines}} if lines else {"type": STOCK_TOO_LOW}
        elif status == 404:
            body["errors"] = [dict(body)]
        elif refused := coupon_errors(error):
            body["errors"] = refused
        elif fields:
            body["errors"] = [
                {"code": error.reason, "message": f"{_camel(name)} {why}"} for name, why in fields.items()
            ]
        elif isinstance(requirements := error.details.get("requirements"), list):
            body["errors"] = [{"code": error.reason, "message": text} for text in requirements]
        return status, body, waiting_headers(error)


def _spelled(text: str, fields: Iterable[str]) -> str:
    """A sentence with the fields it names in the Storefront's spelling."""
    for name in fields:
        text = text.replace(name, _camel(name))
    return text


def _camel(name: str) -> str:
    """A field as the Storefront spells it: `line_items.0.product_id` is `lineItems.0.productId`."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


STOCK_CHANGED, STOCK_TOO_LOW = "cart_stock_positions_changed", "stock_too_low"
"""At the first one official clients load the checkout again and show what there is of the lines named, which are physical ones
only; at the second one they show the sentence."""

ORDER_PATH = "/checkout/order"
"""Refusals of this path are 400 with a word in `type` (BEHAVIOUR 3.8); those of coupons are 400, too (D6)."""


# ---------------------------------------------------------------------------------------------------- sessions


def set_cookies(call: Call, secret: str) -> None:
    """Give the browser a session (a new one if it has none) and the token that its scripts send back."""
    if not call.session_id:
        random = token_urlsafe(24)
        call.session_id = f"{random}.{_sign(random, secret, 'session')}"
    secure = "; Secure" if is_secure(call) else ""
    common = f"Path=/; SameSite=Lax; Max-Age={int(SESSION_LIFETIME.total_seconds())}{secure}"
    token = csrf_token(call.session_id, secret)
    call.cookies = [
        f"{SESSION_COOKIE}={call.session_id}; HttpOnly; {common}",
        *(f"{name}={token}; {common}" for name in CSRF_COOKIES),
    ]


def is_secure(call: Call) -> bool:
    """Always, but on a loopback address, or where the operator says that clients come by http."""
    if call.app.public_url:
        return call.app.public_url.startswith("https:")
    host = _without_port(call.headers.get("host", ""))
    return call.scheme == "https" or not (host in LOOPBACK or host.endswith(".localhost"))


async def hold(call: Call, checkout_id: str | None = None, order_id: int | None = None) -> None:
    """Make the session hold a cart or an order; a request without a session opens one. The cart of a customer is all their
    sessions' cart."""
    if not call.session_id:
        set_cookies(call, await call.unit.secret())
    session = call.session
    call.session = replace(
        session,
        checkout_id=session.checkout_id if checkout_id is None else checkout_id,
        order_id=session.order_id if order_id is None else order_id,
    )
    await call.unit.access.put_session(call.session_id, call.session, call.now + SESSION_LIFETIME)
    if session.customer_id and checkout_id:
        await call.unit.customers.put_cart_id(session.customer_id, checkout_id)
    elif session.customer_id and checkout_id is not None:
        await call.unit.customers.drop_cart_id(session.customer_id, session.checkout_id)


async def begin_session(call: Call, session: Session) -> None:
    """A new session in the place of the one there is, which opens nothing any more: whoever knew its id, or planted it, does not
    know the new one."""
    before, call.session_id = call.session_id, ""
    set_cookies(call, await call.unit.secret())
    call.session = session
    await call.unit.access.put_session(call.session_id, session, call.now + SESSION_LIFETIME)
    if before:
        await call.unit.access.end_session(before, call.now)


def expect_session(call: Call) -> None:
    """Signing in takes a session with its token, also the first time: no other site's page can do it for the shopper. Raises
    `Denied`."""
    if not call.session_id:
        raise _csrf_refusal()


def expect_spam_token(token: str) -> None:
    """Nobody is asked what it is worth; an empty one is worth nothing (D31)."""
    if not token.strip():
        raise HttpError(429, TITLES[429], "The token of the spam check is not valid.")


async def signed_in(call: Call) -> Customer:
    """Who it is. Raises `Unauthenticated` for a guest."""
    customer_id = call.session.customer_id
    account = await call.unit.customers.account(customer_id) if customer_id else None
    if account is None:
        raise Unauthenticated("Nobody is signed in.", code="not_signed_in")
    return account.customer


async def channel_of(call: Call) -> int:
    """The channel a page belongs to: the one that has its origin, else the store's first."""
    store = await call.unit.store()
    return store.channel_of_origin.get(call.headers.get("origin", ""), store.channel_ids[0])


def own_checkout(call: Call, name: str = "checkout_id") -> str:
    """The id of the cart the path names, if it is the session's own; anybody else's is not there (D48)."""
    checkout_id = call.params[name]
    if not checkout_id or checkout_id != call.session.checkout_id:
        raise NotFound(f"There is no cart or checkout {checkout_id} in this session.", code="checkout_not_found")
    return checkout_id


def csrf_token(session_id: str, secret: str) -> str:
    return _sign(session_id, secret, "csrf")


async def _keep_alive(call: Call) -> None:
    """A session that is used does not run out; its row is written once a day at the most."""
    ends = call.session.expires_at
    if ends is not None and ends < call.now + SESSION_LIFETIME - timedelta(days=1):
        await call.unit.access.put_session(call.session_id, call.session, call.now + SESSION_LIFETIME)


def _sign(text: str, secret: str, purpose: str) -> str:
    return hmac.new(f"{purpose}:{secret}".encode(), text.encode(), sha256).hexdigest()


def _is_ours(session_id: str, secret: str) -> bool:
    """Whether this server gave the session out: nobody can plant a session id of their own choice in a browser."""
    random, _, signature = session_id.partition(".")
    return hmac.compare_digest(_sign(random, secret, "session").encode(), signature.encode())


def _check_csrf(call: Call, secret: str) -> None:
    """D48: a write that comes with a session cookie must come with the session's token as well."""
    sent = next((call.headers[name] for name in CSRF_HEADERS if call.headers.get(name)), "")
    expected = csrf_token(call.session_id, secret) if call.session_id else ""
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise _csrf_refusal()


def _csrf_refusal() -> Denied:
    return Denied(
        "The CSRF token is missing or not this session's: send the value of the cookie XSRF-TOKEN as the header X-XSRF-TOKEN.",
        code="csrf",
    )


def _cookies(header: str) -> dict[str, str]:
    if not header:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower().rstrip(".")
