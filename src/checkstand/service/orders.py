"""Placing an order. The same spine as any change, with more care: an order that already exists for this very version is
returned as success, unmet requirements refuse, totals are worked out anew, stock, the uses of coupons, what gift
certificates and store credit pay and addresses that the customer asked to keep move with the order in one transaction. Gift
certificates that were bought are issued with it where nothing is left to pay, or once the merchant says that it is paid.

Of requests at the same time, in however many processes, the key of the orders decides: store, checkout, version, and which
order of that version it is. Those that lose look again, and find the winner's order."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex

from msgspec.structs import replace

from checkstand.domain import applied_coupons, events, order, payments, stock
from checkstand.domain.checkout import with_message
from checkstand.domain.gift_certificates import GiftCertificate
from checkstand.domain.moment import Moment
from checkstand.domain.order import Order, OrderChange
from checkstand.domain.order_status import GIVEN_UP, PAID, OrderStatus, is_active
from checkstand.domain.payment_methods import kind_of
from checkstand.domain.shown import check_balance, check_shipping, more_than_saved
from checkstand.errors import AlreadyOrdered, NotFound
from checkstand.service import customers
from checkstand.service.carrier_rates import with_answers
from checkstand.service.commands import LostRace, in_turn, work_out
from checkstand.service.gather import gather, with_products
from checkstand.service.gift_certificates import bought
from checkstand.service.tax_submissions import commit_of, void
from checkstand.storage.port import UnitOfWork


async def place_incomplete(unit: UnitOfWork, checkout_id: str, moment: Moment) -> Order:
    """The Management way: status "incomplete", no stock taken, the cart stays (D64, D65), coupons count as used (D63).
    Repeated for an unchanged checkout it returns the order already made (D53), unless the store's settings ask for a new one
    each time."""
    return await _place(unit, checkout_id, moment, is_final=False)


async def place_final(
    unit: UnitOfWork,
    checkout_id: str,
    payment_name: str | None,
    moment: Moment,
    customer_message: str | None = None,
    *,
    use_store_credit: bool = False,
) -> Order:
    """The Storefront way: gift certificates and store credit pay what they can, an offline payment is promised for the rest (none
    where nothing is left), stock is taken, and the cart has become an order for good."""
    return await _place(
        unit,
        checkout_id,
        moment,
        is_final=True,
        payment_name=payment_name,
        customer_message=customer_message,
        use_store_credit=use_store_credit,
    )


async def _place(
    unit: UnitOfWork,
    checkout_id: str,
    moment: Moment,
    *,
    is_final: bool,
    payment_name: str | None = None,
    customer_message: str | None = None,
    use_store_credit: bool = False,
) -> Order:
    async def attempt(unit: UnitOfWork) -> Order:
        before = await unit.checkouts.get(checkout_id)
        if before.converted and before.order_id is not None:
            return await unit.orders.get(before.order_id)
        made = await unit.orders.of_checkout(checkout_id, before.version)
        if made is not None and not (is_final or await _makes_new_ones(unit)):
            return made
        if made is not None and is_final:
            if (await unit.checkouts.get(checkout_id)).converted:  # since it was read
                return made
            raise AlreadyOrdered(
                f"Order {made.id} was made of this checkout through the Management API and awaits its payment there."
            )
        facts = await gather(unit, before, now=moment.now, with_stock=True)
        payment = order.payment_method(payment_name, facts.store) if payment_name is not None else None
        wanted = before if customer_message is None else with_message(before, customer_message)
        wanted = payments.with_all_credit(wanted, facts) if use_store_credit else wanted
        facts = await with_answers(unit, before, wanted, facts)
        answer = work_out(wanted, facts)
        order.check_pickups(wanted, answer.checkout, facts)
        order.check(answer.checkout, facts)
        order.check_goods(answer.checkout, await with_products(unit, answer.checkout, facts))
        seen = None
        if more_than_saved(before, answer.priced) is not None:
            seen = await unit.checkouts.shown(checkout_id, "storefront" if is_final else "management")
        check_shipping(before, answer.checkout, seen)
        if is_final:
            order.check_human(answer.checkout, facts.store)
            check_balance(before, answer.priced, seen)
            if payment is None:
                order.check_free(answer.priced)
        order_id, is_paid = await unit.orders.next_id(), is_final and not answer.priced.totals.outstanding_balance
        first_status: OrderStatus = "AWAITING_FULFILLMENT"
        if not is_final:
            first_status = "INCOMPLETE"
        elif payment and not is_paid:
            first_status = kind_of(payment).status(payment)
        placed = order.place(
            answer.priced,
            facts,
            order_id=order_id,
            status=first_status,
            now=moment.now,
            payment=None if is_paid else payment,
            token=token_hex(16),
            issued=await bought(unit, answer.checkout, order_id, moment.now) if is_paid else (),
            repetition=made.repetition + 1 if made else 1,
        )
        after = replace(placed.checkout, converted=is_final)
        taken = stock.taken(after, facts) if is_final else {}
        placed = order.with_stock_of(replace(placed, checkout=after), taken)
        used = applied_coupons.uses(answer.priced, facts)
        commit = await commit_of(unit, answer.priced, facts, placed.id, is_final=is_final)
        saved = await customers.addresses_to_save(unit, after) if is_final else []

        async def keep(unit: UnitOfWork) -> bool:
            if not await unit.orders.insert(placed, before, after, taken, events.ordered(placed), used, commit):
                return False
            await customers.save_addresses(unit, placed, saved)
            return True

        kept = await unit.together(keep) if saved else await keep(unit)
        if not kept:
            raise LostRace
        return placed

    return await in_turn(unit, checkout_id, attempt)


async def _makes_new_ones(unit: UnitOfWork) -> bool:
    """Whether each request for an order makes one, also for a checkout that did not change since the last."""
    return (await unit.store()).checkout_settings.new_order_each_time


# ---------------------------------------------------------------------------------------------------- changing one


async def change(unit: UnitOfWork, order_id: int, wanted: OrderChange, now: datetime) -> Order:
    """The order after a change. What follows from its status happens in the same transaction: stock is taken or given back, the
    cart of a paid order is converted, what it bought is issued, word is left for the tax provider.

    Raises `NotFound`, `Invalid`, `OutOfStock`.
    """
    known = await unit.orders.get(order_id)
    order.check_status(known, wanted)
    # Numbers are drawn before the transaction, so that it holds nothing that an order being placed may wait for.
    is_due = wanted.status in PAID and not known.issued
    issued = await bought(unit, known.checkout, order_id, now) if is_due else ()
    return await unit.together(lambda inside: _change(inside, known, wanted, issued, now))


async def _change(
    unit: UnitOfWork, known: Order, wanted: OrderChange, issued: Sequence[GiftCertificate], now: datetime
) -> Order:
    await unit.checkouts.hold(known.checkout.id)
    await unit.orders.hold(known.id)
    before = await unit.orders.get(known.id)
    facts = await gather(unit, before.checkout, now=now, with_stock=True)
    done = order.changed(before, wanted, facts, now)
    after = done.order
    if order.becomes_paid(before, wanted):
        after = replace(after, issued=before.issued or tuple(issued))
        if await _convert(unit, after):
            after = replace(after, checkout=replace(after.checkout, converted=True))
    happened = events.order_changed(before, after)
    await unit.orders.replace(before, after, happened, taken=done.taken, given_back=done.given_back)
    if before.status == "INCOMPLETE" and is_active(after.status):
        commit = await commit_of(unit, after.priced(), facts, after.id, is_final=True)
        if commit is not None:
            await unit.tax_connections.submit(commit, now)
    elif after.status in GIVEN_UP and before.status not in GIVEN_UP:
        await void(unit, after.id, now)
    return after


async def give_to(unit: UnitOfWork, order_id: int, customer_id: int, now: datetime) -> None:
    """A guest's order becomes a customer's; one that has a customer already keeps it. Raises `NotFound`."""

    async def work(inside: UnitOfWork) -> None:
        await inside.orders.hold(order_id)
        before = await inside.orders.get(order_id)
        if not before.checkout.customer_id:
            after = order.given_to(before, customer_id, now)
            await inside.orders.replace(before, after, events.order_changed(before, after), taken={}, given_back={})

    await unit.together(work)


async def _convert(unit: UnitOfWork, paid: Order) -> bool:
    """The cart of a paid order is gone for its shopper, whatever was put into it since (D65). Whether it was still there."""
    try:
        cart = await unit.checkouts.get(paid.checkout.id)
    except NotFound:
        return False
    return not cart.converted and await unit.checkouts.replace(
        cart, replace(cart, converted=True, order_id=paid.id), []
    )
