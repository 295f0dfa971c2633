"""How many requests a client may send (BEHAVIOUR 9): counted per token and per session, refused with 429."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from checkstand.api.rate_limits import RateLimit
from tests.client import Shop

TEN_SECONDS_INTO_A_WINDOW = datetime(2026, 11, 21, 12, 0, 10, tzinfo=UTC)
TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


class Clock:
    def __init__(self) -> None:
        self.now = TEN_SECONDS_INTO_A_WINDOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(clock: Clock) -> Iterator[Shop]:
    """Three requests per token and per session."""
    with Shop(token_limit=RateLimit(3), session_limit=RateLimit(3), now=clock) as shop:
        yield shop


def test_the_headers_count_down_and_the_request_after_the_last_is_refused(limited: Shop) -> None:
    answers = [limited.management("GET", "/catalog/products") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-rate-limit-requests-left"] for answer in answers] == ["2", "1", "0", "0"]
    for answer in answers:
        assert answer.headers["x-rate-limit-requests-quota"] == "3"
        assert answer.headers["x-rate-limit-time-window-ms"] == "30000"
        assert answer.headers["x-rate-limit-time-reset-ms"] == "20000"
    assert answers[3].headers["x-retry-after"] == answers[3].headers["retry-after"] == "20"
    assert answers[3].json() == {
        "status": 429,
        "title": "Too Many Requests",
        "type": TYPE,
        "detail": "More than 3 requests within 30 seconds; wait before the next one.",
    }


def test_in_the_next_window_the_whole_quota_is_there_again(limited: Shop, clock: Clock) -> None:
    for _ in range(4):
        limited.management("GET", "/catalog/products")
    clock.now += timedelta(seconds=20)

    answer = limited.management("GET", "/catalog/products")

    assert (answer.status_code, answer.headers["x-rate-limit-requests-left"]) == (200, "2")


def test_each_token_has_a_quota_of_its_own(limited: Shop) -> None:
    for _ in range(4):
        limited.management("GET", "/catalog/products")

    assert limited.management("GET", "/catalog/products", token="demo-token-read-only").status_code == 200


def test_requests_without_a_known_token_count_for_their_address(limited: Shop) -> None:
    guesses = [limited.management("GET", "/catalog/products", token=f"guess-{number}") for number in range(4)]

    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
    assert limited.management("GET", "/catalog/products").status_code == 200


def test_each_session_has_a_quota_of_its_own_and_without_one_the_address_counts(limited: Shop) -> None:
    first, second = limited.new_browser(), limited.new_browser()
    for browser in (first, second):
        assert limited.storefront("GET", "/carts", browser=browser).status_code == 200  # opens the session: the address

    of_first = [limited.storefront("GET", "/carts", browser=first).status_code for _ in range(4)]
    of_second = limited.storefront("GET", "/carts", browser=second)
    of_nobody = [limited.call("GET", "/api/storefront/carts") for _ in range(2)]

    assert of_first == [200, 200, 200, 429]
    assert of_second.status_code == 200
    assert [answer.status_code for answer in of_nobody] == [200, 429]
    assert of_nobody[1].headers["x-retry-after"] == "20"
    assert of_nobody[1].json()["status"] == 429


def test_a_session_somebody_made_up_counts_for_the_address(limited: Shop) -> None:
    statuses = [
        limited.call(
            "GET", "/api/storefront/carts", headers={"Cookie": f"SHOP_SESSION_TOKEN=made-up-{number}"}
        ).status_code
        for number in range(4)
    ]

    assert statuses == [200, 200, 200, 429]


def test_a_refused_request_changes_nothing(limited: Shop) -> None:
    item = {"line_items": [{"product_id": 170, "quantity": 1}]}
    cart = limited.management("POST", "/carts", item).json()["data"]
    for _ in range(2):
        limited.management("GET", "/catalog/products")

    refused = limited.management("POST", f"/carts/{cart['id']}/items", item)

    assert refused.status_code == 429
    unit = limited.storage.unit("demo")
    assert limited.run(unit.checkouts.get(cart["id"])).version == 1


def test_the_servers_own_pages_are_never_refused(limited: Shop) -> None:
    assert {limited.call("GET", "/health").status_code for _ in range(5)} == {200}


def test_without_a_limit_nothing_is_refused_and_the_published_quota_is_announced(shop: Shop) -> None:
    answers = [shop.management("GET", "/catalog/products") for _ in range(160)]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["x-rate-limit-requests-left"] for answer in answers} == {"150"}
