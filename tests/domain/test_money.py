"""Amounts are exact: read from decimals, divided in two functions only, and never lost or made when spread."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkstand.domain.money import LARGEST_MINOR, Currency, Money, allocate, round_half_away, share, total
from checkstand.errors import Invalid
from tests.builders import USD, usd

JPY = Currency(code="JPY", decimal_places=0)
KWD = Currency(code="KWD", decimal_places=3)

amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR).map(lambda minor: Money(minor, "USD"))
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=30)


# ---------------------------------------------------------------------------------------------------- currencies


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [(USD, "31.95", 3195), (USD, "8", 800), (JPY, "1200", 1200), (KWD, "1.234", 1234), (USD, "-0.01", -1)],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(currency: Currency, amount: str, minor: int) -> None:
    assert currency.money(Decimal(amount)) == Money(minor, currency.code)


def test_zeros_at_the_end_are_no_decimal_places() -> None:
    assert USD.money(Decimal("10.00000")) == Money(1000, "USD")
    assert JPY.money(Decimal("5.0")) == Money(5, "JPY")
    assert JPY.money(Decimal("5E+2")) == Money(500, "JPY")


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        (USD, "0.001"),
        (JPY, "0.5"),
        (KWD, "1.2345"),
        (USD, "1.000000000000000000000000000000000001"),  # more digits than the context of decimal keeps
        (USD, "1E-999999"),
        (USD, "1E-99999999999"),
    ],
)
def test_d59_more_places_than_the_currency_has_are_refused_and_the_field_is_named(
    currency: Currency, amount: str
) -> None:
    with pytest.raises(Invalid) as refused:
        currency.money(Decimal(amount), "list_price")

    assert refused.value.fields == {
        "list_price": f"may have at most {currency.decimal_places} decimal places in {currency.code}"
    }


@pytest.mark.parametrize(
    "amount", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E+99999999999", "10000000000000", "-1E13"]
)
def test_what_is_no_number_or_too_large_to_be_shown_exactly_is_refused(amount: str) -> None:
    with pytest.raises(Invalid) as refused:
        USD.money(Decimal(amount), "list_price")

    assert refused.value.fields == {"list_price": "is not an amount of money this server can handle"}


def test_the_largest_amount_has_fifteen_digits() -> None:
    assert USD.money(Decimal("9999999999999.99")) == Money(LARGEST_MINOR, "USD")
    assert LARGEST_MINOR == 999_999_999_999_999


# ---------------------------------------------------------------------------------------------------- arithmetic


def test_amounts_add_subtract_multiply_and_compare() -> None:
    assert usd("1.10") + usd("2.20") == usd("3.30")
    assert usd("1.00") - usd("2.50") == usd("-1.50")
    assert usd("0.35") * 3 == usd("1.05")
    assert -usd("5") == usd("-5")
    assert usd("1") < usd("2") <= usd("2")
    assert usd("3") > usd("2") >= usd("2")


def test_amounts_of_two_currencies_never_mix() -> None:
    with pytest.raises(AssertionError, match="USD and JPY do not add up"):
        usd("1") + Money(1, "JPY")
    with pytest.raises(AssertionError):
        _ = usd("1") < Money(1, "JPY")
    with pytest.raises(AssertionError):
        total([Money(1, "JPY")], usd("0"))


def test_an_amount_is_capped_from_above_and_from_below() -> None:
    assert usd("7").at_most(usd("5")) == usd("5")
    assert usd("3").at_most(usd("5")) == usd("3")


def test_an_amount_is_written_with_all_the_places_of_its_currency() -> None:
    texts = [USD.text(usd("12.30")), USD.text(usd("-0.05")), USD.text(usd(0))]

    assert texts == ["12.30", "-0.05", "0.00"]
    assert (JPY.text(Money(-1200, "JPY")), KWD.text(Money(5, "KWD"))) == ("-1200", "0.005")


def test_money_is_stored_as_two_values() -> None:
    assert msgspec.json.encode(usd("31.95")) == b'[3195,"USD"]'
    assert msgspec.json.decode(b'[3195,"USD"]', type=Money) == usd("31.95")


# ---------------------------------------------------------------------------------------------------- rounding


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (5, 3, 2), (-4, 3, -1), (-5, 3, -2), (1, 2, 1), (-1, 2, -1), (0, 7, 0)],
)
def test_d49_halves_are_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert round_half_away(numerator, denominator) == rounded


@pytest.mark.parametrize(
    ("amount", "percent", "part"),
    [
        ("31.95", "4", "1.28"),  # 1.278
        ("8.00", "4", "0.32"),
        ("0.50", "1", "0.01"),  # 0.005
        ("0.49", "1", "0.00"),
        ("-0.50", "1", "-0.01"),
        ("100.00", "8.25", "8.25"),
        ("0.10", "33.333333333333333333333333333333", "0.03"),
    ],
)
def test_d49_a_share_is_rounded_once(amount: str, percent: str, part: str) -> None:
    assert share(usd(amount), Decimal(percent)) == usd(part)


@given(amounts, st.decimals(0, 100, places=4))
def test_a_share_lies_between_nothing_and_the_whole(amount: Money, percent: Decimal) -> None:
    part = share(amount, percent)

    assert 0 <= abs(part.minor) <= abs(amount.minor)
    assert part.minor * amount.minor >= 0


# ---------------------------------------------------------------------------------------------------- spreading


def test_d50_five_dollars_over_the_lines_of_the_published_sample() -> None:
    values = [1399, 2500, 4999, 1895, 1000]

    assert allocate(usd("5.00"), values) == [usd("0.59"), usd("1.06"), usd("2.12"), usd("0.80"), usd("0.43")]


def test_d50_units_left_over_go_to_the_largest_remainders() -> None:
    # 1.00 over 1 : 1 : 4 is 16.67, 16.67 and 66.67 cents: the two cents left go to the earlier of equals first
    assert allocate(usd("1.00"), [1, 1, 4]) == [usd("0.17"), usd("0.17"), usd("0.66")]
    # 0.10 over 26 : 37 : 37 is 2.6, 3.7 and 3.7 cents
    assert allocate(usd("0.10"), [26, 37, 37]) == [usd("0.02"), usd("0.04"), usd("0.04")]


def test_d61_a_tie_goes_to_the_earlier_part() -> None:
    assert allocate(usd("0.01"), [7, 7, 7]) == [usd("0.01"), usd("0"), usd("0")]
    assert allocate(usd("0.05"), [1, 1]) == [usd("0.03"), usd("0.02")]


def test_over_weights_of_nothing_everything_falls_on_the_first_part() -> None:
    assert allocate(usd("3.00"), [0, 0]) == [usd("3.00"), usd("0")]
    assert allocate(usd("0"), []) == []


def test_a_negative_amount_is_spread_like_its_opposite() -> None:
    assert allocate(usd("-0.05"), [1, 1]) == [usd("-0.03"), usd("-0.02")]


@given(amounts, weights)
def test_the_parts_of_a_spread_amount_add_up_to_it_exactly(amount: Money, over: list[int]) -> None:
    parts = allocate(amount, over)

    assert len(parts) == len(over)
    assert sum(part.minor for part in parts) == amount.minor


@given(amounts, weights)
def test_each_part_is_within_one_unit_of_its_exact_share(amount: Money, over: list[int]) -> None:
    whole = sum(over)

    parts = allocate(amount, over)

    if whole:
        for part, weight in zip(parts, over, strict=True):
            assert abs(part.minor * whole - amount.minor * weight) < whole
            assert weight or not part.minor


@given(amounts.filter(lambda amount: amount.minor >= 0), weights)
def test_nothing_that_is_spread_over_values_up_to_their_sum_exceeds_one_of_them(amount: Money, over: list[int]) -> None:
    """So that a discount spread over lines makes none of them negative (D52)."""
    capped = amount.at_most(Money(sum(over), "USD"))

    assert all(part.minor <= weight for part, weight in zip(allocate(capped, over), over, strict=True))
