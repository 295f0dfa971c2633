"""What an operator and a client notice of a real process: a clean stop, time limits, slow clients, metrics, known tokens."""

import itertools
import json
import re
import time
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.process.test_wire import NEW_CART, TOKEN, Wire, post
from tests.server import RunningServer, free_port

READ = b"GET /stores/demo/v3/catalog/products?limit=1 HTTP/1.1\r\n" + TOKEN + b"\r\n"


def problem(body: bytes) -> tuple[int, str]:
    """Status and title of a refusal, which is in the shape of all errors."""
    found = json.loads(body)
    assert list(found) == ["status", "title", "type", "detail"]
    return found["status"], found["title"]


# ---------------------------------------------------------------------------------------------------- stopping


def test_a_stop_finishes_what_is_under_way_and_refuses_what_is_new(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server, Wire(server) as slow, Wire(server) as kept, Wire(server) as reporting:
        slow.send(post(len(NEW_CART)) + NEW_CART[:10])
        kept.send(READ)
        assert kept.answer()[0] == b"HTTP/1.1 200 OK"
        reporting.send(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reporting.answer()[0] == b"HTTP/1.1 200 OK"

        server.ask_to_stop()
        time.sleep(0.3)

        reporting.send(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reporting.answer() == (b"HTTP/1.1 503 Service Unavailable", b'{"status":"stopping"}')
        assert reporting.answer() == (b"HTTP/1.1 200 OK", b'{"status":"ok"}')

        kept.send(READ)
        head, body = kept.whole_answer()
        assert problem(body) == (503, "Service Unavailable")
        assert b"\r\nretry-after: 5\r\n" in head
        assert b"\r\nconnection: close\r\n" in head
        assert kept.is_closed()

        with pytest.raises(httpx.HTTPStatusError) as refused:
            httpx.get(f"{server.url}/api/storefront/carts").raise_for_status()
        assert (refused.value.response.status_code, refused.value.response.headers["retry-after"]) == (503, "5")

        slow.send(NEW_CART[10:])
        head, _ = slow.whole_answer()
        assert head.startswith(b"HTTP/1.1 201 Created\r\n")
        assert b"\r\nconnection: close\r\n" in head
        assert server.stop() == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)


# ---------------------------------------------------------------------------------------------------- slow clients


def test_slow_clients_are_let_go(tmp_path: Path) -> None:
    settings = {
        "CHECKSTAND_RECEIVE_SECONDS": "0.5",
        "CHECKSTAND_IDLE_SECONDS": "0.5",
        "CHECKSTAND_REQUEST_SECONDS": "1",
    }
    with RunningServer(tmp_path, **settings) as server:
        with Wire(server) as silent, Wire(server) as slow_head, Wire(server) as slow_body, Wire(server) as idle:
            slow_head.send(READ[:-10])
            slow_body.send(post(len(NEW_CART)) + NEW_CART[:10])
            idle.send(READ)
            assert idle.answer()[0] == b"HTTP/1.1 200 OK"

            head, body = slow_body.whole_answer()
            assert problem(body) == (408, "Request Timeout")
            assert b"\r\nconnection: close\r\n" in head
            assert slow_body.is_closed()
            assert silent.is_closed()
            assert slow_head.is_closed()
            assert idle.is_closed()

        with Wire(server) as dribbling:
            dribbling.send(READ)
            dribbling.answer()
            began = time.monotonic()
            with pytest.raises(OSError):  # which one depends on what the system notices first
                for _ in range(100):
                    dribbling.send(b"\r\n")
                    time.sleep(0.05)
            assert 0.5 < time.monotonic() - began < 4


def test_a_client_that_does_not_read_its_answers_is_let_go(tmp_path: Path) -> None:
    with RunningServer(tmp_path, CHECKSTAND_REQUEST_SECONDS="1") as server, Wire(server) as deaf:
        deaf.receive_little()

        def ask() -> None:
            try:
                for _ in range(200):
                    deaf.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
            except OSError:
                pass

        asking = Thread(target=ask)
        asking.start()
        time.sleep(3)

        assert deaf.is_cut()
        asking.join()
        assert httpx.get(f"{server.url}/health").status_code == 200


def test_a_head_without_end_is_refused(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server, Wire(server) as greedy:
        greedy.send(READ[:-2])
        deadline = time.monotonic() + 30  # the system buffers megabytes of what a busy server did not look at yet
        for number in itertools.count():
            try:
                greedy.send(b"X-Header-%d: %s\r\n" % (number, b"x" * 1000))
            except OSError:
                break
            assert time.monotonic() < deadline, "headers are taken without end"
        try:
            status, body = greedy.answer()
        except OSError:
            return  # the answer was lost with the connection
        assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
        assert problem(body)[0] == 431


def test_more_connections_than_there_may_be_are_refused_and_the_others_go_on(tmp_path: Path) -> None:
    with RunningServer(tmp_path, CHECKSTAND_MAXIMUM_CONNECTIONS="2") as server:
        time.sleep(0.1)  # the connections the start was watched with are gone
        with Wire(server) as first, Wire(server) as second:
            for wire in (first, second):
                wire.send(READ)
                assert wire.answer()[0] == b"HTTP/1.1 200 OK"

            with Wire(server) as third, Wire(server) as watching:
                third.send(READ)
                assert problem(third.answer()[1]) == (503, "Service Unavailable")
                assert third.is_closed()
                watching.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                assert watching.answer()[0] == b"HTTP/1.1 200 OK"

            first.send(READ)
            assert first.answer()[0] == b"HTTP/1.1 200 OK"


# ---------------------------------------------------------------------------------------------------- limits and metrics


def test_limits_are_set_by_the_environment(tmp_path: Path) -> None:
    with RunningServer(tmp_path, CHECKSTAND_RATE_LIMIT="1", CHECKSTAND_SESSION_RATE_LIMIT="1") as server:
        page = f"{server.url}/stores/demo/v3/catalog/products"
        answers = [httpx.get(page, headers={"X-Auth-Token": "demo-token"}) for _ in range(3)]
        shoppers = [httpx.get(f"{server.url}/api/storefront/carts") for _ in range(3)]

    assert answers[0].headers["x-rate-limit-requests-quota"] == "1"
    for refused in (answers[2], shoppers[2]):  # of three at most two are in one window each
        assert refused.status_code in (200, 429)
    assert 429 in [answer.status_code for answer in answers]
    assert 429 in [answer.status_code for answer in shoppers]


def test_metrics_have_a_port_of_their_own_or_the_public_one_or_none(tmp_path: Path) -> None:
    port = free_port()
    with RunningServer(tmp_path, "--demo", "--metrics-port", str(port)) as server:
        httpx.get(f"{server.url}/stores/demo/v3/catalog/products", headers={"X-Auth-Token": "demo-token"})
        own = httpx.get(f"http://127.0.0.1:{port}/metrics")

        assert own.status_code == 200
        assert 'route="/stores/{store_hash}/v3/catalog/products",status="200"} 1\n' in own.text
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 404
        assert httpx.get(f"{server.url}/metrics").status_code == 404
    with RunningServer(tmp_path, CHECKSTAND_METRICS="on") as server:
        assert "# TYPE checkstand_requests_total counter\n" in httpx.get(f"{server.url}/metrics").text


# ---------------------------------------------------------------------------------------------------- known tokens


@pytest.mark.parametrize("allowed", [False, True])
def test_the_demo_shops_tokens_are_refused_where_other_machines_reach_the_server(tmp_path: Path, allowed: bool) -> None:
    flag = ["--allow-demo-tokens"] if allowed else []
    with RunningServer(tmp_path, "--demo", "--host", "0.0.0.0", *flag) as server:
        page = f"{server.url}/stores/demo/v3/catalog/products"
        answer = httpx.get(page, headers={"X-Auth-Token": "demo-token"})
        said = server.output.read_text()

    assert answer.status_code == (200 if allowed else 401)
    assert ("known to everybody" in said) is not allowed
    assert re.findall(r"^ACCESS_TOKEN=(.*)$", said, re.MULTILINE) == ["demo-token" if allowed else ""]


def test_they_are_refused_in_an_ordinary_database_as_well(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as demo:
        pass  # loads the demo shop
    server = RunningServer(tmp_path, "--host", "0.0.0.0")
    server.database = demo.database
    with server:
        answer = httpx.get(f"{server.url}/stores/demo/v3/carts/1", headers={"X-Auth-Token": "demo-token"})
        said = server.output.read_text()

    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
    assert "checkstand token --store demo --scope all --database " in said.split("known to everybody")[1]
