"""What an order needs, and the order itself: a copy that shares nothing with the cart."""

import msgspec
import pytest
from msgspec.structs import replace

from checkstand.domain import order, stock
from checkstand.domain.address import Address, BillingAddress
from checkstand.domain.checkout import Checkout, PickupChoice
from checkstand.domain.commands import ChangeLine
from checkstand.domain.facts import Facts
from checkstand.domain.order import Order
from checkstand.domain.payment_methods import PaymentMethod
from checkstand.errors import Incomplete, Invalid, OutOfStock
from tests.builders import (
    NOON,
    a_checkout,
    a_consignment,
    a_line,
    a_location,
    a_pickup_method,
    a_store,
    a_tax_zone,
    an_address,
    billed,
    facts,
    in_new_york,
    usd,
)
from tests.domain.engine import after, priced, settled


def ready(checkout: Checkout | None = None) -> Checkout:
    """Billed, and every consignment shipped by its cheapest option."""
    bare = checkout or a_checkout(consignments=(a_consignment(),))
    options = settled(bare).options
    shipped = tuple(
        replace(entry, selected=entry.selected or options[entry.id][0]) if options[entry.id] else entry
        for entry in bare.consignments
    )
    return billed(replace(bare, consignments=shipped))


def codes(checkout: Checkout) -> list[str]:
    return [code for code, _ in order.requirements(checkout)]


def lacking(address: Address) -> list[str]:
    """The sentences about a billing address."""
    checkout = replace(ready(), billing_address=BillingAddress("billing", address))
    return [sentence for _, sentence in order.requirements(checkout)]


def placed(checkout: Checkout, known: Facts | None = None) -> Order:
    known = known or facts()
    return order.place(priced(checkout, known), known, order_id=100, status="INCOMPLETE", now=NOON)


# ---------------------------------------------------------------------------------------------------- requirements


def test_a_checkout_with_everything_is_ready() -> None:
    assert order.requirements(ready()) == []
    order.check(ready(), facts())


def test_what_is_missing_is_told_all_at_once_with_the_codes_that_clients_know() -> None:
    checkout = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(a_consignment(address=an_address(city="", postal_code="")),),
    )

    with pytest.raises(Incomplete) as refused:
        order.check(checkout, facts())

    assert [code for code, _ in refused.value.requirements] == [
        "invalid_billing_address",
        "invalid_shipping_address",
        "missing_shipping_method",
        "missing_shipping_method",
    ]
    assert refused.value.reason == "invalid_billing_address"
    assert refused.value.details["requirements"] == [
        "A billing address is missing.",
        "A shipping address for this order is incomplete: consignment a lacks city, postal_code.",
        "Line items without a consignment: y.",
        "Consignment a has no shipping option and no pick-up option.",
    ]


def test_an_empty_cart_is_no_order() -> None:
    assert codes(billed(replace(a_checkout(), lines=()))) == ["empty_cart"]


@pytest.mark.parametrize("field", ["first_name", "last_name", "address1", "city"])
def test_a_billing_address_needs_names_street_and_city(field: str) -> None:
    assert lacking(an_address(**{field: ""})) == [f"The billing address lacks {field}."]


def test_a_country_must_be_given_and_known() -> None:
    assert lacking(an_address(country_code="")) == ["The billing address lacks country_code."]
    assert lacking(an_address(country_code="QQ")) == ["The billing address lacks country."]


@pytest.mark.parametrize(
    ("country_code", "needed"),
    [
        ("US", "state_or_province, postal_code"),
        ("CA", "state_or_province, postal_code"),
        ("GB", "postal_code"),
        ("DE", "postal_code"),
        ("HK", "state_or_province"),
        ("PA", None),
    ],
)
def test_d14_the_country_says_whether_a_state_and_a_postal_code_are_needed(
    country_code: str, needed: str | None
) -> None:
    bare = an_address(country_code=country_code, state_or_province="", state_or_province_code="", postal_code="")

    assert lacking(bare) == ([] if needed is None else [f"The billing address lacks {needed}."])


