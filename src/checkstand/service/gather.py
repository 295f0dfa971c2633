"""The facts a checkout needs, in few queries. The store's settings come from memory as long as their revision is current."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec.structs import replace

from checkstand.domain.applied_coupons import customer_key
from checkstand.domain.checkout import Checkout, PickupChoice, Wanted
from checkstand.domain.commands import AnyCommand, AssignCustomer, NewCheckout, SignIn
from checkstand.domain.coupons import AnyCoupon
from checkstand.domain.facts import CouponUses, Facts, Product, Store
from checkstand.domain.gift_certificates import GiftCertificate, key_of
from checkstand.domain.gifts import earnable
from checkstand.domain.pricing.gifts import goods_of
from checkstand.domain.promotions import PromotionCode
from checkstand.domain.promotions.action import GivenGift
from checkstand.storage.port import UnitOfWork


async def look_up(unit: UnitOfWork, command: AnyCommand, before: Checkout, now: datetime) -> Facts:
    """What a command must know before it changes anything: the store, the products, the coupon, the gift certificates and the
    customer it is about, and what the promotions of the store ask for."""
    customer_id = command.customer_id if isinstance(command, AssignCustomer | SignIn) else before.customer_id
    known = await _known(unit, customer_id, now, command.product_ids(before), before.id)
    codes = await applied_codes(unit, before) if before.coupons else {}
    entered: AnyCoupon | PromotionCode | None = None
    if code := command.coupon_code():
        entered = known.store.coupon_by_code.get(code.strip().casefold()) or await unit.codes.find(code)
    if isinstance(entered, PromotionCode):
        codes[entered.id] = entered
    asked = command.certificate_codes(before)
    if entered or codes or asked:
        known = replace(
            known,
            coupon_uses=await uses(unit, entered.id, before) if entered else None,
            codes=codes,
            certificates=await certificates(unit, asked),
        )
    return await with_gifts(unit, before, known) if known.store.gift_promotions else known


async def look_up_new(unit: UnitOfWork, draft: NewCheckout, now: datetime) -> Facts:
    """The same for a cart to open."""
    return await _known(unit, draft.customer_id, now, tuple(line.product_id for line in draft.items.lines))


async def _known(
    unit: UnitOfWork, customer_id: int, now: datetime, product_ids: tuple[int, ...] = (), checkout_id: str = ""
) -> Facts:
    """The store, the customer, these products, and what the promotions of the store ask for: nothing is asked, nor awaited, for
    what a store does not use."""
    store = await unit.store()
    products = await unit.catalog.products(product_ids) if product_ids else {}
    return Facts(
        store=store,
        now=now,
        products=products,
        stock=await unit.catalog.stock_of(_variant_ids(products)) if products else {},
        customer=await unit.customers.get(customer_id) if customer_id else None,
        promotion_uses=await promotion_uses(unit, store, checkout_id) if store.counts_promotions else {},
        order_count=await order_count(unit, store, customer_id) if store.counts_orders else 0,
    )


def _variant_ids(products: Mapping[int, Product]) -> list[int]:
    return [variant.id for product in products.values() for variant in product.variants]


async def applied_codes(unit: UnitOfWork, checkout: Checkout) -> dict[int, PromotionCode]:
    """Codes of promotions that are applied and still there."""
    return await unit.codes.get_some([coupon.id for coupon in checkout.coupons if coupon.promotion_id])


async def promotion_uses(unit: UnitOfWork, store: Store, checkout_id: str) -> dict[int, int]:
    """Only where a promotion may be used only so often."""
    return await unit.coupons.promotion_uses(checkout_id) if store.counts_promotions else {}


async def order_count(unit: UnitOfWork, store: Store, customer_id: int) -> int:
    """Only where a promotion asks for it."""
    return await unit.orders.count_of(customer_id) if store.counts_orders and customer_id else 0


async def with_gifts(unit: UnitOfWork, checkout: Checkout, known: Facts) -> Facts:
    """The facts with the goods this checkout may be given, and with their stock. Nothing is asked where it earns none."""
    missing = [gift for gift in earnable(checkout, known) if goods_of(gift, known.products.values()) is None]
    if not missing:
        return known
    found = await unit.catalog.products([gift.product_id for gift in missing if gift.product_id])
    found |= await unit.catalog.products_of([gift.variant_id for gift in missing if not gift.product_id])
    stock = await _stock_of_gifts(unit, missing, found)
    return replace(known, products=known.products | found, stock=known.stock | stock)


async def _stock_of_gifts(
    unit: UnitOfWork, gifts: Iterable[GivenGift], products: Mapping[int, Product]
) -> dict[int, dict[int, int]]:
    """Whoever looks up a product that may be a gift looks up its stock as well, so that it need not be looked up again."""
    goods = [goods_of(gift, products.values()) for gift in gifts]
    return await unit.catalog.stock_of([variant.id for _, variant in filter(None, goods)])


async def with_products(unit: UnitOfWork, checkout: Checkout, known: Facts) -> Facts:
    """The facts with what the catalog says by now of everything in the cart."""
    wanted = {line.product_id for line in checkout.lines if line.product_id}
    return replace(known, products=known.products | await unit.catalog.products(wanted - known.products.keys()))


async def uses(unit: UnitOfWork, coupon_id: int, checkout: Checkout) -> CouponUses:
    return await unit.coupons.uses(coupon_id, customer_key(checkout), checkout.id)


async def certificates(
    unit: UnitOfWork, codes: Iterable[str], known: Mapping[str, GiftCertificate] = MappingProxyType({})
) -> dict[str, GiftCertificate]:
    """What is on them now, added to those that are known."""
    missing = [code for code in codes if key_of(code) not in known]
    return {**known, **await unit.gift_certificates.find_some(missing)}


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
        customer = await unit.customers.get(checkout.customer_id) if checkout.customer_id else None
        orders = await order_count(unit, known.store, checkout.customer_id)
        known = replace(known, customer=customer, order_count=orders)
    if with_stock or _is_picked_up(checkout):
        known = replace(known, stock=known.stock | await stock(unit, checkout))
    if checkout.gift_certificates:
        codes = (applied.code for applied in checkout.gift_certificates)
        known = replace(known, certificates=await certificates(unit, codes, known.certificates))
    return await with_gifts(unit, checkout, known) if known.store.gift_promotions else known


async def stock(unit: UnitOfWork, checkout: Checkout) -> dict[int, dict[int, int]]:
    return await unit.catalog.stock_of([line.variant_id for line in checkout.lines if line.variant_id])


def _is_picked_up(checkout: Checkout) -> bool:
    for consignment in checkout.consignments:
        selected = consignment.selected
        if type(selected) is PickupChoice or (type(selected) is Wanted and selected.pickup_method_id):
            return True
    return False
