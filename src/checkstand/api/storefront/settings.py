"""What a checkout page has to know about the shop before it shows anything: `checkout-settings`, and the list of extensions.

The answer is made for the browser that asks: its cart says in which currency prices are, and on which channel it buys.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from checkstand.api.http import Call, Endpoint
from checkstand.api.storefront.form_fields import FieldOptions, FieldShape, billing_address, shipping_address
from checkstand.domain import geography
from checkstand.domain.checkout import Checkout
from checkstand.domain.facts import Store
from checkstand.domain.hook import store_number
from checkstand.domain.passwords import PASSWORD_RULES
from checkstand.errors import NotFound


class PaymentContext(Struct):
    token: str | None = None


class Context(Struct, rename="camel"):
    """`checkout_id` empty: nothing to check out."""

    checkout_id: str
    geo_country_code: str
    flash_messages: list[str]
    payment: PaymentContext


class Customization(Struct, rename="camel"):
    language_data: list[str]


class DisplaySettings(Struct, rename="camel"):
    hide_price_from_guests: bool


class StoreCurrency(Struct, rename="camel"):
    """How amounts are written. `decimal_places` is a text here and a number in a cart, as recorded."""

    code: str
    symbol: str
    symbol_location: Literal["left", "right"]
    decimal_places: str
    decimal_separator: str
    thousands_separator: str
    is_transactional: bool


class ShopperCurrency(Struct, rename="camel"):
    """The cart's currency: its amounts are in it already, so the rate to show them at is 1."""

    code: str
    symbol: str
    symbol_location: Literal["left", "right"]
    decimal_places: str
    decimal_separator: str
    thousands_separator: str
    is_transactional: bool
    exchange_rate: int


class Links(Struct, rename="camel"):
    base_url: str | None
    site_link: str
    cart_link: str
    checkout_link: str
    login_link: str
    logout_link: str
    create_account_link: str
    forgot_password_link: str
    order_confirmation_link: str


class PaymentSettings(Struct, rename="camel"):
    bigpay_base_url: str
    client_side_payment_providers: list[str]


class PasswordRequirements(Struct):
    alpha: str
    numeric: str
    minlength: int
    error: str


class ShopperConfig(Struct, rename="camel"):
    default_newsletter_signup: bool
    show_newsletter_signup: bool
    password_requirements: PasswordRequirements


class StoreProfile(Struct, rename="camel"):
    store_id: str
    store_hash: str
    store_name: str
    store_language: str
    store_country: str
    store_country_code: str
    store_phone_number: str
    order_email: str
    shop_path: str


class UserExperience(Struct, rename="camel"):
    wallet_buttons_on_top: bool
    floating_label_enabled: bool
    enhanced_checkout_theme_v1: bool


class PageSettings(Struct, rename="camel"):
    """What has to do with payments by card, with Google and with wallets is switched off: there is none of it here."""

    features: dict[str, bool]
    guest_checkout_enabled: bool
    has_multi_shipping_enabled: bool
    is_account_creation_enabled: bool
    enable_order_comments: bool
    checkout_billing_same_as_shipping_enabled: bool
    enable_terms_and_conditions: bool
    order_terms_and_conditions: str
    order_terms_and_conditions_link: str
    order_terms_and_conditions_type: str
    requires_marketing_consent: bool
    is_express_privacy_policy: bool
    privacy_policy_url: str
    is_coupon_code_collapsed: bool
    is_sign_in_email_enabled: bool
    should_redirect_to_storefront_for_auth: bool
    google_maps_api_key: str
    shipping_quote_failed_message: str
    checkout_user_experience_settings: UserExperience
    order_terms_and_conditions_location: str = "payment"
    is_storefront_spam_protection_enabled: bool = False
    is_spam_protection_enabled: bool = False
    is_analytics_enabled: bool = False
    is_card_vaulting_enabled: bool = False
    is_payment_request_enabled: bool = False
    is_payment_request_can_make_payment_enabled: bool = False
    is_trusted_shipping_address_enabled: bool = False
    google_recaptcha_sitekey: str = ""
    provider_with_custom_checkout: str | None = None
    realtime_shipping_providers: list[str] = []
    remote_checkout_providers: list[str] = []


