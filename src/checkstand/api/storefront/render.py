"""From the projection to the Storefront's shapes: pick the attributes, then trim what `include` did not ask for."""

from msgspec import UNSET, convert

from checkstand.api.projection import (
    COUPON_NUMBERS,
    Amount,
    LineView,
    OrderConsignmentView,
    OrderView,
    cart_view,
    project,
    project_order,
)
from checkstand.api.storefront import shapes
from checkstand.domain import stock
from checkstand.domain.order import Order
from checkstand.domain.pricing.price import Priced
from checkstand.domain.tax_zones import SHIPPING_CLASS
from checkstand.service.commands import Answer

SHIPPING_OPTIONS = "consignments.availableShippingOptions"
PICKUP_OPTIONS = "consignments.availablePickupOptions"
STOCK_POSITIONS = frozenset({"cart.lineItems.physicalItems.stockPosition", "cart.lineItems.digitalItems.stockPosition"})
CHECKOUT_INCLUDES = (
    "cart.lineItems.physicalItems.options",
    "cart.lineItems.digitalItems.options",
    "cart.lineItems.physicalItems.categoryNames",
    "cart.lineItems.digitalItems.categoryNames",
    "cart.lineItems.customItems.categoryNames",
    "customer",
    "customer.customerGroup",
    "payments",
    "promotions",
    SHIPPING_OPTIONS,
    PICKUP_OPTIONS,
    *sorted(STOCK_POSITIONS),
)
CART_INCLUDES = ("lineItems.physicalItems.options", "lineItems.digitalItems.options")
ORDER_INCLUDES = ("lineItems", "billingAddress", "coupons", "currency", "taxes", "payments", "consignments")


def checkout(answer: Answer, include: frozenset[str]) -> shapes.Checkout:
    with_shipping_options, with_pickup_options = SHIPPING_OPTIONS in include, PICKUP_OPTIONS in include
    with_banners = "promotions" in include or "promotions.banners" in include
    view = project(
        answer,
        with_shipping_options=with_shipping_options,
        with_pickup_options=with_pickup_options,
        with_banners=with_banners,
    )
    shape = convert(view, shapes.Checkout, from_attributes=True)
    _trim_lines(shape.cart.line_items, "cart.", include)
    for line in shape.cart.line_items.digital_items:
        line.parent_id = line.parent_id or ""
        line.gift_wrapping = UNSET
    for line in (*shape.cart.line_items.physical_items, *shape.cart.line_items.digital_items):
        for option in line.options or ():
            option.value_id = str(option.value_id)
    if not STOCK_POSITIONS.isdisjoint(include):
        _add_stock_positions(shape.cart.line_items, answer, include)
    if shape.billing_address is None:
        shape.billing_address = shapes.BillingAddress()
    for consignment in shape.consignments:
        if not with_shipping_options:
            consignment.available_shipping_options = UNSET
        if not with_pickup_options:
            consignment.available_pickup_options = UNSET
    if not answer.facts.store.coupon_settings.coupon_type_as_string:
        _number_coupons(shape.coupons)
    _trim_customer(shape, include)
    shape.payments = [shapes.CheckoutPayment()] if "payments" in include else UNSET
    if not with_banners:
        shape.promotions = UNSET
    return shape


def _add_stock_positions(items: shapes.LineItems, answer: Answer, include: frozenset[str]) -> None:
    positions = stock.positions(answer.checkout, answer.facts)
    for kind, lines in (("physicalItems", items.physical_items), ("digitalItems", items.digital_items)):
        if f"cart.lineItems.{kind}.stockPosition" in include:
            for line in lines:
                position = positions[line.id]
                line.stock_position = shapes.StockPosition(
                    quantity_on_hand=position.on_hand, quantity_out_of_stock=position.out_of_stock
                )


def looks_at_stock(include: frozenset[str]) -> bool:
    return PICKUP_OPTIONS in include or not STOCK_POSITIONS.isdisjoint(include)


def _number_coupons(coupons: list[shapes.Coupon]) -> None:
    for coupon in coupons:
        coupon.coupon_type = COUPON_NUMBERS[str(coupon.coupon_type)]


def _trim_customer(shape: shapes.Checkout, include: frozenset[str]) -> None:
    if "customer" not in include and "customer.customerGroup" not in include:
        shape.customer = UNSET
    elif "customer.customerGroup" not in include and isinstance(shape.customer, shapes.Customer):
        shape.customer.customer_group = UNSET


def cart(priced: Priced, include: frozenset[str]) -> shapes.Cart:
    shape = convert(cart_view(priced), shapes.Cart, from_attributes=True)
    _trim_lines(shape.line_items, "", include)
    for line in shape.line_items.digital_items:
        line.parent_id = line.parent_id or ""
        line.gift_wrapping = UNSET
    for line in shape.line_items.physical_items:
        line.parent_id = line.parent_id or 0
        for discount in line.discounts:
            discount.id = str(discount.id)
    _number_coupons(shape.coupons)
    for coupon in shape.coupons:
        coupon.id = str(coupon.id)
    return shape


