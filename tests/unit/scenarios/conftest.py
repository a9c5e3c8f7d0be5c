"""The compiled book of the small company, once for all tests."""

from __future__ import annotations

import pytest

from router.book import RouteBook
from simulator.scenarios.setup import book_from

from .company import write_company


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    """The small company, compiled."""
    return book_from(write_company(tmp_path_factory.mktemp("company")))
