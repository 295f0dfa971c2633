"""Bringing a cart into another currency (BEHAVIOUR 4): which ones there are, and what becomes of what the cart holds."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from checkstand.domain.cart import NewCertificate, NewItems
from checkstand.domain.cart_currency import cart_currency
from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    AppliedCoupon,
    CertificateDetails,
    Fee,
    GiftWrapping,
    ManualDiscounts,
    Person,
    ShippingOption,
    WrapDetail,
)
from checkstand.domain.commands import AddItems, ChangeCurrency, SetCustomerMessage, UpdateConsignment
from checkstand.domain.consignment import ConsignmentChange, CustomShipping
from checkstand.domain.money import Currency, CurrencyDetails, Money
from checkstand.domain.promotions import Promotion
from checkstand.errors import Invalid, Refused
from tests.builders import (
    EUR,
    JPY,
    KWD,
    USD,
    a_certificate,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_store,
    applied,
    by_key,
    currency_of,
    facts,
    paying,
    usd,
)
from tests.domain.engine import after, chosen, priced, run

SHOWN = replace(EUR, code="GBP", details=CurrencyDetails(is_transactional=False))
OFF = replace(EUR, code="CHF", details=CurrencyDetails(enabled=False))
COUPON = a_coupon(amount="5")
SHOP = facts(a_store(other_currencies=(EUR, JPY, KWD, SHOWN, OFF), coupons=(COUPON,)))


def test_a_cart_holds_of_its_currency_how_it_is_written() -> None:
    assert cart_currency(SHOP.store, " jpy ", "code") == Currency(code="JPY", name="Yen", symbol="¥", decimal_places=0)
    assert cart_currency(SHOP.store, "USD", "code") == USD


@pytest.mark.parametrize(
    ("code", "reason"), [("XYZ", "unknown_currency"), ("CHF", "disabled_currency"), ("GBP", "display_only_currency")]
)
def test_a_currency_that_nobody_can_pay_in_is_refused(code: str, reason: str) -> None:
    with pytest.raises(Invalid) as error:
        after(ChangeCurrency(currency_code=code), a_checkout(), SHOP)

    assert error.value.reason == reason
    assert list(error.value.fields) == ["currency_code"]


def test_a_cart_stays_in_a_currency_that_was_switched_off_or_deleted() -> None:
    before = after(ChangeCurrency(currency_code="JPY"), a_checkout(a_line("x", 1, "10.00")), SHOP)
    without = replace(SHOP, store=replace(SHOP.store, other_currencies=(), former_currencies=(JPY,)))

    now = after(SetCustomerMessage(message="Hello"), before, without)

    assert now.currency == currency_of(JPY)
    assert priced(now, without).totals.grand_total == Money(1500, "JPY")
    assert priced(replace(now, consignments=(a_consignment(),)), without).settled.options["a"][0].cost == Money(
        375, "JPY"
    )


def test_prices_that_were_given_are_converted_from_the_old_currency_to_the_new_one() -> None:
    before = a_checkout(
        a_line("x", 1, "15.99", price_overridden=True),
        a_line("crate", 2, "5.99", kind="custom", product_id=0, variant_id=0),
        a_line("gift", 1, "25.00", kind="gift_certificate", product_id=0, variant_id=0),
    )

    euros = after(ChangeCurrency(currency_code="EUR"), before, SHOP)
    dinars = after(ChangeCurrency(currency_code="KWD"), euros, SHOP)

    assert [line.list_price.minor for line in euros.lines] == [1439, 539, 2250]
    assert [line.list_price.minor for line in dinars.lines] == [
        4909,
        1839,
        7675,
    ]  # 14.39, 5.39, 22.50 times 0.307 / 0.9


def test_wrapping_and_fees_are_converted() -> None:
    wrap = WrapDetail(id=1, name="Paper", price=usd("1.50"))
    fee = Fee(id="fee", name="Rush", display_name="Rush", cost=usd("3.03"), source="AA")
    line = a_line("x", 1, "10.00", gift_wrapping=GiftWrapping(wrap_together=True, details=(wrap,)))

    now = after(ChangeCurrency(currency_code="JPY"), a_checkout(line, fees=(fee,)), SHOP)

    wrapping = now.lines[0].gift_wrapping
    assert wrapping is not None
    assert (wrapping.amount, now.fees[0].cost) == (Money(225, "JPY"), Money(455, "JPY"))


def test_a_cart_with_a_manual_discount_keeps_its_currency() -> None:
    before = a_checkout(manual_discounts=ManualDiscounts(cart=usd("1.00")))

    with pytest.raises(Refused, match="while the cart has a manual discount"):
        after(ChangeCurrency(currency_code="EUR"), before, SHOP)
    assert after(ChangeCurrency(currency_code="USD"), before, SHOP).currency == USD


def test_custom_shipping_is_converted_and_stays_chosen() -> None:
    before = after(
        UpdateConsignment(
            consignment_id="a", change=ConsignmentChange(custom_shipping=CustomShipping(Decimal("12.34"), "Van"))
        ),
        a_checkout(consignments=(a_consignment(),)),
        SHOP,
    )

    now = after(ChangeCurrency(currency_code="JPY"), before, SHOP)

    option = chosen(now.consignments[0])
    assert (option.type, option.cost, option.handling) == (CUSTOM_SHIPPING, Money(1851, "JPY"), Money(0, "JPY"))


def test_a_method_that_was_chosen_stays_chosen_at_what_it_costs_now() -> None:
    before = a_checkout(consignments=(a_consignment(),))
    option = priced(before, SHOP).settled.options["a"][0]
    before = replace(before, consignments=(a_consignment(selected=option),))

    now = after(ChangeCurrency(currency_code="KWD"), before, SHOP)

    again = now.consignments[0].selected
    assert isinstance(again, ShippingOption)
    assert (again.id, again.cost) == (option.id, Money(1536, "KWD"))


def test_lines_that_cost_the_same_after_rounding_become_one() -> None:
    small = replace(EUR, code="BHD", decimal_places=0, exchange_rate=Decimal("0.4"))
    known = facts(a_store(other_currencies=(small,)))
    before = a_checkout(
        a_line("one", 1, "4.99", kind="custom", name="Crate", product_id=0, variant_id=0),
        a_line("two", 2, "5.01", kind="custom", name="Crate", product_id=0, variant_id=0),
    )

    now = after(ChangeCurrency(currency_code="BHD"), before, known)

    assert [(line.id, line.quantity, line.list_price) for line in now.lines] == [("one", 3, Money(2, "BHD"))]


def test_coupons_stay() -> None:
    before = a_checkout(a_line("x", 2, "10.00"), coupons=applied(COUPON))

    now = after(ChangeCurrency(currency_code="EUR"), before, SHOP)

    assert now.coupons == before.coupons
    assert priced(now, SHOP).totals.grand_total == Money(1800 - 450, "EUR")


@pytest.mark.parametrize(("amount", "is_sold"), [("149", False), ("150", True), ("150000", True), ("150001", False)])
def test_a_certificate_is_worth_as_much_as_one_in_the_stores_own_currency(amount: str, is_sold: bool) -> None:
    details = CertificateDetails(theme="General", sender=Person("A", "a@x.y"), recipient=Person("B", "b@x.y"))
    certificate = NewCertificate(name="Gift", amount=Decimal(amount), quantity=1, details=details)
    command = AddItems(items=NewItems(certificates=(certificate,)))
    before = a_checkout(
        a_line("x", 1, list_price=Money(1, "JPY"), original_price=Money(1, "JPY")), currency=currency_of(JPY)
    )

    if is_sold:
        assert after(command, before, SHOP).lines[-1].list_price == Money(int(amount), "JPY")
    else:
        with pytest.raises(Invalid, match="must be from 150 to 150000"):
            after(command, before, SHOP)


def test_gift_certificates_in_another_currency_leave_the_cart() -> None:
    dollars, euros = a_certificate(), replace(a_certificate(code="EURO", id=2), balance=Money(500, "EUR"))
    before = a_checkout(gift_certificates=paying(dollars, euros), shown_balance=usd("15.00"))
    known = replace(SHOP, certificates=by_key(dollars, euros))

    now = run(ChangeCurrency(currency_code="EUR"), before, known)

    assert now.checkout.gift_certificates == paying(euros)
    assert now.totals.outstanding_balance == now.checkout.shown_balance == Money(1800 - 500, "EUR")


@pytest.mark.parametrize(("currency_code", "stay"), [("*", 1), ("EUR", 1), ("USD", 0)])
def test_codes_of_promotions_for_another_currency_leave_the_cart(currency_code: str, stay: int) -> None:
    promotion = Promotion(id=3, name="Tenth", redemption_type="COUPON", currency_code=currency_code)
    known = replace(SHOP, store=replace(SHOP.store, promotions=(promotion,)))
    code = AppliedCoupon(id=9, code="TENTH", name="Tenth", type="promotion", promotion_id=3)

    now = after(ChangeCurrency(currency_code="EUR"), a_checkout(coupons=(code,)), known)

    assert len(now.coupons) == stay
