"""A cart the shop's systems made reaches a browser by its redirect URLs (BEHAVIOUR 4)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.api.flows import a_cart, storefront_cart
from tests.client import Shop
from tests.recording import JANE


def links(shop: Shop, cart_id: str, body: Any = None) -> Any:
    answer = shop.management("POST", f"/carts/{cart_id}/redirect_urls", body)
    assert answer.status_code == 201
    return answer.json()["data"]


def follow(shop: Shop, url: str, browser: Any = None) -> Any:
    parts = urlsplit(url)
    return shop.storefront("GET", f"{parts.path}?{parts.query}", base="", browser=browser)


def test_a_link_opens_the_cart_in_the_browsers_session_once(shop: Shop) -> None:
    cart = a_cart(shop)
    url = links(shop, cart["id"])["checkout_url"]

    opened = follow(shop, url)
    again = follow(shop, url, shop.new_browser())

    assert (opened.status_code, opened.headers["location"]) == (302, "/checkout")
    assert shop.storefront("GET", "/carts").json()[0]["id"] == cart["id"]
    assert shop.storefront("PUT", f"/checkouts/{cart['id']}", {"customerMessage": "mine now"}).status_code == 200
    assert again.status_code == 404


def test_each_action_has_a_link_and_query_parameters_are_passed_on(shop: Shop) -> None:
    cart = a_cart(shop)

    urls = links(shop, cart["id"], {"query_params": [{"key": "utm_source", "value": "mail & more"}]})

    assert "action=load&" in urls["cart_url"]
    assert "action=loadInCheckout&" in urls["checkout_url"]
    assert "action=loadInEmbeddedCheckout&" in urls["embedded_checkout_url"]
    assert all(url.endswith("&utm_source=mail+%26+more") for url in urls.values())


def test_a_link_for_another_cart_or_with_a_made_up_token_opens_nothing(shop: Shop) -> None:
    cart = a_cart(shop)
    url = links(shop, cart["id"])["cart_url"]

    assert follow(shop, url.replace(cart["id"], "other")).status_code == 404
    assert follow(shop, f"http://127.0.0.1/cart.php?action=load&id={cart['id']}&token=made-up").status_code == 404
    assert shop.storefront("GET", "/carts").json() == []
    assert follow(shop, url).status_code == 302  # the wrong tries took no use


def test_a_browser_is_led_to_the_page_that_says_why_a_link_does_not_open(shop: Shop) -> None:
    cart = a_cart(shop)
    link = f"/cart.php?action=load&id={cart['id']}&token=made-up"
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    answer = shop.call("GET", link, headers=browser)

    assert (answer.status_code, answer.headers["location"]) == (302, "/checkout?link=link_not_found")


def test_a_browser_comes_back_to_the_link_of_a_customers_cart_after_signing_in(shop: Shop) -> None:
    cart = a_cart(shop, customer_id=11)
    link = urlsplit(links(shop, cart["id"])["checkout_url"])
    path = f"{link.path}?{link.query}"

    answer = shop.call("GET", path, headers={"Accept": "text/html"})

    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked == {"link": ["sign_in_required"], "then": [path]}
    shop.storefront("GET", "/carts")
    shop.storefront("POST", "/internalapi/v1/checkout/customer", JANE, base="")
    assert shop.storefront("GET", asked["then"][0], base="").headers["location"] == "/checkout"


def test_a_shoppers_own_cart_has_no_links(shop: Shop) -> None:
    cart = storefront_cart(shop)

    answer = shop.management("POST", f"/carts/{cart['id']}/redirect_urls")

    assert answer.status_code == 422
