"""Torture: 20 clients write whatever comes to their minds to 5 shared checkouts, shoppers order what is scarce, and all the
while processes are killed and connections cut. Afterwards:

* every acknowledged write is in the stored state, in an order that a serial replay of all writes confirms (`history`),
* no order is doubled, every acknowledged one is there, and shows the lines its version had,
* what was sold is what the stock lacks, no answer had totals that do not add up, and nobody was shown a raw error.

`CHECKSTAND_TORTURE_SECONDS` makes it shorter.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import httpx
import psutil

from tests import database
from tests.process import history
from tests.process.history import Line, Replay, Sent, State, Write
from tests.process.shoppers import Browser, a_product, good, place_order, ready_cart, stock_of
from tests.recording import AUSTIN, NEW_YORK
from tests.server import RunningServer

SECONDS = float(os.environ.get("CHECKSTAND_TORTURE_SECONDS", "60"))
CLIENTS, SHOPPERS, CHECKOUTS, WORKERS = 20, 2, 5, 4
SCARCE_UNITS = 40
GOODS = {364: 184, 365: 184, 341: 170, 376: 158, 345: 174}
"""Variant -> product, of what the clients put into carts; each cart has one digital journal from the start, which stays."""
JOURNAL = {"product_id": 189, "quantity": 1}
ADDRESSES = {"TX": AUSTIN, "NY": NEW_YORK}


@dataclass
class Storm:
    """What the clients did and saw, by checkout."""

    server: RunningServer
    kind: str
    client: httpx.AsyncClient
    until: float
    options: dict[str, str] = field(default_factory=dict)
    checkouts: list[str] = field(default_factory=list)
    first: dict[str, State] = field(default_factory=dict)
    latest: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    writes: dict[str, dict[int, Sent]] = field(default_factory=dict)
    unknown: dict[str, list[Sent]] = field(default_factory=dict)
    orders: dict[int, str] = field(default_factory=dict)
    sold: dict[int, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    kills: int = 0
    cut: int = 0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


# ---------------------------------------------------------------------------------------------------- one client


async def client(storm: Storm, number: int) -> None:
    """Each has a connection of its own, so that they are spread over the workers."""
    chance = random.Random(number)
    async with storm.server.client() as http:
        await write_on_and_on(replace(storm, client=http), chance)


async def write_on_and_on(storm: Storm, chance: random.Random) -> None:
    while not storm.is_over:
        checkout_id = chance.choice(storm.checkouts)
        with suppress(httpx.ConnectError):  # then nothing was asked: there is no server at the moment
            if chance.random() < 0.2 or checkout_id not in storm.latest:
                await look(storm, checkout_id)
            elif is_ready(storm.latest[checkout_id]) and chance.random() < 0.5:
                await order(storm, checkout_id)
            else:
                await write_something(storm, checkout_id, chance)


async def write_something(storm: Storm, checkout_id: str, chance: random.Random) -> None:
    """Half of the time what brings the checkout nearer to an order; now and then only if nobody else was faster."""
    checkout = storm.latest[checkout_id]
    write, method, path, body = (tidied if chance.random() < 0.5 else anything)(checkout, chance, storm.options)
    if chance.random() < 0.25:
        version = {"version": checkout["version"]}
        body = [body[0] | version] if isinstance(body, list) else {**(body or {}), **version}
    await send(storm, checkout_id, write, method, path, body)


async def look(storm: Storm, checkout_id: str) -> None:
    answer = await ask(storm, "GET", f"/checkouts/{checkout_id}")
    if answer is not None and answer.status_code == 200:
        shown = answer.json()["data"]
        storm.seen[checkout_id].setdefault(shown["version"], []).append(shown)
        note(storm, checkout_id, shown)


async def send(storm: Storm, checkout_id: str, write: Write, method: str, path: str, body: Any) -> None:
    sent = Sent(write, time.monotonic())
    answer = await ask(storm, method, path, body)
    sent.ended_at = time.monotonic()
    if answer is None or (answer.status_code == 503 and "may or may not" in answer.text):
        storm.unknown[checkout_id].append(sent)
        await asyncio.sleep(0.05)
    elif answer.is_success:
        shown = answer.json()["data"]
        sent.shown = shown
        sent.version = shown["version"] if "version" in shown else shown["cart"]["version"]
        expected = (body[0] if isinstance(body, list) else body or {}).get("version")
        if sent.version in storm.writes[checkout_id]:
            storm.wrong.append(f"version {sent.version} was given to two writes")
        if expected is not None and sent.version != expected + 1:
            storm.wrong.append(f"a write that expected version {expected} made {sent.version}")
        storm.writes[checkout_id][sent.version] = sent
        if "cart" in shown:
            note(storm, checkout_id, shown)


async def order(storm: Storm, checkout_id: str) -> None:
    answer = await ask(storm, "POST", f"/checkouts/{checkout_id}/orders")
    if answer is not None and answer.status_code == 200:
        storm.orders[answer.json()["data"]["id"]] = checkout_id


async def ask(storm: Storm, method: str, path: str, body: Any = None) -> httpx.Response | None:
    """The answer; None when there was none, as when the process died that was to give it. Raises `ConnectError`."""
    try:
        answer = await storm.client.request(method, path, json=body)
    except httpx.TransportError as error:
        await asyncio.sleep(0.05)
        if isinstance(error, httpx.ConnectError):
            raise
        return None
    storm.statuses[answer.status_code] += 1
    if answer.status_code not in (200, 201, 404, 409, 422, 503):
        storm.wrong.append(f"{method} {path}: {answer.status_code} {answer.text}")
    if answer.status_code == 503 and ("retry-after" not in answer.headers or "Too many requests" in answer.text):
        storm.wrong.append(f"{method} {path}: {answer.text}")
    return answer


def note(storm: Storm, checkout_id: str, checkout: Any) -> None:
    """A whole checkout was shown: its totals must add up; the newest one is what clients go by."""
    sums = totals_that_differ(checkout)
    if sums:
        storm.wrong.append(f"version {checkout['version']} of {checkout_id}: {sums}")
    if checkout["version"] >= storm.latest.get(checkout_id, {"version": 0})["version"]:
        storm.latest[checkout_id] = checkout


def totals_that_differ(checkout: Any) -> list[str]:
    """BEHAVIOUR 11.1, in cents."""
    cents = {key: round(value * 100) for key, value in checkout.items() if isinstance(value, int | float)}
    amounts = {key: round(value * 100) for key, value in checkout["cart"].items() if key.startswith("cart_amount")}
    shown = {**cents, **amounts}
    sums = {
        "grand total with taxes": (
            shown["grand_total"],
            shown["cart_amount_inc_tax"] + shown["shipping_cost_total_inc_tax"] + shown["handling_cost_total_inc_tax"],
        ),
        "grand total from net amounts": (
            shown["grand_total"],
            shown["cart_amount_ex_tax"]
            + shown["shipping_cost_total_ex_tax"]
            + shown["handling_cost_total_ex_tax"]
            + shown["tax_total"],
        ),
        "shipping": (
            shown["shipping_cost_total_ex_tax"],
            sum(round(consignment["shipping_cost_ex_tax"] * 100) for consignment in checkout["consignments"]),
        ),
        "taxes": (shown["tax_total"], sum(round(tax["amount"] * 100) for tax in checkout["taxes"])),
        "subtotal": (
            shown["subtotal_ex_tax"],
            sum(
                round(line["extended_sale_price"] * 100)
                for kind in ("physical_items", "digital_items")
                for line in checkout["cart"]["line_items"][kind]
            ),
        ),
    }
    return [f"{name}: {is_} is not {should}" for name, (is_, should) in sums.items() if is_ != should]


# ---------------------------------------------------------------------------------------------------- what to write

Request = tuple[Write, str, str, Any]


def is_ready(checkout: Any) -> bool:
    return bool(checkout["billing_address"]) and not loose_lines(checkout) and not undecided(checkout)


def loose_lines(checkout: Any) -> list[Any]:
    held = {line_id for consignment in checkout["consignments"] for line_id in consignment["line_item_ids"]}
    return [item for item in checkout["cart"]["line_items"]["physical_items"] if item["id"] not in held]


def undecided(checkout: Any) -> list[Any]:
    return [
        consignment
        for consignment in checkout["consignments"]
        if not consignment.get("selected_shipping_option") and "selected_pickup_option" not in consignment
    ]


def tidied(checkout: Any, chance: random.Random, options: Mapping[str, str]) -> Request:
    """The next step towards an order."""
    if not checkout["billing_address"]:
        return bill(checkout, chance)
    if loose := loose_lines(checkout):
        return consign(checkout, chance, [(item, item["quantity"]) for item in loose])
    if open_ := undecided(checkout):
        return choose(checkout, chance, options, chance.choice(open_))
    return anything(checkout, chance, options)


def anything(checkout: Any, chance: random.Random, options: Mapping[str, str]) -> Request:
    items, consignments = checkout["cart"]["line_items"]["physical_items"], checkout["consignments"]
    item = chance.choice(items) if items else None
    consignment = chance.choice(consignments) if consignments else None
    kinds: list[Callable[[], Request]] = [
        lambda: add(checkout, chance),
        lambda: bill(checkout, chance),
        lambda: tell(checkout, chance),
        lambda: assign(checkout, chance),
    ]
    if items:
        kinds += [
            lambda: set_quantity(checkout, item, chance.randint(1, 9)),
            lambda: set_quantity(checkout, item, chance.randint(1, 9)),
            lambda: remove(checkout, item),
        ]
    if items and len(consignments) < 5:
        kinds.append(lambda: consign(checkout, chance, some_units(items, chance)))
    if consignments:
        kinds += [
            lambda: choose(checkout, chance, options, consignment),
            lambda: choose(checkout, chance, options, consignment),
            lambda: pick_up(checkout, chance, consignment),
            lambda: readdress(checkout, chance, consignment),
            lambda: refill(checkout, chance, consignment, some_units(items, chance)),
            lambda: release(checkout, consignment),
        ]
    return chance.choice(kinds)()


Units = list[tuple[Any, int]]


def some_units(items: list[Any], chance: random.Random) -> Units:
    """Of one or two lines of different goods, some or all units."""
    chosen = {item["variant_id"]: item for item in chance.sample(items, min(len(items), chance.randint(1, 2)))}
    return [(item, chance.randint(1, item["quantity"])) for item in chosen.values()]


def told(units: Units) -> tuple[tuple[Line, int], ...]:
    return tuple((Line(item["id"], item["variant_id"]), quantity) for item, quantity in units)


def sent(units: Units) -> list[dict[str, Any]]:
    return [{"item_id": item["id"], "quantity": quantity} for item, quantity in units]


def an_address(chance: random.Random) -> tuple[str, str, dict[str, Any]]:
    state, street = chance.choice(list(ADDRESSES)), f"{chance.randrange(10**6)} Main Street"
    return street, state, ADDRESSES[state] | {"address1": street}


def add(checkout: Any, chance: random.Random) -> Request:
    goods, units = chance.choice(list(GOODS)), chance.randint(1, 3)
    new = {"product_id": GOODS[goods], "variant_id": goods, "quantity": units}
    return history.Add(goods, units), "POST", f"/carts/{checkout['id']}/items", {"line_items": [new]}


def tell(checkout: Any, chance: random.Random) -> Request:
    message = f"note {chance.randrange(10**9)}"
    return history.Tell(message), "PUT", f"/checkouts/{checkout['id']}", {"customer_message": message}


def assign(checkout: Any, chance: random.Random) -> Request:
    customer = chance.choice(list(history.CUSTOMERS))
    return history.Assign(customer), "PUT", f"/carts/{checkout['id']}", {"customer_id": customer}


def release(checkout: Any, consignment: Any) -> Request:
    path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
    return history.Release(consignment["id"]), "DELETE", path, None


def bill(checkout: Any, chance: random.Random) -> Request:
    street, _, address = an_address(chance)
    email = f"{chance.randrange(10**6)}@example.com"
    path = f"/checkouts/{checkout['id']}/billing-address"
    return history.Bill(street, email), "POST", path, address | {"email": email}


def set_quantity(checkout: Any, item: Any, units: int) -> Request:
    body = {"line_item": {"product_id": item["product_id"], "quantity": units}}
    path = f"/carts/{checkout['id']}/items/{item['id']}"
    return history.SetQuantity(Line(item["id"], item["variant_id"]), units), "PUT", path, body


def remove(checkout: Any, item: Any) -> Request:
    path = f"/carts/{checkout['id']}/items/{item['id']}"
    return history.SetQuantity(Line(item["id"], item["variant_id"]), 0), "DELETE", path, None


def consign(checkout: Any, chance: random.Random, units: Units) -> Request:
    street, state, address = an_address(chance)
    path = f"/checkouts/{checkout['id']}/consignments"
    return (
        history.Consign(street, state, told(units)),
        "POST",
        path,
        [{"address": address, "line_items": sent(units)}],
    )


def readdress(checkout: Any, chance: random.Random, consignment: Any) -> Request:
    street, state, address = an_address(chance)
    path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
    return history.Readdress(consignment["id"], street, state), "PUT", path, {"address": address}


def refill(checkout: Any, chance: random.Random, consignment: Any, units: Units) -> Request:
    street, state, address = an_address(chance)
    path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
    write = history.Refill(consignment["id"], street, state, told(units))
    return write, "PUT", path, {"address": address, "line_items": sent(units)}


def choose(checkout: Any, chance: random.Random, options: Mapping[str, str], consignment: Any) -> Request:
    state = consignment["address"]["state_or_province_code"]
    option = chance.choice([option for option, offered_in in options.items() if offered_in == state])
    path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
    return history.Choose(consignment["id"], option), "PUT", path, {"shipping_option_id": option}


def pick_up(checkout: Any, chance: random.Random, consignment: Any) -> Request:
    method = chance.randint(1, 2)
    path = f"/checkouts/{checkout['id']}/consignments/{consignment['id']}"
    body = {"pickup_option": {"pickup_method_id": method}}
    return history.Choose(consignment["id"], method), "PUT", path, body


# ---------------------------------------------------------------------------------------------------- shoppers


async def shopper(storm: Storm, number: int, ample: int, scarce: int) -> None:
    """Orders over and over, now and then what hardly is there; asks again until it knows what became of an order."""
    chance = random.Random(1000 + number)
    async with httpx.AsyncClient(base_url=storm.server.url, timeout=30) as visitor:
        browser = Browser(visitor)
        while not storm.is_over:
            browser.forget()
            basket = {ample: chance.randint(1, 3)} | ({scarce: 1} if chance.random() < 0.3 else {})
            with suppress(httpx.TransportError, AssertionError, KeyError):  # a server that died on the way to the order
                cart_id = await ready_cart(browser, basket)
                await order_for_sure(storm, browser, cart_id)


async def order_for_sure(storm: Storm, browser: Browser, cart_id: str) -> None:
    for _ in range(200):
        with suppress(httpx.TransportError):
            answer = await place_order(browser, cart_id)
            storm.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                storm.sold[answer.json()["data"]["order"]["orderId"]] = cart_id
                return
            if answer.status_code == 400:
                return  # sold out
            if answer.status_code != 503:
                storm.wrong.append(f"order of {cart_id}: {answer.status_code} {answer.text}")
                return
        await asyncio.sleep(0.1)
    storm.wrong.append(f"nobody could say what became of the order of {cart_id}")


# ---------------------------------------------------------------------------------------------------- the weather


async def kill_workers(storm: Storm) -> None:
    chance = random.Random(7)
    while not storm.is_over:
        await asyncio.to_thread(kill_one, storm, chance)


def kill_one(storm: Storm, chance: random.Random) -> None:
    """From a thread, and so in the middle of whatever it does, not only while a client of this test does nothing."""
    time.sleep(chance.uniform(2, 4))
    workers = psutil.Process(storm.server.process_id).children()
    if workers:
        chance.choice(workers).send_signal(signal.SIGKILL)
        storm.kills += 1


async def cut_connections(storm: Storm) -> None:
    connection = await asyncpg.connect(storm.server.database)
    cut = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = 'checkstand' AND datname = current_database() AND random() < 0.5"""
    try:
        while not storm.is_over:
            await asyncio.sleep(1)
            storm.cut += await connection.fetchval(cut)
    finally:
        await connection.close()


