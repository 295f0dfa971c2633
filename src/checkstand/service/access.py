"""Who may do what through the Management API: the scopes of tokens (BEHAVIOUR 9), and making tokens."""

from collections.abc import Iterable, Sequence
from secrets import token_urlsafe

from checkstand.domain.moment import Moment
from checkstand.errors import Invalid
from checkstand.storage.port import UnitOfWork

CART = ("store_cart",)
CHECKOUT = ("store_checkout", "store_checkouts")
CHECKOUT_CONTENT = ("store_content_checkout", "store_checkout_content")
ORDERS = ("store_v2_orders",)
INFORMATION = ("store_v2_information",)
PRODUCTS = ("store_v2_products",)
CUSTOMERS = ("store_v2_customers",)
MARKETING = ("store_v2_marketing",)
FULFILLMENT_METHODS = ("store_fulfillment_methods_manage", "store_fulfillment_methods")
ORDER_FULFILLMENT = ("store_order_fulfillment_manage", "store_order_fulfillment")
LOCATIONS = ("store_locations",)
INVENTORY = ("store_inventory",)
STOREFRONT_TOKENS = ("store_storefront_api",)
IMPERSONATION_TOKENS = ("store_storefront_api_customer_impersonation",)
"""Each endpoint takes any one of a tuple: both spellings of a scope where both are published (D8)."""

READ_ONLY = "_read_only"
MODIFY = (
    *CART,
    *CHECKOUT,
    *CHECKOUT_CONTENT,
    *ORDERS,
    *INFORMATION,
    *PRODUCTS,
    *CUSTOMERS,
    *MARKETING,
    *FULFILLMENT_METHODS,
    *ORDER_FULFILLMENT,
    *LOCATIONS,
    *INVENTORY,
    *STOREFRONT_TOKENS,
    *IMPERSONATION_TOKENS,
)
"""Every scope that allows changes; each has a twin ending in `_read_only` that allows reading."""

ALL, ALL_READ_ONLY = "all", "all_read_only"
"""Words that stand for many scopes, in shop files and on the command line."""


def expand(scopes: Iterable[str]) -> list[str]:
    """Scopes spelled out. Raises `Invalid` for one that is not known."""
    known = {*MODIFY, *(scope + READ_ONLY for scope in MODIFY)}
    expanded: list[str] = []
    for scope in scopes:
        if scope == ALL:
            expanded += MODIFY
        elif scope == ALL_READ_ONLY:
            expanded += [entry + READ_ONLY for entry in MODIFY]
        elif scope in known:
            expanded.append(scope)
        else:
            raise Invalid.field(
                "scope", f"{scope!r} is not known; known are {ALL}, {ALL_READ_ONLY}, {', '.join(sorted(known))}"
            )
    return list(dict.fromkeys(expanded))


def allows(given: frozenset[str], wanted: Sequence[str], *, reading: bool) -> bool:
    """Whether any of the wanted scopes was given; a read-only one is enough to read."""
    return not given.isdisjoint(wanted) or (reading and any(scope + READ_ONLY in given for scope in wanted))


async def create_token(unit: UnitOfWork, scopes: Iterable[str], name: str, moment: Moment) -> str:
    """A new access token, to be shown once: only its hash is kept."""
    token = token_urlsafe(32)
    await unit.access.add_token(token, name, expand(scopes), moment.now)
    return token
