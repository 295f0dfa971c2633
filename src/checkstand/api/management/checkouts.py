"""Checkouts and consignments (BEHAVIOUR 2 and 3)."""

from collections.abc import Sequence

from checkstand.api import bodies
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management import render, shapes
from checkstand.api.management.explanations import explained, wants_explanation
from checkstand.api.management.notes import noted
from checkstand.api.management.render import CHECKOUT_INCLUDES, CONSIGNMENT_INCLUDES
from checkstand.api.management.requests import (
    BillingAddressBody,
    CheckoutUpdate,
    ConsignmentUpdate,
    CouponCodeBody,
    DiscountsBody,
    FeesBody,
    FeesRemoval,
    FeesUpdate,
    NewConsignment,
    VersionBody,
)
from checkstand.domain.commands import (
    AddFees,
    AnyCommand,
    ApplyCoupon,
    CreateConsignments,
    GiveManualDiscounts,
    RemoveConsignment,
    RemoveFees,
    SetBillingAddress,
    SetCustomerMessage,
    UpdateConsignment,
    UpdateFees,
    WithdrawCoupon,
)
from checkstand.service import orders
from checkstand.service.access import CHECKOUT, ORDERS
from checkstand.service.commands import change, read


async def get_checkout(call: Call, body: None) -> shapes.Checkout | Reply:
    is_explained = bool(call.query) and wants_explanation(call)
    with_offers = render.shows_offers(call.include)
    answer = await read(call.unit, call.params["checkout_id"], call.now, with_offers=with_offers, audience="management")
    checkout = render.checkout(answer, call.include)
    explanation = explained(answer, call.unit.store_hash) if is_explained else None
    return noted(checkout, answer, explanation)


async def _change(call: Call, command: AnyCommand, versions: Sequence[int] = ()) -> shapes.Checkout | Reply:
    with_offers = render.shows_offers(call.include)
    answer = await change(
        call.unit, call.params["checkout_id"], command, call.moment, versions=versions, with_offers=with_offers
    )
    return noted(render.checkout(answer, call.include), answer)


async def update_checkout(call: Call, body: CheckoutUpdate) -> shapes.Checkout | Reply:
    return await _change(call, SetCustomerMessage(message=body.customer_message), bodies.versions(body.version))


async def add_billing_address(call: Call, body: BillingAddressBody) -> shapes.Checkout | Reply:
    return await _change(call, SetBillingAddress(address=body.address("")), bodies.versions(body.version))


async def update_billing_address(call: Call, body: BillingAddressBody) -> shapes.Checkout | Reply:
    command = SetBillingAddress(address=body.address(""), address_id=call.params["address_id"])
    return await _change(call, command, bodies.versions(body.version))


async def add_consignments(call: Call, body: list[NewConsignment]) -> shapes.Checkout | Reply:
    command = CreateConsignments(drafts=tuple(new.draft(index) for index, new in enumerate(body)))
    return await _change(call, command, bodies.versions(*(new.version for new in body)))


async def update_consignment(call: Call, body: ConsignmentUpdate) -> shapes.Checkout | Reply:
    command = UpdateConsignment(consignment_id=call.params["consignment_id"], change=body.change())
    return await _change(call, command, bodies.versions(body.version))


