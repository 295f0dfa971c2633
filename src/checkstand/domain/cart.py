"""The cart: adding, changing and removing line items. Pure; prices and names come from the facts.

A new line of goods the cart already has outside any consignment joins that line; otherwise it is a line of its own, and
unassigned (BEHAVIOUR D19). A removed line leaves its consignment.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checkstand.domain import stock
from checkstand.domain.checkout import (
    CatalogPrice,
    CertificateDetails,
    Checkout,
    LineItem,
    LineOption,
    Size,
    places,
    with_places,
)
from checkstand.domain.consignment import without_stale_custom_shipping
from checkstand.domain.facts import Facts, Product, Store, Variant
from checkstand.domain.moment import Ids
from checkstand.domain.money import Currency, Money
from checkstand.domain.wrapping import WrappingDraft, wrapped
from checkstand.errors import Invalid, PurchaseLimit, PurchasingDisabled, QuantityNotAvailable, Refused

SMALLEST_CERTIFICATE, LARGEST_CERTIFICATE = 1, 1000
"""What a gift certificate may be worth, in major units of the store's own currency (BEHAVIOUR 4)."""


class OptionSelection(Struct, frozen=True):
    option_id: int
    value_id: int


class NewLine(Struct, frozen=True, kw_only=True):
    """A product to put into the cart. Without `variant_id`, `options` name it, or the product has only one variant."""

    product_id: int
    quantity: int
    variant_id: int | None = None
    options: tuple[OptionSelection, ...] = ()
    list_price: Decimal | None = None
    name: str | None = None
    gift_wrapping: WrappingDraft | None = None


class NewCustomItem(Struct, frozen=True, kw_only=True):
    """Something that is not in the catalog, at a price of its own."""

    name: str
    quantity: int
    list_price: Decimal
    sku: str = ""
    image_url: str = ""


class NewCertificate(Struct, frozen=True, kw_only=True):
    """Gift certificates to buy: `quantity` of them, each a line of its own."""

    name: str
    amount: Decimal
    quantity: int
    details: CertificateDetails


class NewItems(Struct, frozen=True, kw_only=True):
    """What one request puts into a cart."""

    lines: tuple[NewLine, ...] = ()
    custom: tuple[NewCustomItem, ...] = ()
    certificates: tuple[NewCertificate, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.custom or self.certificates)


def add(before: Checkout, items: NewItems, facts: Facts, ids: Ids) -> Checkout:
    """Raises `Invalid` for an unknown product or variant and impossible quantities, `Refused` where the store does not sell it,
    `PurchasingDisabled` where it sells nothing (D36), `PurchaseLimit` for more or fewer units than it sells to one order,
    `OverStock` for more than there are."""
    if items.is_empty:
        raise Invalid.field("line_items", "must name at least one item", code="missing_line_items")
    if not facts.store.cart_settings.allows_purchasing(before.channel_id):
        raise PurchasingDisabled("The store does not sell at the moment.")
    new = [
        *(
            _wrapped_product_line(draft, f"line_items.{index}", facts, before, ids)
            for index, draft in enumerate(items.lines)
        ),
        *(
            _custom_line(draft, f"custom_items.{index}", facts, before.currency, ids)
            for index, draft in enumerate(items.custom)
        ),
        *_certificate_lines(items.certificates, facts, before.currency, ids),
    ]
    after = with_places(before, (*before.lines, *new), places(before))
    _check_limits(after.lines, facts)
    _check_order_quantities(after, (draft.product_id for draft in items.lines), facts)
    stock.check_cart(before, after, facts)
    return after


def change_line(
    before: Checkout,
    line_id: str,
    quantity: int | None,
    list_price: Decimal | None,
    facts: Facts,
    gift_wrapping: WrappingDraft | UnsetType | None = UNSET,
) -> Checkout:
    """Another quantity, price or wrapping for a line; a quantity of 0 removes it. Raises `PurchaseLimit`, `OverStock`, `Invalid`,
    `Refused`."""
    line = before.line(line_id)
    if line.kind == "custom":
        raise Refused("A custom item cannot be changed; remove it and add another.", code="custom_item_fixed")
    if line.kind == "gift_certificate" and (quantity not in (None, 0, 1) or list_price is not None):
        raise Refused(
            "A gift certificate in the cart is always one, worth what was asked for; add another one instead.",
            code="gift_certificate_fixed",
        )
    if quantity == 0:
        return remove_line(before, line_id)
    changed = line if quantity is None else line.with_units(_units(quantity, "line_item.quantity", facts))
    if list_price is not None:
        price = before.currency.price(list_price, "line_item.list_price")
        changed = replace(changed, list_price=price, price_overridden=True)
    if gift_wrapping is not UNSET:
        changed = wrapped(changed, gift_wrapping, before, facts.store, "line_item.gift_wrapping")
    after = with_places(before, (changed if other.id == line_id else other for other in before.lines), places(before))
    _check_limits(after.lines, facts)
    if quantity is not None:
        _check_order_quantities(after, (line.product_id,), facts)
        stock.check_cart(before, after, facts)
    return without_stale_custom_shipping(before, after)


