"""How this process runs: one frozen Struct, from the command line and the environment (`CHECKSTAND_…`)."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from checkstand.errors import Invalid

ENVIRONMENT = {
    "database": "CHECKSTAND_DATABASE",
    "maximum_body_bytes": "CHECKSTAND_MAXIMUM_BODY_BYTES",
    "public_url": "CHECKSTAND_PUBLIC_URL",
    "log": "CHECKSTAND_LOG",
    "webhook_hosts": "CHECKSTAND_WEBHOOK_HOSTS",
}
"""Setting -> environment variable. What the command line says wins."""

DEFAULT_DATABASE = "sqlite:///checkstand.db"
SMALLEST_BODY_LIMIT, LARGEST_BODY_LIMIT = 1024, 1024**3


class Settings(Struct, frozen=True, kw_only=True):
    """`public_url` is where clients reach this server when that is not the Host they name, behind a proxy for instance.
    `log`: whether each request is logged. `webhook_hosts`: hosts, or hosts with a port, that webhooks may be sent to without
    https and inside of the operator's own network. `temporary_folder`: what to remove when the process ends, "" for nothing."""

    database: str = DEFAULT_DATABASE
    maximum_body_bytes: int = 1024 * 1024
    public_url: str | None = None
    log: bool = True
    webhook_hosts: frozenset[str] = frozenset()
    demo: bool = False
    temporary_folder: str = ""


def from_environment(
    environment: Mapping[str, str] = os.environ, *, database: str | None = None, demo: bool = False
) -> Settings:
    """Raises `Invalid` naming the variable that cannot be understood."""
    named = database or environment.get(ENVIRONMENT["database"])
    maximum_body_bytes = _body_limit(environment.get(ENVIRONMENT["maximum_body_bytes"], ""))
    public_url = _public_url(environment.get(ENVIRONMENT["public_url"], ""))
    log = _log(environment.get(ENVIRONMENT["log"], ""))
    webhook_hosts = _webhook_hosts(environment.get(ENVIRONMENT["webhook_hosts"], ""))
    folder = _throw_away_folder() if demo and not named else ""
    return Settings(
        database=named or (f"sqlite:///{Path(folder) / 'demo.db'}" if folder else DEFAULT_DATABASE),
        maximum_body_bytes=maximum_body_bytes,
        public_url=public_url,
        log=log,
        webhook_hosts=webhook_hosts,
        demo=demo,
        temporary_folder=folder,
    )


def _body_limit(text: str) -> int:
    if not text:
        return Settings().maximum_body_bytes
    if not re.fullmatch(r"[0-9]{1,12}", text) or not SMALLEST_BODY_LIMIT <= int(text) <= LARGEST_BODY_LIMIT:
        raise Invalid(
            f"{ENVIRONMENT['maximum_body_bytes']} must be a whole number from {SMALLEST_BODY_LIMIT} to {LARGEST_BODY_LIMIT}, "
            f"not {text!r}."
        )
    return int(text)


def _public_url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise Invalid(f"{ENVIRONMENT['public_url']} must be like https://shop.example, not {text!r}.")
    return text.rstrip("/") or None


def _log(text: str) -> bool:
    if text not in ("", "requests", "none"):
        raise Invalid(f"{ENVIRONMENT['log']} must be requests or none, not {text!r}.")
    return text != "none"


def _webhook_hosts(text: str) -> frozenset[str]:
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    for host in hosts:
        if not re.fullmatch(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", host):
            raise Invalid(
                f"{ENVIRONMENT['webhook_hosts']} must be a comma list like localhost:3000,hooks.internal, not {text!r}."
            )
    return frozenset(hosts)


def _throw_away_folder() -> str:
    """A folder of its own among the temporary ones, for a demo that leaves nothing behind in the working folder."""
    return tempfile.mkdtemp(prefix="checkstand-demo-")
