"""From the projection to Management's shapes: pick the attributes, then trim what `include` did not ask for."""

from msgspec import UNSET, convert

from checkstand.api.management import shapes
from checkstand.api.projection import (
    Amount,
    Amounts,
    amounts,
    banner_views,
    billing_view,
    cart_view,
    certificate_view,
    coupon_discounts,
    coupon_views,
    discount_view,
    fee_views,
    gift_wrapping_view,
    line_prices,
    line_view,
    shipping_rules,
    timestamp,
)
from checkstand.domain.address import Address
from checkstand.domain.checkout import Consignment, LineItem, PickupChoice, ShippingOption
from checkstand.domain.facts import Facts
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.taxes import destination
from checkstand.domain.pricing.totals import LineTotals
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


ZERO: Amount = 0


def shows_offers(include: frozenset[str]) -> bool:
    return bool(include) and not include.isdisjoint(SHIPPING_OPTIONS)


def checkout(answer: Answer, include: frozenset[str], *, with_manual_discount: bool = False) -> shapes.Checkout:
    """Written out, line by line, without a read model in between: the answer to nearly every request. What few checkouts have
    is taken from the projection's views. Fields of the two large shapes are in their order, named behind where that is not the same
    word: Python makes a dictionary of more than fifteen keywords, six times slower. A test compares the names."""
    priced, facts = answer.priced, answer.facts
    of, totals = priced.checkout, priced.totals
    number = amounts(of.currency)
    shipping, handling, subtotal = totals.shipping, totals.handling, totals.subtotal
    with_options, with_banners = shows_offers(include), "promotions.banners" in include
    cart = _checkout_cart(priced, number, include)
    if with_manual_discount:
        cart.manual_discount_amount = number[totals.manual_discount.minor]
    consignments = [_consignment(each, priced, facts, number, with_options) for each in of.consignments]
    coupons, fees = [], []
    if of.coupons:
        coupons = convert(coupon_views(priced, number), list[shapes.Coupon], from_attributes=True)
    if of.fees:
        fees = convert(fee_views(priced, number), list[shapes.Fee], from_attributes=True)
    billing_address = shapes.BillingAddress()
    if of.billing_address is not None:
        billing_address = convert(billing_view(of.billing_address), shapes.BillingAddress, from_attributes=True)
    return shapes.Checkout(
        of.id,
        cart,
        consignments,
        [shapes.Tax(name, number[amount.minor]) for name, amount in totals.taxes],  # taxes
        coupons,
        fees,
        None if of.order_id is None else str(of.order_id),  # order_id_text
        number[shipping.inc_tax.minor],  # shipping_cost_total_inc_tax
        number[shipping.ex_tax.minor],  # shipping_cost_total_ex_tax
        number[handling.inc_tax.minor],  # handling_cost_total_inc_tax
        number[handling.ex_tax.minor],  # handling_cost_total_ex_tax
        number[totals.tax.minor],  # tax_total
        number[subtotal.inc_tax.minor],  # subtotal_inc_tax
        number[subtotal.ex_tax.minor],  # subtotal_ex_tax
        number[totals.grand_total.minor],  # grand_total
        cart.created_time,
        cart.updated_time,
        of.customer_message,
        of.version,
        billing_address,
        _promotions(answer) if with_banners else UNSET,  # promotions
    )


def _promotions(answer: Answer) -> list[shapes.Promotions]:
    said = banner_views(answer)
    return [shapes.Promotions(convert(said, list[shapes.Banner], from_attributes=True))] if said else []


def _checkout_cart(priced: Priced, number: Amounts, include: frozenset[str]) -> shapes.CheckoutCart:
    of, totals, of_lines = priced.checkout, priced.totals, priced.lines
    is_inclusive, amount = totals.is_tax_included, totals.cart_amount
    physical_options = "cart.line_items.physical_items.options" in include
    digital_options = "cart.line_items.digital_items.options" in include
    physical, digital, certificates, custom, discounts = [], [], [], [], []
    for line in of.lines:
        of_line = of_lines[line.id]
        discounts.append(shapes.Discount(line.id, number[of_line.reduction.minor]))
        if line.kind == "physical":
            physical.append(_checkout_line(line, of_line, number, physical_options, is_inclusive=is_inclusive))
        elif line.kind == "digital":
            digital.append(_checkout_line(line, of_line, number, digital_options, is_inclusive=is_inclusive))
        elif line.kind == "custom":
            view = line_view(line, of_line, number, is_inclusive=is_inclusive)
            custom.append(convert(view, shapes.CustomLine, from_attributes=True))
        else:
            certificate = certificate_view(line, number)
            certificates.append(convert(certificate, shapes.GiftCertificateLine, from_attributes=True))
    return shapes.CheckoutCart(
        of.id,
        of.customer_id,
        of.channel_id,
        of.email,
        currency=shapes.Currency(of.currency.code),
        tax_included=is_inclusive,
        base_amount=number[totals.base_amount.minor],
        discount_amount=number[totals.order_discount.minor + totals.manual_discount.minor],
        cart_amount_inc_tax=number[amount.inc_tax.minor],
        cart_amount_ex_tax=number[amount.ex_tax.minor],
        coupons=convert(coupon_views(priced, number, on_lines=True), list[shapes.Coupon], from_attributes=True)
        if of.coupons
        else [],
        discounts=discounts,
        line_items=shapes.CheckoutLines(
            physical_items=physical,
            digital_items=digital,
            gift_certificates=certificates,
            custom_items=custom,
        ),
        created_time=timestamp(of.created_at),
        updated_time=timestamp(of.updated_at),
        version=of.version,
    )


