"""Webhooks: what can be listened to, where it may be sent, what is sent and when again (BEHAVIOUR 9).

A hook belongs to the client that made it. It names a scope, or a family of scopes by `/*`, and where to send what happens. What
is sent is a payload of a few words that says what happened to which thing, signed as the Standard Webhooks specification has it.
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b, sha1, sha256
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checkstand.domain.destination import check_destination
from checkstand.errors import Invalid

Status = Literal["active", "inactive", "deactivated"]
"""`inactive`: its client switched it off; `deactivated`: the server did."""

Headers = Mapping[str, str]

HOSTS_SETTING = "CHECKSTAND_WEBHOOK_HOSTS"
"""Where an operator allows further destinations."""

# ---------------------------------------------------------------------------------------------------- scopes

KINDS: Mapping[str, Sequence[str]] = {
    "store/app": ("uninstalled",),
    "store/cart": ("created", "updated", "deleted", "couponApplied", "abandoned", "converted"),
    "store/cart/lineItem": ("created", "updated", "deleted"),
    "store/cart/metafield": ("created", "updated", "deleted"),
    "store/category": ("created", "updated", "deleted"),
    "store/channel": ("created", "updated"),
    "store/customer": ("created", "updated", "deleted"),
    "store/customer/address": ("created", "updated", "deleted"),
    "store/customer/payment/instrument/default": ("updated",),
    "store/information": ("updated",),
    "store/order": ("created", "updated", "archived", "statusUpdated"),
    "store/order/message": ("created",),
    "store/order/refund": ("created",),
    "store/product": ("created", "updated", "deleted"),
    "store/product/inventory": ("updated",),
    "store/product/inventory/order": ("updated",),
    "store/shipment": ("created", "updated", "deleted"),
    "store/sku": ("created", "updated", "deleted"),
    "store/sku/inventory": ("updated",),
    "store/sku/inventory/order": ("updated",),
    "store/subscriber": ("created", "updated", "deleted"),
}
"""Every scope that is published: what of -> what happened. This server tells of carts and orders only (`events`)."""

FAMILY = "/*"


def _families(kind: str) -> set[str]:
    """`store/cart/*` and `store/cart/lineItem/*` of `store/cart/lineItem`."""
    parts = kind.split("/")
    return {"/".join(parts[:length]) + FAMILY for length in range(2, len(parts) + 1)}


SCOPES = frozenset(f"{kind}/{what}" for kind, happenings in KINDS.items() for what in happenings)
FAMILIES = frozenset(family for kind in KINDS for family in _families(kind))


def covers(scope: str, of_event: str) -> bool:
    """Whether a hook with this scope listens to an event with that one."""
    return scope == of_event or (scope.endswith(FAMILY) and of_event.startswith(scope.removesuffix("*")))


# ---------------------------------------------------------------------------------------------------- hooks

MOST_HEADERS = 32
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
HEADER_VALUE = re.compile(r"[\x20-\x7e\t]{0,4096}")
OWN_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
"""What only the server may say of a request."""


class HookChange(Struct, frozen=True, kw_only=True):
    """What a client says of a hook; what it leaves out stays, or has its default."""

    scope: str | UnsetType = UNSET
    destination: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    headers: Headers | UnsetType | None = UNSET


class Hook(Struct, frozen=True, kw_only=True):
    """`client` is the name of the access token it was made with. `idle_since`: the last delivery, or when it was switched on.
    `updated_at` differs from every earlier one, so that it can tell whether the hook is still the one that was read."""

    id: int
    client: str
    scope: str
    destination: str
    headers: Headers | None = None
    status: Status = "active"
    created_at: datetime
    updated_at: datetime
    idle_since: datetime

    @property
    def is_active(self) -> bool:
        return self.status == "active"


def create(change: HookChange, hook_id: int, client: str, allowed_hosts: frozenset[str], now: datetime) -> Hook:
    """Raises `Invalid`."""
    for name in ("scope", "destination"):
        if not getattr(change, name):
            raise Invalid.field(name, "is required")
    blank = Hook(id=hook_id, client=client, scope="", destination="", created_at=now, updated_at=now, idle_since=now)
    return replace(_changed(blank, change, allowed_hosts), updated_at=now)


def update(before: Hook, change: HookChange, allowed_hosts: frozenset[str], now: datetime) -> Hook:
    """Raises `Invalid`, also for a change of nothing."""
    if change == HookChange():
        raise Invalid("At least one of scope, destination, is_active and headers must be given.")
    after = _changed(before, change, allowed_hosts)
    switched_on = after.is_active and not before.is_active
    return replace(
        after,
        updated_at=max(now, before.updated_at + timedelta(microseconds=1)),
        idle_since=now if switched_on else before.idle_since,
    )


def _changed(hook: Hook, change: HookChange, allowed_hosts: frozenset[str]) -> Hook:
    if change.scope is not UNSET:
        check_scope(change.scope)
        hook = replace(hook, scope=change.scope)
    if change.destination is not UNSET:
        check_destination(change.destination, allowed_hosts, setting=HOSTS_SETTING)
        hook = replace(hook, destination=change.destination)
    if change.headers is not UNSET:
        check_headers(change.headers or {})
        hook = replace(hook, headers=change.headers)
    if change.is_active is not UNSET:
        hook = replace(hook, status="active" if change.is_active else "inactive")
    return hook


def check_scope(scope: str) -> None:
    """Raises `Invalid`."""
    if scope not in SCOPES | FAMILIES:
        raise Invalid.field("scope", "must be one that is published, such as store/cart/* or store/order/created")


def check_headers(headers: Headers) -> None:
    """Raises `Invalid` for headers that cannot be sent, or that are not the client's to choose."""
    if len(headers) > MOST_HEADERS:
        raise Invalid.field("headers", f"must be at most {MOST_HEADERS}")
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise Invalid.field("headers", "must be names and values that HTTP allows")
        if name.lower() in OWN_HEADERS:
            raise Invalid.field("headers", f"must not set {name}")


