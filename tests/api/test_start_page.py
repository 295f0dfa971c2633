"""The demo shop's first page; real shops have one of their own."""

import re

from checkstand.api.http import App
from checkstand.app import application
from tests.client import Shop


def test_the_demo_shows_its_goods_and_two_kinds_are_chosen_already(shop: Shop) -> None:
    shop.asgi = application(App(shop.storage), with_start=True)

    answer = shop.call("GET", "/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "unsafe" not in answer.headers["content-security-policy"]
    quantities = re.findall(r'value="(\d+)" data-product="(\d+)" data-variant="(\d+)"', answer.text)
    assert quantities[:2] == [("1", "170", "341"), ("2", "184", "364")]
    assert {quantity for quantity, _, _ in quantities[2:]} == {"0"}
    assert '<del class="was">$17.99</del>$15.99' in answer.text


def test_what_a_merchant_calls_a_product_is_never_taken_for_markup(shop: Shop) -> None:
    shop.asgi = application(App(shop.storage), with_start=True)
    name = "<b>Bread & butter</b>"
    shop.management("PUT", "/catalog/products/170", {"name": name})

    text = shop.call("GET", "/").text

    assert "&lt;b&gt;Bread &amp; butter&lt;/b&gt;" in text
    assert name not in text


def test_other_shops_have_nothing_there(shop: Shop) -> None:
    assert shop.call("GET", "/").status_code == 404
