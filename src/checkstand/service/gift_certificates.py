"""Gift certificates: making and issuing them, with codes nobody can guess, and an end to guessing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import choice

from msgspec.structs import replace

from checkstand.domain import gift_certificates
from checkstand.domain.checkout import Checkout
from checkstand.domain.gift_certificates import CertificateChange, GiftCertificate, key_of
from checkstand.errors import Refused
from checkstand.service import guessing
from checkstand.storage.port import CertificateSearch, UnitOfWork

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 of them, none that reads like another: a code of 16 has 80 random bits."""
GROUPS, GROUP_LENGTH = 4, 4
MOST_CODES, MOST_BY_ADDRESS, WITHIN = 20, 200, timedelta(hours=1)
"""How many different codes may be tried in that time: in a session, as published; from one address, in all its sessions."""


def new_code() -> str:
    """`7KQ2-MXNB-4TWZ-HD9R`."""
    return "-".join("".join(choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


async def create(unit: UnitOfWork, change: CertificateChange, now: datetime) -> GiftCertificate:
    """Raises `Invalid`, and `Taken` when the code is."""
    draft = gift_certificates.new_certificate(change, (await unit.store()).currencies, now)
    made = replace(draft, id=await unit.next_number("gift_certificate"), code=draft.code or new_code())
    await unit.gift_certificates.insert(made)
    return made


async def update(unit: UnitOfWork, certificate_id: int, change: CertificateChange) -> GiftCertificate | None:
    """None: there is none. Raises `Invalid`, `Taken`."""
    store = await unit.store()
    return await unit.gift_certificates.edit(
        certificate_id,
        lambda before: gift_certificates.changed(before, change, store.currencies, store.decimal_places),
    )


async def expect_none_in(unit: UnitOfWork, currency: str) -> None:
    """Raises `Refused`: what certificates are worth is stored in their currency's smallest unit."""
    every = await unit.gift_certificates.page(CertificateSearch(), descending=False, limit=2**53, offset=0)
    if any(each.balance.currency == currency for each in every):
        raise Refused(
            f"The decimal_places of {currency} stay while there are gift certificates in it: their amounts are stored with them.",
            code="currency_in_use",
        )


async def bought(unit: UnitOfWork, checkout: Checkout, order_id: int, now: datetime) -> Sequence[GiftCertificate]:
    """The certificates an order of this checkout is to issue."""
    lines = [line for line in checkout.lines if line.kind == "gift_certificate"]
    keys = [(await unit.next_number("gift_certificate"), new_code()) for _ in lines]
    return gift_certificates.issued(
        lines,
        keys,
        order_id=order_id,
        customer_id=checkout.customer_id,
        now=now,
        decimal_places=checkout.currency.decimal_places,
    )


async def admit(unit: UnitOfWork, session_id: str, address: str, code: str, now: datetime) -> None:
    """Raises `Throttled` for a session, or an address, that tries too many different codes."""
    for who, most in ((session_id, MOST_CODES), (f"certificates from {address}", MOST_BY_ADDRESS)):
        message = f"More than {most} gift certificate codes within an hour; wait before the next one."
        await guessing.admit(unit, who, key_of(code), now, most=most, within=WITHIN, message=message)
