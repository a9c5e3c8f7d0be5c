"""A flow as the rules look at it: its graph, what reaches what, computed once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from ..definition import FlowDefinition, NodeDefinition, Reference
from ..environment import Environment
from ..expressions import BUILT_IN
from ..findings import Finding
from . import facts
from .settings import USUAL, LintSettings
from .templates import plain_words

Graph = dict[str, list[str]]


@dataclass
class Subject:
    """``flow`` in what ``environment`` knows of the outside. ``around``: variables of the flows that run it or
    that it runs; ``called``: whether another flow runs it."""

    flow: FlowDefinition
    environment: Environment
    settings: LintSettings = USUAL
    around: Collection[str] = ()
    called: bool = False

    @cached_property
    def exits(self) -> dict[str, list[tuple[str, Reference]]]:
        """Every way on that leads to a node of the flow, by node."""
        nodes = self.flow.nodes
        return {
            name: [(branch, target) for branch, target in node.exits() if target.name in nodes]
            for name, node in nodes.items()
        }

    @cached_property
    def graph(self) -> Graph:
        """Node → the nodes it leads to."""
        return {name: list(dict.fromkeys(target.name for _, target in ways)) for name, ways in self.exits.items()}

    @cached_property
    def hook(self) -> str | None:
        """The node that runs after a caller hung up, where the flow names one."""
        found = getattr(self.flow, "on_hangup", None)
        name = getattr(found, "name", found)
        return name if isinstance(name, str) and name in self.flow.nodes else None

    @cached_property
    def with_caller(self) -> set[str]:
        """Nodes that a call with its caller on the line may reach."""
        return self.reached_from([self.flow.start.name], lambda branch: branch != "abandoned")

    @cached_property
    def without_caller(self) -> set[str]:
        """Nodes that run after the caller has left."""
        roots = [ways.name for node in self.nodes() for branch, ways in node.on.items() if branch == "abandoned"]
        if self.hook is not None:
            roots.append(self.hook)
        return self.reached_from(roots)

    @cached_property
    def reached(self) -> set[str]:
        """Nodes that any call may reach."""
        return self.reached_from([self.flow.start.name, *([self.hook] if self.hook else [])])

    @cached_property
    def returns(self) -> bool:
        """Whether this is a subflow: one that others call, or that names what it returns."""
        return self.called or any(node.type.name == "return" for node in self.nodes())

    def nodes(self) -> Iterable[NodeDefinition]:
        """The nodes in the order of the file."""
        return self.flow.nodes.values()

    def live(self) -> Iterable[NodeDefinition]:
        """The nodes that a call with a caller may reach, in the order of the file."""
        return [node for node in self.nodes() if node.id in self.with_caller]

    def reached_from(self, roots: Iterable[str], follows: Callable[[str], bool] = lambda branch: True) -> set[str]:
        """Nodes that the ways on lead to from ``roots``, over the branches that ``follows`` takes."""
        seen: set[str] = set()
        waiting = [name for name in roots if name in self.flow.nodes]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            waiting.extend(target.name for branch, target in self.exits[name] if follows(branch))
        return seen

    @cached_property
    def before(self) -> Graph:
        """Node → the nodes that lead to it while the caller is there."""
        found: Graph = {name: [] for name in self.flow.nodes}
        for name in self.with_caller:
            for branch, target in self.exits[name]:
                if branch != "abandoned":
                    found[target.name].append(name)
        return found

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Variables that come from other flows: those that run this one as a subflow, and those that it runs."""
        return tuple(self.around)

    @cached_property
    def languages(self) -> dict[str, set[str]]:
        """Node → the languages in which callers may arrive there."""
        found: dict[str, set[str]] = {name: set() for name in self.flow.nodes}
        start = self.flow.start.name
        if start not in found:
            return found
        found[start] = {self.flow.language}
        waiting = [start]
        while waiting:
            name = waiting.pop()
            chosen = facts.language(self.flow.nodes[name])
            spoken = {chosen} if chosen else found[name]
            for _, target in self.exits[name]:
                if not spoken <= found[target.name]:
                    found[target.name] |= spoken
                    waiting.append(target.name)
        return found

    @cached_property
    def defined(self) -> dict[str, tuple[str, ...]]:
        """Node → the variables that it gives a value."""
        return {node.id: tuple(node.type.defines(node.options)) for node in self.nodes()}

    @cached_property
    def declared(self) -> list[Finding]:
        """What each node's type says of it (`NodeType.check`)."""
        return [finding for node in self.nodes() for finding in node.type.check(node, self.environment)]

    def words(self, node: NodeDefinition) -> list[facts.Words]:
        """`facts.texts`, kept."""
        found = self._words.get(node.id)
        if found is None:
            found = self._words[node.id] = facts.texts(node)
        return found

    @cached_property
    def tracked(self) -> set[str]:
        """Variables that only nodes of this flow set."""
        own = {name for node in self.nodes() if not facts.runs(node) for name in self.defined[node.id]}
        return own - set(BUILT_IN) - set(self.given)

    @property
    def set_perhaps(self) -> dict[str, set[str]]:
        """Node → the `tracked` variables that some way there sets."""
        return self._set[0]

    @property
    def set_for_sure(self) -> dict[str, set[str]]:
        """Node → the `tracked` variables that every way there sets."""
        return self._set[1]

    @cached_property
    def _set(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        start = self.flow.start.name
        may: dict[str, set[str]] = {start: set()}
        must: dict[str, set[str]] = {start: set()}
        waiting = [start] if start in self.flow.nodes else []
        while waiting:
            name = waiting.pop()
            sets = {variable for variable in self.defined[name] if variable in self.tracked}
            done = self.flow.nodes[name].on.get("ok")
            for branch, target in self.exits[name]:
                # Where failure goes where success goes, `error-as-success` says what there is to say.
                alike = branch == "error" and done is not None and done.name == target.name
                succeeded = alike or branch not in facts.FAILURES
                some = may[name] | sets if succeeded else may[name]
                every = must[name] | sets if succeeded else must[name]
                if target.name not in may:
                    may[target.name], must[target.name] = set(some), set(every)
                    waiting.append(target.name)
                    continue
                if not some <= may[target.name] or not must[target.name] <= every:
                    may[target.name] |= some
                    must[target.name] &= every
                    waiting.append(target.name)
        return may, must

    def heard_plainly(self, node: NodeDefinition, language: str) -> list[facts.Words]:
        """What the caller hears in this node in ``language``, without what only a call knows: ``texts.NAME`` as its
        variant."""
        return [
            facts.Words(words.path, plain_words(words.text, self.flow.texts, language)) for words in facts.heard(node)
        ]

    @cached_property
    def _words(self) -> dict[str, list[facts.Words]]:
        return {}


def loops(graph: Graph) -> list[list[str]]:
    """The strongly connected parts of ``graph`` that hold a loop (Tarjan, without recursion), each in the order in
    which the graph names its nodes."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    order = {name: position for position, name in enumerate(graph)}
    found: list[list[str]] = []
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, following = work[-1]
            for target in following:
                if target not in graph:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph[target])))
                    break
                if target in on_stack:
                    low[name] = min(low[name], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[name])
                if low[name] == index[name]:
                    part = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.append(member)
                        if member == name:
                            break
                    if len(part) > 1 or name in graph[name]:
                        found.append(sorted(part, key=order.__getitem__))
    return sorted(found, key=lambda part: order[part[0]])


def around(part: list[str], graph: Graph) -> list[str]:
    """A shortest way round the loop from its first node back to it, as node names."""
    inside = set(part)
    first = part[0]
    waiting: list[list[str]] = [[first]]
    seen: set[str] = set()
    for path in waiting:
        for target in graph[path[-1]]:
            if target == first:
                return [*path, first]
            if target in inside and target not in seen:
                seen.add(target)
                waiting.append([*path, target])
    return [*part, first]
