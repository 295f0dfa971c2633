"""Everything that can go wrong on purpose, in one tree. No HTTP here: each surface has its own table of statuses.

CheckoutError                 code, message, details
├── NotFound                  no such checkout, cart, consignment, line item, address, product, ...
├── Invalid                   cannot be understood, or contradicts itself; carries field -> reason
├── Refused                   understood, and the store says no
│   ├── OutOfStock            fewer units than an order asks for
│   │   └── OverStock         or than a cart would hold
│   ├── CouponNotApplicable   a coupon code this checkout cannot have
│   ├── CertificateNotApplicable  a gift certificate that cannot pay for it
│   ├── BalanceChanged        what was to be paid with has been used elsewhere
│   ├── DearerShipping        a carrier asks more by now than when its option was chosen
│   ├── OptionNotOffered      a shipping or pick-up option this consignment does not have
│   ├── QuantityNotAvailable  more units than the cart or the consignment allows
│   ├── PurchaseLimit         more or fewer units of a product than the merchant sells to one order
│   ├── PurchasingDisabled    the store does not sell at the moment
│   ├── AlreadyOrdered        this cart has become an order
│   ├── Taken                 a name, key or address that must be unique is in use
│   ├── KeyReused             an Idempotency-Key that belongs to another request
│   └── KeyInUse              an Idempotency-Key whose first request is still being answered
├── Incomplete                not ready to become an order; carries the unmet requirements
├── VersionConflict           someone else changed it first
├── Denied                    not allowed
│   └── Unauthenticated       nobody known is asking
├── Unsupported               a part of the published API that this version does not have yet
├── Throttled                 more requests than a client may send
└── Unavailable               an outside party failed or the database is busy; try again

The domain and the services raise them, one place per surface catches them. Raising never commits, returning does.
A reason is data with a stable `code`; the exception only carries it.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class CheckoutError(Exception):
    """Something went wrong that the caller can understand.

    `code` is a stable word for programs, `message` a sentence for people, `details` whatever else a surface may show.
    """

    code: ClassVar[str] = "checkout_error"

    def __init__(self, message: str, *, code: str | None = None, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = code or self.code
        self.details: Mapping[str, object] = details or {}


class NotFound(CheckoutError):
    code = "not_found"


class Invalid(CheckoutError):
    """The request cannot be understood. `fields` names what is wrong: `{"line_items.0.quantity": "must be 1 or more"}`."""

    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.fields: Mapping[str, str] = fields or {}

    @classmethod
    def field(cls, name: str, reason: str, *, code: str | None = None) -> "Invalid":
        return cls(f"{name} {reason}", fields={name: reason}, code=code)


class Malformed(Invalid):
    """The body is no JSON, or JSON of another shape than the endpoint takes."""

    code = "malformed"


class Refused(CheckoutError):
    code = "refused"


class OutOfStock(Refused):
    code = "out_of_stock"


class OverStock(OutOfStock):
    code = "insufficient_stock"


class KeyReused(Refused):
    code = "idempotency_key_reused"


class KeyInUse(Refused):
    code = "idempotency_key_in_use"


class CouponNotApplicable(Refused):
    """Its reason is one of the words clients read: `min_purchase`, `not_applicable`, `expired`, `limit`, `invalid`."""

    code = "invalid"


class CertificateNotApplicable(Refused):
    code = "invalid_gift_certificate"


class BalanceChanged(Refused):
    """Its reason is the word by which official clients know that they have to load the checkout again."""

    code = "cart_has_changed"


class DearerShipping(Refused):
    code = "shipping_price_changed"


class OptionNotOffered(Refused):
    code = "option_not_offered"


class QuantityNotAvailable(Refused):
    code = "quantity_not_available"


class PurchaseLimit(Refused):
    code = "purchase_limit"


class PurchasingDisabled(Refused):
    code = "purchasing_disabled"


class AlreadyOrdered(Refused):
    code = "already_ordered"


class Taken(Refused):
    code = "taken"


class Incomplete(CheckoutError):
    """The checkout cannot become an order yet. `requirements` are what is missing, the first one decides the code."""

    code = "incomplete"

    def __init__(self, requirements: Sequence[tuple[str, str]]) -> None:
        first_code, first_message = requirements[0]
        super().__init__(
            first_message, code=first_code, details={"requirements": [message for _, message in requirements]}
        )
        self.requirements = tuple(requirements)


class VersionConflict(CheckoutError):
    code = "version_conflict"

    def __init__(self, expected: int | None, actual: int | None) -> None:
        super().__init__(
            f"The request expects version {expected}, the checkout is at version {actual}."
            if expected is not None and actual is not None
            else "The checkout was changed by another request."
        )
        self.expected, self.actual = expected, actual


class Denied(CheckoutError):
    code = "denied"


class Unauthenticated(Denied):
    code = "unauthenticated"


class Unsupported(CheckoutError):
    code = "unsupported"


class Throttled(CheckoutError):
    """`quota` requests were allowed in the present window; another one begins in `reset_milliseconds`."""

    code = "throttled"

    def __init__(self, message: str, *, quota: int, reset_milliseconds: int) -> None:
        super().__init__(message)
        self.quota, self.reset_milliseconds = quota, reset_milliseconds


UNKNOWN_OUTCOME = "unknown_outcome"
"""The reason of an `Unavailable` after which nobody can know whether it was done."""


class Unavailable(CheckoutError):
    """`retry_after_seconds` is how long a client should wait before it tries again."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_seconds: int = 1, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds
