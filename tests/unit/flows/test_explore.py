"""The explorer: its paths are the engine's, and the engine's are among them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr_flows import Context, FlowDefinition, Session, compile_flow, lint, load_flow
from ivr_flows.explore import Exploration, Found, Search, Situation
from ivr_flows.findings import has_errors
from router.callers import caller_facts
from simulator.exploring import PACE
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .environment import AT, KnownNames, nodes
from .random_flows import flows, generated

DAY = 86_400.0
CALLERS = ("13800138000", None, "02166660001", "02066660001", "13800138007", "13012345678")
MOMENTS = (AT, AT + DAY, AT + 2 * DAY)
SITUATIONS = [Situation(caller_facts(caller), at, "c1", company="示例科技") for caller in CALLERS for at in MOMENTS]
CAMPAIGN = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class DayNames(KnownNames):
    """`KnownNames` whose calendar is open, closed and on holiday on the days of `MOMENTS`."""

    def __init__(self) -> None:
        super().__init__()
        states = ("open", "closed", "holiday")
        office: Callable[[float], str] = lambda at: states[min(2, int((at - AT) // DAY))]  # noqa: E731
        self.calendars = {"office": office}

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return None


def definition_of(text: str) -> FlowDefinition:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    wrong = lint(definition, DayNames())
    assert not has_errors(wrong), [finding.as_text() for finding in wrong]
    return definition


def explore(definition: FlowDefinition) -> Exploration:
    return Search(definition, DayNames(), SITUATIONS, PACE, max_paths=3000).paths()


def run(
    definition: FlowDefinition,
    situation: Situation,
    press: str,
    agents: str,
    target: str,
    data: Mapping[str, Any] | None = None,
) -> Session:
    """One call on the engine, by the driver of virtual time, with everything concrete."""
    flow = compile_flow(definition, DayNames())
    context = Context(situation.call_id, situation.at, "4008001234", situation.caller, company="示例科技", data=data)
    session = flow.session(context)
    parties = AgentScript.parse(agents), TargetScript.parse(target)
    VirtualCall(session, PressScript.parse(press), *parties, situation.at).run()
    return session


def replayed(definition: FlowDefinition, found: Found) -> tuple[tuple[str, ...], str | None]:
    parties = found.agents or "none", found.target or "answer"
    session = run(definition, found.situation, found.press, *parties, found.data)
    return tuple(session.path), session.outcome


KEYS = ("", "", "1", "2", "0", "5", "12", "1234", "1234#", "123", "*", "#", "9", "13800138000#", "h")
AGENTS = ("none", "none", "answer", "answer:20", "answer:40:10", "never", "full", "no_agents")
TARGETS = ("answer", "answer:10", "busy", "no_answer", "failed")


def random_walk(chance: random.Random, definition: FlowDefinition) -> tuple[Session, tuple[object, ...]]:
    """A call at random, and what it was: some callers press or hang up at a moment of their own."""
    situation = chance.choice(SITUATIONS)
    items = [chance.choice(KEYS) for _ in range(chance.randrange(7))]
    if chance.random() < 0.4:
        items.append(f"@{chance.randrange(1, 160) / 2:g}:{chance.choice('h105*')}")
    values = [{"status": "paid"}, {"status": "open", "level": 3}, {"level": 0}, 7, "x", {"error": "away"}]
    fetched = {name: chance.choice(values) for name in definition.nodes if chance.random() < 0.8}
    walk = (situation, ",".join(items), chance.choice(AGENTS), chance.choice(TARGETS), {"fetch": fetched})
    return run(definition, *walk), walk


seeds = st.integers(0, 2**32)


class TestAgreementWithTheEngine:
    @CAMPAIGN
    @given(flows())
    def test_every_path_replays(self, text: str) -> None:
        definition = definition_of(text)
        exploration = explore(definition)
        assert exploration.paths or not exploration.complete
        for found in exploration.paths[:300]:
            assert replayed(definition, found) == (found.path, found.outcome), (text, found)

    @CAMPAIGN
    @given(flows(most=6, loops=False), seeds)
    def test_a_random_walk_is_among_the_paths(self, text: str, seed: int) -> None:
        chance = random.Random(seed)
        definition = definition_of(text)
        exploration = explore(definition)
        assert exploration.complete or exploration.bound.reached <= {"paths", "steps"}
        if not exploration.complete:
            return
        known = {(found.path, found.outcome) for found in exploration.paths}
        for _ in range(20):
            session, walk = random_walk(chance, definition)
            assert (tuple(session.path), session.outcome) in known, (text, walk)

    @CAMPAIGN
    @given(flows(), seeds)
    def test_what_a_random_walk_takes_is_covered(self, text: str, seed: int) -> None:
        chance = random.Random(seed)
        definition = definition_of(text)
        seen = Search(definition, DayNames(), SITUATIONS, PACE).cover().seen
        for _ in range(10):
            session, walk = random_walk(chance, definition)
            if len(session.path) < 40:
                assert set(itertools.pairwise(session.path)) <= seen, (text, walk)


def paths_of(text: str) -> dict[tuple[tuple[str, ...], str], Found]:
    exploration = explore(definition_of(nodes(text)))
    assert exploration.complete
    return {(found.path, found.outcome): found for found in exploration.paths}


class TestWhatIsTried:
    def test_one_agent_answers_the_whole_call(self) -> None:
        paths = paths_of(
            """
