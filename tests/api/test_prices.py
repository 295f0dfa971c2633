"""What a checkout costs, on both surfaces: taxes shown and entered either way, fees, manual discounts, gift wrapping."""

from typing import Any

from msgspec.structs import replace

from checkstand.domain.facts import Store
from checkstand.domain.tax_zones import TaxLocation, TaxSettings, TaxZone
from checkstand.service.shop import edit
from tests.api.flows import OPTIONS, consign, item_ids, ready_storefront_checkout, storefront_cart, to
from tests.api.formulas import both
from tests.builders import a_tax_rate
from tests.client import Shop
from tests.recording import AUSTIN, FEE, NEW_YORK

SPOONS = {"productId": 170, "quantity": 1}


def set_taxes(shop: Shop, *zones: TaxZone, **settings: Any) -> None:
    def change(store: Store) -> Store:
        return replace(store, tax_zones=zones, tax_settings=TaxSettings(**settings))

    shop.run(edit(shop.storage.unit("demo"), change))


def a_zone(zone_id: int, percent: str, country: str = "", **fields: Any) -> TaxZone:
    locations = (TaxLocation(country_code=country),) if country else ()
    rate = a_tax_rate({0: percent, 2: percent, 3: percent}, zone_id, name=f"Tax {zone_id}")
    return TaxZone(id=zone_id, name=f"Zone {zone_id}", locations=locations, rates=(rate,), **fields)


def change(shop: Shop, method: str, path: str, body: object, status: int = 200) -> Any:
    answer = shop.management(method, path, body)
    assert answer.status_code == status, answer.text
    return answer.json()["data"] if status == 200 else answer.json()


def shipped(shop: Shop, address: dict[str, Any], *lines: dict[str, Any]) -> str:
    """A checkout in the browser, all in one consignment, the cheapest option chosen."""
    cart = storefront_cart(shop, *lines)
    ids = [line["id"] for line in cart["lineItems"]["physicalItems"]]
    checkout = consign(shop, cart["id"], to(address, *((line_id, 1) for line_id in ids)))
    (consignment,) = checkout["consignments"]
    change(
        shop,
        "PUT",
        f"/checkouts/{cart['id']}/consignments/{consignment['id']}{OPTIONS}",
        {"shipping_option_id": consignment["available_shipping_options"][0]["id"]},
    )
    return str(cart["id"])


def test_t8_prices_entered_without_tax_and_shown_with_it(shop: Shop) -> None:
    set_taxes(shop, a_zone(1, "0"), a_zone(2, "10", "US", show_inclusive=True))

    _, checkout = both(shop, shipped(shop, NEW_YORK, SPOONS))

    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert checkout["cart"]["isTaxIncluded"] is True
    assert (line["listPrice"], line["salePrice"], line["comparisonPrice"]) == (25, 27.5, 27.5)
    assert (checkout["cart"]["baseAmount"], checkout["subtotal"]) == (25, 27.5)
    (consignment,) = checkout["consignments"]
    costs = [option["cost"] for option in consignment["availableShippingOptions"]]
    assert costs == [2.75, 6.6, 8.8, 11]  # D23: 2.50, 6.00, 8.00 and 10.00 as entered
    assert consignment["selectedShippingOption"]["cost"] == consignment["shippingCost"] == 2.75
    assert (checkout["taxTotal"], checkout["grandTotal"]) == (2.75, 30.25)


def test_t7_prices_entered_with_tax_for_a_shopper_where_none_is_due(shop: Shop) -> None:
    home = a_zone(1, "10", show_inclusive=True)
    abroad = TaxZone(id=2, name="Free of tax", locations=(TaxLocation(country_code="US"),), show_inclusive=True)
    set_taxes(shop, home, abroad, tax_entered_with_prices=True)

    management, checkout = both(shop, shipped(shop, NEW_YORK, SPOONS))

    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert (line["listPrice"], line["salePrice"], line["discountAmount"]) == (25, 22.73, 0)  # 25 / 1.1 = 22.7272…
    assert checkout["shippingCostTotal"] == 2.27  # 2.50 / 1.1
    assert checkout["taxes"] == [{"name": "Tax", "amount": 0}]
    assert management["grand_total"] == checkout["grandTotal"] == 25


def test_prices_entered_with_tax_and_shown_without_it(shop: Shop) -> None:
    set_taxes(shop, a_zone(1, "25"), tax_entered_with_prices=True)
    checkout_id = shipped(shop, NEW_YORK, {"productId": 184, "variantId": 364, "quantity": 1})
    change(shop, "POST", f"/checkouts/{checkout_id}/coupons", {"coupon_code": "SHIP5"})

    management, checkout = both(shop, checkout_id)

    # 15.99 less 2.00 is 13.99 with tax, 11.192 without; the list price without tax were 12.792
    (line,) = checkout["cart"]["lineItems"]["physicalItems"]
    assert (line["listPrice"], line["salePrice"], line["comparisonPrice"]) == (15.99, 11.19, 12.79)
    assert line["discounts"] == [{"id": 1, "discountedAmount": 1.6}]
    (consignment,) = checkout["consignments"]
    assert (consignment["shippingCostBeforeDiscount"], consignment["shippingCost"]) == (2, 0)  # 2.50 less 5.00
    assert consignment["couponDiscounts"] == [{"code": "SHIP5", "amount": 2}]
    assert (management["subtotal_ex_tax"], management["subtotal_inc_tax"]) == (11.19, 13.99)
    assert (checkout["taxTotal"], checkout["grandTotal"]) == (2.8, 13.99)


