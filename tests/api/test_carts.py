"""Carts on both surfaces (BEHAVIOUR 4)."""

from typing import Any

from tests.api.flows import a_cart, consign, item_ids, quantities, sign_in, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN, CERTIFICATE, CUSTOM, camel


def test_statuses_of_the_management_cart_are_the_published_ones(shop: Shop) -> None:
    created = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
    cart = created.json()["data"]
    path, item = f"/carts/{cart['id']}", item_ids(cart)[0]
    added = shop.management("POST", f"{path}/items", {"line_items": [{"product_id": 158, "quantity": 1}]})
    changed = shop.management("PUT", f"{path}/items/{item}", {"line_item": {"quantity": 2}})
    given = shop.management("PUT", path, {"customer_id": 11})
    removed = shop.management("DELETE", f"{path}/items/{item}")
    deleted = shop.management("DELETE", path)

    assert [answer.status_code for answer in (created, added, changed, given, removed, deleted)] == [
        201,
        201,
        200,
        201,
        200,
        204,
    ]
    assert deleted.content == b""
    assert shop.management("GET", path).status_code == 404


def test_removing_the_last_line_removes_the_cart(shop: Shop) -> None:
    managed = a_cart(shop)
    browsed = storefront_cart(shop)
    item = browsed["lineItems"]["physicalItems"][0]["id"]

    by_merchant = shop.management("DELETE", f"/carts/{managed['id']}/items/{item_ids(managed)[0]}")
    by_shopper = shop.storefront("DELETE", f"/carts/{browsed['id']}/items/{item}")

    assert (by_merchant.status_code, by_shopper.status_code) == (204, 204)
    assert shop.management("GET", f"/carts/{managed['id']}").status_code == 404
    assert shop.storefront("GET", "/carts").json() == []


def test_a_quantity_of_zero_removes_the_line(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 1}, {"product_id": 158, "quantity": 1})
    spoons, towel = item_ids(cart)

    answer = shop.management("PUT", f"/carts/{cart['id']}/items/{spoons}", {"line_item": {"quantity": 0}})

    assert item_ids(answer.json()["data"]) == [towel]


def test_prices_of_the_seed_sample_come_out_of_sale_price_and_promotion(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 184, "variantId": 364, "quantity": 1})

    line = cart["lineItems"]["physicalItems"][0]
    assert (line["originalPrice"], line["listPrice"], line["salePrice"]) == (17.99, 15.99, 13.99)
    assert (line["extendedListPrice"], line["extendedSalePrice"], line["discountAmount"]) == (15.99, 13.99, 2)
    assert (cart["baseAmount"], cart["discountAmount"], cart["cartAmount"]) == (15.99, 0, 13.99)
    assert cart["discounts"] == [{"id": line["id"], "discountedAmount": 2}]


def test_the_seed_samples_goods_have_its_subtotal(shop: Shop) -> None:
    # 13.99 + 25.00 + 49.99 + 18.95 + a certificate of 10.00 = 117.93, from 119.93 at list prices (T1 without its coupon).
    lines = [
        {"productId": 184, "variantId": 364, "quantity": 1},
        *({"productId": number, "quantity": 1} for number in (170, 158, 189)),
    ]
    shop.storefront("GET", "/carts")
    cart = shop.storefront("POST", "/carts", {"lineItems": lines, "giftCertificates": [CERTIFICATE]}).json()

    checkout = shop.storefront("GET", f"/checkouts/{cart['id']}").json()

    assert checkout["cart"]["baseAmount"] == 119.93
    assert checkout["subtotal"] == 117.93
    assert checkout["cart"]["cartAmount"] == 117.93
    assert [entry["discountedAmount"] for entry in checkout["cart"]["discounts"]] == [2, 0, 0, 0, 0]
    certificate = checkout["cart"]["lineItems"]["giftCertificates"][0]
    assert (certificate["amount"], certificate["taxable"], certificate["type"]) == (10, False, "giftCertificate")


