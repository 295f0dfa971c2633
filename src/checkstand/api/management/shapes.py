"""What Management shows of carts and checkouts, in the order of the published page. Names are the projection's; what is
UNSET is left out of the answer."""

from msgspec import UNSET, Struct, UnsetType, field

from checkstand.api.projection import Amount


class LineOption(Struct):
    name: str
    name_id: int
    value: str
    value_id: int


class LineDiscount(Struct):
    management_id: int | str = field(name="id")
    discounted_amount: Amount


class Person(Struct):
    name: str
    email: str


class GiftWrapping(Struct):
    name: str
    message: str
    amount: Amount


class CheckoutGiftWrapping(Struct):
    """Of a checkout, where the amount is published twice: as it is read, and in the currency's smallest unit."""

    name: str
    message: str
    amount: Amount
    amount_as_integer: int


class Currency(Struct):
    code: str


class CartCoupon(Struct):
    """Of `GET /carts`, where the type is a digit (D30)."""

    id_text: str = field(name="id")
    code: str
    coupon_digit: str = field(name="coupon_type")
    display_name: str
    discounted_amount: Amount


class Coupon(Struct, kw_only=True):
    id: int
    code: str
    coupon_type: str
    display_name: str
    discounted_amount: Amount


class CartLine(Struct, kw_only=True):
    """A physical or digital line of `GET /carts`; `parent_id` and `gift_wrapping` only where there is one."""

    id: str
    variant_id: int
    product_id: int
    sku: str
    name: str
    url: str
    quantity: int
    taxable: bool
    image_url: str
    discounts: list[LineDiscount]
    coupons: list[CartCoupon]
    discount_amount: Amount
    coupon_amount: Amount
    original_price: Amount
    list_price: Amount
    sale_price: Amount
    extended_list_price: Amount
    extended_sale_price: Amount
    is_require_shipping: bool
    is_mutable: bool
    added_by_promotion: bool
    parent_id: str | UnsetType | None = UNSET
    gift_wrapping: GiftWrapping | UnsetType | None = UNSET
    options: list[LineOption] | UnsetType = UNSET


class GiftCertificateLine(Struct, kw_only=True):
    id: str
    name: str
    theme: str
    amount: Amount
    taxable: bool
    sender: Person
    recipient: Person
    message: str
    quantity: int | UnsetType = UNSET


class CustomLine(Struct, kw_only=True):
    id: str
    sku: str
    name: str
    quantity: int
    list_price: Amount
    extended_list_price: Amount
    image_url: str


class CartCustomLine(Struct, kw_only=True):
    """A custom line of `GET /carts`, where quantity and price are published as texts."""

    id: str
    sku: str
    name: str
    quantity_text: str = field(name="quantity")
    list_price_text: str = field(name="list_price")
    extended_list_price: Amount
    image_url: str


class CartLines(Struct, kw_only=True):
    physical_items: list[CartLine]
    digital_items: list[CartLine]
    gift_certificates: list[GiftCertificateLine]
    custom_items: list[CartCustomLine]


class Discount(Struct):
    """`cart.discounts[]`: one entry a line, with all that was taken off it."""

    id: str
    discounted_amount: Amount


class Banner(Struct, kw_only=True):
    id: str
    type: str
    page: list[str]
    text: str


class Promotions(Struct):
    banners: list[Banner]


class CartPromotions(Struct):
    """Of a cart: empty while no promotion says anything."""

    banners: list[Banner] | UnsetType = UNSET


class RedirectUrls(Struct, kw_only=True):
    cart_url: str
    checkout_url: str
    embedded_checkout_url: str


class Empty(Struct):
    pass


class Cart(Struct, kw_only=True):
    """`meta` stands inside only where the published sample has it: after a line was removed."""

    id: str
    customer_id: int
    channel_id: int
    email: str
    currency: Currency
    tax_included: bool
    base_amount: Amount
    discount_amount: Amount
    manual_discount_amount: Amount
    cart_amount: Amount
    coupons: list[CartCoupon]
    discounts: list[Discount]
    line_items: CartLines
    created_time: str
    updated_time: str
    locale: str
    version: int
    promotions: CartPromotions | UnsetType = UNSET
    redirect_urls: RedirectUrls | UnsetType = UNSET
    meta: Empty | UnsetType = UNSET


