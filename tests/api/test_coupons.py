"""Coupons of a checkout on both surfaces: what is shown where, what is refused how, and what an order keeps (BEHAVIOUR 3.4)."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.facts import Store
from checkstand.domain.store_settings import CouponSettings, PromotionSettings
from checkstand.service.shop import edit
from tests.api.flows import (
    OPTIONS,
    a_cart,
    consign,
    item_ids,
    ready_checkout,
    ready_storefront_checkout,
    storefront_cart,
    to,
)
from tests.client import Shop
from tests.recording import AUSTIN, CERTIFICATE, NEW_YORK, camel

INTERNAL = "/internalapi/v1"


def apply(shop: Shop, checkout_id: str, code: str, status: int = 200) -> Any:
    answer = shop.management("POST", f"/checkouts/{checkout_id}/coupons", {"coupon_code": code})
    assert answer.status_code == status, answer.text
    return answer.json()["data"] if status == 200 else answer.json()


def apply_in_browser(shop: Shop, checkout_id: str, code: str, status: int = 200) -> Any:
    answer = shop.storefront("POST", f"/checkouts/{checkout_id}/coupons", {"couponCode": code})
    assert answer.status_code == status, answer.text
    return answer.json()


def set_coupons(shop: Shop, *, most: int = 1, coupon_type_as_string: bool = False) -> None:
    def change(store: Store) -> Store:
        return replace(
            store,
            coupon_settings=CouponSettings(coupon_type_as_string=coupon_type_as_string),
            promotion_settings=PromotionSettings(number_of_coupons_allowed_at_checkout=most),
        )

    shop.run(edit(shop.storage.unit("demo"), change))


def set_limit(shop: Shop, code: str, **limits: int) -> None:
    def change(store: Store) -> Store:
        return replace(
            store,
            coupons=tuple(replace(coupon, **limits) if coupon.code == code else coupon for coupon in store.coupons),
        )

    shop.run(edit(shop.storage.unit("demo"), change))


# ---------------------------------------------------------------------------------------------------- what is shown

T1_LINES = [
    {"product_id": 184, "variant_id": 364, "quantity": 1},
    {"product_id": 170, "quantity": 1},
    {"product_id": 158, "quantity": 1},
    {"product_id": 189, "quantity": 1},
]


def test_t1_management_shows_the_shares_as_coupon_and_the_coupon_by_its_name(shop: Shop) -> None:
    cart = a_cart(shop, *T1_LINES, gift_certificates=[CERTIFICATE])

    checkout = apply(shop, cart["id"], "s2549jm0y")

    lines = [*checkout["cart"]["line_items"]["physical_items"], *checkout["cart"]["line_items"]["digital_items"]]
    assert [line["coupon_amount"] for line in lines] == [0.59, 1.06, 2.12, 0.8]
    assert lines[0]["discounts"] == [{"id": 1, "discounted_amount": 2}, {"id": "coupon", "discounted_amount": 0.59}]
    assert [entry["discounted_amount"] for entry in checkout["cart"]["discounts"]] == [2.59, 1.06, 2.12, 0.8, 0.43]
    shown = {
        "id": 1,
        "code": "S2549JM0Y",
        "coupon_type": "per_total_discount",
        "display_name": "$5.00 off the order total",
        "discounted_amount": 5,
    }
    assert checkout["coupons"] == checkout["cart"]["coupons"] == [shown]
    assert (checkout["subtotal_ex_tax"], checkout["cart"]["cart_amount_ex_tax"]) == (117.93, 112.93)
    assert checkout["cart"]["discount_amount"] == 0
    assert checkout["grand_total"] == 112.93
    bare = shop.management("GET", f"/carts/{cart['id']}").json()["data"]
    assert bare["coupons"] == [shown | {"id": "1", "coupon_type": "2"}]
    assert bare["cart_amount"] == 112.93


def test_t1_the_storefront_shows_the_shares_by_the_coupons_id_and_its_type_as_a_number(shop: Shop) -> None:
    cart = storefront_cart(shop, *[camel(line) for line in T1_LINES])

    checkout = apply_in_browser(shop, cart["id"], "S2549JM0Y")

    journal = checkout["cart"]["lineItems"]["digitalItems"][0]
    assert journal["discounts"] == [{"id": 1, "discountedAmount": journal["couponAmount"]}]
    shown = {
        "id": 1,
        "code": "S2549JM0Y",
        "couponType": 2,
        "displayName": "$5.00 off the order total",
        "discountedAmount": 5,
    }
    assert checkout["coupons"] == [shown]
    assert checkout["cart"]["coupons"] == [shown | {"couponType": "per_total_discount"}]
    assert shop.storefront("GET", "/carts").json()[0]["coupons"] == [shown | {"id": "1"}]
    assert (checkout["subtotal"], checkout["cart"]["cartAmount"], checkout["grandTotal"]) == (107.93, 102.93, 102.93)
    assert (checkout["totalDiscount"], checkout["displayDiscountTotal"]) == (7, 5)


def test_d30_a_setting_makes_the_type_a_name_for_the_official_sdk(shop: Shop) -> None:
    set_coupons(shop, coupon_type_as_string=True)
    cart = storefront_cart(shop)

    checkout = apply_in_browser(shop, cart["id"], "SHOP20")

    assert [coupon["couponType"] for coupon in checkout["coupons"]] == ["percentage_discount"]


def test_twenty_per_cent_are_taken_of_each_line_after_its_promotion(shop: Shop) -> None:
    cart = a_cart(shop, *T1_LINES[:2])

    checkout = apply(shop, cart["id"], "SHOP20")

    amounts = [line["coupon_amount"] for line in checkout["cart"]["line_items"]["physical_items"]]
    assert amounts == [2.8, 5]  # of 13.99 and 25.00
    assert checkout["grand_total"] == 31.19


def test_a_shipping_coupon_shows_in_the_consignments_it_touches(shop: Shop) -> None:
    checkout = ready_checkout(shop)  # two carts to Austin: 4.00 by order is dearer than 1.25 each, so 2.50
    assert checkout["shipping_cost_total_ex_tax"] == 2.5

    checkout = apply(shop, checkout["id"], "SHIP5")

    consignment = checkout["consignments"][0]
    assert consignment["coupon_discounts"] == [{"code": "SHIP5", "amount": 2.5}]
    assert (consignment["shipping_cost_ex_tax"], consignment["shipping_cost_inc_tax"]) == (0, 0)
    assert checkout["coupons"][0]["discounted_amount"] == 2.5
    assert checkout["cart"]["coupons"][0]["discounted_amount"] == 0
    assert checkout["grand_total"] == checkout["cart"]["cart_amount_inc_tax"] == 30.29  # 27.98 and 8.25 % of it


def test_both_surfaces_show_one_state(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    path = f"/checkouts/{checkout['id']}"
    shown = apply_in_browser(shop, checkout["id"], "SHIP5")

    managed = shop.management("GET", path).json()["data"]

    assert shown["grandTotal"] == managed["grand_total"]
    assert shown["consignments"][0]["couponDiscounts"] == managed["consignments"][0]["coupon_discounts"]
    assert shown["consignments"][0]["couponDiscounts"] == [{"code": "SHIP5", "amount": 5}]
    assert shown["shippingCostBeforeDiscount"] - 5 == shown["shippingCostTotal"]
    assert managed["shipping_cost_total_ex_tax"] == shown["shippingCostTotal"]
    shop.management("DELETE", f"{path}/coupons/SHIP5")
    assert shop.storefront("GET", path).json()["coupons"] == []


def test_11_1_the_formulas_hold_with_tax_and_without(shop: Shop) -> None:
    set_coupons(shop, most=2)
    checkout_id = ready_checkout(shop)["id"]
    apply(shop, checkout_id, "SHOP20")

    checkout = apply(shop, checkout_id, "SHIP5")

    cart, off = checkout["cart"], checkout["cart"]["coupons"][0]["discounted_amount"]
    assert off == 5.6  # a fifth of 2 x 13.99, once for the line
    assert (cart["cart_amount_ex_tax"], cart["cart_amount_inc_tax"]) == (22.38, 24.23)  # 8.25 % of 22.38 is 1.85
    for mode in ("ex_tax", "inc_tax"):
        assert round(checkout[f"subtotal_{mode}"] - off, 2) == cart[f"cart_amount_{mode}"]
    assert checkout["tax_total"] == 1.85
    assert checkout["grand_total"] == 24.23


def test_recorded_free_shipping_comes_and_goes_with_its_coupon(shop: Shop) -> None:
    cart = storefront_cart(shop)
    path = f"/checkouts/{cart['id']}"
    goods = [{"itemId": item["id"], "quantity": item["quantity"]} for item in cart["lineItems"]["physicalItems"]]
    before = shop.storefront("POST", f"{path}/consignments", [{"address": camel(NEW_YORK), "lineItems": goods}]).json()
    options = before["consignments"][0]["availableShippingOptions"]
    consignment = f"{path}/consignments/{before['consignments'][0]['id']}"
    shop.storefront("PUT", consignment, {"shippingOptionId": options[0]["id"]})

    freed = apply_in_browser(shop, cart["id"], "FREESHIP")["consignments"][0]
    free, *others = freed["availableShippingOptions"]
    chosen = shop.storefront("PUT", consignment, {"shippingOptionId": free["id"]}).json()["consignments"][0]
    gone = shop.storefront("DELETE", f"{path}/coupons/FREESHIP").json()["consignments"][0]

    assert freed["selectedShippingOption"] is None
    assert (free["type"], free["cost"], free["isRecommended"]) == ("freeshipping", 0, True)
    assert others == [option | {"isRecommended": False} for option in options]
    assert (chosen["discounts"], chosen["shippingCost"]) == ([{"id": 3}], 0)
    assert gone["selectedShippingOption"] is None
    assert gone["availableShippingOptions"] == options
    assert gone["discounts"] == []


def test_a_shipping_discount_over_two_consignments(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 2})
    (spoons,) = item_ids(cart)
    checkout = consign(shop, cart["id"], to(AUSTIN, (spoons, 1)), to(NEW_YORK, (spoons, 1)))
    for consignment in checkout["consignments"]:
        flat = next(o for o in consignment["available_shipping_options"] if o["description"] == "Flat Rate")
        path = f"/checkouts/{cart['id']}/consignments/{consignment['id']}{OPTIONS}"
        shop.management("PUT", path, {"shipping_option_id": flat["id"]})

    checkout = apply(shop, cart["id"], "SHIP5")

    # 5.00 over 4.00 and 8.00 is 1.67 and 3.33
    assert [entry["coupon_discounts"][0]["amount"] for entry in checkout["consignments"]] == [1.67, 3.33]
    assert [entry["shipping_cost_ex_tax"] for entry in checkout["consignments"]] == [2.33, 4.67]
    assert checkout["shipping_cost_total_ex_tax"] == 7


# ---------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(("code", "reason"), [("NOPE", "invalid"), ("OLD", "expired"), ("MIN100", "min_purchase")])
def test_a_refusal_names_its_reason_where_clients_look_for_it(shop: Shop, code: str, reason: str) -> None:
    cart = storefront_cart(shop)

    in_browser = apply_in_browser(shop, cart["id"], code, 400)
    managed = apply(shop, cart["id"], code, 422)

    assert in_browser["errors"] == managed["errors"] == [{"code": reason, "message": in_browser["detail"]}]
    assert shop.management("GET", f"/carts/{cart['id']}").json()["data"]["version"] == 1


def test_further_refusals(shop: Shop) -> None:
    digital = a_cart(shop, {"product_id": 189, "quantity": 1})["id"]
    saved = a_cart(shop)["id"]
    apply(shop, saved, "SHOP20")

    assert apply(shop, digital, "FREESHIP", 422)["errors"][0]["code"] == "not_applicable"
    assert apply(shop, saved, "shop20", 422)["errors"][0]["code"] == "not_applicable"
    assert apply(shop, saved, "SHIP5", 422)["errors"][0]["code"] == "limit"
    assert apply(shop, saved, "x" * 51, 422)["errors"][0]["code"] == "invalid"
    assert shop.management("DELETE", f"/checkouts/{saved}/coupons/SHIP5").status_code == 404
    stale = shop.management("POST", f"/checkouts/{digital}/coupons", {"coupon_code": "SHOP20", "version": 9})
    assert stale.status_code == 409
    late = shop.call(
        "DELETE",
        f"/stores/demo/v3/checkouts/{saved}/coupons/SHOP20",
        headers={"X-Auth-Token": "demo-token"},
    )
    assert late.json()["data"]["coupons"] == []


def test_a_minimum_is_met_and_lost_again_and_the_coupon_stays(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 158, "quantity": 2}, {"product_id": 174, "quantity": 1})  # 107.93
    checkout = apply(shop, cart["id"], "MIN100")
    assert checkout["grand_total"] == 97.93

    shop.management("DELETE", f"/carts/{cart['id']}/items/{item_ids(cart)[1]}")

    checkout = shop.management("GET", f"/checkouts/{cart['id']}").json()["data"]
    assert [(coupon["code"], coupon["discounted_amount"]) for coupon in checkout["coupons"]] == [("MIN100", 0)]
    assert checkout["grand_total"] == 99.98


# ---------------------------------------------------------------------------------------------------- events, orders


def test_applying_a_coupon_is_told_once(shop: Shop) -> None:
    cart = a_cart(shop)
    apply(shop, cart["id"], "S2549JM0Y")
    shop.management("PUT", f"/checkouts/{cart['id']}", {"customer_message": "Hello"})

    rows = shop.run(shop.driver.all("event_all", store_hash="demo"))

    told = [row["body"] for row in rows if row["scope"] == "store/cart/couponApplied"]
    assert told == [b'{"type":"cart","id":"%s","couponId":1}' % cart["id"].encode()]


def place(shop: Shop, cart_id: str, **options: Any) -> Any:
    body = {"cartId": cart_id, "payment": {"name": "cod"}}
    return shop.storefront("POST", "/checkout/order", body, base=INTERNAL, **options)


def test_an_order_keeps_its_coupon_whatever_becomes_of_it(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    total = apply_in_browser(shop, checkout["id"], "SHOP20")["grandTotal"]
    number = place(shop, checkout["id"]).json()["data"]["order"]["orderId"]
    shop.management("DELETE", "/coupons", base="/stores/demo/v2")

    order = shop.storefront("GET", f"/orders/{number}").json()

    assert order["orderAmount"] == total
    assert order["coupons"] == [
        {
            "id": "2",
            "code": "SHOP20",
            "displayName": "20% Off",
            "couponType": "percentage_discount",
            "discountedAmount": 5.6,
        }
    ]
    assert order["lineItems"]["physicalItems"][0]["couponAmount"] == 5.6
    assert shop.storefront("GET", f"/checkouts/{checkout['id']}").json()["grandTotal"] == total


def test_d63_a_use_is_counted_with_the_order_and_the_next_one_is_refused(shop: Shop) -> None:
    set_limit(shop, "SHOP20", max_uses=1)
    first = ready_storefront_checkout(shop)
    other = shop.new_browser()
    second = ready_storefront_checkout(shop, browser=other)
    for checkout in (first, second):
        apply(shop, checkout["id"], "SHOP20")

    made, refused = place(shop, first["id"]), place(shop, second["id"], browser=other)

    assert (made.status_code, refused.status_code) == (201, 400)
    assert refused.json()["errors"][0]["code"] == "limit"
    third = a_cart(shop)
    assert apply(shop, third["id"], "SHOP20", 422)["errors"][0]["code"] == "limit"
    shop.management("DELETE", f"/checkouts/{second['id']}/coupons/SHOP20")
    assert place(shop, second["id"], browser=other).status_code == 201


def test_d53_orders_made_again_of_one_checkout_use_its_coupon_once(shop: Shop) -> None:
    set_limit(shop, "SHOP20", max_uses=1)
    checkout_id = ready_checkout(shop)["id"]
    path = f"/checkouts/{checkout_id}"
    apply(shop, checkout_id, "SHOP20")

    first = shop.management("POST", f"{path}/orders").json()["data"]["id"]
    shop.management("PUT", path, {"customer_message": "changed"})
    again = shop.management("POST", f"{path}/orders").json()["data"]["id"]

    assert (first, again) == (100, 101)
    shop.management("DELETE", f"{path}/coupons/SHOP20")
    assert apply(shop, checkout_id, "SHOP20")["coupons"][0]["code"] == "SHOP20"


def test_a_customer_may_use_a_coupon_as_often_as_the_limit_per_customer_says(shop: Shop) -> None:
    set_limit(shop, "SHOP20", max_uses_per_customer=1)
    first, second = (ready_checkout(shop)["id"] for _ in range(2))
    for checkout_id in (first, second):
        apply(shop, checkout_id, "SHOP20")

    assert shop.management("POST", f"/checkouts/{first}/orders").status_code == 200
    refused = shop.management("POST", f"/checkouts/{second}/orders")

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "limit"
    shop.management("POST", f"/checkouts/{second}/billing-address", AUSTIN | {"email": "john@example.com"})
    assert shop.management("POST", f"/checkouts/{second}/orders").status_code == 200
