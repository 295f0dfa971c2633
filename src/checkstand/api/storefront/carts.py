"""The cart of the session (BEHAVIOUR 4)."""

from checkstand.api import bodies
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.storefront import render, shapes
from checkstand.api.storefront.checkouts import line_command
from checkstand.api.storefront.notes import noted
from checkstand.api.storefront.render import CART_INCLUDES
from checkstand.api.storefront.requests import CurrencyCodeBody, ItemsBody, LineUpdateBody, NewCart, VersionBody
from checkstand.api.storefront.surface import channel_of, hold, own_checkout
from checkstand.domain.commands import AddItems, ChangeCurrency, NewCheckout
from checkstand.errors import NotFound
from checkstand.service import carts
from checkstand.service.commands import change, read


async def get_carts(call: Call, body: None) -> list[shapes.Cart]:
    """An array of at most one; a cart that became an order is no longer one."""
    if not call.session.checkout_id:
        return []
    try:
        answer = await read(call.unit, call.session.checkout_id, call.now, with_offers=False)
    except NotFound:
        return []
    return [] if answer.checkout.converted else [render.cart(answer.priced, call.include)]


async def create_cart(call: Call, body: NewCart) -> shapes.Cart:
    """A new cart, which the session holds from now on, in the channel of the page that asks."""
    draft = NewCheckout(
        items=body.items(),
        customer_id=call.session.customer_id,
        channel_id=await channel_of(call),
        locale=body.locale or "en",
        source="storefront",
    )
    answer = await carts.create(call.unit, draft, call.moment)
    await hold(call, checkout_id=answer.checkout.id)
    return render.cart(answer.priced, call.include)


async def delete_cart(call: Call, body: VersionBody | None) -> None:
    await carts.delete(
        call.unit, own_checkout(call, "cart_id"), versions=bodies.versions(body.version if body else None)
    )
    await hold(call, checkout_id="")


async def add_items(call: Call, body: ItemsBody) -> shapes.Cart | Reply:
    command = AddItems(items=body.items())
    answer = await change(
        call.unit, own_checkout(call, "cart_id"), command, call.moment, versions=bodies.versions(body.version)
    )
    return noted(render.cart(answer.priced, call.include), answer)


async def update_item(call: Call, body: LineUpdateBody) -> shapes.Cart | Reply:
    cart_id, versions = own_checkout(call, "cart_id"), bodies.versions(body.version)
    command = line_command(body, call.params["item_id"])
    if command is None:
        return await _without_line(call, versions)
    answer = await change(call.unit, cart_id, command, call.moment, versions=versions)
    return noted(render.cart(answer.priced, call.include), answer)


async def remove_item(call: Call, body: VersionBody | None) -> shapes.Cart | Reply:
    return await _without_line(call, bodies.versions(body.version if body else None))


async def _without_line(call: Call, versions: tuple[int, ...]) -> shapes.Cart | Reply:
    """204 when the last line, and the cart with it, is gone (D35)."""
    cart_id = own_checkout(call, "cart_id")
    answer = await carts.remove_line(call.unit, cart_id, call.params["item_id"], call.moment, versions=versions)
    if answer is None:
        await hold(call, checkout_id="")
        return Reply(status=204)
    return render.cart(answer.priced, call.include)


async def change_currency(call: Call, body: CurrencyCodeBody) -> list[shapes.Cart]:
    """Published with the answer of the list: an array of one."""
    command = ChangeCurrency(currency_code=body.currency_code)
    answer = await change(
        call.unit, own_checkout(call, "cart_id"), command, call.moment, versions=bodies.versions(body.version)
    )
    return [render.cart(answer.priced, call.include)]


ENDPOINTS = [
    Endpoint(
        "GET",
        "/carts",
        get_carts,
        "The session's cart, in an array",
        answer=list[shapes.Cart],
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "POST",
        "/carts",
        create_cart,
        "Create a cart",
        answer=shapes.Cart,
        body=NewCart,
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "DELETE",
        "/carts/{cart_id}",
        delete_cart,
        "Delete the cart",
        body=VersionBody,
        body_optional=True,
        status=204,
        tag="Carts",
    ),
    Endpoint(
        "POST",
        "/carts/{cart_id}/items",
        add_items,
        "Add items",
        answer=shapes.Cart,
        body=ItemsBody,
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
        include=CART_INCLUDES,
        tag="Carts",
    ),
    Endpoint(
        "POST",
        "/carts/{cart_id}/currency",
        change_currency,
        "Bring the cart into another currency",
        answer=list[shapes.Cart],
        body=CurrencyCodeBody,
        include=CART_INCLUDES,
        tag="Carts",
    ),
]
