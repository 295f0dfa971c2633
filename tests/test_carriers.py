"""Asking carriers over real sockets: what they are told, how often, and what happens when they do not answer (BEHAVIOUR 7)."""

import asyncio
import logging
import os
import re
import shlex
import subprocess
import sys
import time
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from checkstand import carriers
from checkstand.__main__ import main
from checkstand.demo_carrier import FAULTS, as_rates
from checkstand.service import commands, shop_file
from checkstand.storage.sql.checkouts import SqlCheckouts
from tests.carriers import CONNECTION, FALLBACK, FLAT, V2, WITH_OPTIONS, World, options, with_world
from tests.client import BASE
from tests.recording import AUSTIN, NEW_YORK
from tests.server import RunningServer, free_port

# ---------------------------------------------------------------------------------------------------- what is asked and offered


def test_its_rates_are_options_among_the_shops_own_cheapest_first() -> None:
    async def scenario(world: World) -> None:
        checkout = await world.a_checkout()

        assert options(checkout) == [("shipping_one", "Ground", 5), FLAT, ("shipping_one", "Air", 20)]
        ground = checkout["consignments"][0]["available_shipping_options"][0]
        assert (ground["transit_time"], ground["additional_description"]) == ("5 business days", "By ground")

        chosen = await world.choose(checkout, "Ground")

        assert chosen["consignments"][0]["selected_shipping_option"]["id"] == ground["id"]
        assert chosen["shipping_cost_total_ex_tax"] == 5
        assert options(await world.a_checkout(NEW_YORK)) == options(checkout)

    with_world(scenario)


def test_it_is_told_what_is_published() -> None:
    async def scenario(world: World) -> None:
        checkout = await world.a_checkout()

        asked = world.carriers["one"].calls[-1]
        base = asked["base_options"]
        line = checkout["cart"]["line_items"]["physical_items"][0]
        assert asked.keys() == {"base_options", "zone_options", "connection_options"}
        assert (asked["zone_options"], asked["connection_options"]) == ({"packaging": "box"}, {"key": "secret-one"})
        assert base["destination"] == {
            "street_1": AUSTIN["address1"],
            "street_2": AUSTIN.get("address2", ""),
            "zip": AUSTIN["postal_code"],
            "city": AUSTIN["city"],
            "state_iso2": "TX",
            "country_iso2": "US",
            "form_fields": {"field_25": "Leave in backyard"},
        }
        assert base["origin"].keys() == base["destination"].keys() - {"form_fields"}
        (item,) = base["items"]
        assert (item["variant_id"], item["product_id"]) == (str(line["variant_id"]), str(line["product_id"]))
        assert (item["sku"], item["name"], item["quantity"]) == (line["sku"], line["name"], 1)
        assert item["declared_value"] == {"currency": "USD", "amount": 25}
        assert item["discounted_price"] == {"currency": "USD", "amount": 25}
        assert (item["weight"]["units"], item["length"]) == ("oz", {"units": "in", "value": 0})
        assert base["customer"] == {
            "customer_groups": [{"customer_group_id": 0, "customer_group_name": ""}],
            "customer_id": 0,
        }
        assert base["store_id"] == "demo"
        assert base["request_context"]["reference_values"] == [
            {"name": "channel_id", "value": "1"},
            {"name": "cart_id", "value": checkout["id"]},
        ]

    with_world(scenario)


def test_the_same_is_asked_once_and_anew_when_the_quote_has_expired() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.a_checkout()
        await world.read(checkout)
        await world.choose(checkout, "Air")
        assert len(carrier.calls) == 1

        world.seconds.now = 59.0
        await world.read(checkout)
        assert len(carrier.calls) == 1

        world.seconds.now = 61.0
        await asyncio.gather(*(world.read(checkout) for _ in range(5)))
        assert len(carrier.calls) == 2

    with_world(scenario, one={"ttl": 60})


