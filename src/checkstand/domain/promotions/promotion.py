"""A promotion as a merchant makes it: rules, and whom, when and how often they are for."""

import datetime
from typing import Literal

from msgspec import Struct

from checkstand.domain.promotions.cart_items import CartItems
from checkstand.domain.promotions.cart_value import CartValue
from checkstand.domain.promotions.conditions import ALWAYS, AnyCondition, Met
from checkstand.domain.promotions.fixed_price_set import FixedPriceSet
from checkstand.domain.promotions.gift_item import GiftItem
from checkstand.domain.promotions.item import Basket
from checkstand.domain.promotions.shipping import Shipping
from checkstand.domain.promotions.shipping_discount import ShippingDiscount

AnyAction = CartItems | CartValue | FixedPriceSet | GiftItem | Shipping | ShippingDiscount

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ANY_CURRENCY = "*"


class Rule(Struct, frozen=True, kw_only=True):
    """What happens (`action`) when the condition is met; without one it always is. `apply_once` false: once for each set of it.
    `stop` false: the rules after it have their turn also when this one applied."""

    action: AnyAction
    condition: AnyCondition | None = None
    apply_once: bool = True
    stop: bool = True

    def met(self, basket: Basket) -> Met:
        return ALWAYS if self.condition is None else self.condition.met(basket)


class CustomerLimits(Struct, frozen=True, kw_only=True):
    """Who may use it: customers of these groups, or of none of those; group 0 are guests and customers without a group."""

    group_ids: tuple[int, ...] = ()
    excluded_group_ids: tuple[int, ...] = ()
    minimum_order_count: int = 0

    def admit(self, group_id: int, order_count: int) -> bool:
        if self.group_ids and group_id not in self.group_ids:
            return False
        return group_id not in self.excluded_group_ids and order_count >= self.minimum_order_count


class Notification(Struct, frozen=True, kw_only=True):
    """A text to show on some pages, depending on what became of the promotion."""

    content: str
    type: Literal["PROMOTION", "UPSELL", "ELIGIBLE", "APPLIED"]
    locations: tuple[str, ...] = ()


class Countries(Struct, frozen=True, kw_only=True):
    """Where the goods must go; `negated`: where they must not."""

    codes: tuple[str, ...]
    negated: bool = False

    def admit(self, country_code: str) -> bool:
        return (country_code in self.codes) != self.negated


class Schedule(Struct, frozen=True, kw_only=True):
    """Days of each, or each second, third … week from the promotion's start on, and the time of day; all in UTC."""

    week_frequency: int
    week_days: tuple[Weekday, ...]
    daily_start_time: str
    daily_end_time: str

    def admits(self, now: datetime.datetime, start: datetime.datetime | None) -> bool:
        """From the first time of a day to the second, both included; past midnight where the second is the earlier one. Weeks
        begin on Monday."""
        now = now.astimezone(datetime.UTC)
        if start is not None:
            weeks = (_monday(now) - _monday(start.astimezone(datetime.UTC))).days // 7
            if weeks % self.week_frequency:
                return False
        time, begins, ends = now.strftime("%H:%M:%S"), self.daily_start_time, self.daily_end_time
        is_time = begins <= time <= ends if begins <= ends else time >= begins or time <= ends
        return is_time and WEEKDAYS[now.weekday()] in self.week_days


def _monday(moment: datetime.datetime) -> datetime.date:
    return moment.date() - datetime.timedelta(days=moment.weekday())


class Promotion(Struct, frozen=True, kw_only=True):
    """Rules, taken in order until the first that applied. `display_name` is what shoppers see; without one it is `name`.

    Of several promotions the lower `priority` has its turn first, then the lower id; `stop` ends the turns once it applied. One
    that cannot be used with others applies only where nothing applied before, and ends the turns as well. `max_uses` 0: any number.
    A `COUPON` promotion needs a code (`PromotionCode`), entered by the shopper.
    """

    id: int
    name: str
    display_name: str = ""
    redemption_type: Literal["AUTOMATIC", "COUPON"] = "AUTOMATIC"
    priority: int = 0
    channel_ids: tuple[int, ...] = ()
    customer: CustomerLimits = CustomerLimits()
    rules: tuple[Rule, ...] = ()
    max_uses: int = 0
    status: Literal["ENABLED", "DISABLED", "INVALID"] = "ENABLED"
    start_date: datetime.datetime | None = None
    end_date: datetime.datetime | None = None
    stop: bool = False
    can_be_used_with_other_promotions: bool = True
    coupon_overrides_other_promotions: bool = False
    coupon_overrides_automatic_when_offering_higher_discounts: bool = False
    coupon_type: Literal["SINGLE", "BULK"] = "SINGLE"
    currency_code: str = ANY_CURRENCY
    notifications: tuple[Notification, ...] = ()
    shipping_address: Countries | None = None
    schedule: Schedule | None = None
    created_from: str = "api"

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name

    @property
    def is_coupon(self) -> bool:
        return self.redemption_type == "COUPON"


class PromotionCode(Struct, frozen=True, kw_only=True):
    """A code of a coupon promotion; 0 uses stand for any number of them. Its id is none of the store's other coupons'."""

    id: int
    promotion_id: int
    code: str
    max_uses: int = 0
    max_uses_per_customer: int = 0
    created_at: datetime.datetime | None = None
