"""What operators look at and rely on: /ready, /metrics, time limits, tokens that everybody knows."""

import asyncio
import re
from typing import Any

import httpx
import pytest
import yaml

from checkstand.api.under_way import UnderWay
from checkstand.app import DEMO_TOKENS, application
from checkstand.errors import Unavailable
from checkstand.service.commands import turn
from checkstand.storage.queries import migrations
from tests import database
from tests.api.flows import a_cart
from tests.client import Shop
from tests.test_command_line import DEMO_FILE

ITEM = {"line_items": [{"product_id": 170, "quantity": 1}]}


def metrics(shop: Shop) -> dict[str, float]:
    """Every sample by its name with labels."""
    answer = httpx_get(shop, "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def httpx_get(shop: Shop, path: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(application(shop.app, with_metrics=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    answer: httpx.Response = shop.run(get())
    return answer


# ---------------------------------------------------------------------------------------------------- ready


def test_it_is_ready_when_the_database_has_all_migrations(shop: Shop) -> None:
    answer = shop.call("GET", "/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_it_is_not_ready_while_a_migration_is_missing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [*migrations(), (9998, ""), (9999, "")]
    monkeypatch.setattr("checkstand.app.migrations", lambda: known)

    answer = shop.call("GET", "/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "migrations missing: 9998, 9999"})


def test_it_stays_ready_when_a_newer_program_has_migrated_the_database(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = migrations()[:-1]
    monkeypatch.setattr("checkstand.app.migrations", lambda: older)

    assert shop.call("GET", "/ready").status_code == 200


def test_it_is_not_ready_without_its_database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> frozenset[int]:
        raise Unavailable("The database cannot be reached.")

    monkeypatch.setattr(shop.storage, "applied_migrations", gone)

    answer = shop.call("GET", "/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "database unreachable"})


def test_it_is_alive_but_not_ready_while_it_stops(shop: Shop) -> None:
    shop.app.is_stopping = True

    assert shop.call("GET", "/ready").json() == {"status": "stopping"}
    assert shop.call("GET", "/health").status_code == 200


# ---------------------------------------------------------------------------------------------------- metrics


def test_metrics_are_not_shown_unless_asked_for(shop: Shop) -> None:
    assert shop.call("GET", "/metrics").status_code == 404


def test_requests_are_counted_by_method_route_and_status(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    shop.management("GET", f"/carts/{cart}")
    shop.management("GET", f"/carts/{cart}")
    shop.management("GET", "/carts/nothing")
    shop.call("GET", "/nowhere/at/all")
    shop.call("BREW", "/nowhere")

    found = metrics(shop)

    route = 'method="GET",route="/stores/{store_hash}/v3/carts/{cart_id}"'
    assert found[f'checkstand_requests_total{{{route},status="200"}}'] == 2
    assert found[f'checkstand_requests_total{{{route},status="404"}}'] == 1
    assert found['checkstand_requests_total{method="GET",route="",status="404"}'] == 1
    assert found['checkstand_requests_total{method="OTHER",route="",status="404"}'] == 1
    assert found[f"checkstand_request_duration_seconds_count{{{route}}}"] == 3
    assert found[f'checkstand_request_duration_seconds_bucket{{{route},le="+Inf"}}'] == 3
    assert 0 < found[f"checkstand_request_duration_seconds_sum{{{route}}}"] < 3


def test_buckets_count_all_that_was_as_fast_or_faster(shop: Shop) -> None:
    for seconds in (0.0005, 0.001, 0.02, 0.3, 60.0):
        shop.app.metrics.count("GET", "/here", 200, seconds)

    found = metrics(shop)

    bounds = ("0.001", "0.025", "0.5", "30.0", "+Inf")
    name = 'checkstand_request_duration_seconds_bucket{method="GET",route="/here",le='
    assert [found[f'{name}"{bound}"}}'] for bound in bounds] == [2, 3, 4, 4, 5]


def test_conflicts_and_the_outbox_are_counted(shop: Shop) -> None:
    before = metrics(shop)
    cart = a_cart(shop)["id"]
    assert shop.management("PUT", f"/checkouts/{cart}", {"customer_message": "Hi", "version": 9}).status_code == 409

    after = metrics(shop)

    assert after["checkstand_version_conflicts_total"] - before["checkstand_version_conflicts_total"] == 1
    assert after["checkstand_outbox_events"] > before["checkstand_outbox_events"]
    assert 0 < after["checkstand_outbox_lag_seconds"] < 60
    assert after["process_resident_memory_bytes"] > 10_000_000


def test_the_pool_is_shown_where_the_database_has_one(shop: Shop) -> None:
    shop.app.pool = shop.driver.pool

    found = metrics(shop)

    if database.is_postgresql():
        assert found["checkstand_database_pool_size"] >= 1
        assert found["checkstand_database_pool_in_use"] == 0
    else:
        assert "checkstand_database_pool_size" not in found


def test_every_metric_says_what_it_is(shop: Shop) -> None:
    text = httpx_get(shop, "/metrics").text

    names = {
        re.sub(r"_(bucket|sum|count)$", "", re.split(r"[{ ]", line)[0]) for line in text.splitlines() if line[0] != "#"
    }
    assert names - {"checkstand_request_duration_seconds"} <= set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    assert set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)) == set(
        re.findall(r"^# HELP (\w+) .", text, re.MULTILINE)
    )


# ---------------------------------------------------------------------------------------------------- time limits


def test_a_request_that_takes_too_long_is_refused_and_writes_nothing() -> None:
    with Shop(under_way=UnderWay(request_seconds=0.05)) as shop:
        cart = a_cart(shop)["id"]
        unit = shop.storage.unit("demo")

        async def while_somebody_else_has_the_turn() -> httpx.Response:
            async with turn(unit, cart), shop.new_browser() as client:
                request = asyncio.create_task(
                    client.post(
                        f"/stores/demo/v3/carts/{cart}/items", json=ITEM, headers={"X-Auth-Token": "demo-token"}
                    )
                )
                await asyncio.sleep(0.1)
                shop.app.under_way.give_up_overdue()
                return await request

        answer = shop.run(while_somebody_else_has_the_turn())

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["detail"] == "This request took longer than 0.05 seconds and was given up."
        assert shop.run(unit.checkouts.get(cart)).version == 1
        assert len(shop.app.under_way) == 0
        assert shop.management("POST", f"/carts/{cart}/items", ITEM).status_code == 201


def test_somebody_else_may_still_cancel_a_request(shop: Shop) -> None:
    cart = a_cart(shop)["id"]
    unit = shop.storage.unit("demo")

    async def cancelled() -> None:
        async with turn(unit, cart), shop.new_browser() as client:
            request = asyncio.create_task(
                client.post(f"/stores/demo/v3/carts/{cart}/items", json=ITEM, headers={"X-Auth-Token": "demo-token"})
            )
            await asyncio.sleep(0.05)
            request.cancel()
            with pytest.raises(asyncio.CancelledError):
                await request

    shop.run(cancelled())

    assert len(shop.app.under_way) == 0


# ---------------------------------------------------------------------------------------------------- known tokens


def test_the_known_tokens_are_those_of_the_demo_shop() -> None:
    tokens: list[dict[str, Any]] = yaml.safe_load(DEMO_FILE.read_text("utf-8"))["tokens"]

    assert {entry["token"] for entry in tokens} == DEMO_TOKENS


def test_known_tokens_open_nothing_where_they_are_refused() -> None:
    with Shop(refused_tokens=DEMO_TOKENS) as shop:
        answers = [shop.management("GET", "/catalog/products", token=token) for token in sorted(DEMO_TOKENS)]

    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json()["detail"] == (
        "This access token is one of the demo shop, which everybody knows. It is refused where the server can be reached "
        "from other machines; make another with checkstand token."
    )
