"""Asking the store's tax provider, between the gathering of facts and the final pricing (BEHAVIOUR 8).

A provider is told amounts after discounts and of the options that were chosen, so the checkout is priced first without it, which
is pure; then the provider is asked; then the checkout is priced with what it said. Inside of a transaction nobody is asked:
`AskFirst` leaves the transaction, whoever began it asks, and begins again; by then the answer is known.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import settle
from checkstand.domain.gifts import with_gifts
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import price
from checkstand.domain.pricing.tax_documents import Told, told
from checkstand.domain.tax_quote import NOT_YET, TaxConnection, TaxProvider
from checkstand.errors import Unavailable
from checkstand.storage.port import TaxQuestion, UnitOfWork

T = TypeVar("T")
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
MOST_QUESTIONS = 5
"""How often a transaction may be begun anew because the checkout it found was another one than before."""


class AskFirst(Exception):
    """An answer is needed that is not known, and this is a transaction. Never leaves the services."""

    def __init__(self, ask: Callable[[], Awaitable[object]]) -> None:
        super().__init__("ask outside of the transaction")
        self.ask = ask


async def with_tax_quote(unit: UnitOfWork, checkout: Checkout, facts: Facts) -> Facts:
    """The facts with what the store's tax provider says of the checkout; as they are, where no provider is connected, or where
    the store's own zones take its place."""
    connected = await connected_provider(unit, facts)
    if connected is None:
        return facts
    whole = with_gifts(checkout, facts)
    settled = settle(whole, price_goods(whole, facts), facts, with_offers=False)
    assert facts.now is not None
    asked = told(price(settled, facts), facts, facts.now)
    if asked is None:
        return replace(facts, tax_quote=NOT_YET)
    question = _question(unit.store_hash, *connected, asked)
    quote = unit.tax_quotes.known(question)
    if quote is None:
        if unit.is_transaction:
            raise AskFirst(partial(unit.tax_quotes.ask, question))
        quote = await unit.tax_quotes.ask(question)
    if quote.status == "failed" and facts.store.tax_settings.fallback_strategy == "BASIC":
        return facts
    return replace(facts, tax_quote=quote)


async def connected_provider(unit: UnitOfWork, facts: Facts) -> tuple[TaxProvider, TaxConnection] | None:
    """Whom the store has made its own, if it can be called."""
    provider = facts.store.tax_provider(facts.store.tax_provider_id) if facts.store.tax_provider_id else None
    connection = await unit.tax_connections.get(provider.id) if provider else None
    if provider is None or connection is None or not connection.is_configured(provider):
        return None
    return provider, connection


def _question(store_hash: str, provider: TaxProvider, connection: TaxConnection, asked: Told) -> TaxQuestion:
    """When it is asked does not count: the same goods cost the same a moment later."""
    timeless = replace(asked.request, transaction_date=NO_DATE)
    url = f"{connection.url(provider)}/estimate"
    parts = (store_hash, url, connection.username, connection.password, timeless)
    return TaxQuestion(
        fingerprint=sha256(msgspec.json.encode(parts)).hexdigest(),
        url=url,
        username=connection.username,
        password=connection.password,
        store_hash=store_hash,
        told=asked,
    )


async def asking_first(unit: UnitOfWork, work: Callable[[], Awaitable[T]]) -> T:
    """What `work`, which begins a transaction, returns; whatever it wants to know first is asked in between."""
    for _ in range(MOST_QUESTIONS):
        try:
            return await work()
        except AskFirst as needed:
            if unit.is_transaction:
                raise
            await needed.ask()
    raise Unavailable("Too many requests change the same thing at the same time; try again.", code="busy")
