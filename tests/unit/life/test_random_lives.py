"""Random lives over random clocks: what holds of every one of them, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from router.life.machine import advance, coming_states, due, settle
from router.life.model import Life, LifeError, Request, RoutePlan
from router.life.table import BY_PAIR, EVENTS, EventName
from router.lifecycle import connectable
from router.model import NumberFacts
from router.overlay import Overlay
from tests.unit.life.lives import DAY, NUMBER, RULES, START

TOLD = [name for name, event in EVENTS.items() if event.by != "time"]


class Lives(RuleBasedStateMachine):
    """One number, several companies, a clock that mostly goes on."""

    @initialize()
    def begin(self) -> None:
        self.life = Life(NUMBER)
        self.now = START
        self.audit: list[tuple[EventName, float, str, str]] = []
        self.routed_once = False

    def look(self) -> None:
        for step in settle(self.life, self.now, RULES):
            self.take(step.event, step.at, step.after)

    def take(self, event: EventName, at: float, after: Life) -> None:
        before = self.life
        self.audit.append((event, at, before.state, after.state))
        if before.owned and after.owned and before.owner != after.owner:
            assert event == "transfer_done"
        if event == "apply":
            assert not before.owned
            self.routed_once = False
        if event == "route_done":
            self.routed_once = True
        self.life = after

    @rule(seconds=st.one_of(st.floats(0, 3 * DAY), st.sampled_from([1.0, 7 * DAY, 7 * DAY - 1, 95 * DAY, 400 * DAY])))
    def time_goes_on(self, seconds: float) -> None:
        self.now += seconds

    @rule(
        event=st.sampled_from(TOLD),
        owner=st.integers(1, 3),
        complete=st.booleans(),
        auto=st.sampled_from([None, True, False]),
        flow=st.sampled_from(["welcome", "sales"]),
        months=st.sampled_from([None, 1, 12, 0]),
    )
    def something_happens(
        self, event: EventName, owner: int, complete: bool, auto: bool | None, flow: str, months: int | None
    ) -> None:
        self.look()
        request = Request(
            owner=owner,
            offered=("普通", "unicom"),
            handler="李四",
            missing=() if complete else ("acceptance",),
            plan=RoutePlan(("bj",)),
            instance="support",
            flow=flow,
            months=months,
            auto_renew=auto,
            reason="缘由",
        )
        before = self.life
        try:
            step = advance(before, event, request, self.now, RULES)
        except LifeError:
            return
        assert (before.state, event) in BY_PAIR
        self.take(event, self.now, step.after)

    @precondition(lambda self: self.life.state != "stock")
    @rule(back=st.floats(1, 30 * DAY), event=st.sampled_from(TOLD))
    def a_clock_that_goes_back_changes_nothing(self, back: float, event: EventName) -> None:
        with pytest.raises(LifeError) as caught:
            advance(self.life, event, Request(), self.life.since - back, RULES)
        assert caught.value.code == "clock-back"

    @invariant()
    def looking_twice_is_looking_once(self) -> None:
        steps = settle(self.life, self.now, RULES)
        after = steps[-1].after if steps else self.life
        assert settle(after, self.now, RULES) == []
        coming = due(after, RULES)
        assert coming is None or coming[0] > self.now

    @invariant()
    def routing_sees_the_same_whether_anybody_looked_or_not(self) -> None:
        seen = self.life
        if seen.state == "stock":
            return
        overlay = Overlay(states={NUMBER: seen.state}, coming={NUMBER: coming_states(seen, RULES)})  # type: ignore[dict-item]
        steps = settle(seen, self.now, RULES)
        after = steps[-1].after if steps else seen
        assert overlay.state(NUMBER, self.now) == after.state

    @invariant()
    def somebody_has_it_or_nobody(self) -> None:
        assert self.life.owned == (self.life.owner is not None)
        assert (self.life.target is not None) == (self.life.state == "transferring")

    @invariant()
    def nothing_is_bound_before_its_route(self) -> None:
        if self.life.state == "bound":
            assert self.routed_once
            assert self.life.flow is not None

    @invariant()
    def no_call_connects_in_a_state_that_may_not(self) -> None:
        if self.life.state == "stock":
            return
        fault = connectable(NumberFacts(NUMBER), self.life.state, self.now, RULES.zone)
        assert (fault is None) == (self.life.state == "bound")

    @invariant()
    def the_audit_tells_the_whole_life(self) -> None:
        states = ["stock", *(after for *_, after in self.audit)]
        assert [before for _, _, before, _ in self.audit] == states[:-1]
        assert states[-1] == self.life.state
        moments = [at for _, at, *_ in self.audit]
        assert moments == sorted(moments)

    @invariant()
    def what_is_kept_is_the_whole_life(self) -> None:
        life = self.life
        assert Life.of(NUMBER, life.state, life.since, life.owner, life.as_json()) == replace(life)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
