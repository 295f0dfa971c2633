"""Connecting a store to a carrier. What it is called with may hold secrets: it is stored, sent to the carrier, and shown to
nobody."""

from typing import Any

import msgspec

from checkstand.domain.carrier import CarrierConnection
from checkstand.domain.destination import check_destination
from checkstand.errors import Invalid, Malformed
from checkstand.service.tax_connections import HOSTS_SETTING
from checkstand.storage.port import UnitOfWork

MOST_BYTES = 10_000
LONGEST_REASON = 1000
"""Characters of what a carrier says when it refuses a connection."""


async def put(
    unit: UnitOfWork, carrier_id: str | None, options: dict[str, Any] | None, allowed_hosts: frozenset[str]
) -> None:
    """Raises `Malformed` for what is missing, for a carrier the store does not know, or whose address may not be called, and for
    a connection that the carrier refuses. One that says nothing keeps nobody from connecting."""
    missing = [name for name, given in (("carrier_id", carrier_id), ("connection", options)) if given is None]
    if carrier_id is None or options is None:
        raise Malformed.field(missing[0], "is required")
    carrier = (await unit.store()).carrier_by_id.get(carrier_id)
    if carrier is None:
        raise Malformed.field("carrier_id", f"{carrier_id!r} is no carrier of this store")
    if len(msgspec.json.encode(options)) > MOST_BYTES:
        raise Malformed.field("connection", f"may take at most {MOST_BYTES} bytes")
    for url in filter(None, (carrier.url, carrier.check_url)):
        try:
            check_destination(url, allowed_hosts, setting=HOSTS_SETTING, field="carrier_id")
        except Invalid as error:
            raise Malformed(error.message, fields=error.fields) from None
    if carrier.check_url:
        said = await unit.carrier_quotes.check(carrier, unit.store_hash, options)
        if said is not None and not said.valid:
            why = " ".join(message.text for message in said.messages)[:LONGEST_REASON]
            raise Malformed.field("connection", f"is refused by {carrier.name}{f': {why}' if why else ''}")
    await unit.carrier_connections.put(CarrierConnection(carrier_id=carrier.id, options=options))


async def remove(unit: UnitOfWork, carrier_id: str | None) -> None:
    """Raises `Malformed` where there is none."""
    if carrier_id is None:
        raise Malformed.field("carrier_id", "is required")
    if not await unit.carrier_connections.remove(carrier_id):
        raise Malformed.field("carrier_id", f"{carrier_id!r} is not connected")
