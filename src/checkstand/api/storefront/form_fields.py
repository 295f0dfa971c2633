"""The fields of the shop's forms: those every shop has, under the numbers and labels of the recordings, then the merchant's own."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from checkstand.api.http import Call, Endpoint
from checkstand.domain.form_fields import OPTIONAL, FieldKind, FormField, FormFields, StandardField, StandardName
from checkstand.domain.passwords import PASSWORD_RULES
from checkstand.errors import Invalid


class FieldItem(Struct):
    value: str
    label: str


class FieldOptions(Struct, rename="camel"):
    """What may be chosen, or how many rows are shown."""

    helper_label: str | UnsetType = UNSET
    items: list[FieldItem] | UnsetType = UNSET
    rows: str | UnsetType = UNSET


class PasswordRules(Struct):
    alpha: str
    numeric: str
    minlength: int
    description: str


class FieldShape(Struct, rename="camel"):
    id: str
    name: str
    custom: bool
    label: str
    required: bool
    default: str | None
    max_length: int | None = None
    type: str | UnsetType = UNSET
    field_type: str | UnsetType = UNSET
    options: FieldOptions | UnsetType = UNSET
    min: str | UnsetType | None = UNSET
    max: str | UnsetType | None = UNSET
    secret: bool | UnsetType = UNSET
    requirements: PasswordRules | UnsetType = UNSET


class FormFieldGroups(Struct, rename="camel", omit_defaults=True):
    """Those that were asked for; all of them, if nothing was said."""

    customer_account: list[FieldShape] | UnsetType = UNSET
    shipping_address: list[FieldShape] | UnsetType = UNSET
    billing_address: list[FieldShape] | UnsetType = UNSET


GROUPS = ("customerAccount", "shippingAddress", "billingAddress")
ADDRESS: list[tuple[str, StandardName, str]] = [
    ("firstName", "first_name", "First Name"),
    ("lastName", "last_name", "Last Name"),
    ("company", "company", "Company Name"),
    ("phone", "phone", "Phone Number"),
    ("address1", "address1", "Address Line 1"),
    ("address2", "address2", "Address Line 2"),
    ("city", "city", "Suburb/City"),
    ("countryCode", "country_code", "Country"),
    ("stateOrProvince", "state_or_province", "State/Province"),
    ("postalCode", "postal_code", "Zip/Postcode"),
]
"""Name, name in the domain, label; in the order of their numbers."""
FIRST_OF_BILLING, FIRST_OF_SHIPPING = 4, 14
EMAIL, PASSWORD = 1, 2

TYPES: dict[FieldKind, tuple[str, str]] = {
    "text": ("string", "text"),
    "multiline": ("string", "multiline"),
    "number": ("integer", "text"),
    "date": ("date", "date"),
    "dropdown": ("array", "dropdown"),
    "radio": ("array", "radio"),
    "checkbox": ("array", "checkbox"),
}


async def get_form_fields(call: Call, body: None) -> FormFieldGroups:
    wanted = [name.strip() for value in call.query.get("filter", GROUPS) for name in value.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in GROUPS]:
        raise Invalid.field("filter", f"must be of {', '.join(GROUPS)}, not {unknown[0]}")
    fields = (await call.unit.store()).form_fields
    return FormFieldGroups(
        _account(fields) if "customerAccount" in wanted else UNSET,
        shipping_address(fields) if "shippingAddress" in wanted else UNSET,
        billing_address(fields) if "billingAddress" in wanted else UNSET,
    )


def shipping_address(fields: FormFields) -> list[FieldShape]:
    return _address(fields, fields.shipping_address, FIRST_OF_SHIPPING)


def billing_address(fields: FormFields) -> list[FieldShape]:
    return _address(fields, fields.billing_address, FIRST_OF_BILLING)


def _address(fields: FormFields, own: Sequence[FormField], first: int) -> list[FieldShape]:
    shown = []
    for number, (name, known, label) in enumerate(ADDRESS, first):
        field = _standard(number, name, label, fields.standard_field(known))
        if name == "countryCode":
            field.default, field.type, field.field_type = field.default or None, "array", "dropdown"
            field.options = FieldOptions("Choose a Country", [])  # the client fills it from the list of countries
        if name == "stateOrProvince":
            field.type = field.field_type = UNSET  # a text or a choice, as the country has it
            field.default = field.default or None
        shown.append(field)
    return shown + [_own(field) for field in own]


def _account(fields: FormFields) -> list[FieldShape]:
    password = _text(PASSWORD, "password", "Password")
    password.field_type, password.secret = "password", True
    rules = PASSWORD_RULES
    password.requirements = PasswordRules(rules.alpha, rules.numeric, rules.minlength, rules.text)
    names = _address(fields, (), FIRST_OF_SHIPPING)[:2]
    email = _standard(EMAIL, "email", "Email Address", fields.standard_field("email"))
    return [*names, email, password, *map(_own, fields.customer_account)]


def _standard(number: int, name: str, label: str, changed: StandardField) -> FieldShape:
    shape = _text(number, name, changed.label or label)
    shape.required = changed.required or changed.name not in OPTIONAL
    shape.default, shape.max_length = changed.default, changed.max_length or None
    return shape


def _text(number: int, name: str, label: str) -> FieldShape:
    return FieldShape(f"field_{number}", name, False, label, True, "", None, "string", "text")


def _own(field: FormField) -> FieldShape:
    kind, shown_as = TYPES[field.kind]
    shape = FieldShape(
        field.name,
        field.name,
        True,
        field.label,
        field.required,
        field.default,
        field.max_length or None,
        kind,
        shown_as,
    )
    if field.options:
        items = [FieldItem(str(place), label) for place, label in enumerate(field.options)]
        shape.options = FieldOptions(field.helper_label if field.kind == "dropdown" else UNSET, items)
    if field.kind == "multiline":
        shape.options = FieldOptions(rows=str(field.rows))
    if field.kind == "date":
        shape.min, shape.max = field.min, field.max
    if field.kind == "number":
        shape.min, shape.max = field.min or None, field.max or None
    if field.kind == "number" or field.is_choice:
        shape.default = field.default or None
    return shape


ENDPOINTS = [
    Endpoint(
        "GET",
        "/form-fields",
        get_form_fields,
        "List the fields of the shop's forms",
        answer=FormFieldGroups,
        query=("filter",),
        tag="Settings",
    ),
]
