"""What becomes of a cart when its shopper signs in, and out again. Pure.

Signing in: the cart becomes the customer's and takes the lines of the one they had before. Lines of the same goods become one,
under the cart's own ids; what the other cart holds beyond the limits or the stock stays out, so that nobody is kept from signing
in. Coupons, fees, discounts and consignments of the other cart are not taken over: they were for that one.

Signing out: nothing personal stays, and nothing that was agreed with this shopper. Coupons and fees do: they go by what is in the
cart, and a coupon that is for somebody counts for nobody else.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from checkstand.domain import stock
from checkstand.domain.address import Address, BillingAddress
from checkstand.domain.cart_currency import exchanged
from checkstand.domain.checkout import Checkout, LineItem, places, with_places
from checkstand.domain.facts import Customer, Facts
from checkstand.domain.moment import Ids
from checkstand.domain.money import Currency


def taken_over(before: Checkout, customer: Customer, ids: Ids) -> Checkout:
    """The cart as its customer's. Their email takes the place of a guest's; without a billing address there is then one with the
    email alone, as recorded. Chosen options are given up, as they are whenever a cart changes hands (BEHAVIOUR 4)."""
    known = before.billing_address
    billing = BillingAddress(
        known.id if known else ids.short(), replace(known.address if known else Address(), email=customer.email)
    )
    return replace(
        before,
        customer_id=customer.id,
        email=customer.email,
        billing_address=billing,
        is_store_credit_applied=before.is_store_credit_applied and before.customer_id == customer.id,
        consignments=tuple(replace(entry, selected=None) for entry in before.consignments),
    )


def with_lines_of(before: Checkout, lines: Sequence[LineItem], currency: Currency, facts: Facts) -> Checkout:
    """The cart with lines of another one, whose amounts are in `currency`; goods of the catalog are still to be priced."""
    if currency != before.currency:
        lines = [exchanged(line, currency, before.currency, facts.store) for line in lines]
    return with_places(before, (*before.lines, *_fitting(before, lines, facts)), places(before))


def _fitting(before: Checkout, lines: Sequence[LineItem], facts: Facts) -> list[LineItem]:
    limits = facts.store.limits
    units: dict[int, int] = {}
    of_variant: dict[int, int] = {}
    for line in before.lines:
        units[line.product_id] = units.get(line.product_id, 0) + line.quantity
        of_variant[line.variant_id] = of_variant.get(line.variant_id, 0) + line.quantity
    taken: list[LineItem] = []
    for line in lines:
        product = facts.products.get(line.product_id)
        most = product.order_quantity_maximum if product and product.order_quantity_maximum else limits.units_per_line
        together = units.get(line.product_id, 0) + line.quantity
        has_room = len(before.lines) + len(taken) < limits.line_items
        wanted, there_are = of_variant.get(line.variant_id, 0) + line.quantity, stock.available(line.variant_id, facts)
        fits = together <= most and (there_are is None or wanted <= there_are)
        if line.gift is None and has_room and (not line.product_id or fits):
            taken.append(line)
            units[line.product_id], of_variant[line.variant_id] = together, wanted
    return taken


def handed_back(before: Checkout) -> Checkout:
    """The cart as a guest's who has said nothing yet but what is to be bought."""
    plain = with_places(before, before.lines, {})
    return replace(
        plain,
        customer_id=0,
        email="",
        billing_address=None,
        customer_message="",
        manual_discounts=None,
        gift_certificates=(),
        is_store_credit_applied=False,
        shown_balance=None,
        is_spam_check_passed=False,
    )
