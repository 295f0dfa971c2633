"""Examples for the documentation: one story, told by the names of fields.

Jane buys two laundry carts of the demo shop and has them sent to New York by flat rate: 31.98 less 4.00, 8.00 for shipping,
4 % tax on the goods, 37.10 in all. A field without a value here is shown by its type. Bodies show what they must have; those
where that would teach nothing are written out in `BODIES`.
"""

import re
from collections.abc import Mapping
from typing import Any

CHECKOUT_ID = "0f9c2d1e-7a64-4f0b-9c55-1f1f7b0e6a3d"
LINE_ID = "b6a1c7de-25a1-4d3c-8a3e-94a7d2f0c1b8"
CONSIGNMENT_ID = "64f0a1b2c3d4e"
OPTION_ID = "4dcbf24f457dd67d5f89bcf374e0bc9b"
TIME = "2026-01-01T12:00:00+00:00"

VALUES: dict[str, object] = {
    "address1": "1 Broadway",
    "address2": "Apt 2",
    "amount": 1.12,
    "balance_due": 37.10,
    "base_amount": 31.98,
    "brand": "OFS",
    "cart_amount": 27.98,
    "cart_amount_ex_tax": 27.98,
    "cart_amount_inc_tax": 29.10,
    "cart_id": CHECKOUT_ID,
    "cart_url": "https://shop.example/cart.php?action=load&id=0f9c2d1e-7a64-4f0b-9c55-1f1f7b0e6a3d&token=7d3e",
    "category_names": ["Essentials", "Just arrived"],
    "channel_id": 1,
    "channel_ids": [1],
    "checkout_token": "4f0c1d2e3b",
    "checkout_url": "https://shop.example/cart.php?action=loadInCheckout&id=0f9c2d1e-7a64-4f0b-9c55-1f1f7b0e6a3d&token=91ab",
    "city": "New York",
    "code": "USD",
    "collection_instructions": "Bring your order confirmation.",
    "collection_time_description": "9am - 6pm",
    "comparison_price": 15.99,
    "comparison_shipping_cost": 8.00,
    "cost": 8.00,
    "cost_ex_tax": 8.00,
    "cost_inc_tax": 8.00,
    "cost_tax": 0,
    "country": "United States",
    "country_code": "US",
    "coupon_amount": 0,
    "coupons": [],
    "created_at": TIME,
    "created_time": TIME,
    "currency_code": "USD",
    "custom_fields": [],
    "custom_items": [],
    "customer_id": 0,
    "customer_message": "Please ring twice.",
    "date_created": TIME,
    "date_modified": TIME,
    "decimal_places": 2,
    "description": "Flat Rate",
    "digital_items": [],
    "discount_amount": 4.00,
    "discounted_amount": 4.00,
    "display_discount_total": 4.00,
    "display_name": "Austin Store",
    "email": "janedoe@example.com",
    "embedded_checkout_url": "https://shop.example/cart.php?action=loadInEmbeddedCheckout&id=0f9c2d1e-7a64-4f0b-9c55-1f1f7b0e6a3d&token=c04f",
    "expires_at": 1798761600,
    "extended_comparison_price": 31.98,
    "extended_list_price": 31.98,
    "extended_sale_price": 27.98,
    "fees": [],
    "first_name": "Jane",
    "full_name": "Jane Doe",
    "gift_certificates": [],
    "gift_wrapping": None,
    "grand_total": 37.10,
    "id": CHECKOUT_ID,
    "image_url": "",
    "is_mutable": True,
    "item_id": LINE_ID,
    "last_name": "Doe",
    "latitude": 30.2672,
    "line_item_ids": [LINE_ID],
    "list_price": 15.99,
    "locale": "en",
    "location_id": 1,
    "longitude": -97.7431,
    "minimum_sub_total": "500.00",
    "name": "Canvas Laundry Cart",
    "option_id": 1,
    "option_value": 2,
    "order_amount": 37.10,
    "order_amount_as_integer": 3710,
    "order_amount_ex_tax": 35.98,
    "order_id": None,
    "original_price": 17.99,
    "outstanding_balance": 37.10,
    "owner_client_id": "demo",
    "parent_id": None,
    "phone": "2125550100",
    "pickup_method_id": 1,
    "postal_code": "10001",
    "product_auto_discounted_subtotal": 27.98,
    "product_based_auto_discount_total": 4.00,
    "product_id": 184,
    "quantity": 2,
    "retail_price": None,
    "sale_price": 13.99,
    "shipping_cost": 8.00,
    "shipping_cost_before_discount": 8.00,
    "shipping_cost_ex_tax": 8.00,
    "shipping_cost_inc_tax": 8.00,
    "shipping_cost_total": 8.00,
    "shipping_cost_total_ex_tax": 8.00,
    "shipping_cost_total_inc_tax": 8.00,
    "shipping_option_id": OPTION_ID,
    "sku": "SMA-RED",
    "state": "Texas",
    "state_or_province": "New York",
    "state_or_province_code": "NY",
    "subtotal": 27.98,
    "subtotal_ex_tax": 27.98,
    "subtotal_inc_tax": 29.10,
    "symbol": "$",
    "tax_total": 1.12,
    "time_zone": "America/Chicago",
    "token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "total_discount": 4.00,
    "transaction_id": "9f8e7d6c",
    "updated_at": TIME,
    "updated_time": TIME,
    "url": "/all/canvas-laundry-cart/",
    "value": "Red",
    "variant_id": 364,
    "version": 3,
    "zip": "78701",
    "zone_name": "United States",
}
"""By the field's name in snake_case; names of amounts that are not here stand for nothing to pay."""

