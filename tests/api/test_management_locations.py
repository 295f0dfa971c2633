"""Locations through Management (BEHAVIOUR 5)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checkstand.service import shop_file
from tests.api.flows import a_cart, item_ids
from tests.client import Shop

PATH = "/inventory/locations"
CREATED, CHANGED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 11, 30, 15, tzinfo=UTC)
WORKDAY = {"open": True, "opening": "08:00", "closing": "16:00"}
CLOSED = {"open": False, "opening": "00:00", "closing": "00:00"}
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HOLIDAY = {
    "label": "Thanksgiving",
    "date": "2026-11-26",
    "open": True,
    "opening": "09:00",
    "closing": "12:00",
    "all_day": False,
    "annual": True,
}
FIFTH_AVENUE = {
    "address1": "5th Ave",
    "address2": "2nd floor",
    "city": "New York",
    "state": "NY",
    "zip": "10021",
    "email": "contact@example.com",
    "phone": "800-555-0198",
    "geo_coordinates": {"latitude": 40.774378, "longitude": -73.9653178},
    "country_code": "US",
}
CENTRAL = {
    "code": "BIGC-1",
    "label": "Central store",
    "description": "By the park",
    "managed_by_external_source": True,
    "type_id": "PHYSICAL",
    "enabled": True,
    "operating_hours": dict.fromkeys(DAYS, WORKDAY),
    "time_zone": "America/New_York",
    "address": FIFTH_AVENUE,
    "storefront_visibility": False,
    "special_hours": [HOLIDAY],
}
SMALL = {"code": "SMALL", "label": "Small store", "address": FIFTH_AVENUE}
VIRTUAL = {"code": "CLOUD", "label": "Cloud", "type_id": "VIRTUAL"}


def listed(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    answer = shop.management("GET", f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    locations: list[dict[str, Any]] = answer.json()["data"]
    return locations


def location(shop: Shop, location_id: int) -> dict[str, Any]:
    return listed(shop, f"location_id:in={location_id}")[0]


def ids(shop: Shop, query: str = "") -> list[int]:
    return [entry["id"] for entry in listed(shop, query)]


def create(shop: Shop, *bodies: dict[str, Any]) -> None:
    answer = shop.management("POST", PATH, list(bodies))
    assert answer.status_code == 200, answer.text


# ---------------------------------------------------------------------------------------------------- reading


def test_a_location_of_the_shop_file_is_shown_with_all_there_is_to_say(shop: Shop) -> None:
    assert location(shop, 1) == {
        "id": 1,
        "code": "austin",
        "label": "Austin Store",
        "description": "",
        "managed_by_external_source": False,
        "type_id": "PHYSICAL",
        "enabled": True,
        "operating_hours": dict.fromkeys(DAYS, CLOSED),
        "time_zone": "Etc/UTC",
        "created_at": "1970-01-01T00:00:00+00:00",
        "updated_at": "1970-01-01T00:00:00+00:00",
        "address": {
            "address1": "123 Main Street",
            "address2": "",
            "city": "Austin",
            "state": "TX",
            "zip": "78701",
            "email": "austin@example.com",
            "phone": "5125550100",
            "geo_coordinates": {"latitude": 30.2672, "longitude": -97.7431},
            "country_code": "US",
        },
        "storefront_visibility": True,
        "special_hours": [],
    }


def test_locations_come_in_pages(shop: Shop) -> None:
    create(shop, CENTRAL)

    page = shop.management("GET", PATH + "?is_active=true&page=2&limit=1").json()

    assert [entry["id"] for entry in page["data"]] == [2]
    assert page["meta"]["pagination"] == {
        "total": 3,
        "count": 1,
        "per_page": 1,
        "current_page": 2,
        "total_pages": 3,
        "links": {
            "previous": "?is_active=true&page=1&limit=1",
            "current": "?is_active=true&page=2&limit=1",
            "next": "?is_active=true&page=3&limit=1",
        },
    }
    assert shop.management("GET", PATH).json()["meta"]["pagination"]["per_page"] == 50


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("location_id:in=3,1,99", [1, 3]),
        ("location_code:in=austin,CLOUD", [1, 4]),
        ("location_code:in=austin&location_code:in=CLOUD", [1, 4]),
        ("location_code:in=", []),
        ("is_default=true", [1]),
        ("is_default=false", [2, 3, 4]),
        ("type_id:in=VIRTUAL", [4]),
        ("type_id:in=PHYSICAL,VIRTUAL", [1, 2, 3, 4]),
        ("managed_by_external_source=true", [3]),
        ("is_active=false", [2]),
        ("is_active=true&storefront_visibility=true", [1, 4]),
        ("storefront_visibility=0", [3]),
    ],
)
def test_locations_are_filtered(shop: Shop, query: str, expected: list[int]) -> None:
    create(shop, CENTRAL, VIRTUAL)
    shop.management("PUT", PATH, [{"id": 2, "enabled": False}])

    assert ids(shop, query) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("is_active=perhaps", "is_active"),
        ("is_default=", "is_default"),
        ("location_id:in=austin", "location_id:in"),
        ("limit=1001", "limit"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused(shop: Shop, query: str, field: str) -> None:
    refused = shop.management("GET", f"{PATH}?{query}")

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


# ---------------------------------------------------------------------------------------------------- creating and changing


def test_a_new_location_is_found_by_its_code_and_says_what_was_sent(shop: Shop) -> None:
    shop.app.now = lambda: CREATED

    answer = shop.management("POST", PATH, [CENTRAL])

    assert answer.status_code == 200
    assert list(answer.json()) == ["transaction_id"]
    assert len(answer.json()["transaction_id"]) == 36
    assert listed(shop, "location_code:in=BIGC-1") == [
        {"id": 3, **CENTRAL, "created_at": "2026-03-01T10:00:00+00:00", "updated_at": "2026-03-01T10:00:00+00:00"}
    ]


def test_a_change_leaves_alone_what_it_does_not_name(shop: Shop) -> None:
    shop.app.now = lambda: CREATED
    create(shop, CENTRAL)
    before = location(shop, 3)
    shop.app.now = lambda: CHANGED

    answer = shop.management(
        "PUT",
        PATH,
        [
            {
                "id": 3,
                "label": "Old store",
                "description": None,
                "address": {"zip": "12345", "geo_coordinates": {"latitude": 11, "longitude": 12}},
                "operating_hours": {"sunday": {"open": False}},
            }
        ],
    )

    assert list(answer.json()) == ["transaction_id"]
    assert location(shop, 3) == before | {
        "label": "Old store",
        "updated_at": "2026-03-02T11:30:15+00:00",
        "address": FIFTH_AVENUE | {"zip": "12345", "geo_coordinates": {"latitude": 11, "longitude": 12}},
        "operating_hours": before["operating_hours"] | {"sunday": CLOSED},
    }


def test_special_hours_have_defaults_and_can_be_taken_away(shop: Shop) -> None:
    shop.management("PUT", PATH, [{"id": 1, "special_hours": [{"label": "Fair", "date": "2026-05-01", "open": False}]}])

    assert location(shop, 1)["special_hours"] == [
        {
            "label": "Fair",
            "date": "2026-05-01",
            "open": False,
            "opening": "00:00",
            "closing": "00:00",
            "all_day": False,
            "annual": False,
        }
    ]
    shop.management("PUT", PATH, [{"id": 1, "special_hours": []}])
    assert location(shop, 1)["special_hours"] == []


def test_a_virtual_location_has_no_address(shop: Shop) -> None:
    create(shop, VIRTUAL)

    assert "address" not in location(shop, 3)


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("POST", [SMALL, {"label": "No code", "address": FIFTH_AVENUE}], "1.code"),
        ("POST", [{"code": "no-label", "address": FIFTH_AVENUE}], "0.label"),
        ("POST", [{"code": "a", "label": "No address"}], "0.address"),
        *(
            ("POST", [SMALL | {"address": {k: v for k, v in FIFTH_AVENUE.items() if k != name}}], f"0.address.{name}")
            for name in ("address1", "city", "state", "zip", "email", "geo_coordinates", "country_code")
        ),
        ("POST", [SMALL | {"address": FIFTH_AVENUE | {"email": "nobody"}}], "0.address.email"),
        ("POST", [SMALL | {"address": FIFTH_AVENUE | {"phone": "1\n2"}}], "0.address.phone"),
        ("POST", [SMALL | {"address": FIFTH_AVENUE | {"country_code": "us"}}], "0.address.country_code"),
        (
            "POST",
            [SMALL | {"address": FIFTH_AVENUE | {"geo_coordinates": {"latitude": 91, "longitude": 0}}}],
            "0.address.geo_coordinates.latitude",
        ),
        ("POST", [SMALL | {"type_id": "IMAGINARY"}], "0.type_id"),
        ("POST", [SMALL | {"time_zone": "Moon/Dark_Side"}], "0.time_zone"),
        ("POST", [SMALL | {"operating_hours": {"sunday": {"opening": "8:00"}}}], "0.operating_hours.sunday.opening"),
        ("POST", [SMALL | {"operating_hours": {"sunday": {"closing": "24:01"}}}], "0.operating_hours.sunday.closing"),
        ("POST", [SMALL | {"special_hours": [HOLIDAY | {"date": "2026-02-30"}]}], "0.special_hours.0.date"),
        ("POST", [SMALL | {"special_hours": [{"label": "x", "open": True}]}], "0.special_hours.0.date"),
        ("POST", [SMALL, SMALL], "1.code"),
        ("POST", [SMALL | {"code": "austin"}], "0.code"),
        ("POST", [], "body"),
        ("PUT", [{"id": 1, "label": "x"}, {"id": 9, "label": "x"}], "1.id"),
        ("PUT", [{"label": "x"}], "0.id"),
        ("PUT", [{"id": 2, "code": "austin"}], "0.code"),
        ("PUT", [{"id": 2, "address": {"state": ""}}], "0.address.state"),
        ("PUT", [{"id": 2, "type_id": "VIRTUAL"}], "0.type_id"),  # a pick-up method uses it
    ],
)
def test_a_refused_request_names_the_field_and_changes_nothing(shop: Shop, method: str, body: Any, field: str) -> None:
    before = listed(shop)

    refused = shop.management(method, PATH, body)

    problem = refused.json()
    assert (refused.status_code, problem["status"], list(problem["errors"])) == (422, 422, [field])
    assert {"status", "title", "type", "errors"} <= problem.keys()
    assert listed(shop) == before


def test_a_hundred_locations_may_be_active(shop: Shop) -> None:
    create(shop, *(SMALL | {"code": str(number)} for number in range(98)))

    assert shop.management("POST", PATH, [SMALL]).status_code == 422
    create(shop, SMALL | {"enabled": False})
    assert shop.management("PUT", PATH, [{"id": 101, "enabled": True}]).status_code == 422
    assert shop.management("PUT", PATH, [{"id": 1, "enabled": False}, {"id": 101, "enabled": True}]).status_code == 200
    assert len(listed(shop, "is_active=true&limit=1000")) == 100


def test_metafields_of_locations_are_not_there_yet(shop: Shop) -> None:
    for path in ("/inventory/locations/1/metafields", "/inventory/locations/metafields"):
        answer = shop.management("GET", path)
        assert (answer.status_code, "metafields of locations" in answer.json()["detail"]) == (501, True)


@pytest.mark.parametrize(
    ("method", "token", "status"),
    [
        ("GET", "demo-token-read-only", 200),
        ("GET", "demo-token-carts", 403),
        ("GET", "no-token", 401),
        ("POST", "demo-token-read-only", 403),
        ("PUT", "demo-token-read-only", 403),
        ("DELETE", "demo-token-read-only", 403),
    ],
)
def test_who_may_do_what(shop: Shop, method: str, token: str, status: int) -> None:
    body = {"POST": [SMALL], "PUT": [{"id": 1}]}.get(method)

    assert shop.management(method, PATH + "?location_id:in=2", body, token=token).status_code == status


# ---------------------------------------------------------------------------------------------------- deleting


def test_a_deleted_location_takes_its_pickup_methods_and_its_stock_along(shop: Shop) -> None:
    catalog = shop.storage.unit("demo").catalog
    shop.run(catalog.put_stock(341, {0: 5, 2: 7}))
    shop.run(catalog.put_stock(345, {1: 3, 2: 7}))

    answer = shop.management("DELETE", PATH + "?location_id:in=2")

    assert (answer.status_code, list(answer.json())) == (200, ["transaction_id"])
    assert ids(shop) == [1]
    assert [method["id"] for method in shop.management("GET", "/pickup/methods").json()["data"]] == [1]
    assert shop.run(catalog.stock_of([341])) == {341: {0: 5}}
    assert shop.run(catalog.stock_of([345])) == {345: {0: 1000, 1: 3}}


def test_goods_that_were_counted_only_at_a_deleted_location_are_sold_out_not_endless(shop: Shop) -> None:
    catalog = shop.storage.unit("demo").catalog
    shop.run(catalog.put_stock(341, {}))
    shop.run(catalog.put_stock(341, {2: 7}))

    shop.management("DELETE", PATH + "?location_id:in=2")

    assert shop.run(catalog.stock_of([341])) == {341: {0: 0}}


def test_the_id_of_a_deleted_location_is_not_used_again(shop: Shop) -> None:
    create(shop, SMALL)
    shop.management("DELETE", PATH + "?location_id:in=3")
    create(shop, SMALL)

    assert ids(shop) == [1, 2, 4]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("location_id:in=2,99", 404),
        ("location_id:in=2,1", 422),  # goods are shipped from location 1
        ("location_id:in=", 422),
        ("", 422),
        ("location_id:in=two", 422),
    ],
)
def test_a_refused_deletion_deletes_nothing(shop: Shop, query: str, status: int) -> None:
    refused = shop.management("DELETE", f"{PATH}?{query}")

    assert refused.status_code == status
    assert {"status", "title", "type"} <= refused.json().keys()
    assert list(refused.json()["errors"]) == ["location_id:in"]
    assert ids(shop) == [1, 2]


# ---------------------------------------------------------------------------------------------------- at checkout


def picked_up(shop: Shop, method_id: int) -> Any:
    cart = a_cart(shop, {"product_id": 170, "quantity": 1})
    units = [{"item_id": item_ids(cart)[0], "quantity": 1}]
    body = [{"pickup_option": {"pickup_method_id": method_id}, "line_items": units}]
    return shop.management("POST", f"/checkouts/{cart['id']}/consignments", body)


def test_a_disabled_location_keeps_its_methods_and_hands_nothing_out(shop: Shop) -> None:
    chosen = picked_up(shop, 1).json()["data"]["id"]

    shop.management("PUT", PATH, [{"id": 1, "enabled": False}])

    assert picked_up(shop, 1).status_code == 422
    consignment = shop.management("GET", f"/checkouts/{chosen}").json()["data"]["consignments"][0]
    assert "selected_pickup_option" not in consignment
    assert len(shop.management("GET", "/pickup/methods").json()["data"]) == 2
    shop.management("PUT", PATH, [{"id": 1, "enabled": True}])
    consignment = shop.management("GET", f"/checkouts/{chosen}").json()["data"]["consignments"][0]
    assert consignment["selected_pickup_option"] == {"pickup_method_id": 1}


def test_goods_picked_up_at_a_new_location_are_taxed_there(shop: Shop) -> None:
    create(shop, CENTRAL)
    shop.management("POST", "/pickup/methods", [{"location_id": 3, "display_name": "Fifth Avenue"}])

    checkout = picked_up(shop, 3).json()["data"]

    address = checkout["consignments"][0]["address"]
    assert (address["city"], address["state_or_province"], address["state_or_province_code"]) == (
        "New York",
        "New York",
        "NY",
    )
    assert (address["country"], address["country_code"], address["postal_code"]) == ("United States", "US", "10021")
    assert checkout["tax_total"] == 1  # 4 % of 25.00


def test_an_order_keeps_the_address_of_a_location_that_is_gone(shop: Shop) -> None:
    shop.storefront("GET", "/carts")
    cart = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}).json()
    path = f"/checkouts/{cart['id']}"
    units = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 1}]
    shop.storefront("POST", f"{path}/consignments", [{"pickupOption": {"pickupMethodId": 2}, "lineItems": units}])
    billing = {
        "email": "jane@example.com",
        "firstName": "Jane",
        "lastName": "Doe",
        "address1": "1 Main Street",
        "city": "Austin",
        "stateOrProvinceCode": "TX",
        "countryCode": "US",
        "postalCode": "78701",
    }
    shop.storefront("POST", f"{path}/billing-address", billing)
    placed = shop.storefront(
        "POST", "/checkout/order", {"cartId": cart["id"], "payment": {"name": "cod"}}, base="/internalapi/v1"
    ).json()

    shop.management("DELETE", PATH + "?location_id:in=2")

    order = shop.storefront("GET", f"/orders/{placed['data']['order']['orderId']}?include=consignments").json()
    pickup = order["consignments"]["pickup"][0]
    assert pickup["location"]["city"] == "Dallas"


# ---------------------------------------------------------------------------------------------------- the shop file


def test_locations_and_methods_are_dumped_and_loaded_with_everything_they_say(shop: Shop) -> None:
    create(shop, CENTRAL, VIRTUAL)
    shop.management("POST", "/pickup/methods", [{"location_id": 3, "display_name": "Fifth Avenue"}])
    unit = shop.storage.unit("demo")
    dumped = shop_file.write(shop.run(shop_file.dump(unit)))

    loaded = shop_file.read(dumped)

    assert loaded.store.locations == shop.run(unit.store()).locations
    assert loaded.store.pickup_methods == shop.run(unit.store()).pickup_methods
    assert shop_file.write(loaded) == dumped
