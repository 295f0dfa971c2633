"""What a merchant configured, with its amounts in the currency of a checkout (D82).

Amounts are given in the store's own currency: rates, fees and thresholds of shipping, coupons, promotions. A checkout in
another currency looks at copies in which each configured amount is converted, and rounded, once; all that is calculated from
them afterwards is in one currency. A copy is made at first use and kept with the store.
"""

from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.coupons import Coupon, PercentageDiscount
from checkstand.domain.facts import Store
from checkstand.domain.methods import ByTotal
from checkstand.domain.money import Currency, Money

T = TypeVar("T", bound=Struct)


def in_currency(entry: T, currency: Currency, store: Store) -> T:
    """A part of the store's configuration as checkouts in `currency` see it."""
    if currency.code == store.currency.code:
        return entry
    known, key = store.in_other_currencies, (id(entry), currency.code, currency.decimal_places)
    if key in known and known[key][0] is entry:
        found: T = known[key][1]
        return found
    converted: T = _Converter(store, currency).whole(entry)
    known[key] = (entry, converted)
    return converted


class _Converter:
    """Goes through a value and converts every amount in it, so that a new kind of method or promotion needs nothing here."""

    def __init__(self, store: Store, currency: Currency) -> None:
        self._store, self._currency = store, currency

    def whole(self, value: Any) -> Any:
        match value:
            case Money():
                return self._store.converted(value, self._currency)
            case ByTotal():
                limits = tuple(
                    replace(entry, lower=self._major(entry.lower), upper=self._major(entry.upper))
                    for entry in value.ranges
                )
                return self._fields(replace(value, ranges=limits))
            case PercentageDiscount():
                return replace(value, minimum=self._major(value.minimum))
            case Coupon():
                return replace(value, amount=self._major(value.amount), minimum=self._major(value.minimum))
            case Struct():
                return self._fields(value)
            case tuple():
                return tuple(self.whole(part) for part in value)
            case _:
                return value

    def _fields(self, value: Any) -> Any:
        changed = {}
        for name in value.__struct_fields__:
            part = getattr(value, name)
            converted = self.whole(part)
            if converted is not part:
                changed[name] = converted
        return replace(value, **changed) if changed else value

    def _major(self, amount: Decimal) -> Decimal:
        """An amount in major units: ranges and coupons have no currency of their own."""
        money = self._store.converted(self._store.currency.money(amount), self._currency)
        return Decimal(money.minor).scaleb(-self._currency.decimal_places)
