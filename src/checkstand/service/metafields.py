"""Metafields of carts: reading, and writing one or many at once, all of them or none.

A write that finds a field changed since it was read starts again, like the write of a checkout.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct

from checkstand.domain import metafield
from checkstand.domain.metafield import Change, Metafield, MetafieldDraft
from checkstand.domain.moment import Moment
from checkstand.errors import Denied, Invalid, NotFound, Refused
from checkstand.service.commands import Attempts
from checkstand.storage.port import MetafieldSearch, UnitOfWork

SEQUENCE = "metafield"
MOST_AT_ONCE = 250

Step = Callable[[], Awaitable[Change]]
"""Reads what is there now and says what is to become of it. Run again when the write lost a race."""


# ---------------------------------------------------------------------------------------------------- reading


class Page(Struct, frozen=True):
    """Some of the fields that match, how many match in all, and whether there are others on either side of these."""

    fields: Sequence[Metafield]
    total: int
    has_previous: bool
    has_next: bool


async def find(
    unit: UnitOfWork,
    search: MetafieldSearch,
    *,
    descending: bool,
    limit: int,
    offset: int = 0,
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """A page by number (`offset`), or what comes next after or just before an id. Raises `NotFound` for an unknown cart."""
    if search.cart_id and not await unit.metafields.is_cart_known(search.cart_id):
        raise NotFound(f"There is no cart {search.cart_id}.", code="cart_not_found")
    total = await unit.metafields.count(search)
    one_more = limit + 1
    if before is not None:
        nearest_first = await unit.metafields.page(search, descending=not descending, limit=one_more, after=before)
        return Page(nearest_first[:limit][::-1], total, has_previous=len(nearest_first) > limit, has_next=True)
    found = await unit.metafields.page(search, descending=descending, limit=one_more, offset=offset, after=after)
    return Page(found[:limit], total, has_previous=after is not None or offset > 0, has_next=len(found) > limit)


async def get(unit: UnitOfWork, client: str, metafield_id: int, cart_id: str | None = None) -> Metafield:
    """Raises `NotFound`, also for a field of another cart than `cart_id` and for one that the client may not see."""
    field = await unit.metafields.get(metafield_id)
    if field is None or not field.is_visible_to(client) or cart_id not in (None, field.cart_id):
        raise NotFound(f"There is no metafield {metafield_id}.", code="metafield_not_found")
    return field


# ---------------------------------------------------------------------------------------------------- writing one


async def create(unit: UnitOfWork, client: str, cart_id: str, draft: MetafieldDraft, moment: Moment) -> Metafield:
    """Raises `NotFound` for an unknown cart, `Taken` for a name this client has given already, `Refused` for one too many."""
    return _after(await _write(unit, [_creation(unit, client, cart_id, draft, moment)], moment))[0]


async def update(
    unit: UnitOfWork, client: str, cart_id: str, metafield_id: int, draft: MetafieldDraft, moment: Moment
) -> Metafield:
    """Raises `NotFound`, `Denied`, `Taken`."""
    return _after(await _write(unit, [_update(unit, client, cart_id, metafield_id, draft, moment)], moment))[0]


async def delete(unit: UnitOfWork, client: str, cart_id: str, metafield_id: int, moment: Moment) -> None:
    """Raises `NotFound`, `Denied`."""
    await _write(unit, [_deletion(unit, client, cart_id, metafield_id)], moment)


# ---------------------------------------------------------------------------------------------------- writing many


async def create_all(
    unit: UnitOfWork, client: str, drafts: Sequence[tuple[str, MetafieldDraft]], moment: Moment
) -> list[Metafield]:
    """`drafts` with the cart of each. Raises `Invalid` that names, by its place in the list, each that cannot be made."""
    steps = {
        str(number): _creation(unit, client, cart_id, draft, moment) for number, (cart_id, draft) in enumerate(drafts)
    }
    return _after(await _write_all(unit, steps, moment))


async def update_all(
    unit: UnitOfWork, client: str, drafts: Mapping[int, MetafieldDraft], moment: Moment
) -> list[Metafield]:
    """`drafts` by id. Raises `Invalid` that names each that cannot be changed."""
    steps = {
        str(metafield_id): _update(unit, client, None, metafield_id, draft, moment)
        for metafield_id, draft in drafts.items()
    }
    return _after(await _write_all(unit, steps, moment))


async def delete_all(unit: UnitOfWork, client: str, metafield_ids: Sequence[int], moment: Moment) -> None:
    """Raises `Invalid` that names each that cannot be deleted."""
    steps = {str(metafield_id): _deletion(unit, client, None, metafield_id) for metafield_id in metafield_ids}
    await _write_all(unit, steps, moment)


# ---------------------------------------------------------------------------------------------------- steps


def _creation(unit: UnitOfWork, client: str, cart_id: str, draft: MetafieldDraft, moment: Moment) -> Step:
    async def step() -> Change:
        metafield.check(draft)
        number = await unit.next_number(SEQUENCE)
        return Change(None, metafield.create(draft, number, cart_id, client, moment.now))

    return step


def _update(
    unit: UnitOfWork, client: str, cart_id: str | None, metafield_id: int, draft: MetafieldDraft, moment: Moment
) -> Step:
    async def step() -> Change:
        before = await get(unit, client, metafield_id, cart_id)
        return Change(before, metafield.update(before, draft, client, moment.now))

    return step


def _deletion(unit: UnitOfWork, client: str, cart_id: str | None, metafield_id: int) -> Step:
    async def step() -> Change:
        before = await get(unit, client, metafield_id, cart_id)
        metafield.check_writable(before, client)
        return Change(before, None)

    return step


async def _write(unit: UnitOfWork, steps: Sequence[Step], moment: Moment) -> list[Change]:
    async for _ in Attempts():
        changes = [await step() for step in steps]
        if await unit.metafields.write(changes, moment.now):
            return changes
    raise AssertionError("attempts end by raising")


async def _write_all(unit: UnitOfWork, steps: Mapping[str, Step], moment: Moment) -> list[Change]:
    """Like `_write`, but all that is wrong is told at once, under the names of the steps."""
    if len(steps) > MOST_AT_ONCE:
        raise Invalid(f"One request may write at most {MOST_AT_ONCE} metafields.", code="too_many_at_once")
    async for _ in Attempts():
        changes, wrong = await _plan(steps)
        if wrong:
            raise _nothing_written(wrong, len(steps))
        try:
            if await unit.metafields.write(changes, moment.now):
                return changes
        except (NotFound, Refused) as error:
            number = error.details["number"]
            assert isinstance(number, int), "storage says which change it was"
            raise _nothing_written({tuple(steps)[number]: error.message}, len(steps)) from error
    raise AssertionError("attempts end by raising")


async def _plan(steps: Mapping[str, Step]) -> tuple[list[Change], dict[str, str]]:
    """What the steps would change, and why those that cannot do not."""
    changes: list[Change] = []
    wrong: dict[str, str] = {}
    for name, step in steps.items():
        try:
            changes.append(await step())
        except (Denied, Invalid, NotFound) as error:
            wrong[name] = error.message
    return changes, wrong


def _nothing_written(wrong: Mapping[str, str], total: int) -> Invalid:
    return Invalid(
        "None of the metafields was written, because some cannot be.",
        fields=wrong,
        code="bulk_operation_failed",
        details={"total": total},
    )


def _after(changes: Sequence[Change]) -> list[Metafield]:
    return [change.after for change in changes if change.after is not None]
