"""How this process runs: one frozen Struct, from the command line and the environment (`CHECKSTAND_…`)."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from checkstand.errors import Invalid

ENVIRONMENT = {
    "database": "CHECKSTAND_DATABASE",
    "maximum_body_bytes": "CHECKSTAND_MAXIMUM_BODY_BYTES",
    "public_url": "CHECKSTAND_PUBLIC_URL",
    "log": "CHECKSTAND_LOG",
    "webhook_hosts": "CHECKSTAND_WEBHOOK_HOSTS",
    "provider_hosts": "CHECKSTAND_PROVIDER_HOSTS",
    "cors_origins": "CHECKSTAND_CORS_ORIGINS",
    "allow_demo_tokens": "CHECKSTAND_ALLOW_DEMO_TOKENS",
    "metrics": "CHECKSTAND_METRICS",
    "metrics_port": "CHECKSTAND_METRICS_PORT",
    "metrics_host": "CHECKSTAND_METRICS_HOST",
    "rate_limit": "CHECKSTAND_RATE_LIMIT",
    "session_rate_limit": "CHECKSTAND_SESSION_RATE_LIMIT",
    "request_seconds": "CHECKSTAND_REQUEST_SECONDS",
    "receive_seconds": "CHECKSTAND_RECEIVE_SECONDS",
    "idle_seconds": "CHECKSTAND_IDLE_SECONDS",
    "maximum_connections": "CHECKSTAND_MAXIMUM_CONNECTIONS",
    "checkout_page": "CHECKSTAND_CHECKOUT_PAGE",
    "tls": "CHECKSTAND_TLS",
}
"""Setting -> environment variable. What the command line says wins."""

DEFAULT_DATABASE = "sqlite:///checkstand.db"


class Settings(Struct, frozen=True, kw_only=True):
    """`public_url` is where clients reach this server when that is not the Host they name, behind a proxy for instance.
    `log`: whether each request is logged. `webhook_hosts`: hosts, or hosts with a port, that webhooks may be sent to without
    https and inside of the operator's own network; `provider_hosts`: the same for tax providers and carriers.
    `cors_origins`: sites (http://localhost:3000) whose pages may call the Storefront of every store.
    `temporary_folder`: what to remove when the process ends, "" for nothing.

    `metrics`: whether they are shown on the public port; `metrics_port`: a port of their own, 0 for none. `rate_limit` and
    `session_rate_limit` are requests per token and per session within 30 seconds, None for any number. `docs/operations.md`
    tells what the times mean.

    `checkout_page`: a folder with a page that takes the place of our own, "off" for none, "" for our own. `tls`: a folder with
    the certificate and the key to speak https with, made if they are not there; "" for http.
    """

    database: str = DEFAULT_DATABASE
    maximum_body_bytes: int = 1024 * 1024
    public_url: str | None = None
    log: bool = True
    webhook_hosts: frozenset[str] = frozenset()
    provider_hosts: frozenset[str] = frozenset()
    cors_origins: frozenset[str] = frozenset()
    demo: bool = False
    temporary_folder: str = ""
    allow_demo_tokens: bool = False
    metrics: bool = False
    metrics_port: int = 0
    metrics_host: str = "127.0.0.1"
    rate_limit: int | None = None
    session_rate_limit: int | None = None
    request_seconds: float = 30.0
    receive_seconds: float = 10.0
    idle_seconds: float = 5.0
    maximum_connections: int = 1000
    checkout_page: str = ""
    tls: str = ""

    def page_folder(self, own: Path) -> Path | None:
        return None if self.checkout_page == "off" else Path(self.checkout_page) if self.checkout_page else own


def from_environment(
    environment: Mapping[str, str] = os.environ,
    *,
    database: str | None = None,
    demo: bool = False,
    allow_demo_tokens: bool = False,
    metrics_port: int | None = None,
    cors_origins: Sequence[str] = (),
    checkout_page: str | None = None,
    tls: str | None = None,
) -> Settings:
    """Raises `Invalid` naming the variable that cannot be understood."""
    texts = {setting: environment.get(variable, "") for setting, variable in ENVIRONMENT.items()}
    named = database or texts["database"]
    port = _number("metrics_port", texts, 0, 65535)
    settings = {
        "maximum_body_bytes": _number("maximum_body_bytes", texts, 1024, 1024**3),
        "public_url": _public_url(texts["public_url"]),
        "log": _word("log", texts, yes="requests", no="none"),
        "webhook_hosts": _hosts("webhook_hosts", texts),
        "provider_hosts": _hosts("provider_hosts", texts),
        "cors_origins": _origins("cors_origins", texts, cors_origins),
        "allow_demo_tokens": allow_demo_tokens or _word("allow_demo_tokens", texts),
        "metrics": _word("metrics", texts),
        "metrics_port": port if metrics_port is None else metrics_port,
        "metrics_host": texts["metrics_host"] or None,
        "rate_limit": _number("rate_limit", texts, 1, 1_000_000),
        "session_rate_limit": _number("session_rate_limit", texts, 1, 1_000_000),
        "request_seconds": _seconds("request_seconds", texts),
        "receive_seconds": _seconds("receive_seconds", texts),
        "idle_seconds": _seconds("idle_seconds", texts),
        "maximum_connections": _number("maximum_connections", texts, 1, 100_000),
        "checkout_page": _page(checkout_page or texts["checkout_page"]),
        "tls": tls or texts["tls"],
    }
    folder = _throw_away_folder() if demo and not named else ""
    return Settings(
        database=named or (f"sqlite:///{Path(folder) / 'demo.db'}" if folder else DEFAULT_DATABASE),
        demo=demo,
        temporary_folder=folder,
        **{name: value for name, value in settings.items() if value is not None},  # type: ignore[arg-type]
    )


def _number(name: str, texts: Mapping[str, str], least: int, most: int) -> int | None:
    text = texts[name]
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
        raise Invalid(f"{ENVIRONMENT[name]} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _seconds(name: str, texts: Mapping[str, str]) -> float | None:
    text = texts[name]
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0.1 <= float(text) <= 3600:
        raise Invalid(f"{ENVIRONMENT[name]} must be seconds from 0.1 to 3600, not {text!r}.")
    return float(text)


def _word(name: str, texts: Mapping[str, str], *, yes: str = "on", no: str = "off") -> bool | None:
    text = texts[name]
    if text not in ("", yes, no):
        raise Invalid(f"{ENVIRONMENT[name]} must be {yes} or {no}, not {text!r}.")
    return text == yes if text else None


def _page(text: str) -> str:
    if text not in ("", "off") and not (Path(text) / "index.html").is_file():
        raise Invalid(f"The checkout page must be a folder with an index.html, or off; {text!r} is neither.")
    return text


def _public_url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise Invalid(f"{ENVIRONMENT['public_url']} must be like https://shop.example, not {text!r}.")
    return text.rstrip("/") or None


def _hosts(name: str, texts: Mapping[str, str]) -> frozenset[str]:
    text = texts[name]
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    for host in hosts:
        if not re.fullmatch(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", host):
            raise Invalid(f"{ENVIRONMENT[name]} must be a comma list like localhost:3000,hooks.internal, not {text!r}.")
    return frozenset(hosts)


def _origins(name: str, texts: Mapping[str, str], said: Sequence[str]) -> frozenset[str]:
    """Those of the environment and those of the command line."""
    origins = [part.strip().lower().rstrip("/") for text in (texts[name], *said) for part in text.split(",")]
    for origin in filter(None, origins):
        if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", origin):
            raise Invalid(f"{ENVIRONMENT[name]} must be a comma list like http://localhost:3000, not {origin!r}.")
    return frozenset(filter(None, origins))


def _throw_away_folder() -> str:
    """A folder of its own among the temporary ones, for a demo that leaves nothing behind in the working folder."""
    return tempfile.mkdtemp(prefix="checkstand-demo-")
