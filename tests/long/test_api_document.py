"""Many requests made from the document of the API, at the edges of every schema and beyond."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from tests.api_document import Running, check, running, schema

__all__ = ["running"]
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@schema.parametrize()
@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_many_requests_made_from_the_document(case: schemathesis.Case, running: Running) -> None:
    check(case, running)
