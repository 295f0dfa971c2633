"""The currency of a cart (BEHAVIOUR 4): which ones a store takes, and bringing a cart into another one.

Goods of the catalog cost what the catalog says, converted (`line_prices`). Amounts that were given for this cart alone are
converted from the old currency: prices of its own, custom items, gift certificates to buy, custom shipping. Everything a
merchant configured, coupons included, is converted whenever it is looked at (`in_currency`), so nothing has to leave the cart.
"""

from msgspec.structs import replace

from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    Checkout,
    Consignment,
    LineItem,
    ShippingOption,
    places,
    with_places,
)
from checkstand.domain.facts import Store
from checkstand.domain.money import Currency
from checkstand.errors import Invalid

DISPLAY_ONLY = "display_only_currency"


def cart_currency(store: Store, code: str, field: str) -> Currency:
    """The currency a cart is to be in. Raises `Invalid` for one that the store does not have, or takes no payments in."""
    wanted = code.strip().upper()
    if wanted == store.currency.code:
        return store.currency
    other = next((other for other in store.other_currencies if other.code == wanted), None)
    if other is None:
        raise Invalid.field(field, f"{code} is not a currency of this store", code="unknown_currency")
    if not other.details.enabled:
        raise Invalid.field(field, f"{code} is not enabled in this store", code="disabled_currency")
    if not other.details.is_transactional:
        raise Invalid.field(field, f"{code} is for display only: nobody can pay in it", code=DISPLAY_ONLY)
    return Currency(code=other.code, name=other.name, symbol=other.symbol, decimal_places=other.decimal_places)


def with_currency(before: Checkout, code: str, store: Store) -> Checkout:
    """The cart in another currency, its goods still to be priced. Chosen shipping stays chosen, at its converted cost.

    A manual discount will refuse this (BEHAVIOUR 4); no checkout has one yet.
    """
    currency = cart_currency(store, code, "currency_code")
    if currency == before.currency:
        return before
    lines = [_line(line, before.currency, currency, store) for line in before.lines]
    consignments = tuple(_consignment(entry, before.currency, currency, store) for entry in before.consignments)
    return with_places(replace(before, currency=currency, consignments=consignments), lines, places(before))


def _line(line: LineItem, of: Currency, to: Currency, store: Store) -> LineItem:
    """Its given prices; those of the catalog are worked out afterwards."""
    return replace(
        line,
        original_price=store.exchanged(line.original_price, of, to),
        list_price=store.exchanged(line.list_price, of, to),
        retail_price=None if line.retail_price is None else store.exchanged(line.retail_price, of, to),
    )


def _consignment(consignment: Consignment, of: Currency, to: Currency, store: Store) -> Consignment:
    option = consignment.selected
    if not isinstance(option, ShippingOption) or option.type != CUSTOM_SHIPPING:
        return consignment
    cost, handling = store.exchanged(option.cost, of, to), store.exchanged(option.handling, of, to)
    return replace(consignment, selected=replace(option, cost=cost, handling=handling))
