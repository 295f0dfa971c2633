"""The route tables of the Storefront."""

from checkstand.api.storefront import carts, checkouts, countries, customers, landing, orders, pickup
from checkstand.api.storefront.surface import Storefront

STOREFRONT = Storefront(
    "/api/storefront",
    [*checkouts.ENDPOINTS, *carts.ENDPOINTS, *pickup.ENDPOINTS, *orders.ENDPOINTS, *customers.ENDPOINTS],
)
INTERNAL = Storefront(
    "/internalapi/v1", [*orders.INTERNAL_ENDPOINTS, *customers.INTERNAL_ENDPOINTS, *countries.INTERNAL_ENDPOINTS]
)
PAGES = Storefront("", [*landing.ENDPOINTS, *customers.PAGES])
