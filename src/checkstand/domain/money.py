"""Exact amounts of money: whole minor units of one currency. No binary floats anywhere.

Rounding is half away from zero (BEHAVIOUR D49), and stands in `round_half_away` alone: `share` takes a percentage with it,
`converted` another currency. `allocate` spreads an amount over weights, largest remainders, so that the parts add up to the
whole (D50).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from checkstand.errors import Invalid

LARGEST_MINOR = 10**15 - 1
"""Above this a JSON number made from minor units would no longer round-trip exactly."""

MOST_DIGITS = 15
"""No amount above 10 to this power is looked at any further."""


class Currency(Struct, frozen=True, kw_only=True):
    """A currency as a shop shows it. `decimal_places` is 2 for USD, 0 for JPY, 3 for KWD."""

    code: str
    name: str = ""
    symbol: str = ""
    decimal_places: int = 2

    @property
    def zero(self) -> "Money":
        return Money(0, self.code)

    def money(self, amount: Decimal | str | int, field: str = "amount") -> "Money":
        """An amount in major units as `Money`. Raises `Invalid` for more places than the currency has (D59)."""
        given = Decimal(amount)
        if not given.is_finite() or given.adjusted() > MOST_DIGITS:  # before any arithmetic: it would overflow
            raise Invalid.field(field, "is not an amount of money this server can handle")
        scaled = given.scaleb(self.decimal_places).to_integral_value()
        if abs(scaled) > LARGEST_MINOR:
            raise Invalid.field(field, "is not an amount of money this server can handle")
        if scaled.scaleb(-self.decimal_places) != given:  # compared with what was given, which is not rounded
            raise Invalid.field(field, f"may have at most {self.decimal_places} decimal places in {self.code}")
        return Money(int(scaled), self.code)

    def price(self, amount: Decimal, field: str = "price") -> "Money":
        """An amount that may be nothing but not less. Raises `Invalid`."""
        money = self.money(amount, field)
        if money.minor < 0:
            raise Invalid.field(field, "must be 0 or more")
        return money

    def text(self, amount: "Money") -> str:
        """An amount in major units, with all the places of the currency: `12.30`."""
        return str(amount.major(self.decimal_places))


class CurrencyDetails(Struct, frozen=True, kw_only=True):
    """What a merchant says of a currency that no amount depends on: how it is written, where, and whether carts may be in it.

    `is_transactional` false: prices are shown in it, and nobody pays in it. `default_for_country_codes` and `auto_update` are
    kept and shown. Without `id` and `last_updated` it came with a shop file that does not say.
    """

    id: int = 0
    country_iso2: str = ""
    default_for_country_codes: tuple[str, ...] = ()
    token_location: Literal["left", "right"] = "left"
    decimal_token: str = "."
    thousands_token: str = ","
    auto_update: bool = False
    enabled: bool = True
    is_transactional: bool = True
    use_default_name: bool = False
    last_updated: datetime | None = None


class OtherCurrency(Currency, frozen=True, kw_only=True):
    """A currency besides the store's own. `exchange_rate`: units of it for one unit of the store's own."""

    exchange_rate: Decimal = Decimal(1)
    details: CurrencyDetails = CurrencyDetails()


class Money(Struct, frozen=True, array_like=True, gc=False):
    """`minor` units (cents) of `currency` (an ISO 4217 code). Amounts of two currencies never mix."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, f"{self.currency} and {other.currency} do not add up"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, f"{self.currency} and {other.currency} do not add up"
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        assert self.currency == other.currency
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        assert self.currency == other.currency
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    @property
    def zero(self) -> "Money":
        return Money(0, self.currency)

    def major(self, decimal_places: int) -> Decimal:
        """The amount in major units, of a currency with so many places."""
        return Decimal(self.minor).scaleb(-decimal_places)

    def at_most(self, limit: "Money") -> "Money":
        return self if self <= limit else limit


def round_half_away(numerator: int, denominator: int) -> int:
    """`numerator / denominator` (denominator above 0) to the nearest integer, halves away from zero (D49)."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (denominator + 2 * numerator) // (2 * denominator)


def share(amount: Money, percent: Decimal) -> Money:
    """`percent` per cent of an amount, rounded once: `share(31.95 USD, 4) == 1.28 USD`."""
    if not amount.minor:
        return amount
    numerator, denominator = percent.as_integer_ratio()
    return Money(round_half_away(amount.minor * numerator, denominator * 100), amount.currency)


def converted(amount: Money, rate: Decimal | Fraction, of: Currency, to: Currency) -> Money:
    """An amount in another currency: `rate` units of `to` for one of `of`, rounded once to the places of `to` (D82). Raises
    `Invalid` for more than can be shown exactly."""
    numerator, denominator = rate.as_integer_ratio()
    minor = round_half_away(amount.minor * numerator * 10**to.decimal_places, denominator * 10**of.decimal_places)
    if abs(minor) > LARGEST_MINOR:
        raise Invalid(f"An amount in {to.code} is larger than this server can show exactly.", code="amount_too_large")
    return Money(minor, to.code)


def total(amounts: Iterable[Money], zero: Money) -> Money:
    minor = 0
    for amount in amounts:
        assert amount.currency == zero.currency
        minor += amount.minor
    return Money(minor, zero.currency)


def allocate(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Spread an amount over weights (D50): floor each part, then one unit each to the largest remainders, the earlier first.

    The parts add up to `amount` exactly. All weights zero (or none): everything falls on the first part.
    5.00 over 13.99, 25, 49.99, 18.95 and 10 gives 0.59, 1.06, 2.12, 0.80 and 0.43.
    """
    if not weights:
        assert not amount, "an amount cannot be spread over nothing"
        return []
    whole, sign = abs(amount.minor), 1 if amount.minor >= 0 else -1
    weight_sum = sum(weights)
    if weight_sum == 0:
        return [amount, *(amount.zero for _ in weights[1:])]
    parts = [whole * weight // weight_sum for weight in weights]
    remainders = [whole * weight % weight_sum for weight in weights]
    left = whole - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
        parts[index] += 1
    return [Money(sign * part, amount.currency) for part in parts]
