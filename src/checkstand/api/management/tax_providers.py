"""The connection of a store to a tax provider (BEHAVIOUR 8). Which providers there are stands in the shop file."""

from msgspec import UNSET, Struct

from checkstand.api.bodies import Text
from checkstand.api.http import Call, Endpoint
from checkstand.service import tax_connections
from checkstand.service.access import INFORMATION
from checkstand.service.tax_connections import Connected, ConnectionChange


class ConnectionBody(Struct):
    """What is left out stays as it is; `username` and `password` are required at first."""

    username: Text | None = None
    password: Text | None = None
    profile: Text | None = None

    def change(self) -> ConnectionChange:
        return ConnectionChange(
            username=UNSET if self.username is None else self.username,
            password=UNSET if self.password is None else self.password,
            profile=UNSET if self.profile is None else self.profile,
        )


class ConnectionShape(Struct):
    """The password is never shown."""

    username: str
    configured: bool
    profile: str


def _shape(connected: Connected) -> ConnectionShape:
    return ConnectionShape(connected.username, connected.is_configured, connected.profile)


async def get_connection(call: Call, body: None) -> ConnectionShape:
    return _shape(await tax_connections.get(call.unit, call.params["provider_id"]))


async def put_connection(call: Call, body: ConnectionBody) -> ConnectionShape:
    return _shape(
        await tax_connections.put(call.unit, call.params["provider_id"], body.change(), call.app.provider_hosts)
    )


async def delete_connection(call: Call, body: None) -> ConnectionShape:
    return _shape(await tax_connections.remove(call.unit, call.params["provider_id"]))


CONNECTION = "/tax/providers/{provider_id}/connection"
TAG = "Taxes"

ENDPOINTS = [
    Endpoint(
        "GET",
        CONNECTION,
        get_connection,
        "Read the connection to a tax provider",
        answer=ConnectionShape,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        CONNECTION,
        put_connection,
        "Connect a tax provider, which then works out the taxes",
        answer=ConnectionShape,
        body=ConnectionBody,
        scopes=INFORMATION,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        CONNECTION,
        delete_connection,
        "Disconnect a tax provider",
        answer=ConnectionShape,
        scopes=INFORMATION,
        tag=TAG,
    ),
]
