"""What a checkout page asks about the shop: settings, form fields, ways to pay, what shoppers agreed to."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from tests.client import Shop
from tests.recording import AUSTIN, camel

SETTINGS = "/checkout-settings"


def asked(shop: Shop, path: str) -> Any:
    answer = shop.storefront("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def cart_of(shop: Shop) -> Any:
    return shop.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]}).json()


# ---------------------------------------------------------------------------------------------------- settings


def test_settings_are_there_for_a_browser_without_a_cart(shop: Shop) -> None:
    found = asked(shop, SETTINGS)

    assert found["context"] == {
        "checkoutId": "",
        "geoCountryCode": "US",
        "flashMessages": [],
        "payment": {"token": None},
    }
    config = found["storeConfig"]
    assert config["currency"] == {
        "code": "USD",
        "symbol": "$",
        "symbolLocation": "left",
        "decimalPlaces": "2",
        "decimalSeparator": ".",
        "thousandsSeparator": ",",
        "isTransactional": True,
    }
    assert config["shopperCurrency"] == {**config["currency"], "exchangeRate": 1}
    assert config["storeProfile"]["storeName"] == "Checkstand Demo"
    assert config["storeProfile"]["storeCountry"] == "United States"
    assert config["storeProfile"]["shopPath"] == "http://127.0.0.1:8080"
    assert config["links"]["orderConfirmationLink"] == "http://127.0.0.1:8080/checkout/order-confirmation"
    assert config["checkoutSettings"]["features"] == {}
    assert config["checkoutSettings"]["guestCheckoutEnabled"] is True
    assert config["checkoutSettings"]["isSpamProtectionEnabled"] is False


def test_settings_name_the_checkout_of_the_session_and_write_amounts_in_its_currency(shop: Shop) -> None:
    cart = cart_of(shop)
    shop.storefront("POST", f"/carts/{cart['id']}/currency", {"currencyCode": "EUR"})

    found = asked(shop, f"{SETTINGS}?checkoutId=00000000-0000-4000-8000-000000000000")

    assert found["context"]["checkoutId"] == cart["id"]
    assert found["storeConfig"]["currency"]["code"] == "EUR"
    assert found["storeConfig"]["shopperCurrency"]["symbolLocation"] == "right"
    assert found["storeConfig"]["shopperCurrency"]["decimalSeparator"] == ","


def test_what_management_says_of_a_channel_is_what_its_page_is_told(shop: Shop) -> None:
    said = {
        "guest_checkout_type": "account_required",
        "is_order_terms_and_conditions_enabled": True,
        "order_terms_and_conditions_type": "link",
        "order_terms_and_conditions_link": "https://shop.example/terms",
        "order_confirmation_contact_email": "orders@shop.example",
        "policy_consent": "express",
    }
    assert shop.management("PUT", "/checkouts/settings/channels/1", said).status_code == 200

    config = asked(shop, SETTINGS)["storeConfig"]

    page = config["checkoutSettings"]
    assert (page["guestCheckoutEnabled"], page["isExpressPrivacyPolicy"]) == (False, True)
    assert (page["enableTermsAndConditions"], page["orderTermsAndConditionsType"]) == (True, "link")
    assert page["orderTermsAndConditionsLink"] == "https://shop.example/terms"
    assert config["storeProfile"]["orderEmail"] == "orders@shop.example"


def test_the_shop_file_says_what_management_has_no_words_for_and_a_channel_may_differ(shop: Shop) -> None:
    page = {"enable_order_comments": False, "features": {"CHECKOUT-4726.add_address_in_multishipping_checkout": True}}
    own = {"page": {"is_coupon_code_collapsed": False}}
    shop.change_store(
        channel_ids=[1, 2],
        profile={"phone": "5125550100", "email": "shop@example.com", "country_code": "CA"},
        checkout_settings={"page": page, "channels": {2: own}},
    )

    first = asked(shop, SETTINGS)["storeConfig"]
    body = {"line_items": [{"product_id": 170, "quantity": 1}], "channel_id": 2}
    cart = shop.management("POST", "/carts?include=redirect_urls", body).json()["data"]
    shop.storefront("GET", cart["redirect_urls"]["checkout_url"].partition("8080")[2], base="")
    second = asked(shop, SETTINGS)["storeConfig"]

    assert first["checkoutSettings"]["enableOrderComments"] is False
    assert first["checkoutSettings"]["features"] == page["features"]
    assert first["storeProfile"]["storeCountryCode"] == "CA"
    assert first["storeProfile"]["storePhoneNumber"] == "5125550100"
    assert second["checkoutSettings"]["isCouponCodeCollapsed"] is False
    assert second["checkoutSettings"]["enableOrderComments"] is True


def test_nobody_has_extended_the_page(shop: Shop) -> None:
    assert asked(shop, "/checkout-extensions") == []


# ---------------------------------------------------------------------------------------------------- form fields

WHERE = {"id": 31, "label": "Where to leave it", "kind": "dropdown", "required": True, "options": ["Porch", "Garden"]}
FLOOR = {"id": 32, "label": "Floor", "kind": "number", "min": "0", "max": "20"}


def test_every_shop_has_the_recorded_fields(shop: Shop) -> None:
    groups = asked(shop, "/form-fields")

    assert set(groups) == {"customerAccount", "shippingAddress", "billingAddress"}
    names = ["firstName", "lastName", "company", "phone", "address1", "address2", "city", "countryCode"]
    names += ["stateOrProvince", "postalCode"]
    assert [field["name"] for field in groups["billingAddress"]] == names
    assert [field["id"] for field in groups["billingAddress"]] == [f"field_{number}" for number in range(4, 14)]
    assert [field["id"] for field in groups["shippingAddress"]] == [f"field_{number}" for number in range(14, 24)]
    optional = [field["name"] for field in groups["shippingAddress"] if not field["required"]]
    assert optional == ["company", "phone", "address2"]
    assert groups["shippingAddress"][7]["options"] == {"helperLabel": "Choose a Country", "items": []}
    assert [field["name"] for field in groups["customerAccount"]] == ["firstName", "lastName", "email", "password"]
    assert groups["customerAccount"][3]["requirements"]["minlength"] == 7


def test_a_filter_names_the_groups_that_are_wanted(shop: Shop) -> None:
    assert set(asked(shop, "/form-fields?filter=shippingAddress,billingAddress")) == {
        "shippingAddress",
        "billingAddress",
    }
    assert shop.storefront("GET", "/form-fields?filter=shoes").status_code == 422


def test_the_merchants_own_fields_come_after_those_of_every_shop(shop: Shop) -> None:
    shop.change_store(
        form_fields={"shipping_address": [WHERE, FLOOR], "standard": [{"name": "phone", "required": True}]}
    )

    groups = asked(shop, "/form-fields")

    assert groups["shippingAddress"][10] == {
        "id": "field_31",
        "name": "field_31",
        "custom": True,
        "label": "Where to leave it",
        "required": True,
        "default": None,
        "maxLength": None,
        "type": "array",
        "fieldType": "dropdown",
        "options": {
            "helperLabel": "Choose an option",
            "items": [{"value": "0", "label": "Porch"}, {"value": "1", "label": "Garden"}],
        },
    }
    assert (groups["shippingAddress"][11]["min"], groups["shippingAddress"][11]["max"]) == ("0", "20")
    assert groups["shippingAddress"][3]["required"] is True
    assert len(groups["billingAddress"]) == 10


def order_to(shop: Shop, custom_fields: list[dict[str, Any]], **address: Any) -> Any:
    """The answer to an order of spoons that are sent to an address with these fields."""
    cart = cart_of(shop)
    path, spoons = f"/checkouts/{cart['id']}", cart["lineItems"]["physicalItems"][0]["id"]
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    to = {**camel(AUSTIN), **address, "customFields": custom_fields}
    made = shop.storefront(
        "POST", f"{path}/consignments", [{"address": to, "lineItems": [{"itemId": spoons, "quantity": 1}]}]
    ).json()["consignments"][0]
    choice = {"shippingOptionId": made["availableShippingOptions"][0]["id"]}
    shop.storefront("PUT", f"{path}/consignments/{made['id']}", choice)
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    return shop.storefront("POST", "/checkout/order", order, base="/internalapi/v1")


@pytest.mark.parametrize(
    ("custom_fields", "complaint"),
    [
        ([], "lacks Where to leave it."),
        ([{"fieldId": "field_31", "fieldValue": " "}], "lacks Where to leave it."),
        ([{"fieldId": "field_31", "fieldValue": "Roof"}], "has 'Roof' for Where to leave it, which cannot be chosen."),
        (
            [{"fieldId": "field_31", "fieldValue": 1}, {"fieldId": "field_32", "fieldValue": "21"}],
            "has 21 for Floor; the most is 20.",
        ),
    ],
)
def test_an_order_is_refused_while_an_address_leaves_out_what_the_shop_asks_for(
    shop: Shop, custom_fields: list[dict[str, Any]], complaint: str
) -> None:
    shop.change_store(form_fields={"shipping_address": [WHERE, FLOOR]})

    answer = order_to(shop, custom_fields)

    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_shipping_address"
    assert answer.json()["detail"].endswith(complaint)


@pytest.mark.parametrize("value", [1, "Garden", ["Garden"]], ids=["place", "text", "list"])
def test_an_option_may_be_named_by_its_place_or_its_text(shop: Shop, value: Any) -> None:
    shop.change_store(form_fields={"shipping_address": [WHERE, FLOOR]})

    assert order_to(shop, [{"fieldId": "field_31", "fieldValue": value}]).status_code == 201


def test_a_field_of_every_shop_may_be_insisted_on(shop: Shop) -> None:
    shop.change_store(form_fields={"standard": [{"name": "phone", "required": True}]})

    refused = order_to(shop, [], phone="")

    assert (refused.status_code, refused.json()["type"]) == (400, "invalid_shipping_address")
    assert refused.json()["detail"].endswith("lacks phone.")
    assert order_to(shop, []).status_code == 201


def test_a_field_of_every_shop_may_have_another_label_a_default_and_a_length(shop: Shop) -> None:
    changed = {"name": "address1", "label": "Street", "default": "1 Main St", "max_length": 12}
    shop.change_store(form_fields={"standard": [changed]})

    field = asked(shop, "/form-fields")["shippingAddress"][4]
    refused = order_to(shop, [], address1="12 Long Street")

    assert (field["label"], field["default"], field["maxLength"], field["required"]) == (
        "Street",
        "1 Main St",
        12,
        True,
    )
    (copy,) = [
        each
        for each in asked(shop, SETTINGS)["storeConfig"]["formFields"]["billingAddressFields"]
        if each["name"] == "address1"
    ]
    assert (copy["label"], copy["maxLength"]) == ("Street", "12")
    assert refused.json()["detail"].endswith("has more than 12 characters for Street.")
    assert order_to(shop, [], address1="12 Short St.").status_code == 400  # the billing address is too long as well
    shop.change_store(form_fields={"standard": [{**changed, "max_length": 16}]})
    assert order_to(shop, [], address1="12 Long Street").status_code == 201


# ---------------------------------------------------------------------------------------------------- payments


def test_ways_to_pay_are_those_of_the_shop_and_official_clients_take_them_for_offline_ones(shop: Shop) -> None:
    methods = asked(shop, "/payments?cartId=1")

    assert [method["id"] for method in methods] == ["bankdeposit", "cod", "instore"]
    assert methods[1] == {
        "id": "cod",
        "gateway": None,
        "type": "PAYMENT_TYPE_OFFLINE",
        "method": "offline",
        "logoUrl": "",
        "supportedCards": [],
        "config": {
            "displayName": "Cash on Delivery",
            "helpText": "Have the amount ready when the parcel comes.",
            "testMode": False,
            **dict.fromkeys(
                ("requireCustomerCode", "isVaultingEnabled", "hasDefaultStoredInstrument", "isHostedFormEnabled"), False
            ),
            **dict.fromkeys(
                (
                    "cardCode",
                    "enablePaypal",
                    "merchantId",
                    "is3dsEnabled",
                    "isVisaCheckoutEnabled",
                    "isVaultingCvvEnabled",
                )
            ),
            "logo": None,
        },
        "initializationStrategy": {"type": "not_applicable"},
        "providesShippingAddress": False,
        "initializationData": None,
        "clientToken": None,
        "nonce": None,
        "returnUrl": None,
    }
    assert asked(shop, "/payments/cod") == methods[1]
    assert shop.storefront("GET", "/payments/gold").status_code == 404


# ---------------------------------------------------------------------------------------------------- consents


def test_a_subscription_is_kept_by_address_and_what_is_not_said_stays(shop: Shop) -> None:
    first = shop.storefront("POST", "/subscriptions", {"email": "Jane@example.com", "acceptsMarketingNewsletter": True})
    second = shop.storefront(
        "POST", "/subscriptions", {"email": "jane@example.com", "acceptsAbandonedCartEmails": True}
    )
    other = shop.storefront("POST", "/subscriptions", {"email": "john@example.com"})

    assert first.json()["consents"] == ["marketing_newsletter"]
    assert second.json() == {
        "id": first.json()["id"],
        "email": "jane@example.com",
        "firstName": "",
        "lastName": "",
        "source": "storefront",
        "orderId": None,
        "consents": ["marketing_newsletter", "abandoned_cart_emails"],
        "acceptsMarketingNewsletter": True,
        "acceptsAbandonedCartEmails": True,
    }
    assert other.json()["id"] == first.json()["id"] + 1
    assert shop.storefront("POST", "/subscriptions", {"email": "jane"}).status_code == 422


def test_what_cookies_a_shopper_allows_is_kept_in_a_cookie(shop: Shop) -> None:
    answer = shop.storefront("POST", "/consent", {"allow": [2, 1], "deny": [3]})

    assert answer.status_code == 200
    assert json.loads(unquote(shop.browser.cookies["CONSENT"])) == {"allow": [1, 2], "deny": [3]}
    for incomplete in ({"allow": [1], "deny": []}, {"allow": [1, 2], "deny": [2, 3]}, {"allow": [1, 2, 3]}):
        assert shop.storefront("POST", "/consent", incomplete).status_code == 422
