"""Countries for address forms: all of them for billing, those that something is shipped to for shipping."""

from functools import lru_cache

from msgspec import Struct

from checkstand.api.http import Call, Endpoint
from checkstand.domain import geography
from checkstand.domain.geography import Country
from checkstand.domain.shipping_zones import countries_shipped_to


class SubdivisionShape(Struct):
    code: str
    name: str


class CountryShape(Struct, rename="camel"):
    code: str
    name: str
    has_postal_codes: bool
    requires_state: bool
    subdivisions: list[SubdivisionShape]


class CountriesMeta(Struct, frozen=True):
    """Nothing; sent as in the recordings."""


class CountriesAnswer(Struct):
    data: list[CountryShape]
    meta: CountriesMeta = CountriesMeta()


@lru_cache(maxsize=512)
def _shape(country: Country) -> CountryShape:
    subdivisions = [SubdivisionShape(each.code, each.name) for each in country.subdivisions]
    return CountryShape(country.code, country.name, country.has_postal_codes, country.requires_state, subdivisions)


async def get_store_countries(call: Call, body: None) -> CountriesAnswer:
    """By name."""
    return CountriesAnswer([_shape(country) for country in geography.countries()])


async def get_shipping_countries(call: Call, body: None) -> CountriesAnswer:
    """Those that an enabled zone ships to by a method of the channel, unless the store's settings ask for all."""
    store = await call.unit.store()
    channel_id = call.query_number("channel_id", store.channel_ids[0], 1, 2**31 - 1)
    shipped = countries_shipped_to(store, channel_id)
    return CountriesAnswer([_shape(each) for each in geography.countries() if shipped is None or each.code in shipped])


INTERNAL_ENDPOINTS = [
    Endpoint(
        "GET",
        "/store/countries",
        get_store_countries,
        "List all countries",
        answer=CountriesAnswer,
        tag="Countries",
    ),
    Endpoint(
        "GET",
        "/shipping/countries",
        get_shipping_countries,
        "List the countries the shop ships to",
        answer=CountriesAnswer,
        query=("channel_id",),
        tag="Countries",
    ),
]