def change_certificate(before: Checkout, line_id: str, draft: NewCertificate, facts: Facts) -> Checkout:
    """Another amount, text or recipient for a gift certificate in the cart."""
    line = before.line(line_id)
    if line.kind != "gift_certificate":
        raise Invalid.field("gift_certificate", "can only change a line that is a gift certificate")
    amount = _certificate_amount(draft.amount, "gift_certificate.amount", before.currency, facts)
    changed = replace(line, name=draft.name, list_price=amount, original_price=amount, certificate=draft.details)
    return replace(before, lines=tuple(changed if other.id == line_id else other for other in before.lines))


def remove_line(before: Checkout, line_id: str) -> Checkout:
    """The cart without a line, and its consignment, if any, without that line or gone with it (D19)."""
    before.line(line_id)
    after = with_places(before, (line for line in before.lines if line.id != line_id), places(before))
    return without_stale_custom_shipping(before, after)


# ---------------------------------------------------------------------------------------------------- new lines


def _wrapped_product_line(draft: NewLine, field: str, facts: Facts, before: Checkout, ids: Ids) -> LineItem:
    line = _product_line(draft, field, facts, before.currency, ids)
    if draft.gift_wrapping is None:
        return line
    return wrapped(line, draft.gift_wrapping, before, facts.store, f"{field}.gift_wrapping")


def _product_line(draft: NewLine, field: str, facts: Facts, currency: Currency, ids: Ids) -> LineItem:
    product = facts.products.get(draft.product_id)
    if product is None or not product.is_visible:
        raise Invalid.field(
            f"{field}.product_id", f"{draft.product_id} is not a product of this store", code="unknown_product"
        )
    variant = _chosen_variant(product, draft, field)
    if variant.purchasing_disabled:
        raise Refused(f"{product.name} cannot be bought at the moment.", code="purchasing_disabled_for_variant")
    quantity = _units(draft.quantity, f"{field}.quantity", facts)
    line = catalog_line(product, variant, ids.uuid(), quantity, facts.store, currency)
    if draft.list_price is not None:
        listed = currency.price(draft.list_price, f"{field}.list_price")
        line = replace(line, list_price=listed, price_overridden=True)
    return replace(line, name=draft.name) if draft.name else line


def catalog_line(
    product: Product, variant: Variant, line_id: str, quantity: int, store: Store, currency: Currency
) -> LineItem:
    """Units of a variant, at what the catalog asks for it."""
    price, asked = product.prices(variant)
    retail = product.retail_price
    return LineItem(
        id=line_id,
        kind=product.type,
        quantity=quantity,
        name=product.name,
        sku=variant.sku or product.sku,
        product_id=product.id,
        variant_id=variant.id,
        original_price=store.converted(price, currency),
        list_price=store.converted(asked, currency),
        retail_price=store.converted(retail, currency) if retail else None,
        catalog=CatalogPrice(
            price=price,
            asked=asked,
            retail=retail,
            bulk_pricing_rules=product.bulk_pricing_rules,
            fixed_shipping=product.fixed_cost_shipping_price or None,
            ships_free=product.is_free_shipping,
        ),
        weight=product.weight if variant.weight is None else variant.weight,
        size=_size(product, variant),
        tax_class_id=product.tax_class_id,
        brand=product.brand,
        brand_id=product.brand_id,
        category_names=product.category_names,
        category_ids=product.category_ids,
        custom_fields=product.custom_fields,
        options=_line_options(product, variant),
        url=product.url if "://" in product.url else store.url.rstrip("/") + product.url,
        image_url=variant.image_url or product.image_url,
    )


def _size(product: Product, variant: Variant) -> Size | None:
    measured = Size(
        product.width if variant.width is None else variant.width,
        product.height if variant.height is None else variant.height,
        product.depth if variant.depth is None else variant.depth,
    )
    return measured if measured.width or measured.height or measured.depth else None


