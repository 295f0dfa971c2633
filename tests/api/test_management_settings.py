"""Cart and checkout settings over the Management API, and what they do."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.service import shop as shops
from checkstand.service import shop_file
from tests.api.flows import a_cart
from tests.client import Shop

SPOONS = {"product_id": 170, "quantity": 1}
NOTHING_OF_ITS_OWN = {
    "custom_checkout_script_url": "",
    "order_confirmation_use_custom_checkout_script": False,
    "custom_order_confirmation_script_url": "",
    "custom_checkout_supports_uco_settings": False,
    "custom_checkout_sri_hash": "",
    "custom_order_confirmation_sri_hash": "",
}
POLICIES = {
    "checkout_type": "optimized",
    "guest_checkout_type": "guest_checkout",
    "guest_checkout_for_existing_accounts": "allow_guest",
    "policy_consent": "none",
    "order_confirmation_contact_email": "",
    "is_order_terms_and_conditions_enabled": False,
    "order_terms_and_conditions_type": "",
    "order_terms_and_conditions_link": "",
    "order_terms_and_conditions_textarea": "",
    "should_redirect_to_storefront_for_auth": False,
}


@pytest.fixture
def two_channels(shop: Shop) -> Shop:
    """The demo shop, with a second channel 7."""
    shop.run(shops.edit(shop.storage.unit("demo"), lambda store: replace(store, channel_ids=(1, 7))))
    return shop


def got(shop: Shop, path: str) -> Any:
    answer = shop.management("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def put(shop: Shop, path: str, body: dict[str, Any]) -> Any:
    answer = shop.management("PUT", path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


# ---------------------------------------------------------------------------------------------------- carts


def test_a_store_sells_until_it_says_otherwise(shop: Shop) -> None:
    assert got(shop, "/carts/settings") == {"allow_purchasing": True}

    changed = shop.management("PUT", "/carts/settings", {"allow_purchasing": False})

    assert (changed.status_code, changed.json()) == (200, {"data": {"allow_purchasing": False}, "meta": {}})
    assert got(shop, "/carts/settings") == {"allow_purchasing": False}


@pytest.mark.parametrize("body", [{}, {"allow_purchasing": None}, {"allow_purchasing": "no"}, []])
def test_a_store_must_say_plainly_whether_it_sells(shop: Shop, body: Any) -> None:
    assert shop.management("PUT", "/carts/settings", body).status_code == 422
    assert got(shop, "/carts/settings") == {"allow_purchasing": True}


def test_a_channel_does_as_the_store_does_until_it_is_told_and_after_null(shop: Shop) -> None:
    path = "/carts/settings/channels/1"

    assert got(shop, path) == {"allow_purchasing": None}
    assert put(shop, path, {"allow_purchasing": False}) == {"allow_purchasing": False}
    assert put(shop, path, {}) == {"allow_purchasing": False}
    assert got(shop, "/carts/settings") == {"allow_purchasing": True}
    assert put(shop, path, {"allow_purchasing": None}) == {"allow_purchasing": None}
    assert got(shop, path) == {"allow_purchasing": None}


@pytest.mark.parametrize("channel", ["2", "0", "-1", "one"])
@pytest.mark.parametrize("resource", ["carts", "checkouts"])
def test_an_unknown_channel_has_no_settings(shop: Shop, resource: str, channel: str) -> None:
    path = f"/{resource}/settings/channels/{channel}"

    for answer in (shop.management("GET", path), shop.management("PUT", path, {})):
        assert (answer.status_code, answer.json()["errors"]) == (422, {"channel_id": "is not a channel of this store"})


def test_nothing_can_be_put_into_a_cart_while_the_store_does_not_sell(shop: Shop) -> None:
    cart = a_cart(shop)
    session_cart = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}).json()
    put(shop, "/carts/settings", {"allow_purchasing": False})

    refused = [
        shop.management("POST", "/carts", {"line_items": [SPOONS]}),
        shop.management("POST", f"/carts/{cart['id']}/items", {"line_items": [SPOONS]}),
        shop.management("POST", f"/carts/{cart['id']}/items", {"custom_items": [CRATE]}),
        shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}),
        shop.storefront(
            "POST", f"/carts/{session_cart['id']}/items", {"lineItems": [{"productId": 170, "quantity": 1}]}
        ),
    ]

    for answer in refused:
        assert (answer.status_code, answer.json()["detail"]) == (403, "The store does not sell at the moment.")
        assert isinstance(answer.json().get("errors", []), list)
    assert got(shop, f"/carts/{cart['id']}")["version"] == 1


CRATE = {"name": "A crate", "quantity": 1, "list_price": 5.99}


def test_what_is_in_a_cart_can_still_be_ordered_less_of_and_taken_out_while_the_store_does_not_sell(shop: Shop) -> None:
    cart = a_cart(shop)
    put(shop, "/carts/settings", {"allow_purchasing": False})
    path = f"/carts/{cart['id']}/items/{cart['line_items']['physical_items'][0]['id']}"

    assert shop.management("PUT", path, {"line_item": {"quantity": 1}}).status_code == 200
    assert shop.management("DELETE", path).status_code == 204


def test_a_channel_may_sell_while_the_store_does_not_and_the_other_way_round(two_channels: Shop) -> None:
    shop = two_channels
    put(shop, "/carts/settings", {"allow_purchasing": False})
    put(shop, "/carts/settings/channels/7", {"allow_purchasing": True})

    assert shop.management("POST", "/carts", {"line_items": [SPOONS]}).status_code == 403
    assert a_cart(shop, SPOONS, channel_id=7)["channel_id"] == 7

    put(shop, "/carts/settings", {"allow_purchasing": True})
    put(shop, "/carts/settings/channels/7", {"allow_purchasing": False})

    assert a_cart(shop, SPOONS)["channel_id"] == 1
    assert shop.management("POST", "/carts", {"line_items": [SPOONS], "channel_id": 7}).status_code == 403


def test_a_cart_belongs_to_a_channel_of_the_store(shop: Shop) -> None:
    refused = shop.management("POST", "/carts", {"line_items": [SPOONS], "channel_id": 7})

    assert (refused.status_code, refused.json()["errors"]) == (422, {"channel_id": "is not a channel of this store"})


def test_a_cart_without_a_channel_belongs_to_the_first_of_the_store(shop: Shop) -> None:
    shop.run(shops.edit(shop.storage.unit("demo"), lambda store: replace(store, channel_ids=(7, 1))))

    session_cart = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}).json()

    assert a_cart(shop, SPOONS)["channel_id"] == 7
    assert got(shop, f"/carts/{session_cart['id']}")["channel_id"] == 7


def test_who_may_fill_carts_may_read_the_settings_of_carts_and_not_change_them(shop: Shop) -> None:
    for path in ("/carts/settings", "/carts/settings/channels/1"):
        assert shop.management("GET", path, token="demo-token-carts").status_code == 200
        assert shop.management("GET", path, token="demo-token-read-only").status_code == 200
        for token in ("demo-token-carts", "demo-token-read-only"):
            assert shop.management("PUT", path, {"allow_purchasing": False}, token=token).status_code == 403


# ---------------------------------------------------------------------------------------------------- checkouts


def test_a_store_shows_its_own_pages_until_it_is_given_scripts(shop: Shop) -> None:
    assert got(shop, "/checkouts/settings") == NOTHING_OF_ITS_OWN
    scripts = {
        "custom_checkout_script_url": "https://shop.example/checkout.js?v=2",
        "order_confirmation_use_custom_checkout_script": False,
        "custom_order_confirmation_script_url": "webdav:dist/auto-loader.js",
        "custom_checkout_supports_uco_settings": True,
        "custom_checkout_sri_hash": "sha256-1234567890",
        "custom_order_confirmation_sri_hash": "sha384-abc+/=",
    }

    changed = shop.management("PUT", "/checkouts/settings", scripts)

    assert (changed.status_code, changed.json()) == (200, {"data": scripts, "meta": {}})
    assert got(shop, "/checkouts/settings") == scripts


def test_a_setting_left_out_or_null_keeps_its_value_and_an_empty_address_brings_the_own_page_back(shop: Shop) -> None:
    path = "/checkouts/settings"
    put(shop, path, {"custom_checkout_script_url": "webdav:a.js", "custom_checkout_supports_uco_settings": True})

    kept = put(shop, path, {"custom_checkout_script_url": None, "custom_checkout_sri_hash": "sha512-x"})
    reset = put(shop, path, {"custom_checkout_script_url": ""})

    own = NOTHING_OF_ITS_OWN | {"custom_checkout_supports_uco_settings": True, "custom_checkout_sri_hash": "sha512-x"}
    assert kept == own | {"custom_checkout_script_url": "webdav:a.js"}
    assert reset == own


def test_one_script_for_both_pages_empties_the_address_of_the_other(shop: Shop) -> None:
    path = "/checkouts/settings"
    put(shop, path, {"custom_order_confirmation_script_url": "https://shop.example/thanks.js"})

    changed = put(shop, path, {"order_confirmation_use_custom_checkout_script": True})

    assert changed["custom_order_confirmation_script_url"] == ""


def test_a_channel_has_the_scripts_of_the_store_until_it_has_its_own(two_channels: Shop) -> None:
    shop, path = two_channels, "/checkouts/settings/channels/7"
    put(shop, "/checkouts/settings", {"custom_checkout_script_url": "webdav:store.js"})

    assert got(shop, path) == POLICIES | NOTHING_OF_ITS_OWN | {"custom_checkout_script_url": "webdav:store.js"}

    own = put(shop, path, {"custom_checkout_script_url": "", "policy_consent": "express"})

    assert own == POLICIES | NOTHING_OF_ITS_OWN | {"policy_consent": "express"}
    assert got(shop, "/checkouts/settings/channels/1")["custom_checkout_script_url"] == "webdav:store.js"
    assert got(shop, "/checkouts/settings")["custom_checkout_script_url"] == "webdav:store.js"


def test_a_channel_keeps_what_it_asks_of_its_shoppers(shop: Shop) -> None:
    path = "/checkouts/settings/channels/1"
    policies = {
        "checkout_type": "custom",
        "guest_checkout_type": "no_guest_checkout",
        "guest_checkout_for_existing_accounts": "require_login",
        "policy_consent": "standard",
        "order_confirmation_contact_email": "orders@shop.example",
        "is_order_terms_and_conditions_enabled": True,
        "order_terms_and_conditions_type": "link",
        "order_terms_and_conditions_link": "https://shop.example/terms",
        "order_terms_and_conditions_textarea": "Terms",
        "should_redirect_to_storefront_for_auth": True,
    }
    assert put(shop, path, policies) == policies | NOTHING_OF_ITS_OWN

    emptied = put(shop, path, {"checkout_type": "", "order_terms_and_conditions_textarea": "", "policy_consent": None})

    assert emptied == policies | NOTHING_OF_ITS_OWN | {
        "checkout_type": "optimized",
        "order_terms_and_conditions_textarea": "",
    }


@pytest.mark.parametrize("path", ["/checkouts/settings", "/checkouts/settings/channels/1"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("custom_checkout_script_url", "javascript:alert(1)"),
        ("custom_checkout_script_url", "https://"),
        ("custom_checkout_script_url", "https://shop.example/a b"),
        ("custom_checkout_script_url", "https://shop.example/" + "a" * 2048),
        ("custom_order_confirmation_script_url", "checkout.js"),
        ("custom_checkout_sri_hash", "md5-123"),
        ("custom_order_confirmation_sri_hash", "sha256"),
        ("order_confirmation_use_custom_checkout_script", "yes"),
        ("custom_checkout_supports_uco_settings", 1),
    ],
)
def test_a_script_that_no_page_could_load_is_refused(shop: Shop, path: str, name: str, value: object) -> None:
    before = got(shop, path)

    refused = shop.management("PUT", path, {"custom_checkout_supports_uco_settings": True, name: value})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [name])
    assert got(shop, path) == before


def test_a_contact_address_that_is_none_is_refused(shop: Shop) -> None:
    refused = shop.management("PUT", "/checkouts/settings/channels/1", {"order_confirmation_contact_email": "orders"})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["order_confirmation_contact_email"])


def test_settings_of_checkouts_are_not_for_who_only_fills_carts(shop: Shop) -> None:
    for path in ("/checkouts/settings", "/checkouts/settings/channels/1"):
        assert shop.management("GET", path, token="demo-token-carts").status_code == 403
        assert shop.management("GET", path, token="demo-token-read-only").status_code == 200
        assert shop.management("PUT", path, {}, token="demo-token-read-only").status_code == 403


# ---------------------------------------------------------------------------------------------------- shop files


def test_settings_are_part_of_the_shop_file(two_channels: Shop) -> None:
    shop = two_channels
    put(shop, "/carts/settings", {"allow_purchasing": False})
    put(shop, "/carts/settings/channels/7", {"allow_purchasing": True})
    put(shop, "/checkouts/settings", {"custom_checkout_script_url": "webdav:store.js"})
    put(shop, "/checkouts/settings/channels/7", {"custom_checkout_script_url": "", "policy_consent": "express"})
    unit = shop.storage.unit("demo")

    dumped = shop_file.write(shop.run(shop_file.dump(unit)))

    store = shop_file.read(dumped).store
    assert store == shop.run(unit.store())
    assert (store.channel_ids, store.cart_settings.channels) == ((1, 7), {7: True})
    assert store.checkout_settings.scripts_of(7).custom_checkout_script_url == ""
