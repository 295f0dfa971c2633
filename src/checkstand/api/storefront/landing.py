"""Where links from outside land (BEHAVIOUR 4 and 6): redirect URLs of carts, whose one use is spent and whose cart the browser's
session holds from then on; customer login tokens, and the link to sign out."""

from urllib.parse import urlencode

from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.storefront import customers as customers_api
from checkstand.api.storefront.surface import begin_session, hold
from checkstand.errors import Denied, NotFound
from checkstand.service import customers, login_tokens
from checkstand.service.passes import REDIRECT
from checkstand.storage.port import Session

PAGES = {"load": "/cart", "loadInCheckout": "/checkout", "loadInEmbeddedCheckout": "/embedded-checkout"}
"""Action of a link -> the page it leads to."""
LINK = ("action", "id", "token")
"""What a link says."""
SIGN_IN_REQUIRED = "sign_in_required"


async def open_cart(call: Call, body: None) -> Reply:
    """A customer's cart opens for its customer only; the link stays good meanwhile. Who comes with a browser is told of a refusal
    by the checkout page."""
    try:
        return await _open_cart(call)
    except (Denied, NotFound) as refused:
        if "text/html" not in call.headers.get("accept", ""):
            raise
        asked = {"link": refused.reason}
        if refused.reason == SIGN_IN_REQUIRED:  # and then once more
            asked["then"] = f"{call.path}?{urlencode([(name, call.first(name)) for name in LINK])}"
        return Reply(status=302, headers={"Location": f"{PAGES['loadInCheckout']}?{urlencode(asked)}"})


async def _open_cart(call: Call) -> Reply:
    page, cart_id, token = PAGES.get(call.first("action")), call.first("id"), call.first("token")
    no_link = NotFound(
        "This link was used already, is out of date or never was one; ask for new redirect URLs.", code="link_not_found"
    )
    if page is None or not await call.unit.access.is_pass(token, REDIRECT, cart_id, call.now):
        raise no_link
    if await _owner(call, cart_id) not in (0, call.session.customer_id):
        raise Denied("This cart is a customer's: sign in as that customer first.", code=SIGN_IN_REQUIRED)
    if not await call.unit.access.use_pass(token, REDIRECT, cart_id, call.now):
        raise no_link  # somebody was quicker
    if call.session.customer_id:
        cart_id = await customers.take_cart(call.unit, call.session.customer_id, cart_id, call.moment)
    await hold(call, checkout_id=cart_id)
    return Reply(status=302, headers={"Location": page})


async def show_cart(call: Call, body: None) -> Reply:
    """Pages for carts are the shop's own. Where a browser is led here all the same the checkout page shows what is in it."""
    return Reply(status=302, headers={"Location": PAGES["loadInCheckout"]})


async def _owner(call: Call, cart_id: str) -> int:
    try:
        return (await call.unit.checkouts.get(cart_id)).customer_id
    except NotFound:
        return 0


async def sign_in_by_token(call: Call, body: None) -> Reply:
    """The token says who it is and where to go on. It counts once, for 30 seconds."""
    claims = await login_tokens.use_login_token(
        call.unit, call.params["jwt_token"], call.address, call.moment, call.app.refused_apps
    )
    await customers_api.sign_in(call, claims.customer_id)
    return Reply(status=302, headers={"Location": _page_of_ours(claims.redirect_to)})


def _page_of_ours(path: str) -> str:
    """A path of this server: an address that leads elsewhere is not followed."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if is_ours else login_tokens.DEFAULT_PAGE


async def sign_out(call: Call, body: None) -> Reply:
    """The customer's cart stays theirs; the browser begins anew."""
    if call.first("action") != "logout":
        raise NotFound("There is no page to sign in here.", code="page_not_found")
    await begin_session(call, Session())
    return Reply(status=302, headers={"Location": "/"})


ENDPOINTS = [
    Endpoint(
        "GET",
        "/cart.php",
        open_cart,
        "Open a cart by one of its redirect URLs, once",
        status=302,
        query=LINK,
        tag="Redirect URLs",
    ),
    Endpoint(
        "GET",
        "/login/token/{jwt_token}",
        sign_in_by_token,
        "Sign a customer in by a token of an app, once",
        status=302,
        tag="Customers",
        authenticates=True,
    ),
    Endpoint("GET", "/login.php", sign_out, "Sign out", status=302, query=("action",), tag="Customers"),
    Endpoint(
        "GET",
        PAGES["load"],
        show_cart,
        "Go on to the checkout page, which shows the cart",
        status=302,
        tag="Redirect URLs",
    ),
]
