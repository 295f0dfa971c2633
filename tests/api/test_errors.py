"""Bad input gets a clear error in the published shape, with the field named, and leaves nothing behind (BEHAVIOUR 1.2)."""

from datetime import datetime
from typing import Any

import pytest

from tests.api.flows import a_cart, consign, item_ids, to
from tests.client import Shop
from tests.recording import AUSTIN

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
CONFLICT = "The request cannot be processed due to a possible conflict. Please review the changes and try again."
JSON = {"X-Auth-Token": "demo-token", "Content-Type": "application/json"}


def post_raw(shop: Shop, content: bytes, **headers: str) -> Any:
    return shop.call("POST", "/stores/demo/v3/carts", content=content, headers={**JSON, **headers})


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1,",
        b"nonsense",
        b'{"line_items": [}',
        b"\xff\xfe",
        b'{"a": NaN}',
        b"[" * 5000,
        b'{"line_items": [], "lineItems": [], "unread": "\xff"}',
        b'{"line_items": [], "lineItems": [], "unread": ["\\u0000", "\xed"]}',
        b'{"line_items": [], "lineItems": [], "unread": ["\\u0000", 1e99999]}',
        b'{"line_items": [], "lineItems": [], "unread": ["\\u0000", ' + b"9" * 5000 + b"]}",
        b'{"line_items": ' + b"9" * 5000 + b', "lineItems": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json_is_400_on_both_surfaces(shop: Shop, content: bytes) -> None:
    management = post_raw(shop, content)
    storefront = shop.call(
        "POST",
        "/api/storefront/carts",
        content=content,
        headers={"Content-Type": "application/json", "Host": "localhost"},
    )

    assert (management.status_code, storefront.status_code) == (400, 400)
    assert management.json()["title"].startswith("The body is not valid JSON")
    assert storefront.json()["detail"].startswith("The body is not valid JSON")


def test_a_missing_body_is_400(shop: Shop) -> None:
    answer = post_raw(shop, b"")

    assert answer.status_code == 400
    assert answer.json()["detail"] == "The request has no body; this endpoint takes JSON."


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        (
            {"line_items": [{"product_id": "x", "quantity": 1}]},
            "line_items.0.product_id",
            "is wrong: expected int, got str",
        ),
        ({"line_items": [{"quantity": 1}]}, "line_items.0.product_id", "is required"),
        ({"line_items": {}}, "line_items", "is wrong: expected array | null, got object"),
        ({"line_items": [{"product_id": 170, "quantity": 0}]}, "line_items.0.quantity", "must be 1 or more"),
        ({"line_items": [{"product_id": 170, "quantity": -1}]}, "line_items.0.quantity", "must be 1 or more"),
        (
            {"line_items": [{"product_id": 170, "quantity": 1000001}]},
            "line_items.0.quantity",
            "must be at most 1000000",
        ),
        (
            {"line_items": [{"product_id": 1, "quantity": 1}]},
            "line_items.0.product_id",
            "1 is not a product of this store",
        ),
        (
            {"line_items": [{"product_id": 170, "variant_id": 1, "quantity": 1}]},
            "line_items.0.variant_id",
            "1 is not a variant of product 170",
        ),
        (
            {"line_items": [{"product_id": 170, "quantity": 1, "list_price": -1}]},
            "line_items.0.list_price",
            "must be 0 or more",
        ),
        (
            {"line_items": [{"product_id": 170, "quantity": 1, "list_price": 1.005}]},
            "line_items.0.list_price",
            "may have at most 2 decimal places in USD",
        ),
        (
            {"line_items": [{"product_id": 170, "quantity": 1}], "customer_id": 99},
            "customer_id",
            "99 is not a customer of this store",
        ),
        (
            {"line_items": [{"product_id": 170, "quantity": 1}], "currency": {"code": "CHF"}},
            "currency.code",
            "CHF is not a currency of this store",
        ),
        ({}, "line_items", "must name at least one item"),
    ],
)
def test_what_the_shop_cannot_take_is_422_and_names_the_field(
    shop: Shop, body: dict[str, Any], field: str, reason: str
) -> None:
    answer = shop.management("POST", "/carts", body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"] == {field: reason}
    assert answer.json()["status"] == 422
    assert answer.json()["type"] == TYPE
    assert shop.run(shop.storage.unit("demo").checkouts.latest_ids(10)) == []


def test_a_quantity_beyond_32_bits_is_422(shop: Shop) -> None:
    answer = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 10**30}]})

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["line_items.0.quantity"]


