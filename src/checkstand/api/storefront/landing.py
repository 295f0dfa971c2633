"""Where redirect URLs land (BEHAVIOUR 4): the link's one use is spent, and the browser's session holds the cart from now on."""

from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.not_yet import not_yet
from checkstand.api.storefront.surface import hold
from checkstand.errors import NotFound
from checkstand.service.passes import REDIRECT

PAGES = {"load": "/cart", "loadInCheckout": "/checkout", "loadInEmbeddedCheckout": "/embedded-checkout"}
"""Action of a link -> the page it leads to."""


async def open_cart(call: Call, body: None) -> Reply:
    page, cart_id = PAGES.get(call.first("action")), call.first("id")
    if page is None or not await call.unit.access.use_pass(call.first("token"), REDIRECT, cart_id, call.now):
        raise NotFound(
            "This link was used already, is out of date or never was one; ask for new redirect URLs.",
            code="link_not_found",
        )
    await hold(call, checkout_id=cart_id)
    return Reply(status=302, headers={"Location": page})


ENDPOINTS = [
    Endpoint(
        "GET",
        "/cart.php",
        open_cart,
        "Open a cart by one of its redirect URLs, once",
        status=302,
        query=("action", "id", "token"),
        tag="Redirect URLs",
    ),
    not_yet("GET", PAGES["load"], "a page of its own for carts"),
]
