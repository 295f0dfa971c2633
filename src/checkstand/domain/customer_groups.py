"""Customer groups as a merchant makes them: making, changing and removing one, as edits of the store. Pure.

A group has a name of its own, and rules for what its customers are asked (`price_rules`).
"""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.facts import CustomerGroup, Store
from checkstand.domain.price_rules import DiscountRule, check_discount_rules
from checkstand.errors import Invalid, NotFound, Taken

LONGEST_NAME = 255


class GroupChange(Struct, frozen=True, kw_only=True):
    """What a request says about a group; None: nothing."""

    name: str | None = None
    discount_rules: tuple[DiscountRule, ...] | None = None


def add_group(store: Store, group_id: int, change: GroupChange) -> Store:
    """Raises `Invalid`, `Taken`."""
    if change.name is None:
        raise Invalid.field("name", "is required")
    group = _changed(CustomerGroup(group_id, ""), change, store)
    return replace(store, customer_groups=(*store.customer_groups, group))


def change_group(store: Store, group_id: int, change: GroupChange) -> Store:
    """What is left out stays. Raises `NotFound`, `Invalid`, `Taken`."""
    before = group_of(store, group_id)
    after = _changed(before, change, store)
    groups = tuple(after if group is before else group for group in store.customer_groups)
    return replace(store, customer_groups=groups)


def remove_groups(store: Store, ids: Collection[int] | None) -> Store:
    """Without these groups, or without any (None). Their customers are asked what the catalog says."""
    kept = () if ids is None else tuple(group for group in store.customer_groups if group.id not in ids)
    return replace(store, customer_groups=kept)


def group_of(store: Store, group_id: int) -> CustomerGroup:
    group = store.customer_group_by_id.get(group_id)
    if group is None:
        raise NotFound(f"There is no customer group {group_id}.", code="customer_group_not_found")
    return group


def _changed(before: CustomerGroup, change: GroupChange, store: Store) -> CustomerGroup:
    name = before.name if change.name is None else change.name
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Invalid.field("name", f"must have 1 to {LONGEST_NAME} characters")
    if any(other.name == name for other in store.customer_groups if other.id != before.id):
        raise Taken(f"The store has another customer group called {name}.")
    rules = before.discount_rules if change.discount_rules is None else change.discount_rules
    check_discount_rules(rules, store.currency)
    return replace(before, name=name, discount_rules=rules)
