"""Coupons as a merchant makes them (BEHAVIOUR D78): making, changing and removing one, as edits of the store. Pure.

Codes and names are unique in a store, codes without case (D29). What a published coupon may say and this server cannot look at
is refused rather than ignored: it would give discounts the merchant does not want to give.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import geography, measures
from checkstand.domain.applied_coupons import LONGEST_CODE, PROMOTION
from checkstand.domain.coupons import (
    AnyCoupon,
    AppliesTo,
    FreeShippingCoupon,
    PercentageDiscount,
    PerItemDiscount,
    PerTotalDiscount,
    ShippingDiscount,
)
from checkstand.domain.coupons.coupon import expiry_of
from checkstand.domain.facts import Store
from checkstand.domain.moment import from_mail_date
from checkstand.domain.money import Currency
from checkstand.errors import Invalid, NotFound, Taken, Unsupported

CODE = re.compile(r"[A-Za-z0-9_\s-]+")
LONGEST_NAME = 100
MOST_USES = 2**31 - 1
LARGEST_DISCOUNT = 10_000_000
"""In major units: the published limit of what a promotion may take off, so that no rate of another currency makes an amount of it
that cannot be shown."""

KINDS: Mapping[str, type[AnyCoupon]] = {
    "per_item_discount": PerItemDiscount,
    "percentage_discount": PercentageDiscount,
    "per_total_discount": PerTotalDiscount,
    "shipping_discount": ShippingDiscount,
    "free_shipping": FreeShippingCoupon,
}


class CouponChange(Struct, frozen=True, kw_only=True):
    """What a request says about a coupon; None: nothing. `expires` as RFC 2822 has it, empty: never."""

    name: str | None = None
    type: str | None = None
    code: str | None = None
    amount: Decimal | None = None
    min_purchase: Decimal | None = None
    expires: str | None = None
    enabled: bool | None = None
    applies_to: AppliesTo | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    countries: tuple[str, ...] | None = None
    shipping_methods: tuple[str, ...] | None = None


def new_coupon(change: CouponChange, currency: Currency, now: datetime) -> AnyCoupon:
    """A coupon that has everything but an id. Raises `Invalid` naming the field, `Unsupported`."""
    for name in ("name", "code", "type", "amount", "applies_to"):
        if getattr(change, name) is None:
            raise Invalid.field(name, "is required")
    blank = _kind(change.type or "")(id=0, code="", name="", created_at=now.replace(microsecond=0))
    return _changed(blank, change, currency)


def add_coupon(store: Store, coupon: AnyCoupon) -> Store:
    """Raises `Taken`."""
    _check_unique(coupon, store.coupons)
    return replace(store, coupons=(*store.coupons, coupon))


def change_coupon(store: Store, coupon_id: int, change: CouponChange) -> Store:
    """Goods the change does not name are taken away from the coupon, as published: it applies to nothing then. All else that is
    left out stays. Raises `NotFound`, `Invalid`, `Taken`, `Unsupported`."""
    before = coupon_of(store, coupon_id)
    named = change if change.applies_to is not None else replace(change, applies_to=AppliesTo(ids=()))
    after = _changed(before, named, store.currency)
    others = [coupon for coupon in store.coupons if coupon is not before]
    _check_unique(after, others)
    return replace(store, coupons=tuple(after if coupon is before else coupon for coupon in store.coupons))


def remove_coupons(store: Store, ids: Collection[int] | None) -> Store:
    """Without these coupons, or without any (None). Checkouts that have one go on showing it; it takes nothing off any more."""
    kept = () if ids is None else tuple(coupon for coupon in store.coupons if coupon.id not in ids)
    return replace(store, coupons=kept)


def coupon_of(store: Store, coupon_id: int) -> AnyCoupon:
    coupon = store.coupon_by_id.get(coupon_id)
    if coupon is None:
        raise NotFound(f"There is no coupon {coupon_id}.", code="coupon_not_found")
    return coupon


def _kind(name: str) -> type[AnyCoupon]:
    if name == PROMOTION:
        raise Invalid.field("type", "is that of promotions with codes, which are made with POST /v3/promotions")
    if name not in KINDS:
        raise Invalid.field("type", f"{name!r} is not one of {', '.join(KINDS)}")
    return KINDS[name]


def _changed(before: AnyCoupon, change: CouponChange, currency: Currency) -> AnyCoupon:
    if change.shipping_methods:
        raise Unsupported("Coupons for certain shipping methods are not supported yet; see docs/compatibility.md.")
    given: dict[str, Any] = {
        name: value
        for name in (
            "name",
            "code",
            "amount",
            "enabled",
            "applies_to",
            "max_uses",
            "max_uses_per_customer",
            "countries",
        )
        if (value := getattr(change, name)) is not None
    }
    if change.code is not None:
        given["code"] = change.code.strip()  # as shoppers' entries are
    if change.min_purchase is not None:
        given["minimum"] = change.min_purchase
    if change.expires is not None:
        given["expires"] = _expiry(change.expires)
    after = replace(before, **given)
    kind = _kind(change.type) if change.type is not None else type(after)
    if kind is not type(after):
        after = kind(**{name: getattr(after, name) for name in after.__struct_fields__})
    check_coupon(after, currency)
    return after


def _expiry(sent: str) -> str:
    if not sent:
        return ""
    try:
        return from_mail_date(sent).isoformat()
    except ValueError:
        raise Invalid.field("expires", "must be a date such as Tue, 13 Mar 2018 16:18:59 +0000, or empty") from None


def _check_unique(coupon: AnyCoupon, others: Collection[AnyCoupon]) -> None:
    if any(other.code.casefold() == coupon.code.casefold() for other in others):
        raise Taken(f"The store has another coupon with the code {coupon.code}.")
    if any(other.name == coupon.name for other in others):
        raise Taken(f"The store has another coupon called {coupon.name}.")


def check_coupon(coupon: AnyCoupon, currency: Currency) -> None:
    """Raises `Invalid` for what could not be worked with, naming the field."""
    if not CODE.fullmatch(coupon.code) or not coupon.code.strip() or len(coupon.code) > LONGEST_CODE:
        raise Invalid.field(
            "code",
            f"must be at most {LONGEST_CODE} letters, digits, spaces, underscores and hyphens, not {coupon.code!r}",
        )
    if not coupon.name.strip() or len(coupon.name) > LONGEST_NAME:
        raise Invalid.field("name", f"must have 1 to {LONGEST_NAME} characters")
    if isinstance(coupon, PercentageDiscount):
        measures.percent(coupon.amount, "amount")
    else:
        currency.price(coupon.amount, "amount")
        if coupon.amount > LARGEST_DISCOUNT:
            raise Invalid.field("amount", f"must be at most {LARGEST_DISCOUNT}")
    currency.price(coupon.minimum, "min_purchase")
    for name in ("max_uses", "max_uses_per_customer"):
        if not 0 <= getattr(coupon, name) <= MOST_USES:
            raise Invalid.field(name, f"must be from 0 to {MOST_USES}")
    for code in coupon.countries:
        if geography.country_name(code) is None:
            raise Invalid.field("restricted_to.countries", f"{code!r} is not a country")
    try:
        expiry_of(coupon.expires)
    except ValueError:
        raise Invalid.field("expires", f"is no date: {coupon.expires!r}") from None
