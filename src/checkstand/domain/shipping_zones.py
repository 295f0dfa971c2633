"""Editing where the shop ships to and by which methods: pure changes of the store. What they offer is in `fulfillment`.

A change names what is to be another; what it leaves out stays. A new zone or method is a blank one with a change applied,
so that both are checked alike:
1. a zone: locations of its own kind (a postal code, a state or a country each), amounts of 0 or more;
2. a method: the settings of its type; changing the type starts from no settings, and asks for what that type needs.
A method keeps its id whatever else of it changes, and with it the id of the option it gives (BEHAVIOUR 1).
"""

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from checkstand.domain import geography, measures, postal_codes
from checkstand.domain.facts import FreeShippingRule, ShippingZone, Store, ZoneLocation
from checkstand.domain.methods import (
    AnyMethod,
    ByTotal,
    ByWeight,
    CarrierMethod,
    FreeShipping,
    HandlingFee,
    PerItem,
    PerOrder,
    Range,
    ShippingMethod,
)
from checkstand.domain.money import Currency, Money
from checkstand.errors import Invalid, NotFound, Unsupported

ZoneType = Literal["zip", "country", "state", "global"]

MOST_LOCATIONS = 40_000
"""Published limit of the locations of one zone."""

CARRIERS = frozenset(
    {
        "auspost",
        "canadapost",
        "endicia",
        "fedex",
        "royalmail",
        "shipperhq",
        "ups",
        "upsonline",
        "upsready",
        "usps",
        "zoom2u",
    }
)
"""Published types that ask a carrier for its price; a store has those that its shop file registers, under whatever names."""

MOST_OPTIONS_BYTES = 10_000
"""Of what a merchant sets for a carrier, as JSON: it is sent with each question."""

PARTS: dict[ZoneType, frozenset[str]] = {
    "zip": frozenset({"zip", "country_iso2"}),
    "state": frozenset({"state_iso2", "country_iso2"}),
    "country": frozenset({"country_iso2"}),
}
"""What each location of a zone must say. A postal code may have its state as well; nothing else goes beyond this."""


class HandlingChange(Struct, frozen=True, kw_only=True):
    """Either a fixed amount or a percentage of the shipping cost; the one that is given takes the place of the other."""

    fixed: Decimal | None = None
    percent: Decimal | None = None


class ZoneChange(Struct, frozen=True, kw_only=True):
    """A zone to be, or what is to be another about one; None: stays as it is."""

    name: str | None = None
    type: ZoneType | None = None
    locations: tuple[ZoneLocation, ...] | None = None
    enabled: bool | None = None
    free_shipping_enabled: bool | None = None
    minimum_sub_total: Decimal | None = None
    exclude_fixed_shipping_products: bool | None = None
    handling: HandlingChange | None = None
    display_handling_separately: bool | None = None


