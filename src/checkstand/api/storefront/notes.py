"""What an answer says beside its body: that something chosen before is not there any more, or could not be confirmed."""

from typing import TypeVar

from checkstand.api.http import Reply
from checkstand.service.commands import Answer

T = TypeVar("T")
OPTIONS_CLEARED = "X-Shipping-Options-Cleared"
PICKUPS_CLEARED = "X-Pickup-Options-Cleared"
OPTIONS_UNCONFIRMED = "X-Shipping-Options-Unconfirmed"


def noted(body: T, answer: Answer) -> T | Reply:
    """The body, with headers that name the consignments whose chosen option is not offered any more, or that cannot be collected
    any more where that was chosen, and those whose carrier gave no answer."""
    said = {
        OPTIONS_CLEARED: answer.dropped,
        PICKUPS_CLEARED: answer.pickups_dropped,
        OPTIONS_UNCONFIRMED: answer.unconfirmed,
    }
    headers = {name: ", ".join(ids) for name, ids in said.items() if ids}
    return Reply(body, headers=headers) if headers else body
