"""Customers and address books through the Management API."""

from typing import Any

import pytest

from tests.api.flows import PASSWORD, a_cart, sign_in
from tests.client import Shop

ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Roe"}
HOME = {
    "customer_id": 12,
    "first_name": "John",
    "last_name": "Doe",
    "address1": "111 E West Street",
    "address2": "654",
    "city": "Akron",
    "state_or_province": "Ohio",
    "postal_code": "44325",
    "country_code": "US",
    "phone": "1234567890",
    "address_type": "residential",
}

PLACE = {key: value for key, value in HOME.items() if key != "customer_id"}


def create(shop: Shop, *new: dict[str, Any], status: int = 200) -> Any:
    answer = shop.management("POST", "/customers", list(new))
    assert answer.status_code == status, answer.text
    return answer.json().get("data")


def ids(shop: Shop, query: str) -> list[int]:
    answer = shop.management("GET", f"/customers?{query}")
    assert answer.status_code == 200, answer.text
    return [customer["id"] for customer in answer.json()["data"]]


def address_ids(shop: Shop, query: str = "") -> list[int]:
    return [each["id"] for each in shop.management("GET", f"/customers/addresses?{query}").json()["data"]]


def test_customers_are_listed_with_what_is_asked_for(shop: Shop) -> None:
    answer = shop.management("GET", "/customers?include=addresses,storecredit&limit=1").json()

    (jane,) = answer["data"]
    assert (jane["id"], jane["email"], jane["customer_group_id"], jane["address_count"]) == (
        11,
        "janedoe@example.com",
        1,
        2,
    )
    assert jane["store_credit_amounts"] == [{"amount": 20}]
    assert jane["addresses"][0]["customer_id"] == 11
    assert (jane["addresses"][0]["id"], jane["addresses"][0]["address1"]) == (1, "123 Main Street")
    assert answer["meta"]["pagination"]["total"] == 2
    plain = shop.management("GET", "/customers?id:in=11").json()["data"][0]
    assert not {"addresses", "store_credit_amounts"} & plain.keys()


def test_the_published_filters_find_those_that_match_without_case(shop: Shop) -> None:
    create(shop, ANN | {"company": "Roe & Sons", "phone": "555-1", "customer_group_id": 1})

    assert ids(shop, "email:in=ANN@example.com,johndoe@example.com") == [12, 13]
    assert ids(shop, "name:in=ann roe,nobody") == [13]
    assert ids(shop, "name:like=oe") == [11, 12, 13]
    assert ids(shop, "name:like=n r") == [13]
    assert ids(shop, "company:in=roe %26 sons") == [13]
    assert ids(shop, "phone:in=555-1") == [13]
    assert ids(shop, "customer_group_id:in=1") == [11, 13]
    assert ids(shop, "customer_group_id:in=1&email:in=ann@example.com") == [13]
    assert ids(shop, "id:in=12,99") == [12]
    assert ids(shop, "date_created:min=2020-01-01") == [13]
    assert ids(shop, "date_created:max=2020-01-01") == [11, 12]
    assert ids(shop, "date_modified:min=2020-01-01&date_modified:max=2021-01-01") == []
    assert ids(shop, "registration_ip_address:in=192.0.2.1") == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", [11, 12, 13]),
        ("last_name:asc", [11, 12, 13]),
        ("last_name:desc", [13, 12, 11]),
        ("date_created:desc", [13, 12, 11]),
        ("date_modified:asc", [11, 12, 13]),
    ],
)
def test_lists_are_sorted_and_have_pages(shop: Shop, sort: str, expected: list[int]) -> None:
    create(shop, ANN)

    assert ids(shop, f"sort={sort}" if sort else "") == expected
    assert ids(shop, f"limit=2&page=2&sort={sort}" if sort else "limit=2&page=2") == expected[2:]


def test_filters_that_are_none_are_refused(shop: Shop) -> None:
    for query in ("sort=email:asc", "id:in=x", "date_created=soon", "limit=0"):
        assert shop.management("GET", f"/customers?{query}").status_code == 422


def test_a_customer_is_created_with_addresses_credit_and_password_and_can_sign_in(shop: Shop) -> None:
    fields = {"authentication": {"new_password": "S3curePass"}, "store_credit_amounts": [{"amount": 43.15}]}

    (made,) = create(shop, ANN | fields | {"addresses": [PLACE, PLACE], "notes": "Rings twice", "channel_ids": [1]})

    assert (made["id"], made["notes"], made["store_credit_amounts"]) == (13, "Rings twice", [{"amount": 43.15}])
    assert [(each["id"], each["country"], each["state_or_province"]) for each in made["addresses"]] == [
        (3, "United States", "Ohio")
    ]
    assert (made["registration_ip_address"], made["channel_ids"]) == ("", [1])
    assert sign_in(shop, "ann@example.com", "S3curePass").json()["data"]["customer"]["storeCredit"] == 43.15
    assert made["authentication"] == {"force_password_reset": False}


