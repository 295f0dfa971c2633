"""Web servers of others that this one may call: on the public internet, unless the operator allowed an inner one."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from checkstand.errors import Invalid

HTTPS_PORT, HTTP_PORT = 443, 80
LONGEST_DESTINATION = 2048
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
INTERNAL_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway turns into the IPv4 address in their last 32 bits."""


class Destination(Struct, frozen=True):
    """A web server: `host` without brackets, in lower case."""

    scheme: str
    host: str
    port: int

    @property
    def names(self) -> frozenset[str]:
        """How an operator may have allowed it: the host, or the host with its port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return frozenset((host, f"{host}:{self.port}"))


def destination_of(url: str, field: str = "destination") -> Destination:
    """Raises `Invalid` for what is no address of a web server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid.field(field, "must be a URL") from None
    if len(url) > LONGEST_DESTINATION or not re.fullmatch(r"[\x21-\x7e]+", url) or "\\" in url:
        raise Invalid.field(field, f"must be a URL of at most {LONGEST_DESTINATION} characters, without spaces")
    if parts.scheme not in ("https", "http") or not _is_host(parts):
        raise Invalid.field(field, "must begin with https:// and a host")
    if "@" in parts.netloc or parts.fragment:
        raise Invalid.field(field, "must have no user name, password or fragment")
    return Destination(
        parts.scheme,
        (parts.hostname or "").removesuffix("."),
        (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT) if port is None else port,
    )


def _is_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    labels = host.removesuffix(".").split(".")
    return _address(host) is not None or (len(host) < 254 and all(LABEL.fullmatch(label) for label in labels))


def check_destination(url: str, allowed_hosts: frozenset[str], *, setting: str, field: str = "destination") -> None:
    """Raises `Invalid` unless it is https on port 443 of a public host, or one the operator allowed.

    What a name stands for is looked up, and checked again, each time something is sent: it may be another address by then.
    """
    destination = destination_of(url, field)
    if destination.names & allowed_hosts:
        return
    unless = f", unless the server's operator allows its host ({setting})"
    if destination.scheme != "https" or destination.port != HTTPS_PORT:
        raise Invalid.field(field, f"must be https on port 443{unless}")
    address = _address(destination.host)
    if not is_public(destination.host) if address is not None else _is_internal_name(destination.host):
        raise Invalid.field(field, f"must be reachable from the public internet{unless}")


def _is_internal_name(host: str) -> bool:
    last = host.rpartition(".")[2]
    is_number = last.isdigit() or last.startswith("0x")  # another spelling of an address
    return "." not in host or is_number or f".{host}".endswith(INTERNAL_DOMAINS)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: not to this machine, its network or anybody's private one."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in TRANSLATED:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found is not None and found.is_global and not found.is_multicast


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
