"""Plans, gates, saved and scheduled applies, and the way back: the configuration as revisions, from the outside."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.end_to_end.conftest import COMPANY

CLOSED = """\
      - name: 周六
        when: { weekday: saturday }
        reject: busy
        announce: 周六休息。
      - name: 上海来电
"""
FAILING = "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n"


def close_on_saturdays(cli) -> None:
    cli.write("routes.yaml", COMPANY["routes.yaml"].replace("      - name: 上海来电\n", CLOSED))


def test_a_plan_says_in_callers_words_what_changes_and_each_call_shows_it(cli):
    cli("apply")
    close_on_saturdays(cli)
    said = cli("plan", "--json", lang="zh").json
    assert (said["none"], said["behaviour_summary"]["numbers"]) == (False, 1)
    rows = {row["who"]: row for row in said["behaviour"]}
    row = rows["其余来电"]
    assert (row["number"], row["when"]) == ("4008001234", "周六")
    assert row["before"].startswith("进入 default 队列")
    assert row["after"] == "听到「周六休息。」后被拒接（忙音）"
    call = shlex.split(row["call"])[1:]
    assert cli(*call, "--json").json["outcome"] == "rejected"
    assert cli(*call, "--json", "--revision", "current").json["outcome"] == "queued"
    shown = cli("plan", lang="zh").out
    assert "周六 其余来电：原来进入 default 队列" in shown
    assert row["call"] in shown


def test_a_comment_is_said_to_change_nothing(cli):
    cli("apply")
    cli.write("routes.yaml", "# 路由\n" + COMPANY["routes.yaml"])
    said = cli("plan", "--json").json
    assert (said["none"], said["behaviour"], said["behaviour_summary"]["none"]) == (False, [], True)
    assert said["changes"][0]["meaning"] is False
    assert "行为没有变化" in cli("plan", lang="zh").out


def test_a_reviewed_plan_is_applied_as_it_was_reviewed(cli, tmp_path):
    cli("apply")
    close_on_saturdays(cli)
    plan = tmp_path / "p.json"
    assert cli("plan", "--save", str(plan)).status == 0
    assert plan.stat().st_mode & 0o077 == 0
    applied = cli("apply", str(plan), "--json")
    assert (applied.status, applied.json["applied"], applied.json["revision"]) == (0, True, "r2")


def test_a_first_plan_may_be_reviewed_too(cli, tmp_path):
    plan = tmp_path / "p.json"
    cli("plan", "--save", str(plan))
    assert cli("apply", str(plan)).status == 0


@pytest.mark.parametrize("moved", ["file", "revision", "scenario"])
def test_a_plan_is_not_applied_when_the_world_moved(cli, tmp_path, moved: str):
    cli("apply")
    close_on_saturdays(cli)
    plan = tmp_path / "p.json"
    cli("plan", "--save", str(plan))
    if moved == "file":
        cli.write("lines.yaml", COMPANY["lines.yaml"] + "# 改动\n")
    elif moved == "scenario":
        cli.write("scenarios/more.scenario.yaml", FAILING.replace("answered", "abandoned"))
    else:
        cli("apply")
        cli.write("routes.yaml", COMPANY["routes.yaml"])
        cli("apply")
        close_on_saturdays(cli)
    before = cli("history", "--json").json
    said = cli("apply", str(plan), "--json")
    assert (said.status, said.json["error"]["code"]) == (1, "plan-outdated")
    assert cli("history", "--json").json == before


def test_a_plan_of_another_project_is_wrong_usage(cli, tmp_path):
    cli("apply")
    close_on_saturdays(cli)
    plan = tmp_path / "p.json"
    cli("plan", "--save", str(plan))
    cli.write("line400.yaml", COMPANY["line400.yaml"].replace("var/line400.db", "var/other.db"))
    cli("apply", "--author", "somebody else")
    said = cli("apply", str(plan), "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "another-project")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": "line400-plan"}', '{"format": "line400-plan", "version": 9}', "\xff"]
)
def test_what_is_no_plan_is_wrong_usage(cli, tmp_path, text: str):
    plan = tmp_path / "p.json"
    plan.write_bytes(text.encode("latin-1"))
    said = cli("apply", str(plan), "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "not-a-plan")
    assert cli("apply", str(tmp_path / "nowhere")).status == 2
    assert cli("history", "--json").json == []


def test_the_page_of_a_plan_loads_nothing_and_escapes_what_files_say(cli, tmp_path):
    cli("apply")
    text = COMPANY["flows/service.flow.yaml"].replace("人工请按0。", "<script>alert(1)</script>")
    cli.write("flows/service.flow.yaml", text)
    page = tmp_path / "plan.html"
    assert cli("plan", "--html", str(page), lang="zh").status == 0
    written = page.read_text()
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert "http" not in written.replace("http-equiv", "")


HIDDEN = """\
      - name: 黑名单之后
        when: { caller: { list: blocked } }
        reject: busy
