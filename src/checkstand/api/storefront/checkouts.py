"""Checkouts and consignments of the session (BEHAVIOUR 2 and 3)."""

from collections.abc import Sequence

from msgspec import UNSET

from checkstand.api import bodies
from checkstand.api.http import Call, Endpoint, Handler, Reply
from checkstand.api.storefront import render, shapes
from checkstand.api.storefront.notes import noted
from checkstand.api.storefront.render import CHECKOUT_INCLUDES, PICKUP_OPTIONS, SHIPPING_OPTIONS
from checkstand.api.storefront.requests import (
    BillingAddressBody,
    CertificateCodeBody,
    CheckoutUpdate,
    ConsignmentUpdate,
    CouponCodeBody,
    LineUpdateBody,
    NewConsignment,
    SpamProtectionBody,
    VersionBody,
)
from checkstand.api.storefront.surface import expect_spam_token, hold, own_checkout
from checkstand.domain.commands import (
    AnyCommand,
    ApplyCertificate,
    ApplyCoupon,
    ApplyStoreCredit,
    ChangeCertificate,
    ChangeLine,
    CreateConsignments,
    PassSpamCheck,
    RemoveConsignment,
    SetBillingAddress,
    SetCustomerMessage,
    UpdateConsignment,
    WithdrawCertificate,
    WithdrawCoupon,
    WithdrawStoreCredit,
)
from checkstand.errors import Invalid, NotFound
from checkstand.service import carts, gift_certificates
from checkstand.service.commands import change, read


async def get_checkout(call: Call, body: None) -> shapes.Checkout | Reply:
    answer = await read(
        call.unit,
        own_checkout(call),
        call.now,
        with_stock=render.looks_at_stock(call.include),
        with_offers=SHIPPING_OPTIONS in call.include,
        audience="storefront",
    )
    return noted(render.checkout(answer, call.include), answer)


async def _change(call: Call, command: AnyCommand, versions: Sequence[int] = ()) -> shapes.Checkout | Reply:
    answer = await change(
        call.unit,
        own_checkout(call),
        command,
        call.moment,
        versions=versions,
        with_stock=render.looks_at_stock(call.include),
        with_offers=SHIPPING_OPTIONS in call.include,
    )
    return noted(render.checkout(answer, call.include), answer)


async def update_checkout(call: Call, body: CheckoutUpdate) -> shapes.Checkout | Reply:
    command = SetCustomerMessage(message=body.customer_message or "")
    return await _change(call, command, bodies.versions(body.version))


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
    command = RemoveConsignment(consignment_id=call.params["consignment_id"])
    return await _change(call, command, bodies.versions(body.version if body else None))


async def add_coupon(call: Call, body: CouponCodeBody) -> shapes.Checkout | Reply:
    return await _change(call, ApplyCoupon(code=body.coupon_code), bodies.versions(body.version))


