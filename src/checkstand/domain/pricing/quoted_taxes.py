"""Taxes as a provider quoted them, in the form the store's own have: a rule for each target (`taxes`).

What a provider says of one target are portions of the very amount it was told: they come to exactly what it said. Of another
amount (a shipping option that might be chosen) they are what the ratio gives.
"""

from collections.abc import Callable

from checkstand.domain.facts import Facts
from checkstand.domain.pricing.taxes import NO_RULE, Rule, Taxable
from checkstand.domain.tax_quote import QuotedTax
from checkstand.domain.tax_zones import NO_STEPS, NON_TAXABLE_CLASS, Portion, Steps

FALLBACK_NAME = "Tax"
FALLBACK_STEPS = Steps(((Portion(FALLBACK_NAME, 1, 10, 100),),), 11, 10)
"""The fallback FIXED: ten per cent of everything that is not free of tax."""


def quoted_rules(facts: Facts) -> Callable[[Taxable], Rule] | None:
    """None: the store's own zones are asked."""
    quote = facts.tax_quote
    if quote is None:
        return None
    is_inclusive = facts.store.tax_settings.tax_entered_with_prices
    if quote.status == "failed" and facts.store.tax_settings.fallback_strategy == "FIXED":
        fixed = _rule(FALLBACK_STEPS, is_inclusive=is_inclusive)
        return lambda each: NO_RULE if each.tax_class_id == NON_TAXABLE_CLASS else fixed
    rules = {(each.part, each.target): _rule_of(each, is_inclusive=is_inclusive) for each in quote.targets}
    return lambda each: rules.get((each.part, each.target), NO_RULE)


def _rule_of(quoted: QuotedTax, *, is_inclusive: bool) -> Rule:
    """`is_inclusive`: the amount it was told of has the tax in it."""
    net = quoted.amount - quoted.whole if is_inclusive else quoted.amount
    if net > 0:
        portions = [Portion(name, 1, minor, net) for name, minor in quoted.taxes]
        steps = Steps((tuple(portions),), net + quoted.whole, net)
    else:
        numerator, denominator = quoted.rate.as_integer_ratio()
        name = quoted.taxes[0][0] if quoted.taxes else FALLBACK_NAME
        steps = Steps(((Portion(name, 1, numerator, denominator),),), numerator + denominator, denominator)
    return NO_RULE if steps.numerator == steps.denominator else _rule(steps, is_inclusive=is_inclusive)


def _rule(steps: Steps, *, is_inclusive: bool) -> Rule:
    return Rule(steps, steps if is_inclusive else NO_STEPS, is_fixed=is_inclusive)
