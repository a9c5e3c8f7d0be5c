"""The caller of a scenario: its steps, played against a call as a `CallerScript`.

The laws of the steps (docs/scenarios.md says them for users):

- The facts of a call (a prompt began, a queue admitted, a transfer rings) stand in one list in the order they happened.
  ``hears``, ``queued_in`` and ``transferred_to`` each take the first fact behind the last one taken that fits; it may
  have happened while the caller waited.
- ``presses`` answers the next input attempt, as one item of ``--press`` does: the caller waits until the line asks.
  Directly behind ``waits``, ``queued_in`` and ``transferred_to`` the keys are pressed at that moment, whatever is on
  the line: into a prompt, or as a queue's exit key.
- ``waits`` lets time pass and wants the call to be still up behind it; ``silent_for`` presses no key for that long,
  and is done as well when the call ends meanwhile.
- ``within`` counts from the end of the step before to the beginning of what is waited for.
- A step that fails ends the call: the caller hangs up. After the last step the caller is silent.

Time is the call's own: nothing here asks a clock, and no wake-up is needed, since every step behind a known moment is
planned when that moment becomes known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from router.callers import canonical_caller

from ..script import FIRST_KEY_AFTER, KEY_GAP, NOTHING, Action, CallerScript, HangUp, Press
from .matching import normal
from .model import Step

FactKind = Literal["hears", "queued_in", "transferred_to"]
_AT_ONCE = frozenset({"waits", "queued_in", "transferred_to"})
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened in the call at ``at`` and that a step can wait for."""

    kind: FactKind
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class StepFailure:
    """The step that was not fulfilled. ``late``: it happened, ``seconds`` after the step before and not ``within``.
    ``overdue``: ``seconds`` after the step before it had not happened. ``not_reached``: the call ended first."""

    index: int
    code: Literal["late", "overdue", "not_reached"]
    seconds: float = 0.0


class ScenarioCaller(CallerScript):
    """Plays ``steps``; afterwards `failure` says which step was not fulfilled.

    One object plays one call.
    """

    watches = True

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self.facts: list[Fact] = []
        self.taken: list[int] = []
        self._done: list[float] = []
        self._next_fact = 0
        self._cursor = 0.0
        self._attempt: int | None = None
        self._unsure: tuple[float, float] | None = None
        self._late: StepFailure | None = None

    # What the driver tells.

    def connected(self, at: float) -> Sequence[Action]:
        self._cursor = at
        return self._advance(at)

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        self.facts.append(Fact("hears", text, at))
        return self._event(at)

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        self.facts.append(Fact("queued_in", queue, at))
        return self._event(at)

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        self.facts.append(Fact("transferred_to", target, at))
        return self._event(at)

    def talking(self, at: float) -> Sequence[Action]:
        return self._event(at)

    def recording(self, at: float) -> Sequence[Action]:
        return self._event(at)

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        self._settle(at)
        self._attempt = number
        actions = self._advance(at)
        self._attempt = None
        return actions

    # What the caller does.

    def _event(self, at: float) -> Sequence[Action]:
        self._settle(at)
        return self._advance(at)

    def _settle(self, at: float) -> None:
        """Keys planned far ahead into an attempt that ended before their moment were never pressed: plan them anew."""
        if self._unsure is not None:
            first_key, planned_from = self._unsure
            if at < first_key - _TOLERANCE:
                self._done.pop()
                self._cursor = planned_from
            self._unsure = None

    def _advance(self, at: float) -> Sequence[Action]:
        """Fulfil every step that can be, from the facts so far; the actions that follow from it."""
        if self._late is not None or self._unsure is not None:
            return NOTHING
        actions: list[Action] = []
        while len(self._done) < len(self.steps) and self._perform(at, actions):
            pass
        return actions

    def _perform(self, at: float, actions: list[Action]) -> bool:
        """Perform or plan the next step; False where it must wait for a fact to come."""
        index = len(self._done)
        step = self.steps[index]
        match step.verb:
            case "waits" | "silent_for":
                self._finish(self._cursor + step.seconds)
                return True
            case "hangs_up":
                actions.append(HangUp(max(0.0, self._cursor - at)))
                self._finish(self._cursor)
                return True
            case "presses":
                return self._press(step, index, at, actions)
            case "hears" | "queued_in" | "transferred_to":
                return self._take(step, index, at, actions)

    def _press(self, step: Step, index: int, at: float, actions: list[Action]) -> bool:
        before = self.steps[index - 1].verb if index else None
        planned_from = self._cursor
        if before in _AT_ONCE:
            first = max(planned_from, at) + (0.0 if before == "waits" else FIRST_KEY_AFTER)
            actions.append(Press(step.text, after=first - at))
        elif self._attempt is not None:
            first = max(planned_from, at) + FIRST_KEY_AFTER
            actions.append(Press(step.text, after=first - at, attempt=self._attempt))
            self._attempt = None
            if planned_from > at:
                # The attempt may end by itself before the caller has been silent long enough.
                self._unsure = (first, planned_from)
        else:
            return False
        self._finish(first, first + KEY_GAP * len(step.text))
        return self._unsure is None

    def _take(self, step: Step, index: int, at: float, actions: list[Action]) -> bool:
        start = self._cursor
        deadline = None if step.within is None else start + step.within + _TOLERANCE
        for position in range(self._next_fact, len(self.facts)):
            fact = self.facts[position]
            if not _fits(step, fact):
                continue
            if deadline is not None and fact.at > deadline:
                return self._miss(StepFailure(index, "late", fact.at - start), actions)
            self._next_fact = position + 1
            self.taken.append(position)
            self._finish(max(start, fact.at))
            return True
        if deadline is not None and at > deadline:
            return self._miss(StepFailure(index, "overdue", at - start), actions)
        return False

    def _miss(self, failure: StepFailure, actions: list[Action]) -> bool:
        self._late = failure
        actions.append(HangUp())
        return False

    def _finish(self, done: float, cursor: float | None = None) -> None:
        self._done.append(done)
        self._cursor = done if cursor is None else cursor

    # What came of it.

    def failure(self, ended: float | None, hangup_by: str | None) -> StepFailure | None:
        """The first step that was not fulfilled in a call that ended at ``ended``, None where all were."""
        if self._late is not None:
            return self._late
        for index, done in enumerate(self._done):
            step = self.steps[index]
            early = ended is not None and done > ended + _TOLERANCE
            if step.verb == "hangs_up" and (early or hangup_by != "caller"):
                return StepFailure(index, "not_reached")
            if early and step.verb in ("waits", "presses"):
                return StepFailure(index, "not_reached")
        if len(self._done) < len(self.steps):
            return StepFailure(len(self._done), "not_reached")
        return None


def _fits(step: Step, fact: Fact) -> bool:
    if step.verb != fact.kind:
        return False
    if step.verb == "hears":
        return normal(step.text) in normal(fact.text)
    if normal(step.text) == normal(fact.text):
        return True
    if step.verb == "queued_in":
        return False
    wanted = canonical_caller(step.text)
    return wanted is not None and wanted == canonical_caller(fact.text)