def test_a_quote_without_a_time_to_live_is_good_for_five_minutes() -> None:
    async def scenario(world: World) -> None:
        checkout = await world.a_checkout()
        for now, calls in ((299.0, 1), (301.0, 2)):
            world.seconds.now = now
            await world.read(checkout)
            assert len(world.carriers["one"].calls) == calls

    with_world(scenario)


def test_a_change_of_one_consignment_asks_nobody_about_another_one() -> None:
    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_cart(quantity=2)
        drafts = [
            {"address": place, "line_items": [{"item_id": line_id, "quantity": 1}]} for place in (AUSTIN, NEW_YORK)
        ]
        path = f"/checkouts/{checkout_id}/consignments"
        checkout = await world.data("POST", path + WITH_OPTIONS, drafts)
        first, second = checkout["consignments"]
        air = next(o for o in second["available_shipping_options"] if o["description"] == "Air")
        checkout = await world.data("PUT", f"{path}/{second['id']}", {"shipping_option_id": air["id"]})
        carrier = world.carriers["one"]
        assert len(carrier.calls) == 2
        carrier.rates = as_rates({"GND": 6})

        moved = {"address": {**AUSTIN, "postal_code": "78752"}}
        checkout = await world.data("PUT", f"{path}/{first['id']}{WITH_OPTIONS}", moved)

        assert [call["base_options"]["destination"]["zip"] for call in carrier.calls[2:]] == ["78752"]
        assert options(checkout, 0) == [("shipping_one", "Ground", 6), FLAT]
        assert options(checkout, 1) == [("shipping_one", "Ground", 5), FLAT, ("shipping_one", "Air", 20)]
        assert checkout["consignments"][1]["selected_shipping_option"]["description"] == "Air"

    with_world(scenario)


def test_each_new_consignment_is_asked_about_once_and_all_of_them_at_the_same_time() -> None:
    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_cart(quantity=40)
        units = [{"item_id": line_id, "quantity": 1}]
        streets = [f"{number} Main Street" for number in range(40)]
        places = [{**AUSTIN, "address1": street} for street in streets]
        drafts = [{"address": place, "line_items": units} for place in places]
        path = f"/checkouts/{checkout_id}/consignments{WITH_OPTIONS}"
        carrier = world.carriers["one"]

        for part in (drafts[:20], drafts[20:]):
            began = time.monotonic()
            checkout = await world.data("POST", path, part)
            assert time.monotonic() - began < 10 * 0.5  # one after the other they take 20 times as long

        asked = [call["base_options"]["destination"]["street_1"] for call in carrier.calls]
        assert (sorted(asked[:20]), sorted(asked[20:])) == (sorted(streets[:20]), sorted(streets[20:]))
        assert [options(checkout, number)[0] for number in range(40)] == [("shipping_one", "Ground", 5)] * 40

    with_world(scenario, one={"delay": 0.5}, timeout_seconds=5)


def test_nobody_is_asked_before_there_is_a_postal_code() -> None:
    async def scenario(world: World) -> None:
        checkout = await world.a_checkout({"email": "jane@example.com", "country_code": "US"})

        assert options(checkout) == [FLAT, FALLBACK]
        assert world.carriers["one"].calls == []

    with_world(scenario)


def test_inside_of_a_transaction_nobody_is_waited_for() -> None:
    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_cart()
        draft = [{"address": AUSTIN, "line_items": [{"item_id": line_id, "quantity": 1}]}]
        path = f"/checkouts/{checkout_id}/consignments{WITH_OPTIONS}"

        async def elsewhere() -> float:
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await world.a_cart()
            return time.monotonic() - began

        checkout, waited = await asyncio.gather(world.data("POST", path, draft, Idempotency_Key="k"), elsewhere())

        assert options(checkout)[0] == ("shipping_one", "Ground", 5)
        assert len(world.carriers["one"].calls) == 1
        assert waited < 0.3

    with_world(scenario, one={"delay": 0.4}, timeout_seconds=2)


