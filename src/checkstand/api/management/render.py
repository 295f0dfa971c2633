"""From the projection to Management's shapes: pick the attributes, then trim what `include` did not ask for."""

from msgspec import UNSET, convert

from checkstand.api.management import shapes
from checkstand.api.projection import banner_views, cart_view, project
from checkstand.service.carts import RedirectUrls
from checkstand.service.commands import Answer

CHECKOUT_INCLUDES = (
    "cart.line_items.physical_items.options",
    "cart.line_items.digital_items.options",
    "consignments.available_shipping_options",
    "promotions.banners",
)
CONSIGNMENT_INCLUDES = ("consignments.available_shipping_options",)
CART_INCLUDES = (
    "redirect_urls",
    "line_items.physical_items.options",
    "line_items.digital_items.options",
    "promotions.banners",
)

SHIPPING_OPTIONS = frozenset({"consignments.available_shipping_options", "consignment.available_shipping_options"})
"""The second is what the old guide prints (D66)."""


def checkout(answer: Answer, include: frozenset[str], *, with_manual_discount: bool = False) -> shapes.Checkout:
    with_options = not include.isdisjoint(SHIPPING_OPTIONS)
    view = project(answer, with_shipping_options=with_options, with_banners="promotions.banners" in include)
    shape = convert(view, shapes.Checkout, from_attributes=True)
    _trim_options(shape.cart.line_items, "cart.", include)
    for line in shape.cart.line_items.digital_items:
        line.gift_wrapping = UNSET
    if shape.billing_address is None:
        shape.billing_address = shapes.BillingAddress()
    for consignment in shape.consignments:
        if not with_options:
            consignment.available_shipping_options = UNSET
        consignment.selected_shipping_option = consignment.selected_shipping_option or UNSET
        consignment.selected_pickup_option = consignment.selected_pickup_option or UNSET
    if not with_manual_discount:
        shape.cart.manual_discount_amount = UNSET
    if "promotions.banners" not in include:
        shape.promotions = UNSET
    return shape


def cart(answer: Answer, include: frozenset[str], redirect_urls: RedirectUrls | None = None) -> shapes.Cart:
    shape = convert(cart_view(answer.priced), shapes.Cart, from_attributes=True)
    _trim_options(shape.line_items, "", include)
    for line in (*shape.line_items.physical_items, *shape.line_items.digital_items):
        line.parent_id = line.parent_id or UNSET
        line.gift_wrapping = line.gift_wrapping or UNSET
    if "promotions.banners" in include:
        said = banner_views(answer)
        shape.promotions = shapes.CartPromotions(convert(said, list[shapes.Banner], from_attributes=True) or UNSET)
    if redirect_urls is not None:
        shape.redirect_urls = convert(redirect_urls, shapes.RedirectUrls, from_attributes=True)
    return shape


def cart_after_removal(answer: Answer, include: frozenset[str]) -> shapes.Cart:
    """As the published sample of removing a line has it: `meta` inside, a parent always, and certificates with a quantity."""
    shape = cart(answer, include)
    shape.meta = shapes.Empty()
    for line in (*shape.line_items.physical_items, *shape.line_items.digital_items):
        line.parent_id = line.parent_id or None
    for certificate in shape.line_items.gift_certificates:
        certificate.quantity = 1
    return shape


def _trim_options(items: shapes.CartLines | shapes.CheckoutLines, prefix: str, include: frozenset[str]) -> None:
    for kind in ("physical_items", "digital_items"):
        if f"{prefix}line_items.{kind}.options" not in include:
            for line in getattr(items, kind):
                line.options = UNSET
