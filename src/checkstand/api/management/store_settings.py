"""Cart, checkout and shipping settings, of the store and of each channel (BEHAVIOUR 3.8, 4 and 7).

A key of a checkout's settings that is left out, or null, keeps its value. A channel the store does not have is refused with
422, as published.
"""

from collections.abc import Callable
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, convert
from msgspec.structs import asdict, replace

from checkstand.api.bodies import Text
from checkstand.api.http import Call, Endpoint
from checkstand.domain.facts import Store
from checkstand.domain.store_settings import ChannelPoliciesChange, CheckoutScriptsChange, CountryListStrategy
from checkstand.errors import Invalid, NotFound
from checkstand.service import shop
from checkstand.service.access import CART, CHECKOUT, CHECKOUT_CONTENT, INFORMATION

Address = Annotated[str, Meta(max_length=2048)]
LongText = Annotated[str, Meta(max_length=65535)]


def _channel_id(call: Call) -> int:
    """Raises `Invalid` for what can be no channel, as for one that the store does not have."""
    try:
        return call.number("channel_id")
    except NotFound:
        raise Invalid.field("channel_id", "is not a channel of this store", code="unknown_channel") from None


async def _channel(call: Call) -> tuple[Store, int]:
    """The store and its channel that the path names. Raises `Invalid`."""
    store, channel_id = await call.unit.store(), _channel_id(call)
    store.expect_channel(channel_id)
    return store, channel_id


async def _edit_channel(call: Call, change: Callable[[Store, int], Store]) -> Store:
    channel_id = _channel_id(call)

    def checked(store: Store) -> Store:
        store.expect_channel(channel_id)
        return change(store, channel_id)

    return await shop.edit(call.unit, checked)


# ---------------------------------------------------------------------------------------------------- carts


class CartSettings(Struct):
    allow_purchasing: bool


class ChannelCartSettings(Struct):
    """null: as the store."""

    allow_purchasing: bool | None


class ChannelCartSettingsUpdate(Struct):
    allow_purchasing: bool | UnsetType | None = UNSET


async def get_cart_settings(call: Call, body: None) -> CartSettings:
    return CartSettings((await call.unit.store()).cart_settings.allow_purchasing)


async def update_cart_settings(call: Call, body: CartSettings) -> CartSettings:
    def change(store: Store) -> Store:
        return replace(store, cart_settings=replace(store.cart_settings, allow_purchasing=body.allow_purchasing))

    return CartSettings((await shop.edit(call.unit, change)).cart_settings.allow_purchasing)


async def get_channel_cart_settings(call: Call, body: None) -> ChannelCartSettings:
    store, channel_id = await _channel(call)
    return ChannelCartSettings(store.cart_settings.channels.get(channel_id))


async def update_channel_cart_settings(call: Call, body: ChannelCartSettingsUpdate) -> ChannelCartSettings:
    def change(store: Store, channel_id: int) -> Store:
        if isinstance(body.allow_purchasing, UnsetType):
            return store
        return replace(store, cart_settings=store.cart_settings.of_channel(channel_id, body.allow_purchasing))

    after = await _edit_channel(call, change)
    return ChannelCartSettings(after.cart_settings.channels.get(_channel_id(call)))


# ---------------------------------------------------------------------------------------------------- checkouts


class CheckoutSettings(Struct, kw_only=True):
    custom_checkout_script_url: str
    order_confirmation_use_custom_checkout_script: bool
    custom_order_confirmation_script_url: str
    custom_checkout_supports_uco_settings: bool
    custom_checkout_sri_hash: str
    custom_order_confirmation_sri_hash: str


class ChannelCheckoutSettings(Struct, kw_only=True):
    checkout_type: str
    guest_checkout_type: str
    guest_checkout_for_existing_accounts: str
    policy_consent: str
    order_confirmation_contact_email: str
    is_order_terms_and_conditions_enabled: bool
    order_terms_and_conditions_type: str
    order_terms_and_conditions_link: str
    order_terms_and_conditions_textarea: str
    should_redirect_to_storefront_for_auth: bool
    custom_checkout_script_url: str
    order_confirmation_use_custom_checkout_script: bool
    custom_order_confirmation_script_url: str
    custom_checkout_supports_uco_settings: bool
    custom_checkout_sri_hash: str
    custom_order_confirmation_sri_hash: str


