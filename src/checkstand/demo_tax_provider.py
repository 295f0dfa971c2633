"""A small tax provider to try things with: `python -m checkstand.demo_tax_provider --port 9000 --rate US-TX=8.25 --rate US=4`.

It answers `/estimate`, `/commit`, `/adjust` and `/void` as published, with one rate for each place goods go to, and keeps what was
committed in its memory. On request it is slow, fails, or asks for a certain sum: `POST /control` with `delay` (seconds), `status`
(instead of 200), `total` (the whole tax of the next quotes) or `rates`. `GET /quotes` lists what was committed. For no real shop.
"""

import argparse
import asyncio
import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from checkstand.demo_server import DemoServer

FREE_CLASS = "1"
PLACES = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "OMR": 3}
DEFAULT_RATES = {"US": "4", "US-TX": "8.25", "AU": "10"}


@dataclass
class DemoTaxProvider(DemoServer):
    """`rates`: per cent by country, or by country and region (`US-TX`). `calls`: what was asked, as (path, store, document)."""

    rates: dict[str, Decimal] = field(default_factory=lambda: as_rates(DEFAULT_RATES))
    credentials: tuple[str, str] | None = None
    delay: float = 0
    status: int = 200
    total: Decimal | None = None
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    committed: dict[str, Any] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------ what it answers

    def answer(self, path: str, query: Mapping[str, list[str]], body: Any) -> tuple[int, Any]:
        """Status and body. `body` as decoded."""
        if path == "/estimate":
            return 200, self.quote(body)
        if path == "/commit":
            self.committed[body["id"]] = body
            return 200, self.quote(body)
        quote_id = query.get("id", [""])[0]
        if path in ("/adjust", "/void") and quote_id not in self.committed:
            return 400, {"error": f"there is no quote {quote_id}"}
        if path == "/adjust":
            self.committed[quote_id] = body
            return 200, self.quote(body)
        if path == "/void":
            del self.committed[quote_id]
            return 200, None
        return 404, {"error": f"there is nothing at {path}"}

    def quote(self, request: Any) -> Any:
        places = PLACES.get(request["currency_code"], 2)
        documents = [self._document(document, places) for document in request["documents"]]
        if self.total is not None:
            prices = [price for document in documents for price in _prices(document)]
            is_inclusive = request["documents"][0]["shipping"]["price"]["tax_inclusive"]
            _spread(self.total, prices, places, is_inclusive=is_inclusive)
        return {"id": request["id"], "documents": documents}

    def _document(self, document: Any, places: int) -> Any:
        place = document["destination_address"]
        region = f"{place['country_code']}-{place['region_code']}"
        name = region if region in self.rates else place["country_code"]
        rate = self.rates.get(name, Decimal(0)) / 100

        def quoted(item: Any) -> Any:
            shown = {"id": item["id"], "type": item["type"], "price": _price(item, rate, f"{name} Tax", places)}
            if item.get("wrapping"):
                shown["wrapping"] = quoted(item["wrapping"])
            return shown

        return {
            "id": document["id"],
            "items": [quoted(item) for item in document["items"]],
            "shipping": quoted(document["shipping"]),
            "handling": quoted(document["handling"]),
        }

    # ------------------------------------------------------------------------------------------------ over HTTP

    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        url = urlsplit(target)
        if method == "GET" and url.path == "/quotes":
            return 200, self.committed
        if url.path == "/control":
            self._control(body)
            return 200, {}
        self.calls.append((url.path, headers.get("x-bc-store-hash", ""), body))
        await asyncio.sleep(self.delay)
        if self.credentials and headers.get("authorization") != _basic(*self.credentials):
            return 401, {"error": "unknown credentials"}
        if self.status != 200:
            return self.status, {"error": "as asked"}
        return self.answer(url.path, parse_qs(url.query), body)

    def _control(self, wanted: Any) -> None:
        self.delay = float(wanted.get("delay", self.delay))
        self.status = int(wanted.get("status", self.status))
        if "total" in wanted:
            self.total = None if wanted["total"] is None else Decimal(wanted["total"])
        if "rates" in wanted:
            self.rates = as_rates(wanted["rates"])


def as_rates(given: Mapping[str, object]) -> dict[str, Decimal]:
    return {place: Decimal(str(rate)) for place, rate in given.items()}


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _price(item: Any, rate: Decimal, name: str, places: int) -> Any:
    amount = Decimal(item["price"]["amount"])
    if item["tax_exempt"] or item["tax_class"]["class_id"] == FREE_CLASS:
        rate = Decimal(0)
    is_inclusive = item["price"]["tax_inclusive"]
    tax = _rounded(amount - amount / (1 + rate) if is_inclusive else amount * rate, places)
    return _taxed(amount, tax, rate, name, is_inclusive=is_inclusive)


def _taxed(amount: Decimal, tax: Decimal, rate: Decimal, name: str, *, is_inclusive: bool) -> Any:
    return {
        "amount_inclusive": amount if is_inclusive else amount + tax,
        "amount_exclusive": amount - tax if is_inclusive else amount,
        "total_tax": tax,
        "tax_rate": rate,
        "sales_tax_summary": [{"name": name, "rate": rate, "amount": tax, "id": name}] if rate or tax else [],
    }


def _prices(document: Any) -> Iterable[Any]:
    for item in (*document["items"], document["shipping"], document["handling"]):
        yield item["price"]
        if "wrapping" in item:
            yield item["wrapping"]["price"]


def _spread(total: Decimal, prices: list[Any], places: int, *, is_inclusive: bool) -> None:
    """The tax of all prices together becomes the total: in proportion to what was taxed, the last one takes the rest."""
    taxed = [price for price in prices if price["total_tax"]]
    amounts = [price["amount_inclusive" if is_inclusive else "amount_exclusive"] for price in taxed]
    left = total
    for number, (price, amount) in enumerate(zip(taxed, amounts, strict=True), 1):
        tax = left if number == len(taxed) else _rounded(total * amount / sum(amounts), places)
        left -= tax
        name = price["sales_tax_summary"][0]["name"]
        price.update(_taxed(amount, tax, price["tax_rate"], name, is_inclusive=is_inclusive))


def _rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def main() -> None:
    parser = argparse.ArgumentParser(description="A tax provider to try things with.")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--rate", action="append", metavar="PLACE=PERCENT", help="such as US-TX=8.25; again for more")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--status", type=int, default=200, help="what every call is answered with")
    parser.add_argument("--user", metavar="NAME:PASSWORD", help="who may ask; anybody, if it is not given")
    given = parser.parse_args()
    rates = dict(entry.split("=", 1) for entry in given.rate) if given.rate else DEFAULT_RATES
    name, _, password = (given.user or "").partition(":")
    provider = DemoTaxProvider(
        as_rates(rates),
        credentials=(name, password) if given.user else None,
        delay=given.delay,
        status=given.status,
    )
    provider.run(given.host, given.port)


if __name__ == "__main__":
    main()
