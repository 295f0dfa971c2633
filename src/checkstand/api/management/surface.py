"""What all Management endpoints share: tokens and scopes, the `{data, meta}` envelope, rate-limit headers, error bodies."""

from collections.abc import Iterable, Mapping, Sequence

from checkstand.api.http import App, Call, Endpoint, HttpError, Reply
from checkstand.api.problems import TYPE, problem_type, status_of, title_of
from checkstand.errors import CheckoutError, Denied, Invalid, Unauthenticated, Unavailable
from checkstand.service.access import allows
from checkstand.storage.port import Caller, UnitOfWork

WINDOW_MILLISECONDS = 30_000
REQUESTS_QUOTA = 150
QUOTA_HEADERS = (
    (b"x-rate-limit-time-window-ms", b"%d" % WINDOW_MILLISECONDS),
    (b"x-rate-limit-requests-quota", b"%d" % REQUESTS_QUOTA),
    (b"x-rate-limit-requests-left", b"%d" % REQUESTS_QUOTA),
)


class Management:
    """One version prefix of the Management API. `enveloped` false: v2, whose answers are bare."""

    def __init__(self, prefix: str, endpoints: Sequence[Endpoint], *, enveloped: bool = True) -> None:
        self.name = "management"
        self.prefix = prefix
        self.endpoints = endpoints
        self._enveloped = enveloped

    async def unit(self, app: App, params: Mapping[str, str], headers: Mapping[str, str]) -> UnitOfWork:
        return app.storage.unit(params["store_hash"])

    async def enter(self, call: Call, endpoint: Endpoint) -> None:
        token = call.headers.get("x-auth-token")
        if not token:
            raise Unauthenticated("Send an access token in the header X-Auth-Token.")
        caller = await call.unit.access.caller(token)
        if caller is None:
            raise Unauthenticated("This access token is not one of this store.")
        if endpoint.scopes and not allows(caller.scopes, endpoint.scopes, reading=endpoint.method == "GET"):
            wanted = " or ".join(endpoint.scopes)
            raise Denied(
                f"This token may not {'read' if endpoint.method == 'GET' else 'change'} this: it lacks the scope {wanted}."
            )
        call.caller = caller

    def owner(self, call: Call) -> str:
        return call.headers["x-auth-token"]

    def envelope(self, body: object, reply: Reply) -> object:
        if not (self._enveloped and reply.enveloped):
            return body
        return {"data": body, "meta": {} if reply.meta is None else reply.meta}

    def headers(self, call: Call) -> Iterable[tuple[bytes, bytes]]:
        """The four rate-limit headers (D68): nothing is refused, so the whole quota is always left."""
        left = WINDOW_MILLISECONDS - round(call.now.timestamp() * 1000) % WINDOW_MILLISECONDS
        return (*QUOTA_HEADERS, (b"x-rate-limit-time-reset-ms", b"%d" % left))

    def problem(
        self, error: CheckoutError | HttpError, path: str, endpoint: Endpoint | None
    ) -> tuple[int, object, Mapping[str, str]]:
        if isinstance(error, HttpError):
            return (
                error.status,
                {"status": error.status, "title": error.title, "type": TYPE, "detail": error.detail},
                error.headers,
            )
        status = status_of(error)
        body: dict[str, object] = {
            "status": status,
            "title": title_of(error, status),
            "type": problem_type(error),
            "detail": error.message,
        }
        if status == 404 and endpoint is not None and endpoint.path == "/checkouts/{checkout_id}":
            body["errors"] = [dict(body)]
        elif status == 422 and endpoint is not None and endpoint.bulk:
            body |= bulk_refusal(error, body)
        elif isinstance(error, Invalid) and error.fields:
            body["errors"] = dict(error.fields)
        elif isinstance(fields := error.details.get("fields"), Mapping):
            body["errors"] = dict(fields)
        elif requirements := error.details.get("requirements"):
            body["errors"] = {
                str(number): text for number, text in enumerate(requirements if isinstance(requirements, list) else [])
            }
        return status, body, retry_after(error)


def caller_of(call: Call) -> Caller:
    """Who is asking: `enter` let nobody in without finding out."""
    assert call.caller is not None
    return call.caller


def bulk_refusal(error: CheckoutError, body: Mapping[str, object]) -> dict[str, object]:
    """The published shape of partial success, in which nothing ever succeeded: a refused request writes nothing."""
    reasons = dict(error.fields) if isinstance(error, Invalid) else {}
    shown: dict[str, object] = {"data": [], "errors": [{**body, "errors": reasons}]}
    if isinstance(total := error.details.get("total"), int):
        shown["meta"] = {"total": total, "success": 0, "failed": total}
    return shown


def retry_after(error: CheckoutError) -> Mapping[str, str]:
    return {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Unavailable) else {}
