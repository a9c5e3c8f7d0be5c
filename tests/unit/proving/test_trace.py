"""Tracing: who reaches a line, a flow or a queue, and where they go if it dies."""

from __future__ import annotations

from simulator.proving.tracing import Subject, SubjectKind, Traced, trace

from .company import FILES, FIRST, LAST, company


def traced(kind: SubjectKind, name: str, *, down: bool = False, **changed: str) -> list[Traced]:
    configuration, book = company(**changed)
    return list(trace(configuration, book, FIRST, LAST, Subject(kind, name), down=down))


def test_who_reaches_a_queue_and_when():
    found = {(row.number, row.rule, row.who.zh, row.when.zh) for row in traced("queue", "sales")}
    assert found == {
        ("4008001234", "default", "其余来电", "工作日 09:00–18:00；周六 10:00–16:00"),
        ("4008001234", "上海", "上海来电", "全部时间"),
    }


def test_if_a_queue_dies_its_callers_go_on_to_the_next():
    for row in traced("queue", "sales", down=True):
        assert row.instead is not None
        assert {(end.kind, end.what) for end in row.instead.ends} == {("agents", "spare"), ("voicemail", "general")}


def test_who_reaches_a_flow_is_rejected_by_no_rule():
    found = {(row.number, row.who.zh) for row in traced("flow", "night")}
    assert found == {("4008001234", "其余来电"), ("4006005678", "所有来电")}


def test_if_a_flow_dies_the_fallback_of_the_line_takes_the_calls():
    found = {row.instead.fallback for row in traced("flow", "sales", down=True) if row.instead}
    assert found == {"系统繁忙。", None}, "line bj has a fallback, line sh has none"


def test_if_a_line_dies_calls_overflow_or_fail():
    rows = traced("line", "bj", down=True)
    assert {(row.rule, row.instead.line if row.instead else None) for row in rows} == {
        ("黑名单", "sh"),
        ("default", "sh"),
        ("下班", "sh"),
    }
    rows = traced("line", "sh", down=True)
    assert {row.number for row in rows} == {"4008001234", "4006005678"}
    for row in rows:
        assert row.instead is not None
        assert [end.kind for end in row.instead.ends] == ["nowhere"], "line sh overflows nowhere"


def test_nobody_reaches_what_no_route_leads_to():
    assert traced("queue", "empty") == []


def test_a_number_that_is_not_bought_yet_reaches_no_line():
    numbers = FILES["numbers.yaml"].replace("400-600-5678", "400-600-5678, purchased: 2026-07-01")
    rows = [row for row in traced("line", "sh", numbers=numbers) if row.number == "4006005678"]
    assert [row.when.zh for row in rows] == ["2026-07-01 起每天"]
