"""The ways to pay that the shop offers, as official clients want them described."""

from msgspec import Struct, field

from checkstand.api.http import Call, Endpoint
from checkstand.domain.payment_methods import PaymentMethod, kind_of
from checkstand.errors import NotFound


class PaymentMethodConfig(Struct, rename="camel"):
    """The rest is of cards and wallets: false or null of a method that has nothing to do with them."""

    display_name: str
    help_text: str
    test_mode: bool
    require_customer_code: bool = False
    is_vaulting_enabled: bool = False
    has_default_stored_instrument: bool = False
    is_hosted_form_enabled: bool = False
    card_code: None = None
    enable_paypal: None = None
    merchant_id: None = None
    is_3ds_enabled: None = field(default=None, name="is3dsEnabled")
    is_visa_checkout_enabled: None = None
    is_vaulting_cvv_enabled: None = None
    logo: None = None


class InitializationStrategy(Struct):
    type: str


class PaymentMethodShape(Struct, rename="camel"):
    """`id` is what an order names. The last four are for methods that talk to somebody else."""

    id: str
    gateway: str | None
    type: str
    method: str
    logo_url: str
    supported_cards: list[str]
    config: PaymentMethodConfig
    initialization_strategy: InitializationStrategy
    provides_shipping_address: bool = False
    initialization_data: None = None
    client_token: str | None = None
    nonce: str | None = None
    return_url: str | None = None


def _shape(method: PaymentMethod) -> PaymentMethodShape:
    kind = kind_of(method)
    return PaymentMethodShape(
        id=method.id,
        gateway=kind.gateway,
        type=kind.sdk_type,
        method=kind.sdk_method,
        logo_url="",
        supported_cards=[],
        config=PaymentMethodConfig(method.name, method.instructions, False),
        initialization_strategy=InitializationStrategy("not_applicable"),
    )


async def get_payment_methods(call: Call, body: None) -> list[PaymentMethodShape]:
    return [_shape(method) for method in (await call.unit.store()).payment_methods]


async def get_payment_method(call: Call, body: None) -> PaymentMethodShape:
    wanted = call.params["payment_id"]
    for method in (await call.unit.store()).payment_methods:
        if method.id == wanted:
            return _shape(method)
    raise NotFound(f"There is no payment method {wanted}.", code="payment_method_not_found")


ENDPOINTS = [
    Endpoint(
        "GET",
        "/payments",
        get_payment_methods,
        "List the ways to pay",
        answer=list[PaymentMethodShape],
        query=("cartId",),
        tag="Payments",
    ),
    Endpoint(
        "GET",
        "/payments/{payment_id}",
        get_payment_method,
        "Read a way to pay",
        answer=PaymentMethodShape,
        query=("cartId",),
        tag="Payments",
    ),
]
