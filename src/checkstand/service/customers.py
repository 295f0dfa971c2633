"""Customers: registering, signing in and out, their address books, and what the Management API does with them.

Guessing is held up by counting what failed, through however many processes: by account and address, by account, by address. Nothing
tells whether an account exists: answers are the same, and an unknown one costs as much time. Registering must tell, as published,
so an address registers only so often.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checkstand.domain import customers, events
from checkstand.domain.address import Address, CustomerAddress
from checkstand.domain.checkout import Checkout
from checkstand.domain.commands import SignIn, SignOut
from checkstand.domain.customers import CustomerChange, email_key
from checkstand.domain.facts import Customer
from checkstand.domain.moment import Moment
from checkstand.domain.order import Order
from checkstand.errors import Invalid, NotFound, Taken, Unauthenticated
from checkstand.service import commands, guessing, passwords
from checkstand.service.commands import Attempts, LostRace
from checkstand.service.tax_quotes import asking_first
from checkstand.storage.port import Account, AddressSearch, UnitOfWork

T = TypeVar("T")

WITHIN = timedelta(minutes=15)
MOST_BY_ACCOUNT_AND_ADDRESS, MOST_BY_ACCOUNT, MOST_BY_ADDRESS = 10, 100, 100
"""How often signing in may fail within that time."""
MOST_REGISTRATIONS, REGISTERED_WITHIN = 20, timedelta(hours=1)
"""How often one address may try to register."""
RESET_FIRST = "reset_password_before_login"
"""The word by which official clients know what to say."""


# ---------------------------------------------------------------------------------------------------- who it is


async def authenticate(
    unit: UnitOfWork,
    email: str,
    password: str,
    now: datetime,
    *,
    address: str | None = None,
    channel_id: int | None = None,
) -> Customer:
    """The customer with this email and password; `address`: where the request comes from, None for a server that asks for many;
    `channel_id`: where they want to be known, None for anywhere. Raises `Unauthenticated`, the same for whatever is wrong, and
    `Throttled`."""
    key, attempt = email_key(email), token_hex(8)
    limits = [(f"sign in {key}", MOST_BY_ACCOUNT)]
    if address is not None:
        both = (f"sign in {key} from {address}", MOST_BY_ACCOUNT_AND_ADDRESS)
        limits = [both, *limits, (f"sign in from {address}", MOST_BY_ADDRESS)]
    for who, most in limits:
        await guessing.admit(unit, who, attempt, now, most=most, within=WITHIN)
    account = await unit.customers.find(email)
    is_right = await passwords.is_right(account.password_hash if account else "", password)
    if account is None or not is_right or not account.customer.is_known_in(channel_id):
        raise Unauthenticated("The email address or the password is not right.", code="invalid_login")
    if address is not None:
        await unit.attempts.forget(f"sign in {key} from {address}")
    for who, _ in limits:
        await unit.attempts.forget(who, attempt)
    if account.customer.force_password_reset:
        raise Unauthenticated("The password has to be set anew before signing in.", code=RESET_FIRST)
    return account.customer


async def register(unit: UnitOfWork, change: CustomerChange, password: str, address: str, now: datetime) -> Customer:
    """A new customer. Raises `Invalid`, `Taken` when the email is, and `Throttled`."""
    await guessing.admit(
        unit, f"register from {address}", token_hex(8), now, most=MOST_REGISTRATIONS, within=REGISTERED_WITHIN
    )
    customers.check_password(password, "password")
    draft = customers.new_customer(change, await unit.store(), now)
    password_hash = await passwords.hashed(password)
    if await unit.customers.find(draft.email):
        raise Taken(
            "There is already an account with this email address; sign in, or take another one.", code="email_taken"
        )
    customer = replace(draft, id=await unit.next_number("customer"))
    await unit.customers.insert(Account(customer=customer, password_hash=password_hash), now)
    return customer


# ---------------------------------------------------------------------------------------------------- their cart


async def take_cart(unit: UnitOfWork, customer_id: int, cart_id: str, moment: Moment) -> str:
    """Give a customer the cart of a session that is now theirs ("": it has none), with the lines of the one they had; the id of
    the cart they have then, "" for none. A cart of somebody else, or one that was ordered, is left alone. Raises `NotFound`
    where there is no such customer."""
    async for _ in Attempts():
        try:
            return await asking_first(
                unit, lambda: unit.together(lambda inside: _take_cart(inside, customer_id, cart_id, moment))
            )
        except LostRace:
            continue
    raise AssertionError("attempts end by raising")


async def _take_cart(unit: UnitOfWork, customer_id: int, cart_id: str, moment: Moment) -> str:
    """Carts are held in the order of their ids and the customer after them, as orders do."""
    known = await unit.customers.cart_id(customer_id)
    for held in sorted({cart_id, known} - {""}):
        await unit.checkouts.hold(held)
    if not await unit.customers.hold(customer_id):
        raise NotFound(f"There is no customer {customer_id}.", code="customer_not_found")
    if await unit.customers.cart_id(customer_id) != known:
        raise LostRace
    mine = await _open_cart(unit, cart_id, (0, customer_id))
    before = await _open_cart(unit, known, (customer_id,)) if known != cart_id else None
    if mine is None:
        kept = before.id if before else ""
    else:
        kept = mine.id
        if before is not None or mine.customer_id != customer_id:
            lines = tuple(line for line in before.lines if line.gift is None) if before else ()
            command = SignIn(customer_id=customer_id, lines=lines, currency=before.currency if before else None)
            await commands.changed(unit, mine, command, moment)
        if before is not None and not await unit.checkouts.delete(before, events.deleted(before)):
            raise LostRace
    if kept != known:
        await unit.customers.put_cart_id(customer_id, kept)
    return kept


async def _open_cart(unit: UnitOfWork, cart_id: str, owners: Sequence[int]) -> Checkout | None:
    """A cart that can still be bought, of one of these customers (0: of nobody)."""
    if not cart_id:
        return None
    try:
        cart = await unit.checkouts.get(cart_id)
    except NotFound:
        return None
    return cart if cart.customer_id in owners and not cart.converted else None


async def leave_cart(unit: UnitOfWork, customer_id: int, cart_id: str, moment: Moment) -> str:
    """Sign the customer out of their cart, which stays in the session without anything personal: its id, "" where there is none."""
    async for _ in Attempts():
        try:
            return await asking_first(
                unit, lambda: unit.together(lambda inside: _leave_cart(inside, customer_id, cart_id, moment))
            )
        except LostRace:
            continue
    raise AssertionError("attempts end by raising")


async def _leave_cart(unit: UnitOfWork, customer_id: int, cart_id: str, moment: Moment) -> str:
    if cart_id:
        await unit.checkouts.hold(cart_id)
    cart = await _open_cart(unit, cart_id, (customer_id,))
    if cart is not None:
        await commands.changed(unit, cart, SignOut(), moment)
    await unit.customers.drop_cart_id(customer_id, cart_id)
    return cart.id if cart else ""


# ---------------------------------------------------------------------------------------------------- address book


async def add_address(unit: UnitOfWork, customer_id: int, address: Address, now: datetime) -> Customer:
    """The customer with the address in their book; as they were, where it is there already. Raises `NotFound`, `Invalid`,
    `Refused`."""
    customers.check_entry(address)
    entry = replace(customers.in_book(address), id=await unit.next_number("customer_address"))
    return await _edited(unit, customer_id, lambda before: customers.with_address(before, entry, now), now)


async def numbered(unit: UnitOfWork, addresses: Sequence[CustomerAddress]) -> list[CustomerAddress]:
    return [replace(address, id=await unit.next_number("customer_address")) for address in addresses]


async def addresses_to_save(unit: UnitOfWork, checkout: Checkout) -> list[CustomerAddress]:
    """Those a customer asked to keep and does not have, with ids."""
    asked = customers.to_save(checkout) if checkout.customer_id else []
    account = await unit.customers.account(checkout.customer_id) if asked else None
    new = [address for address in asked if account and not customers.holds(account.customer, address)]
    return await numbered(unit, new)


async def save_addresses(unit: UnitOfWork, placed: Order, addresses: Sequence[CustomerAddress]) -> None:
    """Entries of the customer's book, with the order they came with."""
    if not addresses:
        return
    now = placed.created_at
    await unit.customers.edit(
        placed.checkout.customer_id, lambda before: customers.with_addresses(before, addresses, now), now
    )


