"""Commands are data: each names one change, counts one version, can be written down and replayed."""

from datetime import timedelta
from decimal import Decimal
from typing import get_args

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from checkstand.domain import commands
from checkstand.domain.cart import NewCertificate, NewCustomItem, NewItems, NewLine
from checkstand.domain.checkout import CertificateDetails, Checkout, Fee, Person
from checkstand.domain.commands import (
    AddFees,
    AddItems,
    AnyCommand,
    ApplyCertificate,
    ApplyCoupon,
    ApplyStoreCredit,
    AssignCustomer,
    ChangeCertificate,
    ChangeCurrency,
    ChangeLine,
    CreateConsignments,
    GiveManualDiscounts,
    NewCheckout,
    PassSpamCheck,
    RemoveConsignment,
    RemoveFees,
    RemoveLine,
    SetBillingAddress,
    SetCustomerMessage,
    SignIn,
    SignOut,
    UpdateConsignment,
    UpdateFees,
    WithdrawCertificate,
    WithdrawCoupon,
    WithdrawStoreCredit,
    open_checkout,
)
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, CustomShipping, Units
from checkstand.domain.coupons import ShippingDiscount
from checkstand.domain.facts import Customer
from checkstand.domain.fees import FeeChange, FeeDraft
from checkstand.domain.manual_discounts import ManualDraft
from checkstand.domain.store_settings import PromotionSettings
from checkstand.errors import CheckoutError, Invalid, NotFound, VersionConflict
from tests.builders import (
    EUR,
    NOON,
    USD,
    a_certificate,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    a_moment,
    a_product,
    a_store,
    an_address,
    applied,
    billed,
    by_key,
    facts,
    in_new_york,
    paying,
    usd,
)
from tests.domain.engine import after, priced, quantities

JANE = Customer(id=11, email="jane@shop.example", store_credit=usd("5.00"))
GIFT10, GIFT4 = a_certificate(), a_certificate("4.00", code="GIFT4", id=2)
SAVE5, SHIP5 = a_coupon(), a_coupon(ShippingDiscount, code="SHIP5", coupon_id=2)
KNOWN = facts(
    a_store(
        other_currencies=(EUR,),
        coupons=(SAVE5, SHIP5),
        promotion_settings=PromotionSettings(number_of_coupons_allowed_at_checkout=2),
    ),
    a_product(1),
    a_product(2),
    customer=JANE,
    certificates=by_key(GIFT10, GIFT4),
)
DETAILS = CertificateDetails(theme="General", sender=Person("Jane", "j@x.y"), recipient=Person("John", "o@x.y"))
CERTIFICATE = NewCertificate(name="Gift", amount=Decimal("25.00"), quantity=1, details=DETAILS)
BEFORE = billed(
    a_checkout(
        a_line("x", 2),
        a_line("y", 3, product_id=2, variant_id=2),
        a_line("gift", kind="gift_certificate", product_id=0, variant_id=0),
        consignments=(a_consignment("a", ("x",)),),
        version=7,
        customer_id=11,
        coupons=applied(SHIP5),
        gift_certificates=paying(GIFT4),
        fees=(Fee(id="fee", name="Box", display_name="Box", cost=usd("2.00"), source="app"),),
    )
)
BEFORE = priced(BEFORE, KNOWN).checkout
FEE = FeeDraft(name="Insurance", display_name="Parcel insurance", cost=Decimal("7.12"), source="app", tax_class_id=2)

EXAMPLES: dict[str, AnyCommand] = {
    "add items of three kinds": AddItems(
        items=NewItems(
            lines=(NewLine(product_id=1, quantity=1, list_price=Decimal("9.99")),),
            custom=(NewCustomItem(name="Engraving", quantity=1, list_price=Decimal("5.00")),),
            certificates=(CERTIFICATE,),
        )
    ),
    "change a line": ChangeLine(line_id="x", quantity=5, list_price=Decimal("12.50")),
    "change a certificate": ChangeCertificate(line_id="gift", certificate=CERTIFICATE),
    "remove a line": RemoveLine(line_id="x"),
    "assign the customer": AssignCustomer(customer_id=11),
    "sign in": SignIn(customer_id=11, lines=(a_line("z", 1),), currency=USD),
    "sign out": SignOut(),
    "change the currency": ChangeCurrency(currency_code="EUR"),
    "set the message": SetCustomerMessage(message="Please ring twice ☎"),
    "set a new billing address": SetBillingAddress(address=in_new_york()),
    "change the billing address": SetBillingAddress(address=in_new_york(), address_id="billing"),
    "create a consignment to ship": CreateConsignments(
        drafts=(ConsignmentDraft(units=(Units("y", 1),), address=in_new_york()),)
    ),
    "create a consignment to pick up": CreateConsignments(
        drafts=(ConsignmentDraft(units=(Units("y", 3),), pickup_method_id=1),)
    ),
    "change what a consignment holds": UpdateConsignment(
        consignment_id="a", change=ConsignmentChange(units=(Units("x", 1), Units("y", 9)), clamp_units=True)
    ),
    "ship a consignment at a custom price": UpdateConsignment(
        consignment_id="a", change=ConsignmentChange(custom_shipping=CustomShipping(Decimal("4.00"), "Van"))
    ),
    "remove a consignment": RemoveConsignment(consignment_id="a", detach_customer=True),
    "give manual discounts": GiveManualDiscounts(
        draft=ManualDraft(cart=(Decimal("1.00"),), lines=(("x", Decimal("2.50")),))
    ),
    "add a fee": AddFees(fees=(FEE,)),
    "change a fee": UpdateFees(fees=(FeeChange(**structs.asdict(FEE), id="fee"),)),
    "remove a fee": RemoveFees(fee_ids=("fee",)),
    "apply a coupon": ApplyCoupon(code="save5"),
    "withdraw a coupon": WithdrawCoupon(code="ship5"),
    "pay with a gift certificate": ApplyCertificate(code="gift10"),
    "withdraw a gift certificate": WithdrawCertificate(code="gift4"),
    "pay with store credit": ApplyStoreCredit(),
    "keep the store credit": WithdrawStoreCredit(),
    "pass the spam check": PassSpamCheck(),
}

