"""The OpenAPI document describes the server as it is: its own answers are valid by it, and its examples work."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from checkstand import __version__
from checkstand.api import examples
from checkstand.api.openapi import document
from checkstand.app import SURFACES, openapi_document
from tests.api.described import DOCUMENT, expect_described, resolved, validator
from tests.client import Shop
from tests.server import RunningServer

METHODS = ("get", "post", "put", "delete")
OPERATIONS = [
    (method.upper(), path, item, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
]
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def operation(method: str, path: str) -> dict[str, Any]:
    return dict(DOCUMENT["paths"][path][method])


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


# ---------------------------------------------------------------------------------------------------- the document itself


def test_the_document_says_what_it_is_of_which_version() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert (DOCUMENT["info"]["title"], DOCUMENT["info"]["version"]) == ("Checkstand", __version__)


def test_the_document_is_the_same_each_time_it_is_made() -> None:
    assert json.dumps(document(SURFACES)) == json.dumps(document(SURFACES))


def test_every_endpoint_is_in_the_document() -> None:
    endpoints = {
        (endpoint.method, surface.prefix + endpoint.path) for surface in SURFACES for endpoint in surface.endpoints
    }

    described = {(method, path) for method, path, _, _ in OPERATIONS}

    assert described - endpoints == {("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json")}
    assert endpoints <= described


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        assert resolved({"$ref": reference}), reference


def test_every_schema_is_a_schema() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_ids_of_their_own() -> None:
    ids = [found["operationId"] for _, _, _, found in OPERATIONS]

    assert len(set(ids)) == len(ids)


def test_every_tag_that_is_used_is_declared_and_every_declared_one_is_used() -> None:
    used = {tag for _, _, _, found in OPERATIONS for tag in found["tags"]}

    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_the_parameters_of_a_path_are_declared(path: str) -> None:
    declared = [entry["name"] for entry in DOCUMENT["paths"][path].get("parameters", ())]

    assert declared == re.findall(r"\{(\w+)\}", path)


def test_both_surfaces_have_a_checkout_of_their_own() -> None:
    assert "shipping_cost_total_inc_tax" in SCHEMAS["Management.Checkout"]["properties"]
    assert "shippingCostTotal" in SCHEMAS["Storefront.Checkout"]["properties"]


def test_descriptions_do_not_tell_where_a_rule_was_decided() -> None:
    assert re.findall(r"BEHAVIOUR|\bseed \d|\([DCT]\d+\)", json.dumps(DOCUMENT)) == []


# ---------------------------------------------------------------------------------------------------- operations


def test_include_lists_its_values_and_its_default() -> None:
    found = operation("put", "/api/storefront/checkouts/{checkout_id}/consignments/{consignment_id}")

    (include,) = found["parameters"]
    assert (include["name"], include["in"], include["style"], include["explode"]) == ("include", "query", "form", False)
    assert include["schema"]["default"] == [
        "consignments.availableShippingOptions",
        "consignments.availablePickupOptions",
    ]
    known = include["schema"]["items"]["anyOf"][0]["enum"]
    assert {"customer", "payments", "promotions", "cart.lineItems.physicalItems.options"} <= set(known)


def test_management_answers_are_in_an_envelope_and_storefront_answers_are_bare() -> None:
    management = operation("get", "/stores/{store_hash}/v3/checkouts/{checkout_id}")["responses"]["200"]
    storefront = operation("get", "/api/storefront/checkouts/{checkout_id}")["responses"]["200"]

    assert management["content"]["application/json"]["schema"] == {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {"data": {"$ref": "#/components/schemas/Management.Checkout"}, "meta": {"type": "object"}},
    }
    assert storefront["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Storefront.Checkout"}


def test_v2_answers_are_bare() -> None:
    found = operation("get", "/stores/{store_hash}/v2/shipping/zones")["responses"]["200"]

    assert found["content"]["application/json"]["schema"]["type"] == "array"


def test_a_management_answer_has_the_rate_limit_headers() -> None:
    found = operation("post", "/stores/{store_hash}/v3/carts")["responses"]["201"]

    assert list(found["headers"]) == [
        "X-Request-Id",
        "X-Rate-Limit-Time-Window-Ms",
        "X-Rate-Limit-Time-Reset-Ms",
        "X-Rate-Limit-Requests-Quota",
        "X-Rate-Limit-Requests-Left",
    ]


def test_a_write_lists_all_that_can_be_refused() -> None:
    found = operation("post", "/stores/{store_hash}/v3/checkouts/{checkout_id}/consignments")

    refusals = ["400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "501", "503"]
    assert list(found["responses"]) == ["200", *refusals]


def test_placing_an_order_in_the_storefront_is_never_refused_with_422() -> None:
    found = operation("post", "/internalapi/v1/checkout/order")

    assert "400" in found["responses"]
    assert "422" not in found["responses"]


def test_reading_needs_any_one_of_the_scopes_or_its_read_only_twin() -> None:
    found = operation("get", "/stores/{store_hash}/v3/carts/{cart_id}")

    assert found["security"] == [{"AccessToken": ["store_cart"]}, {"AccessToken": ["store_cart_read_only"]}]


def test_a_storefront_write_needs_session_and_csrf_token() -> None:
    changing = operation("post", "/api/storefront/carts/{cart_id}/items")
    opening = operation("post", "/api/storefront/carts")

    assert changing["security"] == [{"Session": [], "CsrfToken": []}]
    assert opening["security"] == [{"Session": [], "CsrfToken": []}, {}]


def test_an_endpoint_that_is_not_there_yet_only_promises_to_say_so() -> None:
    missing = [found for _, _, _, found in OPERATIONS if found["tags"][0].endswith("Not supported yet")]

    for found in missing:
        assert "501" in found["responses"]
        assert not [status for status in found["responses"] if status.startswith("2")]


# ---------------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _, _ in OPERATIONS])
def test_the_examples_are_valid_by_their_schemas(method: str, path: str) -> None:
    found = operation(method.lower(), path)
    media = [
        content
        for part in (found.get("requestBody", {}), *map(resolved, found["responses"].values()))
        for content in part.get("content", {}).values()
        if "examples" in content
    ]

    for content in media:
        example = resolved(content["examples"]["example"])["value"]
        assert list(validator(content["schema"]).iter_errors(example)) == []


def test_the_examples_of_bodies_are_what_the_server_reads() -> None:
    for surface in SURFACES:
        for endpoint in surface.endpoints:
            if endpoint.body is None:
                continue
            found = operation(endpoint.method.lower(), surface.prefix + endpoint.path)["requestBody"]["content"]
            example = resolved(found["application/json"]["examples"]["example"])["value"]

            msgspec.json.decode(json.dumps(example), type=endpoint.body)


def test_examples_are_told_of_components_that_exist() -> None:
    short = {name.rpartition(".")[2] for name in SCHEMAS}

    assert set(examples.COMPONENTS) - short == set()
    assert set(examples.BODIES) - short == set()


def test_the_example_of_a_cart_makes_one_in_the_demo_shop(shop: Shop) -> None:
    example = DOCUMENT["components"]["examples"]["Management.NewCart"]["value"]

    created = shop.management("POST", "/carts", example)

    assert created.status_code == 201
    line = created.json()["data"]["line_items"]["physical_items"][0]
    shown = DOCUMENT["components"]["examples"]["Enveloped.Management.Cart"]["value"]["data"]["line_items"]
    for amount in ("original_price", "list_price", "sale_price", "extended_list_price", "extended_sale_price"):
        assert shown["physical_items"][0][amount] == line[amount]


# ---------------------------------------------------------------------------------------------------- real answers

ADDRESS = {
    "email": "jane@example.com",
    "country_code": "US",
    "first_name": "Jane",
    "last_name": "Doe",
    "address1": "123 Main Street",
    "city": "Austin",
    "state_or_province_code": "TX",
    "postal_code": "78751",
}
CAMEL_ADDRESS = {re.sub(r"_(\w)", lambda match: match[1].upper(), name): value for name, value in ADDRESS.items()}
EVERYTHING = "include=" + ",".join(
    [
        "redirect_urls",
        "line_items.physical_items.options",
        "line_items.digital_items.options",
        "cart.line_items.physical_items.options",
        "cart.line_items.digital_items.options",
        "consignments.available_shipping_options",
        "promotions.banners",
    ]
)


def test_what_management_answers_on_the_way_to_an_order_is_as_described(shop: Shop) -> None:
    def call(method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = shop.management(method, path, body, **options)
        expect_described(answer)
        return answer.json()["data"] if answer.is_success and answer.content else None

    items = {
        "line_items": [
            {"product_id": 184, "variant_id": 364, "quantity": 2},
            {"product_id": 189, "quantity": 1},
            {"product_id": 170, "quantity": 1},
        ],
        "custom_items": [{"name": "Engraving", "quantity": 1, "list_price": 5}],
        "gift_certificates": [
            {
                "name": "For John",
                "theme": "General",
                "amount": 10,
                "quantity": 1,
                "sender": {"name": "Jane", "email": "jane@example.com"},
                "recipient": {"name": "John", "email": "john@example.com"},
            }
        ],
    }
    cart = call("POST", f"/carts?{EVERYTHING}", items)
    red, spoons = cart["line_items"]["physical_items"]
    custom = cart["line_items"]["custom_items"][0]
    checkout = f"/checkouts/{cart['id']}"
    call("GET", f"/carts/{cart['id']}?{EVERYTHING}")
    call("PUT", f"/carts/{cart['id']}/items/{spoons['id']}", {"line_item": {"quantity": 2}})
    call("PUT", f"/carts/{cart['id']}", {"customer_id": 11})
    consigned = call(
        "POST",
        f"{checkout}/consignments?{EVERYTHING}",
        [
            {
                "address": ADDRESS,
                "line_items": [
                    {"item_id": red["id"], "quantity": 2},
                    {"item_id": custom["id"], "quantity": 1},
                ],
            },
            {"line_items": [{"item_id": spoons["id"], "quantity": 2}], "pickup_option": {"pickup_method_id": 1}},
        ],
    )
    first = consigned["consignments"][0]
    option = first["available_shipping_options"][0]["id"]
    call("PUT", f"{checkout}/consignments/{first['id']}?{EVERYTHING}", {"shipping_option_id": option})
    call("POST", f"{checkout}/billing-address", ADDRESS)
    call("PUT", checkout, {"customer_message": "Please ring twice."})
    call("GET", f"{checkout}?{EVERYTHING}")
    call("POST", f"{checkout}/orders")
    call("POST", f"/carts/{cart['id']}/redirect_urls")
    call("DELETE", f"/carts/{cart['id']}/items/{custom['id']}")
    call("DELETE", f"{checkout}/consignments/{first['id']}")
    call("DELETE", f"/carts/{cart['id']}")

    single = call("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
    line = single["line_items"]["physical_items"][0]["id"]
    call("PUT", f"/carts/{single['id']}/items/{line}", {"line_item": {"quantity": 0}})


def test_what_the_storefront_answers_on_the_way_to_an_order_is_as_described(shop: Shop) -> None:
    def call(method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = shop.storefront(method, path, body, **options)
        expect_described(answer)
        return answer.json() if answer.is_success and answer.content else None

    everything = "include=" + ",".join(
        operation("get", "/api/storefront/checkouts/{checkout_id}")["parameters"][0]["schema"]["items"]["anyOf"][0][
            "enum"
        ]
    )
    call("GET", "/carts")
    cart = call(
        "POST",
        "/carts?include=lineItems.physicalItems.options",
        {"lineItems": [{"productId": 184, "variantId": 364, "quantity": 2}, {"productId": 189, "quantity": 1}]},
    )
    call("GET", "/carts")
    call("POST", f"/carts/{cart['id']}/items", {"lineItems": [{"productId": 170, "quantity": 1}]})
    line = cart["lineItems"]["physicalItems"][0]["id"]
    checkout = f"/checkouts/{cart['id']}"
    consigned = call(
        "POST",
        f"{checkout}/consignments?{everything}",
        [{"address": CAMEL_ADDRESS, "lineItems": [{"itemId": line, "quantity": 2}]}],
    )
    consignment = consigned["consignments"][0]
    option = consignment["availableShippingOptions"][0]["id"]
    chosen = call("PUT", f"{checkout}/consignments/{consignment['id']}?{everything}", {"shippingOptionId": option})
    spoons = next(entry for entry in chosen["cart"]["lineItems"]["physicalItems"] if entry["productId"] == 170)
    call("DELETE", f"{checkout}/carts/{cart['id']}/items/{spoons['id']}")
    call("POST", f"{checkout}/billing-address", CAMEL_ADDRESS)
    call("GET", f"{checkout}?{everything}")
    payment = {"cartId": cart["id"], "payment": {"name": "bankdeposit"}}
    placed = call("POST", "/checkout/order", payment, base="/internalapi/v1")
    order = placed["data"]["order"]["orderId"]
    call("GET", f"/orders/{order}?include=payments,lineItems.physicalItems.socialMedia")
    area = {"coordinates": {"latitude": 30.2672, "longitude": -97.7431}, "radius": {"value": 500, "unit": "KM"}}
    call("POST", "/pickup-options", {"searchArea": area, "items": [{"variantId": 364, "quantity": 1}]})


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (400, "POST", "/stores/demo/v3/carts", {"content": "{"}),
        (401, "GET", "/stores/demo/v3/carts/1", {"headers": {"X-Auth-Token": "nobody's"}}),
        (403, "POST", "/stores/demo/v3/carts", {"headers": {"X-Auth-Token": "demo-token-read-only"}}),
        (404, "GET", "/stores/demo/v3/carts/1", {}),
        (404, "GET", "/stores/demo/v3/checkouts/1", {}),
        (413, "POST", "/stores/demo/v3/carts", {"content": b" " * 1_048_577}),
        (415, "POST", "/stores/demo/v3/carts", {"content": "{}", "headers": {"Content-Type": "text/plain"}}),
        (422, "POST", "/stores/demo/v3/carts", {"content": "{}"}),
        (501, "PUT", "/stores/demo/v3/hooks/admin", {}),
        (400, "POST", "/api/storefront/carts", {"content": "{"}),
        (404, "GET", "/api/storefront/checkouts/1", {}),
        (404, "GET", "/api/storefront/carts", {"headers": {"Host": "elsewhere.example"}}),
        (422, "POST", "/api/storefront/carts", {"content": "{}"}),
        (400, "POST", "/internalapi/v1/checkout/order", {"content": "{}"}),
        (200, "GET", "/health", {}),
        (200, "GET", "/ready", {}),
    ],
)
def test_a_refusal_is_as_described(shop: Shop, status: int, method: str, path: str, options: dict[str, Any]) -> None:
    if path.startswith("/stores"):
        options = {**options, "headers": {"X-Auth-Token": "demo-token", **options.get("headers", {})}}

    answer = shop.call(method, path, **options)

    assert answer.status_code == status
    expect_described(answer)


def test_a_lost_race_is_as_described(shop: Shop) -> None:
    cart = shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]}).json()["data"]

    answer = shop.management("PUT", f"/checkouts/{cart['id']}", {"customer_message": "Hi", "version": 9})

    assert answer.status_code == 409
    expect_described(answer)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with RunningServer(tmp_path) as server:
        yield server


def test_generated_requests_to_every_endpoint_get_answers_as_described(server: RunningServer) -> None:
    """Schemathesis makes up requests from the document, valid and invalid, and holds the answers against it."""
    items = {"line_items": [{"product_id": 184, "variant_id": 364, "quantity": 5}]}
    cart = httpx.post(f"{server.url}/stores/demo/v3/carts", json=items, headers={"X-Auth-Token": "demo-token"})
    known = {"store_hash": "demo", "cart_id": cart.json()["data"]["id"], "checkout_id": cart.json()["data"]["id"]}
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    headers = {"X-Auth-Token": "demo-token"}

    for result in schemathesis.openapi.from_url(f"{server.url}/openapi.json").get_all_operations():
        assert isinstance(result, Ok)
        described = result.ok()

        @settings(
            max_examples=3,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=described.as_strategy())
        def send(case: schemathesis.Case[Any]) -> None:
            for name in case.path_parameters:
                case.path_parameters[name] = known.get(name, case.path_parameters[name])
            case.validate_response(case.call(headers=headers), checks=checks)

        send()


# ---------------------------------------------------------------------------------------------------- served


def test_the_document_is_served_as_it_is_printed(shop: Shop) -> None:
    served = shop.call("GET", "/openapi.json")

    assert served.status_code == 200
    assert served.headers["content-type"] == "application/json"
    assert served.content == openapi_document()


def test_the_documentation_page_has_every_endpoint_and_asks_nobody_for_anything(shop: Shop) -> None:
    page = shop.call("GET", "/docs")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    for _, _, _, found in OPERATIONS:
        assert f'id="{found["operationId"]}"' in page.text
    for name in SCHEMAS:
        assert f'id="schema-{name}"' in page.text
    assert re.findall(r"(?:src|href)=\"(?!#|data:|openapi\.json\")[^\"]*\"", page.text) == []


def test_every_link_inside_the_documentation_page_leads_somewhere(shop: Shop) -> None:
    page = shop.call("GET", "/docs").text

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) - set(ids) == set()


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/health", "/ready"])
def test_pages_of_the_server_can_only_be_read(shop: Shop, path: str) -> None:
    head, post = shop.call("HEAD", path), shop.call("POST", path)

    assert (head.status_code, head.content) == (200, b"")
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD")
    assert post.json()["title"] == "Method Not Allowed"


@pytest.mark.parametrize(
    "path", ["/", "/docs/", "/stores/demo/v3/nothing", "/api/storefront/nothing", "/stores/demo/v9"]
)
def test_what_is_not_there_is_said_in_json(shop: Shop, path: str) -> None:
    answer = shop.call("GET", path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert (answer.json()["status"], answer.json()["title"]) == (404, "Not Found")
