"""Metafields: texts that programs keep with a cart, and who may see and change which (BEHAVIOUR 4).

A metafield belongs to the client that made it. `app_only` ones are hidden from everybody else; the others are there to be
read, and those whose permission begins with `write` to be changed, but what a field is called and who may touch it stays its
owner's affair. They outlive their cart where it has become an order.
"""

import re
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.events import Event
from checkstand.errors import Denied, Invalid

PermissionSet = Literal["app_only", "read", "write", "read_and_sf_access", "write_and_sf_access"]
PRIVATE: PermissionSet = "app_only"

MOST_PER_CART = 250
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")


class MetafieldDraft(Struct, frozen=True, kw_only=True):
    """What a client says of a metafield: all of it, each time."""

    permission_set: PermissionSet
    namespace: str
    key: str
    value: str
    description: str = ""


class Metafield(Struct, frozen=True, kw_only=True):
    """`owner` is the client's name. `modified_at` differs from every earlier one of the same field, so that it can tell
    whether the field is still the one that was read."""

    id: int
    cart_id: str
    owner: str
    permission_set: PermissionSet
    namespace: str
    key: str
    value: str
    description: str = ""
    created_at: datetime
    modified_at: datetime

    def is_visible_to(self, client: str) -> bool:
        return self.owner == client or self.permission_set != PRIVATE

    def is_writable_by(self, client: str) -> bool:
        return self.owner == client or self.permission_set in ("write", "write_and_sf_access")


def is_name(text: str) -> bool:
    """Whether a field or a namespace can be called so."""
    return not CONTROL_CHARACTER.search(text)


def check(draft: MetafieldDraft) -> None:
    """Raises `Invalid` for a name that could not be searched for."""
    for name, text in (("namespace", draft.namespace), ("key", draft.key)):
        if not is_name(text):
            raise Invalid.field(name, "must not have control characters")


def create(draft: MetafieldDraft, metafield_id: int, cart_id: str, owner: str, now: datetime) -> Metafield:
    """Only after `check`."""
    return Metafield(
        id=metafield_id,
        cart_id=cart_id,
        owner=owner,
        permission_set=draft.permission_set,
        namespace=draft.namespace,
        key=draft.key,
        value=draft.value,
        description=draft.description,
        created_at=now,
        modified_at=now,
    )


def update(before: Metafield, draft: MetafieldDraft, client: str, now: datetime) -> Metafield:
    """Raises as `check`; `Denied` for a client that may not write, or would rename or re-permit what is another's."""
    check(draft)
    check_writable(before, client)
    after = create(draft, before.id, before.cart_id, before.owner, now)
    if before.owner != client:
        for name in ("permission_set", "namespace", "key"):
            if getattr(after, name) != getattr(before, name):
                raise Denied(
                    f"Only the client that made metafield {before.id} may change its {name}.", code="not_the_owner"
                )
    later = max(now, before.modified_at + timedelta(microseconds=1))
    return replace(after, created_at=before.created_at, modified_at=later)


def check_writable(field: Metafield, client: str) -> None:
    """Raises `Denied`."""
    if not field.is_writable_by(client):
        raise Denied(f"Metafield {field.id} belongs to another client and may only be read.", code="not_the_owner")


class Change(Struct, frozen=True):
    """One step of a write: without `before` a new metafield, without `after` one that goes."""

    before: Metafield | None
    after: Metafield | None

    @property
    def subject(self) -> Metafield:
        field = self.after or self.before
        assert field is not None, "a change is a change of something"
        return field

    def event(self) -> Event:
        """Told to webhooks. The published pages name the scopes only; the payload is that of line items."""
        what = "created" if self.before is None else "deleted" if self.after is None else "updated"
        field = self.subject
        return Event(
            f"store/cart/metafield/{what}", {"type": "metafield", "id": str(field.id), "cartId": field.cart_id}
        )