NUL = "☃\0x"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/v3/checkouts/{cart}/coupons", {"coupon_code": NUL}, "coupon_code"),
        ("POST", "/v3/checkouts/{cart}/billing-address", AUSTIN | {"first_name": NUL}, "first_name"),
        (
            "POST",
            "/v3/checkouts/{cart}/consignments",
            [{"address": AUSTIN | {"city": NUL}, "line_items": []}],
            "0.address.city",
        ),
        (
            "POST",
            "/v2/gift_certificates",
            {"to_name": NUL, "to_email": "a@b", "from_name": "b", "from_email": "b@b", "amount": 5},
            "to_name",
        ),
        ("GET", "/v2/gift_certificates?to_name=%00", None, "to_name"),
        ("GET", "/v3/promotions?code=a%00b", None, "code"),
        ("GET", "/v3/catalog/products?sku=%00", None, "sku"),
    ],
)
def test_a_text_with_a_nul_is_refused_by_name_whatever_the_database(
    shop: Shop, method: str, path: str, body: Any, field: str
) -> None:
    cart = a_cart(shop)["id"]

    answer = shop.management(method, path.format(cart=cart), body, base="/stores/demo")

    assert answer.status_code == 422, answer.text
    assert answer.json()["title"] == f"{field} must not contain the character U+0000"


def test_a_path_with_a_nul_leads_nowhere(shop: Shop) -> None:
    shop.storefront("GET", "/carts")

    assert shop.management("GET", "/carts/a%00b").status_code == 404
    assert shop.storefront("GET", "/checkouts/a%00b").status_code == 404
    assert shop.call("GET", "/stores/a%00b/v3/carts/x", headers=JSON).status_code == 404


def test_a_text_that_speaks_of_a_nul_is_a_text(shop: Shop) -> None:
    cart = a_cart(shop)["id"]

    answer = shop.management("PUT", f"/checkouts/{cart}", {"customer_message": r"\u0000"})

    assert answer.json()["data"]["customer_message"] == r"\u0000"


def test_a_product_with_options_needs_a_variant(shop: Shop) -> None:
    answer = shop.management("POST", "/carts", {"line_items": [{"product_id": 184, "quantity": 1}]})

    assert answer.status_code == 422
    assert answer.json()["title"] == "This product has options; variant ID is required"


def test_another_content_type_is_415_and_none_is_json(shop: Shop) -> None:
    form = post_raw(shop, b"a=b", **{"Content-Type": "application/x-www-form-urlencoded"})
    none = shop.call(
        "POST",
        "/stores/demo/v3/carts",
        content=b'{"line_items": [{"product_id": 170, "quantity": 1}]}',
        headers={"X-Auth-Token": "demo-token"},
    )
    vendor = post_raw(
        shop, b'{"line_items": [{"product_id": 170, "quantity": 1}]}', **{"Content-Type": "application/vnd.bc.v1+json"}
    )

    assert form.status_code == 415
    assert (
        form.json()["detail"] == "The body is application/x-www-form-urlencoded; send Content-Type: application/json."
    )
    assert (none.status_code, vendor.status_code) == (201, 201)


def test_another_method_is_405_and_names_those_there_are(shop: Shop) -> None:
    answer = shop.call("PATCH", "/stores/demo/v3/checkouts/x/consignments", headers=JSON)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["title"] == "Method Not Allowed"


def test_an_unknown_path_is_404_in_json(shop: Shop) -> None:
    answer = shop.call("GET", "/wp-login.php")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["detail"] == "There is nothing at /wp-login.php; /docs lists what there is."


def test_an_oversized_body_is_413_announced_or_not() -> None:
    with Shop(maximum_body_bytes=2000) as shop:
        announced = post_raw(shop, b" " * 2001)

        async def chunks() -> Any:
            for _ in range(3):
                yield b" " * 1000

        chunked = shop.call("POST", "/stores/demo/v3/carts", content=chunks(), headers=JSON)

        assert (announced.status_code, chunked.status_code) == (413, 413)
        assert announced.json()["detail"] == "The body may have at most 2000 bytes."


