"""Taxes as a merchant changes them: settings, zones, rates and classes, as edits of the store. Pure.

Zone 1 is the one of everywhere else. Every store has it, whether or not anybody wrote it down; it has no places and no groups of
its own, is always enabled and never goes. A rate belongs to a zone and goes with it. A class goes only when no rate and no
setting names it, so taking one away changes nobody's taxes. Errors name the field, with the place of the entry in a batch.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from checkstand.domain import geography, measures, postal_codes
from checkstand.domain.facts import Store
from checkstand.domain.tax_zones import (
    DEFAULT_CLASS,
    DEFAULT_ZONE,
    TAX_CLASSES,
    ClassRate,
    Strategy,
    TaxClass,
    TaxLocation,
    TaxRate,
    TaxZone,
)
from checkstand.errors import Invalid, NotFound, Taken

LONGEST_NAME = 255
LONGEST_CLASS_NAME = 100
NOT_IN_CLASS_NAMES = frozenset("<>{}`();|")
BUILT_IN_CLASSES = frozenset(each.id for each in TAX_CLASSES)


class TaxSettingsChange(Struct, frozen=True, kw_only=True):
    """What a request says of the settings; None: nothing."""

    tax_entered_with_prices: bool | None = None
    control_panel_price_display_strategy: Strategy | None = None
    invoice_price_display_strategy: Strategy | None = None
    fallback_strategy: Literal["FIXED", "BASIC", "DISABLE"] | None = None
    should_subtract_store_tax: bool | None = None
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool | None = None
    guest_shopper_tax_zone_id: int | None = None
    store_tax_zone_id: int | None = None
    document_submission_strategy: Literal["ON_PAYMENT_CAPTURE", "ON_ORDER_CREATION"] | None = None
    rounding_strategy: Literal["RATE_ROUNDING", "NO_ROUNDING"] | None = None


class TaxZoneChange(Struct, frozen=True, kw_only=True):
    """A zone to be, or what is to be another about one; None: stays as it is."""

    name: str | None = None
    enabled: bool | None = None
    locations: tuple[TaxLocation, ...] | None = None
    customer_groups: tuple[int, ...] | None = None
    show_inclusive: bool | None = None
    show_both_on_detail_view: bool | None = None
    show_both_on_list_view: bool | None = None


class TaxRateChange(Struct, frozen=True, kw_only=True):
    """A rate to be, or what is to be another about one, its zone included; None: stays as it is."""

    tax_zone_id: int | None = None
    name: str | None = None
    enabled: bool | None = None
    priority: int | None = None
    class_rates: tuple[ClassRate, ...] | None = None


class PlacedRate(Struct, frozen=True):
    """A rate and the zone it belongs to."""

    tax_zone_id: int
    rate: TaxRate


# ---------------------------------------------------------------------------------------------------- settings


def change_settings(store: Store, change: TaxSettingsChange) -> Store:
    """Raises `Invalid` for a zone the store does not have."""
    given = _given(change)
    known = {zone.id for zone in zones_of(store)}
    for name in ("guest_shopper_tax_zone_id", "store_tax_zone_id"):
        if name in given and given[name] not in known:
            raise Invalid.field(name, f"{given[name]} is not a tax zone of this store")
    return replace(store, tax_settings=replace(store.tax_settings, **given))


# ---------------------------------------------------------------------------------------------------- zones


def zones_of(store: Store) -> tuple[TaxZone, ...]:
    """All zones by their ids, the default one among them."""
    zones = store.tax_zones
    if DEFAULT_ZONE not in store.tax_zone_by_id:
        zones = (TaxZone(id=DEFAULT_ZONE, name="Default Tax Zone"), *zones)
    return tuple(sorted(zones, key=lambda zone: zone.id))


def zone_of(store: Store, zone_id: int, field: str) -> TaxZone:
    """Raises `Invalid`."""
    for zone in zones_of(store):
        if zone.id == zone_id:
            return zone
    raise Invalid.field(field, f"{zone_id} is not a tax zone of this store")


def new_zone(change: TaxZoneChange, where: str) -> TaxZone:
    """A zone that has everything but an id."""
    return _changed_zone(TaxZone(id=0, name=""), change, where)


def add_zones(store: Store, zones: Sequence[TaxZone]) -> Store:
    """Raises `Invalid`."""
    for index, zone in enumerate(zones):
        _check_groups(store, zone.customer_groups, str(index))
    _check_zone_names([*zones_of(store), *zones], {id(zone): index for index, zone in enumerate(zones)})
    return replace(store, tax_zones=(*store.tax_zones, *zones))


def change_zones(store: Store, changes: Sequence[tuple[int, TaxZoneChange]]) -> Store:
    """Raises `Invalid`."""
    _check_once([zone_id for zone_id, _ in changes])
    places = {}
    for index, (zone_id, change) in enumerate(changes):
        before = zone_of(store, zone_id, f"{index}.id")
        after = _changed_zone(before, change, str(index))
        if after.customer_groups != before.customer_groups:
            _check_groups(store, after.customer_groups, str(index))
        if after.name != before.name:
            places[id(after)] = index
        store = _with_zone(store, after)
    _check_zone_names(zones_of(store), places)
    return store


def remove_zones(store: Store, ids: Collection[int]) -> Store:
    """The store without these zones and their rates; ids it does not have are nobody's loss. Raises `Invalid` for the default
    zone, and for those the settings name."""
    settings = store.tax_settings
    if DEFAULT_ZONE in ids:
        raise Invalid.field("id:in", f"must not name {DEFAULT_ZONE}: the default tax zone cannot be deleted")
    for name in ("guest_shopper_tax_zone_id", "store_tax_zone_id"):
        if getattr(settings, name) in ids:
            raise Invalid.field("id:in", f"must not name {getattr(settings, name)}: it is the {name} of the settings")
    return replace(store, tax_zones=tuple(zone for zone in store.tax_zones if zone.id not in ids))


def check_zone(zone: TaxZone, where: str) -> None:
    """Raises `Invalid`."""
    if not zone.name.strip() or len(zone.name) > LONGEST_NAME:
        raise _wrong(where, "name", f"must have 1 to {LONGEST_NAME} characters")
    if zone.id == DEFAULT_ZONE:
        if not zone.enabled:
            raise _wrong(where, "enabled", "must be true: the default tax zone cannot be disabled")
        for name in ("locations", "customer_groups"):
            if getattr(zone, name):
                raise _wrong(
                    where, f"shopper_target_settings.{name}", "must be empty: the default tax zone is everywhere else"
                )
    for index, location in enumerate(zone.locations):
        if geography.country_name(location.country_code) is None:
            field = f"shopper_target_settings.locations.{index}.country_code"
            raise _wrong(where, field, f"{location.country_code!r} is not a country")
        for position, code in enumerate(location.postal_codes):
            if code and (reason := postal_codes.problem(code, location.country_code)):
                field = f"shopper_target_settings.locations.{index}.postal_codes.{position}"
                raise _wrong(where, field, reason)


def _check_groups(store: Store, groups: Iterable[int], where: str) -> None:
    """Group 0 are guests and customers without a group. Raises `Invalid`."""
    for group_id in groups:
        if group_id and group_id not in store.customer_group_by_id:
            field = "shopper_target_settings.customer_groups"
            raise _wrong(where, field, f"{group_id} is not a customer group of this store")


def _check_zone_names(zones: Sequence[TaxZone], places: Mapping[int, int]) -> None:
    """`places`: which zones are new or renamed, and where in the batch. Others may have a name twice, as they had before. Raises
    `Invalid`."""
    counts = Counter(zone.name.casefold() for zone in zones)
    for zone in zones:
        if id(zone) in places and counts[zone.name.casefold()] > 1:
            raise _wrong(str(places[id(zone)]), "name", f"{zone.name!r} is the name of another tax zone")


def _changed_zone(before: TaxZone, change: TaxZoneChange, where: str) -> TaxZone:
    after = replace(before, **_given(change))
    check_zone(after, where)
    return after


def _with_zone(store: Store, changed: TaxZone) -> Store:
    """With a zone in the place of the one with its id; the default zone is written down when it is changed first."""
    if changed.id not in store.tax_zone_by_id:
        return replace(store, tax_zones=(changed, *store.tax_zones))
    return replace(store, tax_zones=tuple(changed if zone.id == changed.id else zone for zone in store.tax_zones))


# ---------------------------------------------------------------------------------------------------- rates


def rates_of(store: Store) -> tuple[PlacedRate, ...]:
    """All rates of all zones by their ids."""
    placed = [PlacedRate(zone.id, rate) for zone in store.tax_zones for rate in zone.rates]
    return tuple(sorted(placed, key=lambda each: each.rate.id))


def new_rate(store: Store, change: TaxRateChange, where: str) -> PlacedRate:
    """A rate that has everything but an id. Raises `Invalid`."""
    for name in ("name", "tax_zone_id", "class_rates"):
        if getattr(change, name) is None:
            raise _wrong(where, name, "is required")
    return _changed_rate(store, PlacedRate(0, TaxRate(id=0)), change, where)


def add_rates(store: Store, rates: Sequence[PlacedRate]) -> Store:
    """Raises `Invalid` when a zone has gone meanwhile."""
    for index, placed in enumerate(rates):
        zone = zone_of(store, placed.tax_zone_id, f"{index}.tax_zone_id")
        store = _with_zone(store, replace(zone, rates=(*zone.rates, placed.rate)))
    return store


def change_rates(store: Store, changes: Sequence[tuple[int, TaxRateChange]]) -> Store:
    """Raises `Invalid`."""
    _check_once([rate_id for rate_id, _ in changes])
    for index, (rate_id, change) in enumerate(changes):
        before = next((placed for placed in rates_of(store) if placed.rate.id == rate_id), None)
        if before is None:
            raise Invalid.field(f"{index}.id", f"{rate_id} is not a tax rate of this store")
        store = _with_rate(store, before, _changed_rate(store, before, change, str(index)))
    return store


def remove_rates(store: Store, ids: Collection[int]) -> Store:
    """Ids the store does not have are nobody's loss."""
    zones = tuple(
        replace(zone, rates=tuple(rate for rate in zone.rates if rate.id not in ids)) for zone in store.tax_zones
    )
    return replace(store, tax_zones=zones)


