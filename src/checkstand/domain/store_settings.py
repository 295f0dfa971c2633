"""How the store and each of its channels sell: whether anything can be bought, and which checkout page is shown
(BEHAVIOUR 3.8 and 4, D36).

The scripts are addresses a shop's pages load; the server keeps them and never fetches them. A channel has the store's
scripts until it is given some of its own. Of the texts that say how a channel's checkout works only the place is published,
not what they may be: any will do, and an empty one brings the default back.
"""

import re
from typing import Annotated, Literal, TypeVar

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from checkstand.errors import Invalid

CountryListStrategy = Literal["DISPLAY_ALL_COUNTRIES", "DISPLAY_ONLY_SHIPPABLE_COUNTRIES"]

SCRIPT_URL = re.compile(r"https?://[^\s/?#]+\S*|webdav:\S+")
SCRIPT_HASH = re.compile(r"sha(256|384|512)-[A-Za-z0-9+/_=-]+")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class CartSettings(Struct, frozen=True, kw_only=True):
    """`channels`: those that do not do as the store does, by their id."""

    allow_purchasing: bool = True
    channels: dict[int, bool] = field(default_factory=dict)

    def allows_purchasing(self, channel_id: int) -> bool:
        return self.channels.get(channel_id, self.allow_purchasing)

    def of_channel(self, channel_id: int, allow_purchasing: bool | None) -> "CartSettings":
        """With a channel's own answer; None: it does as the store does."""
        others = {known: allowed for known, allowed in self.channels.items() if known != channel_id}
        own = {} if allow_purchasing is None else {channel_id: allow_purchasing}
        return replace(self, channels={**others, **own})


class ShippingSettings(Struct, frozen=True, kw_only=True):
    """Which countries a shopper may choose from, what is said where nothing is shipped to, and what thresholds look at.

    `channels`: messages of those that have one of their own, by their id. `shipping_thresholds_look_at_whole_cart`: free shipping
    from a subtotal and ranges of totals look at the whole cart; otherwise at the goods of each consignment by itself (D62).
    """

    country_list_strategy: CountryListStrategy = "DISPLAY_ONLY_SHIPPABLE_COUNTRIES"
    out_of_delivery_zone_message: str = (
        "Some of these items cannot be shipped to this address. Please choose another one."
    )
    channels: dict[int, str] = field(default_factory=dict)
    shipping_thresholds_look_at_whole_cart: bool = False

    def message(self, channel_id: int) -> str:
        return self.channels.get(channel_id, self.out_of_delivery_zone_message)

    def of_channel(self, channel_id: int, message: str) -> "ShippingSettings":
        """With a channel's own message; an empty one: it says what the store says."""
        others = {known: said for known, said in self.channels.items() if known != channel_id}
        return replace(self, channels={**others, **({channel_id: message} if message else {})})


class CouponSettings(Struct, frozen=True, kw_only=True):
    """Whether the Storefront names a coupon's type instead of numbering it, as the official SDK expects (D30)."""

    coupon_type_as_string: bool = False


class PromotionSettings(Struct, frozen=True, kw_only=True):
    """How many coupons one checkout may hold, and what promotions look at.

    `promotions_applied_on_original_product_price`: percentages are taken of the price; if not, of what the promotions before have
    left (D84). `promotions_apply_on_products_with_custom_product_price`: also lines with a price of their own get product-level
    discounts. `promotions_triggered_by_products_with_zero_product_price`: what costs nothing counts for conditions.
    `gifts_join_first_consignment`: all gifts of a promotion go to the first consignment, as in the public service; here each
    goes where it was earned.
    """

    promotions_apply_on_products_with_custom_product_price: bool = False
    promotions_triggered_by_products_with_zero_product_price: bool = False
    number_of_coupons_allowed_at_checkout: Annotated[int, Meta(ge=1, le=5)] = 1
    promotions_applied_on_original_product_price: bool = True
    gifts_join_first_consignment: bool = False


class CheckoutScripts(Struct, frozen=True, kw_only=True):
    """What takes the place of the store's own pages; an empty address: nothing does."""

    custom_checkout_script_url: str = ""
    order_confirmation_use_custom_checkout_script: bool = False
    custom_order_confirmation_script_url: str = ""
    custom_checkout_supports_uco_settings: bool = False
    custom_checkout_sri_hash: str = ""
    custom_order_confirmation_sri_hash: str = ""


class CheckoutScriptsChange(Struct, frozen=True, kw_only=True):
    """None: as it was."""

    custom_checkout_script_url: str | None = None
    order_confirmation_use_custom_checkout_script: bool | None = None
    custom_order_confirmation_script_url: str | None = None
    custom_checkout_supports_uco_settings: bool | None = None
    custom_checkout_sri_hash: str | None = None
    custom_order_confirmation_sri_hash: str | None = None


class ChannelPolicies(Struct, frozen=True, kw_only=True):
    """What a channel asks of its shoppers. The page acts on it; this server keeps it and tells the page."""

    checkout_type: str = "optimized"
    guest_checkout_type: str = "guest_checkout"
    guest_checkout_for_existing_accounts: str = "allow_guest"
    policy_consent: str = "none"
    order_confirmation_contact_email: str = ""
    is_order_terms_and_conditions_enabled: bool = False
    order_terms_and_conditions_type: str = ""
    order_terms_and_conditions_link: str = ""
    order_terms_and_conditions_textarea: str = ""
    should_redirect_to_storefront_for_auth: bool = False


