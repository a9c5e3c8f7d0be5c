"""The API over a store and the example configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api import Asked, asking


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Asked]:
    """One for each test."""
    async with asking(tmp_path) as found:
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The API is asked at a moment that is set, whatever the date is."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.dateless)