def _checkout_line(
    line: LineItem, of_line: LineTotals, number: Amounts, with_options: bool, *, is_inclusive: bool
) -> shapes.CheckoutLine:
    listed, extended_list, sale, extended_sale, comparison, extended_comparison = line_prices(
        line, of_line, number, is_inclusive=is_inclusive
    )
    is_physical, is_mutable = line.kind == "physical", line.gift is None
    wrapping: shapes.CheckoutGiftWrapping | None = None
    if line.gift_wrapping is not None:
        view = gift_wrapping_view(line, of_line, number, is_inclusive=is_inclusive)
        wrapping = convert(view, shapes.CheckoutGiftWrapping | None, from_attributes=True)
    discounts: list[shapes.LineDiscount] = []
    discount_amount = coupon_amount = ZERO
    if of_line.discounts:
        discounts = _line_discounts(of_line, number)
        discount_amount, coupon_amount = (
            number[of_line.product_discount.minor],
            number[of_line.coupon_discount.minor],
        )
    return shapes.CheckoutLine(
        line.id,
        None,  # parent_id
        line.variant_id,
        line.product_id,
        line.sku,
        line.name,
        line.url,
        line.quantity,
        True,  # is_taxable
        line.image_url,
        discounts,
        [],  # coupons
        discount_amount,
        coupon_amount,
        number[line.original_price.minor],  # original_price
        listed,  # list_price
        sale,  # sale_price
        comparison,  # comparison_price
        extended_list,  # extended_list_price
        extended_sale,  # extended_sale_price
        extended_comparison,  # extended_comparison_price
        is_physical,  # is_require_shipping
        is_mutable,
        not is_mutable,  # added_by_promotion
        wrapping if is_physical else UNSET,  # gift_wrapping
        convert(line.options, list[shapes.LineOption], from_attributes=True) if with_options else UNSET,  # options
    )


def _line_discounts(of_line: LineTotals, number: Amounts) -> list[shapes.LineDiscount]:
    shown = []
    for discount in of_line.discounts:
        view = discount_view(discount, number)
        shown.append(shapes.LineDiscount(view.management_id, view.discounted_amount))
    return shown


def _consignment(
    of: Consignment, priced: Priced, facts: Facts, number: Amounts, with_options: bool
) -> shapes.Consignment:
    selected, of_consignment = of.selected, priced.consignments[of.id]
    shipping, handling = of_consignment.shipping, of_consignment.handling
    address = _address(destination(of, facts.store))
    coupons, rules = coupon_discounts(of_consignment, number), shipping_rules(of, of_consignment)
    shown = shapes.Consignment(
        id=of.id,
        shipping_cost_inc_tax=number[shipping.inc_tax.minor],
        shipping_cost_ex_tax=number[shipping.ex_tax.minor],
        handling_cost_inc_tax=number[handling.inc_tax.minor],
        handling_cost_ex_tax=number[handling.ex_tax.minor],
        coupon_discounts=[shapes.CouponDiscount(each.code, each.amount) for each in coupons] if coupons else [],
        discounts=[shapes.ConsignmentDiscount(each.id) for each in rules] if rules else [],
        line_item_ids=list(of.line_item_ids),
        address=address,
        shipping_address=address,
    )
    if with_options:
        shown.available_shipping_options = [
            _option(option, number[priced.taxes.shown("shipping", of.id, option.cost).minor])
            for option in priced.settled.options.get(of.id, ())
        ]
    if type(selected) is ShippingOption:
        shown.selected_shipping_option = _option(selected, number[of_consignment.shipping_before_discount.minor])
    elif type(selected) is PickupChoice:
        shown.selected_pickup_option = shapes.PickupOption(selected.pickup_method_id)
    return shown


def _address(of: Address) -> shapes.Address:
    return shapes.Address(
        first_name=of.first_name,
        last_name=of.last_name,
        email=of.email,
        company=of.company,
        address1=of.address1,
        address2=of.address2,
        city=of.city,
        state_or_province=of.state_or_province,
        state_or_province_code=of.state_or_province_code,
        country=of.country,
        country_code=of.country_code,
        postal_code=of.postal_code,
        phone=of.phone,
        custom_fields=convert(of.custom_fields, list[shapes.CustomField], from_attributes=True)
        if of.custom_fields
        else [],
    )


def _option(option: ShippingOption, cost: Amount) -> shapes.ShippingOption:
    """`cost` as it is shown (D23)."""
    return shapes.ShippingOption(
        option.id,
        option.type,
        option.description,
        option.image_url,
        cost,
        option.transit_time,
        option.additional_description,
    )


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
