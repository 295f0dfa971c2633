"""Settings of a store's taxes (BEHAVIOUR 8), in the order of the published page. In a change, what is left out, or null, stays."""

from functools import partial
from typing import Literal

from msgspec import Struct

from checkstand.api.bodies import Identifier
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.tax_batches import TAG
from checkstand.domain import tax_setup
from checkstand.domain.tax_setup import TaxSettingsChange
from checkstand.domain.tax_zones import Strategy, TaxSettings
from checkstand.service.access import INFORMATION
from checkstand.service.shop import edit

FallbackStrategy = Literal["FIXED", "BASIC", "DISABLE"]
SubmissionStrategy = Literal["ON_PAYMENT_CAPTURE", "ON_ORDER_CREATION"]
RoundingStrategy = Literal["RATE_ROUNDING", "NO_ROUNDING"]


class PriceDisplaySettings(Struct):
    control_panel_price_display_strategy: Strategy
    invoice_price_display_strategy: Strategy


class PriceDisplaySettingsUpdate(Struct):
    control_panel_price_display_strategy: Strategy | None = None
    invoice_price_display_strategy: Strategy | None = None


class TaxSettingsShape(Struct, kw_only=True):
    tax_entered_with_prices: bool
    price_display_settings: PriceDisplaySettings
    fallback_strategy: FallbackStrategy
    should_subtract_store_tax: bool
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool
    guest_shopper_tax_zone_id: int
    store_tax_zone_id: int
    document_submission_strategy: SubmissionStrategy
    rounding_strategy: RoundingStrategy


class TaxSettingsUpdate(Struct, kw_only=True):
    tax_entered_with_prices: bool | None = None
    price_display_settings: PriceDisplaySettingsUpdate | None = None
    fallback_strategy: FallbackStrategy | None = None
    should_subtract_store_tax: bool | None = None
    should_use_geolocation_to_determine_guest_shopper_tax_zone: bool | None = None
    guest_shopper_tax_zone_id: Identifier | None = None
    store_tax_zone_id: Identifier | None = None
    document_submission_strategy: SubmissionStrategy | None = None
    rounding_strategy: RoundingStrategy | None = None

    def change(self) -> TaxSettingsChange:
        display = self.price_display_settings or PriceDisplaySettingsUpdate()
        return TaxSettingsChange(
            tax_entered_with_prices=self.tax_entered_with_prices,
            control_panel_price_display_strategy=display.control_panel_price_display_strategy,
            invoice_price_display_strategy=display.invoice_price_display_strategy,
            fallback_strategy=self.fallback_strategy,
            should_subtract_store_tax=self.should_subtract_store_tax,
            should_use_geolocation_to_determine_guest_shopper_tax_zone=(
                self.should_use_geolocation_to_determine_guest_shopper_tax_zone
            ),
            guest_shopper_tax_zone_id=self.guest_shopper_tax_zone_id,
            store_tax_zone_id=self.store_tax_zone_id,
            document_submission_strategy=self.document_submission_strategy,
            rounding_strategy=self.rounding_strategy,
        )


def _settings_shape(settings: TaxSettings) -> TaxSettingsShape:
    return TaxSettingsShape(
        tax_entered_with_prices=settings.tax_entered_with_prices,
        price_display_settings=PriceDisplaySettings(
            settings.control_panel_price_display_strategy, settings.invoice_price_display_strategy
        ),
        fallback_strategy=settings.fallback_strategy,
        should_subtract_store_tax=settings.should_subtract_store_tax,
        should_use_geolocation_to_determine_guest_shopper_tax_zone=(
            settings.should_use_geolocation_to_determine_guest_shopper_tax_zone
        ),
        guest_shopper_tax_zone_id=settings.guest_shopper_tax_zone_id,
        store_tax_zone_id=settings.store_tax_zone_id,
        document_submission_strategy=settings.document_submission_strategy,
        rounding_strategy=settings.rounding_strategy,
    )


async def get_settings(call: Call, body: None) -> TaxSettingsShape:
    return _settings_shape((await call.unit.store()).tax_settings)


async def update_settings(call: Call, body: TaxSettingsUpdate) -> TaxSettingsShape:
    store = await edit(call.unit, partial(tax_setup.change_settings, change=body.change()))
    return _settings_shape(store.tax_settings)


SETTINGS = "/tax/settings"

ENDPOINTS = [
    Endpoint(
        "GET", SETTINGS, get_settings, "Read the tax settings", answer=TaxSettingsShape, scopes=INFORMATION, tag=TAG
    ),
    Endpoint(
        "PUT",
        SETTINGS,
        update_settings,
        "Change the tax settings",
        answer=TaxSettingsShape,
        body=TaxSettingsUpdate,
        scopes=INFORMATION,
        tag=TAG,
    ),
]
