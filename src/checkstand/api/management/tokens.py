"""Checkout tokens and Storefront API tokens (BEHAVIOUR 3.8 and 9)."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.surface import caller_of
from checkstand.errors import Denied, Invalid
from checkstand.service import storefront_tokens
from checkstand.service.access import CHECKOUT, IMPERSONATION_TOKENS, STOREFRONT_TOKENS, allows
from checkstand.service.passes import create_checkout_token
from checkstand.service.storefront_tokens import Kind

ORIGIN = re.compile(r"https?://[^\s/?#@]+", re.IGNORECASE)
DEFAULT_USES = 1
DEFAULT_LIFETIME_SECONDS = 86_400
"""What is published of a checkout token's body are examples and limits; nothing of it is required."""

# ---------------------------------------------------------------------------------------------------- checkout tokens


class CheckoutTokenBody(Struct, rename="camel"):
    max_uses: Annotated[int, Meta(ge=1, lt=2**31)] | None = None
    ttl: Annotated[int, Meta(ge=1, le=2_592_000)] | None = None


class CheckoutToken(Struct, rename="camel", kw_only=True):
    checkout_token: str
    meta: dict[str, object]


class CheckoutTokenAnswer(Struct):
    """`meta` stands beside the token, not around it."""

    data: CheckoutToken


async def create_for_checkout(call: Call, body: CheckoutTokenBody | None) -> CheckoutTokenAnswer:
    wanted = body or CheckoutTokenBody()
    token = await create_checkout_token(
        call.unit,
        call.params["checkout_id"],
        wanted.max_uses or DEFAULT_USES,
        timedelta(seconds=wanted.ttl or DEFAULT_LIFETIME_SECONDS),
        call.moment,
    )
    return CheckoutTokenAnswer(CheckoutToken(checkout_token=token, meta={}))


# ---------------------------------------------------------------------------------------------------- Storefront API tokens

ChannelId = Annotated[int, Meta(ge=1, lt=2**53)]


class TokenBody(Struct, kw_only=True):
    """One channel or a list of them. `expires_at` in whole seconds since 1970."""

    expires_at: Annotated[int, Meta(ge=0, lt=2**53)]
    channel_id: ChannelId | None = None
    channel_ids: Annotated[list[ChannelId], Meta(min_length=1)] | None = None

    def channels(self) -> list[int]:
        if (self.channel_id is None) == (self.channel_ids is None):
            raise Invalid.field("channel_ids", "must be given, or channel_id, and not both")
        return [self.channel_id] if self.channel_id is not None else self.channel_ids or []


class StorefrontTokenBody(TokenBody, kw_only=True):
    allowed_cors_origins: Annotated[list[str], Meta(min_length=1, max_length=2)] | None = None

    def origins(self) -> list[str]:
        for index, origin in enumerate(self.allowed_cors_origins or ()):
            if not ORIGIN.fullmatch(origin):
                raise Invalid.field(f"allowed_cors_origins.{index}", "must be an origin, such as https://shop.example")
        return [origin.lower() for origin in self.allowed_cors_origins or ()]


class PrivateTokenBody(TokenBody, kw_only=True):
    scopes: Annotated[list[Literal["Unauthenticated", "Customer", "B2B"]], Meta(min_length=1)]


class Token(Struct):
    token: str


async def create_storefront(call: Call, body: StorefrontTokenBody) -> Token:
    return Token(
        await storefront_tokens.create(
            call.unit,
            Kind.STOREFRONT,
            caller_of(call).name,
            body.channels(),
            body.expires_at,
            call.moment,
            allowed_origins=body.origins(),
        )
    )


async def create_private(call: Call, body: PrivateTokenBody) -> Token:
    return Token(
        await storefront_tokens.create(
            call.unit,
            Kind.PRIVATE,
            caller_of(call).name,
            body.channels(),
            body.expires_at,
            call.moment,
            scopes=body.scopes,
        )
    )


async def create_impersonation(call: Call, body: TokenBody) -> Token:
    return Token(
        await storefront_tokens.create(
            call.unit, Kind.CUSTOMER_IMPERSONATION, caller_of(call).name, body.channels(), body.expires_at, call.moment
        )
    )


async def revoke(call: Call, body: None) -> Reply:
    """By whoever may make tokens of that kind."""
    sent = call.headers.get("sf-api-token", "")
    if not sent:
        raise Invalid.field("Sf-Api-Token", "is missing: send the token to revoke in this header")
    token = await storefront_tokens.read(call.unit, sent)
    if not allows(caller_of(call).scopes, SCOPES[token.kind], reading=False):
        raise Denied(f"This token may not revoke that one: it lacks the scope {' or '.join(SCOPES[token.kind])}.")
    await storefront_tokens.revoke(call.unit, token)
    return Reply({}, enveloped=False)


SCOPES = {
    Kind.STOREFRONT: STOREFRONT_TOKENS,
    Kind.PRIVATE: STOREFRONT_TOKENS,
    Kind.CUSTOMER_IMPERSONATION: IMPERSONATION_TOKENS,
}
TAG = "Tokens"

ENDPOINTS = [
    Endpoint(
        "POST",
        "/checkouts/{checkout_id}/token",
        create_for_checkout,
        "Make a token that shows the checkout's order to whoever holds it",
        answer=CheckoutTokenAnswer,
        body=CheckoutTokenBody,
        body_optional=True,
        scopes=CHECKOUT,
        enveloped=False,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        "/storefront/api-token",
        create_storefront,
        "Make a Storefront API token for browsers",
        answer=Token,
        body=StorefrontTokenBody,
        scopes=SCOPES[Kind.STOREFRONT],
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        "/storefront/api-token",
        revoke,
        "Revoke the Storefront API token in the header Sf-Api-Token",
        answer=dict[str, object],
        scopes=STOREFRONT_TOKENS + IMPERSONATION_TOKENS,
        enveloped=False,
        tag=TAG,
    ),
    Endpoint(
        "POST",
        "/storefront/api-token-private",
        create_private,
        "Make a Storefront API token for servers",
        answer=Token,
        body=PrivateTokenBody,
        scopes=SCOPES[Kind.PRIVATE],
        tag=TAG,
    ),
    Endpoint(
        "POST",
        "/storefront/api-token-customer-impersonation",
        create_impersonation,
        "Make a Storefront API token for servers that act for a customer",
        answer=Token,
        body=TokenBody,
        scopes=SCOPES[Kind.CUSTOMER_IMPERSONATION],
        tag=TAG,
    ),
]
