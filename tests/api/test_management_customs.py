"""What customs are told of products, `/shipping/products/customs-information`, as published."""

from datetime import UTC, datetime
from typing import Any

import pytest

from checkstand.domain.moment import Moment
from checkstand.service import shop_file
from tests.client import Shop

PATH = "/shipping/products/customs-information"
CAPS = {
    "product_id": 170,
    "country_of_origin": "US",
    "commodity_description": "Ceramic spoons",
    "international_shipping": True,
    "hs_codes": {"CA": "508313", "ALL": "501000"},
}
FIRST, LATER = datetime(2026, 3, 1, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 11, 30, tzinfo=UTC)


def at(shop: Shop, moment: datetime) -> Shop:
    shop.app.now = lambda: moment
    return shop


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [entry["product_id"] for entry in answer.json()["data"]]


def test_it_is_created_changed_listed_and_removed(shop: Shop) -> None:
    made = at(shop, FIRST).management("PUT", PATH, [CAPS, CAPS | {"product_id": 174}])
    changed = at(shop, LATER).management("PUT", PATH, [CAPS | {"international_shipping": False}])

    times = {"created_at": "2026-03-01T10:00:00+00:00", "updated_at": "2026-03-01T10:00:00+00:00"}
    assert made.json()["data"] == [CAPS | times, CAPS | times | {"product_id": 174}]
    (spoons,) = changed.json()["data"]
    assert (spoons["international_shipping"], spoons["created_at"]) == (False, "2026-03-01T10:00:00+00:00")
    assert spoons["updated_at"] == "2026-03-02T11:30:00+00:00"
    second = shop.management("GET", f"{PATH}?limit=1&page=2")
    assert (ids(second), second.json()["meta"]["pagination"]["total"]) == ([174], 2)
    assert ids(shop.management("GET", f"{PATH}?product_id:in=170,184,999")) == [170]

    assert shop.management("DELETE", f"{PATH}?product_id:in=170,184,999").status_code == 204
    assert ids(shop.management("GET", PATH)) == [174]
    shop.management("DELETE", "/catalog/products/174")
    assert ids(shop.management("GET", PATH)) == []


def test_it_stays_with_its_product_and_is_dumped_with_it(shop: Shop) -> None:
    shop.management("PUT", PATH, [CAPS])
    shop.management("PUT", "/catalog/products/170", {"price": 26})

    dumped = shop_file.write(shop.run(shop_file.dump(shop.storage.unit("demo"))))
    shop.run(shop_file.load(shop.storage.unit("demo"), shop_file.read(dumped), Moment(LATER, "loaded")))

    (spoons,) = shop.management("GET", PATH).json()["data"]
    assert spoons["hs_codes"] == {"CA": "508313", "ALL": "501000"}
    assert shop_file.write(shop.run(shop_file.dump(shop.storage.unit("demo")))) == dumped


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"product_id": 999}, "1.product_id"),
        ({"country_of_origin": "XX"}, "1.country_of_origin"),
        ({"commodity_description": "x" * 101}, "1.commodity_description"),
        ({"hs_codes": {"CA": "12345"}}, "1.hs_codes"),
        ({"hs_codes": {"Canada": "508313"}}, "1.hs_codes"),
        ({"hs_codes": None}, "1.hs_codes"),
    ],
)
def test_a_batch_with_something_wrong_leaves_nothing_behind(shop: Shop, fields: Any, named: str) -> None:
    refused = shop.management("PUT", PATH, [CAPS, CAPS | fields])

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [named])
    assert ids(shop.management("GET", PATH)) == []


def test_fifty_at_once_and_nothing_is_removed_without_ids(shop: Shop) -> None:
    assert shop.management("PUT", PATH, [CAPS] * 50).status_code == 200
    assert shop.management("PUT", PATH, [CAPS] * 51).status_code == 422
    assert shop.management("DELETE", PATH).status_code == 422
    assert ids(shop.management("GET", PATH)) == [170]
    assert shop.management("GET", PATH, token="demo-token-carts").status_code == 403
