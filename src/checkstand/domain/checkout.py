"""The aggregate: a cart's line items, the consignments they travel in, who pays, what was chosen, and one version.

Cart and checkout are two views of it and share one id. It changes by whole replacement only (`replace`); what may change
how is in `cart`, `consignment` and `fulfillment`, and a command of `commands` names one change.

A line item is in at most one consignment. Two lines of the same goods never share a place (a consignment, or the pool of
lines no consignment holds): they are one line there. `with_places` restores that after a change.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.address import Address, BillingAddress
from checkstand.domain.money import Currency, Money, allocate, total
from checkstand.domain.price_rules import BulkPricingRule
from checkstand.errors import Invalid, NotFound, VersionConflict

ItemKind = Literal["physical", "digital", "custom", "gift_certificate"]
LONGEST_MESSAGE = 2000


class LineOption(Struct, frozen=True, gc=False):
    """A choice the variant stands for: `Color` (1) is `Red` (2)."""

    name: str
    name_id: int
    value: str
    value_id: int


class CustomField(Struct, frozen=True, gc=False):
    """Something a merchant says of a product, for promotions to look at: `ISBN-10` is `0439538491`."""

    name: str
    value: str


class Person(Struct, frozen=True, gc=False):
    name: str
    email: str


class CertificateDetails(Struct, frozen=True, gc=False, kw_only=True):
    """What is written on a gift certificate that is being bought."""

    theme: str
    sender: Person
    recipient: Person
    message: str = ""


class CatalogPrice(Struct, frozen=True, gc=False, kw_only=True):
    """What the catalog said of the price of goods when they were added, in the store's own currency; `asked` is the sale price,
    where there is one. What a checkout's line costs is worked out from it (`line_prices`). `fixed_shipping` is what it costs to
    ship one unit, in the place of the methods' rates; `ships_free`: nothing, and no method looks at it."""

    price: Money
    asked: Money
    retail: Money | None = None
    bulk_pricing_rules: tuple[BulkPricingRule, ...] = ()
    fixed_shipping: Money | None = None
    ships_free: bool = False


class WrapDetail(Struct, frozen=True, gc=False, kw_only=True):
    """One wrap: which of the store's, as it was called and what it cost when it was chosen, and the words that go with it."""

    id: int
    name: str
    price: Money
    message: str = ""


class GiftWrapping(Struct, frozen=True, gc=False, kw_only=True):
    """How the units of a line are wrapped: all in one, or some or all of them each on its own."""

    wrap_together: bool
    details: tuple[WrapDetail, ...]

    @property
    def amount(self) -> Money:
        return total((detail.price for detail in self.details), self.details[0].price.zero)

    def joined(self, other: "GiftWrapping") -> "GiftWrapping | None":
        """Around the units of both; None where they are wrapped in different ways."""
        if self.wrap_together or other.wrap_together:
            return self if self == other else None
        return replace(self, details=self.details + other.details)

    def divided(self, units: int) -> "tuple[GiftWrapping | None, GiftWrapping | None]":
        """Around the first `units`, and around the others."""
        if self.wrap_together:
            return self, self
        first, others = self.details[:units], self.details[units:]
        return (replace(self, details=first) if first else None), (replace(self, details=others) if others else None)


class GiftOf(Struct, frozen=True, gc=False):
    """Which rule of which promotion gives a line away."""

    promotion_id: int
    rule: int


class Size(Struct, frozen=True, gc=False):
    """Of one unit, in the store's unit of length."""

    width: Decimal
    height: Decimal
    depth: Decimal