"""


def test_a_gate_is_passed_over_by_name_and_never_without_a_reason(cli):
    cli.write("scenarios/wrong.scenario.yaml", FAILING)
    assert cli("apply", "--json").status == 1
    assert cli("apply", "--override", "preflight").status == 2
    assert cli("apply", "--override", "preflght", "--reason", "x").status == 2
    assert cli("apply", "--override", "check", "--reason", "x").status == 2
    said = cli("apply", "--override", "preflight", "--reason", "场景有误", "--json")
    assert (said.status, said.json["overrides"]) == (0, {"preflight": "场景有误"})


def test_the_linter_s_errors_are_a_gate_and_what_passed_it_over_runs(cli):
    cli.write(
        "line400.yaml", COMPANY["line400.yaml"] + "lint: { prompt_characters: 10, rules: { prompt-too-long: error } }\n"
    )
    refused = cli("apply", "--json")
    assert refused.status == 2
    assert {finding["severity"] for finding in refused.json["findings"]} == {"error"}
    said = cli("apply", "--override", "lint", "--reason", "stays", "--json")
    assert (said.status, list(said.json["overrides"])) == (0, ["lint"])
    assert cli("resolve", "4008001234", "--at=2026-10-12T10:00", "--revision", "current").status == 0


def test_what_routes_do_is_judged_by_the_severities_of_the_company(cli):
    blocked = "        reject: blocked\n"
    assert blocked in COMPANY["routes.yaml"]
    cli.write("routes.yaml", COMPANY["routes.yaml"].replace(blocked, blocked + HIDDEN))
    said = cli("plan", "--json")
    assert (said.status, [warning["code"] for warning in said.json["warnings"]]) == (0, ["rule-same-condition"])
    cli.write("line400.yaml", COMPANY["line400.yaml"] + "lint: { rules: { rule-same-condition: error } }\n")
    said = cli("apply", "--json")
    assert said.status == 1
    assert "rule-same-condition" in said.out + said.err
    said = cli("apply", "--override", "lint", "--reason", "stays", "--json")
    assert (said.status, list(said.json["overrides"])) == (0, ["lint"])


def test_an_invariant_that_does_not_hold_refuses(cli):
    cli("apply")
    cli.write("invariants.yaml", 'invariants:\n  - never: "a caller from 上海 reaches flow service"\n')
    said = cli("apply", "--json")
    assert said.status == 1
    (gate,) = [gate for gate in said.json["gates"] if gate["gate"] == "invariants"]
    assert gate["verdict"] == "failed"
    assert gate["findings"][0]["counter_example"].startswith("line400 call")
    assert cli("apply", "--override", "invariants", "--reason", "agreed").status == 0


def test_what_is_scheduled_is_listed_and_can_be_taken_back(cli):
    cli("apply")
    close_on_saturdays(cli)
    said = cli("apply", "--at", "+2h", "--reason", "夜间", "--author", "li", "--json")
    assert (said.status, said.json["applied"], said.json["scheduled"]["state"]) == (0, False, "waiting")
    (row,) = cli("apply", "--list", "--json").json
    assert (row["revision"], row["base"], row["author"], row["reason"]) == ("r2", "r1", "li", "夜间")
    assert "waiting" in cli("apply", "--list").out
    assert (
        cli("resolve", "4008001234", "--at=2026-10-17T10:00", "--revision", "current", "--json").json["reject"] is None
    )
    assert cli("apply", "--cancel", str(row["id"]), "--json").json["state"] == "cancelled"
    assert cli("apply", "--cancel", str(row["id"])).status == 1
    assert cli("apply", "--cancel", "77").status == 2
    assert cli("apply", "--at", "2020-01-01").status == 2


def test_what_fails_now_is_not_scheduled(cli):
    cli.write("scenarios/wrong.scenario.yaml", FAILING)
    assert cli("apply", "--at", "+2h").status == 1
    assert cli("apply", "--list", "--json").json == []
    assert "Nothing is scheduled" in cli("apply", "--list").out


def test_history_shows_what_a_revision_changed_and_holds(cli):
    cli("apply")
    close_on_saturdays(cli)
    cli("apply", "--reason", "周六休息", "--author", "li")
    diff = cli("history", "--diff", "2", "--json").json
    assert (diff["revision"], diff["against"], [change["file"] for change in diff["changes"]]) == (
        "r2",
        "r1",
        ["routes.yaml"],
    )
    assert cli("history", "--diff", "r1", "--json").json["against"] is None
    assert "+        announce: 周六休息。" in cli("history", "--diff", "r2").out
    shown = cli("history", "--show", "r2", "--json").json
    assert (shown["author"], shown["reason"], shown["current"]) == ("li", "周六休息", True)
    assert "周六休息" in shown["files"]["routes.yaml"]
    assert "── routes.yaml" in cli("history", "--show", "1").out
    assert cli("history", "--show", "9").status == 2


def test_a_rollback_needs_no_file(cli):
    cli("apply")
    cli.write("routes.yaml", COMPANY["routes.yaml"].replace("flow: service", "flow: welcome"))
    (cli.folder / "flows" / "service.flow.yaml").unlink()
    for scenario in (cli.folder / "scenarios").iterdir():
        scenario.unlink()
    assert cli("apply").status == 0
    assert cli("resolve", "4006005678", "--revision", "current", "--json").json["flow"] == "welcome"
    assert cli("rollback", "1", "--reason", "service is back").status == 0
    assert cli("resolve", "4006005678", "--revision", "current", "--json").json["flow"] == "service"
    assert cli("call", "4006005678", "--at=2026-10-12T10:00", "--press", "0", "--revision", "current", "--json").json[
        "path"
    ] == ["menu", "agent"]


def test_merge_conflict_markers_are_a_finding_with_its_place_and_cure(cli):
    text = COMPANY["routes.yaml"].splitlines(keepends=True)
    text[3:3] = ["<<<<<<< HEAD\n", "    flow: service\n", "=======\n", "    flow: welcome\n", ">>>>>>> other\n"]
    cli.write("routes.yaml", "".join(text))
    said = cli("check", "--json")
    assert said.status == 1
    markers = [finding for finding in said.json["findings"] if finding["code"] == "merge-conflict"]
    assert [(Path(finding["file"]).name, finding["line"], finding["column"]) for finding in markers] == [
        ("routes.yaml", 4, 1)
    ]
    assert "<<<<<<<" in markers[0]["cure"]
    assert cli("apply").status == 2
    assert json.loads(cli("plan", "--json").out)["error"]["status"] == 2


def test_a_route_for_a_number_of_another_instance_is_told(cli):
    cli.write("routes.yaml", COMPANY["routes.yaml"] + "  # another company's number\n")
    text = COMPANY["routes.yaml"].replace(
        "  400-600-5678:\n", "  400-999-0001:\n    line: sh\n    flow: service\n  400-600-5678:\n"
    )
    cli.write("routes.yaml", text)
    said = cli("check", "--json")
    found = [
        finding
        for finding in said.json["findings"]
        if "4009990001" in finding["message"] or "400-999-0001" in finding["message"]
    ]
    assert found
    assert found[0]["cure"]
    assert cli("apply").status == 2