class RangeChange(Struct, frozen=True):
    lower: Decimal
    upper: Decimal
    cost: Decimal


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of all types of methods; each type looks at its own. `default_cost` None: nothing outside the ranges."""

    rate: Decimal | None = None
    ranges: tuple[RangeChange, ...] | None = None
    default_cost: Decimal | UnsetType | None = UNSET
    default_cost_type: Literal["percentage_of_total", "fixed_amount"] | None = None
    minimum_sub_total: Decimal | None = None
    carrier_options: dict[str, Any] | None = None


class MethodChange(Struct, frozen=True, kw_only=True):
    """A method to be, or what is to be another about one; None: stays as it is."""

    name: str | None = None
    type: str | None = None
    settings: Settings = Settings()
    enabled: bool | None = None
    handling: HandlingChange | None = None
    is_fallback: bool | None = None
    channel_ids: tuple[int, ...] | None = None


# ---------------------------------------------------------------------------------------------------- zones


def zone_of(store: Store, zone_id: int) -> ShippingZone:
    for zone in store.shipping_zones:
        if zone.id == zone_id:
            return zone
    raise NotFound(f"There is no shipping zone {zone_id}.", code="shipping_zone_not_found")


def new_zone(change: ZoneChange, currency: Currency) -> ShippingZone:
    """A zone that has everything but an id. Raises `Invalid` naming the field."""
    if change.type is None:
        raise Invalid.field("type", "is required")
    return _changed_zone(ShippingZone(id=0, name="", type=change.type), change, currency)


def add_zone(store: Store, zone: ShippingZone) -> Store:
    return replace(store, shipping_zones=(*store.shipping_zones, zone))


def change_zone(store: Store, zone_id: int, change: ZoneChange) -> Store:
    """Raises `NotFound`, or `Invalid` naming the field."""
    return _with_zone(store, _changed_zone(zone_of(store, zone_id), change, store.currency))


def remove_zone(store: Store, zone_id: int) -> Store:
    """The store without the zone and its methods. Raises `NotFound`."""
    gone = zone_of(store, zone_id)
    return replace(store, shipping_zones=tuple(zone for zone in store.shipping_zones if zone is not gone))


def _with_zone(store: Store, changed: ShippingZone) -> Store:
    return replace(
        store, shipping_zones=tuple(changed if zone.id == changed.id else zone for zone in store.shipping_zones)
    )


def _changed_zone(before: ShippingZone, change: ZoneChange, currency: Currency) -> ShippingZone:
    shared = ("name", "type", "locations", "enabled", "display_handling_separately")
    after = replace(before, **_given(change, shared))
    if not after.name.strip():
        raise Invalid.field("name", "is required")
    if change.type == "global" and change.locations is None:
        after = replace(after, locations=())
    if change.type is not None or change.locations is not None:
        _check_locations(after.type, after.locations)
    if change.handling is not None:
        after = replace(after, handling=_handling(change.handling, before.handling, currency))
    return replace(after, free_shipping=_free_shipping(before.free_shipping, change, currency))


def _free_shipping(before: FreeShippingRule | None, change: ZoneChange, currency: Currency) -> FreeShippingRule | None:
    given = _given(change, ("exclude_fixed_shipping_products",))
    if change.free_shipping_enabled is not None:
        given["enabled"] = change.free_shipping_enabled
    if change.minimum_sub_total is not None:
        given["minimum_sub_total"] = currency.price(change.minimum_sub_total, "free_shipping.minimum_sub_total")
    return replace(before or FreeShippingRule(minimum_sub_total=currency.zero), **given) if given else before


def _check_locations(kind: ZoneType, locations: Sequence[ZoneLocation]) -> None:
    if kind == "global":
        if locations:
            raise Invalid.field("locations", "must be empty: a global zone is everywhere that no other zone is")
        return
    if not locations:
        raise Invalid.field("locations", f"must name at least one place: this is a {kind} zone")
    if len(locations) > MOST_LOCATIONS:
        raise Invalid.field("locations", f"may be at most {MOST_LOCATIONS}")
    wanted = PARTS[kind]
    allowed = wanted | {"state_iso2"} if kind == "zip" else wanted
    for index, location in enumerate(locations):
        given = {name for name, value in asdict(location).items() if value}
        for name in sorted(wanted - given):
            raise Invalid.field(f"locations.{index}.{name}", f"is required in a {kind} zone")
        for name in sorted(given - allowed):
            raise Invalid.field(f"locations.{index}.{name}", f"has no place in a {kind} zone")
        if geography.country_name(location.country_iso2) is None:
            raise Invalid.field(f"locations.{index}.country_iso2", f"{location.country_iso2!r} is not a country")
        if location.zip and (reason := postal_codes.problem(location.zip, location.country_iso2)):
            raise Invalid.field(f"locations.{index}.zip", reason)


def countries_shipped_to(store: Store, channel_id: int) -> frozenset[str] | None:
    """The countries a shopper of a channel may choose from; None: all. Those with a zone that has something to offer there, or all
    if the store wants all to be shown."""
    if store.shipping_settings.country_list_strategy == "DISPLAY_ALL_COUNTRIES":
        return None
    found: set[str] = set()
    for zone in store.shipping_zones:
        if not zone.enabled or not _offers_anything(zone, channel_id):
            continue
        if zone.type == "global":
            return None
        found.update(location.country_iso2 for location in zone.locations)
    return frozenset(found)


def _offers_anything(zone: ShippingZone, channel_id: int) -> bool:
    return (zone.free_shipping is not None and zone.free_shipping.enabled) or any(
        method.is_offered_in(channel_id) for method in zone.methods
    )


# ---------------------------------------------------------------------------------------------------- methods


def method_of(zone: ShippingZone, method_id: int) -> AnyMethod:
    for method in zone.methods:
        if method.id == method_id:
            return method
    raise NotFound(f"There is no shipping method {method_id} in zone {zone.id}.", code="shipping_method_not_found")


def type_of(method: ShippingMethod) -> str:
    """The type as on the wire: the tag of its Struct, or the carrier's id."""
    if isinstance(method, CarrierMethod):
        return method.carrier_id
    return str(type(method).__struct_config__.tag)