def test_a_price_override_drops_out_of_the_promotion(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 184, "variant_id": 364, "quantity": 1, "list_price": 9.5})

    line = cart["line_items"]["physical_items"][0]
    assert (line["original_price"], line["list_price"], line["sale_price"], line["discounts"]) == (17.99, 9.5, 9.5, [])


def test_custom_items_are_consigned_and_cannot_be_changed(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", {"custom_items": [CUSTOM | {"quantity": 2}]}).json()["data"]
    item = cart["line_items"]["custom_items"][0]

    refused = shop.management("PUT", f"/carts/{cart['id']}/items/{item['id']}", {"line_item": {"quantity": 3}})
    checkout = consign(shop, cart["id"], to(AUSTIN, (item["id"], 1)))

    assert (item["quantity"], item["list_price"], item["extended_list_price"]) == ("2", "5.99", 11.98)
    assert refused.status_code == 422
    assert [entry["quantity"] for entry in checkout["cart"]["line_items"]["custom_items"]] == [1, 1]


def test_options_may_be_named_instead_of_the_variant(shop: Shop) -> None:
    selection = {"option_selections": [{"option_id": 1, "option_value": 3}]}

    cart = a_cart(shop, {"product_id": 184, "quantity": 1, **selection})

    assert cart["line_items"]["physical_items"][0]["sku"] == "SMA-BLU"


def test_d19_goods_that_are_all_consigned_come_as_a_new_unassigned_line(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]
    consign(shop, cart["id"], to(AUSTIN, (line, 2)))

    added = shop.management(
        "POST", f"/carts/{cart['id']}/items", {"line_items": [{"product_id": 184, "variant_id": 364, "quantity": 1}]}
    )
    again = shop.management(
        "POST", f"/carts/{cart['id']}/items", {"line_items": [{"product_id": 184, "variant_id": 364, "quantity": 4}]}
    )

    checkout = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]
    assert len(item_ids(added.json()["data"])) == len(item_ids(again.json()["data"])) == 2
    assert list(quantities(checkout).values()) == [2, 5]
    assert checkout["consignments"][0]["line_item_ids"] == [line]


def test_d19_a_changed_quantity_keeps_the_choice_at_its_new_cost(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 174, "quantity": 1})
    line = item_ids(cart)[0]
    consignment = consign(shop, cart["id"], to(AUSTIN, (line, 1)))["consignments"][0]
    per_item = consignment["available_shipping_options"][0]
    shop.management(
        "PUT", f"/checkouts/{cart['id']}/consignments/{consignment['id']}", {"shipping_option_id": per_item["id"]}
    )

    shop.management("PUT", f"/carts/{cart['id']}/items/{line}", {"line_item": {"quantity": 3}})

    checkout = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]
    assert checkout["consignments"][0]["selected_shipping_option"]["id"] == per_item["id"]
    assert (per_item["cost"], checkout["shipping_cost_total_ex_tax"]) == (1.25, 3.75)


def test_giving_the_cart_to_a_customer_takes_the_chosen_options_away(shop: Shop) -> None:
    cart = a_cart(shop)
    consignment = consign(shop, cart["id"], to(AUSTIN, (item_ids(cart)[0], 2)))["consignments"][0]
    option = consignment["available_shipping_options"][0]["id"]
    shop.management("PUT", f"/checkouts/{cart['id']}/consignments/{consignment['id']}", {"shipping_option_id": option})

    given = shop.management("PUT", f"/carts/{cart['id']}", {"customer_id": 11}).json()["data"]

    checkout = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]
    assert (given["customer_id"], given["email"]) == (11, "janedoe@example.com")
    assert "selected_shipping_option" not in checkout["consignments"][0]
    assert checkout["shipping_cost_total_ex_tax"] == 0


def test_the_customer_of_a_cart_is_shown_with_group_addresses_and_store_credit(shop: Shop) -> None:
    cart = a_cart(shop, customer_id=11)
    url = shop.management("POST", f"/carts/{cart['id']}/redirect_urls").json()["data"]["cart_url"]
    sign_in(shop)
    shop.storefront("GET", url.removeprefix("http://127.0.0.1:8080"), base="")

    customer = shop.storefront("GET", f"/checkouts/{cart['id']}?include=customer,customer.customerGroup").json()[
        "customer"
    ]

    assert (customer["id"], customer["isGuest"], customer["fullName"]) == (11, False, "Jane Doe")
    assert customer["customerGroup"] == {"id": 1, "name": "Wholesale customers"}
    assert customer["storeCredit"] == 20
    assert [address["city"] for address in customer["addresses"]] == ["Austin", "Dallas"]