def test_fees_are_added_replaced_and_removed(shop: Shop) -> None:
    checkout_id = shipped(shop, AUSTIN, SPOONS)
    path = f"/checkouts/{checkout_id}/fees"

    added = change(shop, "POST", path, {"fees": [FEE, {**FEE, "name": "Box", "cost": 1}]})
    first, second = added["fees"]
    changed = change(shop, "PUT", path, {"fees": [{**FEE, "id": first["id"], "cost": 10, "tax_class_id": 2}]})
    _, storefront = both(shop, checkout_id)
    removed = change(shop, "DELETE", path, {"ids": [first["id"]], "version": changed["version"]})

    assert first == {
        "id": first["id"],
        "type": "custom_fee",
        "name": "Insurance",
        "display_name": "Parcel insurance",
        "cost_inc_tax": 7.12,  # nobody is billed yet: the guests' zone has no tax
        "cost_ex_tax": 7.12,
        "source": "AA",
        "tax_class_id": None,
    }
    assert [fee["cost_ex_tax"] for fee in changed["fees"]] == [10, 1]
    assert [(fee["cost"], fee["taxClassId"]) for fee in storefront["fees"]] == [(10, 2), (1, None)]
    assert removed["fees"] == [second]
    assert removed["grand_total"] == round(changed["grand_total"] - 10, 2)


def test_a_sixth_fee_and_a_malformed_one_are_refused(shop: Shop) -> None:
    checkout_id = storefront_cart(shop)["id"]
    path = f"/checkouts/{checkout_id}/fees"
    change(shop, "POST", path, {"fees": [FEE] * 5})

    assert "5 fees" in change(shop, "POST", path, {"fees": [FEE]}, 422)["detail"]
    assert change(shop, "DELETE", path, {"ids": ["unknown"]}, 404)["status"] == 404
    wrongs: list[dict[str, Any]] = [{"fees": []}, {"fees": [{**FEE, "cost": -1}]}, {"fees": [{**FEE, "name": ""}]}, {}]
    for wrong in wrongs:
        assert change(shop, "PUT", path, wrong, 422)["status"] == 422
    assert shop.management("POST", path, {"fees": [FEE], "version": 1}).status_code == 409


def test_a_fee_of_a_tax_class_the_store_does_not_have_is_refused_rather_than_free_of_tax(shop: Shop) -> None:
    path = f"/checkouts/{storefront_cart(shop)['id']}/fees"
    (fee,) = change(shop, "POST", path, {"fees": [{**FEE, "tax_class_id": 0}]})["fees"]

    added = change(shop, "POST", path, {"fees": [FEE, {**FEE, "tax_class_id": 99}]}, 422)
    changed = change(shop, "PUT", path, {"fees": [{**FEE, "id": fee["id"], "tax_class_id": 99}]}, 422)

    assert added["errors"] == {"fees.1.tax_class_id": "99 is not a tax class of this store"}
    assert changed["errors"] == {"fees.0.tax_class_id": "99 is not a tax class of this store"}


def test_a_manual_discount_stands_in_the_place_of_promotions(shop: Shop) -> None:
    checkout_id = shipped(shop, AUSTIN, {"productId": 184, "variantId": 364, "quantity": 1}, SPOONS)
    path = f"/checkouts/{checkout_id}/discounts"

    given = change(shop, "POST", path, {"cart": {"discounts": [{"discounted_amount": 10}]}})
    _, storefront = both(shop, checkout_id)
    withdrawn = change(shop, "POST", path, {"cart": {"discounts": [{"discounted_amount": 0}]}})

    # 10.00 over 15.99 and 25.00: 3.9009… and 6.0990…
    carts, spoons = given["cart"]["line_items"]["physical_items"]
    assert carts["discounts"] == [{"id": "manual-discount", "discounted_amount": 3.9}]
    assert spoons["discounts"] == [{"id": "manual-discount", "discounted_amount": 6.1}]
    assert (carts["discount_amount"], carts["sale_price"]) == (0, 15.99)
    assert given["cart"]["discount_amount"] == 10
    assert (given["subtotal_ex_tax"], given["cart"]["cart_amount_ex_tax"]) == (40.99, 30.99)
    assert (storefront["manualDiscountTotal"], storefront["orderBasedAutoDiscountTotal"]) == (10, 0)
    assert withdrawn["cart"]["line_items"]["physical_items"][0]["discounts"] == [{"id": 1, "discounted_amount": 2}]


