"""Taxes that somebody else works out: the providers of a store, its connection to one, and what one said of a checkout."""

import re
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from checkstand.domain.pricing.entries import Part

PROFILE = "{profile}"
"""Stands in a provider's URL for the profile of the connection."""
PROFILE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class TaxProvider(Struct, frozen=True, kw_only=True):
    """A service that works out taxes, as whoever set the shop up registered it. `url` is where `/estimate` is below; it may
    have `{profile}` in it."""

    id: str
    name: str
    url: str


class TaxConnection(Struct, frozen=True, kw_only=True):
    """What a store calls a provider with. Kept apart from the store's settings: it has a secret that must be sent."""

    provider_id: str
    username: str = ""
    password: str = ""
    profile: str = ""

    def is_configured(self, provider: TaxProvider) -> bool:
        return bool(self.username and self.password and (self.profile or PROFILE not in provider.url))

    def url(self, provider: TaxProvider) -> str:
        """Without a slash at its end."""
        return provider.url.replace(PROFILE, self.profile).rstrip("/")


class QuotedTax(Struct, frozen=True, kw_only=True):
    """What is due on one target, of which the provider was told `amount`: by the name of each tax, in minor units. `rate` is
    for other amounts: an option that might be chosen."""

    part: Part
    target: str
    amount: int
    taxes: tuple[tuple[str, int], ...] = ()
    rate: Decimal = Decimal(0)

    @property
    def whole(self) -> int:
        return sum(minor for _, minor in self.taxes)


class TaxQuote(Struct, frozen=True, kw_only=True):
    """`not_yet`: nothing can be asked before there is an address, and no tax is shown until then. `failed`: the provider was
    asked and gave no answer that can be used; the store's `fallback_strategy` says what then."""

    status: Literal["quoted", "not_yet", "failed"]
    targets: tuple[QuotedTax, ...] = ()


NOT_YET = TaxQuote(status="not_yet")
FAILED = TaxQuote(status="failed")


TaxAction = Literal["commit", "void"]
SubmissionState = Literal["waiting", "done", "given_up"]


class TaxSubmission(Struct, frozen=True, kw_only=True):
    """Something a provider is to keep: the taxes of an order, or that it is to forget them. `body` is what is sent."""

    order_id: int
    action: TaxAction
    provider_id: str
    body: bytes = b""


class SubmittedTax(Struct, frozen=True, kw_only=True):
    """What became of it. `quote_id`: what the provider calls it; `error`: why it did not take it when it was tried last."""

    provider_id: str
    state: SubmissionState
    quote_id: str = ""
    error: str = ""
    attempts: int = 0