async def _edited(
    unit: UnitOfWork, customer_id: int, change: Callable[[Customer], Customer], now: datetime
) -> Customer:
    """Raises `NotFound`, and what `change` raises."""
    after = await unit.customers.edit(customer_id, change, now)
    if after is None:
        raise NotFound(f"There is no customer {customer_id}.", code="customer_not_found")
    return after


# ---------------------------------------------------------------------------------------------------- Management


class CustomerDraft(Struct, frozen=True, kw_only=True):
    """A customer to make, or with an `id` to change. `password` None: it stays as it is."""

    id: int = 0
    change: CustomerChange
    password: str | None = None
    addresses: tuple[CustomerAddress, ...] = ()


async def create(unit: UnitOfWork, drafts: Sequence[CustomerDraft], now: datetime) -> list[Customer]:
    """All of them or none. Raises `Invalid` naming the place, `Taken`."""
    store = await unit.store()
    accounts = []
    for index, draft in enumerate(drafts):
        made = _named(index, customers.new_customer, draft.change, store, now)
        for place, address in enumerate(draft.addresses):
            _named(f"{index}.addresses.{place}", customers.check_entry, address)
        made = replace(made, id=await unit.next_number("customer"))
        made = customers.with_addresses(made, await numbered(unit, draft.addresses), now)
        accounts.append(Account(customer=made, password_hash=await _hash_of(draft, index)))

    async def work(inside: UnitOfWork) -> None:
        for account in accounts:
            await inside.customers.insert(account, now)

    await unit.together(work)
    return [account.customer for account in accounts]


