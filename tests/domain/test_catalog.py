from decimal import Decimal
from typing import Any

import pytest

from checkstand.domain.catalog import (
    BulkRuleChange,
    Draft,
    OptionChoice,
    ProductChange,
    VariantChange,
    change,
    create,
    numbered,
    provisional,
)
from checkstand.domain.checkout import CustomField
from checkstand.domain.facts import OptionValue, Product, ProductOption, Variant, VariantOption
from checkstand.errors import Invalid, Taken, Unsupported
from tests.builders import USD, a_product, usd

COLOR = ProductOption(1, "Color", (OptionValue(2, "Red"), OptionValue(3, "Blue")))


def in_two_colors(**overrides: Any) -> Product:
    variants = (
        Variant(id=11, sku="RED", option_values=(VariantOption(1, 2),)),
        Variant(id=12, sku="BLU", option_values=(VariantOption(1, 3),)),
    )
    return a_product(**{"options": (COLOR,), "variants": variants, "inventory_tracking": "variant"} | overrides)


def created(**fields: Any) -> Draft:
    draft: dict[str, Any] = {
        "name": "Lamp",
        "type": "physical",
        "price": Decimal(20),
        "weight": Decimal("1.5"),
    } | fields
    return create(ProductChange(**draft), USD)


def changed(before: Product, counted: tuple[int, ...] = (), **fields: Any) -> Draft:
    return change(before, ProductChange(**fields), USD, counted)


def colored(label: str, **fields: Any) -> VariantChange:
    return VariantChange(options=(OptionChoice(option="Color", label=label),), **fields)


# ---------------------------------------------------------------------------------------------------- fields


def test_a_product_without_variants_gets_one_that_has_its_sku() -> None:
    draft = created(sku="LAMP", brand="OFS")

    assert draft == Draft(
        Product(
            id=-1,
            name="Lamp",
            sku="LAMP",
            price=usd(20),
            weight=Decimal("1.5"),
            brand="OFS",
            variants=(Variant(id=-1, sku="LAMP"),),
        ),
        {},
    )


def test_a_change_of_one_field_leaves_all_others() -> None:
    before = in_two_colors(sale_price=usd(8), retail_price=usd(12))

    assert changed(before, name="Other") == Draft(
        in_two_colors(name="Other", sale_price=usd(8), retail_price=usd(12)), {}
    )


@pytest.mark.parametrize("nothing", [None, Decimal(0)])
def test_a_sale_price_of_nothing_ends_the_sale(nothing: Decimal | None) -> None:
    assert changed(a_product(sale_price=usd(8)), sale_price=nothing).product.sale_price is None