async def kill_server(storm: Storm) -> None:
    chance = random.Random(7)
    while not storm.is_over:
        await asyncio.to_thread(kill_and_start, storm, chance)


def kill_and_start(storm: Storm, chance: random.Random) -> None:
    time.sleep(chance.uniform(4, 6))
    storm.server.kill()
    storm.kills += 1
    storm.server.start()


# ---------------------------------------------------------------------------------------------------- afterwards


async def prepare(storm: Storm) -> tuple[int, int]:
    """Open the checkouts, find out which options there are, and put two products on the shelf, one of them scarce."""
    for state, address in ADDRESSES.items():
        cart = (await good(await storm.client.post("/carts", json={"line_items": [spoons(1)]})))["data"]
        items = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 1}]
        path = f"/checkouts/{cart['id']}/consignments?include=consignments.available_shipping_options"
        checkout = (await good(await storm.client.post(path, json=[{"address": address, "line_items": items}])))["data"]
        storm.options |= {option["id"]: state for option in checkout["consignments"][0]["available_shipping_options"]}
    for _ in range(CHECKOUTS):
        cart = (await good(await storm.client.post("/carts", json={"line_items": [JOURNAL, spoons(3)]})))["data"]
        first = State(pool={341: 3, 360: 1})
        assert history.fits(first, (await good(await storm.client.get(f"/checkouts/{cart['id']}")))["data"])
        storm.checkouts.append(cart["id"])
        storm.first[cart["id"]] = first
        storm.seen[cart["id"]], storm.writes[cart["id"]], storm.unknown[cart["id"]] = {}, {}, []
    return await a_product(storm.client, "Ample", 10, 100_000), await a_product(
        storm.client, "Scarce", 20, SCARCE_UNITS
    )


