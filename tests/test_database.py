"""The databases that tests are given: each is as if nobody had used it before."""

from tests.client import Shop
from tests.database import rows

CARTS = "SELECT COUNT(*) FROM checkouts"
CUSTOMERS = "SELECT customer_id, email, store_credit FROM customers ORDER BY customer_id"
HERS = [(11, "janedoe@example.com", 2000), (12, "johndoe@example.com", 0)]


def test_a_database_that_serves_again_has_the_rows_it_had_at_first() -> None:
    with Shop() as shop:
        used = shop.database
        shop.management("DELETE", "/customers?id:in=11")
        shop.management("POST", "/carts", {"line_items": [{"product_id": 170, "quantity": 1}]})
        assert shop.run(rows(used, CARTS)) == [(1,)]

    with Shop() as shop, Shop() as other:
        assert shop.database == used != other.database
        for each in (shop, other):
            assert each.run(rows(each.database, CUSTOMERS)) == HERS
            assert each.run(rows(each.database, CARTS)) == [(0,)]


def test_a_database_whose_tables_were_changed_serves_no_more() -> None:
    with Shop() as shop:
        used = shop.database
        shop.run(rows(used, "DROP TABLE customers"))

    with Shop() as shop:
        assert shop.run(rows(shop.database, CUSTOMERS)) == HERS
        assert shop.database != used
