"""Customers under races and across restarts of nothing: one cart however many sign in at once, one account to an email, passwords
that are looked at in few threads."""

import asyncio
import threading
from collections import Counter

import pytest
from msgspec.structs import replace

from checkstand.domain.address import Address, CustomerAddress
from checkstand.domain.commands import SetCustomerMessage
from checkstand.domain.customers import CustomerChange
from checkstand.domain.facts import Customer
from checkstand.errors import CheckoutError, Taken
from checkstand.service import customers, passwords
from checkstand.service.commands import change
from checkstand.storage.port import Account, Session
from checkstand.storage.sql import Storage
from tests.builders import NOON, a_checkout, a_line, a_moment, a_store, stored, usd
from tests.database import open_fresh, run

JANE = Customer(id=11, email="jane@shop.example", store_credit=usd("10.00"))


async def a_shop(storage: Storage, *carts: str) -> None:
    """Customer 11, and guests' carts of one line each, of different goods."""
    unit = storage.unit("test")
    await unit.shop.put(stored(a_store(), customers=[(JANE, "")]), NOON)
    for number, cart_id in enumerate(carts, 1):
        line = a_line(f"line {cart_id}", number, product_id=number, variant_id=number)
        await unit.checkouts.insert(replace(a_checkout(line), id=cart_id), [])


def test_many_who_sign_in_as_one_customer_at_once_have_one_cart_with_all_lines() -> None:
    async def scenario() -> tuple[set[str], Counter[int], int]:
        storage, _ = await open_fresh()
        names = [f"cart{number}" for number in range(6)]
        await a_shop(storage, *names)

        async def sign_in(cart_id: str) -> str:
            return await customers.take_cart(storage.unit("test"), 11, cart_id, a_moment(cart_id))

        await asyncio.gather(*(sign_in(name) for name in names))

        unit = storage.unit("test")
        kept = await unit.customers.cart_id(11)
        cart = await unit.checkouts.get(kept)
        left = [name for name in await unit.checkouts.latest_ids(10) if name in names]
        return set(left), Counter({line.product_id: line.quantity for line in cart.lines}), cart.customer_id

    left, units, owner = run(scenario())

    assert (len(left), owner) == (1, 11)
    assert units == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}


def test_a_cart_that_is_changed_while_its_shopper_signs_in_loses_nothing() -> None:
    async def scenario() -> tuple[int, int, str]:
        storage, _ = await open_fresh()
        await a_shop(storage, "cart0")
        unit = storage.unit("test")
        await asyncio.gather(
            customers.take_cart(unit, 11, "cart0", a_moment("in")),
            change(storage.unit("test"), "cart0", SetCustomerMessage(message="hello"), a_moment("message")),
        )
        cart = await unit.checkouts.get("cart0")
        return cart.customer_id, cart.version, cart.customer_message

    assert run(scenario()) == (11, 3, "hello")


def test_signing_out_of_one_cart_leaves_the_one_the_customer_has_meanwhile() -> None:
    async def scenario() -> tuple[str, str]:
        storage, _ = await open_fresh()
        await a_shop(storage, "cart0", "cart1")
        unit = storage.unit("test")
        await customers.take_cart(unit, 11, "cart0", a_moment("in"))
        await unit.customers.put_cart_id(11, "cart1")
        left = await customers.leave_cart(unit, 11, "cart0", a_moment("out"))
        return left, await unit.customers.cart_id(11)

    assert run(scenario()) == ("cart0", "cart1")


def test_fields_of_one_address_that_two_change_at_once_are_all_changed() -> None:
    async def scenario() -> CustomerAddress:
        storage, _ = await open_fresh()
        await a_shop(storage)
        unit = storage.unit("test")
        home = Address(first_name="A", last_name="B", address1="1 Elm", city="Austin", country_code="US")
        await customers.add_address(unit, 11, home, NOON)
        await asyncio.gather(
            customers.update_addresses(storage.unit("test"), [(1, {"company": "Acme"})], NOON),
            customers.update_addresses(storage.unit("test"), [(1, {"phone": "555"})], NOON),
        )
        account = await unit.customers.account(11)
        assert account is not None
        return account.customer.addresses[0]

    address = run(scenario())

    assert (address.company, address.phone) == ("Acme", "555")


def test_of_two_who_register_with_one_email_at_once_one_is_refused() -> None:
    async def scenario() -> Counter[str]:
        storage, _ = await open_fresh()
        await a_shop(storage)

        async def register(email: str) -> str:
            new = CustomerChange(email=email, first_name="Ann", last_name="Roe")
            try:
                await customers.register(storage.unit("test"), new, "S3curePass", "192.0.2.1", NOON)
            except Taken as refusal:
                return refusal.reason
            return "registered"

        return Counter(await asyncio.gather(register("ann@example.com"), register("Ann@Example.com")))

    assert run(scenario()) == {"registered": 1, "email_taken": 1}


def test_store_credit_that_an_order_takes_meanwhile_is_not_given_back_by_an_edit() -> None:
    async def scenario() -> tuple[int, str]:
        storage, _ = await open_fresh()
        await a_shop(storage)
        unit = storage.unit("test")
        await unit.customers.edit(11, lambda before: replace(before, store_credit=usd("4.00")), NOON)
        after = await unit.customers.edit(11, lambda before: replace(before, notes="a note"), NOON)
        assert after is not None
        assert after.store_credit is not None
        return after.store_credit.minor, after.notes

    assert run(scenario()) == (400, "a note")


def test_a_session_of_a_customer_who_was_deleted_opens_nothing() -> None:
    async def scenario() -> Session | None:
        storage, _ = await open_fresh()
        await a_shop(storage)
        unit = storage.unit("test")
        await unit.access.put_session("s", Session(customer_id=11), NOON.replace(year=2099))
        assert (await unit.access.session("s", NOON)) is not None
        await unit.customers.remove(11, NOON)
        return await unit.access.session("s", NOON)

    assert run(scenario()) is None


def test_an_email_is_one_customers_whatever_its_case() -> None:
    async def scenario() -> str:
        storage, _ = await open_fresh()
        await a_shop(storage)
        try:
            await storage.unit("test").customers.insert(
                Account(customer=Customer(id=12, email="JANE@shop.example")), NOON
            )
        except CheckoutError as refusal:
            return refusal.reason
        return "kept"

    assert run(scenario()) == "email_taken"


def test_a_password_is_right_or_it_is_not() -> None:
    async def scenario() -> list[bool]:
        kept = await passwords.hashed("Passw0rd1")
        asked = [(kept, "Passw0rd1"), (kept, "Passw0rd2"), ("", "Passw0rd1"), ("", ""), ("no hash", "Passw0rd1")]
        return [await passwords.is_right(*each) for each in asked]

    assert run(scenario()) == [True, False, False, False, False]


def test_who_is_nobody_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password is compared with where there is no customer is worked out in a thread, too."""
    where: list[threading.Thread] = []

    def nobodys() -> str:
        where.append(threading.current_thread())
        return "no hash"

    monkeypatch.setattr(passwords, "_nobodys", nobodys)

    assert run(passwords.is_right("", "Passw0rd1")) is False
    assert len(where) == 1
    assert where[0] is not threading.current_thread()