async def update(unit: UnitOfWork, drafts: Sequence[CustomerDraft], now: datetime) -> list[Customer]:
    """All of them or none. Raises `Invalid` naming the place, `Taken`."""
    _expect_once([draft.id for draft in drafts])
    store = await unit.store()
    hashes = [None if draft.password is None else await _hash_of(draft, index) for index, draft in enumerate(drafts)]

    async def work(inside: UnitOfWork) -> list[Customer]:
        done: dict[int, Customer] = {}
        for index, draft in sorted(enumerate(drafts), key=lambda entry: entry[1].id):
            change = partial(customers.changed, change=draft.change, store=store, now=now)
            after = await inside.customers.edit(
                draft.id, partial(_named, index, change), now, password_hash=hashes[index]
            )
            if after is None:
                raise Invalid.field(f"{index}.id", f"{draft.id} is not a customer of this store")
            done[draft.id] = after
        return [done[draft.id] for draft in drafts]

    return await unit.together(work)


async def _hash_of(draft: CustomerDraft, index: int) -> str:
    if draft.password is None:
        return ""
    customers.check_password(draft.password, f"{index}.authentication.new_password")
    return await passwords.hashed(draft.password)


def _named(place: int | str, work: Callable[..., T], *values: object) -> T:
    """Errors of one entry of a batch, with its place in their fields."""
    try:
        return work(*values)
    except Invalid as error:
        fields = {f"{place}.{name}": why for name, why in error.fields.items()}
        raise Invalid(error.message, fields=fields, code=error.reason) from None


