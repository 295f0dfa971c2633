"""The bulk pricing rules of one product, one by one; all at once they are a part of the product (`catalog`)."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from checkstand.api.bodies import Price
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.catalog import BulkRuleBody, BulkRuleShape, Level, bulk_rule_shape
from checkstand.api.management.listing import paged
from checkstand.domain.catalog import BulkRuleChange, ProductChange
from checkstand.domain.facts import Product
from checkstand.domain.price_rules import BulkPricingRule, Method
from checkstand.errors import NotFound
from checkstand.service import catalog
from checkstand.service.access import PRODUCTS

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250


class BulkRuleUpdate(Struct):
    """What is left out stays."""

    quantity_min: Level | None = None
    quantity_max: Level | None = None
    type: Method | None = None
    amount: Price | None = None


async def get_bulk_rules(call: Call, body: None) -> Reply:
    """By quantity."""
    product = (await catalog.read(call.unit, call.number("product_id"))).product
    return paged(call, product.bulk_pricing_rules, bulk_rule_shape, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)


async def get_bulk_rule(call: Call, body: None) -> BulkRuleShape:
    product = (await catalog.read(call.unit, call.number("product_id"))).product
    return bulk_rule_shape(_rule(product, call.number("rule_id")))


async def create_bulk_rule(call: Call, body: BulkRuleBody) -> BulkRuleShape:
    new = body.change()

    def with_one_more(product: Product) -> Sequence[BulkRuleChange]:
        return (*map(_as_it_is, product.bulk_pricing_rules), new)

    product = await _edited(call, with_one_more)
    return bulk_rule_shape(max(product.bulk_pricing_rules, key=lambda rule: rule.id))


async def update_bulk_rule(call: Call, body: BulkRuleUpdate) -> BulkRuleShape:
    rule_id = call.number("rule_id")

    def with_the_change(product: Product) -> Sequence[BulkRuleChange]:
        _rule(product, rule_id)
        return [_changed(rule, body) if rule.id == rule_id else _as_it_is(rule) for rule in product.bulk_pricing_rules]

    return bulk_rule_shape(_rule(await _edited(call, with_the_change), rule_id))


async def delete_bulk_rule(call: Call, body: None) -> None:
    """Carts keep the rules that held when their goods were added."""
    rule_id = call.number("rule_id")

    def without_it(product: Product) -> Sequence[BulkRuleChange]:
        _rule(product, rule_id)
        return [_as_it_is(rule) for rule in product.bulk_pricing_rules if rule.id != rule_id]

    await _edited(call, without_it)


async def _edited(call: Call, rules: Callable[[Product], Sequence[BulkRuleChange]]) -> Product:
    entry = await catalog.edit(
        call.unit,
        call.number("product_id"),
        lambda product: ProductChange(bulk_pricing_rules=tuple(rules(product))),
    )
    return entry.product


def _rule(product: Product, rule_id: int) -> BulkPricingRule:
    for rule in product.bulk_pricing_rules:
        if rule.id == rule_id:
            return rule
    raise NotFound(f"Product {product.id} has no bulk pricing rule {rule_id}.", code="bulk_pricing_rule_not_found")


def _as_it_is(rule: BulkPricingRule) -> BulkRuleChange:
    return _changed(rule, BulkRuleUpdate())


def _changed(rule: BulkPricingRule, body: BulkRuleUpdate) -> BulkRuleChange:
    return BulkRuleChange(
        id=rule.id,
        quantity_min=rule.quantity_min if body.quantity_min is None else body.quantity_min,
        quantity_max=rule.quantity_max if body.quantity_max is None else body.quantity_max,
        type=rule.type if body.type is None else body.type,
        amount=rule.amount if body.amount is None else body.amount,
    )


RULES = "/catalog/products/{product_id}/bulk-pricing-rules"
RULE = f"{RULES}/{{rule_id}}"
TAG = "Catalog"

ENDPOINTS = [
    Endpoint(
        "GET",
        RULES,
        get_bulk_rules,
        "List the bulk pricing rules of a product",
        answer=list[BulkRuleShape],
        scopes=PRODUCTS,
        query=("page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        RULES,
        create_bulk_rule,
        "Create a bulk pricing rule",
        answer=BulkRuleShape,
        body=BulkRuleBody,
        scopes=PRODUCTS,
        tag=TAG,
    ),
    Endpoint("GET", RULE, get_bulk_rule, "Read a bulk pricing rule", answer=BulkRuleShape, scopes=PRODUCTS, tag=TAG),
    Endpoint(
        "PUT",
        RULE,
        update_bulk_rule,
        "Change a bulk pricing rule",
        answer=BulkRuleShape,
        body=BulkRuleUpdate,
        scopes=PRODUCTS,
        tag=TAG,
    ),
    Endpoint("DELETE", RULE, delete_bulk_rule, "Delete a bulk pricing rule", status=204, scopes=PRODUCTS, tag=TAG),
]
