"""Gift wrapping: which of the store's wraps, around which units of a line (BEHAVIOUR 4). Pure.

Units are wrapped all in one, or each on its own, at most one wrap for each unit. Where units move to another line, wraps of
their own go along with them; a wrap around all of them is put around either part, and around all again when they are together.
"""

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, GiftWrapping, LineItem, WrapDetail
from checkstand.domain.facts import Store
from checkstand.errors import Invalid

LONGEST_MESSAGE = 1000


class Wrap(Struct, frozen=True):
    """One of the store's wraps, by its id, and the words that go with it."""

    id: int
    message: str = ""


class WrappingDraft(Struct, frozen=True, kw_only=True):
    wrap_together: bool
    wraps: tuple[Wrap, ...]


def wrapped(line: LineItem, draft: WrappingDraft | None, checkout: Checkout, store: Store, field: str) -> LineItem:
    """The line with this wrapping, None: with none. Raises `Invalid` for what is not wrapped, an unknown wrap, or more than fit."""
    if draft is None:
        return replace(line, gift_wrapping=None)
    if line.kind != "physical":
        raise Invalid.field(field, "is for physical items only")
    if not draft.wraps:
        raise Invalid.field(f"{field}.wrap_details", "must name at least one wrap")
    wraps = draft.wraps[:1] if draft.wrap_together else draft.wraps
    if len(wraps) > line.quantity:
        raise Invalid.field(f"{field}.wrap_details", f"has {len(wraps)} entries for {line.quantity} units")
    details = tuple(_detail(wrap, checkout, store, f"{field}.wrap_details.{index}") for index, wrap in enumerate(wraps))
    return replace(line, gift_wrapping=GiftWrapping(wrap_together=draft.wrap_together, details=details))


def _detail(wrap: Wrap, checkout: Checkout, store: Store, field: str) -> WrapDetail:
    found = next((each for each in store.gift_wraps if each.id == wrap.id and each.enabled), None)
    if found is None:
        raise Invalid.field(f"{field}.id", f"{wrap.id} is not a gift wrap of this store", code="unknown_gift_wrap")
    if len(wrap.message) > LONGEST_MESSAGE:
        raise Invalid.field(f"{field}.message", f"may have at most {LONGEST_MESSAGE} characters")
    price = store.converted(found.price, checkout.currency)
    return WrapDetail(id=found.id, name=found.name, price=price, message=wrap.message)
