"""Gift certificates, store credit and the spam check at a shopper's checkout (BEHAVIOUR 3.5, 3.6, D58, D80)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from checkstand.domain.facts import Store
from checkstand.service.shop import edit
from tests.api.flows import a_cart, ready_storefront_checkout, sign_in, storefront_cart
from tests.client import Shop
from tests.recording import AUSTIN, CERTIFICATE, camel

INTERNAL, V2 = "/internalapi/v1", "/stores/demo/v2"
CUSTOMER = "customer"


def pay(shop: Shop, checkout_id: str, code: str, status: int = 200, **options: Any) -> Any:
    path = f"/checkouts/{checkout_id}/gift-certificates"
    answer = shop.storefront("POST", path, {"giftCertificateCode": code}, **options)
    assert answer.status_code == status, answer.text
    return answer.json()


def withdraw(shop: Shop, checkout_id: str, code: str) -> httpx.Response:
    return shop.storefront("DELETE", f"/checkouts/{checkout_id}/gift-certificates/{code}")


def credit(shop: Shop, checkout_id: str, method: str = "POST", body: Any = None) -> httpx.Response:
    return shop.storefront(method, f"/checkouts/{checkout_id}/store-credit?include=customer", body)


def place(
    shop: Shop, cart_id: str, payment: str | None = None, *, browser: Any = None, **fields: Any
) -> httpx.Response:
    body = {"cartId": cart_id, **fields} | ({"payment": {"name": payment}} if payment else {})
    return shop.storefront("POST", "/checkout/order", body, base=INTERNAL, browser=browser)


def order_number(answer: httpx.Response) -> int:
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["order"]["orderId"])


def read_order(shop: Shop, number: int) -> Any:
    return shop.storefront("GET", f"/orders/{number}?include=payments,lineItems").json()


def balance(shop: Shop, code: str) -> str:
    (found,) = shop.management("GET", f"/gift_certificates?code={code}", base=V2).json()
    return str(found["balance"])


def make(shop: Shop, **fields: Any) -> Any:
    body = {"to_name": "John", "to_email": "j@x.y", "from_name": "Jane", "from_email": "a@x.y", "amount": 10, **fields}
    answer = shop.management("POST", "/gift_certificates", body, base=V2)
    assert answer.status_code == 201, answer.text
    return answer.json()


def journal(shop: Shop, **options: Any) -> Any:
    """A cart of one digital journal of 18.95, with a billing address abroad: nothing is shipped or taxed."""
    cart = storefront_cart(shop, {"productId": 189, "quantity": 1}, **options)
    address = camel(AUSTIN | {"country_code": "AU", "state_or_province_code": "NSW", "postal_code": "2000"})
    answer = shop.storefront("POST", f"/checkouts/{cart['id']}/billing-address", address, **options)
    assert answer.json()["grandTotal"] == 18.95
    return answer.json()


def hers(shop: Shop) -> str:
    """Such a cart that belongs to customer 11, who has 20.00, opened in the browser; its id."""
    cart = a_cart(shop, {"product_id": 189, "quantity": 1}, customer_id=11)
    address = AUSTIN | {"country_code": "AU", "state_or_province_code": "NSW", "postal_code": "2000"}
    shop.management("POST", f"/checkouts/{cart['id']}/billing-address", address)
    links = shop.management("POST", f"/carts/{cart['id']}/redirect_urls").json()["data"]
    assert sign_in(shop).status_code == 200
    shop.storefront("GET", links["checkout_url"].removeprefix("http://127.0.0.1:8080"), base="")
    return str(cart["id"])


# ---------------------------------------------------------------------------------------------------- what is shown


def test_a_certificate_pays_and_only_what_is_left_to_pay_changes(shop: Shop) -> None:
    cart_id = journal(shop)["id"]

    checkout = pay(shop, cart_id, "5678def")

    assert checkout["giftCertificates"] == [
        {
            "balance": 4,
            "code": "5678DEF",
            "purchaseDate": "2025-12-24T10:00:00+00:00",
            "remaining": 0,
            "used": 4,
        }
    ]
    assert (checkout["grandTotal"], checkout["outstandingBalance"], checkout["balanceDue"]) == (18.95, 14.95, 14.95)
    assert (checkout["version"], checkout["isStoreCreditApplied"]) == (3, False)
    managed = shop.management("GET", f"/checkouts/{cart_id}").json()["data"]
    assert managed["grand_total"] == 18.95
    assert "gift_certificates" not in managed


def test_two_certificates_pay_in_the_order_applied_and_the_second_keeps_its_rest(shop: Shop) -> None:
    cart_id = journal(shop)["id"]

    pay(shop, cart_id, "5678DEF")
    checkout = pay(shop, cart_id, "1234ABC")

    used = [(entry["code"], entry["used"], entry["remaining"]) for entry in checkout["giftCertificates"]]
    assert used == [("5678DEF", 4, 0), ("1234ABC", 14.95, 85.05)]
    assert checkout["outstandingBalance"] == 0
    gone = withdraw(shop, cart_id, "5678def").json()
    assert [(entry["code"], entry["used"]) for entry in gone["giftCertificates"]] == [("1234ABC", 18.95)]
    assert withdraw(shop, cart_id, "5678DEF").status_code == 404


def test_a_certificate_leaves_a_cart_that_goes_into_a_currency_it_cannot_pay_in(shop: Shop) -> None:
    cart_id = journal(shop)["id"]
    pay(shop, cart_id, "5678def")

    shop.storefront("POST", f"/carts/{cart_id}/currency", {"currencyCode": "JPY"})

    checkout = shop.storefront("GET", f"/checkouts/{cart_id}").json()
    assert checkout["giftCertificates"] == []
    assert checkout["outstandingBalance"] == checkout["grandTotal"] == 2843


def test_certificates_do_not_pay_for_certificates(shop: Shop) -> None:
    shop.storefront("GET", "/carts")
    lines = [{"productId": 189, "quantity": 1}]
    cart = shop.storefront("POST", "/carts", {"lineItems": lines, "giftCertificates": [CERTIFICATE]}).json()

    checkout = pay(shop, cart["id"], "1234ABC")

    # 18.95 of 28.95
    assert (checkout["grandTotal"], checkout["outstandingBalance"]) == (28.95, 10)


# ---------------------------------------------------------------------------------------------------- refusals


def test_recorded_an_unknown_code_is_refused_word_for_word(shop: Shop) -> None:
    cart_id = journal(shop)["id"]

    assert pay(shop, cart_id, "FREESHIP", 400) == {
        "title": "Incorrect or mismatch",
        "type": "about:blank",
        "status": 400,
        "detail": "Gift Certificate code `FREESHIP` is invalid",
    }
    assert shop.storefront("GET", f"/checkouts/{cart_id}").json()["version"] == 2


def test_other_refusals_have_the_same_shape_and_a_reason(shop: Shop) -> None:
    cart_id = journal(shop)["id"]
    make(shop, code="SPENT", balance=0)
    make(shop, code="OFF", status="disabled")
    make(shop, code="OLD", expiry_date="Tue, 20 Jan 2015 08:45:38 +0000")
    pay(shop, cart_id, "5678DEF")

    reasons = {code: pay(shop, cart_id, code, 400)["detail"] for code in ("SPENT", "OFF", "OLD", "5678def")}

    assert reasons == {
        "SPENT": "Gift Certificate code `SPENT` has nothing left",
        "OFF": "Gift Certificate code `OFF` is disabled",
        "OLD": "Gift Certificate code `OLD` has expired",
        "5678def": "Gift Certificate code `5678def` is applied already",
    }


def test_d4_a_stale_version_changes_nothing(shop: Shop) -> None:
    cart_id = hers(shop)
    path = f"/checkouts/{cart_id}"
    stale = {"version": 99}

    answers = [
        shop.storefront("POST", f"{path}/gift-certificates", {"giftCertificateCode": "1234ABC", **stale}),
        shop.storefront("POST", f"{path}/store-credit", stale),
        shop.storefront("POST", f"{path}/spam-protection", {"token": "x", **stale}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    checkout = shop.storefront("GET", path).json()
    assert (checkout["giftCertificates"], checkout["isStoreCreditApplied"], checkout["version"]) == ([], False, 2)


def test_twenty_different_codes_an_hour_may_be_tried_and_the_same_one_again(shop: Shop) -> None:
    cart_id = journal(shop)["id"]
    for number in range(19):
        pay(shop, cart_id, f"GUESS{number}", 400)
    pay(shop, cart_id, "1234ABC")

    refused = shop.storefront("POST", f"/checkouts/{cart_id}/gift-certificates", {"giftCertificateCode": "5678DEF"})

    assert refused.status_code == 429
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    pay(shop, cart_id, "guess0", 400)
    withdraw(shop, cart_id, "1234ABC")
    pay(shop, cart_id, "1234abc")
    other = shop.new_browser()
    pay(shop, journal(shop, browser=other)["id"], "5678DEF", browser=other)
    now = shop.app.now()
    shop.app.now = lambda: now + timedelta(hours=1, seconds=1)
    pay(shop, cart_id, "5678DEF")


def test_codes_cannot_be_guessed_through_many_sessions(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkstand.service.gift_certificates.MOST_BY_ADDRESS", 2)

    statuses = []
    for number in range(3):
        browser = shop.new_browser()
        path = f"/checkouts/{journal(shop, browser=browser)['id']}/gift-certificates"
        code = {"giftCertificateCode": f"GUESS{number}"}
        statuses.append(shop.storefront("POST", path, code, browser=browser).status_code)

    assert statuses == [400, 400, 429]


def test_a_key_of_ones_own_does_not_make_a_try_uncounted(shop: Shop) -> None:
    cart_id = journal(shop)["id"]

    statuses = [
        shop.storefront(
            "POST", f"/checkouts/{cart_id}/gift-certificates", {"giftCertificateCode": f"GUESS{n}"}, key=f"key {n}"
        ).status_code
        for n in range(21)
    ]

    assert statuses == [400] * 20 + [429]


# ---------------------------------------------------------------------------------------------------- store credit


def test_the_customers_credit_is_used_as_far_as_it_goes(shop: Shop) -> None:
    cart_id = hers(shop)

    applied = credit(shop, cart_id, body={"version": 2}).json()

    assert (applied["isStoreCreditApplied"], applied["outstandingBalance"]) == (True, 0)
    assert (applied["grandTotal"], applied[CUSTOMER]["storeCredit"]) == (18.95, 20)
    kept = credit(shop, cart_id, "DELETE", {"version": 3}).json()
    assert (kept["isStoreCreditApplied"], kept["outstandingBalance"], kept["version"]) == (False, 18.95, 4)
    assert credit(shop, cart_id).json()["isStoreCreditApplied"] is True  # without a body


def test_a_guest_has_no_credit(shop: Shop) -> None:
    cart_id = journal(shop)["id"]

    refused = credit(shop, cart_id)

    assert (refused.status_code, refused.json()["detail"]) == (422, "Store credit is for customers who are signed in.")
    assert credit(shop, cart_id, "DELETE").status_code == 200


# ---------------------------------------------------------------------------------------------------- orders


def test_an_order_paid_in_full_needs_no_other_payment_and_awaits_its_fulfillment(shop: Shop) -> None:
    cart_id = journal(shop)["id"]
    pay(shop, cart_id, "1234ABC")

    number = order_number(place(shop, cart_id))

    order = read_order(shop, number)
    assert (order["status"], order["orderAmount"]) == ("AWAITING_FULFILLMENT", 18.95)
    assert order["payments"] == [
        {
            "providerId": "giftcertificate",
            "gatewayId": None,
            "methodId": None,
            "description": "Gift Certificate",
            "amount": 18.95,
            "detail": {"code": "1234ABC", "remaining": 81.05},
            "mandate": None,
        }
    ]
    assert balance(shop, "1234ABC") == "81.0500"
    made = shop.storefront("GET", f"/checkouts/{cart_id}").json()
    assert made["giftCertificates"][0] | {"purchaseDate": ""} == {
        "balance": 100,
        "code": "1234ABC",
        "purchaseDate": "",
        "remaining": 81.05,
        "used": 18.95,
    }
    assert made["outstandingBalance"] == 0


def test_the_rest_is_paid_by_the_method_the_order_names(shop: Shop) -> None:
    cart_id = hers(shop)
    pay(shop, cart_id, "5678DEF")

    number = order_number(place(shop, cart_id, "cod"))

    order = read_order(shop, number)
    assert order["status"] == "AWAITING_PAYMENT"
    assert [(payment["providerId"], payment["amount"]) for payment in order["payments"]] == [
        ("giftcertificate", 4),
        ("cod", 14.95),
    ]


def test_the_order_may_ask_for_all_store_credit_itself(shop: Shop) -> None:
    cart_id = hers(shop)
    pay(shop, cart_id, "5678DEF")

    number = order_number(place(shop, cart_id, useStoreCredit=True))

    order = read_order(shop, number)
    assert order["status"] == "AWAITING_FULFILLMENT"
    assert [(payment["providerId"], payment["amount"]) for payment in order["payments"]] == [
        ("giftcertificate", 4),
        ("storecredit", 14.95),
    ]
    assert order["payments"][1]["detail"] == {"remaining": 5.05}
    assert credit(shop, hers(shop)).json()[CUSTOMER]["storeCredit"] == 5.05


def test_a_payment_named_where_nothing_is_left_to_pay_is_not_asked_for(shop: Shop) -> None:
    cart_id = journal(shop)["id"]
    pay(shop, cart_id, "1234ABC")

    order = read_order(shop, order_number(place(shop, cart_id, "cod")))

    assert (order["status"], [each["providerId"] for each in order["payments"]]) == (
        "AWAITING_FULFILLMENT",
        ["giftcertificate"],
    )


def test_an_order_that_would_leave_more_to_pay_than_was_shown_is_refused_until_the_shopper_has_seen_it(
    shop: Shop,
) -> None:
    other = shop.new_browser()
    first, second = journal(shop)["id"], journal(shop, browser=other)["id"]
    pay(shop, first, "5678DEF")
    pay(shop, second, "5678DEF", browser=other)
    order_number(place(shop, first, "cod"))

    refused = place(shop, second, "cod", browser=other)

    assert (refused.status_code, refused.json()["type"]) == (409, "cart_has_changed")
    path = f"/checkouts/{second}"
    seen = shop.storefront("GET", path, browser=other).json()
    assert (seen["giftCertificates"][0]["used"], seen["outstandingBalance"], seen["orderId"]) == (0, 18.95, None)
    shop.storefront("DELETE", f"{path}/gift-certificates/5678DEF", browser=other)
    assert place(shop, second, "cod", browser=other).status_code == 201
    assert balance(shop, "5678DEF") == "0.0000"


def test_what_paid_for_everything_can_be_withdrawn_and_the_order_paid_in_another_way(shop: Shop) -> None:
    by_certificate, in_euros = journal(shop)["id"], journal(shop, browser=(other := shop.new_browser()))["id"]
    assert pay(shop, by_certificate, "1234ABC")["outstandingBalance"] == 0
    assert withdraw(shop, by_certificate, "1234ABC").json()["outstandingBalance"] == 18.95
    order_number(place(shop, by_certificate, "cod"))

    pay(shop, in_euros, "1234ABC", browser=other)
    shop.storefront("POST", f"/carts/{in_euros}/currency", {"currencyCode": "EUR"}, browser=other)
    order_number(place(shop, in_euros, "cod", browser=other))

    by_credit = hers(shop)
    assert credit(shop, by_credit).json()["outstandingBalance"] == 0
    assert credit(shop, by_credit, "DELETE").json()["outstandingBalance"] == 18.95
    order_number(place(shop, by_credit, "cod"))


def test_a_management_order_takes_nothing_from_certificates_and_credit(shop: Shop) -> None:
    cart_id = hers(shop)
    pay(shop, cart_id, "5678DEF")
    credit(shop, cart_id)

    made = shop.management("POST", f"/checkouts/{cart_id}/orders")

    assert made.status_code == 200
    assert balance(shop, "5678DEF") == "4.0000"
    order = shop.run(shop.storage.unit("demo").orders.get(made.json()["data"]["id"]))
    assert order.priced().totals.outstanding_balance.minor == 1895
    checkout = shop.storefront("GET", f"/checkouts/{cart_id}?include=customer").json()
    assert (checkout["outstandingBalance"], checkout[CUSTOMER]["storeCredit"]) == (0, 20)


# ---------------------------------------------------------------------------------------------------- bought ones


def a_gift_and_a_journal(shop: Shop) -> str:
    cart_id = hers(shop)
    shop.management("POST", f"/carts/{cart_id}/items", {"gift_certificates": [CERTIFICATE]})
    pay(shop, cart_id, "1234ABC")
    return cart_id


def certificates_of(shop: Shop, order_number: int) -> Any:
    return shop.management("GET", f"/gift_certificates?order_id={order_number}", base=V2).json()


def test_certificates_that_were_bought_are_issued_with_an_order_that_is_paid(shop: Shop) -> None:
    cart_id = a_gift_and_a_journal(shop)

    number = order_number(place(shop, cart_id, useStoreCredit=True))

    (made,) = certificates_of(shop, number)
    assert (made["amount"], made["balance"], made["status"]) == ("10.0000", "10.0000", "active")
    assert (made["to_email"], made["customer_id"], made["template"]) == ("john@example.com", 11, "celebration.html")
    assert len(made["code"]) == 19
    assert read_order(shop, number)["lineItems"]["giftCertificates"][0]["amount"] == 10
    assert pay(shop, journal(shop)["id"], made["code"])["giftCertificates"][0]["used"] == 10


def test_certificates_are_not_issued_while_something_is_left_to_pay(shop: Shop) -> None:
    cart_id = a_gift_and_a_journal(shop)

    number = order_number(place(shop, cart_id, "cod"))

    assert read_order(shop, number)["status"] == "AWAITING_PAYMENT"
    assert certificates_of(shop, number) == []


# ---------------------------------------------------------------------------------------------------- the spam check


def test_a_store_may_ask_shoppers_to_show_that_they_are_no_machines(shop: Shop) -> None:
    def ask(store: Store) -> Store:
        return replace(store, checkout_settings=replace(store.checkout_settings, spam_check=True))

    shop.run(edit(shop.storage.unit("demo"), ask))
    checkout = ready_storefront_checkout(shop)
    path = f"/checkouts/{checkout['id']}"
    assert checkout["shouldExecuteSpamCheck"] is True
    assert place(shop, checkout["id"], "cod").status_code == 400

    bad = shop.storefront("POST", f"{path}/spam-protection", {"token": " "})
    passed = shop.storefront("POST", f"{path}/spam-protection", {"token": "03AGdBq25"})

    assert bad.status_code == 429
    assert (passed.status_code, passed.json()["shouldExecuteSpamCheck"]) == (200, False)
    assert place(shop, checkout["id"], "cod").status_code == 201


@pytest.mark.parametrize("path", ["gift-certificates", "store-credit", "spam-protection"])
def test_the_checkout_of_another_session_is_not_there(shop: Shop, path: str) -> None:
    cart_id = journal(shop)["id"]
    other = shop.new_browser()
    storefront_cart(shop, browser=other)
    body = {"giftCertificateCode": "1234ABC", "token": "x"}

    assert shop.storefront("POST", f"/checkouts/{cart_id}/{path}", body, browser=other).status_code == 404
