"""Shipping and pick-up: what a consignment is offered, and what becomes of the choice it holds. Pure.

`settle` goes over all consignments once, before pricing:
1. offer: the zone of the address, every method of the zone that has a price for the parcel, and every rate that carriers gave
   for it, cheapest first; a free-shipping coupon or promotion adds an option and changes no other (2.5); fallback methods are
   offered only where no carrier of the zone gave a rate; goods with a shipping price of their own are left out of the parcel
   and add that price to each, goods that ship free are left out and add nothing;
2. a choice asked for by the command is taken from the offers, or refused;
3. a choice made earlier stays if its id is still offered, at its present cost, and is dropped if not (C6); a gift of a promotion
   drops none: where the choice would be there without it, it travels along at the cost of the others; a carrier that gave no
   answer about a consignment that is as it was has said nothing new, so what was chosen of it is still offered, unconfirmed.
Where offers are not shown, only what is chosen or may be is worked out: a read of many consignments shows none of the others.
Nothing outside a consignment but these is looked at, so a change elsewhere touches neither its offers nor its choice, unless the
store's thresholds look at the whole cart (D62).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import md5

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geodesy
from checkstand.domain.address import Address
from checkstand.domain.carrier import CarrierRate
from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    Checkout,
    Consignment,
    LineItem,
    PickupChoice,
    ShippingOption,
    Wanted,
)
from checkstand.domain.facts import Facts, Location, PickupMethod, ShippingZone, Store, ZoneLocation
from checkstand.domain.in_currency import in_currency
from checkstand.domain.methods import ByProduct, CarrierMethod, FreeShipping, ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel
from checkstand.domain.postal_codes import matches
from checkstand.domain.pricing.coupons import free_by_coupons
from checkstand.domain.pricing.discounts import free_by
from checkstand.domain.pricing.goods import Goods
from checkstand.errors import OptionNotOffered

MOST_PICKUP_OPTIONS = 10


class Settled(Struct, frozen=True, gc=False):
    """A checkout whose choices all stand, and per consignment id what it is offered."""

    checkout: Checkout
    goods: Goods
    options: dict[str, tuple[ShippingOption, ...]]
    """Cheapest first; the first one is the recommended one. Of all consignments, or of none."""


def settle(checkout: Checkout, goods: Goods, facts: Facts, *, with_offers: bool = True) -> Settled:
    """`with_offers` false: the choices settle the same, and `options` is left empty. Raises `OptionNotOffered` when the command
    asked for an option that is not there (C8)."""
    line_of = {line.id: line for line in checkout.lines} if checkout.consignments else {}
    looks_at_whole = facts.store.shipping_settings.shipping_thresholds_look_at_whole_cart
    whole = _worth_of(checkout, goods) if looks_at_whole and checkout.consignments else None
    options: dict[str, tuple[ShippingOption, ...]] = {}
    consignments, has_changed = [], False
    for consignment in checkout.consignments:
        lines = [line_of[line_id] for line_id in consignment.line_item_ids]
        chosen = consignment.selected
        method_id = None if with_offers else _method_to_ask(chosen)
        offered: tuple[ShippingOption, ...] = ()
        rates: Mapping[int, Sequence[CarrierRate]] = NO_RATES
        if method_id != NO_METHOD:
            rates = facts.carrier_rates.get(consignment.id, NO_RATES)
            offered = _offer(lines, consignment.address, goods, checkout, facts.store, whole, rates, method_id)
            if facts.silent_methods:
                offered = _with_held(offered, consignment, facts)
        if with_offers:
            options[consignment.id] = offered
        selected = _selected(consignment, lines, offered, facts)
        if selected is None and isinstance(chosen, ShippingOption) and any(line.gift for line in lines):
            lines = [line for line in lines if line.gift is None]
            offered = _offer(lines, consignment.address, goods, checkout, facts.store, whole, rates, method_id)
            selected = _selected(consignment, lines, offered, facts)
        if selected is chosen:
            consignments.append(consignment)
        else:
            consignments.append(replace(consignment, selected=selected))
            has_changed = True
    return Settled(replace(checkout, consignments=tuple(consignments)) if has_changed else checkout, goods, options)


NO_METHOD = -1
NO_RATES: Mapping[int, Sequence[CarrierRate]] = {}


def _method_to_ask(chosen: ShippingOption | PickupChoice | Wanted | None) -> int | None:
    """Whose options decide what becomes of a choice; None: those of all methods."""
    if type(chosen) is ShippingOption and chosen.type != CUSTOM_SHIPPING:
        return chosen.method_id or None  # several kinds of options have none
    return None if type(chosen) is Wanted and chosen.shipping_option_id is not None else NO_METHOD


def _with_held(
    offered: tuple[ShippingOption, ...], consignment: Consignment, facts: Facts
) -> tuple[ShippingOption, ...]:
    """The offers, with the chosen one of a carrier that gave no answer as it was, and marked."""
    chosen = consignment.selected.chosen if isinstance(consignment.selected, Wanted) else consignment.selected
    silent = facts.silent_methods.get(consignment.id, ())
    if not isinstance(chosen, ShippingOption) or not chosen.carrier_id or chosen.method_id not in silent:
        return offered
    return tuple(sorted((*offered, replace(chosen, is_unconfirmed=True)), key=_by_cost))


def _by_cost(option: ShippingOption) -> tuple[int, int]:
    return option.cost.minor, option.method_id


def _selected(
    consignment: Consignment, lines: list[LineItem], offered: tuple[ShippingOption, ...], facts: Facts
) -> ShippingOption | PickupChoice | None:
    match consignment.selected:
        case ShippingOption() as option:  # the most likely one first: a class that does not match takes its time
            return _kept(option, consignment, offered, facts)
        case None:
            return None
        case Wanted(shipping_option_id=str(option_id)):
            for option in offered:
                if option.id == option_id:
                    return option
            raise OptionNotOffered(
                f"Shipping option {option_id} is not offered to consignment {consignment.id}.",
                details={"field": "shipping_option_id"},
            )
        case Wanted(pickup_method_id=int(method_id)):
            if not can_pick_up(method_id, lines, facts):
                raise OptionNotOffered(
                    f"Pick-up method {method_id} cannot hand out these items.",
                    details={"field": "pickup_option.pickup_method_id"},
                )
            return PickupChoice(method_id)
        case PickupChoice(pickup_method_id=method_id) as choice:
            return choice if can_pick_up(method_id, lines, facts) else None
        case _:
            return None


def _kept(
    option: ShippingOption, consignment: Consignment, offered: tuple[ShippingOption, ...], facts: Facts
) -> ShippingOption | None:
    """An option chosen earlier, as it is offered now."""
    if option.type == CUSTOM_SHIPPING:
        return option if option.id else replace(option, id=_option_id(facts.store.hash, f"custom/{consignment.id}"))
    for other in offered:
        if other.id == option.id:
            return option if option == other else other
    return None


# ---------------------------------------------------------------------------------------------------- shipping


def shipping_zone(address: Address, store: Store) -> ShippingZone | None:
    """The zone an address is shipped to: the most specific match (postal code, state, country, anywhere), then the lowest
    id (D41). An address without a country is nowhere yet."""
    if not address.country_code:
        return None
    known, place = store.shipping_zone_of, place_of(address)
    return known[place] if place in known else known.learn(place, _shipping_zone(address, store))


def _shipping_zone(address: Address, store: Store) -> ShippingZone | None:
    best: tuple[int, int] | None = None
    found = None
    for zone in store.shipping_zones:
        if not zone.enabled:
            continue
        match = _specificity(zone, address)
        if match and (best is None or (-match, zone.id) < best):
            best, found = (-match, zone.id), zone
    return found


def _specificity(zone: ShippingZone, address: Address) -> int:
    """4 postal code, 3 state, 2 country, 1 anywhere, 0 no match."""
    if zone.type == "global":
        return 1
    rank = {"zip": 4, "state": 3, "country": 2}[zone.type]
    return rank if any(covers(location, address) for location in zone.locations) else 0


def place_of(address: Address) -> tuple[str, ...]:
    """The parts of an address that zones look at: addresses alike in them lie in the same zone."""
    return (address.country_code, address.state_or_province_code, address.state_or_province, address.postal_code)


def covers(location: ZoneLocation, address: Address) -> bool:
    """Whether an address lies in a place; what the place leaves empty matches anything."""
    if location.country_iso2 and location.country_iso2 != address.country_code:
        return False
    if location.state_iso2 and location.state_iso2.casefold() not in (
        address.state_or_province_code.casefold(),
        address.state_or_province.casefold(),
    ):
        return False
    if location.zip:
        return matches(location.zip, address.postal_code, address.country_code)
    return bool(location.country_iso2 or location.state_iso2)


def _offer(
    lines: list[LineItem],
    address: Address,
    goods: Goods,
    checkout: Checkout,
    store: Store,
    whole: "WholeCart | None",
    rates: Mapping[int, Sequence[CarrierRate]],
    method_id: int | None,
) -> tuple[ShippingOption, ...]:
    """`whole`: what thresholds look at, where that is not the consignment alone. `method_id`: only the options of this method are
    asked for; None: of all."""
    zone = shipping_zone(address, store)
    if zone is None:
        return ()
    zone = in_currency(zone, checkout.currency, store)
    spares_own = zone.free_shipping is not None and zone.free_shipping.exclude_fixed_shipping_products
    places = checkout.currency.decimal_places
    parcel, has_own = _parcel(lines, goods, places, whole, spares_own=spares_own)
    own = _own_shipping(lines, checkout, store) if has_own else None
    offered = []
    gave_nothing = not rates or not any(rates.values())
    promotion_ids = free_by(goods.shipping, zone.id, address.country_code) if goods.shipping else ()
    coupon_ids = free_by_coupons(goods.coupons, lines, address.country_code) if goods.coupons else ()
    is_free, channel_id = bool(promotion_ids or coupon_ids), checkout.channel_id
    if parcel.quantity and not is_free:
        free, methods = None, _methods(zone)
    elif is_free or not own:
        free = _free_shipping(goods.zero)
        methods = (free, *zone.methods) if parcel.quantity else (free, BY_PRODUCT) if own else (free,)
    else:
        free, methods = None, (*_free_methods(zone), BY_PRODUCT)
    for method in methods:
        if (method_id is not None and method.id != method_id) or not method.is_offered_in(channel_id):
            continue
        if type(method) is CarrierMethod:
            offered += [_quoted(method, zone, rate, own, store, places) for rate in rates.get(method.id, ())]
            continue
        if method.is_fallback and not gave_nothing:
            continue
        cost = method.cost(parcel)
        if cost is not None:
            is_granted = is_free and method is free
            if own and not (is_granted or (type(method) is FreeShipping and not spares_own)):
                cost += own
            option = _option(method, zone, cost, store, places)
            if is_granted:
                option = replace(option, free_by=promotion_ids, free_by_coupons=coupon_ids)
            offered.append(option)
    if len(offered) > 1:
        offered.sort(key=_by_cost)
    return tuple(offered)


BY_PRODUCT = ByProduct(id=0, name="Fixed Shipping")


def _own_price(line: LineItem) -> Money | None:
    """What it costs to ship one unit, in the store's currency, where that is no method's to say. Shipping free goes before it."""
    return line.catalog.fixed_shipping if line.catalog is not None and not line.catalog.ships_free else None


def has_own_shipping(line: LineItem) -> bool:
    """Whether no method looks at it: it ships free, or at a price of its own."""
    catalog = line.catalog
    return catalog is not None and (catalog.ships_free or catalog.fixed_shipping is not None)


def _own_shipping(lines: Iterable[LineItem], checkout: Checkout, store: Store) -> Money:
    """What the goods with a shipping price of their own cost to ship, all their units together."""
    cost = checkout.currency.zero
    for line in lines:
        if (price := _own_price(line)) is not None:
            cost += store.converted(price, checkout.currency) * line.quantity
    return cost


class WholeCart(Struct, frozen=True, gc=False):
    """What all goods of a cart are worth, in minor units: those that methods look at, those that ship free, and those with a
    shipping price of their own."""

    looked_at: int
    free: int
    fixed: int


def _worth_of(checkout: Checkout, goods: Goods) -> WholeCart:
    looked_at, free, fixed = 0, 0, 0
    sales = goods.sales
    for line in checkout.lines:
        if line.kind == "gift_certificate":
            continue
        if not has_own_shipping(line):
            looked_at += sales[line.id]
        elif _own_price(line) is None:
            free += sales[line.id]
        else:
            fixed += sales[line.id]
    return WholeCart(looked_at, free, fixed)


def _parcel(
    lines: list[LineItem], goods: Goods, decimal_places: int, whole: WholeCart | None, *, spares_own: bool
) -> tuple[Parcel, bool]:
    """Of the consignment's goods, those that methods look at; and whether there are others. Free shipping asks what all goods are
    worth, or all but those with a shipping price of their own."""
    weight, quantity, subtotal, worth, has_own = NOTHING, 0, 0, 0, False
    sales = goods.sales
    for line in lines:
        sale = sales[line.id]
        if has_own_shipping(line):
            has_own = True
            if not spares_own or _own_price(line) is None:
                worth += sale
            continue
        weight += line.weight * line.quantity
        quantity += line.quantity
        subtotal += sale
    worth += subtotal
    total = subtotal
    if whole is not None:
        total = whole.looked_at
        worth = whole.looked_at + whole.free + (0 if spares_own else whole.fixed)
    currency = goods.zero.currency
    value = Money(subtotal, currency)
    parcel = Parcel(
        weight,
        quantity,
        value,
        decimal_places,
        value if total == subtotal else Money(total, currency),
        value if worth == subtotal else Money(worth, currency),
    )
    return parcel, has_own


NOTHING = Decimal(0)


def _free_methods(zone: ShippingZone) -> tuple[ShippingMethod, ...]:
    return tuple(method for method in _methods(zone) if isinstance(method, FreeShipping))


def _methods(zone: ShippingZone) -> tuple[ShippingMethod, ...]:
    """The zone's methods, with free shipping from a subtotal as one of them."""
    rule = zone.free_shipping
    if rule is None or not rule.enabled:
        return zone.methods
    return (_free_shipping(rule.minimum_sub_total), *zone.methods)


