"""The caller of a scenario: what each verb does, told the facts of a call one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulator.scenarios.caller import ScenarioCaller, StepFailure
from simulator.scenarios.loading import load_text
from simulator.script import FIRST_KEY_AFTER, KEY_GAP, Action, HangUp, Press

T0 = 1_000_000.0


def caller(*steps: str) -> ScenarioCaller:
    lines = "\n".join(f"  - {step}" for step in steps)
    text = f"scenario: a\ncall: {{ to: 400-800-1234, at: 2026-10-01T10:00:00 }}\nsteps:\n{lines}\n"
    loaded = load_text(text)
    assert loaded.findings == []
    return ScenarioCaller(loaded.scenarios[0].steps)


class Told:
    """Tells a caller facts at seconds after the start, and collects what it does, as (second, action)."""

    def __init__(self, script: ScenarioCaller) -> None:
        self.script = script
        self.did: list[tuple[float, Action]] = []
        self._collect(0.0, script.connected(T0))

    def _collect(self, second: float, actions: Sequence[Action]) -> None:
        self.did.extend((round(second + action.after, 3), action) for action in actions)

    def hears(self, second: float, text: str) -> None:
        self._collect(second, self.script.heard(text, T0 + second, 2.0))

    def attempt(self, second: float, number: int) -> None:
        self._collect(second, self.script.attempt(number, T0 + second))

    def queued(self, second: float, queue: str) -> None:
        self._collect(second, self.script.queued(queue, T0 + second))

    def transferred(self, second: float, target: str) -> None:
        self._collect(second, self.script.transferred(target, T0 + second))

    @property
    def keys(self) -> list[tuple[float, str]]:
        return [(second, action.digits) for second, action in self.did if isinstance(action, Press)]

    @property
    def hung_up(self) -> list[float]:
        return [second for second, action in self.did if isinstance(action, HangUp)]

    def failure(self, ended: float, by: str = "flow") -> StepFailure | None:
        return self.script.failure(T0 + ended, by)


def test_keys_wait_until_the_line_asks() -> None:
    told = Told(caller("hears: 欢迎", "presses: 1"))
    told.hears(0, "欢迎致电")
    assert told.keys == []
    told.attempt(5, 1)
    assert told.keys == [(5 + FIRST_KEY_AFTER, "1")]
    assert told.failure(10) is None


def test_each_presses_answers_one_attempt() -> None:
    told = Told(caller("presses: 1", 'presses: "22#"', "presses: 3"))
    told.attempt(2, 1)
    told.attempt(8, 2)
    assert told.keys == [(2.6, "1"), (8.6, "22#")]
    assert [action.attempt for _, action in told.did if isinstance(action, Press)] == [1, 2]
    assert told.failure(20) == StepFailure(2, "not_reached")


def test_hears_takes_one_later_item_each_in_order() -> None:
    told = Told(caller("hears: 请按1", "hears: 请按1", "hears: 再见"))
    told.hears(0, "请按１")
    told.hears(5, "再见")
    assert told.failure(6) == StepFailure(1, "not_reached")
    told.hears(10, "请按1，谢谢")
    assert told.failure(11) == StepFailure(2, "not_reached")
    told.hears(15, "再见")
    assert told.failure(16) is None


def test_items_between_are_passed_over() -> None:
    told = Told(caller("hears: 您好", "hears: 再见"))
    for second, text in enumerate(["您好", "广告", "音乐", "再见"]):
        told.hears(second, text)
    assert told.failure(9) is None


def test_waits_then_presses_is_at_that_moment_whatever_is_on_the_line() -> None:
    told = Told(caller("hears: 欢迎", "waits: 1.5s", "presses: 1"))
    told.hears(3, "欢迎致电")
    assert told.keys == [(4.5, "1")]


def test_silent_for_then_presses_answers_the_attempt_that_is_open_then() -> None:
    told = Told(caller("hears: 请按1", "silent_for: 6s", "presses: 1"))
    told.hears(0, "请按1")
    told.attempt(3, 1)
    assert told.keys == [(6.6, "1")]
    told.hears(7, "好的")
    assert told.failure(9) is None


def test_keys_planned_into_an_attempt_that_ended_before_are_pressed_in_the_next() -> None:
    told = Told(caller("hears: 请按1", "silent_for: 9s", "presses: 1", "hears: 好的"))
    told.hears(0, "请按1")
    told.attempt(3, 1)
    told.hears(8, "请按1")
    told.attempt(11, 2)
    assert told.keys == [(9.6, "1"), (11.6, "1")]
    assert [action.attempt for _, action in told.did if isinstance(action, Press)] == [1, 2]
    told.hears(12, "好的")
    assert told.failure(13) is None


def test_what_happened_during_a_silence_counts_afterwards() -> None:
    told = Told(caller("hears: 请按1", "silent_for: 10s", "hears: 没有收到", "hangs_up:"))
    told.hears(0, "请按1")
    told.hears(5, "没有收到您的按键")
    assert told.hung_up == [10.0]


def test_waits_wants_the_call_to_last_and_silent_for_does_not() -> None:
    told = Told(caller("waits: 30s"))
    assert told.failure(29) == StepFailure(0, "not_reached")
    assert told.failure(30) is None
    assert Told(caller("silent_for: 30s")).failure(29) is None


def test_hanging_up_follows_the_step_before() -> None:
    told = Told(caller("hears: 欢迎", "waits: 2s", "hangs_up:"))
    told.hears(1, "欢迎")
    assert told.hung_up == [3.0]
    assert told.failure(3, "caller") is None
    assert told.failure(2, "flow") == StepFailure(1, "not_reached")


def test_hanging_up_behind_keys_waits_for_the_last_key() -> None:
    told = Told(caller('presses: "12"', "hangs_up:"))
    told.attempt(4, 1)
    assert told.hung_up == [round(4 + FIRST_KEY_AFTER + 2 * KEY_GAP, 3)]


def test_a_hang_up_that_came_too_late_is_not_fulfilled() -> None:
    told = Told(caller("hears: 再见", "hangs_up:"))
    told.hears(1, "再见")
    assert told.failure(1, "flow") == StepFailure(1, "not_reached")


def test_a_call_that_ends_with_the_last_key_has_got_its_keys() -> None:
    told = Told(caller('presses: "1234"'))
    told.attempt(1, 1)
    assert told.failure(1 + FIRST_KEY_AFTER + 3 * KEY_GAP) is None
    assert told.failure(1 + FIRST_KEY_AFTER / 2) == StepFailure(0, "not_reached")


def test_queue_and_transfer_are_named_exactly() -> None:
    told = Told(caller("queued_in: support", "transferred_to: 010-88880009"))
    told.queued(1, "support-2")
    assert told.failure(9) == StepFailure(0, "not_reached")
    told.queued(2, "support")
    told.transferred(70, "01088880008")
    assert told.failure(99) == StepFailure(1, "not_reached")
    told.transferred(120, "01088880009")
    assert told.failure(130) is None


def test_a_transfer_to_a_line_is_named_by_the_line() -> None:
    told = Told(caller("transferred_to: sh-telecom"))
    told.transferred(1, "sh-telecom")
    assert told.failure(2) is None


def test_keys_in_a_queue_are_pressed_at_once() -> None:
    told = Told(caller("queued_in: support", "presses: 0"))
    told.queued(4, "support")
    assert told.keys == [(4 + FIRST_KEY_AFTER, "0")]


@pytest.mark.parametrize(("second", "late"), [(5.9, False), (6.0, False), (6.2, True)])
def test_within_counts_from_the_step_before(second: float, late: bool) -> None:
    told = Told(caller("hears: 欢迎", "{ hears: 菜单, within: 5s }"))
    told.hears(1, "欢迎")
    told.hears(second, "菜单")
    found = told.failure(30)
    assert (found.code if found else None) == ("late" if late else None)
    assert told.hung_up == ([second] if late else [])


def test_a_bound_that_is_over_ends_the_call_at_the_next_fact() -> None:
    told = Told(caller("{ hears: 菜单, within: 5s }", "presses: 1"))
    told.hears(2, "广告")
    told.attempt(8, 1)
    told.attempt(20, 2)
    assert told.hung_up == [8.0]
    assert told.keys == []
    found = told.failure(20, "caller")
    assert found is not None
    assert (found.index, found.code, round(found.seconds, 3)) == (0, "overdue", 8.0)


def test_after_the_last_step_the_caller_is_silent() -> None:
    told = Told(caller("hears: 欢迎"))
    told.hears(0, "欢迎")
    told.attempt(4, 1)
    told.queued(9, "support")
    assert told.did == []
    assert told.failure(60) is None


def test_no_step_at_all_is_a_silent_caller() -> None:
    told = Told(ScenarioCaller(()))
    told.hears(0, "欢迎")
    told.attempt(4, 1)
    assert told.did == []
    assert told.failure(60) is None
