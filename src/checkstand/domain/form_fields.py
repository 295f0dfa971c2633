"""The fields of a shop's address and account forms: those that every shop has, and those a merchant added.

What was typed into a field that the merchant added comes with an address, as a text or, where several may be chosen, as a
list. It is kept as it was sent; whether it will do is asked when the order is placed (D11). An account's form is filled in once,
by whoever registers, and asked for then.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from checkstand.domain.address import Address, CustomField

FieldKind = Literal["text", "multiline", "number", "date", "dropdown", "radio", "checkbox"]
StandardName = Literal[
    "email",
    "first_name",
    "last_name",
    "company",
    "phone",
    "address1",
    "address2",
    "city",
    "country_code",
    "state_or_province",
    "postal_code",
]
NUMBER = re.compile(r"[-+]?[0-9]{1,15}")
"""Whole ones: clients are told that such a field is an `integer`, as recorded."""
OPTIONAL = ("company", "phone", "address2")
"""Fields every shop has and most leave the choice of; the others are asked for by the rules for orders (D11)."""
FIRST_CUSTOM_FIELD = 25
"""Numbers below are those of the fields every shop has."""


class FormField(Struct, frozen=True, kw_only=True):
    """A field the merchant added. `options`: what may be chosen, of a dropdown, radio or checkbox field; clients name an option by
    its place, from 0, or by its text. `min` and `max`: whole numbers, or days such as 2026-01-31. `max_length` 0: any length.
    `rows`: how many are shown of a multiline field. `helper_label`: what a dropdown shows while nothing is chosen."""

    id: int
    label: str
    kind: FieldKind = "text"
    required: bool = False
    default: str = ""
    options: tuple[str, ...] = ()
    min: str = ""
    max: str = ""
    max_length: int = 0
    rows: int = 3
    helper_label: str = "Choose an option"

    @property
    def name(self) -> str:
        return f"field_{self.id}"

    @property
    def is_choice(self) -> bool:
        return self.kind in ("dropdown", "radio", "checkbox")


class StandardField(Struct, frozen=True, kw_only=True):
    """What a merchant changed of a field that every shop has, in all forms that have it. `label` empty: as everywhere. `required`:
    insisted on; only of fields that other shops leave the choice of (`OPTIONAL`). `max_length` 0: any length."""

    name: StandardName
    label: str = ""
    default: str = ""
    required: bool = False
    max_length: int = 0


class FormFields(Struct, frozen=True, kw_only=True):
    """By form, what the merchant added; and `standard`, what they changed."""

    customer_account: tuple[FormField, ...] = ()
    shipping_address: tuple[FormField, ...] = ()
    billing_address: tuple[FormField, ...] = ()
    standard: tuple[StandardField, ...] = ()

    def standard_field(self, name: StandardName) -> StandardField:
        return next((field for field in self.standard if field.name == name), StandardField(name=name))


def problem(field: FormField) -> str | None:
    """What is wrong with a field as a merchant describes it; None: nothing."""
    if field.id < FIRST_CUSTOM_FIELD:
        return f"must have an id from {FIRST_CUSTOM_FIELD} on"
    if field.is_choice != bool(field.options):
        return "must have options if something is chosen in it, and only then"
    if len(set(field.options)) != len(field.options):
        return "may not have the same option twice"
    if field.kind not in ("number", "date") and (field.min or field.max):
        return "may have min and max only if it is a number or a date"
    if any(limit and _comparable(field, limit) is None for limit in (field.min, field.max)):
        return f"must have min and max that are a {field.kind}"
    low, high = (_comparable(field, limit) if limit else None for limit in (field.min, field.max))
    if low is not None and high is not None and low > high:
        return "must have a min that is not above its max"
    return None


def standard_problem(field: StandardField) -> str | None:
    """What is wrong with what a merchant changed of a field that every shop has; None: nothing."""
    if field.required and field.name not in OPTIONAL:
        return f"cannot be required: that is said of {', '.join(OPTIONAL)} only"
    return None


def unmet(forms: FormFields, fields: Sequence[FormField], address: Address) -> list[str]:
    """What an address still has to say, or says wrongly, as ends of sentences. `fields`: those of the merchant's own in the form it
    was typed into. Values of fields that the form does not have are nobody's business."""
    found = [_standard_complaint(field, address) for field in forms.standard]
    return [complaint for complaint in found if complaint] + unmet_own(fields, address.custom_fields)


def unmet_own(fields: Sequence[FormField], given: Iterable[CustomField]) -> list[str]:
    """The same of a form's own fields alone."""
    values = {entry.field_id: entry.field_value for entry in given}
    found = [_complaint(field, _chosen(values.get(field.name, ""))) for field in fields]
    return [complaint for complaint in found if complaint]


def _standard_complaint(field: StandardField, address: Address) -> str:
    value, label = str(getattr(address, field.name)).strip(), field.label or field.name.replace("_", " ")
    if field.required and not value:
        return f"lacks {label}"
    if field.max_length and len(value) > field.max_length:
        return f"has more than {field.max_length} characters for {label}"
    return ""


def _chosen(value: str | Sequence[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    return [text.strip() for text in texts if text.strip()]


def _complaint(field: FormField, values: Sequence[str]) -> str:
    if not values:
        return f"lacks {field.label}" if field.required else ""
    if len(values) > 1 and field.kind != "checkbox":
        return f"has several values for {field.label}"
    if field.is_choice:
        known = {*field.options, *(str(place) for place in range(len(field.options)))}
        wrong = [value for value in values if value not in known]
        return f"has {wrong[0]!r} for {field.label}, which cannot be chosen" if wrong else ""
    value = values[0]
    if field.max_length and len(value) > field.max_length:
        return f"has more than {field.max_length} characters for {field.label}"
    if field.kind not in ("number", "date"):
        return ""
    number = _comparable(field, value)
    if number is None:
        return f"has {value!r} for {field.label}, which is no {field.kind}"
    low, high = (_comparable(field, limit) if limit else None for limit in (field.min, field.max))
    if low is not None and number < low:
        return f"has {value} for {field.label}; the least is {field.min}"
    if high is not None and number > high:
        return f"has {value} for {field.label}; the most is {field.max}"
    return ""


def _comparable(field: FormField, text: str) -> int | None:
    """A whole number, or a day as a number; None: neither."""
    if field.kind == "number":
        return int(text) if NUMBER.fullmatch(text) else None
    try:
        return datetime.date.fromisoformat(text).toordinal()
    except ValueError:
        return None
