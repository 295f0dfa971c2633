"""Orders as the v2 API shows them, in the order of their well-known fields. Amounts are texts with four decimal places, dates those
of RFC 2822."""

from msgspec import Struct


class ResourceLink(Struct):
    url: str
    resource: str


class OrderFormField(Struct):
    name: str
    value: str | list[str]


class OrderAddressShape(Struct):
    first_name: str
    last_name: str
    company: str
    street_1: str
    street_2: str
    city: str
    state: str
    zip: str
    country: str
    country_iso2: str
    phone: str
    email: str
    form_fields: list[OrderFormField]


class ManagementOrderShape(Struct, kw_only=True):
    id: int
    customer_id: int
    date_created: str
    date_modified: str
    status_id: int
    status: str
    custom_status: str
    cart_id: str
    channel_id: int
    subtotal_ex_tax: str
    subtotal_inc_tax: str
    subtotal_tax: str
    base_shipping_cost: str
    shipping_cost_ex_tax: str
    shipping_cost_inc_tax: str
    shipping_cost_tax: str
    shipping_cost_tax_class_id: int
    base_handling_cost: str
    handling_cost_ex_tax: str
    handling_cost_inc_tax: str
    handling_cost_tax: str
    handling_cost_tax_class_id: int
    base_wrapping_cost: str
    wrapping_cost_ex_tax: str
    wrapping_cost_inc_tax: str
    wrapping_cost_tax: str
    total_ex_tax: str
    total_inc_tax: str
    total_tax: str
    items_total: int
    items_shipped: int
    payment_method: str
    payment_provider_id: str
    store_credit_amount: str
    gift_certificate_amount: str
    currency_code: str
    default_currency_code: str
    discount_amount: str
    coupon_discount: str
    shipping_address_count: int
    order_is_digital: bool
    is_deleted: bool
    staff_notes: str
    customer_message: str
    billing_address: OrderAddressShape
    products: ResourceLink
    shipping_addresses: ResourceLink
    consignments: ResourceLink
    coupons: ResourceLink
    fees: ResourceLink
    taxes: ResourceLink


class ProductOptionShape(Struct):
    id: int
    name: str
    display_name: str
    value: str
    display_value: str


class AppliedDiscountShape(Struct):
    id: str
    amount: str
    code: str | None
    target: str


class OrderProductShape(Struct, kw_only=True):
    """Prices of one unit are those of all of them divided and rounded, for display."""

    id: int
    order_id: int
    order_address_id: int | None
    order_pickup_method_id: int | None
    product_id: int
    variant_id: int
    name: str
    sku: str
    type: str
    brand: str
    quantity: int
    quantity_shipped: int
    weight: str
    base_price: str
    price_ex_tax: str
    price_inc_tax: str
    price_tax: str
    base_total: str
    total_ex_tax: str
    total_inc_tax: str
    total_tax: str
    base_wrapping_cost: str
    wrapping_cost_ex_tax: str
    wrapping_cost_inc_tax: str
    wrapping_cost_tax: str
    wrapping_name: str
    wrapping_message: str
    applied_discounts: list[AppliedDiscountShape]
    product_options: list[ProductOptionShape]


class OrderShippingAddressShape(OrderAddressShape, kw_only=True):
    id: int
    order_id: int
    shipping_method: str
    base_cost: str
    cost_ex_tax: str
    cost_inc_tax: str
    cost_tax: str
    cost_tax_class_id: int
    base_handling_cost: str
    handling_cost_ex_tax: str
    handling_cost_inc_tax: str
    handling_cost_tax: str
    handling_cost_tax_class_id: int
    shipping_zone_id: int
    shipping_zone_name: str
    items_total: int
    items_shipped: int


class ConsignmentItemShape(Struct):
    order_product_id: int
    quantity: int


class OrderShippingShape(OrderShippingAddressShape, kw_only=True):
    line_items: list[ConsignmentItemShape]


class PickupLocationShape(Struct):
    name: str
    address_line_1: str
    address_line_2: str
    city: str
    state: str
    postal_code: str
    country_alpha2: str
    email: str
    phone: str


class OrderPickupShape(Struct, kw_only=True):
    """Where goods of an order are collected; `cost_…`: what that costs."""

    id: int
    pickup_method_id: int
    pickup_method_display_name: str
    collection_instructions: str
    collection_time_description: str
    location: PickupLocationShape
    cost_ex_tax: str
    cost_inc_tax: str
    line_items: list[ConsignmentItemShape]


class OrderConsignmentsShape(Struct):
    shipping: list[OrderShippingShape]
    pickups: list[OrderPickupShape]


class OrderCouponShape(Struct):
    id: int
    coupon_id: int
    order_id: int
    code: str
    type: int
    discount: str


class OrderFeeShape(Struct, kw_only=True):
    id: int
    type: str
    name: str
    display_name_customer: str
    display_name_merchant: str
    source: str
    base_cost: str
    cost_ex_tax: str
    cost_inc_tax: str
    cost_tax: str
    tax_class_id: int | None


class OrderTaxShape(Struct, kw_only=True):
    """What one rate adds to one thing; `order_product_id` and `order_address_id` say to which, where it is one of these."""

    id: int
    order_id: int
    order_address_id: int | None
    order_product_id: int | None
    line_item_type: str
    name: str
    priority: int
    line_amount: str


class OrderStatusShape(Struct):
    id: int
    name: str
    system_label: str
    custom_label: str
    order: int


class StatusCount(Struct):
    id: int
    name: str
    system_label: str
    custom_label: str
    count: int


class OrderCount(Struct):
    count: int
    statuses: list[StatusCount]
