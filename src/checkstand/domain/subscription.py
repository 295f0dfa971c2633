"""Which mails somebody agreed to be sent, by address without case. Nobody is sent any by this server; the shop's systems ask."""

from msgspec import Struct
from msgspec.structs import replace


class Subscription(Struct, frozen=True, kw_only=True):
    id: int
    email: str
    accepts_marketing_newsletter: bool = False
    accepts_abandoned_cart_emails: bool = False

    @property
    def consents(self) -> list[str]:
        given = {
            "marketing_newsletter": self.accepts_marketing_newsletter,
            "abandoned_cart_emails": self.accepts_abandoned_cart_emails,
        }
        return [name for name, is_given in given.items() if is_given]


class SubscriptionChange(Struct, frozen=True, kw_only=True):
    """None: as it was."""

    email: str
    accepts_marketing_newsletter: bool | None = None
    accepts_abandoned_cart_emails: bool | None = None


def key_of(email: str) -> str:
    return email.strip().casefold()


def changed(before: Subscription, change: SubscriptionChange) -> Subscription:
    said = {
        "accepts_marketing_newsletter": change.accepts_marketing_newsletter,
        "accepts_abandoned_cart_emails": change.accepts_abandoned_cart_emails,
    }
    return replace(before, email=change.email, **{name: value for name, value in said.items() if value is not None})
