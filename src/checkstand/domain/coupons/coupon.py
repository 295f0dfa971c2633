"""What every kind of coupon has in common: what it says, whom and what it is for, and how often it may be used.

A coupon returns discount entries and never changes the cart. Amounts are in the store's currency and entry mode (D70).
"""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar, Literal, Protocol

from msgspec import Struct

from checkstand.domain.money import Currency, Money
from checkstand.domain.pricing.entries import Discount, Part

EVERYTHING = 0
"""The number of the category that stands for the whole catalog."""


class AppliesTo(Struct, frozen=True, kw_only=True):
    """Which goods: products or categories by their ids; category 0 is everything. No ids: nothing."""

    entity: Literal["products", "categories"] = "categories"
    ids: tuple[int, ...] = (EVERYTHING,)

    @property
    def is_everything(self) -> bool:
        return self.entity == "categories" and EVERYTHING in self.ids


class OfCatalog(Protocol):
    """Goods as far as coupons tell them apart; a product id of 0 is none of the catalog's."""

    @property
    def product_id(self) -> int: ...
    @property
    def category_ids(self) -> tuple[int, ...]: ...


class Discountable(Struct, frozen=True):
    """A line of the cart as coupons see it. `value` is what is left of it after all discounts before this one."""

    line_id: str
    quantity: int
    value: Money


class ShippingCost(Struct, frozen=True):
    """What is left of the cost of shipping one consignment."""

    consignment_id: str
    cost: Money


class Coupon(Struct, frozen=True, kw_only=True, tag_field="type"):
    """A code of the store. `name` is what shoppers see. 0 uses stand for any number of them.

    `expires` is a date and time, or a day, of which all is still good, as a text; empty: never. `countries` limits it to goods
    that go there; empty: anywhere. Without `created_at` it came with a shop file that does not say.
    """

    discounts_certificates: ClassVar[bool] = False
    """Whether gift certificates being bought take part (D79)."""

    discounts_shipping: ClassVar[bool] = False
    """Whether it is about shipping rather than about goods."""

    id: int
    code: str
    name: str
    amount: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    expires: str = ""
    enabled: bool = True
    applies_to: AppliesTo = AppliesTo()
    max_uses: int = 0
    max_uses_per_customer: int = 0
    countries: tuple[str, ...] = ()
    created_at: datetime.datetime | None = None

    @property
    def type_name(self) -> str:
        return str(type(self).__struct_config__.tag)

    def is_expired(self, now: datetime.datetime) -> bool:
        expiry = expiry_of(self.expires)
        return expiry is not None and now >= expiry

    @property
    def covers_everything(self) -> bool:
        """Whether all goods take part, wherever they go."""
        return not self.countries and self.applies_to.is_everything

    def covers(self, goods: OfCatalog, country_code: str) -> bool:
        """Whether goods take part that go to a country."""
        if self.countries and country_code not in self.countries:
            return False
        if self.applies_to.is_everything:
            return True
        if self.applies_to.entity == "categories":
            return any(number in self.applies_to.ids for number in goods.category_ids)
        return goods.product_id != 0 and goods.product_id in self.applies_to.ids

    def line_discounts(self, lines: Sequence[Discountable], currency: Currency) -> Iterable[Discount]:
        """What it takes off these lines, all of which it covers; never below 0, never above their values."""
        return ()

    def shipping_discounts(self, costs: Sequence[ShippingCost], currency: Currency) -> Iterable[Discount]:
        """What it takes off the shipping of these consignments; never below 0, never above their costs."""
        return ()

    def discount(self, part: Part, target: str, amount: Money) -> Discount:
        return Discount(part, target, amount, self.code, "coupon", self.id)


@lru_cache(maxsize=1000)
def expiry_of(text: str) -> datetime.datetime | None:
    """From when on a coupon is no longer good; None: never. Raises `ValueError` for what is no date."""
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text)
    is_day = len(text) == len("2026-01-31")
    try:
        moment = moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return moment + datetime.timedelta(days=1) if is_day else moment
    except OverflowError as error:
        if is_day:
            return None  # 9999-12-31, which people write for never
        raise ValueError(f"out of range: {text!r}") from error
