"""What is on a gift certificate, and the credit a customer has, is spent once, however many orders come at once."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.checkout import CUSTOM_SHIPPING, Checkout, ShippingOption
from checkstand.domain.facts import Customer
from checkstand.domain.gift_certificates import CertificateChange
from checkstand.domain.money import Money
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.domain.payments import Spent
from checkstand.errors import BalanceChanged, CheckoutError, Taken, Throttled
from checkstand.service import gift_certificates, orders
from checkstand.storage.port import CertificateSearch
from checkstand.storage.sql import Storage
from checkstand.storage.sql.gift_certificates import take_payments
from checkstand.storage.sqlite import SQLite
from tests.builders import (
    NOON,
    a_certificate,
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_product,
    a_store,
    billed,
    paying,
    stored,
    usd,
)
from tests.database import open_fresh, run

VAN = ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd("8.00"), handling=usd("0"))
JANE = Customer(id=11, email="jane@shop.example", store_credit=usd("10.00"))
GIFT10, GIFT7 = a_certificate(), a_certificate("7.00", code="GIFT7", id=2)


async def carts(storage: Storage, count: int, cart: Checkout) -> None:
    """Of 18.00 each with its delivery, ready to be ordered."""
    unit = storage.unit("test")
    store = a_store(payment_methods=(PaymentMethod(id="cod", name="Cash"),))
    await unit.shop.put(
        stored(
            store,
            products=(a_product(1),),
            stock={1: {0: 100}},
            customers=[(JANE, "")],
            gift_certificates=[GIFT10, GIFT7],
        ),
        NOON,
    )
    for number in range(count):
        await unit.checkouts.insert(replace(cart, id=f"cart{number}"), [])


def a_cart(**fields: Any) -> Checkout:
    consignment = a_consignment("a", ("x",), selected=VAN)
    return billed(a_checkout(a_line("x", 1, "10.00"), consignments=(consignment,), **fields))


async def order_all(storage: Storage, count: int, payment: str | None) -> Counter[str]:
    """How the orders ended: "placed", or the reason of the refusal."""

    async def order(number: int) -> str:
        try:
            await orders.place_final(storage.unit("test"), f"cart{number}", payment, a_moment(f"order {number}"))
        except CheckoutError as refusal:
            return refusal.reason
        return "placed"

    return Counter(await asyncio.gather(*(order(number) for number in range(count))))


async def spent_on_orders(storage: Storage, count: int) -> int:
    """Minor units that certificates and credit have paid, by the orders."""
    found = [await storage.unit("test").orders.of_checkout(f"cart{number}", 1) for number in range(count)]
    return sum(paid.minor for order in found if order for paid in order.priced().totals.payments.values())


@pytest.mark.parametrize("count", [2, 12])
def test_of_orders_at_once_with_one_certificate_of_10_00_one_takes_it_and_the_others_are_told(count: int) -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        await carts(storage, count, a_cart(gift_certificates=paying(GIFT10), shown_balance=usd("8.00")))

        ended = await order_all(storage, count, "cod")

        unit = storage.unit("test")
        assert ended == {"placed": 1, "cart_has_changed": count - 1}
        assert await spent_on_orders(storage, count) == 1000
        left = await unit.gift_certificates.get(1)
        assert left is not None
        assert left.balance == usd("0")
        assert await unit.catalog.stock_of([1]) == {1: {0: 99}}  # a refused order takes nothing
        told = [row["scope"] for row in await driver.all("event_all", store_hash="test")]
        assert told.count("store/order/created") == 1

    run(scenario())


def test_of_orders_at_once_on_the_credit_of_one_customer_one_takes_it() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        cart = a_cart(customer_id=11, is_store_credit_applied=True, shown_balance=usd("8.00"))
        await carts(storage, 8, cart)

        ended = await order_all(storage, 8, "cod")

        assert ended == {"placed": 1, "cart_has_changed": 7}
        assert await spent_on_orders(storage, 8) == 1000
        jane = await storage.unit("test").customers.get(11)
        assert jane is not None
        assert jane.store_credit == usd("0")

    run(scenario())


def test_orders_that_pay_with_the_same_balances_in_other_orders_do_not_wait_for_each_other_in_a_circle() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        cart = a_cart(customer_id=11, is_store_credit_applied=True, shown_balance=usd("18.00"))
        await carts(storage, 10, cart)
        unit = storage.unit("test")
        for number in range(10):
            before = await unit.checkouts.get(f"cart{number}")
            codes = paying(GIFT10, GIFT7) if number % 2 else paying(GIFT7, GIFT10)
            assert await unit.checkouts.replace(before, replace(before, gift_certificates=codes), [])

        ended = await order_all(storage, 10, "cod")

        # 17.00 on two certificates and 10.00 of credit: each order takes what is there, or is told that it was taken.
        assert ended.keys() <= {"placed", "cart_has_changed"}
        left = [(await unit.gift_certificates.get(number)) for number in (1, 2)]
        jane = await unit.customers.get(11)
        assert jane is not None
        assert jane.store_credit is not None
        there_was = 1000 + 700 + 1000
        there_is = sum(each.balance.minor for each in left if each) + jane.store_credit.minor
        assert await spent_on_orders(storage, 10) == there_was - there_is

    run(scenario())


def test_who_takes_too_much_takes_nothing_at_all() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        await carts(storage, 0, a_cart())
        unit = storage.unit("test")
        too_much = [Spent("gift10", "GIFT10", usd("10.00")), Spent("", "", usd("10.01"))]

        with pytest.raises(BalanceChanged):
            await driver.transaction(lambda inside: take_payments(inside, "test", 11, too_much))

        found, jane = await unit.gift_certificates.get(1), await unit.customers.get(11)
        assert found == GIFT10
        assert jane == JANE
        with pytest.raises(BalanceChanged):
            await driver.transaction(lambda inside: take_payments(inside, "other", 11, too_much[:1]))
        await unit.gift_certificates.edit(1, lambda before: replace(before, status="disabled"))
        with pytest.raises(BalanceChanged):
            await driver.transaction(lambda inside: take_payments(inside, "test", 11, too_much[:1]))

    run(scenario())


def test_credit_stored_before_there_was_a_counter_is_spent_all_the_same() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        await carts(storage, 0, a_cart())
        if not isinstance(driver, SQLite):
            return  # the statements are the same
        driver._execute("UPDATE customers SET store_credit = NULL")
        customers = storage.unit("test").customers
        assert await customers.get(11) == JANE

        for _ in range(2):
            await driver.transaction(lambda inside: take_payments(inside, "test", 11, [Spent("", "", usd("4.00"))]))

        assert await customers.get(11) == replace(JANE, store_credit=usd("2.00"))

    run(scenario())


# ---------------------------------------------------------------------------------------------------- the table


def test_certificates_are_kept_by_store_and_found_by_code_without_case() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()
        here, there = (storage.unit(name).gift_certificates for name in ("here", "there"))
        await here.insert(GIFT10)
        await there.insert(replace(GIFT10, balance=usd("1.00")))

        with pytest.raises(Taken):
            await here.insert(replace(GIFT7, code="gift10"))
        assert await here.find_some([" Gift10 ", "GIFT8"]) == {"gift10": GIFT10}
        assert await here.get(1) == GIFT10
        assert await here.page(CertificateSearch(code="nothing")) == []
        assert await there.remove(1)
        assert (await there.page(CertificateSearch()), await here.page(CertificateSearch())) == ([], [GIFT10])

    run(scenario())


def test_a_change_by_the_merchant_does_not_undo_what_an_order_takes_meanwhile() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        await carts(storage, 0, a_cart())
        unit = storage.unit("test")

        async def spend() -> None:
            one = [Spent("gift10", "GIFT10", Money(1, "USD"))]
            for _ in range(20):
                await driver.transaction(lambda inside: take_payments(inside, "test", 0, one))

        async def rename() -> None:
            for number in range(20):
                await gift_certificates.update(unit, 1, CertificateChange(to_name=f"John {number}"))

        await asyncio.gather(spend(), rename())

        found = await unit.gift_certificates.get(1)
        assert found is not None
        assert (found.balance, found.to_name) == (usd("9.80"), "John 19")

    run(scenario())


def test_of_thirty_codes_tried_at_once_twenty_are_looked_at() -> None:
    async def scenario() -> None:
        storage, _ = await open_fresh()

        async def attempt(number: int) -> bool:
            try:
                await gift_certificates.admit(storage.unit("test"), "session", "192.0.2.1", f"code {number}", NOON)
            except Throttled:
                return False
            return True

        assert sum(await asyncio.gather(*(attempt(number) for number in range(30)))) == 20

    run(scenario())
