"""Webhooks (BEHAVIOUR 9). The client is known by the name of its access token, and sees its own hooks only.

As published no scope is needed: any token will do, also to listen. What is sent names things and shows nothing of them.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import paged, truth
from checkstand.api.management.surface import caller_of
from checkstand.domain import hook
from checkstand.domain.hook import HookChange
from checkstand.service import hooks

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250

# ---------------------------------------------------------------------------------------------------- bodies

HookScope = Annotated[str, Meta(description="What to listen to, such as store/cart/* or store/order/created.")]
DestinationUrl = Annotated[
    str, Meta(description="Where to send it: https on port 443, unless the server's operator allowed another host.")
]
HookHeaders = Annotated[dict[str, str], Meta(description="Sent along with each call.")]


class HookBody(Struct, kw_only=True):
    scope: HookScope
    destination: DestinationUrl
    is_active: bool = True
    headers: HookHeaders | None = None


class HookUpdate(Struct, kw_only=True):
    """At least one of them."""

    scope: HookScope | UnsetType = UNSET
    destination: DestinationUrl | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    headers: HookHeaders | UnsetType | None = UNSET


# ---------------------------------------------------------------------------------------------------- answers


class Hook(Struct, kw_only=True):
    """Times are in seconds since 1970."""

    id: int
    client_id: str
    store_hash: str
    scope: str
    destination: str
    headers: dict[str, str] | None
    is_active: bool
    created_at: int
    updated_at: int


class AdminHook(Hook, kw_only=True):
    """`deactivated`: the server stopped sending, after too many failures or 90 days without a delivery."""

    status: Literal["inactive", "active", "deactivated"]


class Reason(Struct, kw_only=True):
    failure_description: str
    count: int
    timestamp: int


class BlockedDomain(Struct, kw_only=True):
    destination: str
    time_left: int
    reasons: list[Reason]


class HooksAdmin(Struct, kw_only=True):
    """`emails` is empty: this server sends none."""

    emails: list[str]
    hooks_list: list[AdminHook]
    blocked_domains: list[BlockedDomain]


def _shown(call: Call, found: hook.Hook) -> Hook:
    return Hook(
        id=found.id,
        client_id=found.client,
        store_hash=call.unit.store_hash,
        scope=found.scope,
        destination=found.destination,
        headers=None if found.headers is None else dict(found.headers),
        is_active=found.is_active,
        created_at=int(found.created_at.timestamp()),
        updated_at=int(found.updated_at.timestamp()),
    )


def _shown_to_admin(call: Call, found: hook.Hook) -> AdminHook:
    shown = _shown(call, found)
    return AdminHook(**{name: getattr(shown, name) for name in shown.__struct_fields__}, status=found.status)


# ---------------------------------------------------------------------------------------------------- handlers


async def list_hooks(call: Call, body: None) -> Reply:
    found = await _filtered(call)
    if scope := call.first("scope"):
        found = [each for each in found if each.scope == scope]
    if destination := call.first("destination"):
        found = [each for each in found if each.destination == destination]
    return paged(call, found, lambda each: _shown(call, each), default=DEFAULT_LIMIT, most=LARGEST_LIMIT)


async def _filtered(call: Call) -> list[hook.Hook]:
    """The client's hooks, or those of them that `is_active` asks for."""
    active = truth(call, "is_active")
    found = await call.unit.hooks.of_client(caller_of(call).name)
    return [each for each in found if active is None or each.is_active is active]


async def create(call: Call, body: HookBody) -> Hook:
    change = HookChange(scope=body.scope, destination=body.destination, is_active=body.is_active, headers=body.headers)
    return _shown(
        call, await hooks.create(call.unit, caller_of(call).name, change, call.app.webhook_hosts, call.moment)
    )


async def get(call: Call, body: None) -> Hook:
    return _shown(call, await hooks.get(call.unit, caller_of(call).name, call.number("webhook_id")))


async def update(call: Call, body: HookUpdate) -> Hook:
    change = HookChange(scope=body.scope, destination=body.destination, is_active=body.is_active, headers=body.headers)
    hook_id = call.number("webhook_id")
    return _shown(
        call, await hooks.update(call.unit, caller_of(call).name, hook_id, change, call.app.webhook_hosts, call.moment)
    )


async def delete(call: Call, body: None) -> Hook:
    return _shown(call, await hooks.remove(call.unit, caller_of(call).name, call.number("webhook_id")))


async def admin(call: Call, body: None) -> HooksAdmin:
    blocked = await hooks.blocked(call.unit, await call.unit.hooks.of_client(caller_of(call).name), call.now)
    return HooksAdmin(
        emails=[],
        hooks_list=[_shown_to_admin(call, each) for each in await _filtered(call)],
        blocked_domains=[_shown_block(call, each) for each in blocked],
    )


def _shown_block(call: Call, blocked: hooks.Blocked) -> BlockedDomain:
    return BlockedDomain(
        destination=blocked.host,
        time_left=max(0, round((blocked.until - call.now).total_seconds())),
        reasons=[
            Reason(failure_description=reason.error, count=reason.count, timestamp=int(reason.last_at.timestamp()))
            for reason in blocked.reasons
        ],
    )


ALL, ONE, ADMIN = "/hooks", "/hooks/{webhook_id}", "/hooks/admin"
TAG = "Webhooks"

ENDPOINTS = [
    Endpoint(
        "GET",
        ALL,
        list_hooks,
        "List webhooks of this client",
        answer=list[Hook],
        query=("page", "limit", "is_active", "scope", "destination"),
        tag=TAG,
    ),
    Endpoint("POST", ALL, create, "Create a webhook", answer=Hook, body=HookBody, tag=TAG),
    Endpoint(
        "GET",
        ADMIN,
        admin,
        "Webhooks of this client with their status, and the hosts that are not called at present",
        answer=HooksAdmin,
        query=("is_active",),
        tag=TAG,
    ),
    Endpoint("GET", ONE, get, "Read a webhook", answer=Hook, tag=TAG),
    Endpoint(
        "PUT",
        ONE,
        update,
        "Change a webhook; what is left out stays as it is",
        answer=Hook,
        body=HookUpdate,
        tag=TAG,
    ),
    Endpoint("DELETE", ONE, delete, "Delete a webhook", answer=Hook, tag=TAG),
]
