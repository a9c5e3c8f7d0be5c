"""Proofs: where every call ends, and what ends nowhere, each with a call that really shows it."""

from __future__ import annotations

import random

import pytest

from ivr_flows.findings import Finding
from router.callers import caller_facts
from router.partition import Sample
from simulator.call import TestCall
from simulator.exploring import replay
from simulator.proving import NumberProof, Prover, calendar_findings, findings_of, rows_of
from simulator.script import PressScript
from simulator.virtual import run_virtual

from .company import FILES, FIRST, LAST, ZONE, loaded, only, prover

MAIN = "4008001234"


def findings(some: Prover, number: str = MAIN) -> tuple[NumberProof, list[Finding]]:
    proof = some.prove(number)
    return proof, list(findings_of(some, proof))


def ends(proof: NumberProof) -> set[tuple[str, str]]:
    return {(end.kind, end.what) for _, outcome in proof.outcomes for end in outcome.ends}


def test_every_call_of_a_sound_company_ends_somewhere():
    proof, found = findings(prover())
    assert (proof.proved, found) == (True, [])
    assert ends(proof) == {
        ("rejected", "blocked"),
        ("agents", "sales"),
        ("agents", "spare"),
        ("voicemail", "general"),
        ("announcement", ""),
    }
    assert proof.minutes == 365 * 1440


def test_the_table_says_when_and_who_in_callers_words():
    proof, _ = findings(prover())
    rows = {(row.who.zh, row.outcome.rule): row for row in rows_of(proof, ZONE)}
    assert rows["名单 blocked 中的来电", "黑名单"].when.zh == "全部时间"
    assert rows["其余来电", "default"].when.zh == "工作日 09:00–18:00；周六 10:00–16:00"
    night = rows["其余来电", "下班"]
    assert night.minutes + rows["其余来电", "default"].minutes == proof.minutes


