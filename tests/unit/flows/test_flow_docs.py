"""``docs/flow-language.md``: every node type has its section, and every example goes as it says there."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr_flows import compile_flow, lint, load_flow
from ivr_flows.nodes import NODE_TYPES, NodeType
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .environment import AT, KnownNames, context

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "flow-language.md").read_text("utf-8")
SECTIONS = {part.split("\n", 1)[0].strip(): part for part in TEXT.split("\n## ")[1:]}
CALL = re.compile(r"^- `(?:`|(?P<options>[^`]+)`): path `(?P<path>[^`]+)`, outcome `(?P<outcome>\w+)`$", re.MULTILINE)
CALLS = [
    pytest.param(name, *match.group("options", "path", "outcome"), id=f"{name} {match['options'] or ''}".strip())
    for name, section in SECTIONS.items()
    for match in CALL.finditer(section)
]


def example(name: str) -> str:
    return examples(name)[0]


def examples(name: str) -> list[str]:
    """The example of a section, then the subflows that it runs."""
    found: list[str] = re.findall(r"```yaml\n(flow: .*?)```", SECTIONS[name], re.DOTALL)
    return found


def test_every_node_type_has_a_section() -> None:
    assert list(SECTIONS)[1:] == list(NODE_TYPES)


@pytest.mark.parametrize("kind", NODE_TYPES.values(), ids=lambda kind: kind.name)
def test_every_option_and_branch_is_named_with_an_example_that_is_right(kind: NodeType) -> None:
    section = SECTIONS[kind.name]
    inner = {"values", "cases", "targets", "calendar"}  # mains that are never written by name
    options = {field.alias or name for name, field in kind.options.model_fields.items()}
    for name in {*options, *kind.branches.known} - inner:
        assert f"`{name}`" in section, name
    definition, findings = load_flow(example(kind.name), f"{kind.name}.flow.yaml")
    assert definition is not None
    found = findings + lint(definition, KnownNames(subflows=tuple(examples(kind.name)[1:])))
    assert [finding for finding in found if (kind.name, finding.code) != ("opaque", "opaque-node")] == []
    assert any(node.type is kind for node in definition.nodes.values())
    assert CALL.search(section)


@pytest.mark.parametrize(("name", "options", "path", "outcome"), CALLS)
def test_a_call_to_an_example_goes_as_is_written(name: str, options: str | None, path: str, outcome: str) -> None:
    words = shlex.split(options or "")
    given = dict(zip(words[::2], words[1::2], strict=True))
    at = datetime.fromisoformat(given.get("--at", "2026-10-12T10:00")).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    definition, _ = load_flow(example(name), "example.flow.yaml")
    assert definition is not None
    state = "holiday" if at.month == 10 and at.day < 8 else "open"
    environment = KnownNames(state, tuple(examples(name)[1:]))
    data = json.loads(given.get("--data", "{}"))
    session = compile_flow(definition, environment).session(context(given.get("--from", "13800138000"), data=data))
    agents, targets = (
        AgentScript.parse(given.get("--agents", "none")),
        TargetScript.parse(given.get("--target", "answer")),
    )
    VirtualCall(session, PressScript.parse(given.get("--press", "")), agents, targets, AT).run()
    assert (session.path, session.outcome) == (path.split(), outcome)
