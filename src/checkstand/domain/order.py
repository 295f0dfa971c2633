"""From a checkout to an order: what is still missing, and the order itself, a copy that shares nothing with the cart; and what
becomes of an order when its status changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import stock
from checkstand.domain.address import Address, missing_to_order, wrong_to_order
from checkstand.domain.checkout import Checkout, PickupChoice
from checkstand.domain.facts import Facts, Store
from checkstand.domain.form_fields import FormFields, unmet
from checkstand.domain.fulfillment import Settled
from checkstand.domain.gift_certificates import GiftCertificate
from checkstand.domain.order_status import PAID, OrderStatus, is_active
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.domain.pricing.entries import AnyEntry, Payment
from checkstand.domain.pricing.goods import Goods
from checkstand.domain.pricing.price import Priced, priced
from checkstand.domain.pricing.taxes import Taxes, destination
from checkstand.domain.stock import Stock
from checkstand.errors import Incomplete, Invalid, OutOfStock

NUMBERS_PER_ORDER = 10_000
"""More than an order has lines, so that no two orders number a line alike."""


class StockUnits(Struct, frozen=True, kw_only=True):
    variant_id: int
    location_id: int
    units: int


class PickupPlace(Struct, frozen=True, kw_only=True):
    """Where goods of an order are collected, and what the shopper was told, as it was called then. Its address is in
    `destinations`."""

    display_name: str
    collection_instructions: str
    collection_time_description: str
    location_id: int
    location_name: str


class Order(Struct, frozen=True, kw_only=True):
    """What was bought, as it was when the order was placed. `entries` are the amounts, totals are sums over them.

    Line items and addresses of an order have whole numbers as ids: `line_numbers` and `address_numbers` map the
    checkout's ids to them. `destinations` holds each consignment's address, a pick-up location's included.
    """

    id: int
    checkout: Checkout
    entries: tuple[AnyEntry, ...]
    status: OrderStatus
    created_at: datetime
    line_numbers: dict[str, int]
    address_numbers: dict[str, int]
    destinations: dict[str, Address]
    payment: PaymentMethod | None = None
    token: str = ""
    is_tax_included: bool = False
    """Whether its amounts are shown with tax."""
    is_shown_as_entered: bool = True
    """Whether they are shown in the mode in which the merchant entered them."""
    issued: tuple[GiftCertificate, ...] = ()
    """The gift certificates that were bought with it, once it is paid."""
    repetition: int = 1
    """Which of the orders of one version of the checkout it is: 1, unless the store makes a new one each time (D53)."""
    taken: tuple[StockUnits, ...] | None = None
    """What it holds of the stock. None: it was placed before this was written down."""
    pickups: dict[str, PickupPlace] = {}
    """By the ids of the consignments that are collected."""
    staff_notes: str = ""
    modified_at: datetime | None = None

    @property
    def places(self) -> dict[str, int]:
        """The locations where it is collected, by consignment."""
        return {consignment_id: place.location_id for consignment_id, place in self.pickups.items()}

    @property
    def email(self) -> str:
        """The shopper's."""
        billing = self.checkout.billing_address
        return (billing.address.email if billing else "") or self.checkout.email

    def priced(self) -> Priced:
        """The order's amounts, summed up again from its own entries."""
        zero = self.checkout.currency.zero
        taxes = Taxes((), self.is_tax_included, self.is_shown_as_entered, {}, {})
        return priced(Settled(self.checkout, Goods((), (), {}, zero), {}), self.entries, taxes)


def requirements(checkout: Checkout) -> list[tuple[str, str]]:
    """What an order still needs, as (code, sentence); the codes are those clients branch on (BEHAVIOUR 1.2). Empty: ready."""
    unmet: list[tuple[str, str]] = []
    if not checkout.lines:
        unmet.append(("empty_cart", "The cart is empty."))
    unmet += _billing_requirements(checkout)
    unmet += _consignment_requirements(checkout)
    return unmet


def _billing_requirements(checkout: Checkout) -> list[tuple[str, str]]:
    if checkout.billing_address is None:
        return [("invalid_billing_address", "A billing address is missing.")]
    unmet = []
    address = checkout.billing_address.address
    if not (address.email or checkout.email):
        unmet.append(("missing_email_address", "The billing address has no email."))
    if missing := missing_to_order(address):
        unmet.append(("invalid_billing_address", f"The billing address lacks {', '.join(missing)}."))
    unmet += [("invalid_billing_address", f"The billing address {wrong}.") for wrong in wrong_to_order(address)]
    return unmet


