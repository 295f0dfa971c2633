"""What a decision looks at besides the checkout itself, as one frozen value, so that any result can be replayed.

`Store` is what a merchant configured: few, seldom-changing things, one aggregate with a revision. Products and stock are
many, so only those a command or a checkout names are looked up.
"""

import datetime
from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct, field

from checkstand.domain.address import Address, CustomerAddress
from checkstand.domain.address import CustomField as FilledIn
from checkstand.domain.carrier import Carrier, CarrierRate
from checkstand.domain.checkout import CustomField, ShippingOption
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.form_fields import FormFields
from checkstand.domain.gift_certificates import GiftCertificate
from checkstand.domain.methods import AnyMethod, CarrierMethod, HandlingFee
from checkstand.domain.money import Currency, CurrencyDetails, Money, OtherCurrency, converted
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.domain.price_rules import BulkPricingRule, DiscountRule
from checkstand.domain.promotions import Promotion, PromotionCode
from checkstand.domain.promotions.action import GivenGift
from checkstand.domain.store_settings import (
    CartSettings,
    CheckoutSettings,
    CouponSettings,
    PromotionSettings,
    ShippingSettings,
    StoreProfile,
)
from checkstand.domain.tax_quote import TaxProvider, TaxQuote
from checkstand.domain.tax_zones import TAX_CLASSES, TaxClass, TaxSettings, TaxZone
from checkstand.errors import Invalid

# ---------------------------------------------------------------------------------------------------- catalog


class OptionValue(Struct, frozen=True):
    id: int
    label: str


class ProductOption(Struct, frozen=True):
    id: int
    display_name: str
    values: tuple[OptionValue, ...] = ()


class VariantOption(Struct, frozen=True):
    option_id: int
    value_id: int


class Variant(Struct, frozen=True, kw_only=True):
    """What is really sold. Prices, weight and dimensions left out are the product's."""

    id: int
    sku: str = ""
    price: Money | None = None
    sale_price: Money | None = None
    weight: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    depth: Decimal | None = None
    image_url: str = ""
    option_values: tuple[VariantOption, ...] = ()
    purchasing_disabled: bool = False


class Customs(Struct, frozen=True, kw_only=True):
    """What customs are told of a product that is shipped abroad. `hs_codes`: by country, or by `ALL`."""

    country_of_origin: str
    commodity_description: str
    international_shipping: bool
    hs_codes: dict[str, str] = {}
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


