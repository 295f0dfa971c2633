"""Fees: what an app charges on top, such as an insurance of the parcel (BEHAVIOUR 3.7). Pure."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import Checkout, Fee
from checkstand.domain.facts import Store
from checkstand.domain.moment import Ids
from checkstand.errors import Invalid, NotFound, Refused

MOST_FEES = 5


class FeeDraft(Struct, frozen=True, kw_only=True):
    """`cost` in major units, as prices are entered; without `tax_class_id` it is taxed as fees are here (D71)."""

    name: str
    display_name: str
    cost: Decimal
    source: str
    tax_class_id: int | None = None


class FeeChange(FeeDraft, frozen=True, kw_only=True):
    """A fee as it is to be from now on, as a whole."""

    id: str


def check_tax_classes(drafts: Sequence[FeeDraft], store: Store) -> None:
    """Raises `Invalid` for one the store does not have: nobody would be taxed by it."""
    known = {None, 0, *(each.id for each in store.tax_classes)}
    for index, draft in enumerate(drafts):
        if draft.tax_class_id not in known:
            raise Invalid.field(f"fees.{index}.tax_class_id", f"{draft.tax_class_id} is not a tax class of this store")


def add(before: Checkout, drafts: Sequence[FeeDraft], ids: Ids) -> Checkout:
    """Raises `Refused` beyond five fees, `Invalid` for a cost that is no amount."""
    if len(before.fees) + len(drafts) > MOST_FEES:
        raise Refused(f"A checkout may have at most {MOST_FEES} fees; it has {len(before.fees)}.", code="too_many_fees")
    new = [_fee(draft, ids.uuid(), index, before) for index, draft in enumerate(drafts)]
    return replace(before, fees=(*before.fees, *new))


def update(before: Checkout, changes: Sequence[FeeChange]) -> Checkout:
    """Raises `NotFound`, and `Invalid` for a fee that is named twice."""
    changed: dict[str, Fee] = {}
    for index, change in enumerate(changes):
        if change.id in changed:
            raise Invalid.field(f"fees.{index}.id", "is named twice")
        _check_known(before, (change.id,))
        changed[change.id] = _fee(change, change.id, index, before)
    return replace(before, fees=tuple(changed.get(fee.id, fee) for fee in before.fees))


def remove(before: Checkout, ids: Collection[str]) -> Checkout:
    """Raises `NotFound` unless all of them are there."""
    _check_known(before, ids)
    return replace(before, fees=tuple(fee for fee in before.fees if fee.id not in ids))


def _check_known(checkout: Checkout, ids: Collection[str]) -> None:
    known = {fee.id for fee in checkout.fees}
    for fee_id in ids:
        if fee_id not in known:
            raise NotFound(f"Fee {fee_id} is not in checkout {checkout.id}.", code="fee_not_found")


def _fee(draft: FeeDraft, fee_id: str, index: int, checkout: Checkout) -> Fee:
    return Fee(
        id=fee_id,
        name=draft.name,
        display_name=draft.display_name,
        cost=checkout.currency.price(draft.cost, f"fees.{index}.cost"),
        source=draft.source,
        tax_class_id=draft.tax_class_id,
    )
