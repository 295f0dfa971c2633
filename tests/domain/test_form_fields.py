"""Forms of a shop: which descriptions of fields are refused, and what is held against what was typed."""

import pytest

from checkstand.domain.address import CustomField
from checkstand.domain.form_fields import FormField, StandardField, problem, standard_problem, unmet_own

FLOOR = FormField(id=26, label="Floor", kind="number", min="0", max="40")


@pytest.mark.parametrize(("typed", "lacks"), [("7", []), ("+7", []), ("7.5", True), ("1_0", True), ("\uff17", True)])
def test_a_number_is_a_whole_one_in_digits(typed: str, lacks: object) -> None:
    said = unmet_own([FLOOR], [CustomField("field_26", typed)])

    assert said == ([f"has {typed!r} for Floor, which is no number"] if lacks else [])


@pytest.mark.parametrize(
    "field",
    [
        FormField(id=26, label="Floor", kind="number", min="5", max="1"),
        FormField(id=27, label="Day", kind="date", min="2026-02-01", max="2026-01-31"),
    ],
)
def test_a_field_that_nobody_can_fill_in_is_none(field: FormField) -> None:
    assert problem(field) == "must have a min that is not above its max"


def test_only_what_other_shops_leave_open_can_be_required() -> None:
    assert standard_problem(StandardField(name="phone", required=True)) is None
    assert standard_problem(StandardField(name="postal_code", required=True)) == (
        "cannot be required: that is said of company, phone, address2 only"
    )
