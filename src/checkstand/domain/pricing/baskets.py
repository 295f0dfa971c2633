"""What promotions see of a checkout: its goods with where each goes, and amounts in the checkout's currency."""

from collections.abc import Callable
from decimal import Decimal

from checkstand.domain.checkout import Checkout, LineItem
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money
from checkstand.domain.promotions import Basket, Item, Promotion


def minor_of(checkout: Checkout, facts: Facts) -> Callable[[Decimal], int]:
    """Amounts of the store's currency as minor units of the checkout's (D82)."""
    store, currency = facts.store, checkout.currency
    places = store.currency.decimal_places
    if currency.code == store.currency.code:
        return lambda amount: int(amount.scaleb(places))
    return lambda amount: store.converted(Money(int(amount.scaleb(places)), store.currency.code), currency).minor


def items_of(checkout: Checkout, facts: Facts) -> list[Item]:
    """The lines but gift certificates being bought, and what promotions give away."""
    settings = facts.store.promotion_settings
    takes_own_prices = settings.promotions_apply_on_products_with_custom_product_price
    counts_free = settings.promotions_triggered_by_products_with_zero_product_price
    place_of: dict[str, tuple[str, str]] = {}
    for consignment in checkout.consignments:
        place = (consignment.id, consignment.address.country_code)
        for line_id in consignment.line_item_ids:
            place_of[line_id] = place
    nowhere = ("", checkout.billing_address.address.country_code if checkout.billing_address else "")
    found = []
    for line in checkout.lines:
        if line.kind == "gift_certificate" or line.gift is not None:
            continue
        place_id, country = place_of.get(line.id, nowhere)
        price = line.list_price.minor
        found.append(
            Item(
                line_id=line.id,
                quantity=line.quantity,
                price=price,
                place=place_id,
                country=country,
                product_id=line.product_id,
                variant_id=line.variant_id,
                brand_id=line.brand_id,
                category_ids=line.category_ids,
                options=tuple([(option.name, option.value) for option in line.options]) if line.options else (),
                custom_fields=tuple([(each.name, each.value) for each in line.custom_fields])
                if line.custom_fields
                else (),
                is_shippable=line.kind != "digital",
                is_on_sale=_is_on_sale(line),
                is_discountable=takes_own_prices or not line.price_overridden,
                is_counted=counts_free or price > 0,
            )
        )
    return found


def _is_on_sale(line: LineItem) -> bool:
    """Whether the catalog asks less than its price; what a group of customers is asked, or so many units cost, is no sale."""
    if line.price_overridden:
        return False
    if line.catalog is None:
        return line.list_price < line.original_price
    return line.catalog.asked.minor < line.catalog.price.minor


def basket_for(promotion: Promotion, basket: Basket) -> Basket:
    """Only what goes where the promotion is for."""
    countries = promotion.shipping_address
    if countries is None:
        return basket
    items = [item for item in basket.items if countries.admit(item.country)]
    return Basket(items, basket.left, basket.minor, basket.is_cumulative)
