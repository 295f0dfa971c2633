"""Customers: registering, signing in and out, the address book, and who is signed in (BEHAVIOUR 6)."""

from msgspec import UNSET, Struct, UnsetType, convert

from checkstand.api.bodies import Text, custom_fields
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.projection import Amount, CustomerView, customer_view
from checkstand.api.storefront import shapes
from checkstand.api.storefront.requests import AddressBody, CustomField
from checkstand.api.storefront.surface import begin_session, channel_of, expect_session, expect_spam_token, signed_in
from checkstand.domain.customers import CustomerChange
from checkstand.domain.facts import Customer, Store
from checkstand.errors import Invalid, NotFound, Unauthenticated
from checkstand.service import customers, login_tokens, orders
from checkstand.storage.port import Session

# ---------------------------------------------------------------------------------------------------- what is sent


class SignInBody(Struct, rename="camel"):
    """`cartId`: sent for carts of a single purchase, and not looked at."""

    email: Text
    password: Text
    cart_id: str | None = None


class SignOutBody(Struct, rename="camel"):
    """The optional body of signing out; nothing of it is looked at."""

    cart_id: str | None = None


class NewCustomer(Struct, rename="camel"):
    """`token`: what the shopper's browser got for passing the spam check, where the store asks for one."""

    first_name: Text
    last_name: Text
    email: Text
    password: Text
    accepts_marketing_emails: bool | None = None
    token: str | None = None
    custom_fields: list[CustomField] | None = None


class AccountOfOrder(Struct, rename="camel"):
    """A guest who has ordered wants an account: the order's names and email, with this password."""

    order_id: int
    password: Text
    confirm_password: Text | None = None
    newsletter: bool | None = None


# ---------------------------------------------------------------------------------------------------- what is shown


class SignedInCustomer(Struct, rename="camel", kw_only=True):
    is_guest: bool
    email: str
    name: str
    first_name: str
    last_name: str
    customer_id: int
    customer_group_id: int
    customer_group_name: str
    store_credit: Amount
    phone_number: str
    addresses: list[shapes.CustomerAddress]


class FoundCart(Struct):
    id: str


class SignedInData(Struct, rename="camel"):
    """`persistentCartRetrievalInformation`: the cart that is the session's now, where it is another one than before."""

    customer: SignedInCustomer
    persistent_cart_retrieval_information: FoundCart | UnsetType = UNSET


class SignInMeta(Struct, frozen=True):
    pass


class SignInAnswer(Struct):
    data: SignedInData
    meta: SignInMeta = SignInMeta()


GUEST = SignedInCustomer(
    is_guest=True,
    email="",
    name="",
    first_name="",
    last_name="",
    customer_id=0,
    customer_group_id=0,
    customer_group_name="",
    store_credit=0,
    phone_number="",
    addresses=[],
)


def _shown(customer: Customer, store: Store) -> SignedInCustomer:
    view = customer_view(customer, store, store.currency)
    group = store.group_of(customer)
    return SignedInCustomer(
        is_guest=False,
        email=view.email,
        name=view.full_name,
        first_name=view.first_name,
        last_name=view.last_name,
        customer_id=view.id,
        customer_group_id=group.id if group else 0,
        customer_group_name=group.name if group else "",
        store_credit=view.store_credit,
        phone_number=customer.phone,
        addresses=_book(view),
    )


def _book(view: CustomerView) -> list[shapes.CustomerAddress]:
    return convert(view.addresses, list[shapes.CustomerAddress], from_attributes=True)


# ---------------------------------------------------------------------------------------------------- endpoints


async def sign_in(call: Call, customer_id: int) -> None:
    """The session is the customer's from now on, under a new id, with their cart. Raises `Unauthenticated` where there is no such
    customer."""
    session = call.session
    if session.customer_id not in (0, customer_id):
        session = Session()
    try:
        cart_id = await customers.take_cart(call.unit, customer_id, session.checkout_id, call.moment)
    except NotFound:
        raise Unauthenticated("There is no such customer.", code="unknown_customer") from None
    await begin_session(call, Session(checkout_id=cart_id, customer_id=customer_id, order_id=session.order_id))


async def post_sign_in(call: Call, body: SignInBody) -> SignInAnswer:
    """What is wrong, email or password, is not told. Who guesses too often has to wait."""
    expect_session(call)
    channel_id = await channel_of(call)
    customer = await customers.authenticate(
        call.unit, body.email, body.password, call.now, address=call.address, channel_id=channel_id
    )
    return await _signed_in(call, customer)


async def _signed_in(call: Call, customer: Customer) -> SignInAnswer:
    before = call.session.checkout_id
    await sign_in(call, customer.id)
    found = call.session.checkout_id
    return SignInAnswer(
        SignedInData(
            _shown(customer, await call.unit.store()), FoundCart(found) if found and found != before else UNSET
        )
    )


