"""`/v3/promotions`, their codes and settings over HTTP (openapi/promotions.v3, promotion_settings.v3)."""

from typing import Any

import pytest

from tests.api.flows import a_cart, consign, item_ids, ready_checkout, ready_storefront_checkout, to, with_groups
from tests.client import Shop
from tests.recording import AUSTIN

PROMOTION: dict[str, Any] = {
    "name": "Buy Product worth X Get Y% off upto Z",
    "display_name": "Shop for X and get Y% off upto Z",
    "redemption_type": "AUTOMATIC",
    "channels": [{"id": 1}],
    "customer": {"group_ids": [1, 2, 3], "minimum_order_count": 0, "excluded_group_ids": [4], "segments": None},
    "rules": [
        {
            "action": {
                "cart_value": {"discount": {"percentage_amount": "10"}, "maximum_allowed_discount_amount": "20"}
            },
            "apply_once": True,
            "stop": True,
            "condition": {"cart": {"items": {"brands": [1, 2, 3]}, "minimum_spend": "12.95", "minimum_quantity": 1}},
        }
    ],
    "max_uses": 10,
    "status": "ENABLED",
    "start_date": "2019-01-20T22:00:00+00:00",
    "end_date": "2019-01-20T22:00:00+00:00",
    "stop": False,
    "can_be_used_with_other_promotions": False,
    "currency_code": "USD",
    "notifications": [{"content": "Free %ACTION.FREE_PRODUCT%", "type": "UPSELL", "locations": ["HOME_PAGE"]}],
    "shipping_address": {"countries": [{"iso2_country_code": "US"}]},
    "schedule": {
        "week_frequency": 2,
        "week_days": ["Monday"],
        "daily_start_time": "01:20:00",
        "daily_end_time": "23:59:00",
    },
}
SIMPLE: dict[str, Any] = {
    "name": "A tenth off",
    "redemption_type": "AUTOMATIC",
    "rules": [{"action": {"cart_items": {"discount": {"percentage_amount": "10"}}}}],
}
COUPON = SIMPLE | {"redemption_type": "COUPON", "name": "A tenth off with a code"}


def gives(**gift: int) -> dict[str, Any]:
    """A rule that gives one unit."""
    return {"action": {"gift_item": {"quantity": 1, **gift}}}


def off(items: dict[str, Any]) -> dict[str, Any]:
    """A rule that makes these items free."""
    return {"action": {"cart_items": {"discount": {"percentage_amount": "100"}, "items": items}}}


def call(shop: Shop, method: str, path: str = "", body: Any = None, status: int = 200, **options: Any) -> Any:
    answer = shop.management(method, f"/promotions{path}", body, **options)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def create(shop: Shop, body: dict[str, Any] = SIMPLE, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = call(shop, "POST", body=body | fields, status=201)["data"]
    return made


def names(listed: Any) -> list[str]:
    return [promotion["name"] for promotion in listed["data"]]


# ---------------------------------------------------------------------------------------------------- promotions


def test_a_promotion_is_created_and_read_back_as_it_was_sent(shop: Shop) -> None:
    with_groups(shop, 4)

    made = create(shop, PROMOTION)

    assert made == PROMOTION | {"id": 2, "created_from": "api", "current_uses": 0}
    assert call(shop, "GET", "/2") == {"data": made, "meta": {}}


ITEMS: dict[str, Any] = {
    "and": [
        {"categories": [18, 19]},
        {"or": [{"brands": [38]}, {"not": {"products": [130, 131]}}]},
        {"not": {"and": [{"variants": [151]}, {"or": [{"products": [1]}, {"categories": [2]}]}]}},
        {"product_option": {"type": "string_match", "name": "Color", "values": ["Red", "Blue"]}},
        {"product_custom_field": {"name": "ISBN-10", "values": ["0439538491"]}},
    ]
}
CART_ITEMS: dict[str, Any] = {
    "discount": {"fixed_amount": "2.50"},
    "as_total": True,
    "include_items_considered_by_condition": True,
    "exclude_items_on_sale": True,
    "strategy": "MOST_EXPENSIVE_ONLY",
    "quantity": 2,
    "add_free_item": True,
    "items": ITEMS,
    "maximum_allowed_discount_amount": "10",
}
ONE_CONDITION = {"cart": {"items": {"products": [118]}, "minimum_quantity": 2}}


@pytest.mark.parametrize(
    "action",
    [
        {"cart_items": CART_ITEMS},
        {"cart_value": {"discount": {"fixed_amount": "20"}}},
        {"gift_item": {"quantity": 1, "product_id": 174}},
        {"gift_item": {"quantity": 1, "variant_id": 345}},
        {
            "fixed_price_set": {
                "quantity": 3,
                "fixed_price": "12.95",
                "items": {"brands": [1]},
                "strategy": "LEAST_EXPENSIVE",
                "exclude_items_on_sale": True,
                "include_items_considered_by_condition": False,
            }
        },
        {"shipping": {"free_shipping": True, "zone_ids": "*"}},
        {"shipping": {"free_shipping": False, "zone_ids": [2, 3]}},
        {"shipping_discount": {"discount": {"fixed_amount": "10"}, "method_ids": [1, 3]}},
    ],
)
@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"cart": {"minimum_spend": "200"}},
        {"cart": {"items": ITEMS, "minimum_quantity": 1}},
        {"and": [ONE_CONDITION, {"cart": {"items": {"variants": [134]}, "minimum_spend": "5"}}]},
        {"or": [ONE_CONDITION]},
    ],
)
def test_every_kind_of_rule_reads_back_as_it_was_sent(
    shop: Shop, action: dict[str, Any], condition: dict[str, Any] | None
) -> None:
    rule = {"action": action, "apply_once": False, "stop": False}
    rule |= {"condition": condition} if condition else {}

    assert create(shop, rules=[rule])["rules"] == [rule]


