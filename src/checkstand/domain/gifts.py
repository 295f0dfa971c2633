"""Lines that promotions add to a cart. Pure.

They are derived: a command sees a cart without them, and each answer adds those that are earned then, at the price the catalog asks
and with all of it taken off by their promotion. What a client does to one is undone so: one that was removed comes back, as
published, under a new id. They never clear a choice (C6): that is about changes a client makes. They are shipped as if they were
bought, though: they weigh, or ship free, or at a price of their own, and a method that has no price for the parcel with them is
not offered to who has not chosen it (`fulfillment.settle`).
"""

from collections.abc import Collection
from hashlib import blake2b

from msgspec.structs import replace

from checkstand.domain.cart import catalog_line
from checkstand.domain.checkout import Checkout, GiftOf, LineItem
from checkstand.domain.facts import Facts
from checkstand.domain.moment import Ids
from checkstand.domain.pricing.eligibility import barred, met_by
from checkstand.domain.pricing.gifts import UNASSIGNED, Earned
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.promotions.action import GivenGift

MOST_REMEMBERED = 100
"""Ids of gifts that were removed, so that they come back under others."""


def gift_ids(checkout: Checkout) -> frozenset[str]:
    ids = []
    for line in checkout.lines:
        if line.gift is not None:
            ids.append(line.id)
    return frozenset(ids)


def without_gifts(checkout: Checkout, ids: Collection[str]) -> Checkout:
    """The cart as clients filled it. A consignment holds a gift only beside what it was earned with."""
    if not ids:
        return checkout
    return replace(
        checkout,
        lines=tuple(line for line in checkout.lines if line.id not in ids),
        consignments=tuple(
            replace(entry, line_item_ids=tuple(line_id for line_id in entry.line_item_ids if line_id not in ids))
            for entry in checkout.consignments
        ),
    )


def without_gift(checkout: Checkout, line_id: str) -> Checkout:
    """A gift was removed: if it is still earned it comes back under another id."""
    return replace(checkout, removed_gifts=(*checkout.removed_gifts, line_id)[-MOST_REMEMBERED:])


def earnable(checkout: Checkout, facts: Facts) -> list[GivenGift]:
    """What promotions would give for what is in the cart, each looked at by itself; more of it is not given than this. Codes count
    if `facts` knows them."""
    coded = {code.promotion_id for code in facts.codes.values()} if facts.store.gives_gifts else set()
    return [
        gift
        for promotion in facts.store.gift_promotions
        if (not promotion.is_coupon or promotion.id in coded) and barred(promotion, checkout, facts) is None
        for rule, met in zip(promotion.rules, met_by(promotion, checkout, facts), strict=True)
        if met.sets and (gift := rule.action.gift()) is not None
    ]


def with_gifts(checkout: Checkout, facts: Facts) -> Checkout:
    """The checkout with the gifts that are earned now, and without others."""
    present = gift_ids(checkout)
    if not facts.store.gives_gifts and not present:
        return checkout
    plain = without_gifts(checkout, present)
    earned = price_goods(plain, facts).gifts
    if not earned:
        return plain
    known = {line.id: line for line in checkout.lines if line.id in present}
    lines = list(plain.lines)
    held = {entry.id: list(entry.line_item_ids) for entry in plain.consignments}
    for gift in earned:
        for place, units in gift.units:
            line = _line(gift, place, units, plain, facts)
            lines.append(known[line.id] if known.get(line.id) == line else line)
            if place != UNASSIGNED:
                held[place].append(line.id)
    return replace(
        plain,
        lines=tuple(lines),
        consignments=tuple(
            entry
            if len(held[entry.id]) == len(entry.line_item_ids)
            else replace(entry, line_item_ids=tuple(held[entry.id]))
            for entry in plain.consignments
        ),
    )


def _line(gift: Earned, place: str, units: int, checkout: Checkout, facts: Facts) -> LineItem:
    line_id = _id(f"{checkout.id}/{gift.promotion.id}/{gift.rule}/{place}", checkout.removed_gifts)
    line = catalog_line(gift.product, gift.variant, line_id, units, facts.store, checkout.currency)
    return replace(line, gift=GiftOf(gift.promotion.id, gift.rule))  # never priced anew: it is made anew


def _id(what: str, removed: Collection[str]) -> str:
    """The same for the same gift, until it is removed."""
    ids = Ids(blake2b(what.encode(), digest_size=32).hexdigest())
    while (line_id := ids.uuid()) in removed:
        pass
    return line_id