first: { queue: support, timeout: 30s, on: { timeout: second } }
second: { queue: support, timeout: 20s, on: { timeout: third } }
third: { queue: support, timeout: 60s, on: { timeout: bye } }
bye: { hangup: normal }
"""
        )
        answered = {path: found.agents for (path, outcome), found in paths.items() if outcome == "answered"}
        assert answered[("first",)] == "answer"
        assert answered[("first", "second", "third")] == "answer:30"
        # An agent who was not there within 30 s is not there within 20 s either.
        assert ("first", "second") not in answered

    def test_inputs_take_what_a_pattern_and_a_condition_ask_for(self) -> None:
        paths = paths_of(
            """
ask:
  gather: { prompt: 请输入, pattern: "^1[3-9][0-9]{9}$", retries: 0, into: mobile }
  on: { ok: mine, no_input: bye }
mine: { branch: [{ when: "mobile == '13900000000'", next: known }], else: bye }
known: { play: 您好。 }
bye: { hangup: normal }
"""
        )
        assert paths[("ask", "mine", "known"), "completed"].press == "13900000000#"
        assert ("ask", "mine", "bye") in {path for path, _ in paths}

    def test_hours_callers_and_hidden_ones(self) -> None:
        paths = paths_of(
            """
when: { hours: office, on: { open: who, closed: who, holiday: bye } }
who: { branch: [{ when: "caller.number is none", next: hidden }, { when: "caller.province == '上海'", next: local }] }
hidden: { play: 请显示号码。 }
local: { play: 上海您好。 }
bye: { hangup: normal }
"""
        )
        assert paths[("when", "bye"), "completed"].situation.at == MOMENTS[2]
        assert paths[("when", "who", "hidden"), "completed"].situation.caller.number is None
        assert paths[("when", "who", "local"), "completed"].situation.caller.province == "上海"

    def test_a_loop_is_followed_as_often_as_told(self) -> None:
        definition = definition_of(
            nodes("ask: { menu: 重听请按9。, on: { 9: ask, no_input: bye } }\nbye: { hangup: normal }")
        )
        for visits in (1, 3):
            exploration = Search(definition, DayNames(), SITUATIONS, PACE, max_visits=visits).paths()
            assert exploration.bound.reached == {"visits"}
            assert max(found.path.count("ask") for found in exploration.paths) == visits

    def test_what_stands_out(self) -> None:
        exploration = explore(
            definition_of(
                nodes(
                    """
hello: { play: 您好。, next: ask }
ask: { menu: { prompt: 人工请按0。, timeout: 7s, retries: 0 }, on: { 0: agent, 1: other, no_input: bye } }
other: { play: 请稍候。, next: agent }
agent: { queue: support, on: { timeout: bye } }
bye: { hangup: normal }
"""
                )
            )
        )
        assert exploration.before_human() == ["hello", "ask", "agent"]
        assert exploration.quietest is not None
        assert exploration.quietest.quiet == (7.0, "ask")
        nearest = exploration.shortest_to_human()
        assert nearest is not None
        assert nearest.press.startswith("0")
        assert exploration.ends()["bye", "completed"].press == ""
        assert exploration.coverage.full

    def test_a_generated_flow_is_covered_quickly(self) -> None:
        search = Search(definition_of(generated(300, 3)), DayNames(), SITUATIONS, PACE)
        exploration = search.cover()
        assert search.steps < 60_000
        for found in exploration.paths:
            assert replayed(search.definition, found) == (found.path, found.outcome)
