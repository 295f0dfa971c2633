"""What carriers said before: kept for other processes, and holding on while a carrier gives no answer (BEHAVIOUR 7, D24)."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from checkstand import carriers
from checkstand.demo_carrier import as_rates
from checkstand.errors import Unavailable
from checkstand.storage.port import KeptRates
from checkstand.storage.sql.carriers import SqlCarrierAnswers
from tests.carriers import FALLBACK, FLAT, WITH_OPTIONS, World, options, with_world
from tests.recording import AUSTIN, NEW_YORK

GROUND, AIR = ("shipping_one", "Ground", 5), ("shipping_one", "Air", 20)


async def two_places(world: World) -> Any:
    """Two consignments, one unit each; the second goes by air."""
    checkout_id, line_id = await world.a_cart(quantity=2)
    drafts = [{"address": place, "line_items": [{"item_id": line_id, "quantity": 1}]} for place in (AUSTIN, NEW_YORK)]
    path = f"/checkouts/{checkout_id}/consignments"
    checkout = await world.data("POST", path + WITH_OPTIONS, drafts)
    for place, name in zip(checkout["consignments"], ("Ground", "Air"), strict=True):
        option = next(each for each in place["available_shipping_options"] if each["description"] == name)
        checkout = await world.data("PUT", f"{path}/{place['id']}", {"shipping_option_id": option["id"]})
    return checkout


def chosen(checkout: Any, index: int = 0) -> tuple[str, float] | None:
    option = checkout["consignments"][index].get("selected_shipping_option")
    return (option["description"], option["cost"]) if option else None


# ---------------------------------------------------------------------------------------------------- other processes


def test_what_one_process_was_told_serves_the_others_until_it_expires() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await two_places(world)
        assert len(carrier.calls) == 2

        world.seconds.now = 200.0
        await world.another_process()
        assert options(await world.read(checkout), 1) == [GROUND, FLAT, AIR]
        place = checkout["consignments"][0]["id"]
        moved = {"address": {**AUSTIN, "postal_code": "78752"}}
        await world.data("PUT", f"/checkouts/{checkout['id']}/consignments/{place}", moved)
        assert [call["base_options"]["destination"]["zip"] for call in carrier.calls[2:]] == ["78752"]

        world.seconds.now = 301.0
        await world.another_process()
        await world.read(checkout)
        assert [call["base_options"]["destination"]["zip"] for call in carrier.calls[3:]] == [NEW_YORK["postal_code"]]

    with_world(scenario)


def test_answers_that_have_expired_are_removed() -> None:
    async def scenario(world: World) -> None:
        kept = world.shop.storage.carrier_answers
        first = await world.a_checkout()
        world.seconds.now = 301.0
        second = await world.a_checkout()
        await world.asking.stop()

        beginning = world.shop.app.now().fromtimestamp(0, world.shop.app.now().tzinfo)
        assert await kept.of_checkout("demo", first["id"], beginning) == []
        assert len(await kept.of_checkout("demo", second["id"], beginning)) == 1

    with_world(scenario)


@pytest.mark.parametrize("trouble", ["slow", "broken"])
def test_an_answer_that_cannot_be_written_down_holds_nobody_up(
    trouble: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(carriers, "STOP_SECONDS", 0.05)
    tried: list[int] = []

    async def keep(self: SqlCarrierAnswers, answers: Sequence[KeptRates]) -> None:
        tried.append(len(answers))
        if trouble == "slow":
            await asyncio.Event().wait()
        raise Unavailable("The disk is full.")

    async def scenario(world: World) -> None:
        monkeypatch.setattr(SqlCarrierAnswers, "keep", keep)

        checkout = await asyncio.wait_for(world.a_checkout(), 5)
        await asyncio.sleep(0)

        assert options(checkout) == [GROUND, FLAT, AIR]
        assert tried == [1]
        assert ("The disk is full" in caplog.text) is (trouble == "broken")

    caplog.set_level(logging.WARNING)
    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- no answer


@pytest.mark.parametrize("trouble", [{"status": 500}, {"delay": 60}, {"fault": "no_json"}], ids=str)
def test_a_carrier_that_gives_no_answer_takes_no_choice_away(trouble: dict[str, Any]) -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await two_places(world)
        first, second = (place["id"] for place in checkout["consignments"])
        path = f"/checkouts/{checkout['id']}/consignments"
        world.seconds.now = 301.0
        for name, value in trouble.items():
            setattr(carrier, name, value)

        moved = {"address": {**AUSTIN, "postal_code": "78752"}}
        answer = (await world.call("PUT", f"{path}/{first}{WITH_OPTIONS}", moved)).json()

        checkout = answer["data"]
        assert (chosen(checkout, 0), options(checkout, 0)) == (None, [FLAT, FALLBACK])
        assert (chosen(checkout, 1), options(checkout, 1)) == (("Air", 20), [FLAT, FALLBACK, AIR])
        assert [(note["code"], note["consignment_id"]) for note in answer["meta"]["notes"]] == [
            ("shipping_option_cleared", first),
            ("shipping_option_unconfirmed", second),
        ]
        again = {"shipping_option_id": checkout["consignments"][1]["selected_shipping_option"]["id"]}
        assert chosen(await world.data("PUT", f"{path}/{second}", again), 1) == ("Air", 20)
        assert (await world.data("GET", f"/checkouts/{checkout['id']}"))["shipping_cost_total_ex_tax"] == 20

        other_units = {"line_items": [{"item_id": checkout["consignments"][1]["line_item_ids"][0], "quantity": 1}]}
        checkout = await world.data("PUT", f"{path}/{second}", other_units | moved)
        assert chosen(checkout, len(checkout["consignments"]) - 1) is None

    with_world(scenario, timeout_seconds=1.0, probe_seconds=60)


def test_a_choice_whose_carrier_is_away_is_ordered_at_what_it_was_chosen_for() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.ready("Air")
        world.seconds.now = 301.0
        carrier.status = 503

        answer = await world.call("POST", f"/checkouts/{checkout['id']}/orders")

        assert answer.status_code == 200
        assert len(carrier.calls) == 2
        order = await world.v2("GET", f"/orders/{answer.json()['data']['id']}")
        assert order["shipping_cost_ex_tax"] == "20.0000"

    with_world(scenario)


def test_an_answer_without_the_chosen_rate_clears_it_also_after_some_without_any() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.ready("Air")
        world.seconds.now = 301.0
        carrier.status = 503
        assert chosen(await world.read(checkout)) == ("Air", 20)

        world.seconds.now = 312.0
        carrier.status, carrier.rates = 200, as_rates({"GND": 5})
        assert chosen(await world.read(checkout)) is None

        carrier.rates = as_rates({})
        world.seconds.now = 700.0
        await world.another_process()
        assert (await world.call("POST", f"/checkouts/{checkout['id']}/orders")).status_code == 422

    with_world(scenario)


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "k"}], ids=["alone", "in a transaction"])
def test_questions_beyond_the_most_for_one_answer_take_no_choice_away_and_have_their_turn_later(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await two_places(world)
        path = f"/checkouts/{checkout['id']}"
        monkeypatch.setattr(carriers, "MOST_AT_ONCE", 1)
        world.seconds.now = 301.0

        answer = (await world.call("PUT", path, {"customer_message": "first"}, **headers)).json()

        assert (chosen(answer["data"], 0), chosen(answer["data"], 1)) == (("Ground", 5), ("Air", 20))
        second = checkout["consignments"][1]["id"]
        assert [(note["code"], note["consignment_id"]) for note in answer["meta"]["notes"]] == [
            ("shipping_option_unconfirmed", second)
        ]
        assert len(carrier.calls) == 3

        world.seconds.now = 312.0
        answer = (await world.call("PUT", path, {"customer_message": "second"})).json()
        assert "notes" not in answer["meta"]
        assert options(await world.read(checkout), 1) == [GROUND, FLAT, AIR]
        assert len(carrier.calls) == 4

    with_world(scenario)


def test_the_consignment_that_changes_is_asked_about_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(world: World) -> None:
        checkout = await two_places(world)
        path = f"/checkouts/{checkout['id']}/consignments/{checkout['consignments'][1]['id']}{WITH_OPTIONS}"
        monkeypatch.setattr(carriers, "MOST_AT_ONCE", 1)
        world.seconds.now = 301.0

        checkout = await world.data("PUT", path, {"address": {**AUSTIN, "postal_code": "78752"}})

        assert options(checkout, 1) == [GROUND, FLAT, AIR]
        assert chosen(checkout, 0) == ("Ground", 5)
        assert len(world.carriers["one"].calls) == 3

    with_world(scenario)


def test_what_is_known_or_kept_does_not_count_among_the_most_for_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(world: World) -> None:
        checkout = await two_places(world)
        monkeypatch.setattr(carriers, "MOST_AT_ONCE", 0)

        assert [options(await world.read(checkout), number) for number in (0, 1)] == [[GROUND, FLAT, AIR]] * 2
        await world.another_process()
        assert [options(await world.read(checkout), number) for number in (0, 1)] == [[GROUND, FLAT, AIR]] * 2
        assert len(world.carriers["one"].calls) == 2

    with_world(scenario)


def test_the_storefront_names_in_a_header_whose_carrier_is_away() -> None:
    async def scenario(world: World) -> None:
        async with world.shop.new_browser() as browser:
            checkout = await shoppers_checkout(world, browser)
            world.seconds.now = 301.0
            world.carriers["one"].status = 503

            answer = await browser.get(f"/api/storefront/checkouts/{checkout['id']}")

            (place,) = answer.json()["consignments"]
            assert answer.headers["X-Shipping-Options-Unconfirmed"] == place["id"]
            assert place["selectedShippingOption"]["cost"] == 5

    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- dearer than shown


async def shoppers_checkout(world: World, browser: Any) -> Any:
    """One that can be ordered, by ground."""
    cart = {"lineItems": [{"productId": 170, "quantity": 1}]}
    made = (await browser.post("/api/storefront/carts", json=cart)).json()
    browser.headers["X-XSRF-TOKEN"] = browser.cookies["XSRF-TOKEN"]
    path = f"/api/storefront/checkouts/{made['id']}"
    address = {
        "email": "jane@example.com",
        "firstName": "Jane",
        "lastName": "Doe",
        "address1": "1 Main Street",
        "city": "Austin",
        "countryCode": "US",
        "postalCode": "78751",
        "stateOrProvinceCode": "TX",
    }
    units = [{"itemId": made["lineItems"]["physicalItems"][0]["id"], "quantity": 1}]
    checkout = (await browser.post(f"{path}/consignments", json=[{"address": address, "lineItems": units}])).json()
    (place,) = checkout["consignments"]
    ground = next(each for each in place["availableShippingOptions"] if each["description"] == "Ground")
    await browser.put(f"{path}/consignments/{place['id']}", json={"shippingOptionId": ground["id"]})
    return (await browser.post(f"{path}/billing-address", json=address)).json()


def test_an_order_that_became_dearer_passes_once_the_checkout_was_read_again() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        async with world.shop.new_browser() as browser:
            checkout = await shoppers_checkout(world, browser)
            order = {"cartId": checkout["id"], "payment": {"name": "cod"}}

            async def placed() -> Any:
                return await browser.post("/internalapi/v1/checkout/order", json=order)

            world.seconds.now = 301.0
            carrier.rates = as_rates({"GND": 6})
            for _ in range(2):
                refused = (await placed()).json()
                assert (refused["status"], refused["type"]) == (409, "cart_has_changed")
                assert refused["detail"].startswith("Ground costs 6.00 USD by now; it was shown at 5.00 USD.")
            await world.read(checkout)  # an app has read it, the shopper has not
            assert (await placed()).status_code == 409

            seen = (await browser.get(f"/api/storefront/checkout/{checkout['id']}")).json()
            assert (seen["consignments"][0]["shippingCost"], seen["version"]) == (6, checkout["version"])
            world.seconds.now = 602.0
            carrier.rates = as_rates({"GND": "6.01"})
            assert "6.01 USD by now; it was shown at 6.00 USD" in (await placed()).json()["detail"]
            world.seconds.now = 903.0
            carrier.rates = as_rates({"GND": 6})
            assert (await placed()).status_code == 201

    with_world(scenario)


def test_what_was_shown_counts_no_more_once_less_was_shown_or_the_checkout_has_changed() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.ready("Ground")
        path = f"/checkouts/{checkout['id']}"

        async def at(now: float, cost: int) -> None:
            world.seconds.now = now
            carrier.rates = as_rates({"GND": cost})

        async def status() -> int:
            return (await world.call("POST", f"{path}/orders")).status_code

        await at(301.0, 7)
        await world.read(checkout)
        await at(602.0, 5)
        await world.read(checkout)
        await at(903.0, 7)
        assert await status() == 409

        await world.read(checkout)
        await at(1204.0, 6)
        await world.data("PUT", path, {"customer_message": "saved at 6"})
        await at(1505.0, 7)
        assert await status() == 409

        await world.read(checkout)
        assert await status() == 200

    with_world(scenario)
