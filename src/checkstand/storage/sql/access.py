"""Tokens, sessions and passes. What a client holds is kept as a hash only."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from checkstand.storage.port import App, Caller, Driver, Session, Value
from checkstand.storage.sql.rows import body_of, fingerprint, micros, number_of, text_of, time_of


@lru_cache(maxsize=1024)
def _scopes(text: str) -> frozenset[str]:
    return frozenset(text.split())


class SqlAccess:
    def __init__(
        self,
        driver: Driver,
        store_hash: str,
        at_revision: Callable[[int], None],
        read_along: Callable[[str, bytes], None],
    ) -> None:
        """`at_revision` is told the store's revision, which is read along with a token or a session, `read_along` a checkout."""
        self._driver, self._store_hash = driver, store_hash
        self._at_revision, self._read_along = at_revision, read_along

    async def caller(self, token: str, checkout_id: str = "") -> Caller | None:
        token_hash = fingerprint(token)
        if checkout_id:
            row = await self._driver.one(
                "token_find_with_checkout",
                store_hash=self._store_hash,
                token_hash=token_hash,
                checkout_id=checkout_id,
            )
            if row is not None and row["body"] is not None:
                self._read_along(checkout_id, body_of(row))
        else:
            row = await self._driver.one("token_find", store_hash=self._store_hash, token_hash=token_hash)
        if row is None:
            return None
        self._at_revision(number_of(row, "revision"))
        return Caller(text_of(row, "name"), _scopes(text_of(row, "scopes"))) if row["scopes"] is not None else None

    async def add_token(self, token: str, name: str, scopes: Sequence[str], now: datetime) -> None:
        await self.add_hashed_token(fingerprint(token), name, scopes, now)

    async def add_hashed_token(self, token_hash: str, name: str, scopes: Sequence[str], now: datetime) -> None:
        await self._driver.run(
            "token_insert",
            store_hash=self._store_hash,
            token_hash=token_hash,
            name=name,
            scopes=" ".join(scopes),
            created_at=micros(now),
        )

    async def tokens(self) -> list[tuple[str, Caller]]:
        """Hash and bearer of every token, for a dump."""
        rows = await self._driver.all("token_all", store_hash=self._store_hash)
        return [
            (text_of(row, "token_hash"), Caller(text_of(row, "name"), _scopes(text_of(row, "scopes")))) for row in rows
        ]

    async def session(self, session_id: str, now: datetime) -> Session | None:
        row = await self._driver.one(
            "session_find", store_hash=self._store_hash, session_hash=fingerprint(session_id), now=micros(now)
        )
        if row is None:
            return None
        self._at_revision(number_of(row, "revision"))
        if row["expires_at"] is None:
            return None
        return Session(
            checkout_id=text_of(row, "checkout_id"),
            customer_id=number_of(row, "customer_id"),
            order_id=number_of(row, "order_id"),
            expires_at=time_of(row, "expires_at"),
        )

    async def put_session(self, session_id: str, session: Session, expires_at: datetime) -> None:
        await self._driver.run(
            "session_put" if session.expires_at is None else "session_update",
            store_hash=self._store_hash,
            session_hash=fingerprint(session_id),
            checkout_id="" if session.customer_id else session.checkout_id,
            customer_id=session.customer_id,
            order_id=session.order_id,
            expires_at=micros(expires_at),
        )

    async def end_session(self, session_id: str, now: datetime) -> None:
        key: dict[str, Value] = {"store_hash": self._store_hash, "session_hash": fingerprint(session_id)}
        await self._driver.run("session_delete", **key, now=micros(now))

    async def app(self, client_id: str) -> App | None:
        row = await self._driver.one("app_get", store_hash=self._store_hash, client_id=client_id)
        return App(client_id=client_id, secret=text_of(row, "secret")) if row else None

    async def apps(self) -> list[App]:
        """Without their secrets, for a dump."""
        rows = await self._driver.all("app_all", store_hash=self._store_hash)
        return [App(client_id=text_of(row, "client_id")) for row in rows]

    async def add_pass_once(self, token: str, kind: str, now: datetime, expires_at: datetime) -> bool:
        key: dict[str, Value] = {"store_hash": self._store_hash, "kind": kind}
        await self._driver.run("pass_forget", **key, before=micros(now))
        added = await self._driver.run(
            "pass_insert_once", **key, pass_hash=fingerprint(token), expires_at=micros(expires_at)
        )
        return added == 1

    async def add_pass(self, token: str, kind: str, checkout_id: str, uses: int, expires_at: datetime) -> None:
        await self._driver.run(
            "pass_insert",
            store_hash=self._store_hash,
            pass_hash=fingerprint(token),
            kind=kind,
            checkout_id=checkout_id,
            uses_left=uses,
            expires_at=micros(expires_at),
        )

    async def is_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        return await self._driver.one("pass_find", **self._pass(token, kind, checkout_id, now)) is not None

    async def use_pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> bool:
        return await self._driver.run("pass_use", **self._pass(token, kind, checkout_id, now)) == 1

    def _pass(self, token: str, kind: str, checkout_id: str, now: datetime) -> dict[str, Value]:
        return {
            "store_hash": self._store_hash,
            "pass_hash": fingerprint(token),
            "kind": kind,
            "checkout_id": checkout_id,
            "now": micros(now),
        }

    async def revoke(self, token: str, expires_at: datetime) -> None:
        await self._driver.run(
            "revoked_insert", store_hash=self._store_hash, token_hash=fingerprint(token), expires_at=micros(expires_at)
        )

    async def is_revoked(self, token: str) -> bool:
        return (
            await self._driver.one("revoked_find", store_hash=self._store_hash, token_hash=fingerprint(token))
            is not None
        )
