"""What all Management endpoints share: tokens and scopes, the `{data, meta}` envelope, rate-limit headers, error bodies."""

from collections.abc import Iterable, Mapping, Sequence

from checkstand.api.http import App, Call, Endpoint, HttpError, Reply
from checkstand.api.problems import TYPE, coupon_errors, problem_type, status_of, title_of, waiting_headers
from checkstand.api.rate_limits import PUBLISHED_QUOTA, WINDOW_MILLISECONDS, milliseconds_left
from checkstand.errors import CheckoutError, Denied, Invalid, Throttled, Unauthenticated
from checkstand.service.access import allows
from checkstand.storage.port import Caller, UnitOfWork


def _quota(quota: int, left: int) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"x-rate-limit-time-window-ms", b"%d" % WINDOW_MILLISECONDS),
        (b"x-rate-limit-requests-quota", b"%d" % quota),
        (b"x-rate-limit-requests-left", b"%d" % left),
    )


UNLIMITED = _quota(PUBLISHED_QUOTA, PUBLISHED_QUOTA)


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
        limit = call.app.token_limit
        if not token or token in call.app.refused_tokens:
            caller = None
        else:
            checkout_id = call.params.get("checkout_id") or call.params.get("cart_id", "")
            caller = await call.unit.access.caller(token, checkout_id)
        if caller is None:
            limit.take(call.address, call.now)  # who guesses tokens is counted as well
            raise _unknown(token, call.app.refused_tokens)
        if limit.quota is not None:
            call.requests_left = limit.take(f"{call.unit.store_hash} {token}", call.now)
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
        """The four rate-limit headers. As long as no limit is set nothing is refused, and the whole published quota is
        always left (D68)."""
        reset = (b"x-rate-limit-time-reset-ms", b"%d" % milliseconds_left(call.now))
        quota = call.app.token_limit.quota
        return (*(UNLIMITED if quota is None else _quota(quota, call.requests_left)), reset)

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
        elif refused := coupon_errors(error):
            body["errors"] = refused
        elif isinstance(error, Invalid) and error.fields:
            body["errors"] = dict(error.fields)
        elif isinstance(fields := error.details.get("fields"), Mapping):
            body["errors"] = dict(fields)
        elif requirements := error.details.get("requirements"):
            body["errors"] = {
                str(number): text for number, text in enumerate(requirements if isinstance(requirements, list) else [])
            }
        return status, body, {**waiting_headers(error), **_quota_headers(error)}


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


def _quota_headers(error: CheckoutError) -> Mapping[str, str]:
    """Where the quota is the reason: all four, of which nothing is left."""
    if not isinstance(error, Throttled):
        return {}
    return {
        "X-Rate-Limit-Time-Window-Ms": str(WINDOW_MILLISECONDS),
        "X-Rate-Limit-Requests-Quota": str(error.quota),
        "X-Rate-Limit-Requests-Left": "0",
        "X-Rate-Limit-Time-Reset-Ms": str(error.reset_milliseconds),
    }


def _unknown(token: str | None, refused: frozenset[str]) -> Unauthenticated:
    if not token:
        return Unauthenticated("Send an access token in the header X-Auth-Token.")
    if token in refused:
        return Unauthenticated(
            "This access token is one of the demo shop, which everybody knows. It is refused where the server can be reached "
            "from other machines; make another with checkstand token."
        )
    return Unauthenticated("This access token is not one of this store.")
