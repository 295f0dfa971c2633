"""Editing a product as far as a checkout needs it: pure changes of one product and of what is counted of it.

A change names what is to be another; what it leaves out stays. A new product is a blank one with a change applied:
1. the product's own fields;
2. its variants: those given by id change, the others are added; options and their values come into being with the variants
   that name them first; a product without options has one variant, which goes when the first ones with options come;
3. its stock: units are counted per variant, in the shop's own pool.

What is new gets a provisional id below 0 here, so that a change that is refused uses up no numbers. `provisional` lists
them, and `numbered` puts the real ones in their places.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checkstand.domain import measures
from checkstand.domain.checkout import CustomField
from checkstand.domain.facts import OptionValue, Product, ProductOption, Variant, VariantOption
from checkstand.domain.money import Currency
from checkstand.domain.price_rules import BulkPricingRule, Method, check_bulk_rules
from checkstand.errors import Invalid, Taken, Unsupported

Tracking = Literal["none", "product", "variant"]

BULK_RULE = "bulk_pricing_rule"
"""The sequence their ids are taken from."""

MOST_VARIANTS = 600
"""Published limit of the variants of one product."""


class OptionChoice(Struct, frozen=True, kw_only=True):
    """One value a variant has: by the ids the product knows, or by name."""

    option_id: int | None = None
    value_id: int | None = None
    option: str = ""
    label: str = ""


class VariantChange(Struct, frozen=True, kw_only=True):
    """Without `id` a new variant. None and UNSET: stays; a price, a weight or a dimension of None is the product's."""

    id: int | None = None
    sku: str | None = None
    price: Decimal | UnsetType | None = UNSET
    sale_price: Decimal | UnsetType | None = UNSET
    weight: Decimal | UnsetType | None = UNSET
    width: Decimal | UnsetType | None = UNSET
    height: Decimal | UnsetType | None = UNSET
    depth: Decimal | UnsetType | None = UNSET
    image_url: str | None = None
    purchasing_disabled: bool | None = None
    inventory_level: int | None = None
    options: tuple[OptionChoice, ...] | None = None


class BulkRuleChange(Struct, frozen=True, kw_only=True):
    """A bulk rule to be; with the id of one that the product has, that one changed."""

    quantity_min: int
    quantity_max: int
    type: Method
    amount: Decimal
    id: int | None = None


class ProductChange(Struct, frozen=True, kw_only=True):
    """A product to be, or what is to be another about one. A sale, retail or fixed shipping price of None or 0: there is none."""

    name: str | None = None
    type: Literal["physical", "digital"] | None = None
    sku: str | None = None
    description: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | UnsetType | None = UNSET
    retail_price: Decimal | UnsetType | None = UNSET
    weight: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    depth: Decimal | None = None
    fixed_cost_shipping_price: Decimal | UnsetType | None = UNSET
    is_free_shipping: bool | None = None
    order_quantity_minimum: int | None = None
    order_quantity_maximum: int | None = None
    tax_class_id: int | None = None
    brand: str | None = None
    brand_id: int | None = None
    category_ids: tuple[int, ...] | None = None
    custom_fields: tuple[CustomField, ...] | None = None
    bulk_pricing_rules: tuple[BulkRuleChange, ...] | None = None
    url: str | None = None
    image_url: str | None = None
    is_visible: bool | None = None
    inventory_tracking: Tracking | None = None
    inventory_level: int | None = None
    variants: tuple[VariantChange, ...] | None = None


class Draft(Struct, frozen=True):
    """A product with what is to be counted of it: variant id -> units, None: not counted; a variant left out stays."""

    product: Product
    stock: dict[int, int | None]


def create(draft: ProductChange, currency: Currency) -> Draft:
    """A product to be, with provisional ids. Raises what `change` raises."""
    for name in ("name", "type", "price"):
        if getattr(draft, name) is None:
            raise Invalid.field(name, "is required")
    if draft.type == "physical" and draft.weight is None:
        raise Invalid.field("weight", "is required for a physical product")
    return change(Product(id=-1, name="", price=currency.zero), draft, currency, counted=())


