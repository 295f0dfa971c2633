"""What a merchant gave in dollars, as checkouts in other currencies see it: converted and rounded once each (D82)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout
from checkstand.domain.coupons import PercentageDiscount
from checkstand.domain.facts import Facts, FreeShippingRule, ShippingZone
from checkstand.domain.in_currency import in_currency, with_amounts
from checkstand.domain.methods import AnyMethod, ByTotal, ByWeight, HandlingFee, Range
from checkstand.domain.money import Money, OtherCurrency
from tests.builders import (
    EUR,
    JPY,
    KWD,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    a_zone,
    amount_off,
    currency_of,
    facts,
    flat_rate,
    per_item,
    percent_off,
    usd,
)
from tests.domain.engine import offers, priced, settled


def shop(*methods: AnyMethod, **zone: Any) -> Facts:
    return facts(a_store(a_zone(*methods, **zone), other_currencies=(EUR, JPY, KWD)))


def a_checkout_in(currency: OtherCurrency, minor: int, quantity: int = 2) -> Checkout:
    price = Money(minor, currency.code)
    line = a_line("x", quantity, list_price=price, original_price=price)
    return a_checkout(line, currency=currency_of(currency), consignments=(a_consignment(),))


@pytest.mark.parametrize(
    ("currency", "flat", "each"),
    [
        (EUR, 720, 450),  # 8.00 and two times 2.50
        (JPY, 1200, 750),
        (KWD, 2456, 1536),  # 2.50 are 0.7675, so 0.768 for each of two
    ],
)
def test_rates_have_the_places_of_the_currency(currency: OtherCurrency, flat: int, each: int) -> None:
    answer = settled(a_checkout_in(currency, 1000), shop(flat_rate(), per_item()))

    assert dict(offers(answer, "a")) == {
        "Flat Rate": Money(flat, currency.code),
        "Per Item": Money(each, currency.code),
    }


def test_what_costs_the_same_in_the_stores_own_currency_is_not_touched() -> None:
    store = shop().store

    assert in_currency(store.shipping_zones[0], store.currency, store) is store.shipping_zones[0]


def test_a_copy_is_made_once() -> None:
    store = shop().store
    zone: ShippingZone = store.shipping_zones[0]

    assert in_currency(zone, currency_of(JPY), store) is in_currency(zone, currency_of(JPY), store)
    assert in_currency(zone, currency_of(JPY), store) is not in_currency(zone, currency_of(EUR), store)


BY_TOTAL = ByTotal(
    id=4,
    name="By total",
    ranges=(Range(Decimal(0), Decimal(40), usd("9.99")), Range(Decimal(40), Decimal(80), usd("5.00"))),
    default_cost=usd("1.11"),
)


@pytest.mark.parametrize(
    ("minor", "cost"),
    [(5999, 1499), (6000, 750), (12_000, 750), (12_001, 167)],  # from 40 dollars, from 80 dollars: 6000 and 12000 yen
)
def test_ranges_of_the_value_of_goods_are_converted(minor: int, cost: int) -> None:
    answer = settled(a_checkout_in(JPY, minor, 1), shop(BY_TOTAL))

    assert offers(answer, "a") == [("By total", Money(cost, "JPY"))]


def test_ranges_of_weight_stay_and_their_costs_are_converted() -> None:
    method = ByWeight(id=3, name="By weight", ranges=(Range(Decimal(0), Decimal(4), usd("6.00")),))

    assert offers(settled(a_checkout_in(KWD, 1, 4), shop(method)), "a") == [("By weight", Money(1842, "KWD"))]
    assert offers(settled(a_checkout_in(KWD, 1, 5), shop(method)), "a") == []


@pytest.mark.parametrize(("minor", "is_free"), [(8999, False), (9000, True)])
def test_free_shipping_begins_at_the_converted_minimum(minor: int, is_free: bool) -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("60.00"))

    answer = settled(a_checkout_in(JPY, minor, 1), shop(free_shipping=rule))

    assert ("Free Shipping" in dict(offers(answer, "a"))) is is_free


def test_handling_is_converted_where_it_is_an_amount() -> None:
    zone = a_zone(flat_rate(), handling=HandlingFee(fixed=usd("0.50")), display_handling_separately=True)
    parts = facts(a_store(zone, other_currencies=(JPY,)))

    option = settled(a_checkout_in(JPY, 1000), parts).options["a"][0]

    assert (option.cost, option.handling) == (Money(1200, "JPY"), Money(75, "JPY"))


def test_carts_from_before_and_after_a_currency_got_other_places_have_each_their_own_handling() -> None:
    zone = a_zone(flat_rate(rate="0.00"), handling=HandlingFee(fixed=usd("0.50")), display_handling_separately=True)
    parts = facts(a_store(zone, other_currencies=(JPY,)))
    in_sen = replace(JPY, decimal_places=2)

    shown = [settled(a_checkout_in(currency, 1000), parts).options["a"][0] for currency in (JPY, in_sen)]

    assert [(option.cost.minor, option.handling.minor) for option in shown] == [(0, 75), (0, 7500)]


def test_promotions_take_off_what_they_say_converted() -> None:
    two_off = amount_off("0.60")
    tenth = percent_off(10, promotion_id=2)

    answer = priced(a_checkout_in(JPY, 1000), facts(a_store(promotions=(two_off, tenth), other_currencies=(JPY,))))

    assert answer.lines["x"].product_discount == Money(180 + 200, "JPY")


def test_of_a_percentage_coupon_only_the_least_purchase_is_an_amount() -> None:
    store = shop().store
    coupon = a_coupon(PercentageDiscount, "20", minimum=Decimal("10.01"))

    seen = in_currency(coupon, currency_of(JPY), store)

    assert (seen.amount, seen.minimum) == (Decimal(20), Decimal(1502))


def test_amounts_are_found_however_deep_they_stand_nothing_included() -> None:
    zone = a_zone(flat_rate(rate="0.00", handling=HandlingFee(fixed=usd("0.00"))))

    changed = with_amounts(zone, lambda amount: Money(amount.minor + 1, "EUR"))
    kept = with_amounts(zone, lambda amount: Money(amount.minor + 1, "EUR"), keep=(HandlingFee,))

    assert [method.handling for method in changed.methods] == [HandlingFee(fixed=Money(1, "EUR"))]
    assert [method.handling for method in kept.methods] == [HandlingFee(fixed=usd("0.00"))]
