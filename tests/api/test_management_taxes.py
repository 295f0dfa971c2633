"""Tax settings, zones, rates and classes through the Management API, as published."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from tests.api.flows import ready_checkout, with_groups
from tests.client import Shop

DEFAULT_ZONE = {
    "id": 1,
    "name": "Elsewhere",
    "enabled": True,
    "price_display_settings": {
        "show_inclusive": False,
        "show_both_on_detail_view": False,
        "show_both_on_list_view": False,
    },
    "shopper_target_settings": {"locations": [], "customer_groups": []},
}
AUSTRALIA = {
    "name": "Australia",
    "enabled": True,
    "price_display_settings": {
        "show_inclusive": True,
        "show_both_on_detail_view": False,
        "show_both_on_list_view": True,
    },
    "shopper_target_settings": {
        "locations": [
            {"country_code": "AU", "subdivision_codes": ["NSW", "VIC"], "postal_codes": []},
            {"country_code": "NZ", "subdivision_codes": [], "postal_codes": ["0600", "10*"]},
        ],
        "customer_groups": [0, 2],
    },
}
CITY_TAX = {
    "tax_zone_id": 3,
    "name": "Austin City Tax",
    "enabled": True,
    "priority": 2,
    "class_rates": [{"rate": 1.125, "tax_class_id": 0}, {"rate": 2, "tax_class_id": 2}],
}


def data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer: httpx.Response) -> dict[str, str]:
    """Field -> reason."""
    assert answer.status_code == 422, answer.text
    errors: dict[str, str] = answer.json()["errors"]
    return errors


# ---------------------------------------------------------------------------------------------------- settings


def test_the_settings_have_the_published_defaults_and_keep_what_a_change_does_not_name(shop: Shop) -> None:
    before = data(shop.management("GET", "/tax/settings"))
    sent = {"fallback_strategy": "BASIC", "price_display_settings": {"invoice_price_display_strategy": "INCLUSIVE"}}

    after = data(shop.management("PUT", "/tax/settings", sent | {"guest_shopper_tax_zone_id": 2}))

    assert before == {
        "tax_entered_with_prices": False,
        "price_display_settings": {
            "control_panel_price_display_strategy": "ZONE",
            "invoice_price_display_strategy": "ZONE",
        },
        "fallback_strategy": "FIXED",
        "should_subtract_store_tax": True,
        "should_use_geolocation_to_determine_guest_shopper_tax_zone": False,
        "guest_shopper_tax_zone_id": 1,
        "store_tax_zone_id": 1,
        "document_submission_strategy": "ON_PAYMENT_CAPTURE",
        "rounding_strategy": "RATE_ROUNDING",
    }
    assert after == before | {
        "fallback_strategy": "BASIC",
        "guest_shopper_tax_zone_id": 2,
        "price_display_settings": {
            "control_panel_price_display_strategy": "ZONE",
            "invoice_price_display_strategy": "INCLUSIVE",
        },
    }
    assert data(shop.management("GET", "/tax/settings")) == after


def test_the_settings_name_zones_that_there_are(shop: Shop) -> None:
    assert refused(shop.management("PUT", "/tax/settings", {"store_tax_zone_id": 9})) == {
        "store_tax_zone_id": "9 is not a tax zone of this store"
    }
    assert list(refused(shop.management("PUT", "/tax/settings", {"fallback_strategy": "HOPE"}))) == [
        "fallback_strategy"
    ]


def test_prices_entered_with_tax_are_felt_at_once(shop: Shop) -> None:
    checkout = ready_checkout(shop, {"product_id": 170, "quantity": 1})

    shop.management("PUT", "/tax/settings", {"tax_entered_with_prices": True, "should_subtract_store_tax": False})

    # 25.00 with 8.25 % in it: 23.09 + 1.91; shipping of 10.00 with 8.25 % in it: 9.24 + 0.76.
    after = data(shop.management("GET", f"/checkouts/{checkout['id']}"))
    assert (checkout["grand_total"], after["grand_total"]) == (
        checkout["grand_total"],
        25 + after["shipping_cost_total_inc_tax"],
    )
    assert (after["subtotal_ex_tax"], after["subtotal_inc_tax"]) == (23.09, 25)


# ---------------------------------------------------------------------------------------------------- zones


def test_a_zone_reads_as_it_was_sent(shop: Shop) -> None:
    with_groups(shop, 2)

    made = data(shop.management("POST", "/tax/zones", [AUSTRALIA, {"name": "Small"}]))

    assert made[0] == AUSTRALIA | {"id": 4}
    assert made[1] == DEFAULT_ZONE | {"id": 5, "name": "Small"}
    assert data(shop.management("GET", "/tax/zones?id:in=4")) == made[:1]
    assert [zone["id"] for zone in data(shop.management("GET", "/tax/zones"))] == [1, 2, 3, 4, 5]


def test_a_change_of_a_zone_keeps_what_it_does_not_name(shop: Shop) -> None:
    with_groups(shop, 2)
    shop.management("POST", "/tax/zones", [AUSTRALIA])
    target: dict[str, Any] = {"shopper_target_settings": {"customer_groups": []}}

    changed = data(
        shop.management("PUT", "/tax/zones", [{"id": 4, "enabled": False, **target}, {"id": 1, "name": "Rest"}])
    )

    kept = AUSTRALIA["shopper_target_settings"]
    assert isinstance(kept, dict)
    assert changed == [
        AUSTRALIA | {"id": 4, "enabled": False, "shopper_target_settings": kept | {"customer_groups": []}},
        DEFAULT_ZONE | {"name": "Rest"},
    ]
    assert data(shop.management("GET", "/tax/zones?id:in=1,4")) == changed[::-1]


def test_a_store_that_wrote_no_zone_down_has_the_default_one(shop: Shop) -> None:
    shop.management("DELETE", "/tax/zones?id:in=2,3")
    rate = CITY_TAX | {"tax_zone_id": 1}

    shop.run(_forget_zones(shop))
    default = DEFAULT_ZONE | {"name": "Default Tax Zone"}
    assert data(shop.management("GET", "/tax/zones")) == [default]
    assert data(shop.management("POST", "/tax/rates", [rate]))[0]["tax_zone_id"] == 1
    assert data(shop.management("GET", "/tax/zones")) == [default]


async def _forget_zones(shop: Shop) -> None:
    unit = shop.storage.unit("demo")
    before = await unit.store()
    assert await unit.replace_store(before, replace(before, tax_zones=()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"enabled": False}, "0.enabled"),
        ({"shopper_target_settings": {"locations": [{"country_code": "US"}]}}, "0.shopper_target_settings.locations"),
        ({"shopper_target_settings": {"customer_groups": [1]}}, "0.shopper_target_settings.customer_groups"),
        ({"name": " "}, "0.name"),
        ({"id": 9}, "0.id"),
        ({"name": 5}, "0.name"),
        ({"name": "texas"}, "0.name"),
    ],
)
def test_a_change_that_cannot_be_is_refused(shop: Shop, change: dict[str, Any], field: str) -> None:
    assert list(refused(shop.management("PUT", "/tax/zones", [{"id": 1} | change]))) == [field]
    assert data(shop.management("GET", "/tax/zones?id:in=1")) == [DEFAULT_ZONE]


@pytest.mark.parametrize(
    ("zone", "field"),
    [
        ({}, "0.name"),
        ({"name": ""}, "0.name"),
        ({"name": "A", "price_display_settings": {}}, "0.price_display_settings.show_inclusive"),
        ({"name": "A", "shopper_target_settings": {}}, "0.shopper_target_settings.locations"),
        (
            {"name": "A", "shopper_target_settings": {"locations": [{"country_code": "XX"}]}},
            "0.shopper_target_settings.locations.0.country_code",
        ),
        (
            {"name": "A", "shopper_target_settings": {"locations": [], "customer_groups": [0, 1, 7]}},
            "0.shopper_target_settings.customer_groups",
        ),
        ({"name": "Texas"}, "0.name"),
        ({"name": "AUSTRALIA"}, "0.name"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_with_all_of_its_batch(shop: Shop, zone: dict[str, Any], field: str) -> None:
    with_groups(shop, 2)

    assert list(refused(shop.management("POST", "/tax/zones", [zone, AUSTRALIA]))) == [field]
    assert len(data(shop.management("GET", "/tax/zones"))) == 3


def test_deleting_a_zone_takes_its_rates_along_and_the_default_one_stays(shop: Shop) -> None:
    assert shop.management("DELETE", "/tax/zones?id:in=3,99").status_code == 204

    assert [zone["id"] for zone in data(shop.management("GET", "/tax/zones"))] == [1, 2]
    assert [rate["id"] for rate in data(shop.management("GET", "/tax/rates"))] == [1]
    assert list(refused(shop.management("DELETE", "/tax/zones?id:in=1"))) == ["id:in"]
    assert list(refused(shop.management("DELETE", "/tax/zones"))) == ["id:in"]
    shop.management("PUT", "/tax/settings", {"guest_shopper_tax_zone_id": 2})
    assert list(refused(shop.management("DELETE", "/tax/zones?id:in=2"))) == ["id:in"]


def test_a_zone_is_found_for_each_address(shop: Shop) -> None:
    with_groups(shop, 2)
    shop.management("POST", "/tax/zones", [AUSTRALIA])
    sent = [
        {"country_code": "US", "subdivision_codes": "TX", "postal_code": "78751", "customer_group_id": 0},
        {"country_code": "US"},
        {"country_code": "AU", "subdivision_codes": "NSW", "customer_group_id": 2},
        {"country_code": "AU", "subdivision_codes": "NSW", "customer_group_id": 1},
        {"country_code": "NZ", "postal_code": "1021"},
    ]

    found = data(shop.management("POST", "/tax/zonecheck", sent))

    assert [zone["id"] for zone in found] == [3, 2, 4, 1, 4]
    assert found[3] == DEFAULT_ZONE
    assert list(refused(shop.management("POST", "/tax/zonecheck", [{"postal_code": "1"}]))) == ["0.country_code"]
    for code in ("us", "", "ZZ"):
        unknown = shop.management("POST", "/tax/zonecheck", [{"country_code": "US"}, {"country_code": code}])
        assert refused(unknown) == {"1.country_code": f"{code!r} is not a country"}


# ---------------------------------------------------------------------------------------------------- rates


def test_a_rate_reads_as_it_was_sent_and_the_list_has_pages(shop: Shop) -> None:
    made = data(shop.management("POST", "/tax/rates", [CITY_TAX]))
    listed = shop.management("GET", "/tax/rates?tax_zone_id:in=3&limit=1&page=2").json()

    assert made == [CITY_TAX | {"id": 3}]
    assert listed["data"] == made
    assert listed["meta"]["pagination"] == {
        "total": 2,
        "count": 1,
        "per_page": 1,
        "current_page": 2,
        "total_pages": 2,
        "links": {
            "current": "?tax_zone_id:in=3&page=2&limit=1",
            "previous": "?tax_zone_id:in=3&page=1&limit=1",
        },
    }
    assert [rate["name"] for rate in data(shop.management("GET", "/tax/rates?id:in=1,3"))] == [
        "Sales Tax",
        "Austin City Tax",
    ]


def test_a_rate_left_to_its_defaults_is_enabled_and_comes_first(shop: Shop) -> None:
    sent = {"tax_zone_id": 2, "name": "Plain", "class_rates": [{"rate": 5, "tax_class_id": 1}]}

    assert data(shop.management("POST", "/tax/rates", [sent])) == [sent | {"id": 3, "enabled": True, "priority": 1}]


def test_a_change_of_a_rate_keeps_what_it_does_not_name_and_may_move_it(shop: Shop) -> None:
    shop.management("POST", "/tax/rates", [CITY_TAX])

    changed = data(shop.management("PUT", "/tax/rates", [{"id": 3, "tax_zone_id": 2}, {"id": 2, "enabled": False}]))

    assert changed[0] == CITY_TAX | {"id": 3, "tax_zone_id": 2}
    assert (changed[1]["name"], changed[1]["enabled"], changed[1]["tax_zone_id"]) == ("Texas Sales Tax", False, 3)
    assert [rate["id"] for rate in data(shop.management("GET", "/tax/rates?tax_zone_id:in=2"))] == [1, 3]
    assert data(shop.management("GET", "/tax/rates")) == [
        data(shop.management("GET", "/tax/rates?id:in=1"))[0],
        changed[1],
        changed[0],
    ]


def test_a_rate_is_due_at_once_on_what_the_one_before_it_leaves(shop: Shop) -> None:
    checkout = ready_checkout(shop, {"product_id": 170, "quantity": 1})
    rate = CITY_TAX | {"class_rates": [{"rate": 10, "tax_class_id": 0}]}

    shop.management("POST", "/tax/rates", [rate])

    # 25.00 at 8.25 %: 2.06; then 10 % of 27.06: 2.71.
    taxes = data(shop.management("GET", f"/checkouts/{checkout['id']}"))["taxes"]
    assert [(tax["name"], tax["amount"]) for tax in taxes][1] == ("Austin City Tax", 2.71)
    shop.management("DELETE", "/tax/rates?id:in=3,77")
    assert len(data(shop.management("GET", f"/checkouts/{checkout['id']}"))["taxes"]) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tax_zone_id": 9}, "0.tax_zone_id"),
        ({"name": ""}, "0.name"),
        ({"class_rates": []}, "0.class_rates"),
        ({"class_rates": [{"rate": 101, "tax_class_id": 0}]}, "0.class_rates.0.rate"),
        ({"class_rates": [{"rate": -1, "tax_class_id": 0}]}, "0.class_rates.0.rate"),
        ({"class_rates": [{"rate": 1.12345, "tax_class_id": 0}]}, "0.class_rates.0.rate"),
        ({"class_rates": [{"rate": 1, "tax_class_id": 77}]}, "0.class_rates.0.tax_class_id"),
        ({"class_rates": [{"rate": 1, "tax_class_id": 0}] * 2}, "0.class_rates.1.tax_class_id"),
        ({"class_rates": [{"tax_class_id": 0}]}, "0.class_rates.0.rate"),
        ({"priority": "high"}, "0.priority"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(shop: Shop, fields: dict[str, Any], field: str) -> None:
    assert list(refused(shop.management("POST", "/tax/rates", [CITY_TAX | fields]))) == [field]
    assert list(refused(shop.management("PUT", "/tax/rates", [{"id": 1} | fields]))) == [field]
    assert list(refused(shop.management("PUT", "/tax/rates", [{"id": 9}]))) == ["0.id"]
    assert list(refused(shop.management("DELETE", "/tax/rates"))) == ["id:in"]
    assert [rate["id"] for rate in data(shop.management("GET", "/tax/rates"))] == [1, 2]


# ---------------------------------------------------------------------------------------------------- classes


def v2(shop: Shop, path: str = "") -> httpx.Response:
    return shop.management("GET", f"/tax_classes{path}", base="/stores/demo/v2")


def test_every_store_has_three_classes(shop: Shop) -> None:
    names = [(each["id"], each["name"]) for each in v2(shop).json()]

    assert names == [("1", "Non-Taxable Products"), ("2", "Shipping"), ("3", "Gift Wrapping")]
    assert v2(shop, "/2").json()["created_at"] == "1970-01-01T00:00:00+00:00"
    assert v2(shop, "?page=2&limit=2").json()[0]["id"] == "3"
    assert v2(shop, "/4").status_code == 404


def test_classes_are_made_renamed_and_deleted(shop: Shop) -> None:
    made = data(shop.management("POST", "/tax/classes", [{"name": "Food"}, {"name": "Books"}]))
    renamed = data(shop.management("PUT", "/tax/classes", [{"id": 5, "name": "food"}, {"id": 4, "name": "Books"}]))

    assert [(each["id"], each["name"]) for each in made] == [(4, "Food"), (5, "Books")]
    assert [(each["id"], each["name"]) for each in renamed] == [(5, "food"), (4, "Books")]
    assert made[0]["created_at"] == made[0]["updated_at"] == renamed[1]["created_at"]
    assert v2(shop, "/4").json()["name"] == "Books"
    assert shop.management("DELETE", "/tax/classes?id:in=4,5").status_code == 204
    assert len(v2(shop).json()) == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", [{"name": "shipping"}], 409),
        ("PUT", "", [{"id": 1, "name": "Shipping"}], 409),
        ("POST", "", [{"name": "A"}, {"name": "a"}], 422),
        ("PUT", "", [{"id": 1, "name": "A"}, {"id": 1, "name": "B"}], 422),
        ("PUT", "", [{"id": 1}], 422),
        ("POST", "", [{"name": "a<b"}], 422),
        ("POST", "", [{"name": "x" * 101}], 422),
        ("POST", "", [{"name": " "}], 422),
        ("POST", "", [], 422),
        ("POST", "", {"name": "A"}, 422),
        ("POST", "", [{"name": f"Class {number}"} for number in range(51)], 413),
        ("PUT", "", [{"id": 9, "name": "A"}], 400),
        ("DELETE", "", None, 404),
        ("DELETE", "?id:in=", None, 404),
        ("DELETE", "?id:in=9", None, 400),
        ("DELETE", "?id:in=2", None, 400),
        ("DELETE", "?id:in=two", None, 422),
        ("DELETE", "?id:in=" + ",".join(map(str, range(1, 52))), None, 413),
    ],
)
def test_what_cannot_be_done_to_classes_is_refused_as_published(
    shop: Shop, method: str, path: str, body: Any, status: int
) -> None:
    assert shop.management(method, f"/tax/classes{path}", body).status_code == status
    assert len(v2(shop).json()) == 3


def test_a_class_that_a_rate_names_stays(shop: Shop) -> None:
    shop.management("POST", "/tax/classes", [{"name": "Food"}])
    shop.management("POST", "/tax/rates", [CITY_TAX | {"class_rates": [{"rate": 3, "tax_class_id": 4}]}])

    refusal = shop.management("DELETE", "/tax/classes?id:in=4")
    shop.management("DELETE", "/tax/rates?id:in=3")

    assert (refusal.status_code, refusal.json()["detail"]) == (
        400,
        "Tax class 4 cannot be deleted: tax rate 3 names it.",
    )
    assert shop.management("DELETE", "/tax/classes?id:in=4").status_code == 204


# ---------------------------------------------------------------------------------------------------- who may


def test_taxes_need_the_scope_of_information(shop: Shop) -> None:
    for path in ("/tax/settings", "/tax/zones", "/tax/rates"):
        assert shop.management("GET", path, token="demo-token-carts").status_code == 403
        assert shop.management("GET", path, token="demo-token-read-only").status_code == 200
    assert shop.management("PUT", "/tax/settings", {}, token="demo-token-read-only").status_code == 403


def test_tax_properties_of_customers_are_not_there_yet(shop: Shop) -> None:
    assert shop.management("GET", "/tax/customers").status_code == 501
