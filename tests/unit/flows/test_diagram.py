"""Pictures: nothing lies on anything else, every text fits its box, and what lies over a flow is on its node."""

from __future__ import annotations

import random

import pytest

from ivr_flows.diagram import Overlay, as_mermaid, as_svg, picture_of
from ivr_flows.diagram.layout import Link, lay_out
from ivr_flows.diagram.words import Measure
from ivr_flows.findings import Finding, Text

from .environment import definition_of, nodes
from .random_flows import flow_text

FLOW = nodes(
    """
ask: { menu: "业务咨询请按1，人工服务请按0。", on: { 1: ask, 0: agent, no_input: bye } }
agent: { queue: support, on: { timeout: bye } }
bye: { hangup: normal }
"""
)


@pytest.mark.parametrize("seed", range(12))
def test_boxes_and_labels_keep_clear_of_each_other(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{index}" for index in range(chance.randint(1, 70))]
    sizes = {name: (chance.uniform(60, 240), chance.uniform(30, 90)) for name in names}
    links = [Link(name, chance.choice(names), (chance.uniform(10, 90), 17.0)) for name in names for _ in range(2)]
    layout = lay_out(sizes, links, names[0])
    solid = [*layout.boxes.values(), *(wire.label for wire in layout.wires if wire.label is not None)]
    for index, one in enumerate(solid):
        assert one.width / 2 <= one.x + 0.01
        assert one.x + one.width / 2 <= layout.width + 0.01
        for other in solid[index + 1 :]:
            apart_across = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
            apart_down = abs(one.y - other.y) >= (one.height + other.height) / 2 - 0.01
            assert apart_across or apart_down, (seed, one.key, other.key)


def test_wires_run_downwards_and_arrows_back_are_turned() -> None:
    layout = lay_out({"a": (50, 20), "b": (50, 20)}, [Link("a", "b"), Link("b", "a")], "a")
    assert [wire.turned for wire in layout.wires] == [False, True]
    for wire in layout.wires:
        assert [item.row for item in wire.items] == sorted(item.row for item in wire.items)


def test_wide_characters_take_a_whole_em() -> None:
    measure = Measure(10.0)
    assert measure.width("服务") == 20.0
    assert 5.0 < measure.width("ab") < 15.0
    lines = measure.broken("您好，欢迎致电示例科技服务热线，请按键选择。", 80.0, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(measure.width(line) <= 80.0 for line in lines)
    assert not any(line[0] in "，。" for line in lines)


def test_findings_and_coverage_lie_on_their_node() -> None:
    definition = definition_of(FLOW)
    finding = Finding("warning", "too-long", definition.nodes["agent"].place, Text("m", "m"), Text("c", "c"))
    picture = picture_of(definition, Overlay((finding,), {("", "ask"), ("ask", "bye")}))
    assert picture.boxes["agent"].marks == (("warning", "too-long"),)
    assert [box.taken for box in picture.boxes.values()] == [True, False, True]
    assert {(arrow.source, arrow.target): arrow.taken for arrow in picture.arrows}["ask", "bye"]
    svg = as_svg(picture)
    assert "too-long" in svg
    assert "没有呼叫经过" in svg
    assert "业务咨询请按1" in svg
    assert "-.->" in as_mermaid(picture)


def test_hostile_names_stay_text() -> None:
    text = FLOW.replace("业务咨询", "<script>&#34;业务")
    picture = picture_of(definition_of(text))
    assert "<script>" not in as_svg(picture)
    assert "<script>" not in as_mermaid(picture)


def test_names_of_mermaid_s_own_words_are_told_apart() -> None:
    text = FLOW.replace("flow: example", 'flow: example\ntitle: "a \\"b\\" <i>"')
    lines = as_mermaid(picture_of(definition_of(text), Overlay((), set()))).splitlines()
    assert lines[1] == 'title: "a \\"b\\" ‹i›"'
    classes = {line.split()[1] for line in lines if line.lstrip().startswith("classDef")}
    used = {line.rpartition(":::")[2] for line in lines if ":::" in line}
    assert used <= classes
    assert not classes & {"end", "default", "class", "style", "click", "graph", "subgraph"}


def test_the_start_and_what_dots_mean_are_shown() -> None:
    definition = definition_of(FLOW)
    finding = Finding("warning", "too-long", definition.nodes["agent"].place, Text("m", "m"), Text("c", "c"))
    plain, marked = as_svg(picture_of(definition)), as_svg(picture_of(definition, Overlay((finding, finding))))
    assert plain.count("<circle") == 1
    assert marked.count("<circle") == 3
    assert "警告" in marked
    assert "警告" not in plain


def test_a_prompt_is_shown_in_its_words() -> None:
    text = FLOW.replace("nodes:", "texts: { ask: { zh-CN: 业务请按1, en: Press 1 } }\nnodes:", 1)
    picture = picture_of(definition_of(text.replace('"业务咨询请按1，人工服务请按0。"', '"{{ texts.ask }}"')))
    assert picture.boxes["ask"].lines == ("业务请按1",)


def test_a_large_picture_writes_far_ways_as_names() -> None:
    picture = picture_of(definition_of(flow_text(60, random.Random(3).choice)))
    assert any(arrow.named for arrow in picture.arrows)
    drawn = {arrow.target for arrow in picture.arrows if not arrow.named}
    named = {arrow.target for arrow in picture.arrows if arrow.named}
    assert named <= drawn | {picture.start}