def _chosen_variant(product: Product, draft: NewLine, field: str) -> Variant:
    if draft.variant_id is not None:
        variant = product.variant(draft.variant_id)
        if variant is None:
            raise Invalid.field(
                f"{field}.variant_id",
                f"{draft.variant_id} is not a variant of product {product.id}",
                code="unknown_variant",
            )
        return variant
    if draft.options:
        wanted = {(option.option_id, option.value_id) for option in draft.options}
        for variant in product.variants:
            if {(option.option_id, option.value_id) for option in variant.option_values} == wanted:
                return variant
        raise Invalid.field(
            f"{field}.option_selections", f"match no variant of product {product.id}", code="unknown_variant"
        )
    if len(product.variants) == 1:
        return product.variants[0]
    raise Invalid(
        "This product has options; variant ID is required",
        fields={f"{field}.variant_id": f"is required: product {product.id} has {len(product.variants)} variants"},
        code="variant_required",
    )


def _line_options(product: Product, variant: Variant) -> tuple[LineOption, ...]:
    chosen = {option.option_id: option.value_id for option in variant.option_values}
    return tuple(
        LineOption(option.display_name, option.id, value.label, value.id)
        for option in product.options
        for value in option.values
        if chosen.get(option.id) == value.id
    )


def _custom_line(draft: NewCustomItem, field: str, facts: Facts, currency: Currency, ids: Ids) -> LineItem:
    price = currency.price(draft.list_price, f"{field}.list_price")
    return LineItem(
        id=ids.uuid(),
        kind="custom",
        quantity=_units(draft.quantity, f"{field}.quantity", facts),
        name=draft.name,
        sku=draft.sku,
        image_url=draft.image_url,
        original_price=price,
        list_price=price,
        price_overridden=True,
    )


def _certificate_lines(
    drafts: Sequence[NewCertificate], facts: Facts, currency: Currency, ids: Ids
) -> Iterable[LineItem]:
    for index, draft in enumerate(drafts):
        field = f"gift_certificates.{index}"
        amount = _certificate_amount(draft.amount, f"{field}.amount", currency, facts)
        if draft.quantity > facts.store.limits.line_items:
            raise Invalid.field(f"{field}.quantity", f"must be at most {facts.store.limits.line_items}")
        for _ in range(_units(draft.quantity, f"{field}.quantity", facts)):
            yield LineItem(
                id=ids.uuid(),
                kind="gift_certificate",
                quantity=1,
                name=draft.name,
                original_price=amount,
                list_price=amount,
                certificate=draft.details,
            )


# ---------------------------------------------------------------------------------------------------- checks


def _units(quantity: int, field: str, facts: Facts) -> int:
    largest = facts.store.limits.units_per_line
    if quantity < 1:
        raise Invalid.field(field, "must be 1 or more")
    if quantity > largest:
        raise Invalid.field(field, f"must be at most {largest}")
    return quantity


def _certificate_amount(amount: Decimal, field: str, currency: Currency, facts: Facts) -> Money:
    worth, store = currency.money(amount, field), facts.store
    least, most = (
        store.converted(store.currency.money(limit), currency) for limit in (SMALLEST_CERTIFICATE, LARGEST_CERTIFICATE)
    )
    if not least <= worth <= most:
        limits = [limit.major(currency.decimal_places).normalize() for limit in (least, most)]
        raise Invalid.field(field, f"must be from {limits[0]:f} to {limits[1]:f}")
    return worth


def _check_order_quantities(after: Checkout, product_ids: Iterable[int], facts: Facts) -> None:
    """How many units of a product one order may have, all its lines together; a product that has gone has no limits any more."""
    for product_id in dict.fromkeys(product_ids):
        product = facts.products.get(product_id)
        if product is None:
            continue
        units = sum(line.quantity for line in after.lines if line.product_id == product_id)
        least, most = product.order_quantity_minimum, product.order_quantity_maximum
        if units < least:
            raise PurchaseLimit(
                f"You need to purchase a minimum of {least} of the {product.name} per order", code="minimum_quantity"
            )
        if most and units > most:
            raise PurchaseLimit(
                f"You can only purchase a maximum of {most} of the {product.name} per order", code="maximum_quantity"
            )


def _check_limits(lines: Sequence[LineItem], facts: Facts) -> None:
    limits = facts.store.limits
    if len(lines) > limits.line_items:
        raise QuantityNotAvailable(
            f"A cart may hold at most {limits.line_items} line items.", code="too_many_line_items"
        )
    for line in lines:
        if line.quantity > limits.units_per_line:
            raise QuantityNotAvailable(
                f"A line item may hold at most {limits.units_per_line} units; {line.name} would hold {line.quantity}."
            )
