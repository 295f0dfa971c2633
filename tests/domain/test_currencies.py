"""The currencies of a store as edits of the store: what a merchant may change, and what would touch the amounts stored in one."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.currencies import (
    CurrencyChange,
    add_currency,
    change_currency,
    currencies,
    currency_of,
    numbered,
    remove_currencies,
)
from checkstand.domain.facts import Store
from checkstand.domain.money import Currency, CurrencyDetails, Money
from checkstand.errors import CheckoutError, Invalid, NotFound, Refused, Taken
from tests.builders import EUR, JPY, NOON, USD, a_store, usd

STORE = a_store(other_currencies=(EUR, JPY))


def a_change(**fields: Any) -> CurrencyChange:
    """All that a new currency needs."""
    given: dict[str, Any] = {
        "code": "GBP",
        "name": "Pound",
        "exchange_rate": Decimal("0.80"),
        "token_location": "left",
        "symbol": "£",
        "decimal_token": ".",
        "thousands_token": ",",
        "decimal_places": 2,
    }
    return CurrencyChange(**(given | fields))


def added(store: Store = STORE, **fields: Any) -> Store:
    return add_currency(store, a_change(**fields), NOON)


def codes(store: Store) -> list[tuple[int, str]]:
    return [(currency.details.id, currency.code) for currency in currencies(store)]


def test_currencies_without_ids_are_numbered_the_stores_own_first() -> None:
    assert codes(STORE) == [(1, "USD"), (2, "EUR"), (3, "JPY")]
    some = replace(STORE, other_currencies=(EUR, replace(JPY, details=CurrencyDetails(id=7))))
    assert codes(some) == [(7, "JPY"), (8, "USD"), (9, "EUR")]
    assert numbered(numbered(some)) is not some
    assert numbered(some) == numbered(numbered(some))


def test_a_new_currency_is_enabled_and_for_display_only_unless_it_says_else() -> None:
    shown, paid = added().other_currencies[-1], added(is_transactional=True, enabled=False).other_currencies[-1]

    assert (shown.code, shown.exchange_rate, shown.symbol) == ("GBP", Decimal("0.8"), "£")
    assert (shown.details.enabled, shown.details.is_transactional) == (True, False)
    assert (paid.details.enabled, paid.details.is_transactional) == (False, True)
    assert (shown.details.id, shown.details.last_updated) == (4, NOON)


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"name": None}, Invalid, "name is required"),
        ({"symbol": ""}, Invalid, "token is required"),
        ({"code": None}, Invalid, "currency_code is required"),
        ({"code": "DEM"}, Invalid, "'DEM' is not an ISO 4217 code of a currency in use"),
        ({"code": "ABC"}, Invalid, "'ABC' is not an ISO 4217 code of a currency in use"),
        ({"code": "usd"}, Taken, "The store has the currency USD already."),
        ({"code": "EUR"}, Taken, "The store has the currency EUR already."),
        ({"decimal_places": 5}, Invalid, "decimal_places must be from 0 to 4"),
        ({"exchange_rate": Decimal(0)}, Invalid, "must be a number above 0"),
        ({"exchange_rate": Decimal("-1")}, Invalid, "must be a number above 0"),
        ({"exchange_rate": Decimal("NaN")}, Invalid, "must be a number above 0"),
        ({"exchange_rate": Decimal("1E+10")}, Invalid, "must be a number above 0"),
        ({"exchange_rate": Decimal("0.12345678901")}, Invalid, "at most 10 decimal places"),
        ({"is_default": True}, Refused, "default currency cannot be another one"),
    ],
)
def test_what_is_no_currency_is_refused(fields: dict[str, Any], error: type[CheckoutError], words: str) -> None:
    with pytest.raises(error, match=words):
        added(**fields)


def test_a_change_leaves_what_it_does_not_name() -> None:
    store = change_currency(STORE, 2, CurrencyChange(exchange_rate=Decimal("0.95"), enabled=False), NOON)

    now = currency_of(store, 2)
    assert (now.code, now.name, now.exchange_rate) == ("EUR", "Euro", Decimal("0.95"))
    assert (now.details.enabled, now.details.is_transactional) == (False, True)
    assert currency_of(store, 3).exchange_rate == 150


def test_the_stores_own_currency_may_be_written_another_way() -> None:
    store = change_currency(
        STORE, 1, CurrencyChange(symbol="US$", decimal_token=",", thousands_token=".", is_default=True), NOON
    )

    assert store.currency == Currency(code="USD", name="US Dollar", symbol="US$", decimal_places=2)
    assert (store.currency_details.id, store.currency_details.decimal_token) == (1, ",")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (CurrencyChange(is_default=False), Refused),
        (CurrencyChange(decimal_places=3), Refused),
        (CurrencyChange(exchange_rate=Decimal("1.1")), Invalid),
        (CurrencyChange(enabled=False), Refused),
        (CurrencyChange(is_transactional=False), Refused),
    ],
)
def test_nothing_that_its_amounts_depend_on_changes_in_the_stores_own_currency(
    change: CurrencyChange, error: type[CheckoutError]
) -> None:
    with pytest.raises(error):
        change_currency(STORE, 1, change, NOON)


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        change_currency(STORE, 9, CurrencyChange(), NOON)
    with pytest.raises(Refused, match="default currency cannot be another one"):
        change_currency(STORE, 2, CurrencyChange(is_default=True), NOON)


def test_a_removed_currency_goes_on_for_the_carts_that_are_in_it() -> None:
    store = remove_currencies(STORE, {2})

    assert codes(store) == [(1, "USD"), (3, "JPY")]
    assert store.converted(usd("10.00"), EUR) == Money(900, "EUR")
    with pytest.raises(Refused):
        remove_currencies(STORE, {1})
    assert codes(remove_currencies(STORE, None)) == [(1, "USD")]


def test_a_currency_that_comes_back_has_a_new_number_and_its_new_rate() -> None:
    store = added(remove_currencies(STORE, None), code="JPY", decimal_places=0, exchange_rate=Decimal(140))

    assert codes(store) == [(1, "USD"), (4, "JPY")]
    assert [former.code for former in store.former_currencies] == ["EUR"]
    assert store.converted(usd("10.00"), JPY) == Money(1400, "JPY")
    assert store.converted(usd("10.00"), USD) == usd("10.00")
