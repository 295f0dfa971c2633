"""The catalog, as far as a checkout needs it."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
