"""Postal codes as merchants write them in zones, of shipping and of taxes alike: which addresses they mean. Pure.

Case, blanks, hyphens and other signs never count: `k1a0b1` is `K1A 0B1`, `100-0001` is `1000001`. A merchant may write

1. a whole code (`78701`), or the first part of one where a country's codes have two (`SW1A`, `K1A`, `D02`, `100`, `01310`; in
   the US the five digits): it means all codes with that part, and no longer one (`SW1` is neither `SW10` nor `SW1A`);
2. wildcards anywhere: `*` any number of characters, none too, `?` exactly one (`787*`, `SW1*`, `7870?`);
3. a range, both ends included: `10000-19999`, `K1A-K1P`, `100-0001 - 100-9999`, `10000..19999`. As many characters of a code are
   looked at as the ends have, and they must be of the ends' kinds, letter for letter and digit for digit. Between districts of one
   British area numbers count (`SW1-SW20`), and their letters do not: `SW1A` is in district 1.

A hyphen is part of a code (`100-0001`, `78701-1234`) where the whole is written like a code of that country; otherwise it
divides a range, if what stands on both sides is alike.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from checkstand.domain import geography

FIRST_PART = {
    **dict.fromkeys(("US", "PR", "VI", "GU", "AS", "MP", "BR"), 5),
    **dict.fromkeys(("NL", "PT"), 4),
    **dict.fromkeys(("CA", "IE", "JP"), 3),
    "PL": 2,
}
"""How long the first part of a code of two parts is."""

BRITISH = frozenset({"GB", "GG", "IM", "JE"})
"""The first part is all but the last three characters, and of two to four."""

MOST_KNOWN, MOST_KNOWN_CODES = 100_000, 10_000
"""Entries: above what one zone may list, so that each is read once. Codes of addresses: they come again and again."""

_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")
_BRITISH_CODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")
_BRITISH_DISTRICT = re.compile(r"([A-Z]{1,2})(\d{1,2})[A-Z]?")

Matcher = Callable[[str], bool]


def matches(pattern: str, postal_code: str, country_code: str) -> bool:
    """Whether a postal code of an address in a country is one that a merchant's entry means."""
    return _matcher(pattern, country_code)(_plain(postal_code))


def problem(pattern: str, country_code: str) -> str | None:
    """What is wrong with an entry, to be said after its name; None: nothing."""
    text = _upper(pattern)
    if not _plain(text, "*?"):
        return "has neither letters nor digits"
    ends = _ends(text, country_code)
    if ends is None:
        return None
    if any(sign in end for end in ends for sign in "*?"):
        return "may have wildcards or be a range, not both"
    if not _are_alike(*ends, country_code):
        return "must have ends that are alike, such as 10000 and 19999"
    if _order(ends[0], country_code) > _order(ends[1], country_code):
        return "ends before it begins"
    return None


@lru_cache(maxsize=MOST_KNOWN)
def _matcher(pattern: str, country_code: str) -> Matcher:
    text = _upper(pattern)
    ends = _ends(text, country_code)
    if ends is not None:
        return _range(*ends, country_code)
    wanted = _plain(text, "*?")
    if "*" in wanted or "?" in wanted:
        return _wildcards(wanted)
    if country_code in BRITISH:
        return lambda code: code == wanted or _outward(code) == wanted
    if len(wanted) == FIRST_PART.get(country_code):
        return lambda code: code.startswith(wanted)
    return lambda code: code == wanted


def _wildcards(wanted: str) -> Matcher:
    """What stands between stars is looked for from left to right, each as early as it can be: no way is tried twice."""
    length = len(wanted.rpartition("*")[2])
    first, *others = [re.compile(re.escape(part).replace(r"\?", ".")) for part in wanted.split("*")]
    if not others:
        return lambda code: first.fullmatch(code) is not None

    def is_meant(code: str) -> bool:
        found = first.match(code)
        for part in others[:-1]:
            found = part.search(code, found.end()) if found else None
        return (
            found is not None and len(code) - length >= found.end() and bool(others[-1].match(code, len(code) - length))
        )

    return is_meant


def _ends(text: str, country_code: str) -> tuple[str, str] | None:
    """The ends of a range; None where it is none."""
    if ".." in text:
        lower, upper = re.split(r"\.{2,}", text, maxsplit=1)
        return _plain(lower, "*?"), _plain(upper, "*?")
    if "-" not in text or geography.postal_code_matches(country_code, text):
        return None
    for found in re.finditer("-", text):
        ends = _plain(text[: found.start()], "*?"), _plain(text[found.end() :], "*?")
        if all(ends) and _are_alike(*ends, country_code):
            return ends
    return None


def _range(lower: str, upper: str, country_code: str) -> Matcher:
    if not _are_alike(lower, upper, country_code):
        return lambda code: False
    if _is_district(lower, country_code) and _is_district(upper, country_code):
        first, last = _order(lower, country_code), _order(upper, country_code)

        def is_in_district(code: str) -> bool:
            outward = _outward(code)
            return _is_district(outward, country_code) and first <= _order(outward, country_code) <= last

        return is_in_district
    length, kinds = len(lower), _kinds(lower)
    return lambda code: lower <= code[:length] <= upper and _kinds(code[:length]) == kinds


def _are_alike(lower: str, upper: str, country_code: str) -> bool:
    if _is_district(lower, country_code) and _is_district(upper, country_code):
        return _order(lower, country_code)[0] == _order(upper, country_code)[0]
    return bool(lower) and _kinds(lower) == _kinds(upper)


def _kinds(code: str) -> str:
    return "".join("0" if each.isdigit() else "A" if each.isalpha() else each for each in code)


def _is_district(code: str, country_code: str) -> bool:
    return country_code in BRITISH and _BRITISH_DISTRICT.fullmatch(code) is not None


def _order(code: str, country_code: str) -> tuple[str, int]:
    """What one end of a range is compared by."""
    district = _BRITISH_DISTRICT.fullmatch(code) if country_code in BRITISH else None
    return (district[1], int(district[2])) if district else (code, 0)


def _outward(code: str) -> str:
    """The first part of a British code; itself where it is no whole one."""
    found = _BRITISH_CODE.fullmatch(code)
    return found[1] if found else code


def _upper(text: str) -> str:
    """Without case, widths and blanks, and with one kind of hyphen."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(folded.upper().split())


@lru_cache(maxsize=MOST_KNOWN_CODES)
def _plain(text: str, signs: str = "") -> str:
    """Letters and digits only, and the signs that are wanted."""
    return "".join(each for each in _upper(text) if each.isalnum() or each in signs)
