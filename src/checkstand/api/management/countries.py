"""Countries and their states (v2: bare bodies), from the address data that the whole server uses.

A country's id is its ISO 3166-1 number, so that it stays the same when the data changes; a state's is made of its country's.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import part
from checkstand.domain import geography
from checkstand.domain.geography import Country, Subdivision
from checkstand.errors import NotFound
from checkstand.service.access import INFORMATION

DEFAULT_LIMIT, MOST = 50, 250
STATES_PER_COUNTRY = 1000
"""State ids of a country begin at its own id times this."""

Shape = TypeVar("Shape", bound=Struct)


class CountryStatesShape(Struct):
    url: str
    resource: str


class CountryShape(Struct):
    id: int
    country: str
    country_iso2: str
    country_iso3: str
    states: CountryStatesShape


class StateShape(Struct):
    id: int
    state: str
    state_abbreviation: str
    country_id: int


class PlaceCount(Struct):
    count: int


def _country_shape(call: Call, country: Country) -> CountryShape:
    resource = f"/countries/{country.number}/states"
    address = f"{call.base_url}/stores/{call.unit.store_hash}/v2{resource}"
    return CountryShape(
        country.number, country.name, country.code, country.code3, CountryStatesShape(address, resource)
    )


def _states(country: Country) -> list[StateShape]:
    """By name; numbered by code."""
    numbers = {each.code: number for number, each in enumerate(sorted(country.subdivisions, key=_by_code), 1)}
    return [
        StateShape(country.number * STATES_PER_COUNTRY + numbers[each.code], each.name, each.code, country.number)
        for each in country.subdivisions
    ]


def _by_code(subdivision: Subdivision) -> str:
    return subdivision.code


def _country(call: Call) -> Country:
    number = call.number("country_id")
    for country in geography.countries():
        if country.number == number:
            return country
    raise NotFound(f"There is no country {number}.", code="country_not_found")


def _matching(call: Call, found: Iterable[Shape], names: Sequence[str]) -> list[Shape]:
    """The page that is asked for, of those that all filters of these names match; case does not count."""
    wanted = {name: call.first(name).casefold() for name in names}
    matching = [
        each for each in found if all(text in ("", getattr(each, name).casefold()) for name, text in wanted.items())
    ]
    return list(part(call, matching, default=DEFAULT_LIMIT, most=MOST))


async def get_countries(call: Call, body: None) -> list[CountryShape]:
    """By name."""
    shown = (_country_shape(call, country) for country in geography.countries())
    return _matching(call, shown, ("country", "country_iso2", "country_iso3"))


async def count_countries(call: Call, body: None) -> PlaceCount:
    return PlaceCount(len(geography.countries()))


async def get_country(call: Call, body: None) -> CountryShape:
    return _country_shape(call, _country(call))


async def get_country_states(call: Call, body: None) -> list[StateShape]:
    return _matching(call, _states(_country(call)), ("state", "state_abbreviation"))


async def count_country_states(call: Call, body: None) -> PlaceCount:
    return PlaceCount(len(_country(call).subdivisions))


async def get_country_state(call: Call, body: None) -> StateShape:
    number = call.number("state_id")
    for state in _states(_country(call)):
        if state.id == number:
            return state
    raise NotFound(f"There is no state {number} in country {call.number('country_id')}.", code="state_not_found")


async def get_states(call: Call, body: None) -> list[StateShape]:
    """Of all countries, by the names of both."""
    return _matching(call, (state for country in geography.countries() for state in _states(country)), ())


async def count_states(call: Call, body: None) -> PlaceCount:
    return PlaceCount(sum(len(country.subdivisions) for country in geography.countries()))


COUNTRIES, STATES = "/countries", "/countries/states"
COUNTRY, COUNTRY_STATES = "/countries/{country_id}", "/countries/{country_id}/states"
TAG = "Countries"

ENDPOINTS = [
    Endpoint(
        "GET",
        COUNTRIES,
        get_countries,
        "List countries",
        answer=list[CountryShape],
        scopes=INFORMATION,
        query=("page", "limit", "country", "country_iso2", "country_iso3"),
        tag=TAG,
    ),
    Endpoint(
        "GET",
        f"{COUNTRIES}/count",
        count_countries,
        "Count the countries",
        answer=PlaceCount,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint("GET", COUNTRY, get_country, "Read a country", answer=CountryShape, scopes=INFORMATION, tag=TAG),
    Endpoint(
        "GET",
        STATES,
        get_states,
        "List the states of all countries",
        answer=list[StateShape],
        scopes=INFORMATION,
        query=("page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "GET", f"{STATES}/count", count_states, "Count all states", answer=PlaceCount, scopes=INFORMATION, tag=TAG
    ),
    Endpoint(
        "GET",
        COUNTRY_STATES,
        get_country_states,
        "List the states of a country",
        answer=list[StateShape],
        scopes=INFORMATION,
        query=("page", "limit", "state", "state_abbreviation"),
        tag=TAG,
    ),
    Endpoint(
        "GET",
        f"{COUNTRY_STATES}/count",
        count_country_states,
        "Count the states of a country",
        answer=PlaceCount,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        COUNTRY_STATES + "/{state_id}",
        get_country_state,
        "Read a state",
        answer=StateShape,
        scopes=INFORMATION,
        tag=TAG,
    ),
]
