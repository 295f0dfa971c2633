import json
import re
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from checkstand.domain.cart import catalog_line
from checkstand.domain.facts import CustomerGroup
from checkstand.domain.form_fields import FieldKind
from checkstand.domain.money import Money
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.domain.payments import Spent
from checkstand.domain.store_settings import CheckoutPage
from checkstand.errors import CheckoutError, Invalid, NotFound, Taken
from checkstand.service import passwords, shop_file
from checkstand.storage.port import Session
from checkstand.storage.sql import Storage
from checkstand.storage.sql.gift_certificates import take_payments
from tests.builders import NOON, USD, a_moment, a_store, usd
from tests.database import open_fresh, run

T = TypeVar("T")

DEMO = files("checkstand.demo").joinpath("shop.yaml").read_text("utf-8")
SMALLEST: dict[str, Any] = {"store": {"hash": "small", "name": "Small", "currency": {"code": "USD"}}}


def a_file(**parts: Any) -> str:
    """The smallest shop there can be, and what a test adds; `store` adds to the store."""
    store = {**SMALLEST["store"], **parts.pop("store", {})}
    return json.dumps({"store": store, **parts})


def a_product(product_id: int = 1, **fields: Any) -> dict[str, Any]:
    variants = [{"id": product_id * 10}]
    return {"id": product_id, "name": f"Product {product_id}", "price": 10, "variants": variants, **fields}


def with_storage(work: Callable[[Storage], Awaitable[T]]) -> T:
    """Over a database of its own."""

    async def scenario() -> T:
        storage, _ = await open_fresh()
        return await work(storage)

    return run(scenario())


async def load(storage: Storage, text: str, store_hash: str | None = None) -> None:
    shop = shop_file.read(text, store_hash)
    await shop_file.load(storage.unit(shop.store.hash), shop, a_moment())


async def dump(storage: Storage, store_hash: str) -> str:
    return shop_file.write(await shop_file.dump(storage.unit(store_hash)))


def dumped(*texts: str) -> str:
    """What the store is after loading one file after the other."""

    async def work(storage: Storage) -> str:
        for text in texts:
            await load(storage, text, "small")
        return await dump(storage, "small")

    return with_storage(work)


# ---------------------------------------------------------------------------------------------------- round trips


def test_dumping_what_was_loaded_from_a_dump_gives_the_same_file() -> None:
    first = dumped(DEMO)

    assert dumped(first) == first


def test_loading_a_dump_over_its_own_store_changes_nothing() -> None:
    first = dumped(DEMO)

    assert dumped(DEMO, first) == first


def test_a_dump_has_no_secret_in_it() -> None:
    text = dumped(DEMO)

    assert "Passw0rd1" not in text
    assert "demo-token" not in text
    assert [(entry["name"], entry["token_hash"][:8]) for entry in yaml.safe_load(text)["tokens"]] == [
        ("demo", "7c43ef5a"),
        ("demo, carts only", "187c8ad3"),
        ("demo, read only", "d02b754a"),
    ]


def test_an_app_keeps_the_secret_that_no_dump_shows() -> None:
    async def work(storage: Storage) -> tuple[str, str]:
        secret = "a secret of thirty-two characters"
        await load(storage, a_file(apps=[{"client_id": "app", "client_secret": secret}]))
        text = await dump(storage, "small")
        assert secret not in text
        await load(storage, text)
        app = await storage.unit("small").access.app("app")
        return text.partition("apps:")[2], app.secret if app else ""

    assert with_storage(work) == ("\n- client_id: app\n", "a secret of thirty-two characters")


@pytest.mark.parametrize(("second", "is_kept"), [("Passw0rd1", True), ("Passw0rd2", False)])
def test_who_is_signed_in_stays_so_when_a_file_is_loaded_again_unless_it_has_another_password(
    second: str, is_kept: bool
) -> None:
    def with_password(password: str) -> str:
        jane = {"customer": {"id": 11, "email": "jane@example.com"}, "password": password}
        return a_file(customers=[jane])

    async def hash_of(storage: Storage) -> str:
        account = await storage.unit("small").customers.account(11)
        assert account is not None
        return account.password_hash

    async def work(storage: Storage) -> tuple[bool, bool]:
        await load(storage, with_password("Passw0rd1"))
        before, unit = await hash_of(storage), storage.unit("small")
        await unit.access.put_session("cookie", Session(customer_id=11), NOON + timedelta(days=1))
        await load(storage, with_password(second))
        assert await passwords.is_right(await hash_of(storage), second)
        return await hash_of(storage) == before, await unit.access.session("cookie", NOON) is not None

    assert with_storage(work) == (is_kept, is_kept)


