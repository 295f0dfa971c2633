"""The unit of work: compare-and-swap, and what moves together in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from checkstand.domain import stock
from checkstand.domain.events import Event
from checkstand.domain.fulfillment import settle
from checkstand.domain.order import place
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.pricing.price import price
from checkstand.errors import NotFound, OutOfStock
from checkstand.storage.port import Driver, Row, UnitOfWork, Value
from checkstand.storage.sql import SqlUnit, checkouts
from checkstand.storage.sql import unit as units
from tests.builders import NOON, a_checkout, a_consignment, a_line, a_store, billed, facts, stored
from tests.database import open_fresh, run

EVENT = Event("store/cart/updated", {"type": "cart", "id": "cart"})


def with_unit(scenario: Callable[[SqlUnit], Awaitable[None]]) -> None:
    async def whole() -> None:
        storage, _ = await open_fresh()
        await scenario(storage.unit("test"))

    run(whole())


def test_a_checkout_is_read_back_as_it_was_kept() -> None:
    async def scenario(unit: SqlUnit) -> None:
        checkout = billed(a_checkout(a_line(), consignments=(a_consignment(),)))
        await unit.checkouts.insert(checkout, [])

        assert await unit.checkouts.get("cart") == checkout
        checkouts.remembered.clear()
        assert await unit.checkouts.get("cart") == checkout

    with_unit(scenario)


def test_what_is_remembered_of_bodies_is_limited_in_number_and_in_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkouts, "MOST_REMEMBERED", 2)
    checkouts.remembered.clear()

    async def scenario(unit: SqlUnit) -> None:
        for number in range(4):
            await unit.checkouts.insert(a_checkout(id=str(number)), [])
        await unit.checkouts.insert(a_checkout(id="long", customer_message="x" * checkouts.LONGEST_REMEMBERED), [])

        assert list(checkouts.remembered) == ["2", "3"]
        assert [(await unit.checkouts.get(name)).id for name in ("0", "3", "long")] == ["0", "3", "long"]

    with_unit(scenario)


def test_a_checkout_read_along_with_a_token_is_read_anew_after_any_wait() -> None:
    async def scenario(unit: SqlUnit) -> None:
        before = a_checkout()
        after = replace(before, version=2)
        await unit.checkouts.insert(before, [])
        await unit.shop.put(stored(a_store()), NOON)
        await unit.access.add_token("secret", "name", ["store_cart"], NOON)

        assert await unit.access.caller("secret", "other") == await unit.access.caller("secret", "cart")
        assert (await unit.checkouts.get("cart")).version == 1

        await unit.access.caller("secret", "cart")
        await asyncio.sleep(0)
        assert await unit.checkouts.replace(before, after, [])
        assert (await unit.checkouts.get("cart")).version == 2
        with pytest.raises(NotFound):
            await unit.checkouts.get("other")

    with_unit(scenario)


def test_of_two_writers_that_read_the_same_version_the_first_one_wins() -> None:
    async def scenario(unit: SqlUnit) -> None:
        before = a_checkout()
        await unit.checkouts.insert(before, [])
        mine = replace(before, version=2, customer_message="mine")
        theirs = replace(before, version=2, customer_message="theirs")

        assert await unit.checkouts.replace(before, mine, [EVENT]) is True
        assert await unit.checkouts.replace(before, theirs, [EVENT]) is False
        assert (await unit.checkouts.get("cart")).customer_message == "mine"
        assert await unit.checkouts.delete(before, [EVENT]) is False

    with_unit(scenario)


def test_a_store_does_not_see_another_ones_checkout() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        await storage.unit("mine").checkouts.insert(a_checkout(), [])

        with pytest.raises(NotFound):
            await storage.unit("other").checkouts.get("cart")

    run(scenario())


def test_settings_of_a_limited_number_of_stores_are_kept_in_memory_and_the_others_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        for store_hash in ("one", "two", "three"):
            await storage.unit(store_hash).shop.put(stored(a_store(hash=store_hash)), NOON)
        monkeypatch.setattr(units, "MOST_STORES_IN_MEMORY", 2)
        read: list[str] = []

        async def counted(name: str, /, **values: Value) -> Row | None:
            read.extend([str(values["store_hash"])] if name == "store_get" else [])
            return await type(driver).one(driver, name, **values)

        monkeypatch.setattr(driver, "one", counted)

        for store_hash in ("one", "two", "two", "three", "two", "one"):
            assert (await storage.unit(store_hash).store()).hash == store_hash

        assert read == ["one", "two", "three", "one"]

    run(scenario())


def test_the_event_is_kept_only_if_the_change_is() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        unit = storage.unit("test")
        before = a_checkout()
        await unit.checkouts.insert(before, [])
        after = replace(before, version=2)
        await unit.checkouts.replace(before, after, [EVENT])
        await unit.checkouts.replace(before, after, [EVENT])

        assert [row["scope"] for row in await driver.all("event_all", store_hash="test")] == ["store/cart/updated"]

    run(scenario())


def test_an_order_its_checkout_and_its_stock_move_together_or_not_at_all() -> None:
    async def scenario(unit: SqlUnit) -> None:
        before = billed(a_checkout(a_line("x", 2, kind="digital")))
        await unit.checkouts.insert(before, [])
        await unit.catalog.put_stock(1, {0: 1})
        known = facts(a_store(), stock={1: {0: 9}})  # what was read before somebody else took the rest
        answer = price(settle(before, price_goods(before, known), known), known)
        order = place(answer, known, order_id=100, status="AWAITING_PAYMENT", now=NOON)

        with pytest.raises(OutOfStock):
            await unit.orders.insert(order, before, order.checkout, stock.taken(before, known), [EVENT])

        assert await unit.orders.of_checkout("cart", 1) is None
        assert (await unit.checkouts.get("cart")).order_id is None
        assert await unit.catalog.stock_of([1]) == {1: {0: 1}}

        await unit.catalog.put_stock(1, {0: 3})
        assert await unit.orders.insert(order, before, order.checkout, stock.taken(before, known), [EVENT]) is True
        assert await unit.orders.insert(replace(order, id=101), before, order.checkout, {}, [EVENT]) is False
        assert await unit.catalog.stock_of([1]) == {1: {0: 1}}
        assert (await unit.orders.get(100)).checkout.order_id == 100

    with_unit(scenario)


def test_who_read_a_checkout_before_an_order_was_made_of_it_loses_the_race_although_the_version_is_the_same() -> None:
    async def scenario(unit: SqlUnit) -> None:
        before = billed(a_checkout(a_line("x", 2, kind="digital")))
        await unit.checkouts.insert(before, [])
        known = facts(a_store())
        answer = price(settle(before, price_goods(before, known), known), known)
        order = place(answer, known, order_id=100, status="AWAITING_PAYMENT", now=NOON)
        converted = replace(order.checkout, converted=True)
        assert await unit.orders.insert(order, before, converted, {}, [EVENT]) is True

        late = replace(before, version=2, customer_message="late")
        assert await unit.checkouts.replace(before, late, []) is False
        assert await unit.checkouts.replace(before, late, [EVENT]) is False
        assert await unit.checkouts.delete(before, [EVENT]) is False

        assert await unit.checkouts.get("cart") == converted

    with_unit(scenario)


def test_an_order_that_lost_its_race_inside_of_a_larger_transaction_leaves_nothing_in_it() -> None:
    async def scenario(unit: SqlUnit) -> None:
        before = billed(a_checkout(a_line("x", 2, kind="digital")))
        await unit.checkouts.insert(before, [])
        known = facts(a_store())
        answer = price(settle(before, price_goods(before, known), known), known)
        order = place(answer, known, order_id=100, status="INCOMPLETE", now=NOON)
        assert await unit.checkouts.replace(before, replace(before, version=2), [])

        async def work(inside: UnitOfWork) -> bool:
            return await inside.orders.insert(order, before, order.checkout, {}, [EVENT])

        assert await unit.together(work) is False
        assert await unit.orders.find(100) is None

    with_unit(scenario)


def test_the_settings_in_memory_follow_the_revision() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        unit = storage.unit("test")
        store = a_store()
        await unit.shop.put(stored(store), NOON)

        assert await unit.replace_store(store, replace(store, name="Renamed")) is True
        assert await unit.replace_store(store, replace(store, name="Too late")) is False

        assert (await storage.unit("test").store()).name == "Renamed"

    run(scenario())


# ---------------------------------------------------------------------------------------------------- giving up


def test_a_write_given_up_before_its_commit_is_not_done() -> None:
    async def scenario() -> None:
        _, driver = await open_fresh()
        put = driver.transaction(lambda transaction: transaction.run("host_insert", store_hash="test", host="given.up"))
        other = asyncio.create_task(driver.run("host_insert", store_hash="test", host="other.example"))
        writing = asyncio.create_task(put)  # which waits: on SQLite the first of a round is done at once
        await asyncio.sleep(0)

        writing.cancel()

        with pytest.raises(asyncio.CancelledError):
            await writing
        assert await other == 1
        assert await driver.one("store_by_host", host="given.up") is None

    run(scenario())


def test_a_write_given_up_at_its_commit_is_done_and_said_to_be() -> None:
    async def scenario() -> None:
        _, driver = await open_fresh()

        async def put(transaction: Driver) -> str:
            await transaction.run("host_insert", store_hash="test", host="kept.example")
            asyncio.get_running_loop().call_soon(writing.cancel)
            return "done"

        other = asyncio.create_task(driver.run("host_insert", store_hash="test", host="other.example"))
        writing = asyncio.create_task(driver.transaction(put))

        assert await writing == "done"
        assert await other == 1
        assert writing.cancelling() == 0
        assert await driver.one("store_by_host", host="kept.example") is not None

    run(scenario())
