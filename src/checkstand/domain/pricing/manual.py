"""What the discounts a person gave come to (D33, D83): first those of single lines, then the cart's, spread over what is left of
the lines (D50). A line never gets below 0 (D52); gift certificates being bought take no part (D79)."""

from collections.abc import Mapping

from checkstand.domain.checkout import Checkout, ManualDiscounts
from checkstand.domain.money import Money, allocate
from checkstand.domain.pricing.entries import Discount

SOURCE = "manual discount"


def manual_discounts(
    checkout: Checkout, given: ManualDiscounts, sales: Mapping[str, int]
) -> tuple[list[Discount], dict[str, int]]:
    """`sales` is line id -> minor units before; the answer has the discounts, and what they leave."""
    currency, left = checkout.currency.code, dict(sales)
    discounts: list[Discount] = []

    def take(line_id: str, minor: int) -> None:
        minor = min(minor, left[line_id])
        if minor:
            left[line_id] -= minor
            discounts.append(Discount("line", line_id, Money(minor, currency), SOURCE, "manual", 0))

    lines = [line for line in checkout.lines if line.kind != "gift_certificate"]
    for line in lines:
        if line.id in given.lines:
            take(line.id, given.lines[line.id].minor)
    weights = [left[line.id] for line in lines]
    whole = Money(min(given.cart.minor, sum(weights)), currency)
    for line, part in zip(lines, allocate(whole, weights) if whole else (), strict=False):
        take(line.id, part.minor)
    return discounts, left
