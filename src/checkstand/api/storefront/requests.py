"""The bodies the Storefront takes, and how they become commands."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from checkstand.api import bodies
from checkstand.api.bodies import Identifier, Phone, Price, Quantity, Text, Version
from checkstand.domain import cart, consignment, wrapping
from checkstand.domain.address import Address
from checkstand.domain.checkout import CertificateDetails, Person
from checkstand.errors import Invalid


class CustomField(Struct, rename="camel"):
    field_id: str
    field_value: str | int | float | list[str] | None = None


class AddressBody(Struct, rename="camel"):
    """Everything may be missing; addresses of an address book come with keys of their own, which are ignored."""

    first_name: Text | None = None
    last_name: Text | None = None
    email: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state_or_province: Text | None = None
    state_or_province_code: Text | None = None
    country_code: Text | None = None
    postal_code: Text | None = None
    phone: Phone | None = None
    custom_fields: list[CustomField] | None = None
    should_save_address: bool | None = None

    def address(self, where: str, required: tuple[str, ...] = ()) -> Address:
        fields = [*(self.custom_fields or ())]
        return bodies.address(self, fields, where, save=bool(self.should_save_address), required=required)


class BillingAddressBody(AddressBody, rename="camel"):
    version: Version | None = None


class ConsignmentLine(Struct, rename="camel"):
    item_id: str
    quantity: Quantity


class PickupOptionBody(Struct, rename="camel"):
    pickup_method_id: Identifier


class NewConsignment(Struct, rename="camel"):
    """`shipping_address` in snake case stands in the published text as well."""

    line_items: list[ConsignmentLine]
    address: AddressBody | None = None
    shipping_address: AddressBody | None = None
    shipping_option_id: str | None = None
    pickup_option: PickupOptionBody | None = None
    version: Version | None = None

    def draft(self, index: int) -> consignment.ConsignmentDraft:
        sent = self.address or self.shipping_address
        return consignment.ConsignmentDraft(
            units=_units(self.line_items),
            address=sent.address(f"{index}.address", ("country_code",)) if sent else None,
            shipping_option_id=self.shipping_option_id,
            pickup_method_id=self.pickup_option.pickup_method_id if self.pickup_option else None,
        )


class ConsignmentUpdate(Struct, rename="camel"):
    """`pickupOptionId` is another published name for `pickupOption.pickupMethodId` (C1)."""

    address: AddressBody | None = None
    shipping_address: AddressBody | None = None
    line_items: list[ConsignmentLine] | None = None
    shipping_option_id: str | None = None
    pickup_option: PickupOptionBody | None = None
    pickup_option_id: Identifier | None = None
    version: Version | None = None

    def change(self) -> consignment.ConsignmentChange:
        sent = self.address or self.shipping_address
        return consignment.ConsignmentChange(
            address=sent.address("address", ("country_code",)) if sent else None,
            units=None if self.line_items is None else _units(self.line_items),
            shipping_option_id=self.shipping_option_id,
            pickup_method_id=self.pickup_option.pickup_method_id if self.pickup_option else self.pickup_option_id,
            clamp_units=True,
        )


def _units(lines: Sequence[ConsignmentLine]) -> tuple[consignment.Units, ...]:
    return tuple(consignment.Units(line.item_id, line.quantity) for line in lines)


class OptionSelectionBody(Struct, rename="camel"):
    option_id: Identifier
    option_value: Identifier | Text


class WrapDetailBody(Struct, rename="camel"):
    id: Identifier
    message: Text | None = None


class GiftWrappingBody(Struct, rename="camel"):
    wrap_together: bool
    wrap_details: list[WrapDetailBody]

    def draft(self) -> wrapping.WrappingDraft:
        wraps = tuple(wrapping.Wrap(detail.id, detail.message or "") for detail in self.wrap_details)
        return wrapping.WrappingDraft(wrap_together=self.wrap_together, wraps=wraps)


class NewLineBody(Struct, rename="camel"):
    product_id: Identifier
    quantity: Quantity
    variant_id: Identifier | None = None
    option_selections: list[OptionSelectionBody] | None = None
    gift_wrapping: GiftWrappingBody | None = None

    def draft(self, index: int) -> cart.NewLine:
        options = []
        for option in self.option_selections or ():
            if not str(option.option_value).isdecimal():
                raise Invalid.field(f"lineItems.{index}.optionSelections", "must name option values by their numbers")
            options.append(cart.OptionSelection(option.option_id, int(option.option_value)))
        return cart.NewLine(
            product_id=self.product_id,
            quantity=self.quantity,
            variant_id=self.variant_id,
            options=tuple(options),
            gift_wrapping=self.gift_wrapping.draft() if self.gift_wrapping else None,
        )


class PersonBody(Struct):
    name: Text
    email: Text


class CertificateBody(Struct, rename="camel"):
    name: Text
    theme: Literal["Birthday", "Boy", "Celebration", "Christmas", "General", "Girl"]
    amount: Price
    sender: PersonBody
    recipient: PersonBody
    quantity: Quantity = 1
    message: Annotated[str, Meta(max_length=200)] | None = None

    def draft(self) -> cart.NewCertificate:
        return cart.NewCertificate(
            name=self.name,
            amount=self.amount,
            quantity=self.quantity,
            details=CertificateDetails(
                theme=self.theme,
                sender=Person(self.sender.name, self.sender.email),
                recipient=Person(self.recipient.name, self.recipient.email),
                message=self.message or "",
            ),
        )


class ItemsBody(Struct, rename="camel"):
    line_items: list[NewLineBody] | None = None
    gift_certificates: list[CertificateBody] | None = None
    version: Version | None = None

    def items(self) -> cart.NewItems:
        if not (self.line_items or self.gift_certificates):
            raise Invalid(
                "Missing lineItems in request body",
                fields={"lineItems": "must name at least one item"},
                code="missing_line_items",
            )
        return cart.NewItems(
            lines=tuple(line.draft(index) for index, line in enumerate(self.line_items or ())),
            certificates=tuple(certificate.draft() for certificate in self.gift_certificates or ()),
        )


class NewCart(ItemsBody, rename="camel"):
    locale: Text | None = None


class LineUpdate(Struct, rename="camel"):
    quantity: Quantity | None = None
    product_id: Identifier | None = None
    variant_id: Identifier | None = None
    gift_wrapping: GiftWrappingBody | UnsetType | None = UNSET

    def new_wrapping(self) -> wrapping.WrappingDraft | UnsetType | None:
        """None: to be taken away; UNSET: to stay as it is."""
        return self.gift_wrapping.draft() if isinstance(self.gift_wrapping, GiftWrappingBody) else self.gift_wrapping


class LineUpdateBody(Struct, rename="camel"):
    line_item: LineUpdate | None = None
    gift_certificate: CertificateBody | None = None
    version: Version | None = None


class CurrencyCodeBody(Struct, rename="camel"):
    currency_code: Text
    version: Version | None = None


class CouponCodeBody(Struct, rename="camel"):
    coupon_code: Text
    version: Version | None = None


class CertificateCodeBody(Struct, rename="camel"):
    gift_certificate_code: Text
    version: Version | None = None


class SpamProtectionBody(Struct):
    """What the shopper's browser got for passing the check."""

    token: str
    version: Version | None = None


class VersionBody(Struct):
    """The optional body of a DELETE, and of what needs no other."""

    version: Version | None = None


class CheckoutUpdate(Struct, rename="camel"):
    customer_message: str | None = None
    version: Version | None = None


class PaymentBody(Struct, rename="camel"):
    """`name` is the id of an offline payment method."""

    name: str


class OrderBody(Struct, rename="camel"):
    """`use_store_credit`: take what the customer has, also where the checkout did not ask for it yet."""

    cart_id: str
    customer_message: str | None = None
    payment: PaymentBody | None = None
    use_store_credit: bool | None = None
