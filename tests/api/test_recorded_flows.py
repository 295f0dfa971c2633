"""Seven flows of the real checkout page, answered in 2023 and 2024, are replayed here: every value of every answer is compared.

The recordings stand beside the repository; where they do not (a clone on its own) nothing can be replayed, and only the tables
are held against docs/compatibility.md.

1. `SHOPS` holds a shop like each of the recorded ones, as their first answers show them.
2. `begin` brings a cart to the first recorded state.
3. Each request is sent again, with our ids in the place of theirs (`Ids`). The recorder flattened arrays of a request to their last
   element, so bodies are put together again from the answers.
4. `Comparison` walks through the recorded answer and looks at the same place of ours. `DIFFERENCES` is all that may differ.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from checkstand.domain.moment import Moment
from checkstand.domain.store_settings import CheckoutPage
from checkstand.service import shop_file
from tests.api.formulas import check_both
from tests.builders import NOON
from tests.client import Shop

ROOT = Path(__file__).parent.parent.parent
RECORDED = ROOT.parent / "shared" / "contract" / "recorded" / "checkout_flows.jsonl"
COMPATIBILITY = ROOT / "docs" / "compatibility.md"

replayed = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded flows do not stand beside this repository")

# ---------------------------------------------------------------------------------------------------- the tables

NOT_REPLAYED = {
    "GET /internalapi/v1/shipping/countries": "answered, from newer address data",
    "GET /internalapi/v1/store/countries": "answered, from newer address data",
}
"""Requests of the flows whose answers are not compared -> why."""


@dataclass(frozen=True)
class Difference:
    """`place`: where in an answer. `agrees`: whether what was recorded may be what we answer, None where we answer nothing."""

    place: str
    agrees: Callable[[Any, Any], bool]


def rounded(recorded: Any, here: Any) -> bool:
    return bool(here == float(Decimal(str(recorded)).quantize(Decimal("0.01"), ROUND_HALF_UP)))


def pair(recorded: Any, here: Any) -> Callable[[Any, Any], bool]:
    return lambda theirs, ours: (theirs, ours) == (recorded, here)


DIFFERENCES = {
    "`cartAmount` 204.54545454545, costs 7.27272727273 and 9.09090909091": Difference(
        r"cart\.cartAmount|(consignments\[\]\.)?shippingCost(Total|BeforeDiscount)?|.*availableShippingOptions\[\]\.cost",
        rounded,
    ),
    "`cost` 8 of a selected option that was offered for 7.27": Difference(
        r"consignments\[\]\.selectedShippingOption\.cost", pair(8, 7.27)
    ),
    "`isStoreCreditApplied` true": Difference(r"isStoreCreditApplied", pair(True, False)),
    "`shouldSaveAddress` true of a guest's billing address that does not say": Difference(
        r"billingAddress\.shouldSaveAddress", pair(True, False)
    ),
    "an option of the type `shipping_pickupinstore`": Difference(
        r"consignments\[\]\..*ShippingOptions?(\[\])?\.type", pair("shipping_pickupinstore", "shipping_flatrate")
    ),
    "the tax `GST` of 0": Difference(r"taxes\[\]\.name", pair("GST", "Tax")),
    "an order with `isTaxIncluded` false and `baseAmount` 204.55 of a checkout with true and 225": Difference(
        r"isTaxIncluded|baseAmount", lambda theirs, ours: (theirs, ours) in ((False, True), (204.55, 225))
    ),
    "`categories` empty in orders of January 2023": Difference(
        r"lineItems\.physicalItems\[\]\.categories",
        lambda theirs, ours: theirs == [] and ours == [[{"name": "Shop All"}], [{"name": "Kitchen"}]],
    ),
    "`socialMedia`, `socialData`": Difference(
        r"lineItems\.physicalItems\[\]\.socialMedia|data\.order\.socialData", lambda _, ours: not ours
    ),
    "placing an order answers its amounts, too": Difference(
        r"data\.order\.(items|subtotal|coupon|discount|discountNotifications|giftCertificate|shipping|storeCredit|taxSubtotal"
        r"|taxes|taxTotal|handling|grandTotal)",
        lambda _, ours: ours is None,
    ),
    "`callbackUrl` of a placed order": Difference(r"data\.order\.callbackUrl", lambda _, ours: ours is None),
    "the `token` of an order, `storeHash`": Difference(
        r"data\.order\.token|storeConfig\.storeProfile\.storeHash", lambda theirs, _: bool(theirs == "<scrubbed>")
    ),
    "`storeId` a number": Difference(
        r"storeConfig\.storeProfile\.storeId", lambda theirs, ours: isinstance(theirs, int) and ours.isdigit()
    ),
    "`geoCountryCode` from where the browser is": Difference(
        r"context\.geoCountryCode", lambda theirs, ours: theirs in ("", "AU") and ours == "US"
    ),
    "`isCardVaultingEnabled`, `isTrustedShippingAddressEnabled`, `walletButtonsOnTop` true": Difference(
        r"storeConfig\.checkoutSettings\.(isCardVaultingEnabled|isTrustedShippingAddressEnabled"
        r"|checkoutUserExperienceSettings\.walletButtonsOnTop)",
        pair(True, False),
    ),
    "`isStorefrontSpamProtectionEnabled` true, `googleRecaptchaSitekey`": Difference(
        r"storeConfig\.checkoutSettings\.(isStorefrontSpamProtectionEnabled|googleRecaptchaSitekey)",
        lambda theirs, ours: (theirs, ours) in ((True, False), ("<scrubbed>", ""), ("*", "")),
    ),
    "`realtimeShippingProviders`, `remoteCheckoutProviders`, `clientSidePaymentProviders`, `bigpayBaseUrl`, `cdnPath`, "
    "`isAngularDebuggingEnabled`": Difference(
        r"storeConfig\.(checkoutSettings\.re(altimeShipping|moteCheckout)Providers|paymentSettings\.\w+|cdnPath"
        r"|isAngularDebuggingEnabled)",
        lambda _, ours: not ours,
    ),
    "`decimalPlaces` '3' in the settings of a shop whose amounts have two": Difference(
        r"storeConfig\.(shopperC|c)urrency\.decimalPlaces", pair("3", "2")
    ),
    "`checkoutLink`, `orderConfirmationLink` in the shop's address": Difference(
        r"storeConfig\.links\.(checkout|orderConfirmation)Link",
        lambda theirs, ours: (
            theirs.removeprefix("https://store.example.com") == ours.removeprefix("http://127.0.0.1:8080")
        ),
    ),
}
"""All that may differ; what is recorded -> where, and what we answer."""

TIMES = re.compile(r"(.*\.)?(createdTime|updatedTime)")
IDS = re.compile(
    r"(cart\.)?id|context\.checkoutId|addresses\[\]\.id|orderId|cartId|billingAddress\.id|consignments\[\]\.(id|lineItemIds\[\])|cart\.discounts\[\]\.id"
    r"|(cart\.)?lineItems\.\w+\[\]\.id|.*ShippingOptions?(\[\])?\.id|data\.order\.(id|orderId)"
    r"|consignments\.shipping\[\]\.(lineItems\[\]\.id|shippingAddressId)|customer\.addresses\[\]\.id"
)
"""Where ids stand that the server gives; those of products, promotions and customers are the shop's own."""
GATED = ("availableShippingOptions", "customer", "customerGroup", "payments", "promotions", "options", "categoryNames")
"""Keys that are there when `include` asks for them, and only then."""

