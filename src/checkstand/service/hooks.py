"""Webhooks: a client manages its own, and sees no others (BEHAVIOUR 9)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from checkstand.domain import hook
from checkstand.domain.destination import destination_of
from checkstand.domain.hook import Hook, HookChange, Schedule
from checkstand.domain.moment import Moment
from checkstand.errors import NotFound
from checkstand.service.commands import Attempts
from checkstand.storage.port import CallCount, UnitOfWork


async def create(
    unit: UnitOfWork, client: str, change: HookChange, allowed_hosts: frozenset[str], moment: Moment
) -> Hook:
    # Tried with a made-up id first: a refused request draws no number.
    hook.create(change, -1, client, allowed_hosts, moment.now)
    number = await unit.next_number("hook")
    made = hook.create(change, number, client, allowed_hosts, moment.now)
    await unit.hooks.insert(made)
    return made


async def get(unit: UnitOfWork, client: str, hook_id: int) -> Hook:
    found = await unit.hooks.get(hook_id)
    if found is None or found.client != client:
        raise NotFound(f"There is no webhook {hook_id} of this client.", code="hook_not_found")
    return found


async def update(
    unit: UnitOfWork, client: str, hook_id: int, change: HookChange, allowed_hosts: frozenset[str], moment: Moment
) -> Hook:
    async for _ in Attempts():
        before = await get(unit, client, hook_id)
        after = hook.update(before, change, allowed_hosts, moment.now)
        if await unit.hooks.replace(before, after):
            return after
    raise AssertionError("attempts end by raising")


async def remove(unit: UnitOfWork, client: str, hook_id: int) -> Hook:
    """The hook as it was. What still waited for it is not sent."""
    found = await get(unit, client, hook_id)
    await unit.hooks.remove(hook_id)
    return found


class Blocked(Struct, frozen=True):
    """A host that is not called at present, and what went wrong before."""

    host: str
    until: datetime
    reasons: Sequence[CallCount]


async def blocked(unit: UnitOfWork, hooks: Sequence[Hook], now: datetime) -> list[Blocked]:
    """Of the hosts these hooks send to."""
    hosts = {destination_of(each.destination).host for each in hooks}
    schedule = Schedule()
    found = []
    for host, until in (await unit.hooks.pauses(now)).items():
        if host in hosts:
            since = until - timedelta(seconds=schedule.pause_seconds + schedule.window_seconds)
            reasons = [count for count in await unit.hooks.call_counts(host, since) if count.error]
            found.append(Blocked(host, until, reasons))
    return found


async def client_secret(unit: UnitOfWork, client: str) -> str:
    """What the client of this name verifies signatures with."""
    return hook.client_secret(await unit.secret(), client)
