"""The spine every change of a checkout shares: load, look up, change, gather, settle, price, save.

Optimistic concurrency stands here and nowhere else. A save only succeeds while the version that was loaded is still the
present one. A request without a version runs load to save again when it lost the race, so that the result equals some
serial order; a request with one is told `VersionConflict`. The requests of one process queue per checkout, so only
processes race, and one that lost several times holds the checkout while it tries again (`in_turn`).
"""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Self, TypeVar

from msgspec import Struct

from checkstand.domain import commands, events
from checkstand.domain.checkout import Checkout, PickupChoice, ShippingOption
from checkstand.domain.commands import AnyCommand
from checkstand.domain.facts import Facts
from checkstand.domain.fulfillment import settle
from checkstand.domain.gifts import with_gifts
from checkstand.domain.moment import Moment
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import Priced, price
from checkstand.domain.shown import Audience, Shown, may_rise, more_than_saved
from checkstand.errors import AlreadyOrdered, Unavailable
from checkstand.service.carrier_rates import with_answers
from checkstand.service.gather import gather, look_up
from checkstand.service.tax_quotes import asking_first
from checkstand.storage.port import UnitOfWork

RACE_DEADLINE_SECONDS = 5.0
RACES_WITHOUT_HOLDING = 2
"""Attempts that a request makes before it takes the checkout for itself."""

LEAST_ATTEMPTS = RACES_WITHOUT_HOLDING + 1
"""The last of them with nobody else in the way."""

T = TypeVar("T")
log = logging.getLogger("checkstand")


class Answer(Struct, frozen=True, gc=False):
    """A checkout as it now is, with every amount, and the facts it was worked out from."""

    priced: Priced
    facts: Facts
    dropped: tuple[str, ...] = ()
    """Consignments whose chosen shipping option is not offered any more."""
    pickups_dropped: tuple[str, ...] = ()
    """Consignments that cannot be collected any more where that was chosen."""
    unconfirmed: tuple[str, ...] = ()
    """Consignments whose carrier gave no answer, so that their chosen option goes on holding."""

    @property
    def checkout(self) -> Checkout:
        return self.priced.checkout


async def change(
    unit: UnitOfWork,
    checkout_id: str,
    command: AnyCommand,
    moment: Moment,
    *,
    versions: Sequence[int] = (),
    with_stock: bool = False,
    with_offers: bool = True,
) -> Answer:
    """Apply a command. `versions` are those the client expects, all of them (BEHAVIOUR 1.1, D3); `with_offers`: the answer shows
    what consignments are offered.

    Raises whatever the command refuses, `VersionConflict`, or `Unavailable` when the race was lost for seconds on end.
    """

    async def attempt(unit: UnitOfWork) -> Answer:
        before = await unit.checkouts.get(checkout_id)
        before.expect(versions)
        return await changed(unit, before, command, moment, with_stock=with_stock, with_offers=with_offers)

    return await in_turn(unit, checkout_id, attempt)


async def changed(
    unit: UnitOfWork,
    before: Checkout,
    command: AnyCommand,
    moment: Moment,
    *,
    with_stock: bool = False,
    with_offers: bool = True,
) -> Answer:
    """One attempt to change a checkout that was loaded. Raises whatever the command refuses, and `LostRace`."""
    if before.converted:
        raise AlreadyOrdered(f"Checkout {before.id} has become order {before.order_id} and can no longer be changed.")
    facts = await look_up(unit, command, before, moment.now)
    after = commands.apply(command, before, facts, moment)
    facts = await gather(unit, after, facts, now=moment.now, with_stock=with_stock)
    answer = work_out(after, await with_answers(unit, before, after, facts), with_offers=with_offers)
    if not await unit.checkouts.replace(before, answer.checkout, events.changed(before, answer.checkout)):
        raise LostRace
    return answer


async def read(
    unit: UnitOfWork,
    checkout_id: str,
    now: datetime,
    *,
    with_stock: bool = False,
    with_offers: bool = True,
    audience: Audience | None = None,
) -> Answer:
    """A checkout as it is, offered and priced anew; nothing of it is written (BEHAVIOUR 12, invariant 7). `now`: coupons
    expire. `audience`: who is shown the amounts, and has agreed to them when he orders.

    One that has become an order shows the order's amounts and choices, whatever stock and settings are by now.
    """
    checkout = await unit.checkouts.get(checkout_id)
    if checkout.converted and checkout.order_id is not None:
        order = await unit.orders.get(checkout.order_id)
        return Answer(order.priced(), await gather(unit, checkout, now=now, with_stock=with_stock))
    facts = await gather(unit, checkout, now=now, with_stock=with_stock)
    answer = work_out(checkout, await with_answers(unit, checkout, checkout, facts), with_offers=with_offers)
    if audience is not None and may_rise(checkout):
        await _keep_shown(unit, checkout_id, audience, more_than_saved(checkout, answer.priced), now)
    return answer