# ---------------------------------------------------------------------------------------------------- the shops

BY_WEIGHT = {"id": 1, "type": "weight", "name": "Ship by Weight", "ranges": [{"lower": 0, "upper": 9, "cost": 8}]}
FLAT_RATE = {"id": 2, "type": "perorder", "name": "Flat Rate", "rate": 10}
PICK_UP = {"id": 1, "type": "perorder", "name": "Pick up", "rate": 0}
FREE = {"id": 2, "type": "freeshipping", "name": "Free Shipping", "minimum": 0}

TEN_PER_CENT = [{"tax_class_id": number, "rate": 10} for number in (0, 2, 3)]
AUSTRALIAN_TAXES: dict[str, Any] = {
    "tax_settings": {"tax_entered_with_prices": True, "store_tax_zone_id": 2},
    "tax_zones": [
        {"id": 1, "name": "Elsewhere", "show_inclusive": True},
        {
            "id": 2,
            "name": "Australia",
            "show_inclusive": True,
            "locations": [{"country_code": "AU"}],
            "rates": [{"id": 1, "name": "GST", "class_rates": TEN_PER_CENT}],
        },
    ],
}
"""Prices hold ten per cent of GST; shoppers from elsewhere pay them without it."""

FIFTH_OFF = {
    "id": 4,
    "name": "20% off the order",
    "rules": [{"action": {"kind": "cart_value", "discount": {"kind": "percentage", "percent": 20}}}],
}
FREE_BY_CODE = {
    "id": 1,
    "name": "Coupon Discount",
    "redemption_type": "COUPON",
    "rules": [{"action": {"kind": "shipping", "free_shipping": True}}],
}


