"""Codes of promotions in the database: found without case, once in a store, read in both directions."""

from collections.abc import Awaitable, Callable

import pytest

from checkstand.domain.promotions import PromotionCode
from checkstand.errors import Taken
from checkstand.storage.sql.codes import SqlCodes
from tests.builders import NOON
from tests.database import open_fresh, run


def a_code(number: int, code: str = "", promotion_id: int = 1) -> PromotionCode:
    return PromotionCode(id=number, promotion_id=promotion_id, code=code or f"C{number}", created_at=NOON)


FIVE = [a_code(number) for number in range(1, 6)]


def with_codes(scenario: Callable[[SqlCodes], Awaitable[None]], *codes: PromotionCode) -> None:
    async def whole() -> None:
        storage, _ = await open_fresh()
        await storage.unit("test").codes.add(codes)
        await storage.unit("other").codes.add([a_code(1, promotion_id=9)])
        await scenario(storage.unit("test").codes)

    run(whole())


def test_a_code_is_found_without_case_and_by_its_id() -> None:
    async def scenario(codes: SqlCodes) -> None:
        assert await codes.find(" summer 26 ") == a_code(7, "Summer 26")
        assert await codes.find("C1") is None
        assert await codes.get_some([1, 7]) == {7: a_code(7, "Summer 26")}

    with_codes(scenario, a_code(7, "Summer 26"))


def test_codes_are_added_all_or_none() -> None:
    async def scenario(codes: SqlCodes) -> None:
        with pytest.raises(Taken, match="code c2"):
            await codes.add([a_code(8), a_code(9, "c2")])
        assert await codes.find("C8") is None

    with_codes(scenario, *FIVE)


def test_codes_are_read_forwards_and_backwards() -> None:
    async def scenario(codes: SqlCodes) -> None:
        assert await codes.page(1, limit=2) == FIVE[:2]
        assert await codes.page(1, limit=2, offset=2) == FIVE[2:4]
        assert await codes.page(1, limit=2, after=3) == FIVE[3:]
        assert await codes.page(1, limit=2, before=4) == FIVE[1:3]
        assert await codes.page(1, limit=9, before=1) == []
        assert await codes.page(1, limit=9, code="c4") == FIVE[3:4]
        assert (await codes.count(1), await codes.count(1, "c4"), await codes.count(2)) == (5, 1, 1)

    with_codes(scenario, *FIVE, a_code(6, promotion_id=2))


def test_promotions_are_found_by_their_codes() -> None:
    async def scenario(codes: SqlCodes) -> None:
        assert await codes.promotion_ids() == [1, 2]
        assert await codes.promotions_with("Z6") == {2}
        assert await codes.promotions_with("c") == {1}
        assert await codes.all() == [*FIVE, a_code(6, "XYZ6", 2)]

    with_codes(scenario, *FIVE, a_code(6, "XYZ6", 2))


def test_codes_are_replaced_and_removed_where_they_are_the_promotions() -> None:
    async def scenario(codes: SqlCodes) -> None:
        assert await codes.replace(a_code(5, "NEW"))
        assert not await codes.replace(a_code(99, "NEVER"))
        await codes.remove(2, [1])
        await codes.remove(1, [4, 3, 99])

        assert [code.code for code in await codes.all()] == ["C1", "C2", "NEW"]
        assert await codes.find("c5") is None

    with_codes(scenario, *FIVE)
