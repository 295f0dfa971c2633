"""Promotions and their codes as a merchant makes them: making, changing and removing one, as edits of the store. Pure.

What a published promotion may say and this server cannot look at is refused rather than ignored: it would give discounts the
merchant does not want to give.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geography, measures
from checkstand.domain.applied_coupons import LONGEST_CODE
from checkstand.domain.facts import Product, Store
from checkstand.domain.marketing import CODE, LARGEST_DISCOUNT, MOST_USES
from checkstand.domain.money import Currency
from checkstand.domain.promotions import (
    CartItems,
    CartValue,
    FixedPriceSet,
    GiftItem,
    Percentage,
    Promotion,
    PromotionCode,
    Rule,
    Shipping,
    ShippingDiscount,
)
from checkstand.domain.promotions.action import GivenGift
from checkstand.domain.promotions.conditions import AnyCondition, CartCondition
from checkstand.domain.promotions.matchers import (
    All,
    AnyMatcher,
    Brands,
    Categories,
    Not,
    OneOf,
    Option,
    ProductField,
    Products,
    Variants,
)
from checkstand.domain.promotions.promotion import ANY_CURRENCY
from checkstand.errors import Invalid, NotFound, Refused

LONGEST_NAME = 255
MOST_RULES = 50
MOST_NOTIFICATIONS = 50
MOST_FIELD_MATCHERS = 10
DEEPEST = 8
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
FIXED = ("redemption_type", "coupon_type")


# ---------------------------------------------------------------------------------------------------- promotions


def new_promotion(given: Mapping[str, Any], store: Store, now: datetime) -> Promotion:
    """A promotion that has everything but an id, the last one to have its turn; active from now on and in the store's own
    currency, unless it says otherwise. Raises `Invalid` naming the field."""
    for name in ("name", "rules", "redemption_type"):
        if not given.get(name):
            raise Invalid.field(name, "is required")
    blank = Promotion(
        id=0,
        name="",
        start_date=now.replace(microsecond=0),
        currency_code=store.currency.code,
        priority=max([promotion.priority for promotion in store.promotions], default=0),
    )
    promotion = replace(blank, **given)
    _check_in_store(promotion, blank, store)
    return promotion


def add_promotion(store: Store, promotion: Promotion) -> Store:
    return replace(store, promotions=(*store.promotions, promotion))


def change_promotion(store: Store, promotion_id: int, given: Mapping[str, Any]) -> Store:
    """What is not given stays. Raises `NotFound`, and `Invalid` naming the field."""
    before = promotion_of(store, promotion_id)
    for name in FIXED:
        if name in given and given[name] != getattr(before, name):
            raise Invalid.field(name, f"cannot be changed; it is {getattr(before, name)}")
    after = replace(before, **given)
    _check_in_store(after, before, store)
    return replace(store, promotions=tuple(after if each is before else each for each in store.promotions))


def remove_promotions(store: Store, ids: Collection[int]) -> Store:
    """Checkouts in which their codes are applied go on showing them; they take nothing off any more."""
    return replace(store, promotions=tuple(each for each in store.promotions if each.id not in ids))


def promotion_of(store: Store, promotion_id: int) -> Promotion:
    promotion = store.promotion_by_id.get(promotion_id)
    if promotion is None:
        raise NotFound(f"There is no promotion {promotion_id}.", code="promotion_not_found")
    return promotion


def _check_in_store(promotion: Promotion, before: Promotion, store: Store) -> None:
    """Raises `Invalid` also for what this store does not have, and for what could never apply. Zones, methods and groups that were
    deleted since stay where they were named `before`."""
    check_promotion(promotion, store.currency)
    currencies = {currency.code for currency in (store.currency, *store.other_currencies)}
    if promotion.currency_code != ANY_CURRENCY and promotion.currency_code not in currencies:
        raise Invalid.field("currency_code", f"must be * or one of {', '.join(sorted(currencies))}")
    for channel_id in promotion.channel_ids:
        if channel_id not in store.channel_ids:
            raise Invalid.field("channels", f"{channel_id} is not a channel of this store")
    if promotion.customer != before.customer:
        known = {0, *store.customer_group_by_id}
        for name in ("group_ids", "excluded_group_ids"):
            _expect_known(getattr(promotion.customer, name), known, f"customer.{name}", "customer group")
    if promotion.rules != before.rules:
        _check_places(promotion.rules, store)
    _check_time(promotion, before)


def _check_places(rules: Sequence[Rule], store: Store) -> None:
    zones = {zone.id for zone in store.shipping_zones}
    methods = {method.id for zone in store.shipping_zones for method in zone.methods}
    for index, rule in enumerate(rules):
        match rule.action:
            case Shipping(zone_ids=tuple(ids)):
                _expect_known(ids, zones, f"rules.{index}.action.shipping.zone_ids", "shipping zone")
            case ShippingDiscount(method_ids=tuple(ids)):
                _expect_known(ids, methods, f"rules.{index}.action.shipping_discount.method_ids", "shipping method")


def _expect_known(ids: Iterable[int], known: Collection[int], field: str, what: str) -> None:
    for number in ids:
        if number not in known:
            raise Invalid.field(field, f"{number} is not a {what} of this store")


def _check_time(promotion: Promotion, before: Promotion) -> None:
    """Both dates may be the same, as in the published samples, although nothing comes of it."""
    start, end = promotion.start_date, promotion.end_date
    if start and end and end < start and (start, end) != (before.start_date, before.end_date):
        raise Invalid.field("end_date", "must not be before start_date")
    schedule = promotion.schedule
    if schedule is not None and schedule != before.schedule and schedule.daily_start_time == schedule.daily_end_time:
        raise Invalid.field("schedule.daily_end_time", "must be another time than daily_start_time")


class NamedGift(Struct, frozen=True):
    """A gift, and the field of the request that names it."""

    field: str
    gift: GivenGift


def named_gifts(rules: Iterable[Rule], before: Iterable[Rule] = ()) -> list[NamedGift]:
    """Those of the rules that were not named before."""
    known = {rule.action.gift() for rule in before}
    return [
        NamedGift(f"rules.{index}.action.gift_item", gift)
        for index, rule in enumerate(rules)
        if (gift := rule.action.gift()) is not None and gift not in known
    ]


def check_gift(named: NamedGift, products: Collection[Product]) -> None:
    """Raises `Invalid` for goods that cannot be given: unknown ones, and a product with options that does not say which."""
    gift, field = named.gift, named.field
    if gift.product_id:
        product = next((product for product in products if product.id == gift.product_id), None)
        if product is None:
            raise Invalid.field(f"{field}.product_id", f"{gift.product_id} is not a product of this store")
        if gift.variant_id and product.variant(gift.variant_id) is None:
            raise Invalid.field(f"{field}.variant_id", f"{gift.variant_id} is not a variant of {product.name}")
        if not gift.variant_id and len(product.variants) > 1:
            raise Invalid.field(f"{field}.variant_id", f"is required: {product.name} has options")
    elif all(product.variant(gift.variant_id) is None for product in products):
        raise Invalid.field(f"{field}.variant_id", f"{gift.variant_id} is not a variant of a product of this store")


def check_promotion(promotion: Promotion, currency: Currency) -> None:
    """Raises `Invalid` for what could not be worked with, naming the field. `currency`: the store's own."""
    if not promotion.name.strip() or len(promotion.name) > LONGEST_NAME:
        raise Invalid.field("name", f"must have 1 to {LONGEST_NAME} characters")
    if not 1 <= len(promotion.rules) <= MOST_RULES:
        raise Invalid.field("rules", f"must be 1 to {MOST_RULES} rules")
    for index, rule in enumerate(promotion.rules):
        _check_rule(rule, f"rules.{index}", currency)
    if len(promotion.notifications) > MOST_NOTIFICATIONS:
        raise Invalid.field("notifications", f"must be at most {MOST_NOTIFICATIONS}")
    _within("max_uses", promotion.max_uses, 0, MOST_USES)
    _within("customer.minimum_order_count", promotion.customer.minimum_order_count, 0, MOST_USES)
    for code in promotion.shipping_address.codes if promotion.shipping_address else ():
        if geography.country_name(code) is None:
            raise Invalid.field("shipping_address.countries", f"{code!r} is not a country")
    _check_schedule(promotion)
    _check_coupon(promotion)