@dataclass(frozen=True)
class Kind:
    """What of a recorded shop its answers show the effects of: methods, cheapest first, and settings. `codes` of promotion 1."""

    methods: tuple[dict[str, Any], ...]
    settings: dict[str, Any] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


OF_COUPON = Kind((BY_WEIGHT, FLAT_RATE), AUSTRALIAN_TAXES | {"promotions": [FREE_BY_CODE]}, ("FREESHIP",))
OF_DISCOUNT = Kind((BY_WEIGHT, FLAT_RATE), {"promotions": [FIFTH_OFF]})
OF_ORDERS = Kind((FREE,), AUSTRALIAN_TAXES)


def shop_of(rows: list[dict[str, Any]], kind: Kind) -> dict[str, Any]:
    """A shop file like the recorded shop. What its answers tell (goods, currency, customer, settings) is taken from them."""
    first = next(row["body"] for row in rows if is_checkout(row["body"]))
    currency, (line,) = first["cart"]["currency"], first["cart"]["lineItems"]["physicalItems"]
    ways: list[Any] = next((row["body"] for row in rows if "/storefront/payments" in row["path"]), [])
    config = next((row["body"]["storeConfig"] for row in rows if "/checkout-settings" in row["path"]), None)
    return {
        "store": {
            "hash": "demo",
            "name": "Recorded",
            "hosts": ["localhost", "127.0.0.1"],
            "currency": {name: currency[name] for name in ("code", "name", "symbol")}
            | {"decimal_places": currency["decimalPlaces"]},
            "shipping_zones": [{"id": 5, "name": "Rest of the World", "type": "global", "methods": list(kind.methods)}],
            "payment_methods": [
                {"id": way["id"], "name": way["config"]["displayName"], "instructions": way["config"]["helpText"]}
                for way in ways
            ],
            "coupon_settings": {"coupon_type_as_string": True},
            **(settings_of(rows, config) if config else {}),
            **kind.settings,
        },
        "products": [
            {
                "id": line["productId"],
                "name": line["name"],
                "sku": line["sku"],
                "price": line["originalPrice"],
                "weight": 1,
                "url": urlsplit(line["url"]).path,
                "category_names": line["categoryNames"],
                "variants": [{"id": line["variantId"], "sku": line["sku"], "image_url": line["imageUrl"]}],
            }
        ],
        "promotion_codes": [{"id": 1, "promotion_id": 1, "code": code} for code in kind.codes],
        "customers": [customer_of(row) for row in rows if row["path"].endswith("/checkout/customer")],
    }


def settings_of(rows: list[dict[str, Any]], config: dict[str, Any]) -> dict[str, Any]:
    """What a merchant had set, by what the page was told."""
    page, profile = config["checkoutSettings"], config["storeProfile"]
    shown = {_snake(name): value for name, value in page.items()}
    experience = page.get("checkoutUserExperienceSettings", {"floatingLabelEnabled": False})
    return {
        "name": profile["storeName"],
        "url": profile["shopPath"],
        "profile": {
            "country_code": profile["storeCountryCode"],
            "email": profile["orderEmail"],
            "language": profile["storeLanguage"],
            "display_date_format": config["displayDateFormat"],
            "input_date_format": config["inputDateFormat"],
        },
        "form_fields": forms_of(rows),
        "shipping_settings": {"out_of_delivery_zone_message": page["shippingQuoteFailedMessage"]},
        "checkout_settings": {
            "page": {name: shown[name] for name in CheckoutPage.__struct_fields__ if name in shown}
            | {"floating_label_enabled": experience["floatingLabelEnabled"]}
            | {"default_newsletter_signup": config["shopperConfig"]["defaultNewsletterSignup"]},
            "channels": {
                "1": {"policies": {"order_terms_and_conditions_type": page["orderTermsAndConditionsType"]}},
            },
        },
    }


