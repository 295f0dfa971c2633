"""What a checkout's totals are made of: `GET /checkouts/{id}?explain=true`, a parameter of our own. It stands in `meta`, since
`data` has the published shape."""

from msgspec import Struct

from checkstand.api.http import Call
from checkstand.api.projection import Amount, amounts
from checkstand.errors import Invalid
from checkstand.service.cases import explanation_of
from checkstand.service.commands import Answer


class ExplainedEntry(Struct, kw_only=True):
    """`kind` is charge, discount, included_tax, tax or payment; `id` that of a line item, a consignment, a fee or a certificate,
    `target` the same in words. Amounts have the sign they have in the total."""

    kind: str
    part: str
    id: str
    target: str
    source: str
    amount: Amount


class ExplainedTotal(Struct, kw_only=True):
    """The grand total has no entries: it is the sum of the totals before it."""

    name: str
    amount: Amount
    entries: list[ExplainedEntry]


class Explanation(Struct, kw_only=True):
    currency: str
    prices_entered_with_tax: bool
    totals: list[ExplainedTotal]


class ExplainedMeta(Struct):
    explanation: Explanation


def wants_explanation(call: Call) -> bool:
    """Raises `Invalid` for a value that says neither yes nor no."""
    said = call.first("explain").lower()
    if said not in ("", "0", "1", "false", "true"):
        raise Invalid.field("explain", "must be true or false")
    return said in ("1", "true")


def explained(answer: Answer, store_hash: str) -> ExplainedMeta:
    explanation = explanation_of(answer, store_hash)
    number = amounts(explanation.currency)
    return ExplainedMeta(
        Explanation(
            currency=explanation.currency.code,
            prices_entered_with_tax=answer.priced.taxes.is_entered_inclusive,
            totals=[
                ExplainedTotal(
                    name=each.name,
                    amount=number(each.amount),
                    entries=[
                        ExplainedEntry(
                            kind=row.kind,
                            part=row.part,
                            id=row.id,
                            target=row.target,
                            source=row.source,
                            amount=number(row.amount),
                        )
                        for row in each.rows
                    ],
                )
                for each in explanation.sums
            ],
        )
    )
