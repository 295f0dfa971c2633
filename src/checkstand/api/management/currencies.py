"""The store's currencies (v2: bare bodies). Fields stand in the order of the published page; rates are shown as texts."""

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkstand.api.bodies import Price, Text
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import UNDATED, expect_no_filter, part
from checkstand.api.projection import timestamp
from checkstand.domain import currencies
from checkstand.domain.currencies import CurrencyChange
from checkstand.domain.facts import Store
from checkstand.domain.money import OtherCurrency
from checkstand.service import gift_certificates
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

DEFAULT_LIMIT, MOST = 50, 250

Country = Annotated[str, Meta(pattern=r"^([A-Z]{2})?$")]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2,3}$")]
Symbol = Annotated[str, Meta(max_length=20)]

# ---------------------------------------------------------------------------------------------------- what is sent


class CurrencyBody(Struct):
    """What a change leaves out stays; the code of a currency never changes, and may be sent along as it is."""

    is_default: bool | None = None
    country_iso2: Country | None = None
    default_for_country_codes: list[CountryCode] | None = None
    currency_code: Text | None = None
    currency_exchange_rate: Price | None = None
    auto_update: bool | None = None
    token_location: Literal["left", "right"] | None = None
    token: Symbol | None = None
    decimal_token: Symbol | None = None
    thousands_token: Symbol | None = None
    decimal_places: Annotated[int, Meta(ge=0, le=currencies.MOST_DECIMAL_PLACES)] | None = None
    name: Text | None = None
    enabled: bool | None = None
    is_transactional: bool | None = None
    use_default_name: bool | None = None

    def change(self) -> CurrencyChange:
        countries = self.default_for_country_codes
        return CurrencyChange(
            code=self.currency_code,
            name=self.name,
            symbol=self.token,
            decimal_places=self.decimal_places,
            exchange_rate=self.currency_exchange_rate,
            is_default=self.is_default,
            country_iso2=self.country_iso2,
            default_for_country_codes=None if countries is None else tuple(countries),
            token_location=self.token_location,
            decimal_token=self.decimal_token,
            thousands_token=self.thousands_token,
            auto_update=self.auto_update,
            enabled=self.enabled,
            is_transactional=self.is_transactional,
            use_default_name=self.use_default_name,
        )


# ---------------------------------------------------------------------------------------------------- what is shown


class CurrencyShape(Struct):
    id: int
    is_default: bool
    last_updated: str
    country_iso2: str
    default_for_country_codes: list[str]
    currency_code: str
    currency_exchange_rate: str
    auto_update: bool
    token_location: str
    token: str
    decimal_token: str
    thousands_token: str
    decimal_places: int
    name: str
    enabled: bool
    is_transactional: bool
    use_default_name: bool


def _shape(currency: OtherCurrency, store: Store) -> CurrencyShape:
    details = currency.details
    return CurrencyShape(
        id=details.id,
        is_default=currency.code == store.currency.code,
        last_updated=timestamp(details.last_updated or UNDATED),
        country_iso2=details.country_iso2,
        default_for_country_codes=list(details.default_for_country_codes),
        currency_code=currency.code,
        currency_exchange_rate=f"{currency.exchange_rate:f}",
        auto_update=details.auto_update,
        token_location=details.token_location,
        token=currency.symbol,
        decimal_token=details.decimal_token,
        thousands_token=details.thousands_token,
        decimal_places=currency.decimal_places,
        name=currency.name,
        enabled=details.enabled,
        is_transactional=details.is_transactional,
        use_default_name=details.use_default_name,
    )


# ---------------------------------------------------------------------------------------------------- endpoints


async def get_currencies(call: Call, body: None) -> list[CurrencyShape]:
    """By id, the store's own among them."""
    store = await call.unit.store()
    return [
        _shape(entry, store) for entry in part(call, currencies.currencies(store), default=DEFAULT_LIMIT, most=MOST)
    ]


async def get_currency(call: Call, body: None) -> CurrencyShape:
    store = await call.unit.store()
    return _shape(currencies.currency_of(store, call.number("currency_id")), store)


async def create_currency(call: Call, body: CurrencyBody) -> CurrencyShape:
    """Enabled, and for display only, unless the request says else."""
    former = currencies.former_of(await call.unit.store(), body.currency_code or "")
    await _expect_places(call, body, former)
    store = await edit(call.unit, partial(currencies.add_currency, change=body.change(), now=call.now))
    return _shape(store.other_currencies[-1], store)


async def update_currency(call: Call, body: CurrencyBody) -> CurrencyShape:
    currency_id = call.number("currency_id")
    before = currencies.currency_of(await call.unit.store(), currency_id)
    await _expect_places(call, body, before)
    change = partial(currencies.change_currency, currency_id=currency_id, change=body.change(), now=call.now)
    store = await edit(call.unit, change)
    return _shape(currencies.currency_of(store, currency_id), store)


async def _expect_places(call: Call, body: CurrencyBody, before: OtherCurrency | None) -> None:
    """Amounts of gift certificates are kept in minor units, which other places would make other amounts of."""
    if before is not None and body.decimal_places not in (None, before.decimal_places):
        await gift_certificates.expect_none_in(call.unit, before.code)


async def delete_currency(call: Call, body: None) -> None:
    """Carts that are in it stay in it."""
    currency_id = call.number("currency_id")
    currencies.currency_of(await call.unit.store(), currency_id)
    await edit(call.unit, partial(currencies.remove_currencies, ids={currency_id}))


async def delete_currencies(call: Call, body: None) -> None:
    """All but the store's own."""
    expect_no_filter(call, "currency")
    await edit(call.unit, partial(currencies.remove_currencies, ids=None))


CURRENCIES, CURRENCY = "/currencies", "/currencies/{currency_id}"
TAG = "Currencies"

ENDPOINTS = [
    Endpoint(
        "GET",
        CURRENCIES,
        get_currencies,
        "List currencies",
        answer=list[CurrencyShape],
        scopes=INFORMATION,
        query=("page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        CURRENCIES,
        create_currency,
        "Create a currency",
        answer=CurrencyShape,
        body=CurrencyBody,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        CURRENCIES,
        delete_currencies,
        "Delete all currencies but the default one",
        status=204,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint("GET", CURRENCY, get_currency, "Read a currency", answer=CurrencyShape, scopes=INFORMATION, tag=TAG),
    Endpoint(
        "PUT",
        CURRENCY,
        update_currency,
        "Change a currency",
        answer=CurrencyShape,
        body=CurrencyBody,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint("DELETE", CURRENCY, delete_currency, "Delete a currency", status=204, scopes=INFORMATION, tag=TAG),
]
