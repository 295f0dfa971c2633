"""When a command happens, and the new ids it may draw: both come from outside, so that a command can be replayed."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from msgspec import Struct


def from_mail_date(sent: str) -> datetime:
    """`Tue, 13 Mar 2018 16:18:59 +0000`, in UTC. Raises `ValueError` for what is no date, or one no calendar of ours reaches."""
    try:
        moment = parsedate_to_datetime(sent)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {sent!r}") from error


class Ids:
    """New ids, drawn in order from a seed: the same seed gives the same ids."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def _hex(self) -> str:
        self._drawn += 1
        return blake2b(b"%d" % self._drawn, key=self._seed[:64], digest_size=16).hexdigest()

    def uuid(self) -> str:
        """For carts, line items and fees: a version 4 UUID."""
        digits = self._hex()
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def short(self) -> str:
        """For consignments and billing addresses: 13 hexadecimal digits, as on the wire."""
        return self._hex()[:13]


class Moment(Struct, frozen=True):
    """`now` with its offset from UTC; `seed` unlike that of any other command."""

    now: datetime
    seed: str

    def ids(self) -> Ids:
        return Ids(self.seed)
