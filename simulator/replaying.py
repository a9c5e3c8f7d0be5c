"""Recorded calls through another configuration: which of them would go another way.

A record says who called when, what was pressed and how it ended, not when the agent picked up. So each call is first
repeated on the revision it ran on, with what agents and targets may have done, until path and outcome are those of
the record; then the same call is placed in the candidate. A call that does not repeat itself is not guessed at: only
where routing sends it is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import product
from typing import Any, Literal

from ivr_flows.findings import Language, Text
from router.book import RouteBook
from router.record import CallRecord

from .behaviour.calls import Shown, Stimulus, differ
from .behaviour.rows import words_of
from .behaviour.words import entered
from .call import TestCall
from .placing import place

SENSITIVE = "•"
_AGENTS = (None, "answer", "never", "full", "no_agents")
_TARGETS = (None, "busy", "no_answer", "failed")

Verdict = Literal["same", "differs", "only_routed"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recorded call. ``only_routed``: it could not be repeated, and only its line and flow were compared; ``why``
    says why. ``said`` is before and after where it differs."""

    record: CallRecord
    verdict: Verdict
    differs: bool
    said: tuple[Text, Text] | None = None
    stimulus: Stimulus | None = None
    why: Text | None = None


@dataclass(slots=True)
class ReplayGroup:
    """Calls to one number that differ alike; ``example`` is the first of them."""

    number: str
    said: tuple[Text, Text]
    example: Replayed
    calls: int = 0


@dataclass(slots=True)
class ReplayReport:
    """All calls of a replay."""

    zone: tzinfo
    same: int = 0
    differ: int = 0
    only_routed: int = 0
    reasons: dict[Text, int] = field(default_factory=dict)
    groups: dict[tuple[str, Text, Text], ReplayGroup] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self.same + self.differ

    def add(self, replayed: Replayed) -> None:
        """Count one call."""
        if replayed.why is not None:
            self.only_routed += 1
            self.reasons[replayed.why] = self.reasons.get(replayed.why, 0) + 1
        if not replayed.differs or replayed.said is None:
            self.same += 1
            return
        self.differ += 1
        number = replayed.record.called or replayed.record.dialled
        key = (number, *replayed.said)
        group = self.groups.setdefault(key, ReplayGroup(number, replayed.said, replayed))
        group.calls += 1

    def in_order(self) -> list[ReplayGroup]:
        """The groups, those of most calls first."""
        return sorted(self.groups.values(), key=lambda group: -group.calls)

    def as_json(self, language: Language) -> dict[str, Any]:
        """As ``replay --json`` prints it."""
        return {
            "calls": self.calls,
            "same": self.same,
            "differ": self.differ,
            "only_routed": self.only_routed,
            "why": [{"why": why.to(language), "calls": count} for why, count in self.reasons.items()],
            "groups": [
                {
                    "number": group.number,
                    "calls": group.calls,
                    "before": group.said[0].to(language),
                    "after": group.said[1].to(language),
                    "call_id": group.example.record.call_id,
                    "call": None if group.example.stimulus is None else group.example.stimulus.command(self.zone),
                }
                for group in self.in_order()
            ],
        }


def replay_all(records: Iterable[CallRecord], baselines: Mapping[str, RouteBook], candidate: RouteBook) -> ReplayReport:
    """Replay ``records``. ``baselines``: the books of the revisions that they ran on, by name."""
    report = ReplayReport(candidate.zone)
    for record in records:
        report.add(replay_call(record, baselines.get(record.revision or ""), candidate))
    return report


def replay_call(record: CallRecord, baseline: RouteBook | None, candidate: RouteBook) -> Replayed:
    """Replay one call; ``baseline`` None: the revision that it ran on is not known."""
    if baseline is None:
        return _only_routed(record, candidate, Text("its revision is not in the store", "其版本不在存储中"))
    if any(SENSITIVE in item for item in record.inputs):
        return _only_routed(record, candidate, Text("sensitive keys are not recorded", "敏感按键不作记录"), baseline)
    for stimulus in _stimuli(record):
        before = stimulus.run(baseline)
        if _repeats(record, before):
            after = stimulus.run(candidate)
            if not differ(before, after, {}):
                return Replayed(record, "same", False, stimulus=stimulus)
            return Replayed(record, "differs", True, words_of(Shown(stimulus, before, after)), stimulus)
    why = Text(
        "it does not repeat itself (announcements, blocks, answers of the outside, states of that day)",
        "无法重现（当日的通知、拦截、外部应答或号码状态）",
    )
    return _only_routed(record, candidate, why, baseline)


def _repeats(record: CallRecord, replayed: CallRecord) -> bool:
    return (list(record.path), record.outcome, record.queue, record.hangup_by) == (
        list(replayed.path),
        replayed.outcome,
        replayed.queue,
        replayed.hangup_by,
    )


def _stimuli(record: CallRecord) -> Iterator[Stimulus]:
    """What may have happened, the likeliest first: agents as the outcome says, with and without a caller who leaves."""
    pressed = ",".join(record.inputs)
    leaves = [pressed]
    if record.hangup_by == "caller" and record.ended is not None and "h" not in record.inputs:
        seconds = round(record.ended - record.started, 2)
        if 0 < seconds < 100_000:
            leaves.insert(0, ",".join([*record.inputs, f"@{seconds:.12g}:h"]))
    agents = sorted(_AGENTS, key=lambda agent: _likely(record, agent), reverse=True)
    for leave, agent, target in product(leaves, agents, _TARGETS):
        yield Stimulus(_dialled(record), record.caller, record.started, record.call_id, None, leave, agent, target)


def _likely(record: CallRecord, agent: str | None) -> bool:
    answered = record.outcome == "answered" and record.queue is not None
    return agent == ("answer" if answered else None)


def _dialled(record: CallRecord) -> str:
    return record.called or record.dialled


def _only_routed(record: CallRecord, candidate: RouteBook, why: Text, baseline: RouteBook | None = None) -> Replayed:
    """Compare where routing sends the call with where it went: by the book it ran on, where that is known."""
    call = TestCall(_dialled(record), record.caller, record.started, record.call_id)
    before = record if baseline is None else place(baseline, call).arrival.record
    after = place(candidate, call).arrival.record
    differs = (before.line, before.flow) != (after.line, after.flow)
    said = (entered(before), entered(after)) if differs else None
    return Replayed(record, "only_routed", differs, said, None, why)