class LineItem(Struct, frozen=True, gc=False, kw_only=True):
    """A quantity of something at a price, with all that was true of it when it was added.

    `original_price` is the catalog's, `list_price` what the shop asks for one unit now (a sale price, or an override).
    Without `catalog` it has the prices it was given. Weight and dimensions are of one unit, in the store's
    units. With `gift` a promotion has added it (`gifts`).
    """

    id: str
    kind: ItemKind
    quantity: int
    name: str
    original_price: Money
    list_price: Money
    sku: str = ""
    product_id: int = 0
    variant_id: int = 0
    retail_price: Money | None = None
    price_overridden: bool = False
    catalog: CatalogPrice | None = None
    weight: Decimal = Decimal(0)
    size: Size | None = None
    tax_class_id: int = 0
    brand: str = ""
    brand_id: int = 0
    category_names: tuple[str, ...] = ()
    category_ids: tuple[int, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    options: tuple[LineOption, ...] = ()
    url: str = ""
    image_url: str = ""
    certificate: CertificateDetails | None = None
    gift_wrapping: GiftWrapping | None = None
    gift: GiftOf | None = None

    @property
    def is_shippable(self) -> bool:
        """Whether it takes part in consignments: physical and custom items do."""
        return self.kind in ("physical", "custom")

    @property
    def has_catalog_price(self) -> bool:
        """Whether the shop's rules decide what it costs: it is of the catalog, no gift, and nobody gave it a price of its own."""
        return self.catalog is not None and not self.price_overridden and self.gift is None

    def joined(self, other: "LineItem") -> "LineItem | None":
        """One line with the units of both; None if they are not the same goods, wrapped in the same way."""
        mine, others = self.gift_wrapping, other.gift_wrapping
        wrapping = mine.joined(others) if mine and others else None
        if (mine or others) and wrapping is None:
            return None
        if self._priced_as(other) != other:
            return None
        return replace(self, quantity=self.quantity + other.quantity, gift_wrapping=wrapping)

    def _priced_as(self, other: "LineItem") -> "LineItem":
        """With the id, the units and the wrapping of another line, and with its prices where both are worked out from the same
        catalog's: what it takes to be that line if it is of the same goods."""
        same = replace(self, id=other.id, quantity=other.quantity, gift_wrapping=other.gift_wrapping)
        if self.catalog is None:
            return same
        listed = self.list_price if self.price_overridden else other.list_price
        return replace(same, list_price=listed, original_price=other.original_price, retail_price=other.retail_price)

    def divided(self, units: int, other_id: str) -> "tuple[LineItem, LineItem]":
        """The line with its first `units`, and another one with the rest of them."""
        first, others = self.gift_wrapping.divided(units) if self.gift_wrapping else (None, None)
        return (
            replace(self, quantity=units, gift_wrapping=first),
            replace(self, id=other_id, quantity=self.quantity - units, gift_wrapping=others),
        )

    def with_units(self, quantity: int) -> "LineItem":
        """The line with another quantity; wraps of units that are gone are gone."""
        wrapping = self.gift_wrapping.divided(quantity)[0] if self.gift_wrapping else None
        return replace(self, quantity=quantity, gift_wrapping=wrapping)


class ShippingOption(Struct, frozen=True, gc=False, kw_only=True, tag="shipping", tag_field="means"):
    """A way to ship a consignment, as offered or, kept in a consignment, as chosen. Costs as entered, before tax and discounts.

    `id` is a function of the store and the method: the same method gives the same id on every answer.
    """

    id: str
    type: str
    description: str
    cost: Money
    handling: Money
    additional_description: str = ""
    image_url: str = ""
    transit_time: str = ""
    method_id: int = 0
    carrier_id: str = ""
    """Who asks for this cost; "": the shop itself."""
    zone_id: int = 0
    zone_name: str = ""
    free_by: tuple[int, ...] = ()
    free_by_coupons: tuple[int, ...] = ()
    """Promotions and coupons by which this option is there; not shown with it."""
    is_unconfirmed: bool = False
    """Its carrier gave no answer when it was asked again: what it said before goes on holding."""


class PickupChoice(Struct, frozen=True, gc=False, tag="pickup", tag_field="means"):
    pickup_method_id: int


class Wanted(Struct, frozen=True, gc=False, kw_only=True, tag="wanted", tag_field="means"):
    """A choice asked for by the command at hand, one of the two; `fulfillment.settle` finds it among the offers or refuses."""

    shipping_option_id: str | None = None
    pickup_method_id: int | None = None
    chosen: ShippingOption | None = None
    """The option of this id, if it is chosen already."""


CUSTOM_SHIPPING = "shipping_custom"


class Consignment(Struct, frozen=True, gc=False, kw_only=True):
    """Line items that travel together, where they go and by which means; never both shipped and picked up."""

    id: str
    address: Address = Address()
    line_item_ids: tuple[str, ...] = ()
    selected: ShippingOption | PickupChoice | Wanted | None = None


class AppliedCoupon(Struct, frozen=True, gc=False, kw_only=True):
    """A coupon the shopper has entered, with what is shown of it. What it is worth is the store's to say (`pricing.coupons`).

    `promotion_id`: the promotion it is a code of; 0: it is a coupon of its own."""

    id: int
    code: str
    name: str
    type: str
    promotion_id: int = 0


class Fee(Struct, frozen=True, gc=False, kw_only=True):
    """Something an app charges on top: `cost` as prices are entered. Without a class of its own it is taxed as fees are here."""

    id: str
    name: str
    display_name: str
    cost: Money
    source: str
    tax_class_id: int | None = None


class ManualDiscounts(Struct, frozen=True, gc=False, kw_only=True):
    """What a person takes off in the place of the automatic promotions (D83): of the cart as a whole, and of lines by their id."""

    cart: Money
    lines: dict[str, Money] = {}

    def divided(self, line: LineItem, units: int, other_id: str) -> "ManualDiscounts":
        """The amount of a line whose first `units` stay and whose others become another one, spread by their units (D50)."""
        if line.id not in self.lines:
            return self
        first, others = allocate(self.lines[line.id], [units, line.quantity - units])
        return replace(self, lines={**self.lines, line.id: first, other_id: others})

    def of_lines(self, ids: Iterable[str], joined: Mapping[str, str]) -> "ManualDiscounts":
        """The amounts of these lines alone; `joined`: the ids of lines that became one with another, and that one's."""
        if not self.lines:
            return self
        amounts: dict[str, Money] = {}
        known = set(ids)
        for line_id, amount in self.lines.items():
            present = joined.get(line_id, line_id)
            if present in known:
                amounts[present] = amounts.get(present, amount.zero) + amount
        return replace(self, lines=amounts)


class AppliedCertificate(Struct, frozen=True, gc=False, kw_only=True):
    """A gift certificate the shopper pays with. What is on it is looked up each time."""

    code: str


class Checkout(Struct, frozen=True, gc=False, kw_only=True):
    """`version` starts at 1 and grows by 1 with each successful write (BEHAVIOUR 1.1)."""

    id: str
    currency: Currency
    created_at: datetime
    updated_at: datetime
    version: int = 1
    channel_id: int = 1
    customer_id: int = 0
    email: str = ""
    locale: str = "en"
    source: Literal["management", "storefront"] = "management"
    lines: tuple[LineItem, ...] = ()
    consignments: tuple[Consignment, ...] = ()
    billing_address: BillingAddress | None = None
    customer_message: str = ""
    coupons: tuple[AppliedCoupon, ...] = ()
    manual_discounts: ManualDiscounts | None = None
    fees: tuple[Fee, ...] = ()
    gift_certificates: tuple[AppliedCertificate, ...] = ()
    is_store_credit_applied: bool = False
    shown_balance: Money | None = None
    """What was left to pay when it was last written, where certificates or credit pay a part; an order leaves no more."""
    is_spam_check_passed: bool = False
    order_id: int | None = None
    removed_gifts: tuple[str, ...] = ()
    converted: bool = False
    """A finished order was made of it: it can be read, but no longer changed."""

    def needs_spam_check(self, *, is_asked: bool) -> bool:
        """Where the store asks for one, until it is passed (BEHAVIOUR 3.6)."""
        return is_asked and not self.is_spam_check_passed

    def expect(self, versions: Iterable[int]) -> None:
        """Raise `VersionConflict` unless every version the client named is the present one (D3)."""
        for version in versions:
            if version != self.version:
                raise VersionConflict(version, self.version)

    def line(self, line_id: str) -> LineItem:
        for line in self.lines:
            if line.id == line_id:
                return line
        raise NotFound(f"Line item {line_id} is not in cart {self.id}.", code="line_item_not_found")

    def consignment(self, consignment_id: str) -> Consignment:
        for consignment in self.consignments:
            if consignment.id == consignment_id:
                return consignment
        raise NotFound(f"Consignment {consignment_id} is not in checkout {self.id}.", code="consignment_not_found")


def with_message(checkout: Checkout, message: str) -> Checkout:
    """The checkout with what the customer wants to tell the shop. Raises `Invalid` beyond 2000 characters."""
    if len(message) > LONGEST_MESSAGE:
        raise Invalid.field("customer_message", f"may have at most {LONGEST_MESSAGE} characters")
    return replace(checkout, customer_message=message)


def places(checkout: Checkout) -> dict[str, str]:
    """Line id -> id of the consignment that holds it; lines that none holds are left out."""
    return {line_id: consignment.id for consignment in checkout.consignments for line_id in consignment.line_item_ids}


def with_places(checkout: Checkout, lines: Iterable[LineItem], place_of: dict[str, str]) -> Checkout:
    """The checkout with these lines, each in the consignment `place_of` names.

    Lines of the same goods in one place become one, under the earlier id (C10); emptied consignments disappear (D19);
    a consignment lists its lines in the order of the cart. Gift certificates stay apart: each has its own recipient.
    """
    merged: list[LineItem] = []
    joined_to: dict[str, str] = {}
    seen: dict[tuple[object, ...], list[int]] = {}
    held: dict[str, list[str]] = {consignment.id: [] for consignment in checkout.consignments}
    for line in lines:
        place = place_of.get(line.id, "")
        if line.kind != "gift_certificate":
            alike = seen.setdefault((place, line.kind, line.product_id, line.variant_id, line.sku, line.name), [])
            both = None
            for index in alike:
                if (both := merged[index].joined(line)) is not None:
                    merged[index] = both
                    joined_to[line.id] = both.id
                    break
            if both is not None:
                continue
            alike.append(len(merged))
        merged.append(line)
        if place:
            held[place].append(line.id)
    consignments = tuple(
        consignment
        if tuple(held[consignment.id]) == consignment.line_item_ids
        else replace(consignment, line_item_ids=tuple(held[consignment.id]))
        for consignment in checkout.consignments
        if held[consignment.id]
    )
    manual = checkout.manual_discounts
    if manual is not None:
        manual = manual.of_lines([line.id for line in merged], joined_to)
    return replace(checkout, lines=tuple(merged), consignments=consignments, manual_discounts=manual)