def test_what_is_left_out_has_the_published_defaults(shop: Shop) -> None:
    made = create(shop)

    assert made.pop("start_date") == call(shop, "GET", "/2")["data"]["start_date"]
    assert made == {
        "id": 2,
        "redemption_type": "AUTOMATIC",
        "name": "A tenth off",
        "display_name": "",
        "created_from": "api",
        "channels": [],
        "customer": {"group_ids": [], "minimum_order_count": 0, "excluded_group_ids": [], "segments": None},
        "rules": [
            {
                "action": {
                    "cart_items": {
                        "discount": {"percentage_amount": "10"},
                        "as_total": False,
                        "include_items_considered_by_condition": False,
                        "exclude_items_on_sale": False,
                        "strategy": "LEAST_EXPENSIVE",
                        "add_free_item": False,
                    }
                },
                "apply_once": True,
                "stop": True,
            }
        ],
        "current_uses": 0,
        "max_uses": None,
        "status": "ENABLED",
        "end_date": None,
        "stop": False,
        "can_be_used_with_other_promotions": True,
        "currency_code": "USD",
        "notifications": [],
        "shipping_address": None,
        "schedule": None,
    }


def test_a_coupon_promotion_shows_its_code(shop: Shop) -> None:
    made = create(shop, COUPON, codes={"code": "Spring 26", "max_uses": 5}, can_be_used_with_other_promotions=False)

    code = made["codes"]
    assert code.pop("created")
    assert code == {"id": 7, "code": "Spring 26", "max_uses": 5, "max_uses_per_customer": 0, "current_uses": 0}
    assert (made["coupon_type"], made["multiple_codes"]) == ("SINGLE", {"has_multiple_codes": False})
    assert made["coupon_overrides_other_promotions"] is False


def test_a_promotion_is_changed_in_parts_and_null_takes_away(shop: Shop) -> None:
    with_groups(shop, 7)
    create(shop, PROMOTION)

    renamed = call(shop, "PUT", "/2", {"name": "Autumn"})["data"]
    cleared = {"max_uses": None, "end_date": None, "shipping_address": None, "schedule": None}
    emptied = call(shop, "PUT", "/2", {**cleared, "customer": {"group_ids": [7]}, "display_name": None})["data"]

    assert renamed == call(shop, "GET", "/2")["data"] | {
        name: PROMOTION[name] for name in (*cleared, "customer", "name")
    } | {"name": "Autumn", "customer": PROMOTION["customer"]}
    assert {name: emptied[name] for name in cleared} == cleared
    assert emptied["customer"]["group_ids"] == [7]
    assert emptied["display_name"] == PROMOTION["display_name"]
    call(shop, "PUT", "/99", {"name": "Nobody"}, status=404)


