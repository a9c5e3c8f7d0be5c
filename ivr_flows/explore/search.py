"""The search: real sessions of the engine, taken down every way that a call can go.

A state is a session waiting for the result of one command. It is expanded by giving copies of the session every
result that `choices` knows, and, where the flow asks for facts meanwhile, by running the same step once for each
answer (`situations`). States that cannot go on differently are one state: `Signatures` says which.

`paths` lists every distinct path; `cover` takes as few steps as it needs to see every node and branch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..commands import End, Gather, Queue
from ..compiler import Flow, compile_flow
from ..definition import FlowDefinition
from ..environment import Context, Environment
from ..results import HungUp
from .choices import Choice, Choices
from .coverage import edges_of
from .pace import Pace
from .result import Bound, Exploration, Found
from .situations import Situation, SteeredContext, SteeredEnvironment, Steering
from .state import Signatures, State, clone
from .values import Values, as_data
from .wanted import Followed, Wanted, settled

DEFAULT_PATHS = 10_000
DEFAULT_VISITS = 2
DEFAULT_STEPS = 200_000
COVER_VISITS = 12
"""How often a node is expanded for the sake of branches behind it that no call has taken yet."""
COVER_KEPT = 4
"""How many further states of a node are kept until every node was expanded once. Each of them is memory."""
REVISITS = 150
"""How many nodes in a row are expanded again without finding a branch until the search gives up."""

Compile = Callable[[FlowDefinition, Environment], Flow]


@dataclass(slots=True)
class Search:
    """One exploration of ``definition``. ``compile`` is how it becomes a flow that runs (subflows need others)."""

    definition: FlowDefinition
    environment: Environment
    situations: Sequence[Situation]
    pace: Pace = field(default_factory=Pace)
    hang_ups: bool = True
    max_paths: int = DEFAULT_PATHS
    max_visits: int = DEFAULT_VISITS
    max_steps: int = DEFAULT_STEPS
    compile: Compile = compile_flow
    steering: Steering = field(init=False)
    flow: Flow = field(init=False)
    choices: Choices = field(init=False)
    signatures: Signatures = field(init=False)
    steps: int = 0
    _without_hook: bool = True
    _quietest: State | None = None
    _path_ids: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steering = Steering(self.situations, min(situation.at for situation in self.situations))
        environment = cast(Environment, SteeredEnvironment(self.environment, self.steering))
        self.flow = self.compile(self.definition, environment)
        values = Values(self.flow.nodes)
        self.choices = Choices(self.flow.nodes, values, self.steering, self.pace, self.hang_ups)
        self._without_hook = not self.flow.hooked
        self.signatures = Signatures(values.deciding)

    # One step. --------------------------------------------------------------------------------------------------

    def begin(self) -> list[State]:
        """The states in which a call waits for its first result."""
        context = cast(Context, SteeredContext(self.steering))

        def start() -> tuple[Any, Any]:
            session = self.flow.session(context)
            return session, session.start()

        everything = (1 << len(self.steering.situations)) - 1
        root = State(self.flow.session(context), End(""), self.steering.start, 0, everything, {})
        root.session.path = []
        return self._every_run(root, None, start)

    def expand(self, state: State, *, hooks_only: bool = False) -> list[State]:
        """The states one result later. ``hooks_only`` leaves out hang-ups that no node of the flow runs after, and the
        keys of a menu in its retries, which lead where they led before."""
        found: list[State] = []
        skip = hooks_only and state.command.__class__ is not Queue and self._without_hook
        command = state.command
        answered = command.keys if hooks_only and isinstance(command, Gather) and state.session.tries else None
        for choice in self.choices.of(state):
            result = choice.result
            if skip and isinstance(result, HungUp) and result.by == "caller":
                continue
            if answered and choice.press in answered:
                continue
            found.extend(self.take(state, choice))
        return found

    def take(self, state: State, choice: Choice) -> list[State]:
        """The states after one choice, one for every set of answers to what the flow asks meanwhile."""

        def run() -> tuple[Any, Any]:
            session = clone(state.session)
            for event in choice.events:
                session.observe(event)
            return session, session.resume(choice.result)

        return self._every_run(state, choice, run)

    def _every_run(self, state: State, choice: Choice | None, run: Callable[[], tuple[Any, Any]]) -> list[State]:
        """Run a step for every answer to the questions it asks; runs that end alike are one state."""
        steering = self.steering
        found: dict[Hashable, State] = {}
        script: list[int] | None = []
        data = state.data if choice is None or not choice.data else {**state.data, **dict(choice.data)}
        while script is not None:
            steering.begin(state.mask, data, script)
            session, command = run()
            self.steps += 1
            reached = self._reached(state, choice, session, command)
            key = (reached.path_id, reached.signature, settled(reached))
            same = found.get(key)
            if same is None:
                found[key] = reached
            else:
                same.mask |= reached.mask
            script = steering.next_script()
        return list(found.values())

    def _reached(self, before: State, choice: Choice | None, session: Any, command: Any) -> State:
        steering = self.steering
        path: list[str] = session.path
        path_id = before.path_id
        for node in path[len(before.session.path) :]:
            key = (path_id, node)
            path_id = self._path_ids.setdefault(key, len(self._path_ids) + 1)
        ended = command.__class__ is End
        signature: Hashable = session.outcome if ended else self.signatures.of(session, command)
        state = State(session, command, before.at, path_id, steering.mask, steering.data, signature=signature)
        state.parent = before
        if choice is None:
            return state
        state.at = choice.result.at
        state.press = before.press if choice.press is None else (*before.press, choice.press)
        state.waits = before.waits
        if choice.talked:
            state.waits = before.waits.with_one(choice.talked, choice.events[-1].at - before.at)
        state.timed = before.timed if choice.timed is None else (*before.timed, (*choice.timed, state.waits))
        state.agents = choice.agents or before.agents
        state.targets = choice.targets or before.targets
        state.talked_with, state.talked_at = before.talked_with, before.talked_at
        state.talked_position = before.talked_position
        if choice.talked and before.talked_with is None:
            state.talked_with, state.talked_at = choice.talked, choice.events[-1].at
            state.talked_position = len(before.session.path)
        state.keys = before.keys + (1 if choice.press and choice.press != "h" else 0)
        state.silent = (0.0 if choice.spoken else before.silent) + choice.quiet
        state.quiet = before.quiet
        if state.silent > state.quiet[0]:
            state.quiet = (state.silent, before.node)
            if self._quietest is None or state.silent > self._quietest.silent:
                self._quietest = state
        return state

    # Every path. ------------------------------------------------------------------------------------------------

    def paths(self) -> Exploration:
        """Every distinct path, within the bounds."""
        exploration = Exploration(self.definition, Bound(self.max_visits, self.max_paths))
        visited: set[Hashable] = set()
        waiting = list(reversed(self.begin()))
        while waiting:
            if len(exploration.found) >= self.max_paths or self.steps >= self.max_steps:
                exploration.bound.reached.add("paths" if self.steps < self.max_steps else "steps")
                break
            state = waiting.pop()
            if state.command.__class__ is End:
                self._emit(state, exploration)
                continue
            if self._folds(state):
                exploration.bound.reached.add("visits")
                continue
            key = (state.path_id, state.signature, state.mask, state.agents, state.targets, repr(state.data))
            if key in visited:
                continue
            visited.add(key)
            waiting.extend(reversed(self.expand(state)))
        return self._finish(exploration)

    def _finish(self, exploration: Exploration, *, covering: bool = False) -> Exploration:
        if self._quietest is not None:
            exploration.quietest = self.found(self._quietest)
        exploration.finish(covering=covering)
        return exploration

    def _folds(self, state: State) -> bool:
        """Whether the path stands where it stood before, as often as a loop is followed."""
        times = 0
        earlier = state.parent
        signature = state.signature
        while earlier is not None:
            if earlier.signature == signature and earlier.path_id != state.path_id:
                times += 1
                if times >= self.max_visits:
                    return True
            earlier = earlier.parent
        return False

    def _emit(self, state: State, exploration: Exploration) -> None:
        exploration.add((state.path_id, state.session.outcome), self.found(state))

    def found(self, state: State) -> Found:
        """The path to ``state`` and the call that takes it."""
        session = state.session
        agents = state.agents.as_option(self.pace.answer_after, "never")
        targets = state.targets.as_option(self.pace.answer_after, "no_answer")
        waits = state.agents.after(self.pace.answer_after), state.targets.after(self.pace.answer_after)
        timed = [f"@{round(at + before.late(*waits), 2):.12g}:{what}" for at, what, before in state.timed]
        return Found(
            path=tuple(session.path),
            press=",".join((*state.press, *timed)),
            outcome=session.outcome or "",
            situation=self.steering.one(state.mask),
            agents=None if agents in (None, "none") else agents,
            target=None if targets in (None, "answer") else targets,
            data=as_data(state.data),
            keys=state.keys,
            seconds=round(state.at - self.steering.start + state.waits.late(*waits), 2),
            talked_with=state.talked_with,
            talked_after=None if state.talked_at is None else round(state.talked_at - self.steering.start, 2),
            talked_position=state.talked_position,
            quiet=state.quiet,
            fault=session.fault,
        )

    # Every branch. ----------------------------------------------------------------------------------------------

    def cover(self) -> Exploration:
        """As few paths as it takes to see every node and branch. A node is expanded when a call first reaches it, and
        again only while a branch behind it was never taken."""
        exploration = Exploration(self.definition, Bound(self.max_visits, self.max_paths))
        edges = edges_of(self.definition)
        wanted = Wanted(edges)
        expanded: dict[Hashable, int] = {}
        kept: dict[Hashable, int] = {}
        followed = Followed()
        waiting: deque[State] = deque(self.begin())
        later: deque[State] = deque()
        for state in waiting:
            wanted.take(state, 0)
        ends: set[Hashable] = set()
        again = REVISITS
        while waiting or later:
            if not waiting:
                waiting, later = later, waiting
                wanted.refresh()
            if self.steps >= self.max_steps:
                exploration.bound.reached.add("steps")
                break
            state = waiting.popleft()
            if state.command.__class__ is End:
                continue
            left = followed.left(state)
            if not left:
                continue
            session = state.session
            place = (state.node, state.command.__class__, session.tries if isinstance(state.command, Gather) else 0)
            times = expanded.get(place, 0)
            if times and not wanted.fresh:
                kept[place] = kept.get(place, 0) + 1
                if kept[place] <= COVER_KEPT:
                    later.append(state)
                continue
            if times and (times >= COVER_VISITS or not wanted.behind(state.node)):
                continue
            if times:
                again -= 1
                if again < 0:
                    exploration.bound.reached.add("revisits")
                    break
            state.mask = left
            followed.note(state)
            expanded[place] = times + 1
            for following in self.expand(state, hooks_only=True):
                following.parent = None
                new = wanted.take(following, len(state.session.path))
                if new:
                    again = REVISITS
                if following.command.__class__ is End:
                    end = (following.node, following.session.outcome)
                    if new or end not in ends:
                        ends.add(end)
                        exploration.add((following.path_id, following.session.outcome), self.found(following))
                elif times == 0 or new:
                    waiting.append(following)
                else:
                    later.append(following)
        exploration.seen = wanted.seen
        return self._finish(exploration, covering=True)


__all__ = ["DEFAULT_PATHS", "DEFAULT_STEPS", "DEFAULT_VISITS", "Search"]
