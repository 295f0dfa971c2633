"""What the Storefront shows, in camelCase, in the order of the published page. Names are the projection's; what is UNSET is
left out. Clients keep an old value when a key is missing, so everything else is always there."""

from msgspec import UNSET, Struct, UnsetType

from checkstand.api.projection import Amount


class Currency(Struct, rename="camel"):
    name: str
    code: str
    symbol: str
    decimal_places: int


class LineOption(Struct, rename="camel"):
    """`valueId` is a text in a checkout and a number in a bare cart."""

    name: str
    name_id: int
    value: str
    value_id: str | int


class LineDiscount(Struct, rename="camel"):
    id: int | str
    discounted_amount: Amount


class GiftWrapping(Struct):
    name: str
    message: str
    amount: Amount


class StockPosition(Struct, rename="camel", kw_only=True):
    """Of a line's units: those that are there and those that are not. None is ever on back order."""

    quantity_on_hand: int
    quantity_out_of_stock: int
    quantity_backordered: int = 0
    backorder_message: None = None


class LineItem(Struct, rename="camel", kw_only=True):
    """No parent is null on the physical lines of a checkout (as recorded), 0 on those of a bare cart and an empty text on
    digital ones (as published); digital lines have no `giftWrapping`. Discount ids of a bare cart's physical lines are texts.
    """

    id: str
    parent_id: str | int | None
    variant_id: int
    product_id: int
    sku: str
    name: str
    url: str
    quantity: int
    brand: str
    is_taxable: bool
    image_url: str
    discounts: list[LineDiscount]
    discount_amount: Amount
    coupon_amount: Amount
    original_price: Amount
    list_price: Amount
    sale_price: Amount
    retail_price: Amount | None
    comparison_price: Amount
    extended_list_price: Amount
    extended_sale_price: Amount
    extended_comparison_price: Amount
    is_shipping_required: bool
    gift_wrapping: GiftWrapping | UnsetType | None
    added_by_promotion: bool
    is_mutable: bool
    type: str
    options: list[LineOption] | UnsetType = UNSET
    category_names: list[str] | UnsetType = UNSET
    stock_position: StockPosition | UnsetType = UNSET


class Person(Struct):
    name: str
    email: str


class GiftCertificateLine(Struct, rename="camel", kw_only=True):
    id: str
    name: str
    theme: str
    amount: Amount
    taxable: bool
    sender: Person
    recipient: Person
    message: str
    type: str


class CustomLine(Struct, rename="camel", kw_only=True):
    id: str
    sku: str
    name: str
    quantity: int
    list_price: Amount
    extended_list_price: Amount
    image_url: str


class LineItems(Struct, rename="camel", kw_only=True):
    physical_items: list[LineItem]
    digital_items: list[LineItem]
    gift_certificates: list[GiftCertificateLine]
    custom_items: list[CustomLine]


class Discount(Struct, rename="camel"):
    id: str
    discounted_amount: Amount


class Coupon(Struct, rename="camel", kw_only=True):
    """`couponType` is a name in the cart of a checkout and in an order, a number in a bare cart and, unless the store is set
    otherwise, in a checkout (D30). A bare cart and an order have the id as a text."""

    id: int | str
    code: str
    display_name: str
    coupon_type: str | int
    discounted_amount: Amount


class Cart(Struct, rename="camel", kw_only=True):
    id: str
    customer_id: int
    email: str
    currency: Currency
    is_tax_included: bool
    base_amount: Amount
    discount_amount: Amount
    cart_amount: Amount
    coupons: list[Coupon]
    discounts: list[Discount]
    line_items: LineItems
    created_time: str
    updated_time: str
    locale: str
    version: int


# ---------------------------------------------------------------------------------------------------- checkout


class CustomField(Struct, rename="camel"):
    field_id: str
    field_value: str | list[str]


class Address(Struct, rename="camel", kw_only=True):
    first_name: str
    last_name: str
    email: str
    company: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    state_or_province_code: str
    country: str
    country_code: str
    postal_code: str
    phone: str
    custom_fields: list[CustomField]
    should_save_address: bool


class BillingAddress(Struct, rename="camel", kw_only=True):
    """`{}` while there is none."""

    id: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    company: str | UnsetType = UNSET
    address1: str | UnsetType = UNSET
    address2: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state_or_province: str | UnsetType = UNSET
    state_or_province_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    country_code: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    custom_fields: list[CustomField] | UnsetType = UNSET
    should_save_address: bool | UnsetType = UNSET


class SelectedShippingOption(Struct, rename="camel", kw_only=True):
    id: str
    type: str
    description: str
    image_url: str
    cost: Amount
    transit_time: str
    additional_description: str


