"""What a scenario's call came to: the step that was not fulfilled, or the expectations that do not hold, with what was
heard, the path so far, and the place in the file. Values first; words are made when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from ivr_flows.findings import Language, Place, Text
from router.record import CallRecord

from .caller import ScenarioCaller, StepFailure
from .matching import closest, contains
from .model import Expectation, Scenario, Step

_MOMENTS = frozenset({"started", "answered", "ended"})


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as the scenario says. ``step`` counts from 1, None for an expectation, for a scenario that
    cannot be read and for a call that could not be placed; ``expected`` is what the file says."""

    place: Place
    expected: str | None
    why: Text
    hint: Text | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """The result of one scenario. ``steps`` is how many it has, ``duration_s`` seconds of call time, ``last_taken``
    the whole text of what its last waiting step waited for."""

    name: str
    place: Place
    steps: int = 0
    failures: tuple[Failure, ...] = ()
    heard: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    duration_s: float = 0.0
    record: CallRecord | None = None
    last_taken: str = ""

    @property
    def ok(self) -> bool:
        """Whether the scenario holds."""
        return not self.failures

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """The scenario as ``test --json`` prints it (CONTRACT: ``test``). ``line`` is that of the first failure,
        of the scenario where there is none."""
        first = self.failures[0] if self.failures else None
        return {
            "name": self.name,
            "file": self.place.file,
            "line": first.place.line if first else self.place.line,
            "ok": self.ok,
            "expected": first.expected if first else None,
            "heard": list(self.heard),
            "path": list(self.path),
            "message": self.message(language) if first else None,
        }

    def message(self, language: Language = "en") -> str:
        """The failures as text of several lines, with what was expected and heard, the path and the places;
        empty for a scenario that holds."""
        return "\n".join(self._lines(language)) if self.failures else ""

    def _lines(self, language: Language) -> list[str]:
        words = _WORDS[language]
        lines: list[str] = []
        for failure in self.failures:
            at = f"  {words['step'].format(failure.step, self.steps)}" if failure.step else ""
            lines.append(f"{failure.place}{at}")
            if failure.expected is not None:
                lines.append(_row(words["expected"], failure.expected))
            lines.append(_row(words["why"], failure.why.to(language)))
            if failure.hint:
                lines.append(_row(words["hint"], failure.hint.to(language)))
        if self.record is not None:
            heard = [f"{number}. {text}" for number, text in enumerate(self.heard, 1)]
            lines.append(_row(words["heard"], *(heard or [words["nothing"]])))
            lines.append(_row(words["path"], " → ".join(self.path) or words["nothing"]))
        return lines


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "step": "step {} of {}",
        "expected": "expected",
        "why": "why",
        "hint": "hint",
        "heard": "heard",
        "path": "path",
        "nothing": "(nothing)",
    },
    "zh": {
        "step": "第 {} 步，共 {} 步",
        "expected": "期望",
        "why": "原因",
        "hint": "提示",
        "heard": "听到",
        "path": "路径",
        "nothing": "（无）",
    },
}
_LABEL_CELLS = 10


def _row(label: str, first: str, *more: str) -> str:
    cells = sum(2 if ord(letter) > 0x2E7F else 1 for letter in label)
    head = f"  {label}{' ' * (_LABEL_CELLS - cells)}"
    return "\n".join([head + first, *(" " * (_LABEL_CELLS + 2) + line for line in more)])


def judge(scenario: Scenario, caller: ScenarioCaller, record: CallRecord, zone: tzinfo) -> ScenarioResult:
    """Compare the finished call with what the scenario says."""
    if not record.path:
        _hear_refusal(caller, record)
    broken = caller.failure(record.ended, record.hangup_by)
    failures: tuple[Failure, ...]
    if broken is not None:
        failures = (_step_failure(scenario.steps[broken.index], broken, caller, record),)
    else:
        failures = tuple(_differences(scenario.expect, record, zone)) if scenario.expect else ()
    return ScenarioResult(
        scenario.name,
        scenario.place,
        len(scenario.steps),
        failures,
        tuple(record.heard),
        tuple(record.path),
        record.duration_s,
        record,
        caller.facts[caller.taken[-1]].text if caller.taken else "",
    )


def _hear_refusal(caller: ScenarioCaller, record: CallRecord) -> None:
    """A call that was refused before any flow: what nobody told the caller's script of. On a switch it has heard the
    announcement, but not the carrier's tone behind it."""
    told = [fact.text for fact in caller.facts if fact.kind == "hears"]
    if not told:
        caller.connected(record.started)
    for text in record.heard[len(told) :]:
        caller.heard(text, record.started, 0.0)


def unplaced(scenario: Scenario, why: Text, hint: Text | None = None) -> ScenarioResult:
    """The result of a scenario whose call could not be placed at all."""
    failure = Failure(scenario.to_place, f"to: {scenario.to}", why, hint)
    return ScenarioResult(scenario.name, scenario.place, len(scenario.steps), (failure,))


