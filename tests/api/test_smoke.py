from tests.client import Shop


def test_a_cart_becomes_an_order_over_management() -> None:
    with Shop() as shop:
        cart = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 2}]}).json()["data"]
        address = {
            "email": "jane@example.com",
            "country_code": "US",
            "first_name": "Jane",
            "last_name": "Doe",
            "address1": "123 Main Street",
            "city": "Austin",
            "state_or_province_code": "TX",
            "postal_code": "78751",
        }
        item = cart["line_items"]["physical_items"][0]["id"]
        path = f"/checkouts/{cart['id']}"
        created = shop.management(
            "POST",
            f"{path}/consignments?include=consignments.available_shipping_options",
            [{"address": address, "line_items": [{"item_id": item, "quantity": 2}]}],
        )
        consignment = created.json()["data"]["consignments"][0]
        option = consignment["available_shipping_options"][0]
        shop.management("PUT", f"{path}/consignments/{consignment['id']}", {"shipping_option_id": option["id"]})
        shop.management("POST", f"{path}/billing-address", address)

        ordered = shop.management("POST", f"{path}/orders")

        assert (ordered.status_code, ordered.json()) == (200, {"data": {"id": 100}, "meta": {}})
        assert shop.management("GET", path).json()["data"]["order_id"] == "100"
