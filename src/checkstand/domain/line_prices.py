"""What one unit of a line costs, worked out from what the catalog said when it was added. Pure.

A line keeps the catalog's prices in the store's own currency. After every change that such a price depends on (the currency)
all lines of the catalog are priced anew, so that the same goods cost the same wherever they stand. A line with a price of its
own keeps that.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, LineItem
from checkstand.domain.facts import Facts, Store
from checkstand.domain.money import Currency


def repriced(before: Checkout, after: Checkout, facts: Facts) -> Checkout:
    """`after` with the prices of its lines as they are now, if anything they depend on has changed since `before`."""
    is_as_before = before.currency == after.currency and before.customer_id == after.customer_id
    if is_as_before and (before.lines is after.lines or _units(before) == _units(after)):
        return after
    lines = tuple(_priced(line, after.currency, facts.store) for line in after.lines)
    return replace(after, lines=lines)


def _units(checkout: Checkout) -> Mapping[int, int]:
    """Variant id -> units of it in the cart, wherever they stand."""
    units: dict[int, int] = {}
    for line in checkout.lines:
        if line.has_catalog_price:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _priced(line: LineItem, currency: Currency, store: Store) -> LineItem:
    if line.catalog is None:
        return line
    return replace(
        line,
        original_price=store.converted(line.catalog.price, currency),
        list_price=line.list_price if line.price_overridden else store.converted(line.catalog.asked, currency),
        retail_price=store.converted(line.catalog.retail, currency) if line.catalog.retail else None,
    )
