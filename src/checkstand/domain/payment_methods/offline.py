"""Paying by oneself: the shopper transfers, hands over or brings the money, and the merchant says when it has come."""

from checkstand.domain.order_status import OrderStatus
from checkstand.domain.payment_methods.method import PaymentKind, PaymentMethod


class Offline(PaymentKind):
    name = "offline"
    sdk_type = "PAYMENT_TYPE_OFFLINE"
    sdk_method = "offline"

    def status(self, method: PaymentMethod) -> OrderStatus:
        return "AWAITING_PAYMENT"
