"""Products as far as a checkout needs them: the v3 shape word for word, refusals by field, and what carts see of it."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart
from tests.client import Shop

LAMP: dict[str, Any] = {
    "name": "Desk Lamp",
    "type": "physical",
    "weight": 2.5,
    "width": 12,
    "price": 34.5,
    "sku": "LAMP",
}
COLORS: list[dict[str, Any]] = [
    {
        "sku": "LAMP-BRASS",
        "price": 39,
        "weight": 3,
        "inventory_level": 7,
        "image_url": "https://example.com/brass.png",
        "option_values": [{"option_display_name": "Finish", "label": "Brass"}],
    },
    {
        "sku": "LAMP-BLACK",
        "sale_price": 30,
        "option_values": [{"option_display_name": "Finish", "label": "Black"}],
    },
]


def create(shop: Shop, **fields: Any) -> dict[str, Any]:
    answer = shop.management("POST", "/catalog/products", LAMP | fields)
    assert answer.status_code == 200, answer.text
    product: dict[str, Any] = answer.json()["data"]
    return product


def get(shop: Shop, path: str) -> Any:
    answer = shop.management("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refusal(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    return answer.status_code, answer.json()["errors"]


# ---------------------------------------------------------------------------------------------------- creating


def test_a_plain_product_is_answered_with_its_base_variant(shop: Shop) -> None:
    answer = shop.management(
        "POST",
        "/catalog/products",
        LAMP
        | {
            "description": "<p>Shines.</p>",
            "sale_price": 29.95,
            "retail_price": 40,
            "brand_name": "OFS",
            "tax_class_id": 1,
            "categories": [23],
            "inventory_tracking": "product",
            "inventory_level": 12,
            "images": [
                {"image_url": "https://example.com/side.png"},
                {"image_url": "https://example.com/front.png", "is_thumbnail": True},
            ],
        },
    )

    assert answer.status_code == 200
    assert answer.json() == {
        "data": {
            "id": 191,
            "name": "Desk Lamp",
            "type": "physical",
            "sku": "LAMP",
            "description": "<p>Shines.</p>",
            "weight": 2.5,
            "width": 12,
            "depth": 0,
            "height": 0,
            "price": 34.5,
            "sale_price": 29.95,
            "retail_price": 40,
            "calculated_price": 29.95,
            "tax_class_id": 1,
            "categories": [23],
            "brand_id": 0,
            "brand_name": "OFS",
            "inventory_level": 12,
            "inventory_tracking": "product",
            "fixed_cost_shipping_price": 0,
            "is_free_shipping": False,
            "is_visible": True,
            "order_quantity_minimum": 0,
            "order_quantity_maximum": 0,
            "base_variant_id": 377,
            "custom_url": {"url": "/desk-lamp/"},
            "variants": [
                {
                    "id": 377,
                    "product_id": 191,
                    "sku": "LAMP",
                    "price": None,
                    "calculated_price": 29.95,
                    "sale_price": None,
                    "weight": None,
                    "calculated_weight": 2.5,
                    "width": None,
                    "height": None,
                    "depth": None,
                    "inventory_level": 12,
                    "purchasing_disabled": False,
                    "image_url": "",
                    "option_values": [],
                }
            ],
            "options": [],
            "custom_fields": [],
            "bulk_pricing_rules": [],
        },
        "meta": {},
    }
    assert get(shop, "/catalog/products/191?include=images")["images"] == [
        {"image_url": "https://example.com/front.png", "is_thumbnail": True}
    ]


def test_variants_bring_their_options_with_them(shop: Shop) -> None:
    product = create(shop, inventory_tracking="variant", variants=COLORS)

    assert product["base_variant_id"] is None
    assert product["inventory_level"] == 7
    assert product["options"] == [
        {
            "id": 2,
            "product_id": 191,
            "display_name": "Finish",
            "option_values": [{"id": 4, "label": "Brass"}, {"id": 5, "label": "Black"}],
        }
    ]
    assert [
        (variant["id"], variant["sku"], variant["price"], variant["sale_price"], variant["calculated_price"])
        for variant in product["variants"]
    ] == [(377, "LAMP-BRASS", 39, None, 39), (378, "LAMP-BLACK", None, 30, 30)]
    assert [(variant["calculated_weight"], variant["inventory_level"]) for variant in product["variants"]] == [
        (3, 7),
        (2.5, 0),
    ]
    assert product["variants"][1]["option_values"] == [
        {"id": 5, "label": "Black", "option_id": 2, "option_display_name": "Finish"}
    ]


def test_a_new_product_can_be_bought_at_once(shop: Shop) -> None:
    product = create(shop, variants=COLORS, custom_url={"url": "/lamps/desk/"})
    brass = product["variants"][0]

    cart = a_cart(shop, {"product_id": product["id"], "variant_id": brass["id"], "quantity": 2})

    line = cart["line_items"]["physical_items"][0]
    assert (line["name"], line["sku"], line["url"], line["image_url"], line["sale_price"]) == (
        "Desk Lamp",
        "LAMP-BRASS",
        "/lamps/desk/",
        "https://example.com/brass.png",
        39,
    )


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": None}, "name", "is required"),
        ({"type": None}, "type", "is required"),
        ({"type": "service"}, "type", "is wrong: invalid enum value 'service'"),
        ({"price": None}, "price", "is required"),
        ({"weight": None}, "weight", "is required for a physical product"),
        ({"price": 1.005}, "price", "may have at most 2 decimal places in USD"),
        ({"price": "sNaN"}, "price", "must be a number such as 15.99, not 'sNaN'"),
        ({"price": "1e999999"}, "price", "is not an amount of money this server can handle"),
        ({"price": -1}, "price", "must be 0 or more"),
        ({"variants": [{"price": 0.001}]}, "variants.0.price", "may have at most 2 decimal places in USD"),
        (
            {"variants": [{"sku": "A"}, {"sku": "B"}]},
            "variants.1.option_values",
            "is required: several variants need options",
        ),
        ({"inventory_level": -1}, "inventory_level", "is wrong: expected int >= 0"),
    ],
)
def test_a_product_that_cannot_be_is_422_names_the_field_and_leaves_nothing(
    shop: Shop, fields: dict[str, Any], field: str, reason: str
) -> None:
    answer = shop.management("POST", "/catalog/products", LAMP | fields)

    assert refusal(answer) == (422, {field: reason})
    assert get(shop, "/catalog/products?name=Desk%20Lamp") == []
    assert create(shop)["id"] == 191


@pytest.mark.parametrize(
    "fields",
    [
        {"custom_url": {"url": "javascript:alert(1)"}},
        {"custom_url": {"url": "//example.com/"}},
        {"custom_url": {"url": "/lamps/\n"}},
        {"images": [{"image_url": "javascript:alert(1)"}]},
        {"images": [{"image_url": "https://example.com/a b"}]},
        {"sku": "A\n"},
        {"name": "\u0000"},
    ],
)
def test_links_and_names_that_are_none_are_422(shop: Shop, fields: dict[str, Any]) -> None:
    assert shop.management("POST", "/catalog/products", LAMP | fields).status_code == 422


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("Canvas Laundry Cart (L)", "/canvas-laundry-cart-l/"),
        ("Küche", "/k%C3%BCche/"),
        ("!?", "/"),
    ],
)
def test_without_a_url_the_name_makes_one(shop: Shop, name: str, url: str) -> None:
    assert create(shop, name=name)["custom_url"] == {"url": url}


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Chambray Towel"},
        {"sku": "SMA"},
        {"sku": "SMA-RED"},
        {"variants": [{"sku": "SPOONS"}]},
        {"variants": [COLORS[0], COLORS[1] | {"sku": "LAMP-BRASS"}]},
        {"variants": [COLORS[0], COLORS[0] | {"sku": "OTHER"}]},
    ],
)
def test_a_name_a_sku_or_a_choice_of_options_that_is_taken_is_409(shop: Shop, fields: dict[str, Any]) -> None:
    answer = shop.management("POST", "/catalog/products", LAMP | fields)

    assert answer.status_code == 409
    assert get(shop, "/catalog/products?name=Desk%20Lamp") == []


# ---------------------------------------------------------------------------------------------------- reading


def test_variants_options_and_images_are_there_when_asked_for(shop: Shop) -> None:
    plain = get(shop, "/catalog/products/184")
    whole = get(shop, "/catalog/products/184?include=variants,options,images")

    assert {"variants", "options", "images"}.isdisjoint(plain)
    assert [(variant["id"], variant["inventory_level"]) for variant in whole["variants"]] == [(364, 1000), (365, 1000)]
    assert whole["options"][0]["display_name"] == "Color"
    assert whole["images"] == []
    assert (plain["price"], plain["sale_price"], plain["inventory_level"]) == (17.99, 15.99, 2000)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [158, 170, 174, 184, 189, 190]),
        ("?id=170", [170]),
        ("?id:in=190,158,1", [158, 190]),
        ("?id:in=190,158&id=190", [190]),
        ("?sku=SMA-BLU", [184]),
        ("?sku=SMA", [184]),
        ("?name=Chambray%20Towel", [158]),
        ("?name=Chambray", []),
        ("?name=Chambray%20Towel&sku=SMA", []),
        ("?id:in=158,184&sku=SMA", [184]),
    ],
)
def test_products_are_found_by_id_name_and_sku(shop: Shop, query: str, ids: list[int]) -> None:
    assert [product["id"] for product in get(shop, f"/catalog/products{query}")] == ids


def test_products_come_in_pages(shop: Shop) -> None:
    answer = shop.management("GET", "/catalog/products?limit=4&page=2&include=variants").json()

    assert [product["id"] for product in answer["data"]] == [189, 190]
    assert answer["meta"] == {
        "pagination": {
            "total": 6,
            "count": 2,
            "per_page": 4,
            "current_page": 2,
            "total_pages": 2,
            "links": {
                "previous": "?include=variants&page=1&limit=4",
                "current": "?include=variants&page=2&limit=4",
            },
        }
    }


@pytest.mark.parametrize("query", ["limit=0", "limit=251", "page=0", "page=x", "id:in=a", "id=1.5"])
def test_a_page_or_an_id_that_cannot_be_is_422(shop: Shop, query: str) -> None:
    assert shop.management("GET", f"/catalog/products?{query}").status_code == 422


# ---------------------------------------------------------------------------------------------------- changing


def test_a_change_keeps_what_it_leaves_out(shop: Shop) -> None:
    whole = "/catalog/products/184?include=variants,options,custom_fields,bulk_pricing_rules"
    before = get(shop, whole)

    changed = shop.management("PUT", "/catalog/products/184", {"price": 19.5, "sale_price": 0})

    variants = [variant | {"calculated_price": 19.5} for variant in before["variants"]]
    expected = before | {"price": 19.5, "sale_price": 0, "calculated_price": 19.5, "variants": variants}
    assert (changed.status_code, changed.json()["data"]) == (200, expected)
    assert get(shop, whole) == expected


def test_what_was_read_can_be_sent_back_unchanged(shop: Shop) -> None:
    for product_id in (158, 184):
        path = f"/catalog/products/{product_id}?include=variants,options,images,custom_fields,bulk_pricing_rules"
        product = get(shop, path)

        assert shop.management("PUT", path, product).json()["data"] == product


def test_variants_are_changed_by_id_and_added_without(shop: Shop) -> None:
    changed = shop.management(
        "PUT",
        "/catalog/products/184",
        {
            "variants": [
                {"id": 364, "price": 21, "inventory_level": 3},
                {"sku": "SMA-GRN", "option_values": [{"option_display_name": "Color", "label": "Green"}]},
            ]
        },
    ).json()["data"]

    assert [
        (variant["id"], variant["sku"], variant["price"], variant["inventory_level"]) for variant in changed["variants"]
    ] == [(364, "SMA-RED", 21, 3), (365, "SMA-BLU", None, 1000), (377, "SMA-GRN", None, 0)]
    assert changed["options"][0]["option_values"][2] == {"id": 4, "label": "Green"}


def test_a_variant_may_have_dimensions_of_its_own(shop: Shop) -> None:
    product = create(shop, width=2, variants=COLORS)
    brass, _ = product["variants"]
    path = f"/catalog/products/{product['id']}"

    changed = shop.management("PUT", path, {"variants": [{"id": brass["id"], "width": 2.5, "depth": 4}]}).json()["data"]
    cleared = shop.management("PUT", path, {"variants": [{"id": brass["id"], "width": None}]}).json()["data"]
    refused = shop.management("PUT", path, {"variants": [{"id": brass["id"], "height": -1}]})

    assert [(each["width"], each["height"], each["depth"]) for each in changed["variants"]] == [
        (2.5, None, 4),
        (None, None, None),
    ]
    assert (cleared["variants"][0]["width"], cleared["variants"][0]["depth"]) == (None, 4)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["variants.0.height"])


def test_a_plain_product_that_gets_options_loses_its_base_variant_with_its_stock(shop: Shop) -> None:
    changed = shop.management(
        "PUT", "/catalog/products/170", {"inventory_tracking": "variant", "variants": COLORS}
    ).json()["data"]

    assert [(variant["id"], variant["inventory_level"]) for variant in changed["variants"]] == [(377, 7), (378, 0)]
    assert 341 not in shop.run(shop.storage.unit("demo").catalog.all_stock())
    refused = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "variant_id": 341, "quantity": 1}]})
    assert refused.status_code == 422


def test_carts_keep_the_price_they_were_filled_at(shop: Shop) -> None:
    cart = a_cart(shop, {"product_id": 170, "quantity": 1})

    shop.management("PUT", "/catalog/products/170", {"price": 99})

    assert shop.management("GET", f"/carts/{cart['id']}").json()["data"]["base_amount"] == 25


def test_stock_is_only_counted_where_it_is_tracked(shop: Shop) -> None:
    untracked = shop.management("PUT", "/catalog/products/190", {"inventory_tracking": "none"}).json()["data"]
    assert (untracked["inventory_level"], untracked["inventory_tracking"]) == (0, "none")
    assert 370 not in shop.run(shop.storage.unit("demo").catalog.all_stock())

    tracked = shop.management(
        "PUT", "/catalog/products/190", {"inventory_tracking": "product", "inventory_level": 9}
    ).json()["data"]

    assert (tracked["inventory_level"], tracked["variants"][0]["inventory_level"]) == (9, 9)


def test_one_stock_for_several_variants_is_501(shop: Shop) -> None:
    answer = shop.management("PUT", "/catalog/products/184", {"inventory_tracking": "product"})

    assert answer.status_code == 501
    assert get(shop, "/catalog/products/184")["inventory_tracking"] == "variant"


def test_a_change_to_a_name_or_sku_that_is_taken_is_409_and_changes_nothing(shop: Shop) -> None:
    before = get(shop, "/catalog/products/170?include=variants")

    for taken in ({"name": "Chambray Towel"}, {"sku": "SMA-RED"}, {"variants": [{"id": 341, "sku": "LANTERN"}]}):
        assert shop.management("PUT", "/catalog/products/170", {"price": 1} | taken).status_code == 409

    assert get(shop, "/catalog/products/170?include=variants") == before


def test_a_product_may_be_named_what_it_is_named(shop: Shop) -> None:
    same = {"name": "Ceramic Measuring Spoons", "sku": "SPOONS"}

    assert shop.management("PUT", "/catalog/products/170", same).status_code == 200


# ---------------------------------------------------------------------------------------------------- deleting


def test_a_deleted_product_is_gone_with_its_stock_and_its_name_is_free(shop: Shop) -> None:
    deleted = shop.management("DELETE", "/catalog/products/184")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert shop.management("GET", "/catalog/products/184").status_code == 404
    assert {364, 365}.isdisjoint(shop.run(shop.storage.unit("demo").catalog.all_stock()))
    assert create(shop, name="Canvas Laundry Cart", sku="SMA-RED")["id"] == 191


def test_several_products_are_deleted_by_id_only(shop: Shop) -> None:
    without_ids = shop.management("DELETE", "/catalog/products?sku=SMA")
    deleted = shop.management("DELETE", "/catalog/products?id:in=184,170,9999")

    assert refusal(without_ids) == (422, {"id:in": "must name at least one product"})
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [product["id"] for product in get(shop, "/catalog/products")] == [158, 174, 189, 190]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "A"}), ("DELETE", None)])
@pytest.mark.parametrize("product_id", ["999", "one"])
def test_an_unknown_product_is_404(shop: Shop, method: str, body: Any, product_id: str) -> None:
    assert shop.management(method, f"/catalog/products/{product_id}", body).status_code == 404


def test_the_catalog_takes_the_scope_of_products(shop: Shop) -> None:
    assert shop.management("GET", "/catalog/products", token="demo-token-carts").status_code == 403
    assert shop.management("GET", "/catalog/products", token="demo-token-read-only").status_code == 200
    assert shop.management("POST", "/catalog/products", LAMP, token="demo-token-read-only").status_code == 403
