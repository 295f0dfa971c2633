"""What an answer says beside its data: that something chosen before is not there any more, or could not be confirmed."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from checkstand.api.http import Reply
from checkstand.service.commands import Answer

T = TypeVar("T")
OPTION_CLEARED = "shipping_option_cleared"
PICKUP_CLEARED = "pickup_option_cleared"
OPTION_UNCONFIRMED = "shipping_option_unconfirmed"


class Note(Struct):
    code: str
    consignment_id: str
    message: str


def noted(body: T, answer: Answer, meta: Struct | None = None) -> T | Reply:
    """The body, with notes in its `meta` where there is something to say."""
    if not answer.dropped and not answer.pickups_dropped and not answer.unconfirmed:
        return body if meta is None else Reply(body, meta=meta)
    gone = "The chosen shipping option is not offered any more; choose another one."
    gone_there = "The goods cannot be collected any more where that was chosen; choose another place."
    as_it_was = "The carrier of the chosen shipping option gives no answer at the moment; its last one goes on holding."
    notes = [
        *(Note(OPTION_CLEARED, consignment_id, gone) for consignment_id in answer.dropped),
        *(Note(PICKUP_CLEARED, consignment_id, gone_there) for consignment_id in answer.pickups_dropped),
        *(Note(OPTION_UNCONFIRMED, consignment_id, as_it_was) for consignment_id in answer.unconfirmed),
    ]
    others = {} if meta is None else msgspec.structs.asdict(meta)
    return Reply(body, meta={**others, "notes": notes})
