"""Taxes as a merchant sets them up: settings, classes of goods, zones, and the rates due in a zone (BEHAVIOUR 8). Pure.

A rate has a percentage for each class of goods. Rates of the same priority are due on the same amount; those of the next
priority on that amount and the taxes before it (D74). `Steps` is a zone's answer for one class, ready to be calculated with.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from msgspec import Struct

from checkstand.domain.address import Address
from checkstand.domain.money import round_half_away
from checkstand.domain.postal_codes import matches

DEFAULT_ZONE = 1
"""The zone of everywhere else: it has no places of its own and cannot be deleted or disabled."""

DEFAULT_CLASS, NON_TAXABLE_CLASS, SHIPPING_CLASS, WRAPPING_CLASS = 0, 1, 2, 3


class TaxClass(Struct, frozen=True):
    """Without times it came with the store, or with a shop file that does not say."""

    id: int
    name: str
    created_at: datetime | None = None
    updated_at: datetime | None = None


TAX_CLASSES = (
    TaxClass(NON_TAXABLE_CLASS, "Non-Taxable Products"),
    TaxClass(SHIPPING_CLASS, "Shipping"),
    TaxClass(WRAPPING_CLASS, "Gift Wrapping"),
)
"""Those every store has, besides the default class, which is 0 and has no entry (D40)."""

Strategy = Literal["ZONE", "INCLUSIVE", "EXCLUSIVE"]


class TaxSettings(Struct, frozen=True, kw_only=True):
    """`tax_entered_with_prices`: amounts of the merchant hold the store's own tax. `should_subtract_store_tax`: a shopper from
    elsewhere pays them without it, with his own instead; otherwise everybody pays the same and only the part of tax differs.

    The classes of what is no product are ours to set: the published settings do not name them (D46).
    """

    tax_entered_with_prices: bool = False
    control_panel_price_display_strategy: Strategy = "ZONE"
    invoice_price_display_strategy: Strategy = "ZONE"
    fallback_strategy: Literal["FIXED", "BASIC", "DISABLE"] = "FIXED"
    should_subtract_store_tax: bool = True
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool = False
    guest_shopper_tax_zone_id: int = DEFAULT_ZONE
    store_tax_zone_id: int = DEFAULT_ZONE
    document_submission_strategy: Literal["ON_PAYMENT_CAPTURE", "ON_ORDER_CREATION"] = "ON_PAYMENT_CAPTURE"
    rounding_strategy: Literal["RATE_ROUNDING", "NO_ROUNDING"] = "RATE_ROUNDING"
    shipping_tax_class_id: int = SHIPPING_CLASS
    handling_tax_class_id: int = SHIPPING_CLASS
    wrapping_tax_class_id: int = WRAPPING_CLASS
    fee_tax_class_id: int = DEFAULT_CLASS


class ClassRate(Struct, frozen=True):
    """`rate` in per cent for goods of one tax class; class 0 stands for the store's default class (D40)."""

    tax_class_id: int
    rate: Decimal


class TaxRate(Struct, frozen=True, kw_only=True):
    """`name` is what `taxes[]` shows. A class it does not name is free of it."""

    id: int
    name: str = "Tax"
    enabled: bool = True
    priority: int = 1
    class_rates: tuple[ClassRate, ...] = ()

    def percent(self, tax_class_id: int) -> Decimal:
        return next((each.rate for each in self.class_rates if each.tax_class_id == tax_class_id), Decimal(0))


class TaxLocation(Struct, frozen=True, kw_only=True):
    """A country, or only some of its subdivisions, or only some postal codes, as in `postal_codes`."""

    country_code: str
    subdivision_codes: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()

    def rank(self, address: Address) -> int:
        """How closely it describes an address: 4 by postal code, 3 by subdivision, 2 by country; 0: not at all."""
        if address.country_code != self.country_code:
            return 0
        if self.postal_codes:
            codes = self.postal_codes
            return 4 if any(matches(code, address.postal_code, self.country_code) for code in codes) else 0
        if self.subdivision_codes:
            given_names = (address.state_or_province_code.casefold(), address.state_or_province.casefold())
            return 3 if any(code.casefold() in given_names for code in self.subdivision_codes) else 0
        return 2


class Portion(Struct, frozen=True):
    """One rate for one class of goods: `numerator / denominator` of what it is due on."""

    name: str
    priority: int
    numerator: int
    denominator: int


class Steps(Struct, frozen=True):
    """What is due on an amount: portions by priority, lowest first. `numerator / denominator` of a net amount is the gross one."""

    groups: tuple[tuple[Portion, ...], ...]
    numerator: int
    denominator: int

    def net(self, gross: int) -> int:
        """What a gross amount is without tax, rounded once (D74)."""
        return round_half_away(gross * self.denominator, self.numerator)

    def gross(self, net: int) -> int:
        """What a net amount is with tax, rounded once."""
        return round_half_away(net * self.numerator, self.denominator)


NO_STEPS = Steps((), 1, 1)


class TaxZone(Struct, frozen=True, kw_only=True, dict=True):
    """Where which rates are due, and whether shoppers there see prices with tax. No locations: everywhere else. No customer
    groups: for everybody; group 0 is that of guests and of customers without a group."""

    id: int
    name: str
    enabled: bool = True
    locations: tuple[TaxLocation, ...] = ()
    customer_groups: tuple[int, ...] = ()
    show_inclusive: bool = False
    show_both_on_detail_view: bool = False
    show_both_on_list_view: bool = False
    rates: tuple[TaxRate, ...] = ()

    def rank(self, address: Address) -> int:
        """As `TaxLocation.rank`; 1 for a zone of everywhere."""
        return max((location.rank(address) for location in self.locations), default=1)

    @cached_property
    def _steps(self) -> dict[int, Steps]:
        return {}

    def steps(self, tax_class_id: int) -> Steps:
        """What is due on goods of a class here."""
        if tax_class_id not in self._steps:
            self._steps[tax_class_id] = _steps(self.rates, tax_class_id)
        return self._steps[tax_class_id]


def _steps(rates: tuple[TaxRate, ...], tax_class_id: int) -> Steps:
    groups: dict[int, list[Portion]] = {}
    for rate in sorted(rates, key=lambda rate: (rate.priority, rate.id)):
        percent = rate.percent(tax_class_id)
        if rate.enabled and percent:
            numerator, denominator = percent.as_integer_ratio()
            groups.setdefault(rate.priority, []).append(Portion(rate.name, rate.priority, numerator, denominator * 100))
    if not groups:
        return NO_STEPS
    factor = Fraction(1)
    for group in groups.values():
        factor *= 1 + sum(Fraction(portion.numerator, portion.denominator) for portion in group)
    return Steps(tuple(tuple(group) for group in groups.values()), factor.numerator, factor.denominator)


def find_zone(zones: tuple[TaxZone, ...], address: Address, customer_group_id: int) -> TaxZone | None:
    """The zone of an address: the most specific one (postal code, subdivision, country, everywhere else), then one for the
    customer's group before one for all, then the lowest id (D72)."""
    best: tuple[int, bool, int] | None = None
    found = None
    for zone in zones:
        if not zone.enabled or (zone.customer_groups and customer_group_id not in zone.customer_groups):
            continue
        rank = zone.rank(address)
        key = (-rank, not zone.customer_groups, zone.id)
        if rank and (best is None or key < best):
            best, found = key, zone
    return found
