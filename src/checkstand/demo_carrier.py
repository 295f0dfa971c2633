"""A small carrier to try things with: `python -m checkstand.demo_carrier --port 9001 --rate GND=5 --rate AIR=20`.

It answers whatever path it is asked at with its rates: each a sum for the parcel, and `per_kilogram` more for its weight. On
request it is slow or fails: `POST /control` with `rates`, `per_kilogram`, `currency`, `delay` (seconds), `status` (instead of 200),
`ttl`, or `fault`: what to answer in the place of rates. `GET /calls` lists what it was asked. A path that ends in `check` is
asked whether a store may be connected: with the `account` it knows, or with any. For no real shop.
"""

import argparse
import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from checkstand.demo_server import DemoServer

MOST_CALLS = 1000
DEFAULT_RATES = {"GND": "5", "AIR": "20"}
NAMES = {"GND": "Ground", "AIR": "Air"}
DAYS = {"GND": 5, "AIR": 1}
GRAMS = {"oz": Decimal("28.349523125"), "g": Decimal(1)}
FAULTS: Mapping[str, bytes] = {
    "no_json": b"<html>Sorry</html>",
    "empty": b"",
    "wrong_types": b'{"quote_id": 1, "messages": "none", "carrier_quotes": {}}',
    "huge": b'{"quote_id": "' + b"x" * 10_000_000 + b'", "messages": [], "carrier_quotes": []}',
    "deep": b'{"quote_id": "1", "messages": [], "carrier_quotes": ' + b"[" * 50_000,
}


@dataclass
class DemoCarrier(DemoServer):
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

    async def stop(self) -> None:
        self._ending.set()
        await super().stop()

    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if method == "GET" and target == "/calls":
            return 200, self.calls
        if method == "GET":
            return (200, {}) if target == "/health" else (404, {})
        if target == "/control":
            self._control(body)
            return 200, {}
        self.calls = [*self.calls[-MOST_CALLS + 1 :], body]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), self.delay)
        if self.status != 200:
            return self.status, {"error": "as asked"}
        if self.fault:
            return 200, FAULTS[self.fault]
        return 200, self.checked(body) if target.endswith("check") else self.quotes(body)

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
    carrier.run(given.host, given.port)


if __name__ == "__main__":
    main()
