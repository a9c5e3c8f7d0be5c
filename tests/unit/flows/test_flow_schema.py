"""The JSON Schema of flow files: current, complete, true of what loads and false of what does not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from ivr_flows.descriptions import BRANCHES, COMMON, FLOW_KEYS, NODES, OPTIONS, describe_branch, describe_option
from ivr_flows.flow_schema import flow_json_schema, options_of
from ivr_flows.loader import FlowFile, load_flow
from ivr_flows.nodes import NODE_TYPES
from tests.unit.flows.environment import found
from tests.unit.flows.random_flows import flows

ROOT = Path(__file__).resolve().parents[3]
FLOWS = ROOT / "config" / "flows"
SCHEMA = flow_json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
EXAMPLES = [*sorted(FLOWS.glob("*.flow.yaml")), *sorted((ROOT / "ivr_flows" / "library").glob("*.flow.yaml"))]


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read files: ``on`` and ``no`` are words, ``09:30`` is a text."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), [*first.replace("\0", ""), ""])


def as_editor(text: str) -> Any:
    """The file as an editor's language server gives it to a validator: keys of mappings are texts."""

    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): texts(item) for key, item in value.items()}
        return [texts(item) for item in value] if isinstance(value, list) else value

    return texts(yaml.load(text, Core))


def problems(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_editor(text))]


def test_the_schema_is_a_schema_and_the_committed_copy_is_it() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    written = json.loads((FLOWS / "flow.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(SCHEMA)), "line400 schema flow > config/flows/flow.schema.json"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_flow_names_the_schema_and_is_right_by_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    assert (file.parent / named[1]).resolve() == FLOWS / "flow.schema.json"
    assert problems(text) == []


def test_the_flows_of_the_documents_are_right_by_it() -> None:
    seen = 0
    for page in sorted((ROOT / "docs").glob("*.md")):
        for block in re.findall(
            r"^```yaml\n(flow: .*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            definition, _ = load_flow(block, page.name)
            if definition is not None:
                missing = [error for error in problems(block) if "is a required property" not in error]
                assert missing == [], (page.name, block)
                seen += 1
    assert seen >= 3


@given(flows())
@settings(max_examples=60, deadline=None)
def test_whatever_loads_without_a_finding_is_right_by_it(text: str) -> None:
    definition, findings = load_flow(text, "random.flow.yaml")
    assert definition is not None, findings
    assert problems(text) == []


HEAD = "flow: example\nnodes:\n"


@pytest.mark.parametrize(
    "node",
    [
        "a: { paly: hello }",
        "a: { play: hello, nxt: b }",
        "a: { play: { text: hello, loud: true } }",
        "a: { play: [hello] }",
        "a: { menu: hello, on: { no_input: b, 'A': b } }",
        "a: { menu: hello }",
        "a: { menu: hello, on: { '1': b } }",
        "a: { menu: , on: { no_input: b } }",
        "a: { menu: hello, timeout: soon, on: { no_input: b } }",
        "a: { menu: hello, retries: many, on: { no_input: b } }",
        "a: { gather: hello, max_digits: 26, on: { ok: b, no_input: b } }",
        "a: { gather: hello, terminator: '1', on: { ok: b, no_input: b } }",
        "a: { hours: office, next: b }",
        "a: { hangup: loudly }",
        "a: { hangup: 128 }",
        "a: { hangup: normal, next: b }",
        "a: { set: yes }",
        "a: { set: { x: 1 }, scope: world }",
        "a: { branch: [ { when: x } ] }",
        "a: { loop: 0, on: { again: a, done: b } }",
        "a: { recording: perhaps }",
        "a: { wait: -1 }",
        "a: { share: { b: half } }",
        "a: { language: chinese }",
        "a: { transfer: { to: '123', post_digits: abc }, on: { busy: b, no_answer: b, failed: b } }",
        "a: hello",
        "a: { }",
    ],
)
def test_broken_nodes_are_wrong_by_it_and_do_not_load_clean(node: str) -> None:
    text = f"{HEAD}  {node}\n  b: {{ hangup: }}\n"
    assert problems(text)
    assert any(finding.severity == "error" for finding in found(text))


@pytest.mark.parametrize(
    "text",
    [
        "nodes: { a: { hangup: } }",
        "flow: example",
        "flow: example\nnodes: { }",
        "flow: example\nnodes: []",
        "flow: example\nlanguage: Chinese\nnodes: { a: { hangup: } }",
        "flow: example\ntexts: { a: { deutsch: x } }\nnodes: { a: { hangup: } }",
        "flow: example\nstrat: a\nnodes: { a: { hangup: } }",
        "[]",
        "hello",
    ],
)
def test_broken_files_are_wrong_by_it_and_do_not_load(text: str) -> None:
    assert problems(text)
    assert load_flow(text, "broken.flow.yaml")[0] is None


@pytest.mark.parametrize(
    "node",
    [
        "a: { menu: hello, timeout: 5, retries: '2', on: { 1: b, no_input: b } }",
        "a: { menu: , prompt: hello, on: { no_input: b } }",
        "a: { menu: { prompt: hello, barge_in: no }, on: { no_input: b, '*': b } }",
        "a: { play: 400, barge_in: on, next: 1 }",
        "a: { set: { x: 1, y: , z: true } }",
        "a: { share: { b: 12.5, c: 87.5 } }",
        "a: { hangup: }",
        "a: { hangup: 17 }",
        "a: { hangup: { cause: busy, text: bye } }",
        "a: { queue: support, timeout: 1m30s, exit_keys: 0, on: { timeout: b, 0: b } }",
        "a: { queue: support, exit_keys: ['*', '0'], on: { timeout: b, '*': b, '0': b } }",
        "a: { recording: on }",
        "a: { staffing: , queue: support, on: { staffed: b, unstaffed: b } }",
        "a: { opaque: 'aws:ShowView', parameters: { x: [1] }, on: { anything: b } }",
        "a: { fetch: 'https://erp.example/', method: post, body: { x: [1] }, on: { ok: b, error: b } }",
    ],
)
def test_what_people_write_is_right_by_it(node: str) -> None:
    text = f"{HEAD}  {node}\n  b: {{ hangup: }}\n  c: {{ hangup: }}\n  1: {{ hangup: }}\n"
    assert problems(text) == []
    assert load_flow(text, "example.flow.yaml")[0] is not None


@pytest.mark.parametrize("kind", NODE_TYPES.values(), ids=lambda kind: kind.name)
def test_every_option_and_branch_is_described_in_both_languages(kind: Any) -> None:
    descriptions = [NODES[kind.name], *(describe_option(kind.name, option) for option in options_of(kind))]
    for text in descriptions:
        assert text is not None
        assert re.search(r"[A-Za-z]", text.en)
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
    assert set(kind.branches.known) <= BRANCHES.keys()
    assert all(describe_branch(branch).zh for branch in (*kind.branches.known, "1", "else"))


def test_every_key_of_a_flow_is_described() -> None:
    assert FlowFile.model_fields.keys() == FLOW_KEYS.keys()


def test_the_schema_carries_the_descriptions() -> None:
    gather = SCHEMA["definitions"]["node-gather"]["properties"]
    assert gather["max_digits"]["description"] == "\n".join(reversed(OPTIONS["gather"]["max_digits"]))
    assert gather["retries"]["description"] == "\n".join(reversed(COMMON["retries"]))
    assert gather["on"]["properties"]["ok"]["description"].startswith(BRANCHES["ok"].zh)
