"""Every rule: its page with a wrong and a right flow, and the call that shows what is wrong, placed in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from ivr_flows.lint import CODES, RULES
from ivr_flows.lint.fixing import curable
from ivr_flows.session import MAX_NODES_PER_CALL

from .rule_pages import FOLDER, Case, cases, judged, replay

CASES = cases()
NO_CALL = {"presents-400"}
"""Errors among rules about behaviour: with an error a flow does not run."""
INDEX = (FOLDER / "index.md").read_text("utf-8")

SEES: dict[str, Callable[[SimpleNamespace], bool]] = {
    "dead-end": lambda call: call.path == ["where"] and call.heard == [] and call.outcome == "completed",
    "no-way-out": lambda call: call.fault == "node_limit" and set(call.path) == {"ask", "details"},
    "silent-loop": lambda call: call.fault == "node_limit" and not any(call.pressed),
    "wrong-key-loop": lambda call: call.path.count("ask") == 2 and call.pressed[:3] == ["1", "1", "1"],
    "spin": lambda call: call.fault == "node_limit" and len(call.path) == MAX_NODES_PER_CALL + 1,
    "goto-circle": lambda call: call.fault == "node_limit" and not any(call.pressed),
    "key-not-handled": lambda call: (
        call.pressed[0] == "0" and "agent" not in call.path and call.heard[0] == call.heard[1]
    ),
    "key-not-offered": lambda call: call.pressed == ["2"] and call.path[-1] == "agent" and "two" not in call.heard[0],
    "ambiguous-digits": lambda call: call.pressed == ["1"] and call.path[-1] == "sales" and call.seconds > 3,
    "error-as-success": lambda call: call.path[:2] == ["look_up", "tell"] and call.fault == "expression_failed",
    "silent-hang-up": lambda call: call.fault == "fetch_failed" and call.path[-1] == "bye" and call.heard == [],
    "unclosed-template": lambda call: "${company}" in call.heard[0],
    "never-set": lambda call: call.heard[0] == "您的订单号是。",
    "maybe-unset": lambda call: call.heard[-1] == "您的订单号是。",
    "sensitive-spoken": lambda call: call.pressed == ["•"] and "1234" in call.heard[-1],
    "far-from-human": lambda call: call.path[-1] == "agent" and call.outcome == "queued" and call.seconds > 60,
    "prompt-too-long": lambda call: max(map(len, call.heard)) > 200,
    "recording-unannounced": lambda call: call.outcome == "voicemail" and call.heard == [],
    "transfer-to-400": lambda call: call.path[0] == "out" and call.outcome == "answered",
    "missing-language": lambda call: call.path[-3:-1] == ["english", "greet"] and call.heard[-1].startswith("您好"),
    "hours-data-missing": lambda call: call.path == ["when", "closed"],
}
"""What the call of a finding must show."""


def ids(case: Case) -> str:
    return case.code


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_page_and_a_line_in_the_index(rule) -> None:
    page = (FOLDER / f"{rule.code}.md").read_text("utf-8")
    assert page.startswith(f"# {rule.code}\n")
    assert f"Severity: {rule.severity}" in page
    assert f"| [{rule.code}]({rule.code}.md)" in INDEX
    line = next(line for line in INDEX.splitlines() if line.startswith(f"| [{rule.code}]"))
    assert line.endswith("| yes |" if curable(rule.code) else "|  |")
    for code in rule.others:
        assert f"`{code}`" in page


def test_no_page_is_about_a_rule_that_is_not_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} - {"index", "deprecated-key"} == {rule.code for rule in RULES}


def test_codes_are_told_by_one_rule_each() -> None:
    codes = [code for rule in RULES for code in (rule.code, *rule.others)]
    assert len(codes) == len(set(codes)) == len(CODES)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_the_wrong_flow_is_found_and_the_right_one_is_free_of_findings(case: Case) -> None:
    assert case.code in {finding.code for finding in judged(case.wrong)}
    assert judged(case.right) == []


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_findings_about_behaviour_carry_the_call_of_the_page(case: Case) -> None:
    (finding, *_) = [finding for finding in judged(case.wrong) if finding.code == case.code]
    assert finding.counter_example == case.call
    rule = CODES.get(case.code)
    assert (case.call is not None) == (rule is not None and rule.behaviour and case.code not in NO_CALL)


@pytest.mark.parametrize("case", [case for case in CASES if case.call is not None], ids=ids)
def test_the_call_shows_the_fault(case: Case) -> None:
    assert case.call is not None
    call = replay(case.wrong, case.call)
    assert SEES[case.code](call), vars(call)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.code in ("silent-loop", "wrong-key-loop", "spin", "no-way-out", "goto-circle")],
    ids=ids,
)
def test_a_right_flow_ends_in_the_same_call(case: Case) -> None:
    assert case.call is not None
    assert replay(case.right, case.call).fault != "node_limit"


def test_the_number_stands_in_the_call_where_one_leads_to_the_flow() -> None:
    case = next(case for case in CASES if case.code == "silent-loop")
    (finding,) = judged(case.wrong, "400-800-1234")
    assert finding.counter_example == "line400 call 400-800-1234 --flow example --press ''"
