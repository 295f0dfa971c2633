"""What holds after any sequence of commands, and for every kind of method, promotion and coupon (BEHAVIOUR 12).

A random shopper edits a cart, consigns, chooses and removes, wrongly at times. After each command the same promises are
held against the result. A kind of method, promotion or coupon joins its tests by existing.
"""

import types
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from checkstand.domain import commands
from checkstand.domain.address import Address
from checkstand.domain.cart import NewCertificate, NewCustomItem, NewItems, NewLine
from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    CertificateDetails,
    Checkout,
    Person,
    PickupChoice,
    ShippingOption,
)
from checkstand.domain.commands import (
    AddItems,
    AnyCommand,
    ApplyCertificate,
    ApplyCoupon,
    ApplyStoreCredit,
    AssignCustomer,
    ChangeCurrency,
    ChangeLine,
    CreateConsignments,
    RemoveConsignment,
    RemoveLine,
    SetBillingAddress,
    SignIn,
    SignOut,
    UpdateConsignment,
    WithdrawCertificate,
    WithdrawCoupon,
    WithdrawStoreCredit,
)
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, CustomShipping, Units
from checkstand.domain.coupons import (
    AnyCoupon,
    AppliesTo,
    Coupon,
    Discountable,
    FreeShippingCoupon,
    PercentageDiscount,
    PerItemDiscount,
    ShippingCost,
    ShippingDiscount,
)
from checkstand.domain.facts import Customer, CustomerGroup, FreeShippingRule
from checkstand.domain.methods import AnyMethod, ByTotal, ByWeight, HandlingFee, Range, ShippingMethod
from checkstand.domain.money import Money
from checkstand.domain.parcel import Parcel
from checkstand.domain.payments import spent
from checkstand.domain.price_rules import BulkPricingRule, DiscountRule
from checkstand.domain.pricing.entries import Charge, Discount, Payment, Tax
from checkstand.domain.pricing.price import Priced, price
from checkstand.domain.pricing.totals import coupon_totals
from checkstand.domain.promotions import (
    Amount,
    CartItems,
    CartValue,
    FixedPriceSet,
    GiftItem,
    Percentage,
    PromotionCode,
    Shipping,
)
from checkstand.domain.promotions.conditions import CartCondition
from checkstand.domain.promotions.matchers import Products
from checkstand.domain.promotions.promotion import Countries
from checkstand.domain.store_settings import PromotionSettings
from checkstand.errors import CheckoutError
from tests.builders import (
    EUR,
    JPY,
    KWD,
    USD,
    a_certificate,
    a_checkout,
    a_coupon,
    a_location,
    a_moment,
    a_pickup_method,
    a_product,
    a_promotion,
    a_store,
    a_tax_zone,
    a_zone,
    amount_off,
    an_address,
    by_key,
    facts,
    flat_rate,
    in_new_york,
    per_item,
    percent_off,
    usd,
)
from tests.domain.engine import after, content, priced, quantities, settled

# ---------------------------------------------------------------------------------------------------- a shop

