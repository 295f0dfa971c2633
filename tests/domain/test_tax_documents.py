"""What a tax provider is told and what of its answers is believed."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checkstand.demo_tax_provider import DemoTaxProvider
from checkstand.domain.checkout import (
    CertificateDetails,
    Checkout,
    Fee,
    GiftWrapping,
    Person,
    ShippingOption,
    WrapDetail,
)
from checkstand.domain.facts import Customer, CustomerGroup, Facts
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.tax_documents import Told, Unusable, quote, told
from checkstand.domain.tax_quote import FAILED, NOT_YET, TaxQuote
from checkstand.domain.tax_zones import TaxSettings
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    a_tax_zone,
    amount_off,
    applied,
    billed,
    facts,
    in_new_york,
    usd,
)
from tests.domain.engine import priced

INCLUSIVE = TaxSettings(tax_entered_with_prices=True)


def shipping(cost: str, handling: str = "0") -> ShippingOption:
    """Chosen by hand, so that it is offered whatever the store's methods are."""
    return ShippingOption(
        id="custom", type="shipping_custom", description="By bike", cost=usd(cost), handling=usd(handling)
    )


def shipped(*lines: Any, cost: str = "8.00", **fields: Any) -> Checkout:
    """Everything in one consignment to Austin, for `cost`."""
    consignment = a_consignment(line_ids=tuple(line.id for line in lines), selected=shipping(cost))
    return billed(a_checkout(*lines, consignments=(consignment,), **fields))


def asked(checkout: Checkout, known: Facts | None = None) -> Told:
    found = told(priced(checkout, known), known or facts(), NOON)
    assert found is not None
    return found


def sent(checkout: Checkout, known: Facts | None = None) -> Any:
    return json.loads(msgspec.json.encode(asked(checkout, known).request))


def answered(about: Told, **wanted: Any) -> Any:
    """What the demo provider says."""
    body = json.loads(msgspec.json.encode(about.request), parse_float=Decimal)
    answer = DemoTaxProvider(**wanted).quote(body)
    return json.loads(json.dumps(answer, default=float))


def quoted(about: Told, **wanted: Any) -> TaxQuote:
    return quote(about, json.dumps(answered(about, **wanted)).encode())


def with_quote(checkout: Checkout, known: Facts | None = None, **wanted: Any) -> Priced:
    known = known or facts()
    return priced(checkout, replace(known, tax_quote=quoted(asked(checkout, known), **wanted)))


# ---------------------------------------------------------------------------------------------------- what is told


def test_a_consignment_is_a_document_with_what_is_left_after_discounts() -> None:
    half = amount_off("5.00", 1)
    store = a_store(promotions=(half,), coupons=(a_coupon(amount="4"),))
    checkout = shipped(a_line("x", 2, sku="X-1", tax_class_id=2), coupons=applied(a_coupon(amount="4")))

    document = sent(checkout, facts(store))["documents"][0]

    assert document["id"] == "a"
    # 2 × 10.00, less 2 × 5.00 by the promotion, less 4.00 by the coupon.
    assert document["items"] == [
        {
            "id": "x",
            "item_code": "X-1",
            "item_reference": "X-1",
            "name": "Product of x",
            "price": {"amount": 6, "tax_inclusive": False},
            "quantity": 2,
            "tax_class": {"code": "", "class_id": "2", "name": "Shipping"},
            "tax_exempt": False,
            "type": "item",
        }
    ]
    assert document["shipping"]["price"] == {"amount": 8, "tax_inclusive": False}
    assert (document["shipping"]["item_code"], document["shipping"]["type"]) == ("By bike", "shipping")
    assert document["shipping"]["name"] == "Shipping to Austin, United States 78751"
    assert document["handling"]["price"]["amount"] == 0
    assert document["destination_address"]["region_code"] == "TX"
    assert document["origin_address"]["type"] == "COMMERCIAL"


def test_what_no_consignment_holds_is_a_document_at_the_billing_address() -> None:
    person = Person("Jane", "jane@example.com")
    certificate = a_line(
        "c", kind="gift_certificate", certificate=CertificateDetails(theme="Any", sender=person, recipient=person)
    )
    fee = Fee(id="f", name="Express", display_name="Express", cost=usd("3.00"), source="app", tax_class_id=1)
    checkout = billed(a_checkout(a_line("d", kind="digital"), certificate, fees=(fee,)), country_code="AU")

    (document,) = sent(checkout)["documents"]

    assert document["id"] == "DigitalDelivery_cart"
    assert document["destination_address"]["country_code"] == "AU"
    assert [(item["id"], item["type"], item["tax_exempt"]) for item in document["items"]] == [
        ("d", "item", False),
        ("c", "item", True),
        ("f", "fee", False),
    ]
    assert (document["shipping"]["price"]["amount"], document["handling"]["price"]["amount"]) == (0, 0)


