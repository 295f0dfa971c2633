"""The kinds of promotions, one file each; together they form a tagged union.

A new kind is a new module with one frozen, tagged Struct (see `item_discount`) and its name in `AnyPromotion`.
"""

from checkstand.domain.promotions.item_discount import ItemDiscount
from checkstand.domain.promotions.promotion import Promotable, Promotion

AnyPromotion = ItemDiscount

__all__ = ["AnyPromotion", "ItemDiscount", "Promotable", "Promotion"]