def test_the_address_somebody_registered_from_can_be_put_right(shop: Shop) -> None:
    change = [{"id": 11, "registration_ip_address": "192.0.2.7"}]

    assert shop.management("PUT", "/customers", change).status_code == 200

    (kept,) = shop.management("GET", "/customers?id:in=11").json()["data"]
    assert kept["registration_ip_address"] == "192.0.2.7"


def test_who_registered_from_an_address_is_found_without_case(shop: Shop) -> None:
    shop.management("PUT", "/customers", [{"id": 11, "registration_ip_address": "2001:DB8::1"}])

    for asked in ("2001:db8::1", "2001:DB8::1"):
        assert ids(shop, f"registration_ip_address:in={asked}") == [11]


@pytest.mark.parametrize("text", ["home", "192.0.2.7 ", "1" * 46])
def test_what_is_no_address_of_a_computer_is_refused(shop: Shop, text: str) -> None:
    answer = shop.management("PUT", "/customers", [{"id": 11, "registration_ip_address": text}])

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["0.registration_ip_address"])
    (kept,) = shop.management("GET", "/customers?id:in=11").json()["data"]
    assert kept["registration_ip_address"] == ""


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({}, "0.email"),
        ({"email": "no"}, "0.first_name"),
        (ANN | {"email": "no"}, "0.email"),
        (ANN | {"first_name": " "}, "0.first_name"),
        (ANN | {"customer_group_id": 9}, "0.customer_group_id"),
        (ANN | {"channel_ids": [9]}, "0.channel_ids"),
        (ANN | {"authentication": {"new_password": "short"}}, "0.authentication.new_password"),
        (ANN | {"store_credit_amounts": [{"amount": -1}]}, "0.store_credit_amounts.0.amount"),
        (ANN | {"addresses": [{"first_name": "A"}]}, "0.addresses.0.last_name"),
        (ANN | {"addresses": [PLACE | {"country_code": "XX"}]}, "0.addresses.0.country_code"),
    ],
)
def test_what_makes_no_customer_is_refused_and_nothing_is_kept(shop: Shop, new: dict[str, Any], field: str) -> None:
    answer = shop.management("POST", "/customers", [new])

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert ids(shop, "") == [11, 12]


def test_a_customer_of_a_group_that_was_deleted_is_in_no_group(shop: Shop) -> None:
    shop.management("DELETE", "/customer_groups/1", base="/stores/demo/v2")

    (jane,) = shop.management("GET", "/customers?id:in=11").json()["data"]

    assert jane["customer_group_id"] == 0


def test_a_batch_is_done_as_a_whole_or_not_at_all(shop: Shop) -> None:
    taken = ANN | {"email": "JaneDoe@example.com"}

    assert shop.management("POST", "/customers", [ANN, taken]).status_code == 409
    assert shop.management("POST", "/customers", [ANN] * 11).status_code == 413
    assert shop.management("POST", "/customers", []).status_code == 422
    changes = [{"id": 12, "notes": "changed"}, {"id": 99, "notes": "x"}]
    assert shop.management("PUT", "/customers", changes).status_code == 422
    twice = shop.management("PUT", "/customers", [{"id": 12, "notes": "a"}, {"id": 12, "notes": "b"}])
    assert (twice.status_code, twice.json()["errors"]) == (422, {"1.id": "12 is given twice"})
    assert ids(shop, "") == [11, 12]
    assert shop.management("GET", "/customers?id:in=12").json()["data"][0]["notes"] == ""


def test_a_change_leaves_what_it_does_not_say(shop: Shop) -> None:
    change = {"id": 11, "customer_group_id": 0, "email": "jane@new.example", "store_credit_amounts": [{"amount": 5}]}

    (jane,) = shop.management("PUT", "/customers", [change]).json()["data"]

    assert (jane["email"], jane["first_name"], jane["customer_group_id"]) == ("jane@new.example", "Jane", 0)
    assert (jane["store_credit_amounts"], jane["address_count"]) == ([{"amount": 5}], 2)
    assert sign_in(shop).status_code == 401
    assert sign_in(shop, "jane@new.example", PASSWORD).status_code == 200