# ---------------------------------------------------------------------------------------------------- what is sent


def payload(store_hash: str, event_id: str, scope: str, data: Mapping[str, object], at: datetime) -> bytes:
    """The body of a call. The same event has the same body, so the same `hash`, whichever hook it is sent to and however often."""
    body = {
        "scope": scope,
        "store_id": store_number(store_hash),
        "data": data,
        "hash": sha1(b"\0".join((store_hash.encode(), event_id.encode())), usedforsecurity=False).hexdigest(),
        "created_at": int(at.timestamp()),
        "producer": f"stores/{store_hash}",
    }
    return msgspec.json.encode(body)


def store_number(store_hash: str) -> str:
    """A store is published with a number besides its hash; ours is made from the hash."""
    return str(int.from_bytes(blake2b(store_hash.encode(), digest_size=4).digest(), "big"))


def message_id(event_id: str, hook_id: int) -> str:
    """The same each time one event is sent to one hook, so that a receiver can tell what it had before."""
    return f"{event_id}-{hook_id}"


def client_secret(store_secret: str, client: str) -> str:
    """What a client verifies signatures with. Made from the store's secret, which it does not tell."""
    return hmac.new(store_secret.encode(), b"webhooks\0" + client.encode(), sha256).hexdigest()


def signed_headers(secret: str, message: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of the Standard Webhooks specification. Its libraries are given the client secret in base64."""
    timestamp = str(int(now.timestamp()))
    content = b".".join((message.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.new(secret.encode(), content, sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}


# ---------------------------------------------------------------------------------------------------- when


class Schedule(Struct, frozen=True, kw_only=True):
    """When what happens (BEHAVIOUR 9). A lease lasts longer than a call may take, so that nobody is overtaken who still lives.

    A domain is paused when, of at least `window_calls` calls within `window_seconds`, under `least_success_percent` succeeded.
    """

    retry_seconds: tuple[float, ...] = (60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400)
    timeout_seconds: float = 10
    lease_seconds: float = 30
    window_seconds: float = 120
    window_calls: int = 100
    least_success_percent: int = 90
    pause_seconds: float = 180
    idle_days: float = 90
    log_days: float = 7
    poll_seconds: float = 0.5
    upkeep_seconds: float = 3600

    def retry_after(self, attempts: int) -> timedelta | None:
        """How long to wait after so many failed attempts; None when that was the last."""
        return timedelta(seconds=self.retry_seconds[attempts - 1]) if attempts <= len(self.retry_seconds) else None

    def is_failing(self, calls: int, successes: int) -> bool:
        return calls >= self.window_calls and successes * 100 < calls * self.least_success_percent
