"""Customer groups (v2: bare bodies), as far as a checkout needs them: what their customers are asked in the place of the catalog's
price. Amounts are shown as texts with four decimal places, and taken as texts or as numbers."""

from functools import partial
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from checkstand.api.bodies import Identifier, Price, Text, unsupported
from checkstand.api.http import Call, Endpoint
from checkstand.api.management.listing import expect_no_filter, part
from checkstand.api.projection import in_four_places
from checkstand.domain import customer_groups
from checkstand.domain.customer_groups import GroupChange
from checkstand.domain.facts import CustomerGroup
from checkstand.domain.price_rules import DiscountRule, Method
from checkstand.errors import Invalid
from checkstand.service.access import CUSTOMERS
from checkstand.service.shop import edit

DEFAULT_LIMIT, MOST = 50, 250

# ---------------------------------------------------------------------------------------------------- what is sent


class DiscountRuleBody(Struct):
    """`percent` or an amount (`price`) off, or another price (`fixed`), for everything or for one category or product."""

    type: Literal["all", "category", "product", "price_list"]
    method: Method | None = None
    amount: Price | None = None
    category_id: Identifier | None = None
    product_id: Identifier | None = None

    def rule(self, index: int) -> DiscountRule:
        if self.type == "price_list":
            raise unsupported("price lists")
        if self.method is None or self.amount is None:
            missing = "method" if self.method is None else "amount"
            raise Invalid.field(f"discount_rules.{index}.{missing}", "is required")
        return DiscountRule(
            type=self.type,
            method=self.method,
            amount=self.amount,
            category_id=self.category_id or 0 if self.type == "category" else 0,
            product_id=self.product_id or 0 if self.type == "product" else 0,
        )


class CategoryAccessBody(Struct):
    type: Literal["all", "specific", "none"]
    categories: list[Identifier] | None = None


class CustomerGroupBody(Struct):
    """In a change, what is left out stays. Every customer sees every category."""

    name: Text | None = None
    is_default: bool | None = None
    category_access: CategoryAccessBody | None = None
    discount_rules: list[DiscountRuleBody] | None = None
    is_group_for_guests: bool | None = None

    def change(self) -> GroupChange:
        if self.is_default or self.is_group_for_guests:
            raise unsupported("customer groups for new customers or for guests")
        if self.category_access and self.category_access.type != "all":
            raise unsupported("customer groups that see certain categories only")
        rules = self.discount_rules
        return GroupChange(
            name=self.name,
            discount_rules=None if rules is None else tuple(rule.rule(index) for index, rule in enumerate(rules)),
        )


# ---------------------------------------------------------------------------------------------------- what is shown


class DiscountRuleShape(Struct):
    type: str
    method: str
    amount: str
    category_id: int | UnsetType = UNSET
    product_id: int | UnsetType = UNSET


class CategoryAccessShape(Struct):
    type: str


class CustomerGroupShape(Struct):
    id: int
    name: str
    is_default: bool
    category_access: CategoryAccessShape
    discount_rules: list[DiscountRuleShape]
    is_group_for_guests: bool


class CustomerGroupCount(Struct):
    count: int


def _shape(group: CustomerGroup) -> CustomerGroupShape:
    return CustomerGroupShape(
        id=group.id,
        name=group.name,
        is_default=False,
        category_access=CategoryAccessShape("all"),
        discount_rules=[
            DiscountRuleShape(
                rule.type,
                rule.method,
                in_four_places(rule.amount),
                rule.category_id if rule.type == "category" else UNSET,
                rule.product_id if rule.type == "product" else UNSET,
            )
            for rule in group.discount_rules
        ],
        is_group_for_guests=False,
    )


# ---------------------------------------------------------------------------------------------------- endpoints


async def get_groups(call: Call, body: None) -> list[CustomerGroupShape]:
    """By id."""
    name = call.first("name")
    groups = (await call.unit.store()).customer_groups
    found = sorted((group for group in groups if name in ("", group.name)), key=lambda group: group.id)
    return [_shape(group) for group in part(call, found, default=DEFAULT_LIMIT, most=MOST)]


async def count_groups(call: Call, body: None) -> CustomerGroupCount:
    return CustomerGroupCount(len((await call.unit.store()).customer_groups))


async def get_group(call: Call, body: None) -> CustomerGroupShape:
    return _shape(customer_groups.group_of(await call.unit.store(), call.number("group_id")))


async def create_group(call: Call, body: CustomerGroupBody) -> CustomerGroupShape:
    change, store = body.change(), await call.unit.store()
    customer_groups.add_group(store, 0, change)  # what is refused uses up no number
    group_id = await call.unit.next_number("customer_group")
    store = await edit(call.unit, partial(customer_groups.add_group, group_id=group_id, change=change))
    return _shape(customer_groups.group_of(store, group_id))


async def update_group(call: Call, body: CustomerGroupBody) -> CustomerGroupShape:
    group_id = call.number("group_id")
    store = await edit(call.unit, partial(customer_groups.change_group, group_id=group_id, change=body.change()))
    return _shape(customer_groups.group_of(store, group_id))


async def delete_group(call: Call, body: None) -> None:
    group_id = call.number("group_id")
    customer_groups.group_of(await call.unit.store(), group_id)
    await edit(call.unit, partial(customer_groups.remove_groups, ids={group_id}))


async def delete_groups(call: Call, body: None) -> None:
    """All of them, as published."""
    expect_no_filter(call, "group")
    await edit(call.unit, partial(customer_groups.remove_groups, ids=None))


GROUPS, GROUP = "/customer_groups", "/customer_groups/{group_id}"
TAG = "Customer groups"

ENDPOINTS = [
    Endpoint(
        "GET",
        GROUPS,
        get_groups,
        "List customer groups",
        answer=list[CustomerGroupShape],
        scopes=CUSTOMERS,
        query=("page", "limit", "name"),
        tag=TAG,
    ),
    Endpoint(
        "POST",
        GROUPS,
        create_group,
        "Create a customer group",
        answer=CustomerGroupShape,
        body=CustomerGroupBody,
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint("DELETE", GROUPS, delete_groups, "Delete all customer groups", status=204, scopes=CUSTOMERS, tag=TAG),
    Endpoint(
        "GET",
        f"{GROUPS}/count",
        count_groups,
        "Count the customer groups",
        answer=CustomerGroupCount,
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint("GET", GROUP, get_group, "Read a customer group", answer=CustomerGroupShape, scopes=CUSTOMERS, tag=TAG),
    Endpoint(
        "PUT",
        GROUP,
        update_group,
        "Change a customer group",
        answer=CustomerGroupShape,
        body=CustomerGroupBody,
        scopes=CUSTOMERS,
        tag=TAG,
    ),
    Endpoint("DELETE", GROUP, delete_group, "Delete a customer group", status=204, scopes=CUSTOMERS, tag=TAG),
]
