"""Changing one consignment never touches another one (C6, D62): not its choice, not its offers, and no carrier is asked again.

A random shopper does whatever leaves the units and the address of one consignment alone. The carrier's answers depend on the
question, and on how often it was asked before: were it asked again, the quotes would be others.
"""

import asyncio
import json
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from checkstand.carriers import Carriers
from checkstand.domain.address import Address
from checkstand.domain.carrier import Carrier, CarrierConnection
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.checkout import Checkout, Consignment, ShippingOption
from checkstand.domain.commands import (
    AddFees,
    AddItems,
    AnyCommand,
    ApplyCoupon,
    ChangeLine,
    CreateConsignments,
    NewCheckout,
    RemoveConsignment,
    RemoveLine,
    SetBillingAddress,
    SetCustomerMessage,
    UpdateConsignment,
    WithdrawCoupon,
)
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, CustomShipping, Units
from checkstand.domain.coupons import PercentageDiscount
from checkstand.domain.fees import FeeDraft
from checkstand.domain.methods import CarrierMethod
from checkstand.domain.promotions import Promotion
from checkstand.domain.promotions.conditions import CartCondition
from checkstand.errors import CheckoutError
from checkstand.outbound import NotReached, Response
from checkstand.service import carts
from checkstand.service.commands import Answer, change, read
from checkstand.storage.open import open_storage
from checkstand.storage.sql import Storage
from tests.builders import (
    NOON,
    a_coupon,
    a_moment,
    a_product,
    a_store,
    a_zone,
    an_address,
    flat_rate,
    in_new_york,
    percent_off,
    stored,
)

METHOD = CarrierMethod(id=7, name="Acme", carrier_id="acme")
ACME = Carrier(id="acme", name="Acme", url="https://rates.acme.example/rate")
STORE = a_store(a_zone(flat_rate(), METHOD, type="global"), carriers=(ACME,))
TEN_OFF = a_coupon(PercentageDiscount, "10", code="TEN")
CITIES = st.sampled_from(
    [an_address(), in_new_york(), an_address(postal_code="73301"), an_address(address1="2 Side St")]
)
ALONE = in_new_york(address1="9 Alone Street")
SERVICES = ("GND", "AIR")