class ShippingOption(Struct, rename="camel", kw_only=True):
    id: str
    type: str
    description: str
    image_url: str
    cost: Amount
    transit_time: str
    is_recommended: bool
    additional_description: str


class SelectedPickupOption(Struct, rename="camel"):
    pickup_method_id: int


class PickupMethod(Struct, rename="camel", kw_only=True):
    id: int
    location_id: int
    display_name: str
    collection_instructions: str
    collection_time_description: str


class AvailableItem(Struct, rename="camel"):
    variant_id: int
    quantity: int


class PickupOption(Struct, rename="camel", kw_only=True):
    """Two names for the units: the published page has `availableItems`, the official SDK `itemQuantities`."""

    pickup_method: PickupMethod
    available_items: list[AvailableItem]
    item_quantities: list[AvailableItem]


class CouponDiscount(Struct, rename="camel"):
    code: str
    amount: Amount


class ConsignmentDiscount(Struct):
    id: int


class Consignment(Struct, rename="camel", kw_only=True):
    id: str
    shipping_cost: Amount
    handling_cost: Amount
    coupon_discounts: list[CouponDiscount]
    discounts: list[ConsignmentDiscount]
    line_item_ids: list[str]
    selected_shipping_option: SelectedShippingOption | None
    selected_pickup_option: SelectedPickupOption | None
    shipping_address: Address
    address: Address
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    available_shipping_options: list[ShippingOption] | UnsetType = UNSET
    available_pickup_options: list[PickupOption] | UnsetType = UNSET


class Tax(Struct):
    name: str
    amount: Amount


class Fee(Struct, rename="camel", kw_only=True):
    id: str
    type: str
    name: str
    display_name: str
    cost: Amount
    source: str
    tax_class_id: int | None


class GiftCertificate(Struct, rename="camel", kw_only=True):
    balance: Amount
    code: str
    purchase_date: str
    remaining: Amount
    used: Amount


class CustomerGroup(Struct):
    id: int
    name: str


class CustomerAddress(Struct, rename="camel", kw_only=True):
    id: int
    type: str
    first_name: str
    last_name: str
    company: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    state_or_province_code: str
    country: str
    country_code: str
    postal_code: str
    phone: str
    custom_fields: list[CustomField]


class Customer(Struct, rename="camel", kw_only=True):
    """`customerGroup` is `[]` when there is none, as on the wire."""

    id: int
    is_guest: bool
    email: str
    first_name: str
    last_name: str
    full_name: str
    addresses: list[CustomerAddress]
    store_credit: Amount
    should_encourage_sign_in: bool
    customer_group: CustomerGroup | list[str] | UnsetType = UNSET


class Banner(Struct, kw_only=True):
    id: str
    type: str
    page: list[str]
    text: str


class Promotion(Struct):
    banners: list[Banner]


class CheckoutPayment(Struct, rename="camel", kw_only=True):
    """`{}` while no payment was started."""

    provider_id: str | UnsetType = UNSET
    gateway_id: str | UnsetType | None = UNSET
    provider_type: str | UnsetType = UNSET


class Checkout(Struct, rename="camel", kw_only=True):
    id: str
    cart: Cart
    consignments: list[Consignment]
    order_id: int | None
    shipping_cost_total: Amount
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    handling_cost_total: Amount
    tax_total: Amount
    gift_wrapping_cost_total: Amount
    coupons: list[Coupon]
    taxes: list[Tax]
    subtotal: Amount
    grand_total: Amount
    outstanding_balance: Amount
    balance_due: Amount
    is_store_credit_applied: bool
    should_execute_spam_check: bool
    gift_certificates: list[GiftCertificate]
    created_time: str
    updated_time: str
    customer_message: str
    channel_id: int
    fees: list[Fee]
    discounts: list[Discount]
    total_discount: Amount
    display_discount_total: Amount
    order_based_auto_discount_total: Amount
    manual_discount_total: Amount
    version: int
    billing_address: BillingAddress | None
    customer: Customer | UnsetType = UNSET
    payments: list[CheckoutPayment] | UnsetType = UNSET
    promotions: list[Promotion] | UnsetType = UNSET


# ---------------------------------------------------------------------------------------------------- orders


class OrderCategory(Struct):
    name: str


class OrderLine(Struct, rename="camel", kw_only=True):
    """A line of an order; its id is a whole number. A category is the path of names that leads to it, here one name."""

    id: int
    parent_id: int | None
    product_id: int
    variant_id: int
    name: str
    sku: str
    url: str
    image_url: str
    brand: str
    quantity: int
    type: str
    is_taxable: bool
    is_shipping_required: bool
    added_by_promotion: bool
    gift_wrapping: GiftWrapping | None
    discounts: list[LineDiscount]
    discount_amount: Amount
    coupon_amount: Amount
    original_price: Amount
    list_price: Amount
    sale_price: Amount
    extended_list_price: Amount
    extended_sale_price: Amount
    extended_comparison_price: Amount
    options: list[LineOption]
    categories: list[list[OrderCategory]] = []
    social_media: list[str] | UnsetType = UNSET


