"""How much one checkout may hold, over HTTP (D16, D17), and a very large one from the first line to the order."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.facts import Limits
from checkstand.service import shop as shops
from tests.api.flows import a_cart, item_ids, storefront_cart, to
from tests.builders import a_product, stored
from tests.client import Shop
from tests.recording import ABROAD, AUSTIN, CUSTOM, camel


def limited(shop: Shop, **limits: int) -> None:
    """The demo shop with other limits, as its shop file could have them."""
    shop.run(shops.edit(shop.storage.unit("demo"), lambda store: replace(store, limits=Limits(**limits))))


def crates(shop: Shop, number: int, **fields: Any) -> dict[str, Any]:
    """A cart with so many lines."""
    items = [CUSTOM | {"name": f"Crate {each}", "sku": f"C-{each}"} for each in range(number)]
    answer = shop.management("POST", "/carts", {"custom_items": items, **fields})
    assert answer.status_code == 201, answer.text
    cart: dict[str, Any] = answer.json()["data"]
    return cart


def units(cart: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item["id"], 1) for item in cart["line_items"]["custom_items"]]


@pytest.mark.parametrize(("fields", "most"), [({}, 50), ({"customer_id": 11}, 600)])
def test_d16_a_consignment_of_a_guest_holds_50_lines_one_of_a_customer_600(
    shop: Shop, fields: dict[str, Any], most: int
) -> None:
    full, larger = crates(shop, most, **fields), crates(shop, most + 1, **fields)

    allowed = shop.management("POST", f"/checkouts/{full['id']}/consignments", [to(AUSTIN, *units(full))])
    refused = shop.management("POST", f"/checkouts/{larger['id']}/consignments", [to(AUSTIN, *units(larger))])

    assert allowed.status_code == 200
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        f"A consignment may hold at most {most} line items.",
    )
    assert shop.management("GET", f"/checkouts/{larger['id']}").json()["data"]["consignments"] == []


def test_d17_a_checkout_has_so_many_consignments_and_no_more(shop: Shop) -> None:
    limited(shop, consignments=2)
    cart = a_cart(shop, {"product_id": 170, "quantity": 3})
    (spoons,) = item_ids(cart)
    path = f"/checkouts/{cart['id']}/consignments"

    two = shop.management("POST", path, [to(AUSTIN, (spoons, 1)), to(ABROAD, (spoons, 1))])
    rest = two.json()["data"]["cart"]["line_items"]["physical_items"]
    held = {line for each in two.json()["data"]["consignments"] for line in each["line_item_ids"]}
    (left,) = [line["id"] for line in rest if line["id"] not in held]
    third = shop.management("POST", path, [to(AUSTIN, (left, 1))])

    assert two.status_code == 200
    assert (third.status_code, third.json()["detail"]) == (422, "A checkout may have at most 2 consignments.")


def test_the_limits_are_the_stores_on_the_storefront_too(shop: Shop) -> None:
    limited(shop, line_items_per_consignment_guest=1)
    cart = storefront_cart(shop, {"productId": 170, "quantity": 1}, {"productId": 158, "quantity": 1})
    goods = [{"itemId": item["id"], "quantity": 1} for item in cart["lineItems"]["physicalItems"]]

    refused = shop.storefront(
        "POST", f"/checkouts/{cart['id']}/consignments", [{"address": camel(AUSTIN), "lineItems": goods}]
    )

    assert (refused.status_code, refused.json()["detail"]) == (422, "A consignment may hold at most 1 line items.")


def test_600_lines_in_100_consignments_become_an_order(shop: Shop) -> None:
    """To Australia, where nothing is taxed and a parcel costs 30.00: 600 x 1.00 and 100 x 30.00 are 3600.00."""
    unit = shop.storage.unit("demo")
    products = [a_product(number, "1.00", name=f"Part {number}") for number in range(1001, 1601)]
    store = shop.run(unit.store())
    shop.run(unit.shop.put(stored(store, products=products), shop.app.now()))
    cart = storefront_cart(shop, *({"productId": product.id, "quantity": 1} for product in products))
    path = f"/checkouts/{cart['id']}"
    items = [{"itemId": item["id"], "quantity": 1} for item in cart["lineItems"]["physicalItems"]]

    parcels = [
        {
            "address": camel(ABROAD | {"address1": f"{number} George Street"}),
            "lineItems": items[6 * number : 6 * number + 6],
        }
        for number in range(100)
    ]
    created = shop.storefront("POST", f"{path}/consignments", parcels[:10]).json()
    option = created["consignments"][0]["availableShippingOptions"][0]["id"]
    for consignment in created["consignments"]:
        chosen = shop.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
        assert chosen.status_code == 200
    others = [parcel | {"shippingOptionId": option} for parcel in parcels[10:]]
    created = shop.storefront("POST", f"{path}/consignments", others).json()
    billed = shop.storefront("POST", f"{path}/billing-address", camel(ABROAD)).json()
    body = {"cartId": cart["id"], "payment": {"name": "bankdeposit"}}
    placed = shop.storefront("POST", "/checkout/order", body, base="/internalapi/v1")

    assert (len(items), len(created["consignments"])) == (600, 100)
    assert {len(each["lineItemIds"]) for each in billed["consignments"]} == {6}
    assert (billed["subtotal"], billed["shippingCostTotal"], billed["grandTotal"]) == (600, 3000, 3600)
    assert placed.status_code == 201
    order = shop.storefront(
        "GET", f"/orders/{placed.json()['data']['order']['orderId']}?include=lineItems,consignments"
    )
    assert order.json()["orderAmount"] == 3600
    assert len(order.json()["lineItems"]["physicalItems"]) == 600
    assert len(order.json()["consignments"]["shipping"]) == 100
