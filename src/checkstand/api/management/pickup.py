"""Pick-up methods and options (BEHAVIOUR 5)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
