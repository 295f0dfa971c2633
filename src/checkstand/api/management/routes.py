"""The route tables of Management."""

from checkstand.api.management import (
    bulk_pricing,
    carts,
    catalog,
    checkouts,
    countries,
    coupons,
    currencies,
    customer_groups,
    customers,
    customs,
    gift_certificates,
    hooks,
    inventory,
    locations,
    metafields,
    order_pickups,
    orders,
    pickup,
    promotion_codes,
    promotions,
    shipping,
    store_settings,
    tax_classes,
    tax_providers,
    tax_rates,
    tax_settings,
    tax_zones,
    tokens,
)
from checkstand.api.management.surface import Management
from checkstand.api.not_yet import not_yet
from checkstand.service.access import INFORMATION, LOCATIONS

NOT_YET = [
    not_yet("PUT", hooks.ADMIN, "e-mails about webhooks"),
    not_yet("GET", "/tax/customers", "tax properties of customers", INFORMATION),
    not_yet("PUT", "/tax/customers", "tax properties of customers", INFORMATION),
    not_yet("DELETE", "/tax/customers", "tax properties of customers", INFORMATION),
    *(
        not_yet(method, f"/inventory/locations{path}", "metafields of locations", LOCATIONS)
        for path, methods in {
            "/metafields": ("GET", "POST", "PUT", "DELETE"),
            "/{location_id}/metafields": ("GET", "POST"),
            "/{location_id}/metafields/{metafield_id}": ("GET", "PUT", "DELETE"),
        }.items()
        for method in methods
    ),
]

V3 = Management(
    "/stores/{store_hash}/v3",
    [
        *store_settings.ENDPOINTS,
        *metafields.ENDPOINTS,
        *checkouts.ENDPOINTS,
        *carts.ENDPOINTS,
        *catalog.ENDPOINTS,
        *customs.ENDPOINTS,
        *bulk_pricing.ENDPOINTS,
        *pickup.ENDPOINTS,
        *order_pickups.ENDPOINTS,
        *locations.ENDPOINTS,
        *inventory.ENDPOINTS,
        *promotions.ENDPOINTS,
        *promotion_codes.ENDPOINTS,
        *tax_settings.ENDPOINTS,
        *tax_zones.ENDPOINTS,
        *tax_rates.ENDPOINTS,
        *tax_classes.ENDPOINTS,
        *tax_providers.ENDPOINTS,
        *tokens.ENDPOINTS,
        *customers.ENDPOINTS,
        *hooks.ENDPOINTS,
        *NOT_YET,
    ],
)
V2 = Management(
    "/stores/{store_hash}/v2",
    [
        *shipping.ENDPOINTS,
        *countries.ENDPOINTS,
        *coupons.ENDPOINTS,
        *currencies.ENDPOINTS,
        *customer_groups.ENDPOINTS,
        *gift_certificates.ENDPOINTS,
        *orders.ENDPOINTS,
        *tax_classes.ENDPOINTS_V2,
    ],
    enveloped=False,
)
