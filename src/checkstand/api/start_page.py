"""The first page of the demo shop: goods to choose from, and a button that leads to the checkout page with a filled cart.

A real shop has pages of its own; without --demo there is nothing at this address.
"""

from collections.abc import Sequence
from html import escape
from string import Template

from checkstand.api.docs_page import asset, fingerprint
from checkstand.domain.facts import Product, Store, Variant
from checkstand.domain.money import Currency, Money

CHOSEN = {364: 2, 341: 1}
"""Variant -> how many of it are chosen already: enough for several places, and the cart is one click away."""


def page(store: Store, products: Sequence[Product]) -> tuple[str, str]:
    """The page, and the `Content-Security-Policy` to send it with."""
    style, script = asset("start.css"), asset("start.js")
    sold = [
        (variant, _row(product, variant, store.currency))
        for product in products
        for variant in product.variants
        if product.is_visible and not variant.purchasing_disabled
    ]
    goods = [row for variant, row in sorted(sold, key=lambda each: each[0].id not in CHOSEN)]
    html = Template(asset("start.html")).substitute(
        title=escape(store.name), style=style, script=script, goods="\n".join(goods)
    )
    policy = (
        f"default-src 'none'; style-src '{fingerprint(style)}'; script-src '{fingerprint(script)}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return html, policy


def _row(product: Product, variant: Variant, currency: Currency) -> str:
    full = variant.price or product.price
    asked = variant.sale_price or product.sale_price or full
    was = f'<del class="was">{_amount(full, currency)}</del>' if asked != full else ""
    return (
        f'<li><label for="v{variant.id}">{escape(product.name)}<span class="quiet">{escape(_kind(product, variant))}</span>'
        f'</label><span class="amount">{was}{_amount(asked, currency)}</span>'
        f'<input id="v{variant.id}" type="number" inputmode="numeric" min="0" max="99" value="{CHOSEN.get(variant.id, 0)}" '
        f'data-product="{product.id}" data-variant="{variant.id}"></li>'
    )


def _kind(product: Product, variant: Variant) -> str:
    """Which of its variants it is, in words; what cannot be shipped is said to be digital."""
    names = {
        (option.id, value.id): f"{option.display_name}: {value.label}"
        for option in product.options
        for value in option.values
    }
    parts = [names.get((chosen.option_id, chosen.value_id), "") for chosen in variant.option_values]
    return ", ".join([*filter(None, parts), *(["Digital"] if product.type == "digital" else [])])


def _amount(money: Money, currency: Currency) -> str:
    return escape(f"{currency.symbol}{currency.text(money)}")
