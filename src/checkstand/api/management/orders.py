"""Orders of the store, and their statuses (v2: bare bodies). Amounts are texts with four decimal places, dates those of RFC 2822.

All amounts are sums over the order's own entries, the same as the Storefront shows.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from checkstand.api.http import Call, Endpoint, Handler
from checkstand.api.management.listing import page_and_limit, part, time_span
from checkstand.api.projection import COUPON_NUMBERS, MANUAL_DISCOUNT, in_four_places
from checkstand.domain.address import Address, CustomField
from checkstand.domain.checkout import Consignment, LineItem, PickupChoice, ShippingOption
from checkstand.domain.facts import Store
from checkstand.domain.money import Money, round_half_away
from checkstand.domain.order import Order, OrderChange
from checkstand.domain.order_status import BY_ID, BY_STATUS, STATUSES, StatusDetails
from checkstand.domain.pricing.entries import Discount, Payment, Tax
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.totals import Both, CouponTotals, coupon_totals
from checkstand.domain.tax_zones import SHIPPING_CLASS
from checkstand.errors import Invalid, NotFound
from checkstand.service import orders
from checkstand.service.access import ORDERS
from checkstand.storage.port import OrderSearch

Item = TypeVar("Item")

DEFAULT_LIMIT, MOST = 50, 250
SORTS = ("id", "date_created", "date_modified", "customer_id")
LARGEST_NOTE = 65_535

# ---------------------------------------------------------------------------------------------------- what is sent


Note = Annotated[str, Meta(max_length=LARGEST_NOTE)]


class OrderBody(Struct):
    """What is left out stays."""

    status_id: int | None = None
    staff_notes: Note | None = None
    customer_message: Note | None = None

    def change(self) -> OrderChange:
        """Raises `Invalid`."""
        if self.status_id is not None and self.status_id not in BY_ID:
            raise Invalid.field("status_id", "must be the number of an order status, from 0 to 14")
        return OrderChange(
            status=None if self.status_id is None else BY_ID[self.status_id].status,
            staff_notes=self.staff_notes,
            customer_message=self.customer_message,
        )


# ---------------------------------------------------------------------------------------------------- what is shown


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


def _date(moment: datetime) -> str:
    """`Tue, 13 Mar 2018 16:18:59 +0000`."""
    return format_datetime(moment.astimezone(UTC))


class _Shown:
    """An order, its amounts added up once, and amounts as texts in its currency."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.priced: Priced = order.priced()
        self.checkout = order.checkout
        self._scale = Decimal(1).scaleb(-order.checkout.currency.decimal_places)
        self._consignments = {
            line_id: consignment for consignment in self.checkout.consignments for line_id in consignment.line_item_ids
        }

    def text(self, money: Money) -> str:
        return self.minor(money.minor)

    def minor(self, minor: int) -> str:
        return in_four_places(minor * self._scale)

    def each(self, minor: int, quantity: int) -> str:
        """Of one unit, rounded as the currency is."""
        return self.minor(round_half_away(minor, quantity))

    def link(self, call: Call, what: str) -> ResourceLink:
        resource = f"/orders/{self.order.id}/{what}"
        return ResourceLink(f"{call.base_url}/stores/{call.unit.store_hash}/v2{resource}", resource)

    def whole(self, call: Call, store: Store) -> ManagementOrderShape:
        order, checkout, totals = self.order, self.checkout, self.priced.totals
        status, text = BY_STATUS[order.status], self.text
        zero = checkout.currency.zero
        paid = [entry for entry in order.entries if isinstance(entry, Payment)]
        billing = checkout.billing_address
        given = coupon_totals(order.entries, zero)
        return ManagementOrderShape(
            id=order.id,
            customer_id=checkout.customer_id,
            date_created=_date(order.created_at),
            date_modified=_date(order.modified_at or order.created_at),
            status_id=status.id,
            status=status.name,
            custom_status=status.name,
            cart_id=checkout.id,
            channel_id=checkout.channel_id,
            subtotal_ex_tax=text(totals.subtotal.ex_tax),
            subtotal_inc_tax=text(totals.subtotal.inc_tax),
            subtotal_tax=text(totals.subtotal.tax),
            base_shipping_cost=text(totals.shipping_before_discount),
            shipping_cost_ex_tax=text(totals.shipping.ex_tax),
            shipping_cost_inc_tax=text(totals.shipping.inc_tax),
            shipping_cost_tax=text(totals.shipping.tax),
            shipping_cost_tax_class_id=SHIPPING_CLASS,
            base_handling_cost=text(totals.handling.ex_tax),
            handling_cost_ex_tax=text(totals.handling.ex_tax),
            handling_cost_inc_tax=text(totals.handling.inc_tax),
            handling_cost_tax=text(totals.handling.tax),
            handling_cost_tax_class_id=SHIPPING_CLASS,
            base_wrapping_cost=text(totals.wrapping.ex_tax),
            wrapping_cost_ex_tax=text(totals.wrapping.ex_tax),
            wrapping_cost_inc_tax=text(totals.wrapping.inc_tax),
            wrapping_cost_tax=text(totals.wrapping.tax),
            total_ex_tax=text(totals.grand_total - totals.tax),
            total_inc_tax=text(totals.grand_total),
            total_tax=text(totals.tax),
            items_total=sum(line.quantity for line in checkout.lines),
            items_shipped=0,
            payment_method=order.payment.name if order.payment else "",
            payment_provider_id=order.payment.id if order.payment else "",
            store_credit_amount=self.minor(sum(entry.amount.minor for entry in paid if not entry.target)),
            gift_certificate_amount=self.minor(sum(entry.amount.minor for entry in paid if entry.target)),
            currency_code=checkout.currency.code,
            default_currency_code=store.currency.code,
            discount_amount=text(totals.discount_amount),
            coupon_discount=self.minor(sum(each.lines.minor for each in given.values())),
            shipping_address_count=len(self.shipped()),
            order_is_digital=all(line.kind == "digital" for line in checkout.lines),
            is_deleted=False,
            staff_notes=order.staff_notes,
            customer_message=checkout.customer_message,
            billing_address=OrderAddressShape(*_address(billing.address if billing else Address(), order.email)),
            products=self.link(call, "products"),
            shipping_addresses=self.link(call, "shipping_addresses"),
            consignments=self.link(call, "consignments"),
            coupons=self.link(call, "coupons"),
            fees=self.link(call, "fees"),
            taxes=self.link(call, "taxes"),
        )

    def product(self, line: LineItem) -> OrderProductShape:
        of, consignment = self.priced.lines[line.id], self._consignments.get(line.id)
        choice = consignment.selected if consignment else None
        is_picked_up = isinstance(choice, PickupChoice)
        sale, count, zero = of.extended_sale, line.quantity, self.checkout.currency.zero
        wrapping = of.wrapping or Both(zero, zero)
        wraps = line.gift_wrapping.details if line.gift_wrapping else ()
        return OrderProductShape(
            id=self.order.line_numbers[line.id],
            order_id=self.order.id,
            order_address_id=self.order.address_numbers[consignment.id] if consignment and not is_picked_up else None,
            order_pickup_method_id=choice.pickup_method_id if isinstance(choice, PickupChoice) else None,
            product_id=line.product_id,
            variant_id=line.variant_id,
            name=line.name,
            sku=line.sku,
            type={"gift_certificate": "giftcertificate", "custom": "physical"}.get(line.kind, line.kind),
            brand=line.brand,
            quantity=count,
            quantity_shipped=0,
            weight=in_four_places(line.weight),
            base_price=self.text(line.list_price),
            price_ex_tax=self.each(sale.ex_tax.minor, count),
            price_inc_tax=self.each(sale.inc_tax.minor, count),
            price_tax=self.each(sale.tax.minor, count),
            base_total=self.text(of.extended_list),
            total_ex_tax=self.text(sale.ex_tax),
            total_inc_tax=self.text(sale.inc_tax),
            total_tax=self.text(sale.tax),
            base_wrapping_cost=self.text(wrapping.ex_tax),
            wrapping_cost_ex_tax=self.text(wrapping.ex_tax),
            wrapping_cost_inc_tax=self.text(wrapping.inc_tax),
            wrapping_cost_tax=self.text(wrapping.tax),
            wrapping_name=", ".join(dict.fromkeys(wrap.name for wrap in wraps)),
            wrapping_message=", ".join(dict.fromkeys(wrap.message for wrap in wraps if wrap.message)),
            applied_discounts=[self._discount(each) for each in of.discounts],
            product_options=[
                ProductOptionShape(option.name_id, option.name, option.name, option.value, option.value)
                for option in line.options
            ],
        )

    def _discount(self, discount: Discount) -> AppliedDiscountShape:
        """Coupons are called so, as on the checkout; other discounts by the promotion's id."""
        named = {"coupon": "coupon", "manual": MANUAL_DISCOUNT}.get(discount.level, str(discount.source_id))
        return AppliedDiscountShape(
            id=named,
            amount=self.text(discount.as_shown),
            code=discount.source if discount.level == "coupon" else None,
            target="product" if discount.level == "product" else "order",
        )

    def shipped(self) -> list[Consignment]:
        return [each for each in self.checkout.consignments if not isinstance(each.selected, PickupChoice)]

    def items(self, consignment: Consignment) -> list[ConsignmentItemShape]:
        return [
            ConsignmentItemShape(self.order.line_numbers[line.id], line.quantity)
            for line in self.checkout.lines
            if line.id in consignment.line_item_ids
        ]

    def shipping(self, consignment: Consignment) -> OrderShippingShape:
        of = self.priced.consignments[consignment.id]
        option = consignment.selected if isinstance(consignment.selected, ShippingOption) else None
        items = self.items(consignment)
        return OrderShippingShape(
            *_address(self.order.destinations[consignment.id], self.order.email),
            id=self.order.address_numbers[consignment.id],
            order_id=self.order.id,
            shipping_method=option.description if option else "",
            base_cost=self.text(of.shipping_before_discount),
            cost_ex_tax=self.text(of.shipping.ex_tax),
            cost_inc_tax=self.text(of.shipping.inc_tax),
            cost_tax=self.text(of.shipping.tax),
            cost_tax_class_id=SHIPPING_CLASS,
            base_handling_cost=self.text(of.handling.ex_tax),
            handling_cost_ex_tax=self.text(of.handling.ex_tax),
            handling_cost_inc_tax=self.text(of.handling.inc_tax),
            handling_cost_tax=self.text(of.handling.tax),
            handling_cost_tax_class_id=SHIPPING_CLASS,
            shipping_zone_id=option.zone_id if option else 0,
            shipping_zone_name=option.zone_name if option else "",
            items_total=sum(item.quantity for item in items),
            items_shipped=0,
            line_items=items,
        )

    def pickup(self, consignment: Consignment, choice: PickupChoice) -> OrderPickupShape:
        of, at = self.priced.consignments[consignment.id], self.order.destinations[consignment.id]
        called = self.order.pickups.get(consignment.id)
        return OrderPickupShape(
            id=self.order.address_numbers[consignment.id],
            pickup_method_id=choice.pickup_method_id,
            pickup_method_display_name=called.display_name if called else "",
            collection_instructions=called.collection_instructions if called else "",
            collection_time_description=called.collection_time_description if called else "",
            location=PickupLocationShape(
                name=called.location_name if called else "",
                address_line_1=at.address1,
                address_line_2=at.address2,
                city=at.city,
                state=at.state_or_province,
                postal_code=at.postal_code,
                country_alpha2=at.country_code,
                email=at.email,
                phone=at.phone,
            ),
            cost_ex_tax=self.text(of.shipping.ex_tax),
            cost_inc_tax=self.text(of.shipping.inc_tax),
            line_items=self.items(consignment),
        )

    def coupons(self) -> Iterable[OrderCouponShape]:
        zero = self.checkout.currency.zero
        given = coupon_totals(self.order.entries, zero)
        for number, coupon in enumerate(self.checkout.coupons, 1):
            of = given.get(coupon.id, CouponTotals(zero, zero))
            yield OrderCouponShape(
                id=number,
                coupon_id=coupon.id,
                order_id=self.order.id,
                code=coupon.code,
                type=COUPON_NUMBERS[coupon.type],
                discount=self.text(of.lines + of.shipping),
            )

    def fees(self) -> Iterable[OrderFeeShape]:
        for number, fee in enumerate(self.checkout.fees, 1):
            of = self.priced.totals.fees[fee.id]
            yield OrderFeeShape(
                id=number,
                type="custom_fee",
                name=fee.name,
                display_name_customer=fee.display_name,
                display_name_merchant=fee.name,
                source=fee.source,
                base_cost=self.text(fee.cost),
                cost_ex_tax=self.text(of.ex_tax),
                cost_inc_tax=self.text(of.inc_tax),
                cost_tax=self.text(of.tax),
                tax_class_id=fee.tax_class_id,
            )

    def taxes(self) -> Iterable[OrderTaxShape]:
        lines, addresses = self.order.line_numbers, self.order.address_numbers
        taxes = [entry for entry in self.order.entries if isinstance(entry, Tax)]
        for number, entry in enumerate(taxes, 1):
            is_line = entry.part in ("line", "wrapping")
            consignment = self._consignments.get(entry.target)
            place = consignment.id if is_line and consignment else entry.target
            yield OrderTaxShape(
                id=number,
                order_id=self.order.id,
                order_address_id=addresses.get(place),
                order_product_id=lines.get(entry.target) if is_line else None,
                line_item_type="item" if entry.part == "line" else entry.part,
                name=entry.source,
                priority=entry.priority,
                line_amount=self.text(entry.amount),
            )


