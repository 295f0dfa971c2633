"""Checkout tokens and Storefront API tokens (BEHAVIOUR 3.8 and 9)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
