"""What shoppers agreed to: mails (`subscriptions`), cookies and scripts (`consent`)."""

import json
from typing import Literal
from urllib.parse import quote

from msgspec import Struct

from checkstand.api.bodies import EMAIL, Text
from checkstand.api.http import Call, Endpoint
from checkstand.api.storefront.surface import SESSION_LIFETIME, is_secure
from checkstand.domain.subscription import SubscriptionChange
from checkstand.errors import Invalid
from checkstand.service import subscriptions

Category = Literal[1, 2, 3]
"""Analytics; functional; targeting and advertising."""
CATEGORIES = {1, 2, 3}
CONSENT_COOKIE = "CONSENT"
"""Readable by scripts, since they have to know whether they may run."""


class SubscriptionBody(Struct, rename="camel"):
    """What is not said stays as it was, and is "no" at first."""

    email: Text
    accepts_marketing_newsletter: bool | None = None
    accepts_abandoned_cart_emails: bool | None = None


class SubscriptionShape(Struct, rename="camel"):
    """The published names and those of the official SDK."""

    id: int
    email: str
    first_name: str
    last_name: str
    source: str
    order_id: int | None
    consents: list[str]
    accepts_marketing_newsletter: bool
    accepts_abandoned_cart_emails: bool


async def subscribe(call: Call, body: SubscriptionBody) -> SubscriptionShape:
    if not EMAIL.fullmatch(body.email):
        raise Invalid.field("email", "must be an email address")
    change = SubscriptionChange(
        email=body.email,
        accepts_marketing_newsletter=body.accepts_marketing_newsletter,
        accepts_abandoned_cart_emails=body.accepts_abandoned_cart_emails,
    )
    kept = await subscriptions.subscribe(call.unit, change)
    return SubscriptionShape(
        id=kept.id,
        email=kept.email,
        first_name="",
        last_name="",
        source="storefront",
        order_id=None,
        consents=kept.consents,
        accepts_marketing_newsletter=kept.accepts_marketing_newsletter,
        accepts_abandoned_cart_emails=kept.accepts_abandoned_cart_emails,
    )


class Consent(Struct):
    """Every category stands in one of the two."""

    allow: list[Category]
    deny: list[Category]


async def consent(call: Call, body: Consent) -> Consent:
    """Kept by the browser itself."""
    if sorted([*body.allow, *body.deny]) != sorted(CATEGORIES):
        raise Invalid.field("allow", "and deny must name 1, 2 and 3 together, each once")
    secure = "; Secure" if is_secure(call) else ""
    value = quote(json.dumps({"allow": sorted(body.allow), "deny": sorted(body.deny)}, separators=(",", ":")))
    lifetime = f"Max-Age={int(SESSION_LIFETIME.total_seconds())}"
    call.cookies.append(f"{CONSENT_COOKIE}={value}; Path=/; SameSite=Lax; {lifetime}{secure}")
    return body


ENDPOINTS = [
    Endpoint(
        "POST",
        "/subscriptions",
        subscribe,
        "Say which mails may be sent to an address",
        answer=SubscriptionShape,
        body=SubscriptionBody,
        tag="Consents",
    ),
    Endpoint(
        "POST",
        "/consent",
        consent,
        "Say which cookies and scripts may be used",
        answer=Consent,
        body=Consent,
        tag="Consents",
    ),
]
