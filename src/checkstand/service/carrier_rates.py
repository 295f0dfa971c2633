"""Asking carriers for what shipping costs, between the gathering of facts and the offering of options (BEHAVIOUR 7).

All carriers of all consignments are asked at once, each question only where its answer is not known. Inside of a transaction
nobody is asked: `AskFirst` leaves it, and by the time it begins again the answers are known. A read is the same.
"""

from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.carrier import NO_ANSWER, Carrier, CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import (
    Asker,
    Told,
    as_they_were,
    asker,
    in_currency,
    methods_to_ask,
    packed,
    rate_request,
    told,
)
from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.gifts import with_gifts
from checkstand.domain.methods import CarrierMethod
from checkstand.domain.money import Currency
from checkstand.domain.pricing.goods import price_goods
from checkstand.service.tax_quotes import AskFirst, with_tax_quote
from checkstand.storage.port import CarrierQuestion, UnitOfWork


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
    answers = {key: known(question.fingerprint) for key, question in questions.items()}
    unknown = {key: questions[key] for key, answer in answers.items() if answer is None}
    if unknown:
        ask = partial(unit.carrier_quotes.ask, _urgent_first(unknown, as_they_were(before, checkout)))
        if unit.is_transaction:
            raise AskFirst(ask)
        await ask()
        answers |= {key: known(question.fingerprint) for key, question in unknown.items()}
    found: dict[str, dict[int, tuple[CarrierRate, ...]]] = {place_id: {} for place_id, _ in questions}
    silent: dict[str, tuple[int, ...]] = {}
    for (place_id, method_id), said in answers.items():
        answer = said or NO_ANSWER
        found[place_id][method_id] = in_currency(answer.rates, whole, facts)
        if not answer.is_given:
            silent[place_id] = (*silent.get(place_id, ()), method_id)
    if silent:
        as_before = as_they_were(before, checkout)
        silent = {place_id: method_ids for place_id, method_ids in silent.items() if place_id in as_before}
    return replace(facts, carrier_rates=found, silent_methods=silent)


def _urgent_first(unknown: Mapping[tuple[str, int], "_Question"], as_before: frozenset[str]) -> list[CarrierQuestion]:
    """Not all of very many are put, and a consignment that is as it was can do without."""
    return [unknown[key].whole() for key in sorted(unknown, key=lambda key: key[0] in as_before)]


class _Head(Struct, frozen=True):
    """What one method's carrier is told of all consignments of a checkout. `digest`: of all that."""

    by: Asker
    method: CarrierMethod
    connection: CarrierConnection
    carrier: Carrier
    checkout_id: str
    currencies: dict[str, Currency]
    digest: Any


class _Question(Struct, frozen=True, gc=False):
    """About one consignment. Most are known by their fingerprint, and never put into words."""

    head: _Head
    told: Told
    fingerprint: str

    def whole(self) -> CarrierQuestion:
        head = self.head
        return CarrierQuestion(
            fingerprint=self.fingerprint,
            store_hash=head.by.store_hash,
            checkout_id=head.checkout_id,
            carrier_id=head.carrier.id,
            url=head.carrier.url,
            timeout_seconds=head.carrier.timeout_seconds,
            body=self._body,
            currencies=head.currencies,
        )

    def _body(self) -> bytes:
        return msgspec.json.encode(rate_request(self.head.by, self.told, self.head.method, self.head.connection))


async def _questions(unit: UnitOfWork, whole: Checkout, facts: Facts) -> dict[tuple[str, int], _Question]:
    """By the ids of consignments and methods."""
    lines = packed(whole)
    methods = methods_to_ask(whole, lines, facts)
    heads = await _heads(unit, {method.id: method for each in methods.values() for method in each}, whole, facts)
    if not heads:
        return {}
    goods = price_goods(whole, facts)
    questions: dict[tuple[str, int], _Question] = {}
    for place in whole.consignments:
        if not (asked := methods.get(place.id)):
            continue
        said = told(place, lines[place.id], goods)
        content = msgspec.json.encode(said)
        for method in asked:
            if head := heads.get(method.id):
                digest = head.digest.copy()
                digest.update(content)
                questions[place.id, method.id] = _Question(head, said, digest.hexdigest())
    return questions


async def _heads(
    unit: UnitOfWork, methods: Mapping[int, CarrierMethod], whole: Checkout, facts: Facts
) -> dict[int, _Head]:
    """By the ids of the methods whose carriers are connected."""
    connections = await _connections(unit, {method.carrier_id for method in methods.values()})
    if not connections:
        return {}
    by, currency = asker(whole, facts), whole.currency
    currencies = {facts.store.currency.code: facts.store.currency, currency.code: currency}
    heads = {}
    for method in methods.values():
        if connection := connections.get(method.carrier_id):
            carrier = facts.store.carrier_by_id[method.carrier_id]
            digest = blake2b(
                msgspec.json.encode((carrier.id, carrier.url, by, method.options, connection.options)), digest_size=32
            )
            heads[method.id] = _Head(by, method, connection, carrier, whole.id, currencies, digest)
    return heads


async def _connections(unit: UnitOfWork, carrier_ids: set[str]) -> Mapping[str, CarrierConnection]:
    found = {carrier_id: await unit.carrier_connections.get(carrier_id) for carrier_id in sorted(carrier_ids)}
    return {carrier_id: connection for carrier_id, connection in found.items() if connection is not None}
