"""The command line: `checkstand serve`, `load`, `dump`, `token`, `migrate`, ..."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

import uvicorn

from checkstand import __version__
from checkstand.app import DEMO_STORE, DEMO_TOKEN, application, open_app, ready_cart
from checkstand.errors import CheckoutError
from checkstand.settings import Settings, from_environment


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 refused with a sentence on standard error, 2 not understood."""
    options = _parser().parse_args(arguments)
    try:
        settings = from_environment(database=options.database, demo=getattr(options, "demo", False))
        return int(options.run(options, settings))
    except CheckoutError as error:
        print(f"checkstand: {error.message}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="checkstand", description="The checkout of an online shop as a server of its own."
    )
    parser.add_argument("--version", action="version", version=f"checkstand {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    database = argparse.ArgumentParser(add_help=False)
    database.add_argument("--database", metavar="URL", help="sqlite:///path (default: sqlite:///checkstand.db)")

    serve = commands.add_parser("serve", parents=[database], help="run the server")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=8080, help="port to listen on (default: 8080)")
    serve.add_argument("--workers", type=int, default=1, metavar="N", help="processes; more than 1 needs PostgreSQL")
    serve.add_argument("--demo", action="store_true", help="load the demo shop when its store is empty")
    serve.set_defaults(run=_serve)
    return parser


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    if options.workers != 1:
        print(
            "checkstand: --workers above 1 needs PostgreSQL. SQLite has one writer: a second process would make it no faster, "
            "and the slowest requests much slower.",
            file=sys.stderr,
        )
        return 1
    logging.basicConfig(level=logging.INFO if settings.log else logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("uvicorn.access").disabled = True
    asyncio.run(_run(options, settings))
    return 0


async def _run(options: argparse.Namespace, settings: Settings) -> None:
    app = await open_app(settings)
    config = uvicorn.Config(
        application(app),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    if settings.demo:
        print(_welcome(f"http://{options.host}:{options.port}", await ready_cart(app.storage)), flush=True)
    await server.serve()


def _welcome(url: str, checkout_id: str) -> str:
    """A block for a `.env` file, and two calls that work."""
    management = f"{url}/stores/{DEMO_STORE}/v3"
    return f"""# Checkstand with the demo shop. This block can be pasted into a .env file.
CHECKSTAND_URL={url}
STORE_HASH={DEMO_STORE}
ACCESS_TOKEN={DEMO_TOKEN}
API_PATH={management}
CHECKOUT_ID={checkout_id}

# Two calls that work:
#   curl -H 'X-Auth-Token: {DEMO_TOKEN}' {management}/checkouts/{checkout_id}
#   curl {url}/api/storefront/carts
# Stop with Ctrl+C.
"""


if __name__ == "__main__":
    sys.exit(main())
