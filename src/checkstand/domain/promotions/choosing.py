"""Which units of a cart an action discounts: those it is about, without the ones its condition has used up, in the order its
strategy says, as many as it may take.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from checkstand.domain.promotions.action import Strategy
from checkstand.domain.promotions.conditions import Met, used
from checkstand.domain.promotions.item import Basket, Item
from checkstand.domain.promotions.matchers import AnyMatcher, matching

NOTHING: Mapping[str, int] = {}


class Choice(Struct, frozen=True, gc=False):
    """The items in the order in which they are taken, each with the units that may be, and how many sets are used for it."""

    units: Sequence[tuple[Item, int]]
    sets: int

    @property
    def count(self) -> int:
        return sum([units for _, units in self.units])


def pool(basket: Basket, items: AnyMatcher | None, strategy: Strategy, exclude_items_on_sale: bool) -> list[Item]:
    """What a strategy chooses from, the first one first; the earlier line among those of one price."""
    found = [
        item
        for item in matching(items, basket)
        if item.is_discountable and not (exclude_items_on_sale and item.is_on_sale)
    ]
    if len(found) > 1:
        found.sort(key=lambda item: item.price, reverse=strategy.startswith("MOST"))
    return found


def choose(
    found: Sequence[Item], strategy: Strategy, met: Met, *, sets: int, each: int | None, keeps_condition: bool
) -> Choice:
    """What up to `sets` sets may take, `each` units at the most for one of them (None: all there are).

    `keeps_condition`: the units that meet the condition are not taken. It uses what the action is not about first, and then
    what the action would come to last; of two numbers of sets the one that leaves more to take is right.
    """
    if not keeps_condition or not met.needs:
        return Choice(_taken(found, strategy, NOTHING, None if each is None else each * sets), sets)
    about = {item.line_id for item in found}
    sign = 1 if strategy.startswith("MOST") else -1

    def first(item: Item) -> tuple[int, int]:
        return (int(item.line_id in about), sign * item.price)

    def after(number: int) -> Choice:
        most = None if each is None else each * number
        return Choice(_taken(found, strategy, used(met.needs, number, first), most), number)

    if each is None:
        return after(1)
    low, high = 1, max(sets, 1)
    while low < high:  # the largest number of sets whose units are all there; one more may find some of its own
        middle = (low + high + 1) // 2
        low, high = (middle, high) if after(middle).count == middle * each else (low, middle - 1)
    best = after(low)
    further = after(low + 1) if low < sets else best
    return further if further.count > best.count else best


def in_cart_order(units: Sequence[tuple[Item, int]], basket: Basket) -> list[tuple[Item, int]]:
    """What was chosen as it stands in the cart: ties and a maximum go by that (D50, D61)."""
    if len(units) < 2:
        return list(units)
    position = {item.line_id: index for index, item in enumerate(basket.items)}
    return sorted(units, key=lambda unit: position[unit[0].line_id])


def _taken(
    found: Sequence[Item], strategy: Strategy, gone: Mapping[str, int], most: int | None
) -> list[tuple[Item, int]]:
    """Units per item, after those that are gone; with `_ONLY` all of them have the price of the first."""
    taken: list[tuple[Item, int]] = []
    is_one_price = strategy.endswith("ONLY")
    for item in found:
        units = item.quantity - gone.get(item.line_id, 0)
        if most is not None:
            units = min(units, most)
        if units <= 0:
            continue
        if is_one_price and taken and taken[0][0].price != item.price:
            break
        taken.append((item, units))
        if most is not None:
            most -= units
    return taken
