"""Keeping what somebody agreed to be sent: one entry for each address."""

from checkstand.domain.subscription import Subscription, SubscriptionChange, changed
from checkstand.storage.port import UnitOfWork


async def subscribe(unit: UnitOfWork, change: SubscriptionChange) -> Subscription:
    """The entry after the change; what was not said is as it was."""
    number = 0 if await unit.subscriptions.find(change.email) else await unit.next_number("subscription")

    async def work(inside: UnitOfWork) -> Subscription:
        fresh = Subscription(id=number, email=change.email)
        before = await inside.subscriptions.hold(fresh)
        after = changed(before, change)
        await inside.subscriptions.replace(after)
        return after

    return await unit.together(work)
