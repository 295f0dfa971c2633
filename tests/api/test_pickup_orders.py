"""Goods that are collected, from the search for a place to the order: a shop with two places, where not everything is at both."""

from typing import Any

import httpx

from tests.api.flows import a_cart, consign, item_ids, select_first, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN, NEW_YORK, camel

DALLAS, LANTERN, LAUNDRY = 2, 370, 364
V2 = "/stores/demo/v2"
PICKUPS = "consignments.availablePickupOptions"
AROUND_TEXAS = {"coordinates": {"latitude": 31.5, "longitude": -97.2}, "radius": {"value": 300, "unit": "KM"}}


def stock(shop: Shop, variant_id: int, units: dict[int, int]) -> None:
    """Location id -> units; 0 is what the shop sends from."""
    shop.run(shop.storage.unit("demo").catalog.put_stock(variant_id, units))


def stock_of(shop: Shop, variant_id: int) -> Any:
    return shop.run(shop.storage.unit("demo").catalog.stock_of([variant_id]))[variant_id]


def lanterns_for(shop: Shop, units: int, browser: httpx.AsyncClient | None = None) -> dict[str, Any]:
    """A cart in a session, to be collected in Dallas."""
    cart = storefront_cart(shop, {"productId": 190, "quantity": units}, browser=browser)
    items = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": units}]
    path = f"/checkouts/{cart['id']}"
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN), browser=browser)
    chosen = {"pickupOption": {"pickupMethodId": 2}, "lineItems": items}
    answer = shop.storefront("POST", f"{path}/consignments?include={PICKUPS}", [chosen], browser=browser)
    assert answer.status_code == 200, answer.text
    checkout: dict[str, Any] = answer.json()
    return checkout


def order(shop: Shop, checkout_id: str, browser: httpx.AsyncClient | None = None) -> httpx.Response:
    body = {"cartId": checkout_id, "payment": {"name": "cod"}}
    return shop.storefront("POST", "/checkout/order", body, base="/internalapi/v1", browser=browser)


def test_of_two_places_only_the_one_with_the_goods_is_offered_whoever_asks(shop: Shop) -> None:
    stock(shop, LANTERN, {0: 50, 1: 0, DALLAS: 3})

    checkout = lanterns_for(shop, 2)
    searched = {"search_area": AROUND_TEXAS, "items": [{"variant_id": LANTERN, "quantity": 2}]}
    asked = {"searchArea": AROUND_TEXAS, "items": [{"variantId": LANTERN, "quantity": 2}]}
    managed = shop.management("POST", "/pickup/options", searched).json()["results"][0]["pickup_options"]
    shopper = shop.storefront("POST", "/pickup-options", asked).json()["results"][0]["pickupOptions"]

    offered = checkout["consignments"][0]["availablePickupOptions"]
    assert [each["pickupMethod"]["id"] for each in offered] == [2]
    assert [each["pickup_method"]["id"] for each in managed] == [2]
    assert [each["pickupMethod"]["id"] for each in shopper] == [2]


def test_goods_sold_meanwhile_are_named_and_the_order_is_refused_on_both_surfaces(shop: Shop) -> None:
    stock(shop, LANTERN, {0: 50, 1: 0, DALLAS: 3})
    other = shop.new_browser()
    first, second = lanterns_for(shop, 2), lanterns_for(shop, 2, other)

    assert order(shop, second["id"], other).status_code == 201
    refused = order(shop, first["id"])
    refused_too = shop.management("POST", f"/checkouts/{first['id']}/orders")

    said = "Only 1 of Last Lantern left at Dallas Store, the order needs 2."
    assert (refused.status_code, refused.json()["detail"]) == (400, said)
    assert (refused_too.status_code, refused_too.json()["detail"]) == (422, said)
    assert stock_of(shop, LANTERN) == {0: 50, 1: 0, DALLAS: 1}
    again = shop.storefront("GET", f"/checkouts/{first['id']}").json()
    assert again["version"] == first["version"]


def test_a_read_says_that_the_chosen_place_has_the_goods_no_more(shop: Shop) -> None:
    stock(shop, LANTERN, {0: 50, DALLAS: 3})
    checkout = lanterns_for(shop, 2)

    stock(shop, LANTERN, {0: 50, DALLAS: 1})
    shown = shop.storefront("GET", f"/checkouts/{checkout['id']}")
    noted = shop.management("GET", f"/checkouts/{checkout['id']}").json()

    consignment = checkout["consignments"][0]["id"]
    assert shown.json()["consignments"][0]["selectedPickupOption"] is None
    assert shown.headers["X-Pickup-Options-Cleared"] == consignment
    assert [(note["code"], note["consignment_id"]) for note in noted["meta"]["notes"]] == [
        ("pickup_option_cleared", consignment)
    ]