class CheckoutSettingsUpdate(Struct, kw_only=True):
    """An empty address brings the store's own page back."""

    custom_checkout_script_url: Address | None = None
    order_confirmation_use_custom_checkout_script: bool | None = None
    custom_order_confirmation_script_url: Address | None = None
    custom_checkout_supports_uco_settings: bool | None = None
    custom_checkout_sri_hash: Text | None = None
    custom_order_confirmation_sri_hash: Text | None = None


class ChannelCheckoutSettingsUpdate(CheckoutSettingsUpdate, kw_only=True):
    checkout_type: Text | None = None
    guest_checkout_type: Text | None = None
    guest_checkout_for_existing_accounts: Text | None = None
    policy_consent: Text | None = None
    order_confirmation_contact_email: Text | None = None
    is_order_terms_and_conditions_enabled: bool | None = None
    order_terms_and_conditions_type: Text | None = None
    order_terms_and_conditions_link: Address | None = None
    order_terms_and_conditions_textarea: LongText | None = None
    should_redirect_to_storefront_for_auth: bool | None = None


def _channel_shown(store: Store, channel_id: int) -> ChannelCheckoutSettings:
    settings = store.checkout_settings
    parts = {**asdict(settings.policies_of(channel_id)), **asdict(settings.scripts_of(channel_id))}
    return convert(parts, ChannelCheckoutSettings)


async def get_checkout_settings(call: Call, body: None) -> CheckoutSettings:
    scripts = (await call.unit.store()).checkout_settings.scripts
    return convert(scripts, CheckoutSettings, from_attributes=True)


async def update_checkout_settings(call: Call, body: CheckoutSettingsUpdate) -> CheckoutSettings:
    scripts = convert(body, CheckoutScriptsChange, from_attributes=True)
    after = await shop.edit(
        call.unit, lambda store: replace(store, checkout_settings=store.checkout_settings.changed(scripts))
    )
    return convert(after.checkout_settings.scripts, CheckoutSettings, from_attributes=True)


async def get_channel_checkout_settings(call: Call, body: None) -> ChannelCheckoutSettings:
    return _channel_shown(*await _channel(call))


async def update_channel_checkout_settings(call: Call, body: ChannelCheckoutSettingsUpdate) -> ChannelCheckoutSettings:
    policies = convert(body, ChannelPoliciesChange, from_attributes=True)
    scripts = convert(body, CheckoutScriptsChange, from_attributes=True)

    def change(store: Store, channel_id: int) -> Store:
        settings = store.checkout_settings.channel_changed(channel_id, policies, scripts)
        return replace(store, checkout_settings=settings)

    return _channel_shown(await _edit_channel(call, change), _channel_id(call))


# ---------------------------------------------------------------------------------------------------- shipping


class ShippingCheckout(Struct):
    country_list_strategy: CountryListStrategy
    out_of_delivery_zone_message: str


class ShippingSettings(Struct):
    checkout: ShippingCheckout


class ChannelShippingCheckout(Struct):
    out_of_delivery_zone_message: str


class ChannelShippingSettings(Struct):
    """The store's message where the channel has none of its own."""

    checkout: ChannelShippingCheckout


class ShippingCheckoutUpdate(Struct):
    country_list_strategy: CountryListStrategy | None = None
    out_of_delivery_zone_message: LongText | None = None


class ShippingSettingsUpdate(Struct):
    checkout: ShippingCheckoutUpdate | None = None


class ChannelShippingCheckoutUpdate(Struct):
    """An empty message brings the store's back."""

    out_of_delivery_zone_message: LongText | None = None


class ChannelShippingSettingsUpdate(Struct):
    checkout: ChannelShippingCheckoutUpdate | None = None


def _shipping_shown(store: Store) -> ShippingSettings:
    return ShippingSettings(convert(store.shipping_settings, ShippingCheckout, from_attributes=True))


