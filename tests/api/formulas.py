"""The published formulas (BEHAVIOUR 11.1), held against the numbers answers show, in integers of the currency's smallest unit.

What is checked is what a shop's page or an accountant can check with nothing but the answer at hand.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.client import Shop

Answer = dict[str, Any]


def minor(amount: float, places: int = 2) -> int:
    """Exact: an amount with more places than the currency has fails."""
    scaled = Decimal(str(amount)).scaleb(places)
    assert scaled == scaled.to_integral_value(), f"{amount} has more than {places} decimal places"
    return int(scaled)


def total(amounts: Iterable[float], places: int) -> int:
    return sum(minor(amount, places) for amount in amounts)


def check_storefront(checkout: Answer, *, is_as_entered: bool = False) -> None:
    """A checkout, or a cart with what it takes, as the Storefront shows it. `is_as_entered`: shipping is known to be shown in the
    mode in which the merchant entered it; of the goods their prices tell.
    """
    cart = checkout["cart"]
    places = cart["currency"]["decimalPlaces"]

    def m(amount: float) -> int:
        return minor(amount, places)

    items = cart["lineItems"]
    lines = [*items["physicalItems"], *items["digitalItems"]]
    custom, certificates = items.get("customItems", []), items["giftCertificates"]
    bought = total((line["amount"] for line in certificates), places)
    customs = total((line["extendedListPrice"] for line in custom), places)
    assert m(cart["baseAmount"]) == total((line["extendedListPrice"] for line in lines), places) + customs + bought
    if not custom:  # whose sale price is not shown
        assert m(checkout["subtotal"]) == total((line["extendedSalePrice"] for line in lines), places) + bought
    coupons = total((coupon["discountedAmount"] for coupon in cart["coupons"]), places)
    assert m(cart["cartAmount"]) == m(checkout["subtotal"]) - m(cart["discountAmount"]) - coupons
    goods_as_entered = all(line["extendedComparisonPrice"] == line["extendedListPrice"] for line in lines)
    if goods_as_entered and not custom:  # what was taken off is all that lies between
        taken = total((entry["discountedAmount"] for entry in cart["discounts"]), places)
        assert taken == m(cart["baseAmount"]) - m(cart["cartAmount"])
    for line in lines:
        given = total((discount["discountedAmount"] for discount in line["discounts"]), places)
        (of_cart,) = (m(entry["discountedAmount"]) for entry in cart["discounts"] if entry["id"] == line["id"])
        assert of_cart == given
        assert m(line["discountAmount"]) + m(line["couponAmount"]) <= given
        assert m(line["extendedListPrice"]) == m(line["listPrice"]) * line["quantity"]
        if goods_as_entered:
            assert m(line["extendedSalePrice"]) == m(line["extendedListPrice"]) - m(line["discountAmount"])
    for consignment in checkout["consignments"]:
        before, comparison = m(consignment["shippingCostBeforeDiscount"]), m(consignment["comparisonShippingCost"])
        assert 0 <= m(consignment["shippingCost"]) <= comparison <= before
        of_coupons = total((discount["amount"] for discount in consignment["couponDiscounts"]), places)
        assert m(consignment["shippingCost"]) <= before - of_coupons
        if is_as_entered:
            assert m(consignment["shippingCost"]) == comparison - of_coupons
    for name, total_name in (
        ("shippingCost", "shippingCostTotal"),
        ("handlingCost", "handlingCostTotal"),
        ("shippingCostBeforeDiscount", "shippingCostBeforeDiscount"),
        ("comparisonShippingCost", "comparisonShippingCost"),
    ):
        assert m(checkout[total_name]) == total((entry[name] for entry in checkout["consignments"]), places)
    assert m(checkout["taxTotal"]) == total((tax["amount"] for tax in checkout["taxes"]), places)
    wrapped = total((line["giftWrapping"]["amount"] for line in lines if line.get("giftWrapping")), places)
    assert m(checkout["giftWrappingCostTotal"]) == wrapped
    fees = total((fee["cost"] for fee in checkout["fees"]), places)
    assert m(checkout["grandTotal"]) == m(cart["cartAmount"]) + m(checkout["shippingCostTotal"]) + m(
        checkout["handlingCostTotal"]
    ) + wrapped + fees + (0 if cart["isTaxIncluded"] else m(checkout["taxTotal"]))
    used = total((entry["used"] for entry in checkout["giftCertificates"]), places)
    if not checkout["isStoreCreditApplied"]:
        assert m(checkout["outstandingBalance"]) == m(checkout["grandTotal"]) - used
    assert 0 <= m(checkout["outstandingBalance"]) <= m(checkout["grandTotal"])
    assert m(checkout["orderBasedAutoDiscountTotal"]) + m(checkout["manualDiscountTotal"]) == m(cart["discountAmount"])


def check_management(checkout: Answer, places: int = 2) -> None:
    cart = checkout["cart"]

    def m(amount: float) -> int:
        return minor(amount, places)

    less = m(cart["discount_amount"]) + total((coupon["discounted_amount"] for coupon in cart["coupons"]), places)
    for mode in ("inc_tax", "ex_tax"):
        assert m(cart[f"cart_amount_{mode}"]) == m(checkout[f"subtotal_{mode}"]) - less
        for name in ("shipping_cost", "handling_cost"):
            parts = total((entry[f"{name}_{mode}"] for entry in checkout["consignments"]), places)
            assert m(checkout[f"{name}_total_{mode}"]) == parts
    items = cart["line_items"]
    goods = (*items["physical_items"], *items["digital_items"], *items["custom_items"])
    bought = total((line["amount"] for line in items["gift_certificates"]), places)
    assert m(cart["base_amount"]) == total((line["extended_list_price"] for line in goods), places) + bought
    wrappings = [line["gift_wrapping"] for line in items["physical_items"] if line.get("gift_wrapping")]
    wrapped = total((wrapping["amount"] for wrapping in wrappings), places)
    tax = sum(
        m(of[f"{name}_inc_tax"]) - m(of[f"{name}_ex_tax"])
        for name, of in (
            ("cart_amount", cart),
            ("shipping_cost_total", checkout),
            ("handling_cost_total", checkout),
            *(("cost", fee) for fee in checkout["fees"]),
        )
    )
    assert m(checkout["tax_total"]) == total((entry["amount"] for entry in checkout["taxes"]), places)
    without_wrapping = (
        m(cart["cart_amount_inc_tax"])
        + m(checkout["shipping_cost_total_inc_tax"])
        + m(checkout["handling_cost_total_inc_tax"])
        + total((fee["cost_inc_tax"] for fee in checkout["fees"]), places)
    )
    wrapping_tax = m(checkout["tax_total"]) - tax
    if not wrappings:  # of one whose whole amount is tax, an amount of 0 is shown without it
        assert wrapping_tax == 0
    wrapped_inc = wrapped if cart["tax_included"] else wrapped + wrapping_tax
    assert m(checkout["grand_total"]) == without_wrapping + wrapped_inc
    ex_tax = (
        m(cart["cart_amount_ex_tax"])
        + m(checkout["shipping_cost_total_ex_tax"])
        + m(checkout["handling_cost_total_ex_tax"])
        + total((fee["cost_ex_tax"] for fee in checkout["fees"]), places)
        + wrapped_inc
        - wrapping_tax
    )
    assert m(checkout["grand_total"]) == ex_tax + m(checkout["tax_total"])


def check_both(management: Answer, storefront: Answer, *, is_as_entered: bool = False) -> None:
    """The same checkout on both surfaces (BEHAVIOUR 12, invariants 2 and 6)."""
    check_storefront(storefront, is_as_entered=is_as_entered)
    check_management(management, storefront["cart"]["currency"]["decimalPlaces"])
    mode = "inc_tax" if storefront["cart"]["isTaxIncluded"] else "ex_tax"
    assert management["cart"]["tax_included"] == storefront["cart"]["isTaxIncluded"]
    for name, theirs in (
        ("grand_total", "grandTotal"),
        ("tax_total", "taxTotal"),
        (f"subtotal_{mode}", "subtotal"),
        (f"shipping_cost_total_{mode}", "shippingCostTotal"),
        (f"handling_cost_total_{mode}", "handlingCostTotal"),
        ("version", "version"),
    ):
        assert management[name] == storefront[theirs]
    for name, theirs in (
        ("base_amount", "baseAmount"),
        ("discount_amount", "discountAmount"),
        (f"cart_amount_{mode}", "cartAmount"),
        ("version", "version"),
    ):
        assert management["cart"][name] == storefront["cart"][theirs]
    assert [entry["discounted_amount"] for entry in management["coupons"]] == [
        entry["discountedAmount"] for entry in storefront["coupons"]
    ]
    assert [entry["discounted_amount"] for entry in management["cart"]["discounts"]] == [
        entry["discountedAmount"] for entry in storefront["cart"]["discounts"]
    ]


def both(shop: Shop, checkout_id: str, *, is_as_entered: bool = False) -> tuple[Answer, Answer]:
    """The checkout of the browser's session as Management and as the Storefront shows it; all formulas hold."""
    management = shop.management("GET", f"/checkouts/{checkout_id}").json()["data"]
    storefront = shop.storefront("GET", f"/checkouts/{checkout_id}").json()
    check_both(management, storefront, is_as_entered=is_as_entered)
    return management, storefront
