"""Consignments: which units of a cart travel to which place. Pure.

Units are moved in two steps, the same for every command:
1. say how many units of each line go where (`moves`), split lines where only a part goes (C10, D57), and
2. let `with_places` merge what met and drop what ran empty; then clear the choice of every consignment whose set of lines
   or quantities is another one than before (C6), and of no other.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.address import Address, completed
from checkstand.domain.checkout import (
    CUSTOM_SHIPPING,
    Checkout,
    Consignment,
    LineItem,
    PickupChoice,
    ShippingOption,
    Wanted,
    places,
    with_places,
)
from checkstand.domain.facts import Facts
from checkstand.domain.moment import Ids
from checkstand.errors import Invalid, QuantityNotAvailable


class Units(Struct, frozen=True):
    """`quantity` units of the line `item_id`."""

    item_id: str
    quantity: int


class ConsignmentDraft(Struct, frozen=True, kw_only=True):
    """A consignment to create: what, and where to or where it is picked up."""

    units: tuple[Units, ...]
    address: Address | None = None
    shipping_option_id: str | None = None
    pickup_method_id: int | None = None


class CustomShipping(Struct, frozen=True):
    """A shipping option made up for one consignment (Management, D18)."""

    price: Decimal
    description: str


class ConsignmentChange(Struct, frozen=True, kw_only=True):
    """A change of one kind (C1): where and what; or a shipping option, or custom shipping; or pick-up.

    `clamp_units`: more units than a line has are cut down to what it has, as the Storefront does (D56).
    """

    units: tuple[Units, ...] | None = None
    address: Address | None = None
    shipping_option_id: str | None = None
    custom_shipping: CustomShipping | None = None
    pickup_method_id: int | None = None
    clamp_units: bool = False


def units_apart_from(units: Sequence[Units], line_ids: Collection[str]) -> tuple[Units, ...]:
    return tuple(entry for entry in units if entry.item_id not in line_ids)


# ---------------------------------------------------------------------------------------------------- commands


def create(before: Checkout, drafts: Sequence[ConsignmentDraft], facts: Facts, ids: Ids) -> Checkout:
    """Append consignments, all or none (D19). Named units are taken from wherever they were.

    Raises `Invalid` for what cannot be understood, `QuantityNotAvailable` for units the cart does not have.
    """
    if not drafts:
        raise Invalid("Name at least one consignment.", fields={"0": "is missing"})
    line_of = {line.id: line for line in before.lines}
    wanted: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        _check_draft(draft, index)
        for position, units in enumerate(draft.units):
            _check_units(units, line_of.get(units.item_id), f"{index}.line_items.{position}")
            wanted[units.item_id] = wanted.get(units.item_id, 0) + units.quantity
    for item_id, quantity in wanted.items():
        _check_available(line_of[item_id], quantity)

    new = [
        Consignment(
            id=ids.short(), address=completed(draft.address) if draft.address else Address(), selected=_asked_for(draft)
        )
        for draft in drafts
    ]
    moves = [
        (units.item_id, units.quantity, consignment.id)
        for draft, consignment in zip(drafts, new, strict=True)
        for units in draft.units
    ]
    after = _move(replace(before, consignments=(*before.consignments, *new)), moves, ids)
    after = _clear_where_content_changed(before, after, keep={consignment.id for consignment in new})
    _check_limits(before, after, facts)
    return after


def update(before: Checkout, consignment_id: str, change: ConsignmentChange, facts: Facts, ids: Ids) -> Checkout:
    """Change one consignment. Raises `Invalid` for a mixture of kinds (C1, C3) or an empty change (C2)."""
    consignment = before.consignment(consignment_id)
    kind = _kind(change)
    if kind == "where and what":
        return _update_content(before, consignment, change, facts, ids)
    if change.units is not None and not _is_present_content(before, consignment, change.units):
        raise Invalid.field(
            "line_items", "cannot be changed together with an option; send two requests", code="mixed_update"
        )
    selected: ShippingOption | Wanted
    if change.custom_shipping is not None:
        selected = _custom_option(change.custom_shipping, before)
    elif change.shipping_option_id is not None:
        was = consignment.selected
        chosen = was if isinstance(was, ShippingOption) and was.id == change.shipping_option_id else None
        selected = Wanted(shipping_option_id=change.shipping_option_id, chosen=chosen)
    else:
        selected = Wanted(pickup_method_id=change.pickup_method_id)
    return _with_consignment(before, replace(consignment, selected=selected))


def remove(before: Checkout, consignment_id: str, *, detach_customer: bool = False) -> Checkout:
    """Take a consignment away; its lines stay in the cart, unassigned.

    `detach_customer`: with the last consignment the cart leaves its customer (C13, Management only, D15).
    """
    consignment = before.consignment(consignment_id)
    place_of = {line_id: place for line_id, place in places(before).items() if place != consignment.id}
    after = with_places(before, before.lines, place_of)
    if not detach_customer or after.consignments:
        return after
    return replace(after, customer_id=0, is_store_credit_applied=False)


# ---------------------------------------------------------------------------------------------------- content


def _update_content(
    before: Checkout, consignment: Consignment, change: ConsignmentChange, facts: Facts, ids: Ids
) -> Checkout:
    after = before
    if change.address is not None:
        after = _with_consignment(after, _sent_to(consignment, completed(change.address)))
    if change.units is not None:
        wanted = _wanted_units(before, change)
        staying = {line_id: wanted.get(line_id, 0) for line_id in consignment.line_item_ids}
        moves = [(line_id, quantity, consignment.id) for line_id, quantity in wanted.items()]
        after = _move(_release(after, consignment.id, staying, ids), moves, ids)
        after = _clear_where_content_changed(before, after, keep=set())
        _check_limits(before, after, facts)
    return after


def _sent_to(consignment: Consignment, address: Address) -> Consignment:
    """Another address leaves a choice to `fulfillment.settle`, but a custom price was made up for the old one (D18)."""
    stale = address != consignment.address and _is_custom(consignment.selected)
    return replace(consignment, address=address, selected=None if stale else consignment.selected)


def _wanted_units(before: Checkout, change: ConsignmentChange) -> dict[str, int]:
    """Line id -> units the consignment shall hold, one line named twice added up; checked, or clamped (D56)."""
    if not change.units:
        raise Invalid.field("line_items", "must name at least one line item; delete the consignment to empty it")
    line_of = {line.id: line for line in before.lines}
    wanted: dict[str, int] = {}
    for position, units in enumerate(change.units):
        _check_units(units, line_of.get(units.item_id), f"line_items.{position}")
        wanted[units.item_id] = wanted.get(units.item_id, 0) + units.quantity
    for line_id, quantity in wanted.items():
        if change.clamp_units:
            wanted[line_id] = min(quantity, line_of[line_id].quantity)
        else:
            _check_available(line_of[line_id], quantity)
    return wanted


def _release(checkout: Checkout, consignment_id: str, staying: dict[str, int], ids: Ids) -> Checkout:
    """Let a consignment's units go but for those `staying` (line id -> units); a line that stays in part keeps its id (D57)."""
    place_of, manual = places(checkout), checkout.manual_discounts
    lines: list[LineItem] = []
    freed: list[LineItem] = []
    for line in checkout.lines:
        kept = staying[line.id] if place_of.get(line.id) == consignment_id else line.quantity
        if kept == 0:
            del place_of[line.id]
            lines.append(line)
        elif kept < line.quantity:
            staying_line, freed_line = line.divided(kept, ids.uuid())
            lines.append(staying_line)
            freed.append(freed_line)
            manual = manual and manual.divided(line, kept, freed_line.id)
        else:
            lines.append(line)
    return _placed(replace(checkout, manual_discounts=manual), (*lines, *freed), place_of)


