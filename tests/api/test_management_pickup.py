"""Pick-up methods and options through Management (BEHAVIOUR 5, D37)."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.flows import a_cart, item_ids
from tests.client import Shop

FIRST, SECOND = datetime(2026, 3, 1, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 11, 30, 15, tzinfo=UTC)
METHODS = "/pickup/methods"
OFFICE = {
    "location_id": 2,
    "display_name": "Office Pickup!",
    "collection_instructions": "Bring your ID!",
    "collection_time_description": "0900 - 1700",
}


def at(shop: Shop, moment: datetime) -> Shop:
    shop.app.now = lambda: moment
    return shop


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [method["id"] for method in answer.json()["data"]]


def search(radius: float, unit: str, *items: dict[str, int], **overrides: Any) -> dict[str, Any]:
    area = {"coordinates": {"latitude": 30.2672, "longitude": -97.7431}, "radius": {"value": radius, "unit": unit}}
    return {"search_area": area, "items": list(items) or [{"variant_id": 341, "quantity": 2}], **overrides}


def found(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [option["pickup_method"]["id"] for option in answer.json()["results"][0]["pickup_options"]]


# ---------------------------------------------------------------------------------------------------- methods


def test_methods_are_created_and_listed(shop: Shop) -> None:
    at(shop, SECOND)

    created = shop.management("POST", METHODS, [OFFICE, {"location_id": 1}])

    office = {
        "id": 3,
        **OFFICE,
        "location_identity": 2,
        "date_created": "2026-03-02T11:30:15+00:00",
        "date_modified": "2026-03-02T11:30:15+00:00",
    }
    assert created.status_code == 200
    assert created.json()["meta"] == {}
    assert created.json()["data"][0] == office
    assert created.json()["data"][1]["display_name"] == ""
    assert shop.management("GET", METHODS + "?id:in=3").json() == {
        "data": [office],
        "meta": {
            "pagination": {
                "total": 1,
                "count": 1,
                "per_page": 100,
                "current_page": 1,
                "total_pages": 1,
                "links": {"current": "?id:in=3&page=1&limit=100"},
            }
        },
    }


def test_a_change_names_the_method_and_leaves_the_rest_alone(shop: Shop) -> None:
    at(shop, FIRST).management("POST", METHODS, [OFFICE])

    changed = at(shop, SECOND).management("PUT", METHODS, [{"id": 3, "display_name": "Backyard", "location_id": None}])

    assert changed.status_code == 200
    assert changed.json()["data"] == [
        {
            "id": 3,
            **OFFICE,
            "display_name": "Backyard",
            "location_identity": 2,
            "date_created": "2026-03-01T10:00:00+00:00",
            "date_modified": "2026-03-02T11:30:15+00:00",
        }
    ]


def test_a_location_may_go_by_its_former_name(shop: Shop) -> None:
    created = shop.management("POST", METHODS, [{"location_identity": 2}])

    assert created.json()["data"][0]["location_id"] == 2


def test_deleted_methods_are_gone_and_deleting_them_again_is_harmless(shop: Shop) -> None:
    first = shop.management("DELETE", METHODS + "?id:in=1,2")
    second = shop.management("DELETE", METHODS + "?id:in=1,2")

    assert (first.status_code, first.content, second.status_code) == (204, b"", 204)
    assert ids(shop.management("GET", METHODS)) == []


def test_a_refused_request_uses_up_no_id(shop: Shop) -> None:
    shop.management("POST", METHODS, [OFFICE, OFFICE | {"location_id": 9}])

    assert shop.management("POST", METHODS, [OFFICE]).json()["data"][0]["id"] == 3


def test_an_id_is_not_used_again(shop: Shop) -> None:
    shop.management("POST", METHODS, [OFFICE])
    shop.management("DELETE", METHODS + "?id:in=3")

    assert shop.management("POST", METHODS, [OFFICE]).json()["data"][0]["id"] == 4


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("POST", [OFFICE, OFFICE | {"location_id": 9}], "1.location_id"),
        ("POST", [{"display_name": "Nowhere"}], "0.location_id"),
        ("POST", [OFFICE | {"display_name": "x" * 251}], "0.display_name"),
        ("POST", [OFFICE | {"collection_instructions": "x" * 251}], "0.collection_instructions"),
        ("POST", [OFFICE | {"collection_time_description": "x" * 251}], "0.collection_time_description"),
        ("POST", [], "body"),
        ("POST", [OFFICE] * 101, "body"),
        ("POST", OFFICE, "body"),
        ("PUT", [{"id": 1, "location_id": 9}], "0.location_id"),
        ("PUT", [{"id": 1, "display_name": "x"}, {"id": 9, "display_name": "x"}], "1.id"),
        ("PUT", [{"display_name": "x"}], "0.id"),
        ("PUT", [{"id": 1}] * 11, "body"),
    ],
)
def test_a_refused_request_names_the_field_and_changes_nothing(shop: Shop, method: str, body: Any, field: str) -> None:
    before = shop.management("GET", METHODS).json()

    refused = shop.management(method, METHODS, body)

    problem = refused.json()
    assert (refused.status_code, problem["status"], list(problem["errors"])) == (422, 422, [field])
    assert {"status", "title", "type", "errors"} <= problem.keys()
    assert shop.management("GET", METHODS).json() == before


def test_a_hundred_methods_can_be_created_and_ten_changed_at_once(shop: Shop) -> None:
    created = shop.management("POST", METHODS, [OFFICE] * 100)
    changed = shop.management("PUT", METHODS, [{"id": number, "display_name": "x"} for number in range(1, 11)])

    assert len(created.json()["data"]) == 100
    assert [method["id"] for method in changed.json()["data"]] == list(range(1, 11))


def test_methods_come_in_pages(shop: Shop) -> None:
    shop.management("POST", METHODS, [OFFICE] * 3)

    second = shop.management("GET", METHODS + "?page=2&limit=2").json()

    assert [method["id"] for method in second["data"]] == [3, 4]
    assert second["meta"]["pagination"] == {
        "total": 5,
        "count": 2,
        "per_page": 2,
        "current_page": 2,
        "total_pages": 3,
        "links": {"current": "?page=2&limit=2", "previous": "?page=1&limit=2", "next": "?page=3&limit=2"},
    }
    assert ids(shop.management("GET", METHODS + "?page=4&limit=2")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id:in=3,1,99", [1, 3]),
        ("id:in=", []),
        ("date_created=2026-03-01", [3]),
        ("date_created=2026-03-01T10:00:00Z", [3]),
        ("date_created=2026-03-01T10:00:01Z", []),
        ("date_created=2026-03-01T12:00:00" + quote("+02:00"), [3]),
        ("date_created=2026-03-01T12:00:00+02:00", [3]),  # the plus sign not escaped
        ("date_created:min=2026-03-01T10:00:00Z", [3, 4]),
        ("date_created:min=2026-03-01T10:00:01Z", [4]),
        ("date_created:max=2026-03-02", [1, 2, 3, 4]),
        ("date_created:max=2026-03-01T10:00:00Z", [1, 2, 3]),
        ("date_created:min=2026-03-01&date_created:max=2026-03-01", [3]),
        ("date_modified:min=2026-03-02", [3, 4]),
        ("date_modified=2026-03-01", []),
        ("date_modified:max=2026-03-01", [1, 2]),
        ("sort=name:asc", [4, 3, 1, 2]),
        ("sort=name:desc", [2, 1, 3, 4]),
        ("sort=date_modified:asc&date_modified:min=2026-03-01", [4, 3]),
        ("sort=date_modified:desc&date_modified:min=2026-03-01", [3, 4]),
    ],
)
def test_methods_are_filtered_and_sorted(shop: Shop, query: str, expected: list[int]) -> None:
    at(shop, FIRST).management("POST", METHODS, [OFFICE])
    at(shop, SECOND).management("POST", METHODS, [OFFICE | {"display_name": "attic"}])
    at(shop, SECOND.replace(hour=12)).management("PUT", METHODS, [{"id": 3, "display_name": "Backyard"}])

    assert ids(shop.management("GET", f"{METHODS}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("id:in=one", "id:in"),
        ("date_created=yesterday", "date_created"),
        ("date_created:min=9999-12-31T23:59:59Z", "date_created:min"),
        ("date_modified:max=0001-01-01T00:00:00%2B10:00", "date_modified:max"),
        ("sort=id:asc", "sort"),
        ("page=0", "page"),
        ("limit=251", "limit"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused(shop: Shop, query: str, field: str) -> None:
    refused = shop.management("GET", f"{METHODS}?{query}")

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


def test_deleting_without_ids_deletes_nothing(shop: Shop) -> None:
    assert shop.management("DELETE", METHODS).status_code == 422
    assert shop.management("DELETE", METHODS + "?id:in=").status_code == 422
    assert ids(shop.management("GET", METHODS)) == [1, 2]


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", METHODS, "demo-token-read-only", 200),
        ("GET", METHODS, "demo-token-carts", 403),
        ("GET", METHODS, "no-token", 401),
        ("POST", METHODS, "demo-token-read-only", 403),
        ("PUT", METHODS, "demo-token-read-only", 403),
        ("DELETE", METHODS + "?id:in=1", "demo-token-read-only", 403),
        ("POST", "/pickup/options", "demo-token-read-only", 200),  # a search changes nothing
        ("POST", "/pickup/options", "demo-token-carts", 403),
    ],
)
def test_who_may_do_what(shop: Shop, method: str, path: str, token: str, status: int) -> None:
    body = search(10, "KM") if path == "/pickup/options" else [OFFICE] if method == "POST" else [{"id": 1}]

    assert shop.management(method, path, body, token=token).status_code == status


# ---------------------------------------------------------------------------------------------------- options


def test_a_search_answers_without_an_envelope(shop: Shop) -> None:
    answer = shop.management("POST", "/pickup/options", search(10, "KM"))

    assert answer.json() == {
        "results": [
            {
                "pickup_options": [
                    {
                        "pickup_method": {
                            "id": 1,
                            "location_id": 1,
                            "display_name": "Pick up in Austin",
                            "collection_instructions": "Bring your order confirmation.",
                            "collection_time_description": "9am - 6pm",
                        },
                        "available_items": [{"variant_id": 341, "quantity": 2}],
                    }
                ]
            }
        ]
    }


def test_the_radius_is_in_kilometres_or_miles(shop: Shop) -> None:
    # Dallas is 293.1 km or 182.1 miles from Austin.
    assert found(shop.management("POST", "/pickup/options", search(293, "KM"))) == [1]
    assert found(shop.management("POST", "/pickup/options", search(294, "KM"))) == [1, 2]
    assert found(shop.management("POST", "/pickup/options", search(182, "MI"))) == [1]
    assert found(shop.management("POST", "/pickup/options", search(183, "MI"))) == [1, 2]


def test_only_places_with_all_items_are_found(shop: Shop) -> None:
    shop.run(shop.storage.unit("demo").catalog.put_stock(341, {1: 1, 2: 5}))
    spoons, jars = {"variant_id": 341, "quantity": 1}, {"variant_id": 345, "quantity": 1}

    assert found(shop.management("POST", "/pickup/options", search(500, "KM", spoons, jars))) == [1, 2]
    assert found(shop.management("POST", "/pickup/options", search(500, "KM", spoons, spoons))) == [2]


def test_what_nobody_can_hand_out_is_found_nowhere(shop: Shop) -> None:
    unknown, digital = {"variant_id": 999, "quantity": 1}, {"variant_id": 360, "quantity": 1}

    assert found(shop.management("POST", "/pickup/options", search(500, "KM", unknown))) == []
    assert found(shop.management("POST", "/pickup/options", search(500, "KM", digital))) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (search(0, "KM"), "search_area.radius.value"),
        (search(10, "LY"), "search_area.radius.unit"),
        (search(10, "KM", {"variant_id": 341, "quantity": 0}), "items.0.quantity"),
        (search(10, "KM", {"variant_id": 341}), "items.0.quantity"),
        (search(10, "KM", items=[]), "items"),
        (search(10, "KM", search_area={"radius": {"value": 1, "unit": "KM"}}), "search_area.coordinates"),
        ({"items": [{"variant_id": 341, "quantity": 1}]}, "search_area"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any], field: str) -> None:
    refused = shop.management("POST", "/pickup/options", body)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


def test_both_surfaces_find_the_same_places_in_the_same_order(shop: Shop) -> None:
    area = {"coordinates": {"latitude": 32.7767, "longitude": -96.7970}, "radius": {"value": 200, "unit": "MI"}}
    items = [{"variantId": 341, "quantity": 2}]

    storefront = shop.storefront("POST", "/pickup-options", {"searchArea": area, "items": items}).json()

    shown = [option["pickupMethod"]["id"] for option in storefront["results"][0]["pickupOptions"]]
    assert shown == found(shop.management("POST", "/pickup/options", search(200, "MI", search_area=area))) == [2, 1]


def test_shoppers_do_not_see_places_hidden_on_the_storefront(shop: Shop) -> None:
    area = {"coordinates": {"latitude": 30.2672, "longitude": -97.7431}, "radius": {"value": 10, "unit": "KM"}}

    shop.management("PUT", "/inventory/locations", [{"id": 1, "storefront_visibility": False}])

    items = [{"variantId": 341, "quantity": 2}]
    storefront = shop.storefront("POST", "/pickup-options", {"searchArea": area, "items": items}).json()
    assert storefront["results"][0]["pickupOptions"] == []
    assert found(shop.management("POST", "/pickup/options", search(10, "KM"))) == [1]


# ---------------------------------------------------------------------------------------------------- at checkout


def consigned(shop: Shop, method_id: int) -> Any:
    cart = a_cart(shop, {"product_id": 170, "quantity": 1})
    body = {
        "pickup_option": {"pickup_method_id": method_id},
        "line_items": [{"item_id": item_ids(cart)[0], "quantity": 1}],
    }
    return shop.management("POST", f"/checkouts/{cart['id']}/consignments", [body])


def test_a_new_method_can_be_chosen_and_shows_the_address_of_its_location(shop: Shop) -> None:
    shop.management("POST", METHODS, [OFFICE])

    checkout = consigned(shop, 3).json()["data"]

    consignment = checkout["consignments"][0]
    assert consignment["selected_pickup_option"] == {"pickup_method_id": 3}
    assert (consignment["address"]["city"], consignment["address"]["postal_code"]) == ("Dallas", "75202")
    assert (checkout["shipping_cost_total_inc_tax"], checkout["tax_total"]) == (0, 2.06)  # 8.25 % of 25.00, in Texas


def test_a_deleted_method_cannot_be_chosen_and_leaves_the_checkouts_that_chose_it(shop: Shop) -> None:
    checkout = consigned(shop, 1).json()["data"]

    shop.management("DELETE", METHODS + "?id:in=1")

    refused = consigned(shop, 1)
    after = shop.management("GET", f"/checkouts/{checkout['id']}").json()["data"]
    assert refused.status_code == 422
    assert "selected_pickup_option" not in after["consignments"][0]
    assert after["version"] == checkout["version"]
