"""Gift wrapping (BEHAVIOUR 4): what it costs, how it is taxed, and what becomes of it when units move."""

from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain import cart, consignment
from checkstand.domain.cart import NewItems, NewLine
from checkstand.domain.checkout import Checkout, GiftWrapping
from checkstand.domain.consignment import ConsignmentChange, ConsignmentDraft, Units
from checkstand.domain.facts import GiftWrap
from checkstand.domain.wrapping import Wrap, WrappingDraft
from checkstand.errors import Invalid
from tests.builders import a_checkout, a_moment, a_product, a_store, a_tax_zone, an_address, facts, usd
from tests.domain.engine import priced

PAPER = GiftWrap(id=1, name="Paper", price=usd("2.00"))
SILK = GiftWrap(id=2, name="Silk", price=usd("5.00"))
OLD = GiftWrap(id=3, name="Old", price=usd("1.00"), enabled=False)
SHOP = facts(
    a_store(gift_wraps=(PAPER, SILK, OLD), tax_zones=(a_tax_zone("4", wrapping_rate="10", zone_id=1),)),
    a_product(1, "10.00"),
    a_product(2, "3.00", type="digital"),
)
IDS = a_moment().ids()


def together(wrap_id: int = 1, message: str = "") -> WrappingDraft:
    return WrappingDraft(wrap_together=True, wraps=(Wrap(wrap_id, message),))


def each(*wraps: tuple[int, str]) -> WrappingDraft:
    return WrappingDraft(wrap_together=False, wraps=tuple(Wrap(*wrap) for wrap in wraps))


def with_line(wrapping: WrappingDraft | None, quantity: int = 3, product_id: int = 1) -> Checkout:
    line = NewLine(product_id=product_id, quantity=quantity, gift_wrapping=wrapping)
    return cart.add(replace(a_checkout(), lines=()), NewItems(lines=(line,)), SHOP, IDS)


def wraps(checkout: Checkout) -> list[tuple[int, list[str]]]:
    """Quantity and messages, or names where there are no messages, of each line."""
    return [
        (line.quantity, [detail.message or detail.name for detail in line.gift_wrapping.details])
        if line.gift_wrapping
        else (line.quantity, [])
        for line in checkout.lines
    ]


def test_one_wrap_around_all_units_is_charged_once_and_taxed_by_its_own_class() -> None:
    answer = priced(with_line(together()), SHOP)

    assert answer.totals.wrapping.ex_tax == usd("2.00")
    assert answer.totals.wrapping.inc_tax == usd("2.20")
    assert answer.totals.subtotal.ex_tax == usd("30.00")
    assert answer.totals.grand_total == usd("33.40")  # 30.00 + 4 % and 2.00 + 10 %


def test_units_wrapped_on_their_own_are_charged_each() -> None:
    checkout = with_line(each((1, "for Ann"), (2, "for Bob")))

    assert priced(checkout, SHOP).totals.wrapping.ex_tax == usd("7.00")
    assert wraps(checkout) == [(3, ["for Ann", "for Bob"])]


@pytest.mark.parametrize(("draft", "field"), [
    (together(9), "line_items.0.gift_wrapping.wrap_details.0.id"),
    (each((1, ""), (3, "")), "line_items.0.gift_wrapping.wrap_details.1.id"),
    (each(*[(1, "")] * 4), "line_items.0.gift_wrapping.wrap_details"),
    (each(), "line_items.0.gift_wrapping.wrap_details"),
    (together(1, "x" * 1001), "line_items.0.gift_wrapping.wrap_details.0.message"),
])  # fmt: skip
def test_a_wrap_the_store_does_not_have_and_more_than_fit_are_refused(draft: WrappingDraft, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        with_line(draft)
    assert list(refusal.value.fields) == [field]


def test_only_physical_items_are_wrapped() -> None:
    with pytest.raises(Invalid):
        with_line(together(), product_id=2)


def change(checkout: Checkout, quantity: int | None = None, **wrapping: Any) -> Checkout:
    return cart.change_line(checkout, checkout.lines[0].id, quantity, None, SHOP, **wrapping)


def test_wrapping_is_changed_kept_and_taken_away() -> None:
    plain = with_line(None)

    paper = change(plain, gift_wrapping=together())
    silk = change(paper, 2, gift_wrapping=together(2))

    assert wraps(plain) == [(3, [])]
    assert wraps(paper) == [(3, ["Paper"])]
    assert wraps(change(paper, 5)) == [(5, ["Paper"])]
    assert wraps(silk) == [(2, ["Silk"])]
    assert wraps(change(silk, gift_wrapping=None)) == [(2, [])]


def test_fewer_units_have_fewer_wraps() -> None:
    assert wraps(change(with_line(each((1, "a"), (1, "b"), (2, "c"))), 2)) == [(2, ["a", "b"])]


def consigned(checkout: Checkout, units: int) -> Checkout:
    draft = ConsignmentDraft(units=(Units(checkout.lines[0].id, units),), address=an_address())
    return consignment.create(checkout, (draft,), SHOP, IDS)


def back_together(checkout: Checkout) -> Checkout:
    everything = tuple(Units(line.id, line.quantity) for line in checkout.lines)
    change = ConsignmentChange(units=everything)
    return consignment.update(checkout, checkout.consignments[0].id, change, SHOP, IDS)


def test_wraps_of_single_units_go_where_their_units_go_and_come_back_with_them() -> None:
    whole = with_line(each((1, "a"), (1, "b"), (2, "c")))

    parted = consigned(whole, 1)

    assert wraps(parted) == [(2, ["a", "b"]), (1, ["c"])]
    assert wraps(back_together(parted)) == [(3, ["a", "b", "c"])]
    assert priced(parted, SHOP).totals.wrapping == priced(whole, SHOP).totals.wrapping


def test_one_wrap_around_all_is_put_around_both_parts_and_around_all_again() -> None:
    parted = consigned(with_line(together()), 1)

    assert wraps(parted) == [(2, ["Paper"]), (1, ["Paper"])]
    assert priced(parted, SHOP).totals.wrapping.ex_tax == usd("4.00")
    assert wraps(back_together(parted)) == [(3, ["Paper"])]


def test_the_same_goods_in_another_wrap_are_a_line_of_their_own() -> None:
    checkout = with_line(together())

    for draft, lines in ((together(), 1), (None, 2), (together(2), 3), (each((1, "a")), 4), (each((1, "b")), 4)):
        more = NewItems(lines=(NewLine(product_id=1, quantity=1, gift_wrapping=draft),))
        checkout = cart.add(checkout, more, SHOP, IDS)
        assert len(checkout.lines) == lines

    assert wraps(checkout) == [(4, ["Paper"]), (1, []), (1, ["Silk"]), (2, ["a", "b"])]
    assert isinstance(checkout.lines[0].gift_wrapping, GiftWrapping)