def new_method(change: MethodChange, currency: Currency, carrier_ids: Collection[str] = ()) -> AnyMethod:
    """A method that has everything but an id; `carrier_ids` are the types that ask a carrier. Raises `Invalid` naming the
    field, `Unsupported` for a carrier the store does not have."""
    return _changed_method(None, change, currency, carrier_ids)


def add_method(store: Store, zone_id: int, method: AnyMethod) -> Store:
    """Raises `NotFound`."""
    zone = zone_of(store, zone_id)
    return _with_zone(store, replace(zone, methods=(*zone.methods, method)))


def change_method(store: Store, zone_id: int, method_id: int, change: MethodChange) -> Store:
    """Raises `NotFound`, `Invalid` naming the field, `Unsupported` for a carrier the store does not have."""
    zone = zone_of(store, zone_id)
    before = method_of(zone, method_id)
    changed = _changed_method(before, change, store.currency, store.carrier_by_id.keys())
    return _with_zone(
        store, replace(zone, methods=tuple(changed if method is before else method for method in zone.methods))
    )


def remove_method(store: Store, zone_id: int, method_id: int) -> Store:
    """Raises `NotFound`."""
    zone = zone_of(store, zone_id)
    gone = method_of(zone, method_id)
    return _with_zone(store, replace(zone, methods=tuple(method for method in zone.methods if method is not gone)))


def _changed_method(
    before: AnyMethod | None, change: MethodChange, currency: Currency, carrier_ids: Collection[str]
) -> AnyMethod:
    kind = change.type or (type_of(before) if before else "")
    settings_before = before if before is not None and type_of(before) == kind else None
    configure = _configurable(kind, {kind} if isinstance(settings_before, CarrierMethod) else carrier_ids)
    after = configure(settings_before, change.settings, currency)
    if before is not None:
        kept = ("id", "name", "description", "enabled", "handling", "is_fallback", "channel_ids")
        after = replace(after, **{name: getattr(before, name) for name in kept})
    after = replace(after, **_given(change, ("name", "enabled", "is_fallback", "channel_ids")))
    if not after.name.strip():
        raise Invalid.field("name", "is required")
    if change.handling is not None:
        after = replace(after, handling=_handling(change.handling, after.handling, currency))
    return after


def _configurable(kind: str, carrier_ids: Collection[str]) -> "Configure":
    """What makes a method of a type from its settings."""
    if not kind:
        raise Invalid.field("type", "is required")
    if kind in carrier_ids:
        return partial(_by_carrier, kind)
    known = ", ".join((*KINDS, *sorted(carrier_ids)))
    if kind in CARRIERS:
        raise Unsupported(
            f"Shipping methods of type {kind} ask a carrier that this store does not have: the shop file registers carriers"
            f" (see docs/carriers.md). It has {known}."
        )
    if kind not in KINDS:
        raise Invalid.field("type", f"{kind!r} is not one of {known}")
    return KINDS[kind]


# What all types share (id, name, ...) is still blank in the methods that the following six return.


def _per_order(before: AnyMethod | None, settings: Settings, currency: Currency) -> PerOrder:
    return PerOrder(id=0, name="", rate=_rate(before, settings, currency))


def _per_item(before: AnyMethod | None, settings: Settings, currency: Currency) -> PerItem:
    return PerItem(id=0, name="", rate=_rate(before, settings, currency))


def _by_weight(before: AnyMethod | None, settings: Settings, currency: Currency) -> ByWeight:
    blank = before if isinstance(before, ByWeight) else ByWeight(id=0, name="")
    given = _default_cost(blank, settings, currency)
    if settings.ranges is not None:
        given["ranges"] = _ranges(settings.ranges, currency, measures.weight)
    return replace(blank, **given)


def _by_total(before: AnyMethod | None, settings: Settings, currency: Currency) -> ByTotal:
    def limit(value: Decimal, field: str) -> Decimal:
        currency.price(value, field)
        return value.normalize() + 0

    blank = before if isinstance(before, ByTotal) else ByTotal(id=0, name="")
    given = _default_cost(blank, settings, currency)
    if settings.ranges is not None:
        given["ranges"] = _ranges(settings.ranges, currency, limit)
    return replace(blank, **given)