def spoons(units: int) -> dict[str, Any]:
    return {"product_id": 170, "variant_id": 341, "quantity": units}


def explained(storm: Storm, checkout_id: str, shown: Any) -> Replay:
    """A serial replay that ends in what is stored. `shown`: the checkout at the end."""
    writes, last = storm.writes[checkout_id], shown["version"]
    assert max(writes) <= last, "an acknowledged write is missing at the end"
    in_order = [writes[version] for version in sorted(writes)]
    latest_start = 0.0
    for write in in_order:  # one that had ended before another was sent comes before it
        assert write.ended_at > latest_start, f"version {write.version} was given later than it was made"
        latest_start = max(latest_start, write.sent_at)
    storm.seen[checkout_id].setdefault(last, []).append(shown)
    replay = Replay(storm.options, writes, storm.unknown[checkout_id], storm.seen[checkout_id])
    assert replay.run(storm.first[checkout_id], last)
    return replay


def stored_rows(storm: Storm, sql: str) -> list[tuple[Any, ...]]:
    if storm.kind == database.POSTGRESQL:
        return asyncio.run(database.rows(storm.server.database, sql))
    return [tuple(row) for row in apsw.Connection(storm.server.database.removeprefix("sqlite:///")).execute(sql)]


def check_orders(storm: Storm, replays: Mapping[str, Replay]) -> Counter[int]:
    """No order twice, none missing, each with the lines its version had. The units of each variant that were sold."""
    rows = stored_rows(storm, "SELECT order_id, checkout_id, checkout_version, body FROM orders")
    assert len({(checkout_id, version) for _, checkout_id, version, _ in rows}) == len(rows)
    stored = {number: checkout_id for number, checkout_id, _, _ in rows}
    assert {**storm.orders, **storm.sold}.items() <= stored.items()
    sold: Counter[int] = Counter()
    final: Counter[str] = Counter()
    for _, checkout_id, version, body in rows:
        lines = [(line["variant_id"], line["quantity"]) for line in json.loads(body)["checkout"]["lines"]]
        if checkout_id in replays:
            assert sorted(lines) in replays[checkout_id].lines_at[version]
        else:
            final[checkout_id] += 1
            for variant, units in lines:
                sold[variant] += units
    assert set(final.values()) == {1}
    return sold


