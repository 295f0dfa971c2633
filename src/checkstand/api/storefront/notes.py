"""What an answer says beside its body: that something chosen before is not there any more."""

from typing import TypeVar

from checkstand.api.http import Reply
from checkstand.service.commands import Answer

T = TypeVar("T")
OPTIONS_CLEARED = "X-Shipping-Options-Cleared"


def noted(body: T, answer: Answer) -> T | Reply:
    """The body, with the consignments whose chosen option is not offered any more in a header."""
    return Reply(body, headers={OPTIONS_CLEARED: ", ".join(answer.dropped)}) if answer.dropped else body