def test_a_variants_price_of_null_is_the_products_and_one_of_zero_is_free() -> None:
    before = in_two_colors()

    dearer = changed(before, variants=(VariantChange(id=11, price=Decimal(0)), VariantChange(id=12, price=Decimal(9))))
    again = changed(dearer.product, variants=(VariantChange(id=12, price=None),))

    assert [variant.price for variant in dearer.product.variants] == [usd(0), usd(9)]
    assert [variant.price for variant in again.product.variants] == [usd(0), None]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": None}, "name", "is required"),
        ({"name": "  "}, "name", "is required"),
        ({"type": None}, "type", "is required"),
        ({"price": None}, "price", "is required"),
        ({"weight": None}, "weight", "is required for a physical product"),
        ({"price": Decimal(-1)}, "price", "must be 0 or more"),
        ({"price": Decimal("1.005")}, "price", "may have at most 2 decimal places in USD"),
        ({"sale_price": Decimal("NaN")}, "sale_price", "is not an amount of money this server can handle"),
        ({"weight": Decimal(-1)}, "weight", "must be a number from 0 to 1000000000"),
        ({"depth": Decimal(-1)}, "depth", "must be a number from 0 to 1000000000"),
        ({"weight": Decimal("0.00001")}, "weight", "may have at most 4 decimal places"),
        (
            {"variants": (VariantChange(price=Decimal("0.001")),)},
            "variants.0.price",
            "may have at most 2 decimal places in USD",
        ),
        (
            {"variants": (VariantChange(weight=Decimal(-1)),)},
            "variants.0.weight",
            "must be a number from 0 to 1000000000",
        ),
    ],
)
def test_a_product_that_cannot_be_is_refused_by_field(fields: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        created(**fields)

    assert refused.value.fields == {field: reason}


def test_a_digital_product_weighs_nothing_unless_it_says_so() -> None:
    assert created(type="digital", weight=None).product.weight == 0


# ---------------------------------------------------------------------------------------------------- variants and options


def test_options_come_into_being_with_the_variants_that_name_them() -> None:
    draft = created(variants=(colored("Red", sku="R"), colored("Blue", sku="B")))

    assert draft.product.options == (ProductOption(-1, "Color", (OptionValue(-1, "Red"), OptionValue(-2, "Blue"))),)
    assert draft.product.variants == (
        Variant(id=-1, sku="R", option_values=(VariantOption(-1, -1),)),
        Variant(id=-2, sku="B", option_values=(VariantOption(-1, -2),)),
    )


def test_everything_new_is_numbered_once_and_everywhere() -> None:
    draft = created(
        inventory_tracking="variant",
        variants=(colored("Red", inventory_level=4), colored("Blue", inventory_level=0)),
    )
    entries = provisional(draft.product)

    real = numbered(draft, {entry: number for number, entry in enumerate(entries, 100)})

    assert entries == [
        ("product", -1),
        ("option", -1),
        ("option_value", -1),
        ("option_value", -2),
        ("variant", -1),
        ("variant", -2),
    ]
    assert provisional(real.product) == []
    assert real.product.id == 100
    assert real.product.options == (ProductOption(101, "Color", (OptionValue(102, "Red"), OptionValue(103, "Blue"))),)
    assert [(variant.id, variant.option_values) for variant in real.product.variants] == [
        (104, (VariantOption(101, 102),)),
        (105, (VariantOption(101, 103),)),
    ]
    assert real.stock == {104: 4, 105: 0}


def test_a_variant_given_by_id_is_changed_and_one_without_is_added() -> None:
    draft = changed(
        in_two_colors(), variants=(VariantChange(id=11, image_url="https://example.com/red.png"), colored("Green"))
    )

    assert draft.product.variants == (
        Variant(id=11, sku="RED", image_url="https://example.com/red.png", option_values=(VariantOption(1, 2),)),
        Variant(id=12, sku="BLU", option_values=(VariantOption(1, 3),)),
        Variant(id=-1, option_values=(VariantOption(1, -1),)),
    )
    assert draft.product.options == (
        ProductOption(1, "Color", (OptionValue(2, "Red"), OptionValue(3, "Blue"), OptionValue(-1, "Green"))),
    )


def test_a_new_variant_may_name_an_option_and_a_value_by_their_ids() -> None:
    before = in_two_colors(variants=(Variant(id=11, option_values=(VariantOption(1, 2),)),))

    draft = changed(before, variants=(VariantChange(options=(OptionChoice(option_id=1, value_id=3),)),))

    assert draft.product.variants[1] == Variant(id=-1, option_values=(VariantOption(1, 3),))
    assert draft.product.options == (COLOR,)


def test_the_one_variant_of_a_plain_product_goes_when_variants_with_options_come() -> None:
    draft = changed(a_product(), variants=(colored("Red"),))

    assert [variant.id for variant in draft.product.variants] == [-1]


def test_a_plain_product_and_its_variant_have_the_same_sku_whoever_is_given_it() -> None:
    by_product = changed(a_product(), sku="A").product
    by_variant = changed(a_product(), variants=(VariantChange(id=1, sku="B"),)).product

    assert (by_product.sku, by_product.variants[0].sku) == ("A", "A")
    assert (by_variant.sku, by_variant.variants[0].sku) == ("B", "B")


@pytest.mark.parametrize(
    ("variants", "field", "reason"),
    [
        ((VariantChange(id=99),), "variants.0.id", "99 is not a variant of this product"),
        ((VariantChange(id=11), VariantChange(id=11)), "variants.1.id", "11 is given twice"),
        ((VariantChange(),), "variants.0.option_values", "must have one value for the option Color"),
        (
            (VariantChange(options=(OptionChoice(option="Size", label="L"),)),),
            "variants.option_values",
            "must have one value for the option Size",
        ),
        (
            (
                VariantChange(
                    options=(OptionChoice(option="Color", label="Green"), OptionChoice(option="Color", label="Red"))
                ),
            ),
            "variants.0.option_values",
            "must have one value for the option Color",
        ),
        (
            (VariantChange(options=(OptionChoice(option_id=9, value_id=2),)),),
            "variants.0.option_values.0.option_id",
            "9 is not an option of this product",
        ),
        (
            (VariantChange(options=(OptionChoice(option_id=1, value_id=9),)),),
            "variants.0.option_values.0.id",
            "9 is not a value of option Color",
        ),
        (
            (VariantChange(options=(OptionChoice(option="Color"),)),),
            "variants.0.option_values.0.label",
            "is required",
        ),
        (
            (VariantChange(options=(OptionChoice(label="Red"),)),),
            "variants.0.option_values.0.option_display_name",
            "is required",
        ),
    ],
)
def test_variants_that_cannot_be_are_refused_by_field(
    variants: tuple[VariantChange, ...], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        changed(in_two_colors(), variants=variants)

    assert refused.value.fields == {field: reason}


def test_several_variants_need_options() -> None:
    with pytest.raises(Invalid) as refused:
        created(variants=(VariantChange(sku="A"), VariantChange(sku="B")))

    assert refused.value.fields == {"variants.1.option_values": "is required: several variants need options"}


def test_more_variants_than_published_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        created(variants=tuple(colored(str(number)) for number in range(601)))

    assert refused.value.fields == {"variants": "may be at most 600"}


def test_two_variants_have_neither_the_same_sku_nor_the_same_options() -> None:
    with pytest.raises(Taken, match="RED"):
        changed(in_two_colors(), variants=(VariantChange(id=12, sku="RED"),))
    with pytest.raises(Taken, match=r"variants\.0\.option_values"):
        changed(in_two_colors(), variants=(colored("Blue"),))


# ---------------------------------------------------------------------------------------------------- stock


def test_nothing_is_counted_without_tracking() -> None:
    assert created(inventory_level=5, variants=(colored("Red", inventory_level=5),)).stock == {}
    assert changed(in_two_colors(), (11, 12), inventory_tracking="none").stock == {11: None, 12: None}


def test_units_are_counted_of_the_one_variant_or_of_each() -> None:
    plain = created(inventory_tracking="product", inventory_level=5)
    with_options = created(inventory_tracking="variant", variants=(colored("Red", inventory_level=7), colored("Blue")))

    assert plain.stock == {-1: 5}
    assert with_options.stock == {-1: 7, -2: 0}


def test_a_change_counts_anew_only_what_it_names() -> None:
    assert changed(in_two_colors(), (11, 12), name="Other").stock == {}
    assert changed(in_two_colors(), (11, 12), variants=(VariantChange(id=12, inventory_level=3),)).stock == {12: 3}


def test_what_was_counted_before_stays_when_tracking_begins() -> None:
    before = in_two_colors(inventory_tracking="none")

    assert changed(before, (11,), inventory_tracking="variant").stock == {12: 0}


def test_a_new_variant_has_no_units_and_does_not_touch_those_of_the_others() -> None:
    assert changed(in_two_colors(), variants=(colored("Green"),)).stock == {-1: 0}


def test_one_stock_for_several_variants_is_not_supported_yet() -> None:
    with pytest.raises(Unsupported, match="per variant"):
        changed(in_two_colors(), inventory_tracking="product")


# ---------------------------------------------------------------------------------------------------- what rules look at


def a_rule(quantity_min: int, rule_id: int | None = None, quantity_max: int = 0) -> BulkRuleChange:
    return BulkRuleChange(
        quantity_min=quantity_min, quantity_max=quantity_max, type="percent", amount=Decimal(10), id=rule_id
    )


def test_bulk_rules_are_replaced_as_a_whole_and_those_known_by_id_keep_it() -> None:
    first = numbered(created(bulk_pricing_rules=(a_rule(10), a_rule(2, None, 9))), numbers_from(1)).product
    assert [(rule.id, rule.quantity_min, rule.quantity_max) for rule in first.bulk_pricing_rules] == [
        (2, 2, 9),
        (1, 10, 0),
    ]

    draft = changed(first, bulk_pricing_rules=(a_rule(2, 2, 4), a_rule(5, 99, 9), a_rule(10, 2)))

    assert [rule.id for rule in draft.product.bulk_pricing_rules] == [2, -1, -2]
    assert provisional(draft.product) == [("bulk_pricing_rule", -1), ("bulk_pricing_rule", -2)]
    assert changed(first, name="Other").product.bulk_pricing_rules == first.bulk_pricing_rules
    assert changed(first, bulk_pricing_rules=()).product.bulk_pricing_rules == ()


def test_rules_of_which_two_would_hold_are_refused() -> None:
    with pytest.raises(Invalid, match="within the quantities of another rule"):
        created(bulk_pricing_rules=(a_rule(2), a_rule(5)))


def test_categories_brand_and_custom_fields_are_kept() -> None:
    fields = (CustomField("ISBN", "0439538491"),)

    product = changed(created().product, brand_id=7, category_ids=(5, 6), custom_fields=fields).product

    assert (product.brand_id, product.category_ids, product.custom_fields) == (7, (5, 6), fields)


def numbers_from(first: int) -> dict[tuple[str, int], int]:
    """Provisional ids of new things as real ones, whatever they are of."""
    sequences = ("product", "variant", "option", "option_value", "bulk_pricing_rule")
    return {(sequence, -position): first + position - 1 for sequence in sequences for position in range(1, 9)}
