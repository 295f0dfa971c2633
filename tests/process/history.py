"""A checkout as a test understands it, without any code of the server: what each write does to it, and whether a history of
writes explains what clients were shown.

A line is where it is and what it is: units of some goods in a consignment, or in the pool that no consignment holds. Which id
the server gives a line after a split is not foreseen but read from the next answer. Where an answer was lost, a write may or
may not have happened: `Replay` then goes on with every history that is possible, and keeps those that fit the next answer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import inf
from typing import Any

LINGERING_SECONDS = 15.0
"""How long a write may go on after its client was told nothing, in a process or a database that still lives."""
CUSTOMERS = {0: "", 11: "janedoe@example.com", 12: "johndoe@example.com"}


@dataclass(frozen=True)
class Line:
    """A line as the client knew it when it wrote: its id, and its goods, which never change."""

    id: str
    goods: int


@dataclass
class Place:
    """A consignment. `id` None: the answer that told it was lost."""

    id: str | None
    street: str
    state: str
    chosen: str | int | None = None
    units: dict[int, int] = field(default_factory=dict)


@dataclass
class State:
    """`place_of` says in which consignment, by position, or in the pool (-1) a line with that id is; None: not known now."""

    pool: dict[int, int] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    street: str = ""
    email: str = ""
    message: str = ""
    customer: int = 0
    place_of: dict[str, int] | None = None

    def copy(self) -> "State":
        return deepcopy(self)

    def at(self, place: int) -> dict[int, int]:
        return self.pool if place < 0 else self.places[place].units

    def where(self, line: Line) -> Iterator[int]:
        """The places where a line may be."""
        if self.place_of is not None:
            known = self.place_of.get(line.id)
            if known is not None and line.goods in self.at(known):
                yield known
        else:
            yield from (place for place in range(-1, len(self.places)) if line.goods in self.at(place))

    def consignments(self, consignment_id: str) -> Iterator[int]:
        """The positions where a consignment may be."""
        known = [index for index, place in enumerate(self.places) if place.id == consignment_id]
        yield from known or [index for index, place in enumerate(self.places) if place.id is None]

    def take(self, place: int, goods: int, units: int) -> bool:
        """Whether the units were there. Units that leave a consignment clear its shipping option, a pick-up stays."""
        held = self.at(place)
        if held.get(goods, 0) < units:
            return False
        held[goods] -= units
        if not held[goods]:
            del held[goods]
        if place >= 0 and isinstance(self.places[place].chosen, str):
            self.places[place].chosen = None
        return True

    def tidied(self) -> "State":
        """Without consignments that ran empty."""
        self.places = [place for place in self.places if place.units]
        return self

    def goods(self) -> Counter[int]:
        return Counter(self.pool) + sum((Counter(place.units) for place in self.places), Counter())

    def lines(self) -> list[tuple[int, int]]:
        return sorted(entry for place in range(-1, len(self.places)) for entry in self.at(place).items())

    def summary(self) -> object:
        """Equal for states that no client could tell apart from here on."""
        return repr(self)


# ---------------------------------------------------------------------------------------------------- writes


class Write:
    """What a client asked for. `outcomes` are the states it may lead to; none: it would have been refused."""

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        raise AssertionError(f"{type(self).__name__} does not say what it does")

    changes_lines = False
    """Whether lines may be split or joined, or change their place."""


@dataclass(frozen=True)
class Add(Write):
    goods: int
    units: int

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        after = before.copy()
        after.pool[self.goods] = after.pool.get(self.goods, 0) + self.units
        yield after


@dataclass(frozen=True)
class SetQuantity(Write):
    """Units 0: the line is removed."""

    line: Line
    units: int

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for place in before.where(self.line):
            after = before.copy()
            after.at(place)[self.line.goods] = self.units
            if not self.units:
                del after.at(place)[self.line.goods]
                if after.place_of is not None:
                    emptied = place >= 0 and not after.places[place].units
                    after.place_of = None if emptied else after.place_of
                    if after.place_of is not None:
                        del after.place_of[self.line.id]
            yield after.tidied()


@dataclass(frozen=True)
class Consign(Write):
    street: str
    state: str
    units: tuple[tuple[Line, int], ...]
    changes_lines = True

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for after, taken in taken_from(before, self.units):
            after.places.append(Place(None, self.street, self.state, None, taken))
            yield after.tidied()


@dataclass(frozen=True)
class Refill(Write):
    """Another content for a consignment, and another address."""

    consignment: str
    street: str
    state: str
    units: tuple[tuple[Line, int], ...]
    changes_lines = True

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for index in before.consignments(self.consignment):
            for after, taken in taken_from(before, self.units):
                place, was = after.places[index], before.places[index]
                for goods, units in place.units.items():
                    after.pool[goods] = after.pool.get(goods, 0) + units
                returned, place.units = set(place.units), taken
                place.street, place.state = self.street, self.state
                kept = _kept(was.chosen, self.state, options)
                place.chosen = kept if taken == was.units or isinstance(kept, int) else None
                if taken == was.units and returned & set(taken):  # the same units, but perhaps another line
                    other = after.copy()
                    other.places[index].chosen = None if isinstance(kept, str) else kept
                    yield other.tidied()
                yield after.tidied()


@dataclass(frozen=True)
class Readdress(Write):
    consignment: str
    street: str
    state: str

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for index in before.consignments(self.consignment):
            after = before.copy()
            place = after.places[index]
            place.street, place.state = self.street, self.state
            place.chosen = _kept(place.chosen, self.state, options)
            yield after


@dataclass(frozen=True)
class Choose(Write):
    """A shipping option, or a pick-up method."""

    consignment: str
    choice: str | int

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for index in before.consignments(self.consignment):
            after = before.copy()
            if _kept(self.choice, after.places[index].state, options) is not None:
                after.places[index].chosen = self.choice
                yield after


@dataclass(frozen=True)
class Release(Write):
    consignment: str
    changes_lines = True

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        for index in before.consignments(self.consignment):
            after = before.copy()
            for goods, units in after.places.pop(index).units.items():
                after.pool[goods] = after.pool.get(goods, 0) + units
            if not after.places:
                after.customer = 0  # with the last consignment the cart leaves its customer
            yield after


@dataclass(frozen=True)
class Bill(Write):
    street: str
    email: str

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        after = before.copy()
        after.street, after.email = self.street, self.email
        yield after


@dataclass(frozen=True)
class Tell(Write):
    message: str

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        after = before.copy()
        after.message = self.message
        yield after


@dataclass(frozen=True)
class Assign(Write):
    customer: int

    def outcomes(self, before: State, options: Mapping[str, str]) -> Iterator[State]:
        after = before.copy()
        after.customer = self.customer
        after.email = CUSTOMERS[self.customer] or after.email
        for place in after.places:
            place.chosen = None
        yield after


def taken_from(before: State, units: Sequence[tuple[Line, int]]) -> Iterator[tuple[State, dict[int, int]]]:
    """The states after these units were taken out, wherever their lines may be, and what was taken."""
    if not units:
        yield before.copy(), {}
        return
    (line, wanted), *others = units
    for place in before.where(line):
        first = before.copy()
        if first.take(place, line.goods, wanted):
            for after, taken in taken_from(first, others):
                yield after, {**taken, line.goods: taken.get(line.goods, 0) + wanted}


def _kept(choice: str | int | None, state: str, options: Mapping[str, str]) -> str | int | None:
    """A shipping option stays where it is offered, a pick-up wherever."""
    return None if isinstance(choice, str) and options[choice] != state else choice


# ---------------------------------------------------------------------------------------------------- answers


def fits(state: State, shown: Mapping[str, Any]) -> bool:
    """Whether a cart or a checkout that a client was shown is this state. Learns the ids it tells."""
    whole = "cart" in shown
    cart = shown["cart"] if whole else shown
    lines = [line for kind in ("physical_items", "digital_items") for line in cart["line_items"][kind]]
    if (cart["customer_id"], cart["email"]) != (state.customer, state.email):
        return False
    if sorted((line["variant_id"], line["quantity"]) for line in lines) != state.lines():
        return False
    if not whole:
        if state.place_of is not None:
            for line in lines:
                state.place_of.setdefault(line["id"], -1)
        return True
    return _fits_whole(state, shown, {line["id"]: line for line in lines})


def _fits_whole(state: State, shown: Mapping[str, Any], line_of: Mapping[str, Any]) -> bool:
    if shown["customer_message"] != state.message or shown["billing_address"].get("address1", "") != state.street:
        return False
    if len(shown["consignments"]) != len(state.places):
        return False
    place_of = dict.fromkeys(line_of, -1)
    for index, (consignment, place) in enumerate(zip(shown["consignments"], state.places, strict=True)):
        held = {
            line_of[line_id]["variant_id"]: line_of[line_id]["quantity"] for line_id in consignment["line_item_ids"]
        }
        address = consignment["address"]
        is_collected = isinstance(place.chosen, int)  # then the address of the location is shown
        if not is_collected and (address["address1"], address["state_or_province_code"]) != (place.street, place.state):
            return False
        if held != place.units or _choice(consignment) != place.chosen or place.id not in (None, consignment["id"]):
            return False
        place_of.update(dict.fromkeys(consignment["line_item_ids"], index))
    for place, consignment in zip(state.places, shown["consignments"], strict=True):
        place.id = consignment["id"]
    state.place_of = place_of
    return True


def _choice(consignment: Mapping[str, Any]) -> str | int | None:
    pickup = consignment.get("selected_pickup_option")
    option = consignment.get("selected_shipping_option")
    assert not (pickup and option), "both shipped and picked up"
    return int(pickup["pickup_method_id"]) if pickup else str(option["id"]) if option else None


# ---------------------------------------------------------------------------------------------------- replaying


@dataclass
class Sent:
    """A write as a client sent it, when, and what became of it."""

    write: Write
    sent_at: float
    ended_at: float = 0.0
    version: int | None = None
    shown: Mapping[str, Any] | None = None


@dataclass
class Replay:
    """All writes of one checkout in the order of their versions. `histories`: what may have happened so far."""

    options: Mapping[str, str]
    acknowledged: Mapping[int, Sent]
    unknown: Sequence[Sent]
    seen: Mapping[int, Sequence[Mapping[str, Any]]]
    """Per version what clients were shown when they read it."""
    lines_at: dict[int, list[list[tuple[int, int]]]] = field(default_factory=dict)
    gaps: int = 0

    def run(self, first: State, last_version: int) -> list[State]:
        """The states that may have come of it all. Raises `AssertionError` where no history explains an answer."""
        histories: list[tuple[State, frozenset[int]]] = [(first, frozenset())]
        self.lines_at[1] = [first.lines()]
        for version in range(2, last_version + 1):
            sent = self.acknowledged.get(version)
            self.gaps += sent is None
            steps = self._acknowledged(histories, sent) if sent else self._lost(histories, version)
            possible = [(state, used) for state, used in steps if self._explains(state, version)]
            assert possible, self._riddle(version, histories)
            histories = list({(state.summary(), used): (state, used) for state, used in possible}.values())
            self.lines_at[version] = [state.lines() for state, _ in histories]
        return [state for state, _ in histories]

    def _acknowledged(
        self, histories: list[tuple[State, frozenset[int]]], sent: Sent
    ) -> Iterator[tuple[State, frozenset[int]]]:
        for before, used in histories:
            for after in sent.write.outcomes(before, self.options):
                if sent.write.changes_lines:
                    after.place_of = None
                if sent.shown is None or fits(after, sent.shown):
                    yield after, used

    def _lost(
        self, histories: list[tuple[State, frozenset[int]]], version: int
    ) -> Iterator[tuple[State, frozenset[int]]]:
        """A version nobody was told of: one of the writes whose outcome is unknown, each of them once, and at its time."""
        before_this = min((sent.ended_at for known, sent in self.acknowledged.items() if known > version), default=inf)
        after_that = max((sent.sent_at for known, sent in self.acknowledged.items() if known < version), default=0.0)
        for before, used in histories:
            for number, sent in enumerate(self.unknown):
                if (
                    number not in used
                    and sent.sent_at <= before_this
                    and sent.ended_at + LINGERING_SECONDS >= after_that
                ):
                    for after in sent.write.outcomes(before, self.options):
                        after.place_of = None
                        yield after, used | {number}

    def _explains(self, state: State, version: int) -> bool:
        return all(fits(state, shown) for shown in self.seen.get(version, ()))

    def _riddle(self, version: int, histories: list[tuple[State, frozenset[int]]]) -> str:
        sent = self.acknowledged.get(version)
        return (
            f"no history explains version {version}: {sent.write if sent else 'a lost write'}, "
            f"shown {sent.shown if sent else self.seen.get(version)}; before: {[state for state, _ in histories]}"
        )
