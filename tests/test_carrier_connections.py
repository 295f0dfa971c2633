"""A store that is connected to a carrier: the carrier is asked whether the connection is good, where it says where to ask."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.facts import Store
from checkstand.service.shop import edit
from tests.carriers import CONNECTION, FLAT, V2, World, options, with_world


async def let_it_be_asked(world: World) -> None:
    """The carrier `one` says where connections are checked."""

    def change(store: Store) -> Store:
        checked = [replace(each, check_url=each.url.replace("/rate", "/check")) for each in store.carriers]
        return replace(store, carriers=tuple(checked))

    await edit(world.shop.storage.unit("demo"), change)
    world.carriers["one"].calls = []


def test_a_carrier_is_asked_as_published_and_may_refuse_a_connection_saying_why() -> None:
    async def scenario(world: World) -> None:
        await let_it_be_asked(world)
        world.carriers["one"].account = "4711"
        good, bad = ({"carrier_id": "one", "connection": {"account": account}} for account in ("4711", "12"))

        accepted = await world.call("POST", V2 + CONNECTION, good)
        refused = await world.call("PUT", V2 + CONNECTION, bad)
        asked = world.carriers["one"].calls
        await world.a_checkout()

        assert (accepted.status_code, refused.status_code) == (204, 400)
        assert refused.json()["detail"] == "connection is refused by one: There is no account 12."
        assert asked == [{"connection_options": {"account": "4711"}}, {"connection_options": {"account": "12"}}]
        assert world.carriers["one"].calls[-1]["connection_options"] == {"account": "4711"}

    with_world(scenario)


@pytest.mark.parametrize("trouble", [{"status": 500}, {"delay": 5}, {"fault": "no_json"}, {"fault": "wrong_types"}])
def test_a_carrier_that_does_not_say_keeps_nobody_from_connecting(trouble: dict[str, Any]) -> None:
    async def scenario(world: World) -> None:
        await let_it_be_asked(world)
        for name, value in trouble.items():
            setattr(world.carriers["one"], name, value)

        answer = await world.call("PUT", V2 + CONNECTION, {"carrier_id": "one", "connection": {"account": "4711"}})

        assert answer.status_code == 204

    with_world(scenario, timeout_seconds=0.1)


def test_what_a_carrier_says_when_it_refuses_takes_no_connection_away() -> None:
    async def scenario(world: World) -> None:
        await let_it_be_asked(world)
        world.carriers["one"].account = "4711"
        for account in ("4711", "12"):
            body = {"carrier_id": "one", "connection": {"account": account}}
            await world.call("PUT", V2 + CONNECTION, body)

        assert options(await world.a_checkout()) == [
            ("shipping_one", "Ground", 5),
            FLAT,
            ("shipping_one", "Air", 20),
        ]

    with_world(scenario)


def test_an_address_to_ask_at_inside_of_the_operators_network_needs_his_leave() -> None:
    async def scenario(world: World) -> None:
        def change(store: Store) -> Store:
            checked = [replace(each, check_url="http://127.0.0.1:1/check") for each in store.carriers]
            return replace(store, carriers=tuple(checked))

        await edit(world.shop.storage.unit("demo"), change)

        answer = await world.call("PUT", V2 + CONNECTION, {"carrier_id": "one", "connection": {}})

        assert answer.status_code == 400
        assert "CHECKSTAND_PROVIDER_HOSTS" in answer.text

    with_world(scenario)
