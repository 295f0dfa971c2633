"""Where goods go and what they may cost there, over HTTP: products that ship at a price of their own, quantities per order."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, consign, item_ids, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN

CONFLICT = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
AT_LEAST = "You need to purchase a minimum of 2 of the Desk Lamp per order"
AT_MOST = "You can only purchase a maximum of 5 of the Desk Lamp per order"


def a_lamp(shop: Shop, **fields: Any) -> int:
    body = {"name": "Desk Lamp", "type": "physical", "weight": 2, "price": 30, **fields}
    answer = shop.management("POST", "/catalog/products", body)
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["data"]["id"]
    return number


def options(shop: Shop, *products: tuple[int, int]) -> list[tuple[str, float]]:
    """(description, cost) of what goods on their way to Austin are offered."""
    cart = a_cart(shop, *({"product_id": number, "quantity": units} for number, units in products))
    units = [(item["id"], item["quantity"]) for item in cart["line_items"]["physical_items"]]
    checkout = consign(shop, cart["id"], to(AUSTIN, *units))
    return [
        (option["description"], option["cost"]) for option in checkout["consignments"][0]["available_shipping_options"]
    ]


# ---------------------------------------------------------------------------------------------------- products


def test_a_product_has_dimensions_a_shipping_price_and_quantities(shop: Shop) -> None:
    given = {
        "width": 10.5,
        "depth": 8,
        "height": 30,
        "fixed_cost_shipping_price": 4.5,
        "is_free_shipping": False,
        "order_quantity_minimum": 2,
        "order_quantity_maximum": 5,
    }
    lamp = a_lamp(shop, **given)

    shown = shop.management("GET", f"/catalog/products/{lamp}").json()["data"]
    assert {name: shown[name] for name in given} == given

    changed = shop.management("PUT", f"/catalog/products/{lamp}", {"fixed_cost_shipping_price": 0, "width": 11})
    assert changed.json()["data"]["fixed_cost_shipping_price"] == 0
    assert (changed.json()["data"]["width"], changed.json()["data"]["height"]) == (11, 30)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"width": -1}, "width"),
        ({"fixed_cost_shipping_price": -1}, "fixed_cost_shipping_price"),
        ({"fixed_cost_shipping_price": 1.001}, "fixed_cost_shipping_price"),
        ({"order_quantity_minimum": -1}, "order_quantity_minimum"),
        ({"order_quantity_minimum": 6, "order_quantity_maximum": 5}, "order_quantity_maximum"),
    ],
)
def test_a_product_whose_shipping_cannot_be_is_422(shop: Shop, fields: dict[str, Any], field: str) -> None:
    body = {"name": "Desk Lamp", "type": "physical", "weight": 2, "price": 30, **fields}
    answer = shop.management("POST", "/catalog/products", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_a_fixed_shipping_price_is_added_to_what_the_other_goods_cost_to_ship(shop: Shop) -> None:
    # Spoons to Austin: 1.25 per item, 3.00 by weight, 4.00 flat, 5.00 by total. Two lamps add 9.00.
    lamp = a_lamp(shop, fixed_cost_shipping_price=4.5)

    assert options(shop, (170, 1)) == [
        ("Per Item", 1.25),
        ("Ship by Weight", 3),
        ("Flat Rate", 4),
        ("Ship by Total", 5),
    ]
    assert options(shop, (170, 1), (lamp, 2)) == [
        ("Per Item", 10.25),
        ("Ship by Weight", 12),
        ("Flat Rate", 13),
        ("Ship by Total", 14),
    ]
    assert options(shop, (lamp, 2)) == [("Fixed Shipping", 9)]


def test_goods_that_ship_free_add_nothing(shop: Shop) -> None:
    lamp = a_lamp(shop, is_free_shipping=True)

    assert options(shop, (lamp, 3)) == [("Free Shipping", 0)]
    assert options(shop, (170, 1), (lamp, 3)) == options(shop, (170, 1))


def test_a_zone_of_postal_codes_that_mean_nothing_is_422(shop: Shop) -> None:
    zone = {"name": "Codes", "type": "zip", "locations": [{"country_iso2": "US", "zip": "19999-10000"}]}
    tax_zone = {
        "name": "Codes",
        "shopper_target_settings": {"locations": [{"country_code": "US", "postal_codes": ["1*", "19999-10000"]}]},
    }

    refused = shop.management("POST", "/shipping/zones", zone, base="/stores/demo/v2")
    untaxed = shop.management("POST", "/tax/zones", [tax_zone])

    assert (refused.status_code, refused.json()["errors"]) == (422, {"locations.0.zip": "ends before it begins"})
    assert untaxed.status_code == 422
    assert "postal_codes.1" in untaxed.text


# ---------------------------------------------------------------------------------------------------- quantities per order


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert not isinstance(body.get("errors"), dict)
    return answer.status_code, body["title"], body["type"]


def test_too_few_or_too_many_units_of_a_product_are_409_on_management(shop: Shop) -> None:
    lamp = a_lamp(shop, order_quantity_minimum=2, order_quantity_maximum=5)
    lamps = [{"line_items": [{"product_id": lamp, "quantity": units}]} for units in range(7)]

    few = shop.management("POST", "/carts", lamps[1])
    cart = a_cart(shop, {"product_id": lamp, "quantity": 2})
    path = f"/carts/{cart['id']}/items"
    many = shop.management("POST", path, lamps[4])
    changed = shop.management("PUT", f"{path}/{item_ids(cart)[0]}", {"line_item": {"quantity": 6}})
    lowered = shop.management("PUT", f"{path}/{item_ids(cart)[0]}", {"line_item": {"quantity": 1}})
    allowed = shop.management("POST", path, lamps[3])

    assert refusal(few) == refusal(lowered) == (409, AT_LEAST, CONFLICT)
    assert refusal(many) == refusal(changed) == (409, AT_MOST, CONFLICT)
    assert allowed.status_code == 201
    assert allowed.json()["data"]["version"] == 2  # what was refused has changed nothing


def test_too_few_or_too_many_units_of_a_product_are_409_on_the_storefront(shop: Shop) -> None:
    lamp = a_lamp(shop, order_quantity_minimum=2, order_quantity_maximum=5)
    cart = storefront_cart(shop, {"productId": lamp, "quantity": 4})
    item = cart["lineItems"]["physicalItems"][0]["id"]
    more = {"lineItems": [{"productId": lamp, "quantity": 2}]}

    added = shop.storefront("POST", f"/carts/{cart['id']}/items", more)
    few = {"lineItem": {"productId": lamp, "quantity": 1}}
    changed = shop.storefront("PUT", f"/carts/{cart['id']}/items/{item}", few)
    through = shop.storefront("PUT", f"/checkouts/{cart['id']}/carts/{cart['id']}/items/{item}", few)
    removed = shop.storefront("DELETE", f"/carts/{cart['id']}/items/{item}")

    assert refusal(added) == (409, AT_MOST, CONFLICT)
    assert refusal(changed) == refusal(through) == (409, AT_LEAST, CONFLICT)
    assert removed.status_code == 204


def test_a_limit_that_changed_counts_for_the_next_change_of_the_units(shop: Shop) -> None:
    lamp = a_lamp(shop)
    cart = a_cart(shop, {"product_id": lamp, "quantity": 9})
    shop.management("PUT", f"/catalog/products/{lamp}", {"order_quantity_maximum": 5})
    item = f"/carts/{cart['id']}/items/{item_ids(cart)[0]}"

    assert shop.management("PUT", item, {"line_item": {"quantity": 8}}).status_code == 409
    assert shop.management("PUT", item, {"line_item": {"list_price": 25}}).status_code == 200
    assert shop.management("PUT", item, {"line_item": {"quantity": 5}}).status_code == 200


# ---------------------------------------------------------------------------------------------------- settings


V2, INTERNAL = "/stores/demo/v2", "/internalapi/v1"
DEFAULT_MESSAGE = "Some of these items cannot be shipped to this address. Please choose another one."


def test_shipping_settings_are_kept_and_what_is_left_out_stays(shop: Shop) -> None:
    before = shop.management("GET", "/shipping/settings")
    first = shop.management("PUT", "/shipping/settings", {"checkout": {"out_of_delivery_zone_message": "Not there."}})
    all_of_them = {"checkout": {"country_list_strategy": "DISPLAY_ALL_COUNTRIES"}}
    second = shop.management("PUT", "/shipping/settings", all_of_them)
    wrong = shop.management("PUT", "/shipping/settings", {"checkout": {"country_list_strategy": "SOME"}})

    assert before.json() == {
        "data": {
            "checkout": {
                "country_list_strategy": "DISPLAY_ONLY_SHIPPABLE_COUNTRIES",
                "out_of_delivery_zone_message": DEFAULT_MESSAGE,
            }
        },
        "meta": {},
    }
    assert first.json()["data"]["checkout"]["country_list_strategy"] == "DISPLAY_ONLY_SHIPPABLE_COUNTRIES"
    assert second.json()["data"] == {
        "checkout": {"country_list_strategy": "DISPLAY_ALL_COUNTRIES", "out_of_delivery_zone_message": "Not there."}
    }
    assert wrong.status_code == 422


def test_a_channel_says_what_the_store_says_until_it_has_words_of_its_own(shop: Shop) -> None:
    path = "/shipping/settings/channels/1"

    def said(text: str | None) -> Any:
        body = {"checkout": {} if text is None else {"out_of_delivery_zone_message": text}}
        return shop.management("PUT", path, body).json()["data"]["checkout"]["out_of_delivery_zone_message"]

    assert shop.management("GET", path).json()["data"] == {
        "checkout": {"out_of_delivery_zone_message": DEFAULT_MESSAGE}
    }
    assert said("Not on this channel.") == "Not on this channel."
    assert said(None) == "Not on this channel."
    assert said("") == DEFAULT_MESSAGE
    assert shop.management("GET", "/shipping/settings/channels/9").status_code == 422


# ---------------------------------------------------------------------------------------------------- countries


def v2(shop: Shop, path: str) -> Any:
    answer = shop.management("GET", path, base=V2)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_countries_are_numbered_as_iso_3166_does(shop: Shop) -> None:
    assert v2(shop, "/countries?country_iso2=au") == [
        {
            "id": 36,
            "country": "Australia",
            "country_iso2": "AU",
            "country_iso3": "AUS",
            "states": {
                "url": "http://127.0.0.1:8080/stores/demo/v2/countries/36/states",
                "resource": "/countries/36/states",
            },
        }
    ]
    assert v2(shop, "/countries/276")["country_iso3"] == "DEU"
    assert [each["id"] for each in v2(shop, "/countries?limit=2")] == [4, 248]
    assert v2(shop, "/countries?country=Germany&country_iso3=FRA") == []
    assert v2(shop, "/countries/count") == {"count": 252}
    assert shop.management("GET", "/countries/999", base=V2).status_code == 404


def test_every_country_has_a_number_and_a_code_of_its_own(shop: Shop) -> None:
    listed = [country for page in (1, 2) for country in v2(shop, f"/countries?limit=250&page={page}")]

    assert len(listed) == 252
    assert len({country["id"] for country in listed}) == len({country["country_iso3"] for country in listed}) == 252


def test_states_belong_to_their_country(shop: Shop) -> None:
    first, *_ = v2(shop, "/countries/36/states")

    assert first == {
        "id": 36001,
        "state": "Australian Capital Territory",
        "state_abbreviation": "ACT",
        "country_id": 36,
    }
    assert v2(shop, "/countries/36/states/36001") == first
    assert v2(shop, "/countries/840/states?state=Texas")[0]["state_abbreviation"] == "TX"
    assert v2(shop, "/countries/840/states?state_abbreviation=tx")[0]["state"] == "Texas"
    assert v2(shop, "/countries/276/states") == []
    assert v2(shop, "/countries/36/states/count") == {"count": 9}
    assert len(v2(shop, "/countries/states?limit=250")) == 250
    assert shop.management("GET", "/countries/36/states/1", base=V2).status_code == 404


def form_countries(shop: Shop, path: str) -> dict[str, Any]:
    answer = shop.storefront("GET", path, base=INTERNAL)
    assert (answer.status_code, answer.json()["meta"]) == (200, {})
    return {country["code"]: country for country in answer.json()["data"]}


def test_address_forms_are_told_what_an_address_needs(shop: Shop) -> None:
    listed = form_countries(shop, "/store/countries")

    assert len(listed) == 252
    assert listed["IE"].keys() == {"code", "name", "hasPostalCodes", "requiresState", "subdivisions"}
    assert listed["AU"]["subdivisions"][0] == {"code": "ACT", "name": "Australian Capital Territory"}
    assert listed["US"]["requiresState"] is True
    assert {name: listed["DE"][name] for name in ("name", "hasPostalCodes", "requiresState", "subdivisions")} == {
        "name": "Germany",
        "hasPostalCodes": True,
        "requiresState": False,
        "subdivisions": [],
    }


def test_shipping_countries_are_those_an_enabled_zone_ships_to(shop: Shop) -> None:
    assert len(form_countries(shop, "/shipping/countries")) == 252  # the demo shop ships everywhere

    shop.management("PUT", "/shipping/zones/3", {"name": "World", "enabled": False}, base=V2)
    assert list(form_countries(shop, "/shipping/countries")) == ["US"]

    zone = {"name": "North", "type": "country", "locations": [{"country_iso2": "CA"}, {"country_iso2": "NO"}]}
    north = shop.management("POST", "/shipping/zones", zone, base=V2).json()["id"]
    assert list(form_countries(shop, "/shipping/countries")) == ["US"]  # it has no method yet

    method = {"name": "Flat", "type": "perorder", "settings": {"rate": 8}, "channel_ids": [1]}
    shop.management("POST", f"/shipping/zones/{north}/methods", method, base=V2)
    assert list(form_countries(shop, "/shipping/countries?channel_id=1")) == ["CA", "NO", "US"]
    assert list(form_countries(shop, "/shipping/countries?channel_id=2")) == ["US"]

    shop.management("PUT", "/shipping/settings", {"checkout": {"country_list_strategy": "DISPLAY_ALL_COUNTRIES"}})
    assert len(form_countries(shop, "/shipping/countries")) == 252
