"""Customer groups as edits of the store."""

from decimal import Decimal

import pytest

from checkstand.domain.customer_groups import GroupChange, add_group, change_group, group_of, remove_groups
from checkstand.domain.facts import CustomerGroup
from checkstand.domain.price_rules import DiscountRule
from checkstand.errors import CheckoutError, Invalid, NotFound, Taken
from tests.builders import a_store

TENTH = DiscountRule(type="all", method="percent", amount=Decimal(10))
STORE = a_store(customer_groups=(CustomerGroup(1, "Wholesale", (TENTH,)), CustomerGroup(2, "Staff")))


def test_a_group_is_added_changed_and_removed() -> None:
    more = add_group(STORE, 3, GroupChange(name="Friends", discount_rules=(TENTH,)))
    renamed = change_group(more, 3, GroupChange(name="Family"))

    assert group_of(more, 3) == CustomerGroup(3, "Friends", (TENTH,))
    assert group_of(renamed, 3) == CustomerGroup(3, "Family", (TENTH,))
    assert group_of(change_group(more, 3, GroupChange(discount_rules=())), 3) == CustomerGroup(3, "Friends")
    assert [group.id for group in remove_groups(more, {2}).customer_groups] == [1, 3]
    assert remove_groups(more, None).customer_groups == ()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (GroupChange(), Invalid),
        (GroupChange(name=" "), Invalid),
        (GroupChange(name="Staff"), Taken),
        (
            GroupChange(name="New", discount_rules=(DiscountRule(type="all", method="percent", amount=Decimal(101)),)),
            Invalid,
        ),
        (
            GroupChange(name="New", discount_rules=(DiscountRule(type="product", method="price", amount=Decimal(1)),)),
            Invalid,
        ),
    ],
)
def test_what_is_no_group_is_refused(change: GroupChange, error: type[CheckoutError]) -> None:
    with pytest.raises(error):
        add_group(STORE, 3, change)


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        change_group(STORE, 9, GroupChange(name="New"))