def _free(before: AnyMethod | None, settings: Settings, currency: Currency) -> FreeShipping:
    minimum = before.minimum if isinstance(before, FreeShipping) else currency.zero
    if settings.minimum_sub_total is not None:
        minimum = currency.price(settings.minimum_sub_total, "settings.minimum_sub_total")
    return FreeShipping(id=0, name="", minimum=minimum)


def _by_carrier(carrier_id: str, before: AnyMethod | None, settings: Settings, currency: Currency) -> CarrierMethod:
    options = before.options if isinstance(before, CarrierMethod) else {}
    given = settings.carrier_options
    if given is not None and len(msgspec.json.encode(given)) > MOST_OPTIONS_BYTES:
        raise Invalid.field("settings.carrier_options", f"may take at most {MOST_OPTIONS_BYTES} bytes")
    return CarrierMethod(id=0, name="", carrier_id=carrier_id, options=options if given is None else given)


Configure = Callable[[AnyMethod | None, Settings, Currency], AnyMethod]

KINDS: dict[str, Configure] = {
    "perorder": _per_order,
    "peritem": _per_item,
    "weight": _by_weight,
    "total": _by_total,
    "freeshipping": _free,
}


def _rate(before: AnyMethod | None, settings: Settings, currency: Currency) -> Money:
    if settings.rate is not None:
        return currency.price(settings.rate, "settings.rate")
    if isinstance(before, PerOrder | PerItem):
        return before.rate
    raise Invalid.field("settings.rate", "is required")


def _default_cost(before: ByWeight | ByTotal, settings: Settings, currency: Currency) -> dict[str, Any]:
    """One number that is an amount or a percentage; changing what it is leaves the number (D42)."""
    if settings.default_cost is UNSET and settings.default_cost_type is None:
        return {}
    cost = default_cost_of(before, currency) if settings.default_cost is UNSET else settings.default_cost
    kind = settings.default_cost_type or default_cost_type_of(before)
    if cost is None:
        return {"default_cost": None, "default_percent": None}
    if kind == "percentage_of_total":
        return {"default_cost": None, "default_percent": measures.percent(cost, "settings.default_cost")}
    return {"default_cost": currency.price(cost, "settings.default_cost"), "default_percent": None}


def default_cost_of(method: ByWeight | ByTotal, currency: Currency) -> Decimal | None:
    if method.default_cost is not None:
        return method.default_cost.major(currency.decimal_places)
    return method.default_percent


def default_cost_type_of(method: ByWeight | ByTotal) -> Literal["percentage_of_total", "fixed_amount"]:
    return "fixed_amount" if method.default_percent is None else "percentage_of_total"


def _ranges(
    sent: Sequence[RangeChange], currency: Currency, limit: Callable[[Decimal, str], Decimal]
) -> tuple[Range, ...]:
    """In rising order and apart from each other; gaps are allowed, the default cost is for them (D42)."""
    ranges: list[Range] = []
    for index, each in enumerate(sent):
        field = f"settings.range.{index}"
        entry = Range(
            lower=limit(each.lower, f"{field}.lower_limit"),
            upper=limit(each.upper, f"{field}.upper_limit"),
            cost=currency.price(each.cost, f"{field}.shipping_cost"),
        )
        if entry.upper <= entry.lower:
            raise Invalid.field(f"{field}.upper_limit", "must be above the lower limit")
        if ranges and entry.lower < ranges[-1].upper:
            raise Invalid.field(f"{field}.lower_limit", "must not be below the upper limit of the range before it")
        ranges.append(entry)
    return tuple(ranges)


# ---------------------------------------------------------------------------------------------------- both


def _handling(change: HandlingChange, before: HandlingFee | None, currency: Currency) -> HandlingFee | None:
    fixed, percent = change.fixed, change.percent
    if fixed is not None and percent is not None:
        raise Invalid.field("handling_fees", "must have either fixed_surcharge or percentage_surcharge")
    if fixed is not None:
        return HandlingFee(fixed=currency.price(fixed, "handling_fees.fixed_surcharge"))
    if percent is not None:
        return HandlingFee(percent=measures.percent(percent, "handling_fees.percentage_surcharge"))
    return before


def _given(change: ZoneChange | MethodChange, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(change, name)) is not None}