class FieldCopy(Struct, rename="camel"):
    """A field as the settings repeat it. A length is a text here. Any length: empty, or false for a choice, of a field that every
    shop has; null of a merchant's own, which is described further."""

    id: str
    name: str
    custom: bool
    label: str
    required: bool
    default: str | None
    max_length: str | Literal[False] | UnsetType | None
    type: str | UnsetType = UNSET
    field_type: str | UnsetType = UNSET
    itemtype: str | UnsetType = UNSET
    options: FieldOptions | UnsetType = UNSET
    min: str | UnsetType | None = UNSET
    max: str | UnsetType | None = UNSET


class FieldCopies(Struct, rename="camel"):
    """`form-fields` has them whole, and those of an account."""

    shipping_address_fields: list[FieldCopy]
    billing_address_fields: list[FieldCopy]


class StoreConfig(Struct, rename="camel"):
    checkout_settings: PageSettings
    currency: StoreCurrency
    shopper_currency: ShopperCurrency
    links: Links
    payment_settings: PaymentSettings
    shopper_config: ShopperConfig
    store_profile: StoreProfile
    display_settings: DisplaySettings
    form_fields: FieldCopies
    display_date_format: str
    input_date_format: str
    cdn_path: str = ""
    image_directory: str = "product_images"
    is_angular_debugging_enabled: bool = False


class CheckoutConfig(Struct, rename="camel"):
    context: Context
    customization: Customization
    store_config: StoreConfig


class Extension(Struct):
    """A part of a page that somebody else has made. Stores have none here."""


async def get_settings(call: Call, body: None) -> CheckoutConfig:
    """Answers a browser without a cart as well: the page that confirms an order asks after the cart is gone."""
    store, checkout = await call.unit.store(), await _checkout(call)
    channel_id = checkout.channel_id if checkout else store.channel_ids[0]
    currency = _currency(store, checkout)
    bought = checkout is not None and checkout.order_id is not None
    context = Context(checkout.id if checkout and not bought else "", store.country_code, [], PaymentContext())
    config = StoreConfig(
        checkout_settings=_page(store, channel_id),
        currency=StoreCurrency(*currency),
        shopper_currency=ShopperCurrency(*currency, exchange_rate=1),
        links=_links(store, call.base_url),
        payment_settings=PaymentSettings("", []),
        shopper_config=_shopper(store, channel_id),
        store_profile=_profile(store, channel_id, call.base_url),
        display_settings=DisplaySettings(store.checkout_settings.page_of(channel_id).hide_price_from_guests),
        form_fields=FieldCopies(
            [_copy(each) for each in shipping_address(store.form_fields)],
            [_copy(each) for each in billing_address(store.form_fields)],
        ),
        display_date_format=store.profile.display_date_format,
        input_date_format=store.profile.input_date_format,
    )
    return CheckoutConfig(context, Customization([]), config)


async def _checkout(call: Call) -> Checkout | None:
    if not call.session.checkout_id:
        return None
    try:
        return await call.unit.checkouts.get(call.session.checkout_id)
    except NotFound:
        return None


def _currency(
    store: Store, checkout: Checkout | None
) -> tuple[str, str, Literal["left", "right"], str, str, str, bool]:
    """How the amounts of the cart, or of an empty one, are written: the fields of `StoreCurrency`."""
    currency = checkout.currency if checkout else store.currency
    others = {other.code: other.details for other in (*store.former_currencies, *store.other_currencies)}
    details = others.get(currency.code, store.currency_details)
    return (
        currency.code,
        currency.symbol,
        details.token_location,
        str(currency.decimal_places),
        details.decimal_token,
        details.thousands_token,
        details.is_transactional,
    )


