"""Where something goes, or who pays.

An address is echoed exactly as it was sent: no trimming, no change of case (clients compare it key by key). Two things are
added only: the country's name, and of the state's name and code the one that was left out (BEHAVIOUR section 1).
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geography

LARGEST_TEXT = 255
LARGEST_PHONE = 50


class CustomField(Struct, frozen=True, gc=False):
    """A shop's own form field. The value is a text, or several of them for multiple choice."""

    field_id: str
    field_value: str | tuple[str, ...] = ""


class Address(Struct, frozen=True, gc=False, kw_only=True):
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state_or_province: str = ""
    state_or_province_code: str = ""
    country: str = ""
    country_code: str = ""
    postal_code: str = ""
    phone: str = ""
    custom_fields: tuple[CustomField, ...] = ()
    should_save_address: bool = False


AddressType = Literal["residential", "commercial"]


class CustomerAddress(Address, frozen=True, gc=False, kw_only=True):
    """An entry of a customer's address book. `id` 0: it came with a shop file of long ago and was not numbered yet."""

    id: int = 0
    address_type: AddressType = "residential"


class BillingAddress(Struct, frozen=True, gc=False):
    id: str
    address: Address


REQUIRED_TO_ORDER = ("first_name", "last_name", "address1", "city", "country_code")


def completed(address: Address) -> Address:
    """The address with its country's name and its state's name and code; everything else untouched."""
    state, state_code = geography.complete_state(
        address.country_code, address.state_or_province, address.state_or_province_code
    )
    return replace(
        address,
        country=geography.country_name(address.country_code) or "",
        state_or_province=state,
        state_or_province_code=state_code,
    )


def wrong_to_order(address: Address) -> list[str]:
    """What an order cannot be sent to, by what is known of the country (D14), as ends of sentences. What is missing is not
    wrong."""
    wrong, country = [], address.country_code
    state, code = address.state_or_province, address.state_or_province_code
    asked = "state_or_province" in geography.required_fields(country)
    if asked and (state or code) and not geography.is_subdivision(country, state, code):
        wrong.append(f"has {code or state!r} for state_or_province, which {country} does not have")
    if address.postal_code and not geography.postal_code_matches(country, address.postal_code):
        wrong.append(f"has {address.postal_code!r} for postal_code, which is none of {country}")
    return wrong


def missing_to_order(address: Address) -> list[str]:
    """The fields an order still needs (seed 000; per country D14), in the order a form shows them. Empty: complete."""
    missing = [name for name in REQUIRED_TO_ORDER if not getattr(address, name)]
    if address.country_code and geography.country_name(address.country_code) is None:
        missing.append("country")
    needed = geography.required_fields(address.country_code)
    if "state_or_province" in needed and not (address.state_or_province or address.state_or_province_code):
        missing.append("state_or_province")
    if "postal_code" in needed and not address.postal_code:
        missing.append("postal_code")
    return missing
