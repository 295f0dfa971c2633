"""Entries and the sums over them: the formulas of BEHAVIOUR 11.1 and its test vectors, as far as the engine goes.

T6, a discount that nothing gives yet, goes through the totals as entries, and so does the tax of T1, which follows from no rate.
T4 stands in `test_coupons`. T7 and T8 need prices that contain tax.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.address import BillingAddress
from checkstand.domain.checkout import CUSTOM_SHIPPING, Checkout, LineItem, PickupChoice, ShippingOption
from checkstand.domain.commands import RemoveConsignment
from checkstand.domain.facts import Facts
from checkstand.domain.methods import HandlingFee
from checkstand.domain.money import Money, allocate
from checkstand.domain.pricing import price as pricing
from checkstand.domain.pricing.entries import AnyEntry, Charge, Discount, Level, Tax
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.taxes import tax_zone
from checkstand.domain.pricing.totals import Both
from checkstand.domain.promotions import Promotion
from checkstand.domain.tax_zones import TaxLocation, TaxSettings
from checkstand.errors import Invalid
from tests.builders import (
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_location,
    a_moment,
    a_store,
    a_tax_rate,
    a_tax_zone,
    a_zone,
    amount_off,
    an_address,
    applied,
    billed,
    facts,
    flat_rate,
    in_new_york,
    percent_off,
    usd,
)
from tests.domain.engine import priced, run, settled

UNTAXED = facts()


def custom(cost: str, handling: str = "0") -> ShippingOption:
    return ShippingOption(
        id="custom", type=CUSTOM_SHIPPING, description="Custom", cost=usd(cost), handling=usd(handling)
    )


def both(ex_tax: str, inc_tax: str) -> Both:
    return Both(usd(ex_tax), usd(inc_tax))


def with_entries(checkout: Checkout, *more: AnyEntry, known: Facts = UNTAXED) -> Priced:
    """Priced by the engine, with entries of kinds that nothing makes yet."""
    answer = priced(checkout, known)
    return pricing.priced(answer.settled, (*answer.entries, *more), answer.taxes)


def spread(amount: str, level: Level, checkout: Checkout, known: Facts = UNTAXED) -> list[AnyEntry]:
    """A discount over all lines, weighed by what they cost after product discounts (D50, D84)."""
    sales = [priced(checkout, known).lines[line.id].extended_sale.ex_tax for line in checkout.lines]
    parts = allocate(usd(amount), [sale.minor for sale in sales])
    return [
        Discount("line", line.id, part, "Discount", level, 1)
        for line, part in zip(checkout.lines, parts, strict=True)
        if part
    ]


# ---------------------------------------------------------------------------------------------------- test vectors


def test_t1_the_published_sample_without_its_fee() -> None:
    lines = (
        a_line("cart", 1, "15.99", product_id=184),
        a_line("spoons", 1, "25.00", product_id=170),
        a_line("towel", 1, "49.99", product_id=158),
        a_line("journal", 1, "18.95", product_id=189, kind="digital"),
        a_line("gift", 1, "10.00", product_id=0, kind="gift_certificate"),
    )
    two_off = amount_off("2.00", 184, name="Two off")
    five_off = a_coupon(code="S2549JM0Y")
    known = facts(a_store(promotions=(two_off,), coupons=(five_off,)))
    shipped = a_consignment("a", ("cart", "spoons", "towel"), selected=custom("69.94"))
    checkout = a_checkout(*lines, consignments=(shipped,), coupons=applied(five_off))

    answer = with_entries(
        checkout,
        Tax("line", "spoons", usd("28.62"), "Tax"),
        known=known,
    )

    assert answer.totals.base_amount == usd("119.93")
    assert answer.totals.subtotal.ex_tax == usd("117.93")
    assert [line.coupon_discount for line in answer.lines.values()] == [
        usd("0.59"),
        usd("1.06"),
        usd("2.12"),
        usd("0.80"),
        usd("0.43"),
    ]
    assert [line.reduction for line in answer.lines.values()] == [
        usd("2.59"),
        usd("1.06"),
        usd("2.12"),
        usd("0.80"),
        usd("0.43"),
    ]
    assert answer.totals.discount_amount == usd("0")
    assert answer.totals.cart_amount.ex_tax == usd("112.93")
    assert answer.totals.shipping.ex_tax == usd("69.94")
    assert answer.totals.tax == usd("28.62")
    assert answer.totals.grand_total == usd("211.49")


def at_four_percent(**selected: Any) -> Priced:
    known = facts(a_store(tax_zones=(a_tax_zone("4", "4"),)))
    return priced(a_checkout(a_line("x", 1, "31.95"), consignments=(a_consignment("a", **selected),)), known)


def test_t2_goods_and_shipping_at_four_per_cent() -> None:
    sums = at_four_percent(selected=custom("8.00")).totals

    assert sums.subtotal == both("31.95", "33.23")
    assert sums.cart_amount == both("31.95", "33.23")
    assert sums.shipping == both("8.00", "8.32")
    assert sums.handling == both("0", "0")
    assert sums.tax == usd("1.60")
    assert sums.taxes == (("Tax", usd("1.60")),)
    assert sums.grand_total == sums.outstanding_balance == usd("41.55")


def test_t3_while_nothing_is_selected_there_is_no_shipping_and_no_tax_on_it() -> None:
    sums = at_four_percent().totals

    assert sums.subtotal == both("31.95", "33.23")
    assert sums.shipping == both("0", "0")
    assert sums.tax == usd("1.28")
    assert sums.grand_total == usd("33.23")


def test_t5_two_lines_and_nothing_else() -> None:
    sums = priced(a_checkout(a_line("x", 1, "32.00"), a_line("y", 1, "35.00", product_id=2))).totals

    assert sums.base_amount == sums.subtotal.ex_tax == sums.cart_amount.ex_tax == sums.grand_total == usd("67.00")
    assert (sums.shipping, sums.handling, sums.tax) == (both("0", "0"), both("0", "0"), usd("0"))


def test_t6_a_discount_on_the_order() -> None:
    checkout = a_checkout(a_line("x", 1, "225.00"), consignments=(a_consignment(selected=custom("8.00")),))

    answer = with_entries(checkout, *spread("45.00", "order", checkout))

    assert answer.totals.subtotal.ex_tax == usd("225.00")
    assert answer.totals.discount_amount == usd("45.00")
    assert answer.totals.cart_amount.ex_tax == usd("180.00")
    assert answer.totals.grand_total == usd("188.00")
    assert answer.lines["x"].product_discount == usd("0")  # a line's own discount is the product-level one (D81)
    assert answer.lines["x"].reduction == usd("45.00")


def test_t9_d58_ten_per_cent_off_a_product_are_off_the_subtotal() -> None:
    promotion = percent_off(10, name="Ten off")
    sums = priced(a_checkout(a_line("x", 1, "246.00")), facts(a_store(promotions=(promotion,)))).totals

    assert (sums.base_amount, sums.subtotal.ex_tax, sums.cart_amount.ex_tax) == (
        usd("246.00"),
        usd("221.40"),
        usd("221.40"),
    )
    assert sums.discount_amount == usd("0")


def test_t10_two_consignments_of_a_split_line_before_anything_is_selected() -> None:
    checkout = a_checkout(
        a_line("x", 1, "225.00"),
        a_line("y", 1, "225.00"),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )

    sums = priced(checkout).totals

    assert sums.base_amount == sums.subtotal.ex_tax == sums.cart_amount.ex_tax == sums.grand_total == usd("450.00")
    assert (sums.shipping.ex_tax, sums.tax) == (usd("0"), usd("0"))


# ---------------------------------------------------------------------------------------------------- entries


def test_every_amount_is_an_entry_with_a_target_and_a_source_in_the_order_of_calculation() -> None:
    zone = a_zone(flat_rate(handling=HandlingFee(fixed=usd("1.00"))), display_handling_separately=True)
    promotion = amount_off("1.00", promotion_id=7, name="A dollar off")
    known = facts(a_store(zone, promotions=(promotion,), tax_zones=(a_tax_zone("10", "5"),)))
    bare = a_checkout(a_line("x", 2, "10.00"), consignments=(a_consignment(),))
    (option,) = settled(bare, known).options["a"]

    answer = priced(replace(bare, consignments=(a_consignment(selected=option),)), known)

    assert answer.entries == (
        Charge("line", "x", usd("20.00"), "list price"),
        Discount("line", "x", usd("2.00"), "A dollar off", "product", 7),
        Charge("shipping", "a", usd("8.00"), "Flat Rate"),
        Charge("handling", "a", usd("1.00"), "Flat Rate"),
        Tax("line", "x", usd("1.80"), "Tax"),
        Tax("shipping", "a", usd("0.40"), "Tax"),
        Tax("handling", "a", usd("0.05"), "Tax"),
    )


def test_11_1_management_totals_are_there_with_and_without_tax() -> None:
    zone = a_zone(flat_rate(handling=HandlingFee(fixed=usd("1.00"))), display_handling_separately=True)
    known = facts(a_store(zone, tax_zones=(a_tax_zone("10", "5"),)))
    bare = a_checkout(a_line("x", 2, "9.00"), consignments=(a_consignment(),))
    (option,) = settled(bare, known).options["a"]

    sums = priced(replace(bare, consignments=(a_consignment(selected=option),)), known).totals

    assert sums.subtotal == sums.cart_amount == both("18.00", "19.80")
    assert sums.shipping == both("8.00", "8.40")
    assert sums.handling == both("1.00", "1.05")
    assert sums.tax == usd("2.25")  # 1.80 + 0.40 + 0.05
    assert sums.grand_total == usd("29.25")  # 19.80 + 8.40 + 1.05 and 18.00 + 8.00 + 1.00 + 2.25


def test_11_1_a_shipping_discount_lowers_shipping_and_leaves_what_it_was_before() -> None:
    checkout = a_checkout(consignments=(a_consignment(selected=custom("8.00", "1.00")),))

    answer = with_entries(checkout, Discount("shipping", "a", usd("5.00"), "SHIP5", "coupon", 1))

    assert answer.consignments["a"].shipping_before_discount == usd("8.00")
    assert answer.consignments["a"].shipping == both("3.00", "3.00")
    assert answer.totals.shipping_before_discount == usd("8.00")
    assert answer.totals.cart_amount.ex_tax == usd("20.00")
    assert answer.totals.grand_total == usd("24.00")


def test_11_1_totals_of_shipping_are_sums_over_the_consignments() -> None:
    lines = (a_line("x"), a_line("y", product_id=2), a_line("z", product_id=3))
    consignments = (
        a_consignment("a", ("x",), selected=custom("8.00", "1.00")),
        a_consignment("b", ("y",), selected=custom("5.50", "0.25")),
        a_consignment("c", ("z",)),
    )

    answer = priced(a_checkout(*lines, consignments=consignments))

    assert [entry.shipping.ex_tax for entry in answer.consignments.values()] == [usd("8.00"), usd("5.50"), usd("0")]
    assert (answer.totals.shipping.ex_tax, answer.totals.handling.ex_tax) == (usd("13.50"), usd("1.25"))
    assert answer.totals.grand_total == usd("44.75")


def test_invariant_8_without_its_last_consignment_a_checkout_has_no_shipping_no_handling_and_no_tax_on_them() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("4", "4"),)))
    shipped = billed(a_checkout(a_line("x", 1, "31.95"), consignments=(a_consignment(selected=custom("8", "1")),)))
    assert priced(shipped, known).totals.grand_total == usd("42.59")  # 33.23 + 8.32 + 1.04

    sums = run(RemoveConsignment(consignment_id="a"), shipped, known, a_moment()).totals

    assert (sums.shipping, sums.handling, sums.tax) == (both("0", "0"), both("0", "0"), usd("1.28"))
    assert sums.grand_total == usd("33.23")


def test_an_empty_cart_costs_nothing() -> None:
    sums = priced(replace(a_checkout(), lines=())).totals

    assert (sums.base_amount, sums.grand_total, sums.taxes) == (usd("0"), usd("0"), (("Tax", usd("0")),))


def test_a_checkout_whose_amounts_could_not_be_shown_exactly_is_refused() -> None:
    largest = a_line("x", 100_000, "99999999.99")  # 9,999,999,999,000.00
    more = a_line("y", 1, "1000.00", product_id=2)

    assert priced(a_checkout(largest)).totals.grand_total == usd("9999999999000.00")
    with pytest.raises(Invalid) as refused:
        priced(a_checkout(largest, more))

    assert refused.value.reason == "amount_too_large"


# ---------------------------------------------------------------------------------------------------- product discounts


def reductions(*promotions: Promotion, lines: tuple[LineItem, ...]) -> dict[str, Money]:
    answer = priced(a_checkout(*lines), facts(a_store(promotions=promotions)))
    return {line_id: sums.product_discount for line_id, sums in answer.lines.items()}


def test_an_amount_off_each_unit_of_the_products_named() -> None:
    promotion = amount_off("2.00", 1, name="Two off")

    off = reductions(promotion, lines=(a_line("x", 3, "15.99"), a_line("y", 1, "10.00", product_id=2)))

    assert off == {"x": usd("6.00"), "y": usd("0")}


def test_d73_a_percentage_is_taken_per_line_on_the_extended_amount() -> None:
    promotion = percent_off(5, name="Five per cent")

    off = reductions(promotion, lines=(a_line("x", 3, "0.33"), a_line("y", 1, "0.30", product_id=2)))

    # 5 % of 0.99 is 0.0495; of each unit it would have been 0.0165, thrice 0.02
    assert off == {"x": usd("0.05"), "y": usd("0.02")}


def test_d52_no_discount_makes_a_line_negative() -> None:
    twelve = amount_off("12.00", name="Twelve")
    half, most = (percent_off(60, promotion_id=number, name="Percent") for number in (2, 3))

    assert reductions(twelve, lines=(a_line("x", 2, "10.00"),)) == {"x": usd("20.00")}
    assert reductions(half, most, lines=(a_line("x", 2, "10.00"),)) == {"x": usd("20.00")}


def test_d84_each_percentage_is_taken_on_the_list_price() -> None:
    tenth, fifth = (percent_off(10 * number, promotion_id=number, name="Off") for number in (1, 2))

    assert reductions(tenth, fifth, lines=(a_line("x", 1, "100.00"),)) == {"x": usd("30.00")}


def test_a_promotion_that_is_switched_off_gives_nothing() -> None:
    promotion = percent_off(10, name="Off", status="DISABLED")

    assert reductions(promotion, lines=(a_line("x"),)) == {"x": usd("0")}


def test_lines_with_a_price_of_their_own_custom_items_and_certificates_take_no_part_in_promotions() -> None:
    promotion = percent_off(50, name="Half")
    lines = (
        a_line("plain"),
        a_line("song", kind="digital", product_id=2),
        a_line("overridden", product_id=3, price_overridden=True),
        a_line("custom", kind="custom", product_id=0),
        a_line("gift", kind="gift_certificate", product_id=0),
    )

    off = reductions(promotion, lines=lines)

    assert {line_id: amount for line_id, amount in off.items() if amount} == {
        "plain": usd("5.00"),
        "song": usd("5.00"),
    }


# ---------------------------------------------------------------------------------------------------- taxes

TEXAS = a_tax_zone("8.25", "8.25", zone_id=3, state="TX", name="Texas tax")
COUNTRY = a_tax_zone("4", "0", zone_id=2, name="Sales tax")
ELSEWHERE = a_tax_zone("20", "20", zone_id=1, locations=(), name="VAT")
TAXED = facts(a_store(tax_zones=(ELSEWHERE, COUNTRY, TEXAS)))


def taxed(checkout: Checkout, known: Facts = TAXED) -> list[tuple[str, str, Money]]:
    """(target, name, amount) of each tax."""
    return [
        (entry.target, entry.source, entry.amount)
        for entry in priced(checkout, known).entries
        if isinstance(entry, Tax)
    ]


def test_goods_are_taxed_where_their_consignment_goes() -> None:
    checkout = a_checkout(
        a_line("x", 1, "100.00"),
        a_line("y", 1, "100.00", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )

    assert taxed(checkout) == [("x", "Texas tax", usd("8.25")), ("y", "Sales tax", usd("4.00"))]


def test_d60_digital_and_unassigned_lines_are_taxed_at_the_billing_address() -> None:
    lines = (
        a_line("held", 1, "100.00"),
        a_line("free", 1, "100.00", product_id=2),
        a_line("song", 1, "100.00", product_id=3, kind="digital"),
    )
    checkout = a_checkout(*lines, consignments=(a_consignment("a", ("held",)),))
    billed_elsewhere = replace(checkout, billing_address=BillingAddress("billing", in_new_york()))

    assert taxed(checkout) == [  # the guests' zone is the one of everywhere else
        ("held", "Texas tax", usd("8.25")),
        ("free", "VAT", usd("20.00")),
        ("song", "VAT", usd("20.00")),
    ]
    assert taxed(billed_elsewhere) == [
        ("held", "Texas tax", usd("8.25")),
        ("free", "Sales tax", usd("4.00")),
        ("song", "Sales tax", usd("4.00")),
    ]


def test_d37_what_is_picked_up_is_taxed_where_it_is_handed_out() -> None:
    in_austin = a_store(locations=(a_location(),), tax_zones=(COUNTRY, TEXAS))
    picked_up = a_consignment("a", ("x",), address=in_new_york(), selected=PickupChoice(1))

    checkout = a_checkout(a_line("x", 1, "100.00"), consignments=(picked_up,))

    assert taxed(checkout, facts(in_austin)) == [("x", "Texas tax", usd("8.25"))]
    assert priced(checkout, facts(in_austin)).totals.shipping == both("0", "0")


def test_d46_shipping_and_handling_are_taxed_with_their_own_class() -> None:
    selected = custom("8.00", "1.00")
    in_texas = a_checkout(a_line("x", 1, "0.00"), consignments=(a_consignment(selected=selected),))
    elsewhere = replace(in_texas, consignments=(a_consignment(address=in_new_york(), selected=selected),))

    assert [(name, amount) for _, name, amount in taxed(in_texas)] == [
        ("Texas tax", usd("0.66")),
        ("Texas tax", usd("0.08")),  # 8.25 % of 1.00 is 0.0825
    ]
    assert taxed(elsewhere) == []


def test_d46_amounts_of_one_name_are_added_up_and_names_are_sorted() -> None:
    checkout = a_checkout(
        a_line("x", 1, "100.00"),
        a_line("y", 1, "100.00", product_id=2),
        a_line("z", 1, "10.00", product_id=3),
        consignments=(a_consignment("a", ("x", "z")), a_consignment("b", ("y",), address=in_new_york())),
    )

    answer = priced(checkout, TAXED)

    assert answer.totals.taxes == (("Sales tax", usd("4.00")), ("Texas tax", usd("9.08")))  # 8.25 + 0.83
    assert answer.totals.tax == usd("13.08")


def test_d46_gift_certificates_are_not_taxed() -> None:
    gift = a_line("gift", 1, "10.00", kind="gift_certificate")

    assert taxed(billed(a_checkout(gift))) == []


def test_an_address_without_a_country_is_taxed_in_the_zone_of_guests() -> None:
    song = a_line("song", 1, "100.00", kind="digital")

    assert taxed(billed(a_checkout(song))) == [("song", "Texas tax", usd("8.25"))]
    assert taxed(billed(a_checkout(song), country_code="")) == [("song", "VAT", usd("20.00"))]
    in_texas = replace(TAXED, store=replace(TAXED.store, tax_settings=TaxSettings(guest_shopper_tax_zone_id=3)))
    assert taxed(a_checkout(song), in_texas) == [("song", "Texas tax", usd("8.25"))]
    nowhere = replace(TAXED, store=replace(TAXED.store, tax_settings=TaxSettings(guest_shopper_tax_zone_id=77)))
    assert taxed(a_checkout(song), nowhere) == []


def test_each_line_is_taxed_by_its_class_and_what_has_no_rate_is_free_of_tax() -> None:
    zone = replace(TEXAS, rates=(a_tax_rate({0: "10", 5: "2"}),))
    lines = (
        a_line("x", 1, "100.00"),
        a_line("y", 1, "100.00", product_id=2, tax_class_id=5),
        a_line("z", 1, "100.00", product_id=3, tax_class_id=1),
    )
    checkout = a_checkout(*lines, consignments=(a_consignment("a", ("x", "y", "z")),))

    assert [(line_id, amount) for line_id, _, amount in taxed(checkout, facts(a_store(tax_zones=(zone,))))] == [
        ("x", usd("10.00")),
        ("y", usd("2.00")),
    ]


def test_d49_tax_is_due_on_the_discounted_line_and_rounded_for_each_line() -> None:
    half = percent_off(50, 1, name="Half")
    known = facts(a_store(tax_zones=(a_tax_zone("5"),), promotions=(half,)))
    lines = (a_line("x", 1, "0.60"), a_line("y", 1, "0.30", product_id=2), a_line("z", 1, "0.09", product_id=3))
    checkout = a_checkout(*lines, consignments=(a_consignment("a", ("x", "y", "z")),))

    # 5 % of 0.30, 0.30 and 0.09 is 0.015, 0.015 and 0.0045; of their sum it would be 0.03
    assert [(line_id, amount) for line_id, _, amount in taxed(checkout, known)] == [
        ("x", usd("0.02")),
        ("y", usd("0.02")),
    ]
    assert priced(checkout, known).totals.tax == usd("0.04")


def test_without_any_tax_one_amount_of_nothing_is_shown() -> None:
    assert priced(a_checkout()).totals.taxes == (("Tax", usd("0")),)


def test_d72_the_most_specific_tax_zone_wins_then_the_lowest_id() -> None:
    code = replace(COUNTRY, id=9, locations=(TaxLocation(country_code="US", postal_codes=("787*",)),))
    zones = (ELSEWHERE, COUNTRY, replace(COUNTRY, id=8), TEXAS, code)
    store, reversed_store = a_store(tax_zones=zones), a_store(tax_zones=zones[::-1])
    dallas, berlin = an_address(postal_code="75201"), an_address(country_code="DE", state_or_province_code="")

    for each in (store, reversed_store):
        found = [tax_zone(address, each) for address in (an_address(), dallas, in_new_york(), berlin)]
        assert [zone.id if zone else None for zone in found] == [9, 3, 2, 1]


def test_a_disabled_tax_zone_is_passed_over_and_no_zone_means_no_tax() -> None:
    disabled = a_store(tax_zones=(COUNTRY, replace(TEXAS, enabled=False)))

    assert [zone and zone.id for zone in (tax_zone(an_address(), disabled), tax_zone(an_address(), a_store()))] == [
        2,
        None,
    ]


def test_tax_zones_tell_states_apart_that_have_a_name_only() -> None:
    kent_only = a_tax_zone("20", locations=(TaxLocation(country_code="GB", subdivision_codes=("Kent",)),))
    kent = an_address(country_code="GB", state_or_province="Kent", state_or_province_code="", postal_code="")
    checkout = a_checkout(
        a_line("x", 1, "100.00"),
        a_line("y", 1, "100.00", product_id=2),
        consignments=(
            a_consignment("a", ("x",), address=kent),
            a_consignment("b", ("y",), address=replace(kent, state_or_province="Surrey")),
        ),
    )

    assert taxed(checkout, facts(a_store(tax_zones=(kent_only,)))) == [("x", "Tax", usd("20.00"))]
