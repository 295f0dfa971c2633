"""The catalog, as far as a checkout needs it: products with their variants, options and stock.

Names and shapes are those of the public v3 catalog; what no checkout looks at (descriptions for search engines) is neither kept
nor shown. Categories and brands are numbers that promotions and coupons look at.
"""

import re
from typing import Annotated, Literal
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType

from checkstand.api.bodies import Identifier, Price
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import named_ids, page_and_limit, pagination
from checkstand.api.projection import Amount, amounts
from checkstand.domain.catalog import BulkRuleChange, OptionChoice, ProductChange, Tracking, VariantChange
from checkstand.domain.checkout import CustomField
from checkstand.domain.facts import Product, Variant
from checkstand.domain.measures import number
from checkstand.domain.money import Currency
from checkstand.domain.price_rules import BulkPricingRule, Method
from checkstand.service import catalog
from checkstand.service.access import PRODUCTS
from checkstand.service.catalog import Stocked

INCLUDES = ("variants", "options", "images", "custom_fields", "bulk_pricing_rules")
WHOLE = ("variants", "options", "custom_fields", "bulk_pricing_rules")
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250
MOST_CATEGORIES, MOST_CUSTOM_FIELDS, MOST_BULK_RULES = 1000, 200, 50

# Looked ahead for, since a $ would let a line end pass.
ONE_LINE = r"^(?![\s\S]*[\x00-\x1f\x7f])"
NO_SPACE = r"^(?![\s\S]*\s)"

Name = Annotated[str, Meta(min_length=1, max_length=250, pattern=ONE_LINE)]
Word = Annotated[str, Meta(max_length=255, pattern=ONE_LINE)]
Description = Annotated[str, Meta(max_length=65_535)]
ImageUrl = Annotated[str, Meta(max_length=2048, pattern=NO_SPACE + "(https?://.+)?$")]
Path = Annotated[str, Meta(max_length=255, pattern=NO_SPACE + "/(?!/)")]
Level = Annotated[int, Meta(ge=0, lt=2**31)]
Kind = Literal["physical", "digital"]

# ---------------------------------------------------------------------------------------------------- what is sent


class CustomUrlBody(Struct):
    url: Path


class ImageBody(Struct):
    image_url: ImageUrl
    is_thumbnail: bool | None = None


class OptionValueBody(Struct):
    """The value a variant has for an option: by name, or by the ids of both. Names that are new make new ones."""

    option_display_name: Word | None = None
    label: Word | None = None
    option_id: Identifier | None = None
    id: Identifier | None = None

    def choice(self) -> OptionChoice:
        return OptionChoice(
            option_id=self.option_id,
            value_id=self.id,
            option=self.option_display_name or "",
            label=self.label or "",
        )


class VariantBody(Struct):
    """Without `id` a new variant. A price, a weight or a dimension of null is the product's."""

    id: Identifier | None = None
    sku: Word | None = None
    price: Price | UnsetType | None = UNSET
    sale_price: Price | UnsetType | None = UNSET
    weight: Price | UnsetType | None = UNSET
    width: Price | UnsetType | None = UNSET
    height: Price | UnsetType | None = UNSET
    depth: Price | UnsetType | None = UNSET
    inventory_level: Level | None = None
    purchasing_disabled: bool | None = None
    image_url: ImageUrl | None = None
    option_values: list[OptionValueBody] | None = None

    def change(self) -> VariantChange:
        return VariantChange(
            id=self.id,
            sku=self.sku,
            price=self.price,
            sale_price=self.sale_price,
            weight=self.weight,
            width=self.width,
            height=self.height,
            depth=self.depth,
            image_url=self.image_url,
            purchasing_disabled=self.purchasing_disabled,
            inventory_level=self.inventory_level,
            options=None if self.option_values is None else tuple(value.choice() for value in self.option_values),
        )


class CustomFieldBody(Struct):
    name: Word
    value: Word


class BulkRuleBody(Struct):
    """From `quantity_min` units on, up to `quantity_max` (0: any number): `percent` or an amount (`price`) off each unit, or
    another price for it (`fixed`)."""

    quantity_min: Level
    quantity_max: Level
    type: Method
    amount: Price
    id: Identifier | None = None

    def change(self) -> BulkRuleChange:
        return BulkRuleChange(
            quantity_min=self.quantity_min,
            quantity_max=self.quantity_max,
            type=self.type,
            amount=self.amount,
            id=self.id,
        )


