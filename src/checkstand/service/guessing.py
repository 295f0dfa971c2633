"""An end to guessing: so many different tries in a time, and the rest is refused, through however many processes."""

from datetime import datetime, timedelta

from checkstand.errors import Throttled
from checkstand.storage.port import UnitOfWork

TOO_MANY = "Too many attempts; wait before the next one."


async def admit(
    unit: UnitOfWork, who: str, what: str, now: datetime, *, most: int, within: timedelta, message: str = TOO_MANY
) -> None:
    """`what` is tried by `who` and counts from now on; the same thing counts once. Raises `Throttled` with the message."""
    until = await unit.attempts.refused_until(who, what, now, most=most, within=within)
    if until is not None:
        raise Throttled(message, quota=most, reset_milliseconds=max(int((until - now).total_seconds() * 1000), 1))
