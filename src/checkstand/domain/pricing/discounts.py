"""Run the promotions (BEHAVIOUR 11.3). No line gets below zero (D52).

1. Automatic promotions have their turn by priority, then id. In its turn a promotion takes its rules in order until the first that
   applied (one with `stop` false lets the next go on). One that may not be used with others needs that none applied before.
2. What it takes off single lines is taken at once; what it takes off the order waits until all of them had their turn, since
   product discounts come before order discounts. It is the chain of turns, though, that decides which of them apply.
3. Coupons follow in the order in which they were applied, the codes of promotions and the others: see `_Turns.coupons`.
4. A manual discount stands in the place of all that automatic promotions take off or give but for shipping (D83), and is taken
   before coupons. Codes count as they do without it.
5. What shipping actions give is worked out once options are chosen (`shipping_discounts`); here they apply when their conditions
   are met.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from checkstand.domain.checkout import AppliedCoupon, Checkout, GiftOf, ShippingOption
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money
from checkstand.domain.pricing.baskets import basket_for, items_of, minor_of
from checkstand.domain.pricing.coupons import line_discounts, standing
from checkstand.domain.pricing.eligibility import barred, code_promotion
from checkstand.domain.pricing.entries import Discount, Level
from checkstand.domain.pricing.gifts import Earned, Giving
from checkstand.domain.pricing.manual import manual_discounts
from checkstand.domain.promotions import Action, Basket, Item, Promotion, Rule, Shipment
from checkstand.domain.promotions.conditions import Met
from checkstand.domain.promotions.item import Taking


class ShippingRight(Struct, frozen=True, gc=False):
    """A shipping action that applies; for a code of a coupon promotion `coupon` is that code as it is applied."""

    promotion: Promotion
    action: Action
    coupon: AppliedCoupon | None = None

    def discount(self, taking: Taking, currency: str) -> Discount:
        amount = Money(taking.minor, currency)
        if self.coupon is None:
            return Discount("shipping", taking.target, amount, self.promotion.shown_name, "order", self.promotion.id)
        return Discount("shipping", taking.target, amount, self.coupon.code, "coupon", self.coupon.id)


class Discounts(Struct, frozen=True, gc=False):
    """What the promotions and coupons of a checkout take off its lines, and what that leaves: line id -> minor units, after product
    discounts (`sales`) and after all of them (`left`). `coupons` are those of the store's coupons whose conditions hold,
    `promotions` the ids of the promotions that applied, `gifts` what they give away."""

    product: tuple[Discount, ...]
    further: tuple[Discount, ...]
    sales: dict[str, int]
    left: dict[str, int]
    coupons: tuple[AnyCoupon, ...] = ()
    shipping: tuple[ShippingRight, ...] = ()
    promotions: frozenset[int] = frozenset()
    gifts: tuple[Earned, ...] = ()


def discounts(checkout: Checkout, listed: dict[str, int], facts: Facts) -> Discounts:
    """`listed`: line id -> minor units before any discount."""
    store = facts.store
    is_plain = not store.automatic_promotions and checkout.manual_discounts is None
    if is_plain and not checkout.coupons:
        return Discounts((), (), listed, listed)
    if is_plain and not any(applied.promotion_id for applied in checkout.coupons):
        coupons = standing(checkout, listed, facts)
        given, left = line_discounts(checkout, listed, coupons)
        return Discounts((), tuple(given), listed, left, coupons)
    items = items_of(checkout, facts)
    overriding = _overriding(checkout, listed, items, facts)
    if overriding is not None:
        return overriding.result()
    turns = _turns(checkout, listed, items, facts)
    for promotion in store.automatic_promotions:
        if turns.is_over:
            break
        if barred(promotion, checkout, facts) is None:
            turns.take(promotion)
    turns.take_off_order()
    return turns.coupons() if checkout.coupons else turns.result()


def _overriding(checkout: Checkout, listed: dict[str, int], items: Sequence[Item], facts: Facts) -> "_Turns | None":
    """The code that sets all other promotions and coupons aside, alone; the first of several."""
    for applied in checkout.coupons:
        promotion = code_promotion(applied, facts)
        if promotion is None or promotion.can_be_used_with_other_promotions:
            continue
        if promotion.coupon_overrides_other_promotions and barred(promotion, checkout, facts) is None:
            alone = _turns(checkout, listed, items, facts)
            alone.take_off_order()
            if alone.take(promotion, applied):
                return alone
    return None


class Waiting(Struct, frozen=True):
    """An order discount that waits until all product discounts are known."""

    promotion: Promotion
    rule: Rule
    met: Met
    basket: Basket

    def takings(self, left: Mapping[str, int]) -> Sequence[Taking]:
        """What it takes of what is left of the lines."""
        of = self.basket
        basket = Basket(of.items, left, of.minor, of.is_cumulative, of.found)
        return self.rule.action.takings(basket, self.met, self.rule.apply_once)


class _Turns(Struct, eq=False, gc=False):
    """What was taken so far. Makes one `Discounts` and is then forgotten. A `Struct`, since every answer needs one and a class of
    Python's own takes four times as long to make."""

    checkout: Checkout
    facts: Facts
    currency: str
    listed: dict[str, int]
    left: dict[str, int]
    items: Sequence[Item]
    basket: Basket
    """Its `left` is this one's."""
    is_over: bool = False
    is_closed: bool = False
    product: list[Discount] = []
    further: list[Discount] = []
    waiting: list[tuple[Waiting, Sequence[Taking]]] = []
    left_by_waiting: dict[str, int] | None = None
    """None: something was taken since that they have not seen."""
    shipping: list[ShippingRight] = []
    giving: Giving | None = None
    gifts: list[Earned] = []
    applied: set[int] = set()
    sales: dict[str, int] | None = None

    def take(self, promotion: Promotion, coupon: AppliedCoupon | None = None) -> bool:
        """The turn of one promotion: whether it applied."""
        is_alone = not promotion.can_be_used_with_other_promotions
        if is_alone and self.applied:
            return False
        basket = basket_for(promotion, self.basket)
        has_applied = False
        for index, rule in enumerate(promotion.rules):
            met = rule.met(basket)
            if met.sets and self._apply(promotion, index, met, basket, coupon):
                has_applied = True
                if rule.stop:
                    break
        if has_applied:
            self.applied.add(promotion.id)
            self.is_closed = is_alone
            self.is_over = is_alone or promotion.stop
        return has_applied

    def _apply(self, promotion: Promotion, index: int, met: Met, basket: Basket, coupon: AppliedCoupon | None) -> bool:
        rule = promotion.rules[index]
        action = rule.action
        if self.checkout.manual_discounts is not None and coupon is None and action.level != "shipping":
            return False  # what a person gave stands in its place (D83)
        if (gift := action.gift()) is not None:
            self.giving = self.giving or Giving(self.checkout, self.facts)
            earned = self.giving.earned(promotion, index, met, basket, gift)
            if earned is not None:
                self._give(earned)
                return True
        if action.level == "shipping":
            if any(item.is_shippable for item in basket.items):
                self.shipping.append(ShippingRight(promotion, action, coupon))
                return True
            return False
        if coupon is None and action.level == "order":
            return self._let_wait(Waiting(promotion, rule, met, basket))
        takings = action.takings(basket, met, rule.apply_once)
        if coupon is not None:
            return self._take_off(takings, coupon.code, "coupon", coupon.id, self.further)
        self.left_by_waiting = None
        return self._take_off(takings, promotion.shown_name, "product", promotion.id, self.product)

    def _let_wait(self, order: "Waiting") -> bool:
        """An order discount applies if it takes something of what those before it leave, should no more product discounts follow;
        those that do make all of them be worked out again."""
        if self.left_by_waiting is None:
            self._work_out_waiting()
        assert self.left_by_waiting is not None
        takings = order.takings(self.left_by_waiting)
        if not any(taking.minor for taking in takings):
            return False
        self.waiting.append((order, takings))
        for taking in takings:
            self.left_by_waiting[taking.target] -= taking.minor
        return True

    def _work_out_waiting(self) -> None:
        left = dict(self.left)
        for index, (order, _) in enumerate(self.waiting):
            takings = order.takings(left)
            self.waiting[index] = (order, takings)
            for taking in takings:
                left[taking.target] -= taking.minor
        self.left_by_waiting = left

    def _take_off(
        self, takings: Sequence[Taking], source: str, level: Level, source_id: int, given: list[Discount]
    ) -> bool:
        left, currency, before = self.left, self.currency, len(given)
        for taking in takings:
            most = left[taking.target]
            minor = taking.minor if taking.minor < most else most
            if minor > 0:
                left[taking.target] = most - minor
                given.append(Discount("line", taking.target, Money(minor, currency), source, level, source_id))
        return len(given) > before

    def _give(self, earned: Earned) -> None:
        """All of its price is taken off lines that hold the gift already."""
        promotion, of = earned.promotion, GiftOf(earned.promotion.id, earned.rule)
        self.left_by_waiting = None
        self.gifts.append(earned)
        for line in self.checkout.lines:
            if line.gift == of and (minor := self.left[line.id]):
                self.left[line.id] = 0
                amount = Money(minor, self.currency)
                self.product.append(Discount("line", line.id, amount, promotion.shown_name, "product", promotion.id))

    def take_off_order(self) -> None:
        """What was waiting for the product discounts, or what a person gave."""
        self.sales = dict(self.left)
        if self.waiting and self.left_by_waiting is None:
            self._work_out_waiting()
        for order, takings in self.waiting:
            self._take_off(takings, order.promotion.shown_name, "order", order.promotion.id, self.further)
        if (manual := self.checkout.manual_discounts) is not None:
            given, left = manual_discounts(self.checkout, manual, self.left)
            self.further += given
            self.left.update(left)

    # ------------------------------------------------------------------------------------------------ coupons

    def coupons(self) -> Discounts:
        """Coupons in the order in which they were applied. A promotion has its turn as above, once whatever its codes, after
        automatic ones that merely stop, not after one that is alone; with
        `coupon_overrides_automatic_when_offering_higher_discounts` it takes the place of the automatic promotions if it takes more
        off the goods by itself. The store's other coupons are no promotions: they neither end turns nor are ended by them, but a
        promotion that needs to be alone comes too late after one that took something."""
        checkout, facts = self.checkout, self.facts
        by_id = {coupon.id: coupon for coupon in standing(checkout, self._sales(), facts)}
        counted = []
        is_automatic_only = True
        self.is_over = self.is_closed
        for applied in checkout.coupons:
            if applied.promotion_id:
                promotion = code_promotion(applied, facts)
                if promotion is None or promotion.id in self.applied or barred(promotion, checkout, facts):
                    continue
                better = self._better(promotion, applied) if is_automatic_only else None
                if better is not None:
                    return better.result()
                if not self.is_over and self.take(promotion, applied):
                    is_automatic_only = False
            elif applied.id in by_id:
                coupon = by_id[applied.id]
                counted.append(coupon)
                given, left = line_discounts(checkout, self.left, (coupon,))
                if given:
                    self.further += given
                    self.left.update(left)
                    self.applied.add(COUPON)
                    is_automatic_only = False
        return self.result(tuple(counted))

    def _better(self, promotion: Promotion, applied: AppliedCoupon) -> "_Turns | None":
        """This code alone, if it may take the place of the automatic promotions that applied, and is worth more than they are."""
        if promotion.can_be_used_with_other_promotions or not self.applied:
            return None
        if not promotion.coupon_overrides_automatic_when_offering_higher_discounts:
            return None
        alone = _turns(self.checkout, self.listed, self.items, self.facts)
        alone.take_off_order()
        alone.take(promotion, applied)
        return alone if sum(alone.left.values()) < sum(self.left.values()) else None

    def _sales(self) -> dict[str, int]:
        return self.listed if self.sales is None else self.sales

    def result(self, coupons: tuple[AnyCoupon, ...] = ()) -> Discounts:
        return Discounts(
            tuple(self.product),
            tuple(self.further),
            self._sales(),
            self.left,
            coupons,
            tuple(self.shipping),
            frozenset(self.applied - {COUPON}),
            tuple(self.gifts),
        )


