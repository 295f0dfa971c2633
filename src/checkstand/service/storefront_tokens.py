"""Tokens for the GraphQL Storefront API: JSON Web Tokens that say themselves what they allow (BEHAVIOUR 9).

Signed with a key made from the store's secret for this purpose only. What was revoked is remembered by the token's own id,
not by its text: some characters of a text can be other ones and say the same.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from secrets import token_hex

import jwt
import msgspec
from msgspec import Struct, field

from checkstand.domain.moment import Moment
from checkstand.errors import Invalid, Unauthenticated
from checkstand.storage.port import UnitOfWork

ALGORITHM = "HS256"
ISSUER = "checkstand"
LATEST = 253_402_300_799
"""The last second a date can name, in the year 9999. What is later was given in milliseconds."""


class Kind(StrEnum):
    """For browsers; for servers, with scopes; for servers that act for a customer."""

    STOREFRONT = "storefront"
    PRIVATE = "private"
    CUSTOMER_IMPERSONATION = "customer_impersonation"


class StorefrontToken(Struct, frozen=True, kw_only=True):
    """What a token says. `allowed_origins`: the sites whose pages may send it, besides the store's own."""

    kind: Kind
    channel_ids: tuple[int, ...] = field(name="cid")
    store_hash: str = field(name="sid")
    client: str = field(name="sub")
    id: str = field(name="jti")
    issued_at: int = field(name="iat")
    expires_at: int = field(name="exp")
    allowed_origins: tuple[str, ...] = field(name="cors", default=())
    scopes: tuple[str, ...] = ()
    issuer: str = field(name="iss", default=ISSUER)


async def create(
    unit: UnitOfWork,
    kind: Kind,
    client: str,
    channel_ids: Sequence[int],
    expires_at: int,
    moment: Moment,
    *,
    allowed_origins: Sequence[str] = (),
    scopes: Sequence[str] = (),
) -> str:
    """The token as its bearer sends it. `expires_at` in whole seconds since 1970. Raises `Invalid`."""
    if not channel_ids:
        raise Invalid.field("channel_ids", "must name at least one channel")
    store = await unit.store()
    for channel_id in channel_ids:
        store.expect_channel(channel_id)
    if not moment.now.timestamp() < expires_at <= LATEST:
        raise Invalid.field("expires_at", "must be in the future, in seconds since 1970")
    claims = StorefrontToken(
        kind=kind,
        channel_ids=tuple(dict.fromkeys(channel_ids)),
        store_hash=unit.store_hash,
        client=client,
        id=token_hex(16),
        issued_at=int(moment.now.timestamp()),
        expires_at=expires_at,
        allowed_origins=tuple(dict.fromkeys(allowed_origins)),
        scopes=tuple(dict.fromkeys(scopes)),
    )
    return jwt.encode(msgspec.to_builtins(claims), await _key(unit), ALGORITHM)


async def verify(unit: UnitOfWork, token: str, now: datetime) -> StorefrontToken:
    """What the token says. Raises `Unauthenticated`, with a code that tells why, unless the store stands by it now."""
    claims = await _read(unit, token)
    if claims.expires_at <= now.timestamp():
        raise Unauthenticated("The token has expired.", code="token_expired")
    if await unit.access.is_revoked(claims.id):
        raise Unauthenticated("The token was revoked.", code="token_revoked")
    return claims


async def read(unit: UnitOfWork, token: str) -> StorefrontToken:
    """What a token of this store says, even if it no longer counts. Raises `Invalid` for any other."""
    try:
        return await _read(unit, token)
    except Unauthenticated as error:
        raise Invalid(error.message, fields={"Sf-Api-Token": error.message}, code=error.reason) from None


async def revoke(unit: UnitOfWork, token: StorefrontToken) -> None:
    """From now on nobody gets in with it. Again is as good as once."""
    await unit.access.revoke(token.id, datetime.fromtimestamp(token.expires_at, UTC))


async def _read(unit: UnitOfWork, token: str) -> StorefrontToken:
    try:
        payload = jwt.decode(
            token,
            await _key(unit),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )
        return msgspec.convert(payload, StorefrontToken)
    except jwt.InvalidSignatureError:
        raise Unauthenticated("The token was not signed by this store.", code="token_not_ours") from None
    except (jwt.InvalidTokenError, msgspec.ValidationError):
        raise Unauthenticated("This is not a Storefront API token.", code="not_a_token") from None


async def _key(unit: UnitOfWork) -> bytes:
    secret = await unit.secret()
    return hmac.new(secret.encode(), b"storefront-api-token", sha256).digest()