def check_rate(rate: TaxRate, where: str) -> None:
    """Raises `Invalid` for a percentage that is none, or a class that is named twice."""
    seen: set[int] = set()
    for index, each in enumerate(rate.class_rates):
        measures.percent(each.rate, _path(where, f"class_rates.{index}.rate"))
        if each.tax_class_id in seen:
            raise _wrong(where, f"class_rates.{index}.tax_class_id", f"{each.tax_class_id} is named twice")
        seen.add(each.tax_class_id)


def _changed_rate(store: Store, before: PlacedRate, change: TaxRateChange, where: str) -> PlacedRate:
    given = _given(change)
    zone_id = given.pop("tax_zone_id", before.tax_zone_id)
    zone_of(store, zone_id, _path(where, "tax_zone_id"))
    after = replace(before.rate, **given)
    if not after.name.strip() or len(after.name) > LONGEST_NAME:
        raise _wrong(where, "name", f"must have 1 to {LONGEST_NAME} characters")
    check_rate(after, where)
    if change.class_rates is not None:
        _check_classes(store, change.class_rates, where)
        plain = tuple(replace(each, rate=measures.percent(each.rate, "rate")) for each in change.class_rates)
        after = replace(after, class_rates=plain)
    return PlacedRate(zone_id, after)


def _check_classes(store: Store, class_rates: Sequence[ClassRate], where: str) -> None:
    if not class_rates:
        raise _wrong(where, "class_rates", "must name at least one tax class")
    known = {DEFAULT_CLASS, *(each.id for each in store.tax_classes)}
    for index, each in enumerate(class_rates):
        if each.tax_class_id not in known:
            field = f"class_rates.{index}.tax_class_id"
            raise _wrong(where, field, f"{each.tax_class_id} is not a tax class of this store")


def _with_rate(store: Store, before: PlacedRate, after: PlacedRate) -> Store:
    """In its old place, or last in another zone."""
    if before.tax_zone_id == after.tax_zone_id:
        zone = store.tax_zone_by_id[after.tax_zone_id]
        rates = tuple(after.rate if rate.id == after.rate.id else rate for rate in zone.rates)
        return _with_zone(store, replace(zone, rates=rates))
    return add_rates(remove_rates(store, {after.rate.id}), [after])


# ---------------------------------------------------------------------------------------------------- classes


def class_of(store: Store, class_id: int) -> TaxClass:
    """Raises `NotFound`."""
    for each in store.tax_classes:
        if each.id == class_id:
            return each
    raise NotFound(f"There is no tax class {class_id}.", code="tax_class_not_found")


def add_classes(store: Store, classes: Sequence[TaxClass]) -> Store:
    """Raises `Invalid`, `Taken`."""
    _check_class_names(store, [(each.id, each.name) for each in classes])
    return replace(store, tax_classes=(*store.tax_classes, *classes))


def rename_classes(store: Store, names: Mapping[int, str], now: datetime) -> Store:
    """Raises `NotFound`, `Invalid`, `Taken`."""
    for class_id in names:
        class_of(store, class_id)
    _check_class_names(store, list(names.items()))
    return replace(
        store,
        tax_classes=tuple(
            replace(each, name=names[each.id], updated_at=now) if each.id in names else each
            for each in store.tax_classes
        ),
    )