def a_mixed_order(shop: Shop) -> tuple[str, int]:
    """Two lanterns collected in Dallas, a laundry cart sent to New York; the cart and the number of its order."""
    stock(shop, LANTERN, {0: 50, DALLAS: 3})
    cart = a_cart(shop, {"product_id": 190, "quantity": 2}, {"product_id": 184, "variant_id": LAUNDRY, "quantity": 1})
    lanterns, laundry = item_ids(cart)
    collected = {"pickup_option": {"pickup_method_id": 2}, "line_items": [{"item_id": lanterns, "quantity": 2}]}
    select_first(shop, consign(shop, cart["id"], collected, to(NEW_YORK, (laundry, 1))))
    shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    number: int = shop.management("POST", f"/checkouts/{cart['id']}/orders").json()["data"]["id"]
    return cart["id"], number


def test_a_mixed_checkout_is_ordered_and_read_back_everywhere(shop: Shop) -> None:
    cart_id, number = a_mixed_order(shop)
    token = shop.management("POST", f"/checkouts/{cart_id}/token", {"maxUses": 5, "ttl": 600}).json()["data"]
    shop.management("PUT", f"/orders/{number}", {"status_id": 11}, base=V2)

    checkout = shop.management("GET", f"/checkouts/{cart_id}").json()["data"]
    consignments = shop.management("GET", f"/orders/{number}/consignments", base=V2).json()
    products = shop.management("GET", f"/orders/{number}/products", base=V2).json()
    ready = {
        "pickup_method_id": 2,
        "order_id": number,
        "ready_at": "2026-03-01T10:00:00Z",
        "pickup_items": [{"order_product_id": products[0]["id"], "quantity": 2}],
    }
    (prepared,) = shop.management("POST", "/orders/pickups", [ready]).json()["data"]
    shown = shop.call("GET", f"/api/storefront/orders/{number}?t={token['checkoutToken']}&include=consignments").json()

    assert [each.get("selected_pickup_option") for each in checkout["consignments"]] == [{"pickup_method_id": 2}, None]
    (pickup,), (sent,) = consignments["pickups"], consignments["shipping"]
    assert (pickup["pickup_method_display_name"], pickup["location"]["name"]) == ("Pick up in Dallas", "Dallas Store")
    assert (sent["city"], sent["items_total"], sent["base_cost"]) == ("New York", 1, "2.5000")  # per item
    assert [(each["order_pickup_method_id"], each["order_address_id"]) for each in products] == [
        (2, None),
        (None, sent["id"]),
    ]
    assert prepared["pickup_items"][0]["status"] == "AWAITING_COLLECTION"
    (collected,), (shipped,) = shown["consignments"]["pickup"], shown["consignments"]["shipping"]
    assert collected == {
        "id": pickup["id"],
        "lineItems": [{"id": products[0]["id"]}],
        "pickupMethodId": 2,
        "pickupMethodDisplayName": "Pick up in Dallas",
        "collectionInstructions": "Bring your order confirmation.",
        "collectionTimeDescription": "10am - 7pm",
        "location": {
            "id": 2,
            "name": "Dallas Store",
            "address1": "500 Elm Street",
            "address2": "",
            "city": "Dallas",
            "stateOrProvince": "Texas",
            "postalCode": "75202",
            "country": "United States",
            "countryCode": "US",
            "email": "dallas@example.com",
            "phone": "2145550100",
        },
    }
    assert (shipped["shippingAddressId"], shipped["baseCost"]) == (sent["id"], 2.5)
    assert stock_of(shop, LANTERN) == {0: 50, DALLAS: 1}
    assert stock_of(shop, LAUNDRY) == {0: 999}


def test_an_order_is_collected_where_that_was_chosen_whatever_becomes_of_the_method(shop: Shop) -> None:
    _, number = a_mixed_order(shop)

    shop.management("DELETE", "/pickup/methods?id:in=2")

    answer = shop.management("GET", f"/orders/{number}/consignments", base=V2).json()
    assert answer["pickups"][0]["pickup_method_display_name"] == "Pick up in Dallas"
    assert answer["pickups"][0]["collection_instructions"] == "Bring your order confirmation."
    assert shop.management("PUT", f"/orders/{number}", {"status_id": 11}, base=V2).status_code == 200
    assert stock_of(shop, LANTERN) == {0: 50, DALLAS: 1}
