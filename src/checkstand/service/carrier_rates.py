"""Asking carriers for what shipping costs, between the gathering of facts and the offering of options (BEHAVIOUR 7).

All carriers of all consignments are asked at once, each question only where its answer is not known. Inside of a transaction
nobody is asked: `AskFirst` leaves it, and by the time it begins again the answers are known. A read is the same.
"""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from checkstand.domain.carrier import CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import carrier_of, in_currency, methods_to_ask, rate_request
from checkstand.domain.checkout import Checkout, Consignment, ShippingOption
from checkstand.domain.facts import Facts
from checkstand.domain.gifts import with_gifts
from checkstand.domain.methods import CarrierMethod
from checkstand.domain.money import Currency
from checkstand.domain.pricing.goods import Goods, price_goods
from checkstand.errors import DearerShipping
from checkstand.service.tax_quotes import AskFirst, with_tax_quote
from checkstand.storage.port import CarrierQuestion, UnitOfWork

MOST_AT_ONCE = 1000
"""Questions for one answer; a checkout may have hundreds of consignments, and a zone several carriers."""


async def with_answers(unit: UnitOfWork, checkout: Checkout, facts: Facts) -> Facts:
    """The facts with what carriers and then the tax provider say of the checkout."""
    if not facts.store.asks_carriers and not facts.store.tax_provider_id:
        return facts
    return await with_tax_quote(unit, checkout, await with_carrier_rates(unit, checkout, facts))


async def with_carrier_rates(unit: UnitOfWork, checkout: Checkout, facts: Facts) -> Facts:
    if not facts.store.asks_carriers or not checkout.consignments:
        return facts
    whole = with_gifts(checkout, facts)
    wanted = [(place, method) for place in whole.consignments for method in methods_to_ask(place, whole, facts)]
    if not wanted:
        return facts
    connections = await _connections(unit, {method.carrier_id for _, method in wanted})
    goods = price_goods(whole, facts)
    questions = {
        (place.id, method.id): _question(place, whole, goods, facts, method, connections[method.carrier_id])
        for place, method in wanted[:MOST_AT_ONCE]
        if method.carrier_id in connections
    }
    unknown = [question for question in questions.values() if unit.carrier_quotes.known(question) is None]
    if unknown:
        if unit.is_transaction:
            raise AskFirst(partial(unit.carrier_quotes.ask, unknown))
        await unit.carrier_quotes.ask(unknown)
    found: dict[str, dict[int, tuple[CarrierRate, ...]]] = {}
    for (place_id, method_id), question in questions.items():
        rates = unit.carrier_quotes.known(question) or ()
        found.setdefault(place_id, {})[method_id] = tuple(in_currency(rates, whole, facts))
    return replace(facts, carrier_rates=found)


async def _connections(unit: UnitOfWork, carrier_ids: set[str]) -> Mapping[str, CarrierConnection]:
    found = {carrier_id: await unit.carrier_connections.get(carrier_id) for carrier_id in sorted(carrier_ids)}
    return {carrier_id: connection for carrier_id, connection in found.items() if connection is not None}


def _question(
    place: Consignment,
    checkout: Checkout,
    goods: Goods,
    facts: Facts,
    method: CarrierMethod,
    connection: CarrierConnection,
) -> CarrierQuestion:
    carrier = carrier_of(method, facts)
    body = msgspec.json.encode(rate_request(place, checkout, goods, facts, method, connection))
    own = facts.store.currency
    return CarrierQuestion(
        fingerprint=sha256(msgspec.json.encode((facts.store.hash, carrier.id, carrier.url)) + body).hexdigest(),
        store_hash=facts.store.hash,
        carrier_id=carrier.id,
        url=carrier.url,
        timeout_seconds=carrier.timeout_seconds,
        body=body,
        currencies={own.code: own, checkout.currency.code: checkout.currency},
    )


def check_not_dearer(before: Checkout, after: Checkout, facts: Facts) -> None:
    """What a carrier asks by now may be less than what was chosen, not more. Raises `DearerShipping`."""
    chosen = {place.id: place.selected for place in before.consignments}
    for place in after.consignments:
        old, new = chosen.get(place.id), place.selected
        if not isinstance(old, ShippingOption) or not isinstance(new, ShippingOption) or not new.carrier_id:
            continue
        if old.id == new.id and (old.cost + old.handling) < (new.cost + new.handling):
            was, now = (_shown(each, after.currency) for each in (old, new))
            raise DearerShipping(
                f"{new.description} costs {now} by now; it was chosen at {was}. Choose it again, or another shipping option.",
                details={"consignment_id": place.id, "old_cost": was, "new_cost": now},
            )


def _shown(option: ShippingOption, currency: Currency) -> str:
    minor, places = (option.cost + option.handling).minor, currency.decimal_places
    whole, part = divmod(minor, 10**places)
    return f"{whole}.{part:0{places}d} {currency.code}" if places else f"{whole} {currency.code}"
