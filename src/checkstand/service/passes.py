"""Tokens that open one checkout to whoever holds them: the checkout token, and the links of `carts.redirect_urls`."""

from datetime import timedelta
from secrets import token_hex

from checkstand.domain.moment import Moment
from checkstand.errors import AlreadyOrdered
from checkstand.storage.port import UnitOfWork

CHECKOUT_TOKEN = "checkout"
REDIRECT = "redirect"


async def create_checkout_token(
    unit: UnitOfWork, checkout_id: str, uses: int, lifetime: timedelta, moment: Moment
) -> str:
    """64 hexadecimal digits that open the confirmation of the checkout's order, `uses` times. Raises `AlreadyOrdered` once
    the order is final."""
    checkout = await unit.checkouts.get(checkout_id)
    if checkout.converted:
        raise AlreadyOrdered(f"The order of checkout {checkout_id} is final; a token must be made before.")
    token = token_hex(32)
    await unit.access.add_pass(token, CHECKOUT_TOKEN, checkout_id, uses, moment.now + lifetime)
    return token
