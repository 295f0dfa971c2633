from collections.abc import Iterator

import pytest

from tests.client import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The demo shop in process, new for each test."""
    with Shop() as shop:
        yield shop
