"""Cart and checkout settings (BEHAVIOUR 3.8 and 4)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
