"""Taxes of the store: settings, zones, rates, classes (BEHAVIOUR 8). Fields stand in the order of the published pages.

Zones, rates and classes come and go in batches, which are all or nothing. In a change, what is left out, or null, stays.
"""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from checkstand.api.bodies import Identifier, Price, Text
from checkstand.api.http import Call, Endpoint, HttpError, Reply
from checkstand.api.management.listing import UNDATED, paged, part
from checkstand.domain import geography, tax_setup
from checkstand.domain.address import Address
from checkstand.domain.measures import number
from checkstand.domain.tax_setup import PlacedRate, TaxRateChange, TaxSettingsChange, TaxZoneChange
from checkstand.domain.tax_zones import (
    DEFAULT_ZONE,
    ClassRate,
    Strategy,
    TaxClass,
    TaxLocation,
    TaxSettings,
    TaxZone,
    find_zone,
)
from checkstand.errors import Invalid, NotFound, Taken
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

MOST_AT_ONCE = 250
MOST_CLASSES_AT_ONCE = 50
DEFAULT_LIMIT, MOST = 50, 250
Priority = Annotated[int, Meta(ge=0, lt=2**31)]
FallbackStrategy = Literal["FIXED", "BASIC", "DISABLE"]
SubmissionStrategy = Literal["ON_PAYMENT_CAPTURE", "ON_ORDER_CREATION"]
RoundingStrategy = Literal["RATE_ROUNDING", "NO_ROUNDING"]

# ---------------------------------------------------------------------------------------------------- settings


class PriceDisplaySettings(Struct):
    control_panel_price_display_strategy: Strategy
    invoice_price_display_strategy: Strategy


class PriceDisplaySettingsUpdate(Struct):
    control_panel_price_display_strategy: Strategy | None = None
    invoice_price_display_strategy: Strategy | None = None


class TaxSettingsShape(Struct, kw_only=True):
    tax_entered_with_prices: bool
    price_display_settings: PriceDisplaySettings
    fallback_strategy: FallbackStrategy
    should_subtract_store_tax: bool
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool
    guest_shopper_tax_zone_id: int
    store_tax_zone_id: int
    document_submission_strategy: SubmissionStrategy
    rounding_strategy: RoundingStrategy


class TaxSettingsUpdate(Struct, kw_only=True):
    tax_entered_with_prices: bool | None = None
    price_display_settings: PriceDisplaySettingsUpdate | None = None
    fallback_strategy: FallbackStrategy | None = None
    should_subtract_store_tax: bool | None = None
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool | None = None
    guest_shopper_tax_zone_id: Identifier | None = None
    store_tax_zone_id: Identifier | None = None
    document_submission_strategy: SubmissionStrategy | None = None
    rounding_strategy: RoundingStrategy | None = None

    def change(self) -> TaxSettingsChange:
        display = self.price_display_settings or PriceDisplaySettingsUpdate()
        return TaxSettingsChange(
            tax_entered_with_prices=self.tax_entered_with_prices,
            control_panel_price_display_strategy=display.control_panel_price_display_strategy,
            invoice_price_display_strategy=display.invoice_price_display_strategy,
            fallback_strategy=self.fallback_strategy,
            should_subtract_store_tax=self.should_subtract_store_tax,
            should_use_geolocation_to_determine_guest_shopper_tax_zone=(
                self.should_use_geolocation_to_determine_guest_shopper_tax_zone
            ),
            guest_shopper_tax_zone_id=self.guest_shopper_tax_zone_id,
            store_tax_zone_id=self.store_tax_zone_id,
            document_submission_strategy=self.document_submission_strategy,
            rounding_strategy=self.rounding_strategy,
        )


def _settings_shape(settings: TaxSettings) -> TaxSettingsShape:
    return TaxSettingsShape(
        tax_entered_with_prices=settings.tax_entered_with_prices,
        price_display_settings=PriceDisplaySettings(
            settings.control_panel_price_display_strategy, settings.invoice_price_display_strategy
        ),
        fallback_strategy=settings.fallback_strategy,
        should_subtract_store_tax=settings.should_subtract_store_tax,
        should_use_geolocation_to_determine_guest_shopper_tax_zone=(
            settings.should_use_geolocation_to_determine_guest_shopper_tax_zone
        ),
        guest_shopper_tax_zone_id=settings.guest_shopper_tax_zone_id,
        store_tax_zone_id=settings.store_tax_zone_id,
        document_submission_strategy=settings.document_submission_strategy,
        rounding_strategy=settings.rounding_strategy,
    )


async def get_settings(call: Call, body: None) -> TaxSettingsShape:
    return _settings_shape((await call.unit.store()).tax_settings)


async def update_settings(call: Call, body: TaxSettingsUpdate) -> TaxSettingsShape:
    store = await edit(call.unit, partial(tax_setup.change_settings, change=body.change()))
    return _settings_shape(store.tax_settings)


# ---------------------------------------------------------------------------------------------------- zones


class ZonePriceDisplay(Struct):
    show_inclusive: bool
    show_both_on_detail_view: bool
    show_both_on_list_view: bool


class ZonePriceDisplayBody(Struct):
    show_inclusive: bool | None = None
    show_both_on_detail_view: bool | None = None
    show_both_on_list_view: bool | None = None


class NewZonePriceDisplayBody(Struct):
    show_inclusive: bool
    show_both_on_detail_view: bool | None = None
    show_both_on_list_view: bool | None = None


class TaxLocationShape(Struct):
    country_code: str
    subdivision_codes: list[str]
    postal_codes: list[str]


class TaxLocationBody(Struct):
    country_code: Text
    subdivision_codes: list[Text] | None = None
    postal_codes: list[Text] | None = None

    def location(self) -> TaxLocation:
        return TaxLocation(
            country_code=self.country_code,
            subdivision_codes=tuple(self.subdivision_codes or ()),
            postal_codes=tuple(self.postal_codes or ()),
        )


class ShopperTargetShape(Struct):
    locations: list[TaxLocationShape]
    customer_groups: list[int]


class ShopperTargetBody(Struct):
    locations: list[TaxLocationBody] | None = None
    customer_groups: list[Identifier] | None = None


class NewShopperTargetBody(Struct):
    locations: list[TaxLocationBody]
    customer_groups: list[Identifier] | None = None


class TaxZoneShape(Struct):
    id: int
    name: str
    enabled: bool
    price_display_settings: ZonePriceDisplay
    shopper_target_settings: ShopperTargetShape


class NewTaxZoneBody(Struct):
    name: Text
    enabled: bool | None = None
    price_display_settings: NewZonePriceDisplayBody | None = None
    shopper_target_settings: NewShopperTargetBody | None = None


class TaxZoneBody(Struct):
    id: Identifier
    name: Text | None = None
    enabled: bool | None = None
    price_display_settings: ZonePriceDisplayBody | None = None
    shopper_target_settings: ShopperTargetBody | None = None


class ZoneCheckBody(Struct):
    """`subdivision_codes` is one code, as published."""

    country_code: Text
    subdivision_codes: Text | None = None
    postal_code: Text | None = None
    customer_group_id: Identifier | None = None


def _zone_change(body: NewTaxZoneBody | TaxZoneBody) -> TaxZoneChange:
    display = body.price_display_settings or ZonePriceDisplayBody()
    target = body.shopper_target_settings or ShopperTargetBody()
    return TaxZoneChange(
        name=body.name,
        enabled=body.enabled,
        locations=None if target.locations is None else tuple(each.location() for each in target.locations),
        customer_groups=None if target.customer_groups is None else tuple(target.customer_groups),
        show_inclusive=display.show_inclusive,
        show_both_on_detail_view=display.show_both_on_detail_view,
        show_both_on_list_view=display.show_both_on_list_view,
    )


def _zone_shape(zone: TaxZone) -> TaxZoneShape:
    return TaxZoneShape(
        id=zone.id,
        name=zone.name,
        enabled=zone.enabled,
        price_display_settings=ZonePriceDisplay(
            zone.show_inclusive, zone.show_both_on_detail_view, zone.show_both_on_list_view
        ),
        shopper_target_settings=ShopperTargetShape(
            [
                TaxLocationShape(place.country_code, list(place.subdivision_codes), list(place.postal_codes))
                for place in zone.locations
            ],
            list(zone.customer_groups),
        ),
    )


async def get_zones(call: Call, body: None) -> list[TaxZoneShape]:
    ids = call.query_numbers("id:in")
    zones = tax_setup.zones_of(await call.unit.store())
    return [_zone_shape(zone) for zone in zones if ids is None or zone.id in ids]


async def create_zones(call: Call, body: list[NewTaxZoneBody]) -> list[TaxZoneShape]:
    _check_batch(len(body))
    drafts = [tax_setup.new_zone(_zone_change(each), str(index)) for index, each in enumerate(body)]
    taken = {DEFAULT_ZONE, *(await call.unit.store()).tax_zone_by_id}
    zones = [replace(draft, id=await _next_id(call, "tax_zone", taken)) for draft in drafts]
    await edit(call.unit, partial(tax_setup.add_zones, zones=zones))
    return [_zone_shape(zone) for zone in zones]


async def update_zones(call: Call, body: list[TaxZoneBody]) -> list[TaxZoneShape]:
    _check_batch(len(body))
    changes = [(each.id, _zone_change(each)) for each in body]
    store = await edit(call.unit, partial(tax_setup.change_zones, changes=changes))
    return [_zone_shape(store.tax_zone_by_id[each.id]) for each in body]


async def delete_zones(call: Call, body: None) -> None:
    await edit(call.unit, partial(tax_setup.remove_zones, ids=_named(call)))


async def check_zones(call: Call, body: list[ZoneCheckBody]) -> list[TaxZoneShape]:
    """For each address the zone it lies in."""
    _check_batch(len(body))
    zones = tax_setup.zones_of(await call.unit.store())
    found = []
    for index, each in enumerate(body):
        if geography.country_name(each.country_code) is None:
            raise Invalid.field(f"{index}.country_code", f"{each.country_code!r} is not a country")
        address = Address(
            country_code=each.country_code,
            state_or_province_code=each.subdivision_codes or "",
            postal_code=each.postal_code or "",
        )
        zone = find_zone(zones, address, each.customer_group_id or 0)
        assert zone is not None, "the default zone is everywhere and for everybody"
        found.append(_zone_shape(zone))
    return found


# ---------------------------------------------------------------------------------------------------- rates


class ClassRateShape(Struct):
    rate: float
    tax_class_id: int


class ClassRateBody(Struct):
    rate: Price
    tax_class_id: Identifier

    def class_rate(self) -> ClassRate:
        return ClassRate(self.tax_class_id, self.rate)


class TaxRateShape(Struct):
    class_rates: list[ClassRateShape]
    enabled: bool
    id: int
    name: str
    priority: int
    tax_zone_id: int


class NewTaxRateBody(Struct, kw_only=True):
    class_rates: list[ClassRateBody]
    enabled: bool | None = None
    name: Text
    priority: Priority | None = None
    tax_zone_id: Identifier


class TaxRateBody(Struct, kw_only=True):
    class_rates: list[ClassRateBody] | None = None
    enabled: bool | None = None
    id: Identifier
    name: Text | None = None
    priority: Priority | None = None
    tax_zone_id: Identifier | None = None


def _rate_change(body: NewTaxRateBody | TaxRateBody) -> TaxRateChange:
    rates = body.class_rates
    return TaxRateChange(
        tax_zone_id=body.tax_zone_id,
        name=body.name,
        enabled=body.enabled,
        priority=body.priority,
        class_rates=None if rates is None else tuple(each.class_rate() for each in rates),
    )


def _rate_shape(placed: PlacedRate) -> TaxRateShape:
    rate = placed.rate
    return TaxRateShape(
        class_rates=[ClassRateShape(number(each.rate), each.tax_class_id) for each in rate.class_rates],
        enabled=rate.enabled,
        id=rate.id,
        name=rate.name,
        priority=rate.priority,
        tax_zone_id=placed.tax_zone_id,
    )


async def get_rates(call: Call, body: None) -> Reply:
    ids, zone_ids = call.query_numbers("id:in"), call.query_numbers("tax_zone_id:in")
    found = [
        placed
        for placed in tax_setup.rates_of(await call.unit.store())
        if (ids is None or placed.rate.id in ids) and (zone_ids is None or placed.tax_zone_id in zone_ids)
    ]
    return paged(call, found, _rate_shape, default=DEFAULT_LIMIT, most=MOST)


