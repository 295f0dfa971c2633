"""The currencies of a store as a merchant keeps them: adding, changing and removing one, as edits of the store. Pure.

The store's own currency is the default one. All amounts of the store are stored in it, so another one cannot take its place, and
its decimal places and its rate of 1 stay. A currency that is removed becomes a former one: carts that are in it go on at its
last rate.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geography
from checkstand.domain.facts import Store
from checkstand.domain.money import Currency, CurrencyDetails, OtherCurrency
from checkstand.errors import Invalid, NotFound, Refused, Taken

MOST_DECIMAL_PLACES = 4
LARGEST_RATE = 10**9
RATE_PLACES = 10
ONE = Decimal(1)
UNIONS = ("EU",)
"""What has a currency of its own and is no country, as in the published sample."""
DETAILS = (
    "country_iso2",
    "default_for_country_codes",
    "token_location",
    "decimal_token",
    "thousands_token",
    "auto_update",
    "enabled",
    "is_transactional",
    "use_default_name",
)


class CurrencyChange(Struct, frozen=True, kw_only=True):
    """What a request says about a currency; None: nothing. The code of one that exists cannot change, only be said again."""

    code: str | None = None
    name: str | None = None
    symbol: str | None = None
    decimal_places: int | None = None
    exchange_rate: Decimal | None = None
    is_default: bool | None = None
    country_iso2: str | None = None
    default_for_country_codes: tuple[str, ...] | None = None
    token_location: Literal["left", "right"] | None = None
    decimal_token: str | None = None
    thousands_token: str | None = None
    auto_update: bool | None = None
    enabled: bool | None = None
    is_transactional: bool | None = None
    use_default_name: bool | None = None


REQUIRED = {
    "name": "name",
    "code": "currency_code",
    "exchange_rate": "currency_exchange_rate",
    "token_location": "token_location",
    "symbol": "token",
    "decimal_token": "decimal_token",
    "thousands_token": "thousands_token",
    "decimal_places": "decimal_places",
}
"""Without these there is no new currency; and what requests call them."""


# ---------------------------------------------------------------------------------------------------- looking


def numbered(store: Store) -> Store:
    """The store with an id for each currency: a shop file need not give them any."""
    all_of_them = (
        store.currency_details,
        *(other.details for other in (*store.other_currencies, *store.former_currencies)),
    )
    if all(details.id for details in all_of_them):
        return store
    last = max(details.id for details in all_of_them)

    def with_id(details: CurrencyDetails) -> CurrencyDetails:
        nonlocal last
        if details.id:
            return details
        last += 1
        return replace(details, id=last)

    own = with_id(store.currency_details)
    others = tuple(replace(other, details=with_id(other.details)) for other in store.other_currencies)
    former = tuple(replace(other, details=with_id(other.details)) for other in store.former_currencies)
    return replace(store, currency_details=own, other_currencies=others, former_currencies=former)


def currencies(store: Store) -> list[OtherCurrency]:
    """All that the store has, its own among them, by their ids."""
    store = numbered(store)
    found = [_own(store), *store.other_currencies]
    return sorted(found, key=lambda currency: currency.details.id)


def currency_of(store: Store, currency_id: int) -> OtherCurrency:
    for currency in currencies(store):
        if currency.details.id == currency_id:
            return currency
    raise NotFound(f"There is no currency {currency_id}.", code="currency_not_found")


def former_of(store: Store, code: str) -> OtherCurrency | None:
    """A currency that was removed; carts and gift certificates may still be in it."""
    return next((former for former in store.former_currencies if former.code == code.upper()), None)


def _own(store: Store) -> OtherCurrency:
    own = store.currency
    return OtherCurrency(
        code=own.code,
        name=own.name,
        symbol=own.symbol,
        decimal_places=own.decimal_places,
        details=store.currency_details,
    )


# ---------------------------------------------------------------------------------------------------- editing


def add_currency(store: Store, change: CurrencyChange, now: datetime) -> Store:
    """One currency more; unless the request says else it is enabled, and for display only. Raises `Invalid`, `Taken`."""
    store = numbered(store)
    for name, field in REQUIRED.items():
        if getattr(change, name) in (None, ""):
            raise Invalid.field(field, "is required")
    code = (change.code or "").upper()
    if code not in geography.currency_codes():
        raise Invalid.field("currency_code", f"{change.code!r} is not an ISO 4217 code of a currency in use")
    if code in (store.currency.code, *(other.code for other in store.other_currencies)):
        raise Taken(f"The store has the currency {code} already.")
    ids = [other.details.id for other in (_own(store), *store.other_currencies, *store.former_currencies)]
    blank = OtherCurrency(code=code, details=CurrencyDetails(id=max(ids) + 1, is_transactional=False))
    _check_default(change, is_own=False)
    currency = _changed(blank, change, now)
    return replace(
        store,
        other_currencies=(*store.other_currencies, currency),
        former_currencies=tuple(former for former in store.former_currencies if former.code != code),
    )


def change_currency(store: Store, currency_id: int, change: CurrencyChange, now: datetime) -> Store:
    """What is left out stays. Raises `NotFound`, `Invalid`, and `Refused` for what would touch the amounts of the store."""
    store = numbered(store)
    before = currency_of(store, currency_id)
    if change.code is not None and change.code.upper() != before.code:
        raise Invalid.field("currency_code", f"of a currency cannot change; it is {before.code}")
    for name, field in REQUIRED.items():
        if getattr(change, name) == "":
            raise Invalid.field(field, "must not be empty")
    is_own = before.code == store.currency.code
    _check_default(change, is_own=is_own)
    after = _changed(before, change, now)
    if is_own:
        return _with_own(store, after)
    others = tuple(after if other.code == after.code else other for other in store.other_currencies)
    return replace(store, other_currencies=others)


def remove_currencies(store: Store, ids: Collection[int] | None) -> Store:
    """Without these currencies, or with its own alone (None). Raises `Refused` for the store's own."""
    store = numbered(store)
    if ids is not None and store.currency_details.id in ids:
        raise Refused(f"{store.currency.code} is the store's default currency and stays.", code="default_currency")
    gone = [other for other in store.other_currencies if ids is None or other.details.id in ids]
    return replace(
        store,
        other_currencies=tuple(other for other in store.other_currencies if other not in gone),
        former_currencies=(*store.former_currencies, *gone),
    )