def test_passwords_of_a_file_are_looked_at_in_threads_and_compared_only_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    class Hasher:
        def hash(self, password: str) -> str:
            assert threading.current_thread() is not threading.main_thread()
            done.append(f"hash {password}")
            return f"$argon2 {password}"

        def verify(self, password_hash: str, password: str) -> bool:
            assert threading.current_thread() is not threading.main_thread()
            done.append(f"verify {password}")
            return password_hash == f"$argon2 {password}"

    def customers(**passwords: str | None) -> str:
        people = enumerate(passwords.items(), 1)
        return a_file(
            customers=[
                {"customer": {"id": number, "email": f"{name}@example.com"}, "password": password}
                for number, (name, password) in people
            ]
        )

    async def work(storage: Storage) -> None:
        monkeypatch.setattr(passwords, "_hasher", Hasher())
        await load(storage, customers(ann="Passw0rd1", bob=None))
        assert sorted(done) == ["hash Passw0rd1"]

        done.clear()
        await load(storage, customers(ann="Passw0rd1", bob="Passw0rd2", cyd="Passw0rd3"))
        assert sorted(done) == ["hash Passw0rd2", "hash Passw0rd3", "verify Passw0rd1"]

    with_storage(work)


def test_addresses_without_an_id_get_the_next_ones() -> None:
    def customer(number: int, *addresses: dict[str, Any]) -> dict[str, Any]:
        return {"customer": {"id": number, "email": f"{number}@example.com", "addresses": list(addresses)}}

    first = customer(1, {"city": "Austin"}, {"city": "Dallas", "id": 7})

    shop = shop_file.read(dumped(a_file(customers=[first, customer(2, {"city": "Akron"})])))

    assert [(each.id, each.city) for entry in shop.customers for each in entry.customer.addresses] == [
        (8, "Austin"),
        (7, "Dallas"),
        (9, "Akron"),
    ]


def test_addresses_of_a_file_leave_those_of_other_customers_alone() -> None:
    def customers(number: int, *addresses: dict[str, Any]) -> str:
        customer = {"id": number, "email": f"{number}@example.com", "addresses": list(addresses)}
        return a_file(customers=[{"customer": customer}])

    async def work(storage: Storage) -> list[tuple[int, str]]:
        await load(storage, customers(1, {"city": "Austin"}, {"city": "Dallas"}))
        await load(storage, customers(2, {"city": "Akron"}))
        await load(storage, customers(1, {"city": "Waco"}, {"city": "Dallas"}))
        with pytest.raises(
            Taken, match=re.escape("Address 3 of 1@example.com belongs to another customer of the store.")
        ):
            await load(storage, customers(1, {"city": "Austin", "id": 3}))
        shop = shop_file.read(await dump(storage, "small"))
        return [(each.id, each.city) for entry in shop.customers for each in entry.customer.addresses]

    assert with_storage(work) == [(4, "Waco"), (2, "Dallas"), (3, "Akron")]


def test_the_examples_of_the_documentation_are_shop_files_and_name_all_that_is_said_of_forms_and_pages() -> None:
    document = (Path(__file__).parent.parent.parent / "docs" / "shop-file.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", document, re.DOTALL)

    shops = [shop_file.read(example) for example in examples]

    assert [(shop.store.name, len(shop.products)) for shop in shops] == [("Small Shop", 1), ("Small Shop", 0)]
    forms = shops[1].store.form_fields
    assert {field.kind for field in (*forms.shipping_address, *forms.billing_address)} == set(get_args(FieldKind))
    left_out = {"hide_price_from_guests", "google_maps_api_key", "is_sign_in_email_enabled"}
    assert {name for name in CheckoutPage.__struct_fields__ if f"{name}:" not in examples[1]} == left_out


def test_a_dump_leaves_out_what_is_as_it_would_be_anyway() -> None:
    assert dumped(a_file(products=[a_product(weight=0, is_visible=True)])) == (
        "store:\n"
        "  hash: small\n"
        "  name: Small\n"
        "  currency:\n"
        "    code: USD\n"
        "products:\n"
        "- id: 1\n"
        "  name: Product 1\n"
        "  price: 10\n"
        "  variants:\n"
        "  - id: 10\n"
    )


def test_a_text_that_is_empty_although_it_has_another_default_is_kept() -> None:
    zone = {"id": 1, "name": "Here", "rates": [{"id": 1, "name": ""}]}

    shop = shop_file.read(dumped(a_file(store={"tax_zones": [zone]})))

    assert shop.store.tax_zones[0].rates[0].name == ""