class ChannelPoliciesChange(Struct, frozen=True, kw_only=True):
    """None: as it was."""

    checkout_type: str | None = None
    guest_checkout_type: str | None = None
    guest_checkout_for_existing_accounts: str | None = None
    policy_consent: str | None = None
    order_confirmation_contact_email: str | None = None
    is_order_terms_and_conditions_enabled: bool | None = None
    order_terms_and_conditions_type: str | None = None
    order_terms_and_conditions_link: str | None = None
    order_terms_and_conditions_textarea: str | None = None
    should_redirect_to_storefront_for_auth: bool | None = None


class StoreProfile(Struct, frozen=True, kw_only=True):
    """Whom shoppers turn to, and how days are written for them, as pages take it. `country_code` empty: that of the store's
    currency."""

    country_code: str = ""
    phone: str = ""
    email: str = ""
    language: str = "en_US"
    display_date_format: str = "do MMM yyyy"
    input_date_format: str = "dd/MM/yyyy"


class CheckoutPage(Struct, frozen=True, kw_only=True):
    """What a checkout page may show and ask; the page acts on it. `features`: switches that official clients know by name."""

    guest_checkout_enabled: bool = True
    has_multi_shipping_enabled: bool = True
    is_account_creation_enabled: bool = True
    enable_order_comments: bool = True
    checkout_billing_same_as_shipping_enabled: bool = True
    is_coupon_code_collapsed: bool = True
    is_sign_in_email_enabled: bool = False
    show_newsletter_signup: bool = True
    default_newsletter_signup: bool = False
    requires_marketing_consent: bool = False
    hide_price_from_guests: bool = False
    privacy_policy_url: str = ""
    google_maps_api_key: str = ""
    floating_label_enabled: bool = False
    features: dict[str, bool] = field(default_factory=dict)


class ChannelCheckout(Struct, frozen=True, kw_only=True):
    """`scripts` and `page` None: those of the store."""

    policies: ChannelPolicies = ChannelPolicies()
    scripts: CheckoutScripts | None = None
    page: CheckoutPage | None = None


class CheckoutSettings(Struct, frozen=True, kw_only=True):
    """`new_order_each_time`: the Management API makes an order each time it is asked for one, of an unchanged checkout too;
    as a rule a repetition is answered with the order already made (D53). `spam_check`: shoppers show that they are no machines
    before they order."""

    new_order_each_time: bool = False
    spam_check: bool = False
    scripts: CheckoutScripts = CheckoutScripts()
    page: CheckoutPage = CheckoutPage()
    channels: dict[int, ChannelCheckout] = field(default_factory=dict)

    def page_of(self, channel_id: int) -> CheckoutPage:
        return self.channels.get(channel_id, ChannelCheckout()).page or self.page

    def policies_of(self, channel_id: int) -> ChannelPolicies:
        return self.channels.get(channel_id, ChannelCheckout()).policies

    def scripts_of(self, channel_id: int) -> CheckoutScripts:
        return self.channels.get(channel_id, ChannelCheckout()).scripts or self.scripts

    def changed(self, scripts: CheckoutScriptsChange) -> "CheckoutSettings":
        """Raises `Invalid` for what is no address and no hash."""
        return replace(self, scripts=_with_scripts(self.scripts, scripts))

    def channel_changed(
        self, channel_id: int, policies: ChannelPoliciesChange, scripts: CheckoutScriptsChange
    ) -> "CheckoutSettings":
        """Raises `Invalid`. A channel gets scripts of its own with the first change of any."""
        own = self.channels.get(channel_id, ChannelCheckout())
        if scripts != CheckoutScriptsChange():
            own = replace(own, scripts=_with_scripts(own.scripts or self.scripts, scripts))
        own = replace(own, policies=_with_policies(own.policies, policies))
        return replace(self, channels={**self.channels, channel_id: own})


def _with_scripts(before: CheckoutScripts, change: CheckoutScriptsChange) -> CheckoutScripts:
    for name in ("custom_checkout_script_url", "custom_order_confirmation_script_url"):
        _check(name, getattr(change, name), SCRIPT_URL, "must be an http, https or webdav address, or empty")
    for name in ("custom_checkout_sri_hash", "custom_order_confirmation_sri_hash"):
        _check(name, getattr(change, name), SCRIPT_HASH, "must be a hash such as sha256-…, or empty")
    if change.order_confirmation_use_custom_checkout_script and change.custom_order_confirmation_script_url is None:
        change = replace(change, custom_order_confirmation_script_url="")
    return _changed(before, change)


def _with_policies(before: ChannelPolicies, change: ChannelPoliciesChange) -> ChannelPolicies:
    _check(
        "order_confirmation_contact_email",
        change.order_confirmation_contact_email,
        EMAIL,
        "must be an email address, or empty",
    )
    after = _changed(before, change)
    defaults = ChannelPolicies()
    emptied = [name for name in after.__struct_fields__ if getattr(after, name) == ""]
    return replace(after, **{name: getattr(defaults, name) for name in emptied})


def _check(name: str, text: str | None, pattern: re.Pattern[str], reason: str) -> None:
    if text and not pattern.fullmatch(text):
        raise Invalid.field(name, reason)


Settings = TypeVar("Settings", bound=Struct)


def _changed(before: Settings, change: Struct) -> Settings:
    given = {name: getattr(change, name) for name in change.__struct_fields__}
    return replace(before, **{name: value for name, value in given.items() if value is not None})