def _move(checkout: Checkout, moves: Sequence[tuple[str, int, str]], ids: Ids) -> Checkout:
    """Bring (line id, units, consignment id) about. Where a line is divided completely the last part keeps its id (D57);
    otherwise the rest keeps it and stays where it was. New parts stand at the end of the cart (D76)."""
    line_of = {line.id: line for line in checkout.lines}
    place_of, manual = places(checkout), checkout.manual_discounts
    parts: list[LineItem] = []
    for line_id, quantity, consignment_id in moves:
        line = line_of[line_id]
        if line.quantity == quantity:
            place_of[line_id] = consignment_id
        else:
            line_of[line_id], part = line.divided(line.quantity - quantity, ids.uuid())
            parts.append(part)
            place_of[part.id] = consignment_id
            manual = manual and manual.divided(line, line.quantity - quantity, part.id)
    checkout = replace(checkout, manual_discounts=manual)
    return with_places(checkout, (*line_of.values(), *parts), place_of)


def _placed(checkout: Checkout, lines: Iterable[LineItem], place_of: dict[str, str]) -> Checkout:
    """Like `with_places`, but nothing is merged or dropped yet: a step in the middle of a change."""
    held: dict[str, list[str]] = {}
    all_lines = tuple(lines)
    for line in all_lines:
        held.setdefault(place_of.get(line.id, ""), []).append(line.id)
    consignments = tuple(replace(c, line_item_ids=tuple(held.get(c.id, ()))) for c in checkout.consignments)
    return replace(checkout, lines=all_lines, consignments=consignments)


