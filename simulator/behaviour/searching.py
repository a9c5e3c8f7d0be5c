"""The ways through one flow that may show a difference, each with the situations in which a call takes it.

`around` takes each way into and out of what changed: states that cannot go on differently are followed once before a
changed node and once behind it, and a call that passed one is kept as soon as nothing tells it from another, at its end
at the latest. What comes before a changed node is the same in both flows. `every_path` adds the paths as they are
listed elsewhere.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr_flows.commands import End
from ivr_flows.explore import Exploration, Found, Search
from ivr_flows.explore.state import State
from ivr_flows.schema import plain
from ivr_flows.yaml_source import read_text
from router.configuration.edits import edits_between

ALL = frozenset({"*"})
"""Stands for every node of a flow."""


@dataclass(slots=True)
class Ways:
    """Calls through a flow, and for each the situations (a bit for each) in which it goes that way. ``complete`` is
    False where a bound cut something off."""

    found: list[Found] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)
    complete: bool = True


class SituatedSearch(Search):
    """A search that also says in which situations a call takes each path."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._of_path: dict[Hashable, int] = {}

    def _emit(self, state: State, exploration: Exploration) -> None:
        key = (state.path_id, state.session.outcome)
        self._of_path[key] = self._of_path.get(key, 0) | state.mask
        super()._emit(state, exploration)

    def every_path(self) -> Ways | None:
        """Every path; None where there are more than the bound."""
        exploration = self.paths()
        if not exploration.bound.reached <= {"visits"}:
            # A loop that changes nothing, followed no further, leads only where it led before.
            return None
        return Ways([exploration.found[key] for key in self._of_path], list(self._of_path.values()))

    def around(self, changed: Collection[str]) -> Ways:
        """Each way into and out of the nodes ``changed``, the shortest first."""
        ways = Ways()
        visited: set[Hashable] = set()
        waiting = deque(self.begin())
        self.steps = 0
        while waiting:
            if self.steps >= self.max_steps:
                ways.complete = False
                break
            state = waiting.popleft()
            touched = changed is ALL or any(node.partition("/")[0] in changed for node in state.session.path)
            ended = state.command.__class__ is End
            key = (state.signature, state.mask, state.agents, state.targets, repr(state.data), touched, ended)
            if touched and (ended or key in visited):
                ways.found.append(self.found(state))
                ways.masks.append(state.mask)
            if ended or key in visited:
                continue
            visited.add(key)
            waiting.extend(self.expand(state))
        return ways


def changed_nodes(before: str, after: str, names: Collection[str]) -> frozenset[str]:
    """The nodes (of a flow before and after, as text) that are not the same, or that name one of ``names``, which are
    not the same; `ALL` where the flow itself begins or speaks otherwise."""
    trees: list[Mapping[str, Any]] = []
    for text in (before, after):
        tree = plain(read_text(text, "flow").root)
        if not isinstance(tree, dict) or not isinstance(tree.get("nodes"), dict):
            return ALL
        trees.append(tree)
    outside = [{key: value for key, value in tree.items() if key not in ("nodes", "flow", "title")} for tree in trees]
    if outside[0] != outside[1]:
        return ALL
    old, new = trees[0]["nodes"], trees[1]["nodes"]
    if "start" not in trees[0] and next(iter(old), None) != next(iter(new), None):
        return ALL
    changed = {str(name) for name in {*old, *new} if old.get(name) != new.get(name)}
    for nodes in (old, new):
        for name, node in nodes.items():
            text = json.dumps(node, ensure_ascii=False, default=str)
            if any(other in text for other in names):
                changed.add(str(name))
    return frozenset(changed)


def renamed_nodes(before: str, after: str) -> dict[str, str]:
    """Old name → new name of nodes that only have another name."""
    found = edits_between(*(plain(read_text(text, "flow").root) for text in (before, after)))
    return {
        edit.before: edit.after
        for edit in found
        if edit.kind == "renamed" and edit.path.startswith("nodes.") and edit.before and edit.after
    }
