"""Carts as a whole: opening one, deleting one, and the links that bring a shopper to it."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import token_hex
from urllib.parse import urlencode

from msgspec import Struct

from checkstand.domain import events
from checkstand.domain.checkout import Checkout
from checkstand.domain.commands import NewCheckout, RemoveLine, open_checkout
from checkstand.domain.moment import Moment
from checkstand.errors import AlreadyOrdered, Refused
from checkstand.service.carrier_rates import with_answers
from checkstand.service.commands import Answer, LostRace, changed, in_turn, work_out
from checkstand.service.gather import gather, look_up_new
from checkstand.service.passes import REDIRECT
from checkstand.storage.port import UnitOfWork

REDIRECT_LIFETIME = timedelta(days=30)


async def create(unit: UnitOfWork, draft: NewCheckout, moment: Moment) -> Answer:
    """Raises what `cart.add` raises."""
    facts = await look_up_new(unit, draft, moment.now)
    checkout = open_checkout(draft, facts, moment)
    facts = await gather(unit, checkout, facts, now=moment.now)
    answer = work_out(checkout, await with_answers(unit, None, checkout, facts))
    await unit.checkouts.insert(answer.checkout, events.created(answer.checkout))
    return answer


async def delete(unit: UnitOfWork, checkout_id: str, *, versions: Sequence[int] = ()) -> None:
    async def attempt(unit: UnitOfWork) -> None:
        before = await unit.checkouts.get(checkout_id)
        before.expect(versions)
        await _deleted(unit, before)

    await in_turn(unit, checkout_id, attempt)


async def _deleted(unit: UnitOfWork, before: Checkout) -> None:
    """One attempt to delete a cart that was loaded. Raises `LostRace`."""
    if before.converted:
        raise AlreadyOrdered(f"Cart {before.id} has become order {before.order_id} and stays readable.")
    if not await unit.checkouts.delete(before, events.deleted(before)):
        raise LostRace


async def remove_line(
    unit: UnitOfWork,
    checkout_id: str,
    line_id: str,
    moment: Moment,
    *,
    versions: Sequence[int] = (),
    with_stock: bool = False,
) -> Answer | None:
    """The cart without a line; None when that was its last one and the cart is gone with it."""

    async def attempt(unit: UnitOfWork) -> Answer | None:
        before = await unit.checkouts.get(checkout_id)
        before.expect(versions)
        others = [line for line in before.lines if line.id != line_id and line.gift is None]
        if others or before.line(line_id).gift is not None:
            return await changed(unit, before, RemoveLine(line_id=line_id), moment, with_stock=with_stock)
        await _deleted(unit, before)
        return None

    return await in_turn(unit, checkout_id, attempt)


class RedirectUrls(Struct, frozen=True):
    cart_url: str
    checkout_url: str
    embedded_checkout_url: str


async def redirect_urls(
    unit: UnitOfWork, checkout_id: str, base_url: str, moment: Moment, query_params: Sequence[tuple[str, str]] = ()
) -> RedirectUrls:
    """Links that open the cart in a browser: each works once, for 30 days. Only for carts the shop's systems made."""
    checkout = await unit.checkouts.get(checkout_id)
    if checkout.source == "storefront":
        raise Refused(
            "Redirect URLs are for carts made through the Management API; this one belongs to a shopper's session."
        )
    urls = []
    for action in ("load", "loadInCheckout", "loadInEmbeddedCheckout"):
        token = token_hex(32)
        await unit.access.add_pass(token, REDIRECT, checkout_id, 1, moment.now + REDIRECT_LIFETIME)
        query = urlencode([("action", action), ("id", checkout_id), ("token", token), *query_params])
        urls.append(f"{base_url}/cart.php?{query}")
    return RedirectUrls(*urls)