async def sign_out(call: Call, body: SignOutBody | None) -> SignInAnswer:
    """The cart stays in the session, under its id, without anything personal."""
    session, cart_id = call.session, call.session.checkout_id
    if session.customer_id:
        cart_id = await customers.leave_cart(call.unit, session.customer_id, cart_id, call.moment)
    await begin_session(call, Session(checkout_id=cart_id))
    return SignInAnswer(SignedInData(GUEST))


async def register(call: Call, body: NewCustomer) -> Reply:
    """A new customer, who is signed in at once."""
    expect_session(call)
    if (await call.unit.store()).checkout_settings.spam_check:
        expect_spam_token(body.token or "")
    change = CustomerChange(
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        accepts_marketing=bool(body.accepts_marketing_emails),
        registration_ip_address=call.address,
        origin_channel_id=await channel_of(call),
        custom_fields=custom_fields(body.custom_fields),
    )
    customer = await customers.register(call.unit, change, body.password, call.address, call.now)
    await sign_in(call, customer.id)
    return Reply(status=204)


async def register_after_order(call: Call, body: AccountOfOrder) -> SignInAnswer:
    """For the guest who has just ordered in this session, and whose order it is from then on."""
    expect_session(call)
    if not body.order_id or body.order_id != call.session.order_id:
        raise NotFound(f"There is no order {body.order_id} in this session.", code="order_not_found")
    if body.confirm_password is not None and body.confirm_password != body.password:
        raise Invalid.field("confirmPassword", "must be the password")
    billing = (await call.unit.orders.get(body.order_id)).checkout.billing_address
    if billing is None or call.session.customer_id:
        raise NotFound("The order has a customer already.", code="order_not_found")
    change = CustomerChange(
        email=billing.address.email,
        first_name=billing.address.first_name,
        last_name=billing.address.last_name,
        phone=billing.address.phone,
        company=billing.address.company,
        accepts_marketing=bool(body.newsletter),
        registration_ip_address=call.address,
        origin_channel_id=await channel_of(call),
    )
    customer = await customers.register(call.unit, change, body.password, call.address, call.now)
    await orders.give_to(call.unit, body.order_id, customer.id, call.now)
    return await _signed_in(call, await customers.add_address(call.unit, customer.id, billing.address, call.now))


async def add_address(call: Call, body: AddressBody) -> shapes.Customer:
    """The customer with all addresses; the book has each once."""
    customer = await signed_in(call)
    address = body.address("")
    customer, store = await customers.add_address(call.unit, customer.id, address, call.now), await call.unit.store()
    shape = convert(customer_view(customer, store, store.currency), shapes.Customer, from_attributes=True)
    shape.customer_group = UNSET
    return shape


async def current_customer(call: Call, body: None) -> Reply:
    """A token that tells an app who is signed in, as plain text; its secret tells that it is true."""
    try:
        customer = await signed_in(call)
    except Unauthenticated:
        raise NotFound("Nobody is signed in.", code="not_signed_in") from None
    client_id, refused = call.first("app_client_id"), call.app.refused_apps
    token = await login_tokens.current_customer(call.unit, client_id, customer, call.moment, refused)
    return Reply(text=token)


CUSTOMER = "/checkout/customer"
TAG = "Customers"

ENDPOINTS = [
    Endpoint("POST", path, register, "Register", body=NewCustomer, status=204, tag=TAG, authenticates=True)
    for path in ("/customers", "/customer")
] + [
    Endpoint(
        "POST",
        "/customer-address",
        add_address,
        "Add an address to the customer's book",
        answer=shapes.Customer,
        body=AddressBody,
        tag=TAG,
        authenticates=True,
    ),
]

INTERNAL_ENDPOINTS = [
    Endpoint(
        "POST",
        CUSTOMER,
        post_sign_in,
        "Sign in",
        answer=SignInAnswer,
        body=SignInBody,
        tag=TAG,
        authenticates=True,
    ),
    Endpoint(
        "PUT",
        CUSTOMER,
        register_after_order,
        "Register as the guest who has just ordered",
        answer=SignInAnswer,
        body=AccountOfOrder,
        tag=TAG,
        authenticates=True,
    ),
    Endpoint(
        "DELETE",
        CUSTOMER,
        sign_out,
        "Sign out; the cart stays",
        answer=SignInAnswer,
        body=SignOutBody,
        body_optional=True,
        tag=TAG,
        authenticates=True,
    ),
]

PAGES = [
    Endpoint(
        "GET",
        "/customer/current.jwt",
        current_customer,
        "Who is signed in, for an app",
        answer=str,
        query=("app_client_id",),
        tag=TAG,
        content_type="text/plain; charset=utf-8",
    ),
]
