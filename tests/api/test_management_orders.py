"""Orders through `/v2/orders`: what is shown agrees with the Storefront, and what follows from a status (BEHAVIOUR D64, D65)."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, consign, item_ids, ready_checkout, ready_storefront_checkout, select_first, to
from tests.client import Shop
from tests.recording import AUSTIN, CERTIFICATE, NEW_YORK


def v2(shop: Shop, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, path, body, base="/stores/demo/v2", **options)


def order_of(shop: Shop, checkout: dict[str, Any]) -> int:
    """A Management order, still incomplete."""
    number: int = shop.management("POST", f"/checkouts/{checkout['id']}/orders").json()["data"]["id"]
    return number


def bought(shop: Shop, *lines: dict[str, Any], **options: Any) -> int:
    """A Storefront order, awaiting its payment."""
    checkout = ready_storefront_checkout(shop, *lines, **options)
    body = {"cartId": checkout["id"], "payment": {"name": "cod"}}
    answer = shop.storefront("POST", "/checkout/order", body, base="/internalapi/v1", **options)
    number: int = answer.json()["data"]["order"]["orderId"]
    return number


def set_status(shop: Shop, order_id: int, status_id: int) -> httpx.Response:
    return v2(shop, "PUT", f"/orders/{order_id}", {"status_id": status_id})


def units_left(shop: Shop, variant_id: int = 364) -> int:
    return int(shop.run(shop.storage.unit("demo").catalog.stock_of([variant_id]))[variant_id][0])


def events(shop: Shop) -> list[tuple[str, str]]:
    rows = shop.run(shop.driver.all("event_all", store_hash="demo"))
    return [(row["scope"], row["body"].decode()) for row in rows]


# ---------------------------------------------------------------------------------------------------- what is shown


def test_an_order_is_shown_with_its_amounts_in_both_tax_modes(shop: Shop) -> None:
    number = bought(shop)

    shown = v2(shop, "GET", f"/orders/{number}").json()

    # 2 x 13.99 and 2 x 2.50 to New York: 4 % of 27.98 is 1.12, shipping is not taxed there.
    assert shown["id"] == 100
    assert (shown["status_id"], shown["status"], shown["payment_provider_id"]) == (7, "Awaiting Payment", "cod")
    assert (shown["subtotal_ex_tax"], shown["subtotal_inc_tax"], shown["subtotal_tax"]) == (
        "27.9800",
        "29.1000",
        "1.1200",
    )
    assert (shown["shipping_cost_ex_tax"], shown["shipping_cost_inc_tax"]) == ("5.0000", "5.0000")
    assert (shown["total_ex_tax"], shown["total_inc_tax"], shown["total_tax"]) == ("32.9800", "34.1000", "1.1200")
    assert (shown["items_total"], shown["shipping_address_count"], shown["order_is_digital"]) == (2, 1, False)
    assert shown["date_created"].endswith(" +0000")
    assert shown["billing_address"]["street_1"] == "123 Main Street"
    assert shown["billing_address"]["form_fields"] == [{"name": "field_25", "value": "Leave in backyard"}]
    assert shown["products"] == {
        "url": "http://127.0.0.1:8080/stores/demo/v2/orders/100/products",
        "resource": "/orders/100/products",
    }


def test_line_items_taxes_and_addresses_are_those_of_the_storefront_order(shop: Shop) -> None:
    number = bought(shop)
    storefront = shop.storefront("GET", f"/orders/{number}?include=lineItems").json()

    products = v2(shop, "GET", f"/orders/{number}/products").json()
    addresses = v2(shop, "GET", f"/orders/{number}/shipping_addresses").json()
    taxes = v2(shop, "GET", f"/orders/{number}/taxes").json()

    line = storefront["lineItems"]["physicalItems"][0]
    sent = storefront["consignments"]["shipping"][0]
    assert (products[0]["id"], products[0]["total_ex_tax"], products[0]["price_ex_tax"]) == (
        line["id"],
        "27.9800",
        "13.9900",
    )
    assert products[0]["base_total"] == f"{line['extendedListPrice']:.4f}"
    assert (products[0]["total_inc_tax"], products[0]["price_tax"]) == ("29.1000", "0.5600")
    assert addresses[0]["id"] == sent["shippingAddressId"] == products[0]["order_address_id"]
    assert (addresses[0]["cost_inc_tax"], addresses[0]["shipping_method"], addresses[0]["city"]) == (
        "5.0000",
        "Per Item",
        "New York",
    )
    assert [(tax["line_item_type"], tax["order_product_id"], tax["line_amount"]) for tax in taxes] == [
        ("item", 1000001, "1.1200")
    ]
    assert v2(shop, "GET", f"/orders/{number}/products/1000001").json() == products[0]
    assert v2(shop, "GET", f"/orders/{number}/shipping_addresses/{addresses[0]['id']}").json() == addresses[0]
    assert v2(shop, "GET", f"/orders/{number}/products/1").status_code == 404
    assert v2(shop, "GET", f"/orders/{number}/shipping_addresses/1").status_code == 404
    assert v2(shop, "GET", "/orders/99").status_code == 404


def two_parcels_and_a_pickup(shop: Shop) -> int:
    goods = {"product_id": 184, "variant_id": 364, "quantity": 3}, {"product_id": 170, "quantity": 2}
    cart = a_cart(shop, *goods)
    laundry, spoons = item_ids(cart)
    pickup = {"pickup_option": {"pickup_method_id": 1}, "line_items": [{"item_id": spoons, "quantity": 2}]}
    parcels = (to(AUSTIN, (laundry, 1)), to(NEW_YORK, (laundry, 2)))
    checkout = select_first(shop, consign(shop, cart["id"], *parcels, pickup))
    shop.management("POST", f"/checkouts/{cart['id']}/coupons", {"coupon_code": "SHOP20"})
    fee = {"name": "Insurance", "display_name": "Insured", "type": "custom_fee", "cost": 3, "source": "app"}
    shop.management("POST", f"/checkouts/{cart['id']}/fees", {"fees": [fee]})
    shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    return order_of(shop, checkout)


def test_an_order_says_which_goods_go_where_by_which_means(shop: Shop) -> None:
    number = two_parcels_and_a_pickup(shop)

    consignments = v2(shop, "GET", f"/orders/{number}/consignments").json()

    assert [(each["city"], each["items_total"], each["base_cost"]) for each in consignments["shipping"]] == [
        ("Austin", 1, "1.2500"),
        ("New York", 2, "5.0000"),
    ]
    (pickup,) = consignments["pickups"]
    assert (pickup["pickup_method_id"], pickup["location"]["city"], pickup["cost_inc_tax"]) == (1, "Austin", "0.0000")
    assert [item["quantity"] for item in pickup["line_items"]] == [2]
    places = {
        product["id"]: (product["order_address_id"], product["order_pickup_method_id"])
        for product in v2(shop, "GET", f"/orders/{number}/products").json()
    }
    assert places[pickup["line_items"][0]["order_product_id"]] == (None, 1)
    assert len(v2(shop, "GET", f"/orders/{number}/shipping_addresses").json()) == 2


def test_all_amounts_of_an_order_add_up(shop: Shop) -> None:
    number = two_parcels_and_a_pickup(shop)

    shown = v2(shop, "GET", f"/orders/{number}").json()
    products = v2(shop, "GET", f"/orders/{number}/products").json()
    consignments = v2(shop, "GET", f"/orders/{number}/consignments").json()
    taxes = v2(shop, "GET", f"/orders/{number}/taxes").json()
    (coupon,) = v2(shop, "GET", f"/orders/{number}/coupons").json()
    (fee,) = v2(shop, "GET", f"/orders/{number}/fees").json()

    def amount(name: str) -> Decimal:
        return Decimal(shown[name])

    for mode in ("ex_tax", "inc_tax", "tax"):
        assert sum(Decimal(product[f"total_{mode}"]) for product in products) == amount(f"subtotal_{mode}")
        costs = [Decimal(each[f"cost_{mode}"]) for each in consignments["shipping"]]
        assert sum(costs) == amount(f"shipping_cost_{mode}")
    assert sum(Decimal(tax["line_amount"]) for tax in taxes) == amount("total_tax")
    assert amount("coupon_discount") == Decimal(coupon["discount"]) > 0
    assert (coupon["code"], coupon["type"]) == ("SHOP20", 1)
    assert amount("total_inc_tax") == (
        amount("subtotal_inc_tax")
        - amount("coupon_discount")
        + amount("shipping_cost_inc_tax")
        + Decimal(fee["cost_inc_tax"])
    )
    assert (fee["base_cost"], fee["display_name_customer"]) == ("3.0000", "Insured")


def test_orders_are_listed_filtered_sorted_and_counted(shop: Shop) -> None:
    first = order_of(shop, ready_checkout(shop))
    second = bought(shop)
    third = bought(shop, browser=shop.new_browser())
    set_status(shop, first, 5)

    def ids(query: str = "") -> list[int]:
        return [each["id"] for each in v2(shop, "GET", f"/orders{query}").json()]

    cart_id = v2(shop, "GET", f"/orders/{second}").json()["cart_id"]
    assert ids() == [first, second, third] == [100, 101, 102]
    assert ids("?sort=id:desc&limit=2") == [102, 101]
    assert ids("?limit=2&page=2") == [102]
    assert ids("?min_id=101&max_id=101") == [101]
    assert ids("?status_id=5") == [100]
    assert ids("?status_id=7&sort=date_created:desc") == [102, 101]
    assert ids("?sort=date_modified:desc")[0] == 100
    assert ids(f"?cart_id={cart_id}") == [101]
    assert ids("?email=JANE@example.com&sort=customer_id") == [100, 101, 102]
    assert ids("?min_date_created=2020-01-01&max_date_created=2999-01-01T00:00:00Z") == [100, 101, 102]
    assert ids("?min_date_modified=Thu, 01 Jan 2998 00:00:00 %2B0000") == ids("?max_date_created=2020-01-01") == []
    shown = v2(shop, "GET", "/orders/102").json()
    dates = {name: shown["date_created"].replace("+", "%2B") for name in ("min_date_created", "max_date_created")}
    assert 102 in ids("?" + "&".join(f"{name}={date}" for name, date in dates.items()))
    assert v2(shop, "GET", "/orders?min_date_created=soon").status_code == 422
    assert ids("?email=nobody@example.com") == ids("?customer_id=11") == []
    assert v2(shop, "GET", "/orders?sort=name").status_code == 422
    assert v2(shop, "GET", "/orders?status_id=15").status_code == 422
    counted = v2(shop, "GET", "/orders/count").json()
    assert counted["count"] == 3
    assert {each["name"]: each["count"] for each in counted["statuses"] if each["count"]} == {
        "Cancelled": 1,
        "Awaiting Payment": 2,
    }


def test_the_statuses_have_their_published_numbers(shop: Shop) -> None:
    statuses = v2(shop, "GET", "/order_statuses").json()

    assert [(each["id"], each["name"]) for each in statuses][:12:11] == [
        (0, "Incomplete"),
        (11, "Awaiting Fulfillment"),
    ]
    assert len(statuses) == 15
    assert v2(shop, "GET", "/order_statuses/8").json()["name"] == "Awaiting Pickup"
    assert v2(shop, "GET", "/order_statuses/15").status_code == 404


def test_orders_are_for_tokens_that_may_see_them(shop: Shop) -> None:
    number = order_of(shop, ready_checkout(shop))

    assert v2(shop, "GET", f"/orders/{number}", token="demo-token-read-only").status_code == 200
    refused = v2(shop, "PUT", f"/orders/{number}", {"status_id": 11}, token="demo-token-read-only")
    assert refused.status_code == 403


# ---------------------------------------------------------------------------------------------------- statuses


def test_d64_d65_a_management_order_takes_its_stock_and_ends_its_cart_once_it_is_paid(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    number = order_of(shop, checkout)
    assert units_left(shop) == 1000

    paid = set_status(shop, number, 11)

    assert (paid.status_code, paid.json()["status"]) == (200, "Awaiting Fulfillment")
    assert units_left(shop) == 998
    late = shop.management("PUT", f"/checkouts/{checkout['id']}", {"customer_message": "late"})
    assert late.status_code == 422
    assert events(shop)[-3:] == [
        ("store/order/updated", '{"type":"order","id":100}'),
        (
            "store/order/statusUpdated",
            '{"type":"order","id":100,"status":{"previous_status_id":0,"new_status_id":11}}',
        ),
        ("store/cart/converted", f'{{"type":"cart","id":"{checkout["id"]}","orderId":100}}'),
    ]


def test_a_management_order_that_waits_for_its_payment_has_its_stock_and_leaves_the_cart(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    number = order_of(shop, checkout)

    set_status(shop, number, 7)

    assert units_left(shop) == 998
    assert shop.management("GET", f"/carts/{checkout['id']}").status_code == 200
    assert shop.management("PUT", f"/checkouts/{checkout['id']}", {"customer_message": "yes"}).status_code == 200
    set_status(shop, number, 10)
    assert units_left(shop) == 998
    assert shop.management("POST", f"/checkouts/{checkout['id']}/orders").json()["data"]["id"] == number


def test_an_order_whose_goods_are_gone_stays_incomplete_and_names_them(shop: Shop) -> None:
    lantern = {"product_id": 190, "quantity": 2}
    first, second = (order_of(shop, ready_checkout(shop, lantern)) for _ in range(2))
    assert set_status(shop, first, 11).status_code == 200

    refused = set_status(shop, second, 11)

    assert refused.status_code == 422
    assert refused.json()["detail"] == "Only 0 of Last Lantern left, the order needs 2."
    assert v2(shop, "GET", f"/orders/{second}").json()["status_id"] == 0
    assert units_left(shop, 370) == 0


@pytest.mark.parametrize("status_id", [5, 6])
def test_an_order_that_is_given_up_gives_its_stock_back_and_takes_it_again_when_it_comes_back(
    shop: Shop, status_id: int
) -> None:
    number = bought(shop)
    assert units_left(shop) == 998

    set_status(shop, number, status_id)
    set_status(shop, number, status_id)
    assert units_left(shop) == 1000

    set_status(shop, number, 9)
    set_status(shop, number, 2)
    assert units_left(shop) == 998


def test_a_refunded_order_keeps_its_stock(shop: Shop) -> None:
    number = bought(shop)

    set_status(shop, number, 4)

    assert units_left(shop) == 998


def test_no_order_becomes_incomplete_again(shop: Shop) -> None:
    number = bought(shop)

    refused = set_status(shop, number, 0)

    assert refused.status_code == 422
    assert refused.json()["errors"] == {"status_id": "cannot be 0: order 100 is no longer incomplete"}
    assert set_status(shop, number, 15).status_code == 422
    assert set_status(shop, 99, 11).status_code == 404


def test_notes_are_kept_and_change_no_status(shop: Shop) -> None:
    number = bought(shop)
    before = len(events(shop))

    v2(shop, "PUT", f"/orders/{number}", {"staff_notes": "Rang twice.", "customer_message": "At the back door"})
    v2(shop, "PUT", f"/orders/{number}", {"status_id": 7})

    shown = v2(shop, "GET", f"/orders/{number}").json()
    assert (shown["staff_notes"], shown["customer_message"]) == ("Rang twice.", "At the back door")
    assert shown["status_id"] == 7
    assert [scope for scope, _ in events(shop)[before:]] == ["store/order/updated"] * 2
    assert shop.storefront("GET", f"/orders/{number}").json()["customerMessage"] == "At the back door"


def test_the_storefront_shows_the_status(shop: Shop) -> None:
    number = bought(shop)

    set_status(shop, number, 14)

    assert shop.storefront("GET", f"/orders/{number}").json()["status"] == "PARTIALLY_REFUNDED"


def test_gift_certificates_that_were_bought_are_issued_once_the_order_is_paid(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", {"line_items": [], "gift_certificates": [CERTIFICATE]}).json()["data"]
    shop.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    number = order_of(shop, cart)

    def issued() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = v2(shop, "GET", f"/gift_certificates?order_id={number}").json()
        return found

    set_status(shop, number, 7)
    assert issued() == []
    for status_id in (10, 7, 10):
        set_status(shop, number, status_id)

    (certificate,) = issued()
    assert (certificate["amount"], certificate["balance"], certificate["status"]) == ("10.0000", "10.0000", "active")


def test_a_cart_of_which_one_order_was_paid_is_that_order_for_whoever_asks(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    path = f"/checkouts/{checkout['id']}"
    paid = order_of(shop, checkout)
    shop.management("PUT", path, {"customer_message": "another version"})
    other = order_of(shop, checkout)

    set_status(shop, paid, 11)

    assert (paid, other) == (100, 101)
    assert order_of(shop, checkout) == paid
    assert shop.management("GET", path).json()["data"]["order_id"] == "100"
    assert set_status(shop, other, 11).status_code == 200
    assert [scope for scope, _ in events(shop)].count("store/cart/converted") == 1


def test_a_cart_that_is_gone_keeps_no_order_from_being_paid(shop: Shop) -> None:
    checkout = ready_checkout(shop)
    number = order_of(shop, checkout)
    assert shop.management("DELETE", f"/carts/{checkout['id']}").status_code == 204

    assert set_status(shop, number, 11).status_code == 200
    assert units_left(shop) == 998
    assert "store/cart/converted" not in [scope for scope, _ in events(shop)]


def test_of_many_that_pay_an_order_at_once_one_takes_its_stock(shop: Shop) -> None:
    number = order_of(shop, ready_checkout(shop))
    headers = {"X-Auth-Token": "demo-token"}

    async def at_once() -> list[int]:
        async with shop.new_browser() as client:
            path = f"/stores/demo/v2/orders/{number}"
            sent = [client.put(path, json={"status_id": status}, headers=headers) for status in (11, 9, 7, 2, 10, 8)]
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    assert shop.run(at_once()) == [200] * 6
    assert units_left(shop) == 998
    assert [scope for scope, _ in events(shop)].count("store/cart/converted") == 1