@pytest.mark.parametrize(
    ("country_code", "state", "code", "postal_code", "wrong"),
    [
        ("US", "", "TX", "78701-1234", []),
        ("US", "texas", "", "78701", []),
        ("US", "Texas", "XX", "78701", []),
        ("US", "", "XX", "78701", ["has 'XX' for state_or_province, which US does not have"]),
        ("US", "Bavaria", "", "78701", ["has 'Bavaria' for state_or_province, which US does not have"]),
        ("US", "", "TX", "ZZZZZ", ["has 'ZZZZZ' for postal_code, which is none of US"]),
        ("CA", "", "ON", "k1a 0b1", []),
        ("CA", "", "ON", "78701", ["has '78701' for postal_code, which is none of CA"]),
        ("GB", "Somewhere", "", "SW1A 1AA", []),
        ("DE", "Bayern", "BY", "80331", []),
        ("JP", "Tokyo", "JP-13", "100-0001", []),
        ("IE", "Dublin", "", "D02 X285", []),
        ("PA", "Anywhere", "", "anything", []),
    ],
)
def test_d14_a_state_and_a_postal_code_are_ones_of_the_country(
    country_code: str, state: str, code: str, postal_code: str, wrong: list[str]
) -> None:
    address = an_address(
        country_code=country_code, state_or_province=state, state_or_province_code=code, postal_code=postal_code
    )

    assert lacking(address) == [f"The billing address {each}." for each in wrong]


def test_d14_a_states_code_or_its_name_is_enough() -> None:
    assert lacking(an_address(state_or_province="")) == []
    assert lacking(an_address(state_or_province_code="")) == []


def test_company_second_line_and_phone_are_never_needed() -> None:
    assert lacking(an_address(company="", address2="", phone="")) == []


def test_an_email_is_needed_on_the_billing_address_or_the_cart() -> None:
    without = replace(ready(), email="", billing_address=BillingAddress("billing", an_address(email="")))

    assert codes(without) == ["missing_email_address"]
    assert codes(replace(without, email="jane@example.com")) == []
    assert codes(billed(without)) == []


def test_a_shipping_address_needs_the_same_but_the_email_of_the_checkout_serves() -> None:
    def to(address: Address) -> Checkout:
        return ready(a_checkout(consignments=(a_consignment(address=address),)))

    assert codes(to(an_address(email=""))) == []
    assert codes(to(an_address(city=""))) == ["invalid_shipping_address"]
    assert codes(to(an_address(postal_code=""))) == ["invalid_shipping_address"]


def test_what_is_picked_up_needs_no_address() -> None:
    picked_up = a_consignment(address=Address(), selected=PickupChoice(1))

    assert codes(ready(a_checkout(consignments=(picked_up,)))) == []


def test_digital_goods_and_certificates_need_no_consignment() -> None:
    lines = (a_line("song", kind="digital"), a_line("gift", kind="gift_certificate"))

    assert codes(billed(a_checkout(*lines))) == []


def test_custom_items_need_one() -> None:
    assert codes(billed(a_checkout(a_line("custom", kind="custom")))) == ["missing_shipping_method"]


# ---------------------------------------------------------------------------------------------------- placing


def test_d65_an_order_gives_the_checkout_its_number_and_no_new_version() -> None:
    checkout = replace(ready(), version=7)

    made = placed(checkout)

    assert (made.id, made.status, made.created_at) == (100, "INCOMPLETE", NOON)
    assert (made.checkout.order_id, made.checkout.version) == (100, 7)
    assert checkout.order_id is None


def test_an_order_keeps_its_amounts_whatever_becomes_of_the_cart_and_the_shop() -> None:
    known = facts(a_store(tax_zones=(a_tax_zone("4", "4"),)))
    checkout = ready(a_checkout(a_line("x", 1, "31.95"), consignments=(a_consignment(),)))
    made = placed(checkout, known)

    changed = after(ChangeLine(line_id="x", quantity=9), checkout)

    assert changed.lines[0].quantity == 9
    assert made.checkout.lines[0].quantity == 1
    # one unit by the item at 2.50: 31.95 + 1.28 + 2.50 + 0.10
    assert made.priced().totals == priced(checkout, known).totals
    assert made.priced().totals.grand_total == usd("35.83")


def test_an_order_read_back_from_its_stored_form_is_the_same_order() -> None:
    made = placed(ready())

    again = msgspec.json.decode(msgspec.json.encode(made), type=Order)

    assert again == made
    assert again.priced().totals == made.priced().totals


def test_lines_and_addresses_of_an_order_are_numbered() -> None:
    checkout = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(a_consignment("a", ("x",)), a_consignment("b", ("y",), address=in_new_york())),
    )

    made = placed(ready(checkout))

    assert made.line_numbers == {"x": 1_000_001, "y": 1_000_002}
    assert made.address_numbers == {"a": 1_000_001, "b": 1_000_002}


