"""Which items a condition or an action is about: by brand, category, product, variant, option or custom field, joined by and, or
and not. Custom items, which are none of the catalog's, are matched by nothing."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from checkstand.domain.promotions.item import Basket, Item


class Brands(Struct, frozen=True, tag_field="by", tag="brands", dict=True):
    ids: tuple[int, ...]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.ids)

    def matches(self, item: Item) -> bool:
        return item.brand_id in self._known


class Categories(Struct, frozen=True, tag_field="by", tag="categories", dict=True):
    ids: tuple[int, ...]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.ids)

    def matches(self, item: Item) -> bool:
        return not self._known.isdisjoint(item.category_ids)


class Products(Struct, frozen=True, tag_field="by", tag="products", dict=True):
    ids: tuple[int, ...]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.ids)

    def matches(self, item: Item) -> bool:
        return item.product_id in self._known


class Variants(Struct, frozen=True, tag_field="by", tag="variants", dict=True):
    ids: tuple[int, ...]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.ids)

    def matches(self, item: Item) -> bool:
        return item.variant_id in self._known


class Option(Struct, frozen=True, tag_field="by", tag="option"):
    """A chosen option, such as Color, that has one of the values; texts are compared as they are."""

    name: str
    values: tuple[str, ...]

    def matches(self, item: Item) -> bool:
        return any(name == self.name and value in self.values for name, value in item.options)


class ProductField(Struct, frozen=True, tag_field="by", tag="custom_field"):
    """A custom field of the product that has one of the values."""

    name: str
    values: tuple[str, ...]

    def matches(self, item: Item) -> bool:
        return any(name == self.name and value in self.values for name, value in item.custom_fields)


class All(Struct, frozen=True, tag_field="by", tag="all"):
    of: tuple["AnyMatcher", ...]

    def matches(self, item: Item) -> bool:
        return all(matcher.matches(item) for matcher in self.of)


class OneOf(Struct, frozen=True, tag_field="by", tag="one_of"):
    of: tuple["AnyMatcher", ...]

    def matches(self, item: Item) -> bool:
        return any(matcher.matches(item) for matcher in self.of)


class Not(Struct, frozen=True, tag_field="by", tag="not"):
    of: "AnyMatcher"

    def matches(self, item: Item) -> bool:
        return not self.of.matches(item)


AnyMatcher = Brands | Categories | Products | Variants | Option | ProductField | All | OneOf | Not


def matching(matcher: AnyMatcher | None, basket: Basket) -> Sequence[Item]:
    """The items of the catalog that are meant; None: all of them. Promotions of a store often mean the same, so each answer is
    kept with the basket."""
    found = basket.found.get(matcher)
    if found is None:
        if matcher is None:
            found = [item for item in basket.items if item.product_id]
        else:
            matches = matcher.matches
            found = [item for item in basket.items if item.product_id and matches(item)]
        basket.found[matcher] = found
    return found