@lru_cache(maxsize=1000)
def _free_shipping(minimum: Money) -> FreeShipping:
    return FreeShipping(id=0, name="Free Shipping", minimum=minimum)


def _with_handling(method: ShippingMethod, zone: ShippingZone, cost: Money) -> tuple[Money, Money]:
    """What is shown as cost and as handling: the fees of both together, by themselves or within the cost (D43)."""
    zero = handling = Money(0, cost.currency)
    if zone.handling is None and method.handling is None:
        return cost, zero
    for fee in (zone.handling, method.handling):
        if fee is not None:
            handling += fee.amount(cost)
    if handling and not zone.display_handling_separately:
        cost, handling = cost + handling, zero
    return cost, handling


def _option(method: ShippingMethod, zone: ShippingZone, cost: Money, store: Store, places: int) -> ShippingOption:
    """`places`: of the currency, on which the fees of `zone` and `method` depend: those of a currency may have changed since a cart
    was opened."""
    known, key = store.shipping_options, (zone.id, method.id, method.option_type, cost, places)
    found = known.get(key)
    return found or known.learn(key, _new_option(method, zone, cost, store))


def _new_option(method: ShippingMethod, zone: ShippingZone, cost: Money, store: Store) -> ShippingOption:
    cost, handling = _with_handling(method, zone, cost)
    return ShippingOption(
        id=_option_id(store.hash, f"method/{method.id}" if method.id else method.option_type),
        type=method.option_type,
        description=method.name,
        additional_description=method.description,
        cost=cost,
        handling=handling,
        method_id=method.id,
        zone_id=zone.id,
        zone_name=zone.name,
    )


