"""How the tests run: what stores anything runs on both databases, and hypothesis draws fresh examples in every run."""

import pytest
from hypothesis import settings

from tests import database

settings.register_profile("ci", deadline=None, derandomize=False)
settings.load_profile("ci")

ON_BOTH = (
    "tests.api.",
    "tests.service.",
    "tests.process.",
    "tests.storage.test_sql",
    "tests.test_carriers",
    "tests.test_conformance",
    "tests.test_demo_shop",
    "tests.test_readme",
    "tests.test_tax_",
    "tests.test_webhooks",
)
"""Modules whose tests run once on SQLite and once on PostgreSQL."""


ON_POSTGRESQL = ("tests.process.test_failover", "tests.storage.test_cut_connections", "tests.test_database")
"""Modules about what only PostgreSQL has: other machines, connections to them, databases that serve again."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    module = metafunc.module.__name__
    if module.startswith(ON_POSTGRESQL):
        metafunc.parametrize("stored_on", [database.POSTGRESQL], indirect=True, scope="session")
    elif module.startswith(ON_BOTH) and not module.endswith("test_sqlite"):
        metafunc.parametrize("stored_on", [database.SQLITE, database.POSTGRESQL], indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def stored_on(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    kind = str(getattr(request, "param", database.SQLITE))
    database.choose(kind)
    return kind