def change(before: Product, draft: ProductChange, currency: Currency, counted: Collection[int]) -> Draft:
    """`counted`: the variants whose units are counted now.

    Raises `Invalid` naming the field, `Taken` for a SKU or a choice of options that two variants would have, and
    `Unsupported` for one stock shared by several variants.
    """
    after = _with_fields(before, draft, currency)
    variants = _Variants(after, currency)
    levels: dict[int, int] = {}
    for index, entry in enumerate(draft.variants or ()):
        variant_id = variants.apply(entry, index)
        if entry.inventory_level is not None:
            levels[variant_id] = entry.inventory_level
    after = _with_one_sku(variants.finished(), draft)
    _check_skus(after.variants)
    return Draft(after, _stock(after, draft, levels, counted))


# ---------------------------------------------------------------------------------------------------- the product's own fields


def _with_fields(before: Product, draft: ProductChange, currency: Currency) -> Product:
    plain = (
        "name",
        "type",
        "sku",
        "description",
        "tax_class_id",
        "brand",
        "brand_id",
        "category_ids",
        "custom_fields",
        "url",
        "image_url",
        "is_visible",
        "inventory_tracking",
        "is_free_shipping",
        "order_quantity_minimum",
        "order_quantity_maximum",
    )
    given: dict[str, Any] = {name: value for name in plain if (value := getattr(draft, name)) is not None}
    if draft.price is not None:
        given["price"] = currency.price(draft.price, "price")
    for name in ("sale_price", "retail_price", "fixed_cost_shipping_price"):
        sent: Decimal | UnsetType | None = getattr(draft, name)
        if sent is not UNSET:
            given[name] = None if sent is None else currency.price(sent, name) or None
    for name in ("weight", "width", "height", "depth"):
        measured: Decimal | None = getattr(draft, name)
        if measured is not None:
            given[name] = measures.weight(measured, name)
    if draft.bulk_pricing_rules is not None:
        given["bulk_pricing_rules"] = _bulk_rules(before, draft.bulk_pricing_rules, currency)
    after = replace(before, **given)
    if not after.name.strip():
        raise Invalid.field("name", "is required")
    check_quantities(after)
    return after


def check_quantities(product: Product) -> None:
    """Raises `Invalid` for a maximum that no order could keep."""
    if 0 < product.order_quantity_maximum < product.order_quantity_minimum:
        raise Invalid.field("order_quantity_maximum", "must not be below order_quantity_minimum")


def _bulk_rules(before: Product, drafts: Sequence[BulkRuleChange], currency: Currency) -> tuple[BulkPricingRule, ...]:
    """All that the product has from now on, by quantity; those without an id, or with one of another product's, are new."""
    known = {rule.id for rule in before.bulk_pricing_rules}
    rules: list[BulkPricingRule] = []
    for draft in drafts:
        is_known = draft.id in known and draft.id not in (rule.id for rule in rules)
        rules.append(
            BulkPricingRule(
                id=draft.id if is_known and draft.id else _next_provisional(rule.id for rule in rules),
                quantity_min=draft.quantity_min,
                quantity_max=draft.quantity_max,
                type=draft.type,
                amount=draft.amount,
            )
        )
    check_bulk_rules(rules, currency)
    return tuple(sorted(rules, key=lambda rule: rule.quantity_min))


# ---------------------------------------------------------------------------------------------------- variants and options