class ProductBody(Struct):
    """What a change leaves out stays. A new product needs `name`, `type` and `price`, a physical one `weight` as well."""

    name: Name | None = None
    type: Kind | None = None
    sku: Word | None = None
    description: Description | None = None
    weight: Price | None = None
    width: Price | None = None
    depth: Price | None = None
    height: Price | None = None
    price: Price | None = None
    sale_price: Price | UnsetType | None = UNSET
    retail_price: Price | UnsetType | None = UNSET
    tax_class_id: Identifier | None = None
    categories: Annotated[list[Identifier], Meta(max_length=MOST_CATEGORIES)] | None = None
    brand_id: Identifier | None = None
    brand_name: Word | None = None
    custom_fields: Annotated[list[CustomFieldBody], Meta(max_length=MOST_CUSTOM_FIELDS)] | None = None
    bulk_pricing_rules: Annotated[list[BulkRuleBody], Meta(max_length=MOST_BULK_RULES)] | None = None
    inventory_level: Level | None = None
    inventory_tracking: Tracking | None = None
    fixed_cost_shipping_price: Price | UnsetType | None = UNSET
    is_free_shipping: bool | None = None
    is_visible: bool | None = None
    order_quantity_minimum: Level | None = None
    order_quantity_maximum: Level | None = None
    custom_url: CustomUrlBody | None = None
    images: list[ImageBody] | None = None
    variants: list[VariantBody] | None = None

    def change(self) -> ProductChange:
        return ProductChange(
            name=self.name,
            type=self.type,
            sku=self.sku,
            description=self.description,
            price=self.price,
            sale_price=self.sale_price,
            retail_price=self.retail_price,
            weight=self.weight,
            width=self.width,
            height=self.height,
            depth=self.depth,
            fixed_cost_shipping_price=self.fixed_cost_shipping_price,
            is_free_shipping=self.is_free_shipping,
            order_quantity_minimum=self.order_quantity_minimum,
            order_quantity_maximum=self.order_quantity_maximum,
            tax_class_id=self.tax_class_id,
            brand=self.brand_name,
            brand_id=self.brand_id,
            category_ids=None if self.categories is None else tuple(dict.fromkeys(self.categories)),
            custom_fields=None
            if self.custom_fields is None
            else tuple(CustomField(field.name, field.value) for field in self.custom_fields),
            bulk_pricing_rules=None
            if self.bulk_pricing_rules is None
            else tuple(rule.change() for rule in self.bulk_pricing_rules),
            url=self.custom_url.url if self.custom_url else None,
            image_url=None if self.images is None else _thumbnail(self.images),
            is_visible=self.is_visible,
            inventory_tracking=self.inventory_tracking,
            inventory_level=self.inventory_level,
            variants=None if self.variants is None else tuple(variant.change() for variant in self.variants),
        )


def _thumbnail(images: list[ImageBody]) -> str:
    """The one image a line item shows: the one meant for it, else the first."""
    return next((image.image_url for image in images if image.is_thumbnail), images[0].image_url if images else "")


def _path(name: str) -> str:
    """`Canvas Laundry Cart` as `/canvas-laundry-cart/`; letters of other scripts stay, as a URL writes them."""
    words = re.findall(r"\w+", name.lower())
    return quote(f"/{'-'.join(words)}/") if words else "/"


# ---------------------------------------------------------------------------------------------------- what is shown


class CustomUrlShape(Struct):
    url: str


class ImageShape(Struct):
    image_url: str
    is_thumbnail: bool


class VariantOptionShape(Struct):
    id: int
    label: str
    option_id: int
    option_display_name: str


class VariantShape(Struct):
    """`price`, `sale_price`, `weight` and the dimensions are null where they are the product's; `calculated_…` is what counts."""

    id: int
    product_id: int
    sku: str
    price: Amount | None
    calculated_price: Amount
    sale_price: Amount | None
    weight: Amount | None
    calculated_weight: Amount
    width: Amount | None
    height: Amount | None
    depth: Amount | None
    inventory_level: int
    purchasing_disabled: bool
    image_url: str
    option_values: list[VariantOptionShape]


