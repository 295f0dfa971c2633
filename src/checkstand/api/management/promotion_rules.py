"""Rules of promotions on the wire, both ways: what they do, on what it depends, to which items it goes. Inside, actions,
conditions and matchers are told apart by a tag; on the wire by the one key an object has: `{"cart_value": {…}}`, `{"and": […]}`.

Amounts are texts in major units of the store's currency, and taken as texts or as numbers.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType, field

from checkstand.api.bodies import Text
from checkstand.domain.promotions import (
    Amount,
    AnyAction,
    AnyReduction,
    CartItems,
    CartValue,
    FixedPriceSet,
    GiftItem,
    Percentage,
    Rule,
    Shipping,
    ShippingDiscount,
)
from checkstand.domain.promotions.action import Strategy
from checkstand.domain.promotions.conditions import AllConditions, AnyCondition, CartCondition, OneOfConditions
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
from checkstand.errors import Invalid

MoneyText = Annotated[Decimal, Meta(extra_json_schema={"pattern": r"^\d+(\.\d+)?$"})]
Number = Annotated[int, Meta(ge=0, lt=2**53)]
Numbers = Annotated[list[Number], Meta(max_length=5000)]
T = TypeVar("T")


def _plain(amount: Decimal) -> Decimal:
    """Never with an exponent, which would show."""
    return Decimal(format(amount, "f")) if amount.is_finite() else amount


def _or(value: T | UnsetType | None, default: T) -> T:
    return default if value is None or isinstance(value, UnsetType) else value


def _given(value: T | UnsetType | None) -> T | None:
    return None if isinstance(value, UnsetType) else value


def only_one(body: Struct, where: str) -> tuple[str, Any]:
    """The one key that is there, and its value. Raises `Invalid`."""
    there = [
        name for name in body.__struct_fields__ if getattr(body, name) is not UNSET and getattr(body, name) is not None
    ]
    if len(there) != 1:
        known = ", ".join(body.__struct_encode_fields__)
        raise Invalid.field(where, f"must have exactly one of {known}")
    return there[0], getattr(body, there[0])


# ---------------------------------------------------------------------------------------------------- matchers


class ProductOptionShape(Struct):
    name: Text
    values: list[Text]
    type: Literal["string_match"] = "string_match"


class ProductCustomFieldShape(Struct):
    name: Text
    values: Annotated[list[Text], Meta(min_length=1)]


class MatcherShape(Struct, kw_only=True):
    """Exactly one of these."""

    brands: Numbers | UnsetType = UNSET
    categories: Numbers | UnsetType = UNSET
    products: Numbers | UnsetType = UNSET
    variants: Numbers | UnsetType = UNSET
    product_option: ProductOptionShape | UnsetType = UNSET
    product_custom_field: ProductCustomFieldShape | UnsetType = UNSET
    all_of: list["MatcherShape"] | UnsetType = field(name="and", default=UNSET)
    any_of: list["MatcherShape"] | UnsetType = field(name="or", default=UNSET)
    none_of: "MatcherShape | UnsetType" = field(name="not", default=UNSET)

    def matcher(self, where: str) -> AnyMatcher:
        name, value = only_one(self, where)
        match name:
            case "brands":
                return Brands(tuple(value))
            case "categories":
                return Categories(tuple(value))
            case "products":
                return Products(tuple(value))
            case "variants":
                return Variants(tuple(value))
            case "product_option":
                return Option(value.name, tuple(value.values))
            case "product_custom_field":
                return ProductField(value.name, tuple(value.values))
            case "none_of":
                return Not(value.matcher(f"{where}.not"))
            case _:
                key = "and" if name == "all_of" else "or"
                parts = tuple(part.matcher(f"{where}.{key}.{index}") for index, part in enumerate(value))
                return All(parts) if name == "all_of" else OneOf(parts)


def matcher_shape(matcher: AnyMatcher) -> MatcherShape:
    match matcher:
        case Brands(ids=ids):
            return MatcherShape(brands=list(ids))
        case Categories(ids=ids):
            return MatcherShape(categories=list(ids))
        case Products(ids=ids):
            return MatcherShape(products=list(ids))
        case Variants(ids=ids):
            return MatcherShape(variants=list(ids))
        case Option(name=name, values=values):
            return MatcherShape(product_option=ProductOptionShape(name, list(values)))
        case ProductField(name=name, values=values):
            return MatcherShape(product_custom_field=ProductCustomFieldShape(name, list(values)))
        case All(of=parts):
            return MatcherShape(all_of=[matcher_shape(part) for part in parts])
        case OneOf(of=parts):
            return MatcherShape(any_of=[matcher_shape(part) for part in parts])
        case Not(of=part):
            return MatcherShape(none_of=matcher_shape(part))


def _items(shape: MatcherShape | UnsetType | None, where: str) -> AnyMatcher | None:
    return None if shape is None or isinstance(shape, UnsetType) else shape.matcher(f"{where}.items")


def _items_shape(matcher: AnyMatcher | None) -> MatcherShape | UnsetType:
    return UNSET if matcher is None else matcher_shape(matcher)


# ---------------------------------------------------------------------------------------------------- conditions


class CartConditionShape(Struct, kw_only=True):
    items: MatcherShape | UnsetType | None = UNSET
    minimum_spend: MoneyText | UnsetType | None = UNSET
    minimum_quantity: Number | UnsetType | None = UNSET


class ConditionShape(Struct, kw_only=True):
    """Exactly one of these."""

    cart: CartConditionShape | UnsetType = UNSET
    all_of: list["ConditionShape"] | UnsetType = field(name="and", default=UNSET)
    any_of: list["ConditionShape"] | UnsetType = field(name="or", default=UNSET)

    def condition(self, where: str) -> AnyCondition:
        name, value = only_one(self, where)
        if name == "cart":
            return CartCondition(
                items=_items(value.items, f"{where}.cart"),
                minimum_quantity=_or(value.minimum_quantity, 0),
                minimum_spend=_plain(_or(value.minimum_spend, Decimal(0))),
            )
        key = "and" if name == "all_of" else "or"
        parts = tuple(part.condition(f"{where}.{key}.{index}") for index, part in enumerate(value))
        return AllConditions(parts) if name == "all_of" else OneOfConditions(parts)


def condition_shape(condition: AnyCondition) -> ConditionShape:
    match condition:
        case AllConditions(of=parts):
            return ConditionShape(all_of=[condition_shape(part) for part in parts])
        case OneOfConditions(of=parts):
            return ConditionShape(any_of=[condition_shape(part) for part in parts])
        case CartCondition():
            return ConditionShape(
                cart=CartConditionShape(
                    items=_items_shape(condition.items),
                    minimum_spend=condition.minimum_spend if condition.minimum_spend else UNSET,
                    minimum_quantity=condition.minimum_quantity or UNSET,
                )
            )


# ---------------------------------------------------------------------------------------------------- actions


class DiscountShape(Struct, kw_only=True):
    """Exactly one of these."""

    percentage_amount: MoneyText | UnsetType = UNSET
    fixed_amount: MoneyText | UnsetType = UNSET

    def reduction(self, where: str) -> AnyReduction:
        name, value = only_one(self, f"{where}.discount")
        return Percentage(_plain(value)) if name == "percentage_amount" else Amount(_plain(value))


def _discount_shape(reduction: AnyReduction) -> DiscountShape:
    if isinstance(reduction, Percentage):
        return DiscountShape(percentage_amount=reduction.percent)
    return DiscountShape(fixed_amount=reduction.amount)


def _maximum(value: Decimal | UnsetType | None) -> Decimal | None:
    given = _given(value)
    return None if given is None else _plain(given)


def _unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


class CartValueShape(Struct, kw_only=True):
    discount: DiscountShape
    maximum_allowed_discount_amount: MoneyText | UnsetType | None = UNSET


class CartItemsShape(Struct, kw_only=True):
    discount: DiscountShape
    maximum_allowed_discount_amount: MoneyText | UnsetType | None = UNSET
    as_total: bool | None = None
    items: MatcherShape | UnsetType | None = UNSET
    include_items_considered_by_condition: bool | None = None
    exclude_items_on_sale: bool | None = None
    strategy: Strategy | None = None
    quantity: Number | UnsetType | None = UNSET
    add_free_item: bool | None = None


class GiftItemShape(Struct, kw_only=True):
    quantity: Number
    product_id: Number | UnsetType | None = UNSET
    variant_id: Number | UnsetType | None = UNSET


class FixedPriceSetShape(Struct, kw_only=True):
    quantity: Number
    fixed_price: MoneyText
    items: MatcherShape | UnsetType | None = UNSET
    strategy: Strategy | None = None
    exclude_items_on_sale: bool | None = None
    include_items_considered_by_condition: bool | None = None


class ShippingShape(Struct, kw_only=True):
    """`zone_ids`: a list, or `*` for all zones."""

    free_shipping: bool | None = None
    zone_ids: Numbers | Literal["*"]


class ShippingDiscountShape(Struct, kw_only=True):
    """`method_ids`: a list, or `*` for all methods."""

    discount: DiscountShape
    maximum_allowed_discount_amount: MoneyText | UnsetType | None = UNSET
    method_ids: Numbers | Literal["*"] | UnsetType | None = UNSET


class ActionShape(Struct, kw_only=True):
    """Exactly one of these."""

    cart_value: CartValueShape | UnsetType = UNSET
    cart_items: CartItemsShape | UnsetType = UNSET
    gift_item: GiftItemShape | UnsetType = UNSET
    fixed_price_set: FixedPriceSetShape | UnsetType = UNSET
    shipping: ShippingShape | UnsetType = UNSET
    shipping_discount: ShippingDiscountShape | UnsetType = UNSET

    def action(self, where: str) -> AnyAction:
        name, _ = only_one(self, where)
        place = f"{where}.{name}"
        if isinstance(self.cart_value, CartValueShape):
            value = self.cart_value
            return CartValue(
                discount=value.discount.reduction(place), maximum=_maximum(value.maximum_allowed_discount_amount)
            )
        if isinstance(self.cart_items, CartItemsShape):
            return _cart_items(self.cart_items, place)
        if isinstance(self.gift_item, GiftItemShape):
            gift = self.gift_item
            return GiftItem(
                quantity=gift.quantity, product_id=_or(gift.product_id, 0), variant_id=_or(gift.variant_id, 0)
            )
        if isinstance(self.fixed_price_set, FixedPriceSetShape):
            sets = self.fixed_price_set
            return FixedPriceSet(
                quantity=sets.quantity,
                fixed_price=_plain(sets.fixed_price),
                items=_items(sets.items, place),
                strategy=_or(sets.strategy, "LEAST_EXPENSIVE"),
                exclude_items_on_sale=_or(sets.exclude_items_on_sale, False),
                include_items_considered_by_condition=_or(sets.include_items_considered_by_condition, True),
            )
        if isinstance(self.shipping, ShippingShape):
            zones = self.shipping.zone_ids
            return Shipping(
                free_shipping=_or(self.shipping.free_shipping, False), zone_ids=None if zones == "*" else tuple(zones)
            )
        assert isinstance(self.shipping_discount, ShippingDiscountShape)
        off = self.shipping_discount
        methods = _given(off.method_ids)
        return ShippingDiscount(
            discount=off.discount.reduction(place),
            maximum=_maximum(off.maximum_allowed_discount_amount),
            method_ids=tuple(methods) if isinstance(methods, list) else None,
        )


def _cart_items(body: CartItemsShape, where: str) -> CartItems:
    return CartItems(
        discount=body.discount.reduction(where),
        maximum=_maximum(body.maximum_allowed_discount_amount),
        as_total=_or(body.as_total, False),
        items=_items(body.items, where),
        include_items_considered_by_condition=_or(body.include_items_considered_by_condition, False),
        exclude_items_on_sale=_or(body.exclude_items_on_sale, False),
        strategy=_or(body.strategy, "LEAST_EXPENSIVE"),
        quantity=_given(body.quantity),
        add_free_item=_or(body.add_free_item, False),
    )


def action_shape(action: AnyAction) -> ActionShape:
    match action:
        case CartValue():
            return ActionShape(
                cart_value=CartValueShape(
                    discount=_discount_shape(action.discount), maximum_allowed_discount_amount=_unset(action.maximum)
                )
            )
        case CartItems():
            return ActionShape(
                cart_items=CartItemsShape(
                    discount=_discount_shape(action.discount),
                    maximum_allowed_discount_amount=_unset(action.maximum),
                    as_total=action.as_total,
                    items=_items_shape(action.items),
                    include_items_considered_by_condition=action.include_items_considered_by_condition,
                    exclude_items_on_sale=action.exclude_items_on_sale,
                    strategy=action.strategy,
                    quantity=_unset(action.quantity),
                    add_free_item=action.add_free_item,
                )
            )
        case GiftItem():
            return ActionShape(
                gift_item=GiftItemShape(
                    quantity=action.quantity,
                    product_id=action.product_id or UNSET,
                    variant_id=action.variant_id or UNSET,
                )
            )
        case FixedPriceSet():
            return ActionShape(
                fixed_price_set=FixedPriceSetShape(
                    quantity=action.quantity,
                    fixed_price=action.fixed_price,
                    items=_items_shape(action.items),
                    strategy=action.strategy,
                    exclude_items_on_sale=action.exclude_items_on_sale,
                    include_items_considered_by_condition=action.include_items_considered_by_condition,
                )
            )
        case Shipping(zone_ids=zones):
            return ActionShape(
                shipping=ShippingShape(
                    free_shipping=action.free_shipping, zone_ids="*" if zones is None else list(zones)
                )
            )
        case ShippingDiscount(method_ids=methods):
            return ActionShape(
                shipping_discount=ShippingDiscountShape(
                    discount=_discount_shape(action.discount),
                    maximum_allowed_discount_amount=_unset(action.maximum),
                    method_ids="*" if methods is None else list(methods),
                )
            )


class RuleShape(Struct, kw_only=True):
    """Without `stop` the rules after one that applied have no turn, as published."""

    action: ActionShape
    apply_once: bool | None = None
    stop: bool | None = None
    condition: ConditionShape | UnsetType | None = UNSET

    def rule(self, where: str) -> Rule:
        condition = _given(self.condition)
        return Rule(
            action=self.action.action(f"{where}.action"),
            condition=None if condition is None else condition.condition(f"{where}.condition"),
            apply_once=_or(self.apply_once, True),
            stop=_or(self.stop, True),
        )


def rule_shape(rule: Rule) -> RuleShape:
    return RuleShape(
        action=action_shape(rule.action),
        apply_once=rule.apply_once,
        stop=rule.stop,
        condition=UNSET if rule.condition is None else condition_shape(rule.condition),
    )
