"""Invariants: what must never and must always be true of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.schema import Refusal
from router.configuration import load_files
from router.configuration.invariant_sentences import read_sentence
from simulator.proving import check_invariants

from .company import FILES, FIRST, LAST, company


def codes(text: str) -> list[tuple[str, str]]:
    """The findings for one invariant: code and Chinese message."""
    configuration, book = company(invariants=f"invariants:\n  - {text}\n")
    return [(found.code, found.message.zh) for found in check_invariants(configuration, book, FIRST, LAST)]


HOLD = [
    "never: { caller: { list: blocked }, reaches: { end: [agents, transfer, voicemail] }, number: 400-800-1234 }",
    "never: { when: { hours: office, is: holiday }, caller: { province: 广东 }, reaches: { queue: [sales, spare] } }",
    "never: { when: { after: '18:00' }, caller: { kind: hidden }, reaches: { queue: sales } }",
    "never: { when: { between: 22:00-06:00 }, caller: { city: 深圳 }, reaches: { voicemail: general } }",
    "never: { when: { weekday: sunday }, reaches: { flow: sales }, caller: { province: 广东 }, number: 4006005678 }",
    "always: { caller: { province: 上海, not_list: blocked }, number: 400-800-1234, reaches: { line: sh } }",
    "always: { number: 400-600-5678, reaches: { end: announcement } }",
    "always: { caller: { kind: hidden }, when: { hours: office }, number: 400-800-1234, reaches: { queue: spare } }",
    "never: { reaches: { end: nowhere } }",
]
BROKEN = [
    ("never: { caller: { province: 上海 }, reaches: { queue: sales } }", "上海来电会到达队列 sales"),
    ("never: { when: { after: '17:00' }, caller: { kind: hidden }, reaches: { queue: spare } }", "工作日 17:00–18:00"),
    ("never: { when: { between: 22:00-06:00 }, number: 4008001234, reaches: { flow: night } }", "22:00–24:00"),
    (
        "never: { when: { dates: 2026-10-10 }, caller: { kind: hidden }, reaches: { queue: sales } }",
        "2026-10-10 09:00–18:00",
    ),
    ("always: { number: 400-800-1234, reaches: { flow: [sales, night] } }", "名单 blocked 中的来电不会到达"),
    ("always: { when: { hours: office }, number: 400-600-5678, reaches: { flow: sales } }", "400-600-5678"),
]


@pytest.mark.parametrize("text", HOLD)
def test_an_invariant_that_holds(text: str):
    assert codes(text) == []


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_an_invariant_that_does_not_hold(text: str, said: str):
    found = codes(text)
    assert {code for code, _ in found} == {"invariant-broken"}
    assert any(said in message for _, message in found), found


def test_a_broken_invariant_comes_with_a_call_that_breaks_it():
    text = "invariants: [{ name: 夜, never: { caller: { province: 上海 }, reaches: { voicemail: general } } }]\n"
    configuration, book = company(invariants=text)
    (finding,) = check_invariants(configuration, book, FIRST, LAST)
    assert (finding.place.file, finding.place.line) == ("config/invariants.yaml", 1)
    assert finding.counter_example is not None
    assert finding.counter_example.startswith("line400 call 400-800-1234 --from 021")
    assert "--press 2" in finding.counter_example


@pytest.mark.parametrize(
    ("sentence", "keys"),
    [
        (
            "a caller from 上海 reaches queue sales after 18:00",
            {"reaches": {"queue": "sales"}, "caller": {"province": ["上海"]}, "when": {"after": "18:00"}},
        ),
        (
            "上海来电 18:00 后进入队列 sales",
            {"reaches": {"queue": "sales"}, "caller": {"province": ["上海"]}, "when": {"after": "18:00"}},
        ),
        (
            "any hidden caller reaches flow night between 22:00 and 06:00 on 400-800-1234",
            {
                "reaches": {"flow": "night"},
                "caller": {"kind": "hidden"},
                "when": {"between": "22:00-06:00"},
                "number": "400-800-1234",
            },
        ),
        ("所有来电进入语音信箱 general", {"reaches": {"voicemail": "general"}}),
        (
            "callers on list vip reach line bj while office is closed",
            {"reaches": {"line": "bj"}, "caller": {"list": "vip"}, "when": {"hours": "office", "is": "closed"}},
        ),
        (
            "上海、深圳来电 9:00 前进入流程 night",
            {
                "reaches": {"flow": "night"},
                "caller": {"province": ["上海"], "city": ["深圳"]},
                "when": {"before": "9:00"},
            },
        ),
    ],
)
def test_a_sentence_stands_for_keys(sentence: str, keys: dict[str, object]):
    assert read_sentence(sentence) == keys


@pytest.mark.parametrize(
    "sentence", ["nobody may call at night", "a caller jumps to queue sales", "reaches queue sales twice"]
)
def test_words_that_are_not_understood_are_refused(sentence: str):
    with pytest.raises(Refusal) as refused:
        read_sentence(sentence)
    assert refused.value.code == "bad-invariant"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("invariants:\n  - never: { reaches: { queue: nosuch } }\n", "unknown-name", 2),
        ("invariants:\n  - name: x\n", "bad-invariant", 2),
        ("invariants:\n  - never: { reaches: { queue: sales, flow: night } }\n", "bad-invariant", 2),
        ("invariants:\n  - never: { reaches: { queue: sales }, when: { after: '25:00' } }\n", "bad-interval", 2),
        ("invariants:\n  - never: { reaches: { queue: sales }, number: 4009999999 }\n", "unknown-name", 2),
        ("invariants:\n  - never: callers reach queue sales while ofice is open\n", "unknown-name", 2),
        ("invariants:\n  - never: { reach: { queue: sales } }\n", "unknown-key", 2),
    ],
)
def test_a_faulty_invariant_is_told_with_its_place(text: str, code: str, line: int):
    files = {**FILES, "invariants.yaml": text}
    loaded = load_files({name: content.encode() for name, content in files.items()}, Path("config"), lint=False)
    assert loaded.configuration is None
    assert {(found.code, found.place.line) for found in loaded.findings if found.severity == "error"} >= {(code, line)}
