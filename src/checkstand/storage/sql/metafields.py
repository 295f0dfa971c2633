"""Metafields of carts, written with the events that tell of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from checkstand.domain.metafield import MOST_PER_CART, Change, Metafield
from checkstand.errors import NotFound, Refused, Taken
from checkstand.storage.port import Driver, MetafieldSearch, Value
from checkstand.storage.sql.rows import LostRace, body_of, encode, micros, number_of, put_events

_metafield = msgspec.json.Decoder(Metafield).decode

LATEST = 2**62
"""A time that no stored one is later than, in microseconds."""
FIRST_OF_ALL = 1 - 2**63
"""Below every id, and below every id taken negatively."""
MARK = "\x1f"
"""Stands around the texts of a list; names of metafields have no control characters."""


def _listed(texts: Sequence[str] | None) -> str:
    return "" if texts is None else "".join(f"{MARK}{text}{MARK}" for text in texts) or MARK


def _search_values(store_hash: str, search: MetafieldSearch) -> dict[str, Value]:
    return {
        "store_hash": store_hash,
        "client": search.client,
        "checkout_id": search.cart_id,
        "namespaces": _listed(search.namespaces),
        "field_keys": _listed(search.keys),
        "mark": MARK,
        "created_from": micros(search.created_from) if search.created_from else 0,
        "created_before": micros(search.created_before) if search.created_before else LATEST,
        "modified_from": micros(search.modified_from) if search.modified_from else 0,
        "modified_before": micros(search.modified_before) if search.modified_before else LATEST,
    }


class SqlMetafields:
    def __init__(self, driver: Driver, store_hash: str) -> None:
        self._driver, self._store_hash = driver, store_hash

    async def page(
        self, search: MetafieldSearch, *, descending: bool, limit: int, offset: int = 0, after: int | None = None
    ) -> list[Metafield]:
        direction = -1 if descending else 1
        rows = await self._driver.all(
            "metafield_page",
            direction=direction,
            after=FIRST_OF_ALL if after is None else after * direction,
            limit=limit,
            offset=offset,
            **_search_values(self._store_hash, search),
        )
        return [_metafield(body_of(row)) for row in rows]

    async def count(self, search: MetafieldSearch) -> int:
        row = await self._driver.one("metafield_count", **_search_values(self._store_hash, search))
        return number_of(row, "field_count") if row else 0

    async def get(self, metafield_id: int) -> Metafield | None:
        row = await self._driver.one("metafield_get", store_hash=self._store_hash, metafield_id=metafield_id)
        return _metafield(body_of(row)) if row else None

    async def is_cart_known(self, cart_id: str) -> bool:
        row = await self._driver.one("metafield_cart", store_hash=self._store_hash, checkout_id=cart_id)
        return row is not None and row["known_count"] != 0

    async def write(self, changes: Sequence[Change], at: datetime) -> bool:
        async def work(transaction: Driver) -> None:
            growing = _growing_carts(changes)
            await self._hold(transaction, growing)
            for change in sorted(changes, key=lambda change: change.subject.id):
                await self._remove(transaction, change.before)
            for number, change in enumerate(changes):
                await self._insert(transaction, change.after, number)
            await self._check_room(transaction, growing)
            for change in changes:
                await put_events(transaction, self._store_hash, change.subject.cart_id, [change.event()], at)

        try:
            await self._driver.transaction(work)
        except LostRace:
            return False
        return True

    async def _hold(self, transaction: Driver, growing: Mapping[str, int]) -> None:
        """Nobody deletes a cart while it gets a new field, and its fields are counted one request after the other."""
        for cart_id, number in growing.items():
            if not await transaction.run("checkout_hold", store_hash=self._store_hash, checkout_id=cart_id):
                raise NotFound(f"There is no cart {cart_id}.", code="cart_not_found", details={"number": number})

    async def _remove(self, transaction: Driver, field: Metafield | None) -> None:
        if field is not None and not await transaction.run(
            "metafield_delete",
            store_hash=self._store_hash,
            metafield_id=field.id,
            modified_at=micros(field.modified_at),
        ):
            raise LostRace

    async def _insert(self, transaction: Driver, field: Metafield | None, number: int) -> None:
        if field is not None and not await transaction.run(
            "metafield_insert",
            store_hash=self._store_hash,
            metafield_id=field.id,
            checkout_id=field.cart_id,
            owner=field.owner,
            namespace=field.namespace,
            field_key=field.key,
            permission_set=field.permission_set,
            created_at=micros(field.created_at),
            modified_at=micros(field.modified_at),
            body=encode(field),
        ):
            raise Taken(
                f"Cart {field.cart_id} has a metafield {field.key} in the namespace {field.namespace} already.",
                details={"number": number},
            )

    async def _check_room(self, transaction: Driver, growing: Mapping[str, int]) -> None:
        for cart_id, number in growing.items():
            row = await transaction.one("metafield_count_of_cart", store_hash=self._store_hash, checkout_id=cart_id)
            if row is not None and number_of(row, "field_count") > MOST_PER_CART:
                raise Refused(
                    f"A cart may have at most {MOST_PER_CART} metafields.",
                    code="too_many_metafields",
                    details={"number": number},
                )


def _growing_carts(changes: Sequence[Change]) -> dict[str, int]:
    """Carts that get new fields, in a fixed order, each with the number of its last one."""
    last = {change.subject.cart_id: number for number, change in enumerate(changes) if change.before is None}
    return dict(sorted(last.items()))


# ---------------------------------------------------------------------------------------------------- shop files
