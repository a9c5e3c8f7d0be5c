"""The API does what its document says: requests made from the document, right and wrong ones, against a running one.

A few examples of every operation here; `tests/long` has many.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from router.api.openapi import document
from router.app.rest.registry import OPERATIONS
from tests.api import asking
from tests.api_document import DOCUMENT, Running, check, running, schema

__all__ = ["running"]


@schema.parametrize()
@settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
def test_requests_made_from_the_document(case: schemathesis.Case, running: Running) -> None:
    check(case, running)


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    for path, methods in DOCUMENT["paths"].items():
        for described in methods.values():
            assert described["summary"], path
            for response in described["responses"].values():
                for content in response.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(content["schema"])
    chinese = document(OPERATIONS, "test", "zh")
    assert chinese["paths"]["/numbers"]["get"]["summary"] != DOCUMENT["paths"]["/numbers"]["get"]["summary"]


def test_examples_are_right() -> None:
    for operation in OPERATIONS:
        if operation.body_example is not None:
            assert operation.body is not None
            operation.body.model_validate(operation.body_example)
        if operation.answer_example is not None:
            assert operation.answer is not None
            operation.answer.model_validate(operation.answer_example)


async def test_the_document_is_served_to_everybody(tmp_path: Path) -> None:
    async with asking(tmp_path) as api:
        served: dict[str, Any] = await api.get("/openapi.json", role=None)
        assert set(served["paths"]) == set(DOCUMENT["paths"])
