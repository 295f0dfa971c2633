"""A shopper's and a shop's day: every endpoint is called at least once, well and badly, and each exchange is written down."""

import json
from typing import Any

from tests.client import Shop

AUSTIN: dict[str, Any] = {
    "email": "jane@example.com",
    "first_name": "Jane",
    "last_name": "Doe",
    "company": "",
    "address1": "123 Main Street",
    "address2": "",
    "city": "Austin",
    "state_or_province": "Texas",
    "state_or_province_code": "TX",
    "country_code": "US",
    "postal_code": "78751",
    "phone": "15125550100",
    "custom_fields": [{"field_id": "field_25", "field_value": "Leave in backyard"}],
}
NEW_YORK = AUSTIN | {
    "city": "New York",
    "state_or_province": "New York",
    "state_or_province_code": "NY",
    "postal_code": "10001",
}


ABROAD = AUSTIN | {
    "city": "Sydney",
    "state_or_province": "",
    "state_or_province_code": "NSW",
    "country_code": "AU",
    "postal_code": "2000",
}
"""Where the demo shop owes no taxes."""


JANE = {"email": "janedoe@example.com", "password": "Passw0rd1"}
"""Customer 11 of the demo shop."""


def camel(value: Any) -> Any:
    """The same body in the Storefront's spelling."""
    if isinstance(value, dict):
        return {_camel_key(key): camel(entry) for key, entry in value.items()}
    return [camel(entry) for entry in value] if isinstance(value, list) else value


