"""When a rule applies, and how often: conditions are met by sets of units.

A condition on items is met as often as the cart holds its quantity and its value; one on the cart as a whole as often as the cart
is worth its value. `and` is met as often as the part that is met least, each part looked at by itself. What a set uses up are
the units a condition on items needs (`used`): an action may have to leave them alone.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from checkstand.domain.promotions.item import Basket, Item
from checkstand.domain.promotions.matchers import AnyMatcher, matching


class Need(Struct, frozen=True, gc=False):
    """What one set takes from some items: so many units, worth so much at least."""

    items: Sequence[Item]
    quantity: int
    spend: int


class Met(Struct, frozen=True, gc=False):
    """How many sets there are, and what each needs. `is_short_of_money`: it is not met, but would be by a dearer cart."""

    sets: int
    needs: tuple[Need, ...] = ()
    is_conditional: bool = True
    is_short_of_money: bool = False


ALWAYS = Met(1, is_conditional=False)


class CartCondition(Struct, frozen=True, kw_only=True, tag_field="kind", tag="cart"):
    """Without `items` only `minimum_spend` counts, of everything in the cart but gift certificates, as published."""

    items: AnyMatcher | None = None
    minimum_quantity: int = 0
    minimum_spend: Decimal = Decimal(0)

    def met(self, basket: Basket) -> Met:
        spend = basket.minor(self.minimum_spend) if self.minimum_spend else 0
        if self.items is None:
            if not spend:
                return Met(1)
            sets = sum([item.price * item.quantity for item in basket.items if item.is_counted]) // spend
            return Met(sets, is_short_of_money=not sets)
        found = [item for item in matching(self.items, basket) if item.is_counted]
        sets = sum([item.quantity for item in found])
        if self.minimum_quantity:
            sets //= self.minimum_quantity
        is_short_of_money = False
        if spend and sets:
            sets = min(sets, sum([item.price * item.quantity for item in found]) // spend)
            is_short_of_money = not sets
        return Met(sets, (Need(found, self.minimum_quantity, spend),), is_short_of_money=is_short_of_money)


class AllConditions(Struct, frozen=True, tag_field="kind", tag="all"):
    of: tuple["AnyCondition", ...]

    def met(self, basket: Basket) -> Met:
        parts = [condition.met(basket) for condition in self.of]
        return Met(
            min([part.sets for part in parts], default=1),
            tuple(need for part in parts for need in part.needs),
            is_short_of_money=all(part.sets or part.is_short_of_money for part in parts),
        )


class OneOfConditions(Struct, frozen=True, tag_field="kind", tag="one_of"):
    """Met by the first part that is."""

    of: tuple["AnyCondition", ...]

    def met(self, basket: Basket) -> Met:
        parts = [condition.met(basket) for condition in self.of]
        return next((part for part in parts if part.sets), parts[0] if parts else ALWAYS)


AnyCondition = CartCondition | AllConditions | OneOfConditions


def used(needs: Sequence[Need], sets: int, first: Callable[[Item], tuple[int, int]]) -> Mapping[str, int]:
    """Line id -> units that so many sets use up. Of the items that will do, those for which `first` is lowest are taken first; a
    unit that one part of an `and` needs does for another part as well."""
    units: dict[str, int] = {}
    for need in needs:
        wanted, spend = need.quantity * sets, need.spend * sets
        for item in need.items:
            wanted -= units.get(item.line_id, 0)
            spend -= units.get(item.line_id, 0) * item.price
        for item in sorted(need.items, key=first):
            if wanted <= 0 and spend <= 0:
                break
            dearly = -(-spend // item.price) if item.price and spend > 0 else 0
            more = min(item.quantity - units.get(item.line_id, 0), max(wanted, dearly))
            if more > 0:
                units[item.line_id] = units.get(item.line_id, 0) + more
                wanted -= more
                spend -= more * item.price
    return units
