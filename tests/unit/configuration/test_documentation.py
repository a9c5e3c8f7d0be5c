"""``docs/configuration.md`` names every key that the schemas know and every code that the loader uses; the published
JSON Schemas accept the company's own files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from ivr_flows.schema import _models_in
from ivr_flows.yaml_source import read_file
from router.configuration import json_schema, schemas

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def section(name: str) -> str:
    return next(part for part in TEXT.split("\n## ") if part.startswith(f"{name}.yaml"))


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield model.__name__, field.alias or name
        for inner in _models_in(field.annotation):
            yield from fields(inner)


KEYS = [(file, owner, key) for file, model in schemas.FILES.items() for owner, key in fields(model)]


@pytest.mark.parametrize(("file", "owner", "key"), KEYS)
def test_every_key_is_documented_with_its_file(file: str, owner: str, key: str) -> None:
    assert f"`{key}`" in section(file), f"{owner}.{key}"


def test_every_code_is_documented() -> None:
    used: set[str] = set()
    for path in (ROOT / "router" / "configuration").glob("*.py"):
        used.update(re.findall(r'^\s+"([a-z]+(?:-[a-z0-9]+)+)",$', path.read_text("utf-8"), re.M))
    documented = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", TEXT))
    assert used - documented - {code for code in used if code.startswith("bad-")} - NOT_CODES == set()


NOT_CODES = {"history-info", "p-called-party-id", "not-editable"}
"""Headers' names; a code of ``bind``, which is no finding of a check."""


@pytest.mark.parametrize("file", list(schemas.FILES))
def test_the_json_schema_describes_what_is_written(file: str) -> None:
    schema = json_schema(file)
    assert schema["title"] == f"{file}.yaml"
    assert schema["additionalProperties"] is False
    root = read_file(ROOT / "config" / f"{file}.yaml").root
    assert root is not None
    assert set(root.entries) <= set(schema["properties"])  # type: ignore[union-attr]


def test_an_example_of_the_documentation_passes_the_check(tmp_path: Path) -> None:
    from router.configuration import load

    files = {name: re.search(r"```yaml\n(.*?)```", section(name), re.S) for name in schemas.FILES}
    for name, found in files.items():
        assert found is not None, name
        (tmp_path / f"{name}.yaml").write_text(found.group(1), "utf-8")
    lines = (tmp_path / "lines.yaml").read_text("utf-8")
    (tmp_path / "lines.yaml").write_text(
        lines + "  sh-telecom: { base_number: 021-66660002, trunk: unicom-bj }\n", "utf-8"
    )
    (tmp_path / "flows").mkdir()
    for flow in ("sales", "welcome-v2"):
        text = f"flow: {flow}\nnodes:\n  hello:\n    play: 您好。\n    next: bye\n  bye:\n    hangup: normal\n"
        (tmp_path / "flows" / f"{flow}.flow.yaml").write_text(text, "utf-8")
    assert [finding.as_text() for finding in load(tmp_path).findings] == []
