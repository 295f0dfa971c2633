"""Consignments over the wire, on both surfaces (BEHAVIOUR 2)."""

from typing import Any

import pytest

from tests.api.flows import OPTIONS, a_cart, consign, item_ids, quantities, select_first, storefront_cart, to
from tests.client import Shop
from tests.recording import ABROAD, AUSTIN, NEW_YORK, camel


def test_c10_a_part_of_a_line_becomes_a_line_of_its_own_and_merges_back(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]

    split = consign(shop, cart["id"], to(AUSTIN, (line, 1)))

    consignment = split["consignments"][0]
    (part,) = consignment["line_item_ids"]
    assert quantities(split) == {line: 1, part: 1}
    assert list(quantities(split)) == [line, part]

    both = [{"item_id": line, "quantity": 1}, {"item_id": part, "quantity": 1}]
    merged = shop.management(
        "PUT", f"/checkouts/{cart['id']}/consignments/{consignment['id']}", {"line_items": both}
    ).json()["data"]

    assert quantities(merged) == {line: 2}
    assert merged["consignments"][0]["line_item_ids"] == [line]


def test_c11_one_request_creates_several_consignments_for_one_line_and_one_address(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 3})
    line = item_ids(cart)[0]

    checkout = consign(shop, cart["id"], to(AUSTIN, (line, 1)), to(AUSTIN, (line, 1)), to(AUSTIN, (line, 1)))

    assert len(checkout["consignments"]) == 3
    assert sorted(quantities(checkout).values()) == [1, 1, 1]
    assert checkout["consignments"][2]["line_item_ids"] == [line]
    assert checkout["version"] == 2