def test_no_token_and_a_wrong_token_are_401_a_missing_scope_is_403(shop: Shop) -> None:
    cart = a_cart(shop)
    path = f"/checkouts/{cart['id']}"

    assert shop.call("GET", f"/stores/demo/v3{path}").status_code == 401
    assert shop.management("GET", path, token="wrong").status_code == 401
    assert shop.management("GET", path, token="demo-token-read-only").status_code == 200
    assert shop.management("PUT", path, {"customer_message": "x"}, token="demo-token-read-only").status_code == 403
    denied = shop.management("GET", path, token="demo-token-carts")
    assert denied.status_code == 403
    assert (
        denied.json()["detail"] == "This token may not read this: it lacks the scope store_checkout or store_checkouts."
    )


def test_a_token_is_good_for_its_own_store_only(shop: Shop) -> None:
    answer = shop.call("GET", "/stores/other/v3/checkouts/x", headers=JSON)

    assert answer.status_code == 401


def test_unknown_ids_are_404(shop: Shop) -> None:
    cart = a_cart(shop)
    path = f"/checkouts/{cart['id']}"

    assert shop.management("GET", "/carts/none").status_code == 404
    assert shop.management("PUT", f"/carts/{cart['id']}/items/none", {"line_item": {"quantity": 1}}).status_code == 404
    assert shop.management("PUT", f"{path}/consignments/none", {"shipping_option_id": "x"}).status_code == 404
    assert shop.management("PUT", f"{path}/billing-address/none", AUSTIN).status_code == 404
    missing = shop.management("GET", "/checkouts/none").json()
    assert missing["errors"] == [
        {"status": 404, "title": "Not Found", "type": TYPE, "detail": "There is no cart or checkout none."}
    ]


def test_the_storefront_never_sends_errors_as_an_object(shop: Shop) -> None:
    shop.storefront("GET", "/carts")

    unknown = shop.storefront("GET", "/checkouts/none")
    wrong = shop.storefront("POST", "/carts", {"lineItems": [{"productId": 1, "quantity": 1}]})

    assert unknown.status_code == 404
    assert unknown.json()["errors"] == [
        {
            "status": 404,
            "title": "Not Found",
            "type": TYPE,
            "detail": "There is no cart or checkout none in this session.",
        }
    ]
    assert wrong.status_code == 422
    assert wrong.json()["detail"] == "lineItems.0.productId 1 is not a product of this store"
    assert wrong.json()["errors"] == [
        {"code": "unknown_product", "message": "lineItems.0.productId 1 is not a product of this store"}
    ]


def test_a_stale_version_is_409_with_the_documented_keys_and_a_detail(shop: Shop) -> None:
    cart = a_cart(shop)

    answer = shop.management("PUT", f"/checkouts/{cart['id']}", {"customer_message": "x", "version": 7})

    assert answer.status_code == 409
    assert answer.json() == {
        "status": 409,
        "title": CONFLICT,
        "type": TYPE,
        "detail": "The request expects version 7, the checkout is at version 1.",
    }


def test_a_refused_request_leaves_the_checkout_as_it_was(shop: Shop) -> None:
    cart = a_cart(shop)
    line = item_ids(cart)[0]
    consign(shop, cart["id"], to(AUSTIN, (line, 1)))
    path = f"/checkouts/{cart['id']}"
    before = shop.management("GET", path).json()

    refused = [
        shop.management("POST", f"{path}/consignments", [to(AUSTIN, (line, 1)), to(AUSTIN, ("none", 1))]),
        shop.management("POST", f"{path}/consignments", [to(AUSTIN, (line, 1)), to(AUSTIN, (line, 9))]),
        shop.management("POST", f"{path}/consignments", [to({"email": "x"}, (line, 1))]),
        shop.management(
            "PUT", f"{path}/consignments/{before['data']['consignments'][0]['id']}", {"shipping_option_id": "none"}
        ),
        shop.management("PUT", path, {"customer_message": "x" * 2001}),
        shop.management("POST", f"{path}/orders"),
    ]

    assert [answer.status_code for answer in refused] == [422] * 6
    assert shop.management("GET", path).json() == before


def test_what_is_not_supported_yet_is_501_and_says_so(shop: Shop) -> None:
    answer = shop.management("PUT", "/hooks/admin", {"emails": []})

    assert answer.status_code == 501
    assert answer.json()["detail"] == (
        "This version of Checkstand does not support e-mails about webhooks yet; see docs/compatibility.md."
    )


def test_a_failure_of_our_own_is_500_in_json_without_its_secrets(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> datetime:
        raise RuntimeError("secret detail")

    shop.app.now = broken

    answer = shop.management("GET", "/checkouts/x")

    assert answer.status_code == 500
    assert answer.json()["title"] == "Internal Server Error"
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