AddressParts = tuple[str, str, str, str, str, str, str, str, str, str, str, str, list[OrderFormField]]


def _address(address: Address, email: str) -> AddressParts:
    """In the sequence of `OrderAddressShape`; `email`: the shopper's, where the address has none of its own."""
    return (
        address.first_name,
        address.last_name,
        address.company,
        address.address1,
        address.address2,
        address.city,
        address.state_or_province,
        address.postal_code,
        address.country,
        address.country_code,
        address.phone,
        address.email or email,
        [_form_field(field) for field in address.custom_fields],
    )


def _form_field(field: CustomField) -> OrderFormField:
    value = field.field_value
    return OrderFormField(field.field_id, value if isinstance(value, str) else list(value))


def _status(status: StatusDetails) -> OrderStatusShape:
    return OrderStatusShape(status.id, status.name, status.name, status.name, STATUSES.index(status))


# ---------------------------------------------------------------------------------------------------- endpoints


async def list_orders(call: Call, body: None) -> list[ManagementOrderShape]:
    sort, _, direction = call.first("sort", "id").partition(":")
    if sort not in SORTS or direction not in ("", "asc", "desc"):
        raise Invalid.field("sort", f"must be one of {', '.join(SORTS)}, with :asc or :desc")
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=MOST)
    found = await call.unit.orders.page(
        _search(call), sort=sort, descending=direction == "desc", limit=limit, offset=(page - 1) * limit
    )
    store = await call.unit.store()
    return [_Shown(order).whole(call, store) for order in found]


