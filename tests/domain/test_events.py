"""What the outside is told: changes of lines, of the e-mail and of the customer; nothing about consignments (D47)."""

from msgspec.structs import replace

from checkstand.domain import events, order
from checkstand.domain.commands import CreateConsignments, RemoveConsignment, SetCustomerMessage, UpdateConsignment
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, Units
from checkstand.domain.events import Event
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_coupon,
    a_line,
    an_address,
    applied,
    billed,
    facts,
    in_new_york,
)
from tests.domain.engine import after, chosen, priced, settled

UPDATED = Event("store/cart/updated", {"type": "cart", "id": "cart"})


def line_event(what: str, line_id: str) -> Event:
    return Event(f"store/cart/lineItem/{what}", {"type": "cart_line_item", "id": line_id, "cartId": "cart"})


def test_a_new_cart_is_created_and_updated_at_once_and_so_is_each_line() -> None:
    checkout = a_checkout(a_line("x"), a_line("y", product_id=2))

    told = events.created(checkout)

    assert told == [
        Event("store/cart/created", {"type": "cart", "id": "cart"}),
        UPDATED,
        line_event("created", "x"),
        line_event("created", "y"),
    ]


def test_each_line_that_came_went_or_changed_is_told_after_the_cart() -> None:
    before = a_checkout(a_line("gone"), a_line("more", 1, product_id=2), a_line("same", product_id=3))
    now = replace(
        before,
        lines=(a_line("more", 5, product_id=2), a_line("same", product_id=3), a_line("new", product_id=4)),
    )

    assert events.changed(before, now) == [
        UPDATED,
        line_event("created", "new"),
        line_event("deleted", "gone"),
        line_event("updated", "more"),
    ]


def test_another_email_and_another_customer_are_changes_of_the_cart() -> None:
    before = a_checkout()

    assert events.changed(before, replace(before, email="john@example.com")) == [UPDATED]
    assert events.changed(before, replace(before, customer_id=11)) == [UPDATED]


def test_d47_addresses_options_and_messages_tell_nothing() -> None:
    bare = a_checkout()
    whole = after(CreateConsignments(drafts=(ConsignmentDraft(units=(Units("x", 2),), address=an_address()),)), bare)
    (created,) = whole.consignments
    (offered, *_) = settled(whole).options[created.id]
    moved = after(UpdateConsignment(consignment_id=created.id, change=ConsignmentChange(address=in_new_york())), whole)
    selected = after(
        UpdateConsignment(consignment_id=created.id, change=ConsignmentChange(shipping_option_id=offered.id)), whole
    )
    assert chosen(selected.consignments[0]).id == offered.id

    assert events.changed(bare, whole) == []
    assert events.changed(whole, moved) == []
    assert events.changed(whole, selected) == []
    assert events.changed(whole, after(RemoveConsignment(consignment_id=created.id), whole)) == []
    assert events.changed(bare, after(SetCustomerMessage(message="Please ring"), bare)) == []


def test_a_consignment_that_splits_a_line_tells_about_both_parts() -> None:
    before = a_checkout(a_line("x", 2))

    now = after(CreateConsignments(drafts=(ConsignmentDraft(units=(Units("x", 1),), address=an_address()),)), before)

    part = now.lines[1].id
    assert events.changed(before, now) == [UPDATED, line_event("created", part), line_event("updated", "x")]


def test_a_cart_that_is_deleted_tells_so_once() -> None:
    assert events.deleted(a_checkout()) == [Event("store/cart/deleted", {"type": "cart", "id": "cart"})]


def test_an_order_is_told_and_the_cart_is_converted_only_by_an_order_that_is_final() -> None:
    checkout = billed(a_checkout(consignments=(a_consignment(),)))
    placed = order.place(priced(checkout), facts(), order_id=100, status="INCOMPLETE", now=NOON)
    final = replace(placed, checkout=replace(placed.checkout, converted=True))

    created = Event("store/order/created", {"type": "order", "id": 100})
    assert events.ordered(placed) == [created]
    assert events.ordered(final) == [
        created,
        Event("store/cart/converted", {"type": "cart", "id": "cart", "orderId": 100}),
    ]


def test_a_coupon_is_told_when_it_is_applied_and_not_when_it_is_withdrawn() -> None:
    one, two = a_coupon(), a_coupon(code="OTHER", coupon_id=2)
    bare, with_one = a_checkout(), a_checkout(coupons=applied(one))

    assert events.changed(bare, with_one) == [
        Event("store/cart/couponApplied", {"type": "cart", "id": "cart", "couponId": 1})
    ]
    assert [event.data["couponId"] for event in events.changed(with_one, replace(bare, coupons=applied(one, two)))] == [
        2
    ]
    assert events.changed(with_one, bare) == []
