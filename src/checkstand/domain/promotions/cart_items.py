from collections.abc import Iterable, Sequence
from decimal import Decimal

from checkstand.domain.money import round_half_away
from checkstand.domain.promotions.action import Action, Amount, AnyReduction, GivenGift, Percentage, Strategy
from checkstand.domain.promotions.choosing import choose, in_cart_order, pool
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.item import Basket, Taking, capped, spread
from checkstand.domain.promotions.matchers import AnyMatcher, Products, Variants

HUNDRED = Decimal(100)


class CartItems(Action, frozen=True, kw_only=True, tag="cart_items"):
    """A percentage or an amount off units in the cart: `quantity` of them for each set of the condition, or all. Units that meet
    the condition are left alone, unless `include_items_considered_by_condition`.

    `as_total`: the amount is taken once for each set and spread, instead of off each unit. `add_free_item`, with 100 per cent
    off a single product: that is added as a gift where it can be, and discounted in the cart where it cannot.
    """

    discount: AnyReduction
    maximum: Decimal | None = None
    as_total: bool = False
    items: AnyMatcher | None = None
    include_items_considered_by_condition: bool = False
    exclude_items_on_sale: bool = False
    strategy: Strategy = "LEAST_EXPENSIVE"
    quantity: int | None = None
    add_free_item: bool = False

    def takings(self, basket: Basket, met: Met, apply_once: bool) -> Sequence[Taking]:
        found = pool(basket, self.items, self.strategy, self.exclude_items_on_sale)
        if not found:
            return ()
        choice = choose(
            found,
            self.strategy,
            met,
            sets=1 if apply_once else met.sets,
            each=self.quantity,
            keeps_condition=not self.include_items_considered_by_condition,
        )
        left, units = basket.left, choice.units
        if (
            self.quantity is None or self.as_total
        ):  # the strategy has chosen nothing, or all it can: lines have their own order
            units = in_cart_order(units, basket)
        discount = self.discount
        if type(discount) is Percentage:  # exactly: `isinstance` is slow where the answer is no
            numerator, denominator = discount.percent.as_integer_ratio()
            denominator *= 100
            takings = [
                Taking(
                    item.line_id,
                    min(round_half_away(basket.worth(item, count) * numerator, denominator), left[item.line_id]),
                )
                for item, count in units
            ]
        elif self.as_total:
            weights = [(item.line_id, min(item.price * count, left[item.line_id])) for item, count in units]
            off = min(basket.minor(discount.amount) * choice.sets, sum([weight for _, weight in weights]))
            takings = spread(off, weights) if off else []
        else:
            each = basket.minor(discount.amount)
            takings = []
            for item, count in units:
                minor, most = (each if each < item.price else item.price) * count, left[item.line_id]
                takings.append(Taking(item.line_id, minor if minor < most else most))
        return takings if self.maximum is None else capped(takings, basket.minor(self.maximum))

    def gift(self) -> GivenGift | None:
        if not self.add_free_item or not self.quantity:
            return None
        if not isinstance(self.discount, Percentage) or self.discount.percent != HUNDRED:
            return None
        match self.items:
            case Products(ids=(product_id,)):
                return GivenGift(product_id, 0, self.quantity)
            case Variants(ids=(variant_id,)):
                return GivenGift(0, variant_id, self.quantity)
            case _:
                return None

    def amounts(self) -> Iterable[tuple[str, Decimal]]:
        if isinstance(self.discount, Amount):
            yield "discount.fixed_amount", self.discount.amount
        if self.maximum is not None:
            yield "maximum_allowed_discount_amount", self.maximum
