"""What a carrier is told of a consignment, and what of its answer can be used (BEHAVIOUR 7). Pure.

1. A carrier is asked for each of its methods that is switched on in the zone of a consignment's address, once that says enough.
2. It is told of the consignment's own goods alone, without those that have a shipping price of their own, so nothing but they,
   the address and the customer changes the question.
3. An answer of another than the published shape counts as none. In one that has it, each quote stands for itself: one that
   cannot be used is left out, and an answer in which none can be used counts as none.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from checkstand.domain import geography
from checkstand.domain.address import Address, CustomField
from checkstand.domain.carrier import CarrierConnection, CarrierRate
from checkstand.domain.checkout import Checkout, Consignment, LineItem, Size
from checkstand.domain.facts import DEFAULT_LOCATION, Facts, ShippingZone, Store
from checkstand.domain.fulfillment import has_own_shipping, shipping_zone
from checkstand.domain.measures import number
from checkstand.domain.methods import CarrierMethod
from checkstand.domain.money import LARGEST_MINOR, MOST_DIGITS, Currency, Money
from checkstand.domain.pricing.goods import Goods

LONGEST_ZIP, LONGEST_CITY, LONGEST_STATE = 20, 50, 2
MOST_QUOTES, MOST_MESSAGES = 100, 10
DEFAULT_SECONDS, MOST_SECONDS = 300, 24 * 3600
"""How long an answer that does not say so is good for, and the longest that one is."""

# ---------------------------------------------------------------------------------------------------- what is sent


class AddressSent(Struct, frozen=True, kw_only=True):
    street_1: str
    street_2: str
    zip: str
    city: str
    state_iso2: str
    country_iso2: str


class DestinationSent(AddressSent, frozen=True, kw_only=True):
    form_fields: dict[str, str]


class Measure(Struct, frozen=True):
    units: Literal["in", "cm", "oz", "g"]
    value: int | float


class MoneySent(Struct, frozen=True):
    currency: str
    amount: int | float


class ItemSent(Struct, frozen=True, kw_only=True):
    """Of one unit, but for `quantity`."""

    sku: str
    variant_id: str
    product_id: str
    name: str
    length: Measure
    width: Measure
    height: Measure
    weight: Measure
    discounted_price: MoneySent
    declared_value: MoneySent
    quantity: int
    attributes: list[Any] = []


class GroupSent(Struct, frozen=True):
    customer_group_id: int
    customer_group_name: str


class CustomerSent(Struct, frozen=True):
    customer_groups: list[GroupSent]
    customer_id: int


class ReferenceValue(Struct, frozen=True):
    name: str
    value: str


class RequestContext(Struct, frozen=True):
    reference_values: list[ReferenceValue]


class BaseOptions(Struct, frozen=True, kw_only=True):
    origin: AddressSent
    destination: DestinationSent
    items: list[ItemSent]
    customer: CustomerSent
    store_id: str
    request_context: RequestContext


class RateRequest(Struct, frozen=True, kw_only=True):
    base_options: BaseOptions
    zone_options: dict[str, Any]
    connection_options: dict[str, Any]


class ConnectionCheck(Struct, frozen=True):
    connection_options: dict[str, Any]


OUNCES = {"lb": Decimal(16), "oz": Decimal(1)}
GRAMS = {"kg": Decimal(1000), "g": Decimal(1)}
NO_SIZE = Size(Decimal(0), Decimal(0), Decimal(0))


Packed = Mapping[str, Sequence[LineItem]]
"""Consignment id -> what a carrier is told of."""


def packed(checkout: Checkout) -> Packed:
    """All but the goods that ship free or at a price of their own."""
    line_of = {line.id: line for line in checkout.lines if not has_own_shipping(line)}
    return {
        place.id: [line_of[line_id] for line_id in place.line_item_ids if line_id in line_of]
        for place in checkout.consignments
    }


def methods_to_ask(checkout: Checkout, lines: Packed, facts: Facts) -> dict[str, Sequence[CarrierMethod]]:
    """Consignment id -> those of carriers that may be offered to it. Consignments with nothing for a carrier, or whose address does
    not say yet where they go, are left out."""
    of_zone: dict[int, Sequence[CarrierMethod]] = {}
    found: dict[str, Sequence[CarrierMethod]] = {}
    for place in checkout.consignments:
        if not lines[place.id] or not _is_known(place.address):
            continue
        zone = shipping_zone(place.address, facts.store)
        if zone is not None:
            if zone.id not in of_zone:
                of_zone[zone.id] = _carrier_methods(zone, checkout.channel_id, facts.store)
            found[place.id] = of_zone[zone.id]
    return found


def _carrier_methods(zone: ShippingZone, channel_id: int, store: Store) -> list[CarrierMethod]:
    return [
        method
        for method in zone.methods
        if isinstance(method, CarrierMethod)
        and method.is_offered_in(channel_id)
        and method.carrier_id in store.carrier_by_id
    ]


def as_they_were(before: Checkout | None, after: Checkout) -> frozenset[str]:
    """Consignments whose units and address a change leaves alone: what a carrier last said of them is about these very goods,
    whatever they cost by now."""
    if before is None:
        return frozenset()
    was, is_now = _contents(before), _contents(after)
    return frozenset(place_id for place_id, content in is_now.items() if was.get(place_id) == content)


def _contents(checkout: Checkout) -> dict[str, tuple[Address, tuple[tuple[object, ...], ...]]]:
    units = {line.id: (line.id, line.product_id, line.variant_id, line.sku, line.quantity) for line in checkout.lines}
    return {
        place.id: (place.address, tuple(units[line_id] for line_id in place.line_item_ids))
        for place in checkout.consignments
    }


def _is_known(address: Address) -> bool:
    return bool(address.postal_code) or "postal_code" not in geography.required_fields(address.country_code)


class Asker(Struct, frozen=True):
    """What all carriers of all consignments of a checkout are told: from where and for whom; and in which units."""

    decimal_places: int
    weight_unit: str
    dimension_unit: Literal["in", "cm"]
    store_hash: str
    origin: AddressSent
    customer: CustomerSent
    request_context: RequestContext


def asker(checkout: Checkout, facts: Facts) -> Asker:
    home, store = facts.store.location(DEFAULT_LOCATION), facts.store
    names = [ReferenceValue("channel_id", str(checkout.channel_id)), ReferenceValue("cart_id", checkout.id)]
    return Asker(
        decimal_places=checkout.currency.decimal_places,
        weight_unit=store.weight_unit,
        dimension_unit=store.dimension_unit,
        store_hash=store.hash,
        origin=AddressSent(**_parts(_place(home.address if home else Address()))),
        customer=_customer(facts),
        request_context=RequestContext(names),
    )


class UnitTold(Struct, frozen=True, array_like=True, gc=False):
    """Of one unit of a line, but for `quantity`; amounts in minor units."""

    sku: str
    variant_id: int
    product_id: int
    name: str
    weight: Decimal
    size: Size | None
    declared: int
    discounted: int
    currency: str
    quantity: int


class Told(Struct, frozen=True, array_like=True, gc=False):
    """All that a carrier is told of one consignment and not of the others: two alike in it are one question."""

    place: tuple[str, str, str, str, str, str]
    custom_fields: tuple[CustomField, ...]
    units: list[UnitTold]


def told(consignment: Consignment, lines: Sequence[LineItem], goods: Goods) -> Told:
    """`lines`: those of it that are `packed`."""
    sales = goods.sales
    units = [
        UnitTold(
            line.sku,
            line.variant_id,
            line.product_id,
            line.name,
            line.weight,
            line.size,
            line.list_price.minor,
            sales[line.id] // line.quantity,
            line.list_price.currency,
            line.quantity,
        )
        for line in lines
    ]
    return Told(_place(consignment.address), consignment.address.custom_fields, units)


def _place(address: Address) -> tuple[str, str, str, str, str, str]:
    return (
        address.address1,
        address.address2,
        address.postal_code,
        address.city,
        address.state_or_province_code,
        address.country_code,
    )


def rate_request(by: Asker, of: Told, method: CarrierMethod, connection: CarrierConnection) -> RateRequest:
    """Nothing but these may be looked at: they say whether a question was asked before."""
    return RateRequest(
        base_options=BaseOptions(
            origin=by.origin,
            destination=DestinationSent(
                **_parts(of.place),
                form_fields={
                    field.field_id: field.field_value
                    if isinstance(field.field_value, str)
                    else ",".join(field.field_value)
                    for field in of.custom_fields
                },
            ),
            items=[_item(unit, by) for unit in of.units],
            customer=by.customer,
            store_id=by.store_hash,
            request_context=by.request_context,
        ),
        zone_options=method.options,
        connection_options=connection.options,
    )


def _parts(place: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    street_1, street_2, postal_code, city, state_code, country_code = place
    return {
        "street_1": street_1,
        "street_2": street_2,
        "zip": postal_code[:LONGEST_ZIP],
        "city": city[:LONGEST_CITY],
        "state_iso2": state_code if len(state_code) <= LONGEST_STATE else "",
        "country_iso2": country_code,
    }


def _item(of: UnitTold, by: Asker) -> ItemSent:
    size, unit, places = of.size or NO_SIZE, by.dimension_unit, by.decimal_places
    return ItemSent(
        sku=of.sku,
        variant_id=str(of.variant_id) if of.variant_id else "",
        product_id=str(of.product_id) if of.product_id else "",
        name=of.name,
        length=_length(size.depth, unit),
        width=_length(size.width, unit),
        height=_length(size.height, unit),
        weight=_weight(of.weight, by.weight_unit),
        discounted_price=_money(of.discounted, of.currency, places),
        declared_value=_money(of.declared, of.currency, places),
        quantity=of.quantity,
    )


# A checkout of a hundred consignments asks a hundred questions, of which most measures and amounts are the same.


@lru_cache(maxsize=10_000)
def _weight(weight: Decimal, unit: str) -> Measure:
    if unit in OUNCES:
        return Measure("oz", number(weight * OUNCES[unit]))
    return Measure("g", number(weight * GRAMS[unit]))


@lru_cache(maxsize=10_000)
def _length(length: Decimal, unit: Literal["in", "cm"]) -> Measure:
    return Measure(unit, number(length))


@lru_cache(maxsize=10_000)
def _money(minor: int, currency: str, decimal_places: int) -> MoneySent:
    return MoneySent(currency, number(Money(minor, currency).major(decimal_places)))


def _customer(facts: Facts) -> CustomerSent:
    group = facts.store.group_of(facts.customer)
    sent = GroupSent(group.id, group.name) if group else GroupSent(0, "")
    return CustomerSent([sent], facts.customer.id if facts.customer else 0)


# ---------------------------------------------------------------------------------------------------- what is answered


class Message(Struct, frozen=True):
    text: str
    type: Literal["INFO", "WARNING", "ERROR"]


class Cost(Struct, frozen=True):
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    amount: Decimal


class TransitTime(Struct, frozen=True):
    units: Literal["BUSINESS_DAYS", "DAYS", "HOURS"] | UnsetType = UNSET
    duration: Annotated[int, Meta(ge=1, le=90)] | UnsetType = UNSET


class QuoteSaid(Struct, frozen=True, kw_only=True):
    """`discounted_cost`, `rate_id` and `dispatch_date` are looked at, and change nothing."""

    code: Annotated[str, Meta(min_length=1, max_length=50)]
    display_name: Annotated[str, Meta(max_length=100)]
    cost: Cost
    discounted_cost: Cost | None = None
    rate_id: Annotated[str, Meta(max_length=50)] | None = None
    transit_time: TransitTime | None = None
    dispatch_date: date | None = None
    description: Annotated[str, Meta(max_length=500)] | None = None
    messages: list[Message] | None = None


class CarrierInfo(Struct, frozen=True):
    code: Annotated[str, Meta(max_length=50)]
    display_name: Annotated[str, Meta(min_length=1, max_length=100)]


class CarrierQuotes(Struct, frozen=True, kw_only=True):
    quotes: list[msgspec.Raw]
    carrier_info: CarrierInfo | None = None


class RateAnswer(Struct, frozen=True, kw_only=True):
    quote_id: Annotated[str, Meta(max_length=50)]
    messages: list[Message]
    carrier_quotes: list[CarrierQuotes]
    ttl: Annotated[int, Meta(ge=0)] | None = None


class ConnectionAnswer(Struct, frozen=True, kw_only=True):
    """Whether a store may be connected, and what there is to say about it."""

    valid: bool
    messages: list[Message] = []


class Unusable(Exception):
    """Says what is wrong with an answer."""


class Rates(Struct, frozen=True):
    """What can be used of an answer, for how many seconds, what was wrong with the rest, and what else there was to say."""

    rates: tuple[CarrierRate, ...]
    seconds: int
    left_out: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


BROKEN = (ValueError, ArithmeticError, RecursionError)
"""What decoding may raise: its own errors, and those of texts and numbers."""

_answer = msgspec.json.Decoder(RateAnswer).decode
_connection_answer = msgspec.json.Decoder(ConnectionAnswer).decode
_quote = msgspec.json.Decoder(QuoteSaid).decode


def rates(body: bytes, currencies: Mapping[str, Currency]) -> Rates:
    """`currencies`: those that costs may be in, by code. Raises `Unusable`."""
    try:
        answer = _answer(body)
    except BROKEN as error:
        raise Unusable(f"not of the published shape: {_text(error)}") from None
    found: dict[tuple[str, str], CarrierRate] = {}
    left_out: list[str] = []
    several = len(answer.carrier_quotes) > 1
    quotes = [(group.carrier_info, raw) for group in answer.carrier_quotes for raw in group.quotes]
    for place, (info, raw) in enumerate(quotes[:MOST_QUOTES]):
        try:
            rate = _rate(_quote(raw), info, currencies, several=several)
        except (*BROKEN, Unusable) as error:
            left_out.append(f"quote {place}: {_text(error)}")
            continue
        known = found.get((rate.group, rate.code))
        if known is None or rate.cost.minor < known.cost.minor:
            found[rate.group, rate.code] = rate
    if len(quotes) > MOST_QUOTES:
        left_out.append(f"there are more than {MOST_QUOTES} quotes")
    if left_out and not found:
        raise Unusable(left_out[0])
    seconds = DEFAULT_SECONDS if answer.ttl is None else min(answer.ttl, MOST_SECONDS)
    return Rates(tuple(found.values()), seconds, tuple(left_out), tuple(answer.messages[:MOST_MESSAGES]))


def connection_answer(body: bytes) -> ConnectionAnswer:
    """Raises `Unusable`."""
    try:
        return _connection_answer(body)
    except BROKEN as error:
        raise Unusable(f"not of the published shape: {_text(error)}") from None


def _text(error: Exception) -> str:
    return str(error).replace("`", "")


def _rate(
    said: QuoteSaid, info: CarrierInfo | None, currencies: Mapping[str, Currency], *, several: bool
) -> CarrierRate:
    """The name of a carrier that is the only one stands before what it calls the service."""
    service = said.display_name or said.code
    if said.discounted_cost is not None:
        _cost(said.discounted_cost, currencies)
    return CarrierRate(
        code=said.code,
        group=info.code if info else "",
        name=f"{info.display_name} ({service})" if info and not several else service,
        cost=_cost(said.cost, currencies),
        description=said.description or "",
        transit_time=_transit_time(said.transit_time),
    )


def _cost(said: Cost, currencies: Mapping[str, Currency]) -> Money:
    """Rounded to the places of its currency, halves away from zero (D49)."""
    currency = currencies.get(said.currency)
    if currency is None:
        raise Unusable(f"a cost in {said.currency} is of no use here")
    if not said.amount.is_finite() or said.amount < 0 or said.amount.adjusted() > MOST_DIGITS:
        raise Unusable(f"a cost cannot be {said.amount}")
    minor = int(said.amount.scaleb(currency.decimal_places).to_integral_value(ROUND_HALF_UP))
    if minor > LARGEST_MINOR:
        raise Unusable(f"a cost cannot be {said.amount}")
    return Money(minor, currency.code)


WORDS = {"BUSINESS_DAYS": "business day", "DAYS": "day", "HOURS": "hour"}


def _transit_time(said: TransitTime | None) -> str:
    if said is None or said.units is UNSET or said.duration is UNSET:
        return ""
    return f"{said.duration} {WORDS[said.units]}{'' if said.duration == 1 else 's'}"


def in_currency(found: tuple[CarrierRate, ...], checkout: Checkout, facts: Facts) -> tuple[CarrierRate, ...]:
    """Costs in the store's own currency become those of the checkout."""
    code = checkout.currency.code
    for rate in found:
        if rate.cost.currency != code:
            break
    else:
        return found
    converted = facts.store.converted
    return tuple(msgspec.structs.replace(rate, cost=converted(rate.cost, checkout.currency)) for rate in found)