def _step_failure(step: Step, broken: StepFailure, caller: ScenarioCaller, record: CallRecord) -> Failure:
    hint = None
    if broken.code == "late":
        why = Text(
            f"It came {broken.seconds:.1f} s after the step before, not within {step.within:g} s.",
            f"它在上一步之后 {broken.seconds:.1f} 秒才发生，不在 {step.within:g} 秒内。",
        )
    elif broken.code == "overdue":
        why = Text(
            f"{broken.seconds:.1f} s after the step before it had not happened; {step.within:g} s were allowed.",
            f"上一步之后 {broken.seconds:.1f} 秒仍未发生，限定为 {step.within:g} 秒。",
        )
    else:
        by, outcome = record.hangup_by or "-", record.outcome or "-"
        why = Text(
            f"The call ended before this step (outcome {outcome}, hang-up by {by}).",
            f"此步骤之前通话已结束（结果 {outcome}，挂机方 {by}）。",
        )
    if broken.code == "late":
        hint = None
    elif step.verb == "hears":
        hint = _hearing_hint(step.text, record)
    elif step.verb in ("queued_in", "transferred_to"):
        seen = [fact.text for fact in caller.facts if fact.kind == step.verb]
        if seen:
            listed = ", ".join(seen)
            hint = Text(f"This call had: {step.verb}: {listed}.", f"本次通话有：{step.verb}: {listed}。")
    elif step.verb == "presses":
        hint = Text(
            "Nothing asked for these keys; behind `waits: 1s` they are pressed at that moment.",
            "没有节点在等待这些按键；写在 `waits: 1s` 之后则在该时刻按下。",
        )
    if hint is None and record.outcome == "queued" and broken.code == "not_reached":
        hint = Text(
            "Without `agents:` a call ends as soon as a queue admits it; write `agents: never` or `agents: answer`.",
            "不写 `agents:` 时，通话进入队列即结束；请写 `agents: never` 或 `agents: answer`。",
        )
    return Failure(step.place, str(step), why, hint, broken.index + 1)


def _hearing_hint(part: str, record: CallRecord) -> Text | None:
    earlier = next((text for text in record.heard if contains(text, part)), None)
    if earlier is not None:
        return Text(
            "It was heard earlier; each step takes a later prompt than the steps before it.",
            "它在更早的时候听到过；每一步只匹配之前步骤之后的提示音。",
        )
    close = closest(record.heard, part)
    return Text(f"The closest heard: {close}", f"最接近的是：{close}") if close else None


def _differences(expected: tuple[Expectation, ...], record: CallRecord, zone: tzinfo) -> list[Failure]:
    result: dict[str, Any] | None = None
    found: list[Failure] = []
    for item in expected:
        read = _DIRECT.get(item.key)
        if read is not None:
            got = read(record)
        else:
            if result is None:
                result = record.as_json(zone)
            got = result[item.key]
        if not (_same(item, got, zone) or _same_fault(item, record)):
            found.append(
                Failure(
                    item.place,
                    f"{item.key}: {_shown(item.value)}",
                    Text(f"{item.key} is {_shown(got)}.", f"{item.key} 实际为 {_shown(got)}。"),
                )
            )
    return found


# The keys that most scenarios ask, read without making the whole document.
_DIRECT: dict[str, Callable[[CallRecord], Any]] = {
    "outcome": lambda record: record.outcome,
    "called": lambda record: record.called,
    "caller": lambda record: record.caller,
    "caller_kind": lambda record: record.caller_kind,
    "path": lambda record: list(record.path),
    "heard": lambda record: list(record.heard),
    "pressed": lambda record: record.pressed,
    "hangup_by": lambda record: record.hangup_by,
    "line": lambda record: record.line,
    "flow": lambda record: record.flow,
    "rule": lambda record: record.rule,
    "queue": lambda record: record.queue,
    "abandoned_in": lambda record: record.abandoned_in,
    "billable_minutes": lambda record: record.billable_minutes,
    "base_number": lambda record: record.base_number,
    "called_by": lambda record: record.called_by,
    "tried": lambda record: [str(tried) for tried in record.tried],
    "priority": lambda record: record.priority,
}


def _same(item: Expectation, got: Any, zone: tzinfo) -> bool:
    value = item.value
    if isinstance(value, dict):
        return isinstance(got, dict) and all(got.get(key) == wanted for key, wanted in value.items())
    if item.key in _MOMENTS and value is not None and got is not None:
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        return bool(moment == datetime.fromisoformat(got))
    if isinstance(value, float) and isinstance(got, int | float):
        return abs(value - got) < 0.0005
    return bool(value == got)


def _same_fault(item: Expectation, record: CallRecord) -> bool:
    """A fault's message may be expected in either language."""
    if item.key != "fault" or not item.value or record.fault is None:
        return False
    got = record.fault.as_json("zh")
    return all(got.get(key) == wanted for key, wanted in item.value.items())


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_shown(part) for part in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(part)}" for key, part in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else (str(value) if value != "" else '""')
