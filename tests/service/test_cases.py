import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from checkstand.domain.checkout import PickupChoice
from checkstand.domain.commands import AnyCommand, SetCustomerMessage
from checkstand.domain.facts import Customer, Facts
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.pricing.price import priced
from checkstand.errors import AlreadyOrdered, CheckoutError, Invalid, NotFound
from checkstand.service import cases
from checkstand.service.cases import Case
from checkstand.service.commands import Answer, change
from tests.api.flows import ready_checkout, ready_storefront_checkout
from tests.builders import (
    NOON,
    a_certificate,
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_store,
    a_tax_zone,
    a_zone,
    amount_off,
    by_key,
    facts,
    flat_rate,
    paying,
    usd,
)
from tests.client import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


def a_case(command: AnyCommand | None = None, known: Facts | None = None, **checkout: Any) -> Case:
    return Case(checkout=a_checkout(**checkout), command=command, moment=a_moment(), facts=known or facts())


def taxed_and_discounted() -> Facts:
    """2.00 off each unit, 8.25 % tax on goods and shipping, 8.00 for shipping and 1.50 for handling."""
    promotion = amount_off("2.00", name="Spring")
    zone = a_zone(flat_rate())
    return facts(a_store(zone, promotions=(promotion,), tax_zones=(a_tax_zone("8.25", "8.25"),)))


# ---------------------------------------------------------------------------------------------------- replaying


def test_a_case_gives_the_same_result_each_time_it_is_replayed() -> None:
    case = a_case(SetCustomerMessage(message="Please ring twice."))

    first, second = cases.result(cases.replay(case)), cases.result(cases.replay(case))

    assert first == second
    assert json.loads(first)["checkout"]["customer_message"] == "Please ring twice."
    assert json.loads(first)["checkout"]["version"] == 2
    assert json.loads(first)["totals"]["grand_total"] == [2000, "USD"]


def test_a_case_is_written_and_read_without_loss() -> None:
    case = a_case(SetCustomerMessage(message="Hi"), taxed_and_discounted(), consignments=(a_consignment(),))

    assert cases.case_from(cases.encoded(case)) == case


def test_without_a_command_the_checkout_is_only_priced_anew() -> None:
    answer = cases.replay(a_case(known=taxed_and_discounted()))

    assert answer.checkout == a_checkout()
    assert answer.priced.totals.subtotal.ex_tax == usd("16.00")


def test_the_checkout_of_a_result_is_fit_for_the_next_case() -> None:
    first = json.loads(cases.result(cases.replay(a_case(SetCustomerMessage(message="one")))))
    written = json.loads(cases.encoded(a_case(SetCustomerMessage(message="two"))))

    again = cases.case_from(json.dumps({**written, "checkout": first["checkout"]}).encode())

    assert cases.replay(again).checkout.version == 3