TWO_OFF_LAUNDRY_CARTS: dict[str, object] = {
    "action": {"cart_items": {"discount": {"fixed_amount": "2.00"}, "items": {"products": [184]}}},
    "condition": {"cart": {"items": {"products": [184]}, "minimum_quantity": 1}},
    "apply_once": True,
    "stop": True,
}
A_CODE: dict[str, object] = {
    "id": 7,
    "code": "SPRING26",
    "max_uses": 100,
    "max_uses_per_customer": 1,
    "current_uses": 0,
    "created": TIME,
}

COMPONENTS: dict[str, dict[str, object]] = {
    "PromotionShape": {
        "id": 2,
        "redemption_type": "COUPON",
        "name": "Spring 2026",
        "display_name": "$2.00 off laundry carts",
        "created_from": "api",
        "channels": [],
        "customer": {"group_ids": [], "minimum_order_count": 0, "excluded_group_ids": [], "segments": None},
        "rules": [TWO_OFF_LAUNDRY_CARTS],
        "max_uses": 100,
        "status": "ENABLED",
        "start_date": TIME,
        "end_date": None,
        "can_be_used_with_other_promotions": True,
        "notifications": [],
        "shipping_address": None,
        "schedule": None,
        "codes": A_CODE,
        "coupon_type": "SINGLE",
        "multiple_codes": {"has_multiple_codes": False},
    },
    "CodeShape": A_CODE,
    "NewCodesShape": {
        "created": TIME,
        "max_uses": 1,
        "max_uses_per_customer": 1,
        "batch_size": 2,
        "codes": [{"code": "7KQ2M9XAZB4TR8WC"}, {"code": "P3VN6HJD1YFS5GEU"}],
    },
    "PromotionSettingsShape": {
        "number_of_coupons_allowed_at_checkout": 1,
        "promotions_applied_on_original_product_price": True,
    },
    "BillingAddress": {"id": "64f0a1b2c3d4f"},
    "CartLine": {"id": LINE_ID, "coupons": [], "is_require_shipping": True, "taxable": True},
    "CheckoutLine": {"id": LINE_ID, "coupons": [], "is_require_shipping": True, "is_taxable": True},
    "LineItem": {"id": LINE_ID, "type": "physical", "is_shipping_required": True, "is_taxable": True},
    "Cart": {"discount_amount": 0, "promotions": {"banners": []}},
    "CheckoutCart": {"discount_amount": 0},
    "Discount": {"id": LINE_ID},
    "CouponShape": {
        "id": 2,
        "name": "20% Off",
        "type": "percentage_discount",
        "amount": "20.0000",
        "min_purchase": "0.0000",
        "expires": "",
        "enabled": True,
        "code": "SHOP20",
        "applies_to": {"entity": "categories", "ids": [0]},
        "restricted_to": {},
        "shipping_methods": [],
        "date_created": "Thu, 01 Jan 2026 12:00:00 +0000",
    },
    "CouponCount": {"count": 6},
    "GiftCertificateShape": {
        "id": 1,
        "customer_id": 0,
        "order_id": 0,
        "code": "1234ABC",
        "to_name": "John Doe",
        "to_email": "johndoe@example.com",
        "from_name": "Jane Doe",
        "from_email": "janedoe@example.com",
        "amount": "100.0000",
        "balance": "87.5000",
        "status": "active",
        "template": "birthday.html",
        "message": "Happy Birthday!",
        "purchase_date": "1767268800",
        "expiry_date": "0",
        "currency_code": "USD",
    },
    "CustomerGroupShape": {
        "id": 1,
        "name": "Wholesale customers",
        "is_default": False,
        "category_access": {"type": "all"},
        "discount_rules": [{"type": "all", "method": "percent", "amount": "10.0000"}],
        "is_group_for_guests": False,
    },
    "CustomerGroupCount": {"count": 1},
    "TaxZoneShape": {"id": 3, "name": "Texas", "enabled": True},
    "TaxLocationShape": {"subdivision_codes": ["TX"], "postal_codes": []},
    "ShopperTargetShape": {"customer_groups": []},
    "TaxRateShape": {"id": 2, "name": "Texas Sales Tax", "enabled": True, "priority": 1, "tax_zone_id": 3},
    "ClassRateShape": {"rate": 8.25, "tax_class_id": 0},
    "ConnectionShape": {"username": "demo", "configured": True, "profile": ""},
    "TaxClassShape": {"id": 2, "name": "Shipping"},
    "TaxClassShapeV2": {"id": "2", "name": "Shipping"},
    "CurrencyShape": {
        "id": 2,
        "is_default": False,
        "last_updated": "2026-01-01T12:00:00+00:00",
        "country_iso2": "EU",
        "default_for_country_codes": [],
        "currency_code": "EUR",
        "currency_exchange_rate": "0.9",
        "auto_update": False,
        "token_location": "right",
        "token": "€",
        "decimal_token": ",",
        "thousands_token": ".",
        "decimal_places": 2,
        "name": "Euro",
        "enabled": True,
        "is_transactional": True,
        "use_default_name": False,
    },
    "Hook": {
        "client_id": "demo",
        "store_hash": "demo",
        "scope": "store/cart/*",
        "destination": "https://hooks.example.com/checkstand",
        "is_active": True,
        "created_at": 1767268800,
        "updated_at": 1767268800,
    },
    "AdminHook": {
        "client_id": "demo",
        "store_hash": "demo",
        "scope": "store/cart/*",
        "destination": "https://hooks.example.com/checkstand",
        "is_active": True,
        "status": "active",
        "created_at": 1767268800,
        "updated_at": 1767268800,
    },
    "BlockedDomain": {"destination": "hooks.example.com", "time_left": 170},
    "Reason": {"failure_description": "answered 500", "count": 12, "timestamp": 1767268800},
    "LineDiscount": {"id": 1},
    "LineOption": {"name": "Color", "name_id": 1, "value_id": 2},
    "Consignment": {
        "id": CONSIGNMENT_ID,
        "discounts": [],
        "coupon_discounts": [],
        "selected_pickup_option": None,
        "available_pickup_options": [],
    },
    "ShippingOption": {"id": OPTION_ID, "type": "shipping_flatrate", "is_recommended": True},
    "SelectedShippingOption": {"id": OPTION_ID, "type": "shipping_flatrate"},
    "Currency": {"name": "US Dollar"},
    "Tax": {"name": "Sales Tax"},
    "Person": {"name": "Jane Doe"},
    "OrderCreated": {"id": 100},
    "Order": {"order_id": 100, "status": "AWAITING_PAYMENT", "discount_amount": 0},
    "OrderLine": {"id": 100001, "type": "physical", "is_shipping_required": True, "is_taxable": True},
    "OrderLineId": {"id": 100001},
    "OrderConsignments": {"pickup": []},
    "OrderShipping": {
        "discounts": [],
        "shipping_method": "Flat Rate",
        "base_cost": 8.00,
        "shipping_address_id": 100001,
    },
    "OrderPayment": {"amount": 37.10, "provider_id": "bankdeposit", "description": "Bank Deposit", "gateway_id": None},
    "OrderMade": {"id": 100, "order_id": 100, "status": "AWAITING_PAYMENT", "currency": "USD"},
    "OrderMadePayment": {"id": "bankdeposit", "gateway": None},
    "PickupMethod": {"id": 1, "display_name": "Pick up in Austin", "location_identity": 1},
    "OfferedMethod": {"id": 1, "display_name": "Pick up in Austin"},
    "Location": {
        "id": 1,
        "code": "austin",
        "label": "Austin Store",
        "description": "",
        "enabled": True,
        "special_hours": [],
    },
    "DayHours": {"open": True, "opening": "09:00", "closing": "18:00"},
    "Metafield": {
        "id": "6",
        "key": "gate",
        "value": "B",
        "namespace": "warehouse",
        "permission_set": "app_only",
        "resource_type": "cart",
        "resource_id": CHECKOUT_ID,
        "description": "Where it is loaded",
    },
    "ProductShape": {
        "id": 170,
        "name": "Ceramic Measuring Spoons",
        "type": "physical",
        "sku": "SPOONS",
        "description": "",
        "price": 25.00,
        "calculated_price": 25.00,
        "sale_price": 0,
        "weight": 1,
        "inventory_tracking": "product",
        "inventory_level": 1000,
        "is_visible": True,
        "brand_name": "OFS",
        "base_variant_id": 341,
        "options": [],
        "images": [],
        "tax_class_id": 0,
    },
    "BulkRuleShape": {"id": 1, "quantity_min": 5, "quantity_max": 9, "type": "percent", "amount": 10},
    "CustomUrlShape": {"url": "/all/ceramic-measuring-spoons/"},
    "VariantShape": {
        "id": 341,
        "product_id": 170,
        "sku": "SPOONS",
        "price": None,
        "calculated_price": 25.00,
        "sale_price": None,
        "weight": None,
        "calculated_weight": 1,
        "inventory_level": 1000,
        "option_values": [],
    },
    "ZoneShape": {"id": 1, "name": "United States", "enabled": True},
    "ZoneLocationShape": {"country_iso2": "US"},
    "MethodShape": {"id": 1, "name": "Flat Rate", "type": "perorder", "settings": {"rate": 8}, "enabled": True},
    "CartSettings": {"allow_purchasing": True},
    "ChannelCartSettings": {"allow_purchasing": None},
}
"""Where one name means different things: component, field and value."""

