"""What one unit of a line costs, worked out from what the catalog said when it was added. Pure.

1. What the customer's group is asked in the place of the catalog's price; 2. what is asked for so many units: all that the cart
holds of a variant, so that dividing a line among consignments changes no price (`price_rules`); 3. in the checkout's currency.

A line keeps the catalog's prices and bulk rules, in the store's own currency; the rules of groups are the store's. After every
change of units, customer or currency all lines of the catalog are priced anew, so the same goods cost the same wherever they
stand. A line with a price of its own keeps that, and its units do not count.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, LineItem
from checkstand.domain.facts import Facts, Store
from checkstand.domain.money import Currency
from checkstand.domain.price_rules import DiscountRule, bulk_price, group_price


def repriced(before: Checkout, after: Checkout, facts: Facts) -> Checkout:
    """`after` with the prices of its lines as they are now, if anything they depend on has changed since `before`."""
    is_as_before = before.currency == after.currency and before.customer_id == after.customer_id
    if is_as_before and (before.lines == after.lines or _units(before) == _units(after)):
        return after
    asking = _Asking(facts.store, after.currency, _units(after), _group_rules(after, facts))
    return replace(after, lines=tuple(_priced(line, asking) for line in after.lines))


class _Asking(Struct, frozen=True):
    """What the price of a line depends on besides the line."""

    store: Store
    currency: Currency
    units: Mapping[int, int]
    group_rules: Sequence[DiscountRule]


def _units(checkout: Checkout) -> Mapping[int, int]:
    """Variant id -> units of it in the cart, wherever they stand."""
    units: dict[int, int] = {}
    for line in checkout.lines:
        if line.has_catalog_price:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _group_rules(checkout: Checkout, facts: Facts) -> Sequence[DiscountRule]:
    customer = facts.customer
    if customer is None or customer.id != checkout.customer_id:
        return ()
    group = facts.store.group_of(customer)
    return group.discount_rules if group else ()


def _priced(line: LineItem, asking: _Asking) -> LineItem:
    catalog, store = line.catalog, asking.store
    if catalog is None:
        return line
    listed = line.list_price
    if line.has_catalog_price:
        asked = catalog.asked
        if asking.group_rules:
            asked = group_price(
                catalog.price, asked, asking.group_rules, line.product_id, line.category_ids, store.currency
            )
        if catalog.bulk_pricing_rules:
            asked = bulk_price(asked, catalog.bulk_pricing_rules, asking.units[line.variant_id], store.currency)
        listed = store.converted(asked, asking.currency)
    return replace(
        line,
        original_price=store.converted(catalog.price, asking.currency),
        list_price=listed,
        retail_price=store.converted(catalog.retail, asking.currency) if catalog.retail else None,
    )
