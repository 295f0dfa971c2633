"""Every change a checkout can undergo, as data: a command is a frozen Struct with one pure `apply`.

They form a tagged union, so that a command can be written down in a case and replayed. A new command is a Struct here with
an `apply` that calls the module where the rule stands.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Self

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checkstand.domain import (
    applied_coupons,
    cart,
    cart_currency,
    cart_merge,
    consignment,
    fees,
    manual_discounts,
    payments,
    wrapping,
)
from checkstand.domain.address import Address, BillingAddress, completed
from checkstand.domain.checkout import Checkout, LineItem, with_message
from checkstand.domain.facts import Customer, Facts
from checkstand.domain.gifts import gift_ids, without_gift, without_gifts
from checkstand.domain.line_prices import repriced
from checkstand.domain.moment import Ids, Moment
from checkstand.domain.money import Currency
from checkstand.errors import Invalid, NotFound, Refused


class Command(Struct, frozen=True, kw_only=True, tag_field="command"):
    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        raise AssertionError(f"{type(self).__name__} changes nothing")

    def apart_from(self, gift_ids: Collection[str]) -> Self:
        """The command for a cart without gifts (`gifts`). Raises `Refused` where it is about one of them."""
        return self

    def product_ids(self, before: Checkout) -> tuple[int, ...]:
        """Products whose facts must be looked up first."""
        return ()

    def coupon_code(self) -> str:
        """The coupon whose uses must be looked up first."""
        return ""

    def certificate_codes(self, before: Checkout) -> tuple[str, ...]:
        """The gift certificates that must be looked up first."""
        return ()


class AddItems(Command, frozen=True, kw_only=True, tag="add_items"):
    items: cart.NewItems

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart.add(before, self.items, facts, ids)

    def product_ids(self, before: Checkout) -> tuple[int, ...]:
        return tuple(line.product_id for line in self.items.lines)


class ChangeLine(Command, frozen=True, kw_only=True, tag="change_line"):
    """What is left out stays; a gift wrapping of None is taken away."""

    line_id: str
    quantity: int | None = None
    list_price: Decimal | None = None
    gift_wrapping: wrapping.WrappingDraft | UnsetType | None = UNSET

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart.change_line(before, self.line_id, self.quantity, self.list_price, facts, self.gift_wrapping)

    def apart_from(self, gift_ids: Collection[str]) -> Self:
        if self.line_id in gift_ids:
            raise Refused("A line item that a promotion has added cannot be changed.", code="gift_fixed")
        return self

    def product_ids(self, before: Checkout) -> tuple[int, ...]:
        """Of the line, where its units change: there may be a limit to them."""
        if self.quantity is None:
            return ()
        return tuple(line.product_id for line in before.lines if line.id == self.line_id and line.product_id)


class ChangeCertificate(Command, frozen=True, kw_only=True, tag="change_certificate"):
    line_id: str
    certificate: cart.NewCertificate

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart.change_certificate(before, self.line_id, self.certificate, facts)


class RemoveLine(Command, frozen=True, kw_only=True, tag="remove_line"):
    line_id: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart.remove_line(before, self.line_id)


class AssignCustomer(Command, frozen=True, kw_only=True, tag="assign_customer"):
    """Give the cart to a customer (0: to nobody). Takes the chosen options of all consignments away (BEHAVIOUR 4)."""

    customer_id: int

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        customer = _known_customer(self.customer_id, facts) if self.customer_id else None
        return replace(
            before,
            customer_id=self.customer_id,
            is_store_credit_applied=before.is_store_credit_applied and before.customer_id == self.customer_id,
            email=customer.email if customer else before.email,
            consignments=tuple(replace(entry, selected=None) for entry in before.consignments),
        )


def _known_customer(customer_id: int, facts: Facts) -> Customer:
    customer = facts.customer
    if customer is None or customer.id != customer_id:
        raise Invalid.field("customer_id", f"{customer_id} is not a customer of this store", code="unknown_customer")
    return customer


class SignIn(Command, frozen=True, kw_only=True, tag="sign_in"):
    """The shopper is a customer from now on. `lines`: those of the cart the customer had before, their amounts in `currency`."""

    customer_id: int
    lines: tuple[LineItem, ...] = ()
    currency: Currency | None = None

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        after = cart_merge.taken_over(before, _known_customer(self.customer_id, facts), ids)
        return cart_merge.with_lines_of(after, self.lines, self.currency or before.currency, facts)

    def product_ids(self, before: Checkout) -> tuple[int, ...]:
        return tuple(line.product_id for line in self.lines if line.product_id)


class SignOut(Command, frozen=True, kw_only=True, tag="sign_out"):
    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart_merge.handed_back(before)


class ChangeCurrency(Command, frozen=True, kw_only=True, tag="change_currency"):
    currency_code: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return cart_currency.with_currency(before, self.currency_code, facts)

    def certificate_codes(self, before: Checkout) -> tuple[str, ...]:
        return tuple(applied.code for applied in before.gift_certificates)


class SetCustomerMessage(Command, frozen=True, kw_only=True, tag="set_customer_message"):
    message: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return with_message(before, self.message)


class SetBillingAddress(Command, frozen=True, kw_only=True, tag="set_billing_address"):
    """Without `address_id` a new billing address, in the place of one that exists (D28); with it, that one changed."""

    address: Address
    address_id: str | None = None

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        if self.address_id is not None and (
            before.billing_address is None or before.billing_address.id != self.address_id
        ):
            raise NotFound(
                f"Billing address {self.address_id} is not in checkout {before.id}.", code="billing_address_not_found"
            )
        known = facts.customer.email if facts.customer else ""
        address = completed(self.address if self.address.email else replace(self.address, email=before.email or known))
        billing = BillingAddress(self.address_id or ids.short(), address)
        return replace(before, billing_address=billing, email=address.email or before.email)


class CreateConsignments(Command, frozen=True, kw_only=True, tag="create_consignments"):
    drafts: tuple[consignment.ConsignmentDraft, ...]

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return consignment.create(before, self.drafts, facts, ids)

    def apart_from(self, gift_ids: Collection[str]) -> Self:
        """Gifts follow what they were earned with."""
        drafts = (replace(draft, units=consignment.units_apart_from(draft.units, gift_ids)) for draft in self.drafts)
        return replace(self, drafts=tuple(drafts)) if gift_ids else self


class UpdateConsignment(Command, frozen=True, kw_only=True, tag="update_consignment"):
    consignment_id: str
    change: consignment.ConsignmentChange

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return consignment.update(before, self.consignment_id, self.change, facts, ids)

    def apart_from(self, gift_ids: Collection[str]) -> Self:
        if not gift_ids or self.change.units is None:
            return self
        units = consignment.units_apart_from(self.change.units, gift_ids)
        return replace(self, change=replace(self.change, units=units))


class RemoveConsignment(Command, frozen=True, kw_only=True, tag="remove_consignment"):
    consignment_id: str
    detach_customer: bool = False

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return consignment.remove(before, self.consignment_id, detach_customer=self.detach_customer)


class GiveManualDiscounts(Command, frozen=True, kw_only=True, tag="give_manual_discounts"):
    draft: manual_discounts.ManualDraft

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return manual_discounts.give(before, self.draft, facts)


class AddFees(Command, frozen=True, kw_only=True, tag="add_fees"):
    fees: tuple[fees.FeeDraft, ...]

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        fees.check_tax_classes(self.fees, facts.store)
        return fees.add(before, self.fees, ids)


class UpdateFees(Command, frozen=True, kw_only=True, tag="update_fees"):
    fees: tuple[fees.FeeChange, ...]

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        fees.check_tax_classes(self.fees, facts.store)
        return fees.update(before, self.fees)


class RemoveFees(Command, frozen=True, kw_only=True, tag="remove_fees"):
    fee_ids: tuple[str, ...]

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return fees.remove(before, self.fee_ids)


class ApplyCoupon(Command, frozen=True, kw_only=True, tag="apply_coupon"):
    code: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return applied_coupons.apply(before, self.code, facts)

    def coupon_code(self) -> str:
        return self.code


class WithdrawCoupon(Command, frozen=True, kw_only=True, tag="withdraw_coupon"):
    code: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return applied_coupons.withdraw(before, self.code, facts)


class ApplyCertificate(Command, frozen=True, kw_only=True, tag="apply_certificate"):
    code: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return payments.apply_certificate(before, self.code, facts)

    def certificate_codes(self, before: Checkout) -> tuple[str, ...]:
        return (self.code,)


class WithdrawCertificate(Command, frozen=True, kw_only=True, tag="withdraw_certificate"):
    code: str

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return payments.withdraw_certificate(before, self.code)


class ApplyStoreCredit(Command, frozen=True, kw_only=True, tag="apply_store_credit"):
    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return payments.apply_store_credit(before, facts)


class WithdrawStoreCredit(Command, frozen=True, kw_only=True, tag="withdraw_store_credit"):
    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return payments.withdraw_store_credit(before)


class PassSpamCheck(Command, frozen=True, kw_only=True, tag="pass_spam_check"):
    """Somebody showed that they are no machine; with which token is not kept."""

    def apply(self, before: Checkout, facts: Facts, ids: Ids) -> Checkout:
        return replace(before, is_spam_check_passed=True)


AnyCommand = (
    AddItems
    | ChangeLine
    | ChangeCertificate
    | RemoveLine
    | AssignCustomer
    | SignIn
    | SignOut
    | ChangeCurrency
    | SetCustomerMessage
    | SetBillingAddress
    | CreateConsignments
    | UpdateConsignment
    | RemoveConsignment
    | GiveManualDiscounts
    | AddFees
    | UpdateFees
    | RemoveFees
    | ApplyCoupon
    | WithdrawCoupon
    | ApplyCertificate
    | WithdrawCertificate
    | ApplyStoreCredit
    | WithdrawStoreCredit
    | PassSpamCheck
)


class NewCheckout(Struct, frozen=True, kw_only=True):
    """A cart to open: for whom, on which channel (None: the store's first), in which currency, and what to put into it."""

    items: cart.NewItems
    customer_id: int = 0
    channel_id: int | None = None
    currency_code: str | None = None
    locale: str = "en"
    source: str = "management"


def open_checkout(draft: NewCheckout, facts: Facts, moment: Moment) -> Checkout:
    """A first checkout, version 1, with its first items. Raises as `cart.add` does, and `Invalid` for an unknown channel or a
    currency that carts cannot be in."""
    store, ids = facts.store, moment.ids()
    channel_id = store.channel_ids[0] if draft.channel_id is None else draft.channel_id
    store.expect_channel(channel_id)
    code = draft.currency_code or store.currency.code
    empty = Checkout(
        id=ids.uuid(),
        currency=cart_currency.cart_currency(store, code, "currency.code"),
        created_at=moment.now,
        updated_at=moment.now,
        channel_id=channel_id,
        locale=draft.locale,
        source="storefront" if draft.source == "storefront" else "management",
    )
    owned = AssignCustomer(customer_id=draft.customer_id).apply(empty, facts, ids) if draft.customer_id else empty
    return repriced(empty, cart.add(owned, draft.items, facts, ids), facts)


def apply(command: AnyCommand, before: Checkout, facts: Facts, moment: Moment) -> Checkout:
    """The next version of a checkout. Each successful write adds exactly 1, also one that changes nothing (D3)."""
    given = gift_ids(before)
    plain = without_gifts(before, given)
    if isinstance(command, RemoveLine) and command.line_id in given:
        after = without_gift(plain, command.line_id)
    else:
        after = repriced(plain, command.apart_from(given).apply(plain, facts, moment.ids()), facts)
    return replace(after, version=before.version + 1, updated_at=moment.now)