# ---------------------------------------------------------------------------------------------------- checkout


class CheckoutLine(Struct, gc=False):
    """A physical or digital line of a checkout's cart; digital ones have no `gift_wrapping`."""

    id: str
    parent_id: str | None
    variant_id: int
    product_id: int
    sku: str
    name: str
    url: str
    quantity: int
    is_taxable: bool
    image_url: str
    discounts: list[LineDiscount]
    coupons: list[Coupon]
    discount_amount: Amount
    coupon_amount: Amount
    original_price: Amount
    list_price: Amount
    sale_price: Amount
    comparison_price: Amount
    extended_list_price: Amount
    extended_sale_price: Amount
    extended_comparison_price: Amount
    is_require_shipping: bool
    is_mutable: bool
    added_by_promotion: bool
    gift_wrapping: CheckoutGiftWrapping | UnsetType | None
    options: list[LineOption] | UnsetType = UNSET


class CheckoutLines(Struct, kw_only=True, gc=False):
    physical_items: list[CheckoutLine]
    digital_items: list[CheckoutLine]
    gift_certificates: list[GiftCertificateLine]
    custom_items: list[CustomLine]


class CheckoutCart(Struct, gc=False):
    """What manual discounts take off is shown where they are given, and only there, as published."""

    id: str
    customer_id: int
    channel_id: int
    email: str
    currency: Currency
    tax_included: bool
    base_amount: Amount
    discount_amount: Amount
    cart_amount_inc_tax: Amount
    cart_amount_ex_tax: Amount
    coupons: list[Coupon]
    discounts: list[Discount]
    line_items: CheckoutLines
    created_time: str
    updated_time: str
    version: int
    manual_discount_amount: Amount | UnsetType = UNSET


class CustomField(Struct, gc=False):
    field_id: str
    field_value: str | list[str]


class Address(Struct, kw_only=True, gc=False):
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


class BillingAddress(Struct, kw_only=True, gc=False):
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


class ShippingOption(Struct, gc=False):
    id: str
    type: str
    description: str
    image_url: str
    cost: Amount
    transit_time: str
    additional_description: str


class PickupOption(Struct, gc=False):
    pickup_method_id: int


class CouponDiscount(Struct, gc=False):
    code: str
    amount: Amount


class ConsignmentDiscount(Struct, gc=False):
    id: int


class Consignment(Struct, kw_only=True, gc=False):
    id: str
    shipping_cost_inc_tax: Amount
    shipping_cost_ex_tax: Amount
    handling_cost_inc_tax: Amount
    handling_cost_ex_tax: Amount
    coupon_discounts: list[CouponDiscount]
    discounts: list[ConsignmentDiscount]
    line_item_ids: list[str]
    address: Address
    shipping_address: Address = field(name="shippingAddress")
    available_shipping_options: list[ShippingOption] | UnsetType = UNSET
    selected_shipping_option: ShippingOption | UnsetType | None = UNSET
    selected_pickup_option: PickupOption | UnsetType | None = UNSET


class Tax(Struct, gc=False):
    name: str
    amount: Amount


class Fee(Struct, kw_only=True, gc=False):
    id: str
    type: str
    name: str
    display_name: str
    cost_inc_tax: Amount
    cost_ex_tax: Amount
    source: str
    tax_class_id: int | None


class Checkout(Struct, gc=False):
    id: str
    cart: CheckoutCart
    consignments: list[Consignment]
    taxes: list[Tax]
    coupons: list[Coupon]
    fees: list[Fee]
    order_id_text: str | None = field(name="order_id")
    shipping_cost_total_inc_tax: Amount
    shipping_cost_total_ex_tax: Amount
    handling_cost_total_inc_tax: Amount
    handling_cost_total_ex_tax: Amount
    tax_total: Amount
    subtotal_inc_tax: Amount
    subtotal_ex_tax: Amount
    grand_total: Amount
    created_time: str
    updated_time: str
    customer_message: str
    version: int
    billing_address: BillingAddress | None
    promotions: list[Promotions] | UnsetType = UNSET


class OrderCreated(Struct, gc=False):
    id: int
