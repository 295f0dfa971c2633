"""What a merchant configured, with its amounts in the currency of a checkout (D82).

Amounts are given in the store's own currency: rates, fees and thresholds of shipping, coupons. A checkout in
another currency looks at copies in which each configured amount is converted, and rounded, once; all that is calculated from
them afterwards is in one currency. A copy is made at first use and kept with the store.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.coupons import Coupon, PercentageDiscount
from checkstand.domain.facts import ShippingZone, Store
from checkstand.domain.methods import AnyMethod, ByTotal
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
    converted: T = _converted(entry, currency, store)
    known[key] = (entry, converted)
    return converted


def with_amounts(value: T, changed: Callable[[Money], Money], keep: tuple[type, ...] = ()) -> T:
    """A value with every amount in it changed, however deep it stands, but in those of the types to keep."""
    whole: T = _mapped(value, changed, keep)
    return whole


def _mapped(value: Any, changed: Callable[[Money], Money], keep: tuple[type, ...]) -> Any:
    if isinstance(value, Money):
        return changed(value)
    if isinstance(value, tuple):
        return tuple([_mapped(part, changed, keep) for part in value])
    if not isinstance(value, Struct) or isinstance(value, keep):
        return value
    return replace(value, **{name: _mapped(getattr(value, name), changed, keep) for name in value.__struct_fields__})


def _converted(entry: Any, currency: Currency, store: Store) -> Any:
    match with_amounts(entry, lambda amount: store.converted(amount, currency)):
        case ShippingZone() as zone:
            return replace(zone, methods=tuple(_with_limits(method, currency, store) for method in zone.methods))
        case PercentageDiscount() as coupon:
            return replace(coupon, minimum=_major(coupon.minimum, currency, store))
        case Coupon() as coupon:
            amount, minimum = (_major(given, currency, store) for given in (coupon.amount, coupon.minimum))
            return replace(coupon, amount=amount, minimum=minimum)
        case other:
            return other


def _with_limits(method: AnyMethod, currency: Currency, store: Store) -> AnyMethod:
    if not isinstance(method, ByTotal):
        return method
    ranges = [
        replace(each, lower=_major(each.lower, currency, store), upper=_major(each.upper, currency, store))
        for each in method.ranges
    ]
    return replace(method, ranges=tuple(ranges))


def _major(amount: Decimal, currency: Currency, store: Store) -> Decimal:
    """An amount in major units: ranges and coupons have no currency of their own."""
    return store.converted(store.currency.money(amount), currency).major(currency.decimal_places)