def _content(checkout: Checkout) -> dict[str, dict[str, int]]:
    quantity_of = {line.id: line.quantity for line in checkout.lines}
    return {c.id: {line_id: quantity_of[line_id] for line_id in c.line_item_ids} for c in checkout.consignments}


def _changed_content(before: Checkout, after: Checkout) -> set[str]:
    """The consignments whose lines or quantities are other ones than before."""
    was, now = _content(before), _content(after)
    return {consignment_id for consignment_id in now if was.get(consignment_id) != now[consignment_id]}


def _clear_where_content_changed(before: Checkout, after: Checkout, keep: set[str]) -> Checkout:
    """C6: another set of lines or quantities clears a chosen shipping option; a pick-up choice is judged when settling."""
    if not any(c.selected is not None and c.id not in keep for c in after.consignments):
        return after
    changed = _changed_content(before, after) - keep
    return _without_choice(after, lambda c: c.id in changed and not isinstance(c.selected, PickupChoice))


def without_stale_custom_shipping(before: Checkout, after: Checkout) -> Checkout:
    """After an edit of the cart: a price made up for other goods is cleared (D18). Choices that were offered are left to
    `fulfillment.settle`, which asks their methods again (D19)."""
    if not any(_is_custom(consignment.selected) for consignment in after.consignments):
        return after
    changed = _changed_content(before, after)
    return _without_choice(after, lambda c: c.id in changed and _is_custom(c.selected))


def _without_choice(checkout: Checkout, is_stale: Callable[[Consignment], bool]) -> Checkout:
    return replace(
        checkout,
        consignments=tuple(replace(c, selected=None) if is_stale(c) else c for c in checkout.consignments),
    )


# ---------------------------------------------------------------------------------------------------- choices


def _asked_for(draft: ConsignmentDraft) -> Wanted | None:
    if draft.pickup_method_id is not None:
        return Wanted(pickup_method_id=draft.pickup_method_id)
    if draft.shipping_option_id is not None:
        return Wanted(shipping_option_id=draft.shipping_option_id)
    return None


def _is_custom(selected: object) -> bool:
    return isinstance(selected, ShippingOption) and selected.type == CUSTOM_SHIPPING


