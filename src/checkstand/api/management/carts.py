"""Carts (BEHAVIOUR 4)."""

from msgspec import UNSET

from checkstand.api import bodies
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management import render, shapes
from checkstand.api.management.notes import noted
from checkstand.api.management.render import CART_INCLUDES
from checkstand.api.management.requests import CartUpdate, ItemsBody, LineUpdateBody, NewCart, RedirectBody, VersionBody
from checkstand.domain.cart_currency import DISPLAY_ONLY
from checkstand.domain.commands import AddItems, AnyCommand, AssignCustomer, ChangeCertificate, ChangeLine, NewCheckout
from checkstand.errors import Invalid, Malformed
from checkstand.service import carts
from checkstand.service.access import CART
from checkstand.service.commands import Answer, change, read


async def _shown(call: Call, answer: Answer) -> shapes.Cart | Reply:
    """The cart as asked for; links are made on demand, since each works only once."""
    urls = None
    if "redirect_urls" in call.include:
        urls = await carts.redirect_urls(call.unit, answer.checkout.id, call.base_url, call.moment)
    return noted(render.cart(answer, call.include, urls), answer)


async def create_cart(call: Call, body: NewCart) -> shapes.Cart | Reply:
    draft = NewCheckout(
        items=body.items(),
        customer_id=body.customer_id or 0,
        channel_id=body.channel_id,
        currency_code=body.currency.code if body.currency else None,
        locale=body.locale or "en",
        source="management",
    )
    try:
        answer = await carts.create(call.unit, draft, call.moment)
    except Invalid as error:
        if error.reason == DISPLAY_ONLY:  # published as 400
            raise Malformed(error.message, fields=error.fields) from None
        raise
    return await _shown(call, answer)


async def get_cart(call: Call, body: None) -> shapes.Cart | Reply:
    return await _shown(call, await read(call.unit, call.params["cart_id"], call.now, with_offers=False))


async def update_cart(call: Call, body: CartUpdate) -> shapes.Cart | Reply:
    command = AssignCustomer(customer_id=body.customer_id)
    answer = await change(
        call.unit, call.params["cart_id"], command, call.moment, versions=bodies.versions(body.version)
    )
    return await _shown(call, answer)


async def delete_cart(call: Call, body: VersionBody | None) -> None:
    await carts.delete(call.unit, call.params["cart_id"], versions=bodies.versions(body.version if body else None))


async def add_items(call: Call, body: ItemsBody) -> shapes.Cart | Reply:
    answer = await change(
        call.unit,
        call.params["cart_id"],
        AddItems(items=body.items()),
        call.moment,
        versions=bodies.versions(body.version),
    )
    return await _shown(call, answer)


async def update_item(call: Call, body: LineUpdateBody) -> shapes.Cart | Reply:
    line_id, versions = call.params["item_id"], bodies.versions(body.version)
    command: AnyCommand
    if body.line_item is not None:
        sent = body.line_item
        if sent.quantity == 0:
            return await _without_line(call, versions)
        if sent.quantity is None and sent.list_price is None and sent.gift_wrapping is UNSET:
            raise Invalid.field("line_item.quantity", "is required, or a list_price or gift_wrapping")
        wrapping = sent.new_wrapping()
        command = ChangeLine(
            line_id=line_id, quantity=sent.quantity, list_price=sent.list_price, gift_wrapping=wrapping
        )
    elif body.gift_certificates:
        command = ChangeCertificate(line_id=line_id, certificate=body.gift_certificates[0].draft())
    else:
        raise Invalid("Missing line_item in request body", fields={"line_item": "is required"})
    return await _shown(call, await change(call.unit, call.params["cart_id"], command, call.moment, versions=versions))


async def remove_item(call: Call, body: VersionBody | None) -> shapes.Cart | Reply:
    return await _without_line(call, bodies.versions(body.version if body else None))


async def _without_line(call: Call, versions: tuple[int, ...]) -> shapes.Cart | Reply:
    answer = await carts.remove_line(
        call.unit, call.params["cart_id"], call.params["item_id"], call.moment, versions=versions
    )
    return Reply(status=204) if answer is None else render.cart_after_removal(answer, call.include)


async def create_redirect_urls(call: Call, body: RedirectBody | None) -> carts.RedirectUrls:
    pairs = body.pairs() if body else []
    return await carts.redirect_urls(call.unit, call.params["cart_id"], call.base_url, call.moment, pairs)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/carts",
        create_cart,
        "Create a cart",
        answer=shapes.Cart,
        body=NewCart,
        status=201,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "GET",
        "/carts/{cart_id}",
        get_cart,
        "Read a cart",
        answer=shapes.Cart,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "PUT",
        "/carts/{cart_id}",
        update_cart,
        "Give the cart to a customer",
        answer=shapes.Cart,
        body=CartUpdate,
        status=201,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "DELETE",
        "/carts/{cart_id}",
        delete_cart,
        "Delete a cart",
        body=VersionBody,
        body_optional=True,
        status=204,
        scopes=CART,
        tag="Carts",
    ),
    Endpoint(
        "POST",
        "/carts/{cart_id}/items",
        add_items,
        "Add items",
        answer=shapes.Cart,
        body=ItemsBody,
        status=201,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "PUT",
        "/carts/{cart_id}/items/{item_id}",
        update_item,
        "Change a line item",
        answer=shapes.Cart,
        body=LineUpdateBody,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "DELETE",
        "/carts/{cart_id}/items/{item_id}",
        remove_item,
        "Remove a line item; 204 when the cart is gone with it",
        answer=shapes.Cart,
        body=VersionBody,
        body_optional=True,
        scopes=CART,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "POST",
        "/carts/{cart_id}/redirect_urls",
        create_redirect_urls,
        "Make links that open the cart in a browser, once each",
        answer=carts.RedirectUrls,
        body=RedirectBody,
        body_optional=True,
        status=201,
        scopes=CART,
        tag="Carts",
    ),
]