async def remove_consignment(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    command = RemoveConsignment(consignment_id=call.params["consignment_id"], detach_customer=True)
    return await _change(call, command, bodies.versions(body.version if body else None))


async def add_coupon(call: Call, body: CouponCodeBody) -> shapes.Checkout | Reply:
    return await _change(call, ApplyCoupon(code=body.coupon_code), bodies.versions(body.version))


async def remove_coupon(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    command = WithdrawCoupon(code=call.params["coupon_code"])
    return await _change(call, command, bodies.versions(body.version if body else None))


async def add_discounts(call: Call, body: DiscountsBody) -> shapes.Checkout | Reply:
    versions = bodies.versions(body.version, body.cart.version)
    command = GiveManualDiscounts(draft=body.draft())
    answer = await change(call.unit, call.params["checkout_id"], command, call.moment, versions=versions)
    return noted(render.checkout(answer, call.include, with_manual_discount=True), answer)


async def add_fees(call: Call, body: FeesBody) -> shapes.Checkout | Reply:
    command = AddFees(fees=tuple(fee.draft() for fee in body.fees))
    return await _change(call, command, bodies.versions(body.version))


async def update_fees(call: Call, body: FeesUpdate) -> shapes.Checkout | Reply:
    command = UpdateFees(fees=tuple(fee.change() for fee in body.fees))
    return await _change(call, command, bodies.versions(body.version))


async def remove_fees(call: Call, body: FeesRemoval) -> shapes.Checkout | Reply:
    return await _change(call, RemoveFees(fee_ids=tuple(body.ids)), bodies.versions(body.version))


async def create_order(call: Call, body: None) -> shapes.OrderCreated:
    order = await orders.place_incomplete(call.unit, call.params["checkout_id"], call.moment)
    return shapes.OrderCreated(order.id)


FEES = "/checkouts/{checkout_id}/fees"
CONSIGNMENTS = "/checkouts/{checkout_id}/consignments"

ENDPOINTS = [
    Endpoint(
        "POST",
        CONSIGNMENTS,
        add_consignments,
        "Add one or several consignments",
        answer=shapes.Checkout,
        body=list[NewConsignment],
        scopes=CHECKOUT,
        include=CONSIGNMENT_INCLUDES,
        tag="Consignments",
    ),
    Endpoint(
        "PUT",
        f"{CONSIGNMENTS}/{{consignment_id}}",
        update_consignment,
        "Change where and what, or choose how",
        answer=shapes.Checkout,
        body=ConsignmentUpdate,
        scopes=CHECKOUT,
        include=CONSIGNMENT_INCLUDES,
        tag="Consignments",
    ),
    Endpoint(
        "DELETE",
        f"{CONSIGNMENTS}/{{consignment_id}}",
        remove_consignment,
        "Remove a consignment; its items stay in the cart",
        answer=shapes.Checkout,
        body=VersionBody,
        body_optional=True,
        scopes=CHECKOUT,
        include=CONSIGNMENT_INCLUDES,
        tag="Consignments",
    ),
    Endpoint(
        "GET",
        "/checkouts/{checkout_id}",
        get_checkout,
        "Read a checkout; with explain=true, what its totals are made of",
        answer=shapes.Checkout,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        query=("explain",),
        tag="Checkouts",
    ),
    Endpoint(
        "PUT",
        "/checkouts/{checkout_id}",
        update_checkout,
        "Set the customer's message",
        answer=shapes.Checkout,
        body=CheckoutUpdate,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "POST",
        "/checkouts/{checkout_id}/billing-address",
        add_billing_address,
        "Set the billing address, in the place of one that exists",
        answer=shapes.Checkout,
        body=BillingAddressBody,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "PUT",
        "/checkouts/{checkout_id}/billing-address/{address_id}",
        update_billing_address,
        "Change the billing address",
        answer=shapes.Checkout,
        body=BillingAddressBody,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "POST",
        "/checkouts/{checkout_id}/coupons",
        add_coupon,
        "Apply a coupon",
        answer=shapes.Checkout,
        body=CouponCodeBody,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "DELETE",
        "/checkouts/{checkout_id}/coupons/{coupon_code}",
        remove_coupon,
        "Withdraw a coupon",
        answer=shapes.Checkout,
        body=VersionBody,
        body_optional=True,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "POST",
        "/checkouts/{checkout_id}/discounts",
        add_discounts,
        "Give manual discounts, in the place of those given before and of automatic promotions",
        answer=shapes.Checkout,
        body=DiscountsBody,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Checkouts",
    ),
    Endpoint(
        "POST",
        FEES,
        add_fees,
        "Add fees",
        answer=shapes.Checkout,
        body=FeesBody,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Fees",
    ),
    Endpoint(
        "PUT",
        FEES,
        update_fees,
        "Replace fees",
        answer=shapes.Checkout,
        body=FeesUpdate,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Fees",
    ),
    Endpoint(
        "DELETE",
        FEES,
        remove_fees,
        "Remove fees",
        answer=shapes.Checkout,
        body=FeesRemoval,
        scopes=CHECKOUT,
        include=CHECKOUT_INCLUDES,
        tag="Fees",
    ),
    Endpoint(
        "POST",
        "/checkouts/{checkout_id}/orders",
        create_order,
        "Place an order (status: incomplete)",
        answer=shapes.OrderCreated,
        scopes=CHECKOUT + ORDERS,
        tag="Checkouts",
    ),
]
