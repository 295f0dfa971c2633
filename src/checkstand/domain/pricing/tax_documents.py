"""What a tax provider is told of a checkout, and what it answers, in the shapes of the published contract. Pure.

1. `request`: one document for each consignment, with what is left of its goods, wrapping, shipping and handling after all
   discounts; and one, at the billing address, for what no consignment holds: digital goods, certificates, fees.
2. `quote`: the answer, target by target, in minor units. An answer that does not speak of exactly what was asked is refused
   as a whole: half of it would be a wrong tax.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from checkstand.domain.address import Address
from checkstand.domain.checkout import Consignment, LineItem, PickupChoice, ShippingOption
from checkstand.domain.facts import DEFAULT_LOCATION, Facts, Store
from checkstand.domain.measures import number
from checkstand.domain.money import MOST_DIGITS, Currency, Money
from checkstand.domain.pricing.entries import Charge, Discount, Part
from checkstand.domain.pricing.price import Priced
from checkstand.domain.pricing.taxes import destination
from checkstand.domain.tax_quote import QuotedTax, TaxQuote
from checkstand.domain.tax_zones import DEFAULT_CLASS

ELSEWHERE = "DigitalDelivery_"
"""Begins the id of the document of what no consignment holds."""
DEFAULT_CLASS_NAME = "Default Tax Class"
LONGEST_NAME = 255
LARGEST_RATE, RATE_PLACES = 10, 6

# ---------------------------------------------------------------------------------------------------- what is told

ItemType = Literal["item", "fee", "shipping", "handling", "wrapping"]


class AddressSent(Struct, frozen=True, kw_only=True):
    line1: str
    line2: str
    city: str
    region_name: str
    region_code: str
    country_name: str
    country_code: str
    postal_code: str
    company_name: str
    type: Literal["RESIDENTIAL", "COMMERCIAL"]


class PriceSent(Struct, frozen=True):
    amount: float
    tax_inclusive: bool


class TaxClassSent(Struct, frozen=True, kw_only=True):
    code: str = ""
    class_id: str
    name: str


class ItemSent(Struct, frozen=True, kw_only=True):
    id: str
    item_code: str = ""
    item_reference: str = ""
    name: str
    price: PriceSent
    quantity: int = 1
    tax_class: TaxClassSent
    tax_exempt: bool = False
    type: ItemType
    wrapping: "ItemSent | UnsetType" = UNSET


class DocumentSent(Struct, frozen=True, kw_only=True):
    id: str
    billing_address: AddressSent | UnsetType
    destination_address: AddressSent
    origin_address: AddressSent
    shipping: ItemSent
    handling: ItemSent
    items: list[ItemSent]


class CustomerSent(Struct, frozen=True, kw_only=True):
    """0: nobody who is signed in, no group."""

    customer_id: str
    customer_group_id: str
    taxability_code: str = ""


class QuoteRequest(Struct, frozen=True, kw_only=True):
    id: str
    currency_code: str
    customer: CustomerSent
    transaction_date: datetime
    documents: list[DocumentSent]


class Asked(Struct, frozen=True):
    """A target a provider is told of, where in its answer the tax on it stands, and the amount in minor units."""

    part: Part
    target: str
    document_id: str
    amount: int
    is_exempt: bool = False


class Told(Struct, frozen=True):
    """A request, and what the answer to it must speak of."""

    request: QuoteRequest
    asked: tuple[Asked, ...]
    currency: Currency
    is_inclusive: bool


def told(priced: Priced, facts: Facts, now: datetime, quote_id: str = "") -> Told | None:
    """What a provider is told; None while there is no address. `quote_id`: the order's number, where there is one."""
    return _Teller(priced, facts, quote_id or priced.checkout.id).told(now)


