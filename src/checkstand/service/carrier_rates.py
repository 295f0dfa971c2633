"""Asking carriers for what shipping costs, between the gathering of facts and the offering of options (BEHAVIOUR 7).

All carriers of all consignments are asked at once, each question only where its answer is not known. Inside of a transaction
nobody is asked: `AskFirst` leaves it, and by the time it begins again the answers are known. A read is the same.
"""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from checkstand.domain.carrier import NO_ANSWER, Carrier, CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import (
    RateRequest,
    as_they_were,
    asker,
    carrier_of,
    in_currency,
    methods_to_ask,
    packed,
    rate_request,
)
from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.gifts import with_gifts
from checkstand.domain.money import Currency
from checkstand.domain.pricing.goods import price_goods
from checkstand.service.tax_quotes import AskFirst, with_tax_quote
from checkstand.storage.port import CarrierQuestion, UnitOfWork

MOST_AT_ONCE = 1000
"""Questions for one answer; a checkout may have hundreds of consignments, and a zone several carriers."""


async def with_answers(unit: UnitOfWork, before: Checkout | None, checkout: Checkout, facts: Facts) -> Facts:
    """The facts with what carriers and then the tax provider say of the checkout. `before`: as it was last saved."""
    if not facts.store.asks_carriers and not facts.store.tax_provider_id:
        return facts
    return await with_tax_quote(unit, checkout, await with_carrier_rates(unit, before, checkout, facts))


async def with_carrier_rates(unit: UnitOfWork, before: Checkout | None, checkout: Checkout, facts: Facts) -> Facts:
    if not facts.store.asks_carriers or not checkout.consignments:
        return facts
    whole = with_gifts(checkout, facts)
    questions = await _questions(unit, whole, facts)
    known = unit.carrier_quotes.known
    unknown = [question for question in questions.values() if known(question) is None]
    if unknown:
        if unit.is_transaction:
            raise AskFirst(partial(unit.carrier_quotes.ask, unknown))
        await unit.carrier_quotes.ask(unknown)
    found: dict[str, dict[int, tuple[CarrierRate, ...]]] = {}
    silent: dict[str, tuple[int, ...]] = {}
    for (place_id, method_id), question in questions.items():
        answer = known(question) or NO_ANSWER
        found.setdefault(place_id, {})[method_id] = in_currency(answer.rates, whole, facts)
        if not answer.is_given:
            silent[place_id] = (*silent.get(place_id, ()), method_id)
    if silent:
        as_before = as_they_were(before, checkout)
        silent = {place_id: method_ids for place_id, method_ids in silent.items() if place_id in as_before}
    return replace(facts, carrier_rates=found, silent_methods=silent)


async def _questions(unit: UnitOfWork, whole: Checkout, facts: Facts) -> dict[tuple[str, int], CarrierQuestion]:
    """By the ids of consignments and methods."""
    lines = packed(whole)
    wanted = [
        (place, method)
        for place in whole.consignments
        for method in methods_to_ask(place, lines[place.id], whole, facts)
    ]
    connections = await _connections(unit, {method.carrier_id for _, method in wanted})
    if not connections:
        return {}
    goods, by, currency = price_goods(whole, facts), asker(whole, facts), whole.currency
    currencies = {facts.store.currency.code: facts.store.currency, currency.code: currency}
    questions = {}
    for place, method in wanted[:MOST_AT_ONCE]:
        if connection := connections.get(method.carrier_id):
            request = rate_request(by, place, lines[place.id], goods, facts, method, connection)
            carrier = carrier_of(method, facts)
            questions[place.id, method.id] = _question(request, carrier, facts.store.hash, whole.id, currencies)
    return questions


async def _connections(unit: UnitOfWork, carrier_ids: set[str]) -> Mapping[str, CarrierConnection]:
    found = {carrier_id: await unit.carrier_connections.get(carrier_id) for carrier_id in sorted(carrier_ids)}
    return {carrier_id: connection for carrier_id, connection in found.items() if connection is not None}


def _question(
    request: RateRequest, carrier: Carrier, store_hash: str, checkout_id: str, currencies: dict[str, Currency]
) -> CarrierQuestion:
    body = msgspec.json.encode(request)
    told = sha256(f"{store_hash} {carrier.id} {carrier.url} ".encode())
    told.update(body)
    return CarrierQuestion(
        fingerprint=told.hexdigest(),
        store_hash=store_hash,
        checkout_id=checkout_id,
        carrier_id=carrier.id,
        url=carrier.url,
        timeout_seconds=carrier.timeout_seconds,
        body=body,
        currencies=currencies,
    )
