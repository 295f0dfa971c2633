"""How many requests one client may send: so many in each window of 30 seconds (BEHAVIOUR 9).

All clients share the windows, which begin at every half minute: what was counted is forgotten at once, and no more is kept
than the clients of the present window. Counted in the memory of the process (docs/decisions/0013).
"""

from datetime import datetime

from checkstand.errors import Throttled

WINDOW_MILLISECONDS = 30_000
PUBLISHED_QUOTA = 150
"""Announced as long as no limit is set (D68): published clients expect the headers."""


class RateLimit:
    """`quota` requests of each client per window; None: any number."""

    def __init__(self, quota: int | None = None) -> None:
        self.quota = quota
        self._window = 0
        self._taken: dict[str, int] = {}

    def take(self, client: str, now: datetime) -> int:
        """Count one request; how many are left to the client in this window. Raises `Throttled`."""
        if self.quota is None:
            return PUBLISHED_QUOTA
        window = int(now.timestamp() * 1000) // WINDOW_MILLISECONDS
        if window != self._window:
            self._window, self._taken = window, {}
        taken = self._taken.get(client, 0) + 1
        if taken > self.quota:
            raise Throttled(
                f"More than {self.quota} requests within {WINDOW_MILLISECONDS // 1000} seconds; wait before the next one.",
                quota=self.quota,
                reset_milliseconds=milliseconds_left(now),
            )
        self._taken[client] = taken
        return self.quota - taken


def milliseconds_left(now: datetime) -> int:
    """Until the next window begins; at least 1. A window begins at every half minute, in any time zone there is."""
    return WINDOW_MILLISECONDS - (now.second * 1000 + now.microsecond // 1000) % WINDOW_MILLISECONDS
