"""The ledger of a checkout: every amount has a target, an amount and a source, and each total is a sum over entries.

Amounts are 0 or more; what an entry is decides its sign in a total. A target is a part of the checkout and, within it,
the id of a line item, a consignment, a fee or a payment. Charges and discounts are in the mode in which the merchant enters
prices, with or without tax (D70). `shown` is the same amount as shoppers see it, where that is another one.
"""

from typing import Literal

from msgspec import Struct

from checkstand.domain.money import Money

Part = Literal["line", "wrapping", "shipping", "handling", "fee", "order"]
Level = Literal["product", "order", "coupon", "manual"]


class Entry(Struct, frozen=True, gc=False, tag_field="entry"):
    part: Part
    target: str
    amount: Money
    source: str


class Charge(Entry, frozen=True, tag="charge"):
    """What the shop asks, before any discount, as the price was entered."""

    shown: Money | None = None

    @property
    def as_shown(self) -> Money:
        """The amount as shoppers see it."""
        return self.amount if self.shown is None else self.shown


class Discount(Entry, frozen=True, tag="discount"):
    """What a promotion takes off. `source_id` is the promotion's own id."""

    level: Level
    source_id: int
    shown: Money | None = None

    @property
    def as_shown(self) -> Money:
        """The amount as shoppers see it."""
        return self.amount if self.shown is None else self.shown


class IncludedTax(Entry, frozen=True, tag="included_tax"):
    """What of an amount that was entered with tax is tax. It is taken out before the shopper's own tax is added."""


class Tax(Entry, frozen=True, tag="tax"):
    """What one rate adds to one target. `source` is the name of the rate, as `taxes[].name` shows it."""

    priority: int = 1


class Payment(Entry, frozen=True, tag="payment"):
    """What is paid before the order is placed: by a gift certificate (its code is the target) or from store credit. `remaining`
    is what is left of the balance it is taken from; `taken` what it takes, where that is in another currency."""

    remaining: Money | None = None
    taken: Money | None = None


AnyEntry = Charge | Discount | IncludedTax | Tax | Payment