def test_a_list_of_a_number_and_the_currency_is_not_taken_for_an_amount() -> None:
    shop = shop_file.read(a_file(products=[a_product(category_names=["5", "USD"])]))

    assert shop_file.read(shop_file.write(shop)) == shop


@pytest.mark.parametrize(
    ("code", "places", "written", "minor"),
    [("USD", 2, 15.99, 1599), ("EUR", 2, "15.99", 1599), ("JPY", 0, 1200, 1200), ("KWD", 3, 1.005, 1005)],
)
def test_amounts_are_in_major_units_of_the_currency(code: str, places: int, written: Any, minor: int) -> None:
    currency = {"code": code, "decimal_places": places}

    shop = shop_file.read(a_file(store={"currency": currency}, products=[a_product(price=written)]))

    assert shop.products[0].price == Money(minor, code)
    assert shop_file.read(shop_file.write(shop)) == shop


def test_a_dump_shows_what_is_left_on_certificates_and_of_credit_and_loading_it_sets_that() -> None:
    customers = [{"customer": {"id": 1, "email": "a@b.c", "store_credit": 20}}]
    certificates = [{"id": 3, "code": "GIFT", "balance": 10.5, "purchase_date": "2026-01-01T12:00:00+00:00"}]
    file = a_file(customers=customers, gift_certificates=certificates)

    async def spent(storage: Storage) -> tuple[str, str]:
        await load(storage, file)
        payments = [Spent("gift", "GIFT", usd("4.00")), Spent("", "", usd("19.00"))]
        await storage.driver.transaction(lambda inside: take_payments(inside, "small", 1, payments))
        left = await dump(storage, "small")
        await load(storage, file)
        return left, await dump(storage, "small")

    left, again = with_storage(spent)

    (certificate,), (entry,) = yaml.safe_load(left)["gift_certificates"], yaml.safe_load(left)["customers"]
    assert (certificate["balance"], entry["customer"]["store_credit"]) == (6.5, 1)
    assert certificates[0] == yaml.safe_load(again)["gift_certificates"][0]
    assert yaml.safe_load(again)["customers"][0]["customer"]["store_credit"] == 20
    assert dumped(left) == left


def test_a_certificate_may_be_in_another_currency_of_the_store() -> None:
    yen = {"code": "JPY", "decimal_places": 0}
    entry = {"id": 1, "code": "YEN", "balance": 1200, "amount": 3000, "currency_code": "JPY", "status": "disabled"}
    file = a_file(store={"other_currencies": [yen]}, gift_certificates=[entry])

    text = dumped(file)

    assert yaml.safe_load(text)["gift_certificates"] == [entry]
    assert dumped(text) == text


def test_certificates_the_file_does_not_name_stay_and_their_codes_are_theirs() -> None:
    first = a_file(gift_certificates=[{"id": 1, "code": "ONE", "balance": 1}])
    second = a_file(gift_certificates=[{"id": 2, "code": "TWO", "balance": 2}])

    text = dumped(first, second)

    assert [entry["code"] for entry in yaml.safe_load(text)["gift_certificates"]] == ["ONE", "TWO"]
    with pytest.raises(Taken):
        dumped(first, a_file(gift_certificates=[{"id": 2, "code": "one", "balance": 2}]))


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        ([{"id": 1, "code": "A", "balance": -1}], r"gift_certificates\[0\].balance"),
        ([{"id": 1, "code": "A", "balance": 0.001}], r"gift_certificates\[0\].balance"),
        ([{"id": 1, "code": "A", "balance": 1, "currency_code": "XXX"}], r"gift_certificates\[0\].currency_code"),
        ([{"id": 1, "code": "A" * 21, "balance": 1}], r"gift_certificates\[0\].code"),
        ([{"id": 1, "code": "A", "balance": 1, "order_id": -1}], r"gift_certificates\[0\]"),
        (
            [{"id": 1, "code": "a", "balance": 1}, {"id": 2, "code": "A", "balance": 1}],
            "gift certificate code a several",
        ),
    ],
)
def test_what_a_certificate_cannot_be(entries: list[dict[str, Any]], place: str) -> None:
    with pytest.raises(Invalid, match=place):
        shop_file.read(a_file(gift_certificates=entries))


@given(
    name=some.text(some.characters(exclude_categories=["Cs"]), max_size=40),
    price=some.integers(0, 10**14),
    weight=some.decimals(0, 10**6, places=9),
)
def test_texts_amounts_and_weights_come_back_as_they_were(name: str, price: int, weight: Decimal) -> None:
    shop = shop_file.read(a_file(products=[a_product()]))
    product = replace(shop.products[0], description=name, price=Money(price, "USD"), weight=weight)
    changed = shop_file.Shop(store=replace(shop.store, name=name), products=[product])

    text = shop_file.write(changed)

    assert shop_file.read(text) == changed
    assert shop_file.write(shop_file.read(text)) == text


