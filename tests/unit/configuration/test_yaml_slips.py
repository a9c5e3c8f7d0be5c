"""The usual slips of people who edit YAML by hand are named, at their own place, in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr_flows import load_flow
from ivr_flows.findings import Finding
from ivr_flows.yaml_source import read_text
from router.configuration import load
from router.configuration.init import Options, write_new

ROUTES = """\
routes:
  400-820-8888:
    line: main
    flow: welcome
    rules:
      - name: 上海来电
        when: { caller: { province: 上海 } }
        flow: welcome
"""


def finding_of(written: str, wrong: str) -> Finding:
    assert written in ROUTES
    (found,) = read_text(ROUTES.replace(written, wrong, 1), "routes.yaml").findings
    return found


@pytest.mark.parametrize(
    ("written", "wrong", "line", "column", "en", "zh"),
    [
        ("    flow: w", "    flow：w", 4, 9, "full-width colon", "全角冒号"),
        ("    flow: w", "    flow： w", 4, 9, "full-width colon", "全角冒号"),
        ("8888:\n", "8888：\n", 2, 15, "full-width colon", "全角冒号"),
        ("    flow: w", "    flow:w", 4, 10, "no space behind `flow:`", "`flow:` 后面缺少空格"),
        ("- name: 上", "-name: 上", 6, 8, "no space behind `-`", "`-` 后面缺少空格"),
        ("flow: welcome", "flow: to: welcome", 4, 13, "holds a colon and has no quotes", "没有加引号"),
    ],
)
def test_a_slip_is_named_where_it_stands(written: str, wrong: str, line: int, column: int, en: str, zh: str) -> None:
    found = finding_of(written, wrong)
    assert (found.code, found.place.line, found.place.column) == ("yaml-syntax", line, column)
    assert en in found.message.en
    assert zh in found.message.zh


@pytest.mark.parametrize(
    ("written", "wrong", "here", "above"),
    [
        ("    flow: w", "   flow: w", 3, 4),
        ("    flow: w", "     flow: w", 5, 4),
        ("        when:", "       when:", 7, 6),
    ],
)
def test_a_wrong_indentation_is_counted_against_the_line_above(written: str, wrong: str, here: int, above: int) -> None:
    found = finding_of(written, wrong)
    assert f"{here} spaces" in found.cure.en
    assert f"by {above}." in found.cure.en


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("    flow: w", "   flow: w"),
        ("    flow: w", "     flow: w"),
        ("        when:", "       when:"),
        ("    rules:\n", ""),
        ("上海 } }", "上海 }"),
        ("      - name", "      name"),
    ],
)
def test_libyaml_s_english_does_not_reach_chinese_readers(written: str, wrong: str) -> None:
    found = finding_of(written, wrong)
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", found.message.zh + found.cure.zh)


def test_a_full_width_colon_in_a_text_is_no_slip() -> None:
    assert not read_text("nodes:\n  top:\n    play: 提示：请稍候\n", "x.flow.yaml").findings


def test_a_line_of_any_length_is_judged_in_short() -> None:
    (found,) = read_text("a: b\n" + "x" * 200_000 + ":y\n", "x.yaml").findings
    assert len(found.message.en) < 400


def test_a_key_on_the_wrong_level_is_sent_to_its_own(tmp_path: Path) -> None:
    write_new(tmp_path / "mine", Options("示例科技", "400-820-8888", "021-66668888"))
    wrong = ROUTES.replace("when: { caller: { province: 上海 } }", "province: 上海")
    (tmp_path / "mine" / "routes.yaml").write_text(wrong, "utf-8")
    (found,) = [finding for finding in load(tmp_path / "mine").findings if finding.severity == "error"]
    assert found.code == "unknown-key"
    assert "`when: caller:`" in found.cure.en


def test_a_full_width_key_of_a_menu_is_asked_for_in_half_width() -> None:
    _, findings = load_flow("flow: x\nnodes:\n  m:\n    menu: 请按1\n    on: { １: m, no_input: m }\n", "x.flow.yaml")
    (found,) = findings
    assert '"1"' in found.cure.zh


def test_a_bare_hash_key_is_not_lost_without_a_word() -> None:
    flow = 'flow: x\nnodes:\n  m:\n    menu: 请按#\n    on:\n      "1": m   # one\n      #: m\n      no_input: m\n'
    _, findings = load_flow(flow, "x.flow.yaml")
    assert [(found.severity, found.code, found.place.line) for found in findings] == [("warning", "hash-not-quoted", 7)]
    assert load_flow(flow.replace("#: m", '"#": m  #: m'), "x.flow.yaml")[1] == []


@pytest.mark.parametrize(
    ("written", "wrong", "marks"),
    [
        ("[closed, holiday]", "[closed，holiday]", "，"),
        ("[closed, holiday]", "【closed】", "【】"),
        ('["13900000000", "0085*"]', "[“13900000000”]", "“”"),
        ("province: 上海", "province: [上海、江苏]", "、"),
    ],
)
def test_the_marks_of_a_chinese_keyboard_are_named(tmp_path: Path, written: str, wrong: str, marks: str) -> None:
    write_new(tmp_path / "mine", Options("示例科技", "400-820-8888", "021-66668888"))
    rules = ROUTES + (
        "      - name: 下班\n        when: { hours: office, is: [closed, holiday] }\n        flow: after-hours\n"
        'lists:\n  blocked: ["13900000000", "0085*"]\n'
    )
    assert written in rules
    (tmp_path / "mine" / "routes.yaml").write_text(rules.replace(written, wrong), "utf-8")
    (found,) = [finding for finding in load(tmp_path / "mine").findings if finding.severity == "error"]
    assert f"`{marks}`" in found.cure.zh
    assert "半角" in found.cure.zh