def test_no_two_orders_number_a_line_alike_even_when_a_cart_is_full() -> None:
    full = a_checkout(*(a_line(f"l{number}", product_id=number, kind="digital") for number in range(2000)))
    first = order.place(priced(full), facts(), order_id=1, status="INCOMPLETE", now=NOON)
    second = order.place(priced(full), facts(), order_id=2, status="INCOMPLETE", now=NOON)

    assert not {*first.line_numbers.values()} & {*second.line_numbers.values()}


def test_d66_an_order_keeps_where_each_consignment_goes_the_place_of_a_pick_up_included() -> None:
    checkout = a_checkout(
        a_line("x"),
        a_line("y", product_id=2),
        consignments=(
            a_consignment("a", ("x",), address=in_new_york()),
            a_consignment("b", ("y",), address=Address(), selected=PickupChoice(1)),
        ),
    )

    made = placed(ready(checkout))

    assert made.destinations == {"a": in_new_york(), "b": a_location().address}


def test_a_payment_method_is_one_the_store_has() -> None:
    transfer = PaymentMethod(id="bankdeposit", name="Bank deposit")
    store = a_store(payment_methods=(transfer,))

    assert order.payment_method("bankdeposit", store) == transfer
    with pytest.raises(Invalid) as refused:
        order.payment_method("gold", store)

    assert refused.value.fields == {"payment.name": "'gold' is not a payment method of this store; it has bankdeposit"}


# ---------------------------------------------------------------------------------------------------- stock


def taken(checkout: Checkout, units: dict[int, dict[int, int]]) -> dict[tuple[int, int], int]:
    locations = (a_location(1), a_location(2))
    store = a_store(locations=locations, pickup_methods=(a_pickup_method(1, 1), a_pickup_method(2, 2)))
    return stock.taken(checkout, facts(store, stock=units))


def test_d64_stock_comes_from_the_shops_pool_and_parts_of_one_line_are_added_up() -> None:
    checkout = a_checkout(
        a_line("x", 2),
        a_line("part", 3),
        a_line("song", 1, kind="digital", variant_id=5),
        consignments=(a_consignment("a", ("x",)),),
    )

    assert taken(checkout, {1: {0: 10}, 5: {0: 4}}) == {(1, 0): 5, (5, 0): 1}


def test_d64_what_is_picked_up_comes_from_its_own_location_where_that_counts_stock() -> None:
    checkout = a_checkout(
        a_line("shipped", 1),
        a_line("austin", 2),
        a_line("dallas", 4),
        consignments=(
            a_consignment("a", ("shipped",)),
            a_consignment("b", ("austin",), selected=PickupChoice(1)),
            a_consignment("c", ("dallas",), selected=PickupChoice(2)),
        ),
    )

    assert taken(checkout, {1: {0: 10, 2: 9}}) == {(1, 0): 3, (1, 2): 4}
    assert taken(checkout, {1: {0: 10, 1: 5, 2: 9}}) == {(1, 0): 1, (1, 1): 2, (1, 2): 4}


def test_d64_goods_that_are_not_counted_custom_items_and_certificates_take_no_stock() -> None:
    checkout = a_checkout(
        a_line("x", variant_id=8),
        a_line("custom", kind="custom", variant_id=0),
        a_line("gift", kind="gift_certificate", variant_id=0),
    )

    assert taken(checkout, {1: {0: 10}}) == {}


def test_an_order_for_more_than_there_is_left_is_refused() -> None:
    checkout = ready(a_checkout(a_line("x", 2), a_line("y", 1), consignments=(a_consignment("a", ("x", "y")),)))

    order.check(checkout, facts(stock={1: {0: 3}}))
    with pytest.raises(OutOfStock) as refused:
        order.check(checkout, facts(stock={1: {0: 2}}))

    assert refused.value.message == "Only 2 of Product of x left, the order needs 3."
    assert refused.value.details == {"variant_id": 1, "line_item_ids": ["x", "y"]}


def test_goods_that_are_gone_from_the_pool_altogether_are_refused() -> None:
    one_unit = ready(a_checkout(a_line("x", 1), consignments=(a_consignment(),)))

    with pytest.raises(OutOfStock):
        order.check(one_unit, facts(stock={1: {}}))