def test_random_calls_end_as_the_cell_says():
    some = prover()
    proof = some.prove(MAIN)
    outcomes = {id(cell): outcome for cell, outcome in proof.outcomes}
    chance = random.Random(400)
    for _ in range(150):
        caller = chance.choice(["13900000000", "13911112222", "02166660001", "13800138000", "95588", None])
        at = FIRST + chance.randrange(int(LAST - FIRST) // 60) * 60
        outcome = outcomes[id(proof.partition.locate(caller, at))]
        press = PressScript.parse(chance.choice(["", "1", "2", "9"]))
        record = run_virtual(some.book, TestCall(MAIN, caller, at), press)
        assert (record.rule, record.line, record.flow) == (outcome.rule, outcome.line, outcome.flow)
        kinds = {end.kind for end in outcome.ends}
        wanted = {"rejected": "rejected", "completed": "announcement", "voicemail": "voicemail", "queued": "agents"}
        assert wanted[record.outcome or ""] in kinds


def spoilt(finding: Finding, some: Prover, proof: NumberProof) -> None:
    """The finding's call is the one that was replayed, and ends as it says."""
    way = only_way(proof)
    assert finding.counter_example == way.command(some.book.zone)
    assert tuple(replay(some.book, way).path)[: len(way.found.path)] == way.found.path


def only_way(proof: NumberProof):
    assert proof.nowhere
    way = proof.nowhere[0].way
    assert way is not None
    return way


@pytest.mark.parametrize(
    ("flow", "code", "node"),
    [
        ("nodes:\n  bye: { hangup: normal }\n", "ends-nowhere-silent-end", "bye"),
        (
            "nodes:\n  wait: { queue: empty, timeout: 20s, on: { answered: bye, timeout: wait } }\n"
            "  bye: { hangup: normal }\n",
            "ends-nowhere-nobody-answers",
            "wait",
        ),
        (
            "nodes:\n  ask: { menu: 请按1。, on: { '1': ask, no_input: ask } }\n",
            "ends-nowhere-endless",
            "ask",
        ),
    ],
)
def test_a_flow_that_leads_nowhere(flow: str, code: str, node: str):
    start = flow.split("\n")[1].split(":")[0].strip()
    some = prover(night=f"flow: night\nstart: {start}\n{flow}")
    proof, found = findings(some)
    finding = only(found)
    assert (finding.code, finding.severity, finding.place.file) == (code, "error", "config/flows/night.flow.yaml")
    assert proof.nowhere[0].end.node == node
    assert "其余来电" not in finding.message.zh or "工作日" in finding.message.zh
    spoilt(finding, some, proof)
    assert some.prove(MAIN).proved is False


def test_a_staffed_queue_that_is_asked_again_and_again_is_no_dead_end():
    flow = (
        "flow: night\nstart: wait\nnodes:\n"
        "  wait: { queue: sales, timeout: 20s, on: { answered: bye, timeout: wait } }\n"
        "  bye: { hangup: normal }\n"
    )
    assert prover(night=flow).prove(MAIN).proved


def test_a_number_without_a_flow():
    routes = FILES["routes.yaml"].replace("  400-600-5678: { line: sh, flow: night }", "  400-600-5678: { line: sh }")
    some = prover(routes=routes)
    proof, found = findings(some, "4006005678")
    finding = only(found)
    assert (finding.code, finding.place.line) == ("ends-nowhere-unbound", 10)
    assert "全部时间，所有来电" in finding.message.zh
    assert "line400 bind 400-600-5678" in finding.cure.en
    assert replay(some.book, only_way(proof)).fault.code == "unbound"


def test_a_number_without_a_line():
    routes = FILES["routes.yaml"].replace("  400-600-5678: { line: sh, flow: night }\n", "")
    finding = only(findings(prover(routes=routes), "4006005678")[1])
    assert (finding.code, finding.place.file) == ("ends-nowhere-not-routed", "config/numbers.yaml")


def test_a_number_that_nobody_can_tell_on_its_shared_line():
    trunks = "trunks: { sh: { original_called: [] } }\n"
    configuration, book = loaded({**FILES, "trunks.yaml": trunks})
    some = Prover(configuration, book, FIRST, LAST)
    proof, found = findings(some)
    finding = only(found)
    assert finding.code == "ends-nowhere-ambiguous-number"
    assert "上海来电" in finding.message.zh
    assert replay(book, only_way(proof)).fault.code == "ambiguous_number"


def test_every_line_of_a_hunting_must_tell_the_number():
    routes = FILES["routes.yaml"].replace(
        "    line: bj\n    flow: sales", "    hunt: { lines: [bj, sh] }\n    flow: sales"
    )
    files = {**FILES, "routes.yaml": routes, "trunks.yaml": "trunks: { sh: { original_called: [] } }\n"}
    configuration, book = loaded(files)
    proof = Prover(configuration, book, FIRST, LAST).prove(MAIN)
    assert {nowhere.end.what for nowhere in proof.nowhere} == {"ambiguous_number"}
    assert prover(routes=routes).prove(MAIN).proved


def test_a_number_that_is_not_bought_yet_is_out_of_service_and_one_that_expires_is_told():
    numbers = (
        "numbers:\n  - { number: 400-800-1234, purchased: 2026-03-01 }\n"
        "  - { number: 400-600-5678, purchased: 2025-03-01, expires: 2026-06-01, auto_renew: false }\n"
    )
    some = prover(numbers=numbers)
    proof, found = findings(some)
    assert (proof.proved, found) == (True, [])
    assert ("out_of_service", "not_purchased") in ends(proof)
    proof, found = findings(some, "4006005678")
    finding = only(found)
    assert proof.proved
    assert (finding.code, finding.severity) == ("number-expires", "warning")
    assert "2026-06-09" in finding.message.en


def test_a_year_without_holiday_data_is_told():
    some = prover()
    later = Prover(some.configuration, some.book, LAST + 400 * 86_400.0, LAST + 410 * 86_400.0)
    finding = only(list(calendar_findings(later)))
    assert (finding.code, finding.severity) == ("calendar-year-without-data", "warning")
    assert "2028" in finding.message.zh
    assert list(calendar_findings(some)) == []


def test_a_call_that_arrives_before_closing_time_meets_the_hours_that_follow():
    flow = """flow: sales
start: hello
nodes:
  hello: { play: 您好，欢迎致电，请您稍候。, next: hours }
  hours: { hours: office, on: { open: message, closed: bye, holiday: bye } }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
"""
    proof, found = findings(prover(sales=flow))
    assert found == []
    open_ends = {end.kind for _, outcome in proof.outcomes if outcome.rule == "default" for end in outcome.ends}
    assert open_ends == {"voicemail"}, "a minute before the end the greeting is over in time"


def test_flows_that_ask_for_the_caller_cut_the_cells():
    flow = """flow: sales
start: which
nodes:
  which: { branch: [{ when: "caller.carrier == 'telecom'", next: message }], else: closed }
  closed: { play: 您好。, next: bye }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
"""
    proof, _ = findings(prover(sales=flow))
    by_carrier = {
        caller_facts(cell.who.caller).carrier == "telecom": {end.kind for end in outcome.ends}
        for cell, outcome in proof.outcomes
        if outcome.rule == "default" and isinstance(cell.sample, Sample)
    }
    assert by_carrier == {True: {"voicemail"}, False: {"announcement"}}


def test_a_forwarding_and_a_pin_are_followed():
    routes = FILES["routes.yaml"].replace(
        "  400-600-5678: { line: sh, flow: night }",
        "  400-600-5678:\n    line: sh\n    flow: night\n    pin: { codes: ['1234'] }\n    rules:\n"
        "      - { when: { caller: { kind: hidden } }, forward: { to: 010-66660001 } }",
    )
    proof, found = findings(prover(routes=routes), "4006005678")
    assert found == []
    assert ("transfer", "01066660001") in ends(proof)
    assert ("announcement", "") in ends(proof)
