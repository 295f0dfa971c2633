"""What a shipping method looks at: the goods of one consignment as a whole."""

from decimal import Decimal

from msgspec import Struct

from checkstand.domain.money import Money


class Parcel(Struct, frozen=True):
    """`weight` is in the store's unit of weight; `subtotal` is after product discounts and before coupons (D44),
    of this consignment's own goods alone (D62); `decimal_places` are those of its currency."""

    weight: Decimal
    quantity: int
    subtotal: Money
    decimal_places: int
