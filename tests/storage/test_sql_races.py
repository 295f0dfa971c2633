"""Two who take, at the same moment, what only one can have: one of them gets it, the other one is told that it is taken.

On PostgreSQL both have seen that it is free before either of them takes it; on SQLite one begins when the other is done.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import pytest
from msgspec.structs import replace

from checkstand.domain.customers import CustomerChange
from checkstand.domain.facts import Customer
from checkstand.domain.promotions import PromotionCode
from checkstand.errors import Taken
from checkstand.service import catalog, customers
from checkstand.service.customers import CustomerDraft
from checkstand.storage.port import Driver, Row, UnitOfWork, Value
from checkstand.storage.sql import Storage
from tests.builders import NOON, a_certificate, a_product, a_store, stored
from tests.database import is_postgresql, open_fresh, run

T = TypeVar("T")


class Meeting:
    """A database in which whoever has run the statement `looked` in a transaction waits until two have."""

    def __init__(self, driver: Driver, looked: str, both: asyncio.Barrier) -> None:
        self._driver, self._looked, self._both = driver, looked, both

    async def one(self, name: str, /, **values: Value) -> Row | None:
        row = await self._driver.one(name, **values)
        if name == self._looked and is_postgresql():
            await self._both.wait()
        return row

    async def all(self, name: str, /, **values: Value) -> Sequence[Row]:
        return await self._driver.all(name, **values)

    async def run(self, name: str, /, **values: Value) -> int:
        return await self._driver.run(name, **values)

    async def transaction(self, work: Callable[[Driver], Awaitable[T]]) -> T:
        return await self._driver.transaction(lambda inside: work(Meeting(inside, self._looked, self._both)))


async def outcomes(driver: Driver, looked: str, take: Callable[[UnitOfWork, int], Awaitable[object]]) -> Counter[str]:
    """What becomes of 1 and 2, who take the same at once."""
    both = asyncio.Barrier(2)

    async def attempt(number: int) -> str:
        try:
            await take(Storage(Meeting(driver, looked, both)).unit("test"), number)
        except Taken as refusal:
            return refusal.reason
        return "got it"

    return Counter(await asyncio.gather(attempt(1), attempt(2)))


def test_an_email_that_two_customers_change_to_is_that_of_one() -> None:
    async def scenario() -> tuple[Counter[str], list[str]]:
        storage, driver = await open_fresh()
        unit = storage.unit("test")
        people = [(Customer(id=number, email=f"{number}@shop.example"), "") for number in (1, 2)]
        await unit.shop.put(stored(a_store(), customers=people), NOON)

        async def take(unit: UnitOfWork, number: int) -> None:
            change = CustomerChange(email="New@shop.example", company="Acme")
            await customers.update(unit, [CustomerDraft(id=number, change=change)], NOON)

        result = await outcomes(driver, "customer_by_email", take)
        found = [await unit.customers.get(number) for number in (1, 2)]
        return result, sorted(each.company for each in found if each)

    assert run(scenario()) == ({"got it": 1, "email_taken": 1}, ["", "Acme"])


def test_a_name_that_two_products_change_to_is_that_of_one() -> None:
    async def scenario() -> tuple[Counter[str], int]:
        storage, driver = await open_fresh()
        unit = storage.unit("test")
        await unit.shop.put(stored(a_store(), products=[a_product(1), a_product(2)]), NOON)

        async def replaced(unit: UnitOfWork, number: int) -> bool:
            return await unit.catalog.replace(a_product(number), a_product(number, name="Lamp"), {})

        result = await outcomes(driver, "product_named", replaced)
        found, _ = await catalog.find(unit, None, "Lamp", "", limit=9, offset=0)
        return result, len(found)

    assert run(scenario()) == ({"got it": 1, "taken": 1}, 1)


def test_a_code_that_two_gift_certificates_change_to_is_that_of_one() -> None:
    async def scenario() -> Counter[str]:
        storage, driver = await open_fresh()
        for number in (1, 2):
            certificate = replace(a_certificate(code=f"GIFT{number}"), id=number)
            await storage.unit("test").gift_certificates.insert(certificate)

        async def take(unit: UnitOfWork, number: int) -> None:
            await unit.gift_certificates.edit(number, lambda before: replace(before, code="NEW"))

        return await outcomes(driver, "certificate_find", take)

    assert run(scenario()) == {"got it": 1, "taken": 1}


def test_a_code_that_somebody_else_has_taken_meanwhile_is_refused_a_promotion() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        codes = storage.unit("test").codes
        first, second = (
            PromotionCode(id=number, promotion_id=number, code=f"C{number}", created_at=NOON) for number in (1, 2)
        )
        await codes.add([first, second])

        with pytest.raises(Taken, match="code c1"):
            await codes.replace(replace(second, code="c1"))

        assert await codes.find("C2") == second

    run(scenario())
