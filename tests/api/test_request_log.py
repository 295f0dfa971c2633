"""Every answer carries `X-Request-Id`, and every request leaves one line of JSON that names it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from checkstand.errors import Unavailable
from tests.client import Shop

READ_ONLY = {"X-Auth-Token": "demo-token-read-only"}
TOKEN = {"X-Auth-Token": "demo-token"}


@pytest.fixture(autouse=True)
def logging_requests() -> Iterator[None]:
    """As `checkstand serve` sets it up."""
    log = logging.getLogger("checkstand")
    before = log.level
    log.setLevel(logging.INFO)
    yield
    log.setLevel(before)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (200, "GET", "/health", {}),
        (200, "GET", "/docs", {}),
        (200, "HEAD", "/openapi.json", {}),
        (200, "GET", "/stores/demo/v3/catalog/products", {"headers": TOKEN}),
        (200, "GET", "/api/storefront/carts", {}),
        (400, "POST", "/stores/demo/v3/carts", {"headers": TOKEN, "content": "{"}),
        (401, "GET", "/stores/demo/v3/carts/1", {}),
        (403, "POST", "/stores/demo/v3/carts", {"headers": READ_ONLY}),
        (404, "GET", "/stores/demo/v3/carts/1", {"headers": TOKEN}),
        (404, "GET", "/nowhere", {}),
        (404, "GET", "/api/storefront/carts", {"headers": {"Host": "elsewhere.example"}}),
        (405, "PATCH", "/stores/demo/v3/carts", {"headers": TOKEN}),
        (405, "DELETE", "/health", {}),
        (413, "POST", "/stores/demo/v3/carts", {"headers": TOKEN, "content": b" " * 1_048_577}),
        (501, "PUT", "/stores/demo/v3/hooks/admin", {"headers": TOKEN}),
    ],
)
def test_an_answer_and_its_log_line_name_the_same_request(
    shop: Shop, capfd: pytest.CaptureFixture[str], status: int, method: str, path: str, options: dict[str, Any]
) -> None:
    answer = shop.call(method, path, **options)

    (line,) = lines(capfd.readouterr().err)
    assert answer.status_code == status
    assert list(line) == ["method", "path", "store", "status", "milliseconds", "request_id"]
    assert (line["method"], line["path"], line["status"]) == (method, path, status)
    assert line["request_id"] == answer.headers["x-request-id"] != ""
    assert 0 <= line["milliseconds"] < 60_000


def test_an_answer_says_nothing_about_itself_that_may_be_kept_or_guessed(shop: Shop) -> None:
    for path in ("/health", "/nowhere", "/docs", "/stores/demo/v3/carts/1", "/api/storefront/carts"):
        answer = shop.call("GET", path)

        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_line_names_the_store_by_path_or_by_host(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.call("GET", "/stores/demo/v3/carts/1", headers=TOKEN)
    shop.call("GET", "/api/storefront/carts", headers={"Host": "localhost:8080"})
    shop.call("GET", "/nowhere")

    assert [line["store"] for line in lines(capfd.readouterr().err)] == ["demo", "demo", "-"]


def test_what_opens_something_is_not_in_the_log(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.call("GET", "/login/token/eyJ.token.signature")
    shop.call("DELETE", "/api/storefront/checkouts/1/gift-certificates/1234ABC")
    shop.call("GET", "/cart.php?action=load&id=1&token=secret")

    assert [line["path"] for line in lines(capfd.readouterr().err)] == [
        "/login/token/{jwt_token}",
        "/api/storefront/checkouts/{checkout_id}/gift-certificates/{code}",
        "/cart.php",
    ]


def test_requests_have_ids_of_their_own(shop: Shop) -> None:
    ids = {shop.call("GET", "/health").headers["x-request-id"] for _ in range(20)}

    assert len(ids) == 20


def test_our_own_mistake_is_answered_with_500_and_found_in_the_log_by_its_id(
    shop: Shop,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down() -> None:
        raise ZeroDivisionError("the secret reason")

    monkeypatch.setattr(shop.app, "now", break_down)

    answer = shop.call("GET", "/stores/demo/v3/carts/1%0Aforged", headers=TOKEN)

    request_id = answer.headers["x-request-id"]
    (line,) = lines(capfd.readouterr().err)
    assert (answer.status_code, line["status"]) == (500, 500)
    assert answer.json()["title"] == "Internal Server Error"
    assert answer.json()["detail"] == f"Something went wrong on our side (request {request_id})."
    (record,) = caplog.records
    assert record.getMessage() == f"request {request_id} failed: GET '/stores/demo/v3/carts/1\\nforged'"
    assert "the secret reason" not in answer.text


@pytest.mark.parametrize(("error", "status"), [(Unavailable("The database is busy."), 503), (RuntimeError("oh"), 500)])
def test_health_says_in_json_that_something_is_wrong(
    shop: Shop,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
) -> None:
    async def break_down() -> bool:
        raise error

    monkeypatch.setattr(shop.storage, "alive", break_down)

    answer = shop.call("GET", "/health")

    (line,) = lines(capfd.readouterr().err)
    assert (answer.status_code, answer.json()["status"], line["status"]) == (status, status, status)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/%22%7D%7B%22status%22%3A200", '/"}{"status":200'),
        ("/one%0Atwo%0D%0Athree", "/one\ntwo\r\nthree"),
        ("/stores/demo/v3/carts/%0A%22", '/stores/demo/v3/carts/\n"'),
        ("/%1B%5B31mred", "/\x1b[31mred"),
        ("/caf%C3%A9", "/café"),
    ],
)
def test_a_path_cannot_break_the_line(shop: Shop, capfd: pytest.CaptureFixture[str], path: str, logged: str) -> None:
    shop.call("GET", path)

    written = capfd.readouterr().err
    assert written.endswith("\n")
    assert written.count("\n") == 1
    assert "\r" not in written
    assert "\x1b" not in written
    assert json.loads(written)["path"] == logged


def test_neither_query_nor_token_is_logged(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.call("GET", "/stores/demo/v3/catalog/products?name=hidden", headers=TOKEN)

    written = capfd.readouterr().err
    assert "hidden" not in written
    assert "demo-token" not in written


def test_the_log_can_be_switched_off(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("checkstand").setLevel(logging.WARNING)

    answer = shop.call("GET", "/health")

    assert capfd.readouterr().err == ""
    assert answer.headers["x-request-id"]
