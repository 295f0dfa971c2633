"""The read model that surfaces are taken from, but for Management's checkout, which its `render` writes out of what is priced: one
tree with the superset of names, amounts with and without tax.

This is where minor units become JSON numbers, and nowhere else. A surface declares which of these attributes it shows
(`shapes`), and `msgspec.convert(view, Shape, from_attributes=True)` picks them. Derived names are properties.
"""

from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache

from msgspec import Struct
from msgspec.structs import asdict

from checkstand.domain.address import Address, BillingAddress, CustomerAddress
from checkstand.domain.banners import banners
from checkstand.domain.checkout import (
    Checkout,
    Consignment,
    LineItem,
    LineOption,
    Person,
    PickupChoice,
    ShippingOption,
)
from checkstand.domain.facts import Customer, Facts, PickupMethod, Store
from checkstand.domain.fulfillment import PickupOption, consignment_pickup_options
from checkstand.domain.gift_certificates import key_of
from checkstand.domain.money import LARGEST_MINOR, Currency, Money, round_half_away
from checkstand.domain.order import Order, PickupPlace
from checkstand.domain.pricing.entries import Discount, Payment
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.taxes import destination
from checkstand.domain.pricing.totals import ConsignmentTotals, CouponTotals, LineTotals, coupon_totals
from checkstand.errors import Invalid
from checkstand.service.commands import Answer

Amount = int | float
"""An amount in major units, as a JSON number: whole where it is whole."""


class Amounts(dict[int, Amount]):
    """Minor units -> what is shown. The one place where an amount leaves integer arithmetic: exact below 10^15 minor units,
    more is refused. Shops show the same few thousand amounts over and over, so each is worked out once."""

    def __init__(self, decimal_places: int) -> None:
        super().__init__({0: 0})
        self._scale = 10**decimal_places

    def __missing__(self, minor: int) -> Amount:
        if not -LARGEST_MINOR <= minor <= LARGEST_MINOR:
            raise Invalid(
                "An amount of this checkout is larger than this server can show exactly.", code="amount_too_large"
            )
        if len(self) >= MOST_KNOWN_AMOUNTS:
            self.clear()
        whole, part = divmod(minor, self._scale)
        shown: Amount = minor / self._scale if part else whole
        self[minor] = shown
        return shown

    def __call__(self, money: Money) -> Amount:
        return self[money.minor]


MOST_KNOWN_AMOUNTS = 20_000


@cache
def _amounts(decimal_places: int) -> Amounts:
    return Amounts(decimal_places)


def amounts(currency: Currency) -> Amounts:
    return _amounts(currency.decimal_places)


def in_four_places(amount: Decimal) -> str:
    """`5.0000`, as the older resources of Management write amounts and percentages."""
    return str(amount.quantize(Decimal("0.0001")))


# ---------------------------------------------------------------------------------------------------- what is shown


class DiscountView(Struct, frozen=True):
    """Management calls every coupon's discount `coupon`, the Storefront by the coupon's id (BEHAVIOUR 3.4)."""

    id: int | str
    discounted_amount: Amount
    level: str = "product"

    @property
    def management_id(self) -> int | str:
        return "coupon" if self.level == "coupon" else self.id


MANUAL_DISCOUNT = "manual-discount"
"""The id of every discount a person gave."""


COUPON_NUMBERS = {
    "per_item_discount": 0,
    "percentage_discount": 1,
    "per_total_discount": 2,
    "shipping_discount": 3,
    "free_shipping": 4,
    "promotion": 5,
}


class CouponView(Struct, frozen=True, kw_only=True):
    """A coupon; its type has a name, and a number that some places show instead (D30)."""

    id: int
    code: str
    display_name: str
    coupon_type: str
    discounted_amount: Amount

    @property
    def id_text(self) -> str:
        return str(self.id)

    @property
    def coupon_number(self) -> int:
        return COUPON_NUMBERS[self.coupon_type]

    @property
    def coupon_digit(self) -> str:
        return str(self.coupon_number)


class CouponDiscountView(Struct, frozen=True):
    code: str
    amount: Amount


