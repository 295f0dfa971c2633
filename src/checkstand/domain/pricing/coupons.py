"""What the coupons of a checkout take off (BEHAVIOUR 3.4, 11.3).

1. `standing`: the coupons whose conditions hold now. One that no longer does stays applied and gives nothing, since official
   clients keep showing the coupons they know of after a change of the cart; it counts again once its conditions hold again.
2. `line_discounts`: off the lines, after product discounts, in the order in which the coupons were applied, each on what the
   ones before it have left. A line never gets below 0 (D52).
3. `shipping_discounts`: off the shipping of the options that were chosen, likewise.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, ShippingOption
from checkstand.domain.coupons import AnyCoupon, Discountable, FreeShippingCoupon, OfCatalog, ShippingCost
from checkstand.domain.facts import Facts
from checkstand.domain.in_currency import in_currency
from checkstand.domain.money import Money
from checkstand.domain.pricing.entries import Discount

Reason = Literal["min_purchase", "not_applicable", "expired", "limit", "invalid"]
"""Why a coupon does not apply, in the words clients read from `errors[0].code`."""


class Unfit(Struct, frozen=True):
    reason: Reason
    message: str


def standing(checkout: Checkout, sales: Mapping[str, int], facts: Facts) -> tuple[AnyCoupon, ...]:
    """Of the coupons applied those that count, in the checkout's currency; `sales` is line id -> minor units after product
    discounts."""
    applied = (facts.store.coupon_by_id.get(entry.id) for entry in checkout.coupons)
    return tuple(
        in_currency(coupon, checkout.currency, facts.store)
        for coupon in applied
        if coupon and unfit(coupon, checkout, sales, facts) is None
    )


def unfit(coupon: AnyCoupon, checkout: Checkout, sales: Mapping[str, int], facts: Facts) -> Unfit | None:
    """Why a coupon of the store does not count for a checkout as it is; None: it does."""
    if not coupon.enabled:
        return Unfit("invalid", f"Coupon code {coupon.code} is not valid.")
    if facts.now is not None and coupon.is_expired(facts.now):
        return Unfit("expired", f"Coupon code {coupon.code} has expired.")
    currency, minimum = checkout.currency, in_currency(coupon, checkout.currency, facts.store).minimum
    if sum(sales.values()) < currency.money(minimum).minor:
        return Unfit(
            "min_purchase", f"Coupon code {coupon.code} needs a purchase of {minimum} {currency.code} or more."
        )
    if not _covers_anything(coupon, checkout):
        return Unfit("not_applicable", f"Coupon code {coupon.code} applies to nothing in this cart.")
    return None


def _covers_anything(coupon: AnyCoupon, checkout: Checkout) -> bool:
    country_of = {} if coupon.covers_everything else _countries(checkout)
    return any(
        coupon.covers(line, country_of.get(line.id, ""))
        for line in checkout.lines
        if (line.is_shippable if coupon.discounts_shipping else _takes_part(coupon, line.kind))
    )


def _takes_part(coupon: AnyCoupon, kind: str) -> bool:
    return kind != "gift_certificate" or coupon.discounts_certificates


def _countries(checkout: Checkout) -> dict[str, str]:
    """Line id -> the country its goods go to; of what is not consigned, the one of the billing address."""
    elsewhere = checkout.billing_address.address.country_code if checkout.billing_address else ""
    country_of = {line.id: elsewhere for line in checkout.lines}
    for consignment in checkout.consignments:
        country_of.update(dict.fromkeys(consignment.line_item_ids, consignment.address.country_code))
    return country_of


# ---------------------------------------------------------------------------------------------------- goods


def line_discounts(
    checkout: Checkout, sales: Mapping[str, int], coupons: Sequence[AnyCoupon]
) -> tuple[list[Discount], dict[str, int]]:
    """The discounts, and line id -> minor units they leave."""
    currency, left = checkout.currency, dict(sales)
    given: list[Discount] = []
    for coupon in [coupon for coupon in coupons if not coupon.discounts_shipping]:
        covered = checkout.lines
        if not coupon.covers_everything:
            country_of = _countries(checkout)
            covered = tuple([line for line in checkout.lines if coupon.covers(line, country_of[line.id])])
        lines = [
            Discountable(line.id, line.quantity, Money(left[line.id], currency.code))
            for line in covered
            if _takes_part(coupon, line.kind)
        ]
        _take(coupon.line_discounts(lines, currency), left, given)
    return given, left


def _take(discounts: Iterable[Discount], left: dict[str, int], given: list[Discount]) -> None:
    """Each discount, at most what is left of its target, which becomes less by it."""
    for discount in discounts:
        amount, most = discount.amount, left[discount.target]
        if amount.minor > most:
            discount = replace(discount, amount=Money(most, amount.currency))  # noqa: PLW2901 (the rest is the same)
        if discount.amount.minor:
            left[discount.target] = most - discount.amount.minor
            given.append(discount)


# ---------------------------------------------------------------------------------------------------- shipping


def free_by_coupons(coupons: Sequence[AnyCoupon], lines: Sequence[OfCatalog], country_code: str) -> tuple[int, ...]:
    """The coupons that offer free shipping to a consignment: one must cover all that is in it."""
    return tuple(
        coupon.id
        for coupon in coupons
        if isinstance(coupon, FreeShippingCoupon) and all(coupon.covers(each, country_code) for each in lines)
    )


def shipping_discounts(
    checkout: Checkout, coupons: Sequence[AnyCoupon], before: Mapping[str, int] | None = None
) -> tuple[list[Discount], dict[str, int]]:
    """The discounts, and consignment id -> minor units they leave of the chosen option's cost; `before`: what promotions have
    left of it."""
    line_of = {line.id: line for line in checkout.lines}
    left = {
        consignment.id: consignment.selected.cost.minor
        for consignment in checkout.consignments
        if isinstance(consignment.selected, ShippingOption)
    }
    left.update(before or {})
    given: list[Discount] = []
    for coupon in [coupon for coupon in coupons if coupon.discounts_shipping]:
        costs = [
            ShippingCost(consignment.id, Money(left[consignment.id], checkout.currency.code))
            for consignment in checkout.consignments
            if consignment.id in left
            and all(
                coupon.covers(line_of[line_id], consignment.address.country_code)
                for line_id in consignment.line_item_ids
            )
        ]
        _take(coupon.shipping_discounts(costs, checkout.currency), left, given)
    return given, left
