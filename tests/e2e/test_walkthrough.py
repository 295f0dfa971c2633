"""The walk-through of the documentation: its steps are done in a browser, from the demo shop's first page to an order."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import needs
from tests.server import RunningServer

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "walkthrough.md"
PICTURES = ROOT / "build" / "e2e"
MOST_BYTES = 400_000
"""Of all pictures in the repository together."""


@pytest.fixture(scope="module")
def came(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with RunningServer(tmp_path_factory.mktemp("server")) as server:
        came: dict[str, Any] = json.loads(needs.node("walkthrough.mjs", server.url, chromium, str(PICTURES)))
        came["order"] = httpx.get(
            f"{server.url}/stores/demo/v2/orders/{came['orderId']}", headers={"X-Auth-Token": "demo-token"}
        ).json()
    return came


def test_the_steps_that_are_written_down_are_the_steps_that_were_done(came: dict[str, Any]) -> None:
    assert re.findall(r"^\d+\. (.*)$", DOCUMENT.read_text("utf-8"), re.MULTILINE) == came["steps"]


def test_they_lead_to_an_order_for_three_places(came: dict[str, Any]) -> None:
    # 2 x 13.99 and 25.00 less 20 %, 2.80 twice and 5.00; flat rates 4.00 and 8.00. New York 4 % of 11.19 is 0.45; Texas 8.25 %
    # of 11.19, of 20.00 and of 4.00 is 0.92 + 1.65 + 0.33.
    assert came["shown"] == {
        "Subtotal": "$52.98",
        "Coupon SHOP20": "−$10.60",
        "Shipping": "$12.00",
        "Sales Tax": "$0.45",
        "Texas Sales Tax": "$2.90",
        "Total": "$57.73",
    }
    assert came["order"]["total_inc_tax"] == "57.7300"
    assert came["slips"] == []


def test_every_picture_is_there_and_all_are_small() -> None:
    named = re.findall(r"\((images/[\w.-]+)\)", DOCUMENT.read_text("utf-8"))
    files = sorted(DOCUMENT.parent.joinpath("images").iterdir())

    assert sorted(DOCUMENT.parent / name for name in named) == files
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
