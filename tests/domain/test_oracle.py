"""The engine and an independent computation agree, to the cent, on random checkouts (`tests.oracle`, `tests.scenarios`).

The oracle was written from the contract without looking at the engine. A scenario becomes a checkout and the facts about it
here; every amount the oracle knows is compared.
"""

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from checkstand.domain.address import Address, BillingAddress
from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    AppliedCoupon,
    CertificateDetails,
    Checkout,
    Fee,
    GiftWrapping,
    LineItem,
    ManualDiscounts,
    Person,
    PickupChoice,
    ShippingOption,
    WrapDetail,
)
from checkstand.domain.checkout import Consignment as OurConsignment
from checkstand.domain.coupons import (
    AnyCoupon,
    AppliesTo,
    FreeShippingCoupon,
    PercentageDiscount,
    PerItemDiscount,
    PerTotalDiscount,
    ShippingDiscount,
)
from checkstand.domain.facts import Facts, Location, PickupMethod
from checkstand.domain.money import Currency, Money
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.totals import coupon_totals
from checkstand.domain.promotions import Amount, CartItems, CartValue, Percentage, Promotion, Rule
from checkstand.domain.promotions import ShippingDiscount as ShippingPromotion
from checkstand.domain.promotions.conditions import CartCondition
from checkstand.domain.promotions.matchers import AnyMatcher, Categories, Products
from checkstand.domain.store_settings import PromotionSettings
from checkstand.domain.tax_zones import ClassRate, TaxLocation, TaxRate, TaxSettings, TaxZone
from tests import oracle
from tests.builders import NOON, a_store, facts
from tests.domain.engine import priced
from tests.oracle import CouponType, Kind, Level, Scenario
from tests.scenarios import COUNTRIES, scenario, scenarios

CURRENCIES = {0: "JPY", 2: "USD", 3: "KWD"}
COUPON_KINDS: dict[CouponType, type[AnyCoupon]] = {
    CouponType.PER_ITEM: PerItemDiscount,
    CouponType.PERCENTAGE: PercentageDiscount,
    CouponType.PER_TOTAL: PerTotalDiscount,
    CouponType.SHIPPING: ShippingDiscount,
    CouponType.FREE_SHIPPING: FreeShippingCoupon,
}
EXAMPLES = 10_000
GIFT = CertificateDetails(theme="General", sender=Person("Ann", "ann@x.y"), recipient=Person("Bob", "bob@x.y"))


# ---------------------------------------------------------------------------------------------------- as the engine has it


def checkout_of(given: Scenario) -> tuple[Checkout, Facts]:
    shop = _Shop(given)
    return shop.checkout(), shop.facts()


