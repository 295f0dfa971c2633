"""Zones by postal code in seven countries, and what a consignment there is offered (D41 to D44, D62): all worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from checkstand.domain.address import Address
from checkstand.domain.checkout import CatalogPrice, Checkout, LineItem
from checkstand.domain.facts import FreeShippingRule, ShippingZone, Store, ZoneLocation
from checkstand.domain.fulfillment import settle, shipping_zone
from checkstand.domain.methods import ByTotal, ByWeight, FreeShipping, HandlingFee, Range
from checkstand.domain.postal_codes import matches, problem
from checkstand.domain.pricing.goods import price_goods
from checkstand.domain.store_settings import ShippingSettings
from checkstand.domain.tax_zones import TaxLocation, TaxZone, find_zone
from tests.builders import (
    EUR,
    a_checkout,
    a_consignment,
    a_line,
    a_store,
    amount_off,
    an_address,
    currency_of,
    facts,
    flat_rate,
    per_item,
    usd,
)
from tests.domain.engine import offers, settled

# ---------------------------------------------------------------------------------------------------- one entry, one code

ENTRIES = [
    # The United States: five digits, or nine.
    ("US", "78701", "78701", True),
    ("US", "78701", "78702", False),
    ("US", "78701", "78701-1234", True),  # the five digits stand for all nine-digit codes
    ("US", "78701", "787011234", True),
    ("US", "78701-1234", "78701-1234", True),  # written like a code, so no range
    ("US", "78701-1234", "78701", False),
    ("US", " 78 701 ", "7 8701", True),
    ("US", "787*", "78799", True),
    ("US", "787*", "78801", False),
    ("US", "7870?", "78709", True),
    ("US", "7870?", "78710", False),
    ("US", "7870?", "78709-0001", False),  # exactly one character
    ("US", "*", "", True),
    ("US", "*01", "78701", True),
    ("US", "*01", "78710", False),
    ("US", "7*7*1", "78701", True),
    ("US", "7*7*1", "78071", True),
    ("US", "78*87", "787", False),  # no character counts twice
    ("US", "*8*0*", "78701", True),
    ("US", "*0*8*", "78701", False),
    ("US", "7?*?1", "78701", True),
    ("US", "10000-19999", "10000", True),
    ("US", "10000-19999", "19999", True),
    ("US", "10000-19999", "20000", False),
    ("US", "10000-19999", "09999", False),
    ("US", "10000-19999", "19999-9999", True),  # as many characters as the ends have
    ("US", "10000 - 19999", "15555", True),
    ("US", "10000..19999", "15555", True),
    ("US", "10000\u201319999", "15555", True),  # an en dash
    ("US", "10000-19999", "1500", False),
    ("US", "10000-19999", "1500A", False),
    ("US", "10000-19999", "", False),
    ("US", "100-199", "15555", True),  # of the first three digits
    ("US", "100-199", "20000", False),
    ("US", "78701", "", False),
    # Great Britain: the district stands for its codes.
    ("GB", "SW1A 1AA", "sw1a1aa", True),
    ("GB", "SW1A 1AA", "SW1A 2AA", False),
    ("GB", "SW1A", "SW1A 1AA", True),
    ("GB", "SW1", "SW1A 1AA", False),
    ("GB", "SW1", "SW1 1AA", True),
    ("GB", "SW1", "SW10 1AA", False),
    ("GB", "SW1*", "SW10 1AA", True),
    ("GB", "SW1*", "SW1A 1AA", True),
    ("GB", "SW1*", "SW20 1AA", False),
    ("GB", "SW1? ???", "SW1A 1AA", True),
    ("GB", "SW1-SW9", "SW1A 1AA", True),  # district 1, whatever its letter
    ("GB", "SW1-SW9", "SW9 8ZZ", True),
    ("GB", "SW1-SW9", "SW10 1AA", False),
    ("GB", "SW1-SW20", "SW19 5AE", True),
    ("GB", "SW1-SW20", "SE1 9SG", False),
    ("GB", "M1 1AA-M1 1AZ", "M1 1AE", True),
    ("GB", "M1 1AA-M1 1AZ", "M1 2AE", False),
    ("GB", "E1", "E1W 1AA", False),
    # Canada: the first three characters stand for an area.
    ("CA", "K1A 0B1", "k1a-0b1", True),
    ("CA", "K1A", "K1A 0B1", True),
    ("CA", "K1A", "K1B 0B1", False),
    ("CA", "K*", "K9Z 9Z9", True),
    ("CA", "K1A-K1P", "K1M 1M4", True),
    ("CA", "K1A-K1P", "K1R 1A1", False),
    ("CA", "K1A 0A0 - K1A 0Z9", "K1A0K9", True),
    ("CA", "K1A 0A0 - K1A 0Z9", "K1A 1A0", False),
    # Germany: five digits, that may begin with 0.
    ("DE", "10115", "10115", True),
    ("DE", "101", "10115", False),  # a beginning needs its star
    ("DE", "101*", "10115", True),
    ("DE", "01000-09999", "01067", True),
    ("DE", "01000-09999", "10115", False),
    ("DE", "10115-14199", "12345", True),
    ("DE", "10115-14199", "14200", False),
    # Japan: three digits, a hyphen, four digits.
    ("JP", "100-0001", "1000001", True),
    ("JP", "1000001", "100-0001", True),
    ("JP", "100-0001", "\uff11\uff10\uff10\uff0d\uff10\uff10\uff10\uff11", True),  # in wide digits
    ("JP", "100-0001", "100-0002", False),  # a code, not a range
    ("JP", "100", "100-0005", True),
    ("JP", "100-108", "105-0011", True),  # not written like a code, so a range
    ("JP", "100-108", "109-0011", False),
    ("JP", "100-0001-100-9999", "100-8111", True),
    ("JP", "100-0001 - 100-9999", "101-0001", False),
    ("JP", "1000001-1009999", "100-8111", True),
    ("JP", "10?-*", "104-0061", True),
    # Ireland: a routing key of three characters and four more.
    ("IE", "D02 X285", "d02x285", True),
    ("IE", "D02", "D02 X285", True),
    ("IE", "D02", "D03 X285", False),
    ("IE", "D01-D24", "D08 XY00", True),
    ("IE", "D01-D24", "D6W XY00", False),  # a letter where the ends have a digit
    ("IE", "D6W", "D6W XY00", True),
    ("IE", "D*", "D6W XY00", True),
    ("IE", "A63-A98", "A65 F4E2", True),
    # Brazil: five digits, a hyphen, three digits.
    ("BR", "01310-100", "01310100", True),
    ("BR", "01310-100", "01310-200", False),
    ("BR", "01310", "01310-200", True),
    ("BR", "01000-000 - 05999-999", "04538-133", True),
    ("BR", "01000-05999", "04538-133", True),
    ("BR", "01000-05999", "06000-000", False),
    ("BR", "013*", "01310-100", True),
]


@pytest.mark.parametrize(("country", "entry", "code", "means_it"), ENTRIES)
def test_d41_what_a_merchant_writes_means_these_codes(country: str, entry: str, code: str, means_it: bool) -> None:
    assert matches(entry, code, country) is means_it


def test_an_entry_full_of_stars_takes_no_longer_than_others() -> None:
    assert not matches("*1" * 100, "1" * 99 + "2" * 100, "US")


@pytest.mark.parametrize(("country", "entry", "code", "means_it"), ENTRIES[::3])
def test_zones_of_shipping_and_of_taxes_read_postal_codes_alike(
    country: str, entry: str, code: str, means_it: bool
) -> None:
    address = Address(country_code=country, postal_code=code)
    zone = ShippingZone(id=1, name="Codes", type="zip", locations=(ZoneLocation(country_iso2=country, zip=entry),))
    taxed = TaxZone(id=2, name="Codes", locations=(TaxLocation(country_code=country, postal_codes=(entry,)),))

    assert (shipping_zone(address, a_store(zone)) is not None) is means_it
    assert (find_zone((taxed,), address, 0) is not None) is means_it


@pytest.mark.parametrize(
    ("country", "entry", "reason"),
    [
        ("US", "19999-10000", "ends before it begins"),
        ("GB", "SW9-SW1", "ends before it begins"),
        ("JP", "100-9999 - 100-0001", "ends before it begins"),
        ("US", "1000*-1999*", "may have wildcards or be a range, not both"),
        ("US", "10000..K1A", "must have ends that are alike, such as 10000 and 19999"),
        ("US", "10000..", "must have ends that are alike, such as 10000 and 19999"),
        ("US", " - ", "has neither letters nor digits"),
        ("US", "10000-19999", None),
        ("GB", "SW1-SW20", None),
        ("JP", "100-0001", None),
        ("US", "*", None),
        ("DE", "?????", None),
    ],
)
def test_an_entry_that_can_mean_nothing_is_known(country: str, entry: str, reason: str | None) -> None:
    assert problem(entry, country) == reason


# ---------------------------------------------------------------------------------------------------- a world of zones


def table(*entries: tuple[str, str, str]) -> tuple[Range, ...]:
    return tuple(Range(Decimal(lower), Decimal(upper), usd(cost)) for lower, upper, cost in entries)


def by_codes(zone_id: int, country: str, *codes: str, **fields: Any) -> ShippingZone:
    locations = tuple(ZoneLocation(country_iso2=country, zip=code) for code in codes)
    return ShippingZone(id=zone_id, name=f"Zone {zone_id}", type="zip", locations=locations, **fields)


def by_country(zone_id: int, country: str, **fields: Any) -> ShippingZone:
    locations = (ZoneLocation(country_iso2=country),)
    return ShippingZone(id=zone_id, name=f"Zone {zone_id}", type="country", locations=locations, **fields)


BY_WEIGHT = ByWeight(id=31, name="By Weight", ranges=table(("0", "2", "6.00"), ("2", "5", "9.00")))
BY_TOTAL = ByTotal(
    id=41, name="By Total", ranges=table(("0", "50", "8.00"), ("50", "100", "6.00")), default_percent=Decimal(5)
)
TEXAS = ShippingZone(
    id=4,
    name="Zone 4",
    type="state",
    locations=(ZoneLocation(country_iso2="US", state_iso2="TX"),),
    methods=(BY_TOTAL,),
)
WORLD = (
    by_codes(1, "US", "94100-94199", "10001", methods=(flat_rate(11, "5.00"), per_item(12, "1.50"))),
    by_codes(
        2,
        "GB",
        "SW1-SW9",
        "E1*",
        methods=(flat_rate(21, "4.00", handling=HandlingFee(fixed=usd("0.50"))),),
        handling=HandlingFee(percent=Decimal(10)),
        display_handling_separately=True,
    ),
    by_codes(3, "CA", "M*", "K1A-K1P", methods=(BY_WEIGHT,)),
    TEXAS,
    by_country(5, "US", methods=(flat_rate(51, "10.00"), flat_rate(52, "7.00", name="Off", enabled=False))),
    by_codes(
        6,
        "DE",
        "10115-14199",
        methods=(flat_rate(61, "4.90"),),
        free_shipping=FreeShippingRule(enabled=True, minimum_sub_total=usd("50.00")),
    ),
    by_country(7, "DE", methods=(flat_rate(71, "5.90"),), handling=HandlingFee(fixed=usd("1.10"))),
    by_codes(8, "JP", "100-0001 - 108-9999", methods=(per_item(81, "3.00"),)),
    by_codes(9, "IE", "D01-D24", "D6W", methods=(flat_rate(91, "3.50"), flat_rate(92, "2.00", channel_ids=(7,)))),
    by_codes(10, "BR", "01000-05999", methods=(FreeShipping(id=101, name="Free from 30", minimum=usd("30.00")),)),
    by_codes(12, "IE", "D02", enabled=False, methods=(flat_rate(121, "1.00"),)),
    ShippingZone(id=13, name="Zone 13", type="global", methods=(flat_rate(131, "30.00"),)),
)


def world(**overrides: Any) -> Store:
    return a_store(*WORLD, **overrides)


def place(country: str, code: str, state: str = "") -> Address:
    return an_address(country_code=country, postal_code=code, state_or_province="", state_or_province_code=state)


def sent(address: Address, *lines: LineItem, **overrides: Any) -> Checkout:
    """All lines go to one place in one consignment."""
    consignment = a_consignment("a", tuple(line.id for line in lines if line.is_shippable), address=address)
    return a_checkout(*lines, consignments=(consignment,), **overrides)


def shown(checkout: Checkout, store: Store) -> list[tuple[str, int]]:
    """(description, cents) of what consignment a is offered."""
    return [(name, cost.minor) for name, cost in offers(settled(checkout, facts(store)), "a")]


@pytest.mark.parametrize(
    ("address", "units", "price", "weight", "expected"),
    [
        # US: a code's zone before the state's, the state's before the country's, the country's before the world's.
        (place("US", "94103", "CA"), 2, "10.00", "1", [("Per Item", 300), ("Flat Rate", 500)]),
        (place("US", "94103-1234", "CA"), 4, "10.00", "1", [("Flat Rate", 500), ("Per Item", 600)]),
        (place("US", "94200", "CA"), 2, "10.00", "1", [("Flat Rate", 1000)]),  # the disabled method is not offered
        (place("US", "10001", "NY"), 1, "10.00", "1", [("Per Item", 150), ("Flat Rate", 500)]),
        (place("US", "10002", "NY"), 1, "10.00", "1", [("Flat Rate", 1000)]),
        (place("US", "78701", "TX"), 1, "49.99", "1", [("By Total", 800)]),
        (place("US", "78701", "TX"), 1, "50.00", "1", [("By Total", 600)]),  # a lower limit belongs to its range
        (place("US", "78701", "TX"), 1, "100.00", "1", [("By Total", 600)]),  # the last upper limit, too
        (place("US", "78701", "TX"), 1, "100.01", "1", [("By Total", 500)]),  # 5 % of 100.01 = 5.0005
        (place("US", "78701", "TX"), 3, "111.11", "1", [("By Total", 1667)]),  # 5 % of 333.33 = 16.6665
        # GB
        (place("GB", "SW1A 1AA"), 1, "10.00", "1", [("Flat Rate", 400)]),
        (place("GB", "SW10 1AA"), 1, "10.00", "1", [("Flat Rate", 3000)]),
        (place("GB", "e1 6an"), 1, "10.00", "1", [("Flat Rate", 400)]),
        (place("GB", "E17 4PP"), 1, "10.00", "1", [("Flat Rate", 400)]),  # the star takes E10 to E18 along
        # CA
        (place("CA", "M5V 3L9", "ON"), 1, "10.00", "1.99", [("By Weight", 600)]),
        (place("CA", "M5V 3L9", "ON"), 2, "10.00", "1", [("By Weight", 900)]),
        (place("CA", "K1A 0B1", "ON"), 5, "10.00", "1", [("By Weight", 900)]),
        (place("CA", "K1A 0B1", "ON"), 6, "10.00", "1", []),  # too heavy, and nothing outside the ranges
        (place("CA", "V6B 1A1", "BC"), 6, "10.00", "1", [("Flat Rate", 3000)]),
        # DE
        (place("DE", "10115"), 1, "49.99", "1", [("Flat Rate", 490)]),
        (place("DE", "10115"), 5, "10.00", "1", [("Free Shipping", 0), ("Flat Rate", 490)]),
        (place("DE", "80331"), 5, "10.00", "1", [("Flat Rate", 700)]),  # 5.90 and 1.10 of handling, folded in
        # JP
        (place("JP", "105-0011", "13"), 3, "10.00", "1", [("Per Item", 900)]),
        (place("JP", "1080075", "13"), 1, "10.00", "1", [("Per Item", 300)]),
        (place("JP", "150-0001", "13"), 3, "10.00", "1", [("Flat Rate", 3000)]),
        # IE: the disabled zone would be of D02; one method is for another channel.
        (place("IE", "D02 X285"), 1, "10.00", "1", [("Flat Rate", 350)]),
        (place("IE", "D6W XY00"), 1, "10.00", "1", [("Flat Rate", 350)]),
        (place("IE", "T12 XY00"), 1, "10.00", "1", [("Flat Rate", 3000)]),
        # BR
        (place("BR", "01310-100", "SP"), 3, "10.00", "1", [("Free from 30", 0)]),
        (place("BR", "01310-100", "SP"), 2, "14.99", "1", []),
        (place("BR", "20040-002", "RJ"), 2, "14.99", "1", [("Flat Rate", 3000)]),
    ],
)
def test_d41_to_d44_a_place_decides_what_is_offered_at_what_cost(
    address: Address, units: int, price: str, weight: str, expected: list[tuple[str, int]]
) -> None:
    assert shown(sent(address, a_line("x", units, price, weight=Decimal(weight))), world()) == expected


def test_d43_handling_shown_separately_is_the_zones_and_the_methods_together() -> None:
    # 4.00, of it 10 % = 0.40 for the zone, and 0.50 of the method.
    (option,) = settled(sent(place("GB", "SW1A 1AA"), a_line()), facts(world())).options["a"]

    assert (option.cost, option.handling) == (usd("4.00"), usd("0.90"))


def test_a_method_for_another_channel_is_offered_there_and_nowhere_else() -> None:
    store, goods = world(channel_ids=(1, 7)), sent(place("IE", "D08 XY00"), a_line())

    assert shown(goods, store) == [("Flat Rate", 350)]
    assert shown(replace(goods, channel_id=7), store) == [("Flat Rate", 200), ("Flat Rate", 350)]


# ---------------------------------------------------------------------------------------------------- fixed and free

CHICAGO, AUSTIN, BERLIN, TORONTO = (
    place("US", "60601", "IL"),
    place("US", "78701", "TX"),
    place("DE", "10115"),
    place("CA", "M5V 3L9", "ON"),
)


def goods(line_id: str, units: int = 1, price: str = "10.00", *, fixed: str = "", free: bool = False) -> LineItem:
    listed = CatalogPrice(
        price=usd(price), asked=usd(price), fixed_shipping=usd(fixed) if fixed else None, ships_free=free
    )
    return a_line(line_id, units, price, product_id=ord(line_id), variant_id=ord(line_id), catalog=listed)


PLAIN, FIXED, FREE = goods("p"), goods("f", 2, fixed="2.25"), goods("s", 3, "20.00", free=True)


@pytest.mark.parametrize(
    ("address", "lines", "expected"),
    [
        (CHICAGO, (PLAIN,), [("Flat Rate", 1000)]),
        (CHICAGO, (PLAIN, FIXED), [("Flat Rate", 1450)]),  # 10.00 and two times 2.25
        (CHICAGO, (FIXED,), [("Fixed Shipping", 450)]),  # nothing is left for the flat rate
        (CHICAGO, (PLAIN, FREE), [("Flat Rate", 1000)]),
        (CHICAGO, (FREE,), [("Free Shipping", 0)]),
        (CHICAGO, (FIXED, FREE), [("Fixed Shipping", 450)]),
        (CHICAGO, (goods("b", fixed="9.00", free=True),), [("Free Shipping", 0)]),  # free goes before fixed
        (TORONTO, (goods("p", 1), goods("s", 9, free=True)), [("By Weight", 600)]),  # 1 of 10 weighs something
        (TORONTO, (goods("p", 1), goods("f", 9, fixed="0.10")), [("By Weight", 690)]),
        (AUSTIN, (goods("p", 4), goods("s", 1, "30.00", free=True)), [("By Total", 800)]),  # 40.00 of 70.00 count
        (BERLIN, (goods("p", 4), FREE), [("Free Shipping", 0), ("Flat Rate", 490)]),  # worth 100.00 in all
        (BERLIN, (goods("p", 4), goods("f", 1, fixed="2.00")), [("Free Shipping", 0), ("Flat Rate", 690)]),
        (BERLIN, (goods("f", 5, fixed="2.00"),), [("Free Shipping", 0), ("Fixed Shipping", 1000)]),
        (BERLIN, (goods("f", 4, fixed="2.00"),), [("Fixed Shipping", 800)]),  # worth 40.00
        (place("IN", "110001"), (PLAIN, FIXED), [("Flat Rate", 3450)]),
    ],
)
def test_goods_with_a_shipping_price_of_their_own_add_it_and_are_left_out_of_the_parcel(
    address: Address, lines: tuple[LineItem, ...], expected: list[tuple[str, int]]
) -> None:
    assert shown(sent(address, *lines), world()) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((goods("p", 4), goods("f", 1, fixed="2.00")), [("Flat Rate", 690)]),  # 40.00 without the fixed ones
        ((goods("p", 5), goods("f", 1, fixed="2.00")), [("Free Shipping", 200), ("Flat Rate", 690)]),
        ((goods("f", 5, fixed="2.00"),), [("Fixed Shipping", 1000)]),
        ((goods("p", 5), FREE), [("Free Shipping", 0), ("Flat Rate", 490)]),
    ],
)
def test_free_shipping_may_leave_goods_with_a_fixed_price_out(
    lines: tuple[LineItem, ...], expected: list[tuple[str, int]]
) -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("50.00"), exclude_fixed_shipping_products=True)
    zone = by_codes(6, "DE", "10*", methods=(flat_rate(61, "4.90"),), free_shipping=rule)

    assert shown(sent(BERLIN, *lines), a_store(zone)) == expected


def test_a_fixed_price_is_part_of_the_shipping_cost_that_a_percentage_of_handling_is_taken_of() -> None:
    # (4.00 + 2 x 2.25) x 10 % = 0.85, and 0.50 of the method.
    (option,) = settled(sent(place("GB", "SW1A 1AA"), PLAIN, FIXED), facts(world())).options["a"]

    assert (option.cost, option.handling) == (usd("8.50"), usd("1.35"))


def test_a_fixed_price_is_converted_like_all_amounts_of_the_merchant() -> None:
    # 0.9 euros for a dollar: 10.00 is 9.00, 2.25 is 2.03 (2.025) for each of two units.
    euro = currency_of(EUR)
    lines = tuple(replace(line, list_price=euro.money(Decimal(9))) for line in (PLAIN, FIXED))
    checkout = sent(CHICAGO, *lines, currency=euro)

    assert shown(checkout, world(other_currencies=(EUR,))) == [("Flat Rate", 1306)]


# ---------------------------------------------------------------------------------------------------- thresholds


def in_two_places(lines: tuple[LineItem, ...], first: Address, second: Address) -> Checkout:
    consignments = tuple(
        a_consignment(name, (line.id,), address=address)
        for name, line, address in zip("ab", lines, (first, second), strict=False)
    )
    return a_checkout(*lines, consignments=consignments)


WHOLE_CART = ShippingSettings(shipping_thresholds_look_at_whole_cart=True)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ShippingSettings(), [("Flat Rate", 490)]),
        (WHOLE_CART, [("Free Shipping", 0), ("Flat Rate", 490)]),
    ],
)
def test_d62_free_shipping_looks_at_a_consignment_or_at_the_whole_cart(
    settings: ShippingSettings, expected: list[tuple[str, int]]
) -> None:
    checkout = in_two_places((goods("p", 3), goods("q", 2)), BERLIN, CHICAGO)

    assert shown(checkout, world(shipping_settings=settings)) == expected


@pytest.mark.parametrize(
    ("settings", "units", "expected"),
    [
        (ShippingSettings(), 3, [("By Total", 800)]),  # 30.00
        (WHOLE_CART, 3, [("By Total", 600)]),  # 30.00 of 70.00
        (WHOLE_CART, 8, [("By Total", 400)]),  # 120.00 is beyond the table: 5 % of this consignment's own 80.00
    ],
)
def test_d62_ranges_may_look_at_the_whole_cart_and_percentages_never_do(
    settings: ShippingSettings, units: int, expected: list[tuple[str, int]]
) -> None:
    checkout = in_two_places((goods("p", units), goods("q", 4)), AUSTIN, CHICAGO)

    assert shown(checkout, world(shipping_settings=settings)) == expected


@pytest.mark.parametrize(
    ("is_left_out", "expected"),
    [
        (False, [("Free Shipping", 0), ("Flat Rate", 490)]),  # 20.00 here, 10.00 and 20.00 elsewhere
        (True, [("Flat Rate", 490)]),  # 40.00 without the fixed ones
    ],
)
def test_d62_goods_with_a_fixed_price_elsewhere_in_the_cart_count_or_are_left_out(
    is_left_out: bool, expected: list[tuple[str, int]]
) -> None:
    rule = FreeShippingRule(enabled=True, minimum_sub_total=usd("50.00"), exclude_fixed_shipping_products=is_left_out)
    zone = by_codes(6, "DE", "10*", methods=(flat_rate(61, "4.90"),), free_shipping=rule)
    checkout = in_two_places((goods("p", 2), goods("f", 1, fixed="2.00")), BERLIN, CHICAGO)
    nowhere_yet = replace(checkout, lines=(*checkout.lines, goods("s", 1, "20.00", free=True)))

    assert shown(nowhere_yet, a_store(zone, shipping_settings=WHOLE_CART)) == expected


class Counted(dict[str, int]):
    """What lines cost, and how often somebody has asked."""

    asked = 0

    def __getitem__(self, line_id: str) -> int:
        self.asked += 1
        return super().__getitem__(line_id)


@pytest.mark.parametrize(("settings", "times"), [(ShippingSettings(), 1), (WHOLE_CART, 2)])
def test_d62_the_whole_cart_is_added_up_once_however_many_consignments_there_are(
    settings: ShippingSettings, times: int
) -> None:
    lines = tuple(a_line(str(number), product_id=number) for number in range(1, 41))
    places = tuple(a_consignment(line.id, (line.id,), address=BERLIN) for line in lines)
    checkout, known = a_checkout(*lines, consignments=places), facts(world(shipping_settings=settings))
    priced = price_goods(checkout, known)
    sales = Counted(priced.sales)

    settle(checkout, replace(priced, sales=sales), known)

    assert sales.asked == times * 40


def test_d44_thresholds_look_at_goods_after_product_discounts() -> None:
    store = world(promotions=(amount_off("0.01"),))

    assert shown(sent(BERLIN, a_line("x", 5)), store) == [("Flat Rate", 490)]  # 49.95


def test_gift_certificates_count_for_no_threshold() -> None:
    certificate = a_line("g", 1, "20.00", kind="gift_certificate", product_id=0, variant_id=0)

    checkout = sent(BERLIN, goods("p", 4), certificate)

    assert shown(checkout, world(shipping_settings=WHOLE_CART)) == [("Flat Rate", 490)]