def _camel_key(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Recorder:
    """Calls the shop and keeps what was said, in the form the checker of the published shapes reads."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.exchanges: list[dict[str, Any]] = []

    def management(
        self, method: str, path: str, body: Any = None, *, base: str = "/stores/demo/v3", **options: Any
    ) -> Any:
        answer = self.shop.management(method, path, body, base=base, **options)
        return self._keep("management", method, base + path, answer.status_code, answer.content)

    def storefront(self, method: str, path: str, body: Any = None, *, base: str = "/api/storefront") -> Any:
        answer = self.shop.storefront(method, path, body, base=base)
        return self._keep("storefront", method, base + path, answer.status_code, answer.content)

    def _keep(self, api: str, method: str, path: str, status: int, content: bytes) -> Any:
        body = json.loads(content) if content else None
        self.exchanges.append({"api": api, "method": method, "path": path, "status": status, "body": body})
        return body

    def __str__(self) -> str:
        return "".join(json.dumps(exchange) + "\n" for exchange in self.exchanges)


def a_day(shop: Shop) -> Recorder:
    recorder = Recorder(shop)
    _management_cart(recorder)
    _management_checkout(recorder)
    _storefront(recorder)
    _metafields(recorder)
    _settings(recorder)
    _tokens(recorder)
    _hooks(recorder)
    _shipping(recorder)
    _coupons(recorder)
    _promotions(recorder)
    _page(recorder)
    _payments(recorder)
    _taxes(recorder)
    _fees_and_discounts(recorder)
    _currencies(recorder)
    _places(recorder)
    _catalog(recorder)
    _customers(recorder)
    return recorder


CERTIFICATE = {
    "name": "$10.00 Gift Certificate",
    "theme": "Celebration",
    "amount": 10,
    "quantity": 1,
    "sender": {"name": "Jane Doe", "email": "jane@example.com"},
    "recipient": {"name": "John Doe", "email": "john@example.com"},
    "message": "Thank you!",
}
CUSTOM = {
    "sku": "CUSTOM-1",
    "name": "A crate",
    "quantity": 1,
    "list_price": 5.99,
    "image_url": "https://example.com/crate.png",
}
ALL_OPTIONS = "line_items.physical_items.options,line_items.digital_items.options,promotions.banners,redirect_urls"


def _management_cart(call: Recorder) -> None:
    lines = [{"product_id": 184, "variant_id": 364, "quantity": 2}, {"product_id": 189, "quantity": 1}]
    body = {
        "customer_id": 11,
        "channel_id": 1,
        "line_items": lines,
        "gift_certificates": [CERTIFICATE],
        "custom_items": [CUSTOM],
    }
    cart = call.management("POST", f"/carts?include={ALL_OPTIONS}", body)["data"]
    path = f"/carts/{cart['id']}"
    call.management("GET", path)
    call.management("GET", f"{path}?include={ALL_OPTIONS}")
    call.management("GET", "/carts/00000000-0000-4000-8000-000000000000")
    call.management("POST", f"{path}/items", {"line_items": [{"product_id": 174, "quantity": 1, "list_price": 5}]})
    call.management("POST", f"{path}/items", {})
    call.management("POST", f"{path}/items", {"line_items": [{"product_id": 184, "quantity": 1}]})
    item = cart["line_items"]["physical_items"][0]["id"]
    call.management("PUT", f"{path}/items/{item}", {"line_item": {"product_id": 184, "quantity": 3}})
    call.management("PUT", f"{path}/items/{item}", {"line_item": {"product_id": 184, "quantity": 3}, "version": 99})
    call.management("PUT", f"{path}/items/{item}", {"line_item": {"quantity": -3}})
    call.management("DELETE", f"{path}/items/{item}")
    call.management("DELETE", f"{path}/items/{item}")
    call.management("PUT", path, {"customer_id": 0})
    call.management("PUT", path, {"customer_id": 12, "version": 99})
    euros = {"line_items": lines, "currency": {"code": "eur"}}
    call.management("POST", "/carts", euros)
    call.management("POST", "/carts", euros | {"currency": {"code": "XXX"}})
    call.management("POST", f"{path}/redirect_urls", {"query_params": [{"key": "utm", "value": "mail"}]})
    call.management("DELETE", path)
    single = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})["data"]
    call.management("DELETE", f"/carts/{single['id']}/items/{single['line_items']['physical_items'][0]['id']}")


def _management_checkout(call: Recorder) -> None:
    lines = [{"product_id": 184, "variant_id": 364, "quantity": 2}, {"product_id": 170, "quantity": 1}]
    cart = call.management("POST", "/carts", {"line_items": lines})["data"]
    cart_line, spoons = (item["id"] for item in cart["line_items"]["physical_items"])
    path = f"/checkouts/{cart['id']}"
    options = "include=consignments.available_shipping_options"
    call.management("GET", path)
    call.management("GET", "/checkouts/00000000-0000-4000-8000-000000000000")
    call.management("PUT", path, {"customer_message": "Leave it at the door", "version": 1})
    call.management("PUT", path, {"customer_message": "Too late", "version": 1})
    billing = call.management("POST", f"{path}/billing-address", AUSTIN)["data"]["billing_address"]
    call.management("PUT", f"{path}/billing-address/{billing['id']}", NEW_YORK)
    call.management("PUT", f"{path}/billing-address/none", NEW_YORK)
    created = call.management(
        "POST",
        f"{path}/consignments?{options}",
        [
            {"address": AUSTIN, "line_items": [{"item_id": cart_line, "quantity": 1}]},
            {"shipping_address": NEW_YORK, "line_items": [{"item_id": cart_line, "quantity": 1}]},
            {"pickup_option": {"pickup_method_id": 1}, "line_items": [{"item_id": spoons, "quantity": 1}]},
        ],
    )["data"]["consignments"]
    for consignment in created[:2]:
        option = consignment["available_shipping_options"][0]["id"]
        call.management("PUT", f"{path}/consignments/{consignment['id']}", {"shipping_option_id": option})
    first = f"{path}/consignments/{created[0]['id']}"
    call.management("PUT", first, {"shipping_option_id": "none"})
    call.management("PUT", first, {"address": AUSTIN, "shipping_option_id": "none"})
    call.management(
        "PUT", f"{first}?{options}", {"address": NEW_YORK, "line_items": [{"item_id": cart_line, "quantity": 1}]}
    )
    call.management("PUT", first, {"custom_shipping": {"price": 3.5, "description": "By bike"}, "version": 99})
    call.management("PUT", first, {"custom_shipping": {"price": 3.5, "description": "By bike"}})
    call.management("POST", f"{path}/consignments", [])
    call.management("GET", f"{path}?{options},cart.line_items.physical_items.options,promotions.banners")
    call.management("POST", f"{path}/orders")
    incomplete = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})["data"]
    call.management("POST", f"/checkouts/{incomplete['id']}/orders")
    call.management("DELETE", f"{path}/consignments/{created[2]['id']}")
    call.management("DELETE", f"{path}/consignments/{created[2]['id']}")
    call.management("GET", path, token="no-token")
    call.management("PUT", path, {"customer_message": "x"}, token="demo-token-read-only")


def _storefront(call: Recorder) -> None:
    call.storefront("GET", "/carts")
    lines = [
        {"productId": 184, "variantId": 364, "quantity": 2},
        {"productId": 189, "quantity": 1},
        {"productId": 174, "quantity": 1},
    ]
    options = "include=lineItems.physicalItems.options,lineItems.digitalItems.options"
    cart = call.storefront(
        "POST", f"/carts?{options}", {"lineItems": lines, "giftCertificates": [CERTIFICATE], "locale": "en"}
    )
    cart_line, jar = (item["id"] for item in cart["lineItems"]["physicalItems"])
    call.storefront("GET", f"/carts?{options}")
    carts = f"/carts/{cart['id']}"
    added = call.storefront("POST", f"{carts}/items", {"lineItems": [{"productId": 170, "quantity": 2}]})
    spoons = added["lineItems"]["physicalItems"][2]["id"]
    call.storefront("PUT", f"{carts}/items/{spoons}", {"lineItem": {"quantity": 1, "productId": 170}})
    call.storefront("PUT", f"{carts}/items/{spoons}", {"lineItem": {"quantity": 1, "productId": 170}, "version": 99})
    call.storefront("DELETE", f"{carts}/items/{jar}")
    for body in ({"currencyCode": "JPY"}, {"currencyCode": "USD", "version": 99}, {"currencyCode": "XXX"}, {}):
        call.storefront("POST", f"{carts}/currency", body)
    call.storefront("POST", f"{carts}/currency", {"currencyCode": "USD"})
    path = f"/checkouts/{cart['id']}"
    call.storefront("GET", path)
    call.storefront(
        "GET", f"/checkout/{cart['id']}?include=customer,customer.customerGroup,payments,promotions.banners,0"
    )
    call.storefront("GET", "/checkouts/00000000-0000-4000-8000-000000000000")
    call.storefront("PUT", path, {"customerMessage": "Thank you"})
    call.storefront("PUT", path, {"customerMessage": "Thank you", "version": 99})
    call.storefront("PUT", f"{path}{carts}/items/{spoons}", {"lineItem": {"quantity": 2, "productId": 170}})
    billing = call.storefront("POST", f"{path}/billing-address", {"email": "jane@example.com"})["billingAddress"]
    call.storefront("PUT", f"{path}/billing-address/{billing['id']}", camel(ABROAD))
    created = call.storefront(
        "POST",
        f"{path}/consignments",
        [
            {"address": camel(AUSTIN), "lineItems": [{"itemId": cart_line, "quantity": 1}]},
            {"shippingAddress": camel(NEW_YORK), "lineItems": [{"itemId": cart_line, "quantity": 1}]},
            {"pickupOption": {"pickupMethodId": 2}, "lineItems": [{"itemId": spoons, "quantity": 2}]},
        ],
    )["consignments"]
    call.storefront("POST", f"{path}/consignments", [{"lineItems": [{"itemId": "none", "quantity": 1}]}])
    for consignment in created[:2]:
        option = consignment["availableShippingOptions"][0]["id"]
        call.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
    call.storefront("PUT", f"{path}/consignments/{created[0]['id']}", {"shippingOptionId": "none"})
    call.storefront("PUT", f"{path}/consignments/{created[0]['id']}", {"address": camel(NEW_YORK), "version": 99})
    search = {"coordinates": {"latitude": 30.2672, "longitude": -97.7431}, "radius": {"value": 500, "unit": "KM"}}
    call.storefront("POST", "/pickup-options", {"searchArea": search, "items": [{"variantId": 341, "quantity": 2}]})
    call.storefront("DELETE", f"{path}/consignments/{created[1]['id']}")
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    call.storefront("POST", "/checkout/order", order, base="/internalapi/v1")
    call.storefront("PUT", f"{path}/consignments/{created[0]['id']}", {"address": camel(ABROAD)})
    call.storefront("DELETE", f"{path}/consignments/{created[2]['id']}")
    goods = [{"itemId": item, "quantity": quantity} for item, quantity in ((cart_line, 1), (spoons, 2))]
    moved = call.storefront("POST", f"{path}/consignments", [{"address": camel(ABROAD), "lineItems": goods}])[
        "consignments"
    ]
    for consignment in moved:
        option = consignment["availableShippingOptions"][0]["id"]
        call.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
    offers = "consignments.availableShippingOptions,consignments.availablePickupOptions"
    call.storefront("GET", f"{path}?include={offers},cart.lineItems.physicalItems.stockPosition")
    placed = call.storefront("POST", "/checkout/order", order, base="/internalapi/v1")
    call.storefront(
        "GET", f"/orders/{placed['data']['order']['orderId']}?include=payments,lineItems,billingAddress,consignments"
    )
    call.storefront("GET", "/orders/1")
    single = call.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 1}]})
    item = single["lineItems"]["physicalItems"][0]["id"]
    call.storefront("DELETE", f"/checkouts/{single['id']}/carts/{single['id']}/items/{item}")
    deleted = call.storefront("POST", "/carts", {"giftCertificates": [CERTIFICATE]})
    call.storefront("DELETE", f"/carts/{deleted['id']}")


FIELD = {
    "permission_set": "write",
    "namespace": "Sales Department",
    "key": "Staff Name",
    "value": "Sam",
    "description": "Who",
}


def _metafields(call: Recorder) -> None:
    cart = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})["data"]["id"]
    of_cart, of_all = f"/carts/{cart}/metafields", "/carts/metafields"
    for body in (FIELD, FIELD, FIELD | {"key": ""}):
        call.management("POST", of_cart, body)
    for rest in ("?limit=1", "/1", "/9"):
        call.management("GET", of_cart + rest)
    call.management("PUT", f"{of_cart}/1", FIELD | {"value": "Ann"})
    call.management("PUT", f"{of_cart}/9", FIELD)
    call.management("POST", of_all, [FIELD | {"key": key, "resource_id": cart} for key in "ab"])
    call.management("GET", of_all)
    call.management("PUT", of_all, [FIELD | {"key": "a", "id": "2"}])
    call.management("DELETE", of_all, [2])
    call.management("DELETE", f"{of_cart}/1")
    call.management("DELETE", f"{of_cart}/9")


def _settings(call: Recorder) -> None:
    for path in ("/carts/settings", "/carts/settings/channels/1"):
        call.management("GET", path)
        call.management("PUT", path, {"allow_purchasing": True})
        call.management("PUT", path, {"allow_purchasing": "maybe"})
    for path in ("/checkouts/settings", "/checkouts/settings/channels/1"):
        call.management("GET", path)
        call.management("PUT", path, {"custom_checkout_script_url": "webdav:checkout.js"})
    call.management("GET", "/checkouts/settings/channels/9")
    message = {"checkout": {"out_of_delivery_zone_message": "Nothing goes there."}}
    for path in ("/shipping/settings", "/shipping/settings/channels/1"):
        call.management("GET", path)
        call.management("PUT", path, message)
    call.management("PUT", "/shipping/settings", {"checkout": {"country_list_strategy": "NONE"}})
    customs = "/shipping/products/customs-information"
    said = {
        "product_id": 170,
        "country_of_origin": "US",
        "commodity_description": "Spoons",
        "international_shipping": True,
    }
    call.management(
        "PUT", customs, [said | {"hs_codes": {"ALL": "501000", "CA": "508313", "US": "641000", "AU": "817355"}}]
    )
    call.management("PUT", customs, [said | {"hs_codes": {"CA": "1"}}])
    call.management("GET", f"{customs}?product_id:in=170")
    call.management("DELETE", f"{customs}?product_id:in=170")


HOOK = {
    "scope": "store/cart/*",
    "destination": "https://hooks.example.com/checkstand",
    "headers": {"custom-key": "demo"},
}


def _hooks(call: Recorder) -> None:
    made = call.management("POST", "/hooks", HOOK)["data"]["id"]
    call.management("POST", "/hooks", HOOK | {"scope": "store/order/created", "headers": None, "is_active": False})
    for body in (
        HOOK | {"destination": "http://hooks.example.com/"},
        {"scope": "store/cart/*"},
    ):
        call.management("POST", "/hooks", body)
    for rest in (
        "",
        "?limit=1&page=2",
        "?is_active=true&scope=store/cart/*",
        "?limit=none",
        f"/{made}",
        "/9",
        "/admin",
    ):
        call.management("GET", f"/hooks{rest}")
    call.management("PUT", f"/hooks/{made}", {"is_active": False})
    call.management("PUT", f"/hooks/{made}", {})
    call.management("PUT", "/hooks/9", {"is_active": False})
    call.management("PUT", "/hooks/admin", {"emails": ["webhooks@example.com"]})
    call.management("DELETE", f"/hooks/{made}")
    call.management("DELETE", f"/hooks/{made}")


def _tokens(call: Recorder) -> None:
    cart = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})["data"]["id"]
    call.management("POST", f"/checkouts/{cart}/token", {"maxUses": 1, "ttl": 3600})
    call.management("POST", f"/checkouts/{cart}/token", {"maxUses": 1, "ttl": 0})
    tomorrow = int(call.shop.app.now().timestamp()) + 86_400
    for_browser = {"channel_id": 1, "expires_at": tomorrow, "allowed_cors_origins": ["https://shop.example.com"]}
    token = call.management("POST", "/storefront/api-token", for_browser)["data"]["token"]
    call.management("POST", "/storefront/api-token", {"channel_id": 1, "expires_at": 1})
    call.management(
        "POST", "/storefront/api-token-private", {"channel_id": 1, "expires_at": tomorrow, "scopes": ["Customer"]}
    )
    call.management("POST", "/storefront/api-token-customer-impersonation", {"channel_id": 1, "expires_at": tomorrow})
    call.management("DELETE", "/storefront/api-token", headers={"Sf-Api-Token": token})


def _shipping(call: Recorder) -> None:
    def v2(method: str, path: str, body: Any = None) -> Any:
        return call.management(method, path, body, base="/stores/demo/v2")

    v2("GET", "/shipping/zones")
    zone = v2("POST", "/shipping/zones", {"name": "Canada", "type": "country", "locations": [{"country_iso2": "CA"}]})
    path = f"/shipping/zones/{zone['id']}"
    v2("GET", path)
    v2("PUT", path, {"name": "All of Canada"})
    v2("POST", "/shipping/zones", {})
    rates = {
        "default_cost": 12,
        "default_cost_type": "fixed_amount",
        "range": [{"lower_limit": 0, "upper_limit": 20, "shipping_cost": 8}],
    }
    for body in (
        {"name": "Flat", "type": "perorder", "settings": {"rate": 8}, "handling_fees": {"fixed_surcharge": "3"}},
        {"name": "Each", "type": "peritem", "settings": {"rate": 1}},
        {"name": "Heavy", "type": "weight", "settings": rates},
        {"name": "Dear", "type": "total", "settings": rates},
        {"name": "Carrier", "type": "fedex"},
    ):
        v2("POST", f"{path}/methods", body)
    call.shop.app.provider_hosts = frozenset({"127.0.0.1:9001"})
    connection = "/shipping/carrier/connection"
    v2("DELETE", connection, {"carrier_id": "demo-carrier"})
    v2("POST", connection, {"carrier_id": "nobody", "connection": {}})
    v2("POST", connection, {"carrier_id": "demo-carrier", "connection": {"account": "4711"}})
    v2("PUT", connection, {"carrier_id": "demo-carrier", "connection": {}})
    v2("DELETE", connection, {"carrier_id": "demo-carrier"})
    method = v2("GET", f"{path}/methods")[0]["id"]
    v2("GET", f"{path}/methods/{method}")
    v2("PUT", f"{path}/methods/{method}", {"name": "Flat Rate", "settings": {"rate": 9}})
    v2("DELETE", f"{path}/methods/{method}")
    v2("DELETE", path)
    v2("GET", path)
    v2("GET", "/countries?limit=3")
    v2("GET", "/countries?country_iso3=AUS")
    v2("GET", "/countries/count")
    v2("GET", "/countries/36")
    v2("GET", "/countries/36/states")
    v2("GET", "/countries/36/states/36001")
    v2("GET", "/countries/36/states/count")
    v2("GET", "/countries/states?limit=3")
    v2("GET", "/countries/states/count")
    v2("GET", "/countries/999")
    call.storefront("GET", "/store/countries", base="/internalapi/v1")
    call.storefront("GET", "/shipping/countries", base="/internalapi/v1")


COUPON = {
    "name": "Australia Customers Discount",
    "type": "per_item_discount",
    "amount": "5",
    "min_purchase": "25",
    "expires": "Tue, 13 Mar 2029 16:18:59 +0000",
    "enabled": True,
    "code": "E3JC79S0I",
    "applies_to": {"entity": "categories", "ids": [0]},
    "max_uses": 25,
    "restricted_to": {"countries": "AU"},
    "shipping_methods": [],
}


def _coupons(call: Recorder) -> None:
    def v2(method: str, path: str, body: Any = None) -> Any:
        return call.management(method, f"/coupons{path}", body, base="/stores/demo/v2")

    v2("GET", "?min_id=1&limit=3")
    made = v2("POST", "", COUPON)["id"]
    v2("POST", "", COUPON)
    v2("POST", "", COUPON | {"type": "promotion"})
    v2("POST", "", {})
    v2("PUT", f"/{made}", {"applies_to": {"entity": "products", "ids": [170]}, "restricted_to": {}})
    v2("PUT", "/99", {"amount": "4"})
    v2("GET", "/count")
    lines = [{"product_id": 170, "quantity": 2}, {"product_id": 189, "quantity": 1}]
    cart = call.management("POST", "/carts", {"line_items": lines})["data"]
    path = f"/checkouts/{cart['id']}"
    for code in (COUPON["code"], COUPON["code"], "NOPE"):
        call.management("POST", f"{path}/coupons", {"coupon_code": code})
    call.management("GET", f"/carts/{cart['id']}")
    call.management("POST", f"{path}/coupons", {"coupon_code": "SHIP5", "version": 99})
    call.management("DELETE", f"{path}/coupons/{COUPON['code']}")
    call.management("DELETE", f"{path}/coupons/{COUPON['code']}")
    call.management("POST", f"{path}/coupons", {"coupon_code": "SHIP5"})
    goods = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 2}]
    consignment = {"address": AUSTIN, "line_items": goods}
    options = "include=consignments.available_shipping_options"
    consigned = call.management("POST", f"{path}/consignments?{options}", [consignment])["data"]["consignments"][0]
    option = consigned["available_shipping_options"][0]["id"]
    call.management("PUT", f"{path}/consignments/{consigned['id']}", {"shipping_option_id": option})
    v2("DELETE", f"/{made}")
    v2("DELETE", f"/{made}")
    _storefront_coupons(call)
    v2("DELETE", "?id:in=6")


def _fees_and_discounts(call: Recorder) -> None:
    wrapping = {"wrap_together": False, "wrap_details": [{"id": 1, "message": "Happy birthday"}, {"id": 2}]}
    cart = call.management(
        "POST",
        "/carts",
        {
            "line_items": [
                {"product_id": 170, "quantity": 2, "gift_wrapping": wrapping},
                {"product_id": 158, "quantity": 1},
            ]
        },
    )["data"]
    line, other = (item["id"] for item in cart["line_items"]["physical_items"])
    path = f"/checkouts/{cart['id']}"
    call.management("POST", f"{path}/billing-address", AUSTIN)
    (fee,) = call.management("POST", f"{path}/fees", {"fees": [FEE]})["data"]["fees"]
    call.management("POST", f"{path}/fees", {"fees": [{**FEE, "cost": -1}]})
    call.management("PUT", f"{path}/fees", {"fees": [{**FEE, "id": fee["id"], "cost": 3.5, "tax_class_id": 2}]})
    call.management("POST", f"{path}/discounts", {"cart": {"discounts": [{"discounted_amount": 10}]}, "version": 4})
    call.management(
        "POST",
        f"{path}/discounts",
        {"cart": {"discounts": [{"discounted_amount": 5}], "line_items": [{"id": other, "discounted_amount": 9.99}]}},
    )
    call.management("POST", f"{path}/discounts", {"cart": {"discounts": [{"discounted_amount": 1000}]}})
    call.management("PUT", f"/carts/{cart['id']}/items/{line}", {"line_item": {"quantity": 2, "gift_wrapping": None}})
    call.management("DELETE", f"{path}/fees", {"ids": [fee["id"], "unknown"]})
    call.management("DELETE", f"{path}/fees", {"ids": [fee["id"]]})


FEE = {"type": "custom_fee", "name": "Insurance", "display_name": "Parcel insurance", "cost": 7.12, "source": "AA"}


def _storefront_coupons(call: Recorder) -> None:
    cart = call.storefront("POST", "/carts", {"lineItems": [{"productId": 170, "quantity": 2}]})
    path = f"/checkouts/{cart['id']}"
    call.storefront("POST", f"{path}/coupons", {"couponCode": "SHOP20"})
    call.storefront("GET", "/carts")
    for code in ("SHOP20", "OLD"):
        call.storefront("POST", f"{path}/coupons", {"couponCode": code})
    call.storefront("DELETE", f"{path}/coupons/shop20")
    call.storefront("DELETE", f"{path}/coupons/SHOP20")
    call.storefront("POST", f"{path}/coupons", {"couponCode": "FREESHIP"})
    call.storefront("POST", f"{path}/billing-address", camel(AUSTIN))
    goods = [{"itemId": cart["lineItems"]["physicalItems"][0]["id"], "quantity": 2}]
    created = call.storefront("POST", f"{path}/consignments", [{"address": camel(AUSTIN), "lineItems": goods}])
    consignment = created["consignments"][0]
    option = consignment["availableShippingOptions"][0]["id"]
    call.storefront("PUT", f"{path}/consignments/{consignment['id']}", {"shippingOptionId": option})
    order = {"cartId": cart["id"], "payment": {"name": "cod"}}
    placed = call.storefront("POST", "/checkout/order", order, base="/internalapi/v1")
    call.storefront("GET", f"/orders/{placed['data']['order']['orderId']}")


PROMOTION = {
    "name": "Spring",
    "display_name": "Spring sale",
    "redemption_type": "AUTOMATIC",
    "channels": [{"id": 1}],
    "customer": {"group_ids": [0], "minimum_order_count": 0, "excluded_group_ids": [], "segments": None},
    "rules": [
        {
            "action": {
                "cart_value": {"discount": {"percentage_amount": "20"}, "maximum_allowed_discount_amount": "50"}
            },
            "apply_once": True,
            "stop": True,
            "condition": {"cart": {"items": {"products": [170]}, "minimum_quantity": 1, "minimum_spend": "10"}},
        }
    ],
    "max_uses": 10,
    "status": "ENABLED",
    "start_date": "2019-01-20T22:00:00+00:00",
    "end_date": "2099-01-20T22:00:00+00:00",
    "stop": False,
    "can_be_used_with_other_promotions": True,
    "currency_code": "USD",
    "notifications": [
        {"content": "A fifth off!", "type": "APPLIED", "locations": ["HOME_PAGE", "CART_PAGE"]},
        {"content": "Buy spoons", "type": "UPSELL", "locations": ["CART_PAGE"]},
    ],
    "shipping_address": {"countries": [{"iso2_country_code": "US"}]},
    "schedule": {
        "week_frequency": 1,
        "week_days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        "daily_start_time": "00:00:00",
        "daily_end_time": "23:59:59",
    },
}


def _promotions(call: Recorder) -> None:
    settings = call.management("GET", "/promotions/settings")
    call.management("PUT", "/promotions/settings", settings | {"number_of_coupons_allowed_at_checkout": 2})
    call.management("PUT", "/promotions/settings", settings | {"number_of_coupons_allowed_at_checkout": 9})
    made = call.management("POST", "/promotions", PROMOTION)["data"]["id"]
    call.management("POST", "/promotions", PROMOTION | {"rules": []})
    call.management("GET", f"/promotions/{made}")
    call.management("PUT", f"/promotions/{made}", {"schedule": None})
    rule = {"action": {"cart_items": {"discount": {"fixed_amount": "1"}, "items": {"products": [170]}}}}
    coupon = {"name": "Codes", "redemption_type": "COUPON", "rules": [rule]}
    single = call.management("POST", "/promotions", coupon | {"codes": {"code": "ONE"}})["data"]["id"]
    bulk = call.management("POST", "/promotions", coupon | {"coupon_type": "BULK"})["data"]["id"]
    call.management("GET", "/promotions?sort=name&direction=desc&limit=2")
    call.management("GET", "/promotions?sort=color")
    codes = f"/promotions/{bulk}/codes"
    call.management("POST", f"/promotions/{bulk}/codegen", {"batch_size": 5, "prefix": "PRE", "delimiter": "_"})
    call.management("POST", f"/promotions/{bulk}/codegen", {"batch_size": 500})
    call.management("POST", f"/promotions/{single}/codegen", {"batch_size": 5})
    one = call.management("POST", codes, {"code": "EXTRA", "max_uses": 2})["data"]["id"]
    call.management("POST", codes, {"code": "extra"})
    page = call.management("GET", f"{codes}?limit=2")["meta"]["cursor_pagination"]
    call.management("GET", f"{codes}?limit=2&after={page['end_cursor']}")
    call.management("GET", f"{codes}?limit=2&page=2")
    call.management("GET", "/promotions/codes?code=one")
    cart = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 2}]})["data"]
    call.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    call.management("POST", f"/checkouts/{cart['id']}/coupons?include=promotions.banners", {"coupon_code": "ONE"})
    call.management("GET", f"/carts/{cart['id']}?include=promotions.banners")
    call.management("DELETE", f"/promotions?id:in={made},{single}")
    call.management("DELETE", "/promotions")
    call.management("DELETE", f"{codes}/{one}")
    call.management("DELETE", f"{codes}?id:in={one},{one + 1}")
    call.management("DELETE", codes)
    call.management("DELETE", "/promotions/codes?code=ONE")
    call.management("DELETE", f"/promotions/{single}")
    call.management("GET", f"/promotions/{single}")
    call.management("PUT", "/promotions/settings", settings)


def _taxes(call: Recorder) -> None:
    settings, zones, rates, classes = "/tax/settings", "/tax/zones", "/tax/rates", "/tax/classes"
    call.management("GET", settings)
    call.management("PUT", settings, {"rounding_strategy": "RATE_ROUNDING", "guest_shopper_tax_zone_id": 1})
    call.management("PUT", settings, {"guest_shopper_tax_zone_id": 99})
    place = {"country_code": "AU", "subdivision_codes": ["NSW"], "postal_codes": []}
    zone = {"name": "Australia", "shopper_target_settings": {"locations": [place], "customer_groups": [1]}}
    call.management("GET", zones)
    made = call.management("POST", zones, [zone])["data"][0]["id"]
    call.management("POST", zones, [{}])
    call.management("PUT", zones, [{"id": made, "enabled": False}])
    call.management("PUT", zones, [{"id": 1, "enabled": False}])
    call.management(
        "POST", "/tax/zonecheck", [{"country_code": "AU", "subdivision_codes": "NSW", "postal_code": "2099"}]
    )
    call.management("POST", "/tax/zonecheck", [{}])
    rate = {"tax_zone_id": made, "name": "GST", "class_rates": [{"rate": 10, "tax_class_id": 0}]}
    new = call.management("POST", rates, [rate])["data"][0]["id"]
    call.management("POST", rates, [rate | {"tax_zone_id": 99}])
    call.management("PUT", rates, [{"id": new, "priority": 2}])
    call.management("PUT", rates, [{"id": 99}])
    call.management("GET", f"{rates}?tax_zone_id:in={made}&limit=1")
    call.management("DELETE", f"{rates}?id:in={new}")
    call.management("DELETE", f"{zones}?id:in={made}")
    call.management("DELETE", zones)
    food = call.management("POST", classes, [{"name": "Food"}, {"name": "Books"}])["data"][0]["id"]
    for method, path, body in (
        ("POST", classes, [{"name": "food"}]),
        ("POST", classes, []),
        ("POST", classes, [{"name": str(number)} for number in range(51)]),
        ("PUT", classes, [{"id": food, "name": "Groceries"}]),
        ("PUT", classes, [{"id": 99, "name": "Wine"}]),
        ("PUT", classes, [{"id": food, "name": "Books"}]),
        ("DELETE", f"{classes}?id:in={food}", None),
        ("DELETE", f"{classes}?id:in={food}", None),
        ("DELETE", classes, None),
        ("GET", "/tax/customers", None),
    ):
        call.management(method, path, body)
    call.shop.app.provider_hosts = frozenset({"127.0.0.1:9000"})
    connection = "/tax/providers/demo-tax/connection"
    call.management("GET", connection)
    call.management("PUT", connection, {"username": "demo"})
    call.management("PUT", connection, {"username": "demo", "password": "secret"})
    call.management("DELETE", connection)
    call.management("DELETE", connection)
    call.management("GET", "/tax_classes", base="/stores/demo/v2")
    call.management("GET", "/tax_classes/2", base="/stores/demo/v2")


POUND = {
    "country_iso2": "GB",
    "currency_code": "GBP",
    "currency_exchange_rate": "0.849",
    "auto_update": True,
    "token_location": "left",
    "token": "£",
    "decimal_token": ".",
    "thousands_token": ",",
    "decimal_places": 2,
    "name": "Pound",
    "enabled": False,
}


def _currencies(call: Recorder) -> None:
    def v2(method: str, path: str, body: Any = None) -> Any:
        return call.management(method, f"/currencies{path}", body, base="/stores/demo/v2")

    v2("GET", "?page=1&limit=3")
    made = v2("POST", "", POUND)["id"]
    v2("POST", "", POUND)
    v2("POST", "", {})
    v2("GET", f"/{made}")
    v2("GET", "/99")
    v2("PUT", f"/{made}", {"currency_exchange_rate": 0.9, "enabled": True})
    v2("PUT", f"/{made}", {"is_default": True})
    v2("DELETE", f"/{made}")
    v2("DELETE", f"/{made}")
    v2("DELETE", "")


OFFICE = {
    "code": "OFFICE",
    "label": "Office",
    "address": {
        "address1": "5 Broadway",
        "city": "New York",
        "state": "NY",
        "zip": "10004",
        "email": "office@example.com",
        "phone": "2125550100",
        "country_code": "US",
        "geo_coordinates": {"latitude": 40.7, "longitude": -74.0},
    },
}


GIFT = {
    "to_name": "John Doe",
    "to_email": "johndoe@example.com",
    "from_name": "Jane Doe",
    "from_email": "janedoe@example.com",
    "amount": "10",
    "message": "Happy Birthday!",
    "template": "birthday.html",
    "code": "FFZ-5N4-C7M-S78",
}


def _page(call: Recorder) -> None:
    """What a checkout page asks for besides the checkout."""
    for path in ("checkout-settings", "form-fields?filter=shippingAddress", "checkout-extensions", "payments"):
        call.storefront("GET", f"/{path}")
    call.storefront("GET", "/payments/cod")
    call.storefront("GET", "/payments/none")
    agreed = {"email": "jane@example.com", "acceptsMarketingNewsletter": True}
    call.storefront("POST", "/subscriptions", agreed)
    call.storefront("POST", "/subscriptions", {"email": "nobody"})
    call.storefront("POST", "/consent", {"allow": [1, 2], "deny": [3]})
    call.storefront("POST", "/consent", {"allow": [1], "deny": []})


def _payments(call: Recorder) -> None:
    """Gift certificates as a shop and as a shopper sees them, store credit, and an order that both of them pay."""

    def v2(method: str, path: str, body: Any = None) -> Any:
        return call.management(method, f"/gift_certificates{path}", body, base="/stores/demo/v2")

    made = v2("POST", "", GIFT)["id"]
    v2("POST", "", GIFT)
    v2("POST", "", {})
    v2("GET", "?min_id=2&limit=3&direction=desc")
    v2("GET", f"/{made}")
    v2("GET", "/99")
    v2("PUT", f"/{made}", {"expiry_date": "Wed, 20 Jan 2038 08:45:38 CST"})
    v2("PUT", "/99", {"status": "disabled"})
    lines = [{"product_id": 189, "quantity": 1}]
    body = {"customer_id": 11, "line_items": lines, "gift_certificates": [CERTIFICATE]}
    cart = call.management("POST", "/carts", body)["data"]["id"]
    link = call.management("POST", f"/carts/{cart}/redirect_urls")["data"]["checkout_url"]
    call.storefront("POST", "/checkout/customer", JANE, base="/internalapi/v1")
    call.shop.storefront("GET", "/cart.php?" + link.partition("?")[2], base="")
    path = f"/checkouts/{cart}"
    call.storefront("POST", f"{path}/billing-address", camel(ABROAD))
    for code in (GIFT["code"], GIFT["code"], "FREESHIP", "5678DEF"):
        call.storefront("POST", f"{path}/gift-certificates?include=customer", {"giftCertificateCode": code})
    call.storefront("DELETE", f"{path}/gift-certificates/5678DEF", {"version": 99})
    call.storefront("DELETE", f"{path}/gift-certificates/5678DEF")
    call.storefront("DELETE", f"{path}/gift-certificates/5678DEF")
    call.storefront("POST", f"{path}/store-credit?include=customer", {"version": 99})
    call.storefront("POST", f"{path}/store-credit?include=customer")
    call.storefront("DELETE", f"{path}/store-credit?include=customer")
    call.storefront("POST", f"{path}/spam-protection", {"token": "03AGdBq25"})
    order = {"cartId": cart, "useStoreCredit": True}
    placed = call.storefront("POST", "/checkout/order", order, base="/internalapi/v1")
    call.storefront("GET", f"/orders/{placed['data']['order']['orderId']}?include=payments,lineItems")
    v2("GET", "")
    v2("DELETE", f"/{made}")
    v2("DELETE", "")


def _places(call: Recorder) -> None:
    locations, methods = "/inventory/locations", "/pickup/methods"
    call.management("GET", locations)
    call.management("POST", locations, [OFFICE])
    call.management("POST", locations, [OFFICE])
    new = call.management("GET", f"{locations}?location_code:in=OFFICE")["data"][0]["id"]
    call.management("PUT", locations, [{"id": new, "label": "Head office"}])
    call.management("GET", f"{methods}?id:in=1,2&sort=name:desc&limit=1&page=2")
    call.management("POST", methods, [{"location_id": new, "display_name": "Head office"}])
    call.management("POST", methods, [{"location_id": 99, "display_name": "Nowhere"}])
    made = call.management("GET", methods)["data"][-1]["id"]
    call.management("PUT", methods, [{"id": made, "display_name": "Office"}])
    search = {"coordinates": {"latitude": 30.2672, "longitude": -97.7431}, "radius": {"value": 500, "unit": "KM"}}
    call.management("POST", "/pickup/options", {"search_area": search, "items": [{"variant_id": 341, "quantity": 1}]})
    _pickups(call)
    call.management("DELETE", f"{methods}?id:in={made}")
    call.management("DELETE", f"{locations}?location_id:in={new}")


def _pickups(call: Recorder) -> None:
    cart = call.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 2}]})["data"]
    goods = [{"item_id": cart["line_items"]["physical_items"][0]["id"], "quantity": 2}]
    consignment = {"pickup_option": {"pickup_method_id": 1}, "line_items": goods}
    call.management("POST", f"/checkouts/{cart['id']}/consignments", [consignment])
    call.management("POST", f"/checkouts/{cart['id']}/billing-address", AUSTIN)
    order = call.management("POST", f"/checkouts/{cart['id']}/orders")["data"]["id"]
    call.shop.management("PUT", f"/orders/{order}", {"status_id": 8}, base="/stores/demo/v2")
    pickups = "/orders/pickups"
    item = {"order_product_id": order * 10_000 + 1, "quantity": 1}
    ready = {"pickup_method_id": 1, "order_id": order, "ready_at": "1660555844", "pickup_items": [item]}
    made = call.management("POST", pickups, [ready, ready])["data"][0]["id"]
    call.management("POST", pickups, [ready])
    call.management("GET", f"{pickups}?order_id:in={order}")
    call.management("GET", f"{pickups}?pickup_id:in={made}")
    call.management("GET", pickups)
    call.management("PUT", pickups, [{"pickup_id": made, "collected_at": "2022-08-18T14:03:12Z"}])
    call.management("PUT", pickups, [{"pickup_id": 99}])
    call.management("DELETE", f"{pickups}?id:in={made}")


def _catalog(call: Recorder) -> None:
    call.management("GET", "/catalog/products?include=variants&limit=2")
    lamp = {"name": "Desk Lamp", "type": "physical", "weight": 2.5, "price": 34.5, "sku": "LAMP"}
    product = call.management("POST", "/catalog/products", lamp)["data"]["id"]
    call.management("GET", f"/catalog/products/{product}?include=variants,options")
    call.management("PUT", f"/catalog/products/{product}", {"price": 30})
    rules = f"/catalog/products/{product}/bulk-pricing-rules"
    made = call.management("POST", rules, {"quantity_min": 2, "quantity_max": 0, "type": "price", "amount": 1})["data"][
        "id"
    ]
    call.management("GET", rules)
    call.management("GET", f"{rules}/{made}")
    call.management("PUT", f"{rules}/{made}", {"amount": 2})
    call.management("DELETE", f"{rules}/{made}")
    call.management("DELETE", f"/catalog/products/{product}")
    call.management("GET", f"/catalog/products/{product}")


def _customers(call: Recorder) -> None:
    new = {"firstName": "Ann", "lastName": "Roe", "email": "ann@example.com", "password": "S3curePass"}
    customer = "/checkout/customer"
    call.storefront("DELETE", customer, base="/internalapi/v1")
    call.storefront("POST", "/customers", new)
    call.storefront("POST", "/customers", new)
    call.storefront("POST", "/customers", {"email": "bob@example.com"})
    call.storefront("POST", "/customer-address", camel(AUSTIN))
    call.storefront("DELETE", customer, base="/internalapi/v1")
    call.storefront("POST", "/customer-address", camel(AUSTIN))
    call.storefront("POST", customer, JANE | {"password": "wrong"}, base="/internalapi/v1")
    call.storefront("POST", customer, JANE, base="/internalapi/v1")