@given(
    some.sampled_from(["yes", "no", "on", "null", "~", "1", "1.5", "1e3", "0x1F", "2020-01-01", "12:30", "=", "<<", ""])
)
def test_texts_that_yaml_would_read_as_something_else_stay_texts(text: str) -> None:
    shop = shop_file.read(a_file())
    store = replace(
        shop.store,
        name=text,
        customer_groups=(CustomerGroup(1, text),),
        payment_methods=(PaymentMethod(id="cod", name=text, instructions=text),),
    )

    assert shop_file.read(shop_file.write(shop_file.Shop(store=store))).store == store


def test_what_a_product_and_a_store_say_of_shipping_is_read_and_written_again() -> None:
    product = a_product(
        weight=2.5,
        width=10,
        height=20.5,
        depth=5,
        fixed_cost_shipping_price=4.5,
        is_free_shipping=True,
        order_quantity_minimum=2,
        order_quantity_maximum=5,
    )
    settings = {
        "country_list_strategy": "DISPLAY_ALL_COUNTRIES",
        "out_of_delivery_zone_message": "Not there.",
        "channels": {1: "Not here."},
        "shipping_thresholds_look_at_whole_cart": True,
    }
    units = {"weight_unit": "kg", "dimension_unit": "cm"}

    written = yaml.safe_load(dumped(a_file(store={"shipping_settings": settings, **units}, products=[product])))

    assert written["products"] == [product]
    assert written["store"]["shipping_settings"] == settings
    assert {name: written["store"][name] for name in units} == units


def test_a_fixed_shipping_price_of_nothing_is_none() -> None:
    (read,) = shop_file.read(a_file(products=[a_product(fixed_cost_shipping_price=0)])).products

    line = catalog_line(read, read.variants[0], "x", 1, a_store(), USD)

    assert line.catalog is not None
    assert line.catalog.fixed_shipping is None


def test_dates_may_be_written_as_yaml_has_them() -> None:
    coupon = "{id: 1, code: A, name: A, type: free_shipping, expires: 2020-01-01}"

    shop = shop_file.read("store: {hash: small, name: S, currency: {code: USD}, coupons: [" + coupon + "]}")

    assert shop.store.coupons[0].expires == "2020-01-01"


COUPON = {"id": 1, "code": "A", "name": "A", "type": "percentage_discount", "amount": 20}


def with_coupons(*coupons: dict[str, Any], **settings: Any) -> str:
    store = {"hash": "small", "name": "S", "currency": {"code": "USD"}, "coupons": [*coupons], **settings}
    return yaml.safe_dump({"store": store})


def test_all_that_a_coupon_says_is_read_and_written_again() -> None:
    whole = COUPON | {
        "minimum": 25.5,
        "expires": "2030-01-01T00:00:00+00:00",
        "enabled": False,
        "applies_to": {"entity": "products", "ids": [170]},
        "max_uses": 25,
        "max_uses_per_customer": 1,
        "countries": ["AU", "US"],
        "created_at": "2018-03-13T16:18:59+00:00",
    }
    settings = {
        "coupon_settings": {"coupon_type_as_string": True},
        "promotion_settings": {"number_of_coupons_allowed_at_checkout": 3, "gifts_join_first_consignment": True},
    }

    text = shop_file.write(shop_file.read(with_coupons(whole, **settings)))

    store = yaml.safe_load(text)["store"]
    assert store["coupons"] == [whole]
    assert {name: store[name] for name in settings} == settings
    assert shop_file.write(shop_file.read(text)) == text


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"type": "promotion"}, "store.coupons[0]"),
        ({"amount": 101}, "store.coupons[0].amount"),
        ({"type": "per_total_discount", "amount": 1.005}, "store.coupons[0].amount"),
        ({"minimum": 0.001}, "store.coupons[0].minimum"),
        ({"expires": "soon"}, "store.coupons[0].expires"),
        ({"expires": "9999-12-31T23:59:59-12:00"}, "store.coupons[0].expires"),
        ({"countries": ["XX"]}, "store.coupons[0].countries"),
        ({"code": "a%b"}, "store.coupons[0].code"),
    ],
)
def test_a_coupon_that_cannot_be_worked_with_is_refused_with_its_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refusal:
        shop_file.read(with_coupons(COUPON | fields))

    assert place in str(refusal.value)


def test_no_two_coupons_have_one_code_in_whatever_case() -> None:
    with pytest.raises(Invalid, match="coupon code a several times"):
        shop_file.read(with_coupons(COUPON, COUPON | {"id": 2, "code": "a", "name": "B"}))


