"""Our checkout page in a shop that asks for more and allows less than the demo shop: accounts only, one address only, fields of the
merchant's own, a privacy policy and terms to agree to, one way to pay, prices with tax."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e import needs
from tests.server import RunningServer

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "e2e"
TERMS = "What is bought here is bought."


def strict_shop() -> str:
    """The demo shop's file with other settings."""
    shop = yaml.safe_load((ROOT / "demo" / "shop.yaml").read_text("utf-8"))
    store = shop["store"]
    store["payment_methods"] = store["payment_methods"][1:2]
    store["checkout_settings"] = {
        "page": {
            "guest_checkout_enabled": False,
            "has_multi_shipping_enabled": False,
            "privacy_policy_url": "https://shop.example/privacy",
        },
        "channels": {
            1: {
                "policies": {
                    "is_order_terms_and_conditions_enabled": True,
                    "order_terms_and_conditions_type": "textarea",
                    "order_terms_and_conditions_textarea": TERMS,
                }
            }
        },
    }
    store["form_fields"] = {
        "customer_account": [
            {
                "id": 30,
                "label": "Who sent you?",
                "kind": "radio",
                "required": True,
                "options": ["A friend", "A magazine"],
            }
        ],
        "shipping_address": [
            {"id": 25, "label": "Deliver on", "kind": "date", "required": True, "min": "2026-12-01"},
            {
                "id": 26,
                "label": "Where to put it",
                "kind": "dropdown",
                "required": True,
                "options": ["Porch", "Garage"],
            },
            {"id": 27, "label": "On arrival", "kind": "checkbox", "options": ["Ring the bell", "Call first"]},
            {"id": 28, "label": "Steps up", "kind": "number", "min": "0", "max": "40"},
        ],
        "standard": [{"name": "phone", "label": "Mobile", "required": True}],
    }
    store["tax_settings"] = {"tax_entered_with_prices": True, "store_tax_zone_id": 3}
    store["tax_zones"][2]["show_inclusive"] = True
    return yaml.safe_dump(shop, allow_unicode=True)


@pytest.fixture(scope="module")
def came(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Journey -> what came of it, with the order as Management has it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    folder = tmp_path_factory.mktemp("server")
    file = folder / "shop.yaml"
    file.write_text(strict_shop(), encoding="utf-8")
    server = RunningServer(folder)
    load = [sys.executable, "-m", "checkstand", "load", str(file), "--store", "demo", "--database", server.database]
    subprocess.run(load, check=True, capture_output=True)
    with server, httpx.Client(headers={"X-Auth-Token": "demo-token"}) as management:
        told = json.loads(needs.node("page_journeys.mjs", server.url, chromium, str(PICTURES), "strict"))
        journeys: dict[str, Any] = told["came"]
        for journey in journeys.values():
            order = f"{server.url}/stores/demo/v2/orders/{journey['orderId']}"
            journey["order"] = management.get(order).json()
            journey["addresses"] = management.get(f"{order}/shipping_addresses").json()
    return journeys


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_page_asks_for_what_the_shop_insists_on(came: dict[str, Any], width: str) -> None:
    journey = came[f"a strict shop, {width}"]

    assert journey["guest"] == 0
    assert journey["struck"] == 0  # a price without its tax is no discount
    assert journey["complaint"] == ["Who sent you? is needed.", "Agree to the privacy policy first."]
    assert journey["modes"] == ["Ship to one address", "Pick up"]
    assert journey["missing"] == ["Enter the mobile.", "Deliver on is needed.", "Where to put it is needed."]
    assert journey["wrong"] == ["Deliver on must be December 1, 2026 or later.", "Steps up must be 40 or less."]
    assert journey["left"] == []  # a complaint goes when its field is changed
    assert journey["refused"] == "Agree to the terms and conditions first."
    # The server's words name the address, and lead to its form, which says the same.
    assert journey["led"] == [
        "The address 1 Main Street, Austin, TX lacks Deliver on.",
        "Deliver on is needed.",
        "shipping-field_25",
    ]
    # 2 x 25.00 and the flat rate of 4.00, with 8.25 % in them: 3.81 and 0.30.
    assert journey["shown"] == {
        "Subtotal": "$50.00",
        "Shipping": "$4.00",
        "Texas Sales Tax, included": "$4.11",
        "Total": "$54.00",
    }
    assert journey["order"]["total_inc_tax"] == "54.0000"
    filled_in = {each["name"]: each["value"] for each in journey["addresses"][0]["form_fields"]}
    assert filled_in == {
        "field_25": "2026-12-24",
        "field_26": "1",
        "field_27": ["0"],
        "field_28": "7",
    }  # options by their place
    assert journey["problems"] == []
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["400"]