def _trim_lines(items: shapes.LineItems, prefix: str, include: frozenset[str]) -> None:
    for kind, lines in (("physicalItems", items.physical_items), ("digitalItems", items.digital_items)):
        with_options = f"{prefix}lineItems.{kind}.options" in include
        with_categories = f"{prefix}lineItems.{kind}.categoryNames" in include
        for line in lines:
            if not with_options:
                line.options = UNSET
            if not with_categories:
                line.category_names = UNSET


# ---------------------------------------------------------------------------------------------------- orders


def order(placed: Order, include: frozenset[str]) -> shapes.Order:
    view = project_order(placed)
    cart_of_order = view.cart
    return shapes.Order(
        order_id=view.id,
        cart_id=cart_of_order.id,
        currency=convert(cart_of_order.currency, shapes.Currency, from_attributes=True),
        is_tax_included=cart_of_order.is_tax_included,
        base_amount=cart_of_order.base_amount,
        discount_amount=cart_of_order.discount_amount,
        order_amount=view.order_amount,
        order_amount_as_integer=view.order_amount_as_integer,
        shipping_cost_total=view.shipping_cost_total,
        shipping_cost_before_discount=view.shipping_cost_before_discount,
        comparison_shipping_cost=view.comparison_shipping_cost,
        handling_cost_total=view.handling_cost_total,
        gift_wrapping_cost_total=view.gift_wrapping_cost_total,
        coupons=[
            shapes.Coupon(
                id=str(coupon.id),
                code=coupon.code,
                display_name=coupon.display_name,
                coupon_type=coupon.coupon_type,
                discounted_amount=coupon.discounted_amount,
            )
            for coupon in view.coupons
        ],
        fees=[convert(fee, shapes.Fee, from_attributes=True) for fee in view.fees],
        line_items=_order_lines(view, include),
        customer_id=cart_of_order.customer_id,
        billing_address=convert(view.billing_address, shapes.OrderBillingAddress, from_attributes=True),
        status=view.status,
        customer_can_be_created=cart_of_order.customer_id == 0,
        has_digital_items=view.has_digital_items,
        is_downloadable=False,
        is_complete=view.status != "INCOMPLETE",
        customer_message=view.customer_message,
        taxes=[shapes.Tax(tax.name, tax.amount) for tax in view.taxes],
        tax_total=view.tax_total,
        total_discount=view.total_discount,
        display_discount_total=view.display_discount,
        order_based_auto_discount_total=view.order_discount,
        manual_discount_total=cart_of_order.manual_discount_amount,
        product_auto_discounted_subtotal=view.subtotal,
        product_based_auto_discount_total=view.product_discount,
        channel_id=cart_of_order.channel_id,
        consignments=shapes.OrderConsignments(
            shipping=[_shipping(each, view.billing_address.email) for each in view.consignments if not each.is_pickup],
            pickup=[_pickup(consignment) for consignment in view.consignments if consignment.is_pickup],
        ),
        payments=_payments(view) if "payments" in include else UNSET,
    )


def _order_lines(view: OrderView, include: frozenset[str]) -> shapes.OrderLines:
    items, numbers = view.cart.line_items, view.numbers
    return shapes.OrderLines(
        physical_items=[_order_line(line, numbers[line.id], "physicalItems", include) for line in items.physical_items],
        digital_items=[_order_line(line, numbers[line.id], "digitalItems", include) for line in items.digital_items],
        gift_certificates=[
            shapes.OrderCertificate(
                id=numbers[line.id],
                name=line.name,
                quantity=1,
                is_taxable=False,
                amount=line.amount,
                type="giftCertificate",
            )
            for line in items.gift_certificates
        ],
        custom_items=[
            shapes.OrderCustomLine(
                id=numbers[line.id],
                name=line.name,
                sku=line.sku,
                quantity=line.quantity,
                list_price=line.list_price,
                extended_list_price=line.extended_list_price,
                image_url=line.image_url,
            )
            for line in items.custom_items
        ],
    )


def _order_line(line: LineView, number: int, kind: str, include: frozenset[str]) -> shapes.OrderLine:
    return shapes.OrderLine(
        id=number,
        parent_id=None,
        product_id=line.product_id,
        variant_id=line.variant_id,
        name=line.name,
        sku=line.sku,
        url=line.url,
        image_url=line.image_url,
        brand=line.brand,
        quantity=line.quantity,
        type=line.type,
        is_taxable=line.is_taxable,
        is_shipping_required=line.is_shipping_required,
        added_by_promotion=False,
        gift_wrapping=convert(line.gift_wrapping, shapes.GiftWrapping, from_attributes=True)
        if line.gift_wrapping
        else None,
        discounts=[shapes.LineDiscount(discount.id, discount.discounted_amount) for discount in line.discounts],
        discount_amount=line.discount_amount,
        coupon_amount=line.coupon_amount,
        original_price=line.original_price,
        list_price=line.list_price,
        sale_price=line.sale_price,
        extended_list_price=line.extended_list_price,
        extended_sale_price=line.extended_sale_price,
        extended_comparison_price=line.extended_comparison_price,
        options=[
            shapes.LineOption(option.name, option.name_id, option.value, str(option.value_id))
            for option in line.options
        ],
        categories=[[shapes.OrderCategory(name)] for name in line.category_names],
        social_media=[] if f"lineItems.{kind}.socialMedia" in include else UNSET,
    )


