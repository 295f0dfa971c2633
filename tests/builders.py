"""Values for tests: sensible defaults, and what matters to a test as an override."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from checkstand.domain.address import Address, BillingAddress
from checkstand.domain.checkout import AppliedCertificate, AppliedCoupon, Checkout, Consignment, LineItem
from checkstand.domain.coupons import AnyCoupon, PerTotalDiscount
from checkstand.domain.facts import (
    Facts,
    Location,
    PickupMethod,
    Product,
    ShippingZone,
    Store,
    Variant,
    ZoneLocation,
)
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.methods import AnyMethod, PerItem, PerOrder
from checkstand.domain.moment import Moment
from checkstand.domain.money import Currency, Money, OtherCurrency
from checkstand.domain.promotions import Amount, AnyAction, CartItems, Percentage, Promotion, Rule
from checkstand.domain.promotions.conditions import AnyCondition
from checkstand.domain.promotions.matchers import Products
from checkstand.domain.tax_zones import ClassRate, TaxLocation, TaxRate, TaxZone
from checkstand.storage.port import StoredShop

USD = Currency(code="USD", name="US Dollar", symbol="$", decimal_places=2)
EUR = OtherCurrency(code="EUR", name="Euro", symbol="€", decimal_places=2, exchange_rate=Decimal("0.9"))
JPY = OtherCurrency(code="JPY", name="Yen", symbol="¥", decimal_places=0, exchange_rate=Decimal(150))
KWD = OtherCurrency(code="KWD", name="Dinar", symbol="KD", decimal_places=3, exchange_rate=Decimal("0.307"))
"""Two, no and three places; units of each for one dollar."""

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def usd(amount: str | int) -> Money:
    return USD.money(Decimal(amount))


def currency_of(other: OtherCurrency) -> Currency:
    """As a checkout holds it."""
    return Currency(code=other.code, name=other.name, symbol=other.symbol, decimal_places=other.decimal_places)


def a_moment(seed: str = "seed", now: datetime = NOON) -> Moment:
    return Moment(now, seed)


def an_address(**overrides: Any) -> Address:
    """Complete enough for an order, in Austin, Texas."""
    address = Address(
        first_name="Jane",
        last_name="Doe",
        email="jane@example.com",
        address1="123 Main Street",
        city="Austin",
        state_or_province="Texas",
        state_or_province_code="TX",
        country="United States",
        country_code="US",
        postal_code="78751",
        phone="555-555-5555",
    )
    return replace(address, **overrides)


def in_new_york(**overrides: Any) -> Address:
    return an_address(
        city="New York", state_or_province="New York", state_or_province_code="NY", postal_code="10001", **overrides
    )


def a_line(line_id: str = "x", quantity: int = 1, price: str = "10.00", **overrides: Any) -> LineItem:
    line = LineItem(
        id=line_id,
        kind="physical",
        quantity=quantity,
        name=f"Product of {line_id}",
        product_id=1,
        variant_id=1,
        original_price=usd(price),
        list_price=usd(price),
        weight=Decimal(1),
    )
    return replace(line, **overrides)


def a_consignment(consignment_id: str = "a", line_ids: tuple[str, ...] = ("x",), **overrides: Any) -> Consignment:
    return replace(Consignment(id=consignment_id, address=an_address(), line_item_ids=line_ids), **overrides)


def a_checkout(*lines: LineItem, **overrides: Any) -> Checkout:
    """One line x of two units, unless lines are given."""
    checkout = Checkout(
        id="cart",
        currency=USD,
        created_at=NOON,
        updated_at=NOON,
        lines=lines or (a_line("x", 2),),
        email="jane@example.com",
    )
    return replace(checkout, **overrides)


def billed(checkout: Checkout, **overrides: Any) -> Checkout:
    return replace(checkout, billing_address=BillingAddress("billing", an_address(**overrides)))


def flat_rate(method_id: int = 1, rate: str = "8.00", **overrides: Any) -> PerOrder:
    return replace(PerOrder(id=method_id, name="Flat Rate", rate=usd(rate)), **overrides)


def per_item(method_id: int = 2, rate: str = "2.50", **overrides: Any) -> PerItem:
    return replace(PerItem(id=method_id, name="Per Item", rate=usd(rate)), **overrides)


def a_zone(
    *methods: AnyMethod, zone_id: int = 1, country: str = "US", state: str = "", **overrides: Any
) -> ShippingZone:
    zone = ShippingZone(
        id=zone_id,
        name=f"Zone {zone_id}",
        type="state" if state else "country",
        locations=(ZoneLocation(country_iso2=country, state_iso2=state),),
        methods=methods or (flat_rate(), per_item()),
    )
    return replace(zone, **overrides)


def a_tax_zone(
    rate: str,
    shipping_rate: str = "0",
    *,
    zone_id: int = 9,
    state: str = "",
    name: str = "Tax",
    wrapping_rate: str = "0",
    **overrides: Any,
) -> TaxZone:
    """One rate, for goods, shipping and wrapping."""
    classes = ((0, rate), (2, shipping_rate), (3, wrapping_rate))
    zone = TaxZone(
        id=zone_id,
        name=f"Tax zone {zone_id}",
        locations=(TaxLocation(country_code="US", subdivision_codes=(state,) if state else ()),),
        rates=(a_tax_rate(dict(classes), rate_id=zone_id, name=name),),
    )
    return replace(zone, **overrides)


def a_tax_rate(classes: dict[int, str], rate_id: int = 1, **overrides: Any) -> TaxRate:
    """`classes`: tax class -> per cent."""
    rates = tuple(ClassRate(class_id, Decimal(rate)) for class_id, rate in classes.items())
    return replace(TaxRate(id=rate_id, class_rates=rates), **overrides)


def a_location(location_id: int = 1, **overrides: Any) -> Location:
    location = Location(
        id=location_id,
        code=f"store-{location_id}",
        label=f"Store {location_id}",
        address=an_address(first_name="Store", last_name=str(location_id)),
        latitude=30.2672,
        longitude=-97.7431,
    )
    return replace(location, **overrides)


def a_pickup_method(method_id: int = 1, location_id: int = 1, **overrides: Any) -> PickupMethod:
    return replace(
        PickupMethod(id=method_id, location_id=location_id, display_name=f"Counter {method_id}"), **overrides
    )


def a_coupon(
    kind: type[AnyCoupon] = PerTotalDiscount,
    amount: str = "5",
    *,
    code: str = "SAVE5",
    coupon_id: int = 1,
    **fields: Any,
) -> AnyCoupon:
    """5.00 off everything together."""
    return kind(id=coupon_id, code=code, name=f"Coupon {code}", amount=Decimal(amount), **fields)


def a_certificate(balance: str = "10.00", *, code: str = "GIFT10", **overrides: Any) -> GiftCertificate:
    """Worth 10.00."""
    certificate = GiftCertificate(id=1, code=code, amount=usd(balance), balance=usd(balance), purchase_date=NOON)
    return replace(certificate, **overrides)


def by_key(*certificates: GiftCertificate) -> dict[str, GiftCertificate]:
    """As facts hold them."""
    return {key_of(certificate.code): certificate for certificate in certificates}


def paying(*certificates: GiftCertificate) -> tuple[AppliedCertificate, ...]:
    """As a checkout holds them."""
    return tuple(AppliedCertificate(code=certificate.code) for certificate in certificates)


def applied(*coupons: AnyCoupon) -> tuple[AppliedCoupon, ...]:
    """As a checkout holds them."""
    return tuple(
        AppliedCoupon(id=coupon.id, code=coupon.code, name=coupon.name, type=coupon.type_name) for coupon in coupons
    )


def a_promotion(
    action: AnyAction,
    condition: AnyCondition | None = None,
    *,
    promotion_id: int = 1,
    name: str = "A promotion",
    apply_once: bool = True,
    **fields: Any,
) -> Promotion:
    """One rule, for everybody, at any time, beside others."""
    rule = Rule(action=action, condition=condition, apply_once=apply_once)
    return Promotion(id=promotion_id, name=name, rules=(rule,), **fields)


def amount_off(amount: str, *product_ids: int, **fields: Any) -> Promotion:
    """Off each unit of these products; none named: of all."""
    items = Products(product_ids) if product_ids else None
    return a_promotion(CartItems(discount=Amount(Decimal(amount)), items=items), **fields)


def percent_off(percent: str | int, *product_ids: int, **fields: Any) -> Promotion:
    items = Products(product_ids) if product_ids else None
    return a_promotion(CartItems(discount=Percentage(Decimal(percent)), items=items), **fields)


def a_store(*zones: ShippingZone, **overrides: Any) -> Store:
    """One zone with a flat rate and a rate per item, one place to pick up from, no taxes."""
    store = Store(
        hash="test",
        name="Test shop",
        currency=USD,
        shipping_zones=zones or (a_zone(),),
        locations=(a_location(),),
        pickup_methods=(a_pickup_method(),),
    )
    return replace(store, **overrides)


def stored(store: Store, **overrides: Any) -> StoredShop:
    """The store on its own, as it is put into a database."""
    return replace(StoredShop(store=store, products=(), stock={}, customers=(), tokens=()), **overrides)


def a_product(product_id: int = 1, price: str = "10.00", **overrides: Any) -> Product:
    product = Product(
        id=product_id,
        name=f"Product {product_id}",
        price=usd(price),
        weight=Decimal(1),
        variants=(Variant(id=product_id),),
    )
    return replace(product, **overrides)


def facts(
    store: Store | None = None, *products: Product, stock: Mapping[int, dict[int, int]] | None = None, **overrides: Any
) -> Facts:
    known = Facts(
        store=store or a_store(), products={product.id: product for product in products}, stock=dict(stock or {})
    )
    return replace(known, **overrides)