class Acme:
    """Its ground service costs what the question makes it cost, by air one more; a cent is added with each call."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.is_away = False

    async def __call__(self, url: str, headers: dict[str, str], body: bytes, seconds: float) -> Response:
        if self.is_away:
            raise NotReached("answered 503")
        self.asked.append(json.loads(body))
        cost = sha256(body).digest()[0] + Decimal(len(self.asked)) / 100
        quotes = [
            {"code": code, "display_name": code, "cost": {"currency": "USD", "amount": float(cost + number)}}
            for number, code in enumerate(SERVICES)
        ]
        answer = {"quote_id": "1", "messages": [], "carrier_quotes": [{"quotes": quotes}]}
        return Response(200, json.dumps(answer).encode())

    def asked_for(self, street: str) -> int:
        """How often it was asked about what goes there."""
        return sum(each["base_options"]["destination"]["street_1"] == street for each in self.asked)


class Shopping(RuleBasedStateMachine):
    """The one left alone holds two units of product 9 and goes by air, to a street where nothing else goes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.acme, self.seconds, self.steps = Acme(), 0.0, 0
        self.answer: Answer
        self.runner.run(self.open())

    async def open(self) -> None:
        self.storage, self.driver = await open_storage("sqlite://")
        await prepare(self.storage, self.asking())

    def asking(self) -> Carriers:
        return Carriers(self.acme, self.storage.carrier_answers, lambda: self.seconds)

    def teardown(self) -> None:
        async def close() -> None:
            assert isinstance(self.storage.carrier_quotes, Carriers)
            await self.storage.carrier_quotes.stop()
            await self.driver.close()

        self.runner.run(close())
        self.runner.close()

    @initialize()
    def start(self) -> None:
        checkout = self.runner.run(a_cart(self.storage, {1: 3, 2: 2, 9: 2}))
        self.checkout_id = checkout.id
        self.mine = {line.id for line in checkout.lines if line.product_id == 9}
        (line_id,) = self.mine
        self.give(CreateConsignments(drafts=(ConsignmentDraft(units=(Units(line_id, 2),), address=ALONE),)))
        self.apart = self.checkout.consignments[0].id
        option = next(each for each in self.answer.priced.settled.options[self.apart] if each.description == "AIR")
        self.give(UpdateConsignment(consignment_id=self.apart, change=ConsignmentChange(shipping_option_id=option.id)))
        self.saved, self.offers = self.alone(), self.answer.priced.settled.options[self.apart]
        self.calls = self.acme.asked_for(ALONE.address1)

    # ---------------------------------------------------------------------------------------------- what holds

    @invariant()
    def the_other_one_is_as_it_was(self) -> None:
        assert self.alone() == self.saved
        assert self.answer.priced.settled.options[self.apart] == self.offers
        assert self.acme.asked_for(ALONE.address1) == self.calls

    @property
    def checkout(self) -> Checkout:
        return self.answer.checkout

    def alone(self) -> Consignment:
        return self.checkout.consignment(self.apart)

    def others(self) -> list[Consignment]:
        return [place for place in self.checkout.consignments if place.id != self.apart]

    def give(self, command: AnyCommand) -> None:
        self.steps += 1
        unit, moment = self.storage.unit("test"), a_moment(f"step {self.steps}")
        try:
            self.answer = self.runner.run(change(unit, self.checkout_id, command, moment))
        except CheckoutError:
            self.look()

    @rule()
    def look(self) -> None:
        self.answer = self.runner.run(read(self.storage.unit("test"), self.checkout_id, NOON))

    # ---------------------------------------------------------------------------------------------- what a shopper does

    @rule(product_id=st.sampled_from([1, 2, 3, 9]), quantity=st.integers(1, 3))
    def add(self, product_id: int, quantity: int) -> None:
        self.give(AddItems(items=NewItems(lines=(NewLine(product_id=product_id, quantity=quantity),))))

    @rule(data=st.data(), quantity=st.integers(0, 4))
    def change_or_remove_a_line(self, data: st.DataObject, quantity: int) -> None:
        line_id = data.draw(
            st.sampled_from([*(line.id for line in self.checkout.lines if line.id not in self.mine), "-"])
        )
        self.give(ChangeLine(line_id=line_id, quantity=quantity) if quantity else RemoveLine(line_id=line_id))

    @rule(data=st.data(), address=CITIES, quantity=st.integers(1, 3))
    def consign(self, data: st.DataObject, address: Address, quantity: int) -> None:
        line_id = data.draw(
            st.sampled_from([*(line.id for line in self.checkout.lines if line.id not in self.mine), "-"])
        )
        draft = ConsignmentDraft(units=(Units(line_id, quantity),), address=address)
        self.give(CreateConsignments(drafts=(draft,)))

    @precondition(lambda self: self.others())
    @rule(data=st.data(), address=CITIES)
    def move(self, data: st.DataObject, address: Address) -> None:
        place = data.draw(st.sampled_from(self.others()))
        self.give(UpdateConsignment(consignment_id=place.id, change=ConsignmentChange(address=address)))

    @precondition(lambda self: self.others())
    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(self.others()))
        options = self.answer.priced.settled.options[place.id]
        wanted = data.draw(st.sampled_from([None, "-", *(option.id for option in options)]))
        own = ConsignmentChange(custom_shipping=CustomShipping(description="Van", price=Decimal(1)))
        change = own if wanted is None else ConsignmentChange(shipping_option_id=wanted)
        self.give(UpdateConsignment(consignment_id=place.id, change=change))

    @precondition(lambda self: self.others())
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        self.give(RemoveConsignment(consignment_id=data.draw(st.sampled_from(self.others())).id))

    @rule(address=CITIES)
    def bill(self, address: Address) -> None:
        self.give(SetBillingAddress(address=address))

    @rule(what=st.sampled_from(["message", "fee", "coupon", "no coupon"]))
    def do_something_else(self, what: str) -> None:
        fee = FeeDraft(name="Fee", display_name="Fee", cost=Decimal(1), source="AA")
        commands: dict[str, AnyCommand] = {
            "message": SetCustomerMessage(message="Ring twice"),
            "fee": AddFees(fees=(fee,)),
            "coupon": ApplyCoupon(code="TEN"),
            "no coupon": WithdrawCoupon(code="TEN"),
        }
        self.give(commands[what])

    # ---------------------------------------------------------------------------------------------- what else happens

    @rule()
    def another_process_takes_over(self) -> None:
        async def take_over() -> None:
            assert isinstance(self.storage.carrier_quotes, Carriers)
            await self.storage.carrier_quotes.stop()
            self.storage.carrier_quotes = self.asking()

        self.runner.run(take_over())

    @precondition(lambda self: not self.acme.is_away)
    @rule()
    def the_carrier_goes_away_and_the_quotes_expire(self) -> None:
        """What is left are the choice, marked, and the shop's own method."""
        self.acme.is_away = True
        self.seconds += 400
        assert isinstance(self.saved.selected, ShippingOption)
        held = replace(self.saved.selected, is_unconfirmed=True)
        self.saved = replace(self.saved, selected=held)
        self.offers = tuple(each for each in self.offers if not each.carrier_id or each.id == held.id)
        self.offers = tuple(held if each.id == held.id else each for each in self.offers)
        self.look()


