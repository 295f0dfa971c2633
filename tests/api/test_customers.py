"""Customers in the Storefront: registering, signing in and out, their cart, their address book (BEHAVIOUR 6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.api.flows import JANE, JOHN, PASSWORD, a_cart, item_ids, sign_in, storefront_cart
from tests.client import Shop
from tests.recording import AUSTIN, camel

INTERNAL = "/internalapi/v1"
CUSTOMER = "/checkout/customer"
SPOONS = {"productId": 170, "quantity": 1}
TOWEL = {"productId": 158, "quantity": 2}


def sign_out(shop: Shop, **options: Any) -> httpx.Response:
    return shop.storefront("DELETE", CUSTOMER, base=INTERNAL, **options)


def checkout(shop: Shop, cart_id: str, **options: Any) -> Any:
    answer = shop.storefront("GET", f"/checkout/{cart_id}?include=customer,customer.customerGroup", **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def register(shop: Shop, **fields: Any) -> httpx.Response:
    shop.storefront("GET", "/carts")
    body = {"firstName": "Ann", "lastName": "Roe", "email": "ann@example.com", "password": "S3curePass", **fields}
    return shop.storefront("POST", "/customers", body)


def goods(cart: Any) -> list[tuple[int, int]]:
    return [(line["productId"], line["quantity"]) for line in cart["lineItems"]["physicalItems"]]


# ---------------------------------------------------------------------------------------------------- signing in


def test_signing_in_shows_the_customer_and_makes_the_cart_theirs(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]

    answer = sign_in(shop)

    assert answer.status_code == 200
    shown = answer.json()["data"]["customer"]
    assert (shown["isGuest"], shown["customerId"], shown["name"]) == (False, 11, "Jane Doe")
    assert (shown["customerGroupId"], shown["customerGroupName"], shown["storeCredit"]) == (
        1,
        "Wholesale customers",
        20,
    )
    assert [address["city"] for address in shown["addresses"]] == ["Austin", "Dallas"]
    assert "persistentCartRetrievalInformation" not in answer.json()["data"]
    now = checkout(shop, cart_id)
    assert (now["cart"]["customerId"], now["cart"]["email"], now["version"]) == (11, JANE, 2)
    assert (now["customer"]["id"], now["customer"]["customerGroup"]["id"], now["customer"]["storeCredit"]) == (
        11,
        1,
        20,
    )
    assert now["customer"]["addresses"][0] | {"id": 1} == now["customer"]["addresses"][0]
    assert (now["billingAddress"]["email"], now["billingAddress"]["city"]) == (JANE, "")


def test_a_customer_is_found_whatever_the_case_of_the_email(shop: Shop) -> None:
    assert sign_in(shop, " JaneDoe@Example.COM ").status_code == 200


def test_a_customer_whose_password_must_be_set_anew_is_told_so_and_not_let_in(shop: Shop) -> None:
    customer = {"id": 12, "authentication": {"force_password_reset": True}}
    shop.management("PUT", "/customers", [customer])

    refused = sign_in(shop, JOHN)

    assert (refused.status_code, refused.json()["type"]) == (401, "reset_password_before_login")
    assert sign_in(shop, JOHN, "wrong").json()["type"] != "reset_password_before_login"


def test_a_groups_prices_follow_the_customer(shop: Shop) -> None:
    rule = {"type": "all", "method": "percent", "amount": "10.0000"}
    shop.management("PUT", "/customer_groups/1", {"discount_rules": [rule]}, base="/stores/demo/v2")
    cart_id = storefront_cart(shop, SPOONS)["id"]

    sign_in(shop)
    hers = checkout(shop, cart_id)
    sign_out(shop)
    nobodys = checkout(shop, cart_id)

    assert (hers["subtotal"], nobodys["subtotal"]) == (22.5, 25)


def test_another_group_shows_at_once_and_has_its_prices_with_the_next_change(shop: Shop) -> None:
    rule = {"type": "all", "method": "percent", "amount": "10.0000"}
    shop.management("PUT", "/customer_groups/1", {"discount_rules": [rule]}, base="/stores/demo/v2")
    sign_in(shop)
    cart_id = storefront_cart(shop, SPOONS)["id"]

    shop.management("PUT", "/customers", [{"id": 11, "customer_group_id": 0}])

    now = checkout(shop, cart_id)
    assert (now["customer"]["customerGroup"], now["subtotal"]) == ([], 22.5)
    shop.storefront("POST", f"/carts/{cart_id}/items", {"lineItems": [TOWEL]})
    assert checkout(shop, cart_id)["subtotal"] == 124.98


# ---------------------------------------------------------------------------------------------------- signing out


def test_signing_out_leaves_the_cart_without_anything_personal(shop: Shop) -> None:
    cart = storefront_cart(shop, SPOONS)
    sign_in(shop)
    path = f"/checkouts/{cart['id']}"
    line = cart["lineItems"]["physicalItems"][0]["id"]
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    lines = [{"itemId": line, "quantity": 1}]
    shop.storefront("POST", f"{path}/consignments", [{"address": camel(AUSTIN), "lineItems": lines}])
    shop.storefront("POST", f"{path}/gift-certificates", {"giftCertificateCode": "5678DEF"})
    shop.storefront("POST", f"{path}/store-credit")
    shop.storefront("PUT", path, {"customerMessage": "Ring at Jane's"})

    answer = sign_out(shop)

    assert (answer.status_code, answer.json()["data"]["customer"]["isGuest"]) == (200, True)
    now = checkout(shop, cart["id"])
    assert now["customer"] == {
        "id": 0,
        "isGuest": True,
        "email": "",
        "firstName": "",
        "lastName": "",
        "fullName": "",
        "addresses": [],
        "storeCredit": 0,
        "shouldEncourageSignIn": False,
        "customerGroup": [],
    }
    assert (now["billingAddress"], now["consignments"], now["giftCertificates"]) == ({}, [], [])
    assert (now["customerMessage"], now["cart"]["email"], now["isStoreCreditApplied"]) == ("", "", False)
    assert goods(now["cart"]) == [(170, 1)]


def test_the_link_to_sign_out_leaves_the_cart_with_the_customer(shop: Shop) -> None:
    cart_id = storefront_cart(shop, SPOONS)["id"]
    sign_in(shop)

    left = shop.storefront("GET", "/login.php?action=logout", base="")

    assert (left.status_code, left.headers["location"]) == (302, "/")
    assert shop.storefront("GET", "/carts").json() == []
    sign_in(shop)
    assert [cart["id"] for cart in shop.storefront("GET", "/carts").json()] == [cart_id]


# ---------------------------------------------------------------------------------------------------- the customer's cart


def test_the_cart_is_found_again_on_another_computer(shop: Shop) -> None:
    cart_id = storefront_cart(shop, SPOONS)["id"]
    sign_in(shop)
    other = shop.new_browser()

    answer = sign_in(shop, browser=other)

    assert answer.json()["data"]["persistentCartRetrievalInformation"] == {"id": cart_id}
    assert goods(checkout(shop, cart_id, browser=other)["cart"]) == [(170, 1)]


def test_signing_in_with_a_cart_takes_the_lines_of_the_other_one(shop: Shop) -> None:
    sign_in(shop)
    before = storefront_cart(shop, SPOONS, TOWEL)["id"]
    other = shop.new_browser()
    now = storefront_cart(shop, {"productId": 170, "quantity": 2}, browser=other)["id"]

    sign_in(shop, browser=other)

    merged = checkout(shop, now, browser=other)
    assert goods(merged["cart"]) == [(170, 3), (158, 2)]
    assert merged["subtotal"] == 174.98
    assert shop.management("GET", f"/carts/{before}").status_code == 404
    assert [cart["id"] for cart in shop.storefront("GET", "/carts").json()] == [now]


def test_lines_of_a_cart_in_another_currency_are_converted(shop: Shop) -> None:
    sign_in(shop)
    cart_id = storefront_cart(shop, SPOONS)["id"]
    shop.storefront("POST", f"/carts/{cart_id}/currency", {"currencyCode": "EUR"})
    other = shop.new_browser()
    now = storefront_cart(shop, TOWEL, browser=other)["id"]

    sign_in(shop, browser=other)

    merged = checkout(shop, now, browser=other)
    assert (merged["cart"]["currency"]["code"], merged["subtotal"]) == ("USD", 124.98)


def test_a_cart_that_was_ordered_is_not_found_again(shop: Shop) -> None:
    sign_in(shop)
    cart = storefront_cart(shop, {"productId": 189, "quantity": 1})
    shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", camel(AUSTIN))
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    made = shop.storefront("POST", "/checkout/order", order, base=INTERNAL).json()["data"]["order"]["orderId"]
    other = shop.new_browser()

    answer = sign_in(shop, browser=other)

    assert "persistentCartRetrievalInformation" not in answer.json()["data"]
    assert shop.storefront("GET", "/carts", browser=other).json() == []
    assert shop.storefront("GET", f"/orders/{made}", browser=other).json()["customerId"] == 11


def test_a_cart_given_to_somebody_else_is_not_taken(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]
    shop.management("PUT", f"/carts/{cart_id}", {"customer_id": 11})

    sign_in(shop, JOHN)

    assert shop.storefront("GET", "/carts").json() == []
    assert shop.management("GET", f"/carts/{cart_id}").json()["data"]["customer_id"] == 11


# ---------------------------------------------------------------------------------------------------- registering


def test_registering_signs_in(shop: Shop) -> None:
    cart_id = storefront_cart(shop)["id"]

    answer = register(shop, acceptsMarketingEmails=True)

    assert (answer.status_code, answer.content) == (204, b"")
    customer = checkout(shop, cart_id)["customer"]
    assert (customer["id"], customer["isGuest"], customer["fullName"]) == (13, False, "Ann Roe")
    (kept,) = shop.management("GET", "/customers?email:in=ANN@example.com").json()["data"]
    assert (kept["accepts_product_review_abandoned_cart_emails"], kept["registration_ip_address"]) == (
        True,
        "127.0.0.1",
    )


def test_registering_fills_in_the_merchants_own_fields(shop: Shop) -> None:
    size = {"id": 31, "label": "Shoe size", "kind": "number", "required": True, "min": "30", "max": "50"}
    shop.change_store(form_fields={"customer_account": [size]})

    refused = [
        register(shop),
        register(shop, customFields=[{"fieldId": "field_31", "fieldValue": "51"}]),
    ]
    answer = register(shop, customFields=[{"fieldId": "field_31", "fieldValue": 42}])

    assert [(each.status_code, each.json()["errors"][0]["message"]) for each in refused] == [
        (422, "customFields lacks Shoe size"),
        (422, "customFields has 51 for Shoe size; the most is 50"),
    ]
    assert answer.status_code == 204
    (kept,) = shop.management("GET", "/customers?email:in=ann@example.com&include=formfields").json()["data"]
    assert kept["form_fields"] == [{"name": "Shoe size", "value": "42", "customer_id": kept["id"]}]


def test_registering_holds_the_fields_every_shop_has_to_their_lengths(shop: Shop) -> None:
    lengths = [
        {"name": "first_name", "max_length": 2},
        {"name": "email", "max_length": 20},
        {"name": "city", "max_length": 1},
    ]
    shop.change_store(form_fields={"standard": lengths})

    refused = [register(shop), register(shop, firstName="Al", email="somebody.long@example.com")]

    assert [(each.status_code, each.json()["errors"][0]["message"]) for each in refused] == [
        (422, "firstName may have at most 2 characters"),
        (422, "email may have at most 20 characters"),
    ]
    assert register(shop, firstName="Al").status_code == 204


def test_registering_is_refused_for_a_taken_email_and_a_poor_password(shop: Shop) -> None:
    assert register(shop, email="JANEDOE@example.com").status_code == 409
    assert register(shop, password="short1").status_code == 422
    assert register(shop, password="onlyletters").status_code == 422
    assert register(shop, email="no address").status_code == 422
    assert register(shop, firstName="").status_code == 422
    assert shop.storefront("POST", "/customer", {"email": "x@example.com"}).status_code == 422


def test_a_guest_who_has_ordered_registers_with_a_password_alone(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 189, "quantity": 1})
    shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", camel(AUSTIN))
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    made = shop.storefront("POST", "/checkout/order", order, base=INTERNAL).json()["data"]["order"]["orderId"]
    body = {"orderId": made, "newsletter": False, "password": "S3curePass", "confirmPassword": "S3curePass"}

    stranger = shop.new_browser()
    shop.storefront("GET", "/carts", browser=stranger)
    refused = shop.storefront("PUT", CUSTOMER, body, base=INTERNAL, browser=stranger)
    unlike = shop.storefront("PUT", CUSTOMER, body | {"confirmPassword": "S3curePas"}, base=INTERNAL)
    answer = shop.storefront("PUT", CUSTOMER, body, base=INTERNAL)

    assert (refused.status_code, unlike.status_code, answer.status_code) == (404, 422, 200)
    customer = answer.json()["data"]["customer"]
    assert (customer["email"], customer["firstName"], customer["addresses"][0]["city"]) == (
        "jane@example.com",
        "Jane",
        "Austin",
    )
    assert shop.storefront("GET", f"/orders/{made}").status_code == 200
    elsewhere = shop.new_browser()
    sign_in(shop, "jane@example.com", "S3curePass", browser=elsewhere)
    assert shop.storefront("GET", f"/orders/{made}", browser=elsewhere).json()["customerId"] == customer["customerId"]
    of_her = shop.management("GET", f"/orders?customer_id={customer['customerId']}", base="/stores/demo/v2").json()
    assert [order["id"] for order in of_her] == [made]


# ---------------------------------------------------------------------------------------------------- address book


def test_an_address_is_added_once(shop: Shop) -> None:
    sign_in(shop, JOHN)
    address = camel(AUSTIN) | {"stateOrProvinceCode": "", "shouldSaveAddress": True}

    first = shop.storefront("POST", "/customer-address", address)
    again = shop.storefront("POST", "/customer-address", address | {"firstName": "JANE "})

    assert first.status_code == 200
    (kept,) = first.json()["addresses"]
    assert (kept["id"], kept["type"], kept["stateOrProvinceCode"], kept["country"]) == (
        3,
        "residential",
        "TX",
        "United States",
    )
    assert again.json() == first.json()


def test_what_no_address_can_do_without_is_asked_for(shop: Shop) -> None:
    sign_in(shop, JOHN)
    whole = camel(AUSTIN)

    without = [shop.storefront("POST", "/customer-address", whole | {name: ""}) for name in ("firstName", "address1")]
    nowhere = shop.storefront("POST", "/customer-address", whole | {"countryCode": "XX"})

    assert [answer.json()["title"] for answer in (*without, nowhere)] == [
        "firstName is required",
        "address1 is required",
        "countryCode 'XX' is not a country",
    ]


def test_a_guest_has_no_address_book(shop: Shop) -> None:
    shop.storefront("GET", "/carts")

    assert shop.storefront("POST", "/customer-address", camel(AUSTIN)).status_code == 401


def test_addresses_that_are_to_be_saved_are_in_the_book_after_the_order(shop: Shop) -> None:
    sign_in(shop, JOHN)
    cart = storefront_cart(shop, SPOONS)
    path = f"/checkouts/{cart['id']}"
    home = camel(AUSTIN) | {"shouldSaveAddress": True}
    shop.storefront("POST", f"{path}/billing-address", home)
    lines = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 1}]
    sent = {"address": home | {"address1": "7 Elm Street"}, "lineItems": lines}
    (made,) = shop.storefront("POST", f"{path}/consignments", [sent]).json()["consignments"]
    option = {"shippingOptionId": made["availableShippingOptions"][0]["id"]}
    shop.storefront("PUT", f"{path}/consignments/{made['id']}", option)
    assert checkout(shop, cart["id"])["customer"]["addresses"] == []

    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    assert shop.storefront("POST", "/checkout/order", order, base=INTERNAL).status_code == 201

    found = shop.management("GET", "/customers/addresses?customer_id:in=12").json()["data"]
    assert [(address["id"], address["address1"]) for address in found] == [(3, "123 Main Street"), (4, "7 Elm Street")]


# ---------------------------------------------------------------------------------------------------- sessions


def test_a_session_that_is_used_does_not_run_out(shop: Shop) -> None:
    now = datetime.now(UTC)
    cart = storefront_cart(shop)
    path = f"/checkouts/{cart['id']}"

    shop.app.now = lambda: now + timedelta(days=29)
    assert shop.storefront("PUT", path, {"customerMessage": "still here"}).status_code == 200
    shop.app.now = lambda: now + timedelta(days=58)
    assert shop.storefront("GET", path).status_code == 200
    shop.app.now = lambda: now + timedelta(days=60)
    assert shop.storefront("GET", path).status_code == 404


def test_the_sessions_of_a_customer_end_with_their_password(shop: Shop) -> None:
    sign_in(shop)
    cart_id = storefront_cart(shop)["id"]

    shop.management("PUT", "/customers", [{"id": 11, "authentication": {"new_password": "An0therOne"}}])

    assert shop.storefront("GET", f"/checkouts/{cart_id}").status_code == 404
    assert sign_in(shop).status_code == 401
    assert sign_in(shop, JANE, "An0therOne").status_code == 200
    assert shop.storefront("GET", f"/checkouts/{cart_id}").status_code == 200


def test_a_customers_cart_opens_by_its_link_for_the_customer_only(shop: Shop) -> None:
    cart = a_cart(shop, customer_id=11)
    assert item_ids(cart)
    link = shop.management("POST", f"/carts/{cart['id']}/redirect_urls").json()["data"]["checkout_url"]
    path = link.removeprefix("http://127.0.0.1:8080")

    refused = shop.storefront("GET", path, base="")
    sign_in(shop, JOHN)
    of_another = shop.storefront("GET", path, base="")
    sign_in(shop, JANE, PASSWORD)
    opened = shop.storefront("GET", path, base="")

    assert (refused.status_code, of_another.status_code) == (403, 403)
    assert (opened.status_code, opened.headers["location"]) == (302, "/checkout")
    assert checkout(shop, cart["id"])["customer"]["id"] == 11
