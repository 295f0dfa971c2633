"""Orders: the order, its checkout, the stock it takes, the coupons it uses, what pays for it and the gift certificates it issues
move in one transaction, always in this sequence and each sorted, so that no two orders wait for each other in a circle."""

from collections.abc import Sequence

import msgspec

from checkstand.domain.applied_coupons import CouponUse
from checkstand.domain.checkout import Checkout
from checkstand.domain.events import Event
from checkstand.domain.order import Order
from checkstand.domain.payments import spent
from checkstand.domain.stock import Stock, out_of_stock
from checkstand.domain.tax_quote import TaxSubmission
from checkstand.errors import NotFound
from checkstand.storage.port import Driver, OrderSearch, Value
from checkstand.storage.sql.checkouts import checkout_row, expected
from checkstand.storage.sql.coupons import count_uses
from checkstand.storage.sql.gift_certificates import insert_certificate, take_payments
from checkstand.storage.sql.rows import (
    LostRace,
    body_of,
    encode,
    micros,
    next_in_sequence,
    number_of,
    put_events,
    text_of,
)
from checkstand.storage.sql.taxes import put_submission

_order = msgspec.json.Decoder(Order).decode

FIRST_ORDER_ID = 100
FOR_EVER = 2**62


class SqlOrders:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def next_id(self) -> int:
        return await next_in_sequence(self._driver, self._store_hash, "order", FIRST_ORDER_ID)

    async def get(self, order_id: int) -> Order:
        order = await self.find(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.", code="order_not_found")
        return order

    async def find(self, order_id: int) -> Order | None:
        row = await self._driver.one("order_get", store_hash=self._store_hash, order_id=order_id)
        return _order(body_of(row)) if row else None

    async def count_of(self, customer_id: int) -> int:
        row = await self._driver.one("order_count", store_hash=self._store_hash, customer_id=customer_id)
        assert row is not None
        return number_of(row, "order_count")

    async def of_checkout(self, checkout_id: str, version: int) -> Order | None:
        row = await self._driver.one(
            "order_of_checkout", store_hash=self._store_hash, checkout_id=checkout_id, checkout_version=version
        )
        return _order(body_of(row)) if row else None

    async def insert(
        self,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Stock,
        events: Sequence[Event],
        used: Sequence[CouponUse] = (),
        submission: TaxSubmission | None = None,
    ) -> bool:
        async def work(transaction: Driver) -> None:
            await self._insert(transaction, order, before, after, taken, events, used)
            if submission:
                await put_submission(transaction, self._store_hash, submission, order.created_at)

        try:
            await self._driver.transaction(work)
        except LostRace:
            return False
        return True

    async def _insert(
        self,
        transaction: Driver,
        order: Order,
        before: Checkout,
        after: Checkout,
        taken: Stock,
        events: Sequence[Event],
        used: Sequence[CouponUse],
    ) -> None:
        # First, so that nothing was written yet when the race is lost: the transaction may be part of a larger one.
        row = checkout_row(self._store_hash, after)
        if await transaction.run("checkout_replace", **row, **expected(before)) == 0:
            raise LostRace
        inserted = await transaction.run(
            "order_insert",
            store_hash=self._store_hash,
            order_id=order.id,
            checkout_id=before.id,
            checkout_version=before.version,
            repetition=order.repetition,
            status=order.status,
            customer_id=after.customer_id,
            created_at=micros(order.created_at),
            modified_at=micros(order.modified_at or order.created_at),
            email=order.email.casefold(),
            body=encode(order),
        )
        if not inserted:
            raise LostRace
        await self._take_stock(transaction, order, taken)
        await count_uses(transaction, self._store_hash, before.id, used)
        await take_payments(transaction, self._store_hash, order.checkout.customer_id, spent(order.entries))
        for certificate in order.issued:
            await insert_certificate(transaction, self._store_hash, certificate)
        await put_events(transaction, self._store_hash, before.id, events, order.created_at)

    async def _take_stock(self, transaction: Driver, order: Order, taken: Stock) -> None:
        for (variant_id, location_id), units in sorted(taken.items()):
            changed = await transaction.run(
                "stock_take",
                store_hash=self._store_hash,
                variant_id=variant_id,
                location_id=location_id,
                units=units,
            )
            if not changed:
                raise out_of_stock(order.checkout, variant_id, units, "Not enough")

    async def hold(self, order_id: int) -> None:
        await self._driver.run("order_hold", store_hash=self._store_hash, order_id=order_id)

    async def replace(
        self, before: Order, after: Order, events: Sequence[Event], *, taken: Stock, given_back: Stock
    ) -> None:
        async def work(transaction: Driver) -> None:
            await transaction.run(
                "order_replace",
                store_hash=self._store_hash,
                order_id=after.id,
                status=after.status,
                customer_id=after.checkout.customer_id,
                modified_at=micros(after.modified_at or after.created_at),
                body=encode(after),
            )
            await self._take_stock(transaction, after, taken)
            for (variant_id, location_id), units in sorted(given_back.items()):
                await transaction.run(
                    "stock_give_back",
                    store_hash=self._store_hash,
                    variant_id=variant_id,
                    location_id=location_id,
                    units=units,
                )
            known = {certificate.id for certificate in before.issued}
            for certificate in after.issued:
                if certificate.id not in known:
                    await insert_certificate(transaction, self._store_hash, certificate)
            at = after.modified_at or after.created_at
            await put_events(transaction, self._store_hash, after.checkout.id, events, at)

        await self._driver.transaction(work)

    async def page(
        self, search: OrderSearch, *, sort: str, descending: bool, limit: int, offset: int = 0
    ) -> list[Order]:
        values: dict[str, Value] = {
            "min_id": search.min_id,
            "max_id": search.max_id,
            "status": search.status,
            "customer_id": search.customer_id,
            "cart_id": search.cart_id,
            "email": search.email.casefold(),
            "created_from": micros(search.created_from) if search.created_from else 0,
            "created_before": micros(search.created_before) if search.created_before else FOR_EVER,
            "modified_from": micros(search.modified_from) if search.modified_from else 0,
            "modified_before": micros(search.modified_before) if search.modified_before else FOR_EVER,
        }
        rows = await self._driver.all(
            "order_page",
            store_hash=self._store_hash,
            sort=sort,
            direction=-1 if descending else 1,
            limit=limit,
            offset=offset,
            **values,
        )
        return [_order(body_of(row)) for row in rows]

    async def counts(self) -> dict[str, int]:
        rows = await self._driver.all("order_counts", store_hash=self._store_hash)
        return {text_of(row, "status"): number_of(row, "order_count") for row in rows}
