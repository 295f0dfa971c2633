"""The demo shop is what its users are told it is: each line of its table, with the numbers written out."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from argon2 import PasswordHasher

from checkstand.domain.facts import Customer, Product, Store
from checkstand.service import shop_file
from checkstand.storage.port import StoredShop
from tests.builders import usd
from tests.client import Shop


@pytest.fixture(scope="module")
def shop(stored_on: str) -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def stored(shop: Shop) -> StoredShop:
    found: StoredShop = shop.run(shop.storage.unit("demo").shop.get())
    return found


@pytest.fixture(scope="module")
def store(stored: StoredShop) -> Store:
    return stored.store


def product(stored: StoredShop, product_id: int) -> Product:
    return next(product for product in stored.products if product.id == product_id)


# ---------------------------------------------------------------------------------------------------- the store


def test_the_store_is_called_demo_and_sells_in_dollars(store: Store) -> None:
    assert store.hash == "demo"
    assert (store.currency.code, store.currency.decimal_places) == ("USD", 2)
    assert {currency.code: currency.decimal_places for currency in store.other_currencies} == {
        "EUR": 2,
        "JPY": 0,
        "KWD": 3,
    }
    assert store.weight_unit == "lb"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8080", "127.0.0.1:9999"])
def test_its_host_names_are_those_of_this_machine(shop: Shop, host: str) -> None:
    answer = shop.call("GET", "/api/storefront/carts", headers={"Host": host})

    assert (answer.status_code, answer.json()) == (200, [])


def test_carts_are_made_on_channel_1_with_prices_without_tax(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]}).json()["data"]

    assert (cart["channel_id"], cart["currency"], cart["tax_included"]) == (1, {"code": "USD"}, False)


# ---------------------------------------------------------------------------------------------------- tokens

READS = [
    "/carts/nothing",
    "/checkouts/nothing",
    "/catalog/products",
    "/inventory/locations",
    "/pickup/methods",
    "/carts/settings",
]


def test_demo_token_may_do_everything(shop: Shop) -> None:
    assert [shop.management("GET", path).status_code for path in READS] == [404, 404, 200, 200, 200, 200]
    assert shop.management("POST", "/carts", {}).status_code == 422
    assert shop.management("POST", "/catalog/products", {}).status_code == 422
    assert shop.management("POST", "/checkouts/nothing/orders").status_code == 404
    assert shop.management("GET", "/shipping/zones", base="/stores/demo/v2").status_code == 200


def test_the_read_only_token_may_read_everything_and_change_nothing(shop: Shop) -> None:
    token = "demo-token-read-only"

    assert [shop.management("GET", path, token=token).status_code for path in READS] == [404, 404, 200, 200, 200, 200]
    assert shop.management("GET", "/shipping/zones", base="/stores/demo/v2", token=token).status_code == 200
    for method, path in (
        ("POST", "/carts"),
        ("POST", "/checkouts/nothing/consignments"),
        ("POST", "/checkouts/nothing/orders"),
        ("POST", "/catalog/products"),
        ("PUT", "/carts/settings"),
        ("POST", "/pickup/methods"),
    ):
        assert shop.management(method, path, {}, token=token).status_code == 403, path


def test_the_carts_token_may_read_and_change_carts_and_nothing_else(shop: Shop) -> None:
    token = "demo-token-carts"

    created = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]}, token=token)
    cart_id = created.json()["data"]["id"]

    assert created.status_code == 201
    assert shop.management("GET", f"/carts/{cart_id}", token=token).status_code == 200
    assert shop.management("GET", f"/checkouts/{cart_id}", token=token).status_code == 403
    assert shop.management("GET", "/catalog/products", token=token).status_code == 403
    assert shop.management("DELETE", f"/carts/{cart_id}", token=token).status_code == 204


def test_no_other_token_opens_it(shop: Shop) -> None:
    assert shop.management("GET", "/catalog/products", token="demo-token-carts-read-only").status_code == 401
    assert shop.management("GET", "/catalog/products", base="/stores/other/v3").status_code == 401


# ---------------------------------------------------------------------------------------------------- catalog


@pytest.mark.parametrize(
    ("product_id", "name", "price", "sale_price", "variants", "stock"),
    [
        (184, "Canvas Laundry Cart", "17.99", "15.99", {364: "SMA-RED", 365: "SMA-BLU"}, 1000),
        (170, "Ceramic Measuring Spoons", "25.00", None, {341: "SPOONS"}, 1000),
        (158, "Chambray Towel", "49.99", None, {376: "SKU-A0C8A203"}, 1000),
        (189, "Gather Journal Issue 7 - Digital", "18.95", None, {360: "GATHER-7"}, 1000),
        (174, "1L Le Parfait Jar", "7.95", None, {345: "PARFAIT-1L"}, 1000),
        (190, "Last Lantern", "12.00", None, {370: "LANTERN"}, 2),
    ],
)
def test_a_product_has_its_price_its_variants_and_its_stock(
    stored: StoredShop,
    product_id: int,
    name: str,
    price: str,
    sale_price: str | None,
    variants: dict[int, str],
    stock: int,
) -> None:
    found = product(stored, product_id)

    assert (found.name, found.price) == (name, usd(price))
    assert found.sale_price == (None if sale_price is None else usd(sale_price))
    assert {variant.id: variant.sku for variant in found.variants} == variants
    assert [stored.stock[variant_id] for variant_id in variants] == [{0: stock}] * len(variants)


def test_there_are_six_products_and_one_of_them_is_digital(stored: StoredShop) -> None:
    assert {product.id: product.type for product in stored.products} == {
        158: "physical",
        170: "physical",
        174: "physical",
        184: "physical",
        189: "digital",
        190: "physical",
    }


def test_what_is_shipped_weighs_one_to_five_pounds(stored: StoredShop) -> None:
    weights = {product.id: product.weight for product in stored.products if product.type == "physical"}

    assert weights == {158: 2, 170: 1, 174: Decimal("1.5"), 184: 5, 190: 3}


def test_the_laundry_cart_comes_in_red_and_blue(stored: StoredShop) -> None:
    (option,) = product(stored, 184).options

    assert (option.display_name, [value.label for value in option.values]) == ("Color", ["Red", "Blue"])


def test_a_promotion_takes_two_dollars_off_each_laundry_cart(shop: Shop) -> None:
    lines = [{"product_id": 184, "variant_id": 364, "quantity": 3}, {"product_id": 170, "quantity": 1}]

    cart = shop.management("POST", "/carts", {"line_items": lines}).json()["data"]

    carts, spoons = cart["line_items"]["physical_items"]
    assert (carts["original_price"], carts["list_price"], carts["sale_price"]) == (17.99, 15.99, 13.99)
    assert (carts["discount_amount"], carts["extended_sale_price"]) == (6, 41.97)
    assert (spoons["discount_amount"], spoons["sale_price"]) == (0, 25)


# ---------------------------------------------------------------------------------------------------- shipping


def offers(shop: Shop, address: dict[str, str], *lines: tuple[int, int, int]) -> dict[str, float]:
    """Description -> cost of what a consignment of all lines (product, variant, quantity) is offered."""
    items = [
        {"product_id": product_id, "variant_id": variant_id, "quantity": quantity}
        for product_id, variant_id, quantity in lines
    ]
    cart = shop.management("POST", "/carts", {"line_items": items}).json()["data"]
    units = [{"item_id": line["id"], "quantity": line["quantity"]} for line in cart["line_items"]["physical_items"]]
    sent = {"address": {"email": "jane@example.com", **address}, "line_items": units}
    path = f"/checkouts/{cart['id']}/consignments?include=consignments.available_shipping_options"
    checkout = shop.management("POST", path, [sent]).json()["data"]
    options: list[dict[str, Any]] = checkout["consignments"][0]["available_shipping_options"]
    return {option["description"]: option["cost"] for option in options}


NEW_YORK = {"country_code": "US", "state_or_province_code": "NY", "postal_code": "10001"}
TEXAS = {"country_code": "US", "state_or_province_code": "TX", "postal_code": "78701"}
LONDON = {"country_code": "GB", "city": "London", "postal_code": "SW1A 1AA"}

SPOONS, LAUNDRY_CART, TOWEL = (170, 341), (184, 364), (158, 376)


@pytest.mark.parametrize(
    ("lines", "country", "texas"),
    [
        # 1 lb, 25.00
        (
            [(*SPOONS, 1)],
            {"Per Item": 2.5, "Ship by Weight": 6, "Flat Rate": 8, "Ship by Total": 10},
            {"Per Item": 1.25, "Ship by Weight": 3, "Flat Rate": 4, "Ship by Total": 5},
        ),
        # 10 lb, 27.98 after the promotion
        (
            [(*LAUNDRY_CART, 2)],
            {"Per Item": 5, "Flat Rate": 8, "Ship by Total": 10, "Ship by Weight": 12},
            {"Per Item": 2.5, "Flat Rate": 4, "Ship by Total": 5, "Ship by Weight": 6},
        ),
        # 8 lb, 199.96
        (
            [(*TOWEL, 4)],
            {"Ship by Total": 5, "Flat Rate": 8, "Per Item": 10, "Ship by Weight": 12},
            {"Ship by Total": 2.5, "Flat Rate": 4, "Per Item": 5, "Ship by Weight": 6},
        ),
        # 25 lb, 249.95 + 41.97
        (
            [(*TOWEL, 5), (*LAUNDRY_CART, 3)],
            {"Ship by Total": 2, "Flat Rate": 8, "Per Item": 20, "Ship by Weight": 20},
            {"Ship by Total": 1, "Flat Rate": 4, "Per Item": 10, "Ship by Weight": 10},
        ),
    ],
    ids=["light", "heavier", "dearer", "heavy and dear"],
)
def test_the_united_states_have_four_methods_and_texas_the_same_at_half_the_price(
    shop: Shop, lines: list[tuple[int, int, int]], country: dict[str, float], texas: dict[str, float]
) -> None:
    assert offers(shop, NEW_YORK, *lines) == country
    assert offers(shop, TEXAS, *lines) == texas


def test_the_rest_of_the_world_has_one_method(shop: Shop) -> None:
    assert offers(shop, LONDON, (*SPOONS, 1)) == {"International": 30}


def test_shipping_is_free_from_500_dollars_on_in_the_united_states_but_not_in_texas(shop: Shop) -> None:
    # 10 x 49.99 = 499.90; 20 x 25.00 = 500.00
    below, reached = [(*TOWEL, 10)], [(*SPOONS, 20)]

    assert 0 not in offers(shop, NEW_YORK, *below).values()
    assert 0 in offers(shop, NEW_YORK, *reached).values()
    assert 0 not in offers(shop, TEXAS, *reached).values()


def test_zones_and_methods_have_their_numbers(store: Store) -> None:
    assert {(zone.id, zone.name): [method.id for method in zone.methods] for zone in store.shipping_zones} == {
        (1, "United States"): [1, 2, 3, 4],
        (2, "Texas"): [5, 6, 7, 8],
        (3, "Rest of the World"): [9],
    }
    assert store.shipping_zones[0].methods[1].description == "Fragile items"


def test_the_weight_methods_say_that_things_are_fragile(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]}).json()["data"]
    units = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 1}]
    sent = {"address": {"email": "jane@example.com", **NEW_YORK}, "line_items": units}
    path = f"/checkouts/{cart['id']}/consignments?include=consignments.available_shipping_options"

    options = shop.management("POST", path, [sent]).json()["data"]["consignments"][0]["available_shipping_options"]

    assert {option["description"]: option["additional_description"] for option in options} == {
        "Flat Rate": "",
        "Ship by Weight": "Fragile items",
        "Ship by Total": "",
        "Per Item": "",
    }


def test_things_can_be_picked_up_in_austin_and_in_dallas(store: Store) -> None:
    assert [
        (location.id, location.latitude, location.longitude, location.address.city, location.address.postal_code)
        for location in store.locations
    ] == [(1, 30.2672, -97.7431, "Austin", "78701"), (2, 32.7767, -96.797, "Dallas", "75202")]
    assert [(method.id, method.location_id) for method in store.pickup_methods] == [(1, 1), (2, 2)]


# ---------------------------------------------------------------------------------------------------- taxes


@pytest.mark.parametrize(
    ("address", "goods", "shipping", "name"),
    [
        (TEXAS, 2.06, 0.1, "Texas Sales Tax"),  # 8.25 % of 25.00 and of 1.25
        (NEW_YORK, 1, 0, "Sales Tax"),  # 4 % of 25.00
        (LONDON, 0, 0, "Tax"),
    ],
    ids=["Texas", "the rest of the country", "elsewhere"],
)
def test_taxes_are_those_of_the_place_and_shipping_is_taxed_in_texas(
    shop: Shop, address: dict[str, str], goods: float, shipping: float, name: str
) -> None:
    cart = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]}).json()["data"]
    units = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 1}]
    sent = {"address": {"email": "jane@example.com", **address}, "line_items": units}
    path = f"/checkouts/{cart['id']}/consignments"
    options = f"{path}?include=consignments.available_shipping_options"
    consignment = shop.management("POST", options, [sent]).json()["data"]["consignments"][0]
    cheapest = consignment["available_shipping_options"][0]["id"]

    checkout = shop.management("PUT", f"{path}/{consignment['id']}", {"shipping_option_id": cheapest}).json()["data"]

    assert checkout["taxes"] == [{"name": name, "amount": round(goods + shipping, 2)}]
    assert round(checkout["subtotal_inc_tax"] - checkout["subtotal_ex_tax"], 2) == goods
    shipped = checkout["shipping_cost_total_inc_tax"] - checkout["shipping_cost_total_ex_tax"]
    assert round(shipped, 2) == shipping


# ---------------------------------------------------------------------------------------------------- what else it has


def test_there_are_six_coupons(store: Store) -> None:
    coupons: dict[str, Any] = {
        coupon.code: (coupon.type_name, coupon.amount, coupon.minimum, coupon.expires) for coupon in store.coupons
    }

    assert coupons == {
        "S2549JM0Y": ("per_total_discount", 5, 0, ""),
        "SHOP20": ("percentage_discount", 20, 0, ""),
        "FREESHIP": ("free_shipping", 0, 0, ""),
        "SHIP5": ("shipping_discount", 5, 0, ""),
        "MIN100": ("per_total_discount", 10, 100, ""),
        "OLD": ("per_total_discount", 1, 0, "2020-01-01T00:00:00+00:00"),
    }


def test_there_are_two_gift_certificates(stored: StoredShop) -> None:
    assert {certificate.code: certificate.balance for certificate in stored.gift_certificates} == {
        "1234ABC": usd("100.00"),
        "5678DEF": usd("4.00"),
    }


def test_there_are_two_customers_who_can_sign_in(stored: StoredShop, store: Store) -> None:
    (jane, hers), (john, his) = stored.customers

    assert jane == Customer(
        id=11,
        email="janedoe@example.com",
        first_name="Jane",
        last_name="Doe",
        group_id=1,
        store_credit=usd("20.00"),
        addresses=jane.addresses,
    )
    assert [(address.city, address.state_or_province_code) for address in jane.addresses] == [
        ("Austin", "TX"),
        ("Dallas", "TX"),
    ]
    assert john == Customer(id=12, email="johndoe@example.com", first_name="John", last_name="Doe")
    assert [(group.id, group.name) for group in store.customer_groups] == [(1, "Wholesale customers")]
    assert PasswordHasher().verify(hers, "Passw0rd1")
    assert PasswordHasher().verify(his, "Passw0rd1")


def test_three_ways_to_pay_need_nobody_else(store: Store) -> None:
    assert [method.id for method in store.payment_methods] == ["bankdeposit", "cod", "instore"]


def test_the_demo_shop_can_be_dumped_and_loaded_like_any_other(shop: Shop) -> None:
    text = shop_file.write(shop.run(shop_file.dump(shop.storage.unit("demo"))))

    assert shop_file.write(shop_file.read(text)) == text
