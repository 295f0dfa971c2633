"""What lets the data be spread by store: every key begins with store_hash, and every statement names the store.

There are three exceptions: migrations, the look-up of a store by its Host name, and claiming work of the outbox.
"""

import re
from pathlib import Path

import apsw
import pytest

import checkstand
from checkstand.storage.queries import migrations, named_queries

LOOK_UP_BY_HOST = {"store_by_host", "store_only"}
"""`store_only`: `localhost`, unless a store has that name, is the only store there is."""
CLAIMING_WORK = {
    "store_all",
    "event_stores",
    "queue_is_due",
    "queue_claim",
    "outbox_waiting",
    "tax_submission_is_due",
    "tax_submission_claim",
}
"""And `outbox_waiting`: how much of it there is. Whoever does the work serves all stores."""
MIGRATIONS = {"migration_all"}
NO_TABLE = {"alive"}
ACROSS_STORES = LOOK_UP_BY_HOST | CLAIMING_WORK | MIGRATIONS | NO_TABLE

INDEXES_ACROSS_STORES = {"hosts_by_host", "hook_queues_by_due", "tax_submissions_by_due"}
"""For the statements above; none of them is unique."""


def statements() -> dict[str, str]:
    """Without comments, and with single blanks."""
    return {
        name: " ".join(re.sub(r"^\s*--(?:postgresql )?.*$", "", sql, flags=re.MULTILINE).split())
        for name, sql in named_queries().items()
    }


def tables_in(sql: str) -> list[str]:
    """Each mention of a table that rows are read from or written to."""
    return re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE) (?!SET\b)(\w+)", sql)


def times_bound(sql: str) -> int:
    """How many of them are held to one store: by a condition, or by the first value of a new row."""
    conditions = re.findall(r"\bstore_hash = (?::store_hash|\w+\.store_hash)", sql)
    return len(conditions) + len(re.findall(r"INSERT INTO \w+ \(store_hash,", sql))


@pytest.fixture(scope="module")
def migrated() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    for _, script in migrations():
        connection.execute(script)
    return connection


def first_columns(migrated: apsw.Connection, *, unique: bool) -> dict[str, str]:
    """The first column of every index by its name; those SQLite makes for keys are among the unique ones."""
    query = """SELECT i.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND i."unique" = ? AND c.seqno = 0"""
    return {str(name): str(column) for name, column in migrated.execute(query, (unique,))}


def test_every_statement_names_the_store_the_three_exceptions_apart() -> None:
    without = {name for name, sql in statements().items() if ":store_hash" not in sql}

    assert without == ACROSS_STORES


def test_every_table_a_statement_mentions_is_held_to_the_store_also_in_joins_and_subqueries() -> None:
    loose = {
        name: tables_in(sql)
        for name, sql in statements().items()
        if name not in ACROSS_STORES and times_bound(sql) < len(tables_in(sql))
    }

    assert loose == {}


def test_what_counts_as_a_mention_of_a_table_and_as_being_held_to_the_store() -> None:
    joined = statements()["token_find"]
    copied = statements()["stock_count_in_pool"]

    assert (tables_in(joined), times_bound(joined)) == (["stores", "tokens"], 2)
    assert (tables_in(copied), times_bound(copied)) == (["stock", "stock"], 2)
    assert times_bound("SELECT body FROM checkouts WHERE checkout_id = :checkout_id") == 0


def test_a_statement_without_a_store_reads_a_bounded_number_of_rows() -> None:
    assert {name for name in LOOK_UP_BY_HOST if not re.search(r"LIMIT [12]$", statements()[name])} == set()


def test_the_key_of_every_table_begins_with_the_store(migrated: apsw.Connection) -> None:
    tables = {str(name) for (name,) in migrated.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    keyed = {
        str(table)
        for (table,) in migrated.execute(
            """SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c
            WHERE t.type = 'table' AND c.pk = 1 AND c.name = 'store_hash'"""
        )
    }

    assert len(tables) > 10
    assert tables - keyed == set()


def test_every_unique_index_begins_with_the_store_too(migrated: apsw.Connection) -> None:
    unique = first_columns(migrated, unique=True)

    assert {"products_by_name", "customers_by_email"} <= unique.keys()
    assert set(unique.values()) == {"store_hash"}


def test_every_other_index_begins_with_the_store_but_for_those_of_the_exceptions(migrated: apsw.Connection) -> None:
    others = first_columns(migrated, unique=False)

    assert {name for name, column in others.items() if column != "store_hash"} == INDEXES_ACROSS_STORES


def test_statements_use_named_parameters_only() -> None:
    assert [name for name, sql in named_queries().items() if "?" in sql or "$1" in sql] == []


def test_every_statement_is_run_by_something_but_for_the_one_of_the_tests() -> None:
    source = Path(checkstand.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))

    assert {name for name in named_queries() if f'"{name}"' not in code} == {"event_all"}


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))