# ---------------------------------------------------------------------------------------------------- loading


def test_what_the_file_does_not_name_stays() -> None:
    first = a_file(products=[a_product(1), a_product(2)], stock={"10": {"0": 5}, "20": {"0": 6}})
    second = a_file(products=[a_product(1, price=12)], stock={"10": {"0": 7}})

    shop = yaml.safe_load(dumped(first, second))

    assert [(product["id"], product["price"]) for product in shop["products"]] == [(1, 12), (2, 10)]
    assert shop["stock"] == {10: {0: 7}, 20: {0: 6}}


def test_stock_of_what_the_file_names_becomes_what_the_file_says() -> None:
    first = a_file(products=[a_product(1)], stock={"10": {"0": 5, "1": 6}})

    assert yaml.safe_load(dumped(first, a_file(products=[a_product(1)], stock={"10": {"1": 2}})))["stock"] == {
        10: {1: 2}
    }
    assert "stock" not in yaml.safe_load(dumped(first, a_file(products=[a_product(1)])))


def test_products_may_swap_their_names_and_customers_their_emails() -> None:
    def a_shop(first: str, second: str) -> str:
        return a_file(
            products=[a_product(1, name=first), a_product(2, name=second)],
            customers=[
                {"customer": {"id": 1, "email": f"{first}@example.com"}},
                {"customer": {"id": 2, "email": f"{second}@example.com"}},
            ],
        )

    shop = yaml.safe_load(dumped(a_shop("a", "b"), a_shop("b", "a")))

    assert [product["name"] for product in shop["products"]] == ["b", "a"]
    assert [entry["customer"]["email"] for entry in shop["customers"]] == ["b@example.com", "a@example.com"]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            {"products": [a_product(2, name="Product 1")]},
            "The store has another product called Product 1, which the file does not have.",
        ),
        (
            {"products": [a_product(2, variants=[{"id": 10}])]},
            "Variant 10 of product 2 belongs to another product of the store, Product 1.",
        ),
        (
            {"customers": [{"customer": {"id": 2, "email": "jane@example.com"}}]},
            "The store has another customer with the email jane@example.com.",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_changes_nothing(second: dict[str, Any], message: str) -> None:
    first = a_file(products=[a_product(1)], customers=[{"customer": {"id": 1, "email": "jane@example.com"}}])

    async def work(storage: Storage) -> tuple[str, str]:
        await load(storage, first)
        before = await dump(storage, "small")
        with pytest.raises(Taken) as refusal:
            await load(storage, a_file(store={"name": "Another name"}, **second))
        assert refusal.value.message == message
        return before, await dump(storage, "small")

    before, after = with_storage(work)

    assert after == before


def test_new_ids_come_after_those_of_the_file() -> None:
    async def work(storage: Storage) -> int:
        await load(storage, a_file(products=[a_product(7, variants=[{"id": 90}])]))
        return await storage.unit("small").next_number("variant")

    assert with_storage(work) == 91


def test_a_loaded_token_opens_the_store_and_its_dump_keeps_it_open() -> None:
    tokens = [{"name": "mine", "token": "open sesame", "scopes": ["store_cart"]}]

    async def work(storage: Storage) -> list[frozenset[str] | None]:
        await load(storage, a_file(tokens=tokens))
        await load(storage, await dump(storage, "small"), "copy")
        callers = [await storage.unit(name).access.caller("open sesame") for name in ("small", "copy")]
        return [caller.scopes if caller else None for caller in callers]

    assert with_storage(work) == [frozenset({"store_cart"})] * 2


def test_a_store_that_is_not_there_cannot_be_dumped() -> None:
    with pytest.raises(NotFound, match=r"^There is no store nope\.$"):
        with_storage(lambda storage: dump(storage, "nope"))


# ---------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The shop file must be an object with a store."),
        ("- store", "The shop file must be an object with a store."),
        ("store: [", "The shop file is neither YAML nor JSON: did not find expected node content in line 2, column 1."),
        ("store: {date: 2020-13-45}", "The shop file is neither YAML nor JSON: month must be in 1..12."),
        ("store: {name: S}", "In the shop file store.currency is wrong: expected object, got null."),
        (
            a_file(
                products=[a_product(bulk_pricing_rules=[{"id": 1, "quantity_min": 1, "type": "fixed", "amount": 1}])]
            ),
            "In the shop file products[0].bulk_pricing_rules.0.quantity_min must be 2 or more.",
        ),
        (
            a_file(
                store={
                    "customer_groups": [
                        {"id": 1, "name": "A", "discount_rules": [{"type": "all", "method": "percent", "amount": 101}]}
                    ]
                }
            ),
            "In the shop file store.customer_groups[0].discount_rules.0.amount must be a number from 0 to 100.",
        ),
        (
            a_file(store={"other_currencies": [{"code": "EUR", "exchange_rate": 0}]}),
            "In the shop file store.other_currencies[0].exchange_rate must be a number above 0, up to 1000000000.",
        ),
        (
            a_file(store={"former_currencies": [{"code": "EUR", "decimal_places": 5}]}),
            "In the shop file store.former_currencies[0].decimal_places must be from 0 to 4.",
        ),
        (a_file(store={"other_currencies": [{"code": "USD"}]}), "The shop file has the currency USD several times."),
        (
            a_file(store={"currency": {"code": "USD", "decimal_places": 5}}),
            "In the shop file store.currency.decimal_places must be from 0 to 4.",
        ),
        (
            a_file(store={"currency": {"code": "dollar"}}),
            "In the shop file store.currency must be a code such as USD, not 'dollar'.",
        ),
        (
            a_file(store={"hash": "a/b"}),
            "In the shop file store.hash must be of letters, digits, _ and -, not 'a/b'.",
        ),
        (
            a_file(store={"hosts": ["Shop.example:80"]}),
            "In the shop file store.hosts must be host names in small letters, without port, not 'Shop.example:80'.",
        ),
        (
            a_file(store={"cors_origins": {"1": ["https://shop.example/"]}}),
            "In the shop file store.cors_origins.1 must be like https://shop.example, not 'https://shop.example/'.",
        ),
        (
            a_file(store={"cors_origins": {"2": ["https://shop.example"]}}),
            "In the shop file store.cors_origins.2 is none of the store's channels.",
        ),
        (
            a_file(apps=[{"client_id": "app", "client_secret": "short"}]),
            "The client_secret of app app must have at least 32 characters.",
        ),
        (
            a_file(products=[a_product(prise=5)])[:-1] + "}",
            "In the shop file products[0].prise is not known; known are id, name, type, ",
        ),
        (
            a_file(products=[a_product(price="cheap")]),
            "In the shop file products[0].price must be an amount of money, such as 15.99, not 'cheap'.",
        ),
        (
            a_file(products=[a_product(price=[5, "EUR"])]),
            "In the shop file products[0].price must be an amount of money, such as 15.99, not [5, 'EUR'].",
        ),
        (
            a_file(products=[a_product(price=1.999)]),
            "In the shop file products[0].price may have at most 2 decimal places in USD.",
        ),
        (a_file(products=[a_product(price=-1)]), "In the shop file products[0].price may not be below 0, as -1 is."),
        (a_file(products=[a_product(weight=-1)]), "In the shop file products[0].weight may not be below 0, as -1 is."),
        (
            a_file(products=[a_product(weight="Infinity")]),
            "In the shop file products[0].weight must be a number, not 'Infinity'.",
        ),
        (a_file(products=[{"id": 1}]), "In the shop file products[0] is wrong: object missing required field name."),
        (a_file(products=[a_product(variants=[])]), "Product 1 has no variants; a product without options has one."),
        (
            a_file(products=[a_product(0)]),
            "The ids of products in the shop file must be whole numbers from 1 on, not 0.",
        ),
        (a_file(products=[a_product(1), a_product(1)]), "The shop file has several products with the id 1."),
        (
            a_file(products=[a_product(1), a_product(2, name="Product 1")]),
            "The shop file has the product name Product 1 several times.",
        ),
        (
            a_file(products=[a_product(1), a_product(2, variants=[{"id": 10}])]),
            "The shop file has several variants with the id 10.",
        ),
        (
            a_file(stock={"10": {"0": -1}}),
            "In the shop file stock.10.0 must be a number of units from 0 on, not -1.",
        ),
        (a_file(stock={"red": {"0": 1}}), "In the shop file stock is wrong: expected int, got str."),
        (
            a_file(store={"pickup_methods": [{"id": 1, "location_id": 9, "display_name": "Counter"}]}),
            "Pick-up method 1 names location 9, which the shop file does not have.",
        ),
        (
            a_file(store={"shipping_zones": [{"id": 1, "name": "Z", "type": "global", "methods": [{"type": "sled"}]}]}),
            "In the shop file store.shipping_zones[0].methods[0].type is wrong: invalid value 'sled'.",
        ),
        (
            "store: {hash: a, name: N, currency: {code: USD}, tax_zones: [{id: 1, name: NO}]}",
            "In the shop file store.tax_zones[0].name must be a text; in YAML put yes, no, on and off in quotes.",
        ),
        (
            a_file(store={"tax_zones": [{"id": 1, "name": "A", "locations": [{"country_code": "US"}]}]}),
            "In the shop file store.tax_zones[0].locations must be empty: the default tax zone is everywhere else.",
        ),
        (
            a_file(store={"tax_zones": [{"id": zone, "name": "A", "rates": [{"id": 5}]} for zone in (1, 2)]}),
            "The shop file has several tax rates with the id 5.",
        ),
        (
            a_file(
                store={
                    "tax_zones": [
                        {"id": 2, "name": "A", "rates": [{"id": 5, "class_rates": [{"tax_class_id": 0, "rate": 825}]}]}
                    ]
                }
            ),
            "In the shop file store.tax_zones[0].rates[0].class_rates.0.rate must be a number from 0 to 100.",
        ),
        (a_file(tokens=[{"name": "t", "scopes": []}]), "Token 't' must have either token or token_hash."),
        (
            a_file(tokens=[{"name": "t", "token_hash": "abc", "scopes": []}]),
            "Token 't' must have a token, or a token_hash of 64 hexadecimal digits.",
        ),
        (
            a_file(tokens=[{"name": "t", "token": "x", "scopes": ["store_everything"]}]),
            "scope 'store_everything' is not known; known are all, all_read_only, ",
        ),
        (
            a_file(customers=[{"customer": {"id": 1, "email": "a@b.c"}, "password_hash": "secret"}]),
            "The password_hash of customer 1 is none that argon2 made.",
        ),
        (
            a_file(products=[a_product(order_quantity_minimum=3, order_quantity_maximum=2)]),
            "In the shop file products[0].order_quantity_maximum must not be below order_quantity_minimum.",
        ),
        (
            a_file(
                store={
                    "shipping_zones": [
                        {"id": 1, "name": "Z", "type": "zip", "locations": [{"country_iso2": "US", "zip": "9-1"}]}
                    ]
                }
            ),
            "In the shop file store.shipping_zones[0].locations[0].zip ends before it begins.",
        ),
        ("store: &store {hash: a, name: N, currency: {code: USD}, hosts: [*store]}", "In the shop file store.hosts"),
        ("a: &a [*a]\nstore: *a", "The shop file must be an object with a store."),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        shop_file.read(text)

    assert refusal.value.message.startswith(message)


@given(some.text(max_size=60))
def test_no_text_is_too_strange_to_be_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(CheckoutError):
        shop_file.read(text)


PROMOTION: dict[str, Any] = {
    "id": 3,
    "name": "Jars",
    "display_name": "A jar with each two carts",
    "redemption_type": "COUPON",
    "priority": 2,
    "channel_ids": [1],
    "customer": {"group_ids": [0, 1], "minimum_order_count": 1},
    "rules": [
        {
            "action": {"kind": "gift_item", "quantity": 1, "product_id": 174},
            "condition": {
                "kind": "all",
                "of": [
                    {"kind": "cart", "items": {"by": "products", "ids": [184]}, "minimum_quantity": 2},
                    {"kind": "cart", "minimum_spend": 12.95},
                ],
            },
            "apply_once": False,
            "stop": False,
        },
        {
            "action": {
                "kind": "cart_items",
                "discount": {"kind": "percentage", "percent": 12.5},
                "items": {
                    "by": "all",
                    "of": [{"by": "brands", "ids": [1]}, {"by": "not", "of": {"by": "categories", "ids": [2]}}],
                },
                "strategy": "MOST_EXPENSIVE",
                "quantity": 2,
            }
        },
        {"action": {"kind": "shipping", "free_shipping": True, "zone_ids": [1]}},
    ],
    "max_uses": 10,
    "start_date": "2026-01-01T00:00:00+00:00",
    "end_date": "2027-01-01T00:00:00+00:00",
    "currency_code": "USD",
    "notifications": [{"content": "A jar!", "type": "APPLIED", "locations": ["CART_PAGE"]}],
    "shipping_address": {"codes": ["US"], "negated": True},
    "schedule": {
        "week_frequency": 2,
        "week_days": ["Monday"],
        "daily_start_time": "01:20:00",
        "daily_end_time": "23:59:00",
    },
}
CODES = [{"id": 4, "promotion_id": 3, "code": "JAR", "max_uses": 5, "created_at": "2026-01-01T00:00:00+00:00"}]


def with_promotions(*promotions: dict[str, Any], codes: list[dict[str, Any]] | None = None, **settings: Any) -> str:
    store = {"hash": "small", "name": "S", "currency": {"code": "USD"}, "promotions": [*promotions], **settings}
    return yaml.safe_dump({"store": store, "promotion_codes": codes or []})


def test_all_that_a_promotion_says_is_read_and_written_again() -> None:
    text = shop_file.write(shop_file.read(with_promotions(PROMOTION, codes=CODES)))

    written = yaml.safe_load(text)
    assert written["store"]["promotions"] == [PROMOTION]
    assert written["promotion_codes"] == CODES
    assert shop_file.write(shop_file.read(text)) == text


def test_promotions_and_their_codes_are_loaded_and_dumped() -> None:
    async def scenario() -> str:
        storage, _ = await open_fresh()
        shop = shop_file.read(with_promotions(PROMOTION, codes=CODES))
        for _ in range(2):
            await shop_file.load(storage.unit("small"), shop, a_moment())
        assert await storage.unit("small").next_number("promotion") == 4
        assert await storage.unit("small").next_number("coupon") == 5
        return shop_file.write(await shop_file.dump(storage.unit("small")))

    assert yaml.safe_load(run(scenario()))["promotion_codes"] == CODES


def test_codes_of_promotions_that_a_file_no_longer_has_are_gone() -> None:
    async def scenario() -> int:
        storage, _ = await open_fresh()
        for text in (with_promotions(PROMOTION, codes=CODES), with_promotions(PROMOTION | {"id": 5})):
            await shop_file.load(storage.unit("small"), shop_file.read(text), a_moment())
        return len((await shop_file.dump(storage.unit("small"))).promotion_codes)

    assert run(scenario()) == 0


@pytest.mark.parametrize(
    ("fields", "codes", "place"),
    [
        ({"name": ""}, [], "store.promotions[0].name"),
        ({"rules": []}, [], "store.promotions[0].rules"),
        ({"rules": [{"action": {"kind": "unknown"}}]}, [], "store.promotions[0].rules[0].action"),
        (
            {"rules": [{"action": {"kind": "gift_item", "quantity": 0, "product_id": 1}}]},
            [],
            "store.promotions[0].rules.0",
        ),
        ({}, [{"id": 1, "promotion_id": 9, "code": "A"}], "promotion_codes[0].promotion_id"),
        ({}, [{"id": 1, "promotion_id": 3, "code": "a/b"}], "promotion_codes[0].code"),
    ],
)
def test_a_promotion_that_cannot_be_is_refused_with_its_place(
    fields: dict[str, Any], codes: list[dict[str, Any]], place: str
) -> None:
    with pytest.raises(Invalid) as caught:
        shop_file.read(with_promotions(PROMOTION | fields, codes=codes))
    assert next(iter(caught.value.fields)).startswith(place)


@pytest.mark.parametrize("code", [{"id": 4, "code": "B"}, {"id": 5, "code": "jar"}])
def test_a_code_and_its_number_are_given_once(code: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"several|JAR|jar"):
        shop_file.read(with_promotions(PROMOTION, codes=[*CODES, code | {"promotion_id": 3}]))


# ---------------------------------------------------------------------------------------------------- carriers

ACME = {"id": "acme", "name": "Acme", "url": "https://acme.example/rate"}


def test_carriers_their_methods_and_sizes_of_products_are_read_and_written_again() -> None:
    method = {
        "id": 1,
        "type": "carrier",
        "name": "Acme",
        "carrier_id": "acme",
        "options": {"packaging": "box", "days": 2},
    }
    store = {
        "dimension_unit": "cm",
        "carriers": [{**ACME, "timeout_seconds": 2.5}],
        "shipping_zones": [{"id": 1, "name": "World", "type": "global", "methods": [method]}],
    }
    products = [a_product(weight=1, width=20, height=12.5, depth=30)]

    found = yaml.safe_load(dumped(a_file(store=store, products=products)))

    assert {name: found["store"][name] for name in store} == store
    assert [found["products"][0][name] for name in ("width", "height", "depth")] == [20, 12.5, 30]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"id": "perorder"}, "store.carriers[0].id"),
        ({"id": "a b"}, "store.carriers[0].id"),
        ({"url": "acme"}, "store.carriers[0].url"),
        ({"timeout_seconds": 0}, "store.carriers[0].timeout_seconds"),
        ({"timeout_seconds": 21}, "store.carriers[0].timeout_seconds"),
    ],
)
def test_a_carrier_that_cannot_be_is_refused_with_its_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        shop_file.read(a_file(store={"carriers": [{**ACME, **fields}]}))

    assert list(refused.value.fields) == [place]


def test_a_carrier_is_registered_once() -> None:
    with pytest.raises(Invalid, match="acme"):
        shop_file.read(a_file(store={"carriers": [ACME, ACME]}))
