"""The facts a checkout needs, in few queries. The store's settings come from memory as long as their revision is current."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from checkstand.domain.applied_coupons import customer_key
from checkstand.domain.checkout import Checkout, PickupChoice, Wanted
from checkstand.domain.commands import AnyCommand, AssignCustomer
from checkstand.domain.facts import CouponUses, Facts, Product
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.storage.port import UnitOfWork


async def look_up(unit: UnitOfWork, command: AnyCommand, before: Checkout, now: datetime) -> Facts:
    """What a command must know before it changes anything: the store, the products, the coupon and the gift certificate it
    names, the customer it is about."""
    customer_id = command.customer_id if isinstance(command, AssignCustomer) else before.customer_id
    store = await unit.store()
    coupon = store.coupon_by_code.get(code.strip().casefold()) if (code := command.coupon_code()) else None
    return Facts(
        store=store,
        now=now,
        coupon_uses=await uses(unit, coupon.id, before) if coupon else None,
        products=await products(unit, command.product_ids()),
        customer=await unit.catalog.customer(customer_id) if customer_id else None,
        certificates=await certificates(unit, (named,)) if (named := command.certificate_code()) else {},
    )


async def uses(unit: UnitOfWork, coupon_id: int, checkout: Checkout) -> CouponUses:
    return await unit.coupons.uses(coupon_id, customer_key(checkout), checkout.id)


async def certificates(
    unit: UnitOfWork, codes: Iterable[str], known: Mapping[str, GiftCertificate] = MappingProxyType({})
) -> dict[str, GiftCertificate]:
    """What is on them now, added to those that are known."""
    found = dict(known)
    for code in codes:
        if key_of(code) not in found and (certificate := await unit.gift_certificates.find(code)):
            found[key_of(code)] = certificate
    return found


async def products(unit: UnitOfWork, product_ids: tuple[int, ...]) -> dict[int, Product]:
    found = {}
    for product_id in dict.fromkeys(product_ids):
        product = await unit.catalog.product(product_id)
        if product is not None:
            found[product_id] = product
    return found


async def gather(
    unit: UnitOfWork, checkout: Checkout, known: Facts | None = None, *, now: datetime, with_stock: bool = False
) -> Facts:
    """What offering and pricing a checkout must know, added to what is known already.

    Stock is looked up where something is picked up, or `with_stock` (an order, a list of pick-up options).
    """
    customer = known.customer if known else None
    if checkout.customer_id != (customer.id if customer else 0):
        customer = await unit.catalog.customer(checkout.customer_id) if checkout.customer_id else None
    return Facts(
        store=known.store if known else await unit.store(),
        products=known.products if known else {},
        stock=await stock(unit, checkout) if with_stock or _is_picked_up(checkout) else {},
        customer=customer,
        now=now,
        coupon_uses=known.coupon_uses if known else None,
        certificates=await certificates(
            unit, (applied.code for applied in checkout.gift_certificates), known.certificates if known else {}
        ),
    )


async def stock(unit: UnitOfWork, checkout: Checkout) -> dict[int, dict[int, int]]:
    return await stock_of(unit, tuple(line.variant_id for line in checkout.lines if line.variant_id))


async def stock_of(unit: UnitOfWork, variant_ids: tuple[int, ...]) -> dict[int, dict[int, int]]:
    found = {}
    for variant_id in dict.fromkeys(variant_ids):
        by_location = await unit.catalog.stock(variant_id)
        if by_location is not None:
            found[variant_id] = by_location
    return found


def _is_picked_up(checkout: Checkout) -> bool:
    return any(
        isinstance(consignment.selected, PickupChoice)
        or (isinstance(consignment.selected, Wanted) and consignment.selected.pickup_method_id)
        for consignment in checkout.consignments
    )