every_command = pytest.mark.parametrize("command", EXAMPLES.values(), ids=EXAMPLES.keys())


def test_every_kind_of_command_has_an_example_here() -> None:
    missing = {kind.__name__ for kind in get_args(AnyCommand)} - {
        type(command).__name__ for command in EXAMPLES.values()
    }

    assert not missing, f"Add an example of {', '.join(sorted(missing))} to EXAMPLES: the tests below then run over it."


@every_command
def test_a_command_counts_one_version_and_tells_when(command: AnyCommand) -> None:
    later = NOON + timedelta(hours=1)

    now = commands.apply(command, BEFORE, KNOWN, a_moment(now=later))

    assert (now.version, now.updated_at) == (8, later)
    assert (now.id, now.created_at) == (BEFORE.id, BEFORE.created_at)


@every_command
def test_the_same_moment_gives_the_same_checkout_ids_included(command: AnyCommand) -> None:
    first, again = after(command, BEFORE, KNOWN, a_moment("one")), after(command, BEFORE, KNOWN, a_moment("one"))

    assert first == again


@every_command
def test_a_command_and_its_result_survive_being_written_down(command: AnyCommand) -> None:
    written = msgspec.json.decode(msgspec.json.encode(command), type=AnyCommand)
    result = after(command, BEFORE, KNOWN)

    assert written == command
    assert type(written) is type(command)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Checkout) == result
    assert after(written, BEFORE, KNOWN) == result


@every_command
def test_a_command_leaves_the_checkout_it_starts_from_alone(command: AnyCommand) -> None:
    copy = msgspec.json.decode(msgspec.json.encode(BEFORE), type=Checkout)

    commands.apply(command, BEFORE, KNOWN, a_moment())

    assert copy == BEFORE


def test_another_moment_gives_other_ids_and_the_same_checkout_otherwise() -> None:
    command = EXAMPLES["add items of three kinds"]

    first, second = after(command, BEFORE, KNOWN, a_moment("one")), after(command, BEFORE, KNOWN, a_moment("two"))

    assert [line.id for line in first.lines[:3]] == [line.id for line in second.lines[:3]] == ["x", "y", "gift"]
    assert not {line.id for line in first.lines[3:]} & {line.id for line in second.lines[3:]}
    assert [replace(line, id="") for line in first.lines] == [replace(line, id="") for line in second.lines]


def test_d3_a_change_of_nothing_counts_a_version_too() -> None:
    now = after(ChangeLine(line_id="x", quantity=2), BEFORE, KNOWN)

    assert now == replace(BEFORE, version=8)


def test_d3_every_version_a_request_names_must_be_the_present_one() -> None:
    BEFORE.expect([])
    BEFORE.expect([7, 7])
    with pytest.raises(VersionConflict) as refused:
        BEFORE.expect([7, 6])

    assert (refused.value.expected, refused.value.actual) == (6, 7)


