"""The currencies of the store, `/v2/currencies`, as published."""

from typing import Any

import httpx
import pytest

from tests.api.flows import a_cart, storefront_cart
from tests.client import Shop

POUND = {
    "is_default": False,
    "country_iso2": "GB",
    "default_for_country_codes": ["GBR"],
    "currency_code": "GBP",
    "currency_exchange_rate": "0.849",
    "auto_update": True,
    "token_location": "left",
    "token": "£",
    "decimal_token": ".",
    "thousands_token": ",",
    "decimal_places": 2,
    "name": "Pound",
    "enabled": True,
    "is_transactional": True,
    "use_default_name": False,
}
SPOONS = {"product_id": 170, "quantity": 1}


def v2(shop: Shop, method: str, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
    return shop.management(method, f"/currencies{path}", body, base="/stores/demo/v2", **options)


def codes(answer: httpx.Response) -> list[str]:
    return [currency["currency_code"] for currency in answer.json()]


def test_a_currency_is_created_and_shown_as_published(shop: Shop) -> None:
    made = v2(shop, "POST", body=POUND)

    assert made.status_code == 200
    shown = made.json()
    assert shown.pop("last_updated")
    assert shown == POUND | {"id": 5}
    assert v2(shop, "GET", "/5").json() == made.json()
    assert a_cart(shop, SPOONS, currency={"code": "GBP"})["base_amount"] == 21.23  # 25.00 are 21.225


@pytest.mark.parametrize("rate", ["0.849", 0.5, 2])
def test_a_rate_may_be_a_number_or_a_text(shop: Shop, rate: object) -> None:
    made = v2(shop, "POST", body=POUND | {"currency_exchange_rate": rate})

    assert made.json()["currency_exchange_rate"] == str(rate)


def test_the_list_goes_by_id_in_pages(shop: Shop) -> None:
    every = v2(shop, "GET")

    assert codes(every) == ["USD", "EUR", "JPY", "KWD"]
    assert [currency["is_default"] for currency in every.json()] == [True, False, False, False]
    assert [currency["currency_exchange_rate"] for currency in every.json()] == ["1", "0.9", "150", "0.307"]
    assert codes(v2(shop, "GET", "?page=2&limit=3")) == ["KWD"]
    assert v2(shop, "GET", "?limit=none").status_code == 422


def test_a_disabled_currency_takes_no_new_carts_and_keeps_those_that_are_in_it(shop: Shop) -> None:
    cart = storefront_cart(shop)
    shop.storefront("POST", f"/carts/{cart['id']}/currency", {"currencyCode": "JPY"})

    changed = v2(shop, "PUT", "/3", {"enabled": False})

    assert (changed.status_code, changed.json()["enabled"], changed.json()["name"]) == (200, False, "Japanese Yen")
    refused = shop.management("POST", "/carts", {"line_items": [SPOONS], "currency": {"code": "JPY"}})
    assert (refused.status_code, refused.json()["detail"]) == (422, "currency.code JPY is not enabled in this store")
    kept = shop.storefront("POST", f"/carts/{cart['id']}/items", {"lineItems": [{"productId": 170, "quantity": 1}]})
    assert (kept.json()["currency"]["code"], kept.json()["cartAmount"]) == ("JPY", 4198 + 3750)


def test_a_new_rate_counts_with_the_next_change_of_the_goods(shop: Shop) -> None:
    cart = a_cart(shop, SPOONS, currency={"code": "JPY"})
    v2(shop, "PUT", "/3", {"currency_exchange_rate": "160"})

    read = shop.management("GET", f"/carts/{cart['id']}").json()["data"]
    changed = shop.management("POST", f"/carts/{cart['id']}/items", {"line_items": [SPOONS]}).json()["data"]

    assert (read["base_amount"], changed["base_amount"]) == (3750, 2 * 4000)


def test_the_default_currency_stays_and_the_others_go(shop: Shop) -> None:
    cart = a_cart(shop, SPOONS, currency={"code": "EUR"})

    refused = [
        v2(shop, "DELETE", "/1"),
        v2(shop, "PUT", "/2", {"is_default": True}),
        v2(shop, "DELETE", "/9"),
        v2(shop, "DELETE", "?code=EUR"),
    ]
    gone = [v2(shop, "DELETE", "/2"), v2(shop, "DELETE")]

    assert [answer.status_code for answer in refused] == [422, 422, 404, 422]
    assert "stored in it" in refused[1].json()["detail"]
    assert [answer.status_code for answer in gone] == [204, 204]
    assert codes(v2(shop, "GET")) == ["USD"]
    added = shop.management("POST", f"/carts/{cart['id']}/items", {"line_items": [SPOONS]}).json()["data"]
    assert (added["currency"], added["base_amount"]) == ({"code": "EUR"}, 45)


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency_code": "XYZ"},
        {"currency_code": None},
        {"decimal_places": 5},
        {"decimal_places": -1},
        {"currency_exchange_rate": "0"},
        {"currency_exchange_rate": "much"},
        {"token_location": "above"},
        {"country_iso2": "Germany"},
        {"country_iso2": "XX"},
        {"thousands_token": "."},
        {"token": None},
    ],
)
def test_what_is_no_currency_is_refused_and_changes_nothing(shop: Shop, wrong: dict[str, Any]) -> None:
    answer = v2(shop, "POST", body=POUND | wrong)

    assert answer.status_code == 422
    assert len(v2(shop, "GET").json()) == 4


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"currency_code": "GBP"}, "currency_code"),
        ({"name": ""}, "name"),
        ({"token": ""}, "token"),
        ({"decimal_token": ""}, "decimal_token"),
        ({"decimal_token": ",", "thousands_token": ","}, "thousands_token"),
        ({"country_iso2": "XX"}, "country_iso2"),
    ],
)
def test_a_change_that_would_leave_no_currency_is_refused(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    before = v2(shop, "GET", "/2").json()

    refused = v2(shop, "PUT", "/2", wrong)
    same = v2(shop, "PUT", "/2", {name: before[name] for name in before if name != "id"} | {"country_iso2": "EU"})

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert {**same.json(), "last_updated": "", "country_iso2": ""} == {**before, "last_updated": "", "country_iso2": ""}


def test_gift_certificates_are_worth_the_same_whatever_becomes_of_their_currency(shop: Shop) -> None:
    people = {"to_name": "John", "to_email": "j@x.y", "from_name": "Jane", "from_email": "a@x.y"}
    euros = {"code": "TEN", "amount": "10", "currency_code": "EUR", **people}
    changed = v2(shop, "PUT", "/2", {"decimal_places": 0}), v2(shop, "PUT", "/2", {"decimal_places": 2})
    shop.management("POST", "/gift_certificates", euros, base="/stores/demo/v2")

    refused = v2(shop, "PUT", "/2", {"decimal_places": 0})
    same = v2(shop, "PUT", "/2", {"decimal_places": 2, "name": "Euros"})

    assert [answer.status_code for answer in (*changed, refused, same)] == [200, 200, 422, 200]
    assert "gift certificates" in refused.json()["detail"]
    (ten,) = shop.management("GET", "/gift_certificates?code=TEN", base="/stores/demo/v2").json()
    assert ten["balance"] == "10.0000"

    v2(shop, "DELETE", "/2")
    path = f"/gift_certificates/{ten['id']}"
    told = shop.management("PUT", path, {"message": "Happy birthday"}, base="/stores/demo/v2")
    again = POUND | {"currency_code": "EUR"}
    other_places, same_places = v2(shop, "POST", body=again | {"decimal_places": 3}), v2(shop, "POST", body=again)

    assert (told.status_code, told.json()["message"], told.json()["balance"]) == (200, "Happy birthday", "10.0000")
    assert [answer.status_code for answer in (other_places, same_places)] == [422, 200]
    assert "gift certificates" in other_places.json()["detail"]


def test_a_code_is_there_once(shop: Shop) -> None:
    assert v2(shop, "POST", body=POUND | {"currency_code": "eur"}).status_code == 409


def test_tokens_need_the_scope(shop: Shop) -> None:
    assert v2(shop, "GET", token="demo-token-read-only").status_code == 200
    assert v2(shop, "POST", body=POUND, token="demo-token-read-only").status_code == 403
    assert v2(shop, "GET", token="demo-token-carts").status_code == 403