def test_a_manual_discount_of_one_line(shop: Shop) -> None:
    checkout_id = shipped(shop, AUSTIN, {"productId": 184, "variantId": 364, "quantity": 1}, SPOONS)
    checkout = shop.management("GET", f"/checkouts/{checkout_id}").json()["data"]
    carts, spoons = item_ids(checkout["cart"])
    path = f"/checkouts/{checkout_id}/discounts"

    given = change(
        shop, "POST", path, {"cart": {"line_items": [{"id": spoons, "discounted_amount": 5}], "version": 4}}, 409
    )
    given = change(shop, "POST", path, {"cart": {"line_items": [{"id": spoons, "discounted_amount": 5}]}})
    refused = change(shop, "POST", path, {"cart": {"line_items": [{"id": carts, "discounted_amount": 16}]}}, 422)

    both(shop, checkout_id)
    assert [entry["discounted_amount"] for entry in given["cart"]["discounts"]] == [0, 5]
    assert "cart.line_items.0.discounted_amount" in refused["errors"]


def test_gift_wrapping_is_shown_with_the_line_and_summed_up(shop: Shop) -> None:
    wrapping = {
        "wrapTogether": False,
        "wrapDetails": [{"id": 1, "message": "For Ann"}, {"id": 2, "message": "For Bob"}],
    }
    cart = storefront_cart(shop, {"productId": 170, "quantity": 2, "giftWrapping": wrapping})
    (line,) = cart["lineItems"]["physicalItems"]

    management, checkout = both(shop, cart["id"])
    unwrapped = shop.storefront(
        "PUT", f"/carts/{cart['id']}/items/{line['id']}", {"lineItem": {"quantity": 2, "giftWrapping": None}}
    ).json()

    shown = {"name": "Plain paper, Silk and a bow", "message": "For Ann, For Bob", "amount": 7.5}
    assert line["giftWrapping"] == shown
    assert management["cart"]["line_items"]["physical_items"][0]["gift_wrapping"] == {
        **shown,
        "amount_as_integer": 750,
    }
    assert checkout["giftWrappingCostTotal"] == 7.5
    assert checkout["grandTotal"] == 57.5
    assert unwrapped["lineItems"]["physicalItems"][0]["giftWrapping"] is None


def test_an_unknown_gift_wrap_is_refused_with_its_field(shop: Shop) -> None:
    wrapping = {"wrap_together": True, "wrap_details": [{"id": 77}]}
    body = {"line_items": [{"product_id": 170, "quantity": 1, "gift_wrapping": wrapping}]}

    answer = shop.management("POST", "/carts", body)

    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "line_items.0.gift_wrapping.wrap_details.0.id": "77 is not a gift wrap of this store"
    }


def test_an_order_is_explained_by_how_prices_were_entered_then(shop: Shop) -> None:
    checkout_id = ready_storefront_checkout(shop)["id"]
    order = {"cartId": checkout_id, "payment": {"name": "cod"}}
    assert shop.storefront("POST", "/checkout/order", order, base="/internalapi/v1").status_code == 201
    before = shop.management("GET", f"/checkouts/{checkout_id}?explain=true").json()["meta"]

    shop.management("PUT", "/tax/settings", {"tax_entered_with_prices": True})

    assert shop.management("GET", f"/checkouts/{checkout_id}?explain=true").json()["meta"] == before
    assert before["explanation"]["prices_entered_with_tax"] is False


def test_a_checkout_explains_itself_to_whoever_may_read_it(shop: Shop) -> None:
    checkout_id = shipped(shop, AUSTIN, {"productId": 184, "variantId": 364, "quantity": 1})
    change(shop, "POST", f"/checkouts/{checkout_id}/fees", {"fees": [FEE]})
    bare = shop.management("GET", f"/checkouts/{checkout_id}").json()

    answer = shop.management("GET", f"/checkouts/{checkout_id}?explain=true", token="demo-token-read-only").json()

    line = bare["data"]["cart"]["line_items"]["physical_items"][0]["id"]
    consignment = bare["data"]["consignments"][0]["id"]
    assert answer["data"] == bare["data"]
    explanation = answer["meta"]["explanation"]
    assert (explanation["currency"], explanation["prices_entered_with_tax"]) == ("USD", False)
    shown = {
        total["name"]: (total["amount"], [(row["kind"], row["id"], row["amount"]) for row in total["entries"]])
        for total in explanation["totals"]
    }
    assert shown == {
        "subtotal": (13.99, [("charge", line, 15.99), ("discount", line, -2)]),
        "shipping": (1.25, [("charge", consignment, 1.25)]),
        "fee": (7.12, [("charge", bare["data"]["fees"][0]["id"], 7.12)]),
        "tax": (1.25, [("tax", line, 1.15), ("tax", consignment, 0.1)]),  # 8.25 % of 13.99 and of 1.25
        "grand total": (bare["data"]["grand_total"], []),
    }
    assert bare["meta"] == {}
    assert shop.management("GET", f"/checkouts/{checkout_id}?explain=maybe").status_code == 422
    assert shop.management("GET", f"/checkouts/{checkout_id}?explain=true", token="demo-token-carts").status_code == 403