SHOWN = frozenset(
    {
        "address",
        "address1",
        "city",
        "country_code",
        "email",
        "first_name",
        "last_name",
        "payment",
        "postal_code",
        "state_or_province_code",
        "variant_id",
    }
)
"""Fields a body may leave out and examples show all the same."""

ONE_LINE: dict[str, object] = {"line_items": [{"product_id": 184, "variant_id": 364, "quantity": 2}]}
FEE_ID = "3c26f3e6-146d-4dce-8159-2a77c0bba409"
FEE: dict[str, object] = {
    "type": "custom_fee",
    "name": "insurance",
    "display_name": "Parcel insurance",
    "cost": 7.12,
    "source": "warehouse",
}
BODIES: dict[str, dict[str, object]] = {
    "ItemsBody": ONE_LINE,
    "NewCart": ONE_LINE,
    "LineUpdateBody": {"line_item": {"product_id": 184, "variant_id": 364, "quantity": 3}},
    "CartUpdate": {"customer_id": 11},
    "CheckoutUpdate": {"customer_message": "Please ring twice."},
    "CouponCodeBody": {"coupon_code": "SHOP20"},
    "CertificateCodeBody": {"gift_certificate_code": "1234ABC"},
    "SpamProtectionBody": {"token": "03AGdBq25"},
    "GiftCertificateBody": {
        "to_name": "John Doe",
        "to_email": "johndoe@example.com",
        "from_name": "Jane Doe",
        "from_email": "janedoe@example.com",
        "amount": 10,
        "template": "birthday.html",
    },
    "CouponBody": {
        "name": "Spring, a tenth off",
        "type": "percentage_discount",
        "code": "SPRING10",
        "amount": 10,
        "applies_to": {"entity": "categories", "ids": [0]},
    },
    "PromotionBody": {
        "name": "Spring 2026",
        "display_name": "$2.00 off laundry carts",
        "redemption_type": "COUPON",
        "rules": [TWO_OFF_LAUNDRY_CARTS],
        "codes": {"code": "SPRING26"},
    },
    "CodeBody": {"code": "SPRING26", "max_uses": 100},
    "CodesBody": {"batch_size": 2},
    "CustomerGroupBody": {
        "name": "Wholesale customers",
        "discount_rules": [{"type": "all", "method": "percent", "amount": 10}],
    },
    "CurrencyBody": {
        "name": "Pound",
        "currency_code": "GBP",
        "currency_exchange_rate": 0.8,
        "token_location": "left",
        "token": "£",
        "decimal_token": ".",
        "thousands_token": ",",
        "decimal_places": 2,
        "is_transactional": True,
    },
    "CurrencyCodeBody": {"currency_code": "EUR"},
    "ConsignmentUpdate": {"shipping_option_id": OPTION_ID},
    "VersionBody": {"version": 3},
    "FeesBody": {"fees": [FEE]},
    "FeesUpdate": {"fees": [{**FEE, "id": FEE_ID}]},
    "FeesRemoval": {"ids": [FEE_ID]},
    "DiscountsBody": {"cart": {"discounts": [{"discounted_amount": 10}]}, "version": 3},
    "RedirectBody": {"query_params": [{"key": "utm_source", "value": "newsletter"}]},
    "SearchAreaBody": {
        "coordinates": {"latitude": 30.2672, "longitude": -97.7431},
        "radius": {"value": 20, "unit": "MI"},
    },
    "OrderBody": {"cart_id": CHECKOUT_ID, "payment": {"name": "bankdeposit"}},
    "MetafieldBody": {"permission_set": "app_only", "namespace": "warehouse", "key": "gate", "value": "B"},
    "NewMetafield": {
        "resource_id": CHECKOUT_ID,
        "permission_set": "app_only",
        "namespace": "warehouse",
        "key": "gate",
        "value": "B",
    },
    "MetafieldUpdate": {
        "id": 6,
        "permission_set": "app_only",
        "namespace": "warehouse",
        "key": "gate",
        "value": "C",
    },
    "ProductBody": {
        "name": "Oak Coat Rack",
        "type": "physical",
        "price": 39.00,
        "weight": 4,
        "inventory_tracking": "product",
        "inventory_level": 25,
    },
    "BulkRuleBody": {"quantity_min": 5, "quantity_max": 9, "type": "percent", "amount": 10},
    "BulkRuleUpdate": {"amount": 12.5},
    "PickupMethodBody": {"location_id": 1, "display_name": "Pick up in Austin"},
    "PickupMethodUpdate": {"id": 1, "display_name": "Pick up at the counter in Austin"},
    "LocationBody": {
        "code": "houston",
        "label": "Houston Store",
        "address": {
            "address1": "901 Bagby Street",
            "city": "Houston",
            "state": "Texas",
            "zip": "77002",
            "country_code": "US",
            "email": "houston@example.com",
            "geo_coordinates": {"latitude": 29.7604, "longitude": -95.3698},
        },
    },
    "TaxSettingsUpdate": {"tax_entered_with_prices": True, "store_tax_zone_id": 3},
    "NewTaxZoneBody": {
        "name": "California",
        "price_display_settings": {"show_inclusive": False},
        "shopper_target_settings": {"locations": [{"country_code": "US", "subdivision_codes": ["CA"]}]},
    },
    "TaxZoneBody": {"id": 3, "enabled": False},
    "ZoneCheckBody": {"country_code": "US", "subdivision_codes": "TX", "postal_code": "78751"},
    "NewTaxRateBody": {
        "tax_zone_id": 3,
        "name": "Austin City Tax",
        "priority": 2,
        "class_rates": [{"rate": 2, "tax_class_id": 0}],
    },
    "TaxRateBody": {"id": 2, "class_rates": [{"rate": 8.5, "tax_class_id": 0}]},
    "CarrierConnectionBody": {"carrier_id": "demo-carrier", "connection": {"account": "4711"}},
    "CarrierDisconnectionBody": {"carrier_id": "demo-carrier"},
    "ConnectionBody": {"username": "demo", "password": "h6eSgKLN72q7jYTW"},
    "NewTaxClassBody": {"name": "Food"},
    "TaxClassBody": {"id": 1, "name": "Free of tax"},
    "HookBody": {
        "scope": "store/cart/*",
        "destination": "https://hooks.example.com/checkstand",
        "headers": {"X-Source": "checkstand"},
    },
    "HookUpdate": {"is_active": False},
    "LocationUpdate": {"id": 2, "label": "Dallas Store, new entrance"},
    "ZoneBody": {"name": "California", "type": "state", "locations": [{"country_iso2": "US", "state_iso2": "CA"}]},
    "MethodBody": {"name": "Courier", "type": "perorder", "settings": {"rate": 12.50}},
    "CartSettings": {"allow_purchasing": True},
    "ChannelCartSettingsUpdate": {"allow_purchasing": False},
    "CheckoutSettingsUpdate": {"custom_checkout_supports_uco_settings": True},
    "ChannelCheckoutSettingsUpdate": {"policy_consent": "Please read our terms."},
    "CheckoutTokenBody": {"maxUses": 1, "ttl": 3600},
    "StorefrontTokenBody": {"channel_id": 1, "expires_at": 1798761600},
    "TokenBody": {"channel_id": 1, "expires_at": 1798761600},
}

