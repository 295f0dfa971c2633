"""What an order may cost: no more than somebody was shown. Pure.

A checkout is saved with the costs of its chosen options, and with what was left to pay where certificates or credit pay a
part. By the time of the order a carrier may ask more, or a balance be used elsewhere. Then the order is refused, and nothing is
written. A read in between shows the new amounts; that it did is kept beside the checkout (`Shown`), for as long as that is not
saved anew, and with it the order passes.
"""

from typing import Literal

from msgspec import Struct

from checkstand.domain.checkout import Checkout, ShippingOption
from checkstand.domain.money import Money
from checkstand.domain.pricing.price import Priced
from checkstand.errors import BalanceChanged, DearerShipping

Audience = Literal["management", "storefront"]
"""Who was shown it. What an app has read is not what the shopper has seen."""


class ShownOption(Struct, frozen=True):
    """A carrier's option that was chosen: `cost` with its handling."""

    option_id: str
    cost: Money


class Shown(Struct, frozen=True, kw_only=True):
    """Of a checkout of this version, where it is more than that was saved with: the carriers' options chosen, by the ids of
    their consignments, and what was left to pay."""

    version: int
    options: dict[str, ShownOption] = {}
    left: Money | None = None


def may_rise(checkout: Checkout) -> bool:
    """Whether there is anything in it that may be more by now than it was saved with."""
    for place in checkout.consignments:
        if type(place.selected) is ShippingOption and place.selected.carrier_id:
            return True
    return checkout.shown_balance is not None


def more_than_saved(before: Checkout, now: Priced) -> Shown | None:
    """What an answer shows beyond what the checkout was saved with; None: nothing is more."""
    dearer = {place_id: now_option for place_id, _, now_option in _dearer(before, now.checkout)}
    left = now.totals.outstanding_balance
    is_more = before.shown_balance is not None and left > before.shown_balance
    if not dearer and not is_more:
        return None
    options = {place_id: ShownOption(option.id, _whole(option)) for place_id, option in dearer.items()}
    return Shown(version=before.version, options=options, left=left if is_more else None)


def check_shipping(before: Checkout, after: Checkout, seen: Shown | None) -> None:
    """What a carrier asks by now may be less than was shown, not more. Raises `DearerShipping`."""
    shown = seen.options if seen is not None and seen.version == before.version else {}
    for place_id, old, new in _dearer(before, after):
        last = shown.get(place_id)
        agreed = last.cost if last is not None and last.option_id == new.id else _whole(old)
        if agreed < _whole(new):
            currency = after.currency
            was, now = (f"{currency.text(cost)} {currency.code}" for cost in (agreed, _whole(new)))
            raise DearerShipping(
                f"{new.description} costs {now} by now; it was shown at {was}. Nothing was ordered; read the checkout again, or "
                "choose another shipping option.",
                details={"consignment_id": place_id, "old_cost": was, "new_cost": now},
            )


def check_balance(before: Checkout, now: Priced, seen: Shown | None) -> None:
    """Certificates and credit may leave less to pay than was shown, not more: nobody has agreed to pay the rest in another way.
    Raises `BalanceChanged`."""
    left, agreed = now.totals.outstanding_balance, before.shown_balance
    if agreed is not None and seen is not None and seen.version == before.version and seen.left is not None:
        agreed = seen.left
    if agreed is not None and left > agreed:
        raise BalanceChanged(
            "There is more left to pay than this checkout was shown: a gift certificate or store credit was used elsewhere, or an "
            "amount has changed. Nothing was ordered; read the checkout again."
        )


def _dearer(before: Checkout, after: Checkout) -> list[tuple[str, ShippingOption, ShippingOption]]:
    """Consignments whose carrier asks more for the chosen option than it was saved with: id, as saved, as it is now. The shop's
    own methods are left out: a merchant who changes a rate means it to count."""
    chosen = {place.id: place.selected for place in before.consignments}
    found = []
    for place in after.consignments:
        old, new = chosen.get(place.id), place.selected
        if not isinstance(old, ShippingOption) or not isinstance(new, ShippingOption) or not new.carrier_id:
            continue
        if old.id == new.id and _whole(old) < _whole(new):
            found.append((place.id, old, new))
    return found


def _whole(option: ShippingOption) -> Money:
    return option.cost + option.handling