def _consignment_requirements(checkout: Checkout) -> list[tuple[str, str]]:
    unmet = []
    for consignment in checkout.consignments:
        if isinstance(consignment.selected, PickupChoice):
            continue
        if missing := missing_to_order(consignment.address):
            unmet.append(
                (
                    "invalid_shipping_address",
                    f"A shipping address for this order is incomplete: consignment {consignment.id} lacks {', '.join(missing)}.",
                )
            )
        unmet += [
            ("invalid_shipping_address", f"The shipping address of consignment {consignment.id} {wrong}.")
            for wrong in wrong_to_order(consignment.address)
        ]
    held = {line_id for consignment in checkout.consignments for line_id in consignment.line_item_ids}
    unassigned = [line.id for line in checkout.lines if line.is_shippable and line.id not in held]
    if unassigned:
        unmet.append(("missing_shipping_method", f"Line items without a consignment: {', '.join(unassigned)}."))
    for consignment in checkout.consignments:
        if consignment.selected is None:
            unmet.append(
                (
                    "missing_shipping_method",
                    f"Consignment {consignment.id} has no shipping option and no pick-up option.",
                )
            )
    return unmet


def form_requirements(checkout: Checkout, forms: FormFields) -> list[tuple[str, str]]:
    """What the shop's own forms ask for and addresses do not say (D11), like `requirements`."""
    found = []
    if checkout.billing_address:
        lacks = unmet(forms, forms.billing_address, checkout.billing_address.address)
        found += [("invalid_billing_address", f"The billing address {lack}.") for lack in lacks]
    for consignment in checkout.consignments:
        if not isinstance(consignment.selected, PickupChoice):
            lacks = unmet(forms, forms.shipping_address, consignment.address)
            where = f"The shipping address of consignment {consignment.id}"
            found += [("invalid_shipping_address", f"{where} {lack}.") for lack in lacks]
    return found


def place(
    answer: Priced,
    facts: Facts,
    *,
    order_id: int,
    status: OrderStatus,
    now: datetime,
    payment: PaymentMethod | None = None,
    token: str = "",
    issued: Sequence[GiftCertificate] = (),
    repetition: int = 1,
) -> Order:
    """The order, by copying. Only after `check`. One that waits to be paid elsewhere ("incomplete") takes no payments."""
    checkout, entries = answer.checkout, answer.entries
    if status == "INCOMPLETE":
        entries = tuple(entry for entry in entries if not isinstance(entry, Payment))
    return Order(
        id=order_id,
        checkout=replace(checkout, order_id=order_id),
        entries=entries,
        status=status,
        created_at=now,
        line_numbers=_numbers(order_id, (line.id for line in checkout.lines)),
        address_numbers=_numbers(order_id, (consignment.id for consignment in checkout.consignments)),
        destinations={consignment.id: destination(consignment, facts.store) for consignment in checkout.consignments},
        pickups=_pickup_places(checkout, facts.store),
        payment=payment,
        token=token,
        is_tax_included=answer.totals.is_tax_included,
        is_shown_as_entered=answer.taxes.is_shown_as_entered,
        issued=tuple(issued),
        repetition=repetition,
    )


def _pickup_places(checkout: Checkout, store: Store) -> dict[str, PickupPlace]:
    places = {}
    for consignment in checkout.consignments:
        if isinstance(consignment.selected, PickupChoice):
            method = store.pickup_method(consignment.selected.pickup_method_id)
            location = store.location(method.location_id) if method else None
            if method and location:
                places[consignment.id] = PickupPlace(
                    display_name=method.display_name,
                    collection_instructions=method.collection_instructions,
                    collection_time_description=method.collection_time_description,
                    location_id=location.id,
                    location_name=location.label,
                )
    return places


def _numbers(order_id: int, ids: Iterable[str]) -> dict[str, int]:
    return {each: order_id * NUMBERS_PER_ORDER + position for position, each in enumerate(ids, 1)}


def check(checkout: Checkout, facts: Facts) -> None:
    """Raises `Incomplete` with all unmet requirements, `OutOfStock` when the store no longer has the units."""
    missing = requirements(checkout) + form_requirements(checkout, facts.store.form_fields)
    quote = facts.tax_quote
    if quote and quote.status == "failed" and facts.store.tax_settings.fallback_strategy == "DISABLE":
        missing.append(("tax_provider_unavailable", "The taxes of this order cannot be worked out at the moment."))
    if missing:
        raise Incomplete(missing)
    stock.check(checkout, facts)