BY_WEIGHT = ByWeight(
    id=3,
    name="By weight",
    ranges=(Range(Decimal(0), Decimal(4), usd("6.00")), Range(Decimal(4), Decimal(9), usd("12.00"))),
)
BY_TOTAL = ByTotal(
    id=4, name="By total", ranges=(Range(Decimal(0), Decimal(40), usd("9.99")),), default_cost=usd("1.11")
)
COUNTRY = a_zone(
    flat_rate(1),
    per_item(2),
    BY_WEIGHT,
    BY_TOTAL,
    free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("60.00")),
    handling=HandlingFee(percent=Decimal("3.3")),
    display_handling_separately=True,
)
TEXAS = a_zone(
    flat_rate(5, "4.00"), per_item(6, "1.25"), zone_id=2, state="TX", handling=HandlingFee(fixed=usd("0.50"))
)
BULK = (
    BulkPricingRule(id=1, quantity_min=3, quantity_max=4, type="percent", amount=Decimal("12.5")),
    BulkPricingRule(id=2, quantity_min=5, type="fixed", amount=Decimal("0.77")),
)
GROUP = CustomerGroup(
    1,
    "Wholesale",
    (
        DiscountRule(type="all", method="percent", amount=Decimal("7.7")),
        DiscountRule(type="product", product_id=3, method="price", amount=Decimal("6.66")),
    ),
)
PRODUCTS = (
    a_product(1, "10.33"),
    a_product(2, "0.99", weight=Decimal("2.5"), bulk_pricing_rules=BULK),
    a_product(3, "25.00", sale_price=usd("19.95")),
    a_product(4, "7.77", type="digital"),
)
COUPONS = (
    a_coupon(amount="7.77", code="TOTAL", coupon_id=1),
    a_coupon(PercentageDiscount, "33.3", code="THIRD", coupon_id=2),
    a_coupon(PerItemDiscount, "0.77", code="EACH", coupon_id=3, applies_to=AppliesTo(entity="products", ids=(1, 2))),
    a_coupon(ShippingDiscount, "5.55", code="SHIP", coupon_id=4),
    a_coupon(FreeShippingCoupon, "0", code="FREE", coupon_id=5),
    a_coupon(amount="20", code="RICH", coupon_id=6, minimum=Decimal(50)),
    a_coupon(amount="3", code="NEAR", coupon_id=7, countries=("US",)),
)
CERTIFICATES = (
    a_certificate("3.33", code="SMALL", id=1),
    a_certificate("44.44", code="LARGE", id=2),
    a_certificate("0", code="EMPTY", id=3),
    a_certificate("5.00", code="OFF", id=4, status="disabled"),
)
CODES = (
    PromotionCode(id=21, promotion_id=7, code="ANOTHER"),
    PromotionCode(id=22, promotion_id=8, code="ALONE"),
)
SHOP = facts(
    a_store(
        COUNTRY,
        TEXAS,
        locations=(a_location(1), a_location(2, enabled=False)),
        pickup_methods=(a_pickup_method(1, 1), a_pickup_method(2, 2)),
        promotions=(
            percent_off("10.5", name="A tenth"),
            amount_off("0.60", 2, 3, promotion_id=2, name="Two off"),
            a_promotion(
                CartItems(discount=Percentage(Decimal(50)), items=Products((1,)), quantity=1),
                CartCondition(items=Products((1,)), minimum_quantity=1),
                apply_once=False,
                promotion_id=3,
            ),
            a_promotion(
                FixedPriceSet(quantity=3, fixed_price=Decimal("20.00"), strategy="MOST_EXPENSIVE"),
                promotion_id=4,
                shipping_address=Countries(codes=("US",)),
            ),
            a_promotion(
                CartValue(discount=Percentage(Decimal("12.5")), maximum=Decimal(9)),
                CartCondition(minimum_spend=Decimal(30)),
                promotion_id=5,
            ),
            a_promotion(Shipping(free_shipping=True, zone_ids=(2,)), promotion_id=6),
            a_promotion(
                GiftItem(quantity=1, product_id=2),
                CartCondition(items=Products((1, 3)), minimum_quantity=2),
                apply_once=False,
                promotion_id=9,
            ),
            percent_off("33", 3, 4, promotion_id=7, redemption_type="COUPON"),
            a_promotion(
                CartValue(discount=Amount(Decimal(8))),
                CartCondition(minimum_spend=Decimal(40)),
                promotion_id=8,
                redemption_type="COUPON",
                can_be_used_with_other_promotions=False,
                coupon_overrides_other_promotions=True,
            ),
        ),
        tax_zones=(
            a_tax_zone("4", "4", zone_id=2, name="Sales tax"),
            a_tax_zone("8.25", "8.25", zone_id=3, state="TX", name="Texas tax"),
        ),
        coupons=COUPONS,
        promotion_settings=PromotionSettings(number_of_coupons_allowed_at_checkout=4),
        other_currencies=(EUR, JPY, KWD),
        customer_groups=(GROUP,),
    ),
    *PRODUCTS,
    stock={1: {0: 9, 1: 3}, 2: {0: 9}},
    codes={code.id: code for code in CODES},
    customer=Customer(id=11, email="jane@shop.example", group_id=1, store_credit=usd("17.77")),
    certificates=by_key(*CERTIFICATES),
)
ADDRESSES = (an_address(), in_new_york(), an_address(country_code="DE", state_or_province_code="", postal_code="10115"))

addresses = st.sampled_from(ADDRESSES)


def goods(checkout: Checkout) -> Counter[tuple[object, ...]]:
    """Units of each kind of goods, whatever lines they stand in and whatever the catalog asks for them of whom, without what
    promotions give."""
    counted: Counter[tuple[object, ...]] = Counter()
    for line in checkout.lines:
        if line.gift is not None:
            continue
        listed = line.original_price if line.has_catalog_price else line.list_price
        counted[msgspec.structs.astuple(replace(line, id="", quantity=0, list_price=listed))[1:]] += line.quantity
    return counted