def _check_schedule(promotion: Promotion) -> None:
    schedule = promotion.schedule
    if schedule is None:
        return
    _within("schedule.week_frequency", schedule.week_frequency, 1, 520)
    if not schedule.week_days:
        raise Invalid.field("schedule.week_days", "must name at least one day")
    for name in ("daily_start_time", "daily_end_time"):
        if not TIME.fullmatch(getattr(schedule, name)):
            raise Invalid.field(f"schedule.{name}", "must be a time of day such as 01:20:00")


def _check_coupon(promotion: Promotion) -> None:
    for name in ("coupon_overrides_other_promotions", "coupon_overrides_automatic_when_offering_higher_discounts"):
        if not getattr(promotion, name):
            continue
        if not promotion.is_coupon:
            raise Invalid.field(name, "is for promotions with coupon codes only")
        if promotion.can_be_used_with_other_promotions:
            raise Invalid.field(name, "is for promotions that cannot be used with other promotions")


# ---------------------------------------------------------------------------------------------------- rules


def _check_rule(rule: Rule, where: str, currency: Currency) -> None:
    action, place = rule.action, f"{where}.action.{rule.action.__struct_config__.tag}"
    for name, amount in action.amounts():
        currency.price(amount, f"{place}.{name}")
        if name == "maximum_allowed_discount_amount" and not 1 <= amount <= LARGEST_DISCOUNT:
            raise Invalid.field(f"{place}.{name}", f"must be from 1 to {LARGEST_DISCOUNT}")
        if amount > LARGEST_DISCOUNT:
            raise Invalid.field(f"{place}.{name}", f"must be at most {LARGEST_DISCOUNT}")
    if isinstance(action, CartItems | CartValue | ShippingDiscount) and isinstance(action.discount, Percentage):
        measures.percent(action.discount.percent, f"{place}.discount.percentage_amount")
    if isinstance(action, CartItems | FixedPriceSet | GiftItem) and action.quantity is not None:
        _within(f"{place}.quantity", action.quantity, 1, MOST_USES)
    if isinstance(action, GiftItem) and not (action.product_id or action.variant_id):
        raise Invalid.field(f"{place}.product_id", "is required, or variant_id")
    if isinstance(action, Shipping) and action.zone_ids == ():
        raise Invalid.field(f"{place}.zone_ids", "must name a zone, or be * for all of them")
    if isinstance(action, ShippingDiscount) and action.method_ids == ():
        raise Invalid.field(f"{place}.method_ids", "must name a method, or be * for all of them")
    if isinstance(action, CartItems | FixedPriceSet) and action.items is not None:
        _check_matcher(action.items, f"{place}.items")
    if rule.condition is not None:
        _check_condition(rule.condition, f"{where}.condition", currency, DEEPEST)


