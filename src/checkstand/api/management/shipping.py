"""Shipping zones and methods (v2: bare bodies, BEHAVIOUR 7). Fields stand in the order of the published page.

A zone's surcharge is a text and a method's a number, as published; both are taken either way.
"""

from functools import partial
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from checkstand.api.bodies import Identifier, Price, Text
from checkstand.api.http import Call, Endpoint
from checkstand.api.projection import Amount, amounts, in_four_places
from checkstand.domain import shipping_zones
from checkstand.domain.facts import ShippingZone, Store, ZoneLocation
from checkstand.domain.measures import number
from checkstand.domain.methods import (
    AnyMethod,
    ByTotal,
    ByWeight,
    CarrierMethod,
    FreeShipping,
    HandlingFee,
    PerItem,
    PerOrder,
)
from checkstand.domain.money import Currency
from checkstand.domain.shipping_zones import (
    HandlingChange,
    MethodChange,
    RangeChange,
    Settings,
    ZoneChange,
    ZoneType,
    method_of,
    type_of,
    zone_of,
)
from checkstand.service import carrier_connections
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

CostType = Literal["percentage_of_total", "fixed_amount"]
Name = Annotated[str, Meta(min_length=1, max_length=255)]

# ---------------------------------------------------------------------------------------------------- what is sent


class ZoneLocationBody(Struct):
    zip: Text | None = None
    country_iso2: Text | None = None
    state_iso2: Text | None = None

    def location(self) -> ZoneLocation:
        return ZoneLocation(zip=self.zip or "", country_iso2=self.country_iso2 or "", state_iso2=self.state_iso2 or "")


class FreeShippingBody(Struct):
    enabled: bool | None = None
    minimum_sub_total: Price | None = None
    exclude_fixed_shipping_products: bool | None = None


class MethodHandlingBody(Struct):
    fixed_surcharge: Price | None = None
    percentage_surcharge: Price | None = None

    def change(self) -> HandlingChange:
        return HandlingChange(fixed=self.fixed_surcharge, percent=self.percentage_surcharge)


class ZoneHandlingBody(MethodHandlingBody):
    display_separately: bool | None = None


class ZoneBody(Struct):
    """`type` is required for a new zone; in a change, what is left out stays, but for `name`, which is required as published."""

    name: Name
    type: ZoneType | None = None
    locations: list[ZoneLocationBody] | None = None
    free_shipping: FreeShippingBody | None = None
    handling_fees: ZoneHandlingBody | None = None
    enabled: bool | None = None

    def change(self) -> ZoneChange:
        free, handling = self.free_shipping or FreeShippingBody(), self.handling_fees or ZoneHandlingBody()
        return ZoneChange(
            name=self.name,
            type=self.type,
            locations=None if self.locations is None else tuple(place.location() for place in self.locations),
            enabled=self.enabled,
            free_shipping_enabled=free.enabled,
            minimum_sub_total=free.minimum_sub_total,
            exclude_fixed_shipping_products=free.exclude_fixed_shipping_products,
            handling=handling.change(),
            display_handling_separately=handling.display_separately,
        )


class RangeBody(Struct):
    lower_limit: Price
    upper_limit: Price
    shipping_cost: Price


class MethodSettingsBody(Struct):
    """The settings of every type; each type looks at its own. A `default_cost` of null: nothing outside the ranges."""

    rate: Price | None = None
    default_cost: Price | UnsetType | None = UNSET
    default_cost_type: CostType | None = None
    range: list[RangeBody] | None = None
    minimum_sub_total: Price | None = None
    carrier_options: dict[str, Any] | None = None

    def settings(self) -> Settings:
        return Settings(
            rate=self.rate,
            ranges=None
            if self.range is None
            else tuple(RangeChange(each.lower_limit, each.upper_limit, each.shipping_cost) for each in self.range),
            default_cost=self.default_cost,
            default_cost_type=self.default_cost_type,
            minimum_sub_total=self.minimum_sub_total,
            carrier_options=self.carrier_options,
        )


