"""What a tax provider is told of orders, to be kept: their taxes once they count, and that they count no more.

Written down with the order, in its transaction, and sent by a worker afterwards: so it is neither lost nor made up.
"""

from datetime import datetime

import msgspec

from checkstand.domain.facts import Facts
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.tax_documents import told
from checkstand.domain.tax_quote import TaxSubmission
from checkstand.service.tax_quotes import connected_provider
from checkstand.storage.port import UnitOfWork


async def commit_of(
    unit: UnitOfWork, priced: Priced, facts: Facts, order_id: int, *, is_final: bool
) -> TaxSubmission | None:
    """What to leave for the provider with a new order; None: there is no provider, or it is told when the order is paid. The
    order's number is the name the provider knows it by."""
    is_due = is_final or facts.store.tax_settings.document_submission_strategy == "ON_ORDER_CREATION"
    connected = await connected_provider(unit, facts) if is_due else None
    if connected is None or facts.now is None:
        return None
    document = told(priced, facts, facts.now, str(order_id))
    if document is None:
        return None
    body = msgspec.json.encode(document.request)
    return TaxSubmission(order_id=order_id, action="commit", provider_id=connected[0].id, body=body)


async def void(unit: UnitOfWork, order_id: int, now: datetime) -> bool:
    """Have the provider forget an order, once it was told of it; whether it was, or will be."""
    committed = await unit.tax_connections.submitted(order_id, "commit")
    if committed is None:
        return False
    await unit.tax_connections.submit(
        TaxSubmission(order_id=order_id, action="void", provider_id=committed.provider_id), now
    )
    return True
