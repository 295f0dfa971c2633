"""Connecting a store to a tax provider. Connecting one makes it the store's own, as nobody else can choose; disconnecting it
gives the store's zones their place back."""

from functools import partial

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checkstand.domain.destination import check_destination
from checkstand.domain.facts import Store
from checkstand.domain.tax_quote import PROFILE, PROFILE_NAME, TaxConnection, TaxProvider
from checkstand.errors import Invalid, NotFound
from checkstand.service.shop import edit
from checkstand.storage.port import UnitOfWork

HOSTS_SETTING = "CHECKSTAND_PROVIDER_HOSTS"


class ConnectionChange(Struct, frozen=True, kw_only=True):
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    profile: str | UnsetType = UNSET


class Connected(Struct, frozen=True):
    """A connection as it may be shown."""

    username: str
    is_configured: bool
    profile: str


async def get(unit: UnitOfWork, provider_id: str) -> Connected:
    """Raises `NotFound` for a provider the store does not know."""
    provider = _provider(await unit.store(), provider_id)
    return _shown(await unit.tax_connections.get(provider.id) or TaxConnection(provider_id=provider.id), provider)


async def put(unit: UnitOfWork, provider_id: str, change: ConnectionChange, allowed_hosts: frozenset[str]) -> Connected:
    """Raises `NotFound`, `Invalid`."""
    provider = _provider(await unit.store(), provider_id)
    before = await unit.tax_connections.get(provider.id) or TaxConnection(provider_id=provider.id)
    after = _changed(before, change, provider)
    if after.is_configured(provider):
        check_destination(after.url(provider), allowed_hosts, setting=HOSTS_SETTING, field="provider_id")
    await unit.tax_connections.put(after)
    if after.is_configured(provider):
        await edit(unit, partial(replace, tax_provider_id=provider.id))
    return _shown(after, provider)


async def remove(unit: UnitOfWork, provider_id: str) -> Connected:
    """The connection that was. Raises `NotFound`, also where there was none."""
    provider = _provider(await unit.store(), provider_id)
    before = await unit.tax_connections.get(provider.id)
    if before is None:
        raise NotFound(f"Tax provider {provider.id} is not connected.", code="tax_connection_not_found")

    def without(store: Store) -> Store:
        return replace(store, tax_provider_id="") if store.tax_provider_id == provider.id else store

    await edit(unit, without)
    await unit.tax_connections.remove(provider.id)
    return replace(_shown(before, provider), is_configured=False)


def _provider(store: Store, provider_id: str) -> TaxProvider:
    provider = store.tax_provider(provider_id)
    if provider is None:
        raise NotFound(f"There is no tax provider {provider_id}.", code="tax_provider_not_found")
    return provider


def _changed(before: TaxConnection, change: ConnectionChange, provider: TaxProvider) -> TaxConnection:
    given = {
        name: value for name in ("username", "password", "profile") if (value := getattr(change, name)) is not UNSET
    }
    after = replace(before, **given)
    for name in ("username", "password"):
        if not getattr(after, name):
            raise Invalid.field(name, "is required")
    if ":" in after.username or not after.username.isprintable() or not after.password.isprintable():
        raise Invalid.field("username", "and password must be printable, the username without a colon")
    if after.profile and PROFILE not in provider.url:
        raise Invalid.field("profile", "is not something this provider has")
    if after.profile and not PROFILE_NAME.fullmatch(after.profile):
        raise Invalid.field("profile", "must be up to 63 letters, digits and hyphens")
    return after


def _shown(connection: TaxConnection, provider: TaxProvider) -> Connected:
    return Connected(connection.username, connection.is_configured(provider), connection.profile)
