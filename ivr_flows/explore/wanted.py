"""What a search that covers a flow still has to look at: branches never taken, situations not yet followed."""

from __future__ import annotations

from collections.abc import Hashable

from .coverage import Edges, steps_of
from .state import Answering, State


class Followed:
    """Of which situations it is known where they lead from a state and from those that go on like it.

    A state leads where each of its situations leads, and one in which less is settled of agents, targets and data leads
    wherever one leads in which more is.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, list[tuple[Answering, Answering, frozenset[str], int]]] = {}

    def left(self, state: State) -> int:
        """The situations of ``state`` that are still to be followed."""
        left = state.mask
        known = self._known.get(state.signature)
        if known is not None:
            there = settled(state)
            for agents, targets, data, mask in known:
                if agents.covers(state.agents) and targets.covers(state.targets) and data <= there:
                    left &= ~mask
        return left

    def note(self, state: State) -> None:
        """The situations of ``state`` are followed."""
        known = self._known.setdefault(state.signature, [])
        known.append((state.agents, state.targets, settled(state), state.mask))


def settled(state: State) -> frozenset[str]:
    """What the outside answers in ``state``, as far as it is settled."""
    return frozenset(map(repr, state.data.items())) if state.data else _NOTHING


_NOTHING: frozenset[str] = frozenset()


class Wanted:
    """Which branches no call has taken yet, and from where they can be reached."""

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self.seen: set[tuple[str, str]] = set()
        self.nodes: set[str] = set()
        self._ancestors: set[str] = set()
        self.fresh = False

    def take(self, state: State, known: int) -> bool:
        """Note what ``state``'s path, from the position ``known`` on, has taken; whether any of it is new."""
        path = state.session.path
        new = False
        for step in steps_of(path[max(0, known - 1) :], self.edges.nodes):
            if step not in self.seen:
                self.seen.add(step)
                new = True
        return new

    def refresh(self) -> None:
        """Compute from which nodes a branch that was never taken can be reached."""
        missing = [source for source, target in self.edges.pairs if (source, target) not in self.seen]
        self._ancestors = self.edges.ancestors(missing)
        self.fresh = True

    def behind(self, node: str) -> bool:
        """Whether a branch that was never taken lies behind ``node``."""
        return node in self._ancestors
