"""The statuses an order may have, as published, and what follows from each.

An order holds its stock in every status but those before it counts and after it was given up. In a paid one its cart is gone and
what it bought is handed out. A merchant may set any of them, but for going back to "incomplete".
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

OrderStatus = Literal[
    "INCOMPLETE",
    "PENDING",
    "SHIPPED",
    "PARTIALLY_SHIPPED",
    "REFUNDED",
    "CANCELLED",
    "DECLINED",
    "AWAITING_PAYMENT",
    "AWAITING_PICKUP",
    "AWAITING_SHIPMENT",
    "COMPLETED",
    "AWAITING_FULFILLMENT",
    "MANUAL_VERIFICATION_REQUIRED",
    "DISPUTED",
    "PARTIALLY_REFUNDED",
]


class StatusDetails(Struct, frozen=True):
    """A status by its published number, and what people call it."""

    id: int
    status: OrderStatus
    name: str


STATUSES = (
    StatusDetails(0, "INCOMPLETE", "Incomplete"),
    StatusDetails(1, "PENDING", "Pending"),
    StatusDetails(2, "SHIPPED", "Shipped"),
    StatusDetails(3, "PARTIALLY_SHIPPED", "Partially Shipped"),
    StatusDetails(4, "REFUNDED", "Refunded"),
    StatusDetails(5, "CANCELLED", "Cancelled"),
    StatusDetails(6, "DECLINED", "Declined"),
    StatusDetails(7, "AWAITING_PAYMENT", "Awaiting Payment"),
    StatusDetails(8, "AWAITING_PICKUP", "Awaiting Pickup"),
    StatusDetails(9, "AWAITING_SHIPMENT", "Awaiting Shipment"),
    StatusDetails(10, "COMPLETED", "Completed"),
    StatusDetails(11, "AWAITING_FULFILLMENT", "Awaiting Fulfillment"),
    StatusDetails(12, "MANUAL_VERIFICATION_REQUIRED", "Manual Verification Required"),
    StatusDetails(13, "DISPUTED", "Disputed"),
    StatusDetails(14, "PARTIALLY_REFUNDED", "Partially Refunded"),
)
BY_ID: Mapping[int, StatusDetails] = {details.id: details for details in STATUSES}
BY_STATUS: Mapping[str, StatusDetails] = {details.status: details for details in STATUSES}

GIVEN_UP: frozenset[OrderStatus] = frozenset({"CANCELLED", "DECLINED"})
PAID: frozenset[OrderStatus] = frozenset(
    {"SHIPPED", "PARTIALLY_SHIPPED", "AWAITING_PICKUP", "AWAITING_SHIPMENT", "COMPLETED", "AWAITING_FULFILLMENT"}
)
"""Money came in, and the goods are on their way or there."""


def is_active(status: OrderStatus) -> bool:
    """Whether an order in this status holds its stock. One that was refunded does: nobody knows what came back."""
    return status != "INCOMPLETE" and status not in GIVEN_UP