async def create_rates(call: Call, body: list[NewTaxRateBody]) -> list[TaxRateShape]:
    _check_batch(len(body))
    store = await call.unit.store()
    drafts = [tax_setup.new_rate(store, _rate_change(each), str(index)) for index, each in enumerate(body)]
    taken = {placed.rate.id for placed in tax_setup.rates_of(store)}
    rates = [replace(draft, rate=replace(draft.rate, id=await _next_id(call, "tax_rate", taken))) for draft in drafts]
    await edit(call.unit, partial(tax_setup.add_rates, rates=rates))
    return [_rate_shape(placed) for placed in rates]


async def update_rates(call: Call, body: list[TaxRateBody]) -> list[TaxRateShape]:
    _check_batch(len(body))
    changes = [(each.id, _rate_change(each)) for each in body]
    store = await edit(call.unit, partial(tax_setup.change_rates, changes=changes))
    placed = {each.rate.id: each for each in tax_setup.rates_of(store)}
    return [_rate_shape(placed[each.id]) for each in body]


async def delete_rates(call: Call, body: None) -> None:
    await edit(call.unit, partial(tax_setup.remove_rates, ids=_named(call)))


# ---------------------------------------------------------------------------------------------------- classes


class TaxClassShapeV2(Struct):
    """`id` is a text, as published."""

    id: str
    name: str
    created_at: str
    updated_at: str


class TaxClassShape(Struct):
    id: int
    name: str
    created_at: str
    updated_at: str


class NewTaxClassBody(Struct):
    name: Text


class TaxClassBody(Struct):
    id: Annotated[int, Meta(ge=1, lt=2**53)]
    name: Text


def _times(each: TaxClass) -> tuple[str, str]:
    created_at = each.created_at or UNDATED
    return created_at.isoformat(), (each.updated_at or created_at).isoformat()


def _class_shape(each: TaxClass) -> TaxClassShape:
    return TaxClassShape(each.id, each.name, *_times(each))


def _class_shape_v2(each: TaxClass) -> TaxClassShapeV2:
    return TaxClassShapeV2(str(each.id), each.name, *_times(each))


async def get_classes(call: Call, body: None) -> list[TaxClassShapeV2]:
    classes = sorted((await call.unit.store()).tax_classes, key=lambda each: each.id)
    return [_class_shape_v2(each) for each in part(call, classes, default=DEFAULT_LIMIT, most=MOST)]


async def get_class(call: Call, body: None) -> TaxClassShapeV2:
    return _class_shape_v2(tax_setup.class_of(await call.unit.store(), call.number("tax_class_id")))


async def create_classes(call: Call, body: list[NewTaxClassBody]) -> list[TaxClassShape]:
    _check_classes(len(body))
    drafts = [TaxClass(0, each.name) for each in body]
    tax_setup.add_classes(await call.unit.store(), drafts)  # refused before any number is used up
    taken = {each.id for each in (await call.unit.store()).tax_classes}
    now = call.now.replace(microsecond=0)
    classes = [
        replace(draft, id=await _next_id(call, "tax_class", taken), created_at=now, updated_at=now) for draft in drafts
    ]
    await edit(call.unit, partial(tax_setup.add_classes, classes=classes))
    return [_class_shape(each) for each in classes]


async def update_classes(call: Call, body: list[TaxClassBody]) -> list[TaxClassShape]:
    _check_classes(len(body))
    names = {each.id: each.name for each in body}
    if len(names) < len(body):
        raise Invalid.field("id", "is given twice")
    change = partial(tax_setup.rename_classes, names=names, now=call.now.replace(microsecond=0))
    try:
        store = await edit(call.unit, change)
    except NotFound as error:
        raise _bad(error) from None
    return [_class_shape(tax_setup.class_of(store, each.id)) for each in body]


async def delete_classes(call: Call, body: None) -> None:
    """Statuses as published: 404 without ids, 400 for one that cannot be deleted."""
    ids = call.query_numbers("id:in")
    if not ids:
        raise NotFound("Name the tax classes to delete with id:in.", code="filter_required")
    _check_classes(len(ids))
    try:
        await edit(call.unit, partial(tax_setup.remove_classes, ids=ids))
    except (NotFound, Taken) as error:
        raise _bad(error) from None


def _bad(error: NotFound | Taken) -> HttpError:
    return HttpError(400, "Bad Request", error.message)


