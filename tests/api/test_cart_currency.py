"""Carts in the demo shop's other currencies, on both surfaces: 0.9 euros, 150 yen, 0.307 dinars for a dollar."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.facts import Store
from checkstand.service.shop import edit
from tests.api.flows import OPTIONS, a_cart, consign, item_ids, select_first, storefront_cart, to
from tests.client import Shop
from tests.recording import AUSTIN, CERTIFICATE, NEW_YORK, camel

CARTS = [{"product_id": 184, "variant_id": 364, "quantity": 2}]


def change(shop: Shop, cart_id: str, code: str, **fields: Any) -> Any:
    answer = shop.storefront("POST", f"/carts/{cart_id}/currency", {"currencyCode": code, **fields})
    assert answer.status_code == 200, answer.text
    (cart,) = answer.json()
    return cart


def csrf(shop: Shop) -> dict[str, str]:
    return {"X-XSRF-TOKEN": shop.browser.cookies["XSRF-TOKEN"]}


@pytest.mark.parametrize(
    ("code", "original", "listed", "off", "base", "amount"),
    [
        ("USD", 17.99, 15.99, 4, 31.98, 27.98),
        ("EUR", 16.19, 14.39, 3.6, 28.78, 25.18),  # 16.191, 14.391, and 2.00 off each are 1.80
        ("JPY", 2699, 2399, 600, 4798, 4198),  # 2698.5, 2398.5 and 300
        ("KWD", 5.523, 4.909, 1.228, 9.818, 8.59),  # 5.52293, 4.90893 and 0.614
    ],
)
def test_a_cart_is_made_in_a_currency(
    shop: Shop, code: str, original: float, listed: float, off: float, base: float, amount: float
) -> None:
    cart = a_cart(shop, *CARTS, currency={"code": code.lower()})

    line = cart["line_items"]["physical_items"][0]
    assert cart["currency"] == {"code": code}
    assert (line["list_price"], line["original_price"], line["discount_amount"]) == (listed, original, off)
    assert (cart["base_amount"], cart["cart_amount"]) == (base, amount)


def test_the_storefront_brings_its_cart_into_another_currency(shop: Shop) -> None:
    cart = storefront_cart(shop)

    yen = change(shop, cart["id"], "JPY")
    back = change(shop, cart["id"], "USD", version=2)

    assert yen["currency"] == {"code": "JPY", "name": "Japanese Yen", "symbol": "¥", "decimalPlaces": 0}
    assert (yen["version"], yen["baseAmount"], yen["cartAmount"]) == (2, 4798, 4198)
    assert (back["version"], back["baseAmount"], back["cartAmount"]) == (3, 31.98, 27.98)
    assert back["lineItems"] == cart["lineItems"]


def test_gift_certificates_of_the_old_currency_leave_with_it(shop: Shop) -> None:
    path = f"/checkouts/{storefront_cart(shop)['id']}"
    applied = shop.storefront("POST", f"{path}/gift-certificates", {"giftCertificateCode": "1234ABC"}).json()

    change(shop, applied["id"], "USD")
    kept = shop.storefront("GET", path).json()
    change(shop, applied["id"], "EUR")
    left = shop.storefront("GET", path).json()

    assert (len(kept["giftCertificates"]), kept["outstandingBalance"]) == (1, 0)
    assert (left["giftCertificates"], left["outstandingBalance"]) == ([], left["grandTotal"])


def test_what_cannot_be_done_says_why_and_changes_nothing(shop: Shop) -> None:
    cart = storefront_cart(shop)
    path = f"/carts/{cart['id']}/currency"

    unknown = shop.storefront("POST", path, {"currencyCode": "XYZ"})
    bodies: list[object] = [{}, {"currencyCode": 7}, []]
    missing = [shop.storefront("POST", path, body) for body in bodies]
    malformed = shop.run(shop.browser.post(f"/api/storefront{path}", content=b"{", headers=csrf(shop)))
    elsewhere = shop.storefront("POST", "/carts/00000000-0000-4000-8000-000000000000/currency", {"currencyCode": "EUR"})
    stale = shop.storefront("POST", path, {"currencyCode": "EUR", "version": 9})

    assert (unknown.status_code, unknown.json()["detail"]) == (422, "currencyCode XYZ is not a currency of this store")
    assert [answer.status_code for answer in missing] == [422, 422, 422]
    assert malformed.status_code == 400
    assert (elsewhere.status_code, stale.status_code) == (404, 409)
    assert shop.storefront("GET", "/carts").json()[0] == cart


def test_a_whole_checkout_in_yen_has_no_places_anywhere(shop: Shop) -> None:
    cart = a_cart(shop, *CARTS, currency={"code": "JPY"}, gift_certificates=[CERTIFICATE | {"amount": 1500}])
    path = f"/checkouts/{cart['id']}"
    checkout = consign(shop, cart["id"], to(AUSTIN, (item_ids(cart)[0], 1)), to(NEW_YORK, (item_ids(cart)[0], 1)))

    offered = [
        {option["description"]: option["cost"] for option in consignment["available_shipping_options"]}
        for consignment in checkout["consignments"]
    ]
    assert offered == [
        {"Per Item": 188, "Flat Rate": 600, "Ship by Total": 750, "Ship by Weight": 900},  # 1.25, 4, 5 and 6 dollars
        {"Per Item": 375, "Flat Rate": 1200, "Ship by Total": 1500, "Ship by Weight": 1800},
    ]
    select_first(shop, checkout)
    shop.management("POST", f"{path}/billing-address", AUSTIN)
    shop.management("POST", f"{path}/coupons", {"coupon_code": "S2549JM0Y"})
    whole = shop.management("GET", f"{path}{OPTIONS}").json()["data"]
    assert whole["cart"]["coupons"][0]["discounted_amount"] == 750
    assert whole["subtotal_ex_tax"] == 4198 + 1500
    assert whole["shipping_cost_total_ex_tax"] == 188 + 375
    assert all(isinstance(amount, int) for amount in numbers(whole))
    assert shop.management("POST", f"{path}/orders").status_code == 200


def numbers(value: Any) -> list[Any]:
    """Every number in an answer that can be an amount."""
    if isinstance(value, dict):
        return [number for entry in value.values() for number in numbers(entry)]
    if isinstance(value, list):
        return [number for entry in value for number in numbers(entry)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_an_order_is_in_the_carts_currency_whatever_becomes_of_the_rate(shop: Shop) -> None:
    cart = storefront_cart(shop)
    change(shop, cart["id"], "KWD")
    path = f"/checkouts/{cart['id']}"
    shop.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    goods = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    created = shop.storefront("POST", f"{path}/consignments", [{"address": camel(NEW_YORK), "lineItems": goods}]).json()
    consignment = created["consignments"][0]
    each = next(each for each in consignment["availableShippingOptions"] if each["description"] == "Per Item")
    shop.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": each["id"]})

    placed = shop.storefront(
        "POST", "/checkout/order", {"cartId": cart["id"], "payment": {"name": "cod"}}, base="/internalapi/v1"
    ).json()["data"]["order"]
    order = shop.storefront("GET", f"/orders/{placed['orderId']}").json()

    # Two carts of 4.909 less 0.614 each, two times 0.768 to ship, 4 % of 8.59 are 0.3436.
    assert order["currency"] == {"code": "KWD", "name": "Kuwaiti Dinar", "symbol": "KWD", "decimalPlaces": 3}
    assert (order["baseAmount"], order["shippingCostTotal"], order["taxTotal"]) == (9.818, 1.536, 0.344)
    assert (order["orderAmount"], order["orderAmountAsInteger"]) == (10.47, 10470)
    shop.run(edit(shop.storage.unit("demo"), lambda store: replace(store, other_currencies=())))
    assert shop.storefront("GET", f"/orders/{placed['orderId']}").json() == order


def test_a_cart_cannot_be_made_in_a_currency_that_nobody_pays_in(shop: Shop) -> None:
    def shown_only(store: Store) -> Store:
        euro, *others = store.other_currencies
        return replace(
            store, other_currencies=(replace(euro, details=replace(euro.details, is_transactional=False)), *others)
        )

    shop.run(edit(shop.storage.unit("demo"), shown_only))
    body = {"line_items": CARTS, "currency": {"code": "EUR"}}

    made = shop.management("POST", "/carts", body)
    unknown = shop.management("POST", "/carts", body | {"currency": {"code": "XXX"}})
    changed = shop.storefront("POST", f"/carts/{storefront_cart(shop)['id']}/currency", {"currencyCode": "EUR"})

    assert (made.status_code, unknown.status_code, changed.status_code) == (400, 422, 422)
    assert made.json()["detail"] == "currency.code EUR is for display only: nobody can pay in it"
