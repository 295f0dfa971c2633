"""Tax zones, and in which of them addresses lie (BEHAVIOUR 8). In a change, what is left out, or null, stays."""

from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from checkstand.api.bodies import Identifier, Text
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import named_ids
from checkstand.api.management.tax_batches import TAG, check_size, deletion, next_free
from checkstand.domain import geography, tax_setup
from checkstand.domain.address import Address
from checkstand.domain.tax_setup import TaxZoneChange
from checkstand.domain.tax_zones import DEFAULT_ZONE, TaxLocation, TaxZone, find_zone
from checkstand.errors import Invalid
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit


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
    check_size(len(body))
    drafts = [tax_setup.new_zone(_zone_change(each), str(index)) for index, each in enumerate(body)]
    taken = {DEFAULT_ZONE, *(await call.unit.store()).tax_zone_by_id}
    zones = [replace(draft, id=await next_free(call, "tax_zone", taken)) for draft in drafts]
    await edit(call.unit, partial(tax_setup.add_zones, zones=zones))
    return [_zone_shape(zone) for zone in zones]


async def update_zones(call: Call, body: list[TaxZoneBody]) -> list[TaxZoneShape]:
    check_size(len(body))
    changes = [(each.id, _zone_change(each)) for each in body]
    store = await edit(call.unit, partial(tax_setup.change_zones, changes=changes))
    return [_zone_shape(store.tax_zone_by_id[each.id]) for each in body]


async def delete_zones(call: Call, body: None) -> None:
    await edit(call.unit, partial(tax_setup.remove_zones, ids=frozenset(named_ids(call, "tax zone"))))


async def check_zones(call: Call, body: list[ZoneCheckBody]) -> list[TaxZoneShape]:
    """For each address the zone it lies in."""
    check_size(len(body))
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


ZONES = "/tax/zones"

ENDPOINTS = [
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
    deletion(ZONES, delete_zones, "Delete tax zones and their rates"),
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
]
