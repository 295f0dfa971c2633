"""The currency of a cart (BEHAVIOUR 4): which ones a store takes, and bringing a cart into another one.

Goods of the catalog cost what the catalog says, converted (`line_prices`). Amounts that were given for this cart alone are
converted from the old currency: prices of its own, custom items, gift certificates to buy, wrapping, fees, custom shipping.
Everything a merchant configured, coupons included, is converted whenever it is looked at (`in_currency`), so little has to
leave the cart: codes of promotions that are for carts in another currency, and gift certificates in another one to pay with.
"""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain.checkout import AppliedCertificate, AppliedCoupon, CatalogPrice, Checkout, places, with_places
from checkstand.domain.facts import Facts, Store
from checkstand.domain.gift_certificates import key_of
from checkstand.domain.in_currency import with_amounts
from checkstand.domain.money import Currency
from checkstand.domain.promotions.promotion import ANY_CURRENCY
from checkstand.errors import Invalid, Refused

T = TypeVar("T", bound=Struct)

DISPLAY_ONLY = "display_only_currency"


def cart_currency(store: Store, code: str, field: str) -> Currency:
    """The currency a cart is to be in. Raises `Invalid` for one that the store does not have, or takes no payments in."""
    wanted = code.strip().upper()
    if wanted == store.currency.code:
        return store.currency
    other = next((other for other in store.other_currencies if other.code == wanted), None)
    if other is None:
        raise Invalid.field(field, f"{code} is not a currency of this store", code="unknown_currency")
    if not other.details.enabled:
        raise Invalid.field(field, f"{code} is not enabled in this store", code="disabled_currency")
    if not other.details.is_transactional:
        raise Invalid.field(field, f"{code} is for display only: nobody can pay in it", code=DISPLAY_ONLY)
    return Currency(code=other.code, name=other.name, symbol=other.symbol, decimal_places=other.decimal_places)


def with_currency(before: Checkout, code: str, facts: Facts) -> Checkout:
    """The cart in another currency, its goods still to be priced. Chosen shipping stays chosen, at its converted cost.

    Raises `Refused` while there is a manual discount (BEHAVIOUR 4).
    """
    store = facts.store
    currency = cart_currency(store, code, "currency_code")
    if currency == before.currency:
        return before
    if before.manual_discounts is not None:
        raise Refused(
            "The currency cannot change while the cart has a manual discount; remove the discount first.",
            code="manual_discount",
        )
    after = exchanged(before, before.currency, currency, store)
    after = replace(
        after,
        currency=currency,
        coupons=tuple(coupon for coupon in after.coupons if _fits(coupon, currency, store)),
        gift_certificates=tuple(applied for applied in after.gift_certificates if _pays_in(applied, currency, facts)),
    )
    return with_places(after, after.lines, places(after))


def exchanged(value: T, of: Currency, to: Currency, store: Store) -> T:
    """A cart or a part of it, with the amounts that were given for it alone in another currency."""
    return with_amounts(value, lambda amount: store.exchanged(amount, of, to), keep=(CatalogPrice,))


def _fits(coupon: AppliedCoupon, currency: Currency, store: Store) -> bool:
    """Whether a coupon may stay: all but codes of promotions that are for carts in another currency."""
    promotion = store.promotion_by_id.get(coupon.promotion_id)
    return promotion is None or promotion.currency_code in (ANY_CURRENCY, currency.code)


def _pays_in(applied: AppliedCertificate, currency: Currency, facts: Facts) -> bool:
    """Whether a gift certificate to pay with may stay: one that is gone from the store pays nothing in any currency, and does."""
    certificate = facts.certificates.get(key_of(applied.code))
    return certificate is None or certificate.is_in(currency)
