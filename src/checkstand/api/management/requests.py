"""The bodies Management takes, beside the published page, and how they become commands."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import asdict

from checkstand.api import bodies
from checkstand.api.bodies import Identifier, Phone, Price, Quantity, Text, Version
from checkstand.domain import cart, consignment, fees, manual_discounts, wrapping
from checkstand.domain.address import Address
from checkstand.domain.checkout import CertificateDetails, Person
from checkstand.errors import Invalid

# ---------------------------------------------------------------------------------------------------- addresses


class CustomField(Struct):
    field_id: str
    field_value: str | int | float | list[str] | None = None


class AddressBody(Struct):
    """`email` and `country_code` are required to save (seed 000)."""

    email: Text | None = None
    country_code: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state_or_province: Text | None = None
    state_or_province_code: Text | None = None
    postal_code: Text | None = None
    phone: Phone | None = None
    custom_fields: list[CustomField] | None = None

    def address(self, where: str) -> Address:
        return bodies.address(self, [*(self.custom_fields or ())], where, required=("email", "country_code"))


class BillingAddressBody(AddressBody):
    version: Version | None = None


# ---------------------------------------------------------------------------------------------------- consignments


class ConsignmentLine(Struct):
    item_id: str
    quantity: Quantity


class PickupOptionBody(Struct):
    pickup_method_id: Identifier


class CustomShippingBody(Struct):
    price: Price
    description: Text


class NewConsignment(Struct):
    line_items: list[ConsignmentLine]
    address: AddressBody | None = None
    shipping_address: AddressBody | None = None
    pickup_option: PickupOptionBody | None = None
    version: Version | None = None

    def draft(self, index: int) -> consignment.ConsignmentDraft:
        sent = self.address or self.shipping_address
        return consignment.ConsignmentDraft(
            units=_units(self.line_items),
            address=sent.address(f"{index}.address") if sent else None,
            pickup_method_id=self.pickup_option.pickup_method_id if self.pickup_option else None,
        )


class ConsignmentUpdate(Struct):
    address: AddressBody | None = None
    shipping_address: AddressBody | None = None
    line_items: list[ConsignmentLine] | None = None
    shipping_option_id: str | None = None
    pickup_option: PickupOptionBody | None = None
    custom_shipping: CustomShippingBody | None = None
    version: Version | None = None

    def change(self) -> consignment.ConsignmentChange:
        sent, custom = self.address or self.shipping_address, self.custom_shipping
        return consignment.ConsignmentChange(
            address=sent.address("address") if sent else None,
            units=None if self.line_items is None else _units(self.line_items),
            shipping_option_id=self.shipping_option_id,
            pickup_method_id=self.pickup_option.pickup_method_id if self.pickup_option else None,
            custom_shipping=consignment.CustomShipping(custom.price, custom.description) if custom else None,
        )


def _units(lines: Sequence[ConsignmentLine]) -> tuple[consignment.Units, ...]:
    return tuple(consignment.Units(line.item_id, line.quantity) for line in lines)


# ---------------------------------------------------------------------------------------------------- carts


class OptionSelectionBody(Struct):
    """Both spellings of a choice are published."""

    option_id: Identifier | None = None
    option_value: Identifier | Text | None = None
    name_id: Identifier | None = field(default=None, name="nameId")
    value_id: Identifier | None = field(default=None, name="valueId")

    def selection(self, where: str) -> cart.OptionSelection:
        option_id = self.option_id if self.option_id is not None else self.name_id
        value = self.option_value if self.option_value is not None else self.value_id
        if option_id is None or value is None or not str(value).isdecimal():
            raise Invalid.field(f"{where}.option_selections", "must name option_id and option_value as whole numbers")
        return cart.OptionSelection(option_id, int(value))


class WrapDetailBody(Struct):
    id: Identifier
    message: Text | None = None


class GiftWrappingBody(Struct):
    wrap_together: bool
    wrap_details: list[WrapDetailBody]

    def draft(self) -> wrapping.WrappingDraft:
        wraps = tuple(wrapping.Wrap(detail.id, detail.message or "") for detail in self.wrap_details)
        return wrapping.WrappingDraft(wrap_together=self.wrap_together, wraps=wraps)


class NewLineBody(Struct):
    product_id: Identifier
    quantity: Quantity
    variant_id: Identifier | None = None
    list_price: Price | None = None
    name: Text | None = None
    option_selections: list[OptionSelectionBody] | None = None
    gift_wrapping: GiftWrappingBody | None = None

    def draft(self, index: int) -> cart.NewLine:
        where = f"line_items.{index}"
        return cart.NewLine(
            product_id=self.product_id,
            quantity=self.quantity,
            variant_id=self.variant_id,
            options=tuple(option.selection(where) for option in self.option_selections or ()),
            list_price=self.list_price,
            name=self.name,
            gift_wrapping=self.gift_wrapping.draft() if self.gift_wrapping else None,
        )


class NewCustomItemBody(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=250)]
    quantity: Quantity
    list_price: Price
    sku: Text | None = None
    image_url: str | None = None


class PersonBody(Struct):
    name: Text
    email: Text


class CertificateBody(Struct):
    name: Text
    theme: Literal["Birthday", "Boy", "Celebration", "Christmas", "General", "Girl"]
    amount: Price
    quantity: Quantity
    sender: PersonBody
    recipient: PersonBody
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


class ItemsBody(Struct):
    line_items: list[NewLineBody] | None = None
    custom_items: list[NewCustomItemBody] | None = None
    gift_certificates: list[CertificateBody] | None = None
    version: Version | None = None

    def items(self) -> cart.NewItems:
        if not (self.line_items or self.custom_items or self.gift_certificates):
            raise Invalid(
                "Missing line_items in request body",
                fields={"line_items": "must name at least one item"},
                code="missing_line_items",
            )
        return cart.NewItems(
            lines=tuple(line.draft(index) for index, line in enumerate(self.line_items or ())),
            custom=tuple(
                cart.NewCustomItem(
                    name=item.name,
                    quantity=item.quantity,
                    list_price=item.list_price,
                    sku=item.sku or "",
                    image_url=item.image_url or "",
                )
                for item in self.custom_items or ()
            ),
            certificates=tuple(certificate.draft() for certificate in self.gift_certificates or ()),
        )


class CurrencyBody(Struct):
    code: Text


class NewCart(ItemsBody):
    customer_id: Identifier | None = None
    channel_id: Identifier | None = None
    currency: CurrencyBody | None = None
    locale: Text | None = None


class LineUpdate(Struct):
    quantity: Quantity | None = None
    list_price: Price | None = None
    product_id: Identifier | None = None
    variant_id: Identifier | None = None
    gift_wrapping: GiftWrappingBody | UnsetType | None = UNSET

    def new_wrapping(self) -> wrapping.WrappingDraft | UnsetType | None:
        """None: to be taken away; UNSET: to stay as it is."""
        return self.gift_wrapping.draft() if isinstance(self.gift_wrapping, GiftWrappingBody) else self.gift_wrapping


class LineUpdateBody(Struct):
    line_item: LineUpdate | None = None
    gift_certificates: list[CertificateBody] | None = None
    version: Version | None = None


class CartUpdate(Struct):
    customer_id: Identifier
    version: Version | None = None


class RedirectBody(Struct):
    """`query_params` is published as one object of `key` and `value`, and used as a list of them."""

    query_params: dict[str, object] | list[dict[str, str]] | None = None

    def pairs(self) -> list[tuple[str, str]]:
        sent = self.query_params
        entries = (
            sent if isinstance(sent, list) else [{name: str(value) for name, value in sent.items()}] if sent else []
        )
        if any(not {"key", "value"} <= entry.keys() for entry in entries):
            raise Invalid.field("query_params", "must be objects with key and value")
        return [(entry["key"], entry["value"]) for entry in entries]


class VersionBody(Struct):
    """The optional body of a DELETE."""

    version: Version | None = None


class CouponCodeBody(Struct):
    coupon_code: Text
    version: Version | None = None


class CheckoutUpdate(Struct):
    customer_message: str
    version: Version | None = None


# ---------------------------------------------------------------------------------------------------- fees and discounts


class FeeBody(Struct):
    type: Literal["custom_fee"]
    name: Annotated[str, Meta(min_length=1, max_length=50)]
    display_name: Annotated[str, Meta(min_length=1, max_length=200)]
    cost: Price
    source: Annotated[str, Meta(min_length=1, max_length=50)]
    tax_class_id: Identifier | None = None

    def draft(self) -> fees.FeeDraft:
        return fees.FeeDraft(
            name=self.name,
            display_name=self.display_name,
            cost=self.cost,
            source=self.source,
            tax_class_id=self.tax_class_id,
        )


class FeeUpdateBody(FeeBody, kw_only=True):
    id: str

    def change(self) -> fees.FeeChange:
        return fees.FeeChange(**asdict(self.draft()), id=self.id)


class FeesBody(Struct):
    fees: Annotated[list[FeeBody], Meta(min_length=1)]
    version: Version | None = None


class FeesUpdate(Struct):
    fees: Annotated[list[FeeUpdateBody], Meta(min_length=1)]
    version: Version | None = None


class FeesRemoval(Struct):
    ids: Annotated[list[str], Meta(min_length=1)]
    version: Version | None = None


class DiscountBody(Struct):
    discounted_amount: Price


class LineDiscountBody(Struct):
    id: str
    discounted_amount: Price


class CartDiscounts(Struct):
    discounts: list[DiscountBody] | None = None
    line_items: list[LineDiscountBody] | None = None
    version: Version | None = None


class DiscountsBody(Struct):
    """`version` is published inside `cart` and, in the sample, beside it (BEHAVIOUR 1.1)."""

    cart: CartDiscounts
    version: Version | None = None

    def draft(self) -> manual_discounts.ManualDraft:
        return manual_discounts.ManualDraft(
            cart=tuple(each.discounted_amount for each in self.cart.discounts or ()),
            lines=tuple((each.id, each.discounted_amount) for each in self.cart.line_items or ()),
        )
