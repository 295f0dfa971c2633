"""What a shipping method looks at: the goods of one consignment as a whole.

Goods with a shipping price of their own, or that ship free, are not in the parcel: they weigh and count nothing (`fulfillment`).
"""

from decimal import Decimal

from msgspec import Struct

from checkstand.domain.money import Money


class Parcel(Struct, frozen=True, gc=False):
    """`weight` is in the store's unit of weight; `subtotal` is after product discounts and before coupons (D44),
    of this consignment's own goods alone (D62); `decimal_places` are those of its currency. `total` is what ranges of totals are
    compared with, `worth` what free shipping asks a minimum of."""

    weight: Decimal
    quantity: int
    subtotal: Money
    decimal_places: int
    total: Money
    worth: Money
