"""What promotions give away, and to which consignments. A gift goes where it was earned: each consignment gets as many sets as its
own goods meet the condition, and sets that only several together meet go to the first that holds a part of them. Where the store
says so all of them go to the first consignment. What is no longer in stock is not given.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from checkstand.domain.checkout import Checkout, PickupChoice, Wanted
from checkstand.domain.facts import Facts, Product, Variant
from checkstand.domain.promotions import Basket, Promotion, Rule
from checkstand.domain.promotions.action import GivenGift
from checkstand.domain.promotions.conditions import Met

UNASSIGNED = ""


class Earned(Struct, frozen=True):
    """Units of a variant that a rule of a promotion gives away, by consignment (`UNASSIGNED`: in none yet)."""

    promotion: Promotion
    rule: int
    product: Product
    variant: Variant
    units: tuple[tuple[str, int], ...]


class Giving:
    """What one checkout was given so far, so that no unit is given twice."""

    def __init__(self, checkout: Checkout, facts: Facts) -> None:
        self._checkout, self._facts = checkout, facts
        self._taken: dict[tuple[int, int], int] | None = None

    def earned(self, promotion: Promotion, index: int, met: Met, basket: Basket, gift: GivenGift) -> Earned | None:
        """None where there is nothing to give, or nobody to give it to."""
        goods = goods_of(gift, self._facts.products.values())
        rule = promotion.rules[index]
        if goods is None or not basket.items:
            return None
        product, variant = goods
        given = []
        for place, sets in self._places(rule, met, basket, is_shipped=product.type == "physical").items():
            units = self._available(variant.id, place, gift.quantity * sets)
            if units:
                given.append((place, units))
        return Earned(promotion, index, product, variant, tuple(given)) if given else None

    def _places(self, rule: Rule, met: Met, basket: Basket, *, is_shipped: bool) -> Mapping[str, int]:
        """Consignment -> sets."""
        sets = 1 if rule.apply_once else met.sets
        if not is_shipped:
            return {UNASSIGNED: sets}
        order = [consignment.id for consignment in self._checkout.consignments]
        if order and self._facts.store.promotion_settings.gifts_join_first_consignment:
            return {order[0]: sets}
        held = {item.place for item in basket.items if item.is_shippable}
        places = [place for place in (*order, UNASSIGNED) if place in held]
        if not places:  # what earned it is not shipped
            return {order[0]: sets} if order else {}
        found: dict[str, int] = {}
        for place in places if met.is_conditional else ():
            there = Basket(
                [item for item in basket.items if item.place == place], basket.left, basket.minor, basket.is_cumulative
            )
            alone = min(rule.met(there).sets, sets)
            if alone:
                found[place] = alone
                sets -= alone
        if sets:
            parts = {item.place for need in met.needs for item in need.items if item.is_shippable}
            first = next((place for place in places if place in parts), places[0])
            found[first] = found.get(first, 0) + sets
        return found

    def _available(self, variant_id: int, place: str, units: int) -> int:
        """How many of the units the place they come from still has, beside those that are bought; they are taken."""
        stock = self._facts.stock.get(variant_id)
        if stock is None:
            return units
        if self._taken is None:
            self._taken = self._bought()
        location_id = self._location(place)
        key = (variant_id, location_id if location_id in stock else 0)
        taken = self._taken.get(key, 0)
        units = max(0, min(units, stock.get(key[1], 0) - taken))
        self._taken[key] = taken + units
        return units

    def _bought(self) -> dict[tuple[int, int], int]:
        place_of = {line_id: each.id for each in self._checkout.consignments for line_id in each.line_item_ids}
        taken: dict[tuple[int, int], int] = {}
        for line in self._checkout.lines:
            if line.gift is None and line.variant_id:
                location_id = self._location(place_of.get(line.id, UNASSIGNED))
                stock = self._facts.stock.get(line.variant_id, {})
                key = (line.variant_id, location_id if location_id in stock else 0)
                taken[key] = taken.get(key, 0) + line.quantity
        return taken

    def _location(self, place: str) -> int:
        """Where what a consignment holds is picked up; 0: it comes from the shop's pool."""
        selected = next((each.selected for each in self._checkout.consignments if each.id == place), None)
        match selected:
            case PickupChoice(pickup_method_id=int(method_id)) | Wanted(pickup_method_id=int(method_id)):
                method = self._facts.store.pickup_method(method_id)
                return method.location_id if method else 0
            case _:
                return 0


def goods_of(gift: GivenGift, products: Iterable[Product]) -> tuple[Product, Variant] | None:
    """The product and the variant, if the shop sells them; a product of several variants must say which."""
    for product in products:
        if gift.product_id not in (0, product.id):
            continue
        variant = product.variant(gift.variant_id) if gift.variant_id else product.variants[0]
        if variant is None or (not gift.variant_id and len(product.variants) > 1):
            continue
        return (product, variant) if product.is_visible and not variant.purchasing_disabled else None
    return None
