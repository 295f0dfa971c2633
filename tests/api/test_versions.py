"""`version` on every write (BEHAVIOUR 1.1, D3, D4; 12 invariants 4, 6, 7)."""

from typing import Any

from tests.api.flows import OPTIONS, a_cart, consign, item_ids, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN, NEW_YORK, camel


def test_every_successful_write_adds_one_and_a_read_adds_nothing(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]
    path = f"/checkouts/{cart['id']}"
    versions = [cart["version"]]

    def write(method: str, rest: str, body: Any) -> Any:
        answer = shop.management(method, rest, body).json()["data"]
        versions.append(answer["version"])
        return answer

    checkout = write("POST", f"{path}/consignments{OPTIONS}", [to(AUSTIN, (line, 1)), to(NEW_YORK, (line, 1))])
    first = checkout["consignments"][0]
    consignment = f"{path}/consignments/{first['id']}"
    write("PUT", consignment, {"shipping_option_id": first["available_shipping_options"][0]["id"]})
    write("PUT", consignment, {"address": AUSTIN})
    billing = write("POST", f"{path}/billing-address", AUSTIN)["billing_address"]["id"]
    write("PUT", f"{path}/billing-address/{billing}", NEW_YORK)
    write("PUT", path, {"customer_message": "hello"})
    write("POST", f"/carts/{cart['id']}/items", {"line_items": [{"product_id": 170, "quantity": 1}]})
    write("PUT", f"/carts/{cart['id']}", {"customer_id": 12})
    write("DELETE", consignment, None)
    shop.management("GET", path)
    shop.management("GET", f"/carts/{cart['id']}")

    assert versions == list(range(1, 11))
    last = shop.management("GET", path).json()["data"]
    assert (last["version"], last["cart"]["version"]) == (10, 10)


def test_a_stale_version_refuses_every_kind_of_write_and_changes_nothing(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]
    checkout = consign(shop, cart["id"], to(AUSTIN, (line, 2)))
    path, carts = f"/checkouts/{cart['id']}", f"/carts/{cart['id']}"
    consignment = f"{path}/consignments/{checkout['consignments'][0]['id']}"
    before = shop.management("GET", path).json()

    def status(method: str, rest: str, body: Any) -> int:
        return int(shop.management(method, rest, body).status_code)

    assert [
        status("POST", f"{path}/consignments", [to(AUSTIN, (line, 1)) | {"version": 1}]),
        status("PUT", consignment, {"address": NEW_YORK, "version": 1}),
        status("DELETE", consignment, {"version": 1}),
        status("PUT", path, {"customer_message": "x", "version": 1}),
        status("POST", f"{path}/billing-address", AUSTIN | {"version": 1}),
        status("POST", f"{carts}/items", {"line_items": [{"product_id": 170, "quantity": 1}], "version": 1}),
        status("PUT", f"{carts}/items/{line}", {"line_item": {"quantity": 1}, "version": 1}),
        status("DELETE", f"{carts}/items/{line}", {"version": 1}),
        status("PUT", carts, {"customer_id": 11, "version": 1}),
        status("DELETE", carts, {"version": 1}),
    ] == [409] * 10
    assert shop.management("GET", path).json() == before


def test_d3_the_elements_of_one_array_must_agree_with_the_present_version(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]
    path = f"/checkouts/{cart['id']}/consignments"

    disagreeing = shop.management(
        "POST", path, [to(AUSTIN, (line, 1)) | {"version": 1}, to(NEW_YORK, (line, 1)) | {"version": 2}]
    )
    agreeing = shop.management("POST", path, [to(AUSTIN, (line, 1)) | {"version": 1}, to(NEW_YORK, (line, 1))])

    assert (disagreeing.status_code, agreeing.status_code) == (409, 200)
    assert agreeing.json()["data"]["version"] == 2


def test_the_storefront_honours_versions_too(shop: Shop) -> None:
    cart = storefront_cart(shop)
    line = cart["lineItems"]["physicalItems"][0]["id"]
    path = f"/checkouts/{cart['id']}"
    new = {"address": camel(AUSTIN), "lineItems": [{"itemId": line, "quantity": 1}]}

    stale = shop.storefront("POST", f"{path}/consignments", [new | {"version": 9}])
    current = shop.storefront("POST", f"{path}/consignments", [new | {"version": 1}])
    deleted = shop.storefront(
        "DELETE", f"{path}/consignments/{current.json()['consignments'][0]['id']}", {"version": 1}
    )

    assert (stale.status_code, current.status_code, deleted.status_code) == (409, 200, 409)
    assert stale.json()["detail"] == "The request expects version 9, the checkout is at version 1."


def test_what_one_surface_writes_the_other_shows_at_once(shop: Shop) -> None:
    cart = storefront_cart(shop)
    line = cart["lineItems"]["physicalItems"][0]["id"]
    path = f"/checkouts/{cart['id']}"

    consign(shop, cart["id"], to(AUSTIN, (line, 1)))
    seen_by_the_shopper = shop.storefront("GET", path).json()
    shop.storefront("PUT", path, {"customerMessage": "Thank you"})
    seen_by_the_shop = shop.management("GET", path).json()["data"]

    assert seen_by_the_shopper["version"] == 2
    assert seen_by_the_shopper["consignments"][0]["address"]["city"] == "Austin"
    assert seen_by_the_shop["customer_message"] == "Thank you"
    assert seen_by_the_shop["version"] == 3
    assert seen_by_the_shop["grand_total"] == seen_by_the_shopper["grandTotal"]
    assert seen_by_the_shop["subtotal_ex_tax"] == seen_by_the_shopper["subtotal"]
