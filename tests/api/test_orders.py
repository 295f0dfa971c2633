"""From a checkout to an order on both surfaces (BEHAVIOUR 3.8, D14, D38, D53, D63-D65)."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.api.flows import (
    a_cart,
    consign,
    item_ids,
    ready_checkout,
    ready_storefront_checkout,
    select_first,
    storefront_cart,
    to,
)
from tests.client import Shop
from tests.recording import AUSTIN, camel

ORDER = "/checkout/order"
INTERNAL = "/internalapi/v1"


def place(shop: Shop, cart_id: str, payment: str = "cod", **options: Any) -> Any:
    return shop.storefront("POST", ORDER, {"cartId": cart_id, "payment": {"name": payment}}, base=INTERNAL, **options)


def units_left(shop: Shop, variant_id: int) -> int:
    stock = shop.run(shop.storage.unit("demo").catalog.stock_of([variant_id]))
    return int(stock[variant_id][0])


def want_a_new_order_each_time(shop: Shop) -> None:
    unit = shop.storage.unit("demo")
    store = shop.run(unit.store())
    settings = replace(store.checkout_settings, new_order_each_time=True)
    assert shop.run(unit.replace_store(store, replace(store, checkout_settings=settings)))


def test_d53_a_repeated_management_order_is_the_same_one_until_the_checkout_changes(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    path = f"/checkouts/{checkout['id']}"

    first = shop.management("POST", f"{path}/orders").json()["data"]["id"]
    again = shop.management("POST", f"{path}/orders").json()["data"]["id"]
    shop.management("PUT", path, {"customer_message": "changed"})
    other = shop.management("POST", f"{path}/orders").json()["data"]["id"]

    assert (first, again, other) == (100, 100, 101)


def test_d53_a_store_may_want_a_new_management_order_each_time_it_asks_for_one(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    want_a_new_order_each_time(shop)
    path = f"/checkouts/{checkout['id']}"

    numbers = [shop.management("POST", f"{path}/orders").json()["data"]["id"] for _ in range(3)]
    after = shop.management("GET", path).json()["data"]

    assert numbers == [100, 101, 102]
    assert (after["order_id"], after["version"]) == ("102", checkout["version"])


def test_a_storefront_order_stays_the_only_one_whatever_the_store_wants_of_management(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    want_a_new_order_each_time(shop)

    placed = [place(shop, checkout["id"]).json()["data"]["order"]["orderId"] for _ in range(2)]
    managed = shop.management("POST", f"/checkouts/{checkout['id']}/orders").json()["data"]["id"]

    assert (placed, managed) == ([100, 100], 100)
    assert units_left(shop, 364) == 998


def test_d65_placing_an_order_sets_its_id_and_does_not_change_the_version(shop: Shop) -> None:
    checkout = ready_checkout(shop)

    shop.management("POST", f"/checkouts/{checkout['id']}/orders")

    after = shop.management("GET", f"/checkouts/{checkout['id']}").json()["data"]
    assert after["order_id"] == "100"
    assert after["version"] == checkout["version"]
    assert shop.management("GET", f"/carts/{checkout['id']}").status_code == 200


def test_a_management_order_takes_no_body_even_with_a_content_type(shop: Shop) -> None:
    checkout = ready_checkout(shop)

    answer = shop.call(
        "POST",
        f"/stores/demo/v3/checkouts/{checkout['id']}/orders",
        headers={"X-Auth-Token": "demo-token", "Content-Type": "application/json"},
    )

    assert answer.status_code == 200


def test_d64_stock_is_taken_at_once_by_an_offline_order_and_not_by_an_incomplete_one(shop: Shop) -> None:
    incomplete = ready_checkout(shop)
    shop.management("POST", f"/checkouts/{incomplete['id']}/orders")
    assert units_left(shop, 364) == 1000

    bought = ready_storefront_checkout(shop)
    answer = place(shop, bought["id"])

    assert answer.status_code == 201
    assert units_left(shop, 364) == 998


def test_the_last_units_are_sold_once(shop: Shop) -> None:
    lanterns = {"productId": 190, "quantity": 2}
    first = ready_storefront_checkout(shop, lanterns)
    other = shop.new_browser()
    second = ready_storefront_checkout(shop, lanterns, browser=other)

    sold = place(shop, first["id"])
    refused = place(shop, second["id"], browser=other)

    assert sold.status_code == 201
    assert refused.status_code == 400
    assert refused.json()["detail"] == "Only 0 of Last Lantern left, the order needs 2."
    assert units_left(shop, 370) == 0


def test_goods_that_were_deleted_stay_in_the_cart_and_are_not_ordered(shop: Shop) -> None:
    lanterns = {"productId": 190, "quantity": 2}
    shown = ready_storefront_checkout(shop, lanterns)
    managed = ready_checkout(shop, {"product_id": 190, "quantity": 2})

    shop.management("DELETE", "/catalog/products/190")
    refused = place(shop, shown["id"])
    refused_too = shop.management("POST", f"/checkouts/{managed['id']}/orders")

    assert (refused.status_code, refused_too.status_code) == (400, 422)
    assert refused.json()["detail"] == "Last Lantern is not sold any more; remove it from the cart."
    assert refused_too.json()["detail"] == refused.json()["detail"]
    cart = shop.storefront("GET", "/carts").json()[0]
    assert [(item["name"], item["quantity"]) for item in cart["lineItems"]["physicalItems"]] == [("Last Lantern", 2)]


def test_a_variant_that_was_removed_is_not_ordered(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    unit = shop.storage.unit("demo")
    before = shop.run(unit.catalog.product(184))
    after = replace(before, variants=tuple(variant for variant in before.variants if variant.id != 364))

    assert shop.run(unit.catalog.replace(before, after, {}))

    assert place(shop, checkout["id"]).json()["detail"].startswith("Canvas Laundry Cart is not sold any more")


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("nothing", "invalid_billing_address"),
        ("email only", "invalid_billing_address"),
        ("billing", "missing_shipping_method"),
        ("consigned", "missing_shipping_method"),
        ("incomplete address", "invalid_shipping_address"),
    ],
)
def test_what_an_order_still_needs_is_named_by_the_word_clients_look_for(shop: Shop, step: str, kind: str) -> None:
    cart = storefront_cart(shop)
    path = f"/checkouts/{cart['id']}"
    goods = [{"itemId": item["id"], "quantity": item["quantity"]} for item in cart["lineItems"]["physicalItems"]]
    if step == "email only":
        shop.storefront("POST", f"{path}/billing-address", {"email": "jane@example.com"})
    elif step != "nothing":
        shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    if step in ("consigned", "incomplete address"):
        address = camel(AUSTIN) if step == "consigned" else {"countryCode": "US"}
        shop.storefront("POST", f"{path}/consignments", [{"address": address, "lineItems": goods}])

    answer = place(shop, cart["id"])

    assert answer.status_code == 400
    assert answer.json()["type"] == kind
    assert units_left(shop, 364) == 1000


def test_d14_the_state_and_the_postal_code_are_needed_where_the_country_has_them(shop: Shop) -> None:
    def refusal(**address: str) -> Any:
        cart = a_cart(shop)
        place_to = {key: value for key, value in (AUSTIN | address).items() if value}
        checkout = select_first(shop, consign(shop, cart["id"], to(place_to, (item_ids(cart)[0], 2))))
        shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
        answer = shop.management("POST", f"/checkouts/{checkout['id']}/orders")
        return answer.status_code, answer.json().get("detail", "")

    without = {"state_or_province": "", "state_or_province_code": "", "postal_code": ""}
    status, detail = refusal(**without)
    assert status == 422
    assert detail.endswith("lacks state_or_province, postal_code.")
    assert refusal(**without, country_code="HK")[0] in (200, 422)
    assert refusal(**without, country_code="AE", city="Dubai")[0] in (200, 422)
    assert refusal(**(without | {"postal_code": "10115"}), country_code="DE", city="Berlin") == (200, "")


def test_all_that_is_missing_is_listed(shop: Shop) -> None:
    cart = a_cart(shop)

    answer = shop.management("POST", f"/checkouts/{cart['id']}/orders").json()

    assert answer["status"] == 422
    assert answer["errors"] == {
        "0": "A billing address is missing.",
        "1": f"Line items without a consignment: {item_ids(cart)[0]}.",
    }


def test_a_storefront_order_converts_the_cart_and_stays_readable_in_the_session(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)

    made = place(shop, checkout["id"]).json()["data"]["order"]

    assert made["orderId"] == 100
    assert made["status"] == "ORDER_STATUS_AWAITING_PAYMENT"
    assert made["isComplete"] is True
    assert made["payment"]["id"] == "cod"
    assert shop.storefront("GET", "/carts").json() == []
    order = shop.storefront("GET", "/orders/100?include=payments,lineItems").json()
    assert order["status"] == "AWAITING_PAYMENT"
    assert order["cartId"] == checkout["id"]
    # 2 x 13.99 and 2 x 2.50 to New York: 4 % of 27.98 is 1.12, shipping is not taxed there.
    assert (order["orderAmount"], order["orderAmountAsInteger"], order["taxTotal"]) == (34.1, 3410, 1.12)
    assert order["payments"][0]["providerId"] == "cod"
    assert order["lineItems"]["physicalItems"][0]["id"] == 1000001
    assert order["consignments"]["shipping"][0]["lineItems"] == [{"id": 1000001}]
    assert order["consignments"]["shipping"][0]["shippingMethod"] == "Per Item"
    assert shop.management("GET", f"/checkouts/{checkout['id']}").json()["data"]["grand_total"] == 34.1


def test_an_orders_parcel_has_the_shoppers_email_and_its_lines_their_categories_as_recorded(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 170, "quantity": 1})
    (line,) = cart["lineItems"]["physicalItems"]
    path, address = f"/checkouts/{cart['id']}", camel(AUSTIN)
    shop.storefront("POST", f"{path}/billing-address", address)
    body = [{"address": address | {"email": ""}, "lineItems": [{"itemId": line["id"], "quantity": 1}]}]
    (consignment,) = shop.storefront("POST", f"{path}/consignments", body).json()["consignments"]
    option = consignment["availableShippingOptions"][0]["id"]
    shop.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
    made = place(shop, cart["id"]).json()["data"]["order"]

    order = shop.storefront("GET", f"/orders/{made['orderId']}").json()

    assert order["consignments"]["shipping"][0]["email"] == "jane@example.com"
    assert order["lineItems"]["physicalItems"][0]["categories"] == [
        [{"name": "Essentials"}],
        [{"name": "Just arrived"}],
    ]


def test_a_second_click_gives_the_same_order_and_takes_the_stock_once(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)

    orders = [place(shop, checkout["id"]).json()["data"]["order"]["orderId"] for _ in range(2)]

    assert orders == [100, 100]
    assert units_left(shop, 364) == 998


def test_a_converted_cart_can_no_longer_be_changed_on_either_surface(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    place(shop, checkout["id"])

    shopper = shop.storefront("PUT", f"/checkouts/{checkout['id']}", {"customerMessage": "late"})
    merchant = shop.management("DELETE", f"/carts/{checkout['id']}")

    assert (shopper.status_code, merchant.status_code) == (422, 422)
    assert shopper.json()["detail"] == f"Checkout {checkout['id']} has become order 100 and can no longer be changed."


def test_d38_another_session_does_not_see_the_order(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    place(shop, checkout["id"])
    stranger = shop.new_browser()

    assert shop.storefront("GET", "/orders/100", browser=stranger).status_code == 404
    assert shop.storefront("GET", "/orders/0", browser=stranger).status_code == 404


def test_an_unknown_payment_is_refused_with_those_there_are(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)

    answer = place(shop, checkout["id"], payment="creditcard")

    assert answer.status_code == 400
    assert answer.json()["type"] == "payment_config_not_found"
    assert "bankdeposit, cod, instore" in answer.json()["detail"]


def test_an_order_and_its_events_are_kept_in_one_transaction(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    place(shop, checkout["id"])

    scopes = [row["scope"] for row in shop.run(shop.driver.all("event_all", store_hash="demo"))]

    assert scopes[:2] == ["store/cart/created", "store/cart/updated"]
    assert scopes[-2:] == ["store/order/created", "store/cart/converted"]


def test_a_digital_order_needs_no_consignment(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 189, "quantity": 1})
    shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", camel(AUSTIN))

    answer = place(shop, cart["id"])

    assert answer.status_code == 201
    # 18.95, taxed in Texas by the billing address: 8.25 % is 1.56.
    assert shop.storefront("GET", "/orders/100").json()["orderAmount"] == 20.51


def test_a_converted_checkout_shows_what_was_ordered_whatever_the_stock_is_by_now(shop: Shop) -> None:
    cart = storefront_cart(shop, {"productId": 190, "quantity": 2})
    path = f"/checkouts/{cart['id']}"
    goods = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    shop.storefront("POST", f"{path}/consignments", [{"pickupOption": {"pickupMethodId": 2}, "lineItems": goods}])
    before = shop.storefront("GET", path).json()
    place(shop, cart["id"])

    after = shop.storefront("GET", path).json()

    # 2 x 12.00 collected in Dallas: 8.25 % is 1.98.
    assert units_left(shop, 370) == 0
    assert (before["grandTotal"], after["grandTotal"]) == (25.98, 25.98)
    assert after["consignments"][0]["selectedPickupOption"] == {"pickupMethodId": 2}
    assert after["consignments"][0]["address"]["firstName"] == "Dallas Store"


def test_an_order_that_costs_nothing_needs_no_payment_and_any_other_one_does(shop: Shop) -> None:
    free = {"name": "Free e-book", "type": "digital", "weight": 0, "price": 0}
    product = shop.management("POST", "/catalog/products", free).json()["data"]["id"]
    cart = storefront_cart(shop, {"productId": product, "quantity": 1})
    shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", camel(AUSTIN))
    placed = shop.storefront("POST", ORDER, {"cartId": cart["id"]}, base=INTERNAL)
    dear = ready_storefront_checkout(shop)
    refused = shop.storefront("POST", ORDER, {"cartId": dear["id"]}, base=INTERNAL)

    assert placed.status_code == 201
    assert placed.json()["data"]["order"]["status"] == "ORDER_STATUS_AWAITING_FULFILLMENT"
    assert refused.status_code == 400
    assert refused.json()["detail"] == "payment is required: 34.10 USD are to be paid"