def _custom_option(custom: CustomShipping, checkout: Checkout) -> ShippingOption:
    return ShippingOption(
        id="",
        type=CUSTOM_SHIPPING,
        description=custom.description,
        cost=checkout.currency.price(custom.price, "custom_shipping.price"),
        handling=checkout.currency.zero,
    )


def _kind(change: ConsignmentChange) -> str:
    by_option = change.shipping_option_id is not None or change.custom_shipping is not None
    by_pickup = change.pickup_method_id is not None
    if by_option and by_pickup:
        raise Invalid(
            "A consignment is either shipped or picked up, not both.",
            fields={"pickup_option": "contradicts the shipping option"},
        )
    if change.shipping_option_id is not None and change.custom_shipping is not None:
        raise Invalid.field("custom_shipping", "contradicts shipping_option_id")
    if change.address is not None and (by_option or by_pickup):
        raise Invalid.field(
            "address",
            "cannot be changed together with an option: the option may not exist for it; send two requests",
            code="mixed_update",
        )
    if by_option or by_pickup:
        return "how"
    if change.address is None and change.units is None:
        raise Invalid(
            "Name an address, line items, a shipping option or a pick-up option.", fields={"address": "is missing"}
        )
    return "where and what"


def _is_present_content(before: Checkout, consignment: Consignment, units: Sequence[Units]) -> bool:
    named: dict[str, int] = {}
    for entry in units:
        named[entry.item_id] = named.get(entry.item_id, 0) + entry.quantity
    return named == _content(before)[consignment.id]


# ---------------------------------------------------------------------------------------------------- checks


def _check_draft(draft: ConsignmentDraft, index: int) -> None:
    if not draft.units:
        raise Invalid.field(f"{index}.line_items", "must name at least one line item")
    if draft.pickup_method_id is not None and draft.shipping_option_id is not None:
        raise Invalid.field(
            f"{index}.pickup_option", "contradicts the shipping option: a consignment is either shipped or picked up"
        )
    if draft.address is None and draft.pickup_method_id is None:
        raise Invalid.field(f"{index}.address", "is required, unless a pick-up option is given")


def _check_units(units: Units, line: LineItem | None, field: str) -> None:
    if line is None:
        raise Invalid.field(
            f"{field}.item_id", f"{units.item_id} is not a line item of this cart", code="unknown_line_item"
        )
    if not line.is_shippable:
        raise Invalid.field(f"{field}.item_id", f"{units.item_id} is not a physical item", code="not_shippable")
    if units.quantity < 1:
        raise Invalid.field(f"{field}.quantity", "must be 1 or more")


def _check_available(line: LineItem, quantity: int) -> None:
    if quantity > line.quantity:
        raise QuantityNotAvailable(f"The cart holds {line.quantity} of line item {line.id}, {quantity} were asked for.")


def _check_limits(before: Checkout, after: Checkout, facts: Facts) -> None:
    """C14, C15. What is beyond a limit already (the limit was lowered, the customer left) may stay and shrink, not grow."""
    limits = facts.store.limits
    if len(after.consignments) > max(limits.consignments, len(before.consignments)):
        raise QuantityNotAvailable(
            f"A checkout may have at most {limits.consignments} consignments.", code="consignment_limit_exceeded"
        )
    largest = (
        limits.line_items_per_consignment_customer if after.customer_id else limits.line_items_per_consignment_guest
    )
    too_large = [c for c in after.consignments if len(c.line_item_ids) > largest]
    held = {c.id: len(c.line_item_ids) for c in before.consignments} if too_large else {}
    if any(len(c.line_item_ids) > held.get(c.id, 0) for c in too_large):
        raise QuantityNotAvailable(
            f"A consignment may hold at most {largest} line items.", code="line_item_limit_exceeded"
        )


def _with_consignment(checkout: Checkout, consignment: Consignment) -> Checkout:
    """The checkout with a changed consignment in the place of the one with its id."""
    return replace(
        checkout, consignments=tuple(consignment if c.id == consignment.id else c for c in checkout.consignments)
    )