Shopping.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestShopping = Shopping.TestCase


# ---------------------------------------------------------------------------------------------------- the exception


async def prepare(storage: Storage, carriers: Carriers, *promotions: Promotion) -> None:
    store = replace(STORE, coupons=(TEN_OFF,), promotions=promotions)
    unit = storage.unit("test")
    await unit.shop.put(stored(store, products=tuple(a_product(number) for number in (1, 2, 3, 9))), NOON)
    await unit.carrier_connections.put(CarrierConnection(carrier_id="acme"))
    storage.carrier_quotes = carriers


async def a_cart(storage: Storage, wanted: dict[int, int]) -> Checkout:
    lines = tuple(NewLine(product_id=product_id, quantity=quantity) for product_id, quantity in wanted.items())
    answer = await carts.create(storage.unit("test"), NewCheckout(items=NewItems(lines=lines)), a_moment("cart"))
    return answer.checkout


@pytest.mark.parametrize("is_away", [False, True])
def test_a_promotion_that_starts_to_apply_is_told_to_the_carrier_and_the_choice_stays(is_away: bool) -> None:
    """From 30.00 on, wherever in the cart, product 9 costs 20 % less: 8.00 in the place of 10.00."""

    async def scenario() -> None:
        acme = Acme()
        storage, driver = await open_storage("sqlite://")
        await prepare(
            storage,
            asking := Carriers(acme, storage.carrier_answers),
            percent_off(20, 9, condition=CartCondition(minimum_spend=Decimal(30))),
        )
        unit = storage.unit("test")
        checkout = await a_cart(storage, {9: 2})
        draft = ConsignmentDraft(units=(Units(checkout.lines[0].id, 2),), address=in_new_york())
        made = await change(unit, checkout.id, CreateConsignments(drafts=(draft,)), a_moment("create"))
        place = made.checkout.consignments[0].id
        air = next(each for each in made.priced.settled.options[place] if each.description == "AIR")
        wish = UpdateConsignment(consignment_id=place, change=ConsignmentChange(shipping_option_id=air.id))
        await change(unit, checkout.id, wish, a_moment("choose"))
        acme.is_away = is_away

        more = AddItems(items=NewItems(lines=(NewLine(product_id=1, quantity=1),)))
        answer = await change(unit, checkout.id, more, a_moment("add"))

        prices = [each["base_options"]["items"][0]["discounted_price"]["amount"] for each in acme.asked]
        assert prices == ([10] if is_away else [10, 8])
        chosen = answer.checkout.consignment(place).selected
        assert isinstance(chosen, ShippingOption)
        assert chosen.id == air.id
        assert chosen.is_unconfirmed is is_away
        assert (chosen.cost == air.cost) is is_away
        await asking.stop()
        await driver.close()

    asyncio.run(scenario())
