"""Taxes in all set-ups: several rates, compounding, prices entered and shown with or without tax. Amounts worked out by hand."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.address import BillingAddress
from checkstand.domain.checkout import CUSTOM_SHIPPING, AppliedCoupon, Checkout, Fee, ShippingOption
from checkstand.domain.facts import Customer, CustomerGroup, Facts
from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import IncludedTax, Tax
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.totals import Both
from checkstand.domain.tax_zones import TaxLocation, TaxRate, TaxSettings, TaxZone, find_zone
from tests.builders import (
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    a_tax_rate,
    a_tax_zone,
    a_zone,
    an_address,
    facts,
    flat_rate,
    in_new_york,
    usd,
)
from tests.domain.engine import priced

WITHOUT_TAX = TaxSettings()
WITH_TAX = TaxSettings(tax_entered_with_prices=True)


def a_shop(*zones: TaxZone, settings: TaxSettings = WITHOUT_TAX, **overrides: Any) -> Facts:
    return facts(a_store(a_zone(flat_rate()), tax_zones=zones, tax_settings=settings, **overrides))


def zone_of(*rates: TaxRate, **overrides: Any) -> TaxZone:
    return a_tax_zone("0", **{"rates": rates, **overrides})


def a_rate(rate_id: int, percent: str, name: str, priority: int = 1) -> TaxRate:
    return a_tax_rate({0: percent, 2: percent, 3: percent}, rate_id, name=name, priority=priority)


def one_line(price: str = "100.00", **overrides: Any) -> Checkout:
    return a_checkout(a_line("x", 1, price), consignments=(a_consignment(**overrides),))


def custom(cost: str) -> ShippingOption:
    return ShippingOption(id="van", type=CUSTOM_SHIPPING, description="Van", cost=usd(cost), handling=usd("0"))


def with_coupon(checkout: Checkout) -> Checkout:
    applied = AppliedCoupon(id=1, code="SAVE", name="SAVE", type="per_total_discount")
    return replace(checkout, coupons=(applied,))


def taxed(answer: Priced) -> list[tuple[str, Money]]:
    return [(entry.source, entry.amount) for entry in answer.entries if isinstance(entry, Tax)]


def both(ex_tax: str, inc_tax: str) -> Both:
    return Both(usd(ex_tax), usd(inc_tax))


# ---------------------------------------------------------------------------------------------------- several rates


def test_rates_of_one_priority_are_due_on_the_same_amount() -> None:
    zone = zone_of(a_rate(1, "5", "GST"), a_rate(2, "9.975", "QST"))

    assert taxed(priced(one_line(), a_shop(zone))) == [("GST", usd("5.00")), ("QST", usd("9.98"))]


def test_d74_the_next_priority_is_due_on_the_amount_with_the_rounded_taxes_before_it() -> None:
    zone = zone_of(a_rate(1, "10", "Second", priority=2), a_rate(2, "5", "First"))

    # 5 % of 4.90 is 0.245, rounded 0.25; 10 % of 5.15 is 0.515, rounded 0.52; 10 % of 5.145 were 0.51
    assert taxed(priced(one_line("4.90"), a_shop(zone))) == [("First", usd("0.25")), ("Second", usd("0.52"))]


def test_d46_taxes_are_shown_by_priority_and_then_by_name() -> None:
    zone = zone_of(a_rate(1, "1", "Zebra"), a_rate(2, "2", "Ant", priority=2), a_rate(3, "3", "Bee"))

    names = [name for name, _ in priced(one_line(), a_shop(zone)).totals.taxes]

    assert names == ["Bee", "Zebra", "Ant"]


def test_a_disabled_rate_is_not_due() -> None:
    zone = zone_of(a_rate(1, "5", "GST"), replace(a_rate(2, "9.975", "QST"), enabled=False))

    assert taxed(priced(one_line(), a_shop(zone))) == [("GST", usd("5.00"))]


def test_without_rounding_what_a_rate_comes_to_is_rounded_once() -> None:
    lines = tuple(a_line(str(number), 1, "0.10", product_id=number) for number in range(1, 6))
    checkout = a_checkout(*lines, consignments=(a_consignment("a", tuple(line.id for line in lines)),))
    zone = zone_of(a_rate(1, "14", "VAT"))

    rounded = priced(checkout, a_shop(zone))
    exact = priced(checkout, a_shop(zone, settings=TaxSettings(rounding_strategy="NO_ROUNDING")))

    # 14 % of 0.10 is 0.014: five times 0.01; together 0.07, of which two lines get what is missing
    assert taxed(rounded) == [("VAT", usd("0.01"))] * 5
    assert [amount for _, amount in taxed(exact)] == [usd(each) for each in ("0.02", "0.02", "0.01", "0.01", "0.01")]
    assert exact.totals.grand_total == usd("0.57")


# ---------------------------------------------------------------------------------------------------- entered with tax


def test_tax_is_taken_out_of_a_price_entered_with_it() -> None:
    zone = zone_of(a_rate(1, "10", "VAT"), id=1, locations=())

    answer = priced(one_line("225.00"), a_shop(zone, settings=WITH_TAX))

    assert answer.entries[1:] == (
        IncludedTax("line", "x", usd("20.45"), "included tax"),  # 225 / 1.1 = 204.5454…
        Tax("line", "x", usd("20.45"), "VAT"),
    )
    assert answer.totals.base_amount == usd("225.00")
    assert answer.totals.subtotal == both("204.55", "225.00")
    assert answer.totals.grand_total == usd("225.00")
    assert not answer.totals.is_tax_included


def test_t7_the_stores_tax_is_subtracted_for_a_shopper_where_none_is_due() -> None:
    home = zone_of(a_rate(1, "10", "GST"), id=1, locations=(), show_inclusive=True)
    abroad = zone_of(id=2, locations=(TaxLocation(country_code="US"),), show_inclusive=True)

    answer = priced(one_line("225.00", selected=custom("8.00")), a_shop(home, abroad, settings=WITH_TAX))

    totals = answer.totals
    assert totals.is_tax_included
    assert totals.base_amount == usd("225.00")
    assert totals.subtotal == totals.cart_amount == both("204.55", "204.55")
    assert totals.shipping == both("7.27", "7.27")  # 8 / 1.1 = 7.2727…
    assert answer.consignments["a"].shipping_before_discount == usd("7.27")
    assert answer.lines["x"].product_discount == usd("0.00")
    assert totals.tax == usd("0.00")
    assert totals.grand_total == usd("211.82")


def test_t8_prices_entered_without_tax_are_shown_with_it() -> None:
    zone = zone_of(a_rate(1, "10", "GST"), show_inclusive=True)

    totals = priced(one_line("225.00"), a_shop(zone)).totals

    assert totals.is_tax_included
    assert totals.base_amount == usd("225.00")
    assert totals.subtotal == totals.cart_amount == both("225.00", "247.50")
    assert totals.tax == usd("22.50")
    assert totals.grand_total == usd("247.50")


def test_another_tax_replaces_the_one_that_is_subtracted() -> None:
    home = zone_of(a_rate(1, "20", "VAT"), id=1, locations=())
    abroad = zone_of(a_rate(2, "25", "Moms"), id=2)

    totals = priced(one_line("60.00"), a_shop(home, abroad, settings=WITH_TAX)).totals

    assert totals.subtotal == both("50.00", "62.50")
    assert totals.taxes == (("Moms", usd("12.50")),)


def test_without_subtraction_everybody_pays_the_entered_price() -> None:
    home = zone_of(a_rate(1, "20", "VAT"), id=1, locations=())
    abroad = zone_of(a_rate(2, "25", "Moms"), id=2)
    settings = TaxSettings(tax_entered_with_prices=True, should_subtract_store_tax=False)

    totals = priced(one_line("60.00"), a_shop(home, abroad, settings=settings)).totals

    assert totals.subtotal == both("48.00", "60.00")
    assert totals.taxes == (("Moms", usd("12.00")),)


def test_d75_a_shopper_with_the_stores_own_rates_pays_exactly_the_entered_price() -> None:
    home = zone_of(a_rate(1, "7.7", "MWST"), id=1, locations=())
    neighbour = zone_of(a_rate(1, "7.7", "MWST"), id=2)

    totals = priced(one_line("0.07"), a_shop(home, neighbour, settings=WITH_TAX)).totals

    # 0.07 / 1.077 = 0.06499…: 0.06 and 0.01; taxes worked out forward would be 0.00
    assert totals.subtotal == both("0.06", "0.07")


def test_d74_of_several_taxes_within_a_price_the_last_one_is_what_is_missing() -> None:
    zone = zone_of(a_rate(1, "5", "GST"), a_rate(2, "8", "PST", priority=2), id=1, locations=())

    answer = priced(one_line("9.99"), a_shop(zone, settings=WITH_TAX))

    # 9.99 / (1.05 * 1.08) = 8.8095…: 8.81; 5 % of it 0.44; 8 % of 9.25 0.74, and 9.99 - 8.81 - 0.44 is 0.74
    assert taxed(answer) == [("GST", usd("0.44")), ("PST", usd("0.74"))]
    tiny = priced(one_line("0.03"), a_shop(zone, settings=WITH_TAX))  # 0.03 / 1.134 = 0.026: 0.03, no tax fits in
    assert taxed(tiny) == []


@pytest.mark.parametrize("price", ["0.07", "0.18", "1.11", "9.99"])
def test_no_tax_within_a_price_is_below_nothing(price: str) -> None:
    zone = zone_of(*(a_rate(number, "10", f"Tax {number}") for number in range(1, 6)), id=1, locations=())

    answer = priced(one_line(price), a_shop(zone, settings=WITH_TAX))

    assert all(amount > usd(0) for _, amount in taxed(answer))
    assert answer.totals.grand_total == usd(price)


# ---------------------------------------------------------------------------------------------------- discounts, shown


def test_d70_a_discount_is_shown_in_the_mode_of_the_prices() -> None:
    zone = zone_of(a_rate(1, "10", "GST"), show_inclusive=True)
    checkout = replace(one_line("225.00"), coupons=())
    coupon = a_coupon(amount="45", code="LESS")
    known = a_shop(zone, coupons=(coupon,))
    answer = priced(with_coupon(checkout), known)

    totals = answer.totals
    assert totals.subtotal == both(
        "229.50", "247.50"
    )  # as it is shown: with tax; without it what is paid + the discount
    assert answer.lines["x"].coupon_discount == usd("49.50")
    assert totals.cart_amount == both("180.00", "198.00")
    assert totals.tax == usd("18.00")


def test_amounts_that_are_shown_add_up_when_every_part_is_rounded() -> None:
    home = zone_of(a_rate(1, "7.7", "MWST"), id=1, locations=())
    known = a_shop(home, settings=WITH_TAX, coupons=(a_coupon(amount="0.05"),))
    answer = priced(with_coupon(one_line("0.19")), known)

    # 0.19 / 1.077 = 0.176…: 0.18; 0.14 / 1.077 = 0.1299…: 0.13; shown without tax the coupon is 0.05
    assert answer.totals.subtotal.ex_tax == usd("0.18")
    assert answer.totals.cart_amount == both("0.13", "0.14")
    assert answer.lines["x"].coupon_discount == usd("0.05")


# ---------------------------------------------------------------------------------------------------- places


def test_d60_amounts_are_shown_as_in_the_zone_of_the_billing_address_else_of_the_first_consignment() -> None:
    texas = a_tax_zone("10", zone_id=2, state="TX", show_inclusive=True)
    elsewhere = a_tax_zone("10", zone_id=1, locations=())
    in_texas = one_line()
    billed_elsewhere = replace(in_texas, billing_address=BillingAddress("b", in_new_york()))

    assert priced(in_texas, a_shop(texas, elsewhere)).totals.is_tax_included
    assert not priced(billed_elsewhere, a_shop(texas, elsewhere)).totals.is_tax_included
    assert not priced(a_checkout(a_line("x", 1, "1.00")), a_shop(texas, elsewhere)).totals.is_tax_included


def test_d71_fees_are_taxed_at_the_billing_address_by_their_class() -> None:
    zone = zone_of(a_tax_rate({0: "10", 5: "20"}), id=1, locations=())
    fees = (
        Fee(id="f", name="Setup", display_name="Setup fee", cost=usd("10.00"), source="app"),
        Fee(id="g", name="Box", display_name="Box", cost=usd("10.00"), source="app", tax_class_id=5),
    )

    answer = priced(replace(one_line(), fees=fees), a_shop(zone))

    assert answer.totals.fees == {"f": both("10.00", "11.00"), "g": both("10.00", "12.00")}
    assert answer.totals.grand_total == usd("133.00")


def test_d72_a_zone_for_the_customers_group_comes_before_one_for_all() -> None:
    for_all = a_tax_zone("10", zone_id=2)
    for_wholesale = a_tax_zone("0", zone_id=3, customer_groups=(7,))
    in_austin = a_tax_zone("5", zone_id=4, locations=(TaxLocation(country_code="US", postal_codes=("78751",)),))

    assert find_zone((for_all, for_wholesale), an_address(), 7) is for_wholesale
    assert find_zone((for_all, for_wholesale), an_address(), 0) is for_all
    assert find_zone((for_all, for_wholesale, in_austin), an_address(), 7) is in_austin


def test_customers_of_a_group_that_was_deleted_are_taxed_as_those_of_none() -> None:
    zones = (a_tax_zone("10", zone_id=2), a_tax_zone("0", zone_id=3, customer_groups=(7,)))
    jane = Customer(id=11, email="jane@example.com", group_id=7)
    member, former = (
        replace(a_shop(*zones, customer_groups=groups), customer=jane)
        for groups in ((CustomerGroup(7, "Wholesale"),), ())
    )

    assert priced(one_line(), member).totals.grand_total == usd("100.00")
    assert priced(one_line(), former).totals.grand_total == usd("110.00")
