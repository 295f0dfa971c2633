"""The engine as the service runs it between loading and saving: apply a command, settle, price."""

from checkstand.domain import commands
from checkstand.domain.checkout import Checkout, Consignment, ShippingOption
from checkstand.domain.commands import AnyCommand
from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import Settled, settle
from checkstand.domain.gifts import with_gifts
from checkstand.domain.moment import Moment
from checkstand.domain.money import Money
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import Priced, price
from tests.builders import a_moment, facts


def settled(checkout: Checkout, known: Facts | None = None) -> Settled:
    known = known or facts()
    checkout = with_gifts(checkout, known)
    return settle(checkout, price_goods(checkout, known), known)


def priced(checkout: Checkout, known: Facts | None = None) -> Priced:
    return price(settled(checkout, known), known or facts())


def run(command: AnyCommand, before: Checkout, known: Facts | None = None, moment: Moment | None = None) -> Priced:
    known = known or facts()
    return priced(commands.apply(command, before, known, moment or a_moment()), known)


def after(command: AnyCommand, before: Checkout, known: Facts | None = None, moment: Moment | None = None) -> Checkout:
    """The checkout that would be saved."""
    return run(command, before, known, moment).checkout


def content(consignment: Consignment, checkout: Checkout) -> dict[str, int]:
    """Line id -> units."""
    return {line.id: line.quantity for line in checkout.lines if line.id in consignment.line_item_ids}


def quantities(checkout: Checkout) -> dict[str, int]:
    """Line id -> units, in the order of the cart."""
    return {line.id: line.quantity for line in checkout.lines}


def chosen(consignment: Consignment) -> ShippingOption:
    assert isinstance(consignment.selected, ShippingOption)
    return consignment.selected


def offers(answer: Settled, consignment_id: str) -> list[tuple[str, Money]]:
    """(description, cost) of what a consignment is offered, in order."""
    return [(option.description, option.cost) for option in answer.options[consignment_id]]
