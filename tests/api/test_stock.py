"""Stock as clients see it: what a cart may hold, what is there of each line, and what an order is told that comes too late."""

from typing import Any

from tests.api.flows import a_cart, item_ids, ready_storefront_checkout, storefront_cart
from tests.client import Shop

LANTERN, JOURNAL = 370, 360
POSITIONS = "cart.lineItems.physicalItems.stockPosition,cart.lineItems.digitalItems.stockPosition"


def put_stock(shop: Shop, variant_id: int, units: int) -> None:
    shop.run(shop.storage.unit("demo").catalog.put_stock(variant_id, {0: units}))


def order(shop: Shop, checkout_id: str) -> Any:
    body = {"cartId": checkout_id, "payment": {"name": "cod"}}
    return shop.storefront("POST", "/checkout/order", body, base="/internalapi/v1")


def test_a_cart_takes_no_more_units_than_there_are(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 190, "quantity": 1})
    items = f"/carts/{cart['id']}/items"

    too_many = shop.management("POST", items, {"line_items": [{"product_id": 190, "quantity": 2}]})
    too_many_at_once = shop.management("PUT", f"{items}/{item_ids(cart)[0]}", {"line_item": {"quantity": 3}})
    all_of_them = shop.management("PUT", f"{items}/{item_ids(cart)[0]}", {"line_item": {"quantity": 2}})

    assert (too_many.status_code, too_many_at_once.status_code, all_of_them.status_code) == (409, 409, 200)
    said = "Only 2 of Last Lantern left, the cart would hold 3."
    assert too_many.json()["detail"] == too_many_at_once.json()["detail"] == said


def test_shoppers_are_told_what_is_out_of_stock(shop: Shop) -> None:
    cart = storefront_cart(shop)
    put_stock(shop, LANTERN, 0)

    body = {"lineItems": [{"productId": 190, "quantity": 1}]}
    refused = shop.storefront("POST", f"/carts/{cart['id']}/items", body)

    assert (refused.status_code, refused.json()["detail"]) == (409, "Last Lantern is out of stock.")
    assert shop.storefront("GET", "/carts").json()[0]["version"] == cart["version"]


def test_an_order_that_comes_too_late_names_the_lines_and_a_read_says_what_is_left_of_them(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop, {"productId": 190, "quantity": 2}, {"productId": 170, "quantity": 1})
    lanterns, spoons = checkout["cart"]["lineItems"]["physicalItems"]

    put_stock(shop, LANTERN, 1)
    refused = order(shop, checkout["id"])
    shown = shop.storefront("GET", f"/checkouts/{checkout['id']}?include={POSITIONS}").json()

    assert refused.status_code == 400
    assert refused.json()["type"] == "cart_stock_positions_changed"
    assert refused.json()["errors"] == {"changedItemIds": [lanterns["id"]]}
    assert refused.json()["detail"] == "Only 1 of Last Lantern left, the order needs 2."
    lines = shown["cart"]["lineItems"]["physicalItems"]
    assert {line["id"]: line["stockPosition"] for line in lines} == {
        lanterns["id"]: {
            "quantityOnHand": 1,
            "quantityOutOfStock": 1,
            "quantityBackordered": 0,
            "backorderMessage": None,
        },
        spoons["id"]: {
            "quantityOnHand": 1,
            "quantityOutOfStock": 0,
            "quantityBackordered": 0,
            "backorderMessage": None,
        },
    }


def test_fewer_units_make_the_order_pass(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop, {"productId": 190, "quantity": 2})
    (lanterns,) = checkout["cart"]["lineItems"]["physicalItems"]
    put_stock(shop, LANTERN, 1)
    assert order(shop, checkout["id"]).status_code == 400

    path = f"/checkouts/{checkout['id']}/carts/{checkout['id']}/items/{lanterns['id']}"
    changed = shop.storefront("PUT", f"{path}?include={POSITIONS}", {"lineItem": {"quantity": 1}})

    line = changed.json()["cart"]["lineItems"]["physicalItems"][0]
    assert (line["quantity"], line["stockPosition"]["quantityOnHand"]) == (1, 1)
    assert order(shop, checkout["id"]).status_code == 201
    ordered = shop.storefront("GET", f"/checkouts/{checkout['id']}?include={POSITIONS}").json()
    assert ordered["cart"]["lineItems"]["physicalItems"][0]["stockPosition"]["quantityOnHand"] == 1


def test_positions_are_shown_only_where_they_are_asked_for(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop, {"productId": 189, "quantity": 1}, {"productId": 170, "quantity": 1})
    path = f"/checkouts/{checkout['id']}"

    digital = shop.storefront("GET", f"{path}?include=cart.lineItems.digitalItems.stockPosition").json()
    without = shop.storefront("GET", path).json()

    assert "stockPosition" in digital["cart"]["lineItems"]["digitalItems"][0]
    assert "stockPosition" not in digital["cart"]["lineItems"]["physicalItems"][0]
    assert "stockPosition" not in without["cart"]["lineItems"]["digitalItems"][0]


def test_digital_goods_that_ran_out_are_named_in_a_sentence(shop: Shop) -> None:
    """The list of lines is of physical ones: pages show nothing for others."""
    checkout = ready_storefront_checkout(shop, {"productId": 189, "quantity": 1}, {"productId": 170, "quantity": 1})
    put_stock(shop, JOURNAL, 0)

    refused = order(shop, checkout["id"]).json()

    assert (refused["type"], "errors" in refused) == ("stock_too_low", False)
    assert refused["detail"] == "Only 0 of Gather Journal Issue 7 - Digital left, the order needs 1."


def test_what_is_left_when_a_line_is_removed_shows_its_own_stock(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop, {"productId": 190, "quantity": 2}, {"productId": 170, "quantity": 1})
    spoons = checkout["cart"]["lineItems"]["physicalItems"][1]
    shop.run(shop.storage.unit("demo").catalog.put_stock(LANTERN, {0: 1, 1: 0, 2: 5}))

    path = f"/checkouts/{checkout['id']}/carts/{checkout['id']}/items/{spoons['id']}"
    shown = shop.storefront("DELETE", f"{path}?include={POSITIONS},consignments.availablePickupOptions").json()

    (lanterns,) = shown["cart"]["lineItems"]["physicalItems"]
    assert lanterns["stockPosition"]["quantityOutOfStock"] == 1
    (consignment,) = shown["consignments"]
    assert [each["pickupMethod"]["id"] for each in consignment["availablePickupOptions"]] == [2]