def remove_classes(store: Store, ids: Collection[int]) -> Store:
    """Raises `NotFound`, and `Taken` for a class that is in use: products of a class that has gone are free of tax, as they
    were when no rate named it."""
    for class_id in ids:
        class_of(store, class_id)
        if user := _user_of(store, class_id):
            raise Taken(f"Tax class {class_id} cannot be deleted: {user}.", code="tax_class_in_use")
    return replace(store, tax_classes=tuple(each for each in store.tax_classes if each.id not in ids))


def _user_of(store: Store, class_id: int) -> str:
    if class_id in BUILT_IN_CLASSES:
        return "every store has it"
    for name, value in asdict(store.tax_settings).items():
        if name.endswith("_tax_class_id") and value == class_id:
            return f"it is the {name} of the store"
    for placed in rates_of(store):
        if any(each.tax_class_id == class_id for each in placed.rate.class_rates):
            return f"tax rate {placed.rate.id} names it"
    return ""


def _check_class_names(store: Store, names: Sequence[tuple[int, str]]) -> None:
    """Names are unique without case, in the batch and in the store as it will be."""
    seen: set[str] = set()
    for index, (_, name) in enumerate(names):
        if not name.strip() or len(name) > LONGEST_CLASS_NAME or NOT_IN_CLASS_NAMES & {*name}:
            marks = " ".join(sorted(NOT_IN_CLASS_NAMES))
            raise Invalid.field(f"{index}.name", f"must have 1 to {LONGEST_CLASS_NAME} characters, and none of {marks}")
        if name.casefold() in seen:
            raise Invalid.field(f"{index}.name", f"{name!r} is given twice")
        seen.add(name.casefold())
    renamed = {class_id for class_id, _ in names}
    for each in store.tax_classes:
        if each.id not in renamed and each.name.casefold() in seen:
            raise Taken(f"The store has another tax class called {each.name}.")


# ---------------------------------------------------------------------------------------------------- all of them


def _given(change: Struct) -> dict[str, Any]:
    return {name: value for name, value in asdict(change).items() if value is not None}


def _check_once(ids: Iterable[int]) -> None:
    seen: set[int] = set()
    for index, each in enumerate(ids):
        if each in seen:
            raise Invalid.field(f"{index}.id", f"{each} is given twice")
        seen.add(each)


def _path(where: str, field: str) -> str:
    return f"{where}.{field}" if where else field


def _wrong(where: str, field: str, reason: str) -> Invalid:
    return Invalid.field(_path(where, field), reason)