def _check_condition(condition: AnyCondition, where: str, currency: Currency, depth: int) -> None:
    if not depth:
        raise Invalid.field(where, f"may be nested {DEEPEST} deep")
    if not isinstance(condition, CartCondition):
        if not condition.of:
            raise Invalid.field(where, "must name at least one condition")
        for index, part in enumerate(condition.of):
            _check_condition(part, f"{where}.{index}", currency, depth - 1)
        return
    _within(f"{where}.cart.minimum_quantity", condition.minimum_quantity, 0, MOST_USES)
    currency.price(condition.minimum_spend, f"{where}.cart.minimum_spend")
    if condition.items is not None:
        _check_matcher(condition.items, f"{where}.cart.items")
        if not (condition.minimum_quantity or condition.minimum_spend):
            raise Invalid.field(f"{where}.cart.minimum_quantity", "is required where items are named, or minimum_spend")


def _check_matcher(matcher: AnyMatcher, where: str) -> None:
    if _is_empty(matcher):
        raise Invalid.field(where, "must name at least one thing wherever it has a list")
    if _depth(matcher) > DEEPEST:
        raise Invalid.field(where, f"may be nested {DEEPEST} deep")
    if _field_matchers(matcher) > MOST_FIELD_MATCHERS:
        raise Invalid.field(where, f"may have at most {MOST_FIELD_MATCHERS} product_custom_field")


