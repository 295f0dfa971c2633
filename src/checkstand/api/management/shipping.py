"""Shipping zones and methods (v2)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
