"""What the lists of Management have in common: filters from the query, one page of what they leave, and its `meta`."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from checkstand.api.http import Call, Reply
from checkstand.errors import Invalid

Item = TypeVar("Item")

TRUTHS = {"true": True, "1": True, "false": False, "0": False}
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Shown and compared where nobody said when something was made: it came with a shop file."""


# ---------------------------------------------------------------------------------------------------- filters


def truth(call: Call, name: str) -> bool | None:
    """A yes or no from the query; None when it is not there. Raises `Invalid`."""
    if name not in call.query:
        return None
    given = TRUTHS.get(call.first(name).lower())
    if given is None:
        raise Invalid.field(name, "must be true or false")
    return given


def words(call: Call, name: str) -> list[str] | None:
    """A comma list from the query; None when it is not there."""
    if name not in call.query:
        return None
    return [part.strip() for value in call.query[name] for part in value.split(",") if part.strip()]


def named_ids(call: Call, what: str, name: str = "id:in") -> list[int]:
    """The ids that a request must name, which would else be about all there is. Raises `Invalid`."""
    ids = call.query_numbers(name)
    if not ids:
        raise Invalid.field(name, f"must name at least one {what}")
    return ids


def dated(call: Call, name: str, items: Sequence[Item], date_of: Callable[[Item], datetime | None]) -> list[Item]:
    """The items whose date is `name`, from `name:min` on and up to `name:max`. Raises `Invalid` for what is no date.

    A moment stands for its whole second, since answers show no part of one; a day without a time for the whole day in UTC.
    """
    earliest, latest = between(call, name)
    start, end = earliest or UNDATED, latest or datetime.max.replace(tzinfo=UTC)
    return [item for item in items if start <= (date_of(item) or UNDATED) < end]


def between(call: Call, name: str) -> tuple[datetime | None, datetime | None]:
    """From when on, and before when, by the query's `name`, `name:min` and `name:max`; None: it does not say. Raises `Invalid`."""
    exactly, least, most = (time_span(call, f"{name}{how}") for how in ("", ":min", ":max"))
    begins = [span[0] for span in (exactly, least) if span]
    ends = [span[1] for span in (exactly, most) if span]
    return max(begins, default=None), min(ends, default=None)


def time_span(call: Call, name: str) -> tuple[datetime, datetime] | None:
    """From when until before when a date in the query lasts; None when it is not there. Raises `Invalid` for what is none."""
    text = call.first(name)
    if not text:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        start = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
        if start.tzinfo is None:
            start = start.replace(tzinfo=UTC)
        start = start.astimezone(UTC).replace(microsecond=0)
        return start, start + (timedelta(days=1) if "T" not in text and ":" not in text else timedelta(seconds=1))
    except (ValueError, OverflowError):
        raise Invalid.field(name, "must be a date and time such as 2026-01-31T12:00:00Z") from None


def expect_no_filter(call: Call, what: str) -> None:
    """For requests that delete all there is. Raises `Invalid` for a query, which would not be looked at."""
    if call.query:
        raise Invalid.field(next(iter(call.query)), f"is no filter of this request; it would delete every {what}")


# ---------------------------------------------------------------------------------------------------- pages


def page_and_limit(call: Call, *, default: int, most: int) -> tuple[int, int]:
    """Which page is asked for, the first being 1, and of how many items. Raises `Invalid`."""
    return call.query_number("page", 1, 1, 10**9 - 1), call.query_number("limit", default, 1, most)


def part(call: Call, items: Sequence[Item], *, default: int, most: int) -> Sequence[Item]:
    """The items of the page that is asked for, where an answer does not say which page it is (v2)."""
    page, limit = page_and_limit(call, default=default, most=most)
    return items[(page - 1) * limit : page * limit]


def paged(call: Call, items: Sequence[Item], show: Callable[[Item], object], *, default: int, most: int) -> Reply:
    """The page that `page` and `limit` ask for, of `most` items at the most."""
    page, limit = page_and_limit(call, default=default, most=most)
    shown = [show(item) for item in items[(page - 1) * limit : page * limit]]
    return Reply(shown, meta={"pagination": pagination(call, page, limit, count=len(shown), total=len(items))})


def pagination(call: Call, page: int, limit: int, *, count: int, total: int) -> dict[str, object]:
    """Where a page stands among all of `total` items: `count` of them are on it."""
    last = -(-total // limit)
    links = {"current": _link(call, page, limit)}
    if page > 1:
        links["previous"] = _link(call, page - 1, limit)
    if page < last:
        links["next"] = _link(call, page + 1, limit)
    return {
        "total": total,
        "count": count,
        "per_page": limit,
        "current_page": page,
        "total_pages": last,
        "links": links,
    }


def _link(call: Call, page: int, limit: int) -> str:
    """The query of another page of the same list."""
    kept = [(name, value) for name, values in call.query.items() for value in values if name not in ("page", "limit")]
    return "?" + urlencode([*kept, ("page", page), ("limit", limit)], safe=":,")


# ---------------------------------------------------------------------------------------------------- cursors


LARGEST_CURSOR = 2**53


def cursor(call: Call, name: str) -> int | None:
    """The id a cursor in the query stands for; None when it is not there. Raises `Invalid`."""
    text = call.first(name)
    if not text:
        return None
    try:
        number = int(urlsafe_b64decode(text).decode("ascii"))
    except ValueError:
        number = -1
    if not 0 <= number <= LARGEST_CURSOR:
        raise Invalid.field(name, "must be a cursor from an earlier answer")
    return number


def cursor_pagination(
    call: Call, ids: Sequence[int], limit: int, *, has_previous: bool, has_next: bool
) -> dict[str, object]:
    """`before` the first of these ids are the previous items, `after` the last the next."""
    first, last = (_as_cursor(ids[0]), _as_cursor(ids[-1])) if ids else ("", "")
    ways = {"previous": ("before", first, has_previous), "next": ("after", last, has_next)}
    query = [(name, value) for name, values in call.query.items() for value in values]
    kept = [(name, value) for name, value in query if name not in ("page", "limit", "before", "after")]
    links = {
        way: "?" + urlencode([*kept, (name, text), ("limit", limit)], safe=":,")
        for way, (name, text, is_there) in ways.items()
        if text and is_there
    }
    return {
        "count": len(ids),
        "per_page": limit,
        "start_cursor": first,
        "end_cursor": last,
        "links": {"current": "?" + urlencode(query, safe=":,"), **links},
    }


def _as_cursor(number: int) -> str:
    return urlsafe_b64encode(str(number).encode()).decode()