def test_a_replayed_refusal_is_the_refusal() -> None:
    with pytest.raises(Invalid, match="customer_message may have at most 2000 characters"):
        cases.replay(a_case(SetCustomerMessage(message="x" * 2001)))
    with pytest.raises(AlreadyOrdered):
        cases.replay(a_case(SetCustomerMessage(message="x"), converted=True, order_id=100))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "The case cannot be read: "),
        (b"{", "The case cannot be read: "),
        (b"\xff", "The case cannot be read: "),
        (b"[" * 5000, "The case cannot be read: "),
        (b"{}", "The case cannot be read: Object missing required field checkout."),
    ],
)
def test_what_is_no_case_is_refused_with_the_reason(text: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cases.case_from(text)

    assert refusal.value.message.startswith(message)


def test_a_command_is_read_as_cases_have_it() -> None:
    assert cases.command_from(b'{"command": "set_customer_message", "message": "Hi"}') == SetCustomerMessage(
        message="Hi"
    )
    with pytest.raises(Invalid, match=r"^The command cannot be read: Invalid value 'sing'"):
        cases.command_from(b'{"command": "sing"}')


# ---------------------------------------------------------------------------------------------------- recording


def test_a_recorded_case_leads_where_the_request_itself_would_have_led(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    line = shop.management("GET", f"/carts/{checkout_id}").json()["data"]["line_items"]["physical_items"][0]["id"]
    command: AnyCommand = cases.command_from(
        json.dumps({"command": "change_line", "line_id": line, "quantity": 5}).encode()
    )
    unit, moment = shop.storage.unit("demo"), a_moment()

    case = shop.run(cases.record(unit, checkout_id, command, moment))
    replayed = cases.replay(cases.case_from(cases.encoded(case)))
    real: Answer = shop.run(change(shop.storage.unit("demo"), checkout_id, command, moment))

    assert replayed.checkout == real.checkout
    assert replayed.priced.totals == real.priced.totals


def test_recording_changes_nothing(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    before = shop.management("GET", f"/checkouts/{checkout_id}").json()

    shop.run(cases.record(shop.storage.unit("demo"), checkout_id, SetCustomerMessage(message="Hi"), a_moment()))

    assert shop.management("GET", f"/checkouts/{checkout_id}").json() == before


def test_a_case_knows_the_stock_and_the_customer(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    shop.management("PUT", f"/carts/{checkout_id}", {"customer_id": 11})

    case: Case = shop.run(cases.record(shop.storage.unit("demo"), checkout_id, None, a_moment()))

    assert case.facts.stock == {364: {0: 1000}}
    assert case.facts.customer is not None
    assert case.facts.customer.email == "janedoe@example.com"


def test_a_case_that_is_refused_can_be_recorded_and_is_refused_again(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    command = cases.command_from(b'{"command": "remove_line", "line_id": "nothing"}')

    case = shop.run(cases.record(shop.storage.unit("demo"), checkout_id, command, a_moment()))

    with pytest.raises(NotFound) as refusal:
        cases.replay(case)
    assert refusal.value.reason == "line_item_not_found"


def test_a_checkout_that_is_not_there_cannot_be_recorded(shop: Shop) -> None:
    with pytest.raises(CheckoutError, match="There is no cart or checkout nope"):
        shop.run(cases.record(shop.storage.unit("demo"), "nope", None, a_moment()))


# ---------------------------------------------------------------------------------------------------- explaining


def names_and_amounts(sums: tuple[cases.Sum, ...]) -> dict[str, int]:
    return {entry.name: entry.amount.minor for entry in sums}


def test_each_total_is_the_sum_of_its_rows_and_the_grand_total_the_sum_of_those() -> None:
    consignment = a_consignment()
    known = taxed_and_discounted()
    option = cases.replay(a_case(known=known, consignments=(consignment,))).priced.settled.options["a"][0]
    case = a_case(known=known, consignments=(a_consignment(selected=option),))

    sums = cases.sums_of(cases.replay(case).priced)

    # 2 x 10.00 less 4.00; 8.00 for shipping; 8.25 % of 16.00 and of 8.00.
    assert names_and_amounts(sums) == {"subtotal": 1600, "shipping": 800, "tax": 198, "grand total": 2598}
    assert [(row.kind, row.target, row.source, row.amount.minor) for row in sums[0].rows] == [
        ("charge", "2 × Product of x", "list price", 2000),
        ("discount", "2 × Product of x", "Spring", -400),
    ]
    assert [(row.target, row.source, row.amount.minor) for row in sums[2].rows] == [
        ("2 × Product of x", "Tax", 132),
        ("consignment a to Austin, TX", "Tax", 66),
    ]


def test_discounts_on_the_order_come_after_the_subtotal() -> None:
    answer = cases.replay(a_case())
    less = Discount("line", "x", usd("5.00"), "SAVE5", "coupon", 7)

    sums = cases.sums_of(priced(answer.priced.settled, (*answer.priced.entries, less), answer.priced.taxes))

    assert names_and_amounts(sums) == {
        "subtotal": 2000,
        "discounts": -500,
        "shipping": 0,
        "tax": 0,
        "grand total": 1500,
    }


def test_the_table_is_aligned() -> None:
    line = a_line("x", 2, sku="RED", name="Canvas Laundry Cart")
    answer = cases.replay(Case(checkout=a_checkout(line), moment=a_moment(), facts=taxed_and_discounted()))
    explanation = cases.Explanation("Checkout cart", answer.checkout.currency, cases.sums_of(answer.priced))

    assert cases.table(explanation) == (
        "Checkout cart. Amounts in USD, prices as entered.\n"
        "\n"
        "subtotal                                                16.00\n"
        "  charge     2 × Canvas Laundry Cart (RED)  list price  20.00\n"
        "  discount   2 × Canvas Laundry Cart (RED)  Spring      -4.00\n"
        "shipping                                                 0.00\n"
        "tax                                                      0.00\n"
        "grand total                                             16.00\n"
    )


def test_what_pays_stands_below_the_grand_total_and_then_what_is_left() -> None:
    checkout = a_checkout(
        a_line("x", 3, "10.00"), customer_id=11, gift_certificates=paying(a_certificate()), is_store_credit_applied=True
    )
    jane = Customer(id=11, email="jane@shop.example", store_credit=usd("5.00"))
    known = facts(customer=jane, certificates=by_key(a_certificate()))
    answer = cases.replay(Case(checkout=checkout, moment=a_moment(), facts=known)).priced

    *_, total, payments, outstanding = cases.sums_of(answer)

    assert [(entry.name, entry.amount.minor) for entry in (total, payments, outstanding)] == [
        ("grand total", 3000),
        ("payments", -1500),
        ("outstanding balance", 1500),
    ]
    assert [(row.kind, row.target, row.source, row.amount.minor) for row in payments.rows] == [
        ("payment", "GIFT10", "gift certificate", -1000),
        ("payment", "customer 11", "store credit", -500),
    ]


def test_the_explanation_of_a_checkout_agrees_with_its_answer(shop: Shop) -> None:
    checkout = ready_checkout(shop)

    explanation: cases.Explanation = shop.run(cases.explain(shop.storage.unit("demo"), checkout["id"], NOON))

    sums = names_and_amounts(explanation.sums)
    assert explanation.title == f"Checkout {checkout['id']} of store demo, version {checkout['version']}"
    assert sums["grand total"] == round(checkout["grand_total"] * 100)
    assert sums["tax"] == round(checkout["tax_total"] * 100)
    assert sums["subtotal"] == round(checkout["subtotal_ex_tax"] * 100)


def test_an_order_is_explained_as_it_was_placed_whatever_is_charged_today(shop: Shop) -> None:
    checkout = ready_storefront_checkout(shop)
    payment = {"cartId": checkout["id"], "payment": {"name": "bankdeposit"}}
    order = shop.storefront("POST", "/checkout/order", payment, base="/internalapi/v1").json()["data"]["order"]
    unit = shop.storage.unit("demo")
    store = shop.run(unit.store())
    dearer = msgspec.structs.replace(store, promotions=(), tax_zones=())
    assert shop.run(unit.replace_store(store, dearer))

    explanation: cases.Explanation = shop.run(cases.explain(shop.storage.unit("demo"), checkout["id"], NOON))

    placed = shop.storefront("GET", f"/orders/{order['orderId']}").json()
    assert explanation.title.endswith(f", as ordered: order {order['orderId']}")
    assert names_and_amounts(explanation.sums)["grand total"] == placed["orderAmountAsInteger"]


def test_what_is_picked_up_costs_no_shipping() -> None:
    sums = cases.sums_of(cases.replay(a_case(consignments=(a_consignment(selected=PickupChoice(1)),))).priced)

    assert names_and_amounts(sums) == {"subtotal": 2000, "shipping": 0, "tax": 0, "grand total": 2000}