def _channel_shipping_shown(store: Store, channel_id: int) -> ChannelShippingSettings:
    return ChannelShippingSettings(ChannelShippingCheckout(store.shipping_settings.message(channel_id)))


async def get_shipping_settings(call: Call, body: None) -> ShippingSettings:
    return _shipping_shown(await call.unit.store())


async def update_shipping_settings(call: Call, body: ShippingSettingsUpdate) -> ShippingSettings:
    given = {
        name: value for name, value in asdict(body.checkout or ShippingCheckoutUpdate()).items() if value is not None
    }

    def change(store: Store) -> Store:
        return replace(store, shipping_settings=replace(store.shipping_settings, **given))

    return _shipping_shown(await shop.edit(call.unit, change))


async def get_channel_shipping_settings(call: Call, body: None) -> ChannelShippingSettings:
    return _channel_shipping_shown(*await _channel(call))


async def update_channel_shipping_settings(call: Call, body: ChannelShippingSettingsUpdate) -> ChannelShippingSettings:
    message = body.checkout.out_of_delivery_zone_message if body.checkout else None

    def change(store: Store, channel_id: int) -> Store:
        if message is None:
            return store
        return replace(store, shipping_settings=store.shipping_settings.of_channel(channel_id, message))

    return _channel_shipping_shown(await _edit_channel(call, change), _channel_id(call))


# ---------------------------------------------------------------------------------------------------- the table

READ_CART_SETTINGS = INFORMATION + CART
"""Who may fill carts may know whether that is possible; who may decide it needs the settings' own scope."""
CHECKOUT_SETTINGS = CHECKOUT + CHECKOUT_CONTENT
TAG = "Settings"

ENDPOINTS = [
    Endpoint(
        "GET",
        "/carts/settings",
        get_cart_settings,
        "Read whether the store sells",
        answer=CartSettings,
        scopes=READ_CART_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/carts/settings",
        update_cart_settings,
        "Say whether the store sells",
        answer=CartSettings,
        body=CartSettings,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/carts/settings/channels/{channel_id}",
        get_channel_cart_settings,
        "Read whether a channel sells",
        answer=ChannelCartSettings,
        scopes=READ_CART_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/carts/settings/channels/{channel_id}",
        update_channel_cart_settings,
        "Say whether a channel sells; null: as the store",
        answer=ChannelCartSettings,
        body=ChannelCartSettingsUpdate,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/checkouts/settings",
        get_checkout_settings,
        "Read the scripts of the checkout page",
        answer=CheckoutSettings,
        scopes=CHECKOUT_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/checkouts/settings",
        update_checkout_settings,
        "Change the scripts of the checkout page",
        answer=CheckoutSettings,
        body=CheckoutSettingsUpdate,
        scopes=CHECKOUT_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/checkouts/settings/channels/{channel_id}",
        get_channel_checkout_settings,
        "Read the checkout settings of a channel",
        answer=ChannelCheckoutSettings,
        scopes=CHECKOUT_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/checkouts/settings/channels/{channel_id}",
        update_channel_checkout_settings,
        "Change the checkout settings of a channel",
        answer=ChannelCheckoutSettings,
        body=ChannelCheckoutSettingsUpdate,
        scopes=CHECKOUT_SETTINGS,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/shipping/settings",
        get_shipping_settings,
        "Read which countries are shown and what is said where nothing is shipped to",
        answer=ShippingSettings,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/shipping/settings",
        update_shipping_settings,
        "Say which countries are shown and what is said where nothing is shipped to",
        answer=ShippingSettings,
        body=ShippingSettingsUpdate,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "GET",
        "/shipping/settings/channels/{channel_id}",
        get_channel_shipping_settings,
        "Read what a channel says where nothing is shipped to",
        answer=ChannelShippingSettings,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        "/shipping/settings/channels/{channel_id}",
        update_channel_shipping_settings,
        "Say what a channel says where nothing is shipped to",
        answer=ChannelShippingSettings,
        body=ChannelShippingSettingsUpdate,
        scopes=INFORMATION,
        tag=TAG,
    ),
]
