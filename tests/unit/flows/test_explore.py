"""The explorer: its paths are the engine's, and the engine's are among them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

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

from .environment import AT, KnownNames
from .random_flows import flows

DAY = 86_400.0
CALLERS = ("13800138000", None, "02166660001", "02066660001", "13800138007", "13012345678")
MOMENTS = (AT, AT + DAY, AT + 2 * DAY)
SITUATIONS = [Situation(caller_facts(caller), at, "c1", company="示例科技") for caller in CALLERS for at in MOMENTS]
CAMPAIGN = settings(
    max_examples=150,
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


def definition_of(text: str) -> FlowDefinition:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    wrong = lint(definition, DayNames())
    assert not has_errors(wrong), [finding.as_text() for finding in wrong]
    return definition


def explore(definition: FlowDefinition) -> Exploration:
    return Search(definition, DayNames(), SITUATIONS, PACE, max_paths=3000).paths()


def run(definition: FlowDefinition, situation: Situation, press: str, agents: str, target: str) -> Session:
    """One call on the engine, by the driver of virtual time, with everything concrete."""
    flow = compile_flow(definition, DayNames())
    context = Context(situation.call_id, situation.at, "4008001234", situation.caller, company="示例科技")
    session = flow.session(context)
    parties = AgentScript.parse(agents), TargetScript.parse(target)
    VirtualCall(session, PressScript.parse(press), *parties, situation.at).run()
    return session


def replayed(definition: FlowDefinition, found: Found) -> tuple[tuple[str, ...], str | None]:
    session = run(definition, found.situation, found.press, found.agents or "none", found.target or "answer")
    return tuple(session.path), session.outcome


keys = st.sampled_from(["", "", "1", "2", "0", "5", "12", "1234", "1234#", "123", "*", "#", "9", "13800138000#", "h"])
timed = st.builds(
    lambda at, what: f"@{at / 2:g}:{what}", st.integers(0, 160), st.sampled_from(["h", "1", "0", "5", "*"])
)
presses = st.builds(
    lambda items, late: ",".join([*items, *late]), st.lists(keys, max_size=6), st.lists(timed, max_size=1)
)
agent_scripts = st.sampled_from(["none", "answer", "answer:20", "answer:40:10", "never", "full", "no_agents"])
target_scripts = st.sampled_from(["answer", "answer:10", "busy", "no_answer", "failed"])


class TestAgreementWithTheEngine:
    @CAMPAIGN
    @given(flows())
    def test_every_path_replays(self, text: str) -> None:
        definition = definition_of(text)
        exploration = explore(definition)
        assert exploration.paths
        for found in exploration.paths[:300]:
            assert replayed(definition, found) == (found.path, found.outcome), (text, found)

    @CAMPAIGN
    @given(flows(most=6, loops=False), st.data())
    def test_a_random_walk_is_among_the_paths(self, text: str, data: st.DataObject) -> None:
        definition = definition_of(text)
        exploration = explore(definition)
        assert exploration.complete or exploration.bound.reached <= {"paths", "steps"}
        if not exploration.complete:
            return
        known = {(found.path, found.outcome) for found in exploration.paths}
        for _ in range(10):
            situation = data.draw(st.sampled_from(SITUATIONS))
            walk = (data.draw(presses), data.draw(agent_scripts), data.draw(target_scripts))
            session = run(definition, situation, *walk)
            assert (tuple(session.path), session.outcome) in known, (text, situation, walk)

    @CAMPAIGN
    @given(flows(), st.data())
    def test_what_a_random_walk_takes_is_covered(self, text: str, data: st.DataObject) -> None:
        definition = definition_of(text)
        seen = Search(definition, DayNames(), SITUATIONS, PACE).cover().seen
        for _ in range(5):
            situation = data.draw(st.sampled_from(SITUATIONS))
            walk = (data.draw(presses), data.draw(agent_scripts), data.draw(target_scripts))
            path = run(definition, situation, *walk).path
            if len(path) < 40:
                assert set(itertools.pairwise(path)) <= seen, (text, situation, walk)
