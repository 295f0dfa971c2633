"""Asking carriers for what shipping costs, between the gathering of facts and the offering of options (BEHAVIOUR 7).

All carriers of all consignments are asked at once, each question only where its answer is not known. Inside of a transaction
nobody is asked: `AskFirst` leaves it, and by the time it begins again the answers are known. A read is the same.
"""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from checkstand.domain.carrier import NO_ANSWER, CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import as_they_were, carrier_of, in_currency, methods_to_ask, rate_request
from checkstand.domain.checkout import Checkout, Consignment
from checkstand.domain.facts import Facts
from checkstand.domain.gifts import with_gifts
from checkstand.domain.methods import CarrierMethod
from checkstand.domain.pricing.goods import Goods, price_goods
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
    silent: dict[str, tuple[int, ...]] = {}
    held = as_they_were(before, checkout)
    for (place_id, method_id), question in questions.items():
        answer = unit.carrier_quotes.known(question) or NO_ANSWER
        found.setdefault(place_id, {})[method_id] = tuple(in_currency(answer.rates, whole, facts))
        if not answer.is_given and place_id in held:
            silent[place_id] = (*silent.get(place_id, ()), method_id)
    return replace(facts, carrier_rates=found, silent_methods=silent)


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
        checkout_id=checkout.id,
        carrier_id=carrier.id,
        url=carrier.url,
        timeout_seconds=carrier.timeout_seconds,
        body=body,
        currencies={own.code: own, checkout.currency.code: checkout.currency},
    )