def before_discounts(answer: Priced, consignment_id: str) -> tuple[Money, Money]:
    sums = answer.consignments[consignment_id]
    return sums.shipping_before_discount, sums.handling.ex_tax


class Shopper(RuleBasedStateMachine):
    """Gives commands one after the other; `before` and `answer` are the checkout before and after the last one taken."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = priced(replace(a_checkout(), lines=()), SHOP)
        self.steps = 0

    @property
    def checkout(self) -> Checkout:
        return self.answer.checkout

    # -------------------------------------------------------------------------------------------- giving a command

    def give(self, command: AnyCommand) -> None:
        before, was = self.answer, msgspec.json.encode(self.checkout)
        moment = a_moment(f"step {self.steps}")
        self.steps += 1
        try:
            self.answer = self.worked_out(command, before.checkout, moment.seed)
        except CheckoutError:
            assert msgspec.json.encode(self.checkout) == was, "a refused command changed the checkout"
            return
        again = self.worked_out(command, before.checkout, moment.seed)
        assert again == self.answer, "the same command at the same moment gave another result"
        assert self.checkout.version == before.checkout.version + 1
        self.check_units(command, before.checkout)
        self.check_untouched(command, before)

    @staticmethod
    def worked_out(command: AnyCommand, before: Checkout, seed: str) -> Priced:
        return priced(commands.apply(command, before, SHOP, a_moment(seed)), SHOP)

    def check_units(self, command: AnyCommand, before: Checkout) -> None:
        if isinstance(command, CreateConsignments | UpdateConsignment | RemoveConsignment):
            assert goods(self.checkout) == goods(before), "a consignment command lost or made units"

    def check_untouched(self, command: AnyCommand, before: Priced) -> None:
        """C6, D62: a consignment whose own lines and address did not change keeps its choice, its offers and its costs."""
        if isinstance(command, AssignCustomer | SignIn | SignOut | ApplyCoupon | WithdrawCoupon | ChangeCurrency):
            return  # who it is takes all choices away, free shipping adds or takes an option (C7), another currency costs
        was = {entry.id: entry for entry in before.checkout.consignments}
        lines_before = {line.id: line for line in before.checkout.lines}
        for entry in self.checkout.consignments:
            old = was.get(entry.id)
            chosen_now = isinstance(command, UpdateConsignment) and command.consignment_id == entry.id
            if old is None or chosen_now or old.address != entry.address or old.line_item_ids != entry.line_item_ids:
                continue
            if any(self.checkout.line(line_id) != lines_before[line_id] for line_id in entry.line_item_ids):
                continue
            off_now, off_before = (
                [answer.lines[line_id].product_discount for line_id in entry.line_item_ids]
                for answer in (self.answer, before)
            )
            if off_now != off_before:
                continue  # promotions look at the whole cart, and thresholds at what promotions leave
            assert entry == old
            assert self.answer.settled.options[entry.id] == before.settled.options[entry.id]
            assert before_discounts(self.answer, entry.id) == before_discounts(before, entry.id)
            if not any(coupon.code == "SHIP" for coupon in self.checkout.coupons):  # which is spread over all of them
                assert self.answer.consignments[entry.id] == before.consignments[entry.id]

    # -------------------------------------------------------------------------------------------- commands

    @initialize(data=st.data(), wanted=st.lists(st.integers(1, 4), min_size=4, max_size=4))
    def start_with_four_lines_in_two_consignments(self, data: st.DataObject, wanted: list[int]) -> None:
        lines = tuple(NewLine(product_id=number, quantity=quantity) for number, quantity in enumerate(wanted, 1))
        self.give(AddItems(items=NewItems(lines=lines)))
        one, two, *_ = self.checkout.lines
        for line in (one, two):
            units = (Units(line.id, data.draw(st.integers(1, line.quantity))),)
            self.give(CreateConsignments(drafts=(ConsignmentDraft(units=units, address=data.draw(addresses)),)))

    @rule(product_id=st.integers(1, 5), quantity=st.integers(0, 4), price=st.sampled_from([None, "9.99", "0.00"]))
    def add_a_product(self, product_id: int, quantity: int, price: str | None) -> None:
        listed = None if price is None else Decimal(price)
        self.give(
            AddItems(items=NewItems(lines=(NewLine(product_id=product_id, quantity=quantity, list_price=listed),)))
        )

    @rule(quantity=st.integers(1, 3))
    def add_other_items(self, quantity: int) -> None:
        details = CertificateDetails(theme="General", sender=Person("A", "a@x.y"), recipient=Person("B", "b@x.y"))
        gift = NewCertificate(name="Gift", amount=Decimal("10.00"), quantity=1, details=details)
        engraving = NewCustomItem(name="Engraving", quantity=quantity, list_price=Decimal("5.99"))
        self.give(AddItems(items=NewItems(custom=(engraving,), certificates=(gift,))))

    @precondition(lambda self: self.checkout.lines)
    @rule(data=st.data(), quantity=st.integers(-1, 6), price=st.none() | st.sampled_from(["10.33", "9.99"]))
    def change_a_line(self, data: st.DataObject, quantity: int, price: str | None) -> None:
        listed = None if price is None else Decimal(price)
        self.give(ChangeLine(line_id=data.draw(self.line_ids()), quantity=quantity, list_price=listed))

    @precondition(lambda self: len(self.checkout.lines) > 1)
    @rule(data=st.data())
    def remove_a_line(self, data: st.DataObject) -> None:
        self.give(RemoveLine(line_id=data.draw(self.line_ids())))

    @precondition(lambda self: self.checkout.lines)
    @rule(data=st.data(), count=st.integers(1, 3), pickup_method_id=st.sampled_from([None, None, None, 1, 2]))
    def create_consignments(self, data: st.DataObject, count: int, pickup_method_id: int | None) -> None:
        drafts = [
            ConsignmentDraft(units=data.draw(self.units()), address=data.draw(addresses), pickup_method_id=pickup)
            for pickup in (pickup_method_id, None, None)[:count]
        ]
        self.give(CreateConsignments(drafts=tuple(drafts)))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data(), clamp=st.booleans(), address=st.none() | addresses)
    def change_what_a_consignment_holds(self, data: st.DataObject, clamp: bool, address: Address | None) -> None:
        change = ConsignmentChange(units=data.draw(self.units()), address=address, clamp_units=clamp)
        self.give(UpdateConsignment(consignment_id=data.draw(self.consignment_ids()), change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data())
    def bring_everything_to_one_consignment(self, data: st.DataObject) -> None:
        everything = tuple(Units(line.id, line.quantity) for line in self.checkout.lines if line.is_shippable)
        change = ConsignmentChange(units=everything)
        self.give(UpdateConsignment(consignment_id=data.draw(self.consignment_ids()), change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data(), address=addresses)
    def send_a_consignment_elsewhere(self, data: st.DataObject, address: Address) -> None:
        change = ConsignmentChange(address=address)
        self.give(UpdateConsignment(consignment_id=data.draw(self.consignment_ids()), change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data())
    def choose_an_option(self, data: st.DataObject) -> None:
        consignment_id = data.draw(self.consignment_ids())
        offered = [option.id for option in self.answer.settled.options[consignment_id]]
        change = ConsignmentChange(shipping_option_id=data.draw(st.sampled_from([*offered, "unknown"])))
        self.give(UpdateConsignment(consignment_id=consignment_id, change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data(), method_id=st.integers(1, 3))
    def pick_a_consignment_up(self, data: st.DataObject, method_id: int) -> None:
        change = ConsignmentChange(pickup_method_id=method_id)
        self.give(UpdateConsignment(consignment_id=data.draw(self.consignment_ids()), change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data(), cost=st.sampled_from(["0", "12.34"]))
    def ship_a_consignment_at_a_custom_price(self, data: st.DataObject, cost: str) -> None:
        change = ConsignmentChange(custom_shipping=CustomShipping(Decimal(cost), "Van"))
        self.give(UpdateConsignment(consignment_id=data.draw(self.consignment_ids()), change=change))

    @precondition(lambda self: self.checkout.consignments)
    @rule(data=st.data(), detach=st.booleans())
    def remove_a_consignment(self, data: st.DataObject, detach: bool) -> None:
        self.give(RemoveConsignment(consignment_id=data.draw(self.consignment_ids()), detach_customer=detach))

    @rule(address=addresses, customer_id=st.sampled_from([None, None, 0, 11, 12]))
    def say_who_pays(self, address: Address, customer_id: int | None) -> None:
        self.give(
            SetBillingAddress(address=address) if customer_id is None else AssignCustomer(customer_id=customer_id)
        )

    @rule(code=st.sampled_from(["USD", "JPY"]), is_known=st.booleans())
    def sign_in_with_as_much_again_in_another_cart(self, code: str, is_known: bool) -> None:
        before = self.checkout
        kept = tuple(replace(line, id=f"{line.id} kept {self.steps}") for line in before.lines if line.gift is None)
        other = replace(a_checkout(), lines=kept, currency=before.currency)
        if code != before.currency.code:
            other = after(ChangeCurrency(currency_code=code), other, SHOP)
        self.give(SignIn(customer_id=11 if is_known else 99, lines=other.lines, currency=other.currency))
        assert self.checkout.customer_id == (11 if is_known else before.customer_id)
        assert not goods(before) - goods(self.checkout), "signing in lost units"

    @rule()
    def sign_out(self) -> None:
        before = self.checkout
        self.give(SignOut())
        assert goods(self.checkout) == goods(before)
        assert (self.checkout.customer_id, self.checkout.email, self.checkout.billing_address) == (0, "", None)

    @rule(code=st.sampled_from(["USD", "EUR", "JPY", "KWD", "XXX"]))
    def change_the_currency(self, code: str) -> None:
        self.give(ChangeCurrency(currency_code=code))

    @rule(code=st.sampled_from([*(coupon.code.lower() for coupon in (*COUPONS, *CODES)), "unknown"]))
    def apply_a_coupon(self, code: str) -> None:
        self.give(ApplyCoupon(code=code))

    @precondition(lambda self: self.checkout.coupons)
    @rule(data=st.data())
    def withdraw_a_coupon(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from([coupon.code for coupon in self.checkout.coupons]))
        self.give(WithdrawCoupon(code=code))

    @rule(code=st.sampled_from([*(certificate.code.lower() for certificate in CERTIFICATES), "unknown"]))
    def pay_with_a_certificate(self, code: str) -> None:
        self.give(ApplyCertificate(code=code))

    @precondition(lambda self: self.checkout.gift_certificates)
    @rule(data=st.data())
    def withdraw_a_certificate(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from([applied.code for applied in self.checkout.gift_certificates]))
        self.give(WithdrawCertificate(code=code))

    @rule(command=st.sampled_from([ApplyStoreCredit(), WithdrawStoreCredit()]))
    def pay_with_store_credit_or_not(self, command: AnyCommand) -> None:
        self.give(command)

    def line_ids(self) -> st.SearchStrategy[str]:
        return st.sampled_from([line.id for line in self.checkout.lines])

    def consignment_ids(self) -> st.SearchStrategy[str]:
        return st.sampled_from([entry.id for entry in self.checkout.consignments])

    def units(self) -> st.SearchStrategy[tuple[Units, ...]]:
        """Mostly what can be had; now and then too much, nothing, one line twice or what cannot be shipped."""
        shippable = [line for line in self.checkout.lines if line.is_shippable]
        fair = [st.builds(Units, st.just(line.id), st.integers(1, line.quantity)) for line in shippable]
        wild = st.builds(Units, self.line_ids(), st.integers(0, 6))
        one = st.one_of([*fair, *fair, wild])
        return st.lists(one, min_size=1, max_size=3, unique_by=lambda units: (units.item_id, units.quantity)).map(tuple)

    # -------------------------------------------------------------------------------------------- promises

    @invariant()
    def a_line_is_in_at_most_one_consignment_and_what_they_hold_is_there_and_can_be_shipped(self) -> None:
        held = [line_id for entry in self.checkout.consignments for line_id in entry.line_item_ids]

        assert len(held) == len(set(held))
        assert all(self.checkout.line(line_id).is_shippable for line_id in held)
        assert all(entry.line_item_ids for entry in self.checkout.consignments), "an empty consignment stayed"

    @invariant()
    def ids_are_unique_and_quantities_at_least_one(self) -> None:
        ids = [*quantities(self.checkout), *(entry.id for entry in self.checkout.consignments)]

        assert len(ids) == len(set(ids))
        assert len(quantities(self.checkout)) == len(self.checkout.lines)
        assert all(line.quantity >= 1 for line in self.checkout.lines)

    @invariant()
    def no_two_lines_of_the_same_goods_share_a_place(self) -> None:
        held = {line_id for entry in self.checkout.consignments for line_id in entry.line_item_ids}
        places = [list(entry.line_item_ids) for entry in self.checkout.consignments]
        places.append([line.id for line in self.checkout.lines if line.id not in held])
        for place in places:
            lines = [self.checkout.line(line_id) for line_id in place]
            alike = [line for line in lines if line.kind != "gift_certificate"]
            assert not any(one.joined(other) for position, one in enumerate(alike) for other in alike[position + 1 :])

    @invariant()
    def a_consignment_lists_its_lines_in_the_order_of_the_cart(self) -> None:
        for entry in self.checkout.consignments:
            assert entry.line_item_ids == tuple(content(entry, self.checkout))

    @invariant()
    def what_is_chosen_is_offered_or_made_up_or_can_be_picked_up(self) -> None:
        for entry in self.checkout.consignments:
            match entry.selected:
                case None | PickupChoice(pickup_method_id=1):
                    pass
                case ShippingOption(type=kind) if kind == CUSTOM_SHIPPING:
                    pass
                case other:
                    assert other in self.answer.settled.options[entry.id]

    @invariant()
    def offers_stand_cheapest_first_under_ids_of_their_own(self) -> None:
        for options in self.answer.settled.options.values():
            assert [option.cost.minor for option in options] == sorted(option.cost.minor for option in options)
            assert len({option.id for option in options}) == len(options)
            assert all(option.cost.minor >= 0 and option.handling.minor >= 0 for option in options)

    @invariant()
    def no_more_coupons_than_allowed_each_once(self) -> None:
        ids = [coupon.id for coupon in self.checkout.coupons]

        assert len(ids) == len(set(ids)) <= 4

    @invariant()
    def payments_are_at_most_what_is_due_and_what_there_is_and_leave_the_grand_total_alone(self) -> None:
        checkout, sums = self.checkout, self.answer.totals
        paid = {entry.target: entry.amount for entry in self.answer.entries if isinstance(entry, Payment)}
        there_is = {certificate.code: certificate.balance for certificate in CERTIFICATES}
        there_is[""] = SHOP.store.converted(usd("17.77"), checkout.currency)

        assert sums.payments == paid
        assert all(there_is[target].zero < amount <= there_is[target] for target, amount in paid.items())
        assert all(
            usd("0") < each.amount <= (usd("17.77") if not each.key else usd("44.44"))
            for each in spent(self.answer.entries)
        )
        assert paid.keys() <= {applied.code for applied in checkout.gift_certificates} | {""}
        assert ("" in paid) <= (checkout.is_store_credit_applied and checkout.customer_id == 11)
        assert sums.outstanding_balance.minor == sums.grand_total.minor - sum(each.minor for each in paid.values()) >= 0
        by_certificates = sum(amount.minor for target, amount in paid.items() if target)
        bought = sum(
            self.answer.lines[line.id].paid.inc_tax.minor for line in checkout.lines if line.kind == "gift_certificate"
        )
        assert by_certificates <= sums.grand_total.minor - bought
        bare = replace(checkout, gift_certificates=(), is_store_credit_applied=False, shown_balance=None)
        assert priced(bare, SHOP).totals.grand_total == sums.grand_total

    @invariant()
    def what_is_given_costs_nothing(self) -> None:
        for line in self.checkout.lines:
            assert line.gift is None or not self.answer.lines[line.id].extended_sale.ex_tax

    @invariant()
    def settling_again_changes_nothing(self) -> None:
        assert settled(self.checkout, SHOP) == self.answer.settled
        assert price(self.answer.settled, SHOP) == self.answer

    @invariant()
    def a_checkout_reads_back_as_it_was_written(self) -> None:
        assert msgspec.json.decode(msgspec.json.encode(self.checkout), type=Checkout) == self.checkout

    @invariant()
    def entries_are_positive_and_sum_to_the_totals(self) -> None:
        check_sums(self.answer)

    @invariant()
    def without_consignments_there_is_no_shipping_no_handling_and_no_tax_on_them(self) -> None:
        if not self.checkout.consignments:
            assert not any(entry.part not in ("line", "order") for entry in self.answer.entries)
            zero = self.checkout.currency.zero
            assert self.answer.totals.shipping.inc_tax == self.answer.totals.handling.inc_tax == zero

    @invariant()
    def every_amount_is_in_the_currency_of_the_checkout(self) -> None:
        offered = [option for options in self.answer.settled.options.values() for option in options]
        amounts = [
            *(entry.amount for entry in self.answer.entries),
            *(line.list_price for line in self.checkout.lines),
            *(line.original_price for line in self.checkout.lines),
            *(amount for option in offered for amount in (option.cost, option.handling)),
        ]

        assert {amount.currency for amount in amounts} <= {self.checkout.currency.code}

    @invariant()
    def the_same_goods_of_the_catalog_cost_the_same_wherever_they_stand(self) -> None:
        costs: dict[int, set[int]] = {}
        for line in self.checkout.lines:
            if line.has_catalog_price:
                costs.setdefault(line.variant_id, set()).add(line.list_price.minor)

        assert all(len(asked) == 1 for asked in costs.values())


def check_sums(answer: Priced) -> None:
    """Every total worked out again from the entries, the short way."""
    sums, entries, currency = answer.totals, answer.entries, answer.checkout.currency.code

    def total(kind: type[Charge] | type[Discount] | type[Tax], part: str) -> int:
        return sum(entry.amount.minor for entry in entries if type(entry) is kind and entry.part == part)

    assert all(entry.amount.minor >= 0 for entry in entries)
    coupons = [entry for entry in entries if isinstance(entry, Discount) and entry.level == "coupon"]
    off_lines = sum(entry.amount.minor for entry in coupons if entry.part == "line")
    charged, discounted, taxed = total(Charge, "line"), total(Discount, "line"), total(Tax, "line")
    assert sums.base_amount.minor == charged
    assert sums.cart_amount.ex_tax.minor == charged - discounted
    on_order = [entry for entry in entries if isinstance(entry, Discount) and entry.level == "order"]
    off_order = sum(entry.amount.minor for entry in on_order if entry.part == "line")
    assert sums.discount_amount.minor == off_order
    assert sums.subtotal.ex_tax.minor == charged - (discounted - off_lines - off_order)
    assert sums.cart_amount.inc_tax == sums.subtotal.inc_tax - sums.discount_amount - Money(off_lines, currency)
    for both, part in ((sums.shipping, "shipping"), (sums.handling, "handling")):
        after_discounts = total(Charge, part) - total(Discount, part)
        assert (both.ex_tax.minor, both.tax.minor) == (after_discounts, total(Tax, part))
        assert both.ex_tax.minor >= 0
    assert sums.shipping_before_discount.minor == total(Charge, "shipping")
    assert sums.subtotal.tax.minor == sums.cart_amount.tax.minor == taxed
    assert sums.tax.minor == sum(entry.amount.minor for entry in entries if isinstance(entry, Tax))
    assert sums.tax == sums.subtotal.tax + sums.shipping.tax + sums.handling.tax
    assert sum(amount.minor for _, amount in sums.taxes) == sums.tax.minor
    assert sums.grand_total == sums.cart_amount.ex_tax + sums.shipping.ex_tax + sums.handling.ex_tax + sums.tax
    assert sums.grand_total == sums.cart_amount.inc_tax + sums.shipping.inc_tax + sums.handling.inc_tax
    assert sums.base_amount.minor - sums.cart_amount.ex_tax.minor == sum(
        line.reduction.minor for line in answer.lines.values()
    )
    assert all(line.extended_list.minor >= line.reduction.minor for line in answer.lines.values())
    assert all(of.shipping.ex_tax.minor >= 0 for of in answer.consignments.values())
    by_coupon = coupon_totals(entries, Money(0, currency))
    assert sum(of.lines.minor for of in by_coupon.values()) == off_lines
    assert sum(of.lines.minor + of.shipping.minor for of in by_coupon.values()) == sum(
        entry.amount.minor for entry in coupons
    )
    assert by_coupon.keys() <= {coupon.id for coupon in answer.checkout.coupons}


TestShopper = Shopper.TestCase
TestShopper.settings = settings(max_examples=60, stateful_step_count=25)


# ---------------------------------------------------------------------------------------------------- every kind

some = settings(max_examples=40)

amounts = st.integers(0, 10**7).map(lambda minor: Money(minor, "USD"))
numbers = st.decimals(0, 150, places=3)
parcels = st.builds(
    Parcel,
    weight=numbers,
    quantity=st.integers(0, 1000),
    subtotal=amounts,
    decimal_places=st.integers(0, 4),
    total=amounts,
    worth=amounts,
)


def configurations(wanted: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that a method or promotion may be configured with; a Struct field by field.

    Names a type it does not know by failing in `structs.fields`: add it to `simple`.
    """
    origin = get_origin(wanted)
    simple = {
        int: st.integers(0, 10),
        str: st.sampled_from(["", "Some name"]),
        bool: st.booleans(),
        Money: amounts,
        Decimal: numbers,
    }
    if wanted in simple:
        return simple[wanted]
    if wanted is types.NoneType:
        return st.none()
    if origin in (Union, types.UnionType):
        return st.one_of([configurations(member) for member in get_args(wanted)])
    if origin is dict:
        settings = st.booleans() | st.integers(0, 9)
        return st.dictionaries(st.sampled_from(["packaging", "days"]), settings, max_size=2)
    if origin is tuple:
        return st.lists(configurations(get_args(wanted)[0]), max_size=4).map(tuple)
    fields = {field.name: configurations(field.type) for field in msgspec.structs.fields(wanted)}
    return st.builds(wanted, **fields)


