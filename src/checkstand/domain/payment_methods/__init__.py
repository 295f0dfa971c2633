"""The kinds of payment methods, one file each.

A new kind is a new module with one `PaymentKind` (see `offline`) and its name in `KINDS`. What a merchant sets up is a
`PaymentMethod`, which names its kind; one without a name is an offline one.
"""

from checkstand.domain.payment_methods.method import PaymentKind, PaymentMethod
from checkstand.domain.payment_methods.offline import Offline

KINDS: dict[str, PaymentKind] = {kind.name: kind for kind in (Offline(),)}


def kind_of(method: PaymentMethod) -> PaymentKind:
    return KINDS[method.kind]


__all__ = ["KINDS", "PaymentKind", "PaymentMethod", "kind_of"]