def _parts(matcher: AnyMatcher) -> tuple[AnyMatcher, ...]:
    match matcher:
        case All(of=parts) | OneOf(of=parts):
            return parts
        case Not(of=part):
            return (part,)
        case _:
            return ()


def _is_empty(matcher: AnyMatcher) -> bool:
    """Whether a list in it is empty, which would mean everything or nothing."""
    match matcher:
        case Brands(ids=named) | Categories(ids=named) | Products(ids=named) | Variants(ids=named):
            return not named
        case Option(values=values) | ProductField(values=values):
            return not values
        case _:
            return not _parts(matcher) or any(_is_empty(part) for part in _parts(matcher))


def _depth(matcher: AnyMatcher) -> int:
    return 1 + max([_depth(part) for part in _parts(matcher)], default=0)


def _field_matchers(matcher: AnyMatcher) -> int:
    return isinstance(matcher, ProductField) + sum([_field_matchers(part) for part in _parts(matcher)])


def _within(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise Invalid.field(name, f"must be from {least} to {most}")


# ---------------------------------------------------------------------------------------------------- codes


def check_code(code: PromotionCode) -> None:
    """Raises `Invalid`."""
    if not CODE.fullmatch(code.code) or not code.code.strip() or len(code.code) > LONGEST_CODE:
        raise Invalid.field(
            "code", f"must be 1 to {LONGEST_CODE} letters, digits, spaces, underscores and hyphens, not {code.code!r}"
        )
    _within("max_uses", code.max_uses, 0, MOST_USES)
    _within("max_uses_per_customer", code.max_uses_per_customer, 0, MOST_USES)


def takes_code(promotion: Promotion, count: int) -> None:
    """Raises `Refused` where a promotion can have no code, or no other one than it has."""
    if not promotion.is_coupon:
        raise Refused(f"Promotion {promotion.id} applies by itself and has no codes.", code="no_coupon_promotion")
    if promotion.coupon_type == "SINGLE" and count:
        raise Refused(f"Promotion {promotion.id} has its one code already.", code="one_code_only")


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class CodePattern(Struct, frozen=True, kw_only=True):
    """How codes are made: random characters between a prefix and a suffix, with a delimiter to those."""

    length: int = 16
    prefix: str = ""
    suffix: str = ""
    delimiter: str = ""
    without: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises `Invalid`."""
        if len(self.alphabet) < 2:
            raise Invalid.field("exclude_characters", "must leave at least two characters")
        if len(self.whole("X" * self.length)) > LONGEST_CODE:
            raise Invalid.field("code_length", f"makes codes longer than {LONGEST_CODE} characters")

    @property
    def alphabet(self) -> str:
        return "".join(character for character in ALPHABET if character not in self.without)

    def whole(self, random: str) -> str:
        parts = (self.prefix, random, self.suffix)
        return self.delimiter.join(part for part in parts if part)

    def codes(self, count: int, choose: Callable[[str], str]) -> Iterable[str]:
        """So many different codes, `choose` being what draws a character."""
        made: set[str] = set()
        for _ in range(count * 20):
            code = self.whole("".join(choose(self.alphabet) for _ in range(self.length)))
            if code not in made:
                made.add(code)
                yield code
            if len(made) == count:
                return
        raise Invalid.field("exclude_characters", f"leave fewer than {count} codes")