class ConsignmentDiscountView(Struct, frozen=True):
    id: int


class GiftWrappingView(Struct, frozen=True):
    """Several wraps are shown as one: their names and messages one after the other, and what they cost together."""

    name: str
    message: str
    amount: Amount
    amount_as_integer: int


class FeeView(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    display_name: str
    cost: Amount
    cost_inc_tax: Amount
    cost_ex_tax: Amount
    source: str
    tax_class_id: int | None
    type: str = "custom_fee"


class LineView(Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str
    sku: str
    url: str
    image_url: str
    brand: str
    quantity: int
    product_id: int
    variant_id: int
    options: tuple[LineOption, ...]
    category_names: tuple[str, ...]
    discounts: list[DiscountView]
    discount_amount: Amount
    coupon_amount: Amount
    reduction: Amount
    original_price: Amount
    list_price: Amount
    sale_price: Amount
    retail_price: Amount | None
    comparison_price: Amount
    extended_list_price: Amount
    extended_sale_price: Amount
    extended_comparison_price: Amount
    parent_id: None = None
    gift_wrapping: GiftWrappingView | None = None
    added_by_promotion: bool = False
    is_mutable: bool = True
    coupons: tuple[()] = ()

    @property
    def type(self) -> str:
        return self.kind

    @property
    def quantity_text(self) -> str:
        return str(self.quantity)

    @property
    def list_price_text(self) -> str:
        return str(self.list_price)

    @property
    def is_shipping_required(self) -> bool:
        return self.kind == "physical"

    @property
    def is_require_shipping(self) -> bool:
        return self.kind == "physical"

    @property
    def is_taxable(self) -> bool:
        return self.kind != "gift_certificate"

    @property
    def taxable(self) -> bool:
        return self.kind != "gift_certificate"


class CertificateView(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    theme: str
    amount: Amount
    sender: Person
    recipient: Person
    message: str
    taxable: bool = False
    type: str = "giftCertificate"


class LineItemsView(Struct, frozen=True):
    physical_items: list[LineView]
    digital_items: list[LineView]
    gift_certificates: list[CertificateView]
    custom_items: list[LineView]


class CartView(Struct, frozen=True, kw_only=True):
    id: str
    version: int
    customer_id: int
    channel_id: int
    email: str
    locale: str
    currency: Currency
    tax_included: bool
    base_amount: Amount
    discount_amount: Amount
    manual_discount_amount: Amount
    cart_amount: Amount
    cart_amount_inc_tax: Amount
    cart_amount_ex_tax: Amount
    discounts: list[DiscountView]
    line_items: LineItemsView
    created_time: str
    updated_time: str
    coupons: list[CouponView]
    """What they take off the lines; that of a checkout's own list is all they take off."""

    @property
    def is_tax_included(self) -> bool:
        return self.tax_included


class OptionView(Struct, frozen=True, kw_only=True):
    id: str
    type: str
    description: str
    image_url: str
    cost: Amount
    transit_time: str
    additional_description: str
    is_recommended: bool


class PickupMethodView(Struct, frozen=True, kw_only=True):
    id: int
    location_id: int
    display_name: str
    collection_instructions: str
    collection_time_description: str


class AvailableUnits(Struct, frozen=True):
    variant_id: int
    quantity: int


class PickupOptionView(Struct, frozen=True, kw_only=True):
    """`distance_km` None: nobody said from where."""

    pickup_method: PickupMethodView
    available_items: list[AvailableUnits]
    address: Address
    distance_km: float | None

    @property
    def item_quantities(self) -> list[AvailableUnits]:
        return self.available_items


class ConsignmentView(Struct, frozen=True, kw_only=True):
    id: str
    address: Address
    line_item_ids: tuple[str, ...]
    available_shipping_options: list[OptionView]
    available_pickup_options: list[PickupOptionView]
    selected_shipping_option: OptionView | None
    selected_pickup_option: PickupChoice | None
    shipping_cost: Amount
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    handling_cost: Amount
    coupon_discounts: list[CouponDiscountView]
    discounts: list[ConsignmentDiscountView]

    @property
    def shipping_address(self) -> Address:
        return self.address


class TaxView(Struct, frozen=True):
    name: str
    amount: Amount


class CustomerView(Struct, frozen=True, kw_only=True):
    id: int = 0
    is_guest: bool = True
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    full_name: str = ""
    addresses: tuple["CustomerAddressView", ...] = ()
    store_credit: Amount = 0
    should_encourage_sign_in: bool = False
    customer_group: "CustomerGroupView | tuple[()]" = ()


class CustomerGroupView(Struct, frozen=True):
    id: int
    name: str


class CustomerAddressView(Address, frozen=True, kw_only=True):
    id: int
    type: str = "residential"


class BillingView(Address, frozen=True, kw_only=True):
    """An address with an id of its own."""

    id: str


class AppliedCertificateView(Struct, frozen=True, kw_only=True):
    """A gift certificate that pays: `balance` before and `remaining` after this checkout has `used` its part."""

    code: str
    balance: Amount
    used: Amount
    remaining: Amount
    purchase_date: str


class BannerView(Struct, frozen=True):
    id: str
    type: str
    page: tuple[str, ...]
    text: str


class PromotionView(Struct, frozen=True):
    """What promotions say, all of them together; there is none where none says anything."""

    banners: tuple[BannerView, ...]


def banner_views(answer: Answer) -> tuple[BannerView, ...]:
    return tuple(
        BannerView(str(banner.promotion_id), banner.type, banner.page, banner.text)
        for banner in banners(answer.priced, answer.facts)
    )


class CheckoutView(Struct, frozen=True, kw_only=True):
    id: str
    version: int
    channel_id: int
    order_id: int | None
    created_time: str
    updated_time: str
    customer_message: str
    cart: CartView
    billing_address: BillingView | None
    consignments: list[ConsignmentView]
    customer: CustomerView
    taxes: list[TaxView]
    tax_total: Amount
    subtotal: Amount
    grand_total: Amount
    outstanding_balance: Amount
    shipping_cost_total: Amount
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    handling_cost_total: Amount
    total_discount: Amount
    display_discount_total: Amount
    order_based_auto_discount_total: Amount
    manual_discount_total: Amount
    coupons: list[CouponView]
    gift_wrapping_cost_total: Amount
    fees: list[FeeView]
    gift_certificates: list[AppliedCertificateView]
    promotions: tuple["PromotionView", ...] = ()
    discounts: tuple[()] = ()
    is_store_credit_applied: bool = False
    should_execute_spam_check: bool = False

    @property
    def balance_due(self) -> Amount:
        return self.outstanding_balance


# ---------------------------------------------------------------------------------------------------- projecting


def project(
    answer: Answer, *, with_shipping_options: bool, with_pickup_options: bool = False, with_banners: bool = False
) -> CheckoutView:
    """The whole checkout as a surface may show it. What a consignment is offered only on demand: it is most of a view, and
    pick-up options look at stock; banners look at promotions again."""
    priced, facts = answer.priced, answer.facts
    checkout, totals = priced.checkout, priced.totals
    number, is_inclusive = amounts(checkout.currency), totals.is_tax_included
    total_discount, display_discount = _discount_totals(priced)
    cart = cart_view(priced)
    said = banner_views(answer) if with_banners else ()
    return CheckoutView(
        id=checkout.id,
        promotions=(PromotionView(said),) if said else (),
        version=checkout.version,
        channel_id=checkout.channel_id,
        order_id=checkout.order_id,
        created_time=cart.created_time,
        updated_time=cart.updated_time,
        customer_message=checkout.customer_message,
        cart=cart,
        billing_address=billing_view(checkout.billing_address) if checkout.billing_address else None,
        consignments=[
            _consignment(
                consignment,
                priced,
                facts,
                number,
                with_shipping_options,
                with_pickup_options,
            )
            for consignment in checkout.consignments
        ],
        customer=customer_view(facts.customer, facts.store, checkout.currency) if facts.customer else CustomerView(),
        taxes=[TaxView(name, number[amount.minor]) for name, amount in totals.taxes],
        tax_total=number[totals.tax.minor],
        subtotal=number(totals.subtotal.shown(is_inclusive=is_inclusive)),
        grand_total=number[totals.grand_total.minor],
        outstanding_balance=number[totals.outstanding_balance.minor],
        shipping_cost_total=number(totals.shipping.shown(is_inclusive=is_inclusive)),
        shipping_cost_before_discount=number[totals.shipping_before_discount.minor],
        comparison_shipping_cost=number[_comparison(priced)],
        handling_cost_total=number(totals.handling.shown(is_inclusive=is_inclusive)),
        total_discount=number[total_discount],
        display_discount_total=number[display_discount],
        order_based_auto_discount_total=number[totals.order_discount.minor],
        manual_discount_total=number[totals.manual_discount.minor],
        coupons=coupon_views(priced, number),
        gift_wrapping_cost_total=number(totals.wrapping.shown(is_inclusive=is_inclusive)),
        fees=fee_views(priced, number),
        gift_certificates=_applied_certificates(answer, number) if checkout.gift_certificates else [],
        is_store_credit_applied=checkout.is_store_credit_applied,
        should_execute_spam_check=checkout.needs_spam_check(is_asked=facts.store.checkout_settings.spam_check),
    )


def _applied_certificates(answer: Answer, number: Amounts) -> list[AppliedCertificateView]:
    """In the order in which they were applied. Of one that pays, what it pays says what was on it: an order took it since."""
    paid = {entry.target: entry for entry in answer.priced.entries if isinstance(entry, Payment)}
    zero = answer.checkout.currency.zero
    views = []
    for applied in answer.checkout.gift_certificates:
        known, entry = answer.facts.certificates.get(key_of(applied.code)), paid.get(applied.code)
        used = entry.amount if entry else zero
        left = entry.remaining if entry and entry.remaining else zero
        if entry is None and known and known.is_in(answer.checkout.currency):
            left = known.balance
        bought_at = known.purchase_date if known else None
        views.append(
            AppliedCertificateView(
                code=applied.code,
                balance=number[(left + used).minor],
                used=number[used.minor],
                remaining=number[left.minor],
                purchase_date=timestamp(bought_at) if bought_at else "",
            )
        )
    return views


def _comparison(priced: Priced) -> int:
    return sum([_comparison_of(of_consignment, priced) for of_consignment in priced.consignments.values()])


def _comparison_of(of_consignment: ConsignmentTotals, priced: Priced) -> int:
    """What shipping would cost without coupons, as the published page of orders defines it: where amounts are not shown as they
    were entered, without any discount."""
    less = of_consignment.automatic_discount.minor if priced.taxes.is_shown_as_entered else 0
    return of_consignment.shipping_before_discount.minor - less


def fee_views(priced: Priced, number: Amounts) -> list[FeeView]:
    totals = priced.totals
    if not totals.fees:
        return []
    return [
        FeeView(
            id=fee.id,
            name=fee.name,
            display_name=fee.display_name,
            cost=number(totals.fees[fee.id].shown(is_inclusive=totals.is_tax_included)),
            cost_inc_tax=number(totals.fees[fee.id].inc_tax),
            cost_ex_tax=number(totals.fees[fee.id].ex_tax),
            source=fee.source,
            tax_class_id=fee.tax_class_id,
        )
        for fee in priced.checkout.fees
    ]


def _discount_totals(priced: Priced) -> tuple[int, int]:
    """All discounts, on shipping too; and without the product-level ones, which shoppers see as prices (orders.sf)."""
    totals = priced.totals
    left = totals.shipping.shown(is_inclusive=totals.is_tax_included)
    shipping = totals.shipping_before_discount.minor - left.minor
    lines = priced.lines.values()
    everything = sum([line.reduction.minor for line in lines]) + shipping
    return everything, everything - sum([line.product_discount.minor for line in lines])


def coupon_views(priced: Priced, number: Amounts, *, on_lines: bool = False) -> list[CouponView]:
    """In the order in which they were applied; one that gives nothing stands there with 0. `on_lines`: without what they take off
    shipping."""
    if not priced.checkout.coupons:
        return []
    zero = priced.checkout.currency.zero
    given, nothing = coupon_totals(priced.entries, zero), CouponTotals(zero, zero)
    return [
        CouponView(
            id=coupon.id,
            code=coupon.code,
            display_name=coupon.name,
            coupon_type=coupon.type,
            discounted_amount=number(of.lines if on_lines else of.lines + of.shipping),
        )
        for coupon, of in [(coupon, given.get(coupon.id, nothing)) for coupon in priced.checkout.coupons]
    ]


def billing_view(billing: BillingAddress) -> BillingView:
    return BillingView(id=billing.id, **asdict(billing.address))


def cart_view(priced: Priced) -> CartView:
    checkout, totals = priced.checkout, priced.totals
    number, is_inclusive = amounts(checkout.currency), totals.is_tax_included
    items: dict[str, list[LineView]] = {"physical": [], "digital": [], "custom": []}
    certificates = []
    discounts = []
    for line in checkout.lines:
        amounts_of_line = priced.lines[line.id]
        discounts.append(DiscountView(line.id, number[amounts_of_line.reduction.minor]))
        if line.kind == "gift_certificate":
            certificates.append(certificate_view(line, number))
        else:
            items[line.kind].append(line_view(line, amounts_of_line, number, is_inclusive=is_inclusive))
    return CartView(
        id=checkout.id,
        version=checkout.version,
        customer_id=checkout.customer_id,
        channel_id=checkout.channel_id,
        email=checkout.email,
        locale=checkout.locale,
        currency=checkout.currency,
        tax_included=is_inclusive,
        base_amount=number[totals.base_amount.minor],
        discount_amount=number[totals.discount_amount.minor],
        manual_discount_amount=number[totals.manual_discount.minor],
        cart_amount=number(totals.cart_amount.shown(is_inclusive=is_inclusive)),
        cart_amount_inc_tax=number[totals.cart_amount.inc_tax.minor],
        cart_amount_ex_tax=number[totals.cart_amount.ex_tax.minor],
        discounts=discounts,
        line_items=LineItemsView(items["physical"], items["digital"], certificates, items["custom"]),
        created_time=timestamp(checkout.created_at),
        updated_time=timestamp(checkout.updated_at),
        coupons=coupon_views(priced, number, on_lines=True),
    )


@lru_cache(maxsize=4096)
def timestamp(moment: datetime) -> str:
    """`2018-09-18T15:48:26+00:00`."""
    return moment.isoformat(timespec="seconds")


LinePrices = tuple[Amount, Amount, Amount, Amount, Amount, Amount]
"""The prices of one line: listed, sold, to compare with; each of one unit and of all of them."""


def line_prices(line: LineItem, of_line: LineTotals, number: Amounts, *, is_inclusive: bool) -> LinePrices:
    """Listed as entered, sold as shown: a price is brought to the mode that is shown together with its discounts (11.1)."""
    of_sale, list_minor, listed_minor = of_line.extended_sale, of_line.extended_list.minor, of_line.listed.minor
    sale = of_sale.inc_tax.minor if is_inclusive else of_sale.ex_tax.minor
    unit_minor = line.list_price.minor
    listed = each = comparison = number[unit_minor]
    extended_list = extended_sale = extended_comparison = listed if list_minor == unit_minor else number[list_minor]
    if sale != list_minor:
        each, extended_sale = number[_per_unit(sale, line.quantity)], number[sale]
    if listed_minor != list_minor:
        comparison, extended_comparison = number[_per_unit(listed_minor, line.quantity)], number[listed_minor]
    return listed, extended_list, each, extended_sale, comparison, extended_comparison


def line_view(line: LineItem, of_line: LineTotals, number: Amounts, *, is_inclusive: bool) -> LineView:
    listed, extended_list, each, extended_sale, comparison, extended_comparison = line_prices(
        line, of_line, number, is_inclusive=is_inclusive
    )
    return LineView(
        id=line.id,
        kind=line.kind,
        name=line.name,
        sku=line.sku,
        url=line.url,
        image_url=line.image_url,
        brand=line.brand,
        quantity=line.quantity,
        product_id=line.product_id,
        variant_id=line.variant_id,
        options=line.options,
        category_names=line.category_names,
        discounts=[discount_view(discount, number) for discount in of_line.discounts],
        discount_amount=number[of_line.product_discount.minor],
        coupon_amount=number[of_line.coupon_discount.minor],
        reduction=number[of_line.reduction.minor],
        original_price=number[line.original_price.minor],
        list_price=listed,
        sale_price=each,
        retail_price=number[line.retail_price.minor] if line.retail_price else None,
        comparison_price=comparison,
        extended_list_price=extended_list,
        extended_sale_price=extended_sale,
        extended_comparison_price=extended_comparison,
        gift_wrapping=gift_wrapping_view(line, of_line, number, is_inclusive=is_inclusive),
        added_by_promotion=line.gift is not None,
        is_mutable=line.gift is None,
    )


def gift_wrapping_view(
    line: LineItem, of_line: LineTotals, number: Amounts, *, is_inclusive: bool
) -> GiftWrappingView | None:
    if line.gift_wrapping is None or of_line.wrapping is None:
        return None
    details, amount = line.gift_wrapping.details, of_line.wrapping.shown(is_inclusive=is_inclusive)
    return GiftWrappingView(
        name=", ".join(dict.fromkeys(detail.name for detail in details)),
        message=", ".join(dict.fromkeys(detail.message for detail in details if detail.message)),
        amount=number(amount),
        amount_as_integer=amount.minor,
    )


def _per_unit(extended_minor: int, quantity: int) -> int:
    """The price of one unit for display: an extended amount divided and rounded (D59)."""
    return round_half_away(extended_minor, quantity)


def discount_view(discount: Discount, number: Amounts) -> DiscountView:
    named = MANUAL_DISCOUNT if discount.level == "manual" else discount.source_id
    return DiscountView(named, number(discount.as_shown), discount.level)


def certificate_view(line: LineItem, number: Amounts) -> CertificateView:
    details = line.certificate
    assert details is not None
    return CertificateView(
        id=line.id,
        name=line.name,
        theme=details.theme,
        amount=number[line.list_price.minor],
        sender=details.sender,
        recipient=details.recipient,
        message=details.message,
    )


def _consignment(
    consignment: Consignment,
    priced: Priced,
    facts: Facts,
    number: Amounts,
    with_shipping_options: bool,
    with_pickup_options: bool,
) -> ConsignmentView:
    selected = consignment.selected
    of_consignment: ConsignmentTotals = priced.consignments[consignment.id]
    options = priced.settled.options.get(consignment.id, ()) if with_shipping_options else ()
    pickup = consignment_pickup_options(consignment, priced.checkout, facts) if with_pickup_options else []
    before, is_inclusive = of_consignment.shipping_before_discount, priced.totals.is_tax_included
    return ConsignmentView(
        id=consignment.id,
        address=destination(consignment, facts.store),
        line_item_ids=consignment.line_item_ids,
        available_shipping_options=[
            _option(
                option, priced.taxes.shown("shipping", consignment.id, option.cost), number, is_recommended=index == 0
            )
            for index, option in enumerate(options)
        ],
        available_pickup_options=[
            pickup_option_view(option, _units(consignment, priced.checkout)) for option in pickup
        ],
        selected_shipping_option=_option(selected, before, number) if isinstance(selected, ShippingOption) else None,
        selected_pickup_option=selected if isinstance(selected, PickupChoice) else None,
        shipping_cost=number(of_consignment.shipping.shown(is_inclusive=is_inclusive)),
        shipping_cost_before_discount=number[before.minor],
        comparison_shipping_cost=number[_comparison_of(of_consignment, priced)],
        handling_cost=number(of_consignment.handling.shown(is_inclusive=is_inclusive)),
        coupon_discounts=coupon_discounts(of_consignment, number),
        discounts=shipping_rules(consignment, of_consignment),
    )


def shipping_rules(consignment: Consignment, of_consignment: ConsignmentTotals) -> list[ConsignmentDiscountView]:
    """What made the chosen option free or cheaper: coupons, and promotions by their ids."""
    ids: list[int] = []
    selected = consignment.selected
    if type(selected) is ShippingOption:
        ids += (*selected.free_by_coupons, *selected.free_by)
    if of_consignment.discounts:
        ids += [discount.source_id for discount in of_consignment.discounts if discount.level == "order"]
    return [ConsignmentDiscountView(number) for number in dict.fromkeys(ids)] if ids else []


def coupon_discounts(of_consignment: ConsignmentTotals, number: Amounts) -> list[CouponDiscountView]:
    if not of_consignment.discounts:
        return []
    return [
        CouponDiscountView(discount.source, number(discount.as_shown))
        for discount in of_consignment.discounts
        if discount.level == "coupon"
    ]


def _option(option: ShippingOption, cost: Money, number: Amounts, *, is_recommended: bool = False) -> OptionView:
    """`cost` as it is shown (D23)."""
    return OptionView(
        id=option.id,
        type=option.type,
        description=option.description,
        image_url=option.image_url,
        cost=number[cost.minor],
        transit_time=option.transit_time,
        additional_description=option.additional_description,
        is_recommended=is_recommended,
    )


def _units(consignment: Consignment, checkout: Checkout) -> dict[int, int]:
    units: dict[int, int] = {}
    for line in checkout.lines:
        if line.id in consignment.line_item_ids and line.variant_id:
            units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def pickup_option_view(option: PickupOption, units: dict[int, int]) -> PickupOptionView:
    return PickupOptionView(
        pickup_method=pickup_method_view(option.method),
        available_items=[AvailableUnits(variant_id, quantity) for variant_id, quantity in units.items()],
        address=option.location.address,
        distance_km=option.distance_km,
    )


def pickup_method_view(method: PickupMethod) -> PickupMethodView:
    return PickupMethodView(
        id=method.id,
        location_id=method.location_id,
        display_name=method.display_name,
        collection_instructions=method.collection_instructions,
        collection_time_description=method.collection_time_description,
    )


def _book_entry(address: CustomerAddress, number: int) -> CustomerAddressView:
    fields = {name: getattr(address, name) for name in Address.__struct_fields__}
    return CustomerAddressView(id=address.id or number, type=address.address_type, **fields)


def customer_view(customer: Customer, store: Store, currency: Currency) -> CustomerView:
    group = store.group_of(customer)
    return CustomerView(
        id=customer.id,
        is_guest=False,
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        full_name=customer.full_name,
        addresses=tuple(_book_entry(address, number) for number, address in enumerate(customer.addresses, 1)),
        store_credit=amounts(currency)(store.converted(customer.store_credit, currency))
        if customer.store_credit
        else 0,
        customer_group=CustomerGroupView(group.id, group.name) if group else (),
    )


# ---------------------------------------------------------------------------------------------------- orders


class OrderConsignmentView(Struct, frozen=True, kw_only=True):
    number: int
    is_pickup: bool
    address: Address
    line_numbers: list[int]
    units: int
    method: str
    zone_id: int
    zone_name: str
    pickup_method_id: int
    pickup: PickupPlace | None
    shipping_before_discount: Amount
    comparison_shipping: Amount
    shipping_ex_tax: Amount
    shipping_inc_tax: Amount
    shipping_tax: Amount
    discounts: list[ConsignmentDiscountView]
    handling_ex_tax: Amount
    handling_inc_tax: Amount
    handling_tax: Amount


class PaymentView(Struct, frozen=True, kw_only=True):
    """What was paid by a gift certificate, or without a code from store credit."""

    code: str
    amount: Amount
    remaining: Amount


class OrderView(Struct, frozen=True, kw_only=True):
    """An order: the checkout's amounts as they were, with the order's own numbers for lines and addresses."""

    id: int
    status: str
    cart: CartView
    billing_address: Address
    customer_message: str
    numbers: dict[str, int]
    consignments: list[OrderConsignmentView]
    taxes: list[TaxView]
    tax_total: Amount
    subtotal: Amount
    order_amount: Amount
    order_amount_as_integer: int
    shipping_cost_total: Amount
    shipping_cost_before_discount: Amount
    comparison_shipping_cost: Amount
    handling_cost_total: Amount
    gift_wrapping_cost_total: Amount
    fees: list[FeeView]
    total_discount: Amount
    display_discount: Amount
    order_discount: Amount
    product_discount: Amount
    coupons: list[CouponView]
    payments: list[PaymentView]
    payment_id: str
    payment_name: str
    payment_instructions: str
    outstanding_balance: Amount
    token: str

    @property
    def has_digital_items(self) -> bool:
        return bool(self.cart.line_items.digital_items)


def project_order(order: Order) -> OrderView:
    priced = order.priced()
    checkout, totals = priced.checkout, priced.totals
    number, is_inclusive = amounts(checkout.currency), totals.is_tax_included
    billing = checkout.billing_address
    total_discount, display_discount = _discount_totals(priced)
    return OrderView(
        id=order.id,
        status=order.status,
        cart=cart_view(priced),
        billing_address=billing.address if billing else Address(),
        customer_message=checkout.customer_message,
        numbers=order.line_numbers,
        consignments=[_order_consignment(consignment, order, priced, number) for consignment in checkout.consignments],
        taxes=[TaxView(name, number[amount.minor]) for name, amount in totals.taxes],
        tax_total=number[totals.tax.minor],
        subtotal=number(totals.subtotal.shown(is_inclusive=is_inclusive)),
        order_amount=number[totals.grand_total.minor],
        order_amount_as_integer=totals.grand_total.minor,
        shipping_cost_total=number(totals.shipping.shown(is_inclusive=is_inclusive)),
        shipping_cost_before_discount=number[totals.shipping_before_discount.minor],
        comparison_shipping_cost=number[_comparison(priced)],
        handling_cost_total=number(totals.handling.shown(is_inclusive=is_inclusive)),
        gift_wrapping_cost_total=number(totals.wrapping.shown(is_inclusive=is_inclusive)),
        fees=fee_views(priced, number),
        order_discount=number[totals.order_discount.minor],
        total_discount=number[total_discount],
        display_discount=number[display_discount],
        coupons=coupon_views(priced, number),
        product_discount=number[sum(line.product_discount.minor for line in priced.lines.values())],
        payments=[
            PaymentView(
                code=entry.target,
                amount=number[entry.amount.minor],
                remaining=number[entry.remaining.minor] if entry.remaining else 0,
            )
            for entry in order.entries
            if isinstance(entry, Payment)
        ],
        outstanding_balance=number[totals.outstanding_balance.minor],
        payment_id=order.payment.id if order.payment else "",
        payment_name=order.payment.name if order.payment else "",
        payment_instructions=order.payment.instructions if order.payment else "",
        token=order.token,
    )


def _order_consignment(consignment: Consignment, order: Order, priced: Priced, number: Amounts) -> OrderConsignmentView:
    of_consignment = priced.consignments[consignment.id]
    selected = consignment.selected
    option = selected if isinstance(selected, ShippingOption) else None
    held = [line for line in priced.checkout.lines if line.id in consignment.line_item_ids]
    return OrderConsignmentView(
        number=order.address_numbers[consignment.id],
        is_pickup=isinstance(selected, PickupChoice),
        address=order.destinations[consignment.id],
        line_numbers=[order.line_numbers[line.id] for line in held],
        units=sum(line.quantity for line in held),
        method=option.description if option else "",
        zone_id=option.zone_id if option else 0,
        zone_name=option.zone_name if option else "",
        pickup_method_id=selected.pickup_method_id if isinstance(selected, PickupChoice) else 0,
        pickup=order.pickups.get(consignment.id),
        shipping_before_discount=number[of_consignment.shipping_before_discount.minor],
        comparison_shipping=number[_comparison_of(of_consignment, priced)],
        discounts=shipping_rules(consignment, of_consignment),
        shipping_ex_tax=number[of_consignment.shipping.ex_tax.minor],
        shipping_inc_tax=number[of_consignment.shipping.inc_tax.minor],
        shipping_tax=number[of_consignment.shipping.tax.minor],
        handling_ex_tax=number[of_consignment.handling.ex_tax.minor],
        handling_inc_tax=number[of_consignment.handling.inc_tax.minor],
        handling_tax=number[of_consignment.handling.tax.minor],
    )
