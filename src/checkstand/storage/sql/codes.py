"""Codes of coupon promotions. The promotions themselves are the store's settings."""

from collections.abc import Collection, Sequence

import msgspec

from checkstand.domain.promotions import PromotionCode
from checkstand.errors import Taken
from checkstand.storage.port import Driver, NotUnique, Value
from checkstand.storage.sql.rows import body_of, encode, number_of, rows_of

_code = msgspec.json.Decoder(PromotionCode).decode


def key_of(code: str) -> str:
    """Codes compare without case (D29)."""
    return code.strip().casefold()


class SqlCodes:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def find(self, code: str) -> PromotionCode | None:
        row = await self._driver.one("code_find", store_hash=self._store_hash, code_key=key_of(code))
        return _code(body_of(row)) if row else None

    async def get_some(self, ids: Collection[int]) -> dict[int, PromotionCode]:
        rows = await rows_of(self._driver, self._store_hash, "code_get_some", ids)
        return {code.id: code for code in (_code(body_of(row)) for row in rows)}

    async def page(
        self, promotion_id: int, *, limit: int, offset: int = 0, after: int = 0, before: int = 0, code: str = ""
    ) -> list[PromotionCode]:
        what: dict[str, Value] = {"promotion_id": promotion_id, "code_key": key_of(code), "limit": limit}
        if before:
            rows = await self._driver.all("code_page_before", store_hash=self._store_hash, before=before, **what)
            return [_code(body_of(row)) for row in reversed(rows)]
        rows = await self._driver.all("code_page", store_hash=self._store_hash, after=after, offset=offset, **what)
        return [_code(body_of(row)) for row in rows]

    async def count(self, promotion_id: int, code: str = "") -> int:
        row = await self._driver.one(
            "code_count", store_hash=self._store_hash, promotion_id=promotion_id, code_key=key_of(code)
        )
        assert row is not None
        return number_of(row, "code_count")

    async def promotion_ids(self) -> list[int]:
        rows = await self._driver.all("code_promotions", store_hash=self._store_hash)
        return [number_of(row, "promotion_id") for row in rows]

    async def promotions_with(self, part: str) -> set[int]:
        rows = await self._driver.all("code_matching", store_hash=self._store_hash, part=key_of(part))
        return {number_of(row, "promotion_id") for row in rows}

    async def all(self) -> list[PromotionCode]:
        return [_code(body_of(row)) for row in await self._driver.all("code_all", store_hash=self._store_hash)]

    async def add(self, codes: Sequence[PromotionCode]) -> None:
        await self._driver.transaction(lambda transaction: insert_codes(transaction, self._store_hash, codes))

    async def replace(self, code: PromotionCode) -> bool:
        values: dict[str, Value] = {"code_id": code.id, "code_key": key_of(code.code), "body": encode(code)}
        try:
            return await self._driver.run("code_replace", store_hash=self._store_hash, **values) == 1
        except NotUnique:
            raise _taken(code) from None

    async def remove(self, promotion_id: int, ids: Sequence[int]) -> None:
        async def work(transaction: Driver) -> None:
            for code_id in sorted(ids):
                await transaction.run(
                    "code_delete", store_hash=self._store_hash, promotion_id=promotion_id, code_id=code_id
                )

        await self._driver.transaction(work)


async def insert_codes(transaction: Driver, store_hash: str, codes: Sequence[PromotionCode]) -> None:
    """Raises `Taken`."""
    for code in codes:
        inserted = await transaction.run(
            "code_insert",
            store_hash=store_hash,
            code_id=code.id,
            promotion_id=code.promotion_id,
            code_key=key_of(code.code),
            body=encode(code),
        )
        if not inserted:
            raise _taken(code)


def _taken(code: PromotionCode) -> Taken:
    return Taken(f"The store has another coupon with the code {code.code}.")