class Product(Struct, frozen=True, kw_only=True):
    """`price` is in the store's default currency, as entered; `sale_price` is what is asked instead, when there is one.

    `fixed_cost_shipping_price` is what it costs to ship one unit, in the place of the methods' rates; `is_free_shipping`:
    nothing. `order_quantity_minimum` and `order_quantity_maximum` are of all its lines in a cart together; 0: none. Weight and
    dimensions are in the store's units; a dimension of 0 is not known.
    """

    id: int
    name: str
    type: Literal["physical", "digital"] = "physical"
    sku: str = ""
    description: str = ""
    price: Money
    sale_price: Money | None = None
    retail_price: Money | None = None
    weight: Decimal = Decimal(0)
    width: Decimal = Decimal(0)
    height: Decimal = Decimal(0)
    depth: Decimal = Decimal(0)
    fixed_cost_shipping_price: Money | None = None
    is_free_shipping: bool = False
    order_quantity_minimum: Annotated[int, Meta(ge=0)] = 0
    order_quantity_maximum: Annotated[int, Meta(ge=0)] = 0
    tax_class_id: int = 0
    brand: str = ""
    brand_id: int = 0
    category_names: tuple[str, ...] = ()
    category_ids: tuple[int, ...] = ()
    bulk_pricing_rules: tuple[BulkPricingRule, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    url: str = ""
    image_url: str = ""
    is_visible: bool = True
    inventory_tracking: Literal["none", "product", "variant"] = "none"
    options: tuple[ProductOption, ...] = ()
    variants: tuple[Variant, ...] = ()
    customs: Customs | None = None

    def variant(self, variant_id: int) -> Variant | None:
        return next((variant for variant in self.variants if variant.id == variant_id), None)

    def prices(self, variant: Variant) -> tuple[Money, Money]:
        """The price, which may be nothing, and what is asked now: a sale price of 0 is none, as in the public catalog.

        A variant with a price of its own does not take the product's sale price.
        """
        if variant.price is None:
            return self.price, variant.sale_price or self.sale_price or self.price
        return variant.price, variant.sale_price or variant.price


# ---------------------------------------------------------------------------------------------------- shipping


class ZoneLocation(Struct, frozen=True, kw_only=True):
    """A place a zone covers. `zip`: one code or many, as in `postal_codes`; `state_iso2` empty: the whole country."""

    country_iso2: str = ""
    state_iso2: str = ""
    zip: str = ""


class FreeShippingRule(Struct, frozen=True, kw_only=True):
    enabled: bool = False
    minimum_sub_total: Money
    exclude_fixed_shipping_products: bool = False


class ShippingZone(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    type: Literal["zip", "country", "state", "global"]
    locations: tuple[ZoneLocation, ...] = ()
    free_shipping: FreeShippingRule | None = None
    handling: HandlingFee | None = None
    display_handling_separately: bool = False
    enabled: bool = True
    methods: tuple[AnyMethod, ...] = ()


class DayHours(Struct, frozen=True, kw_only=True):
    """When a place is open on a day; times as `08:30`, in the place's own time zone."""

    open: bool = False
    opening: str = "00:00"
    closing: str = "00:00"


class OperatingHours(Struct, frozen=True, kw_only=True):
    """A week. A day that is left out is a day on which the place is closed."""

    sunday: DayHours | None = None
    monday: DayHours | None = None
    tuesday: DayHours | None = None
    wednesday: DayHours | None = None
    thursday: DayHours | None = None
    friday: DayHours | None = None
    saturday: DayHours | None = None


class SpecialHours(Struct, frozen=True, kw_only=True):
    """A day unlike others of its week: a holiday, or one with other hours; `annual`: each year on that day."""

    label: str
    date: datetime.date
    open: bool
    opening: str = "00:00"
    closing: str = "00:00"
    all_day: bool = False
    annual: bool = False


DEFAULT_LOCATION = 1
"""The id of the location goods are shipped from; it cannot be deleted."""


class Location(Struct, frozen=True, kw_only=True):
    """A place that holds stock and, with a pick-up method, hands it out.

    Hours are told to whoever asks and decide nothing. `storefront_visibility` false: shoppers are not shown the place.
    Without `created_at` and `updated_at` it came with a shop file that does not say.
    """

    id: int
    code: str
    label: str
    description: str = ""
    enabled: bool = True
    type: Literal["PHYSICAL", "VIRTUAL"] = "PHYSICAL"
    address: Address = Address()
    latitude: float | None = None
    longitude: float | None = None
    managed_by_external_source: bool = False
    storefront_visibility: bool = True
    time_zone: str = "Etc/UTC"
    operating_hours: OperatingHours = OperatingHours()
    special_hours: tuple[SpecialHours, ...] = ()
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


class PickupMethod(Struct, frozen=True, kw_only=True):
    id: int
    location_id: int
    display_name: str
    collection_instructions: str = ""
    collection_time_description: str = ""
    enabled: bool = True
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


# ---------------------------------------------------------------------------------------------------- the store


class Limits(Struct, frozen=True, kw_only=True):
    """D16 and D17, and how much of anything one request may ask for."""

    line_items_per_consignment_guest: int = 50
    line_items_per_consignment_customer: int = 600
    consignments: int = 250
    line_items: int = 2000
    units_per_line: int = 1_000_000


class GiftWrap(Struct, frozen=True, kw_only=True):
    """A way to wrap a gift, and what that costs."""

    id: int
    name: str
    price: Money
    enabled: bool = True


class CustomerGroup(Struct, frozen=True):
    """Customers who are asked other prices than the catalog's."""

    id: int
    name: str
    discount_rules: tuple[DiscountRule, ...] = ()


class Customer(Struct, frozen=True, kw_only=True):
    """`store_credit` in the store's own currency. `force_password_reset`: nobody signs in until the password was set anew.
    Without `channel_ids` all channels know the customer. Without `created_at` they came with a shop file that does not say.
    `custom_fields`: what was filled into the merchant's own fields of the account form."""

    id: int
    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    group_id: int = 0
    store_credit: Money | None = None
    addresses: tuple[CustomerAddress, ...] = ()
    notes: str = ""
    tax_exempt_category: str = ""
    accepts_marketing: bool = False
    force_password_reset: bool = False
    registration_ip_address: str = ""
    origin_channel_id: int = 1
    channel_ids: tuple[int, ...] = ()
    created_at: datetime.datetime | None = None
    modified_at: datetime.datetime | None = None
    custom_fields: tuple[FilledIn, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def is_known_in(self, channel_id: int | None) -> bool:
        """None: anywhere."""
        return channel_id is None or not self.channel_ids or channel_id in self.channel_ids


V = TypeVar("V")
MOST_KNOWN = 2_000
"""Of one kind, in one store: a process keeps up to a thousand stores in memory, and addresses come from anybody."""


class Known(dict[Hashable, V]):
    """What was worked out of a store's settings, by all that it depends on: good as long as they stay as they are. Orders come
    from the same places, for the same goods, again and again."""

    def learn(self, key: Hashable, value: V) -> V:
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[key] = value
        return value


class Store(Struct, frozen=True, kw_only=True, dict=True):
    """Everything a merchant configured, apart from catalog, stock, customers, gift certificates and tokens."""

    hash: str
    name: str
    url: str = ""
    hosts: tuple[str, ...] = ()
    profile: StoreProfile = StoreProfile()
    currency: Currency
    currency_details: CurrencyDetails = CurrencyDetails()
    other_currencies: tuple[OtherCurrency, ...] = ()
    former_currencies: tuple[OtherCurrency, ...] = ()
    """Deleted ones: carts that are in them go on at their last rate."""
    weight_unit: Literal["lb", "oz", "kg", "g"] = "lb"
    dimension_unit: Literal["in", "cm"] = "in"
    shipping_settings: ShippingSettings = ShippingSettings()
    shipping_zones: tuple[ShippingZone, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    tax_settings: TaxSettings = TaxSettings()
    tax_classes: tuple[TaxClass, ...] = TAX_CLASSES
    tax_zones: tuple[TaxZone, ...] = ()
    tax_providers: tuple[TaxProvider, ...] = ()
    tax_provider_id: str = ""
    """Who works out taxes, once the store is connected to it; "": the store's own zones."""
    promotions: tuple[Promotion, ...] = ()
    locations: tuple[Location, ...] = ()
    pickup_methods: tuple[PickupMethod, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()
    customer_groups: tuple[CustomerGroup, ...] = ()
    coupons: tuple[AnyCoupon, ...] = ()
    gift_wraps: tuple[GiftWrap, ...] = ()
    limits: Limits = Limits()
    channel_ids: Annotated[tuple[int, ...], Meta(min_length=1)] = (1,)
    cors_origins: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Channel -> origins (https://shop.example) whose pages may call the Storefront, besides the server's own."""
    cart_settings: CartSettings = CartSettings()
    checkout_settings: CheckoutSettings = CheckoutSettings()
    form_fields: FormFields = FormFields()
    coupon_settings: CouponSettings = CouponSettings()
    promotion_settings: PromotionSettings = PromotionSettings()

    @property
    def country_code(self) -> str:
        """Where the shop is, as far as it says so; ""."""
        return self.profile.country_code or self.currency_details.country_iso2

    @cached_property
    def channel_of_origin(self) -> dict[str, int]:
        return {origin: channel_id for channel_id, origins in self.cors_origins.items() for origin in origins}

    @cached_property
    def shipping_zone_of(self) -> Known[ShippingZone | None]:
        """By what of an address zones look at, as the next."""
        return Known()

    @cached_property
    def tax_zone_of(self) -> Known[TaxZone | None]:
        return Known()

    @cached_property
    def tax_rules(self) -> Known[Any]:
        """What `pricing.taxes` makes of zones and classes, by their ids."""
        return Known()

    @cached_property
    def shipping_options(self) -> Known[ShippingOption]:
        """What methods of zones offer, by their ids, what it costs, and the places of its currency."""
        return Known()

    @cached_property
    def tax_zone_by_id(self) -> dict[int, TaxZone]:
        return {zone.id: zone for zone in self.tax_zones}

    @cached_property
    def customer_group_by_id(self) -> dict[int, CustomerGroup]:
        return {group.id: group for group in self.customer_groups}

    @cached_property
    def coupon_by_id(self) -> dict[int, AnyCoupon]:
        return {coupon.id: coupon for coupon in self.coupons}

    @cached_property
    def coupon_by_code(self) -> dict[str, AnyCoupon]:
        """By code without case (D29)."""
        return {coupon.code.strip().casefold(): coupon for coupon in self.coupons}

    @cached_property
    def carrier_by_id(self) -> dict[str, Carrier]:
        return {carrier.id: carrier for carrier in self.carriers}

    @cached_property
    def asks_carriers(self) -> bool:
        return any(isinstance(method, CarrierMethod) for zone in self.shipping_zones for method in zone.methods)

    def tax_provider(self, provider_id: str) -> TaxProvider | None:
        return next((provider for provider in self.tax_providers if provider.id == provider_id), None)

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """Its own first."""
        return (self.currency, *self.other_currencies)

    @property
    def decimal_places(self) -> dict[str, int]:
        """Of all currencies it has or had, by their codes."""
        return {known.code: known.decimal_places for known in (*self.former_currencies, *self.currencies)}

    @cached_property
    def promotion_by_id(self) -> dict[int, Promotion]:
        return {promotion.id: promotion for promotion in self.promotions}

    @cached_property
    def automatic_promotions(self) -> tuple[Promotion, ...]:
        """Those that are switched on, in the order in which they have their turn."""
        found = [entry for entry in self.promotions if not entry.is_coupon and entry.status == "ENABLED"]
        return tuple(sorted(found, key=lambda promotion: (promotion.priority, promotion.id)))

    @cached_property
    def gift_promotions(self) -> tuple[Promotion, ...]:
        """Those that are switched on and may give something away."""
        active = (promotion for promotion in self.promotions if promotion.status == "ENABLED")
        return tuple(each for each in active if any(rule.action.gift() is not None for rule in each.rules))

    @property
    def gives_gifts(self) -> bool:
        return bool(self.gift_promotions)

    @cached_property
    def gifts(self) -> tuple[GivenGift, ...]:
        """All that they may give."""
        given = [rule.action.gift() for promotion in self.gift_promotions for rule in promotion.rules]
        return tuple(gift for gift in given if gift is not None)

    @cached_property
    def counts_promotions(self) -> bool:
        """Whether a promotion may be used only so often."""
        return any(promotion.max_uses for promotion in self.promotions)

    @cached_property
    def counts_orders(self) -> bool:
        """Whether a promotion asks how often a customer has ordered."""
        return any(promotion.customer.minimum_order_count for promotion in self.promotions)

    def group_of(self, customer: Customer | None) -> CustomerGroup | None:
        """None: a guest, or a customer who is in none, or whose group was deleted."""
        return None if customer is None else self.customer_group_by_id.get(customer.group_id)

    def group_id_of(self, customer: Customer | None) -> int:
        """0 where there is no group."""
        return customer.group_id if customer is not None and customer.group_id in self.customer_group_by_id else 0

    def expect_channel(self, channel_id: int) -> None:
        """Raises `Invalid` for a channel this store does not have."""
        if channel_id not in self.channel_ids:
            raise Invalid.field("channel_id", "is not a channel of this store", code="unknown_channel")

    @cached_property
    def exchange_rates(self) -> dict[str, Decimal]:
        """Code -> units for one unit of the store's own currency."""
        others = (*self.former_currencies, *self.other_currencies)
        return {other.code: other.exchange_rate for other in others} | {self.currency.code: Decimal(1)}

    @cached_property
    def in_other_currencies(self) -> dict[tuple[int, str, int], tuple[Any, Any]]:
        """What `in_currency` has converted already."""
        return {}

    def converted(self, amount: Money, currency: Currency) -> Money:
        """An amount the merchant gave in the store's own currency, in the currency of a checkout (D82). One that the store never
        had counts like its own."""
        if amount.currency == currency.code:
            return amount
        return converted(amount, self.exchange_rates.get(currency.code, Decimal(1)), self.currency, currency)

    def exchanged(self, amount: Money, of: Currency, to: Currency) -> Money:
        """An amount given in the currency of a checkout, in another one."""
        rates, one = self.exchange_rates, Decimal(1)
        return converted(amount, Fraction(rates.get(to.code, one)) / Fraction(rates.get(of.code, one)), of, to)

    def pickup_method(self, method_id: int) -> PickupMethod | None:
        return next((method for method in self.pickup_methods if method.id == method_id), None)

    def location(self, location_id: int) -> Location | None:
        return next((location for location in self.locations if location.id == location_id), None)


class CouponUses(Struct, frozen=True):
    """How often a coupon was used by others than the checkout at hand: in all, and by its customer."""

    in_all: int = 0
    by_customer: int = 0


class Facts(Struct, frozen=True, gc=False, kw_only=True):
    """`stock`: variant id -> location id -> units; location 0 is the shop's own pool; a variant that is not there is not
    counted and never runs out. `now` is the time of the command or the reading; without it nothing expires. `coupon_uses`:
    of the coupon that a command names. `codes`: those of promotions that are applied or that a command names, by their ids;
    `promotion_uses`: promotion id -> how often others have used it; `order_count`: how often the customer has ordered.
    `certificates`: the gift certificates a checkout pays with and the one a command names, by code without case.
    `tax_quote`: what the store's tax provider says; None: the store's own zones count.
    `carrier_rates`: consignment id -> id of a carrier's method -> what it costs; nothing where the carrier said nothing.
    `silent_methods`: id of a consignment that is as it was -> ids of methods whose carriers gave no answer this time."""

    store: Store
    products: dict[int, Product] = field(default_factory=dict)
    stock: dict[int, dict[int, int]] = field(default_factory=dict)
    customer: Customer | None = None
    now: datetime.datetime | None = None
    coupon_uses: CouponUses | None = None
    tax_quote: TaxQuote | None = None
    codes: dict[int, PromotionCode] = field(default_factory=dict)
    promotion_uses: dict[int, int] = field(default_factory=dict)
    order_count: int = 0
    certificates: dict[str, GiftCertificate] = field(default_factory=dict)
    carrier_rates: dict[str, dict[int, tuple[CarrierRate, ...]]] = field(default_factory=dict)
    silent_methods: dict[str, tuple[int, ...]] = field(default_factory=dict)
