"""Carriers that say what shipping costs: which there are, what a store calls them with, and what one said of a consignment."""

from typing import Any

from msgspec import Struct, field

from checkstand.domain.money import Money

TIMEOUT_SECONDS = 10.0
LONGEST_TIMEOUT_SECONDS = 20.0
"""A request has to be answered within 30 seconds, and asks for taxes after it has asked carriers."""


class Carrier(Struct, frozen=True, kw_only=True):
    """A service that quotes rates, as whoever set the shop up registered it. `url` is what a request for rates is posted to,
    `check_url` what a connection is posted to before it is made; empty: it is made without asking."""

    id: str
    name: str
    url: str
    check_url: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS


class CarrierConnection(Struct, frozen=True, kw_only=True):
    """What a store calls a carrier with, in the carrier's own words. Kept apart from the store's settings: it may hold secrets."""

    carrier_id: str
    options: dict[str, Any] = field(default_factory=dict)


class CarrierRate(Struct, frozen=True, kw_only=True):
    """One way in which a carrier would ship a consignment. `code` is the same in each answer for the same service; `group` is
    whose service it is, where the carrier speaks for several."""

    code: str
    name: str
    cost: Money
    group: str = ""
    description: str = ""
    transit_time: str = ""


class CarrierAnswer(Struct, frozen=True, kw_only=True):
    """What a carrier said to one question. `is_given` False: nothing that can be used, which is not the same as no rates."""

    rates: tuple[CarrierRate, ...] = ()
    is_given: bool = True


NO_ANSWER = CarrierAnswer(is_given=False)
