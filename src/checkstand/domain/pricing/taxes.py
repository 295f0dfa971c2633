"""Taxes on prices entered without tax: per line and per consignment, at the rate of the place where the goods end up.

A physical line is taxed at its consignment's destination, a pick-up one at the location's address; digital and unassigned
lines at the billing address (D60). What is taxed is what is left after all discounts. Each rate's amount is rounded by
itself (D49). Gift certificates bought are not taxed.
"""

from collections.abc import Iterable, Mapping

from checkstand.domain.address import Address
from checkstand.domain.checkout import Checkout, Consignment, PickupChoice, ShippingOption
from checkstand.domain.facts import SHIPPING_TAX_CLASS, Facts, Store, TaxZone, ZoneLocation
from checkstand.domain.fulfillment import covers, place_of
from checkstand.domain.money import Money, share
from checkstand.domain.pricing.entries import Tax


def taxes(
    checkout: Checkout, left: Mapping[str, int], shipping_left: Mapping[str, int] | None, facts: Facts
) -> tuple[Tax, ...]:
    """`left`: line id -> minor units after all discounts; `shipping_left`: consignment id -> minor units of its option's cost
    after discounts, None where there are none."""
    store, currency = facts.store, checkout.currency.code
    elsewhere = tax_zone(checkout.billing_address.address, store) if checkout.billing_address else None
    zone_of_line: dict[str, TaxZone | None] = {}
    entries: list[Tax] = []
    for consignment in checkout.consignments:
        zone = tax_zone(destination(consignment, store), store)
        for line_id in consignment.line_item_ids:
            zone_of_line[line_id] = zone
        if zone is not None and isinstance(consignment.selected, ShippingOption):
            option = consignment.selected
            cost = option.cost if shipping_left is None else Money(shipping_left[consignment.id], currency)
            entries += _shipping_taxes(consignment.id, cost, option.handling, zone)
    for line in checkout.lines:
        zone = zone_of_line.get(line.id, elsewhere)
        if zone is None or line.kind == "gift_certificate":
            continue
        rate = zone.rate(line.tax_class_id)
        if rate and (amount := share(Money(left[line.id], currency), rate)):
            entries.append(Tax("line", line.id, amount, zone.tax_name))
    return tuple(entries)


def destination(consignment: Consignment, store: Store) -> Address:
    """Where the goods end up: the address, or the place they are picked up from."""
    if isinstance(consignment.selected, PickupChoice):
        method = store.pickup_method(consignment.selected.pickup_method_id)
        location = store.location(method.location_id) if method else None
        if location is not None:
            return location.address
    return consignment.address


def tax_zone(address: Address, store: Store) -> TaxZone | None:
    """The most specific zone (postal code, subdivision, country, everywhere else), then the lowest id (D72). An address
    without a country is nowhere yet."""
    if not address.country_code:
        return None
    return store.tax_zone_of.at(place_of(address), lambda: _tax_zone(address, store))


def _tax_zone(address: Address, store: Store) -> TaxZone | None:
    best: tuple[int, int] | None = None
    found = None
    for zone in store.tax_zones:
        if not zone.enabled:
            continue
        rank = (
            1
            if not zone.locations
            else max((_rank(location) for location in zone.locations if covers(location, address)), default=0)
        )
        if rank and (best is None or (-rank, zone.id) < best):
            best, found = (-rank, zone.id), zone
    return found


def _rank(location: ZoneLocation) -> int:
    return 4 if location.zip else 3 if location.state_iso2 else 2


def _shipping_taxes(consignment_id: str, cost: Money, handling: Money, zone: TaxZone) -> Iterable[Tax]:
    rate = zone.rate(SHIPPING_TAX_CLASS)
    if rate and (amount := share(cost, rate)):
        yield Tax("shipping", consignment_id, amount, zone.tax_name)
    if rate and (amount := share(handling, rate)):
        yield Tax("handling", consignment_id, amount, zone.tax_name)
