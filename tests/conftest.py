"""How hypothesis runs here: examples are fresh in every run, and a slow machine fails none of them."""

from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=False)
settings.load_profile("ci")