def _changed(before: OtherCurrency, change: CurrencyChange, now: datetime) -> OtherCurrency:
    given: dict[str, Any] = {
        name: value
        for name in ("name", "symbol", "decimal_places", "exchange_rate")
        if (value := getattr(change, name)) is not None
    }
    details: dict[str, Any] = {name: value for name in DETAILS if (value := getattr(change, name)) is not None}
    _check_details(details, before)
    said = replace(before.details, **details, last_updated=now.replace(microsecond=0))
    after = replace(before, **given, details=said)
    check_currency(after)
    return replace(after, exchange_rate=after.exchange_rate.normalize())


def _check_details(given: Mapping[str, Any], before: OtherCurrency) -> None:
    country = given.get("country_iso2")
    if country and country not in UNIONS and geography.country_name(country) is None:
        raise Invalid.field("country_iso2", f"{country!r} is not a country")
    tokens = [given.get(name, getattr(before.details, name)) for name in ("decimal_token", "thousands_token")]
    if tokens[0] == tokens[1] and not given.keys().isdisjoint(("decimal_token", "thousands_token")):
        raise Invalid.field("thousands_token", "must be another one than decimal_token")


def check_currency(currency: OtherCurrency) -> None:
    """Raises `Invalid` for what could not be calculated with, naming the field."""
    if not 0 <= currency.decimal_places <= MOST_DECIMAL_PLACES:
        raise Invalid.field("decimal_places", f"must be from 0 to {MOST_DECIMAL_PLACES}")
    rate = currency.exchange_rate
    if not rate.is_finite() or not 0 < rate <= LARGEST_RATE:
        raise Invalid.field("currency_exchange_rate", f"must be a number above 0, up to {LARGEST_RATE}")
    if rate != round(rate, RATE_PLACES):
        raise Invalid.field("currency_exchange_rate", f"may have at most {RATE_PLACES} decimal places")


def _check_default(change: CurrencyChange, *, is_own: bool) -> None:
    if is_own and change.is_default is False:
        raise Refused("The store's default currency cannot be unset.", code="default_currency")
    if not is_own and change.is_default:
        raise Refused(
            "The store's default currency cannot be another one: the prices, rates and coupons of the store are stored in it.",
            code="default_currency",
        )


def _with_own(store: Store, after: OtherCurrency) -> Store:
    own = store.currency
    if after.decimal_places != own.decimal_places:
        raise Refused(
            f"The store's default currency keeps its {own.decimal_places} decimal places: its prices are stored with them.",
            code="default_currency",
        )
    if after.exchange_rate != ONE:
        raise Invalid.field("currency_exchange_rate", "of the store's default currency is 1")
    if not (after.details.enabled and after.details.is_transactional):
        raise Refused("The store's default currency stays enabled and transactional.", code="default_currency")
    currency = Currency(code=own.code, name=after.name, symbol=after.symbol, decimal_places=own.decimal_places)
    return replace(store, currency=currency, currency_details=after.details)