class OrderCertificate(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    quantity: int
    is_taxable: bool
    amount: Amount
    type: str


class OrderCustomLine(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    sku: str
    quantity: int
    list_price: Amount
    extended_list_price: Amount
    image_url: str


class OrderLines(Struct, rename="camel", kw_only=True):
    physical_items: list[OrderLine]
    digital_items: list[OrderLine]
    gift_certificates: list[OrderCertificate]
    custom_items: list[OrderCustomLine]


class OrderLineId(Struct):
    id: int


class OrderField(Struct):
    name: str
    value: str | None


class OrderShipping(Struct, rename="camel", kw_only=True):
    line_items: list[OrderLineId]
    shipping_address_id: int
    first_name: str
    last_name: str
    company: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    postal_code: str
    country: str
    country_code: str
    email: str
    phone: str
    items_total: int
    items_shipped: int
    shipping_method: str
    base_cost: Amount
    cost_ex_tax: Amount
    cost_inc_tax: Amount
    cost_tax: Amount
    cost_tax_class_id: int
    base_handling_cost: Amount
    handling_cost_ex_tax: Amount
    handling_cost_inc_tax: Amount
    handling_cost_tax: Amount
    handling_cost_tax_class_id: int
    shipping_zone_id: int
    shipping_zone_name: str
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    custom_fields: list[OrderField]
    discounts: list[ConsignmentDiscount]


class OrderPickupLocation(Struct, rename="camel", kw_only=True):
    id: int
    name: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    postal_code: str
    country: str
    country_code: str
    email: str
    phone: str


class OrderPickup(Struct, rename="camel", kw_only=True):
    id: int
    line_items: list[OrderLineId]
    pickup_method_id: int
    pickup_method_display_name: str
    collection_instructions: str
    collection_time_description: str
    location: OrderPickupLocation


class OrderConsignments(Struct, kw_only=True):
    shipping: list[OrderShipping]
    pickup: list[OrderPickup]


class OrderPaymentDetail(Struct):
    """Of a method its step and what is to be done; of a gift certificate its code and, as of store credit, what is left."""

    step: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    remaining: Amount | UnsetType = UNSET


class OrderPayment(Struct, rename="camel", kw_only=True):
    provider_id: str
    gateway_id: str | None
    method_id: str | None
    description: str
    amount: Amount
    detail: OrderPaymentDetail
    mandate: str | None


class OrderBillingAddress(Struct, rename="camel", kw_only=True):
    first_name: str
    last_name: str
    email: str
    company: str
    address1: str
    address2: str
    city: str
    state_or_province: str
    state_or_province_code: str
    country: str
    country_code: str
    postal_code: str
    phone: str
    custom_fields: list[CustomField]


class Order(Struct, rename="camel", kw_only=True):
    order_id: int
    cart_id: str
    currency: Currency
    is_tax_included: bool
    base_amount: Amount
    discount_amount: Amount
    order_amount: Amount
    order_amount_as_integer: int
    shipping_cost_total: Amount
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    handling_cost_total: Amount
    gift_wrapping_cost_total: Amount
    coupons: list[Coupon]
    fees: list[Fee]
    line_items: OrderLines
    customer_id: int
    billing_address: OrderBillingAddress
    status: str
    customer_can_be_created: bool
    has_digital_items: bool
    is_downloadable: bool
    is_complete: bool
    customer_message: str
    taxes: list[Tax]
    tax_total: Amount
    total_discount: Amount
    display_discount_total: Amount
    order_based_auto_discount_total: Amount
    manual_discount_total: Amount
    product_auto_discounted_subtotal: Amount
    product_based_auto_discount_total: Amount
    channel_id: int
    consignments: OrderConsignments
    payments: list[OrderPayment] | UnsetType = UNSET


class OrderMadePayment(Struct, rename="camel", kw_only=True):
    id: str
    gateway: str | None
    status: str
    help_text: str


class OrderMade(Struct, rename="camel", kw_only=True):
    """The order as the internal endpoint announces it."""

    id: int
    order_id: int
    token: str
    status: str
    callback_url: str | None
    is_complete: bool
    has_digital_items: bool
    is_downloadable: bool
    customer_created: bool
    customer_can_be_created: bool
    currency: str
    payment: OrderMadePayment


class OrderMadeData(Struct, rename="camel"):
    order: OrderMade


class OrderMadeMeta(Struct, rename="camel"):
    device_fingerprint: str | None = None


class OrderMadeAnswer(Struct):
    data: OrderMadeData
    meta: OrderMadeMeta
