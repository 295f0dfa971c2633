"""How this process runs: one frozen Struct, from the command line and the environment (`CHECKSTAND_…`)."""

import os
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
}
"""Setting -> environment variable."""

DEFAULT_DATABASE = "sqlite:///checkstand.db"


class Settings(Struct, frozen=True, kw_only=True):
    """`public_url` is where clients reach this server when that is not the Host they name, behind a proxy for instance.
    `log`: whether each request is logged."""

    database: str = DEFAULT_DATABASE
    maximum_body_bytes: int = 1024 * 1024
    public_url: str | None = None
    log: bool = True
    demo: bool = False


def from_environment(
    environment: Mapping[str, str] = os.environ, *, database: str | None = None, demo: bool = False
) -> Settings:
    """Raises `Invalid` naming the variable that cannot be understood."""
    limit = environment.get(ENVIRONMENT["maximum_body_bytes"], str(1024 * 1024))
    if not limit.isdigit() or int(limit) < 1024:
        raise Invalid(f"{ENVIRONMENT['maximum_body_bytes']} must be a whole number of 1024 or more, not {limit!r}.")
    public_url = environment.get(ENVIRONMENT["public_url"])
    if public_url and not public_url.startswith(("http://", "https://")):
        raise Invalid(f"{ENVIRONMENT['public_url']} must begin with http:// or https://, not {public_url!r}.")
    log = environment.get(ENVIRONMENT["log"], "requests")
    if log not in ("requests", "none"):
        raise Invalid(f"{ENVIRONMENT['log']} must be requests or none, not {log!r}.")
    return Settings(
        database=database or environment.get(ENVIRONMENT["database"]) or (_throw_away() if demo else DEFAULT_DATABASE),
        maximum_body_bytes=int(limit),
        public_url=public_url.rstrip("/") if public_url else None,
        log=log == "requests",
        demo=demo,
    )


def _throw_away() -> str:
    """A file of its own in the temporary folder, for a demo that leaves nothing behind in the working folder."""
    return f"sqlite:///{Path(tempfile.mkdtemp(prefix='checkstand-demo-')) / 'demo.db'}"
