"""Our checkout page, clicked through like a shopper would at the width of a desk and of a telephone, light and dark.

axe-core looks at every stage; pictures of them are left under `build/e2e`. Management reads every order back.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import test_conformance
from tests.e2e import needs
from tests.server import RunningServer

PICTURES = Path(__file__).resolve().parents[2] / "build" / "e2e"
WIDTHS = ("wide", "narrow")
PASSWORD = "Passw0rd1"


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def told(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the journeys, and what was said with the API."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES.glob("*.png"):
        picture.unlink()
    with RunningServer(tmp_path_factory.mktemp("server")) as server:
        told: dict[str, Any] = json.loads(needs.node("page_journeys.mjs", server.url, chromium, str(PICTURES)))
        with httpx.Client(base_url=f"{server.url}/stores/demo", headers={"X-Auth-Token": "demo-token"}) as management:
            for journey in told["came"].values():
                if "orderId" in journey:
                    journey["order"] = order = management.get(f"/v2/orders/{journey['orderId']}").json()
                    asked = {"id:in": order["customer_id"], "include": "addresses,storecredit"}
                    found = management.get("/v3/customers", params=asked).json()["data"]
                    journey["customer"] = found[0] if order["customer_id"] else None
    return told


@pytest.fixture
def came(told: dict[str, Any]) -> dict[str, Any]:
    """Journey and width -> what came of it, with the order and its customer as Management has them."""
    journeys: dict[str, Any] = told["came"]
    return journeys


def amounts(journey: dict[str, Any]) -> tuple[str, str, str]:
    """Shipping, taxes and total of its order, as Management says."""
    order = journey["order"]
    return order["shipping_cost_ex_tax"], order["total_tax"], order["total_inc_tax"]


def test_a_guest_buys_for_one_address(came: dict[str, Any], width: str) -> None:
    journey = came[f"one address, {width}"]

    # 2 x 13.99; flat rate 8.00; New York 4 % of 27.98 is 1.12.
    assert journey["shown"] == {"Subtotal": "$27.98", "Shipping": "$8.00", "Sales Tax": "$1.12", "Total": "$37.10"}
    assert amounts(journey) == ("8.0000", "1.1200", "37.1000")
    assert journey["order"]["customer_message"] == "Please ring twice."
    assert journey["edit"] < 40  # "Edit" stands in one line, beside a name that needs several
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["400"]


def test_an_order_refused_for_an_address_leads_to_it(came: dict[str, Any], width: str) -> None:
    assert came[f"one address, {width}"]["led"] == [
        "The address 3 Broadway, New York, NY has 'ZZZZZ' for the postal code, which is none of US.",
        "Have another look at the postal code.",
        "shipping-postalCode",
    ]


def test_what_is_missing_is_said_in_words(came: dict[str, Any], width: str) -> None:
    journey = came[f"one address, {width}"]

    assert journey["complaint"] == "This is not an email address; it should look like name@example.com."
    assert journey["missing"] == [
        "Enter the first name.",
        "Enter the last name.",
        "Enter the address.",
        "Enter the city.",
        "Choose a state.",
        "Enter the postal code.",
    ]


def test_units_go_to_three_addresses_and_move_between_them(came: dict[str, Any], width: str) -> None:
    journey = came[f"several addresses, {width}"]

    assert journey["three"] == ["Address 1", "Address 2", "Address 3"]
    assert journey["left"] == "Still to be placed: 1 × Canvas Laundry Cart, Red"
    assert journey["refused"] == "Everything needs a place first."
    # As in the SDK's journey: 105.96, flat rate 4.00 and 4 x 2.50; Texas 8.25 % of 27.98 and 4.00, New York 4 % of 77.98.
    assert journey["shown"] == {
        "Subtotal": "$105.96",
        "Shipping": "$14.00",
        "Sales Tax": "$3.12",
        "Texas Sales Tax": "$2.64",
        "Total": "$125.72",
    }
    assert amounts(journey) == ("14.0000", "5.7600", "125.7200")
    assert journey["slips"] == []


def test_some_is_picked_up_at_the_nearest_place(came: dict[str, Any], width: str) -> None:
    journey = came[f"pick-up and shipping, {width}"]

    assert journey["unlocated"] == ["Pick up in Austin", "Pick up in Dallas"]
    assert journey["cancelled"] == "add-address"
    assert [place.split(" Choose")[0] for place in journey["places"]] == [
        "Pick up in Austin 123 Main Street, Austin, TX, 78701 0.3 mi away · 9am - 6pm",
        "Pick up in Dallas 500 Elm Street, Dallas, TX, 75202 181.9 mi away · 10am - 7pm",
    ]
    # 13.99 + 25.00 + 18.95; New York 4 % of 13.99 and of 18.95: 0.56 + 0.76; Austin 8.25 % of 25.00.
    assert journey["shown"]["Total"] == "$69.32"
    assert amounts(journey) == ("8.0000", "3.3800", "69.3200")
    assert journey["slips"] == []


def test_codes_are_taken_in_one_box_and_an_unknown_one_is_named(came: dict[str, Any], width: str) -> None:
    journey = came[f"coupon and certificate, {width}"]

    assert journey["unknown"] == "The code NOPE is not known here."
    assert journey["typed"] == "NOPE"  # to be mended, beside the button
    assert journey["tops"][0] == journey["tops"][1]
    assert journey["focus"] == "withdraw-0"  # the next one's
    # 50.00 less 5.00; flat rate 4.00; 8.25 % of 45.00 and of 4.00 is 3.71 + 0.33; the certificate pays 4.00.
    shown = {name: amount for name, amount in journey["shown"].items() if not name.startswith("Gift certificate")}
    assert shown == {
        "Subtotal": "$50.00",
        "Coupon S2549JM0Y": "−$5.00",
        "Shipping": "$4.00",
        "Texas Sales Tax": "$4.04",
        "Total": "$53.04",
        "To pay": "$49.04",
    }
    assert amounts(journey) == ("4.0000", "4.0400", "53.0400")


def test_a_customer_signs_in_and_sends_to_saved_and_new_addresses(came: dict[str, Any], width: str) -> None:
    journey = came[f"signed in, {width}"]

    assert journey["wrong"] == "The email address or the password is not right."
    assert journey["book"] == [
        "1 Main Street, Austin, TX Jane Doe",
        "2 Elm Street, Dallas, TX Jane Doe",
        "Another address",
    ]
    # 75.00 less 20 %; flat rates 4.00 and 8.00; Texas 8.25 % of 40.00 and of 4.00, New York 4 % of 20.00.
    # Of 76.43 the certificate pays 4.00 and the store credit 20.00.
    shown = {name: amount for name, amount in journey["shown"].items() if not name.startswith("Gift certificate")}
    assert shown == {
        "Subtotal": "$75.00",
        "Coupon SHOP20": "−$15.00",
        "Shipping": "$12.00",
        "Sales Tax": "$0.80",
        "Texas Sales Tax": "$3.63",
        "Total": "$76.43",
        "Store credit": "−$20.00",
        "To pay": "$52.43",
    }
    assert amounts(journey) == ("12.0000", "4.4300", "76.4300")
    customer = journey["customer"]
    assert [address["city"] for address in customer["addresses"]] == ["Austin", "Dallas", "New York"]
    assert customer["store_credit_amounts"] == [{"amount": 0}]
    assert journey["offered"] == 0  # who has an account is offered none
    assert sorted(slip.split(":")[0] for slip in journey["slips"]) == ["400", "401"]


def test_an_account_is_made_on_the_way(came: dict[str, Any], width: str) -> None:
    journey = came[f"a new account, nothing to ship, {width}"]

    assert journey["tooShort"] == "This password is too short."
    assert journey["taken"] == [
        "There is already an account with this email address; sign in, or take another one.",
        "Jane",
        PASSWORD,
    ]  # what was typed is still there
    assert journey["name"] == "Jane Doe"
    # 18.95 and 8.25 % of it, which nobody knew before there was an address.
    assert journey["dearer"] == "With this billing address the total is $20.51. Press once more to order."
    assert journey["shown"] == {"Subtotal": "$18.95", "Texas Sales Tax": "$1.56", "Total": "$20.51"}
    assert amounts(journey) == ("0.0000", "1.5600", "20.5100")
    assert journey["customer"]["first_name"] == "Jane"
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["409"]


def test_waiting_is_shown_and_what_was_typed_outlives_a_lost_connection(came: dict[str, Any], width: str) -> None:
    journey = came[f"a slow connection, and none, {width}"]

    assert journey["progress"] == "Looking for ways to ship …"
    assert journey["told"] == "The shop cannot be reached at the moment. Check your connection, and try again."
    assert journey["typed"] == "3 Broadway"
    assert amounts(journey) == ("8.0000", "1.0000", "34.0000")  # 25.00, flat rate, 4 %


def test_an_order_whose_answer_is_lost_is_shown_by_pressing_again_and_by_loading_the_page_again(
    came: dict[str, Any], width: str
) -> None:
    journey = came[f"the answer to an order is lost, {width}"]

    assert journey["told"].startswith("The shop cannot be reached at the moment.")
    assert journey["orderId"] != journey["pressed"]
    assert amounts(journey) == ("8.0000", "1.0000", "34.0000")  # 25.00, flat rate, 4 %
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["failed", "failed"]


def test_everything_can_be_done_by_keyboard(came: dict[str, Any], width: str) -> None:
    journey = came[f"another billing address, by keyboard, {width}"]

    assert journey["heading"].endswith("Delivery")  # the focus goes along with the steps
    assert journey["country"] == "AT"  # not Afghanistan, where its first letter leads
    assert journey["unchosen"] == ""
    assert journey["offered"] == "option"
    assert journey["places"] == ["Pick up in Dallas", "Pick up in Austin"]
    assert journey["focus"] == "thanks"
    assert journey["account"] == "Your account is made, and you are signed in."
    # 25.00, picked up in Austin: 8.25 % is 2.06.
    assert amounts(journey) == ("0.0000", "2.0600", "27.0600")
    assert journey["order"]["billing_address"]["city"] == "Austin"
    assert journey["slips"] == []


def test_what_was_to_be_collected_at_two_places_is_shipped_as_a_whole(came: dict[str, Any], width: str) -> None:
    journey = came[f"two pick-ups become one parcel, {width}"]

    assert len(journey["cards"]) == 2
    # 50.00; 1.25 for each of two items; 8.25 % of 50.00 is 4.13, of 2.50 0.21.
    assert amounts(journey) == ("2.5000", "4.3400", "56.8400")
    assert journey["slips"] == []


def test_the_focus_never_gets_lost_while_units_are_divided_by_keyboard(came: dict[str, Any], width: str) -> None:
    journey = came[f"several addresses, by keyboard, {width}"]

    assert journey["added"] == "new-heading"
    # At the last unit the button for less rests, and the one for more has the focus; and the other way round.
    assert journey["fewer"] == ["new-0-less", "new-0-less", "new-0-more"]
    assert journey["more"] == ["units-ID-0-more", "units-ID-0-less"]
    assert journey["editing"] == "address-0-countryCode"
    assert (journey["sent"], journey["saved"], journey["removed"]) == ("card-0", "card-0", "heading-delivery")
    assert journey["slips"] == []


def test_a_change_in_another_tab_is_shown_before_anything_is_ordered(came: dict[str, Any], width: str) -> None:
    journey = came[f"two tabs, {width}"]

    assert journey["told"].startswith("Your order was changed in another window")
    # 50.00 less 20 %; flat rate 4.00; 8.25 % of 40.00 and of 4.00 is 3.30 + 0.33.
    assert journey["shown"]["Total"] == "$47.63"
    assert amounts(journey) == ("4.0000", "3.6300", "47.6300")


def test_links_that_do_not_open_at_once_lead_to_what_there_is_to_do(came: dict[str, Any], width: str) -> None:
    journey = came[f"links that do not open at once, {width}"]

    assert journey["opened"] == ["Ceramic Measuring Spoons"]
    assert journey["told"].startswith("The link you followed was used already, or is out of date.")
    assert journey["path"] == "/checkout"
    assert journey["came"] == "3 things from your earlier cart were added."
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["401"]


def test_an_empty_cart_is_said_to_be_empty_and_an_order_of_others_not_to_be_shown(
    came: dict[str, Any], width: str
) -> None:
    journey = came[f"an empty cart, {width}"]

    assert journey["heading"] == "Your cart is empty"
    assert journey["others"] == ["This order cannot be shown here", "Checkstand Demo", 1]


def test_who_finds_goods_gone_takes_fewer(came: dict[str, Any], width: str) -> None:
    journey = came[f"goods run out, {width}"]

    assert journey["typed"] == ["New York", "NY"]  # as it stood in the form when the summary was changed
    assert journey["most"] == "Only 2 of NAME left, the cart would hold 3."
    assert journey["told"] == "Only 1 of NAME left, the order needs 2."
    assert journey["focus"] == "One more NAME in the order"  # one less cannot be pressed any more
    # 12.00, flat rate 8.00; New York 4 % of 12.00 is 0.48.
    assert journey["shown"] == {"Subtotal": "$12.00", "Shipping": "$8.00", "Sales Tax": "$0.48", "Total": "$20.48"}
    assert amounts(journey) == ("8.0000", "0.4800", "20.4800")
    assert [slip.split(":")[0] for slip in journey["slips"]] == ["409", "400"]


def test_a_cart_that_is_gone_lets_nothing_be_pressed_and_what_was_typed_is_there_for_the_next(
    came: dict[str, Any], width: str
) -> None:
    journey = came[f"a cart that is gone, {width}"]

    assert journey["isInert"] is True
    assert journey["email"] == "jane@example.com"
    assert journey["typed"] == ["1 Main Street", "TX"]


def test_nothing_is_in_the_way_of_those_who_see_hear_or_point_otherwise(came: dict[str, Any], width: str) -> None:
    found = {name: journey["problems"] for name, journey in came.items() if name.endswith(width)}

    assert len(found) == 16
    assert [problem for problems in found.values() for problem in problems] == []
    slips = [slip for journey in came.values() for slip in journey["slips"]]
    assert [slip for slip in slips if slip.startswith("error:")] == []
    assert len(list(PICTURES.glob(f"*-{width}.png"))) >= 20


@pytest.mark.skipif(
    not test_conformance.CHECKER.exists(), reason="the published shapes do not stand beside this repository"
)
def test_what_the_page_was_told_has_the_published_shapes(told: dict[str, Any], tmp_path: Path) -> None:
    assert len(told["exchanges"]) > 200
    assert test_conformance.broken(test_conformance.checked(told["exchanges"], tmp_path)) == []