def _shipping(consignment: OrderConsignmentView, email: str) -> shapes.OrderShipping:
    """`email`: the shopper's, where the address has none of its own, as recorded."""
    address = consignment.address
    return shapes.OrderShipping(
        line_items=[shapes.OrderLineId(number) for number in consignment.line_numbers],
        shipping_address_id=consignment.number,
        first_name=address.first_name,
        last_name=address.last_name,
        company=address.company,
        address1=address.address1,
        address2=address.address2,
        city=address.city,
        state_or_province=address.state_or_province,
        postal_code=address.postal_code,
        country=address.country,
        country_code=address.country_code,
        email=address.email or email,
        phone=address.phone,
        items_total=consignment.units,
        items_shipped=0,
        shipping_method=consignment.method,
        base_cost=consignment.shipping_before_discount,
        cost_ex_tax=consignment.shipping_ex_tax,
        cost_inc_tax=consignment.shipping_inc_tax,
        cost_tax=consignment.shipping_tax,
        cost_tax_class_id=SHIPPING_CLASS,
        base_handling_cost=consignment.handling_ex_tax,
        handling_cost_ex_tax=consignment.handling_ex_tax,
        handling_cost_inc_tax=consignment.handling_inc_tax,
        handling_cost_tax=consignment.handling_tax,
        handling_cost_tax_class_id=SHIPPING_CLASS,
        shipping_zone_id=consignment.zone_id,
        shipping_zone_name=consignment.zone_name,
        shipping_cost_before_discount=consignment.shipping_before_discount,
        comparison_shipping_cost=consignment.comparison_shipping,
        custom_fields=[shapes.OrderField(field.field_id, str(field.field_value)) for field in address.custom_fields],
        discounts=[shapes.ConsignmentDiscount(discount.id) for discount in consignment.discounts],
    )


def _pickup(consignment: OrderConsignmentView) -> shapes.OrderPickup:
    address, called = consignment.address, consignment.pickup
    return shapes.OrderPickup(
        id=consignment.number,
        line_items=[shapes.OrderLineId(number) for number in consignment.line_numbers],
        pickup_method_id=consignment.pickup_method_id,
        pickup_method_display_name=called.display_name if called else "",
        collection_instructions=called.collection_instructions if called else "",
        collection_time_description=called.collection_time_description if called else "",
        location=shapes.OrderPickupLocation(
            id=called.location_id if called else 0,
            name=called.location_name if called else "",
            address1=address.address1,
            address2=address.address2,
            city=address.city,
            state_or_province=address.state_or_province,
            postal_code=address.postal_code,
            country=address.country,
            country_code=address.country_code,
            email=address.email,
            phone=address.phone,
        ),
    )


def _payments(view: OrderView) -> list[shapes.OrderPayment]:
    """Gift certificates and store credit under the ids that official clients know them by, then the method that pays the rest."""
    shown = []
    for paid in view.payments:
        detail = shapes.OrderPaymentDetail(code=paid.code or UNSET, remaining=paid.remaining)
        names = ("giftcertificate", "Gift Certificate") if paid.code else ("storecredit", "Store Credit")
        shown.append(_payment(*names, paid.amount, detail))
    if view.payment_id:
        detail = shapes.OrderPaymentDetail("INITIALIZE", view.payment_instructions)
        shown.append(_payment(view.payment_id, view.payment_name, view.outstanding_balance, detail))
    return shown


def _payment(
    provider_id: str, description: str, amount: Amount, detail: shapes.OrderPaymentDetail
) -> shapes.OrderPayment:
    return shapes.OrderPayment(
        provider_id=provider_id,
        gateway_id=None,
        method_id=None,
        description=description,
        amount=amount,
        detail=detail,
        mandate=None,
    )


def order_made(placed: Order) -> shapes.OrderMadeAnswer:
    view = project_order(placed)
    return shapes.OrderMadeAnswer(
        shapes.OrderMadeData(
            shapes.OrderMade(
                id=view.id,
                order_id=view.id,
                token=view.token,
                status=f"ORDER_STATUS_{view.status}",
                callback_url=None,
                is_complete=True,
                has_digital_items=view.has_digital_items,
                is_downloadable=False,
                customer_created=False,
                customer_can_be_created=view.cart.customer_id == 0,
                currency=view.cart.currency.code,
                payment=shapes.OrderMadePayment(
                    id=view.payment_id,
                    gateway=None,
                    status="PAYMENT_STATUS_INITIALIZE",
                    help_text=view.payment_instructions,
                ),
            )
        ),
        shapes.OrderMadeMeta(),
    )