def test_the_time_a_carrier_takes_does_not_count_when_a_race_is_lost_and_its_answer_serves_the_next_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "RACE_DEADLINE_SECONDS", 0.3)
    replaced = SqlCheckouts.replace
    tries: list[bool] = []

    async def lose_the_first(self: SqlCheckouts, *given: Any) -> bool:
        tries.append(len(tries) > 0 and await replaced(self, *given))
        return tries[-1]

    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_cart()
        monkeypatch.setattr(SqlCheckouts, "replace", lose_the_first)
        draft = [{"address": AUSTIN, "line_items": [{"item_id": line_id, "quantity": 1}]}]

        checkout = await world.data("POST", f"/checkouts/{checkout_id}/consignments{WITH_OPTIONS}", draft)

        assert tries == [False, True]
        assert options(checkout)[0] == ("shipping_one", "Ground", 5)
        assert len(world.carriers["one"].calls) == 1

    with_world(scenario, one={"delay": 0.6}, timeout_seconds=2)


# ---------------------------------------------------------------------------------------------------- connections


def test_a_carrier_that_is_not_connected_is_not_asked_and_its_secrets_are_shown_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(world: World) -> None:
        caplog.set_level(logging.DEBUG)
        world.carriers["one"].status = 500
        await world.a_checkout()
        dumped = shop_file.write(await shop_file.dump(world.shop.storage.unit("demo")))
        assert "secret-one" not in dumped + caplog.text

        assert (await world.call("DELETE", V2 + CONNECTION, {"carrier_id": "one"})).status_code == 204
        assert (await world.call("DELETE", V2 + CONNECTION, {"carrier_id": "one"})).status_code == 400
        world.carriers["one"].calls = []

        assert options(await world.a_checkout()) == [FLAT, FALLBACK]
        assert world.carriers["one"].calls == []

    with_world(scenario)


@pytest.mark.parametrize(
    "body",
    [{}, {"carrier_id": "one"}, {"connection": {}}, {"carrier_id": "nobody", "connection": {}}],
)
def test_a_connection_that_cannot_be_is_400(body: Any) -> None:
    async def scenario(world: World) -> None:
        for method in ("POST", "PUT"):
            assert (await world.call(method, V2 + CONNECTION, body)).status_code == 400

    with_world(scenario)


def test_a_carrier_inside_of_the_operators_network_needs_his_leave() -> None:
    async def scenario(world: World) -> None:
        world.shop.app.provider_hosts = frozenset()

        answer = await world.call("PUT", V2 + CONNECTION, {"carrier_id": "one", "connection": {}})

        assert answer.status_code == 400
        assert "CHECKSTAND_PROVIDER_HOSTS" in answer.text

    with_world(scenario)


