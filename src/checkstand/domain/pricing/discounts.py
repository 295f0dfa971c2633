"""Run the promotions over the lines. A line never gets below zero (D52), a line with a price of its own takes no part."""

from collections.abc import Sequence

from msgspec.structs import replace

from checkstand.domain.checkout import LineItem
from checkstand.domain.pricing.entries import Discount
from checkstand.domain.promotions import AnyPromotion, Promotable


def product_discounts(lines: Sequence[LineItem], promotions: Sequence[AnyPromotion]) -> tuple[Discount, ...]:
    """What automatic promotions take off single lines, each computed on the list price (D84)."""
    promotions = [promotion for promotion in promotions if promotion.enabled]
    if not promotions:
        return ()
    promotable = [
        Promotable(line.id, line.product_id, line.variant_id, line.quantity, line.list_price * line.quantity)
        for line in lines
        if line.kind in ("physical", "digital") and not line.price_overridden
    ]
    left = {line.line_id: line.extended for line in promotable}
    given = []
    for promotion in promotions:
        for discount in promotion.discounts(promotable):
            amount = discount.amount.at_most(left[discount.target])
            left[discount.target] -= amount
            if amount:
                given.append(discount if amount == discount.amount else replace(discount, amount=amount))
    return tuple(given)