def test_a_wrapping_goes_with_its_line() -> None:
    wrap = GiftWrapping(wrap_together=True, details=(WrapDetail(id=1, name="Paper", price=usd("2.50")),))

    wrapping = sent(shipped(a_line("x", gift_wrapping=wrap)))["documents"][0]["items"][0]["wrapping"]

    assert (wrapping["type"], wrapping["price"]["amount"], wrapping["tax_class"]["class_id"]) == ("wrapping", 2.5, "3")


def test_nobody_is_asked_before_there_is_an_address() -> None:
    assert told(priced(a_checkout()), facts(), NOON) is None


def test_a_guest_is_customer_0_and_the_time_is_in_utc() -> None:
    request = sent(shipped(a_line("x")))

    assert request["customer"] == {"customer_id": "0", "customer_group_id": "0", "taxability_code": ""}
    assert (request["id"], request["currency_code"]) == ("cart", "USD")
    assert request["transaction_date"] == "2026-01-01T12:00:00Z"


def test_a_provider_is_told_of_a_group_that_there_is() -> None:
    known = facts(
        a_store(customer_groups=(CustomerGroup(7, "Wholesale"),)),
        customer=Customer(id=11, email="jane@example.com", group_id=7),
    )

    assert sent(shipped(a_line("x")), known)["customer"]["customer_group_id"] == "7"
    assert sent(shipped(a_line("x")), replace(known, store=a_store()))["customer"]["customer_group_id"] == "0"


# ---------------------------------------------------------------------------------------------------- what comes of it


def test_taxes_are_those_of_the_provider_and_no_zone_counts() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("50", "50"),)))

    answer = with_quote(shipped(a_line("x", 2, "15.99")), known)

    # 31.98 and 8.00 at 8.25 %: 2.64 and 0.66.
    assert answer.totals.taxes == (("US-TX Tax", usd("3.30")),)
    assert answer.totals.grand_total == usd("43.28")
    assert (answer.lines["x"].paid.ex_tax, answer.lines["x"].paid.inc_tax) == (usd("31.98"), usd("34.62"))


def test_the_published_sample_comes_to_its_grand_total_with_the_tax_it_has() -> None:
    """T1: 28.62 follows from no rate; a provider may say so."""
    lines = (
        a_line("b", 1, "15.99", product_id=184),
        a_line("l", 1, "25.00"),
        a_line("s", 1, "49.99"),
        a_line("t", 1, "18.95", kind="digital"),
        a_line("g", 1, "10.00", kind="gift_certificate"),
    )
    consignment = a_consignment(line_ids=("b", "l", "s"), selected=shipping("69.94"))
    coupon = a_coupon(amount="5")
    off = amount_off("2.00", 184)
    checkout = billed(a_checkout(*lines, consignments=(consignment,), coupons=applied(coupon)))

    answer = with_quote(checkout, facts(a_store(promotions=(off,), coupons=(coupon,))), total=Decimal("28.62"))

    sums = answer.totals
    assert (sums.base_amount, sums.subtotal.ex_tax, sums.cart_amount.ex_tax) == (
        usd("119.93"),
        usd("117.93"),
        usd("112.93"),
    )
    assert (sums.shipping.ex_tax, sums.tax, sums.grand_total) == (usd("69.94"), usd("28.62"), usd("211.49"))
    assert [answer.lines[line.id].reduction for line in lines] == [
        usd("2.59"),
        usd("1.06"),
        usd("2.12"),
        usd("0.80"),
        usd("0.43"),
    ]


def test_a_tax_inside_of_a_price_is_taken_out_of_it() -> None:
    known = facts(a_store(tax_settings=INCLUSIVE))

    answer = with_quote(shipped(a_line("x", 1, "108.25"), cost="10.83"), known)

    # 108.25 holds 8.25; 10.83 holds 0.83 (10.83 − 10.83 / 1.0825 = 0.8254).
    assert answer.totals.grand_total == usd("119.08")
    assert answer.totals.tax == usd("9.08")
    assert (answer.totals.subtotal.ex_tax, answer.totals.shipping.ex_tax) == (usd("100.00"), usd("10.00"))


def test_amounts_shown_with_tax_are_brought_there_by_the_ratio_of_the_quote() -> None:
    shown = a_tax_zone("0", zone_id=9, show_inclusive=True)
    half = amount_off("50.00", 1)
    known = facts(a_store(tax_zones=(shown,), promotions=(half,)))

    answer = with_quote(shipped(a_line("x", 1, "100.00")), known, rates={"US": Decimal(10)})

    line = answer.lines["x"]
    assert answer.totals.is_tax_included
    assert (line.listed, line.product_discount, line.paid.inc_tax) == (usd("110.00"), usd("55.00"), usd("55.00"))
    assert answer.totals.grand_total == usd("63.80")
    assert answer.taxes.shown("shipping", "a", usd("20.00")) == usd("22.00")


