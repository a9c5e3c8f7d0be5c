"""``docs/flows.md`` names every node type, option and branch that the program knows, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr_flows.expressions import BUILT_IN
from ivr_flows.lint.templates import CALLER_FIELDS, INSTANCE_FIELDS
from ivr_flows.nodes import NODE_TYPES, NodeType

from .environment import found

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "flows.md").read_text("utf-8")
NODES = TEXT.split("\n## ")[2]
SECTIONS = {part.split("\n", 1)[0].strip(): part for part in NODES.split("\n### ")[1:]}


def test_the_node_types_are_those_of_the_program() -> None:
    assert list(SECTIONS) == list(NODE_TYPES)


@pytest.mark.parametrize("kind", NODE_TYPES.values(), ids=lambda kind: kind.name)
def test_every_option_and_branch_stands_in_its_section(kind: NodeType) -> None:
    section = SECTIONS[kind.name]
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.MULTILINE)
    documented = {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}
    assert documented == {field.alias or name for name, field in kind.options.model_fields.items()}
    for branch in kind.branches.known:
        assert f"`{branch}`" in section


def test_every_built_in_name_is_documented() -> None:
    names = TEXT.split("\n## ")[3]
    fields = {"caller": CALLER_FIELDS, "instance": INSTANCE_FIELDS}
    for name in BUILT_IN:
        for shown in [f"{name}.{field}" for field in fields.get(name, ())] or [name]:
            assert f"`{shown}`" in names


def test_the_example_is_a_flow_without_findings() -> None:
    example = re.findall(r"```yaml\n(flow: .*?)```", TEXT, re.DOTALL)[0]
    assert found(example) == []