class _Variants:
    """The variants and options of one product while a change is applied to them, entry by entry."""

    def __init__(self, product: Product, currency: Currency) -> None:
        self._product, self._currency = product, currency
        self._variants = {variant.id: variant for variant in product.variants}
        self._options = {option.id: option for option in product.options}
        self._field_of: dict[int, str] = {}

    def apply(self, entry: VariantChange, index: int) -> int:
        """The id of the variant that was changed or added."""
        field = f"variants.{index}"
        if entry.id is None:
            before = Variant(id=_next_provisional(self._variants))
        elif entry.id in self._variants and entry.id not in self._field_of:
            before = self._variants[entry.id]
        else:
            reason = "is given twice" if entry.id in self._field_of else "is not a variant of this product"
            raise Invalid.field(f"{field}.id", f"{entry.id} {reason}")
        self._field_of[before.id] = field
        self._variants[before.id] = self._changed(before, entry, field)
        return before.id

    def _changed(self, before: Variant, entry: VariantChange, field: str) -> Variant:
        plain = ("sku", "image_url", "purchasing_disabled")
        given: dict[str, Any] = {name: value for name in plain if (value := getattr(entry, name)) is not None}
        if entry.price is not UNSET:
            given["price"] = None if entry.price is None else self._currency.price(entry.price, f"{field}.price")
        if entry.sale_price is not UNSET:
            sale = None if entry.sale_price is None else self._currency.price(entry.sale_price, f"{field}.sale_price")
            given["sale_price"] = sale or None
        for name in ("weight", "width", "height", "depth"):
            measured: Decimal | UnsetType | None = getattr(entry, name)
            if measured is not UNSET:
                given[name] = None if measured is None else measures.weight(measured, f"{field}.{name}")
        if entry.options is not None:
            given["option_values"] = tuple(
                self._choice(choice, f"{field}.option_values.{index}") for index, choice in enumerate(entry.options)
            )
        return replace(before, **given)

    def _choice(self, choice: OptionChoice, field: str) -> VariantOption:
        option = self._option(choice, field)
        for value in option.values:
            if value.id == choice.value_id or (choice.value_id is None and value.label == choice.label):
                return VariantOption(option.id, value.id)
        if choice.value_id is not None:
            raise Invalid.field(f"{field}.id", f"{choice.value_id} is not a value of option {option.display_name}")
        if not choice.label.strip():
            raise Invalid.field(f"{field}.label", "is required")
        known = [value.id for each in self._options.values() for value in each.values]
        value = OptionValue(_next_provisional(known), choice.label)
        self._options[option.id] = replace(option, values=(*option.values, value))
        return VariantOption(option.id, value.id)

    def _option(self, choice: OptionChoice, field: str) -> ProductOption:
        if choice.option_id is not None:
            if choice.option_id not in self._options:
                raise Invalid.field(f"{field}.option_id", f"{choice.option_id} is not an option of this product")
            return self._options[choice.option_id]
        for option in self._options.values():
            if option.display_name == choice.option:
                return option
        if not choice.option.strip():
            raise Invalid.field(f"{field}.option_display_name", "is required")
        option = ProductOption(_next_provisional(self._options), choice.option)
        self._options[option.id] = option
        return option

    def finished(self) -> Product:
        """The product with its variants as they are to be, each of them told from the others by its options."""
        variants = list(self._variants.values())
        if self._options:
            variants = [variant for variant in variants if variant.option_values or variant.id in self._field_of]
        elif not variants:
            variants = [Variant(id=-1)]
        elif len(variants) > 1:
            raise Invalid.field(
                f"{self._field_of[variants[1].id]}.option_values", "is required: several variants need options"
            )
        if len(variants) > MOST_VARIANTS:
            raise Invalid.field("variants", f"may be at most {MOST_VARIANTS}")
        self._check_choices(variants)
        return replace(self._product, options=tuple(self._options.values()), variants=tuple(variants))

    def _check_choices(self, variants: Iterable[Variant]) -> None:
        taken: set[frozenset[VariantOption]] = set()
        for variant in variants:
            field = f"{self._field_of.get(variant.id, 'variants')}.option_values"
            chosen = [choice.option_id for choice in variant.option_values]
            for option in self._options.values():
                if chosen.count(option.id) != 1:
                    raise Invalid.field(field, f"must have one value for the option {option.display_name}")
            choices = frozenset(variant.option_values)
            if choices in taken:
                raise Taken(f"{field} are those of another variant.", details={"field": field})
            taken.add(choices)


