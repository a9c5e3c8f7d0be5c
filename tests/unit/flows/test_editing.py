"""What editors ask of a flow file: where nodes stand, renaming, what is shown and what may be written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.editing import complete, definition_of, hover, occurrence_at, occurrences, rename
from ivr_flows.loader import load_flow
from ivr_flows.schema import Refusal
from ivr_flows.yaml_source import Document, read_text
from tests.unit.flows.environment import KnownNames
from tests.unit.flows.random_flows import flows

FLOW = """\
flow: example
start: menu
on_hangup: "after"
texts: { hello: { zh-CN: 您好, en: Hello } }
nodes:
  menu:
    menu: { prompt: "业务请按1，{{ texts.hello }}。", timeout: 5s }
    on: { "1": hours, '#': 'say it', no_input: menu }
  hours: { hours: office, on: { open: split, closed: bye } }
  'say it':
    play: 请稍候。
    next: choose
  choose:
    branch:
      - { when: "{{ caller.kind == 'mobile' }}", next: "say it" }
      - when: "{{ last == '1' }}"
        next: split
    else: bye
  split: { share: { bye: 50, "say it": 50 } }
  after: { notify: gone }
  bye: { hangup: }
"""


def at(text: str, mark: str, inside: int = 1) -> tuple[int, int]:
    """Line and column within the first ``mark`` of ``text``."""
    index = text.index(mark) + inside
    return text.count("\n", 0, index), index - (text.rfind("\n", 0, index) + 1)


def document(text: str = FLOW) -> Document:
    return read_text(text, "example.flow.yaml")


def applied(text: str, edits: list) -> str:
    lines = text.split("\n")
    for span, written in sorted(edits, reverse=True, key=lambda edit: edit[0]):
        lines[span.line] = lines[span.line][: span.start] + written + lines[span.line][span.end :]
    return "\n".join(lines)


def test_every_name_of_a_node_is_found_with_its_quotes() -> None:
    lines = FLOW.split("\n")
    found = occurrences(document())
    assert [one.name for one in found if one.defines] == ["menu", "hours", "say it", "choose", "split", "after", "bye"]
    ways = "menu after hours say_it menu split bye choose say_it split bye bye say_it"
    assert [one.name.replace(" ", "_") for one in found if not one.defines] == ways.split()
    written = [lines[one.span.line][one.span.start : one.span.end] for one in found if one.name == "say it"]
    assert written == ["'say it'", "'say it'", '"say it"', '"say it"']


@pytest.mark.parametrize(
    ("mark", "name"), [('"1": hours', "hours"), ("next: split", "split"), ("else: bye", "bye"), ('"after"', "after")]
)
def test_from_a_way_out_to_the_node(mark: str, name: str) -> None:
    line, column = at(FLOW, mark, len(mark) - 1)
    occurrence = occurrence_at(document(), line, column)
    assert occurrence is not None
    assert occurrence.name == name
    span = definition_of(document(), name)
    assert span is not None
    assert FLOW.split("\n")[span.line].strip().startswith(name)


def test_a_word_that_is_no_name_of_a_node_leads_nowhere() -> None:
    for mark in ("office", "请稍候", "timeout", "caller.kind"):
        assert occurrence_at(document(), *at(FLOW, mark)) is None
    assert definition_of(document(), "nowhere") is None


@pytest.mark.parametrize(
    "name", ["talk", "再说一遍", "say: it", "it's", 'a "b"', "1", "on", "null", "# x", "- a", "😀"]
)
def test_renaming_changes_every_place_and_nothing_else(name: str) -> None:
    before, _ = load_flow(FLOW, "example.flow.yaml")
    renamed = applied(FLOW, rename(document(), *at(FLOW, "'say it':"), name))
    after, findings = load_flow(renamed, "example.flow.yaml")
    assert before is not None
    assert after is not None, [finding.as_text() for finding in findings]

    def shape(definition, changed: dict[str, str]):  # type: ignore[no-untyped-def]
        return [
            (
                changed.get(node.id, node.id),
                node.type.name,
                [(changed.get(way, way), changed.get(to.name, to.name)) for way, to in node.exits()],
            )
            for node in definition.nodes.values()
        ]

    assert shape(after, {}) == shape(before, {"say it": name})
    assert "say it" not in renamed


def test_renaming_keeps_comments_and_layout() -> None:
    text = "flow: a\nnodes:\n  one: { play: one, next: two } # one leads to two\n  two: { hangup: } # two\n"
    changed = applied(text, rename(document(text), 3, 3, "end"))
    assert changed == text.replace("next: two", "next: end").replace("  two:", "  end:")


@pytest.mark.parametrize("name", ["", "  ", "hours", "a\nb", " a"])
def test_a_name_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        rename(document(), *at(FLOW, "'say it':"), name)
    assert refused.value.message.zh
    assert refused.value.cure.en


@given(flows(), st.text(min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_flow_can_be_renamed_and_renamed_back(text: str, name: str) -> None:
    tree = document(text)
    first = next(found for found in occurrences(tree) if found.defines)
    try:
        edits = rename(tree, first.span.line, first.span.start, name)
    except Refusal:
        return
    renamed = applied(text, edits)
    definition, findings = load_flow(renamed, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    assert name in definition.nodes
    back = document(renamed)
    span = definition_of(back, name)
    assert span is not None
    original, _ = load_flow(text, "example.flow.yaml")
    again, _ = load_flow(applied(renamed, rename(back, span.line, span.start, first.name)), "example.flow.yaml")
    assert original is not None
    assert again is not None
    assert list(again.nodes) == list(original.nodes)


def shown(text: str, mark: str, inside: int = 1, language: str = "zh") -> str:
    found = hover(document(text), *at(text, mark, inside), language)  # type: ignore[arg-type]
    return found.text if found else ""


def test_a_node_is_shown_with_what_is_heard_and_where_it_leads() -> None:
    text = shown(FLOW, "start: menu", 8)
    assert "**menu** · `menu`" in text
    assert "业务请按1" in text
    assert "`hello` (en): Hello" in text
    assert "- `1` → `hours`" in text
    assert "请稍候。" in shown(FLOW, "'#': 'say it'", 8)
    assert "- `50%` → `bye`" in shown(FLOW, "next: split", 7)
    assert "- `case 1` → `say it`" in shown(FLOW, "choose:")


@pytest.mark.parametrize(
    ("mark", "words", "zh"),
    [
        ("start:", "The node that a call enters first", "来电首先进入的节点"),
        ("timeout: 5s", "Silence after the prompt", "播报结束后"),
        ("menu: {", "Asks for one choice", "请主叫选择"),
        ("no_input: menu", "pressed nothing", "没有输入"),
        ("'#':", "pressed this key", "按了该键"),
        ("else:", "no condition holds", "都不成立"),
        ("when:", "A condition", "条件"),
        ("next: choose", "The node that follows", "下一个节点"),
        ("holds_nothing", "", ""),
    ],
)
def test_keys_are_explained_in_both_languages(mark: str, words: str, zh: str) -> None:
    if mark not in FLOW:
        assert hover(document(), 99, 0) is None
        return
    assert words in shown(FLOW, mark, language="en")
    assert zh in shown(FLOW, mark)


def test_a_prompt_shows_the_texts_that_it_says() -> None:
    assert "`hello` (zh-CN): 您好" in shown(FLOW, "{{ texts")


def labels(text: str, environment: KnownNames | None = None) -> list[str]:
    """What may stand at the ``|`` of ``text``."""
    line, column = at(text, "|", 0)
    return [candidate.label for candidate in complete(text.replace("|", "", 1), line, column, environment)]


HEAD = "flow: example\nnodes:\n  first: { play: hello, next: second }\n"


def test_names_of_nodes_are_offered_where_a_way_leads() -> None:
    text = HEAD + '  second:\n    menu: hello\n    on:\n      "1": |\n      no_input: first\n  third: { hangup: }\n'
    assert labels(text) == ["first", "third", "second"]
    assert labels(text.replace('"1": |', '"1": th|')) == ["third"]
    assert labels(HEAD + "  second: { play: x, next: |}\n") == ["first", "second"]
    assert labels(HEAD + "  second: { hours: office, on: { open: first, closed: f|} }\n") == ["first"]
    assert labels("flow: a\nstart: |\nnodes:\n  one: { hangup: }\n") == ["one"]
    assert labels(HEAD + "  second:\n    branch:\n      - when: last\n        next: |\n") == ["first", "second"]


def test_types_options_ways_and_branches_are_offered_in_their_place() -> None:
    assert {"menu", "queue", "hangup"} <= set(labels(HEAD + "  second:\n    |\n"))
    assert labels(HEAD + "  second:\n    gat|\n") == ["gather"]
    options = labels(HEAD + "  second:\n    menu: hello\n    |\n")
    assert {"timeout", "retries", "on"} <= set(options)
    assert "menu" not in options
    assert "next" not in options
    assert "timeout" not in labels(HEAD + "  second:\n    menu: hello\n    timeout: 5s\n    |\n")
    assert {"max_digits", "terminator"} <= set(labels(HEAD + "  second:\n    gather: { prompt: hello, |}\n"))
    assert {"max_digits", "terminator"} <= set(labels(HEAD + "  second: { gather: { prompt: hello, | } }\n"))
    branches = labels(HEAD + "  second:\n    menu: hello\n    on:\n      |\n")
    assert branches[:2] == ["no_input", "no_match"]
    assert "#" in branches
    assert labels(HEAD + "  second:\n    hours: office\n    on: { |}\n") == ["open", "closed", "holiday"]
    assert {"title", "language", "texts"} <= set(labels("flow: a\n|\nnodes:\n  one: { hangup: }\n"))


def test_values_are_offered_from_the_schema_and_the_configuration() -> None:
    assert labels(HEAD + "  second:\n    menu: hello\n    barge_in: |\n") == ["true", "false"]
    assert labels(HEAD + "  second:\n    recording: |\n") == ["on", "off"]
    assert labels(HEAD + "  second:\n    set: { x: 1 }\n    scope: |\n") == ["call", "caller"]
    assert labels(HEAD + "  second:\n    hangup: |\n") == ["normal", "busy", "rejected"]
    known = KnownNames()
    assert labels(HEAD + "  second:\n    queue: |\n", known) == ["default", "support"]
    assert labels(HEAD + "  second:\n    hours: |\n", known) == ["office"]
    assert labels(HEAD + "  second:\n    voicemail: |\n", known) == ["general"]
    assert labels(HEAD + "  second:\n    transfer: { line: |}\n", known) == ["sh-telecom"]


def test_nothing_is_offered_in_comments_and_texts() -> None:
    assert labels(HEAD + "  second:\n    play: hello # |\n") == []
    assert labels(HEAD + '  second:\n    play: "{{ company }} hel|"\n') == []
    assert labels(HEAD + "  second:\n    play: hel|\n") == []


EXPRESSIONS = [
    ('play: "{{ caller.pro§"', ["province"]),
    ('play: "{{ caller.§}}"', ["number", "kind", "province", "city", "carrier"]),
    ('play: "{{ amount | mo§"', ["money"]),
    ('play: "{{ amount|da§ }}"', ["date"]),
    ('play: "{{ texts.§"', ["hello", "bye"]),
    ('play: "{{ am§"', ["amount"]),
    ('play: "{{ or§ }}"', ["order"]),
    ('play: "{{ lev§"', ["level"]),
    ('play: "{{ company }}{{ \'am§"', []),
]


@pytest.mark.parametrize(("line", "words"), EXPRESSIONS, ids=[line for line, _ in EXPRESSIONS])
def test_names_fields_and_filters_are_offered_in_expressions(line: str, words: list[str]) -> None:
    head = (
        "flow: example\ntexts:\n  hello: { zh-CN: 您好 }\n  bye:\n    zh-CN: 再见\nnodes:\n"
        "  first: { gather: { prompt: 请输入, into: order }, on: { ok: second, no_input: second } }\n"
        "  count: { set: { amount: \"{{ 'x: y' }}\" }, next: second }\n"
        "  rank:\n    set:\n      level: 3\n    next: second\n  second:\n    "
    )
    text = head + line + "\n"
    candidates = complete(text.replace("§", ""), *at(text, "§", 0))
    assert [candidate.label for candidate in candidates] == words


def test_what_is_chosen_is_written_so_that_it_is_read_again() -> None:
    text = HEAD + "  second:\n    menu: hello\n    on:\n      |\n  'a b': { hangup: }\n"
    line, column = at(text, "|", 0)
    inserts = {found.label: found.insert for found in complete(text.replace("|", ""), line, column)}
    assert inserts["#"] == '"#": '
    assert inserts["1"] == '"1": '
    assert inserts["no_input"] == "no_input: "
    text = HEAD + "  second: { play: x, next: |}\n  'a b': { hangup: }\n"
    line, column = at(text, "|", 0)
    assert '"a b"' in {found.insert for found in complete(text.replace("|", ""), line, column)}


@given(st.text(alphabet="abn :-{}[],\"'#\n  |on", max_size=60), st.integers(0, 8), st.integers(0, 20))
def test_nothing_that_is_typed_stops_the_editor(text: str, line: int, column: int) -> None:
    for whole in (text, HEAD + text, FLOW.replace("hours", text)):
        tree = document(whole)
        complete(whole, line, column, KnownNames())
        hover(tree, line, column)
        occurrences(tree)
