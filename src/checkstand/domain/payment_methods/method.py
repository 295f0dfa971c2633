"""What every way to pay has in common: how a merchant set it up, and what whoever handles it says about it."""

from typing import ClassVar

from msgspec import Struct

from checkstand.domain.order_status import OrderStatus


class PaymentMethod(Struct, frozen=True, kw_only=True):
    """A way to pay that a merchant offers. `kind`: who handles it, by the name of a `PaymentKind`."""

    id: str
    name: str
    instructions: str = ""
    kind: str = "offline"


class PaymentKind:
    """How a kind of method is shown to official clients, and what an order paid by it is worth at first.

    `sdk_type` and `sdk_method`: what clients choose their code for it by. `gateway`: None, or who is behind it.
    """

    name: ClassVar[str]
    sdk_type: ClassVar[str]
    sdk_method: ClassVar[str]
    gateway: ClassVar[str | None] = None

    def status(self, method: PaymentMethod) -> OrderStatus:
        """Of an order of which something is left to pay by this method."""
        raise AssertionError(f"{type(self).__name__} gives no status")
