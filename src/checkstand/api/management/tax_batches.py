"""What the endpoints of taxes share: zones, rates and classes come and go in batches, which are all or nothing."""

from collections.abc import Awaitable, Callable, Collection

from checkstand.api.http import Call, Endpoint
from checkstand.errors import Invalid
from checkstand.service.access import INFORMATION

MOST_AT_ONCE = 250
DEFAULT_LIMIT, MOST = 50, 250
TAG = "Taxes"


def check_size(count: int) -> None:
    """Raises `Invalid`."""
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(
            f"The body must be a list of 1 to {MOST_AT_ONCE} entries.", fields={"body": "is a list of another size"}
        )


async def next_free(call: Call, sequence: str, taken: Collection[int]) -> int:
    """The next number that nobody has: shop files that were loaded long ago did not say which are theirs."""
    while (found := await call.unit.next_number(sequence)) in taken:
        pass
    return found


def deletion(path: str, handle: Callable[[Call, None], Awaitable[object]], summary: str) -> Endpoint:
    return Endpoint("DELETE", path, handle, summary, status=204, scopes=INFORMATION, query=("id:in",), tag=TAG)