def test_d28_a_second_billing_address_takes_the_place_of_the_first(shop: Shop) -> None:
    cart = a_cart(shop)
    path = f"/checkouts/{cart['id']}/billing-address"

    first = shop.management("POST", path, AUSTIN).json()["data"]["billing_address"]
    second = shop.management("POST", path, AUSTIN | {"city": "Dallas", "email": "other@example.com"}).json()["data"]

    assert first["id"] != second["billing_address"]["id"]
    assert second["billing_address"]["city"] == "Dallas"
    assert second["cart"]["email"] == "other@example.com"
    assert shop.management("PUT", f"{path}/{first['id']}", AUSTIN).status_code == 404


def test_d27_the_storefront_takes_an_email_alone_and_keeps_it_when_none_is_sent(shop: Shop) -> None:
    cart = storefront_cart(shop)
    path = f"/checkouts/{cart['id']}"
    before = shop.storefront("GET", path).json()["billingAddress"]

    posted = shop.storefront(
        "POST", f"{path}/billing-address", {"email": "jane@example.com", "acceptsMarketingNewsletter": True}
    )
    billing = posted.json()["billingAddress"]
    put = shop.storefront("PUT", f"{path}/billing-address/{billing['id']}", camel(AUSTIN | {"email": ""})).json()

    assert before == {}
    assert (billing["email"], billing["city"], billing["countryCode"], billing["customFields"]) == (
        "jane@example.com",
        "",
        "",
        [],
    )
    assert put["billingAddress"]["email"] == "jane@example.com"
    assert put["cart"]["email"] == "jane@example.com"
    assert "availableShippingOptions" not in str(put)


def test_the_customer_message_is_kept_up_to_2000_characters(shop: Shop) -> None:
    cart = a_cart(shop)
    path = f"/checkouts/{cart['id']}"

    longest = shop.management("PUT", path, {"customer_message": "ä" * 2000})
    too_long = shop.management("PUT", path, {"customer_message": "ä" * 2001})
    missing = shop.management("PUT", path, {})

    assert longest.json()["data"]["customer_message"] == "ä" * 2000
    assert too_long.json()["errors"] == {"customer_message": "may have at most 2000 characters"}
    assert missing.json()["errors"] == {"customer_message": "is required"}


def test_rate_limit_headers_come_all_four(shop: Shop) -> None:
    answer = shop.management("GET", f"/carts/{a_cart(shop)['id']}")

    limits: dict[str, Any] = {name: value for name, value in answer.headers.items() if name.startswith("x-rate-limit")}
    assert limits.pop("x-rate-limit-time-reset-ms").isdigit()
    assert limits == {
        "x-rate-limit-time-window-ms": "30000",
        "x-rate-limit-requests-quota": "150",
        "x-rate-limit-requests-left": "150",
    }


def test_line_items_change_through_the_checkout_too(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 170, "quantity": 1}, {"productId": 158, "quantity": 1})
    spoons, towel = (item["id"] for item in cart["lineItems"]["physicalItems"])
    path = f"/checkouts/{cart['id']}/carts/{cart['id']}/items"

    changed = shop.storefront("PUT", f"{path}/{spoons}", {"lineItem": {"quantity": 4, "productId": 170}}).json()
    removed = shop.storefront("DELETE", f"{path}/{towel}").json()
    elsewhere = shop.storefront("DELETE", f"/checkouts/{cart['id']}/carts/none/items/{spoons}")

    assert changed["cart"]["lineItems"]["physicalItems"][0]["quantity"] == 4
    assert [item["id"] for item in removed["cart"]["lineItems"]["physicalItems"]] == [spoons]
    assert removed["grandTotal"] == 100
    assert elsewhere.status_code == 404