@pytest.mark.parametrize(
    "command",
    [
        ChangeLine(line_id="nothing", quantity=1),
        RemoveLine(line_id="nothing"),
        ChangeCertificate(line_id="nothing", certificate=CERTIFICATE),
        SetBillingAddress(address=an_address(), address_id="nothing"),
        UpdateConsignment(consignment_id="nothing", change=ConsignmentChange(address=an_address())),
        RemoveConsignment(consignment_id="nothing"),
        WithdrawCertificate(code="nothing"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_is_not_there_is_not_found(command: AnyCommand) -> None:
    with pytest.raises(NotFound):
        commands.apply(command, BEFORE, KNOWN, a_moment())


# ---------------------------------------------------------------------------------------------------- customer, message


def test_a_cart_given_to_a_customer_takes_the_customers_email() -> None:
    now = after(AssignCustomer(customer_id=11), replace(BEFORE, customer_id=0), KNOWN)

    assert (now.customer_id, now.email) == (11, "jane@shop.example")


def test_a_cart_taken_from_its_customer_keeps_the_email() -> None:
    owned = replace(BEFORE, customer_id=11, email="billing@example.com")

    assert after(AssignCustomer(customer_id=0), owned, KNOWN) == replace(owned, customer_id=0, version=8)


def test_a_customer_the_store_does_not_have_is_refused() -> None:
    for known in (KNOWN, facts()):
        with pytest.raises(Invalid) as refused:
            after(AssignCustomer(customer_id=12), BEFORE, known)
        assert (list(refused.value.fields), refused.value.reason) == (["customer_id"], "unknown_customer")


def test_a_message_may_have_2000_characters() -> None:
    assert after(SetCustomerMessage(message="é" * 2000), BEFORE, KNOWN).customer_message == "é" * 2000
    with pytest.raises(Invalid) as refused:
        after(SetCustomerMessage(message="é" * 2001), BEFORE, KNOWN)

    assert refused.value.fields == {"customer_message": "may have at most 2000 characters"}


# ---------------------------------------------------------------------------------------------------- billing address


def test_d28_a_new_billing_address_takes_the_place_of_one_that_exists_under_a_new_id() -> None:
    now = after(SetBillingAddress(address=in_new_york(country="")), BEFORE, KNOWN)

    assert now.billing_address is not None
    assert len(now.billing_address.id) == 13
    assert now.billing_address.address == in_new_york()


def test_a_billing_address_that_is_changed_keeps_its_id() -> None:
    now = after(SetBillingAddress(address=in_new_york(), address_id="billing"), BEFORE, KNOWN)

    assert now.billing_address is not None
    assert (now.billing_address.id, now.billing_address.address.city) == ("billing", "New York")


def test_the_billing_addresses_email_becomes_the_carts() -> None:
    now = after(SetBillingAddress(address=an_address(email="new@example.com")), BEFORE, KNOWN)

    assert now.email == "new@example.com"


@pytest.mark.parametrize(("cart_email", "taken"), [("jane@example.com", "jane@example.com"), ("", "jane@shop.example")])
def test_d27_without_an_email_the_carts_or_else_the_customers_is_taken(cart_email: str, taken: str) -> None:
    before = replace(BEFORE, customer_id=11, email=cart_email)

    now = after(SetBillingAddress(address=an_address(email="")), before, KNOWN)

    assert now.billing_address is not None
    assert (now.billing_address.address.email, now.email) == (taken, taken)


def test_d27_an_email_alone_is_a_billing_address() -> None:
    bare = replace(BEFORE, billing_address=None)

    now = after(SetBillingAddress(address=an_address(email="a@b.c", city="", country_code="")), bare, KNOWN)

    assert now.billing_address is not None
    assert (now.billing_address.address.country, now.billing_address.address.email) == ("", "a@b.c")


# ---------------------------------------------------------------------------------------------------- opening


def test_a_cart_opens_at_version_1_with_its_items() -> None:
    draft = NewCheckout(items=NewItems(lines=(NewLine(product_id=1, quantity=2),)), locale="de", source="storefront")

    opened = open_checkout(draft, KNOWN, a_moment())

    assert (opened.version, opened.channel_id, opened.locale, opened.source) == (1, 1, "de", "storefront")
    assert (opened.created_at, opened.updated_at) == (NOON, NOON)
    assert list(quantities(opened).values()) == [2]
    assert opened.id not in quantities(opened)
    assert opened.lines[0].list_price == usd("10.00")


def test_a_cart_may_be_opened_for_a_customer() -> None:
    draft = NewCheckout(items=NewItems(lines=(NewLine(product_id=1, quantity=2),)), customer_id=11)

    opened = open_checkout(draft, KNOWN, a_moment())

    assert (opened.customer_id, opened.email, opened.version) == (11, "jane@shop.example", 1)


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (NewCheckout(items=NewItems()), Invalid),
        (NewCheckout(items=NewItems(lines=(NewLine(product_id=1, quantity=1),)), customer_id=12), Invalid),
        (NewCheckout(items=NewItems(lines=(NewLine(product_id=1, quantity=1),)), currency_code="XXX"), Invalid),
    ],
)
def test_a_cart_that_cannot_be_opened_is_refused(draft: NewCheckout, error: type[CheckoutError]) -> None:
    with pytest.raises(error):
        open_checkout(draft, KNOWN, a_moment())


def test_only_commands_that_name_products_ask_for_their_facts() -> None:
    adding, *others = EXAMPLES.values()

    assert adding.product_ids(a_checkout()) == (1,)
    asking = {type(command) for command in others if command.product_ids(replace(a_checkout(), lines=()))}
    assert asking == {SignIn}


def test_a_line_asks_for_its_product_where_its_units_change() -> None:
    assert ChangeLine(line_id="x", quantity=3).product_ids(a_checkout()) == (1,)
    assert ChangeLine(line_id="x", list_price=Decimal(1)).product_ids(a_checkout()) == ()
