"""Numbers that are no money: weights and percentages. Exact, and small enough to be calculated with at once."""

from decimal import Decimal

from checkstand.errors import Invalid

PLACES = 4
LARGEST_WEIGHT = 10**9


def weight(value: Decimal, field: str) -> Decimal:
    """A weight or a length in the store's unit. Raises `Invalid`."""
    return measure(value, field, LARGEST_WEIGHT)


def percent(value: Decimal, field: str) -> Decimal:
    """A part of a hundred, at most all of it. Raises `Invalid`."""
    return measure(value, field, 100)


def measure(value: Decimal, field: str, most: int) -> Decimal:
    """A number from 0 to `most` with a few decimal places. Raises `Invalid`."""
    if not value.is_finite() or not 0 <= value <= most:
        raise Invalid.field(field, f"must be a number from 0 to {most}")
    rounded = round(value, PLACES)
    if rounded != value:
        raise Invalid.field(field, f"may have at most {PLACES} decimal places")
    return rounded.normalize() + 0  # 5.00 and 5 are one value, and 0 has no sign


def number(value: Decimal) -> int | float:
    """A measure as a JSON number: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