class MethodBody(Struct):
    """`name` and `type` are required for a new method; in a change, what is left out stays."""

    name: Name | None = None
    type: Text | None = None
    settings: MethodSettingsBody | None = None
    enabled: bool | None = None
    handling_fees: MethodHandlingBody | None = None
    is_fallback: bool | None = None
    channel_ids: list[Identifier] | None = None

    def change(self) -> MethodChange:
        return MethodChange(
            name=self.name,
            type=self.type,
            settings=(self.settings or MethodSettingsBody()).settings(),
            enabled=self.enabled,
            handling=self.handling_fees.change() if self.handling_fees else None,
            is_fallback=self.is_fallback,
            channel_ids=None if self.channel_ids is None else tuple(self.channel_ids),
        )


class CarrierConnectionBody(Struct):
    """Both are required. `connection` is whatever the carrier asks for."""

    carrier_id: Name | None = None
    connection: dict[str, Any] | None = None


class CarrierDisconnectionBody(Struct):
    carrier_id: Name | None = None


# ---------------------------------------------------------------------------------------------------- what is shown


class ZoneLocationShape(Struct, omit_defaults=True):
    """Nobody can ask for a location by its id: it only tells the locations of a store apart."""

    id: int
    zip: str = ""
    country_iso2: str = ""
    state_iso2: str = ""


class FreeShippingShape(Struct):
    enabled: bool
    minimum_sub_total: str
    exclude_fixed_shipping_products: bool


class ZoneHandlingShape(Struct):
    fixed_surcharge: str | UnsetType
    percentage_surcharge: str | UnsetType
    display_separately: bool


class ZoneShape(Struct):
    id: int
    name: str
    type: ZoneType
    locations: list[ZoneLocationShape]
    free_shipping: FreeShippingShape
    handling_fees: ZoneHandlingShape
    enabled: bool


class RangeShape(Struct):
    lower_limit: Amount
    upper_limit: Amount
    shipping_cost: Amount


class MethodSettingsShape(Struct):
    """Those of the method's own type."""

    rate: Amount | UnsetType = UNSET
    default_cost: Amount | UnsetType | None = UNSET
    default_cost_type: CostType | UnsetType = UNSET
    range: list[RangeShape] | UnsetType = UNSET
    minimum_sub_total: Amount | UnsetType = UNSET
    carrier_options: dict[str, Any] | UnsetType = UNSET


class MethodHandlingShape(Struct):
    fixed_surcharge: Amount | UnsetType
    percentage_surcharge: Amount | UnsetType


class MethodShape(Struct):
    id: int
    name: str
    type: str
    settings: MethodSettingsShape
    enabled: bool
    handling_fees: MethodHandlingShape
    is_fallback: bool
    channel_ids: list[int]


def _zone_shape(zone: ShippingZone, currency: Currency) -> ZoneShape:
    free = zone.free_shipping
    fixed, percentage = _surcharges(zone.handling, currency)
    return ZoneShape(
        id=zone.id,
        name=zone.name,
        type=zone.type,
        locations=[
            ZoneLocationShape(
                id=_location_id(zone, position),
                zip=place.zip,
                country_iso2=place.country_iso2,
                state_iso2=place.state_iso2,
            )
            for position, place in enumerate(zone.locations, 1)
        ],
        free_shipping=FreeShippingShape(
            enabled=free is not None and free.enabled,
            minimum_sub_total=in_four_places(
                (free.minimum_sub_total if free else currency.zero).major(currency.decimal_places)
            ),
            exclude_fixed_shipping_products=free is not None and free.exclude_fixed_shipping_products,
        ),
        handling_fees=ZoneHandlingShape(
            UNSET if fixed is UNSET else str(fixed),
            UNSET if percentage is UNSET else str(percentage),
            zone.display_handling_separately,
        ),
        enabled=zone.enabled,
    )


