"""The proof of one number as a table: when and who, by which rule into which flow, and where such calls end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from fractions import Fraction

from ivr_flows.findings import Text
from router.partition import CallerClass, Interval, describe_callers, describe_times, joined, minutes_of

from .prover import NumberProof, Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """Calls that go the same way. ``share`` is how many of the calls of these times and callers, 1 for all."""

    when: Text
    who: Text
    share: Fraction
    outcome: Outcome
    intervals: tuple[Interval, ...]

    @property
    def minutes(self) -> int:
        """How long this holds within the range."""
        return minutes_of(self.intervals)

    def as_json(self, language: str) -> dict[str, object]:
        """As ``prove --json`` prints it."""
        return {
            "when": self.when.zh if language == "zh" else self.when.en,
            "who": self.who.zh if language == "zh" else self.who.en,
            "percent": float(self.share * 100),
            "minutes": self.minutes,
            "rule": self.outcome.rule,
            "line": self.outcome.line,
            "flow": self.outcome.flow,
            "ends": [end.as_json() for end in self.outcome.ends],
        }


def rows_of(proof: NumberProof, zone: tzinfo) -> list[Row]:
    """The rows of a proof, in the order in which their outcomes first occur."""
    partition = proof.partition
    shares: dict[tuple[tuple[Interval, ...], int], dict[Outcome, Fraction]] = {}
    classes: dict[int, CallerClass] = {}
    for cell, outcome in proof.outcomes:
        classes[cell.who.meets] = cell.who
        there = shares.setdefault((cell.when, cell.who.meets), {})
        there[outcome] = there.get(outcome, Fraction(0)) + cell.chance.probability
    times: dict[tuple[Outcome, Fraction], dict[int, list[tuple[Interval, ...]]]] = {}
    for (when, who), outcomes in shares.items():
        for outcome, share in outcomes.items():
            times.setdefault((outcome, share), {}).setdefault(who, []).append(when)
    rows: list[Row] = []
    for (outcome, share), by_class in times.items():
        alike: dict[tuple[Interval, ...], list[CallerClass]] = {}
        for who, groups in by_class.items():
            alike.setdefault(joined(groups), []).append(classes[who])
        for intervals, callers in alike.items():
            rows.append(
                Row(
                    describe_times(intervals, partition.first, partition.last, zone),
                    describe_callers(callers, partition.classes),
                    share,
                    outcome,
                    intervals,
                )
            )
    return rows
