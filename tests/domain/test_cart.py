"""Adding, changing and removing line items."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from checkstand.domain import cart
from checkstand.domain.cart import NewCertificate, NewCustomItem, NewItems, NewLine, OptionSelection
from checkstand.domain.checkout import CatalogPrice, CertificateDetails, Checkout, LineOption, Person
from checkstand.domain.facts import Facts, Limits, OptionValue, Product, ProductOption, Variant, VariantOption
from checkstand.domain.store_settings import CartSettings
from checkstand.errors import Invalid, NotFound, PurchaseLimit, PurchasingDisabled, QuantityNotAvailable, Refused
from tests.builders import (
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_product,
    a_store,
    facts,
    usd,
)
from tests.domain.engine import quantities

COLORS = ProductOption(id=7, display_name="Color", values=(OptionValue(70, "Red"), OptionValue(71, "Blue")))
RED_AND_BLUE = a_product(
    5,
    options=(COLORS,),
    variants=(
        Variant(id=50, sku="RED", option_values=(VariantOption(7, 70),)),
        Variant(id=51, sku="BLUE", option_values=(VariantOption(7, 71),)),
    ),
)
EMPTY = replace(a_checkout(), lines=())


def add(before: Checkout, known: Facts, *lines: NewLine) -> Checkout:
    return cart.add(before, NewItems(lines=lines), known, a_moment().ids())


def a_certificate(amount: str = "10.00", quantity: int = 1) -> NewCertificate:
    details = CertificateDetails(
        theme="Birthday",
        sender=Person("Jane", "jane@example.com"),
        recipient=Person("John", "john@example.com"),
        message="Happy birthday",
    )
    return NewCertificate(name="Gift", amount=Decimal(amount), quantity=quantity, details=details)


def fields_of(refused: Invalid) -> Iterable[str]:
    return list(refused.fields)


# ---------------------------------------------------------------------------------------------------- adding products


def test_a_product_becomes_a_line_with_all_that_is_true_of_it_now() -> None:
    product = a_product(
        9,
        "25.00",
        name="Spoons",
        sku="SP-1",
        retail_price=usd("30.00"),
        brand="Kitchenware",
        category_names=("Kitchen",),
        tax_class_id=1,
        url="/spoons/",
        image_url="spoons.jpg",
        weight=Decimal("1.5"),
    )

    checkout = add(EMPTY, facts(a_store(url="https://shop.example/"), product), NewLine(product_id=9, quantity=2))

    (line,) = checkout.lines
    assert line == a_line(
        line.id,
        2,
        "25.00",
        name="Spoons",
        sku="SP-1",
        product_id=9,
        variant_id=9,
        retail_price=usd("30.00"),
        brand="Kitchenware",
        category_names=("Kitchen",),
        catalog=CatalogPrice(price=usd("25.00"), asked=usd("25.00"), retail=usd("30.00")),
        tax_class_id=1,
        url="https://shop.example/spoons/",
        image_url="spoons.jpg",
        weight=Decimal("1.5"),
    )


def test_a_variant_brings_its_own_sku_weight_image_and_chosen_options() -> None:
    red = Variant(
        id=50, sku="RED", weight=Decimal(0), image_url="red.jpg", option_values=(VariantOption(7, 70),), price=usd("12")
    )
    product = a_product(5, options=(COLORS,), variants=(red, Variant(id=51)), sku="ANY", weight=Decimal(3))

    (line,) = add(EMPTY, facts(None, product), NewLine(product_id=5, variant_id=50, quantity=1)).lines

    assert (line.variant_id, line.sku, line.weight, line.image_url) == (50, "RED", Decimal(0), "red.jpg")
    assert line.options == (LineOption("Color", 7, "Red", 70),)
    assert (line.original_price, line.list_price) == (usd("12"), usd("12"))


@pytest.mark.parametrize(
    ("product_sale", "variant_price", "variant_sale", "original", "listed"),
    [
        (None, None, None, "10.00", "10.00"),
        ("8.00", None, None, "10.00", "8.00"),
        ("8.00", None, "7.00", "10.00", "7.00"),
        ("8.00", "9.00", None, "9.00", "9.00"),  # the product's sale price belongs to the product's price
        ("8.00", "9.00", "6.00", "9.00", "6.00"),
        ("8.00", "0", None, "0", "0"),  # a variant may cost nothing
        ("0", None, None, "10.00", "10.00"),  # a sale price of 0 is none
        (None, None, "0", "10.00", "10.00"),
    ],
)
def test_the_price_is_the_variants_or_else_the_products_and_what_is_asked_the_sale_price_if_there_is_one(
    product_sale: str | None, variant_price: str | None, variant_sale: str | None, original: str, listed: str
) -> None:
    variant = Variant(
        id=1,
        price=None if variant_price is None else usd(variant_price),
        sale_price=None if variant_sale is None else usd(variant_sale),
    )
    product = a_product(1, "10.00", sale_price=None if product_sale is None else usd(product_sale), variants=(variant,))

    (line,) = add(EMPTY, facts(None, product), NewLine(product_id=1, quantity=1)).lines

    assert (line.original_price, line.list_price) == (usd(original), usd(listed))
    assert not line.price_overridden


def test_a_price_and_a_name_that_the_request_gives_win() -> None:
    draft = NewLine(product_id=1, quantity=1, list_price=Decimal("0.00"), name="Gift for you")

    (line,) = add(EMPTY, facts(None, a_product(1, "10.00")), draft).lines

    assert (line.name, line.original_price, line.list_price) == ("Gift for you", usd("10.00"), usd("0"))
    assert line.price_overridden


def test_options_name_the_variant_that_has_exactly_these_values() -> None:
    draft = NewLine(product_id=5, quantity=1, options=(OptionSelection(7, 71),))

    (line,) = add(EMPTY, facts(None, RED_AND_BLUE), draft).lines

    assert (line.variant_id, line.options) == (51, (LineOption("Color", 7, "Blue", 71),))


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (NewLine(product_id=404, quantity=1), "line_items.0.product_id", "unknown_product"),
        (NewLine(product_id=5, quantity=1, variant_id=9), "line_items.0.variant_id", "unknown_variant"),
        (NewLine(product_id=5, quantity=1), "line_items.0.variant_id", "variant_required"),
        (
            NewLine(product_id=5, quantity=1, options=(OptionSelection(7, 99),)),
            "line_items.0.option_selections",
            "unknown_variant",
        ),
        (NewLine(product_id=1, quantity=0), "line_items.0.quantity", "invalid"),
        (NewLine(product_id=1, quantity=-1), "line_items.0.quantity", "invalid"),
        (NewLine(product_id=1, quantity=1_000_001), "line_items.0.quantity", "invalid"),
        (NewLine(product_id=1, quantity=1, list_price=Decimal("-0.01")), "line_items.0.list_price", "invalid"),
        (NewLine(product_id=1, quantity=1, list_price=Decimal("0.001")), "line_items.0.list_price", "invalid"),
        (NewLine(product_id=1, quantity=1, list_price=Decimal("NaN")), "line_items.0.list_price", "invalid"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_the_field_named(draft: NewLine, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(EMPTY, facts(None, a_product(1), RED_AND_BLUE), draft)

    assert (fields_of(refused.value), refused.value.reason) == ([field], code)


def test_what_the_shop_does_not_sell_is_refused() -> None:
    hidden = a_product(1, is_visible=False)
    withdrawn = a_product(2, variants=(Variant(id=2, purchasing_disabled=True),))

    with pytest.raises(Invalid):
        add(EMPTY, facts(None, hidden), NewLine(product_id=1, quantity=1))
    with pytest.raises(Refused):
        add(EMPTY, facts(None, withdrawn), NewLine(product_id=2, quantity=1))


def test_a_request_without_items_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        cart.add(EMPTY, NewItems(), facts(), a_moment().ids())

    assert refused.value.reason == "missing_line_items"


def test_the_index_of_the_line_at_fault_is_in_the_fields_name() -> None:
    good, bad = NewLine(product_id=1, quantity=1), NewLine(product_id=404, quantity=1)

    with pytest.raises(Invalid) as refused:
        add(EMPTY, facts(None, a_product(1)), good, bad)

    assert fields_of(refused.value) == ["line_items.1.product_id"]


# ---------------------------------------------------------------------------------------------------- joining lines


def test_more_of_the_same_goods_joins_the_line_that_no_consignment_holds() -> None:
    known = facts(None, a_product(1))
    before = add(EMPTY, known, NewLine(product_id=1, quantity=2))

    now = cart.add(before, NewItems(lines=(NewLine(product_id=1, quantity=3),)), known, a_moment("later").ids())

    assert quantities(now) == {before.lines[0].id: 5}


def test_the_same_goods_twice_in_one_request_are_one_line() -> None:
    draft = NewLine(product_id=1, quantity=2)

    now = add(EMPTY, facts(None, a_product(1)), draft, draft)

    assert [line.quantity for line in now.lines] == [4]


def test_d19_a_new_line_is_unassigned_also_when_a_consignment_holds_the_same_goods() -> None:
    known = facts(None, a_product(1))
    bare = add(EMPTY, known, NewLine(product_id=1, quantity=2))
    held = bare.lines[0].id
    before = replace(bare, consignments=(a_consignment("a", (held,)),))

    now = cart.add(before, NewItems(lines=(NewLine(product_id=1, quantity=3),)), known, a_moment("later").ids())

    assert [line.quantity for line in now.lines] == [2, 3]
    assert now.consignments == before.consignments


def test_another_price_another_name_or_another_variant_are_other_goods() -> None:
    known = facts(None, a_product(1), RED_AND_BLUE)

    now = add(
        EMPTY,
        known,
        NewLine(product_id=1, quantity=1),
        NewLine(product_id=1, quantity=1, list_price=Decimal("9.00")),
        NewLine(product_id=1, quantity=1, name="Other"),
        NewLine(product_id=5, quantity=1, variant_id=50),
        NewLine(product_id=5, quantity=1, variant_id=51),
    )

    assert [line.quantity for line in now.lines] == [1, 1, 1, 1, 1]


# ---------------------------------------------------------------------------------------------------- other items


def test_a_custom_item_has_a_name_and_a_price_of_its_own_and_can_be_shipped() -> None:
    items = NewItems(custom=(NewCustomItem(name="Engraving", sku="E", quantity=2, list_price=Decimal("5.99")),))

    (line,) = cart.add(EMPTY, items, facts(), a_moment().ids()).lines

    assert (line.kind, line.name, line.sku, line.quantity, line.list_price) == (
        "custom",
        "Engraving",
        "E",
        2,
        usd("5.99"),
    )
    assert line.is_shippable


def test_each_gift_certificate_is_a_line_of_its_own_and_is_not_shipped() -> None:
    now = cart.add(EMPTY, NewItems(certificates=(a_certificate("25.00", 3),)), facts(), a_moment().ids())

    assert [(line.kind, line.quantity, line.list_price) for line in now.lines] == [
        ("gift_certificate", 1, usd("25.00"))
    ] * 3
    assert len(quantities(now)) == 3
    assert not any(line.is_shippable for line in now.lines)


@pytest.mark.parametrize("amount", ["0.99", "1000.01", "-1", "NaN", "sNaN", "Infinity", "10.001"])
def test_a_gift_certificate_is_worth_from_one_to_a_thousand(amount: str) -> None:
    with pytest.raises(Invalid) as refused:
        cart.add(EMPTY, NewItems(certificates=(a_certificate(amount),)), facts(), a_moment().ids())

    assert fields_of(refused.value) == ["gift_certificates.0.amount"]


def test_the_smallest_and_the_largest_gift_certificate_can_be_bought() -> None:
    items = NewItems(certificates=(a_certificate("1"), a_certificate("1000.00")))

    now = cart.add(EMPTY, items, facts(), a_moment().ids())

    assert [line.list_price for line in now.lines] == [usd("1"), usd("1000")]


def test_a_gift_certificate_in_the_cart_can_be_written_anew() -> None:
    before = cart.add(EMPTY, NewItems(certificates=(a_certificate("25.00"),)), facts(), a_moment().ids())

    now = cart.change_certificate(before, before.lines[0].id, a_certificate("50.00"), facts())

    assert [(line.id, line.list_price, line.original_price) for line in now.lines] == [
        (before.lines[0].id, usd("50.00"), usd("50.00"))
    ]


def test_only_a_gift_certificate_can_be_written_anew() -> None:
    with pytest.raises(Invalid):
        cart.change_certificate(a_checkout(), "x", a_certificate(), facts())


# ---------------------------------------------------------------------------------------------------- changing lines


def test_a_line_gets_another_quantity_and_another_price() -> None:
    before = a_checkout(a_line("x", 2, "10.00"))

    now = cart.change_line(before, "x", 5, Decimal("9.50"), facts())

    assert now.lines == (
        a_line("x", 5, "10.00", list_price=usd("9.50"), original_price=usd("10.00"), price_overridden=True),
    )


def test_a_quantity_of_nothing_removes_the_line() -> None:
    before = a_checkout(a_line("x"), a_line("y", product_id=2))

    assert quantities(cart.change_line(before, "x", 0, None, facts())) == {"y": 1}


@pytest.mark.parametrize("quantity", [-1, 1_000_001])
def test_a_quantity_that_cannot_be_is_refused(quantity: int) -> None:
    with pytest.raises(Invalid) as refused:
        cart.change_line(a_checkout(), "x", quantity, None, facts())

    assert fields_of(refused.value) == ["line_item.quantity"]


def test_a_line_that_is_not_there_cannot_be_changed_or_removed() -> None:
    with pytest.raises(NotFound):
        cart.change_line(a_checkout(), "nothing", 1, None, facts())
    with pytest.raises(NotFound):
        cart.remove_line(a_checkout(), "nothing")


def test_a_custom_item_cannot_be_changed() -> None:
    before = a_checkout(a_line("x", kind="custom"))

    with pytest.raises(Refused):
        cart.change_line(before, "x", 2, None, facts())


@pytest.mark.parametrize(("quantity", "price"), [(2, None), (None, Decimal("5000.00")), (1, Decimal("0.00"))])
def test_a_gift_certificate_stays_one_and_worth_what_was_asked_for(quantity: int | None, price: Decimal | None) -> None:
    before = cart.add(EMPTY, NewItems(certificates=(a_certificate(),)), facts(), a_moment().ids())

    with pytest.raises(Refused):
        cart.change_line(before, before.lines[0].id, quantity, price, facts())


def test_a_gift_certificate_leaves_the_cart_with_a_quantity_of_nothing() -> None:
    before = cart.add(a_checkout(), NewItems(certificates=(a_certificate(),)), facts(), a_moment().ids())

    assert quantities(cart.change_line(before, before.lines[1].id, 0, None, facts())) == {"x": 2}


def test_lines_that_become_alike_in_one_place_become_one_under_the_earlier_id() -> None:
    dear = a_line("dear", 2, "10.00", name="Goods", price_overridden=True)
    cheap = a_line("cheap", 1, "10.00", name="Goods", price_overridden=True, list_price=usd("8.00"))

    now = cart.change_line(a_checkout(dear, cheap), "cheap", None, Decimal("10.00"), facts())

    assert quantities(now) == {"dear": 3}


# ---------------------------------------------------------------------------------------------------- consignments


def test_d19_a_removed_line_leaves_its_consignment() -> None:
    before = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        a_line("z", product_id=3),
        consignments=(a_consignment("a", ("x", "y")),),
    )

    now = cart.remove_line(before, "x")

    assert [consignment.line_item_ids for consignment in now.consignments] == [("y",)]


def test_d19_a_consignment_that_loses_its_last_line_disappears() -> None:
    before = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",))),
    )

    now = cart.remove_line(before, "x")

    assert [consignment.id for consignment in now.consignments] == ["b"]


def test_a_changed_quantity_leaves_the_line_where_it_is() -> None:
    before = a_checkout(a_line("x", 2), consignments=(a_consignment("a", ("x",)),))

    now = cart.change_line(before, "x", 7, None, facts())

    assert now.consignments == before.consignments


# ---------------------------------------------------------------------------------------------------- limits


def test_a_cart_holds_so_many_lines_and_no_more() -> None:
    products: list[Product] = [a_product(number) for number in (1, 2, 3)]
    known = facts(a_store(limits=Limits(line_items=2)), *products)
    full = add(EMPTY, known, NewLine(product_id=1, quantity=1), NewLine(product_id=2, quantity=1))

    with pytest.raises(QuantityNotAvailable) as refused:
        add(full, known, NewLine(product_id=3, quantity=1))

    assert refused.value.reason == "too_many_line_items"
    assert len(add(full, known, NewLine(product_id=2, quantity=1)).lines) == 2


def test_a_line_holds_so_many_units_and_no_more() -> None:
    known = facts(a_store(limits=Limits(units_per_line=10)), a_product(1))
    before = add(EMPTY, known, NewLine(product_id=1, quantity=8))

    full = add(before, known, NewLine(product_id=1, quantity=2))

    assert quantities(full) == {before.lines[0].id: 10}
    assert cart.change_line(full, before.lines[0].id, 10, None, known) == full
    with pytest.raises(QuantityNotAvailable):
        add(before, known, NewLine(product_id=1, quantity=3))


def test_as_many_gift_certificates_can_be_bought_at_once_as_a_cart_has_lines() -> None:
    known = facts(a_store(limits=Limits(line_items=2)))

    assert len(cart.add(EMPTY, NewItems(certificates=(a_certificate(quantity=2),)), known, a_moment().ids()).lines) == 2
    with pytest.raises(Invalid) as refused:
        cart.add(EMPTY, NewItems(certificates=(a_certificate(quantity=3),)), known, a_moment().ids())

    assert refused.value.fields == {"gift_certificates.0.quantity": "must be at most 2"}


def test_d36_a_store_that_sells_nothing_at_the_moment_takes_no_items() -> None:
    closed = facts(a_store(cart_settings=CartSettings(allow_purchasing=False)), a_product(1))

    with pytest.raises(PurchasingDisabled):
        add(EMPTY, closed, NewLine(product_id=1, quantity=1))


# ---------------------------------------------------------------------------------------------------- quantities per order


TWO_TO_FIVE = replace(RED_AND_BLUE, name="Lamp", order_quantity_minimum=2, order_quantity_maximum=5)


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        (1, "You need to purchase a minimum of 2 of the Lamp per order"),
        (6, "You can only purchase a maximum of 5 of the Lamp per order"),
    ],
)
def test_a_product_is_sold_in_so_many_units_to_one_order(quantity: int, message: str) -> None:
    known = facts(a_store(), TWO_TO_FIVE)

    with pytest.raises(PurchaseLimit) as refused:
        add(EMPTY, known, NewLine(product_id=5, variant_id=50, quantity=quantity))

    assert refused.value.message == message


def test_the_units_of_a_product_are_counted_over_all_its_lines() -> None:
    known = facts(a_store(), TWO_TO_FIVE)
    one_each = (
        NewLine(product_id=5, variant_id=50, quantity=1),
        NewLine(product_id=5, variant_id=51, quantity=1),
    )

    both = add(EMPTY, known, *one_each)
    full = cart.change_line(both, both.lines[0].id, 4, None, known)

    assert [line.quantity for line in full.lines] == [4, 1]
    with pytest.raises(PurchaseLimit):
        cart.change_line(full, full.lines[1].id, 2, None, known)
    with pytest.raises(PurchaseLimit):
        add(full, known, NewLine(product_id=5, variant_id=51, quantity=1))


def test_a_line_may_be_removed_and_repriced_whatever_the_limits_say() -> None:
    known = facts(a_store(), TWO_TO_FIVE)
    before = add(EMPTY, known, NewLine(product_id=5, variant_id=50, quantity=2))
    strict = facts(a_store(), replace(TWO_TO_FIVE, order_quantity_minimum=4))

    assert cart.change_line(before, before.lines[0].id, 0, None, strict).lines == ()
    assert cart.change_line(before, before.lines[0].id, None, Decimal(1), strict).lines[0].quantity == 2


def test_goods_that_left_the_catalog_have_no_limits_any_more() -> None:
    assert cart.change_line(a_checkout(), "x", 99, None, facts()).lines[0].quantity == 99