def _location_id(zone: ShippingZone, position: int) -> int:
    """Made from what it belongs to, since no zone has more than 40,000."""
    return zone.id * 100_000 + position


def _surcharges(fee: HandlingFee | None, currency: Currency) -> tuple[Amount | UnsetType, Amount | UnsetType]:
    """Fixed and percentage; one of them is always there, and it is a fixed one of 0 where there is no surcharge."""
    percentage = UNSET if fee is None or fee.percent is None else number(fee.percent)
    if fee is not None and fee.fixed is not None:
        return amounts(currency)(fee.fixed), percentage
    return (0 if percentage is UNSET else UNSET), percentage


def _method_shape(method: AnyMethod, store: Store) -> MethodShape:
    """A method without channels of its own is on all of the store's."""
    currency = store.currency
    return MethodShape(
        id=method.id,
        name=method.name,
        type=type_of(method),
        settings=_settings_shape(method, currency),
        enabled=method.enabled,
        handling_fees=MethodHandlingShape(*_surcharges(method.handling, currency)),
        is_fallback=method.is_fallback,
        channel_ids=list(store.channel_ids if method.channel_ids is None else method.channel_ids),
    )


def _settings_shape(method: AnyMethod, currency: Currency) -> MethodSettingsShape:
    amount = amounts(currency)
    match method:
        case PerOrder(rate=rate) | PerItem(rate=rate):
            return MethodSettingsShape(rate=amount(rate))
        case ByWeight() | ByTotal():
            cost = shipping_zones.default_cost_of(method, currency)
            return MethodSettingsShape(
                default_cost=None if cost is None else number(cost),
                default_cost_type=shipping_zones.default_cost_type_of(method),
                range=[
                    RangeShape(number(entry.lower), number(entry.upper), amount(entry.cost)) for entry in method.ranges
                ],
            )
        case FreeShipping(minimum=minimum):
            return MethodSettingsShape(minimum_sub_total=amount(minimum))
        case CarrierMethod(options=options):
            return MethodSettingsShape(carrier_options=options)


# ---------------------------------------------------------------------------------------------------- zones


async def get_zones(call: Call, body: None) -> list[ZoneShape]:
    store = await call.unit.store()
    return [_zone_shape(zone, store.currency) for zone in sorted(store.shipping_zones, key=lambda zone: zone.id)]


async def create_zone(call: Call, body: ZoneBody) -> ZoneShape:
    currency = (await call.unit.store()).currency
    draft = shipping_zones.new_zone(body.change(), currency)
    zone = replace(draft, id=await call.unit.next_number("shipping_zone"))
    await edit(call.unit, partial(shipping_zones.add_zone, zone=zone))
    return _zone_shape(zone, currency)


async def get_zone(call: Call, body: None) -> ZoneShape:
    store = await call.unit.store()
    return _zone_shape(zone_of(store, call.number("zone_id")), store.currency)


async def update_zone(call: Call, body: ZoneBody) -> ZoneShape:
    zone_id = call.number("zone_id")
    store = await edit(call.unit, partial(shipping_zones.change_zone, zone_id=zone_id, change=body.change()))
    return _zone_shape(zone_of(store, zone_id), store.currency)


async def delete_zone(call: Call, body: None) -> None:
    await edit(call.unit, partial(shipping_zones.remove_zone, zone_id=call.number("zone_id")))


# ---------------------------------------------------------------------------------------------------- methods


async def get_methods(call: Call, body: None) -> list[MethodShape]:
    store = await call.unit.store()
    methods = zone_of(store, call.number("zone_id")).methods
    return [_method_shape(method, store) for method in sorted(methods, key=lambda method: method.id)]


