"""The neutral graph between a foreign flow and one of ours: nodes of our types, wired by the source's identifiers.

A source reader builds one `Graph` per flow. Nothing is ever left out: what has no counterpart becomes a node of type
``opaque`` with its parameters, and every parameter that did not survive is a `Lost`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..findings import Language, Text

NO_COUNTERPART = Text("has no counterpart", "没有对应的写法")
END = "\x00end"
"""The key of the node that ends a call where the source leaves an exit unwired."""

FLOATING = frozenset({"opaque", "branch", "subflow", "speech"})
"""Types whose branch names are open, or that have none."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A parameter (or an exit, or a whole node: ``parameter`` empty) of the source that did not survive."""

    node: str
    parameter: str
    why: Text

    def as_json(self, language: Language) -> dict[str, str]:
        """As ``import --json`` prints it."""
        return {"node": self.node, "parameter": self.parameter, "why": self.why.to(language)}


@dataclass(slots=True)
class Node:
    """One node. ``key`` identifies it in its graph; ``name`` is what it would like to be called; ``origin`` says what
    it was in the source. Exits hold keys; ``cases`` are a branch node's conditions in order."""

    key: str
    type: str
    options: dict[str, Any] = field(default_factory=dict)
    next: str | None = None
    on: dict[str, str] = field(default_factory=dict)
    cases: list[tuple[str, str]] = field(default_factory=list)
    otherwise: str | None = None
    name: str = ""
    origin: str = ""
    remarks: list[str] = field(default_factory=list)

    def targets(self) -> Iterator[str]:
        """Every key that an exit leads to, in order."""
        if self.next is not None:
            yield self.next
        yield from self.on.values()
        for _, target in self.cases:
            yield target
        if self.otherwise is not None:
            yield self.otherwise

    def redirect(self, change: Callable[[str], str | None]) -> None:
        """Replace every target by ``change(target)``; None removes the exit."""
        self.next = None if self.next is None else change(self.next)
        self.on = {name: new for name, target in self.on.items() if (new := change(target)) is not None}
        self.cases = [(when, new) for when, target in self.cases if (new := change(target)) is not None]
        self.otherwise = None if self.otherwise is None else change(self.otherwise)


@dataclass(slots=True)
class Graph:
    """One flow. ``outside`` are variables that the source expects from elsewhere, with the expression that stands for
    them when nothing gave one. ``sources`` counts the nodes of the source that were read. ``exact`` says that the
    nodes' keys are their names, to be kept. ``copies`` are the keys of nodes whose source was read for another one too.
    ``header`` holds further keys of the flow file, ``aliases`` other names
    under which the source reads a variable."""

    name: str
    title: str = ""
    language: str = "en"
    start: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    on_hangup: str | None = None
    lost: list[Lost] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sources: int = 0
    exact: bool = False
    copies: set[str] = field(default_factory=set)
    header: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def add(self, node: Node) -> Node:
        """Add ``node``; a key that is taken gets a number behind it, so that nothing is overwritten."""
        key, number = node.key, 1
        while node.key in self.nodes:
            number += 1
            node.key = f"{key}\x00{number}"
        self.nodes[node.key] = node
        return node

    def lose(self, node: str, parameter: str, why: Text = NO_COUNTERPART) -> None:
        """Report something that did not survive."""
        entry = Lost(node, parameter, why)
        if entry not in self.lost:
            self.lost.append(entry)

    def end(self) -> str:
        """The key of the node that ends the call, made when first asked for."""
        if END not in self.nodes:
            self.nodes[END] = Node(END, "hangup", {"": "normal"}, name="end_call")
        return END

    @property
    def opaque(self) -> int:
        """How many nodes of the source have no counterpart."""
        return sum(1 for node in self.nodes.values() if node.type == "opaque" and node.key not in self.copies)


class Parameters:
    """The parameters of one source node; what is never taken is reported as lost by `close`."""

    def __init__(self, graph: Graph, node: str, values: Mapping[str, Any]) -> None:
        self.graph = graph
        self.node = node
        self.values = dict(values)
        self._taken: set[str] = set()

    def take(self, *names: str, default: Any = None) -> Any:
        """The first of ``names`` that has a value; all of them count as taken."""
        found = default
        for name in reversed(names):
            self._taken.add(name)
            value = self.values.get(name)
            if value is not None:
                found = value
        return found

    def text(self, *names: str, default: str = "") -> str:
        """As `take`, as a text; numbers and booleans are written out, anything else is reported."""
        value = self.take(*names, default=default)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return f"{value:g}" if isinstance(value, float) else str(value)
        self.lose(names[0], Text("is no text", "不是文本"))
        return default

    def seconds(self, *names: str, default: float, low: float, high: float) -> str:
        """A duration as our YAML writes it, kept within ``low`` and ``high``; reported where it had to be changed."""
        return f"{self.number(*names, default=default, low=low, high=high):g}s"

    def number(self, *names: str, default: float, low: float, high: float) -> float:
        """A number within ``low`` and ``high``; reported where it is none or had to be changed."""
        value = self.take(*names)
        if value is None or value == "":
            return default
        try:
            number = float(str(value).removesuffix("s"))
        except ValueError:
            number = float("nan")
        if number != number or isinstance(value, bool):
            self.lose(names[0], Text(f"is not a number here; {default:g} stands for it", f"不是数字，改用 {default:g}"))
            return default
        kept = min(max(number, low), high)
        if kept != number:
            self.lose(
                names[0],
                Text(f"{number:g} is out of our range; {kept:g} is used", f"{number:g} 超出范围，改用 {kept:g}"),
            )
        return kept

    def count(self, *names: str, default: int, low: int, high: int) -> int:
        """As `number`, whole."""
        return int(self.number(*names, default=default, low=low, high=high))

    def ignore(self, *names: str) -> None:
        """Parameters that say nothing about the call (positions on a canvas, defaults that are ours too)."""
        self._taken.update(names)

    def lose(self, name: str, why: Text = NO_COUNTERPART) -> None:
        """Report one parameter, which then counts as taken."""
        self._taken.add(name)
        self.graph.lose(self.node, name, why)

    def close(self) -> None:
        """Report what was never taken."""
        for name, value in self.values.items():
            if name not in self._taken and value not in (None, "", [], {}):
                self.graph.lose(self.node, name)
