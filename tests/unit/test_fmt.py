"""The formatter: stable, comments and meaning kept, one order and one layout."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr_flows import load_flow
from ivr_flows.formatting import NotFormattable, Order, by_model, flow_order, format_text, scenario_order
from ivr_flows.formatting.tree import comments_of
from ivr_flows.schema import plain
from ivr_flows.yaml_source import read_text
from router.app.main import run
from router.configuration.schemas import FILES

from .flows.random_flows import flow_text

pytestmark = pytest.mark.dateless

ROOT = Path(__file__).resolve().parents[2]
ROUTES = by_model(FILES["routes"])


def laid_out(text: str) -> str:
    result = format_text(text, "x.flow.yaml", flow_order)
    assert format_text(result, "x.flow.yaml", flow_order) == result
    return result


LAYOUT = [
    ("flow: x\nnodes:\n    a:\n        play: 您好\n", "flow: x\nnodes:\n  a:\n    play: 您好\n"),
    ("flow: x\nnodes:\n  a: {play: 您好,   next:   b}\n", "flow: x\nnodes:\n  a: { play: 您好, next: b }\n"),
    ("flow: x\nnodes:\n  a: { next: b, play: 您好 }\n", "flow: x\nnodes:\n  a: { play: 您好, next: b }\n"),
    (
        "nodes:\n  a:\n    on: {1: b, '2': c, \"*\": d}\n    retries: 1\n    menu: 请按\nflow: x\n",
        'flow: x\nnodes:\n  a:\n    menu: 请按\n    retries: 1\n    on: { "1": b, "2": c, "*": d }\n',
    ),
    (
        "flow: x\nnodes:\n  a:\n    menu: { retries: 1, timeout: 5s, prompt: 请按 }\n    'on': { 1: b }\n",
        'flow: x\nnodes:\n  a:\n    menu: { prompt: 请按, timeout: 5s, retries: 1 }\n    on: { "1": b }\n',
    ),
    (
        "nodes:\n  a:\n    else: c\n    branch:\n    - {next: b, when: y}\n    -   next: c\n        when: z\n",
        "nodes:\n  a:\n    branch:\n      - { when: y, next: b }\n      - when: z\n        next: c\n    else: c\n",
    ),
    (
        "nodes:\n  a:\n    set: { z: 1, a: 2 }\n  # end\n  b:   # here\n    hangup:    busy   # bye\n\n\n\n# done\n",
        "nodes:\n  a:\n    set: { z: 1, a: 2 }\n  # end\n  b:   # here\n    hangup: busy   # bye\n\n# done\n",
    ),
    (
        "flow: x\n\n\nnodes:\n\n  a:\n    play: 您好   \n\n\n\n  # b\n\n  b:\n    hangup:\n",
        "flow: x\n\nnodes:\n  a:\n    play: 您好\n\n  # b\n\n  b:\n    hangup:\n",
    ),
    (
        "flow: x\nnodes:\n  a:\n      play: |\n            多行\n              更深\n\n            完\n      next: b\n",
        "flow: x\nnodes:\n  a:\n    play: |\n      多行\n        更深\n\n      完\n    next: b\n",
    ),
    (
        "flow: x\nnodes:\n    a:\n        play: |2\n            深\n        next: b\n",
        "flow: x\nnodes:\n  a:\n    play: |2\n        深\n    next: b\n",
    ),
    (
        'flow: x\nnodes:\n  a:\n    play: "一\n       二"\n    next: b\n',
        'flow: x\nnodes:\n  a:\n    play: "一\n      二"\n    next: b\n',
    ),
    ("flow: x\nnodes:\n  a: { play: 您好,\n       next: b }\n", "flow: x\nnodes:\n  a: { play: 您好, next: b }\n"),
    ("---\nflow: x\nnodes: {a: {hangup: }}\n", "---\nflow: x\nnodes: { a: { hangup: } }\n"),
    ("flow: x\nnodes:\n  a: { play: 您好 }\r\n", "flow: x\nnodes:\n  a: { play: 您好 }\n"),
    (
        "flow: x\nnodes:\n  a:\n    on:\n      1: b\n      # 2: c\n    menu: 请按1\n",
        'flow: x\nnodes:\n  a:\n    menu: 请按1\n    on:\n      "1": b\n      # 2: c\n',
    ),
]


@pytest.mark.parametrize(("before", "after"), LAYOUT)
def test_there_is_one_layout(before: str, after: str) -> None:
    assert laid_out(before) == after


def test_braces_over_several_lines_are_joined_or_become_lines() -> None:
    long = ", ".join(f"key{index}: 一个比较长的值{index}" for index in range(12))
    text = f"flow: x\nnodes:\n  a:\n    set: {{ {long} }}\n"
    assert laid_out(text) == text  # one line stays one line
    broken = text.replace(", key6", ",\n      key6")
    assert laid_out(broken).count("\n      key") == 12


def test_a_long_item_in_braces_in_a_list_of_lists_becomes_lines() -> None:
    long = ", ".join(f"key{index}: 一个比较长的值{index}" for index in range(12)).replace(", key6", ",\n      key6")
    assert laid_out(f"a:\n- - {{ {long} }}\n").startswith("a:\n  - - key0: 一个比较长的值0\n      key1: ")


def test_the_first_of_two_type_words_stays_the_first() -> None:
    text = "flow: x\nnodes:\n  a:\n    language: en\n    voice: alice\n    next: b\n"
    assert laid_out(text) == text


def test_routes_and_scenarios_have_an_order_too() -> None:
    rule = "      - flow: b\n        when: x\n        name: y\n"
    routes = f"routes:\n  400-800-1234:\n    rules:\n{rule}    flow: a\n    line: l\n"
    assert format_text(routes, "routes.yaml", ROUTES) == (
        "routes:\n  400-800-1234:\n    line: l\n    flow: a\n    rules:\n"
        "      - name: y\n        when: x\n        flow: b\n"
    )
    scenario = "expect: { outcome: completed, called: x }\ncall: { at: 2026-10-01, from: a, to: b }\nscenario: s\n"
    assert format_text(scenario, "s.scenario.yaml", scenario_order) == (
        "scenario: s\ncall: { to: b, from: a, at: 2026-10-01 }\nexpect: { outcome: completed, called: x }\n"
    )


REFUSED = [
    ("flow: [", "yaml-syntax"),
    ("a: &x 1\nb: *x\n", "anchor"),
    ("a: !!str 1\n", "tag"),
    ("a: 1\n---\nb: 2\n", "several documents"),
    ("%YAML 1.1\n---\na: 1\n", "directive"),
    ("a: 1\n...\n", "end of a document"),
    ("? a\n: 1\n", "?"),
    ("a: 1\u2028b: 2\n", "line break"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_cannot_be_laid_out_safely_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotFormattable) as caught:
        format_text(text, "x.yaml")
    assert caught.value.message.en
    assert caught.value.message.zh != caught.value.message.en
    assert caught.value.line >= 1
    if why in ("anchor", "tag", "several documents", "directive", "end of a document"):
        assert why in caught.value.message.en


ODD = [
    ("a: [b, # one\n  c]\n# two\n", "a: [b, # one\n  c]\n# two\n"),
    ("a: { b: [c, # one\n  d], e: f }\n# two\n", "a: { b: [c, # one\n  d], e: f }\n# two\n"),
    (
        "a: { b: [c,\n  # one\n  d], # two\n  e: f }\n# three\n",
        "a: { b: [c,\n  # one\n  d], # two\n  e: f }\n# three\n",
    ),
    ("a: 1\nb: |\n   text", "a: 1\nb: |-\n  text\n"),
    ("a: 1\nb: |+ # why\n   text", "a: 1\nb: |- # why\n  text\n"),
    ("a: 1\nb: >\n   text\n", "a: 1\nb: >\n  text\n"),
    ("a: 1 #\ttab\n#\ttab\n", "a: 1 #\ttab\n#\ttab\n"),
    ("\ufeffa:   1\n", "a: 1\n"),
]


@pytest.mark.parametrize(("before", "after"), ODD)
def test_comments_within_braces_and_texts_at_the_end_are_kept(before: str, after: str) -> None:
    assert format_text(before, "x.yaml") == after
    assert format_text(after, "x.yaml") == after


def test_a_file_of_windows_stays_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.flow.yaml"
    file.write_bytes(b"flow: a\r\nnodes:\r\n  a: {hangup: }\r\n")
    assert run(["fmt", str(file)], {}) == 0
    assert file.read_bytes() == b"flow: a\r\nnodes:\r\n  a: { hangup: }\r\n"
    assert run(["fmt", "--check", str(file)], {}) == 0
    file.write_text("flow: &a a\n", "utf-8")
    capsys.readouterr()
    assert run(["--json", "fmt", str(file)], {}) == 1
    (refused,) = json.loads(capsys.readouterr().out)["files"]
    assert (refused["line"], refused["changed"]) == (1, False)
    assert file.read_text("utf-8") == "flow: &a a\n"


@pytest.mark.parametrize("path", sorted((ROOT / "config").rglob("*.flow.yaml")), ids=lambda path: path.name)
def test_the_flows_of_the_company_are_laid_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert laid_out(text) == text


def test_the_other_files_of_the_company_are_laid_out() -> None:
    assert run(["--config", str(ROOT / "config"), "fmt", "--check"], {}) == 0


# Any text. ------------------------------------------------------------------------------------------------------


def messed(text: str, chance: random.Random) -> str:
    """``text`` (block YAML of PyYAML) with comments, blank lines, other indentation and trailing spaces."""
    lists = any(line.lstrip().startswith("- ") for line in text.splitlines())
    wide = 2 if lists else chance.choice([2, 3, 4])
    lines: list[str] = ["# head"] if chance.random() < 0.5 else []
    for number, line in enumerate(text.splitlines()):
        content = line.lstrip(" ")
        depth = (len(line) - len(content)) // 2
        pad = " " * (depth * wide)
        if chance.random() < 0.15:
            lines.append(chance.choice(["", "", pad + f"# note {number}"]))
        lines.append(pad + content + chance.choice(["", "", " ", f"  # c{number}"]))
    if chance.random() < 0.3:
        lines.append("# tail")
    return "\n".join(lines) + chance.choice(["", "\n", "\n\n"])


@given(st.integers(1, 8), st.integers(0, 2**32), st.sampled_from([True, False, None]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_flow_keeps_its_meaning_and_comments_and_is_laid_out_once(size: int, seed: int, style: bool | None) -> None:
    chance = random.Random(seed)
    flow = yaml.safe_load(flow_text(size, chance.choice))
    shuffled = {key: flow[key] for key in chance.sample(list(flow), len(flow))}
    text = yaml.safe_dump(
        shuffled, allow_unicode=True, sort_keys=False, default_flow_style=style, indent=2, width=10_000
    )
    if style is False:
        text = messed(text, chance)
    result = laid_out(text)
    assert plain(read_text(result, "x").root) == plain(read_text(text, "x").root)
    assert sorted(comments_of(result)) == sorted(comments_of(text))
    before, after = load_flow(text, "x")[0], load_flow(result, "x")[0]
    assert before is not None
    assert after is not None
    assert [(node.id, node.type.name, node.options, list(node.on)) for node in before.nodes.values()] == [
        (node.id, node.type.name, node.options, list(node.on)) for node in after.nodes.values()
    ]


yaml_values = st.recursive(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            ["", "null", "~", "on", "0123", "- a", "a: b", "# x", "多行\n文本\n", "尾\n\n", "  前", "{{ x }}", "'", '"']
        ),
        st.none(),
        st.integers(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), yaml_values, min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 2**32),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_yaml_is_laid_out_or_refused(value: dict[str, object], inline: bool, seed: int) -> None:
    chance = random.Random(seed)
    text = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, default_flow_style=inline or None, width=chance.choice([20, 10_000])
    )
    try:
        result = format_text(text, "x.yaml")
    except NotFormattable:
        return
    assert format_text(result, "x.yaml") == result
    assert plain(read_text(result, "x").root) == plain(read_text(text, "x").root)


COMPANY = [
    *((path, flow_order) for path in sorted((ROOT / "config" / "flows").glob("*.yaml"))),
    *((path, scenario_order) for path in sorted((ROOT / "config" / "scenarios").glob("*.yaml"))),
    *((ROOT / "config" / "routes.yaml", ROUTES) for _ in range(6)),
]


def altered(line: str, chance: random.Random) -> str:
    """``line`` as somebody else might have written it, or broken it."""
    pad = " " * (len(line) - len(line.lstrip()))
    key = line.partition(": ")[0]
    opens = ": " in line and "{" not in line
    ways = [
        line + " # c",
        f"{pad}#\tnote\n{line}",
        f"\n{line}",
        line + chance.choice(["  ", "\t"]),
        line.replace(": ", ":   ", 1),
        line.replace(", ", f",\n{pad}      ", 1),
        line.replace(", ", f", # in\n{pad}    ", 1),
        line.replace("{ ", "{").replace(" }", "}"),
        line.replace('"', "'"),
        f"{key}: |{chance.choice(['', '-', '+'])}\n{pad}    多行 # kein\n\n{pad}    行二" if opens else line,
        f'{key}: "{"很长的文本 # kein " * 40}"' if opens else line,
        f"{key}: >\n{pad}   folded\n{pad}   text" if opens else line,
    ]
    return chance.choice(ways)


@given(st.sampled_from(COMPANY), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_files_of_a_company_keep_their_meaning_and_comments(which: tuple[Path, Order], seed: int) -> None:
    chance = random.Random(seed)
    path, order = which
    lines = path.read_text("utf-8").split("\n")
    for _ in range(chance.randrange(1, 6)):
        index = chance.randrange(len(lines))
        lines[index] = altered(lines[index], chance)
    text = "\n".join(lines).rstrip("\n") + chance.choice(["", "\n"])
    text = chance.choice(["", "", "\ufeff"]) + (text.replace("\n", "\r\n") if chance.random() < 0.2 else text)
    try:
        result = format_text(text, "x.yaml", order)
    except NotFormattable:
        assert read_text(text, "x.yaml").findings, "only what cannot be read is refused"
        return
    assert format_text(result, "x.yaml", order) == result
    as_read = text.removeprefix("\ufeff").replace("\r\n", "\n")
    assert yaml.load(result, yaml.CBaseLoader) == yaml.load(as_read, yaml.CBaseLoader)
    assert sorted(comments_of(result)) == sorted(comments_of(as_read))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_laid_out_or_refused(text: str) -> None:
    try:
        result = format_text(text, "x.yaml", flow_order)
    except NotFormattable:
        return
    assert format_text(result, "x.yaml", flow_order) == result


# The command. ---------------------------------------------------------------------------------------------------


@pytest.fixture
def company(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    return folder


def test_check_tells_what_would_change_and_changes_nothing(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = company / "flows" / "sales.flow.yaml"
    messy = flow.read_text("utf-8").replace("    timeout: 30s", "    timeout:   30s")
    flow.write_text(messy, "utf-8")
    assert run(["--config", str(company), "--json", "fmt", "--check"], {}) == 1
    document = json.loads(capsys.readouterr().out)
    assert [item["file"] for item in document["files"] if item["changed"]] == [str(flow)]
    assert flow.read_text("utf-8") == messy
    assert run(["--config", str(company), "fmt"], {}) == 0
    assert flow.read_text("utf-8") == messy.replace("timeout:   30s", "timeout: 30s")
    assert run(["--config", str(company), "fmt", "--check"], {}) == 0


def test_files_and_folders_may_be_named(company: Path) -> None:
    scenario = company / "scenarios" / "holiday.scenario.yaml"
    routes = company / "routes.yaml"
    for file in (scenario, routes):
        file.write_text("# 头\n\n\n\n" + file.read_text("utf-8"), "utf-8")
    assert run(["fmt", str(company / "scenarios")], {}) == 0
    assert "\n\n\n" not in scenario.read_text("utf-8")
    assert "\n\n\n" in routes.read_text("utf-8")
    assert run(["fmt", str(routes)], {}) == 0
    assert "\n\n\n" not in routes.read_text("utf-8")


def test_a_file_that_cannot_be_laid_out_is_told_and_the_others_are(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = company / "flows" / "sales.flow.yaml"
    broken.write_text("flow: [\n", "utf-8")
    other = company / "flows" / "holiday.flow.yaml"
    other.write_text(other.read_text("utf-8") + "\n\n\n", "utf-8")
    assert run(["--config", str(company), "fmt", "--json"], {}) == 1
    document = json.loads(capsys.readouterr().out)
    (refused,) = [item for item in document["files"] if item["refused"]]
    assert refused["file"] == str(broken)
    assert not other.read_text("utf-8").endswith("\n\n")


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert run(["fmt", str(tmp_path / "nothing.yaml")], {}) == 2
