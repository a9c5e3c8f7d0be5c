"""What an exploration found: paths with the calls that replay them, and what they say about the flow."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..definition import FlowDefinition
from ..findings import Fault
from .coverage import Coverage, coverage, steps_of
from .situations import Situation


@dataclass(frozen=True, slots=True)
class Found:
    """One path and the call that takes it. ``agents`` and ``target`` are None where the command's default does.

    ``press`` has one item per input attempt, then what the caller does at moments of their own. ``quiet`` is the
    longest time in which the caller hears nothing and the node it lies in. Times are seconds since the call came.
    """

    path: tuple[str, ...]
    press: str
    outcome: str
    situation: Situation
    agents: str | None = None
    target: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    keys: int = 0
    seconds: float = 0.0
    talked_with: Literal["agent", "target"] | None = None
    talked_after: float | None = None
    talked_position: int = 0
    quiet: tuple[float, str] = (0.0, "")
    fault: Fault | None = None

    @property
    def cost(self) -> tuple[int, int, float]:
        """Of several calls that take one path the cheapest is shown: few items, few characters, short."""
        options = 8 * bool(self.data) + 2 * sum(option is not None for option in (self.agents, self.target))
        return (self.press.count(",") + bool(self.press), len(self.press) + options, self.seconds)


@dataclass(slots=True)
class Bound:
    """How far paths were followed: ``visits`` of a loop that changes nothing, ``paths`` in all. ``reached`` says which
    of the bounds cut something off."""

    visits: int
    paths: int
    reached: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, object]:
        """As ``explore --json`` prints it."""
        return {"visits": self.visits, "paths": self.paths, "reached": sorted(self.reached)}


@dataclass
class Exploration:
    """The paths of a flow. ``seen`` are the steps from node to node that a call can take, the first node a step from
    ``""``; ``quietest`` is the call with the longest time in which the caller hears nothing, as far as its end."""

    flow: FlowDefinition
    bound: Bound
    found: dict[Hashable, Found] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    covering: bool = False
    quietest: Found | None = None

    @property
    def complete(self) -> bool:
        """Whether every path of the flow is among ``paths``."""
        return not self.bound.reached and not self.covering

    def add(self, key: Hashable, found: Found) -> None:
        """Keep ``found``, or the cheaper of it and what is there for the same path and outcome."""
        there = self.found.get(key)
        if there is None or found.cost < there.cost:
            self.found[key] = found

    def finish(self, *, covering: bool = False) -> None:
        """All paths are in. ``covering``: they are not every path, and ``seen`` was noted on the way."""
        self.covering = covering
        if not covering:
            for found in self.found.values():
                self.seen.update(steps_of(found.path, self.flow.nodes))

    @cached_property
    def paths(self) -> list[Found]:
        """The paths in the order in which they were found."""
        return list(self.found.values())

    @cached_property
    def coverage(self) -> Coverage:
        """What of the flow some call takes."""
        return coverage(self.flow, self.seen)

    def ends(self) -> dict[tuple[str, str], Found]:
        """The shortest way to each end: last node and outcome → path."""
        return _best(((found.path[-1] if found.path else "", found.outcome), found) for found in self.paths)

    def shortest_to_human(self) -> Found | None:
        """The path on which a person speaks with the caller soonest."""
        talking = [found for found in self.paths if found.talked_after is not None]
        return min(talking, key=lambda found: (found.talked_after or 0.0, found.cost), default=None)

    def before_human(self) -> list[str]:
        """Nodes that every call passes before a person speaks with it, in order."""
        import networkx

        talking = {found.path[: found.talked_position] for found in self.paths if found.talked_with is not None}
        if not talking:
            return []
        graph: networkx.DiGraph[str] = networkx.DiGraph()
        graph.add_edges_from(self.seen)
        for path in talking:
            known = [name for name in path if name in self.flow.nodes]
            if known:
                graph.add_edges_from(zip(["", *known], [*known, "\x1fhuman"], strict=False))
        dominators = networkx.immediate_dominators(graph, "")
        chain: list[str] = []
        node = dominators.get("\x1fhuman")
        while node:
            chain.append(node)
            node = dominators.get(node)
        return chain[::-1]


def _best(items: Iterable[tuple[tuple[str, str], Found]]) -> dict[tuple[str, str], Found]:
    best: dict[tuple[str, str], Found] = {}
    for key, found in items:
        there = best.get(key)
        if there is None or found.cost < there.cost:
            best[key] = found
    return best
