"""The kinds of shipping methods a merchant can configure, one file each; together they form a tagged union.

A new kind is a new module with one frozen, tagged Struct (see `per_item`) and its name in `AnyMethod`. `ByProduct`
is none that can be configured.
"""

from checkstand.domain.methods.by_product import ByProduct
from checkstand.domain.methods.by_range import ByTotal, ByWeight, Range
from checkstand.domain.methods.free_shipping import FreeShipping
from checkstand.domain.methods.method import HandlingFee, ShippingMethod
from checkstand.domain.methods.per_item import PerItem
from checkstand.domain.methods.per_order import PerOrder

AnyMethod = PerOrder | PerItem | ByWeight | ByTotal | FreeShipping

__all__ = [
    "AnyMethod",
    "ByProduct",
    "ByTotal",
    "ByWeight",
    "FreeShipping",
    "HandlingFee",
    "PerItem",
    "PerOrder",
    "Range",
    "ShippingMethod",
]