def _search(call: Call) -> OrderSearch:
    """Raises `Invalid`."""
    status_id = call.query_number("status_id", -1, 0, len(STATUSES) - 1)
    return OrderSearch(
        min_id=call.query_number("min_id", 0, 0, 2**53),
        max_id=call.query_number("max_id", 2**53, 0, 2**53),
        status="" if status_id < 0 else BY_ID[status_id].status,
        customer_id=call.query_number("customer_id", -1, 0, 2**53),
        cart_id=call.first("cart_id"),
        email=call.first("email"),
        created_from=_from(call, "min_date_created"),
        created_before=_before(call, "max_date_created"),
        modified_from=_from(call, "min_date_modified"),
        modified_before=_before(call, "max_date_modified"),
    )


def _from(call: Call, name: str) -> datetime | None:
    span = _span(call, name)
    return span[0] if span else None


def _before(call: Call, name: str) -> datetime | None:
    span = _span(call, name)
    return span[1] if span else None


def _span(call: Call, name: str) -> tuple[datetime, datetime] | None:
    """How long a date in the query lasts, also one as RFC 2822 has it. Raises `Invalid`."""
    try:
        moment = parsedate_to_datetime(call.first(name).replace("  ", " +"))
    except (ValueError, OverflowError):
        return time_span(call, name)
    start = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return start, start + timedelta(seconds=1)


