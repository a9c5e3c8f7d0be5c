"""Routes as carriers sell them, from the file to the call: caps, PIN, allow lists, trials, priorities, forwarding."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.book import RouteBook
from router.configuration import Loaded, load_files
from router.pins import PinError, check_hash, hash_pin, opens
from router.record import CallRecord
from router.resolution import Inbound
from router.traffic import Traffic, month_of
from simulator.beside import traffic_beside
from simulator.call import TestCall
from simulator.carrier import Carrier
from simulator.exploring import Limits, explore_number
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import run_virtual

NUMBER = "4008001234"
AT = datetime.fromisoformat("2026-10-12T10:00:00+08:00").timestamp()
CALLER = "13800138000"
FILES = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": "numbers:\n  - number: 400-800-1234\n  - number: 400-600-5678\n",
    "lines.yaml": (
        "lines:\n  bj: { base_number: 010-88880001, trunk: t }\n  sh: { base_number: 021-66660002, trunk: t }\n"
        "  out: { base_number: 021-66660009, trunk: t }\n"
    ),
    "flows/hello.flow.yaml": "flow: hello\nnodes:\n  say: { play: 您好 }\n",
    "flows/trial.flow.yaml": "flow: trial\nnodes:\n  say: { play: 新流程 }\n",
    "flows/wait.flow.yaml": (
        "flow: wait\nnodes:\n  q: { queue: default, priority: 3, on: { timeout: bye } }\n  bye: { hangup: normal }\n"
    ),
}


def loaded(route: str, lists: str = "", secrets: dict[str, str] | None = None) -> Loaded:
    text = "routes:\n  400-800-1234:\n" + "".join(f"    {line}\n" for line in route.splitlines())
    text += '  400-600-5678: { line: sh, flow: hello }\nlists:\n  vip: ["13800138000", "0755*"]\n' + lists
    return load_files({name: data.encode() for name, data in {**FILES, "routes.yaml": text}.items()}, Path("config"))


def book(route: str, lists: str = "") -> RouteBook:
    found = loaded(route, lists)
    assert found.configuration is not None, [finding.as_text() for finding in found.findings]
    return RouteBook.compile(found.configuration)


def codes(route: str, lists: str = "") -> set[str]:
    return {finding.code for finding in loaded(route, lists).findings if finding.severity == "error"}


def call(routes: RouteBook, press: str = "", caller: str | None = CALLER, **more: Any) -> CallRecord:
    return run_virtual(
        routes,
        TestCall(NUMBER, caller, AT, "c1", {}, more.get("traffic")),
        PressScript.parse(press),
        AgentScript.parse(more.get("agents", "none")),
        TargetScript.parse(more.get("target", "answer")),
    )


# Caps. ----------------------------------------------------------------------------------------------------------

CAPPED = "line: bj\nflow: hello\nmax_calls: 2\nmax_calls_per_month: 100\nover_limit: { announce: 忙 }"


def test_a_call_beyond_a_cap_is_rejected_with_its_announcement() -> None:
    routes = book(CAPPED)
    for occupied, month, fault in ((2, 0, "over_calls"), (0, 100, "over_month"), (1, 99, None)):
        traffic = traffic_beside({}, {NUMBER: occupied}, {NUMBER: month}, AT, routes.zone)
        record = call(routes, traffic=traffic)
        if fault is None:
            assert record.outcome == "completed"
            continue
        assert record.fault is not None
        assert (record.fault.code, record.outcome, record.rule, record.hangup_cause) == (fault, "rejected", None, 17)
        assert record.heard == ["忙", "tone:busy"]


def test_the_cap_of_a_month_is_that_of_the_moment_of_the_call() -> None:
    routes = book(CAPPED)
    traffic = Traffic()
    traffic.months[NUMBER, "2026-09"] = 100
    assert call(routes, traffic=traffic).outcome == "completed"
    assert month_of(datetime.fromisoformat("2026-09-30T23:59:59+08:00").timestamp(), routes.zone) == "2026-09"


def test_who_is_rejected_by_a_rule_is_not_told_of_caps() -> None:
    routes = book(f"{CAPPED}\nrules:\n  - {{ when: {{ caller: {{ list: vip }} }}, reject: blocked }}")
    assert call(routes, traffic=Traffic(numbers={NUMBER: 5})).hangup_cause == 21


# PIN. -----------------------------------------------------------------------------------------------------------


def test_a_pin_stands_before_the_flow_and_is_kept_nowhere() -> None:
    routes = book('line: bj\nflow: hello\npin: { codes: ["0862", "4567"], prompt: 密码 }')
    for keys, path, pressed in (
        ("0862", ["pin", "say"], "•"),
        ("9999,,4567", ["pin", "say"], "•,,•"),
        ("9999,0*62,,0862", ["pin", "pin-denied"], "•,•,"),
    ):
        record = call(routes, keys)
        assert (list(record.path), record.pressed) == (path, pressed)
        assert "0862" not in repr(record)
    assert call(routes, "h").pressed == "h"


def test_a_hash_opens_for_its_pin_only() -> None:
    written = hash_pin("4321", b"0123456789abcdef", 1_000)
    routes = book(f'line: bj\nflow: hello\npin: {{ hashed: "{written}" }}')
    assert list(call(routes, "4321").path) == ["pin", "say"]
    assert list(call(routes, "1234,1111,2222").path) == ["pin", "pin-denied"]
    assert opens("4321", written)
    assert not opens("1234", written)
    for wrong in ("", "4321", "pbkdf2-sha256:1:00:00", written[:-1], written.replace("1000", "99999999")):
        with pytest.raises(PinError):
            check_hash(wrong)


def test_pins_may_come_from_the_environment_and_its_lack_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    route = "line: bj\nflow: hello\npin: { secret_env: LINE400_TEST_PINS }"
    monkeypatch.setenv("LINE400_TEST_PINS", "1111, 2222")
    assert list(call(book(route), "2222").path) == ["pin", "say"]
    assert "2222" not in repr(loaded(route).configuration)
    monkeypatch.delenv("LINE400_TEST_PINS")
    assert {finding.code for finding in loaded(route).findings} == {"pin-secret-unset"}
    assert list(call(book(route), "2222,,").path) == ["pin", "pin-denied"]


def test_the_pin_of_a_rule_stands_in_place_of_the_routes() -> None:
    routes = book(
        'line: bj\nflow: hello\npin: { codes: "1111" }\n'
        'rules:\n  - { when: { caller: { list: vip } }, pin: { codes: "2222" } }'
    )
    assert list(call(routes, "2222").path) == ["pin", "say"]
    assert list(call(routes, "1111", "13900000001").path) == ["pin", "say"]


def test_nobody_passes_by_the_pin_over_a_shared_base_number() -> None:
    routes = book('line: sh\nflow: hello\npin: { codes: "1111" }')
    found = routes.resolve(Inbound("02166660002", CALLER, AT))
    assert found.flow is None
    assert found.fault is not None
    assert found.fault.code == "ambiguous_number"


def test_the_explorer_presses_the_pin() -> None:
    text = 'line: bj\nflow: hello\npin: { codes: "1111" }'
    found = loaded(text)
    assert found.configuration is not None
    explored = explore_number(found.configuration, RouteBook.compile(found.configuration), NUMBER, AT, Limits())
    assert explored.complete
    assert {way.found.path for way in explored.ways} == {("pin",), ("pin", "say"), ("pin", "pin-denied")}


# Lists, trials, priorities. ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [(CALLER, "completed"), ("075588880001", "completed"), ("13900000001", "rejected"), (None, "rejected")],
)
def test_only_listed_callers_are_taken(caller: str | None, outcome: str) -> None:
    record = call(book("line: bj\nflow: hello\nallow: vip"), caller=caller)
    assert (record.outcome, record.rule) == (outcome, "default" if outcome == "completed" else "allow")


def test_a_trial_takes_listed_callers_and_a_share_of_the_others_behind_the_rules() -> None:
    routes = book(
        "line: bj\nflow: hello\ntrial: { flow: trial, callers: vip, share: 20 }\n"
        "rules:\n  - { name: 北京, when: { caller: { province: 北京, kind: landline } }, flow: hello }"
    )
    assert (call(routes).flow, call(routes).rule) == ("trial", "trial.callers")
    assert call(routes, caller="01066660001").rule == "北京"
    rules = [call(routes, caller=f"139{n:08d}").rule for n in range(1_000)]
    assert abs(rules.count("trial.share") - 200) < 50
    assert set(rules) == {"trial.share", "default"}


def test_a_priority_is_that_of_the_caller_where_it_is_higher() -> None:
    for given_, expected in ((9, 9), (2, 3)):
        routes = book(
            f"line: bj\nflow: wait\nrules:\n  - {{ when: {{ caller: {{ list: vip }} }}, priority: {given_} }}"
        )
        resolution = routes.resolve(Inbound(NUMBER, CALLER, AT))
        assert resolution.handling is not None
        assert resolution.handling.priority == given_
        from router.arrival import arrive

        session = arrive(routes, Inbound(NUMBER, CALLER, AT)).session
        assert session is not None
        assert session.start().priority == expected  # type: ignore[union-attr]


# Forwarding. ------------------------------------------------------------------------------------------------------

FORWARD = "line: bj\nflow: hello\nrules:\n  - { name: 转, forward: { to: 13700137000, on: { no_answer: trial } } }"


@pytest.mark.parametrize(
    ("target", "path", "outcome", "cause"),
    [
        ("answer", ["forward"], "answered", 16),
        ("busy", ["forward", "busy"], "completed", 17),
        ("no_answer", ["forward", "no_answer", "trial//say"], "completed", 16),
        ("failed", ["forward", "failed"], "completed", 27),
    ],
)
def test_a_forwarding_places_a_leg_in_place_of_a_flow(target: str, path: list[str], outcome: str, cause: int) -> None:
    record = call(book(FORWARD), target=target)
    assert (list(record.path), record.outcome, record.hangup_cause) == (path, outcome, cause)
    assert (record.flow, record.rule, record.called) == (None, "转", NUMBER)


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("to: 400-600-5678", True),
        ("to: 400-800-1234", True),
        ("to: 010-88880001", True),
        ("to: 021-66660002", True),
        ("line: sh", True),
        ("to: 13700137000", False),
        ("to: 400-700-0000", False),
        ("to: 021-66660009", False),
        ("line: out", False),
    ],
)
def test_a_forwarding_that_comes_back_is_an_error(target: str, wrong: bool) -> None:
    found = codes(f"line: bj\nflow: hello\nrules:\n  - {{ forward: {{ {target} }} }}")
    assert found == ({"forwarding-loop"} if wrong else set())


# What is written wrongly. -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ("hunt: { lines: [bj] }", "bad-hunt"),
        ("hunt: { lines: [bj, bj] }", "bad-hunt"),
        ("hunt: { lines: [bj, shh] }", "unknown-name"),
        ("hunt: { lines: { bj: 70, shh: 30 } }", "unknown-name"),
        ("hunt: { lines: { bj: 0, sh: 0 } }", "bad-hunt"),
        ("hunt: { lines: [bj, sh], strategy: weight }", "bad-hunt"),
        ("hunt: { lines: { bj: 7, sh: 3 }, strategy: random }", "bad-hunt"),
        ("hunt: { lines: [bj, sh], strategy: sequence }", "bad-value"),
        ("hunt: { lines: [bj, sh], ring_time: 0 }", "bad-duration"),
        ("line: bj\nhunt: { lines: [bj, sh] }", "contradicting-rule"),
        ("line: bj\nover_limit: { reject: busy }", "incomplete-rule"),
        ("line: bj\nmax_calls: 0", "bad-value"),
        ("line: bj\nallow: vp", "unknown-name"),
        ("line: bj\ntrial: { flow: trial }", "incomplete-rule"),
        ("line: bj\ntrial: { flow: tral, share: 5 }", "unknown-name"),
        ("line: bj\npin: { digits: 4 }", "bad-pin"),
        ('line: bj\npin: { codes: "12345" }', "bad-pin"),
        ('line: bj\npin: { hashed: "1234" }', "bad-pin"),
        ("line: bj\npin: { list: vip }", "bad-pin"),
        ('line: bj\npin: { codes: "1234", prompt: "{{ 1 +" }', "bad-template"),
        ("line: bj\nrules:\n  - { forward: { ring_time: 5s } }", "bad-forward"),
        ("line: bj\nrules:\n  - { forward: { to: abc } }", "bad-number"),
        ("line: bj\nrules:\n  - { forward: { to: 10086 }, flow: hello }", "contradicting-rule"),
        ("line: bj\nrules:\n  - { reject: busy, priority: 3 }", "contradicting-rule"),
        ("line: bj\nrules:\n  - { priority: 100 }", "bad-value"),
        ("line: bj\nrules:\n  - { when: { caller: { not_list: vp } }, flow: hello }", "unknown-name"),
    ],
)
def test_what_is_wrong_is_told(route: str, code: str) -> None:
    assert codes(f"{route}\nflow: hello") == {code}


def test_list_of_pins() -> None:
    routes = book("line: bj\nflow: hello\npin: { list: pins }", '  pins: ["1111", "2222"]\n')
    assert list(call(routes, "2222").path) == ["pin", "say"]


# Nobody is refused for looking odd, and a default always exists. --------------------------------------------------

ODD = ["13800138000", "1440000000001", "700123456789012", "95588", "10086", "0012025550123", "+85221234567", "110", "x"]


@given(
    st.one_of(st.none(), st.sampled_from(ODD), st.from_regex(r"[0-9+*#]{0,18}", fullmatch=True), st.text(max_size=20))
)
def test_every_caller_reaches_the_default_or_a_rule_about_the_unknown(caller: str | None) -> None:
    resolution = UNKNOWN.resolve(Inbound(NUMBER, caller, AT))
    assert (resolution.rule, resolution.flow) in (("未知", "trial"), ("default", "hello"))
    assert (resolution.reject, resolution.fault) == (None, None)


UNKNOWN = book("line: bj\nflow: hello\nrules:\n  - { name: 未知, when: { caller: { province: 未知 } }, flow: trial }")


# Hunting through the carrier. -------------------------------------------------------------------------------------


def test_the_carrier_takes_turns_and_says_which_lines_it_tried() -> None:
    routes = book("hunt: { lines: [bj, sh], strategy: circular, ring_time: 20s }\nflow: hello")
    carrier = Carrier(routes)
    seen = []
    for number in range(3):
        found = carrier.translate(NUMBER, CALLER, AT, f"c{number}")
        carrier.take(found)
        seen.append(found.line)
    assert seen == ["bj", "sh", "bj"]
    record = call(routes, traffic=Traffic({"bj": "no_answer"}))
    assert [str(tried) for tried in record.tried] == ["bj=no_answer", "sh=taken"]
    assert (record.line, record.started) == ("sh", AT + 20.0)
    refused = call(routes, traffic=Traffic({"bj": "no_answer", "sh": "no_answer"}))
    assert (refused.outcome, refused.hangup_by, refused.hangup_cause) == ("no_route", "carrier", 19)
    assert refused.heard == ["tone:no_answer"]
    assert refused.ended == AT + 40.0


def test_a_call_may_arrive_on_every_line_of_the_hunting() -> None:
    routes = book("hunt: { lines: [bj, sh] }\nflow: hello")
    arrived = routes.resolve(Inbound("02166660002", CALLER, AT, original_called=NUMBER))
    assert (arrived.number, arrived.flow, arrived.line_mismatch) == (NUMBER, "hello", None)
    elsewhere = routes.resolve(Inbound("02166660009", CALLER, AT, original_called=NUMBER))
    assert elsewhere.line_mismatch == "bj"