def _quoted(
    method: CarrierMethod, zone: ShippingZone, rate: CarrierRate, own: Money | None, store: Store, places: int
) -> ShippingOption:
    """One of the options of a carrier's method, with what goods cost that have a shipping price of their own."""
    known, key = store.shipping_options, (zone.id, method.id, rate, own, places)
    found = known.get(key)
    return found or known.learn(key, _new_quoted(method, zone, rate, own, store))


def _new_quoted(
    method: CarrierMethod, zone: ShippingZone, rate: CarrierRate, own: Money | None, store: Store
) -> ShippingOption:
    """Its id is that of the same service in each answer (BEHAVIOUR 1)."""
    cost, handling = _with_handling(method, zone, rate.cost + own if own else rate.cost)
    return ShippingOption(
        id=_option_id(store.hash, f"method/{method.id}/{json.dumps([rate.group, rate.code])}"),
        type=f"shipping_{method.carrier_id}",
        description=rate.name,
        additional_description=rate.description,
        cost=cost,
        handling=handling,
        transit_time=rate.transit_time,
        carrier_id=method.carrier_id,
        method_id=method.id,
        zone_id=zone.id,
        zone_name=zone.name,
    )


def _option_id(store_hash: str, what: str) -> str:
    return md5(f"{store_hash}/{what}".encode(), usedforsecurity=False).hexdigest()


