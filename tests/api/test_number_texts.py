"""Amounts as texts, and ids in paths: what is no number is refused, naming it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from checkstand.api import number_texts
from checkstand.api.http import decode
from checkstand.api.management.promotion_shapes import PromotionBody
from checkstand.api.management.requests import NewCart
from checkstand.errors import Invalid
from tests.client import Shop

CART = msgspec.json.Decoder(NewCart)
PROMOTION = msgspec.json.Decoder(PromotionBody)


def cart(price: object) -> Any:
    body = {"line_items": [{"product_id": 170, "quantity": 1}, {"product_id": 158, "quantity": 1, "list_price": price}]}
    return decode(msgspec.json.encode(body), CART)


def test_a_text_that_is_no_plain_number_is_no_amount() -> None:
    for text in ("1_000", " 10 ", "\uff11\uff10", "1,5", "", "ten", "NaN", "0x10", "1e", "--1"):
        with pytest.raises(Invalid) as refused:
            cart(text)
        assert list(refused.value.fields) == ["line_items.1.list_price"]


def test_numbers_and_texts_of_them_are_amounts() -> None:
    for sent in ("15.99", 15.99, "1599e-2", "+15.99", "15.990"):
        assert cart(sent).line_items[1].list_price == Decimal("15.99")


def test_amounts_are_found_however_deep_they_stand() -> None:
    condition = {"and": [{"or": [{"cart": {"minimum_spend": "1_0"}}]}]}
    rule = {"action": {"cart_value": {"discount": {"fixed_amount": "5"}}}, "condition": condition}

    with pytest.raises(Invalid) as refused:
        decode(msgspec.json.encode({"name": "1_000", "rules": [rule]}), PROMOTION)

    assert list(refused.value.fields) == ["rules.0.condition.and.0.or.0.cart.minimum_spend"]


@pytest.mark.parametrize(
    "path", ["/v2/currencies/abc", "/v3/promotions/-1", "/v3/catalog/products/\uff11", "/v2/shipping/zones/1.0"]
)
def test_an_id_that_is_no_number_is_named_as_it_was_sent(shop: Shop, path: str) -> None:
    answer = shop.management("GET", path, base="/stores/demo")

    assert answer.status_code == 404
    assert f" {path.rsplit('/', 1)[1]}." in answer.text


def test_looking_through_bodies_keeps_nothing_of_them() -> None:
    cart("1.5")
    kept = len(number_texts._holding)

    for _ in range(3):
        cart("2.5")

    assert len(number_texts._holding) == kept