CHANGED_LABELS = ("My own Zip code", "Email")


def forms_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the merchant added to the forms, and what they changed of the fields that every shop has."""
    forms = next(row["body"] for row in rows if "/form-fields" in row["path"])
    standard: dict[str, Any] = {}
    for entry in (each for form in forms.values() for each in form if not each["custom"]):
        changed = {"max_length": entry["maxLength"], "default": entry["default"]}
        changed |= {"label": entry["label"]} if entry["label"] in CHANGED_LABELS else {}
        said = {name: value for name, value in changed.items() if value}
        standard |= {entry["name"]: {"name": _snake(entry["name"]), **said}} if said else {}
    own = {_snake(name): [own_field(each) for each in form if each["custom"]] for name, form in forms.items()}
    return {**own, "standard": list(standard.values())}


def own_field(recorded: dict[str, Any]) -> dict[str, Any]:
    kind, options = recorded["fieldType"], recorded.get("options", {})
    return {
        "id": int(recorded["id"].removeprefix("field_")),
        "label": recorded["label"],
        "kind": "number" if recorded["type"] == "integer" else kind,
        "options": [item["label"] for item in options.get("items", ())],
        **({"helper_label": options["helperLabel"]} if "helperLabel" in options else {}),
    }


def customer_of(row: dict[str, Any]) -> dict[str, Any]:
    """Who signed in, by the recorded request and its answer."""
    recorded = row["body"]["data"]["customer"]
    customer = {
        "id": recorded["customerId"],
        "email": recorded["email"],
        "first_name": recorded["firstName"],
        "last_name": recorded["lastName"],
    }
    return {"customer": customer, "password": json.loads(row["request_lossy"])["password"]}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


FLOWS = {
    "Adding-and-Removing-free-shipping-coupon": (OF_COUPON, 18, 421, 204.55),
    "Multi-Shipping-with-Customer-checkout": (Kind((PICK_UP, FREE)), 14, 298, 450),
    "Shipping-with-Customer-checkout": (OF_DISCOUNT, 14, 290, 188),
    "Shipping-with-Guest-checkout": (OF_DISCOUNT, 11, 247, 188),
    "Shipping-with-different-billing-address": (OF_DISCOUNT, 11, 247, 188),
    "Cash-on-Delivery": (OF_ORDERS, 10, 179, 204.55),
    "Pay-in-Store": (OF_ORDERS, 10, 179, 204.55),
}
"""Name of a flow -> its shop, how many requests are replayed, how many amounts compared, and the grand total at its end."""


# ---------------------------------------------------------------------------------------------------- comparing


@dataclass(frozen=True)
class Replayed:
    """A recorded exchange, and what we answer to it. `version_before`: None once there is no checkout any more."""

    row: dict[str, Any]
    status: int
    here: Any
    version_before: int


@dataclass
class Ids:
    """Which of our ids stands for a recorded one: the same for the same, another for another. Addresses of orders are numbered for
    themselves."""

    ours: dict[tuple[bool, Any], Any] = field(default_factory=dict)

    def match(self, recorded: Any, here: Any, place: str) -> bool:
        is_address = place.endswith("shippingAddressId")
        taken = {given for (of_address, _), given in self.ours.items() if of_address == is_address}
        key = (is_address, recorded)
        if key not in self.ours and here not in taken:
            self.ours[key] = here
        return bool(self.ours.get(key) == here)

    def translated(self, text: str) -> str:
        for (_, recorded), here in self.ours.items():
            text = re.sub(rf"\b{re.escape(str(recorded))}\b", str(here), text)
        return text


@dataclass
class Comparison:
    """`found`: what differs without being expected; `seen`: differences that were."""

    ids: Ids = field(default_factory=Ids)
    amounts: int = 0
    seen: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)
    _request: str = ""

    def compare(self, request: str, recorded: Any, here: Any) -> None:
        """`request`: method, path and query."""
        self._request = request
        self._compare(recorded, here, "")

    def _compare(self, recorded: Any, here: Any, place: str) -> None:
        if self._is_expected(recorded, here, place):
            self.amounts += is_amount(recorded)
        elif isinstance(recorded, dict) and isinstance(here, dict):
            self._compare_objects(recorded, here, place)
        elif isinstance(recorded, list) and isinstance(here, list) and len(recorded) == len(here):
            for theirs, ours in zip(recorded, here, strict=True):
                self._compare(theirs, ours, f"{place}[]")
        elif not self._is_same(recorded, here, place):
            self._find(f"{place} is {here!r}, recorded {recorded!r}")

    def _compare_objects(self, recorded: dict[str, Any], here: dict[str, Any], place: str) -> None:
        for key, value in recorded.items():
            inner = f"{place}.{key}" if place else key
            if key in here:
                self._compare(value, here[key], inner)
            elif not self._is_expected(value, None, inner):
                self._find(f"{inner} is missing, recorded {value!r}")
        for key in GATED:
            if key in here and key not in recorded and key not in self._request:
                self._find(f"{place}.{key} was not asked for")

    def _is_same(self, recorded: Any, here: Any, place: str) -> bool:
        if TIMES.fullmatch(place):
            return datetime.fromisoformat(here).utcoffset() == datetime.fromisoformat(recorded).utcoffset()
        if IDS.fullmatch(place) and recorded is not None:
            return self.ids.match(recorded, here, place)
        self.amounts += is_amount(recorded)
        return bool(recorded == here) and isinstance(recorded, bool) == isinstance(here, bool)

    def _is_expected(self, recorded: Any, here: Any, place: str) -> bool:
        for name, difference in DIFFERENCES.items():
            if re.fullmatch(difference.place, place) and recorded != here and difference.agrees(recorded, here):
                self.seen.add(name)
                return True
        return False

    def _find(self, what: str) -> None:
        self.found.append(f"{self._request.partition('?')[0]}: {what}")


def is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# ---------------------------------------------------------------------------------------------------- replaying


def recorded_flow(name: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
    return [row for row in rows if row["flow"].rpartition("_")[0] == name]


def is_checkout(body: Any) -> bool:
    return isinstance(body, dict) and "grandTotal" in body


def load(shop: Shop, described: dict[str, Any]) -> None:
    described_shop = shop_file.read(json.dumps(described))
    shop.run(shop_file.load(shop.storage.unit("demo"), described_shop, Moment(NOON, "recorded")))


def sent(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    answer = shop.storefront(method, path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def begin(shop: Shop, first: dict[str, Any]) -> str:
    """A cart in the browser that holds what the first recorded answer shows; its id."""
    shop.storefront("GET", "/carts")
    goods = [
        {"productId": line["productId"], "variantId": line["variantId"], "quantity": line["quantity"]}
        for line in first["cart"]["lineItems"]["physicalItems"]
    ]
    cart = sent(shop, "POST", "/carts", {"lineItems": goods})
    path = f"/checkouts/{cart['id']}"
    units = [{"itemId": line["id"], "quantity": line["quantity"]} for line in cart["lineItems"]["physicalItems"]]
    if first["billingAddress"]:
        sent(shop, "POST", f"{path}/billing-address", first["billingAddress"])
    for consignment in first["consignments"]:
        made = sent(shop, "POST", f"{path}/consignments", [{"address": consignment["address"], "lineItems": units}])
        wanted = consignment["selectedShippingOption"]["description"]
        (created,) = made["consignments"]
        option = next(each for each in created["availableShippingOptions"] if each["description"] == wanted)
        sent(shop, "PUT", f"{path}/consignments/{created['id']}", {"shippingOptionId": option["id"]})
    return str(cart["id"])


def body_of(row: dict[str, Any], before: dict[str, Any]) -> Any:
    """The request as it must have been, with recorded ids; `before` is the recorded checkout before it."""
    if row["request_lossy"] is None:
        return None
    lossy, answer = json.loads(row["request_lossy"]), row["body"]
    path = urlsplit(row["path"]).path
    if path.endswith("/checkout/order"):
        return {"cartId": before["id"], "payment": lossy}
    if "/billing-address" in path:
        return lossy if row["method"] == "POST" else answer["billingAddress"] | lossy
    if path.endswith("/customer-address"):
        return answer["addresses"][0] | lossy
    if "itemId" not in lossy:
        return lossy
    (consignment,) = answer["consignments"]
    if row["method"] == "POST":
        return [{"address": consignment["address"], "lineItems": [lossy]}]
    held = {line["id"]: line["quantity"] for line in before["cart"]["lineItems"]["physicalItems"]}
    named = dict.fromkeys([*consignment["lineItemIds"], lossy["itemId"]])
    units = [{"itemId": line_id, "quantity": held[line_id]} for line_id in named]
    return {"address": consignment["address"], "lineItems": units}


def replay(shop: Shop, rows: list[dict[str, Any]], ids: Ids) -> Iterator[Replayed]:
    """Each recorded exchange that can be compared, with our answer."""
    before = next(row["body"] for row in rows if is_checkout(row["body"]))
    cart_id = begin(shop, before)
    ids.match(before["id"], cart_id, "id")
    for row in rows:
        name = f"{row['method']} {urlsplit(row['path']).path}"
        if name in NOT_REPLAYED:
            continue
        body = json.loads(ids.translated(json.dumps(body_of(row, before))))
        version = shop.storefront("GET", f"/checkouts/{cart_id}").json().get("version")
        answer = shop.storefront(row["method"], ids.translated(row["path"]), body, base="")
        yield Replayed(row, answer.status_code, answer.json(), version)
        before = row["body"] if is_checkout(row["body"]) else before


# ---------------------------------------------------------------------------------------------------- tests


@replayed
@pytest.mark.parametrize("name", FLOWS)
def test_a_recorded_flow_gives_the_recorded_answers(shop: Shop, name: str) -> None:
    kind, requests, amounts, grand_total = FLOWS[name]
    rows, comparison, count, last = recorded_flow(name), Comparison(), 0, 0
    described = shop_of(rows, kind)
    load(shop, described)

    for exchange in replay(shop, rows, comparison.ids):
        row, here = exchange.row, exchange.here
        comparison.compare(f"{row['method']} {row['path']}", row["body"], here)
        assert exchange.status == row["status"]
        if is_checkout(here):
            check_both(shop.management("GET", f"/checkouts/{here['id']}").json()["data"], here)
            assert here["version"] == exchange.version_before + (row["method"] != "GET")
            last = here["grandTotal"]
        count += 1

    assert comparison.found == []
    assert (count, comparison.amounts, last) == (requests, amounts, grand_total)


@replayed
def test_every_expected_difference_is_one_and_every_request_of_the_flows_is_known() -> None:
    """Both tables hold nothing that the recordings do not show."""
    seen, paths = set(), set()
    for name, (kind, *_) in FLOWS.items():
        rows, comparison = recorded_flow(name), Comparison()
        described = shop_of(rows, kind)
        with Shop() as shop:
            load(shop, described)
            for exchange in replay(shop, rows, comparison.ids):
                comparison.compare(exchange.row["path"], exchange.row["body"], exchange.here)
        seen |= comparison.seen
        paths |= {f"{row['method']} {urlsplit(row['path']).path}" for row in rows}

    assert set(DIFFERENCES) - seen == set()
    assert set(NOT_REPLAYED) - paths == set()
    assert {row["flow"].rpartition("_")[0] for row in map(json.loads, RECORDED.read_text("utf-8").splitlines())} == set(
        FLOWS
    )


def test_the_compatibility_page_has_the_same_tables() -> None:
    assert _table("| request | instead |") == list(NOT_REPLAYED.items())
    assert [recorded for recorded, _ in _table("| recorded | here |")] == list(DIFFERENCES)


def _table(header: str) -> list[tuple[str, str]]:
    text = COMPATIBILITY.read_text("utf-8")
    rows = text[text.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [(row.split(" | ")[0].removeprefix("| "), row.split(" | ")[1].removesuffix(" |")) for row in rows]