# ---------------------------------------------------------------------------------------------------- pick-up


class PickupOption(Struct, frozen=True):
    """A place that can hand out all the units asked for."""

    method: PickupMethod
    location: Location
    distance_km: float | None = None


class SearchArea(Struct, frozen=True):
    latitude: float
    longitude: float
    radius_km: float


def can_pick_up(method_id: int, lines: list[LineItem], facts: Facts) -> bool:
    method = facts.store.pickup_method(method_id)
    return method is not None and _hands_out(method, _units_by_variant(lines), facts) is not None


def pickup_options(
    units: dict[int, int], facts: Facts, area: SearchArea | None = None, *, for_shopper: bool = False
) -> list[PickupOption]:
    """Places with all the units (variant id -> quantity), at most ten: by id, or in an area the nearest first (D20, D37).

    `for_shopper`: only places that the storefront shows.
    """
    found = []
    for method in facts.store.pickup_methods:
        location = _hands_out(method, units, facts)
        if location is None or (for_shopper and not location.storefront_visibility):
            continue
        if area is None:
            found.append(PickupOption(method, location))
        elif location.latitude is not None and location.longitude is not None:
            distance = geodesy.distance_km(area.latitude, area.longitude, location.latitude, location.longitude)
            if distance <= area.radius_km:
                found.append(PickupOption(method, location, distance))
    found.sort(key=lambda option: (option.distance_km or 0.0, option.method.id))
    return found[:MOST_PICKUP_OPTIONS]


def consignment_pickup_options(consignment: Consignment, checkout: Checkout, facts: Facts) -> list[PickupOption]:
    """What the Storefront shows in a checkout (D20)."""
    lines = [line for line in checkout.lines if line.id in consignment.line_item_ids]
    return pickup_options(_units_by_variant(lines), facts, for_shopper=True)


def _units_by_variant(lines: list[LineItem]) -> dict[int, int]:
    units: dict[int, int] = {}
    for line in lines:
        if line.variant_id:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _hands_out(method: PickupMethod, units: dict[int, int], facts: Facts) -> Location | None:
    """The method's location, if both are enabled and it has the units.

    A place without stock of its own gives from the shop's pool.
    """
    location = facts.store.location(method.location_id)
    if not method.enabled or location is None or not location.enabled:
        return None
    for variant_id, quantity in units.items():
        stock = facts.stock.get(variant_id)
        if stock is not None and stock.get(location.id, stock.get(0, 0)) < quantity:
            return None
    return location