class _Shop:
    def __init__(self, given: Scenario) -> None:
        self.given = given
        self.currency = Currency(code=CURRENCIES[given.places], decimal_places=given.places)

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency.code)

    def major(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-self.given.places)

    def checkout(self) -> Checkout:
        given = self.given
        billing = Address(country_code=COUNTRIES[given.elsewhere_zone])
        manual = given.manual
        return Checkout(
            id="checkout",
            currency=self.currency,
            created_at=NOON,
            updated_at=NOON,
            lines=tuple(self.line(line) for line in given.lines),
            consignments=tuple(self.consignment(index, each) for index, each in enumerate(given.consignments)),
            billing_address=BillingAddress("billing", billing) if given.has_billing else None,
            coupons=tuple(
                AppliedCoupon(id=index, code=f"C{index}", name=f"C{index}", type=coupon.type.value)
                for index, coupon in enumerate(given.coupons, 1)
            ),
            manual_discounts=ManualDiscounts(
                cart=self.money(manual.cart),
                lines={str(position): self.money(minor) for position, minor in manual.lines.items()},
            )
            if manual
            else None,
            fees=tuple(
                Fee(
                    id=f"fee {index}",
                    name="fee",
                    display_name="fee",
                    cost=self.money(fee.cost),
                    source="test",
                    tax_class_id=fee.tax_class,
                )
                for index, fee in enumerate(given.fees)
            ),
        )

    def line(self, line: oracle.Line) -> LineItem:
        price = self.money(line.list_price)
        wrapping = None
        if line.wrapping is not None:
            detail = WrapDetail(id=1, name="Paper", price=self.money(line.wrapping))
            wrapping = GiftWrapping(wrap_together=True, details=(detail,))
        return LineItem(
            id=str(line.position),
            kind=line.kind.value,
            quantity=line.quantity,
            name=f"Line {line.position}",
            original_price=self.money(line.list_price + 1) if line.on_sale else price,
            list_price=price,
            product_id=line.product_id or 0,
            variant_id=line.product_id or 0,
            category_ids=tuple(sorted(line.category_ids)),
            tax_class_id=line.tax_class,
            price_overridden=line.overridden or line.kind is Kind.CUSTOM,
            gift_wrapping=wrapping,
            certificate=GIFT if line.kind is Kind.GIFT_CERTIFICATE else None,
        )

    def consignment(self, index: int, each: oracle.Consignment) -> OurConsignment:
        selected: ShippingOption | PickupChoice | None = None
        if each.is_pickup:
            selected = PickupChoice(each.zone + 1)
        elif each.shipping is not None:
            selected = ShippingOption(
                id="van",
                type=CUSTOM_SHIPPING,
                description="Van",
                cost=self.money(each.shipping),
                handling=self.money(each.handling),
            )
        return OurConsignment(
            id=str(index),
            address=Address() if each.is_pickup else Address(country_code=each.country),
            line_item_ids=tuple(str(position) for position in each.lines),
            selected=selected,
        )

    def facts(self) -> Facts:
        given = self.given
        places = list(enumerate(COUNTRIES[: len(given.zones)]))
        store = a_store(
            currency=self.currency,
            shipping_zones=(),
            tax_zones=tuple(self.zone(index, country) for index, country in places),
            tax_settings=TaxSettings(
                tax_entered_with_prices=given.entered_with_tax,
                should_subtract_store_tax=given.subtract_store_tax,
                rounding_strategy=given.rounding.value,
                store_tax_zone_id=given.store_zone + 1,
                guest_shopper_tax_zone_id=given.elsewhere_zone + 1,
            ),
            locations=tuple(
                Location(id=index + 1, code=country, label=country, address=Address(country_code=country))
                for index, country in places
            ),
            pickup_methods=tuple(
                PickupMethod(id=index + 1, location_id=index + 1, display_name=country) for index, country in places
            ),
            promotions=tuple(self.promotion(each) for each in given.promotions),
            promotion_settings=PromotionSettings(
                promotions_applied_on_original_product_price=given.on_original_price,
                promotions_triggered_by_products_with_zero_product_price=True,
                number_of_coupons_allowed_at_checkout=5,
            ),
            coupons=tuple(self.coupon(index, each) for index, each in enumerate(given.coupons, 1)),
        )
        return facts(store, now=NOON)

    def zone(self, index: int, country: str) -> TaxZone:
        zone = self.given.zones[index]
        return TaxZone(
            id=index + 1,
            name=country,
            locations=(TaxLocation(country_code=country),),
            show_inclusive=zone.show_inclusive,
            rates=tuple(
                TaxRate(
                    id=number,
                    name=rate.name,
                    priority=rate.priority,
                    class_rates=tuple(ClassRate(key, decimal(percent)) for key, percent in rate.percents.items()),
                )
                for number, rate in enumerate(zone.rates, 1)
            ),
        )

    def promotion(self, each: oracle.Promotion) -> Promotion:
        discount = (
            Percentage(decimal(each.percent)) if each.percent is not None else Amount(self.major(each.fixed or 0))
        )
        maximum = None if each.maximum is None else self.major(each.maximum)
        action: Any
        match each.level:
            case Level.ITEMS:
                action = CartItems(
                    discount=discount,
                    maximum=maximum,
                    as_total=each.as_total,
                    items=matcher(each.items),
                    include_items_considered_by_condition=True,
                    exclude_items_on_sale=each.exclude_on_sale,
                )
            case Level.ORDER:
                action = CartValue(discount=discount, maximum=maximum)
            case Level.SHIPPING:
                action = ShippingPromotion(discount=discount, maximum=maximum)
        condition = CartCondition(
            items=matcher(each.condition_items) if each.condition_items else None,
            minimum_quantity=each.minimum_quantity,
            minimum_spend=self.major(each.minimum_spend),
        )
        return Promotion(
            id=each.id,
            name=f"Promotion {each.id}",
            priority=each.priority,
            rules=(Rule(action=action, condition=condition),),
            stop=each.stop,
            can_be_used_with_other_promotions=each.with_others,
        )

    def coupon(self, index: int, each: oracle.Coupon) -> AnyCoupon:
        applies_to = AppliesTo()
        if each.items.products or each.items.categories:
            ids = {line.product_id for line in self.given.lines if line.product_id and each.items.match(line)}
            applies_to = AppliesTo(entity="products", ids=tuple(sorted(ids)))
        amount = decimal(each.percent) if each.type is CouponType.PERCENTAGE else self.major(each.amount)
        return COUPON_KINDS[each.type](
            id=index,
            code=f"C{index}",
            name=f"C{index}",
            amount=amount,
            minimum=self.major(each.minimum),
            applies_to=applies_to,
        )


def decimal(fraction: Fraction) -> Decimal:
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def matcher(items: oracle.Items) -> AnyMatcher | None:
    if items.products:
        return Products(tuple(sorted(items.products)))
    return Categories(tuple(sorted(items.categories))) if items.categories else None


# ---------------------------------------------------------------------------------------------------- comparing