def test_a_carriers_method_keeps_its_options() -> None:
    async def scenario(world: World) -> None:
        path = f"/shipping/zones/{world.zone_id}/methods"
        method = (await world.v2("GET", path))[-1]
        assert (method["type"], method["settings"]) == ("one", {"carrier_options": {"packaging": "box"}})

        await world.v2("PUT", f"{path}/{method['id']}", {"name": "Renamed"})
        settings = {"carrier_options": {"packaging": "tube", "insured": True}}
        changed = await world.v2("PUT", f"{path}/{method['id']}", {"settings": settings})

        assert (changed["name"], changed["settings"]) == ("Renamed", settings)

    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- no answer


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_an_answer_that_is_garbage_counts_as_none(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert options(await world.a_checkout()) == [FLAT, FALLBACK]
        assert "rates of carrier one for demo" in caplog.text

    with_world(scenario, one={"fault": fault}, timeout_seconds=5)


@pytest.mark.parametrize(
    "carrier",
    [{"rates": as_rates({"GND": -1})}, {"currency": "XXX"}, {"status": 302}, {"status": 503}, {"ttl": -1}],
    ids=["below 0", "wrong currency", "redirect", "unavailable", "time to live"],
)
def test_rates_that_cannot_be_count_as_none(carrier: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert options(await world.a_checkout()) == [FLAT, FALLBACK]
        assert "rates of carrier one for demo" in caplog.text
        assert len(world.carriers["one"].calls) == 1

    with_world(scenario, one=carrier)


def test_one_bad_rate_takes_none_of_the_others_away(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert options(await world.a_checkout()) == [("shipping_one", "Ground", 5), FLAT]
        assert "a cost cannot be -1" in caplog.text

    with_world(scenario, one={"rates": as_rates({"AIR": -1, "GND": 5})})


def test_what_a_carrier_has_to_say_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert ("shipping_one", "Ground", 5) in options(await world.a_checkout())
        assert "rates of carrier one for demo: 'it says (WARNING): No more pick-ups today.'" in caplog.text

    with_world(scenario, one={"message": "No more pick-ups today."})


def test_a_carrier_that_hangs_and_one_that_fails_take_nothing_from_the_third() -> None:
    async def scenario(world: World) -> None:
        checkout_id, line_id = await world.a_cart(quantity=12)
        drafts: list[dict[str, Any]] = [
            {
                "address": {**AUSTIN, "address1": f"{number} Main Street"},
                "line_items": [{"item_id": line_id, "quantity": 1}],
            }
            for number in range(12)
        ]
        path = f"/checkouts/{checkout_id}"
        healthy = [("shipping_one", "Ground", 5), FLAT, ("shipping_one", "Air", 20)]
        began = time.monotonic()

        checkout = await world.data("POST", f"{path}/consignments{WITH_OPTIONS}", drafts)

        assert time.monotonic() - began < 1 + 0.5
        assert [options(checkout, number) for number in range(12)] == [healthy] * 12
        assert [len(carrier.calls) for carrier in world.carriers.values()] == [12, 12, 12]
        began = time.monotonic()
        await world.data("GET", path + WITH_OPTIONS)
        with_carriers = time.monotonic() - began
        for carrier_id in world.carriers:
            await world.v2("DELETE", CONNECTION, {"carrier_id": carrier_id})
        began = time.monotonic()
        await world.data("GET", path + WITH_OPTIONS)
        assert with_carriers - (time.monotonic() - began) < 0.05
        page = await world.metrics()
        assert 'checkstand_carrier_calls_total{carrier="one",outcome="answered"} 12' in page
        assert 'checkstand_carrier_calls_total{carrier="two",outcome="timed_out"} 12' in page
        assert 'checkstand_carrier_calls_total{carrier="three",outcome="failed"} 12' in page
        assert 'checkstand_carrier_open_circuits{carrier="one"} 0' in page
        assert 'checkstand_carrier_open_circuits{carrier="two"} 1' in page
        assert 'checkstand_carrier_open_circuits{carrier="three"} 1' in page

        for carrier_id, carrier in world.carriers.items():
            await world.v2(
                "POST", CONNECTION, {"carrier_id": carrier_id, "connection": {"key": f"secret-{carrier_id}"}}
            )
            carrier.delay, carrier.status, carrier.rates = 0, 200, as_rates({"GND": 6})
        for _ in range(100):
            checkout = await world.data("GET", path + WITH_OPTIONS)
            if len(options(checkout)) == 5:
                break
            await asyncio.sleep(0.1)
        assert options(checkout) == [
            healthy[0],
            ("shipping_two", "Ground", 6),
            ("shipping_three", "Ground", 6),
            *healthy[1:],
        ]
        assert 'checkstand_carrier_open_circuits{carrier="two"} 0' in await world.metrics()

    with_world(scenario, one={}, two={"delay": 60}, three={"status": 500}, timeout_seconds=1, probe_seconds=2)


def test_a_few_failures_leave_a_circuit_closed() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        for _ in range(4):
            await world.a_checkout()
        assert 'checkstand_carrier_open_circuits{carrier="one"} 0' in await world.metrics()

        await world.a_checkout()
        assert 'checkstand_carrier_open_circuits{carrier="one"} 1' in await world.metrics()
        await world.a_checkout()
        assert len(carrier.calls) == 5

    with_world(scenario, one={"status": 500}, probe_seconds=60)


def test_a_fault_of_our_own_is_in_the_log_and_counts_as_a_failure_of_the_carrier(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults: list[bytes] = []

    def broken(body: bytes, currencies: object) -> None:
        faults.append(body)
        raise ZeroDivisionError("a fault of our own")

    async def scenario(world: World) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(carriers, "rates", broken)
            for _ in range(5):
                assert options(await world.a_checkout()) == [FLAT, FALLBACK]
            page = await world.metrics()
            assert 'checkstand_carrier_calls_total{carrier="one",outcome="failed"} 5' in page
            assert 'checkstand_carrier_open_circuits{carrier="one"} 1' in page
            async with asyncio.timeout(10):
                while len(faults) < 7:  # asked again in the background, and again
                    await asyncio.sleep(0.01)
        assert caplog.text.count("Traceback") >= 7
        assert "rates of carrier one for demo" in caplog.text
        assert "ZeroDivisionError: a fault of our own" in caplog.text

        for _ in range(100):
            if len(options(checkout := await world.a_checkout())) == 3:
                break
            await asyncio.sleep(0.05)
        assert options(checkout) == [("shipping_one", "Ground", 5), FLAT, ("shipping_one", "Air", 20)]

    with_world(scenario, probe_seconds=0.05)


# ---------------------------------------------------------------------------------------------------- choices


def test_a_choice_stays_at_its_new_cost_and_goes_with_its_service() -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.choose(await world.a_checkout(), "Air")
        world.seconds.now = 301.0
        carrier.rates = as_rates({"GND": 5, "AIR": 21})

        checkout = await world.read(checkout)
        assert checkout["consignments"][0]["selected_shipping_option"]["cost"] == 21

        world.seconds.now = 602.0
        carrier.rates = as_rates({"GND": 5})
        answer = (await world.call("GET", f"/checkouts/{checkout['id']}")).json()
        assert "selected_shipping_option" not in answer["data"]["consignments"][0]
        assert answer["meta"]["notes"] == [
            {
                "code": "shipping_option_cleared",
                "consignment_id": checkout["consignments"][0]["id"],
                "message": "The chosen shipping option is not offered any more; choose another one.",
            }
        ]

    with_world(scenario)


@pytest.mark.parametrize(("now", "status"), [("69.94", 200), ("60.00", 200), ("69.95", 409)])
def test_an_order_asks_again_and_is_refused_only_if_it_would_be_dearer(now: str, status: int) -> None:
    async def scenario(world: World) -> None:
        carrier = world.carriers["one"]
        checkout = await world.choose(await world.a_checkout(), "Ground")
        assert checkout["shipping_cost_total_ex_tax"] == 69.94
        path = f"/checkouts/{checkout['id']}"
        await world.data("POST", f"{path}/billing-address", AUSTIN)
        world.seconds.now = 301.0
        carrier.rates = as_rates({"GND": now})

        answer = await world.call("POST", f"{path}/orders")

        assert answer.status_code == status
        assert len(carrier.calls) == 2
        if status == 409:
            assert "69.95 USD" in answer.json()["detail"]
            assert "69.94 USD" in answer.json()["detail"]
            world.seconds.now = 302.0
            await world.choose(await world.read(checkout), "Ground")
            assert (await world.call("POST", f"{path}/orders")).status_code == 200

    with_world(scenario, one={"rates": {"GND": Decimal("69.94")}})


def test_the_storefront_says_in_a_header_that_a_choice_is_gone() -> None:
    async def scenario(world: World) -> None:
        async with world.shop.new_browser() as browser:
            cart = {"lineItems": [{"productId": 170, "quantity": 1}]}
            made = (await browser.post("/api/storefront/carts", json=cart)).json()
            token = {"X-XSRF-TOKEN": browser.cookies["XSRF-TOKEN"]}
            path = f"/api/storefront/checkouts/{made['id']}"
            line_id = made["lineItems"]["physicalItems"][0]["id"]
            address = {"countryCode": "US", "postalCode": "78751", "stateOrProvinceCode": "TX"}
            draft = [{"address": address, "lineItems": [{"itemId": line_id, "quantity": 1}]}]
            consignment = (await browser.post(f"{path}/consignments", json=draft, headers=token)).json()[
                "consignments"
            ][0]
            air = next(o for o in consignment["availableShippingOptions"] if o["description"] == "Air")
            chosen = {"shippingOptionId": air["id"]}
            answer = await browser.put(f"{path}/consignments/{consignment['id']}", json=chosen, headers=token)
            assert answer.json()["consignments"][0]["selectedShippingOption"]["id"] == air["id"]
            assert "X-Shipping-Options-Cleared" not in answer.headers
            world.seconds.now = 301.0
            world.carriers["one"].rates = as_rates({"GND": 5})

            answer = await browser.get(path)

            assert answer.headers["X-Shipping-Options-Cleared"] == consignment["id"]
            assert answer.json()["consignments"][0]["selectedShippingOption"] is None

    with_world(scenario)


# ---------------------------------------------------------------------------------------------------- the demo carrier

PAGE = (Path(__file__).parent.parent / "docs" / "carriers.md").read_text("utf-8")


def test_the_pages_commands_bring_the_demo_carriers_options(tmp_path: Path) -> None:
    """With other ports, since those of the page may be taken."""
    block = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)[0]
    start, serve, wait, *curls = block.replace("\\\n", "").strip().splitlines()
    assert wait.startswith("until curl -fs -o /dev/null http://127.0.0.1:8080/ready;")
    port = free_port()
    shop = (
        files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8").replace("127.0.0.1:9001", f"127.0.0.1:{port}")
    )
    (tmp_path / "shop.yaml").write_text(shop)
    allowed = serve.split("=", 1)[1].split(" ")[0].replace("9001", str(port))
    server = RunningServer(tmp_path, "--demo", CHECKSTAND_PROVIDER_HOSTS=allowed)
    assert main(["migrate", "--database", server.database]) == 0
    assert main(["load", str(tmp_path / "shop.yaml"), "--store", "demo", "--database", server.database]) == 0
    command = [sys.executable, *shlex.split(start.removesuffix("&").replace("9001", str(port)))[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as carrier:
        try:
            assert carrier.stdout is not None
            url = carrier.stdout.readline().strip()
            with server:
                for curl in curls:
                    sent = curl.replace("http://127.0.0.1:8080", server.url)
                    subprocess.run(["bash", "-c", f"{sent} --fail --silent"], check=True, capture_output=True)
                httpx.post(f"{url}/control", json={"rates": {"GND": "69.94"}}).raise_for_status()
                with httpx.Client(base_url=server.url + BASE, headers={"X-Auth-Token": "demo-token"}) as client:
                    lines = {"line_items": [{"product_id": 170, "quantity": 1}]}
                    cart = client.post("/carts", json=lines).json()["data"]
                    line_id = cart["line_items"]["physical_items"][0]["id"]
                    draft = [{"address": NEW_YORK, "line_items": [{"item_id": line_id, "quantity": 1}]}]
                    made = client.post(f"/checkouts/{cart['id']}/consignments{WITH_OPTIONS}", json=draft).json()["data"]
            (asked,) = httpx.get(f"{url}/calls").json()
        finally:
            carrier.terminate()
    assert ("shipping_demo-carrier", "Ground", 69.94) in options(made)
    assert (asked["zone_options"], asked["connection_options"]) == ({"packaging": "box"}, {"account": "4711"})
