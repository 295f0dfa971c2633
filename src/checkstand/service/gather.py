"""The facts a checkout needs, in few queries. The store's settings come from memory as long as their revision is current."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec.structs import replace

from checkstand.domain.applied_coupons import customer_key
from checkstand.domain.checkout import Checkout, PickupChoice, Wanted
from checkstand.domain.commands import AnyCommand, AssignCustomer, NewCheckout
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import CouponUses, Facts, Product, Store
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.pricing.gifts import goods_of
from checkstand.domain.promotions import PromotionCode
from checkstand.storage.port import UnitOfWork


async def look_up(unit: UnitOfWork, command: AnyCommand, before: Checkout, now: datetime) -> Facts:
    """What a command must know before it changes anything: the store, the products, the coupon, the gift certificates and the
    customer it is about, and what the promotions of the store ask for."""
    customer_id = command.customer_id if isinstance(command, AssignCustomer) else before.customer_id
    known = await _known(unit, customer_id, now, command.product_ids(before), before.id)
    codes = await applied_codes(unit, before)
    entered: AnyCoupon | PromotionCode | None = None
    if code := command.coupon_code():
        entered = known.store.coupon_by_code.get(code.strip().casefold()) or await unit.codes.find(code)
    if isinstance(entered, PromotionCode):
        codes[entered.id] = entered
    return replace(
        known,
        coupon_uses=await uses(unit, entered.id, before) if entered else None,
        codes=codes,
        certificates=await certificates(unit, command.certificate_codes(before)),
    )


async def look_up_new(unit: UnitOfWork, draft: NewCheckout, now: datetime) -> Facts:
    """The same for a cart to open."""
    return await _known(unit, draft.customer_id, now, tuple(line.product_id for line in draft.items.lines))


async def _known(
    unit: UnitOfWork, customer_id: int, now: datetime, product_ids: tuple[int, ...] = (), checkout_id: str = ""
) -> Facts:
    """The store, the customer, these products, and what the promotions of the store ask for: nothing is asked, nor awaited, for
    what a store does not use."""
    store = await unit.store()
    found = await products(unit, product_ids) if product_ids else {}
    stock: dict[int, dict[int, int]] = {}
    if store.gifts:
        given = await gifts(unit, store)
        found |= given
        stock = await gift_stock(unit, store, given)
    return Facts(
        store=store,
        now=now,
        products=found,
        stock=stock,
        customer=await unit.catalog.customer(customer_id) if customer_id else None,
        promotion_uses=await promotion_uses(unit, store, checkout_id) if store.counts_promotions else {},
        order_count=await order_count(unit, store, customer_id) if store.counts_orders else 0,
    )


async def applied_codes(unit: UnitOfWork, checkout: Checkout) -> dict[int, PromotionCode]:
    """Codes of promotions that are applied and still there."""
    found = [await unit.codes.get(coupon.id) for coupon in checkout.coupons if coupon.promotion_id]
    return {code.id: code for code in found if code is not None}


async def promotion_uses(unit: UnitOfWork, store: Store, checkout_id: str) -> dict[int, int]:
    """Only where a promotion may be used only so often."""
    return await unit.coupons.promotion_uses(checkout_id) if store.counts_promotions else {}


async def order_count(unit: UnitOfWork, store: Store, customer_id: int) -> int:
    """Only where a promotion asks for it."""
    return await unit.orders.count_of(customer_id) if store.counts_orders and customer_id else 0


async def gifts(unit: UnitOfWork, store: Store) -> dict[int, Product]:
    """Products that promotions of the store may give away."""
    found = await products(unit, tuple(gift.product_id for gift in store.gifts if gift.product_id))
    for gift in store.gifts:
        if not gift.product_id and (product := await unit.catalog.product_of(gift.variant_id)) is not None:
            found[product.id] = product
    return found


async def gift_stock(unit: UnitOfWork, store: Store, given: dict[int, Product]) -> dict[int, dict[int, int]]:
    goods = [goods_of(gift, given.values()) for gift in store.gifts]
    return await stock_of(unit, tuple(variant.id for _, variant in filter(None, goods)))


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
    """What offering and pricing a checkout must know, added to what was looked up for a command.

    Stock is looked up where something is picked up, or `with_stock` (an order, a list of pick-up options).
    """
    if known is None:
        known = await _known(unit, checkout.customer_id, now, checkout_id=checkout.id)
        if checkout.coupons:
            known = replace(known, codes=await applied_codes(unit, checkout))
    if checkout.customer_id != (known.customer.id if known.customer else 0):
        customer = await unit.catalog.customer(checkout.customer_id) if checkout.customer_id else None
        orders = await order_count(unit, known.store, checkout.customer_id)
        known = replace(known, customer=customer, order_count=orders)
    if with_stock or _is_picked_up(checkout):
        known = replace(known, stock=known.stock | await stock(unit, checkout))
    if checkout.gift_certificates:
        codes = (applied.code for applied in checkout.gift_certificates)
        known = replace(known, certificates=await certificates(unit, codes, known.certificates))
    return known


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
    for consignment in checkout.consignments:
        selected = consignment.selected
        if type(selected) is PickupChoice or (type(selected) is Wanted and selected.pickup_method_id):
            return True
    return False
