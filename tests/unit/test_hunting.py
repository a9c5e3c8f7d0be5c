"""Hunting and overflow: in which order the carrier tries lines, and how it passes a call on."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hunting import Delivery, Hunted, deliver, hunted, single
from router.model import Line, Trunk
from router.route_options import LINE_STATES, Hunt, HuntStrategy, LineState, Overflow
from router.traffic import Traffic

NAMES = ("a", "b", "c", "d", "e")
TRUNKS = {"t": Trunk("t")}


def line(name: str, overflow: Overflow = Overflow(), channels: int = 10) -> Line:  # noqa: B008 - frozen value
    return Line(name, f"0108888000{ord(name)}", "t", channels=channels, overflow=overflow)


LINES = {name: line(name) for name in NAMES}


def order(hunt: Hunt, call_id: str = "c", traffic: Traffic | None = None) -> tuple[str, ...]:
    return hunted(hunt, "4008001234", "default", call_id, LINES, traffic).lines


def try_lines(wanted: Hunted, traffic: Traffic, lines: dict[str, Line] | None = None) -> Delivery:
    return deliver(wanted, lines or LINES, TRUNKS, traffic)


def test_sequential_is_as_written() -> None:
    assert order(Hunt(("c", "a", "b"))) == ("c", "a", "b")


def test_circular_begins_one_line_further_with_each_call() -> None:
    traffic = Traffic()
    hunt = Hunt(("a", "b", "c"), "circular")
    seen = []
    for _ in range(4):
        found = hunted(hunt, "4008001234", "default", "c", LINES, traffic)
        seen.append("".join(found.lines))
        assert found.key is not None
        traffic.turns[found.key] += 1
    assert seen == ["abc", "bca", "cab", "abc"]


def test_least_busy_goes_by_the_share_of_channels_in_use() -> None:
    lines = {"a": line("a", channels=10), "b": line("b", channels=100)}
    traffic = Traffic(lines={"a": 5, "b": 20})
    assert hunted(Hunt(("a", "b"), "least_busy"), "n", "r", "c", lines, traffic).lines == ("b", "a")
    assert hunted(Hunt(("a", "b"), "least_busy"), "n", "r", "c", lines, None).lines == ("a", "b")


def test_random_gives_each_line_its_part_and_each_call_always_the_same() -> None:
    hunt = Hunt(("a", "b", "c", "d"), "random")
    first = Counter(order(hunt, f"call {n}")[0] for n in range(4_000))
    assert all(abs(count - 1_000) < 150 for count in first.values())
    assert order(hunt, "call 7") == order(hunt, "call 7")


def test_weights_say_how_often_a_line_comes_first_and_weight_0_comes_last() -> None:
    hunt = Hunt(("a", "b", "c"), "weight", (70.0, 30.0, 0.0))
    orders = [order(hunt, f"call {n}") for n in range(4_000)]
    assert abs(sum(found[0] == "a" for found in orders) / 4_000 - 0.7) < 0.03
    assert {found[-1] for found in orders} == {"c"}


@given(
    st.permutations(NAMES).flatmap(lambda names: st.integers(2, 5).map(lambda count: tuple(names[:count]))),
    st.sampled_from(["sequential", "circular", "random", "least_busy", "weight"]),
    st.text(max_size=8),
)
def test_every_order_has_every_line_once(names: tuple[str, ...], strategy: HuntStrategy, call_id: str) -> None:
    weights = tuple(float(n) for n in range(1, len(names) + 1)) if strategy == "weight" else ()
    assert sorted(order(Hunt(names, strategy, weights), call_id, Traffic())) == sorted(names)


@pytest.mark.parametrize("state", LINE_STATES)
def test_a_line_overflows_only_for_the_reason_that_is_written(state: LineState) -> None:
    for reason in LINE_STATES:
        lines = {"a": line("a", Overflow(**{reason: ("b",)})), "b": line("b")}
        found = try_lines(single(lines["a"]), Traffic({"a": state}), lines)
        if reason == state:
            assert found.line == "b"
        else:
            assert (found.line, found.reason) == (None, state)


def test_channels_in_use_and_the_limit_of_the_trunk_make_a_line_full() -> None:
    lines = {"a": line("a", Overflow(full=("b",)), channels=2), "b": line("b")}
    assert try_lines(single(lines["a"]), Traffic(lines={"a": 1}), lines).line == "a"
    assert try_lines(single(lines["a"]), Traffic(lines={"a": 2}), lines).line == "b"
    traffic = Traffic()
    traffic.trunks["t"] = 3
    found = deliver(single(lines["a"]), lines, {"t": Trunk("t", max_calls=3)}, traffic)
    assert (found.line, found.reason) == (None, "full")


def test_the_lines_of_the_hunting_come_before_those_they_overflow_to() -> None:
    lines = {"a": line("a", Overflow(busy=("c",))), "b": line("b"), "c": line("c")}
    down: dict[str, LineState] = {"a": "busy", "b": "down"}
    found = try_lines(Hunted(("a", "b"), None, 3), Traffic(down), lines)
    assert [(one.line, one.result) for one in found.attempts] == [("a", "busy"), ("b", "down"), ("c", "taken")]


def test_ringing_takes_the_time_of_the_hunting_or_the_lines_own() -> None:
    lines = {"a": Line("a", "01088880001", "t", ring_time=12.0), "b": line("b")}
    traffic = Traffic({"a": "no_answer"})
    assert try_lines(Hunted(("a", "b"), None, 3), traffic, lines).seconds == 12.0
    assert try_lines(Hunted(("a", "b"), 20.0, 3), traffic, lines).seconds == 20.0


def test_a_call_is_passed_on_only_so_often() -> None:
    traffic = Traffic(dict.fromkeys("abcd", "busy"))
    found = try_lines(Hunted(NAMES, None, 2), traffic)
    assert [one.line for one in found.attempts] == ["a", "b", "c"]
    assert (found.line, found.reason, found.stopped) == (None, "busy", True)
    assert try_lines(Hunted(NAMES, None, 4), traffic).line == "e"
    assert try_lines(Hunted(NAMES, None, 0), traffic).attempts[-1].line == "a"


STATES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(LINE_STATES))
OVERFLOWS = st.builds(
    Overflow,
    **{state: st.lists(st.sampled_from(NAMES), max_size=2).map(tuple) for state in LINE_STATES},  # type: ignore[arg-type]
)


@given(STATES, st.tuples(*[OVERFLOWS] * 5), st.integers(0, 6))
def test_whatever_overflows_where_a_call_ends_on_a_free_line_or_with_a_reason(
    states: dict[str, LineState], overflows: tuple[Overflow, ...], most: int
) -> None:
    lines = {name: line(name, overflow) for name, overflow in zip(NAMES, overflows, strict=True)}
    found = try_lines(Hunted(("a", "b"), None, most), Traffic(states), lines)
    tried = [one.line for one in found.attempts]
    assert len(set(tried)) == len(tried) <= most + 1
    if found.line is None:
        assert found.reason == states[tried[-1]]
    else:
        assert found.line not in states
        assert found.attempts[-1].result == "taken"
