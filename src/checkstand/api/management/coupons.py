"""Coupons of the store (v2: bare bodies, BEHAVIOUR D78). Fields stand in the order of the published page.

Amounts are shown as texts with four decimal places, as published, and taken as texts or as numbers.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from checkstand.api.bodies import Price, Text, unsupported
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import UNDATED, expect_no_filter, part
from checkstand.api.projection import in_four_places
from checkstand.domain import marketing
from checkstand.domain.coupons import AnyCoupon, AppliesTo
from checkstand.domain.coupons.coupon import expiry_of
from checkstand.domain.facts import Store
from checkstand.domain.marketing import CouponChange
from checkstand.errors import Taken
from checkstand.service.access import MARKETING
from checkstand.service.shop import edit
from checkstand.storage.port import UnitOfWork

DEFAULT_LIMIT, MOST = 50, 250
Uses = Annotated[int, Meta(ge=0, le=marketing.MOST_USES)]

# ---------------------------------------------------------------------------------------------------- what is sent


class AppliesToBody(Struct):
    ids: list[int] | None = None
    entity: Literal["products", "categories"] = "categories"


class CouponBody(Struct):
    """In a change, what is left out stays, but for `applies_to`, which is cleared, as published. `restricted_to` and
    `shipping_methods` come as an empty list or an empty object when there is nothing in them."""

    name: Text | None = None
    type: Text | None = None
    amount: Price | None = None
    min_purchase: Price | None = None
    expires: Text | None = None
    enabled: bool | None = None
    code: Text | None = None
    applies_to: AppliesToBody | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    restricted_to: dict[str, object] | list[object] | None = None
    shipping_methods: list[str] | dict[str, object] | None = None

    def change(self) -> CouponChange:
        to = self.applies_to
        return CouponChange(
            name=self.name,
            type=self.type,
            code=self.code,
            amount=self.amount,
            min_purchase=self.min_purchase,
            expires=self.expires,
            enabled=self.enabled,
            applies_to=None if to is None else AppliesTo(entity=to.entity, ids=tuple(to.ids or ())),
            max_uses=self.max_uses,
            max_uses_per_customer=self.max_uses_per_customer,
            countries=None if self.restricted_to is None else self._countries(),
            shipping_methods=None if self.shipping_methods is None else tuple(self.shipping_methods),
        )

    def _countries(self) -> tuple[str, ...]:
        """One code, several with commas, or a list of them."""
        if not self.restricted_to:
            return ()
        if not isinstance(self.restricted_to, dict) or self.restricted_to.keys() - {"countries"}:
            raise unsupported("coupons for places smaller than a country")
        sent = self.restricted_to["countries"]
        if not sent:
            return ()
        codes = sent if isinstance(sent, list) else str(sent).split(",")
        return tuple(str(code).strip() for code in codes)


# ---------------------------------------------------------------------------------------------------- what is shown


class AppliesToShape(Struct):
    entity: str
    ids: list[int]


class RestrictedToShape(Struct):
    countries: str | UnsetType = UNSET


class CouponShape(Struct):
    id: int
    name: str
    type: str
    amount: str
    min_purchase: str
    expires: str
    enabled: bool
    code: str
    applies_to: AppliesToShape
    num_uses: int
    max_uses: int
    max_uses_per_customer: int
    restricted_to: RestrictedToShape
    shipping_methods: list[str]
    date_created: str


class CouponCount(Struct):
    count: int


def _shape(coupon: AnyCoupon, uses: int) -> CouponShape:
    expiry = expiry_of(coupon.expires)
    return CouponShape(
        id=coupon.id,
        name=coupon.name,
        type=coupon.type_name,
        amount=in_four_places(coupon.amount),
        min_purchase=in_four_places(coupon.minimum),
        expires=_date(expiry) if expiry else "",
        enabled=coupon.enabled,
        code=coupon.code,
        applies_to=AppliesToShape(coupon.applies_to.entity, list(coupon.applies_to.ids)),
        num_uses=uses,
        max_uses=coupon.max_uses,
        max_uses_per_customer=coupon.max_uses_per_customer,
        restricted_to=RestrictedToShape(",".join(coupon.countries) if coupon.countries else UNSET),
        shipping_methods=[],
        date_created=_date(coupon.created_at or UNDATED),
    )


def _date(moment: datetime) -> str:
    """`Tue, 13 Mar 2018 16:18:59 +0000`."""
    return format_datetime(moment.astimezone(UTC))


# ---------------------------------------------------------------------------------------------------- endpoints


async def get_coupons(call: Call, body: None) -> list[CouponShape]:
    """By id; `min_id` and `limit` lead through many of them."""
    store = await call.unit.store()
    found = sorted(filter(_wanted(call), store.coupons), key=lambda coupon: coupon.id)
    uses = await call.unit.coupons.all_uses()
    return [_shape(coupon, uses.get(coupon.id, 0)) for coupon in part(call, found, default=DEFAULT_LIMIT, most=MOST)]


def _wanted(call: Call) -> Callable[[AnyCoupon], bool]:
    """Raises `Invalid`."""
    ids = call.query_numbers("id")
    least = call.query_number("min_id", 0, 0, 2**53)
    most = call.query_number("max_id", 2**53, 0, 2**53)
    code, name = call.first("code").strip().casefold(), call.first("name")
    kind, other_than = call.first("type"), call.first("exclude_type")

    def is_wanted(coupon: AnyCoupon) -> bool:
        return (
            (ids is None or coupon.id in ids)
            and least <= coupon.id <= most
            and (not code or coupon.code.casefold() == code)
            and (not name or coupon.name == name)
            and (not kind or coupon.type_name == kind)
            and (not other_than or coupon.type_name != other_than)
        )

    return is_wanted


async def count_coupons(call: Call, body: None) -> CouponCount:
    return CouponCount(len((await call.unit.store()).coupons))


async def create_coupon(call: Call, body: CouponBody) -> CouponShape:
    draft = marketing.new_coupon(body.change(), (await call.unit.store()).currency, call.now)
    coupon = replace(draft, id=await call.unit.next_number("coupon"))
    await _edit(call, partial(marketing.add_coupon, coupon=coupon), coupon.code)
    return _shape(coupon, 0)


async def _edit(call: Call, change: Callable[[Store], Store], code: str | None) -> Store:
    """Where a coupon gets a code, no promotion may have it."""
    if code is None:
        return await edit(call.unit, change)

    async def work(inside: UnitOfWork) -> Store:
        await inside.hold_store()
        if await inside.codes.find(code) is not None:
            raise Taken(f"The store has another coupon with the code {code}.")
        return await edit(inside, change)

    return await call.unit.together(work)


async def update_coupon(call: Call, body: CouponBody) -> CouponShape:
    coupon_id = call.number("coupon_id")
    change = partial(marketing.change_coupon, coupon_id=coupon_id, change=body.change())
    store = await _edit(call, change, body.code)
    uses = await call.unit.coupons.all_uses()
    return _shape(marketing.coupon_of(store, coupon_id), uses.get(coupon_id, 0))


async def delete_coupon(call: Call, body: None) -> None:
    coupon_id = call.number("coupon_id")
    marketing.coupon_of(await call.unit.store(), coupon_id)
    await edit(call.unit, partial(marketing.remove_coupons, ids={coupon_id}))


async def delete_coupons(call: Call, body: None) -> None:
    """All of them, as published, or those that `id:in` names."""
    if "id:in" not in call.query:
        expect_no_filter(call, "coupon")
    await edit(call.unit, partial(marketing.remove_coupons, ids=call.query_numbers("id:in")))


COUPONS, COUPON = "/coupons", "/coupons/{coupon_id}"
TAG = "Coupons"

ENDPOINTS = [
    Endpoint(
        "GET",
        COUPONS,
        get_coupons,
        "List coupons",
        answer=list[CouponShape],
        scopes=MARKETING,
        query=("id", "code", "name", "type", "exclude_type", "min_id", "max_id", "page", "limit"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        COUPONS,
        create_coupon,
        "Create a coupon",
        answer=CouponShape,
        body=CouponBody,
        status=201,
        scopes=MARKETING,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        COUPONS,
        delete_coupons,
        "Delete all coupons, or those named",
        status=204,
        scopes=MARKETING,
        query=("id:in",),
        tag=TAG,
    ),
    Endpoint(
        "GET", f"{COUPONS}/count", count_coupons, "Count the coupons", answer=CouponCount, scopes=MARKETING, tag=TAG
    ),
    Endpoint(
        "PUT", COUPON, update_coupon, "Change a coupon", answer=CouponShape, body=CouponBody, scopes=MARKETING, tag=TAG
    ),
    Endpoint("DELETE", COUPON, delete_coupon, "Delete a coupon", status=204, scopes=MARKETING, tag=TAG),
]
