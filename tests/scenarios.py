"""Random checkouts for comparing prices: small, and as awkward as a shop may make them.

`scenario` draws one from any `random.Random`, so a seed is enough to see it again; `scenarios` is the same for
hypothesis, whose draws make it shrink to the simplest failing checkout.

What BEHAVIOUR leaves open to more than one reading is drawn only when `debatable` is asked for:

- coupons with a minimum that is not surely met, and shipping coupons for certain items
- a maximum beside a fixed amount that is spread anyway; a minimum quantity without items; free lines where a quantity
  is asked for
- automatic shipping promotions beside a manual discount; several of them, or one that ends the chain
- paying with gift certificates for gift certificates
- a zone with rates that come to the same factor as the store's without being the same rates
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from tests.oracle import (
    Consignment,
    Coupon,
    CouponType,
    Fee,
    Items,
    Kind,
    Level,
    Line,
    Manual,
    Promotion,
    Rate,
    Rounding,
    Scenario,
    Zone,
    factor,
    price,
    rates_for,
)

T = TypeVar("T")

COUNTRIES = ("US", "AU", "DE", "GB")
"""The country of a zone, by its index."""

TAX_CLASSES = (0, 1, 2, 3, 4)
CATEGORIES = (1, 2, 3)
TAX_NAMES = ("GST", "Levy", "PST")
TAX_PERCENTS = ("10", "5", "0", "20", "4", "7", "8.875", "9.975", "19", "33.333", "0.1", "50")
DISCOUNT_PERCENTS = ("10", "50", "25", "7.5", "33.33", "12.5", "0.5", "99", "100")
PRICES = (100, 1, 3, 5, 99, 333, 999, 1995, 3195, 4999, 22500, 100001)


@st.composite
def scenarios(draw: st.DrawFn, *, debatable: bool = False) -> Scenario:
    return scenario(draw(st.randoms(use_true_random=False)), debatable=debatable)


def scenario(random: Random, *, debatable: bool = False) -> Scenario:
    places = random.choice([2, 0, 3])
    zones = draw_zones(random)
    store_zone = random.randrange(len(zones))
    if not debatable:
        zones = without_same_factors(zones, store_zone)
    lines = draw_lines(random, places)
    consignments = draw_consignments(random, lines, len(zones))
    billing_zone = random.randrange(len(zones)) if chance(random, 0.5) else None
    guest_zone = random.randrange(len(zones))
    elsewhere_zone = guest_zone if billing_zone is None else billing_zone
    # BEHAVIOUR D60: the billing address decides, then the first consignment, then what a guest is assumed to be.
    display_zone = consignments[0].zone if billing_zone is None and consignments else elsewhere_zone
    drawn = Scenario(
        lines=lines,
        consignments=consignments,
        places=places,
        zones=zones,
        elsewhere_zone=elsewhere_zone,
        display_zone=display_zone,
        store_zone=store_zone,
        has_billing=billing_zone is not None,
        entered_with_tax=chance(random, 0.5),
        subtract_store_tax=not chance(random, 0.4),
        rounding=Rounding.NONE if chance(random, 0.4) else Rounding.RATE,
        promotions=draw_promotions(random, lines, places),
        on_original_price=not chance(random, 0.5),
        coupons=draw_coupons(random, lines),
        manual=draw_manual(random, lines) if chance(random, 0.15) else None,
        fees=tuple(
            Fee(draw_price(random), random.choice(TAX_CLASSES))
            for _ in range(few(random, 2) if chance(random, 0.3) else 0)
        ),
        certificates=tuple(draw_price(random) for _ in range(few(random, 2) if chance(random, 0.3) else 0)),
        store_credit=draw_price(random) if chance(random, 0.3) else 0,
    )
    return with_debatable_parts(random, drawn) if debatable else undebatable(random, drawn)


# --- Drawing ----------------------------------------------------------------------------------------------------------


def chance(random: Random, probability: float) -> bool:
    """Small draws say no, so that a failing example shrinks towards having less."""
    return random.random() >= 1 - probability


def few(random: Random, most: int) -> int:
    return random.randint(1, most)


def some(random: Random, values: Sequence[T]) -> list[T]:
    """One or more of the values, in their order."""
    kept = [value for value in values if chance(random, 0.4)]
    return kept or [random.choice(values)]


def draw_price(random: Random) -> int:
    return random.choice(PRICES) if not chance(random, 0.5) else random.randint(1, 12_000)


def draw_percent(random: Random) -> Fraction:
    return Fraction(random.choice(DISCOUNT_PERCENTS))


def draw_zones(random: Random) -> tuple[Zone, ...]:
    zones: list[Zone] = []
    for _ in range(few(random, len(COUNTRIES))):
        copied = zones and chance(random, 0.2)
        rates = random.choice(zones).rates if copied else draw_rates(random)
        zones.append(Zone(rates, show_inclusive=chance(random, 0.5)))
    return tuple(zones)


def draw_rates(random: Random) -> tuple[Rate, ...]:
    """None to three rates in one or two priorities, listed in the order in which they show."""
    keys = [(random.choice([1, 2]), random.choice(TAX_NAMES)) for _ in range(random.randint(0, 3))]
    return tuple(
        Rate(name, {each: Fraction(random.choice(TAX_PERCENTS)) for each in TAX_CLASSES}, priority)
        for priority, name in sorted(set(keys))
    )


def without_same_factors(zones: tuple[Zone, ...], store_zone: int) -> tuple[Zone, ...]:
    """A zone that taxes some class by the store's factor gets the store's rates altogether."""
    probe = Scenario(lines=(), zones=zones)

    def resembles_store(zone: int) -> bool:
        pairs = [(rates_for(probe, zone, each), rates_for(probe, store_zone, each)) for each in TAX_CLASSES]
        return any(theirs != ours and factor(theirs) == factor(ours) for theirs, ours in pairs)

    return tuple(
        replace(zone, rates=zones[store_zone].rates) if resembles_store(index) else zone
        for index, zone in enumerate(zones)
    )


def draw_lines(random: Random, places: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    kinds = [Kind.PHYSICAL, Kind.PHYSICAL, Kind.PHYSICAL, Kind.DIGITAL, Kind.CUSTOM, Kind.GIFT_CERTIFICATE]
    for position in range(few(random, 5)):
        kind = random.choice(kinds)
        if kind is Kind.GIFT_CERTIFICATE:
            amount = random.randint(1, 50) * 10**places
            lines.append(Line(position, list_price=amount, kind=kind))
        elif kind is Kind.CUSTOM:
            lines.append(Line(position, draw_price(random), few(random, 4), kind))
        elif lines and lines[-1].product_id is not None and chance(random, 0.15):
            # What is left of a line that was split between consignments.
            lines.append(replace(lines[-1], position=position, quantity=few(random, 4)))
        else:
            lines.append(draw_product_line(random, position, kind))
    return tuple(lines)


def draw_product_line(random: Random, position: int, kind: Kind) -> Line:
    wrapped = kind is Kind.PHYSICAL and chance(random, 0.25)
    return Line(
        position=position,
        list_price=0 if chance(random, 0.05) else draw_price(random),
        quantity=few(random, 4),
        kind=kind,
        product_id=100 + position,
        category_ids=frozenset(some(random, CATEGORIES)),
        tax_class=random.choice([0, 0, 1, 4]),
        overridden=chance(random, 0.15),
        on_sale=chance(random, 0.2),
        wrapping=draw_price(random) if wrapped else None,
    )


def draw_consignments(random: Random, lines: Sequence[Line], zones: int) -> tuple[Consignment, ...]:
    """Up to three, each with lines that travel; the other lines stay unassigned."""
    content: dict[int, list[int]] = {}
    most = random.randint(0, 3)
    for line in lines:
        if most and line.kind in {Kind.PHYSICAL, Kind.CUSTOM} and not chance(random, 0.15):
            content.setdefault(random.randrange(most), []).append(line.position)
    return tuple(draw_consignment(random, tuple(positions), zones) for _, positions in sorted(content.items()))


def draw_consignment(random: Random, positions: tuple[int, ...], zones: int) -> Consignment:
    zone = random.randrange(zones)
    bare = Consignment(positions, zone, COUNTRIES[zone])
    if chance(random, 0.15):
        return replace(bare, is_pickup=True)
    if chance(random, 0.1):
        return bare
    shipping = 0 if chance(random, 0.1) else draw_price(random)
    return replace(bare, shipping=shipping, handling=draw_price(random) if chance(random, 0.3) else 0)


def draw_items(random: Random, lines: Sequence[Line]) -> Items:
    products = sorted({line.product_id for line in lines if line.product_id is not None})
    if products and chance(random, 0.3):
        return Items(products=frozenset(some(random, products)))
    if chance(random, 0.3):
        return Items(categories=frozenset(some(random, CATEGORIES)))
    return Items()


def draw_promotions(random: Random, lines: Sequence[Line], places: int) -> tuple[Promotion, ...]:
    count = few(random, 4) if chance(random, 0.85) else 0
    return tuple(draw_promotion(random, id, lines, places) for id in range(1, count + 1))


def draw_promotion(random: Random, id: int, lines: Sequence[Line], places: int) -> Promotion:
    level = random.choice([Level.ITEMS, Level.ORDER, Level.SHIPPING])
    of_items = level is Level.ITEMS
    percent = None if chance(random, 0.4) else draw_percent(random)
    worth = sum(line.extended for line in lines)
    condition_items = draw_items(random, lines) if chance(random, 0.3) else Items()
    is_about_items = condition_items != Items()
    return Promotion(
        id=id,
        level=level,
        priority=random.randint(0, 2),
        percent=percent,
        fixed=draw_price(random) if percent is None else None,
        as_total=of_items and percent is None and chance(random, 0.5),
        maximum=10**places * random.randint(1, 20) if percent is not None and chance(random, 0.3) else None,
        items=draw_items(random, lines) if of_items else Items(),
        exclude_on_sale=of_items and chance(random, 0.2),
        minimum_spend=random.randint(0, worth + worth // 3) if chance(random, 0.3) else 0,
        minimum_quantity=few(random, 6) if is_about_items else 0,
        condition_items=condition_items if is_about_items else None,
        stop=chance(random, 0.2),
        with_others=not chance(random, 0.2),
    )


def draw_coupons(random: Random, lines: Sequence[Line]) -> tuple[Coupon, ...]:
    return tuple(draw_coupon(random, lines) for _ in range(few(random, 3) if chance(random, 0.6) else 0))


def draw_coupon(random: Random, lines: Sequence[Line]) -> Coupon:
    type = random.choice(list(CouponType))
    of_shipping = type in {CouponType.SHIPPING, CouponType.FREE_SHIPPING}
    return Coupon(
        type=type,
        amount=0 if type in {CouponType.PERCENTAGE, CouponType.FREE_SHIPPING} else draw_price(random),
        percent=draw_percent(random) if type is CouponType.PERCENTAGE else Fraction(0),
        items=Items() if of_shipping else draw_items(random, lines),
    )


def draw_manual(random: Random, lines: Sequence[Line]) -> Manual | None:
    """No more than there is: more would be refused (BEHAVIOUR D33)."""
    worth = {line.position: line.extended for line in lines if line.kind is not Kind.GIFT_CERTIFICATE and line.extended}
    if not worth:
        return None
    of_lines = {position: random.randint(1, most) for position, most in worth.items() if chance(random, 0.3)}
    left = sum(worth.values()) - sum(of_lines.values())
    of_cart = random.randint(1, left) if left and not (of_lines and chance(random, 0.5)) else 0
    return Manual(of_cart, of_lines) if of_cart or of_lines else None


# --- What may be debated ----------------------------------------------------------------------------------------------


def undebatable(random: Random, drawn: Scenario) -> Scenario:
    promotions = drawn.promotions
    if drawn.manual is not None:
        # An amount for a line that a promotion has discounted by itself would be refused (BEHAVIOUR D83).
        barred = {Level.SHIPPING, Level.ITEMS} if drawn.manual.lines else {Level.SHIPPING}
        promotions = tuple(each for each in promotions if each.level not in barred)
    promotions = (
        *(each for each in promotions if each.level is not Level.SHIPPING),
        *[lone_shipping(each) for each in promotions if each.level is Level.SHIPPING][:1],
    )
    asks_for_quantity = any(promotion.minimum_quantity for promotion in promotions)
    lines = drawn.lines
    if asks_for_quantity:
        lines = tuple(replace(line, list_price=max(line.list_price, 1)) for line in lines)
    buys_certificates = any(line.kind is Kind.GIFT_CERTIFICATE for line in lines)
    settled = replace(
        drawn,
        lines=lines,
        promotions=promotions,
        certificates=() if buys_certificates else drawn.certificates,
    )
    return with_minimums_met(random, settled) if settled.coupons and chance(random, 0.15) else settled


def lone_shipping(promotion: Promotion) -> Promotion:
    """Whether one on shipping applies before anything was chosen is nowhere said, nor what two of them leave: it has its turn
    last, ends nothing, and takes a percentage as published ones do."""
    percent = Fraction(25) if promotion.percent is None else promotion.percent
    return replace(promotion, percent=percent, fixed=None, priority=9, stop=False, with_others=True)


def with_minimums_met(random: Random, drawn: Scenario) -> Scenario:
    """Minimums that are met however they are read: by what the coupon's own lines cost after every discount."""
    paid = {line.position: line.paid_entered for line in price(drawn).lines}
    lines = [line for line in drawn.lines if line.kind is not Kind.GIFT_CERTIFICATE]

    def met(coupon: Coupon) -> Coupon:
        most = sum(paid[line.position] for line in lines if coupon.items.match(line))
        return replace(coupon, minimum=random.randint(0, most))

    return replace(drawn, coupons=tuple(met(coupon) for coupon in drawn.coupons))


def with_debatable_parts(random: Random, drawn: Scenario) -> Scenario:
    worth = sum(line.extended for line in drawn.lines)

    def debated_promotion(promotion: Promotion) -> Promotion:
        maximum = 10**drawn.places * few(random, 20) if chance(random, 0.2) else promotion.maximum
        quantity = few(random, 6) if chance(random, 0.2) else promotion.minimum_quantity
        return replace(promotion, maximum=maximum, minimum_quantity=quantity)

    def debated_coupon(coupon: Coupon) -> Coupon:
        minimum = random.randint(0, worth + worth // 3) if chance(random, 0.3) else coupon.minimum
        items = draw_items(random, drawn.lines) if chance(random, 0.3) else coupon.items
        return replace(coupon, minimum=minimum, items=items)

    return replace(
        drawn,
        promotions=tuple(debated_promotion(promotion) for promotion in drawn.promotions),
        coupons=tuple(debated_coupon(coupon) for coupon in drawn.coupons),
    )
