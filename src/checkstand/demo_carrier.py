"""A small carrier to try things with: `python -m checkstand.demo_carrier --port 9001 --rate GND=5 --rate AIR=20`.

It answers whatever path it is asked at with its rates: each a sum for the parcel, and `per_kilogram` more for its weight. On
request it is slow or fails: `POST /control` with `rates`, `per_kilogram`, `currency`, `delay` (seconds), `status` (instead of 200),
`ttl`, or `fault`: what to answer in the place of rates. `GET /calls` lists what it was asked. A path that ends in `check` is
asked whether a store may be connected: with the `account` it knows, or with any. For no real shop.
"""

import argparse
import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MOST_BYTES = 4 * 1024 * 1024
MOST_CALLS = 1000
DEFAULT_RATES = {"GND": "5", "AIR": "20"}
NAMES = {"GND": "Ground", "AIR": "Air"}
DAYS = {"GND": 5, "AIR": 1}
GRAMS = {"oz": Decimal("28.349523125"), "g": Decimal(1)}
REASONS = {200: "OK", 302: "Found", 500: "Internal Server Error"}
FAULTS: Mapping[str, bytes] = {
    "no_json": b"<html>Sorry</html>",
    "empty": b"",
    "wrong_types": b'{"quote_id": 1, "messages": "none", "carrier_quotes": {}}',
    "huge": b'{"quote_id": "' + b"x" * 10_000_000 + b'", "messages": [], "carrier_quotes": []}',
    "deep": b'{"quote_id": "1", "messages": [], "carrier_quotes": ' + b"[" * 50_000,
}


@dataclass
class DemoCarrier:
    """`rates`: what each service costs, by its code. `calls`: the questions."""

    rates: dict[str, Decimal] = field(default_factory=lambda: as_rates(DEFAULT_RATES))
    per_kilogram: Decimal = Decimal(0)
    currency: str | None = None
    delay: float = 0
    status: int = 200
    ttl: int | None = None
    fault: str = ""
    account: str = ""
    message: str = ""
    calls: list[Any] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    def quotes(self, request: Any) -> Any:
        items = request["base_options"]["items"]
        currency = self.currency or (items[0]["declared_value"]["currency"] if items else "USD")
        return {
            "quote_id": f"demo-{len(self.calls)}",
            "messages": [{"text": self.message, "type": "WARNING"}] if self.message else [],
            "carrier_quotes": [{"quotes": [self._quote(code, items, currency) for code in self.rates]}],
            **({} if self.ttl is None else {"ttl": self.ttl}),
        }

    def checked(self, request: Any) -> Any:
        account = request["connection_options"].get("account")
        if self.account in ("", account):
            return {"valid": True, "messages": []}
        return {"valid": False, "messages": [{"text": f"There is no account {account}.", "type": "ERROR"}]}

    def _quote(self, code: str, items: list[Any], currency: str) -> Any:
        grams = sum(
            GRAMS[item["weight"]["units"]] * Decimal(item["weight"]["value"]) * item["quantity"] for item in items
        )
        cost = self.rates[code] + (self.per_kilogram * grams / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return {
            "code": code,
            "display_name": NAMES.get(code, code),
            "cost": {"currency": currency, "amount": cost},
            "transit_time": {"units": "BUSINESS_DAYS", "duration": DAYS.get(code, 3)},
            "description": f"By {NAMES.get(code, code).lower()}",
        }

    # ------------------------------------------------------------------------------------------------ over HTTP

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._ending.set()
        if self._server:
            self._server.close()

    async def forever(self) -> None:
        assert self._server is not None
        await self._server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            method, path, _ = head[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-1])}
            length = min(int(headers.get("content-length", "0")), MOST_BYTES)
            status, content = await self._handle(method, path, await reader.readexactly(length))
            start = f"HTTP/1.1 {status} {REASONS.get(status, 'As asked')}\r\nContent-Type: application/json\r\n"
            moved = f"Location: http://127.0.0.1:{self.port}/rate\r\n" if status == 302 else ""
            writer.write(
                f"{start}{moved}Content-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content
            )
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller went away
        finally:
            writer.close()

    async def _handle(self, method: str, path: str, raw: bytes) -> tuple[int, bytes]:
        if method == "GET" and path == "/calls":
            return 200, json.dumps(self.calls, default=float).encode()
        if method == "GET":
            return (200, b"{}") if path == "/health" else (404, b"{}")
        body = json.loads(raw, parse_float=Decimal) if raw else None
        if path == "/control":
            self._control(body)
            return 200, b"{}"
        self.calls = [*self.calls[-MOST_CALLS + 1 :], body]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), self.delay)
        if self.status != 200:
            return self.status, b'{"error": "as asked"}'
        if self.fault:
            return 200, FAULTS[self.fault]
        if path.endswith("check"):
            return 200, json.dumps(self.checked(body), default=float).encode()
        return 200, json.dumps(self.quotes(body), default=float).encode()

    def _control(self, wanted: Any) -> None:
        if "rates" in wanted:
            self.rates = as_rates(wanted["rates"])
        self.per_kilogram = Decimal(wanted.get("per_kilogram", self.per_kilogram))
        self.currency = wanted.get("currency", self.currency)
        self.delay = float(wanted.get("delay", self.delay))
        self.status = int(wanted.get("status", self.status))
        self.ttl = wanted.get("ttl", self.ttl)
        self.account = wanted.get("account", self.account)
        self.message = wanted.get("message", self.message)
        fault = wanted.get("fault", self.fault) or ""
        self.fault = fault if fault in FAULTS else ""


def as_rates(given: Mapping[str, object]) -> dict[str, Decimal]:
    return {code: Decimal(str(cost)) for code, cost in given.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="A carrier to try things with.")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--rate", action="append", metavar="CODE=COST", help="such as GND=5; again for more")
    parser.add_argument("--per-kilogram", type=Decimal, default=Decimal(0), metavar="COST")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--status", type=int, default=200, help="what every call is answered with")
    parser.add_argument("--account", default="", help="the only one it may be connected with")
    parser.add_argument("--ttl", type=int, metavar="SECONDS", help="how long its quotes are good for")
    parser.add_argument("--fault", choices=sorted(FAULTS), default="", help="what to answer in the place of rates")
    given = parser.parse_args()
    carrier = DemoCarrier(
        as_rates(dict(entry.split("=", 1) for entry in given.rate) if given.rate else DEFAULT_RATES),
        per_kilogram=given.per_kilogram,
        delay=given.delay,
        status=given.status,
        ttl=given.ttl,
        fault=given.fault,
        account=given.account,
    )

    async def run() -> None:
        await carrier.start(given.host, given.port)
        print(f"http://{given.host}:{carrier.port}", flush=True)  # noqa: T201
        await carrier.forever()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())


if __name__ == "__main__":
    main()
