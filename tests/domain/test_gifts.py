"""Lines that promotions add: where they go, what they cost, and what becomes of them when something changes (BEHAVIOUR 3.9, C6)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import applied_coupons
from checkstand.domain.cart import NewItems, NewLine, catalog_line
from checkstand.domain.checkout import Checkout, LineItem, ShippingOption
from checkstand.domain.commands import (
    AddItems,
    ApplyCoupon,
    ChangeLine,
    CreateConsignments,
    RemoveLine,
    UpdateConsignment,
    WithdrawCoupon,
)
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, Units
from checkstand.domain.facts import Facts, Product, Variant
from checkstand.domain.methods import ByWeight
from checkstand.domain.methods.by_range import Range
from checkstand.domain.pricing.price import Priced
from checkstand.domain.promotions import CartItems, GiftItem, Percentage, Promotion, PromotionCode
from checkstand.domain.promotions.conditions import AnyCondition, CartCondition
from checkstand.domain.promotions.matchers import Products
from checkstand.domain.store_settings import PromotionSettings
from checkstand.errors import Refused
from tests.builders import (
    USD,
    a_checkout,
    a_consignment,
    a_line,
    a_product,
    a_promotion,
    a_store,
    a_zone,
    facts,
    flat_rate,
    in_new_york,
    usd,
)
from tests.domain.engine import offers, priced, run

JAR = a_product(7, "7.95")
BUY_TWO = CartCondition(items=Products((1,)), minimum_quantity=2)
ONE_JAR = GiftItem(quantity=1, product_id=7)


def giving(
    condition: AnyCondition | None = BUY_TWO, action: Any = ONE_JAR, *, apply_once: bool = False, **fields: Any
) -> Promotion:
    return a_promotion(action, condition, apply_once=apply_once, name="A free jar", **fields)


def shop(promotion: Promotion | None = None, *, stock: int | None = None, **fields: Any) -> Facts:
    store = a_store(promotions=(promotion or giving(),), **fields)
    return facts(store, JAR, a_product(1), stock={} if stock is None else {7: {0: stock}})


def gifts(answer: Priced) -> dict[str, int]:
    """Consignment id ("": none) -> units given."""
    place_of = {line_id: entry.id for entry in answer.checkout.consignments for line_id in entry.line_item_ids}
    return {place_of.get(line.id, ""): line.quantity for line in answer.checkout.lines if line.gift}


def gift(answer: Priced) -> LineItem:
    return next(line for line in answer.checkout.lines if line.gift)


def two_places(here: int, there: int) -> Checkout:
    return a_checkout(
        a_line("x", here),
        a_line("y", there),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )


# ---------------------------------------------------------------------------------------------------- what is given


def test_a_gift_costs_what_the_catalog_asks_less_all_of_it() -> None:
    answer = priced(a_checkout(a_line("x", 2)), shop())

    line = gift(answer)
    assert (line.product_id, line.quantity, line.list_price) == (7, 1, usd("7.95"))
    assert answer.lines[line.id].product_discount == usd("7.95")
    assert [(one.level, one.source, one.source_id) for one in answer.lines[line.id].discounts] == [
        ("product", "A free jar", 1)
    ]
    assert answer.totals.base_amount == usd("27.95")
    assert answer.totals.subtotal.ex_tax == answer.totals.grand_total == usd(20)


@pytest.mark.parametrize(("units", "jars"), [(1, 0), (2, 1), (3, 1), (4, 2), (9, 4)])
def test_there_is_one_for_each_set(units: int, jars: int) -> None:
    assert sum(gifts(priced(a_checkout(a_line("x", units)), shop())).values()) == jars


def test_a_rule_that_applies_once_gives_once() -> None:
    assert gifts(priced(a_checkout(a_line("x", 9)), shop(giving(apply_once=True)))) == {"": 1}


def test_gifts_earn_no_gifts_and_are_seen_by_no_condition() -> None:
    itself = giving(CartCondition(items=Products((7,)), minimum_quantity=1))

    answer = priced(a_checkout(a_line("x", 1, product_id=7, variant_id=7)), shop(itself))

    assert gifts(answer) == {"": 1}
    assert priced(answer.checkout, shop(itself)) == answer


def test_no_more_is_given_than_there_is_in_stock_beside_what_is_bought() -> None:
    bought = a_checkout(a_line("x", 8), a_line("j", 3, product_id=7, variant_id=7))

    assert gifts(priced(bought, shop(stock=7))) == {"": 4}
    assert gifts(priced(bought, shop(stock=5))) == {"": 2}
    assert gifts(priced(bought, shop(stock=3))) == {}


@pytest.mark.parametrize(
    "product",
    [
        a_product(7, "7.95", is_visible=False),
        a_product(7, "7.95", variants=(Variant(id=7, purchasing_disabled=True),)),
        a_product(7, "7.95", variants=(Variant(id=7), Variant(id=8))),
        a_product(9, "7.95"),
    ],
)
def test_what_the_shop_does_not_sell_is_not_given(product: Any) -> None:
    known = facts(a_store(promotions=(giving(),)), product)

    assert gifts(priced(a_checkout(a_line("x", 2)), known)) == {}


def test_a_variant_may_be_given() -> None:
    colors = a_product(7, "7.95", variants=(Variant(id=70), Variant(id=71, sku="RED")))
    known = facts(a_store(promotions=(giving(action=GiftItem(quantity=2, variant_id=71)),)), colors)

    line = gift(priced(a_checkout(a_line("x", 2)), known))

    assert (line.variant_id, line.sku, line.quantity) == (71, "RED", 2)


def test_an_empty_cart_is_given_nothing() -> None:
    assert gifts(priced(replace(a_checkout(), lines=()), shop(giving(None)))) == {}


def test_a_free_item_is_added_or_where_it_cannot_be_discounted_in_the_cart() -> None:
    free = CartItems(discount=Percentage(Decimal(100)), items=Products((7,)), quantity=1, add_free_item=True)
    cart = a_checkout(a_line("x", 2), a_line("j", 1, "7.95", product_id=7, variant_id=7))

    added, none_left = priced(cart, shop(giving(action=free))), priced(cart, shop(giving(action=free), stock=1))

    assert gifts(added) == {"": 1}
    assert added.lines["j"].product_discount == usd(0)
    assert gifts(none_left) == {}
    assert none_left.lines["j"].product_discount == usd("7.95")


# ---------------------------------------------------------------------------------------------------- where it goes


def test_a_gift_joins_each_consignment_in_which_it_was_earned() -> None:
    assert gifts(priced(two_places(2, 5), shop())) == {"a": 1, "b": 2}
    assert gifts(priced(two_places(1, 4), shop())) == {"b": 2}


def test_a_set_that_consignments_meet_together_goes_to_the_first_of_them() -> None:
    assert gifts(priced(two_places(1, 1), shop())) == {"a": 1}
    assert gifts(priced(two_places(1, 3), shop())) == {"a": 1, "b": 1}


def test_a_store_may_have_all_gifts_join_the_first_consignment() -> None:
    first = PromotionSettings(gifts_join_first_consignment=True)

    assert gifts(priced(two_places(2, 5), shop(promotion_settings=first))) == {"a": 3}


def test_what_is_not_consigned_has_its_gift_beside_it() -> None:
    checkout = two_places(2, 2)

    assert gifts(priced(replace(checkout, consignments=checkout.consignments[1:]), shop())) == {"b": 1, "": 1}


def test_what_is_not_shipped_earns_a_parcel_only_where_one_goes_anyway() -> None:
    digital = a_line("d", 2, kind="digital")
    alone = a_checkout(digital)
    beside = a_checkout(digital, a_line("z", 1, product_id=3), consignments=(a_consignment("a", ("z",)),))

    assert gifts(priced(alone, shop())) == {}
    assert gifts(priced(beside, shop())) == {"a": 1}


def test_a_spend_is_earned_where_it_is_spent() -> None:
    spend = giving(CartCondition(minimum_spend=Decimal(30)))

    assert gifts(priced(two_places(3, 6), shop(spend))) == {"a": 1, "b": 2}


# ---------------------------------------------------------------------------------------------------- shipping it


BY_POUND = ByWeight(
    id=1,
    name="By weight",
    ranges=(Range(Decimal(0), Decimal(5), usd("6.00")), Range(Decimal(5), Decimal(20), usd("12.00"))),
)


def heavy_jar(**shipping: Any) -> Product:
    return a_product(7, "7.95", weight=Decimal(10), **shipping)


@pytest.mark.parametrize(
    ("jar", "cost"),
    [
        (heavy_jar(), "12.00"),  # 2 pounds of goods and 10 of the jar
        (heavy_jar(is_free_shipping=True), "6.00"),  # the 2 pounds alone
        (heavy_jar(fixed_cost_shipping_price=usd("4.50")), "10.50"),  # 6.00 for the 2 pounds, and 4.50
    ],
)
def test_a_gift_is_shipped_as_if_it_was_bought(jar: Product, cost: str) -> None:
    place = a_consignment("a", ("x",))
    given = priced(
        a_checkout(a_line("x", 2), consignments=(place,)),
        facts(a_store(a_zone(BY_POUND), promotions=(giving(),)), jar, a_product(1)),
    )
    bought = priced(
        a_checkout(
            a_line("x", 2),
            catalog_line(jar, jar.variants[0], "j", 1, a_store(), USD),
            consignments=(replace(place, line_item_ids=("x", "j")),),
        ),
        facts(a_store(a_zone(BY_POUND))),
    )

    assert gifts(given) == {"a": 1}
    assert offers(given.settled, "a") == offers(bought.settled, "a") == [("By weight", usd(cost))]


def test_where_all_else_ships_free_so_does_a_gift_that_ships_free() -> None:
    known = facts(
        a_store(promotions=(giving(),)), heavy_jar(is_free_shipping=True), a_product(1, is_free_shipping=True)
    )
    added = AddItems(items=NewItems(lines=(NewLine(product_id=1, quantity=2),)))
    cart = run(added, replace(a_checkout(), lines=()), known).checkout
    consigned = replace(cart, consignments=(a_consignment("a", (cart.lines[0].id,)),))

    answer = priced(consigned, known)

    assert gifts(answer) == {"a": 1}
    assert offers(answer.settled, "a") == [("Free Shipping", usd(0))]


# ---------------------------------------------------------------------------------------------------- what becomes of it


def test_the_same_gift_keeps_its_id_and_is_saved_with_the_checkout() -> None:
    first = priced(two_places(2, 2), shop())
    again = priced(first.checkout, shop())

    assert again == first
    grown = run(ChangeLine(line_id="x", quantity=5), first.checkout, shop())
    assert [line.id for line in grown.checkout.lines] == [line.id for line in first.checkout.lines]
    assert gifts(grown) == {"a": 2, "b": 1}


def test_a_gift_that_is_no_longer_earned_goes() -> None:
    earned = priced(two_places(2, 2), shop())

    assert gifts(run(ChangeLine(line_id="x", quantity=1), earned.checkout, shop())) == {"b": 1}
    assert gifts(priced(earned.checkout, shop(giving(status="DISABLED")))) == {}
    assert priced(earned.checkout, shop(giving(status="DISABLED"))).checkout == two_places(2, 2)


def test_a_gift_cannot_be_changed_and_comes_back_under_another_id_when_it_is_removed() -> None:
    before = priced(two_places(2, 2), shop())
    first, second = [line.id for line in before.checkout.lines if line.gift]

    with pytest.raises(Refused, match="promotion has added"):
        run(ChangeLine(line_id=first, quantity=2), before.checkout, shop())
    removed = run(RemoveLine(line_id=first), before.checkout, shop())

    ids = [line.id for line in removed.checkout.lines if line.gift]
    assert gifts(removed) == {"a": 1, "b": 1}
    assert first not in ids
    assert second in ids
    assert removed.checkout.version == before.checkout.version + 1
    assert ids == [line.id for line in priced(removed.checkout, shop()).checkout.lines if line.gift]


def test_goods_that_are_bought_never_merge_with_the_same_that_is_given() -> None:
    before = priced(a_checkout(a_line("x", 2)), shop())

    after = run(AddItems(items=NewItems(lines=(NewLine(product_id=7, quantity=1),))), before.checkout, shop())

    assert [(line.product_id, line.quantity, line.gift is not None) for line in after.checkout.lines] == [
        (1, 2, False),
        (7, 1, False),
        (7, 1, True),
    ]


def test_units_take_their_gifts_along_and_naming_a_gift_changes_nothing() -> None:
    before = priced(a_checkout(a_line("x", 4)), shop())
    given = gift(before)
    named = (Units("x", 2), Units(given.id, 2))

    after = run(
        CreateConsignments(drafts=(ConsignmentDraft(units=named, address=in_new_york()),)), before.checkout, shop()
    )

    place = after.checkout.consignments[0].id
    assert gifts(after) == {place: 1, "": 1}


def test_a_gift_that_comes_or_goes_leaves_the_choice_of_its_consignment_alone() -> None:
    one = a_checkout(a_line("x", 1), a_line("z", 1, product_id=3), consignments=(a_consignment("a", ("x", "z")),))
    option = priced(one, shop()).settled.options["a"][1]
    chose = run(
        UpdateConsignment(consignment_id="a", change=ConsignmentChange(shipping_option_id=option.id)), one, shop()
    )

    with_gift = run(ChangeLine(line_id="x", quantity=2), chose.checkout, shop())
    everything = tuple(Units(line.id, line.quantity) for line in with_gift.checkout.lines)
    named_again = run(
        UpdateConsignment(consignment_id="a", change=ConsignmentChange(units=everything)), with_gift.checkout, shop()
    )

    selected = with_gift.checkout.consignments[0].selected
    assert gifts(with_gift) == {"a": 1}
    assert isinstance(selected, ShippingOption)
    assert selected.id == option.id
    assert named_again.checkout.consignments == with_gift.checkout.consignments


def test_a_gift_never_clears_a_choice_that_would_be_there_without_it() -> None:
    letter_rate = ByWeight(id=1, name="Letter", ranges=(Range(Decimal(0), Decimal(2), usd("6.00")),))
    known = shop(shipping_zones=(a_zone(letter_rate, flat_rate(2, "8.00")),))
    one = a_checkout(a_line("x", 1), consignments=(a_consignment("a", ("x",)),))
    letter = priced(one, known).settled.options["a"][0]
    chose = run(
        UpdateConsignment(consignment_id="a", change=ConsignmentChange(shipping_option_id=letter.id)), one, known
    )

    with_gift = run(ChangeLine(line_id="x", quantity=2), chose.checkout, known)  # three pounds with the jar
    too_heavy = run(ChangeLine(line_id="x", quantity=3), chose.checkout, known)

    assert (gifts(with_gift), with_gift.checkout.consignments[0].selected) == ({"a": 1}, letter)
    assert [option.description for option in with_gift.settled.options["a"]] == ["Flat Rate"]
    assert too_heavy.checkout.consignments[0].selected is None


def test_a_gift_that_costs_nothing_in_the_catalog_uses_up_its_promotion_all_the_same() -> None:
    known = facts(a_store(promotions=(giving(max_uses=5),)), a_product(7, "0.00"), a_product(1))

    used = applied_coupons.uses(priced(a_checkout(a_line("x", 2)), known), known)

    assert [(use.counter, use.max_uses) for use in used] == [(-1, 5)]
    assert applied_coupons.uses(priced(a_checkout(a_line("x", 1)), known), known) == []


def test_a_code_may_give_a_gift_and_takes_it_along() -> None:
    code = PromotionCode(id=50, promotion_id=1, code="JAR")
    known = replace(shop(giving(redemption_type="COUPON")), codes={50: code})

    with_code = run(ApplyCoupon(code="jar"), two_places(2, 2), known)
    without = run(WithdrawCoupon(code="jar"), with_code.checkout, known)

    assert gifts(with_code) == {"a": 1, "b": 1}
    assert gifts(without) == {}