def test_the_deprecated_alias_of_the_address_is_understood_on_both_surfaces(shop: Shop) -> None:
    cart = a_cart(shop)
    units = [{"item_id": item_ids(cart)[0], "quantity": 2}]
    managed = consign(shop, cart["id"], {"shipping_address": AUSTIN, "line_items": units})
    browsed = storefront_cart(shop)
    goods = [{"itemId": browsed["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    shown = shop.storefront(
        "POST", f"/checkouts/{browsed['id']}/consignments", [{"shippingAddress": camel(AUSTIN), "lineItems": goods}]
    ).json()

    assert managed["consignments"][0]["address"]["city"] == "Austin"
    assert managed["consignments"][0]["shippingAddress"] == managed["consignments"][0]["address"]
    assert shown["consignments"][0]["shippingAddress"] == shown["consignments"][0]["address"]


def test_d10_the_address_wins_over_its_alias(shop: Shop) -> None:
    cart = a_cart(shop)

    checkout = consign(shop, cart["id"], {**to(AUSTIN, (item_ids(cart)[0], 2)), "shipping_address": NEW_YORK})

    assert checkout["consignments"][0]["address"]["city"] == "Austin"


def test_d12_management_needs_email_and_country_the_storefront_the_country_only(shop: Shop) -> None:
    cart = a_cart(shop)
    units = [{"item_id": item_ids(cart)[0], "quantity": 1}]
    path = f"/checkouts/{cart['id']}/consignments"
    without_email = shop.management("POST", path, [{"address": {"country_code": "US"}, "line_items": units}])
    without_country = shop.management("POST", path, [{"address": {"email": "a@example.com"}, "line_items": units}])
    least = shop.management(
        "POST", path, [{"address": {"email": "a@example.com", "country_code": "US"}, "line_items": units}]
    )
    browsed = storefront_cart(shop)
    goods = [{"itemId": browsed["lineItems"]["physicalItems"][0]["id"], "quantity": 1}]
    shopper = shop.storefront(
        "POST", f"/checkouts/{browsed['id']}/consignments", [{"address": {"countryCode": "US"}, "lineItems": goods}]
    )

    assert without_email.json()["errors"] == {"0.address.email": "is required"}
    assert without_country.json()["errors"] == {"0.address.country_code": "is required"}
    assert (least.status_code, shopper.status_code) == (200, 200)


@pytest.mark.parametrize("phone", ["555-555-5555", "+5185158x1{1-5}", "688546", "0168508172", ""])
def test_d13_the_phone_numbers_of_the_official_samples_pass(shop: Shop, phone: str) -> None:
    cart = a_cart(shop)

    checkout = consign(shop, cart["id"], to(AUSTIN | {"phone": phone}, (item_ids(cart)[0], 1)))

    assert checkout["consignments"][0]["address"]["phone"] == phone


def test_the_sample_request_of_the_guide_passes_as_it_stands(shop: Shop) -> None:
    cart = a_cart(shop)
    line = [{"item_id": item_ids(cart)[0], "quantity": 1}]
    jane = {
        "email": "jane2@example.com",
        "country_code": "US",
        "first_name": "BigCommerce",
        "last_name": "Cart/Checkout",
        "address1": "123 Main Street",
        "city": "Austin",
        "state_or_province": "Texas",
        "state_or_province_code": "TX",
        "postal_code": "78751",
        "phone": "688546",
        "custom_fields": [{"field_id": "field_25", "field_value": "Great!"}],
    }
    test = jane | {
        "email": "testing@example.com",
        "address1": "111 Main Street",
        "address2": "#1324",
        "phone": "+5185158x1{1-5}",
    }

    answer = shop.management(
        "POST",
        f"/checkouts/{cart['id']}/consignments?include=consignment.available_shipping_options",
        [{"shipping_address": jane, "line_items": line}, {"shipping_address": test, "line_items": line}],
    )

    assert answer.status_code == 200
    consignments = answer.json()["data"]["consignments"]
    assert [len(consignment["available_shipping_options"]) for consignment in consignments] == [4, 4]
    assert consignments[0]["address"]["custom_fields"] == [{"field_id": "field_25", "field_value": "Great!"}]


def test_addresses_are_echoed_as_sent_with_the_country_and_the_states_name_added(shop: Shop) -> None:
    browsed = storefront_cart(shop)
    goods = [{"itemId": browsed["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    sent = {
        "firstName": " test firstName ",
        "lastName": "",
        "email": "",
        "company": "",
        "address1": "123 test 1",
        "address2": "",
        "city": "new york",
        "stateOrProvince": "",
        "stateOrProvinceCode": "NY",
        "countryCode": "US",
        "postalCode": "12333",
        "phone": "",
        "customFields": [],
        "shouldSaveAddress": True,
        "id": 7,
        "type": "residential",
        "country": "Elsewhere",
    }

    answer = shop.storefront(
        "POST", f"/checkouts/{browsed['id']}/consignments", [{"address": sent, "lineItems": goods}]
    )

    shown = answer.json()["consignments"][0]["shippingAddress"]
    unknown = {"id", "type"}
    assert shown == {key: value for key, value in sent.items() if key not in unknown} | {
        "country": "United States",
        "stateOrProvince": "New York",
    }


def test_c6_the_same_lines_at_another_address_keep_an_option_that_is_still_offered(shop: Shop) -> None:
    cart = a_cart(shop)
    checkout = select_first(shop, consign(shop, cart["id"], to(AUSTIN, (item_ids(cart)[0], 2))))
    consignment = checkout["consignments"][0]
    path = f"/checkouts/{cart['id']}/consignments/{consignment['id']}"
    chosen = consignment["selected_shipping_option"]["id"]

    dallas = shop.management("PUT", path, {"address": AUSTIN | {"city": "Dallas", "postal_code": "75202"}}).json()[
        "data"
    ]
    abroad = shop.management("PUT", path, {"address": ABROAD}).json()["data"]

    assert dallas["consignments"][0]["selected_shipping_option"]["id"] == chosen
    assert "selected_shipping_option" not in abroad["consignments"][0]
    assert abroad["consignments"][0]["shipping_cost_ex_tax"] == 0


def test_a_change_of_one_consignment_never_touches_the_choice_of_another(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 4}, {"product_id": 158, "quantity": 1})
    spoons, towel = item_ids(cart)
    checkout = select_first(shop, consign(shop, cart["id"], to(AUSTIN, (spoons, 2)), to(NEW_YORK, (towel, 1))))
    other = checkout["consignments"][1]
    path = f"/checkouts/{cart['id']}/consignments"

    shop.management("POST", path, [to(ABROAD, (spoons, 1))])
    shop.management("PUT", f"{path}/{checkout['consignments'][0]['id']}", {"address": NEW_YORK})
    shop.management("DELETE", f"{path}/{checkout['consignments'][0]['id']}")

    now = shop.management("GET", f"/checkouts/{cart['id']}{OPTIONS}").json()["data"]["consignments"][0]
    assert now == other


def test_c13_removing_the_last_consignment_detaches_the_customer_on_management_only(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 2}, customer_id=11)
    checkout = consign(shop, cart["id"], to(AUSTIN, (item_ids(cart)[0], 1)), to(NEW_YORK, (item_ids(cart)[0], 1)))
    first, last = (
        f"/checkouts/{cart['id']}/consignments/{consignment['id']}" for consignment in checkout["consignments"]
    )

    still = shop.management("DELETE", first).json()["data"]
    detached = shop.management("DELETE", last).json()["data"]

    assert still["cart"]["customer_id"] == 11
    assert detached["cart"]["customer_id"] == 0
    assert detached["consignments"] == []
    assert sum(quantities(detached).values()) == 2
    assert detached["shipping_cost_total_inc_tax"] == 0


def test_d18_custom_shipping_selects_an_option_of_its_own(shop: Shop) -> None:
    cart = a_cart(shop)
    consignment = consign(shop, cart["id"], to(NEW_YORK, (item_ids(cart)[0], 2)))["consignments"][0]
    path = f"/checkouts/{cart['id']}/consignments/{consignment['id']}"

    checkout = shop.management("PUT", path, {"custom_shipping": {"price": 3.5, "description": "By bike"}}).json()[
        "data"
    ]
    negative = shop.management("PUT", path, {"custom_shipping": {"price": -1, "description": "By bike"}})
    elsewhere = shop.management("PUT", path, {"address": ABROAD}).json()["data"]

    option = checkout["consignments"][0]["selected_shipping_option"]
    assert (option["type"], option["description"], option["cost"]) == ("shipping_custom", "By bike", 3.5)
    assert checkout["shipping_cost_total_ex_tax"] == 3.5
    assert negative.json()["errors"] == {"custom_shipping.price": "must be 0 or more"}
    assert "selected_shipping_option" not in elsewhere["consignments"][0]


def test_c4_shipping_and_pick_up_exclude_each_other(shop: Shop) -> None:
    browsed = storefront_cart(shop)
    goods = [{"itemId": browsed["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    created = shop.storefront(
        "POST", f"/checkouts/{browsed['id']}/consignments", [{"address": camel(NEW_YORK), "lineItems": goods}]
    )
    consignment = created.json()["consignments"][0]
    path = f"/checkouts/{browsed['id']}/consignments/{consignment['id']}"
    option = consignment["availableShippingOptions"][0]["id"]

    def put(body: dict[str, Any]) -> Any:
        return shop.storefront("PUT", path, body)

    shipped = put({"shippingOptionId": option}).json()["consignments"][0]
    collected = put({"pickupOption": {"pickupMethodId": 2}}).json()["consignments"][0]
    by_alias = put({"pickupOptionId": 1}).json()["consignments"][0]
    both = put({"pickupOption": {"pickupMethodId": 2}, "shippingOptionId": option})
    again = put({"shippingOptionId": option}).json()["consignments"][0]

    assert (shipped["selectedShippingOption"]["id"], shipped["selectedPickupOption"]) == (option, None)
    assert (collected["selectedShippingOption"], collected["selectedPickupOption"]) == (None, {"pickupMethodId": 2})
    assert collected["shippingAddress"]["firstName"] == "Dallas Store"
    assert by_alias["selectedPickupOption"] == {"pickupMethodId": 1}
    assert both.status_code == 422
    assert (again["selectedShippingOption"]["id"], again["selectedPickupOption"]) == (option, None)
    assert again["shippingAddress"]["city"] == "New York"


def test_d19_a_storefront_post_may_name_the_option_it_wants(shop: Shop) -> None:
    browsed = storefront_cart(shop)
    line = browsed["lineItems"]["physicalItems"][0]["id"]
    path = f"/checkouts/{browsed['id']}/consignments"
    new = {"address": camel(NEW_YORK), "lineItems": [{"itemId": line, "quantity": 1}]}
    option = shop.storefront("POST", path, [new]).json()["consignments"][0]["availableShippingOptions"][0]["id"]

    chosen = shop.storefront("POST", path, [new | {"shippingOptionId": option}]).json()["consignments"][1]
    refused = shop.storefront("POST", path, [new | {"shippingOptionId": "none"}])

    assert chosen["selectedShippingOption"]["id"] == option
    assert refused.status_code == 422


def test_d56_the_storefront_adds_up_and_clamps_units_of_a_put_management_refuses_them(shop: Shop) -> None:
    browsed = storefront_cart(shop)
    line = browsed["lineItems"]["physicalItems"][0]["id"]
    goods = [{"itemId": line, "quantity": 2}]
    created = shop.storefront(
        "POST", f"/checkouts/{browsed['id']}/consignments", [{"address": camel(AUSTIN), "lineItems": goods}]
    )
    path = f"/checkouts/{browsed['id']}/consignments/{created.json()['consignments'][0]['id']}"

    twice = shop.storefront("PUT", path, {"lineItems": [*goods, *goods]})
    refused = shop.management("PUT", path, {"line_items": [{"item_id": line, "quantity": 4}]})

    assert twice.status_code == 200
    assert [item["quantity"] for item in twice.json()["cart"]["lineItems"]["physicalItems"]] == [2]
    assert refused.status_code == 422


def test_option_ids_are_the_same_in_every_cart_and_answer(shop: Shop) -> None:
    ids = []
    for _ in range(2):
        cart = a_cart(shop)
        checkout = consign(shop, cart["id"], to(NEW_YORK, (item_ids(cart)[0], 1)))
        ids.append([option["id"] for option in checkout["consignments"][0]["available_shipping_options"]])
        again = shop.management("GET", f"/checkouts/{cart['id']}{OPTIONS}").json()["data"]
        ids.append([option["id"] for option in again["consignments"][0]["available_shipping_options"]])

    assert ids[0] == ids[1] == ids[2] == ids[3]
    assert all(len(option) == 32 for option in ids[0])


def test_options_of_the_demo_shop_cost_what_its_table_says(shop: Shop) -> None:
    # Two laundry carts: 10 lb, 27.98 after the promotion. Zone United States: flat 8.00, 5-20 lb 12.00, below 50 10.00, 2 x 2.50.
    cart = a_cart(shop)

    checkout = consign(shop, cart["id"], to(NEW_YORK, (item_ids(cart)[0], 2)))

    options = checkout["consignments"][0]["available_shipping_options"]
    assert [(option["type"], option["description"], option["cost"]) for option in options] == [
        ("shipping_peritem", "Per Item", 5),
        ("shipping_flatrate", "Flat Rate", 8),
        ("shipping_bytotal", "Ship by Total", 10),
        ("shipping_byweight", "Ship by Weight", 12),
    ]
    assert options[3]["additional_description"] == "Fragile items"


def test_c14_and_c15_limits_are_clear_errors(shop: Shop) -> None:
    many = [{"name": f"Thing {number}", "quantity": 1, "list_price": 1} for number in range(51)]
    cart = shop.management("POST", "/carts", {"custom_items": many}).json()["data"]
    things = [(item["id"], 1) for item in cart["line_items"]["custom_items"]]
    path = f"/checkouts/{cart['id']}/consignments"

    too_many_lines = shop.management("POST", path, [to(AUSTIN, *things)])
    fitting = shop.management("POST", path, [to(AUSTIN, *things[:50])])
    units = a_cart(shop, {"product_id": 170, "quantity": 300})
    line = item_ids(units)[0]
    too_many = shop.management(
        "POST", f"/checkouts/{units['id']}/consignments", [to(AUSTIN, (line, 1)) for _ in range(251)]
    )

    assert too_many_lines.status_code == 422
    assert too_many_lines.json()["detail"] == "A consignment may hold at most 50 line items."
    assert fitting.status_code == 200
    assert too_many.json()["detail"] == "A checkout may have at most 250 consignments."