DEEPEST = 12


def example_of(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], field: str = "", component: str = "", depth: int = 0
) -> object:
    """A value that is valid by the schema. `schemas` are the components references lead to."""
    told = COMPONENTS.get(component.rpartition(".")[2], {})
    if _snake(field) in told and isinstance(told[_snake(field)], dict):
        return told[_snake(field)]
    if "$ref" in schema:
        component = schema["$ref"].rpartition("/")[2]
        return example_of(schemas[component], schemas, field, component, depth + 1)
    short = component.rpartition(".")[2]
    if "properties" in schema and not field_value(short, field, schema):
        return _object(schema, schemas, component, depth)
    if (known := field_value(short, field, schema)) is not None:
        return known[0]
    if members := schema.get("anyOf") or schema.get("oneOf"):
        some = [member for member in members if member.get("type") != "null"]
        return example_of((some or members)[0], schemas, field, component, depth)
    return _plain(schema, schemas, field, component, depth)


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any], component: str, depth: int) -> object:
    short = component.rpartition(".")[2]
    if short in BODIES:
        return _in_case_of(BODIES[short], camel=component.startswith("Storefront"))
    required = schema.get("required", ())
    return {
        name: example_of(entry, schemas, name, component, depth + 1)
        for name, entry in schema["properties"].items()
        if name in required or (depth < DEEPEST and (entry.get("default", ...) is not None or _snake(name) in SHOWN))
    }