class _Teller:
    def __init__(self, priced: Priced, facts: Facts, quote_id: str) -> None:
        self._checkout, self._facts, self._id = priced.checkout, facts, quote_id
        self._is_inclusive = facts.store.tax_settings.tax_entered_with_prices
        self._class_names = {each.id: each.name for each in facts.store.tax_classes}
        self._amounts: dict[tuple[str, str], int] = {}
        for entry in priced.entries:
            if isinstance(entry, Charge | Discount):
                sign = -1 if isinstance(entry, Discount) else 1
                key = (entry.part, entry.target)
                self._amounts[key] = self._amounts.get(key, 0) + sign * entry.amount.minor
        self._asked: list[Asked] = []

    def told(self, now: datetime) -> Told | None:
        checkout, customer = self._checkout, self._facts.customer
        documents = [*self._of_consignments(), *self._of_the_rest()]
        if not documents:
            return None
        request = QuoteRequest(
            id=self._id,
            currency_code=checkout.currency.code,
            customer=CustomerSent(
                customer_id=str(customer.id if customer else 0),
                customer_group_id=str(self._facts.store.group_id_of(customer)),
            ),
            transaction_date=now.astimezone(UTC).replace(microsecond=0),
            documents=documents,
        )
        return Told(request, tuple(self._asked), checkout.currency, self._is_inclusive)

    def _of_consignments(self) -> Iterable[DocumentSent]:
        store, settings = self._facts.store, self._facts.store.tax_settings
        lines = {line.id: line for line in self._checkout.lines}
        for consignment in self._checkout.consignments:
            place = destination(consignment, store)
            if not place.country_code:
                continue
            option = consignment.selected if isinstance(consignment.selected, ShippingOption) else None
            way, where = option.description if option else "", _place_name(place)
            yield DocumentSent(
                id=consignment.id,
                billing_address=self._billing(),
                destination_address=_address(place),
                origin_address=_address(_origin(consignment, store), is_commercial=True),
                shipping=self._item(
                    "shipping",
                    consignment.id,
                    consignment.id,
                    f"Shipping to {where}",
                    settings.shipping_tax_class_id,
                    code=way,
                ),
                handling=self._item(
                    "handling",
                    consignment.id,
                    consignment.id,
                    f"Handling for {where}",
                    settings.handling_tax_class_id,
                    code=way,
                ),
                items=[self._line(lines[line_id], consignment.id) for line_id in consignment.line_item_ids],
            )

    def _of_the_rest(self) -> Iterable[DocumentSent]:
        checkout, settings = self._checkout, self._facts.store.tax_settings
        held = {line_id for consignment in checkout.consignments for line_id in consignment.line_item_ids}
        lines = [line for line in checkout.lines if line.id not in held]
        billed = checkout.billing_address.address if checkout.billing_address else Address()
        if not billed.country_code or not (lines or checkout.fees):
            return
        document_id = f"{ELSEWHERE}{self._id}"
        items = [self._line(line, document_id) for line in lines]
        for fee in checkout.fees:
            class_id = settings.fee_tax_class_id if fee.tax_class_id is None else fee.tax_class_id
            items.append(self._item("fee", fee.id, document_id, fee.name, class_id))
        nothing = self._item("shipping", document_id, document_id, "No shipping", settings.shipping_tax_class_id)
        yield DocumentSent(
            id=document_id,
            billing_address=self._billing(),
            destination_address=_address(billed),
            origin_address=_address(_home(self._facts.store), is_commercial=True),
            shipping=nothing,
            handling=msgspec.structs.replace(nothing, name="No handling", type="handling"),
            items=items,
        )

    def _billing(self) -> AddressSent | UnsetType:
        billed = self._checkout.billing_address
        return _address(billed.address) if billed and billed.address.country_code else UNSET

    def _line(self, line: LineItem, document_id: str) -> ItemSent:
        is_exempt = line.kind == "gift_certificate"
        wrapping = self._facts.store.tax_settings.wrapping_tax_class_id
        return self._item(
            "line",
            line.id,
            document_id,
            line.name,
            line.tax_class_id,
            code=line.sku,
            reference=line.sku,
            quantity=line.quantity,
            is_exempt=is_exempt,
            wrapping=self._item("wrapping", line.id, document_id, f"Wrapping: {line.name}", wrapping)
            if line.gift_wrapping
            else UNSET,
        )

    def _item(
        self,
        part: Part,
        target: str,
        document_id: str,
        name: str,
        class_id: int,
        *,
        code: str = "",
        reference: str = "",
        quantity: int = 1,
        is_exempt: bool = False,
        wrapping: ItemSent | UnsetType = UNSET,
    ) -> ItemSent:
        amount = self._amounts.get((part, target), 0)
        self._asked.append(Asked(part, target, document_id, amount, is_exempt))
        currency = self._checkout.currency
        kinds: Mapping[str, ItemType] = {
            "line": "item",
            "fee": "fee",
            "shipping": "shipping",
            "handling": "handling",
            "wrapping": "wrapping",
        }
        return ItemSent(
            id=target,
            item_code=code,
            item_reference=reference,
            name=name,
            price=PriceSent(number(Money(amount, currency.code).major(currency.decimal_places)), self._is_inclusive),
            quantity=quantity,
            tax_class=TaxClassSent(
                class_id=str(class_id),
                name=DEFAULT_CLASS_NAME if class_id == DEFAULT_CLASS else self._class_names.get(class_id, ""),
            ),
            tax_exempt=is_exempt,
            type=kinds[part],
            wrapping=wrapping,
        )


def _origin(consignment: Consignment, store: Store) -> Address:
    """Where goods come from: the place they are picked up at, or the store's first."""
    return destination(consignment, store) if isinstance(consignment.selected, PickupChoice) else _home(store)


def _home(store: Store) -> Address:
    location = store.location(DEFAULT_LOCATION)
    return location.address if location else Address()


def _place_name(address: Address) -> str:
    parts = (address.city, " ".join(part for part in (address.country, address.postal_code) if part))
    return ", ".join(part for part in parts if part) or address.country_code