def test_a_customer_who_is_deleted_is_gone_and_their_cart_stays(shop: Shop) -> None:
    cart = a_cart(shop, customer_id=11)

    assert shop.management("DELETE", "/customers?id:in=11,99").status_code == 204
    assert shop.management("DELETE", "/customers").status_code == 204

    assert ids(shop, "") == [12]
    assert address_ids(shop) == []
    assert shop.management("GET", f"/carts/{cart['id']}").status_code == 200
    assert sign_in(shop).status_code == 401


def test_credentials_are_right_or_not(shop: Shop) -> None:
    def valid(email: str, password: str) -> Any:
        body = {"email": email, "password": password, "channel_id": 1}
        return shop.management("POST", "/customers/validate-credentials", body).json()

    assert valid("janedoe@example.com", PASSWORD) == {"is_valid": True, "customer_id": 11}
    assert valid("janedoe@example.com", "wrong") == {"is_valid": False, "customer_id": None}
    assert valid("nobody@example.com", PASSWORD) == {"is_valid": False, "customer_id": None}
    body = {"email": "x", "password": "y", "channel_id": 9}
    assert shop.management("POST", "/customers/validate-credentials", body).status_code == 422


def test_addresses_are_listed_added_changed_and_deleted(shop: Shop) -> None:
    addresses = "/customers/addresses"

    (made,) = shop.management("POST", addresses, [HOME, HOME | {"city": "AKRON"}]).json()["data"]
    again = shop.management("POST", addresses, [HOME])
    (moved,) = shop.management("PUT", addresses, [{"id": 3, "state_or_province": "Texas"}]).json()["data"]

    assert (made["id"], made["customer_id"], made["country"]) == (3, 12, "United States")
    assert (again.status_code, again.json()["data"]) == (200, [])
    assert (moved["state_or_province"], moved["city"]) == ("Texas", "Akron")
    assert address_ids(shop) == [1, 2, 3]
    assert address_ids(shop, "customer_id:in=11") == [1, 2]
    assert address_ids(shop, "id:in=2,3&name:in=john doe") == [3]
    assert shop.management("DELETE", f"{addresses}?id:in=1,3,99").status_code == 204
    assert address_ids(shop) == [2]


def test_an_address_that_would_become_another_one_stays_as_it_is(shop: Shop) -> None:
    change = {"id": 1, "address1": "500 Elm Street", "city": "Dallas", "postal_code": "75202"}

    answer = shop.management("PUT", "/customers/addresses", [change])

    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert shop.management("GET", "/customers/addresses?id:in=1").json()["data"][0]["city"] == "Austin"


@pytest.mark.parametrize(
    ("method", "sent", "field"),
    [
        ("POST", HOME | {"customer_id": 99}, "0.customer_id"),
        ("POST", HOME | {"city": ""}, "0.city"),
        ("POST", HOME | {"country_code": "XX"}, "0.country_code"),
        ("PUT", {"id": 1, "country_code": "XX"}, "0.country_code"),
        ("PUT", {"id": 99, "city": "Akron"}, "0.id"),
        ("PUT", {"id": 1, "city": ""}, "0.city"),
    ],
)
def test_what_is_no_address_is_refused(shop: Shop, method: str, sent: dict[str, Any], field: str) -> None:
    answer = shop.management(method, "/customers/addresses", [sent])

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_customers_take_their_own_scope(shop: Shop) -> None:
    statuses = [
        shop.management("GET", "/customers", token=token).status_code
        for token in ("demo-token-carts", "demo-token-read-only")
    ]
    written = shop.management("POST", "/customers", [ANN], token="demo-token-read-only")

    assert (statuses, written.status_code) == ([403, 200], 403)


def test_webhooks_hear_of_customers_and_their_addresses(shop: Shop) -> None:
    def told() -> list[tuple[str, Any]]:
        rows = shop.run(shop.driver.all("event_all", store_hash="demo"))
        return [(str(row["scope"]), bytes(row["body"]).decode()) for row in rows]

    create(shop, ANN)
    shop.management("PUT", "/customers", [{"id": 13, "notes": "x"}])
    shop.management("POST", "/customers/addresses", [HOME | {"customer_id": 13}])
    shop.management("DELETE", "/customers?id:in=13")

    assert told() == [
        ("store/customer/created", '{"type":"customer","id":13}'),
        ("store/customer/updated", '{"type":"customer","id":13}'),
        ("store/customer/address/created", '{"type":"customer","id":3,"address":{"customer_id":13}}'),
        ("store/customer/deleted", '{"type":"customer","id":13}'),
    ]
