"""Customs information of products (`/shipping/products/customs-information`)."""

from typing import Annotated

from msgspec import Meta, Struct

from checkstand.api.bodies import Identifier, Text
from checkstand.api.http import Call, Endpoint, Reply
from checkstand.api.management.listing import UNDATED, named_ids, page_and_limit, pagination
from checkstand.api.projection import timestamp
from checkstand.domain.customs import CustomsDraft
from checkstand.domain.facts import Product
from checkstand.service import customs
from checkstand.service.access import PRODUCTS

MOST_AT_ONCE = 50
MOST_CODES = 300
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 250


class CustomsBody(Struct):
    """`hs_codes`: by the code of a country, or `ALL`."""

    product_id: Identifier
    country_of_origin: Text
    commodity_description: Text
    international_shipping: bool
    hs_codes: Annotated[dict[str, str], Meta(max_length=MOST_CODES)]

    def draft(self) -> CustomsDraft:
        return CustomsDraft(
            product_id=self.product_id,
            country_of_origin=self.country_of_origin,
            commodity_description=self.commodity_description,
            international_shipping=self.international_shipping,
            hs_codes=self.hs_codes,
        )


class CustomsShape(Struct):
    product_id: int
    country_of_origin: str
    commodity_description: str
    international_shipping: bool
    hs_codes: dict[str, str]
    created_at: str
    updated_at: str


def _shown(product: Product) -> CustomsShape:
    said = product.customs
    assert said is not None
    return CustomsShape(
        product_id=product.id,
        country_of_origin=said.country_of_origin,
        commodity_description=said.commodity_description,
        international_shipping=said.international_shipping,
        hs_codes=said.hs_codes,
        created_at=timestamp(said.created_at or UNDATED),
        updated_at=timestamp(said.updated_at or UNDATED),
    )


async def get_customs(call: Call, body: None) -> Reply:
    page, limit = page_and_limit(call, default=DEFAULT_LIMIT, most=LARGEST_LIMIT)
    ids = call.query_numbers("product_id:in")
    found, total = await call.unit.catalog.page_with_customs(ids, limit, (page - 1) * limit)
    shown = [_shown(product) for product in found]
    return Reply(shown, meta={"pagination": pagination(call, page, limit, count=len(shown), total=total)})


async def put_customs(
    call: Call, body: Annotated[list[CustomsBody], Meta(min_length=1, max_length=MOST_AT_ONCE)]
) -> list[CustomsShape]:
    kept = await customs.put(call.unit, [entry.draft() for entry in body], call.now)
    return [_shown(product) for product in kept]


async def delete_customs(call: Call, body: None) -> None:
    ids = named_ids(call, "product", "product_id:in")
    await customs.remove(call.unit, ids)


PATH = "/shipping/products/customs-information"
TAG = "Shipping"

ENDPOINTS = [
    Endpoint(
        "GET",
        PATH,
        get_customs,
        "List what customs are told of products",
        answer=list[CustomsShape],
        scopes=PRODUCTS,
        query=("page", "limit", "product_id:in"),
        tag=TAG,
    ),
    Endpoint(
        "PUT",
        PATH,
        put_customs,
        "Say what customs are told of products",
        answer=list[CustomsShape],
        body=Annotated[list[CustomsBody], Meta(min_length=1, max_length=MOST_AT_ONCE)],
        scopes=PRODUCTS,
        tag=TAG,
    ),
    Endpoint(
        "DELETE",
        PATH,
        delete_customs,
        "Tell customs nothing of products any more",
        status=204,
        scopes=PRODUCTS,
        query=("product_id:in",),
        tag=TAG,
    ),
]
