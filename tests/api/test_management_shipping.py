"""Shipping zones and methods over v2 (BEHAVIOUR 7): shapes word for word, refusals by field, and what shoppers see of it."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, consign, item_ids, to
from tests.client import Shop
from tests.recording import ABROAD, AUSTIN, NEW_YORK


def v2(shop: Shop, method: str, path: str, json: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, path, json, base="/stores/demo/v2", **options)


def offered(shop: Shop, address: dict[str, Any]) -> dict[str, Any]:
    """Description -> option of one new cart that ships to an address."""
    cart = a_cart(shop)
    checkout = consign(shop, cart["id"], to(address, (item_ids(cart)[0], 2)))
    return {option["description"]: option for option in checkout["consignments"][0]["available_shipping_options"]}


def refusal(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    return answer.status_code, answer.json()["errors"]


# ---------------------------------------------------------------------------------------------------- zones


def test_a_new_zone_is_answered_whole_and_bare(shop: Shop) -> None:
    body = {
        "name": "Parcel lockers",
        "type": "zip",
        "locations": [
            {"zip": "787*", "country_iso2": "US"},
            {"zip": "75201", "country_iso2": "US", "state_iso2": "TX"},
        ],
        "free_shipping": {"enabled": True, "minimum_sub_total": "99.90"},
        "handling_fees": {"fixed_surcharge": "2.5", "display_separately": True},
    }

    created = v2(shop, "POST", "/shipping/zones", body)

    assert created.status_code == 201
    assert created.json() == {
        "id": 4,
        "name": "Parcel lockers",
        "type": "zip",
        "locations": [
            {"id": 400001, "zip": "787*", "country_iso2": "US"},
            {"id": 400002, "zip": "75201", "country_iso2": "US", "state_iso2": "TX"},
        ],
        "free_shipping": {"enabled": True, "minimum_sub_total": "99.9000", "exclude_fixed_shipping_products": False},
        "handling_fees": {"fixed_surcharge": "2.5", "display_separately": True},
        "enabled": True,
    }
    assert v2(shop, "GET", "/shipping/zones/4").json() == created.json()


def test_zones_are_listed_by_id_as_a_bare_array(shop: Shop) -> None:
    zones = v2(shop, "GET", "/shipping/zones")

    assert zones.status_code == 200
    assert [(zone["id"], zone["name"], zone["type"]) for zone in zones.json()] == [
        (1, "United States", "country"),
        (2, "Texas", "state"),
        (3, "Rest of the World", "global"),
    ]
    assert zones.json()[2] == {
        "id": 3,
        "name": "Rest of the World",
        "type": "global",
        "locations": [],
        "free_shipping": {"enabled": False, "minimum_sub_total": "0.0000", "exclude_fixed_shipping_products": False},
        "handling_fees": {"fixed_surcharge": "0", "display_separately": False},
        "enabled": True,
    }


def test_a_changed_zone_keeps_what_the_change_leaves_out(shop: Shop) -> None:
    changed = v2(
        shop,
        "PUT",
        "/shipping/zones/1",
        {"name": "USA", "free_shipping": {"enabled": False}, "handling_fees": {"percentage_surcharge": 7.5}},
    )

    assert changed.status_code == 200
    assert changed.json() == {
        "id": 1,
        "name": "USA",
        "type": "country",
        "locations": [{"id": 100001, "country_iso2": "US"}],
        "free_shipping": {"enabled": False, "minimum_sub_total": "500.0000", "exclude_fixed_shipping_products": False},
        "handling_fees": {"percentage_surcharge": "7.5", "display_separately": False},
        "enabled": True,
    }
    assert len(v2(shop, "GET", "/shipping/zones/1/methods").json()) == 4


def test_what_was_read_can_be_sent_back_unchanged(shop: Shop) -> None:
    v2(shop, "PUT", "/shipping/zones/1", {"name": "USA", "handling_fees": {"percentage_surcharge": 5}})
    zone = v2(shop, "GET", "/shipping/zones/1").json()
    methods = v2(shop, "GET", "/shipping/zones/1/methods").json()

    answers = [v2(shop, "PUT", "/shipping/zones/1", zone)] + [
        v2(shop, "PUT", f"/shipping/zones/1/methods/{method['id']}", method) for method in methods
    ]

    assert [answer.json() for answer in answers] == [zone, *methods]


def test_a_deleted_zone_is_gone_with_its_methods_and_shoppers_fall_back_to_a_wider_one(shop: Shop) -> None:
    assert offered(shop, AUSTIN)["Flat Rate"]["cost"] == 4

    deleted = v2(shop, "DELETE", "/shipping/zones/2")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert v2(shop, "GET", "/shipping/zones/2").status_code == 404
    assert v2(shop, "GET", "/shipping/zones/2/methods").status_code == 404
    assert offered(shop, AUSTIN)["Flat Rate"]["cost"] == 8


def test_a_disabled_zone_offers_nothing(shop: Shop) -> None:
    v2(shop, "PUT", "/shipping/zones/3", {"name": "Rest of the World", "enabled": False})

    assert offered(shop, ABROAD) == {}


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"type": "global"}, "name", "is required"),
        ({"name": "A"}, "type", "is required"),
        ({"name": "A", "type": "planet"}, "type", "is wrong: invalid enum value 'planet'"),
        ({"name": "A", "type": "country"}, "locations", "must name at least one place: this is a country zone"),
        (
            {"name": "A", "type": "country", "locations": [{"country_iso2": "XX"}]},
            "locations.0.country_iso2",
            "'XX' is not a country",
        ),
        (
            {"name": "A", "type": "state", "locations": [{"country_iso2": "US"}]},
            "locations.0.state_iso2",
            "is required in a state zone",
        ),
        (
            {"name": "A", "type": "global", "handling_fees": {"fixed_surcharge": "1e999999"}},
            "handling_fees.fixed_surcharge",
            "is not an amount of money this server can handle",
        ),
        (
            {"name": "A", "type": "global", "free_shipping": {"minimum_sub_total": "9.999"}},
            "free_shipping.minimum_sub_total",
            "may have at most 2 decimal places in USD",
        ),
    ],
)
def test_a_zone_that_cannot_be_is_422_and_leaves_nothing(
    shop: Shop, body: dict[str, Any], field: str, reason: str
) -> None:
    answer = v2(shop, "POST", "/shipping/zones", body)

    assert refusal(answer) == (422, {field: reason})
    assert [zone["id"] for zone in v2(shop, "GET", "/shipping/zones").json()] == [1, 2, 3]
    assert v2(shop, "POST", "/shipping/zones", {"name": "Next", "type": "global"}).json()["id"] == 4


def test_a_change_needs_the_name_as_published(shop: Shop) -> None:
    assert refusal(v2(shop, "PUT", "/shipping/zones/1", {"enabled": False})) == (422, {"name": "is required"})


# ---------------------------------------------------------------------------------------------------- methods


def test_the_methods_of_a_zone_are_listed_by_id_with_the_settings_of_their_type(shop: Shop) -> None:
    shared = {
        "enabled": True,
        "handling_fees": {"fixed_surcharge": 0},
        "is_fallback": False,
        "channel_ids": [1],
    }

    assert v2(shop, "GET", "/shipping/zones/1/methods").json() == [
        {"id": 1, "name": "Flat Rate", "type": "perorder", "settings": {"rate": 8}, **shared},
        {
            "id": 2,
            "name": "Ship by Weight",
            "type": "weight",
            "settings": {
                "default_cost": 20,
                "default_cost_type": "fixed_amount",
                "range": [
                    {"lower_limit": 0, "upper_limit": 5, "shipping_cost": 6},
                    {"lower_limit": 5, "upper_limit": 20, "shipping_cost": 12},
                ],
            },
            **shared,
        },
        {
            "id": 3,
            "name": "Ship by Total",
            "type": "total",
            "settings": {
                "default_cost": 2,
                "default_cost_type": "fixed_amount",
                "range": [
                    {"lower_limit": 0, "upper_limit": 50, "shipping_cost": 10},
                    {"lower_limit": 50, "upper_limit": 200, "shipping_cost": 5},
                ],
            },
            **shared,
        },
        {"id": 4, "name": "Per Item", "type": "peritem", "settings": {"rate": 2.5}, **shared},
    ]


def test_a_new_method_is_200_and_offered_at_once(shop: Shop) -> None:
    created = v2(
        shop,
        "POST",
        "/shipping/zones/1/methods",
        {
            "name": "Courier",
            "type": "peritem",
            "settings": {"rate": 3.25},
            "handling_fees": {"fixed_surcharge": "1.5"},
            "channel_ids": [1, 3],
        },
    )

    assert created.status_code == 200
    assert created.json() == {
        "id": 10,
        "name": "Courier",
        "type": "peritem",
        "settings": {"rate": 3.25},
        "enabled": True,
        "handling_fees": {"fixed_surcharge": 1.5},
        "is_fallback": False,
        "channel_ids": [1, 3],
    }
    assert v2(shop, "GET", "/shipping/zones/1/methods/10").json() == created.json()
    assert offered(shop, NEW_YORK)["Courier"]["cost"] == 8  # 2 x 3.25 and 1.50 for handling


def test_a_method_by_total_may_leave_gaps_and_take_a_percentage_there(shop: Shop) -> None:
    method = {
        "name": "By total",
        "type": "total",
        "settings": {
            "default_cost": 10,
            "default_cost_type": "percentage_of_total",
            "range": [
                {"lower_limit": 0, "upper_limit": 20, "shipping_cost": 9},
                {"lower_limit": 50, "upper_limit": 99.5, "shipping_cost": 5},
            ],
        },
    }

    created = v2(shop, "POST", "/shipping/zones/1/methods", method)

    assert created.json()["settings"] == method["settings"]
    assert offered(shop, NEW_YORK)["By total"]["cost"] == 2.8  # 10 % of two carts at 13.99


def test_a_free_method_costs_nothing_from_its_minimum_on(shop: Shop) -> None:
    free = {"name": "On us", "type": "freeshipping", "settings": {"minimum_sub_total": 27.98}}
    method_id = v2(shop, "POST", "/shipping/zones/1/methods", free).json()["id"]
    assert offered(shop, NEW_YORK)["On us"]["cost"] == 0

    v2(shop, "PUT", f"/shipping/zones/1/methods/{method_id}", {"settings": {"minimum_sub_total": 27.99}})

    assert "On us" not in offered(shop, NEW_YORK)


def test_an_edited_method_keeps_the_id_of_its_option_and_a_choice_follows_the_price(shop: Shop) -> None:
    cart = a_cart(shop)
    checkout = consign(shop, cart["id"], to(NEW_YORK, (item_ids(cart)[0], 2)))
    consignment = checkout["consignments"][0]
    option = next(o for o in consignment["available_shipping_options"] if o["description"] == "Flat Rate")
    path = f"/checkouts/{cart['id']}"
    shop.management("PUT", f"{path}/consignments/{consignment['id']}", {"shipping_option_id": option["id"]})

    changed = v2(
        shop,
        "PUT",
        "/shipping/zones/1/methods/1",
        {"name": "Flat Rate, cheaper", "type": "peritem", "settings": {"rate": 3}},
    )

    assert changed.json()["settings"] == {"rate": 3}
    selected = shop.management("GET", path).json()["data"]["consignments"][0]["selected_shipping_option"]
    assert (option["cost"], selected["cost"]) == (8, 6)
    assert (selected["id"], selected["description"]) == (option["id"], "Flat Rate, cheaper")


def test_a_disabled_or_deleted_method_is_no_longer_offered(shop: Shop) -> None:
    disabled = v2(shop, "PUT", "/shipping/zones/1/methods/4", {"enabled": False})
    deleted = v2(shop, "DELETE", "/shipping/zones/1/methods/2")

    assert disabled.json()["enabled"] is False
    assert disabled.json()["settings"] == {"rate": 2.5}
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert sorted(offered(shop, NEW_YORK)) == ["Flat Rate", "Ship by Total"]


def test_a_default_cost_of_null_leaves_the_method_out_beyond_its_ranges(shop: Shop) -> None:
    v2(shop, "PUT", "/shipping/zones/1/methods/2", {"settings": {"default_cost": None, "range": []}})

    assert v2(shop, "GET", "/shipping/zones/1/methods/2").json()["settings"] == {
        "default_cost": None,
        "default_cost_type": "fixed_amount",
        "range": [],
    }
    assert "Ship by Weight" not in offered(shop, NEW_YORK)


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"type": "perorder", "settings": {"rate": 1}}, "name", "is required"),
        ({"name": "A", "settings": {"rate": 1}}, "type", "is required"),
        ({"name": "A", "type": "perorder"}, "settings.rate", "is required"),
        ({"name": "A", "type": "perorder", "settings": {"rate": -1}}, "settings.rate", "must be 0 or more"),
        (
            {"name": "A", "type": "weight", "settings": {"range": [{"lower_limit": 0, "upper_limit": 5}]}},
            "settings.range.0.shipping_cost",
            "is required",
        ),
        (
            {
                "name": "A",
                "type": "weight",
                "settings": {
                    "range": [
                        {"lower_limit": 0, "upper_limit": 5, "shipping_cost": 1},
                        {"lower_limit": 4, "upper_limit": 9, "shipping_cost": 1},
                    ]
                },
            },
            "settings.range.1.lower_limit",
            "must not be below the upper limit of the range before it",
        ),
        (
            {"name": "A", "type": "carrier-pigeon"},
            "type",
            "'carrier-pigeon' is not one of perorder, peritem, weight, total, freeshipping, demo-carrier",
        ),
    ],
)
def test_a_method_that_cannot_be_is_422_and_leaves_nothing(
    shop: Shop, body: dict[str, Any], field: str, reason: str
) -> None:
    answer = v2(shop, "POST", "/shipping/zones/1/methods", body)

    assert refusal(answer) == (422, {field: reason})
    assert len(v2(shop, "GET", "/shipping/zones/1/methods").json()) == 4


def test_carriers_methods_are_501_and_say_what_there_is(shop: Shop) -> None:
    answer = v2(shop, "POST", "/shipping/zones/1/methods", {"name": "FedEx", "type": "fedex", "settings": {}})

    assert answer.status_code == 501
    assert "fedex" in answer.json()["detail"]
    assert "perorder, peritem, weight, total, freeshipping" in answer.json()["detail"]


# ---------------------------------------------------------------------------------------------------- both


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/shipping/zones/99", None),
        ("GET", "/shipping/zones/one", None),
        ("PUT", "/shipping/zones/99", {"name": "A"}),
        ("DELETE", "/shipping/zones/99", None),
        ("GET", "/shipping/zones/99/methods", None),
        ("POST", "/shipping/zones/99/methods", {"name": "A", "type": "freeshipping"}),
        ("GET", "/shipping/zones/1/methods/99", None),
        ("GET", "/shipping/zones/2/methods/1", None),
        ("PUT", "/shipping/zones/1/methods/99", {"name": "A"}),
        ("DELETE", "/shipping/zones/2/methods/1", None),
    ],
)
def test_unknown_ids_are_404_and_so_is_a_method_of_another_zone(shop: Shop, method: str, path: str, body: Any) -> None:
    assert v2(shop, method, path, body).status_code == 404


def test_zones_take_the_scope_of_store_information(shop: Shop) -> None:
    assert v2(shop, "GET", "/shipping/zones", token="demo-token-carts").status_code == 403
    assert v2(shop, "GET", "/shipping/zones", token="demo-token-read-only").status_code == 200
    assert v2(shop, "DELETE", "/shipping/zones/1", token="demo-token-read-only").status_code == 403
