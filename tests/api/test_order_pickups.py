"""Pick-ups of orders, `/orders/pickups`, as published (BEHAVIOUR 5)."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, consign, item_ids, select_first, to
from tests.client import Shop
from tests.recording import AUSTIN

PICKUPS = "/orders/pickups"


def an_order(shop: Shop, *, status_id: int = 8) -> int:
    """Three spoons collected in Austin by the method 1, and a laundry cart that is sent."""
    goods = {"product_id": 170, "quantity": 3}, {"product_id": 184, "variant_id": 364, "quantity": 1}
    cart = a_cart(shop, *goods)
    spoons, laundry = item_ids(cart)
    pickup = {"pickup_option": {"pickup_method_id": 1}, "line_items": [{"item_id": spoons, "quantity": 3}]}
    select_first(shop, consign(shop, cart["id"], pickup, to(AUSTIN, (laundry, 1))))
    shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    number: int = shop.management("POST", f"/checkouts/{cart['id']}/orders").json()["data"]["id"]
    if status_id:
        shop.management("PUT", f"/orders/{number}", {"status_id": status_id}, base="/stores/demo/v2")
    return number


def spoons_of(order_id: int) -> int:
    return order_id * 10_000 + 1


def a_pickup(order_id: int, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    items = [{"order_product_id": spoons_of(order_id), "quantity": quantity}]
    ready = {"pickup_method_id": 1, "order_id": order_id, "ready_at": "2022-06-11T00:00:20Z", "pickup_items": items}
    return ready | fields


def ids(answer: httpx.Response) -> list[int]:
    return [pickup["id"] for pickup in answer.json()["data"]]


def test_goods_lie_ready_and_are_collected(shop: Shop) -> None:
    order = an_order(shop)

    (made,) = shop.management("POST", PICKUPS, [a_pickup(order, 2)]).json()["data"]
    (collected,) = shop.management(
        "PUT", PICKUPS, [{"pickup_id": made["id"], "ready_at": "1660555844", "collected_at": "1660831392"}]
    ).json()["data"]

    assert (made["order_id"], made["pickup_method_id"], made["ready_at"]) == (order, 1, "2022-06-11T00:00:20Z")
    assert made["created_at"] == made["updated_at"]
    assert made["pickup_items"] == [
        {
            "id": 1,
            "order_product_id": spoons_of(order),
            "quantity": 2,
            "status": "AWAITING_COLLECTION",
            "collected_at": None,
        }
    ]
    assert collected["ready_at"] == "2022-08-15T09:30:44Z"
    assert collected["pickup_items"][0]["status"] == "COLLECTED"
    assert collected["pickup_items"][0]["collected_at"] == "2022-08-18T14:03:12Z"
    assert shop.management("GET", PICKUPS).json()["data"] == [collected]


def test_a_change_without_a_time_of_collection_clears_it_as_published(shop: Shop) -> None:
    order = an_order(shop)
    sent = a_pickup(order, collected_at="2022-06-18T00:00:30Z")
    (made,) = shop.management("POST", PICKUPS, [sent]).json()["data"]

    (waiting,) = shop.management("PUT", PICKUPS, [{"id": made["id"]}]).json()["data"]

    assert made["pickup_items"][0]["status"] == "COLLECTED"
    assert waiting["pickup_items"][0]["status"] == "AWAITING_COLLECTION"
    assert waiting["ready_at"] == "2022-06-11T00:00:20Z"


def test_the_list_can_be_filtered_and_read_in_pages(shop: Shop) -> None:
    first, second = an_order(shop), an_order(shop)
    made = ids(shop.management("POST", PICKUPS, [a_pickup(first), a_pickup(second), a_pickup(first)]))

    assert made == [1, 2, 3]
    assert ids(shop.management("GET", f"{PICKUPS}?order_id:in={first}")) == [1, 3]
    assert ids(shop.management("GET", f"{PICKUPS}?pickup_id:in=3,2,99")) == [2, 3]
    assert ids(shop.management("GET", f"{PICKUPS}?order_id:in={first},{second}&pickup_id:in=2")) == [2]
    assert ids(shop.management("GET", f"{PICKUPS}?limit=2&page=2")) == [3]
    assert shop.management("DELETE", f"{PICKUPS}?id:in=1,2,99").status_code == 204
    assert ids(shop.management("GET", PICKUPS)) == [3]
    assert shop.management("DELETE", PICKUPS).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"order_id": 99}, "1.order_id", "99 is not an order that counts"),
        ({"pickup_method_id": 2}, "1.pickup_method_id", "nothing of order 100 is picked up by the method 2"),
        (
            {"pickup_items": [{"order_product_id": 1000002, "quantity": 1}]},
            "1.pickup_items.0.order_product_id",
            "1000002 is not picked up by this method",
        ),
        (
            {"pickup_items": [{"order_product_id": 1000001, "quantity": 3}]},
            "1.pickup_items.0.quantity",
            "must be at most 2, which are left of 1000001",
        ),
        (
            {"ready_at": "soon"},
            "1.ready_at",
            "must be a date and time such as 2026-01-31T12:00:00Z, or seconds since 1970",
        ),
    ],
)
def test_a_batch_with_something_wrong_leaves_nothing_behind(
    shop: Shop, wrong: dict[str, Any], field: str, reason: str
) -> None:
    order = an_order(shop)

    refused = shop.management("POST", PICKUPS, [a_pickup(order), a_pickup(order) | wrong])

    assert refused.status_code == 422
    assert refused.json()["errors"] == {field: reason}
    assert ids(shop.management("GET", PICKUPS)) == []


def test_goods_of_an_order_that_is_incomplete_do_not_lie_ready(shop: Shop) -> None:
    order = an_order(shop, status_id=0)

    assert shop.management("POST", PICKUPS, [a_pickup(order)]).status_code == 422


def test_at_most_100_at_once_and_an_unknown_one_refuses_the_change(shop: Shop) -> None:
    order = an_order(shop)

    assert shop.management("POST", PICKUPS, [a_pickup(order)] * 101).status_code == 422
    assert shop.management("POST", PICKUPS, []).status_code == 422
    refused = shop.management("PUT", PICKUPS, [{"pickup_id": 99}])
    assert refused.json()["errors"] == {"0.pickup_id": "99 is not a pick-up of this store"}
    assert shop.management("PUT", PICKUPS, [{}]).json()["errors"] == {"0.pickup_id": "is required"}


def test_no_unit_is_prepared_twice_by_many_at_once(shop: Shop) -> None:
    order = an_order(shop)
    headers = {"X-Auth-Token": "demo-token"}

    async def at_once() -> list[int]:
        async with shop.new_browser() as client:
            sent = [client.post(f"/stores/demo/v3{PICKUPS}", json=[a_pickup(order)], headers=headers) for _ in range(6)]
            return sorted([answer.status_code for answer in await asyncio.gather(*sent)])

    assert shop.run(at_once()) == [200, 200, 200, 422, 422, 422]


def test_collecting_everything_leaves_the_status_to_the_merchant(shop: Shop) -> None:
    order = an_order(shop)

    shop.management("POST", PICKUPS, [a_pickup(order, 3, collected_at="2022-06-18T00:00:30Z")])

    shown = shop.management("GET", f"/orders/{order}", base="/stores/demo/v2").json()
    assert shown["status"] == "Awaiting Pickup"


def test_a_token_that_only_reads_does_not_write(shop: Shop) -> None:
    assert shop.management("GET", PICKUPS, token="demo-token-read-only").status_code == 200
    assert shop.management("DELETE", f"{PICKUPS}?id:in=1", token="demo-token-read-only").status_code == 403