def _plain(schema: Mapping[str, Any], schemas: Mapping[str, Any], field: str, component: str, depth: int) -> object:
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "array":
            return [] if depth > DEEPEST else [example_of(schema.get("items", {}), schemas, "", component, depth + 1)]
        case "object":
            return {}
        case "string":
            return (
                "2026-01-01T12:00:00Z"
                if schema.get("format") == "date-time"
                else ("text" if schema.get("minLength") else "")
            )
        case "integer" | "number":
            return max(1, schema.get("minimum", 1)) if _is_number_of_something(field) else schema.get("minimum", 0)
        case "boolean":
            return bool(schema.get("default", False))
        case _:
            return None


def _is_number_of_something(field: str) -> bool:
    return _snake(field).endswith(("id", "quantity", "total_items"))


def field_value(component: str, field: str, schema: Mapping[str, Any]) -> tuple[object] | None:
    """What the story has for this field of this component, if its type allows it."""
    name = _snake(field)
    for found in (COMPONENTS.get(component, {}).get(name, ...), VALUES.get(name, ...)):
        if found is not ... and _is_allowed(found, schema):
            return (found,)
    return None


def _is_allowed(value: object, schema: Mapping[str, Any]) -> bool:
    if "anyOf" in schema:
        return any(_is_allowed(value, member) for member in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type", [])
    return _json_types(value).intersection([kinds] if isinstance(kinds, str) else kinds) != set()


def _json_types(value: object) -> set[str]:
    match value:
        case None:
            return {"null"}
        case bool():
            return {"boolean"}
        case int():
            return {"integer", "number"}
        case float():
            return {"number"}
        case str():
            return {"string"}
        case list():
            return {"array"}
        case _:
            return {"object"}


def _in_case_of(value: object, *, camel: bool) -> object:
    if isinstance(value, list):
        return [_in_case_of(entry, camel=camel) for entry in value]
    if isinstance(value, dict):
        return {_camel(key) if camel else key: _in_case_of(entry, camel=camel) for key, entry in value.items()}
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