class OptionValueShape(Struct):
    id: int
    label: str


class OptionShape(Struct):
    id: int
    product_id: int
    display_name: str
    option_values: list[OptionValueShape]


class CustomFieldShape(Struct):
    name: str
    value: str


class BulkRuleShape(Struct):
    id: int
    quantity_min: int
    quantity_max: int
    type: Method
    amount: Amount


def bulk_rule_shape(rule: BulkPricingRule) -> BulkRuleShape:
    return BulkRuleShape(rule.id, rule.quantity_min, rule.quantity_max, rule.type, number(rule.amount))


class ProductShape(Struct):
    """A sale, retail or fixed shipping price of 0, and an order quantity of 0: there is none. `base_variant_id` is null for a
    product with options."""

    id: int
    name: str
    type: Kind
    sku: str
    description: str
    weight: Amount
    width: Amount
    depth: Amount
    height: Amount
    price: Amount
    sale_price: Amount
    retail_price: Amount
    calculated_price: Amount
    tax_class_id: int
    categories: list[int]
    brand_id: int
    brand_name: str
    inventory_level: int
    inventory_tracking: Tracking
    fixed_cost_shipping_price: Amount
    is_free_shipping: bool
    is_visible: bool
    order_quantity_minimum: int
    order_quantity_maximum: int
    base_variant_id: int | None
    custom_url: CustomUrlShape
    variants: list[VariantShape] | UnsetType
    options: list[OptionShape] | UnsetType
    images: list[ImageShape] | UnsetType
    custom_fields: list[CustomFieldShape] | UnsetType
    bulk_pricing_rules: list[BulkRuleShape] | UnsetType


def _product_shape(entry: Stocked, currency: Currency, include: frozenset[str]) -> ProductShape:
    product, amount = entry.product, amounts(currency)
    return ProductShape(
        id=product.id,
        name=product.name,
        type=product.type,
        sku=product.sku,
        description=product.description,
        weight=number(product.weight),
        width=number(product.width),
        depth=number(product.depth),
        height=number(product.height),
        price=amount(product.price),
        sale_price=amount(product.sale_price or currency.zero),
        retail_price=amount(product.retail_price or currency.zero),
        calculated_price=amount(product.sale_price or product.price),
        tax_class_id=product.tax_class_id,
        categories=list(product.category_ids),
        brand_id=product.brand_id,
        brand_name=product.brand,
        inventory_level=sum(entry.pool(variant.id) for variant in product.variants),
        inventory_tracking=product.inventory_tracking,
        fixed_cost_shipping_price=amount(product.fixed_cost_shipping_price or currency.zero),
        is_free_shipping=product.is_free_shipping,
        is_visible=product.is_visible,
        order_quantity_minimum=product.order_quantity_minimum,
        order_quantity_maximum=product.order_quantity_maximum,
        base_variant_id=None if product.options else product.variants[0].id,
        custom_url=CustomUrlShape(product.url),
        variants=[_variant_shape(variant, entry, currency) for variant in product.variants]
        if "variants" in include
        else UNSET,
        options=_option_shapes(product) if "options" in include else UNSET,
        images=([ImageShape(product.image_url, is_thumbnail=True)] if product.image_url else [])
        if "images" in include
        else UNSET,
        custom_fields=[CustomFieldShape(field.name, field.value) for field in product.custom_fields]
        if "custom_fields" in include
        else UNSET,
        bulk_pricing_rules=[bulk_rule_shape(rule) for rule in product.bulk_pricing_rules]
        if "bulk_pricing_rules" in include
        else UNSET,
    )


def _variant_shape(variant: Variant, entry: Stocked, currency: Currency) -> VariantShape:
    product, amount = entry.product, amounts(currency)
    weight = product.weight if variant.weight is None else variant.weight
    _, asked = product.prices(variant)
    return VariantShape(
        id=variant.id,
        product_id=product.id,
        sku=variant.sku,
        price=None if variant.price is None else amount(variant.price),
        calculated_price=amount(asked),
        sale_price=None if variant.sale_price is None else amount(variant.sale_price),
        weight=None if variant.weight is None else number(variant.weight),
        calculated_weight=number(weight),
        width=None if variant.width is None else number(variant.width),
        height=None if variant.height is None else number(variant.height),
        depth=None if variant.depth is None else number(variant.depth),
        inventory_level=entry.pool(variant.id),
        purchasing_disabled=variant.purchasing_disabled,
        image_url=variant.image_url,
        option_values=_chosen(product, variant),
    )


