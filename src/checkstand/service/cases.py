"""Cases and explanations: how a checkout came to be what it is, for whoever has to answer a question about money.

A case is everything one decision looked at: the checkout before, the command, the moment, the facts. It is one JSON file,
and replaying it needs no database, no clock and nobody else: the same case gives the same checkout, the same ids and the same
amounts on every machine. `record` makes one of a checkout as it is now; nothing is written.

An explanation lists, for each total of a checkout, the entries it is the sum of. An order that was placed is explained by the
entries it was placed with, whatever the shop charges today.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from checkstand.domain import commands
from checkstand.domain.checkout import Checkout, LineItem
from checkstand.domain.commands import AnyCommand
from checkstand.domain.facts import Facts
from checkstand.domain.moment import Moment
from checkstand.domain.money import Currency, Money, total
from checkstand.domain.pricing.entries import AnyEntry, Discount
from checkstand.domain.pricing.price import Priced
from checkstand.errors import AlreadyOrdered, CheckoutError, Invalid
from checkstand.service.carrier_rates import with_answers
from checkstand.service.commands import Answer, read, work_out
from checkstand.service.gather import gather, look_up
from checkstand.storage.port import UnitOfWork

# ---------------------------------------------------------------------------------------------------- cases


class Case(Struct, frozen=True, kw_only=True):
    """Amounts are `[minor units, currency]`, as everywhere inside. Without a command the checkout is only offered and priced
    anew."""

    checkout: Checkout
    facts: Facts
    command: AnyCommand | None = None
    moment: Moment


def case_from(text: bytes) -> Case:
    """Raises `Invalid` with the place of a mistake."""
    found: Case = _decoded(text, Case, "case")
    return found


def command_from(text: bytes) -> AnyCommand:
    """A command as cases have it: `{"command": "set_customer_message", "message": "Hello"}`. Raises `Invalid`."""
    found: AnyCommand = _decoded(text, AnyCommand, "command")
    return found


def _decoded(text: bytes, kind: Any, name: str) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The {name} cannot be read: {str(error).replace('`', '')}.") from None


async def record(unit: UnitOfWork, checkout_id: str, command: AnyCommand | None, moment: Moment) -> Case:
    """What happens if the command is applied to a checkout as it is now, as a case; also one in which it is refused."""
    before = await unit.checkouts.get(checkout_id)
    facts = None if command is None else await look_up(unit, command, before, moment.now)
    after = before
    if command is not None and facts is not None:
        try:
            after = commands.apply(command, before, facts, moment)
        except CheckoutError:
            after = before  # the case shows it again
    facts = await gather(unit, after, facts, now=moment.now, with_stock=True)
    facts = await with_answers(unit, before, after, facts)
    return Case(checkout=before, facts=facts, command=command, moment=moment)


def replay(case: Case) -> Answer:
    """The checkout after the case. Pure. Raises whatever the command refuses."""
    if case.command is None:
        return work_out(case.checkout, case.facts)
    if case.checkout.converted:
        raise AlreadyOrdered(f"Checkout {case.checkout.id} has become order {case.checkout.order_id}.")
    return work_out(commands.apply(case.command, case.checkout, case.facts, case.moment), case.facts)


def encoded(case: Case) -> bytes:
    """The case as JSON, indented: people read it, too."""
    return msgspec.json.format(msgspec.json.encode(case), indent=2) + b"\n"


def result(answer: Answer) -> bytes:
    """What a replay gives, as JSON: the checkout (fit to be the next case's), the entries and the sums over them."""
    priced = answer.priced
    shown = {
        "checkout": priced.checkout,
        "totals": priced.totals,
        "entries": priced.entries,
        "options": priced.settled.options,
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2) + b"\n"


# ---------------------------------------------------------------------------------------------------- explanations


class Row(Struct, frozen=True):
    """One entry, with the sign it has in the total: what kind it is, what it is for, where it comes from."""

    kind: str
    target: str
    source: str
    amount: Money
    part: str
    id: str
    """Of the target: a line item, a consignment, a fee, the code of a certificate."""


class Sum(Struct, frozen=True):
    """A total and its rows. The grand total has none: it is the sum of the totals before it."""

    name: str
    rows: tuple[Row, ...]
    amount: Money


class Explanation(Struct, frozen=True):
    title: str
    currency: Currency
    sums: tuple[Sum, ...]


async def explain(unit: UnitOfWork, checkout_id: str, now: datetime) -> Explanation:
    """Raises `NotFound`."""
    return explanation_of(await read(unit, checkout_id, now), unit.store_hash)


def explanation_of(answer: Answer, store_hash: str) -> Explanation:
    checkout = answer.checkout
    title = f"Checkout {checkout.id} of store {store_hash}, version {checkout.version}"
    if checkout.converted:
        title += f", as ordered: order {checkout.order_id}"
    return Explanation(title, checkout.currency, sums_of(answer.priced))


def sums_of(priced: Priced) -> tuple[Sum, ...]:
    """The totals of a checkout, each with the entries it is made of."""
    checkout, zero = priced.checkout, priced.checkout.currency.zero
    targets = _targets(checkout)
    groups: dict[str, list[Row]] = {}
    for entry in priced.entries:
        groups.setdefault(_group(entry), []).append(_row(entry, targets))
    before_payment = [
        name for name in (*ORDER_OF_SUMS, *groups) if name != PAYMENTS and (name in groups or name in ALWAYS)
    ]
    sums = [_sum(name, groups.get(name, ()), zero) for name in dict.fromkeys(before_payment)]
    sums.append(Sum("grand total", (), total((entry.amount for entry in sums), zero)))
    if PAYMENTS in groups:
        sums.append(_sum(PAYMENTS, groups[PAYMENTS], zero))
    if priced.totals.outstanding_balance != priced.totals.grand_total:
        sums.append(Sum("outstanding balance", (), priced.totals.outstanding_balance))
    return tuple(sums)


PAYMENTS = "payments"
ORDER_OF_SUMS = ("subtotal", "discounts", "shipping", "handling", "wrapping", "fee", "included tax", "tax")
ALWAYS = ("subtotal", "shipping", "tax")
TAKEN_OFF = ("discount", "included_tax", "payment")


def _group(entry: AnyEntry) -> str:
    """Which total an entry belongs to. Product discounts make the subtotal, later ones the cart amount (BEHAVIOUR 11.1)."""
    kind = _kind(entry)
    if isinstance(entry, Discount) and entry.part == "line" and entry.level != "product":
        return "discounts"
    if kind in ("charge", "discount"):
        return "subtotal" if entry.part == "line" else entry.part
    return {"payment": PAYMENTS, "included_tax": "included tax"}.get(kind, kind)


def _row(entry: AnyEntry, targets: dict[tuple[str, str], str]) -> Row:
    kind = _kind(entry)
    target = targets.get((entry.part, entry.target), f"{entry.part} {entry.target}".strip())
    amount = -entry.amount if kind in TAKEN_OFF else entry.amount
    return Row(kind, target, entry.source, amount, entry.part, entry.target)


def _kind(entry: AnyEntry) -> str:
    return str(type(entry).__struct_config__.tag)


def _targets(checkout: Checkout) -> dict[tuple[str, str], str]:
    """Part and id of everything an entry can be for, in words."""
    words = {("line", line.id): _line(line) for line in checkout.lines}
    words |= {("wrapping", line.id): _line(line) for line in checkout.lines}
    words |= {("fee", fee.id): fee.display_name for fee in checkout.fees}
    words |= {("order", applied.code): applied.code for applied in checkout.gift_certificates}
    words["order", ""] = f"customer {checkout.customer_id}"
    for consignment in checkout.consignments:
        place = ", ".join(
            text for text in (consignment.address.city, consignment.address.state_or_province_code) if text
        )
        for part in ("shipping", "handling"):
            words[part, consignment.id] = f"consignment {consignment.id}" + (f" to {place}" if place else "")
    return words


def _line(line: LineItem) -> str:
    return f"{line.quantity} × {line.name}" + (f" ({line.sku})" if line.sku else "")


def _sum(name: str, rows: Iterable[Row], zero: Money) -> Sum:
    rows = tuple(rows)
    return Sum(name, rows, total((row.amount for row in rows), zero))


def table(explanation: Explanation) -> str:
    """The explanation as aligned text: names to the left, amounts to the right."""
    currency = explanation.currency
    cells: list[tuple[str, str, str, str]] = []
    for entry in explanation.sums:
        cells.append((entry.name, "", "", currency.text(entry.amount)))
        cells += [(f"  {row.kind}", row.target, row.source, currency.text(row.amount)) for row in entry.rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = [
        f"{kind:<{widths[0]}}  {target:<{widths[1]}}  {source:<{widths[2]}}  {amount:>{widths[3]}}"
        for kind, target, source, amount in cells
    ]
    return "\n".join([f"{explanation.title}. Amounts in {currency.code}, prices as entered.", "", *lines, ""])
