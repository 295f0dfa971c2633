"""What a merchant asks of some customers, or for many units, in the place of the catalog's price. Pure.

Rules of a customer group come first: the one for the product, else those for its categories, else the one for everything; of
several the lowest price. A sale price that is lower stays. A bulk rule then changes what is asked by how many units there are.
Both work on the price of one unit in the store's own currency, rounded to its places; no price falls below 0.
"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from checkstand.domain import measures
from checkstand.domain.money import Currency, Money, share
from checkstand.errors import Invalid

Method = Literal["percent", "price", "fixed"]
"""A percentage off, an amount off, or another price."""

LARGEST_QUANTITY = 2**31 - 1


class BulkPricingRule(Struct, frozen=True, kw_only=True):
    """From `quantity_min` units on up to `quantity_max` of them (0: any number). `amount` is in major units, or per cent."""

    id: int
    quantity_min: int
    quantity_max: int = 0
    type: Method
    amount: Decimal

    def holds_for(self, units: int) -> bool:
        return self.quantity_min <= units and (not self.quantity_max or units <= self.quantity_max)


class DiscountRule(Struct, frozen=True, kw_only=True):
    """A customer group's price for everything, or for the goods of one category or product. `amount` as in bulk rules."""

    type: Literal["all", "category", "product"]
    method: Method
    amount: Decimal
    category_id: int = 0
    product_id: int = 0

    def covers(self, product_id: int, category_ids: Collection[int]) -> bool:
        match self.type:
            case "product":
                return self.product_id == product_id
            case "category":
                return self.category_id in category_ids
            case _:
                return True


RANKS = ("product", "category", "all")


def group_price(
    price: Money,
    asked: Money,
    rules: Sequence[DiscountRule],
    product_id: int,
    category_ids: Collection[int],
    currency: Currency,
) -> Money:
    """What a member of a group is asked for goods of which the catalog says `price`, and `asked` while they are on sale."""
    covering = [rule for rule in rules if rule.covers(product_id, category_ids)]
    for rank in RANKS:
        offers = [_changed(price, rule.method, rule.amount, currency) for rule in covering if rule.type == rank]
        if offers:
            lowest = min(offers)
            return asked.at_most(lowest) if asked != price else lowest
    return asked


def bulk_price(asked: Money, rules: Iterable[BulkPricingRule], units: int, currency: Currency) -> Money:
    """What is asked for each of so many units: by the first rule that holds."""
    for rule in rules:
        if rule.holds_for(units):
            return _changed(asked, rule.type, rule.amount, currency)
    return asked


def _changed(price: Money, method: Method, amount: Decimal, currency: Currency) -> Money:
    match method:
        case "percent":
            return price - share(price, amount)
        case "price":
            return price - currency.money(amount).at_most(price)
        case _:
            return currency.money(amount)


# ---------------------------------------------------------------------------------------------------- checks


def check_bulk_rules(rules: Sequence[BulkPricingRule], currency: Currency) -> None:
    """Raises `Invalid` naming the field: for what could not be calculated with, and for rules of which two would hold."""
    for index, rule in enumerate(rules):
        field = f"bulk_pricing_rules.{index}"
        least = 2 if rule.type == "fixed" else 0
        if not least <= rule.quantity_min <= LARGEST_QUANTITY:
            raise Invalid.field(f"{field}.quantity_min", f"must be {least} or more")
        if rule.quantity_max and not rule.quantity_min < rule.quantity_max <= LARGEST_QUANTITY:
            raise Invalid.field(f"{field}.quantity_max", "must be above quantity_min, or 0 for any number")
        _check_amount(rule.type, rule.amount, f"{field}.amount", currency)
        for other in rules[:index]:
            if rule.holds_for(other.quantity_min) or other.holds_for(rule.quantity_min):
                raise Invalid.field(f"{field}.quantity_min", "lies within the quantities of another rule")


def check_discount_rules(rules: Sequence[DiscountRule], currency: Currency) -> None:
    """Raises `Invalid` naming the field."""
    for index, rule in enumerate(rules):
        field = f"discount_rules.{index}"
        if rule.type != "all" and not getattr(rule, f"{rule.type}_id"):
            raise Invalid.field(f"{field}.{rule.type}_id", "is required")
        _check_amount(rule.method, rule.amount, f"{field}.amount", currency)


def _check_amount(method: Method, amount: Decimal, field: str, currency: Currency) -> None:
    if method == "percent":
        measures.percent(amount, field)
    else:
        currency.price(amount, field)