def test_no_acknowledged_write_is_lost_whatever_is_killed_meanwhile(
    tmp_path: Path, stored_on: str, say: Callable[[str], None]
) -> None:
    shared = stored_on == database.POSTGRESQL
    server = RunningServer(tmp_path, *(("--demo", "--workers", str(WORKERS)) if shared else ("--demo",)))

    async def scenario() -> tuple[Storm, dict[str, Any], list[tuple[int, int]]]:
        async with server.client() as http:
            storm = Storm(server, stored_on, http, time.monotonic() + SECONDS)
            products = await prepare(storm)
            weather = [kill_workers(storm), cut_connections(storm)] if shared else [kill_server(storm)]
            clients = [client(storm, number) for number in range(CLIENTS)]
            shoppers = [shopper(storm, number, *products) for number in range(SHOPPERS)]
            await asyncio.gather(*clients, *shoppers, *weather)
            await asyncio.sleep(2)  # what was cut off may still come to its end
            at_the_end = {
                checkout_id: (await good(await http.get(f"/checkouts/{checkout_id}")))["data"]
                for checkout_id in storm.checkouts
            }
            return storm, at_the_end, [(product, await stock_of(http, product)) for product in products]

    with server:
        storm, at_the_end, stock = asyncio.run(scenario())
        lost = {checkout_id: len(sent) for checkout_id, sent in storm.unknown.items()}
        say(
            f"torture on {stored_on}: {SECONDS:.0f} s, {WORKERS if shared else 1} workers, {CLIENTS} clients, "
            f"{sum(len(writes) for writes in storm.writes.values()):,} acknowledged writes, {sum(lost.values())} unknown, "
            f"{storm.kills} kills, {storm.cut} cut connections, {len(storm.orders)} orders of shared checkouts, "
            f"{len(storm.sold)} of shoppers; answers {dict(sorted(storm.statuses.items()))}"
        )
        assert storm.wrong == []
        replays = {checkout_id: explained(storm, checkout_id, shown) for checkout_id, shown in at_the_end.items()}
        sold = check_orders(storm, replays)
        variants = dict(stored_rows(storm, "SELECT product_id, variant_id FROM variants"))
        (ample, ample_left), (scarce, scarce_left) = stock
        assert ample_left == 100_000 - sold[variants[ample]]
        assert scarce_left == SCARCE_UNITS - sold[variants[scarce]] >= 0
        assert storm.sold and storm.orders and storm.kills
