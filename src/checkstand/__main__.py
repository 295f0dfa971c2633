"""The command line: `checkstand serve`, `load`, `dump`, `backup`, `token`, `webhook-secret`, `webhook-log`, `migrate`, `openapi`,
`explain`, `replay`.

Results go to standard output, so that they can be piped; everything said to a person goes to standard error, but for what
`serve` prints when it starts. The exit status is 0 when it is done, 1 when it was refused (one sentence says why), 2 when the
command itself was not understood.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from checkstand import __version__
from checkstand.app import moment_now, openapi_document
from checkstand.carriers import rating
from checkstand.errors import CheckoutError, Invalid, Refused
from checkstand.server import serve
from checkstand.service import access, cases, hooks, shop_file
from checkstand.settings import DEFAULT_DATABASE, from_environment
from checkstand.storage.open import back_up, migrate, open_database, open_storage
from checkstand.storage.port import HookCall
from checkstand.storage.sql import Storage
from checkstand.tax_providers import asking

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 refused with a sentence on standard error, 2 not understood."""
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except CheckoutError as error:
        print(f"checkstand: {error.message}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever was reading has had enough. Without this, the interpreter would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


# ---------------------------------------------------------------------------------------------------- what can be said

DESCRIPTION = """\
The checkout of an online shop as a server of its own.

  checkstand serve --demo                     try it out: a ready shop on http://127.0.0.1:8080
  checkstand load shop.yaml --store myshop    put a shop of your own into the database
  checkstand token --store myshop --scope all make an access token for it
  checkstand serve                            and run it
"""

EPILOG = """\
`checkstand COMMAND --help` explains a command. Without --database the data lives in ./checkstand.db; the environment variable
CHECKSTAND_DATABASE names another one for all commands.
"""

SERVE_HELP = """\
Run the server until Ctrl+C or SIGTERM; requests under way may still end. It prints where it is and what can be called first,
shows all endpoints on /docs, and writes one line of JSON for each request to standard error.
"""
SERVE_EXAMPLES = """\
  checkstand serve --demo                                     the demo shop, gone when the server stops
  checkstand serve --demo --database sqlite:///demo.db        the demo shop, kept
  checkstand serve --host 0.0.0.0 --port 80                   a shop loaded with `checkstand load`, for everybody

Environment: CHECKSTAND_DATABASE; CHECKSTAND_PUBLIC_URL, where clients reach the server when a proxy stands before it;
CHECKSTAND_MAXIMUM_BODY_BYTES (1048576); CHECKSTAND_LOG (requests, or none); CHECKSTAND_ALLOW_DEMO_TOKENS (off, or on);
CHECKSTAND_WEBHOOK_HOSTS, a comma list of hosts (localhost:3000) that webhooks may be sent to without https and inside of the
own network; CHECKSTAND_CORS_ORIGINS, a comma list of sites whose pages may call the Storefront; CHECKSTAND_CHECKOUT_PAGE, as
--checkout-page.
Limits: CHECKSTAND_RATE_LIMIT, CHECKSTAND_SESSION_RATE_LIMIT, requests per token and per session in 30 seconds (none);
CHECKSTAND_REQUEST_SECONDS (30), CHECKSTAND_RECEIVE_SECONDS (10), CHECKSTAND_IDLE_SECONDS (5);
CHECKSTAND_MAXIMUM_CONNECTIONS (1000).
Metrics: CHECKSTAND_METRICS (off, or on: on the public port); CHECKSTAND_METRICS_PORT (0: none) and CHECKSTAND_METRICS_HOST
(127.0.0.1). docs/operations.md tells more.
"""
LOAD_HELP = """\
Bring a store to what a shop file says: settings, shipping, taxes, products, stock, customers, tokens. All of it or, when
something is wrong, nothing. What the file does not name (other products, carts, orders) stays as it is.
"""
LOAD_EXAMPLES = """\
The demo shop is such a file: `checkstand dump` of a store shows the format.

  checkstand load shop.yaml --store myshop
  checkstand dump --store myshop | checkstand load - --store copy
"""
DUMP_HELP = """\
Write a store as a shop file to standard output. Tokens and passwords come as hashes: loading the file again keeps them valid
without anybody learning them. Carts and orders are not part of it.
"""
BACKUP_HELP = """\
Copy a whole SQLite database (all stores, carts, orders, sessions) into a new file, also while the server runs: the copy is the
database of one moment. To restore it, stop the server and put the copy in the place of the database, without the files
ending in -wal and -shm that belonged to the old one. PostgreSQL has pg_dump and pg_restore for this.
"""
TOKEN_HELP = """\
Make a new access token for the Management API. It is printed once, on standard output; only its hash is kept.
"""
TOKEN_EXAMPLES = """\
`all` stands for every scope, `all_read_only` for reading everything.

  ACCESS_TOKEN=$(checkstand token --store myshop --scope store_cart store_checkout --name "Headless frontend")
"""
WEBHOOK_SECRET_HELP = """\
Print the secret a client verifies the signatures of its webhooks with. A client is known by the name of its access tokens.
"""
WEBHOOK_SECRET_EXAMPLES = """\
  CLIENT_SECRET=$(checkstand webhook-secret --store myshop --client "Headless frontend")
"""
WEBHOOK_LOG_HELP = """\
List the latest calls of webhooks, latest first: when, which hook, what about, how often tried, and how it ended.
"""
MIGRATE_HELP = """\
Bring the database's tables up to date, and create it if it is not there. Every other command does so by itself; this one is
for doing it ahead of time.
"""
EXPLAIN_HELP = """\
List the entries each total of a checkout is made of: every charge, discount and tax with what it is for and where it comes
from. A checkout that has become an order is explained by the order's own entries.
"""
EXPLAIN_EXAMPLES = """\
With --case the checkout is written as a case instead: everything one decision looks at, in one JSON file for `checkstand
replay`. A command in it is what should happen next, for instance {"command": "set_customer_message", "message": "Hello"}.
Nothing is changed in the database. A case holds the customer's data: treat it accordingly.

  checkstand explain 8c1f... --store myshop
  checkstand explain 8c1f... --store myshop --case command.json > case.json
"""
REPLAY_HELP = """\
Apply a case (`checkstand explain --case` writes one) and print the checkout it leads to, with its entries and totals, as JSON;
amounts are [minor units, currency]. No database and no clock are looked at: the same case gives the same result everywhere.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="checkstand",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"checkstand {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    database = argparse.ArgumentParser(add_help=False)
    database.add_argument(
        "--database",
        metavar="URL",
        help=f"sqlite:///path, relative, or sqlite:////path, absolute; postgresql://… (default: {DEFAULT_DATABASE})",
    )

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int],
        short: str,
        *,
        text: str = "",
        examples: str = "",
        data: bool,
    ) -> argparse.ArgumentParser:
        found = commands.add_parser(
            name,
            help=short,
            description=text or short,
            epilog=examples,
            parents=[database] if data else [],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        found.set_defaults(run=run)
        return found

    run = command("serve", _serve, "run the server", text=SERVE_HELP, examples=SERVE_EXAMPLES, data=True)
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1; 0.0.0.0 for all)")
    run.add_argument("--port", type=_port, default=8080, help="port to listen on (default: 8080; 0 for any free one)")
    run.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes; more than 1 needs PostgreSQL")
    run.add_argument(
        "--demo",
        action="store_true",
        help="load the demo shop unless it is there; without --database into a file that is gone when the server stops",
    )
    run.add_argument(
        "--allow-demo-tokens",
        action="store_true",
        help="accept the demo shop's tokens, which everybody knows, although other machines can reach the server",
    )
    run.add_argument(
        "--cors-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site, such as http://localhost:3000, whose pages may call the Storefront; may be given several times",
    )
    run.add_argument(
        "--checkout-page",
        metavar="DIR",
        help="show this folder's index.html at /checkout in the place of our own page; off: show nothing there",
    )
    run.add_argument(
        "--tls",
        nargs="?",
        const="checkstand-tls",
        metavar="DIR",
        help="speak https, with cert.pem and key.pem of this folder (default: checkstand-tls); made for this machine's own names, "
        "with a ca.pem for clients to trust, if they are not there",
    )
    run.add_argument("--metrics-port", type=_port, metavar="N", help="serve Prometheus metrics on a port of their own")

    load = command("load", _load, "load a shop file", text=LOAD_HELP, examples=LOAD_EXAMPLES, data=True)
    load.add_argument("file", metavar="FILE", help="a shop file, YAML or JSON; - for standard input")
    _add_store(load)
    dump = command("dump", _dump, "write a store as a shop file", text=DUMP_HELP, data=True)
    _add_store(dump)

    backup = command("backup", _backup, "copy the database while it is in use", text=BACKUP_HELP, data=True)
    backup.add_argument("file", metavar="FILE", type=Path, help="the copy, which must not be there yet")

    token = command("token", _token, "make an access token", text=TOKEN_HELP, examples=TOKEN_EXAMPLES, data=True)
    _add_store(token)
    token.add_argument(
        "--scope",
        action="extend",
        nargs="+",
        required=True,
        metavar="SCOPE",
        help="what the token may do, such as store_cart or store_checkout_read_only; several, or the option repeated",
    )
    token.add_argument("--name", default="command line", help='who it is for (default: "command line")')

    secret = command(
        "webhook-secret",
        _webhook_secret,
        "print the secret that signs a client's webhooks",
        text=WEBHOOK_SECRET_HELP,
        examples=WEBHOOK_SECRET_EXAMPLES,
        data=True,
    )
    _add_store(secret)
    secret.add_argument("--client", metavar="NAME", required=True, help="the name its access token was made with")
    calls = command("webhook-log", _webhook_log, "list the latest calls of webhooks", text=WEBHOOK_LOG_HELP, data=True)
    _add_store(calls)
    calls.add_argument("--hook", type=int, default=0, metavar="ID", help="only those of this hook")
    calls.add_argument("--limit", type=int, default=100, metavar="N", help="how many (default: 100)")

    command("migrate", _migrate, "bring the database's tables up to date", text=MIGRATE_HELP, data=True)
    command("openapi", _openapi, "print the OpenAPI document of all endpoints", data=False)

    explain = command(
        "explain", _explain, "show what totals are made of", text=EXPLAIN_HELP, examples=EXPLAIN_EXAMPLES, data=True
    )
    explain.add_argument("checkout_id", metavar="CHECKOUT_ID", help="id of a checkout, or of its cart: it is the same")
    _add_store(explain, required=False)
    explain.add_argument(
        "--case",
        nargs="?",
        const="",
        metavar="COMMAND.json",
        help="write the checkout as a case, with the command this file holds; - for standard input, left out for none",
    )
    replay = command("replay", _replay, "apply a case and print the result", text=REPLAY_HELP, data=False)
    replay.add_argument("file", metavar="CASE.json", help="a case; - for standard input")
    return parser


def _add_store(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    other = "" if required else "; may be left out when the database has only one"
    parser.add_argument("--store", metavar="HASH", required=required, help=f"the store{other}")


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are numbers from 0 to 65535")


def _workers(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; use 1 or more")


# ---------------------------------------------------------------------------------------------------- commands


def _serve(options: argparse.Namespace) -> int:
    settings = from_environment(
        database=options.database,
        demo=options.demo,
        allow_demo_tokens=options.allow_demo_tokens,
        metrics_port=options.metrics_port,
        cors_origins=options.cors_origin,
        checkout_page=options.checkout_page,
        tls=options.tls,
    )
    serve(settings, options.host, options.port, options.workers)
    return 0


def _load(options: argparse.Namespace) -> int:
    shop = shop_file.read(_text(_read(options.file), options.file), options.store)

    async def load(storage: Storage) -> None:
        await shop_file.load(storage.unit(shop.store.hash), shop, moment_now())

    _with_storage(options, load, new=True)
    counts = (
        f"{len(shop.products)} products, {len(shop.store.shipping_zones)} shipping zones, "
        f"{len(shop.customers)} customers and {len(shop.tokens)} tokens"
    )
    print(f"Loaded store {shop.store.hash}: {counts}.", file=sys.stderr)
    return 0


def _dump(options: argparse.Namespace) -> int:
    async def dump(storage: Storage) -> str:
        return shop_file.write(await shop_file.dump(storage.unit(options.store)))

    _print(_with_storage(options, dump))
    return 0


def _backup(options: argparse.Namespace) -> int:
    settings = from_environment(database=options.database)
    back_up(settings.database, options.file)
    print(f"Copied {settings.database} to {options.file}.", file=sys.stderr)
    return 0


def _token(options: argparse.Namespace) -> int:
    scopes = [scope for text in options.scope for scope in text.split(",") if scope]

    async def create(storage: Storage) -> str:
        unit = storage.unit(options.store)
        await unit.store()
        return await access.create_token(unit, scopes, options.name, moment_now())

    token = _with_storage(options, create)
    print(f"A token of store {options.store}. It is shown this once; send it as X-Auth-Token.", file=sys.stderr)
    _print(token + "\n")
    return 0


def _webhook_secret(options: argparse.Namespace) -> int:
    async def secret(storage: Storage) -> str:
        return await hooks.client_secret(storage.unit(options.store), options.client)

    _print(_with_storage(options, secret) + "\n")
    return 0


def _webhook_log(options: argparse.Namespace) -> int:
    async def calls(storage: Storage) -> list[HookCall]:
        unit = storage.unit(options.store)
        await unit.store()
        return await unit.hooks.calls(max(0, options.limit), options.hook)

    for call in _with_storage(options, calls):
        _print(
            f"{call.called_at.isoformat(timespec='milliseconds')} hook {call.hook_id} {call.scope} {call.subject} "
            f"attempt {call.attempt} {call.host} {call.milliseconds} ms: {call.error or f'delivered ({call.status})'}\n"
        )
    return 0


def _migrate(options: argparse.Namespace) -> int:
    settings = from_environment(database=options.database)

    async def run() -> list[int]:
        driver = await open_database(settings.database)
        try:
            return await migrate(driver)
        finally:
            await driver.close()

    applied = asyncio.run(run())
    done = f"Applied migration {', '.join(map(str, applied))}." if applied else "The database is up to date."
    print(done, file=sys.stderr)
    return 0


def _openapi(options: argparse.Namespace) -> int:
    _print(openapi_document().decode())
    return 0


def _explain(options: argparse.Namespace) -> int:
    command = cases.command_from(_read(options.case)) if options.case else None

    async def explain(storage: Storage) -> str:
        unit = storage.unit(await _store(storage, options.store))
        await unit.store()
        if options.case is None:
            return cases.table(await cases.explain(unit, options.checkout_id, moment_now().now))
        return cases.encoded(await cases.record(unit, options.checkout_id, command, moment_now())).decode()

    _print(_with_storage(options, explain))
    return 0


def _replay(options: argparse.Namespace) -> int:
    _print(cases.result(cases.replay(cases.case_from(_read(options.file)))).decode())
    return 0


# ---------------------------------------------------------------------------------------------------- files and data


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Invalid(f"{name} cannot be read: {reason}.") from None


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{name} is not text in UTF-8.") from None


def _print(text: str) -> None:
    """A result: always UTF-8, whatever the terminal says, since files are made of it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def _with_storage(options: argparse.Namespace, work: Callable[[Storage], Awaitable[T]], *, new: bool = False) -> T:
    """Open the database, do the work, close it. `new`: it may be one that is not there yet."""
    settings = from_environment(database=options.database)
    path = settings.database.removeprefix("sqlite:///")
    if not new and settings.database.startswith("sqlite:///") and not Path(path).exists():
        raise Refused(f"There is no database file {path}; name another one with --database, or load a shop first.")

    async def run() -> T:
        storage, driver = await open_storage(settings.database)
        try:
            async with (
                asking(settings.provider_hosts) as storage.tax_quotes,
                rating(settings.provider_hosts, storage.carrier_answers) as storage.carrier_quotes,
            ):
                return await work(storage)
        finally:
            await driver.close()

    return asyncio.run(run())


async def _store(storage: Storage, named: str | None) -> str:
    """The store that is meant: the one named, or the only one there is. Raises `Refused`."""
    found = named or await storage.only_store()
    if found is None:
        several = await storage.store_count() > 1
        raise Refused(
            "The database has several stores; say which one with --store HASH."
            if several
            else "The database has no store yet; load one with checkstand load."
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