def _chosen(product: Product, variant: Variant) -> list[VariantOptionShape]:
    chosen = {(choice.option_id, choice.value_id) for choice in variant.option_values}
    return [
        VariantOptionShape(value.id, value.label, option.id, option.display_name)
        for option in product.options
        for value in option.values
        if (option.id, value.id) in chosen
    ]


def _option_shapes(product: Product) -> list[OptionShape]:
    return [
        OptionShape(
            option.id,
            product.id,
            option.display_name,
            [OptionValueShape(value.id, value.label) for value in option.values],
        )
        for option in product.options
    ]


# ---------------------------------------------------------------------------------------------------- handlers


async def get_products(call: Call, body: None) -> Reply:
    """By id. Several filters have to match all."""
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)
    found, total = await catalog.find(
        call.unit, _wanted(call), call.first("name"), call.first("sku"), limit=limit, offset=(page - 1) * limit
    )
    currency = (await call.unit.store()).currency
    shown = [_product_shape(entry, currency, call.include) for entry in found]
    return Reply(shown, meta={"pagination": pagination(call, page, limit, count=len(shown), total=total)})


def _wanted(call: Call) -> list[int] | None:
    """The ids that `id` and `id:in` leave; None: any."""
    wanted = [set(ids) for name in ("id", "id:in") if (ids := call.query_numbers(name)) is not None]
    return sorted(set.intersection(*wanted)) if wanted else None


async def get_product(call: Call, body: None) -> ProductShape:
    return await _shown(call, await catalog.read(call.unit, call.number("product_id")))


async def create_product(call: Call, body: ProductBody) -> ProductShape:
    """Options come into being with the variants that name them; a product without options has one variant."""
    if body.custom_url is None and body.name:
        body.custom_url = CustomUrlBody(_path(body.name))
    return await _shown(call, await catalog.create(call.unit, body.change()))


async def update_product(call: Call, body: ProductBody) -> ProductShape:
    """Variants given by id are changed, those without are added, all others stay as they are."""
    return await _shown(call, await catalog.update(call.unit, call.number("product_id"), body.change()))


async def _shown(call: Call, entry: Stocked) -> ProductShape:
    return _product_shape(entry, (await call.unit.store()).currency, call.include)


async def delete_product(call: Call, body: None) -> None:
    await catalog.remove(call.unit, call.number("product_id"))


async def delete_products(call: Call, body: None) -> None:
    """Only those named by id; ids that are not there do no harm."""
    ids = named_ids(call, "product")
    await catalog.remove_all(call.unit, ids)


ENDPOINTS = [
    Endpoint(
        "GET",
        "/catalog/products",
        get_products,
        "List products",
        answer=list[ProductShape],
        scopes=PRODUCTS,
        include=INCLUDES,
        query=("page", "limit", "id", "id:in", "name", "sku"),
        tag="Catalog",
    ),
    Endpoint(
        "POST",
        "/catalog/products",
        create_product,
        "Create a product",
        answer=ProductShape,
        body=ProductBody,
        scopes=PRODUCTS,
        include=INCLUDES,
        include_default=WHOLE,
        tag="Catalog",
    ),
    Endpoint(
        "DELETE",
        "/catalog/products",
        delete_products,
        "Delete several products",
        status=204,
        scopes=PRODUCTS,
        query=("id:in",),
        tag="Catalog",
    ),
    Endpoint(
        "GET",
        "/catalog/products/{product_id}",
        get_product,
        "Read a product",
        answer=ProductShape,
        scopes=PRODUCTS,
        include=INCLUDES,
        tag="Catalog",
    ),
    Endpoint(
        "PUT",
        "/catalog/products/{product_id}",
        update_product,
        "Change a product",
        answer=ProductShape,
        body=ProductBody,
        scopes=PRODUCTS,
        include=INCLUDES,
        include_default=WHOLE,
        tag="Catalog",
    ),
    Endpoint(
        "DELETE",
        "/catalog/products/{product_id}",
        delete_product,
        "Delete a product",
        status=204,
        scopes=PRODUCTS,
        tag="Catalog",
    ),
]
