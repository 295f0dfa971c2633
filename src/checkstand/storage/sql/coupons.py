"""How often coupons, codes and promotions were used. What they are stands with the store's settings, and in `codes`."""

from collections.abc import Sequence

from checkstand.domain.applied_coupons import CouponUse, used_up
from checkstand.domain.facts import CouponUses
from checkstand.storage.port import Driver, Value
from checkstand.storage.sql.rows import number_of

IN_ALL = ""
UNLIMITED = 2**62


class SqlCoupons:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def uses(self, coupon_id: int, customer: str, checkout_id: str) -> CouponUses:
        row = await self._driver.one(
            "coupon_uses_get",
            store_hash=self._store_hash,
            coupon_id=coupon_id,
            customer=customer,
            checkout_id=checkout_id,
        )
        assert row is not None
        own = number_of(row, "own")
        by_customer = number_of(row, "by_customer") - own if customer else 0
        return CouponUses(number_of(row, "in_all") - own, max(by_customer, 0))

    async def all_uses(self) -> dict[int, int]:
        rows = await self._driver.all("coupon_uses_all", store_hash=self._store_hash)
        return {number_of(row, "coupon_id"): number_of(row, "uses") for row in rows}

    async def uses_between(self, first: int, last: int) -> dict[int, int]:
        rows = await self._driver.all("coupon_uses_between", store_hash=self._store_hash, first=first, last=last)
        return {number_of(row, "coupon_id"): number_of(row, "uses") for row in rows}

    async def promotion_uses(self, checkout_id: str = "") -> dict[int, int]:
        rows = await self._driver.all("promotion_uses", store_hash=self._store_hash, checkout_id=checkout_id)
        return {-number_of(row, "coupon_id"): number_of(row, "uses") for row in rows}


async def count_uses(transaction: Driver, store_hash: str, checkout_id: str, used: Sequence[CouponUse]) -> None:
    """Each counter moves by one guarded statement, in the order of their keys, so that no two orders wait for each other in
    a circle. Raises `CouponNotApplicable` with the reason `limit`."""
    for use in used:
        key: dict[str, Value] = {"store_hash": store_hash, "coupon_id": use.counter}
        if not await transaction.run("coupon_use_insert", **key, checkout_id=checkout_id):
            continue  # an earlier order of this checkout was counted
        limits = [(IN_ALL, use.max_uses)]
        if use.customer:
            limits.append((use.customer, use.max_uses_per_customer))
        for customer, most in limits:
            if not await transaction.run("coupon_count", **key, customer=customer, most=most or UNLIMITED):
                raise used_up(use.name)
