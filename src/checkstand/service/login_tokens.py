"""JSON Web Tokens that the store and its apps exchange (BEHAVIOUR 6): one with which an app signs a customer in, and one by which
it learns who is signed in. Both are signed with the app's own secret, by HS256 and nothing else.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import jwt
import msgspec
from msgspec import Struct, field

from checkstand.domain.facts import Customer
from checkstand.domain.moment import Moment
from checkstand.errors import NotFound, Unauthenticated
from checkstand.storage.port import UnitOfWork

ALGORITHM = "HS256"
LOGIN, CURRENT = "customer_login", "current_customer"
VALID_SECONDS = 30
"""How long after it was issued an app's token signs somebody in, as published."""
CLOCKS_APART_SECONDS = 5
"""How far the app's clock may be ahead."""
CURRENT_SECONDS = 900
LONGEST_ID = 255
DEFAULT_PAGE = "/account.php"


class LoginToken(Struct, frozen=True, kw_only=True):
    """What an app says: who is to be signed in, where, and what to show then. `id` is never used twice."""

    client_id: str = field(name="iss")
    issued_at: int = field(name="iat")
    id: str = field(name="jti")
    operation: str
    store_hash: str
    customer_id: int
    redirect_to: str = DEFAULT_PAGE
    request_ip: str | None = None
    channel_id: int | None = None
    expires_at: int | None = field(name="exp", default=None)
    not_before: int | None = field(name="nbf", default=None)


async def use_login_token(
    unit: UnitOfWork, token: str, address: str, moment: Moment, refused_apps: Collection[str] = ()
) -> LoginToken:
    """What the token says, once; `address`: where the request comes from; `refused_apps`: whose tokens do not count. Raises
    `Unauthenticated` with a code that tells why it does not count."""
    claims = await _read(unit, token, refused_apps)
    now = moment.now.timestamp()
    is_early = claims.issued_at > now + CLOCKS_APART_SECONDS or (claims.not_before or 0) > now + CLOCKS_APART_SECONDS
    if (
        is_early
        or now > claims.issued_at + VALID_SECONDS
        or (claims.expires_at is not None and claims.expires_at <= now)
    ):
        raise Unauthenticated("The token is not valid at this time.", code="token_expired")
    if claims.operation != LOGIN:
        raise Unauthenticated("The token is for something else.", code="wrong_operation")
    if claims.store_hash != unit.store_hash:
        raise Unauthenticated("The token is for another store.", code="wrong_store")
    if claims.request_ip and claims.request_ip != address:
        raise Unauthenticated("The token is for another computer.", code="wrong_address")
    if claims.channel_id is not None and claims.channel_id not in (await unit.store()).channel_ids:
        raise Unauthenticated("The token is for another channel.", code="wrong_channel")
    if not 0 < len(claims.id) <= LONGEST_ID:
        raise Unauthenticated(f"The token's jti must have 1 to {LONGEST_ID} characters.", code="not_a_token")
    used = f"{claims.client_id}\n{claims.id}"
    remembered = timedelta(seconds=2 * (VALID_SECONDS + CLOCKS_APART_SECONDS))
    if not await unit.access.add_pass_once(used, LOGIN, moment.now, moment.now + remembered):
        raise Unauthenticated("The token was used before.", code="token_used")
    return claims


async def current_customer(
    unit: UnitOfWork, client_id: str, customer: Customer, moment: Moment, refused_apps: Collection[str] = ()
) -> str:
    """Who is signed in, for an app. Raises `NotFound` for one that the store does not know."""
    app = await unit.access.app(client_id) if client_id not in refused_apps else None
    if app is None or not app.secret:
        raise NotFound(f"There is no app {client_id}.", code="app_not_found")
    issued_at, group_id = int(moment.now.timestamp()), (await unit.store()).group_id_of(customer)
    claims = {
        "customer": {"id": customer.id, "email": customer.email, "group_id": str(group_id)},
        "iss": "bc/apps",
        "sub": unit.store_hash,
        "iat": issued_at,
        "exp": issued_at + CURRENT_SECONDS,
        "version": 1,
        "aud": client_id,
        "application_id": client_id,
        "store_hash": unit.store_hash,
        "operation": CURRENT,
    }
    return jwt.encode(claims, app.secret, ALGORITHM)


async def _read(unit: UnitOfWork, token: str, refused_apps: Collection[str]) -> LoginToken:
    """Who issued it is looked at first, to know with which secret it must be signed; nothing else counts before that."""
    try:
        unsigned: Any = jwt.decode(token, options={"verify_signature": False})
        issuer = unsigned.get("iss")
        is_name = isinstance(issuer, str) and "\0" not in issuer and issuer not in refused_apps
        app = await unit.access.app(issuer) if is_name else None
        if app is None or not app.secret:
            raise Unauthenticated("The token was not issued by an app of this store.", code="unknown_app")
        payload = jwt.decode(
            token,
            app.secret,
            algorithms=[ALGORITHM],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
        )
        return msgspec.convert(payload, LoginToken)
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
        raise Unauthenticated("The token was not signed by the app it names.", code="token_not_ours") from None
    except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError):
        raise Unauthenticated("This is not a customer login token.", code="not_a_token") from None
