"""The bodies of errors (BEHAVIOUR 1.2) that the surfaces share: what each error is called, and its status.

Every body has `status`, `title`, `type` and `detail`. `type` is a word where official clients branch on it.
"""

from checkstand.errors import (
    AlreadyOrdered,
    BalanceChanged,
    CertificateNotApplicable,
    CheckoutError,
    CouponNotApplicable,
    DearerShipping,
    Denied,
    Incomplete,
    Invalid,
    KeyInUse,
    Malformed,
    NotFound,
    OverStock,
    PurchaseLimit,
    PurchasingDisabled,
    Refused,
    Taken,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unsupported,
    VersionConflict,
)

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
CONFLICT_TITLE = "The request cannot be processed due to a possible conflict. Please review the changes and try again."

STATUSES: dict[type[CheckoutError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    PurchasingDisabled: 403,
    Denied: 403,
    NotFound: 404,
    VersionConflict: 409,
    Taken: 409,
    KeyInUse: 409,
    PurchaseLimit: 409,
    OverStock: 409,
    BalanceChanged: 409,
    DearerShipping: 409,
    AlreadyOrdered: 422,
    Incomplete: 422,
    Invalid: 422,
    Refused: 422,
    Throttled: 429,
    Unsupported: 501,
    Unavailable: 503,
}
"""From class to status (D6); a class that is not named has its nearest ancestor's."""

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: CONFLICT_TITLE,
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    501: "Not Implemented",
    503: "Service Unavailable",
}

WORDS = frozenset(
    {
        "reset_password_before_login",
        "empty_cart",
        "invalid_shipping_address",
        "invalid_billing_address",
        "missing_email_address",
        "missing_shipping_method",
        "cart_consistency",
        "cart_changed",
        "cart_has_changed",
        "tax_provider_unavailable",
        "payment_config_not_found",
        "stock_too_low",
    }
)
"""Reasons that clients look for in `type`, as bare words."""


def status_of(error: CheckoutError) -> int:
    return next(STATUSES[ancestor] for ancestor in type(error).__mro__ if ancestor in STATUSES)


def coupon_errors(error: CheckoutError) -> list[dict[str, str]]:
    """`errors[0].code` is what official clients read when a coupon is refused; empty for other errors."""
    return [{"code": error.reason, "message": error.message}] if isinstance(error, CouponNotApplicable) else []


def waiting_headers(error: CheckoutError) -> dict[str, str]:
    """When to come back. Published clients read whole seconds from `X-Retry-After` of a 429, everybody else `Retry-After`."""
    if isinstance(error, Throttled):
        seconds = str(-(-error.reset_milliseconds // 1000))
        return {"X-Retry-After": seconds, "Retry-After": seconds}
    return {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Unavailable) else {}


def problem_type(error: CheckoutError) -> str:
    if isinstance(error, DearerShipping):
        return "cart_has_changed"  # the word by which official clients load the checkout again, and show it
    if isinstance(error, CertificateNotApplicable):
        return "about:blank"  # recorded
    return error.reason if error.reason in WORDS else TYPE


def title_of(error: CheckoutError, status: int) -> str:
    """What is wrong in a few words: the message where it names no ids, the status's name otherwise."""
    if isinstance(error, CertificateNotApplicable):
        return "Incorrect or mismatch"  # recorded
    return error.message if isinstance(error, Invalid | Incomplete | Refused) else TITLES[status]
