"""Placing an order when another request has just placed it."""

from collections.abc import Awaitable, Callable

import pytest

from checkstand.domain.checkout import CUSTOM_SHIPPING, Checkout, ShippingOption
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.errors import AlreadyOrdered
from checkstand.service import orders
from checkstand.storage.port import UnitOfWork
from tests.builders import NOON, a_checkout, a_consignment, a_line, a_moment, a_product, a_store, billed, stored, usd
from tests.database import open_fresh, run

VAN = ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd("8.00"), handling=usd("0"))


async def with_a_cart(scenario: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    """In a shop with a cart that is ready to be ordered."""
    storage, database = await open_fresh()
    unit = storage.unit("test")
    store = a_store(payment_methods=(PaymentMethod(id="cod", name="Cash"),))
    await unit.shop.put(stored(store, products=(a_product(1),), stock={1: {0: 100}}), NOON)
    consignment = a_consignment("a", ("x",), selected=VAN)
    await unit.checkouts.insert(billed(a_checkout(a_line("x", 1, "10.00"), id="cart", consignments=(consignment,))), [])
    try:
        await scenario(unit)
    finally:
        await database.close()


def test_an_order_placed_since_the_checkout_was_read_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(unit: UnitOfWork) -> None:
        before = await unit.checkouts.get("cart")
        first = await orders.place_final(unit, "cart", "cod", a_moment("first"))

        async def read_before(_: object, checkout_id: str) -> Checkout:
            monkeypatch.undo()
            return before

        monkeypatch.setattr(type(unit.checkouts), "get", read_before)
        second = await orders.place_final(unit, "cart", "cod", a_moment("second"))

        assert second == first
        assert second.status == "AWAITING_PAYMENT"

    run(with_a_cart(scenario))


def test_an_order_made_through_management_waits_to_be_paid_there() -> None:
    async def scenario(unit: UnitOfWork) -> None:
        made = await orders.place_incomplete(unit, "cart", a_moment("first"))

        with pytest.raises(
            AlreadyOrdered, match=f"Order {made.id} was made of this checkout through the Management API"
        ):
            await orders.place_final(unit, "cart", "cod", a_moment("second"))

    run(with_a_cart(scenario))
