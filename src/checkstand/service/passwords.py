"""Hashing passwords and looking whether one is right: argon2id with the parameters that OWASP gives as the least.

It takes 19 MiB and some hundredths of a second on purpose, so it is done in a thread, and in few at a time: who tries many
passwords at once waits, and the process does not grow.
"""

import asyncio
from functools import cache
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_A_TIME = 2
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def hashed(password: str) -> str:
    async with _turn():
        return await asyncio.to_thread(_hasher.hash, password)


async def is_right(password_hash: str, password: str) -> bool:
    """Takes as long when there is nothing to compare with (""), so that nobody can tell."""
    async with _turn():
        matches = await asyncio.to_thread(_matches, password_hash, password)
    return matches and bool(password_hash)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """The hash of a password that opens nothing."""
    return _hasher.hash("nobody")


def _turn() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    return _turns.setdefault(loop, asyncio.Semaphore(AT_A_TIME))
