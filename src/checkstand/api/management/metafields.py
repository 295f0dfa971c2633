"""Metafields of carts (BEHAVIOUR 4)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
