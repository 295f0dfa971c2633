"""pytest fixtures, found by themselves where Checkstand is installed: `checkstand` is a server with a store of the test's own.

    def test_a_cart(checkstand):
        cart = requests.post(f"{checkstand.api_path}/carts", headers=checkstand.headers, json={...})

Overriding `checkstand_shop` makes it the shop of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # otherwise imported when first asked for: most test runs with this plugin are not about Checkstand
    from checkstand.testing import Checkstand, TestServer


@pytest.fixture(scope="session")
def checkstand_shop() -> Path | None:
    """The shop file that tests are run with; None: the demo shop."""
    return None


@pytest.fixture(scope="session")
def checkstand_server(checkstand_shop: Path | None) -> Iterator[TestServer]:
    """One server for all tests of this process, on a port of its own."""
    from checkstand.testing import TestServer  # noqa: PLC0415 (see above)

    with TestServer(checkstand_shop) as server:
        yield server


@pytest.fixture
def checkstand(checkstand_server: TestServer) -> Checkstand:
    """The server, with the store as it was loaded: `url`, `store_hash`, `access_token`, `api_path`, `headers`, `environment`."""
    return checkstand_server.fresh()
