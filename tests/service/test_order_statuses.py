"""Whatever statuses orders are given, by however many at once: what is missing from the stock is what active orders hold."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.checkout import CUSTOM_SHIPPING, Checkout, ShippingOption
from checkstand.domain.facts import Customer
from checkstand.domain.order import OrderChange
from checkstand.domain.order_status import STATUSES, OrderStatus, is_active
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.errors import CheckoutError
from checkstand.service import orders
from checkstand.storage.port import OrderSearch
from checkstand.storage.sql import Storage
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_product,
    a_store,
    billed,
    stored,
    usd,
)
from tests.database import open_fresh, run

VAN = ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd("8.00"), handling=usd("0"))
JANE = Customer(id=11, email="jane@shop.example")


def a_cart(units: int = 2, **fields: Any) -> Checkout:
    """The line asks for variant 1 and, beside it, for variant 2, whose stock is counted as well."""
    lines = (
        a_line("x", units, "10.00", product_id=1, variant_id=1),
        a_line("y", 1, "10.00", product_id=2, variant_id=2),
    )
    return billed(a_checkout(*lines, consignments=(a_consignment("a", ("x", "y"), selected=VAN),), **fields))


async def a_shop(storage: Storage, count: int, stock: int, **fields: Any) -> list[int]:
    """As many incomplete orders, each of another cart: their numbers."""
    unit = storage.unit("test")
    shop = stored(
        a_store(payment_methods=(PaymentMethod(id="cod", name="Cash"),)),
        products=(a_product(1), a_product(2)),
        stock={1: {0: stock}, 2: {0: stock}},
        customers=[(JANE, "")],
    )
    await unit.shop.put(shop, NOON)
    made = []
    for number in range(count):
        await unit.checkouts.insert(replace(a_cart(**fields), id=f"cart{number}"), [])
        made.append((await orders.place_incomplete(unit, f"cart{number}", a_moment(f"order {number}"))).id)
    return made


async def units_of_active_orders(storage: Storage) -> Counter[int]:
    """Variant id -> units, by the orders' own lines."""
    held: Counter[int] = Counter()
    for order in await storage.unit("test").orders.page(OrderSearch(), sort="id", descending=False, limit=1000):
        for line in order.checkout.lines:
            held[line.variant_id] += line.quantity if is_active(order.status) else 0
    return held


@pytest.mark.parametrize("stock", [5, 100])
def test_what_is_missing_from_the_stock_is_what_active_orders_hold_however_their_statuses_change_at_once(
    stock: int,
) -> None:
    chance = random.Random(stock)

    async def scenario() -> None:
        storage, _ = await open_fresh()
        made = await a_shop(storage, 4, stock)

        async def change(order_id: int, status: OrderStatus) -> str:
            try:
                await orders.change(storage.unit("test"), order_id, OrderChange(status=status), NOON)
            except CheckoutError as refusal:
                return refusal.reason
            return "done"

        for _ in range(6):
            wanted = [(chance.choice(made), chance.choice(STATUSES).status) for _ in range(8)]
            ended = Counter(await asyncio.gather(*(change(*each) for each in wanted)))
            held = await units_of_active_orders(storage)
            left = await storage.unit("test").catalog.stock_of((1, 2))

            assert ended.keys() <= {"done", "invalid", "out_of_stock"}
            assert left == {variant: {0: stock - held[variant]} for variant in (1, 2)}

    run(scenario())


def test_of_two_orders_at_once_for_the_last_units_one_gets_them_and_the_other_stays_as_it_was() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        made = await a_shop(storage, 2, stock=2)

        async def pay(order_id: int) -> str:
            try:
                await orders.change(storage.unit("test"), order_id, OrderChange(status="COMPLETED"), NOON)
            except CheckoutError as refusal:
                return refusal.reason
            return "paid"

        assert Counter([await pay(made[0]), await pay(made[1])]) == {"paid": 1, "out_of_stock": 1}
        unit = storage.unit("test")
        assert await unit.orders.counts() == {"COMPLETED": 1, "INCOMPLETE": 1}
        assert await unit.catalog.stock_of([1]) == {1: {0: 0}}
        assert await unit.catalog.stock_of([2]) == {2: {0: 1}}  # what a refused order takes first is given back
        told = [row["scope"] for row in await driver.all("event_all", store_hash="test")]
        assert told.count("store/order/statusUpdated") == 1

    run(scenario())


def test_an_order_counts_for_its_customer_from_when_it_is_more_than_incomplete_until_it_is_given_up() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        (order_id,) = await a_shop(storage, 1, 10, customer_id=11)
        unit = storage.unit("test")
        counts = [await unit.orders.count_of(11)]
        statuses: tuple[OrderStatus, ...] = ("AWAITING_PAYMENT", "COMPLETED", "CANCELLED", "DECLINED", "COMPLETED")
        for status in statuses:
            await orders.change(unit, order_id, OrderChange(status=status), NOON)
            counts.append(await unit.orders.count_of(11))

        assert counts == [0, 1, 1, 0, 0, 1]

    run(scenario())


def test_an_order_from_before_stock_was_written_down_gives_back_what_its_lines_hold() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        (order_id,) = await a_shop(storage, 1, 10)
        unit = storage.unit("test")
        placed = await orders.change(unit, order_id, OrderChange(status="AWAITING_PAYMENT"), NOON)
        old = replace(placed, taken=None)
        await unit.orders.replace(placed, old, [], taken={}, given_back={})

        await orders.change(unit, order_id, OrderChange(status="CANCELLED"), NOON)

        assert await unit.catalog.stock_of([1]) == {1: {0: 10}}

    run(scenario())
