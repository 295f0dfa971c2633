"""What of a carrier's answer can be used, and what becomes of it among the offers."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checkstand.domain import carrier_rates
from checkstand.domain.carrier import Carrier, CarrierConnection, CarrierRate
from checkstand.domain.carrier_rates import Rates, Unusable, in_currency, methods_to_ask, rate_request, told
from checkstand.domain.cart import catalog_line
from checkstand.domain.checkout import CatalogPrice, LineItem, Size
from checkstand.domain.facts import Facts, Product, Store
from checkstand.domain.fulfillment import settle
from checkstand.domain.methods import CarrierMethod, HandlingFee
from checkstand.domain.pricing.goods import price_goods
from checkstand.service.cases import Case, case_from, encoded, replay
from tests.builders import (
    EUR,
    USD,
    a_checkout,
    a_consignment,
    a_line,
    a_moment,
    a_product,
    a_store,
    a_zone,
    an_address,
    currency_of,
    flat_rate,
    usd,
)

CARRIER = Carrier(id="acme", name="Acme", url="https://acme.example/rate")
METHOD = CarrierMethod(id=7, name="Acme", carrier_id="acme")


def quote(code: str = "GND", amount: Any = 5, **more: Any) -> dict[str, Any]:
    return {"code": code, "display_name": "Ground", "cost": {"currency": "USD", "amount": amount}, **more}


def answer(*quotes: Any, info: Any = None, **more: Any) -> Rates:
    group = {"quotes": list(quotes), **({"carrier_info": info} if info else {})}
    body = {"quote_id": "1", "messages": [], "carrier_quotes": [group], **more}
    return carrier_rates.rates(json.dumps(body).encode(), {"USD": USD})


def a_shop(*methods: Any, **overrides: Any) -> Store:
    zone = a_zone(*(methods or (flat_rate(), METHOD)), **overrides)
    return a_store(shipping_zones=(zone,), carriers=(CARRIER,))


def offered(store: Store, rates: dict[int, tuple[CarrierRate, ...]]) -> list[tuple[str, str, str]]:
    checkout = a_checkout(consignments=(a_consignment(),))
    facts = Facts(store=store, carrier_rates={"a": rates})
    found = settle(checkout, price_goods(checkout, facts), facts).options["a"]
    return [(option.type, option.description, str(option.cost.minor)) for option in found]


def rate(code: str = "GND", cost: str = "5", **more: Any) -> CarrierRate:
    return CarrierRate(code=code, name=code, cost=usd(cost), **more)


# ---------------------------------------------------------------------------------------------------- the answer


def test_a_quote_becomes_a_rate() -> None:
    said = quote(
        amount=5.005,
        description="By road",
        transit_time={"units": "DAYS", "duration": 1},
        rate_id="r",
        dispatch_date="2026-01-02",
        discounted_cost={"currency": "USD", "amount": 4},
        messages=[{"text": "Late", "type": "WARNING"}],
    )

    found = answer(said, ttl=60)

    expected = CarrierRate(code="GND", name="Ground", cost=usd("5.01"), description="By road", transit_time="1 day")
    assert found == Rates((expected,), 60)


def test_no_quotes_are_a_good_answer() -> None:
    assert answer() == Rates((), 300)


def test_the_only_carriers_name_stands_before_its_services() -> None:
    info = {"code": "ups", "display_name": "UPS"}

    (found,) = answer(quote(), info=info).rates

    assert (found.name, found.group) == ("UPS (Ground)", "ups")


def test_of_two_quotes_with_one_code_the_cheaper_counts() -> None:
    assert [each.cost for each in answer(quote(amount=7), quote(amount=6), quote(amount=8)).rates] == [usd(6)]


@pytest.mark.parametrize(
    "bad",
    [
        5,
        None,
        {},
        quote(amount=-0.01),
        quote(amount="much"),
        quote(amount=1e300),
        quote(code=""),
        quote(code="x" * 51),
        quote(cost={"currency": "EUR", "amount": 5}),
        quote(cost={"currency": "dollars", "amount": 5}),
        quote(discounted_cost={"currency": "USD", "amount": -1}),
        quote(transit_time={"units": "YEARS", "duration": 5}),
        quote(transit_time={"units": "DAYS", "duration": 0}),
        quote(dispatch_date="tomorrow"),
        quote(description="x" * 501),
        quote(messages=[{"text": "?", "type": "PANIC"}]),
    ],
)
def test_a_quote_that_cannot_be_is_left_out_and_alone_makes_the_answer_useless(bad: Any) -> None:
    found = answer(bad, quote("AIR"))

    assert ([each.code for each in found.rates], len(found.left_out)) == (["AIR"], 1)
    with pytest.raises(Unusable):
        answer(bad)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"quote_id": "1", "messages": []}',
        b'{"quote_id": "1", "messages": [], "carrier_quotes": [{}]}',
        b'{"quote_id": "1", "messages": [], "carrier_quotes": [], "ttl": 1.5}',
        b'{"quote_id": "' + b"1" * 51 + b'", "messages": [], "carrier_quotes": []}',
        b"[" * 100_000,
    ],
)
def test_an_answer_of_another_shape_is_useless(body: bytes) -> None:
    with pytest.raises(Unusable):
        carrier_rates.rates(body, {"USD": USD})


def test_only_so_many_quotes_are_looked_at() -> None:
    found = answer(*(quote(str(number)) for number in range(101)))

    assert (len(found.rates), found.left_out) == (100, ("there are more than 100 quotes",))


def test_costs_in_the_stores_currency_become_the_checkouts() -> None:
    checkout = a_checkout(currency=currency_of(EUR))
    facts = Facts(store=a_store(other_currencies=(EUR,)))
    own = CarrierRate(code="AIR", name="Air", cost=currency_of(EUR).money("7"))

    found = list(in_currency((rate(cost="10"), own), checkout, facts))

    assert [each.cost for each in found] == [currency_of(EUR).money("9"), own.cost]


# ---------------------------------------------------------------------------------------------------- the offers


def test_rates_stand_among_the_shops_own_methods_cheapest_first_with_the_fees_of_the_method() -> None:
    method = replace(METHOD, handling=HandlingFee(fixed=usd(1)))

    found = offered(a_shop(flat_rate(), method), {7: (rate(cost="7.50"), rate("AIR", "5"))})

    assert found == [
        ("shipping_acme", "AIR", "600"),
        ("shipping_flatrate", "Flat Rate", "800"),
        ("shipping_acme", "GND", "850"),
    ]


def test_a_fallback_is_offered_where_no_carrier_gave_a_rate() -> None:
    store = a_shop(flat_rate(is_fallback=True), METHOD)
    fallback = ("shipping_flatrate", "Flat Rate", "800")

    assert offered(store, {7: ()}) == [fallback]
    assert offered(store, {}) == [fallback]
    assert offered(store, {7: (rate(),)}) == [("shipping_acme", "GND", "500")]


def test_an_option_has_the_id_of_its_store_method_and_service() -> None:
    checkout = a_checkout(consignments=(a_consignment(),))

    def ids(store: Store, *rates: CarrierRate) -> set[str]:
        facts = Facts(store=store, carrier_rates={"a": {7: rates, 8: rates}})
        return {option.id for option in settle(checkout, price_goods(checkout, facts), facts).options["a"]}

    one = a_shop(METHOD)
    assert ids(one, rate()) == ids(one, rate(cost="6", description="Other"))
    everything = [
        ids(one, rate()),
        ids(one, rate("AIR")),
        ids(one, rate(group="ups")),
        ids(a_shop(replace(METHOD, id=8)), rate()),
        ids(replace(one, hash="other"), rate()),
    ]
    assert len(set().union(*everything)) == 5


def test_a_case_replays_with_the_rates_in_it() -> None:
    checkout = a_checkout(consignments=(a_consignment(),))
    facts = Facts(store=a_shop(), carrier_rates={"a": {7: (rate(),)}})
    case = Case(checkout=checkout, facts=facts, moment=a_moment())

    again = case_from(encoded(case))

    assert replay(again).priced.settled.options == replay(case).priced.settled.options
    assert next(option.type for option in replay(again).priced.settled.options["a"]) == "shipping_acme"


# ---------------------------------------------------------------------------------------------------- the question


def test_a_line_keeps_the_size_of_its_product() -> None:
    measured = a_product(width=Decimal(2), height=Decimal(3), depth=Decimal(4))

    def size(product: Product) -> Size | None:
        return catalog_line(product, product.variants[0], "x", 1, a_store(), USD).size

    assert size(measured) == Size(Decimal(2), Decimal(3), Decimal(4))
    assert size(a_product()) is None
    (variant,) = measured.variants
    deeper = replace(measured, variants=(replace(variant, depth=Decimal("5.5")),))
    assert size(deeper) == Size(Decimal(2), Decimal(3), Decimal("5.5"))


def test_weights_and_sizes_are_in_units_the_carrier_knows() -> None:
    def measured(**units: Any) -> Any:
        line = a_line(weight=Decimal("1.5"), size=Size(Decimal(2), Decimal(3), Decimal(4)))
        checkout = a_checkout(line, consignments=(a_consignment(),))
        facts = Facts(store=replace(a_shop(), **units))
        request = rate_request(
            carrier_rates.asker(checkout, facts),
            told(checkout.consignments[0], carrier_rates.packed(checkout)["a"], price_goods(checkout, facts)),
            METHOD,
            CarrierConnection(carrier_id="acme"),
        )
        (item,) = msgspec.to_builtins(request)["base_options"]["items"]
        return item["weight"], [item[name] for name in ("length", "width", "height")]

    inches = [{"units": "in", "value": value} for value in (4, 2, 3)]
    assert measured() == ({"units": "oz", "value": 24}, inches)
    assert measured(weight_unit="oz") == ({"units": "oz", "value": 1.5}, inches)
    assert measured(weight_unit="g") == ({"units": "g", "value": 1.5}, inches)
    weight, sizes = measured(weight_unit="kg", dimension_unit="cm")
    assert (weight, sizes[0]) == ({"units": "g", "value": 1500}, {"units": "cm", "value": 4})


@pytest.mark.parametrize(
    "change",
    [
        {"sku": "OTHER"},
        {"variant_id": 9},
        {"product_id": 9},
        {"name": "Other"},
        {"weight": Decimal(9)},
        {"size": Size(Decimal(1), Decimal(2), Decimal(3))},
        {"list_price": usd(9)},
        {"quantity": 9},
    ],
)
def test_whatever_of_a_line_is_told_makes_it_another_question(change: dict[str, Any]) -> None:
    facts = Facts(store=a_shop())

    def asked(line: LineItem) -> tuple[Any, Any]:
        checkout = a_checkout(line, consignments=(a_consignment(),))
        said = told(checkout.consignments[0], checkout.lines, price_goods(checkout, facts))
        by = carrier_rates.asker(checkout, facts)
        return said, rate_request(by, said, METHOD, CarrierConnection(carrier_id="acme"))

    (said, request), (also_said, other) = asked(a_line()), asked(replace(a_line(), **change))

    assert said != also_said
    assert request != other


def test_goods_with_a_shipping_price_of_their_own_are_not_told_of_and_add_that_price_to_each_rate() -> None:
    own = CatalogPrice(price=usd(10), asked=usd(10), fixed_shipping=usd(3))
    packed, apart = a_line("x"), a_line("y", 2, catalog=own)
    checkout = a_checkout(packed, apart, consignments=(a_consignment("a", ("x", "y")), a_consignment("b", ())))
    facts = Facts(store=a_shop(METHOD), carrier_rates={"a": {7: (rate(),)}})
    goods = price_goods(checkout, facts)
    connection = CarrierConnection(carrier_id="acme")

    request = rate_request(
        carrier_rates.asker(checkout, facts),
        told(checkout.consignments[0], carrier_rates.packed(checkout)["a"], goods),
        METHOD,
        connection,
    )

    assert [item.name for item in request.base_options.items] == [packed.name]
    (option,) = settle(checkout, goods, facts).options["a"]
    assert option.cost == usd(11)
    only_apart = a_checkout(apart, consignments=(a_consignment("a", ("y",)),))
    assert methods_to_ask(only_apart, carrier_rates.packed(only_apart), facts) == {}


@pytest.mark.parametrize(
    ("method", "address", "is_asked"),
    [
        (METHOD, an_address(), True),
        (METHOD, an_address(postal_code=""), False),
        (METHOD, an_address(country_code=""), False),
        (METHOD, an_address(country_code="CA"), False),
        (replace(METHOD, enabled=False), an_address(), False),
        (replace(METHOD, channel_ids=(2,)), an_address(), False),
        (replace(METHOD, carrier_id="gone"), an_address(), False),
    ],
)
def test_a_carrier_is_asked_where_its_method_may_be_offered(
    method: CarrierMethod, address: Any, is_asked: bool
) -> None:
    checkout = a_checkout(consignments=(a_consignment(address=address),))

    asked = methods_to_ask(checkout, carrier_rates.packed(checkout), Facts(store=a_shop(method)))

    assert any(asked.values()) is is_asked
