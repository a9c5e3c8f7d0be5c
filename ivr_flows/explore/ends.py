"""Where calls of a flow end: every end that some call reaches, and states from which no call comes to an end.

States that go on alike are one state however they were reached, so this takes far less than listing paths. Callers who
hang up are left out: what the flow does with those who stay is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, field, replace

from ..commands import End, Gather, Queue
from ..definition import NodeDefinition
from ..results import HungUp, QueueLeft
from .result import Found
from .search import Search
from .state import State

Speaks = Callable[[NodeDefinition], bool]


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """One way in which a call ends. ``node`` is the last node (of a subflow ``more/ask``), ``person`` the node in which
    somebody spoke with the caller, None where nobody did; ``queue`` the last queue, ``queues`` all of them. ``silent``:
    nothing was said to the caller at all."""

    node: str
    person: str | None
    queue: str | None
    silent: bool
    found: Found
    queues: frozenset[str] = frozenset()


@dataclass(slots=True)
class FlowEnds:
    """The ends of a flow, shortest way first. ``nodes`` and ``queues`` are what calls reach on the way, each with a
    path to it. ``stuck`` are paths to points from which no call ends unless the caller hangs up. Not ``complete``: the
    search was cut off."""

    ends: list[FlowEnd] = field(default_factory=list)
    nodes: dict[str, Found] = field(default_factory=dict)
    queues: dict[str, Found] = field(default_factory=dict)
    stuck: list[Found] = field(default_factory=list)
    complete: bool = True


def flow_ends(
    search: Callable[[], Search], speaks: Speaks, staffed: Callable[[str], bool], closed: Container[str] = ()
) -> FlowEnds:
    """Every end among the situations of the searches that ``search`` makes. ``speaks`` says whether the caller hears
    something in a node. In a queue that is not ``staffed`` nobody answers when it is asked whether a call ends at all;
    queues that are ``closed`` have no agents and take nobody in.

    Each queue and each target answers or not for itself. A call that is replayed has one answer for all of them; where
    such a call reaches the same, its path is given.
    """
    found = _Walk(search(), speaks, staffed, closed, alike=False).walk()
    alike = _Walk(search(), speaks, staffed, closed, alike=True).walk()
    replayed = {_kind(end): end for end in alike.ends}
    found.ends = [replayed.get(_kind(end), end) for end in found.ends]
    found.nodes |= alike.nodes
    found.queues |= alike.queues
    return found


def _kind(end: FlowEnd) -> Hashable:
    fault = end.found.fault
    return (end.node, end.person, end.queue, end.silent, end.queues, end.found.outcome, fault and fault.code)


class _Walk:
    def __init__(
        self,
        search: Search,
        speaks: Speaks,
        staffed: Callable[[str], bool],
        closed: Container[str],
        *,
        alike: bool,
    ) -> None:
        self._search = search
        self._nodes: Mapping[str, NodeDefinition] = search.flow.nodes
        self._speaks = speaks
        self._staffed = staffed
        self._closed = closed
        self._alike = alike
        self._states: dict[Hashable, State] = {}
        self._queues_of: dict[Hashable, frozenset[str]] = {}
        self._before: dict[Hashable, set[Hashable]] = {}
        self._ended: set[Hashable] = set()
        self._ends: dict[Hashable, FlowEnd] = {}
        self._met: dict[str, Found] = {}
        self._queues: dict[str, Found] = {}

    def walk(self) -> FlowEnds:
        result = FlowEnds()
        waiting: deque[tuple[Hashable, State]] = deque()
        for state in self._search.begin():
            self._reach(state, None, frozenset(), waiting)
        while waiting:
            if self._search.steps >= self._search.max_steps:
                result.complete = False
                break
            key, state = waiting.popleft()
            queues = self._queues_of[key]
            command = state.command
            queue = command.name if isinstance(command, Queue) else None
            unstaffed = queue is not None and not self._staffed(queue)
            shut = queue is not None and queue in self._closed
            for choice in self._search.choices.of(state):
                if isinstance(choice.result, HungUp) and choice.result.by == "caller":
                    continue
                if shut and (not isinstance(choice.result, QueueLeft) or choice.result.how != "no_agents"):
                    continue
                if shut or not self._alike:
                    choice = replace(choice, agents=None, targets=None)
                counts = None if unstaffed and choice.talked == "agent" else key
                for following in self._search.take(state, choice):
                    self._reach(following, counts, queues, waiting)
        result.ends = list(self._ends.values())
        result.nodes, result.queues = self._met, self._queues
        if result.complete:
            result.stuck = self._stuck()
        return result

    def _reach(
        self,
        state: State,
        before: Hashable | None,
        queues: frozenset[str],
        waiting: deque[tuple[Hashable, State]],
    ) -> None:
        self._meet(state)
        if isinstance(state.command, Queue):
            queues |= {state.command.name}
        silent = not self._spoken(state)
        session = state.session
        person = self._person(state)
        key: Hashable
        if state.command.__class__ is End:
            key = (
                "end",
                queues,
                state.node,
                session.outcome,
                person,
                session.queue,
                silent,
                session.fault and session.fault.code,
            )
            if key not in self._ends:
                found = self._search.found(state)
                self._ends[key] = FlowEnd(state.node, person, session.queue, silent, found, queues)
                self._ended.add(key)
        else:
            tries = session.tries if isinstance(state.command, Gather) else 0
            key = (
                *(state.node, state.signature, state.mask, state.agents, state.targets),
                *(repr(state.data), tries, session.outcome, person, queues, silent),
            )
            if key not in self._states:
                self._states[key] = state
                self._queues_of[key] = queues
                waiting.append((key, state))
        if before is not None:
            self._before.setdefault(key, set()).add(before)

    def _meet(self, state: State) -> None:
        """Note the nodes of the path, and the queue that the caller comes to."""
        new = [name for name in state.session.path if name not in self._met]
        if new:
            self._met.update(dict.fromkeys(new, self._search.found(state)))
        command = state.command
        if isinstance(command, Queue) and command.name not in self._queues:
            self._queues[command.name] = self._search.found(state)

    def _spoken(self, state: State) -> bool:
        if state.talked_with is not None:
            return True
        return any(name in self._nodes and self._speaks(self._nodes[name]) for name in state.session.path)

    @staticmethod
    def _person(state: State) -> str | None:
        if state.talked_with is None or not state.talked_position:
            return None
        return str(state.session.path[state.talked_position - 1])

    def _stuck(self) -> list[Found]:
        """The first points, on different nodes, from which no end is reached."""
        ending: set[Hashable] = set()
        waiting = list(self._ended)
        while waiting:
            key = waiting.pop()
            if key in ending:
                continue
            ending.add(key)
            waiting.extend(self._before.get(key, ()))
        found: dict[str, Found] = {}
        for key, state in self._states.items():
            if key not in ending and state.node not in found:
                found[state.node] = self._search.found(state)
        return list(found.values())