def _check_classes(count: int) -> None:
    if count > MOST_CLASSES_AT_ONCE:
        raise HttpError(
            413, "Payload Too Large", f"At most {MOST_CLASSES_AT_ONCE} tax classes may be named at once, not {count}."
        )
    _check_batch(count)


# ---------------------------------------------------------------------------------------------------- all of them


def _check_batch(count: int) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(
            f"The body must be a list of 1 to {MOST_AT_ONCE} entries.", fields={"body": "is a list of another size"}
        )


def _named(call: Call) -> Collection[int]:
    """The ids a request to delete must name."""
    ids = call.query_numbers("id:in")
    if not ids:
        raise Invalid.field("id:in", "is required")
    return frozenset(ids)


async def _next_id(call: Call, sequence: str, taken: Collection[int]) -> int:
    """The next number that nobody has: shop files that were loaded long ago did not say which are theirs."""
    while (found := await call.unit.next_number(sequence)) in taken:
        pass
    return found


SETTINGS, ZONES, RATES, CLASSES = "/tax/settings", "/tax/zones", "/tax/rates", "/tax/classes"
TAG = "Taxes"
Show = Callable[[Call, None], Awaitable[object]]


def _deletion(path: str, handle: Show, summary: str) -> Endpoint:
    return Endpoint("DELETE", path, handle, summary, status=204, scopes=INFORMATION, query=("id:in",), tag=TAG)


ENDPOINTS = [
    Endpoint(
        "GET", SETTINGS, get_settings, "Read the tax settings", answer=TaxSettingsShape, scopes=INFORMATION, tag=TAG
    ),
    Endpoint(
        "PUT",
        SETTINGS,
        update_settings,
        "Change the tax settings",
        answer=TaxSettingsShape,
        body=TaxSettingsUpdate,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        ZONES,
        get_zones,
        "List tax zones",
        answer=list[TaxZoneShape],
        scopes=INFORMATION,
        query=("id:in",),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        ZONES,
        create_zones,
        "Create tax zones",
        answer=list[TaxZoneShape],
        body=list[NewTaxZoneBody],
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        ZONES,
        update_zones,
        "Change tax zones",
        answer=list[TaxZoneShape],
        body=list[TaxZoneBody],
        scopes=INFORMATION,
        tag=TAG,
    ),
    _deletion(ZONES, delete_zones, "Delete tax zones and their rates"),
    Endpoint(
        "POST",
        "/tax/zonecheck",
        check_zones,
        "Find the tax zones of addresses",
        answer=list[TaxZoneShape],
        body=list[ZoneCheckBody],
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        RATES,
        get_rates,
        "List tax rates",
        answer=list[TaxRateShape],
        scopes=INFORMATION,
        query=("id:in", "tax_zone_id:in", "page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        RATES,
        create_rates,
        "Create tax rates",
        answer=list[TaxRateShape],
        body=list[NewTaxRateBody],
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        RATES,
        update_rates,
        "Change tax rates",
        answer=list[TaxRateShape],
        body=list[TaxRateBody],
        scopes=INFORMATION,
        tag=TAG,
    ),
    _deletion(RATES, delete_rates, "Delete tax rates"),
    Endpoint(
        "POST",
        CLASSES,
        create_classes,
        "Create tax classes",
        answer=list[TaxClassShape],
        body=list[NewTaxClassBody],
        scopes=INFORMATION,
        tag=TAG,
        bulk=True,
    ),
    Endpoint(
        "PUT",
        CLASSES,
        update_classes,
        "Rename tax classes",
        answer=list[TaxClassShape],
        body=list[TaxClassBody],
        scopes=INFORMATION,
        tag=TAG,
        bulk=True,
    ),
    _deletion(CLASSES, delete_classes, "Delete tax classes"),
]

CLASSES_V2, CLASS_V2 = "/tax_classes", "/tax_classes/{tax_class_id}"

ENDPOINTS_V2 = [
    Endpoint(
        "GET",
        CLASSES_V2,
        get_classes,
        "List tax classes",
        answer=list[TaxClassShapeV2],
        scopes=INFORMATION,
        query=("page", "limit"),
        tag=TAG,
    ),
    Endpoint("GET", CLASS_V2, get_class, "Read a tax class", answer=TaxClassShapeV2, scopes=INFORMATION, tag=TAG),
]