def test_an_option_that_is_not_chosen_yet_is_shown_by_the_rate_of_the_quote() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("0", show_inclusive=True),)))
    checkout = billed(a_checkout(a_line("x"), consignments=(a_consignment(),)))

    answer = with_quote(checkout, known)

    assert answer.taxes.shown("shipping", "a", usd("8.00")) == usd("8.66")
    assert answer.totals.shipping.inc_tax == usd("0")


def test_two_taxes_of_one_item_are_two_entries() -> None:
    about = asked(shipped(a_line("x", 1, "10.00"), cost="0"))
    answer = answered(about)
    price = answer["documents"][0]["items"][0]["price"]
    price |= {"total_tax": 1.5, "amount_inclusive": 11.5}
    price["sales_tax_summary"] = [
        {"name": "State", "rate": 0.1, "amount": 1.0049},
        {"name": "City", "rate": 0.05, "amount": 0.4951},
    ]

    found = priced(
        shipped(a_line("x", 1, "10.00"), cost="0"),
        facts(tax_quote=quote(about, json.dumps(answer).encode())),
    )

    assert found.totals.taxes == (("City", usd("0.50")), ("State", usd("1.00")))


# ---------------------------------------------------------------------------------------------------- what is not believed


def first_item(answer: Any) -> Any:
    return answer["documents"][0]["items"][0]


ITEM = ("documents", 0, "items", 0)
SUMMARY = (*ITEM, "price", "sales_tax_summary")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("documents",), []),
        (("documents", 0, "id"), "b"),
        (("documents", 0, "items"), []),
        ((*ITEM, "id"), "y"),
        ((*ITEM, "price"), None),
        ((*ITEM, "price", "amount_exclusive"), 11),
        ((*ITEM, "price", "total_tax"), -1),
        ((*ITEM, "price", "total_tax"), 1e300),
        ((*ITEM, "price", "tax_rate"), 400),
        (SUMMARY, []),
        ((*SUMMARY, 0, "name"), ""),
        ((*SUMMARY, 0, "name"), "x" * 256),
        ((*SUMMARY, 0, "amount"), 0.1),
        ((*SUMMARY, 0, "amount"), -0.83),
    ],
)
def test_an_answer_that_does_not_fit_the_question_is_not_believed_at_all(
    path: tuple[str | int, ...], value: object
) -> None:
    about = asked(shipped(a_line("x", 1, "10.00")))
    answer = answered(about)
    part = answer
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value

    with pytest.raises(Unusable):
        quote(about, json.dumps(answer).encode())


def test_bytes_that_are_no_json_are_not_believed() -> None:
    for body in (b"", b"<html>", b"\xff", b"[" * 100_000):
        with pytest.raises(Unusable):
            quote(asked(shipped(a_line("x"))), body)


def test_a_tax_that_is_the_whole_of_a_price_is_not_believed() -> None:
    known = facts(a_store(tax_settings=INCLUSIVE))
    about = asked(shipped(a_line("x", 1, "10.00")), known)
    answer = answered(about)
    first_item(answer)["price"] |= {"total_tax": 10, "amount_exclusive": 0}

    with pytest.raises(Unusable):
        quote(about, json.dumps(answer).encode())


# ---------------------------------------------------------------------------------------------------- without an answer


def fallback(strategy: Any, **settings: Any) -> Priced:
    known = facts(a_store(tax_settings=TaxSettings(fallback_strategy=strategy, **settings)), tax_quote=FAILED)
    return priced(shipped(a_line("x", 1, "110.00"), a_line("free", 1, "5.00", tax_class_id=1), cost="11.00"), known)


def test_the_fixed_fallback_is_ten_per_cent_of_what_is_not_free_of_tax() -> None:
    assert fallback("FIXED").totals.taxes == (("Tax", usd("12.10")),)
    assert fallback("FIXED").totals.grand_total == usd("138.10")


def test_the_fixed_fallback_is_inside_of_prices_that_were_entered_with_tax() -> None:
    answer = fallback("FIXED", tax_entered_with_prices=True)

    assert (answer.totals.tax, answer.totals.grand_total) == (usd("11.00"), usd("126.00"))


def test_where_the_order_will_be_refused_no_tax_is_shown() -> None:
    assert fallback("DISABLE").totals.taxes == (("Tax", usd("0")),)


def test_no_tax_is_shown_before_anybody_can_be_asked() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("50"),)), tax_quote=NOT_YET)

    assert priced(a_checkout(), known).totals.tax == usd("0")


def test_other_places_have_other_documents() -> None:
    lines = (a_line("x"), a_line("y", product_id=2))
    consignments = (
        a_consignment("a", ("x",), selected=shipping("8.00")),
        a_consignment("b", ("y",), address=in_new_york(), selected=shipping("4.00")),
    )

    answer = with_quote(billed(a_checkout(*lines, consignments=consignments)))

    # Texas: 8.25 % of 10.00 and 8.00; elsewhere in the country 4 % of 10.00 and 4.00.
    assert answer.totals.taxes == (("US Tax", usd("0.56")), ("US-TX Tax", usd("1.49")))
