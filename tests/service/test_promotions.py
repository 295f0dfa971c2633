"""Promotions and codes when many write at once, and what is looked up for them."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.applied_coupons import CouponUse, counter_of
from checkstand.domain.checkout import CUSTOM_SHIPPING, AppliedCoupon, ShippingOption
from checkstand.domain.commands import SetCustomerMessage
from checkstand.domain.facts import Customer
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.domain.promotions import Amount, CartValue, GiftItem, PromotionCode, Rule
from checkstand.domain.promotions.promotion import CustomerLimits
from checkstand.errors import CheckoutError, Taken
from checkstand.service import orders, promotions
from checkstand.service.gather import gather, look_up
from checkstand.storage.port import Driver
from checkstand.storage.sql import Storage
from checkstand.storage.sql.coupons import count_uses
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_product,
    a_promotion,
    a_store,
    amount_off,
    billed,
    stored,
    usd,
)
from tests.database import open_fresh, run

VAN = ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd("8.00"), handling=usd("0"))
RULE = Rule(action=CartValue(discount=Amount(Decimal(1))))
GIVEN: dict[str, Any] = {"name": "With codes", "rules": (RULE,), "redemption_type": "COUPON", "coupon_type": "BULK"}
CODE = PromotionCode(id=0, promotion_id=0, code="SPRING")
SHOPPERS = 10


async def a_shop(*given: Any, **fields: Any) -> Storage:
    storage, _ = await open_fresh()
    store = a_store(promotions=given, payment_methods=(PaymentMethod(id="cod", name="Cash"),), **fields)
    products = (a_product(1), a_product(7, "7.95"))
    await storage.unit("test").shop.put(stored(store, products=products, stock={1: {0: 30}, 7: {0: 3}}), NOON)
    return storage


async def order_all(storage: Storage, **fields: Any) -> Counter[str]:
    """Ten shoppers order at once: "placed", or the reason of the refusal."""
    consignment = a_consignment("a", ("x",), selected=VAN)
    for number in range(SHOPPERS):
        cart = billed(a_checkout(a_line("x"), consignments=(consignment,), **fields))
        email = f"shopper{number}@example.com"
        await storage.unit("test").checkouts.insert(replace(cart, id=f"cart{number}", email=email), [])

    async def order(number: int) -> str:
        try:
            await orders.place_final(storage.unit("test"), f"cart{number}", "cod", a_moment(f"order {number}"))
        except CheckoutError as refusal:
            return refusal.reason
        return "placed"

    return Counter(await asyncio.gather(*(order(number) for number in range(SHOPPERS))))


def test_an_automatic_promotion_is_used_no_more_often_than_it_may_be() -> None:
    async def scenario() -> None:
        storage = await a_shop(amount_off("1", max_uses=3))

        ended = await order_all(storage)

        unit = storage.unit("test")
        placed = [
            await unit.orders.get(number) for number in range(100, 100 + SHOPPERS) if await unit.orders.find(number)
        ]
        with_discount = [order for order in placed if order.priced().totals.subtotal.ex_tax == usd(9)]
        assert len(with_discount) == 3
        assert ended["placed"] == len(placed) >= 3
        assert ended["placed"] + ended["limit"] == SHOPPERS
        assert await unit.coupons.promotion_uses() == {1: 3}

    run(scenario())


def test_a_code_for_one_use_is_used_once_and_counts_for_its_promotion() -> None:
    async def scenario() -> None:
        storage = await a_shop()
        unit = storage.unit("test")
        promotion = await promotions.create(unit, GIVEN, None, a_moment())
        code = await promotions.add_code(unit, promotion.id, replace(CODE, max_uses=1), a_moment())
        entered = AppliedCoupon(id=code.id, code="SPRING", name="", type="promotion", promotion_id=promotion.id)

        ended = await order_all(storage, coupons=(entered,))

        assert ended == {"placed": 1, "limit": SHOPPERS - 1}
        assert await unit.coupons.uses_between(code.id, code.id) == {code.id: 1}
        assert await unit.coupons.promotion_uses() == {promotion.id: 1}
        assert await unit.coupons.promotion_uses("cart0") in ({promotion.id: 1}, {promotion.id: 0})

    run(scenario())


def test_of_the_same_code_made_by_many_at_once_there_is_one() -> None:
    async def scenario() -> None:
        storage = await a_shop()
        promotion = await promotions.create(storage.unit("test"), GIVEN, None, a_moment())

        async def make(number: int) -> bool:
            try:
                await promotions.add_code(storage.unit("test"), promotion.id, CODE, a_moment(str(number)))
            except Taken:
                return False
            return True

        assert sum(await asyncio.gather(*(make(number) for number in range(8)))) == 1
        assert await storage.unit("test").codes.count(promotion.id) == 1

    run(scenario())


def test_a_promotion_is_not_made_without_the_code_it_comes_with() -> None:
    async def scenario() -> None:
        storage = await a_shop()
        unit = storage.unit("test")
        await promotions.create(unit, GIVEN, CODE, a_moment())

        with pytest.raises(Taken):
            await promotions.create(unit, GIVEN, replace(CODE, code="spring"), a_moment())

        assert len((await unit.store()).promotions) == 1

    run(scenario())


def test_orders_before_and_gifts_are_looked_up_only_where_a_promotion_asks_for_them() -> None:
    async def scenario() -> None:
        loyal = amount_off("1", customer=CustomerLimits(minimum_order_count=1))
        jar = a_promotion(GiftItem(quantity=1, product_id=7), promotion_id=2)
        asking, plain = await a_shop(loyal, jar), await a_shop(amount_off("1"))
        cart = billed(a_checkout(a_line("x"), consignments=(a_consignment("a", ("x",), selected=VAN),), customer_id=11))
        for storage in (asking, plain):
            unit = storage.unit("test")
            customer = Customer(id=11, email="jane@example.com")
            store = await unit.store()
            await unit.shop.put(stored(store, customers=[(customer, "")]), NOON)
            await unit.checkouts.insert(cart, [])
            await orders.place_final(unit, cart.id, "cod", a_moment())

        known = await gather(asking.unit("test"), cart, now=NOON)
        nothing = await gather(plain.unit("test"), cart, now=NOON)
        looked_up = await look_up(asking.unit("test"), SetCustomerMessage(message="Hello"), cart, NOON)

        assert looked_up == known
        assert await gather(asking.unit("test"), cart, looked_up, now=NOON) is looked_up  # nothing is looked up twice
        assert (known.order_count, list(known.products), known.stock) == (1, [7], {7: {0: 2}})
        assert (nothing.order_count, nothing.products, nothing.stock) == (0, {}, {})

    run(scenario())


def test_a_promotion_counts_apart_from_a_coupon_of_the_same_number() -> None:
    async def scenario() -> None:
        storage, driver = await open_fresh()
        used = [CouponUse(counter_of(5), "The promotion", "jane", 0), CouponUse(5, "The coupon", "jane", 0)]

        async def work(transaction: Driver) -> None:
            await count_uses(transaction, "test", "cart", used)

        await driver.transaction(work)

        coupons = storage.unit("test").coupons
        assert await coupons.promotion_uses() == {5: 1}
        assert await coupons.uses_between(1, 9) == {5: 1}

    run(scenario())
