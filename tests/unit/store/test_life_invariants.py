"""Random lives of two numbers in a real store: what holds of store, audit and routing after every step."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from router.app.stores import overlay_of
from router.book import RouteBook
from router.configuration import load
from router.life.machine import settle
from router.life.materials import REQUIRED
from router.life.model import Life, LifeError, Request, RoutePlan
from router.life.qualification import Qualification
from router.life.table import EVENTS, EventName
from router.resolution import Inbound
from router.store import Store
from router.store.qualifications import LifeFile
from tests.unit.life.lives import DAY, RULES, START

pytestmark = pytest.mark.dateless

NUMBERS = ("4000453456", "4000453457")
CODES = ("91110000600037341L", "91110105MA01A2B3C4")
FILES = {
    "line400.yaml": "company: 示例科技\nstore: sqlite:///var/line400.db\n",
    "lines.yaml": "lines:\n  bj: { base_number: 010-88880001, trunk: bj }\n",
    "numbers.yaml": "numbers:\n" + "".join(f"  - {{ number: {number}, state: opened }}\n" for number in NUMBERS),
    "routes.yaml": "routes:\n" + "".join(f"  {number}: {{ line: bj, flow: welcome }}\n" for number in NUMBERS),
}
TOLD = [name for name, event in EVENTS.items() if event.by != "time"]
HAPPY: tuple[EventName, ...] = ("apply", "materials", "forward", "approve", "order_route", "route_done", "bind")


class StoredLives(RuleBasedStateMachine):
    """What a store does with random events of several companies, people and moments."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        home = Path(self.folder.name)
        for name, content in FILES.items():
            (home / name).write_text(content, "utf-8")
        configuration = load(home).configuration
        assert configuration is not None
        self.book = RouteBook.compile(configuration)
        self.loop = asyncio.Runner()
        self.store = self.loop.run(Store.open(f"sqlite:///{home / 'store.db'}"))
        self.store.rules = RULES

    def teardown(self) -> None:
        self.loop.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.at, self.stamp = START, 1_000.0
        self.known: dict[str, Life] = {number: Life(number) for number in NUMBERS}
        self.told: dict[str, list[tuple[str, str, float, str | None]]] = {number: [] for number in NUMBERS}
        self.routed: dict[str, bool] = dict.fromkeys(NUMBERS, False)
        self.owners = [self.loop.run(self._qualified(code)) for code in CODES]

    async def _qualified(self, code: str) -> int:
        day = date(2026, 9, 21)
        wanted = Qualification(0, code, code[-4:], "review", START, day, date(2126, 9, 21), True, "张三", code)
        known, _ = await self.store.submit_qualification(wanted, b"s", [], "li", 0.0, None)
        await self.store.decide_qualification(code, True, START, "li", 0.0, "")
        return known.id

    @rule(days=st.sampled_from([0.0, 0.01, 1.0, 6.999, 7.0, 31.0, 100.0]))
    def time_goes_on(self, days: float) -> None:
        self.at += days * DAY

    @rule(
        number=st.sampled_from(NUMBERS),
        event=st.one_of(st.sampled_from(HAPPY), st.sampled_from(TOLD)),
        owner=st.integers(0, 1),
        who=st.sampled_from(["li", "wang"]),
        why=st.sampled_from(["", "缘由"]),
        auto=st.sampled_from([None, False]),
    )
    def something_happens(
        self, number: str, event: EventName, owner: int, who: str, why: str, auto: bool | None
    ) -> None:
        self.stamp += 1
        self._expect_time(number)
        before = self.known[number]
        request = Request(
            owner=self.owners[owner],
            offered=("普通", "unicom"),
            handler="李四",
            plan=RoutePlan(("bj",)),
            instance="support",
            flow="welcome",
            auto_renew=auto,
            reason=why,
        )
        try:
            happened = self.loop.run(self._happen(number, event, request, who))
        except LifeError:
            return
        for step in happened.steps:
            if step.event == event and EVENTS[event].by != "time":
                self._take(number, step.event, step.after, who, why or None)
        if event == "apply" and happened.steps:
            assert not before.owned
            assert happened.life.owner == self.owners[owner]

    @rule(number=st.sampled_from(NUMBERS), owner=st.integers(0, 1), steps=st.integers(4, len(HAPPY)))
    def one_goes_far(self, number: str, owner: int, steps: int) -> None:
        for event in HAPPY[:steps]:
            self.something_happens(number, event, owner, "li", "", None)

    async def _happen(self, number: str, event: EventName, request: Request, who: str):
        if event == "materials" and self.known[number].application:
            for kind in REQUIRED:
                file = LifeFile(kind, f"{kind}.png", "image/png", 1, 1, "d", b"s")
                await self.store.keep_file(self.known[number].application, file, self.at, who, self.stamp)
        return await self.store.happen(number, event, request, self.at, who, self.stamp)

    def _expect_time(self, number: str) -> None:
        """What time has done by now is written down with the next look, by time, at its own moments."""
        for step in settle(self.known[number], self.at, RULES):
            self._take(number, step.event, step.after, "time", None)

    def _take(self, number: str, event: EventName, after: Life, who: str, why: str | None) -> None:
        before = self.known[number]
        if before.owned and after.owned and before.owner != after.owner:
            assert event == "transfer_done"
        if event == "apply":
            self.routed[number] = False
        if event == "route_done":
            self.routed[number] = True
        self.known[number] = after
        self.told[number].append((f"life_{event}", who, self.stamp, why))

    @invariant()
    def every_change_is_audited_with_who_when_and_why(self) -> None:
        for number in NUMBERS:
            entries = list(reversed(self.loop.run(self.store.audit_entries(subject=number))))
            found = [(entry.action, entry.actor, entry.at, entry.reason) for entry in entries]
            assert found == self.told[number][: len(found)]
            assert len(found) == len(self.told[number])
            states = ["stock", *(entry.after["state"] for entry in entries)]
            assert [entry.before["state"] for entry in entries] == states[:-1]

    @invariant()
    def a_number_has_one_owner_at_a_time(self) -> None:
        lives = self.loop.run(self.store.lives(0.0))
        assert len({life.number for life in lives}) == len(lives)
        for life in lives:
            assert life.owned == (life.owner is not None)

    @invariant()
    def no_call_connects_in_a_state_that_may_not_and_nothing_is_bound_before_its_route(self) -> None:
        rows = self.loop.run(self.store.overlay(self.at))
        overlay = overlay_of(rows)
        for number in NUMBERS:
            passed = settle(self.known[number], self.at, RULES)
            life = passed[-1].after if passed else self.known[number]
            resolution = self.book.resolve(Inbound(number, "13800138000", self.at), overlay)
            if life.state == "stock":
                assert resolution.fault is not None
                continue
            assert resolution.enters == (life.state == "bound"), life
            if life.state == "bound":
                assert self.routed[number]


TestStoredLives = StoredLives.TestCase
TestStoredLives.settings = settings(max_examples=6, stateful_step_count=15, deadline=None)
