from collections.abc import Iterable, Sequence
from decimal import Decimal

from checkstand.domain.promotions.action import Action, Strategy
from checkstand.domain.promotions.choosing import choose, pool
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.item import Basket, Item, Taking, spread
from checkstand.domain.promotions.matchers import AnyMatcher

MOST_SETS = 2**31


class FixedPriceSet(Action, frozen=True, kw_only=True, tag="fixed_price_set"):
    """`quantity` units together cost `fixed_price`: three for 20.00. Sets are made in the order of the strategy; one that costs
    less anyway stays what it is. Units that meet the condition take part, unless they are excluded."""

    quantity: int
    fixed_price: Decimal
    items: AnyMatcher | None = None
    strategy: Strategy = "LEAST_EXPENSIVE"
    exclude_items_on_sale: bool = False
    include_items_considered_by_condition: bool = True

    def takings(self, basket: Basket, met: Met, apply_once: bool) -> Sequence[Taking]:
        found = pool(basket, self.items, self.strategy, self.exclude_items_on_sale)
        if not found:
            return ()
        sets = 1 if apply_once else met.sets if met.is_conditional else MOST_SETS
        sets = min(sets, sum([item.quantity for item in found]) // self.quantity)
        if not sets:
            return ()
        keeps = not self.include_items_considered_by_condition
        choice = choose(found, self.strategy, met, sets=sets, each=self.quantity, keeps_condition=keeps)
        return self._off(choice.units, basket)

    def _off(self, units: Sequence[tuple[Item, int]], basket: Basket) -> list[Taking]:
        """Whole sets inside one line are worked out at once, however many they are."""
        price, off = basket.minor(self.fixed_price), dict[str, int]()
        begun: list[tuple[Item, int]] = []

        def close(parts: Sequence[tuple[Item, int]], sets: int) -> None:
            weights = [(item.line_id, basket.worth(item, count)) for item, count in parts]
            less = sum([weight for _, weight in weights]) - price * sets
            for taking in spread(less, weights) if less > 0 else ():
                off[taking.target] = off.get(taking.target, 0) + taking.minor

        for item, all_units in units:
            count = all_units
            while count:
                missing = self.quantity - sum([held for _, held in begun])
                if not begun and count >= self.quantity:
                    sets, count = divmod(count, self.quantity)
                    close([(item, sets * self.quantity)], sets)
                else:
                    held = min(missing, count)
                    begun.append((item, held))
                    count -= held
                    if held == missing:
                        close(begun, 1)
                        begun = []
        return [Taking(line_id, min(minor, basket.left[line_id])) for line_id, minor in off.items()]

    def amounts(self) -> Iterable[tuple[str, Decimal]]:
        yield "fixed_price", self.fixed_price
