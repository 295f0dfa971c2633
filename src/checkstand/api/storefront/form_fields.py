"""The fields of the shop's forms: those every shop has, under the numbers and labels of the recordings, then the merchant's own."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from checkstand.api.http import Call, Endpoint
from checkstand.domain.form_fields import FieldKind, FormField, FormFields
from checkstand.domain.passwords import PASSWORD_RULES
from checkstand.errors import Invalid


class FieldItem(Struct):
    value: str
    label: str


class FieldOptions(Struct, rename="camel"):
    helper_label: str
    items: list[FieldItem]


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
    min: str | UnsetType = UNSET
    max: str | UnsetType = UNSET
    secret: bool | UnsetType = UNSET
    requirements: PasswordRules | UnsetType = UNSET


class FormFieldGroups(Struct, rename="camel", omit_defaults=True):
    """Those that were asked for; all of them, if nothing was said."""

    customer_account: list[FieldShape] | UnsetType = UNSET
    shipping_address: list[FieldShape] | UnsetType = UNSET
    billing_address: list[FieldShape] | UnsetType = UNSET


GROUPS = ("customerAccount", "shippingAddress", "billingAddress")
ADDRESS = [
    ("firstName", "first_name", "First Name", True),
    ("lastName", "last_name", "Last Name", True),
    ("company", "company", "Company Name", False),
    ("phone", "phone", "Phone Number", False),
    ("address1", "address1", "Address Line 1", True),
    ("address2", "address2", "Address Line 2", False),
    ("city", "city", "Suburb/City", True),
    ("countryCode", "country_code", "Country", True),
    ("stateOrProvince", "state_or_province", "State/Province", True),
    ("postalCode", "postal_code", "Zip/Postcode", True),
]
"""Name, name in the domain, label, whether it is required in every shop; in the order of their numbers."""
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
        _address(fields, fields.shipping_address, FIRST_OF_SHIPPING) if "shippingAddress" in wanted else UNSET,
        _address(fields, fields.billing_address, FIRST_OF_BILLING) if "billingAddress" in wanted else UNSET,
    )


def _address(fields: FormFields, own: Sequence[FormField], first: int) -> list[FieldShape]:
    shown = []
    for number, (name, known, label, required) in enumerate(ADDRESS, first):
        field = _text(number, name, label, required=required or known in fields.required_in_addresses)
        if name == "countryCode":
            field.default, field.type, field.field_type = None, "array", "dropdown"
            field.options = FieldOptions("Choose a Country", [])  # the client fills it from the list of countries
        if name == "stateOrProvince":
            field.default, field.type, field.field_type = (
                None,
                UNSET,
                UNSET,
            )  # a text or a choice, as the country has it
        shown.append(field)
    return shown + [_own(field) for field in own]


def _account(fields: FormFields) -> list[FieldShape]:
    password = _text(PASSWORD, "password", "Password")
    password.field_type, password.secret = "password", True
    rules = PASSWORD_RULES
    password.requirements = PasswordRules(rules.alpha, rules.numeric, rules.minlength, rules.text)
    names = _address(FormFields(), (), FIRST_OF_SHIPPING)[:2]
    return [*names, _text(EMAIL, "email", "Email Address"), password, *map(_own, fields.customer_account)]


def _text(number: int, name: str, label: str, *, required: bool = True) -> FieldShape:
    return FieldShape(f"field_{number}", name, False, label, required, "", None, "string", "text")


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
        shape.options = FieldOptions("Choose an option", items)
    if field.min:
        shape.min = field.min
    if field.max:
        shape.max = field.max
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