def _next_provisional(ids: Iterable[int]) -> int:
    return min(0, *ids, 0) - 1


def _with_one_sku(after: Product, draft: ProductChange) -> Product:
    """A product without options and its one variant have the same SKU: the one that was given, the variant's first."""
    variant = after.variants[0]
    asked = next((entry.sku for entry in draft.variants or () if entry.sku is not None), draft.sku)
    if after.options or (asked is None and variant.id > 0):
        return after
    sku = after.sku if asked is None else asked
    return replace(after, sku=sku, variants=(replace(variant, sku=sku),))


def _check_skus(variants: Sequence[Variant]) -> None:
    seen: set[str] = set()
    for variant in variants:
        if variant.sku and variant.sku in seen:
            raise Taken(f"The SKU {variant.sku} is that of another variant.", details={"field": "variants"})
        seen.add(variant.sku)


# ---------------------------------------------------------------------------------------------------- stock


def _stock(
    after: Product, draft: ProductChange, levels: Mapping[int, int], counted: Collection[int]
) -> dict[int, int | None]:
    """What is to be counted: nothing without tracking, otherwise what was given; of what is new, or now begins to be
    counted, 0 units. What a shop file tracks and does not count never runs out, and stays so until a change says else."""
    ids = [variant.id for variant in after.variants]
    if after.inventory_tracking == "none":
        return dict.fromkeys(ids) if draft.inventory_tracking == "none" else {}
    if after.inventory_tracking == "product" and after.options:
        raise Unsupported(
            "This version of Checkstand counts the stock of a product with options per variant: set inventory_tracking to"
            " variant (see docs/compatibility.md)."
        )
    given: dict[int, int | None] = {variant_id: level for variant_id, level in levels.items() if variant_id in ids}
    if not after.options and draft.inventory_level is not None:
        given.setdefault(ids[0], draft.inventory_level)
    begins = draft.inventory_tracking is not None
    return {**{number: 0 for number in ids if number not in counted and (begins or number < 0)}, **given}


# ---------------------------------------------------------------------------------------------------- numbers


def provisional(product: Product) -> list[tuple[str, int]]:
    """(sequence, provisional id) of everything in a product that is new, in the order they should be numbered in."""
    ids = [
        ("product", product.id),
        *(("option", option.id) for option in product.options),
        *(("option_value", value.id) for option in product.options for value in option.values),
        *(("variant", variant.id) for variant in product.variants),
        *((BULK_RULE, rule.id) for rule in product.bulk_pricing_rules),
    ]
    return [(sequence, given) for sequence, given in ids if given < 0]


def numbered(draft: Draft, numbers: Mapping[tuple[str, int], int]) -> Draft:
    """The draft with real numbers in the place of provisional ones."""

    def real(sequence: str, given: int) -> int:
        return numbers[sequence, given] if given < 0 else given

    product = draft.product
    options = tuple(
        replace(
            option,
            id=real("option", option.id),
            values=tuple(replace(value, id=real("option_value", value.id)) for value in option.values),
        )
        for option in product.options
    )
    variants = tuple(
        replace(
            variant,
            id=real("variant", variant.id),
            option_values=tuple(
                VariantOption(real("option", choice.option_id), real("option_value", choice.value_id))
                for choice in variant.option_values
            ),
        )
        for variant in product.variants
    )
    rules = tuple(replace(rule, id=real(BULK_RULE, rule.id)) for rule in product.bulk_pricing_rules)
    return Draft(
        replace(product, id=real("product", product.id), options=options, variants=variants, bulk_pricing_rules=rules),
        {real("variant", variant_id): units for variant_id, units in draft.stock.items()},
    )
