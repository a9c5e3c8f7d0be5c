"""Calls that show a fault: sessions of the engine, driven to the place where it shows, by the ways of the explorer.

A `Probe` looks for the call with the fewest keys. It hangs up nowhere, and stops after a bounded number of steps; what
it does not find has no counter-example, which says nothing about the fault.
"""

from __future__ import annotations

import heapq
import json
import shlex
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from ..commands import Answer, End, Gather
from ..definition import FlowDefinition
from ..environment import Environment
from ..session import MAX_NODES_PER_CALL

if TYPE_CHECKING:
    from ..explore.search import Search
    from ..explore.state import State

MOST_STEPS = 4000
VISITS = 3
DAY = 86_400.0
MOMENT = 1_791_770_400.0
"""The moment of calls where none is given: Monday 2026-10-12, 10:00 in China."""
NUMBER = "NUMBER"
"""Stands in a command for the 400 number where none leads to the flow."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of counter-examples. A call without ``--from`` is a hidden one."""

    number: str | None = None
    kind: str = "hidden"
    province: str = "未知"
    city: str = "未知"
    carrier: str = "unknown"


MOBILE = Caller("13800138000", "mobile", "北京", "北京", "mobile")
"""The caller where the flow looks at callers, or shares calls among them."""


@dataclass
class Probe:
    """Finds calls of ``flow``, from the moment ``at`` on."""

    flow: FlowDefinition
    environment: Environment
    at: float | None = None
    _first: dict[str, State] = field(default_factory=dict)
    _edges: dict[tuple[str, str], State] = field(default_factory=dict)
    _noted: list[State] = field(default_factory=list)

    @cached_property
    def search(self) -> Search:
        """The explorer's search over the flow."""
        from ..explore.search import Search
        from ..explore.situations import Situation

        situations = [Situation(self.caller, moment, called="4008001234") for moment in self._moments()]
        return Search(self.flow, self.environment, situations, hang_ups=False, max_steps=MOST_STEPS)

    @cached_property
    def caller(self) -> Caller:
        """Who calls."""
        from ..explore.values import Values

        looked_at = "caller" in Values(self.flow.nodes).deciding
        shared = any(vars(node.options).get("targets") for node in self.flow.nodes.values())
        return MOBILE if looked_at or shared else Caller()

    def _moments(self) -> list[float]:
        """A moment of every state of every calendar that the flow asks for."""
        begin = MOMENT if self.at is None else self.at
        calendars = self.environment.calendars or {}
        named = {vars(node.options).get("calendar") for node in self.flow.nodes.values()}
        states = [state for name, state in calendars.items() if name in named]
        found: dict[Hashable, float] = {tuple(state(begin) for state in states): begin}
        if states:
            for hour in [*range(0, 8 * 24, 3), *range(8 * 24, 200 * 24, 12)]:
                moment = begin + hour * 3600.0
                found.setdefault(tuple(state(moment) for state in states), moment)
        return list(found.values())

    @cached_property
    def _walk(self) -> Iterator[State]:
        return self._states()

    def _states(self) -> Iterator[State]:
        """States in the order of how much their callers press, each node a few times."""
        order = count()
        waiting = [(_cost(state), next(order), state) for state in self.search.begin()]
        heapq.heapify(waiting)
        visits: dict[Hashable, int] = {}
        seen: set[Hashable] = set()
        while waiting and self.search.steps < MOST_STEPS:
            _, _, state = heapq.heappop(waiting)
            self._note(state)
            yield state
            if state.command.__class__ is End:
                continue
            key = (state.node, state.signature, state.mask)
            place = (state.node, state.command.__class__, getattr(state.session, "tries", 0))
            if key in seen or visits.get(place, 0) >= VISITS:
                continue
            seen.add(key)
            visits[place] = visits.get(place, 0) + 1
            for following in self.search.expand(state):
                heapq.heappush(waiting, (_cost(following), next(order), following))

    def _note(self, state: State) -> None:
        path = state.session.path
        known = len(state.parent.session.path) if state.parent is not None else 0
        self._noted.append(state)
        for position in range(known, len(path)):
            self._first.setdefault(path[position], state)
            if position:
                self._edges.setdefault((path[position - 1], path[position]), state)

    def find(self, wanted: Callable[[State], bool]) -> State | None:
        """The first state that is ``wanted``."""
        earlier = next((state for state in self._noted if wanted(state)), None)
        return earlier or next((state for state in self._walk if wanted(state)), None)

    def reach(self, node: str) -> State | None:
        """A call that reaches ``node``."""
        if node not in self._first:
            self.find(lambda state: node in self._first)
        return self._first.get(node)

    def step(self, node: str, following: str) -> State | None:
        """A call that goes from ``node`` to ``following`` at once."""
        edge = (node, following)
        if edge not in self._edges:
            self.find(lambda state: edge in self._edges)
        return self._edges.get(edge)

    def path(self, nodes: Sequence[str]) -> State | None:
        """A call that goes along ``nodes``, one behind the other."""
        if len(nodes) == 1:
            return self.reach(nodes[0])
        wanted = list(nodes)

        def along(state: State) -> bool:
            path = state.session.path
            ends = [position for position, name in enumerate(path) if name == wanted[-1]]
            return any(path[max(0, end + 1 - len(wanted)) : end + 1] == wanted for end in ends)

        found = self.find(along)
        if found is not None:
            return found
        # A node is left behind after a few visits; from where the way begins it is followed step by step.
        state = self.step(wanted[0], wanted[1])
        for _ in wanted:
            if state is None or along(state):
                return state
            known = len(state.session.path)
            state = next(
                (
                    following
                    for following in self.search.expand(state)
                    if any(along_part(following.session.path, wanted, length) for length in range(2, len(wanted) + 1))
                    and len(following.session.path) > known
                ),
                None,
            )
        return None

    def pressing(self, node: str, item: str) -> State | None:
        """A call that answers ``node`` by ``item``."""
        state = self.waiting_at(node)
        if state is None:
            return None
        following = [found for found in self.search.expand(state) if found.press[len(state.press) :]]
        answered = next((found for found in following if found.press[-1] == item), None)
        keys = getattr(state.command, "keys", None)
        if answered is not None or keys is None or item in keys:
            return answered
        # One wrong key stands for all of them.
        wrong = next((found for found in following if found.press[-1] and found.press[-1] not in keys), None)
        return None if wrong is None else replace(wrong, press=(*wrong.press[:-1], item))

    def waiting_at(self, node: str) -> State | None:
        """A call whose command is outstanding in ``node``, the implicit answer aside."""
        self.reach(node)
        return self.find(lambda found: found.node == node and found.command.__class__ not in (Answer, End))

    def speaking(self, node: str, language: str) -> State | None:
        """A call that reaches ``node`` while prompts are spoken in ``language``."""
        own = self.flow.language
        return self.find(
            lambda found: (
                node in found.session.path[-2:] and (getattr(found.session, "language", None) or own) == language
            )
        )

    def unset(self, node: str, variable: str) -> State | None:
        """A call that reaches ``node`` with ``variable`` not set."""
        self.reach(node)
        for state in [*self._noted, *self._walk]:
            if node in state.session.path and variable not in state.session.variables:
                return state
        return None

    def ends(self, nodes: Collection[str]) -> State | None:
        """A call that ends in one of ``nodes``."""
        inside = set(nodes)
        return self.find(lambda state: state.command.__class__ is End and state.node in inside)

    def stays(self, nodes: Collection[str], presses: Callable[[Gather, str], bool]) -> State | None:
        """A call that enters ``nodes`` and never leaves them, while its caller answers questions only as ``presses``
        allows: it comes back to where it was with nothing changed, or reaches the bound of nodes."""
        inside = set(nodes)
        entered = min((state for name in nodes if (state := self.reach(name)) is not None), key=_cost, default=None)
        if entered is None:
            return None
        if len(entered.session.path) > MAX_NODES_PER_CALL:
            return entered
        waiting: list[tuple[State, frozenset[Hashable]]] = [(entered, frozenset())]
        for _ in range(2 * MAX_NODES_PER_CALL):
            if not waiting:
                return None
            state, behind = waiting.pop()
            here = (state.node, state.command.__class__, state.signature)
            runs_on = len(state.session.path) > MAX_NODES_PER_CALL
            if runs_on or here in behind:
                # Silence by itself stays; only what must be pressed or answered is shown.
                told = any(state.press[len(entered.press) :]) or state.data != entered.data
                return state if told else entered
            if state.command.__class__ is End:
                continue
            for following in self.search.expand(state):
                command = state.command
                if isinstance(command, Gather) and not presses(command, (following.press or ("",))[-1]):
                    continue
                if all(name in inside for name in following.session.path[len(state.session.path) :]):
                    waiting.append((following, behind | {here}))
        return None

    def command(self, state: State, number: str | None) -> str:
        """The ``line400 call …`` of ``state``: by ``number``, else with the word NUMBER for one to be chosen."""
        found = self.search.found(state)
        words = ["line400", "call", number or NUMBER, "--flow", self.flow.name]
        if self.caller.number is not None:
            words += ["--from", self.caller.number]
        if len(self.search.situations) > 1:
            words += ["--at", self.environment.local_time(found.situation.at).isoformat()]
        words += ["--press", found.press]
        if found.agents is not None:
            words += ["--agents", found.agents]
        if found.target is not None:
            words += ["--target", found.target]
        if found.data:
            words += ["--data", json.dumps(found.data, ensure_ascii=False)]
        return shlex.join(words)


def _cost(state: State) -> tuple[int, int, int, float]:
    keys = [item for item in state.press if item]
    return (len(state.data), sum(map(len, keys)), len(state.press), state.at)


def along_part(path: list[str], wanted: list[str], length: int) -> bool:
    """Whether ``path`` ends with the first ``length`` nodes of ``wanted``."""
    return path[-length:] == wanted[:length]
