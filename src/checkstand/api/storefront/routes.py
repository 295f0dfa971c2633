"""The route tables of the Storefront."""

from checkstand.api.storefront import (
    carts,
    checkouts,
    consents,
    countries,
    customers,
    form_fields,
    landing,
    orders,
    payment_methods,
    pickup,
    settings,
)
from checkstand.api.storefront.surface import Storefront

STOREFRONT = Storefront(
    "/api/storefront",
    [
        *checkouts.ENDPOINTS,
        *carts.ENDPOINTS,
        *pickup.ENDPOINTS,
        *orders.ENDPOINTS,
        *settings.ENDPOINTS,
        *form_fields.ENDPOINTS,
        *payment_methods.ENDPOINTS,
        *consents.ENDPOINTS,
        *customers.ENDPOINTS,
    ],
)
INTERNAL = Storefront(
    "/internalapi/v1", [*orders.INTERNAL_ENDPOINTS, *customers.INTERNAL_ENDPOINTS, *countries.INTERNAL_ENDPOINTS]
)
PAGES = Storefront("", [*landing.ENDPOINTS, *customers.PAGES])
