"""Published endpoints that this version does not have: they answer 501 and say so, rather than 404 as if they were unknown."""

from checkstand.api.bodies import unsupported
from checkstand.api.http import Call, Endpoint, Handler


def not_yet(method: str, path: str, what: str, scopes: tuple[str, ...] = ()) -> Endpoint:
    return Endpoint(method, path, _refusal(what), f"Not supported yet: {what}", scopes=scopes, tag="Not supported yet")


def _refusal(what: str) -> Handler:
    async def refuse(call: Call, body: object) -> object:
        raise unsupported(what)

    return refuse