def kinds(union: Any) -> Sequence[Any]:
    return get_args(union) or (union,)


@pytest.mark.parametrize("kind", kinds(AnyMethod), ids=lambda kind: kind.__name__)
@some
@given(data=st.data())
def test_a_method_never_pays_the_shopper_and_gives_the_same_parcel_the_same_price(
    kind: type[ShippingMethod], data: st.DataObject
) -> None:
    method, parcel = data.draw(configurations(kind)), data.draw(parcels)

    cost = method.cost(parcel)

    assert cost is None or cost.minor >= 0
    assert method.cost(parcel) == cost


@pytest.mark.parametrize("kind", kinds(AnyMethod), ids=lambda kind: kind.__name__)
@some
@given(data=st.data())
def test_a_method_is_written_down_and_read_as_what_it_is(kind: type[ShippingMethod], data: st.DataObject) -> None:
    method = data.draw(configurations(kind))

    assert kind.option_type, "Give the kind an option_type: it is the type its options show (D22)."
    assert msgspec.json.decode(msgspec.json.encode(method), type=AnyMethod) == method


def discountable_lines() -> st.SearchStrategy[list[Discountable]]:
    one = st.builds(Discountable, line_id=st.uuids().map(str), quantity=st.integers(1, 100), value=amounts)
    return st.lists(one, max_size=6, unique_by=lambda line: line.line_id)


