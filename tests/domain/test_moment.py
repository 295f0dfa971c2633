"""A moment is all that a command knows of time and chance, so that it can be replayed."""

import re
from uuid import UUID

import msgspec

from checkstand.domain.moment import Moment
from tests.builders import NOON, a_moment


def test_the_same_moment_gives_the_same_ids_in_the_same_order() -> None:
    first, second = a_moment("seed").ids(), a_moment("seed").ids()

    drawn = [(first.uuid(), first.short(), first.uuid()) for _ in range(3)]

    assert drawn == [(second.uuid(), second.short(), second.uuid()) for _ in range(3)]


def test_a_moment_starts_to_count_anew_each_time_it_is_asked() -> None:
    moment = a_moment("seed")

    assert moment.ids().uuid() == moment.ids().uuid()


def test_ids_drawn_from_one_moment_are_all_different() -> None:
    ids = a_moment("seed").ids()

    drawn = [ids.uuid() for _ in range(1000)] + [ids.short() for _ in range(1000)]

    assert len(set(drawn)) == 2000


def test_another_seed_gives_other_ids() -> None:
    assert a_moment("one").ids().uuid() != a_moment("two").ids().uuid()
    assert a_moment("one").ids().short() != a_moment("two").ids().short()


def test_carts_and_lines_get_version_4_uuids() -> None:
    ids = a_moment("seed").ids()

    for _ in range(50):
        drawn = ids.uuid()
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", drawn)
        assert UUID(drawn).version == 4


def test_consignments_and_billing_addresses_get_13_hexadecimal_digits() -> None:
    ids = a_moment("seed").ids()

    assert all(re.fullmatch(r"[0-9a-f]{13}", ids.short()) for _ in range(50))


def test_a_moment_can_be_written_down_and_read_again() -> None:
    moment = Moment(NOON, "seed")

    written = msgspec.json.encode(moment)

    assert written == b'{"now":"2026-01-01T12:00:00Z","seed":"seed"}'
    assert msgspec.json.decode(written, type=Moment) == moment
