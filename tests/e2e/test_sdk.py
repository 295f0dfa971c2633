"""The official browser SDK, unmodified, buys here in a real browser. Management reads every order back with the same amounts.

The page it runs in (`sdk/`) takes the place of our own checkout page, so that it is on the server's own origin, as a shop's
would be.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import test_conformance
from tests.e2e import needs
from tests.server import RunningServer

Came = dict[str, Any]


class Bought:
    """What came of all journeys, and what Management says of their orders."""

    def __init__(self, told: Came, orders: dict[int, Any], checkouts: dict[str, Any]) -> None:
        self.journeys: Came = told["came"]
        self.exchanges: list[Any] = told["exchanges"]
        self.orders, self.checkouts = orders, checkouts

    def amounts(self, journey: str) -> tuple[float, float, float, float]:
        """Goods, shipping, taxes and total of an order: the same in the SDK's eyes and in Management's."""
        order = self.journeys[journey]["order"]
        managed = self.orders[order["orderId"]]
        checkout = self.checkouts[order["cartId"]]
        seen = (order["shippingCostTotal"], order["taxTotal"], order["orderAmount"])
        assert (
            float(managed["shipping_cost_ex_tax"]),
            float(managed["total_tax"]),
            float(managed["total_inc_tax"]),
        ) == seen
        assert (checkout["shipping_cost_total_ex_tax"], checkout["tax_total"], checkout["grand_total"]) == seen
        assert managed["cart_id"] == order["cartId"]
        return (checkout["subtotal_ex_tax"], *seen)


@pytest.fixture(scope="module")
def bought(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Bought:
    site, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("server")
    shutil.copy(needs.HERE / "sdk" / "index.html", site)
    needs.bundle(needs.HERE / "sdk" / "sdk.js", site / "sdk.js")
    with RunningServer(folder, "--demo", "--checkout-page", str(site)) as server:
        told = json.loads(needs.node("sdk_journeys.mjs", server.url, chromium))
        with httpx.Client(base_url=f"{server.url}/stores/demo", headers={"X-Auth-Token": "demo-token"}) as management:
            made = [journey["order"] for journey in told["came"].values()]
            orders = {order["orderId"]: management.get(f"/v2/orders/{order['orderId']}").json() for order in made}
            checkouts = {
                order["cartId"]: management.get(f"/v3/checkouts/{order['cartId']}").json()["data"] for order in made
            }
    return Bought(told, orders, checkouts)


def test_a_guest_buys_for_one_address(bought: Bought) -> None:
    came = bought.journeys["guest, single address"]

    # 2 x 13.99; flat rate 8.00; New York 4 % of 27.98 is 1.12.
    assert bought.amounts("guest, single address") == (27.98, 8, 1.12, 37.1)
    assert came["order"]["status"] == "AWAITING_PAYMENT"
    assert came["order"]["customerMessage"] == "Please ring twice."
    assert came["order"]["billingAddress"]["city"] == "New York"
    assert came["recommended"] == 1
    assert came["fields"][8:] == ["stateOrProvinceCode", "postalCode"]
    assert came["slips"] == []


def test_units_of_one_line_go_to_three_addresses_and_move_between_them(bought: Bought) -> None:
    came = bought.journeys["three addresses"]

    # 4 laundry carts over three places, 2 sets of spoons over two; no unit is lost.
    assert sorted(came["quantities"]) == [[170, 1], [170, 1], [184, 1], [184, 1], [184, 2]]
    assert came["three"] == [["Austin", 4], ["New York", 7.5], ["Dallas", 6]]  # flat; 3 x 2.50; 6 lb in Texas
    assert came["unassigned"] == [[184, 1]]  # what the deleted consignment held
    # 4 x 13.99 + 2 x 25.00 = 105.96. Austin: 2 carts, 4.00; New York: 2 carts and both sets, 4 x 2.50.
    # 8.25 % of 27.98 is 2.31 and of 4.00 is 0.33; 4 % of 27.98 is 1.12 and of 50.00 is 2.00.
    assert bought.amounts("three addresses") == (105.96, 14, 5.76, 125.72)
    parcels = came["order"]["consignments"]["shipping"]
    assert [(parcel["city"], parcel["shippingMethod"], parcel["baseCost"]) for parcel in parcels] == [
        ("Austin", "Flat Rate", 4),
        ("New York", "Per Item", 10),
    ]
    assert came["slips"] == []


def test_some_is_picked_up_and_the_rest_is_shipped(bought: Bought) -> None:
    came = bought.journeys["pick-up and shipping"]

    # 13.99 + 25.00 + 18.95 = 57.94; flat rate 8.00. New York 4 %: 0.56 and 0.76; Austin 8.25 % of 25.00 is 2.06.
    assert bought.amounts("pick-up and shipping") == (57.94, 8, 3.38, 69.32)
    assert came["place"] == "Pick up in Austin"
    consignments = came["order"]["consignments"]
    assert [parcel["city"] for parcel in consignments["shipping"]] == ["New York"]
    assert len(consignments["pickup"]) == 1
    assert came["slips"] == []


def test_a_coupon_takes_off_and_a_certificate_pays(bought: Bought) -> None:
    came = bought.journeys["coupon and certificate"]

    # 2 x 25.00 less 5.00; flat rate 4.00; 8.25 % of 45.00 is 3.71, of 4.00 0.33: 53.04, of which the certificate pays 4.00.
    assert bought.amounts("coupon and certificate") == (50, 4, 4.04, 53.04)
    assert came["due"] == 49.04
    payments = came["order"]["payments"]
    assert [(paid["providerId"], paid["amount"]) for paid in payments] == [
        ("giftcertificate", 4),
        ("bankdeposit", 49.04),
    ]
    assert [coupon["code"] for coupon in came["order"]["coupons"]] == ["S2549JM0Y"]
    assert came["unknown"]["status"] == 400
    assert came["unknown"]["message"] == "Gift Certificate code `S2549JM0Y` is invalid"
    assert [slip.split(":")[0] for slip in came["slips"]] == ["400"]


def test_a_customer_signs_in_and_pays_with_coupon_certificate_and_store_credit(bought: Bought) -> None:
    came = bought.journeys["signed in"]

    assert (came["wrong"]["status"], came["wrong"]["message"]) == (
        401,
        "The email address or the password is not right.",
    )
    assert came["signedOut"] == [True, "", 0, 1]  # a guest without an address; the cart is still there
    assert (came["name"], came["credit"]) == ("Jane Doe", 20)
    assert came["book"] == ["123 Main Street", "500 Elm Street", "9 Broadway"]
    # 3 x 49.99 less 20 %, 10.00 each; flat rate 4.00 twice; 8.25 % of 79.98 is 6.60, of 39.99 3.30, of 4.00 0.33 twice.
    # Of 138.53 the certificate pays 100.00 and the credit 20.00.
    assert bought.amounts("signed in") == (149.97, 8, 10.56, 138.53)
    assert came["due"] == 18.53
    payments = came["order"]["payments"]
    assert [(paid["providerId"], paid["amount"]) for paid in payments] == [
        ("giftcertificate", 100),
        ("storecredit", 20),
        ("cod", 18.53),
    ]
    assert bought.orders[came["order"]["orderId"]]["customer_id"] == 11
    assert [slip.split(":")[0] for slip in came["slips"]] == ["401"]


def test_a_tab_that_has_not_seen_a_change_is_told_and_then_orders(bought: Bought) -> None:
    came = bought.journeys["two tabs"]

    assert came["stale"]["status"] == 409
    assert came["changed"]["type"] == "cart_changed"
    assert came["message"] == ""  # the refused write left no trace
    # 50.00 less 20 %; flat rate 4.00; 8.25 % of 40.00 is 3.30, of 4.00 0.33.
    assert bought.amounts("two tabs") == (50, 4, 3.63, 47.63)
    assert [slip.split(":")[0] for slip in came["slips"]] == ["409"]


@pytest.mark.skipif(
    not test_conformance.CHECKER.exists(), reason="the published shapes do not stand beside this repository"
)
def test_what_the_browser_was_told_has_the_published_shapes(bought: Bought, tmp_path: Path) -> None:
    assert len(bought.exchanges) > 50
    assert test_conformance.broken(test_conformance.checked(bought.exchanges, tmp_path)) == []