def shipping_costs() -> st.SearchStrategy[list[ShippingCost]]:
    one = st.builds(ShippingCost, consignment_id=st.uuids().map(str), cost=amounts)
    return st.lists(one, max_size=6, unique_by=lambda each: each.consignment_id)


def coupons_of(kind: type[Coupon]) -> st.SearchStrategy[Coupon]:
    amount = st.decimals(0, 100, places=2)
    return st.builds(kind, id=st.integers(1, 9), code=st.just("CODE"), name=st.just("Name"), amount=amount)


@pytest.mark.parametrize("kind", kinds(AnyCoupon), ids=lambda kind: kind.__name__)
@some
@given(data=st.data())
def test_a_coupon_gives_no_more_than_what_it_discounts(kind: type[Coupon], data: st.DataObject) -> None:
    coupon = data.draw(coupons_of(kind))
    lines, costs = data.draw(discountable_lines()), data.draw(shipping_costs())

    off_lines = list(coupon.line_discounts(lines, USD))
    off_shipping = list(coupon.shipping_discounts(costs, USD))

    worth = {line.line_id: line.value for line in lines} | {each.consignment_id: each.cost for each in costs}
    targets = [entry.target for entry in (*off_lines, *off_shipping)]
    assert len(targets) == len(set(targets))
    assert all(usd("0") <= entry.amount <= worth[entry.target] for entry in (*off_lines, *off_shipping))
    assert {entry.source_id for entry in (*off_lines, *off_shipping)} <= {coupon.id}
    assert not (off_lines and off_shipping)
    assert (list(coupon.line_discounts(lines, USD)), list(coupon.shipping_discounts(costs, USD))) == (
        off_lines,
        off_shipping,
    )


@pytest.mark.parametrize("kind", kinds(AnyCoupon), ids=lambda kind: kind.__name__)
@some
@given(data=st.data())
def test_a_coupon_is_written_down_and_read_as_what_it_is(kind: type[Coupon], data: st.DataObject) -> None:
    coupon = data.draw(coupons_of(kind))

    assert msgspec.json.decode(msgspec.json.encode(coupon), type=AnyCoupon) == coupon
