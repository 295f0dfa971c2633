"""What a store calls its tax providers with, and what they are to be told of its orders."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import cast

import msgspec

from checkstand.domain.tax_quote import SubmissionState, SubmittedTax, TaxAction, TaxConnection, TaxSubmission
from checkstand.storage.port import ClaimedSubmission, Driver, Value
from checkstand.storage.sql.rows import body_of, encode, micros, number_of, text_of

_connection = msgspec.json.Decoder(TaxConnection).decode

NEVER = 2**62


class SqlTaxConnections:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def get(self, provider_id: str) -> TaxConnection | None:
        row = await self._driver.one("tax_connection_get", store_hash=self._store_hash, provider_id=provider_id)
        return _connection(body_of(row)) if row else None

    async def put(self, connection: TaxConnection) -> None:
        await self._driver.run(
            "tax_connection_put",
            store_hash=self._store_hash,
            provider_id=connection.provider_id,
            body=encode(connection),
        )

    async def remove(self, provider_id: str) -> None:
        await self._driver.run("tax_connection_delete", store_hash=self._store_hash, provider_id=provider_id)

    async def submit(self, submission: TaxSubmission, now: datetime) -> None:
        await put_submission(self._driver, self._store_hash, submission, now)

    async def submitted(self, order_id: int, action: TaxAction) -> SubmittedTax | None:
        row = await self._driver.one(
            "tax_submission_get", store_hash=self._store_hash, order_id=order_id, action=action
        )
        if row is None:
            return None
        return SubmittedTax(
            provider_id=text_of(row, "provider_id"),
            state=cast("SubmissionState", text_of(row, "state")),
            quote_id=text_of(row, "quote_id"),
            error=text_of(row, "error"),
            attempts=number_of(row, "attempts"),
        )


async def put_submission(driver: Driver, store_hash: str, submission: TaxSubmission, now: datetime) -> None:
    """Once for each order and action; a second one changes nothing."""
    await driver.run(
        "tax_submission_insert",
        store_hash=store_hash,
        order_id=submission.order_id,
        action=submission.action,
        provider_id=submission.provider_id,
        now=micros(now),
        body=submission.body,
    )


class SqlTaxSubmissions:
    """Of all stores. Every write of a worker asks for its lease, so one that was overtaken changes nothing."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def claim(self, limit: int, now: datetime, leased_until: datetime) -> list[ClaimedSubmission]:
        due = await self._driver.one("tax_submission_is_due", now=micros(now))
        if due is None or due["due_count"] == 0:
            return []  # asked over and over: most often there is nothing, and nothing is written
        rows = await self._driver.all(
            "tax_submission_claim", limit=limit, now=micros(now), leased_until=micros(leased_until), lease=token_hex(16)
        )
        return [
            ClaimedSubmission(
                store_hash=text_of(row, "store_hash"),
                submission=TaxSubmission(
                    order_id=number_of(row, "order_id"),
                    action=cast("TaxAction", text_of(row, "action")),
                    provider_id=text_of(row, "provider_id"),
                    body=body_of(row),
                ),
                lease=text_of(row, "lease"),
                attempts=number_of(row, "attempts"),
            )
            for row in rows
        ]

    async def done(self, claimed: ClaimedSubmission, quote_id: str) -> None:
        await self._close(claimed, "done", quote_id=quote_id, attempts=claimed.attempts + 1)

    async def failed(self, claimed: ClaimedSubmission, error: str, due_at: datetime | None) -> None:
        state: SubmissionState = "waiting" if due_at else "given_up"
        await self._close(claimed, state, error=error, attempts=claimed.attempts + 1, due_at=due_at)

    async def release(self, claimed: ClaimedSubmission, due_at: datetime) -> None:
        await self._close(claimed, "waiting", attempts=claimed.attempts, due_at=due_at)

    async def _close(
        self,
        claimed: ClaimedSubmission,
        state: SubmissionState,
        *,
        attempts: int,
        quote_id: str = "",
        error: str = "",
        due_at: datetime | None = None,
    ) -> None:
        values: Mapping[str, Value] = {
            "store_hash": claimed.store_hash,
            "order_id": claimed.submission.order_id,
            "action": claimed.submission.action,
            "lease": claimed.lease,
            "state": state,
            "quote_id": quote_id,
            "error": error,
            "attempts": attempts,
            "due_at": micros(due_at) if due_at else NEVER,
        }
        await self._driver.run("tax_submission_close", **values)
