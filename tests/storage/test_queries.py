"""The statements and tables keep to what lets the data be spread by store."""

import re

import apsw

from checkstand.storage.queries import migrations, named_queries

NAME_NO_STORE = {
    *("store_by_host", "store_only", "alive", "migration_all"),
    *("store_all", "event_stores", "queue_is_due", "queue_claim", "outbox_waiting"),
}
"""The look-up of a store by its host, of the only store there is, and what is asked of the database as a whole: whether it
answers, whether it is up to date; and the work of the outbox, whose workers serve all stores."""


def test_every_statement_names_the_store() -> None:
    without = {
        name
        for name, sql in named_queries().items()
        if "store_hash = :store_hash" not in sql and ":store_hash" not in sql
    }

    assert without == NAME_NO_STORE


def test_the_key_of_every_table_begins_with_the_store() -> None:
    connection = apsw.Connection(":memory:")
    for _, script in migrations():
        connection.execute(script)

    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    first_column = {
        table: connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1").get for table in tables
    }

    assert len(tables) > 10
    assert set(first_column.values()) == {"store_hash"}


def test_every_index_but_those_used_across_stores_begins_with_the_store() -> None:
    indexes = [
        found
        for _, script in migrations()
        for found in re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+) ON \w+ \((\w+)", script)
    ]

    assert [name for name, column in indexes if column != "store_hash"] == ["hosts_by_host", "hook_queues_by_due"]


def test_statements_use_named_parameters_only() -> None:
    assert [name for name, sql in named_queries().items() if "?" in sql or "$1" in sql] == []


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))
