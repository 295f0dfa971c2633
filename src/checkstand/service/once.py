"""Doing what a request asks for once, however often it is sent: requests that carry an Idempotency-Key.

1. claim the key; a key that is taken is answered with what its request was answered, or refused;
2. do everything the request asks for and keep the answer, in one transaction: so either both are there after a crash or
   neither is;
3. a refused request wrote nothing, so its key is free again.

A claim whose process died before the commit is taken over after a while.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from checkstand.errors import UNKNOWN_OUTCOME, Invalid, KeyInUse, KeyReused, Unavailable
from checkstand.service.tax_quotes import asking_first
from checkstand.storage.port import KeptAnswer, UnitOfWork

KEPT_FOR = timedelta(hours=24)
LEASE = timedelta(seconds=60)
"""No request takes that long; one that does not end within it has died with its process."""
LONGEST_KEY = 255


async def once(
    unit: UnitOfWork,
    key: str,
    owner: str,
    request: str,
    now: datetime,
    work: Callable[[UnitOfWork], Awaitable[KeptAnswer]],
) -> tuple[KeptAnswer, bool]:
    """The answer to a request, and whether it is one that was kept.

    `owner` is who the key belongs to (a token, a session), `request` all of the request that must be the same again. Raises
    `KeyReused` for another request with the key, `KeyInUse` while the first one is still being answered, and what `work` raises.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid.field("Idempotency-Key", f"must have 1 to {LONGEST_KEY} characters")
    name = f"{owner}\n{key}"
    if not await unit.answers.claim(name, request, now, lease=LEASE, keep=KEPT_FOR):
        kept = await unit.answers.find(name, request)
        if kept.status:
            return kept, True
        if not kept.is_same_request:
            raise KeyReused("This Idempotency-Key belongs to another request; take a new key for a new request.")
        raise KeyInUse("The request with this Idempotency-Key is still being answered; try again in a moment.")

    async def do_and_keep(inside: UnitOfWork) -> KeptAnswer:
        answer = await work(inside)
        if not await inside.answers.keep(name, answer, now):
            raise KeyInUse("The request with this Idempotency-Key took so long that another one has taken its place.")
        return answer

    try:
        return await asking_first(unit, lambda: unit.together(do_and_keep)), False
    except Exception as error:
        # Where nobody can know whether it was done, the key stays claimed, and tells when it is sent again.
        if not (isinstance(error, Unavailable) and error.reason == UNKNOWN_OUTCOME):
            await unit.answers.release(name, now)
        raise