async def _keep_shown(
    unit: UnitOfWork, checkout_id: str, audience: Audience, shown: Shown | None, now: datetime
) -> None:
    """Beside the checkout, which stays as it is. Where that fails nothing is lost: the order is refused once more."""
    try:
        if await unit.checkouts.shown(checkout_id, audience) != shown:
            await unit.checkouts.keep_shown(checkout_id, audience, shown, now)
    except Unavailable as error:
        log.warning("what checkout %s showed is not kept: %s", checkout_id, error.message)


def work_out(checkout: Checkout, facts: Facts, *, with_offers: bool = True) -> Answer:
    """Give what is earned, offer, settle and price. Pure."""
    checkout = with_gifts(checkout, facts)
    settled = settle(checkout, price_goods(checkout, facts), facts, with_offers=with_offers)
    shipping, pickups = _dropped(checkout, settled.checkout)
    unconfirmed = _unconfirmed(settled.checkout, facts)
    return Answer(price(settled, facts), facts, shipping, pickups, unconfirmed)


def _dropped(before: Checkout, after: Checkout) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Consignments whose choice of a shipping option, and of a place to collect at, is gone."""
    if after is before:
        return (), ()
    shipping, pickups = [], []
    for was, now in zip(before.consignments, after.consignments, strict=True):
        if now.selected is None and was.selected is not None:
            if isinstance(was.selected, ShippingOption):
                shipping.append(was.id)
            elif isinstance(was.selected, PickupChoice):
                pickups.append(was.id)
    return tuple(shipping), tuple(pickups)


def _unconfirmed(after: Checkout, facts: Facts) -> tuple[str, ...]:
    if not facts.silent_methods:
        return ()
    unconfirmed = []
    for place in after.consignments:
        if type(place.selected) is ShippingOption and place.selected.is_unconfirmed:
            unconfirmed.append(place.id)
    return tuple(unconfirmed)


# ---------------------------------------------------------------------------------------------------- races

_turns: dict[tuple[int, str, str], "_Turn"] = {}


class _Turn:
    """`async with` it: wait until no other request of this process is changing the checkout. It is in `_turns` as long as somebody
    has it or waits for it."""

    def __init__(self, key: tuple[int, str, str]) -> None:
        self._key = key
        self._lock = asyncio.Lock()
        self.wanted = 0

    async def __aenter__(self) -> None:
        self.wanted += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self.wanted -= 1
        if not self.wanted:
            del _turns[self._key]


def turn(unit: UnitOfWork, checkout_id: str) -> AbstractAsyncContextManager[None]:
    """`async with turn(…)`, at once. Inside a transaction nobody waits for others: there the database says who was first."""
    if unit.is_transaction:
        return nullcontext()
    key = (id(asyncio.get_running_loop()), unit.store_hash, checkout_id)
    return _turns.get(key) or _turns.setdefault(key, _Turn(key))


class LostRace(Exception):
    """Another request changed the checkout first. Never leaves the services."""


async def in_turn(unit: UnitOfWork, checkout_id: str, attempt: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    """What `attempt` returns, once it does so without `LostRace`; it loads the checkout itself.

    Whoever loses often holds the checkout while it tries again, in one transaction, for which the others wait: so nobody is
    always too late, not even a request that takes longer than those of the others. What it needs from outside parties it lets go of
    the checkout to ask for, which is no lost race.
    """
    async with turn(unit, checkout_id):
        async for number in Attempts():
            try:
                if number <= RACES_WITHOUT_HOLDING:
                    return await attempt(unit)
                return await asking_first(
                    unit, lambda: unit.together(lambda inside: _holding(inside, checkout_id, attempt))
                )
            except LostRace:
                continue
    raise AssertionError("attempts end by raising")


async def _holding(unit: UnitOfWork, checkout_id: str, attempt: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    await unit.checkouts.hold(checkout_id)
    return await attempt(unit)


class Races:
    """How many races this process lost and ran again, for the metrics."""

    retried = 0


class Attempts:
    """`async for _ in Attempts()`: one more attempt each time a race was lost, after a short random pause; `Unavailable` once
    the deadline has passed, which runs from the first race that was lost. `LEAST_ATTEMPTS` are made however long others that they
    ask may take. No generator, since those that are left in the middle are costly to clean up."""

    def __init__(self) -> None:
        self._made = 0
        self._deadline = math.inf

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        if self._made == 1:
            self._deadline = time.monotonic() + RACE_DEADLINE_SECONDS
        if self._made:
            await asyncio.sleep(random.uniform(0, min(0.001 * 2**self._made, 0.1)))
            if self._made >= LEAST_ATTEMPTS and time.monotonic() >= self._deadline:
                raise Unavailable("Too many requests change the same thing at the same time; try again.", code="busy")
            Races.retried += 1
        self._made += 1
        return self._made
