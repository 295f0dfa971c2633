"""What an answer says beside its data: that something chosen before is not there any more."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from checkstand.api.http import Reply
from checkstand.service.commands import Answer

T = TypeVar("T")
OPTION_CLEARED = "shipping_option_cleared"


class Note(Struct):
    code: str
    consignment_id: str
    message: str


def noted(body: T, answer: Answer, meta: Struct | None = None) -> T | Reply:
    """The body, with notes in its `meta` where there is something to say."""
    if not answer.dropped:
        return body if meta is None else Reply(body, meta=meta)
    message = "The chosen shipping option is not offered any more; choose another one."
    notes = [Note(OPTION_CLEARED, consignment_id, message) for consignment_id in answer.dropped]
    others = {} if meta is None else msgspec.structs.asdict(meta)
    return Reply(body, meta={**others, "notes": notes})
