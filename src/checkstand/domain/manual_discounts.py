"""Discounts a person gives, in the place of the automatic promotions' (BEHAVIOUR 3.7, D83). Pure.

Giving them again replaces them as a whole; amounts of nothing withdraw them, and the promotions count again. Coupons stay. What
they come to when the cart changes afterwards is worked out in `pricing.manual`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, ManualDiscounts
from checkstand.domain.facts import Facts
from checkstand.domain.money import Money, total
from checkstand.domain.pricing.goods import price_goods
from checkstand.errors import Invalid, Refused


class ManualDraft(Struct, frozen=True, kw_only=True):
    """Amounts in major units, as prices are entered (D70): off the cart as a whole, and off lines by their id."""

    cart: tuple[Decimal, ...] = ()
    lines: tuple[tuple[str, Decimal], ...] = ()


def give(before: Checkout, draft: ManualDraft, facts: Facts) -> Checkout:
    """Raises `Invalid` for an amount below 0 or above what it is taken off, `Refused` for a line that has a coupon or an
    automatic promotion of its own, `NotFound` for an unknown line."""
    if not (draft.cart or draft.lines):
        raise Invalid.field("cart", "must have a discounted_amount, of the cart or of a line item")
    values = {
        line.id: line.list_price.minor * line.quantity for line in before.lines if line.kind != "gift_certificate"
    }
    lines = _line_amounts(before, draft.lines, values, facts)
    amounts = [
        before.currency.price(amount, f"cart.discounts.{index}.discounted_amount")
        for index, amount in enumerate(draft.cart)
    ]
    whole = total(amounts, before.currency.zero)
    if whole.minor > sum(values.values()) - sum(amount.minor for amount in lines.values()):
        raise Invalid.field("cart.discounts.0.discounted_amount", "is more than the items cost")
    if not whole and not lines:
        return replace(before, manual_discounts=None)
    return replace(before, manual_discounts=ManualDiscounts(cart=whole, lines=lines))


def _line_amounts(
    before: Checkout, sent: Sequence[tuple[str, Decimal]], values: Mapping[str, int], facts: Facts
) -> dict[str, Money]:
    taken = _discounted_lines(before, facts) if sent else set()
    amounts: dict[str, Money] = {}
    for index, (line_id, amount) in enumerate(sent):
        field = f"cart.line_items.{index}"
        line = before.line(line_id)
        if line.id in amounts:
            raise Invalid.field(f"{field}.id", "is named twice")
        given = before.currency.price(amount, f"{field}.discounted_amount")
        if given.minor > values.get(line.id, 0):
            raise Invalid.field(f"{field}.discounted_amount", f"is more than {line.name} costs")
        if line.id in taken:
            raise Refused(
                f"{line.name} has a coupon or a promotion of its own and takes no manual discount besides.",
                code="line_is_discounted",
            )
        if given:
            amounts[line.id] = given
    return amounts


def _discounted_lines(checkout: Checkout, facts: Facts) -> set[str]:
    """Lines with a discount of their own, be it a promotion's or a coupon's; what was given before is about to be replaced."""
    goods = price_goods(replace(checkout, manual_discounts=None), facts)
    coupons = [discount for discount in goods.further if discount.level == "coupon"]
    return {discount.target for discount in (*goods.discounts, *coupons)}
