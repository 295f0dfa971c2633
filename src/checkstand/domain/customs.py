"""What customs are told of products that are shipped abroad. Pure; it is kept for who ships, nothing here looks at it."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from checkstand.domain import geography
from checkstand.domain.facts import Customs, Product
from checkstand.errors import Invalid

LONGEST_DESCRIPTION = 100
EVERYWHERE = "ALL"
"""In the place of a country: the code counts for all that have none of their own."""
HS_CODE = re.compile(r"[0-9A-Za-z]{6,14}")


class CustomsDraft(Struct, frozen=True, kw_only=True):
    product_id: int
    country_of_origin: str
    commodity_description: str
    international_shipping: bool
    hs_codes: Mapping[str, str]


def check(drafts: Sequence[CustomsDraft], known: Collection[int]) -> None:
    """`known`: the products that there are. Raises `Invalid`, naming the field of the first draft that is wrong."""
    for index, draft in enumerate(drafts):
        if draft.product_id not in known:
            raise Invalid.field(f"{index}.product_id", f"{draft.product_id} is not a product of this store")
        check_details(draft.country_of_origin, draft.commodity_description, draft.hs_codes, f"{index}.")


def check_details(country: str, description: str, hs_codes: Mapping[str, str], where: str) -> None:
    """`where` stands before the names of fields. Raises `Invalid`."""
    if geography.country_name(country) is None:
        raise Invalid.field(f"{where}country_of_origin", f"must be the code of a country, not {country!r}")
    if len(description) > LONGEST_DESCRIPTION:
        raise Invalid.field(f"{where}commodity_description", f"may have at most {LONGEST_DESCRIPTION} characters")
    for place, code in hs_codes.items():
        if place != EVERYWHERE and geography.country_name(place) is None:
            raise Invalid.field(f"{where}hs_codes", f"must be by the code of a country or {EVERYWHERE}, not {place!r}")
        if not HS_CODE.fullmatch(code):
            raise Invalid.field(f"{where}hs_codes", f"must be of 6 to 14 letters and digits, not {code!r}")


def customs(draft: CustomsDraft, before: Product, now: datetime) -> Customs:
    was = before.customs
    return Customs(
        country_of_origin=draft.country_of_origin,
        commodity_description=draft.commodity_description,
        international_shipping=draft.international_shipping,
        hs_codes=dict(draft.hs_codes),
        created_at=now if was is None else was.created_at,
        updated_at=now,
    )
