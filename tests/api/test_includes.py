"""Gated keys appear exactly when asked for, or by default (BEHAVIOUR 2.1, 12 invariant 9, D9)."""

from typing import Any

import pytest

from tests.api.flows import a_cart, consign, item_ids, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN, camel


@pytest.fixture
def checkout_id(shop: Shop) -> str:
    cart = storefront_cart(shop)
    goods = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    shop.storefront("POST", f"/checkouts/{cart['id']}/consignments", [{"address": camel(AUSTIN), "lineItems": goods}])
    return str(cart["id"])


def read(shop: Shop, checkout_id: str, include: str | None) -> Any:
    query = "" if include is None else f"?include={include}"
    return shop.storefront("GET", f"/checkouts/{checkout_id}{query}").json()


def test_the_storefront_shows_shipping_options_by_default(shop: Shop, checkout_id: str) -> None:
    shown = read(shop, checkout_id, None)

    assert len(shown["consignments"][0]["availableShippingOptions"]) == 4
    assert "availablePickupOptions" not in shown["consignments"][0]
    assert not {"customer", "payments", "promotions"} & shown.keys()


def test_an_explicit_include_replaces_the_default_and_unknown_names_are_harmless(shop: Shop, checkout_id: str) -> None:
    shown = read(shop, checkout_id, "customer,promotions.banners,0,nonsense")

    assert "availableShippingOptions" not in shown["consignments"][0]
    assert shown["customer"] == {
        "id": 0,
        "isGuest": True,
        "email": "",
        "firstName": "",
        "lastName": "",
        "fullName": "",
        "addresses": [],
        "storeCredit": 0,
        "shouldEncourageSignIn": False,
    }
    assert shown["promotions"] == []


@pytest.mark.parametrize("separator", [",", "%2C", "&include="])
def test_include_is_a_comma_list_encoded_or_a_repeated_parameter(shop: Shop, checkout_id: str, separator: str) -> None:
    shown = read(shop, checkout_id, f"customer{separator}payments")

    assert "customer" in shown
    assert shown["payments"] == [{}]


def test_each_gate_opens_its_own_key(shop: Shop, checkout_id: str) -> None:
    line = "cart.lineItems.physicalItems"

    def lines(include: str) -> Any:
        return read(shop, checkout_id, include)["cart"]["lineItems"]["physicalItems"][0]

    assert not {"options", "categoryNames"} & lines("customer").keys()
    assert lines(f"{line}.options")["options"] == [{"name": "Color", "nameId": 1, "value": "Red", "valueId": "2"}]
    assert lines(f"{line}.categoryNames")["categoryNames"] == ["Essentials", "Just arrived"]
    assert "customerGroup" not in read(shop, checkout_id, "customer")["customer"]
    assert read(shop, checkout_id, "customer.customerGroup")["customer"]["customerGroup"] == []
    pickup = read(shop, checkout_id, "consignments.availablePickupOptions")["consignments"][0]["availablePickupOptions"]
    assert [option["pickupMethod"]["id"] for option in pickup] == [1, 2]


def test_a_put_of_a_consignment_shows_pick_up_options_by_default_too(shop: Shop, checkout_id: str) -> None:
    consignment = read(shop, checkout_id, None)["consignments"][0]["id"]

    shown = shop.storefront(
        "PUT", f"/checkouts/{checkout_id}/consignments/{consignment}", {"pickupOption": {"pickupMethodId": 1}}
    ).json()

    assert len(shown["consignments"][0]["availableShippingOptions"]) == 4
    assert len(shown["consignments"][0]["availablePickupOptions"]) == 2


def test_management_shows_options_only_when_asked(shop: Shop) -> None:
    cart = a_cart(shop)
    path = f"/checkouts/{cart['id']}"
    with_options = consign(shop, cart["id"], to(AUSTIN, (item_ids(cart)[0], 2)))
    without = shop.management("GET", path).json()["data"]

    assert len(with_options["consignments"][0]["available_shipping_options"]) == 4
    assert "available_shipping_options" not in without["consignments"][0]
    assert "promotions" not in without
    assert "options" not in without["cart"]["line_items"]["physical_items"][0]
    asked = shop.management("GET", f"{path}?include=cart.line_items.physical_items.options,promotions.banners").json()[
        "data"
    ]
    assert asked["cart"]["line_items"]["physical_items"][0]["options"] == [
        {"name": "Color", "name_id": 1, "value": "Red", "value_id": 2}
    ]
    assert asked["promotions"] == []


def test_redirect_urls_are_made_when_asked_for(shop: Shop) -> None:
    cart = a_cart(shop)

    plain = shop.management("GET", f"/carts/{cart['id']}").json()["data"]
    asked = shop.management("GET", f"/carts/{cart['id']}?include=redirect_urls").json()["data"]

    assert "redirect_urls" not in plain
    assert set(asked["redirect_urls"]) == {"cart_url", "checkout_url", "embedded_checkout_url"}
    assert asked["redirect_urls"]["cart_url"].startswith(
        f"http://127.0.0.1:8080/cart.php?action=load&id={cart['id']}&token="
    )


def test_no_successful_answer_carries_a_key_errors(shop: Shop, checkout_id: str) -> None:
    assert not {"error", "errors"} & read(shop, checkout_id, None).keys()
