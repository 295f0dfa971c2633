"""What holds for every kind of action, and for any promotions together: nothing is ever paid to the shopper, sums are kept, and the
same cart gets the same discounts. A new kind of action joins by existing."""

from collections import Counter
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkstand.domain.checkout import Checkout
from checkstand.domain.promotions import Action, Amount, AnyAction, Basket, Item, Percentage, Promotion, Rule, Shipment
from checkstand.domain.promotions.action import AnyReduction
from checkstand.domain.promotions.conditions import ALWAYS, AllConditions, AnyCondition, CartCondition, OneOfConditions
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
from checkstand.domain.store_settings import PromotionSettings
from tests.builders import a_checkout, a_line, a_store, facts, usd
from tests.domain.engine import priced
from tests.domain.test_invariants import check_sums

some = settings(max_examples=60)
money = st.decimals(0, 200, places=2)
ids = st.lists(st.integers(1, 3), max_size=2).map(tuple)
texts = st.sampled_from(["Color", "Red", ""])

matchers: st.SearchStrategy[AnyMatcher] = st.recursive(
    st.one_of(
        st.builds(Brands, ids),
        st.builds(Categories, ids),
        st.builds(Products, ids),
        st.builds(Variants, ids),
        st.builds(Option, texts, st.lists(texts, max_size=2).map(tuple)),
        st.builds(ProductField, texts, st.lists(texts, max_size=2).map(tuple)),
    ),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=2).map(tuple)),
        st.builds(OneOf, st.lists(inner, max_size=2).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=4,
)
conditions: st.SearchStrategy[AnyCondition] = st.recursive(
    st.builds(
        CartCondition,
        items=st.none() | matchers,
        minimum_quantity=st.integers(0, 4),
        minimum_spend=st.just(Decimal(0)) | money,
    ),
    lambda inner: st.one_of(
        st.builds(AllConditions, st.lists(inner, max_size=2).map(tuple)),
        st.builds(OneOfConditions, st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=3,
)
reductions = st.builds(Percentage, st.decimals(0, 100, places=3)) | st.builds(Amount, money)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "discount": reductions,
    "items": st.none() | matchers,
    "maximum": st.none() | money,
    "strategy": st.sampled_from(["LEAST_EXPENSIVE", "LEAST_EXPENSIVE_ONLY", "MOST_EXPENSIVE", "MOST_EXPENSIVE_ONLY"]),
    "fixed_price": money,
    "zone_ids": st.none() | ids,
    "method_ids": st.none() | ids,
    "product_id": st.integers(1, 3),
    "variant_id": st.just(0),
}
OPTIONAL = {"cart_items": {"quantity": st.none() | st.integers(1, 4)}}


def actions_of(kind: type[Action]) -> st.SearchStrategy[Any]:
    special = OPTIONAL.get(str(kind.__struct_config__.tag), {"quantity": st.integers(1, 4)})
    known = VALUES | special
    fields = {field.name: known.get(field.name, st.booleans()) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


KINDS = get_args(AnyAction)
actions = st.one_of([actions_of(kind) for kind in KINDS])
items = st.builds(
    Item,
    line_id=st.uuids().map(str),
    quantity=st.integers(1, 30),
    price=st.integers(0, 5000),
    product_id=st.integers(0, 3),
    variant_id=st.integers(0, 3),
    brand_id=st.integers(0, 3),
    category_ids=ids,
    options=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    is_on_sale=st.booleans(),
    is_discountable=st.booleans(),
    is_counted=st.booleans(),
)


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    found = draw(st.lists(items, max_size=6, unique_by=lambda item: item.line_id))
    left = {item.line_id: draw(st.integers(0, item.price * item.quantity)) for item in found}
    return Basket(found, left, lambda amount: int(amount * 100), draw(st.booleans()))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@some
@given(data=st.data(), basket=baskets(), condition=st.none() | conditions, apply_once=st.booleans())
def test_an_action_takes_no_more_than_what_is_left_and_always_the_same(
    kind: type[Action], data: st.DataObject, basket: Basket, condition: AnyCondition | None, apply_once: bool
) -> None:
    action = data.draw(actions_of(kind))
    met = ALWAYS if condition is None else condition.met(basket)
    if not met.sets:
        return

    taken = list(action.takings(basket, met, apply_once))

    off: Counter[str] = Counter()
    for taking in taken:
        assert taking.minor >= 0
        off[taking.target] += taking.minor
    assert all(minor <= basket.left[line_id] for line_id, minor in off.items())
    assert list(action.takings(basket, met, apply_once)) == taken


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@some
@given(data=st.data(), costs=st.lists(st.integers(0, 5000), max_size=5))
def test_an_action_takes_no_more_off_shipping_than_it_costs(
    kind: type[Action], data: st.DataObject, costs: list[int]
) -> None:
    action = data.draw(actions_of(kind))
    shipments = [Shipment(str(number), cost, number % 3, number % 4) for number, cost in enumerate(costs)]

    taken = action.shipping_takings(shipments, Basket((), {}, lambda amount: int(amount * 100)))

    assert all(0 <= taking.minor <= costs[int(taking.target)] for taking in taken)
    assert len({taking.target for taking in taken}) == len(taken)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@some
@given(data=st.data(), condition=st.none() | conditions)
def test_a_promotion_is_written_down_and_read_as_what_it_is(
    kind: type[Action], data: st.DataObject, condition: AnyCondition | None
) -> None:
    promotion = Promotion(id=1, name="Any", rules=(Rule(action=data.draw(actions_of(kind)), condition=condition),))

    assert msgspec.json.decode(msgspec.json.encode(promotion), type=Promotion) == promotion


@st.composite
def carts(draw: st.DrawFn) -> Checkout:
    lines = [
        a_line(
            f"line {number}",
            draw(st.integers(1, 9)),
            str(draw(st.decimals(0, 60, places=2))),
            product_id=draw(st.integers(1, 3)),
        )
        for number in range(draw(st.integers(1, 5)))
    ]
    return a_checkout(*lines)


@settings(max_examples=150)
@given(
    checkout=carts(),
    rules=st.lists(
        st.lists(st.builds(Rule, action=actions, condition=st.none() | conditions), min_size=1, max_size=2), max_size=5
    ),
    is_original=st.booleans(),
    alone=st.integers(0, 9),
)
def test_promotions_together_make_no_line_negative_and_keep_the_sums(
    checkout: Checkout, rules: list[list[Rule]], is_original: bool, alone: int
) -> None:
    promotions = tuple(
        Promotion(
            id=number, name=f"Promotion {number}", rules=tuple(each), can_be_used_with_other_promotions=number != alone
        )
        for number, each in enumerate(rules, 1)
    )
    store = a_store(
        promotions=promotions,
        promotion_settings=PromotionSettings(promotions_applied_on_original_product_price=is_original),
    )

    answer = priced(checkout, facts(store))

    check_sums(answer)
    assert answer == priced(checkout, facts(store))
    assert answer.totals.grand_total >= usd(0)


def test_each_kind_of_reduction_is_drawn() -> None:
    assert set(get_args(AnyReduction)) == {Percentage, Amount}