def _turns(checkout: Checkout, listed: dict[str, int], items: Sequence[Item], facts: Facts) -> _Turns:
    """Before the first of them."""
    left = dict(listed)
    is_cumulative = not facts.store.promotion_settings.promotions_applied_on_original_product_price
    basket = Basket(items, left, minor_of(checkout, facts), is_cumulative)
    return _Turns(checkout, facts, checkout.currency.code, listed, left, items, basket)


COUPON = 0
"""Among the promotions that applied: a coupon that is none of theirs."""


# ---------------------------------------------------------------------------------------------------- shipping


def free_by(rights: Sequence[ShippingRight], zone_id: int, country_code: str) -> tuple[int, ...]:
    """The promotions that offer free shipping to a consignment in a zone."""
    return tuple(
        right.promotion.id
        for right in rights
        if right.action.offers_free_shipping(zone_id) and _goes_to(right.promotion, country_code)
    )


def shipping_discounts(
    checkout: Checkout, rights: Sequence[ShippingRight], facts: Facts
) -> tuple[list[Discount], dict[str, int]]:
    """What shipping actions take off the options that were chosen, automatic ones first; and consignment id -> minor units they
    leave."""
    chosen = [
        (consignment.id, consignment.selected, consignment.address.country_code)
        for consignment in checkout.consignments
        if isinstance(consignment.selected, ShippingOption)
    ]
    left = {consignment_id: option.cost.minor for consignment_id, option, _ in chosen}
    basket = Basket((), {}, minor_of(checkout, facts))
    given: list[Discount] = []
    for right in rights:
        shipments = [
            Shipment(consignment_id, left[consignment_id], option.zone_id, option.method_id)
            for consignment_id, option, country_code in chosen
            if _goes_to(right.promotion, country_code)
        ]
        for taking in right.action.shipping_takings(shipments, basket):
            if taking.minor:
                left[taking.target] -= taking.minor
                given.append(right.discount(taking, checkout.currency.code))
    return given, left


def _goes_to(promotion: Promotion, country_code: str) -> bool:
    return promotion.shipping_address is None or promotion.shipping_address.admit(country_code)