def amounts_of(answer: Priced, given: Scenario) -> dict[str, object]:
    """Every amount of the engine's answer by a name, in minor units."""
    totals = answer.totals
    coupons = coupon_totals(answer.entries, answer.checkout.currency.zero)
    found: dict[str, object] = {
        "shown inclusive": totals.is_tax_included,
        "base": totals.base_amount.minor,
        "subtotal": (totals.subtotal.ex_tax.minor, totals.subtotal.inc_tax.minor),
        "discount amount": totals.discount_amount.minor,
        "coupons": tuple(
            coupons[index].lines.minor + coupons[index].shipping.minor if index in coupons else 0
            for index in range(1, len(given.coupons) + 1)
        ),
        "cart amount": (totals.cart_amount.ex_tax.minor, totals.cart_amount.inc_tax.minor),
        "taxes": tuple((name, amount.minor) for name, amount in totals.taxes if amount),
        "tax": totals.tax.minor,
        "grand total": totals.grand_total.minor,
        "fees": tuple((fee.ex_tax.minor, fee.inc_tax.minor) for fee in totals.fees.values()),
    }
    for line_id, line in answer.lines.items():
        beyond = line.reduction.minor - line.product_discount.minor - line.coupon_discount.minor
        found[f"line {line_id}"] = (
            line.extended_list.minor,
            line.listed.minor,
            line.product_discount.minor,
            beyond,
            line.coupon_discount.minor,
            line.paid.ex_tax.minor,
            line.paid.inc_tax.minor,
        )
        wrapping = line.wrapping
        found[f"wrapping {line_id}"] = (wrapping.ex_tax.minor, wrapping.inc_tax.minor) if wrapping else (0, 0)
    for consignment_id, sums in answer.consignments.items():
        found[f"consignment {consignment_id}"] = (
            sums.shipping_before_discount.minor,
            sums.automatic_discount.minor,
            sums.shipping.ex_tax.minor,
            sums.shipping.inc_tax.minor,
            sums.handling.ex_tax.minor,
            sums.handling.inc_tax.minor,
        )
    return found


def expected(worked_out: oracle.Priced) -> dict[str, object]:
    found: dict[str, object] = {
        "shown inclusive": worked_out.shown_inclusive,
        "base": worked_out.base_amount,
        "subtotal": (worked_out.subtotal_ex, worked_out.subtotal_inc),
        "discount amount": worked_out.discount_amount,
        "coupons": worked_out.coupon_amounts,
        "cart amount": (worked_out.cart_amount_ex, worked_out.cart_amount_inc),
        "taxes": tuple((name, amount) for name, amount in worked_out.taxes if amount),
        "tax": worked_out.tax_total,
        "grand total": worked_out.grand_total,
        "fees": tuple((fee.ex, fee.inc) for fee in worked_out.fees),
    }
    for line in worked_out.lines:
        found[f"line {line.position}"] = (
            line.list_entered,
            line.list_shown,
            line.product_discount,
            line.order_discount,
            line.coupon_discount,
            line.paid.ex,
            line.paid.inc,
        )
        found[f"wrapping {line.position}"] = (line.wrapping.ex, line.wrapping.inc)
    for index, sums in enumerate(worked_out.consignments):
        found[f"consignment {index}"] = (
            sums.before_discount,
            sums.automatic_discount,
            sums.shipping.ex,
            sums.shipping.inc,
            sums.handling.ex,
            sums.handling.inc,
        )
    return found


def differences(given: Scenario) -> dict[str, tuple[object, object]]:
    """Name -> the engine's amount and the oracle's."""
    ours = amounts_of(priced(*checkout_of(given)), given)
    theirs = expected(oracle.price(given))
    return {name: (ours.get(name), theirs.get(name)) for name in ours | theirs if ours.get(name) != theirs.get(name)}


def test_the_engine_and_the_oracle_agree_on_ten_thousand_random_checkouts() -> None:
    for seed in range(EXAMPLES):
        drawn = scenario(Random(seed))
        found = differences(drawn)
        assert not found, f"seed {seed}: {found}\n{drawn}"


@settings(max_examples=300, deadline=None)
@given(drawn=scenarios())
def test_the_engine_and_the_oracle_agree_on_whatever_is_simplest(drawn: Scenario) -> None:
    """Fewer checkouts, but a failure comes as the smallest one that fails."""
    assert differences(drawn) == {}


@pytest.mark.parametrize("places", CURRENCIES)
def test_the_random_checkouts_have_everything_that_is_to_be_compared(places: int) -> None:
    drawn = [scenario(Random(seed)) for seed in range(300)]
    of_currency = [each for each in drawn if each.places == places]

    assert any(each.manual for each in of_currency)
    assert any(each.fees for each in of_currency)
    assert any(line.wrapping for each in of_currency for line in each.lines)
    assert {promotion.level for each in of_currency for promotion in each.promotions} == set(Level)
    assert {coupon.type for each in of_currency for coupon in each.coupons} == set(CouponType)
    assert {line.kind for each in of_currency for line in each.lines} == set(Kind)
    assert {(each.entered_with_tax, each.subtract_store_tax, each.rounding) for each in of_currency} == {
        (entered, subtracted, rounding)
        for entered in (False, True)
        for subtracted in (False, True)
        for rounding in oracle.Rounding
    }