async def remove(unit: UnitOfWork, ids: Sequence[int], now: datetime) -> None:
    """Those of them that are there."""

    async def work(inside: UnitOfWork) -> None:
        for customer_id in sorted(set(ids)):
            await inside.customers.remove(customer_id, now)

    await unit.together(work)


class OwnedAddress(Struct, frozen=True, kw_only=True):
    """An entry of somebody's address book."""

    customer_id: int
    address: CustomerAddress


async def create_addresses(unit: UnitOfWork, new: Sequence[OwnedAddress], now: datetime) -> list[OwnedAddress]:
    """Those that their books did not have yet; all of them are kept, or none. Raises `Invalid` naming the place, `Refused`."""
    for index, each in enumerate(new):
        _named(index, customers.check_entry, each.address)
    entries = await numbered(unit, [each.address for each in new])
    wanted = [(each.customer_id, partial(_as_sent, entry)) for each, entry in zip(new, entries, strict=True)]
    return await unit.together(lambda inside: _kept(inside, wanted, "customer_id", now))


async def update_addresses(
    unit: UnitOfWork, changes: Sequence[tuple[int, Mapping[str, str]]], now: datetime
) -> list[OwnedAddress]:
    """Fields of entries, by the ids of these; those that would be another entry stay as they are, and are left out. All are changed
    or none. Raises `Invalid` naming the place."""
    _expect_once([address_id for address_id, _ in changes])
    found = await unit.customers.addresses(AddressSearch(ids=[number for number, _ in changes]), limit=len(changes))
    owner_of = {entry.id: owner.id for owner, entry in found}
    wanted: list[tuple[int, EntryOf]] = []
    for index, (address_id, fields) in enumerate(changes):
        if address_id not in owner_of:
            raise Invalid.field(f"{index}.id", f"{address_id} is not an address of this store")
        wanted.append((owner_of[address_id], partial(customers.entry_with, address_id=address_id, fields=fields)))
    return await unit.together(lambda inside: _kept(inside, wanted, "id", now))


EntryOf = Callable[[Customer], CustomerAddress]


def _as_sent(entry: CustomerAddress, _: Customer) -> CustomerAddress:
    return entry


async def _kept(
    unit: UnitOfWork, wanted: Sequence[tuple[int, EntryOf]], field: str, now: datetime
) -> list[OwnedAddress]:
    """Entries by the ids of their customers, as far as the books do not have them yet. Customers are held in the order of their
    ids."""
    done: dict[int, OwnedAddress] = {}
    for index, (customer_id, entry_of) in sorted(enumerate(wanted), key=lambda each: (each[1][0], each[0])):
        is_held = await unit.customers.hold(customer_id)
        account = await unit.customers.account(customer_id) if is_held else None
        if account is None:
            raise Invalid.field(f"{index}.{field}", f"{customer_id} is not a customer of this store")
        entry = _named(index, entry_of, account.customer)
        if not customers.holds(account.customer, entry):
            await unit.customers.edit(customer_id, partial(customers.with_address, address=entry, now=now), now)
            done[index] = OwnedAddress(customer_id=customer_id, address=entry)
    return [done[index] for index in sorted(done)]


def _expect_once(ids: Sequence[int]) -> None:
    """Raises `Invalid` naming the place."""
    for index, each in enumerate(ids):
        if each in ids[:index]:
            raise Invalid.field(f"{index}.id", f"{each} is given twice")


async def remove_addresses(unit: UnitOfWork, ids: Sequence[int], now: datetime) -> None:
    """Those of them that are there."""
    found = await unit.customers.addresses(AddressSearch(ids=ids), limit=len(ids)) if ids else []

    async def work(inside: UnitOfWork) -> None:
        for customer_id in sorted({owner.id for owner, _ in found}):
            await inside.customers.edit(
                customer_id, partial(customers.without_addresses, ids=frozenset(ids), now=now), now
            )

    await unit.together(work)