async def create_method(call: Call, body: MethodBody) -> MethodShape:
    zone_id = call.number("zone_id")
    store = await call.unit.store()
    zone_of(store, zone_id)
    draft = shipping_zones.new_method(body.change(), store.currency, store.carrier_by_id.keys())
    method = replace(draft, id=await call.unit.next_number("shipping_method"))
    await edit(call.unit, partial(shipping_zones.add_method, zone_id=zone_id, method=method))
    return _method_shape(method, store)


async def get_method(call: Call, body: None) -> MethodShape:
    store = await call.unit.store()
    zone = zone_of(store, call.number("zone_id"))
    return _method_shape(method_of(zone, call.number("method_id")), store)


async def update_method(call: Call, body: MethodBody) -> MethodShape:
    zone_id, method_id = call.number("zone_id"), call.number("method_id")
    change = partial(shipping_zones.change_method, zone_id=zone_id, method_id=method_id, change=body.change())
    store = await edit(call.unit, change)
    return _method_shape(method_of(zone_of(store, zone_id), method_id), store)


async def delete_method(call: Call, body: None) -> None:
    zone_id, method_id = call.number("zone_id"), call.number("method_id")
    await edit(call.unit, partial(shipping_zones.remove_method, zone_id=zone_id, method_id=method_id))


# ---------------------------------------------------------------------------------------------------- carriers


async def put_connection(call: Call, body: CarrierConnectionBody) -> None:
    await carrier_connections.put(call.unit, body.carrier_id, body.connection, call.app.provider_hosts)


async def delete_connection(call: Call, body: CarrierDisconnectionBody) -> None:
    await carrier_connections.remove(call.unit, body.carrier_id)


CONNECTION = "/shipping/carrier/connection"
ZONES, ZONE = "/shipping/zones", "/shipping/zones/{zone_id}"
METHODS, METHOD = "/shipping/zones/{zone_id}/methods", "/shipping/zones/{zone_id}/methods/{method_id}"

ENDPOINTS = [
    Endpoint(
        "GET", ZONES, get_zones, "List shipping zones", answer=list[ZoneShape], scopes=INFORMATION, tag="Shipping"
    ),
    Endpoint(
        "POST",
        ZONES,
        create_zone,
        "Create a shipping zone",
        answer=ZoneShape,
        body=ZoneBody,
        status=201,
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint("GET", ZONE, get_zone, "Read a shipping zone", answer=ZoneShape, scopes=INFORMATION, tag="Shipping"),
    Endpoint(
        "PUT",
        ZONE,
        update_zone,
        "Change a shipping zone",
        answer=ZoneShape,
        body=ZoneBody,
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint(
        "DELETE",
        ZONE,
        delete_zone,
        "Delete a shipping zone and its methods",
        status=204,
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint(
        "GET",
        METHODS,
        get_methods,
        "List the shipping methods of a zone",
        answer=list[MethodShape],
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint(
        "POST",
        METHODS,
        create_method,
        "Create a shipping method",
        answer=MethodShape,
        body=MethodBody,
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint(
        "GET", METHOD, get_method, "Read a shipping method", answer=MethodShape, scopes=INFORMATION, tag="Shipping"
    ),
    Endpoint(
        "PUT",
        METHOD,
        update_method,
        "Change a shipping method",
        answer=MethodShape,
        body=MethodBody,
        scopes=INFORMATION,
        tag="Shipping",
    ),
    Endpoint(
        "DELETE", METHOD, delete_method, "Delete a shipping method", status=204, scopes=INFORMATION, tag="Shipping"
    ),
    *(
        Endpoint(
            method,
            CONNECTION,
            put_connection,
            summary,
            body=CarrierConnectionBody,
            status=204,
            scopes=INFORMATION,
            tag="Shipping",
        )
        for method, summary in (("POST", "Connect a carrier"), ("PUT", "Change the connection to a carrier"))
    ),
    Endpoint(
        "DELETE",
        CONNECTION,
        delete_connection,
        "Disconnect a carrier",
        body=CarrierDisconnectionBody,
        status=204,
        scopes=INFORMATION,
        tag="Shipping",
    ),
]