def _address(address: Address, *, is_commercial: bool = False) -> AddressSent:
    return AddressSent(
        line1=address.address1,
        line2=address.address2,
        city=address.city,
        region_name=address.state_or_province,
        region_code=address.state_or_province_code,
        country_name=address.country,
        country_code=address.country_code,
        postal_code=address.postal_code,
        company_name=address.company,
        type="COMMERCIAL" if is_commercial else "RESIDENTIAL",
    )


# ---------------------------------------------------------------------------------------------------- what is answered


class SalesTax(Struct, frozen=True):
    name: str
    rate: Decimal
    amount: Decimal


class TaxPrice(Struct, frozen=True, kw_only=True):
    amount_inclusive: Decimal
    amount_exclusive: Decimal
    total_tax: Decimal
    tax_rate: Decimal
    sales_tax_summary: list[SalesTax]


class ItemQuoted(Struct, frozen=True, kw_only=True):
    id: str
    price: TaxPrice
    wrapping: "ItemQuoted | None" = None


class DocumentQuoted(Struct, frozen=True, kw_only=True):
    id: str
    items: list[ItemQuoted]
    shipping: ItemQuoted
    handling: ItemQuoted


class Quote(Struct, frozen=True, kw_only=True):
    id: str
    documents: list[DocumentQuoted]


class Unusable(Exception):
    """Says what is wrong with an answer."""


_quote = msgspec.json.Decoder(Quote).decode


def quote(told: Told, body: bytes) -> TaxQuote:
    """Raises `Unusable`."""
    try:
        answer = _quote(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"it is not of the published shape: {str(error).replace('`', '')}") from None
    prices = dict(_prices(answer))
    targets = []
    for asked in told.asked:
        price = prices.get((asked.document_id, asked.part, asked.target))
        if price is None:
            raise Unusable(f"it does not speak of {asked.part} {asked.target} in document {asked.document_id}")
        targets.append(_quoted(asked, price, told))
    return TaxQuote(status="quoted", targets=tuple(each for each in targets if each.taxes or each.rate))


def _prices(answer: Quote) -> Iterable[tuple[tuple[str, str, str], TaxPrice]]:
    for document in answer.documents:
        yield (document.id, "shipping", document.shipping.id), document.shipping.price
        yield (document.id, "handling", document.handling.id), document.handling.price
        for item in document.items:
            yield (document.id, "line", item.id), item.price
            yield (document.id, "fee", item.id), item.price
            if item.wrapping:
                yield (document.id, "wrapping", item.wrapping.id), item.wrapping.price


def _quoted(asked: Asked, price: TaxPrice, told: Told) -> QuotedTax:
    what = f"of {asked.part} {asked.target}"
    tax = _minor(price.total_tax, told.currency, what)
    amount = price.amount_inclusive if told.is_inclusive else price.amount_exclusive
    if _minor(amount, told.currency, what) != asked.amount:
        raise Unusable(f"its amount {what} is not the one it was told")
    if tax < 0 or (told.is_inclusive and tax > 0 and tax >= asked.amount) or (asked.is_exempt and tax):
        raise Unusable(f"a tax {what} cannot be {price.total_tax}")
    if not price.tax_rate.is_finite() or not 0 <= price.tax_rate <= LARGEST_RATE:
        raise Unusable(f"a rate {what} cannot be {price.tax_rate}")
    rate = Decimal(0) if asked.is_exempt or asked.amount else round(price.tax_rate, RATE_PLACES)
    return QuotedTax(
        part=asked.part, target=asked.target, amount=asked.amount, taxes=_by_name(price, tax, told, what), rate=rate
    )


def _by_name(price: TaxPrice, tax: int, told: Told, what: str) -> tuple[tuple[str, int], ...]:
    """What each tax comes to, rounded; together they are the whole tax: what is missing is the last one's."""
    if not tax:
        return ()
    given: list[tuple[str, int]] = []
    left = tax
    for each in price.sales_tax_summary:
        if not each.name.strip() or len(each.name) > LONGEST_NAME:
            raise Unusable(f"a tax {what} has no name, or too long a one")
        minor = min(_minor(each.amount, told.currency, what), left)
        if minor < 0:
            raise Unusable(f"a tax {what} cannot be {each.amount}")
        if minor:
            given.append((each.name, minor))
            left -= minor
    if not given:
        raise Unusable(f"the tax {what} has no summary")
    if left > len(price.sales_tax_summary):
        raise Unusable(f"the summary {what} does not add up to its tax")
    return (*given[:-1], (given[-1][0], given[-1][1] + left))


def _minor(amount: Decimal, currency: Currency, what: str) -> int:
    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS:
        raise Unusable(f"an amount {what} cannot be {amount}")
    return int(amount.scaleb(currency.decimal_places).to_integral_value(ROUND_HALF_UP))
