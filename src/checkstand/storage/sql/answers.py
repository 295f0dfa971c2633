"""Answers to requests with a key of the client's own: claimed, kept with what the request did, found again."""

from datetime import datetime, timedelta

import msgspec

from checkstand.storage.port import Driver, KeptAnswer
from checkstand.storage.sql.rows import body_of, encode, fingerprint, micros, number_of, text_of

_kept = msgspec.json.Decoder(KeptAnswer).decode


class SqlAnswers:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def claim(self, key: str, request: str, now: datetime, *, lease: timedelta, keep: timedelta) -> bool:
        name = {"store_hash": self._store_hash, "key_hash": fingerprint(key)}
        await self._driver.run("answer_forget", store_hash=self._store_hash, before=micros(now - keep))
        if await self._driver.run(
            "answer_claim", **name, fingerprint=fingerprint(request), claimed_at=micros(now), body=b""
        ):
            return True
        row = await self._driver.one("answer_find", **name)
        if row is None:
            return False  # whoever had it has just let go of it
        since = number_of(row, "claimed_at")
        if row["status"] or text_of(row, "fingerprint") != fingerprint(request) or since > micros(now - lease):
            return False
        return await self._driver.run("answer_take_over", **name, expected=since, claimed_at=micros(now)) == 1

    async def find(self, key: str, request: str) -> KeptAnswer:
        row = await self._driver.one("answer_find", store_hash=self._store_hash, key_hash=fingerprint(key))
        if row is None:
            return KeptAnswer(is_same_request=True)
        is_same = text_of(row, "fingerprint") == fingerprint(request)
        return _kept(body_of(row)) if is_same and row["status"] else KeptAnswer(is_same_request=is_same)

    async def keep(self, key: str, answer: KeptAnswer, claimed_at: datetime) -> bool:
        kept = await self._driver.run(
            "answer_keep",
            store_hash=self._store_hash,
            key_hash=fingerprint(key),
            claimed_at=micros(claimed_at),
            status=answer.status,
            body=encode(answer),
        )
        return kept == 1

    async def release(self, key: str, claimed_at: datetime) -> None:
        await self._driver.run(
            "answer_release", store_hash=self._store_hash, key_hash=fingerprint(key), claimed_at=micros(claimed_at)
        )