def _page(store: Store, channel_id: int) -> PageSettings:
    settings = store.checkout_settings
    page, policies = settings.page_of(channel_id), settings.policies_of(channel_id)
    return PageSettings(
        features=page.features,
        guest_checkout_enabled=page.guest_checkout_enabled and policies.guest_checkout_type == "guest_checkout",
        has_multi_shipping_enabled=page.has_multi_shipping_enabled,
        is_account_creation_enabled=page.is_account_creation_enabled,
        enable_order_comments=page.enable_order_comments,
        checkout_billing_same_as_shipping_enabled=page.checkout_billing_same_as_shipping_enabled,
        enable_terms_and_conditions=policies.is_order_terms_and_conditions_enabled,
        order_terms_and_conditions=policies.order_terms_and_conditions_textarea,
        order_terms_and_conditions_link=policies.order_terms_and_conditions_link,
        order_terms_and_conditions_type=policies.order_terms_and_conditions_type,
        requires_marketing_consent=page.requires_marketing_consent,
        is_express_privacy_policy=policies.policy_consent == "express",
        privacy_policy_url=page.privacy_policy_url,
        is_coupon_code_collapsed=page.is_coupon_code_collapsed,
        is_sign_in_email_enabled=page.is_sign_in_email_enabled,
        should_redirect_to_storefront_for_auth=policies.should_redirect_to_storefront_for_auth,
        google_maps_api_key=page.google_maps_api_key,
        shipping_quote_failed_message=store.shipping_settings.message(channel_id),
        checkout_user_experience_settings=UserExperience(False, page.floating_label_enabled, False),
    )


def _copy(field: FieldShape) -> FieldCopy:
    length = str(field.max_length) if field.max_length else ""
    copy = FieldCopy(field.id, field.name, field.custom, field.label, field.required, field.default, length)
    if field.type == "array":
        copy.max_length = UNSET if field.custom else False
        copy.itemtype = "string" if field.custom else UNSET
    if field.custom:
        copy.type, copy.field_type, copy.options = field.type, field.field_type, field.options
        copy.min, copy.max = field.min, field.max
        if not length:
            copy.max_length = None if field.field_type == "text" else UNSET
    return copy


def _links(store: Store, base_url: str) -> Links:
    """Pages of the shop, and those of this server: where a checkout is finished, and where a cart's links lead."""
    shop = (store.url or base_url).rstrip("/")
    return Links(
        base_url=None,
        site_link=shop,
        cart_link=f"{shop}/cart.php",
        checkout_link=f"{base_url}/checkout",
        login_link=f"{shop}/login.php",
        logout_link=f"{shop}/login.php?action=logout",
        create_account_link=f"{shop}/login.php?action=create_account",
        forgot_password_link=f"{shop}/login.php?action=reset_password",
        order_confirmation_link=f"{base_url}/checkout/order-confirmation",
    )


def _shopper(store: Store, channel_id: int) -> ShopperConfig:
    page = store.checkout_settings.page_of(channel_id)
    return ShopperConfig(
        page.default_newsletter_signup,
        page.show_newsletter_signup,
        PasswordRequirements(
            PASSWORD_RULES.alpha, PASSWORD_RULES.numeric, PASSWORD_RULES.minlength, PASSWORD_RULES.text
        ),
    )


def _profile(store: Store, channel_id: int, base_url: str) -> StoreProfile:
    profile, policies = store.profile, store.checkout_settings.policies_of(channel_id)
    return StoreProfile(
        store_id=str(store_number(store.hash)),
        store_hash=store.hash,
        store_name=store.name,
        store_language=profile.language,
        store_country=geography.country_name(store.country_code) or "",
        store_country_code=store.country_code,
        store_phone_number=profile.phone,
        order_email=policies.order_confirmation_contact_email or profile.email,
        shop_path=store.url or base_url,
    )


async def get_extensions(call: Call, body: None) -> list[Extension]:
    return []


ENDPOINTS = [
    Endpoint(
        "GET",
        "/checkout-settings",
        get_settings,
        "Read what a checkout page has to know about the shop",
        answer=CheckoutConfig,
        query=("checkoutId",),
        tag="Settings",
    ),
    Endpoint(
        "GET",
        "/checkout-extensions",
        get_extensions,
        "List what others have added to the checkout page: nothing",
        answer=list[Extension],
        tag="Settings",
    ),
]