def check_goods(checkout: Checkout, facts: Facts) -> None:
    """Raises `OutOfStock` naming goods that the catalog no longer has; `facts.products` are those of all lines."""
    for line in checkout.lines:
        if line.product_id:
            product = facts.products.get(line.product_id)
            if product is None or product.variant(line.variant_id) is None:
                raise OutOfStock(
                    f"{line.name} is not sold any more; remove it from the cart.",
                    code="product_gone",
                    details={"variant_id": line.variant_id},
                )


def check_pickups(wanted: Checkout, settled: Checkout, facts: Facts) -> None:
    """Of what was to be collected where it no longer can be, goods that are gone there are named, rather than a choice that is
    missing: `wanted` has the choices as they were made, `settled` those that stand. Raises `OutOfStock`."""
    chosen = {consignment.id: consignment.selected for consignment in wanted.consignments}
    lost = [
        replace(consignment, selected=chosen[consignment.id])
        for consignment in settled.consignments
        if consignment.selected is None and isinstance(chosen.get(consignment.id), PickupChoice)
    ]
    if lost:
        held = {line_id for consignment in lost for line_id in consignment.line_item_ids}
        lines = tuple(line for line in settled.lines if line.id in held)
        stock.check(replace(settled, consignments=tuple(lost), lines=lines), facts)


def check_human(checkout: Checkout, store: Store) -> None:
    """Raises `Incomplete` where the store asks shoppers to show that they are none of the machines, and this one has not."""
    if checkout.needs_spam_check(is_asked=store.checkout_settings.spam_check):
        raise Incomplete([("spam_protection_not_completed", "The spam check of this checkout was not passed yet.")])


def check_free(answer: Priced) -> None:
    """Raises `Invalid` when something is to be paid, for an order that names no payment."""
    due = answer.totals.outstanding_balance
    if due:
        currency = answer.checkout.currency
        raise Invalid.field("payment", f"is required: {currency.text(due)} {currency.code} are to be paid")


# ---------------------------------------------------------------------------------------------------- changing one


class OrderChange(Struct, frozen=True, kw_only=True):
    """What is to be another about an order; None: stays as it is."""

    status: OrderStatus | None = None
    staff_notes: str | None = None
    customer_message: str | None = None


class Changed(Struct, frozen=True, kw_only=True):
    """An order after a change, and the stock it takes and gives back with it."""

    order: Order
    taken: Stock = {}
    given_back: Stock = {}


def check_status(order: Order, change: OrderChange) -> None:
    """Raises `Invalid`: an order that counts does so for good, or is given up."""
    if change.status == "INCOMPLETE" != order.status:
        raise Invalid.field("status_id", f"cannot be 0: order {order.id} is no longer incomplete")


def becomes_paid(order: Order, change: OrderChange) -> bool:
    return change.status in PAID and order.status not in PAID


def with_stock_of(order: Order, taken: Stock) -> Order:
    """The order, knowing what it holds."""
    held = tuple(
        StockUnits(variant_id=variant_id, location_id=location_id, units=units)
        for (variant_id, location_id), units in taken.items()
    )
    return replace(order, taken=held)


def changed(order: Order, change: OrderChange, facts: Facts, now: datetime) -> Changed:
    """Raises `Invalid`, and `OutOfStock` naming the goods that an order would take and that are gone (D64)."""
    check_status(order, change)
    status = change.status or order.status
    taken: Stock = {}
    given_back: Stock = {}
    after = replace(order, status=status, modified_at=now)
    if change.staff_notes is not None:
        after = replace(after, staff_notes=change.staff_notes)
    if change.customer_message is not None:
        after = replace(after, checkout=replace(after.checkout, customer_message=change.customer_message))
    if is_active(status) and not is_active(order.status):
        stock.check(order.checkout, facts, order.places)
        taken = stock.taken(order.checkout, facts, order.places)
        after = with_stock_of(after, taken)
    elif is_active(order.status) and not is_active(status):
        given_back = _held(order, facts)
        after = with_stock_of(after, {})
    return Changed(order=after, taken=taken, given_back=given_back)


def given_to(order: Order, customer_id: int, now: datetime) -> Order:
    """A guest's order as the customer's who the guest has become."""
    return replace(order, checkout=replace(order.checkout, customer_id=customer_id), modified_at=now)


def _held(order: Order, facts: Facts) -> Stock:
    if order.taken is None:
        return stock.taken(order.checkout, facts, order.places)
    return {(each.variant_id, each.location_id): each.units for each in order.taken}


def payment_method(name: str, store: Store) -> PaymentMethod:
    for method in store.payment_methods:
        if method.id == name:
            return method
    known = ", ".join(method.id for method in store.payment_methods)
    raise Invalid.field(
        "payment.name",
        f"{name!r} is not a payment method of this store; it has {known or 'none'}",
        code="payment_config_not_found",
    )
