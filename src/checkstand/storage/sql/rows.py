"""What the modules beside share: reading columns, writing bodies, and the outbox."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex

import msgspec

from checkstand.domain.events import Event
from checkstand.storage.port import Driver, Row, Value

encode = msgspec.json.Encoder().encode
"""The JSON of a body."""


def micros(moment: datetime) -> int:
    """A time as it is stored: whole microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(row: Row, column: str) -> datetime:
    return _EPOCH + timedelta(microseconds=number_of(row, column))


def fingerprint(secret: str) -> str:
    """What is kept of a token or a session id."""
    return sha256(secret.encode()).hexdigest()


def text_of(row: Row, column: str) -> str:
    value = row[column]
    assert isinstance(value, str)
    return value


def number_of(row: Row, column: str) -> int:
    value = row[column]
    assert isinstance(value, int)
    return value


def body_of(row: Row) -> bytes:
    value = row["body"]
    assert isinstance(value, bytes)
    return value


SOME = "abcdefghijklmnop"
"""The parameters of the statements that look for several rows at once."""


async def rows_of(driver: Driver, store_hash: str, statement: str, keys: Collection[Value]) -> list[Row]:
    """The rows with these keys, in no order; `statement` takes as many keys at once as there are letters in `SOME`."""
    left, found = list(dict.fromkeys(keys)), list[Row]()
    while left:
        some, left = left[: len(SOME)], left[len(SOME) :]
        values: dict[str, Value] = {name: some[min(place, len(some) - 1)] for place, name in enumerate(SOME)}
        found += await driver.all(statement, store_hash=store_hash, **values)
    return found


async def next_in_sequence(driver: Driver, store_hash: str, sequence: str, first: int, count: int = 1) -> int:
    """The last of `count` numbers in a row, which nobody else gets."""
    values: dict[str, Value] = {"name": sequence, "last": first + count - 1, "count": count}
    row = await driver.one("sequence_next", store_hash=store_hash, **values)
    assert row is not None
    return number_of(row, "value")


async def put_events(driver: Driver, store_hash: str, subject: str, events: Sequence[Event], at: datetime) -> None:
    for number, event in enumerate(events):
        await driver.run(
            "event_insert",
            store_hash=store_hash,
            event_id=f"{micros(at):016x}-{number:04x}-{token_hex(4)}",
            subject=subject,
            scope=event.scope,
            created_at=micros(at),
            body=encode(event.data),
        )


class LostRace(Exception):
    """Another request was faster: rolls the transaction back. Never leaves this package."""
