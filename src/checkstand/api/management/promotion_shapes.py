"""Promotions and their codes on the wire, both ways; their rules stand in `promotion_rules`."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from checkstand.api.bodies import Text
from checkstand.api.management.promotion_rules import Number, Numbers, RuleShape, only_one, rule_shape
from checkstand.domain.promotions import Promotion, PromotionCode
from checkstand.domain.promotions.promotion import Countries, CustomerLimits, Notification, Schedule, Weekday
from checkstand.errors import Invalid

LongText = Annotated[str, Meta(max_length=65535)]

# ---------------------------------------------------------------------------------------------------- what is sent


class ChannelShape(Struct):
    id: Number


class CustomerShape(Struct, kw_only=True):
    group_ids: Numbers | None = None
    minimum_order_count: Number | None = None
    excluded_group_ids: Numbers | None = None
    segments: dict[str, Any] | None = None

    def limits(self) -> CustomerLimits:
        if self.segments is not None:
            raise Invalid.field("customer.segments", "is not supported: this server knows no segments of customers")
        return CustomerLimits(
            group_ids=tuple(self.group_ids or ()),
            excluded_group_ids=tuple(self.excluded_group_ids or ()),
            minimum_order_count=self.minimum_order_count or 0,
        )


class NotificationShape(Struct, kw_only=True):
    content: LongText
    type: Literal["PROMOTION", "UPSELL", "ELIGIBLE", "APPLIED"]
    locations: list[Text]


class CountryShape(Struct):
    iso2_country_code: Text


class CountriesShape(Struct):
    countries: list[CountryShape]


class AddressShape(Struct, kw_only=True):
    """Either the countries goods must go to, or those they must not go to."""

    countries: list[CountryShape] | UnsetType = UNSET
    none_of: CountriesShape | UnsetType = field(name="not", default=UNSET)

    def matcher(self) -> Countries:
        name, value = only_one(self, "shipping_address")
        countries = value.countries if name == "none_of" else value
        return Countries(codes=tuple(country.iso2_country_code for country in countries), negated=name == "none_of")


class ScheduleShape(Struct, kw_only=True):
    week_frequency: Number
    week_days: list[Weekday]
    daily_start_time: Text
    daily_end_time: Text


class CodeBody(Struct, kw_only=True):
    code: Text
    max_uses: Number | None = None
    max_uses_per_customer: Number | None = None

    def draft(self) -> PromotionCode:
        return PromotionCode(
            id=0,
            promotion_id=0,
            code=self.code.strip(),
            max_uses=self.max_uses or 0,
            max_uses_per_customer=self.max_uses_per_customer or 0,
        )


class PromotionBody(Struct, kw_only=True):
    """In a change, what is left out stays. `max_uses`, `end_date`, `shipping_address` and `schedule` are taken away by null;
    elsewhere null counts as left out. `priority` is not published: the lower number has its turn first."""

    redemption_type: Literal["AUTOMATIC", "COUPON"] | None = None
    name: Text | None = None
    display_name: Text | None = None
    channels: list[ChannelShape] | None = None
    customer: CustomerShape | None = None
    rules: list[RuleShape] | None = None
    max_uses: Number | UnsetType | None = UNSET
    status: Literal["ENABLED", "DISABLED", "INVALID"] | None = None
    start_date: Text | None = None
    end_date: Text | UnsetType | None = UNSET
    stop: bool | None = None
    can_be_used_with_other_promotions: bool | None = None
    currency_code: Text | None = None
    notifications: list[NotificationShape] | None = None
    shipping_address: AddressShape | UnsetType | None = UNSET
    schedule: ScheduleShape | UnsetType | None = UNSET
    codes: CodeBody | list[CodeBody] | None = None
    coupon_overrides_other_promotions: bool | None = None
    coupon_overrides_automatic_when_offering_higher_discounts: bool | None = None
    coupon_type: Literal["SINGLE", "BULK"] | None = None
    priority: Number | None = None

    def given(self) -> dict[str, Any]:
        """What was sent, as fields of a promotion. Raises `Invalid`."""
        plain = (
            "redemption_type",
            "name",
            "display_name",
            "status",
            "stop",
            "can_be_used_with_other_promotions",
            "currency_code",
            "coupon_overrides_other_promotions",
            "coupon_overrides_automatic_when_offering_higher_discounts",
            "coupon_type",
            "priority",
        )
        found: dict[str, Any] = {name: value for name in plain if (value := getattr(self, name)) is not None}
        if found.get("status") == "INVALID":
            raise Invalid.field("status", "may be ENABLED or DISABLED")
        if self.channels is not None:
            found["channel_ids"] = tuple(channel.id for channel in self.channels)
        if self.customer is not None:
            found["customer"] = self.customer.limits()
        if self.rules is not None:
            found["rules"] = tuple(rule.rule(f"rules.{index}") for index, rule in enumerate(self.rules))
        if self.notifications is not None:
            found["notifications"] = tuple(
                Notification(content=each.content, type=each.type, locations=tuple(each.locations))
                for each in self.notifications
            )
        if self.start_date is not None:
            found["start_date"] = _moment(self.start_date, "start_date")
        if not isinstance(self.end_date, UnsetType):
            found["end_date"] = None if self.end_date is None else _moment(self.end_date, "end_date")
        if not isinstance(self.max_uses, UnsetType):
            found["max_uses"] = self.max_uses or 0
        if not isinstance(self.shipping_address, UnsetType):
            found["shipping_address"] = None if self.shipping_address is None else self.shipping_address.matcher()
        if not isinstance(self.schedule, UnsetType):
            found["schedule"] = None if self.schedule is None else _schedule(self.schedule)
        return found

    def code(self) -> PromotionCode | None:
        """Raises `Invalid`."""
        if isinstance(self.codes, list):
            if len(self.codes) > 1:
                raise Invalid.field("codes", "may be one; others are made with POST /promotions/{id}/codes")
            return self.codes[0].draft() if self.codes else None
        return None if self.codes is None else self.codes.draft()


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise Invalid.field(name, "must be a date and time such as 2026-01-31T12:00:00+00:00") from None


def _schedule(body: ScheduleShape) -> Schedule:
    return Schedule(
        week_frequency=body.week_frequency,
        week_days=tuple(body.week_days),
        daily_start_time=body.daily_start_time,
        daily_end_time=body.daily_end_time,
    )


# ---------------------------------------------------------------------------------------------------- what is shown


class CustomerLimitsShape(Struct, kw_only=True):
    group_ids: list[int]
    minimum_order_count: int
    excluded_group_ids: list[int]
    segments: None = None


class MultipleCodesShape(Struct):
    has_multiple_codes: bool


class CodeShape(Struct, kw_only=True):
    id: int
    code: str
    max_uses: int
    max_uses_per_customer: int
    current_uses: int
    created: str


class PromotionShape(Struct, kw_only=True):
    id: int
    redemption_type: str
    name: str
    display_name: str
    created_from: str
    channels: list[ChannelShape]
    customer: CustomerLimitsShape
    rules: list[RuleShape]
    current_uses: int
    max_uses: int | None
    status: str
    start_date: str
    end_date: str | None
    stop: bool
    can_be_used_with_other_promotions: bool
    currency_code: str
    notifications: list[NotificationShape]
    shipping_address: AddressShape | None
    schedule: ScheduleShape | None
    codes: CodeShape | UnsetType = UNSET
    coupon_overrides_other_promotions: bool | UnsetType = UNSET
    coupon_overrides_automatic_when_offering_higher_discounts: bool | UnsetType = UNSET
    multiple_codes: MultipleCodesShape | UnsetType = UNSET
    coupon_type: str | UnsetType = UNSET


def code_shape(code: PromotionCode, uses: int) -> CodeShape:
    return CodeShape(
        id=code.id,
        code=code.code,
        max_uses=code.max_uses,
        max_uses_per_customer=code.max_uses_per_customer,
        current_uses=uses,
        created=_time(code.created_at) or UNDATED,
    )


UNDATED = "1970-01-01T00:00:00+00:00"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def promotion_shape(
    promotion: Promotion, uses: int, code: tuple[PromotionCode, int] | None = None, code_count: int = 0
) -> PromotionShape:
    """`code`: that of one that has a single one, with its uses."""
    shape = PromotionShape(
        id=promotion.id,
        redemption_type=promotion.redemption_type,
        name=promotion.name,
        display_name=promotion.display_name,
        created_from=promotion.created_from,
        channels=[ChannelShape(channel_id) for channel_id in promotion.channel_ids],
        customer=CustomerLimitsShape(
            group_ids=list(promotion.customer.group_ids),
            minimum_order_count=promotion.customer.minimum_order_count,
            excluded_group_ids=list(promotion.customer.excluded_group_ids),
        ),
        rules=[rule_shape(rule) for rule in promotion.rules],
        current_uses=uses,
        max_uses=promotion.max_uses or None,
        status=promotion.status,
        start_date=_time(promotion.start_date) or UNDATED,
        end_date=_time(promotion.end_date),
        stop=promotion.stop,
        can_be_used_with_other_promotions=promotion.can_be_used_with_other_promotions,
        currency_code=promotion.currency_code,
        notifications=[
            NotificationShape(content=each.content, type=each.type, locations=list(each.locations))
            for each in promotion.notifications
        ],
        shipping_address=None if promotion.shipping_address is None else _address_shape(promotion.shipping_address),
        schedule=None if promotion.schedule is None else _schedule_shape(promotion.schedule),
    )
    if promotion.is_coupon:
        shape.coupon_type = promotion.coupon_type
        shape.coupon_overrides_other_promotions = promotion.coupon_overrides_other_promotions
        shape.coupon_overrides_automatic_when_offering_higher_discounts = (
            promotion.coupon_overrides_automatic_when_offering_higher_discounts
        )
        shape.multiple_codes = MultipleCodesShape(code_count > 1)
        if code is not None:
            shape.codes = code_shape(*code)
    return shape


def _address_shape(countries: Countries) -> AddressShape:
    codes = [CountryShape(code) for code in countries.codes]
    return AddressShape(none_of=CountriesShape(codes)) if countries.negated else AddressShape(countries=codes)


def _schedule_shape(schedule: Schedule) -> ScheduleShape:
    return ScheduleShape(
        week_frequency=schedule.week_frequency,
        week_days=list(schedule.week_days),
        daily_start_time=schedule.daily_start_time,
        daily_end_time=schedule.daily_end_time,
    )