async def count_orders(call: Call, body: None) -> OrderCount:
    counts = await call.unit.orders.counts()
    statuses = [StatusCount(each.id, each.name, each.name, each.name, counts.get(each.status, 0)) for each in STATUSES]
    return OrderCount(sum(counts.values()), statuses)


async def get_order(call: Call, body: None) -> ManagementOrderShape:
    return (await _shown(call)).whole(call, await call.unit.store())


async def update_order(call: Call, body: OrderBody) -> ManagementOrderShape:
    changed = await orders.change(call.unit, call.number("order_id"), body.change(), call.now)
    return _Shown(changed).whole(call, await call.unit.store())


async def _shown(call: Call) -> _Shown:
    return _Shown(await call.unit.orders.get(call.number("order_id")))


async def list_products(call: Call, body: None) -> list[OrderProductShape]:
    shown = await _shown(call)
    return _paged(call, [shown.product(line) for line in shown.checkout.lines])


def _paged(call: Call, items: Sequence[Item]) -> list[Item]:
    return list(part(call, items, default=DEFAULT_LIMIT, most=MOST))


async def get_product(call: Call, body: None) -> OrderProductShape:
    shown, number = await _shown(call), call.number("order_product_id")
    for line in shown.checkout.lines:
        if shown.order.line_numbers[line.id] == number:
            return shown.product(line)
    raise NotFound(f"Order {shown.order.id} has no product {call.params['order_product_id']}.")


