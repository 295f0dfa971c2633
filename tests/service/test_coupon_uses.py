"""A coupon is used no more often than it may be, however many orders come at once (BEHAVIOUR D63)."""

import asyncio
from collections import Counter

import pytest
from msgspec.structs import replace

from checkstand.domain.applied_coupons import CouponUse
from checkstand.domain.checkout import CUSTOM_SHIPPING, ShippingOption
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import CouponUses
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.errors import CouponNotApplicable
from checkstand.service import orders
from checkstand.storage.port import Driver
from checkstand.storage.sql import Storage
from checkstand.storage.sql.coupons import count_uses
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_moment,
    a_product,
    a_store,
    applied,
    billed,
    stored,
    usd,
)
from tests.database import open_fresh, run

SHOPPERS = 20
VAN = ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd("8.00"), handling=usd("0"))


async def twenty_carts(storage: Storage, coupon: AnyCoupon) -> None:
    """Ready to be ordered by twenty shoppers: one unit each of a product of which there are thirty, and the coupon."""
    unit = storage.unit("test")
    store = a_store(coupons=(coupon,), payment_methods=(PaymentMethod(id="cod", name="Cash"),))
    await unit.shop.put(stored(store, products=(a_product(1),), stock={1: {0: 30}}), NOON)
    consignment = a_consignment("a", ("x",), selected=VAN)
    cart = billed(a_checkout(a_line("x"), consignments=(consignment,), coupons=applied(coupon)))
    for number in range(SHOPPERS):
        email = f"shopper{number}@example.com"
        await unit.checkouts.insert(replace(cart, id=f"cart{number}", email=email), [])


async def order_all(storage: Storage, *, is_final: bool) -> Counter[str]:
    """How the twenty orders ended: "placed", or the reason of the refusal."""

    async def order(number: int) -> str:
        unit, moment = storage.unit("test"), a_moment(f"order {number}")
        try:
            if is_final:
                await orders.place_final(unit, f"cart{number}", "cod", moment)
            else:
                await orders.place_incomplete(unit, f"cart{number}", moment)
        except CouponNotApplicable as refusal:
            return refusal.reason
        return "placed"

    return Counter(await asyncio.gather(*(order(number) for number in range(SHOPPERS))))


@pytest.mark.parametrize("is_final", [True, False], ids=["final", "incomplete"])
def test_of_twenty_orders_at_once_with_a_coupon_for_one_use_one_succeeds(is_final: bool) -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        await twenty_carts(storage, a_coupon(max_uses=1))

        ended = await order_all(storage, is_final=is_final)

        assert ended == {"placed": 1, "limit": SHOPPERS - 1}
        assert await storage.unit("test").coupons.all_uses() == {1: 1}
        placed = [n for n in range(SHOPPERS) if await storage.unit("test").orders.of_checkout(f"cart{n}", 1)]
        assert len(placed) == 1
        taken = 1 if is_final else 0
        assert await storage.unit("test").catalog.stock_of([1]) == {1: {0: 30 - taken}}  # a refused order takes nothing
        told = [row["scope"] for row in await driver.all("event_all", store_hash="test")]
        assert told.count("store/order/created") == 1

    run(scenario())


def test_of_twenty_orders_at_once_as_many_succeed_as_the_limit_says_and_all_without_one() -> None:
    async def scenario(most: int, expected: dict[str, int]) -> None:
        storage, _ = await open_fresh()
        await twenty_carts(storage, a_coupon(max_uses=most))

        assert await order_all(storage, is_final=True) == expected
        assert await storage.unit("test").coupons.all_uses() == {1: expected["placed"]}

    run(scenario(7, {"placed": 7, "limit": 13}))
    run(scenario(0, {"placed": SHOPPERS}))


def test_uses_are_counted_in_all_and_by_customer_once_for_each_checkout() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        coupons = storage.unit("test").coupons

        async def use(checkout_id: str, customer: str, most_each: int = 0) -> None:
            used = CouponUse(5, "SAVE5", customer, 0, most_each)

            async def work(transaction: Driver) -> None:
                await count_uses(transaction, "test", checkout_id, [used])

            await driver.transaction(work)

        for checkout_id, customer in (("a", "jane"), ("a", "jane"), ("b", "jane"), ("c", "john"), ("d", "")):
            await use(checkout_id, customer)

        assert await coupons.uses(5, "jane", "new") == CouponUses(4, 2)
        assert await coupons.uses(5, "jane", "a") == CouponUses(3, 1)
        assert await coupons.uses(5, "", "new") == CouponUses(4, 0)
        assert await coupons.uses(6, "jane", "new") == CouponUses(0, 0)
        with pytest.raises(CouponNotApplicable):
            await use("e", "jane", most_each=2)
        assert await coupons.uses(5, "jane", "new") == CouponUses(4, 2)
        assert await storage.unit("other").coupons.uses(5, "jane", "new") == CouponUses(0, 0)

    run(scenario())
