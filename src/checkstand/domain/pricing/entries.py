"""The ledger of a checkout: every amount has a target, an amount and a source, and each total is a sum over entries.

Amounts are 0 or more; what an entry is decides its sign in a total. A target is a part of the checkout and, within it,
the id of a line item or a consignment.
"""

from typing import Literal

from msgspec import Struct

from checkstand.domain.money import Money

Part = Literal["line", "shipping", "handling"]
Level = Literal["product", "order", "coupon", "manual"]


class Entry(Struct, frozen=True, tag_field="entry"):
    part: Part
    target: str
    amount: Money
    source: str


class Charge(Entry, frozen=True, tag="charge"):
    """What the shop asks, before any discount, as the price was entered."""


class Discount(Entry, frozen=True, tag="discount"):
    """What a promotion takes off. `source_id` is the promotion's own id."""

    level: Level
    source_id: int


class Tax(Entry, frozen=True, tag="tax"):
    """What one rate adds to one target. `source` is the name of the rate, as `taxes[].name` shows it."""


AnyEntry = Charge | Discount | Tax
