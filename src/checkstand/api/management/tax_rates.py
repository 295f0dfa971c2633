"""Rates of tax zones (BEHAVIOUR 8). In a change, what is left out, or null, stays."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from checkstand.api.bodies import Identifier, Price, Text
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import named_ids, paged
from checkstand.api.management.tax_batches import DEFAULT_LIMIT, MOST, TAG, check_size, deletion, next_free
from checkstand.domain import tax_setup
from checkstand.domain.measures import number
from checkstand.domain.tax_setup import PlacedRate, TaxRateChange
from checkstand.domain.tax_zones import ClassRate
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

Priority = Annotated[int, Meta(ge=0, lt=2**31)]


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
    check_size(len(body))
    store = await call.unit.store()
    drafts = [tax_setup.new_rate(store, _rate_change(each), str(index)) for index, each in enumerate(body)]
    taken = {placed.rate.id for placed in tax_setup.rates_of(store)}
    rates = [replace(draft, rate=replace(draft.rate, id=await next_free(call, "tax_rate", taken))) for draft in drafts]
    await edit(call.unit, partial(tax_setup.add_rates, rates=rates))
    return [_rate_shape(placed) for placed in rates]


async def update_rates(call: Call, body: list[TaxRateBody]) -> list[TaxRateShape]:
    check_size(len(body))
    changes = [(each.id, _rate_change(each)) for each in body]
    store = await edit(call.unit, partial(tax_setup.change_rates, changes=changes))
    placed = {each.rate.id: each for each in tax_setup.rates_of(store)}
    return [_rate_shape(placed[each.id]) for each in body]


async def delete_rates(call: Call, body: None) -> None:
    await edit(call.unit, partial(tax_setup.remove_rates, ids=frozenset(named_ids(call, "tax rate"))))


RATES = "/tax/rates"

ENDPOINTS = [
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
    deletion(RATES, delete_rates, "Delete tax rates"),
]
