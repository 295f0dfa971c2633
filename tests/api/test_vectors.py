"""The worked amounts of the published samples and of the recordings, whole, over HTTP (BEHAVIOUR 11.2).

Each is shown on both surfaces, where all formulas have to hold. What the samples contradict themselves in is left out: the fee of
T1, which its own total does not contain, and the coupons of T3, which no total knows.
"""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.demo_tax_provider import DemoTaxProvider
from checkstand.domain.tax_quote import TaxProvider
from checkstand.service.shop import edit
from checkstand.tax_providers import asking
from tests.api.flows import OPTIONS, item_ids
from tests.api.formulas import both
from tests.client import Shop
from tests.recording import ABROAD, CERTIFICATE, NEW_YORK, camel


def told(shop: Shop, method: str, path: str, body: Any, *, base: str = "/stores/demo/v3") -> Any:
    """What Management answers."""
    answer = shop.management(method, path, body, base=base)
    assert answer.is_success, answer.text
    return answer.json()


def asked(shop: Shop, method: str, path: str, body: Any) -> Any:
    """What the Storefront answers."""
    answer = shop.storefront(method, path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def a_product(shop: Shop, price: float) -> dict[str, Any]:
    """One unit of something new, as a line of a cart."""
    sent = {"name": f"For {price}", "type": "physical", "weight": 1, "price": price}
    return {"productId": told(shop, "POST", "/catalog/products", sent)["data"]["id"], "quantity": 1}


def a_cart(shop: Shop, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    shop.storefront("GET", "/carts")
    cart: dict[str, Any] = asked(shop, "POST", "/carts", {"lineItems": list(lines), **more})
    return cart


def consigned(shop: Shop, cart: dict[str, Any], address: dict[str, Any], *units: tuple[str, int]) -> dict[str, Any]:
    """The checkout with one consignment more: all physical lines, unless units are named."""
    lines = [(line["id"], line["quantity"]) for line in cart["lineItems"]["physicalItems"]]
    goods = [{"itemId": item, "quantity": quantity} for item, quantity in units or lines]
    body = [{"address": camel(address), "lineItems": goods}]
    checkout: dict[str, Any] = asked(shop, "POST", f"/checkouts/{cart['id']}/consignments", body)
    return checkout


def choose(shop: Shop, checkout: dict[str, Any], description: str) -> None:
    """The option of that name, for every consignment."""
    for consignment in checkout["consignments"]:
        options = consignment["availableShippingOptions"]
        option = next(option["id"] for option in options if option["description"] == description)
        path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
        asked(shop, "PUT", path, {"shippingOptionId": option})


def ship_abroad_for(shop: Shop, rate: float) -> None:
    told(shop, "PUT", "/shipping/zones/3/methods/9", {"settings": {"rate": rate}}, base="/stores/demo/v2")


def tax_ten_per_cent_at_home(shop: Shop, *, entered: bool, shown: bool = True) -> None:
    """Home is Australia. Elsewhere nothing is due."""
    home = {"shopper_target_settings": {"locations": [{"country_code": "AU"}]}}
    display = {"price_display_settings": {"show_inclusive": shown}}
    (zone,) = told(shop, "POST", "/tax/zones", [{"name": "Australia", **home, **display}])["data"]
    rates = [{"tax_class_id": number, "rate": 10} for number in (0, 2, 3)]
    told(shop, "POST", "/tax/rates", [{"name": "GST", "tax_zone_id": zone["id"], "class_rates": rates}])
    told(shop, "PUT", "/tax/settings", {"tax_entered_with_prices": entered, "store_tax_zone_id": zone["id"]})


# ---------------------------------------------------------------------------------------------------- T1


@pytest.fixture
def provider(shop: Shop) -> Iterator[DemoTaxProvider]:
    """The store's taxes come from a provider, over a real socket, which asks for 28.62 in all."""
    provider, stack = DemoTaxProvider(total=Decimal("28.62")), AsyncExitStack()
    shop.run(provider.start())
    host = f"127.0.0.1:{provider.port}"
    registered = TaxProvider(id="demo-tax", name="Demo", url=f"http://{host}")
    shop.run(edit(shop.storage.unit("demo"), lambda store: replace(store, tax_providers=(registered,))))
    shop.app.provider_hosts = frozenset({host})
    shop.storage.tax_quotes = shop.run(stack.enter_async_context(asking(shop.app.provider_hosts)))
    told(shop, "PUT", "/tax/providers/demo-tax/connection", {"username": "demo", "password": "secret"})
    yield provider
    shop.run(stack.aclose())
    shop.run(provider.stop())


def test_t1_the_seed_sample_without_its_fee_comes_to_211_49(shop: Shop, provider: DemoTaxProvider) -> None:
    laundry_cart = {"productId": 184, "variantId": 364, "quantity": 1}
    lines = [laundry_cart, *({"productId": number, "quantity": 1} for number in (170, 158, 189))]
    cart = a_cart(shop, *lines, giftCertificates=[CERTIFICATE])
    path = f"/checkouts/{cart['id']}"
    asked(shop, "POST", f"{path}/billing-address", camel(NEW_YORK))
    (consignment,) = consigned(shop, cart, NEW_YORK)["consignments"]
    shipping = {"custom_shipping": {"price": 69.94, "description": "Carrier"}}
    told(shop, "PUT", f"{path}/consignments/{consignment['id']}{OPTIONS}", shipping)
    asked(shop, "POST", f"{path}/coupons", {"couponCode": "S2549JM0Y"})

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    items = checkout["cart"]["lineItems"]
    goods = [*items["physicalItems"], *items["digitalItems"]]
    assert [(line["listPrice"], line["salePrice"]) for line in goods] == [
        (15.99, 13.99),
        (25, 25),
        (49.99, 49.99),
        (18.95, 18.95),
    ]
    assert [line["amount"] for line in items["giftCertificates"]] == [10]
    assert [line["couponAmount"] for line in goods] == [0.59, 1.06, 2.12, 0.8]
    assert [entry["discountedAmount"] for entry in checkout["cart"]["discounts"]] == [2.59, 1.06, 2.12, 0.8, 0.43]
    assert [coupon["discountedAmount"] for coupon in checkout["coupons"]] == [5]
    assert (checkout["cart"]["baseAmount"], checkout["cart"]["discountAmount"]) == (119.93, 0)
    assert (checkout["subtotal"], checkout["cart"]["cartAmount"]) == (117.93, 112.93)
    assert (checkout["shippingCostTotal"], checkout["handlingCostTotal"]) == (69.94, 0)
    assert (checkout["taxTotal"], checkout["cart"]["isTaxIncluded"]) == (28.62, False)
    assert (checkout["grandTotal"], checkout["outstandingBalance"]) == (211.49, 211.49)
    assert (management["tax_total"], management["grand_total"]) == (28.62, 211.49)
    assert (management["subtotal_ex_tax"], management["cart"]["cart_amount_ex_tax"]) == (117.93, 112.93)
    assert management["shipping_cost_total_ex_tax"] == 69.94
    assert {path for path, _, _ in provider.calls} == {"/estimate"}


# ---------------------------------------------------------------------------------------------------- Management's samples


def test_t2_four_per_cent_on_goods_and_shipping(shop: Shop) -> None:
    rates = [{"tax_class_id": number, "rate": 4} for number in (0, 2)]
    told(shop, "PUT", "/tax/rates", [{"id": 1, "class_rates": rates}])
    cart = a_cart(shop, a_product(shop, 31.95))
    choose(shop, consigned(shop, cart, NEW_YORK), "Flat Rate")

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    assert (management["subtotal_ex_tax"], management["subtotal_inc_tax"]) == (31.95, 33.23)
    shown = management["cart"]
    assert (shown["cart_amount_ex_tax"], shown["cart_amount_inc_tax"]) == (31.95, 33.23)
    assert (management["shipping_cost_total_ex_tax"], management["shipping_cost_total_inc_tax"]) == (8, 8.32)
    assert management["taxes"] == [{"name": "Sales Tax", "amount": 1.6}]  # 1.28 and 0.32
    assert (management["tax_total"], management["grand_total"]) == (1.6, 41.55)
    assert (checkout["subtotal"], checkout["shippingCostTotal"]) == (31.95, 8)
    assert (checkout["taxTotal"], checkout["grandTotal"]) == (1.6, 41.55)


def test_t3_nothing_is_chosen_yet(shop: Shop) -> None:
    cart = a_cart(shop, a_product(shop, 31.95))
    consigned(shop, cart, NEW_YORK)

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    assert (management["subtotal_ex_tax"], management["subtotal_inc_tax"]) == (31.95, 33.23)
    shown = management["cart"]
    assert (shown["cart_amount_ex_tax"], shown["cart_amount_inc_tax"]) == (31.95, 33.23)
    assert (management["shipping_cost_total_ex_tax"], management["shipping_cost_total_inc_tax"]) == (0, 0)
    assert (management["tax_total"], management["grand_total"]) == (1.28, 33.23)
    assert (checkout["shippingCostTotal"], checkout["taxTotal"], checkout["grandTotal"]) == (0, 1.28, 33.23)


def test_t4_twenty_per_cent_off_by_coupon(shop: Shop) -> None:
    cart = a_cart(shop, a_product(shop, 32), a_product(shop, 35))
    asked(shop, "POST", f"/checkouts/{cart['id']}/coupons", {"couponCode": "SHOP20"})

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    assert [line["couponAmount"] for line in checkout["cart"]["lineItems"]["physicalItems"]] == [6.4, 7]
    assert [entry["discountedAmount"] for entry in checkout["cart"]["discounts"]] == [6.4, 7]
    assert [coupon["discounted_amount"] for coupon in management["coupons"]] == [13.4]
    assert (checkout["cart"]["baseAmount"], checkout["subtotal"], checkout["cart"]["cartAmount"]) == (67, 67, 53.6)
    assert (management["subtotal_ex_tax"], management["cart"]["cart_amount_ex_tax"]) == (67, 53.6)
    assert management["grand_total"] == checkout["grandTotal"] == 53.6


def test_t5_the_same_without_the_coupon(shop: Shop) -> None:
    cart = a_cart(shop, a_product(shop, 32), a_product(shop, 35))
    path = f"/checkouts/{cart['id']}/coupons"
    asked(shop, "POST", path, {"couponCode": "SHOP20"})
    asked(shop, "DELETE", f"{path}/SHOP20", None)

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    assert (management["coupons"], checkout["coupons"]) == ([], [])
    assert (checkout["subtotal"], checkout["cart"]["cartAmount"], checkout["taxTotal"]) == (67, 67, 0)
    assert management["grand_total"] == checkout["grandTotal"] == 67


# ---------------------------------------------------------------------------------------------------- recordings


def test_t6_a_fifth_off_the_order_and_eight_for_shipping(shop: Shop) -> None:
    rule = {"action": {"cart_value": {"discount": {"percentage_amount": "20"}}}}
    told(shop, "POST", "/promotions", {"name": "20% off", "redemption_type": "AUTOMATIC", "rules": [rule]})
    ship_abroad_for(shop, 8)
    cart = a_cart(shop, a_product(shop, 225))
    choose(shop, consigned(shop, cart, ABROAD), "International")

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert [discount["discountedAmount"] for discount in line["discounts"]] == [45]
    assert (line["salePrice"], line["discountAmount"]) == (225, 0)  # D81: taken off the order, not the line
    assert (checkout["subtotal"], checkout["cart"]["discountAmount"], checkout["cart"]["cartAmount"]) == (225, 45, 180)
    assert (checkout["shippingCostTotal"], checkout["taxTotal"]) == (8, 0)
    assert management["grand_total"] == checkout["grandTotal"] == 188


def test_t7_ten_per_cent_are_in_the_prices_and_not_due_from_this_shopper(shop: Shop) -> None:
    tax_ten_per_cent_at_home(shop, entered=True)
    told(shop, "PUT", "/tax/zones", [{"id": 2, "price_display_settings": {"show_inclusive": True}}])
    told(shop, "PUT", "/tax/rates", [{"id": 1, "enabled": False}])
    cart = a_cart(shop, a_product(shop, 225))
    choose(shop, consigned(shop, cart, NEW_YORK), "Flat Rate")

    management, checkout = both(shop, cart["id"])

    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert (line["listPrice"], line["salePrice"], line["extendedSalePrice"]) == (225, 204.55, 204.55)
    assert checkout["cart"]["isTaxIncluded"] is True
    assert (checkout["cart"]["baseAmount"], checkout["subtotal"]) == (225, 204.55)
    assert checkout["cart"]["cartAmount"] == 204.55  # D51: 204.54545454545 as recorded
    assert (checkout["shippingCostTotal"], checkout["taxTotal"]) == (7.27, 0)  # 8.00 / 1.1 = 7.2727…
    assert management["grand_total"] == checkout["grandTotal"] == 211.82


def test_t8_ten_per_cent_come_on_top_and_are_shown_with_the_prices(shop: Shop) -> None:
    tax_ten_per_cent_at_home(shop, entered=False)
    cart = a_cart(shop, a_product(shop, 225))
    asked(shop, "POST", f"/checkouts/{cart['id']}/billing-address", camel(ABROAD))

    management, checkout = both(shop, cart["id"])

    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert (line["listPrice"], line["salePrice"]) == (225, 247.5)
    assert checkout["cart"]["isTaxIncluded"] is True
    assert (checkout["cart"]["baseAmount"], checkout["subtotal"], checkout["cart"]["cartAmount"]) == (225, 247.5, 247.5)
    assert checkout["taxes"] == [{"name": "GST", "amount": 22.5}]
    assert (management["subtotal_ex_tax"], management["subtotal_inc_tax"]) == (225, 247.5)
    assert management["grand_total"] == checkout["grandTotal"] == 247.5


def test_t9_a_tenth_off_the_product(shop: Shop) -> None:
    lamp = a_product(shop, 246)
    action = {"cart_items": {"discount": {"percentage_amount": "10"}, "items": {"products": [lamp["productId"]]}}}
    told(
        shop, "POST", "/promotions", {"name": "10% off", "redemption_type": "AUTOMATIC", "rules": [{"action": action}]}
    )

    cart = a_cart(shop, lamp)

    (line,) = cart["lineItems"]["physicalItems"]
    assert (line["listPrice"], line["salePrice"], line["discountAmount"]) == (246, 221.4, 24.6)
    assert (line["extendedListPrice"], line["extendedSalePrice"]) == (246, 221.4)
    assert (cart["baseAmount"], cart["discountAmount"], cart["cartAmount"]) == (246, 0, 221.4)
    assert cart["discounts"] == [{"id": line["id"], "discountedAmount": 24.6}]
    management, checkout = both(shop, cart["id"], is_as_entered=True)
    assert management["subtotal_ex_tax"] == checkout["subtotal"] == 221.4
    assert management["grand_total"] == checkout["grandTotal"] == 221.4


def test_t10_two_units_in_two_consignments(shop: Shop) -> None:
    free = {"free_shipping": {"enabled": True, "minimum_sub_total": 0}}
    told(shop, "PUT", "/shipping/zones/3", {"name": "Rest of the World", **free}, base="/stores/demo/v2")
    cart = a_cart(shop, a_product(shop, 225) | {"quantity": 2})
    (line,) = cart["lineItems"]["physicalItems"]
    consigned(shop, cart, ABROAD, (line["id"], 1))
    choose(shop, consigned(shop, cart, ABROAD, (line["id"], 1)), "Free Shipping")

    management, checkout = both(shop, cart["id"], is_as_entered=True)

    lines = checkout["cart"]["lineItems"]["physicalItems"]
    assert [(line["quantity"], line["extendedSalePrice"]) for line in lines] == [(1, 225), (1, 225)]
    assert len(item_ids(management["cart"])) == len(checkout["consignments"]) == 2
    assert [each["selectedShippingOption"]["type"] for each in checkout["consignments"]] == ["freeshipping"] * 2
    assert (checkout["cart"]["baseAmount"], checkout["subtotal"], checkout["cart"]["cartAmount"]) == (450, 450, 450)
    assert (checkout["shippingCostTotal"], checkout["taxTotal"]) == (0, 0)
    assert management["grand_total"] == checkout["grandTotal"] == 450