def test_a_change_is_felt_by_checkouts_at_once(shop: Shop) -> None:
    checkout_id = ready_checkout(shop)["id"]
    path = f"/checkouts/{checkout_id}"
    before = shop.management("GET", path).json()["data"]["subtotal_ex_tax"]

    create(shop)

    assert before == 27.98
    assert shop.management("GET", path).json()["data"]["subtotal_ex_tax"] == 24.78  # 3.20 (3.198) less
    call(shop, "PUT", "/2", {"status": "DISABLED"})
    assert shop.management("GET", path).json()["data"]["subtotal_ex_tax"] == 27.98


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"rules": []}, "rules"),
        ({"redemption_type": None}, "redemption_type"),
        ({"redemption_type": "OTHER"}, "redemption_type"),
        ({"rules": [{"action": {}}]}, "rules.0.action"),
        ({"rules": [{"action": {"unknown": {}}}]}, "rules.0.action"),
        ({"rules": [{}]}, "rules.0.action"),
        ({"rules": [{"action": {"cart_value": {"discount": {}}}}]}, "rules.0.action.cart_value.discount"),
        (
            {"rules": [{"action": {"cart_value": {"discount": {"percentage_amount": "101"}}}}]},
            "rules.0.action.cart_value.discount.percentage_amount",
        ),
        (
            {"rules": [{"action": {"cart_value": {"discount": {"fixed_amount": "1.005"}}}}]},
            "rules.0.action.cart_value.discount.fixed_amount",
        ),
        (
            {"rules": [{"action": {"cart_items": {"discount": {"fixed_amount": "1"}, "quantity": 0}}}]},
            "rules.0.action.cart_items.quantity",
        ),
        (
            {
                "rules": [
                    {
                        "action": {
                            "cart_items": {
                                "discount": {"fixed_amount": "1"},
                                "maximum_allowed_discount_amount": "0.5",
                            }
                        }
                    }
                ]
            },
            "rules.0.action.cart_items.maximum_allowed_discount_amount",
        ),
        (
            {"rules": [{"action": {"cart_items": {"discount": {"fixed_amount": "10000000.01"}}}}]},
            "rules.0.action.cart_items.discount.fixed_amount",
        ),
        ({"rules": [{"action": {"gift_item": {"quantity": 1}}}]}, "rules.0.action.gift_item.product_id"),
        (
            {"rules": [SIMPLE["rules"][0] | {"condition": {"cart": {"items": {"brands": [1]}}}}]},
            "rules.0.condition.cart.minimum_quantity",
        ),
        (
            {"rules": [SIMPLE["rules"][0] | {"condition": {"cart": {"items": {"brands": [1], "variants": [1]}}}}]},
            "rules.0.condition.cart.items",
        ),
        ({"rules": [gives(product_id=99999)]}, "rules.0.action.gift_item.product_id"),
        ({"rules": [gives(product_id=184)]}, "rules.0.action.gift_item.variant_id"),
        ({"rules": [gives(product_id=174, variant_id=364)]}, "rules.0.action.gift_item.variant_id"),
        ({"rules": [gives(product_id=174), gives(variant_id=99999)]}, "rules.1.action.gift_item.variant_id"),
        (
            {"rules": [{"action": {"shipping": {"free_shipping": True, "zone_ids": [1, 999]}}}]},
            "rules.0.action.shipping.zone_ids",
        ),
        ({"rules": [{"action": {"shipping": {"zone_ids": []}}}]}, "rules.0.action.shipping.zone_ids"),
        (
            {"rules": [{"action": {"shipping_discount": {"discount": {"fixed_amount": "1"}, "method_ids": [999]}}}]},
            "rules.0.action.shipping_discount.method_ids",
        ),
        ({"customer": {"group_ids": [0, 1, 2]}}, "customer.group_ids"),
        ({"customer": {"excluded_group_ids": [2]}}, "customer.excluded_group_ids"),
        ({"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "end_date"),
        ({"end_date": "2020-01-01T00:00:00Z"}, "end_date"),
        ({"schedule": PROMOTION["schedule"] | {"daily_end_time": "01:20:00"}}, "schedule.daily_end_time"),
        ({"rules": [off({"and": []})]}, "rules.0.action.cart_items.items"),
        ({"rules": [off({"or": []})]}, "rules.0.action.cart_items.items"),
        ({"rules": [off({"products": []})]}, "rules.0.action.cart_items.items"),
        ({"rules": [off({"not": {"or": [{"brands": [1]}, {"and": []}]}})]}, "rules.0.action.cart_items.items"),
        (
            {"rules": [off({"product_option": {"type": "string_match", "name": "Color", "values": []}})]},
            "rules.0.action.cart_items.items",
        ),
        ({"rules": [SIMPLE["rules"][0] | {"condition": {"and": []}}]}, "rules.0.condition"),
        (
            {"rules": [SIMPLE["rules"][0] | {"condition": {"or": [{"cart": {"items": {"brands": [1]}}}]}}]},
            "rules.0.condition.0.cart.minimum_quantity",
        ),
        ({"channels": [{"id": 7}]}, "channels"),
        ({"currency_code": "XXX"}, "currency_code"),
        ({"customer": {"segments": {"id": ["ccec121a-f9bc-4a04-809e-1fe0d8ae7fdd"]}}}, "customer.segments"),
        ({"start_date": "tomorrow"}, "start_date"),
        ({"status": "INVALID"}, "status"),
        ({"shipping_address": {"countries": [{"iso2_country_code": "XX"}]}}, "shipping_address.countries"),
        ({"schedule": PROMOTION["schedule"] | {"week_frequency": 0}}, "schedule.week_frequency"),
        ({"schedule": PROMOTION["schedule"] | {"daily_end_time": "24:00:00"}}, "schedule.daily_end_time"),
        ({"coupon_overrides_other_promotions": True}, "coupon_overrides_other_promotions"),
        (
            {"redemption_type": "COUPON", "coupon_overrides_other_promotions": True},
            "coupon_overrides_other_promotions",
        ),
        ({"redemption_type": "COUPON", "codes": {"code": "a%b"}}, "code"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(shop: Shop, fields: dict[str, Any], field: str) -> None:
    answer = shop.management("POST", "/promotions", SIMPLE | fields)

    assert answer.status_code == 422, answer.text
    assert list(answer.json()["errors"][0]["errors"]) == [field]
    assert names(call(shop, "GET")) == ["$2.00 off laundry carts"]


def test_what_a_promotion_named_may_go_and_the_promotion_be_changed_all_the_same(shop: Shop) -> None:
    with_groups(shop, 2)
    rules = [{"action": {"shipping": {"free_shipping": True, "zone_ids": [2]}}, "stop": False}, gives(product_id=174)]
    made = create(shop, rules=rules, customer={"group_ids": [2]})
    shop.management("DELETE", "/customer_groups/2", base="/stores/demo/v2")
    shop.management("DELETE", "/shipping/zones/2", base="/stores/demo/v2")
    shop.management("DELETE", "/catalog/products/174")

    renamed = call(shop, "PUT", "/2", made | {"name": "Renamed"})["data"]

    assert (renamed["name"], renamed["rules"]) == ("Renamed", made["rules"])
    call(shop, "PUT", "/2", {"customer": {"group_ids": [1, 2]}}, status=422)
    call(shop, "PUT", "/2", {"rules": rules[:1]}, status=422)


def test_the_kind_of_a_promotion_cannot_be_changed(shop: Shop) -> None:
    create(shop, COUPON)

    call(shop, "PUT", "/2", {"redemption_type": "COUPON", "coupon_type": "SINGLE"})
    call(shop, "PUT", "/2", {"redemption_type": "AUTOMATIC"}, status=422)
    call(shop, "PUT", "/2", {"coupon_type": "BULK"}, status=422)


def test_the_list_can_be_filtered_sorted_and_paged(shop: Shop) -> None:
    create(shop, name="Beta", status="DISABLED", start_date="2020-01-01T00:00:00Z")
    create(shop, COUPON, name="Alpha", codes={"code": "WINTER"}, currency_code="EUR", priority=0)
    demo = "$2.00 off laundry carts"

    def listed(query: str) -> list[str]:
        return names(call(shop, "GET", f"?{query}"))

    assert listed("") == [demo, "Beta", "Alpha"]
    assert listed("id=2") == ["Beta"]
    assert listed("name=Alpha") == ["Alpha"]
    assert listed("code=winter") == ["Alpha"]
    assert listed("code=summer") == []
    assert listed("query=BET") == ["Beta"]
    assert listed("query=inte") == ["Alpha"]
    assert listed("currency_code=EUR") == ["Alpha"]
    assert listed("redemption_type=automatic") == [demo, "Beta"]
    assert listed("status=DISABLED") == ["Beta"]
    assert listed("channels=1,2") == [demo, "Beta", "Alpha"]
    assert listed("sort=name") == [demo, "Alpha", "Beta"]
    assert listed("sort=name&direction=desc") == ["Beta", "Alpha", demo]
    assert listed("sort=start_date") == [demo, "Beta", "Alpha"]
    assert listed("sort=priority&limit=2&page=2") == ["Alpha"]
    page = call(shop, "GET", "?limit=2&page=1&sort=id")["meta"]["pagination"]
    assert page == {
        "total": 3,
        "count": 2,
        "per_page": 2,
        "current_page": 1,
        "total_pages": 2,
        "links": {"current": "?sort=id&page=1&limit=2", "next": "?sort=id&page=2&limit=2"},
    }
    for query in ("sort=color", "direction=up", "redemption_type=other", "status=ON", "limit=251", "id=x"):
        call(shop, "GET", f"?{query}", status=422)


def test_promotions_are_deleted_one_or_several_and_those_with_codes_stay(shop: Shop) -> None:
    create(shop, COUPON, codes={"code": "WINTER"})
    create(shop)

    call(shop, "DELETE", "/2", status=422)
    refused = call(shop, "DELETE", "?id:in=2,3,99", status=422)
    call(shop, "DELETE", "/99", status=204)
    call(shop, "DELETE", "/codes?code=WINTER", status=204)
    call(shop, "DELETE", "?id:in=2", status=204)

    assert refused["meta"] == {"total": 3, "success": 2, "failed": 1}
    assert list(refused["errors"][0]["errors"]) == ["0.code"]
    assert names(call(shop, "GET")) == ["$2.00 off laundry carts"]
    for query in ("", "?id:in=x", "?id:in="):
        assert call(shop, "DELETE", query, status=422)["meta"] == {"total": 0, "success": 0, "failed": 0}


def test_promotions_need_the_scope_of_marketing(shop: Shop) -> None:
    call(shop, "GET", token="demo-token-carts", status=403)
    call(shop, "GET", token="demo-token-read-only")
    call(shop, "DELETE", "/1", token="demo-token-read-only", status=403)


# ---------------------------------------------------------------------------------------------------- codes


def codes(listed: Any) -> list[str]:
    return [code["code"] for code in listed["data"]]


def test_codes_are_made_one_by_one_and_are_unique_in_the_store_without_case(shop: Shop) -> None:
    create(shop, COUPON, coupon_type="BULK")

    made = call(shop, "POST", "/2/codes", {"code": "One-1", "max_uses": 3}, status=201)["data"]
    call(shop, "POST", "/2/codes", {"code": "ONE-1"}, status=409)
    call(shop, "POST", "/2/codes", {"code": "shop20"}, status=409)
    call(shop, "POST", "/2/codes", {"code": "no/slash"}, status=422)
    call(shop, "POST", "/2/codes", {}, status=422)
    call(shop, "POST", "/1/codes", {"code": "AUTO"}, status=422)
    call(shop, "POST", "/9/codes", {"code": "NONE"}, status=404)
    clash = {"name": "X", "type": "per_total_discount", "amount": "1", "code": "one-1", "applies_to": {"ids": [0]}}
    assert shop.management("POST", "/coupons", clash, base="/stores/demo/v2").status_code == 409

    assert (made["code"], made["max_uses"], made["max_uses_per_customer"]) == ("One-1", 3, 0)
    assert codes(call(shop, "GET", "/2/codes")) == ["One-1"]


def test_a_single_promotion_has_one_code_which_a_change_may_replace(shop: Shop) -> None:
    create(shop, COUPON, codes={"code": "FIRST"})

    call(shop, "POST", "/2/codes", {"code": "SECOND"}, status=422)
    changed = call(shop, "PUT", "/2", {"codes": {"code": "THIRD", "max_uses": 9}})["data"]["codes"]
    call(shop, "PUT", "/2", {"codes": {"code": "SHOP20"}}, status=409)

    assert (changed["id"], changed["code"], changed["max_uses"]) == (7, "THIRD", 9)
    assert codes(call(shop, "GET", "/codes?code=first")) == []
    assert codes(call(shop, "GET", "/codes?code=third")) == ["THIRD"]


def test_codes_are_read_by_page_or_by_cursor(shop: Shop) -> None:
    create(shop, COUPON, coupon_type="BULK")
    for number in range(1, 6):
        call(shop, "POST", "/2/codes", {"code": f"C{number}"}, status=201)

    both = call(shop, "GET", "/2/codes?limit=2")
    after = call(shop, "GET", f"/2/codes{both['meta']['cursor_pagination']['links']['next']}")
    last = call(shop, "GET", f"/2/codes{after['meta']['cursor_pagination']['links']['next']}")
    back = call(shop, "GET", f"/2/codes{last['meta']['cursor_pagination']['links']['previous']}")
    page = call(shop, "GET", "/2/codes?limit=2&page=3")

    assert (codes(both), codes(after), codes(last), codes(back)) == (["C1", "C2"], ["C3", "C4"], ["C5"], ["C3", "C4"])
    assert both["meta"].keys() == {"pagination", "cursor_pagination"}
    assert after["meta"].keys() == {"cursor_pagination"}
    assert last["meta"]["cursor_pagination"]["links"].keys() == {"previous"}
    assert (codes(page), page["meta"].keys()) == (["C5"], {"pagination"})
    assert codes(call(shop, "GET", "/2/codes?code=c4")) == ["C4"]
    assert call(shop, "GET", "/2/codes?code=none")["meta"]["cursor_pagination"] == {
        "count": 0,
        "per_page": 50,
        "links": {},
    }
    for query in ("after=x", "page=1&after=NQ==", "before=NQ==&after=NQ==", "limit=0"):
        call(shop, "GET", f"/2/codes?{query}", status=422)


def test_codes_are_deleted_by_id_by_ids_and_by_what_they_say(shop: Shop) -> None:
    create(shop, COUPON, coupon_type="BULK")
    ids = [call(shop, "POST", "/2/codes", {"code": f"C{n}"}, status=201)["data"]["id"] for n in range(1, 6)]

    call(shop, "DELETE", f"/2/codes/{ids[0]}", status=204)
    call(shop, "DELETE", f"/2/codes/{ids[0]}", status=204)
    call(shop, "DELETE", f"/1/codes/{ids[1]}", status=204)  # none of that promotion's
    call(shop, "DELETE", f"/2/codes?id:in={ids[1]},{ids[2]},99", status=204)
    call(shop, "DELETE", "/codes?code=c4", status=204)
    call(shop, "DELETE", "/codes?code=c4", status=204)

    assert codes(call(shop, "GET", "/2/codes")) == ["C5"]
    call(shop, "DELETE", "/2/codes", status=422)
    call(shop, "DELETE", "/codes", status=422)
    call(shop, "GET", "/codes", status=422)


def test_many_codes_are_made_at_once(shop: Shop) -> None:
    create(shop, COUPON, coupon_type="BULK")
    wanted = {"batch_size": 250, "prefix": "PRE", "suffix": "END", "delimiter": "-", "code_length": 6, "max_uses": 10}
    wanted["exclude_characters"] = list("0123456789")

    made = call(shop, "POST", "/2/codegen", wanted, status=201)["data"]

    texts = [code["code"] for code in made["codes"]]
    assert len(set(texts)) == made["batch_size"] == 250
    assert all(text.startswith("PRE-") and text.endswith("-END") and text[4:10].isalpha() for text in texts)
    assert (made["max_uses"], made["max_uses_per_customer"]) == (10, 1)
    assert call(shop, "GET", "/2/codes?limit=250")["meta"]["pagination"]["total"] == 250
    assert call(shop, "GET", "/2")["data"]["multiple_codes"] == {"has_multiple_codes": True}


@pytest.mark.parametrize(
    "fields",
    [
        {"batch_size": 251},
        {"batch_size": 0},
        {"batch_size": "many"},
        {"prefix": "pre"},
        {"delimiter": "."},
        {"code_length": 5},
        {"exclude_characters": list("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345678")},
        {"max_uses": 100_001},
    ],
)
def test_many_codes_are_refused_where_they_cannot_be_made(shop: Shop, fields: dict[str, Any]) -> None:
    create(shop, COUPON, coupon_type="BULK")

    call(shop, "POST", "/2/codegen", {"batch_size": 2} | fields, status=422)
    assert call(shop, "GET", "/2/codes")["data"] == []


def test_only_promotions_of_the_type_bulk_have_many_codes(shop: Shop) -> None:
    create(shop, COUPON)

    call(shop, "POST", "/2/codegen", {"batch_size": 2}, status=405)
    call(shop, "POST", "/1/codegen", {"batch_size": 2}, status=405)
    call(shop, "POST", "/9/codegen", {"batch_size": 2}, status=404)


# ---------------------------------------------------------------------------------------------------- at the checkout


def apply(shop: Shop, checkout_id: str, code: str, status: int = 200) -> Any:
    answer = shop.management("POST", f"/checkouts/{checkout_id}/coupons", {"coupon_code": code})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_code_is_entered_at_the_checkout_of_both_surfaces(shop: Shop) -> None:
    create(shop, COUPON, display_name="Winter sale", codes={"code": "WINTER"})
    checkout_id = ready_storefront_checkout(shop)["id"]

    managed = apply(shop, checkout_id, "winter")["data"]
    shown = shop.storefront("GET", f"/checkouts/{checkout_id}").json()

    assert managed["coupons"] == [
        {
            "id": 7,
            "code": "WINTER",
            "display_name": "Winter sale",
            "coupon_type": "promotion",
            "discounted_amount": 3.2,
        }
    ]
    assert managed["cart"]["cart_amount_ex_tax"] == 24.78
    assert shown["coupons"][0]["couponType"] == 5
    assert shown["cart"]["coupons"][0]["couponType"] == "promotion"
    assert shop.storefront("DELETE", f"/checkouts/{checkout_id}/coupons/winter").json()["coupons"] == []
    assert shop.storefront("POST", f"/checkouts/{checkout_id}/coupons", {"couponCode": "Winter"}).status_code == 200


def test_a_code_is_refused_with_its_reason(shop: Shop) -> None:
    spend = {"condition": {"cart": {"minimum_spend": "500"}}}
    create(shop, COUPON, rules=[SIMPLE["rules"][0] | spend], codes={"code": "RICH"})
    create(shop, COUPON, start_date="2019-01-01T00:00:00Z", end_date="2020-01-01T00:00:00Z", codes={"code": "LATE"})
    create(shop, COUPON, status="DISABLED", codes={"code": "NOTHING"})
    create(shop, COUPON, customer={"group_ids": [1]}, codes={"code": "GROUP"})
    checkout_id = ready_checkout(shop)["id"]

    reasons = {
        code: apply(shop, checkout_id, code, 422)["errors"][0]["code"]
        for code in ("RICH", "LATE", "NOTHING", "GROUP", "UNKNOWN")
    }

    assert reasons == {
        "RICH": "min_purchase",
        "LATE": "expired",
        "NOTHING": "invalid",
        "GROUP": "not_applicable",
        "UNKNOWN": "invalid",
    }


def test_uses_are_counted_with_the_order_and_limits_hold(shop: Shop) -> None:
    create(shop, COUPON, max_uses=1, codes={"code": "ONCE"})
    checkout_id = ready_checkout(shop)["id"]
    apply(shop, checkout_id, "ONCE")
    for _ in range(2):
        assert shop.management("POST", f"/checkouts/{checkout_id}/orders").status_code == 200

    shown = call(shop, "GET", "/2")["data"]
    other = ready_checkout(shop)["id"]

    assert (shown["current_uses"], shown["codes"]["current_uses"]) == (1, 1)
    assert call(shop, "GET", "/1")["data"]["current_uses"] == 1
    assert apply(shop, other, "ONCE", 422)["errors"][0]["code"] == "limit"
    assert shop.management("GET", f"/checkouts/{checkout_id}").json()["data"]["coupons"][0]["discounted_amount"] == 3.2


def test_an_automatic_promotion_ends_after_its_last_use(shop: Shop) -> None:
    call(shop, "PUT", "/1", {"max_uses": 1})
    first, second = ready_checkout(shop)["id"], ready_checkout(shop)["id"]

    def subtotal(checkout_id: str) -> float:
        shown: float = shop.management("GET", f"/checkouts/{checkout_id}").json()["data"]["subtotal_ex_tax"]
        return shown

    assert (subtotal(first), subtotal(second)) == (27.98, 27.98)
    shop.management("POST", f"/checkouts/{first}/orders")
    assert (subtotal(first), subtotal(second)) == (27.98, 31.98)


def test_a_deleted_code_gives_nothing_any_more(shop: Shop) -> None:
    create(shop, COUPON, codes={"code": "WINTER"})
    checkout_id = ready_checkout(shop)["id"]
    apply(shop, checkout_id, "WINTER")

    call(shop, "DELETE", "/codes?code=winter", status=204)

    shown = shop.management("GET", f"/checkouts/{checkout_id}").json()["data"]
    assert [coupon["discounted_amount"] for coupon in shown["coupons"]] == [0]
    assert shown["cart"]["cart_amount_ex_tax"] == 27.98


# ---------------------------------------------------------------------------------------------------- settings

SETTINGS = {
    "promotions_apply_on_products_with_custom_product_price": False,
    "promotions_triggered_by_products_with_zero_product_price": False,
    "number_of_coupons_allowed_at_checkout": 1,
    "promotions_applied_on_original_product_price": True,
}


def test_the_settings_are_read_and_changed_as_a_whole(shop: Shop) -> None:
    changed = SETTINGS | {"number_of_coupons_allowed_at_checkout": 3}

    assert call(shop, "GET", "/settings") == SETTINGS
    assert call(shop, "PUT", "/settings", changed) == changed == call(shop, "GET", "/settings")
    for wrong in (6, 0, "2"):
        body = SETTINGS | {"number_of_coupons_allowed_at_checkout": wrong}
        call(shop, "PUT", "/settings", body, status=422)
    call(shop, "PUT", "/settings", {"number_of_coupons_allowed_at_checkout": 1}, status=422)


# ---------------------------------------------------------------------------------------------------- gifts

A_JAR: dict[str, Any] = {
    "name": "A jar with each two laundry carts",
    "redemption_type": "AUTOMATIC",
    "rules": [
        {
            "action": {"gift_item": {"product_id": 174, "quantity": 1}},
            "apply_once": False,
            "condition": {"cart": {"items": {"products": [184]}, "minimum_quantity": 2}},
        }
    ],
}


def physical(checkout: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = checkout["cart"]["line_items"]["physical_items"]
    return items


def test_a_gift_joins_the_consignment_it_was_earned_in_and_is_ordered_with_it(shop: Shop) -> None:
    create(shop, A_JAR)
    checkout = ready_storefront_checkout(shop)
    path = f"/checkouts/{checkout['id']}"

    managed = shop.management("GET", path).json()["data"]
    jar = physical(managed)[1]

    assert (jar["product_id"], jar["quantity"], jar["sale_price"], jar["list_price"]) == (174, 1, 0, 7.95)
    assert (jar["added_by_promotion"], jar["is_mutable"]) == (True, False)
    assert jar["id"] in managed["consignments"][0]["line_item_ids"]
    assert managed["consignments"][0]["selected_shipping_option"]
    assert managed["subtotal_ex_tax"] == 27.98
    order = {"cartId": checkout["id"], "payment": {"name": "cod"}}
    placed = shop.storefront("POST", "/checkout/order", order, base="/internalapi/v1").json()
    shown = shop.storefront("GET", f"/orders/{placed['data']['order']['orderId']}").json()
    assert [line["productId"] for line in shown["lineItems"]["physicalItems"]] == [184, 174]
    assert shop.run(shop.storage.unit("demo").catalog.stock_of([345])) == {345: {0: 999}}


def test_a_gift_cannot_be_changed_and_comes_back_when_it_is_removed(shop: Shop) -> None:
    create(shop, A_JAR)
    cart = a_cart(shop)
    jar = cart["line_items"]["physical_items"][1]["id"]

    refused = shop.management("PUT", f"/carts/{cart['id']}/items/{jar}", {"line_item": {"quantity": 2}})
    removed = shop.management("DELETE", f"/carts/{cart['id']}/items/{jar}").json()["data"]["line_items"]
    gone = shop.management("DELETE", f"/carts/{cart['id']}/items/{cart['line_items']['physical_items'][0]['id']}")

    assert refused.status_code == 422
    assert [item["product_id"] for item in removed["physical_items"]] == [184, 174]
    assert removed["physical_items"][1]["id"] != jar
    assert gone.status_code == 204


def test_no_gift_is_given_that_is_out_of_stock(shop: Shop) -> None:
    create(shop, A_JAR, rules=[A_JAR["rules"][0] | {"action": {"gift_item": {"variant_id": 370, "quantity": 1}}}])

    lines = a_cart(shop, {"product_id": 184, "variant_id": 364, "quantity": 10})["line_items"]["physical_items"]

    assert [(line["product_id"], line["quantity"]) for line in lines] == [(184, 10), (190, 2)]


# ---------------------------------------------------------------------------------------------------- banners, shipping


def test_banners_are_shown_where_they_are_asked_for(shop: Shop) -> None:
    notes = [{"type": "APPLIED", "content": "A tenth off!", "locations": ["CART_PAGE", "CHECKOUT_PAGE"]}]
    create(shop, notifications=notes)
    checkout_id = ready_storefront_checkout(shop)["id"]
    path = f"/checkouts/{checkout_id}"
    banner = {"id": "2", "type": "applied", "page": ["cartpage", "checkoutpage"], "text": "A tenth off!"}

    asked = shop.management("GET", f"{path}?include=promotions.banners").json()["data"]
    cart = shop.management("GET", f"/carts/{checkout_id}?include=promotions.banners").json()["data"]

    assert asked["promotions"] == [{"banners": [banner]}]
    assert cart["promotions"] == {"banners": [banner]}
    assert "promotions" not in shop.management("GET", path).json()["data"]
    assert shop.storefront("GET", f"{path}?include=promotions").json()["promotions"] == [{"banners": [banner]}]
    assert shop.storefront("GET", f"{path}?include=promotions.banners").json()["promotions"] == [{"banners": [banner]}]
    assert "promotions" not in shop.storefront("GET", path).json()


def test_promotions_on_shipping_are_named_by_the_consignment(shop: Shop) -> None:
    create(shop, rules=[{"action": {"shipping_discount": {"discount": {"fixed_amount": "3"}}}}])
    create(shop, rules=[{"action": {"shipping": {"free_shipping": True, "zone_ids": "*"}}}])
    lines = {"product_id": 184, "variant_id": 364, "quantity": 2}
    cart = a_cart(shop, lines)
    goods = (item_ids(cart)[0], 2)
    options = consign(shop, cart["id"], to(AUSTIN, goods))["consignments"][0]

    def choose(number: int) -> Any:
        path = f"/checkouts/{cart['id']}/consignments/{options['id']}"
        option = options["available_shipping_options"][number]["id"]
        return shop.management("PUT", path, {"shipping_option_id": option}).json()["data"]["consignments"][0]

    free, cheaper = choose(0), choose(1)

    assert (free["shipping_cost_ex_tax"], free["discounts"]) == (0, [{"id": 3}])
    assert (cheaper["shipping_cost_ex_tax"], cheaper["discounts"]) == (0, [{"id": 2}])  # 2.50 less 3.00
    assert options["available_shipping_options"][1]["cost"] == 2.5


def test_spaces_around_a_code_of_a_promotion_are_no_part_of_it(shop: Shop) -> None:
    made = create(shop, COUPON, codes={"code": " Spring 26 "})
    path = f"/checkouts/{a_cart(shop)['id']}/coupons"

    applied = shop.management("POST", path, {"coupon_code": " spring 26"})

    assert made["codes"]["code"] == "Spring 26"
    assert [coupon["code"] for coupon in applied.json()["data"]["coupons"]] == ["Spring 26"]
    assert shop.management("DELETE", f"{path}/Spring 26").status_code == 200
