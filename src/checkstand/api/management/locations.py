"""Locations that hold stock (BEHAVIOUR 5)."""

from checkstand.api.http import Endpoint

ENDPOINTS: list[Endpoint] = []