async def list_shipping_addresses(call: Call, body: None) -> list[OrderShippingAddressShape]:
    shown = await _shown(call)
    return _paged(call, [_without_items(shown.shipping(each)) for each in shown.shipped()])


def _without_items(shipping: OrderShippingShape) -> OrderShippingAddressShape:
    return OrderShippingAddressShape(
        **{name: getattr(shipping, name) for name in OrderShippingAddressShape.__struct_fields__}
    )


async def get_shipping_address(call: Call, body: None) -> OrderShippingAddressShape:
    shown, number = await _shown(call), call.number("shipping_address_id")
    for consignment in shown.shipped():
        if shown.order.address_numbers[consignment.id] == number:
            return _without_items(shown.shipping(consignment))
    raise NotFound(f"Order {shown.order.id} has no shipping address {call.params['shipping_address_id']}.")


async def get_consignments(call: Call, body: None) -> OrderConsignmentsShape:
    shown = await _shown(call)
    return OrderConsignmentsShape(
        [shown.shipping(each) for each in shown.shipped()],
        [
            shown.pickup(each, each.selected)
            for each in shown.checkout.consignments
            if isinstance(each.selected, PickupChoice)
        ],
    )


async def list_coupons(call: Call, body: None) -> list[OrderCouponShape]:
    return _paged(call, list((await _shown(call)).coupons()))


async def list_fees(call: Call, body: None) -> list[OrderFeeShape]:
    return _paged(call, list((await _shown(call)).fees()))


async def list_taxes(call: Call, body: None) -> list[OrderTaxShape]:
    return _paged(call, list((await _shown(call)).taxes()))


async def list_statuses(call: Call, body: None) -> list[OrderStatusShape]:
    return [_status(status) for status in STATUSES]


async def get_status(call: Call, body: None) -> OrderStatusShape:
    status = BY_ID.get(call.number("status_id"))
    if status is None:
        raise NotFound(f"There is no order status {call.params['status_id']}.")
    return _status(status)


ORDERS_PATH, ORDER = "/orders", "/orders/{order_id}"
TAG = "Orders"
PAGES = ("page", "limit")


def _reading(path: str, handle: Handler, summary: str, answer: object, query: tuple[str, ...] = ()) -> Endpoint:
    return Endpoint("GET", path, handle, summary, answer=answer, scopes=ORDERS, query=query, tag=TAG)


ENDPOINTS = [
    _reading(
        ORDERS_PATH,
        list_orders,
        "List orders",
        list[ManagementOrderShape],
        (
            "min_id",
            "max_id",
            "status_id",
            "customer_id",
            "cart_id",
            "email",
            "min_date_created",
            "max_date_created",
            "min_date_modified",
            "max_date_modified",
            "sort",
            *PAGES,
        ),
    ),
    _reading(f"{ORDERS_PATH}/count", count_orders, "Count the orders, in all and by status", OrderCount),
    _reading(ORDER, get_order, "Read an order", ManagementOrderShape),
    Endpoint(
        "PUT",
        ORDER,
        update_order,
        "Change the status of an order, and what is noted of it",
        answer=ManagementOrderShape,
        body=OrderBody,
        scopes=ORDERS,
        tag=TAG,
    ),
    _reading(f"{ORDER}/products", list_products, "List the line items of an order", list[OrderProductShape], PAGES),
    _reading(f"{ORDER}/products/{{order_product_id}}", get_product, "Read a line item of an order", OrderProductShape),
    _reading(
        f"{ORDER}/shipping_addresses",
        list_shipping_addresses,
        "List where an order is sent",
        list[OrderShippingAddressShape],
        PAGES,
    ),
    _reading(
        f"{ORDER}/shipping_addresses/{{shipping_address_id}}",
        get_shipping_address,
        "Read where a part of an order is sent",
        OrderShippingAddressShape,
    ),
    _reading(
        f"{ORDER}/consignments", get_consignments, "Read what of an order goes where, and how", OrderConsignmentsShape
    ),
    _reading(f"{ORDER}/coupons", list_coupons, "List the coupons of an order", list[OrderCouponShape], PAGES),
    _reading(f"{ORDER}/fees", list_fees, "List the fees of an order", list[OrderFeeShape], PAGES),
    _reading(f"{ORDER}/taxes", list_taxes, "List the taxes of an order, each by itself", list[OrderTaxShape], PAGES),
    _reading("/order_statuses", list_statuses, "List the statuses an order may have", list[OrderStatusShape]),
    _reading("/order_statuses/{status_id}", get_status, "Read a status an order may have", OrderStatusShape),
]
