"""From an order to the shapes of the v2 API. All amounts are sums over the order's own entries, the same as the Storefront
shows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime

from checkstand.api.http import Call
from checkstand.api.management.order_shapes import (
    AppliedDiscountShape,
    ConsignmentItemShape,
    ManagementOrderShape,
    OrderAddressShape,
    OrderCouponShape,
    OrderFeeShape,
    OrderFormField,
    OrderPickupShape,
    OrderProductShape,
    OrderShippingShape,
    OrderStatusShape,
    OrderTaxShape,
    PickupLocationShape,
    ProductOptionShape,
    ResourceLink,
)
from checkstand.api.projection import COUPON_NUMBERS, MANUAL_DISCOUNT, in_four_places
from checkstand.domain.address import Address, CustomField
from checkstand.domain.checkout import Consignment, LineItem, PickupChoice, ShippingOption
from checkstand.domain.facts import Store
from checkstand.domain.money import Money, round_half_away
from checkstand.domain.order import Order
from checkstand.domain.order_status import BY_STATUS, STATUSES, StatusDetails
from checkstand.domain.pricing.entries import Discount, Payment, Tax
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.totals import Both, CouponTotals, coupon_totals
from checkstand.domain.tax_zones import SHIPPING_CLASS


def _date(moment: datetime) -> str:
    """`Tue, 13 Mar 2018 16:18:59 +0000`."""
    return format_datetime(moment.astimezone(UTC))


class ShownOrder:
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


def status_shape(status: StatusDetails) -> OrderStatusShape:
    return OrderStatusShape(status.id, status.name, status.name, status.name, STATUSES.index(status))