async def remove_coupon(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    command = WithdrawCoupon(code=call.params["coupon_code"])
    return await _change(call, command, bodies.versions(body.version if body else None))


async def admit_certificate(call: Call, body: CertificateCodeBody) -> None:
    """A session tries so many codes and no more (BEHAVIOUR 3.5)."""
    own_checkout(call)
    await gift_certificates.admit(call.unit, call.session_id, call.address, body.gift_certificate_code, call.now)


async def add_certificate(call: Call, body: CertificateCodeBody) -> shapes.Checkout | Reply:
    return await _change(call, ApplyCertificate(code=body.gift_certificate_code), bodies.versions(body.version))


async def remove_certificate(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    command = WithdrawCertificate(code=call.params["code"])
    return await _change(call, command, bodies.versions(body.version if body else None))


async def add_store_credit(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    return await _change(call, ApplyStoreCredit(), bodies.versions(body.version if body else None))


async def remove_store_credit(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    return await _change(call, WithdrawStoreCredit(), bodies.versions(body.version if body else None))


async def pass_spam_check(call: Call, body: SpamProtectionBody) -> shapes.Checkout | Reply:
    expect_spam_token(body.token)
    return await _change(call, PassSpamCheck(), bodies.versions(body.version))


async def update_item(call: Call, body: LineUpdateBody) -> shapes.Checkout | Reply:
    _check_cart(call)
    command = line_command(body, call.params["item_id"])
    if command is None:
        return await _without_line(call, bodies.versions(body.version))
    return await _change(call, command, bodies.versions(body.version))


async def remove_item(call: Call, body: VersionBody | None) -> shapes.Checkout | Reply:
    _check_cart(call)
    return await _without_line(call, bodies.versions(body.version if body else None))


async def _without_line(call: Call, versions: tuple[int, ...]) -> shapes.Checkout | Reply:
    """204 when the last line, and the cart with it, is gone (D35)."""
    answer = await carts.remove_line(
        call.unit,
        own_checkout(call),
        call.params["item_id"],
        call.moment,
        versions=versions,
        with_stock=render.looks_at_stock(call.include),
    )
    if answer is None:
        await hold(call, checkout_id="")
        return Reply(status=204)
    return noted(render.checkout(answer, call.include), answer)


def _check_cart(call: Call) -> None:
    if call.params["cart_id"] != own_checkout(call):
        raise NotFound(f"Cart {call.params['cart_id']} is not the one of this checkout.", code="cart_not_found")


def line_command(body: LineUpdateBody, line_id: str) -> AnyCommand | None:
    """What a line update asks for; None: to remove the line, by a quantity of 0."""
    if body.gift_certificate is not None:
        return ChangeCertificate(line_id=line_id, certificate=body.gift_certificate.draft())
    sent = body.line_item
    if sent is None or (sent.quantity is None and sent.gift_wrapping is UNSET):
        raise Invalid.field("lineItem.quantity", "is required")
    if sent.quantity == 0:
        return None
    wrapping = sent.new_wrapping()
    return ChangeLine(line_id=line_id, quantity=sent.quantity, gift_wrapping=wrapping)


POST_INCLUDES = (SHIPPING_OPTIONS,)
PUT_INCLUDES = (SHIPPING_OPTIONS, PICKUP_OPTIONS)


def _endpoint(
    method: str,
    path: str,
    handle: object,
    summary: str,
    *,
    body: object = None,
    body_optional: bool = False,
    default: tuple[str, ...] = POST_INCLUDES,
    tag: str = "Checkouts",
    admit: Handler | None = None,
) -> Endpoint:
    """All of them answer the whole checkout."""
    assert callable(handle)
    return Endpoint(
        method,
        path,
        handle,
        summary,
        answer=shapes.Checkout,
        body=body,
        body_optional=body_optional or method == "DELETE",
        include=CHECKOUT_INCLUDES,
        include_default=default,
        tag=tag,
        admit=admit,
    )


CONSIGNMENTS = "/checkouts/{checkout_id}/consignments"
STORE_CREDIT = "/checkouts/{checkout_id}/store-credit"
ITEM = "/checkouts/{checkout_id}/carts/{cart_id}/items/{item_id}"

ENDPOINTS = [
    _endpoint(
        "POST",
        CONSIGNMENTS,
        add_consignments,
        "Add one or several consignments",
        body=list[NewConsignment],
        tag="Consignments",
    ),
    _endpoint(
        "PUT",
        f"{CONSIGNMENTS}/{{consignment_id}}",
        update_consignment,
        "Change where and what, or choose how",
        body=ConsignmentUpdate,
        default=PUT_INCLUDES,
        tag="Consignments",
    ),
    _endpoint(
        "DELETE",
        f"{CONSIGNMENTS}/{{consignment_id}}",
        remove_consignment,
        "Remove a consignment; its items stay in the cart",
        body=VersionBody,
        tag="Consignments",
    ),
    _endpoint("GET", "/checkouts/{checkout_id}", get_checkout, "Read a checkout"),
    _endpoint("PUT", "/checkouts/{checkout_id}", update_checkout, "Set the customer's message", body=CheckoutUpdate),
    _endpoint("GET", "/checkout/{checkout_id}", get_checkout, "Read a checkout (the path of the official SDK)"),
    _endpoint(
        "PUT",
        "/checkout/{checkout_id}",
        update_checkout,
        "Set the customer's message (the path of the official SDK)",
        body=CheckoutUpdate,
    ),
    _endpoint(
        "POST",
        "/checkouts/{checkout_id}/billing-address",
        add_billing_address,
        "Set the billing address, in the place of one that exists",
        body=BillingAddressBody,
        default=(),
    ),
    _endpoint(
        "PUT",
        "/checkouts/{checkout_id}/billing-address/{address_id}",
        update_billing_address,
        "Change the billing address",
        body=BillingAddressBody,
        default=(),
    ),
    _endpoint("PUT", ITEM, update_item, "Change a line item", body=LineUpdateBody),
    _endpoint("DELETE", ITEM, remove_item, "Remove a line item; 204 when the cart is gone with it", body=VersionBody),
    _endpoint("POST", "/checkouts/{checkout_id}/coupons", add_coupon, "Apply a coupon", body=CouponCodeBody),
    _endpoint(
        "DELETE", "/checkouts/{checkout_id}/coupons/{coupon_code}", remove_coupon, "Withdraw a coupon", body=VersionBody
    ),
    _endpoint(
        "POST",
        "/checkouts/{checkout_id}/gift-certificates",
        add_certificate,
        "Pay with a gift certificate",
        body=CertificateCodeBody,
        tag="Payments",
        admit=admit_certificate,
    ),
    _endpoint(
        "DELETE",
        "/checkouts/{checkout_id}/gift-certificates/{code}",
        remove_certificate,
        "Withdraw a gift certificate",
        body=VersionBody,
        tag="Payments",
    ),
    _endpoint(
        "POST",
        STORE_CREDIT,
        add_store_credit,
        "Pay with the customer's store credit, as far as it goes",
        body=VersionBody,
        body_optional=True,
        tag="Payments",
    ),
    _endpoint("DELETE", STORE_CREDIT, remove_store_credit, "Keep the store credit", body=VersionBody, tag="Payments"),
    _endpoint(
        "POST",
        "/checkouts/{checkout_id}/spam-protection",
        pass_spam_check,
        "Say that the spam check was passed",
        body=SpamProtectionBody,
    ),
]
